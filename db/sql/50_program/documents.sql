-- The function of the documents that makes an order from the cart of a session, for programs that are not tills (a chat front
-- end).

-- Places an order from the active rows of a session's cart, paid in full, and gives its id. The session may be known (a
-- till's, or one that was saved before) or only a cart that a program keeps in the hot tables; either way the store's
-- server writes the events, `order_placed` last.
create or replace function cold.create_order_from_session(
    session_id text, order_type text, payment_method text, customer_id uuid default null
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := create_order_from_session.session_id;
    v_store constant uuid := cold.store_of_cart(v_session);
    s till.order_sessions;
begin
    if till.is_program() then
        perform till.prove(v_store, null);
        perform till.refuse_foreign(v_session);
        perform till.own_open(v_session);
    elsif not pg_has_role(session_user, current_user, 'MEMBER') then
        perform till.prove(v_store, till.proved_actor(v_store));
    end if;
    s := warm.lock_session(v_session);
    return cold.complete_cart(v_store, s, v_session, order_type, payment_method, customer_id, s.user_id, 'chatbot');
end $$;

-- Completes a session by its cart, and gives the id of the order. `s` is the session, locked; null where no till and no
-- operation knows of it. Refuses what a cart does not show: what a till keyed and has not shown, and money that was
-- taken already.
create or replace function cold.complete_cart(
    p_store uuid, s till.order_sessions, p_session text, p_type text, p_method text, p_customer uuid, p_actor integer,
    p_source text
) returns uuid
language plpgsql as $$
declare
    frozen jsonb;
    shown jsonb;
begin
    if s.status = 'completed' then
        raise exception 'The session is completed: it has its order.' using errcode = 'TL005';
    elsif s.id is not null then
        perform till.refuse_closed(s);
        perform till.refuse_unseen(s);
        s := till.follow_cart(s);
        if s.hot is not null and not exists (select from hot.session_state as h where h.session_id = s.id) then
            perform hot.make_again(s);  -- a crash emptied them, or they grew cold
        end if;
    end if;
    if not exists (select from hot.session_cart as c where c.session_id = p_session and c.is_active) then
        raise exception 'The cart of session % is empty.', p_session using errcode = 'TL004';
    elsif warm.has_money(p_session) then
        raise exception 'Money was taken for this order, or a payment is under way. Finish it on a till.' using errcode = 'TL005';
    end if;
    perform cold.price_cart(p_store, p_session);
    frozen := cold.freeze_cart(p_store, s, p_session, p_type, p_method, p_customer);
    if s.id is null then
        perform till.open_session(p_store, null, p_session, p_type, p_source);
        shown := till.snapshot_of(p_session, cold.log_cart(p_store, p_session), null);
        perform till.bring_snapshot(
            p_store, p_session, jsonb_set(shown, '{state}', shown->'state' || hot.last_mentioned(p_session)));
    end if;
    perform warm.server_event_v1(
        p_store, p_actor, 'order_placed', p_session, till.lean_order(frozen), p_source => p_source);
    return (frozen->>'order_id')::uuid;
end $$;

-- True if money was taken or asked for in a session and not given back.
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

-- An order as it was placed, as programs read it: amounts and times as text.
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
                from cold.order_item as i where i.order_id = o.order_id),
            'payments', (
                select coalesce(json_agg(json_build_object('tender', p.tender, 'amount', p.amount::text)
                    order by p.position, p.is_change), '[]')
                from cold.order_payment as p where p.order_id = o.order_id))
        from cold.orders as o where o.order_id = p_order
    );
end $$;

-- Gives the rows of a cart that name no price, or no name, those of the menu. What is weighed, or has an open price, has
-- none there: nothing is sold for nothing because nobody said what it costs.
create or replace function cold.price_cart(p_store uuid, p_session text) returns void
language plpgsql as $$
declare
    unpriced text;
begin
    update hot.session_cart as c
    set item_name = coalesce(c.item_name, m.name), updated_at = now(),
        price = coalesce(c.price, case when m.unit = '' then cold.price_at(p_store, m.menu_item_id, now()) end)
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

-- A cart that no till knows becomes events, so that the order can be traced to its lines; its items as they are shown.
create or replace function cold.log_cart(p_store uuid, p_session text) returns jsonb
language plpgsql as $$
declare
    decimals constant integer := cold.decimals_of(till.venue(p_store)->>'currency');
    items jsonb := '[]';
    c hot.session_cart;
    price text;
begin
    for c in select * from hot.session_cart as x where x.session_id = p_session and x.is_active order by x.added_at, x.item_id loop
        price := round(c.price, least(greatest(scale(c.price), decimals), 4))::text;
        perform warm.server_event_v1(p_store, null, 'item_added', p_session, jsonb_build_object(
            'line_id', warm.line_of(p_session, c.item_id), 'item_id', c.item_id,
            'item_name', coalesce(c.item_name, c.item_id), 'quantity', c.quantity, 'price', price,
            'taxes', till.taxes_of(p_store, c.item_id)
        ), p_source => 'chatbot');
        items := items || jsonb_build_array(jsonb_build_object(
            'line_ids', jsonb_build_array(warm.line_of(p_session, c.item_id)), 'item_id', c.item_id,
            'item', coalesce(c.item_name, c.item_id), 'quantity', c.quantity, 'unit_price', price,
            'amount', round(hot.line_total(c.quantity, c.price), decimals)::text,
            'modifiers', '[]'::jsonb, 'voided', false));
    end loop;
    return items;
end $$;

