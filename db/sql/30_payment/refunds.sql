-- Refunds: claimed when they begin, and recorded permanently once the money was refunded. Corrections of tenders and tips.

-- True if a claim still counts against its sale: the refund was approved, or its till may still report the outcome. A
-- claim of a revoked till or of an abandoned journal does not count, because it would block the sale for ever. If that
-- money was refunded after all, it is a conflict.
create or replace function warm.claim_counts(c till.refund_claims) returns boolean
language sql stable as $$
    select c.state = 'approved' or c.state in ('reserved', 'unknown')
        and not exists (
            select from till.tills as t where t.store_id = c.store_id and t.id = c.till_id and t.revoked_at is not null)
        and not exists (
            select from warm.journal_head as h where h.journal_id = c.journal_id and h.retired_at is not null)
$$;

-- The payments of orders with their real tender: a corrected payment, with its change, counts under the tender that it
-- was corrected to. A corrected tip moved money of its own, at the till that corrected it, and counts beside the payment.
create or replace view cold.corrected_payments as
select p.order_id, p.position, p.is_change, p.amount, p.tip, p.till_id, coalesce(c.tender, p.tender) as tender, p.payment_id
from cold.order_payment as p left join lateral (
    select x.tender from cold.tender_correction as x where x.order_id = p.order_id and x.payment_id = p.payment_id
    order by x.correction_id desc limit 1
) as c on true
union all
select t.order_id, 0, true, t.amount, t.amount, t.till_id, t.tender, t.payment_id from cold.tip_correction as t;

-- True if a refund exceeds its sale: the amount paid, the pieces of a row, or the payment that it names, without its
-- tip, as a till calculates them. The cash payments of a sale count as one. Of an order that was sold twice, a payment
-- that both sales list stands with one of them, and counts for both. Refunds that were declined, refused or left by a
-- revoked till do not count. With `p_went` only confirmed refunds count.
create or replace function cold.exceeds_sale(p_order uuid, p_refund uuid, p_data jsonb, p_went boolean) returns boolean
language sql stable as $$
    with sales as materialized (
        select p_order as order_id
        union
        select other.order_id from cold.orders as own join cold.orders as other using (session_id)
        where own.order_id = p_order
    ), claimed as materialized (
        select c.order_id, c.amount, c.payment_id, c.data from till.refund_claims as c join sales using (order_id)
        where warm.claim_counts(c) and (c.state = 'approved' or not p_went) and c.refund_id <> p_refund
        union all
        select p_order, (p_data->>'amount')::numeric, (p_data->>'payment_id')::uuid, p_data
    ), payment as materialized (
        select p.payment_id, p.amount - p.tip as amount, p.tender = 'CASH' and not p.is_change as is_cash
        from cold.corrected_payments as p join sales using (order_id)
    ), named as (
        select (p_data->>'payment_id')::uuid as payment_id
        union
        select other.payment_id from payment as own join payment as other using (is_cash)
        where own.payment_id = (p_data->>'payment_id')::uuid and is_cash
    ), back as (
        select l."row", sum(l.quantity) as pieces
        from claimed as c, jsonb_to_recordset(coalesce(c.data->'lines', '[]')) as l ("row" integer, quantity bigint)
        where c.order_id = p_order
        group by l."row"
    )
    select -(select sum(c.amount) from claimed as c where c.order_id = p_order) > o.total_amount + o.rounding
        or -(select sum(c.amount) from claimed as c join named using (payment_id)) > (
            select coalesce(sum(p.amount), 0) from payment as p join named using (payment_id))
        or exists (
            select from back as b left join cold.order_item as i on i.order_id = p_order and i.position = b."row"
            where i.quantity is null or abs(b.pieces) > abs(i.quantity) or sign(b.pieces) = sign(i.quantity))
    from cold.orders as o where o.order_id = p_order
$$;

