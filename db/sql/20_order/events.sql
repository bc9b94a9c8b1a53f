-- What events do to a session's projection. The server never folds: status and hold come from the few events named
-- in docs/protocol.md ("Status, by event"), everything else from snapshots and from the frozen order. What moves the
-- projection is a function; an event of any other kind is told by who wrote it alone.

-- Whether an event counts only from a till that took the order before, or takes it.
create or replace function warm.needs_hold(p_type text) returns boolean
language sql immutable parallel safe as $$
    select p_type = 'order_placed' or p_type = any (warm.kinds_that_move()) or p_type like 'payment\_%'
$$;

-- Whether a till ever took an order.
create or replace function warm.ever_took(p_session text, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.log_of(p_session) as x
        where x.till_id = p_till and x.event_type = any (warm.kinds_that_take())
    );
end $$;

-- Whether an event opens an order that was opened before, and on other terms: it would be priced by whichever has the lower id.
-- Two tills that carry the same late lines on open it on the same ones.
create or replace function warm.opens_otherwise(s warm.standing, e warm.arrival) returns boolean
language plpgsql stable as $$
declare
    own constant text[] := array['user', 'order_type', 'from_session', 'ref', 'program', 'digests'];
begin
    return exists (
        select from warm.log_of(s.id) as x where x.event_type = 'order_opened' and x.event_data - own <> e.data - own);
end $$;

-- Keeps out of the log what no till may say of this order: where it stands, or that money was taken, by a till that never
-- took it; that it is opened again on other terms; and a taking far above the highest hold that is known. Gives the other events.
create or replace function warm.admitted(p_door warm.door, s warm.standing, p_events warm.arrival[])
returns warm.arrival[]
language plpgsql as $$
declare
    e warm.arrival;
    sound warm.arrival[];
    took boolean := s.hold_till is not distinct from p_door.till_id;
    epoch bigint := s.hold_epoch;
    place integer := 0;
    faulty boolean;
    said text;
begin
    foreach e in array p_events loop
        place := place + 1;
        -- of a till that took it most need no look
        continue when took and e.event_type <> 'payment_approved' and e.event_type <> all (warm.kinds_that_take());
        faulty := false;
        if e.event_type = any (warm.kinds_that_take()) then
            said := case
                when e.hold_epoch > epoch + 1000 then 'It takes the order under a number far above the last one that is known.'
                when e.event_type = 'order_opened' and s.currency is not null and warm.opens_otherwise(s, e)
                    then 'It opens an order that stands already, on other terms.'
            end;
            faulty := said is not null;
            took := took or not faulty;
            epoch := greatest(epoch, case when not faulty then e.hold_epoch end);
            if faulty then
                perform warm.keep_out(p_door, e, said, 'TL012');
            end if;
        elsif not took and warm.needs_hold(e.event_type) then
            took := warm.ever_took(s.id, p_door.till_id);
            faulty := not took;
            if faulty then
                perform warm.keep_out(p_door, e, 'This till never took the order that it is about.', 'TL012');
            end if;
        end if;
        if not faulty and e.event_type = 'payment_approved' and warm.is_kept_here(e.data->>'tender') then
            faulty := not warm.is_answered_for(s, e);
            if faulty then
                perform warm.keep_out(p_door, e, 'The database answers for this way to pay, and did not approve it.', 'TL012');
            end if;
        end if;
        if faulty then
            sound := coalesce(sound, p_events);
            sound[place] := null;
        end if;
    end loop;
    if sound is not null then
        return array(select x from unnest(sound) as x where x.seq is not null);
    end if;
    return null;
end $$;

-- Whether the pair of an event is greater than the one that the session is held under.
create or replace function warm.is_greater(s warm.standing, e warm.arrival) returns boolean
language sql immutable as $$
    select s.hold_id is null or (e.hold_epoch, e.hold_id) > (s.hold_epoch, s.hold_id)
$$;

-- Whether the session is held under the pair of an event, and its till (or the server) may speak for it.
create or replace function warm.is_under_hold(s warm.standing, e warm.arrival) returns boolean
language sql immutable as $$
    select e.hold_id = s.hold_id and e.hold_epoch = s.hold_epoch and e.till_id in (s.hold_till, 0)
