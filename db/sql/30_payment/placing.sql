-- Completed orders: how one is placed, and why it never changes again.

-- How many decimals an amount of a currency has, by ISO 4217.
create or replace function cold.decimals_of(p_currency text) returns integer
language sql immutable as $$
    select case
        when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
            'XAF', 'XOF', 'XPF') then 0
        when p_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
        else 2
    end
$$;

-- Places an order: all of its rows in one statement, then the sums. `p_order` is the frozen order of `order_placed`
-- (docs/protocol.md). Refuses, with a sentence that says what differs, an order whose sums do not agree, whose id is
-- there already, or one of whose lines another order has covered. `p_history` is where the order stood before; null when
-- it was opened, and no more. Whether a person may have to look at it: another order
-- bears its number or is of its session, money of its session waits for an order, or it is rounded, of a day to come, in
-- another currency than the venue's, or paid at another till (warm.look_at_sale).
create or replace function cold.place_order(
    p_store uuid, p_session text, p_user integer, p_till integer, p_event uuid, p_at timestamptz, p_opened timestamptz,
    p_order jsonb, p_source text, p_history warm.stood[] default null
) returns boolean
language plpgsql as $$
declare
    o record;
    found record;
    closed text;
begin
    select x.*, coalesce((x.service_charge->>'subtotal')::numeric, 0) as charged,
        coalesce((x.service_charge->>'net')::numeric, 0) as charged_net,
        coalesce((x.service_charge->>'tax')::numeric, 0) as charged_tax,
        exists (select from cold.orders as y where y.order_id = x.order_id) as stands,
        warm.are_kept_here(x.payments) as kept,
        coalesce(x.rounding, 0) <> 0 or x.business_date > (now() + interval '2 days')::date
            or x.currency is distinct from (select v.currency from till.stores as v where v.store_id = p_store)
            -- no index finds the store so: a plan of the day when the table was empty took any that begins with it
            or exists (
                select from cold.orders as y
                where y.receipt = x.receipt and y.store_id is not distinct from p_store)
            or exists (select from cold.orders as y where y.session_id = p_session)
            or x.payments @? '$[*].till ? (@ != null)'
            or exists (
                select from till.conflicts as c
                where c.store_id = p_store and c.kind = 'payment_without_order' and c.resolved_at is null
                    and x.payments @> jsonb_build_array(jsonb_build_object('payment_id', c.subject))
            ) as doubtful
    into strict o
    from jsonb_to_record(p_order) as x (
        order_id uuid, receipt text, business_date date, order_type text, payment_method text, currency text,
        net numeric, tax numeric, rounding numeric, total numeric, tab_id uuid, customer_id uuid, ref text,
        lines jsonb, voids jsonb, taxes jsonb, payments jsonb, service_charge jsonb, off jsonb
    );
    if o.stands then
        raise exception 'This order was placed before.' using errcode = 'TL002';
    elsif o.kept then
        perform warm.spend_values(p_store, p_session, p_order);
    end if;
    closed := set_config('till.placing', o.order_id::text, true);
    with line as materialized (
        select * from rows from (jsonb_to_recordset(o.lines) as (
            line_ids uuid[], item_id text, item_name text, quantity integer, unit_price numeric, measure text,
            modifiers jsonb, discount numeric, subtotal numeric, net numeric, tax numeric, taxes jsonb, off jsonb
        )) with ordinality as l (
            line_ids, item_id, item_name, quantity, unit_price, measure, modifiers, discount, subtotal, net, tax,
            taxes, off, position
        )
    ), item as (
        insert into cold.order_item (
            order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net, tax, discount, taxes,
            modifiers, measure, line_ids, off, store_id
        )
        select o.order_id, l.position, l.item_id, l.item_name, l.quantity, l.unit_price, l.subtotal, l.net, l.tax,
            coalesce(l.discount, 0), coalesce(l.taxes, '[]'), coalesce(l.modifiers, '[]'), l.measure, l.line_ids,
            coalesce(l.off, '[]'), p_store
        from line as l
        returning subtotal, net, tax
    ), covered as (
        insert into cold.order_line (line_id, order_id, store_id)
        select id, o.order_id, p_store from line as l, unnest(l.line_ids) as id
    ), payment as (
        insert into cold.order_payment (
            order_id, position, is_change, payment_id, tender, amount, tip, transaction, till_id, store_id
        )
        select o.order_id, p.position, part.is_change, p.payment_id,
            case when part.is_change then 'CASH' else p.tender end, part.amount, part.tip,
            case when not part.is_change then nullif(p.transaction, '') end, p.till, p_store
        from rows from (jsonb_to_recordset(o.payments) as (
            payment_id uuid, tender text, amount numeric, change numeric, tip numeric, transaction text, till integer
        )) with ordinality as p (payment_id, tender, amount, change, tip, transaction, till, position)
        cross join lateral (
            values (false, p.amount + coalesce(p.change, 0), coalesce(p.tip, 0)), (true, -p.change, 0)
        ) as part (is_change, amount, tip)
        where not part.is_change or part.amount <> 0
        returning amount - tip as settled
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
            net, tax, rounding, service_charge, service_charge_net, currency, receipt, business_date, taxes, voids,
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
                    when exists (select from till.program_sessions as x where x.session_id = p_session) then 'chatbot'
                    else p_source end),
            o.order_type, o.payment_method, o.total, o.net, o.tax, coalesce(o.rounding, 0), o.charged,
            o.charged_net, o.currency, o.receipt,
            o.business_date, coalesce(o.taxes, '[]'), coalesce(o.voids, '[]'), p_user, p_till, o.tab_id, o.ref,
            p_event, coalesce(o.off, '[]'), p_store, p_at
        )
    )
    select i.*, p.*, t.* into strict found
    from (
            select coalesce(sum(subtotal), 0) + o.charged as subtotal, coalesce(sum(net), 0) + o.charged_net as net,
                coalesce(sum(tax), 0) + o.charged_tax as tax,
                count(*) filter (where subtotal is distinct from net + tax) as uneven
            from item
        ) as i,
        (select coalesce(sum(settled), 0) as paid from payment) as p,
        (select coalesce(sum(tax), 0) as taxed from jsonb_to_recordset(coalesce(o.taxes, '[]')) as x (tax numeric)) as t;
    closed := set_config('till.placing', '', true);
    if o.total is distinct from o.net + o.tax or o.total <> found.subtotal or o.net <> found.net
        or o.tax <> found.tax or o.tax <> found.taxed or found.uneven > 0
        or o.charged <> o.charged_net + o.charged_tax then
        raise exception 'The total % does not add up: lines % (net %, tax %), net %, tax %, taxes %.',
            o.total, found.subtotal, found.net, found.tax, o.net, o.tax, found.taxed
            using errcode = 'TL001';
    end if;
    if found.paid is distinct from o.total + coalesce(o.rounding, 0) then
        raise exception 'The payments less tips come to %, but the order to %.', found.paid, o.total + coalesce(o.rounding, 0)
            using errcode = 'TL001';
    end if;
    return o.doubtful;
