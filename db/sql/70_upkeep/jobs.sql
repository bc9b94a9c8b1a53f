-- The jobs of the upkeep. Each stands alone: it runs in a subtransaction, and one that fails is noted in till.upkeep_jobs
-- while the others go on. One that fails for good, or some times in a row for a moment, is put aside: a manager is told once,
-- by a record (TL031). It is tried again once a day, after a change of the functions, and by a retry of the record; settling
-- the record ends it.

-- The kinds of jobs in the order in which they run, and how many are done at once. `is_long`: jobs that may take seconds;
-- they come first, while nothing else is locked. `is_last`: jobs for a transaction that suspended and closed nothing, so that
-- only late records for archived orders wait for their locks. `has_more`: more than are done at once are due in the next call.
create or replace function warm.kinds_of_jobs() returns table (kind text, at_once integer, is_long boolean, is_last boolean, has_more boolean)
language sql immutable parallel safe as $$
    select * from (values
        ('hold_ups', 1, false, false, false), ('sending', 1, true, false, false), ('check', 1, true, false, true), ('close', 1, true, false, true),
        ('book', 5, true, false, true), ('entry', 50, false, false, true),
        ('sweep', 500, false, false, true), ('cool', 500, false, false, true), ('audit', 500, false, false, true),
        ('record', 500, false, false, false), ('clean', 8, false, false, false), ('day', 50, false, false, false),
        ('archive', 100, false, true, true), ('month', 1, false, true, false), ('mark', 1, false, true, false)) as k
$$;

-- The keys of all jobs of a kind that there are to do, the first first; a limit may apply. `p_asked` has the limits of age:
-- `minutes` of stale orders, `cool` and `old`, and the `actor`.
create or replace function warm.keys_of_jobs(p_store uuid, p_kind text, p_asked jsonb, p_limit integer) returns setof text
language plpgsql stable as $$
begin
    case p_kind
        when 'check' then return query select s::text from warm.unchecked_shifts(p_store) as s;
        when 'close' then return query select s.shift_id::text from warm.left_shifts(p_store) as s;
        when 'book' then return query select s::text from cold.shifts_to_book(p_store) as s;
        when 'entry' then return query select x::text from cold.events_to_book(p_store, p_limit) as x;
        when 'sweep' then return query select warm.stale_sessions(p_store, (p_asked->>'minutes')::integer);
        when 'cool' then return query select hot.cold_sessions(p_store, (p_asked->>'cool')::timestamptz, p_limit);
        when 'audit' then return query select j::text from cold.chains_to_move(p_store, (p_asked->>'old')::timestamptz) as j;
        when 'record' then
            return query
            select x.id::text from warm.quarantine as x join warm.event_types as t on t.type = x.event_type
            where x.store_id = p_store and x.resolved_at is null and x.seq is not null and x.sqlstate = 'TL011'
            order by x.id limit p_limit;
        when 'clean' then return query select unnest('{logins,tokens,sessions,silent,simulators,tickets,kitchen,pay_offs,counts,rates}'::text[]);
        when 'day' then return query select d.view || ' ' || d.business_date from cold.days_to_roll(p_store, p_limit) as d;
        when 'sending' then
            return query
            select 'all' from till.fiscal_senders as s
            where s.store_id = p_store and (s.compared_at < now() - interval '1 day') is not false;
        when 'archive' then return query select cold.archivable(p_store, (p_asked->>'old')::timestamptz, false, p_limit);
        when 'mark' then  -- it moves to no later day, and the look at all days is of today
            return query
            select 'all' where not exists (
                select from cold.stored_before as b
                where b.store_id = p_store and b.looked_at >= now() - interval '1 day'
                    and b.day >= till.business_date(p_store, now()) - cold.longest_wait());
        else return query select 'all';
    end case;
end $$;

