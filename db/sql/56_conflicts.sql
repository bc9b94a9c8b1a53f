-- What only a person can settle about money: found by tills and by the server, settled by a manager.

-- Does what an event of a conflict says. One that does not read is put aside by itself.
create or replace function warm.apply_conflict(p_door warm.door, e warm.arrival) returns void
language plpgsql as $$
declare
    said text;
begin
    if e.event_type = 'conflict_resolved' then
        update till.conflicts as c
        set resolved_at = e.at, resolved_by = e.user_id, how = coalesce(e.texts->'how'->>'text', e.data->>'how', '')
        where c.id = (e.data->>'conflict_id')::uuid and c.store_id = e.store_id and c.resolved_at is null;
        -- the record behind it is settled by the same word
        perform warm.settle_record(e.user_id, q, coalesce(e.texts->'how'->>'text', e.data->>'how', ''))
        from warm.quarantine as q
        where q.conflict_id = (e.data->>'conflict_id')::uuid and q.store_id = e.store_id and q.resolved_at is null;
    elsif e.event_type = 'quarantine_resolved' then
        perform warm.settle_record(e.user_id, q, coalesce(e.texts->'how'->>'text', ''))
        from warm.quarantine as q
        where q.id = (e.data->>'quarantine')::bigint and q.store_id = e.store_id and q.resolved_at is null;
    elsif not warm.is_refused_already(e.session_id, e.data->>'kind', e.data->>'subject') then
        insert into till.conflicts (
            id, store_id, session_id, kind, subject, amount, currency, found_by, found_at, event_id
        )
        values (
            (e.data->>'conflict_id')::uuid, e.store_id, e.session_id, e.data->>'kind', e.data->>'subject',
            (e.data->>'amount')::numeric, e.data->>'currency', e.till_id, e.at, e.event_id
        )
        on conflict do nothing;
    end if;
exception when others then
    if warm.is_passing(sqlstate) then
        raise;
    end if;
    get stacked diagnostics said = message_text;
    perform warm.put_aside(p_door, e.session_id, e, said, sqlstate);
end $$;

-- Whether a till names the order that stands here as the second one, where the server took it for the first and
-- refused another of the same session. Which of two was first is told by their ids; which came first, by the road.
create or replace function warm.is_refused_already(p_session text, p_kind text, p_subject text) returns boolean
language plpgsql stable as $$
begin
    return p_kind = 'paid_twice'
        and exists (
            select from cold.orders as o where o.session_id = p_session and o.order_id::text = p_subject
        )
        and exists (
            select from till.conflicts as c
            where c.session_id = p_session and c.kind = 'paid_twice' and c.found_by = 0
                and not exists (select from cold.orders as o where o.order_id::text = c.subject and o.session_id = p_session)
        );
end $$;

-- Money for lines that another order had covered is kept as its own record, with its amount: what was put aside of
-- this push for that reason becomes a conflict in the server's own chain. The till hears of it with its next poll.
-- Whether there was such a thing.
create or replace function warm.flag_paid_twice(
    p_door warm.door, p_events warm.arrival[], p_stands warm.standing[]
) returns boolean
language plpgsql as $$
declare
    s warm.standing;
    aside text[] := '{}';
    q record;
    v_conflict uuid;
begin
    foreach s in array p_stands loop
        if s.quarantined and s.store_id = p_door.store_id then
            aside := array_append(aside, s.id);
        end if;
    end loop;
    if aside = '{}' then
        return false;
    end if;
    for q in
        select x.id, x.session_id, x.amount, x.body::jsonb->'data' as data
        from warm.quarantine as x
        where x.session_id = any (aside) and x.conflict_id is null and x.resolved_at is null
            and x.event_type = 'order_placed' and x.sqlstate in ('23505', 'TL002')
            and x.event_id in (select e.event_id from unnest(p_events) as e)
        order by x.id
    loop
        select c.id into v_conflict from till.conflicts as c
        where c.store_id = p_door.store_id and c.kind = 'paid_twice' and c.subject = q.data->>'order_id';
        if not found then
            v_conflict := gen_random_uuid();
            perform warm.server_event_v1(p_door.store_id, null, 'conflict_found', q.session_id, jsonb_build_object(
                'conflict_id', v_conflict, 'kind', 'paid_twice', 'subject', q.data->>'order_id',
                'amount', q.amount::text, 'currency', q.data->>'currency'));
        end if;
        update warm.quarantine set conflict_id = v_conflict where id = q.id;
    end loop;
    return true;
end $$;

-- A number that two receipts bear: a journal was restored on the machine that it belongs to, and went on as if it had
-- not sold since. Both orders stand; the one that comes second is a conflict. Whether there was such a thing.
create or replace function warm.flag_receipts(p_door warm.door, p_events warm.arrival[]) returns boolean
language plpgsql as $$
declare
    e warm.arrival;
    o record;
    flagged boolean := false;
begin
    foreach e in array p_events loop
        if e.event_type <> 'order_placed' then
            continue;
        end if;
        select x.order_id, x.session_id, x.total_amount, x.currency into o
        from cold.orders as x
        where x.store_id = p_door.store_id and x.receipt = e.data->>'receipt' and x.order_id::text = e.data->>'order_id'
            and x.event_id = e.event_id
            and exists (
                select from cold.orders as y
                where y.store_id = x.store_id and y.receipt = x.receipt and y.order_id <> x.order_id)
            and not exists (
                select from till.conflicts as c
                where c.store_id = x.store_id and c.kind = 'receipt_twice' and c.subject = x.order_id::text);
        if found then
            flagged := true;
            perform warm.server_event_v1(p_door.store_id, null, 'conflict_found', o.session_id, jsonb_build_object(
                'conflict_id', gen_random_uuid(), 'kind', 'receipt_twice', 'subject', o.order_id,
                'amount', o.total_amount::text, 'currency', o.currency));
        end if;
    end loop;
    return flagged;
