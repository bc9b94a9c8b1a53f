-- The one statement between a till and the database (docs/protocol.md).

-- Reads a request. `fault` is the reason why it is not understood.
create or replace function warm.read_push(
    p_request text, out request jsonb, out events warm.incoming_event[], out snapshots jsonb, out known jsonb, out till_seq bigint,
    out till_epoch bigint, out beat jsonb, out fault text
)
language plpgsql as $$
declare
    store uuid;
    till integer;
    journal uuid;
    version bigint;
begin
    request := p_request::jsonb;
    store := (request->>'store')::uuid;  -- these are read later: one that is invalid is a fault here
    till := (request->>'till')::integer;
    journal := (request->>'journal')::uuid;
    events := coalesce(warm.read_events(request->'events'), '{}');
    snapshots := warm.keyed(request->'snapshots');
    if octet_length(p_request) > warm.most_snapshot_bytes() then
        snapshots := warm.within_size(snapshots);
    end if;
    known := warm.keyed(coalesce(request->'known', '[]'), snapshots);
    if jsonb_array_length(request->'known') > 1 then
        perform max((k.value->>'version')::bigint) from jsonb_each(known) as k;
    else
        version := (request->'known'->0->>'version')::bigint;
    end if;
    till_seq := (request->>'seq')::bigint;
    till_epoch := (request->>'epoch')::bigint;
    if request ? 'handed' then
        perform from jsonb_to_recordset(request->'handed') as h (session text, b text, m text);
    end if;
    if request ? 'act' and jsonb_typeof(request->'act'->'versions') is distinct from 'object' then
        raise exception 'The act has no versions.' using errcode = '22023';
    elsif request ? 'act' then
        request := jsonb_set(request, '{act}', warm.act_named(request->'act'));
    end if;
    if request ? 'beat' then
        beat := session.read_beat(request->'beat');
    end if;
exception when data_exception then
    fault := sqlerrm;
end $$;

-- A refusal of a whole request, by who sends it; null if it is taken. `p_writes`: it has events; `p_shows`: it shows what its
-- till knows of orders.
create or replace function warm.refused_push(
    p_auth warm.auth_context, p_request jsonb, p_seq bigint, p_writes boolean, p_shows boolean, p_reference jsonb
) returns text
language plpgsql as $$
begin
    if p_auth.refusal = 'journal_not_live' then  -- it sells offline until a manager adopts it: with the current menu
        return (warm.refusal(p_auth.refusal, p_auth.detail, p_auth.seq, p_auth.hash)::jsonb || jsonb_build_object(
            'reference', till.reference(p_auth.store_id, p_reference)::jsonb))::text;
    elsif p_auth.refusal is not null then
        return warm.refusal(p_auth.refusal, p_auth.detail, p_auth.seq, p_auth.hash);
    elsif p_request->>'protocol' is distinct from '1' then
        return warm.refusal('protocol', 'The database speaks version 1 with its tills.', p_auth.seq, p_auth.hash);
    elsif p_auth.stations is not null and (p_shows or p_request ?| '{act,handed,beat}') then
        return warm.refusal('kitchen', warm.explain('kitchen'), p_auth.seq, p_auth.hash);
    elsif p_auth.retired and not p_writes and (p_seq > p_auth.seq) is not true then
        -- a retired journal with records to send is answered, so that it learns how far they have arrived
        return warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash);
    end if;
    return null;
end $$;

-- Applies the events and the snapshots of a push to their orders, and beside them. `p_judge`: some events require that their
-- till held the order; `p_asks`: some request a payment from the database. `p_events` become those that changed something;
-- `flagged`: something waits for a manager, or no longer does.
create or replace function warm.apply_push(
    p_auth warm.auth_context, inout p_events warm.incoming_event[], p_snapshots jsonb, p_known jsonb, p_judge boolean, p_asks boolean,
    out states warm.hold_state[], out flagged boolean
)
language plpgsql as $$
declare
    state warm.hold_state;
    refereed record;
    any_aside boolean := false;