-- True if an amount of a refund is smaller than the coin of its sale.
create or replace function cold.is_split_coin(o cold.orders, p_data jsonb) returns boolean
language sql stable as $$
    select exists (
        select from (
            select p_data->>'amount' as text union all select p_data->>'net' union all select p_data->>'tax'
            union all select p_data->>'rounding'
            union all select unnest(array[l.amount, l.net, l.tax])
                from jsonb_to_recordset(coalesce(p_data->'lines', '[]')) as l (amount text, net text, tax text)
            union all select unnest(array[t.net, t.tax])
                from jsonb_to_recordset(coalesce(p_data->'taxes', '[]')) as t (net text, tax text)
        ) as amounts where scale(amounts.text::numeric) > cold.decimals_of(o.currency))
$$;

-- The fault of a refund that a till begins, as a sentence; null for none.
create or replace function cold.refund_fault(o cold.orders, p_till integer, p_at timestamptz, p_data jsonb) returns text
language sql stable as $$
    select case
        when o.order_id is null then 'The sale to refund is not in the database.'
        when o.currency <> p_data->>'currency' or warm.stream_of(o.session_id)::text <> p_data->>'session_id'
            or o.receipt is distinct from p_data->>'sold' then 'The refund names another sale than the one that it refunds.'
        when (p_data->>'amount')::numeric >= 0 then 'The refund gives nothing back.'
        when (p_data->>'amount')::numeric <> (p_data->>'net')::numeric + (p_data->>'tax')::numeric
            + (p_data->>'rounding')::numeric or (p_data->>'tax')::numeric <> (
            select coalesce(sum(t.tax), 0) from jsonb_to_recordset(coalesce(p_data->'taxes', '[]')) as t (tax numeric))
            then 'The net, tax and rounding of the refund do not add up to its amount.'
        when cold.is_split_coin(o, p_data) then 'An amount of the refund is smaller than the coin of its currency.'
        when exists (
            select from jsonb_to_recordset(coalesce(p_data->'lines', '[]')) as l ("row" integer)
            group by l."row" having count(*) > 1) then 'The refund names a row of the sale twice.'
        when exists (
            select from jsonb_to_recordset(coalesce(p_data->'lines', '[]')) as l (amount numeric, net numeric, tax numeric)
            having (sum(l.amount), sum(l.net), sum(l.tax)) <> (
                (p_data->>'amount')::numeric, (p_data->>'net')::numeric, (p_data->>'tax')::numeric))
            then 'The rows of the refund do not add up to its amount.'
        when (p_data->>'drawer')::integer <> p_till or p_data->>'tender' = 'CASH' and p_data->>'drawer' is null
            then 'The refund does not come out of the drawer of its till.'
        when p_data->>'tender' <> 'CASH' and exists (
            select from cold.order_payment as p
            where p.order_id = o.order_id and p.payment_id = (p_data->>'payment_id')::uuid) and not exists (
            select from cold.order_payment as p
            left join cold.tender_correction as c on c.order_id = p.order_id and c.payment_id = p.payment_id
            where p.order_id = o.order_id and p.payment_id = (p_data->>'payment_id')::uuid
                and p_data->>'tender' in (p.tender, c.tender)) then 'The refund is in a tender that did not pay.'
        when cold.is_about(o.store_id, (p_data->>'business_date')::date, p_at) is not true
            then 'The business day of the refund does not fit its time.'
    end
$$;

-- True if an id is that of a payment that a till started or a sale lists.
create or replace function warm.is_payment(p_id uuid) returns boolean
language sql stable as $$
    select exists (select from warm.every_content as c where c.content_id = p_id and c.is_payment)
        or exists (select from warm.sale_claims as k where k.content_id = p_id)
$$;

