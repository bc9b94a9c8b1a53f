-- What only a person can settle about money: found by tills and by the server, settled by a manager.

-- What a line or an order was paid for is too much or too little, never both: the other of these two.
create or replace function warm.other_way(p_kind text) returns text
language sql immutable as $$
    select case p_kind when 'paid_for_more' then 'paid_for_less' when 'paid_for_less' then 'paid_for_more' end
$$;

-- What the database alone finds. A till that says so would hide what is found later, or have a manager answer for a refund that its
-- own till still asks after.
create or replace function warm.is_found_here(p_kind text) returns boolean
language sql immutable as $$
    select p_kind in (
        'receipt_twice', 'refund_twice', 'refunded_beyond', 'refund_contradicted', 'tender_twice', 'refund_left',
        'payment_left', 'payment_from_nowhere')
$$;

-- Does what an event of a conflict says. One that does not read is put aside by itself.
create or replace function warm.apply_conflict(p_door warm.door, e warm.arrival) returns void
language plpgsql as $$
declare
    said text;
begin
    if e.event_type = 'conflict_resolved' then
        update till.conflicts as c
        set resolved_at = e.at, resolved_by = e.user_id, how = coalesce(e.texts->'how'->>'text', '')
        where c.id = (e.data->>'conflict_id')::uuid and c.store_id = e.store_id and c.resolved_at is null;
        -- the record behind it is settled by the same word
        perform warm.settle_record(e.user_id, q, coalesce(e.texts->'how'->>'text', ''))
        from warm.quarantine as q
        where q.conflict_id = (e.data->>'conflict_id')::uuid and q.store_id = e.store_id and q.resolved_at is null;
    elsif e.event_type = 'quarantine_resolved' then
        perform warm.settle_record(e.user_id, q, coalesce(e.texts->'how'->>'text', ''))
        from warm.quarantine as q
        where q.id = (e.data->>'quarantine')::bigint and q.store_id = e.store_id and q.resolved_at is null;
    elsif e.data->>'kind' = 'payment_without_order' and exists (
        select from cold.order_payment as p
        where p.payment_id = warm.as_uuid(e.data->>'subject') and not p.is_change)
    then
        null;  -- the order that it is for has come meanwhile
    elsif e.data->>'kind' = 'payment_without_order' and exists (
        select from warm.log_of(e.session_id) as x
        where x.event_type = 'order_placed'
            and x.event_data->'payments' @> jsonb_build_array(jsonb_build_object('payment_id', e.data->'subject')))
    then
        null;  -- it stands on a sale that waits before the manager itself
    elsif e.data->>'kind' in ('payment_without_order', 'charged_more') and exists (
        select from warm.log_of(e.session_id) as x
        where x.event_type = 'payment_voided' and x.event_data->>'payment_id' = e.data->>'subject')
    then
        null;  -- all of it was given back meanwhile
    elsif scale((e.data->>'amount')::numeric) > cold.decimals_of(e.data->>'currency') then
        raise exception 'Its amount is smaller than the coin of its currency.' using errcode = 'TL001';
    elsif e.till_id > 0 and warm.is_found_here(e.data->>'kind') then
        raise exception 'The database alone finds that.' using errcode = 'TL001';
    elsif exists (
        select from till.conflicts as c
        where c.store_id = e.store_id and c.kind = warm.other_way(e.data->>'kind') and c.subject = e.data->>'subject'
            and c.event_id > e.event_id)
    then
        null;  -- who knew more has found it the other way round
    elsif e.till_id = 0 or e.data->>'kind' <> 'paid_twice' then  -- that the server finds by itself (warm.flag_sales)
        if e.data->>'kind' = 'payment_without_order' then
            perform warm.settle_left(p_door, e, e.data->>'subject', 'It was taken: money without an order.');
        end if;
        perform warm.server_event_v1(
            p_door.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
            jsonb_build_object('how', 'Who knew more found it the other way round.'))
        from till.conflicts as c
        where c.store_id = e.store_id and c.kind = warm.other_way(e.data->>'kind') and c.subject = e.data->>'subject'
            and c.resolved_at is null
            and not exists (  -- else neither of the two would wait
                select from till.conflicts as x
                where x.store_id = e.store_id and x.kind = e.data->>'kind' and x.subject = e.data->>'subject'
                    and x.resolved_at is not null);
        -- who knew less may have found less: the newest finding tells, as it does on the tills
        update till.conflicts as c set amount = (e.data->>'amount')::numeric, event_id = e.event_id
        where c.store_id = e.store_id and c.kind = e.data->>'kind' and c.subject = e.data->>'subject'
            and c.found_by <> 0 and c.event_id < e.event_id and c.resolved_at is null;
        insert into till.conflicts (
            id, store_id, session_id, kind, subject, amount, currency, found_by, found_at, event_id
        )
        values (
            case when exists (  -- whoever took the id of another matter hides none
                select from till.conflicts as x
                where x.id = (e.data->>'conflict_id')::uuid
                    and (x.store_id, x.kind, x.subject) <> (e.store_id, e.data->>'kind', e.data->>'subject'))
                then gen_random_uuid() else (e.data->>'conflict_id')::uuid end,
            e.store_id, e.session_id, e.data->>'kind', e.data->>'subject',
            (e.data->>'amount')::numeric, e.data->>'currency', e.till_id, e.at, e.event_id
        )
        on conflict do nothing;
    end if;