end $$;

-- Where an order stood, step after step, until now. Only what counted is told: a step under a hold that another till had taken
-- over is none.
create or replace function warm.steps_of(s warm.standing) returns warm.stood[]
language plpgsql stable as $$
declare
    stood warm.stood[];
    hold warm.standing;
    e warm.arrival;
begin
    for e in select * from warm.moves_of(s) loop
        if e.event_type = any (warm.kinds_that_take()) then
            continue when not warm.is_greater(hold, e);
            hold.hold_epoch := e.hold_epoch;
            hold.hold_id := e.hold_id;
            hold.hold_till := e.till_id;
        else
            continue when warm.is_under_hold(hold, e) is not true;
        end if;
        stood := array_append(stood, row(
            case e.event_type
                when 'order_parked' then 'pending_logout'
                when 'session_swept' then 'pending_logout'
                when 'tab_assigned' then 'assigned_to_tab'
                when 'order_discarded' then 'discarded'
                else 'active'
            end, e.event_type, e.at, e.user_id, e.till_id)::warm.stood);
    end loop;
    return stood;
end $$;

-- The same; null for one that was opened, and no more, as most are.
create or replace function warm.history_of(s warm.standing) returns warm.stood[]
language sql stable as $$
    select case when (s.hold_epoch <= 1 and s.status = 'active') is not true then warm.steps_of(s) end