$$;

-- A till, or the server, takes the order; the one who opens it says on what terms.
create or replace function warm.apply_taking(s warm.standing, e warm.arrival) returns warm.standing
language plpgsql as $$
declare
    greater constant boolean := warm.is_greater(s, e);
begin
    if e.event_type = 'order_opened' and (s.currency is null or greater) then
        s.user_id := nullif((e.data->>'user')::integer, 0);
        s.currency := e.data->>'currency';
        s.order_type := e.data->>'order_type';
        s.ref := e.data->>'ref';
        s.created_at := e.at;
    end if;
    if greater then
        if s.hold_till is distinct from e.till_id and e.till_id > 0 then
            -- what the order came to here before, whoever took it may not know yet
            s.refold := s.refold or s.before_version > 0;
            s.refold_version := greatest(s.refold_version, s.before_version);
        end if;
        s.hold_epoch := e.hold_epoch;
        s.hold_id := e.hold_id;
        s.hold_till := e.till_id;
        s.till_id := nullif(e.till_id, 0);
        s.held_at := now();
        s.status := 'active';
        s.logout_time := null;
        s.user_id := coalesce((e.data->>'user')::integer, s.user_id);
    end if;
    return s;
end $$;

-- Puts the order of an event on its tab, which begins with the first order there.
create or replace function warm.put_on_tab(s warm.standing, e warm.arrival) returns void
language plpgsql as $$
begin
    insert into till.tabs as t (
        id, store_id, name, table_number, covers, user_id, status, session_id, opened_at
    )
    values (
        s.tab_id, s.store_id, coalesce((select x.text from warm.texts_of(e.event_id) as x where x.field = 'name'), ''),
        e.data->>'table_number', (e.data->>'covers')::integer, s.user_id, 'open', s.id, e.at
    )
    on conflict (id) do update
    set name = coalesce(nullif(excluded.name, ''), t.name),
        table_number = coalesce(excluded.table_number, t.table_number),
        covers = coalesce(excluded.covers, t.covers), user_id = excluded.user_id, session_id = excluded.session_id
    where t.store_id = excluded.store_id;
end $$;

-- Who holds an order, or the server, lets it go.
create or replace function warm.apply_letting_go(s warm.standing, e warm.arrival) returns warm.standing
language plpgsql as $$
begin
    if not warm.is_under_hold(s, e) then
        return s;
    end if;
    case e.event_type
        when 'order_parked' then
            s.status := 'pending_logout';
            s.user_id := coalesce((e.data->>'user')::integer, s.user_id);  -- given to somebody else
            s.logout_time := e.at;
        when 'tab_assigned' then
            s.status := 'assigned_to_tab';
            s.tab_id := (e.data->>'tab_id')::uuid;
            perform warm.put_on_tab(s, e);
        when 'order_discarded' then
            s.status := 'discarded';
    end case;
    s.till_id := null;
    return s;
end $$;

-- The holder stays named: nothing was heard of it, which is all that is known.
create or replace function warm.apply_session_swept(s warm.standing, e warm.arrival) returns warm.standing
language plpgsql as $$
begin
    if warm.is_under_hold(s, e) and s.status = 'active' then
        s.status := 'pending_logout';
    end if;
    return s;
end $$;

-- One step of where a session stands. A type that moves it and has no step fails here.
create or replace function warm.step(s warm.standing, e warm.arrival) returns warm.standing
language plpgsql as $$
begin
    case e.event_type
        when 'order_opened', 'order_resumed', 'order_taken_over' then return warm.apply_taking(s, e);
        when 'order_parked', 'tab_assigned', 'order_discarded' then return warm.apply_letting_go(s, e);
        when 'session_swept' then return warm.apply_session_swept(s, e);
    end case;
end $$;

-- Steps that come in the order of their ids, as the tills fold them, are taken one by one. One that comes late, by its id, has
-- them all taken anew: so it does not matter who was heard first.
create or replace function warm.apply_move(s warm.standing, e warm.arrival) returns warm.standing
language plpgsql as $$
declare
    before constant warm.standing := s;
