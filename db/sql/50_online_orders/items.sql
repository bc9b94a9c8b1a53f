-- Changes to the items of a session by the server: first the events, then a snapshot that shows them.

-- The settings of a store under which its orders are made.
-- for: manager
create or replace function till.venue(p_store uuid) returns jsonb
language plpgsql stable as $$
begin
    return coalesce((select s.body from till.settings as s where s.store_id = p_store and s.name = 'settings'), '{}');
end $$;

-- The differences of an item by order type now, as in `line_rated`; empty for none.
create or replace function till.rates_of(p_store uuid, p_item text) returns jsonb
language plpgsql stable as $$
begin
    return coalesce((
        select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'order_type', t.key, 'price', t.value->'price',
            'taxes', coalesce(m.body->'taxes'->coalesce(t.value->>'tax', i->>'tax'), '[]'))) order by t.key)
        from till.settings as m join cold.menu_item as c on c.store_id = m.store_id
        cross join lateral (
            select case when m.body->'items'->(c.position - 1)->>'id' = p_item then m.body->'items'->(c.position - 1)  -- as after an import
                else jsonb_path_query_first(m.body, '$.items[*] ? (@.id == $item)', jsonb_build_object('item', p_item)) end as stored) as y
        cross join lateral (select case when stored ? 'rates' then till.rated_at(stored, now()) else stored end as i) as x
        cross join lateral jsonb_each(i->'by_type') as t
        where m.store_id = p_store and m.name = 'menu' and c.menu_item_id = p_item), '[]');
end $$;

-- The rate of an item in an order type; null if it is not another one there.
create or replace function till.rate_of(p_store uuid, p_item text, p_type text) returns jsonb
language sql stable as $$
    select r from jsonb_array_elements(till.rates_of(p_store, p_item)) as r where r->>'order_type' = p_type
$$;

-- The taxes of an item in an order type now, by its group in the menu (docs/protocol.md, `menu`).
create or replace function till.taxes_of(p_store uuid, p_item text, p_type text default null) returns jsonb
language plpgsql stable as $$
begin
    return coalesce(case when p_type is not null then till.rate_of(p_store, p_item, p_type)->'taxes' end, (
        select m.body->'taxes'->case when till.rates_are_due(p_store) then till.rated_at(jsonb_path_query_first(
            m.body, '$.items[*] ? (@.id == $item)', jsonb_build_object('item', p_item)), now())->>'tax' else i.tax end
        from cold.menu_item as i join till.settings as m on m.store_id = i.store_id and m.name = 'menu'
        where i.store_id = p_store and i.menu_item_id = p_item
    ), '[]');
end $$;

-- True if an item is sold at a time, by the venue's clock. Hours that end at or before their beginning end on the next
-- day. Tills do the same in `Menu.is_sold_at`.
create or replace function cold.is_sold_at(p_store uuid, p_item text, p_at timestamptz) returns boolean
language sql stable as $$
    select coalesce(bool_or(case
        when h.available_from < h.available_to
            then h.weekday = m.weekday and m.clock >= h.available_from and m.clock < h.available_to
        else h.weekday = m.weekday and m.clock >= h.available_from
            or h.weekday = m.weekday_before and m.clock < h.available_to end), true)
    from cold.menu_item_availability_schedule as h
    cross join (select p_at at time zone coalesce(till.venue(p_store)->>'timezone', 'UTC')) as w (wall)
    cross join lateral (
        select w.wall::time, extract(isodow from w.wall), extract(isodow from w.wall - interval '1 day')
    ) as m (clock, weekday, weekday_before)
    where h.store_id = p_store and h.menu_item_id = p_item
$$;

-- An item of the menu, by its id or by its name, at its current price in an order type. Refuses an item that a program cannot
-- sell now; with `p_is_held` its order has the pieces already, so that they are left for it.
create or replace function till.item_sold(
    p_store uuid, p_item text, p_name text default null, p_type text default null, p_is_held boolean default false)
returns cold.menu_item
language plpgsql stable as $$
declare
    m cold.menu_item;
