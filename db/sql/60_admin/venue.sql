-- The administration, for the role till_admin. The calling program checks number and PIN; `p_actor` names that person
-- in the server's chain, null for the owner of the database.

-- Creates a store with its roles, its settings and the server's journal. `p_settings`: name, currency, locale,
-- timezone, business_day_ends, prices_include_tax, tax_rounding, tax_rounding_direction, tax_rounding_of, rounding,
-- service_charge, tax_number and any other setting for tills.
-- for: admin
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

-- The fault of changes to the settings of a store, as half a sentence; null for none. Besides the bounds of each field
-- (till.field_rules): this database must know the time zone, the menu must have the tax of the service charge
-- and the venue its order types and the tills of its printers, stations make what no other makes and print on printers of the venue, no amount may be smaller than the coin, and the currency of existing orders must not
-- change.
create or replace function till.settings_fault(p_store uuid, p_changes jsonb) returns text
language plpgsql stable as $$
declare
    fault constant text := till.fault_of('settings', p_changes);
    band constant text := p_changes->'service_charge'->>'tax';
    settings jsonb;
    kinds text[];
    unknown text;
    no_till text;
begin
    if fault is not null then
        return fault;
    end if;
    settings := till.venue(p_store) || p_changes;
    kinds := array(
        select t.order_type_name from cold.order_type_table as t
        where coalesce(t.store_id, p_store) = p_store order by 1);
    unknown := (
        select k.name from jsonb_array_elements_text(p_changes->'service_charge'->'order_types') as k (name)
        where k.name <> all (kinds) limit 1);
    no_till := (
        select n.number::text
        from jsonb_array_elements(p_changes->'printers') as p (body)
        cross join lateral (
            select r.number from jsonb_array_elements(p.body->'receipts') as r (number) union all select p.body->'drawer'
        ) as n (number)
        where n.number <> '0' and not exists (
            select from till.tills as t where t.store_id = p_store and t.id = n.number::integer)
        limit 1);
    return case
        when no_till is not null
            then format('there is no till %s for a printer', no_till)
        when (p_changes->>'fiscal_sender')::integer > 0 and exists (
            select from cold.orders as o
            where o.store_id = p_store and o.till_id = (p_changes->>'fiscal_sender')::integer)
            then format('till %s has sold, and the sender sells nothing; take another number', p_changes->>'fiscal_sender')
        when (p_changes->>'fiscal_sender')::integer is distinct from (till.venue(p_store)->>'fiscal_sender')::integer and exists (
            select from till.tills as t left join warm.journal_head as h on h.journal_id = t.live_journal
            where t.store_id = p_store and t.id = (p_changes->>'fiscal_sender')::integer and coalesce(h.money_heard, 0) % 2 = 0)
            then format(
                'till %s may still sell; take a number that is not enrolled, or let it hear first that it takes no money: till admin tills no-money %s',
                p_changes->>'fiscal_sender', p_changes->>'fiscal_sender')
        when exists (
            select from jsonb_array_elements(p_changes->'printers') as p (body)
            group by lower(p.body->>'name') having count(*) > 1)
            then 'two printers have one name'
        when exists (
            select from jsonb_array_elements(p_changes->'stations') as s (body)
            group by lower(s.body->>'name') having count(*) > 1)
            then 'two stations have one name'
        when exists (
            select from jsonb_array_elements(p_changes->'stations') as s (body)
            cross join lateral jsonb_array_elements_text(
                coalesce(s.body->'categories', '[]') || coalesce(s.body->'items', '[]')) as m (id)
            group by m.id having count(*) > 1)
            then 'two stations make the same'
        when p_changes ?| array['stations', 'printers'] and exists (
            select from jsonb_array_elements(settings->'stations') as s (body)
            where s.body->>'printer' <> '' and not exists (
                select from jsonb_array_elements(settings->'printers') as p (body)
                where p.body->>'name' = s.body->>'printer'))
            then 'a station names a printer that the venue does not have'
        when p_changes ? 'timezone' and p_changes->>'timezone' not in (select z.name from pg_timezone_names as z)
            then format('there is no timezone %s', p_changes->>'timezone')
        when band <> '' and not exists (
            select from till.settings as m where m.store_id = p_store and m.name = 'menu' and m.body->'taxes' ? band)
            then format('the menu has no tax %s for the service charge; import a menu with it, then set this', left(band, 40))
        when unknown is not null
            then format('there is no order type %s; there are %s', left(unknown, 40), array_to_string(kinds, ', '))
        when till.is_too_fine(
            settings->>'currency', settings->'rounding'->>'step', settings->'rounding'->>'nothing_up_to',
            settings->>'cashier_discount_amount', settings->>'manager_discount_amount', nullif(settings->>'cashier_cash', ''))
            or exists (
                select from till.promotions as p
                where p.store_id = p_store and till.is_too_fine(settings->>'currency', p.body->>'amount'))
            then format('an amount is smaller than the coin of %s', settings->>'currency')
        when (p_changes ? 'fiscal' or p_changes ?| array['tax_rounding', 'service_charge', 'address']
                and till.law_fault(p_store, settings) is distinct from till.law_fault(p_store, till.venue(p_store)))
            and till.law_fault(p_store, settings) is not null
            then till.law_fault(p_store, settings)
        when p_changes->'fiscal'->>'from' is distinct from till.venue(p_store)->'fiscal'->>'from'
            and p_changes ? 'fiscal' and till.is_under_law(settings, now())
            then 'a law begins on a day to come'
        when p_changes->>'currency' <> (select s.currency from till.stores as s where s.store_id = p_store)
            and exists (select from warm.every_session as o where o.store_id = p_store)
            then format('there are orders in the present currency, so it cannot be %s', p_changes->>'currency')
    end;
