"""Print jobs on the way to a printer of the tests: each fault leaves a state that is true, and no receipt twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.devices.printing import LIMITS
from tests.printer.server import listening
from tests.register.printing.test_jobs import COUNTER, sold
from tests.register.printing.test_runner import PRINTERS, Counter, at
from till.devices.printer import EscPosPrinter
from till.domain.structs import replace
from till.ports.printer import PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.printer.device import Device
    from tests.printer.server import TcpPrinter
    from tests.register.conftest import Till


def _counter(till: Till, printer: TcpPrinter, number: int = 1) -> Counter:
    profile = replace(COUNTER, address=printer.address)
    printers = replace(PRINTERS, every={"Counter": profile})
    return Counter(till, printers=printers, make=lambda one: EscPosPrinter(one, LIMITS), number=number)


def play(till: Till, script: Callable[[Counter, Device], Awaitable[None]]) -> str:
    """Play a script at a counter with a printer, and return what is on paper."""

    async def run() -> str:
        async with listening() as printer, at(_counter(till, printer)) as counter:
            await script(counter, printer.device)
        return printer.device.text

    return asyncio.run(run())


FAULTS = {
    "rubbish": ("speak", {PrinterTrouble.ERROR}),
    "mute": ("speak", {PrinterTrouble.SILENT}),
    "no paper": ("paper", {PrinterTrouble.NO_PAPER}),
    "open": ("close", {PrinterTrouble.OPEN}),
    "error": ("no error", {PrinterTrouble.ERROR}),
    "off": ("on", {PrinterTrouble.GONE, PrinterTrouble.SILENT}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_printer_in_trouble_gets_its_receipt_when_it_is_well_and_once(till: Till, fault: str) -> None:
    mend, troubles = FAULTS[fault]

    async def script(counter: Counter, device: Device) -> None:
        device.tell(fault)
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: bool(counter.jobs.waiting()))
        assert {job.trouble for job in counter.jobs.waiting()} <= troubles
        device.tell(mend)
        await counter.until(lambda: counter.states(order.id) == ["printed"])

    assert _marks(play(till, script)) == ["receipt"]


def test_a_printer_that_dies_in_the_middle_leaves_a_receipt_unknown_and_the_next_says_so(till: Till) -> None:
    async def script(counter: Counter, device: Device) -> None:
        device.tell("off after 20")
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["unknown"])
        device.tell("on")
        other = sold(till)
        counter.jobs.receipt(other.id)
        await counter.until(lambda: counter.states(other.id) == ["printed"])
        assert counter.states(order.id) == ["unknown"], "nothing sends it again by itself"
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["dropped", "printed"])

    assert _marks(play(till, script)) == ["receipt", "receipt", "receipt AGAIN"]


async def _printed(counter: Counter, order: str) -> None:
    await counter.until(lambda: counter.states(order) == ["printed"])


def _marks(paper: str) -> list[str]:
    return [line for line in paper.splitlines() if line.startswith("receipt")]


def test_a_printer_that_takes_a_receipt_and_says_nothing_leaves_it_unknown_until_it_speaks(till: Till) -> None:
    async def script(counter: Counter, device: Device) -> None:
        device.line_s = 0.5
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: counter.states(order.id) == ["unknown"])
        await counter.until(lambda: counter.states(order.id) == ["printed"])

    assert _marks(play(till, script)) == ["receipt"]


def test_a_roll_that_ends_in_the_middle_goes_on_by_itself(till: Till) -> None:
    async def script(counter: Counter, device: Device) -> None:
        device.tell("paper for 1")
        order = sold(till)
        counter.jobs.receipt(order.id)
        await counter.until(lambda: [job.trouble for job in counter.jobs.waiting()] == [PrinterTrouble.NO_PAPER])
        device.tell("paper")
        await counter.until(lambda: counter.states(order.id) == ["printed"])

    assert _marks(play(till, script)) == ["receipt"]


def test_a_printer_that_comes_back_after_an_hour_prints_what_was_asked_for(till: Till) -> None:
    async def script(counter: Counter, device: Device) -> None:
        device.tell("off")
        counter.printers = replace(counter.printers, when="always", drawer="")
        old = sold(till).id
        bill = till.order(1).id
        counter.jobs.bill(bill)
        till.clock.move(hours=1)
        device.tell("on")
        await counter.until(lambda: counter.states(bill) == ["printed"] and bool(counter.jobs.late()))
        assert [job.of for job in counter.jobs.late()] == [old]

    assert _marks(play(till, script)) == []


def test_the_drawer_opens_without_paper(till: Till) -> None:
    async def script(counter: Counter, device: Device) -> None:
        device.tell("no paper")
        counter.jobs.receipt(sold(till).id)
        await counter.until(lambda: bool(counter.jobs.waiting()))
        assert device.kicks == 1
        device.tell("off")
        sold(till)
        await counter.until(lambda: bool(counter.spoken))
        assert counter.spoken == ["The drawer did not open: use its key."]

    play(till, script)


def test_two_tills_share_a_printer_in_turn(till: Till, other: Till) -> None:
    async def run() -> list[str]:
        async with (
            listening() as printer,
            at(_counter(till, printer)) as one,
            at(_counter(other, printer, 2)) as two,
        ):
            printer.device.line_s = 0.02
            orders = [(counter, sold(counter.till).id) for counter in (one, two) * 3]
            for counter, order in orders:
                counter.jobs.receipt(order)
            for counter, order in orders:
                await _printed(counter, order)
            return [name for sheet in printer.device.sheets for name in sheet.ids]

    ids = asyncio.run(run())
    assert len(ids) == len(set(ids)) == 6