-- Reserves the amount of a refund before the money moves. Of two refunds of the same pieces, the first one gets them.
create or replace function warm.apply_refund_started(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    o cold.orders;
    fault text;
    beyond boolean;
begin
    select * into o from cold.orders as x
    where x.order_id = (e.data->>'order_id')::uuid and x.store_id = p_auth.store_id for no key update;
    fault := case when e.till_id > 0 and not cold.is_own_number(e.till_id, 'F?R', e.data->>'receipt')
        then 'The number of the refund is not of a series of its till.'
        when e.till_id > 0 and not warm.is_event_id(e.stream_id) then 'The id of the refund is not of version 7.' else cold.refund_fault(o, e.till_id, e.at, e.data) end;
    if fault is not null then
        raise exception '%', fault using errcode = 'TL001';
    elsif exists (
        select from till.refund_claims as c where c.refund_id = e.stream_id and c.event_id <> e.event_id)
    then
        raise exception 'A refund with this id has already begun.' using errcode = 'TL001';
    elsif warm.is_payment(e.stream_id) then
        raise exception 'The refund has the id of a payment.' using errcode = 'TL001';
    end if;
    beyond := cold.exceeds_sale(o.order_id, e.stream_id, e.data, false)
        or warm.is_credit_lost(o.store_id, e.data, till.business_date(o.store_id, now()));
    insert into till.refund_claims (
        refund_id, order_id, payment_id, receipt, amount, state, data, user_id, till_id, store_id, started_at, event_id,
        journal_id
    )
    values (
        e.stream_id, o.order_id, (e.data->>'payment_id')::uuid, e.data->>'receipt', (e.data->>'amount')::numeric,
        case when beyond then 'refused' else 'reserved' end, e.data - 'digests', e.user_id, e.till_id, e.store_id, e.at,
        e.event_id, e.journal_id
    )
    on conflict (refund_id) do nothing;
end $$;

-- Records a refund permanently.
create or replace function cold.write_refund(c till.refund_claims, e warm.incoming_event, p_beyond boolean) returns void
language plpgsql as $$
begin
    insert into cold.refunds (
        refund_id, order_id, payment_id, receipt, tender, amount, net, tax, rounding, currency, taxes, drawer,
        business_date, approved_by, away, is_beyond, user_id, till_id, event_id, store_id, created_at
    )
    select c.refund_id, c.order_id, c.payment_id, c.receipt, d.tender, d.amount, d.net, d.tax, d.rounding, d.currency,
        coalesce(d.taxes, '[]'), d.drawer, d.business_date, d.approved_by, coalesce(d.away, false), p_beyond, e.user_id,
        c.till_id, e.event_id, c.store_id, e.at
    from jsonb_to_record(c.data) as d (
        tender text, amount numeric, net numeric, tax numeric, rounding numeric, currency text, taxes jsonb, drawer integer,
        business_date date, approved_by integer, away boolean
    );
    insert into cold.refund_item (
        refund_id, position, menu_item_id, item_name, quantity, amount, net, tax, store_id
    )
    select c.refund_id, l."row", l.item_id, l.item_name, l.quantity, l.amount, l.net, l.tax, c.store_id
    from jsonb_to_recordset(coalesce(c.data->'lines', '[]')) as l (
        "row" integer, item_id text, item_name text, quantity integer, amount numeric, net numeric, tax numeric);
end $$;

-- True if another approved refund has the number of this one: a journal was restored on its machine, or the number was
-- invented. Two such refunds at the same time wait for each other, whichever sales they refund.
create or replace function warm.is_refund_number_given(c till.refund_claims) returns boolean
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('till.refund_claims'), hashtext(c.store_id || ' ' || c.receipt));
    return exists (
        select from till.refund_claims as x
        where x.store_id = c.store_id and x.receipt = c.receipt and x.state = 'approved' and x.refund_id <> c.refund_id);
end $$;

