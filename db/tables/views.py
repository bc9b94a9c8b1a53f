"""The views for readers: of money by business date and by payment (`db/sql/80_report`), and of logins (`45_login`).

A row about money is of one currency.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Date, Integer, Numeric, Text, column, table
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.cold import orders
from db.tables.metadata import ID, MOMENT

# The sales that count: the rows of `cold.orders` but those that are contested.
sales: Final = table(
    "sales",
    *(column(one.name, Text if isinstance(one.type, Text) else one.type) for one in orders.columns),
    schema="cold",
)

sales_by_day: Final = table(
    "sales_by_day",
    column("store_id", ID),
    column("business_date", Date),
    column("currency", Text),
    column("orders", BigInteger),
    column("net", Numeric),
    column("tax", Numeric),
    column("rounding", Numeric),
    column("total", Numeric),
    schema="cold",
)

contested_by_day: Final = table(
    "contested_by_day",
    column("store_id", ID),
    column("business_date", Date),
    column("currency", Text),
    column("amount", Numeric),
    schema="cold",
)

sales_by_tender: Final = table(
    "sales_by_tender",
    column("store_id", ID),
    column("business_date", Date),
    column("tender", Text),
    column("currency", Text),
    column("amount", Numeric),
    column("orders", BigInteger),
    column("tips", Numeric),
    schema="cold",
)

refunds_by_tender: Final = table(
    "refunds_by_tender",
    column("store_id", ID),
    column("business_date", Date),
    column("tender", Text),
    column("currency", Text),
    column("amount", Numeric),
    column("refunds", BigInteger),
    schema="cold",
)

cash_by_drawer: Final = table(
    "cash_by_drawer",
    column("store_id", ID),
    column("business_date", Date),
    column("drawer", Integer),
    column("currency", Text),
    column("amount", Numeric),
    schema="cold",
)

sales_by_item: Final = table(
    "sales_by_item",
    column("store_id", ID),
    column("business_date", Date),
    column("menu_item_id", Text),
    column("item_name", Text),
    column("currency", Text),
    column("quantity", BigInteger),
    column("amount", Numeric),
    column("net", Numeric),
    column("tax", Numeric),
    column("lines", BigInteger),
    schema="cold",
)

sales_by_hour: Final = table(
    "sales_by_hour",
    column("store_id", ID),
    column("business_date", Date),
    column("currency", Text),
    column("hour", Integer),
    column("orders", BigInteger),
    column("amount", Numeric),
    schema="cold",
)

tax_by_rate: Final = table(
    "tax_by_rate",
    column("store_id", ID),
    column("business_date", Date),
    column("currency", Text),
    column("name", Text),
    column("rate", Text),
    column("net", Numeric),
    column("tax", Numeric),
    schema="cold",
)

taken_off_by_person: Final = table(
    "taken_off_by_person",
    column("store_id", ID),
    column("business_date", Date),
    column("user_id", Integer),
    column("name", Text),
    column("currency", Text),
    column("kind", Text),
    column("times", BigInteger),
    column("pieces", BigInteger),
    column("amount", Numeric),
    column("sent", Boolean),
    schema="cold",
)

discounts_by_person: Final = table(
    "discounts_by_person",
    column("store_id", ID),
    column("business_date", Date),
    column("user_id", Integer),
    column("name", Text),
    column("currency", Text),
    column("kind", Text),
    column("title", Text),
    column("times", BigInteger),
    column("amount", Numeric),
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

feedback_by_order: Final = table(
    "feedback_by_order",
    column("store_id", ID),
    column("business_date", Date),
    column("score", Integer),
    column("words", Text),
    column("at", MOMENT),
    column("user_id", Integer),
    column("till_id", Integer),
    column("order_id", ID),
    column("receipt", Text),
    column("total", Numeric),
    column("currency", Text),
    schema="cold",
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

#: All views, for the comparison with the database.
VIEWS: Final = (
    sales,
    sales_by_day,
    contested_by_day,
    sales_by_tender,
    refunds_by_tender,
    cash_by_drawer,
    sales_by_item,
    sales_by_hour,
    tax_by_rate,
    taken_off_by_person,
    discounts_by_person,
    sessions_now,
    feedback_by_order,
    payment_order,
    payment_transaction,
    payment_audit_log,
)
