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

-- The takings of an item between two moments, for each of the windows (number, item, since, until): whole days by their sums, those in
-- which a window begins or ends by the minute. One pass over the rows, however many windows there are.
create or replace function cold.taken_between(p_store uuid, p_items text[], p_since timestamptz[], p_until timestamptz[])
returns table (number bigint, amount bigint)
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
begin
    return query
    with asked as materialized (
        select i.number, i.item, i.since, i.until, till.day_of(venue, i.since) as first, till.day_of(venue, i.until) as last
        from unnest(p_items, p_since, p_until) with ordinality as i (item, since, until, number)
    ), days as materialized (
        select d.day::date as day, e.is_edge, count(*) filter (where e.is_edge) over (order by d.day) as stretch
        from generate_series((select min(a.first) from asked as a)::timestamp, (select max(a.last) from asked as a)::timestamp, interval '1 day') as d (day)
        cross join lateral (
            select d.day::date in (select a.first from asked as a union all select a.last from asked as a) as is_edge) as e
    ), stored as materialized (
        select d.*, r.rows from days as d join cold.report_days as r
            on r.store_id = p_store and r.view = case when d.is_edge then 'stock_by_minute' else 'stock_by_day' end and r.business_date = d.day
    ), others as materialized (
        select d.day, d.is_edge, d.stretch, x.item_id, x.at, x.amount
        from days as d cross join lateral cold.taken_on(p_store, d.day) as x where d.day not in (select s.day from stored as s)
    ), rows (item, day, at, amount) as materialized (  -- of the days between two edges one row
        select x.item_id, min(s.day), null::timestamptz, sum(x.amount)
        from stored as s cross join lateral jsonb_to_recordset(s.rows) as x (item_id text, amount bigint)
        where not s.is_edge group by x.item_id, s.stretch
        union all
        select x.item_id, s.day, x.at, x.amount
        from stored as s cross join lateral jsonb_to_recordset(s.rows) as x (item_id text, at timestamptz, amount bigint) where s.is_edge
        union all
        select o.item_id, o.day, case when o.is_edge then o.at end, o.amount from others as o
    ), points as (
        select r.item, r.day, r.at, 0 as rank, r.amount, null::bigint as number, 0 as sign from rows as r
        union all
        select a.item, a.first, a.since, 1, 0, a.number, -1 from asked as a
        union all
        select a.item, a.last, a.until, 1, 0, a.number, 1 from asked as a
    ), sums as (
        select p.number, p.sign, sum(p.amount) over (
            partition by p.item order by p.day, p.at nulls first, p.rank rows between unbounded preceding and current row) as so_far
        from points as p
    )
    select s.number, sum(s.sign * s.so_far)::bigint from sums as s where s.number is not null group by s.number;
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
        from cold.stock_changes(p_store, (select min(x.at) from counted as x)) as a join counted as c on c.item_id = a.item_id
        where a.at > c.at and a.at <= p_at
        group by c.item_id
    ), taken as (
        select x.items[t.number] as item_id, t.amount
        from (
            select array_agg(c.item_id) as items, array_agg(c.at) as since, array_agg(p_at) as until from counted as c where c.at is not null) as x
        cross join lateral cold.taken_between(p_store, x.items, x.since, x.until) as t where x.items is not null
    )
    select c.item_id, c.name, c.places, c.unit, c.cost::text, c.at_least, c.at, c.found, coalesce(m.delivered, 0), coalesce(m.wasted, 0),
        coalesce(m.used, 0), coalesce(m.returned, 0), coalesce(t.amount, 0),
        c.found + coalesce(m.delivered - m.wasted - m.used + m.returned, 0) - coalesce(t.amount, 0)
    from counted as c left join moved as m on m.item = c.item_id left join taken as t on t.item_id = c.item_id
    order by c.name, c.item_id;
end $$;

-- The counts between two moments that had one before: what was there then, what came and went since, what should have been there and
-- what was. Of very many each till has its turn.
create or replace function cold.stock_differences(p_store uuid, p_begins timestamptz, p_ends timestamptz) returns table (
    item_id text, name text, unit text, cost numeric, event_id uuid, at timestamptz, came_at timestamptz, since timestamptz, before bigint,
    delivered bigint, wasted bigint, used bigint, returned bigint, sent bigint, counted bigint, difference bigint, till_id integer,
    user_id integer, sheet uuid)
