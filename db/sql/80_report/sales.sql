-- What reports read: money by business date, never a PIN and never a secret.

create or replace view cold.sales_by_tender as
select o.store_id, o.business_date, p.tender, o.currency, sum(p.amount) as amount,
    count(distinct o.order_id) as orders
from cold.orders as o join cold.order_payment as p on p.order_id = o.order_id
group by o.store_id, o.business_date, p.tender, o.currency;

-- `lines` counts lines as they were keyed: equal ones are one row of `order_item`.
create or replace view cold.sales_by_item as
select o.store_id, o.business_date, i.menu_item_id, i.item_name, o.currency, sum(i.quantity) as quantity,
    sum(i.subtotal) as amount, sum(i.net) as net, sum(i.tax) as tax, sum(cardinality(i.line_ids)) as lines
from cold.orders as o join cold.order_item as i on i.order_id = o.order_id
group by o.store_id, o.business_date, i.menu_item_id, i.item_name, o.currency;

-- Hours by the clock on the venue's wall.
create or replace view cold.sales_by_hour as
select o.store_id, o.business_date, o.currency,
    extract(hour from o.created_at at time zone coalesce(v.body->>'timezone', 'UTC'))::integer as hour,
    count(*) as orders, sum(o.total_amount) as amount
from cold.orders as o left join till.settings as v on v.store_id = o.store_id and v.name = 'settings'
group by o.store_id, o.business_date, o.currency, 4;

create or replace view cold.sales_by_day as
select o.store_id, o.business_date, o.currency, count(*) as orders, sum(o.net) as net, sum(o.tax) as tax,
    sum(o.rounding) as rounding, sum(o.total_amount) as total
from cold.orders as o
group by o.store_id, o.business_date, o.currency;

create or replace view cold.tax_by_rate as
select o.store_id, o.business_date, o.currency, t.name, t.rate, sum(t.net) as net, sum(t.tax) as tax
from cold.orders as o, jsonb_to_recordset(o.taxes) as t (name text, rate text, net numeric, tax numeric)
group by o.store_id, o.business_date, o.currency, t.name, t.rate;
