-- Reads of the login screen: the other tills, and the orders of the person who logs in (docs/protocol.md, "Reads").

-- The last touched order with lines of each person that is `active` or `pending_logout`, on whichever till it is, for
-- the login screen.
-- Gives {"sessions": [row]}.
create or replace function till.open_orders_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return json_build_object('ok', true, 'sessions', (
        select coalesce(json_agg(till.session_row(o.s) order by u.id), '[]')
        from till.users as u cross join lateral (
            select s from till.order_sessions as s
            where s.store_id = u.store_id and s.user_id = u.id and s.status in ('active', 'pending_logout')
                and (s.items <> '[]' or s.refold) and till.status_of(s) <> 'quarantined'
            order by s.updated_at desc limit 1
        ) as o
        where u.store_id = p_auth.store_id and u.disabled_at is null
    ));
end $$;

-- The user's orders cleared by somebody else in the last seven days and since the user's last other login (`login` is
-- the id of the `logged_in` that asks, or null). Compared by arrival, because the clocks of two tills may differ by a
-- day. `by` null is the database owner.
-- Takes `user`, `login` (of a `logged_in`, or null).
-- Gives {"cleared": [{"session", "lines", "total", "currency", "by", "by_name", "reason"}]}.
create or replace function till.cleared_orders_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return json_build_object('ok', true, 'cleared', till.cleared_orders(
        p_auth.store_id, (p_request->>'user')::integer, (p_request->>'login')::uuid));
end $$;

-- The orders of a user that somebody else cleared within seven days, among the orders of thirty days: older ones have
-- no index. Of each till that held them the newest are looked at. Logins are stored as long (warm.logins).
create or replace function till.cleared_orders(p_store uuid, p_user integer, p_login uuid) returns json
language plpgsql stable as $$
declare
    bound constant text := warm.least_id(now() - interval '30 days')::text;
begin
    return (
        with ended as (
            select s as order_session, s.id, row_number() over (partition by s.hold_till order by s.id desc) as nth
            from till.order_sessions as s
            where s.store_id = p_store and s.user_id = p_user and s.status = 'discarded' and s.id >= bound
                and s.arrived_at > now() - interval '7 days'
        ), cleared as (
            select s.order_session, s.id, e.event_id, e.user_id, e.received_at
            from ended as s cross join lateral (
                select x.* from warm.session_events as x
                where x.session_id = s.id and x.event_type = 'order_discarded' order by x.version desc limit 1
            ) as e
            where s.nth <= warm.most_open() and e.received_at > now() - interval '7 days' and e.user_id is distinct from p_user
        ), last_login as (
            select max(x.received_at) as at from warm.logins as x
            where x.store_id = p_store and x.user_id = p_user
                and x.received_at >= (select min(c.received_at) from cleared as c) and x.event_id is distinct from p_login
        )
        select coalesce(json_agg(jsonb_build_object(
            'session', warm.stream_of(c.id), 'lines', o.line->'lines', 'total', o.line->'total', 'currency', o.line->'currency',
            'by', c.user_id, 'by_name', u.name,
            'reason', (select t.text from warm.texts_of(c.event_id) as t where t.field = 'reason')
        ) order by c.received_at, c.id), '[]')
        from cleared as c
        cross join lateral (select till.session_row(c.order_session)::jsonb as line) as o
        left join till.users as u on u.store_id = p_store and u.id = c.user_id
        where c.received_at > coalesce((select t.at from last_login as t), '-infinity')
            and (o.line->>'lines')::integer > 0
    );
end $$;
