"""One till's computer: its disk, the program on it while it runs, and its line to the database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest import mock

from typing_extensions import override

from tests.simulation.connection import FakeServer, Wire
from tests.simulation.disk import Fuse, KilledError, crash, put_fuse, read_files, write_files
from tests.simulation.server import reference, secret
from tests.simulation.tally import minor
from tests.simulation.terminal import Terminal
from tests.simulation.violation import hold
from till.domain.payment.codes import digest_of
from till.domain.structs import replace
from till.journal import JournalFile
from till.ports import LightState
from till.register.other_tills.news import LinesChanged, LinesLate, OrdersChanged
from till.register.payments.asking import SERVER_S
from till.register.payments.tenders import AT_SERVER, Tenders
from till.sync.connection import ConnectionFailedError
from till.sync.failures import Failure, FailureKind
from till.sync.messages import DamagedReplyError, Hello, decode_as, decode_reply, encode_read, encode_request
from till.sync.server import HELLO, PUSH
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.tenders.server import ServerTender
from till.wiring import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from tests.simulation.world import World
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.domain.refund.past import PastSale
    from till.ports import RemoteAccount, RemoteSession, RemoteVoucher, SaleSearch, Tender, Transfer
    from till.register.other_tills.news import News
    from till.register.register import Register
    from till.register.tabs.open_tabs import OpenTab
    from till.sync.engine import Engine

T = TypeVar("T")
#: Ahead of every real clock, so that ids made by the server follow those of the tills and repeat with the seed.
START: Final = datetime(2031, 3, 3, 4, 0, tzinfo=UTC)
_SETTINGS: Final = Settings(batch_events=12, batch_snapshots=3)
_LOOP: Final = asyncio.new_event_loop()
#: Turns of the loop in which a terminal answers.
_TURNS: Final = 20
_EXCHANGES_OF_A_FLUSH: Final = 3
_MOST_SKEW: Final = timedelta(hours=20)


class Fate(Enum):
    """The fate of an act on its way to the server."""

    ANSWERED = 0
    UNHEARD = 1
    """It is taken, and the answer is lost."""
    LOST = 2
    """It gets lost itself, or comes when nobody waits for it any more."""


class Machine:
    """The computer of one till.

    Attributes:
        number: the till's number.
        online: True while its line to the database is whole.
        screen: the order on its screen.
        copy: the files of its journal, from when somebody last copied them.
        undoable: the event of the last act that can be undone, and the pieces before it; None if there is none.
        was_put_back: True if an older copy of its journal was ever restored.
        age: the number of restores of the database when it last answered.
        fate: the fate of the next act between orders.
    """

    def __init__(self, world: World, number: int, folder: Path) -> None:
        self.world = world
        self.number = number
        self.path = folder / f"till-{number}.sqlite"
        self.online = True
        self._skew = timedelta()
        self.screen: str | None = None
        self.copy: dict[str, bytes] | None = None
        self.wire: Wire | None = None
        self.is_up = False
        self.was_put_back = False
        self.fate = Fate.ANSWERED
        self._greeted: Hello | None = None
        self.undoable: tuple[str, dict[str, int]] | None = None
        self.start()

    # The clock and the chance of this machine.

    def now(self) -> datetime:
        return START + timedelta(seconds=self.world.now) + self._skew

    def monotonic(self) -> float:
        """Return the seconds of the world, which no jump of the clock moves."""
        return self.world.now

    def make_id(self) -> str:
        """Return an id for a new journal."""
        return f"0f000000-0000-7000-8000-{self.world.bits(48):012x}"

    def skew(self, chance: int) -> None:
        """Make the clock jump: hours either way, or some minutes; never a day, which is a case of its own."""
        jump = timedelta(hours=(chance % 3 - 1) * 19, seconds=chance % 600 - 300)
        self._skew = max(-_MOST_SKEW, min(_MOST_SKEW, self._skew + jump))

    # Life and death.

    def start(self) -> None:
        """Open the journal and start the program, as `till.wiring` does."""
        store = self.world.server.store
        self.journal = JournalFile.open(
            self.path, till=self.number, store_id=store, new_id=self.make_id, host=f"machine {self.number}"
        )
        self.fuse: Fuse = put_fuse(self.journal)
        self.is_up = True
        self.undoable = None
        self.age = -1  # it has not heard anything yet
        outbox = parts.LateOutbox()
        if self.journal.cached("settings") is None:
            parts.seed_cache(self.journal, reference(self.world.plan.tills, self.world.house))
        with (
            mock.patch.object(parts, "randbits", self.world.bits),
            mock.patch.object(parts, "check_pin", _always),
            mock.patch.object(parts, "host_name", return_value=f"machine {self.number}"),
        ):
            self.register: Register = parts.make_register(self.journal, self, outbox, till=self.number, store_id=store)
        self.register.watcher = self
        self.identity = Identity(store, self.number)
        self.store = _Store(
            self,
            self.journal,
            self.register,
            self.register.ledger.snapshot,
            _SETTINGS,
            lambda: ConnectionFacts("", secret(self.number)),
            identity=self.identity,
            clock=self,
            chance=self.world.fraction,
            attendance=self.register.ledger.attendance,
            settled=self.register.kitchen.settled,
        )
        asked: list[Tender] = [Terminal(self.world, self.number), *(ServerTender(one, self.store) for one in AT_SERVER)]
        self.tenders = self.register.asker.tenders = Tenders(asked=asked)
        self.store._server = FakeServer(self)  # type: ignore[assignment] # the one part with a socket
        self.engine: Engine = self.store._engine
        outbox.to = self.store
        if self.number != self.world.plan.older:
            self.register.kitchen.begin()
        self.engine.start(self.world.now)

    def die(self) -> None:
        """Kill the program. A request under way may still arrive."""
        if not self.is_up:
            return
        self.is_up = False
        self.screen = None
        self._hang_up()
        crash(self.journal, self.path)

    def close(self) -> None:
        """Close the till."""
        if self.is_up:
            self.journal.close()
        self.is_up = False

    def check_light(self) -> None:
        """Check that the light says saved only if each event is acknowledged, and in the database."""
        if not self.is_up or self.register.light.state is not LightState.SAVED:
            return
        head, server = self.journal.head, self.world.server
        what = f"till {self.number} says saved at {head.seq}"
        hold("the light is honest", holds=self.journal.acked == head, what=f"{what}, which is not acknowledged")
        is_there = self.age != server.age or server.has(self.journal.journal_id, head)
        hold("the light is honest", holds=is_there, what=f"{what}, which the database has not")

    @property
    def waits_for(self) -> str:
        """The refusal that waits for a person; empty for none."""
        return self.engine.trouble.code if self.engine.trouble else ""

    def events(self) -> dict[str, Event]:
        """Return the events that this till wrote itself and that are on its disk, by id."""
        disk = self.journal._disk
        found = disk.events("SELECT hash, body, texts FROM own WHERE body IS NOT NULL", ())
        found += disk.events("SELECT hash, body, texts FROM received", ())
        return {event.id: event for event in found if event.till == self.number}

    def price_of(self, item: str) -> int:
        """Return the price of an item, as the menu that the manager sent here has it."""
        kept = self.journal.cached("menu")
        assert kept is not None
        return next(minor(one["price"]) for one in kept[1]["items"] if one["id"] == item)

    def keep_copy(self, _chance: int = 0) -> None:
        """Copy the journal, as somebody might."""
        self.copy = read_files(self.path)

    def restore_copy(self) -> None:
        """Restore the copy: later events are gone from this disk."""
        if self.copy is not None:
            self.die()
            self.was_put_back = True
            write_files(self.path, self.copy)

    def kill(self, _chance: int) -> None:
        """Kill the program between two commands."""
        self.die()

    def restart(self, _chance: int) -> None:
        """Start the program again."""
        if not self.is_up:
            self.start()

    # The line.

    def cut(self, _chance: int) -> None:
        """Cut the line."""
        self.online = False

    def mend(self, _chance: int) -> None:
        """Restore the line."""
        self.online = True

    @property
    def reaches(self) -> bool:
        """True if the database can be reached."""
        return self.online and self.world.server.up

    def ask(self, statement: str, text: str) -> str:
        """Send one statement over the line.

        Raises:
            ConnectionFailedError: the line is cut, or the statement failed.
        """
        if not self.reaches:
            raise ConnectionFailedError(Failure(FailureKind.UNREACHABLE, "the line is cut"))
        return self.world.server.ask(statement, text)

    def greet(self) -> Hello:
        """Send the first statement on a new connection."""
        if self._greeted is None or not self.reaches:
            self._greeted = None
            words = encode_read(self.identity, secret(self.number), journal=self.journal.journal_id)
            try:
                hello = decode_as(self.ask(HELLO, words), Hello)
            except ConnectionFailedError as problem:
                raise ConnectionFailedError(replace(problem.failure, connecting=True)) from problem
            self._greeted = hello if hello.ok else None
            return hello
        return self._greeted

    def _hang_up(self) -> None:
        """Drop the connection. A request that has not arrived yet may arrive late."""
        self._greeted = None
        wire, self.wire = self.wire, None
        if wire is not None and wire.reply is None:
            self.world.ghosts.append(wire.text)

    def send(self, _chance: int = 0) -> None:
        """Wait until a request is due, and send it."""
        wake = self.engine.next_wake(self.world.now)
        if wake is None:
            return
        self.world.now = max(self.world.now, wake)
        request = self.engine.take_request(self.world.now)
        if request is None:
            return
        if request.events:
            last = request.events[-1].seq
            hold("a command is sent whole", holds=bool(self.journal.ends(last, last)), what=f"a push ends at {last}")
        try:
            if not self.engine.on_hello(self.greet(), self.world.now):
                self._greeted = None
                return
        except ConnectionFailedError as problem:
            self.engine.on_failure(problem.failure, self.world.now)
            return
        self.wire = Wire(request, encode_request(request, self.identity, secret(self.number)))
        for _part in self.engine.read_on():
            pass

    def arrive(self, chance: int = 0) -> None:
        """Deliver the pending request to the database, in time or late."""
        if self.wire is None or self.wire.reply is not None:
            return
        if chance % 2:
            self.engine.late()
            hold("the light is honest", holds=self.engine.away, what=f"till {self.number} waits, and says nothing")
        try:
            self.wire.reply, self.wire.age = self.ask(PUSH, self.wire.text), self.world.server.age
        except ConnectionFailedError as problem:
            self._hang_up()
            self.engine.on_failure(problem.failure, self.world.now)

    def repeat(self, _chance: int = 0) -> None:
        """Deliver the pending request once more, as if the network had sent it twice."""
        if self.wire is not None and self.wire.reply is not None and self.reaches:
            self.ask(PUSH, self.wire.text)

    def answer(self, _chance: int = 0) -> None:
        """Deliver the reply to the till."""
        if self.wire is None or self.wire.reply is None:
            return
        wire, self.wire = self.wire, None
        try:
            reply = decode_reply(wire.reply or "")
        except DamagedReplyError as problem:
            self.engine.on_failure(Failure(FailureKind.DAMAGED, str(problem)), self.world.now)
            return
        self.age = wire.age
        self.engine.on_reply(reply, self.world.now)
        is_known = reply.head is not None and reply.head.seq <= self.journal.head.seq  # a copy has less than it sent
        if reply.ok and reply.head is not None and is_known and wire.request.events and not self.waits_for:
            what = f"till {self.number} is at {self.journal.acked.seq}, the answer at {reply.head.seq}"
            hold("an answer counts, however late", holds=self.journal.acked.seq >= reply.head.seq, what=what)

    def lose(self, chance: int) -> None:
        """Lose the reply: the line broke, or the deadline passed."""
        if self.wire is None:
            return
        kind = FailureKind.DEADLINE if chance % 2 else FailureKind.UNREACHABLE
        self._hang_up()
        self.engine.on_failure(Failure(kind, "lost"), self.world.now)

    def sync(self, chance: int = 0) -> None:
        """Do a whole exchange, or the rest of the pending one."""
        if self.wire is None:
            self.send()
        self.arrive(chance)
        self.answer()

    # The card terminal.

    def attend(self, then: Callable[[], object] | None = None, *, begun: str = "") -> None:
        """Ask for money and poll open charges, for as many turns as a moment has; then the terminal no longer answers.

        `begun` is the refund that `then` asks for: it is not polled before.
        """
        asker = self.register.asker

        async def moment() -> None:
            with asker.starting(begun):
                asker.begin(self.tenders, self._saved)
            try:
                if then is not None:
                    then()
                for _turn in range(_TURNS):
                    if not asker._tasks:
                        break  # nothing is asked
                    await asyncio.sleep(0)
            finally:
                asker.end()

        try:
            run(moment())
        finally:
            asker._under_way.clear()
        if self.fuse.is_blown:
            raise KilledError  # in a task of its own, which held it back

    async def _saved(self, seconds: float) -> bool:
        """Flush the journal before a slow answer; true if the database has all of it. A terminal answers at once."""
        if seconds >= SERVER_S:
            self.flush()
        return seconds >= SERVER_S and self.journal.acked == self.journal.head

    # The questions of the register (`till.ports.Store`).

    def user_sessions(self, user: int) -> list[RemoteSession]:
        """Return the open orders of a user."""
        return run(self.store.user_sessions(user))

    def open_tabs(self) -> list[RemoteSession]:
        """Return the orders on tabs."""
        return run(self.store.open_tabs())

    def past_sales(self, search: SaleSearch) -> list[PastSale]:
        """Return sales of the venue."""
        return run(self.store.past_sales(search))[0]

    def refund_state(self, refund_id: str) -> str | None:
        """Return the state that the database keeps for a refund, or None."""
        return run(self.store.refund_state(refund_id))

    def voucher(self, code: str) -> RemoteVoucher:
        """Return the voucher of a code."""
        return run(self.store.voucher(digest_of(code)))

    def account(self, customer_id: str) -> RemoteAccount | None:
        """Return the house account of a guest."""
        return run(self.store.account(customer_id))

    def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        """Ask the server to grant an order."""
        run(self.store.grant(session_id, user, warned=warned, cleared=cleared))

    def part(self, session_id: str, taken: Mapping[str, int]) -> Order:
        """Split pieces of lines into an order of their own."""
        between, new_id = self.register.between, self.register.ledger.new_id()
        return run(between.part(self.store, session_id, taken, new_id))

    def merge(self, kept: OpenTab, other: OpenTab) -> Order:
        """Merge one tab into another."""
        return run(self.register.between.merge(self.store, kept, other))

    def move(self, session_id: str, taken: Mapping[str, int], into: OpenTab) -> Order:
        """Move pieces of an order to a tab."""
        return run(self.register.between.move_lines(self.store, session_id, taken, into))

    def add(self, session_id: str, tab: OpenTab) -> Order:
        """Add an order to a tab."""
        return run(self.register.between.add(self.store, session_id, tab))

    def fetch(self, session_id: str) -> None:
        """Bring an order into the journal."""
        run(self.store.fetch(session_id))

    def act(self, act: Transfer) -> None:
        """Have the database write an act between orders, for as long as a screen waits for it."""
        self.world.acts.append((self.world.server.age, act))
        fate, self.fate = self.fate, Fate.ANSWERED
        self.engine.ask(act, self.world.now)
        for _exchange in range(_EXCHANGES_OF_A_FLUSH):
            if not self.engine.acts:
                break
            if self.wire is None:
                self.send()
            is_out = self.wire is not None and self.wire.request.act is not None
            if not is_out or fate is not Fate.LOST:
                self.arrive()
            if is_out and fate is not Fate.ANSWERED:
                self.lose(0)
            else:
                self.answer()
        self.engine.end_act()

    def flush(self) -> None:
        """Push unsent events, for as long as a screen waits for it."""
        self.engine.hurry(self.world.now)
        for _exchange in range(_EXCHANGES_OF_A_FLUSH):
            if self.journal.acked == self.journal.head:
                return
            self.sync()

    # Calls from the register to the screen (`till.register.other_tills.news.Watcher`).

    def on_news(self, news: News) -> None:
        """Take news to the screen: record lines as painted."""
        if isinstance(news, OrdersChanged | LinesChanged | LinesLate):
            self.world.paint(self)


class _Store(SyncService):
    """The sync of a machine: its exchanges are steps of the world."""

    def __init__(self, machine: Machine, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self._machine = machine

    @override
    async def act(self, act: Transfer) -> None:
        """Have the database write an act between orders."""
        self._machine.act(act)


def _always(_pin_hash: str, _pin: str) -> bool:
    return True


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Ignore a kill in a task, which is not an unhandled error."""
    if not isinstance(context.get("exception"), KilledError):
        loop.default_exception_handler(context)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing real, and return its result."""
    return _LOOP.run_until_complete(coroutine)


_LOOP.set_exception_handler(_tell)
