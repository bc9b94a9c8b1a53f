-- The menu. It is changed as a whole or not at all, sent to the tills as one body (docs/protocol.md), and also stored
-- as rows. Each act makes a new version, which is stored and can be restored.

-- An item as it is sold at a time: at the last planned price and with the last planned taxes that have begun, with those
-- that begin later.
create or replace function till.item_at(p_item jsonb, p_at timestamptz) returns jsonb
language plpgsql stable as $$
declare
    begun jsonb;
    ahead jsonb;
begin
    select p.value->'price' into begun
    from jsonb_array_elements(p_item->'prices') as p (value)
    where (p.value->>'from')::timestamptz <= p_at order by (p.value->>'from')::timestamptz desc limit 1;
    select jsonb_agg(p.value order by (p.value->>'from')::timestamptz) into ahead
    from jsonb_array_elements(p_item->'prices') as p (value) where (p.value->>'from')::timestamptz > p_at;
    return till.rated_at((p_item - 'prices') || case when begun is null then '{}' else jsonb_build_object('price', begun) end
        || case when ahead is null then '{}' else jsonb_build_object('prices', ahead) end, p_at);
end $$;

-- An item with its tax groups at a time, and the groups that begin later.
create or replace function till.rated_at(p_item jsonb, p_at timestamptz) returns jsonb
language plpgsql stable as $$
declare
    item jsonb := p_item - 'rates';
    rate jsonb;
    ahead jsonb := '[]';
begin
    for rate in select r.value from jsonb_array_elements(p_item->'rates') as r (value) order by (r.value->>'from')::timestamptz loop
        if (rate->>'from')::timestamptz > p_at then
            ahead := ahead || rate;
        elsif rate ? 'order_type' then
            item := item || jsonb_build_object('by_type', coalesce(item->'by_type', '{}') || jsonb_build_object(
                rate->>'order_type', coalesce(item->'by_type'->(rate->>'order_type'), '{}') || jsonb_build_object('tax', rate->'tax')));
        else
            item := item || jsonb_build_object('tax', rate->'tax');
        end if;
    end loop;
    return item || case when ahead = '[]' then '{}' else jsonb_build_object('rates', ahead) end;
end $$;

-- A menu with the prices and the taxes of its items at a time.
create or replace function till.menu_at(p_menu jsonb, p_at timestamptz) returns jsonb
language plpgsql stable as $$
begin
    if not jsonb_path_exists(p_menu, '$.items[*] ? (exists (@.prices) || exists (@.rates))') then
        return p_menu;
    end if;
    return jsonb_set(p_menu, '{items}', (
        select jsonb_agg(case when i ?| '{prices,rates}' then till.item_at(i, p_at) else i end order by place)
        from jsonb_array_elements(p_menu->'items') with ordinality as x (i, place)));
end $$;

-- The price of an item of the menu at a time; null for an open price or an unknown item.
create or replace function cold.price_at(p_store uuid, p_item text, p_at timestamptz) returns numeric
language plpgsql stable as $$
declare
    planned cold.menu_item_price;
begin
    select * into planned from cold.menu_item_price as p
    where p.store_id = p_store and p.menu_item_id = p_item and p.valid_from <= p_at
    order by p.valid_from desc limit 1;
    if found then
        return planned.price;
    end if;
    return (select m.price from cold.menu_item as m where m.store_id = p_store and m.menu_item_id = p_item);
end $$;

-- Locks the menu for a change, and returns it with the current prices. Refuses a caller who saw another version
-- (`p_based`; null if the caller did not read the menu).
create or replace function till.menu_to_change(p_store uuid, p_based integer) returns jsonb
language plpgsql as $$
declare
    known till.settings;
    last till.menus;
begin
    perform till.begin_rates(p_store);
    select * into known from till.settings where store_id = p_store and name = 'menu' for no key update;
    if not found then
        raise exception 'There is no such store.' using errcode = 'TL004';
    elsif known.version <> p_based then
        select * into last from till.menus where store_id = p_store order by version desc limit 1;
        raise exception 'The menu has changed since then: menu % was saved%, and you saw menu %. Look at it again.',
            known.version, coalesce(' by number ' || last.user_id, ''), p_based using errcode = 'TL005';
    end if;
    return till.menu_at(known.body, now());
end $$;

