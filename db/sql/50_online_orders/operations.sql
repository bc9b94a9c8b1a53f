-- The seven operations of an order session, for programs that are not tills (tills send events). Each authenticates the
-- caller (till.prove), and raises TL003 for a session out of reach: a program reaches its guests' sessions alone, with no
-- staff number; a cashier their own, a manager the store's, an admin all. Sessions are returned as rows in JSON
-- (docs/protocol.md, "Reads") with `items`. Changes write events into the server's chain.

-- The reach of a person: 'own', 'store' or 'all'. Without a person it is that of the database owner, as in the
-- administration.
create or replace function till.reach(p_store uuid, p_actor integer) returns text
language plpgsql stable as $$
declare
    reach text;
begin
    if p_actor is null then
        return case when till.is_program() then 'own' else 'all' end;
    end if;
    select r.reach into reach
    from till.users as u join till.roles as r on r.store_id = u.store_id and r.name = u.role
    where u.store_id = p_store and u.id = p_actor and u.disabled_at is null;
    if not found then
        raise exception 'There is no staff number % here, or it is disabled.', p_actor using errcode = 'TL003';
    end if;
    return reach;
end $$;

-- Refuses a session that does not exist, or that the person does not reach.
create or replace function till.refuse_unreached(
    p_store uuid, p_actor integer, p_session text, s till.order_sessions
) returns void
language plpgsql stable as $$
declare
    reach constant text := till.reach(p_store, p_actor);
begin
    perform till.refuse_foreign(p_session);
    if s.id is null then
        raise exception 'There is no order %.', p_session using errcode = 'TL004';
    elsif (s.store_id <> p_store and reach <> 'all') or (s.user_id is distinct from p_actor and reach = 'own' and not till.is_program()) then
        raise exception 'The order belongs to another person. A manager can open it.' using errcode = 'TL003';
    end if;
end $$;

-- A session, locked, if it is within the person's reach and, if a version is given, still has that version.
create or replace function till.reached(
    p_store uuid, p_actor integer, p_session text, p_version bigint default null
) returns till.order_sessions
language plpgsql as $$
declare
    s till.order_sessions;
begin
    perform till.prove(p_store, p_actor);
    s := warm.lock_session(p_session);
    perform till.refuse_unreached(p_store, p_actor, p_session, s);
    if p_version is not null and s.version <> p_version then
        raise exception 'The order has moved on to version %; read it again.', s.version using errcode = 'TL005';
    end if;
    return s;
end $$;

-- Refuses a session that is neither open at a till nor suspended.
create or replace function till.refuse_closed(s till.order_sessions) returns void
language plpgsql immutable as $$
begin
    if s.status not in ('active', 'pending_logout') then
        raise exception 'The order is % and can no longer change.', replace(s.status, '_', ' ') using errcode = 'TL005';
    end if;
end $$;

-- A session that can still be changed.
create or replace function till.reached_open(
    p_store uuid, p_actor integer, p_session text, p_version bigint default null
) returns till.order_sessions
language plpgsql as $$
declare
    s till.order_sessions := till.reached(p_store, p_actor, p_session, p_version);
begin
    perform till.refuse_closed(s);
    if till.is_program() then
        s := till.own_open(p_session);
        perform hot.fill_in(s);
    end if;
    return s;
end $$;

-- An order as programs read it: its row and its items.
create or replace function till.session_whole(s till.order_sessions) returns json
language plpgsql stable as $$
begin
    return (till.session_row(s)::jsonb || jsonb_build_object('session', s.id, 'items', s.items))::json;
end $$;

create or replace function till.session_whole(p_session text) returns json
language plpgsql stable as $$
declare
    s till.order_sessions;
begin
    select * into s from till.order_sessions where id = p_session;
    return till.session_whole(s);
end $$;

-- The open order of a user: the newest that is active or suspended; null if there is none.
create or replace function till.newest_open(p_store uuid, p_user integer) returns text
language plpgsql stable as $$
begin
    return (
        select s.id from till.order_sessions as s
        where s.store_id = p_store and s.user_id = p_user and s.status in ('active', 'pending_logout')
        order by s.created_at desc, s.id desc limit 1);
