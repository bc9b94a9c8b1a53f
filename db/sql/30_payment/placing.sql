-- Placed orders: placing them, and refusing any change to them.

-- Places an order: writes all of its rows in one statement, then checks the sums. `p_order` is the frozen order of
-- `order_placed` (docs/protocol.md). Raises an error with a sentence if its sums do not agree or its id exists, and a
-- unique violation if it lists contents of another sale, except those in `p_shared`: such a line or payment stays with
-- the first sale. `p_history` has the earlier states of the order, null if it was only opened; `p_claims` has its lines
-- and payments that the log does not have. True if a manager may have to look at the order: another order has its
-- number or its session; money of its session waits for an order; it is rounded; its day or currency is not the
-- venue's (warm.flag_doubtful_sale).
create or replace function cold.place_order(
    p_store uuid, p_session text, p_user integer, p_till integer, p_event uuid, p_at timestamptz, p_opened timestamptz,
    p_order jsonb, p_source text, p_history warm.stood[] default null, p_claims uuid[] default '{}', p_shared uuid[] default '{}'
) returns boolean
language plpgsql as $$
declare
    o record;
    sums record;
    ignored text;
begin
    select x.*, coalesce((x.service_charge->>'subtotal')::numeric, 0) as charged,
        coalesce((x.service_charge->>'net')::numeric, 0) as charged_net,
        coalesce((x.service_charge->>'tax')::numeric, 0) as charged_tax,
        exists (select from cold.orders as y where y.order_id = x.order_id) as stands,
        warm.has_server_tender(x.payments) as kept,
        exists (select from warm.log_of(p_session) as e where e.event_type in ('line_type_set', 'lines_copied')) as typed,
        coalesce(x.rounding, 0) <> 0 or x.business_date > (now() + interval '2 days')::date
            or x.currency is distinct from (select v.currency from till.stores as v where v.store_id = p_store)
            -- `is not distinct from` avoids indexes on the store, which a plan made while the table was empty would choose
            or exists (
                select from cold.orders as y
                where y.receipt = x.receipt and y.store_id is not distinct from p_store)
            or exists (select from cold.orders as y where y.session_id = p_session)
            or p_shared <> '{}'
            or exists (
                select from till.conflicts as c
                where c.store_id = p_store and c.kind in ('money_without_order', 'no_answer') and c.resolved_at is null
                    and x.payments @> jsonb_build_array(jsonb_build_object('payment_id', c.subject))
            ) as doubtful
    into strict o
    from jsonb_to_record(p_order) as x (
        order_id uuid, receipt text, business_date date, order_type text, payment_method text, currency text,
        net numeric, tax numeric, rounding numeric, total numeric, tab_id uuid, customer_id uuid, ref text,
        lines jsonb, voids jsonb, taxes jsonb, payments jsonb, service_charge jsonb, off jsonb
    );
    if o.stands then
        raise exception 'The order is already placed.' using errcode = 'TL002';
    elsif o.kept then
        perform warm.spend_values(p_store, p_session, p_event, p_order);
    end if;
    ignored := set_config('till.placing', o.order_id::text, true);
    with line as materialized (
        select * from rows from (jsonb_to_recordset(o.lines) as (
            line_ids uuid[], item_id text, item_name text, quantity integer, unit_price numeric, measure numeric, unit text,
            modifiers jsonb, discount numeric, subtotal numeric, net numeric, tax numeric, taxes jsonb, off jsonb, category text
        )) with ordinality as l (
            line_ids, item_id, item_name, quantity, unit_price, measure, unit, modifiers, discount, subtotal, net, tax,
            taxes, off, category, position
        )
    ), item as (
        insert into cold.order_item (
            order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net, tax, discount, taxes,
            modifiers, measure, line_ids, off, category, store_id, order_type
        )
        select o.order_id, l.position, l.item_id, l.item_name, l.quantity, l.unit_price, l.subtotal, l.net, l.tax,
            coalesce(l.discount, 0), coalesce(l.taxes, '[]'), coalesce(l.modifiers, '[]'),
            rtrim(round(l.measure / 1000, 3) || ' ' || coalesce(l.unit, '')), l.line_ids,
            coalesce(l.off, '[]'), coalesce(l.category, (
                select c.name from cold.menu_item as m
                join cold.menu_categories as c on c.store_id = m.store_id and c.category_id = m.category_id
                where m.store_id = p_store and m.menu_item_id = l.item_id)), p_store,
            coalesce(case when o.typed then (
                select t.order_type_name from cold.order_type_table as t
                where t.order_type_name = warm.type_of_line(p_session, l.line_ids[1]) and coalesce(t.store_id, p_store) = p_store
                limit 1) end, o.order_type)
        from line as l
        returning subtotal, net, tax
    ), covered as (
        insert into cold.order_line (line_id, order_id, store_id)
        select id, o.order_id, p_store from line as l, unnest(l.line_ids) as id
        where id <> all (p_claims || p_shared)  -- a claimed line may belong to another order
    ), payment as (
        insert into cold.order_payment (
            order_id, position, is_change, payment_id, tender, amount, tip, transaction, till_id, user_id, store_id, is_claimed
        )
        select o.order_id, p.position, part.is_change, p.payment_id,
            case when part.is_change then 'CASH' else p.tender end, part.amount, part.tip,
            case when not part.is_change then nullif(p.transaction, '') end, p.till,
            case when part.tip <> 0 then p."user" end, p_store,
            p.payment_id = any (p_claims)
        from rows from (jsonb_to_recordset(o.payments) as (
            payment_id uuid, tender text, amount numeric, change numeric, tip numeric, transaction text, till integer, "user" integer
        )) with ordinality as p (payment_id, tender, amount, change, tip, transaction, till, "user", position)
        cross join lateral (
            values (false, p.amount + coalesce(p.change, 0), coalesce(p.tip, 0)), (true, -p.change, 0)
        ) as part (is_change, amount, tip)
        where (not part.is_change or part.amount <> 0) and p.payment_id <> all (p_shared)
    ), history as (
        insert into cold.order_status_history (
            order_id, position, status, event_type, changed_at, user_id, till_id, store_id
        )
        select o.order_id, h.position, h.status, h.event_type, h.at, h.user_id, h.till_id, p_store
        from unnest(
            coalesce(p_history, array[row('active', 'order_opened', coalesce(p_opened, p_at), p_user, p_till)::warm.stood])
                || row('completed', 'order_placed', p_at, p_user, p_till)::warm.stood
        ) with ordinality as h (status, event_type, at, user_id, till_id, position)
    ), placed as (
        insert into cold.orders (
            order_id, session_id, customer_id, order_type_id, order_source_id, order_type, payment_method, total_amount,
            net, tax, rounding, service_charge, service_charge_net, service_charge_taxes, currency, receipt, business_date, taxes, voids,
            user_id, till_id, tab_id, ref, event_id, off, store_id, created_at
        )
        values (
            o.order_id, p_session, o.customer_id,
            coalesce(
                (select order_type_id from cold.order_type_table
                    where order_type_name = o.order_type and store_id = p_store),
                (select order_type_id from cold.order_type_table
                    where order_type_name = o.order_type and store_id is null)),
            (select order_source_id from cold.order_source_type
                where store_id is null and source_name = case
                    when exists (select from till.program_sessions as x where x.session_id = p_session)
                        or exists (select from till.order_sessions as x where x.id = p_session and x.submitted is not null)
                        then 'chatbot'
                    else p_source end),
            o.order_type, o.payment_method, o.total, o.net, o.tax, coalesce(o.rounding, 0), o.charged,
            o.charged_net, coalesce(o.service_charge->'taxes', '[]'), o.currency, o.receipt,
            o.business_date, coalesce(o.taxes, '[]'), coalesce(o.voids, '[]'), p_user, p_till, o.tab_id, o.ref,
            p_event, coalesce(o.off, '[]'), p_store, p_at
        )
    )
    select i.*, p.*, t.* into strict sums
    from (
            select coalesce(sum(subtotal), 0) + o.charged as subtotal, coalesce(sum(net), 0) + o.charged_net as net,
                coalesce(sum(tax), 0) + o.charged_tax as tax,
                count(*) filter (where subtotal is distinct from net + tax) as uneven
            from item
        ) as i,
        (
            select coalesce(sum(x.amount - coalesce(x.tip, 0)), 0) as paid
            from jsonb_to_recordset(o.payments) as x (amount numeric, tip numeric)
        ) as p,
        (select coalesce(sum(tax), 0) as taxed from jsonb_to_recordset(coalesce(o.taxes, '[]')) as x (tax numeric)) as t;
    ignored := set_config('till.placing', '', true);
    if o.total is distinct from o.net + o.tax or o.total <> sums.subtotal or o.net <> sums.net
        or o.tax <> sums.tax or o.tax <> sums.taxed or sums.uneven > 0
        or o.charged <> o.charged_net + o.charged_tax then
        raise exception 'The total % does not add up: lines % (net %, tax %), net %, tax %, taxes %.',
            o.total, sums.subtotal, sums.net, sums.tax, o.net, o.tax, sums.taxed
            using errcode = 'TL001';
    end if;
    if sums.paid is distinct from o.total + coalesce(o.rounding, 0) then
        raise exception 'The payments less tips come to %, but the order to %.', sums.paid, o.total + coalesce(o.rounding, 0)
            using errcode = 'TL001';
    end if;
    return o.doubtful;
