-- The chains, walked from their beginnings: an event that was altered, removed or put in breaks one, and this says where.

-- The body that an event has in another chain: the same but for its place. A canonical body has these keys once, after
-- everything that a person wrote.
create or replace function warm.body_in_chain(p_body text, p_journal uuid, p_seq bigint, p_prev text) returns text
language plpgsql immutable as $$
begin
    return regexp_replace(
        p_body,
        '^(.*,"journal_id":")[^"]*(","login_session":.*,"prev_hash":")[0-9a-f]{64}(","seq":)[0-9]+(,"shift":.*)$',
        '\1' || p_journal || '\2' || p_prev || '\3' || p_seq || '\4');
end $$;

-- What is wrong with one record by itself; null when nothing is.
create or replace function warm.fault_of_event(e warm.log) returns text
language plpgsql stable as $$
declare
    b jsonb;
begin
    if warm.digest(e.body) <> e.hash then
        return 'Its content is not what was sealed.';
    end if;
    b := warm.read_body(e.body);
    if (b->>'id', b->>'seq', b->>'journal_id', b->>'till', b->>'store_id', b->>'type', b->>'v', b->>'harmless',
            b->>'stream_kind', b->>'stream_id', b->>'user', b->>'prev_hash', b->>'hold_epoch', b->>'hold_id',
            coalesce(b->'data', '{}'), (b->>'at')::timestamptz)
        is distinct from (e.event_id::text, e.seq::text, e.journal_id::text, e.till_id::text, e.store_id::text,
            e.event_type, e.v::text, e.harmless::text, e.stream_kind, e.stream_id::text, e.user_id::text, e.prev_hash,
            e.hold_epoch::text, e.hold_id::text, e.event_data, e."timestamp")
        or warm.stream_of(e.session_id) is distinct from (case when e.stream_kind = 'order' then e.stream_id end) then
        return 'Its columns do not say what was sealed.';
    elsif exists (
        select from warm.texts_of(e.event_id) as t
        where warm.digest(t.salt || t.text) is distinct from b->'data'->'digests'->>t.field
    ) then
        return 'A text beside it is not the one that was sealed.';
    end if;
    return null;
end $$;

-- The same for the place of an event that stands in another chain.
create or replace function warm.fault_of_link(
    p_store uuid, p_journal uuid, p_seq bigint, p_event uuid, p_prev text, p_hash text
) returns text
language plpgsql stable as $$
declare
    stands constant text := warm.body_of(p_store, p_event);
begin
    if stands is null then
        return 'The record that it stands for is missing.';
    elsif warm.digest(warm.body_in_chain(stands, p_journal, p_seq, p_prev)) <> p_hash and not exists (
        select from warm.quarantine as q
        where q.journal_id = p_journal and q.event_id = p_event and warm.digest(q.body) = p_hash
    ) then
        return 'The record that it stands for is not what was sealed.';
    end if;
    return null;
end $$;

-- One chain, record by record: what of it is here, and where it breaks.
create or replace function warm.verify_chain(p_store uuid, p_journal uuid) returns json
language plpgsql stable as $$
declare
    h warm.journal_head;
    r record;
    seq bigint := 0;
    hash text := repeat('0', 64);
    records bigint := 0;
    gaps bigint := 0;
    from_gap bigint;
    ranges jsonb := '[]';
    faults jsonb := '[]';
    till integer;
begin
    select * into h from warm.journal_head as x where x.journal_id = p_journal and x.store_id = p_store;
    for r in
        select e.seq, e.prev_hash, e.hash, false as gone, e.till_id, warm.fault_of_event(e) as fault
        from warm.log as e where e.journal_id = p_journal
        union all
        select l.seq, l.prev_hash, l.hash, false, null,
            warm.fault_of_link(l.store_id, l.journal_id, l.seq, l.event_id, l.prev_hash, l.hash)
        from (select * from warm.event_links union all select * from cold.order_audit_links) as l
        where l.journal_id = p_journal
        union all
        select g.seq, null, g.hash, true, null, null from warm.chain_gaps as g where g.journal_id = p_journal
        union all
        select q.seq, (warm.read_badly(q.body, q.hash, null, null, null, '')).prev_hash, q.hash, false, q.till_id,
            case when warm.digest(q.body) <> q.hash then 'Its content is not what was sealed.' end
        from warm.quarantine as q where q.journal_id = p_journal and q.seq is not null
        order by 1
    loop
        if r.seq > seq + 1 then
            faults := faults || jsonb_build_object('seq', seq + 1, 'to', r.seq - 1, 'fault', 'Missing.');
        elsif r.seq <= seq then
            faults := faults || jsonb_build_object('seq', r.seq, 'fault', 'Two records stand in one place.');
        elsif r.prev_hash <> hash then
            faults := faults || jsonb_build_object('seq', r.seq, 'fault', 'It does not follow the record before it.');
        end if;
        if r.fault is not null then
            faults := faults || jsonb_build_object('seq', r.seq, 'fault', r.fault);
        end if;
        if r.gone then
            from_gap := coalesce(from_gap, r.seq);
            gaps := gaps + 1;
        elsif from_gap is not null then
            ranges := ranges || jsonb_build_object('from', from_gap, 'to', r.seq - 1);
            from_gap := null;
        end if;
        records := records + 1;
        till := coalesce(till, r.till_id);
        seq := r.seq;
        hash := r.hash;
    end loop;
    if from_gap is not null then
        ranges := ranges || jsonb_build_object('from', from_gap, 'to', seq);
    end if;
    if h.journal_id is null then
        faults := faults || jsonb_build_object('seq', seq, 'fault', 'Nobody knows this journal.');
    elsif (h.seq, h.hash) is distinct from (seq, hash) then
        faults := faults || jsonb_build_object(
            'seq', seq, 'fault', format('The chain ends here, but should at record %s.', h.seq));
    end if;
    return json_build_object(
        'journal', p_journal, 'till', coalesce(h.till_id, till), 'series', coalesce(h.series, ''),
        'retired', h.retired_at is not null, 'records', records - gaps, 'seq', seq, 'hash', hash, 'gaps', ranges,
        'aside', (select count(*) from warm.quarantine as q where q.journal_id = p_journal and q.seq is not null),
        'faults', faults
    );
end $$;

-- All chains of a store: {"sound", "chains": [{"journal", "till", "records", "seq", "hash", "gaps", "aside", "faults"}]}. A gap is
-- no fault: it names what a till had let go before this database was set back.
create or replace function till.audit_verify_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    chains json[];
begin
    chains := array(
        select warm.verify_chain(p_store, j.journal_id)
        from (
            select h.till_id, h.opened_at, h.journal_id from warm.journal_head as h where h.store_id = p_store
            union all
            select 2147483647, null, x.journal_id from (
                select distinct e.journal_id from warm.log as e where e.store_id = p_store
            ) as x
            where not exists (select from warm.journal_head as h where h.journal_id = x.journal_id)
        ) as j
        order by j.till_id, j.opened_at, j.journal_id
    );
    return json_build_object(
        'sound', not exists (select from unnest(chains) as c where json_array_length(c->'faults') > 0),
        'chains', to_json(chains)
    );
end $$;
