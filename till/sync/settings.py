"""The settings of the sync: when to send, and the sender."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

#: The contract of docs/protocol.md that this till speaks.
PROTOCOL: Final = 1


class Settings(Struct, frozen=True):
    """The timing and size of pushes.

    Attributes:
        debounce_ms: quiet after the last event before a push: the first event starts it, each further one anew.
        max_wait_ms: the longest that the first unsent event waits, however busy the keys are.
        poll_s: seconds after which the database is asked if nothing was to be sent.
        deadline_s: seconds without an answer after which the connection is given up.
        batch_events: the most events in one push.
        batch_bytes: about the most bytes of events in one push; one event always goes.
        batch_snapshots: the most snapshots in one push.
    """

    debounce_ms: int = 150
    max_wait_ms: int = 1000
    poll_s: float = 5.0
    deadline_s: float = 2.0
    batch_events: int = 200
    batch_bytes: int = 256_000
    batch_snapshots: int = 10


class Upkeep(Struct, frozen=True):
    """The timing of the database's maintenance, and its age limits (design §8).

    Attributes:
        every_s: seconds between two requests by this till; other tills make them too.
        stale_minutes: minutes without an event after which an unattended order is suspended.
        hot_hours: hours without a change after which the hot rows of an order are deleted.
        warm_days: days after which an event moves from the log to the audit, and an ended order to the archive.
    """

    every_s: float = 60.0
    stale_minutes: int = 30
    hot_hours: int = 24
    warm_days: int = 30


class Identity(Struct, frozen=True):
    """The sender: the venue, the till's number, the schema that it was written for, and its machine's name."""

    store_id: str
    till: int
    schema: str
    host: str = ""


class ConnectionFacts(Struct, frozen=True):
    """The way to the database.

    Attributes:
        conninfo: libpq's connection string.
        secret: from the till's enrolment.
        is_local: True if the database is on this machine, where a slow answer is not the connection's.
    """

    conninfo: str
    secret: str
    is_local: bool = False

    def __repr__(self) -> str:
        """Return a text without secrets, since a repr may end in a log."""
        return "ConnectionFacts(…)"
