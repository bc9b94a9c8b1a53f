"""The sync inside the till's event loop: drives the engine over the road, and answers the register's questions."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from till.domain.errors import StoreError
from till.domain.words import _
from till.sync.digest import mark_from
from till.sync.engine import Engine
from till.sync.failures import Failure, FailureKind, refusal
from till.sync.intake import Intake
from till.sync.link import LinkError
from till.sync.messages import Answer, DamagedReplyError, decode_as, decode_reply, encode_read, encode_request
from till.sync.road import CONFLICTS, MAINTENANCE, OPEN_TABS, PUSH, SESSION_EVENTS, USER_SESSIONS, Road
from till.sync.rows import (
    ConflictsAnswer,
    EventsAnswer,
    MaintenanceAnswer,
    SessionsAnswer,
    TabsAnswer,
    remote_conflict,
    remote_session,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from till.ports import Clock, Journal, Light, RemoteConflict, RemoteSession, Snapshots, StoreListener
    from till.sync.failures import Trouble
    from till.sync.messages import Request
    from till.sync.rows import Row
    from till.sync.settings import ConnectionFacts, Identity, Settings, Upkeep

A = TypeVar("A", bound=Answer)
R = TypeVar("R")
T = TypeVar("T")
#: Seconds between two parts of a big answer: a key passes through the loop several times before it is painted.
_BREATH: Final = 0.002
_ABORT_SECONDS: Final = 1.0
_UNEXPECTED: Final = _("Saving met something new ({name}); it is in the log. Selling goes on here.")
_log: Final = logging.getLogger(__name__)


class SyncService:
    """`till.ports.Store` and `till.ports.Outbox`. Make it anywhere; from `start` on it lives in the running loop.

    Args:
        journal: this till's disk.
        listener: told of what came, in the loop's thread.
        snapshots: shows a session as it stands.
        settings: when to send.
        connect_facts: says where the database is and by which secret. Called in a thread, each time that a connection
            is to be made; may start a server; whatever it raises counts as a database that is away.
        identity: who sends.
        clock: the time of day, for the light.
        chance: gives a number from 0 up to 1.
        upkeep: when this till does the database's maintenance; None leaves it to others.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        snapshots: Snapshots,
        settings: Settings,
        connect_facts: Callable[[], ConnectionFacts],
        *,
        identity: Identity,
        clock: Clock,
        chance: Callable[[], float] | None = None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._journal = journal
        self._upkeep = upkeep
        self._upkeep_at = 0.0
        self._listener = listener
        self._settings = settings
        self._identity = identity
        self._engine = Engine(
            journal,
            listener,
            snapshots,
            settings=settings,
            identity=identity,
            clock=clock,
            chance=chance or secrets.SystemRandom().random,
        )
        self._road = Road(connect_facts, identity, journal.journal_id, self._on_notice)
        self._wake = asyncio.Event()
        self._answered = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._questions: set[asyncio.Future[Any]] = set()
        self._stopping = False
        self._begun = 0
        self._ended = 0

    @property
    def light(self) -> Light:
        """The light as it stands now."""
        return self._engine.light

    @property
    def trouble(self) -> Trouble | None:
        """What waits for a person, if anything does."""
        return self._engine.trouble

    # Life

    def start(self) -> None:
        """Begin to send and to ask, in the running loop. Nothing has connected when this returns."""
        if self._task is None:
            self._engine.start(time.monotonic())
            self._task = asyncio.get_running_loop().create_task(self._run(), name="sync")

    async def stop(self, flush_seconds: float = 0) -> bool:
        """End; first try for so many seconds to send what is unsent. Whether all of it was acknowledged."""
        flushed = await self.flush(flush_seconds)
        task, self._task = self._task, None
        self._stopping = True
        if task is not None:
            self._wake.set()
            if self._engine.next_wake(0) is None:
                self._road.abort()
            await asyncio.wait({task}, timeout=_ABORT_SECONDS)
            task.cancel()  # it may still wait for a thread that looks for the database
            await asyncio.wait({task})
        if self._questions:
            self._road.abort()
            await asyncio.wait(self._questions, timeout=_ABORT_SECONDS)
        await self._road.close()
        return flushed

    async def _run(self) -> None:
        while not self._stopping:
            now = time.monotonic()
            request = self._engine.take_request(now)
            if request is None:
                await self._sleep((self._engine.next_wake(now) or now) - now)
                continue
            self._begun += 1
            try:
                await self._exchange(request)
            except Exception as problem:  # noqa: BLE001 - a fault in here must show on the light, not end the sync
                _log.exception("the sync met what it does not know")
                self._engine.on_failure(
                    Failure(FailureKind.FATAL, _UNEXPECTED.format(name=type(problem).__name__)), time.monotonic()
                )
            self._ended = self._begun
            async with self._answered:
                self._answered.notify_all()
            if not request.sends and not self._stopping:
                await self._maintain()

    async def _sleep(self, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()
            self._wake.clear()

    async def _exchange(self, request: Request) -> None:
        try:
            hello = await self._road.open(request.connect_deadline)
            if not self._engine.on_hello(hello, time.monotonic()):
                await self._road.close()
                return
            text = encode_request(request, self._identity, self._road.secret)
            reply = decode_reply(await self._road.ask(PUSH, text, request.deadline))
        except LinkError as problem:
            self._engine.on_failure(problem.failure, time.monotonic())
        except DamagedReplyError as problem:
            self._engine.on_failure(Failure(FailureKind.DAMAGED, str(problem)), time.monotonic())
        else:
            await self._by_parts(self._engine.digest(reply, time.monotonic()))

    @staticmethod
    async def _by_parts(work: Generator[None, None, T]) -> T:
        """Let the loop run between the parts of some work."""
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return] # StopIteration does not say of what
            await asyncio.sleep(_BREATH)

    async def _maintain(self) -> None:
        """After a poll, for then nobody waits: have the database look after itself, if it is time."""
        upkeep, now = self._upkeep, time.monotonic()
        if upkeep is None or now < self._upkeep_at or self._engine.away or self._engine.trouble:
            return
        self._upkeep_at = now + upkeep.every_s
        try:
            answer = await self._read(
                MAINTENANCE,
                MaintenanceAnswer,
                stale_minutes=upkeep.stale_minutes,
                hot_hours=upkeep.hot_hours,
                warm_days=upkeep.warm_days,
            )
        except StoreError as problem:
            _log.info("the database was not looked after: %s", problem)
            return
        if answer.more:
            self._upkeep_at = now
        if answer.swept:  # a notification tells the others; an order of this till may be among them
            self._engine.hint(time.monotonic())

    def _on_notice(self, payload: str) -> None:
        """The database told all tills of all venues that something changed, or is gone."""
        if not payload or payload.startswith(self._identity.store_id):
            self._engine.hint(time.monotonic())
            self._wake.set()

    # The outbox

    def nudge(self, *, at_once: bool) -> None:
        """There are new events: send after the debounce, or at once. Quick: nothing is sent in here."""
        self._engine.nudge(time.monotonic(), at_once=at_once)
        self._wake.set()

    # The store

    async def flush(self, seconds: float) -> bool:
        """Push what is unsent now; whether all of it was acknowledged within so many seconds.

        Gives up sooner when the database refuses this till: waiting would not help.
        """
        wanted, before = self._journal.head.seq, self._begun
        if self._task is None or self._is_acked(wanted):
            return self._is_acked(wanted)
        self._engine.hurry(time.monotonic())
        self._wake.set()
        try:
            async with asyncio.timeout(seconds), self._answered:
                await self._answered.wait_for(lambda: self._is_acked(wanted) or self._was_refused(before))
        except TimeoutError:
            return False
        return self._is_acked(wanted)

    def _was_refused(self, before: int) -> bool:
        """Whether an attempt that began after so many others was refused."""
        return self._ended > before and self._engine.trouble is not None

    def _is_acked(self, seq: int) -> bool:
        return self._journal.acked.seq >= seq

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """The open order sessions of a user on all tills, newest first.

        Raises:
            StoreError: the database could not be reached in time, or refused.
        """
        answer = await self._read(USER_SESSIONS, SessionsAnswer, user=user)
        return _listed(answer.sessions, remote_session)

    async def open_tabs(self) -> list[RemoteSession]:
        """The orders that stand on tabs, newest first.

        Raises:
            StoreError: the database could not be reached in time, or refused.
        """
        answer = await self._read(OPEN_TABS, TabsAnswer)
        return _listed(answer.tabs, remote_session)

    async def conflicts(self) -> list[RemoteConflict]:
        """What about money waits for a manager, newest first.

        Raises:
            StoreError: the database could not be reached in time, or refused.
        """
        answer = await self._read(CONFLICTS, ConflictsAnswer)
        return _listed(answer.conflicts, remote_conflict)

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal.

        Raises:
            StoreError: the database could not be reached in time, refused, or has no such session.
        """
        answer = await self._read(SESSION_EVENTS, EventsAnswer, session=session_id)
        if answer.session is None:
            raise StoreError(_("The database has no such order."))
        intake = Intake(self._journal)
        try:
            arrived = await self._by_parts(intake.read(answer.events))
        except DamagedReplyError as problem:
            raise StoreError from problem
        await self._by_parts(intake.keep(arrived))
        if not intake.unsound:
            self._keep_mark(answer.session)
        if intake.grown:
            self._listener.sessions_grew(list(intake.grown))

    def _keep_mark(self, row: Row) -> None:
        old = self._journal.mark_of(row.session)
        if old is None or old.version <= row.version:
            self._journal.receive([], [mark_from(row, follows=old.open if old else False)])

    async def _read(self, statement: str, shape: type[A], **facts: object) -> A:
        """Ask, within the deadline. A late question is left to end by itself: to cancel it would take longer."""
        question = asyncio.ensure_future(self._ask(statement, shape, facts))
        self._questions.add(question)
        question.add_done_callback(self._question_ended)
        done, _late = await asyncio.wait({question}, timeout=self._settings.deadline_s)
        if not done:
            raise StoreError
        return question.result()

    async def _ask(self, statement: str, shape: type[A], facts: dict[str, object]) -> A:
        seconds = self._settings.deadline_s
        try:
            hello = await self._road.open(seconds)
            if not hello.ok:
                raise StoreError(refusal(hello.code, hello.detail or "", self._identity.till).sentence)
            text = encode_read(self._identity, self._road.secret, **facts)
            answer = decode_as(await self._road.ask(statement, text, seconds), shape)
        except (LinkError, DamagedReplyError) as problem:
            raise StoreError from problem
        if not answer.ok:
            raise StoreError(refusal(answer.code, answer.detail or "", self._identity.till).sentence)
        if self._engine.away:  # it answers again: do not wait for the end of the pause
            self._engine.hurry(time.monotonic())
            self._wake.set()
        return answer

    def _question_ended(self, question: asyncio.Future[Any]) -> None:
        self._questions.discard(question)
        if not question.cancelled() and (problem := question.exception()):
            _log.debug("a question to the database was not answered: %s", problem)


def _listed(rows: Sequence[R], read: Callable[[R], T]) -> list[T]:
    try:
        return [read(row) for row in rows]
    except DamagedReplyError as problem:
        raise StoreError from problem
