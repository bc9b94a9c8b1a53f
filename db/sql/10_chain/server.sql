-- The server's own chain: what it changes by itself, or for a program that is not a till, is an event like any other.

-- The stream of an order. An order that a program made may have an id of its own words: its stream is derived from them.
create or replace function warm.stream_of(p_session text) returns uuid
language sql immutable strict parallel safe as $$
    select case when p_session ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_session else md5(p_session) end::uuid
$$;

-- The stream in which administration of a store is written.
create or replace function warm.stream_of_server(p_store uuid) returns uuid
language sql immutable strict parallel safe as $$
    select md5(p_store || ' till 0')::uuid
$$;

-- An id that everything may follow: one of more than a day from now is a wrong clock's.
create or replace function warm.floor_of(p_id uuid) returns uuid
language sql stable parallel safe as $$
    select case when p_id < warm.least_id(now() + interval '1 day') then p_id end
$$;

-- Writes one event of the server's journal and applies it, with a snapshot if one is given, as a push would. What
-- would be put aside in a push is refused here, and nothing is written. `p_texts` is {field: free text}. It is made under
-- the hold that the order has; one that takes the order raises it. What is about a refund names its stream.
create or replace function warm.server_event_v1(
    p_store uuid, p_user integer, p_type text, p_session text, p_data jsonb, p_texts jsonb default '{}',
    p_snapshot jsonb default null, p_source text default 'till', p_refund uuid default null
) returns uuid
language plpgsql as $$
declare
    head warm.journal_head;
    known warm.event_types;
    s till.order_sessions;
    e warm.arrival;
    door warm.door;
    stands warm.standing[];
    salted jsonb;
    takes constant boolean := p_type = any (warm.kinds_that_take());
    v_id uuid;
    body text;
begin
    select * into strict known from warm.event_types where type = p_type;
    -- the order first, as a push locks it before it comes here
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
    v_id := warm.next_id(warm.floor_of(head.last_event), s.last_event);
    body := warm.canonical(jsonb_build_object(
        'at', warm.time_text(clock_timestamp()), 'data', p_data, 'harmless', p_type = 'erased',
        'hold_epoch', coalesce(s.hold_epoch, 0) + takes::integer, 'hold_id', case when takes then v_id else s.hold_id end,
        'id', v_id, 'journal_id', head.journal_id, 'login_session', null, 'prev_hash', head.hash, 'seq', head.seq + 1,
        'shift', null, 'store_id', p_store,
        'stream_id', case known.stream_kind
            when 'order' then warm.stream_of(p_session) when 'refund' then p_refund else warm.stream_of_server(p_store) end,
        'stream_kind', known.stream_kind, 'till', 0, 'type', p_type, 'user', p_user, 'v', known.v
    ));
    door.store_id := p_store;
    door.till_id := 0;
    door.journal_id := head.journal_id;
    door.retired := false;
    e := (warm.read_events(jsonb_build_array(
        jsonb_build_object('b', body, 'h', warm.digest(body), 't', salted))))[1];
    if e.fault is not null then
        raise exception 'That cannot be written down as %: %', p_type, e.fault using errcode = 'TL006';
    end if;
    e.session_id := p_session;
    update warm.journal_head set seq = e.seq, hash = e.hash, last_event = e.event_id
    where journal_id = head.journal_id;
    stands := warm.take(
        door, array[e], case when p_snapshot is null then '{}' else jsonb_build_object(p_session, p_snapshot) end, p_source,
        false
    );
    if stands[1].quarantined and not coalesce(s.quarantined, false) then
        raise exception '%', (
            select q.reason from warm.quarantine as q where q.session_id = p_session and q.event_id = e.event_id
            order by q.id limit 1
        ) using errcode = 'TL001';
    end if;
    perform warm.apply_beside(door, array[e]);
    if p_snapshot is not null then
        perform till.keep_picture_of_program(p_session);
    end if;
    return e.event_id;
end $$;

-- The same for what concerns no order: an act of administration.
create or replace function warm.admin_event(p_store uuid, p_actor integer, p_type text, p_data jsonb) returns void
language plpgsql as $$
begin
    perform warm.server_event_v1(p_store, p_actor, p_type, null, p_data);
end $$;