begin
    select * into m from cold.menu_item as x
    where x.store_id = p_store and case when p_item is null then lower(x.name) = lower(p_name) else x.menu_item_id = p_item end
    order by x.position limit 1;
    m.price := case when m.unit = '' then coalesce(
        (till.rate_of(p_store, m.menu_item_id, p_type)->>'price')::numeric, cold.price_at(p_store, m.menu_item_id, now())) end;
    m.price := round(m.price, least(greatest(scale(m.price), cold.decimals_of(till.venue(p_store)->>'currency')), 4));
    if m.menu_item_id is null then
        raise exception 'There is no item % on the menu.', left(coalesce(p_item, p_name), 250) using errcode = 'TL006';
    elsif m.price is null then
        raise exception 'The menu has no price for %: only a till sells it.', m.name using errcode = 'TL006';
    elsif m.sold_out then
        raise exception '% is sold out.', m.name using errcode = 'TL006';
    elsif not p_is_held and exists (select from warm.left_now(p_store, m.menu_item_id) as n where n.pieces < 1) then
        raise exception 'None of % is left.', m.name using errcode = 'TL006';
    elsif not cold.is_sold_at(p_store, m.menu_item_id, now()) then
        raise exception '% is not sold at this time.', m.name using errcode = 'TL006';
    elsif not p_is_held then
        perform till.refuse_unchosen(p_store, m.menu_item_id, m.name);
    end if;
    return m;
end $$;

-- Refuses an item with a group from which the guest has to choose, because its defaults are fewer than it needs.
create or replace function till.refuse_unchosen(p_store uuid, p_item text, p_name text) returns void
language plpgsql stable as $$
declare
    v_group text;
begin
    select g.name into v_group
    from cold.menu_item_modifier_group as i join cold.menu_modifier_group as g using (store_id, group_id)
    where i.store_id = p_store and i.menu_item_id = p_item and g.least > (
        select count(*) from cold.menu_modifier as m
        where m.store_id = g.store_id and m.group_id = g.group_id and m.is_default)
    order by i.position limit 1;
    if found then
        raise exception '% needs a choice of %: only a till sells it.', p_name, v_group using errcode = 'TL006';
    end if;
end $$;

-- True if the server can add pieces to an item of a list: nothing was said of it but the item and its price.
create or replace function till.is_bare(p_item jsonb) returns boolean
language sql immutable as $$
    select coalesce(p_item->'modifiers', '[]') = '[]'
        and not p_item ?| array['note', 'measure', 'course', 'order_type']
$$;

-- The wanted items, those that name lines with all that the order says of these. Refuses by its name what is said of an item
-- and not taken. What is as it was read is no change, whatever it is, so a list that was read can be sent back; null says
-- nothing.
create or replace function till.taken_items(p_stood jsonb, p_wanted jsonb) returns jsonb
language plpgsql immutable as $$
declare
    taken jsonb := '[]';
    item jsonb;
    stood jsonb;
    named boolean;
    untaken text;
begin
    if jsonb_typeof(p_wanted) is distinct from 'array' or p_wanted @? '$[*] ? (@.type() != "object")' then
        raise exception 'Items are a list of objects.' using errcode = 'TL006';
    end if;
    for item in select jsonb_strip_nulls(w.value) from jsonb_array_elements(p_wanted) with ordinality as w (value, place) order by w.place loop
        named := coalesce(item->'line_ids', '[]') <> '[]';
        stood := (select i from jsonb_array_elements(p_stood) as i where named and i->'line_ids' = item->'line_ids' limit 1);
        if named and stood is null then
            raise exception 'The order does not have these line_ids of %: read it again.', left(coalesce(item->>'item', item->>'item_id'), 250)
                using errcode = 'TL005';
        end if;
        select k.key into untaken
        from jsonb_each(item - 'line_ids') as k
        where k.value is distinct from ('{"modifiers": [], "voided": false, "note": ""}' || coalesce(stood, '{}'))->k.key
            and case when stood is null then k.key <> all ('{item_id,quantity,item,unit_price}')
                else (k.key <> 'quantity' or stood->>'voided' = 'true')
                    and (k.key <> 'unit_price' or till.price_of(item) is distinct from till.price_of(stood)) end
        order by k.key limit 1;
        if found then
            raise exception 'A list of items cannot set “%” of %.', left(untaken, 250),
                left(coalesce(stood->>'item', item->>'item', item->>'item_id', 'an item'), 250) using errcode = 'TL006';
        elsif (coalesce(stood, item)->>'voided')::boolean is not true then
            taken := taken || jsonb_build_array(coalesce(stood, '{}') || item);
        end if;
    end loop;
    return taken;
