-- The account of the shelf: what people counted, plus what came, less what was wasted, used or sent. Nothing here is a balance that
-- is written: the newest count bounds what is read.

-- The takings of kept items, by the minute.
-- for: admin, report
create or replace view cold.stock_by_minute as
select c.store_id, c.business_date, x.item_id, x.at, x.amount
from cold.calendar as c cross join lateral cold.taken_on(c.store_id, c.business_date) as x;

-- The takings of kept items on a day.
-- for: admin, report
create or replace view cold.stock_by_day as
select c.store_id, c.business_date, x.item_id, sum(x.amount)::bigint as amount
from cold.calendar as c cross join lateral cold.taken_on(c.store_id, c.business_date) as x
group by c.store_id, c.business_date, x.item_id;

-- The rows of one day of a view above, stored or not.
create or replace function cold.stock_rows(p_store uuid, p_view text, p_day date) returns table (item_id text, at timestamptz, amount bigint)
language plpgsql stable as $$
declare
    stored constant jsonb := (
        select r.rows from cold.report_days as r where r.store_id = p_store and r.view = p_view and r.business_date = p_day);
begin
    if stored is null then
        return query select * from cold.taken_on(p_store, p_day);
    end if;
    return query select x.item_id, x.at, x.amount from jsonb_to_recordset(stored) as x (item_id text, at timestamptz, amount bigint);
end $$;

-- The takings of each item after its own moment and up to another: whole days by their sums, the first and the last by the minute.
create or replace function cold.taken_between(p_store uuid, p_items text[], p_since timestamptz[], p_until timestamptz)
returns table (item_id text, amount bigint)
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    last_day constant date := till.day_of(venue, p_until);
begin
    return query
    with asked as materialized (
        select i.item, i.since, till.day_of(venue, i.since) as day from unnest(p_items, p_since) as i (item, since)
    ), days as materialized (
        select d.day::date as day, d.day::date = last_day or d.day::date in (select a.day from asked as a) as is_edge
        from generate_series((select min(a.day) from asked as a)::timestamp, last_day::timestamp, interval '1 day') as d (day)
    ), rows as materialized (
        select d.day, d.is_edge, r.item_id as item, r.at, r.amount
        from days as d cross join lateral cold.stock_rows(p_store, case when d.is_edge then 'stock_by_minute' else 'stock_by_day' end, d.day) as r
    )
    select a.item, sum(r.amount)::bigint from asked as a join rows as r on r.item = a.item
    where r.day >= a.day and (not r.is_edge or r.at > a.since and r.at <= p_until)
    group by a.item;
end $$;

-- The shelf at a moment: of each kept item its newest count before it, what came and went since, and what is there. Without a count
-- there is no figure.
-- for: admin, report
create or replace function cold.stock_at(p_store uuid, p_at timestamptz) returns table (
    item_id text, name text, places text[], unit text, cost text, at_least bigint, counted_at timestamptz, counted bigint, delivered bigint,
    wasted bigint, used bigint, returned bigint, sent bigint, amount bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query
    with counted as materialized (
        select k.*, c.at, c.amount as found from till.stock_items as k left join lateral (
            select a.at, a.amount from till.stock_acts_now as a
            where a.store_id = k.store_id and a.item_id = k.item_id and a.kind = 'counted' and a.at <= p_at
            order by a.at desc, a.event_id desc limit 1) as c on true
        where k.store_id = p_store
    ), moved as (
        select c.item_id as item, coalesce(sum(a.amount) filter (where a.kind = 'delivered'), 0)::bigint as delivered,
            coalesce(sum(a.amount) filter (where a.kind = 'wasted'), 0)::bigint as wasted,
            coalesce(sum(a.amount) filter (where a.kind = 'used'), 0)::bigint as used,
            coalesce(sum(a.amount) filter (where a.kind = 'returned'), 0)::bigint as returned
        from counted as c join till.stock_changes as a on a.store_id = p_store and a.item_id = c.item_id and a.at > c.at and a.at <= p_at
        group by c.item_id
    ), taken as (
        select t.* from (
            select array_agg(c.item_id) as items, array_agg(c.at) as since from counted as c where c.at is not null) as x
        cross join lateral cold.taken_between(p_store, x.items, x.since, p_at) as t where x.items is not null
    )
    select c.item_id, c.name, c.places, c.unit, c.cost::text, c.at_least, c.at, c.found, coalesce(m.delivered, 0), coalesce(m.wasted, 0),
        coalesce(m.used, 0), coalesce(m.returned, 0), coalesce(t.amount, 0),
        c.found + coalesce(m.delivered - m.wasted - m.used + m.returned, 0) - coalesce(t.amount, 0)
    from counted as c left join moved as m on m.item = c.item_id left join taken as t on t.item_id = c.item_id
    order by c.name, c.item_id;
end $$;

-- The list, with the figures of now: [{"item_id", "name", "places", "unit", "cost", "at_least", "counted_at", "amount", ...}].
-- for: admin, manager
create or replace function till.stock_v1(p_store uuid, p_at timestamptz) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(s) order by s.name, s.item_id), '[]') from cold.stock_at(p_store, coalesce(p_at, now())) as s
$$;

