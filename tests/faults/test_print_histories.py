"""Random histories of papers at two tills, killed between any two writes (`make papers COUNT=500`)."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from typing_extensions import override

from tests.faults.killing import dies
from tests.faults.test_print_kill import PRINTERS, FilePrinter
from tests.register.conftest import MENU, STAFF, STORE, VENUE
from tests.wiring.test_shift_carried import Disk
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.order.selling import ItemEntry
from till.domain.paper.document import PaperLine
from till.domain.shift.kicks import opens_drawer
from till.domain.structs import replace
from till.domain.till.events import ReceiptIssued
from till.ports import Received
from till.ports.printer import JobState, PrinterTrouble
from till.register.printing.interrupted import left_kick_words
from till.register.printing.runner import Runner
from till.wiring.parts import LateOutbox, make_register, open_journal, seed_cache
from till.wiring.printing import no_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from till.ports.printer import Job, PrinterProfile, ReceiptsWhen

COUNT: Final = int(os.environ.get("TILL_PAPERS_COUNT", "4"))
SEED: Final = int(os.environ.get("TILL_PAPERS_SEED", "0"))
_SESSIONS: Final = 8
_ACTS: Final = 5
#: The steps of a session before which it is killed; half of the sessions end before that.
_STEPS: Final = 250


@dataclass
class _Till(Disk):
    """One of two tills."""

    number: int = 1

    @override
    def start(self) -> None:
        self.journal = open_journal(self.path, till=self.number, store_id=STORE)
        seed_cache(self.journal, {"settings": VENUE, "staff": STAFF, "menu": MENU})
        self.register = make_register(self.journal, self.clock, LateOutbox(), till=self.number, store_id=STORE)
        self.register.ledger.user = 1


@dataclass
class _Whims(FilePrinter):
    """A printer that fails by chance. Each sheet and each kick is a line of its paper."""

    chance: random.Random | None = None

    def _fails(self, share: float) -> bool:
        return self.chance is not None and self.chance.random() < share

    @override
    async def print_lines(
        self,
        lines: Sequence[PaperLine],
        job_id: str,
        begins: Callable[[], None],
        heard: Callable[[PrinterTrouble | None], None],
        late: Callable[[], None],
    ) -> JobState | PrinterTrouble:
        if self._fails(0.2):
            return PrinterTrouble.NO_PAPER
        begins()
        await asyncio.sleep(0)
        if self._fails(0.1):
            return JobState.UNKNOWN
        self.put(lines[0].text)
        await asyncio.sleep(0)
        if self._fails(0.1):
            asyncio.get_running_loop().call_soon(late)
            return JobState.UNKNOWN
        return JobState.UNKNOWN if self._fails(0.1) else JobState.PRINTED

    @override
    async def kick(self) -> bool:
        await asyncio.sleep(0)
        if self._fails(0.2):
            return False
        self.put("drawer opens")
        return True


async def _trade(till: _Till, printer: _Whims, chance: random.Random, acts: int) -> None:
    """Trade and print, as a till does from its start to its end."""
    for _act in range(left_kick_words(till.register.ledger, till.register.venue).count("did the drawer open?")):
        printer.put("drawer is named")
    jobs = till.register.printing
    when: ReceiptsWhen = "always" if chance.random() < 0.5 else "key"
    jobs.printers = lambda: replace(PRINTERS, when=when)

    async def lines(job: Job, _profile: PrinterProfile) -> list[PaperLine]:
        return [PaperLine(_sheet(till, job))]

    runner = Runner(
        jobs,
        lambda _: printer,
        lines,
        lambda sentence: printer.put("drawer is shut") if "drawer" in sentence else None,
        till=till.number,
        calm=no_keys,
        pauses=(0, 0),
    )
    jobs.begin(runner)
    for _act in range(acts):
        till.clock.move(seconds=1)
        chance.choice((_sell, _sell, _print, _print, _move, _drop))(till, chance)
        for _turn in range(chance.randrange(8)):
            await asyncio.sleep(0)
    await runner.end(0 if chance.random() < 0.5 else 1)


def _sheet(till: _Till, job: Job) -> str:
    return f"{job.paper} {job.of} {job.copy} {job.again} {till.number if job.copy else ''}"


def _sell(till: _Till, chance: random.Random) -> None:
    order = till.register.sales.add(None, 1, ItemEntry(till.register.menu.by_plu[1], 1))
    till.register.checkout.pay(order.id, chance.choice((CASH, CASH, "CARD")), Minor(4_000))


def _print(till: _Till, chance: random.Random) -> None:
    known = [till.register.ledger.readable(one) for one in till.journal.streams("order")]
    if sold := [order.id for order in known if order is not None and order.placed is not None]:
        till.register.printing.receipt(chance.choice(sold))


def _move(till: _Till, chance: random.Random) -> None:
    till.register.drawer.move("paid_in", Minor(chance.randint(1, 500)), "coins")


def _drop(till: _Till, _chance: random.Random) -> None:
    till.register.printing.drop()


def _played(till: _Till, paper: Path, chance: random.Random) -> None:
    """Play a session in another process, which is killed before a step by chance."""

    def trade(step: Callable[[str], None]) -> None:
        asyncio.run(_trade(till, _Whims(paper, step, chance=chance), chance, _ACTS))
        till.journal.close()

    dies(till, trade, chance.randrange(_STEPS))


def _meet(tills: Sequence[_Till]) -> None:
    """Let each till hear of the other one's sales."""
    for till in tills:
        till.start()
    for one, two in (tills, tills[::-1]):
        one.journal.receive([Received(1, event) for event in two.journal.unsent(-1) if event.session_id])
    for till in tills:
        till.journal.close()


