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


def _counter(till: Till, printer: TcpPrinter) -> Counter:
    profile = replace(COUNTER, address=printer.address)
    printers = replace(PRINTERS, every={"Counter": profile})
    return Counter(till, printers=printers, make=lambda one: EscPosPrinter(one, LIMITS))


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


def _marks(paper: str) -> list[str]:
    return [line for line in paper.splitlines() if line.startswith("receipt")]


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
