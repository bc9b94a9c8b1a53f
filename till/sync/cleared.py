"""Orders that were cleared here and may turn out to be paid on a till that is apart: who cleared them hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.events import SERVER, EventType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from till.ports import Clock, Journal

#: So long after it was cleared, by this till's clock.
_SO_LONG: Final = timedelta(days=1)
#: The most of them, newest first: each poll asks after all of them.
_MOST: Final = 20


class Cleared:
    """Knows which discarded orders are still followed here.

    They are those that were cleared at this till with lines on them, after another till had written on them too: it may
    be apart, and have taken the money. A blank order that a logout cleared is none.

    Args:
        journal: what was done to an order, and by whom.
        clock: how long ago that was.
        till: this till's number.
    """

    def __init__(self, journal: Journal, clock: Clock, till: int) -> None:
        self._journal = journal
        self._clock = clock
        self._till = till
        self._since: dict[str, datetime] = {}

    def followed_on(self, discarded: Iterable[str]) -> frozenset[str]:
        """Those of some discarded orders that are not forgotten yet."""
        now = self._clock.now()
        wanted: list[str] = []
        for session_id in sorted(discarded, reverse=True):
            since = self._since.pop(session_id, None) or self._cleared_at(session_id)
            if since is not None and abs(now - since) < _SO_LONG and len(wanted) < _MOST:
                self._since[session_id] = since
                wanted.append(session_id)
        return frozenset(wanted)

    def _cleared_at(self, session_id: str) -> datetime | None:
        """When it was cleared here; None when nobody else can have taken money for it."""
        events = self._journal.events_of(session_id)
        if all(event.till in {self._till, SERVER} for event in events):
            return None
        own = (event for event in reversed(events) if event.till == self._till)
        cleared = (event.at for event in own if event.type == EventType.ORDER_DISCARDED and event.data.get("line_ids"))
        return next(cleared, None)
