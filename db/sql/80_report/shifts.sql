-- The shifts of tills with their Z. The sums are those that its close froze; movements, counts and corrections are the events of
-- the stream of the shift.

-- The shifts that were opened on a business day, with the close of each. One that its till and the server closed is there twice.
-- for: admin, report
create or replace function cold.shifts_on(p_store uuid, p_day date) returns table (
    shift uuid, till integer, currency text, opened_at timestamptz, closed uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    span constant record := till.day_span(till.venue(p_store), p_day);
begin
    return query
    select s.shift_id, s.till_id, o.event_data->>'currency', o."timestamp"::timestamptz, c.closed
    from till.shifts as s
    cross join lateral warm.event_by_id(p_store, s.opened) as o
    cross join lateral unnest(case
        when s.closed is null or s.closed_by_server is null then array[coalesce(s.closed, s.closed_by_server)]
        else array[s.closed, s.closed_by_server] end) as c (closed)
    where s.store_id = p_store and (c.closed is not null or s.ended is null) and o.event_data->>'business_date' = p_day::text
        and s.shift_id >= warm.least_id(span.begins - interval '1 day') and s.shift_id < warm.least_id(span.ends);
end $$;

-- The shifts that are open now, with the business day of their opening.
-- for: admin, report
create or replace function cold.shifts_open(p_store uuid) returns table (
    business_date date, currency text, till integer, shift uuid, opened_at timestamptz, opened_by integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select (o.event_data->>'business_date')::date, o.event_data->>'currency', s.till_id, s.shift_id, o."timestamp"::timestamptz, o.user_id
    from till.shifts as s
    cross join lateral warm.event_by_id(p_store, s.opened) as o
    where s.store_id = p_store and s.closed is null and s.closed_by_server is null and s.ended is null;
end $$;

-- A number and an amount, from the sums of a shift, in which what is zero may be left out.
create or replace function cold.numbered(p_sum jsonb) returns jsonb
language sql immutable parallel safe as $$
    select '{"number": 0, "amount": "0"}' || coalesce(p_sum, '{}')
$$;

-- The first and the last number of each series of a kind of documents, one after the other; none without any.
create or replace function cold.ends_of(p_ends jsonb) returns jsonb
language sql immutable parallel safe as $$
    select coalesce(jsonb_agg(e.number order by x.n, e.place), '[]')
    from unnest(string_to_array(p_ends->>'first', ', '), string_to_array(p_ends->>'last', ', ')) with ordinality as x (first, last, n)
    cross join lateral (values (1, x.first), (2, x.last)) as e (place, number)
$$;

-- The Z of a shift by its close, as `till report z --json` shows it, or its X without one. Null for an open
-- shift that has a gap in its records.
-- for: admin, report
create or replace function cold.z_of(p_shift uuid, p_closed uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    known constant till.shifts := (select x from till.shifts as x where x.shift_id = p_shift);
    opened constant warm.session_events := warm.event_by_id(known.store_id, known.opened);
    closed constant warm.session_events := warm.event_by_id(known.store_id, p_closed);
    is_by_server constant boolean := closed.for_till is not null;
    facts constant warm.session_events[] := array(select f from warm.facts_of_shift(p_shift) as f);
    before constant warm.session_events[] := array(
        select f from unnest(facts) as f
        where case when is_by_server then f.received_at <= closed.received_at else p_closed is null or f.event_id < p_closed end);
    z constant jsonb := closed.event_data;
    s constant jsonb := case when p_closed is null then warm.shift_sums(p_shift) else coalesce(z->'sums', '{}') end;
    dates jsonb;
    later jsonb;
    corrections jsonb;
    counts jsonb;
    journals jsonb;
begin
    if s is null then
        return null;
    end if;
    select jsonb_agg(distinct d.day order by d.day) into dates
    from (
        select opened.event_data->>'business_date'
        union all select d.one->>'business_date' from jsonb_array_elements(s->'dates') as d (one)
    ) as d (day);
    if is_by_server then
        -- the sums of now, less those of the close
        select jsonb_build_object(
            'number', sum(w.way * (w.number + w.refunds)), 'amount', sum(w.way * (w.gross - w.refunded))::text) into later
        from (
            select w.way, coalesce((w.sums->'sales'->>'number')::bigint, 0), coalesce((w.sums->'refunds'->>'number')::bigint, 0),
                coalesce((w.sums->'sales'->>'gross')::numeric, 0), coalesce((w.sums->'refunds'->>'amount')::numeric, 0)
            from (values (1, warm.shift_sums(p_shift, true)), (-1, s)) as w (way, sums)
        ) as w (way, number, refunds, gross, refunded);
    end if;
    select coalesce(jsonb_agg(jsonb_build_object(
        'receipt', coalesce(f.event_data->>'receipt', ''), 'was', f.event_data->>'was', 'tender', f.event_data->>'tender',
        'amount', f.event_data->>'amount') order by f.event_id), '[]') into corrections
    from unnest(facts) as f where f.event_type = 'drawer_corrected' and f.stream_id = p_shift;
    select jsonb_agg(jsonb_build_object(
        'id', p.journal_id, 'from', p.first, 'to', p.last, 'head', warm.hash_at(p.journal_id, p.last, p_closed))
        order by p.journal_id <> opened.journal_id, p.journal_id) into journals
    from warm.places_of_shift(p_shift) as p;
    -- a correction explains the difference of the count that came after its payment: ids contain their time
    with counted as (
        select f.event_id, f."timestamp", f.user_id, f.event_data, c.one
        from unnest(facts) as f cross join lateral jsonb_array_elements(f.event_data->'counts') as c (one)
        where f.event_type = 'drawer_counted'
    ), changed (event_id, of, kind, tender, amount, receipt) as (
        select f.event_id, (f.event_data->>'payment_id')::uuid, 'corrected', t.tender, t.amount, coalesce(f.event_data->>'receipt', '')
        from unnest(facts) as f cross join lateral (values
            (f.event_data->>'was', -(f.event_data->>'amount')::numeric),
            (f.event_data->>'tender', (f.event_data->>'amount')::numeric)) as t (tender, amount)
        where f.event_type = 'drawer_corrected'
        union all
        select f.event_id, m.event_id, 'undone', 'CASH', -(m.event_data->>'amount')::numeric, ''
        from unnest(facts) as f cross join lateral warm.event_by_id(known.store_id, (f.event_data->>'event')::uuid) as m
        where f.event_type = 'movement_undone' and m.event_type = 'cash_moved' and m.stream_id = f.stream_id
    ), explaining as (
        select x.*, n.event_id as counted
        from changed as x cross join lateral warm.count_after(known.store_id, known.till_id, x.of, x.tender) as n
        where n.event_id < x.event_id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'at', warm.time_text(c."timestamp"), 'user', c.user_id, 'tender', c.one->>'tender', 'expected', c.one->>'expected',
        'counted', c.one->>'counted', 'difference', ((c.one->>'counted')::numeric - (c.one->>'expected')::numeric)::text,
        'taken', coalesce(c.one->>'taken', '0'), 'to', coalesce(c.event_data->>'to', ''), 'explained_by', (
            select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'receipt', x.receipt, 'amount', x.amount::text)
                order by x.event_id), '[]')
            from explaining as x
            where x.tender = c.one->>'tender' and x.counted = c.event_id
        )) order by c.event_id, c.one->>'tender'), '[]') into counts
    from counted as c;
    return (cold.stated_sums(s) || jsonb_build_object(
        'number', z->>'number', 'till', known.till_id, 'shift', p_shift, 'business_dates', dates,
        'opened_at', warm.time_text(opened."timestamp"), 'closed_at', warm.time_text(closed."timestamp"),
        'opened_by', opened.user_id, 'closed_by', closed.user_id, 'closed_from', case when is_by_server then 'server' else 'till' end,
        'other', (warm.event_by_id(known.store_id, case when is_by_server then known.closed else known.closed_by_server end)
            ).event_data->>'number', 'currency', opened.event_data->>'currency', 'corrections', corrections,
        'drawer', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'tender', d.one->>'tender', 'opening', d.one->>'opening', 'rows', cold.drawer_rows(d.one, before),
                'closing', d.one->>'closing') order by d.place), '[]')
            from jsonb_array_elements(s->'drawer') with ordinality as d (one, place)),
        'counts', counts, 'receipts', cold.ends_of(s->'receipts'),
        'refund_receipts', cold.ends_of(s->'refund_receipts'), 'open_orders', cold.numbered(z->'open_orders'),
        'unanswered', cold.numbered(z->'unanswered'), 'arrived_later', cold.numbered(later),
        'totals', '{"sales": "0", "refunds": "0", "net": "0"}' || coalesce(z->'totals', '{}'), 'journal', journals))
        - case when p_closed is null then array['closed_at', 'closed_by', 'closed_from'] else '{}' end;
