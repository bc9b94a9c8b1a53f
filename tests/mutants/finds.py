"""The finds of each test, of a run in which a mutant did not stop at the first test that found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mutants.mutant import Outcome


class Finds:
    """The mutants that each function of tests found; the rows that a test tries are one.

    Args:
        outcomes: of each mutant, with the tests that reach it and those that found it.
    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._finders = {one.mutant.name: {*map(function, one.finders)} for one in outcomes if one.finders}
        self._tests = {function(test) for one in outcomes for test in one.reached_by}

    def rows(self) -> list[tuple[str, int, int]]:
        """Return each test with the numbers of mutants that it found, and that it found alone; the least first."""
        alone = [next(iter(tests)) for tests in self._finders.values() if len(tests) == 1]
        found = [test for tests in self._finders.values() for test in tests]
        rows = ((test, found.count(test), alone.count(test)) for test in self._tests)
        return sorted(rows, key=lambda row: (row[2], row[1], row[0]))

    def needless(self) -> list[str]:
        """Return tests without which the rest finds all the same mutants. Those that found fewest are tried first."""
        left = set(self._tests)
        for test, found, alone in self.rows():
            others = left - {test}
            if not alone and (not found or all(tests & others for tests in self._finders.values() if test in tests)):
                left = others
        return sorted(self._tests - left)

    def text(self) -> str:
        """Return a line for each test, and the names of those that are needless together."""
        lines = [f"{found:6} {alone:6}  {test}\n" for test, found, alone in self.rows()]
        needless = "".join(f"  {test}\n" for test in self.needless())
        return f" found  alone  test\n{''.join(lines)}\nWithout these the rest finds as many:\n{needless}\n"


def function(test: str) -> str:
    """Return the name of a test without its row."""
    return test.partition("[")[0]
