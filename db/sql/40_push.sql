-- The one statement between a till and the database (docs/protocol.md).

-- A refusal as it travels; without a head when the till's chain was not looked at.
create or replace function warm.refusal(p_code text, p_detail text, p_seq bigint, p_hash text) returns text
language plpgsql immutable as $$
begin
    return json_build_object(
        'ok', false, 'code', p_code, 'detail', p_detail,
        'head', case when p_hash is not null then json_build_object('seq', p_seq, 'hash', p_hash) end
    )::text;
end $$;

-- Lets a till in, or says why not: its secret, then its journal. `p_lock` also locks the head of the chain, so that
-- pushes of one journal come one after the other.
create or replace function warm.open_door(p_request jsonb, p_lock boolean) returns warm.door
language plpgsql as $$
declare
    door warm.door;
begin
    if p_lock then
        select null, null, t.store_id, t.id, h.journal_id, h.seq, h.hash, h.series, h.retired_at is not null, e.epoch,
            t.seen_at is null or t.seen_at < now() - interval '2 seconds'
        into door
        from till.tills as t
        join warm.journal_head as h on h.store_id = t.store_id and h.till_id = t.id
        left join hot.hot_epoch as e on e.store_id = t.store_id
        where h.journal_id = (p_request->>'journal')::uuid
            and t.store_id = (p_request->>'store')::uuid and t.id = (p_request->>'till')::integer
            and t.secret_hash = encode(sha256(convert_to(p_request->>'secret', 'UTF8')), 'hex')
            and t.revoked_at is null
        for no key update of h;
        if found then
            return door;
        end if;
    end if;
    return warm.knock(p_request);
end $$;

-- The same, step by step: for what only looks, for a journal that is new, and to say what is wrong.
create or replace function warm.knock(p_request jsonb) returns warm.door
language plpgsql as $$
declare
    door warm.door;
    t record;
    h warm.journal_head;
begin
    door.store_id := (p_request->>'store')::uuid;
    door.till_id := (p_request->>'till')::integer;
    door.journal_id := (p_request->>'journal')::uuid;
    select x.secret_hash, x.revoked_at, x.live_journal, e.epoch,
        x.seen_at is null or x.seen_at < now() - interval '2 seconds' as stale_seen
    into t
    from till.tills as x left join hot.hot_epoch as e on e.store_id = x.store_id
    where x.store_id = door.store_id and x.id = door.till_id;
    if not found then
        door.refusal := case
            when exists (select from till.stores where store_id = door.store_id) then 'wrong_secret'
            else 'wrong_store'
        end;
    elsif t.secret_hash is distinct from warm.digest(coalesce(p_request->>'secret', '')) then
        door.refusal := 'wrong_secret';
    elsif t.revoked_at is not null then
        door.refusal := 'till_revoked';
    end if;
    if door.refusal is not null or door.journal_id is null then
        door.detail := warm.explain(door.refusal);
        return door;
    end if;
    door.epoch := t.epoch;
    door.stale_seen := t.stale_seen;
    select * into h from warm.journal_head where journal_id = door.journal_id;
    if h.journal_id is null and t.live_journal is null then
        h := warm.meet_journal(door);
    end if;
    if h.journal_id is null then
        door.refusal := 'journal_not_live';
    elsif (h.store_id, h.till_id) is distinct from (door.store_id, door.till_id) then
        door.refusal := 'protocol';
    else
        door.seq := h.seq;
        door.hash := h.hash;
        door.series := h.series;
        door.retired := h.retired_at is not null;
    end if;
    door.detail := warm.explain(door.refusal);
    return door;
end $$;

