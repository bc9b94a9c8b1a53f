-- Applies new events and snapshots: first the sessions, one by one, then the events beside them.

-- The state of a session before anything is applied to it, from its row.
create or replace function warm.state_of(t till.order_sessions, p_found boolean) returns warm.hold_state
language plpgsql stable as $$
declare
    s warm.hold_state;
begin
    s.id := t.id;
    s.store_id := t.store_id;
    s.user_id := t.user_id;
    s.till_id := t.till_id;
    s.hold_id := t.hold_id;
    s.hold_till := t.hold_till;
    s.hold_journal := t.hold_journal;
    s.last_move := t.last_move;
    s.held_at := t.held_at;
    s.status := t.status;
    s.currency := t.currency;
    s.order_type := t.order_type;
    s.tab_id := t.tab_id;
    s.ref := t.ref;
    s.version := t.version;
    s.last_event := t.last_event;
    s.refold := t.refold;
    s.refold_version := t.refold_version;
    s.quarantined := t.quarantined;
    s.created_at := t.created_at;
    s.updated_at := t.updated_at;
    s.logout_time := t.logout_time;
    s.written := t.written;
    s.submitted := t.submitted;
    s.before_version := t.version;
    s.before_event := t.last_event;
    s.before_tab := t.tab_id;
    s.found := p_found;
    s.heard := false;
    s.tabs := false;
    s.took := false;
    s.doubtful := false;
    s.refused := '{}';
    return s;
end $$;

-- Locks a session, or prepares a new one. Restores an archived session; the archive is read only if till.order_sessions
-- has no row.
create or replace function warm.lock_state(p_auth warm.auth_context, p_session text) returns warm.hold_state
language plpgsql as $$
declare
    t till.order_sessions := warm.lock_session(p_session);
    is_new constant boolean := t.id is null;
begin
    if is_new then
        t.id := p_session;
        t.store_id := p_auth.store_id;
        t.status := 'active';
        t.version := 0;
        t.refold := false;
        t.refold_version := 0;
        t.quarantined := false;
        t.written := '{}';
    end if;
    return warm.state_of(t, not is_new);
end $$;

-- Applies events beside the orders, each by the function of its type (`warm.apply_by_type`). The marks of a push are
-- applied together, after the others. True if anything waits for a manager, or no longer does.
create or replace function warm.apply_beside(p_auth warm.auth_context, p_events warm.incoming_event[]) returns boolean
language plpgsql as $$
declare
    e warm.incoming_event;
    waiting boolean := false;
    marked boolean := false;
begin
    foreach e in array p_events loop
        if e.data ? 'approved_by' then
            waiting := warm.flag_approval(p_auth, e) or waiting;
        end if;
        marked := marked or e.event_type = any ('{item_marked,item_counted,choice_marked}');
        continue when e.event_type <> all (warm.kinds_applied_beside());
        waiting := warm.apply_by_type(p_auth, e) or waiting;
    end loop;
    if marked then
        waiting := till.apply_marks(p_auth, p_events) or waiting;
    end if;
    return waiting;
end $$;

-- Increments the version of reference data that tills cache, and notifies them.
create or replace function till.raise_version(p_store uuid, p_name text) returns integer
language plpgsql as $$
declare
    new_version integer;
begin
    insert into till.settings as s (store_id, name) values (p_store, p_name)
    on conflict (store_id, name) do update set version = s.version + 1, updated_at = now()
    returning version into new_version;
    perform till.tell_tills(p_store, p_name);
    return new_version;
end $$;

-- Raises the version of the list of open tabs, and keeps in its row the orders of the last changes, each with the version
-- of its change: {"since", "orders": {id: version}}, complete after `since`. Without orders every till gets the whole
-- list.
create or replace function till.change_tabs(p_store uuid, p_sessions text[] default null) returns void
language plpgsql as $$
declare
    v_version constant integer := till.raise_version(p_store, 'tabs');
    changes jsonb;
begin
    select s.body into changes from till.settings as s where s.store_id = p_store and s.name = 'tabs';
    update till.settings as s set body = (
        with changed as (
            select c.key as id, c.value::integer as version
            from jsonb_each_text(changes->'orders') as c where c.key <> all (p_sessions)
            union all
            select x, v_version from unnest(p_sessions) as x
        ), kept as (
            select * from changed as c order by c.version desc, c.id limit warm.most_tab_changes()
        )
        select jsonb_build_object('since', case when p_sessions is null then v_version else greatest(
                coalesce((changes->>'since')::integer, v_version - 1),
                (select max(d.version) from (select * from changed except select * from kept) as d)) end,
            'orders', coalesce(jsonb_object_agg(k.id, k.version), '{}'))
        from kept as k)
    where s.store_id = p_store and s.name = 'tabs';
