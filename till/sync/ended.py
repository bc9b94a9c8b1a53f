"""Which finished orders are let go of: the database has all of them, and nothing more is expected to come to them."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import SERVER
from till.domain.order.events import LinesMoved, OrderDiscarded, OrderOpened, OrderPlaced

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.ports import Journal

#: A session in one of these is held by nobody and grows no more: it need not be followed.
FINISHED: Final = frozenset({"completed", "discarded", "assigned_to_tab"})
#: So long after it ended here a till that is apart may have more of an order.
_SO_LONG: Final = timedelta(days=1)
#: The most of them that are followed on, newest first: each poll asks after all of them.
_MOST: Final = 20
#: Orders read between two moments at which a key may be handled: some two milliseconds' work.
_CHUNK: Final = 8


class Ended:
    """Knows which finished orders are still followed here, and which need not be.

    Two kinds are followed on. One whose lines go on here is as long as they do: another till may have been paid for
    them. One on which another till had written is for a time after it ended here (was paid, or cleared with lines on
    it) or lines left it here: that till may be apart, and have taken money as well, or have taken off a line that was
    paid for.

    Args:
        journal: what was done to an order, and by whom.
        times: the time by this till's clock, and as the database told it: an event has the one or the other.
        till: this till's number.
    """

    def __init__(self, journal: Journal, times: Callable[[], tuple[datetime, ...]], till: int) -> None:
        self._journal = journal
        self._times = times
        self._till = till
        self._since: dict[tuple[str, str], datetime] = {}

    def find(self, finished: Mapping[str, str]) -> Generator[None, None, Collection[str]]:
        """Those to be let go of, if the database has all events of this till; it pauses between small parts.

        Args:
            finished: the orders that may be, by their status.
        """
        followed = {session_id for session_id, mark in self._journal.marks_of(finished).items() if mark.open}
        ended: dict[str, None] = {}
        expecting = 0
        read = lru_cache(maxsize=1)(self._journal.events_of)  # an order is looked at twice, one after another
        for looked_at, session_id in enumerate(sorted(followed, reverse=True), 1):
            if looked_at % _CHUNK == 0:
                yield
            if self._may_grow(session_id, finished[session_id], read) and expecting < _MOST:
                expecting += 1
                continue
            events = read(session_id)
            moved = [event.data.to_session for event in events if isinstance(event.data, LinesMoved)]
            if any(one is not None and one not in followed and self._is_followed(one) for one in moved):
                continue
            olds = [event.data.from_session for event in events if isinstance(event.data, LinesMoved | OrderOpened)]
            ended |= dict.fromkeys([session_id, *(old for old in olds if old is not None and self._is_done(old, read))])
        return ended

    def _may_grow(self, session_id: str, status: str, read: Callable[[str], Sequence[Event]]) -> bool:
        """Whether a finished order is expected to get more from a till that is apart."""
        key = session_id, status
        since = self._since.get(key) or self._ended_at(read(session_id), status)
        if since is None or min(abs(now - since) for now in self._times()) >= _SO_LONG:
            self._since.pop(key, None)
            return False
        self._since[key] = since
        return True

    def _ended_at(self, events: Sequence[Event], status: str) -> datetime | None:
        """When an order came here to where it stands, or its lines left; None when nobody else can do more to it."""
        if all(event.till in {self._till, SERVER} for event in events):
            return None
        own = (event for event in reversed(events) if event.till == self._till)
        return next((event.at for event in own if _ends(event, status) or _goes_on(event)), None)

    def _is_followed(self, session_id: str) -> bool:
        mark = self._journal.mark_of(session_id)
        return mark is not None and mark.open

    def _is_done(self, session_id: str, read: Callable[[str], Sequence[Event]]) -> bool:
        """Whether an order that lines came from was followed for their sake alone."""
        mark = self._journal.mark_of(session_id)
        return mark is not None and mark.status in FINISHED and not self._may_grow(session_id, mark.status, read)


def _ends(event: Event, status: str) -> bool:
    """Whether an event brought an order with lines to where it stands; a blank one that a logout cleared is none."""
    if status == "completed":
        return isinstance(event.data, OrderPlaced)
    return status == "discarded" and isinstance(event.data, OrderDiscarded) and bool(event.data.line_ids)


def _goes_on(event: Event) -> bool:
    """Whether lines left an order by it: what is done to them there must reach them where they are now."""
    return isinstance(event.data, LinesMoved) and event.data.to_session is not None
