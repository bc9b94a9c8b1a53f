-- The logins of tills. A row is created by `logged_in`, or by a heartbeat if there is none, because the login began
-- while the server was away or its row was removed. The till's secret is enough; tills have no login token.

-- Creates the row of a till's login, unless it would already have expired, or too many of the till have not ended. True if it was created. An existing login
-- does not change.
create or replace function session.begin_login(
    p_store uuid, p_till integer, p_user integer, p_session uuid, p_began timestamptz, p_heard timestamptz
) returns boolean
language plpgsql as $$
begin
    insert into session.active_sessions (
        session_id, user_id, status, created_at, last_active, expires_at, store_id, till_id)
    select p_session, u.id, 'ACTIVE', least(p_began, now()), least(p_heard, now()),
        least(p_heard, now()) + session.lifetime(), p_store, p_till
    from till.users as u
    where u.store_id = p_store and u.id = p_user and p_heard + session.lifetime() > now() and (
        select count(*) from session.active_sessions as s
        where s.store_id = p_store and s.till_id = p_till and s.ended_at is null) < warm.most_logins()
    on conflict (session_id) do nothing;
    if found then
        insert into session.session_metadata (session_id, metadata)
        values (p_session::text, jsonb_build_object('till_id', p_till));
        return true;
    end if;
    return false;
end $$;

-- Ends a login: deletes the token, and leaves the login INACTIVE until it would have expired. Stops its training. Sets
-- its connections to none, because a query over all unexpired logins must not count a closed screen.
create or replace function session.end_login(p_session text, p_at timestamptz) returns void
language plpgsql as $$
begin
    update session.active_sessions
    set status = 'INACTIVE', token = null, ended_at = least(p_at, now())
    where session_id = p_session and ended_at is null;
    if found then
        update simulator.instances set status = 'STOPPING', last_active = now()
        where session_id = p_session and status in ('CREATING', 'STARTING', 'RUNNING');
        perform session.disconnect(array[p_session]);
    end if;
end $$;

-- Sets the connections of logins to none. The next heartbeat counts them again.
create or replace function session.disconnect(p_sessions text[]) returns void
language plpgsql as $$
declare
    names constant text[] := '{frontend_connections,sse_connections}';
begin
    update session.session_metadata as m
    set metadata = m.metadata || (select jsonb_object_agg(name, 0) from unnest(names) as name where m.metadata ? name)
    where m.session_id = any (p_sessions) and m.metadata ?| names;
end $$;

-- Disconnects the logins of silent tills: killed, or offline.
create or replace function session.disconnect_silent() returns void
language sql as $$
    select session.disconnect(array(
        select s.session_id from session.active_sessions as s join session.session_metadata as m on m.session_id = s.session_id
        where s.till_id is not null and session.status_of(s.last_active, s.expires_at, s.ended_at) = 'INACTIVE'
            and m.metadata @? '$.keyvalue() ? ((@.key == "frontend_connections" || @.key == "sse_connections") && @.value > 0)'))
$$;

