-- What the venue offers: every till has it with the settings, so that it offers it without a network too.

-- Why a promotion cannot be what is asked; null when it can. A till sells by it: what it could not read is refused here
-- too, whoever sends it. One kind each: percent, amount or price of a piece; buy and get; pieces or a set, and its price.
create or replace function till.promotion_fault(p_name text, p_body jsonb) returns text
language plpgsql immutable as $$
declare
    known constant text[] := array['items', 'categories', 'percent', 'amount', 'price', 'buy', 'get', 'pieces', 'set',
        'hours', 'starts', 'ends', 'by_hand', 'off'];
    one record;
    text_of text;
begin
    if p_name is null or length(p_name) > 80 or p_name !~ '[^[:space:]]' or p_name <> btrim(p_name) or p_name ~ '[[:cntrl:]]'
    then
        return 'its name has 1 to 80 characters';
    elsif jsonb_typeof(p_body) is distinct from 'object' then
        return 'a promotion is an object';
    end if;
    for one in select key, value from jsonb_each(p_body) order by key loop
        text_of := one.value #>> '{}';
        if one.key <> all (known) then
            return format('there is no %s', left(one.key, 40));
        elsif not coalesce(case
            when one.key in ('by_hand', 'off') then jsonb_typeof(one.value) = 'boolean'
            when one.key in ('buy', 'get', 'pieces') then
                jsonb_typeof(one.value) = 'number' and text_of ~ '^[1-9][0-9]{0,2}$'
            when jsonb_typeof(one.value) = 'string' then case
                when one.key = 'percent' then text_of ~ '^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)$'
                when one.key in ('amount', 'price') then text_of ~ '^[0-9]{1,7}(\.[0-9]{1,4})?$'
                when one.key in ('starts', 'ends') then case
                    when text_of ~ '^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' then right(text_of, 2)::integer
                        <= extract(day from (left(text_of, 7) || '-01')::date + interval '1 month - 1 day')
                end
            end
            when jsonb_typeof(one.value) = 'array' then jsonb_array_length(one.value) between 1 and 500 and case
                when one.key in ('items', 'categories', 'set') then not exists (
                    select from jsonb_array_elements(one.value) as v
                    where jsonb_typeof(v.value) <> 'string' or length(v.value #>> '{}') not between 1 and 250)
                when one.key = 'hours' then not exists (
                    select from jsonb_array_elements(one.value) as v
                    where jsonb_typeof(v.value) <> 'object'
                        or not coalesce(v.value->>'from' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', false)
                        or not coalesce(v.value->>'to' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', false)
                        or v.value->>'days' !~ '^\[[1-7](, [1-7]){0,6}\]$')
            end
        end, false) then
            return format('%s cannot be %s', one.key, left(one.value::text, 80));
        end if;
    end loop;
    return case
        when (p_body ? 'buy') <> (p_body ? 'get') then 'buy goes with get'
        when (p_body ? 'pieces' or p_body ? 'set') and not p_body ? 'price' then 'a set has a price'
        when jsonb_array_length(coalesce(p_body->'set', '[]')) > 50 then 'a set has 50 pieces at most'
        when 1 <> (p_body ? 'buy')::integer + (p_body ? 'pieces')::integer + (p_body ? 'set')::integer
            + (p_body ? 'amount')::integer + (p_body ? 'percent' and not p_body ? 'buy')::integer
            + (p_body ? 'price' and not p_body ?| array['pieces', 'set'])::integer then 'it has one kind, of percent, amount, price, or buy with get'
        when coalesce((p_body->>'by_hand')::boolean, false) and not p_body ?| array['percent', 'amount']
            then 'by hand comes a percentage or an amount'
    end;
end $$;

-- The promotions of a store by name, as tills have them.
create or replace function till.promotions(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(jsonb_agg(p.body || jsonb_build_object('name', p.name) order by p.name), '[]')
        from till.promotions as p where p.store_id = p_store
    );
end $$;

-- Makes a promotion, or makes one of that name another.
create or replace function till.promotion_set_v1(p_store uuid, p_actor integer, p_name text, p_body jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    fault constant text := till.promotion_fault(p_name, p_body);
begin
    if fault is not null then
        raise exception 'That is no promotion: %.', fault using errcode = 'TL006';
    elsif (select count(*) from till.promotions as p where p.store_id = p_store and p.name <> p_name) >= 50 then
        raise exception 'There are 50 promotions already: remove one first.' using errcode = 'TL006';
    end if;
    insert into till.promotions as p (store_id, name, body) values (p_store, p_name, p_body)
    on conflict (store_id, name) do update set body = excluded.body;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'promotion_set', jsonb_build_object('name', p_name, 'terms', p_body));
end $$;

-- Takes a promotion away. What was keyed while it was there keeps it.
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
