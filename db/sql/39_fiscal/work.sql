-- The work of the sender: what it stamps in its own chain.

-- The number for a stamp of the sender: that of the receipt, or with the sender's own number behind it if another stamp has it.
create or replace function cold.number_for_sender(p_store uuid, p_receipt text) returns text
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    prefix constant text := coalesce(venue->'fiscal'->'settings'->>'prefix', '');
    tried text := p_receipt;
begin
    for n in 2 .. 100 loop
        exit when not exists (
            select from cold.fiscal_stamps as s
            where s.store_id = p_store and s.number = prefix || tried and s.state <> 'quarantined');
        tried := p_receipt || '/' || (venue->>'fiscal_sender') || case when n > 2 then '-' || n else '' end;
    end loop;
    return tried;
end $$;

-- The buyer that an order names last: {"name", "tax_number", "address"}; null for none.
create or replace function cold.buyer_of(p_session text) returns jsonb
language plpgsql stable as $$
begin
    return (
        select case when t.texts->>'name' <> '' then '{"tax_number": "", "address": ""}' || t.texts end
        from warm.log_of(p_session) as l
        cross join lateral (select jsonb_object_agg(x.field, x.text) as texts from warm.texts_of(l.event_id) as x) as t
        where l.event_type = 'buyer_named' order by l.event_id desc limit 1);
end $$;

-- The sales that no till stamps, as work of the sender; with an id, only that one, as in all parts of `cold.fiscal_work`.
create or replace function cold.work_of_sales(p_store uuid, p_of uuid) returns setof jsonb
language plpgsql stable as $$
begin
    return query
    select jsonb_build_object(
        'what', 'sale', 'of', o.order_id, 'number', cold.number_for_sender(p_store, o.receipt), 'currency', o.currency,
        'net', o.net::text, 'tax', o.tax::text, 'total', o.total_amount::text, 'taxes', o.taxes, 'buyer', cold.buyer_of(o.session_id))
    from (
        select x.* from till.fiscal_unstamped as u join cold.orders as x on x.order_id = u.of_id
        where u.store_id = p_store and u.of_id = coalesce(p_of, u.of_id) and not cold.is_stamped(p_store, u.of_id)
        order by u.failed_at nulls first, u.noted_at, u.of_id limit 20
    ) as o;
end $$;

-- The refunds that no till stamps, as work of the sender: a till may hear late of a refund, so one of a till that is gone or silent.
create or replace function cold.work_of_refunds(p_store uuid, p_of uuid) returns setof jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    prefix constant text := coalesce(venue->'fiscal'->'settings'->>'prefix', '');
begin
    return query
    select jsonb_build_object(
        'what', 'refund', 'of', c.refund_id, 'number', cold.number_for_sender(p_store, c.receipt), 'currency', c.data->>'currency',
        'net', c.data->>'net', 'tax', c.data->>'tax', 'total', ((c.data->>'net')::numeric + (c.data->>'tax')::numeric)::text,
        'taxes', coalesce(c.data->'taxes', '[]'), 'sold', jsonb_build_object(
            'number', coalesce(s.number, case when till.is_under_law(venue, o.created_at) then prefix else '' end || (c.data->>'sold')), 'kind', coalesce(s.kind, ''), 'at', warm.time_text(coalesce(s.at, o.created_at)),
            'untaxed', cold.has_untaxed(o.taxes, o.total_amount)),
        'buyer', cold.buyer_of(o.session_id))
    from till.fiscal_unstamped as u
    join till.refund_claims as c on c.refund_id = u.of_id
    join cold.orders as o on o.order_id = c.order_id
    join till.tills as t on t.store_id = c.store_id and t.id = c.till_id
    left join lateral (
        select * from cold.fiscal_stamps as x where x.of_id = c.order_id and x.state = 'to_send' order by x.arrival limit 1) as s on true
    where u.store_id = p_store and (t.revoked_at is not null or c.started_at < now() - interval '1 day')
        and u.of_id = coalesce(p_of, u.of_id) and not cold.is_stamped(p_store, u.of_id)
    order by u.failed_at nulls first, u.noted_at, u.of_id limit 20;
end $$;

-- The stamps of the second numbers of a sale, which the sender annuls.
create or replace function cold.work_of_second_numbers(p_store uuid, p_of uuid) returns setof jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    prefix constant text := coalesce(venue->'fiscal'->'settings'->>'prefix', '');
begin
    return query
    select jsonb_build_object(
        'what', 'annul', 'of', s.of_id, 'stamp', cold.stamp_json(s),
        'held', not exists (select from cold.fiscal_answers as a where a.store_id = p_store and a.event_id = s.event_id and a.state = 'refused'))
    from cold.void_receipts as v
    join cold.fiscal_stamps as s on s.store_id = p_store and s.number = prefix || v.receipt and s.of_id <> v.order_id and s.state = 'to_send'
    where v.store_id = p_store and s.till_id <> (venue->>'fiscal_sender')::integer and not exists (
        select from cold.fiscal_stamps as x
        where x.store_id = p_store and x.number = s.number and x.arrival > s.arrival and x.state = 'to_send')
        and s.of_id = coalesce(p_of, s.of_id)
    order by s.arrival limit 20;
