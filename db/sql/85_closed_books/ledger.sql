-- The accountant's journal (ADR 0071): a balanced batch for each closed Z, made once by the upkeep, and one for each event that
-- is in no Z's sums. What was booked never changes, and the name of a batch is made of all that its rows depend on, so that the
-- same name has the same rows in a database that was restored and heard things in another order.

-- A row of a batch: a debit is positive. `what` tells two rows of one kind apart.
create type shape.ledger_row as (kind text[], what text, amount numeric);

-- The taxes that apply together, by their rates, such as `2.5+2.5`; 0 for none.
create or replace function cold.tax_group(p_taxes jsonb) returns text
language sql immutable parallel safe as $$
    select coalesce(string_agg(coalesce(trim_scale((x.tax->>'rate')::numeric)::text, lower(x.tax->>'name')), '+' order by x.place), '0')
    from jsonb_array_elements(case jsonb_typeof(p_taxes) when 'array' then p_taxes end) with ordinality as x (tax, place)
$$;

-- The rows of single taxes, with `p_sign`.
create or replace function cold.ledger_of_taxes(p_taxes jsonb, p_sign integer) returns setof shape.ledger_row
language sql immutable as $$
    select array_remove(array['tax', lower(t.name), trim_scale(t.rate)::text], null), '', p_sign * t.tax
    from jsonb_to_recordset(case jsonb_typeof(p_taxes) when 'array' then p_taxes end) as t (name text, rate numeric, tax numeric)
$$;

-- The rows of sales: net by category and taxes, each tax, and rounding.
create or replace function cold.ledger_of_sales(p_sales shape.shift_event[]) returns setof shape.ledger_row
language sql stable as $$
    with placed as materialized (
        select p.* from unnest(p_sales) as e cross join jsonb_to_record(e.data) as p (
            rounding numeric, lines jsonb, taxes jsonb, service_charge jsonb)
    )
    select array['sales', lower(coalesce(nullif(l.category, ''), 'none')), cold.tax_group(l.taxes)], '', -l.net
    from placed as p cross join jsonb_to_recordset(p.lines) as l (category text, net numeric, taxes jsonb)
    union all
    select array['service_charge', cold.tax_group(p.service_charge->'taxes')], '', -(p.service_charge->>'net')::numeric
    from placed as p where p.service_charge ? 'net'
    union all
    select t.* from placed as p cross join lateral cold.ledger_of_taxes(p.taxes, -1) as t
    union all
    select array['rounding'], '', -p.rounding from placed as p
$$;

-- The rows of refunds: net by taxes, each tax, and rounding, as cold.refunds has them. One that is not there is booked whole, as
-- `refunds.unknown`, if a manager has it so.
create or replace function cold.ledger_of_refunds(p_money shape.shift_event[], p_over_gaps boolean) returns setof shape.ledger_row
language plpgsql stable as $$
begin
    if not p_over_gaps and exists (
        select from unnest(p_money) as e
        where e.type = 'refund_approved' and not exists (select from cold.refunds as r where r.refund_id = e.stream_id))
    then
        raise exception 'A refund of it waits for a manager.' using errcode = 'TL031';
    end if;
    return query
    with given as (
        select e.data, r from unnest(p_money) as e left join cold.refunds as r on r.refund_id = e.stream_id
        where e.type = 'refund_approved'
    ), known as (
        select (g.r).* from given as g where (g.r).refund_id is not null
    )
    select array['refunds', 'unknown'], '', -(g.data->>'amount')::numeric from given as g where (g.r).refund_id is null
    union all
    select array['refunds', coalesce(x.taxes, '0')], '', -t.net
    from given as g cross join lateral cold.refund_by_tax(g.r) as t
    left join lateral (
        select cold.tax_group(p.taxes) as taxes
        from (
            select i.taxes from cold.order_item as i where i.order_id = (g.r).order_id
            union all select o.service_charge_taxes from cold.orders as o where o.order_id = (g.r).order_id
        ) as p
        where cold.taxes_in_words(p.taxes) = t.taxes order by 1 limit 1) as x on true
    where (g.r).refund_id is not null
    union all
    select t.* from known as k cross join lateral cold.ledger_of_taxes(k.taxes, -1) as t
    union all
    select array['rounding'], '', -k.rounding from known as k;