$$;

-- The sentence that a person reads for what the database refused of an order.
create or replace function cold.refusal(p_state text, p_constraint text, p_message text) returns text
language plpgsql immutable as $$
begin
    return case
        when p_state = 'TL002' or p_constraint = 'orders_pkey' then 'This order was placed before.'
        when p_constraint = 'order_line_pkey'
            then 'Lines of this order were paid for before. The money is kept: a manager settles it.'
        when p_constraint = 'order_payment_once' then 'A payment of it paid for another sale, or is there twice.'
        when p_constraint = 'order_payment_amount_check' then 'An amount of it is larger than any money.'
        when p_constraint = 'order_payment_tip_check' then 'A tip comes to more than the payment that it is part of.'
        when p_state = '22008' then 'It counts for a day that is in no calendar.'
        else p_message
    end;
end $$;

-- What is left of a row of a frozen order when some of its pieces are for lines that were paid for before: their share of
-- each sum is rounded half up, once, and the rest is the row. Null when nothing is left.
create or replace function cold.cut_row(p_row jsonb, p_paid text[], p_decimals integer) returns jsonb
language plpgsql immutable as $$
declare
    pieces numeric := 0;
    covered numeric := 0;
    ids jsonb := '[]';
    quantities jsonb := '[]';
    taxes jsonb := '[]';
    subtotal numeric := (p_row->>'subtotal')::numeric;
    discount numeric := coalesce((p_row->>'discount')::numeric, 0);
    tax numeric := 0;
    part numeric;
    one record;
begin
    for one in
        select i.value #>> '{}' as id, q.value as quantity
        from jsonb_array_elements(p_row->'line_ids') with ordinality as i (value, place)
        join jsonb_array_elements(p_row->'line_quantities') with ordinality as q (value, place) using (place)
        order by place
    loop
        pieces := pieces + one.quantity::numeric;
        if one.id = any (p_paid) then
            covered := covered + one.quantity::numeric;
        else
            ids := ids || jsonb_build_array(one.id);
            quantities := quantities || jsonb_build_array(one.quantity);
        end if;
    end loop;
    if ids = '[]' then
        return null;
    elsif jsonb_array_length(ids) = jsonb_array_length(p_row->'line_ids') then
        return p_row;
    elsif pieces = 0 then
        raise exception 'The pieces of % cannot be shared.', p_row->>'item_name' using errcode = 'TL001';
    end if;
    subtotal := subtotal - round(subtotal * covered / pieces, p_decimals);
    discount := discount - round(discount * covered / pieces, p_decimals);
    for one in select value from jsonb_array_elements(coalesce(p_row->'taxes', '[]')) loop
        part := (one.value->>'tax')::numeric;
        part := part - round(part * covered / pieces, p_decimals);
        tax := tax + part;
        taxes := taxes || jsonb_build_array(one.value || jsonb_build_object('tax', part::text));
    end loop;
    if taxes = '[]' then
        tax := (p_row->>'tax')::numeric;
        tax := tax - round(tax * covered / pieces, p_decimals);
    end if;
    return p_row - 'off' || jsonb_build_object(
        'line_ids', ids, 'line_quantities', quantities, 'quantity', (p_row->>'quantity')::numeric - covered,
        'subtotal', subtotal::text, 'discount', discount::text, 'tax', tax::text, 'net', (subtotal - tax)::text,
        'taxes', taxes);
end $$;