-- Does jobs of a kind. Returns the number of orders, events or logins that they changed.
create or replace function warm.do_jobs(p_store uuid, p_kind text, p_asked jsonb, p_keys text[]) returns integer
language plpgsql as $$
declare
    k text;
    done integer := 0;
begin
    case p_kind
        when 'sweep' then
            return warm.sweep_sessions(p_store, (p_asked->>'actor')::integer, (p_asked->>'minutes')::integer, p_keys);
        when 'cool' then return hot.release_sessions(p_keys);
        when 'audit' then return cold.move_to_audit(p_store, (p_asked->>'old')::timestamptz, 500, p_keys::uuid[]);
        when 'archive' then return cold.archive_sessions((p_asked->>'old')::timestamptz, p_keys);
        else null;
    end case;
    foreach k in array p_keys loop
        case p_kind
            when 'hold_ups' then perform till.end_hold_ups(p_store);
            when 'check' then perform warm.check_shift(k::uuid);
            when 'close' then done := done + warm.close_left_shift(p_store, k::uuid)::integer;
            when 'book' then perform cold.book_shift(k::uuid);
            when 'entry' then perform cold.book_event(p_store, k::uuid);
            when 'record' then done := done + warm.retry_known_type(k::bigint);
            when 'day' then perform cold.roll_up_day(p_store, split_part(k, ' ', 1), split_part(k, ' ', 2)::date);
            when 'month' then perform cold.ready_month();
            when 'mark' then perform cold.move_mark(p_store);
            when 'sending' then perform cold.compare_sending(p_store);
            when 'clean' then
                case k
                    when 'logins' then delete from warm.logins where store_id = p_store and received_at < now() - interval '7 days';
                    when 'tokens' then delete from till.act_tokens where store_id = p_store and expires_at < now();
                    when 'sessions' then done := done + session.cleanup_expired_sessions();
                    when 'silent' then perform session.disconnect_silent();
                    when 'simulators' then perform simulator.stop_inactive();
                    when 'tickets' then delete from warm.tickets where store_id = p_store and sent_at < now() - interval '30 days';
                    when 'kitchen' then perform warm.ask_for_silent(p_store);
                    when 'pay_offs' then perform warm.flag_uncounted_pay_offs(p_store);
                    when 'counts' then
                        perform warm.make_due_counts(p_store);
                        perform warm.forget_counts(p_store);
                    when 'rates' then perform till.begin_rates(p_store);
                end case;
        end case;
    end loop;
    return done;
end $$;

-- The one place where jobs run: in a subtransaction, so that a failure changes nothing else. Does the jobs of `p_keys`, and
-- returns the number `done`; without keys, lists those that are due (`keys`). `state` and `error` tell of a failure. A timeout has a name
-- of its own, which `others` does not include; after it the call has none left.
create or replace function warm.attempt_jobs(
    p_store uuid, p_kind text, p_asked jsonb, p_keys text[], p_limit integer,
    out keys text[], out done integer, out state text, out error text
)
language plpgsql as $$
begin
    if p_keys is null then
        keys := array(
            select k from warm.keys_of_jobs(p_store, p_kind, p_asked, p_limit + (
                select count(*)::integer from till.upkeep_jobs as j where j.store_id = p_store and j.kind = p_kind)) as k
            where not warm.is_held(p_store, p_kind, k) limit p_limit);
    else
        done := warm.do_jobs(p_store, p_kind, p_asked, p_keys);
    end if;
exception when query_canceled or others then
    get stacked diagnostics state = returned_sqlstate, error = message_text;
end $$;

-- The number of the functions in this database.
create or replace function warm.functions_number() returns integer
language sql stable as $$
    select coalesce((select i.value::integer from till.schema_info as i where i.key = 'program'), 0)
$$;

-- True if a failed job is not tried now: for a minute after a failure for a moment, for a day once it is put aside. A job that
-- a manager ended is not tried again, unless it concerns more than one shift, order or day: such a job is only not told again.
create or replace function warm.is_held(p_store uuid, p_kind text, p_key text) returns boolean
language plpgsql stable as $$
declare
    j till.upkeep_jobs;