end $$;

-- The rows of a movement of cash.
create or replace function cold.ledger_of_movement(p_kind text, p_what text, p_amount numeric) returns setof shape.ledger_row
language sql immutable as $$
    select case when p_kind in ('account', 'voucher') then array['tender', p_kind] else array['movement', p_kind] end, p_what, -p_amount
$$;

-- The rows of what tenders and the drawer moved, by the sums of a Z: what its drawer should hold by these rows is what it holds. A
-- movement that was undone after a count explains the difference of that count. A corrected tender is a batch of its own.
create or replace function cold.ledger_of_money(
    p_sums jsonb, p_payments shape.shift_payment[], p_returns shape.shift_return[], p_drawer shape.shift_event[]
) returns setof shape.ledger_row
language sql stable as $$
    with moved as materialized (
        select d.tender, m.kind, m.amount
        from jsonb_to_recordset(p_sums->'drawer') as d (tender text, moved jsonb)
        cross join jsonb_to_recordset(d.moved) as m (kind text, amount numeric)
    ), undone as materialized (
        select distinct on (c.id) c.data->>'kind' as kind, (c.data->>'amount')::numeric as amount
        from unnest(p_drawer) as e join unnest(p_drawer) as c on c.id = e.data->>'event' and c.n < e.n
        where e.type = 'movement_undone' and c.type = 'cash_moved'
    ), back (amount) as (
        select coalesce((select sum(m.amount) from moved as m where m.kind = 'undone'), 0)
    )
    select array['tender', lower(t.tender)], '', t.amount from jsonb_to_recordset(p_sums->'tenders') as t (tender text, amount numeric)
    union all
    select array[x.kind], '', x.amount
    from (values ('tips', -(p_sums->>'tips')::numeric), ('taken_ahead', -(p_sums->>'taken_ahead')::numeric),
        ('used', (p_sums->>'used')::numeric)) as x (kind, amount)
    where x.amount is not null
    union all
    select array['tender', lower(x.tender)], 'change', x.amount
    from unnest(p_payments) as p cross join lateral (values (p.tender, p.change), ('cash', -p.change)) as x (tender, amount)
    where p.is_here and p.until is null and p.tender <> 'CASH'
    union all
    select array['tender', lower(x.tender)], 'change', x.amount
    from unnest(p_returns) as r cross join lateral (values (r.tender, -r.change), ('cash', r.change)) as x (tender, amount)
    where r.is_here
    union all
    select x.kind, m.kind, x.amount
    from moved as m cross join lateral (
        select array['tender', lower(m.tender)] as kind, m.amount
        union all
        select case m.kind when 'difference' then array['over_short', lower(m.tender)] end, -m.amount where m.kind = 'difference'
        union all
        select l.kind, l.amount from cold.ledger_of_movement(m.kind, '', m.amount) as l where m.kind <> 'difference') as x
    where m.kind <> all ('{payments,change,given_back,refunds,tips_corrected,corrected,undone}')
    union all
    select l.* from undone as u cross join lateral cold.ledger_of_movement(u.kind, 'undone', -u.amount) as l
    union all
    select x.kind, 'undone', x.amount
    from back as b cross join lateral (values
        (array['tender', 'cash'], b.amount),
        (array['over_short', 'cash'], -b.amount - coalesce((select sum(u.amount) from undone as u), 0))) as x (kind, amount)
$$;

-- The rows of records whose sums are `p_sums`.
create or replace function cold.ledger_of_records(
    p_sums jsonb, p_sales shape.shift_event[], p_money shape.shift_event[], p_drawer shape.shift_event[], p_over_gaps boolean
) returns shape.ledger_row[]
language plpgsql stable as $$
declare
    payments constant shape.shift_payment[] := array(select p from warm.payments_in(p_money) as p);
