"""The pictures of docs/screens: the real screens on the demo venue, at a fixed time, without a database.

Run it as `make screenshots`; it writes docs/screens/*.svg.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("TEXTUAL_FPS", "240")

from rich.cells import cell_len
from textual import events

from till.administration.acts.tills import EnrolTill
from till.cli.demo_venue import DEMO, demo_reference, demo_settings
from till.domain.events.envelope import time_text
from till.domain.kitchen.board import BoardLine, BoardTicket, TicketBoard
from till.domain.money.formats import marks_of
from till.domain.money.measures import Minor
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.journal import JournalFile
from till.ports import Light, LightState
from till.ports.desk import (
    Alert,
    ConnectionQuality,
    DayEvent,
    DescribedAct,
    DeskAct,
    DeskLine,
    Enrolment,
    HourSold,
    House,
    ListRow,
    Login,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    Picture,
    Prepared,
    TillDay,
    TillStatus,
)
from till.ports.printer import PrinterProfile, Printers, PrinterTrouble
from till.ports.training import DrillEnded, DrillFigures, DrillOffered, DrillScore, DrillShown, GuestShown
from till.register.board import KitchenScreen
from till.register.register import Register
from till.reports.orders import OrderBehind, OrderEntry, OrderParts
from till.reports.report import ReportResult, ReportTable, Span
from till.training.drills import DRILLS
from till.tui.desk_app import DeskApp
from till.tui.drawing.palette import Depth, Paint
from till.tui.init_app import InitApp, make_init_keymap
from till.tui.kitchen_app import KitchenApp
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.side_app import make_side_keymap
from till.tui.start import make_app
from till.wiring.founding import VenueFounding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App
    from textual.pilot import Pilot

    from till.domain.order.state import Order
    from till.reports.report import Report
    from till.tui.shell.app import TillApp

_MORNING: Final = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
_SAVED: Final = Light(LightState.SAVED)
SCREENS: Final = Path(__file__).parents[1] / "docs/screens"
#: The characters of named keys.
_CHARS: Final = {"space": " ", "full_stop": "."}
_TILL: Final = (120, 36)
#: A phone that is held upright, and a tablet.
_PHONE: Final = (40, 22)
_TABLET: Final = (100, 34)
#: The width of a cell in a picture, and a text within it.
_CELL: Final = 12.2
_TEXT: Final = re.compile(
    r'<text class="(?P<style>terminal-\d+-r\d+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+" '
    r'clip-path="(?P<clip>[^"]+)">(?P<text>[^<]*)</text>'
)
LOGIN: Final = ("1", "enter", "1", "1", "1", "1", "enter")


class FixedClock:
    """A clock that stands still, so that a picture is the same tomorrow, until it is moved to a later minute."""

    later = timedelta()

    def now(self) -> datetime:
        """Return the morning of the pictures."""
        return _MORNING + self.later

    def monotonic(self) -> float:
        """Return 0: no time passes."""
        return 0.0


class NoOutbox:
    """An outbox without a receiver."""

    def nudge(self, *, at_once: bool) -> None:
        """Send nothing."""


class NoRunner:
    """A runner that prints nothing."""

    def wake(self) -> None:
        """Print nothing."""

    def kick(self, seq: int) -> None:
        """Open no drawer."""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the keys that lead there, the size, the theme, the light.

    `trains` in a training, and `of_hour` in one of a recorded hour; `prints` with a printer that has no paper;
    `for_guests` on the display of guests; `touch` for fingers.
    """

    name: str
    keys: tuple[str, ...]
    size: tuple[int, int] = _TILL
    theme: str = "dark"
    light: Light = _SAVED
    trains: bool = False
    of_hour: bool = False
    prints: bool = False
    touch: bool = False


def typed(text: str) -> tuple[str, ...]:
    """Return text as key presses, with Enter at its end."""
    names = {char: name for name, char in _CHARS.items()}
    return (*(names.get(char, char) for char in text), "enter")


