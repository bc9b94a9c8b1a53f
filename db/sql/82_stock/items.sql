-- The list of what a venue keeps on its shelves: items of the menu, and parts that nobody sells. All others cost one look. Tills hear it
-- as reference data of its own, `stock`: {"items": [{"id", "name", "places", "unit"}]}.

-- Sets the list, {"items": [{"item_id", "name", "places", "unit", "cost", "at_least"}]}. What orders took of an item that is new is read from the log; the stored days did not know it.
-- for: admin, manager
create or replace function till.stock_items_v1(p_store uuid, p_actor integer, p_list jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    kept constant jsonb := p_list->'items';
    added text[];
    dropped text[];
begin
    if jsonb_array_length(kept) > 2000 then
        raise exception 'A venue keeps at most 2,000 items on its shelves.' using errcode = 'TL006';
    end if;
    added := array(
        select x->>'item_id' from jsonb_array_elements(kept) as x
        where x->>'item_id' not in (select k.item_id from till.stock_items as k where k.store_id = p_store));
    dropped := array(
        select k.item_id from till.stock_items as k
        where k.store_id = p_store and k.item_id not in (select x->>'item_id' from jsonb_array_elements(kept) as x));
    delete from till.stock_items as k where k.store_id = p_store and k.item_id = any (dropped);
    insert into till.stock_items as k (store_id, item_id, name, places, unit, cost, at_least)
    select p_store, x.item_id, x.name, coalesce(x.places, '{}'), coalesce(x.unit, ''), x.cost, x.at_least
    from jsonb_to_recordset(kept) as x (item_id text, name text, places text[], unit text, cost numeric, at_least bigint)
    on conflict (store_id, item_id) do update set name = excluded.name, places = excluded.places, unit = excluded.unit, cost = excluded.cost,
        at_least = excluded.at_least;
    perform till.raise_version(p_store, 'stock');
    update till.settings as s set body = jsonb_build_object('items', (
        select coalesce(jsonb_agg(jsonb_build_object('id', k.item_id, 'name', k.name, 'places', k.places, 'unit', k.unit)
            order by k.name, k.item_id), '[]')
        from till.stock_items as k where k.store_id = p_store))
    where s.store_id = p_store and s.name = 'stock';
    perform warm.admin_event(p_store, p_actor, 'stock_kept', jsonb_strip_nulls(jsonb_build_object(
        'kept', jsonb_array_length(kept), 'added', nullif(added[:1000], '{}'), 'dropped', nullif(dropped[:1000], '{}'))));
    if added <> '{}' or dropped <> '{}' then
        delete from cold.report_days where store_id = p_store and view ~ '^stock_';
    end if;
end $$;
