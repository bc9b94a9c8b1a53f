-- The chain of a journal, walked and written into the log.

-- Reads the events of a push. A body that is no JSON raises class 22. jsonb cannot hold a NUL: it stands as U+FFFD in
-- event_data, while the body keeps it as it was sealed. Of one that is `gone` only number and hash come.
create or replace function warm.read_events(p_events jsonb) returns warm.arrival[]
language plpgsql stable as $$
begin
    return (
        select array_agg(
            row(
                coalesce(x.seq, e.seq), x.id, x.session_id, coalesce(x.hold_epoch, 0), x."user", x.login_session,
                x.shift, x.type, x.at, coalesce(x.data, '{}'), x.journal_id, x.till, x.store_id, x.prev_hash, e.h, e.b, e.t,
                encode(sha256(convert_to(e.b, 'UTF8')), 'hex') = e.h,
                exists (select from warm.session_events as s where s.event_id = x.id), e.gone and e.b is null
            )::warm.arrival
            order by e.place
        )
        from rows from (jsonb_to_recordset(p_events) as (b text, h text, t jsonb, seq bigint, gone boolean))
                with ordinality as e (b, h, t, seq, gone, place),
            jsonb_to_record(
                case
                    when position('\u0000' in e.b) > 0 then replace(e.b, '\u0000', '\ufffd') else coalesce(e.b, '{}')
                end::jsonb
            ) as x (
                seq bigint, id uuid, session_id text, hold_epoch integer, "user" integer, login_session text,
                shift text, type text, at timestamptz, data jsonb, journal_id uuid, till integer, store_id uuid,
                prev_hash text
            )
    );
end $$;

-- Walks the events along the chain. `first` and `last` bound those that are new and follow; what is at or below the
-- head is compared and left; the walk stops at the first that does not follow. `repeated`: an id may be here already;
-- `gaps`: of some only their place came; `money`: some are about conflicts. A refusal is given only when nothing new
-- was found before it.
create or replace function warm.follow_chain(
    p_door warm.door, p_events warm.arrival[],
    out first integer, out last integer, out repeated boolean, out gaps boolean, out money boolean, out code text,
    out detail text
)
language plpgsql as $$
declare
    e warm.arrival;
    place integer := 0;
    seq bigint := p_door.seq;
    hash text := p_door.hash;
    newest uuid;
    eldest uuid;
begin
    repeated := false;
    gaps := false;
    money := false;
    foreach e in array p_events loop
        place := place + 1;
        if e.gone then
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
            elsif e.seq > p_door.seq then
                exit;
            elsif e.hash <> warm.hash_at(p_door.journal_id, e.seq) then
                code := 'chain_diverged';
                detail := format('Record %s is not the one that was sent before.', e.seq);
            end if;
        elsif e.sealed is not true or e.seq is null or e.event_id is null or e.event_type is null or e.at is null then
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
            eldest := coalesce(eldest, e.event_id);
            money := money or e.event_type in ('conflict_found', 'conflict_resolved', 'quarantine_resolved');
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
        -- the ids grow, so the first is the oldest; if they do not, `repeated` is set already
        repeated := repeated or coalesce(eldest <= p_door.reach, false);
    end if;
end $$;

-- The hash of a journal's record; null for one that is no longer here.
create or replace function warm.hash_at(p_journal uuid, p_seq bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select e.hash from warm.session_events as e where e.journal_id = p_journal and e.seq = p_seq),
        (select l.hash from warm.event_links as l where l.journal_id = p_journal and l.seq = p_seq),
        (select g.hash from warm.chain_gaps as g where g.journal_id = p_journal and g.seq = p_seq),
        (select a.hash from cold.order_audit as a where a.journal_id = p_journal and a.seq = p_seq),
        (select a.hash from cold.order_audit_links as a where a.journal_id = p_journal and a.seq = p_seq)
    );
end $$;

-- Keeps the places of events that their till had pruned, and gives the others.
create or replace function warm.keep_gaps(p_door warm.door, p_events warm.arrival[]) returns warm.arrival[]
language plpgsql as $$
begin
    insert into warm.chain_gaps (journal_id, seq, hash, store_id)
    select p_door.journal_id, e.seq, e.hash, p_door.store_id from unnest(p_events) as e where e.gone;
    return array(select e from unnest(p_events) as e where e.gone is not true order by e.seq);
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
        if replace(stood, '\u0000', '\ufffd')::jsonb - own <> replace(e.body, '\u0000', '\ufffd')::jsonb - own then
            perform warm.put_aside(p_door, e.session_id, e, 'Another record with this id and other content is in the log.', null);
            update till.order_sessions set quarantined = true where id = e.session_id and not quarantined;
        end if;
    end loop;
    return fresh;
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
