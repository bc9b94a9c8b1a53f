-- Reductions on the sales of a day, each with the person who gave it and its item. A reduction of the whole order has
-- no item; a promotion has no person.
create or replace view cold.reductions as
with off as (
    select o.store_id, o.business_date, o.currency, o.session_id, '' as item, x.value as part
    from cold.sales as o cross join lateral jsonb_array_elements(o.off) as x
    union all
    select o.store_id, o.business_date, o.currency, o.session_id, i.item_name, x.value
    from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
    cross join lateral jsonb_array_elements(i.off) as x
), given as (
    select f.*, coalesce(
        (select e.user_id from warm.session_events as e where e.event_id = (f.part->>'event')::uuid limit 1),
        (select a.user_id from cold.order_audit as a where a.event_id = (f.part->>'event')::uuid limit 1)) as user_id
    from off as f
)
select g.store_id, g.business_date, g.user_id, coalesce(u.name, '') as name, g.currency, g.session_id, g.item, g.part->>'kind' as kind,
    coalesce(g.part->>'name', '') as title, (g.part->>'amount')::numeric as amount
from given as g left join till.users as u on u.store_id = g.store_id and u.id = g.user_id;

-- Reductions by person and reason.
create or replace view cold.discounts_by_person as
select r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.title, count(*) as times, sum(r.amount) as amount
from cold.reductions as r
group by r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.title;

-- Reductions to nothing: on the house, and staff meals.
create or replace view cold.comps as select * from cold.reductions as r where r.kind not in ('promotion', 'discount');

-- Comps by person and item.
create or replace view cold.comps_by_person as
select r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.item, count(*) as times, sum(r.amount) as amount
from cold.comps as r
group by r.store_id, r.business_date, r.user_id, r.name, r.currency, r.kind, r.item;
