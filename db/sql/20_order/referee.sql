-- Decisions of the server about orders on which tills worked while disconnected from each other (ADR 0044). Each is
-- made once, from the relation, in the push that brings the records together, and written as an event of the server's
-- own chain. The server never folds: it copies lines.

-- The events that a fold of an order reads: its own events, and those that `lines_copied` added.
create or replace function warm.folded_events(p_session text)
returns table (event_id uuid, event_type text, data jsonb, body text)
language plpgsql stable as $$
begin
    return query
    with own as materialized (
        select * from warm.log_of(p_session) as l where l.event_id <> all (warm.refused_in(p_session))
    )
    select o.event_id, o.event_type, o.event_data, o.body from own as o where o.event_type <> 'lines_copied'
    union all
    select (c.copy->>'id')::uuid, c.copy->>'type', c.copy->'data', c.body
    from own as o, jsonb_array_elements_text(o.event_data->'events') as b (body),
        lateral (select b.body, warm.read_body(b.body) as copy) as c
    where o.event_type = 'lines_copied';
end $$;

-- The lines that an event names.
create or replace function warm.lines_named(p_data jsonb) returns setof uuid
language sql immutable parallel safe as $$
    select (x #>> '{}')::uuid
    from (
        select p_data->'line_id' as x where p_data ? 'line_id'
        union all
        select p_data->'into' where p_data ? 'into'
        union all
        select jsonb_path_query(p_data, '$.lines[*].line_id')
    ) as l
$$;

-- The events of an order that concern a line or the lines that it was cut from, with the events that undo them.
create or replace function warm.folded_events_of_line(p_session text, p_line uuid)
returns table (event_id uuid, event_type text, data jsonb, body text)
language plpgsql stable as $$
begin
    return query
    with recursive line (id) as (
        select p_line
        union
        select c.parent_id from line as l join warm.every_content as c on c.content_id = l.id where c.parent_id is not null
    ), folded as materialized (
        select * from warm.folded_events(p_session) as t
    ), own as materialized (
        select t.* from folded as t where exists (
            select from warm.lines_named(t.data) as x where x in (select l.id from line as l))
    )
    select o.* from own as o
    union
    select t.* from folded as t join own as o on t.event_type = 'change_undone' and (t.data->>'event')::uuid = o.event_id;
end $$;

-- The newest change of a type of a line, or before its cut of the line that it was cut from: its data; null for none. One that was
-- undone, or that a manager skipped, does not count, nor one after `p_before`.
create or replace function warm.change_of_line(p_session text, p_line uuid, p_type text, p_before uuid default null) returns jsonb
language sql stable as $$
    with recursive line (id) as (
        select p_line
        union
        select c.parent_id from line as l join warm.every_content as c on c.content_id = l.id where c.parent_id is not null
    ), folded as materialized (
        select t.*, (t.data->>'line_id')::uuid as line, coalesce((t.data->>'follows')::uuid, t.event_id) as change
        from warm.folded_events_of_line(p_session, p_line) as t
    )
    select f.data from folded as f
    where f.event_type = p_type and (f.event_id < p_before) is not false and not exists (
            select from folded as u where u.event_type = 'change_undone' and (u.data->>'event')::uuid = f.change)
        and not exists (
            select from folded as c
            where c.event_type = 'line_cut' and c.line = f.line and c.event_id < f.event_id
                and (c.data->>'into')::uuid in (select l.id from line as l))
        and not exists (
            select from warm.log_of(p_session) as k
            where k.event_type = 'record_set_aside' and (k.event_data->>'event')::uuid = f.event_id)
    order by f.change desc limit 1
$$;

-- The order type of a line, if somebody said one (`line_type_set`); null for that of its order.
create or replace function warm.type_of_line(p_session text, p_line uuid, p_before uuid default null) returns text
language sql stable as $$
    select warm.change_of_line(p_session, p_line, 'line_type_set', p_before)->>'order_type'
$$;

-- True if a line has pieces left, according to the records of its order.
create or replace function warm.has_pieces(p_session text, p_line uuid) returns boolean
language plpgsql stable as $$
begin
    return (
        with folded as materialized (
            select * from warm.folded_events_of_line(p_session, p_line) as t
        ), counted as (
            select t.* from folded as t
            where not exists (
                select from folded as u
                where u.event_type = 'change_undone' and (u.data->>'event')::uuid = t.event_id)
        )
        select coalesce(sum(case c.event_type
                when 'item_added' then abs((c.data->>'quantity')::integer)
                when 'quantity_changed' then -(c.data->>'taken_off')::integer
                when 'line_cut' then case when c.data->>'into' = p_line::text then 1 else -1 end * (c.data->>'quantity')::integer
                when 'lines_moved' then (
                    select max(abs((l->>'quantity')::integer) - coalesce((
                        select sum(t.value::integer)
                        from jsonb_each_text(coalesce(l->'taken_off', '{}') || coalesce(l->'cut_off', '{}')) as t), 0))
                    from jsonb_array_elements(c.data->'lines') as l where l->>'line_id' = p_line::text)
            end), 0) > 0 and count(*) filter (where c.event_type = 'line_voided') = 0
        from counted as c
        where p_line in (select * from warm.lines_named(c.data))
            and (c.event_type <> 'lines_moved' or c.data ? 'from_session')
    );
end $$;

-- The lines that the ends of an order list: sold or cleared lines and, with `p_voids`, voided lines.
create or replace function warm.named_at_end(p_session text, p_voids boolean default true) returns setof uuid
language plpgsql stable as $$
begin
    return query
    with own as materialized (
        select * from warm.log_of(p_session) as l where l.event_id <> all (warm.refused_in(p_session))
    )
    select (x #>> '{}')::uuid
    from own as o, jsonb_path_query(o.event_data, '$.lines[*].line_ids[*]') as x
    where o.event_type = 'order_placed'
    union
    select (x #>> '{}')::uuid
    from own as o, jsonb_path_query(o.event_data, '$.voids[*].line_id') as x
    where p_voids and o.event_type = 'order_placed'
    union
    select (x #>> '{}')::uuid
    from own as o, jsonb_path_query(o.event_data, '$.line_ids[*]') as x
    where o.event_type = 'order_discarded';
end $$;

-- For each end of an order, the lines that were cut without its knowledge, and all lines cut from these. The cut was
-- made from a line of the order, or from a line that had left it; by an event under a later hold, by a later event, or
-- by an act whose answer had not reached the till. A restored database gets acts back after the end, and late events come
-- after an act: so the end knew an act if either the version or the id of what it knew is not before that of the act.
create or replace function warm.cut_unknown(p_session text) returns table (end_id uuid, line_id uuid, parent_id uuid)
language plpgsql stable as $$
begin
    return query
    with recursive own as materialized (
        select * from warm.log_of(p_session)
    ), ends as (
        select x.*, case
            when x.event_data ? 'known' then (x.event_data->>'known')::uuid
            when x.till_id > 0 then '00000000-0000-0000-0000-000000000000' end as known,
            coalesce((select k.version from own as k where k.event_id = (x.event_data->>'known')::uuid), 0) as known_version
        from own as x where x.event_type in ('order_placed', 'order_discarded')
    ), cut (id, parent, by) as (
        select c.content_id, c.parent_id, c.event_id
        from warm.order_contents as c where c.session_id = p_session and c.parent_id is not null
        union all
        select c.content_id, c.parent_id, m.left_by
        from warm.content_moves as m join warm.every_content as c
            on c.parent_id = m.content_id and c.session_id <> p_session and c.event_id > m.left_by
        where m.session_id = p_session
    ), unknown (sale, id, parent) as (
        select e.event_id, c.id, c.parent
        from cut as c join own as x on x.event_id = c.by cross join ends as e
        where x.hold_id > e.hold_id
            or case when x.for_till is null or e.known is null then x.version > e.version
                else x.event_id > e.known and x.version > e.known_version end
        union
        select u.sale, c.content_id, c.parent_id from unknown as u join warm.every_content as c on c.parent_id = u.id
    )
    select u.sale, u.id, u.parent from unknown as u;
end $$;

-- The lines that came too late for the end of an order, with the person who keyed them. Such a line is in the order,
-- has pieces left, and is listed by no end and by no sale of another order. A line cut from a listed line is late only
-- if an end did not know the cut.
create or replace function warm.late_lines(p_session text) returns table (line_id uuid, till_id integer, user_id integer)
language plpgsql stable as $$
begin
    return query
    with recursive named (id) as (
        select * from warm.named_at_end(p_session)
        union
        select c.line_id from named as n join warm.cut_unknown(p_session) as c on c.parent_id = n.id
    ), unnamed as materialized (  -- warm.has_pieces reads the whole order, so only these lines are checked
        select c.content_id, c.till_id, c.user_id
        from warm.contents_now as n join warm.every_content as c on c.content_id = n.content_id
        where n.session_id = p_session and not n.is_payment and n.content_id not in (select x.id from named as x)
            and not exists (select from cold.order_line as l where l.line_id = n.content_id)
    )
    select u.content_id, u.till_id, u.user_id from unnamed as u where warm.has_pieces(p_session, u.content_id);
end $$;

-- The id of the order of late lines of an order, for the lines of one till: of version 8, so that no till may open one.
-- Earlier revisions kept the digit of the digest; an order of the server under such an id stays the one.
create or replace function warm.late_id(p_session text, p_till integer) returns text
language plpgsql stable as $$
declare
    digest text := md5(p_session || ' till ' || p_till)::uuid::text;
begin
    if exists (select from warm.every_session as s where s.id = digest) and (
            not warm.is_event_id(digest::uuid)
            or exists (select from warm.log_of(digest) as l where l.till_id = 0 and l.event_type = 'order_opened'))
    then
        return digest;
    end if;
    return overlay(digest placing '8' from 15 for 1);
end $$;

-- The order of late lines of an ended order, for the lines of one till. If that order has ended too, its own order of
-- late lines, and so on. No till and no program opens an order under such an id (warm.admitted, till.claim_session).
create or replace function warm.late_order(p_session text, p_till integer) returns text
language plpgsql stable as $$
declare
    late text := warm.late_id(p_session, p_till);
begin
    while exists (select from warm.every_session as s where s.id = late and s.status in ('completed', 'discarded')) loop
        late := warm.late_id(late, p_till);
    end loop;
    return late;
end $$;

-- The order to which an act added all lines of a cleared order, or that this one was added to. Null for any other order.
create or replace function warm.added_to(p_session text) returns text
language plpgsql stable as $$
begin
    return (
        with recursive added (id, steps) as (
            select p_session, 0
            union
            select warm.session_of(m.event_data->>'to_session'), a.steps + 1
            from added as a
            join warm.every_session as s on s.id = a.id and s.status = 'discarded'
            cross join lateral (
                select l.version, l.event_data from warm.log_of(a.id) as l
                where l.event_type = 'order_discarded' and l.event_id <> all (warm.refused_in(a.id))
                order by l.version limit 1) as e
            join lateral (
                select l.event_data from warm.log_of(a.id) as l
                where l.event_type = 'lines_moved' and l.event_data ? 'to_session' and l.version = e.version - 1) as m on true
            where e.event_data->'line_ids' = '[]' and a.steps < 100 and exists (
                select from warm.every_move as c
                where c.came_from = a.id and c.session_id = warm.session_of(m.event_data->>'to_session') and c.moved_by > 0)
        )
        select a.id from added as a where a.steps > 0 order by a.steps desc limit 1);
end $$;

-- The order for the late lines of one till: the open order to which the ended order was added, or else an order of late
-- lines, which is opened if there is none. Lines that were cut from others, returned goods, and lines of another order type keep to
-- an order of late lines: the first belong to their parents, the second would lower a bill that their till did not see, and the last
-- would have another tax or price.
create or replace function warm.order_for_late(s warm.hold_state, p_till integer, p_user integer, p_lines uuid[]) returns text
language plpgsql as $$
declare
    late text := warm.late_order(s.id, p_till);
    added text;
begin
    if exists (select from till.order_sessions as o where o.id = late and o.currency is not null) then
        return late;
    end if;
    added := (warm.lock_session(warm.added_to(s.id))).id;  -- a sale of it that is on its way comes first
    if exists (
            select from till.order_sessions as o
            where o.id = added and o.status in ('active', 'pending_logout', 'assigned_to_tab') and not warm.is_sold(o.id))
        and not exists (
            select from warm.every_content as c where c.content_id = any (p_lines) and (c.session_id <> s.id or c.parent_id is not null))
        and not exists (
            select from warm.log_of(s.id) as l
            where l.event_type = 'item_added' and (l.event_data->>'line_id')::uuid = any (p_lines) and (l.event_data->>'quantity')::integer < 0)
        and not exists (
            select from till.order_sessions as o, unnest(p_lines) as l (id)
            where o.id = added and o.order_type <> s.order_type
                and warm.change_of_line(s.id, l.id, 'line_rated')->'by_type' <> '[]' and coalesce(warm.type_of_line(s.id, l.id), '') = '')
    then
        return added;
    end if;
    perform warm.open_late(s, late, p_user);
    return late;
end $$;

-- Opens an order of late lines on the terms of the ended order, suspended for a user and held by no till.
create or replace function warm.open_late(s warm.hold_state, p_late text, p_user integer) returns void
language plpgsql as $$
declare
    terms jsonb;
    v integer;
begin
    select l.event_data - array['digests', 'program', 'ref'], (warm.read_body(l.body)->>'v')::integer into terms, v
    from warm.log_of(s.id) as l where l.event_type = 'order_opened' order by l.event_id limit 1;
    p_user := coalesce(p_user, s.user_id, 0);
    perform warm.server_event_v1(s.store_id, null, 'order_opened', p_late, terms || jsonb_build_object(
        'user', p_user, 'from_session', warm.stream_of(s.id), 'order_type', coalesce(s.order_type, terms->>'order_type')), p_v => v);
    perform warm.give_words(s.store_id, s.id, p_late);
    perform warm.server_event_v1(s.store_id, null, 'order_parked', p_late, jsonb_build_object('user', p_user));
end $$;

-- Copies the events of a line from an order to its order of late lines, except those that were already copied.
create or replace function warm.copy_line(s warm.hold_state, p_late text, p_line uuid) returns void
language plpgsql as $$
declare
    copies record;
begin
    select array_agg(t.body order by t.event_id) as bodies, jsonb_object_agg(t.event_id, t.data->'digests') as digests into copies
    from warm.folded_events_of_line(s.id, p_line) as t
    where t.event_id not in (select x.event_id from warm.folded_events(p_late) as x);
    if copies.bodies is not null or not exists (
        select from warm.contents_now as n where n.session_id = p_late and n.content_id = p_line)
    then
        perform warm.server_event_v1(s.store_id, null, 'lines_copied', p_late, jsonb_build_object(
            'from_session', warm.stream_of(s.id), 'line_ids', jsonb_build_array(p_line), 'events', to_jsonb(coalesce(copies.bodies, '{}')),
            'digests', (
                select jsonb_object_agg(e.key || '.' || d.key, d.value)
                from jsonb_each(copies.digests) as e, jsonb_each(e.value) as d where jsonb_typeof(e.value) = 'object')));
    end if;
end $$;

-- Discards an order of late lines if it is empty and no till holds it.
create or replace function warm.discard_empty(p_late text) returns void
language plpgsql as $$
declare
    s till.order_sessions;
begin
    s := warm.lock_session(p_late);
    if s.hold_till = 0 and s.status in ('active', 'pending_logout') and not exists (
        select from warm.contents_now as n
        where n.session_id = p_late and (n.is_payment or warm.has_pieces(p_late, n.content_id)))
    then
        perform warm.server_event_v1(s.store_id, null, 'order_discarded', p_late, jsonb_build_object('line_ids', (
            select coalesce(jsonb_agg(n.content_id), '[]') from warm.contents_now as n where n.session_id = p_late)));
    end if;
end $$;

-- Moves the lines that the end of an order does not list to the orders for late lines, with all later events on them.
create or replace function warm.move_late_lines(s warm.hold_state) returns void
language plpgsql as $$
declare
    late_session text;
    part record;
begin
    for part in
        select l.till_id, min(l.user_id) as user_id, array_agg(l.line_id order by l.line_id) as lines
        from warm.late_lines(s.id) as l group by l.till_id order by l.till_id
    loop
        late_session := warm.order_for_late(s, part.till_id, part.user_id, part.lines);
        perform warm.copy_line(s, late_session, x) from unnest(part.lines) as x;
        perform warm.server_event_v1(s.store_id, null, 'lines_withdrawn', s.id, jsonb_build_object(
            'to_session', late_session, 'line_ids', to_jsonb(part.lines)));
    end loop;
    for part in
        select m.content_id, m.session_id
        from warm.content_moves as m join till.order_sessions as o on o.id = m.session_id
        where m.came_from = s.id and m.moved_by = 0 and m.left_by is null
            and o.status in ('active', 'pending_logout', 'assigned_to_tab')
        order by m.session_id, m.content_id
    loop
        perform warm.copy_line(s, part.session_id, part.content_id);
        perform warm.discard_empty(part.session_id);
    end loop;
end $$;

-- True if the log has a sale of an order, even a quarantined one. For tills the order has ended.
create or replace function warm.is_sold(p_session text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from warm.log_of(p_session) as l where l.event_type = 'order_placed');
end $$;

-- The status of an order for lists and grants. An order whose sale is quarantined is not available to any till.
create or replace function till.status_of(s till.order_sessions) returns text
language plpgsql stable as $$
begin
    return case when s.quarantined and s.status not in ('completed', 'discarded') and warm.is_sold(s.id) then 'quarantined' else s.status end;
end $$;

-- Withdraws sold lines from the open orders that have them: the lines that a sale of this order lists, the lines cut
-- from them without its knowledge, and the lines of this order that another sale has.
create or replace function warm.withdraw_sold(s warm.hold_state) returns void
language plpgsql as $$
declare
    part record;
begin
    for part in
        with recursive sold (id, session_id, sale) as (
            (
                select l.line_id, o.session_id, o.event_id
                from cold.orders as o join cold.order_line as l on l.order_id = o.order_id
                where o.session_id = s.id
                union all
                select l.line_id, o.session_id, o.event_id
                from warm.content_moves as m join cold.order_line as l on l.line_id = m.content_id
                    join cold.orders as o on o.order_id = l.order_id
                where m.session_id = s.id and o.session_id <> s.id
            )
            union
            select c.line_id, p.session_id, p.sale
            from sold as p cross join lateral warm.cut_unknown(p.session_id) as c where c.parent_id = p.id and c.end_id = p.sale
        )
        select o.id as session_id, x.session_id as sold_in, array_agg(distinct x.id) as lines
        from sold as x join warm.contents_now as n on n.content_id = x.id and n.session_id <> x.session_id
            join till.order_sessions as o on o.id = n.session_id
        where o.status in ('active', 'pending_logout', 'assigned_to_tab') and not warm.is_sold(o.id)
        group by o.id, x.session_id order by o.id collate "C"
    loop
        perform warm.server_event_v1(s.store_id, null, 'lines_withdrawn', part.session_id, jsonb_build_object(
            'to_session', warm.stream_of(part.sold_in), 'line_ids', to_jsonb(part.lines)));
        perform warm.discard_empty(part.session_id);
    end loop;
end $$;

-- Opens conflicts for the payments of an ended order: approved but listed by no sale; charged too much; both approved
-- and declined, or both refunded and not refunded; refunded twice; or refunded and listed by a sale
-- (`till.domain.payment.movement`). Also for the records that were skipped when the order was paid. The till of an open
-- order to which this one was added gets a notice of the money. True if there is any conflict.
create or replace function warm.flag_payments(p_auth warm.auth_context, s warm.hold_state) returns boolean
language plpgsql as $$
declare
    has_any boolean;
begin
    perform warm.find_conflict(p_auth, s.id, x.kind, x.subject, x.amount, s.currency)
    from (
        with own as materialized (
            select l.event_id as id, l.event_type as type, l.event_data as data, l.till_id, p.*, p.approved_by is not null as by_hand
            from warm.log_of(s.id) as l cross join lateral jsonb_to_record(l.event_data) as p (
                payment_id text, amount numeric, tip numeric, approved_by integer, return_id text, tender text)
            where l.event_type in ('payment_started', 'payment_approved', 'payment_declined', 'payment_voided',
                'payment_return_declined', 'order_placed')
        ), listed as (
            select p.* from own as o, jsonb_to_recordset(o.data->'payments') as p (payment_id text, amount numeric)
            where o.type = 'order_placed'
        ), taken as (
            select distinct on (a.payment_id) a.*, exists (
                select from own as v where v.type = 'payment_voided' and v.payment_id = a.payment_id) as is_back
            from own as a where a.type = 'payment_approved' and a.amount <> 0 order by a.payment_id, a.by_hand, a.id
        )
        select 'money_without_order' as kind, t.payment_id as subject, t.amount
        from taken as t where not t.is_back and t.payment_id not in (select l.payment_id from listed as l)
        union all
        select 'charged_otherwise', t.payment_id, t.amount - coalesce(t.tip, 0) - b.amount + coalesce(b.tip, 0)
        from taken as t join own as b on b.payment_id = t.payment_id and b.type = 'payment_started'
        where not t.is_back and abs(t.amount - coalesce(t.tip, 0)) > abs(b.amount - coalesce(b.tip, 0))
        union all
        select 'outcome_contradicted', v.payment_id, l.amount
        from own as v join listed as l on l.payment_id = v.payment_id where v.type = 'payment_voided' and l.amount <> 0
        union all
        select 'outcome_contradicted', v.payment_id, min(v.amount)
        from own as v where v.type = 'payment_voided' and not warm.is_server_tender(v.tender)
        group by v.payment_id having count(distinct coalesce(v.return_id, 'by hand at ' || v.till_id)) > 1
        union all
        select 'outcome_contradicted', a.payment_id, t.amount
        from taken as t join own as a on a.payment_id = t.payment_id and a.type in ('payment_approved', 'payment_voided')
            join own as d on d.payment_id = a.payment_id and d.return_id is not distinct from a.return_id
        where not warm.is_server_tender(a.tender) and case  -- the database answers for its own tenders
            when d.type = case a.type when 'payment_approved' then 'payment_declined' else 'payment_return_declined' end
                then (a.id < d.id or a.by_hand or d.by_hand) and (
                    a.type = 'payment_voided' or not t.is_back or t.by_hand and not d.by_hand)
            when a.type = 'payment_approved' and d.type = a.type then a.amount <> d.amount and not t.is_back end
        union all
        select 'record_skipped', r.event, 0
        from own as o, jsonb_array_elements_text(o.data->'set_aside') as r (event) where o.type = 'order_placed'
        order by 1, 2
    ) as x;
    has_any := found;
    if has_any and s.status = 'discarded' then
        perform till.tell_paid_apart(p_auth, s.id, warm.added_to(s.id));
    end if;
    return has_any;
end $$;

-- Decides between the records that a push brought together in one order. Whatever these records contain, the push is
-- accepted. True if something waits for a manager.
create or replace function warm.decide(p_auth warm.auth_context, s warm.hold_state, p_moved boolean, p_ended boolean)
returns boolean
language plpgsql as $$
declare
    flagged boolean;
    message text;
begin
    if p_moved then
        perform warm.withdraw_sold(s);
    end if;
    if p_ended then
        perform warm.move_late_lines(s);
    end if;
    perform warm.carry_tickets(s);
    perform warm.repeat_words(s);
    flagged := warm.flag_sold_twice(p_auth, s.id);
    if p_ended then
        flagged := warm.flag_payments(p_auth, s) or flagged;
    end if;
    return flagged;
exception when others then
    if warm.is_temporary(sqlstate) then
        raise;
    end if;
    get stacked diagnostics message = message_text;
    insert into warm.quarantine (store_id, session_id, journal_id, till_id, reason, sqlstate)
    values (s.store_id, s.id, p_auth.journal_id, p_auth.till_id, message, sqlstate)
    on conflict do nothing;
    return true;
end $$;

-- Records which events of a push do not count, and notifies each till that wrote one, once for an order and a push; also
-- the till of the order to which this one was added. A refused suspend or resume is not notified; nor are words of a guest, which
-- are repeated, and an act on a paid order that moves no money, as no refund can answer it: a save sets the order type of a
-- table in the same moment.
create or replace function warm.refuse(s warm.hold_state) returns void
language plpgsql as $$
declare
    refusal uuid;
    act record;
    added constant text := case when s.status = 'discarded' then warm.added_to(s.id) end;
begin
    refusal := warm.server_event_v1(s.store_id, null, 'refused', s.id, jsonb_build_object('events', to_jsonb(s.refused[:10000])));
    for act in
        with own as materialized (
            select * from warm.log_of(s.id)
        )
        select distinct on (o.till_id) o.till_id, o.user_id, o.event_type, coalesce(u.event_data, o.event_data) as data,
            count(*) over (partition by o.till_id) - 1 as more
        from own as o left join own as u on o.event_type = 'change_undone' and u.event_id = (o.event_data->>'event')::uuid
        where o.event_id = any (s.refused) and o.event_type not in ('order_parked', 'order_resumed', 'lines_sent', 'kitchen_told', 'order_numbered')
            and not warm.says_words(o.event_type, o.event_data)
            and (s.status <> 'completed' or coalesce(u.event_type, o.event_type) not in (
                'tab_assigned', 'line_noted', 'line_seated', 'order_noted', 'booking_seated') and o.event_data->>'name' is distinct from 'language')
            and not (s.status = 'completed' and o.event_type = 'order_type_set' and exists (
                select from own as t where t.event_type = 'tab_assigned' and (t.journal_id, t.seq) = (o.journal_id, o.seq + 1)
                    and t.timestamp < o.timestamp + interval '1 second'))
        order by o.till_id, o.version
    loop
        perform till.notify(s.store_id, x.till_id, x.user_id, 'refused', s.id, refusal, jsonb_build_object(
            'own', till.describe_order(added), 'act', act.event_type, 'more', nullif(act.more, 0), 'amount', act.data->'removed'->'amount',
            'pieces', abs(coalesce((act.data->'removed'->>'pieces')::integer, (act.data->>'taken_off')::integer)),
            'item', (
                select l.event_data->'item_name' from warm.log_of(s.id) as l
                where l.event_type = 'item_added' and l.event_data->'line_id' = act.data->'line_id')), act.till_id)
        from (
            select act.till_id, act.user_id
            union all
            select o.hold_till, o.user_id from till.order_sessions as o where o.id = added and o.hold_till <> act.till_id
        ) as x (till_id, user_id);
    end loop;
end $$;

-- Withdraws lines from orders of late lines if an act moved them out of the same original order. After a restore the
-- act may arrive later than the lines.
create or replace function warm.withdraw_late(p_auth warm.auth_context, p_session text) returns void
language plpgsql as $$
declare
    part record;
begin
    for part in
        select n.session_id, warm.stream_of(m.session_id) as moved_to, array_agg(n.content_id) as lines
        from warm.content_moves as n join warm.content_moves as m on m.content_id = n.content_id
            join till.order_sessions as o on o.id = n.session_id
        where n.came_from = p_session and n.moved_by = 0 and n.left_by is null and m.came_from = p_session and m.moved_by > 0
            and o.status in ('active', 'pending_logout', 'assigned_to_tab')
        group by 1, 2
    loop
        perform warm.server_event_v1(p_auth.store_id, null, 'lines_withdrawn', part.session_id, jsonb_build_object(
            'to_session', part.moved_to, 'line_ids', to_jsonb(part.lines)));
        perform warm.discard_empty(part.session_id);
    end loop;
end $$;

-- Reloads a session of a push, with the events that the server has written since, so that the same reply sends them to
-- the till.
create or replace function warm.reload_state(s warm.hold_state) returns warm.hold_state
language plpgsql stable as $$
begin
    select x.version, x.last_event, x.refold, x.refold_version, x.version, x.last_event
    into s.version, s.last_event, s.refold, s.refold_version, s.before_version, s.before_event
    from till.order_sessions as x where x.id = s.id and x.store_id = s.store_id;
    return s;
end $$;

-- Checks all orders that a push touched. True if something waits for a manager. An order takes one query if one till
-- keyed and sold it, its lines and payments are in no other order, and its payments were approved with the amounts that
-- were requested.
create or replace function warm.referee(p_auth warm.auth_context, inout p_stands warm.hold_state[], out flagged boolean)
language plpgsql as $$
declare
    s warm.hold_state;
    moved boolean;
    doubted boolean;
    ended boolean;
begin
    flagged := false;
    for i in 1..coalesce(cardinality(p_stands), 0) loop
        s := p_stands[i];
        continue when s.store_id is distinct from p_auth.store_id or s.version = s.before_version or s.currency is null;
        ended := s.status = 'discarded' or s.quarantined and warm.is_sold(s.id);
        if s.status = 'completed' then
            -- doubtful: a line or payment is not in the sale, or the sale only claims it; a payment was declined, refunded
            -- or approved with another amount than requested; or a record was skipped to pay the order
            select exists (select from warm.content_moves as m where m.content_id = any (o.made))
                    or exists (select from warm.content_moves as m where m.session_id = s.id)
                    or exists (select from warm.order_contents as x where x.parent_id = any (o.made)),
                cardinality(o.made) > (select count(*) from cold.order_line as l where l.line_id = any (o.made))
                    + (select count(*) from cold.order_payment as p
                        where p.payment_id = any (o.made) and not p.is_change and not p.is_claimed)
                    or exists (
                        select from warm.session_events as e
                        where e.session_id = s.id and e.version is not null and (
                            e.event_type in ('payment_declined', 'payment_voided', 'payment_return_declined', 'record_set_aside')
                            or e.event_type = 'payment_approved' and exists (
                                select from warm.session_events as x
                                where x.session_id = s.id and x.event_type in ('payment_started', 'payment_approved')
                                    and x.event_data->'payment_id' = e.event_data->'payment_id'
                                    and x.event_data->'amount' <> e.event_data->'amount')))
            into moved, doubted
            from (
                select coalesce(array_agg(c.content_id), '{}') as made from warm.order_contents as c where c.session_id = s.id
            ) as o;
            ended := ended or moved or doubted;
        else
            moved := exists (select from warm.content_moves as m where m.session_id = s.id);
        end if;
        if moved or ended or s.doubtful or s.refused <> '{}' then
            flagged := warm.decide(p_auth, s, moved, ended) or flagged;
        end if;
        if moved or ended or s.doubtful or s.status = 'assigned_to_tab' or s.refused <> '{}' then
            if (select x.version > s.version from till.order_sessions as x where x.id = s.id) then
                p_stands[i] := warm.reload_state(s);
            end if;
        end if;
    end loop;
end $$;
