-- Verification of the chains. An altered, removed or inserted event breaks a chain, and the result says where.

-- The body of an event as it is in another chain: equal except for its place. A canonical body has these keys once,
-- after any text that a person wrote.
create or replace function warm.body_in_chain(p_body text, p_journal uuid, p_seq bigint, p_prev text) returns text
language plpgsql immutable as $$
begin
    return regexp_replace(
        p_body,
        '^(.*,"journal_id":")[^"]*(","login_session":.*,"prev_hash":")[0-9a-f]{64}(","seq":)[0-9]+(,"shift":.*)$',
        '\1' || p_journal || '\2' || p_prev || '\3' || p_seq || '\4');
end $$;

-- The fault of one record, as a sentence; null for none. Called only for records that failed the first pass.
create or replace function warm.fault_of_event(e warm.log) returns text
language plpgsql stable as $$
declare
    b jsonb;
begin
    if warm.digest(e.body) <> e.hash then
        return 'The content of the record differs from the sealed one.';
    end if;
    b := warm.read_body(e.body);
    if b->>'journal_id' = e.journal_id::text and b->>'id' = e.event_id::text and b->>'seq' <> e.seq::text then
        return format('The record is in another place: it was sealed as record %s.', b->>'seq');
    elsif (b->>'id', b->>'seq', b->>'journal_id', b->>'till', b->>'for_till', b->>'store_id', b->>'type', b->>'v', b->>'harmless',
            b->>'stream_kind', b->>'stream_id', b->>'user', b->>'prev_hash', b->>'hold_id',
            b->>'login_session', b->>'shift', coalesce(b->'data', '{}')::text, (b->>'at')::timestamptz)
        is distinct from (e.event_id::text, e.seq::text, e.journal_id::text,
            case when e.for_till is null then e.till_id else 0 end::text, e.for_till::text, e.store_id::text,
            e.event_type, e.v::text, e.harmless::text, e.stream_kind, e.stream_id::text, e.user_id::text, e.prev_hash,
            e.hold_id::text, e.login_session::text, e.shift::text, e.event_data::text, e."timestamp")
        or warm.stream_of(e.session_id) is distinct from (case when e.stream_kind = 'order' then e.stream_id end) then
        return 'The columns of the record differ from the sealed ones.';
    end if;
    return null;
end $$;

-- The fault of a link to an event of another chain, as a sentence; null for none.
create or replace function warm.fault_of_link(
    p_store uuid, p_journal uuid, p_seq bigint, p_event uuid, p_prev text, p_hash text
) returns text
language plpgsql stable as $$
declare
    known_body constant text := warm.body_of(p_store, p_event);
begin
    if known_body is null then
        return 'The linked record is missing.';
    elsif warm.digest(warm.body_in_chain(known_body, p_journal, p_seq, p_prev)) <> p_hash and not exists (
        select from warm.quarantine as q
        where q.journal_id = p_journal and q.event_id = p_event and warm.digest(q.body) = p_hash
    ) then
        return 'The linked record differs from the sealed one.';
    end if;
    return null;
end $$;

-- The places of a chain without an event: links to another chain, gaps, and quarantined records.
create or replace view warm.other_places as
select l.journal_id, l.seq, l.prev_hash, l.hash, 'link' as what, l.event_id, l.store_id, null::text as body
from warm.event_links as l
union all
select l.journal_id, l.seq, l.prev_hash, l.hash, 'link', l.event_id, l.store_id, null from cold.order_audit_links as l
union all
select g.journal_id, g.seq, null, g.hash, 'gap', null, g.store_id, null from warm.chain_gaps as g
union all
select q.journal_id, q.seq, null, q.hash, 'aside', q.event_id, q.store_id, q.body
from warm.quarantine as q where q.seq is not null;

