-- What administration does, for the role till_admin. Who may is checked by the program that asks for number and PIN;
-- `p_actor` names that person in the server's chain, null for the owner of the database.

-- Makes a store with its roles, its settings and its server's journal. `p_settings`: name, currency, locale, timezone,
-- business_day_ends, prices_include_tax, tax_rounding, tax_rounding_direction, tax_rounding_of, rounding, service_charge,
-- tax_number and whatever tills should know.
create or replace function till.store_create_v1(p_store uuid, p_settings jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into till.stores (store_id, name, currency)
    values (p_store, p_settings->>'name', p_settings->>'currency');
    insert into till.roles (store_id, name, reach)
    values (p_store, 'cashier', 'own'), (p_store, 'manager', 'store'), (p_store, 'admin', 'all');
    insert into till.settings (store_id, name, body)
    values (p_store, 'settings', p_settings), (p_store, 'staff', null), (p_store, 'tabs', null),
        (p_store, 'menu', '{"taxes": {}, "dayparts": [], "categories": [], "items": []}');
    insert into warm.journal_head (journal_id, store_id, till_id) values (gen_random_uuid(), p_store, 0);
    perform warm.admin_event(p_store, null, 'journal_opened', '{"host": "server"}');
end $$;

-- Whether a setting says how what is paid is rounded (docs/protocol.md, `settings`).
create or replace function till.is_rounding(p_value jsonb) returns boolean
language plpgsql immutable as $$
begin
    return jsonb_typeof(p_value) = 'object'
        and p_value - array['step', 'direction', 'nothing_up_to', 'of', 'never'] = '{}'
        and p_value @? '$ ? (@."step" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$"
            && (!exists(@."direction") || @."direction" == "half_up" || @."direction" == "half_down"
                || @."direction" == "down")
            && (!exists(@."nothing_up_to") || @."nothing_up_to" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$")
            && (!exists(@."of") || @."of" == "cash" || @."of" == "bill"))'
        and till.are_words(p_value->'never', 100);
end $$;

-- Whether a setting says what is charged for service.
create or replace function till.is_service_charge(p_value jsonb) returns boolean
language plpgsql immutable as $$
begin
    return jsonb_typeof(p_value) = 'object' and p_value - array['percent', 'tax', 'order_types'] = '{}'
        and p_value @? '$ ? (@."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"
            && (!exists(@."tax") || @."tax".type() == "string"))'
        and length(coalesce(p_value->>'tax', '')) <= 250 and till.are_words(p_value->'order_types', 20);
end $$;

