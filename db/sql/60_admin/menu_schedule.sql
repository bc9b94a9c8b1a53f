-- The hours at which items of the menu are sold: dayparts with their hours, by the venue's clock, and the daypart of
-- each item or category.

-- The dayparts of a menu that an item or a category has, the shortest hours first. If two apply at a time, the first
-- one is shown.
create or replace function till.dayparts_used(p_menu jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return (
        select coalesce(jsonb_agg(d.value order by (
            extract(epoch from (d.value->>'to')::time - (d.value->>'from')::time)::integer + 86399) % 86400, d.place), '[]')
        from jsonb_array_elements(p_menu->'dayparts') with ordinality as d (value, place)
        where d.value->>'name' in (
            select i->>'daypart' from jsonb_array_elements(p_menu->'items') as x (i)
            union all select c->>'daypart' from jsonb_array_elements(p_menu->'categories') as y (c))
    );
end $$;

-- Sets the daypart of an item, of a category, or of nothing (`p_subject`: {"item_id"}, {"category_id"} or {}), and the
-- hours of the daypart: they replace all its hours; null keeps them. No daypart means sold at all times. A daypart that
-- nothing has any more is removed. Returns the menu's new version.
-- for: admin, manager
create or replace function till.menu_schedule_v1(
    p_store uuid, p_actor integer, p_subject jsonb, p_daypart text, p_hours jsonb, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    menu jsonb := till.menu_to_change(p_store, p_based);
    item constant text := p_subject->>'item_id';
    category constant text := p_subject->>'category_id';
    part record;
    fault text;
    new_version integer;
begin
    fault := till.fault_of('daypart', jsonb_strip_nulls(jsonb_build_object('name', p_daypart))
        || case when p_hours is null then '{}' else jsonb_build_object('hours', p_hours) end);
    if fault is not null then
        null;  -- refused below
    elsif jsonb_typeof(p_subject) is distinct from 'object' or p_subject - 'item_id' - 'category_id' <> '{}'
        or (item is not null and category is not null) then
        fault := 'name an item or a category';
    elsif p_daypart is null and (p_subject = '{}' or p_hours is not null) then
        fault := 'name a daypart';
    elsif exists (
        select from jsonb_array_elements(p_hours) as h (value)
        cross join jsonb_array_elements(coalesce(h.value->'days', '[1, 2, 3, 4, 5, 6, 7]')) as d (day)
        group by d.day, h.value->>'from' having count(*) > 1)
    then
        fault := 'two hours begin at the same time';
    elsif p_hours is null and p_daypart is not null and not exists (
        select from jsonb_array_elements(menu->'dayparts') as d (value) where d.value->>'name' = p_daypart
    ) then
        fault := format('there is no daypart %s', p_daypart);
    end if;
    if fault is not null then
        raise exception 'The schedule cannot be changed: %.', fault using errcode = 'TL006';
    end if;
    for part in select * from (values ('items', item), ('categories', category)) as p (name, id) where id is not null loop
        if not exists (select from jsonb_array_elements(menu->part.name) as x (one) where one->>'id' = part.id) then
            raise exception 'There is no item or category % on the menu.', part.id using errcode = 'TL004';
        end if;
        menu := jsonb_set(menu, array[part.name], (
            select jsonb_agg(
                case when one->>'id' = part.id then one || jsonb_build_object('daypart', p_daypart) else one end
                order by place)
            from jsonb_array_elements(menu->part.name) with ordinality as x (one, place)));
    end loop;
    if p_hours is not null then
        menu := jsonb_set(menu, '{dayparts}', (
            select coalesce(jsonb_agg(d.value order by place), '[]')
            from jsonb_array_elements(menu->'dayparts') with ordinality as d (value, place)
            where d.value->>'name' <> p_daypart
        ) || (
            select jsonb_agg(h.value || jsonb_build_object('name', p_daypart) order by place)
            from jsonb_array_elements(p_hours) with ordinality as h (value, place)));
    end if;
    menu := jsonb_set(menu, '{dayparts}', till.dayparts_used(menu));
    if p_subject = '{}' and not exists (
        select from jsonb_array_elements(menu->'dayparts') as d (value) where d.value->>'name' = p_daypart
    ) then
        raise exception 'The schedule cannot be changed: nothing on the menu has the daypart %.', p_daypart
            using errcode = 'TL006';
    end if;
    new_version := till.menu_take(p_store, p_actor, menu, 'scheduled', item);
    perform warm.admin_event(p_store, p_actor, 'menu_scheduled', p_subject || jsonb_build_object(
        'version', new_version, 'daypart', p_daypart, 'hours', (
            select jsonb_agg(jsonb_build_object(
                'starts', h.value->'from', 'ends', h.value->'to', 'days', h.value->'days') order by place)
            from jsonb_array_elements(p_hours) with ordinality as h (value, place))));
    return new_version;
end $$;