begin
    select * into j from till.upkeep_jobs as x where x.store_id = p_store and x.kind = p_kind and x.key = p_key;
    return found and case
        when j.quarantine_id is null then j.tried_at > now() - interval '1 minute'
        when exists (select from warm.quarantine as q where q.id = j.quarantine_id and q.resolved_at is not null)
            and p_kind = any ('{check,close,sweep,cool,day,archive}') then true
        else j.functions = warm.functions_number() and j.tried_at > now() - interval '1 day' end;
end $$;

-- The subject of a job, for the record of a manager: the till, the event, its chain, and half a sentence.
create or replace function warm.subject_of_job(
    p_store uuid, p_kind text, p_key text, out till_id integer, out event warm.session_events, out words text
)
language plpgsql stable as $$
declare
    s till.shifts;
begin
    select * into s from till.shifts as x where p_kind in ('check', 'close', 'book') and x.shift_id::text = p_key;
    till_id := coalesce(s.till_id, 0);
    event := warm.event_by_id(p_store, case p_kind when 'check' then s.closed when 'book' then coalesce(s.closed, s.closed_by_server, s.ended) else s.opened end);
    if s.shift_id is null then
        select h.journal_id into event.journal_id from warm.journal_head as h where h.store_id = p_store and h.till_id = 0;
    end if;
    words := case case when p_key <> '' then p_kind end
        when 'check' then format('Z %s is not checked', event.event_data->>'number')
        when 'book' then format('The accountant''s journal lacks %s', coalesce(
            'Z ' || (event.event_data->>'number'), format('a shift of till %s', till_id)))
        when 'close' then format('The shift that till %s left open is not closed', till_id)
        else format('A part of the maintenance fails (%s)', concat_ws(' ', p_kind, nullif(nullif(p_key, 'all'), ''))) end;
end $$;

-- Notes that a job failed. One that failed for good, or once too often for a moment, is put aside with a record.
create or replace function warm.note_job(p_store uuid, p_kind text, p_asked jsonb, p_key text, p_state text, p_error text) returns void
language plpgsql as $$
declare
    about constant record := warm.subject_of_job(p_store, p_kind, p_key);
    j till.upkeep_jobs;
begin
    insert into till.upkeep_jobs as x (store_id, kind, key, till_id, asked, error, sqlstate, functions, tries, tried_at)
    values (p_store, p_kind, p_key, about.till_id, p_asked, p_error, p_state, warm.functions_number(), 1, clock_timestamp())
    on conflict (store_id, kind, key) do update
    set asked = excluded.asked, error = excluded.error, sqlstate = excluded.sqlstate, functions = excluded.functions,
        tries = x.tries + 1, tried_at = excluded.tried_at
    returning * into j;
    if j.quarantine_id is null and (not warm.is_temporary(p_state) or j.tries >= warm.most_tries()) then
        insert into warm.quarantine as q (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate, body)
        values (
            p_store, (about.event).event_id, (about.event).journal_id, about.till_id, (about.event).event_type,
            format('%s: %s Retry tries it again.', about.words, rtrim(left(split_part(p_error, E'\n', 1), 200), '.') || '.'),
            'TL031', (about.event).body)
        on conflict (session_id, event_id, journal_id, seq, reason) do update set received_at = now(), resolved_at = null
        returning q.id into j.quarantine_id;
        update till.upkeep_jobs set quarantine_id = j.quarantine_id
        where store_id = p_store and kind = p_kind and key = p_key;
        perform till.tell_tills(p_store, 'sessions');
    end if;
end $$;

-- Forgets the failures of jobs that are done, and settles their records.
create or replace function warm.forget_jobs(p_store uuid, p_kind text, p_keys text[]) returns void
language plpgsql as $$
declare
    q warm.quarantine;