end $$;

-- The states of an order so far, in sequence.
create or replace function warm.states_of(s warm.hold_state) returns warm.stood[]
language plpgsql stable as $$
declare
    states warm.stood[];
    hold warm.hold_state;
    e warm.incoming_event;
begin
    for e in select * from warm.moves_of(s) loop
        if e.event_type = any (warm.kinds_that_take()) then
            continue when not warm.makes_later_hold(hold, e);
            hold.hold_id := e.hold_id;
        end if;
        states := array_append(states, row(
            case e.event_type
                when 'order_parked' then 'pending_logout'
                when 'order_submitted' then 'pending_logout'
                when 'session_swept' then 'pending_logout'
                when 'tab_assigned' then 'assigned_to_tab'
                when 'order_discarded' then 'discarded'
                else 'active'
            end, e.event_type, e.at, e.user_id, warm.holder_by(e.event_type, e.till_id, e.data))::warm.stood);
    end loop;
    return states;
end $$;

-- The states of an order; null, the usual case, for one that was only opened, by the journal that holds it.
create or replace function warm.history_of(s warm.hold_state) returns warm.stood[]
language sql stable as $$
    select case when (s.hold_journal is null and s.last_move = s.hold_id and s.status = 'active') is not true then warm.states_of(s) end
$$;

