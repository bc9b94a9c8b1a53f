"""A desk for the tests: the app on a venue that a test makes up, at a fixed time, without a database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual import events

from tests.tui.drawing.seeing import read
from tests.tui.playing import char_of, keys
from tests.tui.screens.report.reporting import FakeReports
from till.administration.acts.menu import SellOut
from till.administration.acts.tills import AddPhone, EnrolTill
from till.cli.demo_venue import demo_settings
from till.domain.errors import LoginError, MenuError, StoreAwayError, TillError
from till.domain.money.formats import marks_of
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.ports.desk import (
    Alert,
    ConnectionQuality,
    DeskLine,
    Enrolment,
    HourSold,
    House,
    ListRow,
    Login,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    PhoneLink,
    Picture,
    Prepared,
    TillDay,
    TillStatus,
)
from till.reports.alerts import Growth, alerts_of
from till.reports.days import DateError
from till.tui.desk_app import DeskApp
from till.tui.drawing.palette import Depth, Paint
from till.tui.shell.side_app import make_side_keymap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from till.ports.desk import DescribedAct, DeskAct
    from till.tui.screens.desk.scene import DeskScene

#: 20:41 in Udupi.
EVENING = datetime(2026, 3, 3, 15, 11, tzinfo=UTC)
VENUE = read_venue(demo_settings())
PASSWORD = "correct horse 9"

TWICE = NeedsAttention(
    MatterKind.CONFLICT,
    "c1",
    "sold_twice",
    EVENING - timedelta(minutes=28),
    "185.00",
    "INR",
    3,
    "s4",
    ("2-000012", "3-7"),
)
RECORD = NeedsAttention(
    MatterKind.RECORD, "3", "an item that this menu never had", EVENING - timedelta(minutes=9), None, "", 2, "s5"
)
LOCKED = NeedsAttention(MatterKind.LOCKED, "2", "Ravi", EVENING + timedelta(minutes=4))


def order(number: int, minutes: int, total: str, **changes: object) -> OpenOrder:
    made = OpenOrder(
        id=f"s{number}",
        user=1,
        person="Asha",
        till=1,
        status=Status.ACTIVE,
        tab="",
        lines=2,
        total=total,
        currency="INR",
        opened_at=EVENING - timedelta(minutes=minutes),
        version=number,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def login(user: int, person: str, till: int | None, **changes: object) -> Login:
    made = Login(str(user), person, till, True, ConnectionQuality.GOOD, EVENING - timedelta(hours=5))
    return replace(made, **changes)  # type: ignore[arg-type]


LOGINS = (
    login(1, "Asha", 1),
    login(2, "Ravi", 2, is_heard=False, connection=ConnectionQuality.LOST),
)


def till(number: int, login: Login | None, sold: int, **changes: object) -> TillStatus:
    made = TillStatus(
        number, f"Till {number}", login, True, False, False, EVENING, EVENING - timedelta(seconds=4), 3, Minor(sold)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


#: All that can go wrong.
ALERTS = (
    *alerts_of(VENUE, EVENING, (), Growth(10**10, None), 640_000_000),
    *alerts_of(VENUE, EVENING, (), Growth(10**10, 320_000_000), 3_000_000_000),
    Alert("No backup for 12 days", "`till db backup FOLDER` makes one, on another disk."),
    *alerts_of(
        VENUE,
        EVENING,
        (
            till(2, LOGINS[1], 0, here=False, away=True, seen_at=EVENING - timedelta(minutes=8)),
            till(3, None, 0, here=False, seen_at=EVENING - timedelta(days=30)),
            till(1, login(1, "Asha", 1, connection=ConnectionQuality.VERY_SLOW), 0),
        ),
        Growth(10**10, None),
        None,
    ),
)


def a_picture(**changes: object) -> Picture:
    """Udupi Corner on an evening with much to do."""
    made = Picture(
        now=EVENING,
        venue=VENUE,
        matters=(TWICE, RECORD, LOCKED),
        alerts=(),
        orders=(
            order(1, 140, "310.00", tab="Hotel 214", status=Status.ASSIGNED_TO_TAB, till=None),
            order(2, 110, "1980.00", person="Meena", user=9),
            order(3, 91, "745.00", status=Status.PENDING_LOGOUT, till=None),
            order(4, 55, "860.00", till=2, user=2, person="Ravi"),
        ),
        tills=(
            till(1, LOGINS[0], 1487000),
            till(2, LOGINS[1], 941550, here=False, away=True, seen_at=EVENING - timedelta(minutes=8)),
            till(3, None, 758500, orders=0),
        ),
        logins=LOGINS,
        staff=((1, "Asha"), (2, "Ravi"), (9, "Meena")),
        sales=131,
        total=Minor(3187050),
        tax=Minor(151764),
        hours=tuple(
            HourSold(str(hour), Minor(amount * 100))
            for hour, amount in zip(
                range(11, 21), (900, 1900, 3120, 2240, 980, 1310, 2650, 4120, 6480, 3905), strict=True
            )
        ),
        house=House(3, 99.1, 87.5, 212_000_000),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class FakeDesk:
    """A database as a test wants it. `away` is the reason for no answer, `refuses` the refusal of an act."""

    picture: Picture = field(default_factory=a_picture)
    person: str = "Meena"
    asks_password: bool = True
    away: str = ""
    refuses: TillError | None = None
    acts: list[DeskAct] = field(default_factory=list)
    books: dict[str, tuple[ListRow, ...]] = field(default_factory=dict)
    days: TillDay | None = None
    asked_days: list[tuple[int, str]] = field(default_factory=list)
    looks: int = 0
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    heard: Callable[[], None] = field(default=lambda: None)

    def __post_init__(self) -> None:
        self.gate.set()

    async def look(self) -> Picture:
        self.looks += 1
        self.looked.set()
        if self.away:
            raise StoreAwayError(self.away)
        return self.picture

    async def lines(self, session: str) -> tuple[DeskLine, ...]:
        if self.away:
            raise StoreAwayError(self.away)
        return (DeskLine("Idly", 2, "80.00"), DeskLine(f"of {session}", 1, "100.00"))

    async def day(self, till: int, day: str) -> TillDay:
        if self.away:
            raise StoreAwayError(self.away)
        if self.days is None:
            raise DateError
        self.asked_days.append((till, day))
        return self.days

    async def rows(self, book: str, of: str) -> tuple[ListRow, ...]:
        if self.away:
            raise StoreAwayError(self.away)
        return self.books.get(book, ()) if book != "orders" else (ListRow("", f"of {of}"),)

    async def prepare(self, act: DescribedAct) -> Prepared:
        if isinstance(act, SellOut) and act.item != "vada":
            raise MenuError(f"There is no {act.item} on the menu.")
        return Prepared(act, "As it was said", (("Now", "this"), ("Then", "that")))

    async def act(self, act: DeskAct, password: str) -> str | Enrolment | PhoneLink:
        await self.gate.wait()
        if self.away:
            raise StoreAwayError(self.away)
        if self.asks_password and password != PASSWORD:
            raise LoginError("Wrong number or password. Try again.")
        if self.refuses is not None:
            raise self.refuses
        self.acts.append(act)
        if isinstance(act, EnrolTill):
            return Enrolment(act.till, "3-K7QM-4T9X-ABCD-EFG2", EVENING + timedelta(hours=1))
        if isinstance(act, AddPhone):
            return PhoneLink(act.till, f"https://till.example:8443/#{act.till}-{'Qx7' * 14}k")
        return "It was said, and done."

    async def follow(self, heard: Callable[[], None]) -> None:
        self.heard = heard
        await asyncio.Event().wait()


class Watched:
    """A desk on a screen: `type` presses keys, and `rows` reads the screen."""

    def __init__(self, app: DeskApp, desk: FakeDesk, reports: FakeReports | None = None) -> None:
        self.app = app
        self.desk = desk
        self.reports = reports or FakeReports()
        self.pilot: Pilot[None]

    @property
    def scene(self) -> DeskScene:
        return self.app.scene

    async def type(self, script: str) -> None:
        for key in keys(script):
            self.app.take_input([events.Key(key, char_of(key) or None)])
        await self.settle()

    async def settle(self) -> None:
        """Wait until all keys are handled, and the changes are laid out and painted."""
        for _round in range(4):
            if self.app._exit or self.app._exception is not None:
                return
            painted = asyncio.Event()
            self.app.call_later(self._painted, painted.set)
            async with asyncio.timeout(5):
                await painted.wait()

    def _painted(self, done: Callable[[], object]) -> None:
        """Call `done` once the screen in front is painted."""
        self.app.screen.call_after_refresh(done)

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def look(self) -> None:
        """Read the database again, as the timer does."""
        await self.scene._look()
        await self.settle()

    def rows(self) -> list[str]:
        return read(self.app)

    def text(self) -> str:
        return "\n".join(self.rows())

    def answer(self) -> str:
        message = self.scene.state.message
        return message.text if message else ""


@asynccontextmanager
async def a_desk(
    size: tuple[int, int] = (120, 36),
    desk: FakeDesk | None = None,
    paint: Paint | None = None,
    reports: FakeReports | None = None,
) -> AsyncIterator[Watched]:
    """Start a desk, which has read the database once."""
    made = desk or FakeDesk()
    colours, marks = paint or Paint("dark", Depth.TRUE), marks_of(VENUE.settings.locale)
    source = reports or FakeReports()
    app = DeskApp(made, source, colours, make_side_keymap(), marks, "INR", lambda: 0.0)
    found = Watched(app, made, source)
    async with app.run_test(size=size) as pilot:
        found.pilot = pilot
        await pilot.pause()
        await found.settle()
        yield found
