-- Sales that list lines or payments that turned up in another order. The server records it in the order of the sale,
-- and a manager decides.

-- The sales that count. A contested sale is left out from the day on which it was contested until a manager books it.
-- Earlier days do not change.
create or replace view cold.sales as
select o.* from cold.orders as o
where not exists (
    select from cold.contested_sales as c
    where c.order_id = o.order_id and c.booked_by is null and c.since <= o.business_date);

-- Settles the claims on contents that these events created. A claim is valid if the order of the sale has or had the
-- content. A placed sale with an invalid claim is contested: the server records it in the order of the sale. Runs after
-- the push has written its own orders, because it writes to other orders.
create or replace function warm.settle_claims(p_auth warm.auth_context, p_events warm.incoming_event[]) returns void
language plpgsql as $$
declare
    o cold.orders;
    k record;
    closed text;
begin
    for k in
        with claim as (
            delete from warm.sale_claims as x using unnest(p_events) as e
            where x.content_id = warm.made_by(e.event_type, e.data) returning x.*
        )
        select x.event_id, x.session_id, array_agg(x.content_id order by x.content_id) as contents
        from claim as x group by x.event_id, x.session_id order by x.session_id collate "C", x.event_id
    loop
        select * into o from cold.orders as y where y.session_id = k.session_id and y.event_id = k.event_id;
        if not found then  -- it may wait for the till that took its payment
            perform warm.retry_record(q) from warm.quarantine as q
            where q.event_id = k.event_id and q.store_id = p_auth.store_id and q.resolved_at is null and q.sqlstate = 'TL001';
            continue;
        end if;
        closed := set_config('till.placing', o.order_id::text, true);
        insert into cold.order_line (line_id, order_id, store_id)
        select c.content_id, o.order_id, o.store_id from warm.every_content as c
        where c.content_id = any (k.contents) and not c.is_payment and warm.ever_had(o.session_id, c.content_id)
        on conflict do nothing;
        closed := set_config('till.placing', '', true);
        perform warm.flag_sold_twice(p_auth, o.session_id);
        k.contents := array(select x from unnest(k.contents) as x where not warm.ever_had(o.session_id, x));
        continue when k.contents = '{}';
        perform warm.server_event_v1(o.store_id, null, 'sale_contested', o.session_id, jsonb_build_object(
            'order_id', o.order_id, 'contents', to_jsonb(k.contents)));
    end loop;
end $$;

-- Removes a sale from the reports from this day on, and quarantines it for a manager. Its money stays in the drawer.
create or replace function warm.on_sale_contested(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    insert into cold.contested_sales (order_id, event_id, since, store_id)
    values ((e.data->>'order_id')::uuid, e.event_id, till.business_date(e.store_id, now()), e.store_id)
    on conflict do nothing;
    insert into warm.quarantine (
        store_id, session_id, event_id, journal_id, till_id, event_type, reason, sqlstate, amount, body
    )
    select x.store_id, e.session_id, x.event_id, x.journal_id, x.till_id, x.event_type,
        'Lines or payments of it turned up in another order. No report has it.', 'TL022',
        warm.money_of(x.event_type, x.event_data), x.body
    from cold.orders as o cross join lateral warm.log_of(e.session_id) as x
    where o.order_id = (e.data->>'order_id')::uuid and x.event_id = o.event_id
    on conflict do nothing;
    update till.order_sessions set quarantined = true where id = e.session_id;
    return true;
end $$;

-- Puts a contested sale that was booked back into the reports.
create or replace function warm.on_sale_booked(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    update cold.contested_sales as c set booked_by = e.event_id
    from cold.orders as o
    where o.order_id = c.order_id and o.session_id = e.session_id and o.event_id = (e.data->>'event')::uuid;
    return false;
end $$;
