-- The close of shifts that their tills left open, by the server: in the upkeep, from what arrived. The till's own close may
-- still arrive; then both stand, and the sums of the venue take the till's.

-- The shifts of a store that their tills left open, the oldest first: the till is revoked, or sells with a journal that
-- neither opened the shift nor goes on with it.
create or replace function warm.left_shifts(p_store uuid) returns setof till.shifts
language plpgsql stable set enable_seqscan = off as $$
begin
    return query
    select s.*
    from till.shifts as s
    join till.tills as t on t.store_id = s.store_id and t.id = s.till_id
    cross join lateral warm.event_by_id(p_store, s.opened) as o
    where s.store_id = p_store and s.closed is null and s.closed_by_server is null and s.ended is null and o.event_id is not null
        and (t.revoked_at is not null or o.journal_id <> t.live_journal and exists (
            select from warm.first_of(t.live_journal) as b
            where b.event_type = 'journal_opened' and b.event_data->>'shift' is distinct from s.shift_id::text))
    order by s.shift_id;
end $$;

-- Closes a shift if its till left it open, with a Z of the server's own series; its grand totals are those of the till. A
-- manager hears of it: somebody has to count its drawer. True if it did.
create or replace function warm.close_left_shift(p_store uuid, p_shift uuid) returns boolean
language plpgsql as $$
declare
    s till.shifts;
    before warm.session_events;
    of_till warm.session_events;
    closed warm.session_events;
    closed_id uuid;
    sums jsonb;
    number text;
    sales numeric;
    refunds numeric;
begin
    select * into s from warm.left_shifts(p_store) as x where x.shift_id = p_shift;
    if not found then
        return false;
    end if;
    sums := warm.shift_sums(s.shift_id, true);
    before := warm.event_by_id(p_store, (
        select x.closed_by_server from till.shifts as x
        where x.store_id = p_store and x.closed_by_server is not null order by x.closed_by_server desc limit 1));
    of_till := warm.event_by_id(p_store, (
        select x.closed_by_server from till.shifts as x
        where x.store_id = p_store and x.till_id = s.till_id and x.closed_by_server is not null
        order by x.closed_by_server desc limit 1));
    number := '0-Z' || to_char(coalesce(substring(before.event_data->>'number' from '\d+$')::bigint, 0) + 1, 'FM000000');
    sales := coalesce((of_till.event_data->'totals'->>'sales')::numeric, 0) + (sums->'sales'->>'gross')::numeric;
    refunds := coalesce((of_till.event_data->'totals'->>'refunds')::numeric, 0) + (sums->'refunds'->>'amount')::numeric;
    closed_id := warm.server_event(
        p_store, null, 'shift_closed', null, jsonb_build_object(
            'number', number, 'sums', sums, 'currency', (warm.event_by_id(p_store, s.opened)).event_data->'currency',
            'totals', jsonb_build_object('sales', sales::text, 'refunds', refunds::text, 'net', (sales - refunds)::text)),
        '{}', null, 'till', s.shift_id, null, s.till_id);
    closed := warm.event_by_id(p_store, closed_id);  -- a statement of its own: a stable function sees nothing that its own wrote
    insert into warm.quarantine (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate, body)
    values (p_store, closed.event_id, closed.journal_id, s.till_id, closed.event_type, format(
        'Count the drawer of till %s: the server closed its shift from what arrived, with Z %s.', s.till_id, number),
        'TL018', closed.body);
    perform till.tell_tills(p_store, 'sessions');
    return true;
end $$;

-- The Zs by the server of the shifts of a till in the last month, as reference data: {shift: number}. The till's own Z names
-- them. Null if the till has this version, the time of the last one in milliseconds.
create or replace function warm.zs_by_server(p_auth warm.auth_context, p_has text) returns json
language plpgsql stable as $$
begin
    return (
        select json_build_object('version', max(x.at), 'body', json_build_object('by_server', json_object_agg(x.shift_id, x.number)))
        from (
            select s.shift_id, z.event_data->>'number' as number, (extract(epoch from z."timestamp"::timestamptz) * 1000)::bigint as at
            from till.shifts as s cross join lateral warm.event_by_id(s.store_id, s.closed_by_server) as z
            where s.store_id = p_auth.store_id and s.till_id = p_auth.till_id and s.closed_by_server is not null
                and s.shift_id >= warm.least_id(now() - interval '31 days')
            order by s.shift_id desc limit 20
        ) as x
        having max(x.at)::text is distinct from p_has and count(*) > 0);
end $$;