end $$;

-- The session of a push that concerns one session, and the stamps that come with its sale; null if it concerns several
-- or none.
create or replace function warm.only_session(
    p_events warm.incoming_event[], p_snapshots jsonb, out id text, out stamps warm.incoming_event[]
)
language plpgsql immutable as $$
declare
    e warm.incoming_event;
begin
    foreach e in array p_events loop
        if e.event_type = 'fiscal_stamped' then
            stamps := array_append(stamps, e);
        elsif e.session_id is null or e.session_id <> id then
            id := null;
            return;
        else
            id := e.session_id;
        end if;
    end loop;
    id := case when p_snapshots - id = '{}' then id end;
end $$;

-- Applies new events and snapshots of a till or of the server: first the log, then the sessions by id, so that two
-- pushes never deadlock. Returns the sessions with their new state. `p_judge` checks the till's right to write each
-- event. `p_known` has the versions that a till knows; without it the snapshots are the server's own. Events over a
-- till's limit for one order are quarantined. A snapshot without events neither creates a session nor restores one from
-- the archive.
create or replace function warm.take(
    p_auth warm.auth_context, p_events warm.incoming_event[], p_snapshots jsonb, p_source text, p_judge boolean, p_known jsonb default null
) returns warm.hold_state[]
language plpgsql as $$
declare
    alone constant record := warm.only_session(p_events, p_snapshots);
    v_session constant text := alone.id;
    s warm.hold_state;
    judged record;
    counted record;
    related record;
begin
    if v_session is not null then
        if alone.stamps is not null then
            p_events := array(select e from unnest(p_events) as e where e.session_id is not null order by e.seq);
        end if;
        if cardinality(p_events) = 0 then
            if not exists (select from till.order_sessions as t where t.id = v_session) then
                return '{}';
            end if;
        end if;
        s := warm.lock_state(p_auth, v_session);
        if p_auth.hour_events is not null and cardinality(p_events) > 0 then
            counted := warm.count_written(s.written, p_auth.till_id, p_events);
            s.written := counted.written;
            if counted.over is not null then
                s.quarantined := true;
                p_events := warm.quarantine_over_limit(p_auth, p_events, counted.over, warm.over_order_limit());
            end if;
        end if;
        if p_judge then
            judged := warm.admitted(p_auth, s, p_events, 0);
            s.quarantined := s.quarantined or judged.aside;
            p_events := coalesce(judged.events, p_events);
        end if;
        related := warm.record_contents(p_auth, s, p_events);
        if related.events is not null then
            s.quarantined := true;
            p_events := related.events;
        end if;
        perform warm.write_log(
            case when alone.stamps is null then p_events else p_events || alone.stamps end, array[v_session], array[case when s.store_id = p_auth.store_id then s.version end]);
        if related.strange then
            p_events := warm.claim_listed(v_session, p_events);
        end if;
        s := warm.apply_session(p_auth, s, p_events, p_snapshots->v_session, p_source, p_known);
        if s.refused <> '{}' then
            perform warm.refuse(s);
        end if;
        if s.heard or s.tabs or s.submitted is not null then
            perform warm.notify_changes(p_auth, array[s]);
        end if;
        if p_auth.till_id = 0 and cardinality(p_events) > 0 and warm.is_for_kitchen(s, p_events[1]) then
            perform warm.ask_for_tickets(s);
        end if;
        if related.meets then
            perform warm.settle_claims(p_auth, p_events);
            s.doubtful := true;
        end if;
        return array[s];
    end if;
    return warm.take_many(p_auth, p_events, p_snapshots, p_source, p_judge, p_known);
end $$;

-- Applies events of more than one session.
create or replace function warm.take_many(
    p_auth warm.auth_context, p_events warm.incoming_event[], p_snapshots jsonb, p_source text, p_judge boolean, p_known jsonb
) returns warm.hold_state[]
language plpgsql as $$
declare
    sessions text[] := '{}';
    states warm.hold_state[] := '{}';
    s warm.hold_state;
    own warm.incoming_event[];
    accepted warm.incoming_event[];
    judged record;
    done integer := 0;
    begun integer := 0;
    base_versions bigint[] := '{}';
    last_positions integer[] := '{}';
    part record;
    counted record;
    related record;
    any_strange boolean := false;
    any_meets boolean := false;
