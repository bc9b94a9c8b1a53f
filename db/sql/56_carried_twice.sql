-- A tab that two tills recalled while they were apart: both orders carry its lines, and the guest should pay for them
-- once. The database hears of both first, so it says so at once: a conflict for the manager, and an event in each of the
-- orders, which tells the till that has it. Should both be paid, the second is `paid_twice` beside it.

-- Flags what a push showed to be carried twice. Whether there was such a thing.
create or replace function warm.flag_carried_twice(p_door warm.door, p_events warm.arrival[]) returns boolean
language plpgsql as $$
declare
    e warm.arrival;
    tab text;
    flagged boolean := false;
begin
    foreach e in array p_events loop
        if e.event_type <> 'order_placed' and not warm.is_recall(e.event_type, e.data) then
            continue;
        end if;
        if warm.is_carried_twice(p_door.store_id, e.session_id) then
            perform warm.tell_carried_twice(p_door.store_id, e.session_id);
            flagged := true;
        end if;
        continue when e.event_type = 'order_placed';
        for tab in  -- one of two goes on from its tab: who recalled it hears of the other as well
            select distinct c.subject from till.conflicts as c
            join warm.log as x on x.session_id = e.session_id and x.event_type = 'conflict_found'
                and x.event_data->>'subject' = c.subject
            where c.store_id = p_door.store_id and c.kind = 'carried_twice' and c.resolved_at is null
                and c.subject <> e.session_id
        loop
            perform warm.tell_carried_twice(p_door.store_id, tab);
            flagged := true;
        end loop;
    end loop;
    if flagged then
        perform pg_notify('till_store', p_door.store_id || ' sessions');
    end if;
    return flagged;
end $$;

-- Whether an event says that the lines of a tab go on in another order. What came too late for an end does not count:
-- those lines may bear ids of their own there.
create or replace function warm.is_recall(p_type text, p_data jsonb) returns boolean
language sql immutable as $$
    select p_type = 'lines_moved' and p_data ? 'to_session' and p_data->>'late' is distinct from 'true'
$$;

-- Whether a line of this order went on in two others, or in one while it was paid for here: the same rule as the fold's
-- (till/domain/barrier.py).
create or replace function warm.is_carried_twice(p_store uuid, p_session text) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.log as x
        where x.session_id = p_session and x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    ) and exists (
        with own as (
            select x.event_type, x.event_data from warm.log as x
            where x.session_id = p_session and x.store_id = p_store
                and (x.event_type = 'order_placed' or warm.is_recall(x.event_type, x.event_data))
        ), carried as (
            select o.event_data->>'to_session' as carrier, line
            from own as o, jsonb_path_query(o.event_data, '$.line_ids[*]') as line
            where o.event_type = 'lines_moved'
            union
            select p_session, line
            from own as o, jsonb_path_query(o.event_data, '$.lines[*].line_ids[*]') as line
            where o.event_type = 'order_placed'
        )
        select from carried group by line having count(*) > 1
    );
end $$;

-- The order of a tab and all that carry its lines on, from recall to recall: `last` is false of one whose lines went on
-- once more.
create or replace function warm.carriers(p_store uuid, p_session text) returns table (id text, last boolean)
language plpgsql stable as $$
begin
    return query
    with recursive carrier (session) as (
        select p_session collate "C"
        union
        select (x.event_data->>'to_session') collate "C"
        from carrier as c join warm.log as x on x.session_id = c.session
        where x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    )
    select c.session, not exists (
        select from warm.log as x
        where x.session_id = c.session and x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    )
    from carrier as c;
end $$;

-- Writes the finding down: for the order of the tab itself, which is its row among the conflicts, and in each order that
-- carries the lines still, with the one that does so too: whose it is, on which till, and whether it was paid.
create or replace function warm.tell_carried_twice(p_store uuid, p_session text) returns void
language plpgsql as $$
declare
    tab constant text := p_session;
    own record;
    finding jsonb;
begin
    -- all of them before the server's own chain, in the order of their ids as a push does
    perform from till.order_sessions as s
    where s.id in (select c.id from warm.carriers(p_store, tab) as c) order by s.id for no key update;
    for own in
        with carrier as (
            select s.*, c.last from warm.carriers(p_store, tab) as c
            join till.order_sessions as s on s.id = c.id and s.store_id = p_store
            where s.status <> 'discarded'
        )
        select c.id, c.currency, (select t.total from carrier as t where t.id = tab) as amount, (
            select jsonb_build_object(
                'also_till', coalesce(p.till_id, o.epoch_till), 'also_user', coalesce(p.user_id, o.user_id),
                'paid', o.status = 'completed')
            from carrier as o left join cold.orders as p on p.session_id = o.id
            where o.id <> c.id and c.id <> tab and (o.last or o.status = 'completed')
            order by o.status = 'completed' desc, o.status <> 'assigned_to_tab' desc, o.id
            limit 1
        ) as other
        from carrier as c
        where (c.id = tab or (c.last and c.status <> 'completed')) and not exists (
            select from warm.log as x
            where x.session_id = c.id and x.event_type = 'conflict_found' and x.event_data->>'kind' = 'carried_twice'
                and x.event_data->>'subject' = tab
        )
        order by c.id <> tab, c.id
    loop
        finding := jsonb_build_object(
            'conflict_id', md5('carried_twice ' || tab)::uuid, 'kind', 'carried_twice', 'subject', tab,
            'amount', coalesce(own.amount, 0)::text, 'currency', own.currency);
        if own.id = tab or own.other is not null then
            perform warm.server_event_v1(
                p_store, null, 'conflict_found', own.id, finding || coalesce(own.other, '{}'));
        end if;
    end loop;
end $$;
