-- Reads of the shelf by tills.

-- The shelf as a till shows it. Without a count an item has no figure.
-- Takes `items` (ids, or none for all).
-- Gives {"items": [{"item", "amount", "counted_at"}]}.
create or replace function till.shelf_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql stable as $$
begin
    return json_build_object('ok', true, 'items', (
        select coalesce(json_agg(json_build_object('item', s.item_id, 'amount', s.amount, 'counted_at', warm.time_text(s.counted_at))), '[]')
        from cold.stock_at(p_auth.store_id, now()) as s
        where not p_request ? 'items' or p_request->'items' ? s.item_id));
end $$;

-- A stocktake: the newest count of each item on its sheet, of the last two days. With `ends` also the difference of each item, over all
-- its counts there, in the base unit and at cost, and the tills that were not heard since the first count: what they sold may be missing.
-- Takes `sheet`; `ends` (true or left out).
-- Gives {"counts": [{"item", "amount", "at", "by", "till"}], "differences": [{"item", "amount", "cost"}], "unheard": [name]}.
create or replace function till.stocktake_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql stable as $$
declare
    which constant uuid := (p_request->>'sheet')::uuid;
    counts json;
    began timestamptz;
begin
    select json_agg(json_build_object(
            'item', k.item_id, 'amount', c.amount, 'at', warm.time_text(c.at), 'by', coalesce(u.name, ''), 'till', c.till_id)), min(c.first)
    into counts, began
    from till.stock_items as k
    cross join lateral (
        select a.amount, a.at, a.till_id, a.user_id, min(a.at) over () as first from till.stock_acts_now as a
        where a.store_id = k.store_id and a.item_id = k.item_id and a.kind = 'counted' and a.sheet = which and a.at > now() - interval '2 days'
        order by a.at desc, a.event_id desc limit 1) as c
    left join till.users as u on u.store_id = k.store_id and u.id = c.user_id
    where k.store_id = p_auth.store_id;
    if began is null or not coalesce((p_request->>'ends')::boolean, false) then
        return json_build_object('ok', true, 'counts', coalesce(counts, '[]'));
    end if;
    return json_build_object(
        'ok', true, 'counts', counts, 'differences', (
            select coalesce(json_agg(json_build_object('item', x.item_id, 'amount', x.amount, 'cost', x.cost::text)), '[]') from (
                select d.item_id, sum(d.difference)::bigint as amount, max(d.cost) * sum(d.difference) as cost
                from cold.stock_differences(p_auth.store_id, began, now() + interval '1 second') as d
                where d.sheet = which group by d.item_id) as x),
        'unheard', (
            select coalesce(json_agg(t.name order by t.id), '[]') from till.tills as t
            where t.store_id = p_auth.store_id and t.revoked_at is null and t.seen_at < began));
end $$;
