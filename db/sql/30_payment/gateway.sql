-- Reports of a gateway (`till gateway`). For a payment of a till a report is only a hint: the waiting till asks sooner,
-- and the answer to that counts. A charge for the order of a program, for which no till waits, counts as reported.

-- Accepts a gateway's webhook, its signature checked: {"event": the gateway's name of the event, up to 80 printable
-- characters; "digest": SHA-256 of the signed text, in hex; "kind", such as `payment.captured`; "payment": the id of a
-- payment or a refund of ours, or null; "charge": of a captured charge that names none of ours {"id", "order" at the
-- gateway, "amount" in minor units, "currency"}, or null}. Returns {"ok": true, "new", "unknown": true for a charge of
-- no order here}, or {"ok": false, "code"}: `protocol` (not understood), `not_allowed` (a program without that right,
-- or a revoked one), `busy` (more than 300 within a minute). Tills are notified once, in whatever order and however
-- often reports arrive. Reports are kept for three days, and at most 300 a minute, so that a stolen password of such a
-- program cannot fill the disk. A gateway does not repeat an unaccepted report for that long.
-- for: gateway
create or replace function till.payment_told_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    p constant till.programs := till.program_here();
    request jsonb;
    payment uuid;
    is_new boolean;
    is_unknown boolean;
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
    if payment is null and request->'charge' <> 'null' then  -- also of a repeated report: its order may be named by now
        select * into c from jsonb_to_record(request->'charge') as x (id text, "order" text, amount bigint, currency text);
        perform cold.take_charge(
            p.store_id, c."order", c.id, c.amount / power(10::numeric, cold.decimals_of(c.currency)), c.currency);
        if not exists (select from warm.every_content as x where x.content_id = cold.payment_of_charge(c.id)) then
            is_unknown := nullif(is_new, false);
        end if;
    end if;
    return json_strip_nulls(json_build_object('ok', true, 'new', is_new, 'unknown', is_unknown))::text;
exception when data_exception then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;
