"""How a key's change reaches the terminal: the rows that changed, as the widgets drew them."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.widget import Widget


class RowsUpdate(CompositorUpdate):
    """Rows of widgets, each at its place.

    Args:
        rows: Column and row on the screen, and what is written from there.
    """

    def __init__(self, rows: Sequence[tuple[int, int, Strip]]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Rich's call: the same as segments."""
        del console, options
        for x, y, strip in self.rows:
            yield Control.move_to(x, y).segment
            yield from strip

    @override
    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.rows])


class RowCompositor(Compositor):
    """Textual's, with a short way for whole rows of widgets that nothing lies over (ADR 0038).

    Textual cuts every widget along the edges of all others, on each row that changed. Where each changed region is as
    wide as a widget that lies in front there is nothing to cut. Whatever else is to be painted goes Textual's way.
    """

    _visible: Mapping[Widget, tuple[Region, Region]] | None = None
    _uncovered: Mapping[tuple[int, int], Sequence[tuple[Widget, Region]]]

    @override
    def render_update(
        self, full: bool = False, screen_stack: list[Screen[object]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """Render what changed since the last time; None when nothing did."""
        rows = None if full else self._changed_rows()
        if rows is None:
            return super().render_update(full, screen_stack, simplify)
        self._dirty_regions.clear()
        return RowsUpdate(rows)

    def _changed_rows(self) -> list[tuple[int, int, Strip]] | None:
        """All that changed as rows, from the top; None where a part of it is not whole rows, or lies under another."""
        uncovered = self._by_columns()
        rows: dict[tuple[int, int], Strip] = {}
        for changed in self._dirty_regions:
            for widget, region in uncovered.get((changed.x, changed.width), ()):
                if region.y <= changed.y and changed.bottom <= region.bottom:
                    strips = widget.render_lines(changed.translate((-region.x, -region.y)))
                    rows.update(zip(((y, changed.x) for y in changed.line_range), strips, strict=True))
                    break
            else:
                return None
        return [(x, y, strip) for (y, x), strip in sorted(rows.items(), key=itemgetter(0))] or None

    def _by_columns(self) -> Mapping[tuple[int, int], Sequence[tuple[Widget, Region]]]:
        """The widgets that nothing lies over, by column and width; found anew after a layout."""
        visible = self.visible_widgets
        if self._visible is not visible:
            self._visible, in_front = visible, list[Region]()
            found: dict[tuple[int, int], list[tuple[Widget, Region]]] = {}
            for widget, (region, clip) in visible.items():  # the foremost first
                if clip.contains_region(region) and not any(map(region.overlaps, in_front)):
                    found.setdefault((region.x, region.width), []).append((widget, region))
                in_front.append(region)
            self._uncovered = found
        return self._uncovered
