"""The effects of the database's replies: first on the journal, then on the listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.events.envelope import NO_HOLD, read_time
from till.domain.order.evolve import holder_by
from till.ports import Head, SessionMark
from till.sync.intake import Intake
from till.sync.memory import Memory
from till.sync.messages import DamagedReplyError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.ports import Journal, StoreListener
    from till.sync.composer import Composer
    from till.sync.messages import HeldElsewhere, Reply, Request, SessionState
    from till.sync.status import SyncStatus

#: The statuses of sessions that do not grow, so that they need not be followed.
_FINISHED: Final = frozenset({"completed", "discarded", "assigned_to_tab"})


class DivergedError(Exception):
    """A journal that differs from its copy in the database."""


class ReplyHandler:
    """A handler of replies.

    Args:
        journal: this till's disk.
        listener: notified of news, once it is on disk.
        composer: notified of the snapshots that the database needs.
        status: notified of records that need a person.
        till: this till's number.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        composer: Composer,
        status: SyncStatus,
        *,
        till: int,
    ) -> None:
        self._journal = journal
        self._listener = listener
        self._composer = composer
        self._status = status
        self._till = till
        self._memory = Memory(journal, composer, till)
        self._announced: dict[str, str] = {}
        #: True if an order of the last reply is to be requested.
        self.asks_on = False
        self._refolded: dict[str, int] = {}

    def take(self, reply: Reply, request: Request) -> Generator[None, None, None]:
        """Process a good reply, pausing between small parts.

        A crash between two parts loses nothing: the known versions are raised last, and unknown events arrive again.
        """
        head = self._checked_head(reply, request)
        taken_at = [_read_moment(taken.at) for taken in reply.taken]
        database_clock = _read_moment(reply.server_time) if reply.server_time else None
        intake = Intake(self._journal)
        arrived = yield from intake.read(reply.events)
        self._composer.settle(request)  # first, because the answer may ask for the same snapshot again
        yield from intake.keep(arrived)
        if refunds := intake.keep_refunds(reply.refunds):  # before the head: after a crash it is reported again
            self._listener.refunds_left(refunds)
        undone = self._memory.compare(reply, request, intake)
        self.asks_on = self._request_missing(reply, intake)
        self._keep_facts(reply, head, intake.unsound)
        if database_clock is not None:
            self._status.compare(database_clock)
            self._listener.time_received(database_clock)
        intake.grown |= dict.fromkeys(undone)
        self._notify(reply, intake, taken_at)
        if self._journal.head == head:  # last: listeners may still need finished sessions
            self._stop_following(s for s in reply.sessions if s.session not in intake.unsound and not s.more)

    def _request_missing(self, reply: Reply, intake: Intake) -> bool:
        """Request the orders of an act of this till whose answer was lost. Return True if there are any."""
        mentioned = {state.session for state in reply.sessions}
        own = [one for one, till in intake.went_to.items() if till == self._till and one not in mentioned]
        unknown = [one for one in own if self._journal.mark_of(one) is None]
        if unknown:
            self._composer.ask_anew(unknown)
        return bool(unknown)

    def _checked_head(self, reply: Reply, request: Request) -> Head:
        if reply.head is None:
            raise DamagedReplyError("no head")
        head = Head(reply.head.seq, reply.head.hash)
        known: list[Head | Event] = [self._journal.head, self._journal.acked, *request.gone, *request.events]
        if head.seq > self._journal.head.seq or any(k.seq == head.seq and k.hash != head.hash for k in known):
            raise DivergedError
        if all(k.seq != head.seq for k in known) and self._journal.hash_at(head.seq) not in {head.hash, None}:
            raise DivergedError  # the database has events of this chain that differ from this disk
        return head

    def _keep_facts(self, reply: Reply, head: Head, unsound: set[str]) -> None:
        """Write the head and the marks that changed: a poll without news writes nothing."""
        states = [state for state in reply.sessions if state.session not in unsound]
        olds = self._journal.marks_of(state.session for state in states)
        marks = [mark for state in states if (mark := _news(state, olds.get(state.session)))]
        if marks or head != self._journal.acked:
            self._journal.acknowledge(head, marks)
        if reply.series is not None and self._journal.series is None:
            self._journal.set_series(reply.series)

    def _notify(self, reply: Reply, intake: Intake, taken_at: Sequence[datetime]) -> None:
        self._status.unsound = intake.unsound
        self._status.conflicts = reply.conflicts
        self._status.records = reply.records
        if reply.lacks is not None:
            self._status.lacks = reply.lacks
        if reply.logins is not None:
            self._status.logged_in, self._status.also_on = reply.logins.user, reply.logins.tills
        for state in reply.sessions:
            self._status.aside.pop(state.session, None)
            self._owe(state)
        if not reply.records:
            self._status.aside.pop("", None)  # no state reports records outside of orders
        for record in reply.quarantined:
            self._status.aside.setdefault(record.session or "", {})[record.event or ""] = record.reason
        if intake.grown:
            self._listener.sessions_grew(list(intake.grown))
        for taken, at in zip(reply.taken, taken_at, strict=True):
            if self._is_news(taken):
                self._announced[taken.session] = taken.hold_id
                self._listener.taken(taken.session, taken.till_name, taken.user_name, at)
        self.learn(reply)

    def learn(self, reply: Reply) -> None:
        """Keep the reference data of a reply. The refusal of a journal that is not live has it too.

        Raises:
            JournalError: the disk write failed.
        """
        for name, new in reply.reference.items():
            version = new.version
            body: Mapping[str, Any] = new.body if isinstance(new.body, dict) else {name: new.body}
            if "since" in body:
                version, body = with_changes(self._journal.cached(name), version, body)
            self._journal.cache(name, version, body)
        if reply.reference:
            self._listener.reference_changed(list(reply.reference))

    def _stop_following(self, states: Iterable[SessionState]) -> None:
        """Stop following finished sessions: the database handles their late events, and notifies the other tills."""
        finished = [state.session for state in states if self._is_finished(state)]
        if followed := [mark.session_id for mark in self._journal.marks_of(finished).values() if mark.open]:
            self._journal.forget_open(followed)

    def _is_finished(self, state: SessionState) -> bool:
        """True if this till need not follow a session; the holder of an order on a tab must."""
        return state.status in _FINISHED and not (state.status == "assigned_to_tab" and state.holder == self._till)

    def _owe(self, state: SessionState) -> None:
        """Owe one snapshot for each version of a session that its holder must fold."""
        if state.more:
            return
        if state.refold and state.till == self._till and self._refolded.get(state.session) != state.version:
            self._refolded[state.session] = state.version
            self._composer.owe(state.session)

    def _is_news(self, taken: HeldElsewhere) -> bool:
        """True if this hold was not reported before, and no newer hold was granted here meanwhile."""
        if taken.till == self._till or self._announced.get(taken.session, NO_HOLD) >= taken.hold_id:
            return False
        own = (event.hold for event in self._journal.events_of(taken.session) if holder_by(event) == self._till)
        return taken.hold_id >= max(own, default=NO_HOLD)


