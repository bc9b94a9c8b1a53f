-- Changes of one item of the menu: its name, its price now or from a time on, its category, its taxes, its number. The
-- calling program has already checked the input; it is checked again here, because tills sell by it.

-- The fault of changes to an item, as half a sentence; null for none. Besides the bounds of each field
-- (till.field_rules): the menu must have the category and the tax that they name, existing taxes must keep their rates,
-- and no other item may have the number or the name.
create or replace function till.edit_fault(p_menu jsonb, p_item jsonb, p_changes jsonb) returns text
language plpgsql stable as $$
declare
    fault constant text := till.fault_of('item', p_changes);
    starts timestamptz[];
    rated timestamptz[];
    other jsonb;
begin
    if fault is not null then
        return fault;
    end if;
    starts := array(select (p.value->>'from')::timestamptz from jsonb_array_elements(p_changes->'prices') as p);
    rated := array(select (r.value->>'from')::timestamptz from jsonb_array_elements(p_changes->'rates') as r);
    select i into other from jsonb_array_elements(p_menu->'items') as x (i)
    where i->'id' <> p_item->'id' and (
        (p_changes->'plu' <> 'null' and i->'plu' = p_changes->'plu')
        or (p_changes ? 'name' and lower(i->>'name') = lower(p_changes->>'name')))
    limit 1;
    return case
        when p_changes = '{}' then 'nothing is to be changed'
        when p_changes ? 'category' and not p_menu->'categories' @> jsonb_build_array(
            jsonb_build_object('id', p_changes->'category')) then 'there is no such category'
        when not coalesce(p_menu->'taxes', '{}') || coalesce(p_changes->'taxes', '{}') ? (p_changes->>'tax')
            then 'there is no such tax'
        when exists (select from jsonb_each(p_changes->'taxes') as t where p_menu->'taxes'->t.key <> t.value)
            then 'a tax of that name has other rates on this menu'
        when now() >= any (starts) then 'a planned price must begin later than now'
        when now() >= any (rated) then 'a planned tax must begin later than now'
        when (select count(*) <> count(distinct s) from unnest(starts) as s) then 'two prices begin at the same time'
        when other->'plu' = p_changes->'plu' then format('number %s is %s', p_changes->>'plu', other->>'name')
        when other is not null then format('%s is already on the menu', other->>'name')
    end;
end $$;

-- An item without the plans and the order types that it has none of.
create or replace function till.without_empty(p_item jsonb) returns jsonb
language sql immutable as $$
    select p_item - array(
        select k from unnest('{prices,rates,by_type}'::text[]) as k where p_item->k in ('[]', '{}'))
$$;

-- Changes an item. Returns the menu's new version. `p_changes` has the changed fields, as in the menu's body: name,
-- price, prices and rates (all planned ones), category, tax, taxes (taxes that the menu lacks), plu and by_type (of all order types).
-- for: admin, manager
create or replace function till.menu_edit_v1(
    p_store uuid, p_actor integer, p_item text, p_changes jsonb, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    menu jsonb := till.menu_to_change(p_store, p_based);
    item jsonb;
    fault text;
    new_version integer;
begin
    select i into item from jsonb_array_elements(menu->'items') as x (i) where i->>'id' = p_item;
    if item is null then
        raise exception 'There is no item % on the menu.', p_item using errcode = 'TL004';
    end if;
    fault := till.edit_fault(menu, item, p_changes);
    if fault is not null then
        raise exception 'The item cannot be changed: %.', fault using errcode = 'TL006';
    end if;
    item := item || (p_changes - 'taxes');
    item := till.without_empty(item);
    menu := menu || jsonb_build_object(
        'taxes', coalesce(menu->'taxes', '{}') || coalesce(p_changes->'taxes', '{}'),
        'items', (
            select jsonb_agg(case when i->>'id' = p_item then item else i end order by place)
            from jsonb_array_elements(menu->'items') with ordinality as x (i, place)));
    new_version := till.menu_take(p_store, p_actor, menu, 'edited', p_item);
    perform warm.admin_event(p_store, p_actor, 'menu_edited', jsonb_build_object(
        'version', new_version, 'item_id', p_item, 'changes', till.describe_changes(p_changes)));
    return new_version;
end $$;

-- Changes as in an event, which cannot contain null: an open price is `open`, no number is the empty text.
create or replace function till.describe_changes(p_changes jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return (
        select jsonb_object_agg(c.key, case
            when c.key = 'prices' then (
                select coalesce(jsonb_agg(
                    case when p.value->'price' = 'null' then p.value || '{"price": "open"}' else p.value end order by place
                ), '[]')
                from jsonb_array_elements(c.value) with ordinality as p (value, place))
            when c.value = 'null' then case c.key when 'price' then '"open"'::jsonb else '""' end
            else c.value end)
        from jsonb_each(p_changes) as c
    );
end $$;