-- The last place of a chain before a number: its number and its hash; null before the first.
create or replace function warm.place_before(p_journal uuid, p_seq bigint, out seq bigint, out hash text)
language sql stable as $$
    select x.seq, x.hash from (
        (select e.seq, e.hash from warm.session_events as e
        where e.journal_id = p_journal and e.seq < p_seq order by e.seq desc limit 1)
        union all
        (select a.seq, a.hash from cold.order_audit as a
        where a.journal_id = p_journal and a.seq < p_seq order by a.seq desc limit 1)
        union all
        (select o.seq, o.hash from warm.other_places as o
        where o.journal_id = p_journal and o.seq < p_seq order by o.seq desc limit 1)
    ) as x order by x.seq desc limit 1
$$;

-- Counts the events of a chain between two numbers, and returns those that must be checked again, in one pass. An event
-- is sound if its hash is that of its body, its columns, written as its till wrote them, equal its body, and it follows
-- the previous event. The pass fails on content that is not JSON; with `p_careful` every event is checked again.
create or replace function warm.doubtful_events(
    p_store uuid, p_journal uuid, p_first bigint, p_last bigint, p_careful boolean, out events bigint, out ids uuid[]
)
language plpgsql stable set plan_cache_mode = force_custom_plan set timezone = 'UTC' as $$
declare
    -- parts that all bodies share are built once: a till has millions of events
    journal constant text := format('","journal_id":"%s","login_session":', p_journal);
    no_login constant text := journal || 'null,"prev_hash":"';
    login constant text := journal || '"';
    store constant text := format('"store_id":"%s","stream_id":"', p_store);
    no_shift constant text := ',"shift":null,' || store;
    after_shift constant text := '",' || store;
