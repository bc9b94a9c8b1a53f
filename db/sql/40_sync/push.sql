-- The one statement between a till and the database (docs/protocol.md).

-- Accepts everything that a till has and the database does not, and returns the reverse. Takes and returns JSON text;
-- see docs/protocol.md. Safe to repeat: a record that arrived before is recognised by its place in the chain. Plans are
-- generic, because planning some statements for their values took longer than running them. Sequential scans are off,
-- because a plan made while a table was empty would read all of it.
-- for: app
create or replace function warm.sync_push_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    request jsonb;
    events warm.incoming_event[];
    snapshots jsonb;
    known jsonb;
    till_seq bigint;
    till_epoch bigint;
    auth warm.auth_context;
    walk record;
    states warm.hold_state[] := '{}';
    state warm.hold_state;
    refereed record;
    last warm.incoming_event;
    recount boolean := false;
    judge boolean := false;
    begins boolean;
    was_unheard boolean;
    reference jsonb;
    is_behind boolean;
    any_aside boolean := false;
    person integer;
    logins json;
    beat jsonb;
    acted record;
    act json;
    hints text;
begin
    begin
        request := p_request::jsonb;
        auth.store_id := (request->>'store')::uuid;
        auth.till_id := (request->>'till')::integer;
        auth.journal_id := (request->>'journal')::uuid;
        events := coalesce(warm.read_events(request->'events'), '{}');
        begins := coalesce(events[1].seq = 1, false);
        snapshots := warm.keyed(request->'snapshots');
        if octet_length(p_request) > warm.most_snapshot_bytes() then
            snapshots := warm.within_size(snapshots);
        end if;
        known := warm.keyed(coalesce(request->'known', '[]'), snapshots);
        if jsonb_array_length(request->'known') > 1 then
            perform max((k.value->>'version')::bigint) from jsonb_each(known) as k;  -- only to raise an error here if one is invalid
        else
            till_epoch := (request->'known'->0->>'version')::bigint;
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
        return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
    end;
    auth := warm.authenticate(request, cardinality(events) > 0 or snapshots <> '{}' or request ? 'act');
    reference := till.reference_allowed(auth, coalesce(request->'reference', '{}'));
    if auth.refusal = 'journal_not_live' then  -- it sells offline until a manager adopts it: with the current menu
        return (warm.refusal(auth.refusal, auth.detail, auth.seq, auth.hash)::jsonb || jsonb_build_object(
            'reference', till.reference(auth.store_id, reference)::jsonb))::text;
    elsif auth.refusal is not null then
        return warm.refusal(auth.refusal, auth.detail, auth.seq, auth.hash);
    elsif request->>'protocol' is distinct from '1' then
        return warm.refusal('protocol', 'The database speaks version 1 with its tills.', auth.seq, auth.hash);
    elsif auth.stations is not null and (
        request ?| '{act,handed,beat}' or snapshots <> '{}' or known <> '{}')
    then
        return warm.refusal('kitchen', warm.explain('kitchen'), auth.seq, auth.hash);
    elsif auth.retired and cardinality(events) = 0 and (till_seq > auth.seq) is not true then
        -- a retired journal with records to send is answered, so that it learns how far they have arrived
        return warm.refusal('journal_retired', warm.explain('journal_retired'), auth.seq, auth.hash);
    end if;
    -- a transaction that notifies holds a lock of the whole cluster until it is on disk: the till sends its hints itself
    hints := set_config('till.hints', case when request ? 'tells' then ',' else '' end, true);
    if till_seq < auth.seq then
        snapshots := '{}';  -- a newer request has already sent newer ones
    end if;
    if till_epoch is not null and till_epoch is distinct from auth.epoch then
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
    end if;
    if till_seq > auth.seq then
        snapshots := '{}';  -- they show events that a restore lost, and that the till sends again
    end if;
    if auth.stale_seen then
        perform warm.make_due_counts(auth.store_id);
    end if;
    recount := warm.make_counts(auth, events) or recount;
    if request ? 'act' then
        perform warm.lock_with_act(events, snapshots, request->'act');
    end if;
    if cardinality(events) > 0 or snapshots <> '{}' then
        states := warm.take(
            auth, events, snapshots, 'till', true,
            -- after a change of epoch even a known event may follow other events than before
            case when request ? 'epoch' and till_epoch is distinct from auth.epoch then '{}' else known end);
        foreach state in array states loop
            recount := recount or state.quarantined or state.doubtful;
            any_aside := any_aside or state.quarantined;
            if state.refused <> '{}' then
                events := array(select e from unnest(events) as e where e.event_id <> all (state.refused) order by e.seq);
            end if;
        end loop;
        if any_aside then  -- a record that is not in the log changes nothing
            events := array(
                select e from unnest(events) as e where exists (select from warm.session_events as x where x.event_id = e.event_id) order by e.seq);
        end if;
        recount := warm.apply_beside(auth, events) or recount;
        refereed := warm.referee(auth, states);
        states := refereed.p_stands;
        recount := refereed.flagged or recount;
        if judge then
            if walk.asks then
                states := warm.with_answers(states, events);
            end if;
            recount := warm.flag_sales(auth, events, states) or recount;
        end if;
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
    if beat is not null and not auth.retired then
        perform session.beat(auth, beat);
    end if;
    if auth.stale_seen then
        was_unheard := auth.till_id = any (till.unheard(auth.store_id));
        is_behind := was_unheard and coalesce(till_seq > auth.seq, true);
        update till.tills set seen_at = case when is_behind then seen_at else now() end, sends = request ? 'sends',
            schemes = array(select left(x, 40) from jsonb_array_elements_text(
                case when jsonb_typeof(request->'schemes') = 'array' then request->'schemes' else '[]' end) as x limit 20)
        where store_id = auth.store_id and id = auth.till_id returning logged_in into person;
        if was_unheard and not is_behind then
            perform till.raise_version(auth.store_id, 'settings');
        end if;
        logins := warm.logins_beside(auth, person);
    end if;
    if jsonb_typeof(request->'sends') = 'array' and not auth.retired and auth.stations is null then
        if request->'sends' <> '[]' then
            perform warm.settle_hands(auth, request->'sends');
        end if;
        if states = '{}' and act is null then  -- a poll has no orders locked
            states := warm.hand_orders(auth);
        end if;
    end if;
    return warm.answer(auth, states, known, reference, logins, begins and not auth.retired, act);
end $$;
