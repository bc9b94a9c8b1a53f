-- Rights of the roles. Applied last, as a whole: only the owner has a right that is not named here.

revoke all on schema till, hot, warm, cold, session, simulator from public;
revoke all on all tables in schema till, hot, warm, cold, session, simulator
from public, till_app, till_admin, till_report, till_program, till_gateway;
revoke all on all functions in schema till, hot, warm, cold, session, simulator
from public, till_app, till_admin, till_report, till_program, till_gateway;
grant usage on schema till, hot, warm, cold to till_app, till_admin, till_report, till_program;
grant usage on schema till to till_gateway;
grant usage on schema session to till_app, till_admin, till_report;

-- Every role, before anything else: the version of the database.
grant execute on function till.schema_v1() to till_app, till_admin, till_report, till_program, till_gateway;

-- A till: the functions named in docs/protocol.md.
grant execute on function
    warm.sync_push_v1(text),
    till.hello_v1(text), till.user_sessions_v1(text), till.open_tabs_v1(text), till.session_events_v1(text), till.grant_order_v1(text),
    till.open_orders_v1(text), till.cleared_orders_v1(text),
    till.customers_v1(text), till.bookings_v1(text),
    till.conflicts_v1(text), till.maintenance_v1(text),
    till.password_salt_v1(text), till.password_login_v1(text), till.manage_v1(text),
    warm.past_sales_v1(text), warm.refund_state_v1(text), till.claim_invoice_v1(text),
    till.voucher_v1(text), till.account_v1(text), warm.payment_answer_v1(text), till.enrol_v1(text),
    till.training_v1(text), till.training_scores_v1(text), till.tell_v1(text),
    till.kitchen_board_v1(text), till.fiscal_backlog_v1(text), till.fiscal_answers_v1(text)
to till_app;