language plpgsql stable as $$
begin
    return query
    with history as materialized (  -- from the newest count before these moments on
        select k.name, k.unit, k.cost, a.*, lag(a.at) over before as since, lag(a.amount) over before as before
        from till.stock_items as k cross join lateral (
            select coalesce(max(x.at), p_begins) as at from till.stock_acts_now as x
            where x.store_id = p_store and x.item_id = k.item_id and x.kind = 'counted' and x.at < p_begins) as f
        join till.stock_acts_now as a on a.store_id = p_store and a.item_id = k.item_id and a.kind = 'counted' and a.at >= f.at and a.at < p_ends
        where k.store_id = p_store
        window before as (partition by a.item_id order by a.at, a.event_id)
    ), chosen as materialized (
        select h.*, row_number() over (partition by h.till_id order by h.at desc, h.event_id desc) as turn
        from history as h where h.at >= p_begins and h.since is not null order by turn, h.till_id limit 5000
    ), counts as materialized (
        select row_number() over (order by c.item_id, c.at, c.event_id) as number, c.* from chosen as c
    ), places as (  -- each change beside the first count behind it, in one pass
        select x.kind, x.amount, x.at, min(x.number) over (
            partition by x.item_id order by x.at desc, x.number desc nulls last rows between unbounded preceding and current row) as number
        from (
            select a.item_id, a.kind, a.amount, a.at, null::bigint as number
            from cold.stock_changes(p_store, (select min(c.since) from counts as c)) as a
            union all
            select c.item_id, null, 0, c.at, c.number from counts as c) as x
    ), moved as (
        select c.number, sum(a.amount) filter (where a.kind = 'delivered') as delivered, sum(a.amount) filter (where a.kind = 'wasted') as wasted,
            sum(a.amount) filter (where a.kind = 'used') as used, sum(a.amount) filter (where a.kind = 'returned') as returned
        from places as a join counts as c on c.number = a.number
        where a.at > c.since
        group by c.number
    ), taken as (
        select t.* from (
            select array_agg(c.item_id order by c.number) as items, array_agg(c.since order by c.number) as since,
                array_agg(c.at order by c.number) as until from counts as c) as x
        cross join lateral cold.taken_between(p_store, x.items, x.since, x.until) as t where x.items is not null
    )
    select c.item_id, c.name, c.unit, c.cost, c.event_id, c.at, c.came_at, c.since, c.before, f.delivered, f.wasted, f.used, f.returned,
        f.sent, c.amount, c.amount - (c.before + f.delivered - f.wasted - f.used + f.returned - f.sent), c.till_id, c.user_id, c.sheet
    from counts as c left join moved as m on m.number = c.number left join taken as t on t.number = c.number
    cross join lateral (
        select coalesce(m.delivered, 0)::bigint as delivered, coalesce(m.wasted, 0)::bigint as wasted, coalesce(m.used, 0)::bigint as used,
            coalesce(m.returned, 0)::bigint as returned, coalesce(t.amount, 0) as sent) as f
    order by c.name, c.item_id, c.at, c.event_id;
end $$;

