-- Completed orders: how one is placed, and why it never changes again.

-- Places an order: all of its rows in one statement, then the sums. `p_order` is the frozen order of `order_placed`
-- (docs/protocol.md). Refuses, with a sentence that says what differs, an order whose sums do not agree, whose id is
-- there already, or one of whose lines another order has covered.
create or replace function cold.place_order(
    p_store uuid, p_session text, p_user integer, p_till integer, p_event uuid, p_at timestamptz, p_opened timestamptz,
    p_order jsonb, p_source text
) returns void
language plpgsql as $$
declare
    o record;
    found record;
begin
    select * into strict o from jsonb_to_record(p_order) as x (
        order_id uuid, receipt text, business_date date, order_type text, payment_method text, currency text,
        net numeric, tax numeric, rounding numeric, total numeric, tab_id uuid, customer_id uuid, ref text,
        lines jsonb, voids jsonb, taxes jsonb, payments jsonb
    );
    with line as materialized (
        select * from rows from (jsonb_to_recordset(o.lines) as (
            line_ids uuid[], item_id text, item_name text, quantity integer, unit_price numeric, measure text,
            modifiers jsonb, discount numeric, subtotal numeric, net numeric, tax numeric, taxes jsonb
        )) with ordinality as l (
            line_ids, item_id, item_name, quantity, unit_price, measure, modifiers, discount, subtotal, net, tax,
            taxes, position
        )
    ), item as (
        insert into cold.order_item
        select o.order_id, l.position, l.item_id, l.item_name, l.quantity, l.unit_price, l.subtotal, l.net, l.tax,
            coalesce(l.discount, 0), coalesce(l.taxes, '[]'), coalesce(l.modifiers, '[]'), l.measure, l.line_ids, p_store
        from line as l
        returning subtotal, net, tax
    ), covered as (
        insert into cold.order_line (line_id, order_id, store_id)
        select id, o.order_id, p_store from line as l, unnest(l.line_ids) as id
    ), payment as (
        insert into cold.order_payment (order_id, position, is_change, payment_id, tender, amount, store_id)
        select o.order_id, p.position, part.is_change, p.payment_id,
            case when part.is_change then 'CASH' else p.tender end, part.amount, p_store
        from rows from (jsonb_to_recordset(o.payments) as (
            payment_id uuid, tender text, amount numeric, change numeric
        )) with ordinality as p (payment_id, tender, amount, change, position)
        cross join lateral (
            values (false, p.amount + coalesce(p.change, 0)), (true, -p.change)
        ) as part (is_change, amount)
        where not part.is_change or part.amount <> 0
        returning amount
    ), history as (
        insert into cold.order_status_history (order_id, position, status, changed_at, user_id, till_id, store_id)
        values (o.order_id, 1, 'active', coalesce(p_opened, p_at), p_user, p_till, p_store),
            (o.order_id, 2, 'completed', p_at, p_user, p_till, p_store)
    ), placed as (
        insert into cold.orders
        values (
            o.order_id, p_session, o.customer_id,
            (select order_type_id from cold.order_type_table
                where order_type_name = o.order_type and (store_id is null or store_id = p_store)
                order by store_id nulls last limit 1),
            (select order_source_id from cold.order_source_type where source_name = p_source and store_id is null),
            o.order_type, o.payment_method, o.total, o.net, o.tax, coalesce(o.rounding, 0), o.currency, o.receipt,
            o.business_date, coalesce(o.taxes, '[]'), coalesce(o.voids, '[]'), p_user, p_till, o.tab_id, o.ref,
            p_event, p_store, p_at
        )
    )
    select
        (select coalesce(sum(subtotal), 0) from item) as subtotal,
        (select coalesce(sum(net), 0) from item) as net,
        (select coalesce(sum(tax), 0) from item) as tax,
        (select count(*) from item where subtotal is distinct from net + tax) as uneven,
        (select coalesce(sum(amount), 0) from payment) as paid,
        (select coalesce(sum(t.tax), 0) from jsonb_to_recordset(coalesce(o.taxes, '[]')) as t (tax numeric)) as taxed
    into strict found;
    if o.total is distinct from o.net + o.tax or o.total <> found.subtotal or o.net <> found.net
        or o.tax <> found.tax or o.tax <> found.taxed or found.uneven > 0 then
        raise exception 'The total % does not add up: lines % (net %, tax %), net %, tax %, taxes %.',
            o.total, found.subtotal, found.net, found.tax, o.net, o.tax, found.taxed
            using errcode = 'TL001';
    end if;
    if found.paid is distinct from o.total + coalesce(o.rounding, 0) then
        raise exception 'The payments come to %, but the order to %.', found.paid, o.total + coalesce(o.rounding, 0)
            using errcode = 'TL001';
    end if;
