-- The sender of a venue (`till fiscal send`) and the answers of the tax authority. What waits is the stamps less the answers,
-- so nothing is lost when a sender dies: a request that was cut off is sent again, and the authority names what it has
-- (docs/protocol.md, "The sender").

-- The most stamps in a backlog: those of one request.
create or replace function warm.most_backlog() returns integer language sql immutable parallel safe as $$ select 1000 $$;

-- A refusal for a till that is not the sender of its venue, or whose journal is not its live one; null for the sender.
create or replace function warm.not_sender(p_auth warm.auth_context) returns text
language plpgsql stable as $$
declare
    sender constant integer := coalesce((till.venue(p_auth.store_id)->>'fiscal_sender')::integer, 0);
begin
    return case
        when p_auth.retired is not false or p_auth.journal_id is null
            then warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash)
        when sender <> p_auth.till_id then warm.refusal('not_sender', case sender
            when 0 then format('The venue has no sender yet: till admin settings set fiscal_sender %s.', p_auth.till_id)
            else format('Till %s is the sender of the venue. If this machine takes its place: till admin settings set fiscal_sender %s.',
                sender, p_auth.till_id) end, p_auth.seq, p_auth.hash) end;
end $$;

-- A stamp with its fields and its names, as the sender and the export read it.
create or replace function cold.stamp_json(s cold.fiscal_stamps) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'event', s.event_id, 'journal', s.chain, 'till', s.till_id, 'scheme', s.scheme, 'kind', s.kind, 'of', s.of_id,
        'number', s.number, 'previous', s.previous, 'hash', s.hash, 'at', warm.time_text(s.at),
        'fields', (warm.event_by_id(s.store_id, s.event_id)).event_data->'fields',
        'names', coalesce((select cold.names_in(t.text) from warm.texts_of(s.event_id) as t where t.field = 'names'), '{}'));
end $$;