begin
    return array(
        select x from cold.ledger_of_sales(p_sales) as x
        union all select x from cold.ledger_of_refunds(p_money, p_over_gaps) as x
        union all select x from cold.ledger_of_money(
            p_sums, payments, array(select r from warm.returns_in(p_money, payments) as r), p_drawer) as x);
end $$;

-- A text as one line, without control characters.
create or replace function cold.one_line(p_text text) returns text
language sql immutable parallel safe as $$
    select case when p_text ~ '[\x01-\x1f\x7f-\x9f\u2028\u2029]'
        then btrim(regexp_replace(p_text, '[\x01-\x1f\x7f-\x9f\u2028\u2029]+', ' ', 'g')) else p_text end
$$;

-- Writes a batch, once; one without rows books nothing and is kept too. By how much the rounded rows differ from zero is a row,
-- `difference`: sales and refunds may differ from their Z, and a till may have written amounts finer than the currency's. The
-- order of its rows, which their ids count, is that of their kinds.
create or replace function cold.write_batch(b cold.ledger_batches, p_rows shape.ledger_row[]) returns void
language plpgsql as $$
begin
    insert into cold.ledger_batches (store_id, batch, business_date, currency, till_id, shift_id, event_id, reverses, covers)
    values (b.store_id, b.batch, b.business_date, b.currency, b.till_id, b.shift_id, b.event_id, b.reverses, b.covers)
    on conflict do nothing;
    if found then
        with rounded as (
            select array(select cold.one_line(k) from unnest(x.kind) with ordinality as u (k, place) order by place) as kind,
                cold.one_line(x.what) as what, round(sum(x.amount), cold.decimals_of(b.currency)) as amount
            from (select y.kind, y.what, sum(y.amount) as amount from unnest(p_rows) as y group by 1, 2) as x
            group by 1, 2
        )
        insert into cold.ledger_rows (store_id, batch, place, kind, what, amount)
        select b.store_id, b.batch, row_number() over (order by array_to_string(x.kind, '.') collate "C", x.what collate "C"),
            x.kind, x.what, x.amount
        from (
            select r.kind, r.what, r.amount from rounded as r where r.kind <> '{difference}'
            union all
            select '{difference}', '', -sum(r.amount) from rounded as r where r.kind <> '{difference}'
        ) as x where x.amount <> 0;
    end if;
end $$;

-- The places in the chains that a batch of a shift books, without those that do not read.
create or replace function cold.places_booked(p_shift uuid) returns jsonb
language plpgsql stable set enable_seqscan = off as $$
begin
    return (
        select jsonb_agg(jsonb_build_object('journal', p.journal_id, 'first', p.first, 'last', p.last, 'without', (
            select coalesce(jsonb_agg(q.seq order by q.seq), '[]')
            from warm.quarantine as q cross join lateral (select warm.read_envelope(q.body) as body offset 0) as b
            where q.journal_id = p.journal_id and q.seq between p.first and p.last and not warm.is_readable(b.body)))
            order by p.journal_id)
        from warm.places_of_shift(p_shift) as p);
end $$;

-- True if a record is in a batch of its shift.
create or replace function cold.is_booked_place(p_covers jsonb, p_journal uuid, p_seq bigint) returns boolean
language sql immutable as $$
    select exists (
        select from jsonb_to_recordset(p_covers) as c (journal uuid, first bigint, last bigint, without jsonb)
        where c.journal = p_journal and p_seq between c.first and c.last and not c.without @> to_jsonb(p_seq))
$$;

-- True if a manager settled the record of a Z that cannot be checked or booked: it is booked from what reads.
create or replace function cold.is_given_up(p_store uuid, p_shift uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.upkeep_jobs as j join warm.quarantine as q on q.id = j.quarantine_id
        where j.store_id = p_store and j.kind in ('check', 'book') and j.key = p_shift::text and q.resolved_at is not null);
end $$;

