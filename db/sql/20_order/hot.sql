-- The hot rows of a session, written from the snapshots of pushes.

-- Writes the cart, the state and the preferences of a snapshot. Cart rows that the snapshot no longer has, or all of
-- them if the order has ended, become inactive. `p_user` is text: a staff number here, a customer's id from a chat
-- front end. `p_created` is the start of the session, `p_active` its last activity.
create or replace function hot.write_session(
    p_store uuid, p_session text, p_user text, p_snapshot jsonb, p_open boolean, p_known boolean, p_created timestamptz,
    p_active timestamptz default now()
) returns void
language plpgsql as $$
declare
    state constant jsonb := p_snapshot->'state';
    cart constant jsonb := p_snapshot->'cart';
begin
    with written as (
        insert into hot.session_cart as c (
            session_id, item_id, item_name, quantity, price, is_active, added_at, store_id
        )
        select p_session, e.item_id, e.item_name, e.quantity, hot.unit_price(e.amount, e.quantity), p_open,
            coalesce(e.added_at, (
                select x.added_at from hot.session_cart as x where x.session_id = p_session and x.item_id = e.item_id
            ), now()), p_store
        from jsonb_to_recordset(cart) as e (
            item_id text, item_name text, quantity integer, amount numeric, added_at timestamptz
        )
        on conflict (session_id, item_id) do update
        set item_name = excluded.item_name, quantity = excluded.quantity, price = excluded.price,
            is_active = excluded.is_active, added_at = excluded.added_at, store_id = excluded.store_id,
            updated_at = now()
        where (c.item_name, c.quantity, c.price, c.is_active, c.added_at)
            is distinct from (
                excluded.item_name, excluded.quantity, excluded.price, excluded.is_active, excluded.added_at)
    ), gone as (
        update hot.session_cart as c set is_active = false, updated_at = now()
        where p_known and c.session_id = p_session and c.is_active
            and c.item_id not in (select e->>'item_id' from jsonb_array_elements(cart) as e)
    ), forgotten as (
        -- an order that was placed without a snapshot has no preferences
        delete from hot.session_preferences as p
        where p_known and p.session_id = p_session and not p_snapshot->'preferences' ? p.name
            and (p.name = 'note' or p_snapshot ? 'session')
    )
    insert into hot.session_state as s (
        session_id, store_id, user_id, last_shown_menu, last_mentioned_item_id, last_mentioned_item_name, current_step,
        created_at, last_activity_at
    )
    values (
        p_session, p_store, p_user, nullif(state->'last_shown_menu', 'null'), state->>'last_mentioned_item_id',
        state->>'last_mentioned_item_name', coalesce(state->>'current_step', 'browsing'), coalesce(p_created, now()), p_active
    )
    on conflict (session_id) do update
    -- an order that was placed without a snapshot keeps the stored fields
    set user_id = coalesce(excluded.user_id, s.user_id), current_step = excluded.current_step,
        last_activity_at = greatest(s.last_activity_at, excluded.last_activity_at),
        last_mentioned_item_id = case when state ? 'last_mentioned_item_id' then excluded.last_mentioned_item_id
            else s.last_mentioned_item_id end,
        last_mentioned_item_name = case when state ? 'last_mentioned_item_name' then excluded.last_mentioned_item_name
            else s.last_mentioned_item_name end,
        last_shown_menu = case
            when state ? 'last_shown_menu' and s.last_shown_menu is distinct from excluded.last_shown_menu
                then excluded.last_shown_menu
            else s.last_shown_menu  -- an unchanged menu is not written again: it is stored out of line
        end;
    if p_snapshot->'preferences' <> '{}'::jsonb then
        insert into hot.session_preferences as p (session_id, name, value, store_id)
        select p_session, e.key, e.value, p_store from jsonb_each_text(p_snapshot->'preferences') as e
        on conflict (session_id, name) do update set value = excluded.value, updated_at = now()
        where p.value is distinct from excluded.value;
    end if;
end $$;

-- The item last mentioned in a session, from its state; an empty object if there was none.
create or replace function hot.last_mentioned(p_session text) returns jsonb
language plpgsql stable as $$
begin
    return coalesce((
        select jsonb_build_object('last_mentioned_item_id', s.last_mentioned_item_id,
            'last_mentioned_item_name', s.last_mentioned_item_name)
        from hot.session_state as s
        where s.session_id = p_session and coalesce(s.last_mentioned_item_id, s.last_mentioned_item_name) is not null
    ), '{}');
end $$;

