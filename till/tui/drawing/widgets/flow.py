"""The flow of categories into columns, and of columns into pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class Run(Struct, frozen=True):
    """Some items of a category under its heading: from `start` to before `stop`, each of `tall` rows."""

    category: int
    start: int
    stop: int
    tall: int = 1

    @property
    def rows(self) -> int:
        return 1 + self.tall * (self.stop - self.start)


Column = tuple[Run, ...]
Page = tuple[Column, ...]


class Foot(Struct, frozen=True):
    """Rows of another kind on the first page: their column, their first row, and their number."""

    column: int
    top: int
    rows: int


def flow(sizes: Sequence[int], columns: int, height: int) -> tuple[Page, ...]:
    """Return pages of `columns` columns of at most `height` rows, for categories with `sizes` items.

    If all fit on one page, categories stay whole and columns end as evenly as possible. Otherwise columns are filled in
    order, and a category that continues in the next column repeats its heading. Between two categories is a blank row;
    no heading is left alone at the end of a column.
    """
    if not sizes or height <= 1:
        return ()
    even = _even(sizes, columns, height)
    if even is not None:
        return (even,)
    return fill(sizes, columns, height)


def flow_now_first(sizes: Sequence[int], columns: int, height: int, later: int) -> tuple[Page, ...]:
    """Return pages as `flow` does, with the last `later` categories on pages of their own if not all fit on one.

    Then the first page has the others alone, whole, in the best fit; if they do not fit, columns are filled in order.
    """
    now = len(sizes) - later
    if not 0 < later < len(sizes) or height <= 1 or _even(sizes, columns, height) is not None:
        return flow(sizes, columns, height)
    page = _even(sizes[:now], columns, height) or _best_fit(sizes[:now], columns, height)
    if page is None:
        return flow(sizes, columns, height)
    rest = flow(sizes[now:], columns, height)
    return page, *(tuple(tuple(_moved(run, now) for run in column) for column in one) for one in rest)


def fill(sizes: Sequence[int], columns: int, height: int, tall: int = 1) -> tuple[Page, ...]:
    """Return columns filled one after another, leaving the rest blank, with items of `tall` rows."""
    if not sizes or height <= tall:
        return ()
    filled = _filled(sizes, height, tall)
    return tuple(tuple(filled[at : at + columns]) for at in range(0, len(filled), columns))


def foot(page: Page, columns: int, height: int, rows: int) -> Foot | None:
    """Return room for up to `rows` rows: in a free column, otherwise at the end of the last one."""
    if len(page) < columns:
        return Foot(len(page), 0, min(rows, height)) if rows and height else None
    used = sum(run.rows for run in page[-1]) + len(page[-1]) - 1
    room = min(rows, height - used - 1)
    return Foot(len(page) - 1, used + 1, room) if room > 0 else None


def _moved(run: Run, by: int) -> Run:
    return Run(run.category + by, run.start, run.stop)


def _best_fit(sizes: Sequence[int], columns: int, height: int) -> Page | None:
    """Pack whole categories into columns by first fit, the largest first, then restore their order."""
    packed: list[list[int]] = [[] for _ in range(columns)]
    room = [height + 1] * columns  # each category counts its blank row, the first of a column too
    for category in sorted(range(len(sizes)), key=lambda one: -sizes[one]):
        needed = sizes[category] + 2
        place = next((at for at in range(columns) if room[at] >= needed), None)
        if place is None:
            return None
        packed[place].append(category)
        room[place] -= needed
    ordered = sorted(sorted(column) for column in packed if column)
    return tuple(tuple(Run(category, 0, sizes[category]) for category in column) for column in ordered)


def _even(sizes: Sequence[int], columns: int, height: int) -> Page | None:
    tallest = max(sizes) + 1
    for limit in range(tallest, height + 1):
        packed = _packed(sizes, limit)
        if len(packed) <= columns:
            return tuple(packed)
    return None


def _packed(sizes: Sequence[int], limit: int) -> list[Column]:
    """Pack whole categories in order into as few columns of `limit` rows as possible."""
    packed: list[Column] = []
    column: list[Run] = []
    used = 0
    for category, size in enumerate(sizes):
        if column and used + 2 + size > limit:
            packed.append(tuple(column))
            column, used = [], 0
        used += size + (2 if column else 1)
        column.append(Run(category, 0, size))
    packed.append(tuple(column))
    return packed


def _filled(sizes: Sequence[int], height: int, tall: int) -> list[Column]:
    filled: list[Column] = []
    column: list[Run] = []
    room = height
    for category, size in enumerate(sizes):
        start = 0
        while start < size or (size == 0 and start == 0):
            blank = 1 if column else 0
            if column and room < blank + 1 + tall:
                filled.append(tuple(column))
                column, room, blank = [], height, 0
            stop = min(size, start + (room - blank - 1) // tall)
            run = Run(category, start, stop, tall)
            column.append(run)
            room -= blank + run.rows
            start = max(stop, 1)
    if column:
        filled.append(tuple(column))
    return filled


def locate(column: Column, y: int) -> tuple[Run, int] | None:
    """Return the run on row `y` of a column and the index of its item, -1 for the heading; None for a blank row."""
    for run in column:
        if y < run.rows:
            return run, -1 if y == 0 else run.start + (y - 1) // run.tall
        y -= run.rows
        if y == 0:
            return None
        y -= 1
    return None
