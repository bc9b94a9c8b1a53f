"""The sync inside the till's event loop: it runs the engine, and answers the register's requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Final

from till.domain.advice import advice_of
from till.domain.errors import StoreAwayError, TillError
from till.domain.i18n import N_
from till.sync.connection import ConnectionFailedError
from till.sync.engine import Engine
from till.sync.failures import Failure, FailureKind
from till.sync.messages import DamagedReplyError, decode_reply, encode_request
from till.sync.questions import StoreClient, by_parts
from till.sync.reads import MAINTENANCE, TELL
from till.sync.server import PUSH, Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from till.ports import Attendance, Clock, Journal, Light, Snapshots, StoreListener, Transfer
    from till.sync.failures import SyncTrouble
    from till.sync.messages import Hello, Reply, Request
    from till.sync.settings import ConnectionFacts, Identity, Settings, Upkeep

_ABORT_SECONDS: Final = 1.0
#: The refusal of a secret, which may have been renewed while the till was open.
_NOT_KNOWN: Final = "wrong_secret"
#: The longest wait in seconds for a moment without keys, before a push and before its answer.
_YIELD_S: Final = 0.1
#: The event that writes an order into cold storage.
_PLACED: Final = "order_placed"
#: A notification about one payment or one refund.
_OF_PAYMENT: Final = re.compile(r"payment (?P<key>[0-9a-f-]{36})\Z")
#: A notification for the screens of the kitchen, and those that mean nothing to one: it holds no order.
_OF_KITCHEN: Final = "kitchen"
_OF_ORDERS: Final = frozenset({"sessions", "tabs", "notices"})
_UNEXPECTED: Final = N_("Saving failed ({name}).")
_log: Final = logging.getLogger(__name__)


class SyncService(StoreClient):
    """The implementation of `till.ports.Store` and `till.ports.Outbox`. After `start` it runs in the running loop.

    Args:
        journal: this till's disk.
        listener: notified of news, in the loop's thread.
        snapshots: returns the present snapshot of a session.
        settings: the timing and size of pushes.
        connect_facts: returns the address of the database and its secret. It is called in a thread for each new
            connection, and may start a server; any error counts as an offline database.
        identity: the sender.
        clock: the time of day, for the light.
        chance: returns a number from 0 up to 1.
        upkeep: the timing of the database's maintenance by this till; None leaves it to others.
        calm: waits up to a number of seconds for a moment without keys, before computations; None without a keyboard.
        attendance: returns the logged-in user, for whom heartbeats are sent.
        settled: returns what `Request.settled` says.
        answered: called for each answer with its seconds and the number of sent events.
        on_kitchen: called when tickets came or are done; None for a till that sells.
        refused: called with the code of a trouble that needs a person, after each answer that has it.
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
        calm: Callable[[float], Awaitable[None]] | None = None,
        attendance: Callable[[], Attendance | None] = lambda: None,
        settled: Callable[[], Sequence[str] | None] = lambda: None,
        answered: Callable[[float, int], None] | None = None,
        on_kitchen: Callable[[], None] | None = None,
        refused: Callable[[str], None] = lambda _code: None,
    ) -> None:
        engine = Engine(
            journal,
            listener,
            snapshots,
            settings=settings,
            identity=identity,
            clock=clock,
            chance=chance or secrets.SystemRandom().random,
            attendance=attendance,
            settled=settled,
        )
        server = Server(connect_facts, identity, journal.journal_id, self._on_notice)
        super().__init__(journal, listener, settings, identity, engine, server)
        self._greeted: Hello | None = None
        self._upkeep = upkeep
        self._calm = calm
        self._on_answer = answered
        self._on_kitchen = on_kitchen
        self._on_refused = refused
        self._upkeep_at = 0.0
        self._answered = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._tellings: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._logged: SyncTrouble | None = None
        self._begun = 0
        self._ended = 0

    @property
    def light(self) -> Light:
        return self._engine.light

    @property
    def trouble(self) -> SyncTrouble | None:
        return self._engine.trouble

    # Start and stop

    def start(self) -> None:
        """Start the sync in the running loop. It returns before the first connection."""
        if self._task is None:
            self._engine.start(time.monotonic())
            self._task = asyncio.get_running_loop().create_task(self._run(), name="sync")

    async def stop(self, flush_seconds: float = 0) -> bool:
        """Stop, after up to `flush_seconds` for sending unsent events. Return True if all were acknowledged."""
        flushed = await self.flush(flush_seconds)
        task, self._task = self._task, None
        self._stopping = True
        if task is not None:
            self._wake.set()
            if self._engine.next_wake(0) is None:
                self._server.abort()
            await asyncio.wait({task}, timeout=_ABORT_SECONDS)
            task.cancel()  # it may still wait for the thread that finds the database
            await asyncio.wait({task})
        if self._tellings:
            await asyncio.wait(self._tellings, timeout=_ABORT_SECONDS)
        if unanswered := {*self._questions, *self._tellings}:
            self._server.abort()
            await asyncio.wait(unanswered, timeout=_ABORT_SECONDS)
        await self._server.close()
        return flushed

    async def _run(self) -> None:
        while not self._stopping:
            if self._engine.is_due(time.monotonic()):
                await self._yield_to_keys()
            now = time.monotonic()
            request = self._engine.take_request(now)
            if request is None:
                await self._sleep((self._engine.next_wake(now) or now) - now)
                continue
            self._begun += 1
            try:
                await self._exchange(request)
            except Exception as problem:  # noqa: BLE001 - a fault must show on the light, not end the sync
                _log.exception("sync_fault")
                failed = advice_of(_UNEXPECTED, N_("Keep selling; it is logged."), name=type(problem).__name__)
                self._engine.on_failure(Failure(FailureKind.FATAL, failed), time.monotonic())
            self._ended = self._begun
            async with self._answered:
                self._answered.notify_all()
            await asyncio.sleep(0)  # waiting tasks run before the next request is composed
            if not request.sends and not self._stopping:
                await self._maintain()

    async def _yield_to_keys(self) -> None:
        """Wait for a moment without keys before a few milliseconds of work, so that no scanner is delayed."""
        if self._calm is not None and not self._stopping:
            await self._calm(_YIELD_S)

    async def _sleep(self, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()
            self._wake.clear()

    async def _exchange(self, request: Request) -> None:
        before = self._journal.acked.seq
        try:
            await self._server.find()
            with self._watch():
                if not await self._greet():
                    return
                reply = await self._push(request)
                if reply.code == _NOT_KNOWN and await self._server.has_new_secret():
                    reply = await self._push(request)
        except ConnectionFailedError as problem:
            _log.info("away", extra={"kind": str(problem.failure.kind), "connecting": problem.failure.connecting})
            self._engine.on_failure(problem.failure, time.monotonic())
        except DamagedReplyError as problem:
            _log.warning("answer_not_read")
            self._engine.on_failure(Failure(FailureKind.DAMAGED, str(problem)), time.monotonic())
        else:
            if reply.tell:
                telling = asyncio.create_task(self._tell(reply.tell))
                self._tellings.add(telling)
                telling.add_done_callback(self._tellings.discard)
            await by_parts(self._engine.digest(reply, time.monotonic()))
            self._log_outcome(request, reply, before)
            self._listener.server_answered()  # hinted or not: a pooler carries no notification

    @contextlib.contextmanager
    def _watch(self) -> Iterator[None]:
        """Let the light show, from the deadline on, that an answer is late."""
        loop, server = asyncio.get_running_loop(), self._server
        timer = loop.call_later(self._settings.deadline_s, lambda: self._engine.late(connecting=not server.is_greeted))
        try:
            yield
        finally:
            timer.cancel()

    async def _greet(self) -> bool:
        """Connect if needed. Return False if the database refuses this till."""
        seconds = self._settings.patience_s
        hello = await self._server.open(seconds)
        if hello.code == _NOT_KNOWN and await self._server.has_new_secret():
            hello = await self._server.open(seconds)
        if not self._engine.on_hello(hello, time.monotonic()):
            await self._server.close()
            return False
        if hello is not self._greeted:
            self._greeted = hello
            self._engine.connected(is_local=self._server.is_local, by_superuser=self._server.by_superuser)
            async with self._answered:
                self._answered.notify_all()
        return True

    def _log_outcome(self, request: Request, reply: Reply, before: int) -> None:
        """Log the outcome of a push, with the ids of its orders."""
        known, self._logged = self._logged, self._engine.trouble
        if self._engine.trouble is not None:
            if self._engine.trouble != known:
                _log.warning("refused", extra={"code": self._engine.trouble.code})
            self._on_refused(self._engine.trouble.code)
        for record in reply.quarantined:
            _log.warning("quarantined", extra={"session": record.session, "record": record.event})
        acked = self._journal.acked.seq
        if acked < before:
            _log.warning("database_set_back", extra={"seq": acked, "before": before})
        came = [event for event in request.events if event.seq <= acked]
        if not came:
            return
        aside = {record.event for record in reply.quarantined}
        sessions = list(dict.fromkeys(event.session_id for event in came if event.session_id))
        _log.info("acknowledged", extra={"seq": acked, "records": len(came), "sessions": sessions})
        for event in came:
            if event.type == _PLACED and event.id not in aside:
                _log.info("in_cold_storage", extra={"session": event.session_id, "record": event.id})

    async def _push(self, request: Request) -> Reply:
        """Send a request to the database. Return its answer."""
        text = encode_request(request, self._identity, self._server.secret)
        if request.events:
            facts = {"seq": request.events[0].seq, "records": len(request.events), "bytes": len(text)}
            _log.info("sent", extra={**facts, "sessions": list(request.snapshots)})
        began = time.monotonic()
        answer = await self._send(text)
        if self._on_answer is not None:
            self._on_answer(time.monotonic() - began, len(request.events))
        await self._yield_to_keys()
        return decode_reply(answer)

    async def _send(self, text: str) -> str:
        """Send a request to the database, and prepare the next one meanwhile."""
        reading = asyncio.create_task(by_parts(self._engine.read_on()))
        try:
            answer = await self._server.ask(PUSH, text, self._settings.patience_s)
            self._engine.round_trip(self._server.took)
            return answer
        finally:
            reading.cancel()

    async def _tell(self, hints: tuple[str, ...]) -> None:
        """Send the hints of an answer to the other tills, while it is digested. They find by polling what is lost."""
        try:
            await self._ask(TELL, {"tell": hints}, self._settings.patience_s)
        except TillError as problem:
            _log.info("hints_not_sent", extra={"error": problem.code})
            self._on_notice("")  # as when the connection is lost between two calls

    async def _maintain(self) -> None:
        """Run the database's maintenance if it is due; called after a poll, when nobody waits."""
        upkeep, now = self._upkeep, time.monotonic()
        if upkeep is None or now < self._upkeep_at or self._engine.away or self._engine.trouble:
            return
        self._upkeep_at = now + upkeep.every_s
        try:
            answer = await self.read(
                MAINTENANCE,
                self._settings.deadline_s,  # pushes wait behind it
                stale_minutes=upkeep.stale_minutes,
                hot_hours=upkeep.hot_hours,
                warm_days=upkeep.warm_days,
            )
        except TillError as problem:  # a fault of the database, or of this disk, which the next key reports
            _log.warning("maintenance_not_done", extra={"error": problem.code})
            return
        if answer.more:
            self._upkeep_at = now
        if answer.swept:  # other tills get a notification; this till may have had an order swept too
            self._engine.hint(time.monotonic())

    def _on_notice(self, payload: str) -> None:
        """Handle a notification; an empty one means a lost connection. Tills of all venues get all notifications."""
        store, _space, topic = payload.partition(" ")
        if store == self._identity.store_id and (hint := _OF_PAYMENT.match(topic)):
            self._listener.payment_hinted(hint["key"])
        elif topic == _OF_KITCHEN:
            if store == self._identity.store_id and self._on_kitchen is not None:
                self._on_kitchen()
        elif self._on_kitchen is not None and topic in _OF_ORDERS:
            pass  # a push of its own would make the board wait for a round trip
        elif not payload or payload.startswith(self._identity.store_id):
            self._engine.hint(time.monotonic())
            self._wake.set()

    # The outbox

    def nudge(self, *, at_once: bool) -> None:
        """Schedule new events to be sent after the debounce, or at once. It returns immediately."""
        self._engine.nudge(time.monotonic(), at_once=at_once)
        self._wake.set()

    # The store

    async def act(self, act: Transfer) -> None:
        """Request the server to write an act between orders, in one round trip after the unsent events."""
        if self._task is None:
            raise StoreAwayError
        self._engine.ask(act, time.monotonic())
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.deadline_s), self._answered:
                await self._answered.wait_for(lambda: not self._engine.acts)
        self._engine.end_act()

    async def flush(self, seconds: float) -> bool:
        """Push all unsent events now. Return True if they were acknowledged within `seconds`.

        Return early if the database refuses this till.
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

    async def greeted(self) -> None:
        """Wait until the database has accepted this till, or the first attempt failed. News arrives a moment later."""
        async with self._answered:
            await self._answered.wait_for(lambda: self._greeted is not None or self._ended > 0)

    async def heard(self) -> None:
        """Wait for the end of the first request for other tills' events, whatever its outcome."""
        async with self._answered:
            await self._answered.wait_for(lambda: self._ended > 0)

    def _was_refused(self, before: int) -> bool:
        """True if an attempt after the first `before` attempts was refused."""
        return self._ended > before and self._engine.trouble is not None

    def _is_acked(self, seq: int) -> bool:
        return self._journal.acked.seq >= seq
