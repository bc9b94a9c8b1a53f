-- Customers: guests whom the venue knows by name or number, their orders, and their erasure.

-- A phone number as it is stored: digits, with a leading plus if it had one. Null if it is not a number.
create or replace function cold.phone_of(p_phone text) returns text
language sql immutable parallel safe as $$
    select case
        when coalesce(btrim(p_phone), '') = '' then ''
        when p_phone ~ '^[ ]*[+]?[0-9 ()./-]+$'
            and length(regexp_replace(p_phone, '[^0-9]', '', 'g')) between 3 and 20
            then regexp_replace(p_phone, '[^0-9+]', '', 'g')
    end
$$;

-- Sales to a customer, the newest first, as the reports count them.
create or replace function cold.orders_of_customer(p_store uuid, p_customer uuid, p_limit integer) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object(
        'order', o.order_id, 'session', o.session_id, 'receipt', o.receipt, 'day', o.business_date,
        'at', warm.time_text(o.created_at), 'order_type', o.order_type, 'total', o.total_amount::text,
        'currency', o.currency, 'items', (
            select coalesce(json_agg(json_build_object('item', i.item_name, 'quantity', i.quantity)
                order by i.position), '[]')
            from cold.order_item as i where i.order_id = o.order_id)
        ) order by o.created_at desc, o.order_id desc), '[]')
    from (
        select * from cold.sales as x where x.store_id = p_store and x.customer_id = p_customer
        order by x.created_at desc, x.order_id desc limit p_limit
    ) as o
$$;

-- A customer as tills and administration read it, with the newest orders up to a limit.
create or replace function cold.customer_row(c cold.customer_table, p_limit integer) returns json
language sql stable as $$
    select json_build_object(
        'customer', c.customer_id, 'name', c.name, 'phone', c.phone, 'tax_number', c.tax_number, 'address', c.address,
        'orders', (
            select count(*) from cold.sales as o
            where o.store_id = c.store_id and o.customer_id = c.customer_id),
        'preferences', (
            select coalesce(json_object_agg(p.name, p.value order by p.name), '{}')
            from cold.customer_preferences as p where p.customer_id = c.customer_id),
        'history', cold.orders_of_customer(c.store_id, c.customer_id, p_limit))
$$;

-- The customers with such a name or phone number, the nearest first, each with the three newest paid orders; nine at
-- most, so that one query cannot list all. A query needs three characters of a word of the name, three consecutive
-- digits of the number, or the whole name. Erased customers are never listed. With `with_account` only those with an
-- open house account.
-- Takes `query`; `with_account` (true or left out).
-- Gives {"customers": [{"customer", "name", "phone", "orders", "preferences": {name: value}, "history": [{"order",
-- "session", "receipt", "day", "at", "order_type", "total", "currency", "items": [{"item", "quantity"}]}]}]}.
create or replace function till.customers_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    wanted text;
    digits text;
begin
    wanted := lower(btrim(coalesce(p_request->>'query', '')));
    digits := case when wanted ~ '^[+]?[0-9 ()./-]+$' then regexp_replace(wanted, '[^0-9]', '', 'g') else '' end;
    return json_build_object('ok', true, 'customers', (
        select coalesce(json_agg(cold.customer_row(f.c, 3) order by f.nearness, lower((f.c).name), (f.c).customer_id), '[]')
        from (
            select c, case
                when lower(c.name) = wanted then 0
                when strpos(lower(c.name), wanted) = 1 then 1
                else 2
            end as nearness
            from cold.customer_table as c
            where c.store_id = p_auth.store_id and c.erased_at is null
                and (p_request->'with_account' is distinct from 'true' or exists (
                    select from till.accounts as a where a.customer_id = c.customer_id and a.closed_at is null))
                and ((wanted <> '' and lower(c.name) = wanted)
                    or (length(wanted) >= 3 and strpos(' ' || lower(c.name), ' ' || wanted) > 0)
                    or (length(digits) >= 3 and strpos(c.phone, digits) > 0))
            order by 2, lower(c.name), c.customer_id limit 9
        ) as f
    ));
end $$;

