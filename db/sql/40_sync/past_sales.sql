-- Reads of past sales: to show one, to reprint it, to refund it.

-- The requested sales, newest first, after the one with the id `after`: by receipt (of a sale or of its refund), by
-- total, the rounded amount to pay, or what was paid with its tips (of the newest), by any of some items, by time, or
-- all. Each search has its own index.
create or replace function warm.find_sales(p_store uuid, q jsonb, p_size integer) returns setof cold.orders
language plpgsql stable as $$
declare
    last cold.orders;
    bound uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    before timestamptz := 'infinity';
    wanted constant numeric := q->>'amount';
    step numeric;  -- the most that a bill is rounded by
    items constant text[] := array(select jsonb_array_elements_text(coalesce(q->'items', '[]')) limit 50);
begin
    if q->>'after' is not null then
        select * into last from cold.orders as o where o.order_id = (q->>'after')::uuid and o.store_id = p_store;
        bound := coalesce(last.order_id, bound);
        before := coalesce(last.created_at, before);
    end if;
    if q->>'receipt' ~ '-F?R[0-9]' then
        return query select o.* from till.refund_claims as c join cold.orders as o on o.order_id = c.order_id
        where c.store_id = p_store and c.receipt = q->>'receipt' limit p_size;
    elsif q->>'receipt' is not null then
        return query select o.* from cold.orders as o
        where o.order_id < bound and o.order_id = any (array(
            select x.order_id from cold.orders as x where x.store_id = p_store and x.receipt = q->>'receipt'
            union
            select v.order_id from cold.void_receipts as v where v.store_id = p_store and v.receipt = q->>'receipt'
            union
            select i.order_id from till.invoice_claims as i where i.store_id = p_store and i.number = q->>'receipt'))
        order by o.order_id desc limit p_size;
    elsif wanted is not null then
        step := coalesce(till.venue(p_store)->'rounding'->>'step', '0');
        return query with near as materialized (
            select x.order_id from cold.orders as x
            where x.store_id = p_store and x.order_id < bound and x.total_amount between wanted - step and wanted + step
                and wanted in (x.total_amount, x.total_amount + x.rounding)
            union
            select p.order_id
            from (
                select y.order_id, y.amount, y.tip from cold.order_payment as y
                where y.store_id = p_store and y.order_id < bound and y.tip > 0
                order by y.order_id desc limit 5000  -- no index has an amount with its tips
            ) as p
            group by p.order_id
            having bool_or(p.amount = wanted) or wanted - sum(p.tip) = (
                select x.total_amount + x.rounding from cold.orders as x where x.order_id = p.order_id))
        select o.* from near as n join cold.orders as o using (order_id) order by o.order_id desc limit p_size;
    elsif cardinality(items) > 0 then
        return query select o.* from cold.orders as o where o.order_id = any (array(
            select distinct n.order_id from unnest(items) as item (id)
            cross join lateral (
                select distinct i.order_id from cold.order_item as i  -- an item may be two rows of a sale
                where i.store_id = p_store and i.menu_item_id = item.id and i.order_id < bound
                order by i.order_id desc limit p_size
            ) as n
            order by n.order_id desc limit p_size
        ))
        order by o.order_id desc;
    else
        return query select o.* from cold.orders as o
        where o.store_id = p_store
            and o.created_at >= coalesce((q->>'from')::timestamptz, '-infinity')
            and o.created_at < coalesce((q->>'to')::timestamptz, 'infinity')
            and (o.created_at, o.order_id) < (before, bound)
        order by o.created_at desc, o.order_id desc limit p_size;
    end if;
end $$;

-- A sale as a till lists it, with its refunds. Without a person's free text.
create or replace function warm.sale_json(o cold.orders) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'order', o.order_id, 'session', warm.stream_of(o.session_id), 'receipt', coalesce(o.receipt, ''), 'at', warm.time_text(o.created_at),
        'day', o.business_date, 'total', o.total_amount::text, 'rounding', o.rounding::text, 'currency', o.currency,
        'till', o.till_id, 'user', coalesce(o.user_id, 0),
        'tenders', (
            select coalesce(jsonb_agg(p.tender order by p.position), '[]')
            from cold.corrected_payments as p
            where p.order_id = o.order_id and not p.is_change and p.amount <> 0),
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object('item', i.item_name, 'quantity', i.quantity) order by i.position), '[]')
            from (select * from cold.order_item as x where x.order_id = o.order_id order by x.position limit 20) as i),
        'refunds', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'refund', c.refund_id, 'state', c.state, 'at', warm.time_text(c.started_at), 'till', c.till_id,
                'user', coalesce(c.user_id, 0), 'data', c.data) order by c.refund_id), '[]')
            from till.refund_claims as c where c.order_id = o.order_id and warm.claim_counts(c)))
$$;

-- The venue's sales, newest first, 50 a page. `tenders` are those that paid, after corrections; `data` is that of
-- `refund_started`; refused or declined refunds are left out. No free text.
-- Takes one of `receipt` (of a sale, or of a refund of one), `amount`, `items` (ids of the menu), `from` and `to`
-- (times), or none; `after` (`order` of the last row of the page before).
-- Gives {"sales": [{"order", "session", "receipt", "at", "day", "total", "rounding", "currency", "till", "user",
-- "tenders", "items": [{"item", "quantity"}], "refunds": [{"refund", "state", "at", "till", "user", "data"}]}],
-- "more"}.
create or replace function warm.past_sales_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    size constant integer := 50;
    found cold.orders[];
begin
    found := array(select o from warm.find_sales(p_auth.store_id, p_request, size) as o);
    return json_build_object(
        'ok', true, 'sales', (
            select coalesce(json_agg(warm.sale_json(found[n]) order by n), '[]')
            from generate_subscripts(found, 1) as n),
        'more', cardinality(found) = size
    );
end $$;

-- The claim of a refund: `reserved`, `refused`, `unknown`, `approved` or `declined`; null if the database does not know
-- it, and then `seq` is the end of the till's chain here.
-- Takes `refund`, and `journal`.
-- Gives {"state", "seq"}.
create or replace function warm.refund_state_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return json_build_object(
        'ok', true, 'state', (
            select c.state from till.refund_claims as c
            where c.refund_id = (p_request->>'refund')::uuid and c.store_id = p_auth.store_id),
        'seq', coalesce(p_auth.seq, 0));
end $$;
