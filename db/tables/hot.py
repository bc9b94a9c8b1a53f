"""The current state of open orders.

A crash of the server empties these tables. The missing row of hot_epoch shows it, and hot.hot_rebuild_v1 rebuilds them.
Plain INSERT and UPDATE statements work on them, so a program that is not a till (a chat front end) can keep a cart
here. Row security and triggers (db/sql/50_program) restrict it to its own sessions and record its acts.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Numeric, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, table

hot_epoch = table(
    "hot.hot_epoch",
    Column("store_id", ID, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("made_at", MOMENT, nullable=False, server_default=text("now()")),
    prefixes=["UNLOGGED"],
)

# One row for each item. `price` is the unit price after discounts. A price that does not divide evenly has six more
# decimals than its currency, and hot.get_session_cart rounds the product.
session_cart = table(
    "hot.session_cart",
    Column("session_id", NAME, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("item_name", Text),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
    Column("price", Numeric),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("added_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("updated_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("store_id", ID),
    PrimaryKeyConstraint("session_id", "item_id"),
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

session_state = table(
    "hot.session_state",
    Column("session_id", NAME, primary_key=True),
    Column("user_id", Text),
    Column("last_shown_menu", JSONB),
    Column("last_mentioned_item_id", Text),
    Column("last_mentioned_item_name", Text),
    Column("current_step", Text, nullable=False, server_default=text("'browsing'")),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("last_activity_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("store_id", ID),
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

session_preferences = table(
    "hot.session_preferences",
    Column("session_id", NAME, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text),
    Column("updated_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("store_id", ID),
    PrimaryKeyConstraint("session_id", "name"),
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

# Changes that a program logged by its rows or by log_event, so that the other one does not log them again.
logged_changes = table(
    "hot.session_told",
    Column("event_id", ID, primary_key=True),
    Column("session_id", NAME, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("by_row", Boolean, nullable=False),
    Column("item_id", Text),
    Column("quantity", Integer),
    Column("told_at", MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    Index("session_told_of_session", "session_id"),
    prefixes=["UNLOGGED"],
)
