"""The mutants of Python: see `generating` and `running`."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from typing import TYPE_CHECKING

from tests.mutants import rooms as table
from tests.mutants.generating import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from tests.mutants.generating import Fault
    from tests.mutants.mutant import Mutant, Outcome


class Python:
    """Mutants of functions of `till`."""

    rooms: Sequence[str] = tuple(table.PYTHON)

    def __init__(self) -> None:
        self._faults: dict[Mutant, Fault] = {}

    def mutants(self, rooms: Sequence[str]) -> list[Mutant]:
        """Return every mutant of these rooms."""
        self._faults |= {fault.mutant: fault for room in rooms for fault in faults(room)}
        return [mutant for mutant in self._faults if mutant.room in rooms]

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
        """Run the tests of each mutant's room that reach it, and yield each outcome as it comes.

        Raises:
            RuntimeError: the tests cannot be run.
        """
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=([self._faults[mutant] for mutant in mutants], jobs, theirs))
        process.start()
        theirs.close()
        try:
            while True:
                yield ours.recv()
        except EOFError:
            process.join()
            if process.exitcode:
                raise RuntimeError("the tests did not run; see above") from None


def _run(faults: Sequence[Fault], jobs: int, outcomes: Connection) -> None:
    from tests.mutants.running import run  # noqa: PLC0415 - pytest loads here alone

    try:
        run(faults, jobs, outcomes.send, lambda words: print(words, file=sys.stderr, flush=True))  # noqa: T201 - progress
    except BaseException:
        traceback.print_exc()
        raise
