-- The types of events in SQL. Generated from the classes in till/domain by tools/generate.py (`make generate`).
-- Do not edit it by hand; lint fails if it differs.

-- The types that create a hold of an order.
create or replace function warm.kinds_that_take() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_granted']::text[]
$$;

-- The types that change the status or the hold of an order.
create or replace function warm.kinds_that_move() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_parked', 'order_submitted', 'order_resumed', 'order_granted', 'tab_assigned',
        'order_discarded', 'session_swept']::text[]
$$;

-- The types that a till may write without ever having held the order.
create or replace function warm.kinds_any_hold() returns text[]
language sql immutable parallel safe as $$
    select array['invoice_issued', 'conflict_found', 'conflict_resolved', 'tender_corrected', 'tip_corrected',
        'slip_kept']::text[]
$$;

-- The types that record something that was done.
create or replace function warm.kinds_of_fact() returns text[]
language sql immutable parallel safe as $$
    select array['lines_sent', 'kitchen_told', 'lines_rung_again', 'menu_viewed', 'course_fired', 'age_checked',
        'removal_explained', 'line_cut', 'customer_attached', 'buyer_named', 'amounts_fixed', 'order_numbered',
        'lines_moved', 'invoice_issued', 'feedback_given', 'record_set_aside', 'conflict_found',
        'conflict_resolved', 'checkout_started', 'gateway_order_named', 'tender_corrected', 'tip_corrected',
        'slip_kept']::text[]
$$;

-- The types that count under an earlier hold, on a line of the order.
create or replace function warm.kinds_on_lines() returns text[]
language sql immutable parallel safe as $$
    select array['item_added', 'quantity_changed', 'line_voided', 'change_undone']::text[]
$$;

-- The types that count under an earlier hold, on a line that their till keyed.
create or replace function warm.kinds_on_own_lines() returns text[]
language sql immutable parallel safe as $$
    select array['modifiers_set', 'line_seated', 'line_rated', 'line_type_set', 'price_overridden',
        'line_noted']::text[]
$$;

-- The types that are about the money of an order.
create or replace function warm.kinds_of_money() returns text[]
language sql immutable parallel safe as $$
    select array['order_placed', 'payment_started', 'payment_approved', 'payment_declined', 'payment_confirmed',
        'payment_unknown', 'payment_authorised', 'payment_return_started', 'payment_return_declined',
        'payment_return_unknown', 'payment_voided']::text[]
$$;

-- The types that only a till that takes money may write, as those of money.
create or replace function warm.kinds_by_counter() returns text[]
language sql immutable parallel safe as $$
    select array['invoice_issued', 'tender_corrected', 'tip_corrected', 'drawer_opened', 'fiscal_stamped',
        'refund_started', 'refund_approved', 'refund_declined', 'refund_confirmed', 'refund_unknown',
        'shift_opened', 'cash_moved', 'movement_undone', 'drawer_counted', 'drawer_corrected',
        'shift_closed']::text[]
$$;

-- The types that change nothing in a snapshot.
create or replace function warm.kinds_beside() returns text[]
language sql immutable parallel safe as $$
    select array['kitchen_told', 'order_handed', 'lines_rung_again', 'courses_held', 'removal_explained',
        'customer_attached', 'buyer_named', 'booking_seated', 'invoice_issued', 'feedback_given', 'erased',
        'conflict_found', 'sale_contested', 'sale_booked', 'conflict_resolved', 'gateway_order_named',
        'tender_corrected', 'tip_corrected', 'payment_confirmed', 'slip_kept']::text[]
$$;

-- The types that only the database writes.
create or replace function warm.kinds_by_server() returns text[]
language sql immutable parallel safe as $$
    select array['order_handed', 'line_cut', 'amounts_fixed', 'order_submitted', 'order_granted', 'lines_moved',
        'lines_copied', 'lines_withdrawn', 'refused', 'session_swept', 'erased', 'conflict_found', 'sale_contested',
        'sale_booked', 'conflict_resolved', 'gateway_order_named', 'quarantine_resolved', 'records_settled',
        'settings_changed', 'till_enrolled', 'enrolment_made', 'fiscal_mend_asked', 'fiscal_send_asked',
        'invoice_annulled', 'fiscal_reported', 'export_made', 'codes_set', 'till_renamed', 'till_revoked',
        'till_money_set', 'till_adopted', 'backlog_taken', 'program_added', 'program_revoked', 'user_added',
        'user_disabled', 'user_enabled', 'user_renamed', 'role_set', 'language_set', 'user_unlocked', 'pin_set',
        'password_set', 'customer_added', 'voucher_issued', 'voucher_voided', 'account_set', 'account_paid_off',
        'account_corrected', 'customer_billed', 'customer_erased', 'promotion_set', 'promotion_removed',
        'table_set', 'booking_made', 'booking_cancelled', 'booking_erased', 'menu_imported', 'menu_edited',
        'menu_rated', 'menu_scheduled', 'menu_brought_back', 'item_sold_out', 'stock_kept']::text[]
$$;

-- The types that an act between orders may have.
create or replace function warm.kinds_of_acts() returns text[]
language sql immutable parallel safe as $$
    select array['lines_sent', 'kitchen_told', 'order_opened', 'modifiers_set', 'line_seated', 'line_rated',
        'line_type_set', 'course_fired', 'price_overridden', 'courses_held', 'age_checked', 'line_cut',
        'line_noted', 'order_noted', 'customer_attached', 'buyer_named', 'change_undone', 'discount_applied',
        'amounts_fixed', 'order_type_set', 'preference_set', 'order_resumed', 'tab_assigned', 'booking_seated',
        'lines_moved', 'order_discarded']::text[]
$$;

-- The types that are only stored in the log.
create or replace function warm.kinds_log_only() returns text[]
language sql immutable parallel safe as $$
    select array['menu_viewed']::text[]
$$;

-- The types that a screen of the kitchen reads for the heads of tickets.
create or replace function warm.kinds_in_heads() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_noted', 'change_undone', 'preference_set', 'order_granted', 'refused',
        'record_set_aside']::text[]
$$;

-- The longest free text beside a record, and the most texts.
create or replace function warm.longest_free() returns integer
language sql immutable parallel safe as $$ select 1000 $$;

create or replace function warm.most_texts() returns integer
language sql immutable parallel safe as $$ select 20 $$;