-- The sentence for a person about an error that the database raised for an order.
create or replace function cold.refusal(p_state text, p_constraint text, p_message text) returns text
language plpgsql immutable as $$
begin
    return case
        when p_state = 'TL002' or p_constraint = 'orders_pkey' then 'The order is already placed.'
        when p_constraint in ('order_line_pkey', 'order_payment_once') then 'The sale lists a line or a payment twice.'
        when p_constraint = 'order_payment_amount_check' then 'An amount of the sale is too large.'
        when p_constraint = 'order_payment_tip_check' then 'A tip is more than its payment.'
        when p_state = '22008' then 'The sale counts for a day that is in no calendar.'
        else p_message
    end;
end $$;

-- The taxes of lines and of a service charge, summed up by tax, each with its net amount.
create or replace function cold.taxes_summed(p_parts jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'name', t.name, 'rate', t.rate, 'per_piece', t.per_piece, 'added', t.added, 'net', t.net::text,
            'tax', t.tax::text)) order by t.name, t.rate, t.per_piece, t.added), '[]')
        from (
            select x.name, x.rate, x.per_piece, x.added, sum(l.net) as net, sum(x.tax) as tax
            from jsonb_to_recordset(p_parts) as l (net numeric, taxes jsonb),
                jsonb_to_recordset(coalesce(l.taxes, '[]')) as x (
                    name text, rate text, per_piece text, added boolean, tax numeric)
            group by x.name, x.rate, x.per_piece, x.added
        ) as t
    );
end $$;

-- True if a business day fits the time of its record, which allows for a wrong clock. The trading days of a replay are
-- given by its files.
create or replace function cold.is_about(p_store uuid, p_day date, p_at timestamptz) returns boolean
language sql stable as $$
    select p_day - (p_at at time zone 'UTC')::date between -2 and 1 or exists (
        select from till.settings as t, jsonb_each_text(t.body->'trading_days') as d
        where t.store_id = p_store and t.name = 'settings' and d.value = p_day::text)
$$;

-- True if a document's number is of a till's own series: `1-000123`, and `1B-…` or `1X4F2A-…` of its other journals. The
-- kind is a pattern of the letters of its series: F? for a sale, F?R for a refund, F for an invoice of a ticket, Z for a Z.
create or replace function cold.is_own_number(p_till integer, p_kind text, p_number text) returns boolean
language sql immutable parallel safe as $$
    select p_number ~ ('^' || p_till::text || '([A-Z][A-Z0-9]*)?-' || p_kind || '[0-9]{6,9}$')
$$;

