"""The logins and their connections, with columns for store and till.

Plain INSERT statements work on them, so a program that is not a till can store its logins here,
without a store and a till.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, table

#: The most bytes of a login's metadata, as text; `session.most_metadata()` has the same value for writers.
MOST_METADATA: Final = 8192

# `session_id` of a till's login is the stream of its `logged_in`. `status` is the last written state; the current one
# is in `session.sessions_now`. `token` is a SHA-256 in hexadecimal; `ended_at` is the logout.
active_sessions = table(
    "session.active_sessions",
    Column("session_id", NAME, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", MOMENT, server_default=text("CURRENT_TIMESTAMP")),
    Column("last_active", MOMENT, server_default=text("CURRENT_TIMESTAMP")),
    Column("expires_at", MOMENT, nullable=False),
    Column("token", Text),
    Column("store_id", ID, ForeignKey("till.stores.store_id")),
    Column("till_id", Integer),
    Column("ended_at", MOMENT),
    CheckConstraint("status in ('ACTIVE', 'RECONNECTING', 'INACTIVE', 'EXPIRED')", name="status"),
    # `last_active` is in no index, because every heartbeat changes it.
    Index("idx_sessions_user_id", "user_id"),
    Index("idx_sessions_expires_at", "expires_at"),
    postgresql_with={"fillfactor": 70},
)

# The check refuses metadata that would fail the queries of docs/adaptations.md, which read two names as whole numbers.
session_metadata = table(
    "session.session_metadata",
    Column(
        "session_id",
        NAME,
        ForeignKey("session.active_sessions.session_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    CheckConstraint(
        f"jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= {MOST_METADATA}"
        " and coalesce(metadata->>'frontend_connections', '0') ~ '^[0-9]{1,6}$'"
        " and coalesce(metadata->>'sse_connections', '0') ~ '^[0-9]{1,6}$'",
        name="metadata",
    ),
    postgresql_with={"fillfactor": 70},
)
