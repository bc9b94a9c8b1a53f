-- Orders that a till sends to the kitchen though it does not hold them (ADR 0068): what no holder can tell. Each is asked
-- for once, and handed to the first till that polls and says that it sends. A till that stays silent is followed by the
-- next one.

-- The seconds until an order that a till was handed goes to the next one: each time longer, so that one that nobody can
-- send does not fill the log.
create or replace function warm.longest_hand() returns integer
language sql immutable parallel safe as $$ select 120 $$;

-- The types that a till writes on an order that it was handed: its number, and its tickets with their heads.
create or replace function warm.kinds_of_hands() returns text[]
language sql immutable parallel safe as $$ select array['order_numbered', 'lines_sent', 'kitchen_told'] $$;

-- The most orders that one poll is handed.
create or replace function warm.most_handed() returns integer
language sql immutable parallel safe as $$ select 20 $$;

-- True if the tickets of an order wait for a till: after an event of the server itself that changes what the stations
-- have to make, or what holds of the order: of a paid one nobody else tells them. A venue without stations asks for nothing.
create or replace function warm.is_for_kitchen(s warm.hold_state, e warm.incoming_event) returns boolean
language plpgsql stable as $$
declare
    v_venue jsonb;
begin
    if e.for_till is not null or e.data->>'name' = 'language' or e.event_type <> all ('{order_submitted,item_added,quantity_changed,
            line_voided,order_placed,order_discarded,preference_set,order_noted}')
        or e.event_type in ('item_added', 'quantity_changed', 'line_voided') and s.submitted is null
    then
        return false;
    end if;
    v_venue := till.venue(s.store_id);
    if jsonb_array_length(v_venue->'stations') > 0 is not true then
        return false;
    elsif e.event_type = 'order_placed' then
        return s.hold_till = 0;
    elsif e.event_type <> 'order_discarded' and s.hold_till = 0 and v_venue->'cooked'->>(s.submitted->>'program') = 'submitted' then
        return true;
    end if;
    return (e.event_type = 'order_discarded' or s.hold_till = 0 or s.status = 'completed') and exists (
        select from warm.log_of(s.id) as l where l.event_type = 'lines_sent');
end $$;

-- Asks for the tickets of an order.
create or replace function warm.ask_for_tickets(s warm.hold_state) returns void
language plpgsql as $$
begin
    insert into till.hands as h (session_id, store_id) values (s.id, s.store_id)
    on conflict (store_id, session_id) do update set event_id = null, till_id = null, times = 0, asked_at = now(), dropped_by = null;
    perform till.tell_tills(s.store_id, 'sessions');
end $$;

-- Asks another till for the tickets of an order once: a till that it was handed to had nothing to send, or sent its lines to a
-- station that does not exist. It may be wrong, or stolen.
create or replace function warm.ask_another(p_store uuid, p_session text, p_till integer) returns void
language plpgsql as $$
begin
    insert into till.hands as h (session_id, store_id, dropped_by) values (p_session, p_store, p_till)
    on conflict (store_id, session_id) do update set event_id = null, till_id = null, times = 0, asked_at = now(), dropped_by = p_till;
    perform till.tell_tills(p_store, 'sessions');
end $$;

-- Asks for the tickets of open orders that changed since their holder fell silent, and that the kitchen knows of. They
-- are handed once for each change.
create or replace function warm.ask_for_silent(p_store uuid) returns void
language plpgsql as $$
begin
    if jsonb_array_length(till.venue(p_store)->'stations') > 0 is not true then
        return;
    end if;
    insert into till.hands as h (session_id, store_id)
    select s.id, s.store_id
    from till.order_sessions as s join till.tills as t on t.store_id = s.store_id and t.id = s.hold_till
    where s.store_id = p_store and s.status in ('active', 'pending_logout', 'assigned_to_tab') and s.refold
        and t.seen_at < now() - make_interval(secs => warm.longest_hand()) and exists (
            select from warm.log_of(s.id) as l
            where l.till_id <> s.hold_till and l.event_type <> all ('{order_handed,lines_sent,kitchen_told,order_granted,session_swept}')
                and l.version > (select coalesce(max(x.version), 0) from warm.log_of(s.id) as x
                    where x.event_type in ('order_handed', 'order_granted')))
        and exists (select from warm.log_of(s.id) as l where l.event_type = 'lines_sent')
    on conflict (store_id, session_id) do update set asked_at = now(), dropped_by = null where h.dropped_by is not null and h.event_id is null;
end $$;

-- Hands a till that polls the orders whose tickets wait: those that nobody was handed yet, and those of a till that is
-- silent. One that a till dropped is never handed to it again, and is given up after half a day if there is no other. An order
-- that a till holds again is left to its holder. Returns their states, with which the answer has their events.
create or replace function warm.hand_orders(p_auth warm.auth_context) returns warm.hold_state[]
language plpgsql as $$
declare
    states warm.hold_state[] := '{}';
    silent constant timestamptz := now() - make_interval(secs => warm.longest_hand());
    ids text[];
    hand till.hands;
