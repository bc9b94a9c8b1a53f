-- Effects of events on a session's projection. The server never folds: status and hold come from the few events named
-- in docs/protocol.md ("Status, by event"), everything else from snapshots and from the frozen order. Each event type
-- that changes status or hold has a function; the other types change nothing here.

-- True if an event counts only from a till that has held the order or takes it.
create or replace function warm.needs_hold(p_type text) returns boolean
language sql immutable parallel safe as $$
    select p_type = any (warm.kinds_that_move()) or p_type = any (warm.kinds_of_money())
$$;

-- The till that holds an order after an event that creates a hold, or that was handed it.
create or replace function warm.holder_by(p_type text, p_till integer, p_data jsonb) returns integer
language sql immutable parallel safe as $$
    select case when p_type in ('order_granted', 'order_handed') then (p_data->>'till')::integer else p_till end
$$;

-- The tills that ever held an order.
create or replace function warm.tills_that_held(p_session text) returns setof integer
language plpgsql stable as $$
begin
    return query
    select distinct warm.holder_by(x.event_type, x.till_id, x.event_data)
    from warm.log_of(p_session) as x where x.event_type = any (warm.kinds_that_take());
end $$;

-- True if a till ever held an order.
create or replace function warm.ever_held(p_session text, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return p_till in (select warm.tills_that_held(p_session));
end $$;

-- True if an event opens an order that another till opened, or that is already open on other terms: its prices would
-- depend on which opening has the lower id. A till that wants another's order asks for it (till.grant_order_v1).
create or replace function warm.opens_again(s warm.hold_state, e warm.incoming_event) returns boolean
language plpgsql stable as $$
declare
    own constant text[] := array['user', 'order_type', 'from_session', 'ref', 'program', 'digests'];
begin
    return exists (
        select from warm.log_of(s.id) as x
        where x.event_type = 'order_opened' and (x.till_id <> e.till_id or x.event_data - own <> e.data - own));
end $$;

-- The payments that a record starts, approves or lists.
create or replace function warm.payments_of(e warm.incoming_event) returns uuid[]
language plpgsql immutable as $$
begin
    if e.event_type = 'order_placed' then
        return array(select (p->>'payment_id')::uuid from jsonb_array_elements(e.data->'payments') as p);
    end if;
    return array[(e.data->>'payment_id')::uuid];
end $$;

-- True if another till started the payment of an event, and under a later hold: a till that had the order before knows
-- nothing of it. One that has the order since may ask the terminal for its outcome.
create or replace function warm.is_of_later_hold(p_session text, e warm.incoming_event) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.every_content as c join warm.log_of(p_session) as l on l.event_id = c.event_id
        where c.content_id = (e.data->>'payment_id')::uuid and c.till_id not in (0, e.till_id) and l.hold_id > e.hold_id);
end $$;

-- A pattern for events after which a payment, or its return, has no answer.
create or replace function warm.opens_a_payment() returns text
language sql immutable parallel safe as $$ select '^payment_(return_)?(started|unknown|authorised)$' $$;

-- True if the till of such an event left as many payments and returns of this order as it may without an answer. Each
-- locks the order for every till until a manager settles it, so those that a manager settled at another till count.
create or replace function warm.leaves_too_many(p_session text, e warm.incoming_event, p_events warm.incoming_event[])
returns boolean
language plpgsql stable as $$
declare
    answers constant text[] := '{payment_approved,payment_declined,payment_voided,payment_return_declined}';
    own constant text := coalesce(e.data->>'return_id', e.data->>'payment_id');
begin
    return (
        with moved as (
            select l.event_type as type, l.till_id, l.event_data->>'approved_by' as by_hand,
                coalesce(l.event_data->>'return_id', l.event_data->>'payment_id') as id
            from warm.log_of(p_session) as l where l.event_data ? 'payment_id'
            union all
            select x.event_type, x.till_id, x.data->>'approved_by', coalesce(x.data->>'return_id', x.data->>'payment_id')
            from unnest(p_events) as x where x.seq < e.seq and x.data ? 'payment_id'
        )
        select count(distinct m.id) from moved as m
        where m.type ~ warm.opens_a_payment() and m.till_id = e.till_id and m.id <> own and (
            not exists (select from moved as a where a.id = m.id and a.type = any (answers))
            or exists (
                select from moved as a
                where a.id = m.id and a.type = any (answers) and a.till_id <> e.till_id and a.by_hand is not null))
    ) >= warm.most_unanswered();
