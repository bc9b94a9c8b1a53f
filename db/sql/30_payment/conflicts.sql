-- Conflicts about money. The server finds them, and only a manager can settle them.

-- Keeps a conflict. Status lights count it, and lists show it.
create or replace function warm.on_conflict_found(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if e.data->>'kind' = 'money_without_order' then
        perform warm.settle_unanswered(p_auth, e, e.data->>'subject', 'The payment was taken, without an order.');
    end if;
    insert into till.conflicts (
        id, store_id, session_id, kind, subject, amount, currency, found_by, till_id, found_at, event_id
    )
    values (
        (e.data->>'conflict_id')::uuid, e.store_id, e.session_id, e.data->>'kind', e.data->>'subject',
        (e.data->>'amount')::numeric, e.data->>'currency', e.till_id, coalesce((e.data->>'till')::integer, 0), e.at, e.event_id
    )
    on conflict (store_id, kind, subject) do update set amount = excluded.amount where till.conflicts.id = excluded.id;
    perform till.tell_tills(e.store_id, 'sessions');
    return true;
end $$;

-- Marks a conflict as settled, and settles its notices.
create or replace function warm.on_conflict_resolved(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    update till.conflicts as c
    set resolved_at = e.at, resolved_by = e.user_id, how = coalesce(e.texts->'how'->>'text', '')
    where c.id = (e.data->>'conflict_id')::uuid and c.store_id = e.store_id and c.resolved_at is null;
    perform till.answer_notices(e.store_id, e.session_id, e.data->>'conflict_id');
    perform till.tell_tills(e.store_id, 'sessions');
    return true;
end $$;

-- Tells a manager of money that a till gave back although another till took it: a PIN at that till is behind it, if
-- anything is. It counts, and its order waits for that money again.
create or replace function warm.flag_given_back(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    taker constant integer := (
        select l.till_id from warm.log_of(e.session_id) as l
        where l.event_type in ('payment_started', 'payment_approved') and l.till_id > 0
            and l.event_data->>'payment_id' = e.data->>'payment_id'
        order by l.event_type, l.version limit 1);  -- another till may have asked for the outcome: it took the money
begin
    if p_auth.till_id > 0 and taker <> e.till_id and not warm.is_server_tender(e.data->>'tender') then
        perform warm.quarantine_event(p_auth, null, e, format(
            'Till %s gave back a payment that till %s took. It counts. If nobody got the money, take it again on till %s.',
            e.till_id, taker, e.till_id), 'TL028');
    end if;
end $$;

-- Closes the conflicts of a payment that no order lists, or that was charged too much, once all of it was refunded at a
-- till. Releases its reserved amounts.
create or replace function warm.on_payment_voided(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_auth.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', 'The payment was refunded.'))
    from till.conflicts as c
    where c.store_id = p_auth.store_id and c.kind in ('money_without_order', 'charged_otherwise', 'no_answer')
        and c.subject = e.data->>'payment_id' and c.resolved_at is null and c.session_id = e.session_id
        and exists (select from warm.log_of(e.session_id) as x where x.event_id = e.event_id);
    perform warm.apply_to_values(p_auth, e);
    perform warm.flag_given_back(p_auth, e);
    return true;
end $$;

-- Closes the conflicts of payments that arrived before their order, when the order is placed. True if there was one.
create or replace function warm.settle_listed(p_auth warm.auth_context, p_session text, p_placed jsonb) returns boolean
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_auth.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', 'The payment is on receipt ' || coalesce(p_placed->>'receipt', '?') || '.'))
    from till.conflicts as c
    where c.store_id = p_auth.store_id and c.kind in ('money_without_order', 'no_answer') and c.resolved_at is null
        and c.session_id = p_session
        and c.subject in (select p->>'payment_id' from jsonb_array_elements(p_placed->'payments') as p);
    return found;
end $$;

-- An amount as text for a record: in whole coins, and within the limit of amounts.
create or replace function cold.amount_text(p_amount numeric, p_currency text) returns text
language plpgsql immutable as $$
begin
    return round(greatest(-1e15 + 1, least(1e15 - 1, coalesce(p_amount, 0))), cold.decimals_of(p_currency))::text;
end $$;

-- Opens a conflict and returns its id. If the conflict exists and is open, it is recorded again with the greater
-- amount, because after a restore the lines of another sale arrive batch by batch. If too many conflicts of the till
-- are open, the finding is quarantined instead, and null is returned. The amounts are from refused records, which may
-- be wrong.
create or replace function warm.find_conflict(
    p_auth warm.auth_context, p_session text, p_kind text, p_order text, p_amount numeric, p_currency text
) returns uuid
language plpgsql as $$
declare
    known till.conflicts;
    v_conflict uuid;
begin
    select * into known from till.conflicts as c
    where c.store_id = p_auth.store_id and c.kind = p_kind and c.subject = p_order;
    if known.resolved_at is not null or known.amount >= cold.amount_text(p_amount, p_currency)::numeric then
        return known.id;
    elsif known.id is null and warm.has_too_many_conflicts(p_auth.store_id, p_auth.till_id) then
        insert into warm.quarantine (store_id, session_id, journal_id, till_id, reason, sqlstate, amount)
        values (
            p_auth.store_id, p_session, p_auth.journal_id, p_auth.till_id,
            format('Too many conflicts of this till are waiting: %s, %s.', p_kind, p_order), 'TL018', p_amount)
        on conflict do nothing;
        return null;
    end if;
    v_conflict := coalesce(known.id, gen_random_uuid());
    perform warm.server_event_v1(p_auth.store_id, null, 'conflict_found', p_session, jsonb_build_object(
        'conflict_id', v_conflict, 'kind', p_kind, 'subject', p_order, 'amount', cold.amount_text(p_amount, p_currency),
        'currency', p_currency, 'till', nullif(p_auth.till_id, 0)));
    return v_conflict;
end $$;

-- Opens a conflict for each unanswered request of a revoked till, because no till asks about it any more. Covers
-- payments of ended orders only: the till that takes over an open order asks about its payments. With `p_session`,
-- covers only that order.
create or replace function warm.flag_unanswered(p_store uuid, p_session text default null) returns void
language plpgsql as $$
declare
    auth warm.auth_context;
begin
    auth.store_id := p_store;
    perform warm.find_conflict(auth, x.session, 'no_answer', x.subject, x.amount, x.currency)
    from (
        select o.session_id as session, c.refund_id::text as subject, -c.amount as amount, o.currency
        from till.refund_claims as c
        join cold.orders as o on o.order_id = c.order_id
        join till.tills as t on t.store_id = c.store_id and t.id = c.till_id
        where p_session is null
            and c.store_id = p_store and c.state in ('reserved', 'unknown') and t.revoked_at is not null
        union all
        select s.id, e.event_data->>'payment_id', (e.event_data->>'amount')::numeric, s.currency
        from till.order_sessions as s
        join warm.session_events as e on e.session_id = s.id and e.version is not null and e.event_type = 'payment_started'
        where (p_session is null or s.id = p_session)
            and s.store_id = p_store and s.status in ('completed', 'discarded')
            and not warm.is_server_tender(e.event_data->>'tender')
            and not exists (
                select from warm.session_events as y
                where y.session_id = s.id and y.version is not null
                    and y.event_type = any (warm.kinds_answering())
                    and y.event_data->>'payment_id' = e.event_data->>'payment_id')
            and not exists (  -- the till that started the payment asks about it, and so does the last till that took the order
                select from till.tills as t
                where t.store_id = p_store and t.revoked_at is null and t.id in (e.till_id, (
                    select warm.holder_by(y.event_type, y.till_id, y.event_data) from warm.session_events as y
                    where y.session_id = s.id and y.version is not null and y.event_type = any (warm.kinds_that_take())
                    order by y.hold_id desc limit 1)))
    ) as x
    order by x.session collate "C";
end $$;

-- Releases the reserved amounts of a cleared order and settles its notices. If the server cleared an order of a revoked
-- till, its unanswered payments become conflicts.
create or replace function warm.on_order_discarded(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    perform warm.apply_to_values(p_auth, e);
    perform till.answer_notices(p_auth.store_id, e.session_id);
    if p_auth.till_id = 0 then
        perform warm.flag_unanswered(t.store_id, s.id)
        from till.order_sessions as s join till.tills as t on t.store_id = s.store_id and t.id = s.hold_till
        where s.id = e.session_id and t.revoked_at is not null;
    end if;
    return false;
end $$;

-- Settles a `no_answer` conflict once the answer arrives, from another machine with the number of the till or from the
-- till itself. True if there was one.
create or replace function warm.settle_unanswered(p_auth warm.auth_context, e warm.incoming_event, p_subject text, p_how text) returns boolean
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_auth.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', p_how))
    from till.conflicts as c
    where c.store_id = p_auth.store_id and c.kind = 'no_answer' and c.subject = p_subject
        and c.resolved_at is null
        and (e.session_id is null or c.session_id = e.session_id and exists (
            select from warm.log_of(e.session_id) as x where x.event_id = e.event_id));
    return found;
end $$;

-- The part of a sale that another sale also has: lines that the other sale listed first, and lines cut from those
-- without its knowledge. If these are free, the payments that this sale did not take itself. Null for none.
create or replace function warm.contested_of(o cold.orders) returns numeric
language plpgsql stable as $$
declare
    placed constant jsonb := (select x.event_data from warm.log_of(o.session_id) as x where x.event_id = o.event_id);
    part numeric;
    charged numeric;  -- the part of it that bears the service charge
begin
    with recursive listed (line_id, subtotal, uncharged) as (
        select l.id::uuid, r.subtotal * l.pieces::numeric / nullif(r.quantity, 0), coalesce(r.uncharged, false)
        from jsonb_to_recordset(placed->'lines') as r (
                line_ids jsonb, line_quantities jsonb, quantity numeric, subtotal numeric, uncharged boolean),
            rows from (jsonb_array_elements_text(r.line_ids), jsonb_array_elements_text(r.line_quantities)) as l (id, pieces)
    ), above (line_id, ancestor) as (
        select l.line_id, l.line_id from listed as l
        union all
        select a.line_id, c.parent_id
        from above as a join warm.every_content as c on c.content_id = a.ancestor where c.parent_id is not null
    )
    select sum(l.subtotal), sum(l.subtotal) filter (where not l.uncharged) into part, charged from listed as l
    where exists (
        select from above as a join cold.order_line as x on x.line_id = a.ancestor join cold.orders as y on y.order_id = x.order_id
        where a.line_id = l.line_id and y.order_id <> o.order_id and (a.ancestor = l.line_id or exists (
            select from warm.cut_unknown(y.session_id) as c where c.end_id = y.event_id and c.line_id = l.line_id)));
    return nullif(coalesce(
        round(nullif(part, 0) + coalesce(o.service_charge * charged / nullif((
            select sum(r.subtotal) from jsonb_to_recordset(placed->'lines') as r (subtotal numeric, uncharged boolean)
            where r.uncharged is not true), 0), 0), cold.decimals_of(o.currency)),
        o.total_amount + o.rounding - (select coalesce(sum(p.amount - p.tip), 0) from cold.order_payment as p where p.order_id = o.order_id)), 0);
end $$;

-- Opens a conflict for each sale that lists a part of another sale. Checks the sales of an order, and of lines that
-- were cut without its knowledge. True if there is one.
create or replace function warm.flag_sold_twice(p_auth warm.auth_context, p_session text) returns boolean
language plpgsql as $$
begin
    perform warm.find_conflict(p_auth, x.session_id, 'sold_twice', x.order_id::text, x.contested, x.currency)
    from (
        select o.*, warm.contested_of(o) as contested from cold.orders as o
        where o.session_id = p_session or o.order_id in (
            select l.order_id from warm.cut_unknown(p_session) as c join cold.order_line as l on l.line_id = c.line_id)
        order by o.session_id collate "C", o.event_id
    ) as x
    where x.contested is not null;
    return found;
end $$;

-- Checks the orders that a push placed. Two receipts with one number are a conflict: a journal was restored on its
-- machine and continued without its last sales. Both orders count. True if anything waits for a manager, or no longer
-- does; the till learns of it with its next poll. Orders that are not doubtful, the usual case, run no query.
create or replace function warm.flag_sales(p_auth warm.auth_context, p_events warm.incoming_event[], p_stands warm.hold_state[])
returns boolean
language plpgsql as $$
declare
    e warm.incoming_event;
    s warm.hold_state;
    o cold.orders;
    doubtful boolean := false;
    flagged boolean := false;
begin
    foreach s in array p_stands loop
        doubtful := doubtful or s.doubtful or s.quarantined;
        flagged := flagged or s.quarantined and s.store_id = p_auth.store_id;
    end loop;
    foreach e in array case when doubtful then p_events else '{}' end loop
        continue when e.event_type <> 'order_placed';
        flagged := warm.settle_listed(p_auth, e.session_id, e.data) or flagged;
        select * into o from cold.orders as x
        where x.order_id = (e.data->>'order_id')::uuid and x.store_id = p_auth.store_id and x.event_id = e.event_id;
        continue when not found;
        flagged := warm.flag_doubtful_sale(p_auth, e) or flagged;
        if exists (
            select from cold.orders as y where y.store_id = o.store_id and y.receipt = o.receipt and y.order_id <> o.order_id)
        then
            flagged := true;
            perform warm.find_conflict(p_auth, o.session_id, 'number_twice', o.order_id::text, o.total_amount, o.currency);
        end if;
    end loop;
    return flagged;
end $$;

-- Counts the conflicts and the quarantined records of a store that wait for a manager, each up to a limit.
create or replace function warm.count_waiting(p_auth warm.auth_context) returns warm.auth_context
language plpgsql stable as $$
begin
    p_auth.conflicts := (select count(*) from (
        select from till.conflicts as c
        where c.store_id = p_auth.store_id and c.resolved_at is null limit warm.most_open()) as c);
    p_auth.records := (select count(*) from (
        select from warm.quarantine as q
        where q.store_id = p_auth.store_id and q.resolved_at is null limit warm.most_open()) as q);
    return p_auth;
end $$;

-- The receipts of the sales in a conflict, the first sale first, so that a manager can compare them. Includes the
-- sales of its order, of its line (which may have been paid for in another order), and of each line that one of these
-- sales lists or that such a line was cut from. The number of its refund comes last. `limit 1` makes the planner look
-- up each line by its key; without it the planner would read all orders. The lines are an array: of a recursive query the planner
-- expects so many that its hash tables alone take 17 MB, which the connection keeps.
create or replace function till.receipts_of(c till.conflicts) returns json
language plpgsql stable as $$
declare
    own constant warm.session_events[] := array(
        select x from warm.log_of(c.session_id) as x where x.store_id = c.store_id and x.event_type = 'order_placed');
    lines uuid[] := array_remove(array(
        select warm.as_uuid(id #>> '{}')
        from unnest(own) as o cross join lateral jsonb_path_query(o.event_data, '$.lines[*].line_ids[*]') as id
    ) || warm.as_uuid(c.subject), null);
    cut_from uuid[] := lines;
begin
    loop
        cut_from := array(
            select distinct x.parent_id from unnest(cut_from) as l (id) join warm.every_content as x on x.content_id = l.id
            where x.parent_id <> all (lines));
        exit when cardinality(cut_from) = 0;
        lines := lines || cut_from;
    end loop;
    return (
        with sold as (
            select o.event_id, o.event_data->>'receipt' as receipt from unnest(own) as o
            union
            select y.event_id, y.receipt
            from unnest(lines) as line (id)
            cross join lateral (
                select x.order_id from cold.order_line as x
                where x.line_id = line.id limit 1
            ) as l
            cross join lateral (select x.event_id, x.receipt from cold.orders as x where x.order_id = l.order_id limit 1) as y
            union
            select 'ffffffff-ffff-7fff-bfff-ffffffffffff', r.receipt from till.refund_claims as r
            where r.refund_id = warm.as_uuid(c.subject) and r.store_id = c.store_id
        )
        select coalesce(json_agg(s.receipt order by s.event_id), '[]') from sold as s where s.receipt is not null
    );
end $$;

-- True if a conflict is about a refund.
create or replace function warm.is_about_refund(c till.conflicts) returns boolean
language sql stable as $$
    select exists (select from till.refund_claims as r where r.refund_id = warm.as_uuid(c.subject) and r.store_id = c.store_id)
$$;

-- For a conflict about a number that was used twice: the orders of the other sales, or of the other refunds, with that
-- number, the first sale first.
create or replace function till.same_receipt(c till.conflicts) returns json
language plpgsql stable as $$
begin
    if c.kind <> 'number_twice' then
        return '[]';
    elsif warm.is_about_refund(c) then
        return (
            select coalesce(json_agg(y.session_id order by r.event_id), '[]')
            from till.refund_claims as o
            join till.refund_claims as r on r.store_id = o.store_id and r.receipt = o.receipt
                and r.refund_id <> o.refund_id and r.state = 'approved'
            join cold.orders as y on y.order_id = r.order_id
            where o.refund_id = warm.as_uuid(c.subject) and o.store_id = c.store_id
                and y.session_id is distinct from c.session_id);
    end if;
    return (
        select coalesce(json_agg(y.session_id order by y.event_id), '[]')
        from (
            select o.order_id, o.receipt from cold.orders as o
            where o.session_id = c.session_id and o.store_id = c.store_id
                and o.order_id::text = c.subject
            limit 1
        ) as x
        join cold.orders as y on y.store_id = c.store_id and y.receipt = x.receipt and y.order_id <> x.order_id
        where y.session_id is not null
    );
end $$;

-- A conflict for the lists of tills.
create or replace function till.conflict_row(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'conflict', c.id, 'session', warm.stream_of(c.session_id), 'kind', c.kind, 'subject', c.subject,
        'amount', coalesce(c.amount, 0)::text,
        'currency', coalesce(c.currency, (select v.currency from till.stores as v where v.store_id = c.store_id)),
        'user', coalesce((select s.user_id from warm.every_session as s where s.id = c.session_id), 0),
        'till', c.found_by, 'till_id', c.till_id,
        'till_name', (select t.name from till.tills as t where t.store_id = c.store_id and t.id = c.found_by),
        'found_at', warm.time_text(c.found_at), 'resolved_at', warm.time_text(c.resolved_at),
        'resolved_by', c.resolved_by, 'how', c.how, 'receipts', till.receipts_of(c), 'also', till.same_receipt(c)
    );
end $$;

-- Settles a conflict; person, time and text are recorded in the server's chain. Of two concurrent calls the second is
-- refused. The conflict is locked after its session, in the order in which a push locks them. For a refund of a revoked
-- till the manager says if it was refunded, and that answer counts.
-- for: admin, manager
create or replace function till.conflict_resolve_v1(p_store uuid, p_actor integer, p_conflict uuid, p_how text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    c till.conflicts;
begin
    perform from till.order_sessions as s
    where s.id = (select x.session_id from till.conflicts as x where x.id = p_conflict) for no key update;
    select * into c from till.conflicts where id = p_conflict and store_id = p_store for update;
    if not found then
        raise exception 'There is no conflict %.', p_conflict using errcode = 'TL004';
    elsif c.resolved_at is not null then
        raise exception 'The conflict is already settled: %', coalesce(nullif(c.how, ''), 'nothing was noted.')
            using errcode = 'TL005';
    elsif coalesce(btrim(p_how), '') = '' then
        raise exception 'Describe how it was settled.' using errcode = 'TL006';
    elsif c.kind = 'no_answer' and warm.is_about_refund(c) and lower(btrim(p_how)) not in ('given', 'not given') then
        raise exception 'Type “given” or “not given”.' using errcode = 'TL006';
    end if;
    perform warm.server_event_v1(
        p_store, p_actor, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', p_how));
    if c.kind = 'no_answer' then
        perform warm.resolve_unanswered_refund(p_store, p_actor, warm.as_uuid(c.subject), lower(btrim(p_how)) = 'given');
    end if;
    select * into c from till.conflicts where id = p_conflict;
    return till.conflict_row(c);
end $$;
