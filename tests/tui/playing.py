"""A whole till for the tests: the app on a real journal and the demo venue, at a fixed time, without a database."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
from textual import events

from tests.register.exchange import grant_to
from tests.register.referee import Referee
from tests.tui.drawing.seeing import read
from till.cli.demo_venue import DEMO, DEMO_PINS, demo_reference, demo_staff
from till.domain.errors import JournalError, StoreAwayError, StoreError
from till.domain.order.copying import TabItem
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Order, Status
from till.domain.structs import replace
from till.journal import JournalFile
from till.ports import (
    RemoteAccount,
    RemoteBooking,
    RemoteClearing,
    RemoteConflict,
    RemoteCustomer,
    RemoteRecord,
    RemoteSession,
    RemoteShelf,
    RemoteStocktake,
    RemoteVoucher,
    SaleSearch,
    Transfer,
    UnpaidVoucher,
)
from till.ports.store import HeldElsewhereError
from till.register.register import Register
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.sell.commands import make_keymap
from till.tui.screens.sell.scene import SellScene
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.idle import Garbage
from till.tui.start import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from till.domain.events.envelope import Event
    from till.domain.refund.past import PastSale
    from till.tui.shell.app import TillApp
    from till.tui.shell.controller import Scene

#: 10:31 on a Tuesday in Udupi: breakfast.
MORNING = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
_PINS = {person["pin_hash"]: DEMO_PINS[person["number"]] for person in demo_staff()}
LOG_IN = "1{enter}1111{enter}"
#: The password of the manager at the server.
PASSWORD = "correct horse 9"
_NAMES = {" ": "space", ".": "full_stop", "+": "plus", "-": "minus", "@": "at", "?": "question_mark", ",": "comma"}


class Clock:
    """A clock that is stopped until it is moved."""

    def __init__(self) -> None:
        self.moment = MORNING
        self.passed = 0.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.passed

    def pass_by(self, **time: float) -> None:
        self.moment += timedelta(**time)
        self.passed += timedelta(**time).total_seconds()


class Outbox:
    def nudge(self, *, at_once: bool) -> None:
        del at_once


@dataclass
class FakeStore:
    """A store with the answers that a test wants. `away` makes every call fail, `refuses` those that settle something.

    It grants every order asked for to the till of `register`. `asked_for` has each call, and `grants` the grants made
    for them.
    """

    sessions: list[RemoteSession] = field(default_factory=list)
    tabs: list[RemoteSession] = field(default_factory=list)
    cleared: list[RemoteClearing] = field(default_factory=list)
    guests: list[RemoteCustomer] = field(default_factory=list)
    booked: list[RemoteBooking] = field(default_factory=list)
    conflicts: list[RemoteConflict] = field(default_factory=list)
    records: list[RemoteRecord] = field(default_factory=list)
    unlisted: int = 0
    sales: list[PastSale] = field(default_factory=list)
    searched: list[SaleSearch] = field(default_factory=list)
    state: str | None = "reserved"
    vouchers: dict[str, RemoteVoucher] = field(default_factory=dict)
    unpaid: dict[str, UnpaidVoucher] = field(default_factory=dict)
    accounts: dict[str, RemoteAccount] = field(default_factory=dict)
    on_shelf: list[RemoteShelf] = field(default_factory=list)
    sheet: RemoteStocktake = field(default_factory=lambda: RemoteStocktake(()))
    asked_sheets: list[tuple[str, bool]] = field(default_factory=list)
    answered: str | None = "reserved"
    asked_after: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    #: Why no invoice can be claimed; empty while one can.
    not_claimed: str = ""
    away: bool = False
    refuses: StoreError | None = None
    fetched: list[str] = field(default_factory=list)
    settled: list[tuple[str | int, str, int]] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)
    grants: list[Event] = field(default_factory=list)
    acts: list[Transfer] = field(default_factory=list)
    register: Register | None = None
    bring: Callable[[str], None] = field(default=lambda _session_id: None)

    def _answer(self, rows: list[RemoteSession]) -> list[RemoteSession]:
        if self.away:
            raise StoreAwayError
        return rows

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        rows = [row for row in self.sessions if row.user == user or row.status == "discarded"]
        return self._answer(rows)  # only managers see cleared orders, and these tests ask as one

    async def open_orders(self) -> list[RemoteSession]:
        return self._answer(self.sessions)

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        del user, login
        self._answer([])
        return self.cleared

    async def open_tabs(self) -> list[RemoteSession]:
        return self._answer(self.tabs)

    async def customers(self, query: str, *, with_account: bool = False) -> list[RemoteCustomer]:
        self._answer([])
        guests = [one for one in self.guests if not with_account or one.customer_id in self.accounts]
        return [one for one in guests if query.casefold() in f"{one.name} {one.phone}".casefold()]

    async def bookings(self) -> list[RemoteBooking]:
        self._answer([])
        return self.booked

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        self._answer([])
        self.searched.append(search)
        return self.sales, False

    async def claim_invoice(self, order_id: str) -> None:
        self._answer([])
        self.claimed.append(order_id)
        if self.not_claimed:
            raise StoreError(self.not_claimed)

    async def refund_state(self, refund_id: str) -> str | None:
        self._answer([])
        self.asked_after.append(refund_id)
        return self.state

    async def voucher(self, digest: str) -> RemoteVoucher:
        self._answer([])
        if (found := self.vouchers.get(digest)) is None:
            raise StoreError("There is no voucher with that code.")
        return found

    async def unpaid_voucher(self, digest: str) -> UnpaidVoucher:
        self._answer([])
        if (found := self.unpaid.get(digest)) is None:
            raise StoreError("There is no voucher with that code.")
        return found

    async def account(self, customer_id: str) -> RemoteAccount | None:
        self._answer([])
        return self.accounts.get(customer_id)

    async def shelf(self, items: Sequence[str]) -> list[RemoteShelf]:
        self._answer([])
        return [one for one in self.on_shelf if one.item_id in items]

    async def stocktake(self, sheet: str, *, ends: bool = False) -> RemoteStocktake:
        self._answer([])
        self.asked_sheets.append((sheet, ends))
        return self.sheet

    async def payment_answer(self, payment_id: str) -> str | None:
        self._answer([])
        self.asked_after.append(payment_id)
        return self.answered

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord], dict[int, int]]:
        self._answer([])
        return self.conflicts, self.records, {1: len(self.conflicts) + len(self.records) + self.unlisted}

    async def fetch(self, session_id: str) -> None:
        self._answer([])
        self.fetched.append(session_id)
        self.bring(session_id)

    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        self._answer([])
        self.asked_for.append(session_id)
        assert self.register is not None
        register, row = self.register, self._row_of(session_id)
        self.bring(session_id)
        order = register.ledger.find(session_id)
        if order is None:
            raise StoreError("The server has no such order.")
        hold, till = order.hold, order.till
        holder: int | None = order.holder
        if row is not None and row.hold > hold:  # it heard more of the order than it tells
            hold, till, holder = row.hold, row.till, row.till
        if order.is_over and not (cleared and order.status is Status.DISCARDED):
            return
        if hold == order.hold and holder == register.till:
            register.granted(session_id)
        elif till not in {None, register.till} and not warned:
            raise HeldElsewhereError
        else:
            self.grants.append(grant_to(register, session_id, user, from_hold=hold, from_till=holder))

    async def act(self, act: Transfer) -> None:
        self._answer([])
        self.acts.append(act)
        assert self.register is not None
        await Referee(self.register).act(act)

    def _row_of(self, session_id: str) -> RemoteSession | None:
        return next((row for row in (*self.sessions, *self.tabs) if row.session_id == session_id), None)

    async def flush(self, seconds: float) -> bool:
        del seconds
        return not self.away

    async def settle_conflict(self, conflict: str, how: str, user: int, password: str) -> None:
        self._settle(conflict, how, user, password)

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        self._settle(record, how, user, password)

    def _settle(self, what: str | int, how: str, user: int, password: str) -> None:
        self._answer([])
        if self.refuses is not None:
            raise self.refuses
        if password != PASSWORD:
            raise StoreError("Wrong number or password.")
        self.settled.append((what, how, user))


class PinCheck:
    """A check of PINs without argon2. While `gate` is shut, every check waits."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, pin_hash: str, pin: str) -> bool:
        self.gate.wait(10)
        return _PINS.get(pin_hash) == pin