-- The shifts of a store to book, the oldest first: closed and checked, or closed by the server, or ended without a close.
create or replace function cold.shifts_to_book(p_store uuid) returns setof uuid
language plpgsql stable as $$
begin
    return query
    select s.shift_id from till.shifts as s
    where s.store_id = p_store and s.booked is distinct from coalesce(s.closed, s.closed_by_server, s.ended)
        and (s.closed is null or s.checked_at is not null or cold.is_given_up(p_store, s.shift_id))
    order by s.shift_id;
end $$;

-- Books a closed shift, once for each close. The till's own close takes back what was booked by the server's, with what had
-- arrived after that. A batch of less than the whole shift has the places that it books in its name.
create or replace function cold.book_shift(p_shift uuid) returns void
language plpgsql as $$
declare
    s till.shifts;
    z warm.session_events;
    r record;
    b cold.ledger_batches;
    is_part boolean;
begin
    -- for less than a whole shift, a push that is under way comes first, so that a record is in this batch or arrives later; it
    -- locks in this order
    perform from warm.journal_head as h join till.shifts as x on x.store_id = h.store_id and x.till_id = h.till_id
    where x.shift_id = p_shift and (x.closed is null or x.checked_at is null) order by h.journal_id for no key update of h;
    select * into s from till.shifts as x
    where x.shift_id = p_shift and x.booked is distinct from coalesce(x.closed, x.closed_by_server, x.ended) for no key update;
    if not found then
        return;
    end if;
    z := warm.event_by_id(s.store_id, coalesce(s.closed, s.closed_by_server, s.ended));
    r := warm.records_of_shift(p_shift);
    is_part := s.closed is null or not warm.is_whole_shift(p_shift) or cold.is_given_up(s.store_id, p_shift);
    b.store_id := s.store_id;
    b.covers := cold.places_booked(p_shift);
    b.batch := coalesce(case when s.closed is not null or s.closed_by_server is not null then z.event_data->>'number' end, s.till_id || '-S')
        || case when is_part then '-' || left(md5(p_shift || b.covers::text), 8) else '' end;
    b.business_date := (r.opened->>'business_date')::date;
    b.currency := r.opened->>'currency';
    b.till_id := s.till_id;
    b.shift_id := p_shift;
    b.event_id := z.event_id;
    perform cold.take_back(x) from cold.ledger_batches as x where x.shift_id = p_shift and x.reverses is null;
    perform cold.write_batch(b, cold.ledger_of_records(
        case when is_part then warm.shift_sums(p_shift, true) else z.event_data->'sums' end, r.sales, r.money, r.drawer, is_part));
    update till.shifts set booked = z.event_id where shift_id = p_shift;
end $$;

-- Takes a batch back, once, on its own day.
create or replace function cold.take_back(b cold.ledger_batches) returns void
language plpgsql as $$
declare
    rows constant shape.ledger_row[] := array(
        select row(x.kind, x.what, -x.amount)::shape.ledger_row from cold.ledger_rows as x
        where x.store_id = b.store_id and x.batch = b.batch);
begin
    b.reverses := b.batch;
    b.batch := b.batch || '-R';
    perform cold.write_batch(b, rows);
end $$;

-- The events of a store to book by themselves, or to find in the batch of their shift; a limit applies. Those of no shift come
-- first, such as counts: a till may write thousands of corrections in one.
create or replace function cold.events_to_book(p_store uuid, p_limit integer) returns setof uuid
language plpgsql stable as $$
begin
    return query
    select d.event_id from cold.ledger_due as d left join till.shifts as s on s.shift_id = d.shift_id
    where d.store_id = p_store and (d.shift_id is null or s.booked is not null)
        and (d.business_date < till.business_date(p_store, now())) is not false
    order by d.shift_id is not null, d.event_id limit p_limit;
end $$;

-- The batch of an event that is booked by itself, without its shift.
create or replace function cold.batch_of_event(e warm.session_events) returns cold.ledger_batches
language plpgsql stable as $$
declare
    b cold.ledger_batches;
