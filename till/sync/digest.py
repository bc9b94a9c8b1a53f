"""What a reply of the database changes here: the journal first, then whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import EventError
from till.domain.events.envelope import NO_HOLD, read_time
from till.ports import Head, SessionMark
from till.sync.ended import FINISHED, Ended
from till.sync.intake import Intake
from till.sync.memory import Memory
from till.sync.messages import DamagedReplyError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event, Hold
    from till.ports import Journal, StoreListener
    from till.sync.composer import Composer
    from till.sync.messages import HeldElsewhere, Reply, Request, SessionState
    from till.sync.standing import Standing


class DivergedError(Exception):
    """The database has another chain of this journal than this disk."""


class Digest:
    """Takes replies in.

    Args:
        journal: this till's disk.
        listener: told of what came, once it is on disk.
        composer: told which snapshots the database waits for.
        standing: told which records need a person.
        till: this till's number.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        composer: Composer,
        standing: Standing,
        *,
        till: int,
    ) -> None:
        self._journal = journal
        self._listener = listener
        self._composer = composer
        self._standing = standing
        self._till = till
        self._memory = Memory(journal, composer)
        self._ended = Ended(journal, standing.times, till)
        self._announced: dict[str, Hold] = {}
        self._refolded: dict[str, int] = {}

    def take(self, reply: Reply, request: Request) -> Generator[None, None, None]:
        """Take a good reply in, pausing between small parts.

        A crash between two of them loses nothing: the versions known here are raised last, and what is not known
        comes again.

        Raises:
            DamagedReplyError: nothing was written.
            DivergedError: nothing was written.
            JournalError: the disk refused.
        """
        head = self._checked_head(reply, request)
        taken_at = [_read_moment(taken.at) for taken in reply.taken]
        database_clock = _read_moment(reply.server_time) if reply.server_time else None
        intake = Intake(self._journal)
        arrived = yield from intake.read(reply.events)
        self._composer.settle(request)  # first: the answer may ask for the same snapshot again
        yield from intake.keep(arrived)
        if refunds := intake.keep_refunds(reply.refunds):  # before the head: what a crash takes is told again
            self._listener.refunds_left(refunds)
        undone = self._memory.compare(reply, request, intake)
        self._keep_facts(reply, head, intake.unsound)
        if database_clock is not None:
            self._standing.compare(database_clock)
            self._listener.time_told(database_clock)
        intake.grown |= dict.fromkeys(undone)
        self._tell(reply, intake, taken_at)
        if self._journal.head == head:  # last of all: who listened may have to go on with what is finished
            finished = [s for s in reply.sessions if s.status in FINISHED and s.session not in intake.unsound]
            ended = yield from self._ended.find({s.session: s.status for s in finished})
            if ended and self._journal.head == head:  # and nothing was written meanwhile
                self._journal.forget_open(ended)

    def _checked_head(self, reply: Reply, request: Request) -> Head:
        if reply.head is None:
            raise DamagedReplyError("no head")
        head = Head(reply.head.seq, reply.head.hash)
        known: list[Head | Event] = [self._journal.head, self._journal.acked, *request.gone, *request.events]
        if head.seq > self._journal.head.seq or any(k.seq == head.seq and k.hash != head.hash for k in known):
            raise DivergedError
        if all(k.seq != head.seq for k in known) and self._journal.hash_at(head.seq) not in {head.hash, None}:
            raise DivergedError  # it has more of this chain than was sent, and that is not what is here
        return head

    def _keep_facts(self, reply: Reply, head: Head, unsound: set[str]) -> None:
        """Head and marks, each only if it is news: a poll that brings none writes nothing."""
        told = [state for state in reply.sessions if state.session not in unsound]
        olds = self._journal.marks_of(state.session for state in told)
        marks = [mark for state in told if (mark := _news(state, olds.get(state.session)))]
        if marks or head != self._journal.acked:
            self._journal.acknowledge(head, marks)
        if reply.series is not None and self._journal.series is None:
            self._journal.set_series(reply.series)

    def _tell(self, reply: Reply, intake: Intake, taken_at: Sequence[datetime]) -> None:
        self._standing.unsound = intake.unsound
        self._standing.conflicts = reply.conflicts
        self._standing.records = reply.records
        if reply.logins is not None:
            self._standing.logged_in, self._standing.also_on = reply.logins.user, reply.logins.tills
        for state in reply.sessions:
            self._standing.aside.pop(state.session, None)
            self._owe(state)
        if not reply.records:
            self._standing.aside.pop("", None)  # of what belongs to no order no state tells
        for record in reply.quarantined:
            self._standing.aside.setdefault(record.session or "", {})[record.event or ""] = record.reason
        if intake.grown:
            self._listener.sessions_grew(list(intake.grown))
        for taken, at in zip(reply.taken, taken_at, strict=True):
            if self._is_news(taken):
                self._announced[taken.session] = taken.hold
                self._listener.taken(taken.session, taken.till_name, taken.user_name, at)
        self.learn(reply)

    def learn(self, reply: Reply) -> None:
        """Keep the reference data of a reply, which comes with the refusal of a journal that is not live too.

        Raises:
            JournalError: the disk refused.
        """
        for name, new in reply.reference.items():
            self._journal.cache(name, new.version, new.body if isinstance(new.body, dict) else {name: new.body})
        if reply.reference:
            self._listener.reference_changed(list(reply.reference))

    def _owe(self, state: SessionState) -> None:
        """A session that waits for a fold of its holder gets one snapshot for each version of it."""
        if state.refold and state.till == self._till and self._refolded.get(state.session) != state.version:
            self._refolded[state.session] = state.version
            self._composer.owe(state.session)

    def _is_news(self, taken: HeldElsewhere) -> bool:
        """Whether this hold was not told before, nor taken back here while the answer was on its way."""
        if taken.till == self._till or self._announced.get(taken.session, NO_HOLD) >= taken.hold:
            return False
        events = self._journal.events_of(taken.session)
        own = (e.hold for e in events if e.journal_id == self._journal.journal_id and e.data.takes)
        return taken.hold >= max(own, default=NO_HOLD)


def mark_from(state: SessionState, *, follows: bool) -> SessionMark:
    """What the database says of a session, as the journal keeps it."""
    return SessionMark(
        state.session,
        state.user,
        state.version,
        state.event,
        state.till,
        state.hold,
        state.status,
        refold=state.refold,
        open=follows,
    )


def _news(state: SessionState, old: SessionMark | None) -> SessionMark | None:
    """The mark that a state asks for; None when it is known already."""
    mark = mark_from(state, follows=old.open if old else state.status not in FINISHED)
    return None if mark == old else mark


def _read_moment(text: str) -> datetime:
    try:
        return read_time(text)
    except (EventError, OverflowError) as problem:
        raise DamagedReplyError(str(problem)) from problem