ORDER: Final = (
    *LOGIN,
    *typed("2 idly"),
    *typed("1 masala dosa"),
    *typed("2 filter coffee"),
    *typed("rava dosa"),
    *typed("3 kesari bath"),
    *typed("26"),
)
_SHORT: Final = (*LOGIN, *typed("2 idly"), *typed("1 masala dosa"), *typed("one more"))
_SALE: Final = (*ORDER, "f9", "5", "0", "0", "enter", *typed("2 masala dosa"), *typed("1 tea"), "f9", "enter")
#: Nine minutes pass between two keys.
_LATER: Final = "later"
#: Table 7, on which a dish is keyed later and another taken off; and what stood on it before.
_TABLE_AT: Final = (
    *LOGIN,
    *typed("2 idly"),
    *typed("1 masala dosa"),
    *typed("tab 7"),
    _LATER,
    *typed("tab 7"),
    *typed("2 filter coffee"),
    *typed("tab 7"),
    _LATER,
    "f8",
    *typed("at 10:31"),
)
_TABLES: Final = (
    *LOGIN, *typed("2 idly"), *typed("tab 1"), *typed("6 rava dosa"), *typed("tab 5"), *typed("9 tea"),
    *typed("tab 11"), *typed("4 filter coffee"), *typed("tab Dr Rao"), *typed("2 tea"), *typed("payasam"), "f8", "5",
)  # fmt: skip
#: A float, a sale in cash, a movement.
_SHIFT: Final = (
    *LOGIN, *typed("float 2000"), *typed("2 idly"), "f9", "5", "0", "0", "enter", *typed("paid out 410 milk"),
    *typed("wages 180 Ravi"), *typed("2 masala dosa"), "f9", "enter",
)  # fmt: skip
_COUNTED: Final = ("enter", "3", "enter", "6", "enter", "4", "enter", "5", "enter", "enter", "2")
_AWAY: Final = Light(LightState.OFFLINE, 3, datetime(2026, 3, 3, 4, 31, tzinfo=UTC))
SHOTS: Final = (
    Shot("login", ("1", "enter", "1", "1", "1")),
    Shot("sell", (*ORDER, "2", "space", "d", "o", "s", "a")),
    Shot("sell-80x24", (*_SHORT, "2", "space", "d", "o", "s", "a"), (80, 24)),
    Shot("menu-80x24", (*_SHORT, "f4"), (80, 24)),
    Shot("void", (*ORDER, "up", "up", "f7")),
    Shot("tables", _TABLES),
    Shot("tables-80x24", _TABLES, (80, 24)),
    Shot("table-at", _TABLE_AT),
    Shot("pay", (*ORDER, "f9", "q")),
    Shot("pay-80x24", (*_SHORT, "f9", "5", "0", "0"), (80, 24)),
    Shot("split", (*_SHORT, "f9", "s", "1", "2", "2")),
    Shot("split-80x24", (*_SHORT, "f9", "s", "1", "2", "2"), (80, 24)),
    Shot("receipt", (*ORDER, "f9", "5", "0", "0", "enter")),
    Shot("sales", (*_SALE, "f10", "enter", "1")),
    Shot("sales-80x24", (*_SALE, "f10"), (80, 24)),
    Shot("drawer", (*_SHIFT, "f11", "1", "enter", "6", "5", "0", "space", *"gas")),
    Shot("drawer-80x24", (*_SHIFT, "f11", "1", "enter", "6", "5", "0", "space", *"gas"), (80, 24)),
    Shot("count", (*_SHIFT, *typed("close"), "enter", "enter", *_COUNTED)),
    Shot("count-80x24", (*_SHIFT, *typed("close"), "enter", "enter", *_COUNTED), (80, 24)),
    Shot("z", (*_SHIFT, *typed("close"), "enter")),
    Shot("z-80x24", (*_SHIFT, *typed("close"), "enter"), (80, 24)),
    Shot("printer", (*ORDER, "f9", "5", "0", "0", "enter", "ctrl+r"), prints=True),
    Shot("printer-80x24", (*ORDER, "f9", "5", "0", "0", "enter", "ctrl+r"), (80, 24), prints=True),
    Shot("offline", ORDER, light=_AWAY),
    Shot("help", (*ORDER, "f1")),
    Shot("sell-light", ORDER, theme="light"),
    Shot("sell-contrast", ORDER, theme="contrast"),
    Shot("train", (*LOGIN, "enter", *typed("2 idly"), *typed("1 filter coffee")), trains=True),
    Shot("train-80x24", (*LOGIN, "enter", *typed("2 idly"), *typed("1 filter coffee")), (80, 24), trains=True),
    Shot("phone", (*_SHORT, "2", "space", "t", "e", "a"), _PHONE, touch=True),
    Shot("phone-menu", (*_SHORT, "f4"), _PHONE, touch=True),
    Shot("phone-pay", (*_SHORT, "f9"), _PHONE, touch=True),
    Shot("tablet", (*ORDER, "f4"), _TABLET, touch=True),
    Shot("score", (*LOGIN, "enter", "f12"), trains=True),
    Shot("train-hour", LOGIN, trains=True, of_hour=True),
)


