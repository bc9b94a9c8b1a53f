-- Vouchers and house accounts in the administration. Each act is an event of the server's chain.

-- Issues a voucher, stored under the digest of its code. Issuing is not turnover. An unpaid one has its amount reserved
-- until a till takes the cash for it.
-- for: admin
create or replace function till.voucher_issue_v3(
    p_store uuid, p_actor integer, p_digest text, p_hint text, p_amount numeric, p_expires date, p_unpaid boolean, p_how text
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_id constant uuid := gen_random_uuid();
    v_currency constant text := (select s.currency from till.stores as s where s.store_id = p_store);
begin
    if p_digest !~ '^[0-9a-f]{64}$' or p_hint !~ '^[0-9A-Z]{4}$' then
        raise exception 'The code is not a voucher code.' using errcode = 'TL006';
    elsif p_amount is null or p_amount <= 0 or p_amount > 1000000000 then
        raise exception 'A voucher is worth more than nothing, and less than a thousand million.' using errcode = 'TL006';
    elsif p_expires < till.business_date(p_store, now()) then
        raise exception 'The day is over: name a later one.' using errcode = 'TL006';
    elsif p_how is not null and not warm.is_manual_tender(p_how) then
        raise exception 'Name the tender: CASH, CARD, or another that is not a voucher or an account.' using errcode = 'TL006';
    end if;
    perform warm.admin_event(p_store, p_actor, 'voucher_issued', jsonb_build_object(
        'voucher_id', v_id, 'amount', p_amount::text, 'currency', v_currency, 'expires', p_expires)
        || case when p_unpaid then '{"unpaid": true}' else '{}' end::jsonb);
    insert into till.vouchers (voucher_id, store_id, digest, hint, amount, currency, expires, issued_by, how)
    values (v_id, p_store, p_digest, p_hint, p_amount, v_currency, p_expires, p_actor, case when not p_unpaid then p_how end);
    insert into till.value_movements (movement_id, store_id, tender, holder_id, amount, state, user_id, till_id, moved_at)
    select v_id, p_store, 'VOUCHER', v_id, p_amount, 'reserved', p_actor, 0, now() where p_unpaid;
    return v_id;
end $$;

-- Issues a voucher of which nobody said how it was paid.
-- for: admin
create or replace function till.voucher_issue_v2(
    p_store uuid, p_actor integer, p_digest text, p_hint text, p_amount numeric, p_expires date, p_unpaid boolean
) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select till.voucher_issue_v3(p_store, p_actor, p_digest, p_hint, p_amount, p_expires, p_unpaid, null)
$$;

-- Issues a voucher that is paid already.
-- for: admin
create or replace function till.voucher_issue_v1(
    p_store uuid, p_actor integer, p_digest text, p_hint text, p_amount numeric, p_expires date
) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select till.voucher_issue_v2(p_store, p_actor, p_digest, p_hint, p_amount, p_expires, false)
$$;

-- Voids a voucher. Returns the amount that was left on it.
-- for: admin
create or replace function till.voucher_void_v1(p_store uuid, p_actor integer, p_voucher uuid) returns numeric
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v till.vouchers;
    remaining numeric;
begin
    perform warm.lock_values(p_store);
    select * into v from till.vouchers as x where x.voucher_id = p_voucher and x.store_id = p_store for update;
    if v.voucher_id is null then
        raise exception 'There is no voucher %.', p_voucher using errcode = 'TL004';
    elsif v.voided_at is not null then
        raise exception 'The voucher is already void.' using errcode = 'TL005';
    elsif exists (select from till.value_movements as m where m.holder_id = p_voucher and m.session_id is not null and m.state = 'reserved')
    then
        raise exception 'An order is being paid with this voucher. Void it afterwards.' using errcode = 'TL005';
    end if;
    remaining := v.amount - till.value_moved(v.voucher_id);
    perform warm.admin_event(p_store, p_actor, 'voucher_voided', jsonb_build_object(
        'voucher_id', v.voucher_id, 'left', remaining::text, 'currency', v.currency));
    update till.vouchers as x set voided_at = now(), voided_by = p_actor where x.voucher_id = p_voucher;
    return remaining;
end $$;

-- Opens a house account, changes its limit, or closes it. The debt remains.
-- for: admin
create or replace function till.account_set_v1(
    p_store uuid, p_actor integer, p_customer uuid, p_limit numeric, p_closed boolean
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    a till.accounts;
    v_limit numeric;
    v_currency constant text := (select s.currency from till.stores as s where s.store_id = p_store);
begin
    perform warm.lock_values(p_store);
    select * into a from till.accounts as x where x.customer_id = p_customer and x.store_id = p_store for update;
    if a.customer_id is null and (p_closed or p_limit is null) then
        raise exception 'The customer has no house account.' using errcode = 'TL004';
    elsif a.customer_id is null and not exists (
        select from cold.customer_table as c
        where c.customer_id = p_customer and c.store_id = p_store and c.erased_at is null)
    then
        raise exception 'There is no customer %.', p_customer using errcode = 'TL004';
    elsif p_limit < 0 or p_limit > 1000000000 then
        raise exception 'A limit is 0 or more, and less than a thousand million.' using errcode = 'TL006';
    end if;
    v_limit := coalesce(p_limit, a.credit_limit);
    perform warm.admin_event(p_store, p_actor, 'account_set', jsonb_build_object(
        'customer_id', p_customer, 'limit', v_limit::text, 'currency', v_currency)
        || case when p_closed then '{"closed": true}' else '{}' end::jsonb);
    insert into till.accounts as x (customer_id, store_id, credit_limit, currency, opened_by)
    values (p_customer, p_store, v_limit, v_currency, p_actor)
    on conflict (customer_id) do update
    set credit_limit = excluded.credit_limit, closed_at = case when p_closed then coalesce(x.closed_at, now()) end;
end $$;

-- Records that a guest paid a debt or a part of it, and by which tender. Returns the remaining debt. The payment is for
-- earlier sales, and not turnover. If the venue owes the guest, the amount was paid out, and is recorded as negative.
-- for: admin
create or replace function till.account_pay_off_v1(
    p_store uuid, p_actor integer, p_customer uuid, p_amount numeric, p_tender text
) returns numeric
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    a till.accounts;
    owed numeric;
    v_id constant uuid := gen_random_uuid();
begin
    perform warm.lock_values(p_store);
    select * into a from till.accounts as x where x.customer_id = p_customer and x.store_id = p_store for update;
    if a.customer_id is null then
        raise exception 'The customer has no house account.' using errcode = 'TL004';
    end if;
    owed := till.value_moved(p_customer);
    if p_amount is null or p_amount <= 0 then
        raise exception 'Name the amount paid: more than 0.' using errcode = 'TL006';
    elsif p_amount > abs(owed) then
        raise exception 'The amount is more than is owed. `till admin accounts statement` says how much that is.' using errcode = 'TL006';
    elsif not warm.is_manual_tender(p_tender) then
        raise exception 'Name the tender: CASH, CARD, or another that is not a voucher or an account.'
            using errcode = 'TL006';
    end if;
    p_amount := p_amount * sign(owed);
    perform warm.admin_event(p_store, p_actor, 'account_paid_off', jsonb_build_object(
        'customer_id', p_customer, 'paying', v_id, 'amount', p_amount::text, 'currency', a.currency, 'tender', p_tender));
    insert into till.value_movements (
        movement_id, store_id, tender, holder_id, amount, state, how, user_id, till_id, moved_at
    )
    values (v_id, p_store, 'ACCOUNT', p_customer, -p_amount, 'paid_off', p_tender, p_actor, 0, now());
    return owed - p_amount;
end $$;

-- A pay-off for lists: its guest, by name or number, both empty once erased; where, how and when it was paid, and whether
-- it counts (`booked`), was undone at its till or was reversed. The amount is negative if a credit was paid out.
create or replace function warm.pay_off_row(m till.value_movements) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'pay_off', m.movement_id, 'customer', m.holder_id, 'guest', coalesce(nullif(c.name, ''), c.phone),
        'at', warm.time_text(m.moved_at), 'till', m.till_id, 'user', m.user_id, 'how', m.how, 'amount', (-m.amount)::text,
        'currency', a.currency, 'state', case
            when m.state = 'released' then 'undone'
            when exists (select from till.value_movements as x where x.holder_id = m.holder_id and x.payment_id = m.movement_id
                and x.state = 'paid_off') then 'reversed'
            else 'booked' end)
    from till.accounts as a join cold.customer_table as c on c.customer_id = a.customer_id where a.customer_id = m.holder_id
$$;

-- The pay-offs of a guest, or of all guests, whose id is `p_which` or ends so.
create or replace function warm.pay_offs_like(p_store uuid, p_customer uuid, p_which text) returns setof till.value_movements
language plpgsql stable as $$
begin
    return query
    select m.* from till.value_movements as m
    where m.store_id = p_store and m.tender = 'ACCOUNT' and m.holder_id = coalesce(p_customer, m.holder_id)
        and m.how is not null and m.state in ('paid_off', 'released') and right(m.movement_id::text, length(p_which)) = lower(p_which);
end $$;

-- The pay-offs of all guests, the newest first; with `p_which` only those whose id ends so.
-- for: admin
create or replace function till.pay_offs_v1(p_store uuid, p_which text default '') returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(warm.pay_off_row(m) order by m.moved_at desc, m.movement_id), '[]')
        from warm.pay_offs_like(p_store, null, p_which) as m);
