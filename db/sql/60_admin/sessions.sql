-- Order sessions for the administration.

-- The ids of a page of all sessions of a store, or of one person. Each status is read separately from its end of the
-- index, and the pages are merged: one scan with `status in (...)` would sort all of them. The status has two bounds
-- instead of an equality, so that only the index of (status, created_at, id) gives the order: with an equality the
-- planner might scan another index, past every completed order. Planned for each call, because the orders of a person
-- have their own index.
create or replace function till.page_of_store(
    p_store uuid, p_user integer, p_statuses text[], p_stale_minutes integer, p_limit integer, p_after till.place
) returns text[]
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return array(
        select s.id
        from unnest(p_statuses) as w (status)
        cross join lateral (
            select x.created_at, x.id from till.order_sessions as x
            where x.store_id = p_store and (p_user is null or x.user_id = p_user) and x.status >= w.status
                and (x.status, x.created_at, x.id) < (w.status, p_after.at, p_after.id)
                and (p_stale_minutes is null or x.arrived_at < now() - make_interval(mins => p_stale_minutes))
            order by x.status desc, x.created_at desc, x.id desc limit p_limit
        ) as s
        order by s.created_at desc, s.id desc limit p_limit
    );
end $$;

-- A page of the orders that a till holds now. These are few, so they are found first and then sorted.
create or replace function till.page_of_till(
    p_store uuid, p_till integer, p_user integer, p_statuses text[], p_stale_minutes integer, p_limit integer,
    p_after till.place
) returns text[]
language plpgsql stable as $$
begin
    return array(
        with held as materialized (
            select x.id, x.user_id, x.status, x.created_at, x.arrived_at from till.order_sessions as x
            where x.store_id = p_store and x.till_id = p_till
        )
        select x.id from held as x
        where x.status = any (p_statuses) and (x.created_at, x.id) < (p_after.at, p_after.id)
            and (p_user is null or x.user_id = p_user)
            and (p_stale_minutes is null or x.arrived_at < now() - make_interval(mins => p_stale_minutes))
        order by x.created_at desc, x.id desc limit p_limit
    );
end $$;

-- A page of the archive of a store. No till holds an archived session.
create or replace function till.page_of_archive(
    p_store uuid, p_user integer, p_statuses text[], p_limit integer, p_after till.place
) returns text[]
language plpgsql stable as $$
begin
    return array(
        select x.id from cold.order_sessions_archive as x
        where x.store_id = p_store and (x.created_at, x.id) < (p_after.at, p_after.id) and x.status = any (p_statuses)
            and (p_user is null or x.user_id = p_user)
        order by x.created_at desc, x.id desc limit p_limit
    );
end $$;

-- A page of order sessions, newest first: {"sessions": [...], "next": cursor or null}. `p_after` is the cursor of the
-- previous page, the id of its last session. With `p_stale_minutes` lists only sessions without a new event for that
-- time and, unless statuses are given, only open ones. The archive is listed separately, with `p_archived`.
-- for: admin, manager
create or replace function till.session_list_v1(
    p_store uuid, p_statuses text[] default null, p_user integer default null, p_till integer default null,
    p_stale_minutes integer default null, p_limit integer default 50, p_after text default null,
    p_stale_after integer default 30, p_archived boolean default false
) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    open_statuses constant text[] := array['active', 'pending_logout', 'assigned_to_tab'];
    statuses constant text[] := coalesce(p_statuses,
        case when p_stale_minutes is null then open_statuses || array['completed', 'discarded'] else open_statuses end);
    after_place till.place := row('infinity', U&'\+10FFFF');
    page text[];
