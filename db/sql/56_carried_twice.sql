-- A tab that two tills recalled while they were apart: both orders carry its lines, and the guest should pay for them
-- once. The database hears of both first, so it says so at once: a conflict for the manager, and an event in each of
-- the orders, which tells the till that has it. What becomes of the other order is told anew, until a manager settled it
-- or the lines are in one order again. Should both be paid, the second is `paid_twice` beside it.

-- Flags what a push showed to be carried twice, and tells anew what it changed. Whether there was such a thing.
create or replace function warm.flag_carried_twice(p_door warm.door, p_events warm.arrival[]) returns boolean
language plpgsql as $$
declare
    e warm.arrival;
    flagged boolean := false;
begin
    foreach e in array p_events loop
        continue when e.event_type not in (  -- of the others none can change it: most of a push is passed over at once
            'lines_moved', 'order_placed', 'order_discarded', 'tab_assigned', 'order_parked', 'order_resumed',
            'order_taken_over', 'conflict_resolved');
        if warm.look_carried_twice(p_door.store_id, e.session_id, e.event_type, e.data) then
            flagged := true;
        end if;
    end loop;
    if flagged then
        perform pg_notify('till_store', p_door.store_id || ' sessions');
    end if;
    return flagged;
end $$;

-- The same for one event that has been applied, of a till or of the server itself.
create or replace function warm.look_carried_twice(p_store uuid, p_session text, p_type text, p_data jsonb)
returns boolean
language plpgsql as $$
declare
    tab text;
    found_now boolean := false;
    looked boolean := false;
begin
    if p_type = 'order_placed' or warm.is_recall(p_type, p_data) then
        found_now := warm.is_carried_twice(p_store, p_session);
    end if;
    if found_now then
        perform warm.tell_carried_twice(p_store, p_session, 'found');
        looked := true;
    end if;
    for tab in select t from warm.tabs_told_of(p_store, p_session, p_type, p_data) as t loop
        if not found_now or tab <> p_session then
            perform warm.tell_carried_twice(
                p_store, tab, case when p_type = 'conflict_resolved' then 'settled' else 'changed' end);
            looked := true;
        end if;
    end loop;
    return looked;
end $$;

-- The tabs of which an event may change what was told: those that its order was told of, where it says who has that
-- order or how it ended, and the one that a manager settled.
create or replace function warm.tabs_told_of(p_store uuid, p_session text, p_type text, p_data jsonb)
returns setof text
language plpgsql stable as $$
begin
    if p_type = 'conflict_resolved' then
        return query
        select c.subject from till.conflicts as c
        where c.store_id = p_store and c.kind = 'carried_twice' and c.id::text = lower(p_data->>'conflict_id');
    elsif (warm.is_recall(p_type, p_data) or p_type in (
            'order_placed', 'order_discarded', 'tab_assigned', 'order_parked', 'order_resumed', 'order_taken_over'))
        and exists (select from till.conflicts as c where c.store_id = p_store and c.kind = 'carried_twice')
    then
        return query
        select distinct x.event_data->>'subject' from warm.log_of(p_session) as x
        where x.store_id = p_store and x.event_type = 'conflict_found'
            and x.event_data->>'kind' = 'carried_twice'
        order by 1;
    end if;
end $$;

-- Whether an event says that the lines of a tab go on in another order. What came too late for an end does not count:
-- those lines may bear ids of their own there.
create or replace function warm.is_recall(p_type text, p_data jsonb) returns boolean
language sql immutable as $$
    select p_type = 'lines_moved' and p_data ? 'to_session' and p_data->>'late' is distinct from 'true'
$$;

