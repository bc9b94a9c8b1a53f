-- Voids and cleared orders, with sent items apart. Fewer pieces of a sent line are a void; of another line they correct it. Acts that were undone, brought back or refused are not voids.

-- Each line that was taken off, with its order.
create or replace view cold.taken_off as
with acts as (
    select e.store_id, e.session_id, e.event_id, e.event_type, e.event_data, e.user_id, e."timestamp"
    from warm.session_events as e where e.event_type in ('line_voided', 'order_discarded', 'quantity_changed')
    union all
    select a.store_id, a.session_id, a.event_id, a.event_type, a.event_data, a.user_id, a."timestamp"
    from cold.order_audit as a where a.event_type in ('line_voided', 'order_discarded', 'quantity_changed')
), stood as (
    select a.*, case when a.event_type = 'order_discarded' then 'clear' else 'void' end as kind
    from acts as a
    where not a.event_data ? 'follows'
        and (a.event_type <> 'quantity_changed' or a.event_data @> '{"removed": {"sent": true}}') and not exists (
        select from warm.session_events as u
        where u.session_id = a.session_id and case
            when u.event_type = 'refused' then u.event_data->'events' ? a.event_id::text
            when a.event_type <> 'order_discarded' then u.event_type = 'change_undone' and u.event_data->>'event' = a.event_id::text
            else u.event_id > a.event_id and u.event_type in ('order_resumed', 'order_granted') end
        union all
        select from cold.order_audit as u
        where u.session_id = a.session_id and case
            when u.event_type = 'refused' then u.event_data->'events' ? a.event_id::text
            when a.event_type <> 'order_discarded' then u.event_type = 'change_undone' and u.event_data->>'event' = a.event_id::text
            else u.event_id > a.event_id and u.event_type in ('order_resumed', 'order_granted') end
    )
)
select l.store_id, till.day_of(v.body, l."timestamp") as business_date, l.session_id,
    l.user_id, coalesce(u.name, '') as name, o.currency, l.kind, l.event_id, (r->>'pieces')::bigint as pieces,
    (r->>'amount')::numeric as amount, coalesce((r->>'sent')::boolean, false) as sent
from stood as l
cross join lateral jsonb_path_query(l.event_data, '$.removed[*]') as r
join warm.every_session as o on o.id = l.session_id
left join till.settings as v on v.store_id = l.store_id and v.name = 'settings'
left join till.users as u on u.store_id = l.store_id and u.id = l.user_id;

create or replace view cold.taken_off_by_person as
select t.store_id, t.business_date, t.user_id, t.name, t.currency, t.kind, count(distinct t.event_id) as times,
    sum(t.pieces)::bigint as pieces, sum(t.amount) as amount, t.sent
from cold.taken_off as t
group by t.store_id, t.business_date, t.user_id, t.name, t.currency, t.kind, t.sent;
