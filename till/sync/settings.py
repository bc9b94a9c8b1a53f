"""The settings of the sync: timing, sizes and the sender."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from db.schema import OWN

#: The version of docs/protocol.md that this till implements.
PROTOCOL: Final = 1


class Settings(Struct, frozen=True):
    """The timing and size of pushes.

    Attributes:
        debounce_ms: the pause after the last event before a push; each further event restarts it.
        max_wait_ms: the longest wait of the first unsent event, however busy the keys are.
        poll_s: seconds between polls if there is nothing to send.
        deadline_s: seconds without an answer after which a question fails, and the light shows that the server is slow.
        patience_s: seconds to wait for an answer before closing the connection.
        first_events: the most events in the first push on a connection.
        batch_events: the most events in one push.
        batch_bytes: the approximate most bytes of events in one push; a single event is always sent.
        batch_snapshots: the most snapshots in one push.
    """

    debounce_ms: int = 150
    max_wait_ms: int = 1000
    poll_s: float = 5.0
    deadline_s: float = 2.0
    patience_s: float = 30.0
    first_events: int = 10
    batch_events: int = 200
    batch_bytes: int = 256_000
    batch_snapshots: int = 10


class Upkeep(Struct, frozen=True):
    """The timing of the database's maintenance, and its age limits.

    Attributes:
        every_s: seconds between two requests by this till; other tills send them too.
        stale_minutes: minutes without an event after which an unattended order is suspended.
        hot_hours: hours without a change after which the hot rows of an order are deleted.
        warm_days: days after which an event moves from the log to the audit, and an ended order to the archive.
    """

    every_s: float = 60.0
    stale_minutes: int = 30
    hot_hours: int = 24
    warm_days: int = 30


class Identity(Struct, frozen=True):
    """The sender: the venue, the till's number, its schema revision, its machine, and the laws of invoices it has.

    A till and a database refuse revisions that do not fit.
    """

    store_id: str
    till: int
    schema: str = field(default_factory=lambda: OWN.revision)
    host: str = ""
    schemes: tuple[str, ...] = ()


class ConnectionFacts(Struct, frozen=True):
    """The address of the database.

    Attributes:
        conninfo: the connection string for libpq.
        secret: the secret from the till's enrolment.
        is_local: True if the database is on this machine, so that a slow answer is not due to the network.
        by_superuser: True if the config of this machine names a superuser of the server.
    """

    conninfo: str
    secret: str
    is_local: bool = False
    by_superuser: bool = False

    def __repr__(self) -> str:
        """Return a text without secrets, since a repr may get into a log."""
        return "ConnectionFacts(…)"
