-- The shifts of tills with their Z, read from the log. A shift is the events of a chain from its opening to its close, which
-- carry its id; a count or a correction after the close stands before the next opening.

-- The shifts that were opened on a business day.
create or replace function cold.shifts_on(p_store uuid, p_day date) returns table (
    shift uuid, till integer, currency text, journal_id uuid, seq bigint, opened_at timestamptz, opened_by integer, is_open boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    span constant record := till.day_span(till.venue(p_store), p_day);
begin
    return query
    select s.shift_id, s.till_id, o.event_data->>'currency', o.journal_id, o.seq, o."timestamp"::timestamptz, o.user_id,
        s.closed is null
    from till.shifts as s cross join lateral warm.event_by_id(p_store, s.opened) as o
    where s.store_id = p_store and o.event_data->>'business_date' = p_day::text
        and s.shift_id >= warm.least_id(span.begins - interval '1 day') and s.shift_id < warm.least_id(span.ends);
end $$;

-- The shifts that are open now, on each business day since their opening.
create or replace function cold.shifts_open(p_store uuid) returns table (
    business_date date, currency text, till integer, shift uuid, opened_at timestamptz, opened_by integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query
    select g.day::date, o.event_data->>'currency', s.till_id, s.shift_id, o."timestamp"::timestamptz, o.user_id
    from till.shifts as s
    cross join lateral warm.event_by_id(p_store, s.opened) as o
    cross join lateral generate_series(
        (o.event_data->>'business_date')::timestamp, till.business_date(p_store, now())::timestamp, interval '1 day') as g (day)
    where s.store_id = p_store and s.closed is null;
end $$;

-- The events of a shift's own stream, and its sales and refunds with their amounts alone. It may go on in the journal that took the place of its own.
create or replace function cold.shift_log(p_shift uuid, p_till integer, p_journal uuid, p_seq bigint) returns setof warm.session_events
language plpgsql stable security definer rows 100 set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    own constant warm.journal_head := (select h from warm.journal_head as h where h.journal_id = p_journal);
    h record;
    ends bigint;
begin
    for h in
        select j.journal_id, case j.journal_id when p_journal then p_seq else 0 end as begins
        from warm.journal_head as j
        where j.journal_id = p_journal or (j.store_id = own.store_id and j.till_id = p_till and j.opened_at > own.opened_at)
    loop
        select e.seq into ends from warm.log as e
        where e.journal_id = h.journal_id and e.seq > h.begins and e.event_type = 'shift_opened' order by e.seq limit 1;
        return query
        select e.event_id, e.session_id, e.stream_kind, e.stream_id, e.event_type, e.v, e.harmless,
            case e.stream_id when p_shift then e.event_data else jsonb_build_object(
                'business_date', e.event_data->'business_date', 'total', e.event_data->'total', 'amount', e.event_data->'amount') end,
            e."timestamp", e.journal_id, e.seq, e.till_id, e.for_till, e.store_id, e.user_id, e.hold_id, e.login_session, e.shift,
            e.version, '', e.hash, '', e.received_at
        from warm.log as e
        where e.journal_id = h.journal_id and e.seq >= h.begins and e.seq < coalesce(ends, 9223372036854775807)
            and (e.stream_id = p_shift or (e.shift = p_shift and e.event_type in ('order_placed', 'refund_approved')));
    end loop;
end $$;

-- A number and an amount, from the sums of a shift, in which what is zero may be left out.
create or replace function cold.numbered(p_sum jsonb) returns jsonb
language sql immutable parallel safe as $$
    select '{"number": 0, "amount": "0"}' || coalesce(p_sum, '{}')
$$;

-- The first and the last number of a series of documents; none without any.
create or replace function cold.ends_of(p_ends jsonb) returns jsonb
language sql immutable parallel safe as $$
    select case when p_ends ? 'first' then jsonb_build_array(p_ends->'first', p_ends->'last') else '[]' end
$$;

-- The Z of a shift as `till report z --json` shows it, or its X while it is open (design §12.2). Null for an open shift that
-- has a gap in its records.
create or replace function cold.z_of(
    p_shift uuid, p_till integer, p_currency text, p_journal uuid, p_seq bigint, p_opened_at timestamptz, p_opened_by integer)
returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    facts warm.session_events[];
    closed warm.session_events;
    z jsonb;
    s jsonb;
    dates jsonb;
    corrections jsonb;
    counts jsonb;
    later jsonb;
    journals jsonb;
    is_by_server boolean;
begin
    facts := array(select f from cold.shift_log(p_shift, p_till, p_journal, p_seq) as f);
    closed := warm.event_by_id(x.store_id, x.closed) from till.shifts as x where x.shift_id = p_shift;
    z := closed.event_data;
    s := case when closed.event_id is null then warm.shift_sums(p_shift) else coalesce(z->'sums', '{}') end;
    if s is null then
        return null;
    end if;
    is_by_server := closed.journal_id <> p_journal and exists (
        select from warm.journal_head as h where h.journal_id = closed.journal_id and h.till_id = 0);
    select jsonb_agg(distinct f.event_data->>'business_date' order by f.event_data->>'business_date') into dates
    from unnest(facts) as f where f.event_type in ('shift_opened', 'order_placed');
    select coalesce(jsonb_agg(jsonb_build_object(
        'receipt', coalesce(f.event_data->>'receipt', ''), 'was', f.event_data->>'was', 'tender', f.event_data->>'tender',
        'amount', f.event_data->>'amount') order by f.event_id), '[]') into corrections
    from unnest(facts) as f where f.event_type = 'drawer_corrected';
    select jsonb_agg(jsonb_build_object('id', x.journal_id, 'from', x.first, 'to', x.last, 'head', (
        select f.hash from unnest(facts) as f where f.journal_id = x.journal_id and f.seq = x.last)) order by x.opened) into journals
    from (
        select f.journal_id, min(f.seq) as first, max(f.seq) as last, min(f.event_id::text) as opened from unnest(facts) as f
        where f.shift = p_shift and (closed.event_id is null or f.event_id <= closed.event_id) group by f.journal_id) as x;
    select jsonb_build_object('number', count(*), 'amount', coalesce(sum((f.event_data->>c.total)::numeric), 0)::text) into later
    from unnest(facts) as f
    join (values ('order_placed', 'total'), ('refund_approved', 'amount')) as c (event_type, total) on c.event_type = f.event_type
    where case when is_by_server then f.received_at > closed.received_at else f.event_id > closed.event_id end;
    -- corrections explain the difference of an earlier count if their payment was before it: ids contain their time
    with counted as (
        select f.event_id, f."timestamp", f.user_id, f.event_data, c.one
        from unnest(facts) as f cross join lateral jsonb_array_elements(f.event_data->'counts') as c (one)
        where f.event_type = 'drawer_counted'
    ), explaining as (
        select f.event_id, (f.event_data->>'payment_id')::uuid as of, 'corrected' as kind, t.tender, t.amount,
            coalesce(f.event_data->>'receipt', '') as receipt
        from unnest(facts) as f cross join lateral (values
            (f.event_data->>'was', -(f.event_data->>'amount')::numeric),
            (f.event_data->>'tender', (f.event_data->>'amount')::numeric)) as t (tender, amount)
        where f.event_type = 'drawer_corrected'
        union all
        select f.event_id, m.event_id, 'undone', 'CASH', -(m.event_data->>'amount')::numeric, ''
        from unnest(facts) as f join unnest(facts) as m on m.event_id = (f.event_data->>'event')::uuid
        where f.event_type = 'movement_undone'
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'at', warm.time_text(c."timestamp"), 'user', c.user_id, 'tender', c.one->>'tender', 'expected', c.one->>'expected',
        'counted', c.one->>'counted', 'difference', ((c.one->>'counted')::numeric - (c.one->>'expected')::numeric)::text,
        'taken', coalesce(c.one->>'taken', '0'), 'to', coalesce(c.event_data->>'to', ''), 'explained_by', (
            select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'receipt', x.receipt, 'amount', x.amount::text)
                order by x.event_id), '[]')
            from explaining as x
            where x.tender = c.one->>'tender' and x.event_id > c.event_id and x.of < c.event_id and not exists (
                select from counted as b where b.one->>'tender' = x.tender and b.event_id > x.of and b.event_id < c.event_id)
        )) order by c.event_id, c.one->>'tender'), '[]') into counts
    from counted as c;
    return (jsonb_build_object(
        'number', z->>'number', 'till', p_till, 'shift', p_shift, 'business_dates', dates, 'opened_at', warm.time_text(p_opened_at),
        'closed_at', warm.time_text(closed."timestamp"), 'opened_by', p_opened_by, 'closed_by', closed.user_id,
        'closed_from', case when is_by_server then 'server' else 'till' end, 'currency', p_currency,
        'sales', '{"number": 0, "net": "0", "tax": "0", "gross": "0"}' || coalesce(s->'sales', '{}'),
        'refunds', cold.numbered(s->'refunds'), 'taxes', coalesce(s->'taxes', '[]'), 'categories', coalesce(s->'categories', '[]'),
        'tenders', (
            select coalesce(jsonb_agg('{"tips": "0", "taken_ahead": "0", "used": "0"}' || t.one order by t.place), '[]')
            from jsonb_array_elements(s->'tenders') with ordinality as t (one, place)))
        || jsonb_build_object(
        'rounding', coalesce(s->>'rounding', '0'), 'tips', coalesce(s->>'tips', '0'),
        'taken_ahead', coalesce(s->>'taken_ahead', '0'), 'used', coalesce(s->>'used', '0'),
        'service_charge', coalesce(s->>'service_charge', '0'), 'discounts', cold.numbered(s->'discounts'),
        'comps', cold.numbered(s->'comps'), 'voids', cold.numbered(s->'voids'),
        'voids_after_sending', cold.numbered(s->'voids_after_sending'), 'corrections', corrections,
        'drawer', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'tender', d.one->>'tender', 'opening', d.one->>'opening', 'rows', cold.drawer_rows(d.one, facts, closed.event_id),
                'closing', d.one->>'closing') order by d.place), '[]')
            from jsonb_array_elements(s->'drawer') with ordinality as d (one, place)),
        'counts', counts, 'no_sales', coalesce((s->>'no_sales')::integer, 0), 'copies', cold.numbered(s->'copies'),
        'bills', cold.numbered(s->'bills'), 'receipts', cold.ends_of(s->'receipts'),
        'refund_receipts', cold.ends_of(s->'refund_receipts'), 'open_orders', cold.numbered(z->'open_orders'),
        'arrived_later', later, 'totals', '{"sales": "0", "refunds": "0", "net": "0"}' || coalesce(z->'totals', '{}'),
        'journal', journals))
        - case when closed.event_id is null then array['closed_at', 'closed_by', 'closed_from'] else '{}' end;
