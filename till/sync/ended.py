"""Orders that ended here on which a till that is apart may have done more: who ended them hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.events import SERVER, EventType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.events import Event
    from till.ports import Clock, Journal

#: So long after its end, by this till's clock.
_SO_LONG: Final = timedelta(days=1)
#: The most of them, newest first: each poll asks after all of them.
_MOST: Final = 20


class EndedHere:
    """Knows which finished orders are still followed here.

    They are those that were cleared at this till with lines on them, or paid here, after another till had written on
    them too: it may be apart, and have taken money as well, or have taken off a line that was paid for. A blank order
    that a logout cleared is none.

    Args:
        journal: what was done to an order, and by whom.
        clock: how long ago that was.
        till: this till's number.
    """

    def __init__(self, journal: Journal, clock: Clock, till: int) -> None:
        self._journal = journal
        self._clock = clock
        self._till = till
        self._since: dict[tuple[str, str], datetime] = {}

    def followed_on(self, finished: Mapping[str, str]) -> frozenset[str]:
        """Those of some finished orders, given by their status, that are not forgotten yet."""
        now = self._clock.now()
        wanted: list[str] = []
        for session_id, status in sorted(finished.items(), reverse=True):
            since = self._since.pop((session_id, status), None) or self._ended_at(session_id, status)
            if since is not None and abs(now - since) < _SO_LONG and len(wanted) < _MOST:
                self._since[session_id, status] = since
                wanted.append(session_id)
        return frozenset(wanted)

    def _ended_at(self, session_id: str, status: str) -> datetime | None:
        """When it came here to where it stands; None when nobody else can have done more to it."""
        events = self._journal.events_of(session_id)
        if all(event.till in {self._till, SERVER} for event in events):
            return None
        own = (event for event in reversed(events) if event.till == self._till)
        return next((event.at for event in own if _ends(event, status)), None)


def _ends(event: Event, status: str) -> bool:
    """Whether an event brought an order with lines to where it stands."""
    if status == "completed":
        return event.type == EventType.ORDER_PLACED
    return status == "discarded" and event.type == EventType.ORDER_DISCARDED and bool(event.data.get("line_ids"))