end $$;

-- The rows between the opening and the closing balance of a tender: sums of its sales, and each movement of cash with its
-- reason, unless that was erased. Their order is that of `MOVED` in `till/domain/shift/names.py`; movements are in order of time.
create or replace function cold.drawer_rows(p_drawer jsonb, p_facts warm.session_events[]) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    places constant text[] := array['difference', 'payments', 'change', 'given_back', 'refunds', 'tips_corrected', 'movements',
        'corrected', 'undone', 'taken'];
begin
    return (
        with moved as (
            select f.event_id, f."timestamp" as at, f.event_data->>'kind' as kind, f.event_data->>'amount' as amount, f.user_id
            from unnest(p_facts) as f
            where f.event_type = 'cash_moved' and p_drawer->>'tender' = 'CASH'
        ), rows as (
            select m.event_id, m.at, m.kind, m.amount, m.user_id from moved as m
            union all
            select null, null, k.one->>'kind', k.one->>'amount', null
            from jsonb_array_elements(p_drawer->'moved') as k (one) where k.one->>'kind' not in (select m.kind from moved as m)
        )
        select coalesce(jsonb_agg(jsonb_build_object(
            'at', warm.time_text(r.at), 'kind', r.kind, 'amount', r.amount,
            'reason', coalesce((select t.text from warm.texts_of(r.event_id) as t where t.field = 'reason'), ''), 'user', r.user_id)
            order by coalesce(array_position(places, r.kind), array_position(places, 'movements')), r.event_id, r.kind), '[]')
        from rows as r);