-- What a person may do about a refusal at the door.
create or replace function warm.explain(p_refusal text) returns text
language plpgsql immutable as $$
begin
    return case p_refusal
        when 'wrong_store' then 'This database holds another venue. Look at the database URL and at the data folder.'
        when 'wrong_secret' then 'This till is not enrolled here, or with another secret. A manager enrols it: till admin tills add.'
        when 'till_revoked' then 'This till was revoked. A manager enrols it again: till admin tills add.'
        when 'journal_not_live'
            then 'This till sells with another journal. If this machine takes its place, a manager says so: till admin tills adopt.'
        when 'journal_retired' then 'Another journal has taken the place of this one. What it still had is kept.'
        when 'protocol' then 'This journal belongs to another till.'
    end;
end $$;

-- Begins the chain of a till's journal. The first journal of a till has no series, the second is B, then C.
create or replace function warm.meet_journal(p_door warm.door) returns warm.journal_head
language plpgsql as $$
declare
    head warm.journal_head;
    nth integer;
begin
    update till.tills set live_journal = p_door.journal_id, journals = journals + 1
    where store_id = p_door.store_id and id = p_door.till_id and live_journal is null
    returning journals into nth;
    if found then
        insert into warm.journal_head (journal_id, store_id, till_id, series)
        values (p_door.journal_id, p_door.store_id, p_door.till_id, warm.series_of(nth))
        returning * into head;
    end if;
    return head;
end $$;

-- The letters of the nth journal of a till: nothing, B … Z, BA, BB …
create or replace function warm.series_of(p_nth integer) returns text
language plpgsql immutable as $$
declare
    letters text := '';
    n integer := p_nth - 1;
begin
    while n > 0 loop
        letters := chr(65 + n % 26) || letters;
        n := n / 26;
    end loop;
    return letters;
end $$;

-- Reads the events of a push. A body that is no JSON raises class 22. jsonb cannot hold a NUL: it stands as U+FFFD in
-- event_data, while the body keeps it as it was sealed.
create or replace function warm.read_events(p_events jsonb) returns warm.arrival[]
language plpgsql stable as $$
begin
    return (
        select array_agg(
            row(
                x.seq, x.id, x.session_id, coalesce(x.hold_epoch, 0), x."user", x.login_session, x.shift, x.type, x.at,
                coalesce(x.data, '{}'), x.journal_id, x.till, x.store_id, x.prev_hash, e.h, e.b, e.t,
                encode(sha256(convert_to(e.b, 'UTF8')), 'hex') = e.h,
                exists (select from warm.session_events as s where s.event_id = x.id)
            )::warm.arrival
            order by e.place
        )
        from rows from (jsonb_to_recordset(p_events) as (b text, h text, t jsonb)) with ordinality as e (b, h, t, place),
            jsonb_to_record(
                case when position('\u0000' in e.b) > 0 then replace(e.b, '\u0000', '\ufffd') else e.b end::jsonb
            ) as x (
                seq bigint, id uuid, session_id text, hold_epoch integer, "user" integer, login_session text,
                shift text, type text, at timestamptz, data jsonb, journal_id uuid, till integer, store_id uuid,
                prev_hash text
            )
    );
end $$;

-- Walks the events along the chain. `first` and `last` bound those that are new and follow; what is at or below the
-- head is compared and left; the walk stops at the first that does not follow. `repeated`: an id may be here already. A refusal is given only when nothing
-- new was found before it.
create or replace function warm.follow_chain(
    p_door warm.door, p_events warm.arrival[],
    out first integer, out last integer, out repeated boolean, out code text, out detail text
)
language plpgsql as $$
declare
    e warm.arrival;
    place integer := 0;
    seq bigint := p_door.seq;
    hash text := p_door.hash;
    newest uuid;
