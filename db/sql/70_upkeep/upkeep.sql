-- Maintenance, run from time to time by the first till that asks (ADR 0066): abandoned orders are suspended, old hot
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
create or replace function warm.sweep_sessions(p_store uuid, p_actor integer, p_minutes integer, p_ids text[]) returns integer
language plpgsql as $$
declare
    v_session text;
    swept integer := 0;
begin
    for v_session in
        select s.id from till.order_sessions as s
        where s.id = any (p_ids) and s.id in (select warm.stale_sessions(p_store, p_minutes))
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
create or replace function hot.release_sessions(p_ids text[]) returns integer
language plpgsql as $$
begin
    delete from hot.session_cart where session_id = any (p_ids);
    delete from hot.session_preferences where session_id = any (p_ids);
    delete from hot.session_state where session_id = any (p_ids);
    delete from hot.session_told where session_id = any (p_ids);
    return cardinality(p_ids);
end $$;

-- The answer of a maintenance that did nothing.
create or replace function warm.upkeep_not_run() returns json
language sql immutable parallel safe as $$
    select json_build_object(
        'ran', false, 'swept', 0, 'cooled', 0, 'moved', 0, 'archived', 0, 'expired', 0, 'in_no_month', 0, 'more', false)
$$;

-- Maintenance of a store. Only one call runs at a time; others return at once with `ran` false. The store's row is the lock:
-- an advisory lock could be taken, and kept, by anybody with the password of the tills. Returns the numbers of suspended
-- orders (`swept`), of sessions whose hot rows were deleted (`cooled`), of events moved to the audit (`moved`), of orders
-- moved to the archive (`archived`), of removed logins (`expired`, of all stores), and of events in no monthly partition of
-- the audit (`in_no_month`); `more` is true if there is more to do. A closed shift is added up, and one that its till left open is closed. A dry run counts everything
-- that would be done, and does nothing.
--
-- A call that did not come to the end of its jobs notes that, and the next one leaves out those that may take seconds, so
-- that none of the others waits for them twice.
-- for: admin
create or replace function till.maintain_v1(
    p_store uuid, p_actor integer, p_stale_minutes integer, p_hot_hours integer, p_warm_days integer,
    p_dry_run boolean default false
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    until constant timestamptz := clock_timestamp() + warm.longest_upkeep();
    cool constant timestamptz := now() - make_interval(hours => greatest(p_hot_hours, 1));
    old constant timestamptz := now() - make_interval(days => greatest(p_warm_days, 1));
    minutes constant integer := greatest(p_stale_minutes, 1);
    asked constant jsonb := jsonb_build_object('actor', p_actor, 'minutes', minutes, 'cool', cool, 'old', old);
    was_cut boolean;
    is_cut boolean := false;
    is_deferred boolean := false;
    has_more boolean := false;
    done jsonb := '{}';
    k record;
    ran record;
    leaves_more boolean;
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
        return warm.upkeep_not_run();
    end if;
    select u.tries > 0 into was_cut from till.upkeep_jobs as u where u.store_id = p_store and u.kind = 'upkeep' and u.key = '';
    for k in select * from warm.kinds_of_jobs() loop
        continue when k.is_long and was_cut or k.is_last and is_deferred;
        is_cut := clock_timestamp() > until;
        exit when is_cut;
        ran := warm.run_jobs(p_store, k.kind, asked, k.at_once, until);
        done := done || jsonb_build_object(k.kind, ran.done);
        has_more := has_more or k.has_more and (ran.has_more or k.at_once > 1 and ran.done >= k.at_once);
        is_deferred := is_deferred or k.kind in ('close', 'sweep') and ran.done > 0
            or k.kind in ('cool', 'audit') and ran.done >= k.at_once;
        is_cut := ran.is_cut;
        exit when is_cut;
    end loop;
    leaves_more := is_cut or has_more or coalesce(was_cut, false) or (done->>'close')::integer > 0
        or is_deferred and exists (select from cold.archivable(p_store, old, false, 1));
    insert into till.upkeep_jobs as u (store_id, kind, key, asked, tries, tried_at)
    values (p_store, 'upkeep', '', jsonb_build_object('more', leaves_more is true), is_cut::integer, now())
    on conflict (store_id, kind, key) do update
    set asked = excluded.asked, tries = excluded.tries, tried_at = case when is_cut then u.tried_at else excluded.tried_at end;
    return json_build_object(
        'ran', true, 'swept', coalesce((done->>'sweep')::integer, 0), 'cooled', coalesce((done->>'cool')::integer, 0),
        'moved', coalesce((done->>'audit')::integer, 0), 'archived', coalesce((done->>'archive')::integer, 0),
        'expired', coalesce((done->>'clean')::integer, 0), 'in_no_month', cold.in_no_month(p_store),
        'more', leaves_more);
end $$;

-- Runs the maintenance. It closes a shift that its till left open, suspends stale orders, and removes unused hot rows
-- and expired logins. It moves events to `cold.order_audit`, and ended orders without events in the log to
-- `cold.order_sessions_archive`, some at a time. A job that fails stands alone, and is a record (`TL031`) if it fails
-- for good. `ran` is false while another till runs it, and for a pause after it left nothing to do; `in_no_month` is the number of events of the audit in none of
-- its months.
-- Takes `stale_minutes`, `hot_hours`, `warm_days`.
-- Gives {"ran", "swept", "cooled", "moved", "archived", "expired", "in_no_month", "more"}.
create or replace function till.maintenance_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    minutes constant integer := (p_request->>'stale_minutes')::integer;
    hours constant integer := (p_request->>'hot_hours')::integer;
    days constant integer := (p_request->>'warm_days')::integer;
    rests constant boolean := exists (
        select from till.upkeep_jobs as u
        where u.store_id = p_auth.store_id and u.kind = 'upkeep' and u.key = '' and u.tries = 0
            and u.tried_at between now() - warm.upkeep_pause() and now() and not (u.asked->>'more')::boolean);
begin
    return jsonb_build_object('ok', true) || case
        when rests then warm.upkeep_not_run()
        else till.maintain_v1(p_auth.store_id, null, minutes, hours, days) end::jsonb;
end $$;