end $$;

-- The form of the records of a venue's law; null for none.
create or replace function till.fiscal_law(p_store uuid) returns jsonb
language plpgsql stable as $$
begin
    return (select s.body from till.settings as s where s.store_id = p_store and s.name = 'fiscal_law');
end $$;

-- Changes settings of a store. Returns all of its settings. `fiscal_law`, the form of the law's records, is kept beside them.
-- for: admin, manager
create or replace function till.store_settings_v1(p_store uuid, p_actor integer, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    fault constant text := till.settings_fault(p_store, p_changes);
    own jsonb;
    before jsonb;
begin
    if fault is not null then
        raise exception 'The settings were not changed: %.', fault using errcode = 'TL006';
    end if;
    own := p_changes - 'fiscal_law';
    select s.body into before from till.settings as s where s.store_id = p_store and s.name = 'settings' for no key update;
    if not found then
        raise exception 'There is no such store.' using errcode = 'TL004';
    end if;
    if p_changes ? 'fiscal_law' then
        insert into till.settings as s (store_id, name, body) values (p_store, 'fiscal_law', p_changes->'fiscal_law')
        on conflict (store_id, name) do update set body = excluded.body, updated_at = now();
    end if;
    if own <> '{}' then
        update till.settings set body = body || own where store_id = p_store and name = 'settings';
        update till.stores set name = coalesce(own->>'name', name),
            currency = coalesce(own->>'currency', currency)
        where store_id = p_store;
        perform till.raise_version(p_store, 'settings');
        perform warm.admin_event(
            p_store, p_actor, 'settings_changed', jsonb_build_object(
                'keys', (select jsonb_agg(c.key order by c.key) from jsonb_object_keys(own) as c (key)),
                'changes', own, 'was', (
                    select coalesce(jsonb_object_agg(b.key, b.value), '{}')
                    from jsonb_each(before) as b where own ? b.key)));
    end if;
    if p_changes ?| array['fiscal', 'fiscal_law', 'timezone'] then  -- an upgrade writes the law anew
        perform cold.list_unstamped(p_store);
    end if;
    return till.venue(p_store);
end $$;

-- The stores of this database.
-- for: admin
create or replace function till.stores_v1() returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object('store', s.store_id, 'name', s.name, 'currency', s.currency)
            order by s.created_at), '[]')
        from till.stores as s
    );
end $$;

