"""The pictures of the display of guests in docs/screens, which `make screenshots` writes."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.display.app import GuestApp, make_guest_keymap
from till.display.screen import GuestPicture, guest_view
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.start import make_app
from tools.screenshots import ORDER, SCREENS, FixedClock, Shot, a_register, picture_of, press

if TYPE_CHECKING:
    from till.register.register import Register

SHOTS: Final = (
    Shot("display-80x24", ORDER, (80, 24)),
    Shot("display-40x12", (*ORDER, "f9", "5", "0", "0", "enter"), (40, 12)),
)
_TILL: Final = (120, 36)


async def seen(register: Register, shot: Shot, clock: FixedClock) -> GuestPicture:
    """Return the picture of guests after the keys of a picture at a till."""
    app = make_app(register, Paint("dark", Depth.TRUE), make_keymap())
    async with app.run_test(size=_TILL) as pilot:
        await press(app, pilot, shot, clock)
        return guest_view(app.controller.guest_order, register)


def display_of(view: GuestPicture, shot: Shot) -> GuestApp:
    """Return the display with a picture."""

    async def follow(app: GuestApp) -> None:
        app.present(view)

    return GuestApp(Paint(shot.theme, Depth.TRUE), make_guest_keymap(), follow)


async def draw(shot: Shot, folder: Path) -> str:
    """Return the picture as SVG."""
    clock = FixedClock()
    with a_register(shot, folder, clock) as register:
        app = display_of(await seen(register, shot, clock), shot)
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause()
        await pilot.pause()
        return picture_of(app, shot)


async def main() -> None:
    """Draw both."""
    with tempfile.TemporaryDirectory() as folder:
        for shot in SHOTS:
            (SCREENS / f"{shot.name}.svg").write_text(await draw(shot, Path(folder)), encoding="utf-8")
            sys.stdout.write(f"docs/screens/{shot.name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main())