class Stubborn:
    """A journal whose disk can be made to fail."""

    def __init__(self, journal: JournalFile) -> None:
        self._journal = journal
        self.fails = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, *args: Any, **kwargs: Any) -> None:
        if self.fails:
            raise JournalError
        self._journal.append(*args, **kwargs)

    def cache(self, *args: Any) -> None:
        if self.fails:
            raise JournalError
        self._journal.cache(*args)


class LeftAlone(Garbage):
    """Garbage collection left alone, for an app in the tests' process: freezing takes a tenth of a second."""

    def begin(self) -> None:
        pass

    def end(self) -> None:
        pass

    def sweep(self, idle: float) -> None:
        del idle


class Till:
    """A till on a screen: `type` presses keys, and `rows` reads the screen."""

    def __init__(self, app: TillApp, register: Register, clock: Clock, journal: Stubborn) -> None:
        self.app = app
        self.register = register
        self.clock = clock
        self.journal = journal
        self.pilot: Pilot[None]

    @property
    def scene(self) -> Scene | None:
        return self.app.controller.scene

    @property
    def shown(self) -> Order | None:
        """The order on the screen, if there is one."""
        order = getattr(self.scene, "order", None)
        assert order is None or isinstance(order, Order)
        return order

    @property
    def order(self) -> Order:
        """The order on the screen."""
        assert self.shown is not None
        return self.shown

    async def type(self, script: str) -> None:
        """Press the keys of a script, `{f9}` for named ones, and wait until all of them are handled and painted.

        At `{later}` a moment passes, so that what follows is newer.
        """
        for part in script.split("{later}"):
            self.burst(part)
            await self.settle()
            self.clock.pass_by(milliseconds=1 if "{later}" in script else 0)

    async def settle(self) -> None:
        """Wait until all keys are handled, and the changes are laid out and painted."""
        await self._turn()
        while self.app.controller.is_held or self.app.controller.is_due:
            await asyncio.wait(list(self.app._works), return_when=asyncio.FIRST_COMPLETED)
        await self._turn()
        if self.app._exit:
            return
        for _round in range(3):  # a sheet is mounted, laid, and then told where it stands
            painted = asyncio.Event()
            self.app.screen.call_after_refresh(painted.set)
            async with asyncio.timeout(5):
                await painted.wait()
            await self._turn()

    async def _turn(self) -> None:
        """Wait until the app has handled all messages that it has now."""
        if self.app._exit:
            return
        taken = asyncio.Event()
        self.app.call_later(taken.set)
        async with asyncio.timeout(5):
            await taken.wait()

    def burst(self, script: str) -> None:
        """Press all keys at once, as a scanner would, without waiting."""
        self.app.take_input([events.Key(key, char_of(key) or None) for key in keys(script)])

    async def paste(self, text: str) -> None:
        """Paste text as a terminal's bracketed paste, and wait until it is painted."""
        self.app.take_input([events.Paste(text)])
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Resize the terminal, and lay out as the app does once the size has settled, without waiting for its timer."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()
        self.app._fit()
        await self.settle()

    def rows(self) -> list[str]:
        return read(self.app)

    def text(self) -> str:
        return "\n".join(self.rows())

    def answer(self) -> str:
        """The text of the entry band in one row, without the sign in front."""
        message = self.app.controller.top.message if self.app.controller.top else None
        return message.text if message else ""

    def login(self) -> LoginScene:
        """The login screen, which must be there."""
        assert isinstance(self.scene, LoginScene)
        return self.scene

    def selling(self) -> SellScene:
        """The sell screen, which must be there; a sheet may lie over it."""
        assert isinstance(self.scene, SellScene)
        return self.scene

    def typed(self) -> str:
        """The text in the entry line of the scene or sheet in front."""
        top: Any = self.app.controller.top
        entry = top.entry if hasattr(top, "entry") else top.state.entry
        assert isinstance(entry, EntryLine)
        return entry.text

    def lines(self) -> dict[str, int]:
        """The order: name and quantity of each row that counts."""
        return {row.first.name: row.quantity for row in self.shown.priced.rows} if self.shown else {}


