"""Updates of the terminal: by rows, and of few rows only the cells that changed."""

from __future__ import annotations

from itertools import pairwise, takewhile
from operator import eq, itemgetter
from typing import TYPE_CHECKING, Final

from rich.control import Control
from rich.segment import Segment
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from typing_extensions import override

from till.domain.patterns import late
from till.tui.drawing.cut import cell_len
from till.tui.drawing.lean_strip import LeanStrip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from textual.screen import Screen
    from textual.widget import Widget

#: Column and row on the screen, and the cells written from there.
Row = tuple[int, int, Strip]
#: The most rows of an update that are compared by cells: for more that takes longer than it saves.
_FEW: Final = 10
#: A run of a script with spacing marks (of India, and its neighbours), which terminals count as one cell or as none.
_UNSURE: Final = late("[\u0900-\u1cff\ua800-\uabff\U00011000-\U00011fff][^ ]*")


class RowsUpdate(CompositorUpdate):
    """Rows of widgets, each at its place.

    Args:
        rows: Column and row on the screen, and the cells written from there.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the rows as segments, for Rich."""
        del console, options
        for x, y, strip in self.rows:
            yield Control.move_to(x, y).segment
            yield from strip

    @override
    def render_segments(self, console: Console) -> str:
        """Return the text to write to the terminal."""
        texts = "".join([text for _x, _y, strip in self.rows for text, _style, _control in strip])
        if _UNSURE.search(texts) is None:
            return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.rows])
        return "".join([f"\x1b[{y + 1};{x + 1}H{_written(strip, x, console)}" for x, y, strip in self.rows])


def _written(strip: Strip, x: int, console: Console) -> str:
    """Return the text of a strip at column `x`, with the column after each run of `_UNSURE` set by an escape.

    The cells of such a run are erased first: on a terminal that counts fewer, some of them are skipped.
    """
    if _UNSURE.search(strip.text) is None:
        return strip.render(console)
    segments: list[Segment] = []
    for text, style, _control in strip:
        placed, end = "", 0
        for found in _UNSURE.finditer(text):
            placed += text[end : found.start()]
            x += cell_len(text[end : found.start()])
            cells, end = cell_len(found[0]), found.end()
            x += cells
            placed += f"\x1b[{cells}X{found[0]}\x1b[{x + 1}G"
        x += cell_len(text[end:])
        segments.append(Segment(placed + text[end:], style))
    return LeanStrip(segments, strip.cell_length).render(console)


class TerminalRows:
    """The rows on the terminal. Textual paints a screen three times when it opens, mostly with the same content.

    A row is kept in the strips in which widgets write it, by column, so that a key compares its own cells alone.
    """

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Strip]] = {}

    def forget(self) -> None:
        """Forget the rows, as the terminal may have lost cells."""
        self._rows.clear()

    def take(self, update: RowsUpdate, width: int) -> RowsUpdate | None:
        """Record an update on a terminal of `width` columns; return its rows that changed, or None.

        A character typed changes few rows: of those only the cells that changed are written.
        """
        rows: list[Row] = []
        few = len(update.rows) <= _FEW
        for row in update.rows:
            x, y, strip = row
            pieces = self._pieces(x, y, strip, width)
            if pieces is None:
                rows.append(row)
                continue
            before, pieces[x] = pieces[x], strip
            if before != strip:
                rows += _cells(row, before) if few else [row]
        return RowsUpdate(rows) if rows else None

    def _pieces(self, x: int, y: int, strip: Strip, width: int) -> dict[int, Strip] | None:
        """Return the pieces of a row, one of them at `x`; None if the row is unknown, and so written whole."""
        pieces = self._rows.get(y)
        if pieces is not None and x in pieces and pieces[x].cell_length == strip.cell_length:
            return pieces
        row_strip = _joined(pieces or {})
        if row_strip.cell_length != width:
            self._rows.pop(y, None)
            if x == 0 and strip.cell_length == width:
                self._rows[y] = {0: strip}
            return None
        cuts = sorted({0, x, x + strip.cell_length, width})
        cut = {start: row_strip.crop(start, end) for start, end in pairwise(cuts)}
        self._rows[y] = cut
        return cut