-- All types, with their version, their stream and the fields that their data may have.
create table if not exists warm.event_types (
    type text primary key,
    v integer not null,
    stream_kind text not null,
    keys text[] not null
);
delete from warm.event_types;
insert into warm.event_types (type, v, stream_kind, keys) values
    ('lines_sent', 1, 'order',
        array['again', 'digests', 'follows', 'kind', 'later', 'lines', 'place', 'station', 'ticket']::text[]),
    ('kitchen_told', 1, 'order',
        array['digests', 'ticket']::text[]),
    ('order_handed', 1, 'order',
        array['again', 'digests', 'till']::text[]),
    ('order_opened', 1, 'order',
        array['again', 'currency', 'digests', 'from_session', 'order_type', 'prices_include_tax', 'program', 'ref',
        'rounding', 'service_charge', 'tax_rounding', 'tax_rounding_direction', 'tax_rounding_of', 'user']::text[]),
    ('lines_rung_again', 1, 'order',
        array['digests', 'line_ids']::text[]),
    ('menu_viewed', 1, 'order',
        array['digests', 'items', 'meal_period', 'query', 'result_count']::text[]),
    ('item_added', 1, 'order',
        array['asks', 'course', 'deposit', 'digests', 'item_id', 'item_name', 'line_id', 'measure', 'modifiers',
        'offers', 'price', 'quantity', 'seat', 'taxes', 'unit', 'unit_price']::text[]),
    ('modifiers_set', 1, 'order',
        array['asks', 'digests', 'follows', 'line_id', 'modifiers']::text[]),
    ('line_seated', 1, 'order',
        array['course', 'digests', 'follows', 'line_id', 'seat']::text[]),
    ('line_rated', 1, 'order',
        array['by_type', 'combos', 'digests', 'follows', 'line_id']::text[]),
    ('line_type_set', 1, 'order',
        array['digests', 'follows', 'line_id', 'order_type']::text[]),
    ('course_fired', 1, 'order',
        array['digests', 'follows', 'line_id']::text[]),
    ('price_overridden', 1, 'order',
        array['approved_by', 'digests', 'follows', 'line_id', 'price', 'was']::text[]),
    ('courses_held', 1, 'order',
        array['digests', 'held']::text[]),
    ('age_checked', 1, 'order',
        array['digests', 'passed', 'years']::text[]),
    ('quantity_changed', 1, 'order',
        array['cut', 'digests', 'follows', 'line_id', 'removed', 'taken_off']::text[]),
    ('removal_explained', 1, 'order',
        array['digests', 'events']::text[]),
    ('line_cut', 1, 'order',
        array['digests', 'into', 'line_id', 'quantity']::text[]),
    ('line_voided', 1, 'order',
        array['digests', 'follows', 'line_id', 'removed']::text[]),
    ('line_noted', 1, 'order',
        array['digests', 'follows', 'includes', 'line_id']::text[]),
    ('order_noted', 1, 'order',
        array['digests']::text[]),
    ('customer_attached', 1, 'order',
        array['customer_id', 'digests', 'follows']::text[]),
    ('buyer_named', 1, 'order',
        array['digests']::text[]),
    ('change_undone', 1, 'order',
        array['digests', 'event']::text[]),
    ('discount_applied', 1, 'order',
        array['amount', 'digests', 'follows', 'kind', 'line_id', 'name', 'percent', 'pieces', 'price',
        'share_of']::text[]),
    ('amounts_fixed', 1, 'order',
        array['digests', 'lines']::text[]),
    ('order_type_set', 1, 'order',
        array['digests', 'order_type']::text[]),
    ('preference_set', 1, 'order',
        array['digests', 'name']::text[]),
    ('order_parked', 1, 'order',
        array['digests', 'user']::text[]),
    ('order_submitted', 1, 'order',
        array['customer_id', 'digests', 'number', 'order_id', 'payment_method', 'program']::text[]),
    ('order_numbered', 1, 'order',
        array['count', 'digests', 'number']::text[]),
    ('order_resumed', 1, 'order',
        array['digests', 'user']::text[]),
    ('order_granted', 1, 'order',
        array['digests', 'from_hold', 'from_till', 'journal', 'till', 'user']::text[]),
    ('tab_assigned', 1, 'order',
        array['covers', 'digests', 'tab_id', 'table_number']::text[]),
    ('booking_seated', 1, 'order',
        array['booking_id', 'digests']::text[]),
    ('lines_moved', 1, 'order',
        array['amounts', 'digests', 'discounts', 'from_session', 'line_ids', 'lines', 'to_session']::text[]),
    ('lines_copied', 1, 'order',
        array['digests', 'events', 'from_session', 'line_ids']::text[]),
    ('lines_withdrawn', 1, 'order',
        array['digests', 'line_ids', 'to_session']::text[]),
    ('order_placed', 1, 'order',
        array['business_date', 'currency', 'customer_id', 'digests', 'discounts', 'known', 'lines', 'net', 'off',
        'order_id', 'order_type', 'payment_method', 'payments', 'receipt', 'ref', 'rounding', 'service_charge',
        'set_aside', 'tab_id', 'tax', 'taxes', 'total', 'voids']::text[]),
    ('invoice_issued', 1, 'order',
        array['digests', 'number', 'order_id', 'sold']::text[]),
    ('feedback_given', 1, 'order',
        array['digests', 'order_id', 'score']::text[]),
    ('order_discarded', 1, 'order',
        array['digests', 'line_ids', 'removed']::text[]),
    ('refused', 1, 'order',
        array['digests', 'events']::text[]),
    ('session_swept', 1, 'order',
        array['digests', 'minutes']::text[]),
    ('record_set_aside', 1, 'order',
        array['approved_by', 'digests', 'event']::text[]),
    ('erased', 1, 'order',
        array['digests', 'events']::text[]),
    ('conflict_found', 1, 'order',
        array['amount', 'conflict_id', 'currency', 'digests', 'kind', 'subject', 'till']::text[]),
    ('sale_contested', 1, 'order',
        array['contents', 'digests', 'order_id']::text[]),
    ('sale_booked', 1, 'order',
        array['digests', 'event', 'quarantine']::text[]),
    ('conflict_resolved', 1, 'order',
        array['conflict_id', 'digests']::text[]),
    ('checkout_started', 1, 'order',
        array['digests']::text[]),
    ('gateway_order_named', 1, 'order',
        array['digests', 'gateway', 'order']::text[]),
    ('payment_started', 1, 'order',
        array['amount', 'asker', 'digests', 'for', 'key', 'number', 'payment_id', 'place', 'tender', 'tip']::text[]),
    ('payment_approved', 1, 'order',
        array['amount', 'approved_by', 'balance', 'card', 'change', 'digests', 'drawer', 'holder', 'payment_id',
        'tender', 'tendered', 'tip', 'transaction']::text[]),
    ('tender_corrected', 1, 'order',
        array['amount', 'approved_by', 'digests', 'drawer', 'order_id', 'payment_id', 'tender', 'was',
        'was_drawer']::text[]),
    ('tip_corrected', 1, 'order',
        array['approved_by', 'digests', 'drawer', 'order_id', 'payment_id', 'returned', 'tender', 'tip',
        'was']::text[]),
    ('payment_declined', 1, 'order',
        array['amount', 'approved_by', 'digests', 'payment_id', 'tender']::text[]),
    ('payment_confirmed', 1, 'order',
        array['amount', 'card', 'digests', 'payment_id', 'return_id', 'tender', 'transaction']::text[]),
    ('payment_unknown', 1, 'order',
        array['amount', 'digests', 'payment_id', 'tender']::text[]),
    ('payment_authorised', 1, 'order',
        array['amount', 'digests', 'payment_id', 'tender', 'transaction']::text[]),
    ('payment_return_started', 1, 'order',
        array['amount', 'approved_by', 'asker', 'digests', 'number', 'payment_id', 'place', 'return_id', 'tender',
        'transaction']::text[]),
    ('payment_return_declined', 1, 'order',
        array['amount', 'approved_by', 'digests', 'payment_id', 'return_id', 'tender']::text[]),
    ('payment_return_unknown', 1, 'order',
        array['amount', 'digests', 'payment_id', 'return_id', 'tender']::text[]),
    ('slip_kept', 1, 'order',
        array['digests', 'for_guest', 'payment_id', 'refund_id', 'to_be_signed']::text[]),
    ('payment_voided', 1, 'order',
        array['amount', 'approved_by', 'change', 'digests', 'drawer', 'payment_id', 'return_id', 'tender',
        'transaction']::text[]),
    ('logged_in', 1, 'login',
        array['digests', 'user']::text[]),
    ('logged_out', 1, 'login',
        array['digests', 'user']::text[]),
    ('journal_opened', 1, 'till',
        array['digests', 'host', 'previous', 'shift']::text[]),
    ('till_started', 1, 'till',
        array['build', 'digests']::text[]),
    ('till_stopped', 1, 'till',
        array['digests']::text[]),
    ('money_heard', 1, 'till',
        array['change', 'digests']::text[]),
    ('drawer_opened', 1, 'till',
        array['approved_by', 'digests', 'why']::text[]),
    ('receipt_issued', 1, 'till',
        array['amount', 'copy', 'currency', 'digests', 'is_bill', 'receipt', 'session_id']::text[]),
    ('records_lost', 1, 'till',
        array['digests', 'journal_id', 'ranges']::text[]),
    ('login_refused', 1, 'till',
        array['digests', 'locked', 'user']::text[]),
    ('approval_given', 1, 'till',
        array['act', 'amount', 'approved_by', 'currency', 'digests', 'events', 'stream_id', 'stream_kind']::text[]),
    ('quarantine_resolved', 1, 'till',
        array['digests', 'event', 'quarantine', 'session']::text[]),
    ('records_settled', 1, 'till',
        array['digests', 'records', 'till', 'upto']::text[]),
    ('settings_changed', 1, 'till',
        array['changes', 'digests', 'keys', 'was']::text[]),
    ('till_enrolled', 1, 'till',
        array['digests', 'till']::text[]),
    ('enrolment_made', 1, 'till',
        array['digests', 'kind', 'till']::text[]),
    ('fiscal_mend_asked', 1, 'till',
        array['digests', 'number']::text[]),
    ('fiscal_send_asked', 1, 'till',
        array['digests', 'number', 'was']::text[]),
    ('invoice_annulled', 1, 'till',
        array['digests', 'number']::text[]),
    ('fiscal_reported', 1, 'till',
        array['begins', 'digests', 'first', 'last', 'receipt', 'records', 'refused', 'sender']::text[]),
    ('export_made', 1, 'till',
        array['accepted', 'begins', 'digests', 'ends', 'export', 'files', 'first', 'heads', 'last',
        'left_out']::text[]),
    ('codes_set', 1, 'till',
        array['changes', 'digests', 'scheme']::text[]),
    ('till_renamed', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_revoked', 1, 'till',
        array['digests', 'till']::text[]),
    ('till_money_set', 1, 'till',
        array['digests', 'till', 'with_money']::text[]),
    ('till_adopted', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('backlog_taken', 1, 'till',
        array['digests', 'journal_id', 'till']::text[]),
    ('program_added', 1, 'till',
        array['digests', 'program']::text[]),
    ('program_revoked', 1, 'till',
        array['digests', 'program']::text[]),
    ('user_added', 1, 'till',
        array['digests', 'role', 'user']::text[]),
    ('user_disabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_enabled', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_renamed', 1, 'till',
        array['digests', 'user']::text[]),
    ('role_set', 1, 'till',
        array['digests', 'role', 'user']::text[]),
    ('language_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('user_unlocked', 1, 'till',
        array['digests', 'user']::text[]),
    ('pin_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('password_set', 1, 'till',
        array['digests', 'user']::text[]),
    ('customer_added', 1, 'till',
        array['customer_id', 'digests']::text[]),
    ('voucher_issued', 1, 'till',
        array['amount', 'currency', 'digests', 'expires', 'unpaid', 'voucher_id']::text[]),
    ('voucher_voided', 1, 'till',
        array['currency', 'digests', 'left', 'voucher_id']::text[]),
    ('account_set', 1, 'till',
        array['closed', 'currency', 'customer_id', 'digests', 'limit']::text[]),
    ('account_paid_off', 1, 'till',
        array['amount', 'currency', 'customer_id', 'digests', 'paying', 'tender']::text[]),
    ('account_corrected', 1, 'till',
        array['amount', 'correction', 'currency', 'customer_id', 'digests', 'pay_off']::text[]),
    ('customer_billed', 1, 'till',
        array['customer_id', 'digests']::text[]),
    ('customer_erased', 1, 'till',
        array['customer_id', 'digests', 'events']::text[]),
    ('promotion_set', 1, 'till',
        array['digests', 'name', 'terms']::text[]),
    ('promotion_removed', 1, 'till',
        array['digests', 'name']::text[]),
    ('table_set', 1, 'till',
        array['area', 'digests', 'seats', 'table_number']::text[]),
    ('booking_made', 1, 'till',
        array['at', 'booking_id', 'covers', 'customer_id', 'digests', 'minutes', 'table_number']::text[]),
    ('booking_cancelled', 1, 'till',
        array['booking_id', 'digests']::text[]),
    ('booking_erased', 1, 'till',
        array['booking_id', 'digests', 'events']::text[]),
    ('menu_imported', 1, 'till',
        array['digests', 'items', 'version']::text[]),
    ('menu_edited', 1, 'till',
        array['changes', 'digests', 'item_id', 'version']::text[]),
    ('menu_rated', 1, 'till',
        array['begun', 'digests', 'rates', 'version']::text[]),
    ('menu_scheduled', 1, 'till',
        array['category_id', 'daypart', 'digests', 'hours', 'item_id', 'version']::text[]),
    ('menu_brought_back', 1, 'till',
        array['digests', 'items', 'of', 'version']::text[]),
    ('item_sold_out', 1, 'till',
        array['digests', 'item_id', 'sold_out', 'version']::text[]),
    ('stock_kept', 1, 'till',
        array['added', 'digests', 'dropped', 'kept']::text[]),
    ('booking_missed', 1, 'till',
        array['booking_id', 'digests']::text[]),
    ('item_marked', 1, 'till',
        array['approved_by', 'digests', 'item_id', 'sold_out']::text[]),
    ('item_counted', 1, 'till',
        array['approved_by', 'digests', 'item_id', 'keep', 'left']::text[]),
    ('choice_marked', 1, 'till',
        array['approved_by', 'choice', 'digests', 'sold_out']::text[]),
    ('ticket_done', 1, 'till',
        array['digests', 'station', 'ticket']::text[]),
    ('ticket_recalled', 1, 'till',
        array['digests', 'station', 'ticket']::text[]),
    ('fiscal_stamped', 1, 'till',
        array['chain', 'digests', 'fields', 'hash', 'kind', 'number', 'of', 'previous', 'scheme', 'unsure']::text[]),
    ('notice_seen', 1, 'till',
        array['digests', 'notice']::text[]),
    ('stock_counted', 1, 'till',
        array['amount', 'approved_by', 'digests', 'item_id', 'seen_at', 'sheet']::text[]),
    ('stock_moved', 1, 'till',
        array['amount', 'approved_by', 'digests', 'happened_at', 'item_id', 'kind', 'why']::text[]),
    ('stock_returned', 1, 'till',
        array['amount', 'digests', 'item_id', 'of']::text[]),
    ('stock_undone', 1, 'till',
        array['digests', 'event']::text[]),
    ('refund_started', 1, 'refund',
        array['amount', 'approved_by', 'asker', 'away', 'business_date', 'currency', 'digests', 'drawer', 'lines',
        'net', 'number', 'order_id', 'payment_id', 'place', 'receipt', 'rounding', 'session_id', 'sold', 'tax',
        'taxes', 'tender', 'transaction']::text[]),
    ('refund_approved', 1, 'refund',
        array['amount', 'approved_by', 'digests', 'drawer', 'receipt', 'session_id', 'tender',
        'transaction']::text[]),
    ('refund_declined', 1, 'refund',
        array['amount', 'approved_by', 'digests', 'drawer', 'receipt', 'session_id', 'tender']::text[]),
    ('refund_confirmed', 1, 'refund',
        array['amount', 'digests', 'drawer', 'receipt', 'session_id', 'tender']::text[]),
    ('refund_unknown', 1, 'refund',
        array['amount', 'digests', 'drawer', 'receipt', 'session_id', 'tender']::text[]),
    ('shift_opened', 1, 'shift',
        array['business_date', 'currency', 'digests', 'kept', 'secret']::text[]),
    ('cash_moved', 1, 'shift',
        array['amount', 'approved_by', 'currency', 'digests', 'kind', 'of']::text[]),
    ('movement_undone', 1, 'shift',
        array['approved_by', 'digests', 'event']::text[]),
    ('drawer_counted', 1, 'shift',
        array['approved_by', 'counts', 'currency', 'digests', 'pieces', 'to']::text[]),
    ('drawer_corrected', 1, 'shift',
        array['amount', 'correction', 'currency', 'digests', 'payment_id', 'receipt', 'tender', 'was']::text[]),
    ('shift_closed', 1, 'shift',
        array['approved_by', 'currency', 'digests', 'number', 'open_orders', 'sums', 'totals', 'unanswered']::text[]);

-- The types that the database applies beside the orders.
create or replace function warm.kinds_applied_beside() returns text[]
language sql immutable parallel safe as $$
    select array['order_opened', 'order_placed', 'payment_started', 'lines_sent', 'customer_attached', 'tab_assigned',
        'booking_seated', 'invoice_issued', 'feedback_given', 'order_discarded', 'conflict_found', 'sale_contested',
        'sale_booked', 'conflict_resolved', 'tender_corrected', 'tip_corrected', 'payment_declined',
        'payment_voided', 'logged_in', 'logged_out', 'records_lost', 'login_refused', 'quarantine_resolved',
        'booking_missed', 'ticket_done', 'ticket_recalled', 'fiscal_stamped', 'notice_seen', 'stock_counted',
        'stock_moved', 'stock_returned', 'stock_undone', 'refund_started', 'refund_approved', 'refund_declined',
        'refund_confirmed', 'refund_unknown', 'shift_opened', 'drawer_counted', 'drawer_corrected', 'shift_closed',
        'cash_moved', 'movement_undone']::text[]
$$;

-- Applies an event beside its order, by the function of its type. True if anything waits for a manager, or no longer
-- does.
create or replace function warm.apply_by_type(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    case e.event_type
        when 'order_opened' then return warm.on_order_opened(p_auth, e);
        when 'order_placed' then return warm.on_order_placed(p_auth, e);
        when 'payment_started' then return warm.on_payment_started(p_auth, e);
        when 'lines_sent' then return warm.on_lines_sent(p_auth, e);
        when 'customer_attached' then return warm.on_customer_attached(p_auth, e);
        when 'tab_assigned' then return warm.on_tab_assigned(p_auth, e);
        when 'booking_seated' then return warm.on_booking_seated(p_auth, e);
        when 'invoice_issued' then return warm.on_invoice_issued(p_auth, e);
        when 'feedback_given' then return warm.on_feedback_given(p_auth, e);
        when 'order_discarded' then return warm.on_order_discarded(p_auth, e);
        when 'conflict_found' then return warm.on_conflict_found(p_auth, e);
        when 'sale_contested' then return warm.on_sale_contested(p_auth, e);
        when 'sale_booked' then return warm.on_sale_booked(p_auth, e);
        when 'conflict_resolved' then return warm.on_conflict_resolved(p_auth, e);
        when 'tender_corrected', 'tip_corrected' then return warm.on_correction(p_auth, e);
        when 'payment_declined' then return warm.on_payment_declined(p_auth, e);
        when 'payment_voided' then return warm.on_payment_voided(p_auth, e);
        when 'logged_in', 'logged_out' then return warm.on_login_event(p_auth, e);
        when 'records_lost' then return warm.on_records_lost(p_auth, e);
        when 'login_refused' then return warm.on_login_refused(p_auth, e);
        when 'quarantine_resolved' then return warm.on_quarantine_resolved(p_auth, e);
        when 'booking_missed' then return warm.on_booking_missed(p_auth, e);
        when 'ticket_done', 'ticket_recalled' then return warm.on_ticket_event(p_auth, e);
        when 'fiscal_stamped' then return warm.on_fiscal_stamped(p_auth, e);
        when 'notice_seen' then return warm.on_notice_seen(p_auth, e);
        when 'stock_counted', 'stock_moved', 'stock_returned', 'stock_undone' then return warm.on_stock_event(p_auth, e);
        when 'refund_started', 'refund_approved', 'refund_declined', 'refund_confirmed', 'refund_unknown' then return warm.on_refund_event(p_auth, e);
        when 'shift_opened', 'drawer_counted', 'drawer_corrected', 'shift_closed' then return warm.on_shift_event(p_auth, e);
        when 'cash_moved' then return warm.on_cash_moved(p_auth, e);
        when 'movement_undone' then return warm.on_movement_undone(p_auth, e);
        else return false;
    end case;
end $$;

-- The types of records and of their parts, with their fields sorted by name.
drop schema if exists shape cascade;
create schema shape;

create type shape.ticket_line as (
    "choices" varchar(250)[],
    "course" bigint,
    "item_id" varchar(250),
    "line_id" uuid,
    "menu" bigint,
    "note" uuid,
    "pieces" bigint
);

create type shape.lines_sent as (
    "again" boolean,
    "digests" jsonb,
    "follows" uuid,
    "kind" text,
    "later" shape.ticket_line[],
    "lines" shape.ticket_line[],
    "place" uuid,
    "station" varchar(250),
    "ticket" varchar(250)
);

create type shape.kitchen_told as (
    "digests" jsonb,
    "ticket" uuid
);

create type shape.order_handed as (
    "again" boolean,
    "digests" jsonb,
    "till" bigint
);

create type shape.rung_again as (
    "at" text,
    "session" uuid
);

create type shape.rounding_terms as (
    "direction" text,
    "never" varchar(250)[],
    "nothing_up_to" text,
    "of" text,
    "step" text
);

create type shape.tax_rate as (
    "affected_by_earlier" boolean,
    "affects_later" boolean,
    "included" boolean,
    "name" varchar(250),
    "per_piece" text,
    "rate" text
);

create type shape.charge_terms as (
    "except_deposits" boolean,
    "order_types" varchar(250)[],
    "percent" text,
    "taxes" shape.tax_rate[]
);

create type shape.order_opened as (
    "again" shape.rung_again,
    "currency" text,
    "digests" jsonb,
    "from_session" uuid,
    "order_type" varchar(250),
    "prices_include_tax" boolean,
    "program" varchar(250),
    "ref" varchar(250),
    "rounding" shape.rounding_terms,
    "service_charge" shape.charge_terms,
    "tax_rounding" text,
    "tax_rounding_direction" text,
    "tax_rounding_of" text,
    "user" bigint
);

create type shape.lines_rung_again as (
    "digests" jsonb,
    "line_ids" uuid[]
);

create type shape.shown_item as (
    "id" varchar(250),
    "name" varchar(250),
    "position" bigint
);

create type shape.menu_viewed as (
    "digests" jsonb,
    "items" shape.shown_item[],
    "meal_period" varchar(250),
    "query" varchar(250),
    "result_count" bigint
);

create type shape.line_modifier as (
    "group" varchar(250),
    "name" varchar(250),
    "price" text
);

create type shape.promotion_terms as (
    "amount" text,
    "buy" bigint,
    "get" bigint,
    "items" varchar(250)[],
    "name" varchar(250),
    "percent" text,
    "pieces" bigint,
    "price" text
);

create type shape.item_added as (
    "asks" varchar(250)[],
    "course" bigint,
    "deposit" boolean,
    "digests" jsonb,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_id" uuid,
    "measure" bigint,
    "modifiers" shape.line_modifier[],
    "offers" shape.promotion_terms[],
    "price" text,
    "quantity" bigint,
    "seat" bigint,
    "taxes" shape.tax_rate[],
    "unit" varchar(250),
    "unit_price" text
);

create type shape.modifiers_set as (
    "asks" varchar(250)[],
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "modifiers" shape.line_modifier[]
);

create type shape.line_seated as (
    "course" bigint,
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "seat" bigint
);

create type shape.line_rate as (
    "order_type" varchar(250),
    "price" text,
    "taxes" shape.tax_rate[]
);

create type shape.combo_slot as (
    "extra" text,
    "name" varchar(250),
    "pieces" bigint
);

create type shape.line_combo as (
    "name" varchar(250),
    "price" text,
    "slots" shape.combo_slot[]
);

create type shape.line_rated as (
    "by_type" shape.line_rate[],
    "combos" shape.line_combo[],
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid
);

create type shape.line_type_set as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "order_type" varchar(250)
);

create type shape.course_fired as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid
);