begin
    flagged := false;
    states := warm.take(p_auth, p_events, p_snapshots, 'till', true, p_known);
    foreach state in array states loop
        flagged := flagged or state.quarantined or state.doubtful;
        any_aside := any_aside or state.quarantined;
        if state.refused <> '{}' then
            p_events := array(select e from unnest(p_events) as e where e.event_id <> all (state.refused) order by e.seq);
        end if;
    end loop;
    if any_aside then  -- a record that is not in the log changes nothing
        p_events := array(
            select e from unnest(p_events) as e where exists (select from warm.session_events as x where x.event_id = e.event_id) order by e.seq);
    end if;
    flagged := warm.apply_beside(p_auth, p_events) or flagged;
    refereed := warm.referee(p_auth, states);
    states := refereed.p_stands;
    flagged := refereed.flagged or flagged;
    if p_judge then
        if p_asks then
            states := warm.with_answers(states, p_events);
        end if;
        flagged := warm.flag_sales(p_auth, p_events, states) or flagged;
    end if;
end $$;

-- Notes that a till was seen, unless it still has much to send, and what it can do. Returns the other tills of its user.
create or replace function warm.note_seen(p_auth warm.auth_context, p_request jsonb, p_seq bigint) returns json
language plpgsql as $$
declare
    was_unheard constant boolean := p_auth.till_id = any (till.unheard(p_auth.store_id));
    is_behind constant boolean := was_unheard and coalesce(p_seq > p_auth.seq, true);
    person integer;
begin
    update till.tills set seen_at = case when is_behind then seen_at else now() end, sends = p_request ? 'sends',
        schemes = array(select left(x, 40) from jsonb_array_elements_text(
            case when jsonb_typeof(p_request->'schemes') = 'array' then p_request->'schemes' else '[]' end) as x limit 20)
    where store_id = p_auth.store_id and id = p_auth.till_id returning logged_in into person;
    if was_unheard and not is_behind then
        perform till.raise_version(p_auth.store_id, 'settings');
    end if;
    return warm.logins_beside(p_auth, person);
end $$;

-- Accepts everything that a till has and the database does not, and returns the reverse. Takes and returns JSON text;
-- see docs/protocol.md. Safe to repeat: a record that arrived before is recognised by its place in the chain. Plans are
-- generic, because planning some statements for their values took longer than running them. Sequential scans are off,
-- because a plan made while a table was empty would read all of it.
-- for: app
create or replace function warm.sync_push_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    asked constant record := warm.read_push(p_request);
    request constant jsonb := asked.request;
    events warm.incoming_event[] := asked.events;
    begins constant boolean := coalesce(events[1].seq = 1, false);
    snapshots jsonb := asked.snapshots;
    till_seq constant bigint := asked.till_seq;
    auth warm.auth_context;
    reference jsonb;
    refused text;
    walk record;
    last warm.incoming_event;
    applied record;
    states warm.hold_state[] := '{}';
    acted record;
    act json;
    recount boolean := false;
    judge boolean := false;
    asks boolean := false;
    logins json;
    hints text;
