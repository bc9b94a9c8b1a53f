"""The runner of print jobs and the kick of the drawer, with a scripted printer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from tests.register.printing.test_jobs import COUNTER, sold
from till.domain.money.measures import Minor
from till.domain.paper.document import PaperLine
from till.domain.structs import replace
from till.ports.printer import DocumentRef, JobState, PrinterProfile, Printers, PrinterTrouble
from till.register.printing.runner import Runner, job_id
from till.register.printing.words import state_of_printer
from till.wiring.printing import no_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from tests.register.conftest import Till
    from till.ports.printer import Job, Printer
    from till.register.printing.jobs import PrintJobs

CASH = "CASH"
PRINTERS = Printers({"Counter": COUNTER}, papers="Counter", drawer="Counter")


@dataclass
class FakePrinter:
    """A printer at the port. `outcomes` are those of the next jobs; after them each is printed."""

    profile: PrinterProfile = COUNTER
    outcomes: list[Any] = field(default_factory=list)
    opens: bool = True
    trouble: PrinterTrouble | None = None
    at_work: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    paper: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    heard: Callable[[PrinterTrouble | None], None] = print
    late: Callable[[], None] = print
    asked: Callable[[], bool] = bool
    acted: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.connected.set()

    def _do(self, act: str) -> None:
        self.did.append(act)
        self.acted.set()

    async def status(self) -> PrinterTrouble | None:
        self._do("status")
        self.asked()
        return self.trouble

    async def print_lines(
        self,
        lines: Sequence[PaperLine],
        job_id: str,
        begins: Callable[[], None],
        heard: Callable[[PrinterTrouble | None], None],
        late: Callable[[], None],
    ) -> JobState | PrinterTrouble:
        self._do("asked")
        self.asked()
        await self.connected.wait()
        if self.trouble is not None:
            return self.trouble
        outcome = self.outcomes.pop(0) if self.outcomes else JobState.PRINTED
        begins()
        self._do("sent")
        self.paper += [line.text for line in lines]
        self.ids.append(job_id)
        self.heard, self.late = heard, late
        self.at_work.set()
        if outcome is None:
            await self.goes_on.wait()
            return JobState.PRINTED
        return outcome

    async def kick(self) -> bool:
        self._do("kick")
        await asyncio.sleep(0)
        return self.opens

    def close(self) -> None:
        self._do("closed")


@dataclass
class Counter:
    """A till with a printer and a runner."""

    till: Till
    printer: FakePrinter = field(default_factory=FakePrinter)
    spoken: list[str] = field(default_factory=list)
    printers: Printers = PRINTERS
    news: asyncio.Event = field(default_factory=asyncio.Event)

    make: Callable[[PrinterProfile], Printer] | None = None

    def __post_init__(self) -> None:
        self.printer.acted = self.news

    def begin(self) -> None:
        self.jobs: PrintJobs = self.till.register.printing
        self.jobs.printers = lambda: self.printers
        make = self.make or (lambda _: self.printer)
        self.runner = Runner(self.jobs, make, lines, self._tell, till=1, calm=no_keys, pauses=(0.01, 0.01))
        self.jobs.begin(self.runner)

    def _tell(self, sentence: str) -> None:
        self.spoken += [sentence] if sentence else []
        self.news.set()

    def states(self, of: str) -> list[str]:
        return [str(job.state) for job in self.jobs.jobs_of(of)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; every change of a job is news."""
        async with asyncio.timeout(5):
            while not holds():
                self.news.clear()
                await self.news.wait()


async def lines(job: Job, _profile: PrinterProfile) -> list[PaperLine]:
    mark = " AGAIN" if job.again else f" COPY {job.copy}" if job.copy else ""
    return [PaperLine(f"{job.paper}{mark}")]


def play(till: Till, script: Callable[[Counter], Awaitable[None]]) -> Counter:
    """Play a script at a counter, to the end of its runner."""

    async def run() -> Counter:
        async with at(Counter(till)) as counter:
            await script(counter)
        return counter

    return asyncio.run(run())


