-- Reports of a gateway by itself (`till gateway`). Of a till's payment a report is a hint and never money: the till that waits for
-- it asks sooner, and what it is answered then counts. A charge for the order of a program, which no till waits for, counts as it is told.

-- Takes what a gateway told: {"event": its name of it, "digest": SHA-256 of what was signed, "kind": "payment.captured",
-- "payment": the payment or the refund, if it names one of ours; "charge": of one that was captured, {"id", "order" at the gateway,
-- "amount" in minor units, "currency"}}. The tills hear of it once, whatever the order and however often it comes. Whoever has the password of such a program fills no disk by it: 300 a minute are taken, and kept for three
-- days, longer than a gateway goes on to tell what nobody took.
create or replace function till.payment_told_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    p constant till.programs := till.program_here();
    request jsonb;
    payment uuid;
    is_new boolean;
    c record;
begin
    request := p_request::jsonb;
    if p.role is null or not p.tells_payments then
        return warm.refusal('not_allowed', 'The program cannot report payments.', null, null);
    elsif (request->>'event' ~ '^[!-~]{1,80}$' and request->>'digest' ~ '^[0-9a-f]{64}$'
        and request->>'kind' ~ '^[a-z_.]{1,60}$') is not true then
        return warm.refusal('protocol', 'The request was not understood.', null, null);
    end if;
    payment := (request->>'payment')::uuid;
    if (select count(*) from till.payment_hints as h
        where h.store_id = p.store_id and h.received_at > now() - interval '1 minute') >= 300 then
        return warm.refusal('busy', 'Too many reports came within a minute.', null, null);
    end if;
    delete from till.payment_hints as h
    where h.store_id = p.store_id and h.received_at < now() - interval '3 days';
    insert into till.payment_hints (store_id, event_id, digest, kind, payment_id)
    values (p.store_id, request->>'event', request->>'digest', request->>'kind', payment) on conflict do nothing;
    is_new := found;
    if is_new and payment is not null then
        perform till.tell_tills(p.store_id, 'payment ' || payment);
    end if;
    if is_new and payment is null and request->'charge' <> 'null' then
        select * into c from jsonb_to_record(request->'charge') as x (id text, "order" text, amount bigint, currency text);
        perform cold.take_charge(
            p.store_id, c."order", c.id, c.amount / power(10::numeric, cold.decimals_of(c.currency)), c.currency);
    end if;
    return json_build_object('ok', true, 'new', is_new)::text;
exception when data_exception then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;
