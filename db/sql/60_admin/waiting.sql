-- Lists of everything that waits for a manager, in pages, by the till of the records, so that no till can fill the list
-- of another.

-- The number of waiting conflicts and records by till; 0 is the server.
create or replace function till.waiting(p_store uuid) returns table (till integer, conflicts bigint, records bigint)
language plpgsql stable as $$
begin
    return query
    select w.till_id, sum(w.conflicts)::bigint, sum(w.records)::bigint
    from (
        select c.till_id, count(*) as conflicts, 0 as records from till.conflicts as c
        where c.store_id = p_store and c.resolved_at is null group by c.till_id
        union all
        select q.till_id, 0, count(*) from warm.quarantine as q
        where q.store_id = p_store and q.resolved_at is null
        group by q.till_id
    ) as w
    group by w.till_id order by w.till_id;
end $$;

-- A page of conflicts, by till and then newest first: {"conflicts": [...], "next": cursor or null, "waiting": [the
-- numbers of each till]}. `p_after` is the cursor of the previous page, the id of its last conflict. For all tills, a
-- limited number of each is listed; for one till, all. With `p_every` settled conflicts too.
-- for: admin, manager
create or replace function till.conflict_list_v1(
    p_store uuid, p_till integer default null, p_after uuid default null, p_limit integer default 200, p_every boolean default false
) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    most constant integer := case when p_till is null and not p_every then warm.most_listed() else p_limit + 1 end;
    after_conflict till.conflicts;
    page till.conflicts[];
begin
    if p_after is not null then
        select * into after_conflict from till.conflicts as c where c.id = p_after and c.store_id = p_store;
        if not found then
            raise exception 'There is no conflict %.', p_after using errcode = 'TL004';
        end if;
    end if;
    page := array(
        select row(x.*)::till.conflicts
        from (
            select w.till from till.waiting(p_store) as w where not p_every
            union all
            select distinct c.till_id from till.conflicts as c where p_every and c.store_id = p_store
        ) as t
        cross join lateral (
            select c.* from till.conflicts as c
            where c.store_id = p_store and c.till_id = t.till and (p_every or c.resolved_at is null)
                and (after_conflict.id is null or t.till > after_conflict.till_id or c.place < after_conflict.place)
            order by c.place desc limit most
        ) as x
        where (p_till is null or t.till = p_till) and (after_conflict.id is null or t.till >= after_conflict.till_id)
        order by x.till_id, x.place desc limit p_limit + 1);
    return json_build_object(
        'conflicts', (select coalesce(json_agg(till.conflict_row(c) order by c.till_id, c.place desc), '[]')
            from unnest(page[1:p_limit]) as c),
        'next', case when cardinality(page) > p_limit then page[p_limit].id end,
        'waiting', (select coalesce(json_agg(w), '[]') from till.waiting(p_store) as w));
end $$;

-- A page of quarantined records, by till and then oldest first.
-- for: admin, manager
create or replace function till.quarantine_list_v1(
    p_store uuid, p_till integer default null, p_after bigint default null, p_limit integer default 200,
    p_every boolean default false
) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    most constant integer := case when p_till is null and not p_every then warm.most_listed() else p_limit + 1 end;
    after_record warm.quarantine;
    page warm.quarantine[];
begin
    if p_after is not null then
        select * into after_record from warm.quarantine as q where q.id = p_after and q.store_id = p_store;
        if not found then
            raise exception 'There is no record %.', p_after using errcode = 'TL004';
        end if;
    end if;
    page := array(
        select row(x.*)::warm.quarantine
        from (
            select w.till from till.waiting(p_store) as w where not p_every
            union all
            select distinct q.till_id from warm.quarantine as q where p_every and q.store_id = p_store
        ) as t
        cross join lateral (
            select q.* from warm.quarantine as q
            where q.store_id = p_store and q.till_id = t.till and (p_every or q.resolved_at is null)
                and (after_record.id is null or t.till > after_record.till_id or q.id > after_record.id)
            order by q.id limit most
        ) as x
        where (p_till is null or t.till = p_till) and (after_record.id is null or t.till >= after_record.till_id)
        order by x.till_id, x.id limit p_limit + 1);
    return json_build_object(
        'quarantine', (select coalesce(json_agg(warm.quarantine_row(q) order by q.till_id, q.id), '[]')
            from unnest(page[1:p_limit]) as q),
        'next', case when cardinality(page) > p_limit then page[p_limit].id end,
        'waiting', (select coalesce(json_agg(w), '[]') from till.waiting(p_store) as w));
end $$;

-- The waiting conflicts, by the till whose records show them, and the records that could not be applied, 20 of each,
-- newest first. `waiting` is the number of both for each till; `till` 0 is the server. Each conflict has the `receipts`
-- of its sales, the first sale first. For `number_twice`, `also` has the sessions of the other sales with the number,
-- or of the sales whose refunds have it, and the number itself is last among the `receipts`; for
-- `outcome_contradicted`, that of the refund is too. `seq` is null for records that are in the log.
-- Gives {"conflicts": [{"conflict", "session", "kind", "subject", "amount", "currency", "user", "till", "till_name",
-- "found_at", "receipts", "also"}], "quarantine": [{"id", "session", "event", "type", "till", "journal", "seq",
-- "reason", "amount", "currency", "received_at"}], "waiting": [{"till", "conflicts", "records"}]}.
create or replace function till.conflicts_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return json_build_object(
        'ok', true, 'conflicts', till.conflict_list_v1(p_auth.store_id)->'conflicts',
        'quarantine', till.quarantine_list_v1(p_auth.store_id)->'quarantine',
        'waiting', (select coalesce(json_agg(w), '[]') from till.waiting(p_auth.store_id) as w));
