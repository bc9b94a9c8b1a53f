-- What people took off: voids, and orders that were cleared. What was undone or brought back is none.

-- What a line came to when it was taken off by an event: the pieces that were left of it, at the price that was keyed.
create or replace function cold.taken_off_line(p_session text, p_line text, p_by uuid)
returns table (pieces integer, amount numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with log as (
        select * from warm.log_of(p_session)
    ), keyed as (
        select e.event_data as line from log as e
        where e.event_type = 'item_added' and e.event_data->>'line_id' = p_line
        union all
        select m.line from log as e cross join lateral jsonb_array_elements(e.event_data->'lines') as m (line)
        where e.event_type = 'lines_moved' and m.line->>'line_id' = p_line
        limit 1
    ), taken as (
        select coalesce(sum((e.event_data->>'taken_off')::integer), 0) as pieces from log as e
        where e.event_type = 'quantity_changed' and e.event_data->>'line_id' = p_line and e.event_id < p_by
            and not exists (
                select from log as u
                where u.event_type = 'change_undone'
                    and u.event_data->>'event' = coalesce(e.event_data->>'follows', e.event_id::text))
    )
    select n.pieces::integer, n.pieces * ((k.line->>'price')::numeric + coalesce((
        select sum((m->>'price')::numeric) from jsonb_array_elements(k.line->'modifiers') as m), 0))
    from keyed as k cross join taken as t cross join lateral (
        select (k.line->>'quantity')::integer as keyed, t.pieces + coalesce((
            select sum(o.value::integer) from jsonb_each_text(k.line->'taken_off') as o), 0) as gone
    ) as l cross join lateral (select sign(l.keyed) * greatest(0, abs(l.keyed) - l.gone) as pieces) as n
$$;

-- The items, the pieces and the amount that a void, a clearing or fewer pieces took off; the amount at the prices that were keyed.
create or replace function cold.taken_off_by(p_session text, p_event uuid, p_type text, p_data jsonb)
returns table (item_names text[], pieces integer, amount numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with lines as (
        select l.line, l.place from jsonb_array_elements_text(case when p_type = 'order_discarded' then p_data->'line_ids'
            else jsonb_build_array(p_data->'line_id') end) with ordinality as l (line, place)
    ), keyed as (
        select e.event_data as line from warm.log_of(p_session) as e where e.event_type = 'item_added'
        union all
        select m.line from warm.log_of(p_session) as e
        cross join lateral jsonb_array_elements(e.event_data->'lines') as m (line)
        where e.event_type = 'lines_moved'
    ), taken as (
        select l.place, k.name, case when p_type = 'quantity_changed'
                then (sign(t.pieces) * (p_data->>'taken_off')::integer)::integer else t.pieces end as pieces,
            case when p_type = 'quantity_changed' then abs(t.amount / nullif(t.pieces, 0)) * (p_data->>'taken_off')::integer
                * sign(t.pieces) else t.amount end as amount
        from lines as l
        cross join lateral cold.taken_off_line(p_session, l.line, p_event) as t
        cross join lateral (select x.line->>'item_name' as name from keyed as x where x.line->>'line_id' = l.line limit 1) as k
        where t.pieces <> 0
    )
    select coalesce((select array_agg(n.name order by n.place) from (
            select t.name, min(t.place) as place from taken as t group by t.name) as n), '{}'),
        sum(t.pieces)::integer, sum(t.amount)
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
), lines as (
    select s.*, l.line_id from stood as s cross join lateral (
        select s.event_data->>'line_id' as line_id where s.kind = 'void'
        union all
        select jsonb_array_elements_text(s.event_data->'line_ids') where s.kind = 'clear'
    ) as l
)
select l.store_id, (
        (l."timestamp" at time zone coalesce(v.body->>'timezone', 'UTC'))
        - coalesce(v.body->>'business_day_ends', '00:00')::time::interval)::date as business_date,
    l.user_id, coalesce(u.name, '') as name, o.currency, l.kind, count(distinct l.event_id) as times,
    sum(w.pieces) as pieces, sum(w.amount) as amount
from lines as l
cross join lateral cold.taken_off_line(l.session_id, l.line_id, l.event_id) as w
join warm.every_session as o on o.id = l.session_id
left join till.settings as v on v.store_id = l.store_id and v.name = 'settings'
left join till.users as u on u.store_id = l.store_id and u.id = l.user_id
where w.pieces <> 0
group by l.store_id, 2, l.user_id, u.name, o.currency, l.kind;
