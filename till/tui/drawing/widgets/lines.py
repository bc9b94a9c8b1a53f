"""A list drawn by the line, as fast with 500 entries as with five."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.cut import split_words
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from textual.strip import Strip

    from till.tui.drawing.widgets.line import TextLine

V = TypeVar("V")
E = TypeVar("E", bound="Hashable")

LOW_LIST = 5
"""The most rows of a list for fingers that has one row for each entry."""

KEPT = 128
"""The most strips to cache. Beyond it the cache is cleared, and the next screenful is drawn slowly."""


class LineList(Drawn[V], Generic[V, E]):
    """A list of entries of one or more rows each, which scrolls by whole entries.

    Strips are cached by entry, row, width and state, so that scrolling and moving the selection only look them up.
    After a change the visible rows are compared with those painted before, and only rows that differ are repainted.

    Args:
        view: The first picture.
        ground: The backdrop of the list.
        id: Of the widget.
        on_window: Called whenever the visible rows may have changed: for the heading's note and the divider's thumb.
    """

    FOLLOW = False
    """True if the list stays at its end when it grows."""

    def __init__(
        self,
        view: V,
        *,
        ground: Backdrop = Backdrop.BG,
        on_window: Callable[[Window], None] | None = None,
    ) -> None:
        super().__init__(view, ground=ground)
        self.window = Window(follow=self.FOLLOW)
        self.watchers = [] if on_window is None else [on_window]
        self._strips: dict[tuple[E, int, bool], Strip] = {}
        self._painted: list[tuple[E, int, bool] | None] = []
        self._shown: tuple[Sequence[E], int, list[int]] | None = None
        self._measured: tuple[Sequence[E], list[int]] = ((), [])

    @abstractmethod
    def entries(self) -> Sequence[E]:
        """Return the entries of the view."""

    @abstractmethod
    def selected(self) -> int | None:
        """Return the selected entry of the view."""

    @abstractmethod
    def draw_entry(self, entry: E, row: int, selected: bool) -> TextLine:
        """Draw row `row` of an entry."""

    def rows_of(self, entry: E) -> int:  # noqa: ARG002 - one row unless a subclass says more
        """Return the number of rows of an entry."""
        return 1

    def heights(self, entries: Sequence[E]) -> list[int]:
        """Return the number of rows of each entry; called again when the entries or the height change."""
        known, heights = self._measured
        rows = [
            tall if one is was else self.rows_of(one) for one, was, tall in zip(entries, known, heights, strict=False)
        ]
        rows += [self.rows_of(one) for one in entries[len(known) :]]
        self._measured = entries, rows
        return rows

    def draw_empty(self, y: int) -> TextLine:  # noqa: ARG002 - blank unless a subclass says more
        """Draw row `y` of an empty list."""
        return self.line()

    @override
    def changed_rows(self, before: V) -> Iterable[int]:
        """Return the rows whose entry, row or state differs from what was painted."""
        painted = self._painted
        self._lay()
        was_empty = not any(painted)  # its sentences were on rows that are blank now
        if was_empty or not self.entries() or len(painted) != len(self._painted):
            return range(self.size.height)
        return [y for y, row in enumerate(self._painted) if row != painted[y]]

    @override
    def _in_sight(self) -> int:
        rows = self.window.rows
        return max(2, rows[-1][0] - rows[0][0] + 1) if rows else self.size.height

    def move(self, entries: int) -> None:
        """Scroll by a number of entries without moving the selection."""
        painted = self._painted
        self.window.move(entries)
        self._note()
        self.repaint_rows(y for y, row in enumerate(self._painted) if row != painted[y])

    @override
    def swiped(self, rows: int) -> bool:
        self.move(rows)
        return True

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the index of the entry on that row."""
        return self.window.rows[y][0] if y < len(self.window.rows) else None

    def on_resize(self) -> None:
        """Lay out for the new height."""
        self._lay()

    @override
    def draw(self, y: int) -> TextLine | Strip:
        """Draw a row of the visible entry, from the cache if nothing about it changed."""
        if len(self._painted) != self.size.height:  # Textual paints a new size before it sends the event
            self._lay()
        key = self._painted[y] if y < len(self._painted) else None
        if key is None:
            return self.line() if self.entries() else self.draw_empty(y)
        if len(self._strips) > KEPT:
            self._strips.clear()
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self.draw_entry(*key).strip()
        return strip

    def forget_strips(self) -> None:
        """Draw every row again, after a change that affects them all."""
        self._strips.clear()
        self.refresh()

    @override
    def _drop_rows(self) -> None:
        super()._drop_rows()
        self._strips.clear()

    def _lay(self) -> None:
        entries, height = self.entries(), self.size.height
        if self._shown is None or self._shown[0] is not entries or self._shown[1] != height:
            self._shown = entries, height, self.heights(entries)
        self.window.lay(self._shown[2], height, self.selected())
        self._note()

    def _note(self) -> None:
        entries, selected = self.entries(), self.selected()
        rows: list[tuple[E, int, bool] | None] = [
            (entries[entry], row, entry == selected) for entry, row in self.window.rows
        ]
        rows.extend([None] * (self.size.height - len(rows)))
        self._painted = rows
        for watch in self.watchers:
            watch(self.window)


def more(window: Window, before: int = 0, after: int = 0) -> str:
    """Return how many lines are out of sight, for the heading: above, below, or both.

    Args:
        window: the visible part of the list.
        before: lines before the list, where it is a page of a longer one.
        after: lines after it.
    """
    above, below = before + window.above, window.below + after
    if above and below:
        return _("↑ {above} above, ↓ {below} below").format(above=above, below=below)
    if above:
        return _("↑ {count} above").format(count=above)
    if below:
        return _("↓ {count} below").format(count=below)
    return ""


def more_in_signs(window: Window) -> str:
    """Return how many lines are out of sight in the fewest cells: `↑2 ↓16`."""
    counts = (("↑", window.above), ("↓", window.below))
    return " ".join(f"{sign}{count}" for sign, count in counts if count)


def draw_sentences(line: TextLine, y: int, sentences: Sequence[str], *, top: int, at: int) -> TextLine:
    """Draw the sentences of an empty list from row `top` on, the first in text, others muted; a long one wraps."""
    rows: list[tuple[str, Tone]] = []
    for sentence in sentences:
        tone, rest = Tone.MUTED if rows else Tone.TEXT, line.shown(sentence)
        while rest:
            first, rest = split_words(rest, line.width - at)
            rows.append((first or rest, tone))
            rest = rest if first else ""
    if 0 <= y - top < len(rows):
        text, tone = rows[y - top]
        line.put(at, text, tone)
    return line
