"""The log: every event of every journal as it was sealed, the heads of the chains, and the quarantine."""

from sqlalchemy import (
    ARRAY,
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

# One row for each journal. Till 0 is the server itself, which writes its own chain for each store. `hour` is the start
# of the hour, by the times of the events; `hour_events` and `hour_bytes` arrived since (db/sql/10_chain/limits.sql).
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
    # The last number of `till.tills.money_changes` that the journal names.
    Column("money_heard", Integer, nullable=False, server_default=text("0")),
    Index("journal_head_of_server", "store_id", unique=True, postgresql_where=text("till_id = 0")),
    postgresql_with={"fillfactor": 50},
)

# The events for the report of voids, in the log and in the audit.
TAKEN_OFF = text("event_type in ('line_voided', 'order_discarded', 'quantity_changed')")

# The events of refunds. Each refund is its own stream, by which its texts are found.
OF_REFUND = text("stream_kind = 'refund'")

# `body` is the canonical text that was sealed, byte for byte; the columns are read from it. `timestamp` is the time by
# the till's clock (`at`), `received_at` by the server's. `version` numbers the events of a session in order of arrival.
# `till_id` is the till that acted. If the server wrote the event for a till (`for_till`), its body names the server.
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
    # When a refund begins, a payment with its id is looked for.
    Index(
        "session_events_of_payment",
        text("(event_data->>'payment_id')"),
        postgresql_where=text("event_type = 'payment_started'"),
    ),
    # The order of a gateway's charge.
    Index(
        "session_events_of_gateway",
        text("(event_data->>'order')"),
        postgresql_where=text("event_type = 'gateway_order_named'"),
    ),
)


# The free text beside an event. The chain has only its digest, so that a row can be erased.
event_texts = table(
    "warm.event_texts",
    Column("event_id", ID, ForeignKey("warm.session_events.event_id", ondelete="CASCADE"), nullable=False),
    Column("field", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("event_id", "field"),
)

# The places in other chains of events that arrived again there. Their content is stored only once.
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

# Records that wait for a manager: records in the log that could not be applied (`event_id` is null for a snapshot), and
# records that the log refused. For these, `seq` and `hash` are the place in the chain, which continues after them.
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

# The places in the chain of events that their till had deleted before this database was restored.
chain_gaps = table(
    "warm.chain_gaps",
    Column("journal_id", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("journal_id", "seq"),
)

# Logins by arrival, kept for as long as people see which of their orders were cleared since. A search in the log would
# read seven days, and an index there would slow down every other event.
logins = table(
    "warm.logins",
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("event_id", ID, nullable=False),
    PrimaryKeyConstraint("store_id", "user_id", "received_at", "event_id"),
)

# The relation (docs/protocol.md, "What an order has"): the lines and payments that orders created, with the event. An
# id is created only once, so it is the key. `parent_id` is the line from which a line was cut. Rows of archived orders
# are in the archive.
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

# Moves of lines and payments from the order that created them: the newest event that moved one into an order (from
# which order, by which till), and the newest that moved it out.
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

# Lines and payments that sales list and the log does not have yet, with the `order_placed` that lists them.
sale_claims = table(
    "warm.sale_claims",
    Column("content_id", ID, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("content_id", "event_id"),
)

# Events whose free text was erased. Texts that arrive later are dropped.
erased = table(
    "warm.erased",
    Column("event_id", ID, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("erased_at", MOMENT, nullable=False, server_default=text("now()")),
)

# The tickets of kitchen stations that have a screen: a projection of `lines_sent`, kept for a month. `lines` are the
# lines as they were keyed: of one that was cut from another, that one. `waits_at` are the stations on whose screen it
# is not done; it is `ready` once the last of them is done, or the pass, where there is one.
tickets = table(
    "warm.tickets",
    Column("store_id", ID, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("station", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lines", ARRAY(ID), nullable=False),
    Column("sent_at", MOMENT, nullable=False),
    Column("waits_at", ARRAY(Text), nullable=False),
    Column("ready", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("store_id", "event_id"),
    Index("tickets_waiting", "store_id", "sent_at", postgresql_where=text("waits_at <> '{}'")),
    Index("tickets_of_station", "store_id", "station", "sent_at"),
    Index("tickets_of_session", "session_id"),
    Index("tickets_by_number", "store_id", "ticket"),
)
