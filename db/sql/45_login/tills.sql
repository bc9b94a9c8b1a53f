-- The logins of tills. A row is made by `logged_in`, or by a heartbeat if there is none: the login was made while the
-- server was away, or its row was swept. The till's secret is enough; tills have no login token.

-- Makes the row of a till's login, unless it would have expired by now; true if it did. An existing login stays as it is.
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
    where u.store_id = p_store and u.id = p_user and p_heard + session.lifetime() > now()
    on conflict (session_id) do nothing;
    if found then
        insert into session.session_metadata (session_id, metadata)
        values (p_session::text, jsonb_build_object('till_id', p_till));
        return true;
    end if;
    return false;
end $$;

-- A logout: the token is deleted, and the login stays as INACTIVE until it would have expired. Its training is to stop, and
-- it has no connection any more: the documents' query over all unexpired logins must not count a closed screen.
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

-- Apply a login or a logout to the row of its login.
create or replace function session.apply_login(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
begin
    if e.event_type = 'logged_in' then
        perform session.begin_login(
            p_auth.store_id, p_auth.till_id, (e.data->>'user')::integer, e.stream_id, e.at, e.at);
    else
        perform session.end_login(s.session_id, e.at)
        from session.active_sessions as s
        where s.session_id = e.stream_id::text and s.store_id = p_auth.store_id and s.till_id = p_auth.till_id;
    end if;
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
        -- other keys are ignored, and facts that the database knows itself are taken from no till
        'metadata', jsonb_strip_nulls(jsonb_build_object(
            'pod_name', left(metadata->>'pod_name', 250),
            'frontend_connections', metadata->'frontend_connections',
            'last_ws_connection', left(metadata->>'last_ws_connection', 50),
            'connection_quality', metadata->>'connection_quality')));
exception when sqlstate 'TL006' then
    raise exception '%', sqlerrm using errcode = '22023';
end $$;

-- Takes a heartbeat: the login is alive. `expires_at`, which is indexed, moves at most once in five minutes. A login of
-- another till or person, or one that has ended, is ignored: the reply must not reveal another till's logins. So is one
-- that a program has locked: a push waits for none, and the next heartbeat comes soon.
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
        token = case when s.expires_at >= now() then s.token end  -- an expired login opens nothing again
    where s.session_id = (
        select x.session_id from session.active_sessions as x
        where x.session_id = id and x.store_id = p_auth.store_id and x.till_id = p_auth.till_id
            and x.user_id = p_beat->>'user' and x.ended_at is null
        for no key update skip locked);
    if not found then
        began := to_timestamp(nullif(warm.tick_of(id::uuid), 0) / 4096000.0);  -- by its id, which is a time too
        if not session.begin_login(
            p_auth.store_id, p_auth.till_id, (p_beat->>'user')::integer, id::uuid, coalesce(began, now()), now())
        then
            return;
        end if;
    end if;
    begin
        perform session.update_metadata(id, p_beat->'metadata' || jsonb_strip_nulls(jsonb_build_object(
            'till_id', p_auth.till_id, 'ip_address', host(inet_client_addr()),
            -- listeners hear of changes at once; behind a pooler there are none
            'sse_connections', (select count(*) from pg_listening_channels()))));
    exception when sqlstate 'TL006' or check_violation then
        null;  -- metadata of a program leaves no room, or is invalid: it stays as it was, and delays no push
    end;
end $$;
