"""Draws the pictures of the README: the real screens on the demo venue, at a fixed time, without a database.

Run it as `make screenshots`; it writes docs/screens/*.svg.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

os.environ.setdefault("TEXTUAL_FPS", "240")

from textual import events

from till.cli.demo_venue import DEMO, demo_reference, demo_settings
from till.domain.money.formats import marks_of
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.venue import read_venue
from till.journal import JournalFile
from till.ports import Light, LightState
from till.ports.desk import (
    Alert,
    AlertKind,
    Connection,
    DeskAct,
    HourSold,
    House,
    Login,
    Matter,
    MatterKind,
    OpenOrder,
    Picture,
    ShownLine,
    TillDay,
    TillStanding,
)
from till.register.register import Register
from till.reports.days import DayError
from till.tui.desk_app import DeskApp, make_desk_keymap
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.start import make_app

if TYPE_CHECKING:
    from collections.abc import Callable

_MORNING: Final = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
_SAVED: Final = Light(LightState.SAVED)
_SCREENS: Final = Path(__file__).parent / "screens"
#: What the keys type that have a name.
_CHARS: Final = {"space": " ", "full_stop": "."}
_LOGIN: Final = ("1", "enter", "1", "1", "1", "1", "enter")


class FixedClock:
    """Stands still, so that a picture is the same tomorrow."""

    def now(self) -> datetime:
        """That morning."""
        return _MORNING

    def monotonic(self) -> float:
        """No time passes."""
        return 0.0


class NoOutbox:
    """There is nobody to send to."""

    def nudge(self, *, at_once: bool) -> None:
        """Send nothing."""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the keys that lead there, the size, the theme, the light."""

    name: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (120, 36)
    theme: str = "dark"
    light: Light = _SAVED


def typed(text: str) -> tuple[str, ...]:
    """Text as key presses, Enter at its end."""
    names = {char: name for name, char in _CHARS.items()}
    return (*(names.get(char, char) for char in text), "enter")


_ORDER: Final = (
    *_LOGIN,
    *typed("2 idly"),
    *typed("1 masala dosa"),
    *typed("2 filter coffee"),
    *typed("rava dosa"),
    *typed("3 kesari bath"),
    *typed("26"),
)
_SHORT: Final = (*_LOGIN, *typed("2 idly"), *typed("1 masala dosa"), *typed("one more"))
_AWAY: Final = Light(LightState.OFFLINE, 3, datetime(2026, 3, 3, 4, 31, tzinfo=UTC))
SHOTS: Final = (
    Shot("login", ("1", "enter", "1", "1", "1")),
    Shot("sell", (*_ORDER, "2", "space", "d", "o", "s", "a")),
    Shot("sell-80x24", (*_SHORT, "2", "space", "d", "o", "s", "a"), (80, 24)),
    Shot("menu-80x24", (*_SHORT, "f4"), (80, 24)),
    Shot("void", (*_ORDER, "up", "up", "f7")),
    Shot("tabs", (*_ORDER, "f8")),
    Shot("pay", (*_ORDER, "f9", "q")),
    Shot("pay-80x24", (*_SHORT, "f9", "5", "0", "0"), (80, 24)),
    Shot("receipt", (*_ORDER, "f9", "5", "0", "0", "enter")),
    Shot("offline", _ORDER, light=_AWAY),
    Shot("help", (*_ORDER, "f1")),
    Shot("sell-light", _ORDER, theme="light"),
    Shot("sell-contrast", _ORDER, theme="contrast"),
)


async def draw(shot: Shot, folder: Path) -> str:
    """The picture as SVG."""
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
            FixedClock(),
            chance.getrandbits,
            NoOutbox(),
            lambda _hash, pin: pin == "1111",
            till=1,
            store_id=DEMO.store_id,
        )
        register.light = shot.light
        app = make_app(register, Paint(shot.theme, Depth.TRUE), make_keymap())
        async with app.run_test(size=shot.size) as pilot:
            for key in shot.keys:  # all at once: the till keeps what is typed ahead, and a pilot waits after each key
                app.post_message(events.Key(key, _CHARS.get(key, key if len(key) == 1 else None)))
            await pilot.pause()
            while app.controller.is_held or app.controller.is_due:
                await pilot.pause()
            await pilot.pause()
            # Else a row is cut where any widget begins, a word and a rule too, and browsers leave gaps there.
            return app.export_screenshot(title=f"till: {shot.name}", simplify=True)
    finally:
        journal.close()


