-- Completed orders: how one is placed, and why it never changes again.

-- Places an order: all of its rows in one statement, then the sums. `p_order` is the frozen order of `order_placed`
-- (docs/protocol.md). Refuses, with a sentence that says what differs, an order whose sums do not agree, whose id is
-- there already, or one of whose lines another order has covered. `p_history` is where the order stood before; null when
-- it was opened, and no more. Whether a person may have to look at it: another order
-- bears its number or is of its session, or money of its session waits for an order.
create or replace function cold.place_order(
    p_store uuid, p_session text, p_user integer, p_till integer, p_event uuid, p_at timestamptz, p_opened timestamptz,
    p_order jsonb, p_source text, p_history warm.stood[] default null
) returns boolean
language plpgsql as $$
declare
    o record;
    found record;
begin
    select * into strict o from jsonb_to_record(p_order) as x (
        order_id uuid, receipt text, business_date date, order_type text, payment_method text, currency text,
        net numeric, tax numeric, rounding numeric, total numeric, tab_id uuid, customer_id uuid, ref text,
        lines jsonb, voids jsonb, taxes jsonb, payments jsonb
    );
    if exists (select from cold.orders as y where y.order_id = o.order_id) then
        raise exception 'This order was placed before.' using errcode = 'TL002';
    end if;
    perform set_config('till.placing', o.order_id::text, true);
    with line as materialized (
        select * from rows from (jsonb_to_recordset(o.lines) as (
            line_ids uuid[], item_id text, item_name text, quantity integer, unit_price numeric, measure text,
            modifiers jsonb, discount numeric, subtotal numeric, net numeric, tax numeric, taxes jsonb
        )) with ordinality as l (
            line_ids, item_id, item_name, quantity, unit_price, measure, modifiers, discount, subtotal, net, tax,
            taxes, position
        )
    ), item as (
        insert into cold.order_item (
            order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net, tax, discount, taxes,
            modifiers, measure, line_ids, store_id
        )
        select o.order_id, l.position, l.item_id, l.item_name, l.quantity, l.unit_price, l.subtotal, l.net, l.tax,
            coalesce(l.discount, 0), coalesce(l.taxes, '[]'), coalesce(l.modifiers, '[]'), l.measure, l.line_ids, p_store
        from line as l
        returning subtotal, net, tax
    ), covered as (
        insert into cold.order_line (line_id, order_id, store_id)
        select id, o.order_id, p_store from line as l, unnest(l.line_ids) as id
    ), payment as (
        insert into cold.order_payment (order_id, position, is_change, payment_id, tender, amount, store_id)
        select o.order_id, p.position, part.is_change, p.payment_id,
            case when part.is_change then 'CASH' else p.tender end, part.amount, p_store
        from rows from (jsonb_to_recordset(o.payments) as (
            payment_id uuid, tender text, amount numeric, change numeric
        )) with ordinality as p (payment_id, tender, amount, change, position)
        cross join lateral (
            values (false, p.amount + coalesce(p.change, 0)), (true, -p.change)
        ) as part (is_change, amount)
        where not part.is_change or part.amount <> 0
        returning amount
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
            net, tax, rounding, currency, receipt, business_date, taxes, voids, user_id, till_id, tab_id, ref, event_id,
            store_id, created_at
        )
        values (
            o.order_id, p_session, o.customer_id,
            (select order_type_id from cold.order_type_table
                where order_type_name = o.order_type and (store_id is null or store_id = p_store)
                order by store_id nulls last limit 1),
            (select order_source_id from cold.order_source_type
                where store_id is null and source_name = case
                    when exists (select from till.program_sessions as x where x.session_id = p_session) then 'chatbot'
                    else p_source end),
            o.order_type, o.payment_method, o.total, o.net, o.tax, coalesce(o.rounding, 0), o.currency, o.receipt,
            o.business_date, coalesce(o.taxes, '[]'), coalesce(o.voids, '[]'), p_user, p_till, o.tab_id, o.ref,
            p_event, p_store, p_at
        )
    )
    select i.*, p.*, t.*,
        -- as it stood before this statement
        exists (select from cold.orders as y where y.store_id = p_store and y.receipt = o.receipt)
            or exists (select from cold.orders as y where y.session_id = p_session)
            or exists (
                select from till.conflicts as c
                where c.session_id = p_session and c.kind = 'payment_without_order' and c.resolved_at is null
            ) as doubtful
    into strict found
    from (
            select coalesce(sum(subtotal), 0) as subtotal, coalesce(sum(net), 0) as net, coalesce(sum(tax), 0) as tax,
                count(*) filter (where subtotal is distinct from net + tax) as uneven
            from item
        ) as i,
        (select coalesce(sum(amount), 0) as paid from payment) as p,
        (select coalesce(sum(tax), 0) as taxed from jsonb_to_recordset(coalesce(o.taxes, '[]')) as x (tax numeric)) as t;
    perform set_config('till.placing', '', true);
    if o.total is distinct from o.net + o.tax or o.total <> found.subtotal or o.net <> found.net
        or o.tax <> found.tax or o.tax <> found.taxed or found.uneven > 0 then
        raise exception 'The total % does not add up: lines % (net %, tax %), net %, tax %, taxes %.',
            o.total, found.subtotal, found.net, found.tax, o.net, o.tax, found.taxed
            using errcode = 'TL001';
    end if;
    if found.paid is distinct from o.total + coalesce(o.rounding, 0) then
        raise exception 'The payments come to %, but the order to %.', found.paid, o.total + coalesce(o.rounding, 0)
            using errcode = 'TL001';
    end if;
    return found.doubtful;