-- Writes the rows of a menu's modifiers: the groups, their options, and the groups of each item.
create or replace function till.menu_take_modifiers(p_store uuid, p_menu jsonb) returns void
language plpgsql as $$
begin
    insert into cold.menu_modifier_group (store_id, group_id, name, position, least, most)
    select p_store, g.value->>'id', g.value->>'name', g.place, (g.value->>'least')::integer,
        (g.value->>'most')::integer
    from jsonb_array_elements(p_menu->'modifiers') with ordinality as g (value, place);
    insert into cold.menu_modifier (store_id, group_id, name, position, price, is_default)
    select p_store, g.value->>'id', o.value->>'name', o.place, (o.value->>'price')::numeric,
        (o.value->>'default')::boolean
    from jsonb_array_elements(p_menu->'modifiers') as g (value)
    cross join jsonb_array_elements(g.value->'options') with ordinality as o (value, place);
    insert into cold.menu_item_modifier_group (store_id, menu_item_id, group_id, position)
    select p_store, i.value->>'id', g.value, g.place
    from jsonb_array_elements(p_menu->'items') as i (value)
    cross join jsonb_array_elements_text(i.value->'modifiers') with ordinality as g (value, place);
end $$;

-- The fault of what differs by order type on a menu, as half a sentence; null for none.
create or replace function till.by_type_fault(p_store uuid, p_menu jsonb) returns text
language plpgsql stable as $$
begin
    return (
        select case
            when jsonb_typeof(i->'by_type') <> 'object' then format('%s has no order types in by_type', left(i->>'name', 80))
            when not exists (
                select from cold.order_type_table as o where o.order_type_name = t.key and coalesce(o.store_id, p_store) = p_store)
                then format('there is no order type %s', left(t.key, 80))
            when till.fault_of('item', jsonb_build_object('by_type', jsonb_build_object(t.key, t.value))) is not null
                then format('%s cannot be read for %s', left(i->>'name', 80), t.key)
            when t.value ? 'tax' and not p_menu->'taxes' ? (t.value->>'tax') then format('there is no tax %s', left(t.value->>'tax', 80))
            when t.value ? 'price' and i->>'price' is null
                then format('the price of %s is typed: it has no other for %s', left(i->>'name', 80), t.key)
            end as fault
        from jsonb_array_elements(p_menu->'items') as x (i)
        left join lateral jsonb_each(case when jsonb_typeof(i->'by_type') = 'object' then i->'by_type' end) as t on true
        where i ? 'by_type'
        order by 1 limit 1);
end $$;

-- Puts a menu into effect: its rows, its body for the tills, and its version, which it returns. A menu that lacks a tax
-- that the service charge has or will have keeps it from the menu before.
create or replace function till.menu_take(
    p_store uuid, p_actor integer, p_menu jsonb, p_act text, p_item text default null, p_of integer default null
) returns integer
language plpgsql as $$
declare
    new_version integer;
    settings constant jsonb := till.venue(p_store);
    charged constant text := settings->'service_charge'->>'tax';
    fault text;
    kept jsonb;
    missing text;
