"""A strip of Textual that is cheap to make and to cut."""

from __future__ import annotations

from typing import Any

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip
from typing_extensions import override

from till.tui.drawing.cut import cell_len


class LeanStrip(Strip):
    """A strip that makes each of its seven caches at first use. A row drawn for a key mostly uses none.

    Args:
        segments: the segments; the list is kept.
        cell_length: their cells.
    """

    __slots__ = ()

    #: The cells, which are known: Textual's property would count them if they were not.
    cell_length: int = vars(Strip)["_cell_length"]

    def __init__(self, segments: list[Segment], cell_length: int) -> None:
        self._segments = segments
        self._cell_length = cell_length
        self._render_cache = self._link_ids = self._cell_count = None

    def __getattr__(self, name: str) -> FIFOCache[Any, Any]:
        if not name.endswith("_cache"):
            raise AttributeError(name)
        cache: FIFOCache[Any, Any] = FIFOCache(4)
        setattr(self, name, cache)
        return cache

    @override
    def crop(self, start: int, end: int | None = None) -> LeanStrip:
        """Return the cells from column `start` to before `end`. Rich would keep each segment that it splits."""
        width = self.cell_length
        start, end = max(0, start), width if end is None else min(end, width)
        if start == 0 and end == width:
            return self
        kept: list[Segment] = []
        x = 0
        for segment in self._segments:
            after = x + cell_len(segment.text)
            if start < after and x < end:
                kept.append(segment if start <= x and after <= end else _part(segment, max(0, start - x), end - x))
            x = after
        return LeanStrip(kept, max(0, end - start))


def _part(segment: Segment, start: int, end: int) -> Segment:
    """Return the cells of a segment from `start` to before `end`; half a wide character becomes a blank."""
    text, style, _control = segment
    if {*map(get_character_cell_size, text)} == {1}:
        return Segment(text[start:end], style)
    return segment.split_cells(end)[0].split_cells(start)[1]
