-- The functions that a till calls (docs/protocol.md, "Reads"): each opens the request and answers it. Generated from
-- the answers in db/sql by tools/generate.py (`make generate`). Do not edit it by hand; lint fails if it differs.

-- for: app
create or replace function till.tell_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, true);
    return coalesce(r.refused, till.tell_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function warm.payment_answer_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, warm.payment_answer_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.voucher_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.voucher_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.account_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.account_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.bookings_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.bookings_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.customers_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.customers_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.kitchen_board_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, true);
    return coalesce(r.refused, till.kitchen_board_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.claim_invoice_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.claim_invoice_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.fiscal_backlog_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.fiscal_backlog_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.fiscal_answers_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.fiscal_answers_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.grant_order_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.grant_order_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.open_orders_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.open_orders_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.cleared_orders_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.cleared_orders_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function warm.past_sales_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, warm.past_sales_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function warm.refund_state_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, warm.refund_state_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.hello_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, true);
    return coalesce(r.refused, till.hello_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.user_sessions_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.user_sessions_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.open_tabs_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.open_tabs_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.session_events_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.session_events_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.training_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.training_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.training_scores_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.training_scores_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.manage_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.manage_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.password_salt_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.password_salt_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.password_login_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.password_login_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.conflicts_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.conflicts_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.maintenance_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.maintenance_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.shelf_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.shelf_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;

-- for: app
create or replace function till.stocktake_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request, false);
    return coalesce(r.refused, till.stocktake_v1(r.auth, r.request)::text);
exception when data_exception or check_violation or sqlstate 'TL006' then
    return warm.refusal('protocol', 'The request was not understood: ' || sqlerrm, null, null);
end $$;
