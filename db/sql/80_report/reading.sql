-- Reads reports: rows of their views, summed up over business days.

-- The days of a span that are not in `p_kept`.
create or replace function cold.days_without(p_kept date[], p_first date, p_last date) returns date[]
language sql immutable parallel safe as $$
    select array(
        select g.day::date from generate_series(p_first::timestamp, least(p_last, p_first + 36525)::timestamp, interval '1 day') as g (day)
        where g.day::date <> all (p_kept))
$$;

-- Reads several views from one snapshot, each as an array of rows. `p_asked` is {"currency", "from", "to", "parts":
-- [{"view", "columns": [[column, null or "sum" or "avg", null or the column with the weights of an average], ...]},
-- ...]}, and "open" for the shifts that are open, since whatever day, in the place of those that are closed. Columns without "sum" or "avg" group the
-- rows; sums are text. All parts of a view are calculated from one read
-- of it. Only views that `till_report` may read are allowed.
-- for: admin, manager
create or replace function till.report_v1(p_store uuid, p_asked jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked record;
    source text;
    kept date[];
    found jsonb;
    all_found jsonb := '{}';
    is_open constant boolean := coalesce((p_asked->>'open')::boolean, false);
    first constant date := case
        when is_open then (select min(o.business_date) from cold.shifts_open(p_store) as o) else (p_asked->>'from')::date end;
    last constant date := case when is_open then till.business_date(p_store, now()) else (p_asked->>'to')::date end;
    unknown_view constant text := (
        select p.part->>'view' from jsonb_array_elements(p_asked->'parts') as p (part)
        where has_table_privilege('till_report', format('cold.%I', p.part->>'view'), 'SELECT') is not true limit 1);
begin
    if unknown_view is not null then
        raise exception 'There is no report of %.', unknown_view using errcode = 'TL004';
    end if;
    for asked in
        with columns as (
            select p.place as part, p.part->>'view' as view, c.place, c.one->>0 as name, c.one->>1 as summed, c.one->>2 as per
            from jsonb_array_elements(p_asked->'parts') with ordinality as p (part, place)
                cross join jsonb_array_elements(p.part->'columns') with ordinality as c (one, place)
        ), parts as (
            select c.view, format(
                '%L, (select coalesce(jsonb_agg(x.cells), ''[]'') from (select jsonb_build_array(%s) as cells from v %s) as x)', c.part,
                string_agg(format(
                    case when c.summed = 'sum' then 'sum(v.%1$I)::text'
                        when c.per is not null then '(sum(v.%1$I)::numeric / nullif(sum(v.%2$I), 0))::text'
                        when c.summed = 'avg' then 'avg(v.%1$I)::text' else 'v.%1$I' end, c.name, c.per),
                    ', ' order by c.place),
                'group by ' || string_agg(format('v.%I', c.name), ', ') filter (where c.summed is null)) as words
            from columns as c group by c.view, c.part
        )
        select p.view, string_agg(p.words, ', ') as parts, read.names, read.types
        from parts as p cross join lateral (
            select string_agg(format('v.%I', a.attname), ', ') as names,
                string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ') as types
            from pg_attribute as a
            where a.attrelid = to_regclass(format('cold.%I', p.view)) and (a.attname in ('currency', 'is_open') or exists (
                select from columns as c where c.view = p.view and a.attname in (c.name, c.per)))) as read
        group by p.view, read.names, read.types
    loop
        kept := array(
            select r.business_date from cold.report_days as r
            where r.store_id = p_store and r.view = asked.view and r.business_date between first and last
                and not is_open);  -- an open shift changes with each sale
        source := format('select %s from cold.%I as v where v.store_id = $1 and v.business_date between $2 and $3 and v.currency = $4',
            asked.names, asked.view);
        if cardinality(kept) > 0 then
            -- stored days, and the view for the others; both lists are parameters, so that the planner reads only these
            source := format(
                'select %s from cold.report_days as r cross join lateral jsonb_to_recordset(r.rows) as v (%s)
                where r.store_id = $1 and r.view = %L and r.business_date = any ($5) and v.currency = $4
                union all %s and v.business_date = any ($6)', asked.names, asked.types, asked.view, source);
        end if;
        if asked.names ~ 'v\.is_open' then
            source := format('select * from (%s) as v where v.is_open = $7', source);
        end if;
        execute format('with v as (%s) select jsonb_build_object(%s)', source, asked.parts)
        into found
        using p_store, first, last, p_asked->>'currency', kept, cold.days_without(kept, first, last), is_open;
        all_found := all_found || found;
    end loop;
    return (
        select coalesce(jsonb_agg(all_found->p.place::text order by p.place), '[]')
        from jsonb_array_elements(p_asked->'parts') with ordinality as p (part, place));
end $$;

-- The orders behind a row of a report, the oldest first. For a row of sales: the orders with `value` in the column `by`
-- of its view. For a row of acts: the orders of the acts in the view `acts` that match `row`, or the order `value` of a
-- single act; some of these were never sold. For a row of a Z: the orders sold in the shift `value`.
-- for: admin, manager
create or replace function till.report_orders_v1(p_store uuid, p_asked jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted constant text := p_asked->>'value';
    zone constant text := coalesce(till.venue(p_store)->>'timezone', 'UTC');
    acted text[];
    same text;
begin
    if p_asked->>'by' = 'session_id' then
        acted := array[wanted];
    elsif p_asked->>'by' = 'shift' then
        acted := array(
            select e.session_id::text
            from till.shifts as s
            cross join lateral warm.places_of_shift(s.shift_id) as p
            cross join lateral (
                select x.session_id, x.shift, x.event_type from warm.session_events as x
                where x.journal_id = p.journal_id and x.seq between p.first and p.last
                union all
                select a.session_id, a.shift, a.event_type from cold.audited_places(
                    p.journal_id, p.first, p.last, p.since, p.until, 'a.event_type = ''order_placed''') as a) as e
            where s.store_id = p_store and s.shift_id::text = wanted and e.shift = s.shift_id and e.event_type = 'order_placed');
    elsif p_asked ? 'acts' then
        if has_table_privilege('till_report', format('cold.%I', p_asked->>'acts'), 'SELECT') is not true then
            raise exception 'There is no report of %.', p_asked->>'acts' using errcode = 'TL004';
        end if;
        select string_agg(format('v.%1$I::text is not distinct from $5->>%1$L', k), ' and ') into same
        from jsonb_object_keys(p_asked->'row') as k;
        execute format(
            'select array(select distinct v.session_id::text from cold.%I as v where v.store_id = $1
                and v.business_date between $2 and $3 and v.currency = $4 and %s)', p_asked->>'acts', same)
        into acted
        using p_store, (p_asked->>'from')::date, (p_asked->>'to')::date, p_asked->>'currency', p_asked->'row';
    end if;
    if acted is not null then
        return (
            select coalesce(jsonb_agg(to_jsonb(x)), '[]')
            from (
                select coalesce(o.order_id::text, '') as "order", a.session, coalesce(o.receipt, '') as receipt,
                    warm.time_text(coalesce(o.created_at, s.created_at)) as at, coalesce(o.till_id, s.till_id, s.hold_till, 0) as till,
                    coalesce(u.name, '') as person, coalesce(o.total_amount, s.total)::text as total
                from unnest(acted) as a (session)
                left join cold.orders as o on o.session_id = a.session
                left join warm.every_session as s on s.id = a.session
                left join till.users as u on u.store_id = p_store and u.id = coalesce(o.user_id, s.user_id)
                where coalesce(o.created_at, s.created_at) is not null and coalesce(o.store_id, s.store_id) = p_store
                order by coalesce(o.created_at, s.created_at), a.session limit least((p_asked->>'most')::integer, 1000)
            ) as x);
    end if;
    return (
        select coalesce(jsonb_agg(to_jsonb(x)), '[]')
        from (
            select o.order_id as "order", o.session_id as session, coalesce(o.receipt, '') as receipt, warm.time_text(o.created_at) as at,
                o.till_id as till, coalesce(u.name, '') as person, o.total_amount::text as total
            from cold.sales as o left join till.users as u on u.store_id = o.store_id and u.id = o.user_id
            where o.store_id = p_store and o.currency = p_asked->>'currency'
                and o.business_date between (p_asked->>'from')::date and (p_asked->>'to')::date
                and case p_asked->>'by'
                    when 'business_date' then o.business_date::text = wanted
                    when 'month' then to_char(o.business_date, 'YYYY-MM') = wanted
                    when 'hour' then extract(hour from o.created_at at time zone zone)::integer::text = wanted
                    when 'user_id' then o.user_id::text is not distinct from nullif(wanted, 'None')
                    when 'item_name' then exists (
                        select from cold.order_item as i where i.order_id = o.order_id and i.item_name = wanted)
                    when 'category' then exists (
                        select from cold.order_item as i
                        where i.order_id = o.order_id and coalesce(i.category, '') = wanted)
                    when 'receipt' then o.receipt = wanted
                    when 'taxes' then exists (
                        select from cold.order_item as i where i.order_id = o.order_id and cold.taxes_in_words(i.taxes) = wanted)
                        or (o.service_charge <> 0 and cold.taxes_in_words(o.service_charge_taxes) = wanted)
                    when 'tender' then exists (
                        select from cold.corrected_payments as p where p.order_id = o.order_id and p.tender = wanted)
                end
            order by o.created_at, o.order_id limit least((p_asked->>'most')::integer, 1000)
        ) as x);
end $$;
