-- What SQL knows of the types of events. Made from the classes in till/domain by docs/generate.py (`make generate`);
-- nobody edits it by hand, and lint fails when it differs.

-- The types that take hold of an order.
create or replace function warm.kinds_that_take() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_resumed', 'order_taken_over']::text[]
$$;

-- The types that say where an order stands.
create or replace function warm.kinds_that_move() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_parked', 'order_resumed', 'order_taken_over', 'tab_assigned',
        'order_discarded', 'session_swept']::text[]
$$;

-- The types that count on an order without a hold.
create or replace function warm.kinds_any_hold() returns text[]
language sql immutable parallel safe as $$
    select array['order_resumed', 'order_taken_over', 'lines_moved', 'conflict_found', 'conflict_resolved']::text[]
$$;

-- The types that the database alone writes.
create or replace function warm.kinds_by_server() returns text[]
language sql immutable parallel safe as $$
    select array['session_swept', 'erased', 'conflict_resolved', 'quarantine_resolved', 'settings_changed',
        'till_enrolled', 'till_revoked', 'till_adopted', 'backlog_taken', 'user_added', 'user_disabled',
        'user_enabled', 'user_unlocked', 'pin_set', 'password_set', 'menu_imported', 'item_sold_out']::text[]
$$;

-- Of the free texts beside a record the longest, the longest salt of one, and the most.
create or replace function warm.longest_free() returns integer
language sql immutable parallel safe as $$ select 1000 $$;

create or replace function warm.longest_salt() returns integer
language sql immutable parallel safe as $$ select 250 $$;

create or replace function warm.most_texts() returns integer
language sql immutable parallel safe as $$ select 20 $$;

