-- Events of the server's chain for the changes that a program makes to its hot rows by plain statements.
-- The functions of tills are not affected: they run as the owner, to whom row security (90_grants) and these triggers
-- do not apply.

-- Before a program writes a row: checks that the session is its own and open. Sets names and prices from the menu, and
-- times from the database's clock.
create or replace function hot.program_writes() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    p constant till.programs := till.program_here();
    known cold.menu_item;
    began timestamptz;
    s till.order_sessions;
begin
    if p.name is null then
        return new;  -- the owner, or a program that row security refuses anyway
    elsif tg_op = 'INSERT' then
        perform till.claim_session(p, new.session_id);
        new.store_id := p.store_id;
    end if;
    s := till.own_open(new.session_id, p_on_tab => tg_table_name = 'session_payment_intent');
    case tg_table_name
        when 'session_cart' then
            new.updated_at := now();
            if tg_op = 'INSERT' then
                new.added_at := clock_timestamp();
            end if;
            if new.quantity not between 0 and 9999 then
                raise exception 'A row of a cart has 0 to 9999 pieces.' using errcode = 'TL006';
            elsif tg_op = 'UPDATE' and s.submitted is not null and new.quantity <> old.quantity then
                new.is_active := true;  -- the cart of a submitted order is empty; its rows have the order
            end if;
            if tg_op = 'UPDATE' and (not new.is_active or new.quantity <= old.quantity and (old.is_active or s.submitted is not null)) then
                new.item_name := old.item_name;
                new.price := old.price;
            else
                known := till.item_sold(p.store_id, new.item_id, p_type => s.order_type);
                new.item_name := known.name;
                new.price := known.price;
            end if;
            new.is_active := new.is_active and new.quantity > 0;
        when 'session_state' then
            new.last_activity_at := now();
            if tg_op = 'INSERT' then
                -- the row that hot.touch made gives way to the first one that names the user or the shown menu
                delete from hot.session_state as x
                where x.session_id = new.session_id and x.last_shown_menu is null
                    and coalesce(x.user_id, x.last_mentioned_item_id, x.last_mentioned_item_name) is null
                returning x.created_at into began;
                new.created_at := coalesce(began, now());
            end if;
            if octet_length(new.last_shown_menu::text) > 262144 or greatest(length(new.user_id), length(new.current_step),
                length(new.last_mentioned_item_id), length(new.last_mentioned_item_name)) > 250 then
                raise exception 'The state of a session has words of 250 characters, and a menu of 256 KB, at most.'
                    using errcode = 'TL006';
            end if;
        when 'session_payment_intent' then
            if (length(new.payment_gateway) between 1 and 50 and new.gateway_order_id ~ '^[!-~]{1,250}$') is not true then
                raise exception 'A payment intent has a gateway, and its order there.' using errcode = 'TL006';
            end if;
            if tg_op = 'INSERT' then  -- the row of the checkout, which names no gateway, gives way
                delete from warm.session_payment_intent as x where x.session_id = new.session_id and x.gateway_order_id is null;
            end if;
            new.amount := s.total;  -- the guest is asked to pay; only the gateway reports a payment
            new.status := 'created';
            new.created_at := now();
        when 'session_checkout' then
            new.started_at := now();
            perform till.refuse_unknown_words(p.store_id, new.order_type, new.payment_method);
            new.payment_method := lower(new.payment_method);
            if length(new.special_instructions) > 250 then
                raise exception 'Special instructions have 250 characters at most.' using errcode = 'TL006';
            end if;
        else
            new.updated_at := now();
            if length(new.name) not between 1 and 250 or length(new.value) > 250 then
                raise exception 'A preference has a name of 1 to 250 characters, and a value of 250 at most.'
                    using errcode = 'TL006';
            end if;
    end case;
    return new;
end $$;

-- Deletes the note that a row (`p_by_row`) or log_event logged the same change in the last seconds, so that the change
-- counts once. Returns its event; null if there is none.
create or replace function hot.take_logged(p_session text, p_type text, p_by_row boolean, p_item text, p_quantity integer)
returns uuid
language plpgsql as $$
declare
    logged uuid;