begin
    b.store_id := e.store_id;
    b.batch := e.event_id;
    b.business_date := till.business_date(e.store_id, e."timestamp"::timestamptz);
    b.currency := (select x.currency from till.stores as x where x.store_id = e.store_id);
    b.till_id := coalesce(e.for_till, e.till_id);
    b.event_id := e.event_id;
    return b;
end $$;

-- Books an event that is in no Z's sums. What the server took itself is booked by its day: the first of a day books all of it.
create or replace function cold.book_event(p_store uuid, p_event uuid) returns void
language plpgsql as $$
declare
    d cold.ledger_due;
    e warm.session_events;
    b cold.ledger_batches;
    ids uuid[] := array[p_event];
    rows shape.ledger_row[];
begin
    delete from cold.ledger_due as x where x.store_id = p_store and x.event_id = p_event returning * into d;
    e := warm.event_by_id(p_store, p_event);
    if d.event_id is null or e.event_id is null then
        return;
    elsif e.event_type = 'drawer_corrected' then
        perform cold.book_corrections(d, e);
        return;
    elsif d.shift_id is not null and exists (
        select from cold.ledger_batches as x
        where x.shift_id = d.shift_id and cold.is_booked_place(x.covers, e.journal_id, e.seq))
    then
        return;
    end if;
    b := cold.batch_of_event(e);
    b.shift_id := d.shift_id;
    if d.business_date is not null then
        with day as (
            delete from cold.ledger_due as x where x.store_id = p_store and x.business_date = d.business_date returning x.event_id
        )
        select array_agg(x.event_id order by x.event_id) into ids
        from (select p_event as event_id union all select day.event_id from day) as x;
        b.batch := to_char(d.business_date, '"0-D"YYYYMMDD-') || left(md5(ids::text), 8);
        b.business_date := d.business_date;
    end if;
    rows := cold.ledger_of_events(p_store, array(select x from unnest(ids) as i cross join lateral warm.event_by_id(p_store, i) as x));
    if rows <> '{}' then
        perform cold.write_batch(b, rows);
    end if;
end $$;

-- Books a correction of a drawer, and with it others of its shift that are due, since each needs all records of the shift. It changes
-- what a drawer should hold, and is in no sum that a later close takes back: its batch is no shift's.
create or replace function cold.book_corrections(d cold.ledger_due, e warm.session_events) returns void
language plpgsql as $$
declare
    of_shift warm.session_events[];
    x record;
begin
    of_shift := e || array(
        select o from cold.ledger_due as y cross join lateral warm.event_by_id(y.store_id, y.event_id) as o
        where y.store_id = d.store_id and y.shift_id is not distinct from d.shift_id and o.event_type = 'drawer_corrected'
            and o.stream_id = e.stream_id
        order by y.event_id limit 1000);
    delete from cold.ledger_due as y using unnest(of_shift) as o where y.store_id = d.store_id and y.event_id = o.event_id;
    for x in select c.* from cold.ledger_of_corrections(coalesce(e.shift, e.stream_id), of_shift) as c loop
        perform cold.write_batch(cold.batch_of_event(x.event), x.rows);
    end loop;
end $$;

-- The rows of events by themselves: of one, or of money that the server took itself on a day.
create or replace function cold.ledger_of_events(p_store uuid, p_events warm.session_events[]) returns shape.ledger_row[]
language plpgsql stable as $$
declare
    e constant warm.session_events := p_events[1];
    d constant jsonb := e.event_data;
    amount constant numeric := (d->>'amount')::numeric;
    of_other record;
    sales shape.shift_event[];
    money shape.shift_event[];
    drawer shape.shift_event[];
    payments shape.shift_payment[];
    returned shape.shift_return[];
    decimals constant integer := cold.decimals_of((select s.currency from till.stores as s where s.store_id = p_store));
