-- Limits on what a till may write, and on what is listed and sent at once. All of these figures are in this file (ADR
-- 0039). No unmodified till reaches them. Events over a limit are quarantined, and the head moves past them.

-- Events, and bytes of their bodies and texts, that a journal may send for one hour of its own time: ten events a second.
create or replace function warm.most_hour_events() returns bigint language sql immutable parallel safe as 'select 36000::bigint';
create or replace function warm.most_hour_bytes() returns bigint language sql immutable parallel safe as 'select 64000000::bigint';

-- Events and bytes over that limit that are kept for a manager in the same hour; then the till is refused until it is
-- over. A gap counts as bytes alone: a restore brings many.
create or replace function warm.most_kept_events() returns bigint language sql immutable parallel safe as 'select 9000::bigint';
create or replace function warm.most_kept_bytes() returns bigint language sql immutable parallel safe as 'select 16000000::bigint';
create or replace function warm.gap_bytes() returns integer language sql immutable parallel safe as 'select 100';

-- Events, and bytes of their bodies and texts, that a till may write on one order.
create or replace function warm.most_order_events() returns bigint language sql immutable parallel safe as 'select 5000::bigint';
create or replace function warm.most_order_bytes() returns bigint language sql immutable parallel safe as 'select 8000000::bigint';

-- Bytes of a snapshot of one order: some 700 lines. A larger one is ignored, and others fold that order.
create or replace function warm.most_snapshot_bytes() returns integer language sql immutable parallel safe as 'select 262144';

-- Quarantined records, and conflicts, of one till that are counted and listed while they wait for a manager. The rest
-- are only counted.
create or replace function warm.most_open() returns integer language sql immutable parallel safe as 'select 100';

-- Open orders that a till holds, in which something arrived within a day: suspended or on tabs, and open on the till.
-- More are not begun.
create or replace function warm.most_open_orders() returns integer language sql immutable parallel safe as $$ select 500 $$;

-- Orders of one program that wait at the counter, and those of one guest among them.
create or replace function warm.most_submitted() returns integer language sql immutable parallel safe as $$ select 300 $$;
create or replace function warm.most_of_guest() returns integer language sql immutable parallel safe as $$ select 30 $$;

-- Logins of one till that have not ended, and trainings that it starts within a day.
create or replace function warm.most_logins() returns integer language sql immutable parallel safe as $$ select 100 $$;
create or replace function warm.most_trainings() returns integer language sql immutable parallel safe as $$ select 40 $$;

-- Orders that a till may take over within an hour while other tills have them open, without a manager.
create or replace function warm.most_takeovers() returns integer language sql immutable parallel safe as $$ select 20 $$;

-- Tickets of other tills whose full invoice a till may claim within an hour.
create or replace function warm.most_claims() returns integer language sql immutable parallel safe as $$ select 20 $$;

-- Pay-offs of house accounts at one till whose records arrive within an hour, and within a day. More are one record for
-- a manager, and so are those of an hour that together are more than a cashier may move at once (`cashier_cash`).
create or replace function warm.most_hour_pay_offs() returns integer language sql immutable parallel safe as $$ select 10 $$;
create or replace function warm.most_day_pay_offs() returns integer language sql immutable parallel safe as $$ select 25 $$;

-- Payments of one order, and returns of them, that a till leaves without an answer.
create or replace function warm.most_unanswered() returns integer language sql immutable parallel safe as $$ select 5 $$;

-- The longest transaction of a program, and one under the tills' password that does nothing, or more than a till does; the
-- longest of all under that password; and how many of one till may be ended within an hour before the till is refused.
create or replace function warm.longest_pause() returns interval language sql immutable parallel safe as $$ select interval '3 seconds' $$;
create or replace function warm.longest_call() returns interval language sql immutable parallel safe as $$ select interval '1 minute' $$;
create or replace function warm.most_hold_ups() returns integer language sql immutable parallel safe as $$ select 2 $$;

-- Events, and bytes of them, in one reply. The rest is sent with the next reply. At least one event is sent.
create or replace function warm.most_sent_events() returns integer language sql immutable parallel safe as 'select 1000';
create or replace function warm.most_sent_bytes() returns bigint language sql immutable parallel safe as 'select 1000000::bigint';

-- Changed orders that the list of open tabs remembers. A till that missed more gets the whole list.
create or replace function warm.most_tab_changes() returns integer language sql immutable parallel safe as 'select 100';

