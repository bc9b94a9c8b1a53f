"""The tables and views of `session` that reports select from. Written by tools/tables.py (`make tables`)."""

from sqlalchemy import DateTime, Integer, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import JSONB

sessions_now = table(
    "sessions_now",
    column("store_id", Uuid(as_uuid=False)),
    column("session_id", Text),
    column("user_id", Text),
    column("till_id", Integer),
    column("status", Text),
    column("created_at", DateTime(timezone=True)),
    column("last_active", DateTime(timezone=True)),
    column("expires_at", DateTime(timezone=True)),
    column("ended_at", DateTime(timezone=True)),
    column("connection_quality", Text),
    column("metadata", JSONB),
    schema="session",
)
