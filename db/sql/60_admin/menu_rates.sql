-- Tax groups that begin at a time (ADR 0087): of items, of items in an order type, and of the service charge. Each till
-- and each program goes by the time; the version that the server makes then is for tills whose program does not know it.

-- The fault of the planned taxes of a menu, as half a sentence; null for none.
create or replace function till.rates_fault(p_store uuid, p_menu jsonb) returns text
language plpgsql stable as $$
begin
    return (
        with planned as (
            select coalesce(i->>'name', '') as name, i->'rates' as rates from jsonb_array_elements(p_menu->'items') as i where i ? 'rates'
            union all select 'the service charge', p_menu->'charge_rates' where p_menu ? 'charge_rates'
        ), rate as (
            select p.name, r.value from planned as p
            cross join jsonb_array_elements(case when jsonb_typeof(p.rates) = 'array' then p.rates else '[]' end) as r (value)
            where till.fault_of('item', jsonb_build_object('rates', p.rates)) is null
        )
        select x.fault from (
            select format('the planned taxes of %s cannot be read', left(p.name, 80)) as fault from planned as p
            where till.fault_of('item', jsonb_build_object('rates', p.rates)) is not null
            union all
            select format('there is no tax %s', left(r.value->>'tax', 80)) from rate as r where not p_menu->'taxes' ? (r.value->>'tax')
            union all
            select format('there is no order type %s', left(r.value->>'order_type', 80)) from rate as r
            where r.value ? 'order_type' and not exists (
                select from cold.order_type_table as o
                where o.order_type_name = r.value->>'order_type' and coalesce(o.store_id, p_store) = p_store)
            union all
            select format('two taxes of %s begin at the same time', left(r.name, 80)) from rate as r
            group by r.name, r.value->>'order_type', (r.value->>'from')::timestamptz having count(*) > 1
        ) as x order by 1 limit 1);
end $$;

-- Keeps the time of the next planned tax beside the menu, so that a push finds it at once.
create or replace function till.note_next_rate(p_store uuid, p_menu jsonb) returns void
language plpgsql as $$
declare
    next constant timestamptz := (
        select min((r->>'from')::timestamptz)
        from jsonb_path_query(p_menu, '$.items[*].rates[*]') as r) ;
    of_charge constant timestamptz := (
        select min((r->>'from')::timestamptz) from jsonb_array_elements(p_menu->'charge_rates') as r);
begin
    if least(next, of_charge) is null then
        delete from till.settings as s where s.store_id = p_store and s.name = 'rates';
    else
        insert into till.settings as s (store_id, name, body)
        values (p_store, 'rates', jsonb_build_object('next', warm.time_text(least(next, of_charge))))
        on conflict (store_id, name) do update set body = excluded.body, updated_at = now();
    end if;
end $$;

-- True if planned taxes have begun that are not in the menu yet.
create or replace function till.rates_are_due(p_store uuid) returns boolean
language sql stable as $$
    select exists (
        select from till.settings as s
        where s.store_id = p_store and s.name = 'rates' and (s.body->>'next')::timestamptz <= now())
$$;

-- The tax group of the service charge now.
create or replace function till.charge_tax(p_store uuid) returns text
language plpgsql stable as $$
begin
    return coalesce(case when till.rates_are_due(p_store) then (
        select r->>'tax' from till.settings as m cross join jsonb_array_elements(m.body->'charge_rates') as r
        where m.store_id = p_store and m.name = 'menu' and (r->>'from')::timestamptz <= now()
        order by (r->>'from')::timestamptz desc limit 1) end, till.venue(p_store)->'service_charge'->>'tax');
end $$;

-- Makes the version of the menu in which the planned taxes that have begun are those of the items and of the service
-- charge. Another call that does so is not waited for.
create or replace function till.begin_rates(p_store uuid) returns void
language plpgsql as $$
declare
    known till.settings;
    charge jsonb := till.venue(p_store)->'service_charge';
    begun jsonb;
    new_version integer;
begin
    if not till.rates_are_due(p_store) then
        return;
    end if;
    select * into known from till.settings where store_id = p_store and name = 'menu' for no key update skip locked;
    if not found or not till.rates_are_due(p_store) then
        return;
    end if;
    begun := till.rates_in_words(known.body, now());
    if charge is not null and till.charge_tax(p_store) is distinct from charge->>'tax' then
        perform till.store_settings_v1(p_store, null, jsonb_build_object(
            'service_charge', charge || jsonb_build_object('tax', till.charge_tax(p_store))));
    end if;
    new_version := till.menu_take(p_store, null, till.without_begun(till.menu_at(known.body, now())), 'edited');
    perform warm.admin_event(p_store, null, 'menu_rated', jsonb_build_object('version', new_version, 'begun', true, 'rates', begun));
end $$;

-- A menu without what was planned for the service charge and has begun.
create or replace function till.without_begun(p_menu jsonb) returns jsonb
language sql stable as $$
    select (p_menu - 'charge_rates') || coalesce((
        select jsonb_build_object('charge_rates', jsonb_agg(r order by r->>'from'))
        from jsonb_array_elements(p_menu->'charge_rates') as r where (r->>'from')::timestamptz > now()
        having count(*) > 0), '{}')
$$;