begin
    if asked.fault is not null then
        return warm.refusal('protocol', 'The request was not understood: ' || asked.fault, null, null);
    end if;
    auth := warm.authenticate(request, cardinality(events) > 0 or snapshots <> '{}' or request ? 'act');
    reference := till.reference_allowed(auth, coalesce(request->'reference', '{}'));
    refused := warm.refused_push(
        auth, request, till_seq, cardinality(events) > 0, snapshots <> '{}' or asked.known <> '{}', reference);
    if refused is not null then
        return refused;
    end if;
    -- a transaction that notifies holds a lock of the whole cluster until it is on disk: the till sends its hints itself
    hints := set_config('till.hints', case when request ? 'tells' then ',' else '' end, true);
    if till_seq < auth.seq then
        snapshots := '{}';  -- a newer request has already sent newer ones
    end if;
    if asked.till_epoch is distinct from auth.epoch and asked.till_epoch is not null then
        events := '{}';  -- it may have grants that a restore lost: it must first read the reply and return them
        snapshots := '{}';
    elsif request ? 'handed' then
        recount := warm.restore_returned(auth, request->'handed');
    end if;
    if cardinality(events) > 0 then
        walk := warm.follow_chain(auth, events);
        if walk.code is not null then
            return warm.refusal(walk.code, walk.detail, auth.seq, auth.hash);
        end if;
        if walk.last - walk.first + 1 is distinct from cardinality(events) then
            events := coalesce(events[walk.first:walk.last], '{}');
        end if;
    end if;
    if auth.epoch is null then
        perform hot.hot_rebuild_v1(auth.store_id);
        select warm.epoch_token(h.epoch, h.xmin) into auth.epoch from hot.hot_epoch as h where h.store_id = auth.store_id;
    end if;
    if cardinality(events) > 0 then
        last := events[cardinality(events)];
        if walk.gaps then
            events := warm.record_gaps(auth, events);
        end if;
        if walk.over is not null then
            events := warm.quarantine_over_limit(
                auth, events, walk.over, 'The till wrote more than it may in an hour. The record is kept here and does not count.');
        end if;
        if walk.checked then
            select b.p_events, b.p_heard into events, auth.money_heard from warm.bar_events(auth, events) as b;
            walk.faults := walk.faults or exists (select from unnest(events) as e where e.fault is not null);
        end if;
        if walk.faults then
            events := warm.quarantine_faulty(auth, events);
        end if;
        if walk.repeated then
            events := warm.link_repeats(auth, events);
        end if;
        if walk.ahead then
            events := warm.handle_ahead(auth, events);
        end if;
        update warm.journal_head
        set seq = last.seq, hash = last.hash, last_event = coalesce(last.event_id, last_event), hour = walk.hour,
            hour_events = walk.hour_events, hour_bytes = walk.hour_bytes, money_heard = auth.money_heard
        where journal_id = auth.journal_id;
        auth.seq := last.seq;
        auth.hash := last.hash;
        recount := recount or walk.faults or walk.repeated or walk.ahead or walk.over is not null;
        judge := walk.holds;
        asks := walk.asks;
    end if;
    if till_seq > auth.seq then
        snapshots := '{}';  -- they show events that a restore lost, and that the till sends again
    end if;
    if auth.stale_seen then
        perform warm.make_due_counts(auth.store_id);
        perform till.try_begin_rates(auth.store_id);
    end if;
    recount := warm.make_counts(auth, events) or recount;
    if request ? 'act' then
        perform warm.lock_with_act(events, snapshots, request->'act');
    end if;
    if cardinality(events) > 0 or snapshots <> '{}' then
        applied := warm.apply_push(
            auth, events, snapshots,
            -- after a change of epoch even a known event may follow other events than before
            case when request ? 'epoch' and asked.till_epoch is distinct from auth.epoch then '{}' else asked.known end, judge, asks);
        events := applied.p_events;
        states := applied.states;
        recount := applied.flagged or recount;
    end if;
    if request ? 'act' then
        acted := warm.take_act(auth, request->'act', states);
        states := acted.p_stands;
        recount := acted.flagged or recount;
        act := json_build_object('taken', acted.why is null, 'why', acted.why);
    end if;
    if auth.records > 0 and auth.stale_seen and cardinality(events) = 0 then
        recount := warm.retry_fresh_refunds(auth.store_id) or recount;
    end if;
    if recount then
        auth := warm.count_waiting(auth);
        perform till.tell_tills(auth.store_id, 'sessions');  -- the other tills update their counts too
    end if;
    if asked.beat is not null and not auth.retired then
        perform session.beat(auth, asked.beat);
    end if;
    if auth.stale_seen then
        logins := warm.note_seen(auth, request, till_seq);
    end if;
    if jsonb_typeof(request->'sends') = 'array' and not auth.retired and auth.stations is null then
        if request->'sends' <> '[]' then
            perform warm.settle_hands(auth, request->'sends');
        end if;
        if states = '{}' and act is null then  -- a poll has no orders locked
            states := warm.hand_orders(auth);
        end if;
    end if;
    return warm.answer(auth, states, asked.known, reference, logins, begins and not auth.retired, act);
end $$;