begin
    if s.status = 'completed' then
        return s;
    elsif s.last_move is null or e.event_id > s.last_move then
        s := warm.step(s, e);
        s.last_move := e.event_id;
    else
        s := warm.replay_moves(s);
    end if;
    if (s.status, s.hold_id, s.tab_id) is distinct from (before.status, before.hold_id, before.tab_id) then
        s.heard := s.heard or before.hold_id is not null;  -- a new order is nobody's news
        s.tabs := s.tabs or s.tab_id is not null or before.tab_id is not null;
    end if;
    return s;
end $$;

-- The steps of a session until now, in the order of their ids: as much of each as it takes to take it.
create or replace function warm.moves_of(s warm.standing) returns setof warm.arrival
language plpgsql stable as $$
declare
    x warm.session_events;
    e warm.arrival;
begin
    for x in
        select l.* from warm.log_of(s.id) as l
        where l.event_type = any (warm.kinds_that_move()) and l.version <= s.version
        order by l.event_id
    loop
        e.event_id := x.event_id;
        e.event_type := x.event_type;
        e.hold_epoch := x.hold_epoch;
        e.hold_id := x.hold_id;
        e.till_id := x.till_id;
        e.user_id := x.user_id;
        e.at := x."timestamp";
        e.data := x.event_data;
        return next e;
    end loop;
end $$;

-- Takes all steps of a session anew, in the order of their ids.
create or replace function warm.replay_moves(s warm.standing) returns warm.standing
language plpgsql as $$
declare
    before constant warm.standing := s;
    e warm.arrival;
begin
    s.hold_epoch := 0;
    s.hold_id := null;
    s.hold_till := null;
    s.till_id := null;
    s.status := 'active';
    s.tab_id := null;
    s.logout_time := null;
    for e in select * from warm.moves_of(s) loop
        s := warm.step(s, e);
    end loop;
    if s.hold_id is not distinct from before.hold_id then
        s.held_at := before.held_at;
        s.refold := before.refold;
        s.refold_version := before.refold_version;
    end if;
    return s;
end $$;

-- Opens the tabs on which an order stands that goes on, and closes the others.
create or replace function warm.settle_tabs(s warm.standing) returns void
language plpgsql as $$
begin
    update till.tabs as t
    set status = case when x.open then 'open' else 'closed' end, closed_at = case when not x.open then s.updated_at end
    from (
        select b.id, exists (
            select from till.order_sessions as o
            where o.tab_id = b.id and o.status in ('active', 'pending_logout', 'assigned_to_tab')
        ) as open
        from till.tabs as b where b.id in (s.tab_id, s.before_tab) and b.store_id = s.store_id
    ) as x
    where t.id = x.id and t.status <> case when x.open then 'open' else 'closed' end;
end $$;

-- Moves a session through its events, in the order of their chain. Those of a retired journal decide like any other, as
-- the tills fold them; but what it held is not shown by snapshots of it, so all it changed must be folded by who reads it.
create or replace function warm.apply_events(
    p_door warm.door, s warm.standing, p_events warm.arrival[], p_source text
) returns warm.standing
language plpgsql as $$
declare
    e warm.arrival;
begin
    foreach e in array p_events loop
        s.version := s.version + 1;
        s.last_event := e.event_id;
        s.updated_at := greatest(s.updated_at, e.at);
        s.created_at := coalesce(s.created_at, e.at);  -- an order whose opening has not come begins here
        s.user_id := coalesce(s.user_id, e.user_id);
        if e.event_type = any (warm.kinds_that_move()) then
            s := warm.apply_move(s, e);
        elsif e.event_type = 'order_placed' then
            s := warm.apply_order_placed(p_door, s, e, e.data, p_source);
        elsif e.event_type in (
            'conflict_found', 'conflict_resolved', 'erased', 'customer_attached', 'feedback_given', 'booking_seated',
            'tender_corrected', 'slip_kept'
        ) then
            null;  -- about the money of the order and its people, not about what a snapshot shows
        elsif e.hold_id = s.hold_id and s.hold_till = p_door.till_id and not p_door.retired then
            -- the order's own holder: its next snapshot shows what this did
            if e.event_type = 'order_type_set' then
                s.order_type := e.data->>'order_type';
            end if;
        else
            s.refold := true;
            s.refold_version := s.version;
            s.heard := true;
        end if;
    end loop;
    return s;
end $$;
