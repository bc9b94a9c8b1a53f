-- Changed prices of the lines of a sale, each with the original event and the reduction of the pieces that were sold. A
-- raised price is a negative reduction, so that a slip and its correction add up to the difference. Changes that were
-- undone or refused do not count.
-- for: admin, report
create or replace function cold.prices_changed(p_session text, p_sale uuid) returns table (event uuid, item text, amount numeric)
language plpgsql stable security definer rows 1 set search_path = pg_catalog, pg_temp as $$
begin
    return query
    with log as materialized (
        select e.event_id, e.event_type, e.event_data, coalesce(e.event_data->>'follows', e.event_id::text) as act
        from warm.log_of(p_session) as e
        where e.event_type in ('price_overridden', 'change_undone', 'refused', 'order_placed')
    )
    select c.act::uuid, r.item_name, (d.was - d.price) * l.pieces::numeric * coalesce(r.measure, 1000) / 1000
    from log as c cross join lateral jsonb_to_record(c.event_data) as d (line_id text, was numeric, price numeric)
    join log as p on p.event_id = p_sale
    cross join lateral jsonb_to_recordset(p.event_data->'lines') as r (
        item_name text, measure numeric, line_ids jsonb, line_quantities jsonb)
    cross join lateral rows from (
        jsonb_array_elements_text(r.line_ids), jsonb_array_elements_text(r.line_quantities)) as l (line_id, pieces)
    where c.event_type = 'price_overridden' and l.line_id = d.line_id and not exists (
        select from log as u
        where u.event_type = 'change_undone' and u.event_data->>'event' = c.act
            or u.event_type = 'refused' and u.event_data->'events' ? c.event_id::text);
end $$;

-- The orders of the sales of a day that have an event of a type. The months around the day are read for all of them together;
-- an order that is not whole there is read by itself.
-- for: admin, report
create or replace function cold.sold_with(p_store uuid, p_day date, p_type text) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    span constant record := till.day_span(till.venue(p_store), p_day);
    sessions constant text[] := array(
        select distinct o.session_id from cold.sales as o where o.store_id = p_store and o.business_date = p_day);
begin
    return query
    with around as (
        select e.session_id, count(*) as events, bool_or(e.event_type = p_type) as has
        from (
            select l.session_id, l.event_type from warm.session_events as l
            where l.session_id = any (sessions) and l.version is not null
            union all
            select a.session_id, a.event_type from cold.from_audit(
                format('a.session_id = any (%L) and a.version is not null', sessions), 0,
                span.begins - interval '1 day', span.ends + interval '7 days') as a) as e
        group by e.session_id
    )
    select s.id from unnest(sessions) as s (id) left join around as a on a.session_id = s.id
    where a.has or a.events is distinct from (select x.version from warm.every_session as x where x.id = s.id)
        and exists (select from warm.log_of(s.id) as l where l.event_type = p_type);
end $$;

-- The person who gave a reduction, by its event.
-- for: admin, report
create or replace function cold.giver_of(p_store uuid, p_event uuid) returns integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (warm.event_by_id(p_store, p_event)).user_id;
end $$;

-- Reductions on the sales of a day, each with the person who gave it and its item. A reduction of the whole order has
-- no item; a promotion has no person.
-- for: admin, report
create or replace view cold.reductions as
with off as (
    select o.store_id, o.business_date, o.currency, o.session_id, '' as item, x.kind, x.name, x.amount, x.event, o.created_at
    from cold.sales as o cross join lateral jsonb_to_recordset(o.off) as x (kind text, name text, amount numeric, event uuid)
    union all
    select o.store_id, o.business_date, o.currency, o.session_id, i.item_name, x.kind, x.name, x.amount, x.event, o.created_at
    from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
    cross join lateral jsonb_to_recordset(i.off) as x (kind text, name text, amount numeric, event uuid)
    union all
    select d.store_id, d.business_date, o.currency, o.session_id, x.item, 'price', '', x.amount, x.event, o.created_at
    from (select distinct s.store_id, s.business_date from cold.sales as s) as d
    cross join lateral cold.sold_with(d.store_id, d.business_date, 'price_overridden') as w (session_id)
    join cold.sales as o on o.session_id = w.session_id and o.store_id = d.store_id and o.business_date = d.business_date
    cross join lateral cold.prices_changed(o.session_id, o.event_id) as x
), given as (
    select f.*, cold.giver_of(f.store_id, f.event) as user_id from off as f
)
select g.store_id, g.business_date, g.user_id, coalesce(u.name, '') as name, g.currency, g.session_id, g.item, g.kind,
    coalesce(g.name, '') as title, g.amount, g.event, g.created_at
from given as g left join till.users as u on u.store_id = g.store_id and u.id = g.user_id;

-- Reductions by person and reason. A discount that was divided among lines, because they moved, was given once.
-- for: admin, report
create or replace view cold.discounts_by_person as
select r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.title,
    count(distinct r.event) + count(*) filter (where r.event is null) as times, sum(r.amount) as amount
from cold.reductions as r
group by r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.title;

-- Reductions to nothing: on the house, and staff meals.
-- for: admin, report
create or replace view cold.comps as select * from cold.reductions as r where r.kind not in ('promotion', 'discount', 'price');

-- Comps by person. A comp that was divided among lines, because they moved, was given once.
-- for: admin, report
create or replace view cold.comps_given_by_person as
select r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, count(distinct r.event) as times, sum(r.amount) as amount
from cold.comps as r
group by r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind;

-- Comps by person and item. One that was divided among items counts for each of them.
-- for: admin, report
create or replace view cold.comps_by_person as
select r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.item, count(distinct r.event) as times,
    sum(r.amount) as amount
from cold.comps as r
group by r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.item;

-- Each discount, changed price or comp that a person gave, with its order, its reason and who approved it.
create or replace view cold.given_acts as
select r.store_id, r.business_date, r.currency, r.event as event_id, r.session_id, cold.order_in_words(r.session_id) as order_name,
    r.user_id, r.name, r.kind, r.title, r.item, r.amount, coalesce(a.at, r.created_at) as at, coalesce(a.reason, '') as reason,
    a.approved_by, coalesce(a.approver, '') as approver
from cold.reductions as r left join lateral cold.act_of(r.event) as a on true
where r.kind <> 'promotion';

-- for: admin, report
create or replace view cold.discount_acts as select * from cold.given_acts as g where g.kind in ('discount', 'price');

-- for: admin, report
create or replace view cold.comp_acts as select * from cold.given_acts as g where g.kind not in ('discount', 'price');