begin
    repeated := false;
    foreach e in array p_events loop
        place := place + 1;
        if e.sealed is not true or e.seq is null or e.event_id is null or e.event_type is null or e.at is null then
            code := 'protocol';
            detail := format('Record %s of this journal does not match its seal.', e.seq);
        elsif (e.journal_id, e.till_id, e.store_id)
            is distinct from (p_door.journal_id, p_door.till_id, p_door.store_id) then
            code := 'protocol';
            detail := format('Record %s belongs to another journal.', e.seq);
        elsif e.seq <= p_door.seq then
            if e.hash <> warm.hash_at(e.journal_id, e.seq) then
                code := 'chain_diverged';
                detail := format('Record %s is not the one that was sent before.', e.seq);
            end if;
        elsif e.seq = seq + 1 and e.prev_hash = hash then
            first := coalesce(first, place);
            last := place;
            seq := e.seq;
            hash := e.hash;
            -- ids grow along a chain; where they do not, one may have come before
            repeated := repeated or e.stood or e.event_id <= newest;
            newest := e.event_id;
            continue;
        else
            if e.seq = seq + 1 then
                code := 'chain_diverged';
                detail := format('Record %s does not follow the one before it.', e.seq);
            end if;
            exit;
        end if;
        exit when code is not null;
    end loop;
    if first is not null then
        code := null;
        detail := null;
    end if;
end $$;

-- The hash of a journal's record; null for one that is no longer here.
create or replace function warm.hash_at(p_journal uuid, p_seq bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select e.hash from warm.session_events as e where e.journal_id = p_journal and e.seq = p_seq),
        (select l.hash from warm.event_links as l where l.journal_id = p_journal and l.seq = p_seq)
    );
end $$;

-- Takes out the events whose ids are in the log already, from another chain (or twice in this one): each keeps its
-- place in this chain as a link; one whose content differs is put aside with its body.
create or replace function warm.link_repeats(p_door warm.door, p_events warm.arrival[]) returns warm.arrival[]
language plpgsql as $$
declare
    e warm.arrival;
    stood text;
    fresh warm.arrival[] := '{}';
    ids uuid[] := '{}';
    own constant text[] := array['journal_id', 'seq', 'prev_hash'];
begin
    foreach e in array p_events loop
        select s.body into stood from warm.session_events as s where s.event_id = e.event_id;
        if not found and e.event_id <> all (ids) then
            fresh := array_append(fresh, e);
            ids := array_append(ids, e.event_id);
            continue;
        end if;
        if stood is null then
            select x.body into stood from unnest(fresh) as x where x.event_id = e.event_id;
        end if;
        insert into warm.event_links (journal_id, seq, event_id, store_id, prev_hash, hash)
        values (e.journal_id, e.seq, e.event_id, e.store_id, e.prev_hash, e.hash);
        if replace(stood, '\u0000', '\ufffd')::jsonb - own <> replace(e.body, '\u0000', '\ufffd')::jsonb - own then
            perform warm.put_aside(p_door, e.session_id, e, 'Another record with this id and other content is in the log.', null);
            update till.order_sessions set quarantined = true where id = e.session_id and not quarantined;
        end if;
    end loop;
    return fresh;
end $$;

-- Locks a session, or makes ready the place of a new one.
create or replace function warm.stand_of(p_door warm.door, p_session text) returns warm.standing
language plpgsql as $$
declare
    s warm.standing;
begin
    select t.id, t.store_id, t.user_id, t.till_id, t.hold_epoch, t.epoch_till, t.held_at, t.status, t.currency,
        t.order_type, t.tab_id, t.ref, t.version, t.last_event, t.refold, t.refold_version, t.quarantined, t.created_at,
        t.updated_at, t.logout_time, true, false, false, false, t.version, t.last_event
    into s
    from till.order_sessions as t where t.id = p_session for no key update;
    if not found then
        s.id := p_session;
        s.store_id := p_door.store_id;
        s.hold_epoch := 0;
        s.status := 'active';
        s.version := 0;
        s.refold := false;
        s.refold_version := 0;
        s.quarantined := false;
        s.found := false;
        s.heard := false;
        s.tabs := false;
        s.took := false;
        s.before_version := 0;
    end if;
    return s;
end $$;

-- Writes events into the log, the events of a session numbered on from the version given for it.
create or replace function warm.write_log(p_events warm.arrival[], p_sessions text[], p_versions bigint[]) returns void
language plpgsql as $$
declare
    written integer;
    one warm.arrival;
