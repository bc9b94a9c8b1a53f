-- The meaning of the tables, for who reads the database (`\d+` in psql). A rule that a function keeps stands with the function.
comment on table till.store_seals is
    'The keys by which the server recognises its own events. Both are random, and leave the database only in backups.';
comment on table till.roles is '`reach`: the order sessions that a role may open: the person''s own, the store''s, or those of all stores.';
comment on table till.users is
    '`locked_by` is the till that locked the number after wrong PINs, 0 for the database; `lock_told_at` is the time of the last lock. A person '
    'who acts at the server needs a password. Anyone may read its salt; the database stores only a hash of the value that a till derives from '
    'both.';
comment on table till.act_tokens is 'Tokens of people who may act at the server for some minutes. Only the hashes are stored.';
comment on table till.password_failures is 'Wrong passwords of a person at a till.';
comment on table till.tills is
    '`secret_hash` is the SHA-256 of the till''s secret in hexadecimal; the secret is stored only on the till. `journals` is the number of '
    'journals that the till has had, from which the next one gets its series. `logged_in` is the logged-in person, `login_event` the event: a '
    'projection of the newest `logged_in` or `logged_out`. `stations` are those of a screen of the kitchen (empty for all of them), which takes '
    'no money and holds no order; null for a till that sells.';
comment on column till.tills.other_asked_at is 'Another journal asked to take the place of the live one.';
comment on column till.tills.takeovers is 'Orders taken over within an hour that other tills had open.';
comment on column till.tills.sends is 'True if it sends orders to the kitchen, by its last push.';
comment on column till.tills.schemes is 'The laws of invoices that its program knows, by its last push.';
comment on column till.tills.hands_dropped is
    'The orders that it was handed for the kitchen and dropped, though another till then sent them; the last at `hand_dropped_at`.';
comment on column till.tills.money_changes is 'The number of changes of whether it takes money: an odd number means that it takes none.';
comment on table till.enrolments is
    'The code with which a machine becomes this till, as a digest, until it expires. `taken_by` is the hash of the secret of the machine that '
    'used the code: it may repeat the call, another machine is refused.';
comment on table till.programs is
    'Programs that are not tills and have orders: a chat, a web shop. Each logs in under its own role of the server, and is identified by that '
    'role alone.';
comment on table till.payment_hints is
    'Reports of a gateway, kept for some days, so that tills are notified of each only once. A report is recognised by the gateway''s event id, '
    'which proves nothing, and by the digest of the signed bytes.';
comment on table till.program_sessions is
    'The program of a session: the first one that claimed it. Tills name the session by its `stream_id`, which is unique.';
comment on table till.hands is
    'Orders whose tickets wait for a till that does not hold them: `event_id`, `till_id` and `handed_at` of the last hand, and the number of '
    'hands. `dropped_by` is the till that was handed it and sent nothing: another one is asked once.';
comment on table till.fiscal_senders is
    'The sender of the venue''s fiscal records: its last sign of life, its last request with the pause that the authority asked for, and why the '
    'authority took nothing, since when. `compared_at` is when the upkeep last compared the lists that it reads.';
comment on table till.fiscal_unstamped is
    'The sales and given refunds, by their id, that have no stamp to send: what the sender has to stamp. One that the law has no record for '
    'says when that was tried last, and why not.';
comment on table till.invoice_claims is
    'The full invoices for tickets that are paid, one for each sale: the till that claimed it last, and its `invoice_issued` once that arrived.';
comment on table till.invoice_claimers is
    'The tills that ever claimed the full invoice for a ticket, each with its first claim: what one of them issues is taken, also after another till '
    'claimed it.';
comment on table till.fiscal_mends is
    'The records that a manager asked the sender to mend: the stamp that was refused, by its arrival, and if the authority does not know the '
    'buyer''s number, which is right.';
