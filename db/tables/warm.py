"""The tables and views of `warm` that reports select from. Written by tools/tables.py (`make tables`)."""

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, Numeric, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import JSONB

event_texts = table(
    "event_texts",
    column("event_id", Uuid(as_uuid=False)),
    column("field", Text),
    column("salt", Text),
    column("text", Text),
    column("store_id", Uuid(as_uuid=False)),
    schema="warm",
)

journal_head = table(
    "journal_head",
    column("journal_id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("till_id", Integer),
    column("seq", BigInteger),
    column("hash", Text),
    column("series", Text),
    column("last_event", Uuid(as_uuid=False)),
    column("opened_at", DateTime(timezone=True)),
    column("retired_at", DateTime(timezone=True)),
    column("hour", DateTime(timezone=True)),
    column("hour_events", BigInteger),
    column("hour_bytes", BigInteger),
    column("money_heard", Integer),
    schema="warm",
)

quarantine = table(
    "quarantine",
    column("id", BigInteger),
    column("store_id", Uuid(as_uuid=False)),
    column("session_id", Text),
    column("event_id", Uuid(as_uuid=False)),
    column("journal_id", Uuid(as_uuid=False)),
    column("seq", BigInteger),
    column("hash", Text),
    column("till_id", Integer),
    column("event_type", Text),
    column("reason", Text),
    column("sqlstate", Text),
    column("amount", Numeric),
    column("body", Text),
    column("texts", JSONB),
    column("received_at", DateTime(timezone=True)),
    column("resolved_at", DateTime(timezone=True)),
    column("resolved_by", Integer),
    column("how", Text),
    schema="warm",
)

session_events = table(
    "session_events",
    column("event_id", Uuid(as_uuid=False)),
    column("session_id", Text),
    column("stream_kind", Text),
    column("stream_id", Uuid(as_uuid=False)),
    column("event_type", Text),
    column("v", Integer),
    column("harmless", Boolean),
    column("event_data", JSONB),
    column("timestamp", DateTime(timezone=True)),
    column("journal_id", Uuid(as_uuid=False)),
    column("seq", BigInteger),
    column("till_id", Integer),
    column("for_till", Integer),
    column("store_id", Uuid(as_uuid=False)),
    column("user_id", Integer),
    column("hold_id", Uuid(as_uuid=False)),
    column("login_session", Uuid(as_uuid=False)),
    column("shift", Uuid(as_uuid=False)),
    column("version", BigInteger),
    column("prev_hash", Text),
    column("hash", Text),
    column("body", Text),
    column("received_at", DateTime(timezone=True)),
    schema="warm",
)