begin
    insert into warm.session_events (
        event_id, session_id, event_type, event_data, "timestamp", journal_id, seq, till_id, store_id, user_id,
        hold_epoch, login_session, shift, version, prev_hash, hash, body
    )
    select e.event_id, e.session_id, e.event_type, e.data, e.at, e.journal_id, e.seq, e.till_id, e.store_id, e.user_id,
        e.hold_epoch, e.login_session, e.shift,
        p_versions[array_position(p_sessions, e.session_id)]
            + row_number() over (partition by e.session_id order by e.seq),
        e.prev_hash, e.hash, e.body
    from unnest(p_events) as e
    on conflict (event_id) do nothing;
    get diagnostics written = row_count;
    if written is distinct from cardinality(p_events) then
        raise exception 'A record has just arrived by another chain.' using errcode = '40001';
    end if;
    foreach one in array p_events loop
        if one.texts <> '{}' then
            insert into warm.event_texts (event_id, field, salt, text, store_id)
            select one.event_id, t.key, t.value->>'salt', t.value->>'text', one.store_id
            from jsonb_each(one.texts) as t
            where t.value->>'salt' is not null and t.value->>'text' is not null;
        end if;
    end loop;
end $$;

-- The events of people, not of orders: a number that was locked is locked on every till.
create or replace function warm.apply_staff(p_door warm.door, p_events warm.arrival[]) returns void
language plpgsql as $$
declare
    e warm.arrival;
begin
    foreach e in array p_events loop
        if e.event_type = 'login_refused' then
            update till.users set
                failed = failed + 1,
                locked_until = case
                    when e.data->>'locked' = 'true' then greatest(locked_until, e.at + interval '5 minutes')
                    else locked_until
                end
            where store_id = p_door.store_id and id::text = e.data->>'user';
            if found and e.data->>'locked' = 'true' then
                perform till.raise_version(p_door.store_id, 'staff');
            end if;
        elsif e.event_type = 'logged_in' then
            update till.users set failed = 0
            where store_id = p_door.store_id and id::text = e.data->>'user' and failed > 0;
        end if;
    end loop;
end $$;

-- Moves the version of something that tills cache, and tells them.
create or replace function till.raise_version(p_store uuid, p_name text) returns integer
language plpgsql as $$
declare
    reached integer;
begin
    insert into till.settings as s (store_id, name) values (p_store, p_name)
    on conflict (store_id, name) do update set version = s.version + 1, updated_at = now()
    returning version into reached;
    perform pg_notify('till_store', p_store || ' ' || p_name);
    return reached;
end $$;

-- The session that all of a push is about, when it is about one and nothing else; it usually is.
create or replace function warm.only_session(p_events warm.arrival[], p_snapshots jsonb) returns text
language plpgsql immutable as $$
declare
    e warm.arrival;
    id text;
begin
    foreach e in array p_events loop
        if e.session_id is null or e.session_id <> id then
            return null;
        end if;
        id := e.session_id;
    end loop;
    return case when p_snapshots - id = '{}' then id end;
end $$;

-- Takes new events and snapshots: the log, then each session by itself, in the order of their ids so that two pushes
-- never wait for each other in a circle. Gives the sessions as they stand. The same for a till and for the server.
create or replace function warm.take(
    p_door warm.door, p_events warm.arrival[], p_snapshots jsonb, p_source text
) returns warm.standing[]
language plpgsql as $$
declare
    lone constant text := warm.only_session(p_events, p_snapshots);
    sessions text[];
    versions bigint[] := '{}';
    stands warm.standing[] := '{}';
    s warm.standing;
    own record;
