-- Programs that are not tills (a chat, a web shop): their identity and their sessions.

-- The program that this connection logged in as; null for everybody else. SET ROLE and client settings do not change it.
create or replace function till.program_here() returns till.programs
language plpgsql stable as $$
declare
    p till.programs;
begin
    select * into p from till.programs as x where x.role = session_user and x.revoked_at is null;
    return p;
end $$;

-- The login by which the events of a program name it, as those of a till name the login of a person. It never changes.
create or replace function till.login_of(p till.programs) returns uuid
language sql immutable parallel safe as $$
    select md5(p.store_id || ' program ' || p.name)::uuid
$$;

-- The name of the program that an event of the server names by its login; null for none, and for any event of a till.
create or replace function till.program_of(p_store uuid, p_till integer, p_login uuid) returns text
language sql stable as $$
    select p.name from till.programs as p where p_till = 0 and p.store_id = p_store and till.login_of(p) = p_login
$$;

-- True if this connection is a program's, or was until the program was revoked.
create or replace function till.is_program() returns boolean
language plpgsql stable as $$
begin
    return exists (select from till.programs as x where x.role = session_user);
end $$;

-- True if a session belongs to the calling program. Volatile, because row security calls it right after a statement claimed
-- the session.
-- for: program
create or replace function till.is_own(p_session text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    return exists (
        select from till.programs as p join till.program_sessions as s on s.store_id = p.store_id and s.program = p.name
        where p.role = session_user and p.revoked_at is null and s.session_id = p_session);
end $$;

-- True if the caller may see a session: a program its own, every other caller any.
create or replace function till.may_see(p_session text) returns boolean
language plpgsql stable as $$
begin
    return not till.is_program() or till.is_own(p_session);
end $$;

-- Refuses a session that the caller may not see.
create or replace function till.refuse_foreign(p_session text) returns void
language plpgsql stable as $$
begin
    if not till.may_see(p_session) then
        raise exception 'Session % does not belong to this program.', left(p_session, 250) using errcode = 'TL003';
    end if;
end $$;

-- Claims an unowned session for the calling program, and opens its order. A session of a till, of another program or of
-- the owner is refused, as is an id that tills could not tell from an existing one.
create or replace function till.claim_session(p till.programs, p_session text, p_order_type text default null) returns void
language plpgsql as $$
declare
    claimed boolean;
begin
    if till.is_own(p_session) then
        return;
    elsif p_session is null or length(p_session) not between 1 and 250 then
        raise exception 'The name of a session has 1 to 250 characters.' using errcode = 'TL006';
    elsif warm.stream_of(p_session)::text = p_session and not warm.is_event_id(p_session::uuid) or p_session ~ ' till [0-9]+$' then
        raise exception 'The name of a session is a UUID of version 7, or any other text that does not end in “till” and a number.'
            using errcode = 'TL006';
    end if;
    insert into till.program_sessions (session_id, stream_id, store_id, program)
    values (p_session, warm.stream_of(p_session), p.store_id, p.name) on conflict do nothing;
    claimed := found;
    if not claimed and till.is_own(p_session) then
        return;  -- claimed at the same time by another connection of this program
    elsif not claimed
        or exists (select from warm.every_session where id in (p_session, warm.stream_of(p_session)::text))
        or exists (select from hot.session_cart where session_id = p_session)
        or exists (select from hot.session_state where session_id = p_session)
        or exists (select from hot.session_preferences where session_id = p_session)
        or exists (select from warm.session_checkout where session_id = p_session) then
        raise exception 'Session % does not belong to this program.', p_session using errcode = 'TL003';
    end if;
    perform till.open_session(p.store_id, null, p_session, p_order_type, 'chatbot', p.name);
end $$;

-- A session of a program, locked, if its guest can still change it: open, and at no till; with `p_on_tab`, also one on a tab. A
-- suspended order becomes active; a submitted one does not change.
create or replace function till.own_open(p_session text, p_on_tab boolean default false) returns till.order_sessions
language plpgsql as $$
declare
    s till.order_sessions;
begin
    s := warm.lock_session(p_session);
    if s.status <> 'assigned_to_tab' or not p_on_tab then
        perform till.refuse_closed(s);
    end if;
    if s.hold_till <> 0 or s.refold or coalesce(s.user_id, 0) <> 0 then
        raise exception 'The order is at a till now. Continue it there.' using errcode = 'TL005';
    elsif s.status = 'pending_logout' and s.submitted is null then
        perform warm.server_event_v1(s.store_id, null, 'order_resumed', s.id, '{}');
        select * into s from till.order_sessions where id = p_session;
    end if;
    return s;
end $$;

-- Saves a copy of a program's hot rows in its session, and its items if given. The hot rows can be restored from it. The
-- amount that its guest is asked to pay follows, unless it is that of a gateway's order.
create or replace function till.keep_picture(p_session text, p_items jsonb default null) returns void
language plpgsql as $$
begin
    with saved as (
        update till.order_sessions as t
        set items = coalesce(p_items, t.items),
            total = case when p_items is null then t.total else till.total_of(t.store_id, t.id, p_items, t.order_type) end,
            hot = case when t.status in ('active', 'pending_logout') then jsonb_build_object(
                'cart', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'item_id', c.item_id, 'item_name', c.item_name, 'quantity', c.quantity,
                        'amount', (c.quantity * c.price)::text, 'added_at', warm.time_text(c.added_at))
                        order by c.added_at, c.item_id), '[]')
                    from hot.session_cart as c where c.session_id = t.id and c.is_active and c.price is not null),
                'state', coalesce((
                    select jsonb_build_object(
                        'user_id', h.user_id, 'last_shown_menu', h.last_shown_menu, 'current_step', h.current_step,
                        'last_mentioned_item_id', h.last_mentioned_item_id,
                        'last_mentioned_item_name', h.last_mentioned_item_name,
                        'created_at', h.created_at, 'last_activity_at', h.last_activity_at)
                    from hot.session_state as h where h.session_id = t.id), '{}'),
                'preferences', (
                    select coalesce(jsonb_object_agg(x.name, x.value), '{}')
                    from hot.session_preferences as x where x.session_id = t.id)) end
        where t.id = p_session returning t.total
    )
    update warm.session_payment_intent as i set amount = saved.total from saved
    where i.session_id = p_session and i.gateway_order_id is null and i.amount <> saved.total;