end $$;

-- Settles everything that waits of one till with one text, and returns the numbers. Each conflict has its own event;
-- the records have one, with the id up to which they are settled. An unanswered refund is settled separately, because
-- the answer decides if it counts.
-- for: admin
create or replace function till.settle_till_v1(p_store uuid, p_actor integer, p_till integer, p_how text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    c till.conflicts;
    conflicts integer := 0;
    ids bigint[];
    sessions text[];
begin
    if coalesce(btrim(p_how), '') = '' then
        raise exception 'Describe how it was settled.' using errcode = 'TL006';
    elsif not exists (select from till.waiting(p_store) as w where w.till = p_till) then
        raise exception 'Till % has nothing waiting.', p_till using errcode = 'TL004';
    end if;
    -- after their sessions, in the order in which a push locks
    perform from till.order_sessions as s
    where s.id in (
        select x.session_id from till.conflicts as x where x.store_id = p_store and x.till_id = p_till and x.resolved_at is null
        union
        select q.session_id from warm.quarantine as q where q.store_id = p_store and q.till_id = p_till and q.resolved_at is null)
    order by s.id collate "C" for no key update;
    for c in
        select * from till.conflicts as x
        where x.store_id = p_store and x.till_id = p_till and x.resolved_at is null
            and not (x.kind = 'no_answer' and warm.is_about_refund(x))
        order by x.place for update
    loop
        perform warm.server_event_v1(
            p_store, p_actor, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
            jsonb_build_object('how', p_how));
        conflicts := conflicts + 1;
    end loop;
    with settled as (
        update warm.quarantine as q set resolved_at = now(), resolved_by = p_actor, how = p_how
        where q.store_id = p_store and q.till_id = p_till and q.resolved_at is null
        returning q.id, q.session_id
    )
    select coalesce(array_agg(s.id), '{}'), coalesce(array_agg(distinct s.session_id), '{}') into ids, sessions from settled as s;
    update till.order_sessions as s set quarantined = false
    where s.id = any (sessions) and s.quarantined and till.status_of(s) <> 'quarantined' and not exists (
        select from warm.quarantine as x where x.session_id = s.id and x.resolved_at is null);
    if ids <> '{}' then
        perform warm.server_event_v1(p_store, p_actor, 'records_settled', null, jsonb_build_object(
            'till', p_till, 'records', cardinality(ids), 'upto', (select max(i) from unnest(ids) as i)));
        perform till.tell_tills(p_store, 'sessions');
    end if;
    return json_build_object('conflicts', conflicts, 'records', cardinality(ids), 'left', (
        select count(*) from till.conflicts as x where x.store_id = p_store and x.till_id = p_till and x.resolved_at is null));
end $$;

-- Payments, returns and refunds without an answer for `p_grace_s` seconds, the oldest first. Those of a revoked till
-- are conflicts (`no_answer`).
-- for: admin, manager
create or replace function till.unanswered_v1(p_store uuid, p_grace_s integer) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'id', x.id, 'asked', x.asked, 'amount', x.amount, 'currency', x.currency, 'till', x.till, 'session', x.session,
            'at', warm.time_text(x.at), 'receipt', x.receipt, 'place', x.place, 'person', x.person, 'is_over', x.is_over
        ) order by x.at, x.id), '[]')
        from (
            select c.refund_id::text as id, 'refund' as asked, (-c.amount)::text as amount, o.currency, c.till_id as till,
                o.session_id as session, c.started_at as at, c.receipt, '' as place, '' as person, true as is_over
            from till.refund_claims as c
            join cold.orders as o on o.order_id = c.order_id
            join till.tills as t on t.store_id = c.store_id and t.id = c.till_id
            where c.store_id = p_store and c.state in ('reserved', 'unknown') and t.revoked_at is null
                and c.started_at < now() - make_interval(secs => p_grace_s)
            union all
            select w.id, w.asked, w.amount, s.currency, coalesce(s.hold_till, w.till_id), s.id, w.at, '', coalesce(b.name, ''),
                coalesce(u.name, ''), s.status in ('completed', 'discarded')
            from till.order_sessions as s
            cross join lateral (
                select distinct on (e.event_data->>'payment_id') e.event_type,
                    coalesce(e.event_data->>'return_id', e.event_data->>'payment_id') as id,
                    case when starts_with(e.event_type, 'payment_return_') then 'return' else 'payment' end as asked,
                    e.event_data->>'amount' as amount, e.till_id, e."timestamp" as at
                from warm.session_events as e
                where e.session_id = s.id and e.version is not null
                    and e.event_type in (
                        'payment_started', 'payment_approved', 'payment_declined', 'payment_voided', 'payment_return_started',
                        'payment_return_declined')
                order by e.event_data->>'payment_id', e.event_id desc
            ) as w
            left join till.tabs as b on b.id = s.tab_id
            left join till.users as u on u.store_id = s.store_id and u.id = s.user_id
            where s.store_id = p_store and s.status in ('active', 'pending_logout', 'assigned_to_tab')
                and w.event_type in ('payment_started', 'payment_return_started') and w.at < now() - make_interval(secs => p_grace_s)
        ) as x
    );
end $$;