exception when others then
    if warm.is_passing(sqlstate) then
        raise;
    end if;
    get stacked diagnostics said = message_text;
    perform warm.put_aside(p_door, e.session_id, e, said, sqlstate);
end $$;

-- Whether a conflict about a payment is one of this order: it was found there, or the payment went there with lines, or came
-- from there, as its own order says.
create or replace function warm.is_about(c till.conflicts, p_session text) returns boolean
language sql stable as $$
    select c.session_id = p_session or exists (
        select from warm.log_of(c.session_id) as x
        where x.event_type = 'lines_moved' and (x.event_data->'payment_ids' ? c.subject
            or x.event_data->'payments' @> jsonb_build_array(jsonb_build_object('payment_id', c.subject))))
$$;

-- Money that waits before the manager because no order lists it, or because too much of it was charged, waits no more once all of the
-- payment was given back at a counter. It may have gone to another order with lines meanwhile.
create or replace function warm.settle_given_back(p_door warm.door, e warm.arrival) returns void
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_door.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', 'It was given back.'))
    from till.conflicts as c
    where c.store_id = p_door.store_id and c.kind in ('payment_without_order', 'charged_more', 'payment_left')
        and c.subject = e.data->>'payment_id' and c.resolved_at is null and warm.is_about(c, e.session_id)
        and exists (select from warm.log_of(e.session_id) as x where x.event_id = e.event_id);
end $$;

-- Money that waits before the manager because it came before the order that it is for waits no more when that comes: the order on
-- which it was taken, or one to which it went with lines. Whether there was any.
create or replace function warm.settle_listed(p_door warm.door, p_session text, p_placed jsonb) returns boolean
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_door.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', 'It stands on the receipt ' || coalesce(p_placed->>'receipt', '?') || '.'))
    from till.conflicts as c
    where c.store_id = p_door.store_id and c.kind = 'payment_without_order' and c.resolved_at is null
        and warm.is_about(c, p_session)
        and c.subject in (select p->>'payment_id' from jsonb_array_elements(p_placed->'payments') as p);
    return found;
end $$;

-- An amount as a record may name it: in whole coins, and no larger than any amount may be.
create or replace function cold.as_amount(p_amount numeric, p_currency text) returns text
language plpgsql immutable as $$
begin
    return round(greatest(-1e15 + 1, least(1e15 - 1, coalesce(p_amount, 0))), cold.decimals_of(p_currency))::text;
end $$;