def a_reference() -> dict[str, dict[str, Any]]:
    """Return a copy of the demo's reference, for changes."""
    return {name: deepcopy(dict(body)) for name, body in demo_reference().items()}


def a_venue_of_no_tables() -> dict[str, dict[str, Any]]:
    """Return the demo's reference, for a venue without configured tables."""
    reference = a_reference()
    reference["settings"]["tables"] = []
    return reference


def without_rounding() -> dict[str, dict[str, Any]]:
    """Return the demo's reference, for a venue where every amount can be paid."""
    reference = a_reference()
    reference["settings"]["rounding"] = None
    return reference


async def idle(till: Till) -> None:
    """Let time pass as if nobody had touched the till for long."""
    till.app._idle._last = time.monotonic() - 3600
    till.app._tick()
    await till.settle()


async def reads(till: Till) -> None:
    """Let time pass as if somebody had read the screen."""
    now = time.monotonic()
    for seconds in (0, 60):
        till.app.news.look_again(0, now + seconds)
    await till.settle()


def keys(script: str) -> list[str]:
    """Return Textual's names of the keys of a script, such as `2 idly{enter}`."""
    pressed: list[str] = []
    while script:
        if script[0] == "{":
            name, _brace, script = script[1:].partition("}")
            pressed.append(name)
        else:
            pressed.append(_NAMES.get(script[0], script[0]))
            script = script[1:]
    return pressed


