-- Vouchers and house accounts: the database settles their payments, in its own chain. Every movement first locks the
-- head of that chain, so that movements never deadlock and nothing is spent twice.

-- The amount taken from a voucher or an account, or reserved on it, less credits.
create or replace function till.value_moved(p_holder uuid) returns numeric
language sql stable as $$
    select coalesce(sum(m.amount), 0) from till.value_movements as m
    where m.holder_id = p_holder and m.state in ('reserved', 'spent', 'refunded', 'paid_off')
$$;

-- True if a voucher was issued unpaid and no till has sold it: its amount is then reserved under its own id, for no
-- order.
create or replace function till.is_unpaid(p_voucher uuid) returns boolean
language sql stable as $$
    select exists (
        select from till.value_movements as m
        where m.movement_id = p_voucher and m.holder_id = p_voucher and m.session_id is null and m.state = 'reserved')
$$;

-- The amount that a voucher or an account can pay today, in `p_currency`. 0 if it is unpaid, void, expired, closed, of
-- another store or in another currency.
create or replace function till.value_left(p_store uuid, p_tender text, p_holder uuid, p_currency text) returns numeric
language plpgsql stable as $$
begin
    return coalesce(case p_tender
        when 'VOUCHER' then (
            select v.amount - till.value_moved(v.voucher_id) from till.vouchers as v
            where v.voucher_id = p_holder and v.store_id = p_store and v.currency = p_currency and v.voided_at is null
                and not till.is_unpaid(v.voucher_id) and (v.expires is null or v.expires >= till.business_date(p_store, now())))
        when 'ACCOUNT' then (
            select greatest(0, a.credit_limit - till.value_moved(a.customer_id)) from till.accounts as a
            where a.customer_id = p_holder and a.store_id = p_store and a.currency = p_currency and a.closed_at is null)
    end, 0);
end $$;

-- Waits until no other movement of a store's vouchers and accounts is in progress.
create or replace function warm.lock_values(p_store uuid) returns void
language plpgsql as $$
begin
    perform from warm.journal_head as h where h.store_id = p_store and h.till_id = 0 for no key update;
end $$;

-- The voucher or account of a payment: an account by its customer; a voucher by a lookup of its code at this till
-- within a day, so that nobody can pay with an id that they have read somewhere.
create or replace function warm.holder_of(e warm.incoming_event) returns uuid
language sql stable as $$
    select case e.data->>'tender'
        when 'ACCOUNT' then warm.as_uuid(e.data->>'place')
        else (
            select a.voucher_id from till.voucher_asks as a
            where a.ask_id = warm.as_uuid(e.data->>'place') and a.store_id = e.store_id and a.till_id = e.till_id
                and a.asked_at > now() - interval '1 day')
    end
$$;