end $$;

-- The rows between the opening and the closing balance of a tender: sums of its sales, and each movement of cash with its
-- reason, unless that was erased.
create or replace function cold.drawer_rows(p_drawer jsonb, p_facts warm.session_events[], p_closed uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        with moved as (
            select f.event_id, f."timestamp" as at, f.event_data->>'kind' as kind, f.event_data->>'amount' as amount, f.user_id
            from unnest(p_facts) as f
            where f.event_type = 'cash_moved' and p_drawer->>'tender' = 'CASH' and (p_closed is null or f.event_id < p_closed)
        ), rows as (
            select 1 as part, m.event_id, m.at, m.kind, m.amount, m.user_id from moved as m
            union all
            select 0, null, null, k.one->>'kind', k.one->>'amount', null
            from jsonb_array_elements(p_drawer->'moved') as k (one) where k.one->>'kind' not in (select m.kind from moved as m)
        )
        select coalesce(jsonb_agg(jsonb_build_object(
            'at', warm.time_text(r.at), 'kind', r.kind, 'amount', r.amount,
            'reason', coalesce((select t.text from warm.texts_of(r.event_id) as t where t.field = 'reason'), ''), 'user', r.user_id)
            order by r.part, r.event_id, r.kind), '[]')
        from rows as r);