end $$;

-- Checks the events that a till writes on an order, once, when they arrive. Events that no till may write on this order
-- are quarantined (`aside`): events of a till that never held it, a second opening, a payment in another till's drawer, a
-- payment with the id of a refund, a correction of another till's payment, an answer to a payment that another till
-- started under a later hold, a payment after too many that it left without an answer, the start of an order under an id
-- that only the server gives. Events without the hold, or after the end, are in the log as `refused` and do not count.
-- Exceptions: facts, lines before a sale of the same push that no other sale has, acts on a line that still count
-- (warm.counts_still), and what a restored database had (warm.was_before_returned). `p_begun` is the number of orders
-- that the push began before this one. `events` are the events to apply; null if all are unchanged.
create or replace function warm.admitted(
    p_auth warm.auth_context, s warm.hold_state, p_events warm.incoming_event[], p_begun integer, out events warm.incoming_event[], out aside boolean
)
language plpgsql as $$
declare
    e warm.incoming_event;
    rejected warm.incoming_event[] := '{}';
    hold uuid := s.hold_id;
    holds boolean := s.hold_till is not distinct from p_auth.till_id;
    has_held boolean := holds;
    handed boolean;
    comes_second boolean := false;
    ended boolean := s.status = 'completed';
    was_checked boolean := false;
    nth integer := 0;
    payments uuid[] := '{}';
    refunds uuid[];
    in_cash uuid[] := '{}';
    last_sale bigint;
    is_servers constant boolean := hold is null and p_events <> '{}' and not warm.is_event_id(p_events[1].stream_id);
