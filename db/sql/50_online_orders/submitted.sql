-- The tables of orders as programs read them: paid orders, and orders that a program submitted and nobody has paid yet. On the
-- search path they come before the tables of cold storage, so that a query finds both. Sums of sales,
-- drawers and refunds use those tables themselves, and never include an unpaid order.

-- True if the caller may see all sessions: everybody but a program.
-- for: admin, report, program
create or replace function till.sees_all() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select not till.is_program()
$$;

-- The sessions of the calling program.
-- for: admin, report, program
create or replace function till.own_sessions() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.session_id from till.program_sessions as s join till.programs as p on p.store_id = s.store_id and p.name = s.program
    where p.role = session_user and p.revoked_at is null
$$;

-- The paid orders of the calling program.
-- for: program
create or replace function till.own_orders() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select o.order_id from cold.orders as o where o.session_id in (select till.own_sessions())
$$;

-- The venue of the calling program.
-- for: program
create or replace function till.own_store() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.store_id from till.programs as p where p.role = session_user and p.revoked_at is null
$$;

-- The states so far of an order that is not paid.
-- for: program
create or replace function warm.steps_so_far(p_session text) returns setof warm.stood
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    s warm.hold_state;
begin
    select x.id, x.version into s.id, s.version from warm.every_session as x where x.id = p_session and till.may_see(x.id);
    return query select * from unnest(warm.states_of(s));
end $$;

-- for: program
create or replace view warm.orders with (security_barrier) as
select o.* from cold.orders as o
where (select till.sees_all()) or o.session_id in (select till.own_sessions())
union all
-- the till that takes the money sets net, tax and number
select x.* from warm.every_session as s
cross join lateral jsonb_populate_record(null::cold.orders, s.submitted || jsonb_build_object(
    'session_id', s.id, 'order_type', s.order_type, 'order_type_id', (
        select t.order_type_id from cold.order_type_table as t
        where t.order_type_name = s.order_type and coalesce(t.store_id, s.store_id) = s.store_id
        order by t.store_id nulls last limit 1),
    'order_source_id', (select c.order_source_id from cold.order_source_type as c where c.source_name = 'chatbot' and c.store_id is null),
    'total_amount', s.total, 'currency', s.currency, 'user_id', s.user_id, 'till_id', s.hold_till, 'tab_id', s.tab_id,
    'store_id', s.store_id, 'created_at', s.submitted->'at')) as x
where s.submitted is not null and s.status <> 'completed'
    and ((select till.sees_all()) or s.id in (select till.own_sessions()));

-- for: program
create or replace view warm.order_item with (security_barrier) as
select i.* from cold.order_item as i
where (select till.sees_all()) or i.order_id in (select till.own_orders())
union all
select x.* from warm.orders as o join warm.every_session as s on s.id = o.session_id
cross join lateral jsonb_array_elements(s.items) with ordinality as l (item, place)
cross join lateral jsonb_populate_record(null::cold.order_item, l.item || jsonb_build_object(
    'order_id', o.order_id, 'position', l.place, 'menu_item_id', l.item->'item_id', 'item_name', l.item->'item',
    'subtotal', l.item->'amount', 'store_id', o.store_id)) as x
where o.event_id is null and l.item->>'voided' is distinct from 'true';

-- for: program
create or replace view warm.order_status_history with (security_barrier) as
select h.* from cold.order_status_history as h
where (select till.sees_all()) or h.order_id in (select till.own_orders())
union all
select o.order_id, x.place::integer, x.status, x.event_type, x.at, x.user_id, x.till_id, o.store_id
from warm.orders as o
cross join lateral warm.steps_so_far(o.session_id) with ordinality as x (status, event_type, at, user_id, till_id, place)
where o.event_id is null;