-- True if the guest of a session wants to pay, or has paid a part. A standby has no unlogged tables, and says false.
create or replace function hot.is_in_checkout(p_session text) returns boolean
language plpgsql stable as $$
begin
    if pg_is_in_recovery() then
        return false;
    end if;
    return coalesce((select s.current_step = 'checkout' from hot.session_state as s where s.session_id = p_session), false);
end $$;

-- The price of a unit. If the amount does not divide evenly, the price has six more decimals; hot.line_total recognises
-- it by them.
create or replace function hot.unit_price(p_amount numeric, p_quantity integer) returns numeric
language sql immutable parallel safe as $$
    select case
        when p_quantity = 0 then p_amount
        when round(p_amount / p_quantity, scale(p_amount)) * p_quantity = p_amount
            then round(p_amount / p_quantity, scale(p_amount))
        else round(p_amount / p_quantity, scale(p_amount) + 6)
    end
$$;

-- The total of a cart row, in the decimals of its currency.
create or replace function hot.line_total(p_quantity integer, p_price numeric) returns numeric
language plpgsql immutable parallel safe as $$
begin
    return case
        when scale(p_price) > 4 then round(p_quantity * p_price, scale(p_price) - 6)
        else p_quantity * p_price
    end;
end $$;

-- Closes the hot rows of a session whose order ended without a snapshot.
create or replace function hot.close_session(p_session text, p_step text) returns void
language plpgsql as $$
begin
    update hot.session_cart set is_active = false, updated_at = now() where session_id = p_session and is_active;
    update hot.session_state set current_step = coalesce(p_step, current_step), last_activity_at = now()
    where session_id = p_session;
end $$;

-- The active cart rows of a session, in the order in which they were added.
-- for: admin, program
create or replace function hot.get_session_cart(session_id text)
returns table (item_id text, item_name text, quantity integer, price numeric, total numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select c.item_id, c.item_name, c.quantity, c.price, hot.line_total(c.quantity, c.price)
    from hot.session_cart as c
    where c.session_id = get_session_cart.session_id and c.is_active and till.may_see(c.session_id)
    order by c.added_at, c.item_id;
end $$;

-- The total of the cart of a session; 0 for an empty one.
-- for: admin, program
create or replace function hot.get_cart_total(session_id text) returns numeric
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return coalesce((
        select sum(hot.line_total(c.quantity, c.price))
        from hot.session_cart as c
        where c.session_id = get_cart_total.session_id and c.is_active and till.may_see(c.session_id)
    ), 0);
end $$;

-- The user of a session's state: the guest whom a program named, also none, or the person who has the order.
create or replace function hot.user_of(p_state jsonb, p_user integer) returns text
language sql immutable as $$
    select case when p_state ? 'user_id' then p_state->>'user_id' else nullif(p_user, 0)::text end
$$;

-- Restores the hot rows of one session from the copy of its last snapshot in order_sessions.
create or replace function hot.make_again(s till.order_sessions) returns void
language plpgsql as $$
begin
    perform hot.write_session(
        s.store_id, s.id, hot.user_of(s.hot->'state', s.user_id),
        jsonb_set(s.hot, '{state,last_shown_menu}', coalesce(s.hot->'state'->'last_shown_menu', (
            select e.event_data->'items' from warm.session_events as e
            where e.session_id = s.id and e.event_type = 'menu_viewed'
            order by e.event_id desc limit 1
        ), '[]')),
        true, false, coalesce((s.hot->'state'->>'created_at')::timestamptz, s.created_at),
        coalesce((s.hot->'state'->>'last_activity_at')::timestamptz, s.arrived_at)
    );
end $$;

-- Restores the hot rows of a store after a crash emptied them, session by session, from the last snapshots in
-- order_sessions. The menu that was shown last comes from its event. Only one caller runs at a time, and each call
-- restores a few sessions, so that no push waits for all of them. The last call sets the epoch. Returns the number of
-- sessions restored; null if another caller is running or there is nothing to do.
-- for: admin
create or replace function hot.hot_rebuild_v1(p_store uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    at_once constant integer := 100;
    restored integer := 0;
    session till.order_sessions;
begin
    perform from till.stores where store_id = p_store for no key update skip locked;
    if not found or exists (select from hot.hot_epoch where store_id = p_store) then
        return null;
    end if;
    for session in
        select s.* from till.order_sessions as s
        where s.store_id = p_store and s.status in ('active', 'pending_logout') and s.hot is not null
            and not exists (select from hot.session_state as t where t.session_id = s.id)
        order by s.id limit at_once for no key update of s
    loop
        perform hot.make_again(session);
        restored := restored + 1;
    end loop;
    if restored < at_once then
        insert into hot.hot_epoch (store_id, epoch)
        values (p_store, (extract(epoch from clock_timestamp()) * 1000)::bigint);
    end if;
    return restored;
end $$;
