-- The sums of a shift from the log, by the rules of `till/domain/shift/books.py` (docs/adr/0041-one-place-for-a-rule.md).

-- The facts of a shift, in any order: the events of its stream, and what explains a count of it: corrections, undone movements.
create or replace function warm.facts_of_shift(p_shift uuid) returns setof warm.session_events
language plpgsql stable rows 20 as $$
begin
    return query
    select e.* from till.shift_facts as f cross join lateral warm.event_by_id(f.store_id, f.event_id) as e
    where f.shift_id = p_shift;
end $$;

-- The first count of a tender by a till after a payment or a movement, and its shift, which may be the one before. Only the next
-- facts are looked through: a push waits for this.
create or replace function warm.count_after(p_store uuid, p_till integer, p_moved uuid, p_tender text)
returns table (shift uuid, event_id uuid)
language plpgsql stable rows 1 as $$
begin
    return query
    select f.shift_id, f.event_id
    from (
        select s.shift_id, x.event_id
        from till.shifts as s join till.shift_facts as x on x.shift_id = s.shift_id
        where s.store_id = p_store and s.till_id = p_till and s.opened is not null and x.event_id > p_moved and (s.shift_id >= (
            select o.shift_id from till.shifts as o
            where o.store_id = p_store and o.till_id = p_till and o.shift_id < p_moved order by o.shift_id desc offset 1 limit 1
        )) is not false
        order by s.shift_id, x.event_id limit 1000
    ) as f
    cross join lateral warm.event_by_id(p_store, f.event_id) as n
    where n.event_type = 'drawer_counted' and n.event_data->'counts' @> jsonb_build_array(jsonb_build_object('tender', p_tender))
    order by f.event_id limit 1;
end $$;

-- The places of a shift in the chains of its till, by journal: from its opening to its close, or to the last event. A journal
-- that took another's place goes on with the shift that its first event names, or has the rest of one up to its close.
-- They arrived from `since` to `until`, if nothing was late. A journal goes on with a shift after its opening: while nothing so new
-- is in the audit, the journals of years are not looked up there.
create or replace function warm.places_of_shift(p_shift uuid)
returns table (journal_id uuid, first bigint, last bigint, since timestamptz, until timestamptz)
language plpgsql stable set enable_seqscan = off as $$
declare
    s till.shifts;
    o warm.session_events;
    c warm.session_events;
    may_be_audited boolean;
begin
    select * into s from till.shifts as x where x.shift_id = p_shift;
    o := warm.event_by_id(s.store_id, s.opened);
    may_be_audited := warm.may_be_audited(s.store_id, s.opened);
    c := warm.event_by_id(s.store_id, s.closed);
    if c.event_id is null then
        c := warm.event_by_id(s.store_id, s.ended);
        c.seq := c.seq - 1;
    end if;
    return query
    select j.journal_id, min(j.first), case j.journal_id when c.journal_id then c.seq else h.seq end,
        o.received_at, coalesce(c.received_at, now())
    from (
        select o.journal_id, o.seq as first
        union all
        select x.journal_id, 1 from warm.journal_head as x cross join lateral warm.first_of(x.journal_id) as b
        where x.store_id = s.store_id and x.till_id = s.till_id and x.journal_id <> o.journal_id and b.event_type = 'journal_opened'
            and (may_be_audited or x.journal_id = c.journal_id
                or exists (select from warm.session_events as y where y.journal_id = x.journal_id and y.seq = 1))
            and (b.event_data->>'shift' = p_shift::text or x.journal_id = c.journal_id and c.journal_id <> o.journal_id)
    ) as j
    join warm.journal_head as h on h.journal_id = j.journal_id
    group by j.journal_id, h.seq;
end $$;

-- True if nothing of a shift is missing: its opening is here, and no place of it in a chain is a gap or unreadable.
create or replace function warm.is_whole_shift(p_shift uuid) returns boolean
language plpgsql stable set enable_seqscan = off as $$
begin
    return (
        with place as materialized (
            select * from warm.places_of_shift(p_shift)
        )
        select exists (select from place) and not exists (
            select from place as p join warm.chain_gaps as g on g.journal_id = p.journal_id and g.seq between p.first and p.last
        ) and not exists (
            select from place as p join warm.quarantine as q on q.journal_id = p.journal_id and q.seq between p.first and p.last
            cross join lateral (select warm.read_envelope(q.body) as body offset 0) as b
            where (b.body ? 'shift') is not true or b.body->>'shift' = p_shift::text and not warm.is_readable(b.body)));