#: 20:41 at the venue.
_EVENING: Final = datetime(2026, 3, 3, 15, 11, tzinfo=UTC)


def _order(minutes: int, total: str, person: str, till: int | None, tab: str = "") -> OpenOrder:
    order = OpenOrder(
        f"{minutes}", 1, person, till, Status.ACTIVE, tab, 2, total, "INR", _EVENING - timedelta(minutes=minutes), 1
    )
    return order if till else replace(order, status=Status.PENDING_LOGOUT)


def _till(number: int, person: str, sold: int, orders: int, seconds: int) -> TillStanding:
    newest = _EVENING - timedelta(seconds=seconds)
    away = seconds > 60  # noqa: PLR2004 - a minute
    quality = Connection.LOST if away else Connection.GOOD
    login = Login(str(number), person, number, not away, quality, _EVENING - timedelta(hours=5), newest)
    return TillStanding(number, f"Till {number}", login, not away, away, False, newest, newest, orders, Minor(sold))


_TILLS: Final = (
    _till(1, "Asha", 1487000, 2, 4), _till(2, "Ravi", 941550, 2, 480), _till(3, "Kiran", 758500, 0, 31),
)  # fmt: skip

_VENUE_NOW: Final = Picture(
    now=_EVENING,
    venue=read_venue(demo_settings()),
    matters=(
        Matter(
            MatterKind.CONFLICT, "1", "paid_twice", _EVENING - timedelta(minutes=28), "185.00", "INR", 3, None,
            ("2-000012", "3-000007"),
        ),
        Matter(
            MatterKind.RECORD, "3", "an item that this menu never had", _EVENING - timedelta(minutes=9), None, "", 2
        ),
        Matter(MatterKind.LOCKED, "4", "Kiran", _EVENING + timedelta(minutes=4)),
    ),
    alerts=(Alert(AlertKind.NO_BACKUP, days=9),),
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


class FixedDesk:
    """A venue on one evening, which nothing changes."""

    person = "Meena"
    asks_password = True

    async def look(self) -> Picture:
        """That evening."""
        return _VENUE_NOW

    async def lines(self, session: str) -> tuple[ShownLine, ...]:
        """The same of every order."""
        del session
        return (ShownLine("Idly", 2, "80.00"), ShownLine("Filter Coffee", 2, "60.00"))

    async def day(self, till: int, day: str) -> TillDay:
        """No picture shows one."""
        del till, day
        raise DayError

    async def act(self, act: DeskAct, password: str) -> None:
        """Nothing is done."""

    async def follow(self, heard: Callable[[], None]) -> None:
        """Nothing is told."""


DESKS: Final = (Shot("desk", ()), Shot("desk-80x24", (), (80, 24)))


async def draw_desk(shot: Shot) -> str:
    """The picture of the manager's desk as SVG."""
    venue = _VENUE_NOW.venue
    app = DeskApp(
        FixedDesk(), Paint(shot.theme, Depth.TRUE), make_desk_keymap(), marks_of(venue.locale),
        venue.terms.currency.code, lambda: 0.0,
    )  # fmt: skip
    async with app.run_test(size=shot.size) as pilot:
        await pilot.press(*shot.keys)
        await pilot.pause()
        return app.export_screenshot(title=f"till: {shot.name}", simplify=True)


async def main() -> None:
    """Draw all pictures."""
    _SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for shot in SHOTS:
            (_SCREENS / f"{shot.name}.svg").write_text(await draw(shot, Path(folder)), encoding="utf-8")
            sys.stdout.write(f"docs/screens/{shot.name}.svg\n")
    for shot in DESKS:
        (_SCREENS / f"{shot.name}.svg").write_text(await draw_desk(shot), encoding="utf-8")
        sys.stdout.write(f"docs/screens/{shot.name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main())