begin
    case
        when e.event_type = 'drawer_counted' then
            return array(
                select row(x.kind, x.what, x.amount)::shape.ledger_row
                from jsonb_to_recordset(d->'counts') as c (tender text, expected numeric, counted numeric, taken numeric)
                cross join lateral (values
                    (array['tender', lower(c.tender)], 'difference', c.counted - c.expected),
                    (array['over_short', lower(c.tender)], 'difference', c.expected - c.counted),
                    (array['tender', lower(c.tender)], 'taken', -coalesce(c.taken, 0)),
                    ('{movement,taken}', 'taken', coalesce(c.taken, 0))) as x (kind, what, amount)
                where x.amount <> 0);
        when e.event_type = 'movement_undone' then
            of_other := warm.event_by_id(p_store, (d->>'event')::uuid);
            return array(
                select x from cold.ledger_of_movement(
                    of_other.event_data->>'kind', 'undone', -(of_other.event_data->>'amount')::numeric) as x
                where of_other.event_id is not null
            ) || row('{tender,cash}', 'undone', -(of_other.event_data->>'amount')::numeric)::shape.ledger_row;
        when e.event_type = 'tender_corrected' then
            -- another correction of this payment may be before it: the last tender counts
            return array(
                select row(array['tender', lower(x.tender)], 'corrected', x.amount)::shape.ledger_row
                from cold.tender_correction as c
                cross join lateral (values (c.was, -c.amount), (c.tender, c.amount)) as x (tender, amount)
                where c.correction_id = e.event_id and not exists (
                    select from cold.tender_correction as o
                    where o.order_id = c.order_id and o.payment_id = c.payment_id and o.was = c.was and o.correction_id < c.correction_id));
        when e.event_type = 'account_paid_off' then
            return array[row(array['tender', lower(d->>'tender')], '', amount), row('{tender,account}', '', -amount)]::shape.ledger_row[];
        when e.event_type = 'account_corrected' then
            select * into of_other from till.value_movements as m where m.movement_id = (d->>'pay_off')::uuid;
            return array[row('{tender,account}', 'corrected', amount), row(case of_other.till_id
                when 0 then array['tender', lower(of_other.how)] else '{over_short,cash}' end, 'corrected', -amount)]::shape.ledger_row[];
        when e.event_type = 'voucher_issued' then
            return case when d ? 'unpaid' then '{}' else
                array[row('{tender,voucher}', '', -amount), row(coalesce((
                    select array['tender', lower(v.how)] from till.vouchers as v
                    where v.voucher_id = (d->>'voucher_id')::uuid and v.how is not null), '{vouchers,issued}'), '', amount)]::shape.ledger_row[] end;
        when e.event_type = 'voucher_voided' then
            return array(
                select row(x.kind, '', x.amount)::shape.ledger_row
                from (values ('{tender,voucher}'::text[], (d->>'left')::numeric), ('{vouchers,voided}', -(d->>'left')::numeric)) as x (kind, amount)
                where x.amount <> 0);
        else
            select array_agg(x.e) filter (where x.subject = 'sales'), array_agg(x.e) filter (where x.subject = 'money'),
                array_agg(x.e) filter (where x.subject = 'drawer')
            into sales, money, drawer
            from (
                select row(row_number() over (order by u.event_id), u.event_id::text, u.event_type, u.stream_id, u.event_data)::shape.shift_event as e,
                    warm.summed_types()->>u.event_type as subject
                from unnest(p_events) as u
            ) as x;
            payments := array(select p from warm.payments_in(money) as p);
            returned := array(select v from warm.returns_in(money, payments) as v);
            return cold.ledger_of_records(
                jsonb_strip_nulls(warm.tender_sums(payments, returned, money, sales, decimals) || jsonb_build_object('drawer',
                    warm.drawer_sums(payments, returned, money, drawer, e.stream_id, '{CASH}', '{}', decimals))),
                sales, money, drawer, true);
    end case;
end $$;

-- The rows of corrections of the drawer in one shift, beside those of the corrections of tenders: what these booked and the drawer
-- did not move, because the tender was counted since, explains the difference of that count.
create or replace function cold.ledger_of_corrections(p_shift uuid, p_events warm.session_events[])
returns table (event warm.session_events, rows shape.ledger_row[])
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    r constant record := warm.records_of_shift(p_shift);
    payments constant shape.shift_payment[] := array(select p from warm.payments_in(r.money) as p);
