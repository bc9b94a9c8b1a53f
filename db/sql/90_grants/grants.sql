-- Rights of the roles, applied as a whole: only the owner has a right that is named neither here nor above a function or a
-- view (`-- for: admin, report`: rights.sql).

revoke all on schema till, hot, warm, cold, session, simulator from public;
revoke all on all tables in schema till, hot, warm, cold, session, simulator
from public, till_app, till_admin, till_report, till_program, till_gateway;
revoke all on all functions in schema till, hot, warm, cold, session, simulator
from public, till_app, till_admin, till_report, till_program, till_gateway;
grant usage on schema till, hot, warm, cold to till_app, till_admin, till_report, till_program;
grant usage on schema till to till_gateway;
grant usage on schema session to till_app, till_admin, till_report;

-- A program: its own rows, and the functions of sessions, which check the owner of the session. Columns are named,
-- because a role that may update a whole table may also lock it. DELETE on two of them cannot be limited in this way;
-- till.end_hold_ups ends such locks.
grant select on hot.session_cart, hot.session_state, hot.session_preferences, warm.session_checkout to till_program;
grant insert (session_id, item_id, item_name, quantity, price, is_active, added_at, updated_at),
    update (item_name, quantity, price, is_active, updated_at), delete on hot.session_cart to till_program;
grant insert (session_id, user_id, last_shown_menu, last_mentioned_item_id, last_mentioned_item_name, current_step,
        created_at, last_activity_at),
    update (user_id, last_shown_menu, last_mentioned_item_id, last_mentioned_item_name, current_step, last_activity_at)
    on hot.session_state to till_program;
grant insert (session_id, name, value, updated_at), update (value, updated_at), delete
    on hot.session_preferences to till_program;
grant insert (session_id, order_type, payment_method, special_instructions, started_at),
    update (order_type, payment_method, special_instructions, started_at) on warm.session_checkout to till_program;
grant insert (session_id, payment_gateway, gateway_order_id, amount, status, created_at),
    update (payment_gateway, gateway_order_id, amount, status) on warm.session_payment_intent to till_program;
-- No policy lets a program insert an event: its trigger calls log_event with the values, and keeps the row out.
grant insert (session_id, event_type, event_data) on warm.session_events to till_program;
-- Read by a program: the menu, order types and payment methods of its venue; the events, payments and orders of its sessions.
grant select on cold.menu_categories, cold.menu_item, cold.menu_item_price, cold.menu_item_availability_schedule,
    cold.menu_modifier_group, cold.menu_modifier, cold.menu_item_modifier_group, cold.order_type_table, cold.order_source_type,
    cold.payment_method_table, warm.session_events, warm.session_payment_intent, cold.order_payment
to till_program;
do $$
declare
    one record;
begin
    for one in
        select x.rows_of, y.rule, y.is_written
        from (values
            ('hot.session_cart,hot.session_state,hot.session_preferences,warm.session_checkout,warm.session_payment_intent',
                'till.is_own(session_id)', true),
            ('warm.session_events', 'session_id in (select till.own_sessions())', false),
            ('cold.order_payment', 'order_id in (select till.own_orders())', false),
            ('cold.menu_categories,cold.menu_item,cold.menu_item_price,cold.menu_item_availability_schedule,'
                'cold.menu_modifier_group,cold.menu_modifier,cold.menu_item_modifier_group', 'store_id = (select till.own_store())', false),
            ('cold.order_type_table,cold.order_source_type,cold.payment_method_table',
                'coalesce(store_id = (select till.own_store()), true)', false)
        ) as y (tables, rule, is_written)
        cross join lateral unnest(string_to_array(y.tables, ',')::regclass[]) as x (rows_of)
    loop
        if not (select c.relrowsecurity from pg_class as c where c.oid = one.rows_of) then
            execute format('alter table %s enable row level security', one.rows_of);
        end if;
        if not exists (select from pg_policy as p where p.polrelid = one.rows_of) then
            execute format('create policy own_rows on %s for %s to till_program using (%s) %s', one.rows_of,
                case when one.is_written then 'all' else 'select' end, one.rule,
                case when one.is_written then format('with check (%s)', one.rule) end);
        end if;
    end loop;
end $$;

-- The parts of a Z, whose views a loop makes (80_report/shifts.sql).
grant select on cold.z_tenders_by_shift, cold.z_taxes_by_shift, cold.z_categories_by_shift, cold.z_dates_by_shift
to till_report, till_admin;

-- Whoever enters by a function compiles no query (jit): that takes seconds, to save milliseconds. It is not left to a
-- setting of the session, which behind a pooler reaches only one of the connections.
do $$
declare
    entry regprocedure;
begin
    for entry in
        select p.oid from pg_proc as p
        where p.pronamespace = any (array['till', 'hot', 'warm', 'cold', 'session', 'simulator']::regnamespace[])
            and p.prosecdef and not coalesce('jit=off' = any (p.proconfig), false)
    loop
        execute format('alter routine %s set jit = off', entry);
    end loop;
end $$;

-- A till waits for an answer for half a minute, but for a lock as long as a program may keep one (`warm.longest_pause`): then it
-- connects again, and its greeting ends what holds it up (till.end_hold_ups).
do $$
declare
    call regprocedure;
begin
    for call in
        select p.oid from pg_proc as p
        where p.pronamespace = any (array['till', 'warm']::regnamespace[]) and p.prosecdef
            and pg_get_function_identity_arguments(p.oid) = 'p_request text' and p.proname <> 'maintenance_v1'
    loop
        execute format('alter routine %s set lock_timeout = %L', call, extract(epoch from warm.longest_pause())::integer || 's');
    end loop;
end $$;