end $$;

-- The items that a program wants. Items with more pieces than before get the name and price of the menu: a program
-- cannot set a price.
create or replace function till.by_menu(p_store uuid, p_type text, p_stood jsonb, p_wanted jsonb) returns jsonb
language plpgsql stable as $$
begin
    if exists (select from jsonb_array_elements(p_wanted) as w where (w->>'quantity' ~ '^[1-9][0-9]{0,3}$') is not true) then
        raise exception 'An item has 1 to 9999 pieces.' using errcode = 'TL006';
    end if;
    return (
        select coalesce(jsonb_agg(case when w.value ? 'line_ids' and not till.is_bare(w.value) or exists (
                select from jsonb_array_elements(p_stood) as i
                where i->>'voided' is distinct from 'true' and i->>'item_id' = w.value->>'item_id'
                    and till.price_of(i) = till.price_of(w.value)
                    and (i->>'quantity')::integer >= (w.value->>'quantity')::integer)
            then w.value else (
                select jsonb_build_object('item_id', m.menu_item_id, 'item', m.name, 'unit_price', m.price::text,
                    'quantity', (w.value->>'quantity')::integer)
                from till.item_sold(p_store, coalesce(w.value->>'item_id', ''), p_type => p_type) as m) end order by w.place), '[]')
        from jsonb_array_elements(p_wanted) with ordinality as w (value, place)
    );
end $$;

-- Refuses more pieces of a counted item than are left, over all rows of it. Programs add one at a time: the head of the server's chain
-- is locked first, as by every event of theirs.
create or replace function till.refuse_beyond_left(s till.order_sessions, p_wanted jsonb) returns void
language plpgsql as $$
declare
    beyond record;
begin
    if not exists (select from till.counts as c where c.store_id = s.store_id) then
        return;
    end if;
    perform from warm.journal_head as h where h.store_id = s.store_id and h.till_id = 0 for no key update;
    select w.item, greatest(n.pieces, 0) as pieces into beyond
    from (
        select i->>'item_id' as id, min(i->>'item') as item, sum((i->>'quantity')::integer) as pieces
        from jsonb_array_elements(p_wanted) as i group by 1
    ) as w cross join lateral warm.left_now(s.store_id, w.id) as n
    where w.pieces - till.pieces_on(s, w.id) > greatest(n.pieces, 0) order by w.id limit 1;
    if found then
        raise exception 'No more than % of % can be added: that is what is left.', beyond.pieces, beyond.item using errcode = 'TL006';
    end if;
end $$;

-- The items that staff want. One without name or price is filled in from lines of the order with as many pieces, or else
-- from the menu.
create or replace function till.filled_in(p_store uuid, p_type text, p_stood jsonb, p_wanted jsonb) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(case when w.value ? 'line_ids' or w.value ?& array['item', 'unit_price'] then w.value
            else coalesce((
                select jsonb_build_object('item', i->'item', 'unit_price', i->'unit_price')
                from jsonb_array_elements(p_stood) as i
                where i->>'voided' is distinct from 'true' and i->>'item_id' = w.value->>'item_id'
                    and (i->>'quantity')::integer >= (w.value->>'quantity')::integer
                order by (i->>'quantity')::integer limit 1
            ), (
                select jsonb_build_object('item', m.name, 'unit_price', m.price::text)
                from till.item_sold(p_store, coalesce(w.value->>'item_id', ''), p_type => p_type) as m
            )) || w.value end order by w.place), '[]')
        from jsonb_array_elements(p_wanted) with ordinality as w (value, place)
    );
end $$;