-- The stamps of a venue that the authority did not answer.
create or replace function cold.fiscal_waiting(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select s.* from cold.fiscal_stamps as s
    where s.store_id = p_store and s.state = 'to_send' and not s.answered
$$;

-- The newest record of each invoice that the authority refused or took with errors, if nobody mended it yet.
create or replace function cold.fiscal_troubles(p_store uuid) returns setof cold.fiscal_answers
language sql stable as $$
    select a.* from cold.fiscal_answers as a join cold.fiscal_stamps as s on s.store_id = a.store_id and s.event_id = a.event_id
    where a.store_id = p_store and a.state <> 'accepted' and not exists (
        select from cold.fiscal_stamps as x
        where x.store_id = s.store_id and x.number = s.number and x.state = 'to_send' and x.arrival > s.arrival)
$$;

-- The fault of a stamp that the sender made, as a sentence; null for none. It stamps what no till stamps, annuls and mends: what
-- it names must be a sale, a refund or a stamp of the venue, and the amounts, if it has any, those of it.
create or replace function warm.sender_stamp_fault(p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb) returns text
language plpgsql stable as $$
declare
    v_of constant uuid := (e.data->>'of')::uuid;
    total constant text := e.data->'fields'->>(p_fiscal->'proof'->>'total');
    known numeric;
begin
    known := coalesce(
        (select o.total_amount from cold.orders as o where o.order_id = v_of and o.store_id = p_auth.store_id),
        (select (c.data->>'net')::numeric + (c.data->>'tax')::numeric from till.refund_claims as c
            where c.refund_id = v_of and c.store_id = p_auth.store_id));
    return case
        when e.data->>'scheme' is distinct from p_fiscal->>'scheme' then 'The stamp is not by the law that the venue has set.'
        when e.data->>'chain' is distinct from e.journal_id::text then 'The stamp is in the chain of a journal that is not of its till.'
        when known is null and not exists (
            select from cold.fiscal_stamps as s where s.store_id = p_auth.store_id and s.of_id = v_of)
            then 'The stamp names no sale or refund of the venue.'
        when exists (  -- an annulment names the issuer in a field whose path goes on
            select from jsonb_each_text(p_fiscal->'proof'->'same') as x
            left join jsonb_each_text(e.data->'fields') as f on starts_with(f.key, x.key)
            where f.value is distinct from x.value) then 'The stamp names another issuer than the venue.'
        when known is not null and total is not null and cold.decimal_in(total) is distinct from known
            then 'The amounts of the stamp are not those of its sale or refund.' end;
end $$;

-- True if a stamp of the sender is work of it now, of that kind and number. While no program wrote the law's data, a record without a
-- total annuls.
create or replace function warm.is_sender_work(p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb) returns boolean
language plpgsql stable as $$
declare
    annuls constant boolean := coalesce(
        e.data->>'kind' = till.fiscal_law(p_auth.store_id)->>'annulment', not e.data->'fields' ? (p_fiscal->'proof'->>'total'));
begin
    return exists (
        select from cold.fiscal_work(p_auth.store_id, (e.data->>'of')::uuid) as w
        where e.data->>'number' = coalesce(
                w->'stamp'->>'number', coalesce(p_fiscal->'settings'->>'prefix', '') || (w->>'number'))
            and case w->>'what'
                when 'annul' then annuls when 'correct' then e.data->>'kind' = w->'stamp'->>'kind' else not annuls end);
end $$;

-- The number for a stamp of the sender: that of the receipt, or with the sender's own number behind it if another stamp has it.
create or replace function cold.number_for_sender(p_store uuid, p_receipt text) returns text
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    prefix constant text := coalesce(venue->'fiscal'->'settings'->>'prefix', '');
    tried text := p_receipt;
begin
    for n in 2 .. 100 loop
        exit when not exists (
            select from cold.fiscal_stamps as s
            where s.store_id = p_store and s.number = prefix || tried and s.state <> 'quarantined');
        tried := p_receipt || '/' || (venue->>'fiscal_sender') || case when n > 2 then '-' || n else '' end;
    end loop;
    return tried;
end $$;

-- True if a sale or a refund has a stamp that is sent, or one that waits for a manager.
create or replace function cold.is_stamped(p_store uuid, p_of uuid) returns boolean
language sql stable as $$
    select exists (
        select from cold.fiscal_stamps as s
        where s.store_id = p_store and s.of_id = p_of and (s.state = 'to_send' or s.state = 'waits' and exists (
            select from till.conflicts as c
            where c.store_id = p_store and c.subject = p_of::text and c.kind = 'number_twice' and c.resolved_at is null)))
$$;

-- The buyer that an order names last: {"name", "tax_number", "address"}; null for none.
create or replace function cold.buyer_of(p_session text) returns jsonb
language plpgsql stable as $$
begin
    return (
        select case when t.texts->>'name' <> '' then '{"tax_number": "", "address": ""}' || t.texts end
        from warm.log_of(p_session) as l
        cross join lateral (select jsonb_object_agg(x.field, x.text) as texts from warm.texts_of(l.event_id) as x) as t
        where l.event_type = 'buyer_named' order by l.event_id desc limit 1);
end $$;

-- True if a time is under the law of a venue, which begins with a day of the calendar.
create or replace function till.is_under_law(p_venue jsonb, p_at timestamptz) returns boolean
language sql stable as $$
    select coalesce((p_at at time zone coalesce(p_venue->>'timezone', 'UTC'))::date >= (p_venue->'fiscal'->>'from')::date, false)
$$;

-- The sales and given refunds of a venue under its law that have no stamp to send: the whole look, of which
-- `till.fiscal_unstamped` has the answer at hand.
create or replace function cold.find_unstamped(p_store uuid) returns setof uuid
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    since constant date := (venue->'fiscal'->>'from')::date - 3;  -- the furthest business day of a time (`cold.is_about`)
begin
    return query
    select d.id
    from (
        select o.order_id, o.created_at from cold.orders as o
        where o.store_id = p_store and o.business_date >= since and o.receipt is not null
        union all
        select r.refund_id, r.created_at from cold.refunds as r where r.store_id = p_store and r.business_date >= since
    ) as d (id, at)
    where till.is_under_law(venue, d.at) and not exists (
        select from cold.fiscal_stamps as s where s.store_id = p_store and s.of_id = d.id and s.state = 'to_send');
end $$;

-- Makes the list of the unstamped anew, after a change of the law. Returns the number of its changes.
create or replace function cold.list_unstamped(p_store uuid) returns bigint
language plpgsql as $$
declare
    v_changes bigint;
begin
    with found as materialized (
        select cold.find_unstamped(p_store) as id
    ), gone as (
        delete from till.fiscal_unstamped as u
        where u.store_id = p_store and not exists (select from found as f where f.id = u.of_id)
        returning 1
    ), noted as (
        insert into till.fiscal_unstamped (store_id, of_id) select p_store, f.id from found as f on conflict do nothing returning 1
    )
    select (select count(*) from gone) + (select count(*) from noted) into v_changes;
    return v_changes;
end $$;

-- Notes a sale or a given refund that has no stamp to send at the commit of its push. Its stamp is the next record of its till;
-- of a sale that was quarantined, it is there when that is booked. Runs with the rights of the owner: the commit is the caller's.
create or replace function till.note_unstamped() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    v_of uuid;
begin
    if new.receipt is null or not till.is_under_law(till.venue(new.store_id), new.created_at) then
        return null;
    elsif tg_table_name = 'orders' then
        v_of := new.order_id;
    else
        v_of := new.refund_id;
    end if;
    insert into till.fiscal_unstamped (store_id, of_id)
    select new.store_id, v_of where not exists (
        select from cold.fiscal_stamps as s where s.store_id = new.store_id and s.of_id = v_of and s.state = 'to_send')
    on conflict do nothing;
    return null;
end $$;

do $$
declare
    v_table regclass;
begin
    foreach v_table in array '{cold.orders,cold.refunds}'::regclass[] loop
        if not exists (select from pg_trigger as t where t.tgrelid = v_table and t.tgname = 'notes_unstamped') then
            execute format('create constraint trigger notes_unstamped after insert on %s deferrable initially deferred
                for each row execute function till.note_unstamped()', v_table);
        end if;
    end loop;
end $$;

-- Compares what the sender looks for with the whole look, and puts it right. A difference is a fault of the program: a record
-- tells a manager.
create or replace function cold.compare_sending(p_store uuid) returns void
language plpgsql as $$
declare
    v_different bigint;
begin
    update till.fiscal_senders set compared_at = now() where store_id = p_store;
    perform till.silence_sender(s.store_id, null, s.till_id) from till.fiscal_senders as s where s.store_id = p_store;  -- of before an upgrade
    update cold.fiscal_stamps as s set answered = not s.answered
    where s.store_id = p_store and s.answered <> exists (
        select from cold.fiscal_answers as a where a.store_id = s.store_id and a.event_id = s.event_id);
    get diagnostics v_different = row_count;
    v_different := v_different + cold.list_unstamped(p_store);
    if v_different > 0 then
        insert into warm.quarantine (store_id, till_id, reason, sqlstate)
        values (p_store, 0, format(
            'The lists for the sender of invoice records were wrong in %s places on %s. They are right now: settle this, and report it.',
            v_different, to_char(now() at time zone 'UTC', 'YYYY-MM-DD')), 'TL036')
        on conflict do nothing;
        perform till.tell_tills(p_store, 'sessions');
    end if;
end $$;

-- The work of the sender: sales and refunds that no till stamps, second numbers of a sale, and the mends that a manager asked
-- for. A till stamps in the push of its sale; of a refund it may hear later, so one of a till that is gone or silent counts.
-- With `p_of`, only that of one document.
create or replace function cold.fiscal_work(p_store uuid, p_of uuid default null) returns setof jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    prefix constant text := coalesce(venue->'fiscal'->'settings'->>'prefix', '');
begin
    return query
    select jsonb_build_object(
        'what', 'sale', 'of', o.order_id, 'number', cold.number_for_sender(p_store, o.receipt), 'currency', o.currency,
        'net', o.net::text, 'tax', o.tax::text, 'total', o.total_amount::text, 'taxes', o.taxes, 'buyer', cold.buyer_of(o.session_id))
    from (
        select x.* from till.fiscal_unstamped as u join cold.orders as x on x.order_id = u.of_id
        where u.store_id = p_store and u.of_id = coalesce(p_of, u.of_id) and not cold.is_stamped(p_store, u.of_id)
        order by u.failed_at nulls first, u.noted_at, u.of_id limit 20
    ) as o;
    return query
    select jsonb_build_object(
        'what', 'refund', 'of', c.refund_id, 'number', cold.number_for_sender(p_store, c.receipt), 'currency', c.data->>'currency',
        'net', c.data->>'net', 'tax', c.data->>'tax', 'total', ((c.data->>'net')::numeric + (c.data->>'tax')::numeric)::text,
        'taxes', coalesce(c.data->'taxes', '[]'), 'sold', jsonb_build_object(
            'number', coalesce(s.number, case when till.is_under_law(venue, o.created_at) then prefix else '' end || (c.data->>'sold')), 'kind', coalesce(s.kind, ''), 'at', warm.time_text(coalesce(s.at, o.created_at)),
            'untaxed', cold.has_untaxed(o.taxes, o.total_amount)),
        'buyer', cold.buyer_of(o.session_id))
    from till.fiscal_unstamped as u
    join till.refund_claims as c on c.refund_id = u.of_id
    join cold.orders as o on o.order_id = c.order_id
    join till.tills as t on t.store_id = c.store_id and t.id = c.till_id
    left join lateral (
        select * from cold.fiscal_stamps as x where x.of_id = c.order_id and x.state = 'to_send' order by x.arrival limit 1) as s on true
    where u.store_id = p_store and (t.revoked_at is not null or c.started_at < now() - interval '1 day')
        and u.of_id = coalesce(p_of, u.of_id) and not cold.is_stamped(p_store, u.of_id)
    order by u.failed_at nulls first, u.noted_at, u.of_id limit 20;
    return query
    select jsonb_build_object(
        'what', 'annul', 'of', s.of_id, 'stamp', cold.stamp_json(s),
        'held', not exists (select from cold.fiscal_answers as a where a.store_id = p_store and a.event_id = s.event_id and a.state = 'refused'))
    from cold.void_receipts as v
    join cold.fiscal_stamps as s on s.store_id = p_store and s.number = prefix || v.receipt and s.of_id <> v.order_id and s.state = 'to_send'
    where v.store_id = p_store and s.till_id <> (till.venue(p_store)->>'fiscal_sender')::integer and not exists (
        select from cold.fiscal_stamps as x
        where x.store_id = p_store and x.number = s.number and x.arrival > s.arrival and x.state = 'to_send')
        and s.of_id = coalesce(p_of, s.of_id)
    order by s.arrival limit 20;
    return query
    select jsonb_build_object(
        'what', 'correct', 'of', s.of_id, 'stamp', cold.stamp_json(s), 'unregistered', m.is_unregistered,
        'refused', coalesce((
            select a.state = 'refused' from cold.fiscal_answers as a where a.store_id = p_store and a.event_id = s.event_id), false),
        'held', exists (
            select from cold.fiscal_stamps as x join cold.fiscal_answers as a on a.store_id = p_store and a.event_id = x.event_id
            where x.store_id = p_store and x.number = s.number and a.state <> 'refused'))
    from till.fiscal_mends as m
    cross join lateral (
        select * from cold.fiscal_stamps as x
        where x.store_id = p_store and x.number = m.number and x.state = 'to_send' order by x.arrival desc limit 1) as s
    where m.store_id = p_store and s.arrival = m.arrival and s.of_id = coalesce(p_of, s.of_id) limit 20;
end $$;

-- Puts a record back into the backlog, whose answer a manager does not believe, or lets one go that waits: the newest of a number.
-- Of two stamps with one number the second is not let go while its conflict is open.
-- for: admin, manager
create or replace function till.fiscal_send_v1(p_store uuid, p_actor integer, p_number text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s cold.fiscal_stamps;
    v_state text;
begin
    select x.* into s from cold.fiscal_stamps as x
    where x.store_id = p_store and x.number in (p_number, coalesce(till.venue(p_store)->'fiscal'->'settings'->>'prefix', '') || p_number)
        and (x.state = 'waits' and not exists (
                select from till.conflicts as c
                where c.store_id = p_store and c.kind = 'number_twice' and c.subject = x.of_id::text and c.resolved_at is null)
            or x.state = 'to_send' and x.answered)
    order by x.arrival desc limit 1 for no key update;
    if not found then
        raise exception 'No record of % waits for a manager or has an answer.', left(p_number, 60) using errcode = 'TL004';
    end if;
    delete from cold.fiscal_answers as a where a.store_id = p_store and a.event_id = s.event_id returning a.state into v_state;
    update cold.fiscal_stamps as x set state = 'to_send', answered = false where x.store_id = p_store and x.event_id = s.event_id;
    delete from till.fiscal_unstamped as u where u.store_id = p_store and u.of_id = s.of_id;
    perform warm.settle_record(p_actor, q, 'sent')
    from warm.quarantine as q where q.store_id = p_store and q.event_id = s.event_id and q.sqlstate = 'TL036' and q.resolved_at is null;
    perform warm.admin_event(p_store, p_actor, 'fiscal_send_asked', jsonb_build_object('number', s.number, 'was', coalesce(v_state, s.state)));
    return s.number;
end $$;

-- Holds what a till stamped and what was in no request, when it is revoked: whoever had its secret may have made it. The stamps of
-- a sender are dropped, and made again; the invoices for tickets of a till wait for a manager.
create or replace function cold.hold_unasked(p_store uuid, p_till integer) returns void
language plpgsql as $$
begin
    if (till.venue(p_store)->>'fiscal_sender')::integer = p_till then
        update cold.fiscal_stamps as s set state = 'quarantined'
        where s.store_id = p_store and s.till_id = p_till and s.state = 'to_send' and not s.answered and s.requests = 0;
        perform cold.list_unstamped(p_store);
    end if;
    update cold.fiscal_stamps as s set state = 'waits'
    where s.store_id = p_store and s.till_id = p_till and s.state = 'to_send' and not s.answered and s.requests = 0
        and exists (select from till.invoice_claims as i where i.event_id = s.of_id and i.store_id = p_store);
end $$;

-- The stamps of the invoices for tickets that wait for a manager because their till was revoked.
create or replace function cold.fiscal_held(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select s.* from cold.fiscal_stamps as s join till.invoice_claims as i on i.event_id = s.of_id and i.store_id = s.store_id
    where s.store_id = p_store and s.state = 'waits' and not exists (
        select from till.conflicts as c
        where c.store_id = p_store and c.kind = 'number_twice' and c.subject = s.of_id::text and c.resolved_at is null)
$$;

-- Drops the invoice for a ticket that was in no request and waits for a manager: it is never sent, and its ticket is free for another.
-- for: admin, manager
create or replace function till.fiscal_annul_v1(p_store uuid, p_actor integer, p_number text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
begin
    select h.event_id, h.of_id, h.number, h.till_id, o.order_id, o.session_id into s
    from cold.fiscal_held(p_store) as h
    join till.invoice_claims as i on i.event_id = h.of_id and i.store_id = p_store
    join cold.orders as o on o.order_id = i.order_id
    where h.number in (p_number, coalesce(till.venue(p_store)->'fiscal'->'settings'->>'prefix', '') || p_number);
    if not found then
        raise exception 'No invoice % of a revoked till waits for a manager. Refund the sale of one that was sent.', left(p_number, 60)
            using errcode = 'TL004';
    end if;
    perform warm.server_event_v1(p_store, p_actor, 'refused', s.session_id, jsonb_build_object('events', jsonb_build_array(s.of_id)));
    update cold.fiscal_stamps as x set state = 'quarantined'
    where x.store_id = p_store and x.event_id = s.event_id and x.state = 'waits';
    if not found then
        raise exception 'The record of % is sent now.', s.number using errcode = 'TL004';
    end if;
    update till.invoice_claims as i set event_id = null, number = null where i.store_id = p_store and i.order_id = s.order_id;
    delete from till.invoice_claimers as c where c.store_id = p_store and c.order_id = s.order_id and c.till_id = s.till_id;
    perform warm.admin_event(p_store, p_actor, 'invoice_annulled', jsonb_build_object('number', s.number));
    return s.number;
end $$;

-- The answers of the sender that count, of those that it tells. That the authority has a record already (`repeated`) is believed of
-- one that was in an earlier request, whose answer was lost, or is older than the last restore. Else it has another invoice of this number.
create or replace function cold.read_answers(p_store uuid, p_answers jsonb) returns table (
    stamp cold.fiscal_stamps, state text, code text, words text, is_repeated boolean)
language plpgsql stable as $$
declare
    total constant text := till.venue(p_store)->'fiscal'->'proof'->>'total';
begin
    return query
    select s, case when d.is_other then 'refused' else a->>'state' end, coalesce(a->>'code', ''),
        case when d.is_other then 'The tax authority has another invoice of this number' || coalesce(': ' || (
                select cold.stamp_json(x)->'fields'->>total from cold.fiscal_stamps as x
                where x.store_id = s.store_id and x.number = s.number and x.of_id <> s.of_id and x.requests > 0
                order by x.arrival desc limit 1), ', which is not in this database') || '.'
            else left(coalesce(a->>'words', ''), 1500) end,
        coalesce((a->>'repeated')::boolean, false)
    from jsonb_array_elements(p_answers) as a
    join cold.fiscal_stamps as s on s.event_id = (a->>'event')::uuid and s.store_id = p_store and s.state = 'to_send'
    cross join lateral (
        select coalesce((a->>'repeated')::boolean, false) and s.requests < 2 and (s.at < till.restored_at()) is not true as is_other) as d;
end $$;

-- Keeps in the audit what the sender says of a request, and tells a manager of records whose answer has no request.
create or replace function warm.note_request(
    p_auth warm.auth_context, p_begins boolean, p_numbers text[], p_refused bigint, p_unasked text[], p_receipt text
) returns void
language plpgsql as $$
begin
    if cardinality(p_numbers) > 0 then
        perform warm.admin_event(p_auth.store_id, null, 'fiscal_reported', jsonb_build_object(
            'sender', p_auth.till_id, 'begins', nullif(p_begins, false), 'records', cardinality(p_numbers), 'refused', nullif(p_refused, 0),
            'first', p_numbers[1], 'last', p_numbers[cardinality(p_numbers)], 'receipt', nullif(p_receipt, '')));
    end if;
    if cardinality(p_unasked) > 0 and not exists (
        select from warm.quarantine as q
        where q.store_id = p_auth.store_id and q.till_id = p_auth.till_id and q.sqlstate = 'TL036' and q.event_id is null and q.resolved_at is null)
    then
        insert into warm.quarantine (store_id, journal_id, till_id, reason, sqlstate)
        values (p_auth.store_id, p_auth.journal_id, p_auth.till_id, format(
            'The sender reported answers to records that were in no request, %s of them at %s, the first %s. If the database was not restored then, revoke till %s and send each again: till admin invoices send %s.',
            cardinality(p_unasked), to_char(now() at time zone 'UTC', 'HH24:MI "UTC on" YYYY-MM-DD'), p_unasked[1], p_auth.till_id,
            p_unasked[1]), 'TL036')
        on conflict do nothing;
        perform till.tell_tills(p_auth.store_id, 'sessions');
    end if;
end $$;

-- Asks the sender to mend a record that the authority refused or took with errors. `p_unregistered`: the buyer's number is right,
-- and the authority does not know it.
-- for: admin, manager
create or replace function till.fiscal_mend_v1(p_store uuid, p_actor integer, p_number text, p_unregistered boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s cold.fiscal_stamps;
begin
    select x.* into s
    from cold.fiscal_troubles(p_store) as t join cold.fiscal_stamps as x on x.store_id = t.store_id and x.event_id = t.event_id
    where x.number in (p_number, coalesce(till.venue(p_store)->'fiscal'->'settings'->>'prefix', '') || p_number);
    if not found then
        raise exception 'The tax authority refused no record of %, or it is mended already.', left(p_number, 60) using errcode = 'TL004';
    end if;
    if s.kind is distinct from till.fiscal_law(p_store)->>'annulment' and exists (
        select from cold.fiscal_answers as a
        where a.store_id = p_store and a.event_id = s.event_id and a.state = 'refused' and a.is_repeated)
    then
        raise exception 'The tax authority has another invoice of the number %: no correction helps. Set another `prefix` (till admin settings set fiscal), refund the sale and sell it again, and ask your tax adviser about the other invoice.',
            s.number using errcode = 'TL004';
    end if;
    if p_unregistered and not exists (select from warm.texts_of(s.event_id) as t where t.field = 'names' and t.text <> '') then
        raise exception 'The record of % names no buyer.', s.number using errcode = 'TL004';
    end if;
    insert into till.fiscal_mends as m (store_id, number, arrival, asked_by, is_unregistered)
    values (p_store, s.number, s.arrival, p_actor, p_unregistered)
    on conflict (store_id, number) do update
    set arrival = excluded.arrival, asked_by = excluded.asked_by, is_unregistered = excluded.is_unregistered, asked_at = now();
    perform warm.admin_event(p_store, p_actor, 'fiscal_mend_asked', jsonb_build_object('number', s.number));
    return s.number;
end $$;

-- The backlog of “The sender”: the stamps to send less those that were answered, by arrival, at most 1,000 behind
-- `after`, and the settings of the law. `more` is true if more may follow. Refused with `not_sender` for any other
-- till. `work` is what the sender has to stamp in its own chain. `sale` and `refund` are those that no till stamps: of
-- a program, of a till that is gone, with a stamp that is not true, or with a number that another stamp has. `annul` is
-- for the second number of one sale. `correct` is for a record that a manager asked to mend (`till.fiscal_mend_v1`).
-- The number is that of the receipt; if another stamp has it, the sender's own number stands behind it: `1-000123/95`.
-- Takes `journal`; `work` (true, or left out); `after` (an `arrival`, or left out).
-- Gives {"now", "scheme", "settings", "sent_at", "wait_s", "work", "more", "records": [{"event", "arrival", "journal",
-- "till", "at", "scheme", "kind", "of", "number", "fields", "names", "previous", "hash"}]}.
create or replace function till.fiscal_backlog_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    refused constant text := warm.not_sender(p_auth);
    fiscal constant jsonb := till.venue(p_auth.store_id)->'fiscal';
    s till.fiscal_senders;
    records jsonb;
begin
    if refused is not null then
        return refused::json;
    end if;
    select coalesce(jsonb_agg(cold.stamp_json(w) || jsonb_build_object('arrival', w.arrival) order by w.arrival), '[]') into records
    from (
        select * from cold.fiscal_waiting(p_auth.store_id) as x
        where x.arrival > coalesce((p_request->>'after')::bigint, 0) order by x.arrival limit warm.most_backlog()) as w;
    insert into till.fiscal_senders as x (store_id, till_id, heard_at) values (p_auth.store_id, p_auth.till_id, now())
    on conflict (store_id) do update set till_id = excluded.till_id, heard_at = excluded.heard_at
    returning * into s;
    return json_build_object(
        'ok', true, 'now', warm.time_text(now()), 'scheme', coalesce(fiscal->>'scheme', ''),
        'work', case when (p_request->>'work')::boolean then (
            select coalesce(json_agg(w), '[]') from cold.fiscal_work(p_auth.store_id) as w) else '[]' end,
        'settings', coalesce(fiscal->'settings', '{}'), 'sent_at', warm.time_text(s.sent_at), 'wait_s', s.wait_s,
        'records', records, 'more', jsonb_array_length(records) = warm.most_backlog());
end $$;

-- Keeps the report of “The sender”. `begins` names the records of a request that goes out, `untaken` those that the
-- authority surely did not read; both are in the audit (`fiscal_reported`). `state` is `accepted`, `with_errors` or
-- `refused`; a record that the authority had already is `repeated`, with the state that it has there. That is believed
-- of one that was in an earlier request, or is older than the last restore: else the authority has another invoice of
-- its number. The first answer to a record counts. `receipt` is the authority's mark of a request, `wait_s` the pause
-- that it asks for, `trouble` why it took nothing, `certificate_ends` the end of the certificate. `failed` names what
-- the sender could not stamp, with the reason. Refused with `not_sender` for any other till.
-- Takes `journal`, and some of `begins` and `untaken` (ids of events), `answers` `[{"event", "state", "code", "words",
-- "repeated"}]`, `receipt`, `wait_s`, `trouble`, `failed` `[{"of", "why"}]`, `certificate_ends`.
-- Gives {"ok"}.
create or replace function till.fiscal_answers_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    refused constant text := warm.not_sender(p_auth);
    v_trouble constant text := trim(regexp_replace(p_request->>'trouble', '[[:cntrl:][:space:]]+', ' ', 'g'));
    begun constant uuid[] := array(select jsonb_array_elements_text(coalesce(p_request->'begins', '[]')));
    untaken constant uuid[] := array(select jsonb_array_elements_text(coalesce(p_request->'untaken', '[]')));
    numbers text[];
    unasked text[];
    answers constant jsonb := coalesce(p_request->'answers', '[]');
    v_refused bigint;
begin
    if refused is not null then
        return refused::json;
    end if;
    with kept as (
        update cold.fiscal_stamps as s set requests = s.requests + 1
        where s.store_id = p_auth.store_id and s.event_id = any (begun) and s.state = 'to_send' and not s.answered
        returning s.number, s.arrival
    )
    select array_agg(k.number order by k.arrival) into numbers from kept as k;
    perform warm.note_request(p_auth, true, numbers, 0, null, '');
    with kept as (
        insert into cold.fiscal_answers (event_id, store_id, state, code, words, receipt, is_repeated)
        select (r.stamp).event_id, p_auth.store_id, r.state, r.code, r.words, coalesce(p_request->>'receipt', ''), r.is_repeated
        from cold.read_answers(p_auth.store_id, answers) as r
        on conflict do nothing
        returning event_id, state
    ), settled as (
        update cold.fiscal_stamps as s set answered = true from kept as k
        where s.store_id = p_auth.store_id and s.event_id = k.event_id
        returning s.number, s.arrival, s.requests, k.state
    )
    select array_agg(x.number order by x.arrival), count(*) filter (where x.state = 'refused'),
        array_agg(x.number order by x.arrival) filter (where x.state <> 'refused' and x.requests = 0)
    into numbers, v_refused, unasked
    from settled as x;
    perform warm.note_request(p_auth, false, numbers, v_refused, unasked, p_request->>'receipt');
    update cold.fiscal_stamps as s set requests = s.requests - 1
    where s.store_id = p_auth.store_id and s.event_id = any (untaken) and s.requests > 0;
    update till.fiscal_unstamped as u set failed_at = now(), why = left(f->>'why', 500)
    from jsonb_array_elements(coalesce(p_request->'failed', '[]')) as f
    where u.store_id = p_auth.store_id and u.of_id = (f->>'of')::uuid;
    insert into till.fiscal_senders (store_id, till_id, heard_at) values (p_auth.store_id, p_auth.till_id, now())
    on conflict do nothing;
    update till.fiscal_senders as x set
        heard_at = now(),
        sent_at = case when begun <> '{}' then now() else x.sent_at end,
        wait_s = greatest(least(coalesce((p_request->>'wait_s')::numeric, x.wait_s), 3600), 0),
        certificate_ends = coalesce((p_request->>'certificate_ends')::timestamptz, x.certificate_ends),
        trouble = coalesce(left(v_trouble, 1500), x.trouble),
        trouble_since = case when v_trouble = '' then null when v_trouble <> '' then coalesce(x.trouble_since, now()) else x.trouble_since end
    where x.store_id = p_auth.store_id;
    return json_build_object('ok', true);
end $$;

-- The tills that were not heard since the law was set, in the days around its first one: they sell, and stamp nothing.
create or replace function cold.tills_before_law(p_store uuid) returns integer[]
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    first constant date := (venue->'fiscal'->>'from')::date;
    set_at timestamptz;
begin
    if first is null or till.business_date(p_store, now()) not between first - 1 and first + 7 then
        return '{}';
    end if;
    select max(e."timestamp") into set_at from warm.log as e
    where e.journal_id in (select h.journal_id from warm.journal_head as h where h.store_id = p_store and h.till_id = 0)
        and e.event_type = 'settings_changed' and e.event_data->'keys' ? 'fiscal';
    return array(
        select t.id from till.tills as t
        where t.store_id = p_store and t.revoked_at is null and t.stations is null and t.seen_at < set_at
            and t.id <> coalesce((venue->>'fiscal_sender')::integer, 0)
        order by t.id);
end $$;

-- The state of the sending: {"scheme", "sender", "heard_at", "sent_at", "trouble", "trouble_since", "certificate_ends",
-- "waiting", "since", "accepted", "work", "troubles", "unmade", "holes", "declined", "unsure", "held"}; `held` are invoices of a revoked till that wait for a manager, `work` is the number of stamps that the
-- sender has to make, `unmade` those of them that it could not make, `declined` the refunds of 31 days that have a number and no stamp, `unsure` those of the newest stamps whose clock was not sure.
-- for: admin, manager
create or replace function till.fiscal_status_v1(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.fiscal_senders;
    venue constant jsonb := till.venue(p_store);
begin
    select * into s from till.fiscal_senders as x where x.store_id = p_store;
    return (
        select jsonb_build_object(
            'scheme', coalesce(venue->'fiscal'->>'scheme', ''), 'sender', coalesce((venue->>'fiscal_sender')::integer, 0),
            'heard_at', warm.time_text(s.heard_at), 'sent_at', warm.time_text(s.sent_at), 'trouble', coalesce(s.trouble, ''),
            'trouble_since', warm.time_text(s.trouble_since), 'certificate_ends', warm.time_text(s.certificate_ends),
            'unheard', to_jsonb(cold.tills_before_law(p_store)),
            'held', (
                select coalesce(jsonb_agg(jsonb_build_object('number', h.number, 'till', h.till_id, 'at', warm.time_text(h.at)) order by h.at), '[]')
                from (select * from cold.fiscal_held(p_store) as x order by x.at limit 200) as h),
            'work', (select count(*) from cold.fiscal_work(p_store)), 'waiting', w.n, 'since', warm.time_text(w.since),
            'accepted', (select count(*) from cold.fiscal_answers as a where a.store_id = p_store and a.state <> 'refused'),
            'troubles', (
                select coalesce(jsonb_agg(jsonb_build_object(
                    'number', t.number, 'kind', t.kind, 'till', t.till_id, 'at', warm.time_text(t.at), 'state', t.state,
                    'code', t.code, 'words', t.words) order by t.at), '[]')
                from (
                    select y.number, y.kind, y.till_id, y.at, x.state, x.code, x.words
                    from cold.fiscal_troubles(p_store) as x
                    join cold.fiscal_stamps as y on y.store_id = x.store_id and y.event_id = x.event_id
                    order by y.at limit 200) as t),
            'unmade', (
                select coalesce(jsonb_agg(jsonb_build_object('number', m.number, 'till', m.till_id, 'at', warm.time_text(m.at), 'why', m.why)
                    order by m.at), '[]')
                from (
                    select coalesce(o.receipt, c.receipt) as number, coalesce(o.till_id, c.till_id) as till_id, u.failed_at as at, u.why
                    from till.fiscal_unstamped as u
                    left join cold.orders as o on o.order_id = u.of_id
                    left join till.refund_claims as c on c.refund_id = u.of_id
                    where u.store_id = p_store and u.failed_at is not null order by u.failed_at limit 50) as m
                where m.number is not null),
            'holes', (
                select coalesce(jsonb_agg(jsonb_build_object('number', h.number, 'till', h.till_id, 'at', warm.time_text(h.at)) order by h.at), '[]')
                from (
                    select * from cold.fiscal_stamps as x
                    where x.store_id = p_store and x.state = 'to_send' and x.previous <> '' and not exists (
                        select from cold.fiscal_stamps as y where y.chain = x.chain and y.hash = x.previous)
                    order by x.at limit 50) as h),
            'declined', (
                select coalesce(jsonb_agg(jsonb_build_object('number', d.receipt, 'till', d.till_id, 'at', warm.time_text(d.started_at))
                    order by d.started_at), '[]')
                from (
                    select * from till.refund_claims as x
                    where x.store_id = p_store and x.state = 'declined' and x.started_at > now() - interval '31 days'
                        and till.is_under_law(venue, x.started_at)
                        and not exists (select from cold.fiscal_stamps as y where y.of_id = x.refund_id)
                    order by x.started_at desc limit 50) as d),
            'unsure', (
                select coalesce(jsonb_agg(jsonb_build_object('number', u.number, 'till', u.till_id, 'at', warm.time_text(u.at)) order by u.at), '[]')
                from (
                    select * from cold.fiscal_stamps as x where x.store_id = p_store and x.state = 'to_send'
                    order by x.arrival desc limit 500) as u
                where ((warm.event_by_id(p_store, u.event_id)).event_data->>'unsure')::boolean))
        from (select count(*) as n, min(x.at) as since from cold.fiscal_waiting(p_store) as x) as w
    );
end $$;

-- The records that the sender sends of the invoices around one day of the venue's calendar, with all later ones of their numbers, and the
-- state of each at the authority as the sender told it (`answer`; null for none), for the comparison with the authority's own list.
-- for: admin, manager
create or replace function till.fiscal_day_v1(p_store uuid, p_day date, p_after bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    zone constant text := coalesce(till.venue(p_store)->>'timezone', 'UTC');
begin
    return (
        select coalesce(jsonb_agg(cold.stamp_json(x.s) || jsonb_build_object('arrival', x.arrival, 'answer', x.state) order by x.arrival), '[]')
        from (
            select s, s.arrival, a.state
            from cold.fiscal_stamps as s left join cold.fiscal_answers as a on a.store_id = s.store_id and a.event_id = s.event_id
            where s.store_id = p_store and s.state = 'to_send' and s.arrival > p_after and s.number in (
                select y.number from cold.fiscal_stamps as y
                where y.store_id = p_store and y.at >= (p_day - 1)::timestamp at time zone zone
                    and y.at < (p_day + 2)::timestamp at time zone zone)
            order by s.arrival limit least(p_limit, warm.most_backlog())
        ) as x
    );
end $$;

-- Tells a manager how the authority's own list of a day differs from the records here; once, until it is settled.
-- for: admin, manager
create or replace function till.fiscal_differs_v1(p_store uuid, p_actor integer, p_day date, p_words text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_reason constant text := format('The tax authority''s list of %s differs from the records here: %s.', p_day,
        left(trim(regexp_replace(p_words, '[[:cntrl:][:space:]]+', ' ', 'g')), 1500));
begin
    if exists (
        select from warm.quarantine as q
        where q.store_id = p_store and q.sqlstate = 'TL036' and q.reason = v_reason and q.resolved_at is null)
    then
        return false;
    end if;
    insert into warm.quarantine (store_id, journal_id, till_id, reason, sqlstate)
    select p_store, h.journal_id, 0, v_reason, 'TL036' from warm.journal_head as h where h.store_id = p_store and h.till_id = 0;
    perform till.tell_tills(p_store, 'sessions');
    return true;
end $$;

-- The stamps of some days, by the venue's calendar, for the export: those that are sent, each chain in its order.
-- for: admin, manager
create or replace function till.fiscal_export_v1(p_store uuid, p_from date, p_to date, p_after bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    zone constant text := coalesce(till.venue(p_store)->>'timezone', 'UTC');
begin
    return (
        select coalesce(jsonb_agg(cold.stamp_json(x.s) || jsonb_build_object('arrival', x.arrival) order by x.arrival), '[]')
        from (
            select s, s.arrival from cold.fiscal_stamps as s
            where s.store_id = p_store and s.state = 'to_send' and s.arrival > p_after
                and s.at >= p_from::timestamp at time zone zone and s.at < (p_to + 1)::timestamp at time zone zone
            order by s.arrival limit least(p_limit, warm.most_backlog())
        ) as x
    );
end $$;