class PictureTraining:
    """A training that stands still in the middle of a rush. With `of_hour` it offers a recorded hour too."""

    def __init__(self, *, of_hour: bool = False) -> None:
        self._runs = False
        self._hour = (DrillOffered("hour", "Sat 28 Feb, 20:00 to 21:00", about=_HOUR),) if of_hour else ()

    async def enter(self, user: int) -> None:
        """Begin nothing."""

    def offered(self) -> tuple[DrillOffered, ...]:
        """Return all drills, the first done the day before."""
        drills = (DrillOffered(one.key, one.name, _DAYS[-2] if one.key == "rush" else None) for one in DRILLS)
        return (*self._hour, *drills)

    def begin(self, key: str) -> None:
        """Begin the rush."""
        self._runs = key == "rush"

    def look(self) -> DrillShown | None:
        """Return the rush while it runs."""
        words = ("Two idly, one masala dosa, no onion, and one filter coffee.", "No, make that three idly.")
        guest = GuestShown("Grey coat", words, 34, "Pays with ₹500.00.")
        waiting = (
            GuestShown("Blue shirt", ("One plain dosa.",), 108, is_leaving=True),
            GuestShown("Two students", ("Two tea, and one idly.",), 52),
            GuestShown("Dr Rao", ("One rava dosa, and one tea.",), 31),
        )
        so_far = DrillFigures(served=12, each_s=44, lines=31, wrong=2, left=1)
        shown = DrillShown(
            name="Rush", left_s=492, patience_s=120, at_counter=guest, waiting=waiting, so_far=so_far, is_over=False
        )
        return shown if self._runs else None

    async def finish(self) -> DrillEnded | None:
        """End the rush with a good score."""
        self._runs = False
        remarks = (
            ("Red cap", "asked for no onion: not noted"),
            ("Old man", "said three idly, two keyed"),
            ("Blue shirt", "left after 2:00, never greeted"),
        )
        best = max(one.figures.score for one in _DAYS[:-1])
        return DrillEnded(
            key="rush", name="Rush", minutes=10, figures=_DAYS[-1].figures, remarks=remarks, before=_DAYS[-2],
            best=best, days=_DAYS,
        )  # fmt: skip


#: The sentences about a recorded hour.
_HOUR: Final = (
    "31 rounds of orders.",
    "Half of them took at most 38 s at the counter.",
    "Left out: notes, names of people, and these:",
    "Discounted: 2 × Filter Coffee, 1 × Idly.",
    "No longer sold: 1 × Pongal.",
    "Taken off later: 1 × Masala Dosa.",
)
#: The scores of the last days, to today.
_DAYS: Final = tuple(
    DrillScore(
        drill="rush",
        day=date(2026, 2, 21) + timedelta(days=number),
        figures=DrillFigures(
            served=22, each_s=70 - 3 * number, lines=58, wrong=12 - number, cash=14, change=1, left=1, score=score
        ),
    )
    for number, score in enumerate((38, 45, 44, 52, 58, 55, 63, 70, 68, 76, 84))
)


def picture_of(app: App[Any], shot: Shot) -> str:
    """Return the screen of an app as SVG."""
    # Otherwise rows are split where widgets begin, even in words and rules, and browsers leave gaps there.
    return place_words(app.export_screenshot(title=f"till: {shot.name}", simplify=True))