begin
    foreach e in array p_events loop
        if e.event_type in ('payment_started', 'payment_approved', 'order_placed') then
            payments := payments || warm.payments_of(e);
            last_sale := case e.event_type when 'order_placed' then e.seq else last_sale end;
        end if;
        if e.event_type = 'payment_approved' and e.data->>'tender' = 'CASH' and (e.data->>'drawer')::integer = p_auth.till_id then
            in_cash := in_cash || warm.payments_of(e);
        end if;
    end loop;
    if payments <> '{}' then
        refunds := nullif(
            array(select r.refund_id from till.refund_claims as r where r.refund_id = any (payments)), '{}');
    end if;
    foreach e in array p_events loop
        nth := nth + 1;
        -- most events of a till with the hold need no check
        continue when holds and e.hold_id = hold and not ended and refunds is null
            and e.event_type <> all (warm.kinds_of_money() || warm.kinds_that_take());
        if e.event_type = any (warm.kinds_of_hands()) and not holds and handed is null then
            select x.is_handed, x.comes_second into handed, comes_second from warm.take_handed(p_auth, s) as x;
        end if;
        if is_servers then
            e.fault := 'No till begins an order under an id of this kind.';
        elsif e.event_type = any (warm.kinds_that_take()) then
            e.fault := case
                when s.currency is not null and warm.opens_again(s, e)
                    then 'The record opens an order that already exists, at another till or on other terms.'
                when hold is null and warm.holds_too_many(p_auth.store_id, p_auth.till_id, p_begun)
                    then 'The till holds too many open orders. The record is kept here and does not count.' end;
            has_held := has_held or e.fault is null;
            if e.fault is null and (hold is null or e.hold_id > hold) then
                hold := e.hold_id;
                holds := true;
            end if;
        elsif not has_held and not (e.event_type = any (warm.kinds_of_hands()) and handed) and (hold is not null or warm.needs_hold(e.event_type))
            and (e.event_type <> all (warm.kinds_any_hold()) or e.data ? 'to_session' and not e.data ? 'late')
        then
            has_held := not was_checked and warm.ever_held(s.id, p_auth.till_id);
            was_checked := true;
            e.fault := case when not has_held then 'The till never held the order of the record.' end;
        end if;
        e.fault := coalesce(e.fault, case
            when e.event_type = 'payment_approved' and warm.is_server_tender(e.data->>'tender') and not warm.is_answered_for(s, e)
                then 'The database answers for this tender, and did not approve the payment.'
            when e.event_type in ('payment_approved', 'payment_voided') and (e.data->>'drawer')::integer <> p_auth.till_id
                then 'The payment names the drawer of another till.'
            when refunds is not null and e.event_type in ('payment_started', 'payment_approved', 'order_placed')
                and warm.payments_of(e) && refunds
                then 'The payment has the id of a refund.'
            when e.event_type = 'tender_corrected' and not warm.is_own_payment(p_auth, s, e, p_events)
                then 'Another till took that payment: a manager books this correction.'
            when e.event_type ~ '^payment_' and not (holds and e.hold_id = hold) and warm.is_of_later_hold(s.id, e)
                then 'The payment is of another till, which got the order later.'
            when e.event_type ~ warm.opens_a_payment() and not (e.event_type = 'payment_started' and warm.payments_of(e) && in_cash)
                and warm.leaves_too_many(s.id, e, coalesce(events, p_events))
                then 'The till left too many payments of this order without an answer. The record is kept here and does not count.'
            end);
        if e.fault is not null then
            e.state := case e.event_type when 'tender_corrected' then 'TL026' else 'TL012' end;
            rejected := array_append(rejected, e);
            events := coalesce(events, p_events);
            events[nth] := null;
        elsif e.event_type = any (warm.kinds_of_money()) then
            ended := ended or e.event_type = 'order_placed';
        elsif comes_second and e.event_type = any (warm.kinds_of_hands()) or hold is not null and e.event_type <> all (warm.kinds_of_fact() || warm.kinds_that_take()) and (case
            when e.hold_id < hold and warm.was_before_returned(s.id, e.hold_id, e.event_id) then false
            when e.event_type = any (warm.kinds_that_move()) then not (holds and e.hold_id = hold)
            when holds and e.hold_id = hold and not ended then false
            when e.seq < last_sale and not (ended and warm.is_settled(s.id, (e.data->>'line_id')::uuid, e.event_type)) then false
            else not warm.counts_still(s, e, p_events) end)
        then
            e.state := 'refused';
            events := coalesce(events, p_events);
            events[nth] := e;
        end if;
    end loop;
    aside := rejected <> '{}';
    if aside then
        perform warm.quarantine_refused(p_auth, rejected);
        events := array(select x from unnest(events) as x where x.seq is not null);
    end if;
end $$;

-- True if an event was made before the grant that ended its hold, and a till returned that grant to a restored database
-- (its record is older than its arrival). The till that keyed under the grant knew the event, unless its own till was
-- offline.
create or replace function warm.was_before_returned(p_session text, p_hold uuid, p_event uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.log_of(p_session) as g
        where g.event_type = 'order_granted' and (g.event_data->>'from_hold')::uuid = p_hold and g.event_id > p_event
            and g.received_at > g."timestamp");
end $$;

-- True if an act on a line counts although its till no longer holds the order. The line must be in the order, or in the
-- server's order of late lines; it must not have been cut under a later hold, and no sale may list it. An undo counts
-- if the act that it undoes would count.
create or replace function warm.counts_still(s warm.hold_state, e warm.incoming_event, p_events warm.incoming_event[]) returns boolean
language plpgsql stable as $$
declare
    kind text := e.event_type;
    line uuid := (e.data->>'line_id')::uuid;
    c warm.order_contents;
