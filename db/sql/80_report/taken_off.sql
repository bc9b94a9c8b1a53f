-- What people took off: voids, and orders that were cleared, what had been sent apart. What was undone or brought back is none.

-- What lines of an order came to when they were taken off by an event: their names, the pieces that were left of each, those at the
-- price that was keyed, and whether they had been sent: saved on a tab, here or where they came from. A line is as it was keyed in
-- the order, or came to it; one that was cut from another is as that one, with the pieces that it got, and of two cuts that made one
-- line the first did. What was taken off a line in an order before this one counts once, however many tills wrote it down here, and
-- as it was told last: a cut may turn out to have taken less. The log is read once, however many lines there are.
create or replace function cold.lines_taken_off(p_session text, p_lines text[], p_by uuid)
returns table (place bigint, item_name text, pieces bigint, amount numeric, sent boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with recursive log as materialized (
        select e.event_id, e.event_type, e.event_data from warm.log_of(p_session) as e
        where e.event_type in (
            'item_added', 'lines_moved', 'line_cut', 'quantity_changed', 'change_undone', 'tab_assigned')
    ), asked as (
        select l.line, l.place from unnest(p_lines) with ordinality as l (line, place)
    ), keyed as materialized (
        select distinct on (k.line->>'line_id') k.line->>'line_id' as line, k.line as said,
            coalesce(bool_or((k.line->>'sent')::boolean) over (partition by k.line->>'line_id'), false) or exists (
                select from log as t where t.event_type = 'tab_assigned' and t.event_id between k.event_id and p_by) as sent
        from (
            select e.event_id, e.event_data as line from log as e where e.event_type = 'item_added'
            union all
            select e.event_id, m.line from log as e cross join lateral jsonb_array_elements(e.event_data->'lines') as m (line)
            where e.event_type = 'lines_moved'
        ) as k
        order by k.line->>'line_id', k.event_id
    ), cut as materialized (
        select distinct on (e.event_data->>'into') e.event_data->>'into' as line, e.event_data->>'line_id' as source,
            (e.event_data->>'quantity')::bigint as pieces
        from log as e where e.event_type = 'line_cut'
        order by e.event_data->>'into', e.event_id
    ), up as (
        select a.line, a.place, a.line as source, null::bigint as pieces, 0 as step from asked as a
        union all
        select u.line, u.place, c.source, coalesce(u.pieces, c.pieces), u.step + 1
        from up as u join cut as c on c.line = u.source
        where u.step < 100 and not exists (select from keyed as k where k.line = u.source)
    ), undone as materialized (
        select e.event_data->>'event' as event from log as e where e.event_type = 'change_undone'
    ), off as (
        select distinct on (o.line, o.event) o.line, o.pieces
        from (
            select k.line, x.key as event, x.value::bigint as pieces, null::uuid as told
            from keyed as k
            cross join lateral (
                select * from jsonb_each_text(k.said->'taken_off') union all select * from jsonb_each_text(k.said->'cut_off')
            ) as x
            union all
            select e.event_data->>'line_id', e.event_id::text, (e.event_data->>'quantity')::bigint, null
            from log as e where e.event_type = 'line_cut' and e.event_id < p_by
            union all
            select e.event_data->>'line_id', coalesce(e.event_data->>'follows', e.event_id::text),
                (e.event_data->>'taken_off')::bigint, e.event_id
            from log as e where e.event_type = 'quantity_changed' and e.event_id < p_by
        ) as o
        where o.event not in (select u.event from undone as u)
        order by o.line, o.event, o.told desc nulls last
    ), gone as (
        select o.line, sum(o.pieces) as pieces from off as o group by o.line
    ), stood as (
        select u.place, k.said, k.sent,
            sign((k.said->>'quantity')::bigint) as way, coalesce(u.pieces, abs((k.said->>'quantity')::bigint)) as keyed,
            coalesce(g.pieces, 0) as gone
        from up as u join keyed as k on k.line = u.source left join gone as g on g.line = u.line
    )
    select s.place, s.said->>'item_name', n.pieces, n.pieces * ((s.said->>'price')::numeric + coalesce((
        select sum((m->>'price')::numeric) from jsonb_array_elements(s.said->'modifiers') as m), 0)), s.sent
    from stood as s cross join lateral (
        select (s.way * greatest(0, s.keyed - s.gone))::bigint as pieces
    ) as n
    where n.pieces <> 0
$$;

-- The items, the pieces and the amount that a void, a clearing or fewer pieces took off; the amount at the prices that were keyed.
create or replace function cold.taken_off_by(p_session text, p_event uuid, p_type text, p_data jsonb)
returns table (item_names text[], pieces bigint, amount numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with taken as (
        select t.place, t.item_name as name,
            case when p_type = 'quantity_changed' then sign(t.pieces)::bigint * (p_data->>'taken_off')::bigint
                else t.pieces end as pieces,
            case when p_type = 'quantity_changed' then t.amount / abs(t.pieces) * (p_data->>'taken_off')::bigint
                else t.amount end as amount
        from cold.lines_taken_off(p_session, case when p_type = 'order_discarded'
            then array(select jsonb_array_elements_text(p_data->'line_ids')) else array[p_data->>'line_id'] end, p_event) as t
    )
    select coalesce((select array_agg(n.name order by n.place) from (
            select t.name, min(t.place) as place from taken as t group by t.name) as n), '{}'),
        sum(t.pieces)::bigint, sum(t.amount)
    from taken as t
$$;

create or replace view cold.taken_off_by_person as
with acts as (
    select e.store_id, e.session_id, e.event_id, e.event_type, e.event_data, e.user_id, e."timestamp"
    from warm.session_events as e where e.event_type in ('line_voided', 'order_discarded')
    union all
    select a.store_id, a.session_id, a.event_id, a.event_type, a.event_data, a.user_id, a."timestamp"
    from cold.order_audit as a where a.event_type in ('line_voided', 'order_discarded')
), stood as (
    select a.*, case when a.event_type = 'line_voided' then 'void' else 'clear' end as kind
    from acts as a
    where not a.event_data ? 'follows' and not exists (
        select from warm.session_events as u
        where u.session_id = a.session_id and u.event_id > a.event_id and case a.event_type
            when 'line_voided' then u.event_type = 'change_undone' and u.event_data->>'event' = a.event_id::text
            else u.event_type = 'order_resumed' end
        union all
        select from cold.order_audit as u
        where u.session_id = a.session_id and u.event_id > a.event_id and case a.event_type
            when 'line_voided' then u.event_type = 'change_undone' and u.event_data->>'event' = a.event_id::text
            else u.event_type = 'order_resumed' end
    )
)
select l.store_id, (
        (l."timestamp" at time zone coalesce(v.body->>'timezone', 'UTC'))
        - coalesce(v.body->>'business_day_ends', '00:00')::time::interval)::date as business_date,
    l.user_id, coalesce(u.name, '') as name, o.currency, l.kind, count(distinct l.event_id) as times,
    sum(w.pieces)::bigint as pieces, sum(w.amount) as amount, w.sent
from stood as l
cross join lateral cold.lines_taken_off(l.session_id, case l.kind when 'void' then array[l.event_data->>'line_id']
    else array(select jsonb_array_elements_text(l.event_data->'line_ids')) end, l.event_id) as w
join warm.every_session as o on o.id = l.session_id
left join till.settings as v on v.store_id = l.store_id and v.name = 'settings'
left join till.users as u on u.store_id = l.store_id and u.id = l.user_id
group by l.store_id, 2, l.user_id, u.name, o.currency, l.kind, w.sent;