begin
    for missing in
        select charged where charged <> ''
        union select r->>'tax' from jsonb_array_elements(p_menu->'charge_rates') as r
        except select jsonb_object_keys(p_menu->'taxes')
    loop
        select m.body->'taxes'->missing into kept from till.settings as m where m.store_id = p_store and m.name = 'menu';
        if kept is null then
            raise exception 'The menu was not changed: it has no tax %, which the service charge bears.', left(missing, 40)
                using errcode = 'TL006', hint = 'Import a menu with that tax, or set the service charge afterwards.';
        end if;
        p_menu := jsonb_set(p_menu, array['taxes', missing], kept);
    end loop;
    fault := coalesce(till.by_type_fault(p_store, p_menu), till.rates_fault(p_store, p_menu),
        till.menu_law_fault(p_menu, settings->'fiscal'->>'scheme', till.fiscal_law(p_store), charged));
    if fault is not null then
        raise exception 'The menu was not changed: %.', fault using errcode = 'TL006';
    end if;
    delete from cold.menu_item where store_id = p_store;
    delete from cold.menu_categories where store_id = p_store;
    delete from cold.menu_modifier_group where store_id = p_store;
    insert into cold.menu_categories (store_id, category_id, name, position, daypart)
    select p_store, c.id, c.name, coalesce(c.position, 0), c.daypart
    from jsonb_to_recordset(p_menu->'categories') as c (id text, name text, position integer, daypart text);
    insert into cold.menu_item (
        store_id, menu_item_id, plu, name, category_id, price, tax, aliases, barcodes, sold_out, returnable, unit,
        position, age
    )
    select p_store, i.id, i.plu, i.name, i.category, i.price, i.tax, coalesce(i.aliases, '{}'),
        coalesce(i.barcodes, '{}'), coalesce(i.sold_out, false), coalesce(i.returnable, false),
        coalesce(i.unit, ''), coalesce(i.position, 0), i.age
    from jsonb_to_recordset(p_menu->'items') as i (
        id text, plu integer, name text, category text, price numeric, tax text, aliases text[], barcodes text[],
        sold_out boolean, returnable boolean, unit text, position integer, age integer
    );
    perform till.menu_take_modifiers(p_store, p_menu);
    insert into cold.menu_item_price (store_id, menu_item_id, valid_from, price)
    select p_store, i.id, p."from", p.price
    from jsonb_to_recordset(p_menu->'items') as i (id text, prices jsonb)
    cross join jsonb_to_recordset(i.prices) as p ("from" timestamptz, price numeric)
    where i.prices is not null;
    insert into cold.menu_item_availability_schedule (
        store_id, menu_item_id, daypart, weekday, available_from, available_to
    )
    select p_store, i.id, d.name, w.weekday, d."from", d."to"
    from jsonb_to_recordset(p_menu->'items') as i (id text, category text, daypart text)
    join cold.menu_categories as c on c.store_id = p_store and c.category_id = i.category
    join jsonb_to_recordset(p_menu->'dayparts') as d (name text, "from" time, "to" time, days integer[])
        on d.name = coalesce(i.daypart, c.daypart)
    cross join unnest(coalesce(d.days, '{1,2,3,4,5,6,7}')) as w (weekday);
    update till.settings set body = p_menu - 'version' where store_id = p_store and name = 'menu';
    perform till.note_next_rate(p_store, p_menu);
    new_version := till.raise_version(p_store, 'menu');
    insert into till.menus (store_id, version, act, body, item_id, of_version, user_id)
    values (p_store, new_version, p_act, p_menu - 'version', p_item, p_of, p_actor);
    return new_version;
end $$;

