-- Ending of sessions that hold up the tills. A client that keeps its locks may take back every limit that its role begins with;
-- so whoever was held up has it ended, by hello_v1, which a till calls after a push that reached its deadline, and by the
-- maintenance.

-- Ends the transactions of programs that have been open for more than three seconds, and of tills those that no till has: a till
-- says one statement at a time, each a transaction of its own, for forty seconds at most (`sync/link.py`). Gives how many.
create or replace function till.end_hold_ups(p_store uuid) returns integer
language plpgsql as $$
declare
    one integer;
    ended integer := 0;
begin
    for one in
        select a.pid from pg_stat_activity as a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and (
            a.usename = 'till_app' and (
                a.state like 'idle in transaction%' and a.state_change < clock_timestamp() - interval '3 seconds'
                or a.xact_start < clock_timestamp() - interval '1 minute')
            or a.xact_start < clock_timestamp() - interval '3 seconds' and exists (
                select from till.programs as p where p.role = a.usename and p.store_id = p_store))
    loop
        ended := ended + pg_terminate_backend(one)::integer;
    end loop;
    return ended;
end $$;

-- True if there is room for a hint. Anybody may say NOTIFY, and a transaction whose hint finds no room fails.
create or replace function till.hints_have_room() returns boolean
language sql volatile as $$
    select pg_notification_queue_usage() < 0.5
$$;

-- Tells the tills of a store that something is another: a hint, which they also find by themselves.
create or replace function till.tell_tills(p_store uuid, p_what text) returns void
language plpgsql as $$
begin
    if till.hints_have_room() then
        perform pg_notify('till_store', p_store || ' ' || p_what);
    end if;
end $$;
