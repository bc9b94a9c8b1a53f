-- The views of the reports: money by business date, without PINs and secrets.

-- Sales by the tender that paid. Tips are included in the amount. With an offset the payments stay a look-up by order: as a
-- join all payments would be read.
-- for: admin, report
create or replace view cold.sales_by_tender as
select o.store_id, o.business_date, p.tender, o.currency, sum(p.amount) as amount,
    count(distinct o.order_id) as orders, sum(p.tip) as tips
from cold.sales as o cross join lateral (select * from cold.corrected_payments as x where x.order_id = o.order_id offset 0) as p
group by o.store_id, o.business_date, p.tender, o.currency;

-- Refunds on the day on which the money was refunded, whenever the sale was.
-- for: admin, report
create or replace view cold.refunded as
select r.store_id, r.business_date, r.tender, r.currency, r.amount, o.session_id
from cold.refunds as r join cold.orders as o on o.order_id = r.order_id;

-- for: admin, report
create or replace view cold.refunds_by_tender as
select r.store_id, r.business_date, r.tender, r.currency, sum(r.amount) as amount, count(*) as refunds
from cold.refunded as r
group by r.store_id, r.business_date, r.tender, r.currency;

-- The business days of a store, from its first order, sold or not, to tomorrow.
create or replace view cold.calendar as
select s.store_id, g.day::date as business_date
from till.stores as s left join till.settings as v on v.store_id = s.store_id and v.name = 'settings'
cross join lateral (
    select coalesce(min(a.created_at), 'infinity') as first from cold.order_sessions_archive as a where a.store_id = s.store_id) as a
cross join lateral (
    select least(
        (select min(o.business_date) from cold.orders as o where o.store_id = s.store_id),
        till.day_of(v.body, nullif(least(
            a.first,
            -- by status, in the order of the index; not beyond the first archived one, where archived ones have left dead entries
            (select min(e.first)
            from unnest(array['active', 'pending_logout', 'assigned_to_tab', 'completed', 'discarded']) as w (status)
            cross join lateral (
                select min(o.created_at) as first from till.order_sessions as o
                where o.store_id = s.store_id and o.status = w.status and o.created_at < a.first) as e)), 'infinity'))) as first) as f
cross join lateral generate_series(
    coalesce(f.first, current_date - 1)::timestamp, (current_date + 1)::timestamp, interval '1 day') as g (day);