-- Refuses an order type or a payment method that the venue does not have; null is accepted.
create or replace function till.refuse_unknown_words(p_store uuid, p_type text, p_method text default null) returns void
language plpgsql stable as $$
begin
    if p_type is not null and not exists (
        select from cold.order_type_table as t
        where t.order_type_name = p_type and coalesce(t.store_id, p_store) = p_store)
    then
        raise exception 'There is no order type %.', left(p_type, 250) using errcode = 'TL006';
    elsif p_method is not null and not exists (
        select from cold.payment_method_table as t
        where t.payment_method_name = lower(p_method) and coalesce(t.store_id, p_store) = p_store)
    then
        raise exception 'There is no payment method %.', left(p_method, 250) using errcode = 'TL006';
    end if;
end $$;

-- The terms of an order that is opened now, as in `order_opened`, without defaults.
create or replace function till.terms_of(p_store uuid) returns jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    rounding constant jsonb := venue->'rounding';
    charge constant jsonb := venue->'service_charge';
begin
    return jsonb_strip_nulls(jsonb_build_object(
        'currency', coalesce(venue->>'currency', (select t.currency from till.stores as t where t.store_id = p_store)),
        'prices_include_tax', coalesce((venue->>'prices_include_tax')::boolean, true),
        'tax_rounding', coalesce(venue->>'tax_rounding', 'line'),
        'tax_rounding_direction', nullif(venue->>'tax_rounding_direction', 'half_up'),
        'tax_rounding_of', nullif(venue->>'tax_rounding_of', 'each'),
        'rounding', case when (rounding->>'step')::numeric > 0 then jsonb_build_object(
            'step', rounding->>'step', 'direction', nullif(rounding->>'direction', 'half_up'),
            'nothing_up_to', rounding->>'nothing_up_to', 'of', nullif(rounding->>'of', 'cash'),
            'never', nullif(rounding->'never', '[]')) end,
        'service_charge', case when charge ? 'percent' then jsonb_build_object(
            'percent', charge->>'percent',
            'taxes', nullif((
                select m.body->'taxes'->till.charge_tax(p_store) from till.settings as m
                where m.store_id = p_store and m.name = 'menu'), '[]'),
            'order_types', nullif(charge->'order_types', '[]'), 'except_deposits', true) end
    ));
end $$;

-- Opens a session that the server makes. No till holds it, so anybody can open it at a till without a warning.
create or replace function till.open_session(
    p_store uuid, p_user integer, p_session text, p_order_type text, p_source text, p_program text default null
) returns void
language plpgsql as $$
begin
    perform till.refuse_unknown_words(p_store, p_order_type);
    perform warm.server_event_v1(
        p_store, p_user, 'order_opened', p_session,
        till.terms_of(p_store) || jsonb_build_object(
            'user', coalesce(p_user, 0), 'order_type', coalesce(p_order_type, 'take_away'), 'program', p_program
        ),
        p_source => p_source
    );
end $$;

-- The price of a line in an order type, by its records; null for a line that came from another order.
create or replace function till.price_in(p_session text, p_line text, p_type text) returns numeric
language sql stable as $$
    select coalesce(
        (select (r->>'price')::numeric
        from jsonb_array_elements(warm.change_of_line(p_session, p_line::uuid, 'line_rated')->'by_type') as r
        where r->>'order_type' = p_type),
        (select (e.event_data->>'price')::numeric from warm.log_of(p_session) as e
        where e.event_type = 'item_added' and e.event_data->>'line_id' = p_line))
$$;

-- The items of a session at their prices in another order type. Refuses items whose price only the fold of a till knows.
create or replace function till.items_in(s till.order_sessions, p_type text) returns jsonb
language plpgsql stable as $$
declare
    priced jsonb := '[]';
    item record;
