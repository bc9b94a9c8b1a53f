-- Passwords of people who act at the server (ADR 0017). The caller stretches a password with a salt from here. Only a
-- hash of the result is stored, and no function returns it. At a till a right password gives a token for some minutes.

-- The salt of a person, for every caller. A person without a password has an invented salt that never changes.
create or replace function till.salt_of(p_store uuid, p_user integer, p_secret text) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select u.password_salt from till.users as u where u.store_id = p_store and u.id = p_user),
        left(warm.digest(concat('no password ', p_store, p_user, p_secret)), 32));
end $$;

-- Checks a stretched password: `verdict` is null if it is right, otherwise 'wrong_password' or 'locked'. Wrong
-- passwords are counted for a person and a till (0 is the administration). The fifth locks both for five minutes, and
-- until then none is checked.
create or replace function till.try_password(
    p_store uuid, p_user integer, p_till integer, p_stretched text, out verdict text, out locked_until timestamptz
)
language plpgsql as $$
declare
    u till.users;
    f till.password_failures;
begin
    select * into u from till.users as x where x.store_id = p_store and x.id = p_user;
    if not found then
        verdict := 'wrong_password';
        return;
    end if;
    -- one call at a time, so that concurrent calls cannot try more than five passwords
    insert into till.password_failures as x (store_id, user_id, till_id) values (p_store, p_user, p_till)
    on conflict (store_id, user_id, till_id) do update set failed = x.failed
    returning * into f;
    if f.locked_until > clock_timestamp() then
        verdict := 'locked';
    elsif u.disabled_at is null and u.password_hash = warm.digest(p_stretched) then
        delete from till.password_failures as x
        where x.store_id = p_store and x.user_id = p_user and x.till_id = p_till;
        return;
    else
        update till.password_failures as x
        set failed = case when f.failed + 1 < till.tries() then f.failed + 1 else 0 end,
            locked_until = case when f.failed + 1 >= till.tries() then clock_timestamp() + till.locked_for() end
        where x.store_id = p_store and x.user_id = p_user and x.till_id = p_till
        returning * into f;
        verdict := case when f.locked_until is null then 'wrong_password' else 'locked' end;
    end if;
    locked_until := f.locked_until;
end $$;

-- A refusal of an act at the server.
create or replace function till.act_refused(p_code text, p_until timestamptz default null) returns text
language plpgsql stable as $$
begin
    return json_build_object(
        'ok', false, 'code', p_code, 'head', null, 'locked_until', warm.time_text(p_until),
        'detail', case p_code
            when 'wrong_password' then 'Wrong number or password.'
            when 'locked' then 'Five wrong passwords: this number is locked here for five minutes.'
            when 'wrong_token' then 'The password is needed again.'
            when 'needs_manager' then 'Only a manager can do this.'
            when 'needs_admin' then 'Only an admin can do this.'
            when 'needs_owner' then 'That needs the rights of the database''s owner.'
            when 'protocol' then 'The request was not understood.'
            when 'no_enrolment' then 'The enrolment code is mistyped, was used or has expired. A manager makes another: till admin tills add.'
            when 'not_that_till' then 'The code renews the machine that is already that till. For another machine, or after a restore: till admin tills add --replace.'
            when 'other_venue' then 'The enrolment code is for another venue than the data folder.'
        end
    )::text;
end $$;

-- The salt with which a till stretches a person's password; an invented one for a number without a password.
-- Takes `user`.
-- Gives {"ok", "salt"}.
create or replace function till.password_salt_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    secret text;
begin
    select t.secret_hash into secret from till.tills as t where t.store_id = p_auth.store_id and t.id = p_auth.till_id;
    return json_build_object(
        'ok', true, 'salt', till.salt_of(p_auth.store_id, (p_request->>'user')::integer, secret));
end $$;

-- Creates a token of a person for fifteen minutes, valid on one till (0: in the administration). Only its hash is
-- stored.
create or replace function till.new_token(p_store uuid, p_user integer, p_till integer, out token text, out expires timestamptz)
language plpgsql as $$
begin
    token := encode(warm.new_secret(), 'hex');
    delete from till.act_tokens as x where x.expires_at < now();
    insert into till.act_tokens (token_hash, store_id, user_id, till_id, expires_at)
    values (warm.digest(token), p_store, p_user, p_till, now() + interval '15 minutes') returning expires_at into expires;
end $$;

-- Creates a token for fifteen minutes, on this till. Refused with `wrong_password` or `locked`.
-- Takes `user`, `stretched`.
-- Gives {"ok", "token", "expires_at"}.
create or replace function till.password_login_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    person constant integer := (p_request->>'user')::integer;
    tried record;
    made record;
begin
    tried := till.try_password(p_auth.store_id, person, p_auth.till_id, p_request->>'stretched');
    if tried.verdict is not null then
        return till.act_refused(tried.verdict, tried.locked_until);
    end if;
    made := till.new_token(p_auth.store_id, person, p_auth.till_id);
    return json_build_object('ok', true, 'token', made.token, 'expires_at', warm.time_text(made.expires));
end $$;

-- The manager who acts at the server, by a token of this till; `refused` if the token is not a manager's.
create or replace function till.acting_manager(p_auth warm.auth_context, p_token text, out actor integer, out refused text)
language plpgsql as $$
declare
    u till.users;
begin
    select x.* into u
    from till.act_tokens as t join till.users as x on x.store_id = t.store_id and x.id = t.user_id
    where t.token_hash = warm.digest(p_token) and t.store_id = p_auth.store_id
        and t.till_id = p_auth.till_id and t.expires_at > now() and x.disabled_at is null;
    if not found then
        refused := till.act_refused('wrong_token');
    elsif u.role not in ('manager', 'admin') then
        refused := till.act_refused('needs_manager');
    else
        actor := u.id;
    end if;
end $$;

-- Sets a password: its salt, and the SHA-256 in hexadecimal of the stretched password. Tokens of the old password
-- become invalid.
-- for: admin, manager
create or replace function till.user_set_password_v1(
    p_store uuid, p_actor integer, p_user integer, p_salt text, p_hash text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    is_known boolean;
begin
    if p_salt !~ '^[0-9a-f]{32}$' or p_hash !~ '^[0-9a-f]{64}$' then
        raise exception 'A salt has 32 hexadecimal digits, and the hash of a password 64.' using errcode = 'TL006';
    end if;
    update till.users set password_salt = p_salt, password_hash = p_hash where store_id = p_store and id = p_user;
    is_known := found;
    delete from till.act_tokens where store_id = p_store and user_id = p_user;
    delete from till.password_failures where store_id = p_store and user_id = p_user;
    perform till.user_changed(p_store, p_actor, p_user, is_known, 'password_set');
end $$;

-- The salt with which an admin command stretches a person's password.
-- for: admin
create or replace function till.user_salt_v1(p_store uuid, p_user integer) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return till.salt_of(p_store, p_user, 'administration');
end $$;

-- Checks the password of the person who runs an admin command: {"verdict": null if it is right, "locked_until"}.
-- for: admin
create or replace function till.user_admit_v1(p_store uuid, p_user integer, p_stretched text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tried record;
begin
    tried := till.try_password(p_store, p_user, 0, p_stretched);
    return json_build_object('verdict', tried.verdict, 'locked_until', warm.time_text(tried.locked_until));
end $$;
