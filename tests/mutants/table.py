"""The table of a run: each room with its mutants, those drawn, found and listed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.mutants.mutant import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.mutants.listed import Listed
    from tests.mutants.mutant import Mutant, Outcome

_HEADS: Final = ("room", "mutants", "drawn", "found", "types", "listed", "missed", "not missed")
#: The least share that is found, refused by mypy, or listed.
LEAST: Final = 0.9


class Table:
    """The outcomes of a run, by room.

    Args:
        whole: the number of mutants in each room, of which some were drawn.
        outcomes: of those that were drawn.
    """

    def __init__(self, whole: Mapping[str, int], outcomes: Sequence[Outcome], listed: Listed) -> None:
        self._whole = whole
        self.missed = [one for one in outcomes if one.found_by is None and listed.reason(one.mutant) is None]
        self._drawn = Counter(one.mutant.room for one in outcomes)
        self._types = Counter(one.mutant.room for one in outcomes if one.found_by == TYPES)
        self._found = Counter(one.mutant.room for one in outcomes if one.found_by is not None) - self._types
        self._missed = Counter(one.mutant.room for one in self.missed)

    @property
    def is_enough(self) -> bool:
        """True if the share that is not missed is large enough."""
        return len(self.missed) <= (1 - LEAST) * self._drawn.total()

    def rows(self) -> list[tuple[str, ...]]:
        """Return the cells of the table, with the heads and the sums."""
        rooms = [room for room in self._whole if self._drawn[room]]
        columns = (self._whole, self._drawn, self._found, self._types, self._missed)
        figures = [(room, [column[room] for column in columns]) for room in rooms]
        sums = [sum(column[room] for room in rooms) for column in columns]
        return [_HEADS, *(_row(name, *of) for name, of in [*figures, ("together", sums)])]

    def markdown(self, before: str, rooms: Sequence[str]) -> str:
        """Return the table for a document, with the rows of other rooms as they were in it before."""
        known = {cells[0]: cells for line in before.splitlines() if len(cells := _cells(line)) == len(_HEADS)}
        known |= {name: [name, *cells] for name, *cells in self.rows()}
        rows = [known[room] for room in rooms if room in known]
        figures = zip(*([int(cell.replace(",", "")) for cell in cells[1:-1]] for cells in rows), strict=True)
        whole, drawn, found, types, _listed, missed = map(sum, figures)
        lines = [
            _HEADS,
            ("---", *("---:",) * (len(_HEADS) - 1)),
            *rows,
            _row("together", whole, drawn, found, types, missed),
        ]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)

    def text(self) -> str:
        """Return the table for a terminal."""
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [[f"{name:<{widths[0]}}", *map(str.rjust, cells, widths[1:])] for name, *cells in rows]
        return "".join(f"{'  '.join(cells)}\n" for cells in lines)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("| ").split("|")]


def _row(name: str, whole: int, drawn: int, found: int, types: int, missed: int) -> tuple[str, ...]:
    listed = drawn - found - types - missed
    return (name, f"{whole:,}", *map(str, (drawn, found, types, listed, missed)), f"{1 - missed / drawn:.0%}")


def shown(mutant: Mutant) -> str:
    """Return a mutant with its change, as a person reads it."""
    lines = [
        f"{mutant.path}:{mutant.line}  {mutant.function}  [{mutant.name}]",
        f"  - {mutant.was}",
        f"  + {mutant.now}",
    ]
    return "\n".join(lines) + "\n"