begin
    if kind = 'item_added' then
        return true;  -- after the end of the order it is a late line
    elsif kind = 'change_undone' then
        select x.type, x.line into kind, line
        from (
            select y.event_type as type, (y.data->>'line_id')::uuid as line from unnest(p_events) as y
            where y.event_id = (e.data->>'event')::uuid
            union all
            select l.event_type, (l.event_data->>'line_id')::uuid from warm.log_of(s.id) as l
            where l.event_id = (e.data->>'event')::uuid
        ) as x limit 1;
    end if;
    if line is null or kind <> all (warm.kinds_on_lines() || warm.kinds_on_own_lines()) then
        return false;
    elsif exists (select from unnest(p_events) as x where warm.made_by(x.event_type, x.data) = line) then
        -- after a restore, a sale or a move of the line may arrive before the line itself
        return not warm.is_settled(s.id, line, kind) and not exists (
            select from warm.content_moves as m where m.content_id = line and m.came_from = s.id and m.moved_by > 0);
    end if;
    select x.* into c from warm.every_content as x where x.content_id = line;
    return (kind = any (warm.kinds_on_lines()) or c.till_id = e.till_id)
        and (
            exists (select from warm.contents_now as n where n.content_id = line and n.session_id = s.id)
            or exists (select from warm.content_moves as m where m.content_id = line and m.came_from = s.id and m.moved_by = 0))
        and not exists (
            select from warm.order_contents as x join warm.log_of(s.id) as l on l.event_id = x.event_id
            where x.parent_id = line and l.hold_id > e.hold_id)
        and not (s.status = 'completed' and warm.is_settled(s.id, line, e.event_type));
end $$;

-- True if the end of an order excludes an act on a line, because the end lists the line. For a void or a change of
-- quantity, a line that is listed only among the voids does not count.
create or replace function warm.is_settled(p_session text, p_line uuid, p_type text) returns boolean
language plpgsql stable as $$
begin
    return p_line in (select * from warm.named_at_end(p_session, p_type not in ('line_voided', 'quantity_changed')));
end $$;

-- The acts of other tills, and of other journals of the same till, that a sale did not know when it ended the order:
-- acts on the lines that it lists, or on the order.
create or replace function warm.acts_unknown_to(s warm.hold_state, e warm.incoming_event) returns uuid[]
language plpgsql stable as $$
begin
    return array(
        with own as materialized (
            select * from warm.log_of(s.id)
        )
        select o.event_id
        from own as o left join own as u on o.event_type = 'change_undone' and u.event_id = (o.event_data->>'event')::uuid
        cross join lateral (select coalesce(u.event_data, o.event_data)->>'line_id' as line) as x
        where o.version < s.version and o.till_id <> 0 and o.for_till is null and o.journal_id <> e.journal_id
            and not exists (select from warm.event_links as l where l.event_id = o.event_id and l.journal_id = e.journal_id)
            and o.event_type <> all (
                warm.kinds_of_fact() || warm.kinds_of_money() || warm.kinds_that_move() || array['item_added'])
            and o.event_id <> all (warm.refused_in(s.id))
            and case when e.data ? 'known' then o.version > (
                select k.version from own as k where k.event_id = (e.data->>'known')::uuid)
                and not warm.was_before_returned(s.id, o.hold_id, o.event_id) else true end
            and (x.line is null or warm.is_settled(s.id, x.line::uuid, o.event_type))
        order by o.version);
end $$;

-- The events of an order that do not count.
create or replace function warm.refused_in(p_session text) returns uuid[]
language plpgsql stable as $$
begin
    return array(
        select x::uuid from warm.log_of(p_session) as l, jsonb_array_elements_text(l.event_data->'events') as x
        where l.event_type = 'refused');
end $$;

-- True if an event creates a later hold than the current hold of the session.
create or replace function warm.makes_later_hold(s warm.hold_state, e warm.incoming_event) returns boolean
language sql immutable as $$
    select s.hold_id is null or e.hold_id > s.hold_id
$$;

-- Applies an opening or a grant: its till holds the order. An opening also sets the terms.
create or replace function warm.apply_holding(s warm.hold_state, e warm.incoming_event) returns warm.hold_state
language plpgsql as $$
declare
    later constant boolean := warm.makes_later_hold(s, e);
    holder constant integer := warm.holder_by(e.event_type, e.till_id, e.data);
