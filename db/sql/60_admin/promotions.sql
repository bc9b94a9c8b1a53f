-- Promotions of the venue. Every till receives them with the settings, so that it also offers them offline.

-- The promotions of a store by name, as tills receive them.
-- for: admin
create or replace function till.promotions(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(jsonb_agg(p.body || jsonb_build_object('name', p.name) order by p.name), '[]')
        from till.promotions as p where p.store_id = p_store
    );
end $$;

-- Creates or replaces a promotion.
-- for: admin
create or replace function till.promotion_set_v1(p_store uuid, p_actor integer, p_name text, p_body jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    fault constant text := till.fault_of('promotion', case jsonb_typeof(p_body)
        when 'object' then p_body || jsonb_build_object('name', p_name) else p_body end);
begin
    if fault is not null then
        raise exception 'The promotion is not valid: %.', fault using errcode = 'TL006';
    elsif till.is_too_fine((select s.currency from till.stores as s where s.store_id = p_store), p_body->>'amount') then
        raise exception 'The promotion is not valid: its amount is smaller than a coin.' using errcode = 'TL006';
    elsif (select count(*) from till.promotions as p where p.store_id = p_store and p.name <> p_name) >= 50 then
        raise exception 'There are already 50 promotions: remove one first.' using errcode = 'TL006';
    end if;
    insert into till.promotions as p (store_id, name, body) values (p_store, p_name, p_body)
    on conflict (store_id, name) do update set body = excluded.body;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'promotion_set', jsonb_build_object('name', p_name, 'terms', p_body));
end $$;

-- Removes a promotion. Lines that were keyed while it existed keep it.
-- for: admin
create or replace function till.promotion_remove_v1(p_store uuid, p_actor integer, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from till.promotions where store_id = p_store and name = p_name;
    if not found then
        raise exception 'There is no promotion %.', left(p_name, 80) using errcode = 'TL004';
    end if;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'promotion_removed', jsonb_build_object('name', p_name));
end $$;