-- Begins planned taxes without failing its caller: a till is answered all the same, and the upkeep reports the fault.
create or replace function till.try_begin_rates(p_store uuid) returns void
language plpgsql as $$
begin
    if till.rates_are_due(p_store) then
        perform till.begin_rates(p_store);
    end if;
exception when others then
    return;
end $$;

-- The planned taxes of a menu for a record: each group by its beginning and order type, with the number of its items; up to
-- a time, if one is given.
create or replace function till.rates_in_words(p_menu jsonb, p_until timestamptz default null) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'starts', x.starts, 'tax', x.tax, 'order_type', x.order_type, 'items', x.items, 'charge', nullif(x.charge, false)))
        order by x.starts, x.tax, x.order_type), '[]')
    from (
        select warm.time_text((r->>'from')::timestamptz) as starts, r->>'tax' as tax, r->>'order_type' as order_type,
            count(*) filter (where p.id is not null) as items, bool_or(p.id is null) as charge
        from (
            select i->>'id' as id, i->'rates' as rates from jsonb_array_elements(p_menu->'items') as i where i ? 'rates'
            union all select null, p_menu->'charge_rates' where p_menu ? 'charge_rates'
        ) as p cross join jsonb_array_elements(p.rates) as r
        where p_until is null or (r->>'from')::timestamptz <= p_until
        group by 1, 2, 3 limit 100
    ) as x
$$;

-- Plans the tax groups of items and of the service charge. Returns the menu's new version. `p_changes` has, by item id, all
-- planned groups of these `items`; all of the service charge in `charge`; and the taxes that the menu lacks in `taxes`.
-- for: admin, manager
create or replace function till.menu_rate_v1(
    p_store uuid, p_actor integer, p_changes jsonb, p_based integer default null
) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    menu jsonb := till.menu_to_change(p_store, p_based);
    fault text;
    missing text;
    new_version integer;
begin
    select k into missing from jsonb_object_keys(p_changes->'items') as k
    where not menu->'items' @> jsonb_build_array(jsonb_build_object('id', k)) limit 1;
    if missing is not null then
        raise exception 'There is no item % on the menu.', left(missing, 250) using errcode = 'TL004';
    end if;
    fault := coalesce((
        select min(till.edit_fault(menu, '{}', jsonb_build_object('rates', r.value) || case
            when p_changes ? 'taxes' then jsonb_build_object('taxes', p_changes->'taxes') else '{}' end))
        from (
            select e.value from jsonb_each(p_changes->'items') as e union all
            select p_changes->'charge' where p_changes ? 'charge'
        ) as r), case when p_changes - '{items,charge,taxes}'::text[] <> '{}' then 'there is something else' end);
    if fault is not null then
        raise exception 'The taxes cannot be planned: %.', fault using errcode = 'TL006';
    end if;
    menu := menu || jsonb_build_object(
        'taxes', coalesce(menu->'taxes', '{}') || coalesce(p_changes->'taxes', '{}'),
        'items', (
            select jsonb_agg(case when p_changes->'items' ? (i->>'id')
                then till.without_empty(i || jsonb_build_object('rates', p_changes->'items'->(i->>'id'))) else i end order by place)
            from jsonb_array_elements(menu->'items') with ordinality as x (i, place)));
    if p_changes ? 'charge' then
        menu := (menu - 'charge_rates')
            || case when p_changes->'charge' = '[]' then '{}' else jsonb_build_object('charge_rates', p_changes->'charge') end;
    end if;
    new_version := till.menu_take(p_store, p_actor, menu, 'edited');
    perform warm.admin_event(p_store, p_actor, 'menu_rated', jsonb_build_object(
        'version', new_version, 'rates', till.rates_in_words(menu)));
    return new_version;
end $$;

-- The tax groups that plans ended last, by item, and by item and order type with a space between, among the last versions
-- that began plans: a menu that has one of them again is asked about.
-- for: admin, manager
create or replace function till.menu_ended_v1(p_store uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with begun as (
        select m.version, m.body, b.body as before
        from (
            select x.* from till.menus as x
            where x.store_id = p_store and x.act = 'edited' and x.item_id is null and x.user_id is null
            order by x.version desc limit 20
        ) as m cross join lateral (
            select y.body from till.menus as y
            where y.store_id = p_store and y.version < m.version and y.body is not null order by y.version desc limit 1
        ) as b
    ), ended as (
        select g.version, i->>'id' || coalesce(' ' || t.type, '') as key,
            case when t.type is null then i->>'tax' else i->'by_type'->t.type->>'tax' end as was,
            case when t.type is null then n->>'tax' else n->'by_type'->t.type->>'tax' end as now
        from begun as g cross join jsonb_array_elements(g.before->'items') as i
        join lateral jsonb_path_query(g.body, '$.items[*] ? (@.id == $id)', jsonb_build_object('id', i->'id')) as n on true
        cross join lateral (select distinct r->>'order_type' as type from jsonb_array_elements(i->'rates') as r) as t
        where i ? 'rates'
    )
    select coalesce(jsonb_object_agg(x.key, x.was), '{}')
    from (select distinct on (e.key) e.key, e.was from ended as e where e.was <> e.now order by e.key, e.version desc) as x
$$;