def with_changes(
    known: tuple[int, Mapping[str, Any]] | None, version: int, changes: Mapping[str, Any]
) -> tuple[int, Mapping[str, Any]]:
    """Return the list of open tabs after its changes; with version 0, to request it whole, if they do not fit."""
    old, body = known if known is not None else (0, {"tabs": []})
    try:
        changed = frozenset(changes["orders"])
        rows = [row for row in body["tabs"] if row["session"] not in changed]
        return (version if old == changes["since"] else 0), {"tabs": [*rows, *changes["tabs"]]}
    except (KeyError, TypeError):
        return 0, body


def mark_from(state: SessionState, *, follows: bool) -> SessionMark:
    """Return the journal's mark for a session's state in the database."""
    return SessionMark(
        state.session,
        state.user,
        state.version,
        state.event,
        state.till,
        state.holder,
        state.hold,
        state.status,
        refold=state.refold,
        open=follows,
    )


def _news(state: SessionState, old: SessionMark | None) -> SessionMark | None:
    """Return the mark for a state; None if it is already known."""
    mark = mark_from(state, follows=state.more or (old.open if old else state.status not in _FINISHED))
    return None if mark == old else mark


def _read_moment(text: str) -> datetime:
    try:
        return read_time(text)
    except (EventError, OverflowError) as problem:
        raise DamagedReplyError(str(problem)) from problem
