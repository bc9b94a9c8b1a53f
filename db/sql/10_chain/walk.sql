-- Walking the chain of a journal, and writing it to the log.

-- Walks the events along the chain, and stops at the first one that does not follow. `first` and `last` are the
-- positions of the new events; events at or below the head are only compared. `repeated`: an id may already be in the
-- log. `gaps`: some are only places in the chain. `faults`: some are refused. `ahead`: some have an id of more than a
-- day ahead. `holds`: some require that their till held the order. `asks`: some request a payment from the database.
-- `checked`: the checks of what a till may not write are asked about some. `over`: the numbers of events over the journal's
-- limit for an hour. The hour follows the times of the events, never backward and never past now; its start and size are
-- returned. After as many events over the limit as are kept, the till is refused for an hour of the server's time. A refusal
-- is returned only if no new event was found before it.
create or replace function warm.follow_chain(
    p_auth warm.auth_context, p_events warm.incoming_event[],
    out first integer, out last integer, out repeated boolean, out gaps boolean, out faults boolean, out ahead boolean,
    out holds boolean, out asks boolean, out checked boolean, out over bigint[], out hour timestamptz, out hour_events bigint, out hour_bytes bigint,
    out code text, out detail text
)
language plpgsql as $$
declare
    e warm.incoming_event;
    nth integer := 0;
    seq bigint := p_auth.seq;
    hash text := p_auth.hash;
    newest uuid;
    oldest uuid;
    hour_end timestamptz;
    full_events constant bigint := warm.most_hour_events() + warm.most_kept_events();
    full_bytes constant bigint := warm.most_hour_bytes() + warm.most_kept_bytes();
begin
    hour := least(p_auth.hour, now());  -- the clock of this server may have been set back
    hour_end := hour + interval '1 hour';
    hour_events := p_auth.hour_events;
    hour_bytes := p_auth.hour_bytes;
    repeated := false;
    gaps := false;
    faults := false;
    ahead := false;
    holds := false;
    asks := false;
    checked := false;
    foreach e in array p_events loop
        nth := nth + 1;
        if e.seq = seq + 1 and (hour_events >= full_events or hour_bytes >= full_bytes) then
            if now() < hour_end then
                code := 'too_much';
                detail := 'It wrote more than it may in an hour. Keep selling; the rest is taken later.';
                exit;
            end if;
            hour := now();
            hour_end := hour + interval '1 hour';
            hour_events := 0;
            hour_bytes := 0;
        end if;
        if e.seq = seq + 1 and e.prev_hash = hash and e.sealed and not e.gone
            and e.for_till is null
            and (e.journal_id, e.till_id, e.store_id) = (p_auth.journal_id, p_auth.till_id, p_auth.store_id)
        then
            first := coalesce(first, nth);
            last := nth;
            seq := e.seq;
            hash := e.hash;
            if hour is null or e.at >= hour_end and now() >= hour_end then
                hour := least(coalesce(e.at, now()), now());
                hour_end := hour + interval '1 hour';
                hour_events := 0;
                hour_bytes := 0;
            end if;
            hour_events := hour_events + 1;
            hour_bytes := hour_bytes + warm.size_of(e);
            if hour_events > warm.most_hour_events() or hour_bytes > warm.most_hour_bytes() then
                over := array_append(over, e.seq);
                continue;
            end if;
            if e.fault is not null then
                faults := true;
                continue;
            end if;
            -- ids grow along a chain; if they do not, one may be in the log already
            repeated := repeated or e.stood or e.event_id <= newest;
            newest := greatest(newest, e.event_id);
            oldest := coalesce(oldest, e.event_id);
            holds := holds or warm.needs_hold(e.event_type);
            checked := checked or warm.is_checked(p_auth, e);
            asks := asks or e.event_type = 'payment_started' and warm.is_server_tender(e.data->>'tender');
            continue;
        elsif e.gone then
            if e.seq = seq + 1 and e.hash ~ '^[0-9a-f]{64}$' then
                first := coalesce(first, nth);
                last := nth;
                seq := e.seq;
                hash := e.hash;
                gaps := true;
                hour_bytes := coalesce(hour_bytes, 0) + warm.gap_bytes();
                continue;
            elsif e.seq is null or e.hash !~ '^[0-9a-f]{64}$' then
                code := 'protocol';
                detail := 'A gap of this journal names no place.';
            elsif e.seq > p_auth.seq then
                exit;
            elsif e.hash <> warm.hash_at(p_auth.journal_id, e.seq, e.event_id) then
                code := 'chain_diverged';
                detail := format('Record %s is not the one that was sent before.', e.seq);
            end if;
        elsif e.sealed is not true or e.seq is null then
            code := 'protocol';
            detail := format('Record %s of this journal does not match its seal.', e.seq);
        elsif e.for_till is not null or (e.journal_id, e.till_id, e.store_id)
            is distinct from (p_auth.journal_id, p_auth.till_id, p_auth.store_id) then
            code := 'protocol';
            detail := format('Record %s belongs to another journal.', e.seq);
        elsif e.seq <= p_auth.seq then
            if e.hash <> warm.hash_at(e.journal_id, e.seq, e.event_id) then
                code := 'chain_diverged';
                detail := format('Record %s is not the one that was sent before.', e.seq);
            end if;
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
        -- the ids grow, so the first is the oldest; otherwise `repeated` is already set
        repeated := repeated or coalesce(oldest <= p_auth.reach, false);
        ahead := coalesce(newest > warm.least_id(now() + interval '1 day'), false);
    end if;