-- What a payment of a frozen order settled: a tip in it is for the staff.
create or replace function warm.settled_by(p_payment jsonb) returns numeric
language sql immutable as $$
    select (p_payment->>'amount')::numeric - coalesce((p_payment->>'tip')::numeric, 0)
$$;

-- The share of a charge for service that is for a part of the lines (`p_part` of what they come to, `p_whole`): each sum is
-- rounded half up, once. Null where there was none, or none is left.
create or replace function cold.cut_charge(p_charge jsonb, p_part numeric, p_whole numeric, p_decimals integer)
returns jsonb
language plpgsql immutable as $$
declare
    subtotal constant numeric := round((p_charge->>'subtotal')::numeric * p_part / nullif(p_whole, 0), p_decimals);
    tax numeric := 0;
    taxes jsonb := '[]';
    part numeric;
    one jsonb;
begin
    if coalesce(subtotal, 0) = 0 then
        return null;
    end if;
    for one in select value from jsonb_array_elements(coalesce(p_charge->'taxes', '[]')) loop
        part := round((one->>'tax')::numeric * p_part / p_whole, p_decimals);
        tax := tax + part;
        taxes := taxes || jsonb_build_array(one || jsonb_build_object('tax', part::text));
    end loop;
    return p_charge || jsonb_build_object(
        'subtotal', subtotal::text, 'tax', round(tax, p_decimals)::text, 'net', round(subtotal - tax, p_decimals)::text,
        'taxes', taxes);
end $$;

-- The taxes of lines and of a charge for service, each summed up with the net that bore it.
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

-- What rows of a frozen order come to.
create or replace function cold.subtotals(p_lines jsonb) returns numeric
language plpgsql immutable as $$
begin
    return (select coalesce(sum(l.subtotal), 0) from jsonb_to_recordset(p_lines) as l (subtotal numeric));
end $$;

-- The part of a frozen order that is for lines which no other order has covered: a sale of its own, under its own number,
-- with so much of the payments, the first ones first. Null when every line was paid for before.
create or replace function cold.cut_order(p_order jsonb) returns jsonb
language plpgsql stable as $$
declare
    decimals constant integer := cold.decimals_of(p_order->>'currency');
    paid text[];
    lines jsonb := '[]';
    payments jsonb := '[]';
    parts jsonb;
    charge jsonb;
    sums record;
    due numeric;
    amount numeric;
    one jsonb;
    cut jsonb;