end $$;

-- The items of a program's session by its log, for a session without a snapshot.
create or replace function till.items_keyed(p_session text) returns jsonb
language plpgsql stable as $$
begin
    return (
        with log as (select e.event_id, e.event_type, e.event_data as data from warm.log_of(p_session) as e)
        select coalesce(jsonb_agg(till.shown_item(s.currency, jsonb_build_object(
            'line_ids', jsonb_build_array(a.data->'line_id'), 'item_id', a.data->'item_id', 'item', a.data->'item_name',
            'quantity', (a.data->>'quantity')::integer - coalesce((
                select sum((q.data->>'taken_off')::integer) from log as q
                where q.event_type = 'quantity_changed' and q.data->'line_id' = a.data->'line_id'), 0),
            'unit_price', till.price_in(p_session, a.data->>'line_id', s.order_type)::text, 'modifiers', '[]'::jsonb, 'voided', false)) order by a.event_id), '[]')
        from log as a join till.order_sessions as s on s.id = p_session
        where a.event_type = 'item_added' and not exists (
            select from log as v where v.event_type = 'line_voided' and v.data->'line_id' = a.data->'line_id'));
end $$;

-- Renews the copy of the hot rows of a program's session after a snapshot of the server, which has less. Does nothing
-- for other sessions.
create or replace function till.keep_picture_of_program(p_session text) returns void
language plpgsql as $$
begin
    if exists (select from till.program_sessions as x where x.session_id = p_session) then
        perform till.keep_picture(p_session);
    end if;
end $$;

-- The pieces of an item in a session, from its lines.
create or replace function till.pieces_on(s till.order_sessions, p_item text) returns integer
language plpgsql stable as $$
begin
    return coalesce((
        select sum((i->>'quantity')::integer) from jsonb_array_elements(s.items) as i
        where i->>'item_id' = p_item and i->>'voided' is distinct from 'true'), 0);
end $$;

-- Sets the pieces of one item at a price, by the events that a till would write. A row says only how many there are: it is refused
-- for lines with choices or a note, which it would void.
create or replace function till.bring_item(
    s till.order_sessions, p_item text, p_name text, p_quantity integer, p_price numeric
) returns void
language plpgsql as $$
declare
    wanted jsonb;
    remarked constant text := (
        select min(i->>'item') from jsonb_array_elements(s.items) as i
        where i->>'item_id' = p_item and i->>'voided' is distinct from 'true' and not till.is_bare(i));