end $$;

-- The sentence that a person reads for what the database refused of an order.
create or replace function cold.refusal(p_state text, p_constraint text, p_message text) returns text
language plpgsql immutable as $$
begin
    return case
        when p_state = 'TL002' or p_constraint = 'orders_pkey' then 'This order was placed before.'
        when p_constraint = 'order_line_pkey'
            then 'Lines of this order were paid for before. The money is kept: a manager settles it.'
        else p_message
    end;
end $$;

create or replace function cold.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order never changes: % of %.% is refused. A correction is a new document.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

-- STABLE, so that it looks with the eyes of the statement that fired it: the one that places an order writes the
-- order and its children at once, and must not see its own order as one that stands already.
create or replace function cold.refuse_late_child() returns trigger
language plpgsql stable as $$
begin
    if exists (select from cold.orders as o where o.order_id = new.order_id) then
        raise exception 'A completed order takes nothing more: insert into %.% is refused. A correction is a new document.',
            tg_table_schema, tg_table_name
            using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
    end if;
    return new;
end $$;

-- Nothing alters an event. It leaves the log only when it stands in the audit as it was: looked up by its key, for a plan that
-- was made while the table of a new month was empty would read all of it, for each event.
create or replace function warm.refuse_change() returns trigger
language plpgsql set enable_seqscan = off as $$
begin
    if tg_op = 'DELETE' and tg_table_schema = 'warm' and tg_table_name = 'session_events' then
        if exists (
            select from cold.order_audit as a
            where a.event_id = old.event_id and a.received_at = old.received_at and a.hash = old.hash and a.body = old.body
        ) then
            return old;
        end if;
    elsif tg_op = 'DELETE' and tg_table_schema = 'warm' and tg_table_name = 'event_links' then
        if exists (
            select from cold.order_audit_links as a
            where a.journal_id = old.journal_id and a.seq = old.seq and a.hash = old.hash
        ) then
            return old;
        end if;
    end if;
    raise exception 'An event never changes: % of %.% is refused. What was wrong is set right by another event.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002';
end $$;

-- What was paid for stays so: no other status follows.
create or replace function till.refuse_reopening() returns trigger
language plpgsql as $$
begin
    raise exception 'A completed order session stays completed. A correction is a new document.'
        using errcode = 'TL002', hint = 'Make a refund or a new order that names the old one.';
end $$;

create or replace trigger stays_completed before update of status on till.order_sessions
    for each row when (old.status = 'completed' and new.status is distinct from 'completed')
    execute function till.refuse_reopening();
alter table till.order_sessions enable always trigger stays_completed;

do $$
declare
    child text;
begin
    foreach child in array array['orders', 'order_item', 'order_line', 'order_payment', 'order_status_history'] loop
        execute format(
            'create or replace trigger never_changes before update or delete on cold.%1$I
                for each row execute function cold.refuse_change();
            create or replace trigger never_emptied before truncate on cold.%1$I
                for each statement execute function cold.refuse_change();
            alter table cold.%1$I enable always trigger never_changes;
            alter table cold.%1$I enable always trigger never_emptied', child);
        if child <> 'orders' then
            execute format(
                'create or replace trigger nothing_late before insert on cold.%1$I
                    for each row execute function cold.refuse_late_child();
                alter table cold.%1$I enable always trigger nothing_late', child);
        end if;
    end loop;
    foreach child in array array['session_events', 'event_links'] loop
        execute format(
            'create or replace trigger never_changes before update or delete on warm.%1$I
                for each row execute function warm.refuse_change();
            create or replace trigger never_emptied before truncate on warm.%1$I
                for each statement execute function warm.refuse_change();
            alter table warm.%1$I enable always trigger never_changes;
            alter table warm.%1$I enable always trigger never_emptied', child);
    end loop;
end $$;
