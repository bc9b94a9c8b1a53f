-- Ending of sessions that block the tills. A client that keeps locks can reset every limit that its role starts with.
-- Such a session is ended by hello_v1, which a till calls after it waited for a lock for three seconds, and by the maintenance.

-- The class of the advisory locks that name the till of a transaction.
create or replace function warm.class_of_marks(p_store uuid) returns integer
language sql immutable strict parallel safe as $$
    select hashtext('till ' || p_store::text)
$$;

-- Names the till of this transaction, by a lock that nobody waits for and that its client cannot release. Returns true.
create or replace function warm.mark_transaction(p_store uuid, p_till integer) returns boolean
language sql volatile as $$
    select pg_advisory_xact_lock_shared(warm.class_of_marks(p_store), p_till)::text is not null
$$;

-- The transactions under the tills' role, each with the till whose secret it gave; null if it gave none of this store.
create or replace function warm.till_transactions(p_store uuid) returns table (pid integer, till integer)
language plpgsql volatile as $$
begin
    return query
    select a.pid, l.objid::bigint::integer
    from pg_stat_activity as a
    left join pg_locks as l on l.pid = a.pid and l.locktype = 'advisory' and l.objsubid = 2
        and l.classid = warm.class_of_marks(p_store)::oid
    where a.datname = current_database() and a.usename = 'till_app' and a.xact_start is not null and a.pid <> pg_backend_pid();
end $$;

-- Ends transactions of programs that have been open for more than three seconds, and transactions under the tills' role that
-- no till would keep open: a till calls one function, in a transaction of its own, for forty seconds at most (`till.sync`), and
-- does nothing else in it. All other transactions of that till end too, because they may wait for the same locks, and a manager
-- is told. Returns the number.
create or replace function till.end_hold_ups(p_store uuid) returns integer
language plpgsql as $$
declare
    backends integer[];
    tills integer[];
    one integer;
    ended integer := 0;
begin
    select array_agg(a.pid), array_agg(t.till) filter (where t.till is not null and a.wait_event_type is distinct from 'Lock')
    into backends, tills
    from pg_stat_activity as a left join warm.till_transactions(p_store) as t on t.pid = a.pid
    where a.datname = current_database() and a.pid <> pg_backend_pid() and (
        a.usename = 'till_app' and (
            a.xact_start < clock_timestamp() - warm.longest_pause()
                and (a.state like 'idle in transaction%' or t.till is not null and (
                    a.wait_event = 'ClientRead' or a.query !~ '^SELECT [a-z]+\.[a-z0-9_]+\(\$1(::text)?\)$'))
            or a.xact_start < clock_timestamp() - warm.longest_call())
        or a.xact_start < clock_timestamp() - warm.longest_pause() and exists (
            select from till.programs as p where p.role = a.usename and p.store_id = p_store));
    for one in
        select unnest(backends) union select t.pid from warm.till_transactions(p_store) as t where t.till = any (tills)
    loop
        ended := ended + pg_terminate_backend(one, 100)::integer;  -- waits, so that the next hello does not see it again
    end loop;
    for one in select distinct unnest(tills) loop
        insert into warm.quarantine (store_id, till_id, reason, sqlstate)
        values (p_store, one, format(
            'A program with the secret of till %s held up the database until %s (%s of %s). At %s the till is refused for an hour, or until these are settled.',
            one, to_char(now() at time zone 'UTC', 'HH24:MI:SS "UTC on" YYYY-MM-DD'), (select count(*) + 1 from warm.hold_ups_of(p_store, one)),
            warm.most_hold_ups(), warm.most_hold_ups()), 'TL030')
        on conflict do nothing;
        perform till.tell_tills(p_store, 'sessions');
    end loop;
    return ended;
end $$;

-- The times that a till held up the database within an hour and no manager has settled. At `most_hold_ups` it is refused.
create or replace function warm.hold_ups_of(p_store uuid, p_till integer) returns table (at timestamptz)
language sql stable as $$
    select q.received_at from warm.quarantine as q
    where q.store_id = p_store and q.till_id = p_till and q.resolved_at is null and q.sqlstate = 'TL030'
        and q.received_at > now() - interval '1 hour'
$$;

-- True if there is room for a notification. Any role may run NOTIFY, and a transaction whose notification finds no room
-- fails.
create or replace function till.hints_have_room() returns boolean
language sql volatile as $$
    select pg_notification_queue_usage() < 0.5
$$;

-- Notifies the tills of a store of a change. A hint only: tills also find the change by polling. In a push whose till
-- sends its hints itself (warm.sync_push_v1) the hint goes into the answer.
create or replace function till.tell_tills(p_store uuid, p_what text) returns void
language plpgsql as $$
declare
    kept text := current_setting('till.hints', true);
begin
    if kept <> '' then
        if position(',' || p_what || ',' in kept) = 0 then
            kept := set_config('till.hints', kept || p_what || ',', true);
        end if;
    elsif till.hints_have_room() then
        perform pg_notify('till_store', p_store || ' ' || p_what);
    end if;
end $$;

-- The hints that this transaction kept, as JSON.
create or replace function warm.hints_kept() returns json
language plpgsql stable as $$
begin
    return to_json(string_to_array(btrim(coalesce(current_setting('till.hints', true), ''), ','), ','));
end $$;

-- Sends the hints of a push's answer to the other tills. Lost ones are found by polling. A transaction that does
-- nothing else waits for no disk.
-- Takes `tell` (up to 20 hints of an answer).
-- Gives {"ok"}.
create or replace function till.tell_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    perform till.tell_tills(p_auth.store_id, x.what)
    from (
        select t.what from jsonb_array_elements_text(p_request->'tell') as t (what) where t.what ~ '^[a-z_]{1,40}$' limit 20) as x;
    return json_build_object('ok', true);
end $$;
