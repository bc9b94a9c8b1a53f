-- The server's own chain. Every change by the server, or for a program that is not a till, is an event like any other.

-- The stream of an order. The id of an order that a program made may be any text; its stream is derived from that.
create or replace function warm.stream_of(p_session text) returns uuid
language sql immutable parallel safe as $$
    select case when p_session ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_session else md5(p_session) end::uuid
$$;

-- The session of a stream. Tills name the order of a program by its stream, whatever the program calls it.
create or replace function warm.session_of(p_stream text) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select p.session_id from till.program_sessions as p where p.stream_id = warm.stream_of(p_stream)), p_stream);
end $$;

-- The stream of the administration events of a store.
create or replace function warm.stream_of_server(p_store uuid) returns uuid
language sql immutable strict parallel safe as $$
    select md5(p_store || ' till 0')::uuid
$$;

-- An id that later ids may follow; null for an id of more than a day ahead, which comes from a wrong clock.
create or replace function warm.floor_of(p_id uuid) returns uuid
language sql stable parallel safe as $$
    select case when p_id < warm.least_id(now() + interval '1 day') then p_id end
$$;

-- A secret of 32 random bytes.
create or replace function warm.new_secret() returns bytea
language sql volatile as $$
    select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;

-- A key of 64 random bytes, the block size of SHA-256.
create or replace function warm.new_key() returns bytea
language sql volatile as $$
    select warm.new_secret() || warm.new_secret()
$$;

-- The seal of an event that the server wrote. By it the server recognises an event that it lost with a restored backup.
-- The place in the chain is not sealed.
create or replace function warm.seal_of(p_store uuid, p_body jsonb) returns text
language sql stable as $$
    select encode(sha256(k.outer_key || sha256(k.inner_key || convert_to(
        (p_body - array['journal_id', 'seq', 'prev_hash'])::text, 'UTF8'))), 'hex')
    from till.store_seals as k where k.store_id = p_store
$$;

-- Writes a record at the end of the server's chain and applies it, as a push would. Returns the new state of the
-- session.
create or replace function warm.write_by_server(
    p_head warm.journal_head, p_session text, p_record jsonb, p_texts jsonb, p_snapshot jsonb, p_source text
) returns warm.hold_state
language plpgsql as $$
declare
    body constant text := warm.canonical(p_record);
    e warm.incoming_event;
    auth warm.auth_context;
    states warm.hold_state[];
begin
    auth.store_id := p_head.store_id;
    auth.till_id := 0;
    auth.journal_id := p_head.journal_id;
    auth.retired := false;
    e := (warm.read_events(jsonb_build_array(
        jsonb_build_object('b', body, 'h', warm.digest(body), 't', p_texts))))[1];
    if e.fault is not null then
        raise exception 'The event % cannot be recorded: %', p_record->>'type', e.fault using errcode = 'TL006';
    end if;
    e.session_id := p_session;
    update warm.journal_head set seq = e.seq, hash = e.hash, last_event = greatest(last_event, e.event_id)
    where journal_id = p_head.journal_id;
    perform warm.make_counts(auth, array[e]);
    states := warm.take(
        auth, array[e], case when p_snapshot is null then '{}' else jsonb_build_object(p_session, p_snapshot) end, p_source,
        false
    );
    perform warm.apply_beside(auth, array[e]);
    if e.event_type = 'order_discarded' and states[1].status = 'discarded'
        or e.event_type = 'payment_approved' and states[1].status in ('completed', 'discarded')
    then
        perform warm.flag_payments(auth, states[1]);
    end if;
    return states[1];
end $$;

-- Restores records that a till has and a restored database lacks (`is_handed_back`). Each is recognised by its seal,
-- keeps its id, and gets a new place in the server's chain. A record without a valid seal is ignored. True if a manager
-- has to look at one.
create or replace function warm.restore_returned(p_auth warm.auth_context, p_handed jsonb) returns boolean
language plpgsql as $$
declare
    head warm.journal_head;
    handed record;
    waiting boolean := false;
    moved_from text[] := '{}';
    moved uuid[] := '{}';
