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
        'till_enrolled', 'till_revoked', 'till_adopted', 'backlog_taken', 'program_added', 'program_revoked',
        'user_added', 'user_disabled', 'user_enabled', 'user_renamed', 'role_set', 'user_unlocked', 'pin_set',
        'password_set', 'customer_added', 'customer_erased', 'table_set', 'booking_made', 'booking_cancelled',
        'booking_erased', 'menu_imported', 'menu_edited', 'menu_scheduled', 'menu_brought_back',
        'item_sold_out']::text[]
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
        array['cash_rounding', 'currency', 'digests', 'from_session', 'order_type', 'prices_include_tax', 'program',
        'ref', 'tax_rounding', 'user']::text[]),
    ('menu_viewed', 1, 'order',
        array['digests', 'items', 'meal_period', 'query', 'result_count']::text[]),
    ('item_added', 1, 'order',
        array['digests', 'item_id', 'item_name', 'line_id', 'measure', 'modifiers', 'price', 'quantity', 'taxes',
        'unit_price']::text[]),
    ('quantity_changed', 1, 'order',
        array['digests', 'follows', 'line_id', 'taken_off']::text[]),
    ('line_voided', 1, 'order',
        array['digests', 'follows', 'line_id']::text[]),
    ('line_noted', 1, 'order',
        array['digests', 'follows', 'line_id']::text[]),
    ('order_noted', 1, 'order',
        array['digests']::text[]),
    ('customer_attached', 1, 'order',
        array['customer_id', 'digests']::text[]),
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
    ('booking_seated', 1, 'order',
        array['booking_id', 'digests']::text[]),
    ('lines_moved', 1, 'order',
        array['digests', 'discounts', 'from_session', 'late', 'line_ids', 'lines', 'paid', 'to_session']::text[]),
    ('order_placed', 1, 'order',
        array['business_date', 'currency', 'customer_id', 'digests', 'discounts', 'lines', 'net', 'order_id',
        'order_type', 'payment_method', 'payments', 'receipt', 'ref', 'rounding', 'set_aside', 'tab_id', 'tax',
        'taxes', 'total', 'voids']::text[]),
    ('feedback_given', 1, 'order',
        array['digests', 'order_id', 'score']::text[]),
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
    ('checkout_started', 1, 'order',
        array['digests']::text[]),
    ('payment_started', 1, 'order',
        array['amount', 'digests', 'key', 'payment_id', 'tender']::text[]),
    ('payment_approved', 1, 'order',
        array['amount', 'change', 'digests', 'payment_id', 'tender', 'tendered']::text[]),
    ('payment_declined', 1, 'order',
        array['amount', 'digests', 'payment_id', 'tender']::text[]),
    ('payment_voided', 1, 'order',
        array['amount', 'approved_by', 'digests', 'payment_id', 'tender']::text[]),
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
        array['changes', 'digests', 'was']::text[]),
    ('till_enrolled', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_revoked', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_adopted', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('backlog_taken', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('program_added', 1, 'till',
        array['digests', 'program']::text[]),
    ('program_revoked', 1, 'till',
        array['digests', 'program']::text[]),
    ('user_added', 1, 'till',
        array['digests', 'role', 'user']::text[]),
    ('user_disabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_enabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_renamed', 1, 'till',
        array['digests', 'user']::text[]),
    ('role_set', 1, 'till',
        array['digests', 'role', 'user']::text[]),
    ('user_unlocked', 1, 'till',
        array['digests', 'user']::text[]),
    ('pin_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('password_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('customer_added', 1, 'till',
        array['customer_id', 'digests']::text[]),
    ('customer_erased', 1, 'till',
        array['customer_id', 'digests', 'events']::text[]),
    ('table_set', 1, 'till',
        array['area', 'digests', 'seats', 'table_number']::text[]),
    ('booking_made', 1, 'till',
        array['at', 'booking_id', 'covers', 'customer_id', 'digests', 'minutes', 'table_number']::text[]),
    ('booking_cancelled', 1, 'till',
        array['booking_id', 'digests']::text[]),
    ('booking_erased', 1, 'till',
        array['booking_id', 'digests', 'events']::text[]),
    ('menu_imported', 1, 'till',
        array['digests', 'items', 'version']::text[]),
    ('menu_edited', 1, 'till',
        array['changes', 'digests', 'item_id', 'version']::text[]),
    ('menu_scheduled', 1, 'till',
        array['category_id', 'daypart', 'digests', 'hours', 'item_id', 'version']::text[]),
    ('menu_brought_back', 1, 'till',
        array['digests', 'items', 'of', 'version']::text[]),
    ('item_sold_out', 1, 'till',
        array['digests', 'item_id', 'sold_out', 'version']::text[]),
    ('booking_missed', 1, 'till',
        array['booking_id', 'digests']::text[]);

-- The types of records and of their parts, with their fields in the order of their names.
drop schema if exists shape cascade;
create schema shape;

create type shape.order_opened as (
    "cash_rounding" bigint,
    "currency" text,
    "digests" jsonb,
    "from_session" uuid,
    "order_type" varchar(250),
    "prices_include_tax" boolean,
    "program" varchar(250),
    "ref" varchar(250),
    "tax_rounding" text,
    "user" bigint
);

create type shape.shown_item as (
    "id" varchar(250),
    "name" varchar(250),
    "position" bigint
);

create type shape.menu_viewed as (
    "digests" jsonb,
    "items" shape.shown_item[],
    "meal_period" varchar(250),
    "query" varchar(250),
    "result_count" bigint
);

create type shape.line_modifier as (
    "name" varchar(250),
    "price" text
);

create type shape.tax_rate as (
    "name" varchar(250),
    "rate" text
);

create type shape.item_added as (
    "digests" jsonb,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_id" uuid,
    "measure" bigint,
    "modifiers" shape.line_modifier[],
    "price" text,
    "quantity" bigint,
    "taxes" shape.tax_rate[],
    "unit_price" text
);

create type shape.quantity_changed as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "taken_off" bigint
);

create type shape.line_voided as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid
);

create type shape.line_noted as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid
);

