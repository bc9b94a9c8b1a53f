"""The venue, its people, its tills and their open orders.

`store_id` stands on every table, so that many venues can be gathered in one place later.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, METADATA, MOMENT, NAME

stores = Table(
    "stores",
    METADATA,
    Column("store_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    schema="till",
)

# `reach` is whose order sessions a role may open: its own, the store's, or those of all stores.
roles = Table(
    "roles",
    METADATA,
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("reach", Text, nullable=False),
    CheckConstraint("reach in ('own', 'store', 'all')", name="reach"),
    PrimaryKeyConstraint("store_id", "name"),
    schema="till",
)

# `locked_by` is the till whose wrong PINs locked the number, 0 the database; `lock_told_at` is when it did so last.
# What a person does at the server takes a password: its salt is told to who asks, and only a hash of what the till
# makes of both is kept.
users = Table(
    "users",
    METADATA,
    Column("store_id", ID, nullable=False),
    Column("id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("pin_hash", Text),
    Column("disabled_at", MOMENT),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", MOMENT),
    Column("locked_by", Integer),
    Column("lock_told_at", MOMENT),
    Column("password_salt", Text),
    Column("password_hash", Text),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    CheckConstraint("id > 0", name="id"),
    PrimaryKeyConstraint("store_id", "id"),
    ForeignKeyConstraint(["store_id", "role"], ["till.roles.store_id", "till.roles.name"]),
    schema="till",
)

# Who may act at the server for a while: only the hash of the token is kept.
act_tokens = Table(
    "act_tokens",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    ForeignKeyConstraint(["store_id", "user_id"], ["till.users.store_id", "till.users.id"]),
    schema="till",
)

# Wrong passwords of a person at a till.
password_failures = Table(
    "password_failures",
    METADATA,
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", MOMENT),
    PrimaryKeyConstraint("store_id", "user_id", "till_id"),
    schema="till",
)

# `secret_hash` is the SHA-256 of the enrolment secret in hexadecimal; the secret itself is only on the till.
# `journals` counts the journals that this till has had: it makes the series of the next. `logged_in` and `login_event`
# say who is logged in there: a projection of its newest `logged_in` or `logged_out`.
tills = Table(
    "tills",
    METADATA,
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("live_journal", ID),
    Column("journals", Integer, nullable=False, server_default=text("0")),
    Column("revoked_at", MOMENT),
    Column("seen_at", MOMENT),
    Column("enrolled_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("logged_in", Integer),
    Column("login_event", ID),
    CheckConstraint("id > 0", name="id"),
    PrimaryKeyConstraint("store_id", "id"),
    schema="till",
)

Index("tills_logged_in", tills.c.store_id, tills.c.logged_in, postgresql_where=text("logged_in is not null"))

# What is no till and keeps orders of its own: a chat, a web shop. It comes as `role`, a role of the server that no
# other program has, and is known by that alone.
programs = Table(
    "programs",
    METADATA,
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("added_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("revoked_at", MOMENT),
    PrimaryKeyConstraint("store_id", "name"),
    UniqueConstraint("role"),
    schema="till",
)

# Whose guest a session is: the program that named it first. `stream_id` is what tills know it by: no two share one.
program_sessions = Table(
    "program_sessions",
    METADATA,
    Column("session_id", NAME, primary_key=True),
    Column("stream_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("program", Text, nullable=False),
    Column("claimed_at", MOMENT, nullable=False, server_default=text("now()")),
    UniqueConstraint("stream_id"),
    ForeignKeyConstraint(["store_id", "program"], ["till.programs.store_id", "till.programs.name"]),
    schema="till",
)

# Reference data that tills cache, by name: menu, staff, settings, tabs. The version moves with every change; the bodies
# of staff and tabs are composed when they are asked for.
settings = Table(
    "settings",
    METADATA,
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("body", JSONB),
    Column("updated_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("store_id", "name"),
    schema="till",
)

# Every menu that there was, by the act that made it, to be looked at and brought back; the one that is sold from stands
# in `settings`. What was sold out stands in no body: such a version is the menu before it, and names its item.
menus = Table(
    "menus",
    METADATA,
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("act", Text, nullable=False),
    Column("body", JSONB),
    Column("item_id", Text),
    Column("of_version", Integer),
    Column("user_id", Integer),
    Column("made_at", MOMENT, nullable=False, server_default=text("now()")),
    CheckConstraint("act in ('imported', 'edited', 'scheduled', 'brought_back', 'sold_out', 'back')", name="act"),
    CheckConstraint("(body is null) = (act in ('sold_out', 'back'))", name="body"),
    PrimaryKeyConstraint("store_id", "version"),
    schema="till",
)

# A tab is open while an order stands on it: `session_id` is the one that was put there last.
tabs = Table(
    "tabs",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("table_number", Text),
    Column("covers", Integer),
    Column("user_id", Integer),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("session_id", NAME),
    Column("opened_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    CheckConstraint("status in ('open', 'closed')", name="status"),
    schema="till",
)

Index("tabs_open_by_table", tabs.c.store_id, tabs.c.table_number, postgresql_where=text("status = 'open'"))

# A projection of events. The hold is a pair, `hold_epoch` and `hold_id` (the event that took it); `hold_till` got it,
# 0 the server, and keeps the right to bring a last snapshot under it; `till_id` holds the order now, null once it was
# released. `last_move` is the greatest id of those events that say where an order stands. `hot` is what the hot rows
# are made of again after a crash.
order_sessions = Table(
    "order_sessions",
    METADATA,
    Column("id", NAME, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("user_id", Integer),
    Column("till_id", Integer),
    Column("hold_epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("hold_id", ID),
    Column("hold_till", Integer),
    Column("last_move", ID),
    Column("held_at", MOMENT),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("items", JSONB, nullable=False, server_default=text("'[]'")),
    Column("total", Numeric, nullable=False, server_default=text("0")),
    Column("currency", Text),
    Column("order_type", Text),
    Column("tab_id", ID),
    Column("ref", Text),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("last_event", ID),
    Column("refold", Boolean, nullable=False, server_default=text("false")),
    Column("refold_version", BigInteger, nullable=False, server_default=text("0")),
    Column("quarantined", Boolean, nullable=False, server_default=text("false")),
    Column("hot", JSONB),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Column("arrived_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("logout_time", MOMENT),
    CheckConstraint(
        "status in ('active', 'pending_logout', 'assigned_to_tab', 'completed', 'discarded')", name="status"
    ),
    schema="till",
    postgresql_with={"fillfactor": 80},
)

# Columns that every push changes stand in no index, so that those updates stay within their page.
Index(
    "order_sessions_of_user",
    order_sessions.c.store_id,
    order_sessions.c.user_id,
    order_sessions.c.status,
    order_sessions.c.created_at,
    order_sessions.c.id,
)

Index(
    "order_sessions_held_by_till",
    order_sessions.c.store_id,
    order_sessions.c.till_id,
    postgresql_where=text("till_id is not null"),
)

Index("order_sessions_of_tab", order_sessions.c.tab_id, postgresql_where=text("tab_id is not null"))

Index(
    "order_sessions_newest",
    order_sessions.c.store_id,
    order_sessions.c.status,
    order_sessions.c.created_at,
    order_sessions.c.id,
)

Index("order_sessions_user_created", order_sessions.c.store_id, order_sessions.c.user_id, order_sessions.c.created_at)

# What only a person can settle about money. A row is a projection of `conflict_found` and `conflict_resolved`: found by
# a till, or by the server itself (till 0) when it refuses an order that was paid for already. `subject` is the order,
# line or payment that it is about: the same finding of two tills is one row.
conflicts = Table(
    "conflicts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("session_id", NAME),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("amount", Numeric),
    Column("currency", Text),
    Column("found_by", Integer, nullable=False),
    Column("found_at", MOMENT, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("resolved_at", MOMENT),
    Column("resolved_by", Integer),
    Column("how", Text),
    UniqueConstraint("store_id", "kind", "subject"),
    schema="till",
)

Index("conflicts_open", conflicts.c.store_id, conflicts.c.id, postgresql_where=text("resolved_at is null"))

Index("conflicts_of_session", conflicts.c.session_id, postgresql_where=text("session_id is not null"))
