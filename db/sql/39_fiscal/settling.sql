-- Acts of a manager on records: send again, annul, mend, and tell of a difference.

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
