-- One item of the menu changes: its name, its price now or from a time on, its category, its taxes, its number. The program
-- that asks has checked what was typed; what comes here is checked again, for a till sells by it.

-- Why a text is no price in the menu; null when it is one. A JSON null is an open price.
create or replace function till.price_fault(p_price jsonb) returns text
language plpgsql immutable as $$
begin
    if p_price is null or p_price = 'null' or (
        jsonb_typeof(p_price) = 'string' and p_price #>> '{}' ~ '^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$'
    ) then
        return null;
    end if;
    return format('%s is no price', left(p_price::text, 40));
end $$;

-- Why prices from a time on cannot be planned; null when they can.
create or replace function till.planned_fault(p_prices jsonb) returns text
language plpgsql stable as $$
declare
    planned jsonb;
begin
    if p_prices is null then
        return null;
    elsif jsonb_typeof(p_prices) <> 'array' then
        return 'prices are no list';
    end if;
    for planned in select value from jsonb_array_elements(p_prices) loop
        if jsonb_typeof(planned) <> 'object' or planned - 'from' - 'price' <> '{}' or not planned ? 'price'
            or jsonb_typeof(planned->'from') is distinct from 'string' then
            return 'a price from a time on has a time and a price, and nothing else';
        elsif till.price_fault(planned->'price') is not null then
            return till.price_fault(planned->'price');
        elsif planned->>'from' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$' then
            return format('%s is no time in UTC', left(planned->>'from', 40));
        elsif (planned->>'from')::timestamptz <= now() then
            return format('%s has begun already', planned->>'from');
        end if;
    end loop;
    if (select count(*) <> count(distinct (p.value->>'from')::timestamptz) from jsonb_array_elements(p_prices) as p) then
        return 'two prices begin at one time';
    end if;
    return null;
exception when data_exception then
    return 'that is no time';
end $$;

-- Whether this is a tax of a menu, as an event carries it: what is its default is left out.
create or replace function till.is_tax(p_tax jsonb) returns boolean
language plpgsql immutable as $$
begin
    return jsonb_typeof(p_tax) = 'object'
        and p_tax - array['name', 'rate', 'per_piece', 'included', 'affects_later', 'affected_by_earlier'] = '{}'
        and jsonb_typeof(p_tax->'name') = 'string' and length(p_tax->>'name') between 1 and 250
        and (p_tax ? 'rate') <> (p_tax ? 'per_piece')
        and p_tax @? '$ ? ((!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$")
            && (!exists(@."per_piece") || @."per_piece" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$")
            && (!exists(@."included") || @."included" == true || @."included" == false)
            && (!exists(@."affects_later") || @."affects_later" == true)
            && (!exists(@."affected_by_earlier") || @."affected_by_earlier" == false))';
end $$;

-- Why tax bands cannot be added to a menu; null when they can. Those that it has stay what they are.
create or replace function till.taxes_fault(p_menu jsonb, p_taxes jsonb) returns text
language plpgsql stable as $$
declare
    band record;
begin
    if p_taxes is null then
        return null;
    elsif jsonb_typeof(p_taxes) <> 'object' then
        return 'taxes are no object';
    end if;
    for band in select key, value from jsonb_each(p_taxes) loop
        if p_menu->'taxes' ? band.key and p_menu->'taxes'->band.key <> band.value then
            return format('tax %s has other rates on this menu', band.key);
        elsif band.key = '' or length(band.key) > 80 or jsonb_typeof(band.value) <> 'array' or exists (
            select from jsonb_array_elements(band.value) as t (value)
            where not till.is_tax(t.value)
        ) then
            return format('tax %s is none', left(band.key, 40));
        end if;
    end loop;
    return null;
end $$;

-- Why changes of an item cannot be taken; null when they can.
create or replace function till.edit_fault(p_menu jsonb, p_item jsonb, p_changes jsonb) returns text
language plpgsql stable as $$
declare
    other jsonb;