-- Replaces the menu. Returns its new version. `p_menu` has the shape that tills cache, without `version`. What is planned
-- for the service charge stays, unless `p_menu` says it.
-- for: admin, manager
create or replace function till.menu_import_v1(
    p_store uuid, p_actor integer, p_menu jsonb, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    new_version integer;
    charge_rates constant jsonb := till.menu_to_change(p_store, p_based)->'charge_rates';
begin
    p_menu := case when charge_rates is null then '{}' else jsonb_build_object('charge_rates', charge_rates) end || p_menu;
    new_version := till.menu_take(p_store, p_actor, p_menu, 'imported');
    perform warm.admin_event(p_store, p_actor, 'menu_imported', jsonb_build_object(
        'version', new_version, 'items', jsonb_array_length(p_menu->'items')));
    return new_version;
end $$;

-- Restores an earlier menu. Returns its new version. Items that are sold out now stay sold out, and what is planned for the
-- service charge stays.
-- for: admin, manager
create or replace function till.menu_bring_back_v1(
    p_store uuid, p_actor integer, p_version integer, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    now_sold constant jsonb := till.menu_to_change(p_store, p_based);
    menu jsonb := till.menu_of_v1(p_store, p_version);
    new_version integer;
begin
    if menu is null then
        raise exception 'There is no menu %. `till admin menu history` lists them.', p_version using errcode = 'TL004';
    end if;
    menu := jsonb_set(menu, '{items}', (
        select coalesce(jsonb_agg(i || jsonb_build_object('sold_out', coalesce(n.sold_out, false)) order by place), '[]')
        from jsonb_array_elements(menu->'items') with ordinality as x (i, place)
        left join jsonb_to_recordset(now_sold->'items') as n (id text, sold_out boolean) on n.id = i->>'id'));
    menu := (menu - 'charge_rates')
        || case when now_sold ? 'charge_rates' then jsonb_build_object('charge_rates', now_sold->'charge_rates') else '{}' end;
    new_version := till.menu_take(p_store, p_actor, till.menu_at(menu, now()), 'brought_back', p_of => p_version);
    perform warm.admin_event(p_store, p_actor, 'menu_brought_back', jsonb_build_object(
        'version', new_version, 'of', p_version, 'items', jsonb_array_length(menu->'items')));
    return new_version;
end $$;

-- The menu at a version, except its sold-out marks; null if there was no such version.
-- for: admin, manager
create or replace function till.menu_of_v1(p_store uuid, p_version integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from till.menus as m where m.store_id = p_store and m.version = p_version) then
        return null;
    end if;
    return (
        select m.body from till.menus as m
        where m.store_id = p_store and m.version <= p_version and m.body is not null order by m.version desc limit 1
    );
end $$;

-- The menu as tills cache it, with its version.
-- for: admin, manager
create or replace function till.menu_export_v1(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select till.reference_body(p_store, 'menu', s.version, s.body)
        from till.settings as s where s.store_id = p_store and s.name = 'menu'
    );
end $$;

-- Marks an item as sold out (86) or as on sale again, at the time of a till's mark if one is given, which ends its count. Returns the
-- menu's version; null for no such item.
create or replace function till.mark_item(
    p_store uuid, p_actor integer, p_item text, p_sold_out boolean, p_at timestamptz, p_till integer default null
) returns integer
language plpgsql as $$
declare
    new_version integer;
begin
    perform till.menu_to_change(p_store, null);
    update cold.menu_item set sold_out = p_sold_out where store_id = p_store and menu_item_id = p_item;
    if not found then
        return null;
    end if;
    update till.settings set body = jsonb_set(body, '{items}', (
        select jsonb_agg(case when i->>'id' = p_item then i || jsonb_build_object('sold_out', p_sold_out) else i end
            order by place)
        from jsonb_array_elements(body->'items') with ordinality as x (i, place)
    )) where store_id = p_store and name = 'menu';
    new_version := till.raise_version(p_store, 'menu');
    insert into till.menus (store_id, version, act, item_id, user_id, made_at, till_id)
    values (p_store, new_version, case when p_sold_out then 'sold_out' else 'back' end, p_item, p_actor, p_at, p_till);
    insert into till.counts (store_id, item_id, event_id, at, till_id)
    select p_store, p_item, gen_random_uuid(), p_at, coalesce(p_till, 0) from till.counts as c
    where c.store_id = p_store and c.item_id = p_item having max(c.at) < p_at;
    return new_version;
end $$;

-- Marks an item as sold out (86) or as on sale again. Returns the menu's new version.
-- for: admin, manager
create or replace function till.menu_sold_out_v1(p_store uuid, p_actor integer, p_item text, p_sold_out boolean)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    new_version constant integer := till.mark_item(p_store, p_actor, p_item, p_sold_out, now());
begin
    if new_version is null then
        raise exception 'There is no item % on the menu.', p_item using errcode = 'TL004';
    end if;
    perform warm.admin_event(p_store, p_actor, 'item_sold_out', jsonb_build_object(
        'item_id', p_item, 'sold_out', p_sold_out, 'version', new_version));
    return new_version;
end $$;

-- True if a till marked more items within an hour than anybody does by hand. Each mark is a menu version that every
-- till requests.
create or replace function till.marks_without_end(p_store uuid, p_till integer, p_item text) returns boolean
language sql stable as $$
    select count(*) >= 200 or count(*) filter (where m.item_id = p_item) >= 20
    from (
        select x.store_id, x.till_id, x.item_id, x.came_at from till.menus as x
        union all
        select c.store_id, c.till_id, c.item_id, c.came_at from till.counts as c
    ) as m
    where m.store_id = p_store and m.till_id = p_till and m.came_at > now() - interval '1 hour'
$$;

-- Counts an item, or marks a choice as sold out or back: an event of the server, which counts as one of a till does.
create or replace function till.count_by_desk(p_store uuid, p_actor integer, p_type text, p_item text, p_data jsonb) returns void
language plpgsql as $$
begin
    if till.marks_without_end(p_store, 0, p_item) then
        raise exception 'The administration marked items too often. Wait an hour.' using errcode = 'TL017';
    elsif p_type = 'item_counted' and not warm.lock_counts(p_store) then  -- before the server's chain is locked
        raise exception 'A till holds up the counts. Try again in a minute.' using errcode = 'TL017';
    end if;
    perform warm.admin_event(p_store, p_actor, p_type, p_data);
    if not exists (select from till.counts as c where c.store_id = p_store and c.item_id = p_item) then
        raise exception 'There is no item % by the piece, and no choice, on the menu.', p_item using errcode = 'TL004';
    end if;
end $$;

-- Counts an item: the pieces that can still be sold, until the business day ends or, with `p_keep`, until it is marked.
-- for: admin, manager
create or replace function till.menu_count_v1(p_store uuid, p_actor integer, p_item text, p_left integer, p_keep boolean) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select till.count_by_desk(p_store, p_actor, 'item_counted', p_item,
        jsonb_build_object('item_id', p_item, 'left', p_left, 'keep', nullif(p_keep, false)))
$$;

-- Marks a choice as sold out, or back on sale, in every group that has it.
-- for: admin, manager
create or replace function till.menu_choice_v1(p_store uuid, p_actor integer, p_choice text, p_sold_out boolean) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select till.count_by_desk(p_store, p_actor, 'choice_marked', 'choice ' || p_choice,
        jsonb_build_object('choice', p_choice, 'sold_out', p_sold_out))
$$;

-- The pieces left of each counted item, as {item: pieces}; a choice that is sold out is `choice NAME`.
-- for: admin, manager
create or replace function till.menu_left_v1(p_store uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_object_agg(n.item, n.pieces), '{}') from warm.left_now(p_store) as n
$$;

-- True if a later mark or count of an item is known than one that a till made, by the times of the ids.
create or replace function till.is_outdated_mark(p_store uuid, p_item text, p_event uuid, p_taken timestamptz) returns boolean
language sql stable as $$
    select exists (
        select from till.menus as m
        where m.store_id = p_store and m.item_id = p_item and m.act in ('sold_out', 'back') and m.made_at > warm.stands_at(p_event, p_taken)
        union all
        select from till.counts as c
        where c.store_id = p_store and c.item_id = p_item and (c.at, c.event_id) > (warm.stands_at(p_event, p_taken), p_event))
$$;

-- The sentence for a manager about a till that marks without an end.
create or replace function till.marked_too_often() returns text
language sql immutable parallel safe as $$
    select 'The till marked items sold out and back too often. For an hour its marks do not count.'
$$;

-- Applies a till's mark that an item is sold out or on sale again; a count of it, which `warm.make_counts` made, ends the mark that it is sold
-- out. An item that is no longer on the menu is not marked. True if the till marked too often, which is flagged for a manager.
create or replace function till.apply_item_marked(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    marked_at constant timestamptz := warm.stands_at(e.event_id, now());
    item constant text := coalesce(e.data->>'item_id', 'choice ' || (e.data->>'choice'));
begin
    if till.is_outdated_mark(p_auth.store_id, item, e.event_id, now()) or e.event_type = 'item_counted' and not exists (
        select from till.counts as c join cold.menu_item as i on i.store_id = c.store_id and i.menu_item_id = c.item_id
        where c.store_id = p_auth.store_id and c.item_id = item and c.event_id = e.event_id and i.sold_out)
    then
        return false;
    elsif e.event_type <> 'item_counted' and till.marks_without_end(p_auth.store_id, p_auth.till_id, item) then
        return warm.flag_record(p_auth, e, till.marked_too_often(), 'TL017');
    elsif e.event_type = 'choice_marked' then  -- a count of none, which is kept
        e.data := jsonb_build_object('keep', true, 'left', case when e.data->>'sold_out' = 'true' then 0 end);
        perform warm.count_item(p_auth, e, item, marked_at);
    else
        perform till.mark_item(
            p_auth.store_id, coalesce((e.data->>'approved_by')::integer, e.user_id), item,
            coalesce((e.data->>'sold_out')::boolean, false), marked_at, p_auth.till_id);
    end if;
    return false;
end $$;

-- The last mark or count of each item and choice of the menu among events: the push of a till that was offline for days is short.
create or replace function till.last_marks(p_store uuid, p_events warm.incoming_event[]) returns setof warm.incoming_event
language sql stable as $$
    select distinct on (i.item) x.*
    from unnest(p_events) as x
    cross join lateral (
        select m.menu_item_id as item from cold.menu_item as m
        where m.store_id = p_store and m.menu_item_id = x.data->>'item_id'
            and (x.event_type = 'item_marked' or x.event_type = 'item_counted' and m.unit = '')
        union all
        select 'choice ' || (x.data->>'choice') from till.settings as s
        where s.store_id = p_store and s.name = 'menu' and x.event_type = 'choice_marked' and jsonb_path_exists(
            s.body, '$.modifiers[*].options[*] ? (@.name == $name)', jsonb_build_object('name', x.data->'choice'))
    ) as i
    order by i.item, x.event_id desc
$$;

-- Applies the marks of a till in one push.
create or replace function till.apply_marks(p_auth warm.auth_context, p_events warm.incoming_event[]) returns boolean
language plpgsql as $$
declare
    e warm.incoming_event;
    flagged boolean := false;
begin
    for e in select * from till.last_marks(p_auth.store_id, p_events) loop
        flagged := till.apply_item_marked(p_auth, e) or flagged;
    end loop;
    return flagged;
end $$;
