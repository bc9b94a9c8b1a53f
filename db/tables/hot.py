"""The present state of open orders.

A crash of the server empties these tables, which the missing row of hot_epoch shows, and hot.hot_rebuild_v1 rebuilds
them. They take the documents' own statements as written, so a program other than a till (a chat front end) may keep a
cart here: row security and triggers (db/sql/50_program) restrict it to its own sessions, and record its acts.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Numeric, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, METADATA, MOMENT, NAME

hot_epoch = Table(
    "hot_epoch",
    METADATA,
    Column("store_id", ID, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("made_at", MOMENT, nullable=False, server_default=text("now()")),
    schema="hot",
    prefixes=["UNLOGGED"],
)

# One row an item. `price` is what a unit comes to after discounts: a price that does not divide evenly keeps six
# decimals more than its currency, and hot.get_session_cart rounds the product back.
session_cart = Table(
    "session_cart",
    METADATA,
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
    schema="hot",
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

session_state = Table(
    "session_state",
    METADATA,
    Column("session_id", NAME, primary_key=True),
    Column("user_id", Text),
    Column("last_shown_menu", JSONB),
    Column("last_mentioned_item_id", Text),
    Column("last_mentioned_item_name", Text),
    Column("current_step", Text, nullable=False, server_default=text("'browsing'")),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("last_activity_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("store_id", ID),
    schema="hot",
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

session_preferences = Table(
    "session_preferences",
    METADATA,
    Column("session_id", NAME, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text),
    Column("updated_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("store_id", ID),
    PrimaryKeyConstraint("session_id", "name"),
    schema="hot",
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 70},
)

# Changes that a program told in one of two ways, its rows or log_event, so that the other does not tell them again.
session_told = Table(
    "session_told",
    METADATA,
    Column("event_id", ID, primary_key=True),
    Column("session_id", NAME, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("by_row", Boolean, nullable=False),
    Column("item_id", Text),
    Column("quantity", Integer),
    Column("told_at", MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    schema="hot",
    prefixes=["UNLOGGED"],
)

Index("session_told_of_session", session_told.c.session_id)
