-- The steps of an order: menu viewed, item added, payment begun, order placed. At a till the menu is always visible, so
-- it is seldom viewed there as a step; a chat always shows it first.

-- The orders whose first step was on a business day, with the time of each step. An order that a program submitted was
-- placed at that time, once somebody has paid for it. A quarantined sale is not placed, as in the other reports.
-- for: admin, report
create or replace function cold.visits(p_store uuid, p_day date) returns table (
    session_id text, currency text, source text, menu_at timestamptz, added_at timestamptz, paying_at timestamptz,
    placed_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    venue constant jsonb := till.venue(p_store);
    span constant record := till.day_span(venue, p_day);
    step_types constant text[] := array['menu_viewed', 'item_added', 'checkout_started', 'order_submitted', 'order_placed'];
begin
    return query
    with quarantined as (
        select q.event_id from warm.quarantine as q
        where q.store_id = p_store and q.event_type = 'order_placed' and q.event_id is not null
            and not exists (select from cold.orders as o where o.session_id = q.session_id)
    ), steps as (
        select e.event_id, e.session_id, e.event_type, e.till_id, e."timestamp" from warm.session_events as e
        where e.store_id = p_store and e."timestamp" >= span.begins and e."timestamp" < span.ends
            and e.event_type = any (step_types) and e.session_id is not null
        union all
        select a.event_id, a.session_id, a.event_type, a.till_id, a."timestamp"
        from cold.audited_on(p_store, span.begins, span.ends, step_types) as a where a.session_id is not null
    ), visit as (
        select s.session_id::text as session_id, case when min(s.till_id) = 0 then 'chatbot' else 'till' end as source,
            min(s."timestamp") as first_at,
            min(s."timestamp") filter (where s.event_type = 'menu_viewed') as menu_at,
            min(s."timestamp") filter (where s.event_type = 'item_added') as added_at,
            min(s."timestamp") filter (where s.event_type = 'checkout_started') as paying_at,
            case when bool_or(s.event_type = 'order_placed')
                then min(s."timestamp") filter (where s.event_type in ('order_submitted', 'order_placed')) end as placed_at
        from steps as s where s.event_id not in (select x.event_id from quarantined as x) group by s.session_id
    )
    select v.session_id, coalesce(o.currency, venue->>'currency'), v.source, v.menu_at, v.added_at, v.paying_at, v.placed_at
    from visit as v left join warm.every_session as o on o.id = v.session_id
    where till.day_of(venue, v.first_at) = p_day;
end $$;

-- The steps that each order reached. A placed order has reached all of them, whatever was recorded.
-- for: admin, report
create or replace view cold.visit_steps as
select c.store_id, c.business_date, v.currency, v.session_id, v.source, s.step
from cold.calendar as c
cross join lateral cold.visits(c.store_id, c.business_date) as v
cross join lateral (values
    ('1 menu', v.menu_at is not null), ('2 item', v.added_at is not null),
    ('3 paying', coalesce(v.paying_at, v.placed_at) is not null), ('4 placed', v.placed_at is not null)) as s (step, came)
where s.came;

-- Visits by step, and by the place where they were ordered.
-- for: admin, report
create or replace view cold.funnel_by_day as
select v.store_id, v.business_date, v.currency, v.source, v.step, count(*) as visits
from cold.visit_steps as v
group by v.store_id, v.business_date, v.currency, v.source, v.step;

-- The seconds from the first recorded step to the placed order, and their class.
-- for: admin, report
create or replace view cold.visit_times as
select c.store_id, c.business_date, v.currency, v.session_id, v.source, t.upto, t.seconds
from cold.calendar as c
cross join lateral cold.visits(c.store_id, c.business_date) as v
cross join lateral (
    select extract(epoch from v.placed_at - least(v.menu_at, v.added_at, v.placed_at)) as seconds,
        extract(epoch from v.placed_at - least(v.menu_at, v.added_at, v.placed_at)) / 60 as minutes) as d
cross join lateral (
    select d.seconds, case
        when d.minutes < 0.5 then 0 when d.minutes < 1 then 1 when d.minutes < 2 then 2 when d.minutes < 5 then 5
        when d.minutes < 15 then 15 when d.minutes < 60 then 60 else 1440 end as upto) as t
where v.placed_at is not null;

-- for: admin, report
create or replace view cold.time_to_order_by_day as
select v.store_id, v.business_date, v.currency, v.source, v.upto, count(*) as orders, sum(v.seconds)::bigint as seconds
from cold.visit_times as v
group by v.store_id, v.business_date, v.currency, v.source, v.upto;