-- Applies a lock after wrong PINs: the number is locked on the other tills from now on, whatever the till's clock says.
-- A till can lock a number on other tills once an hour at most, because it could lock everybody out.
create or replace function warm.on_login_refused(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if p_auth.till_id > 0 and e.data->>'locked' = 'true' then
        update till.users
        set locked_until = now() + till.locked_for(), locked_by = p_auth.till_id, lock_told_at = now()
        where store_id = p_auth.store_id and id = (e.data->>'user')::integer
            and (locked_by is distinct from p_auth.till_id or lock_told_at < now() - interval '1 hour'
                or lock_told_at is null);
        if found then
            perform till.raise_version(p_auth.store_id, 'staff');
        end if;
    end if;
    return false;
end $$;

-- Applies a login or a logout: records who is logged in at the till, and creates or ends the row of the login.
create or replace function warm.on_login_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    is_login constant boolean := e.event_type = 'logged_in';
begin
    if is_login then
        insert into warm.logins (store_id, user_id, event_id)
        select p_auth.store_id, e.user_id, e.event_id where e.user_id is not null
        on conflict do nothing;
    end if;
    update till.tills as t
    set login_event = e.event_id, logged_in = (
        select u.id from till.users as u
        where u.store_id = t.store_id and u.id = (e.data->>'user')::integer and is_login)
    where t.store_id = p_auth.store_id and t.id = p_auth.till_id
        and (t.login_event is null or t.login_event < e.event_id);
    if is_login then
        perform session.begin_login(
            p_auth.store_id, p_auth.till_id, (e.data->>'user')::integer, e.stream_id, e.at, e.at);
    else
        perform session.end_login(s.session_id, e.at)
        from session.active_sessions as s
        where s.session_id = e.stream_id::text and s.store_id = p_auth.store_id and s.till_id = p_auth.till_id;
    end if;
    return false;
end $$;

-- Reads the heartbeat of a push: {"session", "user", "metadata"}. Raises a data_exception if it is not one.
create or replace function session.read_beat(p_beat jsonb) returns jsonb
language plpgsql immutable as $$
declare
    metadata constant jsonb := coalesce(nullif(p_beat->'metadata', 'null'), '{}');
begin
    if (p_beat->>'session')::uuid is null or (p_beat->>'user')::integer is null then
        raise exception 'A heartbeat names its login and its user.' using errcode = '22023';
    end if;
    perform session.refuse_metadata(metadata);
    return jsonb_build_object(
        'session', (p_beat->>'session')::uuid, 'user', (p_beat->>'user')::integer,
        -- other keys are ignored: no till may set what the database knows itself
        'metadata', jsonb_strip_nulls(jsonb_build_object(
            'pod_name', left(metadata->>'pod_name', 250),
            'frontend_connections', metadata->'frontend_connections',
            'last_ws_connection', left(metadata->>'last_ws_connection', 50),
            'connection_quality', metadata->>'connection_quality')));
exception when sqlstate 'TL006' then
    raise exception '%', sqlerrm using errcode = '22023';
end $$;

-- Applies a heartbeat: the login is alive. `expires_at`, which is indexed, moves once in five minutes at most. A login
-- of another till or person, or one that has ended, is ignored, because the reply must not reveal another till's
-- logins. A login that a program has locked is ignored too: a push must not wait for it, and the next heartbeat comes
-- soon.
create or replace function session.beat(p_auth warm.auth_context, p_beat jsonb) returns void
language plpgsql as $$
declare
    id constant text := p_beat->>'session';
    began timestamptz;
begin
    update session.active_sessions as s
    set last_active = now(), status = 'ACTIVE',
        expires_at = case
            when s.expires_at < now() + session.lifetime() - interval '5 minutes' then now() + session.lifetime()
            else s.expires_at
        end,
        token = case when s.expires_at >= now() then s.token end  -- an expired token stays invalid
    where s.session_id = (
        select x.session_id from session.active_sessions as x
        where x.session_id = id and x.store_id = p_auth.store_id and x.till_id = p_auth.till_id
            and x.user_id = p_beat->>'user' and x.ended_at is null
        for no key update skip locked);
    if not found then
        began := to_timestamp(nullif(warm.tick_of(id::uuid), 0) / 4096000.0);  -- the id contains the time
        if not session.begin_login(
            p_auth.store_id, p_auth.till_id, (p_beat->>'user')::integer, id::uuid, coalesce(began, now()), now())
        then
            return;
        end if;
    end if;
    begin
        perform session.update_metadata(id, p_beat->'metadata' || jsonb_strip_nulls(jsonb_build_object(
            'till_id', p_auth.till_id, 'ip_address', host(inet_client_addr()),
            -- a till that listens is notified of changes at once; behind a pooler none listens
            'sse_connections', (select count(*) from pg_listening_channels()))));
    exception when sqlstate 'TL006' or check_violation then
        null;  -- a program's metadata is too large or invalid: it stays unchanged, and the push continues
    end;
end $$;
