-- Takings of orders off the shelf. A line takes when it leaves the counter, not when it is keyed: with the ticket that asks for it;
-- a line that no station makes with the first save or submission behind it; else with its sale. It is kept by the line that was
-- keyed, whatever it was cut into and wherever it moved, and is never more than was keyed less what was taken off before. What was
-- taken does not come back by a void: a person says what does (`stock_returned`). Nothing is written: the log is read.

-- The items that a station makes now: their tickets say when they leave.
create or replace function cold.made_items(p_store uuid) returns text[]
language sql stable as $$
    select array(
        select x.id from till.settings as s
        cross join lateral jsonb_array_elements(case jsonb_typeof(s.body->'stations') when 'array' then s.body->'stations' end) as t (station)
        cross join lateral (
            select jsonb_array_elements_text(t.station->'items') as id
            union
            select i.menu_item_id from cold.menu_item as i
            where i.store_id = p_store and t.station->'categories' ? i.category_id) as x
        where s.store_id = p_store and s.name = 'settings')
$$;

-- The takings of orders of kept items, in the base unit of each, by the minute at which the event stands that took it. Of a line
-- that moved, that was cut, or whose order was rung again, all orders are read. With `p_promised` also what open orders hold beyond
-- what was taken, without a minute.
create or replace function cold.takings_of(p_store uuid, p_sessions text[], p_promised boolean default false)
returns table (item_id text, at timestamptz, amount bigint)
language plpgsql stable as $$
declare
    kept constant text[] := array(select k.item_id from till.stock_items as k where k.store_id = p_store);
    made constant text[] := cold.made_items(p_store);