-- Adds a customer. Name and number are stored beside the event, and in the row until they are erased.
-- for: admin
create or replace function till.customer_add_v1(p_store uuid, p_actor integer, p_name text, p_phone text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_id constant uuid := gen_random_uuid();
    v_name constant text := btrim(coalesce(p_name, ''));
    v_phone constant text := cold.phone_of(p_phone);
    v_event uuid;
    other text;
begin
    if v_phone is null then
        raise exception '“%” is not a phone number.', left(p_phone, 40) using errcode = 'TL006';
    elsif v_name = '' and v_phone = '' then
        raise exception 'Give a name, a phone number, or both.' using errcode = 'TL006';
    elsif length(v_name) > 120 or v_name ~ '[[:cntrl:]]' then
        raise exception 'A name has 120 characters at most, and no line break.' using errcode = 'TL006';
    end if;
    -- locks the server's chain, so that the second of two concurrent calls with one number is refused
    v_event := warm.server_event_v1(
        p_store, p_actor, 'customer_added', null, jsonb_build_object('customer_id', v_id),
        jsonb_build_object('name', v_name, 'phone', v_phone));
    select coalesce(nullif(c.name, ''), c.customer_id::text) into other
    from cold.customer_table as c where c.store_id = p_store and c.phone = v_phone and v_phone <> '';
    if found then
        raise exception 'The number % is already known: %.', v_phone, other using errcode = 'TL005';
    end if;
    insert into cold.customer_table (customer_id, store_id, name, phone, added_by, event_id)
    values (v_id, p_store, v_name, v_phone, p_actor, v_event);
    return v_id;
end $$;

-- Sets the tax number and the address of a customer, for invoices to them. Like the name of a member of staff they are only
-- in the list, until they are erased.
-- for: admin
create or replace function till.customer_bill_v1(
    p_store uuid, p_actor integer, p_customer uuid, p_tax_number text, p_address text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if greatest(length(p_tax_number), length(p_address)) > 250 or p_tax_number || p_address ~ '[[:cntrl:]]' then
        raise exception 'A tax number or an address has 250 characters at most, and no line break.' using errcode = 'TL006';
    end if;
    update cold.customer_table set tax_number = btrim(p_tax_number), address = btrim(p_address)
    where customer_id = p_customer and store_id = p_store and erased_at is null;
    if not found then
        raise exception 'There is no customer %.', p_customer using errcode = 'TL004';
    end if;
    perform warm.admin_event(p_store, p_actor, 'customer_billed', jsonb_build_object('customer_id', p_customer));
end $$;

-- The orders of a customer, by id: their own, and those of their bookings.
create or replace function cold.sessions_of_customer(p_store uuid, p_customer uuid) returns setof text
language plpgsql stable as $$
begin
    return query
    select x.session_id from cold.customer_sessions as x where x.store_id = p_store and x.customer_id = p_customer
    union
    select x.session_id from cold.orders as x where x.store_id = p_store and x.customer_id = p_customer
    union
    select x.session_id
    from cold.customer_table as c join cold.table_booking_info as x
        on x.store_id = c.store_id and (x.customer_id = c.customer_id or (x.phone = c.phone and c.phone <> ''))
    where c.store_id = p_store and c.customer_id = p_customer and x.session_id is not null
    order by 1;
end $$;

-- Erases a customer: name, number and preferences, and all free text beside their orders and beside the orders of their
-- bookings. The orders and every chain remain. Returns the number of these orders.
-- for: admin
create or replace function till.customer_erase_v1(p_store uuid, p_actor integer, p_customer uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    c cold.customer_table;
    s till.order_sessions;
    b cold.table_booking_info;
    v_session text;
    sessions text[] := '{}';
    erased_orders integer := 0;
    owed numeric;
    v_sum text;
    v_currency text;
begin
    if till.reach(p_store, p_actor) = 'own' then
        raise exception 'Only a manager can erase.' using errcode = 'TL003';
    end if;
    -- lock the orders first, by id and from the archive too, then the customer, then the bookings: the order in which a
    -- push locks them
    for v_session in select cold.sessions_of_customer(p_store, p_customer) loop
        perform warm.lock_session(v_session);
    end loop;
    select * into c from cold.customer_table where customer_id = p_customer and store_id = p_store for update;
    if c.customer_id is null then
        raise exception 'There is no customer %.', p_customer using errcode = 'TL004';
    elsif c.erased_at is not null then
        raise exception 'The customer is already erased.' using errcode = 'TL005';
    end if;
    perform warm.lock_values(p_store);
    owed := till.value_moved(p_customer);
    select cold.amount_text(abs(owed), x.currency), x.currency into v_sum, v_currency from till.stores as x where x.store_id = p_store;
    if owed > 0 then  -- the debtor would be unknown
        raise exception 'The guest owes % % on their account: record it as paid first, `till admin accounts pay-off % %`; `--by loss` writes it off.',
            v_sum, v_currency, p_customer, v_sum using errcode = 'TL005';
    elsif owed < 0 then
        raise exception '% % of the guest is on their account: give it back first, `till admin accounts pay-off % %`.',
            v_sum, v_currency, p_customer, v_sum using errcode = 'TL005';
    end if;
    -- read again: a push that locked the customer may have added an order
    sessions := array(select cold.sessions_of_customer(p_store, p_customer));
    perform from cold.table_booking_info as x
    where x.store_id = p_store and (x.customer_id = p_customer or (x.phone = c.phone and c.phone <> ''))
    order by x.booking_id for update;
    update cold.customer_table set name = '', phone = '', tax_number = '', address = '', erased_at = now() where customer_id = p_customer;
    delete from cold.customer_preferences where customer_id = p_customer;
    foreach v_session in array sessions loop
        s := warm.lock_session(v_session);
        if s.store_id = p_store then
            perform till.check_words_free(s.id);
            perform till.forget_texts(s, p_actor);
            erased_orders := erased_orders + 1;
        end if;
    end loop;
    for b in
        select x.* from cold.table_booking_info as x
        where x.store_id = p_store and (x.customer_id = p_customer or (x.phone = c.phone and c.phone <> ''))
        order by x.booking_id
    loop
        perform cold.forget_booking(b, p_actor);
    end loop;
    insert into warm.erased (event_id, store_id) values (c.event_id, p_store) on conflict do nothing;
    delete from warm.event_texts where event_id = c.event_id;
    delete from cold.order_audit_texts where event_id = c.event_id;
    perform warm.server_event_v1(
        p_store, p_actor, 'customer_erased', null,
        jsonb_build_object('customer_id', p_customer, 'events', jsonb_build_array(c.event_id)));
    return erased_orders;
end $$;

-- Sets the customer of a session as the fold does: by the newest event that counts. The order is removed from its
-- previous customer. If the customer has been erased since, the texts from a till that was offline are deleted.
create or replace function warm.on_customer_attached(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    s till.order_sessions;
    newest record;
    v_erased_at timestamptz;
begin
    select * into s from till.order_sessions where id = e.session_id and store_id = p_auth.store_id for no key update;
    if s.id is null then
        return false;
    end if;
    select x."timestamp" as at, (x.event_data->>'customer_id')::uuid as customer into newest
    from warm.log_of(s.id) as x
    where x.event_type = 'customer_attached' and (x.till_id = 0 or x.till_id in (select warm.tills_that_held(s.id)))
    order by x.event_id desc limit 1;
    -- wait for an erasure in progress
    select c.erased_at into v_erased_at from cold.customer_table as c
    where c.customer_id = (e.data->>'customer_id')::uuid for key share;
    if v_erased_at is not null then
        perform till.forget_texts(s, null);
    end if;
    perform warm.keep_customer(s.store_id, s.id, newest.customer, newest.at);
    return false;
end $$;

-- Stores the customer of a session; removes it if the customer is null or unknown.
create or replace function warm.keep_customer(p_store uuid, p_session text, p_customer uuid, p_at timestamptz) returns void
language plpgsql as $$
begin
    if not exists (select from cold.customer_table as c where c.customer_id = p_customer and c.store_id = p_store) then
        delete from cold.customer_sessions where session_id = p_session;
        return;
    end if;
    insert into cold.customer_sessions as x (session_id, customer_id, store_id, attached_at)
    values (p_session, p_customer, p_store, p_at)
    on conflict (session_id) do update set customer_id = excluded.customer_id, attached_at = excluded.attached_at
    where x.customer_id <> excluded.customer_id;
end $$;

-- Assigns a paid order to its customer, whichever till named them, and copies its preferences to the customer. The newest
-- sale counts, by its time, but no clock of a till is ahead of the server's.
create or replace function warm.apply_customer_order(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    v_customer constant uuid := (e.data->>'customer_id')::uuid;
begin
    if not exists (select from cold.orders as o where o.event_id = e.event_id and o.customer_id = v_customer
        and o.order_id = (e.data->>'order_id')::uuid and o.store_id = p_auth.store_id) then
        return;
    end if;
    perform warm.keep_customer(p_auth.store_id, e.session_id, v_customer, e.at);
    insert into cold.customer_preferences as p (customer_id, name, value, session_id, updated_at, store_id)
    select v_customer, w.name, t.text, e.session_id, least(e.at, now()), p_auth.store_id
    from (
        select distinct on (x.event_data->>'name') x.event_data->>'name' as name, x.event_id
        from warm.log_of(e.session_id) as x
        where x.event_type = 'preference_set' and x.event_data->>'name' <> 'language'  -- of this order's papers alone
            and (x.version < warm.shared_since(e.session_id)) is not false  -- words of guests of two orders are nobody's
            and x.event_id <> all (warm.refused_in(e.session_id))
            and not (x.till_id = 0 and exists (  -- after words of a till that had lost the order
                select from warm.log_of(e.session_id) as l
                where l.event_id = any (warm.refused_in(e.session_id)) and l.event_id < x.event_id
                    and warm.says_words(l.event_type, l.event_data)))
        order by x.event_data->>'name', x.event_id desc
    ) as w
    cross join lateral warm.texts_of(w.event_id) as t  -- without texts that were undone or erased
    where t.field = 'value' and exists (
        select from cold.customer_table as c
        where c.customer_id = v_customer and c.store_id = p_auth.store_id and c.erased_at is null)
    on conflict (customer_id, name) do update
    set value = excluded.value, session_id = excluded.session_id, updated_at = excluded.updated_at
    where p.updated_at <= excluded.updated_at;
end $$;
