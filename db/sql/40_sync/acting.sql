-- Acts between orders (ADR 0047). The till that holds the orders decides the events; the server writes them in its own
-- chain, all or none. An act is checked after the events of the same push.

-- An act with its orders under their session ids in this database.
create or replace function warm.act_named(p_act jsonb) returns jsonb
language plpgsql stable as $$
begin
    return p_act || (
        select jsonb_object_agg(part, (
            select coalesce(jsonb_object_agg(warm.session_of(o.key), o.value), '{}') from jsonb_each(p_act->part) as o))
        from unnest('{versions,snapshots}'::text[]) as part);
end $$;

-- The lines that the events of an act cut in their order, and the lines that they move: `leaves` from the events of the
-- order that gives them away, `comes` from those of the order that receives them. Both have the same form, so that they
-- can be compared.
create or replace function warm.moves_in(p_events warm.incoming_event[], out cuts jsonb, out leaves jsonb, out comes jsonb)
language sql stable as $$
    select
        coalesce(jsonb_agg(jsonb_build_array(e.session_id, e.data->>'line_id', e.data->>'into'))
            filter (where e.event_type = 'line_cut'), '[]'),
        coalesce(jsonb_agg(m.move order by m.move) filter (where not m.is_coming), '[]'),
        coalesce(jsonb_agg(m.move order by m.move) filter (where m.is_coming), '[]')
    from unnest(p_events) as e
    left join lateral (
        select false, jsonb_build_array(e.session_id, warm.session_of(e.data->>'to_session'), l #>> '{}')
        from jsonb_path_query(e.data, '$.line_ids[*]') as l
        union all
        select true, jsonb_build_array(warm.session_of(e.data->>'from_session'), e.session_id, l->>'line_id')
        from jsonb_path_query(e.data, '$.lines[*]') as l
    ) as m (is_coming, move) on e.event_type = 'lines_moved'
$$;

-- True if an order has a line now, or gets it by a cut of the same act.
create or replace function warm.has_line(p_session text, p_line text, p_cuts jsonb) returns boolean
language sql stable as $$
    select exists (
        select from warm.contents_now as n
        where n.content_id = p_line::uuid and n.session_id = p_session and not n.is_payment)
        or exists (
            select from jsonb_array_elements(p_cuts) as c where c->>0 = p_session and c->>2 = p_line and c->>1 <> p_line)
$$;

-- True if an act moves a line without its rates or its own order type, which only a till that does not know them does. What a
-- manager skipped may stay behind.
create or replace function warm.leaves_types(p_events warm.incoming_event[], p_cuts jsonb, p_leaves jsonb) returns boolean
language sql stable as $$
    select exists (
        select from jsonb_array_elements(p_leaves) as l
        cross join lateral (
            select coalesce((select c->>1 from jsonb_array_elements(p_cuts) as c where c->>0 = l->>0 and c->>2 = l->>2), l->>2) as line) as x
        cross join unnest('{line_rated,line_type_set}'::text[]) as t (type)
        where exists (select from warm.log_of(l->>0) as o where o.event_type in (t.type, 'lines_copied'))
            and warm.change_of_line(l->>0, x.line::uuid, t.type) @? '$ ? (@.order_type != "" || @.by_type.size() > 0 || exists(@.combos))'
            and not exists (
                select from unnest(p_events) as e
                where e.session_id = l->>1 and e.event_type = t.type and e.data->>'line_id' = l->>2))
$$;

-- The reason why an act is refused; null if it is accepted. `behind`: records of the till have not arrived, or the
-- server lost some. `changed`: one of the orders has an event that the till did not know. `not_held`: the till does not
-- hold one of the orders. The other reasons are sentences about acts that no unmodified till sends.
create or replace function warm.fault_of_act(p_auth warm.auth_context, p_act jsonb, p_events warm.incoming_event[]) returns text
language plpgsql stable as $$
declare
    s till.order_sessions;
    e warm.incoming_event;
    part record;
    moves record;
    begun integer := 0;
begin
    if ((p_act->>'seq')::bigint <= p_auth.seq) is not true then
        return 'behind';
    end if;
    foreach e in array p_events loop
        if e.fault is not null then
            return e.fault;
        elsif e.event_type <> all (warm.kinds_of_acts()) then
            return format('An act cannot have %s.', e.event_type);
        elsif not p_act->'versions' ? e.session_id then
            return 'The act names no version of one of its orders.';
        elsif e.event_id >= warm.least_id(now() + interval '1 day') then
            return 'The time of the act is more than a day ahead.';
        end if;
    end loop;
    for part in
        select x.session_id, (array_agg(x.event_type order by x.seq))[1] = 'order_opened' as opens,
            count(*) filter (where x.event_type = 'order_opened') as openings, array_agg(x.hold_id order by x.seq) as holds
        from unnest(p_events) as x group by x.session_id order by x.session_id collate "C"
    loop
        select * into s from till.order_sessions as o where o.id = part.session_id;
        if part.openings > 0 then
            if not coalesce(warm.is_event_id(warm.as_uuid(part.session_id)), false) then
                return 'The act opens an order under an id of another kind.';
            elsif s.id is not null or not part.opens or part.openings > 1 or part.holds[1] <> any (part.holds) then
                return 'The act opens an order that already exists.';
            elsif warm.holds_too_many(p_auth.store_id, p_auth.till_id, begun) then
                return 'The till holds too many open orders.';
            end if;
            begun := begun + 1;
        elsif s.store_id is distinct from p_auth.store_id or p_auth.retired or not warm.is_held_by(s, p_auth)
            or s.status not in ('active', 'pending_logout', 'assigned_to_tab')
        then
            return 'not_held';
        elsif (s.hold_id <> any (part.holds)) is not false or exists (
            select from warm.log_of(s.id) as x
            where case when x.journal_id = p_auth.journal_id then x.seq > (p_act->>'seq')::bigint
                else x.version > (p_act->'versions'->>s.id)::bigint end)
        then
            return 'changed';
        end if;
    end loop;
    moves := warm.moves_in(p_events);
    if moves.leaves <> moves.comes or exists (select from jsonb_array_elements(moves.leaves) as l group by l->>2 having count(*) > 1) then
        return 'A line leaves one order and arrives in no other.';
    elsif exists (
        select from jsonb_array_elements(moves.leaves) as l where not warm.has_line(l->>0, l->>2, moves.cuts))
        or exists (select from jsonb_array_elements(moves.cuts) as l where not warm.has_line(l->>0, l->>1, moves.cuts))
    then
        return 'A line is not in the order that it leaves.';
    elsif warm.leaves_types(p_events, moves.cuts, moves.leaves) then
        return 'Update this till: a line that it moves has an order type or taxes of its own.';
    end if;
    return null;
end $$;

-- The events of an act as the server writes them: with the ids, times, people and texts from the till, at the next
-- places of the server's chain. A record that is not of this till, or cannot be read, has a fault.
create or replace function warm.events_of_act(p_auth warm.auth_context, p_act jsonb, p_head warm.journal_head) returns warm.incoming_event[]
language plpgsql stable as $$
declare
    seq bigint := p_head.seq;
    hash text := p_head.hash;
    sealed jsonb := '[]';
    body text;
    item record;
begin
    for item in
        select warm.read_body(e.event->>'b') as body, e.event->'t' as texts
        from jsonb_array_elements(p_act->'events') with ordinality as e (event, place) order by e.place
    loop
        seq := seq + 1;
        body := warm.canonical(item.body || jsonb_build_object(
            'journal_id', p_head.journal_id, 'seq', seq, 'prev_hash', hash, 'till', 0, 'for_till', p_auth.till_id,
            'store_id', p_auth.store_id));
        hash := warm.digest(body);
        sealed := sealed || jsonb_build_object('b', body, 'h', hash, 't', coalesce(item.texts, '{}'));
    end loop;
    return warm.read_events(sealed);
end $$;

-- Writes an act and applies it with its snapshots, which show the orders after it, and the words of guests that the act of
-- an older till leaves out: that till has a note in the one of a line (`includes`). Notifies every till, because the one that
-- sent the act may have stopped waiting.
create or replace function warm.write_act(
    p_auth warm.auth_context, p_act jsonb, p_head warm.journal_head, p_events warm.incoming_event[], out stands warm.hold_state[], out flagged boolean
)
language plpgsql as $$
declare
    last constant warm.incoming_event := p_events[cardinality(p_events)];
    size constant bigint := (select sum(octet_length(e.body)) from unnest(p_events) as e);
    before constant text[] := array(
        select s.id from till.order_sessions as s
        where s.id = any (array(select e.session_id from unnest(p_events) as e)) and s.quarantined);
    s warm.hold_state;
    moved record;
begin
    update warm.journal_head as h set hour_events = h.hour_events + cardinality(p_events), hour_bytes = h.hour_bytes + size
    where h.journal_id = p_auth.journal_id and h.hour_events + cardinality(p_events) <= warm.most_hour_events()
        and h.hour_bytes + size <= warm.most_hour_bytes();
    if not found then
        raise exception 'The till wrote more than it may in an hour.' using errcode = 'TL023';
    end if;
    update warm.journal_head set seq = last.seq, hash = last.hash, last_event = greatest(last_event, last.event_id)
    where journal_id = p_head.journal_id;
    stands := warm.take(p_auth, p_events, (
        select coalesce(jsonb_object_agg(n.key, n.value || jsonb_build_object('base_version', n.written + coalesce((
            select o.version from till.order_sessions as o where o.id = n.key), 0))), '{}')
        from (
            select x.key, x.value, (select count(*) from unnest(p_events) as e where e.session_id = x.key) as written
            from jsonb_each(warm.within_size(p_act->'snapshots')) as x
        ) as n where n.written > 0
    ), 'till', false);
    foreach s in array stands loop
        if s.quarantined and s.id <> all (before) then
            raise exception '%', coalesce((
                select q.reason from warm.quarantine as q where q.session_id = s.id and q.resolved_at is null
                order by q.id desc limit 1), 'The act could not be applied.') using errcode = 'TL023';
        end if;
    end loop;
    update till.order_sessions as o set hold_journal = p_auth.journal_id
    from unnest(p_events) as e where e.event_type = 'order_opened' and o.id = e.session_id;
    flagged := warm.apply_beside(p_auth, p_events);
    for moved in
        select distinct warm.session_of(e.data->>'from_session') as "from", e.session_id as "to", exists (
            select from unnest(p_events) as n where n.session_id = e.session_id and n.data ? 'includes') as has_note
        from unnest(p_events) as e where e.event_type = 'lines_moved' and e.data ? 'from_session' order by 1, 2
    loop
        perform warm.give_words(p_auth.store_id, moved."from", moved."to", not moved.has_note);
    end loop;
    perform till.tell_tills(p_auth.store_id, 'sessions');
end $$;

-- Applies the act of a push, or returns the reason why not. An act whose ids are known was applied before. Returns the
-- sessions of the push with those of the act, reloaded, so that the same reply sends its events.
create or replace function warm.take_act(
    p_auth warm.auth_context, p_act jsonb, inout p_stands warm.hold_state[], out why text, out flagged boolean
)
language plpgsql as $$
declare
    head warm.journal_head;
    events warm.incoming_event[];
    touched text[];
    known_events integer;
    s warm.hold_state;
begin
    flagged := false;
    select * into head from warm.journal_head as h where h.store_id = p_auth.store_id and h.till_id = 0 for no key update;
    begin
        events := coalesce(warm.events_of_act(p_auth, p_act, head), '{}');
        touched := array(select distinct e.session_id collate "C" from unnest(events) as e where e.session_id is not null order by 1);
        select count(*) into known_events
        from unnest(events) as e cross join lateral warm.event_by_id(p_auth.store_id, e.event_id) as x
        where x.store_id = p_auth.store_id and x.for_till = p_auth.till_id;
        if known_events = 0 or known_events < cardinality(events) then
            why := coalesce(
                warm.fault_of_act(p_auth, p_act, events),
                case when cardinality(events) = 0 or known_events > 0 or exists (select from unnest(events) as e where e.stood)
                    then 'The act is empty, or some of its records are already in the log.' end);
            if why is null then
                flagged := (warm.write_act(p_auth, p_act, head, events)).flagged;
            end if;
        end if;
    exception when data_exception or integrity_constraint_violation or sqlstate 'TL023' then
        get stacked diagnostics why = message_text;
    end;
    p_stands := array(select x from unnest(p_stands) as x where x.id <> all (touched));
    for s in select (warm.lock_state(p_auth, x)).* from unnest(touched) as x loop
        p_stands := p_stands || warm.reload_state(s);
    end loop;
end $$;

-- Locks all orders of a push and its act in the order of their ids, so that two pushes never deadlock.
create or replace function warm.lock_with_act(p_events warm.incoming_event[], p_snapshots jsonb, p_act jsonb) returns void
language plpgsql as $$
begin
    perform warm.lock_session(x.id) from (
        select e.session_id collate "C" as id from unnest(p_events) as e
        union
        select jsonb_object_keys(p_snapshots) collate "C"
        union
        select jsonb_object_keys(p_act->'versions') collate "C"
        order by 1
    ) as x where x.id is not null;
end $$;
