"""Permanent data: completed orders, the menu, the archive and the audit.

An order is complete once its row exists; triggers refuse every later change to it or its children.
Amounts are exact numerics with the decimals of their currency.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, columns_of, table
from db.tables.till import order_sessions
from db.tables.warm import (
    OF_REFUND,
    TAKEN_OFF,
    content_moves,
    event_links,
    order_contents,
    session_checkout,
    session_events,
    session_payment_intent,
)

# A row without a store_id is shared by all stores.
order_type_table = table(
    "cold.order_type_table",
    Column("order_type_id", Integer, primary_key=True, autoincrement=False),
    Column("order_type_name", Text, nullable=False),
    Column("store_id", ID),
    Index("order_type_by_name", "order_type_name", "store_id", unique=True, postgresql_nulls_not_distinct=True),
)

# The payment methods that a program may name, as tills record them in `orders.payment_method`.
payment_method_table = table(
    "cold.payment_method_table",
    Column("payment_method_id", Integer, primary_key=True, autoincrement=False),
    Column("payment_method_name", Text, nullable=False),
    Column("store_id", ID),
    Index("payment_method_by_name", "payment_method_name", "store_id", unique=True, postgresql_nulls_not_distinct=True),
)

order_source_type = table(
    "cold.order_source_type",
    Column("order_source_id", Integer, primary_key=True, autoincrement=False),
    Column("source_name", Text, nullable=False),
    Column("store_id", ID),
    Index("order_source_by_name", "source_name", "store_id", unique=True, postgresql_nulls_not_distinct=True),
)

orders = table(
    "cold.orders",
    Column("order_id", ID, primary_key=True),
    Column("session_id", NAME, nullable=False),
    Column("customer_id", ID),
    Column("order_type_id", Integer, ForeignKey("cold.order_type_table.order_type_id")),
    Column("order_source_id", Integer, ForeignKey("cold.order_source_type.order_source_id"), nullable=False),
    Column("order_type", Text),
    Column("payment_method", Text),
    Column("total_amount", Numeric, nullable=False),
    Column("net", Numeric, nullable=False),
    Column("tax", Numeric, nullable=False),
    Column("rounding", Numeric, nullable=False),
    Column("service_charge", Numeric, nullable=False),
    Column("service_charge_net", Numeric, nullable=False),
    Column("service_charge_taxes", JSONB, nullable=False, server_default=text("'[]'")),
    Column("currency", Text, nullable=False),
    Column("receipt", Text),
    Column("business_date", Date, nullable=False),
    Column("taxes", JSONB, nullable=False),
    Column("voids", JSONB, nullable=False),
    Column("off", JSONB, nullable=False, server_default=text("'[]'")),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("tab_id", ID),
    Column("ref", Text),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("abs(total_amount) < 1e15", name="total_amount"),
    Index("orders_by_day", "store_id", "business_date"),
    Index("orders_of_session", "session_id"),
    # cold.place_order looks for another order with the receipt number (a journal was restored on its own machine). The
    # number comes first, because that query avoids every index that begins with the store.
    Index("orders_by_receipt", "receipt", "store_id"),
    Index(
        "orders_of_customer", "store_id", "customer_id", "created_at", postgresql_where=text("customer_id is not null")
    ),
    # Sales are searched by amount, and by time.
    Index("orders_by_amount", "store_id", "total_amount", "order_id"),
    Index("orders_by_time", "store_id", "created_at", "order_id"),
)

# The guests whom the venue knows by name: a projection of `customer_added` and the texts beside it. An erased customer
# keeps the row, because orders refer to it, but without any personal data.
customer_table = table(
    "cold.customer_table",
    Column("customer_id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("phone", Text, nullable=False, server_default=text("''")),
    Column("added_by", Integer),
    Column("added_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("erased_at", MOMENT),
    Column("event_id", ID, nullable=False),
    Column("tax_number", Text, nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),
    # A phone number belongs to one customer.
    Index("customer_by_phone", "store_id", "phone", unique=True, postgresql_where=text("phone <> ''")),
)

# The customer of a session, once somebody set one.
customer_sessions = table(
    "cold.customer_sessions",
    Column("session_id", NAME, primary_key=True),
    Column("customer_id", ID, ForeignKey("cold.customer_table.customer_id"), nullable=False),
    Column("store_id", ID, nullable=False),
    Column("attached_at", MOMENT, nullable=False),
    Index("customer_sessions_of_customer", "customer_id"),
)

# Preferences of a customer from paid orders, the newest of each kind with its order: free text, which is erased with
# that order.
customer_preferences = table(
    "cold.customer_preferences",
    Column("customer_id", ID, ForeignKey("cold.customer_table.customer_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("customer_id", "name"),
    Index("customer_preferences_of_order", "session_id"),
)


# Guests' feedback on paid orders: a projection of the newest `feedback_given` of each order session. The words can be
# erased.
feedback = table(
    "cold.feedback",
    Column("feedback_id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("score", Integer, nullable=False),
    Column("words", Text),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("score between 1 and 5", name="score"),
    UniqueConstraint("session_id"),
    Index("feedback_of_order", "order_id"),
)

# The tables of a venue that were set up.
table_info = table(
    "cold.table_info",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("table_number", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("area", Text, nullable=False, server_default=text("''")),
    CheckConstraint("seats > 0", name="seats"),
    PrimaryKeyConstraint("store_id", "table_number"),
)

# Bookings and their outcome: a projection of `booking_made`, the texts beside it, and later events. `seated_by` is the
# event that seated the guests, `session_id` the order of their tab.
table_booking_info = table(
    "cold.table_booking_info",
    Column("booking_id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("customer_id", ID, ForeignKey("cold.customer_table.customer_id")),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("phone", Text, nullable=False, server_default=text("''")),
    Column("table_number", Integer),
    Column("covers", Integer, nullable=False),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'booked'")),
    Column("session_id", NAME),
    Column("seated_by", ID),
    Column("booked_by", Integer),
    Column("changed_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("event_id", ID, nullable=False),
    CheckConstraint("status in ('booked', 'seated', 'no_show', 'cancelled')", name="status"),
    Index("table_booking_info_by_time", "store_id", "starts_at"),
    Index("table_booking_info_of_customer", "customer_id", postgresql_where=text("customer_id is not null")),
)

# Rows of an order have no foreign key to it. Only the statement that places the order writes them, and a trigger
# refuses all others (db/sql/30_payment/placing.sql).
# Equal lines are one row, rounded once, with their line ids. `category` is from the menu at the time of the sale.
# `measure` is the weight of a piece with its unit, such as `0.335 kg`.
order_item = table(
    "cold.order_item",
    Column("order_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("menu_item_id", Text),
    Column("item_name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", Numeric, nullable=False),
    Column("subtotal", Numeric, nullable=False),
    Column("net", Numeric, nullable=False),
    Column("tax", Numeric, nullable=False),
    Column("discount", Numeric, nullable=False),
    Column("off", JSONB, nullable=False, server_default=text("'[]'")),
    Column("taxes", JSONB, nullable=False),
    Column("modifiers", JSONB, nullable=False),
    Column("measure", Text),
    Column("category", Text),
    Column("line_ids", ARRAY(ID), nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("order_id", "position"),
    Index("order_item_by_item", "store_id", "menu_item_id", "order_id"),
)

# The sale of each paid line. If several sales list a line, it belongs to the first one that arrived.
order_line = table(
    "cold.order_line",
    Column("line_id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
)

# Sales with a line or a payment that turned up in another order. From `since` on they are in no sales view, until a
# manager books them (`booked_by` is that event).
contested_sales = table(
    "cold.contested_sales",
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), primary_key=True),
    Column("event_id", ID, nullable=False),
    Column("since", Date, nullable=False),
    Column("booked_by", ID),
    Column("store_id", ID, nullable=False),
)

# Receipt numbers of repeated sales, with the same lines and payments as an earlier one. A lookup shows that sale.
void_receipts = table(
    "cold.void_receipts",
    Column("event_id", ID, primary_key=True),
    Column("receipt", Text),
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), nullable=False),
    Column("store_id", ID, nullable=False),
    Index("void_receipts_by_receipt", "store_id", "receipt"),
)

# A payment with change is two rows: the tendered amount, and a negative row of cash. A tip is part of the amount, and
# `user_id` took it. `transaction` is the provider's reference. `is_claimed`: the log did not have the payment when the
# sale arrived.
order_payment = table(
    "cold.order_payment",
    Column("order_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_change", Boolean, nullable=False, server_default=text("false")),
    Column("payment_id", ID),
    Column("tender", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("tip", Numeric, nullable=False, server_default=text("0")),
    Column("transaction", Text),
    Column("till_id", Integer),  # where it was taken, if not at the till that placed the order
    Column("user_id", Integer),
    Column("store_id", ID, nullable=False),
    Column("is_claimed", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("abs(amount) < 1e15", name="amount"),
    CheckConstraint("tip >= 0 and (tip = 0 or tip <= amount)", name="tip"),
    PrimaryKeyConstraint("order_id", "position", "is_change"),
    # A payment settles one order. If two tills place the order while disconnected, both sales list the payment, and it
    # belongs to the first. A claimed payment may belong to another order.
    Index("order_payment_once", "payment_id", unique=True, postgresql_where=text("not is_change and not is_claimed")),
    Index("order_payment_tipped", "store_id", "order_id", postgresql_where=text("tip > 0")),
)

# Refunds: documents with a negative amount, each with the payment that it reverses. `is_beyond`: it exceeds the sale,
# and is a conflict.
refunds = table(
    "cold.refunds",
    Column("refund_id", ID, primary_key=True),
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), nullable=False),
    Column("payment_id", ID, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("tender", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("net", Numeric, nullable=False),
    Column("tax", Numeric, nullable=False),
    Column("rounding", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("taxes", JSONB, nullable=False),
    Column("drawer", Integer),
    Column("business_date", Date, nullable=False),
    Column("approved_by", Integer),
    Column("away", Boolean, nullable=False),
    Column("is_beyond", Boolean, nullable=False),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("amount < 0 and amount > -1e15", name="amount"),
    Index("refunds_of_order", "order_id"),
    Index("refunds_by_day", "store_id", "business_date"),
)

# The rows of the sale in a refund; none if it is by amount. `position` is that of the row in the sale.
refund_item = table(
    "cold.refund_item",
    Column("refund_id", ID, ForeignKey("cold.refunds.refund_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("menu_item_id", Text),
    Column("item_name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("net", Numeric, nullable=False),
    Column("tax", Numeric, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("refund_id", "position"),
)

# Corrections of tenders. All are kept, and the newest counts. `drawer` is the till that took the payment, `place` the
# order of arrival; `arrived_at` is by the server's clock.
tender_correction = table(
    "cold.tender_correction",
    Column("correction_id", ID, primary_key=True),
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), nullable=False),
    Column("payment_id", ID, nullable=False),
    Column("was", Text, nullable=False),
    Column("tender", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("approved_by", Integer),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("drawer", Integer, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("arrived_at", MOMENT, nullable=False, server_default=text("now()")),
    Index("tender_correction_of_order", "order_id"),
    # Corrections by other tills to a drawer, for its till.
    Index("tender_correction_of_drawer", "store_id", "drawer", "place", postgresql_where=text("drawer <> till_id")),
)

# Corrections of tips: `amount` is what the tip, and the money in `tender`, grew by. Each moved money, so all of them
# count.
tip_correction = table(
    "cold.tip_correction",
    Column("correction_id", ID, primary_key=True),
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), nullable=False),
    Column("payment_id", ID, nullable=False),
    Column("was", Numeric, nullable=False),
    Column("tip", Numeric, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("tender", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("approved_by", Integer),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("drawer", Integer),
    Column("store_id", ID, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("tip >= 0 and amount = tip - was and amount <> 0", name="amount"),
    Index("tip_correction_of_order", "order_id"),
)

# Claims of refunds that began, with their outcome: a projection of their events. `reserved` and `unknown` reserve an
# amount that may be on its way. A `refused` claim came too late: another refund had begun.
refund_claims = table(
    "till.refund_claims",
    Column("refund_id", ID, primary_key=True),
    Column("order_id", ID, ForeignKey("cold.orders.order_id"), nullable=False),
    Column("payment_id", ID, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("state", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("journal_id", ID, nullable=False),
    CheckConstraint("state in ('reserved', 'refused', 'unknown', 'approved', 'declined')", name="state"),
    Index("refund_claims_of_order", "order_id"),
    Index("refund_claims_waiting", "store_id", postgresql_where=text("state in ('reserved', 'unknown')")),
    Index("refund_claims_by_receipt", "store_id", "receipt"),
)

# The states of an order until it was paid: by which event, when, by whom and on which till. A takeover is `active` on
# another till.
order_status_history = table(
    "cold.order_status_history",
    Column("order_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
    Column("user_id", Integer),
    Column("till_id", Integer),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("order_id", "position"),
)

menu_categories = table(
    "cold.menu_categories",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("category_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("daypart", Text),
    PrimaryKeyConstraint("store_id", "category_id"),
)

# `price` is the price when the menu last changed; null is an open price, entered when the item is keyed. cold.price_at
# returns the price at a time, with planned prices. `age` is the minimum age of a guest; null for no minimum.
menu_item = table(
    "cold.menu_item",
    Column("store_id", ID, nullable=False),
    Column("menu_item_id", Text, nullable=False),
    Column("plu", Integer),
    Column("name", Text, nullable=False),
    Column("category_id", Text, nullable=False),
    Column("price", Numeric),
    Column("tax", Text),
    Column("aliases", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("barcodes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("sold_out", Boolean, nullable=False, server_default=text("false")),
    Column("returnable", Boolean, nullable=False, server_default=text("false")),
    Column("unit", Text, nullable=False, server_default=text("''")),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("age", Integer),
    CheckConstraint("age between 1 and 99", name="age"),
    PrimaryKeyConstraint("store_id", "menu_item_id"),
    ForeignKeyConstraint(
        ["store_id", "category_id"], ["cold.menu_categories.store_id", "cold.menu_categories.category_id"]
    ),
    Index("menu_item_by_plu", "store_id", "plu", unique=True, postgresql_where=text("plu is not null")),
)

# Groups of modifiers: the least and the most modifiers to choose for an item with the group; null for all.
menu_modifier_group = table(
    "cold.menu_modifier_group",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("group_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("least", Integer, nullable=False),
    Column("most", Integer),
    CheckConstraint("least >= 0 and most >= least", name="rule"),
    PrimaryKeyConstraint("store_id", "group_id"),
)

# One modifier, with the price that it adds to a piece; it may be negative.
menu_modifier = table(
    "cold.menu_modifier",
    Column("store_id", ID, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("is_default", Boolean, nullable=False),
    PrimaryKeyConstraint("store_id", "group_id", "name"),
    ForeignKeyConstraint(
        ["store_id", "group_id"],
        ["cold.menu_modifier_group.store_id", "cold.menu_modifier_group.group_id"],
        ondelete="CASCADE",
    ),
)

# The groups of an item, in the order in which the till asks for them.
menu_item_modifier_group = table(
    "cold.menu_item_modifier_group",
    Column("store_id", ID, nullable=False),
    Column("menu_item_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("store_id", "menu_item_id", "group_id"),
    ForeignKeyConstraint(
        ["store_id", "menu_item_id"], ["cold.menu_item.store_id", "cold.menu_item.menu_item_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["store_id", "group_id"], ["cold.menu_modifier_group.store_id", "cold.menu_modifier_group.group_id"]
    ),
)

# The price of an item from a time on; null for an open price.
menu_item_price = table(
    "cold.menu_item_price",
    Column("store_id", ID, nullable=False),
    Column("menu_item_id", Text, nullable=False),
    Column("valid_from", MOMENT, nullable=False),
    Column("price", Numeric),
    PrimaryKeyConstraint("store_id", "menu_item_id", "valid_from"),
    ForeignKeyConstraint(
        ["store_id", "menu_item_id"], ["cold.menu_item.store_id", "cold.menu_item.menu_item_id"], ondelete="CASCADE"
    ),
)

# The hours at which an item is sold, by the venue's clock: a row for each weekday (1 is Monday) on which they begin.
# Hours that end at or before their beginning end on the next day. An item without a row is sold at all times.
menu_item_availability_schedule = table(
    "cold.menu_item_availability_schedule",
    Column("store_id", ID, nullable=False),
    Column("menu_item_id", Text, nullable=False),
    Column("daypart", Text, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("available_from", Time, nullable=False),
    Column("available_to", Time, nullable=False),
    CheckConstraint("weekday between 1 and 7", name="weekday"),
    PrimaryKeyConstraint("store_id", "menu_item_id", "daypart", "weekday", "available_from"),
    ForeignKeyConstraint(
        ["store_id", "menu_item_id"], ["cold.menu_item.store_id", "cold.menu_item.menu_item_id"], ondelete="CASCADE"
    ),
)

# Events that were moved from the log, with all columns of warm.session_events, by month of arrival. Partitions
# are created when they are needed; the default partition has the other events.
order_audit = table(
    "cold.order_audit",
    *columns_of(session_events, has_key=False),
    PrimaryKeyConstraint("event_id", "received_at"),
    Index("order_audit_in_chain", "journal_id", "seq"),
    Index("order_audit_of_session", "session_id", "version", postgresql_where=text("session_id is not null")),
    Index("order_audit_taken_off", "store_id", "timestamp", postgresql_where=TAKEN_OFF),
    Index("order_audit_of_refund", "stream_id", postgresql_where=OF_REFUND),
    Index("order_audit_by_time", "timestamp", postgresql_using="brin"),
    postgresql_partition_by="RANGE (received_at)",
)

# The stamps of sales and refunds by a country's law: a projection of `fiscal_stamped`. `chain` is the journal in which
# a till made it, `of_id` the sale or refund. It is `to_send` by the sender, `waits` for a manager because another stamp
# has its number or its predecessor, or is `quarantined`, because it is not true.
fiscal_stamps = table(
    "cold.fiscal_stamps",
    Column("store_id", ID, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("chain", ID, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("of_id", ID, nullable=False),
    Column("number", NAME, nullable=False),
    Column("previous", NAME, nullable=False),
    Column("hash", NAME, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("arrival", BigInteger, Identity(always=True), nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("state", Text, nullable=False),
    CheckConstraint("state in ('to_send', 'waits', 'quarantined')", name="state"),
    PrimaryKeyConstraint("store_id", "event_id"),
    Index("fiscal_stamps_by_arrival", "store_id", "arrival", unique=True),
    Index("fiscal_stamps_by_number", "number", "store_id"),
    Index("fiscal_stamps_of", "of_id"),
    Index("fiscal_stamps_in_chain", "chain", "previous"),
    Index("fiscal_stamps_by_hash", "chain", "hash"),
)

# The tax authority's answer to a stamp: its state there, its words, and the mark that it gave to the request.
fiscal_answers = table(
    "cold.fiscal_answers",
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("is_repeated", Boolean, nullable=False),
    Column("answered_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("store_id", "event_id"),
    CheckConstraint("state in ('accepted', 'with_errors', 'refused')", name="state"),
    Index("fiscal_answers_in_trouble", "store_id", "state", postgresql_where=text("state <> 'accepted'")),
)

# The places of these events in other chains, and the free text beside them, which can be erased.
order_audit_links = table(
    "cold.order_audit_links",
    *columns_of(event_links, has_key=False),
    PrimaryKeyConstraint("journal_id", "seq"),
)

order_audit_texts = table(
    "cold.order_audit_texts",
    Column("event_id", ID, nullable=False),
    Column("field", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("event_id", "field"),
)

# Order sessions that ended long ago, with all columns, their checkouts and payment intents. A late record restores a
# row (warm.restore_session), so a session is in one of the two tables.
order_sessions_archive = table(
    "cold.order_sessions_archive",
    *columns_of(order_sessions),
    Index("order_sessions_archive_newest", "store_id", "created_at", "id"),
)

session_checkout_archive = table(
    "cold.session_checkout_archive",
    *columns_of(session_checkout),
)

session_payment_intent_archive = table(
    "cold.session_payment_intent_archive",
    *columns_of(session_payment_intent),
)

# The relation of these sessions (warm.order_contents and warm.content_moves), archived and restored with them.
order_contents_archive = table(
    "cold.order_contents_archive",
    *columns_of(order_contents),
    Index("order_contents_archive_of_session", "session_id"),
)

content_moves_archive = table(
    "cold.content_moves_archive",
    *columns_of(content_moves),
    Index("content_moves_archive_of_session", "session_id"),
)

# The newest event id in the audit, so that a push does not search the audit for newer events.
audit_reach = table(
    "cold.audit_reach",
    Column("store_id", ID, primary_key=True),
    Column("newest", ID, nullable=False),
)

# The stored rows of a report's view for a past day (`db/sql/85_stored/days.sql`). They can be rebuilt at any time.
report_days = table(
    "cold.report_days",
    Column("store_id", ID, nullable=False),
    Column("view", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("rows", JSONB, nullable=False),
    PrimaryKeyConstraint("store_id", "business_date", "view"),
)

# The batches of the accountant's journal, which never change (`db/sql/85_stored/ledger.sql`). `shift_id` is the shift
# of which it books a part, `covers` the places in chains that it books of it, `reverses` the batch that it takes back.
ledger_batches = table(
    "cold.ledger_batches",
    Column("store_id", ID, nullable=False),
    Column("batch", NAME, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("shift_id", ID),
    Column("event_id", ID),
    Column("reverses", Text),
    Column("covers", JSONB),
    Column("made_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("store_id", "batch"),
    Index("ledger_batches_by_day", "store_id", "business_date"),
    Index("ledger_batches_of_shift", "shift_id", postgresql_where=text("shift_id is not null")),
)

# Their rows, which sum to zero: a debit is positive. `kind` is what is booked, such as {sales,food,19}; its account is
# a setting, looked up at each export. `what` tells two rows of a kind apart, such as the change among the cash.
ledger_rows = table(
    "cold.ledger_rows",
    Column("store_id", ID, nullable=False),
    Column("batch", NAME, nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", ARRAY(Text), nullable=False),
    Column("what", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    PrimaryKeyConstraint("store_id", "batch", "place"),
    ForeignKeyConstraint(["store_id", "batch"], ["cold.ledger_batches.store_id", "cold.ledger_batches.batch"]),
)

# Events that the upkeep has yet to book, or to find in the batch of their shift: not before that shift is booked, and
# what the server took itself not before its business day is over.
ledger_due = table(
    "cold.ledger_due",
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("shift_id", ID),
    Column("business_date", Date),
    PrimaryKeyConstraint("store_id", "event_id"),
)