end $$;

-- Reverses a pay-off, once: the guest owes the amount again, or has the credit back. No cash moves. Returns what is owed
-- now. `p_pay_off` is its id or the end of it.
-- for: admin
create or replace function till.account_correct_v1(p_store uuid, p_actor integer, p_customer uuid, p_pay_off text) returns numeric
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    c cold.customer_table;
    likely uuid[];
    m till.value_movements;
    v_id constant uuid := gen_random_uuid();
begin
    -- the customer before the movements, in the order in which an erasure locks them
    select * into c from cold.customer_table as x where x.customer_id = p_customer and x.store_id = p_store for share;
    perform warm.lock_values(p_store);
    likely := array(select x.movement_id from warm.pay_offs_like(p_store, p_customer, p_pay_off) as x limit 2);
    select * into m from till.value_movements as x where x.movement_id = likely[1];
    if c.customer_id is null or m.movement_id is null or p_pay_off = '' then
        raise exception 'There is no such pay-off. `till admin accounts statement` shows those of a guest.' using errcode = 'TL004';
    elsif cardinality(likely) > 1 then
        raise exception 'Several pay-offs end like that: pass the whole id.' using errcode = 'TL006';
    elsif c.erased_at is not null then
        raise exception 'The guest is erased: nobody would owe it.' using errcode = 'TL005';
    elsif m.state = 'released' then
        raise exception 'The pay-off was undone at its till already.' using errcode = 'TL005';
    elsif warm.pay_off_row(m)->>'state' = 'reversed' then
        raise exception 'The pay-off is reversed already.' using errcode = 'TL005';
    end if;
    perform warm.admin_event(p_store, p_actor, 'account_corrected', jsonb_build_object(
        'customer_id', p_customer, 'pay_off', m.movement_id, 'correction', v_id, 'amount', (-m.amount)::text,
        'currency', warm.pay_off_row(m)->'currency'));
    insert into till.value_movements (
        movement_id, store_id, tender, holder_id, amount, state, payment_id, user_id, till_id, moved_at
    )
    values (v_id, p_store, 'ACCOUNT', p_customer, -m.amount, 'paid_off', m.movement_id, p_actor, 0, now());
    return till.value_moved(p_customer);
end $$;