-- Writes a finding of the server about an order that was placed, unless it stands already; its id. The amounts are of records that were
-- refused, perhaps because of them.
create or replace function warm.find_conflict(
    p_door warm.door, p_session text, p_kind text, p_order text, p_amount numeric, p_currency text
) returns uuid
language plpgsql as $$
declare
    v_conflict uuid;
begin
    select c.id into v_conflict from till.conflicts as c
    where c.store_id = p_door.store_id and c.kind = p_kind and c.subject = p_order;
    if not found then
        v_conflict := gen_random_uuid();
        perform warm.server_event_v1(p_door.store_id, null, 'conflict_found', p_session, jsonb_build_object(
            'conflict_id', v_conflict, 'kind', p_kind, 'subject', p_order, 'amount', cold.as_amount(p_amount, p_currency),
            'currency', p_currency));
    end if;
    return v_conflict;
end $$;

-- Lays before the manager what tills that are shut out asked for and have no answer of: nobody asks after it any more. Of payments
-- those of orders that ended; who takes over one that is open asks after its own. With a session those of that order alone.
create or replace function warm.flag_left(p_store uuid, p_session text default null) returns void
language plpgsql as $$
declare
    door warm.door;
begin
    door.store_id := p_store;
    perform warm.find_conflict(door, x.session, x.kind, x.subject, x.amount, x.currency)
    from (
        select o.session_id as session, 'refund_left' as kind, c.refund_id::text as subject, -c.amount as amount, o.currency
        from till.refund_claims as c
        join cold.orders as o on o.order_id = c.order_id
        join till.tills as t on t.store_id = c.store_id and t.id = c.till_id
        where p_session is null
            and c.store_id = p_store and c.standing in ('reserved', 'unknown') and t.revoked_at is not null
        union all
        select s.id, 'payment_left', e.event_data->>'payment_id', (e.event_data->>'amount')::numeric, s.currency
        from till.order_sessions as s
        join warm.session_events as e on e.session_id = s.id and e.version is not null and e.event_type = 'payment_started'
        where (p_session is null or s.id = p_session)
            and s.store_id = p_store and s.status in ('completed', 'discarded')
            and not warm.is_kept_here(e.event_data->>'tender')
            and not exists (
                select from warm.session_events as y
                where y.session_id = s.id and y.version is not null
                    and y.event_type in ('payment_approved', 'payment_declined', 'payment_voided')
                    and y.event_data->>'payment_id' = e.event_data->>'payment_id')
            and not exists (  -- it is asked after by who asked first, and by who took the order last
                select from till.tills as t
                where t.store_id = p_store and t.revoked_at is null and t.id in (e.till_id, (
                    select y.till_id from warm.session_events as y
                    where y.session_id = s.id and y.version is not null and y.event_type = any (warm.kinds_that_take())
                    order by y.hold_epoch desc, y.hold_id desc limit 1)))
    ) as x
    order by x.session collate "C";
end $$;