def place_words(svg: str) -> str:
    """Give each word a text of its own, because only browsers stretch a text to its length."""

    def placed(found: re.Match[str]) -> str:
        style, x, y, text, clip = found.group("style", "x", "y", "text", "clip")
        text = unescape(text)
        return "".join(
            f'<text class="{style}" x="{float(x) + _CELL * cell_len(text[: word.start()]):g}" y="{y}" '
            f'textLength="{_CELL * cell_len(word[0]):g}" clip-path="{clip}">{escape(word[0])}</text>'
            for word in re.finditer(r"[^ \xa0]+", text)
        )

    return _TEXT.sub(placed, svg)


@contextmanager
def a_register(shot: Shot, folder: Path, clock: FixedClock) -> Iterator[Register]:
    """Yield a register of the demo on a clock, on a journal of its own."""
    chance = Random(7)  # noqa: S311 - a picture must be repeatable
    journal = JournalFile.open(
        folder / f"{shot.name}.sqlite",
        till=1,
        store_id=DEMO.store_id,
        new_id=lambda: "0197d6a0-0000-7000-8000-000000000001",
        host="here",
    )
    try:
        for name, body in demo_reference().items():
            journal.cache(name, 0, body)
        register = Register(
            journal,
            clock,
            chance.getrandbits,
            NoOutbox(),
            lambda _hash, pin: pin == "1111",
            till=1,
            store_id=DEMO.store_id,
        )
        register.light = shot.light
        if shot.trains:
            journal.cache("settings", 0, {**demo_reference()["settings"], "training": True})
            register.reference_changed(["settings"])
        if shot.prints:
            counter = PrinterProfile(name="Counter", address="tcp://192.168.1.50")
            register.printing.printers = lambda: Printers({"Counter": counter}, papers="Counter")
            register.printing.begin(NoRunner())
            register.printing.heard("Counter", PrinterTrouble.NO_PAPER)
        yield register
    finally:
        journal.close()


async def settle(app: TillApp, pilot: Pilot[None]) -> None:
    """Wait until the till has taken all keys."""
    await pilot.pause()
    while app.controller.is_held or app.controller.is_due:
        await pilot.pause()
    await pilot.pause()


async def press(app: TillApp, pilot: Pilot[None], shot: Shot, clock: FixedClock) -> None:
    """Press the keys of a picture, all at once: the till buffers keys, and a pilot waits after each one."""
    for key in shot.keys:
        if key == _LATER:
            await settle(app, pilot)
            clock.later += timedelta(minutes=9)
            continue
        app.post_message(events.Key(key, _CHARS.get(key, key if len(key) == 1 else None)))
    await settle(app, pilot)


async def draw(shot: Shot, folder: Path) -> str:
    """Return the picture as SVG."""
    clock = FixedClock()
    with a_register(shot, folder, clock) as register:
        training = PictureTraining(of_hour=shot.of_hour) if shot.trains else None
        paint = Paint(shot.theme, Depth.TRUE, touch=shot.touch)
        app = make_app(register, paint, make_keymap(), training=training)
        async with app.run_test(size=shot.size) as pilot:
            await press(app, pilot, shot, clock)
            return picture_of(app, shot)


#: 20:41 at the venue.
_EVENING: Final = datetime(2026, 3, 3, 15, 11, tzinfo=UTC)


def _order(minutes: int, total: str, person: str, till: int | None, tab: str = "") -> OpenOrder:
    order = OpenOrder(
        f"{minutes}", 1, person, till, Status.ACTIVE, tab, 2, total, "INR", _EVENING - timedelta(minutes=minutes), 1
    )
    return order if till else replace(order, status=Status.PENDING_LOGOUT)


def _till(number: int, person: str, sold: int, orders: int, seconds: int) -> TillStatus:
    newest = _EVENING - timedelta(seconds=seconds)
    away = seconds > 60  # noqa: PLR2004 - a minute
    quality = ConnectionQuality.LOST if away else ConnectionQuality.GOOD
    login = Login(str(number), person, number, not away, quality, _EVENING - timedelta(hours=5))
    return TillStatus(number, f"Till {number}", login, not away, away, False, newest, newest, orders, Minor(sold))