-- Applies the outcome of a refund, as reported by the till that began it, or by a manager once that till is revoked.
-- Confirmed money counts even without a claim: an excess is a conflict. Approved and declined is also a conflict,
-- unless the provider declined it first (`till.domain.payment.movement`). Only this function credits a voucher or an
-- account.
create or replace function warm.apply_refund_answer(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    c till.refund_claims;
    beyond boolean;
    is_lost boolean;
    v_session text;
begin
    perform from cold.orders as o join till.refund_claims as x on x.order_id = o.order_id
    where x.refund_id = e.stream_id and o.store_id = p_auth.store_id for no key update of o;
    select * into c from till.refund_claims as x
    where x.refund_id = e.stream_id and x.store_id = p_auth.store_id for no key update;
    if c.refund_id is null then
        raise exception 'The refund never began here.' using errcode = 'TL001';
    elsif e.till_id not in (c.till_id, 0) then
        raise exception 'Another till began this refund.' using errcode = 'TL001';
    elsif (e.data->>'amount')::numeric <> c.amount or e.data->>'tender' <> c.data->>'tender' then
        raise exception 'The answer names another amount or tender than the refund began with.' using errcode = 'TL001';
    elsif e.event_type = 'refund_approved' and c.state <> 'approved' then
        -- a claim that still counts has reserved its pieces; other claims are checked against all of them
        beyond := cold.exceeds_sale(c.order_id, c.refund_id, c.data, warm.claim_counts(c));
        is_lost := c.data->>'tender' = 'VOUCHER' and not beyond and warm.is_voucher_lost(c.store_id, c.payment_id);
        if warm.is_server_tender(c.data->>'tender') and (beyond or not is_lost and warm.is_credit_lost(c.store_id, c.data)) then
            raise exception 'The database answers for this tender, and did not refund the payment.' using errcode = 'TL001';
        end if;
        if is_lost then
            perform warm.quarantine_event(
                p_auth, null, e, 'The refund went to a voucher that a restore lost. It was accepted: give the guest another one.', 'TL016');
        end if;
        update till.refund_claims as x set state = 'approved' where x.refund_id = c.refund_id;
        perform cold.write_refund(c, e, beyond);
        perform warm.credit_value(c, e);
        perform warm.settle_unanswered(p_auth, e, e.stream_id::text, 'The refund was given.');
        select o.session_id into v_session from cold.orders as o where o.order_id = c.order_id;
        if beyond then
            perform warm.find_conflict(
                p_auth, v_session, 'refunded_beyond', c.refund_id::text, -c.amount, c.data->>'currency');
        end if;
        if warm.is_refund_number_given(c) then
            perform warm.find_conflict(
                p_auth, v_session, 'number_twice', c.refund_id::text, -c.amount, c.data->>'currency');
        end if;
    elsif e.event_type = 'refund_declined' and c.state <> 'approved' then
        update till.refund_claims as x set state = 'declined' where x.refund_id = c.refund_id;
        perform warm.settle_unanswered(p_auth, e, e.stream_id::text, 'The refund was not given.');
    elsif e.event_type = 'refund_unknown' and c.state = 'reserved' then
        update till.refund_claims as x set state = 'unknown' where x.refund_id = c.refund_id;
    end if;
    if c.state in ('approved', 'declined') then  -- both answers may have arrived
        perform warm.find_conflict(
            p_auth, o.session_id, 'outcome_contradicted', c.refund_id::text, -c.amount, c.data->>'currency')
        from cold.refunds as r join cold.orders as o on o.order_id = r.order_id
        where r.refund_id = c.refund_id and exists (
            select from warm.session_events as x
            where x.stream_kind = 'refund' and x.stream_id = c.refund_id and x.event_type = 'refund_declined'
                and (x.event_id > r.event_id or x.event_data->>'approved_by' is not null or exists (
                    select from warm.session_events as y
                    where y.event_id = r.event_id and y.event_data->>'approved_by' is not null)));
    end if;
end $$;

-- Records a manager's decision about a refund that a revoked till left without an answer: refunded, or not. A refund
-- that has an answer by now does not change.
create or replace function warm.resolve_unanswered_refund(p_store uuid, p_actor integer, p_refund uuid, p_given boolean) returns void
language plpgsql as $$
declare
    c till.refund_claims;
    v_event uuid;
    why text;
begin
    select * into c from till.refund_claims as x where x.refund_id = p_refund and x.store_id = p_store;
    if not found or c.state not in ('reserved', 'unknown') then
        return;
    end if;
    v_event := warm.server_event_v1(
        p_store, p_actor, case when p_given then 'refund_approved' else 'refund_declined' end, null, jsonb_build_object(
            'session_id', c.data->>'session_id', 'receipt', c.receipt, 'tender', c.data->>'tender',
            'amount', c.data->>'amount', 'drawer', c.data->'drawer', 'approved_by', p_actor), p_refund => p_refund);
    select q.reason into why from warm.quarantine as q where q.event_id = v_event;
    if found then
        raise exception '%', why using errcode = 'TL006';
    end if;
end $$;

-- The unanswered refunds of the abandoned journals of a till. The new journal receives them when it begins, because
-- their money may be on its way or refunded.
create or replace function warm.unanswered_refunds(p_auth warm.auth_context) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'session', c.refund_id, 'version', 0, 'b', e.body, 'h', warm.digest(e.body), 't', coalesce((
                select json_object_agg(t.field, json_build_object('salt', t.salt, 'text', t.text))
                from warm.texts_of(c.event_id) as t
            ), '{}')) order by c.refund_id), '[]')
        from till.refund_claims as c cross join lateral (select warm.body_of(c.store_id, c.event_id)) as e (body)
        where c.store_id = p_auth.store_id and c.till_id = p_auth.till_id and c.journal_id <> p_auth.journal_id
            and c.state in ('reserved', 'unknown') and e.body is not null
    );