end $$;

-- Each shift, on the business day of its opening.
create or replace view cold.zs as
select c.store_id, c.business_date, o.currency, o.till, o.shift, o.is_open, z.z->>'number' as number, o.opened_at, z.z
from cold.calendar as c
cross join lateral cold.shifts_on(c.store_id, c.business_date) as o
cross join lateral (
    select cold.z_of(o.shift, o.till, o.currency, o.journal_id, o.seq, o.opened_at, o.opened_by) as z offset 0) as z
where z.z is not null;

create or replace view cold.zs_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, z.opened_at, coalesce(o.name, '') as opened_by,
    (z.z->>'closed_at')::timestamptz as closed_at, coalesce(c.name, '') as closed_by, z.z->>'closed_from' as closed_from,
    (z.z->'sales'->>'number')::bigint as sales, (z.z->'sales'->>'gross')::numeric as gross
from cold.zs as z
left join till.users as o on o.store_id = z.store_id and o.id = (z.z->>'opened_by')::integer
left join till.users as c on c.store_id = z.store_id and c.id = (z.z->>'closed_by')::integer;

-- The figures of each Z in the order of the document. Those that count nothing have no number.
create or replace view cold.z_figures_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, f.place, f.figure, f.times, f.amount
from cold.zs as z cross join lateral (values
    (1, 'gross', (z.z->'sales'->>'number')::bigint, (z.z->'sales'->>'gross')::numeric),
    (2, 'net', 0, (z.z->'sales'->>'net')::numeric), (3, 'tax', 0, (z.z->'sales'->>'tax')::numeric),
    (4, 'service_charge', 0, (z.z->>'service_charge')::numeric), (5, 'rounding', 0, (z.z->>'rounding')::numeric),
    (6, 'tips', 0, (z.z->>'tips')::numeric),
    (7, 'refunds', (z.z->'refunds'->>'number')::bigint, (z.z->'refunds'->>'amount')::numeric),
    (8, 'taken_ahead', 0, (z.z->>'taken_ahead')::numeric), (9, 'used', 0, (z.z->>'used')::numeric),
    (10, 'discounts', (z.z->'discounts'->>'number')::bigint, (z.z->'discounts'->>'amount')::numeric),
    (11, 'comps', (z.z->'comps'->>'number')::bigint, (z.z->'comps'->>'amount')::numeric),
    (12, 'voids', (z.z->'voids'->>'number')::bigint, (z.z->'voids'->>'amount')::numeric),
    (13, 'voids_after_sending', (z.z->'voids_after_sending'->>'number')::bigint, (z.z->'voids_after_sending'->>'amount')::numeric),
    (14, 'no_sales', (z.z->>'no_sales')::bigint, 0), (15, 'copies', (z.z->'copies'->>'number')::bigint, (z.z->'copies'->>'amount')::numeric),
    (16, 'bills', (z.z->'bills'->>'number')::bigint, (z.z->'bills'->>'amount')::numeric),
    (17, 'open_orders', (z.z->'open_orders'->>'number')::bigint, (z.z->'open_orders'->>'amount')::numeric),
    (18, 'arrived_later', (z.z->'arrived_later'->>'number')::bigint, (z.z->'arrived_later'->>'amount')::numeric),
    (19, 'total_sales', 0, (z.z->'totals'->>'sales')::numeric), (20, 'total_refunds', 0, (z.z->'totals'->>'refunds')::numeric),
    (21, 'total_net', 0, (z.z->'totals'->>'net')::numeric)) as f (place, figure, times, amount)