-- Writes acts on the shelf, all or none, {"acts": [data]} of one type of event: a count, what came or went, or an undoing. What
-- they name is kept, or was done at this venue.
-- for: admin, manager
create or replace function till.stock_do_v1(p_store uuid, p_actor integer, p_type text, p_list jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    act jsonb;
begin
    if p_type is null or p_type not in ('stock_counted', 'stock_moved', 'stock_undone') then
        raise exception 'There is no such act on the shelf.' using errcode = 'TL006';
    end if;
    for act in select x from jsonb_array_elements(p_list->'acts') as x loop
        if p_type = 'stock_undone' and not exists (
            select from till.stock_acts_now as a where a.store_id = p_store and a.event_id = (act->>'event')::uuid)
        then
            raise exception 'There is no such act on the shelf, or it is undone already.' using errcode = 'TL004';
        elsif p_type <> 'stock_undone' and not exists (
            select from till.stock_items as k where k.store_id = p_store and k.item_id = act->>'item_id')
        then
            raise exception 'Nothing of this name is kept on the shelf.' using errcode = 'TL004';
        end if;
        perform warm.admin_event(p_store, p_actor, p_type, act);
    end loop;
end $$;

-- The acts on the shelf of the last week, newest first: [{"event", "at", "came_at", "item", "kind", "amount", "why", "by", "undone"}].
-- for: admin, manager
create or replace function till.stock_log_v1(p_store uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_agg(x order by x.came_at desc, x.event desc), '[]') from (
        select a.event_id as event, a.at, a.came_at, coalesce(k.name, '') as item, a.kind, a.amount, a.why,
            coalesce(u.name, '') as by, a.till_id as till, exists (
                select from till.stock_acts as o where o.store_id = p_store and o.of_event = a.event_id and o.kind = 'undone') as undone
        from till.stock_acts as a
        left join till.stock_items as k on k.store_id = p_store and k.item_id = a.item_id
        left join till.users as u on u.store_id = p_store and u.id = a.user_id
        where a.store_id = p_store and a.kind <> 'undone' and a.came_at > now() - interval '7 days') as x
$$;

-- After an event of a past day arrives late, which may take from the shelf, on its own day or less on a later one.
create or replace function cold.unroll_shelf() returns trigger
language plpgsql as $$
begin
    delete from cold.report_days as r
    where r.store_id = new.store_id and r.view in ('stock_by_minute', 'stock_by_day')
        and r.business_date >= till.business_date(new.store_id, new."timestamp");
    return null;
end $$;

do $$
begin
    -- The types are written into the condition, so that a push of today looks nothing up. A line that is only keyed takes nothing.
    perform till.always_fire('warm.session_events', 'unrolls_shelf', 'after insert', format(
        'for each row when (new."timestamp" < now() - interval ''1 day'' and new.event_type = any (%L::text[]))
            execute function cold.unroll_shelf()', array_remove(cold.kinds_followed(), 'item_added')));
end $$;