begin
    if not exists (select from warm.log_of(s.id) as e where e.event_type in ('line_rated', 'lines_copied')) then
        return s.items;
    end if;
    for item in
        select i.value, x.* from jsonb_array_elements(s.items) with ordinality as i (value, place)
        cross join lateral (
            select array_agg(distinct till.price_in(s.id, l, s.order_type)) as was, array_agg(distinct till.price_in(s.id, l, p_type)) as now,
                bool_or(warm.type_of_line(s.id, l::uuid) is not null) as own
            from jsonb_array_elements_text(i.value->'line_ids') as l) as x
        order by i.place
    loop
        if item.value->>'voided' = 'true' or item.own or item.was = item.now then
            priced := priced || jsonb_build_array(item.value);
        elsif cardinality(item.was) > 1 or cardinality(item.now) > 1 or (item.value->>'unit_price')::numeric is distinct from item.was[1]
            or till.shown_item(s.currency, item.value)->'amount' <> item.value->'amount'
        then
            raise exception 'Only a till can price this order as %: set its type there.', p_type using errcode = 'TL005';
        else
            priced := priced || jsonb_build_array(till.shown_item(
                s.currency, item.value || jsonb_build_object('unit_price', item.now[1]::text)));
        end if;
    end loop;
    return priced;
end $$;

-- Sets the order type of a session, with the prices and the taxes of its items in it: in its snapshot, its cart, and what its
-- guest is asked to pay. After a part is paid it refuses a type that changes what is owed, also a tax alone.
create or replace function till.set_order_type(p_store uuid, p_user integer, p_session text, p_type text) returns void
language plpgsql as $$
declare
    s till.order_sessions;
    items jsonb;
begin
    perform till.refuse_unknown_words(p_store, p_type);
    select * into s from till.order_sessions where id = p_session;
    perform till.refuse_unseen(s);
    items := till.items_in(s, p_type);
    if ((till.total_of(p_store, p_session, items, p_type), till.bears_charge(p_store, p_type))
            is distinct from (till.total_of(p_store, p_session, s.items, s.order_type), till.bears_charge(p_store, s.order_type))
            or exists (
                select from jsonb_array_elements(items) as i, jsonb_array_elements_text(i->'line_ids') as l (line)
                where i->>'voided' is distinct from 'true' and not i ? 'order_type'
                    and till.keyed_taxes(p_store, p_session, i->>'item_id', l.line, p_type)
                        <> till.keyed_taxes(p_store, p_session, i->>'item_id', l.line, s.order_type)))
        and warm.has_money(p_session)
    then
        raise exception 'Money was taken for this order, or a payment is under way, and as % it has another amount or tax. Finish it on a till.', p_type
            using errcode = 'TL005';
    end if;
    perform warm.server_event_v1(
        p_store, p_user, 'order_type_set', p_session, jsonb_build_object('order_type', p_type),
        p_snapshot => till.snapshot_of(p_session, nullif(items, s.items), null, p_type));
    perform till.keep_picture_of_program(p_session);
end $$;

-- Sets the preferences of a session.
create or replace function till.set_preferences(p_store uuid, p_user integer, p_session text, p_preferences jsonb)
returns void
language plpgsql as $$
declare
    preference record;
begin
    for preference in select key, value from jsonb_each_text(p_preferences) order by key loop
        perform warm.server_event_v1(
            p_store, p_user, 'preference_set', p_session, jsonb_build_object('name', preference.key),
            jsonb_build_object('value', coalesce(preference.value, '')),
            p_snapshot => till.snapshot_of(p_session, null, jsonb_build_object(preference.key, preference.value))
        );
    end loop;
end $$;

-- The record of pieces that the server takes off a line of an item. They were sent if a ticket named the line, or if the
-- order is on a tab.
create or replace function till.removal_of(p_session text, p_line text, p_item jsonb, p_pieces integer) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('item_name', p_item->'item', 'pieces', p_pieces,
                'amount', till.shown_item(s.currency, p_item || jsonb_build_object('quantity', p_pieces))->'amount')
            || case when s.tab_id is not null or exists (
                select from warm.session_events as e
                where e.session_id = s.id and e.event_type = 'lines_sent' and e.event_data->'lines' @> jsonb_build_array(
                    jsonb_build_object('line_id', p_line))) then '{"sent": true}' else '{}'::jsonb end
        from till.order_sessions as s where s.id = p_session);
end $$;

-- Voids the lines that are shown as one item. Returns the item as it is then shown.
create or replace function till.void_item(p_store uuid, p_user integer, p_session text, p_item jsonb) returns jsonb
language plpgsql as $$
declare
    line text;
    pieces integer;
    keyed constant jsonb := till.items_keyed(p_session);