end $$;

-- Each Z and X, on the business day of the opening. One by the server does not count (`counts`) if its till closed the shift too.
create or replace view cold.zs as
select c.store_id, c.business_date, o.currency, o.till, o.shift, o.closed is null as is_open, z.z->>'number' as number, o.opened_at, z.z,
    z.z->>'closed_from' is distinct from 'server' or z.z->>'other' is null as counts
from cold.calendar as c
cross join lateral cold.shifts_on(c.store_id, c.business_date) as o
cross join lateral (select cold.z_of(o.shift, o.closed) as z offset 0) as z
where z.z is not null;

-- for: admin, report
create or replace view cold.zs_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, z.opened_at, coalesce(o.name, '') as opened_by,
    (z.z->>'closed_at')::timestamptz as closed_at,
    case when z.z->>'closed_from' = 'server' then null else coalesce(c.name, '') end as closed_by, z.z->>'closed_from' as closed_from,
    (z.z->'sales'->>'number')::bigint as sales, (z.z->'sales'->>'gross')::numeric as gross, z.z->>'other' as other
from cold.zs as z
left join till.users as o on o.store_id = z.store_id and o.id = (z.z->>'opened_by')::integer
left join till.users as c on c.store_id = z.store_id and c.id = (z.z->>'closed_by')::integer;

-- The figures of each Z in their order on paper. Those that count nothing have no number.
-- for: admin, report
create or replace view cold.z_figures_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, f.place, f.figure, f.times, f.amount
from cold.zs as z cross join lateral cold.figures_of_z(z.z) as f
where f.place = 1 or f.times <> 0 or f.amount <> 0;