_TILLS: Final = (
    _till(1, "Asha", 1487000, 2, 4), _till(2, "Ravi", 941550, 2, 480), _till(3, "Kiran", 758500, 0, 31),
)  # fmt: skip

_VENUE_NOW: Final = Picture(
    now=_EVENING,
    venue=read_venue(demo_settings()),
    matters=(
        NeedsAttention(
            MatterKind.CONFLICT, "1", "sold_twice", _EVENING - timedelta(minutes=28), "185.00", "INR", 3, None,
            ("2-000012", "3-000007"),
        ),
        NeedsAttention(
            MatterKind.RECORD, "3", "an item that this menu never had", _EVENING - timedelta(minutes=9), None, "", 2
        ),
        NeedsAttention(MatterKind.LOCKED, "4", "Kiran", _EVENING + timedelta(minutes=4)),
    ),
    alerts=(Alert("No backup for 9 days", "`till db backup FOLDER` makes one, on another disk."),),
    orders=(
        _order(140, "310.00", "Asha", 1, "Hotel 214"),
        _order(110, "1980.00", "Meena", 1, "Table 10"),
        _order(78, "2340.00", "Ravi", 2, "Table 6"),
        _order(72, "1120.00", "Ravi", 2),
        _order(55, "860.00", "Asha", None),
    ),
    tills=_TILLS,
    logins=tuple(till.login for till in _TILLS if till.login is not None),
    staff=((1, "Asha"), (2, "Ravi"), (4, "Kiran"), (9, "Meena")),
    sales=131,
    total=Minor(3187050),
    tax=Minor(151764),
    hours=tuple(
        HourSold(str(hour), Minor(amount * 100))
        for hour, amount in enumerate((3120, 2240, 980, 1310, 2650, 4120, 6480, 3905), 13)
    ),
    house=House(3, 99.1, 87.5, 212_000_000),
)  # fmt: skip


_BOOKS: Final = {
    "users": (
        ListRow("1", "Asha", "cashier"),
        ListRow("2", "Ravi", "cashier"),
        ListRow("4", "Kiran", "cashier, locked"),
        ListRow("7", "Om", "admin"),
        ListRow("9", "Meena", "manager"),
    ),
    "tills": (
        ListRow("1", "Till 1", "", "seen 2026-03-03 20:41"),
        ListRow("2", "Terrace", "", "seen 2026-03-03 20:33"),
        ListRow("3", "Bar", "revoked", "seen 2026-02-28 23:10"),
    ),
    "menu": (
        ListRow("1", "Idly", "Breakfast", "40.00"),
        ListRow("2", "Masala Dosa", "Breakfast, 85.00 from 2026-03-03 22:00", "80.00"),
        ListRow("3", "Medu Vada", "Breakfast, sold out (86)", "50.00"),
        ListRow("11", "Filter Coffee", "Drinks", "30.00"),
        ListRow("12", "Masala Tea", "Drinks", "25.00"),
    ),
    "settings": (
        ListRow("", "name", "Udupi Corner"),
        ListRow("", "currency", "INR"),
        ListRow("", "timezone", "Asia/Kolkata"),
        ListRow("", "business_day_ends", "04:00"),
        ListRow("", "prices_include_tax", "true"),
    ),
}


def _a_day() -> TillDay:
    """Return the orders of a till as keyed: one paid, with a line taken off, and one begun beside it."""
    chance, clock = Random(7), [_MORNING]  # noqa: S311 - a picture must be repeatable

    class Slow(FixedClock):
        """A clock that advances some seconds each time it is read."""

        def now(self) -> datetime:
            clock[0] += timedelta(seconds=7)
            return clock[0]

    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFile.open(
            Path(folder) / "day.sqlite", till=2, store_id=DEMO.store_id,
            new_id=lambda: "0197d6a0-0000-7000-8000-000000000002", host="here",
        )  # fmt: skip
        try:
            for name, body in demo_reference().items():
                journal.cache(name, 0, body)
            register = Register(
                journal,
                Slow(),
                chance.getrandbits,
                NoOutbox(),
                lambda _hash, _pin: True,
                till=2,
                store_id=DEMO.store_id,
            )
            _keyed(register)
            events = tuple(event for event in journal.unsent(-1) if event.session_id)
        finally:
            journal.close()
    shown = tuple(DayEvent(one.id, one.at, one.type, one.user, one.session_id, one, "") for one in events)
    orders = {one.session_id: tuple(x for x in events if x.session_id == one.session_id) for one in events}
    venue = read_venue(demo_settings())
    return TillDay(2, _MORNING.date(), venue, shown, {str(key): kept for key, kept in orders.items()}, {2: "Ravi"})