begin
    if not exists (select from till.hands as h where h.store_id = p_auth.store_id) then
        return states;
    end if;
    ids := array(  -- all at once and by id, as a push locks
        select s.id from till.order_sessions as s
        where s.id in (
            select h.session_id from till.hands as h
            where h.store_id = p_auth.store_id and h.dropped_by is distinct from p_auth.till_id and (
                h.event_id is null or h.handed_at < now() - make_interval(secs => h.times * warm.longest_hand()
                    + case when h.till_id = p_auth.till_id then 15 else 0 end))  -- another till, if one polls
            order by h.asked_at limit warm.most_handed())
        order by s.id collate "C" for no key update skip locked);
    delete from till.hands as h
    where h.store_id = p_auth.store_id and (
        not exists (select from till.order_sessions as s where s.id = h.session_id)
        or h.dropped_by is not null and h.event_id is null and h.asked_at < now() - warm.longest_on_board()
        or h.session_id = any (ids) and exists (
            select from till.order_sessions as s join till.tills as t on t.store_id = s.store_id and t.id = s.hold_till
            where s.id = h.session_id and s.status in ('active', 'pending_logout', 'assigned_to_tab') and t.seen_at >= silent));
    for hand in
        select h.* from till.hands as h where h.session_id = any (ids) order by h.session_id collate "C"
    loop
        update till.hands set till_id = p_auth.till_id, handed_at = now(), times = hand.times + 1,
            event_id = warm.server_event_v1(p_auth.store_id, null, 'order_handed', hand.session_id, jsonb_strip_nulls(
                jsonb_build_object('till', p_auth.till_id, 'again', case when hand.times > 0 then true end)))
        where session_id = hand.session_id;
        states := states || warm.lock_state(p_auth, hand.session_id);
    end loop;
    return states;
end $$;

-- True if the ticket of a till that does not hold the order belongs to a hand: the order was handed to it, and it has
-- sent nothing since. With its ticket the hand is over. Of the tickets of one hand those count that arrive first:
-- `comes_second` is true if another till has sent its own. This one may have known more: so the order is handed once more.
-- Of an order that another till had dropped, it is counted what that till dropped.
create or replace function warm.take_handed(p_auth warm.auth_context, s warm.hold_state, out is_handed boolean, out comes_second boolean)
language plpgsql as $$
declare
    hand bigint;
    dropped integer;
begin
    select max(l.version) into hand from warm.log_of(s.id) as l
    where l.event_type = 'order_handed' and (l.event_data->>'till')::integer = p_auth.till_id;
    select hand is not null and count(*) filter (where l.till_id = p_auth.till_id) = 0,
        count(*) filter (where l.till_id not in (0, p_auth.till_id) and l.event_id <> all (warm.refused_in(s.id))) > 0
    into is_handed, comes_second
    from warm.log_of(s.id) as l where l.event_type = 'lines_sent' and l.version > hand;
    if is_handed and comes_second then
        perform warm.ask_for_tickets(s);
    elsif is_handed then
        delete from till.hands as h where h.store_id = s.store_id and h.session_id = s.id and h.till_id = p_auth.till_id
        returning h.dropped_by into dropped;
        update till.tills as t set hand_dropped_at = now(),
            hands_dropped = case when t.hand_dropped_at > now() - interval '1 day' then t.hands_dropped + 1 else 1 end
        where t.store_id = s.store_id and t.id = (  -- a till that pushes right now has its row, and may wait for this order
            select x.id from till.tills as x where x.store_id = s.store_id and x.id = dropped for no key update skip locked);
    end if;
end $$;

-- Notes that a till looked at orders that it was handed, and has nothing to send. Another till is asked once.
create or replace function warm.settle_hands(p_auth warm.auth_context, p_events jsonb) returns void
language plpgsql as $$
declare
    hand till.hands;
begin
    for hand in
        delete from till.hands as h
        where h.store_id = p_auth.store_id and h.till_id = p_auth.till_id and p_events ? h.event_id::text
        returning h.*
    loop
        if hand.dropped_by is null then
            perform warm.ask_another(p_auth.store_id, hand.session_id, p_auth.till_id);
        end if;
    end loop;
end $$;

-- The number of orders that wait for a till to send them to the kitchen, the tills that are on and do not send, those that
-- dropped orders within a day which another till sent, with their number, and the programs whose orders may be sent.
-- for: admin, manager
create or replace function till.kitchen_waits_v1(p_store uuid) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select json_build_object(
        'orders', (
            select count(*) from till.hands as h
            where h.store_id = p_store
                and (h.event_id is null and h.dropped_by is null and h.asked_at < now() - interval '10 seconds' or h.times > 1)),
        'silent', (
            select coalesce(json_agg(json_build_object('till', t.id, 'name', t.name) order by t.id), '[]')
            from till.tills as t
            where t.store_id = p_store and t.revoked_at is null and t.stations is null and not t.sends
                and t.seen_at > now() - make_interval(secs => warm.longest_hand())),
        'dropped', (
            select coalesce(json_agg(json_build_object('till', t.id, 'orders', t.hands_dropped) order by t.id), '[]')
            from till.tills as t where t.store_id = p_store and t.hand_dropped_at > now() - interval '1 day'),
        'programs', array(
            select p.name from till.programs as p
            where p.store_id = p_store and p.revoked_at is null and not p.tells_payments order by p.name))
$$;
