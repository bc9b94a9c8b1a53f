"""The views to read: money by business date and by payment (`db/sql/80_report`), and logins (`45_login`).

A row with an amount has one currency.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Date, Integer, Numeric, Text, column, table
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.cold import orders
from db.tables.metadata import ID, MOMENT

# The sales that count: the rows of `cold.orders` that are not contested.
sales: Final = table(
    "sales",
    *(column(one.name, Text if isinstance(one.type, Text) else one.type) for one in orders.columns),
    schema="cold",
)

calendar: Final = table("calendar", column("store_id", ID), column("business_date", Date), schema="cold")

after_refunds_by_day: Final = table(
    "after_refunds_by_day",
    column("store_id", ID),
    column("business_date", Date),
    column("currency", Text),
    column("till_id", Integer),
    column("amount", Numeric),
    column("tax", Numeric),
    schema="cold",
)

sessions_now: Final = table(
    "sessions_now",
    column("store_id", ID),
    column("session_id", Text),
    column("user_id", Text),
    column("till_id", Integer),
    column("status", Text),
    column("created_at", MOMENT),
    column("last_active", MOMENT),
    column("expires_at", MOMENT),
    column("ended_at", MOMENT),
    column("connection_quality", Text),
    column("metadata", JSONB),
    schema="session",
)

payment_order: Final = table(
    "payment_order",
    column("external_order_id", Text),
    column("store_id", ID),
    column("session_id", Text),
    column("payment_gateway", Text),
    column("amount", Numeric),
    column("status", Text),
    column("place", Text),
    column("asker", Text),
    column("number", Text),
    column("created_at", MOMENT),
    column("updated_at", MOMENT),
    schema="cold",
)

payment_transaction: Final = table(
    "payment_transaction",
    column("transaction_id", ID),
    column("external_order_id", Text),
    column("store_id", ID),
    column("session_id", Text),
    column("payment_gateway", Text),
    column("kind", Text),
    column("amount", Numeric),
    column("tip", Numeric),
    column("transaction", Text),
    column("user_id", Integer),
    column("till_id", Integer),
    column("created_at", MOMENT),
    schema="cold",
)

payment_audit_log: Final = table(
    "payment_audit_log",
    column("event_id", ID),
    column("store_id", ID),
    column("session_id", Text),
    column("external_order_id", Text),
    column("event_type", Text),
    column("payment_gateway", Text),
    column("amount", Numeric),
    column("tip", Numeric),
    column("transaction", Text),
    column("place", Text),
    column("asker", Text),
    column("number", Text),
    column("approved_by", Integer),
    column("user_id", Integer),
    column("till_id", Integer),
    column("created_at", MOMENT),
    schema="cold",
)

#: All views of this module, for the comparison with the database.
VIEWS: Final = (
    calendar,
    sales,
    after_refunds_by_day,
    sessions_now,
    payment_order,
    payment_transaction,
    payment_audit_log,
)