end $$;

-- The records that a manager asked to mend, as work of the sender.
create or replace function cold.work_of_mends(p_store uuid, p_of uuid) returns setof jsonb
language plpgsql stable as $$
begin
    return query
    select jsonb_build_object(
        'what', 'correct', 'of', s.of_id, 'stamp', cold.stamp_json(s), 'unregistered', m.is_unregistered,
        'refused', coalesce((
            select a.state = 'refused' from cold.fiscal_answers as a where a.store_id = p_store and a.event_id = s.event_id), false),
        'held', exists (
            select from cold.fiscal_stamps as x join cold.fiscal_answers as a on a.store_id = p_store and a.event_id = x.event_id
            where x.store_id = p_store and x.number = s.number and a.state <> 'refused'))
    from till.fiscal_mends as m
    cross join lateral (
        select * from cold.fiscal_stamps as x
        where x.store_id = p_store and x.number = m.number and x.state = 'to_send' order by x.arrival desc limit 1) as s
    where m.store_id = p_store and s.arrival = m.arrival and s.of_id = coalesce(p_of, s.of_id) limit 20;
end $$;

-- The work of the sender: sales and refunds that no till stamps, second numbers of a sale, and the mends that a manager asked
-- for. A till stamps in the push of its sale. With `p_of`, only that of one document.
create or replace function cold.fiscal_work(p_store uuid, p_of uuid default null) returns setof jsonb
language plpgsql stable as $$
begin
    return query select w from cold.work_of_sales(p_store, p_of) as w;
    return query select w from cold.work_of_refunds(p_store, p_of) as w;
    return query select w from cold.work_of_second_numbers(p_store, p_of) as w;
    return query select w from cold.work_of_mends(p_store, p_of) as w;
end $$;

-- True if a stamp of the sender is work of it now, of that kind and number. While no program wrote the law's data, a record without a
-- total annuls.
create or replace function warm.is_sender_work(p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb) returns boolean
language plpgsql stable as $$
declare
    annuls constant boolean := coalesce(
        e.data->>'kind' = till.fiscal_law(p_auth.store_id)->>'annulment', not e.data->'fields' ? (p_fiscal->'proof'->>'total'));
begin
    return exists (
        select from cold.fiscal_work(p_auth.store_id, (e.data->>'of')::uuid) as w
        where e.data->>'number' = coalesce(
                w->'stamp'->>'number', coalesce(p_fiscal->'settings'->>'prefix', '') || (w->>'number'))
            and case w->>'what'
                when 'annul' then annuls when 'correct' then e.data->>'kind' = w->'stamp'->>'kind' else not annuls end);
end $$;

-- The fault of a stamp that the sender made, as a sentence; null for none. It stamps what no till stamps, annuls and mends: what
-- it names must be a sale, a refund or a stamp of the venue, and the amounts, if it has any, those of it.
create or replace function warm.sender_stamp_fault(p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb) returns text
language plpgsql stable as $$
declare
    v_of constant uuid := (e.data->>'of')::uuid;
    total constant text := e.data->'fields'->>(p_fiscal->'proof'->>'total');
    known numeric;
begin
    known := coalesce(
        (select o.total_amount from cold.orders as o where o.order_id = v_of and o.store_id = p_auth.store_id),
        (select (c.data->>'net')::numeric + (c.data->>'tax')::numeric from till.refund_claims as c
            where c.refund_id = v_of and c.store_id = p_auth.store_id));
    return case
        when e.data->>'scheme' is distinct from p_fiscal->>'scheme' then 'The stamp is not by the law that the venue has set.'
        when e.data->>'chain' is distinct from e.journal_id::text then 'The stamp is in the chain of a journal that is not of its till.'
        when known is null and not exists (
            select from cold.fiscal_stamps as s where s.store_id = p_auth.store_id and s.of_id = v_of)
            then 'The stamp names no sale or refund of the venue.'
        when exists (  -- an annulment names the issuer in a field whose path goes on
            select from jsonb_each_text(p_fiscal->'proof'->'same') as x
            left join jsonb_each_text(e.data->'fields') as f on starts_with(f.key, x.key)
            where f.value is distinct from x.value) then 'The stamp names another issuer than the venue.'
        when known is not null and total is not null and cold.decimal_in(total) is distinct from known
            then 'The amounts of the stamp are not those of its sale or refund.' end;
end $$;
