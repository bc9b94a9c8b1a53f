"""What one push carries: events in chain order, snapshots of what they touched, and what is known here."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from till.ports import SessionMark
from till.sync.ahead import Ahead
from till.sync.messages import Request, encode_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Sequence

    import msgspec

    from till.ports import Head, Journal, Snapshots
    from till.sync.ahead import Ready
    from till.sync.patience import Patience
    from till.sync.settings import Settings

#: What a till asks for, whether it has any of it yet or not.
REFERENCE: Final = ("menu", "staff", "settings", "tabs")
#: The most places of pruned events in one push.
_MOST_GONE: Final = 1000
#: The most finished orders that one poll asks after.
_MOST_FINISHED: Final = 200


class Composer:
    """Composes requests, and remembers which sessions the database still wants a snapshot of.

    A snapshot shows all events of its session, so it goes with the last of them: not in a batch that was cut short.

    Args:
        journal: what is unsent and known.
        snapshots: shows a session as it stands now.
        settings: the size of a push.
        aside: the sessions of which a record waits for a person; a poll asks after them until none does.

    Attributes:
        epoch: that of the database when the versions that are known here were learnt, but for the sessions that are
            asked for anew; None before it named any.
    """

    def __init__(self, journal: Journal, snapshots: Snapshots, settings: Settings, aside: Collection[str] = ()) -> None:
        self._journal = journal
        self._snapshots = snapshots
        self._settings = settings
        self._aside = aside
        self._ahead = Ahead(journal)
        self._folded: set[str] = set()
        self._owed: dict[str, None] = {}
        self._anew: dict[str, None] = {}
        self.epoch: int | None = None

    def owe(self, session_id: str) -> None:
        """The next push that can brings a snapshot of this session."""
        self._owed[session_id] = None

    def ask_anew(self, session_ids: Iterable[str]) -> None:
        """Ask for all of some sessions, as if nothing of them was here, until `asked_anew` says that it came."""
        self._anew |= dict.fromkeys(session_ids)

    def asked_anew(self, session_ids: Iterable[str]) -> None:
        """All of these sessions came."""
        for session_id in session_ids:
            self._anew.pop(session_id, None)

    @property
    def anew(self) -> Collection[str]:
        """The sessions that are still to come as a whole."""
        return self._anew.keys()

    @property
    def owes(self) -> bool:
        """Whether a snapshot waits to be sent."""
        return bool(self._owed)

    def compose(self, patience: Patience) -> Request:
        """The next request; a poll when nothing is unsent."""
        unsent = self._ahead.unsent(patience.limit + 1)
        batch, gone = self._link(unsent, self._batch(unsent, patience.limit), patience.limit)
        events = tuple(ready.event for ready in batch)
        touched = dict.fromkeys(event.session_id for event in events if event.session_id)
        self._owed |= touched
        more = len(events) < len(unsent)
        shown = {} if more else self._take_snapshots(min(patience.limit, self._settings.batch_snapshots))
        return Request(
            self._journal.journal_id,
            events,
            tuple(ready.encoded for ready in batch),
            shown,
            self._journal.head.seq,
            tuple(self._known(touched, shown)),
            {**dict.fromkeys(REFERENCE, 0), **{n: v for n, v in self._journal.versions().items() if n in REFERENCE}},
            more=more,
            deadline=patience.deadline,
            connect_deadline=patience.connect_deadline,
            gone=tuple(gone),
            epoch=self.epoch,
        )

    def read_on(self, request: Request) -> Generator[None, None, None]:
        """While a request is out: read what those after it will bring, pausing between small parts.

        The next events, and the orders whose snapshots come next: whoever shows them keeps the last few folded.

        Raises:
            JournalError: some of it is not what was written.
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
        """The database has the snapshots of a request."""
        for session_id in request.snapshots:
            self._owed.pop(session_id, None)
            self._folded.discard(session_id)

    def _link(self, unsent: Sequence[Ready], batch: list[Ready], limit: int) -> tuple[list[Ready], list[Head]]:
        """A batch with the places of what was pruned in front of it and between, so that it follows the chain."""
        acked, head = self._journal.acked.seq, self._journal.head.seq
        end = unsent[-1].event.seq if len(unsent) > limit else head
        if end - acked <= len(unsent):
            return batch, []  # as ever, but for a database that was set back
        gone = self._journal.gone(_MOST_GONE)
        if len(gone) == _MOST_GONE:
            batch = [ready for ready in batch if ready.event.seq < gone[-1].seq]
        following = unsent[len(batch)].event.seq if len(batch) < len(unsent) else head + 1
        return batch, [place for place in gone if place.seq < following]

    def _batch(self, unsent: Sequence[Ready], limit: int) -> list[Ready]:
        """As many events as fit, cut between two commands: what one command did is never heard of in part."""
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
        """What is known of the sessions that the till follows, those touched, and those whose snapshots go along."""
        known = {mark.session_id: mark for mark in self._journal.open_sessions()}
        if not touched:  # there is room to ask after those that are finished here: the answer ends their following
            followed = (mark for mark in self._journal.followed_sessions() if mark.session_id not in known)
            known |= {mark.session_id: mark for mark in islice(followed, _MOST_FINISHED)}
            known |= self._journal.marks_of(one for one in islice(self._aside, _MOST_FINISHED) if one not in known)
        sent = dict.fromkeys((*touched, *shown))
        known |= {one: SessionMark(one, 0) for one in sent if one not in known}
        known |= self._journal.marks_of(sent)
        known |= {session_id: SessionMark(session_id, 0) for session_id in islice(self._anew, _MOST_FINISHED)}
        return list(known.values())