-- Records the outcome of a payment by voucher or account in the server's own chain, unless it is already recorded.
create or replace function warm.answer_payment(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    s till.order_sessions;
    holder constant uuid := warm.holder_of(e);
    requested constant numeric := (e.data->>'amount')::numeric;
    rest numeric;
    given_up boolean;
    why text;
begin
    select * into s from till.order_sessions as x
    where x.id = e.session_id and x.store_id = p_auth.store_id for no key update;
    if s.id is null or not exists (select from warm.log_of(s.id) as x where x.event_id = e.event_id) then
        return;
    end if;
    perform warm.lock_values(s.store_id);
    if exists (select from till.value_movements as m where m.movement_id = (e.data->>'payment_id')::uuid) then
        return;  -- a repeated request with this key gets the same answer
    end if;
    rest := till.value_left(s.store_id, e.data->>'tender', holder, s.currency);
    given_up := exists (
        select from warm.log_of(s.id) as x
        where x.event_type in ('payment_declined', 'payment_voided')
            and x.event_data->>'payment_id' = e.data->>'payment_id');
    why := case
        when given_up then 'The till gave up the payment before it arrived.'
        when s.status in ('completed', 'discarded') then 'The order is over.'
        when holder is null or requested <= 0 or rest <= 0 or scale(requested) > cold.decimals_of(s.currency)
            then 'The voucher or account cannot pay.'
        when requested > rest then format('Only %s is left.', rest)
    end;
    insert into till.value_movements (
        movement_id, store_id, tender, holder_id, session_id, amount, state, user_id, till_id, moved_at, event_id
    )
    values (
        (e.data->>'payment_id')::uuid, s.store_id, e.data->>'tender',
        coalesce(holder, (e.data->>'payment_id')::uuid), s.id, requested, case when why is null then 'reserved' else 'declined' end,
        e.user_id, e.till_id, e.at, e.event_id
    );
    if why is null then
        perform warm.server_event_v1(
            s.store_id, e.user_id, 'payment_approved', s.id,
            jsonb_build_object(
                'payment_id', e.data->'payment_id', 'tender', e.data->'tender', 'amount', e.data->'amount',
                'tendered', e.data->'amount', 'change', '0', 'holder', holder, 'transaction', coalesce(
                    (select v.hint from till.vouchers as v where v.voucher_id = holder), 'account')
            ) || case when e.data ? 'tip' then jsonb_build_object('tip', e.data->'tip') else '{}' end
            || jsonb_build_object('balance', (rest - requested)::text));
    elsif not given_up then
        perform warm.server_event_v1(
            s.store_id, e.user_id, 'payment_declined', s.id,
            jsonb_build_object('payment_id', e.data->'payment_id', 'tender', e.data->'tender', 'amount', e.data->'amount'),
            jsonb_build_object('reason', why));
    end if;
end $$;

-- Reserves the amount of an approval that a restore lost and a till returned. True if the voucher or account could not
-- pay it now: it is flagged for a manager, and the payment counts, because the guest has paid.
create or replace function warm.take_approval_back(p_auth warm.auth_context, p_session text, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    holder constant uuid := (e.data->>'holder')::uuid;
    is_short boolean;
begin
    perform warm.lock_values(p_auth.store_id);
    is_short := (e.data->>'amount')::numeric > till.value_left(p_auth.store_id, e.data->>'tender', holder, (
        select s.currency from till.stores as s where s.store_id = p_auth.store_id));
    insert into till.value_movements (
        movement_id, store_id, tender, holder_id, session_id, amount, state, user_id, till_id, moved_at, event_id
    )
    values (
        (e.data->>'payment_id')::uuid, p_auth.store_id, e.data->>'tender', holder, p_session, (e.data->>'amount')::numeric,
        'reserved', e.user_id, p_auth.till_id, e.at, e.event_id
    )
    on conflict (movement_id) do nothing;
    if found and is_short then
        perform warm.quarantine_event(
            p_auth, null, e, 'The voucher or account has less than this left since a restore. It was accepted.', 'TL016');
    end if;
    if exists (select from till.order_sessions as s where s.id = p_session and s.status in ('completed', 'discarded'))
        and not exists (select from cold.order_payment as p where p.payment_id = (e.data->>'payment_id')::uuid)
    then
        perform warm.release_values(p_auth, p_session, (e.data->>'payment_id')::uuid, 'The order ended without the payment.');
    end if;
    return is_short;
end $$;

-- Reloads the sessions of a push that have answers of the database, so that the same reply sends these events to the
-- till.
create or replace function warm.with_answers(p_stands warm.hold_state[], p_events warm.incoming_event[]) returns warm.hold_state[]
language plpgsql as $$
declare
    e warm.incoming_event;
    s warm.hold_state;
begin
    foreach e in array p_events loop
        continue when e.event_type <> 'payment_started' or not warm.is_server_tender(e.data->>'tender');
        for i in 1..cardinality(p_stands) loop
            continue when p_stands[i].id <> e.session_id;
            p_stands[i] := warm.reload_state(p_stands[i]);
        end loop;
    end loop;
    return p_stands;
end $$;

-- True if the database approved a payment that a till reports as approved.
create or replace function warm.is_answered_for(s warm.hold_state, e warm.incoming_event) returns boolean
language sql stable as $$
    select exists (
        select from till.value_movements as m
        where m.movement_id = (e.data->>'payment_id')::uuid and m.store_id = s.store_id and m.session_id = s.id
            and m.tender = e.data->>'tender' and m.amount = (e.data->>'amount')::numeric and m.state <> 'declined')
$$;

-- Spends the payments of an order by voucher and account. A payment that was released since is taken again, if the
-- amount is still available. A sale that a manager booked always counts: a payment without an approval is then spent
-- from the account that it names, or from no voucher.
create or replace function warm.spend_values(p_store uuid, p_session text, p_event uuid, p_order jsonb) returns void
language plpgsql as $$
declare
    is_booked constant boolean := warm.is_booked(p_session, p_event);
    p record;
    m till.value_movements;
begin
    for p in
        select x.payment_id, x.tender, x.amount
        from jsonb_to_recordset(p_order->'payments') as x (payment_id uuid, tender text, amount numeric)
        where warm.is_server_tender(x.tender) order by x.payment_id
    loop
        perform warm.lock_values(p_store);
        select * into m from till.value_movements as x
        where x.movement_id = p.payment_id and x.store_id = p_store and x.tender = p.tender
            and x.session_id = p_session;
        if is_booked then
            insert into till.value_movements as x (
                movement_id, store_id, tender, holder_id, session_id, amount, state, till_id, moved_at, event_id
            )
            values (p.payment_id, p_store, p.tender, p.payment_id, p_session, p.amount, 'spent', 0, now(), p_event)
            on conflict (movement_id) do update set amount = excluded.amount
            where x.session_id = p_session and x.store_id = p_store and x.tender = p.tender;
        elsif m.movement_id is null or m.state = 'declined' or m.amount <> p.amount then
            raise exception 'The sale is paid by a voucher or an account, and this database approved no such payment.'
                using errcode = 'TL001';
        elsif m.state = 'released' and m.amount > till.value_left(p_store, m.tender, m.holder_id, p_order->>'currency') then
            raise exception 'The payment went back to the voucher or the account, and has been spent since.' using errcode = 'TL001';
        end if;
        update till.value_movements as x set state = 'spent', session_id = p_session
        where x.movement_id = p.payment_id and x.store_id = p_store and x.tender = p.tender and x.session_id = p_session;
    end loop;
end $$;

-- Releases the reserved amounts of an order: of one payment, or of all if `p_payment` is null. Recorded in the server's
-- chain.
create or replace function warm.release_values(p_auth warm.auth_context, p_session text, p_payment uuid, p_why text) returns void
language plpgsql as $$
declare
    m till.value_movements;
begin
    for m in
        select * from till.value_movements as x
        where x.session_id = p_session and x.store_id = p_auth.store_id and x.state = 'reserved'
            and x.movement_id = coalesce(p_payment, x.movement_id)
        order by x.movement_id
    loop
        perform warm.lock_values(m.store_id);
        update till.value_movements as x set state = 'released'
        where x.movement_id = m.movement_id and x.state = 'reserved';
        if found then
            perform warm.server_event_v1(
                m.store_id, null, 'payment_voided', m.session_id,
                jsonb_build_object('payment_id', m.movement_id, 'tender', m.tender, 'amount', m.amount::text),
                jsonb_build_object('reason', p_why));
        end if;
    end loop;
end $$;

-- Applies an event of an order to vouchers and accounts, once it is in the log. An event that cannot be applied is
-- quarantined.
create or replace function warm.apply_to_values(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    message text;
begin
    if e.event_type = 'payment_started' then
        perform warm.answer_payment(p_auth, e);
    elsif not exists (
        select from till.value_movements as m
        where m.session_id = e.session_id and m.store_id = p_auth.store_id and m.state = 'reserved')
    then
        null;  -- the usual case: nothing is reserved for it
    elsif e.event_type in ('payment_declined', 'payment_voided') then
        if p_auth.till_id > 0 and exists (select from warm.log_of(e.session_id) as x where x.event_id = e.event_id) then
            perform warm.lock_values(p_auth.store_id);
            if e.event_type = 'payment_voided' then
                update till.value_movements as m set state = 'released'
                where m.movement_id = (e.data->>'payment_id')::uuid and m.session_id = e.session_id
                    and m.store_id = p_auth.store_id and m.state = 'reserved';
            else
                perform warm.release_values(
                    p_auth, e.session_id, (e.data->>'payment_id')::uuid, 'The till had given up the payment.');
            end if;
        end if;
    elsif exists (
        select from till.order_sessions as s
        where s.id = e.session_id and s.store_id = p_auth.store_id and s.status in ('completed', 'discarded'))
    then
        perform warm.release_values(p_auth, e.session_id, null, 'The order ended without the payment.');
    end if;
exception when others then
    if warm.is_temporary(sqlstate) then
        raise;
    end if;
    get stacked diagnostics message = message_text;
    perform warm.quarantine_event(p_auth, e.session_id, e, message, sqlstate);
end $$;

-- Answers a payment that the database settles.
create or replace function warm.on_payment_started(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if warm.is_server_tender(e.data->>'tender') then
        perform warm.apply_to_values(p_auth, e);
    end if;
    return false;
end $$;

-- Releases the reserved amount of a declined payment, and settles its conflict if it had no answer before.
create or replace function warm.on_payment_declined(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if warm.is_server_tender(e.data->>'tender') then
        perform warm.apply_to_values(p_auth, e);
    end if;
    return warm.settle_unanswered(p_auth, e, e.data->>'payment_id', 'The payment was not taken.');
end $$;

-- Credits a refund to the voucher or account that paid.
create or replace function warm.credit_value(c till.refund_claims, e warm.incoming_event) returns void
language plpgsql as $$
begin
    if not warm.is_server_tender(c.data->>'tender') then
        return;
    end if;
    perform warm.lock_values(c.store_id);
    insert into till.value_movements (
        movement_id, store_id, tender, holder_id, session_id, amount, state, payment_id, user_id, till_id, moved_at,
        event_id
    )
    select c.refund_id, m.store_id, m.tender, m.holder_id, m.session_id, c.amount, 'refunded', m.movement_id, e.user_id,
        c.till_id, e.at, e.event_id
    from till.value_movements as m
    where m.movement_id = c.payment_id and m.store_id = c.store_id
    on conflict (movement_id) do nothing;
end $$;

-- The price of an unpaid voucher: its amount, less what was spent of it before a sale of it was undone.
create or replace function warm.price_of_voucher(v till.vouchers) returns numeric
language sql stable as $$
    select v.amount - coalesce(sum(m.amount), 0) from till.value_movements as m
    where m.holder_id = v.voucher_id and (m.movement_id <> v.voucher_id or m.session_id is not null)
        and m.state in ('reserved', 'spent', 'refunded')
$$;

-- Books the cash that a guest paid at a drawer for a house account, or took for its credit: as much as is owed. Returns
-- null, or the reason why not all of it is booked.
create or replace function warm.book_account_cash(p_auth warm.auth_context, e warm.incoming_event) returns text
language plpgsql as $$
declare
    customer constant uuid := (e.data->>'of')::uuid;
    moved constant numeric := (e.data->>'amount')::numeric;
    a till.accounts;
    owed numeric;
    booked numeric;
begin
    select * into a from till.accounts as x where x.customer_id = customer and x.store_id = p_auth.store_id for update;
    if a.customer_id is null then
        return 'The customer has no house account. Nothing was paid off: give the cash back.';
    elsif e.data->>'currency' <> a.currency or scale(moved) > cold.decimals_of(a.currency) then
        return 'The house account is in another currency. Nothing was paid off: give the cash back.';
    end if;
    select -m.amount into booked from till.value_movements as m where m.movement_id = e.event_id;
    if booked is null then
        owed := till.value_moved(customer);
        booked := case when sign(owed) = sign(moved) then sign(owed) * least(abs(owed), abs(moved)) else 0 end;
        insert into till.value_movements (
            movement_id, store_id, tender, holder_id, amount, state, how, user_id, till_id, moved_at, event_id
        )
        select e.event_id, p_auth.store_id, 'ACCOUNT', customer, -booked, 'paid_off', 'CASH', e.user_id, p_auth.till_id,
            e.at, e.event_id
        where booked <> 0;
    end if;
    return case when booked <> moved then format(
        'Of %s only %s was owed on the house account: give the rest back.',
        cold.amount_text(abs(moved), a.currency), cold.amount_text(abs(booked), a.currency)) end;
end $$;

-- Makes an unpaid voucher worth its amount, because a till took the cash for it. Returns null, or the reason why not.
create or replace function warm.book_voucher_cash(p_auth warm.auth_context, e warm.incoming_event) returns text
language plpgsql as $$
declare
    v till.vouchers;
    m till.value_movements;
    price numeric;
begin
    select * into v from till.vouchers as x
    where x.voucher_id = (e.data->>'of')::uuid and x.store_id = p_auth.store_id for update;
    select * into m from till.value_movements as x
    where x.movement_id = v.voucher_id and x.holder_id = v.voucher_id and x.session_id is null;
    if v.voucher_id is null then
        return 'There is no such voucher: give the cash back.';
    elsif m.event_id = e.event_id then
        return null;
    elsif m.movement_id is null then
        return format('The voucher …%s was not waiting to be paid: give the cash back.', v.hint);
    elsif m.state <> 'reserved' then
        return format('The voucher …%s is already paid, at till %s: give the cash back.', v.hint, m.till_id);
    elsif v.voided_at is not null then
        return format('The voucher …%s is void: give the cash back.', v.hint);
    end if;
    price := warm.price_of_voucher(v);
    if (e.data->>'amount')::numeric <> price or e.data->>'currency' <> v.currency then
        return format('The voucher …%s costs %s %s, and %s %s was taken. It is still unpaid.',
            v.hint, cold.amount_text(price, v.currency), v.currency, e.data->>'amount', e.data->>'currency');
    end if;
    update till.value_movements as x
    set state = 'released', event_id = e.event_id, user_id = e.user_id, till_id = p_auth.till_id, moved_at = e.at
    where x.movement_id = v.voucher_id;
    return null;
end $$;

-- Books cash that moved at a drawer for a house account or a voucher. Returns null, or the reason why not all of it is
-- booked.
create or replace function warm.book_cash(p_auth warm.auth_context, e warm.incoming_event) returns text
language plpgsql as $$
begin
    if e.data->>'kind' not in ('account', 'voucher') then
        return null;
    end if;
    perform warm.lock_values(p_auth.store_id);
    return case e.data->>'kind'
        when 'account' then warm.book_account_cash(p_auth, e) else warm.book_voucher_cash(p_auth, e) end;
end $$;

-- True if a till sends an event again that a restored database lost. Until it has sent all that it had, nobody can tell
-- that from what it made since, except by its own time.
create or replace function warm.comes_again(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql stable as $$
begin
    return coalesce(e.at < till.restored_at() and p_auth.till_id = any (till.unheard(p_auth.store_id)), false);
end $$;

-- Notes the arrival of a pay-off. Those of a till beyond the limits are one record for a manager, who reads all since the
-- first (`warm.pay_offs_in`) until it is settled; then they count anew. True if it was made now.
create or replace function warm.flag_pay_offs(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    since timestamptz;
    most_cash constant numeric := (
        select nullif(s.body->>'cashier_cash', '')::numeric from till.settings as s
        where s.store_id = p_auth.store_id and s.name = 'settings');
    paid record;
    begins uuid;
begin
    if e.data->>'kind' <> 'account' or warm.comes_again(p_auth, e) then
        return false;
    end if;
    update till.value_movements as m set arrived_at = now() where m.movement_id = e.event_id and m.arrived_at is null;
    if not found or exists (
        select from warm.quarantine as q
        where q.store_id = p_auth.store_id and q.till_id = p_auth.till_id and q.sqlstate = 'TL032' and q.resolved_at is null)
    then
        return false;
    end if;
    since := greatest(now() - interval '1 day', (
        select max(q.resolved_at) from warm.quarantine as q
        where q.journal_id = p_auth.journal_id and q.sqlstate = 'TL032' and q.seq is null));
    select count(*) as of_day, count(*) filter (where x.fresh) as of_hour, sum(abs(x.amount)) filter (where x.fresh) as cash,
        (array_agg(x.movement_id order by x.arrived_at, x.movement_id))[1] as first_of_day,
        (array_agg(x.movement_id order by x.arrived_at, x.movement_id) filter (where x.fresh))[1] as first_of_hour
    into paid
    from (
        select m.*, m.arrived_at > now() - interval '1 hour' as fresh from till.value_movements as m
        where m.store_id = p_auth.store_id and m.till_id = p_auth.till_id and m.arrived_at > since
    ) as x;
    begins := case
        when paid.of_hour > warm.most_hour_pay_offs() or paid.cash > most_cash then paid.first_of_hour
        when paid.of_day > warm.most_day_pay_offs() then paid.first_of_day end;
    insert into warm.quarantine (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate)
    select p_auth.store_id, begins, p_auth.journal_id, p_auth.till_id, e.event_type,
        'The till paid off more of the house accounts than it usually does.', 'TL032'
    where begins is not null
    on conflict do nothing;
    return found;
end $$;

-- Tells a manager of pay-offs whose cash may never have been there, by a record of those of the till: the first count after one is
-- short by as much, or nobody counted within a day after its shift. Pay-offs of eight days that are in no record are looked at.
create or replace function warm.flag_uncounted_pay_offs(p_store uuid) returns void
language plpgsql as $$
begin
    insert into warm.quarantine (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate)
    with paid as materialized (
        select m.movement_id, m.till_id, m.arrived_at, abs(m.amount) as amount
        from till.value_movements as m
        where m.store_id = p_store and m.till_id <> 0 and m.state = 'paid_off' and m.amount < 0 and m.arrived_at > now() - interval '8 days'
            and not exists (select from till.value_movements as r where r.payment_id = m.movement_id and r.state = 'paid_off')  -- reversed
            and not exists (
                select from warm.quarantine as q join till.value_movements as f on f.movement_id = q.event_id
                where q.store_id = p_store and q.till_id = m.till_id and q.sqlstate = 'TL032'
                    and m.arrived_at between f.arrived_at and coalesce(q.resolved_at, 'infinity'))
    ), counts as materialized (  -- of those tills, each read once
        select s.till_id, f.event_id, (c->>'expected')::numeric - (c->>'counted')::numeric as short
        from till.shifts as s join till.shift_facts as f on f.shift_id = s.shift_id
        cross join lateral warm.event_by_id(p_store, f.event_id) as n
        cross join lateral jsonb_array_elements(n.event_data->'counts') as c
        where s.store_id = p_store and s.till_id in (select p.till_id from paid as p)
            and f.event_id > (select p.movement_id from paid as p order by p.movement_id limit 1)
            and n.event_type = 'drawer_counted' and c->>'tender' = 'CASH'
    )
    select distinct on (x.till_id) p_store, x.movement_id, x.journal_id, x.till_id, 'cash_moved', x.reason, 'TL032'
    from (
        select p.*, e.journal_id, case
            when n.event_id is null and z.received_at < now() - interval '1 day'
                then 'Guests paid off house accounts, and nobody counted the drawer within a day.'
            when n.short >= p.amount then 'The count of the drawer is short by what guests paid off.' end as reason
        from paid as p
        cross join lateral warm.event_by_id(p_store, p.movement_id) as e
        left join lateral (
            select c.* from counts as c where c.till_id = p.till_id and c.event_id > p.movement_id order by c.event_id limit 1) as n on true
        left join till.shifts as s on s.shift_id = e.stream_id
        left join lateral warm.event_by_id(p_store, coalesce(s.closed, s.closed_by_server, s.ended)) as z on true
    ) as x
    where x.reason is not null order by x.till_id, x.arrived_at, x.movement_id
    on conflict do nothing;
    if found then
        perform till.tell_tills(p_store, 'sessions');
    end if;
end $$;

-- The pay-offs in a record of them, by arrival.
create or replace function warm.pay_offs_in(q warm.quarantine) returns setof till.value_movements
language plpgsql stable as $$
begin
    return query
    select m.* from till.value_movements as f join till.value_movements as m on m.store_id = f.store_id and m.till_id = f.till_id
    where q.sqlstate = 'TL032' and f.movement_id = q.event_id
        and m.arrived_at between f.arrived_at and coalesce(q.resolved_at, 'infinity')
    order by m.arrived_at, m.movement_id;
end $$;

-- Books a movement of cash for a house account or a voucher. What cannot be booked waits for a manager: the cash is in
-- the drawer.
create or replace function warm.on_cash_moved(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    why text;
begin
    if warm.on_shift_event(p_auth, e) then
        return true;
    end if;
    why := warm.book_cash(p_auth, e);
    if why is not null then
        perform warm.quarantine_event(p_auth, null, e, why, 'TL024');
    end if;
    perform cold.unroll(p_auth.store_id, till.business_date(p_auth.store_id, e.at));
    return warm.flag_pay_offs(p_auth, e) or why is not null;
end $$;

-- True if an event undoes a movement of its own shift, which its till has not closed: no till undoes another.
create or replace function warm.undoes_in_shift(e warm.incoming_event) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.shift_facts as f join till.shifts as s on s.shift_id = f.shift_id
        where f.shift_id = e.stream_id and f.event_id = (e.data->>'event')::uuid and s.closed is null
            and s.ended is null);
end $$;

-- Books back what an undone movement of the open shift had booked: the guest owes it again, or the voucher is unpaid again.
-- What was spent of the voucher meanwhile waits for a manager. An undoing in another shift is flagged, and changes nothing.
create or replace function warm.on_movement_undone(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    m till.value_movements;
    v till.vouchers;
    spent numeric;
begin
    if warm.on_shift_event(p_auth, e) then
        return true;
    end if;
    select x.* into m from till.value_movements as x where x.event_id = (e.data->>'event')::uuid;
    if not found then
        return false;
    elsif not warm.undoes_in_shift(e) then
        return warm.flag_record(
            p_auth, e, 'The till undid a movement that is not of its open shift. The record is kept, and changes nothing.', 'TL025');
    end if;
    perform warm.lock_values(p_auth.store_id);
    perform cold.unroll(p_auth.store_id, till.business_date(p_auth.store_id, m.moved_at));
    -- with its correction, if a manager reversed it: the account stays as it is
    update till.value_movements as x set state = 'released'
    where x.holder_id = m.holder_id and m.movement_id in (x.movement_id, x.payment_id) and x.state = 'paid_off';
    select x.* into m from till.value_movements as x
    where x.event_id = (e.data->>'event')::uuid and x.movement_id = x.holder_id and x.session_id is null
        and x.store_id = p_auth.store_id and x.till_id = p_auth.till_id and x.state = 'released';
    select x.* into v from till.vouchers as x where x.voucher_id = m.holder_id and x.store_id = p_auth.store_id for update;
    if v.voucher_id is null then
        return false;
    end if;
    spent := v.amount - warm.price_of_voucher(v);
    update till.value_movements as x set state = 'reserved', amount = v.amount - spent where x.movement_id = v.voucher_id;
    if spent <> 0 then
        perform warm.quarantine_event(
            p_auth, null, e, format('The sale of the voucher …%s is undone, and %s %s of it was spent. The rest is unpaid.',
            v.hint, cold.amount_text(spent, v.currency), v.currency), 'TL024');
    end if;
    return spent <> 0;
end $$;

-- True if a refund would credit a voucher or account that did not pay, or that is void or has expired by `p_day`.
-- Checked when the refund begins.
create or replace function warm.is_credit_lost(p_store uuid, p_data jsonb, p_day date default null) returns boolean
language sql stable as $$
    select warm.is_server_tender(p_data->>'tender') and not exists (
        select from till.value_movements as m left join till.vouchers as v on v.voucher_id = m.holder_id
        where m.movement_id = (p_data->>'payment_id')::uuid and m.store_id = p_store and m.tender = p_data->>'tender'
            and m.state = 'spent' and v.voided_at is null and (m.tender = 'ACCOUNT' or v.voucher_id is not null)
            and (p_day is null or v.expires is null or v.expires >= p_day))
$$;

-- True if a payment spent a voucher that a restored database does not have: its approval came back from a till.
create or replace function warm.is_voucher_lost(p_store uuid, p_payment uuid) returns boolean
language sql stable as $$
    select exists (
        select from till.value_movements as m
        where m.movement_id = p_payment and m.store_id = p_store and m.tender = 'VOUCHER' and m.state = 'spent'
            and not exists (select from till.vouchers as v where v.voucher_id = m.holder_id))
$$;

-- The outcome of a payment by voucher or account: `reserved`, `spent`, `released` or `declined`; null if the database
-- does not know the payment.
-- Takes `payment`.
-- Gives {"state", "amount", "hint", "left"}.
create or replace function warm.payment_answer_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    m till.value_movements;
begin
    select * into m from till.value_movements as x
    where x.movement_id = (p_request->>'payment')::uuid and x.store_id = p_auth.store_id;
    return json_build_object(
        'ok', true, 'state', m.state, 'amount', m.amount::text,
        'hint', coalesce((select v.hint from till.vouchers as v where v.voucher_id = m.holder_id), ''),
        'left', case when m.movement_id is not null then (
            select till.value_left(m.store_id, m.tender, m.holder_id, s.currency)::text
            from till.stores as s where s.store_id = m.store_id) end
    );
end $$;

-- The voucher of a code. `why` is null, or `unknown`, `void`, `expired`, `unpaid`, `too_many`. Of an unpaid one
-- `voucher` and `price` are what `cash_moved` names when a till sells it. `ask` is what `payment_started` names as its
-- `place`, at this till, within a day. After ten unknown codes within ten minutes a till gets no answer about any for a
-- while.
-- Takes `digest` (SHA-256 of a voucher's code, in hex).
-- Gives {"why", "ask", "hint", "currency", "expires", "left", "voucher", "price"}.
create or replace function till.voucher_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    v till.vouchers;
    wrong integer;
    v_ask uuid;
    why text;
begin
    -- one call at a time, so that concurrent calls cannot try more than ten codes
    perform pg_advisory_xact_lock(hashtext('till.voucher_v1'), hashtext(p_auth.store_id || ' ' || p_auth.till_id));
    delete from till.voucher_asks as a
    where a.store_id = p_auth.store_id and a.till_id = p_auth.till_id and a.asked_at < now() - interval '1 day';
    select count(*) into wrong from till.voucher_asks as a
    where a.store_id = p_auth.store_id and a.till_id = p_auth.till_id and a.voucher_id is null
        and a.asked_at > now() - interval '10 minutes';
    if wrong >= 10 then
        return json_build_object('ok', true, 'why', 'too_many');
    end if;
    select * into v from till.vouchers as x
    where x.store_id = p_auth.store_id and x.digest = p_request->>'digest';
    insert into till.voucher_asks (store_id, till_id, voucher_id)
    values (p_auth.store_id, p_auth.till_id, v.voucher_id) returning ask_id into v_ask;
    why := case
        when v.voucher_id is null then 'unknown'
        when v.voided_at is not null then 'void'
        when v.expires < till.business_date(v.store_id, now()) then 'expired'
        when till.is_unpaid(v.voucher_id) then 'unpaid'
    end;
    return json_build_object(
        'ok', true, 'why', why, 'ask', case when why is null then v_ask end, 'hint', v.hint, 'currency', v.currency,
        'voucher', case when why = 'unpaid' then v.voucher_id end,
        'price', case when why = 'unpaid' then warm.price_of_voucher(v)::text end,
        'expires', v.expires, 'left', case when v.voucher_id is not null then (
            till.value_left(v.store_id, 'VOUCHER', v.voucher_id, v.currency)::text) end
    );
end $$;

-- The house account of a customer; all null if there is no open one.
-- Takes `customer`.
-- Gives {"customer", "currency", "limit", "owed", "left"}.
create or replace function till.account_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    a till.accounts;
begin
    select * into a from till.accounts as x
    where x.customer_id = (p_request->>'customer')::uuid and x.store_id = p_auth.store_id and x.closed_at is null;
    return json_build_object(
        'ok', true, 'customer', a.customer_id, 'currency', a.currency, 'limit', a.credit_limit::text,
        'owed', case when a.customer_id is not null then till.value_moved(a.customer_id)::text end,
        'left', case when a.customer_id is not null then (
            till.value_left(a.store_id, 'ACCOUNT', a.customer_id, a.currency)::text) end
    );
end $$;