begin
    for q in
        with done as (
            delete from till.upkeep_jobs where store_id = p_store and kind = p_kind and key = any (p_keys) returning quarantine_id
        )
        select x.* from warm.quarantine as x join done on done.quarantine_id = x.id where x.resolved_at is null
    loop
        perform warm.settle_record(null, q, 'The database has done it since.');
    end loop;
end $$;

-- Runs the due jobs of a kind until `p_until`: those that never failed as a batch, and one by one those that did, and some of a batch that
-- fails. `is_cut` if time ran out, or a job did: then the call ends.
create or replace function warm.run_jobs(
    p_store uuid, p_kind text, p_asked jsonb, p_at_once integer, p_until timestamptz,
    out done integer, out has_more boolean, out is_cut boolean
)
language plpgsql as $$
declare
    has_failed constant boolean := exists (select from till.upkeep_jobs as j where j.store_id = p_store and j.kind = p_kind);
    due record;
    tried record;
    alone text[];
    k text;
begin
    done := 0;
    has_more := false;
    is_cut := false;
    if has_failed and warm.is_held(p_store, p_kind, '') then
        return;
    end if;
    due := warm.attempt_jobs(p_store, p_kind, p_asked, null, p_at_once + 1);
    if due.state is not null then
        perform warm.note_job(p_store, p_kind, p_asked, '', due.state, due.error);
        is_cut := due.state = '57014';
        return;
    end if;
    if has_failed then
        perform warm.forget_jobs(p_store, p_kind, '{""}');
    end if;
    has_more := cardinality(due.keys) > p_at_once;
    due.keys := due.keys[:p_at_once];
    alone := array(
        select x from unnest(due.keys) with ordinality as u (x, place)
        where exists (select from till.upkeep_jobs as j where j.store_id = p_store and j.kind = p_kind and j.key = x) order by place);
    due.keys := array(select x from unnest(due.keys) with ordinality as u (x, place) where x <> all (alone) order by place);
    if cardinality(due.keys) = 1 then
        alone := due.keys || alone;
    elsif due.keys <> '{}' then
        tried := warm.attempt_jobs(p_store, p_kind, p_asked, due.keys, null);
        done := coalesce(tried.done, 0);
        if tried.state is not null then
            has_more := has_more or cardinality(due.keys) > warm.most_single_jobs();
            alone := due.keys[:warm.most_single_jobs()] || alone;
        end if;
        if tried.state = '57014' then  -- nobody knows which of them took the time: the next call tries the first ones alone
            perform warm.note_job(p_store, p_kind, p_asked, k, tried.state, tried.error) from unnest(alone) as k;
            is_cut := true;
            return;
        end if;
    end if;
    foreach k in array alone loop
        if clock_timestamp() > p_until then
            is_cut := true;
            return;
        end if;
        tried := warm.attempt_jobs(p_store, p_kind, p_asked, array[k], null);
        if tried.state is null then
            done := done + tried.done;
            perform warm.forget_jobs(p_store, p_kind, array[k]);
        else
            perform warm.note_job(p_store, p_kind, p_asked, k, tried.state, tried.error);
            if tried.state = '57014' then
                is_cut := true;
                return;
            end if;
        end if;
    end loop;
end $$;

-- Tries again the job of a record. Returns null if it is done, or the reason why not.
create or replace function warm.retry_job(q warm.quarantine) returns text
language plpgsql as $$
declare
    j till.upkeep_jobs;
    tried record;
begin
    select * into j from till.upkeep_jobs as x where x.quarantine_id = q.id;
    if not found then
        return null;
    end if;
    tried := warm.attempt_jobs(j.store_id, j.kind, j.asked, case when j.key <> '' then array[j.key] end, 1);
    if tried.state is null then
        delete from till.upkeep_jobs as x where x.quarantine_id = q.id;
        return null;
    end if;
    perform warm.note_job(j.store_id, j.kind, j.asked, j.key, tried.state, tried.error);
    return tried.error;
end $$;