-- The most rows of one till on a page of everything that waits for a manager.
create or replace function warm.most_listed() returns integer language sql immutable parallel safe as 'select 20';

-- Records of the stream of one shift: its movements, counts and corrections.
create or replace function warm.most_shift_facts() returns integer language sql immutable parallel safe as $$ select 10000 $$;

-- The pause of a venue's upkeep, however many tills ask for it: each of them does once a minute, and what it looks at grows with
-- them. The time in which a call of the upkeep begins jobs: each then has the rest of the forty seconds that a till waits
-- (`till.sync`) for itself. The jobs of a failed batch that one call tries one by one, and the failures in a row, each
-- for a moment, after which a job is put aside.
create or replace function warm.upkeep_pause() returns interval language sql immutable parallel safe as $$ select interval '20 seconds' $$;
create or replace function warm.longest_upkeep() returns interval language sql immutable parallel safe as $$ select interval '10 seconds' $$;
create or replace function warm.most_single_jobs() returns integer language sql immutable parallel safe as $$ select 50 $$;
create or replace function warm.most_tries() returns integer language sql immutable parallel safe as $$ select 3 $$;

-- True if a till has as many open conflicts as are listed for one till.
create or replace function warm.has_too_many_conflicts(p_store uuid, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return p_till > 0 and (select count(*) from (
        select from till.conflicts as c
        where c.store_id = p_store and c.till_id = p_till and c.resolved_at is null limit warm.most_open()) as c
    ) >= warm.most_open();
end $$;

-- The bytes of an event that count: its body, and the texts beside it.
create or replace function warm.size_of(e warm.incoming_event) returns integer language sql immutable parallel safe as $$
    select octet_length(e.body) + case when e.texts = '{}' then 0 else octet_length(e.texts::text) end
$$;

-- The snapshots that are not too large.
create or replace function warm.within_size(p_snapshots jsonb) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(s.key, s.value), '{}') from jsonb_each(p_snapshots) as s
    where pg_column_size(s.value) <= warm.most_snapshot_bytes()
$$;

-- True if a till holds as many open orders as it may, with those that it has begun in the same push or act.
create or replace function warm.holds_too_many(p_store uuid, p_till integer, p_begun integer default 0) returns boolean
language plpgsql stable as $$
begin
    return (select count(*) from (
        select from till.order_sessions as s
        where s.store_id = p_store and s.hold_till = p_till and s.status in ('active', 'pending_logout', 'assigned_to_tab')
            and s.arrived_at > now() - interval '1 day' limit warm.most_open_orders()) as s
    ) + p_begun >= warm.most_open_orders();
end $$;

-- The reason for quarantining an event over the limit of its order.
create or replace function warm.over_order_limit() returns text language sql immutable parallel safe as $$
    select 'The till wrote more than it may on one order. The record is kept here and does not count.'
$$;

-- Counts the events that a till writes on an order, as {till: [events, bytes]}. `over` has the numbers of the events
-- over a limit.
create or replace function warm.count_written(
    p_written jsonb, p_till integer, p_events warm.incoming_event[], out written jsonb, out over bigint[]
)
language plpgsql immutable as $$
declare
    has constant jsonb := p_written->p_till::text;
    events bigint := coalesce((has->>0)::bigint, 0);
    bytes bigint := coalesce((has->>1)::bigint, 0);
    size integer;
    e warm.incoming_event;
begin
    foreach e in array p_events loop
        size := warm.size_of(e);
        if events >= warm.most_order_events() or bytes + size > warm.most_order_bytes() then
            over := array_append(over, e.seq);
        else
            events := events + 1;
            bytes := bytes + size;
        end if;
    end loop;
    written := p_written || jsonb_build_object(p_till, jsonb_build_array(events, bytes));
end $$;

-- Quarantines the events of a push that are over a limit, and returns the others.
create or replace function warm.quarantine_over_limit(p_auth warm.auth_context, p_events warm.incoming_event[], p_over bigint[], p_reason text)
returns warm.incoming_event[]
language plpgsql as $$
declare
    accepted warm.incoming_event[];
    rejected warm.incoming_event[];
begin
    select array_agg(e order by e.seq) filter (where o.seq is null), array_agg(e order by e.seq) filter (where o.seq is not null)
    into accepted, rejected
    from unnest(p_events) as e left join unnest(p_over) as o (seq) on o.seq = e.seq;
    perform warm.quarantine_refused(p_auth, rejected, p_reason, 'TL018');
    return coalesce(accepted, '{}');
end $$;