-- The tables of a Z: its taxes, categories and tenders, and the sales by business date, of a shift that has sales of another date
-- than that of its opening.
do $$
declare
    v record;
begin
    for v in select * from cold.parts_of_z() loop
        execute format(
            'create or replace view cold.z_%1$s_by_shift as
            select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, %2$s
            from cold.zs as z cross join lateral jsonb_to_recordset(z.z->%1$L) as t (%3$s) %4$s', v.part, v.named, v.columns, case v.part
                when 'tenders' then 'where (t.number, t.amount, t.tips, t.taken_ahead, t.used) <> (0, 0, 0, 0, 0)'
                when 'dates' then 'where jsonb_array_length(z.z->''business_dates'') > 1' end);
    end loop;
end $$;

-- The account of the drawer: for each tender its opening, what moved, and its closing.
-- for: admin, report
create or replace view cold.z_drawer_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, d.tender, r.place, r.at, r.kind, r.amount, r.reason,
    coalesce(u.name, '') as name
from cold.zs as z
cross join lateral jsonb_to_recordset(z.z->'drawer') as d (tender text, opening numeric, rows jsonb, closing numeric)
cross join lateral (
    select 0 as place, null::timestamptz as at, 'opening' as kind, d.opening as amount, '' as reason, null::integer as user_id
    union all
    select o.place, (o.one->>'at')::timestamptz, o.one->>'kind', (o.one->>'amount')::numeric, o.one->>'reason', (o.one->>'user')::integer
    from jsonb_array_elements(d.rows) with ordinality as o (one, place)
    union all
    select jsonb_array_length(d.rows) + 1, null, 'closing', d.closing, '', null) as r
left join till.users as u on u.store_id = z.store_id and u.id = r.user_id;

-- The open shifts on each business day of the calendar since their opening, until today.
-- for: admin, report
create or replace view cold.open_shifts as
select c.store_id, c.business_date, o.currency, o.till, o.shift, o.opened_at, coalesce(u.name, '') as opened_by
from till.stores as s left join till.settings as v on v.store_id = s.store_id and v.name = 'settings'
join cold.calendar as c on c.store_id = s.store_id and c.business_date <= till.day_of(v.body, now())
cross join lateral cold.shifts_open(s.store_id) as o
left join till.users as u on u.store_id = s.store_id and u.id = o.opened_by
where o.business_date <= c.business_date;

-- Sales in no shift, such as those that a program's guests paid online, or in one that has neither a Z nor is open: with the sales of
-- all Zs and open shifts, by their date, they are the sales of a day.
-- for: admin, report
create or replace function cold.sold_in_no_shift(p_store uuid, p_day date) returns table (currency text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    ids constant uuid[] := array(
        select o.event_id from cold.sales as o where o.store_id = p_store and o.business_date = p_day);
    moved constant uuid[] := array(
        select x.id from unnest(ids) as x (id) where not exists (select from warm.session_events as e where e.event_id = x.id));
begin
    return query
    with labelled as (
        select e.event_id, e.shift from warm.session_events as e where e.event_id = any (ids)
        union all
        select a.event_id, a.shift from cold.audited_events(moved) as a
    )
    select o.currency, sum(o.total_amount)
    from cold.sales as o left join labelled as l on l.event_id = o.event_id
    where o.store_id = p_store and o.business_date = p_day and not exists (
        select from till.shifts as s
        where s.shift_id = l.shift and s.opened is not null
            and (s.ended is null or coalesce(s.closed, s.closed_by_server) is not null))
    group by o.currency;
end $$;

-- for: admin, report
create or replace view cold.no_shift_by_day as
select d.store_id, d.business_date, n.currency, n.amount
from (select distinct o.store_id, o.business_date from cold.sales as o) as d
cross join lateral cold.sold_in_no_shift(d.store_id, d.business_date) as n;

-- The balances of drawers at the end of their shifts.
-- for: admin, report
create or replace view cold.drawers_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, d.tender, d.opening, d.closing
from cold.zs as z
cross join lateral jsonb_to_recordset(z.z->'drawer') as d (tender text, opening numeric, closing numeric)
where z.counts;

-- Each count, with its difference and how much of it corrections explain.
-- for: admin, report
create or replace view cold.z_counts_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.at, t.tender, t.expected, t.counted, t.difference, t.taken,
    t."to" as taken_to, (select coalesce(sum((x.one->>'amount')::numeric), 0) from jsonb_array_elements(t.explained_by) as x (one)) as explained,
    coalesce(u.name, '') as name
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'counts') as t (
    at timestamptz, "user" integer, tender text, expected numeric, counted numeric, difference numeric, taken numeric, "to" text,
    explained_by jsonb)
