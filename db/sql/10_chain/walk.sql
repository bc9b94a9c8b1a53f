-- Walking the chain of a journal, and writing it into the log.

-- Walks the events along the chain. `first` and `last` bound the new ones that follow; those at or below the head are
-- compared and left; the walk stops at the first that does not follow. `repeated`: an id may be in the log already; `gaps`:
-- some are only places; `faults`: some are refused; `ahead`: some have an id of more than a day from now; `holds`: some
-- need that their till took the order; `asks`: some ask the database itself for money; `over`: the numbers of those beyond
-- a journal's limit for an hour, counted by their own time, never back nor past now, with the start and the size of that
-- hour. A refusal is returned only if no new event was found before it.
create or replace function warm.follow_chain(
    p_auth warm.auth_context, p_events warm.incoming_event[],
    out first integer, out last integer, out repeated boolean, out gaps boolean, out faults boolean, out ahead boolean,
    out holds boolean, out asks boolean, out over bigint[], out hour timestamptz, out hour_events bigint, out hour_bytes bigint,
    out code text, out detail text
)
language plpgsql as $$
declare
    e warm.incoming_event;
    place integer := 0;
    seq bigint := p_auth.seq;
    hash text := p_auth.hash;
    newest uuid;
    eldest uuid;
    until timestamptz;
begin
    hour := least(p_auth.hour, now());  -- the clock of this server may have been set back
    until := hour + interval '1 hour';
    hour_events := p_auth.hour_events;
    hour_bytes := p_auth.hour_bytes;
    repeated := false;
    gaps := false;
    faults := false;
    ahead := false;
    holds := false;
    asks := false;
    foreach e in array p_events loop
        place := place + 1;
        if e.seq = seq + 1 and e.prev_hash = hash and e.sealed and not e.gone
            and e.for_till is null
            and (e.journal_id, e.till_id, e.store_id) = (p_auth.journal_id, p_auth.till_id, p_auth.store_id)
        then
            first := coalesce(first, place);
            last := place;
            seq := e.seq;
            hash := e.hash;
            if hour is null or e.at >= until and now() >= until then
                hour := least(coalesce(e.at, now()), now());
                until := hour + interval '1 hour';
                hour_events := 0;
                hour_bytes := 0;
            end if;
            if hour_events >= warm.most_hour_events() or hour_bytes + octet_length(e.body) > warm.most_hour_bytes() then
                over := array_append(over, e.seq);
                continue;
            end if;
            hour_events := hour_events + 1;
            hour_bytes := hour_bytes + octet_length(e.body);
            if e.fault is not null then
                faults := true;
                continue;
            end if;
            -- ids grow along a chain; if they do not, one may be in the log already
            repeated := repeated or e.stood or e.event_id <= newest;
            newest := greatest(newest, e.event_id);
            eldest := coalesce(eldest, e.event_id);
            holds := holds or warm.needs_hold(e.event_type);
            asks := asks or e.event_type = 'payment_started' and warm.is_kept_here(e.data->>'tender');
            continue;
        elsif e.gone then
            if e.seq = seq + 1 and e.hash ~ '^[0-9a-f]{64}$' then
                first := coalesce(first, place);
                last := place;
                seq := e.seq;
                hash := e.hash;
                gaps := true;
                continue;
            elsif e.seq is null or e.hash !~ '^[0-9a-f]{64}$' then
                code := 'protocol';
                detail := 'A gap of this journal names no place.';
            elsif e.seq > p_auth.seq then
                exit;
            elsif e.hash <> warm.hash_at(p_auth.journal_id, e.seq) then
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
            if e.hash <> warm.hash_at(e.journal_id, e.seq) then
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
        -- the ids grow, so the first is the oldest; if they do not, `repeated` is set already
        repeated := repeated or coalesce(eldest <= p_auth.reach, false);
        ahead := coalesce(newest > warm.least_id(now() + interval '1 day'), false);
    end if;
end $$;

-- The hash of a journal's record; null if it is no longer here.
create or replace function warm.hash_at(p_journal uuid, p_seq bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select e.hash from warm.session_events as e where e.journal_id = p_journal and e.seq = p_seq),
        (select l.hash from warm.event_links as l where l.journal_id = p_journal and l.seq = p_seq),
        (select g.hash from warm.chain_gaps as g where g.journal_id = p_journal and g.seq = p_seq),
        (select q.hash from warm.quarantine as q where q.journal_id = p_journal and q.seq = p_seq),
        (select a.hash from cold.order_audit as a where a.journal_id = p_journal and a.seq = p_seq),
        (select a.hash from cold.order_audit_links as a where a.journal_id = p_journal and a.seq = p_seq)
    );
end $$;

