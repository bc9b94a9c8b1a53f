-- The function that makes an order from the cart of a session, for programs that are not tills (a chat front end).

-- Submits the order of a session's cart, to be paid at a till, and returns its id. The session may be known, or only a
-- cart that the owner of the database keeps in the hot tables. A repeated submission returns the same id.
-- for: admin, program
create or replace function cold.create_order_from_session(
    session_id text, order_type text, payment_method text, customer_id uuid default null
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := create_order_from_session.session_id;
    v_store constant uuid := cold.store_of_cart(v_session);
begin
    if till.is_program() then
        perform till.prove(v_store, null);
        perform till.refuse_foreign(v_session);
    elsif not pg_has_role(session_user, current_user, 'MEMBER') then
        perform till.prove(v_store, till.proved_actor(v_store));
    end if;
    return cold.submit_cart(v_store, v_session, order_type, payment_method, customer_id);
end $$;

-- Submits the order of a cart. From then on tills list it, and the tables of orders have it (`warm.orders`). It
-- becomes a paid order at the till that takes the money. One on a tab stays there.
create or replace function cold.submit_cart(
    p_store uuid, p_session text, p_type text, p_method text, p_customer uuid
) returns uuid
language plpgsql as $$
declare
    program constant text := (select x.program from till.program_sessions as x where x.session_id = p_session);
    s till.order_sessions := warm.lock_session(p_session);
    tab till.tabs;
    submitted jsonb;
begin
    if program is not null then
        select t.* into tab from till.tabs as t where t.id = s.tab_id and s.status = 'assigned_to_tab';
        s := till.own_open(p_session, p_on_tab => true);
        if s.submitted is null then
            perform cold.refuse_too_many(p_store, program, coalesce(p_customer::text, s.hot->'state'->>'user_id'));
        end if;
    elsif s.hold_till > 0 and s.status <> 'completed' then
        raise exception 'The order is at a till now. Continue it there.' using errcode = 'TL005';
    end if;
    s := cold.ready_cart(p_store, s, p_session, p_type, p_method);
    perform cold.refuse_unreckoned(p_store, s);
    submitted := jsonb_strip_nulls(jsonb_build_object(
        'order_id', coalesce(s.submitted->>'order_id', warm.next_id(s.last_event, null)::text), 'program', program,
        'payment_method', lower(p_method), 'customer_id', p_customer,
        'number', coalesce((s.submitted->>'number')::integer, cold.next_number(p_store, program, 'orders'))));
    if submitted is distinct from s.submitted - 'at' then
        perform warm.server_event_v1(p_store, null, 'order_submitted', s.id, submitted);
    end if;
    insert into warm.session_checkout as c (session_id, order_type, payment_method, started_at, store_id)
    values (s.id, p_type, lower(p_method), now(), p_store)
    on conflict (session_id) do update set order_type = excluded.order_type, payment_method = excluded.payment_method;
    if tab.id is not null and not exists (select from till.order_sessions as o where o.id = s.id and o.status = 'assigned_to_tab') then
        perform warm.server_event_v1(p_store, null, 'tab_assigned', s.id, jsonb_build_object(
            'tab_id', tab.id, 'table_number', tab.table_number::integer, 'covers', tab.covers), jsonb_build_object('name', tab.name));
    end if;
    perform hot.close_session(s.id, 'order_placed');
    perform till.keep_picture(s.id);
    return (submitted->>'order_id')::uuid;
end $$;

-- Refuses an order more of a program that waits at the counter, or of one of its guests; null if it names none.
create or replace function cold.refuse_too_many(p_store uuid, p_program text, p_guest text) returns void
language plpgsql stable as $$
declare
    waiting record;
begin
    select count(*) as orders, count(*) filter (
        where p_guest in (o.submitted->>'customer_id', o.hot->'state'->>'user_id')) as of_guest into waiting
    from till.order_sessions as o join till.program_sessions as x on x.session_id = o.id
    where o.store_id = p_store and o.submitted is not null and o.status not in ('completed', 'discarded') and x.program = p_program;
    if waiting.orders >= warm.most_submitted() then
        raise exception 'Too many orders wait at the counter. Submit this one later.' using errcode = 'TL005';
    elsif waiting.of_guest >= warm.most_of_guest() then
        raise exception 'Too many orders of this guest wait at the counter. Pay for those first.' using errcode = 'TL005';
    end if;
end $$;

-- The payment of a charge at the gateway.
create or replace function cold.payment_of_charge(p_charge text) returns uuid
language sql immutable strict parallel safe as $$
    select md5('charge ' || p_charge)::uuid
$$;

-- Records a charge that the gateway confirmed for the order of a program. The session is the first one for which a
-- program named that order at the gateway, whatever it named since. A repeated report changes nothing. The charge
-- completes an order that is at no till if it is the whole total. Otherwise it is a payment of the order, and a till
-- takes the rest or refunds the excess.
create or replace function cold.take_charge(p_store uuid, p_gateway_order text, p_charge text, p_amount numeric, p_currency text)
returns void
language plpgsql as $$
declare
    payment constant uuid := cold.payment_of_charge(p_charge);
    session text;
    method text;
    s till.order_sessions;
    auth warm.auth_context;
begin
    select e.session_id, coalesce(nullif(c.payment_method, 'cash'), 'upi') into session, method
    from warm.session_events as e left join warm.session_checkout as c on c.session_id = e.session_id
    where e.event_type = 'gateway_order_named' and e.event_data->>'order' = p_gateway_order and e.store_id = p_store
    order by e.event_id limit 1;
    if session is null then  -- its event is in the audit since
        select i.session_id, coalesce(nullif(c.payment_method, 'cash'), 'upi') into session, method
        from warm.session_payment_intent as i join till.program_sessions as x using (session_id)
        left join warm.session_checkout as c using (session_id)
        where i.gateway_order_id = p_gateway_order and x.store_id = p_store order by i.created_at, i.session_id limit 1;
    end if;
    s := warm.lock_session(session);
    if s.currency is distinct from p_currency or exists (select from warm.every_content as c where c.content_id = payment) then
        return;
    elsif s.status in ('active', 'pending_logout', 'assigned_to_tab') and s.hold_till = 0 then
        begin
            if s.submitted is null then
                perform cold.submit_cart(p_store, s.id, coalesce(s.order_type, 'take_away'), method, null);
            end if;
            s := warm.lock_session(s.id);
            if p_amount = s.total + cold.rounded_off(s.total, till.venue(p_store)->'rounding', method) then
                perform cold.complete_session(p_store, null, s, method, payment, p_charge);
                return;
            end if;
        exception when sqlstate 'TL004' or sqlstate 'TL005' or sqlstate 'TL006' then
            null;  -- it cannot be placed, or has payments: the guest has paid anyway
        end;
    end if;
    perform cold.write_payments(p_store, null, s.id, jsonb_build_array(jsonb_build_object(
        'payment_id', payment, 'tender', upper(method), 'amount', round(p_amount, cold.decimals_of(p_currency))::text,
        'transaction', p_charge)));
    s := warm.lock_session(s.id);
    if s.submitted is null and s.hold_till = 0 then  -- no till lists it, so it is flagged for a manager
        auth.store_id := p_store;
        auth.till_id := 0;
        perform warm.flag_payments(auth, warm.lock_state(auth, s.id));
    end if;
end $$;

-- The next number of an order or a receipt of a program, or of the database if `p_program` is null. No number is
-- skipped: if the order is rolled back, so is its number.
create or replace function cold.next_number(p_store uuid, p_program text, p_of text) returns integer
language plpgsql as $$
declare
    new_number integer;
begin
    -- locks the head of the chain first, as every writer of events does
    perform from warm.journal_head as h where h.store_id = p_store and h.till_id = 0 for no key update;
    insert into till.numbers as n (store_id, program, kind, reached) values (p_store, coalesce(p_program, ''), p_of, 1)
    on conflict (store_id, program, kind) do update set reached = n.reached + 1
    returning n.reached into new_number;
    return new_number;
end $$;

-- A session with the items of its cart, at an order type, locked. Refuses an order with changes of a till that the cart
-- does not show, and an order with payments.
create or replace function cold.ready_cart(
    p_store uuid, s till.order_sessions, p_session text, p_type text, p_method text
) returns till.order_sessions
language plpgsql as $$
begin
    perform till.refuse_unknown_words(p_store, p_type, p_method);
    if s.status = 'completed' then
        raise exception 'The session is completed: it has its order.' using errcode = 'TL005';
    elsif s.id is not null then
        if s.status <> 'assigned_to_tab' or not till.is_program() and s.submitted is null then
            perform till.refuse_closed(s);
        end if;
        perform till.refuse_unseen(s);
        if s.status <> 'assigned_to_tab' then  -- which empties its cart
            s := till.follow_cart(s);
        end if;
    elsif exists (select from hot.session_cart as c where c.session_id = p_session and c.is_active) then
        perform cold.price_cart(p_store, p_session, p_type);
        perform till.open_session(p_store, null, p_session, p_type, 'chatbot');
        perform till.keep_picture(p_session, till.set_lines(p_store, null, p_session, (
            select jsonb_agg(jsonb_build_object('item_id', c.item_id, 'item', coalesce(c.item_name, c.item_id),
                'quantity', c.quantity, 'unit_price', round(c.price, least(greatest(scale(c.price), cold.decimals_of(
                    till.venue(p_store)->>'currency')), 4))::text) order by c.added_at, c.item_id)
            from hot.session_cart as c where c.session_id = p_session and c.is_active)));
    end if;
    if warm.has_money(p_session) then
        raise exception 'Money was taken for this order, or a payment is under way. Finish it on a till.' using errcode = 'TL005';
    elsif s.order_type <> p_type then
        perform till.set_order_type(p_store, null, p_session, p_type);
    end if;
    select * into s from till.order_sessions as o where o.id = p_session;
    if jsonb_path_exists(s.items, '$[*] ? (@.voided != true)') is not true then
        raise exception 'The cart of session % is empty.', p_session using errcode = 'TL004';
    elsif not (till.program_here()).tells_payments then
        perform till.item_sold(p_store, i->>'item_id', p_is_held => true) from jsonb_array_elements(s.items) as i
        where i->>'voided' is distinct from 'true';
    end if;
    return s;
end $$;

-- Writes the payments of a frozen order that the log does not have.
create or replace function cold.write_payments(p_store uuid, p_actor integer, p_session text, p_payments jsonb) returns void
language plpgsql as $$
declare
    p record;
    payment jsonb;
begin
    for p in
        select x.* from jsonb_to_recordset(p_payments) as x (
            payment_id uuid, tender text, amount numeric, change numeric, tip text, transaction text)
        where not exists (select from warm.every_content as c where c.content_id = x.payment_id)
    loop
        payment := jsonb_build_object('payment_id', p.payment_id, 'tender', p.tender, 'amount', p.amount::text, 'tip', p.tip);
        perform warm.server_event_v1(
            p_store, p_actor, 'payment_started', p_session, payment || jsonb_build_object('key', p.payment_id));
        perform warm.server_event_v1(
            p_store, p_actor, 'payment_approved', p_session, payment || jsonb_build_object(
                'tendered', (p.amount + coalesce(p.change, 0))::text, 'change', coalesce(p.change, p.amount - p.amount)::text,
                'transaction', p.transaction));
        insert into warm.session_payment_intent as i (session_id, payment_gateway, gateway_order_id, amount, status, store_id)
        values (p_session, p.tender, coalesce(warm.order_at_gateway(p_session), p.payment_id::text), p.amount, 'completed', p_store)
        on conflict (session_id) do update
        set payment_gateway = excluded.payment_gateway, gateway_order_id = excluded.gateway_order_id, amount = excluded.amount,
            status = excluded.status;
    end loop;
end $$;

-- Completes a session, paid in full by one method, and returns the id of its order. `p_payment` is the id of the
-- payment, if it is known. The receipt has the number of the program that made the order.
create or replace function cold.complete_session(
    p_store uuid, p_actor integer, s till.order_sessions, p_method text, p_payment uuid default null, p_transaction text default null
) returns uuid
language plpgsql as $$
declare
    ready constant till.order_sessions := cold.ready_cart(p_store, s, s.id, coalesce(s.order_type, 'take_away'), p_method);
    frozen jsonb := cold.freeze_session(p_store, ready, p_method);
begin
    frozen := jsonb_set(frozen, '{payments,0}', frozen->'payments'->0 || jsonb_strip_nulls(jsonb_build_object(
        'payment_id', p_payment, 'transaction', p_transaction)));
    perform cold.write_payments(p_store, p_actor, s.id, frozen->'payments');
    perform warm.server_event_v1(p_store, p_actor, 'order_placed', s.id, till.lean_order(frozen));
    return (frozen->>'order_id')::uuid;
end $$;

-- True if a session has a payment that was started or approved, and not declined or refunded.
create or replace function warm.has_money(p_session text) returns boolean
language plpgsql stable as $$
begin
    return exists (
        with own as (
            select e.event_type as type, e.event_data->>'payment_id' as payment from warm.log_of(p_session) as e
            where e.event_type like 'payment\_%'
        )
        select from own as p
        where p.type in ('payment_started', 'payment_approved') and not exists (
            select from own as a where a.payment = p.payment and a.type in ('payment_declined', 'payment_voided')));
end $$;

-- A placed or submitted order as programs read it: amounts and times as text.
create or replace function cold.order_whole(p_order uuid) returns json
language plpgsql stable as $$
begin
    return (
        select json_build_object(
            'order_id', o.order_id, 'session', o.session_id, 'receipt', o.receipt, 'business_date', o.business_date,
            'order_type', o.order_type, 'payment_method', o.payment_method, 'customer_id', o.customer_id,
            'currency', o.currency, 'net', o.net::text, 'tax', o.tax::text, 'rounding', o.rounding::text,
            'service_charge', o.service_charge::text, 'total', o.total_amount::text, 'created_at', warm.time_text(o.created_at),
            'items', (
                select coalesce(json_agg(json_build_object(
                    'item_id', i.menu_item_id, 'item', i.item_name, 'quantity', i.quantity,
                    'unit_price', i.unit_price::text, 'subtotal', i.subtotal::text) order by i.position), '[]')
                from warm.order_item as i where i.order_id = o.order_id),
            'payments', (
                select coalesce(json_agg(json_build_object('tender', p.tender, 'amount', p.amount::text)
                    order by p.position, p.is_change), '[]')
                from cold.order_payment as p where p.order_id = o.order_id))
        from warm.orders as o where o.order_id = p_order
    );
end $$;

-- Sets the price and the name of cart rows that have none to those of the menu. Weighed items and items with an open
-- price have none there, so they are refused, and nothing is sold for 0 because its price is missing.
create or replace function cold.price_cart(p_store uuid, p_session text, p_type text) returns void
language plpgsql as $$
declare
    unpriced text;
begin
    update hot.session_cart as c
    set item_name = coalesce(c.item_name, m.name), updated_at = now(),
        price = coalesce(c.price, case when m.unit = '' then coalesce(
            (till.rate_of(p_store, m.menu_item_id, p_type)->>'price')::numeric, cold.price_at(p_store, m.menu_item_id, now())) end)
    from cold.menu_item as m
    where c.session_id = p_session and c.is_active and (c.price is null or c.item_name is null)
        and m.store_id = p_store and m.menu_item_id = c.item_id;
    select coalesce(c.item_name, c.item_id) into unpriced from hot.session_cart as c
    where c.session_id = p_session and c.is_active and c.price is null order by c.added_at, c.item_id limit 1;
    if found then
        raise exception 'Neither the cart nor the menu has a price for %.', unpriced
            using errcode = 'TL006', hint = 'Give its row of session_cart a price.';
    end if;
end $$;

-- The store that a cart belongs to: that of its session, or the only one there is.
create or replace function cold.store_of_cart(p_session text) returns uuid
language plpgsql stable as $$
declare
    found_store uuid;
begin
    select s.store_id into found_store from warm.every_session as s where s.id = p_session;
    if found_store is null and (select count(*) from till.stores) = 1 then
        select t.store_id into found_store from till.stores as t;
    end if;
    if found_store is null then
        raise exception 'The store of session % is not known.', p_session using errcode = 'TL004';
    end if;
    return found_store;
end $$;

-- The pieces of each line of a cart row, from the log. If they do not add up to the row, the first line gets all
-- pieces.
create or replace function warm.pieces_of(p_session text, p_lines jsonb, p_quantity integer) returns jsonb
language plpgsql stable as $$
declare
    found jsonb;
begin
    with own as materialized (
        select e.event_id as id, e.event_type as type, e.event_data as data from warm.log_of(p_session) as e
    ), keyed as (
        select o.data->>'line_id' as line, (o.data->>'quantity')::integer as pieces from own as o where o.type = 'item_added'
        union all
        select l->>'line_id', (l->>'quantity')::integer - sign((l->>'quantity')::integer)::integer * coalesce((
            select sum(t.value::integer) from jsonb_each_text(l->'taken_off') as t), 0)
        from own as o, jsonb_array_elements(o.data->'lines') as l where o.type = 'lines_moved'
    )
    select jsonb_agg(coalesce(k.pieces - sign(k.pieces)::integer * coalesce((
        select sum((o.data->>'taken_off')::integer) from own as o
        where o.type = 'quantity_changed' and o.data->>'line_id' = k.line and not exists (
            select from own as u where u.type = 'change_undone' and u.data->>'event' = o.id::text)), 0), 0) order by i.place)
    into found
    from jsonb_array_elements_text(p_lines) with ordinality as i (line, place) left join keyed as k on k.line = i.line;
    if (select sum(x::integer) from jsonb_array_elements_text(found) as x) is distinct from p_quantity then
        return (
            select jsonb_agg(case when n = 1 then p_quantity else 0 end order by n)
            from generate_series(1, jsonb_array_length(p_lines)) as n);
    end if;
    return found;
end $$;

-- The taxes that a line of a session was keyed with, in an order type; those of the menu if its records do not say.
create or replace function till.keyed_taxes(p_store uuid, p_session text, p_item text, p_line text, p_type text) returns jsonb
language plpgsql stable as $$
begin
    return coalesce(
        (select r->'taxes'
        from jsonb_array_elements(warm.change_of_line(p_session, p_line::uuid, 'line_rated')->'by_type') as r
        where r->>'order_type' = p_type),
        (select e.event_data->'taxes' from warm.log_of(p_session) as e
        where e.event_type = 'item_added' and e.event_data->>'line_id' = p_line),
        (select l->'taxes' from warm.log_of(p_session) as e, jsonb_array_elements(e.event_data->'lines') as l
        where e.event_type = 'lines_moved' and l->>'line_id' = p_line limit 1),
        till.taxes_of(p_store, p_item, p_type));
end $$;

-- The items of a session that are not voided, each with the taxes that its lines were keyed with: one whose lines have
-- others, as a rate began between them, is several.
create or replace function till.by_rate(p_store uuid, p_session text, p_items jsonb, p_type text) returns jsonb
language plpgsql stable as $$
declare
    rated jsonb := '[]';
    parts jsonb;
    item jsonb;
begin
    for item in
        select i.value from jsonb_array_elements(p_items) with ordinality as i (value, place)
        where i.value->>'voided' is distinct from 'true' order by i.place
    loop
        select jsonb_agg(jsonb_build_object('taxes', g.taxes, 'line_ids', g.lines, 'quantity', g.pieces) order by g.place) into parts
        from (
            select k.taxes, jsonb_agg(k.line order by k.place) as lines, sum(k.pieces) as pieces, min(k.place) as place
            from (
                select l.line, l.place, till.keyed_taxes(p_store, p_session, item->>'item_id', l.line, p_type) as taxes,
                    (q.pieces->>(l.place - 1)::integer)::integer as pieces
                from jsonb_array_elements_text(item->'line_ids') with ordinality as l (line, place)
                cross join (select warm.pieces_of(p_session, item->'line_ids', (item->>'quantity')::integer)) as q (pieces)
            ) as k group by k.taxes
        ) as g where g.pieces <> 0;
        rated := rated || case
            when parts is null then jsonb_build_array(item)
            when jsonb_array_length(parts) = 1 then jsonb_build_array(item || jsonb_build_object('taxes', parts->0->'taxes'))
            else till.parted(item, parts) end;
    end loop;
    return rated;
end $$;

-- An item in parts, each with its share of the amount by pieces; the last has the rest.
create or replace function till.parted(p_item jsonb, p_parts jsonb) returns jsonb
language sql immutable as $$
    select jsonb_agg(p_item || y.part || jsonb_build_object('amount', y.amount::text) order by y.place)
    from (
        select x.part, x.place, case when x.place = jsonb_array_length(p_parts)
            then (p_item->>'amount')::numeric - coalesce(sum(x.share) over (order by x.place rows between unbounded preceding and 1 preceding), 0)
            else x.share end as amount
        from (
            select p.part, p.place, round((p_item->>'amount')::numeric * (p.part->>'quantity')::integer / (p_item->>'quantity')::integer,
                scale((p_item->>'amount')::numeric)) as share
            from jsonb_array_elements(p_parts) with ordinality as p (part, place)
        ) as x
    ) as y
$$;

-- The lines of a list of items with their taxes, for a total or a frozen order: those that they name, or else those of the
-- menu. Each has its item and `subtotal`.
create or replace function cold.taxed(p_store uuid, p_type text, p_lines jsonb) returns jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    decimals constant integer := cold.decimals_of(venue->>'currency');
begin
    return cold.tax_lines((
        select jsonb_agg(l.value || jsonb_build_object(
            'taxes', coalesce(l.value->'taxes', till.taxes_of(p_store, l.value->>'item_id', p_type)),
            'subtotal', round((l.value->>'subtotal')::numeric, decimals)::text) order by l.place)
        from jsonb_array_elements(p_lines) with ordinality as l (value, place)
    ), coalesce((venue->>'prices_include_tax')::boolean, true), coalesce(venue->>'tax_rounding', 'line') = 'order', decimals);
end $$;

-- The total of a list of items of a session in an order type, including taxes that are added to their prices; without a
-- service charge.
create or replace function till.total_of(p_store uuid, p_session text, p_items jsonb, p_type text) returns numeric
language plpgsql stable as $$
declare
    not_voided constant jsonb := (
        select jsonb_agg(i || jsonb_build_object('subtotal', i->'amount')) from jsonb_array_elements(p_items) as i
        where i->>'voided' is distinct from 'true');
begin
    return coalesce((
        select sum((l->>'subtotal')::numeric)
        from jsonb_array_elements(case till.venue(p_store)->>'prices_include_tax'
            when 'false' then cold.taxed(p_store, p_type, (
                select jsonb_agg(i || jsonb_build_object('subtotal', i->'amount'))
                from jsonb_array_elements(till.by_rate(p_store, p_session, p_items, p_type)) as i))
            else not_voided end) as l), 0);
end $$;

-- The frozen order of a session, paid in full by one method.
create or replace function cold.freeze_session(p_store uuid, s till.order_sessions, p_method text) returns jsonb
language plpgsql as $$
declare
    venue constant jsonb := till.venue(p_store);
    decimals constant integer := cold.decimals_of(s.currency);
    program constant text := (select x.program from till.program_sessions as x where x.session_id = s.id);
    lines jsonb;
    sums record;
    rounding numeric;
begin
    perform cold.refuse_unreckoned(p_store, s);
    lines := cold.taxed(p_store, s.order_type, (
        select jsonb_agg(jsonb_build_object(
            'line_ids', i->'line_ids', 'item_id', i->'item_id', 'item_name', i->'item',
            'line_quantities', warm.pieces_of(s.id, i->'line_ids', x.pieces), 'quantity', x.pieces,
            'unit_price', round(x.price, least(greatest(scale(x.price), decimals), 4))::text,
            'modifiers', '[]'::jsonb, 'discount', round(0, decimals)::text, 'subtotal', i->'amount', 'taxes', i->'taxes') order by n)
        from jsonb_array_elements(till.by_rate(p_store, s.id, s.items, s.order_type)) with ordinality as y (i, n)
        cross join lateral (
            select (i->>'quantity')::integer as pieces, case
                when till.shown_item(s.currency, i)->'amount' = i->'amount' then (i->>'unit_price')::numeric
                else hot.unit_price((i->>'amount')::numeric, (i->>'quantity')::integer) end as price
        ) as x
        where i->>'voided' is distinct from 'true'));
    select sum(l.net) as net, sum(l.tax) as tax, sum(l.subtotal) as total into sums
    from jsonb_to_recordset(lines) as l (net numeric, tax numeric, subtotal numeric);
    rounding := cold.rounded_off(sums.total, venue->'rounding', p_method);
    return jsonb_build_object(
        'order_id', coalesce(s.submitted->>'order_id', warm.next_id(s.last_event, null)::text),
        'receipt', coalesce(program, '0') || '-' || lpad(cold.next_number(p_store, program, 'receipts')::text, 6, '0'),
        'business_date', till.day_of(venue, now()), 'order_type', s.order_type, 'payment_method', lower(p_method),
        'currency', s.currency, 'net', sums.net::text, 'tax', sums.tax::text, 'rounding', rounding::text,
        'total', sums.total::text, 'tab_id', s.tab_id, 'customer_id', s.submitted->'customer_id', 'ref', null,
        'lines', lines, 'voids', '[]'::jsonb, 'taxes', cold.taxes_summed(lines),
        'payments', jsonb_build_array(jsonb_build_object(
            'payment_id', warm.next_id(null, null), 'tender', upper(p_method), 'amount', (sums.total + rounding)::text,
            'change', '0'))
    );
end $$;

-- True if orders of a type bear a service charge, which only a till calculates: no amount of the server has it.
create or replace function till.bears_charge(p_store uuid, p_type text) returns boolean
language plpgsql stable as $$
declare
    charge constant jsonb := till.venue(p_store)->'service_charge';
begin
    return charge ? 'percent' and (coalesce(charge->'order_types', '[]') = '[]' or charge->'order_types' ? p_type);
end $$;

-- Refuses an order whose taxes or charges only a till can calculate. The database calculates only rates, all included
-- in the price or all added.
create or replace function cold.refuse_unreckoned(p_store uuid, s till.order_sessions) returns void
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
begin
    if coalesce(venue->>'tax_rounding_direction', 'half_up') <> 'half_up'
        or coalesce(venue->>'tax_rounding_of', 'each') <> 'each'
        or till.bears_charge(p_store, s.order_type)
        or exists (
            select from jsonb_array_elements(till.by_rate(p_store, s.id, s.items, s.order_type)) as i, jsonb_array_elements(i->'taxes') as tax
            where tax - 'name' - 'rate' <> '{}'
        )
        or exists (select from warm.log_of(s.id) as e where e.event_type = 'line_type_set')
    then
        raise exception 'Only a till can price this order: finish it there.' using errcode = 'TL005',
            hint = 'The taxes or the service charge are more than rates that are all in the price or all added, or a line has its own order type.';
    end if;
end $$;

-- The rounding of a total that is paid at once, by the rule of the venue; negative if less is paid.
create or replace function cold.rounded_off(p_total numeric, p_rule jsonb, p_method text) returns numeric
language plpgsql immutable as $$
declare
    step constant numeric := (p_rule->>'step')::numeric;
    steps numeric;
begin
    if coalesce(step, 0) = 0 or abs(p_total) <= coalesce((p_rule->>'nothing_up_to')::numeric, 0)
        or coalesce(p_rule->>'of', 'cash') = 'cash' and lower(p_method) <> 'cash'
        or exists (
            select from jsonb_array_elements_text(coalesce(p_rule->'never', '[]')) as t (tender)
            where lower(t.tender) = lower(p_method)
        )
    then
        return p_total - p_total;
    end if;
    steps := abs(p_total) / step;
    steps := case coalesce(p_rule->>'direction', 'half_up')
        when 'down' then floor(steps)
        when 'half_down' then ceil(steps - 0.5)
        else floor(steps + 0.5) end;
    return round(sign(p_total) * steps * step - p_total, scale(p_total));
end $$;

-- Calculates the taxes of the lines of a frozen order. By line, each tax is rounded once for a line. By order, the sum
-- of each tax is rounded once and distributed over its lines: each gets the floor, and the largest remainders one unit
-- more; of equal remainders the earlier line. Taxes are subtracted from prices that include them, and otherwise added.
-- Tills do the same in `tax_order` (till/domain/money); its docstring says why it is implemented twice.
create or replace function cold.tax_lines(p_lines jsonb, p_inclusive boolean, p_by_order boolean, p_decimals integer)
returns jsonb
language plpgsql immutable as $$
declare
    unit constant numeric := power(10::numeric, -p_decimals);
begin
    return (
        with line as materialized (
            select l.place, l.value, (l.value->>'subtotal')::numeric as amount, 100 + case when p_inclusive then coalesce((
                select sum((t->>'rate')::numeric) from jsonb_array_elements(l.value->'taxes') as t), 0) else 0 end as base
            from jsonb_array_elements(p_lines) with ordinality as l (value, place)
        ), owed as (
            select line.place, t.place as tax, t.value, t.value->>'name' as name, t.value->>'rate' as rate,
                line.amount * (t.value->>'rate')::numeric / line.base / unit as exact
            from line, jsonb_array_elements(line.value->'taxes') with ordinality as t (value, place)
        ), ranked as (
            select owed.*,
                round(sum(exact) over of_one, 9) - sum(floor(exact)) over of_one as left_over,
                row_number() over (partition by name, rate order by round(exact - floor(exact), 9) desc, owed.place) as turn
            from owed window of_one as (partition by name, rate)
        ), settled as (
            select place, tax, value, unit * case
                when p_by_order then floor(exact) + (turn <= round(left_over))::integer else round(exact) end as part
            from ranked
        )
        select jsonb_agg(line.value || jsonb_build_object(
            'taxes', coalesce(x.taxes, '[]'), 'tax', round(coalesce(x.tax, 0), p_decimals)::text,
            'net', round(case when p_inclusive then amount - coalesce(x.tax, 0) else amount end, p_decimals)::text,
            'subtotal', round(case when p_inclusive then amount else amount + coalesce(x.tax, 0) end, p_decimals)::text
        ) order by line.place)
        from line left join (
            select place, sum(part) as tax,
                jsonb_agg(value || jsonb_build_object('tax', round(part, p_decimals)::text)
                    || case when p_inclusive then '{}' else '{"added": true}' end::jsonb order by tax) as taxes
            from settled group by place
        ) as x on x.place = line.place
    );
end $$;