comment on table till.numbers is 'The last number of the orders and receipts of each program, and of the database itself (program '''').';
comment on table till.settings is
    'Reference data that tills cache, by name: menu, staff, settings, tabs. The version increases with every change; the bodies of staff and tabs '
    'are composed when they are read.';
comment on table till.menus is
    'All versions of the menu, each with the act that made it. They can be shown and restored; the current one is in `settings`. A version that '
    'only marks an item as sold out has no body: it has the item, and the body of the version before it.';
comment on column till.menus.till_id is 'The till that marked the item, and the time of arrival, by which its marks are limited.';
comment on table till.promotions is 'Promotions of the venue, by name; tills cache all of them with the settings.';
comment on table till.tabs is
    'A tab is open while it has an open order; `session_id` is the last one put on it. `erased_at` is the time at which its name was erased: an '
    'older name is erased on arrival.';
comment on table till.order_sessions is
    'A projection of events. `hold_id` is the event that created the hold, `hold_till` the till that has it (0 is the server), `hold_journal` the '
    'journal to which it was granted, null if that journal opened the order. `till_id` is the till that has the order open, or null. `last_move` '
    'is the greatest id of the events that changed status or hold. The hot rows are restored from `hot` after a crash. `submitted` is the data of '
    '`order_submitted`, with its time.';
comment on table till.conflicts is
    'Conflicts about money that only a manager can settle: a projection of `conflict_found` and `conflict_resolved`. A till finds one, or the '
    'server (till 0) when it refuses an order that is already paid. `subject` is the order, line or payment: the same finding of two tills is one '
    'row. `till_id` is the till whose records show it, 0 for none; `place` is the order of discovery.';
comment on table till.notices is
    'Decisions of the server that a person at a till should know (`till.notify`). Each remains until somebody has seen it. `by_till` is the till '
    'whose record is the cause; `data` has the facts of its kind (`docs/protocol.md`).';
comment on table till.vouchers is
    'Only a digest of the code is stored; `hint` is its last four characters, for people. The balance of a voucher is the issued amount less its '
    'movements in `value_movements`. `how` is the tender that paid one from the shell, null for a gift or one that a till sells.';
comment on table till.voucher_asks is
    'Lookups of a code, with its voucher if it exists. A payment names the id of its lookup; wrong codes are counted.';
comment on table till.accounts is 'House accounts of guests who may pay later. The balance is the sum of the account''s rows in `value_movements`.';
comment on table till.value_movements is
    'Movements of a voucher or an account, `holder_id`: a positive amount is taken from it, a negative one is credited. `movement_id` is the '
    'payment, the refund, or the payment of a debt. A payment is reserved until its order ends; then it is spent or released. `arrived_at` is the '
    'arrival of a pay-off at a drawer, by which they are counted; null if its till sent it again after a restore.';
comment on table till.shifts is
    'The shifts of the tills, each with the events of its opening and its close. `closed_by_server` is the close of one that its till left open. '
    '`checked_at` is when the upkeep added up the close of the till (`db/sql/37_shift`). `ended` is the next opening in the journal of a shift '
    'that was left open there: it is in no list then. `booked` is the one of these by which the accountant''s journal has it '
    '(`db/sql/85_closed_books/ledger.sql`).';
comment on table till.shift_facts is
    'The events of the stream of each shift: its opening and close, movements, counts and corrections. A correction of a later shift is also with '
    'the shift whose count it explains.';
comment on table till.upkeep_jobs is
    'The jobs of the upkeep that failed (`db/sql/70_upkeep/jobs.sql`), by their kind and what they are about. `asked` are the limits with which '
    'they ran, `functions` the number of the functions at the last try, `tries` the failed ones in a row. A job that is put aside has a record '
    'for a manager, `quarantine_id`. The row of the kind `upkeep` is about a whole call.';
comment on table hot.session_cart is
    'One row for each item. `price` is the unit price after discounts. A price that does not divide evenly has six more decimals than its '
    'currency, and hot.get_session_cart rounds the product.';
comment on table hot.session_told is 'Changes that a program logged by its rows or by log_event, so that the other one does not log them again.';
comment on table warm.journal_head is
    'One row for each journal. Till 0 is the server itself, which writes its own chain for each store. `hour` is the start of the hour, by the '
    'times of the events; `hour_events` and `hour_bytes` arrived since (db/sql/10_chain/limits.sql).';
comment on column warm.journal_head.money_heard is 'The last number of `till.tills.money_changes` that the journal names.';
comment on table warm.session_events is
    '`body` is the canonical text that was sealed, byte for byte; the columns are read from it. `timestamp` is the time by the till''s clock '
    '(`at`), `received_at` by the server''s. `version` numbers the events of a session in order of arrival. `till_id` is the till that acted. If '
    'the server wrote the event for a till (`for_till`), its body names the server.';
comment on table warm.event_texts is 'The free text beside an event. The chain has only its digest, so that a row can be erased.';
comment on table warm.event_links is 'The places in other chains of events that arrived again there. Their content is stored only once.';
comment on table warm.quarantine is
    'Records that wait for a manager: records in the log that could not be applied (`event_id` is null for a snapshot), and records that the log '
    'refused. For these, `seq` and `hash` are the place in the chain, which continues after them.';
comment on table warm.chain_gaps is 'The places in the chain of events that their till had deleted before this database was restored.';
comment on table warm.logins is
    'Logins by arrival, kept for as long as people see which of their orders were cleared since. A search in the log would read seven days, and '
    'an index there would slow down every other event.';
comment on table warm.order_contents is
    'The relation (docs/protocol.md, "What an order has"): the lines and payments that orders created, with the event. An id is created only '
    'once, so it is the key. `parent_id` is the line from which a line was cut. Rows of archived orders are in the archive.';
comment on table warm.content_moves is
    'Moves of lines and payments from the order that created them: the newest event that moved one into an order (from which order, by which '
    'till), and the newest that moved it out.';
comment on table warm.sale_claims is 'Lines and payments that sales list and the log does not have yet, with the `order_placed` that lists them.';
comment on table warm.erased is 'Events whose free text was erased. Texts that arrive later are dropped.';
comment on table warm.tickets is
    'The tickets of kitchen stations that have a screen: a projection of `lines_sent`, kept for a month. `lines` are the first lines as they '
    'were keyed: of one that was cut from another, that one. `waits_at` are the stations on whose screen it is not done; it is `ready` once '
    'the last of them is done, or the pass, where there is one. `weight` is the number of tickets for which it counts on a full board, '
    '`concerns` the number of the ticket that a void, a change or a move is about, and `came` the pieces of each line of a move that came '
    'from another order.';
comment on table cold.order_type_table is 'A row without a store_id is shared by all stores.';
comment on table cold.payment_method_table is 'The payment methods that a program may name, as tills record them in `orders.payment_method`.';
comment on table cold.customer_table is
    'The guests whom the venue knows by name: a projection of `customer_added` and the texts beside it. An erased customer keeps the row, because '
    'orders refer to it, but without any personal data.';
comment on table cold.customer_sessions is 'The customer of a session, once somebody set one.';
comment on table cold.customer_preferences is
    'Preferences of a customer from paid orders, the newest of each kind with its order: free text, which is erased with that order.';
comment on table cold.feedback is
    'Guests'' feedback on paid orders: a projection of the newest `feedback_given` of each order session. The words can be erased.';
comment on table cold.table_info is 'The tables of a venue that were set up.';
comment on table cold.table_booking_info is
    'Bookings and their outcome: a projection of `booking_made`, the texts beside it, and later events. `seated_by` is the event that seated the '
    'guests, `session_id` the order of their tab.';
comment on column cold.order_item.order_type is 'Its own if one was set for the line, else that of the order; null for what was sold before this column.';
comment on table cold.order_item is
    'Rows of an order have no foreign key to it. Only the statement that places the order writes them, and a trigger refuses all others '
    '(db/sql/30_payment/placing.sql). Equal lines are one row, rounded once, with their line ids. `category` is from the menu at the time of the '
    'sale. `measure` is the weight of a piece with its unit, such as `0.335 kg`.';
comment on table cold.order_line is 'The sale of each paid line. If several sales list a line, it belongs to the first one that arrived.';
comment on table cold.contested_sales is
    'Sales with a line or a payment that turned up in another order. From `since` on they are in no sales view, until a manager books them '
    '(`booked_by` is that event).';
comment on table cold.void_receipts is
    'Receipt numbers of repeated sales, with the same lines and payments as an earlier one. A lookup shows that sale.';
comment on table cold.order_payment is
    'A payment with change is two rows: the tendered amount, and a negative row of cash. A tip is part of the amount, and `user_id` took it. '
    '`transaction` is the provider''s reference. `is_claimed`: the log did not have the payment when the sale arrived.';
comment on column cold.order_payment.till_id is 'Where it was taken, if not at the till that placed the order.';
comment on table cold.refunds is
    'Refunds: documents with a negative amount, each with the payment that it reverses. `is_beyond`: it exceeds the sale, and is a conflict.';
comment on table cold.refund_item is 'The rows of the sale in a refund; none if it is by amount. `position` is that of the row in the sale.';
comment on table cold.tender_correction is
    'Corrections of tenders. All are kept, and the newest counts. `drawer` is the till that took the payment, `place` the order of arrival; '
    '`arrived_at` is by the server''s clock.';
comment on table cold.tip_correction is
    'Corrections of tips: `amount` is what the tip, and the money in `tender`, grew by. Each moved money, so all of them count.';
comment on table till.refund_claims is
    'Claims of refunds that began, with their outcome: a projection of their events. `reserved` and `unknown` reserve an amount that may be on '
    'its way. A `refused` claim came too late: another refund had begun.';
comment on table cold.order_status_history is
    'The states of an order until it was paid: by which event, when, by whom and on which till. A takeover is `active` on another till.';
comment on table cold.menu_item is
    '`price` is the price when the menu last changed; null is an open price, entered when the item is keyed. cold.price_at returns the price at a '
    'time, with planned prices. `age` is the minimum age of a guest; null for no minimum.';
comment on table cold.menu_modifier_group is
    'Groups of modifiers: the least and the most modifiers to choose for an item with the group; null for all.';
comment on table cold.menu_modifier is 'One modifier, with the price that it adds to a piece; it may be negative.';
comment on table cold.menu_item_modifier_group is 'The groups of an item, in the order in which the till asks for them.';
comment on table cold.menu_item_price is 'The price of an item from a time on; null for an open price.';
comment on table cold.menu_item_availability_schedule is
    'The hours at which an item is sold, by the venue''s clock: a row for each weekday (1 is Monday) on which they begin. Hours that end at or '
    'before their beginning end on the next day. An item without a row is sold at all times.';
comment on table cold.order_audit is
    'Events that were moved from the log, with all columns of warm.session_events, by month of arrival. Partitions are created when they are '
    'needed; the default partition has the other events.';
comment on table cold.fiscal_stamps is
    'The stamps of sales and refunds by a country''s law: a projection of `fiscal_stamped`. `chain` is the journal in which a till made it, '
    '`of_id` the sale or refund. It is `to_send` by the sender, `waits` for a manager because another stamp has its number or its predecessor, or '
    'is `quarantined`, because it is not true. `answered` follows `cold.fiscal_answers`; `requests` counts those that it was in and that the '
    'authority may have read.';
comment on table cold.fiscal_answers is
    'The tax authority''s answer to a stamp: its state there, its words, and the mark that it gave to the request.';
comment on table cold.order_audit_links is 'The places of these events in other chains, and the free text beside them, which can be erased.';
comment on table cold.order_sessions_archive is
    'Order sessions that ended long ago, with all columns, their checkouts and payment intents. A late record restores a row '
    '(warm.restore_session), so a session is in one of the two tables.';
comment on table cold.order_contents_archive is
    'The relation of these sessions (warm.order_contents and warm.content_moves), archived and restored with them.';
comment on table cold.audit_reach is 'The newest event id in the audit, so that a push does not search the audit for newer events.';
comment on table cold.report_days is
    'The stored rows of a report''s view for a past day (`db/sql/85_closed_books/days.sql`). They can be rebuilt at any time.';
comment on table cold.stored_before is
    'The day before which the sums of all days of a store are stored, and when all of them were looked at.';
comment on table till.counts is
    'The counts of items, by event; the newest of an item counts. `pieces` is null where a mark ended its count, `came_at` its arrival.';
comment on table warm.counted_changes is
    'What an event made of the pieces of a line of a counted item, null for all of them; `sent` is null unless it took pieces off. With another '
    '`by_event`, that event ended the effect of the first (warm.left_now). Rows are only inserted.';
comment on table cold.ledger_batches is
    'The batches of the accountant''s journal, which never change (`db/sql/85_closed_books/ledger.sql`). `shift_id` is the shift of which it books a '
    'part, `covers` the places in chains that it books of it, `reverses` the batch that it takes back.';
comment on table cold.ledger_rows is
    'Their rows, which sum to zero: a debit is positive. `kind` is what is booked, such as {sales,food,19}; its account is a setting, looked up '
    'at each export. `what` tells two rows of a kind apart, such as the change among the cash.';
comment on table cold.ledger_due is
    'Events that the upkeep has yet to book, or to find in the batch of their shift: not before that shift is booked, and what the server took '
    'itself not before its business day is over.';
comment on table session.active_sessions is
    '`session_id` of a till''s login is the stream of its `logged_in`. `status` is the last written state; the current one is in '
    '`session.sessions_now`. `token` is a SHA-256 in hexadecimal; `ended_at` is the logout.';
comment on table session.session_metadata is
    'The check refuses metadata that would fail the queries of docs/adaptations.md, which read two names as whole numbers.';
comment on table simulator.scores is
    'A row for each finished drill. `figures` are the numbers behind the score, with the remarks shown after the drill.';