begin
    if p_after is not null then
        select x.created_at, x.id into after_place from warm.every_session as x
        where x.id = p_after and x.store_id = p_store;
        if not found then
            raise exception 'There is no order %.', p_after using errcode = 'TL004';
        end if;
    end if;
    if p_archived then
        if p_till is null and p_stale_minutes is null then
            page := till.page_of_archive(p_store, p_user, statuses, p_limit + 1, after_place);
        end if;
    elsif p_till is not null then
        page := till.page_of_till(p_store, p_till, p_user, statuses, p_stale_minutes, p_limit + 1, after_place);
    else
        page := till.page_of_store(p_store, p_user, statuses, p_stale_minutes, p_limit + 1, after_place);
    end if;
    return json_build_object(
        'sessions', (
            select coalesce(json_agg(
                till.session_entry(row(s.*)::till.order_sessions, p_stale_after) order by s.created_at desc, s.id desc), '[]')
            from warm.every_session as s where s.id = any (page[1:p_limit])
        ),
        'next', case when cardinality(page) > p_limit then page[p_limit] end
    );
end $$;

-- A session in the shape of `till admin sessions list --json`. `without_charge` is true if the server reckoned its total, and a till
-- adds a service charge.
create or replace function till.session_entry(s till.order_sessions, p_stale_after integer) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'id', s.id, 'user', s.user_id, 'till', s.till_id, 'status', till.status_of(s),
        'stale', s.status in ('active', 'pending_logout')
            and s.arrived_at < now() - make_interval(mins => p_stale_after),
        'lines', (select count(*) from jsonb_array_elements(s.items) as i where i->>'voided' is distinct from 'true'),
        'items', (
            select coalesce(json_agg(json_build_object(
                'item', i.value->'item', 'quantity', i.value->'quantity', 'unit_price', i.value->'unit_price',
                'amount', i.value->'amount') order by i.place), '[]')
            from jsonb_array_elements(s.items) with ordinality as i (value, place)
            where i.value->>'voided' is distinct from 'true'
        ),
        'total', s.total::text, 'currency', s.currency, 'order_type', s.order_type,
        'tab', case when s.tab_id is not null then json_build_object(
            'id', s.tab_id, 'name', (select b.name from till.tabs as b where b.id = s.tab_id)) end,
        'submitted', case when s.submitted is not null then json_build_object(
            'program', coalesce(s.submitted->>'program', ''), 'number', (s.submitted->>'number')::integer) end,
        'without_charge', s.hold_till = 0 and not s.refold and s.status in ('active', 'pending_logout', 'assigned_to_tab')
            and till.bears_charge(s.store_id, s.order_type),
        'version', s.version, 'refold', s.refold, 'created_at', warm.time_text(s.created_at),
        'updated_at', warm.time_text(s.updated_at), 'logout_time', warm.time_text(s.logout_time)
    );
end $$;

-- The session with an id, of a receipt, or the only one whose id begins so; null if there is none. Raises if there are
-- several.
create or replace function till.session_named(p_store uuid, p_name text) returns text
language plpgsql stable as $$
declare
    whole constant text := warm.session_of(p_name);
    found_ids text[];
begin
    if exists (select from warm.every_session as x where x.id = whole and x.store_id = p_store) then
        return whole;
    end if;
    found_ids := array(
        select o.session_id from cold.orders as o
        where o.store_id = p_store and o.order_id in (
            select x.order_id from cold.orders as x where x.store_id = p_store and x.receipt = p_name
            union all
            select v.order_id from cold.void_receipts as v where v.store_id = p_store and v.receipt = p_name
            union all
            select c.order_id from till.refund_claims as c where c.store_id = p_store and c.receipt = p_name
            union all
            select i.order_id from till.invoice_claims as i where i.store_id = p_store and i.number = p_name));
    if cardinality(found_ids) = 1 then
        return found_ids[1];
    end if;
    found_ids := array(
        select x.id from warm.every_session as x
        where p_name <> '' and x.id > p_name and x.id < p_name || U&'\+10FFFF' and x.store_id = p_store
        order by x.id limit 3
    );
    if cardinality(found_ids) > 1 then
        raise exception 'Several orders begin with %: type more of the id. %', p_name, array_to_string(found_ids[1:2], ', ')
            || case when cardinality(found_ids) > 2 then ', …' else '' end using errcode = 'TL006';
    end if;
    return found_ids[1];
end $$;