def char_of(key: str) -> str:
    """Return the character that a key types, by Textual's name of it."""
    return next((char for char, name in _NAMES.items() if name == key), key if len(key) == 1 else "")


def fill(file: JournalFile, reference: Mapping[str, Mapping[str, Any]] | None) -> None:
    """Put the reference into a journal that has none yet: the demo's, if no other is given."""
    for name, body in (reference or demo_reference()).items():
        if file.cached(name) is None:
            file.cache(name, 0, body)


def open_file(folder: Path, till: int) -> JournalFile:
    return JournalFile.open(
        folder / f"till-{till}.sqlite",
        till=till,
        store_id=DEMO.store_id,
        new_id=lambda: f"0197d6a0-0000-7000-8000-{till:012d}",
        host="here",
    )


def make_register(journal: Any, clock: Clock, check: Any, till: int) -> Register:
    chance = Random(till)  # noqa: S311 - a test must be repeatable
    return Register(journal, clock, chance.getrandbits, Outbox(), check, till=till, store_id=DEMO.store_id)


def row_of(order: Order, *, till: int | None = 2, moment: datetime = MORNING, **other: Any) -> RemoteSession:
    """Return an order as the database would list it."""
    tab = order.tab
    session = RemoteSession(
        session_id=order.id,
        user=order.user,
        till=till,
        till_name=f"Till {till}" if till else "",
        status=str(order.status),
        hold=order.hold,
        version=1,
        lines=len(order.priced.rows),
        total=order.total,
        order_type=order.order_type,
        tab_id=tab.id if tab else None,
        tab_name=tab.name if tab else "",
        created_at=moment,
        updated_at=moment - timedelta(seconds=20),
        idle_s=20,
        seen_s=1,
        items=msgspec.convert([row.shown for row in order.priced.rows], tuple[TabItem, ...]),
    )
    return replace(session, **other)


@asynccontextmanager
async def a_till(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *,
    store: FakeStore | None = None,
    till: int = 1,
    paint: Paint | None = None,
    reference: Mapping[str, Mapping[str, Any]] | None = None,
    idle_minutes: float = 5,
    check: Any = None,
    notice: str = "",
    collects: bool = False,
    typed: str = "",
) -> AsyncIterator[Till]:
    """Start a till, painted and ready, with some keys typed. The same folder again is the same journal.

    `collects` lets it run garbage collection, as a till alone in its process does.
    """
    file = open_file(folder, till)
    journal = Stubborn(file)
    clock = Clock()
    fill(file, reference)
    register = make_register(journal, clock, check or PinCheck(), till)
    if store is not None:
        store.register = register
    colours = paint or Paint("dark", Depth.TRUE)
    app = make_app(register, colours, make_keymap(), store=store, idle_minutes=idle_minutes, notice=notice)
    if not collects:
        app._garbage = LeftAlone()
    found = Till(app, register, clock, journal)
    try:
        async with app.run_test(size=size) as pilot:
            found.pilot = pilot
            await pilot.pause()
            if typed:
                await found.type(typed)
            yield found
    finally:
        file.close()


def elsewhere(folder: Path, *items: tuple[str, int], user: int = 1) -> tuple[Order, list[Event]]:
    """Return an order keyed on till 2, and its events, as the database would bring them."""
    file = open_file(folder, 2)
    try:
        for name, body in demo_reference().items():
            file.cache(name, 0, body)
        register = make_register(file, Clock(), PinCheck(), 2)
        register.ledger.user = user
        session: str | None = None
        for name, quantity in items:
            item = register.lookup.exact(name)
            assert item is not None
            session = register.sales.add(session, user, ItemEntry(item, quantity)).id
        assert session is not None
        return register.ledger.order(session), file.events_of(session)
    finally:
        file.close()