-- Whether a list holds short words alone; none is as good as an empty one.
create or replace function till.are_words(p_value jsonb, p_most integer) returns boolean
language plpgsql immutable as $$
begin
    if p_value is null then
        return true;
    elsif jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) > p_most then
        return false;
    end if;
    return not exists (
        select from jsonb_array_elements(p_value) as one
        where jsonb_typeof(one) <> 'string' or length(one #>> '{}') > 250);
end $$;

-- Why settings of a store cannot be what is asked; null when they can. A till sells by them: what it could not read is
-- refused here too, whoever sends it.
create or replace function till.settings_fault(p_store uuid, p_changes jsonb) returns text
language plpgsql stable as $$
declare
    known constant text[] := array['name', 'currency', 'locale', 'timezone', 'business_day_ends', 'prices_include_tax',
        'tax_rounding', 'tax_rounding_direction', 'tax_rounding_of', 'rounding', 'service_charge', 'tax_number',
        'trading_days', 'recorded_days',
        'cashier_may', 'cashier_discount_percent', 'cashier_discount_amount', 'manager_may', 'manager_discount_percent',
        'manager_discount_amount', 'staff_meal_percent', 'tab_minutes'];
    acts constant text[] := array['void_sent', 'discount', 'comp', 'staff_meal', 'price', 'sold_out', 'refund', 'give_back', 'tender',
        'settle', 'take_over', 'set_aside'];
    one record;
    text_of text;
begin
    if jsonb_typeof(p_changes) is distinct from 'object' then
        return 'settings are an object';
    end if;
    for one in select key, value from jsonb_each(p_changes) order by key loop
        text_of := case when jsonb_typeof(one.value) = 'string' then one.value #>> '{}' end;
        if one.key <> all (known) then
            return format('there is no setting %s', left(one.key, 40));
        elsif text_of ~ '[\x01-\x1f\x7f-\x9f]' or length(text_of) > 250 or not coalesce(case one.key
            when 'name' then length(text_of) between 1 and 80 and text_of ~ '[^[:space:]]'
            when 'currency' then text_of ~ '^[A-Z]{3}$'
            when 'locale' then text_of ~ '^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?$'
            when 'timezone' then text_of in (select z.name from pg_timezone_names as z)
            when 'business_day_ends' then text_of ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
            when 'prices_include_tax' then jsonb_typeof(one.value) = 'boolean'
            when 'tax_rounding' then text_of in ('line', 'order')
            when 'tax_rounding_direction' then text_of in ('half_up', 'up', 'down')
            when 'tax_rounding_of' then text_of in ('each', 'sum_of_rates')
            when 'rounding' then one.value = 'null' or till.is_rounding(one.value)
            when 'service_charge' then one.value = 'null' or till.is_service_charge(one.value)
            when 'tax_number' then text_of is not null
            when 'tab_minutes' then case when jsonb_typeof(one.value) = 'number' and one.value::text ~ '^[0-9]{1,4}$'
                then (one.value)::integer <= 1440 end
            else case
                when one.key like '%\_may' then text_of = 'all'
                    or string_to_array(btrim(regexp_replace(text_of, '[ ,]+', ' ', 'g')), ' ') <@ acts
                when one.key like '%\_percent' then text_of ~ '^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)$'
                when one.key like '%\_discount\_amount' then text_of ~ '^[0-9]{1,9}(\.[0-9]{1,4})?$'
                else jsonb_typeof(one.value) = 'object'
            end
        end, false) then
            return format('%s cannot be %s', one.key, left(one.value::text, 80));
        end if;
    end loop;
    if p_changes->'service_charge'->>'tax' <> '' and not exists (
        select from till.settings as m
        where m.store_id = p_store and m.name = 'menu' and m.body->'taxes' ? (p_changes->'service_charge'->>'tax')
    ) then
        return format('the menu has no tax %s for the charge for service',
            left(p_changes->'service_charge'->>'tax', 40));
    end if;
    if p_changes->>'currency' <> (select s.currency from till.stores as s where s.store_id = p_store)
        and exists (select from warm.every_session as o where o.store_id = p_store) then
        return format('orders stand in the currency of before, so it cannot be %s', p_changes->>'currency');
    end if;
    return null;
end $$;

-- Changes some settings of a store; gives all of them.
create or replace function till.store_settings_v1(p_store uuid, p_actor integer, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    fault constant text := till.settings_fault(p_store, p_changes);
    before jsonb;
begin
    if fault is not null then
        raise exception 'The settings stay: %.', fault using errcode = 'TL006';
    end if;
    select s.body into before from till.settings as s where s.store_id = p_store and s.name = 'settings' for no key update;
    if not found then
        raise exception 'There is no such store.' using errcode = 'TL004';
    elsif p_changes <> '{}' then
        update till.settings set body = body || p_changes where store_id = p_store and name = 'settings';
        update till.stores set name = coalesce(p_changes->>'name', name),
            currency = coalesce(p_changes->>'currency', currency)
        where store_id = p_store;
        perform till.raise_version(p_store, 'settings');
        perform warm.admin_event(
            p_store, p_actor, 'settings_changed', jsonb_build_object('changes', p_changes, 'was', (
                select coalesce(jsonb_object_agg(b.key, b.value), '{}')
                from jsonb_each(before) as b where p_changes ? b.key)));
    end if;
    return till.venue(p_store);
end $$;

-- The stores of this database.
create or replace function till.stores_v1() returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object('store', s.store_id, 'name', s.name, 'currency', s.currency)
            order by s.created_at), '[]')
        from till.stores as s
    );
end $$;

