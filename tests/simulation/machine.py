"""One till's computer: its disk, the program on it while it runs, and its line to the database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest import mock

from tests.simulation.disk import Fuse, KilledError, crash, put_fuse, read_files, write_files
from tests.simulation.road import Road, Wire
from tests.simulation.server import reference, secret
from tests.simulation.terminal import Terminal
from till.domain.payment.codes import digest_of
from till.domain.structs import replace
from till.journal import JournalFile
from till.register.other_tills.news import LinesChanged, LinesLate, OrdersChanged, OrderTaken
from till.register.payments.charges import SERVER_S
from till.register.payments.tenders import AT_SERVER, Tenders
from till.sync.failures import Failure, FailureKind
from till.sync.link import LinkError
from till.sync.messages import DamagedReplyError, Hello, decode_as, decode_reply, encode_read, encode_request
from till.sync.road import HELLO, PUSH
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.tenders.server import ServerTender
from till.wiring import parts
from till.wiring.till import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tests.simulation.world import World
    from till.domain.events.envelope import Event
    from till.domain.refund.past import PastSale
    from till.ports import RemoteAccount, RemoteSession, RemoteVoucher, SaleSearch, Tender
    from till.register.other_tills.news import News
    from till.register.register import Register
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
#: Minutes. Of the tills themselves none is gone for good: only journals are.
_NEVER_STALE: Final = 1_000_000


class Machine:
    """The computer of one till.

    Attributes:
        number: the till's number.
        online: whether its line to the database is whole.
        screen: the order on its screen.
        copy: the files of its journal as somebody copied them once.
        checked: the order, and the state of the journal, for which the screen was last compared with the disk.
        counted: the state of the journal in which no event was there twice.
        was_put_back: whether an older copy of its journal was ever put back.
        age: how often the database had been set back when it last answered.
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
        self._greeted: Hello | None = None
        self.start()

    # The clock and the chance of this machine.

    def now(self) -> datetime:
        return START + timedelta(seconds=self.world.now) + self._skew

    def monotonic(self) -> float:
        """Seconds of the world: no jump of the clock moves them."""
        return self.world.now

    def make_id(self) -> str:
        """An id for a new journal."""
        return f"0f000000-0000-7000-8000-{self.world.bits(48):012x}"

    def skew(self, chance: int) -> None:
        """The clock jumps: hours either way, or some minutes; never a day off, which is a case of its own."""
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
        self.checked = ("", 0)
        self.counted = 0
        self.age = -1  # it has not heard anything yet
        outbox = parts.LateOutbox()
        if self.journal.cached("settings") is None:
            parts.seed_cache(self.journal, reference(self.world.plan.tills))
        with (
            mock.patch.object(parts, "randbits", self.world.bits),
            mock.patch.object(parts, "check_pin", _always),
            mock.patch.object(parts, "host_name", return_value=f"machine {self.number}"),
        ):
            self.register: Register = parts.make_register(self.journal, self, outbox, till=self.number, store_id=store)
        self.register.watcher = self
        self.identity = Identity(store, self.number, SCHEMA)
        self.store = SyncService(
            self.journal,
            self.register,
            self.register.ledger.snapshot,
            _SETTINGS,
            lambda: ConnectionFacts("", secret(self.number)),
            identity=self.identity,
            clock=self,
            chance=self.world.fraction,
            attendance=self.register.ledger.attendance,
        )
        asked: list[Tender] = [Terminal(self.world, self.number), *(ServerTender(one, self.store) for one in AT_SERVER)]
        self.tenders = self.register.refunds.tenders = Tenders(asked=asked)
        self.store._road = Road(self)  # type: ignore[assignment] # the one part with a socket
        self.engine: Engine = self.store._engine
        outbox.to = self.store
        self.engine.start(self.world.now)
        for _order in self.register.settling():
            pass

    def die(self) -> None:
        """The program is killed. What was on its way may still arrive."""
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

    @property
    def waits_for(self) -> str:
        """Which refusal waits for a person; empty for none."""
        return self.engine.trouble.code if self.engine.trouble else ""

    def events(self) -> dict[str, Event]:
        """All that this till itself wrote and that is on its disk."""
        disk = self.journal._disk
        found = disk.events("SELECT hash, body, texts FROM own WHERE body IS NOT NULL", ())
        found += disk.events("SELECT hash, body, texts FROM received", ())
        return {event.id: event for event in found if event.till == self.number}

    def keep_copy(self, _chance: int = 0) -> None:
        """Somebody copies the journal."""
        self.copy = read_files(self.path)

    def restore_copy(self) -> None:
        """Somebody puts the copy back: what was written since is gone from this disk."""
        if self.copy is not None:
            self.die()
            self.was_put_back = True
            write_files(self.path, self.copy)

    def kill(self, _chance: int) -> None:
        """The program is killed between two commands."""
        self.die()

    def restart(self, _chance: int) -> None:
        """Somebody starts the program again."""
        if not self.is_up:
            self.start()

    # The line.

    def cut(self, _chance: int) -> None:
        """The line is cut."""
        self.online = False

    def mend(self, _chance: int) -> None:
        """The line is whole again."""
        self.online = True

    @property
    def reaches(self) -> bool:
        """Whether the database can be reached."""
        return self.online and self.world.server.up

    def ask(self, statement: str, text: str) -> str:
        """One statement over the line.

        Raises:
            LinkError: it is cut, or the statement failed.
        """
        if not self.reaches:
            raise LinkError(Failure(FailureKind.UNREACHABLE, "the line is cut"))
        return self.world.server.ask(statement, text)

    def greet(self) -> Hello:
        """The first words on a new connection."""
        if self._greeted is None or not self.reaches:
            self._greeted = None
            words = encode_read(self.identity, secret(self.number), journal=self.journal.journal_id)
            try:
                hello = decode_as(self.ask(HELLO, words), Hello)
            except LinkError as problem:
                raise LinkError(replace(problem.failure, connecting=True)) from problem
            self._greeted = hello if hello.ok else None
            return hello
        return self._greeted

    def _hang_up(self) -> None:
        """The connection is gone. A request that the database did not get yet may wander about and come late."""
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
        try:
            if not self.engine.on_hello(self.greet(), self.world.now):
                self._greeted = None
                return
        except LinkError as problem:
            self.engine.on_failure(problem.failure, self.world.now)
            return
        self.wire = Wire(request, encode_request(request, self.identity, secret(self.number)))
        for _part in self.engine.read_on():
            pass

    def arrive(self, _chance: int = 0) -> None:
        """The request that is out reaches the database."""
        if self.wire is None or self.wire.reply is not None:
            return
        try:
            self.wire.reply, self.wire.age = self.ask(PUSH, self.wire.text), self.world.server.age
        except LinkError as problem:
            self._hang_up()
            self.engine.on_failure(problem.failure, self.world.now)

    def repeat(self, _chance: int = 0) -> None:
        """The request that is out reaches the database once more: a road between sent it twice."""
        if self.wire is not None and self.wire.reply is not None and self.reaches:
            self.ask(PUSH, self.wire.text)

    def answer(self, _chance: int = 0) -> None:
        """The reply reaches the till."""
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

    def lose(self, chance: int) -> None:
        """Nothing comes back: the line broke, or the deadline passed."""
        if self.wire is None:
            return
        kind = FailureKind.DEADLINE if chance % 2 else FailureKind.UNREACHABLE
        self._hang_up()
        self.engine.on_failure(Failure(kind, "lost"), self.world.now)

    def sync(self, _chance: int = 0) -> None:
        """A whole exchange, or the rest of the one that is out."""
        if self.wire is None:
            self.send()
        self.arrive()
        self.answer()

    # The card terminal.

    def attend(self, then: Callable[[], object] | None = None) -> None:
        """Ask for money, and after what has no answer, as often as a moment has it; then the terminal is not heard."""
        charges = self.register.charges

        async def moment() -> None:
            charges.begin(self.tenders, self._saved)
            try:
                if then is None:
                    self.register.returns.begin()
                else:
                    then()
                for _turn in range(_TURNS):
                    if not (charges._works or self.register.returns._works):
                        break  # nothing is asked
                    await asyncio.sleep(0)
            finally:
                charges.end()
                self.register.returns.end()

        try:
            run(moment())
        finally:
            charges._under_way.clear()
            self.register.returns._under_way.clear()
            charges.tenders = self.register.checkout.tenders = Tenders()
        if self.fuse.is_blown:
            raise KilledError  # in a task of its own, which held it back

    async def _saved(self, seconds: float) -> bool:
        """Whether what was started reached the database before who answers is asked; a terminal is asked at once."""
        if seconds >= SERVER_S:
            self.flush()
        return seconds >= SERVER_S and self.journal.acked == self.journal.head

    # The questions of the register (`till.ports.Store`).

    def user_sessions(self, user: int) -> list[RemoteSession]:
        """The open orders of a user."""
        return run(self.store.user_sessions(user))

    def open_tabs(self) -> list[RemoteSession]:
        """The orders on tabs."""
        return run(self.store.open_tabs())

    def past_sales(self, search: SaleSearch) -> list[PastSale]:
        """Sales of the venue."""
        return run(self.store.past_sales(search))[0]

    def refund_standing(self, refund_id: str) -> str | None:
        """What the database keeps for a refund."""
        return run(self.store.refund_standing(refund_id))

    def voucher(self, code: str) -> RemoteVoucher:
        """The voucher of a code."""
        return run(self.store.voucher(digest_of(code)))

    def account(self, customer_id: str) -> RemoteAccount | None:
        """The house account of a guest."""
        return run(self.store.account(customer_id))

    def fetch(self, session_id: str) -> None:
        """Bring an order into the journal."""
        run(self.store.fetch(session_id))

    def flush(self) -> None:
        """Push what is unsent, for as long as a screen waits for it."""
        self.engine.hurry(self.world.now)
        for _exchange in range(_EXCHANGES_OF_A_FLUSH):
            if self.journal.acked == self.journal.head:
                return
            self.sync()

    def look_after(self) -> None:
        """Its turn with the maintenance of the database: what journals that nobody goes on with keyed too late."""
        run(self.store.carry_late(_NEVER_STALE))

    # What the register tells the screen (`till.register.other_tills.news.Watcher`).

    def on_news(self, news: News) -> None:
        """What came is on the screen; a manager is told of money, and what was painted stays."""
        if isinstance(news, OrderTaken) and self.screen == news.session_id:
            self.world.trace.append(f"till {self.number} lost {news.session_id[-4:]} to another")
        elif isinstance(news, OrdersChanged | LinesChanged | LinesLate):
            self.world.paint(self)


def _always(_pin_hash: str, _pin: str) -> bool:
    return True


def _tell(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """A kill in a task is no fault that nobody looked at."""
    if not isinstance(told.get("exception"), KilledError):
        loop.default_exception_handler(told)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The end of a coroutine that waits for nothing real."""
    return _LOOP.run_until_complete(coroutine)


_LOOP.set_exception_handler(_tell)