begin
    for handed in
        select warm.session_of(h.session) as session, h.b, x.body, case jsonb_typeof(h.t) when 'object' then h.t else '{}' end as texts
        from jsonb_to_recordset(p_handed) as h (session text, b text, m text, t jsonb)
        cross join lateral (select warm.read_body(h.b) as body offset 0) as x
        where h.m = warm.seal_of(p_auth.store_id, x.body)
            and warm.is_returned(x.body->>'type', (x.body->>'for_till')::integer, (x.body->>'till')::integer, x.body->'data')
            and warm.stream_of(h.session)::text = x.body->>'stream_id'
        order by x.body->>'id'
    loop
        perform warm.lock_session(handed.session);
        select * into head from warm.journal_head where store_id = p_auth.store_id and till_id = 0 for no key update;
        continue when warm.body_of(p_auth.store_id, (handed.body->>'id')::uuid) is not null;
        perform warm.write_by_server(head, handed.session, handed.body || jsonb_build_object(
            'journal_id', head.journal_id, 'seq', head.seq + 1, 'prev_hash', head.hash), handed.texts, null, 'till');
        if handed.body->>'type' = 'order_opened' and handed.body->>'for_till' = p_auth.till_id::text then
            update till.order_sessions set hold_journal = p_auth.journal_id where id = handed.session;
        elsif handed.body->>'type' = 'order_opened' then
            insert into till.program_sessions (session_id, stream_id, store_id, program)
            select handed.session, warm.stream_of(handed.session), p.store_id, p.name
            from till.programs as p where p.store_id = p_auth.store_id and p.name = handed.body->'data'->>'program' on conflict do nothing;
        elsif handed.body->>'type' = 'order_submitted' then
            insert into till.numbers as n (store_id, program, kind, reached)
            values (p_auth.store_id, coalesce(handed.body->'data'->>'program', ''), 'orders', (handed.body->'data'->>'number')::integer)
            on conflict (store_id, program, kind) do update set reached = greatest(n.reached, excluded.reached);
            perform till.keep_picture(s.id, till.items_keyed(s.id)) from till.order_sessions as s
            where s.id = handed.session and s.items = '[]';
        elsif handed.body->>'type' = 'lines_moved' then
            moved_from := moved_from || warm.session_of(coalesce(handed.body->'data'->>'from_session', handed.session));
            moved := moved || array(select i.content_id from warm.lines_moved_by(handed.body->'data') as i);
        elsif handed.body->>'type' = 'payment_approved' and handed.body->'data' ? 'holder' then
            waiting := warm.take_approval_back(p_auth, handed.session, (warm.read_events(jsonb_build_array(
                jsonb_build_object('b', handed.b, 'h', warm.digest(handed.b)))))[1]) or waiting;
        end if;
    end loop;
    perform warm.withdraw_late(p_auth, x) from unnest(moved_from) as x;
    perform warm.retry_sales(p_auth.store_id, moved);
    return waiting;
end $$;

-- True for events of the server that tills return to a database that lost them, because they keyed under them: grants,
-- hands, the events of their acts, approvals of payments, and what a program ordered and a gateway charged. The server makes all its other
-- decisions again.
create or replace function warm.is_returned(p_type text, p_for_till integer, p_till integer, p_data jsonb) returns boolean
language sql immutable parallel safe as $$
    select p_type in ('order_granted', 'order_handed') or p_for_till is not null
        or p_till = 0 and not p_data ? 'from_session' and p_type = any (array[
            'order_opened', 'item_added', 'line_rated', 'quantity_changed', 'line_voided', 'order_type_set', 'preference_set',
            'order_submitted', 'order_resumed', 'tab_assigned', 'gateway_order_named', 'payment_started', 'payment_approved'])
$$;

