-- What events do to a session's projection. The server never folds: status and hold come from the few events named
-- in docs/protocol.md ("Status, by event"), everything else from snapshots and from the frozen order.

-- Keeps, for a person to look at, what the log took and could not be applied.
create or replace function warm.put_aside(
    p_door warm.door, p_session text, p_event warm.arrival, p_reason text, p_state text
) returns void
language plpgsql as $$
declare
    amount constant text := (p_event).data->>'total';
begin
    insert into warm.quarantine as q (
        store_id, session_id, event_id, journal_id, till_id, event_type, reason, sqlstate, amount, body
    )
    values (
        p_door.store_id, p_session, (p_event).event_id, p_door.journal_id, p_door.till_id, (p_event).event_type,
        p_reason, p_state, case when amount ~ '^-?[0-9]{1,15}(\.[0-9]{1,6})?$' then amount::numeric end, (p_event).body
    )
    on conflict (session_id, event_id, journal_id, reason) do update
    set received_at = now(), resolved_at = null;
end $$;

-- Whether a fault is the moment's (another transaction, a full disk, a shutdown) or the installation's (class 42: a
-- function that is not there), and not the record's.
create or replace function warm.is_passing(p_state text) returns boolean
language plpgsql immutable as $$
begin
    return left(p_state, 2) in ('08', '25', '40', '42', '53', '55', '57', '58', 'XX');
end $$;

-- Places the order of an `order_placed`, by itself: what is refused is put aside and nothing else suffers. True when
-- the order stands.
create or replace function warm.apply_placed(p_door warm.door, s warm.standing, p_event warm.arrival, p_source text)
returns boolean
language plpgsql as $$
declare
    said text;
    broken text;
begin
    perform cold.place_order(
        s.store_id, s.id, p_event.user_id, p_event.till_id, p_event.event_id, p_event.at, s.created_at, p_event.data,
        p_source
    );
    return true;
exception when others then
    if warm.is_passing(sqlstate) then
        raise;
    end if;
    get stacked diagnostics said = message_text, broken = constraint_name;
    perform warm.put_aside(p_door, s.id, p_event, cold.refusal(sqlstate, broken, said), sqlstate);
    return false;
end $$;

-- The tab that an event opens, recalls or closes.
create or replace function warm.apply_tab(s warm.standing, p_event warm.arrival) returns void
language plpgsql as $$
declare
    tab constant uuid := (p_event.data->>'tab_id')::uuid;
begin
    if p_event.event_type = 'tab_assigned' then
        insert into till.tabs as t (
            id, store_id, name, table_number, covers, user_id, status, hold_epoch, session_id, opened_at
        )
        values (
            tab, s.store_id, coalesce(p_event.texts->'name'->>'text', ''), p_event.data->>'table_number',
            (p_event.data->>'covers')::integer, s.user_id, 'open', s.hold_epoch, s.id, p_event.at
        )
        on conflict (id) do update
        set name = coalesce(nullif(excluded.name, ''), t.name),
            table_number = coalesce(excluded.table_number, t.table_number),
            covers = coalesce(excluded.covers, t.covers), user_id = excluded.user_id, status = 'open',
            till_id = null, hold_epoch = excluded.hold_epoch, session_id = excluded.session_id, closed_at = null
        where t.store_id = excluded.store_id;
    elsif p_event.event_type = 'order_opened' then
        -- the first to recall a tab has it; a second till that did so while away shows when lines are paid for twice
        update till.tabs as t
        set session_id = s.id, till_id = s.till_id, hold_epoch = t.hold_epoch + 1
        where t.id = tab and t.store_id = s.store_id and t.status = 'open' and t.till_id is null;
    else
        update till.tabs as t
        set status = 'closed', till_id = null, closed_at = p_event.at
        where t.id = coalesce(tab, s.tab_id) and t.store_id = s.store_id and t.status = 'open'
            -- cleared where two tills had recalled it: the tab stays with the order that it stands by
            and (p_event.event_type <> 'order_discarded' or t.session_id = s.id);
    end if;
end $$;

-- Whether an event decides where its session stands: it is made under the highest hold, and comes after every other
-- there that does. By id and not by arrival, as the tills fold it: so all agree, whoever was heard first. A sweep only
-- puts aside what is open, so it stands in nothing's way.
create or replace function warm.decides(s warm.standing, e warm.arrival) returns boolean
language plpgsql stable as $$
declare
    deciding constant text[] := array['order_opened', 'order_resumed', 'order_taken_over', 'order_parked',
        'tab_assigned', 'order_discarded'];
begin
    if s.status = 'completed' or e.hold_epoch < s.hold_epoch or e.event_type <> all (deciding || 'session_swept'::text)
    then
        return false;
    end if;
    return e.hold_epoch > s.hold_epoch or warm.is_last(s, e, deciding);
end $$;

