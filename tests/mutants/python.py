"""The mutants of Python: see `generating` and `running`."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from tests.mutants import rooms as table
from tests.mutants.generating import faults
from tests.mutants.mutant import TYPES
from tests.mutants.refused import refused
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from tests.mutants.generating import Fault
    from tests.mutants.mutant import Mutant, Outcome


class Python:
    """Mutants of functions of `till`.

    Args:
        every: True to run every test that reaches a mutant, also after one found it.
    """

    rooms: Sequence[str] = tuple(table.PYTHON)

    def __init__(self, *, every: bool = False) -> None:
        self._every = every
        self._faults: dict[Mutant, Fault] = {}

    def mutants(self, rooms: Sequence[str]) -> list[Mutant]:
        """Return every mutant of these rooms."""
        self._faults |= {fault.mutant: fault for room in rooms for fault in faults(room)}
        return [mutant for mutant in self._faults if mutant.room in rooms]

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
        """Run the tests of each mutant's room that reach it, and yield each outcome as it comes.

        Those that no test finds come last: mypy looks at all of them together.

        Raises:
            RuntimeError: the tests cannot be run.
        """
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        faults = [self._faults[mutant] for mutant in mutants]
        process = context.Process(target=_run, args=(faults, jobs, theirs), kwargs={"every": self._every})
        process.start()
        theirs.close()
        missed: list[Outcome] = []
        for outcome in _received(ours):
            if outcome.found_by is None:
                missed.append(outcome)
            else:
                yield outcome
        process.join()
        if process.exitcode:
            raise RuntimeError("the tests did not run; see above")
        by_types = refused(self._faults[one.mutant] for one in missed)
        yield from (replace(one, found_by=TYPES if one.mutant in by_types else None) for one in missed)


def _received(outcomes: Connection) -> Iterator[Outcome]:
    with suppress(EOFError):
        while True:
            yield outcomes.recv()


def _run(faults: Sequence[Fault], jobs: int, outcomes: Connection, *, every: bool) -> None:
    from tests.mutants.running import run  # noqa: PLC0415 - pytest loads here alone

    try:
        say = partial(print, file=sys.stderr, flush=True)
        run(faults, jobs, outcomes.send, say, every=every)
    except BaseException:
        traceback.print_exc()
        raise