create type shape.price_overridden as (
    "approved_by" bigint,
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "price" text,
    "was" text
);

create type shape.courses_held as (
    "digests" jsonb,
    "held" boolean
);

create type shape.age_checked as (
    "digests" jsonb,
    "passed" boolean,
    "years" bigint
);

create type shape.removed as (
    "amount" text,
    "item_name" varchar(250),
    "pieces" bigint,
    "sent" boolean
);

create type shape.quantity_changed as (
    "cut" boolean,
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "removed" shape.removed,
    "taken_off" bigint
);

create type shape.removal_explained as (
    "digests" jsonb,
    "events" uuid[]
);

create type shape.line_cut as (
    "digests" jsonb,
    "into" uuid,
    "line_id" uuid,
    "quantity" bigint
);

create type shape.line_voided as (
    "digests" jsonb,
    "follows" uuid,
    "line_id" uuid,
    "removed" shape.removed
);

create type shape.line_noted as (
    "digests" jsonb,
    "follows" uuid,
    "includes" uuid,
    "line_id" uuid
);

create type shape.order_noted as (
    "digests" jsonb
);

create type shape.customer_attached as (
    "customer_id" uuid,
    "digests" jsonb,
    "follows" uuid
);

create type shape.buyer_named as (
    "digests" jsonb
);

create type shape.change_undone as (
    "digests" jsonb,
    "event" uuid
);

create type shape.discount_applied as (
    "amount" text,
    "digests" jsonb,
    "follows" uuid,
    "kind" text,
    "line_id" uuid,
    "name" varchar(250),
    "percent" text,
    "pieces" bigint,
    "price" text,
    "share_of" uuid
);

create type shape.saving as (
    "amount" text,
    "name" varchar(250)
);

create type shape.line_amounts as (
    "line_id" uuid,
    "off" text,
    "pieces" bigint,
    "price" text,
    "saved" shape.saving[],
    "unit_price" text
);

create type shape.amounts_fixed as (
    "digests" jsonb,
    "lines" shape.line_amounts[]
);

create type shape.order_type_set as (
    "digests" jsonb,
    "order_type" varchar(250)
);

create type shape.preference_set as (
    "digests" jsonb,
    "name" varchar(250)
);

create type shape.order_parked as (
    "digests" jsonb,
    "user" bigint
);

create type shape.order_submitted as (
    "customer_id" uuid,
    "digests" jsonb,
    "number" bigint,
    "order_id" uuid,
    "payment_method" varchar(250),
    "program" varchar(250)
);

create type shape.order_numbered as (
    "count" bigint,
    "digests" jsonb,
    "number" varchar(250)
);

create type shape.order_resumed as (
    "digests" jsonb,
    "user" bigint
);

create type shape.order_granted as (
    "digests" jsonb,
    "from_hold" uuid,
    "from_till" bigint,
    "journal" uuid,
    "till" bigint,
    "user" bigint
);

create type shape.tab_assigned as (
    "covers" bigint,
    "digests" jsonb,
    "tab_id" uuid,
    "table_number" bigint
);

create type shape.booking_seated as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.moved_discount as (
    "amount" text,
    "event" uuid,
    "kind" text,
    "line_id" uuid,
    "name" varchar(250),
    "percent" text,
    "pieces" bigint,
    "price" text,
    "share_of" uuid
);

