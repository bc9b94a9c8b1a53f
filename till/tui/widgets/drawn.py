"""The widget that all others are: it draws rows from a view, and repaints the rows that changed."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from textual.geometry import Offset, Region, Size
from textual.widget import Widget

from till.tui.palette import Ground
from till.tui.widgets.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.filter import LineFilter
    from textual.strip import Strip

    from till.tui.painted import PaintedApp
    from till.tui.palette import Paint

V = TypeVar("V")


class Drawn(Widget, Generic[V], can_focus=False):
    """A widget of drawn rows.

    A subclass says in `draw` what stands on a row; `show` gives it a new view. Nothing here asks for a layout: where a
    widget stands is the matter of `till.tui.layout`.

    Args:
        view: What to draw at first.
        ground: What the widget lies on: the screen, or the surface of a band or sheet.
        id: Of the widget.
    """

    DEFAULT_CSS = "Drawn { position: absolute; width: 1; height: 1; }"

    def __init__(self, view: V, *, ground: Ground = Ground.BG, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.view = view
        self.ground = ground
        self._is_dim = False
        self._drawn: dict[int, Strip] = {}
        self._ready: dict[int, Strip] = {}
        self._ready_for: tuple[Paint, Size] | None = None

    @property
    def paint(self) -> Paint:
        """Styles; those of what lies behind a sheet when this does."""
        paint = cast("PaintedApp[object]", self.app).paint
        return paint.dimmed if self._is_dim else paint

    def show(self, view: V) -> None:
        """Draw `view` from now on; only rows that may differ are painted again."""
        if view is self.view:
            return
        before, self.view = self.view, view  # an equal one too: handed on again, it is the same object
        if self.is_attached and view != before:
            self.repaint_rows(self.changed_rows(before))

    def dim(self, dimmed: bool) -> None:
        """Draw as what lies behind a sheet, or no longer."""
        if dimmed != self._is_dim:
            self._is_dim = dimmed
            self.refresh()

    def changed_rows(self, before: V) -> Iterable[int]:  # noqa: ARG002 - what stands there tells more
        """The rows that look another way than what was painted last."""
        strips = ((y, self._strip(y)) for y in range(self.size.height))
        self._ready = {y: strip for y, strip in strips if strip != self._drawn.get(y)}
        self._ready_for = self.paint, self.size
        return list(self._ready)

    def repaint_rows(self, rows: Iterable[int]) -> None:
        """Paint these rows again and no others."""
        width = self.size.width
        regions = [Region(0, y, width, 1) for y in rows]
        if regions and width:
            self.refresh(*regions)

    def point_at(self, column: int, y: int) -> None:
        """Take the terminal's own cursor along: screen readers and input methods look where it stands."""
        if not self._is_dim:
            self.app.cursor_position = self.region.offset + Offset(column, y)

    def line(self, ground: Ground | None = None) -> Line:
        """An empty row of this widget's width."""
        return Line(self.paint, self.size.width, ground or self.ground)

    @abstractmethod
    def draw(self, y: int) -> Line | Strip:
        """What stands on row `y`."""

    def render_line(self, y: int) -> Strip:
        """Textual's call for a row."""
        ready = self._ready.pop(y, None)
        if ready is None or self._ready_for != (self.paint, self.size):
            ready = self._strip(y)
        self._drawn[y] = ready
        return ready

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the paint knows the terminal already, and Textual would pass over every row in sight on every key."""
        return ()

    def _strip(self, y: int) -> Strip:
        drawn = self.draw(y)
        return drawn.strip() if isinstance(drawn, Line) else drawn