where f.place = 1 or f.times <> 0 or f.amount <> 0;

create or replace view cold.z_tenders_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.tender, t.number as times, t.amount, t.tips,
    t.taken_ahead, t.used
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'tenders')
    as t (tender text, "number" bigint, amount numeric, tips numeric, taken_ahead numeric, used numeric);

create or replace view cold.z_taxes_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.name, t.rate, t.net, t.tax
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'taxes') as t (name text, rate text, net numeric, tax numeric);

create or replace view cold.z_categories_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.category, t.quantity, t.gross
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'categories') as t (category text, quantity bigint, gross numeric);

-- The account of the drawer: for each tender its opening, what moved, and its closing.
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

create or replace view cold.open_shifts as
select s.store_id, o.business_date, o.currency, o.till, o.shift, o.opened_at, coalesce(u.name, '') as opened_by
from till.stores as s cross join lateral cold.shifts_open(s.store_id) as o
left join till.users as u on u.store_id = s.store_id and u.id = o.opened_by;

-- The balances of drawers at the end of their shifts.
create or replace view cold.drawers_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, d.tender, d.opening, d.closing
from cold.zs as z
cross join lateral jsonb_to_recordset(z.z->'drawer') as d (tender text, opening numeric, closing numeric);

-- Each count, with its difference and how much of it corrections explain.
create or replace view cold.z_counts_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.at, t.tender, t.expected, t.counted, t.difference, t.taken,
    t."to" as taken_to, (select coalesce(sum((x.one->>'amount')::numeric), 0) from jsonb_array_elements(t.explained_by) as x (one)) as explained,
    coalesce(u.name, '') as name
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'counts') as t (
    at timestamptz, "user" integer, tender text, expected numeric, counted numeric, difference numeric, taken numeric, "to" text,
    explained_by jsonb)