-- Whether a line of this order went on in two others, or in one while it was paid for here: the same rule as the fold's
-- (till/domain/merge/settlement.py).
create or replace function warm.is_carried_twice(p_store uuid, p_session text) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.log_of(p_session) as x
        where x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    ) and exists (
        with own as (
            select x.event_type, x.event_data from warm.log_of(p_session) as x
            where x.store_id = p_store
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
        from carrier as c cross join lateral warm.log_of(c.session) as x
        where x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    )
    select c.session, not exists (
        select from warm.log_of(c.session) as x
        where x.store_id = p_store and warm.is_recall(x.event_type, x.event_data)
    )
    from carrier as c;
end $$;

-- Locks all of them, in the order of their ids as a push does: before the server's own chain.
create or replace function warm.lock_carriers(p_store uuid, p_session text) returns void
language plpgsql as $$
begin
    perform from till.order_sessions as s
    where s.id in (select c.id from warm.carriers(p_store, p_session) as c) order by s.id for no key update;
end $$;

-- What each order that carries the lines of a tab on should know: with which other one it shares them (one that was
-- paid before one that is open, and that before one on a tab), and what it was told last.
create or replace function warm.shared_by(p_store uuid, p_session text)
returns table (id text, status text, currency text, other jsonb, told jsonb)
language plpgsql stable as $$
begin
    return query
    with carrier as (
        select s.*, c.last from warm.carriers(p_store, p_session) as c
        join till.order_sessions as s on s.id = c.id and s.store_id = p_store
    )
    select c.id, c.status, c.currency, (
        select jsonb_build_object(
            'also_till', coalesce(p.till_id, o.epoch_till), 'also_user', coalesce(p.user_id, o.user_id),
            'paid', o.status = 'completed', 'on_tab', o.status = 'assigned_to_tab')
        from carrier as o left join cold.orders as p on p.session_id = o.id
        where o.id <> c.id and o.status <> 'discarded' and (o.last or o.status = 'completed')
        order by o.status = 'completed' desc, o.status <> 'assigned_to_tab' desc, o.id
        limit 1
    ), (
        select x.event_data from warm.log_of(c.id) as x
        where x.event_type = 'conflict_found' and x.event_data->>'kind' = 'carried_twice'
            and x.event_data->>'subject' = p_session
        order by x.version desc limit 1
    )
    from carrier as c
    where c.last and c.status <> 'completed' or c.id = p_session
    order by c.id <> p_session, c.id;
end $$;

-- Writes the finding down: for the order of the tab itself, which is its row among the conflicts, and in each order
-- that carries the lines still, with the one that does so too: whose it is, on which till, whether it was paid, or is on
-- a tab. Who was told the same last is not told again; who was told of one that carries them no more is told of none.
-- What a manager settled (`p_why` is 'settled') is told as of none; then only a payment, or one more recall ('found'),
-- is news.
create or replace function warm.tell_carried_twice(p_store uuid, p_session text, p_why text) returns void
language plpgsql as $$
declare
    tab constant text := p_session;
    settled constant boolean := coalesce((
        select c.resolved_at is not null from till.conflicts as c
        where c.store_id = p_store and c.kind = 'carried_twice' and c.subject = tab), false);
    amount constant numeric := (select t.total from till.order_sessions as t where t.id = tab);
    nobody constant jsonb := '{}';
    own record;
    news jsonb;
begin
    perform warm.lock_carriers(p_store, tab);
    for own in select * from warm.shared_by(p_store, tab) loop
        news := case
            when own.id = tab then nobody
            when p_why = 'settled' then jsonb_build_object('paid', coalesce(own.other->'paid', 'false'))
            when own.status <> 'discarded' then coalesce(own.other, nobody)
        end;
        continue when news is null or case
            when own.id = tab then own.told is not null
            when not coalesce(own.told ? 'also_till', false) then not news ? 'also_till' or settled and p_why <> 'found'
                and (coalesce(own.told->>'paid', '') = 'true' or news->>'paid' <> 'true')
            else own.told @> news and news ? 'also_till'
        end;
        perform warm.server_event_v1(p_store, null, 'conflict_found', own.id, jsonb_build_object(
            'conflict_id', md5('carried_twice ' || tab)::uuid, 'kind', 'carried_twice', 'subject', tab,
            'amount', coalesce(amount, 0)::text, 'currency', own.currency) || news);
    end loop;
end $$;