def _keyed(register: Register) -> None:
    """Key the till's sales of that morning."""

    def add(order: str | None, name: str, quantity: int) -> Order:
        item = register.lookup.exact(name)
        assert item is not None  # noqa: S101 - for the type checker
        return register.sales.add(order, 2, ItemEntry(item, quantity))

    order = add(None, "Idly", 2)
    for name, quantity in (("Masala Dosa", 1), ("Filter Coffee", 2), ("Rava Dosa", 1)):
        order = add(order.id, name, quantity)
    register.sales.void_line(order.id, list(order.lines)[-1], "dropped")
    other = add(None, "Rava Dosa", 1)
    register.checkout.pay_exact(order.id)
    add(other.id, "Filter Coffee", 1)


class FixedDesk:
    """The desk of a venue on one evening, which nothing changes."""

    person = "Meena"
    asks_password = True

    async def look(self) -> Picture:
        """Return the picture of that evening."""
        return _VENUE_NOW

    async def lines(self, session: str) -> tuple[DeskLine, ...]:
        """Return the same lines for every order."""
        del session
        return (DeskLine("Idly", 2, "80.00"), DeskLine("Filter Coffee", 2, "60.00"))

    async def day(self, till: int, day: str) -> TillDay:
        """Return a morning at one till."""
        del till, day
        return _a_day()

    async def rows(self, book: str, of: str) -> tuple[ListRow, ...]:
        """Return the demo venue's rows."""
        del of
        return _BOOKS.get(book, ())

    async def prepare(self, act: DescribedAct) -> Prepared:
        """Return a price change, as one picture shows it; or an enrolment."""
        if isinstance(act, EnrolTill):
            return Prepared(act, "Enrol a machine as till 3", (("Name", act.name), ("Seen", "never")))
        return Prepared(act, "The price of Masala Dosa", (("Now", "80.00"), ("Then", "85.00 from 2026-03-03 22:00")))

    async def act(self, act: DeskAct, password: str) -> str | Enrolment:
        """Do nothing; return an enrolment if one is made."""
        del password
        if isinstance(act, EnrolTill):
            return Enrolment(act.till, "3-K7QM-4T9X-ABCD-EFG2", _EVENING + timedelta(hours=1))
        return ""

    async def follow(self, heard: Callable[[], None]) -> None:
        """Report nothing."""


#: Sales of that evening by hour, and hundreds of rupees now and a week before.
_BY_HOUR: Final = (
    (7, 3, 6, 5), (8, 11, 23, 21), (9, 14, 29, 26), (10, 10, 22, 23), (11, 5, 12, 10), (12, 14, 29, 25),
    (13, 15, 31, 28), (14, 11, 22, 23), (15, 4, 10, 12), (16, 6, 13, 12), (17, 13, 27, 22), (18, 19, 41, 36),
    (19, 32, 65, 52), (20, 18, 39, 44),
)  # fmt: skip
_BY_ITEM: Final = (("Masala Dosa", 84, 80), ("Filter Coffee", 131, 30), ("Idly", 62, 40), ("Rava Dosa", 29, 70))


