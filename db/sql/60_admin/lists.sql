-- Lists of the administration, for a command with the owner's rights and for a manager at a till (till.manage_v1).

-- The tills of a store by number, including revoked ones. `journal` is the present journal, null before the first; `seq` is
-- its last number in the database. `money_waits` says why `no_money`, or its end, has not taken effect, `build` the version of its program.
-- for: admin, manager
create or replace function till.tills_v1(p_store uuid) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'till', t.id, 'name', t.name, 'journal', t.live_journal, 'series', coalesce(h.series, ''), 'seq', h.seq,
        'revoked', t.revoked_at is not null, 'stations', t.stations, 'seen_at', warm.time_text(t.seen_at),
        'no_money', t.money_changes % 2 = 1, 'money_waits', till.money_waits(t), 'build', till.build_of(t)) order by t.id), '[]')
    from till.tills as t left join warm.journal_head as h on h.journal_id = t.live_journal
    where t.store_id = p_store
$$;

-- The newest changes of settings, perhaps of one setting: [{"user", "at", "data"}], with the data of the event.
-- for: admin, manager
create or replace function till.settings_history_v1(p_store uuid, p_limit integer, p_key text default null) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'user', c.user_id, 'at', warm.time_text(c."timestamp"), 'data', c.event_data) order by c.seq desc), '[]')
    from (
        select e.seq, e.user_id, e."timestamp", e.event_data from warm.log as e
        where e.journal_id in (select h.journal_id from warm.journal_head as h where h.store_id = p_store and h.till_id = 0)
            and e.event_type = 'settings_changed' and (p_key is null or e.event_data->'keys' ? p_key)
        order by e.seq desc limit p_limit
    ) as c
$$;

-- Versions of the menu before one, the newest first: [{"version", "act", "item_id", "of", "user", "at", "before"}]. `before` is
-- the version with the body that an act replaced, null if it replaced none. till.menu_of_v1 has the bodies.
-- for: admin, manager
create or replace function till.menu_history_v1(p_store uuid, p_limit integer, p_before integer default null) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(json_build_object(
        'version', m.version, 'act', m.act, 'item_id', m.item_id, 'of', m.of_version, 'user', m.user_id,
        'at', warm.time_text(m.made_at), 'has_body', m.has_body, 'before', m.before) order by m.version desc), '[]')
    from (
        select x.version, x.act, x.item_id, x.of_version, x.user_id, x.made_at, x.body is not null as has_body, (
            select max(b.version) from till.menus as b
            where b.store_id = p_store and b.version < x.version and b.body is not null) as before
        from till.menus as x where x.store_id = p_store and (p_before is null or x.version < p_before)
        order by x.version desc limit p_limit
    ) as m
$$;

-- A page of acts of people and programs, the newest first, from the log and the audit. `p_asked` has "types" and "limit",
-- and may have "begins" and "ends" (by the clock of the till), "till", "user" (who did or approved it) and "after" (the
-- last event of the page before). Returns [{"id", "at", "type", "data", "user", "name", "approved_by", "till", "session",
-- "currency", "total", "item", "receipts", "reason", "undone"}]: `name` of a null user is that of a program; currency,
-- total, item (that of the line of the act) and receipts are of its order.
-- for: admin, manager
create or replace function till.acts_v1(p_store uuid, p_asked jsonb) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    types constant text[] := array(select jsonb_array_elements_text(p_asked->'types'));
    most constant integer := (p_asked->>'limit')::integer;
    begins constant timestamptz := coalesce((p_asked->>'begins')::timestamptz, '-infinity');
    ends constant timestamptz := coalesce((p_asked->>'ends')::timestamptz, 'infinity');
    of_till constant integer := (p_asked->>'till')::integer;
    of_user constant integer := (p_asked->>'user')::integer;
    after_event constant uuid := (p_asked->>'after')::uuid;
    found_ids uuid[];
    sessions text[];
    first_at timestamptz;
    last_at timestamptz;