-- Writes one event of the server's journal and applies it, with a snapshot if one is given, as a push would. Where a
-- push would quarantine the event, raises an error and writes nothing. `p_texts` is {field: free text}. The event has
-- the current hold of the order; a grant makes a new one. The login is that of the calling program, if any. `p_stream` is the stream of an event about a refund or a shift,
-- `p_for_till` the till of that shift, `p_v` the version of copied data.
create or replace function warm.server_event(
    p_store uuid, p_user integer, p_type text, p_session text, p_data jsonb, p_texts jsonb, p_snapshot jsonb, p_source text,
    p_stream uuid, p_v integer, p_for_till integer
) returns uuid
language plpgsql as $$
declare
    head warm.journal_head;
    known warm.event_types;
    s till.order_sessions;
    new_state warm.hold_state;
    salted jsonb;
    makes_hold constant boolean := p_type = any (warm.kinds_that_take());
    v_id uuid;
begin
    select * into strict known from warm.event_types where type = p_type;
    -- the order first, in the order in which a push locks
    s := warm.lock_session(p_session);
    select * into head from warm.journal_head where store_id = p_store and till_id = 0 for no key update;
    if head.journal_id is null then
        raise exception 'There is no such store.' using errcode = 'TL004';
    end if;
    select coalesce(jsonb_object_agg(t.key, jsonb_build_object('salt', t.salt, 'text', t.value)), '{}') into salted
    from (
        select key, left(value, warm.longest_free()) as value, replace(gen_random_uuid()::text, '-', '') as salt
        from jsonb_each_text(p_texts)
    ) as t
    where t.value <> '';
    p_data := jsonb_strip_nulls(p_data);
    if salted <> '{}' then
        p_data := p_data || jsonb_build_object('digests', (
            select jsonb_object_agg(key, warm.digest(value->>'salt' || (value->>'text'))) from jsonb_each(salted)));
    end if;
    v_id := warm.next_id(warm.floor_of(head.last_event), greatest(s.last_event, s.last_move, s.hold_id));
    new_state := warm.write_by_server(head, p_session, jsonb_build_object(
        'at', warm.time_text(clock_timestamp()), 'data', p_data, 'harmless', p_type in ('erased', 'kitchen_told', 'lines_sent', 'order_handed'),
        'hold_id', case when makes_hold then v_id else s.hold_id end,
        'id', v_id, 'journal_id', head.journal_id, 'login_session', till.login_of(till.program_here()), 'prev_hash', head.hash, 'seq', head.seq + 1,
        'shift', null, 'store_id', p_store,
        'stream_id', case known.stream_kind
            when 'order' then warm.stream_of(p_session) else coalesce(p_stream, warm.stream_of_server(p_store)) end,
        'stream_kind', known.stream_kind, 'till', 0, 'type', p_type, 'user', p_user, 'v', coalesce(p_v, known.v)
    ) || case when p_for_till is null then '{}' else jsonb_build_object('for_till', p_for_till) end, salted, p_snapshot, p_source);
    if new_state.quarantined and not coalesce(s.quarantined, false) then
        raise exception '%', (
            select q.reason from warm.quarantine as q where q.session_id = p_session and q.event_id = v_id
            order by q.id limit 1
        ) using errcode = 'TL001';
    end if;
    if p_snapshot is not null then
        perform till.keep_picture_of_program(p_session);
    end if;
    return v_id;
end $$;

-- Writes one event of the server's journal about no till, or about a refund (`p_refund`).
create or replace function warm.server_event_v1(
    p_store uuid, p_user integer, p_type text, p_session text, p_data jsonb, p_texts jsonb default '{}',
    p_snapshot jsonb default null, p_source text default 'till', p_refund uuid default null, p_v integer default null
) returns uuid
language sql as $$
    select warm.server_event(p_store, p_user, p_type, p_session, p_data, p_texts, p_snapshot, p_source, p_refund, p_v, null)
$$;

-- Writes an event of the administration, which concerns no order.
create or replace function warm.admin_event(p_store uuid, p_actor integer, p_type text, p_data jsonb) returns void
language plpgsql as $$
begin
    perform warm.server_event_v1(p_store, p_actor, p_type, null, p_data);
end $$;