-- The report of differences between two moments, {"counts": [{"item", "unit", "at", "since", "before", "delivered", "wasted", "used",
-- "returned", "sent", "expected", "counted", "difference", "cost", "by", "till"}], "wasted": [{"item", "unit", "why", "amount", "cost"}],
-- "late": [{"item", "at", "came_at", "kind", "amount", "by", "till", "was", "difference"}]}. Late is what was typed or undone behind a
-- count that it changes, with the difference of that count before and after it.
-- for: admin, manager
create or replace function till.stock_differences_v1(p_store uuid, p_begins timestamptz, p_ends timestamptz) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        with counts as materialized (
            select row_number() over (order by d.item_id, d.at, d.event_id) as number, d.*
            from cold.stock_differences(p_store, p_begins, p_ends) as d
        ), places as (  -- each act beside the first count behind it, in one pass
            select x.act, x.at, min(x.number) over (
                partition by x.item_id order by x.at desc, x.number desc nulls last rows between unbounded preceding and current row) as number
            from (
                select a.item_id, a.at, a as act, null::bigint as number from till.stock_acts as a
                where a.store_id = p_store and a.kind not in ('counted', 'undone') and a.at > (select min(c.since) from counts as c)
                union all
                select c.item_id, c.at, null, c.number from counts as c) as x
        ), acts as materialized (  -- those that came to count, or not, after the count
            select c.number, c.name, c.difference, (p.act).*, u.came_at as undone_at, coalesce(u.user_id, (p.act).user_id) as person,
                coalesce(u.till_id, (p.act).till_id) as teller, case when u.came_at is null then 1 else -1 end
                    * case when (p.act).kind in ('delivered', 'returned') then 1 else -1 end * (p.act).amount as moved
            from places as p join counts as c on c.number = p.number and p.at > c.since
            left join lateral (
                select x.* from till.stock_acts as x
                where x.store_id = p_store and x.of_event = (p.act).event_id and x.kind = 'undone' and x.till_id in ((p.act).till_id, 0)
                order by x.came_at limit 1) as u on true
            where (p.act).event_id is not null and coalesce(u.came_at, (p.act).came_at) > c.came_at
                and (u.came_at is null or (p.act).came_at < c.came_at)
        )
        select jsonb_build_object(
            'counts', (
                select coalesce(jsonb_agg(jsonb_build_object('item', c.name, 'unit', c.unit, 'at', c.at, 'since', c.since, 'before', c.before,
                    'delivered', c.delivered, 'wasted', c.wasted, 'used', c.used, 'returned', c.returned, 'sent', c.sent,
                    'expected', c.counted - c.difference, 'counted', c.counted, 'difference', c.difference, 'cost', (c.cost * c.difference)::text,
                    'by', coalesce(u.name, ''), 'till', c.till_id) order by c.name, c.item_id, c.at), '[]')
                from counts as c left join till.users as u on u.store_id = p_store and u.id = c.user_id),
            'wasted', (
                select coalesce(jsonb_agg(to_jsonb(w) order by w.item, w.why), '[]') from (
                    select k.name as item, k.unit, a.why, sum(a.amount)::bigint as amount, (k.cost * sum(a.amount))::text as cost
                    from till.stock_acts_now as a join till.stock_items as k on k.store_id = p_store and k.item_id = a.item_id
                    where a.store_id = p_store and a.kind = 'wasted' and a.at >= p_begins and a.at < p_ends
                    group by k.item_id, k.name, k.unit, k.cost, a.why) as w),
            'late', (
                select coalesce(jsonb_agg(jsonb_build_object('item', a.name, 'at', a.at, 'came_at', coalesce(a.undone_at, a.came_at),
                    'kind', a.kind, 'undone', a.undone_at is not null, 'amount', a.amount, 'by', coalesce(u.name, ''), 'till', a.teller,
                    'was', a.difference + a.moved, 'difference', a.difference) order by a.name, a.at, a.event_id), '[]')
                from (
                    select x.*, row_number() over (partition by x.teller order by x.came_at desc) as turn from acts as x order by turn, x.teller limit 1000
                ) as a left join till.users as u on u.store_id = p_store and u.id = a.person)));
end $$;

-- The list, with the figures of a moment, by default of now, then with what open orders hold beyond what was sent:
-- [{"item_id", "name", "places", "unit", "cost", "at_least", "counted_at", "amount", "promised", ...}].
-- for: admin, manager
create or replace function till.stock_v1(p_store uuid, p_at timestamptz) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        with promised as materialized (
            select p.* from cold.promised(p_store) as p where p_at is null
        )
        select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object('promised', case when p_at is null then coalesce(p.amount, 0) end)
            order by s.name, s.item_id), '[]')
        from cold.stock_at(p_store, coalesce(p_at, now())) as s left join promised as p on p.item_id = s.item_id);
end $$;

-- The tills that were not heard since a moment, so that what they sold since may be missing: [{"till", "seen_at"}].
-- for: admin, manager
create or replace function till.stock_unheard_v1(p_store uuid, p_since timestamptz) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_agg(jsonb_build_object('till', t.id, 'seen_at', t.seen_at) order by t.id), '[]') from till.tills as t
    where t.store_id = p_store and t.revoked_at is null and t.seen_at < p_since
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

-- The acts on the shelf of the last week, newest first, a thousand at most, of which each till has its turn: [{"event", "at", "came_at",
-- "item", "kind", "amount", "why", "by", "undone"}].
-- for: admin, manager
create or replace function till.stock_log_v1(p_store uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_agg(to_jsonb(x) - 'turn' order by x.came_at desc, x.event desc), '[]') from (
        select row_number() over (partition by a.till_id order by a.came_at desc, a.event_id desc) as turn, a.event_id as event, a.at, a.came_at, coalesce(k.name, '') as item, a.kind, a.amount, a.why,
            coalesce(u.name, '') as by, a.till_id as till, exists (
                select from till.stock_acts as o
                where o.store_id = p_store and o.of_event = a.event_id and o.kind = 'undone' and o.till_id in (a.till_id, 0)) as undone
        from till.stock_acts as a
        left join till.stock_items as k on k.store_id = p_store and k.item_id = a.item_id
        left join till.users as u on u.store_id = p_store and u.id = a.user_id
        where a.store_id = p_store and a.kind <> 'undone' and a.came_at > now() - interval '7 days'
        order by turn, a.till_id limit 1000) as x
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
