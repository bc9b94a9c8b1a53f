"""What the sync is told once: when to send, and who is sending."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

#: The contract of docs/protocol.md that this till speaks.
PROTOCOL: Final = 1


class Settings(Struct, frozen=True):
    """When a till sends.

    Attributes:
        debounce_ms: quiet after the last event before a push: the first event starts it, each further one anew.
        max_wait_ms: the longest that the first unsent event waits, however busy the keys are.
        poll_s: seconds after which the database is asked when nothing was to be sent.
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
    """When the database's maintenance is due, and what counts as old (design §8).

    Attributes:
        every_s: seconds between two times that this till asks for it; other tills do so too.
        stale_minutes: without an event for so long, an order that nobody looks after is put aside.
        hot_hours: after so long without a touch the hot rows of an order go.
        warm_days: after so long an event moves from the log to the audit, and an order that ended to the archive.
        late_every_s: seconds between two times that this till asks for what tills that are gone keyed too late.
    """

    every_s: float = 60.0
    stale_minutes: int = 30
    hot_hours: int = 24
    warm_days: int = 30
    late_every_s: float = 600.0


class Identity(Struct, frozen=True):
    """Who is sending: the venue, the till's number, the schema that it was written for, and the name of its machine."""

    store_id: str
    till: int
    schema: str
    host: str = ""


class ConnectionFacts(Struct, frozen=True):
    """How to reach the database: libpq's connection string, and the secret that the till was enrolled with."""

    conninfo: str
    secret: str

    def __repr__(self) -> str:
        """Without what is secret: a repr may end in a log."""
        return "ConnectionFacts(…)"
