"""Draws the pictures of the README: the real screens on the demo venue, at a fixed time, without a database.

Run it as `make screenshots`; it writes docs/screens/*.svg.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

os.environ.setdefault("TEXTUAL_FPS", "240")

from textual import events

from till.cli.demo_venue import DEMO, demo_reference
from till.journal import JournalFile
from till.ports import Light, LightState
from till.register.register import Register
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.start import make_app

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


async def main() -> None:
    """Draw all pictures."""
    _SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for shot in SHOTS:
            (_SCREENS / f"{shot.name}.svg").write_text(await draw(shot, Path(folder)), encoding="utf-8")
            sys.stdout.write(f"docs/screens/{shot.name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main())