begin
    if lone is not null then
        s := warm.stand_of(p_door, lone);
        perform warm.write_log(p_events, array[lone], array[case when s.store_id = p_door.store_id then s.version end]);
        stands := array[warm.apply_own(p_door, s, p_events, p_snapshots->lone, p_source)];
    else
        sessions := array(
            select distinct id from (
                select e.session_id collate "C" from unnest(p_events) as e
                union all
                select k collate "C" from jsonb_object_keys(p_snapshots) as k
            ) as x (id) where id is not null order by id
        );
        for i in 1..cardinality(sessions) loop
            s := warm.stand_of(p_door, sessions[i]);
            stands := array_append(stands, s);
            versions := array_append(versions, case when s.store_id = p_door.store_id then s.version end);
        end loop;
        perform warm.write_log(p_events, sessions, versions);
        for own in
            select w.place, coalesce(g.events, '{}') as events
            from unnest(sessions) with ordinality as w (id, place)
            left join (
                select e.session_id, array_agg(e order by e.seq) as events from unnest(p_events) as e group by 1
            ) as g on g.session_id = w.id
            order by w.place
        loop
            s := stands[own.place];
            stands[own.place] := warm.apply_own(p_door, s, own.events, p_snapshots->s.id, p_source);
        end loop;
    end if;
    perform warm.tell(p_door, stands);
    return stands;
end $$;

-- Applies to a session what is for it, if it is of this store and there is anything to it.
create or replace function warm.apply_own(
    p_door warm.door, s warm.standing, p_events warm.arrival[], p_snapshot jsonb, p_source text
) returns warm.standing
language plpgsql as $$
begin
    if s.store_id = p_door.store_id and (s.found or cardinality(p_events) > 0) then
        return warm.apply_session(p_door, s, p_events, p_snapshot, p_source);
    end if;
    return s;
end $$;

-- Tells the other tills what they may want to ask for.
create or replace function warm.tell(p_door warm.door, p_stands warm.standing[]) returns void
language plpgsql as $$
declare
    s warm.standing;
    heard boolean := false;
    tabs boolean := false;
begin
    foreach s in array p_stands loop
        heard := heard or s.heard;
        tabs := tabs or s.tabs;
    end loop;
    if tabs then
        perform till.raise_version(p_door.store_id, 'tabs');
    end if;
    if heard then
        perform pg_notify('till_store', p_door.store_id || ' sessions');
    end if;
end $$;

-- Everything that a till knows and the database does not, and back the reverse. Takes and gives JSON text; see
-- docs/protocol.md. Safe to repeat: what was taken before is recognised by its place in the chain.
create or replace function warm.sync_push_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    request jsonb;
    events warm.arrival[];
    snapshots jsonb;
    door warm.door;
    walk record;
    stands warm.standing[] := '{}';
    last warm.arrival;
begin
    begin
        request := p_request::jsonb;
        door := warm.open_door(request, jsonb_array_length(request->'events') > 0);
        if door.refusal is not null then
            return warm.refusal(door.refusal, door.detail, door.seq, door.hash);
        elsif request->>'protocol' is distinct from '1' then
            return warm.refusal('protocol', 'This database speaks version 1 with its tills.', door.seq, door.hash);
        end if;
        events := coalesce(warm.read_events(request->'events'), '{}');
        snapshots := warm.keyed(request->'snapshots');
    exception when data_exception then
        return warm.refusal('protocol', 'This was not understood: ' || sqlerrm, door.seq, door.hash);
    end;
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
        select h.epoch into door.epoch from hot.hot_epoch as h where h.store_id = door.store_id;
    end if;
    if cardinality(events) > 0 then
        last := events[cardinality(events)];
        if walk.repeated then
            events := warm.link_repeats(door, events);
        end if;
        update warm.journal_head set seq = last.seq, hash = last.hash, last_event = last.event_id
        where journal_id = door.journal_id;
        door.seq := last.seq;
        door.hash := last.hash;
        perform warm.apply_staff(door, events);
    end if;
    if cardinality(events) > 0 or snapshots <> '{}' then
        stands := warm.take(door, events, snapshots, 'till');
    end if;
    if door.stale_seen then
        update till.tills set seen_at = now() where store_id = door.store_id and id = door.till_id;
    end if;
    return warm.answer(door, stands, coalesce(request->'known', '[]'), coalesce(request->'reference', '{}'));
end $$;