-- One session with its events, its orders and its quarantined records; null if there is none. The unique beginning of
-- its id is enough, as for its log and for closing it.
-- for: admin, manager
create or replace function till.session_show_v1(p_store uuid, p_session text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
begin
    select * into s from warm.every_session where id = till.session_named(p_store, p_session);
    if not found then
        return null;
    end if;
    return json_build_object(
        'session', till.session_entry(s, 30),
        'events', (
            select coalesce(json_agg(json_build_object(
                'id', e.event_id, 'type', e.event_type, 'at', warm.time_text(e."timestamp"), 'till', e.till_id,
                'user', e.user_id, 'hold_id', e.hold_id, 'version', e.version, 'data', e.event_data,
                'texts', (select coalesce(json_object_agg(t.field, t.text), '{}') from warm.texts_of(e.event_id) as t)
            ) order by e.event_id), '[]')
            from warm.log_of(s.id) as e
        ),
        'orders', (
            select coalesce(json_agg(json_build_object('order_id', o.order_id, 'receipt', o.receipt,
                'total', o.total_amount::text, 'business_date', o.business_date)), '[]')
            from cold.orders as o where o.session_id = s.id
        ),
        'refunds', (
            select coalesce(json_agg(json_build_object('refund_id', c.refund_id, 'receipt', c.receipt,
                'sold', o.receipt, 'state', c.state, 'tender', c.data->>'tender', 'amount', c.amount::text,
                'at', warm.time_text(c.started_at), 'till', c.till_id, 'user', c.user_id,
                'approved_by', (c.data->>'approved_by')::integer, 'data', c.data) order by c.refund_id), '[]')
            from cold.orders as o join till.refund_claims as c on c.order_id = o.order_id where o.session_id = s.id
        ),
        'quarantined', (
            select coalesce(json_agg(json_build_object('event', q.event_id, 'reason', q.reason,
                'at', warm.time_text(q.received_at)) order by q.id), '[]')
            from warm.quarantine as q where q.session_id = s.id and q.resolved_at is null
        ),
        'stamps', cold.stamps_of(p_store, s.id)
    );
end $$;

-- All events of a session as they were sealed, for callers that fold them; null if there is no such session.
-- for: admin, manager
create or replace function till.session_log_v1(p_store uuid, p_session text) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select json_agg(warm.event_json(e) order by e.event_id)
    from warm.every_session as s, warm.log_of(s.id) as e
    where s.id = till.session_named(p_store, p_session);
$$;

-- The orders that stood on a table or tab between two times: {"tabs": [ids of the tabs], "people": {number: name}, "orders":
-- [{"session", "events": as till.session_log_v1, each with its arrival and the reason why a manager must look at it, "missing":
-- such reasons of records that the log does not have, "places": the tables of orders that lines moved from or to}]}. `p_names` are the number of the table, with all of its bills, or names.
-- Times are those of tills, whose clocks differ by up to a day. A table is one order after another; where an order was merged
-- into one of another table, both have the tab, and the one that ended is at most a month older than it.
-- for: admin, manager
create or replace function till.table_orders_v1(p_store uuid, p_names text[], p_begins timestamptz, p_ends timestamptz)
returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with tabs as materialized (
        select t.id, t.session_id, t.opened_at from till.tabs as t
        where t.store_id = p_store and (t.table_number = any (p_names) or lower(t.name) = any (select lower(n) from unnest(p_names) as n))
            and t.opened_at < p_ends + interval '1 day' and coalesce(t.closed_at, 'infinity') >= p_begins - interval '1 day'
    ), orders as materialized (
        select t.session_id as id from tabs as t
        union
        select s.id from tabs as t join till.order_sessions as s on s.tab_id = t.id where s.store_id = p_store
        union
        select a.id from tabs as t join cold.order_sessions_archive as a on a.tab_id = t.id
        where a.store_id = p_store and a.created_at >= p_begins - interval '1 month' and a.created_at < p_ends + interval '1 day'
    )
    select json_build_object(
        'tabs', (select coalesce(json_agg(t.id), '[]') from tabs as t),
        'people', (select coalesce(json_object_agg(u.id, u.name), '{}') from till.users as u where u.store_id = p_store),
        'orders', (select coalesce(json_agg(json_build_object(
            'session', warm.stream_of(o.id),
            'events', (
                select json_agg(json_build_object('e', warm.event_json(e), 'arrived', warm.time_text(e.received_at), 'why', (
                    select min(q.reason) from warm.quarantine as q
                    where q.session_id = o.id and q.event_id = e.event_id and q.resolved_at is null)) order by e.event_id)
                from warm.log_of(o.id) as e),
            'missing', (
                select coalesce(json_agg(q.reason order by q.id), '[]') from warm.quarantine as q
                where q.session_id = o.id and q.seq is not null and q.resolved_at is null),
            'places', (
                select coalesce(json_object_agg(m.other, b.name), '{}')
                from warm.log_of(o.id) as e
                cross join lateral (values (coalesce(e.event_data->>'to_session', e.event_data->>'from_session'))) as m (other)
                join warm.every_session as s on s.id = warm.session_of(m.other) join till.tabs as b on b.id = s.tab_id
                where e.event_type = 'lines_moved')
        ) order by o.id), '[]') from orders as o))
$$;

-- The events of the orders on which a till keyed a line, or which it sold, between two times by its clock: [[{"b", "h"}]]
-- as they were sealed, without their texts (notes and names).
-- for: admin, manager
create or replace function till.till_orders_v1(p_store uuid, p_till integer, p_begins timestamptz, p_ends timestamptz)
returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with orders as materialized (
        select e.session_id as id from warm.session_events as e
        where e.store_id = p_store and e."timestamp" >= p_begins and e."timestamp" < p_ends
            and e.event_type in ('item_added', 'order_placed') and e.till_id = p_till
        union
        select a.session_id from cold.audited_on(p_store, p_begins, p_ends, '{item_added,order_placed}') as a
        where a.till_id = p_till
    )
    select coalesce(json_agg((
        select json_agg(json_build_object('b', e.body, 'h', e.hash) order by e.event_id) from warm.log_of(o.id) as e
    ) order by o.id), '[]') from orders as o where o.id is not null;
$$;

-- Closes a session for an admin command: discards it, whoever it belongs to. A null actor is the owner of the database.
-- for: admin, manager
create or replace function till.session_close_v1(p_store uuid, p_actor integer, p_session text, p_reason text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    session constant text := coalesce(till.session_named(p_store, p_session), p_session);
    s till.order_sessions;
begin
    if p_actor is not null then
        return till.order_session_discard_v1(p_store, p_actor, session, p_reason);
    end if;
    s := warm.lock_session(session);
    if s.store_id is distinct from p_store then
        raise exception 'There is no order %.', p_session using errcode = 'TL004';
    elsif s.status not in ('active', 'pending_logout') then
        raise exception 'The order is % and can no longer change.', replace(s.status, '_', ' ') using errcode = 'TL005';
    elsif coalesce(btrim(p_reason), '') = '' then
        raise exception 'Discarding an order needs a reason.' using errcode = 'TL006';
    end if;
    perform warm.server_event_v1(
        p_store, null, 'order_discarded', s.id, till.lines_of(s), jsonb_build_object('reason', p_reason));
    return till.session_whole(s.id);
end $$;

-- The open orders of a till: those that it holds, and those of its late lines. `why` keeps an order from being discarded
-- with the others: something arrived after `p_before` (`changed`), `money` was taken on it or may have been, or another
-- `till` wrote on it. A payment without an answer keeps no order of a revoked till: discarding it makes that a conflict.
create or replace function till.open_of_till(p_store uuid, p_till integer, p_before timestamptz)
returns table (id text, name text, total numeric, currency text, why text)
language plpgsql stable as $$
declare
    revoked constant boolean := exists (
        select from till.tills as t where t.store_id = p_store and t.id = p_till and t.revoked_at is not null);
begin
    return query
    select s.id, coalesce(nullif(b.name, ''), b.table_number, left(s.id, 8)), s.total, s.currency, case
        when s.arrived_at > p_before then 'changed'
        when l.is_sold or (l.is_paid or l.is_asked and not revoked) and warm.has_money(s.id) then 'money'
        when not l.tills || c.tills <@ array[p_till] then 'till' end
    from till.order_sessions as s
    left join till.tabs as b on b.id = s.tab_id
    cross join lateral (
        select array_agg(t.till) filter (where t.till > 0) as tills, bool_or(x.event_type = 'order_placed') as is_sold,
            bool_or(x.event_type = 'payment_approved') as is_paid, bool_or(x.event_type = 'payment_started') as is_asked
        from warm.log_of(s.id) as x cross join lateral (values (x.till_id), (
            case when x.event_type = any (warm.kinds_that_take()) then warm.holder_by(x.event_type, x.till_id, x.event_data) end)) as t (till)
    ) as l
    cross join lateral (select array(
        select y.till_id from warm.contents_now as n join warm.order_contents as y on y.content_id = n.content_id
        where n.session_id = s.id and y.till_id > 0) as tills) as c
    where s.store_id = p_store and s.hold_till in (0, p_till) and s.status in ('active', 'pending_logout', 'assigned_to_tab')
        and p_till = any (l.tills || c.tills)
    order by s.id collate "C";
end $$;

-- The open orders of a till that a manager may discard at once, before that: the time until which nothing may
-- have arrived in them (`p_minutes` ago), their number, sums by currency and first names, and the orders that are left.
-- for: admin, manager
create or replace function till.orders_to_close_v1(p_store uuid, p_till integer, p_minutes integer default 0) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    before constant timestamptz := now() - make_interval(mins => coalesce(p_minutes, 0));
begin
    return (
        with found as materialized (
            select * from till.open_of_till(p_store, p_till, before)
        )
        select json_build_object(
            'before', before, 'orders', count(*) filter (where f.why is null),
            'names', (select coalesce(json_agg(n.name), '[]') from (
                select x.name from found as x where x.why is null order by x.id limit warm.most_listed()) as n),
            'sums', (select coalesce(json_object_agg(c.currency, c.total::text), '{}') from (
                select x.currency, coalesce(sum(x.total), 0) as total from found as x where x.why is null group by x.currency) as c),
            'left', coalesce(json_agg(json_build_object('name', f.name, 'why', f.why) order by f.id) filter (where f.why is not null), '[]'))
        from found as f);
end $$;

-- Discards the open orders of a till in one act, each by its own event with the reason, and returns their number and the
-- orders that are left. `p_before` is that of till.orders_to_close_v1: an order that changed since it was shown is left.
-- for: admin, manager
create or replace function till.orders_close_v1(p_store uuid, p_actor integer, p_till integer, p_before timestamptz, p_reason text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
    discarded integer := 0;
    sums jsonb := '{}';
begin
    if coalesce(btrim(p_reason), '') = '' then
        raise exception 'Discarding an order needs a reason.' using errcode = 'TL006';
    end if;
    -- all at first, in the order in which a push locks
    perform from till.order_sessions as x
    where x.store_id = p_store and x.hold_till in (0, p_till) and x.status in ('active', 'pending_logout', 'assigned_to_tab')
    order by x.id collate "C" for no key update;
    for s in
        select x.* from till.open_of_till(p_store, p_till, p_before) as o join till.order_sessions as x on x.id = o.id
        where o.why is null order by o.id collate "C"
    loop
        perform warm.server_event_v1(
            p_store, p_actor, 'order_discarded', s.id, till.lines_of(s), jsonb_build_object('reason', p_reason));
        discarded := discarded + 1;
        sums := sums || jsonb_build_object(s.currency, (coalesce((sums->>s.currency)::numeric, 0) + coalesce(s.total, 0))::text);
    end loop;
    return json_build_object('orders', discarded, 'sums', sums, 'left', (
        select coalesce(json_agg(json_build_object('name', o.name, 'why', o.why)), '[]')
        from till.open_of_till(p_store, p_till, p_before) as o));
end $$;