class FixedReports:
    """The reports of that evening."""

    async def read(self, report: Report, days: str) -> ReportResult:
        """Return the evening beside that of the week before, whatever the days."""
        del days
        today = _VENUE_NOW.venue.business_date(_EVENING)
        then = self._found(report, Span(today - timedelta(days=7), today - timedelta(days=7)), now=False)
        return replace(self._found(report, Span(today, today), now=True), before=then)

    def _found(self, report: Report, span: Span, *, now: bool) -> ReportResult:
        hours = tuple((hour, sales, Minor((is_now if now else was) * 10_000)) for hour, sales, is_now, was in _BY_HOUR)
        items = tuple((name, pieces, Minor(pieces * price * 100)) for name, pieces, price in _BY_ITEM)
        rows = {"hours": hours, "items": items}
        total = sum(row[2] for row in hours)
        values = {
            "sales": 175,
            "lines": 306,
            "total": total,
            "taken": total,
            "net": total * 20 // 21,
            "tax": total // 21,
        }
        figures = tuple(
            (column, values[column.name])
            for section in report.sections if not section.keys for column in section.columns if column.name in values
        )  # fmt: skip
        tables = tuple(ReportTable(one, rows.get(one.name, ())) for one in report.sections if one.keys)
        return ReportResult(report, _VENUE_NOW.venue, span, figures, tables, at=_EVENING)

    async def orders(self, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> tuple[OrderBehind, ...]:
        """Return the same orders for every row."""
        del found, table, row
        return tuple(
            OrderBehind("1", "s", f"1-{561 + n:06d}", _EVENING - timedelta(minutes=99 - 3 * n), 1, person, Minor(total))
            for n, (person, total) in enumerate(
                (("Ravi", 84_000), ("Asha", 21_500), ("Asha", 86_000), ("Ravi", 33_000))
            )
        )

    async def parts(self, found: ReportResult, order: str) -> OrderParts:
        """Return the same lines for every order."""
        del found, order
        sold = (OrderEntry("Idly", Minor(8_000), 2), OrderEntry("Masala Dosa", Minor(24_000), 3, "no onion"))
        return OrderParts(sold, (OrderEntry("CASH", Minor(32_000)),))

    async def save(self, found: ReportResult) -> Path:
        """Write no file."""
        return Path.home() / "Documents" / f"{found.report.name}.xlsx"

    def abort(self) -> None:
        """Give nothing up."""


DESKS: Final = (
    Shot("desk", ()),
    Shot("desk-80x24", (), (80, 24)),
    Shot("desk-report", ("f2", *["down"] * 12)),
    Shot("desk-report-80x24", (*"report sales items", "enter"), (80, 24)),
    Shot("desk-report-orders", ("f2", *["down"] * 12, "enter")),
    Shot("desk-users", (*"users", "enter")),
    Shot("desk-tills-80x24", (*"tills", "enter"), (80, 24)),
    Shot("desk-menu", (*"menu", "enter")),
    Shot("desk-enrolment-80x24", (*"add till 3 Garden", "enter", "enter", *"99999999", "enter"), (80, 24)),
    Shot("desk-settings-80x24", (*"settings", "enter"), (80, 24)),
    Shot("desk-day", ("tab", "tab", "2", "enter", "enter", "enter", "end", *["left"] * 6)),
    Shot("desk-price", (*"price 2 85.00 from 22:00", "enter")),
)


async def draw_desk(shot: Shot) -> str:
    """Return the picture of the manager's desk as SVG."""
    venue = _VENUE_NOW.venue
    app = DeskApp(
        FixedDesk(), FixedReports(), Paint(shot.theme, Depth.TRUE), make_side_keymap(), marks_of(venue.settings.locale),
        venue.terms.currency.code, lambda: 0.0,
    )  # fmt: skip
    async with app.run_test(size=shot.size) as pilot:
        await pilot.press(*shot.keys)
        await pilot.pause()
        await pilot.pause()
        return picture_of(app, shot)


KITCHENS: Final = (Shot("kitchen", ("1",)), Shot("kitchen-80x24", ("1",), (80, 24)))
#: Tickets, each with its minutes, place, person, kind and dishes: pieces, name and note.
_TICKETS: Final[tuple[tuple[int, str, str, str, tuple[tuple[int, str, str], ...]], ...]] = (
    (16, "table 4", "Asha", "new", ((2, "Masala Dosa", "no onion"), (1, "Rava Dosa", ""), (1, "Medu Vada", ""))),
    (11, "Rao", "Meena", "new", ((1, "Set Dosa", ""), (2, "Idly", "extra chutney"))),
    (9, "table 10", "Meena", "new", ((3, "Poori Sagu", ""), (1, "Upma", "no cashew"))),
    (2, "table 10", "Meena", "more", ((1, "Poori Sagu", ""), (2, "Kesari Bath", ""))),
    (2, "table 12", "Ravi", "new", ((4, "Idly", ""), (2, "Medu Vada", ""))),
    (1, "table 4", "Asha", "void", ((-1, "Medu Vada", ""),)),
    (0, "table 7", "Ravi", "new", ((1, "Plain Dosa", "crisp"),)),
)


def a_board(now: datetime) -> TicketBoard:
    """Return the tickets of a noon."""
    tickets = tuple(
        BoardTicket(
            event=f"event {n}",
            session=place,
            at="Kitchen",
            station="Kitchen",
            ticket=f"1-{117 + n}",
            kind=kind,
            sent_at=time_text(now - timedelta(minutes=minutes)),
            lines=tuple(BoardLine(f"{place} {name}", pieces, "", name, (), note) for pieces, name, note in dishes),
            who=who,
            place=place,
            of="1-118" if kind == "void" else None,
        )
        for n, (minutes, place, who, kind, dishes) in enumerate(_TICKETS, 1)
    )
    return TicketBoard(("Kitchen",), tickets, len(tickets))


async def draw_kitchen(shot: Shot, folder: Path) -> str:
    """Return the picture of the board of the kitchen as SVG."""
    with a_register(shot, folder, FixedClock()) as register:

        async def ask(_stations: tuple[str, ...], _number: str | None) -> TicketBoard:
            return a_board(register.ledger.now())

        kitchen = KitchenScreen(register.ledger, register.reference, (), ask)
        await kitchen.look()
        app = KitchenApp(register, kitchen, Paint(shot.theme, Depth.TRUE), make_side_keymap())
        async with app.run_test(size=shot.size) as pilot:
            await pilot.press(*shot.keys)
            await pilot.pause()
            await pilot.pause()
            return picture_of(app, shot)


INITS: Final = (Shot("init", typed("menu.csv")), Shot("init-80x24", (), (80, 24)))
_ANSWERS: Final = {
    "name": "Eck Café", "locale": "de_AT", "currency": "EUR", "timezone": "Europe/Vienna",
    "business_day_ends": "04:00", "prices_include_tax": "y", "tax_number": "ATU12345678", "till": "1",
}  # fmt: skip
_MENU: Final = b"""name,price,category
Espresso,2.60,Coffee
Melange,4.20,Coffee
Einspaenner,4.80,Coffee
Croissant,3.20,Bakery
Apfelstrudel,5.40,Bakery
Sachertorte,5.90,Bakery
"""


async def draw_init(shot: Shot) -> str:
    """Return the picture of the form that makes a venue as SVG."""
    founding = VenueFounding(DEMO.store_id, lambda _file: _MENU)
    for name, answer in _ANSWERS.items():
        founding.take(name, answer)
    app = InitApp(founding, Paint(shot.theme, Depth.TRUE), make_init_keymap())
    async with app.run_test(size=shot.size) as pilot:
        await pilot.press(*shot.keys)
        await app.at_rest()
        await pilot.pause()
        return picture_of(app, shot)


async def main() -> None:
    """Draw all pictures."""
    SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for shot in SHOTS:
            (SCREENS / f"{shot.name}.svg").write_text(await draw(shot, Path(folder)), encoding="utf-8")
            sys.stdout.write(f"docs/screens/{shot.name}.svg\n")
        for shot in KITCHENS:
            (SCREENS / f"{shot.name}.svg").write_text(await draw_kitchen(shot, Path(folder)), encoding="utf-8")
            sys.stdout.write(f"docs/screens/{shot.name}.svg\n")
    for shot in INITS:
        (SCREENS / f"{shot.name}.svg").write_text(await draw_init(shot), encoding="utf-8")
        sys.stdout.write(f"docs/screens/{shot.name}.svg\n")
    for shot in DESKS:
        (SCREENS / f"{shot.name}.svg").write_text(await draw_desk(shot), encoding="utf-8")
        sys.stdout.write(f"docs/screens/{shot.name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main())