-- Every type with its version, its stream and the fields that its data may have.
create table if not exists warm.event_types (
    type text primary key,
    v integer not null,
    stream_kind text not null,
    keys text[] not null
);
delete from warm.event_types;
insert into warm.event_types (type, v, stream_kind, keys) values
    ('order_opened', 1, 'order',
        array['cash_rounding', 'currency', 'digests', 'from_session', 'order_type', 'prices_include_tax', 'ref',
        'tax_rounding', 'user']::text[]),
    ('menu_viewed', 1, 'order',
        array['digests', 'items', 'meal_period', 'query', 'result_count']::text[]),
    ('item_added', 1, 'order',
        array['digests', 'item_id', 'item_name', 'line_id', 'measure', 'modifiers', 'price', 'quantity', 'taxes',
        'unit_price']::text[]),
    ('quantity_changed', 1, 'order',
        array['digests', 'follows', 'line_id', 'taken_off']::text[]),
    ('line_voided', 1, 'order',
        array['digests', 'follows', 'line_id']::text[]),
    ('order_noted', 1, 'order',
        array['digests']::text[]),
    ('change_undone', 1, 'order',
        array['digests', 'event']::text[]),
    ('discount_applied', 1, 'order',
        array['amount', 'digests', 'line_id', 'percent']::text[]),
    ('order_type_set', 1, 'order',
        array['digests', 'order_type']::text[]),
    ('preference_set', 1, 'order',
        array['digests', 'name', 'value']::text[]),
    ('order_parked', 1, 'order',
        array['digests', 'user']::text[]),
    ('order_resumed', 1, 'order',
        array['digests', 'from_epoch', 'from_till', 'user']::text[]),
    ('order_taken_over', 1, 'order',
        array['digests', 'from_epoch', 'from_till', 'user']::text[]),
    ('tab_assigned', 1, 'order',
        array['covers', 'digests', 'tab_id', 'table_number']::text[]),
    ('lines_moved', 1, 'order',
        array['digests', 'discounts', 'from_session', 'late', 'line_ids', 'lines', 'to_session']::text[]),
    ('order_placed', 1, 'order',
        array['business_date', 'currency', 'customer_id', 'digests', 'discounts', 'lines', 'net', 'order_id',
        'order_type', 'payment_method', 'payments', 'receipt', 'ref', 'rounding', 'set_aside', 'tab_id', 'tax',
        'taxes', 'total', 'voids']::text[]),
    ('order_discarded', 1, 'order',
        array['digests', 'line_ids']::text[]),
    ('session_swept', 1, 'order',
        array['digests', 'minutes']::text[]),
    ('record_set_aside', 1, 'order',
        array['approved_by', 'digests', 'event']::text[]),
    ('erased', 1, 'order',
        array['digests', 'events']::text[]),
    ('conflict_found', 1, 'order',
        array['amount', 'conflict_id', 'currency', 'digests', 'kind', 'subject']::text[]),
    ('conflict_resolved', 1, 'order',
        array['conflict_id', 'digests']::text[]),
    ('payment_started', 1, 'order',
        array['amount', 'digests', 'key', 'payment_id', 'tender']::text[]),
    ('payment_approved', 1, 'order',
        array['amount', 'change', 'digests', 'payment_id', 'tender', 'tendered']::text[]),
    ('payment_declined', 1, 'order',
        array['amount', 'digests', 'payment_id', 'tender']::text[]),
    ('payment_voided', 1, 'order',
        array['amount', 'digests', 'payment_id', 'tender']::text[]),
    ('logged_in', 1, 'login',
        array['digests', 'user']::text[]),
    ('logged_out', 1, 'login',
        array['digests', 'user']::text[]),
    ('journal_opened', 1, 'till',
        array['digests', 'host', 'previous']::text[]),
    ('login_refused', 1, 'till',
        array['digests', 'locked', 'user']::text[]),
    ('quarantine_resolved', 1, 'till',
        array['digests', 'event', 'quarantine', 'session']::text[]),
    ('settings_changed', 1, 'till',
        array['changes', 'digests']::text[]),
    ('till_enrolled', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_revoked', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_adopted', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('backlog_taken', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('user_added', 1, 'till',
        array['digests', 'role', 'user']::text[]),
    ('user_disabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_enabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_unlocked', 1, 'till',
        array['digests', 'user']::text[]),
    ('pin_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('password_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('menu_imported', 1, 'till',
        array['digests', 'items', 'version']::text[]),
    ('item_sold_out', 1, 'till',
        array['digests', 'item_id', 'sold_out', 'version']::text[]);

-- What follows writes a value as its one canonical text, when it fits; else it gives null, or raises class 22. A list:

create or replace function warm.written_sha256_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when length(e.k) <= 63 then to_json(e.k)::text end || ':' || case when length(e.v #>> '{}') = 64 and (e.v #>> '{}') ~ '^[0-9a-f]*$' then '"' || (e.v #>> '{}') || '"' end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create or replace function warm.written_list_of_shown_item(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr((
                ',"id":' || (case when length(v->>'id') <= 250 then to_json(v->>'id')::text end)) || ((
                ',"name":' || (case when length(v->>'name') <= 250 then to_json(v->>'name')::text end)) || (
                ',"position":' || (case when (v->'position')::bigint between 0 and 1000000000 then ((v->'position')::bigint)::text end))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_line_modifier(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr((
                ',"name":' || (case when length(v->>'name') <= 250 then to_json(v->>'name')::text end)) || (
                ',"price":' || (case when (v->>'price') ~ '^-?([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (v->>'price') || '"' end)), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_tax_rate(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr((
                ',"name":' || (case when length(v->>'name') <= 250 then to_json(v->>'name')::text end)) || (
                ',"rate":' || (case when (v->>'rate') ~ '^[0-9]{1,3}(\.[0-9]{1,4})?$' then '"' || (v->>'rate') || '"' end)), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_moved_discount(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr(((
                case when v ? 'amount' then ',"amount":' || (case when (v->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'amount') || '"' end) else '' end) || (
                ',"event":' || (case when (v->>'event')::uuid < 'e6770000-0000-0000-0000-000000000000' and (v->>'event') like '______________7____%' and substr(v->>'event', 20, 1) in ('8', '9', 'a', 'b') then '"' || (v->>'event')::uuid || '"' end))) || ((
                ',"line_id":' || ('"' || (v->>'line_id')::uuid || '"')) || (
                case when v ? 'percent' then ',"percent":' || (case when (v->>'percent') ~ '^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)$' then '"' || (v->>'percent') || '"' end) else '' end)), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_uuid(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '"' || (v #>> '{}')::uuid || '"';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_count_by_id_of_an_event(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when (e.k)::uuid < 'e6770000-0000-0000-0000-000000000000' and (e.k) like '______________7____%' and substr(e.k, 20, 1) in ('8', '9', 'a', 'b') then '"' || (e.k)::uuid || '"' end || ':' || case when (e.v)::bigint between 1 and 1000000000 then ((e.v)::bigint)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create or replace function warm.written_list_of_moved_line(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr((((
                ',"item_id":' || (case when length(v->>'item_id') <= 250 then to_json(v->>'item_id')::text end)) || (
                ',"item_name":' || (case when length(v->>'item_name') <= 250 then to_json(v->>'item_name')::text end))) || ((
                ',"line_id":' || ('"' || (v->>'line_id')::uuid || '"')) || ((
                case when v ? 'measure' then ',"measure":' || (case when (v->'measure')::bigint between 0 and 1000000000 then ((v->'measure')::bigint)::text end) else '' end) || (
                case when v ? 'modifiers' then ',"modifiers":' || (warm.written_list_of_line_modifier(v->'modifiers', 1, 50)) else '' end)))) || (((
                ',"price":' || (case when (v->>'price') ~ '^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (v->>'price') || '"' end)) || ((
                ',"quantity":' || (case when (v->'quantity')::bigint between -1000000000 and 1000000000 then ((v->'quantity')::bigint)::text end)) || (
                case when v ? 'taken_off' then ',"taken_off":' || (warm.written_count_by_id_of_an_event(v->'taken_off', 1, null)) else '' end))) || ((
                ',"taxes":' || (warm.written_list_of_tax_rate(v->'taxes', 0, 20))) || ((
                ',"till":' || (case when (v->'till')::bigint between 0 and 1000000000 then ((v->'till')::bigint)::text end)) || (
                case when v ? 'unit_price' then ',"unit_price":' || (case when (v->>'unit_price') ~ '^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (v->>'unit_price') || '"' end) else '' end)))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_id_of_an_event(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || case when (v #>> '{}')::uuid < 'e6770000-0000-0000-0000-000000000000' and (v #>> '{}') like '______________7____%' and substr(v #>> '{}', 20, 1) in ('8', '9', 'a', 'b') then '"' || (v #>> '{}')::uuid || '"' end;
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_piece(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || case when (v)::bigint between -1000000000 and 1000000000 then ((v)::bigint)::text end;
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_text(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || case when length(v #>> '{}') <= 250 then to_json(v #>> '{}')::text end;
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_placed_tax(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr(((
                ',"name":' || (case when length(v->>'name') <= 250 then to_json(v->>'name')::text end)) || (
                case when v ? 'net' then ',"net":' || (case when (v->>'net') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'net') || '"' end) else '' end)) || ((
                ',"rate":' || (case when (v->>'rate') ~ '^[0-9]{1,3}(\.[0-9]{1,4})?$' then '"' || (v->>'rate') || '"' end)) || (
                ',"tax":' || (case when (v->>'tax') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'tax') || '"' end))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_placed_line(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr((((
                ',"discount":' || (case when (v->>'discount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'discount') || '"' end)) || ((
                ',"item_id":' || (case when length(v->>'item_id') <= 250 then to_json(v->>'item_id')::text end)) || (
                ',"item_name":' || (case when length(v->>'item_name') <= 250 then to_json(v->>'item_name')::text end)))) || ((
                ',"line_ids":' || (warm.written_list_of_uuid(v->'line_ids', 1, 10000))) || ((
                ',"line_quantities":' || (warm.written_list_of_piece(v->'line_quantities', 1, 10000))) || (
                case when v ? 'measure' then ',"measure":' || (case when (v->'measure')::bigint between 0 and 1000000000 then ((v->'measure')::bigint)::text end) else '' end)))) || (((
                case when v ? 'modifiers' then ',"modifiers":' || (warm.written_list_of_text(v->'modifiers', 1, 50)) else '' end) || ((
                ',"net":' || (case when (v->>'net') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'net') || '"' end)) || (
                ',"quantity":' || (case when (v->'quantity')::bigint between -1000000000 and 1000000000 then ((v->'quantity')::bigint)::text end)))) || (((
                ',"subtotal":' || (case when (v->>'subtotal') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'subtotal') || '"' end)) || (
                ',"tax":' || (case when (v->>'tax') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'tax') || '"' end))) || ((
                case when v ? 'taxes' then ',"taxes":' || (warm.written_list_of_placed_tax(v->'taxes', 1, 20)) else '' end) || (
                ',"unit_price":' || (case when (v->>'unit_price') ~ '^-?([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (v->>'unit_price') || '"' end))))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_placed_payment(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr(((
                ',"amount":' || (case when (v->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'amount') || '"' end)) || (
                ',"change":' || (case when (v->>'change') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'change') || '"' end))) || ((
                ',"payment_id":' || ('"' || (v->>'payment_id')::uuid || '"')) || (
                ',"tender":' || (case when length(v->>'tender') <= 250 then to_json(v->>'tender')::text end))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_list_of_placed_void(p_list jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
declare
    size constant integer := jsonb_array_length(p_list);
    whole text[];
    part text := '';
    v jsonb;
begin
    if size not between p_least and p_most then
        return null;
    end if;
    for i in 0..size - 1 loop
        v := p_list->i;
        part := part || ',' || '{' || substr(((
                ',"amount":' || (case when (v->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (v->>'amount') || '"' end)) || (
                ',"item_name":' || (case when length(v->>'item_name') <= 250 then to_json(v->>'item_name')::text end))) || ((
                ',"line_id":' || ('"' || (v->>'line_id')::uuid || '"')) || (
                ',"quantity":' || (case when (v->'quantity')::bigint between -1000000000 and 1000000000 then ((v->'quantity')::bigint)::text end))), 2) || '}';
        if part is null then
            return null;
        elsif i % 64 = 63 then  -- a text that grows is copied each time
            whole := whole || part;
            part := '';
        end if;
    end loop;
    return '[' || substr(case when whole is null then part else array_to_string(whole, '') || part end, 2) || ']';
end $$;

create or replace function warm.written_anything_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, to_json(e.k)::text || ':' || warm.canonical(e.v) as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

-- The data of a record. What its type does not know is not written: the text is then another than the one that came.
create or replace function warm.written_data(p_type text, p_v text, p_stream text, d jsonb) returns text
language plpgsql stable as $$
begin
    if jsonb_typeof(d) <> 'object' then
        return null;
    end if;
    case p_type || ' ' || p_v || ' ' || p_stream
        when 'order_opened 1 order' then
            return '{' || substr((((
                ',"cash_rounding":' || (case when (d->'cash_rounding')::bigint between 0 and 1000000000 then ((d->'cash_rounding')::bigint)::text end)) || (
                ',"currency":' || (case when length(d->>'currency') = 3 and (d->>'currency') ~ '^[A-Z]*$' then '"' || (d->>'currency') || '"' end))) || ((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                case when d ? 'from_session' then ',"from_session":' || ('"' || (d->>'from_session')::uuid || '"') else '' end))) || (((
                ',"order_type":' || (case when length(d->>'order_type') <= 250 then to_json(d->>'order_type')::text end)) || (
                ',"prices_include_tax":' || (((d->'prices_include_tax')::boolean)::text))) || ((
                case when d ? 'ref' then ',"ref":' || (case when length(d->>'ref') <= 250 then to_json(d->>'ref')::text end) else '' end) || ((
                ',"tax_rounding":' || (case when d->>'tax_rounding' in ('line', 'order') then '"' || (d->>'tax_rounding') || '"' end)) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end))))), 2) || '}';
        when 'menu_viewed 1 order' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"items":' || (warm.written_list_of_shown_item(d->'items', 0, 50)))) || ((
                ',"meal_period":' || (case when length(d->>'meal_period') <= 250 then to_json(d->>'meal_period')::text end)) || ((
                ',"query":' || (case when length(d->>'query') <= 250 then to_json(d->>'query')::text end)) || (
                ',"result_count":' || (case when (d->'result_count')::bigint between 0 and 1000000000 then ((d->'result_count')::bigint)::text end)))), 2) || '}';
        when 'item_added 1 order' then
            return '{' || substr((((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"item_id":' || (case when length(d->>'item_id') <= 250 then to_json(d->>'item_id')::text end))) || ((
                ',"item_name":' || (case when length(d->>'item_name') <= 250 then to_json(d->>'item_name')::text end)) || ((
                ',"line_id":' || ('"' || (d->>'line_id')::uuid || '"')) || (
                case when d ? 'measure' then ',"measure":' || (case when (d->'measure')::bigint between 0 and 1000000000 then ((d->'measure')::bigint)::text end) else '' end)))) || (((
                case when d ? 'modifiers' then ',"modifiers":' || (warm.written_list_of_line_modifier(d->'modifiers', 1, 50)) else '' end) || (
                ',"price":' || (case when (d->>'price') ~ '^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (d->>'price') || '"' end))) || ((
                ',"quantity":' || (case when (d->'quantity')::bigint between -1000000000 and 1000000000 then ((d->'quantity')::bigint)::text end)) || ((
                ',"taxes":' || (warm.written_list_of_tax_rate(d->'taxes', 0, 20))) || (
                case when d ? 'unit_price' then ',"unit_price":' || (case when (d->>'unit_price') ~ '^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?$' then '"' || (d->>'unit_price') || '"' end) else '' end)))), 2) || '}';
        when 'quantity_changed 1 order' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                case when d ? 'follows' then ',"follows":' || (case when (d->>'follows')::uuid < 'e6770000-0000-0000-0000-000000000000' and (d->>'follows') like '______________7____%' and substr(d->>'follows', 20, 1) in ('8', '9', 'a', 'b') then '"' || (d->>'follows')::uuid || '"' end) else '' end)) || ((
                ',"line_id":' || ('"' || (d->>'line_id')::uuid || '"')) || (
                ',"taken_off":' || (case when (d->'taken_off')::bigint between 1 and 1000000000 then ((d->'taken_off')::bigint)::text end))), 2) || '}';
        when 'line_voided 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                case when d ? 'follows' then ',"follows":' || (case when (d->>'follows')::uuid < 'e6770000-0000-0000-0000-000000000000' and (d->>'follows') like '______________7____%' and substr(d->>'follows', 20, 1) in ('8', '9', 'a', 'b') then '"' || (d->>'follows')::uuid || '"' end) else '' end) || (
                ',"line_id":' || ('"' || (d->>'line_id')::uuid || '"'))), 2) || '}';
        when 'order_noted 1 order' then
            return '{' || substr(
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end, 2) || '}';
        when 'change_undone 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"event":' || (case when (d->>'event')::uuid < 'e6770000-0000-0000-0000-000000000000' and (d->>'event') like '______________7____%' and substr(d->>'event', 20, 1) in ('8', '9', 'a', 'b') then '"' || (d->>'event')::uuid || '"' end)), 2) || '}';
        when 'discount_applied 1 order' then
            return '{' || substr(((
                case when d ? 'amount' then ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end) else '' end) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end)) || ((
                case when d ? 'line_id' then ',"line_id":' || ('"' || (d->>'line_id')::uuid || '"') else '' end) || (
                case when d ? 'percent' then ',"percent":' || (case when (d->>'percent') ~ '^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)$' then '"' || (d->>'percent') || '"' end) else '' end)), 2) || '}';
        when 'order_type_set 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"order_type":' || (case when length(d->>'order_type') <= 250 then to_json(d->>'order_type')::text end)), 2) || '}';
        when 'preference_set 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"name":' || (case when length(d->>'name') <= 250 then to_json(d->>'name')::text end)) || (
                ',"value":' || (case when length(d->>'value') <= 250 then to_json(d->>'value')::text end))), 2) || '}';
        when 'order_parked 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                case when d ? 'user' then ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end) else '' end), 2) || '}';
        when 'order_resumed 1 order' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"from_epoch":' || (case when (d->'from_epoch')::bigint between 0 and 1000000000000000 then ((d->'from_epoch')::bigint)::text end))) || ((
                case when d ? 'from_till' then ',"from_till":' || (case when (d->'from_till')::bigint between 0 and 1000000000 then ((d->'from_till')::bigint)::text end) else '' end) || (
                case when d ? 'user' then ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end) else '' end)), 2) || '}';
        when 'order_taken_over 1 order' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"from_epoch":' || (case when (d->'from_epoch')::bigint between 0 and 1000000000000000 then ((d->'from_epoch')::bigint)::text end))) || ((
                case when d ? 'from_till' then ',"from_till":' || (case when (d->'from_till')::bigint between 0 and 1000000000 then ((d->'from_till')::bigint)::text end) else '' end) || (
                case when d ? 'user' then ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end) else '' end)), 2) || '}';
        when 'tab_assigned 1 order' then
            return '{' || substr(((
                case when d ? 'covers' then ',"covers":' || (case when (d->'covers')::bigint between 0 and 1000000000 then ((d->'covers')::bigint)::text end) else '' end) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end)) || ((
                ',"tab_id":' || ('"' || (d->>'tab_id')::uuid || '"')) || (
                case when d ? 'table_number' then ',"table_number":' || (case when (d->'table_number')::bigint between 0 and 1000000000 then ((d->'table_number')::bigint)::text end) else '' end)), 2) || '}';
        when 'lines_moved 1 order' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                case when d ? 'discounts' then ',"discounts":' || (warm.written_list_of_moved_discount(d->'discounts', 1, 10000)) else '' end) || (
                case when d ? 'from_session' then ',"from_session":' || ('"' || (d->>'from_session')::uuid || '"') else '' end))) || (((
                case when d ? 'late' then ',"late":' || (case when (d->'late')::boolean then 'true' end) else '' end) || (
                case when d ? 'line_ids' then ',"line_ids":' || (warm.written_list_of_uuid(d->'line_ids', 1, 10000)) else '' end)) || ((
                case when d ? 'lines' then ',"lines":' || (warm.written_list_of_moved_line(d->'lines', 1, 10000)) else '' end) || (
                case when d ? 'to_session' then ',"to_session":' || ('"' || (d->>'to_session')::uuid || '"') else '' end))), 2) || '}';
        when 'order_placed 1 order' then
            return '{' || substr(((((
                ',"business_date":' || (case when (d->>'business_date') ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then '"' || (d->>'business_date') || '"' end)) || (
                ',"currency":' || (case when length(d->>'currency') = 3 and (d->>'currency') ~ '^[A-Z]*$' then '"' || (d->>'currency') || '"' end))) || ((
                case when d ? 'customer_id' then ',"customer_id":' || ('"' || (d->>'customer_id')::uuid || '"') else '' end) || ((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                case when d ? 'discounts' then ',"discounts":' || (warm.written_list_of_id_of_an_event(d->'discounts', 1, 10000)) else '' end)))) || (((
                ',"lines":' || (warm.written_list_of_placed_line(d->'lines', 0, 10000))) || (
                ',"net":' || (case when (d->>'net') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'net') || '"' end))) || ((
                ',"order_id":' || ('"' || (d->>'order_id')::uuid || '"')) || ((
                ',"order_type":' || (case when length(d->>'order_type') <= 250 then to_json(d->>'order_type')::text end)) || (
                ',"payment_method":' || (case when length(d->>'payment_method') <= 250 then to_json(d->>'payment_method')::text end)))))) || ((((
                ',"payments":' || (warm.written_list_of_placed_payment(d->'payments', 0, 1000))) || (
                ',"receipt":' || (case when length(d->>'receipt') <= 250 then to_json(d->>'receipt')::text end))) || ((
                case when d ? 'ref' then ',"ref":' || (case when length(d->>'ref') <= 250 then to_json(d->>'ref')::text end) else '' end) || ((
                ',"rounding":' || (case when (d->>'rounding') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'rounding') || '"' end)) || (
                case when d ? 'set_aside' then ',"set_aside":' || (warm.written_list_of_id_of_an_event(d->'set_aside', 1, 1000)) else '' end)))) || (((
                case when d ? 'tab_id' then ',"tab_id":' || ('"' || (d->>'tab_id')::uuid || '"') else '' end) || (
                ',"tax":' || (case when (d->>'tax') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'tax') || '"' end))) || ((
                case when d ? 'taxes' then ',"taxes":' || (warm.written_list_of_placed_tax(d->'taxes', 1, 100)) else '' end) || ((
                ',"total":' || (case when (d->>'total') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'total') || '"' end)) || (
                case when d ? 'voids' then ',"voids":' || (warm.written_list_of_placed_void(d->'voids', 1, 10000)) else '' end))))), 2) || '}';
        when 'order_discarded 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"line_ids":' || (warm.written_list_of_uuid(d->'line_ids', 0, 10000))), 2) || '}';
        when 'session_swept 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"minutes":' || (case when (d->'minutes')::bigint between 0 and 1000000000 then ((d->'minutes')::bigint)::text end)), 2) || '}';
        when 'record_set_aside 1 order' then
            return '{' || substr((
                ',"approved_by":' || (case when (d->'approved_by')::bigint between 0 and 1000000000 then ((d->'approved_by')::bigint)::text end)) || ((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"event":' || (case when (d->>'event')::uuid < 'e6770000-0000-0000-0000-000000000000' and (d->>'event') like '______________7____%' and substr(d->>'event', 20, 1) in ('8', '9', 'a', 'b') then '"' || (d->>'event')::uuid || '"' end))), 2) || '}';
        when 'erased 1 order' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"events":' || (warm.written_list_of_id_of_an_event(d->'events', 0, 10000))), 2) || '}';
        when 'conflict_found 1 order' then
            return '{' || substr(((
                ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end)) || ((
                ',"conflict_id":' || ('"' || (d->>'conflict_id')::uuid || '"')) || (
                ',"currency":' || (case when length(d->>'currency') = 3 and (d->>'currency') ~ '^[A-Z]*$' then '"' || (d->>'currency') || '"' end)))) || ((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"kind":' || (case when length(d->>'kind') <= 250 then to_json(d->>'kind')::text end)) || (
                ',"subject":' || (case when length(d->>'subject') <= 250 then to_json(d->>'subject')::text end)))), 2) || '}';
        when 'conflict_resolved 1 order' then
            return '{' || substr((
                ',"conflict_id":' || ('"' || (d->>'conflict_id')::uuid || '"')) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end), 2) || '}';
        when 'payment_started 1 order' then
            return '{' || substr(((
                ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end)) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end)) || ((
                ',"key":' || (case when length(d->>'key') <= 250 then to_json(d->>'key')::text end)) || ((
                ',"payment_id":' || ('"' || (d->>'payment_id')::uuid || '"')) || (
                ',"tender":' || (case when length(d->>'tender') <= 250 then to_json(d->>'tender')::text end)))), 2) || '}';
        when 'payment_approved 1 order' then
            return '{' || substr(((
                ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end)) || ((
                ',"change":' || (case when (d->>'change') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'change') || '"' end)) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end))) || ((
                ',"payment_id":' || ('"' || (d->>'payment_id')::uuid || '"')) || ((
                ',"tender":' || (case when length(d->>'tender') <= 250 then to_json(d->>'tender')::text end)) || (
                ',"tendered":' || (case when (d->>'tendered') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'tendered') || '"' end)))), 2) || '}';
        when 'payment_declined 1 order' then
            return '{' || substr(((
                ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end)) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end)) || ((
                ',"payment_id":' || ('"' || (d->>'payment_id')::uuid || '"')) || (
                ',"tender":' || (case when length(d->>'tender') <= 250 then to_json(d->>'tender')::text end))), 2) || '}';
        when 'payment_voided 1 order' then
            return '{' || substr(((
                ',"amount":' || (case when (d->>'amount') ~ '^-?[0-9]{1,15}(\.[0-9]{1,4})?$' then '"' || (d->>'amount') || '"' end)) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end)) || ((
                ',"payment_id":' || ('"' || (d->>'payment_id')::uuid || '"')) || (
                ',"tender":' || (case when length(d->>'tender') <= 250 then to_json(d->>'tender')::text end))), 2) || '}';
        when 'logged_in 1 login' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'logged_out 1 login' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'journal_opened 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"host":' || (case when length(d->>'host') <= 250 then to_json(d->>'host')::text end)) || (
                case when d ? 'previous' then ',"previous":' || ('{' || substr((
                ',"hash":' || (case when length(d->'previous'->>'hash') = 64 and (d->'previous'->>'hash') ~ '^[0-9a-f]*$' then '"' || (d->'previous'->>'hash') || '"' end)) || ((
                ',"journal_id":' || ('"' || (d->'previous'->>'journal_id')::uuid || '"')) || (
                ',"seq":' || (case when (d->'previous'->'seq')::bigint between 0 and 9223372036854775807 then ((d->'previous'->'seq')::bigint)::text end))), 2) || '}') else '' end)), 2) || '}';
        when 'login_refused 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"locked":' || (((d->'locked')::boolean)::text)) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end))), 2) || '}';
        when 'quarantine_resolved 1 till' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                case when d ? 'event' then ',"event":' || ('"' || (d->>'event')::uuid || '"') else '' end)) || ((
                ',"quarantine":' || (case when (d->'quarantine')::bigint between 1 and 9223372036854775807 then ((d->'quarantine')::bigint)::text end)) || (
                case when d ? 'session' then ',"session":' || ('"' || (d->>'session')::uuid || '"') else '' end)), 2) || '}';
        when 'settings_changed 1 till' then
            return '{' || substr((
                ',"changes":' || (warm.written_anything_by_text(d->'changes', 0, null))) || (
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end), 2) || '}';
        when 'till_enrolled 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"till":' || (case when (d->'till')::bigint between 0 and 1000000000 then ((d->'till')::bigint)::text end)), 2) || '}';
        when 'till_revoked 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"till":' || (case when (d->'till')::bigint between 0 and 1000000000 then ((d->'till')::bigint)::text end)), 2) || '}';
        when 'till_adopted 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                case when d ? 'journal_id' then ',"journal_id":' || ('"' || (d->>'journal_id')::uuid || '"') else '' end) || (
                ',"till":' || (case when (d->'till')::bigint between 0 and 1000000000 then ((d->'till')::bigint)::text end))), 2) || '}';
        when 'backlog_taken 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"journal_id":' || ('"' || (d->>'journal_id')::uuid || '"')) || (
                ',"till":' || (case when (d->'till')::bigint between 0 and 1000000000 then ((d->'till')::bigint)::text end))), 2) || '}';
        when 'user_added 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"role":' || (case when length(d->>'role') <= 250 then to_json(d->>'role')::text end)) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end))), 2) || '}';
        when 'user_disabled 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'user_enabled 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'user_unlocked 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'pin_set 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'password_set 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"user":' || (case when (d->'user')::bigint between 0 and 1000000000 then ((d->'user')::bigint)::text end)), 2) || '}';
        when 'menu_imported 1 till' then
            return '{' || substr((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || ((
                ',"items":' || (case when (d->'items')::bigint between 0 and 1000000000 then ((d->'items')::bigint)::text end)) || (
                ',"version":' || (case when (d->'version')::bigint between 0 and 1000000000 then ((d->'version')::bigint)::text end))), 2) || '}';
        when 'item_sold_out 1 till' then
            return '{' || substr(((
                case when d ? 'digests' then ',"digests":' || (warm.written_sha256_by_text(d->'digests', 1, 20)) else '' end) || (
                ',"item_id":' || (case when length(d->>'item_id') <= 250 then to_json(d->>'item_id')::text end))) || ((
                ',"sold_out":' || (((d->'sold_out')::boolean)::text)) || (
                ',"version":' || (case when (d->'version')::bigint between 0 and 1000000000 then ((d->'version')::bigint)::text end))), 2) || '}';
        else
            return null;
    end case;
end $$;

-- An envelope around its data.
create or replace function warm.written_envelope(e jsonb, p_data text) returns text
language plpgsql stable as $$
begin
    return '{' || substr(((((
                ',"at":' || (case when length(e->>'at') = 27 and e->>'at' >= '1970' collate "C" then '"' || warm.time_text((e->>'at')::timestamptz) || '"' end)) || (
                ',"data":' || (p_data))) || ((
                ',"harmless":' || (((e->'harmless')::boolean)::text)) || (
                ',"hold_epoch":' || (case when (e->'hold_epoch')::bigint between 0 and 1000000000000000 then ((e->'hold_epoch')::bigint)::text end)))) || (((
                ',"hold_id":' || (case when e->'hold_id' = 'null' then 'null' else case when (e->>'hold_id')::uuid < 'e6770000-0000-0000-0000-000000000000' and (e->>'hold_id') like '______________7____%' and substr(e->>'hold_id', 20, 1) in ('8', '9', 'a', 'b') then '"' || (e->>'hold_id')::uuid || '"' end end)) || (
                ',"id":' || (case when (e->>'id')::uuid < 'e6770000-0000-0000-0000-000000000000' and (e->>'id') like '______________7____%' and substr(e->>'id', 20, 1) in ('8', '9', 'a', 'b') then '"' || (e->>'id')::uuid || '"' end))) || ((
                ',"journal_id":' || ('"' || (e->>'journal_id')::uuid || '"')) || ((
                ',"login_session":' || (case when e->'login_session' = 'null' then 'null' else '"' || (e->>'login_session')::uuid || '"' end)) || (
                ',"prev_hash":' || (case when length(e->>'prev_hash') = 64 and (e->>'prev_hash') ~ '^[0-9a-f]*$' then '"' || (e->>'prev_hash') || '"' end)))))) || ((((
                ',"seq":' || (case when (e->'seq')::bigint between 1 and 9223372036854775807 then ((e->'seq')::bigint)::text end)) || (
                ',"shift":' || (case when e->'shift' = 'null' then 'null' else '"' || (e->>'shift')::uuid || '"' end))) || ((
                ',"store_id":' || ('"' || (e->>'store_id')::uuid || '"')) || (
                ',"stream_id":' || ('"' || (e->>'stream_id')::uuid || '"')))) || (((
                ',"stream_kind":' || (case when length(e->>'stream_kind') between 1 and 63 and (e->>'stream_kind') ~ '^[a-z][a-z0-9_]*$' then '"' || (e->>'stream_kind') || '"' end)) || (
                ',"till":' || (case when (e->'till')::bigint between 0 and 1000000000 then ((e->'till')::bigint)::text end))) || ((
                ',"type":' || (case when length(e->>'type') between 1 and 63 and (e->>'type') ~ '^[a-z][a-z0-9_]*$' then '"' || (e->>'type') || '"' end)) || ((
                ',"user":' || (case when e->'user' = 'null' then 'null' else case when (e->'user')::bigint between 0 and 1000000000 then ((e->'user')::bigint)::text end end)) || (
                ',"v":' || (case when (e->'v')::bigint between 1 and 9223372036854775807 then ((e->'v')::bigint)::text end)))))), 2) || '}';
end $$;