-- What was left so waits no more once its answer comes after all: another machine has the number of its till, or it was found
-- again. Whether there was any.
create or replace function warm.settle_left(p_door warm.door, e warm.arrival, p_subject text, p_how text) returns boolean
language plpgsql as $$
begin
    perform warm.server_event_v1(
        p_door.store_id, null, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', p_how))
    from till.conflicts as c
    where c.store_id = p_door.store_id and c.kind in ('refund_left', 'payment_left') and c.subject = p_subject
        and c.resolved_at is null
        and (e.session_id is null or c.session_id = e.session_id and exists (
            select from warm.log_of(e.session_id) as x where x.event_id = e.event_id));
    return found;
end $$;

-- Of these payments, which lines brought to an order, those that nobody took, as the logs tell: in the one that they came from there
-- is none approved of that tender and amount, nor one that came there so; or it was given back there, or where a till that was apart
-- had moved it from there too; or that one has no half of the move that takes it away. Not such as were taken here before they went,
-- and came back, nor what a till that had this order gave up.
create or replace function warm.from_nowhere(p_session text, p_payments jsonb)
returns table (payment_id text, amount numeric)
language sql stable as $$
    with recursive held (session) as (
        select p_session
        union
        select x.event_data->>'from_session' from held as h cross join lateral warm.log_of(h.session) as x
        where x.event_type = 'lines_moved' and x.event_data ? 'payments'
    ), said as materialized (
        select h.session, x.event_id as id, x.event_type as type, x.till_id as till, x.event_data as data
        from held as h cross join lateral warm.log_of(h.session) as x
        where x.event_type in ('payment_approved', 'payment_voided', 'lines_moved')
    ), came as materialized (
        select s.id, s.session, s.data->>'from_session' as origin, p->>'payment_id' as payment, p->>'tender' as tender,
            p->>'amount' as amount
        from said as s cross join lateral jsonb_array_elements(s.data->'payments') as p
        where s.type = 'lines_moved' and p_payments ? (p->>'payment_id')
    ), went as materialized (
        select s.id, s.till, s.session as origin, s.data->>'to_session' as session, p as payment
        from said as s cross join lateral jsonb_array_elements_text(s.data->'payment_ids') as p
        where s.type = 'lines_moved' and p_payments ? p
    ), moved as materialized (
        select session, origin, payment, came.tender, came.amount from came join went using (session, origin, payment)
    ), back as materialized (
        select s.session, s.data->>'payment_id' as payment from said as s where s.type = 'payment_voided'
    ), beside as materialized (
        select w.origin, w.payment from went as w
        where w.origin <> p_session and w.session not in (select h.session from held as h) and exists (
            select from warm.log_of(w.session) as x
            where x.event_type = 'payment_voided' and x.event_data->>'payment_id' = w.payment)
    ), gave as materialized (
        select w.id, w.payment from went as w
        where w.origin = p_session and w.till in (
            select x.till_id from warm.log_of(p_session) as x where x.event_type = any (warm.kinds_that_take()))
    ), known (session, payment, tender, amount) as (
        select s.session, s.data->>'payment_id', s.data->>'tender', s.data->>'amount'
        from said as s
        where s.type = 'payment_approved' and (s.session, s.data->>'payment_id') not in (select * from back)
        union
        select m.session, m.payment, m.tender, m.amount
        from known as k join moved as m
            on (m.origin, m.payment, m.tender, m.amount) = (k.session, k.payment, k.tender, k.amount)
        where (m.session, m.payment) not in (select * from back)
    )
    select distinct n.payment, n.amount::numeric
    from (
        select c.origin, c.payment, c.tender, c.amount
        from came as c
        where c.session = p_session
            and (c.payment, c.tender, c.amount) not in (
                select s.data->>'payment_id', s.data->>'tender', s.data->>'amount'
                from said as s where s.type = 'payment_approved' and s.session = p_session)
            and not exists (select from gave as g where g.payment = c.payment and g.id > c.id)
        except
        select m.origin, m.payment, m.tender, m.amount
        from moved as m join known as k
            on (m.origin, m.payment, m.tender, m.amount) = (k.session, k.payment, k.tender, k.amount)
        where m.session = p_session and (m.origin, m.payment) not in (select * from beside)
    ) as n
$$;

-- Lays before the manager what lines brought to an order as paid and nobody took, whether that order is paid for already or not.
-- Both halves of a move come in one push. Who made a payment up may bring it to one order after another, and each is told: of a
-- thousand twenty, so that nobody fills the list. Whether there was any.
create or replace function warm.flag_nowhere(p_door warm.door, p_session text, p_payments jsonb) returns boolean
language plpgsql as $$
begin
    perform warm.find_conflict(
        p_door, s.id, 'payment_from_nowhere', case when exists (
            select from till.conflicts as c
            where c.store_id = s.store_id and c.kind = 'payment_from_nowhere' and c.subject = n.payment_id
                and c.session_id <> s.id)
            then n.payment_id || ' ' || s.id else n.payment_id end,
        n.amount, coalesce(s.currency, v.currency))
    from till.order_sessions as s join till.stores as v on v.store_id = s.store_id
        cross join lateral (
            select x.payment_id, x.amount from warm.from_nowhere(s.id, p_payments) as x order by x.payment_id limit 20
        ) as n
    where s.id = p_session and s.store_id = p_door.store_id;
    return found;
end $$;

-- The same of a payment that was given back, wherever it went from there, or from where it had come.
create or replace function warm.flag_given_back(p_door warm.door, e warm.arrival) returns void
language sql as $$
    with recursive went (session) as (
        select e.session_id
        union
        select coalesce(x.event_data->>'to_session', x.event_data->>'from_session')
        from went as w cross join lateral warm.log_of(w.session) as x
        where x.event_type = 'lines_moved' and (x.event_data->'payment_ids' ? (e.data->>'payment_id')
            or x.event_data->'payments' @> jsonb_build_array(jsonb_build_object('payment_id', e.data->'payment_id')))
    )
    select warm.flag_nowhere(p_door, w.session, jsonb_build_array(e.data->'payment_id'))
    from went as w where w.session <> e.session_id
$$;

-- Such money waits no more once the logs tell of it after all: a database that was set back gets them from one till after the other.
-- Whether there was any.
create or replace function warm.settle_nowhere(p_door warm.door, p_payments jsonb) returns boolean
language plpgsql as $$
begin
    if not exists (
        select from till.conflicts as c
        where c.store_id = p_door.store_id and c.kind = 'payment_from_nowhere' and c.resolved_at is null)
    then
        return false;  -- as it is on nearly every day
    end if;
    perform warm.server_event_v1(
        p_door.store_id, null, 'conflict_resolved', m.session_id, jsonb_build_object('conflict_id', m.id),
        jsonb_build_object('how', 'The records account for it now.'))
    from (
        with matter as materialized (
            select c.id, c.session_id, left(c.subject, 36) as payment_id from till.conflicts as c
            where c.store_id = p_door.store_id and c.kind = 'payment_from_nowhere' and c.resolved_at is null
                and p_payments ? left(c.subject, 36)
        ), still as materialized (
            select o.session_id, n.payment_id
            from (select distinct x.session_id from matter as x) as o
                cross join lateral warm.from_nowhere(o.session_id, p_payments) as n
        )
        select x.id, x.session_id from matter as x
        where (x.session_id, x.payment_id) not in (select y.session_id, y.payment_id from still as y)
    ) as m;
    return found;
end $$;

-- Looks at the orders that a push placed, and at those that it could not. Money for lines that another order had covered is a
-- conflict, with the part of it that stands on no sale, its tip too, unless that is nothing; so is a number that two receipts
-- bear (a journal was restored on the machine that it belongs to, and went on as if it had not sold since: both orders stand).
-- Whether anything waits for a person, or does so no more. The till hears of it with its next poll. Most orders are not doubtful,
-- and nothing is asked of those.
create or replace function warm.flag_sales(p_door warm.door, p_events warm.arrival[], p_stands warm.standing[])
returns boolean
language plpgsql as $$
declare
    e warm.arrival;
    s warm.standing;
    o record;
    q record;
    paid numeric;
    doubtful boolean := false;
    flagged boolean := false;
begin
    foreach s in array p_stands loop
        doubtful := doubtful or s.doubtful;
    end loop;
    foreach e in array case when doubtful then p_events else '{}' end loop
        continue when e.event_type <> 'order_placed';
        select x.order_id::text, x.session_id, x.total_amount, x.currency, (
            select coalesce(sum(p.amount), 0) from cold.order_payment as p where p.order_id = x.order_id) as stands, exists (
            select from cold.orders as y
            where y.store_id = x.store_id and y.receipt = x.receipt and y.order_id <> x.order_id) as again, exists (
            select from cold.orders as y
            where y.session_id = x.session_id and y.order_id <> x.order_id) as beside
        into o from cold.orders as x
        where x.order_id = (e.data->>'order_id')::uuid and x.store_id = p_door.store_id and x.event_id = e.event_id;
        continue when not found;
        flagged := warm.look_at_sale(p_door, e) or flagged;
        flagged := warm.settle_listed(p_door, e.session_id, e.data) or flagged;
        if o.again then
            flagged := true;
            perform warm.find_conflict(p_door, o.session_id, 'receipt_twice', o.order_id, o.total_amount, o.currency);
        end if;
        if o.beside or o.total_amount <> (e.data->>'total')::numeric then
            -- two tills that were apart may have given money back twice, and sold different lines
            paid := warm.money_brought(o.session_id, e.event_id, e.data) - o.stands;
            if paid <> 0 then
                flagged := true;
                perform warm.find_conflict(p_door, o.session_id, 'paid_twice', o.order_id, paid, o.currency);
            end if;
        end if;
    end loop;
    foreach s in array p_stands loop
        continue when not s.quarantined or s.store_id <> p_door.store_id;
        flagged := true;
        for q in
            select x.id, x.session_id, x.event_id, x.body::jsonb->'data' as data
            from warm.quarantine as x
            where x.session_id = s.id and x.conflict_id is null and x.resolved_at is null and x.seq is null
                and x.event_type = 'order_placed' and x.sqlstate in ('23505', 'TL002')
                and x.event_id in (select y.event_id from unnest(p_events) as y)
            order by x.id
        loop
            flagged := warm.settle_listed(p_door, q.session_id, q.data) or flagged;
            paid := warm.money_brought(q.session_id, q.event_id, q.data);
            if paid = 0 then  -- all its money is on the sale that stands: only its number is void
                update warm.quarantine set amount = paid where id = q.id;
            else
                update warm.quarantine set conflict_id = warm.find_conflict(
                    p_door, q.session_id, 'paid_twice', q.data->>'order_id', paid, q.data->>'currency')
                where id = q.id;
            end if;
        end loop;
    end loop;
    return flagged;
end $$;

-- How many conflicts of a store wait for a person, and how many records that could not be applied.
create or replace function warm.count_waiting(p_door warm.door) returns warm.door
language plpgsql stable as $$
begin
    p_door.conflicts := (
        select count(*) from till.conflicts as c where c.store_id = p_door.store_id and c.resolved_at is null);
    p_door.records := (
        select count(*) from warm.quarantine as q where q.store_id = p_door.store_id and q.resolved_at is null);
    return p_door;
end $$;

-- The receipts of the sales that a conflict is about, the first sale first: those of its order, of the line that it is about,
-- which may have been paid for where it went, and of each sale that was paid for a line which one of these lists too. Last the
-- number of the refund that it is about. A manager compares the papers. Each line is looked up by its key and
-- `limit 1` keeps it so: nobody tells the planner how few there are, and it would read all orders.
create or replace function till.receipts_of(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return (
        with own as materialized (
            select x.event_id, x.event_data->>'receipt' as receipt, x.event_data as data
            from warm.log_of(c.session_id) as x
            where x.store_id = c.store_id and x.event_type = 'order_placed'
        ), line as (
            select id #>> '{}' as id from own as o, jsonb_path_query(o.data, '$.lines[*].line_ids[*]') as id
            union
            select c.subject
        ), sold as (
            select o.event_id, o.receipt from own as o
            union
            select y.event_id, y.receipt
            from line
            cross join lateral (
                select x.order_id from cold.order_line as x
                where x.line_id = substring(line.id from '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$')::uuid limit 1
            ) as l
            cross join lateral (select x.event_id, x.receipt from cold.orders as x where x.order_id = l.order_id limit 1) as y
            union
            select 'ffffffff-ffff-7fff-bfff-ffffffffffff', r.receipt from till.refund_claims as r
            where c.kind in ('refund_twice', 'refund_contradicted', 'refund_left')
                and r.refund_id = warm.as_uuid(c.subject) and r.store_id = c.store_id
        )
        select coalesce(json_agg(s.receipt order by s.event_id), '[]') from sold as s where s.receipt is not null
    );
end $$;

-- The orders of the other sales that bear the number of one, the first sale first, or of the other refunds that bear that of one:
-- a manager looks at both.
create or replace function till.same_receipt(c till.conflicts) returns json
language plpgsql stable as $$
begin
    if c.kind = 'refund_twice' then
        return (
            select coalesce(json_agg(y.session_id order by r.event_id), '[]')
            from till.refund_claims as o
            join till.refund_claims as r on r.store_id = o.store_id and r.receipt = o.receipt
                and r.refund_id <> o.refund_id and r.standing = 'approved'
            join cold.orders as y on y.order_id = r.order_id
            where o.refund_id = warm.as_uuid(c.subject) and o.store_id = c.store_id
                and y.session_id is distinct from c.session_id);
    end if;
    return (
        select coalesce(json_agg(y.session_id order by y.event_id), '[]')
        from (
            select o.order_id, o.receipt from cold.orders as o
            where c.kind = 'receipt_twice' and o.session_id = c.session_id and o.store_id = c.store_id
                and o.order_id::text = c.subject
            limit 1
        ) as x
        join cold.orders as y on y.store_id = c.store_id and y.receipt = x.receipt and y.order_id <> x.order_id
        where y.session_id is not null
    );
end $$;

create or replace function till.conflict_row(c till.conflicts) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'conflict', c.id, 'session', c.session_id, 'kind', c.kind, 'subject', c.subject,
        'amount', coalesce(c.amount, 0)::text,
        'currency', coalesce(c.currency, (select v.currency from till.stores as v where v.store_id = c.store_id)),
        'user', coalesce((select s.user_id from warm.every_session as s where s.id = c.session_id), 0),
        'till', c.found_by,
        'till_name', (select t.name from till.tills as t where t.store_id = c.store_id and t.id = c.found_by),
        'found_at', warm.time_text(c.found_at), 'resolved_at', warm.time_text(c.resolved_at),
        'resolved_by', c.resolved_by, 'how', c.how, 'receipts', till.receipts_of(c), 'also', till.same_receipt(c)
    );
end $$;

-- The open conflicts of the store, newest first, and the records that wait beside them, for the manager's screen.
create or replace function till.conflicts_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request);
    return coalesce(r.refused, json_build_object('ok', true, 'conflicts', (
        select coalesce(json_agg(till.conflict_row(c) order by c.found_at desc, c.id), '[]')
        from till.conflicts as c where c.store_id = (r.door).store_id and c.resolved_at is null
    ), 'quarantine', (
        select coalesce(json_agg(warm.quarantine_row(q) order by q.id), '[]')
        from warm.quarantine as q
        where q.store_id = (r.door).store_id and q.resolved_at is null and not exists (
            select from till.conflicts as c where c.id = q.conflict_id and c.resolved_at is null)
    ))::text);
end $$;

-- Settles a conflict: who, when and how stay in the server's chain. Of two who do so at once the second is refused; the
-- conflict is locked behind its session, as a push locks them. Of a refund that nobody answers for any more it is said whether it
-- was given, and it counts so.
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
        raise exception 'This conflict was settled before: %', coalesce(nullif(c.how, ''), 'no word was left of it.')
            using errcode = 'TL005';
    elsif coalesce(btrim(p_how), '') = '' then
        raise exception 'Say how it was settled.' using errcode = 'TL006';
    elsif c.kind = 'refund_left' and lower(btrim(p_how)) not in ('given', 'not given') then
        raise exception 'Say “given”, or “not given”.' using errcode = 'TL006';
    end if;
    perform warm.server_event_v1(
        p_store, p_actor, 'conflict_resolved', c.session_id, jsonb_build_object('conflict_id', c.id),
        jsonb_build_object('how', p_how));
    if c.kind = 'refund_left' then
        perform warm.answer_left(p_store, p_actor, warm.as_uuid(c.subject), lower(btrim(p_how)) = 'given');
    end if;
    select * into c from till.conflicts where id = p_conflict;
    return till.conflict_row(c);
end $$;
