-- Tables and their bookings.

-- A booking as tills and administration read it.
create or replace function cold.booking_row(b cold.table_booking_info) returns json
language sql stable as $$
    select json_build_object(
        'booking', b.booking_id, 'at', warm.time_text(b.starts_at), 'until', warm.time_text(b.ends_at), 'name', b.name,
        'phone', b.phone, 'covers', b.covers, 'table', b.table_number, 'status', b.status, 'session', b.session_id,
        'customer', b.customer_id, 'booked_by', b.booked_by, 'changed_at', warm.time_text(b.changed_at))
$$;

-- The bookings of the venue's business date that were not cancelled, by their time. `status` is `booked`, `seated` or
-- `no_show`.
-- Gives {"day", "bookings": [{"booking", "at", "until", "name", "phone", "covers", "table", "status", "session",
-- "customer", "booked_by", "changed_at"}]}.
create or replace function till.bookings_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    today date;
begin
    today := till.business_date(p_auth.store_id, now());
    return json_build_object('ok', true, 'day', today, 'bookings', (
        select coalesce(json_agg(cold.booking_row(b) order by b.starts_at, b.booking_id), '[]')
        from cold.table_booking_info as b
        where b.store_id = p_auth.store_id and b.status <> 'cancelled'
            and b.starts_at between now() - interval '2 days' and now() + interval '2 days'
            and till.business_date(b.store_id, b.starts_at) = today
    ));
end $$;