begin
    for line in select jsonb_array_elements_text(p_item->'line_ids') loop
        pieces := coalesce(
            (select (k->>'quantity')::integer from jsonb_array_elements(keyed) as k where k->'line_ids' ? line),
            (p_item->>'quantity')::integer);
        perform warm.server_event_v1(
            p_store, p_user, 'line_voided', p_session, jsonb_build_object(
                'line_id', line, 'removed', till.removal_of(p_session, line, p_item, pieces)), '{"reason": "removed"}'
        );
    end loop;
    return p_item || '{"voided": true}';
end $$;

-- Adds a line at its price in the type of the order. If that is the menu's, its record has the item's own price, and a second one
-- the prices and taxes by type; a price of a person has none by type. Returns the item as it is then shown.
create or replace function till.add_item(s till.order_sessions, p_user integer, p_item jsonb) returns jsonb
language plpgsql as $$
declare
    line constant text := warm.next_id(null, null)::text;
    price text := p_item->>'unit_price';
    rates jsonb := till.rates_of(s.store_id, p_item->>'item_id');
begin
    if jsonb_path_exists(rates, '$[*].price') then
        if price::numeric = coalesce((till.rate_of(s.store_id, p_item->>'item_id', s.order_type)->>'price')::numeric,
            cold.price_at(s.store_id, p_item->>'item_id', now()))
        then
            price := coalesce(cold.price_at(s.store_id, p_item->>'item_id', now())::text, price);
        else
            rates := (select jsonb_agg(r - 'price') from jsonb_array_elements(rates) as r);
        end if;
    end if;
    perform warm.server_event_v1(s.store_id, p_user, 'item_added', s.id, jsonb_build_object(
        'line_id', line, 'item_id', p_item->'item_id', 'item_name', p_item->'item',
        'quantity', (p_item->>'quantity')::integer, 'price', price,
        'taxes', till.taxes_of(s.store_id, p_item->>'item_id')));
    if rates <> '[]' then
        perform warm.server_event_v1(
            s.store_id, p_user, 'line_rated', s.id, jsonb_build_object('line_id', line, 'by_type', rates));
    end if;
    return till.shown_item(s.currency, jsonb_build_object(
        'line_ids', jsonb_build_array(line), 'item_id', p_item->'item_id', 'item', p_item->'item',
        'quantity', p_item->'quantity', 'unit_price', p_item->>'unit_price', 'modifiers', '[]'::jsonb, 'voided', false));
end $$;

-- Refuses a session whose items are older than its events: they do not show what a till has keyed since.
create or replace function till.refuse_unseen(s till.order_sessions) returns void
language plpgsql immutable as $$
begin
    if s.refold then
        raise exception 'A till has changed this order since then. Open it on a till first.' using errcode = 'TL005';
    end if;
end $$;

-- The price of an item in a list, as a number; null if it is not one.
create or replace function till.price_of(p_item jsonb) returns numeric
language plpgsql immutable as $$
begin
    return case when p_item->>'unit_price' ~ '^[0-9]+(\.[0-9]+)?$' then (p_item->>'unit_price')::numeric end;
end $$;

