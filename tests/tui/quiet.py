"""A till without its terminal: keys go to the scenes, effects to a real register, and nothing is drawn."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict
from textual._context import active_app

from tests.tui.playing import Clock, PinCheck, Stubborn, Till, char_of, fill, keys, make_register, open_file
from till.tui.drawing.palette import Depth, Paint
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.keymap import KeyPress
from till.tui.start import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from tests.tui.playing import FakeStore
    from till.tui.shell.controller import MainScene


class QuietTill(Till):
    """A till whose screens are never mounted. Tests read the views that its widgets were given."""

    def burst(self, script: str) -> None:
        for key in keys(script):
            self.app.controller.take(KeyPress(key, char_of(key)))

    async def settle(self) -> None:
        async with asyncio.timeout(5):
            while self.app._works:
                await asyncio.wait(list(self.app._works))
                await asyncio.sleep(0)

    async def resize(self, width: int, height: int) -> None:
        raise NotImplementedError

    def rows(self) -> list[str]:
        raise NotImplementedError

    def text(self) -> str:
        scene = self.app.controller.scene
        assert scene is not None
        self.app.controller.paint()
        held = [*vars(scene.screen).values(), *(one for up in self.app.controller.sheets for one in vars(up).values())]
        held += [band for one in held if (band := getattr(one, "band", None)) is not None]
        return "\n".join(word for one in held if isinstance(one, Drawn) for word in _words(one.view))


def _words(view: object) -> Iterator[str]:
    if isinstance(view, str):
        yield view
    elif isinstance(view, Struct):
        yield from _words(tuple(asdict(view).values()))
    elif isinstance(view, tuple):
        for one in view:
            yield from _words(one)


@asynccontextmanager
async def a_quiet_till(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *,
    store: FakeStore | None = None,
    till: int = 1,
    reference: Mapping[str, Mapping[str, Any]] | None = None,
    idle_minutes: float = 5,
    check: Any = None,
    notice: str = "",
) -> AsyncIterator[QuietTill]:
    """Start a till that is never painted. The same folder again is the same journal."""
    file = open_file(folder, till)
    journal, clock = Stubborn(file), Clock()
    fill(file, reference)
    register = make_register(journal, clock, check or PinCheck(), till)
    if store is not None:
        store.register = register
    app = make_app(
        register, Paint("dark", Depth.TRUE), make_keymap(), store=store, idle_minutes=idle_minutes, notice=notice
    )
    app.console.size = size
    app.load_further()

    def comes(scene: MainScene) -> None:
        app.news.catch_up(scene)
        scene.paint()

    app.controller.on_scene = comes
    for screen in app.controller.screens.all:
        for name in ("raise_sheet", "resize_sheet", "drop_sheet"):
            setattr(screen, name, _ignore)
    token = active_app.set(app)
    app.controller.paint()
    try:
        yield QuietTill(app, register, clock, journal)
    finally:
        active_app.reset(token)
        file.close()


def _ignore(*_args: object, **_named: object) -> None:
    """Do nothing: no sheet covers a screen that is never painted."""
