"""kill -9 between any two writes of a sale, its kick and its receipt: nothing is lost in silence, or printed twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.killing import dies
from tests.wiring.test_shift_carried import Disk
from till.domain.paper.document import PaperLine
from till.ports.printer import Job, JobState, PrinterProfile, Printers, PrinterTrouble
from till.register.printing.interrupted import left_words
from till.register.printing.runner import Runner
from till.wiring.printing import no_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

COUNTER: Final = PrinterProfile(name="Counter", address="tcp://10.0.0.9:9100")
PRINTERS: Final = Printers({"Counter": COUNTER}, papers="Counter", drawer="Counter", when="always")


@dataclass
class FilePrinter:
    """A printer whose paper is a file, which outlives the process."""

    paper: Path
    step: Callable[[str], None]
    profile: PrinterProfile = COUNTER

    def put(self, line: str) -> None:
        """Write a line that outlives the process; it may be killed before and after it."""
        self.step(line)
        with self.paper.open("a") as file:
            file.write(f"{line}\n")
        self.step(line)

    async def status(self) -> PrinterTrouble | None:
        return None

    async def print_lines(
        self,
        lines: Sequence[PaperLine],
        job_id: str,
        begins: Callable[[], None],
        heard: Callable[[PrinterTrouble | None], None],
        late: Callable[[], None],
    ) -> JobState | PrinterTrouble:
        del job_id, heard, late
        begins()
        for line in lines:
            self.put(line.text)
        return JobState.PRINTED

    async def kick(self) -> bool:
        self.put("kick")
        return True

    def close(self) -> None:
        pass


async def lines(job: Job, _profile: PrinterProfile) -> list[PaperLine]:
    """Return the line of a job, for its marks."""
    return [PaperLine(f"{job.paper} {job.copy} {job.again}")]


async def _trade(till: Disk, printer: FilePrinter, *, sales: int) -> None:
    """Sell for cash, and end once everything is printed."""
    jobs = till.register.printing
    jobs.printers = lambda: PRINTERS
    runner = Runner(jobs, lambda _: printer, lines, lambda _: None, till=1, calm=no_keys)
    jobs.begin(runner)
    for _sale in range(sales):
        till.sell()
    await runner.end(5)


def _sell_once(till: Disk, paper: Path, step: Callable[[str], None]) -> None:
    asyncio.run(_trade(till, FilePrinter(paper, step), sales=1))


@pytest.fixture
def till(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "till-1.sqlite")


def test_a_kill_at_any_step_of_a_sale_leaves_its_paper_and_its_drawer_known(till: Disk, tmp_path: Path) -> None:
    till.journal.close()
    steps, seen = 0, set()
    while True:
        paper = tmp_path / f"paper-{steps}"
        paper.touch()
        for file in tmp_path.glob("till-1*"):
            file.unlink()
        died = dies(till, partial(_sell_once, till, paper), steps)
        till.start()
        left = left_words(till.register.ledger, till.register.venue)
        sold = till.register.journal.numbered(1)
        asyncio.run(_trade(till, FilePrinter(paper, lambda _: None), sales=0))
        printed = paper.read_text().splitlines()
        (state,) = {job.state for job in till.journal.jobs_of(sold[0].stream_id)} if sold else {None}
        till.journal.close()
        seen.add((len(sold), "drawer" in left, "paper" in left, *printed))
        if sold:
            assert "kick" in printed or "did the drawer open?" in left, (steps, printed)
            assert printed.count("receipt 0 False") == 1 or state is JobState.UNKNOWN
            assert printed.count("receipt 0 False") <= 1, "no receipt is printed twice unmarked"
            assert state is JobState.PRINTED or "is it on paper?" in left
        else:
            assert printed == []
        if not died:
            break
        steps += 1
    assert steps > 20
    receipt = "receipt 0 False"
    assert seen == {
        (0, False, False),
        (1, True, False, receipt),  # killed before the kick
        (1, True, False, "kick", receipt),
        (1, False, False, "kick", receipt),
        (1, False, True, "kick"),  # killed before the first byte
        (1, False, True, "kick", receipt),
    }