end $$;

-- Where an order stood, step after step, until now; null for one that was opened, and no more, as most are. Only what
-- counted is told: a step under a hold that another till had taken over is none.
create or replace function warm.history_of(s warm.standing) returns warm.stood[]
language plpgsql stable as $$
declare
    stood warm.stood[];
    hold warm.standing;
    e warm.arrival;
begin
    if s.hold_epoch <= 1 and s.status = 'active' then
        return null;
    end if;
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

-- The sentence that a person reads for what the database refused of an order.
create or replace function cold.refusal(p_state text, p_constraint text, p_message text) returns text
language plpgsql immutable as $$
begin
    return case
        when p_state = 'TL002' or p_constraint = 'orders_pkey' then 'This order was placed before.'
        when p_constraint = 'order_line_pkey'
            then 'Lines of this order were paid for before. The money is kept: a manager settles it.'
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
    return p_row || jsonb_build_object(
        'line_ids', ids, 'line_quantities', quantities, 'quantity', (p_row->>'quantity')::numeric - covered,
        'subtotal', subtotal::text, 'discount', discount::text, 'tax', tax::text, 'net', (subtotal - tax)::text,
        'taxes', taxes);
end $$;

-- The part of a frozen order that is for lines which no other order has covered: a sale of its own, under its own number,
-- with so much of the payments, the first ones first. Null when every line was paid for before.
create or replace function cold.cut_order(p_order jsonb) returns jsonb
language plpgsql stable as $$
declare
    decimals constant integer := scale((p_order->>'total')::numeric);
    paid text[];
    lines jsonb := '[]';
    payments jsonb := '[]';
    taxes jsonb;
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
    select coalesce(sum(l.net), 0) as net, coalesce(sum(l.tax), 0) as tax, coalesce(sum(l.subtotal), 0) as total into sums
    from jsonb_to_recordset(lines) as l (net numeric, tax numeric, subtotal numeric);
    select coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'rate', t.rate, 'net', t.net::text, 'tax', t.tax::text)
        order by t.name, t.rate), '[]')
    into taxes from (
        select x.name, x.rate, sum(l.net) as net, sum(x.tax) as tax
        from jsonb_to_recordset(lines) as l (net numeric, taxes jsonb),
            jsonb_to_recordset(coalesce(l.taxes, '[]')) as x (name text, rate text, tax numeric)
        group by x.name, x.rate
    ) as t;
    due := sums.total;
    for one in select value from jsonb_array_elements(p_order->'payments') with ordinality as x (value, place) order by place loop
        exit when due = 0;
        -- what a till took before it was apart is the money of the other sale too
        continue when exists (
            select from cold.order_payment as p
            where p.payment_id = (one->>'payment_id')::uuid and not p.is_change);
        amount := (one->>'amount')::numeric;
        if abs(amount) > abs(due) then
            amount := due;
            one := one || jsonb_build_object('amount', due::text, 'change', round(0, decimals)::text);
        end if;
        payments := payments || jsonb_build_array(one);
        due := due - amount;
    end loop;
    return p_order || jsonb_build_object(
        'lines', lines, 'payments', payments, 'taxes', taxes, 'net', sums.net::text, 'tax', sums.tax::text,
        'total', sums.total::text, 'rounding', round(0, decimals)::text, 'voids', '[]'::jsonb);
end $$;

-- The money that an order brought: of its payments those that no other order of its session lists, which was there before
-- it. A payment that was taken before two tills were apart stands on both, and is one.
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
    );
end $$;

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