create or replace function warm.written_whole_by_event_id(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when to_jsonb(e.k) @? '$ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' and e.v @? '$ ? (@ >= 1 && @ <= 1000000000)'
                then to_json((to_jsonb(e.k) #>> '{}')::uuid)::text || ':' || to_json((e.v #>> '{}')::bigint)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create domain shape.whole_by_event_id as jsonb check (value is null or coalesce(warm.written_whole_by_event_id(value, 1, null) = json_strip_nulls(value::json)::text, false));

create type shape.moved_line as (
    "asks" varchar(250)[],
    "course" bigint,
    "cut_off" shape.whole_by_event_id,
    "deposit" boolean,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_id" uuid,
    "measure" bigint,
    "modifiers" shape.line_modifier[],
    "offers" shape.promotion_terms[],
    "price" text,
    "quantity" bigint,
    "seat" bigint,
    "sent" boolean,
    "taken_off" shape.whole_by_event_id,
    "taxes" shape.tax_rate[],
    "till" bigint,
    "unit" varchar(250),
    "unit_price" text
);

create type shape.lines_moved as (
    "amounts" shape.line_amounts[],
    "digests" jsonb,
    "discounts" shape.moved_discount[],
    "from_session" uuid,
    "line_ids" uuid[],
    "lines" shape.moved_line[],
    "to_session" uuid
);

create type shape.lines_copied as (
    "digests" jsonb,
    "events" varchar(1000000)[],
    "from_session" uuid,
    "line_ids" uuid[]
);

create type shape.lines_withdrawn as (
    "digests" jsonb,
    "line_ids" uuid[],
    "to_session" uuid
);

create type shape.placed_off as (
    "amount" text,
    "event" uuid,
    "kind" text,
    "name" varchar(250)
);

create type shape.placed_tax as (
    "added" boolean,
    "name" varchar(250),
    "net" text,
    "per_piece" text,
    "rate" text,
    "tax" text
);

create type shape.placed_line as (
    "category" varchar(250),
    "discount" text,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "line_ids" uuid[],
    "line_quantities" bigint[],
    "measure" bigint,
    "modifiers" varchar(250)[],
    "net" text,
    "note" uuid,
    "off" shape.placed_off[],
    "quantity" bigint,
    "subtotal" text,
    "tax" text,
    "taxes" shape.placed_tax[],
    "uncharged" boolean,
    "unit" varchar(250),
    "unit_price" text
);

create type shape.placed_payment as (
    "amount" text,
    "change" text,
    "payment_id" uuid,
    "tender" varchar(250),
    "till" bigint,
    "tip" text,
    "transaction" varchar(250),
    "user" bigint
);

create type shape.placed_charge as (
    "net" text,
    "percent" text,
    "subtotal" text,
    "tax" text,
    "taxes" shape.placed_tax[]
);

create type shape.placed_void as (
    "amount" text,
    "item_name" varchar(250),
    "line_id" uuid,
    "quantity" bigint
);

create type shape.order_placed as (
    "business_date" text,
    "currency" text,
    "customer_id" uuid,
    "digests" jsonb,
    "discounts" uuid[],
    "known" uuid,
    "lines" shape.placed_line[],
    "net" text,
    "off" shape.placed_off[],
    "order_id" uuid,
    "order_type" varchar(250),
    "payment_method" varchar(250),
    "payments" shape.placed_payment[],
    "receipt" varchar(250),
    "ref" varchar(250),
    "rounding" text,
    "service_charge" shape.placed_charge,
    "set_aside" uuid[],
    "tab_id" uuid,
    "tax" text,
    "taxes" shape.placed_tax[],
    "total" text,
    "voids" shape.placed_void[]
);

create type shape.invoice_issued as (
    "digests" jsonb,
    "number" varchar(250),
    "order_id" uuid,
    "sold" varchar(250)
);

create type shape.feedback_given as (
    "digests" jsonb,
    "order_id" uuid,
    "score" bigint
);

create type shape.order_discarded as (
    "digests" jsonb,
    "line_ids" uuid[],
    "removed" shape.removed[]
);

create type shape.refused as (
    "digests" jsonb,
    "events" uuid[]
);

create type shape.session_swept as (
    "digests" jsonb,
    "minutes" bigint
);

create type shape.record_set_aside as (
    "approved_by" bigint,
    "digests" jsonb,
    "event" uuid
);

create type shape.erased as (
    "digests" jsonb,
    "events" uuid[]
);

create type shape.conflict_found as (
    "amount" text,
    "conflict_id" uuid,
    "currency" text,
    "digests" jsonb,
    "kind" varchar(250),
    "subject" varchar(250),
    "till" bigint
);

create type shape.sale_contested as (
    "contents" uuid[],
    "digests" jsonb,
    "order_id" uuid
);

create type shape.sale_booked as (
    "digests" jsonb,
    "event" uuid,
    "quarantine" bigint
);

create type shape.conflict_resolved as (
    "conflict_id" uuid,
    "digests" jsonb
);

create type shape.checkout_started as (
    "digests" jsonb
);

create type shape.gateway_order_named as (
    "digests" jsonb,
    "gateway" varchar(250),
    "order" varchar(250)
);

create or replace function warm.written_whole_by_uuid(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when e.v @? '$ ? (@ >= 1 && @ <= 1000000000)'
                then to_json((to_jsonb(e.k) #>> '{}')::uuid)::text || ':' || to_json((e.v #>> '{}')::bigint)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create domain shape.whole_by_uuid as jsonb check (value is null or coalesce(warm.written_whole_by_uuid(value, 1, 10000) = json_strip_nulls(value::json)::text, false));

create type shape.payment_started as (
    "amount" text,
    "asker" varchar(250),
    "digests" jsonb,
    "for" shape.whole_by_uuid,
    "key" varchar(250),
    "number" varchar(250),
    "payment_id" uuid,
    "place" varchar(250),
    "tender" varchar(250),
    "tip" text
);

create type shape.card as (
    "brand" text,
    "last_four" text
);

create type shape.payment_approved as (
    "amount" text,
    "approved_by" bigint,
    "balance" text,
    "card" shape.card,
    "change" text,
    "digests" jsonb,
    "drawer" bigint,
    "holder" uuid,
    "payment_id" uuid,
    "tender" varchar(250),
    "tendered" text,
    "tip" text,
    "transaction" varchar(250)
);

create type shape.tender_corrected as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "drawer" bigint,
    "order_id" uuid,
    "payment_id" uuid,
    "tender" varchar(250),
    "was" varchar(250),
    "was_drawer" bigint
);

create type shape.tip_corrected as (
    "approved_by" bigint,
    "digests" jsonb,
    "drawer" bigint,
    "order_id" uuid,
    "payment_id" uuid,
    "returned" text,
    "tender" varchar(250),
    "tip" text,
    "was" text
);

create type shape.payment_declined as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.payment_confirmed as (
    "amount" text,
    "card" shape.card,
    "digests" jsonb,
    "payment_id" uuid,
    "return_id" uuid,
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.payment_unknown as (
    "amount" text,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250)
);

create type shape.payment_authorised as (
    "amount" text,
    "digests" jsonb,
    "payment_id" uuid,
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.payment_return_started as (
    "amount" text,
    "approved_by" bigint,
    "asker" varchar(250),
    "digests" jsonb,
    "number" varchar(250),
    "payment_id" uuid,
    "place" varchar(250),
    "return_id" uuid,
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.payment_return_declined as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "payment_id" uuid,
    "return_id" uuid,
    "tender" varchar(250)
);

create type shape.payment_return_unknown as (
    "amount" text,
    "digests" jsonb,
    "payment_id" uuid,
    "return_id" uuid,
    "tender" varchar(250)
);

create type shape.slip_kept as (
    "digests" jsonb,
    "for_guest" boolean,
    "payment_id" uuid,
    "refund_id" uuid,
    "to_be_signed" boolean
);

create type shape.payment_voided as (
    "amount" text,
    "approved_by" bigint,
    "change" text,
    "digests" jsonb,
    "drawer" bigint,
    "payment_id" uuid,
    "return_id" uuid,
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.logged_in as (
    "digests" jsonb,
    "user" bigint
);

create type shape.logged_out as (
    "digests" jsonb,
    "user" bigint
);

create type shape.previous_journal as (
    "hash" text,
    "journal_id" uuid,
    "seq" bigint
);

create type shape.journal_opened as (
    "digests" jsonb,
    "host" varchar(250),
    "previous" shape.previous_journal,
    "shift" uuid
);

create type shape.till_started as (
    "build" varchar(250),
    "digests" jsonb
);

create type shape.till_stopped as (
    "digests" jsonb
);

create type shape.money_heard as (
    "change" bigint,
    "digests" jsonb
);

create type shape.drawer_opened as (
    "approved_by" bigint,
    "digests" jsonb,
    "why" text
);

create type shape.receipt_issued as (
    "amount" text,
    "copy" bigint,
    "currency" text,
    "digests" jsonb,
    "is_bill" boolean,
    "receipt" varchar(250),
    "session_id" uuid
);

create type shape.lost_range as (
    "first" bigint,
    "last" bigint
);

create type shape.records_lost as (
    "digests" jsonb,
    "journal_id" uuid,
    "ranges" shape.lost_range[]
);

create type shape.login_refused as (
    "digests" jsonb,
    "locked" boolean,
    "user" bigint
);

create type shape.approval_given as (
    "act" text,
    "amount" text,
    "approved_by" bigint,
    "currency" text,
    "digests" jsonb,
    "events" uuid[],
    "stream_id" uuid,
    "stream_kind" text
);

create type shape.quarantine_resolved as (
    "digests" jsonb,
    "event" uuid,
    "quarantine" bigint,
    "session" uuid
);

create type shape.records_settled as (
    "digests" jsonb,
    "records" bigint,
    "till" bigint,
    "upto" bigint
);

create type shape.settings_changed as (
    "changes" jsonb,
    "digests" jsonb,
    "keys" varchar(250)[],
    "was" jsonb
);

create type shape.till_enrolled as (
    "digests" jsonb,
    "till" bigint
);

create type shape.enrolment_made as (
    "digests" jsonb,
    "kind" varchar(250),
    "till" bigint
);

create type shape.fiscal_mend_asked as (
    "digests" jsonb,
    "number" varchar(250)
);

create type shape.fiscal_send_asked as (
    "digests" jsonb,
    "number" varchar(250),
    "was" varchar(250)
);

create type shape.invoice_annulled as (
    "digests" jsonb,
    "number" varchar(250)
);

create type shape.fiscal_reported as (
    "begins" boolean,
    "digests" jsonb,
    "first" varchar(250),
    "last" varchar(250),
    "receipt" varchar(250),
    "records" bigint,
    "refused" bigint,
    "sender" bigint
);

create type shape.export_file as (
    "name" varchar(250),
    "records" bigint,
    "sha256" text
);

create type shape.export_head as (
    "journal_id" uuid,
    "seq" bigint
);

create type shape.export_made as (
    "accepted" varchar(250)[],
    "begins" text,
    "digests" jsonb,
    "ends" text,
    "export" varchar(250),
    "files" shape.export_file[],
    "first" text,
    "heads" shape.export_head[],
    "last" text,
    "left_out" varchar(250)[]
);

create type shape.codes_set as (
    "changes" jsonb,
    "digests" jsonb,
    "scheme" varchar(250)
);

create type shape.till_renamed as (
    "digests" jsonb,
    "till" bigint
);

create type shape.till_revoked as (
    "digests" jsonb,
    "till" bigint
);

create type shape.till_money_set as (
    "digests" jsonb,
    "till" bigint,
    "with_money" boolean
);

create type shape.till_adopted as (
    "digests" jsonb,
    "journal_id" uuid,
    "till" bigint
);

create type shape.backlog_taken as (
    "digests" jsonb,
    "journal_id" uuid,
    "till" bigint
);

create type shape.program_added as (
    "digests" jsonb,
    "program" varchar(250)
);

create type shape.program_revoked as (
    "digests" jsonb,
    "program" varchar(250)
);

create type shape.user_added as (
    "digests" jsonb,
    "role" varchar(250),
    "user" bigint
);

create type shape.user_disabled as (
    "digests" jsonb,
    "user" bigint
);

create type shape.user_enabled as (
    "digests" jsonb,
    "user" bigint
);

create type shape.user_renamed as (
    "digests" jsonb,
    "user" bigint
);

create type shape.role_set as (
    "digests" jsonb,
    "role" varchar(250),
    "user" bigint
);

create type shape.language_set as (
    "digests" jsonb,
    "user" bigint
);

create type shape.user_unlocked as (
    "digests" jsonb,
    "user" bigint
);

create type shape.pin_set as (
    "digests" jsonb,
    "user" bigint
);

create type shape.password_set as (
    "digests" jsonb,
    "user" bigint
);

create type shape.customer_added as (
    "customer_id" uuid,
    "digests" jsonb
);

create type shape.voucher_issued as (
    "amount" text,
    "currency" text,
    "digests" jsonb,
    "expires" text,
    "unpaid" boolean,
    "voucher_id" uuid
);

create type shape.voucher_voided as (
    "currency" text,
    "digests" jsonb,
    "left" text,
    "voucher_id" uuid
);

create type shape.account_set as (
    "closed" boolean,
    "currency" text,
    "customer_id" uuid,
    "digests" jsonb,
    "limit" text
);

create type shape.account_paid_off as (
    "amount" text,
    "currency" text,
    "customer_id" uuid,
    "digests" jsonb,
    "paying" uuid,
    "tender" varchar(250)
);

create type shape.account_corrected as (
    "amount" text,
    "correction" uuid,
    "currency" text,
    "customer_id" uuid,
    "digests" jsonb,
    "pay_off" uuid
);

create type shape.customer_billed as (
    "customer_id" uuid,
    "digests" jsonb
);

create type shape.customer_erased as (
    "customer_id" uuid,
    "digests" jsonb,
    "events" uuid[]
);

create type shape.promotion_set as (
    "digests" jsonb,
    "name" varchar(250),
    "terms" jsonb
);

create type shape.promotion_removed as (
    "digests" jsonb,
    "name" varchar(250)
);

create type shape.table_set as (
    "area" varchar(250),
    "digests" jsonb,
    "seats" bigint,
    "table_number" bigint
);

create type shape.booking_made as (
    "at" text,
    "booking_id" uuid,
    "covers" bigint,
    "customer_id" uuid,
    "digests" jsonb,
    "minutes" bigint,
    "table_number" bigint
);

create type shape.booking_cancelled as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.booking_erased as (
    "booking_id" uuid,
    "digests" jsonb,
    "events" uuid[]
);

create type shape.menu_imported as (
    "digests" jsonb,
    "items" bigint,
    "version" bigint
);

create type shape.menu_edited as (
    "changes" jsonb,
    "digests" jsonb,
    "item_id" varchar(250),
    "version" bigint
);

create type shape.rate_plan as (
    "charge" boolean,
    "items" bigint,
    "order_type" varchar(250),
    "starts" text,
    "tax" varchar(250)
);

create type shape.menu_rated as (
    "begun" boolean,
    "digests" jsonb,
    "rates" shape.rate_plan[],
    "version" bigint
);

create type shape.sale_hours as (
    "days" bigint[],
    "ends" varchar(250),
    "starts" varchar(250)
);

create type shape.menu_scheduled as (
    "category_id" varchar(250),
    "daypart" varchar(250),
    "digests" jsonb,
    "hours" shape.sale_hours[],
    "item_id" varchar(250),
    "version" bigint
);

create type shape.menu_brought_back as (
    "digests" jsonb,
    "items" bigint,
    "of" bigint,
    "version" bigint
);

create type shape.item_sold_out as (
    "digests" jsonb,
    "item_id" varchar(250),
    "sold_out" boolean,
    "version" bigint
);

create type shape.stock_kept as (
    "added" varchar(250)[],
    "digests" jsonb,
    "dropped" varchar(250)[],
    "kept" bigint
);

create type shape.booking_missed as (
    "booking_id" uuid,
    "digests" jsonb
);

create type shape.item_marked as (
    "approved_by" bigint,
    "digests" jsonb,
    "item_id" varchar(250),
    "sold_out" boolean
);

create type shape.item_counted as (
    "approved_by" bigint,
    "digests" jsonb,
    "item_id" varchar(250),
    "keep" boolean,
    "left" bigint
);

create type shape.choice_marked as (
    "approved_by" bigint,
    "choice" varchar(250),
    "digests" jsonb,
    "sold_out" boolean
);

create type shape.ticket_done as (
    "digests" jsonb,
    "station" varchar(250),
    "ticket" uuid
);

create type shape.ticket_recalled as (
    "digests" jsonb,
    "station" varchar(250),
    "ticket" uuid
);

create type shape.fiscal_stamped as (
    "chain" uuid,
    "digests" jsonb,
    "fields" jsonb,
    "hash" varchar(250),
    "kind" varchar(250),
    "number" varchar(250),
    "of" uuid,
    "previous" varchar(250),
    "scheme" varchar(250),
    "unsure" boolean
);

create type shape.notice_seen as (
    "digests" jsonb,
    "notice" uuid
);

create type shape.stock_counted as (
    "amount" bigint,
    "approved_by" bigint,
    "digests" jsonb,
    "item_id" varchar(250),
    "seen_at" text,
    "sheet" uuid
);

create type shape.stock_moved as (
    "amount" bigint,
    "approved_by" bigint,
    "digests" jsonb,
    "happened_at" text,
    "item_id" varchar(250),
    "kind" text,
    "why" varchar(250)
);

create type shape.stock_returned as (
    "amount" bigint,
    "digests" jsonb,
    "item_id" varchar(250),
    "of" uuid
);

create type shape.stock_undone as (
    "digests" jsonb,
    "event" uuid
);

create type shape.refunded_line as (
    "amount" text,
    "item_id" varchar(250),
    "item_name" varchar(250),
    "net" text,
    "quantity" bigint,
    "row" bigint,
    "tax" text
);

create type shape.refund_started as (
    "amount" text,
    "approved_by" bigint,
    "asker" varchar(250),
    "away" boolean,
    "business_date" text,
    "currency" text,
    "digests" jsonb,
    "drawer" bigint,
    "lines" shape.refunded_line[],
    "net" text,
    "number" varchar(250),
    "order_id" uuid,
    "payment_id" uuid,
    "place" varchar(250),
    "receipt" varchar(250),
    "rounding" text,
    "session_id" uuid,
    "sold" varchar(250),
    "tax" text,
    "taxes" shape.placed_tax[],
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.refund_approved as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "drawer" bigint,
    "receipt" varchar(250),
    "session_id" uuid,
    "tender" varchar(250),
    "transaction" varchar(250)
);

create type shape.refund_declined as (
    "amount" text,
    "approved_by" bigint,
    "digests" jsonb,
    "drawer" bigint,
    "receipt" varchar(250),
    "session_id" uuid,
    "tender" varchar(250)
);

create type shape.refund_confirmed as (
    "amount" text,
    "digests" jsonb,
    "drawer" bigint,
    "receipt" varchar(250),
    "session_id" uuid,
    "tender" varchar(250)
);

create type shape.refund_unknown as (
    "amount" text,
    "digests" jsonb,
    "drawer" bigint,
    "receipt" varchar(250),
    "session_id" uuid,
    "tender" varchar(250)
);

create type shape.shift_opened as (
    "business_date" text,
    "currency" text,
    "digests" jsonb,
    "kept" varchar(250)[],
    "secret" uuid
);

create type shape.cash_moved as (
    "amount" text,
    "approved_by" bigint,
    "currency" text,
    "digests" jsonb,
    "kind" text,
    "of" uuid
);

create type shape.movement_undone as (
    "approved_by" bigint,
    "digests" jsonb,
    "event" uuid
);

create type shape.tender_count as (
    "counted" text,
    "expected" text,
    "taken" text,
    "tender" varchar(250)
);

create type shape.counted_pieces as (
    "number" bigint,
    "value" text
);

create type shape.drawer_counted as (
    "approved_by" bigint,
    "counts" shape.tender_count[],
    "currency" text,
    "digests" jsonb,
    "pieces" shape.counted_pieces[],
    "to" varchar(250)
);

create type shape.drawer_corrected as (
    "amount" text,
    "correction" uuid,
    "currency" text,
    "digests" jsonb,
    "payment_id" uuid,
    "receipt" varchar(250),
    "tender" varchar(250),
    "was" varchar(250)
);

create type shape.numbered_sum as (
    "amount" text,
    "number" bigint
);

create type shape.category_sum as (
    "category" varchar(250),
    "gross" text,
    "quantity" bigint
);

create type shape.date_sum as (
    "business_date" text,
    "gross" text,
    "number" bigint
);

create type shape.moved_sum as (
    "amount" text,
    "kind" text
);

create type shape.drawer_sum as (
    "closing" text,
    "moved" shape.moved_sum[],
    "opening" text,
    "tender" varchar(250)
);

create type shape.ends as (
    "first" varchar(250),
    "last" varchar(250)
);

create type shape.sales_sum as (
    "gross" text,
    "net" text,
    "number" bigint,
    "tax" text
);

create type shape.tax_sum as (
    "name" varchar(250),
    "net" text,
    "rate" varchar(250),
    "tax" text
);

create type shape.tender_sum as (
    "amount" text,
    "number" bigint,
    "taken_ahead" text,
    "tender" varchar(250),
    "tips" text,
    "used" text
);

create type shape.shift_sums as (
    "bills" shape.numbered_sum,
    "categories" shape.category_sum[],
    "cleared_after_sending" shape.numbered_sum,
    "comps" shape.numbered_sum,
    "copies" shape.numbered_sum,
    "dates" shape.date_sum[],
    "discounts" shape.numbered_sum,
    "drawer" shape.drawer_sum[],
    "new_prices" bigint,
    "no_sales" bigint,
    "receipts" shape.ends,
    "refund_receipts" shape.ends,
    "refund_tax" text,
    "refunds" shape.numbered_sum,
    "rounding" text,
    "sales" shape.sales_sum,
    "service_charge" text,
    "taken_ahead" text,
    "taxes" shape.tax_sum[],
    "tenders" shape.tender_sum[],
    "tips" text,
    "used" text,
    "voids" shape.numbered_sum,
    "voids_after_sending" shape.numbered_sum
);

create type shape.grand_totals as (
    "net" text,
    "refunds" text,
    "sales" text
);

create type shape.shift_closed as (
    "approved_by" bigint,
    "currency" text,
    "digests" jsonb,
    "number" varchar(250),
    "open_orders" shape.numbered_sum,
    "sums" shape.shift_sums,
    "totals" shape.grand_totals,
    "unanswered" shape.numbered_sum
);

create type shape.envelope as (
    "at" text,
    "for_till" bigint,
    "harmless" boolean,
    "hold_id" uuid,
    "id" uuid,
    "journal_id" uuid,
    "login_session" uuid,
    "prev_hash" text,
    "seq" bigint,
    "shift" uuid,
    "store_id" uuid,
    "stream_id" uuid,
    "stream_kind" text,
    "till" bigint,
    "type" text,
    "user" bigint,
    "v" bigint
);

create or replace function warm.written_anything_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, to_json((to_jsonb(e.k) #>> '{}')::text)::text || ':' || warm.canonical(e.v) as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create or replace function warm.written_text_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, to_json((to_jsonb(e.k) #>> '{}')::varchar(63))::text || ':' || to_json((e.v #>> '{}')::varchar(250))::text as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

create or replace function warm.written_sha256_by_text(p_dict jsonb, p_least integer, p_most integer) returns text
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(x.w) and count(*) >= p_least and (p_most is null or count(*) <= p_most)
            then '{' || coalesce(string_agg(x.w, ',' order by x.k collate "C"), '') || '}' end
        from (
            select e.k, case when e.v @? '$ ? (@ like_regex "^[0-9a-f]{64}$")'
                then to_json((to_jsonb(e.k) #>> '{}')::varchar(63))::text || ':' || to_json((e.v #>> '{}')::text)::text end as w
            from jsonb_each(p_dict) as e (k, v) offset 0
        ) as x
    );
end $$;

-- A text with an object's keys in sorted order: PostgreSQL prints shorter keys before longer ones.
create or replace function warm.respelt(p_written text, p_name text, p_table jsonb, p_as text) returns text
language plpgsql immutable as $$
declare
    name constant text := '"' || p_name || '":';
begin
    return replace(p_written, name || json_strip_nulls(p_table::json)::text, name || p_as);
end $$;

-- Writers of the canonical text of a valid value. For an invalid value they return null or another text, or raise an
-- error of class 22, 23 or 54. This one writes the data of a record, without fields that its type does not have.
create or replace function warm.written_data(p_type text, p_v text, p_stream text, d jsonb) returns text
language plpgsql stable as $$
declare
    written text;
begin
    case concat(p_type, ' ', p_v, ' ', p_stream)
        when 'item_added 1 order' then
            written := case when d @? '$ ? ((!exists(@."asks") || @."asks".size() >= 1 && @."asks".size() <= 20 && !(@."asks"[*].type() != "string"))
                && (!exists(@."course") || @."course" >= 0 && @."course" <= 1000000000)
                && (!exists(@."deposit") || @."deposit" == true)
                && @."item_id" != null
                && @."item_name" != null
                && @."line_id" != null
                && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000)
                && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "object") && !exists(@."modifiers"[*] ? (!exists(@ ? ((!exists(@."group") || @."group" != "") && @."name" != null && @."price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))
                && (!exists(@."offers") || @."offers".size() >= 1 && @."offers".size() <= 50 && !(@."offers"[*].type() != "object") && !exists(@."offers"[*] ? (!exists(@ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."buy") || @."buy" >= 0 && @."buy" <= 1000000000) && (!exists(@."get") || @."get" >= 0 && @."get" <= 1000000000) && (!exists(@."items") || @."items".size() >= 1 && @."items".size() <= 50 && !(@."items"[*].type() != "string")) && @."name" != null && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$") && (!exists(@."pieces") || @."pieces" >= 0 && @."pieces" <= 1000000000) && (!exists(@."price") || @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))))
                && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"
                && @."quantity" >= -1000000000 && @."quantity" <= 1000000000
                && (!exists(@."seat") || @."seat" >= 0 && @."seat" <= 1000000000)
                && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."affected_by_earlier") || @."affected_by_earlier" == false) && (!exists(@."affects_later") || @."affects_later" == true) && @."name" != null && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$")))))
                && (!exists(@."unit") || @."unit" != "")
                && (!exists(@."unit_price") || @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_added, d)))::text end;
        when 'order_opened 1 order' then
            written := case when d @? '$ ? ((!exists(@."again") || exists(@."again" ? (@."at" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$" && @."session" != null)))
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."order_type" != null
                && @."prices_include_tax" != null
                && (!exists(@."rounding") || exists(@."rounding" ? ((!exists(@."direction") || (@."direction" == "down" || @."direction" == "half_down")) && (!exists(@."never") || @."never".size() >= 1 && @."never".size() <= 100 && !(@."never"[*].type() != "string")) && (!exists(@."nothing_up_to") || @."nothing_up_to" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$") && (!exists(@."of") || (@."of" == "bill")) && @."step" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$")))
                && (!exists(@."service_charge") || exists(@."service_charge" ? ((!exists(@."except_deposits") || @."except_deposits" == true) && (!exists(@."order_types") || @."order_types".size() >= 1 && @."order_types".size() <= 20 && !(@."order_types"[*].type() != "string")) && @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$" && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."affected_by_earlier") || @."affected_by_earlier" == false) && (!exists(@."affects_later") || @."affects_later" == true) && @."name" != null && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$")))))))))
                && (@."tax_rounding" == "line" || @."tax_rounding" == "order")
                && (!exists(@."tax_rounding_direction") || (@."tax_rounding_direction" == "down" || @."tax_rounding_direction" == "up"))
                && (!exists(@."tax_rounding_of") || (@."tax_rounding_of" == "sum_of_rates"))
                && @."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_opened, d)))::text end;
        when 'payment_started 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."asker") || @."asker" != "")
                && @."key" != null
                && (!exists(@."number") || @."number" != "")
                && @."payment_id" != null
                && (!exists(@."place") || @."place" != "")
                && @."tender" != null
                && (!exists(@."tip") || @."tip" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_started, d)))::text end;
        when 'payment_approved 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."balance") || @."balance" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."card") || exists(@."card" ? ((!exists(@."brand") || @."brand" like_regex "^[A-Za-z][A-Za-z .&-]{0,19}$") && (!exists(@."last_four") || @."last_four" like_regex "^[0-9]{4}$"))))
                && @."change" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."payment_id" != null
                && @."tender" != null
                && @."tendered" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."tip") || @."tip" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_approved, d)))::text end;
        when 'order_placed 1 order' then
            written := case when d @? '$ ? (@."business_date" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."discounts") || @."discounts".size() >= 1 && @."discounts".size() <= 10000 && !(@."discounts"[*].type() != "string") && !exists(@."discounts"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))
                && (!exists(@."known") || @."known" < "e677" && @."known" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? ((!exists(@."category") || @."category" != "") && @."discount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_id" != null && @."item_name" != null && @."line_ids".size() >= 1 && @."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string") && @."line_quantities".size() >= 1 && @."line_quantities".size() <= 10000 && !(@."line_quantities"[*].type() != "number") && !exists(@."line_quantities"[*] ? (!exists(@ ? (@ >= -1000000000 && @ <= 1000000000)))) && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000) && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "string")) && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."note") || @."note" < "e677" && @."note" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && (!exists(@."off") || @."off".size() >= 1 && @."off".size() <= 100 && !(@."off"[*].type() != "object") && !exists(@."off"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."event") || @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && (@."kind" == "comp" || @."kind" == "discount" || @."kind" == "promotion" || @."kind" == "staff_meal") && (!exists(@."name") || @."name" != "")))))) && @."quantity" >= -1000000000 && @."quantity" <= 1000000000 && @."subtotal" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."added") || @."added" == true) && @."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$") && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"))))) && (!exists(@."uncharged") || @."uncharged" == true) && (!exists(@."unit") || @."unit" != "") && @."unit_price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))
                && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."off") || @."off".size() >= 1 && @."off".size() <= 100 && !(@."off"[*].type() != "object") && !exists(@."off"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."event") || @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && (@."kind" == "comp" || @."kind" == "discount" || @."kind" == "promotion" || @."kind" == "staff_meal") && (!exists(@."name") || @."name" != ""))))))
                && @."order_id" != null
                && @."order_type" != null
                && @."payment_method" != null
                && @."payments".size() <= 1000 && !(@."payments"[*].type() != "object") && !exists(@."payments"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."change" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."payment_id" != null && @."tender" != null && (!exists(@."till") || @."till" >= 0 && @."till" <= 1000000000) && (!exists(@."tip") || @."tip" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."transaction") || @."transaction" != "") && (!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000)))))
                && @."receipt" != null
                && @."rounding" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."service_charge") || exists(@."service_charge" ? (@."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$" && @."subtotal" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."added") || @."added" == true) && @."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$") && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"))))))))
                && (!exists(@."set_aside") || @."set_aside".size() >= 1 && @."set_aside".size() <= 1000 && !(@."set_aside"[*].type() != "string") && !exists(@."set_aside"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))
                && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 100 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."added") || @."added" == true) && @."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$") && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))))
                && @."total" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."voids") || @."voids".size() >= 1 && @."voids".size() <= 10000 && !(@."voids"[*].type() != "object") && !exists(@."voids"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_name" != null && @."line_id" != null && @."quantity" >= -1000000000 && @."quantity" <= 1000000000))))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_placed, d)))::text end;
        when 'lines_sent 1 order' then
            written := case when d @? '$ ? ((!exists(@."again") || @."again" == true)
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && (@."kind" == "changed" || @."kind" == "more" || @."kind" == "moved" || @."kind" == "new" || @."kind" == "void")
                && (!exists(@."later") || @."later".size() >= 1 && @."later".size() <= 10000 && !(@."later"[*].type() != "object") && !exists(@."later"[*] ? (!exists(@ ? ((!exists(@."choices") || @."choices".size() >= 1 && @."choices".size() <= 50 && !(@."choices"[*].type() != "string")) && (!exists(@."course") || @."course" >= 0 && @."course" <= 1000000000) && @."item_id" != null && @."line_id" != null && (!exists(@."menu") || @."menu" >= 0 && @."menu" <= 1000000000) && (!exists(@."note") || @."note" < "e677" && @."note" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && @."pieces" >= -1000000000 && @."pieces" <= 1000000000)))))
                && @."lines".size() >= 1 && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? ((!exists(@."choices") || @."choices".size() >= 1 && @."choices".size() <= 50 && !(@."choices"[*].type() != "string")) && (!exists(@."course") || @."course" >= 0 && @."course" <= 1000000000) && @."item_id" != null && @."line_id" != null && (!exists(@."menu") || @."menu" >= 0 && @."menu" <= 1000000000) && (!exists(@."note") || @."note" < "e677" && @."note" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]") && @."pieces" >= -1000000000 && @."pieces" <= 1000000000))))
                && @."station" != null
                && @."ticket" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_sent, d)))::text end;
        when 'kitchen_told 1 order' then
            written := case when d @? '$ ? (@."ticket" < "e677" && @."ticket" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.kitchen_told, d)))::text end;
        when 'order_handed 1 order' then
            written := case when d @? '$ ? ((!exists(@."again") || @."again" == true)
                && @."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_handed, d)))::text end;
        when 'lines_rung_again 1 order' then
            written := case when d @? '$ ? (@."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_rung_again, d)))::text end;
        when 'menu_viewed 1 order' then
            written := case when d @? '$ ? (@."items".size() <= 50 && !(@."items"[*].type() != "object") && !exists(@."items"[*] ? (!exists(@ ? (@."id" != null && @."name" != null && @."position" >= 0 && @."position" <= 1000000000))))
                && @."meal_period" != null
                && @."query" != null
                && @."result_count" >= 0 && @."result_count" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_viewed, d)))::text end;
        when 'modifiers_set 1 order' then
            written := case when d @? '$ ? ((!exists(@."asks") || @."asks".size() >= 1 && @."asks".size() <= 20 && !(@."asks"[*].type() != "string"))
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "object") && !exists(@."modifiers"[*] ? (!exists(@ ? ((!exists(@."group") || @."group" != "") && @."name" != null && @."price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.modifiers_set, d)))::text end;
        when 'line_seated 1 order' then
            written := case when d @? '$ ? ((!exists(@."course") || @."course" >= 0 && @."course" <= 1000000000)
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && (!exists(@."seat") || @."seat" >= 0 && @."seat" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_seated, d)))::text end;
        when 'line_rated 1 order' then
            written := case when d @? '$ ? ((!exists(@."by_type") || @."by_type".size() >= 1 && @."by_type".size() <= 20 && !(@."by_type"[*].type() != "object") && !exists(@."by_type"[*] ? (!exists(@ ? (@."order_type" != null && (!exists(@."price") || @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."affected_by_earlier") || @."affected_by_earlier" == false) && (!exists(@."affects_later") || @."affects_later" == true) && @."name" != null && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$"))))))))))
                && (!exists(@."combos") || @."combos".size() >= 1 && @."combos".size() <= 50 && !(@."combos"[*].type() != "object") && !exists(@."combos"[*] ? (!exists(@ ? (@."name" != null && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$" && @."slots".size() <= 9 && !(@."slots"[*].type() != "object") && !exists(@."slots"[*] ? (!exists(@ ? ((!exists(@."extra") || @."extra" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && @."name" != null && @."pieces" >= 1 && @."pieces" <= 9)))))))))
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_rated, d)))::text end;
        when 'line_type_set 1 order' then
            written := case when d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && (!exists(@."order_type") || @."order_type" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_type_set, d)))::text end;
        when 'course_fired 1 order' then
            written := case when d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.course_fired, d)))::text end;
        when 'price_overridden 1 order' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"
                && @."was" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.price_overridden, d)))::text end;
        when 'courses_held 1 order' then
            written := case when d @? '$ ? ((!exists(@."held") || @."held" == false))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.courses_held, d)))::text end;
        when 'age_checked 1 order' then
            written := case when d @? '$ ? (@."passed" != null
                && @."years" >= 1 && @."years" <= 150)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.age_checked, d)))::text end;
        when 'quantity_changed 1 order' then
            written := case when d @? '$ ? ((!exists(@."cut") || @."cut" == true)
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && (!exists(@."removed") || exists(@."removed" ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_name" != null && @."pieces" >= -1000000000 && @."pieces" <= 1000000000 && (!exists(@."sent") || @."sent" == true))))
                && @."taken_off" >= 0 && @."taken_off" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.quantity_changed, d)))::text end;
        when 'removal_explained 1 order' then
            written := case when d @? '$ ? (@."events".size() <= 10000 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.removal_explained, d)))::text end;
        when 'line_cut 1 order' then
            written := case when d @? '$ ? (@."into" != null
                && @."line_id" != null
                && @."quantity" >= 1 && @."quantity" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_cut, d)))::text end;
        when 'line_voided 1 order' then
            written := case when d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null
                && (!exists(@."removed") || exists(@."removed" ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_name" != null && @."pieces" >= -1000000000 && @."pieces" <= 1000000000 && (!exists(@."sent") || @."sent" == true)))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_voided, d)))::text end;
        when 'line_noted 1 order' then
            written := case when d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && (!exists(@."includes") || @."includes" < "e677" && @."includes" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."line_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.line_noted, d)))::text end;
        when 'order_noted 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_noted, d)))::text;
        when 'customer_attached 1 order' then
            written := case when d @? '$ ? ((!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_attached, d)))::text end;
        when 'buyer_named 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.buyer_named, d)))::text;
        when 'change_undone 1 order' then
            written := case when d @? '$ ? (@."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.change_undone, d)))::text end;
        when 'discount_applied 1 order' then
            written := case when d @? '$ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."follows") || @."follows" < "e677" && @."follows" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && (!exists(@."kind") || (@."kind" == "comp" || @."kind" == "staff_meal"))
                && (!exists(@."name") || @."name" != "")
                && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$")
                && (!exists(@."pieces") || @."pieces" >= 1 && @."pieces" <= 1000000000)
                && (!exists(@."price") || @."price" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."share_of") || @."share_of" < "e677" && @."share_of" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.discount_applied, d)))::text end;
        when 'amounts_fixed 1 order' then
            written := case when d @? '$ ? (@."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? (@."line_id" != null && (!exists(@."off") || @."off" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."pieces" >= 1 && @."pieces" <= 1000000000 && @."price" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."saved") || @."saved".size() >= 1 && @."saved".size() <= 50 && !(@."saved"[*].type() != "object") && !exists(@."saved"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."name" != null))))) && @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.amounts_fixed, d)))::text end;
        when 'order_type_set 1 order' then
            written := case when d @? '$ ? (@."order_type" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_type_set, d)))::text end;
        when 'preference_set 1 order' then
            written := case when d @? '$ ? (@."name" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.preference_set, d)))::text end;
        when 'order_parked 1 order' then
            written := case when d @? '$ ? ((!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_parked, d)))::text end;
        when 'order_submitted 1 order' then
            written := case when d @? '$ ? (@."number" >= 1 && @."number" <= 1000000000
                && @."order_id" != null
                && @."payment_method" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_submitted, d)))::text end;
        when 'order_numbered 1 order' then
            written := case when d @? '$ ? (@."count" >= 0 && @."count" <= 1000000000
                && @."number" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_numbered, d)))::text end;
        when 'order_resumed 1 order' then
            written := case when d @? '$ ? ((!exists(@."user") || @."user" >= 0 && @."user" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_resumed, d)))::text end;
        when 'order_granted 1 order' then
            written := case when d @? '$ ? ((!exists(@."from_hold") || @."from_hold" < "e677" && @."from_hold" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && (!exists(@."from_till") || @."from_till" >= 0 && @."from_till" <= 1000000000)
                && @."journal" != null
                && @."till" >= 0 && @."till" <= 1000000000
                && @."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_granted, d)))::text end;
        when 'tab_assigned 1 order' then
            written := case when d @? '$ ? ((!exists(@."covers") || @."covers" >= 0 && @."covers" <= 1000000000)
                && @."tab_id" != null
                && (!exists(@."table_number") || @."table_number" >= 0 && @."table_number" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.tab_assigned, d)))::text end;
        when 'booking_seated 1 order' then
            written := case when d @? '$ ? (@."booking_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_seated, d)))::text end;
        when 'lines_moved 1 order' then
            written := case when d @? '$ ? ((!exists(@."amounts") || @."amounts".size() >= 1 && @."amounts".size() <= 10000 && !(@."amounts"[*].type() != "object") && !exists(@."amounts"[*] ? (!exists(@ ? (@."line_id" != null && (!exists(@."off") || @."off" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."pieces" >= 1 && @."pieces" <= 1000000000 && @."price" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."saved") || @."saved".size() >= 1 && @."saved".size() <= 50 && !(@."saved"[*].type() != "object") && !exists(@."saved"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."name" != null))))) && @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))
                && (!exists(@."discounts") || @."discounts".size() >= 1 && @."discounts".size() <= 10000 && !(@."discounts"[*].type() != "object") && !exists(@."discounts"[*] ? (!exists(@ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]" && (!exists(@."kind") || (@."kind" == "comp" || @."kind" == "staff_meal")) && @."line_id" != null && (!exists(@."name") || @."name" != "") && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$") && (!exists(@."pieces") || @."pieces" >= 1 && @."pieces" <= 1000000000) && (!exists(@."price") || @."price" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."share_of") || @."share_of" < "e677" && @."share_of" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"))))))
                && (!exists(@."line_ids") || @."line_ids".size() >= 1 && @."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string"))
                && (!exists(@."lines") || @."lines".size() >= 1 && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? ((!exists(@."asks") || @."asks".size() >= 1 && @."asks".size() <= 20 && !(@."asks"[*].type() != "string")) && (!exists(@."course") || @."course" >= 0 && @."course" <= 1000000000) && (!exists(@."deposit") || @."deposit" == true) && @."item_id" != null && @."item_name" != null && @."line_id" != null && (!exists(@."measure") || @."measure" >= 0 && @."measure" <= 1000000000) && (!exists(@."modifiers") || @."modifiers".size() >= 1 && @."modifiers".size() <= 50 && !(@."modifiers"[*].type() != "object") && !exists(@."modifiers"[*] ? (!exists(@ ? ((!exists(@."group") || @."group" != "") && @."name" != null && @."price" like_regex "^-?([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$"))))) && (!exists(@."offers") || @."offers".size() >= 1 && @."offers".size() <= 50 && !(@."offers"[*].type() != "object") && !exists(@."offers"[*] ? (!exists(@ ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."buy") || @."buy" >= 0 && @."buy" <= 1000000000) && (!exists(@."get") || @."get" >= 0 && @."get" <= 1000000000) && (!exists(@."items") || @."items".size() >= 1 && @."items".size() <= 50 && !(@."items"[*].type() != "string")) && @."name" != null && (!exists(@."percent") || @."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$") && (!exists(@."pieces") || @."pieces" >= 0 && @."pieces" <= 1000000000) && (!exists(@."price") || @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))) && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$" && @."quantity" >= -1000000000 && @."quantity" <= 1000000000 && (!exists(@."seat") || @."seat" >= 0 && @."seat" <= 1000000000) && (!exists(@."sent") || @."sent" == true) && @."taxes".size() <= 20 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."affected_by_earlier") || @."affected_by_earlier" == false) && (!exists(@."affects_later") || @."affects_later" == true) && @."name" != null && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$"))))) && @."till" >= 0 && @."till" <= 1000000000 && (!exists(@."unit") || @."unit" != "") && (!exists(@."unit_price") || @."unit_price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$")))))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_moved, d)))::text end;
        when 'lines_copied 1 order' then
            written := case when d @? '$ ? (@."events".size() <= 10000 && !(@."events"[*].type() != "string")
                && @."from_session" != null
                && @."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_copied, d)))::text end;
        when 'lines_withdrawn 1 order' then
            written := case when d @? '$ ? (@."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string")
                && @."to_session" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.lines_withdrawn, d)))::text end;
        when 'invoice_issued 1 order' then
            written := case when d @? '$ ? (@."number" != null
                && @."order_id" != null
                && @."sold" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.invoice_issued, d)))::text end;
        when 'feedback_given 1 order' then
            written := case when d @? '$ ? (@."order_id" != null
                && @."score" >= 1 && @."score" <= 5)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.feedback_given, d)))::text end;
        when 'order_discarded 1 order' then
            written := case when d @? '$ ? (@."line_ids".size() <= 10000 && !(@."line_ids"[*].type() != "string")
                && (!exists(@."removed") || @."removed".size() >= 1 && @."removed".size() <= 10000 && !(@."removed"[*].type() != "object") && !exists(@."removed"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_name" != null && @."pieces" >= -1000000000 && @."pieces" <= 1000000000 && (!exists(@."sent") || @."sent" == true)))))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.order_discarded, d)))::text end;
        when 'refused 1 order' then
            written := case when d @? '$ ? (@."events".size() <= 10000 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refused, d)))::text end;
        when 'session_swept 1 order' then
            written := case when d @? '$ ? (@."minutes" >= 0 && @."minutes" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.session_swept, d)))::text end;
        when 'record_set_aside 1 order' then
            written := case when d @? '$ ? (@."approved_by" >= 0 && @."approved_by" <= 1000000000
                && @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.record_set_aside, d)))::text end;
        when 'erased 1 order' then
            written := case when d @? '$ ? (@."events".size() <= 10000 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.erased, d)))::text end;
        when 'conflict_found 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."conflict_id" != null
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."kind" != null
                && @."subject" != null
                && (!exists(@."till") || @."till" >= 0 && @."till" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.conflict_found, d)))::text end;
        when 'sale_contested 1 order' then
            written := case when d @? '$ ? (@."contents".size() <= 10000 && !(@."contents"[*].type() != "string")
                && @."order_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.sale_contested, d)))::text end;
        when 'sale_booked 1 order' then
            written := case when d @? '$ ? (@."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"
                && @."quarantine" >= 1 && @."quarantine" <= 9223372036854775807)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.sale_booked, d)))::text end;
        when 'conflict_resolved 1 order' then
            written := case when d @? '$ ? (@."conflict_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.conflict_resolved, d)))::text end;
        when 'checkout_started 1 order' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.checkout_started, d)))::text;
        when 'gateway_order_named 1 order' then
            written := case when d @? '$ ? (@."gateway" != null
                && @."order" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.gateway_order_named, d)))::text end;
        when 'tender_corrected 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."order_id" != null
                && @."payment_id" != null
                && @."tender" != null
                && @."was" != null
                && (!exists(@."was_drawer") || @."was_drawer" >= 0 && @."was_drawer" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.tender_corrected, d)))::text end;
        when 'tip_corrected 1 order' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."order_id" != null
                && @."payment_id" != null
                && @."returned" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."tender" != null
                && @."tip" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."was" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.tip_corrected, d)))::text end;
        when 'payment_declined 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."payment_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_declined, d)))::text end;
        when 'payment_confirmed 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."card") || exists(@."card" ? ((!exists(@."brand") || @."brand" like_regex "^[A-Za-z][A-Za-z .&-]{0,19}$") && (!exists(@."last_four") || @."last_four" like_regex "^[0-9]{4}$"))))
                && @."payment_id" != null
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_confirmed, d)))::text end;
        when 'payment_unknown 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."payment_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_unknown, d)))::text end;
        when 'payment_authorised 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."payment_id" != null
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_authorised, d)))::text end;
        when 'payment_return_started 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."asker") || @."asker" != "")
                && (!exists(@."number") || @."number" != "")
                && @."payment_id" != null
                && (!exists(@."place") || @."place" != "")
                && @."return_id" != null
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_return_started, d)))::text end;
        when 'payment_return_declined 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."payment_id" != null
                && @."return_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_return_declined, d)))::text end;
        when 'payment_return_unknown 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."payment_id" != null
                && @."return_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_return_unknown, d)))::text end;
        when 'slip_kept 1 order' then
            written := case when d @? '$ ? ((!exists(@."for_guest") || @."for_guest" == true)
                && @."payment_id" != null
                && (!exists(@."to_be_signed") || @."to_be_signed" == true))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.slip_kept, d)))::text end;
        when 'payment_voided 1 order' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."change") || @."change" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."payment_id" != null
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.payment_voided, d)))::text end;
        when 'logged_in 1 login' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.logged_in, d)))::text end;
        when 'logged_out 1 login' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.logged_out, d)))::text end;
        when 'journal_opened 1 till' then
            written := case when d @? '$ ? (@."host" != null
                && (!exists(@."previous") || exists(@."previous" ? (@."hash" like_regex "^[0-9a-f]{64}$" && @."journal_id" != null && @."seq" >= 0 && @."seq" <= 9223372036854775807))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.journal_opened, d)))::text end;
        when 'till_started 1 till' then
            written := case when d @? '$ ? (@."build" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_started, d)))::text end;
        when 'till_stopped 1 till' then
            written := json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_stopped, d)))::text;
        when 'money_heard 1 till' then
            written := case when d @? '$ ? (@."change" >= 0 && @."change" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.money_heard, d)))::text end;
        when 'drawer_opened 1 till' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (@."why" == "change" || @."why" == "no_sale"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.drawer_opened, d)))::text end;
        when 'receipt_issued 1 till' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."copy") || @."copy" >= 0 && @."copy" <= 1000000000)
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."is_bill") || @."is_bill" == true)
                && (!exists(@."receipt") || @."receipt" != "")
                && @."session_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.receipt_issued, d)))::text end;
        when 'records_lost 1 till' then
            written := case when d @? '$ ? (@."journal_id" != null
                && (!exists(@."ranges") || @."ranges".size() >= 1 && @."ranges".size() <= 100 && !(@."ranges"[*].type() != "object") && !exists(@."ranges"[*] ? (!exists(@ ? (@."first" >= 1 && @."first" <= 1000000000 && @."last" >= 1 && @."last" <= 1000000000))))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.records_lost, d)))::text end;
        when 'login_refused 1 till' then
            written := case when d @? '$ ? (@."locked" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.login_refused, d)))::text end;
        when 'approval_given 1 till' then
            written := case when d @? '$ ? (@."act" like_regex "^[a-z][a-z0-9_]{0,62}$"
                && (!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")
                && @."approved_by" >= 0 && @."approved_by" <= 1000000000
                && (!exists(@."currency") || @."currency" like_regex "^[A-Z]{3}$")
                && @."events".size() >= 1 && @."events".size() <= 10000 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"))))
                && @."stream_id" != null
                && @."stream_kind" like_regex "^[a-z][a-z0-9_]{0,62}$")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.approval_given, d)))::text end;
        when 'quarantine_resolved 1 till' then
            written := case when d @? '$ ? (@."quarantine" >= 1 && @."quarantine" <= 9223372036854775807)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.quarantine_resolved, d)))::text end;
        when 'records_settled 1 till' then
            written := case when d @? '$ ? (@."records" >= 1 && @."records" <= 1000000000
                && @."till" >= 0 && @."till" <= 1000000000
                && @."upto" >= 1 && @."upto" <= 9223372036854775807)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.records_settled, d)))::text end;
        when 'settings_changed 1 till' then
            written := case when d @? '$ ? (exists(@."changes")
                && @."keys".size() >= 1 && @."keys".size() <= 100 && !(@."keys"[*].type() != "string")
                && exists(@."was"))' then
                warm.respelt(warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.settings_changed, d)))::text, 'changes', d->'changes', warm.written_anything_by_text(d->'changes', 0, null)), 'was', d->'was', warm.written_anything_by_text(d->'was', 0, null)) end;
        when 'till_enrolled 1 till' then
            written := case when d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_enrolled, d)))::text end;
        when 'enrolment_made 1 till' then
            written := case when d @? '$ ? (@."kind" != null
                && @."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.enrolment_made, d)))::text end;
        when 'fiscal_mend_asked 1 till' then
            written := case when d @? '$ ? (@."number" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.fiscal_mend_asked, d)))::text end;
        when 'fiscal_send_asked 1 till' then
            written := case when d @? '$ ? (@."number" != null
                && @."was" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.fiscal_send_asked, d)))::text end;
        when 'invoice_annulled 1 till' then
            written := case when d @? '$ ? (@."number" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.invoice_annulled, d)))::text end;
        when 'fiscal_reported 1 till' then
            written := case when d @? '$ ? ((!exists(@."begins") || @."begins" == true)
                && @."first" != null
                && @."last" != null
                && (!exists(@."receipt") || @."receipt" != "")
                && @."records" >= 0 && @."records" <= 1000000000
                && (!exists(@."refused") || @."refused" >= 0 && @."refused" <= 1000000000)
                && @."sender" >= 0 && @."sender" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.fiscal_reported, d)))::text end;
        when 'export_made 1 till' then
            written := case when d @? '$ ? ((!exists(@."accepted") || @."accepted".size() >= 1 && @."accepted".size() <= 1000 && !(@."accepted"[*].type() != "string"))
                && @."begins" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && @."ends" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && @."export" != null
                && (!exists(@."files") || @."files".size() >= 1 && @."files".size() <= 1000 && !(@."files"[*].type() != "object") && !exists(@."files"[*] ? (!exists(@ ? (@."name" != null && @."records" >= 0 && @."records" <= 1000000000 && @."sha256" like_regex "^[0-9a-f]{64}$")))))
                && @."first" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
                && @."heads".size() <= 10000 && !(@."heads"[*].type() != "object") && !exists(@."heads"[*] ? (!exists(@ ? (@."journal_id" != null && @."seq" >= 1 && @."seq" <= 9223372036854775807))))
                && @."last" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
                && (!exists(@."left_out") || @."left_out".size() >= 1 && @."left_out".size() <= 1000 && !(@."left_out"[*].type() != "string")))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.export_made, d)))::text end;
        when 'codes_set 1 till' then
            written := case when d @? '$ ? (exists(@."changes")
                && @."scheme" != null)' then
                warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.codes_set, d)))::text, 'changes', d->'changes', warm.written_anything_by_text(d->'changes', 0, null)) end;
        when 'till_renamed 1 till' then
            written := case when d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_renamed, d)))::text end;
        when 'till_revoked 1 till' then
            written := case when d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_revoked, d)))::text end;
        when 'till_money_set 1 till' then
            written := case when d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000
                && @."with_money" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_money_set, d)))::text end;
        when 'till_adopted 1 till' then
            written := case when d @? '$ ? (@."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.till_adopted, d)))::text end;
        when 'backlog_taken 1 till' then
            written := case when d @? '$ ? (@."journal_id" != null
                && @."till" >= 0 && @."till" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.backlog_taken, d)))::text end;
        when 'program_added 1 till' then
            written := case when d @? '$ ? (@."program" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.program_added, d)))::text end;
        when 'program_revoked 1 till' then
            written := case when d @? '$ ? (@."program" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.program_revoked, d)))::text end;
        when 'user_added 1 till' then
            written := case when d @? '$ ? (@."role" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_added, d)))::text end;
        when 'user_disabled 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_disabled, d)))::text end;
        when 'user_enabled 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_enabled, d)))::text end;
        when 'user_renamed 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_renamed, d)))::text end;
        when 'role_set 1 till' then
            written := case when d @? '$ ? (@."role" != null
                && @."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.role_set, d)))::text end;
        when 'language_set 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.language_set, d)))::text end;
        when 'user_unlocked 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.user_unlocked, d)))::text end;
        when 'pin_set 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.pin_set, d)))::text end;
        when 'password_set 1 till' then
            written := case when d @? '$ ? (@."user" >= 0 && @."user" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.password_set, d)))::text end;
        when 'customer_added 1 till' then
            written := case when d @? '$ ? (@."customer_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_added, d)))::text end;
        when 'voucher_issued 1 till' then
            written := case when d @? '$ ? (@."amount" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."expires") || @."expires" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
                && (!exists(@."unpaid") || @."unpaid" == true)
                && @."voucher_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.voucher_issued, d)))::text end;
        when 'voucher_voided 1 till' then
            written := case when d @? '$ ? (@."currency" like_regex "^[A-Z]{3}$"
                && @."left" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."voucher_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.voucher_voided, d)))::text end;
        when 'account_set 1 till' then
            written := case when d @? '$ ? ((!exists(@."closed") || @."closed" == true)
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."customer_id" != null
                && @."limit" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.account_set, d)))::text end;
        when 'account_paid_off 1 till' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."customer_id" != null
                && @."paying" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.account_paid_off, d)))::text end;
        when 'account_corrected 1 till' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."correction" != null
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."customer_id" != null
                && @."pay_off" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.account_corrected, d)))::text end;
        when 'customer_billed 1 till' then
            written := case when d @? '$ ? (@."customer_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_billed, d)))::text end;
        when 'customer_erased 1 till' then
            written := case when d @? '$ ? (@."customer_id" != null
                && @."events".size() <= 100 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.customer_erased, d)))::text end;
        when 'promotion_set 1 till' then
            written := case when d @? '$ ? (@."name" != null
                && exists(@."terms"))' then
                warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.promotion_set, d)))::text, 'terms', d->'terms', warm.written_anything_by_text(d->'terms', 0, null)) end;
        when 'promotion_removed 1 till' then
            written := case when d @? '$ ? (@."name" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.promotion_removed, d)))::text end;
        when 'table_set 1 till' then
            written := case when d @? '$ ? ((!exists(@."area") || @."area" != "")
                && @."seats" >= 0 && @."seats" <= 1000000000
                && @."table_number" >= 0 && @."table_number" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.table_set, d)))::text end;
        when 'booking_made 1 till' then
            written := case when d @? '$ ? (@."at" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && @."booking_id" != null
                && @."covers" >= 1 && @."covers" <= 1000000000
                && @."minutes" >= 1 && @."minutes" <= 1000000000
                && (!exists(@."table_number") || @."table_number" >= 0 && @."table_number" <= 1000000000))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_made, d)))::text end;
        when 'booking_cancelled 1 till' then
            written := case when d @? '$ ? (@."booking_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_cancelled, d)))::text end;
        when 'booking_erased 1 till' then
            written := case when d @? '$ ? (@."booking_id" != null
                && @."events".size() <= 100 && !(@."events"[*].type() != "string") && !exists(@."events"[*] ? (!exists(@ ? (@ < "e677" && @ like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_erased, d)))::text end;
        when 'menu_imported 1 till' then
            written := case when d @? '$ ? (@."items" >= 0 && @."items" <= 1000000000
                && @."version" >= 0 && @."version" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_imported, d)))::text end;
        when 'menu_edited 1 till' then
            written := case when d @? '$ ? (exists(@."changes")
                && @."item_id" != null
                && @."version" >= 0 && @."version" <= 1000000000)' then
                warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_edited, d)))::text, 'changes', d->'changes', warm.written_anything_by_text(d->'changes', 0, null)) end;
        when 'menu_rated 1 till' then
            written := case when d @? '$ ? ((!exists(@."begun") || @."begun" == true)
                && @."rates".size() <= 100 && !(@."rates"[*].type() != "object") && !exists(@."rates"[*] ? (!exists(@ ? ((!exists(@."charge") || @."charge" == true) && @."items" >= 0 && @."items" <= 1000000000 && (!exists(@."order_type") || @."order_type" != "") && @."starts" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$" && @."tax" != null))))
                && @."version" >= 0 && @."version" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_rated, d)))::text end;
        when 'menu_scheduled 1 till' then
            written := case when d @? '$ ? ((!exists(@."hours") || @."hours".size() >= 1 && @."hours".size() <= 50 && !(@."hours"[*].type() != "object") && !exists(@."hours"[*] ? (!exists(@ ? ((!exists(@."days") || @."days".size() >= 1 && @."days".size() <= 7 && !(@."days"[*].type() != "number") && !exists(@."days"[*] ? (!exists(@ ? (@ >= 1 && @ <= 7))))) && @."ends" != null && @."starts" != null)))))
                && @."version" >= 0 && @."version" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_scheduled, d)))::text end;
        when 'menu_brought_back 1 till' then
            written := case when d @? '$ ? (@."items" >= 0 && @."items" <= 1000000000
                && @."of" >= 0 && @."of" <= 1000000000
                && @."version" >= 0 && @."version" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.menu_brought_back, d)))::text end;
        when 'item_sold_out 1 till' then
            written := case when d @? '$ ? (@."item_id" != null
                && @."sold_out" != null
                && @."version" >= 0 && @."version" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_sold_out, d)))::text end;
        when 'stock_kept 1 till' then
            written := case when d @? '$ ? ((!exists(@."added") || @."added".size() >= 1 && @."added".size() <= 1000 && !(@."added"[*].type() != "string"))
                && (!exists(@."dropped") || @."dropped".size() >= 1 && @."dropped".size() <= 1000 && !(@."dropped"[*].type() != "string"))
                && @."kept" >= 0 && @."kept" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.stock_kept, d)))::text end;
        when 'booking_missed 1 till' then
            written := case when d @? '$ ? (@."booking_id" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.booking_missed, d)))::text end;
        when 'item_marked 1 till' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."item_id" != null
                && @."sold_out" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_marked, d)))::text end;
        when 'item_counted 1 till' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."item_id" != null
                && (!exists(@."keep") || @."keep" == true)
                && @."left" >= 0 && @."left" <= 1000000000)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.item_counted, d)))::text end;
        when 'choice_marked 1 till' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."choice" != null
                && @."sold_out" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.choice_marked, d)))::text end;
        when 'ticket_done 1 till' then
            written := case when d @? '$ ? (@."station" != null
                && @."ticket" < "e677" && @."ticket" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.ticket_done, d)))::text end;
        when 'ticket_recalled 1 till' then
            written := case when d @? '$ ? (@."station" != null
                && @."ticket" < "e677" && @."ticket" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.ticket_recalled, d)))::text end;
        when 'fiscal_stamped 1 till' then
            written := case when d @? '$ ? (@."chain" != null
                && exists(@."fields")
                && @."hash" != null
                && @."kind" != null
                && @."number" != null
                && @."of" != null
                && (!exists(@."previous") || @."previous" != "")
                && @."scheme" != null
                && (!exists(@."unsure") || @."unsure" == true))' then
                warm.respelt(json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.fiscal_stamped, d)))::text, 'fields', d->'fields', warm.written_text_by_text(d->'fields', 0, 200)) end;
        when 'notice_seen 1 till' then
            written := case when d @? '$ ? (@."notice" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.notice_seen, d)))::text end;
        when 'stock_counted 1 till' then
            written := case when d @? '$ ? (@."amount" >= 0 && @."amount" <= 1000000000
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."item_id" != null
                && (!exists(@."seen_at") || @."seen_at" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.stock_counted, d)))::text end;
        when 'stock_moved 1 till' then
            written := case when d @? '$ ? (@."amount" >= 1 && @."amount" <= 1000000000
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."happened_at") || @."happened_at" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$")
                && @."item_id" != null
                && (@."kind" == "delivered" || @."kind" == "used" || @."kind" == "wasted")
                && (!exists(@."why") || @."why" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.stock_moved, d)))::text end;
        when 'stock_returned 1 till' then
            written := case when d @? '$ ? (@."amount" >= 1 && @."amount" <= 1000000000
                && @."item_id" != null
                && @."of" < "e677" && @."of" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.stock_returned, d)))::text end;
        when 'stock_undone 1 till' then
            written := case when d @? '$ ? (@."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.stock_undone, d)))::text end;
        when 'refund_started 1 refund' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."asker") || @."asker" != "")
                && (!exists(@."away") || @."away" == true)
                && @."business_date" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && (!exists(@."lines") || @."lines".size() >= 1 && @."lines".size() <= 10000 && !(@."lines"[*].type() != "object") && !exists(@."lines"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."item_id" != null && @."item_name" != null && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."quantity" >= -1000000000 && @."quantity" <= 1000000000 && @."row" >= 1 && @."row" <= 9223372036854775807 && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))))
                && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."number") || @."number" != "")
                && @."order_id" != null
                && @."payment_id" != null
                && (!exists(@."place") || @."place" != "")
                && @."receipt" != null
                && @."rounding" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."session_id" != null
                && @."sold" != null
                && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 100 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? ((!exists(@."added") || @."added" == true) && @."name" != null && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."per_piece") || @."per_piece" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") && (!exists(@."rate") || @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$") && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))))
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refund_started, d)))::text end;
        when 'refund_approved 1 refund' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."receipt" != null
                && @."session_id" != null
                && @."tender" != null
                && (!exists(@."transaction") || @."transaction" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refund_approved, d)))::text end;
        when 'refund_declined 1 refund' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."receipt" != null
                && @."session_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refund_declined, d)))::text end;
        when 'refund_confirmed 1 refund' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."receipt" != null
                && @."session_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refund_confirmed, d)))::text end;
        when 'refund_unknown 1 refund' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."drawer") || @."drawer" >= 0 && @."drawer" <= 1000000000)
                && @."receipt" != null
                && @."session_id" != null
                && @."tender" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.refund_unknown, d)))::text end;
        when 'shift_opened 1 shift' then
            written := case when d @? '$ ? (@."business_date" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."kept") || @."kept".size() >= 1 && @."kept".size() <= 100 && !(@."kept"[*].type() != "string")))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.shift_opened, d)))::text end;
        when 'cash_moved 1 shift' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && (!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."currency" like_regex "^[A-Z]{3}$"
                && (@."kind" == "account" || @."kind" == "bank_deposit" || @."kind" == "float" || @."kind" == "paid_in" || @."kind" == "paid_out" || @."kind" == "private_in" || @."kind" == "private_out" || @."kind" == "safe_drop" || @."kind" == "tips_paid_out" || @."kind" == "voucher" || @."kind" == "wages"))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.cash_moved, d)))::text end;
        when 'movement_undone 1 shift' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."event" < "e677" && @."event" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.movement_undone, d)))::text end;
        when 'drawer_counted 1 shift' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."counts".size() >= 1 && @."counts".size() <= 100 && !(@."counts"[*].type() != "object") && !exists(@."counts"[*] ? (!exists(@ ? (@."counted" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."expected" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."taken") || @."taken" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."tender" != null))))
                && @."currency" like_regex "^[A-Z]{3}$"
                && (!exists(@."pieces") || @."pieces".size() >= 1 && @."pieces".size() <= 100 && !(@."pieces"[*].type() != "object") && !exists(@."pieces"[*] ? (!exists(@ ? (@."number" >= 0 && @."number" <= 1000000000 && @."value" like_regex "^[0-9]{1,15}(\\.[0-9]{1,4})?$")))))
                && (!exists(@."to") || @."to" != ""))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.drawer_counted, d)))::text end;
        when 'drawer_corrected 1 shift' then
            written := case when d @? '$ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"
                && @."correction" < "e677" && @."correction" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."payment_id" != null
                && (!exists(@."receipt") || @."receipt" != "")
                && @."tender" != null
                && @."was" != null)' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.drawer_corrected, d)))::text end;
        when 'shift_closed 1 shift' then
            written := case when d @? '$ ? ((!exists(@."approved_by") || @."approved_by" >= 0 && @."approved_by" <= 1000000000)
                && @."currency" like_regex "^[A-Z]{3}$"
                && @."number" != null
                && (!exists(@."open_orders") || exists(@."open_orders" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000))))
                && exists(@."sums" ? ((!exists(@."bills") || exists(@."bills" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."categories") || @."categories".size() >= 1 && @."categories".size() <= 1000 && !(@."categories"[*].type() != "object") && !exists(@."categories"[*] ? (!exists(@ ? (@."category" != null && @."gross" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."quantity" >= -1000000000 && @."quantity" <= 1000000000))))) && (!exists(@."cleared_after_sending") || exists(@."cleared_after_sending" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."comps") || exists(@."comps" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."copies") || exists(@."copies" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."dates") || @."dates".size() >= 1 && @."dates".size() <= 1000 && !(@."dates"[*].type() != "object") && !exists(@."dates"[*] ? (!exists(@ ? (@."business_date" like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" && @."gross" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."number" >= 0 && @."number" <= 1000000000))))) && (!exists(@."discounts") || exists(@."discounts" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."drawer") || @."drawer".size() >= 1 && @."drawer".size() <= 100 && !(@."drawer"[*].type() != "object") && !exists(@."drawer"[*] ? (!exists(@ ? (@."closing" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && (!exists(@."moved") || @."moved".size() >= 1 && @."moved".size() <= 100 && !(@."moved"[*].type() != "object") && !exists(@."moved"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."kind" like_regex "^[a-z][a-z0-9_]{0,62}$"))))) && @."opening" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."tender" != null))))) && (!exists(@."new_prices") || @."new_prices" >= 0 && @."new_prices" <= 1000000000) && (!exists(@."no_sales") || @."no_sales" >= 0 && @."no_sales" <= 1000000000) && (!exists(@."receipts") || exists(@."receipts" ? (@."first" != null && @."last" != null))) && (!exists(@."refund_receipts") || exists(@."refund_receipts" ? (@."first" != null && @."last" != null))) && (!exists(@."refund_tax") || @."refund_tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."refunds") || exists(@."refunds" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."rounding") || @."rounding" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."sales") || exists(@."sales" ? ((!exists(@."gross") || @."gross" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000) && (!exists(@."tax") || @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))) && (!exists(@."service_charge") || @."service_charge" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."taken_ahead") || @."taken_ahead" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."taxes") || @."taxes".size() >= 1 && @."taxes".size() <= 1000 && !(@."taxes"[*].type() != "object") && !exists(@."taxes"[*] ? (!exists(@ ? (@."name" != null && @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."rate" != null && @."tax" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"))))) && (!exists(@."tenders") || @."tenders".size() >= 1 && @."tenders".size() <= 100 && !(@."tenders"[*].type() != "object") && !exists(@."tenders"[*] ? (!exists(@ ? (@."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$" && @."number" >= 0 && @."number" <= 1000000000 && (!exists(@."taken_ahead") || @."taken_ahead" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && @."tender" != null && (!exists(@."tips") || @."tips" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."used") || @."used" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$")))))) && (!exists(@."tips") || @."tips" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."used") || @."used" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."voids") || exists(@."voids" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))) && (!exists(@."voids_after_sending") || exists(@."voids_after_sending" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000))))))
                && (!exists(@."totals") || exists(@."totals" ? ((!exists(@."net") || @."net" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."refunds") || @."refunds" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."sales") || @."sales" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$"))))
                && (!exists(@."unanswered") || exists(@."unanswered" ? ((!exists(@."amount") || @."amount" like_regex "^-?[0-9]{1,15}(\\.[0-9]{1,4})?$") && (!exists(@."number") || @."number" >= 0 && @."number" <= 1000000000)))))' then
                json_strip_nulls(row_to_json(jsonb_populate_record(null::shape.shift_closed, d)))::text end;
        else
            return null;
    end case;
    if d ? 'digests' then
        written := warm.respelt(written, 'digests', d->'digests', warm.written_sha256_by_text(d->'digests', 1, 20));
    end if;
    return written;
end $$;

-- Writes an envelope around its data.
create or replace function warm.written_envelope(e jsonb, p_data text) returns text
language plpgsql stable as $$
begin
    return (
        select replace(row_to_json(w)::text, '"for_till":null,', '') from (
            select warm.time_text(x."at"::timestamptz) as "at", p_data::json as data, x."for_till", x."harmless", x."hold_id",
        x."id", x."journal_id", x."login_session", x."prev_hash", x."seq", x."shift", x."store_id", x."stream_id",
        x."stream_kind", x."till", x."type", x."user", x."v"
            from jsonb_populate_record(null::shape.envelope, e) as x
        ) as w
        where p_data is not null and e @? '$ ? (@."at" like_regex "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$"
                && (!exists(@."for_till") || @."for_till" >= 1 && @."for_till" <= 1000000000)
                && @."harmless" != null
                && (@."hold_id" == null || @."hold_id" < "e677" && @."hold_id" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]")
                && @."id" < "e677" && @."id" like_regex "^[^-]*-[^-]*-7[^-]*-[89ab]"
                && @."journal_id" != null
                && @."prev_hash" like_regex "^[0-9a-f]{64}$"
                && @."seq" >= 1 && @."seq" <= 9223372036854775807
                && @."store_id" != null
                && @."stream_id" != null
                && @."stream_kind" like_regex "^[a-z][a-z0-9_]{0,62}$"
                && @."till" >= 0 && @."till" <= 1000000000
                && @."type" like_regex "^[a-z][a-z0-9_]{0,62}$"
                && (@."user" == null || @."user" >= 0 && @."user" <= 1000000000)
                && @."v" >= 1 && @."v" <= 9223372036854775807)'
    );
end $$;