begin
    if kept = '{}' or p_sessions = '{}' then
        return;
    end if;
    return query
    with recursive touched as materialized (
        select s as session_id from unnest(p_sessions) as s
    ), base as materialized (  -- the log of these orders, read once
        select e.event_id, e.session_id, e.event_type as type, e.event_data as data, e.received_at, e.till_id, e.version
        from touched as t cross join lateral warm.log_of(t.session_id) as e
        where e.event_type = any (cold.kinds_followed() || '{order_opened,lines_rung_again}')
    ), copies as materialized (  -- the lines that an order copied from another
        select o.session_id, warm.session_of(o.data #>> '{again,session}') as original, l.line::uuid as line
        from base as o join base as r on r.session_id = o.session_id and r.type = 'lines_rung_again'
        cross join lateral jsonb_array_elements_text(r.data->'line_ids') as l (line)
        where o.type = 'order_opened' and o.data ? 'again'
    ), up as (
        select c.content_id, c.parent_id, c.session_id, c.event_id
        from (
            select t.session_id from touched as t union select c.original from copies as c
        ) as t cross join lateral (
            select x.content_id from warm.every_content as x where x.session_id = t.session_id and not x.is_payment
            union
            select m.content_id from warm.every_move as m where m.session_id = t.session_id
        ) as k cross join lateral (select * from warm.every_content as c where c.content_id = k.content_id offset 0) as c
        union
        select c.content_id, c.parent_id, c.session_id, c.event_id from up as u join warm.every_content as c on c.content_id = u.parent_id
    ), roots as materialized (
        select u.content_id as root, u.session_id, u.event_id as keyed_by, k.data->>'item_id' as item,
            coalesce((k.data->>'measure')::bigint, 1) as measure
        from up as u left join base as b on b.event_id = u.event_id cross join lateral (
            select case when b.event_id is null then (warm.event_by_id(p_store, u.event_id)).event_data else b.data end as data offset 0) as k
        where u.parent_id is null and k.data->>'item_id' = any (kept) and (k.data->>'quantity')::bigint > 0
    ), places (root, line, session_id) as (
        select r.root, r.root, r.session_id from roots as r
        union
        select p.root, x.line, x.session_id from places as p cross join lateral (
            select m.content_id, m.session_id from warm.every_move as m
            where m.content_id = p.line and m.came_by is not null
            union all
            select c.content_id, c.session_id from warm.every_content as c
            where c.session_id = p.session_id and c.parent_id = p.line) as x (line, session_id)
    ), lines as materialized (
        select distinct p.root, p.line, p.line::text as word from places as p
    ), log as materialized (
        select b.* from base as b where b.session_id in (select p.session_id from places as p)
        union all
        select e.event_id, e.session_id, e.event_type, e.event_data, e.received_at, e.till_id, e.version
        from (select p.session_id from places as p except select t.session_id from touched as t) as s cross join lateral warm.log_of(s.session_id) as e
        where e.event_type = any (cold.kinds_followed())
    ), ends as materialized (  -- the events that no longer count, each with the one that ended it
        select e.data->>'event' as id, e.event_id as by_event, false as is_refused from log as e where e.type = 'change_undone'
        union
        select x.id, e.event_id, true from log as e cross join lateral jsonb_array_elements_text(e.data->'events') as x (id) where e.type = 'refused'
        union
        select d.event_id::text, r.event_id, false from log as d join log as r on r.session_id = d.session_id and r.event_id > d.event_id
        where d.type = 'order_discarded' and r.type = 'order_resumed'
    ), named as (  -- the pieces of a line by each event; `kept` are those that may leave or have left: a void of what was sent takes none
        select e.event_id, x.word, x.pieces, x.voids, case when x.is_sent then 0 else x.pieces end as kept,
            case when x.is_sent then 0 else x.voids end as kept_voids
        from log as e cross join lateral (
            select e.data->>'line_id' as word, case e.type
                    when 'item_added' then (e.data->>'quantity')::bigint
                    when 'quantity_changed' then -(e.data->>'taken_off')::bigint
                    when 'line_cut' then -(e.data->>'quantity')::bigint else 0 end as pieces, (e.type = 'line_voided')::integer as voids,
                coalesce((e.data->'removed'->>'sent')::boolean, false) as is_sent
            where e.data ? 'line_id'
            union all
            select e.data->>'into', (e.data->>'quantity')::bigint, 0, false where e.type = 'line_cut'
            union all
            select jsonb_array_elements_text(e.data->'line_ids'), 0, 1, e.data->'removed' @> '[{"sent": true}]' where e.type = 'order_discarded') as x
    ), changed as (
        select l.root, l.line, n.event_id, n.pieces, n.voids, n.kept, n.kept_voids from named as n join lines as l on l.word = n.word
        union all
        -- pieces taken off by an event that was refused were never off
        select l.root, l.line, case when x.is_refused and n.pieces <= 0 then n.event_id else x.by_event end, -n.pieces, -n.voids, -n.kept, -n.kept_voids
        from named as n join lines as l on l.word = n.word join (
            select y.id, min(y.by_event::text)::uuid as by_event, bool_or(y.is_refused) as is_refused from ends as y group by y.id
        ) as x on x.id = n.event_id::text
    ), held as materialized (  -- the pieces of each line behind each of its events, and those that may leave or have left
        select c.root, c.line, c.event_id, case when sum(c.voids) over upto > 0 then 0 else greatest(0, sum(c.pieces) over upto) end as pieces,
            case when sum(c.kept_voids) over upto > 0 then 0 else greatest(0, sum(c.kept) over upto) end as kept
        from changed as c window upto as (partition by c.line order by c.event_id)
    ), sent as materialized (
        select l.root, e.event_id, x.pieces from log as e
        cross join lateral jsonb_to_recordset(e.data->'lines') as x (line_id uuid, pieces bigint) join lines as l on l.line = x.line_id
        where e.type = 'lines_sent' and not e.data ? 'follows' and x.pieces > 0
    ), stands as materialized (  -- when an order was saved on a tab, and when somebody had it open again
        select e.session_id, e.event_id, e.till_id, e.version, warm.stands_at(e.event_id, e.received_at) as at, e.type in ('tab_assigned', 'order_submitted')
            -- a part of a table's order is put there and opened again at once
            and (lead(e.event_id) over w is null or left((lead(e.event_id) over w)::text, 13) <> left(e.event_id::text, 13)) as is_saved
        from log as e
        where e.type = any (cold.kinds_standing())
            -- a save without the order carried all the same; an opening without it did nothing
            and (e.type <> 'order_resumed' or e.event_id::text not in (select x.id from ends as x))
        window w as (partition by e.session_id order by e.event_id)
    ), stays as materialized (  -- from when to when each line was on an order
        select a.*, lead(a.since) over (partition by a.line order by a.since) as until from (
            select distinct l.root, l.line, e.session_id, e.event_id as since, e.till_id, e.version, e.type, e.received_at
            from log as e cross join lateral (
                select coalesce(e.data->>'into', e.data->>'line_id') as word where e.type in ('item_added', 'line_cut')
                union all
                select m.content_id::text from warm.lines_moved_by(e.data) as m where e.type in ('lines_moved', 'lines_copied') and m.comes) as x
            join lines as l on l.word = x.word) as a
    ), saved as (  -- the first moment at which each line was on an order that was saved; one that is keyed, or comes late, was not
        select distinct on (p.line) p.root, p.line, x.event_id
        from stays as p join roots as r on r.root = p.root
        cross join lateral (
            select min(s.event_id::text)::uuid as event_id from stands as s
            where s.session_id = p.session_id and s.event_id > p.since and s.is_saved and (p.until is null or s.event_id < p.until)
                and (s.till_id = p.till_id or s.version > p.version and s.at >= p.received_at)  -- another till saved what had come by then
            union all
            select p.since from (
                select s.is_saved from stands as s where s.session_id = p.session_id and s.event_id < p.since
                order by s.event_id desc limit 1) as w
            where w.is_saved and p.since <> r.keyed_by and p.type <> 'lines_copied') as x
        where r.item <> all (made) and x.event_id is not null
        order by p.line, x.event_id
    ), sold as (
        select l.root, l.line, e.event_id, x.pieces::bigint as pieces
        from log as e cross join lateral jsonb_to_recordset(e.data->'lines') as r (line_ids jsonb, line_quantities jsonb)
        cross join lateral rows from (jsonb_array_elements_text(r.line_ids), jsonb_array_elements_text(r.line_quantities)) as x (word, pieces)
        join lines as l on l.word = x.word where e.type = 'order_placed'
    ), handed as (  -- a line that was saved is not handed out again when it is sold
        select h.root, h.event_id, greatest(0, h.pieces - coalesce(max(h.pieces) over before, 0)) as pieces
        from (
            select s.root, s.line, s.event_id, coalesce((
                select h.pieces from held as h where h.line = s.line and h.event_id <= s.event_id order by h.event_id desc limit 1), 0) as pieces
            from saved as s where s.root not in (select x.root from sent as x)
            union all
            select * from sold
        ) as h window before as (partition by h.line order by h.event_id rows between unbounded preceding and 1 preceding)
    ), facts (root, event_id, cap, sent, handed) as (
        select h.root, h.event_id, h.kept - coalesce(lag(h.kept) over (partition by h.line order by h.event_id), 0), 0, 0
        from (select distinct x.root, x.line, x.event_id, x.kept from held as x) as h
        union all
        select s.root, s.event_id, 0, s.pieces, 0 from sent as s
        union all
        select h.root, h.event_id, 0, 0, h.pieces from handed as h
    ), sums as (
        select f.root, f.event_id, least(sum(f.cap) over upto, greatest(sum(f.sent) over upto, sum(f.handed) over upto)) as level
        from (
            select x.root, x.event_id, sum(x.cap) as cap, sum(x.sent) as sent, sum(x.handed) as handed
            from facts as x group by x.root, x.event_id) as f
        window upto as (partition by f.root order by f.event_id)
    ), taken as (  -- never given back
        select s.root, s.event_id, max(s.level) over upto - coalesce(max(s.level) over before, 0) as pieces
        from sums as s window upto as (partition by s.root order by s.event_id),
            before as (partition by s.root order by s.event_id rows between unbounded preceding and 1 preceding)
    ), dishes as materialized (  -- of an order that was rung again and its copy, what has no ticket left once
        select r.root, r.item, r.measure, case
            when r.root in (select x.root from sent as x) or r.item = any (made) then r.root::text
            when c.session_id is not null then c.original || r.item
            when exists (select from copies as x where x.original = r.session_id) then r.session_id || r.item
            else r.root::text end as dish, c.session_id is not null as is_copy
        from roots as r left join copies as c on c.line = r.root
    ), once as (
        select d.item, d.dish, t.event_id, greatest(
            coalesce(sum(t.pieces * d.measure) filter (where not d.is_copy) over upto, 0),
            coalesce(sum(t.pieces * d.measure) filter (where d.is_copy) over upto, 0)) as upto
        from taken as t join dishes as d on d.root = t.root
        where t.pieces > 0 window upto as (partition by d.dish order by t.event_id)
    ), steps as (
        select o.item, o.event_id, max(o.upto) - coalesce(lag(max(o.upto)) over (partition by o.item, o.dish order by o.event_id), 0) as amount
        from once as o group by o.item, o.dish, o.event_id
    ), open as (  -- the pieces of each line on an open order now, and those that may leave or have left
        select d.dish, d.item, d.is_copy, sum(h.kept * d.measure) as kept, sum(h.pieces * d.measure) filter (where h.is_open) as pieces
        from dishes as d join (
            select distinct on (x.line) x.root, x.kept, x.pieces, o.session_id is not null as is_open
            from held as x left join (
                select s.line, s.session_id from stays as s join warm.every_session as e on e.id = s.session_id
                where s.until is null and e.status not in ('completed', 'discarded')) as o on o.line = x.line
            where p_promised order by x.line, x.event_id desc) as h on h.root = d.root
        group by d.dish, d.item, d.is_copy
    )
    select s.item, warm.stands_at(s.event_id, e.received_at), s.amount::bigint
    from steps as s join log as e on e.event_id = s.event_id
    where s.amount > 0
    union all
    select o.item, null, least(sum(o.pieces), max(o.kept) - coalesce((select max(x.upto) from once as x where x.dish = o.dish), 0))::bigint
    from open as o group by o.dish, o.item
    having least(sum(o.pieces), max(o.kept) - coalesce((select max(x.upto) from once as x where x.dish = o.dish), 0)) > 0;
end $$;

-- The takings of a business day.
-- for: admin, report
create or replace function cold.taken_on(p_store uuid, p_day date) returns table (item_id text, at timestamptz, amount bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    venue constant jsonb := till.venue(p_store);
    span constant record := till.day_span(venue, p_day);
begin
    if not exists (select from till.stock_items as k where k.store_id = p_store) then
        return;
    end if;
    return query
    select t.* from cold.takings_of(p_store, array(
        select e.session_id from warm.session_events as e
        where e.store_id = p_store and e.event_id >= warm.least_id(span.begins) and e.event_id < warm.least_id(span.ends)
            and e.event_type = any (cold.kinds_taking())
        union
        select a.session_id from cold.audited_on(p_store, span.begins, span.ends, cold.kinds_taking()) as a)) as t
    where till.day_of(venue, t.at) = p_day;
end $$;

-- The pieces that open orders hold beyond what was taken, by item.
create or replace function cold.promised(p_store uuid) returns table (item_id text, amount bigint)
language plpgsql stable as $$
begin
    return query
    select t.item_id, sum(t.amount)::bigint
    from cold.takings_of(p_store, array(
        select s.id from till.order_sessions as s
        where s.store_id = p_store and s.status = any ('{active,pending_logout,assigned_to_tab}')), true) as t
    where t.at is null group by t.item_id;
end $$;