@asynccontextmanager
async def at(counter: Counter) -> AsyncIterator[Counter]:
    """Run a counter until the end of the block, then let what is under way end."""
    counter.begin()
    yield counter
    await counter.runner.end()


def test_a_receipt_is_printed_and_written_down_before_its_first_byte(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [None]
        order = sold(till)
        job = counter.jobs.receipt(order.id)
        await counter.printer.at_work.wait()
        assert till.journal.jobs[job.number].state is JobState.UNKNOWN
        assert counter.states(order.id) == ["queued"], "for a person it is being printed"
        counter.printer.goes_on.set()
        await counter.until(lambda: counter.states(order.id) == ["printed"])
        assert till.journal.jobs[job.number].state is JobState.PRINTED

    counter = play(till, script)
    assert counter.printer.paper == ["receipt"]
    assert counter.printer.ids == [job_id(1, 1)]
    assert counter.spoken == []


@pytest.mark.parametrize("trouble", list(PrinterTrouble))
def test_trouble_keeps_a_job_queued_and_the_next_look_prints_it(till: Till, trouble: PrinterTrouble) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.trouble = trouble
        order = sold(till)
        job = counter.jobs.receipt(order.id)
        await counter.until(lambda: [one.trouble for one in counter.jobs.waiting()] == [trouble])
        assert till.journal.jobs[job.number].state is JobState.QUEUED
        assert "sent" not in counter.printer.did
        counter.printer.trouble = None
        await counter.until(lambda: counter.states(order.id) == ["printed"])
        assert counter.jobs.waiting() == []

    assert play(till, script).printer.paper == ["receipt"]


def test_a_job_whose_outcome_is_unknown_is_told_and_not_sent_again(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [JobState.UNKNOWN]
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["unknown"])
        assert order.placed is not None
        assert counter.spoken == [f"Did receipt {order.placed.data.receipt} print? If not, print it again."]
        other = sold(till)
        counter.jobs.receipt(other.id)
        await counter.until(lambda: counter.states(other.id) == ["printed"])
        assert counter.states(order.id) == ["unknown"]
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["dropped", "printed"])

    counter = play(till, script)
    assert counter.printer.paper == ["receipt", "receipt", "receipt AGAIN"]
    assert len(set(counter.printer.ids)) == 3


def test_a_late_answer_makes_an_unknown_job_printed(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [JobState.UNKNOWN]
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["unknown"])
        counter.printer.late()
        assert counter.states(order.id) == ["printed"]

    play(till, script)


