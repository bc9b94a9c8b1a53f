-- Dishes that a kitchen was sent, and what became of them: voided, sold, still open, or cooked and not paid.

-- The dishes of a business day, by the line that was keyed first: what was cut from it counts as it, in whatever order it is
-- now. Pieces of a line in an open order are open until it ends. The lines of an order that was rung again, and those of its
-- copy, are one dish by their item, because only one of the two is cooked and paid. A ticket that follows another one is none.
-- The planner expects millions of rows: with more memory each day would begin with tables of that size.
-- for: admin, report
create or replace function cold.cooked_on(p_store uuid, p_day date) returns table (
    session_id text, user_id integer, name text, currency text, item text, place text, event_id uuid, sent bigint, voided bigint,
    paid bigint, open bigint, unpaid bigint, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set work_mem = '1MB' as $$
declare
    venue constant jsonb := till.venue(p_store);
    span constant record := till.day_span(venue, p_day);
begin
    return query
    with recursive tickets as materialized (
        select e.session_id, e.event_data from warm.session_events as e
        where e.store_id = p_store and e."timestamp" >= span.begins and e."timestamp" < span.ends and e.event_type = 'lines_sent'
        union all
        select a.session_id, a.event_data from cold.audited_on(p_store, span.begins, span.ends, '{lines_sent}') as a
    ), copies as (
        select t.session_id, warm.session_of(o.event_data #>> '{again,session}') as original
        from (select distinct x.session_id from tickets as x where x.event_data->>'ticket' = '') as t
        cross join lateral warm.log_of(t.session_id) as o where o.event_type = 'order_opened'
    ), up as (
        select c.content_id, c.parent_id, c.session_id, c.event_id
        from (select distinct (x.one->>'line_id')::uuid as line_id
            from tickets as t cross join lateral jsonb_path_query(t.event_data, '$.lines[*]') as x (one)) as k
        join warm.every_content as c on c.content_id = k.line_id
        union
        select c.content_id, c.parent_id, c.session_id, c.event_id from up as u join warm.every_content as c on c.content_id = u.parent_id
    ), dishes as materialized (
        select u.content_id as line_id, u.session_id, k.event_data->>'item_name' as item, p.price, case
            when f.session_id is not null then f.original || (k.event_data->>'item_id')
            when exists (select from copies as x where x.original = u.session_id) then u.session_id || (k.event_data->>'item_id')
            else u.content_id::text end as dish
        from up as u left join copies as f on f.session_id = u.session_id
        left join warm.events_by_id(p_store, array(select distinct x.event_id from up as x where x.parent_id is null)) as k
            on k.event_id = u.event_id
        cross join lateral (
            select coalesce(sum(x.price), 0) * coalesce((k.event_data->>'measure')::numeric, 1000) / 1000 as price
            from (select (k.event_data->>'price')::numeric as price
                union all select (m->>'price')::numeric from jsonb_path_query(k.event_data, '$.modifiers[*]') as m) as x) as p
        where u.parent_id is null
    ), places (dish, line_id, session_id) as (
        select d.dish, d.line_id, d.session_id from dishes as d
        union
        select p.dish, x.line_id, x.session_id from places as p cross join lateral (
            select m.content_id, m.session_id from warm.every_move as m where m.content_id = p.line_id
            union all
            select c.content_id, c.session_id from warm.every_content as c
            where c.session_id = p.session_id and c.parent_id = p.line_id) as x (line_id, session_id)
    ), lines as materialized (
        select distinct p.dish, p.line_id from places as p
    ), sends as (
        select l.dish, e.event_id, x.pieces,
            sum(x.pieces) over (partition by l.dish order by e.event_id, x.line_id) as so_far
        from warm.logs_of(array(select distinct p.session_id from places as p), '{lines_sent}') as e
        cross join lateral jsonb_to_recordset(e.event_data->'lines') as x (line_id uuid, pieces bigint)
        join lines as l on l.line_id = x.line_id
        where not e.event_data ? 'follows'
    ), sales as (
        select distinct o.order_id, o.event_id
        from (select distinct p.session_id from places as p) as l cross join lateral (
            select s.order_id, s.event_id from cold.sales as s where s.session_id = l.session_id offset 0) as o
    ), sold as materialized (
        select x.line_id::uuid as line_id, sum(x.pieces::bigint)::bigint as pieces
        from warm.events_by_id(p_store, array(select distinct o.event_id from sales as o)) as e
        cross join lateral jsonb_to_recordset(e.event_data->'lines') as r (line_ids jsonb, line_quantities jsonb)
        cross join lateral rows from (
            jsonb_array_elements_text(r.line_ids), jsonb_array_elements_text(r.line_quantities)) as x (line_id, pieces)
        group by x.line_id::uuid
    ), facts as (  -- in one list, as look-ups stay look-ups by their offset: the planner does not know these numbers of rows
        select s.dish, s.event_id, s.pieces, s.so_far, 0 as sold, false as is_open, null as item, null::numeric as price from sends as s
        union all
        select l.dish, null, 0, 0, x.pieces, false, null, null from sold as x join lines as l on l.line_id = x.line_id
        union all
        select l.dish, null, 0, 0, 0, true, null, null
        from lines as l cross join lateral (
            select from warm.contents_now as c join warm.every_session as o on o.id = c.session_id
            where c.content_id = l.line_id and o.status not in ('completed', 'discarded') offset 0) as o
        union all
        select d.dish, null, 0, 0, 0, false, d.item, d.price from dishes as d
    ), sums as (
        -- two tills may have sent the same void: what is sent never falls below zero
        select f.dish, sum(greatest(f.pieces, 0)) as sent, sum(f.pieces) - min(least(f.so_far, 0)) as made, sum(f.sold) as sold,
            bool_or(f.is_open) as is_open, max(f.item) as item, max(f.price) as price,
            (array_agg(f.event_id order by f.event_id) filter (where f.pieces > 0))[1] as first
        from facts as f group by f.dish
    )
    select f.session_id::text, f.user_id, coalesce(u.name, ''), o.currency, a.item, coalesce(nullif(t.name, ''), t.table_number, ''),
        f.event_id, a.sent::bigint, (a.sent - a.made)::bigint, (a.made - r.rest)::bigint, r.rest * a.is_open::integer, r.unpaid,
        r.unpaid * a.price
    from sums as a join warm.events_by_id(p_store, array(select distinct x.first from sums as x)) as f on f.event_id = a.first
    cross join lateral (select greatest(a.made - a.sold, 0)::bigint as rest) as q
    cross join lateral (select q.rest, q.rest * (not a.is_open)::integer as unpaid) as r
    join warm.every_session as o on o.id = f.session_id
    left join till.users as u on u.store_id = p_store and u.id = f.user_id
    left join till.tabs as t on t.id = (f.event_data->>'place')::uuid
    where till.day_of(venue, f."timestamp") = p_day;
end $$;

-- for: admin, report
create or replace view cold.cooked as
select c.store_id, c.business_date, x.* from cold.calendar as c cross join lateral cold.cooked_on(c.store_id, c.business_date) as x;