def _check(till: _Till, paper: Counter[str], kicks: int) -> None:
    """Compare the events and jobs of a till with its paper."""
    events = till.journal.unsent(-1)
    jobs = [till.journal.jobs_of(stream) for stream in {event.stream_id for event in events}]
    jobs += [till.journal.jobs_of(one.of) for one in till.journal.live_jobs()]
    every = {job.number: job for known in jobs for job in known}
    assert till.journal.last_job() == 0 or every
    for job in every.values():
        assert job.state is not JobState.QUEUED, "the last session prints what waits"
        assert job.state is not JobState.PRINTED or paper[_sheet(till, job)], "what is printed is on paper"
    issued = [event.data for event in events if isinstance(event.data, ReceiptIssued)]
    assert {(one.session_id, one.copy) for one in issued} <= {(one.of, one.copy) for one in every.values()}
    assert kicks >= sum(opens_drawer(event.data, till.number) for event in events), "it opened, or somebody was told"


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_no_receipt_is_printed_twice_unmarked_or_lost_in_silence(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    tills = [_Till(tmp_path / f"till-{number}.sqlite", number=number) for number in (1, 2)]
    papers = [tmp_path / f"paper-{number}" for number in (1, 2)]
    for till, paper in zip(tills, papers, strict=True):
        till.journal.close()
        paper.touch()
    for session in range(_SESSIONS):
        which = chance.randrange(2)
        _played(tills[which], papers[which], random.Random(f"{seed} {session}"))  # noqa: S311 - a test repeats itself
        _meet(tills)
    lines = Counter[str]()
    for till, paper in zip(tills, papers, strict=True):
        till.start()
        asyncio.run(_trade(till, _Whims(paper, lambda _: None), random.Random(0), 0))  # noqa: S311 - a test repeats itself
        lines.update(paper.read_text().splitlines())
    for till, paper in zip(tills, papers, strict=True):
        kicks = sum(line.startswith("drawer") for line in paper.read_text().splitlines())
        _check(till, lines, kicks)
        till.journal.close()
    twice = {line: count for line, count in lines.items() if " False" in line and count > 1}
    assert twice == {}