end $$;

-- The events with the label of a shift that its sums are made of, from the log, the audit and quarantine, in any order. What does
-- not read there is not among them. Most events of a shift are lines keyed.
create or replace function warm.events_of_shift(p_shift uuid)
returns table (event_id uuid, event_type text, stream_id uuid, data jsonb)
language plpgsql stable rows 20000 set enable_seqscan = off as $$
declare
    p record;
    types constant text[] := array(select jsonb_object_keys(warm.summed_types()));
begin
    for p in select * from warm.places_of_shift(p_shift) loop
        return query
        select e.event_id, e.event_type, e.stream_id, e.event_data from warm.session_events as e
        where e.journal_id = p.journal_id and e.seq between p.first and p.last and e.shift = p_shift
            and e.event_type = any (types);
        return query
        select a.event_id, a.event_type, a.stream_id, a.event_data
        from cold.audited_places(
            p.journal_id, p.first, p.last, p.since, p.until, format('a.shift = %L and a.event_type = any (%L)', p_shift, types)) as a;
        return query
        select (b.body->>'id')::uuid, b.body->>'type', (b.body->>'stream_id')::uuid, b.body->'data'
        from warm.quarantine as q cross join lateral (select warm.read_envelope(q.body) as body offset 0) as b
        where q.journal_id = p.journal_id and q.seq between p.first and p.last and b.body->>'shift' = p_shift::text
            and b.body->>'type' = any (types) and warm.is_readable(b.body)
            and not exists (select from warm.session_events as l where l.journal_id = q.journal_id and l.seq = q.seq)
            and not exists (select from cold.audited_places(q.journal_id, q.seq, q.seq, p.since, p.until));
    end loop;
end $$;

-- The balance of the drawer of a till when a shift was opened, by tender, with a count that stands beside the Z before though it
-- was made in this shift: its difference, less what it took. `journal_id` is the journal of the close before; null without one.
create or replace function warm.opening_of_shift(p_shift uuid, out balance jsonb, out journal_id uuid)
language plpgsql stable set enable_seqscan = off as $$
declare
    before record;
begin
    select d.* into before
    from till.shifts as s cross join lateral warm.balance_before(s.store_id, s.till_id, s.shift_id) as d
    where s.shift_id = p_shift;
    journal_id := before.journal_id;
    select before.balance || coalesce(jsonb_object_agg(
        x.tender, (x.change + coalesce((before.balance->>x.tender)::numeric, 0))::text), '{}')
    into balance
    from (
        select n->>'tender' as tender,
            sum((n->>'counted')::numeric - (n->>'expected')::numeric - coalesce((n->>'taken')::numeric, 0)) as change
        from warm.facts_of_shift(before.shift_id) as e cross join jsonb_array_elements(e.event_data->'counts') as n
        where e.event_type = 'drawer_counted' and e.shift = p_shift group by 1
    ) as x;
end $$;

-- The balance of the drawer of a till before a shift, by tender: what the close before stated, and then what the counts
-- since left. `shift_id` and `journal_id` are those of that close; null without one.
create or replace function warm.balance_before(
    p_store uuid, p_till integer, p_before uuid, out balance jsonb, out shift_id uuid, out journal_id uuid
)
language plpgsql stable set enable_seqscan = off as $$
declare
    c warm.session_events;
begin
    c := warm.event_by_id(p_store, (
        select coalesce(x.closed, x.closed_by_server) from till.shifts as x
        where x.store_id = p_store and x.till_id = p_till and x.shift_id < p_before
            and coalesce(x.closed, x.closed_by_server) is not null
        order by x.shift_id desc limit 1));
    shift_id := c.stream_id;
    journal_id := c.journal_id;
    if c.event_id is null then
        balance := '{"CASH": "0"}';
        return;
    end if;
    select coalesce(jsonb_object_agg(d->>'tender', d->>'closing'), '{}') into balance
    from jsonb_array_elements(c.event_data->'sums'->'drawer') as d;
    select balance || coalesce(jsonb_object_agg(
        n->>'tender', ((n->>'counted')::numeric - coalesce((n->>'taken')::numeric, 0))::text order by e.event_id, n.place), '{}')
    into balance
    from warm.facts_of_shift(c.stream_id) as e
    cross join jsonb_array_elements(e.event_data->'counts') with ordinality as n (n, place)
    where e.event_type = 'drawer_counted' and e.event_id > c.event_id and e.event_id < p_before;