create type shape.order_noted as (
    "digests" jsonb
);

create type shape.customer_attached as (
    "customer_id" uuid,
    "digests" jsonb
);

create type shape.change_undone as (
    "digests" jsonb,
    "event" uuid
);

create type shape.discount_applied as (
    "amount" text,
    "digests" jsonb,
    "line_id" uuid,
    "percent" text
);

create type shape.order_type_set as (
    "digests" jsonb,
    "order_type" varchar(250)
);

create type shape.preference_set as (
    "digests" jsonb,
    "name" varchar(250),
    "value" varchar(250)
);

create type shape.order_parked as (
    "digests" jsonb,
    "user" bigint
);

create type shape.order_resumed as (
    "digests" jsonb,
    "from_epoch" bigint,
    "from_till" bigint,
    "user" bigint
);

create type shape.order_taken_over as (
    "digests" jsonb,
    "from_epoch" bigint,
    "from_till" bigint,
    "user" bigint
);

create type shape.tab_assigned as (
    "covers" bigint,
    "digests" jsonb,
    "tab_id" uuid,
    "table_number" bigint
);

create type shape.booking_seated as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.moved_discount as (
    "amount" text,
    "event" uuid,
    "line_id" uuid,
    "percent" text
);

create or replace function warm.written_whole_by_event_id(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when to_jsonb(e.k) @? '$ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' and e.v @? '$ ? (@ >= 1 && @ <= 1000000000)'
                then to_json((to_jsonb(e.k) #>> '{}')::uuid)::text || ':' || to_json((e.v #>> '{}')::bigint)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create domain shape.whole_by_event_id as jsonb check (value is null or coalesce(warm.written_whole_by_event_id(value, 1, null) = json_strip_nulls(value::json)::text, false));

create type shape.moved_line as (
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_id" uuid,
    "measure" bigint,
    "modifiers" shape.line_modifier[],
    "price" text,
    "quantity" bigint,
    "taken_off" shape.whole_by_event_id,
    "taxes" shape.tax_rate[],
    "till" bigint,
    "unit_price" text
);

create type shape.lines_moved as (
    "digests" jsonb,
    "discounts" shape.moved_discount[],
    "from_session" uuid,
    "late" boolean,
    "line_ids" uuid[],
    "lines" shape.moved_line[],
    "paid" boolean,
    "to_session" uuid
);

create type shape.placed_tax as (
    "name" varchar(250),
    "net" text,
    "rate" text,
    "tax" text
);

create type shape.placed_line as (
    "discount" text,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_ids" uuid[],
    "line_quantities" bigint[],
    "measure" bigint,
    "modifiers" varchar(250)[],
    "net" text,
    "note" uuid,
    "quantity" bigint,
    "subtotal" text,
    "tax" text,
    "taxes" shape.placed_tax[],
    "unit_price" text
);

create type shape.placed_payment as (
    "amount" text,
    "change" text,
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.placed_void as (
    "amount" text,
    "item_name" varchar(250),
    "line_id" uuid,
    "quantity" bigint
);

create type shape.order_placed as (
    "business_date" text,
    "currency" text,
    "customer_id" uuid,
    "digests" jsonb,
    "discounts" uuid[],
    "lines" shape.placed_line[],
    "net" text,
    "order_id" uuid,
    "order_type" varchar(250),
    "payment_method" varchar(250),
    "payments" shape.placed_payment[],
    "receipt" varchar(250),
    "ref" varchar(250),
    "rounding" text,
    "set_aside" uuid[],
    "tab_id" uuid,
    "tax" text,
    "taxes" shape.placed_tax[],
    "total" text,
    "voids" shape.placed_void[]
);

create type shape.feedback_given as (
    "digests" jsonb,
    "order_id" uuid,
    "score" bigint
);

create type shape.order_discarded as (
    "digests" jsonb,
    "line_ids" uuid[]
);

create type shape.session_swept as (
    "digests" jsonb,
    "minutes" bigint
);

create type shape.record_set_aside as (
    "approved_by" bigint,
    "digests" jsonb,
    "event" uuid
);

create type shape.erased as (
    "digests" jsonb,
    "events" uuid[]
);

create type shape.conflict_found as (
    "amount" text,
    "conflict_id" uuid,
    "currency" text,
    "digests" jsonb,
    "kind" varchar(250),
    "subject" varchar(250)
);

create type shape.conflict_resolved as (
    "conflict_id" uuid,
    "digests" jsonb
);

create type shape.checkout_started as (
    "digests" jsonb
);

create type shape.payment_started as (
    "amount" text,
    "digests" jsonb,
    "key" varchar(250),
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.payment_approved as (
    "amount" text,
    "change" text,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250),
    "tendered" text
);

create type shape.payment_declined as (
    "amount" text,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.payment_voided as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.logged_in as (
    "digests" jsonb,
    "user" bigint
);

create type shape.logged_out as (
    "digests" jsonb,
    "user" bigint
);

create type shape.previous_journal as (
    "hash" text,
    "journal_id" uuid,
    "seq" bigint
);

create type shape.journal_opened as (
    "digests" jsonb,
    "host" varchar(250),
    "previous" shape.previous_journal
);

create type shape.login_refused as (
    "digests" jsonb,
    "locked" boolean,
    "user" bigint
);

create type shape.quarantine_resolved as (
    "digests" jsonb,
    "event" uuid,
    "quarantine" bigint,
    "session" uuid
);

create type shape.settings_changed as (
    "changes" jsonb,
    "digests" jsonb,
    "was" jsonb
);

create type shape.till_enrolled as (
    "digests" jsonb,
    "till" bigint
);

create type shape.till_revoked as (
    "digests" jsonb,
    "till" bigint
);

create type shape.till_adopted as (
    "digests" jsonb,
    "journal_id" uuid,
    "till" bigint
);

create type shape.backlog_taken as (
    "digests" jsonb,
    "journal_id" uuid,
    "till" bigint
);

create type shape.program_added as (
    "digests" jsonb,
    "program" varchar(250)
);

create type shape.program_revoked as (
    "digests" jsonb,
    "program" varchar(250)
);

create type shape.user_added as (
    "digests" jsonb,
    "role" varchar(250),
    "user" bigint
);

create type shape.user_disabled as (
    "digests" jsonb,
    "user" bigint
);

create type shape.user_enabled as (
    "digests" jsonb,
    "user" bigint
);

create type shape.user_renamed as (
    "digests" jsonb,
    "user" bigint
);

create type shape.role_set as (
    "digests" jsonb,
    "role" varchar(250),
    "user" bigint
);

create type shape.user_unlocked as (
    "digests" jsonb,
    "user" bigint
);

create type shape.pin_set as (
    "digests" jsonb,
    "user" bigint
);

create type shape.password_set as (
    "digests" jsonb,
    "user" bigint
);

create type shape.customer_added as (
    "customer_id" uuid,
    "digests" jsonb
);

create type shape.customer_erased as (
    "customer_id" uuid,
    "digests" jsonb,
    "events" uuid[]
);

create type shape.table_set as (
    "area" varchar(250),
    "digests" jsonb,
    "seats" bigint,
    "table_number" bigint
);

create type shape.booking_made as (
    "at" text,
    "booking_id" uuid,
    "covers" bigint,
    "customer_id" uuid,
    "digests" jsonb,
    "minutes" bigint,
    "table_number" bigint
);

create type shape.booking_cancelled as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.booking_erased as (
    "booking_id" uuid,
    "digests" jsonb,
    "events" uuid[]
);

create type shape.menu_imported as (
    "digests" jsonb,
    "items" bigint,
    "version" bigint
);

create type shape.menu_edited as (
    "changes" jsonb,
    "digests" jsonb,
    "item_id" varchar(250),
    "version" bigint
);

create type shape.sale_hours as (
    "days" bigint[],
    "ends" varchar(250),
    "starts" varchar(250)
);

create type shape.menu_scheduled as (
    "category_id" varchar(250),
    "daypart" varchar(250),
    "digests" jsonb,
    "hours" shape.sale_hours[],
    "item_id" varchar(250),
    "version" bigint
);

create type shape.menu_brought_back as (
    "digests" jsonb,
    "items" bigint,
    "of" bigint,
    "version" bigint
);

create type shape.item_sold_out as (
    "digests" jsonb,
    "item_id" varchar(250),
    "sold_out" boolean,
    "version" bigint
);

create type shape.booking_missed as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.envelope as (
    "at" text,
    "harmless" boolean,
    "hold_epoch" bigint,
    "hold_id" uuid,
    "id" uuid,
    "journal_id" uuid,
    "login_session" uuid,
    "prev_hash" text,
    "seq" bigint,
    "shift" uuid,
    "store_id" uuid,
    "stream_id" uuid,
    "stream_kind" text,
    "till" bigint,
    "type" text,
    "user" bigint,
    "v" bigint
);

create or replace function warm.written_anything_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, to_json((to_jsonb(e.k) #>> '{}')::text)::text || ':' || warm.canonical(e.v) as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create or replace function warm.written_sha256_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when e.v @? '$ ? (@ like_regex "^[0-9a-f]{64}$")'
                then to_json((to_jsonb(e.k) #>> '{}')::varchar(63))::text || ':' || to_json((e.v #>> '{}')::text)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

-- A text in which a table stands with its names in their order: PostgreSQL prints the shorter before the longer.
create or replace function warm.respelt(p_written text, p_name text, p_table jsonb, p_as text) returns text
language plpgsql immutable as $$
declare
    name constant text := '"' || p_name || '":';
begin
    return replace(p_written, name || json_strip_nulls(p_table::json)::text, name || p_as);
end $$;

-- What follows writes a value as its one canonical text, when it fits; else it gives null or another text, or raises
-- class 22, 23 or 54. The data of a record: what its type does not know is not written.
create or replace function warm.written_data(p_type text, p_v text, p_stream text, d jsonb) returns text
language plpgsql stable as $$
declare
    written text;
begin
    case concat(p_type, ' ', p_v, ' ', p_stream)
        when 'item_added 1 order' then
            if d @? '$ ? (@."item_id" != null
                && @."item_name" != null
                && @."line_id" != null
                && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000)
                && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "object") && !exists(@."modifiers"[*] ? (!exists(@ ? (@."name" != null && @."price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))
                && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"
                && @."quantity" >= -1000000000 && @."quantity" <= 1000000000
                && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? (@."name" != null && @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$"))))
                && (!exists(@."unit_price") || @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_added, d)))::text;
            end if;
        when 'order_opened 1 order' then
            if d @? '$ ? (@."cash_rounding" >= 0 && @."cash_rounding" <= 1000000000
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."order_type" != null
                && @."prices_include_tax" != null
                && (@."tax_rounding" == "line" || @."tax_rounding" == "order")
                && @."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_opened, d)))::text;
            end if;
        when 'payment_started 1 order' then
            if d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."key" != null
                && @."payment_id" != null
                && @."tender" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_started, d)))::text;
            end if;
        when 'payment_approved 1 order' then
            if d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."change" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."payment_id" != null
                && @."tender" != null
                && @."tendered" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_approved, d)))::text;
            end if;
        when 'order_placed 1 order' then
            if d @? '$ ? (@."business_date" like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."discounts") || @."discounts".size() >= 1 && @."discounts".size() <= 10000 && !(@."discounts"[*].type() != "string") && !exists(@."discounts"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))
                && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? (@."discount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_id" != null && @."item_name" != null && @."line_ids".size() >= 1 && @."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string") && @."line_quantities".size() >= 1 && @."line_quantities".size() <= 10000 && !(@."line_quantities"[*].type() != "number") && !exists(@."line_quantities"[*] ? (!exists(@ ? (@ >= -1000000000 && @ <= 1000000000)))) && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000) && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "string")) && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."note") || @."note" < "e677" && @."note" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && @."quantity" >= -1000000000 && @."quantity" <= 1000000000 && @."subtotal" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? (@."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$" && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"))))) && @."unit_price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))
                && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."order_id" != null
                && @."order_type" != null
                && @."payment_method" != null
                && @."payments".size() <= 1000 && !(@."payments"[*].type() != "object") && !exists(@."payments"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."change" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."payment_id" != null && @."tender" != null))))
                && @."receipt" != null
                && @."rounding" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."set_aside") || @."set_aside".size() >= 1 && @."set_aside".size() <= 1000 && !(@."set_aside"[*].type() != "string") && !exists(@."set_aside"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))
                && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 100 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? (@."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$" && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))))
                && @."total" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."voids") || @."voids".size() >= 1 && @."voids".size() <= 10000 && !(@."voids"[*].type() != "object") && !exists(@."voids"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_name" != null && @."line_id" != null && @."quantity" >= -1000000000 && @."quantity" <= 1000000000))))))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_placed, d)))::text;
            end if;
        when 'menu_viewed 1 order' then
            if d @? '$ ? (@."items".size() <= 50 && !(@."items"[*].type() != "object") && !exists(@."items"[*] ? (!exists(@ ? (@."id" != null && @."name" != null && @."position" >= 0 && @."position" <= 1000000000))))
                && @."meal_period" != null
                && @."query" != null
                && @."result_count" >= 0 && @."result_count" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_viewed, d)))::text;
            end if;
        when 'quantity_changed 1 order' then
            if d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && @."taken_off" >= 1 && @."taken_off" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.quantity_changed, d)))::text;
            end if;
        when 'line_voided 1 order' then
            if d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_voided, d)))::text;
            end if;
        when 'line_noted 1 order' then
            if d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_noted, d)))::text;
            end if;
        when 'order_noted 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_noted, d)))::text;
        when 'customer_attached 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_attached, d)))::text;
        when 'change_undone 1 order' then
            if d @? '$ ? (@."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.change_undone, d)))::text;
            end if;
        when 'discount_applied 1 order' then
            if d @? '$ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.discount_applied, d)))::text;
            end if;
        when 'order_type_set 1 order' then
            if d @? '$ ? (@."order_type" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_type_set, d)))::text;
            end if;
        when 'preference_set 1 order' then
            if d @? '$ ? (@."name" != null
                && @."value" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.preference_set, d)))::text;
            end if;
        when 'order_parked 1 order' then
            if d @? '$ ? ((!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_parked, d)))::text;
            end if;
        when 'order_resumed 1 order' then
            if d @? '$ ? (@."from_epoch" >= 0 && @."from_epoch" <= 1000000000000000
                && (!exists(@."from_till") || @."from_till" >= 0 && @."from_till" <= 1000000000)
                && (!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_resumed, d)))::text;
            end if;
        when 'order_taken_over 1 order' then
            if d @? '$ ? (@."from_epoch" >= 0 && @."from_epoch" <= 1000000000000000
                && (!exists(@."from_till") || @."from_till" >= 0 && @."from_till" <= 1000000000)
                && (!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_taken_over, d)))::text;
            end if;
        when 'tab_assigned 1 order' then
            if d @? '$ ? ((!exists(@."covers") || @."covers" >= 0 && @."covers" <= 1000000000)
                && @."tab_id" != null
                && (!exists(@."table_number") || @."table_number" >= 0 && @."table_number" <= 1000000000))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.tab_assigned, d)))::text;
            end if;
        when 'booking_seated 1 order' then
            if d @? '$ ? (@."booking_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_seated, d)))::text;
            end if;
        when 'lines_moved 1 order' then
            if d @? '$ ? ((!exists(@."discounts") || @."discounts".size() >= 1 && @."discounts".size() <= 10000 && !(@."discounts"[*].type() != "object") && !exists(@."discounts"[*] ? (!exists(@ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]" && @."line_id" != null && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"))))))
                && (!exists(@."late") || @."late" == true)
                && (!exists(@."line_ids") || @."line_ids".size() >= 1 && @."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string"))
                && (!exists(@."lines") || @."lines".size() >= 1 && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? (@."item_id" != null && @."item_name" != null && @."line_id" != null && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000) && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "object") && !exists(@."modifiers"[*] ? (!exists(@ ? (@."name" != null && @."price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))) && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$" && @."quantity" >= -1000000000 && @."quantity" <= 1000000000 && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? (@."name" != null && @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$")))) && @."till" >= 0 && @."till" <= 1000000000 && (!exists(@."unit_price") || @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))))
                && (!exists(@."paid") || @."paid" == true))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_moved, d)))::text;
            end if;
        when 'feedback_given 1 order' then
            if d @? '$ ? (@."order_id" != null
                && @."score" >= 1 && @."score" <= 5)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.feedback_given, d)))::text;
            end if;
        when 'order_discarded 1 order' then
            if d @? '$ ? (@."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string"))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_discarded, d)))::text;
            end if;
        when 'session_swept 1 order' then
            if d @? '$ ? (@."minutes" >= 0 && @."minutes" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.session_swept, d)))::text;
            end if;
        when 'record_set_aside 1 order' then
            if d @? '$ ? (@."approved_by" >= 0 && @."approved_by" <= 1000000000
                && @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.record_set_aside, d)))::text;
            end if;
        when 'erased 1 order' then
            if d @? '$ ? (@."events".size() <= 10000 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.erased, d)))::text;
            end if;
        when 'conflict_found 1 order' then
            if d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."conflict_id" != null
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."kind" != null
                && @."subject" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.conflict_found, d)))::text;
            end if;
        when 'conflict_resolved 1 order' then
            if d @? '$ ? (@."conflict_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.conflict_resolved, d)))::text;
            end if;
        when 'checkout_started 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.checkout_started, d)))::text;
        when 'payment_declined 1 order' then
            if d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."payment_id" != null
                && @."tender" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_declined, d)))::text;
            end if;
        when 'payment_voided 1 order' then
            if d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."payment_id" != null
                && @."tender" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_voided, d)))::text;
            end if;
        when 'logged_in 1 login' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.logged_in, d)))::text;
            end if;
        when 'logged_out 1 login' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.logged_out, d)))::text;
            end if;
        when 'journal_opened 1 till' then
            if d @? '$ ? (@."host" != null
                && (!exists(@."previous") || exists(@."previous" ? (@."hash" like_regex "^[0-9a-f]{64}$" && @."journal_id" != null && @."seq" >= 0 && @."seq" <= 9223372036854775807))))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.journal_opened, d)))::text;
            end if;
        when 'login_refused 1 till' then
            if d @? '$ ? (@."locked" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.login_refused, d)))::text;
            end if;
        when 'quarantine_resolved 1 till' then
            if d @? '$ ? (@."quarantine" >= 1 && @."quarantine" <= 9223372036854775807)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.quarantine_resolved, d)))::text;
            end if;
        when 'settings_changed 1 till' then
            if d @? '$ ? (exists(@."changes")
                && exists(@."was"))' then
                written := warm.respelt(warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.settings_changed, d)))::text, 'changes', d->'changes', warm.written_anything_by_text(d->'changes', 0, null)), 'was', d->'was', warm.written_anything_by_text(d->'was', 0, null));
            end if;
        when 'till_enrolled 1 till' then
            if d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_enrolled, d)))::text;
            end if;
        when 'till_revoked 1 till' then
            if d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_revoked, d)))::text;
            end if;
        when 'till_adopted 1 till' then
            if d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_adopted, d)))::text;
            end if;
        when 'backlog_taken 1 till' then
            if d @? '$ ? (@."journal_id" != null
                && @."till" >= 0 && @."till" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.backlog_taken, d)))::text;
            end if;
        when 'program_added 1 till' then
            if d @? '$ ? (@."program" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.program_added, d)))::text;
            end if;
        when 'program_revoked 1 till' then
            if d @? '$ ? (@."program" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.program_revoked, d)))::text;
            end if;
        when 'user_added 1 till' then
            if d @? '$ ? (@."role" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_added, d)))::text;
            end if;
        when 'user_disabled 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_disabled, d)))::text;
            end if;
        when 'user_enabled 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_enabled, d)))::text;
            end if;
        when 'user_renamed 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_renamed, d)))::text;
            end if;
        when 'role_set 1 till' then
            if d @? '$ ? (@."role" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.role_set, d)))::text;
            end if;
        when 'user_unlocked 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_unlocked, d)))::text;
            end if;
        when 'pin_set 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.pin_set, d)))::text;
            end if;
        when 'password_set 1 till' then
            if d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.password_set, d)))::text;
            end if;
        when 'customer_added 1 till' then
            if d @? '$ ? (@."customer_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_added, d)))::text;
            end if;
        when 'customer_erased 1 till' then
            if d @? '$ ? (@."customer_id" != null
                && @."events".size() <= 100 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_erased, d)))::text;
            end if;
        when 'table_set 1 till' then
            if d @? '$ ? ((!exists(@."area") || @."area" != "")
                && @."seats" >= 0 && @."seats" <= 1000000000
                && @."table_number" >= 0 && @."table_number" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.table_set, d)))::text;
            end if;
        when 'booking_made 1 till' then
            if d @? '$ ? (@."at" like_regex "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && @."booking_id" != null
                && @."covers" >= 1 && @."covers" <= 1000000000
                && @."minutes" >= 1 && @."minutes" <= 1000000000
                && (!exists(@."table_number") || @."table_number" >= 0 && @."table_number" <= 1000000000))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_made, d)))::text;
            end if;
        when 'booking_cancelled 1 till' then
            if d @? '$ ? (@."booking_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_cancelled, d)))::text;
            end if;
        when 'booking_erased 1 till' then
            if d @? '$ ? (@."booking_id" != null
                && @."events".size() <= 100 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_erased, d)))::text;
            end if;
        when 'menu_imported 1 till' then
            if d @? '$ ? (@."items" >= 0 && @."items" <= 1000000000
                && @."version" >= 0 && @."version" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_imported, d)))::text;
            end if;
        when 'menu_edited 1 till' then
            if d @? '$ ? (exists(@."changes")
                && @."item_id" != null
                && @."version" >= 0 && @."version" <= 1000000000)' then
                written := warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_edited, d)))::text, 'changes', d->'changes', warm.written_anything_by_text(d->'changes', 0, null));
            end if;
        when 'menu_scheduled 1 till' then
            if d @? '$ ? ((!exists(@."hours") || @."hours".size() >= 1 && @."hours".size() <= 50 && !(@."hours"[*].type() != "object") && !exists(@."hours"[*] ? (!exists(@ ? ((!exists(@."days") || @."days".size() >= 1 && @."days".size() <= 7 && !(@."days"[*].type() != "number") && !exists(@."days"[*] ? (!exists(@ ? (@ >= 1 && @ <= 7))))) && @."ends" != null && @."starts" != null)))))
                && @."version" >= 0 && @."version" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_scheduled, d)))::text;
            end if;
        when 'menu_brought_back 1 till' then
            if d @? '$ ? (@."items" >= 0 && @."items" <= 1000000000
                && @."of" >= 0 && @."of" <= 1000000000
                && @."version" >= 0 && @."version" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_brought_back, d)))::text;
            end if;
        when 'item_sold_out 1 till' then
            if d @? '$ ? (@."item_id" != null
                && @."sold_out" != null
                && @."version" >= 0 && @."version" <= 1000000000)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_sold_out, d)))::text;
            end if;
        when 'booking_missed 1 till' then
            if d @? '$ ? (@."booking_id" != null)' then
                written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_missed, d)))::text;
            end if;
        else
            return null;
    end case;
    if d ? 'digests' then
        written := warm.respelt(written, 'digests', d->'digests', warm.written_sha256_by_text(d->'digests', 1, 20));
    end if;
    return written;