begin
    return query
    with moved as materialized (
        select x.id, m.tender, m.amount
        from warm.changes_in(payments, r.drawer, p_shift, r.kept) as m join unnest(r.drawer) as x on x.n = m.n
        where m.kind = 'corrected'
    ), legs as materialized (
        select e, e.event_id, l.tender, l.amount, m.amount as moved
        from unnest(p_events) as e cross join lateral (values (e.event_data->>'was', -(e.event_data->>'amount')::numeric),
            (e.event_data->>'tender', (e.event_data->>'amount')::numeric)) as l (tender, amount)
        left join moved as m on m.id = e.event_id::text and m.tender = l.tender and sign(m.amount) = sign(l.amount)
        where l.tender = any (r.kept)
    ), booked as (
        select l.e, l.event_id, x.*
        from (
            select y.*, sum(coalesce(y.moved, y.amount) - y.amount) over (partition by y.event_id) as rest,
                row_number() over (partition by y.event_id, y.moved is null order by y.amount) as nth
            from legs as y
        ) as l cross join lateral (values
            (array['tender', lower(l.tender)], coalesce(l.moved, 0) - l.amount),
            (array['over_short', lower(l.tender)], case when l.moved is null then l.amount - case l.nth when 1 then l.rest else 0 end end)
        ) as x (kind, amount)
    )
    select (array_agg(b.e))[1], array_agg(row(b.kind, 'corrected', b.amount)::shape.ledger_row)
    from booked as b where b.amount <> 0 group by b.event_id;
end $$;

-- Notes an event that is in no Z's sums, or may arrive after the close of its shift.
create or replace function cold.note_due() returns trigger
language plpgsql as $$
begin
    if new.event_type in ('drawer_corrected', 'voucher_issued', 'voucher_voided', 'account_paid_off', 'account_corrected')
        or new.event_type = 'drawer_counted' and new.stream_id is distinct from new.shift
    then
        insert into cold.ledger_due (event_id, store_id, shift_id) values (
            new.event_id, new.store_id, case when new.event_type <> 'drawer_counted' then new.shift end)
        on conflict do nothing;
    elsif new.shift is not null then
        insert into cold.ledger_due (event_id, store_id, shift_id)
        select new.event_id, new.store_id, new.shift from till.shifts as s
        where s.shift_id = new.shift and coalesce(s.booked, s.closed_by_server, s.ended) is not null on conflict do nothing;
    elsif new.till_id = 0 and not warm.is_server_tender(coalesce(new.event_data->>'tender', '')) then
        insert into cold.ledger_due (event_id, store_id, business_date) values (
            new.event_id, new.store_id,
            case when new.for_till is null then till.business_date(new.store_id, new."timestamp"::timestamptz) end)
        on conflict do nothing;
    end if;
    return null;
end $$;

-- Notes a correction of a tender once it counts.
create or replace function cold.note_corrected() returns trigger
language plpgsql as $$
begin
    insert into cold.ledger_due (event_id, store_id) values (new.correction_id, new.store_id) on conflict do nothing;
    return null;
end $$;

create or replace function cold.refuse_change_of_books() returns trigger
language plpgsql as $$
begin
    raise exception 'What was booked never changes: % of %.% is refused.', lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002';
end $$;

do $$
begin
    perform till.never_change('{cold.ledger_batches,cold.ledger_rows}', 'cold.refuse_change_of_books()');
    perform till.always_fire('warm.session_events', 'books', 'after insert',
        'for each row when (new.event_type in (''order_placed'', ''payment_approved'', ''payment_voided'', ''tip_corrected'',
            ''refund_approved'', ''cash_moved'', ''movement_undone'', ''drawer_counted'', ''drawer_corrected'', ''voucher_issued'',
            ''voucher_voided'', ''account_paid_off'', ''account_corrected'')) execute function cold.note_due()');
    perform till.always_fire('cold.tender_correction', 'books', 'after insert', 'for each row execute function cold.note_corrected()');
end $$;