-- Sets the seats and the area of a table; 0 seats removes it.
-- for: admin
create or replace function till.table_set_v1(p_store uuid, p_actor integer, p_table integer, p_seats integer, p_area text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if p_table is null or p_table not between 0 and 9999 or p_seats is null or p_seats not between 0 and 999 then
        raise exception 'A table has a number up to 9999 and seats up to 999.' using errcode = 'TL006';
    elsif p_seats = 0 and not exists (
        select from cold.table_info as t where t.store_id = p_store and t.table_number = p_table)
    then
        raise exception 'There is no table %.', p_table using errcode = 'TL004';
    elsif length(p_area) > 120 or p_area ~ '[[:cntrl:]]' then
        raise exception 'An area has 120 characters at most, and no line break.' using errcode = 'TL006';
    end if;
    perform warm.admin_event(p_store, p_actor, 'table_set', jsonb_build_object(
        'table_number', p_table, 'seats', p_seats, 'area', nullif(btrim(p_area), '')));
    perform till.raise_version(p_store, 'settings');
    if p_seats = 0 then
        delete from cold.table_info where store_id = p_store and table_number = p_table;
        return;
    end if;
    insert into cold.table_info as t (store_id, table_number, seats, area)
    values (p_store, p_table, p_seats, btrim(coalesce(p_area, '')))
    on conflict (store_id, table_number) do update set seats = excluded.seats, area = excluded.area;
end $$;

-- Books a table, or only seats, for a time. The name is stored beside the event, and in the row until it is erased.
-- for: admin
create or replace function till.booking_add_v1(
    p_store uuid, p_actor integer, p_at timestamptz, p_minutes integer, p_covers integer, p_table integer, p_name text,
    p_phone text
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_id constant uuid := gen_random_uuid();
    v_name constant text := btrim(coalesce(p_name, ''));
    v_phone constant text := cold.phone_of(p_phone);
    v_until timestamptz;
    v_customer uuid;
    v_event uuid;
    other cold.table_booking_info;
    seats integer;
begin
    if v_phone is null then
        raise exception '“%” is not a phone number.', left(p_phone, 40) using errcode = 'TL006';
    elsif v_name = '' and v_phone = '' then
        raise exception 'Give a name, a phone number, or both.' using errcode = 'TL006';
    elsif length(v_name) > 120 or v_name ~ '[[:cntrl:]]' then
        raise exception 'A name has 120 characters at most, and no line break.' using errcode = 'TL006';
    elsif p_covers is null or p_covers not between 1 and 999 then
        raise exception 'A booking is for 1 to 999 guests.' using errcode = 'TL006';
    elsif p_minutes is null or p_minutes not between 1 and 1440 then
        raise exception 'A booking lasts from 1 to 1440 minutes.' using errcode = 'TL006';
    elsif p_at is null or p_at < now() - interval '1 hour' or p_at > now() + interval '2 years' then
        raise exception 'A booking is for a time to come, within two years.' using errcode = 'TL006';
    end if;
    v_until := p_at + make_interval(mins => p_minutes);
    select c.customer_id into v_customer from cold.customer_table as c
    where c.store_id = p_store and c.phone = v_phone and v_phone <> '' and c.erased_at is null for key share;
    -- locks the server's chain, so that the second of two concurrent bookings of one table is refused
    v_event := warm.server_event_v1(
        p_store, p_actor, 'booking_made', null, jsonb_build_object(
            'booking_id', v_id, 'at', warm.time_text(p_at), 'minutes', p_minutes, 'covers', p_covers,
            'table_number', p_table, 'customer_id', v_customer),
        jsonb_build_object('name', v_name, 'phone', v_phone));
    if p_table is not null then
        select t.seats into seats from cold.table_info as t where t.store_id = p_store and t.table_number = p_table;
        if not found then
            raise exception 'There is no table %. `till admin tables set % --seats N` adds it.', p_table, p_table
                using errcode = 'TL004';
        elsif seats < p_covers then
            raise exception 'Table % seats %, and % are coming.', p_table, seats, p_covers using errcode = 'TL005';
        end if;
        select * into other from cold.table_booking_info as b
        where b.store_id = p_store and b.table_number = p_table and b.status in ('booked', 'seated')
            and b.starts_at < v_until and b.ends_at > p_at
        order by b.starts_at limit 1;
        if found then
            raise exception 'Table % is already booked at that time: %.', p_table, coalesce(nullif(other.name, ''), nullif(other.phone, ''),
                other.booking_id::text) using errcode = 'TL005';
        end if;
    end if;
    insert into cold.table_booking_info (
        booking_id, store_id, customer_id, name, phone, table_number, covers, starts_at, ends_at, booked_by, event_id
    )
    values (v_id, p_store, v_customer, v_name, v_phone, p_table, p_covers, p_at, v_until, p_actor, v_event);
    perform till.tell_tills(p_store, 'sessions');
    return v_id;
end $$;

-- A booking whose guests have not come yet, locked.
create or replace function cold.waiting_booking(p_store uuid, p_booking uuid) returns cold.table_booking_info
language plpgsql as $$
declare
    b cold.table_booking_info;
begin
    select * into b from cold.table_booking_info where booking_id = p_booking and store_id = p_store for update;
    if b.booking_id is null then
        raise exception 'There is no booking %.', p_booking using errcode = 'TL004';
    elsif b.status <> 'booked' then
        raise exception 'The booking is already %.', case b.status when 'no_show' then 'a no-show' else b.status end
            using errcode = 'TL005';
    end if;
    return b;
end $$;

-- Cancels a booking for its guests.
-- for: admin
create or replace function till.booking_cancel_v1(p_store uuid, p_actor integer, p_booking uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform cold.waiting_booking(p_store, p_booking);
    perform warm.admin_event(p_store, p_actor, 'booking_cancelled', jsonb_build_object('booking_id', p_booking));
    update cold.table_booking_info set status = 'cancelled', changed_at = now() where booking_id = p_booking;
    perform till.tell_tills(p_store, 'sessions');
end $$;

-- Marks a booking whose guests did not come.
-- for: admin
create or replace function till.booking_no_show_v1(p_store uuid, p_actor integer, p_booking uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform cold.waiting_booking(p_store, p_booking);
    perform warm.admin_event(p_store, p_actor, 'booking_missed', jsonb_build_object('booking_id', p_booking));
end $$;

-- Deletes the name of a booking.
create or replace function cold.forget_booking(b cold.table_booking_info, p_actor integer) returns void
language plpgsql as $$
begin
    update cold.table_booking_info set name = '', phone = '' where booking_id = b.booking_id;
    insert into warm.erased (event_id, store_id) values (b.event_id, b.store_id) on conflict do nothing;
    delete from warm.event_texts where event_id = b.event_id;
    delete from cold.order_audit_texts where event_id = b.event_id;
    perform warm.admin_event(b.store_id, p_actor, 'booking_erased', jsonb_build_object(
        'booking_id', b.booking_id, 'events', jsonb_build_array(b.event_id)));
    perform till.tell_tills(b.store_id, 'sessions');
end $$;

-- Erases the name of a booking, whatever its status, and the texts beside the order of its guests.
-- for: admin
create or replace function till.booking_erase_v1(p_store uuid, p_actor integer, p_booking uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    b cold.table_booking_info;
    s till.order_sessions;
begin
    if till.reach(p_store, p_actor) = 'own' then
        raise exception 'Only a manager can erase.' using errcode = 'TL003';
    end if;
    s := warm.lock_session((
        select x.session_id from cold.table_booking_info as x where x.booking_id = p_booking and x.store_id = p_store));
    select * into b from cold.table_booking_info where booking_id = p_booking and store_id = p_store for update;
    if b.booking_id is null then
        raise exception 'There is no booking %.', p_booking using errcode = 'TL004';
    end if;
    if s.id is not null then
        perform till.check_words_free(s.id);
        perform till.forget_texts(s, p_actor);
    end if;
    perform cold.forget_booking(b, p_actor);
end $$;

-- Marks a booking as a no-show, at a till or by the administration. A booking whose guests are seated is not marked.
create or replace function warm.on_booking_missed(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    update cold.table_booking_info set status = 'no_show', changed_at = e.at
    where booking_id = (e.data->>'booking_id')::uuid and store_id = p_auth.store_id and status = 'booked';
    perform till.tell_tills(p_auth.store_id, 'sessions');
    return false;
end $$;

-- Seats the guests of a booking at the tab of an order. If two tills did so while disconnected, the first event counts.
create or replace function warm.on_booking_seated(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    update cold.table_booking_info as b
    set status = 'seated', session_id = s.id, seated_by = e.event_id, changed_at = e.at
    from till.order_sessions as s
    where s.id = e.session_id and s.store_id = p_auth.store_id and warm.ever_held(s.id, e.till_id)
        and b.booking_id = (e.data->>'booking_id')::uuid and b.store_id = s.store_id
        and (b.seated_by is null or b.seated_by > e.event_id);
    return false;
end $$;
