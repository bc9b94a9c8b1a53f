"""The composition of a push: events in chain order, snapshots of their orders, and the known versions."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.envelope import SERVER
from till.domain.events.registry import OrderEvent
from till.ports import Head, SessionMark, requested_orders
from till.sync.messages import Request, encode_event, encode_snapshot, is_carried

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Sequence

    import msgspec

    from till.domain.events.envelope import Event
    from till.ports import Journal, Snapshots, UnderSeal
    from till.sync.acting import Acting
    from till.sync.settings import Settings


#: The reference data that a till requests.
REFERENCE: Final = (
    "menu",
    "staff",
    "settings",
    "tabs",
    "waiting",
    "drawer",
    "balance",
    "zs",
    "money",
    "notices",
    "left",
    "stock",
)
#: The lists of other tills' orders. A till with a backlog asks for them with its last part, since the whole list takes
#: the server longer than many events, and many tills come back at once.
LISTS: Final = frozenset({"tabs", "waiting", "changes"})
#: The most places of pruned events in one push.
_MOST_GONE: Final = 1000
#: The most finished orders in one poll.
_MOST_FINISHED: Final = 200


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
        """Return own events after the acknowledged head, at most `limit`, as `till.ports.Journal.unsent` does."""
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


class Composer:
    """A composer of requests. It remembers the sessions whose snapshots the database still needs.

    A snapshot includes all events of its session, so it is sent with the last of them, not in a truncated batch.

    Args:
        journal: the unsent events and known versions.
        snapshots: returns the present snapshot of a session.
        settings: the size of a push.
        aside: the sessions with a record that waits for a person; polls include them until none is left.
        settled: returns what `Request.settled` says.

    Attributes:
        epoch: the database's epoch of the known versions, except for sessions that are requested again; None before the
            first reply with an epoch.
    """

    def __init__(
        self,
        journal: Journal,
        snapshots: Snapshots,
        settings: Settings,
        aside: Collection[str] = (),
        settled: Callable[[], Sequence[str] | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._snapshots = snapshots
        self._settings = settings
        self._aside = aside
        self._settled = settled
        self._ahead = Ahead(journal)
        self._folded: set[str] = set()
        self._owed: dict[str, None] = {}
        self._anew: dict[str, SessionMark] = {}
        self._handed: dict[str, UnderSeal] = {}
        self._rounds = 0
        self.epoch: int | None = None

    def owe(self, session_id: str) -> None:
        """Send a snapshot of this session with the next possible push."""
        self._owed[session_id] = None

    def ask_anew(self, session_ids: Iterable[str]) -> None:
        """Request all events of some sessions, as if none were here, until `asked_anew` notes their arrival."""
        self._anew |= {session_id: SessionMark(session_id, 0) for session_id in session_ids}
        self._rounds = 1 + len(self._anew) // _MOST_FINISHED

    def ask_on(self, mark: SessionMark) -> None:
        """Request the rest of a session from `ask_anew`, after the events that arrived."""
        self._anew[mark.session_id] = mark
        self._rounds += 1

    def hand_back(self, lost: Iterable[UnderSeal]) -> None:
        """Return records to the database with the next push: records of its own that it lost."""
        self._handed |= {one.event.id: one for one in lost}

    def asked_anew(self, session_ids: Iterable[str]) -> None:
        """Note that these sessions arrived completely."""
        for session_id in session_ids:
            self._anew.pop(session_id, None)

    @property
    def anew(self) -> Collection[str]:
        """The sessions that were requested completely and have not arrived."""
        return self._anew.keys()

    @property
    def hands_back(self) -> bool:
        """True if lost records of the database are still to be sent."""
        return bool(self._handed)

    @property
    def owes(self) -> bool:
        """True if a snapshot is still to be sent."""
        return bool(self._owed)

    def compose(self, limit: int, acting: Acting) -> Request:
        """Return the next request, with at most `limit` events or one command.

        It is a poll if nothing is unsent, or while lost events are requested. The request with the last unsent event
        also contains the pending act.
        """
        unsent = self._unsent(limit)
        waits = bool(self._anew) and self._rounds > 0
        # an order was granted before any reply had an epoch: the database may have been restored since
        waits = waits or (self.epoch is None and bool(self._journal.sessions_by(SERVER)))
        batch, gone = ([], []) if waits else self._fill_gaps(unsent, self._batch(unsent, limit), limit)
        events = tuple(ready.event for ready in batch)
        touched = dict.fromkeys(event.session_id for event in events if event.session_id)
        self._owed |= touched
        # if the first command alone exceeds the limit, the events after it were not read
        more = len(events) < len(unsent) or (len(unsent) > limit and events[-1].seq < self._journal.head.seq)
        shown = {} if more else self._take_snapshots(min(limit, self._settings.batch_snapshots))
        act = None if more or waits else acting.take()
        touched |= dict.fromkeys(act.versions if act else ())
        settled = self._settled()
        return Request(
            self._journal.journal_id,
            events,
            tuple(ready.encoded for ready in batch),
            shown,
            self._journal.head.seq,
            tuple(self._known(touched, shown)),
            self._versions(more=more),
            more=more,
            gone=tuple(gone),
            epoch=self.epoch,
            handed=tuple(self._handed.values()),
            act=act,
            settled=None if settled is None else tuple(settled),
        )

    def _versions(self, *, more: bool) -> dict[str, int]:
        """Return the versions of the reference data; after the first reply, with a request for changes of the tabs."""
        known = {name: version for name, version in self._journal.versions().items() if name in REFERENCE}
        asked = {**dict.fromkeys(REFERENCE, 0), **known, **({"changes": 1} if self.epoch is not None else {})}
        return {name: version for name, version in asked.items() if not more or name not in LISTS}

    def read_on(self, request: Request) -> Generator[None, None, None]:
        """Prepare later requests while one is in flight, pausing between small parts.

        Read the next events, and fold the orders of the next snapshots: the ledger keeps the last few in memory.

        Raises:
            JournalError: an event is damaged.
        """
        if request.more:
            yield from self._ahead.read_on(len(request.events) + self._settings.batch_events + 1)
        waiting = (session_id for session_id in self._owed if session_id not in request.snapshots)
        for session_id in list(islice(waiting, self._settings.batch_snapshots)):
            if session_id not in self._folded:
                self._folded.add(session_id)
                self._snapshots(session_id)
                yield

    def settle(self, request: Request) -> None:
        """Note that the database received a request: its snapshots and returned records need not be sent again."""
        self._rounds = max(0, self._rounds - 1)
        for one in request.handed:
            self._handed.pop(one.event.id, None)
        for session_id in request.snapshots:
            self._owed.pop(session_id, None)
            self._folded.discard(session_id)

    def _unsent(self, limit: int) -> Sequence[Ready]:
        """Return more than `limit` events if there are more, and at least those of the first command."""
        count = limit + 1
        while True:
            unsent = self._ahead.unsent(count)
            if len(unsent) < count or self._journal.ends(unsent[0].event.seq, unsent[-1].event.seq):
                return unsent
            count *= 2

    def _fill_gaps(self, unsent: Sequence[Ready], batch: list[Ready], limit: int) -> tuple[list[Ready], list[Head]]:
        """Return a batch, and the places of pruned events before and within it, which fill the gaps in the chain."""
        acked, head = self._journal.acked.seq, self._journal.head.seq
        end = unsent[-1].event.seq if len(unsent) > limit else head
        if end - acked <= len(unsent):
            return batch, []  # the usual case; gaps appear only if the database was restored
        gone = self._journal.gone(_MOST_GONE)
        if len(gone) == _MOST_GONE:
            batch = [ready for ready in batch if ready.event.seq < gone[-1].seq]
        following = unsent[len(batch)].event.seq if len(batch) < len(unsent) else head + 1
        return batch, [place for place in gone if place.seq < following]

    def _batch(self, unsent: Sequence[Ready], limit: int) -> list[Ready]:
        """Return the events that fit, cut between two commands: no command is sent in part."""
        batch = self._fitting(unsent, limit)
        if not batch or len(batch) == len(unsent):
            return batch
        ends = self._journal.ends(batch[0].event.seq, unsent[-1].event.seq)
        whole = max((place for place, ready in enumerate(batch, 1) if ready.event.seq in ends), default=0)
        if whole:
            return batch[:whole]
        first = next((place for place, ready in enumerate(unsent, 1) if ready.event.seq in ends), len(batch))
        return list(unsent[:first])

    def _fitting(self, unsent: Sequence[Ready], limit: int) -> list[Ready]:
        batch: list[Ready] = []
        size = 0
        for ready in unsent[:limit]:
            size += len(ready.event.body)
            if batch and (ready.alone or size > self._settings.batch_bytes):
                break
            batch.append(ready)
            if ready.alone:
                break
        return batch

    def _take_snapshots(self, limit: int) -> dict[str, msgspec.Raw]:
        taken: dict[str, msgspec.Raw] = {}
        for session_id in list(self._owed):
            if len(taken) == limit:
                break
            if body := self._snapshots(session_id):
                taken[session_id] = encode_snapshot(body)
            else:
                del self._owed[session_id]
                self._folded.discard(session_id)
        return taken

    def _known(self, touched: Collection[str], shown: Collection[str]) -> list[SessionMark]:
        """Return the marks of followed and touched sessions, and of sessions with a snapshot in the request."""
        known = self._journal.marks_of(self._journal.streams(OrderEvent.stream, is_open=True))
        if not touched:  # there is room for sessions finished here: the answer ends following them
            followed = (mark for mark in self._journal.followed_sessions() if mark.session_id not in known)
            known |= {mark.session_id: mark for mark in islice(followed, _MOST_FINISHED)}
            known |= self._journal.marks_of(one for one in islice(self._aside, _MOST_FINISHED) if one not in known)
        sent = dict.fromkeys((*touched, *shown))
        sent |= dict.fromkeys(requested_orders(self._journal))  # the server may grant one after the wait for it ended
        known |= {one: SessionMark(one, 0) for one in sent if one not in known}
        known |= self._journal.marks_of(sent)
        known |= dict(islice(self._anew.items(), _MOST_FINISHED))
        return list(known.values())