begin
    if e.event_type = 'order_opened' and (s.currency is null or later) then
        s.user_id := nullif((e.data->>'user')::integer, 0);
        s.currency := e.data->>'currency';
        s.order_type := e.data->>'order_type';
        s.ref := e.data->>'ref';
        s.created_at := e.at;
    end if;
    if later then
        if s.hold_till is distinct from holder and holder > 0 then
            -- the new holder may not know yet how much was keyed here before
            s.refold := s.refold or s.before_version > 0;
            s.refold_version := greatest(s.refold_version, s.before_version);
        end if;
        s.hold_id := e.hold_id;
        s.hold_till := holder;
        s.hold_journal := (e.data->>'journal')::uuid;
        s.held_at := now();
        s := warm.make_active(s, holder, (e.data->>'user')::integer);
    end if;
    return s;
end $$;

-- Makes an order active on a till.
create or replace function warm.make_active(s warm.hold_state, p_till integer, p_user integer) returns warm.hold_state
language plpgsql as $$
begin
    s.till_id := nullif(p_till, 0);
    s.status := 'active';
    s.logout_time := null;
    s.user_id := coalesce(p_user, s.user_id);
    return s;
end $$;

-- Puts the order of an event on its tab. The first order creates the tab.
create or replace function warm.put_on_tab(s warm.hold_state, e warm.incoming_event) returns void
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

-- Applies the end of a hold, by the holder or the server.
create or replace function warm.apply_release(s warm.hold_state, e warm.incoming_event) returns warm.hold_state
language plpgsql as $$
begin
    case e.event_type
        when 'order_parked' then
            s.status := 'pending_logout';
            s.user_id := coalesce((e.data->>'user')::integer, s.user_id);  -- handed to another user
            s.logout_time := e.at;
        when 'tab_assigned' then
            s.status := 'assigned_to_tab';
            if s.tab_id <> (e.data->>'tab_id')::uuid and s.tab_id is distinct from s.before_tab then
                perform warm.settle_tabs(s);  -- the order joined and left that tab in this push
            end if;
            s.tab_id := (e.data->>'tab_id')::uuid;
            perform warm.put_on_tab(s, e);
        when 'order_submitted' then
            s.status := 'pending_logout';
            s.logout_time := e.at;
            s.submitted := (e.data - 'digests') || jsonb_build_object('at', warm.time_text(e.at));
        when 'order_discarded' then
            s.status := 'discarded';
    end case;
    s.till_id := null;
    return s;
end $$;

-- Suspends an active order whose till sent no event for a while. The holder stays, because nothing else is known about
-- its till.
create or replace function warm.apply_session_swept(s warm.hold_state, e warm.incoming_event) returns warm.hold_state
language plpgsql as $$
begin
    if s.status = 'active' then
        s.status := 'pending_logout';
    end if;
    return s;
end $$;

-- Applies one step to the state of a session. Raises an error for a step type without a branch here.
create or replace function warm.apply_step(s warm.hold_state, e warm.incoming_event) returns warm.hold_state
language plpgsql as $$
begin
    case e.event_type
        when 'order_opened', 'order_granted' then return warm.apply_holding(s, e);
        when 'order_resumed' then
            return warm.make_active(s, e.till_id, (e.data->>'user')::integer);
        when 'order_parked', 'order_submitted', 'tab_assigned', 'order_discarded' then return warm.apply_release(s, e);
        when 'session_swept' then return warm.apply_session_swept(s, e);
    end case;
end $$;

-- Applies a step. Steps that arrive in the order of their ids are applied one by one. If one arrives late, by its id,
-- all are replayed, so the order of arrival does not matter.
create or replace function warm.apply_move(s warm.hold_state, e warm.incoming_event) returns warm.hold_state
language plpgsql as $$
declare
    before constant warm.hold_state := s;
begin
    if s.status = 'completed' then
        s.currency := coalesce(s.currency, e.data->>'currency');  -- after a restore the opening may arrive after the sale
        return s;
    elsif s.last_move is null or e.event_id > s.last_move then
        s := warm.apply_step(s, e);
        s.last_move := e.event_id;
    else
        s := warm.replay_moves(s);
    end if;
    if (s.status, s.hold_id, s.tab_id) is distinct from (before.status, before.hold_id, before.tab_id) then
        s.heard := true;
        s.tabs := s.tabs or s.tab_id is not null or before.tab_id is not null;
    end if;
    return s;
