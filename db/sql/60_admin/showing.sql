-- A waiting record as a person sees it before settling it.

-- All of one record, with its content as it came; null when there is none. One that belongs to no order has no `session`.
create or replace function till.quarantine_show_v1(p_store uuid, p_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select (warm.quarantine_row(q)::jsonb || jsonb_build_object('hash', q.hash, 'body', q.body))::json
        from warm.quarantine as q where q.id = p_id and q.store_id = p_store
    );
end $$;
