"""Partial repaints, which leave the terminal as a full paint would."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING
from unicodedata import category

import pyte
import pytest
from msgspec.structs import replace
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.drawing.gallery import SCENES, Gallery
from tests.tui.drawing.seeing import drawn, show
from tests.tui.drawing.selling import SellPicture, TakeoverPicture
from tests.tui.drawing.stock import ORDER, total
from till.tui.drawing.row_compositor import RowsUpdate, TerminalRows
from till.tui.drawing.viewmodels import EntryView, LineView

if TYPE_CHECKING:
    from till.tui.drawing.widgets.drawn import Drawn

CELLS = 120 * 36


class Glass:
    """A terminal that an app is painted on."""

    def __init__(self, app: Gallery) -> None:
        self.app = app
        self._screen = pyte.Screen(*app.size)
        self._stream = pyte.Stream(self._screen)
        self._picture = TerminalRows()
        self.paint(full=True)

    def paint(self, *, full: bool = False) -> list[tuple[int, int, int]]:
        """Paint all changes, as Textual's own pump would; return column, row and width of each piece written."""
        screen = self.app.screen
        screen._compositor.update_widgets({screen, *drawn(self.app)})
        update = screen._compositor.render_update(full)
        assert isinstance(update, RowsUpdate | None)
        written = update and self._picture.take(update, self._screen.columns)
        if written is None:
            return []
        self._stream.feed(written.render_segments(self.app.console))
        return [(x, y, strip.cell_length) for x, y, strip in written.rows]

    def cells(self) -> list[list[pyte.screens.Char]]:
        """Return every cell with its style."""
        screen = self._screen
        return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


@pytest.mark.parametrize("name", SCENES)
async def test_rows_that_are_painted_again_look_as_before_and_nothing_takes_the_focus(name: str) -> None:
    async with show(name) as app:
        assert not [widget for widget in app.screen.walk_children(Widget) if widget.can_focus]
        glass = Glass(app)
        before = glass.cells()
        for widget in drawn(app):
            _again(widget)
            assert glass.paint() == [], widget
    assert glass.cells() == before


def _again(widget: Drawn[object]) -> None:
    """Refresh every other row, then those between, but never the whole widget."""
    for first in (0, 1):
        widget.repaint_rows(range(first, widget.size.height, 2))


async def test_a_change_by_a_key_is_written_as_rows_and_looks_as_in_a_whole_paint() -> None:
    async with show("sell-120x36") as app:
        glass = Glass(app)
        lines = ORDER.lines
        for count in range(60):
            lines = (*lines, LineView(f"Tea {count} 天ぷら", "20.00", "1"))
            app.shown(SellPicture).order.show(replace(ORDER, lines=lines))
            app.shown(SellPicture).foot.show(total(f"{count}90.00", "11 items", "23.33", ""))
            assert 0 < sum(width for _x, _y, width in glass.paint()) < CELLS / 3
        assert glass.cells() == Glass(app).cells()


@pytest.mark.parametrize("cells", [0, 1], ids=["none", "one"])
async def test_columns_stand_behind_a_name_whose_vowel_signs_a_terminal_counts_otherwise(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is cut by its cells, and the amount stays right: also where it was written over another line."""
    wide = pyte.screens.wcwidth
    monkeypatch.setattr(pyte.screens, "wcwidth", lambda char: cells if category(char) == "Mc" else wide(char))
    async with show("sell-80x24") as app:
        glass, order = Glass(app), app.shown(SellPicture).order
        ends = set[int]()
        for name in ("Filter coffee", "मसाला डोसा", "मसाला डोसा, बड़ा, मक्खन और घी के साथ, बिना प्याज के, बहुत गरम", "Idly"):
            order.show(replace(ORDER, lines=(LineView(name, "0.01", "1"),)))
            glass.paint()
            rows = [[cell.data for cell in row] for row in glass.cells()]
            ends |= {at for row in rows for at in range(len(row)) if row[at : at + 5] == [" ", *"0.01"]}
            assert glass.cells() == Glass(app).cells(), name
        assert len(ends) == 1


async def test_a_change_below_a_sheet_is_painted_around_it() -> None:
    async with show("takeover") as app:
        glass = Glass(app)
        order = app.shown(TakeoverPicture).order
        order.show(replace(order.view, lines=(*ORDER.lines, LineView("Tea", "20.00", "1"))))
        assert glass.paint()
        assert glass.cells() == Glass(app).cells()


async def test_widgets_that_stand_elsewhere_now_are_painted_there() -> None:
    async with show("sell-120x36") as app:
        Glass(app)
        await app.pilot.resize_terminal(80, 24)
        while app.screen._compositor.size != (80, 24):
            await app.pilot.pause()
        glass = Glass(app)
        app.shown(SellPicture).order.show(replace(ORDER, lines=ORDER.lines[:2]))
        assert glass.paint()
        assert glass.cells() == Glass(app).cells()


async def test_a_character_typed_is_written_alone() -> None:
    async with show("sell-120x36") as app:
        glass, band = Glass(app), app.shown(SellPicture).entry
        band.show(EntryView("2 id", 4))
        glass.paint()
        band.show(EntryView("2 idl", 5))
        ((_x, _y, width),) = glass.paint()
        assert width <= 2  # the character and the cursor behind it
        assert glass.cells() == Glass(app).cells()


async def test_many_rows_that_changed_are_written_whole_without_comparing_their_cells() -> None:
    async with show("sell-120x36") as app:
        glass, order = Glass(app), app.shown(SellPicture).order
        lines = tuple(LineView("Tea", f"{count}.00", "1") for count in range(15))
        order.show(replace(ORDER, lines=lines))
        glass.paint()
        order.show(replace(ORDER, lines=tuple(replace(line, amount="9.99") for line in lines)))
        assert {width for _x, _y, width in glass.paint()} == {order.size.width}
        assert glass.cells() == Glass(app).cells()


async def test_scene_after_scene_leaves_the_terminal_as_a_whole_paint_does() -> None:
    async with show("sell-120x36") as app:
        glass = Glass(app)
    for name in [name for name, scene in SCENES.items() if scene.size == (120, 36)]:
        async with show(name) as app:
            glass.app = app
            glass.paint(full=True)
            assert glass.cells() == Glass(app).cells(), name


async def test_rows_painted_before_are_freed_without_a_collection_of_garbage() -> None:
    async with show("takeover") as app:
        glass = Glass(app)
        gc.collect()
        gc.disable()
        try:
            before = _strips()
            for _time in range(5):
                for widget in drawn(app):
                    widget.refresh()
                glass.paint(full=True)
            assert _strips() <= before
        finally:
            gc.enable()


def _strips() -> int:
    return sum(type(one) is Strip for one in gc.get_objects())
