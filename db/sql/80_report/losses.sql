-- Losses of a day: the acts by which less was paid than was ordered, or by which cash left.

-- The records of some time that arrived ten minutes later or more, by till and minute of arrival, as `late` of `till.losses_v1`.
create or replace function till.late_records(p_store uuid, p_begins timestamptz, p_ends timestamptz) returns json
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (
        select coalesce(json_agg(json_build_object('till', l.till_id, 'begins', warm.time_text(l.begins), 'ends', warm.time_text(l.ends),
            'records', l.records, 'arrived', warm.time_text(l.arrived)) order by l.begins, l.till_id, l.arrived), '[]')
        from (
            select x.till_id, date_trunc('minute', x.received_at) as arrived, count(*) as records, min(x."timestamp") as begins,
                max(x."timestamp") as ends
            from (
                select e.journal_id, e.till_id, e.received_at, e."timestamp" from warm.session_events as e
                where e.store_id = p_store and e."timestamp" >= p_begins and e."timestamp" < p_ends
                    and e.received_at > e."timestamp" + interval '10 minutes'
                union all
                select a.journal_id, a.till_id, a.received_at, a."timestamp" from cold.from_audit(
                    format('a.store_id = %L and a."timestamp" >= %L and a."timestamp" < %L
                        and a.received_at > a."timestamp" + interval ''10 minutes''', p_store, p_begins, p_ends),
                    0, p_begins - interval '1 day', greatest(p_begins, now())) as a
            ) as x
            group by x.journal_id, x.till_id, date_trunc('minute', x.received_at)
        ) as l);
end $$;

-- The reductions of a business day by the event that gave them, without promotions, and the items that they were of.
create or replace function till.given_on(p_store uuid, p_day date) returns table (event uuid, amount numeric, what text[])
language sql stable as $$
    select r.event, sum(r.amount), array_agg(distinct r.item order by r.item) filter (where r.item <> '')
    from cold.reductions as r where r.store_id = p_store and r.business_date = p_day and r.kind <> 'promotion' and r.event is not null
    group by r.event
$$;

-- The items of the menus between two times, each menu until the next.
create or replace function till.items_offered(p_store uuid, p_begins timestamptz, p_ends timestamptz)
returns table (made_at timestamptz, until timestamptz, item_id text, item jsonb, taxes jsonb)
language sql stable as $$
    select m.made_at, m.until, i->>'id', i, m.body->'taxes'
    from (
        select x.made_at, x.body, coalesce(lead(x.made_at) over (order by x.version), 'infinity') as until
        from till.menus as x where x.store_id = p_store and x.body is not null and x.made_at < p_ends
    ) as m cross join lateral jsonb_array_elements(m.body->'items') as i
    where m.until > p_begins
$$;

-- The table or tab of an order at an act on it; the last one for an act that is no event of the order.
create or replace function till.table_then(p_session text, e warm.session_events) returns table (name text)
language sql stable as $$
    select coalesce(nullif(b.name, ''), b.table_number)
    from warm.log_of(p_session) as s join till.tabs as b on b.id = (s.event_data->>'tab_id')::uuid
    where s.event_type = 'tab_assigned' and (s.event_id <= e.event_id or e.stream_kind <> 'order')
    order by s.event_id desc limit 1
$$;

-- True if a void was undone, or a clearing taken back by opening the order again, or either was refused.
create or replace function till.is_taken_back(p_session text, e warm.session_events) returns boolean
language sql stable as $$
    select exists (
        select from warm.log_of(p_session) as u
        where case
            when u.event_type = 'refused' then u.event_data->'events' ? e.event_id::text
            when e.event_type <> 'order_discarded' then u.event_type = 'change_undone' and u.event_data->>'event' = e.event_id::text
            else u.event_id > e.event_id and u.event_type in ('order_resumed', 'order_granted') end)
$$;

-- The event with the reason of fewer pieces, by the till that took them off; null for none.
create or replace function till.reason_of_fewer(p_session text, e warm.session_events) returns json
language sql stable as $$
    select warm.event_json(x) from warm.log_of(p_session) as x
    where x.event_type = 'removal_explained' and x.till_id = e.till_id and x.event_data->'events' ? e.event_id::text limit 1
$$;

-- The acts between two times, by the clock of the tills, that `till report losses` lists: {"more": number of billed orders beyond
-- the first 1,000, "people": {number: name}, "heads": [{"journal", "till", "seq", "hash"}], "acts": [{"list", "e": as
-- till.session_log_v1, "session", "place", "amount", "what": [names], "pieces", "people": [number], "written": {"what", "pieces", "amount"} as its till
-- wrote what it took off, if what was keyed differs, "again": true for a cleared
-- order that was rung again, "explained": e of the reason of fewer pieces}], "programs": {login: name}, "approvals": [e], "late": [{"till", "begins", "ends", "records", "arrived"}], "billed": [{"session",
-- "bills": [e]}], "next": {session: [session]}, "logs": {session: [e]}}. An order is billed if after its bill it may have become
-- less, the first of each till before the second of any. The next of an order are those that its lines went to, and its copies.
-- Acts that were undone or refused are none. `p_day` is the business date of these times. Refused to a manager. The statement is
-- planned for each day: a plan for any day joins the acts to each other row by row.
-- for: admin, manager
create or replace function till.losses_v1(p_store uuid, p_day date, p_begins timestamptz, p_ends timestamptz)
returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    found json;
begin
    execute $query$
        with recursive acts as materialized (
            select e as r, (e).event_id as id, (e).event_type as type, (e).event_data as data,
                coalesce((e).session_id, (
                    select p.session_id from till.program_sessions as p where p.stream_id = ((e).event_data->>'session_id')::uuid),
                    (e).event_data->>'session_id') as session
            from (
                select x from warm.session_events as x
                where x.store_id = $1 and x."timestamp" >= $3 and x."timestamp" < $4 and x.event_type = any (till.loss_types())
                union all
                select a from cold.audited_on($1, $3, $4, till.loss_types()) as a
            ) as t (e)
            where case (e).event_type
                when 'order_opened' then (e).event_data ? 'again'
                when 'payment_approved' then (e).event_data->>'tender' = 'CASH' or (e).event_data ? 'approved_by'
                when 'receipt_issued' then (e).event_data ? 'copy' or (e).event_data ? 'is_bill'
                else true end
        ), bills as materialized (
            select a.session, a.id, a.r, (a.data->>'amount')::numeric as amount
            from acts as a where a.type = 'receipt_issued' and (a.data->>'is_bill')::boolean
        ), billed as materialized (
            select b.session, min(b.id::text)::uuid as first, max(b.amount) as most, min((b.r).till_id) as till from bills as b group by b.session
        ), fallen as materialized (
            select x.session, row_number() over (partition by x.till order by x.session) as turn
            from (
                select b.session, b.till from billed as b join acts as a on a.session = b.session
                where a.id > b.first and a.type = any (till.lowering_types()) and (a.type <> 'item_added' or starts_with(a.data->>'quantity', '-'))
                union
                select b.session, b.till from billed as b
                cross join lateral (select sum(o.total_amount) as total from cold.orders as o where o.session_id = b.session) as o
                where coalesce(o.total, 0) < b.most
            ) as x
            join warm.every_session as s on s.id = x.session and s.store_id = $1
        ), lowered as materialized (
            select f.session from fallen as f order by f.turn, f.session limit 1000
        ), copies as materialized (
            select a.session, warm.session_of(a.data #>> '{again,session}') as original from acts as a where a.type = 'order_opened'
        ), edges (session, next) as (
            select null collate "C", l.session collate "C" from lowered as l
            union
            select e.next, s.id from edges as e cross join lateral (
                select warm.session_of(m.event_data->>'to_session') from warm.log_of(e.next) as m
                where m.event_type in ('lines_moved', 'lines_withdrawn') and m.event_data ? 'to_session'
                union all
                select c.session from copies as c where c.original = e.next
            ) as x (session)
            join warm.every_session as s on s.id = x.session and s.store_id = $1
        ), removing as materialized (
            select a.* from acts as a where a.type = any (warm.kinds_removing()) and not a.data ? 'follows'
        ), taken as materialized (
            select t.event_id as id, sum(abs(t.amount)) as amount, array_agg(distinct t.item_name order by t.item_name) as what,
                sum(abs(t.pieces))::bigint as pieces
            from (select distinct a.session from removing as a) as s cross join lateral warm.removals_of(s.session) as t
            group by t.event_id
        ), written as materialized (
            select a.id, sum(abs(d.amount)) as amount, array_agg(distinct d.item_name order by d.item_name) as what,
                sum(abs(d.pieces))::bigint as pieces, bool_or(d.sent) as sent
            from removing as a cross join jsonb_path_query(a.data, '$.removed[*]') as p (one)
            cross join lateral jsonb_to_record(p.one) as d (item_name text, pieces bigint, amount numeric, sent boolean)
            group by a.id
        ), removed as materialized (
            select a.r, a.session, a.type, coalesce(t.amount, 0) as amount, coalesce(t.what, '{}') as what, coalesce(t.pieces, 0) as pieces, s.sent,
                coalesce(s.amount, 0) as written_amount, case when (t.amount, t.what, t.pieces) is distinct from (s.amount, s.what, s.pieces)
                    then json_build_object('amount', coalesce(s.amount, 0)::text, 'what', coalesce(s.what, '{}'), 'pieces', coalesce(s.pieces, 0)) end as written
            from removing as a left join taken as t on t.id = a.id left join written as s on s.id = a.id
            where t.id is not null or s.id is not null
        ), offered as materialized (
            select * from till.items_offered($1, $3 - interval '7 days', $4)
        ), typed as materialized (
            select distinct on (a.data->>'line_id') a.data->>'line_id' as line, nullif(a.data->>'order_type', '') as order_type
            from acts as a where a.type = 'line_type_set' order by a.data->>'line_id', a.id desc
        ), rates as materialized (
            select distinct on (a.data->>'line_id', x->>'order_type') a.data->>'line_id' as line, x->>'order_type' as order_type, x as rate
            from acts as a cross join lateral jsonb_array_elements(a.data->'by_type') as x
            where a.type = 'line_rated' order by a.data->>'line_id', x->>'order_type', a.id desc
        ), keyed as materialized (  -- by the line's own order type, or the order's
            select a.*, t.name as order_type, case when a.data ? 'measure' then a.data->'unit_price' else a.data->'price' end #>> '{}' as price,
                x.rate, (a.r)."timestamp" - case when (a.r).received_at > (a.r)."timestamp" + interval '10 minutes'
                    then interval '7 days' else interval '2 days' end as since
            from acts as a join warm.every_session as s on s.id = a.session
            left join typed as l on l.line = a.data->>'line_id'
            cross join lateral (select coalesce(l.order_type, s.order_type) as name) as t
            left join rates as x on x.line = a.data->>'line_id' and x.order_type = t.name
            where a.type = 'item_added' and not starts_with(a.data->>'quantity', '-')
        ), cheap as (  -- the menu says which items are weighed, and which are deposits: a till may write either of any item
            select k.r, k.session, k.data, coalesce((k.rate->>'price')::numeric, k.price::numeric) as price, min(p.price) as least,
                coalesce((k.data->>'measure')::numeric / 1000, 1) as measure, coalesce(bool_or(o.item->>'unit' <> ''), false) as is_weighed,
                coalesce(bool_or(p.price is null or o.item->>'unit' <> '' and not k.data ? 'measure'
                    or k.data->>'deposit' = 'true' and o.item->>'returnable' = 'true'), false) as is_free,
                bool_or(not exists (  -- a tax of its group is missing
                    select from jsonb_array_elements(o.taxes->coalesce(o.item->'by_type'->k.order_type->>'tax', o.item->>'tax')) as x
                    where not exists (
                        select from jsonb_array_elements(coalesce(k.rate->'taxes', k.data->'taxes')) as y where y->>'name' = x->>'name'))) as is_taxed
            from keyed as k join offered as o on o.item_id = k.data->>'item_id' and o.made_at <= (k.r)."timestamp" and o.until > k.since
            cross join lateral (
                select coalesce((o.item->'by_type'->k.order_type->>'price')::numeric, (o.item->>'price')::numeric) as price
                union all
                select (x->>'price')::numeric from jsonb_array_elements(o.item->'prices') as x where (x->>'from')::timestamptz <= (k.r)."timestamp"
            ) as p
            group by k.id, k.r, k.session, k.data, k.rate, k.price
        ), listed (list, r, session, amount, what, pieces, people, written) as (
            select case when a.type = 'order_discarded' then 'discarded' else 'voided' end, a.r, a.session, a.amount, a.what, a.pieces,
                null::integer[], a.written
            from removed as a where a.type = 'order_discarded' or a.sent
            union all
            select 'zs', g.z, null, abs(g.written - g.amount), array[(g.z).event_data->>'number', g.written::text, g.amount::text], null, null, null
            from (
                select z, sum(a.written_amount) as written, sum(a.amount) as amount
                from removed as a join till.shifts as s on s.shift_id = (a.r).shift
                cross join lateral warm.event_by_id($1, s.closed) as z
                where a.written is not null and z.event_id is not null and not exists (  -- it could not know of a later arrival
                    select from warm.log_of(a.session) as x where x.till_id <> (a.r).till_id and x.received_at > z."timestamp")
                group by z
            ) as g
            union all
            select 'cooked', e, c.session_id, c.amount, array[c.item], c.unpaid, null, null
            from cold.cooked_on($1, $2) as c cross join lateral warm.event_by_id($1, c.event_id) as e where c.unpaid > 0
            union all
            select 'returned', a.r, a.session, (a.data->>'price')::numeric * -(a.data->>'quantity')::numeric, array[a.data->>'item_name'],
                -(a.data->>'quantity')::bigint, null, null
            from acts as a
            where a.type = 'item_added' and starts_with(a.data->>'quantity', '-') and exists (select from cold.order_line as l where l.line_id = (a.data->>'line_id')::uuid)
            union all
            select 'given', e, e.session_id, g.amount, g.what, null, null, null
            from till.given_on($1, $2) as g cross join lateral warm.event_by_id($1, g.event) as e where g.amount <> 0
            union all
            select 'cheap', c.r, c.session, greatest(0, p.least - p.price) * (c.data->>'quantity')::numeric, array[c.data->>'item_name'],
                (c.data->>'quantity')::bigint, null, null
            from cheap as c cross join lateral (
                select c.price * c.measure as price, c.least * case when c.is_weighed then c.measure else 1 end as least) as p
            where not c.is_free and (p.price < p.least or not c.is_taxed)
            union all
            select 'refunded', a.r, a.session, abs((a.data->>'amount')::numeric), (
                    select array_agg(distinct p.tender order by p.tender)
                    from cold.orders as o join cold.order_payment as p on p.order_id = o.order_id
                    where o.session_id = a.session and p.tender <> 'CASH'), null, null, null
            from acts as a where a.type = 'refund_approved' and a.data->>'tender' = 'CASH'
            union all
            select 'printed', a.r, a.session, (a.data->>'amount')::numeric, null, null, null, null
            from acts as a left join billed as b on b.session = a.session where a.type = 'receipt_issued' and (
                (a.data->>'copy')::bigint > 0
                or a.data ? 'is_bill' and a.id > b.first)
            union all
            select 'corrected', a.r, a.session, (a.data->>'amount')::numeric, null, null, null, null
            from acts as a where a.type = 'tender_corrected' and 'CASH' in (a.data->>'was', a.data->>'tender')
            union all
            select 'settled', a.r, a.session, abs((a.data->>'amount')::numeric), null, null, null, null
            from acts as a where a.type ~ '^(payment|refund)_(approved|declined|return_declined)$' and a.data ? 'approved_by'
            union all
            select 'opened', a.r, null, null, null, null, null, null from acts as a where a.type = 'drawer_opened'
            union all
            select 'short', a.r, null, x.short, x.what, null, array(
                    select distinct (p.r).user_id from acts as p
                    where p.type = 'payment_approved' and p.data->>'tender' = 'CASH' and (p.r).till_id = (a.r).till_id and p.id < a.id
                        and (p.r).user_id is not null and not exists (
                            select from acts as q
                            where q.type = 'drawer_counted' and (q.r).till_id = (a.r).till_id and q.id > p.id and q.id < a.id)), null
            from acts as a cross join lateral (
                select sum(d.expected - d.counted) as short, array_agg(d.tender order by d.tender) as what
                from jsonb_to_recordset(a.data->'counts') as d (tender text, expected numeric, counted numeric) where d.counted < d.expected
                having count(*) > 0
            ) as x where a.type = 'drawer_counted'
            union all
            select 'shelf', e, null, -d.difference * d.cost, array[d.name, d.counted::text, (d.counted - d.difference)::text], null, null, null
            from cold.stock_differences($1, $3, $4) as d cross join lateral warm.event_by_id($1, d.event_id) as e
            where -d.difference * d.cost > coalesce((till.venue($1)->>'shelf_losses')::numeric, 0)
            union all
            select 'journals', a.r, null, null, null, null, null, null from acts as a
            where a.type in ('records_lost', 'till_adopted', 'backlog_taken') or a.type = 'journal_opened' and exists (
                select from warm.journal_head as h
                where h.store_id = $1 and h.till_id = (a.r).till_id and h.journal_id <> (a.r).journal_id and h.opened_at <= (a.r).received_at)
        )
        select json_build_object(
            'more', greatest((select count(*) from fallen) - 1000, 0),
            'people', (select coalesce(json_object_agg(u.id, u.name), '{}') from till.users as u where u.store_id = $1),
            'programs', (select coalesce(json_object_agg(till.login_of(p), p.name), '{}') from till.programs as p where p.store_id = $1),
            'heads', (
                select coalesce(json_agg(json_build_object('journal', h.journal_id, 'till', h.till_id, 'seq', h.seq, 'hash', h.hash)
                    order by h.till_id, h.opened_at, h.journal_id), '[]')
                from warm.journal_head as h where h.store_id = $1),
            'acts', (
                select coalesce(json_agg(json_build_object('list', l.list, 'e', warm.event_json(l.r), 'session', l.session,
                    'place', coalesce(t.name, ''), 'amount', l.amount::text, 'what', l.what, 'pieces', l.pieces, 'people', l.people, 'written', l.written,
                    'explained', case when l.list = 'voided' and (l.r).event_type = 'quantity_changed' then till.reason_of_fewer(l.session, l.r) end,
                    'again', l.list = 'discarded' and exists (select from copies as c where c.original = l.session))
                    order by (l.r).event_id, l.what), '[]')
                from listed as l left join lateral till.table_then(l.session, l.r) as t on true
                where l.list not in ('voided', 'discarded') or not till.is_taken_back(l.session, l.r)),
            'approvals', (select coalesce(json_agg(warm.event_json(a.r) order by a.id), '[]') from acts as a where a.type = 'approval_given'),
            'late', till.late_records($1, $3, $4),
            'billed', (
                select coalesce(json_agg(json_build_object('session', warm.stream_of(l.session), 'bills', l.bills) order by l.session), '[]')
                from (
                    select b.session, json_agg(warm.event_json(b.r) order by b.id) as bills
                    from lowered as x join bills as b on b.session = x.session group by b.session) as l),
            'next', (
                select coalesce(json_object_agg(warm.stream_of(n.session), n.after order by n.session), '{}')
                from (
                    select e.session, array_agg(warm.stream_of(e.next) order by e.next) as after
                    from edges as e where e.session is not null group by e.session) as n),
            'logs', (
                select coalesce(json_object_agg(warm.stream_of(f.session), (
                    select json_agg(warm.event_json(e) order by e.event_id) from warm.log_of(f.session) as e)), '{}')
                from (select distinct e.next as session from edges as e) as f))
    $query$ into found using p_store, p_day, p_begins, p_ends;
    return found;
end $$;