end $$;

-- An envelope around its data.
create or replace function warm.written_envelope(e jsonb, p_data text) returns text
language plpgsql stable as $$
begin
    return (
        select row_to_json(w)::text from (
            select warm.time_text(x."at"::timestamptz) as "at", p_data::json as data, x."harmless", x."hold_epoch",
        x."hold_id", x."id", x."journal_id", x."login_session", x."prev_hash", x."seq", x."shift", x."store_id",
        x."stream_id", x."stream_kind", x."till", x."type", x."user", x."v"
            from jsonb_populate_record(null::shape.envelope, e) as x
        ) as w
        where p_data is not null and e @? '$ ? (@."at" like_regex "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && @."harmless" != null
                && @."hold_epoch" >= 0 && @."hold_epoch" <= 1000000000000000
                && (@."hold_id" == null || @."hold_id" < "e677" && @."hold_id" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."id" < "e677" && @."id" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"
                && @."journal_id" != null
                && @."prev_hash" like_regex "^[0-9a-f]{64}$"
                && @."seq" >= 1 && @."seq" <= 9223372036854775807
                && @."store_id" != null
                && @."stream_id" != null
                && @."stream_kind" like_regex "^[a-z][a-z0-9_]{0,62}$"
                && @."till" >= 0 && @."till" <= 1000000000
                && @."type" like_regex "^[a-z][a-z0-9_]{0,62}$"
                && (@."user" == null || @."user" >= 0 && @."user" <= 1000000000)
                && @."v" >= 1 && @."v" <= 9223372036854775807)'
    );
end $$;