begin
    paid := array(
        select l.line_id::text
        from jsonb_path_query(p_order, '$.lines[*].line_ids[*]') as id
        join cold.order_line as l on l.line_id = (id #>> '{}')::uuid
    );
    for one in select value from jsonb_array_elements(p_order->'lines') with ordinality as x (value, place) order by place loop
        cut := cold.cut_row(one, paid, decimals);
        if cut is not null then
            lines := lines || jsonb_build_array(cut);
        end if;
    end loop;
    if lines = '[]' then
        return null;
    end if;
    charge := cold.cut_charge(
        p_order->'service_charge', cold.subtotals(lines), cold.subtotals(p_order->'lines'), decimals);
    parts := lines || case when charge is null then '[]' else jsonb_build_array(charge) end;
    select coalesce(sum(l.net), 0) as net, coalesce(sum(l.tax), 0) as tax, coalesce(sum(l.subtotal), 0) as total into sums
    from jsonb_to_recordset(parts) as l (net numeric, tax numeric, subtotal numeric);
    due := sums.total;
    for one in select value from jsonb_array_elements(p_order->'payments') with ordinality as x (value, place) order by place loop
        exit when due = 0;
        -- what a till took before it was apart is the money of the other sale too
        continue when exists (
            select from cold.order_payment as p
            where p.payment_id = (one->>'payment_id')::uuid and not p.is_change);
        amount := warm.settled_by(one);
        if abs(amount) > abs(due) then  -- its tip stays with what is left of it
            one := one || jsonb_build_object(
                'amount', (due + (one->>'amount')::numeric - amount)::text, 'change', round(0, decimals)::text);
            amount := due;
        end if;
        payments := payments || jsonb_build_array(one);
        due := due - amount;
    end loop;
    return p_order - 'service_charge' || jsonb_strip_nulls(jsonb_build_object('service_charge', charge))
        || jsonb_build_object(
        'lines', lines, 'payments', payments, 'taxes', cold.taxes_summed(parts), 'net', sums.net::text, 'tax', sums.tax::text,
        'total', sums.total::text, 'rounding', round(0, decimals)::text, 'voids', '[]'::jsonb);
end $$;

-- The money that an order brought, tips and all: of its payments those that no other order of its session lists, which was there
-- before it. A payment that was taken before two tills were apart stands on both, and is one.
create or replace function warm.money_brought(p_session text, p_event uuid, p_order jsonb) returns numeric
language plpgsql stable as $$
begin
    return (
        with others as materialized (
            select x.event_data->'payments' as payments from warm.log_of(p_session) as x
            where x.event_type = 'order_placed' and x.event_id <> p_event
                and x.version < (select y.version from warm.log_of(p_session) as y where y.event_id = p_event)
        )
        select coalesce(sum((p->>'amount')::numeric), 0) from jsonb_array_elements(p_order->'payments') as p
        where not exists (
            select from others as o, jsonb_array_elements(o.payments) as q where q->'payment_id' = p->'payment_id')
            -- nor what came with lines of an order that was paid by it elsewhere
            and not exists (
                select from cold.order_payment as y join cold.orders as o on o.order_id = y.order_id
                where y.payment_id = warm.as_uuid(p->>'payment_id') and not y.is_change and o.session_id <> p_session)
    );
end $$;

-- Whether a day is about the time at which a till said it, whatever its clock is: of a replay the files say which day.
create or replace function cold.is_about(p_store uuid, p_day date, p_at timestamptz) returns boolean
language sql stable as $$
    select p_day - (p_at at time zone 'UTC')::date between -2 and 1 or exists (
        select from till.settings as t, jsonb_each_text(t.body->'trading_days') as d
        where t.store_id = p_store and t.name = 'settings' and d.value = p_day::text)
$$;

-- What an order that a till placed says beside its sums and no till of ours ever writes, as a sentence; null for nothing. Whatever
-- its clock, its settings and its menu are, it counts for a day about its own time, in the currency that the order was opened
-- in, in whole coins of that, and is rounded as its own terms say: half a step at most, less than one where it goes down.
create or replace function cold.order_fault(s warm.standing, e warm.arrival) returns text
language plpgsql stable as $$
declare
    v_currency constant text := e.data->>'currency';
    v_day constant date := (e.data->>'business_date')::date;
    v_rounding constant numeric := abs((e.data->>'rounding')::numeric);
begin
    if not cold.is_about(s.store_id, v_day, e.at) then
        return 'It counts for a day that is not about its own time.';
    elsif e.body ~ format(
        '"(amount|change|discount|net|rounding|subtotal|tax|tip|total)":"-?[0-9]+\.[0-9]{%s}', cold.decimals_of(v_currency) + 1)
    then
        return 'An amount of it is smaller than the coin of its currency.';
    elsif e.body ~ '"change":"(-|[0-9]{9})' then
        return 'It gives back change that no drawer holds.';
    elsif exists (
        select from jsonb_to_recordset(e.data->'lines') as l (line_ids jsonb, line_quantities jsonb, quantity bigint)
        where jsonb_array_length(l.line_ids) <> jsonb_array_length(l.line_quantities)
            or l.quantity <> (select sum(q::bigint) from jsonb_array_elements_text(l.line_quantities) as q))
    then
        return 'Its lines and their pieces do not match.';
    elsif v_currency is distinct from s.currency and exists (
        select from warm.log_of(s.id) as x where x.event_type = 'order_opened') and not exists (
        select from warm.log_of(s.id) as x
        where x.event_type = 'order_opened' and x.event_data->>'currency' = v_currency)
    then
        return format('It is in %s, and the order was opened in another currency.', v_currency);
    elsif v_rounding > 0 and exists (
        select from warm.log_of(s.id) as x where x.event_type = 'order_opened') and not exists (
        select from warm.log_of(s.id) as x cross join lateral jsonb_to_record(x.event_data->'rounding') as r (
            step numeric, direction text)
        where x.event_type = 'order_opened'
            and case r.direction when 'down' then v_rounding < r.step else v_rounding * 2 <= r.step end)
    then
        return 'It is rounded by more than its own terms allow.';
    end if;
    return null;
end $$;

-- Refuses such an order of a till; what the server placed itself it has made itself. One look at what it says, without one at any
-- table, tells of most that nothing is wrong: it counts for its day, in the currency and the coins of its order, is not rounded,
-- gives back little, and each of its rows is one line.
create or replace function cold.check_order(s warm.standing, e warm.arrival) returns void
language plpgsql as $$
declare
    fault constant text := case when e.till_id > 0 and (
        (e.data->>'business_date')::date - (e.at at time zone 'UTC')::date between -2 and 1
        and e.data->>'currency' = s.currency and (e.data->>'rounding')::numeric = 0
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

-- Whether a till took a payment of an order: there, or where it came from with lines.
create or replace function warm.was_taken_at(p_session text, p_payment uuid, p_till integer) returns boolean
language sql stable as $$
    with recursive held (session) as (
        select p_session
        union
        select x.event_data->>'from_session' from held as h cross join lateral warm.log_of(h.session) as x
        where x.event_type = 'lines_moved' and x.event_data ? 'from_session'
            and x.event_data->'payments' @> jsonb_build_array(jsonb_build_object('payment_id', p_payment))
    )
    select exists (
        select from held as h cross join lateral warm.log_of(h.session) as x
        where x.event_type in ('payment_started', 'payment_approved') and x.till_id = p_till
            and x.event_data->>'payment_id' = p_payment::text)
$$;

-- Says what a sale has that an honest till may have too, with a wrong clock or the settings of before, and that no manager would
-- look for: it is taken, and flagged once for a journal and a reason. Whether anything was said.
create or replace function warm.look_at_sale(p_door warm.door, e warm.arrival) returns boolean
language plpgsql as $$
declare
    o cold.orders;
    elsewhere integer;
begin
    select * into o from cold.orders as x
    where x.order_id = (e.data->>'order_id')::uuid and x.event_id = e.event_id and x.store_id = p_door.store_id;
    select min(p.till) into elsewhere
    from jsonb_to_recordset(e.data->'payments') as p (payment_id uuid, till integer)
    where p.till <> p_door.till_id and not warm.was_taken_at(e.session_id, p.payment_id, p.till);
    if p_door.till_id = 0 or o.order_id is null then
        return false;
    elsif o.currency <> (select v.currency from till.stores as v where v.store_id = o.store_id) then
        return warm.flag_once(p_door, e, 'It was sold in a currency that is not the venue''s. It is taken.', 'TL016');
    elsif o.business_date > (now() + interval '2 days')::date then
        return warm.flag_once(p_door, e, 'It counts for a day that is yet to come. It is taken.', 'TL016');
    elsif elsewhere is not null then
        return warm.flag_once(
            p_door, e, format('It says that till %s took money for it, which that till did not say. It is taken.', elsewhere),
            'TL016');
    elsif o.rounding <> 0 and not exists (
        select from warm.log_of(e.session_id) as x
        where x.event_type = 'order_opened'
            and cold.rounding_rule(x.event_data->'rounding') = cold.rounding_rule(till.venue(o.store_id)->'rounding'))
    then
        return warm.flag_once(p_door, e, 'It was rounded as the venue does not round. It is taken.', 'TL016');
    end if;
    return false;
end $$;

-- How a setting or the terms of an order round, with what is left out spelt out; null where nothing is rounded.
create or replace function cold.rounding_rule(p_terms jsonb) returns text
language sql immutable as $$
    select concat_ws(' ', (r.step)::numeric + 0.0000, coalesce(r.direction, 'half_up'), coalesce(r.of, 'cash'),
        (coalesce(r.nothing_up_to, '0'))::numeric + 0.0000)
    from jsonb_to_record(case when jsonb_typeof(p_terms) = 'object' then p_terms else '{}' end) as r (
        step text, direction text, nothing_up_to text, of text)
    where r.step is not null
$$;

-- Places the order of an `order_placed`, by itself: what is refused is put aside and nothing else suffers. Of one some of
-- whose lines were paid for before, the rest is placed; the money for the others is a conflict (warm.flag_sales). Money wins
-- over any status.
create or replace function warm.apply_order_placed(
    p_door warm.door, s warm.standing, e warm.arrival, p_order jsonb, p_source text
) returns warm.standing
language plpgsql as $$
declare
    said text;
    broken text;
    rest jsonb;
begin
    perform cold.check_order(s, e);
    s.doubtful := cold.place_order(
        s.store_id, s.id, e.user_id, e.till_id, e.event_id, e.at, s.created_at, p_order, p_source, warm.history_of(s)
    ) or p_order <> e.data or s.doubtful;
    s.status := 'completed';
    s.till_id := null;
    s.tabs := s.tabs or s.tab_id is not null;
    return s;
exception when others then
    if warm.is_passing(sqlstate) then
        raise;
    end if;
    get stacked diagnostics said = message_text, broken = constraint_name;
    if broken in ('order_line_pkey', 'order_payment_once') and p_order = e.data then
        rest := cold.cut_order(p_order);
        if rest <> p_order then
            return warm.apply_order_placed(p_door, s, e, rest, p_source);
        end if;
    end if;
    -- what is left of one that was cut is refused for the reason that it was cut for: its money is a conflict
    perform warm.put_aside(
        p_door, s.id, e, cold.refusal(sqlstate, broken, said), case when p_order = e.data then sqlstate else '23505' end);
    s.quarantined := true;
    return s;
end $$;

create or replace function cold.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order never changes: % of %.% is refused. A correction is a new document.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

-- What is inserted into the children of an order that stands. cold.place_order has looked itself that its order does not, once
-- for all of its rows, and names it while it writes them: so the trigger is not asked a dozen times what it knows. (Whoever
-- may insert here may also take the trigger away: it is there against a mistake.) STABLE, so that it looks with the eyes of the
-- statement that fired it.
create or replace function cold.refuse_late_child() returns trigger
language plpgsql stable as $$
begin
    if exists (select from cold.orders as o where o.order_id = new.order_id) then
        raise exception 'A completed order takes nothing more: insert into %.% is refused. A correction is a new document.',
            tg_table_schema, tg_table_name
            using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
    end if;
    return new;
end $$;

-- What was paid for stays so: no other status follows.
create or replace function till.refuse_reopening() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order session stays completed. A correction is a new document.'
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

create or replace trigger stays_completed before update of status on till.order_sessions
    for each row when (old.status = 'completed' and new.status is distinct from 'completed')
    execute function till.refuse_reopening();
alter table till.order_sessions enable always trigger stays_completed;

do $$
declare
    child text;
begin
    foreach child in array array['orders', 'order_item', 'order_line', 'order_payment', 'order_status_history'] loop
        execute format(
            'create or replace trigger never_changes before update or delete on cold.%1$I
                for each row execute function cold.refuse_change();
            create or replace trigger never_emptied before truncate on cold.%1$I
                for each statement execute function cold.refuse_change();
            alter table cold.%1$I enable always trigger never_changes;
            alter table cold.%1$I enable always trigger never_emptied', child);
        if child <> 'orders' then
            execute format(
                'create or replace trigger nothing_late before insert on cold.%1$I
                    for each row when (new.order_id::text is distinct from current_setting(''till.placing'', true))
                    execute function cold.refuse_late_child();
                alter table cold.%1$I enable always trigger nothing_late', child);
        end if;
    end loop;
end $$;
