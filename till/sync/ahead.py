"""The unsent events of the chain, prepared while a push is in flight, so that the next push need not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.ports import Head
from till.sync.messages import encode_event, is_carried

if TYPE_CHECKING:
    from collections.abc import Generator

    import msgspec

    from till.domain.events.envelope import Event
    from till.ports import Journal

#: Events read without a break for keys: about half a millisecond of work.
CHUNK: Final = 32


class Ready(Struct, frozen=True):
    """An event that is ready to send.

    Attributes:
        event: the event.
        encoded: the event as JSON.
        alone: True if it must be sent alone, because the database cannot read it.
    """

    event: Event
    encoded: msgspec.Raw
    alone: bool


class Ahead:
    """A reader of unsent events that reads each event once.

    Events stay valid after reading: a chain only grows at its end, and unsent events are not pruned. Reading starts
    again only if the acknowledged head moves back, after a restore of the database.

    Args:
        journal: this till's disk.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._acked = journal.acked.seq
        self._read: list[Ready] = []

    def unsent(self, limit: int) -> list[Ready]:
        """Return own events after the acknowledged head, at most `limit`, as `till.ports.Journal.unsent` does.

        Raises:
            JournalError: an event is damaged.
        """
        self._follow()
        if len(self._read) < limit:
            self._read_more(limit - len(self._read))
        return self._read[:limit]

    def read_on(self, events: int) -> Generator[None, None, None]:
        """Read ahead a number of events, yielding between small parts.

        Raises:
            JournalError: an event is damaged.
        """
        while (missing := events - len(self._read)) > 0 and self._read_more(min(missing, CHUNK)):
            yield

    def _follow(self) -> None:
        """Drop the events that the database has."""
        acked = self._journal.acked.seq
        if acked < self._acked:
            self._read.clear()
        self._acked = acked
        self._read = [ready for ready in self._read if ready.event.seq > acked]

    def _read_more(self, events: int) -> bool:
        """Read more events. Return True if there were any."""
        last = self._read[-1].event if self._read else None
        more = self._journal.unsent(events, after=Head(last.seq, last.hash) if last else None)
        self._read += [Ready(event, encode_event(event), not is_carried(event.body)) for event in more]
        return bool(more)