-- The letters of the series of a number: F of full invoices, R and FR of refunds; empty for a ticket and for other numbers.
create or replace function cold.series_of(p_number text) returns text
language sql immutable parallel safe as $$
    select coalesce(substring(p_number from '[0-9][A-Z0-9]*-(FR|F|R)[0-9]{6,9}(?![A-Z0-9])'), '')
$$;

-- The fault of an order that a till placed, apart from its sums, as a sentence; null for none. No unmodified till makes
-- such an order, whatever its clock, settings and menu: the day fits the time, the currency is that of the opened
-- order, amounts are whole coins, and the rounding follows the order's terms: half a step at most, or less than a step
-- if it rounds down.
create or replace function cold.order_fault(s warm.hold_state, e warm.incoming_event) returns text
language plpgsql stable as $$
declare
    v_currency constant text := e.data->>'currency';
    v_day constant date := (e.data->>'business_date')::date;
    v_rounding constant numeric := abs((e.data->>'rounding')::numeric);
begin
    if not cold.is_own_number(e.till_id, 'F?', e.data->>'receipt') then
        return 'The number of the sale is not of a series of its till.';
    elsif not cold.is_about(s.store_id, v_day, e.at) then
        return 'The business day of the sale does not fit its time.';
    elsif e.body ~ format(
        '"(amount|change|discount|net|rounding|subtotal|tax|tip|total)":"-?[0-9]+\.[0-9]{%s}', cold.decimals_of(v_currency) + 1)
    then
        return 'An amount of the sale is smaller than the coin of its currency.';
    elsif e.body ~ '"change":"(-|[0-9]{9})' then
        return 'The sale gives change that no drawer holds.';
    elsif exists (
        select from jsonb_to_recordset(e.data->'lines') as l (line_ids jsonb, line_quantities jsonb, quantity bigint)
        where jsonb_array_length(l.line_ids) <> jsonb_array_length(l.line_quantities)
            or l.quantity <> (select sum(q::bigint) from jsonb_array_elements_text(l.line_quantities) as q))
    then
        return 'The lines of the sale do not match their pieces.';
    elsif v_currency is distinct from s.currency and exists (
        select from warm.log_of(s.id) as x where x.event_type = 'order_opened') and not exists (
        select from warm.log_of(s.id) as x
        where x.event_type = 'order_opened' and x.event_data->>'currency' = v_currency)
    then
        return format('The sale is in %s, and the order was opened in another currency.', v_currency);
    elsif v_rounding > 0 and exists (
        select from warm.log_of(s.id) as x where x.event_type = 'order_opened') and not exists (
        select from warm.log_of(s.id) as x cross join lateral jsonb_to_record(x.event_data->'rounding') as r (
            step numeric, direction text)
        where x.event_type = 'order_opened'
            and case r.direction when 'down' then v_rounding < r.step else v_rounding * 2 <= r.step end)
    then
        return 'The sale is rounded by more than its own terms allow.';
    end if;
    return warm.takings_fault(s, e);
end $$;

-- The fault of a sale that does not say truly which till took its payments, and what, because a drawer would change by
-- another till's word; null for none. A till that has the order later may ask for a charge again, but not for cash. A
-- manager may book it.
create or replace function warm.takings_fault(s warm.hold_state, e warm.incoming_event) returns text
language plpgsql stable as $$
declare
    wrong record;
begin
    select p.till, t.* into wrong
    from jsonb_to_recordset(e.data->'payments') as p (payment_id uuid, tender text, amount numeric, change numeric, till integer)
    cross join lateral (
        select coalesce(array_agg(x.till_id), '{}') as takers, coalesce(array_agg(x.till_id) filter (where m.fits), '{}') as fitting,
            (array_agg(x.till_id order by x.version) filter (where x.event_type = 'payment_approved' and x.till_id > 0))[1] as first
        from warm.log_of(s.id) as x cross join lateral (
            select x.event_type = 'payment_approved' and x.event_data->>'tender' = p.tender
                and coalesce((x.event_data->>'change')::numeric, 0) = coalesce(p.change, 0) and case
                    when p.tender = 'CASH' then (x.event_data->>'amount')::numeric = p.amount
                    else abs((x.event_data->>'amount')::numeric) >= abs(p.amount) end as fits) as m
        where x.event_type in ('payment_started', 'payment_approved') and x.event_data->>'payment_id' = p.payment_id::text
    ) as t
    where case
        when p.till <> e.till_id then p.till <> all (t.fitting) and not (0 = any (t.fitting) and p.till = any (t.takers))
        else t.takers <> '{}' and e.till_id <> all (t.takers) and 0 <> all (t.takers)
            or t.first <> e.till_id and (p.tender = 'CASH' or t.first <> all (t.fitting)) end
    limit 1;
    return case
        when not found or warm.is_booked(s.id, e.event_id) then null
        when wrong.till <> e.till_id and wrong.till <> all (wrong.takers)
            then format('The sale lists money taken at till %s, which has no record of it.', wrong.till)
        when wrong.till <> e.till_id then format('The sale lists other money of till %s than that till took.', wrong.till)
        else format('The sale does not say that till %s took a payment of it.', coalesce(wrong.first, wrong.takers[1])) end;
