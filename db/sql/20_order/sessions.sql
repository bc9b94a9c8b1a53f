-- Writing a session, and the fallbacks if that fails.

-- Applies a snapshot of the till with the current hold, and writes the session. The `refold` mark is cleared only by a
-- snapshot whose till knew every event that set it. After that, a copy of an older snapshot changes nothing.
create or replace function warm.save_session(p_auth warm.auth_context, s warm.hold_state, p_snapshot jsonb)
returns warm.hold_state
language plpgsql as $$
declare
    hot_part jsonb;
begin
    s.took := p_snapshot is not null and s.hold_till = p_auth.till_id and not p_auth.retired
        and (p_snapshot->>'hold_id')::uuid = s.hold_id
        and (s.refold or (p_snapshot->>'base_version')::bigint >= s.refold_version);
    if s.took then
        if (p_snapshot->>'base_version')::bigint < s.before_version then
            if exists (
                select from warm.session_events as x
                where x.session_id = s.id and x.version > (p_snapshot->>'base_version')::bigint
                    and x.version <= s.before_version
                    and x.till_id = p_auth.till_id and x.journal_id <> p_auth.journal_id
            ) then
                s.refold := true;  -- another journal of this till added events that this one does not have: this one is an older copy
                s.refold_version := s.before_version;
            end if;
        end if;
        s.refold := s.refold and (p_snapshot->>'base_version')::bigint < s.refold_version;
        s.order_type := coalesce(p_snapshot->>'order_type', s.order_type);
        s.currency := coalesce(s.currency, p_snapshot->>'currency');
        if s.status in ('active', 'pending_logout') and s.submitted is null then
            hot_part := jsonb_build_object(
                'cart', p_snapshot->'cart',
                'state', case when p_snapshot->'state' ? 'user_id' then p_snapshot->'state'
                    else (p_snapshot->'state') - 'last_shown_menu' end || jsonb_build_object('last_activity_at', least(s.updated_at, now())),
                'preferences', p_snapshot->'preferences'
            );
        end if;
    end if;
    if not s.took and s.version > s.before_version and s.hold_till = p_auth.till_id and p_auth.till_id > 0
        and s.status in ('active', 'pending_logout', 'assigned_to_tab') then
        s.refold := true;  -- its snapshot comes with its last events, and never comes if the till is lost
        s.refold_version := s.version;
    end if;
    if s.found then
        update till.order_sessions as t
        set user_id = s.user_id, till_id = s.till_id, hold_id = s.hold_id,
            hold_till = s.hold_till, hold_journal = s.hold_journal, last_move = s.last_move, held_at = s.held_at, status = s.status,
            currency = s.currency, order_type = s.order_type, tab_id = s.tab_id, ref = s.ref, version = s.version, last_event = s.last_event, refold = s.refold,
            refold_version = s.refold_version, quarantined = s.quarantined, created_at = s.created_at,
            updated_at = s.updated_at, arrived_at = now(), logout_time = s.logout_time, written = s.written, submitted = s.submitted,
            items = case when s.took then p_snapshot->'items' else t.items end,
            total = case when s.took then (p_snapshot->>'total')::numeric else t.total end,
            hot = case when s.took and (s.submitted is null or s.status = 'completed') then hot_part else t.hot end
        where t.id = s.id;
    else
        insert into till.order_sessions (
            id, store_id, user_id, till_id, hold_id, hold_till, hold_journal, last_move, held_at, status, currency,
            order_type, tab_id, ref, version, last_event, refold, refold_version, quarantined, created_at, updated_at,
            logout_time, written, submitted, items, total, hot
        )
        values (
            s.id, s.store_id, s.user_id, s.till_id, s.hold_id, s.hold_till, s.hold_journal, s.last_move, s.held_at,
            s.status, s.currency, s.order_type, s.tab_id, s.ref, s.version, s.last_event, s.refold, s.refold_version,
            s.quarantined, s.created_at, s.updated_at, s.logout_time, s.written, s.submitted,
            case when s.took then p_snapshot->'items' else '[]' end,
            case when s.took then (p_snapshot->>'total')::numeric else 0 end,
            hot_part
        )
        on conflict (id) do nothing;
        if not found then
            raise exception 'Session % has just been opened by another push.', s.id using errcode = '40001';
        end if;
    end if;
    if s.tabs then
        perform warm.settle_tabs(s);
    end if;
    return s;
end $$;

