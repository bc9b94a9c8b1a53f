-- The one statement between a till and the database (docs/protocol.md).

-- Snapshots with the version that each is truly based on. After the server was set back its versions are given again, to
-- other events: a base stands only where the event that the till knows by that version is the one that is here. Even the
-- same event may stand on others than before, so no base stands (`p_anew`) that was learnt in another epoch.
create or replace function warm.grounded(p_snapshots jsonb, p_known jsonb, p_anew boolean) returns jsonb
language plpgsql stable as $$
declare
    grounded jsonb := p_snapshots;
    one text;
    base text;
    t record;
begin
    if not p_snapshots @? '$.* ? (!exists(@."base_version" ? (@ == 0)))' then
        return p_snapshots;  -- of new orders
    end if;
    for one in select jsonb_object_keys(p_snapshots) loop
        base := p_snapshots->one->>'base_version';
        continue when base = '0' or base !~ '^[0-9]{1,18}$';
        select x.version, x.last_event::text as event into t from till.order_sessions as x where x.id = one;
        continue when not found;
        if p_anew or p_known->one->>'version' is distinct from base
            or p_known->one->>'event' is distinct from (
                case when t.version = base::bigint then t.event else warm.event_at(one, base::bigint) end)
        then
            grounded := jsonb_set(grounded, array[one, 'base_version'], '0');
        end if;
    end loop;
    return grounded;
end $$;

-- Everything that a till knows and the database does not, and back the reverse. Takes and gives JSON text; see
-- docs/protocol.md. Safe to repeat: what was taken before is recognised by its place in the chain. All is looked up by its
-- key, so no plan is made for the values at hand: of some statements that took longer than to run them, push after push.
create or replace function warm.sync_push_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    request jsonb;
    events warm.arrival[];
    snapshots jsonb;
    known jsonb;
    shown bigint;
    learnt bigint;
    door warm.door;
    walk record;
    stands warm.standing[] := '{}';
    last warm.arrival;
    recount boolean := false;
    judge boolean := false;
    person integer;
    logins json;
begin
    begin
        request := p_request::jsonb;
        door.store_id := (request->>'store')::uuid;
        door.till_id := (request->>'till')::integer;
        door.journal_id := (request->>'journal')::uuid;
        events := coalesce(warm.read_events(request->'events'), '{}');
        snapshots := warm.keyed(request->'snapshots');
        known := warm.keyed(coalesce(request->'known', '[]'));
        shown := (request->>'seq')::bigint;
        learnt := (request->>'epoch')::bigint;
    exception when data_exception then
        return warm.refusal('protocol', 'This was not understood: ' || sqlerrm, null, null);
    end;
    door := warm.open_door(request, cardinality(events) > 0 or snapshots <> '{}');
    if door.refusal = 'journal_not_live' then  -- it sells on its own until a manager says so: with the menu of today
        return (warm.refusal(door.refusal, door.detail, door.seq, door.hash)::jsonb || jsonb_build_object(
            'reference', till.reference(door.store_id, coalesce(request->'reference', '{}'))::jsonb))::text;
    elsif door.refusal is not null then
        return warm.refusal(door.refusal, door.detail, door.seq, door.hash);
    elsif request->>'protocol' is distinct from '1' then
        return warm.refusal('protocol', 'This database speaks version 1 with its tills.', door.seq, door.hash);
    end if;
    if shown < door.seq then
        snapshots := '{}';  -- this request was late: a newer one has brought newer ones
    end if;
    if cardinality(events) > 0 then
        walk := warm.follow_chain(door, events);
        if walk.code is not null then
            return warm.refusal(walk.code, walk.detail, door.seq, door.hash);
        end if;
        events := coalesce(events[walk.first:walk.last], '{}');
    end if;
    if door.retired and cardinality(events) = 0 then
        return warm.refusal('journal_retired', warm.explain('journal_retired'), door.seq, door.hash);
    elsif door.epoch is null then
        perform hot.hot_rebuild_v1(door.store_id);
        select warm.epoch_told(h.epoch, h.xmin) into door.epoch from hot.hot_epoch as h where h.store_id = door.store_id;
    end if;
    if cardinality(events) > 0 then
        last := events[cardinality(events)];
        if walk.gaps then
            events := warm.keep_gaps(door, events);
        end if;
        if walk.faults then
            events := warm.keep_faulty(door, events);
        end if;
        if walk.repeated then
            events := warm.link_repeats(door, events);
        end if;
        if walk.ahead then
            events := warm.keep_ahead(door, events);
        end if;
        update warm.journal_head
        set seq = last.seq, hash = last.hash, last_event = coalesce(last.event_id, last_event)
        where journal_id = door.journal_id;
        door.seq := last.seq;
        door.hash := last.hash;
        recount := walk.faults or walk.repeated or walk.ahead;
        judge := walk.holds;
    end if;
    if cardinality(events) > 0 or snapshots <> '{}' then
        snapshots := warm.grounded(snapshots, known, request ? 'epoch' and learnt is distinct from door.epoch);
        stands := warm.take(door, events, snapshots, 'till', judge);
        recount := warm.apply_beside(door, events) or recount;
        recount := warm.flag_sales(door, events, stands) or recount;
    end if;
    if recount then
        door := warm.count_waiting(door);
    end if;
    if door.stale_seen then
        update till.tills set seen_at = now() where store_id = door.store_id and id = door.till_id
        returning logged_in into person;
        logins := warm.logins_beside(door, person);
    end if;
    return warm.answer(door, stands, known, coalesce(request->'reference', '{}'), logins);
end $$;