end $$;

-- The steps of a session that count, by id, with the columns that warm.apply_step needs.
create or replace function warm.moves_of(s warm.hold_state) returns setof warm.incoming_event
language plpgsql stable as $$
declare
    x warm.session_events;
    e warm.incoming_event;
    refused constant uuid[] := s.refused || warm.refused_in(s.id);
begin
    for x in
        select l.* from warm.log_of(s.id) as l
        where l.event_type = any (warm.kinds_that_move()) and l.version <= s.version and l.event_id <> all (refused)
        order by l.event_type <> 'order_opened', l.event_id  -- a copy of its journal may have written events with lower ids
    loop
        e.event_id := x.event_id;
        e.event_type := x.event_type;
        e.hold_id := x.hold_id;
        e.till_id := x.till_id;
        e.user_id := x.user_id;
        e.at := x."timestamp";
        e.data := x.event_data;
        return next e;
    end loop;
end $$;

-- Replays all steps of a session, by id.
create or replace function warm.replay_moves(s warm.hold_state) returns warm.hold_state
language plpgsql as $$
declare
    before constant warm.hold_state := s;
    e warm.incoming_event;
begin
    s.hold_id := null;
    s.hold_till := null;
    s.hold_journal := null;
    s.till_id := null;
    s.status := 'active';
    s.tab_id := null;
    s.logout_time := null;
    for e in select * from warm.moves_of(s) loop
        s := warm.apply_step(s, e);
    end loop;
    if s.hold_id is not distinct from before.hold_id then
        s.held_at := before.held_at;
        s.hold_journal := before.hold_journal;
        s.refold := before.refold;
        s.refold_version := before.refold_version;
    end if;
    return s;
end $$;

-- Opens the tabs that have an open order, and closes the others.
create or replace function warm.settle_tabs(s warm.hold_state) returns void
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

-- Applies the events of a session in the order of their chain. Events of a retired journal count like any others,
-- because tills fold them too. Snapshots of a retired journal are not accepted, so readers of the session must fold its
-- changes.
create or replace function warm.apply_events(
    p_auth warm.auth_context, s warm.hold_state, p_events warm.incoming_event[], p_source text
) returns warm.hold_state
language plpgsql as $$
declare
    e warm.incoming_event;
    before text;
begin
    foreach e in array p_events loop
        s.version := s.version + 1;
        s.last_event := e.event_id;
        s.updated_at := greatest(s.updated_at, least(e.at, now()));  -- a till's clock may be years ahead
        s.created_at := coalesce(s.created_at, e.at);  -- the opening may not have arrived yet
        s.user_id := coalesce(s.user_id, e.user_id);
        if e.state = 'refused' then
            s.refused := array_append(s.refused, e.event_id);
            s.refold := true;
            s.refold_version := s.version;
        elsif e.event_type = any (warm.kinds_that_move()) then
            s := warm.apply_move(s, e);
        elsif e.event_type = 'order_placed' then
            before := s.status;
            s := warm.apply_order_placed(p_auth, s, e, p_source);
            if s.status <> before and s.before_version > 0 and e.data->>'known' is distinct from s.before_event::text then
                s.refused := s.refused || warm.acts_unknown_to(s, e);
            end if;
        elsif e.event_type = any (warm.kinds_log_only()) or e.event_type = any (warm.kinds_beside())
            or e.event_type = any (warm.kinds_of_hands()) and s.hold_till = 0  -- its program still changes it
        then
            null;
        elsif e.hold_id = s.hold_id and s.hold_till = p_auth.till_id and not p_auth.retired
            and e.event_type not in ('lines_copied', 'lines_withdrawn')
        then
            -- the order's own holder: its next snapshot has this change
            if e.event_type = 'order_type_set' then
                s.order_type := e.data->>'order_type';
            elsif e.event_type = 'lines_moved' then
                s.tabs := s.tabs or s.tab_id is not null;  -- the lists of tabs show its lines
            end if;
        else
            s.refold := true;
            s.refold_version := s.version;
            s.heard := true;
        end if;
    end loop;
    return s;
end $$;