end $$;

-- The hash of a journal's record; null if the database no longer has it. The id of the record, or of one that arrived with it,
-- suggests its month in the audit.
create or replace function warm.hash_at(p_journal uuid, p_seq bigint, p_event uuid default null) returns text
language plpgsql stable as $$
declare
    made constant timestamptz := warm.time_of(p_event::text);
begin
    return coalesce(
        (select e.hash from warm.session_events as e where e.journal_id = p_journal and e.seq = p_seq),
        (select l.hash from warm.event_links as l where l.journal_id = p_journal and l.seq = p_seq),
        (select g.hash from warm.chain_gaps as g where g.journal_id = p_journal and g.seq = p_seq),
        (select q.hash from warm.quarantine as q where q.journal_id = p_journal and q.seq = p_seq),
        (select a.hash from cold.order_audit_links as a where a.journal_id = p_journal and a.seq = p_seq),
        (select a.hash from cold.audited_places(p_journal, p_seq, p_seq, made, made + interval '7 days') as a limit 1)
    );
end $$;

-- Records the places of events that their till has deleted, and returns the other events.
create or replace function warm.record_gaps(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
begin
    insert into warm.chain_gaps (journal_id, seq, hash, store_id)
    select p_auth.journal_id, e.seq, e.hash, p_auth.store_id from unnest(p_events) as e where e.gone;
    return array(select e from unnest(p_events) as e where e.gone is not true order by e.seq);
end $$;

-- Quarantines refused events, each with its place in the chain, and returns the others. An event that is known from
-- another chain is only linked. A `gone` event was checked when it first arrived.
create or replace function warm.quarantine_faulty(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
begin
    perform warm.quarantine_refused(p_auth, array(select e from unnest(p_events) as e where e.fault is not null));
    return array(select e from unnest(p_events) as e where e.fault is null order by e.seq);
end $$;

-- Handles ids of more than a day ahead. A till with a wrong clock must keep selling: its events on its own orders are
-- applied, and flagged once for its journal. Events on an order that another till wrote on too are quarantined, because
-- no other event could follow them.
create or replace function warm.handle_ahead(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
declare
    bound constant uuid := warm.least_id(now() + interval '1 day');
    e warm.incoming_event;
    accepted warm.incoming_event[] := '{}';
begin
    foreach e in array p_events loop
        if e.event_id > bound then
            perform from till.order_sessions as s where s.id = e.session_id for no key update;
            if e.session_id is not null and exists (
                select from warm.log_of(e.session_id) as x where x.till_id not in (0, p_auth.till_id)) then
                perform warm.quarantine_refused(
                    p_auth, array[e], 'The time of the record is more than a day ahead, and another till wrote on this order.', 'TL013');
                continue;
            elsif not exists (
                select from warm.quarantine as q
                where q.journal_id = p_auth.journal_id and q.sqlstate = 'TL014' and q.seq is null) then
                perform warm.quarantine_event(
                    p_auth, null, e, 'The clock of the till is more than a day ahead. Its sales are accepted.', 'TL014');
            end if;
        end if;
        accepted := array_append(accepted, e);
    end loop;
    return accepted;
end $$;

-- Removes the events whose ids are already in the log, from another chain or twice in this one. Each keeps its place in
-- this chain as a link. If its content differs, it is quarantined with its body.
create or replace function warm.link_repeats(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
declare
    e warm.incoming_event;
    known_body text;
    new_events warm.incoming_event[] := '{}';
    ids uuid[] := '{}';
    own constant text[] := array['journal_id', 'seq', 'prev_hash'];
begin
    foreach e in array p_events loop
        known_body := warm.body_of(e.store_id, e.event_id);
        if known_body is null and e.event_id <> all (ids) then
            new_events := array_append(new_events, e);
            ids := array_append(ids, e.event_id);
            continue;
        end if;
        if known_body is null then
            select x.body into known_body from unnest(new_events) as x where x.event_id = e.event_id;
        end if;
        insert into warm.event_links (journal_id, seq, event_id, store_id, prev_hash, hash)
        values (e.journal_id, e.seq, e.event_id, e.store_id, e.prev_hash, e.hash);
        if known_body::jsonb - own <> e.body::jsonb - own then
            perform warm.quarantine_event(p_auth, e.session_id, e, 'Another record with this id and other content is in the log.', null);
            perform warm.restore_session(e.session_id);
            update till.order_sessions set quarantined = true where id = e.session_id and not quarantined;
        end if;
    end loop;
    return new_events;
end $$;

-- Writes events to the log, grouped by session. The version of an event is its position in `p_events` plus the value in
-- `p_from` for its session: the version of that session less the number of events before its first. An id that another
-- push has written meanwhile violates the log's primary key; looking up each id first would cost as much as writing it.
create or replace function warm.write_log(p_events warm.incoming_event[], p_sessions text[], p_from bigint[]) returns void
language plpgsql as $$
declare
    event warm.incoming_event;
    broken text;
    counts boolean := false;
begin
    foreach event in array p_events loop
        counts := counts or event.event_type = any (warm.kinds_counted());
    end loop;
    insert into warm.session_events (
        event_id, session_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq,
        till_id, for_till, store_id, user_id, hold_id, login_session, shift, version, prev_hash, hash, body
    )
    select e.event_id, e.session_id, e.stream_kind, e.stream_id, e.event_type, e.v, e.harmless, e.data, e.at,
        e.journal_id, e.seq, e.till_id, e.for_till, e.store_id, e.user_id, e.hold_id, e.login_session, e.shift,
        p_from[array_position(p_sessions, e.session_id)] + e.ordinality, e.prev_hash, e.hash, e.body
    from unnest(p_events) with ordinality as e;
    foreach event in array p_events loop
        if event.texts <> '{}' then
            perform warm.write_texts(event);
        end if;
    end loop;
    if counts then
        perform warm.note_lines(p_events[1].store_id, p_events);
    end if;
exception when unique_violation then
    get stacked diagnostics broken = constraint_name;
    if broken <> 'session_events_pkey' then
        raise;
    end if;
    raise exception 'A record has just arrived by another chain.' using errcode = '40001';
end $$;

-- Writes the texts of an event, except erased texts.
create or replace function warm.write_texts(e warm.incoming_event) returns void
language plpgsql as $$
begin
    insert into warm.event_texts (event_id, field, salt, text, store_id)
    select e.event_id, t.key, t.value->>'salt', t.value->>'text', e.store_id
    from jsonb_each(e.texts) as t
    where not exists (select from warm.erased as x where x.event_id = e.event_id);
end $$;