def test_a_roll_that_ends_in_the_middle_is_told_and_a_new_one_goes_on(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [None]
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.printer.at_work.wait()
        counter.printer.heard(PrinterTrouble.NO_PAPER)
        assert [one.trouble for one in counter.jobs.waiting()] == [PrinterTrouble.NO_PAPER]
        assert counter.jobs.drop() == [], "the printer has it"
        counter.printer.heard(None)
        counter.printer.goes_on.set()
        await counter.until(lambda: counter.states(order.id) == ["printed"])

    play(till, script)


def test_a_job_that_is_dropped_while_its_printer_is_asked_is_not_sent(till: Till) -> None:
    async def script(counter: Counter) -> None:
        order = sold(till)
        counter.jobs.receipt(order.id)
        counter.printer.asked = lambda: bool(counter.jobs.drop())
        await counter.until(lambda: "asked" in counter.printer.did)
        await asyncio.sleep(0)
        assert counter.states(order.id) == ["dropped"]

    counter = play(till, script)
    assert (counter.printer.paper, counter.spoken, counter.printer.did) == ([], [], ["kick", "asked", "closed"])


def test_nothing_is_sent_while_the_disk_is_full(till: Till) -> None:
    async def script(counter: Counter) -> None:
        order = sold(till)
        job = counter.jobs.receipt(order.id)
        till.journal.full = True
        await counter.until(lambda: counter.printer.did.count("asked") > 2)
        assert (counter.printer.paper, till.journal.jobs[job.number].state) == ([], JobState.QUEUED)
        till.journal.full = False
        await counter.until(lambda: counter.states(order.id) == ["printed"])

    play(till, script)


def test_receipts_that_waited_ask_once_together_and_what_was_asked_for_prints(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.trouble = PrinterTrouble.GONE
        counter.printers = replace(PRINTERS, drawer="", when="always")
        old = [sold(till).id for _sale in range(3)]
        bill = counter.jobs.bill(till.order(1).id)
        await counter.until(lambda: bool(counter.jobs.waiting()))
        till.clock.move(minutes=6)
        new = sold(till).id
        counter.printer.trouble = None
        await counter.until(lambda: counter.states(new) == ["printed"])
        assert [job.of for job in counter.jobs.late()] == old
        assert counter.printer.paper == ["bill", "receipt"]
        for job in counter.jobs.late():
            counter.jobs.wanted(job)
        await counter.until(lambda: counter.states(old[-1]) == ["printed"])
        assert counter.jobs.late() == []
        assert counter.printer.paper[2:] == ["receipt"] * 3
        assert bill.number not in {job.number for job in counter.jobs.late()}

    play(till, script)


@pytest.mark.parametrize("wanted", [False, True])
def test_a_late_receipt_that_is_dropped_or_asked_for_while_its_printer_is_asked_asks_no_more(
    till: Till, *, wanted: bool
) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.trouble = PrinterTrouble.GONE
        counter.printers = replace(PRINTERS, drawer="", when="always")
        old = sold(till).id
        till.clock.move(minutes=6)
        counter.printer.trouble = None
        (job,) = counter.jobs.queued()["Counter"]
        counter.printer.asked = lambda: bool(counter.jobs.wanted(job) if wanted else counter.jobs.drop())
        await counter.until(lambda: "status" in counter.printer.did)
        await counter.until(lambda: counter.states(old) == ["printed" if wanted else "dropped"])
        assert counter.jobs.late() == []

    assert play(till, script).printer.paper == ["receipt"] * wanted


def test_late_receipts_are_dropped_by_a_person(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.trouble = PrinterTrouble.GONE
        counter.printers = replace(PRINTERS, drawer="", when="always")
        old = sold(till).id
        till.clock.move(minutes=6)
        counter.printer.trouble = None
        await counter.until(lambda: bool(counter.jobs.late()))
        counter.jobs.drop()
        assert (counter.states(old), counter.jobs.late()) == (["dropped"], [])

    assert play(till, script).printer.paper == []


def test_a_document_that_cannot_be_made_stops_no_other(till: Till) -> None:
    async def script(counter: Counter) -> None:
        order = sold(till)
        counter.runner._lines = lambda job, profile: lines(job, profile) if job.paper == "z" else 1 / 0  # type: ignore[assignment, return-value]
        counter.jobs.receipt(order.id)
        counter.jobs.print(DocumentRef("z", "shift"))
        await counter.until(lambda: counter.states("shift") == ["printed"])
        assert counter.states(order.id) == ["dropped"]
        assert counter.spoken == ["A paper cannot be printed here. F10 shows the sale."]

    play(till, script)


def _restarted(counter: Counter, till: Till) -> list[Job]:
    for task in (*counter.runner._serving.values(), *counter.runner._kicks):
        task.cancel()
    till.start()
    counter.begin()
    unknown: list[Job] = till.journal.live_jobs(JobState.UNKNOWN)
    return unknown


def test_a_start_after_a_kill_prints_what_was_queued_and_tells_what_is_unknown(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [JobState.UNKNOWN]
        known = sold(till).id
        counter.jobs.receipt(known)
        await counter.until(lambda: counter.states(known) == ["unknown"])
        counter.printer.trouble = PrinterTrouble.NO_PAPER
        waits = sold(till).id
        counter.jobs.receipt(waits)
        await counter.until(lambda: bool(counter.jobs.waiting()))
        counter.printer.trouble = None
        assert [job.of for job in _restarted(counter, till)] == [known]
        await counter.until(lambda: counter.states(waits) == ["printed"])
        assert counter.states(known) == ["unknown"]

    assert play(till, script).printer.paper == ["receipt", "receipt"]


ACTS: dict[str, Callable[[Till], Any]] = {
    "cash": sold,
    "movement": lambda till: till.register.drawer.move("paid_out", Minor(100), "milk"),
    "count": lambda till: till.register.drawer.count({CASH: Minor(100)}),
    "no_sale": lambda till: till.register.drawer.no_sale(),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("opens", [True, False])
def test_the_drawer_is_kicked_before_any_paper_or_the_screen_says_that_it_was_not(
    till: Till, act: str, *, opens: bool
) -> None:
    async def script(counter: Counter) -> None:
        counter.printers = replace(PRINTERS, when="always")
        counter.printer.opens = opens
        ACTS[act](till)
        counter.jobs.print(DocumentRef("x", "shift"))
        assert till.journal.kicks_left(), "it is in the transaction of the act"
        await counter.until(lambda: counter.states("shift") == ["printed"])
        assert counter.printer.did[0] == "kick"
        assert counter.printer.did.count("kick") == 1
        assert till.journal.kicks_left() == []

    counter = play(till, script)
    assert counter.spoken == ([] if opens else ["The drawer did not open: use its key."])


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_end_waits_for_a_paper_under_way_and_not_for_a_printer_that_is_only_asked(
    till: Till, *, goes_on: bool
) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.outcomes = [None]
        if not goes_on:
            counter.printer.connected.clear()
        counter.jobs.receipt(sold(till).id)
        await counter.until(lambda: ("sent" if goes_on else "asked") in counter.printer.did)
        ending = asyncio.get_running_loop().create_task(counter.runner.end())
        await asyncio.sleep(0)
        counter.printer.goes_on.set()
        async with asyncio.timeout(1):
            await ending

    assert play(till, script).printer.paper == ["receipt"] * goes_on
    (job,) = till.journal.jobs.values()
    assert job.state is (JobState.PRINTED if goes_on else JobState.QUEUED)


def test_card_kicks_nothing_and_a_till_without_a_drawer_says_nothing(till: Till) -> None:
    async def script(counter: Counter) -> None:
        till.register.checkout.pay(till.order(1).id, "CARD", Minor(4_000))
        counter.printers = replace(PRINTERS, drawer="")
        sold(till)
        await asyncio.sleep(0)
        assert till.journal.kicks_left() == []

    counter = play(till, script)
    assert "kick" not in counter.printer.did
    assert counter.spoken == []


def test_a_thousand_waiting_jobs_do_not_slow_a_sale(till: Till) -> None:
    async def script(counter: Counter) -> None:
        counter.printer.trouble = PrinterTrouble.GONE
        sold(till)
        for number in range(1_000):
            counter.jobs.print(DocumentRef("z", f"shift {number}"))
        looked = counter.jobs.queued
        counter.jobs.queued = lambda: pytest.fail("a sale looks through the jobs")  # type: ignore[method-assign]
        sold(till)
        counter.jobs.queued = looked  # type: ignore[method-assign]
        assert len(looked()["Counter"]) == 1_000
        await counter.until(lambda: len(counter.jobs.waiting()) == 1_000)
        counter.jobs.printers = asked = mock.Mock(return_value=counter.printers)
        assert state_of_printer(counter.jobs) == "printer: not reached"
        assert asked.call_count == 1, "each key asks for it"

    play(till, script)


def test_ids_of_jobs_are_printable_and_differ() -> None:
    ids = {job_id(till, number) for till in (1, 2, 95) for number in range(0, 20_000, 4)}
    assert len(ids) == 2 * len(range(0, 20_000, 4)), "till 95 has those of till 1"
    assert all(len(one) == 4 and all(33 <= ord(char) <= 126 for char in one) for one in ids)
