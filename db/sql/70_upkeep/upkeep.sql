-- Maintenance, run from time to time by the first till that asks (design §8): abandoned orders are suspended, old hot
-- rows are deleted, old events move to the audit, and ended orders to the archive. Each call does a little, so that no
-- till waits.

-- The active orders of a store without a new event for `p_minutes` whose user is not logged in at their till, the
-- oldest first.
create or replace function warm.stale_sessions(p_store uuid, p_minutes integer) returns setof text
language plpgsql stable as $$
begin
    return query
    select s.id from till.order_sessions as s
    where s.store_id = p_store and s.status = 'active'
        and not exists (
            select from warm.session_events as e
            where e.event_id = s.last_event and e.received_at >= now() - make_interval(mins => p_minutes)
        )
        and not warm.is_attended(s)
    order by s.id;
end $$;

-- True if the user of an order is logged in at the till that holds it, and sent a heartbeat there recently.
create or replace function warm.is_attended(s till.order_sessions) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.tills as t
        where t.store_id = s.store_id and t.id = s.till_id and t.logged_in = s.user_id
            and session.is_live(t.store_id, t.id, t.logged_in)
    );
end $$;

-- Suspends stale orders, each with an event in the server's chain; their holder stays recorded. An order that a push
-- has locked is not stale. Returns the number.
create or replace function warm.sweep_sessions(p_store uuid, p_actor integer, p_minutes integer, p_limit integer)
returns integer
language plpgsql as $$
declare
    v_session text;
    swept integer := 0;
begin
    for v_session in
        select s.id from till.order_sessions as s
        where s.id in (select x from warm.stale_sessions(p_store, p_minutes) as x order by x limit p_limit)
        order by s.id for no key update skip locked
    loop
        perform warm.server_event_v1(
            p_store, p_actor, 'session_swept', v_session, jsonb_build_object('minutes', p_minutes));
        swept := swept + 1;
    end loop;
    return swept;
end $$;

-- The sessions whose hot rows were last changed before a time. A UUIDv7 contains its time, so newer sessions are
-- skipped by their id; other ids (of a chat front end) are always checked.
create or replace function hot.cold_sessions(p_store uuid, p_before timestamptz, p_limit integer) returns setof text
language plpgsql stable as $$
declare
    bound constant text := warm.least_id(p_before)::text;
begin
    return query
    select x.id from (
        select s.session_id from hot.session_state as s
        where (s.session_id < bound or s.session_id >= '02') and (s.store_id = p_store or s.store_id is null)
            and s.last_activity_at < p_before
        union
        select c.session_id from hot.session_cart as c
        where (c.session_id < bound or c.session_id >= '02') and (c.store_id = p_store or c.store_id is null)
            and not exists (select from hot.session_state as s where s.session_id = c.session_id)
        group by c.session_id having max(c.updated_at) < p_before
    ) as x (id) order by x.id limit p_limit;
end $$;

-- Deletes the hot rows of cold sessions. Returns the number of sessions.
create or replace function hot.release_sessions(p_store uuid, p_before timestamptz, p_limit integer) returns integer
language plpgsql as $$
declare
    ids constant text[] := array(select hot.cold_sessions(p_store, p_before, p_limit));
begin
    delete from hot.session_cart where session_id = any (ids);
    delete from hot.session_preferences where session_id = any (ids);
    delete from hot.session_state where session_id = any (ids);
    delete from hot.session_told where session_id = any (ids);
    return cardinality(ids);
end $$;