-- The wanted items, each with its lines. An item without `line_ids` means existing lines of the same item at the same
-- price; lines without a modifier come first.
create or replace function till.with_lines(p_stood jsonb, p_wanted jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return (
        with wanted as (
            select w.value, w.place, w.value->>'item_id' as item, till.price_of(w.value) as price,
                coalesce(w.value->'line_ids', '[]') not in ('null', '[]') as named
            from jsonb_array_elements(p_wanted) with ordinality as w (value, place)
        ), unnamed as (
            select w.*, row_number() over (partition by w.item, w.price order by w.place) as turn
            from wanted as w where not w.named
        ), left_over as (
            select i.value->'line_ids' as lines, i.value->>'item_id' as item, till.price_of(i.value) as price,
                row_number() over (
                    partition by i.value->>'item_id', till.price_of(i.value)
                    order by i.value->'modifiers' <> '[]', i.place) as turn
            from jsonb_array_elements(p_stood) with ordinality as i (value, place)
            where i.value->>'voided' is distinct from 'true' and not exists (
                select from wanted as w where w.named and w.value->'line_ids' = i.value->'line_ids')
        )
        select coalesce(jsonb_agg(
            case when l.lines is null then w.value else w.value || jsonb_build_object('line_ids', l.lines) end
            order by w.place), '[]')
        from wanted as w
        left join unnamed as u on u.place = w.place
        left join left_over as l on l.item = u.item and l.price = u.price and l.turn = u.turn
    );
end $$;

-- Changes the lines of a session to a list of items, by the events that a till would have written, and writes a
-- snapshot.
create or replace function till.set_items(p_store uuid, p_user integer, p_session text, p_items jsonb) returns void
language plpgsql as $$
begin
    perform till.bring_snapshot(
        p_store, p_session,
        till.snapshot_of(p_session, till.set_lines(p_store, p_user, p_session, p_items), null));
end $$;

-- Writes only the events of till.set_items. Returns the items as they are then shown.
create or replace function till.set_lines(p_store uuid, p_user integer, p_session text, p_items jsonb) returns jsonb
language plpgsql as $$
declare
    s till.order_sessions;
    shown jsonb := '[]';
    item record;
    added jsonb;
    more integer;
begin
    select * into s from till.order_sessions where id = p_session;
    perform till.refuse_unseen(s);
    p_items := till.taken_items(s.items, p_items);
    if till.is_program() then
        p_items := till.by_menu(p_store, s.order_type, s.items, p_items);
        perform till.refuse_beyond_left(s, p_items);
    else
        p_items := till.filled_in(p_store, s.order_type, s.items, p_items);
    end if;
    for item in
        select i.value as stood, w.value as wanted
        from jsonb_array_elements(s.items) with ordinality as i (value, place)
        full join jsonb_array_elements(till.with_lines(s.items, p_items)) with ordinality as w (value, place)
            on w.value->'line_ids' = i.value->'line_ids'
        order by i.place, w.place
    loop
        more := (item.wanted->>'quantity')::integer - (item.stood->>'quantity')::integer;
        if item.stood->>'voided' = 'true' or (more = 0 and item.wanted is not null) then
            shown := shown || jsonb_build_array(item.stood);
        elsif item.stood is null then
            perform till.refuse_unchosen(p_store, item.wanted->>'item_id', item.wanted->>'item');
            shown := shown || jsonb_build_array(till.add_item(s, p_user, item.wanted));
        elsif item.wanted is null then
            shown := shown || jsonb_build_array(till.void_item(p_store, p_user, p_session, item.stood));
        elsif not till.is_bare(item.stood) and (sign((item.stood->>'quantity')::numeric) * more > 0
            or jsonb_array_length(item.stood->'line_ids') > 1 or abs(more) > abs((item.stood->>'quantity')::integer))
        then
            raise exception '% has choices or a note: only a till can make that % of them.', item.stood->>'item', item.wanted->>'quantity'
                using errcode = 'TL006';
        elsif item.stood->'quantity' = '0' or sign((item.stood->>'quantity')::numeric) * more > 0 then
            -- pieces beyond what was keyed are a new line
            added := till.add_item(s, p_user, item.stood || jsonb_build_object('quantity', more));
            shown := shown || jsonb_build_array(till.shown_item(s.currency, item.stood || jsonb_build_object(
                'quantity', item.wanted->'quantity', 'line_ids', (item.stood->'line_ids') || (added->'line_ids'))));
        elsif jsonb_array_length(item.stood->'line_ids') > 1
            or abs(more) > abs((item.stood->>'quantity')::integer) then
            -- only the fold knows the pieces of each of several lines: one line with the rest replaces them
            shown := shown || jsonb_build_array(
                till.void_item(p_store, p_user, p_session, item.stood),
                till.add_item(s, p_user, item.stood || jsonb_build_object('quantity', item.wanted->'quantity'))
            );
        else
            perform warm.server_event_v1(p_store, p_user, 'quantity_changed', p_session,
                jsonb_build_object('line_id', item.stood->'line_ids'->>0, 'taken_off', abs(more),
                    'removed', till.removal_of(p_session, item.stood->'line_ids'->>0, item.stood, -more)));
            shown := shown || jsonb_build_array(
                till.shown_item(s.currency, item.stood || jsonb_build_object('quantity', item.wanted->'quantity')));
        end if;
    end loop;
    return shown;
end $$;

-- An item with its amount: price times quantity, rounded once to the decimals of the price, or of its currency if these
-- are fewer.
create or replace function till.shown_item(p_currency text, p_item jsonb) returns jsonb
language plpgsql immutable as $$
declare
    price constant numeric := (p_item->>'unit_price')::numeric;
begin
    return p_item || jsonb_build_object(
        'amount', round(price * (p_item->>'quantity')::integer, least(scale(price), cold.decimals_of(p_currency)))::text);
end $$;

-- Applies a snapshot to a session without an event: its events are already written.
create or replace function till.bring_snapshot(p_store uuid, p_session text, p_snapshot jsonb) returns void
language plpgsql as $$
declare
    auth warm.auth_context;
begin
    auth.store_id := p_store;
    auth.till_id := 0;
    auth.retired := false;
    perform warm.take(auth, '{}', jsonb_build_object(p_session, p_snapshot), 'till', false);
    perform till.keep_picture_of_program(p_session);
end $$;

-- The time at which an item was added to the cart of a session, from its last snapshot or from the cart of a program.
-- For a new item the time is now, in the order of the new items.
create or replace function till.added_at(s till.order_sessions, p_item text, p_place bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select c->>'added_at' from jsonb_array_elements(s.hot->'cart') as c where c->>'item_id' = p_item),
        warm.time_text(coalesce((
            select c.added_at from hot.session_cart as c
            where c.session_id = s.id and c.item_id = p_item and c.is_active
        ), clock_timestamp() + make_interval(secs => p_place * 0.000001))));