begin
    delete from hot.session_told where session_id = p_session and told_at < clock_timestamp() - interval '10 seconds';
    delete from hot.session_told as t
    where t.event_id = (
        select x.event_id from hot.session_told as x
        where x.session_id = p_session and x.event_type = p_type and x.by_row = p_by_row
            and x.item_id is not distinct from p_item and x.quantity is not distinct from p_quantity
        order by x.told_at, x.event_id limit 1)
    returning t.event_id into logged;
    return logged;
end $$;

-- Notes that a change was logged.
create or replace function hot.note_logged(
    p_session text, p_event uuid, p_type text, p_by_row boolean, p_item text default null, p_quantity integer default null
) returns void
language sql as $$
    insert into hot.session_told (event_id, session_id, event_type, by_row, item_id, quantity)
    values (p_event, p_session, p_type, p_by_row, p_item, p_quantity)
$$;

-- Updates the state of a program's session on a change of any of its rows, because active sessions are counted by their
-- states. A session without a state gets one at the given step. A checkout is the step of any, until its cart changes.
create or replace function hot.touch(s till.order_sessions, p_step text) returns void
language sql as $$
    insert into hot.session_state (session_id, store_id, current_step) values (s.id, s.store_id, p_step)
    on conflict (session_id) do update set last_activity_at = now(), current_step = case
        when p_step = 'checkout' or p_step = 'ordering' and session_state.current_step = 'checkout' then p_step
        else session_state.current_step end
$$;

-- True if a session has ended, so that its rows may be deleted without an event. An archived session is not restored.
create or replace function hot.grew_cold(p_session text) returns boolean
language sql stable as $$
    select exists (select from warm.every_session as s where s.id = p_session and s.status in ('completed', 'discarded'))
$$;

-- After a change of a cart row: writes events so that its item has the pieces of the row.
create or replace function hot.cart_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := case when tg_op = 'DELETE' then old.session_id else new.session_id end;
    v_item constant text := case when tg_op = 'DELETE' then old.item_id else new.item_id end;
    s till.order_sessions;
    c hot.session_cart;
    more integer;
begin
    if (till.program_here()).name is null then
        return null;
    end if;
    if tg_op = 'DELETE' and hot.grew_cold(v_session) then
        return null;
    elsif not old.is_active and (tg_op = 'DELETE' or not new.is_active and old.quantity = new.quantity) then
        return null;  -- it had no pieces before, and has none now
    end if;
    s := till.own_open(v_session);
    if tg_op = 'INSERT' then
        -- if the rows were lost or expired, this one adds to the pieces from before
        update hot.session_cart as x
        set quantity = x.quantity * x.is_active::integer + (e->>'quantity')::integer, is_active = true
        from jsonb_array_elements(s.hot->'cart') as e
        where x.session_id = v_session and x.item_id = v_item and e->>'item_id' = v_item;
    end if;
    if tg_op <> 'DELETE' then
        perform hot.fill_in(s);
    end if;
    perform hot.touch(s, 'ordering');
    select * into c from hot.session_cart as x where x.session_id = v_session and x.item_id = v_item and x.is_active;
    more := coalesce(c.quantity, 0) - till.pieces_on(s, v_item);
    perform till.bring_item(s, v_item, c.item_name, coalesce(c.quantity, 0), c.price);
    if more > 0 then
        perform hot.note_logged(s.id, t.last_event, 'item_added', true, v_item, more)
        from till.order_sessions as t where t.id = s.id and t.last_event <> s.last_event;
    end if;
    return null;
end $$;