-- Maintenance of a store. Only one call runs at a time; others return at once with `ran` false. The store's row is the lock:
-- an advisory lock could be taken, and kept, by anybody with the password of the tills. Returns the numbers of suspended
-- orders (`swept`), of sessions whose hot rows were deleted (`cooled`), of events moved to the audit (`moved`), of orders
-- moved to the archive (`archived`), of removed logins (`expired`, of all stores), and of events in no monthly partition of
-- the audit (`in_no_month`); `more` is true if there is more to do. A closed shift is added up, and one that its till left open is closed. A dry run counts everything
-- that would be done, and does nothing.
--
-- Archiving, and creating this month's partition of the audit, come last, and only in a short transaction that suspended
-- and closed nothing, so that only late records for the archived orders wait for their locks.
create or replace function till.maintain_v1(
    p_store uuid, p_actor integer, p_stale_minutes integer, p_hot_hours integer, p_warm_days integer,
    p_dry_run boolean default false
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    at_once constant integer := 500;
    ended_at_once constant integer := 100;
    cool constant timestamptz := now() - make_interval(hours => greatest(p_hot_hours, 1));
    old constant timestamptz := now() - make_interval(days => greatest(p_warm_days, 1));
    minutes constant integer := greatest(p_stale_minutes, 1);
    swept integer;
    cooled integer;
    moved integer;
    archived integer := 0;
    expired integer;
    is_closed boolean;
    is_deferred boolean;
begin
    if p_dry_run then
        return json_build_object(
            'ran', false, 'swept', (select count(*) from warm.stale_sessions(p_store, minutes)),
            'cooled', (select count(*) from hot.cold_sessions(p_store, cool, null)),
            'moved', (select count(*) from warm.session_events where store_id = p_store and received_at < old)
                + (select count(*) from warm.event_links where store_id = p_store and received_at < old),
            'archived', (select count(*) from cold.archivable(p_store, old, true, null)),
            'expired', (select count(*) from session.active_sessions where expires_at < now()),
            'in_no_month', cold.in_no_month(p_store), 'more', false);
    end if;
    perform from till.stores where store_id = p_store for no key update skip locked;
    if not found then
        return json_build_object('ran', false, 'swept', 0, 'cooled', 0, 'moved', 0, 'archived', 0, 'expired', 0, 'in_no_month', 0,
            'more', false);
    end if;
    perform till.end_hold_ups(p_store);
    perform warm.check_shifts(p_store, 1);  -- first, because it may take seconds: nothing else is locked yet
    is_closed := warm.close_left_shift(p_store);
    swept := warm.sweep_sessions(p_store, p_actor, minutes, at_once);
    cooled := hot.release_sessions(p_store, cool, at_once);
    moved := cold.move_to_audit(p_store, old, at_once);
    perform warm.retry_known_types(p_store, at_once);
    delete from warm.logins where store_id = p_store and received_at < now() - interval '7 days';
    delete from till.act_tokens where store_id = p_store and expires_at < now();
    expired := session.cleanup_expired_sessions();
    perform session.disconnect_silent();
    perform simulator.stop_inactive();
    perform cold.roll_up(p_store, 50);
    is_deferred := is_closed or swept > 0 or greatest(cooled, moved) >= at_once;
    if not is_deferred then
        archived := cold.archive_sessions(p_store, old, ended_at_once);
        perform cold.ready_month();
    end if;
    return json_build_object(
        'ran', true, 'swept', swept, 'cooled', cooled, 'moved', moved, 'archived', archived, 'expired', expired,
        'in_no_month', cold.in_no_month(p_store),
        'more', is_closed or greatest(swept, cooled, moved) >= at_once or archived >= ended_at_once
            or is_deferred and exists (select from cold.archivable(p_store, old, false, 1))
            or exists (
                select from till.shifts as x where x.store_id = p_store and x.closed is not null and x.checked_at is null));
end $$;

-- Runs the maintenance for a till: `stale_minutes`, `hot_hours` and `warm_days` are its settings.
create or replace function till.maintenance_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return (jsonb_build_object('ok', true) || till.maintain_v1(
        p_auth.store_id, null, (p_request->>'stale_minutes')::integer, (p_request->>'hot_hours')::integer,
        (p_request->>'warm_days')::integer
    )::jsonb);
end $$;
