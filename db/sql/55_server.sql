-- The server's own chain: what it changes by itself, or for a program that is not a till, is an event like any other.

-- Writes one event of the server's journal and applies it, with a snapshot if one is given, as a push would. What
-- would be put aside in a push is refused here, and nothing is written. `p_texts` is {field: free text}.
create or replace function warm.server_event_v1(
    p_store uuid, p_user integer, p_type text, p_session text, p_data jsonb, p_texts jsonb default '{}',
    p_snapshot jsonb default null, p_source text default 'till', p_epoch integer default null
) returns uuid
language plpgsql as $$
declare
    head warm.journal_head;
    s till.order_sessions;
    e warm.arrival;
    door warm.door;
    stands warm.standing[];
    salted jsonb;
begin
    -- the orders first, as a push locks them before it comes here
    perform warm.lock_carriers(p_store, tab) from warm.tabs_told_of(p_store, p_session, p_type, p_data) as tab;
    select * into s from till.order_sessions where id = p_session for no key update;
    select * into head from warm.journal_head where store_id = p_store and till_id = 0 for no key update;
    if not found then
        raise exception 'There is no such store.' using errcode = 'TL004';
    end if;
    select coalesce(jsonb_object_agg(t.key, jsonb_build_object('salt', t.salt, 'text', t.value)), '{}') into salted
    from (select key, value, replace(gen_random_uuid()::text, '-', '') as salt from jsonb_each_text(p_texts)) as t
    where t.value <> '';
    if salted <> '{}' then
        p_data := p_data || jsonb_build_object('digests', (
            select jsonb_object_agg(key, warm.digest(value->>'salt' || (value->>'text'))) from jsonb_each(salted)));
    end if;
    e.seq := head.seq + 1;
    e.event_id := warm.next_id(head.last_event, s.last_event);
    e.session_id := p_session;
    e.hold_epoch := coalesce(p_epoch, s.hold_epoch, 0);
    e.user_id := p_user;
    e.event_type := p_type;
    e.at := clock_timestamp();
    e.data := p_data;
    e.journal_id := head.journal_id;
    e.till_id := 0;
    e.store_id := p_store;
    e.prev_hash := head.hash;
    e.texts := salted;
    e.body := warm.canonical(jsonb_build_object(
        'at', warm.time_text(e.at), 'data', e.data, 'hold_epoch', e.hold_epoch, 'id', e.event_id,
        'journal_id', e.journal_id, 'login_session', null, 'prev_hash', e.prev_hash, 'seq', e.seq,
        'session_id', e.session_id, 'shift', null, 'store_id', e.store_id, 'till', 0, 'type', e.event_type,
        'user', e.user_id
    ));
    e.hash := warm.digest(e.body);
    update warm.journal_head set seq = e.seq, hash = e.hash, last_event = e.event_id
    where journal_id = head.journal_id;
    door.store_id := p_store;
    door.till_id := 0;
    door.journal_id := head.journal_id;
    door.retired := false;
    stands := warm.take(
        door, array[e], case when p_snapshot is null then '{}' else jsonb_build_object(p_session, p_snapshot) end, p_source
    );
    if stands[1].quarantined and not coalesce(s.quarantined, false) then
        raise exception '%', (
            select q.reason from warm.quarantine as q where q.session_id = p_session and q.event_id = e.event_id
            order by q.id limit 1
        ) using errcode = 'TL001';
    end if;
    if p_type in ('conflict_found', 'conflict_resolved') then
        perform warm.apply_conflict(door, e);
    end if;
    perform warm.look_carried_twice(p_store, p_session, p_type, p_data);
    return e.event_id;
end $$;

-- The same for what concerns no order: an act of administration.
create or replace function warm.admin_event(p_store uuid, p_actor integer, p_type text, p_data jsonb) returns void
language plpgsql as $$
begin
    perform warm.server_event_v1(p_store, p_actor, p_type, null, p_data);
end $$;
