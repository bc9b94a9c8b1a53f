-- Ending of sessions that block the tills. A client that keeps locks can reset every limit that its role starts with.
-- Such a session is ended by hello_v1, which a till calls after a push reached its deadline, and by the maintenance.

-- Ends transactions of programs that have been open for more than three seconds, and transactions under the tills' role that
-- no till would keep open: a till sends one statement at a time, each in its own transaction, for forty seconds at most
-- (`till.sync`). Returns the number.
create or replace function till.end_hold_ups(p_store uuid) returns integer
language plpgsql as $$
declare
    backend integer;
    ended integer := 0;
begin
    for backend in
        select a.pid from pg_stat_activity as a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and (
            a.usename = 'till_app' and (
                a.state like 'idle in transaction%' and a.state_change < clock_timestamp() - interval '3 seconds'
                or a.xact_start < clock_timestamp() - interval '1 minute')
            or a.xact_start < clock_timestamp() - interval '3 seconds' and exists (
                select from till.programs as p where p.role = a.usename and p.store_id = p_store))
    loop
        ended := ended + pg_terminate_backend(backend)::integer;
    end loop;
    return ended;
end $$;

-- True if there is room for a notification. Any role may run NOTIFY, and a transaction whose notification finds no room
-- fails.
create or replace function till.hints_have_room() returns boolean
language sql volatile as $$
    select pg_notification_queue_usage() < 0.5
$$;

-- Notifies the tills of a store of a change. A hint only: tills also find the change by polling.
create or replace function till.tell_tills(p_store uuid, p_what text) returns void
language plpgsql as $$
begin
    if till.hints_have_room() then
        perform pg_notify('till_store', p_store || ' ' || p_what);
    end if;
end $$;