end $$;

-- The balance of its drawer for a till whose journal began on an empty disk, as reference data: that with which the first
-- shift of the journal opens. It changes with what still arrives of the journals before, until the journal has closed a
-- shift. Null before the server has closed the shift that an earlier journal left open, and for any other journal.
create or replace function warm.balance_for(p_auth warm.auth_context, p_version text) returns json
language plpgsql stable set enable_seqscan = off as $$
declare
    before record;
    version integer;
begin
    select d.* into before
    from warm.balance_before(p_auth.store_id, p_auth.till_id, coalesce((
        select s.shift_id from till.shifts as s
        where s.store_id = p_auth.store_id and s.till_id = p_auth.till_id and s.closed is null and s.closed_by_server is null
        order by s.shift_id desc limit 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) as d;
    if before.shift_id is null or p_auth.retired or before.journal_id = p_auth.journal_id or exists (
        select from till.shifts as s cross join lateral warm.event_by_id(s.store_id, s.opened) as o
        where s.shift_id = before.shift_id and o.journal_id = p_auth.journal_id
    ) or (warm.first_of(p_auth.journal_id)).event_data->>'shift' = before.shift_id::text or exists (select from warm.left_shifts(p_auth.store_id) as l where l.till_id = p_auth.till_id) then
        return null;
    end if;
    version := hashtext(before.balance::text) & 2147483646 | 1;
    if version::text = p_version then
        return null;
    end if;
    return json_build_object('version', version, 'body', json_build_object('balance', before.balance));
end $$;

-- A sum as records write it; zero of nothing.
create or replace function warm.sum_text(p_sum numeric, p_decimals integer) returns text
language sql immutable as $$
    select round(coalesce(p_sum, 0), p_decimals)::text
$$;

-- The first and the last of the numbers of documents, in their order, as records write them: with several series those of
-- each, with commas between. Null without any.
create or replace function warm.ends_among(p_numbers text[]) returns jsonb
language sql immutable parallel safe as $$
    select jsonb_build_object('first', string_agg(s.first, ', ' order by s.series), 'last', string_agg(s.last, ', ' order by s.series))
    from (
        select cold.series_of(x.number) as series, (array_agg(x.number order by x.n))[1] as first,
            (array_agg(x.number order by x.n desc))[1] as last
        from unnest(p_numbers) with ordinality as x (number, n) group by 1
    ) as s having count(*) > 0
$$;

-- A number of documents or acts with their amount, as records write them.
create or replace function warm.numbered_sum(p_number bigint, p_sum numeric, p_decimals integer) returns jsonb
language sql immutable as $$
    select jsonb_build_object('number', p_number, 'amount', warm.sum_text(p_sum, p_decimals))
$$;

-- A record that the sums of a shift are made of. `n` is its place in the shift: a record that changes another is compared by the place of
-- both, since what came later counts.
create type shape.shift_event as (n bigint, id text, type text, stream_id uuid, data jsonb);
-- A payment of a shift, until the place of the answer that replaced it; `noted` is the place of its first answer.
create type shape.shift_payment as (
    n bigint, payment text, tender text, amount numeric, tip numeric, tendered numeric, change numeric, is_here boolean, until bigint,
    noted bigint);
-- A payment that was given back, with the tip that it had.
create type shape.shift_return as (n bigint, tender text, amount numeric, change numeric, tip numeric, is_here boolean);

-- The payments of a shift. One that a manager settled by hand and its provider answered later is there twice.
create or replace function warm.payments_in(p_money shape.shift_event[]) returns setof shape.shift_payment
language plpgsql stable rows 20000 set plan_cache_mode = force_custom_plan as $$
begin
    return query
    with answered as (
        select e.n, e.data->>'payment_id' as payment, e.data->>'tender' as tender, (e.data->>'amount')::numeric as amount,
            coalesce((e.data->>'tip')::numeric, 0) as tip, (e.data->>'tendered')::numeric as tendered,
            (e.data->>'change')::numeric as change, e.data ? 'drawer' as is_here, e.data ? 'approved_by' as is_by_hand
        from unnest(p_money) as e where e.type = 'payment_approved' and not warm.is_server_tender(e.data->>'tender')
    ), first_answer as (
        select distinct on (a.payment) a.* from answered as a order by a.payment, a.n
    ), later_answer as (
        select distinct on (a.payment) a.* from answered as a join first_answer as f on f.payment = a.payment
        where f.is_by_hand and not a.is_by_hand and a.n > f.n order by a.payment, a.n
    )
    select f.n, f.payment, f.tender, f.amount, f.tip, f.tendered, f.change, f.is_here, l.n, f.n
    from first_answer as f left join later_answer as l on l.payment = f.payment
    union all
    select l.n, l.payment, l.tender, l.amount, l.tip, l.tendered, l.change, l.is_here, null, f.n
    from later_answer as l join first_answer as f on f.payment = l.payment;
end $$;

-- The payments that were given back in a shift.
create or replace function warm.returns_in(p_money shape.shift_event[], p_payments shape.shift_payment[])
returns setof shape.shift_return
language plpgsql stable rows 20000 set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select v.n, v.tender, v.amount, v.change, coalesce(p.tip, 0), v.is_here
    from (
        select e.n, e.data->>'payment_id' as payment, e.data->>'tender' as tender, (e.data->>'amount')::numeric as amount,
            coalesce((e.data->>'change')::numeric, 0) as change, e.data ? 'drawer' as is_here
        from unnest(p_money) as e where e.type = 'payment_voided' and not warm.is_server_tender(e.data->>'tender')
    ) as v
    left join unnest(p_payments) as p on p.payment = v.payment and p.n < v.n and (p.until is null or p.until > v.n);
end $$;

-- The sums of the sales of a shift.
create or replace function warm.sale_sums(p_sales shape.shift_event[], p_decimals integer) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (
        with placed as materialized (
            -- each sale is taken apart once
            select e.n, p.* from unnest(p_sales) as e cross join jsonb_to_record(e.data) as p (
                receipt text, business_date text, net numeric, tax numeric, total numeric, rounding numeric, lines jsonb,
                taxes jsonb, service_charge jsonb, off jsonb)
        ), lines as materialized (
            select l.* from placed as p cross join jsonb_to_recordset(p.lines) as l (
                category text, quantity bigint, subtotal numeric, off jsonb)
        ), offs as materialized (
            select o->>'kind' = 'comp' as is_comp, abs((o->>'amount')::numeric) as amount
            from lines as l cross join jsonb_array_elements(l.off) as o
            union all
            select o->>'kind' = 'comp', abs((o->>'amount')::numeric)
            from placed as p cross join jsonb_array_elements(p.off) as o
        )
        select jsonb_build_object(
            'sales', jsonb_build_object(
                'number', count(*), 'net', warm.sum_text(sum(p.net), p_decimals), 'tax', warm.sum_text(sum(p.tax), p_decimals),
                'gross', warm.sum_text(sum(p.total), p_decimals)),
            'rounding', warm.sum_text(sum(p.rounding), p_decimals),
            'service_charge', warm.sum_text(sum((p.service_charge->>'subtotal')::numeric), p_decimals),
            'receipts', warm.ends_among(array_agg(p.receipt order by p.n)),
            'taxes', (
                select jsonb_agg(jsonb_build_object(
                    'name', t.name, 'rate', t.rate, 'net', round(t.net, p_decimals)::text, 'tax', round(t.tax, p_decimals)::text)
                    order by t.name collate "C", t.rate collate "C")
                from (
                    select t->>'name' as name, coalesce(t->>'rate', '') as rate,
                        sum(coalesce((t->>'net')::numeric, 0)) as net, sum((t->>'tax')::numeric) as tax
                    from placed as p cross join jsonb_array_elements(p.taxes) as t group by 1, 2
                ) as t),
            'categories', (
                select jsonb_agg(jsonb_build_object(
                    'category', c.category, 'quantity', c.quantity, 'gross', round(c.gross, p_decimals)::text)
                    order by c.category collate "C")
                from (
                    select coalesce(l.category, '') as category, sum(l.quantity) as quantity, sum(l.subtotal) as gross
                    from lines as l group by 1
                ) as c),
            'dates', (
                select jsonb_agg(jsonb_build_object(
                    'business_date', d.business_date, 'number', d.number, 'gross', round(d.gross, p_decimals)::text)
                    order by d.business_date collate "C")
                from (
                    select p.business_date, count(*) as number, sum(p.total) as gross from placed as p group by 1
                ) as d),
            'discounts', (select warm.numbered_sum(count(*), sum(o.amount), p_decimals) from offs as o where not o.is_comp),
            'comps', (select warm.numbered_sum(count(*), sum(o.amount), p_decimals) from offs as o where o.is_comp))
        from placed as p);
end $$;

-- The sums of what moved in each tender: as taken, less what was given back and refunded.
create or replace function warm.tender_sums(
    p_payments shape.shift_payment[], p_returns shape.shift_return[], p_money shape.shift_event[], p_sales shape.shift_event[],
    p_decimals integer
) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (
        with paid as materialized (
            select p.payment, p.tender, p.amount, p.tip from unnest(p_payments) as p where p.until is null
        ), listed as (
            select p.payment_id as payment, p.tender, p.amount, coalesce(p.tip, 0) as tip,
                row_number() over (partition by p.payment_id order by e.n) = 1 as is_first
            from unnest(p_sales) as e cross join jsonb_to_recordset(e.data->'payments') as p (
                payment_id text, tender text, amount numeric, tip numeric)
        ), used as materialized (
            select l.*, p.payment is not null as is_here
            from listed as l left join paid as p on p.payment = l.payment and l.is_first
        ), moves (tender, number, amount, tip, ahead, used) as (
            select p.tender, 1, p.amount, p.tip, p.amount - p.tip, 0 from paid as p
            union all select r.tender, 1, -r.amount, -r.tip, r.tip - r.amount, 0 from unnest(p_returns) as r
            union all select e.data->>'tender', 1, (e.data->>'amount')::numeric, 0, 0, 0
            from unnest(p_money) as e where e.type = 'refund_approved'
            union all select e.data->>'tender', 0, -(e.data->>'returned')::numeric, -(e.data->>'returned')::numeric, 0, 0
            from unnest(p_money) as e where e.type = 'tip_corrected'
            union all select u.tender, 0, 0, 0, u.tip - u.amount, 0 from used as u where u.is_here
            union all select u.tender, 1, u.amount, u.tip, 0, 0 from used as u
            where not u.is_here and warm.is_server_tender(u.tender)
            union all select u.tender, 0, 0, 0, 0, u.amount - u.tip from used as u
            where not u.is_here and not warm.is_server_tender(u.tender)
        ), tenders as (
            select m.tender, sum(m.number) as number, sum(m.amount) as amount, sum(m.tip) as tips, sum(m.ahead) as ahead,
                sum(m.used) as used
            from moves as m group by m.tender
        )
        select jsonb_build_object(
            'tips', warm.sum_text(sum(t.tips), p_decimals), 'taken_ahead', warm.sum_text(sum(t.ahead), p_decimals),
            'used', warm.sum_text(sum(t.used), p_decimals),
            'tenders', jsonb_agg(jsonb_build_object(
                'tender', t.tender, 'number', t.number, 'amount', round(t.amount, p_decimals)::text,
                'tips', round(t.tips, p_decimals)::text, 'taken_ahead', round(t.ahead, p_decimals)::text,
                'used', round(t.used, p_decimals)::text) order by t.tender collate "C"))
        from tenders as t);
end $$;

-- The sums of the refunds of a shift. The tax is that of the refunds that it began.
create or replace function warm.refund_sums(p_money shape.shift_event[], p_decimals integer) returns jsonb
language plpgsql stable as $$
begin
    return (
        with begun as materialized (
            select e.n, e.data->>'receipt' as receipt, e.stream_id, (e.data->>'tax')::numeric as tax
            from unnest(p_money) as e where e.type = 'refund_started'
        ), refunded as materialized (
            select e.n, e.stream_id, (e.data->>'amount')::numeric as amount from unnest(p_money) as e where e.type = 'refund_approved'
        )
        select jsonb_build_object(
            'refunds', (select warm.numbered_sum(count(*), -sum(r.amount), p_decimals) from refunded as r),
            'refund_tax', (
                select warm.sum_text(-sum(b.tax), p_decimals)
                from refunded as r join begun as b on b.stream_id = r.stream_id and b.n < r.n),
            'refund_receipts', warm.ends_among(array_agg(b.receipt order by b.n)))
        from begun as b);
end $$;

-- The counts of a drawer, a row for each tender. The opening has one in the stream of the shift before, which is a base here all the same.
create or replace function warm.counts_in(p_drawer shape.shift_event[], p_shift uuid) returns table (
    n bigint, place bigint, tender text, counted numeric, taken numeric, is_own boolean)
language plpgsql stable rows 1000 as $$
begin
    return query
    select e.n, c.place, c.c->>'tender', (c.c->>'counted')::numeric, coalesce((c.c->>'taken')::numeric, 0), e.stream_id = p_shift
    from unnest(p_drawer) as e cross join jsonb_array_elements(e.data->'counts') with ordinality as c (c, place)
    where e.type = 'drawer_counted';
end $$;

-- The changes of a drawer by corrected tenders and undone movements. One of something from before the last count explains the
-- difference of that count, and changes nothing.
create or replace function warm.changes_in(
    p_payments shape.shift_payment[], p_drawer shape.shift_event[], p_shift uuid, p_kept text[]
) returns table (n bigint, tender text, kind text, amount numeric)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan as $$
begin
    return query
    with undone as (
        select distinct on (c.id) e.n, c.n as noted, (c.data->>'amount')::numeric as amount
        from unnest(p_drawer) as e join unnest(p_drawer) as c on c.id = e.data->>'event' and c.n < e.n
        where e.type = 'movement_undone' and c.type = 'cash_moved' order by c.id, e.n
    ), corrected as (
        -- within the drawer, what was tendered moves: its change stays cash
        select o.n, o.was, o.tender, min(t.noted) as noted, coalesce(nullif(max(t.tendered) filter (
            where t.n < o.n and (t.until is null or t.until > o.n) and t.is_here and t.tender = any (p_kept)
                and o.was = any (p_kept) and o.tender = any (p_kept)), 0), o.amount) as amount
        from (
            select e.n, e.data->>'payment_id' as payment, e.data->>'was' as was, e.data->>'tender' as tender,
                (e.data->>'amount')::numeric as amount
            from unnest(p_drawer) as e where e.type = 'drawer_corrected'
        ) as o
        join unnest(p_payments) as t on t.payment = o.payment and t.noted < o.n
        group by o.n, o.was, o.tender, o.amount
    )
    select x.n, x.tender, x.kind, x.amount
    from (
        select x.*, max(x.counted) over (partition by x.tender order by x.n) as last_count
        from (
            select c.n, c.noted, t.tender, 'corrected' as kind, t.amount, null::bigint as counted
            from corrected as c cross join lateral (values (c.was, -c.amount), (c.tender, c.amount)) as t (tender, amount)
            union all select u.n, u.noted, 'CASH', 'undone', -u.amount, null from undone as u
            union all select c.n, null, c.tender, null, null, c.n from warm.counts_in(p_drawer, p_shift) as c
        ) as x
    ) as x
    where (x.kind = 'undone' or x.kind = 'corrected' and x.tender = any (p_kept)) and (x.last_count > x.noted) is not true;
end $$;

-- The movements of a drawer, without its counts, by kind.
create or replace function warm.moves_in(
    p_payments shape.shift_payment[], p_returns shape.shift_return[], p_money shape.shift_event[], p_drawer shape.shift_event[],
    p_shift uuid, p_kept text[]
) returns table (n bigint, tender text, kind text, amount numeric)
language plpgsql stable rows 20000 set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select m.* from (
        select x.n, x.tender, x.kind, x.amount
        from unnest(p_payments) as t cross join lateral (values
            (t.n, t.tender, 'payments', t.tendered), (t.n, 'CASH', 'change', -t.change),
            (t.until, t.tender, 'payments', -t.tendered), (t.until, 'CASH', 'change', t.change)) as x (n, tender, kind, amount)
        where t.is_here and x.n is not null
        union all
        select r.n, x.tender, 'given_back', x.amount
        from unnest(p_returns) as r cross join lateral (values
            (r.tender, -r.amount - r.change), ('CASH', r.change)) as x (tender, amount)
        where r.is_here
        union all
        select e.n, e.data->>'tender', 'refunds', (e.data->>'amount')::numeric
        from unnest(p_money) as e where e.type = 'refund_approved' and e.data ? 'drawer'
        union all
        select e.n, e.data->>'tender', 'tips_corrected', -(e.data->>'returned')::numeric
        from unnest(p_money) as e where e.type = 'tip_corrected' and e.data ? 'drawer'
    ) as m (n, tender, kind, amount)
    where m.amount <> 0 and m.tender = any (p_kept)
    union all
    select e.n, 'CASH', e.data->>'kind', (e.data->>'amount')::numeric
    from unnest(p_drawer) as e where e.type = 'cash_moved' and (e.data->>'amount')::numeric <> 0
    union all
    select c.* from warm.changes_in(p_payments, p_drawer, p_shift, p_kept) as c where c.amount <> 0;
end $$;

-- The account of a drawer in a shift, by tender.
create or replace function warm.drawer_sums(
    p_payments shape.shift_payment[], p_returns shape.shift_return[], p_money shape.shift_event[], p_drawer shape.shift_event[],
    p_shift uuid, p_kept text[], p_opening jsonb, p_decimals integer
) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (
        with moves as materialized (
            select m.* from warm.moves_in(p_payments, p_returns, p_money, p_drawer, p_shift, p_kept) as m
        ), parts as (
            -- each count begins a part of the account of its tender
            select x.*, count(x.counted) over (partition by x.tender order by x.n, x.place) as part
            from (
                select m.n, 0 as place, m.tender, m.amount, null::numeric as counted, null::numeric as taken from moves as m
                union all select c.n, c.place, c.tender, 0, c.counted, c.taken from warm.counts_in(p_drawer, p_shift) as c where c.is_own
            ) as x
        ), accounts as (
            select p.tender, p.part, max(p.counted) as counted, max(p.taken) as taken, sum(p.amount) as moved,
                coalesce(max(p.counted) - max(p.taken), (p_opening->>p.tender)::numeric, 0) as base
            from parts as p group by p.tender, p.part
        ), steps as materialized (
            -- a count without a part before it follows the opening
            select a.*, coalesce(lag(a.base + a.moved) over w, (p_opening->>a.tender)::numeric, 0) as expected,
                lead(a.part) over w is null as is_last
            from accounts as a window w as (partition by a.tender order by a.part)
        ), kinds as materialized (
            select k.tender, k.kind, sum(k.amount) as amount
            from (
                select m.tender, m.kind, m.amount from moves as m
                union all select s.tender, 'difference', s.counted - s.expected from steps as s where s.part > 0
                union all select s.tender, 'taken', -s.taken from steps as s where s.part > 0
            ) as k (tender, kind, amount)
            where k.amount <> 0 group by k.tender, k.kind
        ), drawer as (
            select t.tender, coalesce((p_opening->>t.tender)::numeric, 0) as opening,
                coalesce(s.base + s.moved, (p_opening->>t.tender)::numeric, 0) as closing, (
                    select jsonb_agg(jsonb_build_object('kind', k.kind, 'amount', round(k.amount, p_decimals)::text)
                        order by k.kind collate "C")
                    from kinds as k where k.tender = t.tender and k.amount <> 0) as moved
            from (
                select k.tender from kinds as k union select unnest(p_kept) union select jsonb_object_keys(p_opening)
            ) as t
            left join steps as s on s.tender = t.tender and s.is_last
        )
        select jsonb_agg(jsonb_build_object(
            'tender', d.tender, 'opening', round(d.opening, p_decimals)::text,
            'closing', round(d.closing, p_decimals)::text, 'moved', d.moved) order by d.tender collate "C")
        from drawer as d);
end $$;

-- The sums of what was taken off orders, and of changed prices. Of the events about one change, or about the clearing of one order, the
-- last counts: one that undid it adds nothing.
create or replace function warm.change_sums(p_changes shape.shift_event[], p_decimals integer) returns jsonb
language plpgsql stable as $$
begin
    return (
        with last as materialized (
            select distinct on (e.key) e.type, e.data
            from (
                select c.n, c.type, c.data, case when c.type = 'change_undone' then c.data->>'event'
                    when c.type in ('order_discarded', 'order_resumed') then c.stream_id::text else c.id end as key
                from unnest(p_changes) as c
            ) as e
            order by e.key, e.n desc
        )
        select jsonb_build_object(
            'voids', warm.numbered_sum(count(*), sum(v.amount), p_decimals),
            'voids_after_sending', warm.numbered_sum(count(*) filter (where v.sent), sum(v.amount) filter (where v.sent), p_decimals),
            'cleared_after_sending', warm.numbered_sum(
                count(*) filter (where v.sent and l.type = 'order_discarded'),
                sum(v.amount) filter (where v.sent and l.type = 'order_discarded'), p_decimals),
            'new_prices', (select count(*) from last as l where l.type = 'price_overridden' and not l.data ? 'follows'))
        from last as l
        cross join jsonb_to_recordset(case
            when l.type = 'order_discarded' then l.data->'removed'
            when l.data ? 'removed' and not l.data ? 'cut' then jsonb_build_array(l.data->'removed') end) as v (amount numeric, sent boolean));
end $$;

-- The sums of openings of the drawer, of copies and of provisional bills.
create or replace function warm.paper_sums(p_papers shape.shift_event[], p_decimals integer) returns jsonb
language plpgsql stable as $$
begin
    return (
        with papers as (
            select e.type = 'drawer_opened' and e.data->>'why' = 'no_sale' as is_no_sale,
                coalesce((e.data->>'is_bill')::boolean, false) as is_bill,
                e.data ? 'copy' and not coalesce((e.data->>'is_bill')::boolean, false) as is_copy, (e.data->>'amount')::numeric as amount
            from unnest(p_papers) as e
        )
        select jsonb_build_object(
            'no_sales', count(*) filter (where p.is_no_sale),
            'copies', warm.numbered_sum(count(*) filter (where p.is_copy), sum(p.amount) filter (where p.is_copy), p_decimals),
            'bills', warm.numbered_sum(count(*) filter (where p.is_bill), sum(p.amount) filter (where p.is_bill), p_decimals))
        from papers as p);
end $$;

-- The records of a shift by subject, in the order of their ids, with its currency and the tenders that it keeps in the drawer.
create or replace function warm.records_of_shift(
    p_shift uuid, out sales shape.shift_event[], out money shape.shift_event[], out drawer shape.shift_event[],
    out papers shape.shift_event[], out changes shape.shift_event[], out opened jsonb, out kept text[], out decimals integer
)
language plpgsql stable set enable_seqscan = off as $$
begin
    select o.event_data into strict opened
    from till.shifts as s cross join lateral warm.event_by_id(s.store_id, s.opened) as o
    where s.shift_id = p_shift and o.event_id is not null;
    kept := array(select jsonb_array_elements_text(opened->'kept'));
    decimals := cold.decimals_of(opened->>'currency');
    select array_agg(x.e) filter (where x.subject = 'sales'), array_agg(x.e) filter (where x.subject = 'money'),
        array_agg(x.e) filter (where x.subject = 'drawer'), array_agg(x.e) filter (where x.subject = 'papers'),
        array_agg(x.e) filter (where x.subject = 'changes')
    into sales, money, drawer, papers, changes
    from (
        select row(row_number() over (order by e.event_id), e.event_id::text, e.event_type, e.stream_id, e.data)::shape.shift_event as e,
            warm.summed_types()->>e.event_type as subject
        from warm.events_of_shift(p_shift) as e
    ) as x;
end $$;

-- The sums of a shift so far, as in `shift_closed`; null if a part of its records is missing, unless `p_over_gaps`. Its records are read
-- once; each sum is made of those of its subject.
create or replace function warm.shift_sums(p_shift uuid, p_over_gaps boolean default false) returns jsonb
language plpgsql stable set enable_seqscan = off as $$
declare
    r record;
    payments shape.shift_payment[];
    returned shape.shift_return[];
begin
    if not p_over_gaps and not warm.is_whole_shift(p_shift) then
        return null;
    end if;
    r := warm.records_of_shift(p_shift);
    payments := array(select p from warm.payments_in(r.money) as p);
    returned := array(select v from warm.returns_in(r.money, payments) as v);
    return jsonb_strip_nulls(warm.sale_sums(r.sales, r.decimals) || warm.tender_sums(payments, returned, r.money, r.sales, r.decimals)
        || warm.refund_sums(r.money, r.decimals) || warm.change_sums(r.changes, r.decimals) || warm.paper_sums(r.papers, r.decimals)
        || jsonb_build_object('drawer', warm.drawer_sums(payments, returned, r.money, r.drawer, p_shift, r.kept,
            (select o.balance from warm.opening_of_shift(p_shift) as o), r.decimals)));
end $$;
