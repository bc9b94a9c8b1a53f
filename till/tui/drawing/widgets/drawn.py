"""The base of all widgets: draws rows from a view, and repaints the rows that changed."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

from textual.geometry import Offset, Region, Size
from textual.widget import Widget
from typing_extensions import override

from till.tui.drawing.layout import PAGE
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.widgets.line import TextLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.strip import Strip

    from till.tui.drawing.direct import DirectScreen
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.themed import ThemedApp

V = TypeVar("V")


class Drawn(Widget, Generic[V], can_focus=False):
    """A widget of drawn rows.

    A subclass draws a row in `draw`; `show` sets a new view. No widget asks for a layout: `till.tui.drawing.layout`
    places them.

    Args:
        view: The first picture.
        ground: The backdrop of the widget: the screen, or the surface of a band or sheet.
    """

    DEFAULT_CSS = "Drawn { position: absolute; width: 1; height: 1; }"

    def __init__(self, view: V, *, ground: Backdrop = Backdrop.BG) -> None:
        super().__init__()
        self.view = view
        self.ground = ground
        self._is_dim = False
        self._kept: dict[int, Strip] = {}
        self._ready: dict[int, Strip] = {}
        self._kept_for: tuple[Paint, Size] | None = None

    @cached_property
    def _themed(self) -> ThemedApp[object]:
        """The app, which Textual looks for at each use."""
        return cast("ThemedApp[object]", self.app)

    @property
    def paint(self) -> Paint:
        """The styles; dimmed ones behind a sheet."""
        paint = self._themed.paint
        return paint.dimmed if self._is_dim else paint

    def show(self, view: V) -> None:
        """Draw `view` from now on, repainting only rows that may differ."""
        if view is self.view:
            return
        before, self.view = self.view, view  # even an equal one: if it is passed on again, it is the same object
        if view != before and self.is_attached:
            if self.paint.touch:
                self._themed.changed(self, before)
            self.repaint_rows(self.changed_rows(before))

    def dim(self, dimmed: bool) -> None:
        """Dim the widget behind a sheet, or restore it."""
        if dimmed != self._is_dim:
            self._is_dim = dimmed
            self.refresh()

    def changed_rows(self, before: V) -> Iterable[int]:  # noqa: ARG002 - the painted rows tell more
        """Return the rows that differ from those painted last."""
        self._drop_outdated()
        strips = ((y, self._strip(y)) for y in range(self.size.height))
        self._ready = {y: strip for y, strip in strips if strip != self._kept.get(y)}
        return list(self._ready)

    def repaint_rows(self, rows: Iterable[int]) -> None:
        """Repaint these rows only.

        It tells the screen, not Textual's message pump of this widget, so that ten widgets changed by a key cost one
        message.
        """
        runs: list[tuple[int, int]] = []  # adjacent rows make one region: its first row and its end
        for y in sorted(rows):
            self._kept.pop(y, None)
            begun = runs.pop()[0] if runs and runs[-1][1] == y else y
            runs.append((begun, y + 1))
        at = self.region
        if runs and at:
            regions = [Region(at.x, at.y + begun, at.width, end - begun) for begun, end in runs]
            cast("DirectScreen[object]", self.screen).repaint(regions)

    @override
    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint the whole widget. It also tells the screen, whose own repaint drops the requests of widgets."""
        if repaint:
            self._kept.clear()
            if self.is_attached and (at := self.region):
                self.screen.refresh(at)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    #: The size of the drawn area: a drawn widget has no border or padding.
    size = Widget.outer_size

    @property
    def is_dim(self) -> bool:
        """True behind a sheet."""
        return self._is_dim

    @property
    def page_step(self) -> int:
        """The number of entries that a page key passes; a guess before the first layout."""
        return self._in_sight() - 1 if self.size.height > 1 else PAGE

    def _in_sight(self) -> int:
        """Return the number of entries in sight."""
        return self.size.height

    def pointed(self, x: int, y: int) -> int | str | None:  # noqa: ARG002 - nothing unless a subclass says more
        """Return the target of a click: the index of an entry, a key by its label, or None."""
        return None

    def differs_at(self, x: int, y: int, before: object) -> bool:  # noqa: ARG002 - any place unless a subclass knows
        """Return True if this cell may have shown something else in the view before."""
        return self.view != before

    def swiped(self, rows: int) -> bool:  # noqa: ARG002 - the arrows act unless a subclass says more
        """Scroll by a finger; return False if the arrows are to act."""
        return False

    def point_at(self, column: int, y: int) -> None:
        """Move the terminal's own cursor there, which screen readers and input methods follow."""
        if not self._is_dim:
            self._themed.cursor_position = self.region.offset + Offset(column, y)

    def line(self, ground: Backdrop | None = None) -> TextLine:
        """Return an empty row of this widget's width."""
        return TextLine(self.paint, self.size.width, ground or self.ground)

    @abstractmethod
    def draw(self, y: int) -> TextLine | Strip:
        """Draw row `y`."""

    @override
    def render_line(self, y: int) -> Strip:
        """Return a row, cached until it is repainted."""
        strip = self._kept.get(y)
        if strip is None:
            strip = self._ready.pop(y, None) or self._strip(y)
            self._kept[y] = strip
        return strip

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the visible rows, for Textual. They are painted to their edges, so Textual adds no style."""
        self._drop_outdated()
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def _drop_outdated(self) -> None:
        """Drop cached rows of another paint or size."""
        made_for = (self.paint, self.size)
        if made_for != self._kept_for:
            self._kept_for = made_for
            self._drop_rows()

    def _drop_rows(self) -> None:
        """Drop all cached rows."""
        self._kept.clear()
        self._ready.clear()

    def _strip(self, y: int) -> Strip:
        drawn = self.draw(y)
        return drawn.strip() if isinstance(drawn, TextLine) else drawn
