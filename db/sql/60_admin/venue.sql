-- Administration, for the role till_admin. The program that asks for number and PIN checks who may;
-- `p_actor` names that person in the server's chain, null for the owner of the database.

-- Makes a store with its roles, its settings and its server's journal. `p_settings`: name, currency, locale, timezone,
-- business_day_ends, prices_include_tax, tax_rounding, tax_rounding_direction, tax_rounding_of, rounding, service_charge,
-- tax_number and whatever tills should know.
create or replace function till.store_create_v1(p_store uuid, p_settings jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into till.stores (store_id, name, currency)
    values (p_store, p_settings->>'name', p_settings->>'currency');
    insert into till.store_seals (store_id, inner_key, outer_key) values (p_store, warm.new_key(), warm.new_key());
    insert into till.roles (store_id, name, reach)
    values (p_store, 'cashier', 'own'), (p_store, 'manager', 'store'), (p_store, 'admin', 'all');
    insert into till.settings (store_id, name, body)
    values (p_store, 'settings', p_settings), (p_store, 'staff', null), (p_store, 'tabs', null), (p_store, 'waiting', null),
        (p_store, 'menu', '{"taxes": {}, "dayparts": [], "categories": [], "items": []}');
    insert into warm.journal_head (journal_id, store_id, till_id) values (gen_random_uuid(), p_store, 0);
    perform warm.admin_event(p_store, null, 'journal_opened', '{"host": "server"}');
end $$;

-- Why settings of a store cannot be what is asked; null when they can: beside what each may be (till.field_rules), that this
-- database knows the zone, that the menu has the tax of the charge, that no amount is smaller than the coin, and that the money
-- of orders stays what it is.
create or replace function till.settings_fault(p_store uuid, p_changes jsonb) returns text
language plpgsql stable as $$
declare
    fault constant text := till.fault_of('settings', p_changes);
    band constant text := p_changes->'service_charge'->>'tax';
    whole jsonb;
begin
    if fault is not null then
        return fault;
    end if;
    whole := till.venue(p_store) || p_changes;
    return case
        when p_changes ? 'timezone' and p_changes->>'timezone' not in (select z.name from pg_timezone_names as z)
            then format('there is no timezone %s', p_changes->>'timezone')
        when band <> '' and not exists (
            select from till.settings as m where m.store_id = p_store and m.name = 'menu' and m.body->'taxes' ? band)
            then format('the menu has no tax %s for the service charge', left(band, 40))
        when till.is_too_fine(
            whole->>'currency', whole->'rounding'->>'step', whole->'rounding'->>'nothing_up_to',
            whole->>'cashier_discount_amount', whole->>'manager_discount_amount')
            or exists (
                select from till.promotions as p
                where p.store_id = p_store and till.is_too_fine(whole->>'currency', p.body->>'amount'))
            then format('an amount is smaller than the coin of %s', whole->>'currency')
        when p_changes->>'currency' <> (select s.currency from till.stores as s where s.store_id = p_store)
            and exists (select from warm.every_session as o where o.store_id = p_store)
            then format('there are orders in the present currency, so it cannot be %s', p_changes->>'currency')
    end;
end $$;

-- Changes some settings of a store; gives all of them.
create or replace function till.store_settings_v1(p_store uuid, p_actor integer, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    fault constant text := till.settings_fault(p_store, p_changes);
    before jsonb;
begin
    if fault is not null then
        raise exception 'The settings were not changed: %.', fault using errcode = 'TL006';
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
            p_store, p_actor, 'settings_changed', jsonb_build_object(
                'keys', (select jsonb_agg(c.key order by c.key) from jsonb_object_keys(p_changes) as c (key)),
                'changes', p_changes, 'was', (
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
-- secret and is no longer revoked; which journal it sells with does not change by this, but its machine may bring another.
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
    set name = coalesce(p_name, t.name), secret_hash = p_secret_hash, revoked_at = null, enrolled_at = now(),
        other_asked_at = now();
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

-- True if a till is enrolled with another secret than this one: another machine has its number then, or had it if the
-- till is revoked.
create or replace function till.till_is_elsewhere_v1(p_store uuid, p_till integer, p_secret_hash text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (
        select from till.tills
        where store_id = p_store and id = p_till and secret_hash is distinct from p_secret_hash
    );
end $$;

-- As the next function does, for a manager: it is refused where no other journal asked within a day, because the till's own
-- would be shut out.
create or replace function till.till_adopt_v1(
    p_store uuid, p_actor integer, p_till integer, p_journal uuid default null
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if p_journal is null and exists (
        select from till.tills as t
        where t.store_id = p_store and t.id = p_till and t.live_journal is not null
            and (t.other_asked_at > now() - interval '1 day') is not true)
    then
        raise exception 'Till % works as it is; nothing waits to be adopted.', p_till using errcode = 'TL005';
    end if;
    perform warm.adopt_journal(p_store, p_actor, p_till, p_journal);
end $$;

-- Lets another journal take the place of a till's live one: the old journal is retired, and what it still had is taken
-- when it comes. With no journal named, the next that the till brings is taken.
create or replace function warm.adopt_journal(p_store uuid, p_actor integer, p_till integer, p_journal uuid default null) returns void
language plpgsql as $$
declare
    auth warm.auth_context;
begin
    update warm.journal_head set retired_at = now()
    where store_id = p_store and till_id = p_till and retired_at is null and journal_id is distinct from p_journal;
    update till.tills set live_journal = null where store_id = p_store and id = p_till;
    if not found then
        raise exception 'There is no till %.', p_till using errcode = 'TL004';
    end if;
    if p_journal is not null then
        if exists (select from warm.journal_head where journal_id = p_journal) then
            raise exception 'The journal was retired or is already selling; a new one is needed.' using errcode = 'TL005';
        end if;
        auth.store_id := p_store;
        auth.till_id := p_till;
        auth.journal_id := p_journal;
        perform warm.meet_journal(auth);
    end if;
    perform warm.admin_event(
        p_store, p_actor, 'till_adopted', jsonb_build_object('till', p_till, 'journal_id', p_journal));
end $$;

-- Lets in what a journal holds, as of one that is retired: the till goes on with the journal it has.
create or replace function till.backlog_take_v1(p_store uuid, p_actor integer, p_till integer, p_journal uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform warm.meet_backlog(p_store, p_till, p_journal);
    perform warm.admin_event(
        p_store, p_actor, 'backlog_taken', jsonb_build_object('till', p_till, 'journal_id', p_journal));
end $$;

-- True if a journal is here up to a place of its chain, which the hash tells.
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
        raise exception 'Staff number % is already in use.', p_user using errcode = 'TL005';
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

-- Refuses that the last admin goes, or in a venue without one the last manager: nobody could give the role again. `p_role` is
-- the role from now on, null for none. Two who disable each other take turns.
create or replace function till.keep_a_manager(p_store uuid, p_user integer, p_role text default null) returns void
language plpgsql as $$
declare
    admins integer[];
    managers integer[];
begin
    select array_agg(x.id) filter (where x.role = 'admin'), array_agg(x.id) into admins, managers
    from (
        select u.id, u.role from till.users as u
        where u.store_id = p_store and u.role <> 'cashier' and u.disabled_at is null order by u.id for update
    ) as x;
    if admins = array[p_user] and p_role is distinct from 'admin' then
        raise exception 'Number % is the last admin here. Make somebody else an admin first.', p_user
            using errcode = 'TL006';
    elsif managers = array[p_user] and coalesce(p_role, 'cashier') = 'cashier' then
        raise exception 'Number % is the last manager here. Make somebody else a manager first.', p_user
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
    end if;
    perform till.keep_a_manager(p_store, p_user, p_role);
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

-- The people of a venue by number, also those who left, without any hash; `locked_until` is null for who is not locked now.
create or replace function till.people_v1(p_store uuid) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'number', u.id, 'name', u.name, 'role', u.role, 'disabled', u.disabled_at is not null,
        'locked_until', warm.time_text(greatest(case when u.locked_until > now() then u.locked_until end, (
            select max(f.locked_until) from till.password_failures as f
            where f.store_id = u.store_id and f.user_id = u.id and f.locked_until > now()))),
        'has_pin', u.pin_hash is not null, 'has_password', u.password_hash is not null) order by u.id), '[]')
    from till.users as u where u.store_id = p_store
$$;

-- A person as an admin command asks for one: {"number", "name", "role", "disabled"}, or null.
create or replace function till.user_for_login_v1(p_store uuid, p_user integer) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select json_build_object(
            'number', u.id, 'name', u.name, 'role', u.role, 'disabled', u.disabled_at is not null)
        from till.users as u where u.store_id = p_store and u.id = p_user
    );
end $$;
