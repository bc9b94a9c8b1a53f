-- Exports for an authority or an accountant: the records of some days in pages, what makes the days incomplete, and the act.

-- The records of some types from one time to another, by the clock of the tills: those behind `after` in the order of their ids, as
-- [{"id", "e": as till.session_log_v1, "started"?: the event that began a refund, "sale"?: the event of its sale, "buyer"?: {"name",
-- "tax_number", "address"} of a sale}]. `p_asked` is {"begins", "ends", "types", "after", "limit", "texts", "till"}: without a till, all. An `order_placed` is there
-- if it is a sale that counts, a `refund_approved` if the refund does. Without `texts` there is no free text and no buyer; a manager
-- needs an admin for these.
-- for: admin, manager
create or replace function till.export_records_v1(p_store uuid, p_asked jsonb) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    begins constant timestamptz := (p_asked->>'begins')::timestamptz;
    ends constant timestamptz := (p_asked->>'ends')::timestamptz;
    types constant text[] := array(select jsonb_array_elements_text(p_asked->'types'));
    after constant uuid := coalesce((p_asked->>'after')::uuid, '00000000-0000-0000-0000-000000000000');
    v_till constant integer := (p_asked->>'till')::integer;
    has_texts constant boolean := coalesce((p_asked->>'texts')::boolean, false);
begin
    return (
        with found as materialized (
            select x as e
            from (
                select e from warm.session_events as e
                where e.store_id = p_store and e."timestamp" >= begins and e."timestamp" < ends and e.event_type = any (types)
                union all
                select a from cold.audited_on(p_store, begins, ends, types) as a
            ) as t (x)
            where (x).event_id > after and (v_till is null or (x).till_id = v_till) and case (x).event_type
                when 'order_placed' then exists (
                    select from cold.sales as o
                    where o.order_id = ((x).event_data->>'order_id')::uuid and o.event_id = (x).event_id)
                when 'refund_approved' then exists (
                    select from cold.refunds as r where r.refund_id = (x).stream_id and r.event_id = (x).event_id)
                else true end
            order by (x).event_id limit least((p_asked->>'limit')::integer, warm.most_backlog())
        )
        select coalesce(json_agg(json_strip_nulls(json_build_object(
            'id', (f.e).event_id, 'e', till.exported_event(f.e, has_texts),
            'started', case when r.refund_id is not null then till.exported_event(warm.event_by_id(p_store, r.event_id), has_texts) end,
            'sale', case when r.refund_id is not null then till.exported_event(warm.event_by_id(p_store, s.event_id), has_texts) end,
            'buyer', case when has_texts then cold.buyer_of(coalesce(s.session_id, o.session_id)) end)) order by (f.e).event_id), '[]')
        from found as f
        left join till.refund_claims as r on (f.e).event_type = 'refund_approved' and r.refund_id = (f.e).stream_id
        left join cold.orders as s on s.order_id = r.order_id
        left join cold.orders as o on (f.e).event_type = 'order_placed' and o.order_id = ((f.e).event_data->>'order_id')::uuid);
end $$;

-- An event as it is sent, perhaps without its free texts.
create or replace function till.exported_event(e warm.session_events, p_texts boolean) returns json
language plpgsql stable as $$
begin
    return case when p_texts then warm.event_json(e) else json_build_object('b', e.body, 'h', e.hash, 't', '{}'::json) end;
end $$;

-- The state of the days between two times, and what arrived since they were exported before: {"heads": [{"journal_id", "seq"}],
-- "open": [{"till", "at"}] shifts that were opened and not closed, "unheard": [{"till", "at"}] tills not heard since the end,
-- "waiting": [{"record", "till", "reason"}] records of the days in quarantine, "before": the newest export of some of the days, null
-- for none, {"at", "first", "last", "arrived": number of sales and refunds of exported days that no export of them could have,
-- "numbers": the first of them}}. `p_asked` is {"export", "begins", "ends"}.
-- for: admin, manager
create or replace function till.export_state_v1(p_store uuid, p_asked jsonb) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    v_begins constant timestamptz := (p_asked->>'begins')::timestamptz;
    v_ends constant timestamptz := (p_asked->>'ends')::timestamptz;
    types constant text[] := '{order_placed,refund_approved}';
    sender constant integer := coalesce((till.venue(p_store)->>'fiscal_sender')::integer, 0);