-- Records the places of events that their till has deleted, and returns the others.
create or replace function warm.keep_gaps(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
begin
    insert into warm.chain_gaps (journal_id, seq, hash, store_id)
    select p_auth.journal_id, e.seq, e.hash, p_auth.store_id from unnest(p_events) as e where e.gone;
    return array(select e from unnest(p_events) as e where e.gone is not true order by e.seq);
end $$;

-- Quarantines refused events, each with its place in the chain, and returns the others. An event that is known from another
-- chain is only a link; one that a `gone` place represents was judged when it first arrived.
create or replace function warm.keep_faulty(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
begin
    perform warm.keep_out(p_auth, array(select e from unnest(p_events) as e where e.fault is not null));
    return array(select e from unnest(p_events) as e where e.fault is null order by e.seq);
end $$;

-- Handles ids of more than a day from now. A till with a wrong clock must keep selling: its events on its own orders are
-- applied, and flagged once for its journal. On an order that another till wrote on too they are quarantined, because
-- nothing could follow them there.
create or replace function warm.keep_ahead(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
declare
    bound constant uuid := warm.least_id(now() + interval '1 day');
    e warm.incoming_event;
    sound warm.incoming_event[] := '{}';
begin
    foreach e in array p_events loop
        if e.event_id > bound then
            perform from till.order_sessions as s where s.id = e.session_id for no key update;
            if e.session_id is not null and exists (
                select from warm.log_of(e.session_id) as x where x.till_id not in (0, p_auth.till_id)) then
                perform warm.keep_out(
                    p_auth, array[e], 'The time of the record is more than a day ahead, and another till wrote on this order.', 'TL013');
                continue;
            elsif not exists (
                select from warm.quarantine as q
                where q.journal_id = p_auth.journal_id and q.sqlstate = 'TL014' and q.seq is null) then
                perform warm.quarantine_event(
                    p_auth, null, e, 'The clock of the till is more than a day ahead. Its sales are accepted.', 'TL014');
            end if;
        end if;
        sound := array_append(sound, e);
    end loop;
    return sound;
end $$;

-- Removes the events whose ids are in the log already, from another chain (or twice in this one): each keeps its place in
-- this chain as a link; one whose content differs is quarantined with its body.
create or replace function warm.link_repeats(p_auth warm.auth_context, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
declare
    e warm.incoming_event;
    stood text;
    fresh warm.incoming_event[] := '{}';
    ids uuid[] := '{}';
    own constant text[] := array['journal_id', 'seq', 'prev_hash'];
begin
    foreach e in array p_events loop
        stood := warm.body_of(e.store_id, e.event_id);
        if stood is null and e.event_id <> all (ids) then
            fresh := array_append(fresh, e);
            ids := array_append(ids, e.event_id);
            continue;
        end if;
        if stood is null then
            select x.body into stood from unnest(fresh) as x where x.event_id = e.event_id;
        end if;
        insert into warm.event_links (journal_id, seq, event_id, store_id, prev_hash, hash)
        values (e.journal_id, e.seq, e.event_id, e.store_id, e.prev_hash, e.hash);
        if stood::jsonb - own <> e.body::jsonb - own then
            perform warm.quarantine_event(p_auth, e.session_id, e, 'Another record with this id and other content is in the log.', null);
            perform warm.restore_session(e.session_id);
            update till.order_sessions set quarantined = true where id = e.session_id and not quarantined;
        end if;
    end loop;
    return fresh;
end $$;

-- Writes events into the log, those of one session beside each other. The version of each is its place among all of them,
-- counted on from the value given for its session: the version of that session less the number of events before its first.
-- An id that another push wrote in the meantime fails by the log's own key: looking up each again would cost as much as
-- writing it.
create or replace function warm.write_log(p_events warm.incoming_event[], p_sessions text[], p_from bigint[]) returns void
language plpgsql as $$
declare
    one warm.incoming_event;
    broken text;
begin
    insert into warm.session_events (
        event_id, session_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq,
        till_id, for_till, store_id, user_id, hold_id, login_session, shift, version, prev_hash, hash, body
    )
    select e.event_id, e.session_id, e.stream_kind, e.stream_id, e.event_type, e.v, e.harmless, e.data, e.at,
        e.journal_id, e.seq, e.till_id, e.for_till, e.store_id, e.user_id, e.hold_id, e.login_session, e.shift,
        p_from[array_position(p_sessions, e.session_id)] + e.ordinality, e.prev_hash, e.hash, e.body
    from unnest(p_events) with ordinality as e;
    foreach one in array p_events loop
        if one.texts <> '{}' then
            perform warm.write_texts(one);
        end if;
    end loop;
exception when unique_violation then
    get stacked diagnostics broken = constraint_name;
    if broken <> 'session_events_pkey' then
        raise;
    end if;
    raise exception 'A record has just arrived by another chain.' using errcode = '40001';
end $$;

-- Writes the texts of an event, except erased ones and those whose digest the event does not name.
create or replace function warm.write_texts(e warm.incoming_event) returns void
language plpgsql as $$
begin
    insert into warm.event_texts (event_id, field, salt, text, store_id)
    select e.event_id, t.key, t.value->>'salt', t.value->>'text', e.store_id
    from jsonb_each(e.texts) as t
    where t.value->>'salt' is not null and t.value->>'text' is not null
        and warm.digest(t.value->>'salt' || (t.value->>'text')) = e.data->'digests'->>t.key
        and not exists (select from warm.erased as x where x.event_id = e.event_id);
end $$;
