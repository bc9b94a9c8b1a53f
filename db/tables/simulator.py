"""The training of a login, with exact amounts, and the scores of the staff."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, table

instances = table(
    "simulator.instances",
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
    Index("idx_simulator_session_id", "session_id"),
    Index("idx_simulator_user_id", "user_id"),
    Index("idx_simulator_status", "status"),
    Index(
        "instances_live",
        "session_id",
        unique=True,
        postgresql_where=text("status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING')"),
    ),
)

# A row for each finished drill. `figures` are the numbers behind the score, with the remarks shown after the drill.
scores = table(
    "simulator.scores",
    Column("score_id", BigInteger, Identity(always=True), primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("drill", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("score", Integer, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("at", MOMENT, nullable=False, server_default=text("CURRENT_TIMESTAMP")),
    ForeignKeyConstraint(["store_id", "user_id"], ["till.users.store_id", "till.users.id"]),
    CheckConstraint("score between 0 and 100 and length(drill) between 1 and 40", name="score"),
    Index("scores_of_person", "store_id", "user_id", "day"),
)
