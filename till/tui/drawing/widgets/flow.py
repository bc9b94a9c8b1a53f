"""How categories flow into columns, and columns into pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class Run(Struct, frozen=True):
    """Some items of a category under its head: `start` to before `stop`."""

    category: int
    start: int
    stop: int

    @property
    def rows(self) -> int:
        return 1 + self.stop - self.start


Column = tuple[Run, ...]
Page = tuple[Column, ...]


class Foot(Struct, frozen=True):
    """Where rows of another kind stand on the first page: in which column, from which row on, and how many."""

    column: int
    top: int
    rows: int


def flow(sizes: Sequence[int], columns: int, height: int) -> tuple[Page, ...]:
    """Pages of `columns` columns of at most `height` rows for categories with so many items.

    As long as all fit on one page a category stays whole and the columns end as evenly as they can; else columns are
    filled one after another and a category that goes on in the next has its head again. Between two categories stands a
    blank row; no head is left alone at a column's end.
    """
    if not sizes or height <= 1:
        return ()
    even = _even(sizes, columns, height)
    if even is not None:
        return (even,)
    return fill(sizes, columns, height)


def flow_now_first(sizes: Sequence[int], columns: int, height: int, later: int) -> tuple[Page, ...]:
    """As `flow`, but the last `later` categories go on pages of their own when not all of them fit on one.

    Then the first page is the others alone, whole, as they fit best; if they do not, columns are filled in order.
    """
    now = len(sizes) - later
    if not 0 < later < len(sizes) or height <= 1 or _even(sizes, columns, height) is not None:
        return flow(sizes, columns, height)
    page = _even(sizes[:now], columns, height) or _best_fit(sizes[:now], columns, height)
    if page is None:
        return flow(sizes, columns, height)
    rest = flow(sizes[now:], columns, height)
    return page, *(tuple(tuple(_moved(run, now) for run in column) for column in one) for one in rest)


def fill(sizes: Sequence[int], columns: int, height: int) -> tuple[Page, ...]:
    """Columns filled one after another, however much room is left."""
    if not sizes or height <= 1:
        return ()
    filled = _filled(sizes, height)
    return tuple(tuple(filled[at : at + columns]) for at in range(0, len(filled), columns))


def foot(page: Page, columns: int, height: int, rows: int) -> Foot | None:
    """Room for so many rows, or for as many as there is room for: in a free column, else at the last one's end."""
    if len(page) < columns:
        return Foot(len(page), 0, min(rows, height)) if rows and height else None
    used = sum(run.rows for run in page[-1]) + len(page[-1]) - 1
    room = min(rows, height - used - 1)
    return Foot(len(page) - 1, used + 1, room) if room > 0 else None


def _moved(run: Run, by: int) -> Run:
    return Run(run.category + by, run.start, run.stop)


def _best_fit(sizes: Sequence[int], columns: int, height: int) -> Page | None:
    """Whole categories into the columns, the largest first, each where it first fits; then all in their order."""
    packed: list[list[int]] = [[] for _ in range(columns)]
    room = [height + 1] * columns  # each brings its own blank row, the first of a column too
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
    """Whole categories into as few columns of `limit` rows as they need, in their order."""
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


def _filled(sizes: Sequence[int], height: int) -> list[Column]:
    filled: list[Column] = []
    column: list[Run] = []
    room = height
    for category, size in enumerate(sizes):
        start = 0
        while start < size or (size == 0 and start == 0):
            blank = 1 if column else 0
            if column and room < blank + 2:
                filled.append(tuple(column))
                column, room, blank = [], height, 0
            stop = min(size, start + room - blank - 1)
            run = Run(category, start, stop)
            column.append(run)
            room -= blank + run.rows
            start = max(stop, 1)
    if column:
        filled.append(tuple(column))
    return filled


def locate(column: Column, y: int) -> tuple[Run, int] | None:
    """The run on row `y` of a column and the item of its category there, -1 for the head; None on a blank row."""
    for run in column:
        if y < run.rows:
            return run, -1 if y == 0 else run.start + y - 1
        y -= run.rows
        if y == 0:
            return None
        y -= 1
    return None