end $$;

-- A snapshot of a session made by the server: its current state, with other items, preferences or order type if given.
create or replace function till.snapshot_of(p_session text, p_items jsonb, p_preferences jsonb, p_type text default null) returns jsonb
language plpgsql stable as $$
declare
    s till.order_sessions;
    items jsonb;
    newest jsonb;
begin
    select * into s from till.order_sessions where id = p_session;
    items := coalesce(p_items, s.items);
    select i.value into newest from jsonb_array_elements(items) with ordinality as i (value, place)
    where i.value->>'voided' is distinct from 'true' order by i.place desc limit 1;
    return jsonb_build_object(
        'session', s.id, 'user', s.user_id, 'hold_id', s.hold_id, 'base_version', s.version,
        'currency', s.currency, 'order_type', coalesce(p_type, s.order_type), 'items', items,
        'total', till.total_of(s.store_id, s.id, items, coalesce(p_type, s.order_type))::text,
        'cart', (
            select coalesce(jsonb_agg(jsonb_build_object('item_id', c.item_id, 'item_name', c.item_name,
                'quantity', c.quantity, 'amount', c.amount::text, 'added_at', till.added_at(s, c.item_id, c.place))
                order by c.place), '[]')
            from (
                select i.value->>'item_id' as item_id, min(i.value->>'item') as item_name, min(i.place) as place,
                    sum((i.value->>'quantity')::integer) as quantity, sum((i.value->>'amount')::numeric) as amount
                from jsonb_array_elements(items) with ordinality as i (value, place)
                where i.value->>'voided' is distinct from 'true' group by 1
            ) as c
        ),
        'state', jsonb_build_object(
            'current_step', case when newest is null then 'browsing' else 'ordering' end,
            'last_mentioned_item_id', newest->>'item_id', 'last_mentioned_item_name', newest->>'item',
            'last_shown_menu', coalesce(
                (select h.last_shown_menu from hot.session_state as h where h.session_id = s.id), '[]')
        ) || case when p_items is null then hot.last_mentioned(s.id) else '{}' end,
        'preferences', coalesce(s.hot->'preferences', '{}') || coalesce(p_preferences, '{}'),
        'checkout', null, 'intent', null
    );
end $$;