-- The cart of a placed order, if its snapshot has none.
create or replace function warm.cart_of(p_order jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return coalesce((
        select jsonb_agg(jsonb_build_object(
            'item_id', l.item_id, 'item_name', l.item_name, 'quantity', l.quantity, 'amount', l.subtotal))
        from (
            select x.item_id, min(x.item_name) as item_name, sum(x.quantity) as quantity, sum(x.subtotal) as subtotal
            from jsonb_to_recordset(p_order->'lines') as x (
                item_id text, item_name text, quantity integer, subtotal numeric)
            group by x.item_id
        ) as l
    ), '[]');
end $$;

-- The order at the gateway in the row of a program's session; null for none. A till that takes money keeps it, because
-- the gateway's charge names it.
create or replace function warm.order_at_gateway(p_session text) returns text
language plpgsql stable as $$
begin
    return (
        select i.gateway_order_id from warm.session_payment_intent as i join till.program_sessions as x using (session_id)
        where i.session_id = p_session);
end $$;

-- A snapshot with what a program wrote into the state of its session: the guest, and the menu, unless a till has shown
-- one since. Other snapshots are returned as they are.
create or replace function warm.with_guest(s warm.hold_state, p_snapshot jsonb) returns jsonb
language plpgsql stable as $$
begin
    if s.submitted is null and not exists (select from till.program_sessions as x where x.session_id = s.id) then
        return p_snapshot;
    end if;
    return (
        select jsonb_set(p_snapshot, '{state}', coalesce(p_snapshot->'state', '{}') || jsonb_build_object(
            'user_id', coalesce(h.user_id, t.hot->'state'->>'user_id')) || case when exists (
                select from warm.session_events as e
                where e.session_id = s.id and e.event_type = 'menu_viewed' and e.till_id > 0) then '{}'
            else jsonb_build_object('last_shown_menu', coalesce(h.last_shown_menu, t.hot->'state'->'last_shown_menu')) end)
        from till.order_sessions as t left join hot.session_state as h on h.session_id = t.id where t.id = s.id);
end $$;

-- Writes the rows beside the session: hot cart, state and preferences, the checkout and the payment intent.
create or replace function warm.save_beside(
    s warm.hold_state, p_snapshot jsonb, p_placed jsonb, p_placed_at timestamptz
) returns void
language plpgsql as $$
declare
    checkout constant jsonb := nullif(p_snapshot->'checkout', 'null');
    intent constant jsonb := nullif(p_snapshot->'intent', 'null');
    -- the cart of a submitted order is empty, whatever its status
    is_open constant boolean := s.status in ('active', 'pending_logout') and s.submitted is null;
begin
    if p_placed is not null then
        p_snapshot := coalesce(p_snapshot, warm.with_guest(s, '{"preferences": {}}'));
        if coalesce(p_snapshot->'cart', '[]') = '[]' then
            if not exists (select from hot.session_cart as c where c.session_id = s.id) then
                p_snapshot := jsonb_set(p_snapshot, '{cart}', warm.cart_of(p_placed));
            end if;
        end if;
        if p_snapshot->'state'->>'current_step' is distinct from 'order_placed' then
            p_snapshot := jsonb_set(
                p_snapshot, '{state}', coalesce(p_snapshot->'state', '{}') || '{"current_step": "order_placed"}');
        end if;
    elsif s.submitted is not null then
        p_snapshot := jsonb_set(p_snapshot, '{state,current_step}', '"order_placed"');
    end if;
    if s.took or p_placed is not null then
        -- active when it was keyed, not when it arrived: sales of a till that was offline are no active sessions
        perform hot.write_session(s.store_id, s.id, hot.user_of(p_snapshot->'state', s.user_id), p_snapshot, is_open, s.found,
            s.created_at, least(s.updated_at, now()));
    elsif not is_open then
        perform hot.close_session(s.id, null);
    end if;
    if p_placed is not null or (s.took and checkout is not null) then
        insert into warm.session_checkout as c (
            session_id, order_type, payment_method, special_instructions, started_at, completed_at, store_id
        )
        values (
            s.id, coalesce(p_placed->>'order_type', checkout->>'order_type'),
            coalesce(p_placed->>'payment_method', checkout->>'payment_method'),
            checkout->>'special_instructions', coalesce((checkout->>'started_at')::timestamptz, p_placed_at), p_placed_at, s.store_id
        )
        on conflict (session_id) do update
        set order_type = excluded.order_type, payment_method = coalesce(excluded.payment_method, c.payment_method),
            started_at = coalesce((checkout->>'started_at')::timestamptz, c.started_at),
            special_instructions = case when checkout is null then c.special_instructions else excluded.special_instructions end,
            completed_at = coalesce(excluded.completed_at, c.completed_at);
    end if;
    if s.took and intent is not null then
        insert into warm.session_payment_intent as i (
            session_id, payment_gateway, gateway_order_id, amount, status, created_at, store_id
        )
        values (
            s.id, intent->>'gateway', coalesce(warm.order_at_gateway(s.id), intent->>'external_id'),
            (intent->>'amount')::numeric, intent->>'status',
            coalesce((checkout->>'started_at')::timestamptz, p_placed_at, now()), s.store_id
        )
        on conflict (session_id) do update
        set payment_gateway = excluded.payment_gateway, gateway_order_id = excluded.gateway_order_id,
            amount = excluded.amount, status = excluded.status
        where (i.gateway_order_id, i.amount, i.status)
            is distinct from (excluded.gateway_order_id, excluded.amount, excluded.status);
    end if;
end $$;

-- Applies the new events and the snapshot of one session of this store. If that fails, it quarantines the cause and
-- applies less: the events without the snapshot, or else only the sales. The other events are then only counted, and
-- the session is marked, so that every reader folds its events.
create or replace function warm.apply_session(
    p_auth warm.auth_context, p_before warm.hold_state, p_events warm.incoming_event[], p_snapshot jsonb, p_source text, p_known jsonb
) returns warm.hold_state
language plpgsql as $$
declare
    s warm.hold_state;
    placed warm.incoming_event;
    message text;
begin
    if (p_before.store_id = p_auth.store_id and (p_before.found or cardinality(p_events) > 0)) is not true then
        return p_before;
    elsif p_before.found and p_known is not null and p_snapshot is not null then
        p_snapshot := warm.with_valid_base(p_before, p_snapshot, p_known->p_before.id);
    end if;
    s := warm.apply_events(p_auth, p_before, p_events, p_source);
    if s.status = 'completed' and p_before.status <> 'completed' then
        foreach placed in array p_events loop
            continue when placed.event_type <> 'order_placed';
            exit when not s.quarantined;
            exit when exists (select from cold.orders as o where o.order_id = (placed.data->>'order_id')::uuid);
        end loop;
    end if;
    if p_before.found and p_snapshot is not null then
        p_snapshot := warm.with_guest(s, p_snapshot);
    end if;
    s := warm.save_session(p_auth, s, p_snapshot);
    s.heard := s.heard or s.took and s.tab_id is not null;  -- the lists of tables show its lines
    if s.took or s.status <> p_before.status then
        perform warm.save_beside(s, case when s.took then p_snapshot end, placed.data, placed.at);
    end if;
    return s;
exception when others then
    if warm.is_temporary(sqlstate) then
        raise;
    end if;
    get stacked diagnostics message = message_text;
    perform warm.quarantine_event(p_auth, p_before.id, p_events[cardinality(p_events)], message, sqlstate);
    s := p_before;
    s.quarantined := true;
    if p_snapshot is not null then
        return warm.apply_session(p_auth, s, p_events, null, p_source, null);
    end if;
    return warm.apply_money(p_auth, s, p_events, p_source);
end $$;

-- The fallback of warm.apply_session if the events of a session cannot be applied together. Places its sales one by
-- one.
create or replace function warm.apply_money(
    p_auth warm.auth_context, s warm.hold_state, p_events warm.incoming_event[], p_source text
) returns warm.hold_state
language plpgsql as $$
declare
    e warm.incoming_event;
begin
    foreach e in array p_events loop
        s.created_at := coalesce(s.created_at, e.at);
        s.updated_at := greatest(s.updated_at, least(e.at, now()));  -- a till's clock may be years ahead
        s.user_id := coalesce(s.user_id, e.user_id);
        if e.event_type = 'order_placed' then
            s := warm.apply_order_placed(p_auth, s, e, p_source);
        end if;
        s.version := s.version + 1;
        s.last_event := e.event_id;
        if e.state = 'refused' then
            s.refused := array_append(s.refused, e.event_id);
        end if;
    end loop;
    s.refold := true;
    s.refold_version := s.version;
    s.took := false;
    return warm.save_session(p_auth, s, null);
end $$;
