-- Statistics of a store and its database, for `till admin stats`.

-- All statistics at one moment. Hot rows of programs other than tills have no store; a standby has no unlogged tables, so
-- that there `active_5_minutes` is null. `programs` are the names of connections that report cache hits.
-- for: admin, manager
create or replace function till.stats_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    since constant timestamptz := now() - interval '24 hours';
    active bigint;
begin
    if not pg_is_in_recovery() then
        -- "Active sessions count"
        select count(*) into active from hot.session_state as s
        where s.last_activity_at > now() - interval '5 minutes' and (s.store_id = p_store or s.store_id is null);
    end if;
    return json_build_object(
        'read_at', warm.time_text(now()),
        'sessions', (
            select json_build_object(
                'active_5_minutes', active,
                'active', count(*) filter (where s.status = 'active'),
                'pending_logout', count(*) filter (where s.status = 'pending_logout'),
                'assigned_to_tab', count(*) filter (where s.status = 'assigned_to_tab'),
                'tabs', (select count(*) from till.tabs as b where b.store_id = p_store and b.status = 'open'),
                'logged_in', (select count(*) from till.tills as t where t.store_id = p_store and t.logged_in is not null))
            from (
                select till.status_of(o) as status from till.order_sessions as o
                where o.store_id = p_store and o.status in ('active', 'pending_logout', 'assigned_to_tab')
            ) as s),
        'hot_tables', (
            select json_agg(json_build_object(
                'table', t.relname, 'rows', t.n_live_tup, 'bytes', pg_total_relation_size(t.relid)) order by t.relname)
            from pg_stat_all_tables as t where t.schemaname = 'hot'),
        -- "Conversion Funnel"
        'funnel', (
            select json_build_array(
                count(distinct e.session_id) filter (where e.event_type = 'menu_viewed'),
                count(distinct e.session_id) filter (where e.event_type = 'item_added'),
                count(distinct e.session_id) filter (where e.event_type = 'order_placed'))
            from warm.session_events as e where e."timestamp" > since and e.store_id = p_store),
        -- The conversion of sessions to orders. A plain query counts sales; an order that two tills sold is one order here, so
        -- that the share is at most 100 %.
        'conversion', (
            select json_build_array(count(distinct e.session_id), count(distinct o.session_id))
            from warm.session_events as e left join cold.orders as o on o.session_id = e.session_id
            where e.event_type = 'item_added' and e."timestamp" > since and e.store_id = p_store),
        -- "Average Time to Order"
        'time_to_order', (
            select json_build_array(count(t.view_time), extract(epoch from avg(t.order_time - t.view_time)))
            from (
                select min(e."timestamp") filter (where e.event_type = 'menu_viewed') as view_time,
                    min(e."timestamp") filter (where e.event_type = 'order_placed') as order_time
                from warm.session_events as e
                where e."timestamp" > since and e.store_id = p_store and e.session_id is not null group by e.session_id
            ) as t where t.order_time is not null),
        'creation', till.latency_of(p_store, '{order_opened}', since),
        'closure', till.latency_of(p_store, '{order_placed,order_discarded}', since),
        'blocks', till.blocks_read(),
        'statements', till.statement_times(),
        'conflicts', (select count(*) from till.conflicts as c where c.store_id = p_store and c.resolved_at is null),
        'quarantine', (select count(*) from warm.quarantine as q where q.store_id = p_store and q.resolved_at is null),
        'tills', till.lags(p_store),
        'programs', (
            select coalesce(json_agg(a.application_name order by a.backend_start, a.pid), '[]') from pg_stat_activity as a
            where a.datname = current_database() and a.application_name like 'till %/%'));
end $$;

