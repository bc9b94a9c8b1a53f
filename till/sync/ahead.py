"""The unsent end of the chain, prepared ahead while a push is out, so that the next one need not wait."""

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

#: Events read without a break for keys: about half a millisecond's work.
CHUNK: Final = 32


class Ready(Struct, frozen=True):
    """An event that is ready to be sent.

    Attributes:
        event: the event as read.
        encoded: the event as it travels.
        alone: True if it must travel alone, because the database cannot read it.
    """

    event: Event
    encoded: msgspec.Raw
    alone: bool


class Ahead:
    """A reader of unsent events that reads each once, however often it is asked for.

    Events once read stay valid: a chain only grows at its end, and unsent events are not pruned. Only a head that went
    back
    (the database was restored) makes it begin anew.

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
            JournalError: one of them is not what was written.
        """
        self._follow()
        if len(self._read) < limit:
            self._go_on(limit - len(self._read))
        return self._read[:limit]

    def read_on(self, events: int) -> Generator[None, None, None]:
        """Read ahead that many events, yielding between small parts.

        Raises:
            JournalError: one of them is not what was written.
        """
        while (missing := events - len(self._read)) > 0 and self._go_on(min(missing, CHUNK)):
            yield

    def _follow(self) -> None:
        """Drop what the database has by now."""
        acked = self._journal.acked.seq
        if acked < self._acked:
            self._read.clear()
        self._acked = acked
        self._read = [ready for ready in self._read if ready.event.seq > acked]

    def _go_on(self, events: int) -> bool:
        """Read that many more. Return True if there were any."""
        last = self._read[-1].event if self._read else None
        more = self._journal.unsent(events, after=Head(last.seq, last.hash) if last else None)
        self._read += [Ready(event, encode_event(event), not is_carried(event.body)) for event in more]
        return bool(more)