-- The line id of a cart row that no till keyed: the same whenever it is asked for.
create or replace function warm.line_of(p_session text, p_item text) returns uuid
language plpgsql immutable as $$
begin
    return md5(p_session || ' ' || p_item)::uuid;
end $$;

-- The pieces of each line of a cart row, as far as the log has them; else the first line has them all.
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

-- The frozen order of a cart.
create or replace function cold.freeze_cart(
    p_store uuid, s till.order_sessions, p_session text, p_type text, p_method text, p_customer uuid
) returns jsonb
language plpgsql as $$
declare
    venue constant jsonb := till.venue(p_store);
    inclusive constant boolean := coalesce((venue->>'prices_include_tax')::boolean, true);
    currency constant text := coalesce(
        s.currency, venue->>'currency', (select t.currency from till.stores as t where t.store_id = p_store));
    decimals constant integer := cold.decimals_of(currency);
    lines jsonb;
    sums record;
    rounding numeric;
begin
    perform cold.refuse_unreckoned(p_store, venue, p_session, p_type);
    select jsonb_agg(cold.freeze_row(
        c, decimals, till.taxes_of(p_store, c.item_id),
        coalesce((
            select jsonb_agg(l order by l) from jsonb_array_elements(s.items) as i, jsonb_array_elements(i->'line_ids') as l
            where i->>'item_id' = c.item_id and i->>'voided' is distinct from 'true'
        ), jsonb_build_array(warm.line_of(p_session, c.item_id)))
    ) order by c.added_at, c.item_id)
    into lines from hot.session_cart as c where c.session_id = p_session and c.is_active;
    lines := cold.tax_lines(lines, inclusive, coalesce(venue->>'tax_rounding', 'line') = 'order', decimals);
    select sum(l.net) as net, sum(l.tax) as tax, sum(l.subtotal) as total into sums
    from jsonb_to_recordset(lines) as l (net numeric, tax numeric, subtotal numeric);
    rounding := cold.rounded_off(sums.total, venue->'rounding', p_method);
    return jsonb_build_object(
        'order_id', warm.next_id(s.last_event, null), 'receipt', cold.server_receipt(p_store),
        'business_date', till.day_of(venue, now()),
        'order_type', p_type, 'payment_method', p_method,
        'currency', currency,
        'net', sums.net::text, 'tax', sums.tax::text, 'rounding', rounding::text, 'total', sums.total::text,
        'tab_id', s.tab_id, 'customer_id', p_customer, 'ref', null, 'lines', lines, 'voids', '[]'::jsonb,
        'taxes', cold.taxes_summed(lines), 'payments', jsonb_build_array(jsonb_build_object(
            'payment_id', warm.next_id(null, null), 'tender', upper(p_method), 'amount', (sums.total + rounding)::text,
            'change', '0'))
    );
end $$;

-- Refuses an order whose taxes or charges only a till reckons: here there are rates alone, all in the price or all added.
create or replace function cold.refuse_unreckoned(p_store uuid, p_venue jsonb, p_session text, p_type text) returns void
language plpgsql stable as $$
declare
    charge constant jsonb := p_venue->'service_charge';
begin
    if coalesce(p_venue->>'tax_rounding_direction', 'half_up') <> 'half_up'
        or coalesce(p_venue->>'tax_rounding_of', 'each') <> 'each'
        or charge ? 'percent' and (coalesce(charge->'order_types', '[]') = '[]' or charge->'order_types' ? p_type)
        or exists (
            select from hot.session_cart as c, jsonb_array_elements(till.taxes_of(p_store, c.item_id)) as tax
            where c.session_id = p_session and c.is_active and tax - 'name' - 'rate' <> '{}'
        )
    then
        raise exception 'Only a till can price this order: finish it there.' using errcode = 'TL005',
            hint = 'The taxes or the service charge are more than rates that are all in the price or all added.';
    end if;
end $$;

-- The rounding of a total that is paid at once, as the venue rounds payments; negative where less is paid.
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

-- One line of a frozen order before its taxes are worked out: `subtotal` is what it comes to at the menu's price.
create or replace function cold.freeze_row(c hot.session_cart, p_decimals integer, p_taxes jsonb, p_lines jsonb)
returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'line_ids', p_lines, 'item_id', c.item_id, 'item_name', coalesce(c.item_name, c.item_id),
        'line_quantities', warm.pieces_of(c.session_id, p_lines, c.quantity),
        'quantity', c.quantity, 'unit_price', round(c.price, least(greatest(scale(c.price), p_decimals), 4))::text,
        'modifiers', '[]'::jsonb, 'discount', round(0, p_decimals)::text,
        'subtotal', round(hot.line_total(c.quantity, c.price), p_decimals)::text, 'taxes', p_taxes
    );
end $$;

-- Taxes the lines of a frozen order. By line, each tax is rounded once a line; by order, the sum of each tax is rounded
-- once and spread over its lines: floors first, then one more for the largest remainders, ties to the earlier. With
-- prices that contain them, what is left is net; otherwise they come on top. Tills do it by `tax_order` (till/domain/money),
-- whose docstring says why it is written twice.
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

-- The receipt number of an order that the server places: of a series of its own, after its place in the chain.
create or replace function cold.server_receipt(p_store uuid) returns text
language plpgsql as $$
declare
    place bigint;
begin
    select h.seq + 1 into place from warm.journal_head as h where h.store_id = p_store and h.till_id = 0 for no key update;
    return '0-' || lpad(place::text, 6, '0');
end $$;