begin
    select count(*), array_agg(w.event_id order by w.seq) filter (where not w.is_sound or w.follows is not true)
    into events, ids
    from (
        select s.event_id, s.seq, s.is_sound,
            s.seq = lag(s.seq) over chain + 1 and s.prev_hash = lag(s.hash) over chain as follows
        from (
            select x.seq, x.prev_hash, x.hash, x.event_id, x.is_in_place
                and encode(sha256(x.sealed), 'hex') = x.hash
                -- the data follows the time, whose length is fixed
                and substr(x.sealed, 1, 43) || substr(x.sealed, octet_length(x.sealed) - octet_length(x.around) + 44)
                    = convert_to(x.around, 'UTF8')
                and record_image_eq(row(x.event_data), row(convert_from(
                    substr(x.sealed, 44, octet_length(x.sealed) - octet_length(x.around)), 'UTF8')::jsonb)) as is_sound
            from (
                select e.seq, e.prev_hash, e.hash, e.event_id, e.event_data, convert_to(e.body, 'UTF8') as sealed,
                    not p_careful and e.store_id = p_store and case when e.session_id is null then e.stream_kind <> 'order'
                        else e.stream_kind = 'order' and e.session_id = e.stream_id::text end as is_in_place,
                    concat(
                        '{"at":"', to_char(e."timestamp", 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                        '","data":,', '"for_till":' || e.for_till || ',',
                        case when e.harmless then '"harmless":true,"hold_id":' else '"harmless":false,"hold_id":' end,
                        case when e.hold_id is null then 'null,"id":"' else '"' end, e.hold_id,
                        case when e.hold_id is not null then '","id":"' end, e.event_id,
                        case when e.login_session is null then no_login else login end, e.login_session,
                        case when e.login_session is not null then '","prev_hash":"' end, e.prev_hash, '","seq":', e.seq,
                        case when e.shift is null then no_shift else ',"shift":"' end, e.shift,
                        case when e.shift is not null then after_shift end, coalesce(e.session_id, e.stream_id::text),
                        '","stream_kind":"', e.stream_kind, '","till":',
                        case when e.for_till is null then e.till_id else 0 end, ',"type":"', e.event_type,
                        case when e.user_id is null then '","user":null,"v":' else '","user":' end, e.user_id,
                        case when e.user_id is not null then ',"v":' end, e.v, '}') as around
                from warm.log as e
                where e.journal_id = p_journal and e.seq between p_first and p_last
                order by e.seq offset 0
            ) as x
            order by x.seq offset 0
        ) as s
        window chain as (order by s.seq)
    ) as w;
end $$;

-- Checks doubted events, and all places without an event. Returns their faults, a hundred at most.
create or replace function warm.faults_of_places(p_journal uuid, p_first bigint, p_last bigint, p_doubted uuid[])
returns table (seq bigint, until bigint, id uuid, kind text, fault text)
language sql stable as $$
    with looked as (
        select e.seq, e.prev_hash, e.event_id, warm.fault_of_event(e) as fault
        from warm.log as e
        where e.event_id = any (p_doubted) and e.journal_id = p_journal and e.seq between p_first and p_last
        union all
        select o.seq, case when o.what = 'aside'
                then (warm.read_partly(o.body, o.hash, null, null, null, '')).prev_hash else o.prev_hash end,
            o.event_id, case o.what
                when 'link' then warm.fault_of_link(o.store_id, o.journal_id, o.seq, o.event_id, o.prev_hash, o.hash)
                when 'aside' then case when warm.digest(o.body) <> o.hash then 'The content of the record differs from the sealed one.' end end
        from warm.other_places as o where o.journal_id = p_journal and o.seq between p_first and p_last
    ), placed as (
        select l.*, coalesce(b.seq, 0) as last_seq, coalesce(b.hash, repeat('0', 64)) as last_hash, 1 < (
            select count(*) from (
                select from warm.log as e where e.journal_id = p_journal and e.seq = l.seq
                union all
                select from warm.other_places as o where o.journal_id = p_journal and o.seq = l.seq
            ) as there
        ) as is_double
        from looked as l left join lateral warm.place_before(p_journal, l.seq) as b on true
    )
    select * from (
        select distinct p.last_seq + 1, p.seq - 1, null::uuid, 'missing', 'Missing.' from placed as p where p.seq > p.last_seq + 1
        union all
        select p.seq, p.seq, max(p.event_id::text)::uuid, 'added', 'Two records have the same place.'
        from placed as p where p.is_double group by p.seq
        union all
        select p.seq, p.seq, p.event_id, 'reordered', 'The record does not follow the one before it.'
        from placed as p where p.seq = p.last_seq + 1 and not p.is_double and p.prev_hash <> p.last_hash
        union all
        select p.seq, p.seq, p.event_id, case when p.fault like 'The record is in another place%' then 'reordered'
            when p.fault like '%is missing.' then 'missing' else 'altered' end, p.fault
        from placed as p where p.fault is not null
        union all
        select e.seq, e.seq, e.event_id, 'altered', 'A text of the record is not the one that was sealed.'
        from (select * from warm.event_texts union all select * from cold.order_audit_texts) as t
        join warm.log as e on e.event_id = t.event_id
        where e.journal_id = p_journal and e.seq between p_first and p_last
            and not warm.is_sealed_text(t.salt, t.text, e.event_data->'digests'->>t.field)
    ) as f (seq, until, id, kind, fault)
    order by f.seq, f.until, f.kind, f.fault
    limit 100
$$;

-- The fault of the end of a chain, compared with its head; null for none.
create or replace function warm.fault_of_head(h warm.journal_head, p_seq bigint, p_hash text) returns jsonb
language plpgsql stable as $$
declare
    first bigint;
begin
    if h.seq > p_seq then
        return jsonb_build_object('seq', p_seq + 1, 'to', h.seq, 'id', null, 'kind', 'missing',
            'fault', format('Missing: the chain ends at record %s, but its head is record %s.', p_seq, h.seq));
    elsif h.seq < p_seq then
        first := h.seq + 1;
        return jsonb_build_object('seq', first, 'to', p_seq, 'kind', 'added', 'id', (
                select e.event_id from warm.log as e where e.journal_id = h.journal_id and e.seq = first limit 1),
            'fault', format('Added: the head of the chain is record %s.', h.seq));
    elsif h.hash <> p_hash then
        return jsonb_build_object('seq', p_seq, 'to', p_seq, 'kind', 'altered', 'id', (
                select e.event_id from warm.log as e where e.journal_id = h.journal_id and e.seq = p_seq limit 1),
            'fault', 'The head of the chain is not this record.');
    end if;
    return null;
end $$;

-- Verifies one chain, or the part between two numbers: its counts and its faults. Without `p_last` it ends at the end
-- of the chain, which is compared with its head.
create or replace function warm.verify_chain(p_store uuid, p_journal uuid, p_first bigint, p_last bigint) returns json
language plpgsql stable as $$
declare
    h warm.journal_head;
    till integer;
    ending constant bigint := coalesce(p_last, 9223372036854775806);
    found record;
    last record;
    faults jsonb;
begin
    select * into h from warm.journal_head as x where x.journal_id = p_journal and x.store_id = p_store;
    till := coalesce(h.till_id, (select e.till_id from warm.log as e where e.journal_id = p_journal order by e.seq limit 1));
    select coalesce(b.seq, 0) as seq, coalesce(b.hash, repeat('0', 64)) as hash into last
    from (select) as one left join lateral warm.place_before(p_journal, ending + 1) as b on true;
    begin
        select * into found from warm.doubtful_events(p_store, p_journal, p_first, ending, false);
    exception when data_exception or program_limit_exceeded then
        select * into found from warm.doubtful_events(p_store, p_journal, p_first, ending, true);
    end;
    select coalesce(jsonb_agg(jsonb_build_object(
        'seq', f.seq, 'to', f.until, 'id', f.id, 'kind', f.kind, 'fault', f.fault)), '[]')
    into faults from warm.faults_of_places(p_journal, p_first, ending, found.ids) as f;
    if h.journal_id is null then
        faults := jsonb_build_object('seq', p_first, 'to', last.seq, 'id', (
                select e.event_id from warm.log as e
                where e.journal_id = p_journal and e.seq >= p_first order by e.seq limit 1),
            'kind', 'added', 'fault', 'Nobody knows this journal.') || faults;
    elsif p_last is null then
        faults := faults || coalesce(warm.fault_of_head(h, last.seq, last.hash), '[]');
    end if;
    return json_build_object(
        'journal', p_journal, 'till', till, 'series', coalesce(h.series, ''), 'retired', h.retired_at is not null,
        'records', found.events + (
            select count(*) from warm.other_places as o
            where o.journal_id = p_journal and o.seq between p_first and ending and o.what <> 'gap'),
        'seq', last.seq, 'hash', last.hash,
        'gaps', (
            select coalesce(json_agg(json_build_object('from', r.first, 'to', r.last) order by r.first), '[]')
            from (
                select min(g.seq) as first, max(g.seq) as last from (
                    select x.seq, x.seq - row_number() over (order by x.seq) as island
                    from warm.chain_gaps as x where x.journal_id = p_journal and x.seq between p_first and ending
                ) as g group by g.island
            ) as r),
        'aside', (
            select count(*) from warm.quarantine as q where q.journal_id = p_journal and q.seq between p_first and ending),
        'faults', (
            select coalesce(json_agg(f.value order by (f.value->>'seq')::bigint, f.value->>'kind', f.place), '[]')
            from jsonb_array_elements(faults) with ordinality as f (value, place))
    );
end $$;

-- The journals of a store: the known ones, then any others with events here. Read by steps through the index of chains,
-- because there are few journals and millions of events.
create or replace function warm.journals_of(p_store uuid) returns table (journal_id uuid, till_id integer)
language sql stable as $$
    with recursive here as (
        (select e.journal_id from warm.session_events as e order by e.journal_id limit 1)
        union all
        select (select e.journal_id from warm.session_events as e
            where e.journal_id > h.journal_id order by e.journal_id limit 1)
        from here as h where h.journal_id is not null
    ), moved as (
        (select a.journal_id from cold.order_audit as a order by a.journal_id limit 1)
        union all
        select (select a.journal_id from cold.order_audit as a
            where a.journal_id > m.journal_id order by a.journal_id limit 1)
        from moved as m where m.journal_id is not null
    ), unknown as (
        select x.journal_id, e.till_id from (select * from here union select * from moved) as x
        cross join lateral (
            select l.till_id, l.store_id from warm.log as l where l.journal_id = x.journal_id order by l.seq limit 1
        ) as e
        where e.store_id = p_store and not exists (select from warm.journal_head as h where h.journal_id = x.journal_id)
    )
    select j.journal_id, j.till_id from (
        select h.journal_id, h.till_id, h.opened_at from warm.journal_head as h where h.store_id = p_store
        union all
        select u.journal_id, u.till_id, 'infinity' from unknown as u
    ) as j order by j.opened_at = 'infinity', j.till_id, j.opened_at, j.journal_id
$$;

-- The chains of a store, or of one till: [{"journal", "till", "series", "retired", "first", "last", "seq", "before",
-- "end"}]; `last` is null for the end of the chain, `seq` is the number of the last place; `before` and `end` are [number,
-- hash], of the place before the first, and of the last one or, at the end of a chain, of its head: null if unknown. With
-- two times, the part of each chain that its till wrote between them: from the first event that is not older to the first
-- one after the last that is not newer, so that a removed record at the edge shows.
-- for: admin, manager
create or replace function till.audit_chains_v1(
    p_store uuid, p_till integer default null, p_from timestamptz default null, p_until timestamptz default null
) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'journal', j.journal_id, 'till', j.till_id, 'series', coalesce(h.series, ''),
        'retired', h.retired_at is not null, 'first', coalesce(least(d.first, d.last), 1),
        'before', (
            select json_build_array(coalesce(max(b.seq), 0), coalesce(max(b.hash), repeat('0', 64)))
            from warm.place_before(j.journal_id, coalesce(least(d.first, d.last), 1)) as b),
        'last', l.last, 'end', case when l.last is not null then (
                select json_build_array(b.seq, b.hash) from warm.place_before(j.journal_id, l.last + 1) as b)
            when h.journal_id is not null then json_build_array(h.seq, h.hash) end,
        'seq', coalesce((warm.place_before(j.journal_id, 9223372036854775807)).seq, 0)) order by j.place), '[]')
    from (select x.*, row_number() over () as place from warm.journals_of(p_store) as x) as j
    left join warm.journal_head as h on h.journal_id = j.journal_id
    left join lateral (
        select min(e.seq) filter (where e."timestamp" >= p_from) as first,
            max(e.seq) filter (where e."timestamp" < p_until) as last
        from warm.log as e where e.journal_id = j.journal_id
    ) as d on p_from is not null
    left join lateral (
        select min(e.seq) as last from warm.log as e
        where e.journal_id = j.journal_id and e.seq > greatest(d.first, d.last)
    ) as l on d.first is not null
    where p_till is null or j.till_id = p_till