-- Administration, and programs that are not tills.
grant execute on function
    till.order_session_active_v1(uuid, integer, integer),
    till.order_session_by_id_v1(uuid, integer, text),
    till.order_session_save_v1(uuid, integer, text, jsonb, text),
    till.order_session_update_v1(uuid, integer, text, bigint, jsonb),
    till.order_session_complete_v1(uuid, integer, text, jsonb, text),
    till.order_session_assign_to_tab_v1(uuid, integer, text, uuid, text, integer, integer),
    till.order_session_discard_v1(uuid, integer, text, text),
    till.act_as_v1(uuid, integer, text),
    till.store_create_v1(uuid, jsonb), till.store_settings_v1(uuid, integer, jsonb), till.stores_v1(),
    till.enrolment_make_v1(uuid, integer, integer, text, text, text),
    till.enrolment_make_v2(uuid, integer, integer, text, text, text, text[]),
    till.till_enrol_v1(uuid, integer, integer, text, text), till.till_enrol_v2(uuid, integer, integer, text, text, text[]), till.till_rename_v1(uuid, integer, integer, text), till.till_money_v1(uuid, integer, integer, boolean),
    till.till_restore_v1(uuid, integer, integer, text, text, text),
    till.till_adopt_v1(uuid, integer, integer, uuid), till.backlog_take_v1(uuid, integer, integer, uuid),
    till.till_is_elsewhere_v1(uuid, integer, text), till.journal_has_v1(uuid, uuid, bigint, text),
    till.till_revoke_v1(uuid, integer, integer),
    till.program_add_v1(uuid, integer, text, boolean), till.program_revoke_v1(uuid, integer, text),
    till.user_add_v1(uuid, integer, integer, text, text, text), till.user_disable_v1(uuid, integer, integer, boolean),
    till.user_rename_v1(uuid, integer, integer, text), till.user_set_role_v1(uuid, integer, integer, text),
    till.user_set_pin_v1(uuid, integer, integer, text),
    till.user_set_password_v1(uuid, integer, integer, text, text), till.user_salt_v1(uuid, integer),
    till.user_admit_v1(uuid, integer, text), till.erase_v1(uuid, integer, text),
    till.customer_add_v1(uuid, integer, text, text), till.customer_erase_v1(uuid, integer, uuid),
    till.customer_bill_v1(uuid, integer, uuid, text, text), till.invoices_kept_v1(uuid, uuid, text),
    till.voucher_issue_v1(uuid, integer, text, text, numeric, date),
    till.voucher_issue_v2(uuid, integer, text, text, numeric, date, boolean),
    till.voucher_issue_v3(uuid, integer, text, text, numeric, date, boolean, text), till.voucher_void_v1(uuid, integer, uuid),
    till.account_set_v1(uuid, integer, uuid, numeric, boolean),
    till.account_pay_off_v1(uuid, integer, uuid, numeric, text),
    till.account_correct_v1(uuid, integer, uuid, text),
    till.pay_offs_v1(uuid, text),
    till.table_set_v1(uuid, integer, integer, integer, text),
    till.promotions(uuid), till.promotion_set_v1(uuid, integer, text, jsonb),
    till.promotion_remove_v1(uuid, integer, text),
    till.booking_add_v1(uuid, integer, timestamptz, integer, integer, integer, text, text),
    till.booking_cancel_v1(uuid, integer, uuid), till.booking_no_show_v1(uuid, integer, uuid),
    till.booking_erase_v1(uuid, integer, uuid),
    till.user_unlock_v1(uuid, integer, integer),
    till.user_for_login_v1(uuid, integer),
    till.menu_import_v1(uuid, integer, jsonb, integer), till.menu_export_v1(uuid),
    till.menu_of_v1(uuid, integer), till.menu_bring_back_v1(uuid, integer, integer, integer),
    till.menu_edit_v1(uuid, integer, text, jsonb, integer),
    till.menu_schedule_v1(uuid, integer, jsonb, text, jsonb, integer),
    till.menu_sold_out_v1(uuid, integer, text, boolean),
    till.report_v1(uuid, jsonb), till.report_orders_v1(uuid, jsonb), till.ledger_missing_v1(uuid, date, date), till.ledger_accounts_v1(uuid), till.zs_v1(uuid, jsonb), till.shifts_v1(uuid), till.unanswered_v1(uuid, integer), till.kitchen_waits_v1(uuid), till.people_v1(uuid),
    till.session_list_v1(uuid, text[], integer, integer, integer, integer, text, integer, boolean),
    till.maintain_v1(uuid, integer, integer, integer, integer, boolean),
    till.tills_v1(uuid), till.settings_history_v1(uuid, integer, text), till.menu_history_v1(uuid, integer, integer),
    till.acts_v1(uuid, jsonb), till.stats_v1(uuid),
    till.audit_verify_v1(uuid), till.audit_part_v1(uuid, uuid, bigint, bigint),
    till.audit_chains_v1(uuid, integer, timestamptz, timestamptz),
    till.audit_export_v1(uuid, uuid, bigint, bigint, boolean),
    till.fiscal_status_v1(uuid), till.fiscal_mend_v1(uuid, integer, text, boolean), till.fiscal_send_v1(uuid, integer, text), till.fiscal_export_v1(uuid, date, date, bigint, integer),
    till.conflict_list_v1(uuid, integer, uuid, integer, boolean),
    till.quarantine_list_v1(uuid, integer, bigint, integer, boolean),
    till.quarantine_show_v1(uuid, bigint),
    till.quarantine_retry_v1(uuid, integer, bigint),
    till.quarantine_resolve_v1(uuid, integer, bigint, text),
    till.quarantine_book_v1(uuid, integer, bigint),
    till.conflict_resolve_v1(uuid, integer, uuid, text), till.settle_till_v1(uuid, integer, integer, text),
    till.session_show_v1(uuid, text), till.session_log_v1(uuid, text), till.session_close_v1(uuid, integer, text, text),
    till.orders_to_close_v1(uuid, integer, integer), till.orders_close_v1(uuid, integer, integer, timestamptz, text),
    hot.get_session_cart(text), hot.get_cart_total(text), hot.hot_rebuild_v1(uuid),
    cold.create_order_from_session(text, text, text, uuid),
    session.session_create_v1(uuid, integer, integer, text, jsonb), session.session_get_v1(text, text),
    session.session_touch_v1(text, text), session.session_metadata_v1(text, text, jsonb),
    session.session_end_v1(text, text), session.cleanup_expired_sessions()