-- Restores the missing rows of a program's session, after a crash emptied the tables or the rows expired.
create or replace function hot.fill_in(s till.order_sessions) returns void
language plpgsql as $$
begin
    insert into hot.session_cart (session_id, item_id, item_name, quantity, price, added_at, store_id)
    select s.id, e.item_id, e.item_name, e.quantity, hot.unit_price(e.amount, e.quantity), e.added_at, s.store_id
    from jsonb_to_recordset(coalesce(s.hot->'cart', '[]')) as e (
        item_id text, item_name text, quantity integer, amount numeric, added_at timestamptz)
    on conflict do nothing;
    insert into hot.session_state (session_id, store_id, user_id, last_shown_menu, last_mentioned_item_id,
        last_mentioned_item_name, current_step, created_at)
    select s.id, s.store_id, e.user_id, nullif(e.last_shown_menu, 'null'), e.last_mentioned_item_id, e.last_mentioned_item_name,
        e.current_step, coalesce(e.created_at, now())
    from jsonb_to_record(coalesce(s.hot->'state', '{}')) as e (user_id text, last_shown_menu jsonb,
        last_mentioned_item_id text, last_mentioned_item_name text, current_step text, created_at timestamptz)
    where e.current_step is not null
    on conflict do nothing;
    insert into hot.session_preferences (session_id, name, value, store_id)
    select s.id, e.key, e.value, s.store_id from jsonb_each_text(coalesce(s.hot->'preferences', '{}')) as e
    on conflict do nothing;
end $$;

-- The first fifty items of a shown menu, as in an event.
create or replace function hot.menu_items(p_menu jsonb) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_agg(x.item order by x.place), '[]')
    from (
        select i.place, jsonb_build_object(
            'id', left(i.value->>'id', 250), 'name', left(i.value->>'name', 250), 'position', i.place) as item
        from jsonb_array_elements(case when jsonb_typeof(p_menu) = 'array' then p_menu else '[]' end)
            with ordinality as i (value, place)
        where i.value->>'id' is not null and i.value->>'name' is not null order by i.place limit 50
    ) as x
$$;

-- After a change of a session's state: a shown menu counts as viewed.
create or replace function hot.state_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    p constant till.programs := till.program_here();
    s till.order_sessions;
begin
    if p.name is null then
        return null;
    end if;
    s := till.own_open(new.session_id);
    if tg_op = 'INSERT' then  -- columns without a value get those from before the rows were lost
        update hot.session_state as x
        set user_id = coalesce(x.user_id, e.user_id), last_shown_menu = coalesce(x.last_shown_menu, e.last_shown_menu),
            last_mentioned_item_id = coalesce(x.last_mentioned_item_id, e.last_mentioned_item_id),
            last_mentioned_item_name = coalesce(x.last_mentioned_item_name, e.last_mentioned_item_name),
            current_step = case when x.current_step = 'browsing' then e.current_step else x.current_step end,
            created_at = coalesce(e.created_at, x.created_at)
        from jsonb_to_record(s.hot->'state') as e (user_id text, last_shown_menu jsonb, last_mentioned_item_id text,
            last_mentioned_item_name text, current_step text, created_at timestamptz)
        where x.session_id = new.session_id and e.current_step is not null;
    end if;
    perform hot.fill_in(s);
    if new.last_shown_menu is not null and (tg_op = 'INSERT' or new.last_shown_menu is distinct from old.last_shown_menu)
        and hot.take_logged(new.session_id, 'menu_viewed', false, null, null) is null then
        perform hot.note_logged(new.session_id, warm.server_event_v1(p.store_id, null, 'menu_viewed', new.session_id,
            jsonb_build_object('query', '', 'meal_period', '', 'items', hot.menu_items(new.last_shown_menu),
                'result_count', case when jsonb_typeof(new.last_shown_menu) = 'array'
                    then jsonb_array_length(new.last_shown_menu) else 0 end)), 'menu_viewed', true);
    end if;
    perform till.keep_picture(new.session_id);
    return null;
end $$;

-- Logs a preference: free text of a person, stored beside its event. The preference `note` is the note of the order.
create or replace function till.log_preference(p_store uuid, p_session text, p_name text, p_value text) returns uuid
language plpgsql as $$
begin
    if p_name = 'note' then
        return warm.server_event_v1(
            p_store, null, 'order_noted', p_session, '{}', jsonb_build_object('note', coalesce(p_value, '')));
    end if;
    return warm.server_event_v1(
        p_store, null, 'preference_set', p_session, jsonb_build_object('name', p_name),
        jsonb_build_object('value', coalesce(p_value, '')));
end $$;