$$;

-- One chain of a store between two numbers, as `till.audit_verify_v1` reports it.
-- for: admin, manager
create or replace function till.audit_part_v1(p_store uuid, p_journal uuid, p_first bigint, p_last bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    if coalesce(
        (select h.store_id from warm.journal_head as h where h.journal_id = p_journal),
        (select e.store_id from warm.log as e where e.journal_id = p_journal order by e.seq limit 1)) is distinct from p_store
    then
        raise exception 'This venue has no such journal.' using errcode = 'TL004';
    end if;
    return warm.verify_chain(p_store, p_journal, p_first, p_last);
end $$;

-- All chains of a store: {"sound", "chains": [{"journal", "till", "records", "seq", "hash", "gaps", "aside", "faults"}]}. A
-- gap is not a fault: its till had deleted the record before this database was restored. A fault is {"seq", "to", "id",
-- "kind", "fault"}: `kind` is missing, altered, added or reordered, `id` is null if unknown.
-- for: admin
create or replace function till.audit_verify_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    chains json[];
begin
    chains := array(select warm.verify_chain(p_store, j.journal_id, 1, null) from warm.journals_of(p_store) as j);
    return json_build_object(
        'sound', not exists (select from unnest(chains) as c where json_array_length(c->'faults') > 0),
        'chains', to_json(chains)
    );
end $$;