end $$;

-- Raises an error for an order of a till that has a fault; orders that the server placed are not checked. A first check
-- of the order itself, without a table, clears most orders: number, day and currency fit, amounts are whole coins,
-- nothing is rounded, the change is small, each row is one line, and no other till could take money for it.
create or replace function cold.check_order(s warm.hold_state, e warm.incoming_event) returns void
language plpgsql as $$
declare
    fault constant text := case when e.fault is not null then e.fault when e.till_id > 0 and (
        (e.data->>'business_date')::date - (e.at at time zone 'UTC')::date between -2 and 1
        and cold.is_own_number(e.till_id, 'F?', e.data->>'receipt') and e.data->>'currency' = s.currency and (e.data->>'rounding')::numeric = 0
        and s.hold_journal is null and s.hold_till = e.till_id and not e.data @? '$.payments[*].till ? (@ != null)'
        and e.body !~ format('\.[0-9]{%s,}"', cold.decimals_of(s.currency) + 1)
        and not e.data @? '$.payments[*].change ? (@ like_regex "^(-|[0-9]{9})")'
        and not e.data @? '$.lines[*] ? (!(@.line_ids.size() == 1 && @.line_quantities.size() == 1
            && @.line_quantities[0] == @.quantity))'
    ) is not true then cold.order_fault(s, e) end;
begin
    if fault is not null then
        raise exception '%', fault using errcode = 'TL001';
    end if;
end $$;