end $$;

-- 1. The newest order of `user` that is active or suspended; null if there is none.
-- for: admin, program
create or replace function till.order_session_active_v1(p_store uuid, p_actor integer, p_user integer) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    newest constant text := till.newest_open(p_store, p_user);
begin
    perform till.prove(p_store, p_actor);
    if till.reach(p_store, p_actor) = 'own' and p_actor is distinct from p_user then
        raise exception 'Only a manager can see the orders of another person.' using errcode = 'TL003';
    end if;
    return case when newest is not null then till.session_whole(newest) end;
end $$;

-- 2. One order by its id, in any state, without waiting for a lock.
-- for: admin, program
create or replace function till.order_session_by_id_v1(p_store uuid, p_actor integer, p_session text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
begin
    perform till.prove(p_store, p_actor);
    select * into s from warm.every_session where id = p_session;
    perform till.refuse_unreached(p_store, p_actor, p_session, s);
    return till.session_whole(s);
end $$;

-- 3. Makes an order, or sets the items of an open one. A `session` of null means the actor's open order, or a new one.
-- `items` is the whole list: [{"item_id", "quantity", "item", "unit_price", "line_ids"}]; lines that it does not name are
-- voided. An entry without `item` or `unit_price` is the item's lines with as many pieces, or else the item of the menu at
-- its price now: refused if it is not on the menu, sold out, not sold at this hour, weighed, at an open price or needs a
-- choice, and for a program if fewer are left than it adds. With them it is the item's lines at that price, or a new line at it
-- (staff alone: a program gets the menu's). With `line_ids` it is these lines, with as many pieces as `quantity`; what is
-- left out of it is theirs. What an entry says and nothing takes is refused by its name: `note`, `modifiers`, any other key,
-- another price of lines, a line's return. What is said as the order was returned is no change, so a list that was read can be
-- sent back (its void lines too). More pieces, by which a line with choices or a note would be made again, are refused.
-- `log_event` refuses other keys of an `item_added`. An `order_type` of null leaves it, and is `take_away` in a new order.
-- Returns the order.
-- for: admin, program
create or replace function till.order_session_save_v1(
    p_store uuid, p_actor integer, p_session text, p_items jsonb, p_order_type text default null
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
    v_session constant text := coalesce(
        p_session, till.newest_open(p_store, p_actor), warm.next_id(null, null)::text);
    v_store uuid := p_store;
begin
    perform till.prove(p_store, p_actor);
    if exists (select from warm.every_session where id = v_session) then
        s := till.reached_open(p_store, p_actor, v_session);
        v_store := s.store_id;
    else
        perform till.reach(p_store, p_actor);
        if till.is_program() then
            perform till.claim_session(till.program_here(), v_session, p_order_type);
        else
            perform till.open_session(p_store, p_actor, v_session, p_order_type, 'till');
        end if;
    end if;
    perform till.set_items(v_store, p_actor, v_session, p_items);
    if p_order_type is not null and (p_order_type is distinct from s.order_type or not till.names_type(v_session)) then
        perform till.set_order_type(v_store, p_actor, v_session, p_order_type);
    end if;
    return till.session_whole(v_session);
end $$;

-- True if somebody named the type of an order: otherwise it has the first one, and a table makes it eat in.
create or replace function till.names_type(p_session text) returns boolean
language sql stable as $$
    select exists (select from warm.log_of(p_session) as e where e.event_type = 'order_type_set')
$$;

-- 4. Changes parts of an open order, if it still has that `version` (else SQLSTATE TL005). `changes` may name `items`,
-- `order_type`, `preferences` {name: value, empty to clear}, `status` (`pending_logout` suspends it, `active` resumes
-- it) and `user` (it waits for that staff number from now on). Returns the order.
-- for: admin, manager, program
create or replace function till.order_session_update_v1(
    p_store uuid, p_actor integer, p_session text, p_version bigint, p_changes jsonb
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s constant till.order_sessions := till.reached_open(p_store, p_actor, p_session, p_version);
    change record;
begin
    for change in select key, value from jsonb_each(p_changes) order by key loop
        case
            when change.key = 'items' then
                perform till.set_items(s.store_id, p_actor, s.id, change.value);
            when change.key = 'order_type' then
                perform till.set_order_type(s.store_id, p_actor, s.id, p_changes->>'order_type');
            when change.key = 'preferences' then
                perform till.set_preferences(s.store_id, p_actor, s.id, change.value);
            when change.key = 'status' and change.value = '"pending_logout"' and s.status = 'active' then
                perform warm.server_event_v1(s.store_id, p_actor, 'order_parked', s.id, '{}');
            when change.key = 'user' and jsonb_typeof(change.value) = 'number' then
                perform till.reach(s.store_id, (p_changes->>'user')::integer);  -- refuses an unknown person
                perform warm.server_event_v1(
                    s.store_id, p_actor, 'order_parked', s.id, jsonb_build_object('user', change.value)
                );
            when change.key = 'status' and change.value = '"active"' and s.status = 'pending_logout' then
                perform warm.server_event_v1(
                    s.store_id, p_actor, 'order_resumed', s.id, '{}');
            when change.key = 'status' and change.value = to_jsonb(s.status) then
                null;  -- no change
            else
                raise exception 'An update cannot set %.', p_changes - (array['items', 'order_type', 'preferences'])
                    using errcode = 'TL006', hint = 'Completing, tabs and discarding have functions of their own.';
        end case;
    end loop;
    return till.session_whole(s.id);
end $$;

-- 5. Completes an order, and returns it as it was sold. If `order` is null, the whole total is paid by `method` (`cash`
-- unless named); else `order` is the frozen order of `order_placed`, whose sums must agree (else SQLSTATE TL001). A
-- paid order is completed whatever its status, so this also completes a discarded one. A program only submits its order
-- (`order_submitted`), and names no `order`.
-- for: admin, program
create or replace function till.order_session_complete_v1(
    p_store uuid, p_actor integer, p_session text, p_order jsonb default null, p_method text default 'cash'
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s constant till.order_sessions := till.reached(p_store, p_actor, p_session);
    v_order uuid := (p_order->>'order_id')::uuid;
begin
    if s.status = 'completed' then
        raise exception 'The order is completed. A correction is a new document.' using errcode = 'TL005';
    elsif till.is_program() and p_order is not null then
        raise exception 'A program cannot record a payment: a till or the gateway takes the money.' using errcode = 'TL003';
    elsif till.is_program() then
        v_order := cold.submit_cart(s.store_id, s.id, coalesce(s.order_type, 'take_away'), p_method, null);
    elsif p_order is null then
        v_order := cold.complete_session(s.store_id, p_actor, s, p_method);
    else
        perform cold.write_payments(s.store_id, p_actor, s.id, p_order->'payments');
        perform warm.server_event_v1(s.store_id, p_actor, 'order_placed', s.id, till.lean_order(p_order));
    end if;
    return cold.order_whole(v_order);
end $$;

-- A frozen order as a till writes it: empty fields are left out, and each row names the pieces of its lines. A row with
-- several lines must name them itself.
create or replace function till.lean_order(p_order jsonb) returns jsonb
language plpgsql immutable as $$
declare
    lines jsonb;
    lean constant jsonb := jsonb_strip_nulls(p_order);
begin
    select coalesce(jsonb_agg(
        x.value - array(select k from unnest(array['modifiers', 'taxes']) as k where x.value->k = '[]')
            || case
                when x.value ? 'line_quantities' or jsonb_array_length(x.value->'line_ids') <> 1 then '{}'
                else jsonb_build_object('line_quantities', jsonb_build_array(x.value->'quantity')) end
        order by x.place), '[]')
    into lines from jsonb_array_elements(lean->'lines') with ordinality as x (value, place);
    return lean
        - array(select k from unnest(array['voids', 'taxes', 'discounts', 'set_aside']) as k where lean->k = '[]')
        || jsonb_build_object('lines', lines);
end $$;

-- 6. Saves an open order on the tab with the id `tab`, or on a new one (null), and returns the order; null leaves
-- `table_number` or `covers`. A tab that is only given a table is called by it, as a till calls it. A table's number
-- makes the order eat in, unless its type was named or a part is paid.
-- for: admin, program
create or replace function till.order_session_assign_to_tab_v1(
    p_store uuid, p_actor integer, p_session text, p_tab uuid, p_name text, p_table_number integer default null,
    p_covers integer default null
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s constant till.order_sessions := till.reached_open(p_store, p_actor, p_session);
    word constant text := coalesce(till.venue(s.store_id)->>'tab_word', 'table') || ' ';
    stood till.tabs;
    v_name text;
    v_table integer;
begin
    if till.is_program() and exists (
        select from till.tabs as t where t.id = p_tab and not coalesce(till.is_own(t.session_id), false)) then
        raise exception 'The tab does not belong to this program.' using errcode = 'TL003';
    end if;
    select * into stood from till.tabs as t where t.id = p_tab and t.store_id = s.store_id;
    v_name := coalesce(nullif(btrim(p_name), ''), word || p_table_number, nullif(stood.name, ''), word || stood.table_number);
    if v_name is null then
        raise exception 'A tab has a name or a table number.' using errcode = 'TL006';
    end if;
    v_table := coalesce(p_table_number, stood.table_number::integer);
    if v_table is not null and s.order_type = 'take_away' and not till.names_type(s.id)
        and coalesce(till.venue(s.store_id)->'order_types', '["dine_in"]') ? 'dine_in'
        and not exists (select from warm.log_of(s.id) as e where e.event_type = 'payment_approved')
    then
        begin
            perform till.set_order_type(s.store_id, p_actor, s.id, 'dine_in');
        exception when sqlstate 'TL005' then
            null;  -- a payment is under way, or a till priced it: the order keeps its type
        end;
    end if;
    perform warm.server_event_v1(
        s.store_id, p_actor, 'tab_assigned', s.id,
        jsonb_build_object('tab_id', coalesce(p_tab, warm.next_id(null, null)),
            'table_number', v_table, 'covers', coalesce(p_covers, stood.covers)),
        jsonb_build_object('name', v_name)
    );
    return till.session_whole(s.id);
end $$;

-- 7. Clears an open order, for a `reason`, and returns it. Person, reason and time are stored, with its row and its
-- events.
-- for: admin, program
create or replace function till.order_session_discard_v1(
    p_store uuid, p_actor integer, p_session text, p_reason text
) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s constant till.order_sessions := till.reached_open(p_store, p_actor, p_session);
begin
    if coalesce(btrim(p_reason), '') = '' then
        raise exception 'Discarding an order needs a reason.' using errcode = 'TL006';
    end if;
    perform warm.server_event_v1(
        s.store_id, p_actor, 'order_discarded', s.id, till.lines_of(s), jsonb_build_object('reason', p_reason)
    );
    return till.session_whole(s.id);
end $$;

-- The lines that the server knows when it discards an order, as fields of the event.
create or replace function till.lines_of(s till.order_sessions) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
            'line_ids', (
                select coalesce(jsonb_agg(c.content_id order by c.content_id), '[]')
                from warm.contents_now as c where c.session_id = s.id and not c.is_payment),
            'removed', jsonb_agg(jsonb_build_object(
                'item_name', i->'item', 'pieces', i->'quantity', 'amount', i->'amount'
            ) || case when s.tab_id is null then '{}'::jsonb else '{"sent": true}' end order by o) filter (where n = 1)))
        from jsonb_array_elements(s.items) with ordinality as x (i, o),
            jsonb_array_elements(i->'line_ids') with ordinality as y (l, n)
        where i->>'voided' is distinct from 'true');
end $$;