left join till.users as u on u.store_id = z.store_id and u.id = t."user"
where z.counts;

-- for: admin, report
create or replace view cold.z_corrections_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.receipt, t.was, t.tender, t.amount
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'corrections') as t (receipt text, was text, tender text, amount numeric);

-- The business day of the Z with a number, which begins with its till, or with 0 if the server closed it; null if there is none.
create or replace function cold.day_of_z(p_store uuid, p_number text) returns date
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select (o.event_data->>'business_date')::date
        from till.shifts as s
        cross join lateral unnest(array[s.closed, s.closed_by_server]) as x (closed)
        cross join lateral warm.event_by_id(p_store, x.closed) as c
        cross join lateral warm.event_by_id(p_store, s.opened) as o
        where s.store_id = p_store and x.closed is not null
            and (s.till_id = substring(p_number from '^[0-9]{1,9}')::integer or s.closed_by_server is not null)
            and c.event_data->>'number' = p_number
        order by s.shift_id desc limit 1);
end $$;

-- The Zs of the shifts that were opened from one business day to another, the one with a number, or the Xs of the open shifts,
-- as `till report z --json` shows them: `p_asked` is {"from", "to"}, {"number"} or {"open": true}.
-- for: admin, manager
create or replace function till.zs_v1(p_store uuid, p_asked jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    first constant date := case
        when p_asked ? 'number' then cold.day_of_z(p_store, p_asked->>'number')
        when p_asked ? 'open' then (select min(o.business_date) from cold.shifts_open(p_store) as o)
        else (p_asked->>'from')::date end;
    last constant date := case
        when p_asked ? 'number' then first when p_asked ? 'open' then till.business_date(p_store, now())
        else (p_asked->>'to')::date end;
begin
    return (
        select coalesce(jsonb_agg(z.z order by z.opened_at, z.shift), '[]') from cold.zs as z
        where z.store_id = p_store and z.business_date between first and last and z.is_open = p_asked ? 'open'
            and (not p_asked ? 'number' or z.number = p_asked->>'number'));
end $$;

-- The open shifts of a store, and those that were opened in the last month, by till, the newest first.
-- for: admin, manager
create or replace function till.shifts_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'till', s.till_id, 'number', c.event_data->>'number', 'other', case when s.closed is not null then z.event_data->>'number' end,
            'shift', s.shift_id, 'opened_at', warm.time_text(o."timestamp"),
            'opened_by', coalesce(b.name, ''), 'closed_at', warm.time_text(c."timestamp"),
            'closed_by', case when c.for_till is null then coalesce(d.name, '') end)
            order by s.till_id, s.shift_id desc), '[]')
        from till.shifts as s
        cross join lateral warm.event_by_id(p_store, s.opened) as o
        cross join lateral warm.event_by_id(p_store, coalesce(s.closed, s.closed_by_server)) as c
        cross join lateral warm.event_by_id(p_store, s.closed_by_server) as z
        left join till.users as b on b.store_id = p_store and b.id = o.user_id
        left join till.users as d on d.store_id = p_store and d.id = c.user_id
        where s.store_id = p_store and s.opened is not null and (c.event_id is not null or s.ended is null)
            and (c.event_id is null or s.shift_id >= warm.least_id(now() - interval '31 days')));
end $$;