-- Enrols a till that sells, or gives any number a new secret (till.till_enrol_v2).
-- for: admin
create or replace function till.till_enrol_v1(
    p_store uuid, p_actor integer, p_till integer, p_name text, p_secret_hash text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform till.till_enrol_v2(p_store, p_actor, p_till, p_name, p_secret_hash, null);
end $$;

-- Enrols a till: `p_secret_hash` is the SHA-256 of its secret in hexadecimal. An existing number gets the new secret
-- and is no longer revoked. Its live journal does not change, but its machine may bring another. With `p_stations`, empty for
-- all of them, it is a screen of the kitchen. Without, a number stays what it was.
-- for: admin
create or replace function till.till_enrol_v2(
    p_store uuid, p_actor integer, p_till integer, p_name text, p_secret_hash text, p_stations text[]
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform till.check_stations(p_store, p_till, p_stations);
    if p_secret_hash !~ '^[0-9a-f]{64}$' then
        raise exception 'The hash of a secret has 64 hexadecimal digits.' using errcode = 'TL006';
    end if;
    delete from till.enrolments where store_id = p_store and till_id = p_till;  -- the till is enrolled, so its code becomes invalid
    insert into till.tills as t (store_id, id, name, secret_hash, stations)
    values (
        p_store, p_till, coalesce(p_name, case when p_stations is null then 'Till ' else 'Kitchen ' end || p_till), p_secret_hash,
        p_stations)
    on conflict (store_id, id) do update
    set name = coalesce(p_name, t.name), secret_hash = p_secret_hash, stations = coalesce(p_stations, t.stations), revoked_at = null, enrolled_at = now(),
        other_asked_at = null;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_enrolled', jsonb_build_object('till', p_till));
    perform till.silence_sender(p_store, p_actor, p_till);
end $$;

-- Refuses stations for a number that sells, and stations that the venue does not have.
create or replace function till.check_stations(p_store uuid, p_till integer, p_stations text[]) returns void
language plpgsql stable as $$
declare
    unknown text;
begin
    if p_stations is not null and exists (
        select from till.tills as t where t.store_id = p_store and t.id = p_till and t.stations is null)
    then
        raise exception 'Till % sells. Choose another number for a screen of the kitchen.', p_till using errcode = 'TL005';
    end if;
    select x into unknown from unnest(p_stations) as x where x not in (select b.station from warm.screens(p_store) as b) limit 1;
    if found then
        raise exception 'There is no station % with a screen: till admin stations add.', unknown using errcode = 'TL004';
    end if;
end $$;

-- Renames a till.
-- for: admin, manager
create or replace function till.till_rename_v1(p_store uuid, p_actor integer, p_till integer, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform till.check_name(p_name);
    update till.tills set name = p_name where store_id = p_store and id = p_till;
    if not found then
        raise exception 'There is no till %.', p_till using errcode = 'TL006';
    end if;
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_renamed', jsonb_build_object('till', p_till));
end $$;

-- Enrols a till of a venue that is created again in a database that lost it. `p_series` are the letters that its
-- journal prints on receipts: the next journal gets the same letters, and later ones get new letters.
-- for: admin
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

-- True if a till is enrolled with another secret than this one: another machine has its number or, if the till is
-- revoked, had it.
-- for: admin
create or replace function till.till_is_elsewhere_v1(p_store uuid, p_till integer, p_secret_hash text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (
        select from till.tills
        where store_id = p_store and id = p_till and secret_hash is distinct from p_secret_hash
    );
end $$;

-- Adopts a journal for a manager (warm.adopt_journal). Refused if no other journal asked within a day and since the last
-- enrolment, because it would shut out the till's own journal.
-- for: admin, manager
create or replace function till.till_adopt_v1(
    p_store uuid, p_actor integer, p_till integer, p_journal uuid default null
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if p_journal is null and exists (
        select from till.tills as t
        where t.store_id = p_store and t.id = p_till and t.live_journal is not null
            and (t.other_asked_at > now() - interval '1 day') is not true
            and t.enrolled_at is distinct from now())  -- a machine enrolled in this transaction brings its first journal
    then
        raise exception 'Nothing waits to be adopted as till %. Open it; adopt only if it says that it has sold with another journal.', p_till
            using errcode = 'TL005';
    end if;
    perform warm.adopt_journal(p_store, p_actor, p_till, p_journal);
end $$;

-- Replaces the live journal of a till: the old journal is retired, and its remaining records are accepted when they
-- arrive. If no journal is named, the next one that the till brings is adopted.
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
        perform warm.begin_journal(auth);
    end if;
    perform warm.admin_event(
        p_store, p_actor, 'till_adopted', jsonb_build_object('till', p_till, 'journal_id', p_journal));
end $$;

-- Accepts the records of a journal as of a retired one: the till continues with its own journal.
-- for: admin, manager
create or replace function till.backlog_take_v1(p_store uuid, p_actor integer, p_till integer, p_journal uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform warm.register_backlog(p_store, p_till, p_journal);
    perform warm.admin_event(
        p_store, p_actor, 'backlog_taken', jsonb_build_object('till', p_till, 'journal_id', p_journal));
end $$;

-- True if the database has a journal up to a place of its chain, identified by its hash.
-- for: admin, manager
create or replace function till.journal_has_v1(p_store uuid, p_journal uuid, p_seq bigint, p_hash text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (select from warm.journal_head where journal_id = p_journal and store_id = p_store)
        and warm.hash_at(p_journal, p_seq) is not distinct from p_hash;
end $$;

-- Revokes a till. Its further sales stay on it until it is enrolled again; its unanswered requests wait for a manager.
-- for: admin, manager
create or replace function till.till_revoke_v1(p_store uuid, p_actor integer, p_till integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from till.enrolments where store_id = p_store and till_id = p_till;
    update till.tills set revoked_at = now() where store_id = p_store and id = p_till and revoked_at is null;
    if not found then
        raise exception 'There is no till % to revoke.', p_till using errcode = 'TL004';
    end if;
    perform warm.flag_unanswered(p_store);
    perform cold.hold_unasked(p_store, p_till);
    perform till.raise_version(p_store, 'settings');
    perform warm.admin_event(p_store, p_actor, 'till_revoked', jsonb_build_object('till', p_till));
end $$;

-- Refuses a name of a person or a till that no till would show.
create or replace function till.check_name(p_name text) returns void
language plpgsql stable as $$
declare
    fault constant text := till.fault_of('settings', jsonb_build_object('name', p_name));
begin
    if fault is not null then
        raise exception 'Nothing was changed: %.', fault using errcode = 'TL006';
    end if;
end $$;

-- Refuses the hash of a PIN that is not argon2id, or costs more than those of tills: each check of it at a login would hold a
-- till up. Null is no PIN.
create or replace function till.check_pin_hash(p_hash text) returns void
language plpgsql stable as $$
declare
    memory constant text := substring(
        p_hash from '^\$argon2id\$v=19\$m=([1-9][0-9]{0,4}),t=[1-3],p=[1-4]\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,64}$');
begin
    if p_hash is not null and (memory::integer <= 65536) is not true then
        raise exception 'The hash of a PIN is argon2id of at most m=65536, t=3 and p=4.' using errcode = 'TL006';
    end if;
end $$;

-- Adds a person. A staff number is never reused: an existing one is refused. `p_pin_hash` is argon2id text.
-- for: admin, manager
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
    perform till.check_name(p_name);
    perform till.check_pin_hash(p_pin_hash);
    insert into till.users (store_id, id, name, role, pin_hash) values (p_store, p_user, p_name, p_role, p_pin_hash);
    perform till.raise_version(p_store, 'staff');
    perform warm.admin_event(p_store, p_actor, 'user_added', jsonb_build_object('user', p_user, 'role', p_role));
end $$;

-- Records a change of a person: an event of type `p_type` with `p_more`, and a new staff list for the tills.
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

-- Refuses to remove the last admin or, in a venue without one, the last manager, because nobody could give the role
-- again. `p_role` is the new role, null for none. The rows are locked, so that two people cannot disable each other at
-- once.
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

-- Disables a person, or enables them again if `p_disabled` is false.
-- for: admin, manager
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

-- Renames a person.
-- for: admin, manager
create or replace function till.user_rename_v1(p_store uuid, p_actor integer, p_user integer, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform till.check_name(p_name);
    update till.users set name = p_name where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'user_renamed');
end $$;

-- Changes the role of a person. Tokens for acts at the server are for managers only; the role is checked when they are
-- used.
-- for: admin, manager
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

-- Sets the language in which a person reads the screens, by its code; empty for the venue's.
-- for: admin, manager
create or replace function till.user_set_language_v1(p_store uuid, p_actor integer, p_user integer, p_language text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if (p_language ~ '^([a-z]{2,3})?$') is not true then
        raise exception 'A language is a code of two or three letters, such as es.' using errcode = 'TL006';
    end if;
    update till.users set language = p_language where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'language_set');
end $$;

-- Sets the hash of a PIN, and unlocks the number.
-- for: admin, manager
create or replace function till.user_set_pin_v1(p_store uuid, p_actor integer, p_user integer, p_pin_hash text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform till.check_pin_hash(p_pin_hash);
    update till.users set pin_hash = p_pin_hash, failed = 0, locked_until = null, locked_by = null
    where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'pin_set');
end $$;

-- Unlocks a number that wrong PINs or passwords locked.
-- for: admin, manager
create or replace function till.user_unlock_v1(p_store uuid, p_actor integer, p_user integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.users set failed = 0, locked_until = null, locked_by = null where store_id = p_store and id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, found, 'user_unlocked');
    delete from till.password_failures where store_id = p_store and user_id = p_user;
end $$;

-- The people of a venue by number, including disabled ones, without any hash; `locked_until` is null for a person who
-- is not locked now.
-- for: admin, manager
create or replace function till.people_v1(p_store uuid) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'number', u.id, 'name', u.name, 'role', u.role, 'language', u.language, 'disabled', u.disabled_at is not null,
        'locked_until', warm.time_text(greatest(case when u.locked_until > now() then u.locked_until end, (
            select max(f.locked_until) from till.password_failures as f
            where f.store_id = u.store_id and f.user_id = u.id and f.locked_until > now()))),
        'has_pin', u.pin_hash is not null, 'has_password', u.password_hash is not null) order by u.id), '[]')
    from till.users as u where u.store_id = p_store
$$;

-- A person, for the login of an admin command: {"number", "name", "role", "disabled"}, or null.
-- for: admin, manager
create or replace function till.user_for_login_v1(p_store uuid, p_user integer) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select json_build_object(
            'number', u.id, 'name', u.name, 'role', u.role, 'disabled', u.disabled_at is not null)
        from till.users as u where u.store_id = p_store and u.id = p_user
    );
end $$;
