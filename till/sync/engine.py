"""The sync without its I/O: when to push, what a reply means, what a failure means.

Deterministic: whoever drives it brings the time and the chance, and a simulation drives the same code as a till does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import JournalError
from till.domain.structs import replace
from till.sync.backoff import Backoff
from till.sync.composer import Composer
from till.sync.digest import Digest, DivergedError
from till.sync.failures import (
    Failure,
    FailureKind,
    Trouble,
    away_sentence,
    refusal,
    rejected_sentence,
    schema_sentence,
    unread_sentence,
)
from till.sync.heartbeat import Heartbeat
from till.sync.messages import DamagedReplyError
from till.sync.patience import Patience
from till.sync.schedule import Schedule
from till.sync.standing import AWAY_AFTER, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from till.ports import Attendance, Clock, Head, Journal, Light, Snapshots, StoreListener
    from till.sync.messages import Hello, Reply, Request
    from till.sync.settings import Identity, Settings

#: Answers in a row that took nothing of what was sent, after which the chains have parted.
_MOST_STALLS: Final = 3
#: Answers in a row that name what this journal never wrote, after which they are believed.
_MOST_PARTINGS: Final = 2
#: Failures with which the database at least answered.
_REACHED: Final = frozenset({FailureKind.BUSY, FailureKind.DAMAGED, FailureKind.REJECTED})

#: Refusals of a journal at the door after which a push goes on: what a retired one still has is taken, and one that is
#: not live gets the menu and the staff.
_HEARD: Final = frozenset({"journal_retired", "journal_not_live"})


class Engine:
    """What the sync does next. Not a method of it waits or looks at a clock; `now` is in seconds and never runs back.

    The driver asks `next_wake`, takes a request with `take_request` when it is due, brings it to the database, and
    gives back `on_reply` (or `digest`, which pauses between small parts) or `on_failure`. One request is out at a time;
    meanwhile `read_on` makes the next one ready.

    Args:
        journal: this till's disk.
        listener: told of what came, and of the light.
        snapshots: shows a session as it stands.
        settings: when to send and how much.
        identity: who sends.
        clock: the time of day, for the light and for how long ago something was.
        chance: gives a number from 0 up to 1, for the pauses.
        attendance: says who is logged in, for whom heartbeats go along.
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
    ) -> None:
        self._journal = journal
        self._identity = identity
        self._standing = Standing(journal, listener, clock)
        self._schedule = Schedule(settings)
        self._patience = Patience(settings.batch_events, settings.deadline_s)
        self._backoff = Backoff(chance)
        self._composer = Composer(journal, snapshots, settings, self._standing.aside)
        self._digest = Digest(journal, listener, self._composer, self._standing, till=identity.till)
        self._in_flight: Request | None = None
        self._heartbeat = Heartbeat(attendance)
        self._sent_at = 0.0
        self._took: float | None = None
        self._stalls = 0
        self._partings = 0
        self._hurried = False

    @property
    def light(self) -> Light:
        return self._standing.light

    @property
    def trouble(self) -> Trouble | None:
        """What waits for a person, if anything does."""
        return self._standing.trouble

    @property
    def away(self) -> bool:
        """Whether the database cannot be reached."""
        return self._standing.away

    @property
    def connect_deadline(self) -> float:
        """Seconds to wait for a connection."""
        return self._patience.connect_deadline

    def start(self, now: float) -> None:
        """Begin: the first request is due at once. It shows all open orders anew: the last push may have been lost."""
        self._owe_all()
        self._schedule.start(now)
        self._standing.show()

    def _owe_all(self) -> None:
        for mark in self._journal.open_sessions():
            self._composer.owe(mark.session_id)

    def nudge(self, now: float, *, at_once: bool) -> None:
        """There are new events."""
        self._schedule.nudge(now, at_once=at_once)
        self._standing.show()

    def doubt(self, which: str, names: set[str]) -> None:
        """What of a list did not read, by name: the light says so until the list is read again, and well."""
        self._standing.doubt(which, names)
        self._standing.show()

    def hint(self, now: float) -> None:
        """The database has something new: ask soon."""
        self._schedule.poll_soon(now)

    def hurry(self, now: float) -> None:
        """Somebody waits for the next attempt: make it now, whatever failed before, or after the one that is out."""
        self._hurried = self._in_flight is not None
        self._schedule.hurry(now)

    def next_wake(self, now: float) -> float | None:
        """When `take_request` will have something, never before `now`; None while a request is out."""
        return None if self._in_flight else max(now, self._schedule.due_at)

    def is_due(self, now: float) -> bool:
        """Whether `take_request` has something."""
        return not self._in_flight and self._schedule.due_at <= now

    def take_request(self, now: float) -> Request | None:
        """The next request, if one is due."""
        if not self.is_due(now):
            return None
        self._schedule.sent()
        try:
            request = self._composer.compose(self._patience)
        except JournalError as problem:
            self._give_up(Trouble(problem.code, problem.sentence), now)
            return None
        # behind what waits: with a login comes the event that made it
        if not request.more and (beat := self._heartbeat.take(now)):
            request = replace(request, beat=beat)
        self._in_flight, self._sent_at, self._took = request, now, None
        self._standing.sending = bool(request.events)
        self._standing.show()
        return request

    def read_on(self) -> Generator[None, None, None]:
        """While a request is out: make ready what goes after it, pausing after small parts. It may be broken off."""
        if self._in_flight is None:
            return
        try:
            yield from self._composer.read_on(self._in_flight)
        except JournalError:
            return  # the next request meets it again, and says so

    def connected(self) -> None:
        """The connection is a new one."""
        _here, self._heartbeat.connected_at = self._standing.times()

    def round_trip(self, seconds: float) -> None:
        """The request that is out had its answer after so long, connecting left out."""
        self._took = seconds

    def on_hello(self, hello: Hello, now: float) -> bool:
        """The first answer on a connection; whether to go on with the request.

        A journal that is retired, or not live yet, goes on: the push says the rest.
        """
        if not hello.ok and hello.code not in _HEARD:
            self._give_up(refusal(hello.code, hello.detail or "", self._identity.till), now)
        elif hello.schema is not None and hello.schema < self._identity.schema:
            self._give_up(Trouble("schema", schema_sentence(hello.schema, self._identity.schema)), now)
        else:
            return True
        return False

    def on_reply(self, reply: Reply, now: float) -> None:
        """The database answered: take all of it in."""
        for _part in self.digest(reply, now):
            pass

    def digest(self, reply: Reply, now: float) -> Generator[None, None, None]:
        """The database answered: take it in by small parts, pausing after each for whoever has a key to handle."""
        request = self._in_flight
        if request is None:
            return  # a repeat of an answer that was taken already
        try:
            if reply.ok:
                before = self._journal.acked
                yield from self._digest.take(reply, request)
                self._went_well(request, before, now)
            elif reply.code == "protocol" and len(request.events) > 1:
                # Perhaps it is one of them alone that the database does not understand.
                self.on_failure(Failure(FailureKind.REJECTED, reply.detail or reply.code), now)
            else:
                self._digest.learn(reply)
                self._refuse(reply.code, reply.detail or "", now)
        except DivergedError:
            self._parted(now)
        except DamagedReplyError as problem:
            self.on_failure(Failure(FailureKind.DAMAGED, str(problem)), now)
        except JournalError as problem:
            self._give_up(Trouble(problem.code, problem.sentence), now)

    def on_failure(self, failure: Failure, now: float) -> None:
        """There is no answer."""
        events = len(self._in_flight.events) if self._in_flight else 0
        if failure.kind is FailureKind.DEADLINE:
            if failure.connecting:
                self._patience.connect_timed_out()
            else:
                self._patience.timed_out(events)
        if failure.kind is FailureKind.REJECTED and events > 1:
            self._patience.halve(events)  # one of them it cannot take: the others must not wait for that
        elif failure.kind in {FailureKind.REJECTED, FailureKind.FATAL}:
            sentence = (
                failure.detail if failure.kind is FailureKind.FATAL else rejected_sentence(failure.detail, events)
            )
            self._give_up(Trouble(str(failure.kind), sentence), now, soon=failure.soon)
            return
        if failure.kind is FailureKind.DAMAGED and self._backoff.failures + 1 >= AWAY_AFTER:  # it is not the road
            self._standing.trouble = Trouble(str(failure.kind), unread_sentence())
        self._standing.why = away_sentence(failure)
        self._pause(now, self._backoff.next(), reached=failure.kind in _REACHED)

    def _went_well(self, request: Request, before: Head, now: float) -> None:
        self._patience.answered(now - self._sent_at)
        if request.beat is not None:
            took = now - self._sent_at if self._took is None else self._took
            self._heartbeat.answered(request.beat, self._sent_at, took)
        self._standing.heard()
        self._schedule.answered(now)
        acked = self._journal.acked
        if acked.seq < before.seq:  # it was set back: to when, it may not have had them yet
            self._owe_all()
        if request.sends and acked == before:
            self._stall(now)
            return
        self._stalls = self._partings = 0
        self._backoff.reset()
        behind = acked.seq < request.last_seq
        if request.more or behind or acked.seq < before.seq or self._composer.owes:
            self._schedule.nudge(now, at_once=True)
        self._rest(now)

    def _stall(self, now: float) -> None:
        """The database answered well and took nothing: what is sent does not follow what it has."""
        self._stalls += 1
        if self._stalls < _MOST_STALLS:
            self._pause(now, self._backoff.next(), reached=True)
        else:
            self._refuse("chain_diverged", "", now)

    def _parted(self, now: float) -> None:
        """The database has what this journal never wrote. Once may be an answer that got spoiled on its way."""
        self._partings += 1
        if self._partings < _MOST_PARTINGS:
            self._pause(now, self._backoff.next(), reached=True)
        else:
            self._refuse("chain_diverged", "", now)

    def _refuse(self, code: str, detail: str, now: float) -> None:
        """The database takes nothing of this till as it is."""
        if code == "chain_diverged":
            self._journal.condemn()
        self._give_up(refusal(code, detail, self._identity.till), now)

    def _give_up(self, trouble: Trouble, now: float, *, soon: bool = False) -> None:
        """Until a person acts: keep selling, say so, and look again slowly; of what may be mended at once, soon."""
        self._standing.trouble = trouble
        self._pause(now, self._backoff.next() if soon else self._backoff.slow(), reached=True)

    def _pause(self, now: float, seconds: float, *, reached: bool) -> None:
        self._standing.failed(self._backoff.failures, reached=reached)
        self._heartbeat.failed(away=self._standing.away)
        self._schedule.pause(now, seconds)
        self._rest(now)

    def _rest(self, now: float) -> None:
        self._in_flight = None
        if self._hurried:
            self._hurried = False
            self._schedule.hurry(now)
        self._schedule.beat_at = self._heartbeat.due_at
        self._standing.quality = self._heartbeat.quality
        self._standing.sending = False
        self._standing.show()