begin
    if remarked is not null then
        if p_quantity <> till.pieces_on(s, p_item) then
            raise exception '% has choices or a note: name its line_ids in till.order_session_update_v1.', remarked
                using errcode = 'TL006';
        end if;
        perform till.keep_picture(s.id);
        return;
    end if;
    select coalesce(jsonb_agg(i.value order by i.place), '[]') into wanted
    from jsonb_array_elements(s.items) with ordinality as i (value, place)
    where i.value->>'voided' is distinct from 'true' and i.value->>'item_id' <> p_item;
    if p_quantity > 0 then
        wanted := wanted || jsonb_build_array(jsonb_build_object(
            'item_id', p_item, 'item', p_name, 'quantity', p_quantity, 'unit_price', p_price::text));
    end if;
    perform till.keep_picture(s.id, till.set_lines(s.store_id, null, s.id, wanted));
end $$;

-- Prepares the order of a program for placing: restores its rows, and sets each item to the pieces of the cart. They
-- differ if the owner of the database wrote to the cart. Returns the session.
create or replace function till.follow_cart(s till.order_sessions) returns till.order_sessions
language plpgsql as $$
declare
    c record;
begin
    if s.hold_till is distinct from 0 or s.submitted is not null or not exists (select from till.program_sessions as x where x.session_id = s.id) then
        return s;
    end if;
    perform hot.fill_in(s);
    for c in
        select coalesce(i.item_id, r.item_id) as item_id, r.item_name, r.quantity, r.price
        from (
            select x->>'item_id' as item_id, sum((x->>'quantity')::integer) as quantity
            from jsonb_array_elements(s.items) as x where x->>'voided' is distinct from 'true' group by 1
        ) as i
        full join (select * from hot.session_cart as x where x.session_id = s.id and x.is_active) as r using (item_id)
        where i.quantity is distinct from r.quantity order by 1
    loop
        perform till.bring_item(s, c.item_id, c.item_name, coalesce(c.quantity, 0), c.price);
        select * into s from till.order_sessions where id = s.id;
    end loop;
    return s;
end $$;

-- Authenticates the caller. A program is identified by its role: it acts for its guests, in its own store, and for no
-- staff. The database owner may act for anybody. Every other caller needs the token that till.act_as_v1 (or
-- till.manage_v1) stored in this connection, and acts as its user.
create or replace function till.prove(p_store uuid, p_actor integer) returns void
language plpgsql stable as $$
declare
    p till.programs;
begin
    if pg_has_role(session_user, current_user, 'MEMBER') then
        return;
    elsif till.is_program() then
        p := till.program_here();
        if p.name is null then
            raise exception 'The program was revoked.' using errcode = 'TL003';
        elsif p_store is distinct from p.store_id then
            raise exception 'The program belongs to another venue.' using errcode = 'TL003';
        elsif p_actor is not null then
            raise exception 'A program acts for its guests, not for staff.' using errcode = 'TL003';
        end if;
    elsif not exists (
        select from till.act_tokens as t join till.users as u on u.store_id = t.store_id and u.id = t.user_id
        where t.token_hash = warm.digest(current_setting('till.token', true)) and t.store_id = p_store
            and t.user_id = p_actor and t.expires_at > now() and u.disabled_at is null) then
        raise exception 'Log in first: till.act_as_v1 takes the number and the password.' using errcode = 'TL003';
    end if;
end $$;

-- The user of this connection's token; null for none.
create or replace function till.proved_actor(p_store uuid) returns integer
language plpgsql stable as $$
begin
    return (
        select t.user_id from till.act_tokens as t
        where t.token_hash = warm.digest(current_setting('till.token', true)) and t.store_id = p_store);
end $$;

-- Authenticates a person on a connection that is neither a program's nor the owner's, by number and password, stretched
-- with the salt of till.user_salt_v1. The token in the connection is valid for fifteen minutes. Returns {"verdict":
-- null if the password is right, "locked_until"}.
-- for: admin
create or replace function till.act_as_v1(p_store uuid, p_user integer, p_stretched text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tried record;
begin
    tried := till.try_password(p_store, p_user, 0, p_stretched);
    if tried.verdict is null then
        perform set_config('till.token', (till.new_token(p_store, p_user, 0)).token, false);
    end if;
    return json_build_object('verdict', tried.verdict, 'locked_until', warm.time_text(tried.locked_until));
end $$;
