-- Full invoices for tickets that are paid (F3 in Spain). Two tills must not make one each, nor one of a ticket that was refunded
-- before, so a till claims it first, under the lock by which refunds of the sale are claimed. Its event follows at once.

-- Claims the full invoice for a ticket. `why` is null if it is this till's to make, else `unknown`, `refunded`,
-- `unstamped`, `issued` or `claimed` (by `till`, with `number`), or `too_many` (tickets of other tills within an hour).
-- A claim whose event has not arrived is its till's alone for a minute; what a till claimed once it may issue ever after.
-- Takes `order`, and `journal`.
-- Gives {"why", "till", "number"}.
create or replace function till.claim_invoice_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    v_order constant uuid := (p_request->>'order')::uuid;
    o cold.orders;
    known till.invoice_claims;
    v_why text;
begin
    if p_auth.retired is not false or p_auth.journal_id is null then
        return warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash);
    end if;
    select * into o from cold.orders as x where x.order_id = v_order and x.store_id = p_auth.store_id for no key update;
    select * into known from till.invoice_claims as c where c.store_id = p_auth.store_id and c.order_id = v_order;
    v_why := case
        when o.order_id is null or p_auth.money_changes % 2 = 1 then 'unknown'
        when known.event_id is not null then 'issued'
        when exists (select from till.refund_claims as c where c.order_id = v_order and warm.claim_counts(c)) then 'refunded'
        when not exists (
            select from cold.fiscal_stamps as s where s.store_id = p_auth.store_id and s.of_id = v_order and s.state = 'to_send')
            then 'unstamped'
        when known.till_id <> p_auth.till_id and known.claimed_at > now() - interval '1 minute' then 'claimed'
        when warm.claims_too_many(p_auth, o) then 'too_many' end;
    if v_why is null then
        insert into till.invoice_claimers (store_id, order_id, till_id, claimed_at) values (p_auth.store_id, v_order, p_auth.till_id, now())
        on conflict do nothing;
        insert into till.invoice_claims as c (store_id, order_id, till_id, claimed_at) values (p_auth.store_id, v_order, p_auth.till_id, now())
        on conflict (store_id, order_id) do update set till_id = excluded.till_id, claimed_at = excluded.claimed_at;
    end if;
    return json_build_object('ok', true, 'why', v_why, 'till', known.till_id, 'number', known.number);
end $$;

-- True if a till that claims the ticket of another till claimed as many of these within an hour as it may.
create or replace function warm.claims_too_many(p_auth warm.auth_context, o cold.orders) returns boolean
language plpgsql as $$
begin
    if o.till_id = p_auth.till_id then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('till.invoice_claimers'), hashtext(p_auth.store_id || ' ' || p_auth.till_id));
    return (
        select count(*) >= warm.most_claims() and not coalesce(bool_or(c.order_id = o.order_id), false)
        from till.invoice_claimers as c join cold.orders as x on x.order_id = c.order_id
        where c.store_id = p_auth.store_id and c.till_id = p_auth.till_id and c.claimed_at > now() - interval '1 hour'
            and x.till_id is distinct from p_auth.till_id);
end $$;

-- True if a till claimed the invoice for a ticket at any time. A restored database may have forgotten a claim that was made since its
-- backup: so is what its till issued then, and sends again.
create or replace function warm.was_claimed(p_auth warm.auth_context, e warm.incoming_event, p_order uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.invoice_claimers as c
        where c.store_id = p_auth.store_id and c.order_id = p_order and c.till_id = e.till_id)
        or warm.comes_again(p_auth, e) and e.at >= coalesce(till.restored_from(), '-infinity');
end $$;

-- Keeps the number of an invoice for a ticket. The first event is the invoice, whoever claimed it last. Another one, one that its till
-- never claimed, or one that is not true, is quarantined.
create or replace function warm.on_invoice_issued(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    v_order constant uuid := (e.data->>'order_id')::uuid;
    o cold.orders;
    known till.invoice_claims;
    fault text;
begin
    select * into o from cold.orders as x where x.order_id = v_order and x.store_id = p_auth.store_id for no key update;
    select * into known from till.invoice_claims as c where c.store_id = p_auth.store_id and c.order_id = v_order;
    fault := case
        when o.order_id is null then 'The sale of the invoice is not in the database.'
        when o.session_id <> e.session_id or o.receipt is distinct from e.data->>'sold' then 'The invoice names another sale than its own.'
        when not cold.is_own_number(e.till_id, 'F', e.data->>'number') then 'The number of the invoice is not of a series of its till.'
        when not warm.was_claimed(p_auth, e, v_order) then format(
            'Till %s never claimed ticket %s, of which it made the invoice %s. If a guest has it, make another one at a till.',
            e.till_id, o.receipt, e.data->>'number')
        when known.event_id <> e.event_id then format(
            'Ticket %s has the invoice %s already: annul one of them.', o.receipt, known.number) end;
    if fault is not null then
        perform warm.quarantine_event(p_auth, e.session_id, e, fault, 'TL035');
        return true;
    end if;
    insert into till.invoice_claims as c (store_id, order_id, till_id, claimed_at, event_id, number)
    values (p_auth.store_id, v_order, e.till_id, e.at, e.event_id, e.data->>'number')
    on conflict (store_id, order_id) do update set till_id = excluded.till_id, event_id = excluded.event_id, number = excluded.number
    where c.event_id is null;
    return false;
end $$;