end $$;

-- True if a tender is taken by hand, and not settled by the database.
create or replace function warm.is_manual_tender(p_tender text) returns boolean
language sql immutable as $$
    select warm.is_tender(p_tender) and not warm.is_server_tender(p_tender)
$$;

-- True if the payment of a correction is in this till's drawer, as its sale says. Before the sale arrives, it is the
-- till's if the till reported it first (the events of a push are in the log only later).
create or replace function warm.is_own_payment(
    p_auth warm.auth_context, s warm.hold_state, e warm.incoming_event, p_events warm.incoming_event[]
) returns boolean
language plpgsql stable as $$
begin
    return coalesce(
        (
            select coalesce(max(p.till_id), max(o.till_id)) = p_auth.till_id
            from cold.orders as o join cold.order_payment as p on p.order_id = o.order_id
            where o.order_id = (e.data->>'order_id')::uuid and o.session_id = s.id and p.payment_id = (e.data->>'payment_id')::uuid),
        (select c.till_id = p_auth.till_id from warm.every_content as c where c.content_id = (e.data->>'payment_id')::uuid),
        exists (
            select from unnest(p_events) as x
            where x.event_type in ('payment_started', 'payment_approved') and x.data->>'payment_id' = e.data->>'payment_id'));
end $$;

-- Corrects the tender of a payment: the real tender is stored beside the recorded one. The till that took the money
-- writes the correction; that of another till waits until a manager books it (`p_auth` is then the server), and the
-- first till is notified, because its drawer changes. The last correction counts.
create or replace function warm.apply_tender_corrected(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    p record;
begin
    select x.order_id, x.business_date, x.store_id, y.payment_id, y.amount, y.drawer, y.amount = (e.data->>'amount')::numeric
            and x.session_id = e.session_id as fits, y.transaction is null and not y.kept_here and warm.is_manual_tender(e.data->>'tender') as by_hand
    into p
    from cold.orders as x
    join (
        select z.order_id, z.payment_id, sum(z.amount) as amount, max(z.transaction) as transaction,
            bool_or(warm.is_server_tender(z.tender)) as kept_here, coalesce(max(z.till_id), max(o.till_id)) as drawer
        from cold.order_payment as z join cold.orders as o on o.order_id = z.order_id group by 1, 2
    ) as y on y.order_id = x.order_id and y.payment_id = (e.data->>'payment_id')::uuid
    where x.order_id = (e.data->>'order_id')::uuid and x.store_id = p_auth.store_id;
    if p.by_hand is false then
        raise exception 'Only a tender taken by hand can be corrected, and only to another such tender.' using errcode = 'TL001';
    elsif p.fits is not true then
        raise exception 'The correction names a payment that is not one of this sale.' using errcode = 'TL001';
    elsif p_auth.till_id not in (p.drawer, 0) then
        raise exception 'Another till took that payment: a manager books this correction.' using errcode = 'TL026';
    elsif (e.data->>'drawer')::integer <> p.drawer or (e.data->>'was_drawer')::integer <> p.drawer then
        raise exception 'The correction names another drawer than that of the till that took the payment.' using errcode = 'TL001';
    end if;
    insert into cold.tender_correction (
        correction_id, order_id, payment_id, was, tender, amount, business_date, approved_by, user_id, till_id, drawer, store_id,
        created_at
    )
    values (
        e.event_id, p.order_id, p.payment_id, e.data->>'was', e.data->>'tender', p.amount, p.business_date,
        (e.data->>'approved_by')::integer, e.user_id, e.till_id, p.drawer, p.store_id, e.at
    )
    on conflict (correction_id) do nothing;
    perform warm.find_conflict(
        p_auth, o.session_id, 'outcome_contradicted', e.data->>'payment_id', (e.data->>'amount')::numeric, o.currency)
    from cold.orders as o
    where o.order_id = (e.data->>'order_id')::uuid and exists (
        select from (
            select c.was, c.tender, lag(c.tender) over (order by c.correction_id) as before
            from cold.tender_correction as c
            where c.order_id = o.order_id and c.payment_id = (e.data->>'payment_id')::uuid
        ) as x
        where x.before not in (x.was, x.tender));
    perform warm.find_contradicted_tips(p_auth, p.order_id, p.payment_id);
end $$;

-- Opens a conflict for each correction of a payment that contradicts an earlier one: of a tip that was another by then, and
-- of a tender of which a part had been returned as tip. Each is a conflict of its own, so that none hides a later one.
create or replace function warm.find_contradicted_tips(p_auth warm.auth_context, p_order uuid, p_payment uuid) returns void
language plpgsql as $$
begin
    perform warm.find_conflict(p_auth, o.session_id, 'outcome_contradicted', x.correction_id::text, abs(x.amount), o.currency)
    from cold.orders as o cross join lateral (
        select c.correction_id, c.was, c.amount, p.tip + coalesce(sum(c.amount) over (
            order by c.correction_id rows between unbounded preceding and 1 preceding), 0) as before
        from cold.tip_correction as c join cold.order_payment as p on p.order_id = c.order_id and p.payment_id = c.payment_id and not p.is_change
        where c.order_id = o.order_id and c.payment_id = p_payment
        union all
        select c.correction_id, 0, t.amount, t.amount
        from cold.tender_correction as c cross join lateral (
            select coalesce(sum(x.amount), 0) as amount from cold.tip_correction as x
            where x.order_id = c.order_id and x.payment_id = c.payment_id and x.correction_id < c.correction_id) as t
        where c.order_id = o.order_id and c.payment_id = p_payment
    ) as x
    where o.order_id = p_order and x.before <> x.was;
end $$;

-- Corrects the tip of a payment: the till that took it, or a manager at another till, gives the difference back from its
-- own drawer, or took it in addition. Each correction counts, because its money moved. If one does not follow the one
-- before it, two tills corrected the same tip, and a manager sees that.
create or replace function warm.apply_tip_corrected(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    o cold.orders;
    p cold.order_payment;
    fault text;
begin
    select * into o from cold.orders as x
    where x.order_id = (e.data->>'order_id')::uuid and x.store_id = p_auth.store_id and x.session_id = e.session_id for no key update;
    select * into p from cold.order_payment as x
    where x.order_id = o.order_id and x.payment_id = (e.data->>'payment_id')::uuid and not x.is_change;
    fault := case
        when p.payment_id is null or p.amount <= 0 then 'The correction of a tip names a payment that is not one of this sale.'
        when (e.data->>'returned')::numeric <> (e.data->>'was')::numeric - (e.data->>'tip')::numeric
            or (e.data->>'returned')::numeric = 0 or scale((e.data->>'returned')::numeric) > cold.decimals_of(o.currency)
            then 'What a corrected tip returns is not its difference.'
        when e.till_id not in (coalesce(p.till_id, o.till_id), 0) and not warm.may_approve(o.store_id, (e.data->>'approved_by')::integer)
            and not warm.may_approve(o.store_id, e.user_id) then 'Another till took that payment: a manager must correct its tip.'
        when (e.data->>'drawer')::integer <> e.till_id or e.data->>'tender' = 'CASH' and e.data->>'drawer' is null
            then 'The tip does not go back out of the drawer of its till.'
        when e.data->>'tender' <> 'CASH' and (warm.is_server_tender(e.data->>'tender') or e.data->>'tender' <> p.tender and not exists (
            select from cold.tender_correction as c
            where c.order_id = o.order_id and c.payment_id = p.payment_id and c.tender = e.data->>'tender'))
            then 'The tip goes back in a tender that did not pay.'
    end;
    if fault is not null then
        raise exception '%', fault using errcode = 'TL001';
    end if;
    insert into cold.tip_correction (
        correction_id, order_id, payment_id, was, tip, amount, tender, business_date, approved_by, user_id, till_id, drawer, store_id,
        created_at
    )
    values (
        e.event_id, o.order_id, p.payment_id, (e.data->>'was')::numeric, (e.data->>'tip')::numeric, -(e.data->>'returned')::numeric,
        e.data->>'tender', o.business_date, (e.data->>'approved_by')::integer, e.user_id, e.till_id, (e.data->>'drawer')::integer,
        o.store_id, e.at
    )
    on conflict (correction_id) do nothing;
    perform warm.find_contradicted_tips(p_auth, o.order_id, p.payment_id);
    if p_auth.till_id > 0 and e.till_id <> coalesce(p.till_id, o.till_id) then  -- its PIN was checked there, if at all
        perform warm.quarantine_event(p_auth, null, e, format(
            'Till %s changed a tip of receipt %s, which till %s took: %s, not %s. It counts. If it is wrong, change it again there (F10).',
            e.till_id, o.receipt, coalesce(p.till_id, o.till_id), e.data->>'tip', e.data->>'was'), 'TL028');
    end if;
end $$;

-- Applies an event about a refund.
create or replace function warm.apply_refund(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
begin
    case e.event_type
        when 'refund_started' then perform warm.apply_refund_started(p_auth, e);
        when 'tender_corrected' then
            perform warm.apply_tender_corrected(p_auth, e);
            perform warm.retry_refunds(p_auth.store_id, e.session_id, '^(refund|tip)_');
        when 'tip_corrected' then perform warm.apply_tip_corrected(p_auth, e);
        else perform warm.apply_refund_answer(p_auth, e);
    end case;
end $$;

-- Applies an event about refunds of a push. If that fails, only this event is quarantined. Lists of past sales show it.
create or replace function warm.on_refund_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    message text;
begin
    begin
        perform warm.apply_refund(p_auth, e);
    exception when others then
        if warm.is_temporary(sqlstate) then
            raise;
        end if;
        get stacked diagnostics message = message_text;
        perform warm.quarantine_event(p_auth, null, e, message, sqlstate);
    end;
    perform till.tell_tills(p_auth.store_id, 'sessions');
    return true;
end $$;

-- Applies a corrected tender or tip as a refund.
create or replace function warm.on_correction(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language sql as $$
    select warm.on_refund_event(p_auth, e)
$$;

do $$
begin
    perform till.never_change('{cold.refunds,cold.refund_item,cold.tender_correction,cold.tip_correction}', 'cold.refuse_change()');
end $$;
