"""The sync without I/O: when to push, and how to handle replies and failures.

It is deterministic: the driver provides time and randomness, and a simulation drives the same code as a till.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from db.schema import compare
from till.domain.advice import Advice
from till.domain.errors import JournalError, StoreError
from till.domain.events.registry import OrderEvent
from till.domain.structs import replace
from till.ports.store import BacklogError
from till.sync.acting import Acting
from till.sync.composer import Composer
from till.sync.failures import (
    Failure,
    FailureKind,
    SyncTrouble,
    away_sentence,
    refusal,
    rejected_sentence,
    schema_sentence,
    unread_sentence,
)
from till.sync.heartbeat import Heartbeat
from till.sync.messages import DamagedReplyError
from till.sync.pace import Pace, Schedule
from till.sync.reply_handler import DivergedError, ReplyHandler
from till.sync.status import AWAY_AFTER, SyncStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from till.ports import Attendance, Clock, Head, Journal, Light, Snapshots, StoreListener, Transfer
    from till.sync.messages import Hello, Reply, Request
    from till.sync.settings import Identity, Settings

#: Consecutive answers that accepted no sent event before the chains count as diverged.
_MOST_STALLS: Final = 3
#: Consecutive answers with events that this journal never wrote before they are believed.
_MOST_PARTINGS: Final = 2
#: Failures in which the database answered.
_REACHED: Final = frozenset({FailureKind.BUSY, FailureKind.DAMAGED, FailureKind.REJECTED})

#: Refusals on connecting that still allow a push: the events of a retired journal are accepted, and a journal that is
#: not live gets the menu and the staff.
_HEARD: Final = frozenset({"journal_retired", "journal_not_live"})


class Engine:
    """The decisions of the sync. No method waits or reads a clock; `now` is in seconds and never decreases.

    The driver calls `next_wake`, takes a request with `take_request` when it is due, sends it to the database, and
    passes the result to `on_reply` (or `digest`, which pauses between small parts) or `on_failure`. One request is in
    flight at a time; meanwhile `read_on` prepares the next one.

    Args:
        journal: this till's disk.
        listener: notified of news, and of the light.
        snapshots: returns the present snapshot of a session.
        settings: the timing and size of pushes.
        identity: the sender.
        clock: the time of day, for the light.
        chance: returns a number from 0 up to 1, for the pauses.
        attendance: returns the logged-in user, for whom heartbeats are sent.
        settled: returns what `Request.settled` says.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        snapshots: Snapshots,
        *,
        settings: Settings,
        identity: Identity,
        clock: Clock,
        chance: Callable[[], float],
        attendance: Callable[[], Attendance | None] = lambda: None,
        settled: Callable[[], Sequence[str] | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._identity = identity
        self._status = SyncStatus(journal, listener, clock)
        self._schedule = Schedule(settings)
        self._settings = settings
        self._pace = Pace(settings, chance)
        self._composer = Composer(journal, snapshots, settings, self._status.aside, settled)
        self._digest = ReplyHandler(journal, listener, self._composer, self._status, till=identity.till)
        self._in_flight: Request | None = None
        self._heartbeat = Heartbeat(attendance)
        self._acting = Acting()
        self._sent_at = 0.0
        self._took: float | None = None
        self._stalls = 0
        self._partings = 0
        self._hurried = False

    @property
    def light(self) -> Light:
        return self._status.light

    @property
    def trouble(self) -> SyncTrouble | None:
        """The trouble that needs a person, if any."""
        return self._status.trouble

    @property
    def away(self) -> bool:
        """True if the database cannot be reached."""
        return self._status.away

    @property
    def unreached(self) -> bool:
        """True if the last attempt did not reach the database."""
        return self._status.unreached

    def start(self, now: float) -> None:
        """Start: the first request is due at once, with snapshots of all open orders, since the last may be lost."""
        self._owe_all()
        self._schedule.start(now)
        self._status.show()

    def _owe_all(self) -> None:
        for session_id in self._journal.streams(OrderEvent.stream, is_open=True):
            self._composer.owe(session_id)

    def nudge(self, now: float, *, at_once: bool) -> None:
        """Note new events."""
        self._schedule.nudge(now, at_once=at_once)
        self._status.show()

    def doubt(self, which: object, names: set[str]) -> None:
        """Note the unreadable rows of a list, by name: the light shows them until the whole list is readable."""
        self._status.doubt(which, names)
        self._status.show()

    def hint(self, now: float) -> None:
        """Poll soon, because the database has news."""
        self._schedule.poll_soon(now)

    def hurry(self, now: float) -> None:
        """Make the next attempt now, or right after the one in flight, because a caller waits."""
        self._hurried = self._in_flight is not None
        self._schedule.hurry(now)

    @property
    def acts(self) -> bool:
        """True if an act has no answer yet."""
        return self._acting.is_waiting

    def ask(self, act: Transfer, now: float) -> None:
        """Request the server to write an act between orders, with the next request; `end_act` reports the outcome.

        Raises:
            BacklogError: there are more unsent events than fit into a request.
        """
        unsent = self._journal.head.seq - self._journal.acked.seq
        if unsent > self._settings.batch_events:
            raise BacklogError(unsent)
        self._acting.ask(act)
        self.hurry(now)

    def end_act(self) -> None:
        """Stop waiting for an act."""
        self._acting.end()

    def next_wake(self, now: float) -> float | None:
        """Return the time of the next request, never before `now`; None while a request is in flight."""
        return None if self._in_flight else max(now, self._schedule.due_at)

    def is_due(self, now: float) -> bool:
        """True if a request is due."""
        return not self._in_flight and self._schedule.due_at <= now

    def take_request(self, now: float) -> Request | None:
        """Return the next request, if one is due."""
        if not self.is_due(now):
            return None
        self._schedule.sent()
        try:
            request = self._composer.compose(self._pace.limit, self._acting)
        except JournalError as problem:
            self._wait_for_person(SyncTrouble(problem.code, problem.sentence), now)
            return None
        # after the unsent events, which include that of the login
        if not request.more and (beat := self._heartbeat.take(now)):
            request = replace(request, beat=beat)
        self._in_flight, self._sent_at, self._took = request, now, None
        self._status.sending = bool(request.events)
        self._status.show()
        return request

    def read_on(self) -> Generator[None, None, None]:
        """Prepare the next request while one is in flight, pausing between small parts. It may stop at any time."""
        if self._in_flight is None:
            return
        try:
            yield from self._composer.read_on(self._in_flight)
        except JournalError:
            return  # the next request reports the error

    def connected(self, *, is_local: bool, by_superuser: bool = False) -> None:
        """Note a new connection, and its facts: see `ConnectionFacts`."""
        self._pace.greeted()
        self._status.is_local, self._status.by_superuser = is_local, by_superuser
        _here, self._heartbeat.connected_at = self._status.times()

    def round_trip(self, seconds: float) -> None:
        """Note the round-trip time of the request in flight, without the time to connect."""
        self._took = seconds

    def late(self, *, connecting: bool = False) -> None:
        """Note that the request in flight has no answer within the deadline. It may still come, and is no failure."""
        if self._in_flight is not None:
            self._status.why = away_sentence(Failure(FailureKind.DEADLINE, connecting=connecting))
            self._status.failed(self._pace.failures, reached=False)
            self._heartbeat.failed(away=True)
            self._status.show()

    def on_hello(self, hello: Hello, now: float) -> bool:
        """Handle the first answer on a connection. Return True if the request may continue.

        For a journal that is retired or not live, the request continues, and the push reports the refusal.
        """
        if not hello.ok and hello.code not in _HEARD:
            self._wait_for_person(refusal(hello.code, hello.detail or "", self._identity.till), now)
        elif hello.schema is not None and compare(hello.schema, self._identity.schema) in {"behind", "too_old"}:
            self._wait_for_person(SyncTrouble("schema", schema_sentence(hello.schema, self._identity.schema)), now)
        else:
            return True
        return False

    def on_reply(self, reply: Reply, now: float) -> None:
        """Process a reply of the database at once."""
        for _part in self.digest(reply, now):
            pass

    def digest(self, reply: Reply, now: float) -> Generator[None, None, None]:
        """Process a reply of the database in small parts, pausing after each for keys."""
        request = self._in_flight
        if request is None:
            return  # a repeated answer
        try:
            if reply.ok:
                before = self._journal.acked
                yield from self._digest.take(reply, request)
                self._acting.answered(reply)
                self._succeeded(request, reply, before, now)
            elif reply.code == "protocol" and len(request.events) > 1:
                # The database may fail to understand only one event.
                self.on_failure(Failure(FailureKind.REJECTED, reply.detail or reply.code), now)
            else:
                self._digest.learn(reply)
                self._refuse(reply.code, reply.detail or "", now)
        except DivergedError:
            self._diverged(now)
        except DamagedReplyError as problem:
            self.on_failure(Failure(FailureKind.DAMAGED, str(problem)), now)
        except JournalError as problem:
            self._wait_for_person(SyncTrouble(problem.code, problem.sentence), now)

    def on_failure(self, failure: Failure, now: float) -> None:
        """Handle a request without an answer."""
        self._acting.lost(unsent=failure.connecting)
        events = len(self._in_flight.events) if self._in_flight else 0
        if failure.kind is FailureKind.REJECTED and events > 1:
            self._pace.halve(events)  # the database cannot accept one event: the others must not wait for it
        elif failure.kind in {FailureKind.REJECTED, FailureKind.FATAL}:
            detail = failure.detail
            sentence = Advice.of(detail) if failure.kind is FailureKind.FATAL else rejected_sentence(detail, events)
            self._wait_for_person(SyncTrouble(str(failure.kind), sentence), now, soon=failure.soon)
            return
        if failure.kind is FailureKind.DAMAGED and self._pace.failures + 1 >= AWAY_AFTER:  # not the network's fault
            self._status.trouble = SyncTrouble(str(failure.kind), unread_sentence())
        self._status.why = away_sentence(failure)
        self._pause(now, self._pace.lost(failure, events), reached=failure.kind in _REACHED)

    def _succeeded(self, request: Request, reply: Reply, before: Head, now: float) -> None:
        took = now - self._sent_at if self._took is None else self._took
        rest = self._pace.answered(len(request.events), took)
        if request.beat is not None:
            self._heartbeat.answered(request.beat, self._sent_at, took)
        self._status.heard()
        self._schedule.answered(now)
        acked = self._journal.acked
        if acked.seq < before.seq:  # restored: the database may not have the snapshots
            self._owe_all()
        asks_first = request.epoch is not None and reply.epoch != request.epoch  # perhaps restored: nothing accepted
        if request.sends and acked == before and not asks_first:
            self._stall(now)
            return
        self._stalls = self._partings = 0
        self._pace.reset()
        behind = acked.seq < request.last_seq
        waits = self._composer.owes or self._digest.asks_on
        if reply.more or request.more or behind or asks_first or acked.seq < before.seq or waits:
            self._schedule.nudge(now, at_once=True)
            self._schedule.rest(now, rest)
        self._finish(now)

    def _stall(self, now: float) -> None:
        """Handle a good answer that accepted nothing: the sent events do not continue the database's chain."""
        self._stalls += 1
        if self._stalls < _MOST_STALLS:
            self._pause(now, self._pace.next(), reached=True)
        else:
            self._refuse("chain_diverged", "", now)

    def _diverged(self, now: float) -> None:
        """Handle an answer with events that this journal never wrote. A single such answer may be corrupt."""
        self._partings += 1
        if self._partings < _MOST_PARTINGS:
            self._pause(now, self._pace.next(), reached=True)
        else:
            self._refuse("chain_diverged", "", now)

    def _refuse(self, code: str, detail: str, now: float) -> None:
        """Handle a refusal that needs a person."""
        if code == "chain_diverged":
            self._journal.condemn()
        self._wait_for_person(refusal(code, detail, self._identity.till), now)

    def _wait_for_person(self, trouble: SyncTrouble, now: float, *, soon: bool = False) -> None:
        """Wait for a person: keep selling, show the trouble, and retry slowly, or soon if it may be fixed at once."""
        self._acting.fail(StoreError(trouble.sentence))
        self._status.trouble = trouble
        self._pause(now, self._pace.next() if soon else self._pace.slow(), reached=True)

    def _pause(self, now: float, seconds: float, *, reached: bool) -> None:
        self._status.failed(self._pace.failures, reached=reached)
        self._heartbeat.failed(away=self._status.away)
        self._schedule.pause(now, seconds)
        self._finish(now)

    def _finish(self, now: float) -> None:
        self._in_flight = None
        if self._hurried:
            self._hurried = False
            self._schedule.hurry(now)
        self._schedule.beat_at = self._heartbeat.due_at
        self._status.quality = self._heartbeat.quality
        self._status.sending = False
        self._status.show()