def _joined(pieces: Mapping[int, Strip]) -> Strip:
    """Join the strips of a row, from column 0 on. Their length is known; Textual's own join would count their cells."""
    if not pieces:
        return LeanStrip([], 0)
    last = max(pieces)
    segments = [segment for x in sorted(pieces) for segment in pieces[x]]
    return LeanStrip(segments, last + pieces[last].cell_length)


def _cells(row: Row, before: Strip) -> list[Row]:
    """Return the cells of a row that differ from those before, or none; a row that mostly differs is not cut."""
    x, y, strip = row
    first = _alike(zip(before, strip, strict=False))
    last = strip.cell_length - _alike(zip(reversed(before), reversed(strip), strict=False), from_end=True)
    if first >= last:  # equal cells may be cut into other segments
        return []
    return [(x + first, y, strip.crop(first, last))] if 2 * (last - first) < strip.cell_length else [row]


def _alike(pairs: Iterable[tuple[Segment, Segment]], *, from_end: bool = False) -> int:
    """Return the number of columns that are equal before the first difference."""
    columns = 0
    for one, other in pairs:
        if one != other:
            if one.style is other.style and one.text.isascii() and other.text.isascii():
                step = -1 if from_end else 1
                columns += sum(takewhile(bool, map(eq, one.text[::step], other.text[::step])))
            break
        columns += cell_len(one.text)
    return columns


class RowCompositor(Compositor):
    """Textual's compositor with a fast path for whole rows of widgets that nothing covers (ADR 0061).

    Textual cuts every widget at the edges of all others, on each changed row. If each changed region is as wide as an
    uncovered widget, nothing needs to be cut. Other changes are composed row by row, from edge to edge.
    """

    _visible: Mapping[Widget, tuple[Region, Region]] | None = None
    _uncovered: Mapping[tuple[int, int], Sequence[tuple[Widget, Region]]]

    @override
    def render_update(
        self, full: bool = False, screen_stack: list[Screen[object]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """Render what changed since the last update; None if nothing did."""
        if simplify:  # for a screenshot
            return super().render_update(full, screen_stack, simplify)
        rows = None if full else self._changed_rows()
        if rows is None:
            rows = self._whole_rows(full=full)
        self._dirty_regions.clear()
        return RowsUpdate(rows) if rows else None

    def update_of(self, regions: Iterable[Region]) -> RenderableType | None:
        """Render what changed in these regions."""
        self._dirty_regions.update(regions)
        return self.render_update()

    def _changed_rows(self) -> list[Row] | None:
        """Return the changed rows from the top; None if a change is not of whole rows, or is partly covered."""
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
        return [(x, y, strip) for (y, x), strip in sorted(rows.items(), key=itemgetter(0))]

    def _whole_rows(self, *, full: bool) -> list[Row]:
        """Return the rows with a change, from edge to edge."""
        screen = self.size.region
        changed = [screen] if full else [region.intersection(screen) for region in self._dirty_regions]
        lines = sorted({y for region in changed for y in region.line_range})
        if not lines:
            return []
        crop = Region(0, lines[0], screen.width, lines[-1] + 1 - lines[0])
        rows, cuts = {y: dict[int, Strip]() for y in lines}, self.cuts
        for region, clip, strips in self._get_renders(crop):
            seen = region.intersection(clip)
            for y, strip in zip(seen.line_range, strips, strict=False):
                if y in rows:
                    self._fill(rows[y], cuts[y], strip, seen.x)
        return [(0, y, _joined(rows[y])) for y in lines]

    @staticmethod
    def _fill(row: dict[int, Strip], cuts: Sequence[int], strip: Strip, x: int) -> None:
        """Add to a row, from cut to cut, what the widgets in front leave of a strip at column `x`.

        It is cropped: a strip that Textual divides may keep itself, and then waits for a collection of garbage.
        """
        right = x + strip.cell_length
        for start, end in pairwise(cuts):
            if start not in row and x <= start and end <= right:
                row[start] = strip.crop(start - x, end - x)

    def _by_columns(self) -> Mapping[tuple[int, int], Sequence[tuple[Widget, Region]]]:
        """Return the uncovered widgets by column and width, cached until the next layout."""
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
