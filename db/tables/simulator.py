"""The training data of a login: the documents' table, with exact amounts. Nothing writes it yet."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import METADATA, MOMENT, NAME

instances = Table(
    "instances",
    METADATA,
    Column("simulator_id", NAME, primary_key=True),
    Column("session_id", NAME, ForeignKey("session.active_sessions.session_id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("endpoint", Text),
    Column("created_at", MOMENT, server_default=text("CURRENT_TIMESTAMP")),
    Column("last_active", MOMENT, server_default=text("CURRENT_TIMESTAMP")),
    Column("initial_symbols", JSONB),
    Column("initial_cash", Numeric, nullable=False, server_default=text("100000.0")),
    CheckConstraint("status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'ERROR')", name="status"),
    schema="simulator",
)

Index("idx_simulator_session_id", instances.c.session_id)

Index("idx_simulator_user_id", instances.c.user_id)

Index("idx_simulator_status", instances.c.status)

Index(
    "instances_live",
    instances.c.session_id,
    unique=True,
    postgresql_where=text("status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING')"),
)
