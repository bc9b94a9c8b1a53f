"""A mutant: one small fault in one function. Python's and SQL's have the same shape, draw and table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small fault in one function.

    Attributes:
        room: the row of the table that counts it: `domain/money`, `sql/30_payment`.
        path: of the file, from the root.
        function: the name of its function, with its class: `Basket.add`.
        was: the changed lines as they are, stripped.
        now: these lines with the fault; empty if they are dropped.
        line: its number in the file, no part of the name, as edits above move it.
        twin: tells apart mutants of one function whose texts are the same.
        is_logic: False for an argument, an assigned value or a text: most of these fail wherever their line runs.
    """

    room: str
    path: str
    function: str
    was: str
    now: str
    line: int
    twin: int = 0
    is_logic: bool = True

    @property
    def name(self) -> str:
        """A short name, which edits elsewhere in the file leave as it is."""
        words = "\0".join((self.path, self.function, self.was, self.now, str(self.twin)))
        return f"{self.path.rpartition('/')[2]}:{self.function}:{hashlib.sha256(words.encode()).hexdigest()[:8]}"


#: The finder of a mutant that no test finds, but mypy.
TYPES: Final = "types"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of the tests of a mutant's room, run with its fault.

    Attributes:
        found_by: the test that failed, `time` if they did not end, `crash` if the process did, `types` if mypy refuses
            it; None if all passed.
        tests: the number of tests that reach it.
        finders: the tests that failed, if all that reach it were to run.
        reached_by: the names of all of these.
    """

    mutant: Mutant
    found_by: str | None
    tests: int = 0
    seconds: float = 0.0
    finders: tuple[str, ...] = ()
    reached_by: tuple[str, ...] = ()


class Half(Protocol):
    """A kind of mutants: those of Python, or those of SQL."""

    @property
    def rooms(self) -> Sequence[str]:
        """Names of its rooms, in the order of the table."""
        ...

    def mutants(self, rooms: Sequence[str]) -> list[Mutant]:
        """Return every mutant of these rooms."""
        ...

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
        """Run the tests of each mutant's room that reach it, and yield each outcome as it comes."""
        ...


def draw(mutants: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """Draw mutants by a seed, from each room in proportion. An edit elsewhere leaves the rest of the draw as it is."""
    rooms: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        rooms.setdefault(mutant.room, []).append(mutant)
    whole = sum(map(len, rooms.values()))
    drawn: list[Mutant] = []
    seen = 0
    for room in rooms.values():
        share = min(count, whole) * (seen + len(room)) // whole - min(count, whole) * seen // whole
        seen += len(room)
        drawn += sorted(room, key=lambda mutant: _lot(mutant, seed))[:share]
    return drawn


def _lot(mutant: Mutant, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{mutant.path}\0{mutant.name}".encode()).digest()
