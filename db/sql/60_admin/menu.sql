-- The menu: imported whole or not at all, handed to the tills as one body (docs/protocol.md), and kept as rows beside.

-- Replaces the menu; gives its new version. `p_menu` has the shape that tills cache, without `version`.
create or replace function till.menu_import_v1(p_store uuid, p_actor integer, p_menu jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    reached integer;
begin
    delete from cold.menu_item where store_id = p_store;
    delete from cold.menu_categories where store_id = p_store;
    insert into cold.menu_categories (store_id, category_id, name, position, daypart)
    select p_store, c.id, c.name, coalesce(c.position, 0), c.daypart
    from jsonb_to_recordset(p_menu->'categories') as c (id text, name text, position integer, daypart text);
    insert into cold.menu_item (
        store_id, menu_item_id, plu, name, category_id, price, tax, aliases, barcodes, sold_out, returnable, weighed,
        position
    )
    select p_store, i.id, i.plu, i.name, i.category, i.price, i.tax, coalesce(i.aliases, '{}'),
        coalesce(i.barcodes, '{}'), coalesce(i.sold_out, false), coalesce(i.returnable, false),
        coalesce(i.weighed, false), coalesce(i.position, 0)
    from jsonb_to_recordset(p_menu->'items') as i (
        id text, plu integer, name text, category text, price numeric, tax text, aliases text[], barcodes text[],
        sold_out boolean, returnable boolean, weighed boolean, position integer
    );
    insert into cold.menu_item_availability_schedule (store_id, menu_item_id, daypart, available_from, available_to)
    select p_store, i.id, d.name, d."from", d."to"
    from jsonb_to_recordset(p_menu->'items') as i (id text, category text, daypart text)
    join cold.menu_categories as c on c.store_id = p_store and c.category_id = i.category
    join jsonb_to_recordset(p_menu->'dayparts') as d (name text, "from" time, "to" time)
        on d.name = coalesce(i.daypart, c.daypart);
    update till.settings set body = p_menu - 'version' where store_id = p_store and name = 'menu';
    if not found then
        raise exception 'There is no such store.' using errcode = 'TL004';
    end if;
    reached := till.raise_version(p_store, 'menu');
    insert into till.menus (store_id, version, body, user_id) values (p_store, reached, p_menu - 'version', p_actor);
    perform warm.admin_event(p_store, p_actor, 'menu_imported', jsonb_build_object(
        'version', reached, 'items', jsonb_array_length(p_menu->'items')));
    return reached;
end $$;

-- A menu that was imported, as it came; null when there is none of this version.
create or replace function till.menu_of_v1(p_store uuid, p_version integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (select m.body from till.menus as m where m.store_id = p_store and m.version = p_version);
end $$;

-- The menu as tills cache it, with its version.
create or replace function till.menu_export_v1(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select till.reference_body(p_store, 'menu', s.version, s.body)
        from till.settings as s where s.store_id = p_store and s.name = 'menu'
    );
end $$;

-- Marks an item as sold out (86) or as there again.
create or replace function till.menu_sold_out_v1(p_store uuid, p_actor integer, p_item text, p_sold_out boolean)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    reached integer;
begin
    update cold.menu_item set sold_out = p_sold_out where store_id = p_store and menu_item_id = p_item;
    if not found then
        raise exception 'There is no item % on the menu.', p_item using errcode = 'TL004';
    end if;
    update till.settings set body = jsonb_set(body, '{items}', (
        select jsonb_agg(case when i->>'id' = p_item then i || jsonb_build_object('sold_out', p_sold_out) else i end
            order by place)
        from jsonb_array_elements(body->'items') with ordinality as x (i, place)
    )) where store_id = p_store and name = 'menu';
    reached := till.raise_version(p_store, 'menu');
    perform warm.admin_event(p_store, p_actor, 'item_sold_out', jsonb_build_object(
        'item_id', p_item, 'sold_out', p_sold_out, 'version', reached));
    return reached;
end $$;
