"""The visible part of a long list: whole entries only, never a modifier without its line."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Window:
    """The part of a list that fits a number of rows.

    Args:
        follow: Stay at the end when the list grows and its end was visible, as an order does.
    """

    __slots__ = ("_follow", "_heights", "_last", "first", "height", "rows")

    def __init__(self, *, follow: bool = False) -> None:
        self.first = 0
        self.height = 0
        self.rows: list[tuple[int, int]] = []
        """For each row in sight: the entry and which of its rows this is."""
        self._follow = follow
        self._heights: Sequence[int] = ()
        self._last = 0

    @property
    def above(self) -> int:
        """The number of entries hidden above."""
        return self.first

    @property
    def below(self) -> int:
        """The number of entries hidden below."""
        return len(self._heights) - self._last

    def lay(self, heights: Sequence[int], height: int, selected: int | None = None) -> None:
        """Lay out entries of these heights in `height` rows, with the selected one visible and the least movement."""
        at_end = self._follow and self.below == 0
        self._heights, self.height = heights, height
        lowest = self._first_for(len(heights) - 1)
        first = lowest if at_end else min(self.first, lowest)
        if selected is not None and 0 <= selected < len(heights):
            first = min(selected, max(first, self._first_for(selected)))
        self._fill(first)

    def move(self, entries: int) -> None:
        """Move by a number of entries, down if positive, as far as the list goes."""
        self._fill(max(0, min(self.first + entries, self._first_for(len(self._heights) - 1))))

    def thumb(self) -> range:
        """Return the rows of the window that a scrollbar's thumb covers; empty if everything is visible."""
        total = sum(self._heights)
        hidden = total - sum(self._heights[self.first : self._last])
        if hidden <= 0 or self.height <= 0:
            return range(0)
        size = min(self.height, max(1, round(self.height * self.height / total)))
        top = round((self.height - size) * sum(self._heights[: self.first]) / hidden)
        return range(top, top + size)

    def _first_for(self, last: int) -> int:
        """Return the first entry of a window that ends with `last`; `last` itself if it alone is too tall."""
        room = self.height
        first = last + 1
        while first > 0 and self._heights[first - 1] <= room:
            first -= 1
            room -= self._heights[first]
        return max(0, min(first, last))

    def _fill(self, first: int) -> None:
        self.first = first
        self.rows = []
        entry = first
        while entry < len(self._heights):
            tall = self._heights[entry]
            room = self.height - len(self.rows)
            if tall > room:
                if entry == first:  # otherwise nothing would be visible
                    self.rows = [(entry, row) for row in range(room)]
                    entry += 1
                break
            self.rows.extend(zip(repeat(entry), range(tall)))
            entry += 1
        self._last = entry