begin
    p_events := array(select e from unnest(p_events) as e order by e.session_id collate "C", e.seq);
    for part in
        select w.id, coalesce(g.events, 0) as events
        from (
            select e.session_id collate "C" from unnest(p_events) as e
            union
            select k collate "C" from jsonb_object_keys(p_snapshots) as k
        ) as w (id)
        left join (
            select e.session_id, count(*)::integer as events from unnest(p_events) as e group by 1
        ) as g on g.session_id = w.id
        where w.id is not null
            and (g.events > 0 or exists (select from till.order_sessions as t where t.id = w.id))
        order by w.id
    loop
        s := warm.lock_state(p_auth, part.id);
        if part.events > 0 then
            own := p_events[done + 1:done + part.events];
            accepted := null;
            if p_auth.hour_events is not null then
                counted := warm.count_written(s.written, p_auth.till_id, own);
                s.written := counted.written;
                if counted.over is not null then
                    accepted := warm.quarantine_over_limit(p_auth, own, counted.over, warm.over_order_limit());
                end if;
            end if;
            s.quarantined := s.quarantined or accepted is not null;
            if p_judge then
                judged := warm.admitted(p_auth, s, coalesce(accepted, own), begun);
                begun := begun + (s.hold_id is null)::integer;
                s.quarantined := s.quarantined or judged.aside;
                accepted := coalesce(judged.events, accepted);
            end if;
            related := warm.record_contents(p_auth, s, coalesce(accepted, own));
            s.quarantined := s.quarantined or related.events is not null;
            accepted := coalesce(related.events, accepted);
            if accepted is not null then
                p_events := p_events[:done] || accepted || p_events[done + part.events + 1:];
                part.events := cardinality(accepted);
            end if;
            any_strange := any_strange or coalesce(related.strange, false);
            any_meets := any_meets or coalesce(related.meets, false);
        end if;
        sessions := array_append(sessions, s.id);
        states := array_append(states, s);
        base_versions := array_append(base_versions, case when s.store_id = p_auth.store_id then s.version - done end);
        done := done + part.events;
        last_positions := array_append(last_positions, done);
    end loop;
    perform warm.write_log(p_events, sessions, base_versions);
    for i in 1..cardinality(sessions) loop
        own := p_events[coalesce(last_positions[i - 1], 0) + 1:last_positions[i]];
        if any_strange and states[i].store_id = p_auth.store_id then
            own := warm.claim_listed(sessions[i], own);
        end if;
        states[i] := warm.apply_session(p_auth, states[i], own, p_snapshots->sessions[i], p_source, p_known);
    end loop;
    perform warm.refuse(x) from unnest(states) as x where x.refused <> '{}';
    perform warm.notify_changes(p_auth, states);
    if any_meets then
        perform warm.settle_claims(p_auth, p_events);
        states[1].doubtful := true;
    end if;
    return states;
end $$;

-- A snapshot with a valid base version. After a restore the database assigns the same versions to other events. The
-- base is valid only if the database has the same event at that version as the till; if not, it becomes 0.
create or replace function warm.with_valid_base(s warm.hold_state, p_snapshot jsonb, p_known jsonb) returns jsonb
language plpgsql stable as $$
declare
    base constant text := p_snapshot->>'base_version';
    version bigint;
begin
    if base = '0' or base !~ '^[0-9]{1,18}$' then
        return p_snapshot;
    end if;
    version := base::bigint;
    if version <= s.version and p_known->>'version' = base and p_known->>'event' = (
        case when version = s.version then s.last_event::text else warm.event_at(s.id, version) end)
    then
        return p_snapshot;
    end if;
    return jsonb_set(p_snapshot, '{base_version}', '0');
end $$;

-- Notifies the other tills of changes in their lists.
create or replace function warm.notify_changes(p_auth warm.auth_context, p_states warm.hold_state[]) returns void
language plpgsql as $$
declare
    s warm.hold_state;
    heard boolean := false;
    tabs boolean := false;
    waiting boolean := false;
begin
    foreach s in array p_states loop
        heard := heard or s.heard;
        tabs := tabs or s.tabs;
        -- the list of waiting orders shows lines that another till keyed only once it has suspended the order
        waiting := waiting or s.submitted is not null and (s.heard or p_auth.till_id = 0 or s.status = 'completed');
    end loop;
    if waiting then
        perform till.raise_version(p_auth.store_id, 'waiting');
    end if;
    if tabs then
        perform till.change_tabs(p_auth.store_id, array(
            select x.id from unnest(p_states) as x where x.tabs
            union
            select o.id from unnest(p_states) as x join till.order_sessions as o on o.tab_id in (x.tab_id, x.before_tab)
            where x.tabs and o.status in ('active', 'pending_logout', 'assigned_to_tab')));
    end if;
    if heard then
        perform till.tell_tills(p_auth.store_id, 'sessions');
    end if;
end $$;