-- The cash that moved on a business day and is in no sale of that day: taken on orders that were not sold that day, or
-- refunded on an order, each in the drawer where it happened; two tills that both refunded it (a conflict) both gave cash.
-- Cash that was taken earlier for a sale of the day is negative, because the sale includes all of it.
-- for: admin, report
create or replace function cold.open_cash(p_store uuid, p_day date) returns table (
    session_id text, currency text, drawer integer, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    venue constant jsonb := till.venue(p_store);
    span constant record := till.day_span(venue, p_day);
begin
    return query
    with log as (
        select e.session_id, e.event_id, e.event_type, e.event_data, e.till_id, e."timestamp" from warm.session_events as e
        where e.store_id = p_store and e."timestamp" >= span.begins and e."timestamp" < span.ends
            and e.event_type in ('payment_approved', 'payment_voided')
        union all
        select a.session_id, a.event_id, a.event_type, a.event_data, a.till_id, a."timestamp"
        from cold.audited_on(p_store, span.begins, span.ends, '{payment_approved,payment_voided}') as a
    ), moved as (
        select distinct on (l.event_type, d.payment_id, h.hand) l.session_id, l.event_type, d.payment_id, l.till_id, l.event_data
        from log as l cross join lateral jsonb_to_record(l.event_data) as d (payment_id uuid, return_id text)
        cross join lateral (
            select case l.event_type when 'payment_voided' then coalesce(d.return_id, l.till_id::text) end as hand) as h
        where till.day_of(venue, l."timestamp") = p_day
        order by l.event_type, d.payment_id, h.hand, l.event_id
    ), found as (
        select m.session_id, m.till_id, m.event_data, case m.event_type when 'payment_voided' then -1 else 1 end as way
        from moved as m
        where m.event_type = 'payment_voided' or not exists (
            select from cold.order_payment as p join cold.orders as o on o.order_id = p.order_id
            where p.payment_id = m.payment_id and not p.is_change and not p.is_claimed
                and till.day_of(venue, o.created_at) <= p_day) and not exists (
            select from cold.orders as o join cold.order_payment as p on p.order_id = o.order_id
            where o.session_id = m.session_id and p.payment_id = m.payment_id
                and till.day_of(venue, o.created_at) <= p_day)
        union all
        select o.session_id, x.till_id, x.event_data, -1
        from cold.orders as o
        join cold.order_status_history as h on h.order_id = o.order_id and h.position = 1
        cross join lateral (
            select distinct on (e.event_data->>'payment_id') e.till_id, e.event_data, e."timestamp"
            from warm.log_of(o.session_id) as e where e.event_type = 'payment_approved'
            order by e.event_data->>'payment_id', e.event_id
        ) as x
        where o.store_id = p_store and o.business_date = p_day
            and till.day_of(venue, h.changed_at) < till.day_of(venue, o.created_at)
            and till.day_of(venue, x."timestamp") < till.day_of(venue, o.created_at) and exists (
            select from cold.order_payment as p
            where p.order_id = o.order_id and p.payment_id = (x.event_data->>'payment_id')::uuid)
    )
    select f.session_id::text, s.currency, coalesce(d.drawer, f.till_id), f.way * c.amount
    from found as f
    join warm.every_session as s on s.id = f.session_id
    cross join lateral jsonb_to_record(f.event_data) as d (tender text, amount numeric, change numeric, drawer integer)
    cross join lateral (select case when d.tender = 'CASH' then d.amount else -coalesce(d.change, 0) end as amount) as c
    where c.amount <> 0;
end $$;

-- The cash that was put into each drawer and taken out of it. A drawer belongs to the till where the cash was taken.
-- The change of another tender is cash taken out; a refund in another tender is not. The cash of a contested sale is in
-- the drawer too, and so is what guests paid there for house accounts and vouchers. `on_open` is the part that is in no
-- sale or refund of the day.
-- for: admin, report
create or replace view cold.cash as
select o.store_id, o.business_date, coalesce(p.till_id, o.till_id) as drawer, o.currency, p.amount, o.session_id, 0::numeric as on_open,
    'sale' as moved_by
from cold.orders as o cross join lateral (select * from cold.corrected_payments as x where x.order_id = o.order_id offset 0) as p
where p.tender = 'CASH'
union all
select r.store_id, r.business_date, r.drawer, r.currency, r.amount, o.session_id, 0, 'refund'
from cold.refunds as r join cold.orders as o on o.order_id = r.order_id where r.tender = 'CASH'
union all
select c.store_id, c.business_date, x.drawer, x.currency, x.amount, x.session_id, x.amount, 'open_order'
from cold.calendar as c cross join lateral cold.open_cash(c.store_id, c.business_date) as x
union all
select m.store_id, till.day_of(v.body, m.moved_at), m.till_id, s.currency,
    case m.state when 'paid_off' then -m.amount else m.amount end, null, 0, lower(m.tender)
from till.value_movements as m join till.stores as s on s.store_id = m.store_id
left join till.settings as v on v.store_id = m.store_id and v.name = 'settings'
where m.till_id > 0 and m.event_id is not null and (
    m.state = 'paid_off' and m.how = 'CASH' or m.state = 'released' and m.movement_id = m.holder_id and m.session_id is null);

-- for: admin, report
create or replace view cold.cash_by_drawer as
select c.store_id, c.business_date, c.drawer, c.currency, c.moved_by, sum(c.amount) as amount, sum(c.on_open) as on_open
from cold.cash as c
group by c.store_id, c.business_date, c.drawer, c.currency, c.moved_by;

-- The cash that guests paid on house accounts and that was recorded in the administration, less credits paid out. No
-- till's drawer has it; it is no turnover, because the sales were. What a till took is a movement of its drawer.
-- for: admin, report
create or replace view cold.account_cash_by_day as
select m.store_id, till.day_of(v.body, m.moved_at) as business_date, a.currency, sum(-m.amount) as amount
from till.value_movements as m join till.accounts as a on a.customer_id = m.holder_id
left join till.settings as v on v.store_id = m.store_id and v.name = 'settings'
where m.state = 'paid_off' and m.how = 'CASH' and m.till_id = 0
group by m.store_id, 2, a.currency;

-- Sales by item. `lines` counts the keyed lines: equal lines are one row of `order_item`. `gross` is before discounts,
-- promotions and comps, which `discounts` has as a negative amount.
-- for: admin, report
create or replace view cold.sales_by_item as
select o.store_id, o.business_date, i.menu_item_id, i.item_name, o.currency, sum(i.quantity) as quantity,
    sum(i.subtotal) as amount, sum(i.net) as net, sum(i.tax) as tax, sum(cardinality(i.line_ids)) as lines,
    sum(i.subtotal + i.discount) as gross, sum(-i.discount) as discounts
from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
group by o.store_id, o.business_date, i.menu_item_id, i.item_name, o.currency;

-- Weighed goods by item and unit: the weight in thousandths of the unit, and the pieces. Sales that name no unit are left out.
-- for: admin, report
create or replace view cold.weights_by_item as
select o.store_id, o.business_date, i.item_name, o.currency, m.unit, sum(i.quantity) as quantity,
    sum(i.quantity * m.thousandths)::bigint as weight, sum(i.subtotal) as amount
from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
cross join lateral (
    select split_part(i.measure, ' ', 1)::numeric * 1000 as thousandths, substring(i.measure from ' (.*)') as unit) as m
where i.measure like '% %'
group by o.store_id, o.business_date, i.item_name, o.currency, m.unit;

-- Sales by the category of the item when it was sold.
-- for: admin, report
create or replace view cold.sales_by_category as
select o.store_id, o.business_date, o.currency, coalesce(i.category, '') as category, sum(i.quantity) as quantity,
    sum(i.subtotal) as amount
from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
group by o.store_id, o.business_date, o.currency, 4;

-- Sales by the person who was paid.
-- for: admin, report
create or replace view cold.sales_by_person as
select o.store_id, o.business_date, o.currency, o.user_id, coalesce(u.name, '') as name, count(*) as orders,
    sum(o.total_amount) as total
from cold.sales as o left join till.users as u on u.store_id = o.store_id and u.id = o.user_id
group by o.store_id, o.business_date, o.currency, o.user_id, u.name;

-- Tips, as corrected, by the person who took the payment, or who was paid for the order. If tips are rare the planner would
-- search all payments for them; `abs` has no statistics, so it begins with the sales of the days.
-- for: admin, report
create or replace view cold.tips as
select o.store_id, o.business_date, o.currency, o.session_id, coalesce(p.user_id, o.user_id) as user_id,
    coalesce(u.name, '') as name, t.tip, o.order_type
from cold.sales as o join cold.order_payment as p on p.order_id = o.order_id and not p.is_change
cross join lateral (
    select p.tip + coalesce((
        select sum(c.amount) from cold.tip_correction as c
        where c.order_id = p.order_id and c.payment_id = p.payment_id), 0) as tip) as t
left join till.users as u on u.store_id = o.store_id and u.id = coalesce(p.user_id, o.user_id)
where abs(t.tip) > 0;

-- for: admin, report
create or replace view cold.tips_by_person as
select t.store_id, t.business_date, t.currency, t.user_id, t.name, count(*) as payments, sum(t.tip) as tips
from cold.tips as t
group by t.store_id, t.business_date, t.currency, t.user_id, t.name;

-- Sales by hour, by the venue's local time.
-- for: admin, report
create or replace view cold.sales_by_hour as
select o.store_id, o.business_date, o.currency,
    extract(hour from o.created_at at time zone coalesce(v.body->>'timezone', 'UTC'))::integer as hour,
    count(*) as orders, sum(o.total_amount) as amount
from cold.sales as o left join till.settings as v on v.store_id = o.store_id and v.name = 'settings'
group by o.store_id, o.business_date, o.currency, 4;

-- Sales by day. The total is `items` plus `service_charge`, taxes included; it is also net plus tax.
-- for: admin, report
create or replace view cold.sales_by_day as
select o.store_id, o.business_date, o.currency, count(*) as orders, sum(o.net) as net, sum(o.tax) as tax,
    sum(o.rounding) as rounding, sum(o.total_amount) as total, sum(o.service_charge) as service_charge,
    sum(o.total_amount - o.service_charge) as items, to_char(o.business_date, 'YYYY-MM') as month
from cold.sales as o
group by o.store_id, o.business_date, o.currency;

-- The service charge and the rounding of each sale that has them.
-- for: admin, report
create or replace view cold.charges as
select o.store_id, o.business_date, o.currency, o.session_id, x.kind, x.amount
from cold.sales as o
cross join lateral (values ('service_charge', o.service_charge), ('rounding', o.rounding)) as x (kind, amount)
where x.amount <> 0;

-- for: admin, report
create or replace view cold.charges_by_kind as
select c.store_id, c.business_date, c.currency, c.kind, sum(c.amount) as amount
from cold.charges as c
group by c.store_id, c.business_date, c.currency, c.kind;

-- The names of taxes that apply together, such as `CGST 2.5 % + SGST 2.5 %`; empty for none.
-- for: admin, report
create or replace function cold.taxes_in_words(p_taxes jsonb) returns text
language sql immutable parallel safe as $$
    select coalesce(string_agg(concat(x.tax->>'name', ' ' || (x.tax->>'rate') || ' %'), ' + ' order by x.place), '')
    from jsonb_array_elements(p_taxes) with ordinality as x (tax, place)
$$;

-- Sales by the taxes that an item, or the service charge, has together, such as `CGST 2.5 % + SGST 2.5 %`; empty for
-- none. Each amount is in one row, so the gross sums up to the total. Single taxes are in `cold.tax_by_rate`.
-- for: admin, report
create or replace view cold.sales_by_tax as
select p.store_id, p.business_date, p.currency, t.taxes, sum(p.net) as net, sum(p.tax) as tax, sum(p.net + p.tax) as gross
from (
    select o.store_id, o.business_date, o.currency, i.taxes, i.net, i.tax
    from cold.sales as o join cold.order_item as i on i.order_id = o.order_id
    union all
    select o.store_id, o.business_date, o.currency, o.service_charge_taxes, o.service_charge_net,
        o.service_charge - o.service_charge_net
    from cold.sales as o where o.service_charge <> 0
) as p
cross join lateral cold.taxes_in_words(p.taxes) as t (taxes)
group by p.store_id, p.business_date, p.currency, t.taxes;

-- The net and the tax of a refund by order type and by the taxes that apply together. Lines have the types that they were sold
-- in, and the service charge that of its order. A refund records the net and the amount of each tax. A group with a tax that no other group has gets the net of that tax. What is left of a tax
-- that several groups have, of the refunded lines with their service charge or, for a refund by amount, of the sale, is
-- divided among the others by their net. The rest of the net has no tax; if no such part was refunded, it is rounding,
-- and goes to the largest group.
-- for: admin, report
create or replace function cold.refund_parts(r cold.refunds) returns table (order_type text, taxes text, net numeric, tax numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with line as (
        select i.order_type, i.taxes, i.net * l.quantity / -nullif(i.quantity, 0) as net, -l.net as refunded
        from cold.refund_item as l join cold.order_item as i on i.order_id = r.order_id and i.position = l.position
        where l.refund_id = r.refund_id
    ), part as (
        select coalesce(p.order_type, o.order_type) as order_type, p.taxes, p.net
        from cold.orders as o cross join lateral (
            select l.order_type, l.taxes, l.net from line as l
            union all
            select i.order_type, i.taxes, i.net from cold.order_item as i where i.order_id = r.order_id and not exists (select from line)
            union all
            select null, o.service_charge_taxes, coalesce((
                select greatest(sum(l.refunded - l.net), 0) from line as l having count(*) > 0), o.service_charge_net)
            where o.service_charge <> 0) as p
        where o.order_id = r.order_id
    ), sold as (
        select p.order_type, t.taxes, k.name, k.rate, k.per_piece, min(x.place) as place, sum(p.net) as weight,
            bool_and(not coalesce(k.affected_by_earlier, true) or not exists (
                select from jsonb_array_elements(p.taxes) with ordinality as e (tax, place)
                where e.place < x.place and (e.tax->>'affects_later')::boolean)) as is_of_net
        from part as p
        cross join lateral cold.taxes_in_words(p.taxes) as t (taxes)
        cross join lateral jsonb_array_elements(p.taxes) with ordinality as x (tax, place)
        cross join lateral jsonb_to_record(x.tax) as k (name text, rate text, per_piece text, affected_by_earlier boolean)
        group by p.order_type, t.taxes, k.name, k.rate, k.per_piece
    ), taxed as (
        select s.*, k.net, k.tax, count(*) over (partition by s.name, s.rate, s.per_piece) as times
        from sold as s
        join jsonb_to_recordset(r.taxes) as k (name text, rate text, per_piece text, net numeric, tax numeric)
            on (k.name, k.rate, k.per_piece) is not distinct from (s.name, s.rate, s.per_piece)
    ), known as (
        select distinct on (t.order_type, t.taxes) t.order_type, t.taxes, t.net as exact
        from taxed as t where t.times = 1 and t.is_of_net order by t.order_type, t.taxes, t.place
    ), divided as (
        select t.order_type, t.taxes, t.name, t.rate, t.per_piece, t.place, t.tax, coalesce(k.exact,
            (t.net - coalesce(sum(k.exact) over same, 0)) * coalesce(
                t.weight / nullif(sum(t.weight) filter (where k.exact is null) over same, 0), 1)) as net
        from taxed as t left join known as k on (k.order_type, k.taxes) is not distinct from (t.order_type, t.taxes)
        window same as (partition by t.name, t.rate, t.per_piece)
    ), shared as (
        select d.order_type, d.taxes, d.place, d.tax, sum(f.net) over upto as upto, sum(f.net) over upto - f.net as before,
            nullif(sum(f.net) over whole, 0) as whole
        from divided as d join divided as f
            on (f.order_type, f.taxes) is not distinct from (d.order_type, d.taxes) and f.place = 1
        window upto as (partition by d.name, d.rate, d.per_piece order by d.taxes, d.order_type),
            whole as (partition by d.name, d.rate, d.per_piece)
    ), grouped as (
        select s.order_type, s.taxes,
            coalesce(sum(round(s.upto, c.decimals) - round(s.before, c.decimals)) filter (where s.place = 1), 0) as net,
            sum(round(s.tax * coalesce(s.upto / s.whole, 1), c.decimals)
                - round(s.tax * coalesce(s.before / s.whole, 0), c.decimals)) as tax
        from shared as s cross join cold.decimals_of(r.currency) as c (decimals)
        group by s.order_type, s.taxes
    ), untaxed as (
        select p.order_type, sum(p.net) as net from part as p where p.taxes = '[]' group by p.order_type having sum(p.net) <> 0
    ), rest as (
        select r.net - coalesce(sum(g.net), 0) as net, r.tax - coalesce(sum(g.tax), 0) as tax from grouped as g
    ), every as (
        select g.order_type, g.taxes, g.net, g.tax from grouped as g
        union all
        select u.order_type, '', round(x.net * u.upto / u.whole, c.decimals) - round(x.net * (u.upto - u.net) / u.whole, c.decimals),
            case when u.upto = u.net then x.tax else 0 end
        from rest as x cross join cold.decimals_of(r.currency) as c (decimals) cross join (
            select y.*, sum(y.net) over (order by y.order_type) as upto, nullif(sum(y.net) over (), 0) as whole from untaxed as y) as u
        union all
        select coalesce(g.order_type, (select o.order_type from cold.orders as o where o.order_id = r.order_id)), coalesce(g.taxes, ''), x.net, x.tax
        from rest as x left join (select * from grouped as g order by abs(g.net) desc, g.taxes, g.order_type limit 1) as g on true
        where not exists (select from untaxed)
    )
    select e.order_type, e.taxes, sum(e.net), sum(e.tax) from every as e
    group by e.order_type, e.taxes having sum(e.net) <> 0 or sum(e.tax) <> 0
$$;

-- The net and the tax of a refund by the taxes that apply together, as in `cold.sales_by_tax`.
-- for: admin, report
create or replace function cold.refund_by_tax(r cold.refunds) returns table (taxes text, net numeric, tax numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.taxes, sum(p.net), sum(p.tax) from cold.refund_parts(r) as p
    group by p.taxes having sum(p.net) <> 0 or sum(p.tax) <> 0
$$;

-- Sales and refunds by the order type of their lines; the service charge, rounding (`taxes` is null) and tips by that of the order.
-- for: admin, report
create or replace view cold.typed as
select o.store_id, o.business_date, o.currency, o.session_id, x.order_type, 'sale' as kind,
    case when x.taxes is not null then cold.taxes_in_words(x.taxes) end as taxes,
    x.net, x.tax, x.net + x.tax as gross, x.rounding, 0::numeric as tips
from cold.sales as o cross join lateral (
    select coalesce(i.order_type, o.order_type), i.taxes, i.net, i.tax, 0::numeric from cold.order_item as i where i.order_id = o.order_id
    union all
    select o.order_type, o.service_charge_taxes, o.service_charge_net, o.service_charge - o.service_charge_net, 0
    where o.service_charge <> 0
    union all
    select o.order_type, null, 0, 0, o.rounding where o.rounding <> 0) as x (order_type, taxes, net, tax, rounding)
union all
select t.store_id, t.business_date, t.currency, t.session_id, t.order_type, 'sale', null, 0, 0, 0, 0, t.tip from cold.tips as t
union all
select r.store_id, r.business_date, r.currency, o.session_id, x.order_type, 'refund', x.taxes, x.net, x.tax, x.net + x.tax, x.rounding, 0
from cold.refunds as r join cold.orders as o on o.order_id = r.order_id cross join lateral (
    select p.order_type, p.taxes, p.net, p.tax, 0::numeric from cold.refund_parts(r) as p
    union all
    select o.order_type, null, 0, 0, r.rounding where r.rounding <> 0) as x (order_type, taxes, net, tax, rounding);

-- for: admin, report
create or replace view cold.sales_by_order_type as
select t.store_id, t.business_date, t.currency, t.order_type, t.kind, sum(t.net) as net, sum(t.tax) as tax, sum(t.gross) as gross,
    sum(t.rounding) as rounding, sum(t.tips) as tips
from cold.typed as t
group by t.store_id, t.business_date, t.currency, t.order_type, t.kind;

-- for: admin, report
create or replace view cold.taxes_by_order_type as
select t.store_id, t.business_date, t.currency, t.order_type, t.kind, t.taxes, sum(t.net) as net, sum(t.tax) as tax, sum(t.gross) as gross
from cold.typed as t where t.taxes is not null
group by t.store_id, t.business_date, t.currency, t.order_type, t.kind, t.taxes;

-- for: admin, report
create or replace view cold.refunded_taxes as
select r.store_id, r.business_date, r.currency, o.session_id, t.taxes, t.net, t.tax
from cold.refunds as r join cold.orders as o on o.order_id = r.order_id
cross join lateral cold.refund_by_tax(r) as t (taxes, net, tax);

-- Refunds by the taxes that apply together. Added to `cold.sales_by_tax`, they are what remains of the sales.
-- for: admin, report
create or replace view cold.refunds_by_tax as
select t.store_id, t.business_date, t.currency, t.taxes, sum(t.net) as net, sum(t.tax) as tax, sum(t.net + t.tax) as gross
from cold.refunded_taxes as t
group by t.store_id, t.business_date, t.currency, t.taxes;

-- The day of the invoice of each sale and given refund: that of its first stamp that is sent, or else its business day.
create or replace view cold.issued as
select s.store_id, s.of_id, (s.at at time zone coalesce(v.body->>'timezone', 'UTC'))::date as business_date
from cold.fiscal_stamps as s join till.settings as v on v.store_id = s.store_id and v.name = 'settings'
where s.state = 'to_send' and not exists (
    select from cold.fiscal_stamps as x
    where x.store_id = s.store_id and x.of_id = s.of_id and x.state = 'to_send' and x.arrival < s.arrival)
union all
select o.store_id, o.order_id, o.business_date from cold.orders as o
where not exists (select from cold.fiscal_stamps as s where s.store_id = o.store_id and s.of_id = o.order_id and s.state = 'to_send')
union all
select r.store_id, r.refund_id, r.business_date from cold.refunds as r
where not exists (select from cold.fiscal_stamps as s where s.store_id = r.store_id and s.of_id = r.refund_id and s.state = 'to_send');

-- The net and the tax of sales and refunds by the taxes that apply together, on the days of their invoices.
-- for: admin, report
create or replace view cold.invoiced_taxes as
select i.store_id, i.business_date, to_char(i.business_date, 'YYYY-MM') as month, x.currency, x.session_id, x.kind, x.taxes, x.net, x.tax,
    x.net + x.tax as gross
from cold.issued as i cross join lateral (
    select o.currency, o.session_id, 'sale' as kind, cold.taxes_in_words(p.taxes) as taxes, p.net, p.tax
    from cold.sales as o cross join lateral (
        select l.taxes, l.net, l.tax from cold.order_item as l where l.order_id = o.order_id
        union all
        select o.service_charge_taxes, o.service_charge_net, o.service_charge - o.service_charge_net where o.service_charge <> 0) as p
    where o.order_id = i.of_id
    union all
    select r.currency, o.session_id, 'refund', t.taxes, t.net, t.tax
    from cold.refunds as r join cold.orders as o on o.order_id = r.order_id
    cross join lateral cold.refund_by_tax(r) as t (taxes, net, tax) where r.refund_id = i.of_id
) as x;

-- Sums of `cold.invoiced_taxes` by day, kind and taxes, in a few rows a day, which are stored. Their day is that of a stamp, so
-- changes of a document drop more than its business day (cold.unroll_invoice).
-- for: admin, report
create or replace view cold.taxes_by_invoice as
select t.store_id, t.business_date, t.month, t.currency, t.kind, t.taxes, sum(t.net) as net, sum(t.tax) as tax, sum(t.gross) as gross
from cold.invoiced_taxes as t
group by t.store_id, t.business_date, t.month, t.currency, t.kind, t.taxes;

-- Refunds by day. The amount is net plus tax plus rounding.
-- for: admin, report
create or replace view cold.refunded_by_day as
select r.store_id, r.business_date, r.currency, sum(r.amount) as amount, sum(r.net) as net, sum(r.tax) as tax,
    sum(r.rounding) as rounding
from cold.refunds as r
group by r.store_id, r.business_date, r.currency;

-- The net and the tax that are left of the sales of a day, less what was refunded on it; without any rounding.
-- for: admin, report
create or replace view cold.after_refunds_by_day as
select x.store_id, x.business_date, x.currency, x.till_id, sum(x.net + x.tax) as amount, sum(x.tax) as tax
from (
    select o.store_id, o.business_date, o.currency, o.till_id, o.net, o.tax from cold.sales as o
    union all
    select r.store_id, r.business_date, r.currency, r.till_id, r.net, r.tax from cold.refunds as r
) as x
group by x.store_id, x.business_date, x.currency, x.till_id;

-- for: admin, report
create or replace view cold.taxed as
select o.store_id, o.business_date, o.currency, o.session_id, t.name, t.rate, t.net, t.tax
from cold.sales as o, jsonb_to_recordset(o.taxes) as t (name text, rate text, net numeric, tax numeric);

-- for: admin, report
create or replace view cold.tax_by_rate as
select t.store_id, t.business_date, t.currency, t.name, t.rate, sum(t.net) as net, sum(t.tax) as tax
from cold.taxed as t
group by t.store_id, t.business_date, t.currency, t.name, t.rate;

-- Lines and payments of sales that another sale lists too, while they wait for a manager.
-- for: admin, report
create or replace view cold.contested_by_day as
select o.store_id, o.business_date, o.currency, o.session_id, o.receipt, sum(c.amount) as amount
from till.conflicts as c join cold.sales as o on o.order_id::text = c.subject
where c.kind = 'sold_twice' and c.resolved_at is null
group by o.order_id, o.store_id, o.business_date, o.currency, o.session_id, o.receipt;