left join till.users as u on u.store_id = z.store_id and u.id = t."user";

create or replace view cold.z_corrections_by_shift as
select z.store_id, z.business_date, z.currency, z.is_open, z.till, z.shift, z.number, t.receipt, t.was, t.tender, t.amount
from cold.zs as z cross join lateral jsonb_to_recordset(z.z->'corrections') as t (receipt text, was text, tender text, amount numeric);

-- The business day of the Z with a number; null if there is none. The numbers of a series rise along its chain. A journal that
-- never reached the server has X and the end of its id for letters.
create or replace function cold.day_of_z(p_store uuid, p_number text) returns date
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    h record;
    wanted constant bigint := substring(p_number from '-Z(\d{1,15})$')::bigint;
    low bigint := 1;
    high bigint;
    middle bigint;
    found_at bigint;
    closed record;
begin
    select j.journal_id, j.seq into h from warm.journal_head as j
    where j.store_id = p_store
        and split_part(p_number, '-Z', 1) in (j.till_id || j.series, j.till_id || 'X' || upper(right(j.journal_id::text, 4))) limit 1;
    high := h.seq + 1;
    while low < high loop
        middle := (low + high) / 2;
        select e.seq, e.stream_id, e.event_data->>'number' as number into closed from warm.log as e
        where e.journal_id = h.journal_id and e.seq >= middle and e.event_type = 'shift_closed' order by e.seq limit 1;
        if found and substring(closed.number from '-Z(\d{1,15})$')::bigint < wanted then
            low := closed.seq + 1;
        else
            if closed.number = p_number then
                found_at := closed.seq;
            end if;
            high := middle;
        end if;
    end loop;
    return (
        select (e.event_data->>'business_date')::date from warm.log as e, warm.log as c
        where c.journal_id = h.journal_id and c.seq = found_at and e.journal_id = c.journal_id and e.seq < c.seq
            and e.stream_id = c.stream_id and e.event_type = 'shift_opened' order by e.seq desc limit 1);
end $$;

-- The Zs of the shifts that were opened from one business day to another, the one with a number, or the Xs of the open shifts,
-- as `till report z --json` shows them: `p_asked` is {"from", "to"}, {"number"} or {"open": true}.
create or replace function till.zs_v1(p_store uuid, p_asked jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off as $$
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
create or replace function till.shifts_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'till', s.till_id, 'number', c.event_data->>'number', 'shift', s.shift_id, 'opened_at', warm.time_text(o."timestamp"),
            'opened_by', coalesce(b.name, ''), 'closed_at', warm.time_text(c."timestamp"), 'closed_by', coalesce(d.name, ''))
            order by s.till_id, s.shift_id desc), '[]')
        from till.shifts as s
        cross join lateral warm.event_by_id(p_store, s.opened) as o
        cross join lateral warm.event_by_id(p_store, s.closed) as c
        left join till.users as b on b.store_id = p_store and b.id = o.user_id
        left join till.users as d on d.store_id = p_store and d.id = c.user_id
        where s.store_id = p_store and s.opened is not null
            and (s.closed is null or s.shift_id >= warm.least_id(now() - interval '31 days')));
end $$;
