-- Details of a waiting record, for a person who settles it.

-- The receipt of the sale of a record, and the vouchers and accounts that paid in it, in words; empty if there are
-- none.
create or replace function warm.paid_in_record(q warm.quarantine) returns jsonb
language plpgsql stable as $$
declare
    data constant jsonb := warm.read_body(q.body)->'data';
begin
    return (
        with paid as (
            select distinct p->>'payment_id' as payment, p->>'tender' as tender
            from jsonb_array_elements(
                case when jsonb_typeof(data->'payments') = 'array' then data->'payments' else '[]' end || jsonb_build_array(data)) as p
            where warm.is_server_tender(p->>'tender')
        ), held as (
            select p.payment, p.tender, m.session_id, coalesce(
                nullif(m.holder_id, m.movement_id), warm.as_uuid(data->>'holder'), s.holder) as holder
            from paid as p
            left join till.value_movements as m on m.movement_id = warm.as_uuid(p.payment) and m.store_id = q.store_id
            left join lateral (
                -- the start of a payment names an account directly, and a voucher by the lookup of its code
                select coalesce(
                    warm.as_uuid(e.event_data->>'holder'),
                    (select a.voucher_id from till.voucher_asks as a where a.ask_id = warm.as_uuid(e.event_data->>'place')),
                    warm.as_uuid(e.event_data->>'place')) as holder
                from warm.log_of(q.session_id) as e
                where e.event_type in ('payment_started', 'payment_approved') and e.event_data->>'payment_id' = p.payment
                order by e.event_data ? 'holder' desc limit 1) as s on true
        )
        select jsonb_strip_nulls(jsonb_build_object(
            'receipt', coalesce(data->>'receipt', (
                select min(e.event_data->>'receipt')
                from (select q.session_id union select h.session_id from held as h) as x, warm.log_of(x.session_id) as e
                where e.event_type = 'order_placed')),
            'paid_by', (
                select string_agg(case h.tender
                    when 'ACCOUNT' then 'the house account of ' || coalesce(nullif(c.name, ''), nullif(c.phone, ''), 'a guest who is not known')
                    else coalesce('the voucher …' || v.hint, 'a voucher that is not known') end, ', ' order by h.payment)
                from held as h left join till.vouchers as v on v.voucher_id = h.holder
                left join cold.customer_table as c on c.customer_id = h.holder)))
    );
end $$;

-- One record, with its content as it arrived; null if there is none. A record of no order has no `session`. One of pay-offs
-- has the first thousand of them.
-- for: admin, manager
create or replace function till.quarantine_show_v1(p_store uuid, p_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select (warm.quarantine_row(q)::jsonb || warm.paid_in_record(q) || jsonb_build_object('hash', q.hash, 'body', q.body)
            || case when q.sqlstate = 'TL032' then jsonb_build_object('pay_offs', array(
                select warm.pay_off_row(m) from warm.pay_offs_in(q) as m limit 1000)) else '{}' end)::json
        from warm.quarantine as q where q.id = p_id and q.store_id = p_store
    );
end $$;