begin
    if p_changes is null or jsonb_typeof(p_changes) <> 'object' or p_changes = '{}' then
        return 'nothing is to be changed';
    elsif p_changes - array['name', 'price', 'prices', 'category', 'tax', 'taxes', 'plu'] <> '{}' then
        return format('an item has no %s that can be changed so', left((
            select key from jsonb_object_keys(
                p_changes - array['name', 'price', 'prices', 'category', 'tax', 'taxes', 'plu']) as k (key) limit 1), 40));
    elsif p_changes ? 'name' and (
        jsonb_typeof(p_changes->'name') <> 'string' or length(p_changes->>'name') > 80
        or p_changes->>'name' !~ '[^[:space:]]' or p_changes->>'name' ~ '[\x01-\x1f\x7f-\x9f]'
    ) then
        return 'a name has 1 to 80 characters, and none that moves a cursor';
    elsif p_changes ? 'plu' and p_changes->'plu' <> 'null' and (
        jsonb_typeof(p_changes->'plu') <> 'number' or p_changes->>'plu' !~ '^[1-9][0-9]{0,4}$'
    ) then
        return 'a number is from 1 to 99999';
    elsif p_changes ? 'category' and not exists (
        select from jsonb_array_elements(p_menu->'categories') as c (value) where c.value->'id' = p_changes->'category'
    ) then
        return 'there is no such category';
    elsif p_changes ? 'tax' and (
        jsonb_typeof(p_changes->'tax') <> 'string'
        or not coalesce(p_menu->'taxes', '{}') || coalesce(p_changes->'taxes', '{}') ? (p_changes->>'tax')
    ) then
        return 'there is no such tax';
    end if;
    select i into other from jsonb_array_elements(p_menu->'items') as x (i)
    where i->'id' <> p_item->'id' and (
        (p_changes->'plu' <> 'null' and i->'plu' = p_changes->'plu')
        or (p_changes ? 'name' and lower(i->>'name') = lower(p_changes->>'name')))
    limit 1;
    if found then
        if p_changes->'plu' <> 'null' and other->'plu' = p_changes->'plu' then
            return format('number %s is %s', p_changes->>'plu', other->>'name');
        end if;
        return format('%s is there already', other->>'name');
    end if;
    return coalesce(
        till.price_fault(p_changes->'price'), till.planned_fault(p_changes->'prices'),
        till.taxes_fault(p_menu, p_changes->'taxes'));
end $$;

-- Changes an item; gives the menu's new version. `p_changes`: what of name, price, prices (those from a time on, all of
-- them), category, tax, taxes (bands that the menu lacks) and plu is another, as the menu's body says it.
create or replace function till.menu_edit_v1(
    p_store uuid, p_actor integer, p_item text, p_changes jsonb, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    menu jsonb := till.menu_to_change(p_store, p_based);
    item jsonb;
    fault text;
    reached integer;
begin
    select i into item from jsonb_array_elements(menu->'items') as x (i) where i->>'id' = p_item;
    if item is null then
        raise exception 'There is no item % on the menu.', p_item using errcode = 'TL004';
    end if;
    fault := till.edit_fault(menu, item, p_changes);
    if fault is not null then
        raise exception 'The item cannot be changed so: %.', fault using errcode = 'TL006';
    end if;
    item := item || (p_changes - 'taxes');
    if item->'prices' = '[]' then
        item := item - 'prices';
    end if;
    menu := menu || jsonb_build_object(
        'taxes', coalesce(menu->'taxes', '{}') || coalesce(p_changes->'taxes', '{}'),
        'items', (
            select jsonb_agg(case when i->>'id' = p_item then item else i end order by place)
            from jsonb_array_elements(menu->'items') with ordinality as x (i, place)));
    reached := till.menu_take(p_store, p_actor, menu, 'edited', p_item);
    perform warm.admin_event(p_store, p_actor, 'menu_edited', jsonb_build_object(
        'version', reached, 'item_id', p_item, 'changes', till.changes_told(p_changes)));
    return reached;
end $$;

-- Changes as an event says them, which holds no null: an open price is `open`, no number the empty text.
create or replace function till.changes_told(p_changes jsonb) returns jsonb
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