-- The blocks that PostgreSQL found in memory and those that it read: {"database": [found, read], "tables", "indexes"}.
create or replace function till.blocks_read() returns json
language sql stable as $$
    select json_build_object(
        'database', json_build_array(d.blks_hit, d.blks_read),
        'tables', json_build_array(t.heap_blks_hit, t.heap_blks_read),
        'indexes', json_build_array(t.idx_blks_hit, t.idx_blks_read))
    from pg_stat_database as d cross join (
        select sum(x.heap_blks_hit) as heap_blks_hit, sum(x.heap_blks_read) as heap_blks_read,
            sum(x.idx_blks_hit) as idx_blks_hit, sum(x.idx_blks_read) as idx_blks_read
        from pg_statio_user_tables as x) as t
    where d.datname = current_database()
$$;

-- When each till of a store was heard last, and when its newest record arrived, by number.
create or replace function till.lags(p_store uuid) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object(
        'till', t.id, 'name', t.name, 'revoked', t.revoked_at is not null, 'seen_at', warm.time_text(t.seen_at),
        'seen_s', case when t.seen_at is not null then greatest(0, floor(extract(epoch from now() - t.seen_at)))::integer end,
        'newest_at', warm.time_text(n.at),
        'newest_s', case when n.at is not null then greatest(0, floor(extract(epoch from now() - n.at)))::integer end) order by t.id), '[]')
    from till.tills as t cross join lateral (
        select max(e.received_at) as at
        from warm.journal_head as h join warm.session_events as e on e.journal_id = h.journal_id and e.seq = h.seq
        where h.store_id = t.store_id and h.till_id = t.id) as n
    where t.store_id = p_store
$$;

-- "Session creation and closure latency": [events, median, 95th percentile, worst], in seconds from the key press to the
-- database. The till's clock may be ahead. What took longer than 30 seconds, after which a till counts as away, waited for
-- the network and not for the database, or was generated or replayed.
create or replace function till.latency_of(p_store uuid, p_types text[], p_since timestamptz) returns json
language sql stable as $$
    select json_build_array(
        count(*), percentile_cont(0.5) within group (order by l.s), percentile_cont(0.95) within group (order by l.s), max(l.s))
    from (
        select greatest(0, extract(epoch from e.received_at - e."timestamp"))::float8 as s
        from warm.session_events as e
        where e.event_type = any (p_types) and e."timestamp" > p_since and e.store_id = p_store
            and e.received_at <= e."timestamp" + interval '30 seconds'
    ) as l
$$;

-- The quoted schema of pg_stat_statements; null if it is not installed.
create or replace function till.statements_place() returns text
language sql stable as $$
    select quote_ident(n.nspname) from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements'
$$;

-- The times of statements, if pg_stat_statements is installed, loaded and readable: {"push": [calls, mean, longest],
-- "slowest": [[query, calls, mean, longest]]}, in milliseconds; or {"refused": reason}; or null.
create or replace function till.statement_times() returns jsonb
language plpgsql as $$
declare
    place constant text := till.statements_place();
    found jsonb;
begin
    if place is null then
        return null;
    end if;
    execute format(
        'select jsonb_build_object(
            ''push'', (
                select jsonb_build_array(
                    sum(s.calls)::bigint, sum(s.total_exec_time) / nullif(sum(s.calls), 0), max(s.max_exec_time))
                from %1$s.pg_stat_statements as s join pg_database as d on d.oid = s.dbid
                where d.datname = current_database() and s.query ~* %2$L),
            ''slowest'', (
                select coalesce(jsonb_agg(jsonb_build_array(x.query, x.calls, x.mean_exec_time, x.max_exec_time)), ''[]'')
                from (
                    select s.query, s.calls, s.mean_exec_time, s.max_exec_time
                    from %1$s.pg_stat_statements as s join pg_database as d on d.oid = s.dbid
                    where d.datname = current_database() and s.calls > 0 order by s.mean_exec_time desc limit 5) as x))',
        place, '^\s*select[^;]*\msync_push_v1\(') into found;
    return found;
exception when others then
    return jsonb_build_object('refused', sqlerrm);
end $$;