begin
    found_ids := array(
        select x.event_id from (
            (select e.event_id from warm.session_events as e
            where e.store_id = p_store and e.event_type = any (types) and e."timestamp" >= begins and e."timestamp" < ends
                and (of_till is null or of_till = till.till_of_act(e.event_type, e.till_id, e.event_data))
                and (of_user is null or e.user_id = of_user or e.event_data->>'approved_by' = of_user::text)
                and (after_event is null or e.event_id < after_event) and till.is_act(e.event_type, e.till_id, e.event_data)
            order by e.event_id desc limit most)
            union all
            (select e.event_id from cold.order_audit as e
            where e.store_id = p_store and e.event_type = any (types) and e."timestamp" >= begins and e."timestamp" < ends
                and (of_till is null or of_till = till.till_of_act(e.event_type, e.till_id, e.event_data))
                and (of_user is null or e.user_id = of_user or e.event_data->>'approved_by' = of_user::text)
                and (after_event is null or e.event_id < after_event) and till.is_act(e.event_type, e.till_id, e.event_data)
            order by e.event_id desc limit most)
        ) as x order by x.event_id desc limit most);
    select array_agg(distinct till.session_of_act(e.event_type, e.session_id, e.event_data)), min(e."timestamp"), max(e."timestamp")
    into sessions, first_at, last_at
    from warm.log as e where e.event_id = any (found_ids);
    return (
        with undone as (
            select u.event_data->>'event' as id from warm.log as u
            where u.session_id = any (sessions) and u.event_type = 'change_undone'
        ), approved as (  -- written right after the events of its act
            select x.id, max((a.event_data->>'approved_by')::integer) as by_user
            from warm.log as a cross join lateral jsonb_array_elements_text(a.event_data->'events') as x (id)
            where a.store_id = p_store and a.event_type = 'approval_given'
                and a."timestamp" between first_at and last_at + interval '1 minute'
            group by x.id
        )
        select coalesce(json_agg(json_build_object(
            'id', e.event_id, 'at', warm.time_text(e."timestamp"), 'type', e.event_type, 'data', e.event_data,
            'user', e.user_id,
            'name', coalesce((select u.name from till.users as u where u.store_id = p_store and u.id = e.user_id),
                till.program_of(p_store, e.till_id, e.login_session)),
            'approved_by', coalesce((e.event_data->>'approved_by')::integer, a.by_user),
            'till', till.till_of_act(e.event_type, e.till_id, e.event_data), 'session', o.session,
            'currency', s.currency, 'total', s.total::text,
            'item', (
                select i->>'item' from jsonb_array_elements(s.items) as i
                where i->'line_ids' ? (e.event_data->>'line_id') limit 1),
            'receipts', (
                select coalesce(json_agg(x.receipt order by x.receipt), '[]') from cold.orders as x
                where x.session_id = o.session and x.receipt is not null),
            'reason', (select t.text from warm.texts_of(e.event_id) as t limit 1),
            'undone', exists (select from undone as u where u.id = e.event_id::text)
        ) order by e.event_id desc), '[]')
        from warm.log as e
        cross join lateral till.session_of_act(e.event_type, e.session_id, e.event_data) as o (session)
        left join warm.every_session as s on s.id = o.session
        left join approved as a on a.id = e.event_id::text
        where e.event_id = any (found_ids));
end $$;

-- The till of an act: the server writes `order_granted` for a till.
create or replace function till.till_of_act(p_type text, p_till integer, p_data jsonb) returns integer
language sql immutable parallel safe as $$
    select case when p_type = 'order_granted' then (p_data->>'till')::integer else p_till end
$$;

-- The order of an act, even if its event is in the stream of its till.
create or replace function till.session_of_act(p_type text, p_session text, p_data jsonb) returns text
language sql immutable parallel safe as $$
    select case when p_type = 'approval_given' and p_data->>'stream_kind' = 'order' then p_data->>'stream_id'
        else coalesce(p_session, p_data->>'session_id') end
$$;

-- True if an event is an act: not a copy that a till makes when a line is moved, not the other end of a move, and not
-- a till's own logout and login with an order.
create or replace function till.is_act(p_type text, p_till integer, p_data jsonb) returns boolean
language sql immutable parallel safe as $$
    select not p_data ? 'follows' and (p_type <> 'lines_moved' or p_data ? 'to_session')
        and (p_type not in ('order_parked', 'order_resumed') or p_till = 0 or p_data ? 'user')
$$;
