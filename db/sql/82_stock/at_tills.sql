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
