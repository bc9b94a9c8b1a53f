"""`make mutants COUNT=400 SEED=1`: plants small faults, one at a time, and counts those that the room's tests find.

Nothing in the sources changes. A survivor is printed with its change; `listed.toml` names those that may survive.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.mutants import listed
from tests.mutants.finds import Finds
from tests.mutants.generating import ROOT, skipped
from tests.mutants.mutant import draw
from tests.mutants.python import Python
from tests.mutants.rooms import PYTHON, SQL
from tests.mutants.sql import Sql
from tests.mutants.table import LEAST, Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.mutants.mutant import Half, Mutant, Outcome

#: Names of the mutants that the last run missed, for `--again`.
_MISSED: Final = ROOT / "build" / "mutants" / "missed.json"
#: The tests that found each mutant in the last run of all tests.
_FINDS: Final = ROOT / "build" / "mutants" / "finds.json"
_PAGE: Final = ROOT / "docs" / "mutants.md"
#: Seconds between two lines of progress.
_EVERY_S: Final = 30.0
_MARK: Final = "<!-- made by make mutants -->"


class Both:
    """The mutants of Python and of SQL."""

    def __init__(self, *halves: Half) -> None:
        self._halves = halves
        self.rooms = tuple(room for half in halves for room in half.rooms)

    def mutants(self, rooms: Sequence[str]) -> list[Mutant]:
        """Return every mutant of these rooms."""
        return [
            mutant for half in self._halves for mutant in half.mutants([room for room in rooms if room in half.rooms])
        ]

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
        """Run the mutants of each half."""
        for half in self._halves:
            if own := [mutant for mutant in mutants if mutant.room in half.rooms]:
                yield from half.run(own, jobs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants; 0 if enough are found or listed."""
    asked = _parser().parse_args(arguments)
    half: Half = Python(every=True) if asked.all_tests else Both(Python(), Sql())
    rooms = asked.rooms or half.rooms
    if unknown := [room for room in rooms if room not in half.rooms]:
        sys.stderr.write(f"No room {', '.join(unknown)}. Rooms: {', '.join(half.rooms)}\n")
        return 2
    known = [mutant for mutant in half.mutants(rooms) if mutant.is_logic or not asked.logic]
    if asked.show:
        chosen = [mutant for mutant in known if mutant.name.startswith(asked.show)]
        sys.stdout.write("\n".join(map(shown, chosen)))
        return 0 if chosen else 2
    drawn = _chosen(known, asked)
    outcomes = _run(half, drawn, asked.jobs)
    table = Table(Counter(mutant.room for mutant in known), outcomes, listed.read())
    for one in table.missed:
        reached = f"{one.tests} tests reach it" if one.tests else "no test reaches it"
        sys.stdout.write(f"{shown(one.mutant)}  {reached}\n\n")
    if asked.all_tests:
        _tell_finds(outcomes)
    sys.stdout.write(table.text())
    _MISSED.parent.mkdir(parents=True, exist_ok=True)
    _MISSED.write_text(json.dumps([one.mutant.name for one in table.missed]), encoding="utf-8")
    if asked.write:
        _write_page(table, asked.seed, half.rooms)
    return 0 if table.is_enough else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="how many are drawn")
    parser.add_argument("--sql", type=int, default=60, help="how many of SQL are drawn beside them")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--rooms", nargs="+", default=(), help="only these; --count is drawn from them alone")
    parser.add_argument("--logic", action="store_true", help="only conditions, signs, numbers, and what is dropped")
    parser.add_argument("--all-tests", action="store_true", help="of Python: run every test that reaches a mutant")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--show", metavar="NAME", help="show mutants by the beginning of their name, and run nothing")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these mutants, by the beginning of their name")
    parser.add_argument("--again", action="store_true", help="run those that the last run missed")
    parser.add_argument("--write", action="store_true", help="write the rows into docs/mutants.md")
    return parser


def _chosen(known: Sequence[Mutant], asked: argparse.Namespace) -> list[Mutant]:
    names = tuple(json.loads(_MISSED.read_text(encoding="utf-8")) if asked.again else asked.only or ())
    if names or asked.again:
        return [mutant for mutant in known if mutant.name.startswith(names)]
    if asked.rooms:
        return draw(known, asked.count, asked.seed)
    python, of_sql = ([mutant for mutant in known if (mutant.room in SQL) is is_sql] for is_sql in (False, True))
    return draw(python, asked.count, asked.seed) + draw(of_sql, asked.sql, asked.seed)


def _run(half: Half, drawn: Sequence[Mutant], jobs: int) -> list[Outcome]:
    began = printed = time.monotonic()
    outcomes: list[Outcome] = []
    for outcome in half.run(drawn, jobs) if drawn else ():
        outcomes.append(outcome)
        if (now := time.monotonic()) - printed > _EVERY_S:
            printed = now
            missed = sum(one.found_by is None for one in outcomes)
            sys.stderr.write(f"{len(outcomes)} of {len(drawn)} in {now - began:.0f} s, {missed} not found\n")
    return outcomes


def _tell_finds(outcomes: Sequence[Outcome]) -> None:
    """Print what each test found, and keep which mutants it found."""
    finds = Finds(outcomes)
    sys.stdout.write(finds.text())
    _FINDS.parent.mkdir(parents=True, exist_ok=True)
    _FINDS.write_text(json.dumps({one.mutant.name: one.finders for one in outcomes}), encoding="utf-8")


def _write_page(table: Table, seed: int, rooms: Sequence[str]) -> None:
    """Put the rows of a run into its page, in place of their last ones."""
    page, _mark, old = _PAGE.read_text(encoding="utf-8").partition(_MARK)
    words = f"\n\nEach row of its last run, with `SEED={seed}`; at least {LEAST:.0%} are not missed.\n\n"
    words += f"{table.markdown(old, rooms)}\n"
    if left_out := sum(map(skipped, PYTHON)):
        words += f"\n{left_out} functions with other decorators have no mutants here.\n"
    _PAGE.write_text(page + _MARK + words, encoding="utf-8")