-- Flags facts of a sale that an unmodified till may also write, with a wrong clock or old settings, and that no manager
-- would notice. The sale counts, and each reason is flagged once for a journal. True if anything was flagged.
create or replace function warm.flag_doubtful_sale(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    o cold.orders;
begin
    select * into o from cold.orders as x
    where x.order_id = (e.data->>'order_id')::uuid and x.event_id = e.event_id and x.store_id = p_auth.store_id;
    if p_auth.till_id = 0 or o.order_id is null then
        return false;
    elsif o.currency <> (select v.currency from till.stores as v where v.store_id = o.store_id) then
        return warm.flag_record(p_auth, e, 'The sale is not in the currency of the venue. It was accepted.', 'TL016');
    elsif o.business_date > (now() + interval '2 days')::date then
        return warm.flag_record(p_auth, e, 'The sale counts for a day that is yet to come. It was accepted.', 'TL016');
    elsif o.rounding <> 0 and not exists (
        select from warm.log_of(e.session_id) as x
        where x.event_type = 'order_opened'
            and cold.rounding_rule(x.event_data->'rounding') = cold.rounding_rule(till.venue(o.store_id)->'rounding'))
    then
        return warm.flag_record(p_auth, e, 'The sale is not rounded as the venue rounds. It was accepted.', 'TL016');
    end if;
    return false;
end $$;

-- The rounding of a setting or of an order's terms, with its defaults; null if nothing is rounded.
create or replace function cold.rounding_rule(p_terms jsonb) returns text
language sql immutable as $$
    select concat_ws(' ', (r.step)::numeric + 0.0000, coalesce(r.direction, 'half_up'), coalesce(r.of, 'cash'),
        (coalesce(r.nothing_up_to, '0'))::numeric + 0.0000)
    from jsonb_to_record(case when jsonb_typeof(p_terms) = 'object' then p_terms else '{}' end) as r (
        step text, direction text, nothing_up_to text, of text)
    where r.step is not null
$$;

-- Places a sale as a whole, even if other sales have lines or payments of it (warm.flag_sold_twice). A sale with the
-- same lines and payments as another is the same sale: its receipt number is void and refers to the first sale. True if
-- a manager may have to look at it.
create or replace function warm.place_sale(s warm.hold_state, e warm.incoming_event, p_source text) returns boolean
language plpgsql as $$
declare
    broken text;
    listed uuid[];
    shared uuid[] := '{}';
    first uuid;
begin
    if s.status = 'completed' then  -- payments that an earlier sale of the order claimed stay with that sale
        shared := array(
            select p.payment_id from cold.orders as o join cold.order_payment as p on p.order_id = o.order_id
            where o.session_id = s.id and p.is_claimed and p.payment_id in (select l.content_id from warm.listed_in(e.data) as l));
    end if;
    begin
        return cold.place_order(
            s.store_id, s.id, e.user_id, e.till_id, e.event_id, e.at, s.created_at, e.data, p_source, warm.history_of(s),
            warm.claims_of(e), shared);
    exception when unique_violation then
        get stacked diagnostics broken = constraint_name;
        if broken not in ('order_line_pkey', 'order_payment_once') then
            raise;
        end if;
    end;
    listed := array(select l.content_id from warm.listed_in(e.data) as l order by 1);
    select o.order_id into first
    from warm.log_of(s.id) as x join cold.orders as o on o.session_id = s.id and o.event_id = x.event_id
    where x.event_type = 'order_placed' and x.event_data->'payments' <> '[]'
        and array(select l.content_id from warm.listed_in(x.event_data) as l order by 1) = listed;
    if found then
        insert into cold.void_receipts (event_id, receipt, order_id, store_id)
        values (e.event_id, e.data->>'receipt', first, s.store_id) on conflict do nothing;
        return true;
    end if;
    return cold.place_order(
        s.store_id, s.id, e.user_id, e.till_id, e.event_id, e.at, s.created_at, e.data, p_source, warm.history_of(s),
        warm.claims_of(e), array(
            select l.line_id from cold.order_line as l where l.line_id = any (listed)
            union all
            select p.payment_id from cold.order_payment as p
            where p.payment_id = any (listed) and not p.is_change));
end $$;

-- Places the order of an `order_placed`. If that fails, only this event is quarantined. A sale completes the order,
-- whatever its status was.
create or replace function warm.apply_order_placed(p_auth warm.auth_context, s warm.hold_state, e warm.incoming_event, p_source text)
returns warm.hold_state
language plpgsql as $$
declare
    message text;
    broken text;
begin
    perform cold.check_order(s, e);
    s.doubtful := warm.place_sale(s, e, p_source) or s.doubtful;
    s.status := 'completed';
    s.till_id := null;
    s.heard := true;
    s.tabs := s.tabs or s.tab_id is not null;
    return s;
exception when others then
    if warm.is_temporary(sqlstate) then
        raise;
    end if;
    get stacked diagnostics message = message_text, broken = constraint_name;
    perform warm.quarantine_event(p_auth, s.id, e, cold.refusal(sqlstate, broken, message), sqlstate);
    s.quarantined := true;
    return s;
end $$;

-- Applies a paid order beside its placing: to its customer, to amounts that it reserved and did not use, and to refunds
-- that arrived before it. True if there were such refunds.
create or replace function warm.on_order_placed(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if e.data->>'customer_id' is not null then
        perform warm.apply_customer_order(p_auth, e);
    end if;
    perform warm.apply_to_values(p_auth, e);
    perform warm.leave_pass(p_auth.store_id, e.session_id);
    return warm.retry_refunds(p_auth.store_id, e.session_id);
end $$;

-- Refuses any change of a placed order, and any row of one that is not placed with it.
create or replace function cold.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order never changes: % of %.% is refused. A correction is a new document.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

-- Refuses another status after completed: a paid order stays paid.
create or replace function till.refuse_reopening() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order session stays completed. A correction is a new document.'
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

do $$
declare
    child regclass;
begin
    perform till.always_fire('till.order_sessions', 'stays_completed', 'before update of status',
        'for each row when (old.status = ''completed'' and new.status is distinct from ''completed'')
        execute function till.refuse_reopening()');
    perform till.never_change('{cold.orders,cold.order_item,cold.order_line,cold.order_payment,cold.order_status_history}', 'cold.refuse_change()');
    -- cold.place_order writes the rows of an order with it, and sets `till.placing` while it does; without a foreign key only
    -- that keeps a row from having no order. Not for rows that replication applies: their own server has checked them.
    -- (A role that may insert here may also drop the trigger: it guards against mistakes.)
    foreach child in array '{cold.order_item,cold.order_line,cold.order_payment,cold.order_status_history}'::regclass[] loop
        execute format(
            'create or replace trigger nothing_late before insert on %s
            for each row when (new.order_id::text is distinct from current_setting(''till.placing'', true))
            execute function cold.refuse_change()', child);
    end loop;
end $$;