-- After a change of a preference: logs it, unless log_event has. A deleted preference is set to an empty text.
create or replace function hot.preference_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := case when tg_op = 'DELETE' then old.session_id else new.session_id end;
    v_name constant text := case when tg_op = 'DELETE' then old.name else new.name end;
    v_value constant text := case when tg_op = 'DELETE' then '' else coalesce(new.value, '') end;
    s till.order_sessions;
begin
    if (till.program_here()).name is null then
        return null;
    end if;
    if tg_op = 'DELETE' and hot.grew_cold(v_session) then
        return null;
    end if;
    s := till.own_open(v_session);
    if tg_op <> 'DELETE' then
        perform hot.fill_in(s);
    end if;
    perform hot.touch(s, 'browsing');
    if coalesce(s.hot->'preferences'->>v_name, '') <> v_value then
        perform till.log_preference(s.store_id, v_session, v_name, v_value);
    end if;
    perform till.keep_picture(v_session);
    return null;
end $$;

-- Makes the payment intent of a guest in checkout, for a session that has none.
create or replace function warm.ask_payment(s till.order_sessions) returns void
language sql as $$
    insert into warm.session_payment_intent (session_id, amount, status, store_id)
    values (s.id, s.total, 'created', s.store_id) on conflict do nothing
$$;

-- After a change of a checkout: sets its order type, logs its special instructions as the note of the order, and logs
-- that the guest wants to pay.
create or replace function warm.checkout_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
begin
    if (till.program_here()).name is null then
        return null;
    end if;
    s := till.own_open(new.session_id);
    perform hot.fill_in(s);
    if new.order_type is distinct from s.order_type and new.order_type is not null then
        perform till.set_order_type(s.store_id, null, s.id, new.order_type);
        select * into s from till.order_sessions where id = s.id;
    end if;
    perform hot.touch(s, 'checkout');
    if new.special_instructions is distinct from old.special_instructions
        and coalesce(new.special_instructions, '') <> coalesce(s.hot->'preferences'->>'note', '') then
        insert into hot.session_preferences as p (session_id, name, value, store_id)
        values (s.id, 'note', coalesce(new.special_instructions, ''), s.store_id)
        on conflict (session_id, name) do update set value = excluded.value, updated_at = now();
        perform till.log_preference(s.store_id, s.id, 'note', new.special_instructions);
    end if;
    if tg_op = 'INSERT' and hot.take_logged(s.id, 'checkout_started', false, null, null) is null then
        perform hot.note_logged(
            s.id, warm.server_event_v1(s.store_id, null, 'checkout_started', s.id, '{}'), 'checkout_started', true);
    end if;
    perform warm.ask_payment(s);
    perform till.keep_picture(s.id);
    return null;
end $$;

-- After a program named an order at the gateway: logs it, because the row keeps only the newest one.
create or replace function warm.intent_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if (till.program_here()).name is not null and (tg_op = 'INSERT' or new.gateway_order_id is distinct from old.gateway_order_id) then
        perform warm.server_event_v1(new.store_id, null, 'gateway_order_named', new.session_id, jsonb_build_object(
            'gateway', new.payment_gateway, 'order', new.gateway_order_id));
    end if;
    return null;
end $$;

do $$
declare
    of_programs constant text := 'for each row when (current_user <> ''till_owner'') execute function ';
begin
    perform till.always_fire(t, 'program_writes', 'before insert or update', of_programs || 'hot.program_writes()')
    from unnest('{hot.session_cart,hot.session_state,hot.session_preferences,warm.session_checkout,warm.session_payment_intent}'::regclass[]) as t;
    perform till.always_fire(x.rows_of, 'program_told', 'after ' || x.acts, of_programs || x.calls)
    from (values
        ('hot.session_cart'::regclass, 'hot.cart_changed()', 'insert or update or delete'),
        ('hot.session_state', 'hot.state_changed()', 'insert or update'),
        ('hot.session_preferences', 'hot.preference_changed()', 'insert or update or delete'),
        ('warm.session_checkout', 'warm.checkout_changed()', 'insert or update'),
        ('warm.session_payment_intent', 'warm.intent_changed()', 'insert or update')
    ) as x (rows_of, calls, acts);
end $$;