begin
    return json_build_object(
        'heads', (
            select coalesce(json_agg(json_build_object('journal_id', h.journal_id, 'seq', h.seq) order by h.journal_id), '[]')
            from warm.journal_head as h where h.store_id = p_store and h.seq > 0),
        'open', (
            select coalesce(json_agg(json_build_object('till', s.till_id, 'at', warm.time_text(o."timestamp")) order by s.till_id, s.shift_id), '[]')
            from till.shifts as s cross join lateral warm.event_by_id(p_store, s.opened) as o
            where s.store_id = p_store and s.closed is null and s.closed_by_server is null and s.ended is null and o."timestamp" < v_ends),
        'unheard', (
            select coalesce(json_agg(json_build_object('till', t.id, 'at', warm.time_text(t.seen_at)) order by t.id), '[]')
            from till.tills as t
            where t.store_id = p_store and t.revoked_at is null and t.stations is null and t.seen_at < v_ends and v_ends <= now()
                and t.id <> sender),
        'waiting', (
            select coalesce(json_agg(json_build_object('record', q.id, 'till', q.till_id, 'reason', q.reason) order by q.id), '[]')
            from (
                select x.id, x.till_id, x.reason from warm.quarantine as x
                where x.store_id = p_store and x.resolved_at is null
                    and coalesce(warm.time_of(x.event_id::text), x.received_at) >= v_begins
                    and coalesce(warm.time_of(x.event_id::text), x.received_at) < v_ends
                order by x.id limit 200) as q),
        'before', (
            with acts as materialized (
                select e.event_id, e."timestamp" as at, e.event_data as data,
                    (e.event_data->>'begins')::timestamptz as begins, (e.event_data->>'ends')::timestamptz as ends
                from warm.log as e
                where e.journal_id in (select h.journal_id from warm.journal_head as h where h.store_id = p_store and h.till_id = 0)
                    and e.event_type = 'export_made' and e.event_data->>'export' = p_asked->>'export'
            ), own as materialized (
                select * from acts as a where a.begins < v_ends and a.ends > v_begins
            ), late as (
                select (e).event_id, coalesce((e).event_data->>'receipt', c.receipt) as number
                from (
                    select y from warm.session_events as y
                    where y.store_id = p_store and y."timestamp" >= v_begins and y."timestamp" < v_ends and y.event_type = any (types)
                    union all
                    select a from cold.audited_on(p_store, v_begins, v_ends, types) as a
                ) as t (e)
                left join till.refund_claims as c on c.refund_id = (e).stream_id
                where exists (select from own as o where (e)."timestamp" >= o.begins and (e)."timestamp" < o.ends)
                    and not exists (
                        select from own as o cross join jsonb_array_elements(o.data->'heads') as h (one)
                        where (e)."timestamp" >= o.begins and (e)."timestamp" < o.ends
                            and h.one->>'journal_id' = (e).journal_id::text and (h.one->>'seq')::bigint >= (e).seq)
            )
            select json_build_object(
                'at', warm.time_text(o.at), 'first', o.data->>'first', 'last', o.data->>'last', 'arrived', l.n, 'numbers', l.numbers)
            from own as o
            cross join (
                select count(*) as n, coalesce((array_agg(x.number order by x.event_id))[:10], '{}') as numbers from late as x) as l
            order by o.event_id desc limit 1));
end $$;

-- Notes that files were made of some days.
-- for: admin, manager
create or replace function till.export_made_v1(p_store uuid, p_actor integer, p_made jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform warm.admin_event(p_store, p_actor, 'export_made', p_made);
end $$;

-- The codes of a store by scheme, kind and id. Tills do not get them.
-- for: admin, manager
create or replace function till.codes_v1(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return coalesce((select s.body from till.settings as s where s.store_id = p_store and s.name = 'codes'), '{}');
end $$;

-- Sets codes of a scheme: `p_changes` is {kind: {id: code}}, with an empty code for none.
-- for: admin, manager
create or replace function till.codes_set_v1(p_store uuid, p_actor integer, p_scheme text, p_changes jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before jsonb;
    own jsonb;
    fault constant text := case
        when p_scheme !~ '^[a-z][a-z0-9-]{0,39}$' then 'The name of a scheme is like no-saft.'
        when jsonb_typeof(p_changes) is distinct from 'object' then 'Codes are {kind: {id: code}}.'
        when exists (
            select from jsonb_each(p_changes) as k
            where k.key <> all ('{item,category,tender,tax,order_type,charge,venue}') or jsonb_typeof(k.value) <> 'object')
            then 'There are codes of item, category, tender, tax, order_type, charge and venue.'
        when exists (
            select from jsonb_each(p_changes) as k cross join jsonb_each(k.value) as c
            where length(c.key) not between 1 and 250 or c.key ~ '[[:cntrl:]]' or jsonb_typeof(c.value) <> 'string'
                or length(c.value #>> '{}') > 80 or c.value #>> '{}' ~ '[[:cntrl:]]')
            then 'A code is one line of at most 80 characters.' end;
begin
    if fault is not null then
        raise exception '%', fault using errcode = 'TL006';
    end if;
    insert into till.settings (store_id, name, body) values (p_store, 'codes', '{}') on conflict (store_id, name) do nothing;
    select s.body into before from till.settings as s where s.store_id = p_store and s.name = 'codes' for no key update;
    select jsonb_object_agg(k.kind, k.codes) into own
    from (
        select x.kind, jsonb_object_agg(x.id, x.code order by x.id) as codes
        from (
            select w.kind, w.id, w.code from (
                select k.key as kind, c.key as id, c.value as code, true as is_new
                from jsonb_each(p_changes) as k cross join jsonb_each(k.value) as c
                union all
                select k.key, c.key, c.value, false from jsonb_each(coalesce(before->p_scheme, '{}')) as k cross join jsonb_each(k.value) as c
                where not coalesce(p_changes->k.key ? c.key, false)
            ) as w where w.code <> '""'
        ) as x group by x.kind
    ) as k;
    if (select count(*) from jsonb_each(own) as k cross join jsonb_each(k.value) as c) > 20000 then
        raise exception 'A scheme has at most 20,000 codes.' using errcode = 'TL006';
    end if;
    update till.settings set body = case when own is null then before - p_scheme else before || jsonb_build_object(p_scheme, own) end,
        updated_at = now()
    where store_id = p_store and name = 'codes';
    perform warm.admin_event(p_store, p_actor, 'codes_set', jsonb_build_object('scheme', p_scheme, 'changes', p_changes));
end $$;