to till_admin;

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
    cold.payment_method_table, warm.session_events, warm.session_payment_intent, warm.orders, warm.order_item,
    warm.order_status_history, cold.order_payment, cold.payment_order, cold.payment_transaction, cold.payment_audit_log
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
grant execute on function till.sees_all(), till.own_sessions() to till_report, till_admin, till_program;
grant execute on function
    till.is_own(text), till.own_orders(), till.own_store(), warm.steps_so_far(text), warm.log_event(text, text, jsonb),
    hot.get_session_cart(text), hot.get_cart_total(text), cold.create_order_from_session(text, text, text, uuid),
    till.order_session_active_v1(uuid, integer, integer),
    till.order_session_by_id_v1(uuid, integer, text),
    till.order_session_save_v1(uuid, integer, text, jsonb, text),
    till.order_session_update_v1(uuid, integer, text, bigint, jsonb),
    till.order_session_complete_v1(uuid, integer, text, jsonb, text),
    till.order_session_assign_to_tab_v1(uuid, integer, text, uuid, text, integer, integer),
    till.order_session_discard_v1(uuid, integer, text, text)
to till_program;

-- A program that receives a gateway's webhooks: it may send hints to the tills, and nothing else.
grant execute on function till.payment_told_v1(text) to till_gateway;

-- Reports.
grant execute on function till.day_of(jsonb, timestamptz), cold.visits(uuid, date), cold.open_cash(uuid, date), cold.removed_on(uuid, date), cold.cooked_on(uuid, date), cold.act_of(uuid), cold.order_in_words(text), cold.prices_changed(text, uuid),
    cold.sold_with(uuid, date, text), cold.giver_of(uuid, uuid), cold.sold_in_no_shift(uuid, date),
    cold.taxes_in_words(jsonb), cold.refund_by_tax(cold.refunds), cold.shifts_on(uuid, date), cold.shifts_open(uuid),
    cold.z_of(uuid, uuid), cold.figures_of_z(jsonb), cold.default_accounts(), cold.account_among(text[], jsonb) to till_report, till_admin;
grant select on cold.sales_by_tender, cold.refunds_by_tender, cold.refunds_by_tax, cold.refunded_by_day, cold.after_refunds_by_day, cold.cash_by_drawer, cold.account_cash_by_day, cold.sales_by_item, cold.weights_by_item, cold.sales_by_hour, cold.sales_by_day, cold.charges_by_kind, cold.tax_by_rate,
    cold.sales_by_tax, cold.invoiced_taxes, cold.sales_by_category, cold.sales_by_person, cold.tips_by_person, cold.contested_by_day, cold.taken_off_by_person, cold.discounts_by_person, cold.comps_by_person, cold.comps_given_by_person, cold.funnel_by_day, cold.time_to_order_by_day,
    cold.taken_off, cold.cooked, cold.void_acts, cold.discount_acts, cold.comp_acts, cold.reductions, cold.comps, cold.visit_steps, cold.visit_times, cold.refunded, cold.refunded_taxes, cold.tips, cold.taxed, cold.charges, cold.cash, cold.feedback_by_order, cold.payment_order, cold.payment_transaction,
    cold.zs_by_shift, cold.open_shifts, cold.no_shift_by_day, cold.z_figures_by_shift, cold.z_tenders_by_shift, cold.z_taxes_by_shift, cold.z_categories_by_shift, cold.z_dates_by_shift, cold.z_drawer_by_shift,
    cold.drawers_by_shift, cold.z_counts_by_shift, cold.z_corrections_by_shift, cold.ledger, cold.payment_audit_log, session.sessions_now
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
