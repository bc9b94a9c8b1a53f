"""The log: every event of every journal as it was sealed, the heads of the chains, and what could not be applied."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, table

# One row a journal. Till 0 is the server itself, which writes a chain of its own for each store. `hour` is when the
# hour began, by the time of its events; `hour_events` and `hour_bytes` came since (db/sql/10_chain/limits.sql).
journal_head = table(
    "warm.journal_head",
    Column("journal_id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False, server_default=text("0")),
    Column("hash", Text, nullable=False, server_default=text("repeat('0', 64)")),
    Column("series", Text, nullable=False, server_default=text("''")),
    Column("last_event", ID),
    Column("opened_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("retired_at", MOMENT),
    Column("hour", MOMENT),
    Column("hour_events", BigInteger, nullable=False, server_default=text("0")),
    Column("hour_bytes", BigInteger, nullable=False, server_default=text("0")),
    Index("journal_head_of_server", "store_id", unique=True, postgresql_where=text("till_id = 0")),
    postgresql_with={"fillfactor": 50},
)

# The events of the report of voids, here and in the audit.
TAKEN_OFF = text("event_type in ('line_voided', 'order_discarded', 'quantity_changed')")

# A refund is a stream of its own: its texts are looked up by that.
OF_REFUND = text("stream_kind = 'refund'")

# `body` is the canonical text that was sealed, byte for byte; the columns are read from it. `timestamp` is the
# till's clock (`at`), `received_at` the server's. `version` counts the events of a session as they arrived. `till_id`
# is the till whose act it is: where the server wrote it for one (`for_till`), its body names the server.
session_events = table(
    "warm.session_events",
    Column("event_id", ID, primary_key=True),
    Column("session_id", NAME),
    Column("stream_kind", Text, nullable=False),
    Column("stream_id", ID, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("harmless", Boolean, nullable=False),
    Column("event_data", JSONB, nullable=False),
    Column("timestamp", MOMENT, nullable=False),
    Column("journal_id", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("for_till", Integer),
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer),
    Column("hold_id", ID),
    Column("login_session", ID),
    Column("shift", ID),
    Column("version", BigInteger),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    UniqueConstraint("journal_id", "seq"),
    Index("session_events_of_session", "session_id", "version", postgresql_where=text("session_id is not null")),
    Index("session_events_taken_off", "store_id", "timestamp", postgresql_where=TAKEN_OFF),
    Index("session_events_of_refund", "stream_id", postgresql_where=OF_REFUND),
    Index("session_events_by_time", "timestamp", "received_at", postgresql_using="brin"),
    # A payment is looked up by its id where a refund begins under one.
    Index(
        "session_events_of_payment",
        text("(event_data->>'payment_id')"),
        postgresql_where=text("event_type = 'payment_started'"),
    ),
)


# The free text beside an event; the chain holds only its digest, so a row can be erased.
event_texts = table(
    "warm.event_texts",
    Column("event_id", ID, ForeignKey("warm.session_events.event_id", ondelete="CASCADE"), nullable=False),
    Column("field", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("event_id", "field"),
)

# An event that arrived again in another chain keeps its place in that chain here, and its content only once.
event_links = table(
    "warm.event_links",
    Column("journal_id", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("journal_id", "seq"),
)

session_checkout = table(
    "warm.session_checkout",
    Column("session_id", NAME, primary_key=True),
    Column("order_type", Text),
    Column("payment_method", Text),
    Column("special_instructions", Text),
    Column("started_at", MOMENT),
    Column("completed_at", MOMENT),
    Column("store_id", ID),
)

session_payment_intent = table(
    "warm.session_payment_intent",
    Column("session_id", NAME, primary_key=True),
    Column("payment_gateway", Text),
    Column("gateway_order_id", Text),
    Column("amount", Numeric),
    Column("status", Text),
    Column("created_at", MOMENT, server_default=text("now()")),
    Column("store_id", ID),
    CheckConstraint("status in ('created', 'processing', 'completed', 'failed')", name="status"),
)

# Records that wait for a person: those that the log took and that could not be applied (`event_id` is null for a
# snapshot), and those that the log did not take at all: then `seq` and `hash` are its place in the chain, which goes
# on behind it.
quarantine = table(
    "warm.quarantine",
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("session_id", NAME),
    Column("event_id", ID),
    Column("journal_id", ID),
    Column("seq", BigInteger),
    Column("hash", Text),
    Column("till_id", Integer, nullable=False, server_default=text("0")),
    Column("event_type", Text),
    Column("reason", Text, nullable=False),
    Column("sqlstate", Text),
    Column("amount", Numeric),
    Column("body", Text),
    Column("texts", JSONB),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("resolved_at", MOMENT),
    Column("resolved_by", Integer),
    Column("how", Text),
    UniqueConstraint("session_id", "event_id", "journal_id", "seq", "reason", postgresql_nulls_not_distinct=True),
    Index("quarantine_open", "store_id", "till_id", "id", postgresql_where=text("resolved_at is null")),
    # A record is flagged once for a journal and a reason (warm.flag_record).
    Index("quarantine_said", "journal_id", "sqlstate", postgresql_where=text("seq is null")),
    Index("quarantine_in_chain", "journal_id", "seq", unique=True, postgresql_where=text("seq is not null")),
)

# The places in the chain of events that their till had pruned when this database was set back.
chain_gaps = table(
    "warm.chain_gaps",
    Column("journal_id", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("journal_id", "seq"),
)

# Logins by arrival, kept for as long as somebody is told what was cleared since: to look for them in the log
# would read all of seven days, and an index there costs every other event.
logins = table(
    "warm.logins",
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("event_id", ID, nullable=False),
    PrimaryKeyConstraint("store_id", "user_id", "received_at", "event_id"),
)

# The relation (docs/protocol.md, "What an order has"): the lines and payments that orders made, by the event that did.
# An id is made once, ever: it is the key. `parent_id` is the line that one was cut from. Rows of orders that ended long
# ago are in the archive.
order_contents = table(
    "warm.order_contents",
    Column("content_id", ID, primary_key=True),
    Column("session_id", NAME, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("is_payment", Boolean, nullable=False),
    Column("parent_id", ID),
    Column("till_id", Integer, nullable=False),
    Column("user_id", Integer),
    Column("store_id", ID, nullable=False),
    Index("order_contents_of_session", "session_id"),
    Index("order_contents_of_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
)

# Moves of lines and payments from the order that made them: by the newest event that brought one to an order (from
# which, by which till), and the newest that took it away.
content_moves = table(
    "warm.content_moves",
    Column("content_id", ID, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("came_by", ID),
    Column("came_from", NAME),
    Column("moved_by", Integer),
    Column("left_by", ID),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("content_id", "session_id"),
    Index("content_moves_of_session", "session_id"),
)

# Lines and payments that sales list and the log does not know yet, by the `order_placed` that lists them.
sale_claims = table(
    "warm.sale_claims",
    Column("content_id", ID, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("content_id", "event_id"),
)

# Events whose free text is gone for good: what comes later is dropped.
erased = table(
    "warm.erased",
    Column("event_id", ID, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("erased_at", MOMENT, nullable=False, server_default=text("now()")),
)