-- Whether no event of these types, made under the same hold and here already, comes after this one.
create or replace function warm.is_last(s warm.standing, e warm.arrival, p_types text[]) returns boolean
language plpgsql stable as $$
begin
    return not exists (
        select from warm.session_events as x
        where x.session_id = s.id and x.version < s.version and x.hold_epoch = e.hold_epoch
            and x.event_type = any (p_types) and x.event_id > e.event_id
    ) and not (warm.may_be_audited(s.store_id, e.event_id) and exists (
        select from cold.order_audit as x
        where x.session_id = s.id and x.version < s.version and x.hold_epoch = e.hold_epoch
            and x.event_type = any (p_types) and x.event_id > e.event_id
    ));
end $$;

-- Moves a session through its events, in the order of their chain. Those of a retired journal decide like any other, as
-- the tills fold them; but what it held is not shown by snapshots of it, so all it changed must be folded by who reads it.
create or replace function warm.apply_events(
    p_door warm.door, s warm.standing, p_events warm.arrival[], p_source text
) returns warm.standing
language plpgsql as $$
declare
    e warm.arrival;
    deciding boolean;
    mine boolean;
begin
    foreach e in array p_events loop
        s.version := s.version + 1;
        s.last_event := e.event_id;
        s.updated_at := greatest(s.updated_at, e.at);
        s.created_at := coalesce(s.created_at, e.at);  -- an order whose opening has not come begins here
        s.user_id := coalesce(s.user_id, e.user_id);
        deciding := warm.decides(s, e);
        mine := e.hold_epoch = s.hold_epoch and s.epoch_till is not distinct from p_door.till_id and not p_door.retired;
        case
            when mine and e.event_type not in (
                'order_opened', 'order_resumed', 'order_taken_over', 'order_placed', 'order_parked', 'session_swept',
                'tab_assigned', 'order_discarded', 'order_type_set') then
                null;  -- the order's own holder: its next snapshot shows what this did
            when e.event_type = 'order_opened' and (deciding or s.currency is null) then
                s.user_id := coalesce((e.data->>'user')::integer, e.user_id);
                s.currency := e.data->>'currency';
                s.order_type := e.data->>'order_type';
                s.ref := e.data->>'ref';
                s.tab_id := (e.data->>'tab_id')::uuid;
                s.created_at := e.at;
                s.epoch_till := coalesce(s.epoch_till, p_door.till_id);
                if deciding then
                    s.till_id := nullif(p_door.till_id, 0);
                    s.hold_epoch := e.hold_epoch;
                    s.held_at := now();
                end if;
                if s.tab_id is not null then
                    perform warm.apply_tab(s, e);
                    s.tabs := true;
                end if;
            when e.event_type in ('order_resumed', 'order_taken_over') and deciding then
                if s.epoch_till is distinct from p_door.till_id and p_door.till_id > 0 then
                    -- what the order came to here before, whoever took it may not know yet
                    s.refold := s.refold or s.before_version > 0;
                    s.refold_version := greatest(s.refold_version, s.before_version);
                end if;
                s.status := case
                    when warm.is_last(s, e, array['session_swept']) then 'active' else 'pending_logout' end;
                s.hold_epoch := e.hold_epoch;
                s.epoch_till := p_door.till_id;
                s.till_id := nullif(p_door.till_id, 0);
                s.held_at := now();
                s.logout_time := null;
                s.heard := true;
                s.tabs := s.tabs or s.tab_id is not null;
            when e.event_type = 'order_placed' then
                if warm.apply_placed(p_door, s, e, p_source) then
                    s.status := 'completed';
                    s.till_id := null;
                    if coalesce(e.data->>'tab_id', s.tab_id::text) is not null then
                        perform warm.apply_tab(s, e);
                        s.tabs := true;
                    end if;
                else
                    s.quarantined := true;
                end if;
            when e.event_type = 'order_parked' and deciding then
                s.status := 'pending_logout';
                s.user_id := coalesce((e.data->>'user')::integer, s.user_id);  -- given to somebody else
                s.logout_time := e.at;
                s.till_id := null;
                s.heard := true;
                s.tabs := s.tabs or s.tab_id is not null;  -- anybody may recall it now
            when e.event_type = 'session_swept' and deciding and s.status = 'active' then
                s.status := 'pending_logout';
                s.heard := true;
            when e.event_type = 'tab_assigned' and deciding then
                s.status := 'assigned_to_tab';
                s.till_id := null;
                update till.tabs as t  -- saved under another name: the tab that it came from is over
                set status = 'closed', till_id = null, closed_at = e.at
                where t.id = s.tab_id and t.id <> (e.data->>'tab_id')::uuid and t.store_id = s.store_id
                    and t.session_id = s.id and t.status = 'open';
                s.tab_id := (e.data->>'tab_id')::uuid;
                perform warm.apply_tab(s, e);
                s.tabs := true;
            when e.event_type = 'order_discarded' and deciding then
                s.status := 'discarded';
                s.till_id := null;
                if s.tab_id is not null then
                    perform warm.apply_tab(s, e);
                    s.tabs := true;
                end if;
            when e.event_type = 'order_type_set' and mine then
                s.order_type := e.data->>'order_type';
            when e.event_type in ('conflict_found', 'conflict_resolved') then
                null;  -- about the money of the order, not about its lines
            when not mine then
                s.refold := true;
                s.refold_version := s.version;
                s.heard := true;
            else
                null;  -- a notice: it came too late to move the order
        end case;
    end loop;
    return s;
end $$;
