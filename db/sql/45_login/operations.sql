-- The operations of a login session, for programs that are not tills (tills send events and heartbeats). The caller that
-- begins a session gets its token; every other call needs both. Each is safe to repeat after a lost answer. Errors: TL003
-- session and token do not match, TL004 no such person or till, TL005 the session is another person's or has ended, TL006
-- an argument is invalid.

-- The session of an id, if this is its token and it has not ended. A wrong guess reveals nothing.
create or replace function session.admitted(p_session text, p_token text) returns session.active_sessions
language plpgsql as $$
declare
    s session.active_sessions;
begin
    select * into s from session.active_sessions as x
    where x.session_id = p_session and x.token = warm.digest(p_token) and x.ended_at is null and x.expires_at >= now()
    for no key update;
    if not found then
        raise exception 'The login is not known, or it has ended. Log in again.' using errcode = 'TL003';
    end if;
    return s;
end $$;

-- A session as programs read it.
create or replace function session.session_json(p_session text) returns json
language plpgsql stable as $$
begin
    return (
        select json_build_object(
            'session', n.session_id, 'user', n.user_id, 'till', n.till_id, 'status', n.status,
            'connection_quality', n.connection_quality, 'created_at', warm.time_text(n.created_at),
            'last_active', warm.time_text(n.last_active), 'expires_at', warm.time_text(n.expires_at),
            'ended_at', warm.time_text(n.ended_at), 'metadata', n.metadata)
        from session.sessions_now as n where n.session_id = p_session
    );
end $$;

-- Begins a login of a person, at a till or (null) at none, under an id that the caller made. The row of a till's login
-- is reused. Returns {"session", "token", "expires_at", "also": [{"session", "till", "till_name", "status",
-- "last_active"}]}. Only the hash of the token is stored: a repeated call returns a new one, and the old one is no
-- longer valid. `also` lists the same person's other live logins. Refuses with TL004 (no such person or till), TL005
-- (the id of another login, or of one that ended) and TL006.
-- for: admin
create or replace function session.session_create_v1(
    p_store uuid, p_user integer, p_till integer, p_session text, p_metadata jsonb default '{}'
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s session.active_sessions;
    secret constant text := encode(warm.new_secret(), 'hex');
begin
    if p_session is null or length(p_session) not between 1 and 250 then
        raise exception 'Name the session by an id of your own, of up to 250 characters.' using errcode = 'TL006';
    end if;
    perform session.refuse_metadata(coalesce(p_metadata, '{}'));
    if not exists (
        select from till.users as u where u.store_id = p_store and u.id = p_user and u.disabled_at is null)
    then
        raise exception 'There is no staff number % here, or it is disabled.', p_user using errcode = 'TL004';
    elsif p_till is not null and not exists (
        select from till.tills as t where t.store_id = p_store and t.id = p_till and t.revoked_at is null)
    then
        raise exception 'There is no till % here.', p_till using errcode = 'TL004';
    end if;
    insert into session.active_sessions (session_id, user_id, status, expires_at, store_id, till_id)
    values (p_session, p_user, 'ACTIVE', now() + session.lifetime(), p_store, p_till)
    on conflict (session_id) do nothing;
    select * into s from session.active_sessions as x where x.session_id = p_session for no key update;
    if (s.store_id, s.user_id, s.till_id) is distinct from (p_store, p_user::text, p_till) then
        raise exception 'The id belongs to another login.' using errcode = 'TL005';
    elsif s.ended_at is not null or s.expires_at < now() then
        raise exception 'The login has ended. Begin another.' using errcode = 'TL005';
    end if;
    update session.active_sessions
    set token = warm.digest(secret), status = 'ACTIVE', last_active = now(), expires_at = now() + session.lifetime()
    where session_id = p_session
    returning * into s;
    perform session.update_metadata(
        p_session, coalesce(p_metadata, '{}') || jsonb_strip_nulls(jsonb_build_object('till_id', p_till)));
    return json_build_object(
        'session', s.session_id, 'token', secret, 'expires_at', warm.time_text(s.expires_at),
        'also', (
            select coalesce(json_agg(json_build_object(
                'session', n.session_id, 'till', n.till_id, 'till_name', t.name, 'status', n.status,
                'last_active', warm.time_text(n.last_active)) order by n.last_active desc, n.session_id), '[]')
            from session.sessions_now as n
            left join till.tills as t on t.store_id = n.store_id and t.id = n.till_id
            where n.user_id = s.user_id and n.store_id = p_store and n.session_id <> s.session_id
                and n.till_id is distinct from p_till and n.status in ('ACTIVE', 'RECONNECTING')
        ));
end $$;

-- A login: {"session", "user", "till", "status", "connection_quality", "created_at", "last_active", "expires_at",
-- "ended_at", "metadata"}. Refuses with TL003, as the three below.
-- for: admin
create or replace function session.session_get_v1(p_session text, p_token text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform session.admitted(p_session, p_token);
    return session.session_json(p_session);
end $$;

-- A heartbeat: the login is ACTIVE, and expires twelve hours from now. Returns the login.
-- for: admin
create or replace function session.session_touch_v1(p_session text, p_token text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform session.admitted(p_session, p_token);
    update session.active_sessions set status = 'ACTIVE', last_active = now(),
        expires_at = case
            when expires_at < now() + session.lifetime() - interval '5 minutes' then now() + session.lifetime()
            else expires_at
        end
    where session_id = p_session;
    return session.session_json(p_session);
end $$;

-- Sets values in the metadata of a login, by name; null removes one. Returns the login. Refuses with TL006 what is no
-- object, or over 8,192 bytes.
-- for: admin
create or replace function session.session_metadata_v1(p_session text, p_token text, p_metadata jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform session.admitted(p_session, p_token);
    if jsonb_typeof(p_metadata) is distinct from 'object' then
        perform session.refuse_metadata(p_metadata);
    end if;
    perform session.update_metadata(p_session, p_metadata);
    return session.session_json(p_session);
end $$;

-- Ends a login, and returns {"session", "status"}: its token is no longer valid. One that had already ended is returned
-- whatever the token, because the first answer, and the token with it, may have been lost.
-- for: admin
create or replace function session.session_end_v1(p_session text, p_token text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select from session.active_sessions as s where s.session_id = p_session and s.ended_at is not null)
    then
        perform session.admitted(p_session, p_token);
        perform session.end_login(p_session, now());
    end if;
    return json_build_object('session', p_session, 'status', 'INACTIVE');
end $$;

-- Removes expired logins, with their metadata and training; returns the number. One locked by a heartbeat has not
-- expired.
-- for: admin
create or replace function session.cleanup_expired_sessions() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    removed integer;
begin
    delete from session.active_sessions where session_id in (
        select s.session_id from session.active_sessions as s
        where s.expires_at < now() order by s.session_id for update skip locked);
    get diagnostics removed = row_count;
    return removed;
end $$;