end $$;

-- How many conflicts of a store wait for a person, and how many records that could not be applied.
create or replace function warm.count_waiting(p_door warm.door) returns warm.door
language plpgsql stable as $$
begin
    p_door.conflicts := (
        select count(*) from till.conflicts as c where c.store_id = p_door.store_id and c.resolved_at is null);
    p_door.records := (
        select count(*) from warm.quarantine as q where q.store_id = p_door.store_id and q.resolved_at is null);
    return p_door;
end $$;

-- The receipts of the sales that a conflict is about, the first sale first: those of its order, or of all that carry a tab
-- on, and of each sale that was paid for a line which one of these lists too. A manager compares the papers. Each line is
-- looked up by its key and `limit 1` keeps it so: nobody tells the planner how few there are, and it would read all orders.
create or replace function till.receipts_of(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return (
        with own as materialized (
            select x.event_id, x.event_data->>'receipt' as receipt, x.event_data as data
            from unnest(
                case when c.kind = 'carried_twice' then array(select t.id from warm.carriers(c.store_id, c.session_id) as t)
                else array[c.session_id] end) as one cross join lateral warm.log_of(one) as x
            where x.store_id = c.store_id and x.event_type = 'order_placed'
        ), sold as (
            select o.event_id, o.receipt from own as o
            union
            select y.event_id, y.receipt
            from own as o, jsonb_path_query(o.data, '$.lines[*].line_ids[*]') as line
            cross join lateral (
                select x.order_id from cold.order_line as x
                where x.line_id = substring(line #>> '{}' from '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$')::uuid limit 1
            ) as l
            cross join lateral (select x.event_id, x.receipt from cold.orders as x where x.order_id = l.order_id limit 1) as y
        )
        select coalesce(json_agg(s.receipt order by s.event_id), '[]') from sold as s where s.receipt is not null
    );
end $$;

-- The orders of the other sales that bear the number of one, the first sale first: a manager looks at both.
create or replace function till.same_receipt(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(y.session_id order by y.event_id), '[]')
        from (
            select o.order_id, o.receipt from cold.orders as o
            where c.kind = 'receipt_twice' and o.session_id = c.session_id and o.store_id = c.store_id
                and o.order_id::text = c.subject
            limit 1
        ) as x
        join cold.orders as y on y.store_id = c.store_id and y.receipt = x.receipt and y.order_id <> x.order_id
        where y.session_id is not null
    );
end $$;

create or replace function till.conflict_row(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'conflict', c.id, 'session', c.session_id, 'kind', c.kind, 'subject', c.subject,
        'amount', coalesce(c.amount, 0)::text,
        'currency', coalesce(c.currency, (select v.currency from till.stores as v where v.store_id = c.store_id)),
        'user', coalesce((select s.user_id from till.order_sessions as s where s.id = c.session_id), 0),
        'till', c.found_by,
        'till_name', (select t.name from till.tills as t where t.store_id = c.store_id and t.id = c.found_by),
        'found_at', warm.time_text(c.found_at), 'resolved_at', warm.time_text(c.resolved_at),
        'resolved_by', c.resolved_by, 'how', c.how, 'receipts', till.receipts_of(c), 'also', till.same_receipt(c)
    );
end $$;

-- The open conflicts of the store, newest first, and the records that wait beside them, for the manager's screen.
create or replace function till.conflicts_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request);
    return coalesce(r.refused, json_build_object('ok', true, 'conflicts', (
        select coalesce(json_agg(till.conflict_row(c) order by c.found_at desc, c.id), '[]')
        from till.conflicts as c where c.store_id = (r.door).store_id and c.resolved_at is null
    ), 'quarantine', (
        select coalesce(json_agg(warm.quarantine_row(q) order by q.id), '[]')
        from warm.quarantine as q
        where q.store_id = (r.door).store_id and q.resolved_at is null and not exists (
            select from till.conflicts as c where c.id = q.conflict_id and c.resolved_at is null)
    ))::text);
end $$;

-- The conflicts of a store for administration, newest first; with `p_all` the settled ones too.
create or replace function till.conflict_list_v1(p_store uuid, p_all boolean default false) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(till.conflict_row(c) order by c.found_at desc, c.id), '[]')
        from till.conflicts as c where c.store_id = p_store and (p_all or c.resolved_at is null)
    );
end $$;

-- Settles a conflict: who, when and how stay in the server's chain.
create or replace function till.conflict_resolve_v1(p_store uuid, p_actor integer, p_conflict uuid, p_how text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    c till.conflicts;
begin
    select * into c from till.conflicts where id = p_conflict and store_id = p_store;
    if not found then
        raise exception 'There is no conflict %.', p_conflict using errcode = 'TL004';
    elsif c.resolved_at is not null then
        raise exception 'This conflict was settled before: %', coalesce(nullif(c.how, ''), 'no word was left of it.')
            using errcode = 'TL005';
    elsif coalesce(btrim(p_how), '') = '' then
        raise exception 'Say how it was settled.' using errcode = 'TL006';
    end if;
    perform warm.server_event_v1(
        p_store, p_actor, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', p_how));
    select * into c from till.conflicts where id = p_conflict;
    return till.conflict_row(c);
end $$;
