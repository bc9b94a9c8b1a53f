"""A till without its terminal: keys go to the scenes, effects to a real register, and nothing is painted.

`a_quiet_till` gives the words of the views alone. `a_drawn_till` also places the widgets and draws their rows, without
Textual's tasks, styles and compositor: a quarter of the time. A test of what Textual does (a window that is resized,
the mouse, colours, repaints, pictures) opens `tests.tui.playing.a_till`; `test_quiet.py` compares the two.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict
from rich.cells import cell_len
from textual._context import active_app
from textual.geometry import Region

from tests.tui.playing import Clock, PinCheck, Stubborn, Till, char_of, fill, keys, make_register, open_file
from till.tui.drawing.palette import Depth, Paint
from till.tui.drawing.screen_base import TooSmall
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.groups import OptionGroups
from till.tui.drawing.widgets.lines import LineList
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.keymap import KeyPress
from till.tui.start import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from textual.widget import Widget

    from tests.tui.playing import FakeStore
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.app import TillApp
    from till.tui.shell.controller import MainScene


#: Turns of the loop in which what a key began, such as a question to a store of the tests, comes to its end.
_TURNS = 10


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


class DrawnTill(QuietTill):
    """A till whose widgets are placed and drawn when a test reads the screen."""

    def burst(self, script: str) -> None:
        for key in keys(script):
            self.app._take(KeyPress(key, char_of(key)))

    async def settle(self) -> None:
        """Wait until all keys are handled, and what they began has come as far as it does without an answer."""
        for _again in range(2):
            for _turn in range(_TURNS):
                await asyncio.sleep(0)
            while self.app.controller.is_held or self.app.controller.is_due or self.app._light_due:
                await asyncio.wait(list(self.app._works), return_when=asyncio.FIRST_COMPLETED)
        self._stand()

    async def paste(self, text: str) -> None:
        self.app._take(KeyPress("paste", paste=text))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        self.app.console.size = width, height
        for screen in self.app.controller.screens.all:
            if screen.is_mounted:
                screen.lay_now()
        self._stand()
        self.app.controller.paint()

    def rows(self) -> list[str]:
        self._stand()
        width, height = self.app.size
        cells = [[" "] * width for _row in range(height)]
        for widget in self._in_sight():
            at: Region = widget._region  # type: ignore[attr-defined] # see _stand
            for y, strip in enumerate(widget.render_lines(at.reset_offset)):
                drawn = _cells(strip.text)
                assert len(drawn) == at.width, f"{widget} leaves its place: {strip.text!r}"
                cells[at.y + y][at.x : at.right] = drawn
        return ["".join(row).rstrip() for row in cells]

    def text(self) -> str:
        return "\n".join(self.rows())

    def _stand(self) -> None:
        """Tell each widget in sight its size and place, as Textual does after a layout, and draw it.

        A list that is drawn tells its heading how much is out of sight, which `rows` shows.
        """
        shown = self._in_sight()
        for widget in shown:
            at = _place_of(widget)
            holder = widget.parent
            if isinstance(holder, Sheet):
                at = at.translate(_place_of(holder).offset)
            widget._region = at  # type: ignore[attr-defined] # of our own
            if widget.size != at.size:
                widget._size = at.size
                if isinstance(widget, LineList | OptionGroups):
                    widget.on_resize()
        for widget in shown:
            widget.render_lines(Region(0, 0, *widget.size))

    def _in_sight(self) -> list[Drawn[Any]]:
        """Return the widgets in sight of the screen that is shown, those in front last."""
        scene = self.app.controller.scene
        assert scene is not None
        found: list[Drawn[Any]] = []
        for widget in sorted(scene.screen.children, key=lambda one: isinstance(one, Sheet | TooSmall)):
            if widget.display:
                parts = widget.children if isinstance(widget, Sheet) else [widget]
                found += (part for part in parts if isinstance(part, Drawn) and part.display)
        return found


def _place_of(widget: Widget) -> Region:
    """Return the region that `till.tui.drawing.layout.place` gave a widget."""
    styles = widget.styles.inline
    numbers = styles.offset.x, styles.offset.y, styles.width, styles.height
    return Region(*(int(number.value) for number in numbers if number is not None))


def _cells(text: str) -> list[str]:
    """Return the text of each cell: a wide character has the first of its two, one without width shares another."""
    if text.isascii():
        return list(text)
    found: list[str] = []
    for char in text:
        width = cell_len(char)
        if width:
            found += [char, *[""] * (width - 1)]
        else:
            found[-1] += char
    return found


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
    typed: str = "",
    **how: Any,
) -> AsyncIterator[QuietTill]:
    """Start a till that is never painted, with some keys typed. The same folder again is the same journal."""
    with _a_till(QuietTill, folder, size, **how) as till:
        till.app.controller.on_scene = lambda scene: _comes(till.app, scene)
        for screen in till.app.controller.screens.all:
            for name in ("raise_sheet", "resize_sheet", "drop_sheet"):
                setattr(screen, name, _ignore)
        till.app.controller.paint()
        if typed:
            await till.type(typed)
        yield till


@asynccontextmanager
async def a_drawn_till(
    folder: Path, size: tuple[int, int] = (80, 24), *, typed: str = "", **how: Any
) -> AsyncIterator[DrawnTill]:
    """Start a till that is drawn, but not by Textual, with some keys typed."""
    with _a_till(DrawnTill, folder, size, **how) as till:

        def comes(scene: MainScene) -> None:
            _comes(till.app, scene)
            _mount(till.app, scene.screen)

        till.app._running = True  # a new light is painted
        till.app.controller.on_scene = comes
        till.app.controller.paint()
        _mount(till.app, till.app.controller.screens.first)
        if typed:
            await till.type(typed)
        yield till


@contextmanager
def _a_till(
    kind: type[Any],
    folder: Path,
    size: tuple[int, int],
    *,
    store: FakeStore | None = None,
    till: int = 1,
    reference: Mapping[str, Mapping[str, Any]] | None = None,
    idle_minutes: float = 5,
    check: Any = None,
    notice: str = "",
    paint: Paint | None = None,
) -> Iterator[Any]:
    file = open_file(folder, till)
    journal, clock = Stubborn(file), Clock()
    fill(file, reference)
    register = make_register(journal, clock, check or PinCheck(), till)
    if store is not None:
        store.register = register
    colours = paint or Paint("dark", Depth.TRUE)
    app = make_app(register, colours, make_keymap(), store=store, idle_minutes=idle_minutes, notice=notice)
    app.console.size = size
    app.load_further()
    token = active_app.set(app)
    try:
        yield kind(app, register, clock, journal)
    finally:
        active_app.reset(token)
        file.close()


def _comes(app: TillApp, scene: MainScene) -> None:
    app.news.catch_up(scene)
    scene.paint()


def _mount(app: TillApp, screen: TillScreen) -> None:
    """Mount a screen and lay it out, at once and without tasks; sheets are mounted on it in the same way."""
    app._screen_stacks[app._current_mode] = [screen]
    if screen.is_mounted:
        return

    def mount(widget: Widget) -> None:
        _attach(widget, screen)

    named: dict[str, Any] = {
        "mount": mount,
        "call_after_refresh": lambda act: act(),
        "refresh": _ignore,
        "find_widget": lambda widget: SimpleNamespace(region=getattr(widget, "_region", Region())),
    }
    for name, act in named.items():
        setattr(screen, name, act)
    screen._is_mounted = True
    screen._attach(app)
    for widget in screen.compose():
        _attach(widget, screen)
    screen.lay_now()


def _attach(widget: Widget, holder: Widget) -> None:
    holder._nodes._append(widget)
    widget._attach(holder)
    widget.remove = lambda: holder._nodes._remove(widget)  # type: ignore[method-assign, assignment, return-value]
    for part in widget.compose():
        _attach(part, widget)


def _ignore(*_args: object, **_named: object) -> None:
    """Do nothing."""