-- Enrols a till: `p_secret_hash` is the SHA-256 of its secret in hexadecimal. A number that is there gets the new
-- secret and is no longer revoked; which journal it sells with does not change by this.
create or replace function till.till_enrol_v1(
    p_store uuid, p_actor integer, p_till integer, p_name text, p_secret_hash text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if p_secret_hash !~ '^[0-9a-f]{64}$' then
        raise exception 'The hash of a secret has 64 hexadecimal digits.' using errcode = 'TL006';
    end if;
    delete from till.enrolments where store_id = p_store and till_id = p_till;  -- its machine is here: no code makes another
    insert into till.tills as t (store_id, id, name, secret_hash)
    values (p_store, p_till, coalesce(p_name, 'Till ' || p_till), p_secret_hash)
    on conflict (store_id, id) do update
    set name = coalesce(p_name, t.name), secret_hash = p_secret_hash, revoked_at = null, enrolled_at = now();
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_enrolled', jsonb_build_object('till', p_till));
end $$;

-- Calls a till otherwise.
create or replace function till.till_rename_v1(p_store uuid, p_actor integer, p_till integer, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.tills set name = p_name where store_id = p_store and id = p_till;
    if not found then
        raise exception 'There is no till %.', p_till using errcode = 'TL006';
    end if;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_renamed', jsonb_build_object('till', p_till));
end $$;

-- Enrols a till of a venue that is made again in a database that knows it no more. `p_series` are the letters that its
-- journal puts on receipts: the first journal that comes gets the same, and one after it others than were given before.
create or replace function till.till_restore_v1(
    p_store uuid, p_actor integer, p_till integer, p_name text, p_secret_hash text, p_series text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    before integer := 0;
    letter text;
begin
    perform till.till_enrol_v1(p_store, p_actor, p_till, p_name, p_secret_hash);
    foreach letter in array string_to_array(coalesce(substring(p_series from '^[B-Z][A-Z]{0,3}$'), ''), null) loop
        before := before * 26 + ascii(letter) - 65;
    end loop;
    update till.tills set journals = before where store_id = p_store and id = p_till and journals = 0;
end $$;

-- Whether a till is enrolled with another secret than this one: another machine has its number then, or had it if the
-- till is revoked.
create or replace function till.till_is_elsewhere_v1(p_store uuid, p_till integer, p_secret_hash text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (
        select from till.tills
        where store_id = p_store and id = p_till and secret_hash is distinct from p_secret_hash
    );
end $$;

-- Lets another journal take the place of a till's live one: the old journal is retired, and what it still had is taken
-- when it comes. With no journal named, the next that the till brings is taken. With `p_backlog` the till goes on with
-- the journal it has, and of the one named only what it holds is taken, as of one that is retired.
create or replace function till.till_adopt_v1(
    p_store uuid, p_actor integer, p_till integer, p_journal uuid default null, p_backlog boolean default false
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    door warm.door;
begin
    if p_backlog then
        perform warm.meet_backlog(p_store, p_till, p_journal);
        perform warm.admin_event(
            p_store, p_actor, 'backlog_taken', jsonb_build_object('till', p_till, 'journal_id', p_journal));
        return;
    end if;
    update warm.journal_head set retired_at = now()
    where store_id = p_store and till_id = p_till and retired_at is null and journal_id is distinct from p_journal;
    update till.tills set live_journal = null where store_id = p_store and id = p_till;
    if not found then
        raise exception 'There is no till %.', p_till using errcode = 'TL004';
    end if;
    if p_journal is not null then
        if exists (select from warm.journal_head where journal_id = p_journal) then
            raise exception 'This journal was retired or sells already; a new one is needed.' using errcode = 'TL005';
        end if;
        door.store_id := p_store;
        door.till_id := p_till;
        door.journal_id := p_journal;
        perform warm.meet_journal(door);
    end if;
    perform warm.admin_event(
        p_store, p_actor, 'till_adopted', jsonb_build_object('till', p_till, 'journal_id', p_journal));
end $$;

-- Whether a journal is here up to a place of its chain, which the hash tells.
create or replace function till.journal_has_v1(p_store uuid, p_journal uuid, p_seq bigint, p_hash text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from warm.journal_head where journal_id = p_journal and store_id = p_store)
        and warm.hash_at(p_journal, p_seq) is not distinct from p_hash;
end $$;

-- Shuts a till out. What it sells meanwhile stays on it until it is enrolled again; what it asked for and has no
-- answer of waits for the manager.
create or replace function till.till_revoke_v1(p_store uuid, p_actor integer, p_till integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from till.enrolments where store_id = p_store and till_id = p_till;
    update till.tills set revoked_at = now() where store_id = p_store and id = p_till and revoked_at is null;
    if not found then
        raise exception 'There is no till % to revoke.', p_till using errcode = 'TL004';
    end if;
    perform warm.flag_left(p_store);
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_revoked', jsonb_build_object('till', p_till));
end $$;

-- Adds a person. A staff number is never given to another: one that is there is refused. `p_pin_hash` is argon2id text.
create or replace function till.user_add_v1(
    p_store uuid, p_actor integer, p_user integer, p_name text, p_role text, p_pin_hash text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from till.users where store_id = p_store and id = p_user) then
        raise exception 'Staff number % is taken.', p_user using errcode = 'TL005';
    elsif not exists (select from till.roles where store_id = p_store and name = p_role) then
        raise exception 'There is no role %. Roles are cashier, manager and admin.', p_role using errcode = 'TL006';
    end if;
    insert into till.users (store_id, id, name, role, pin_hash) values (p_store, p_user, p_name, p_role, p_pin_hash);
    perform till.raise_version(p_store, 'staff');
    perform warm.admin_event(p_store, p_actor, 'user_added', jsonb_build_object('user', p_user, 'role', p_role));
end $$;

-- One change of a person, an event of its own kind with `p_more` in it, and the new list for the tills.
create or replace function till.user_changed(
    p_store uuid, p_actor integer, p_user integer, p_found boolean, p_type text, p_more jsonb default '{}'
) returns void
language plpgsql as $$
begin
    if not p_found then
        raise exception 'There is no staff number %.', p_user using errcode = 'TL004';
    end if;
    perform till.raise_version(p_store, 'staff');
    perform warm.admin_event(p_store, p_actor, p_type, jsonb_build_object('user', p_user) || p_more);
end $$;

-- Refuses that the last who manages goes: nobody could settle anything. Two who disable each other take turns.
create or replace function till.keep_a_manager(p_store uuid, p_user integer) returns void
language plpgsql as $$
declare
    others integer[];
begin
    select array_agg(x.id) into others
    from (
        select u.id from till.users as u
        where u.store_id = p_store and u.role <> 'cashier' and u.disabled_at is null order by u.id for update
    ) as x;
    if others = array[p_user] then
        raise exception 'Number % is the last who manages here. Make somebody else a manager first.', p_user
            using errcode = 'TL006';
    end if;
end $$;

-- Disables a person, or with `p_disabled` false lets them work again.
create or replace function till.user_disable_v1(
    p_store uuid, p_actor integer, p_user integer, p_disabled boolean default true
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if p_disabled then
        perform till.keep_a_manager(p_store, p_user);
    end if;
    update till.users set disabled_at = case when p_disabled then now() end where store_id = p_store and id = p_user;
    perform till.user_changed(
        p_store, p_actor, p_user, found, case when p_disabled then 'user_disabled' else 'user_enabled' end);
end $$;

-- Calls a person otherwise.
create or replace function till.user_rename_v1(p_store uuid, p_actor integer, p_user integer, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.users set name = p_name where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'user_renamed');
end $$;

-- Gives a person another role. Tokens for acts at the server are for who manages, and are asked for that when they serve.
create or replace function till.user_set_role_v1(p_store uuid, p_actor integer, p_user integer, p_role text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from till.roles where store_id = p_store and name = p_role) then
        raise exception 'There is no role %. Roles are cashier, manager and admin.', p_role using errcode = 'TL006';
    elsif p_role = 'cashier' then
        perform till.keep_a_manager(p_store, p_user);
    end if;
    update till.users set role = p_role where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'role_set', jsonb_build_object('role', p_role));
end $$;

-- Sets the hash of a PIN, and unlocks the number.
create or replace function till.user_set_pin_v1(p_store uuid, p_actor integer, p_user integer, p_pin_hash text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.users set pin_hash = p_pin_hash, failed = 0, locked_until = null, locked_by = null
    where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'pin_set');
end $$;

-- Unlocks a number that wrong PINs or passwords locked.
create or replace function till.user_unlock_v1(p_store uuid, p_actor integer, p_user integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.users set failed = 0, locked_until = null, locked_by = null where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'user_unlocked');
    delete from till.password_failures where store_id = p_store and user_id = p_user;
end $$;

-- What an admin command asks of a person: {"number", "name", "role", "disabled"}, or null.
create or replace function till.user_for_login_v1(p_store uuid, p_user integer) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select json_build_object(
            'number', u.id, 'name', u.name, 'role', u.role, 'disabled', u.disabled_at is not null)
        from till.users as u where u.store_id = p_store and u.id = p_user
    );
end $$;
