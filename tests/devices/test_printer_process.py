"""The printer of the tests as a process, as a person runs it."""

from __future__ import annotations

from tests.devices.printing import RECEIPT, Client
from tests.printer.process import running
from till.ports.printer import JobState, PrinterTrouble


async def test_paper_and_faults_of_a_process() -> None:
    with running() as printer:
        client = Client(printer.address)
        assert await client.print() is JobState.PRINTED
        printer.wait_for("- - -")
        assert [line.rstrip() for line in printer.shown[:-1]] == [line.text for line in RECEIPT]
        printer.tell("no paper")
        assert await client.print() is PrinterTrouble.NO_PAPER
        assert await client.printer.kick()
        printer.wait_until(lambda shown: shown.kicks == 1)
        printer.tell("paper")
        assert await client.print() is JobState.PRINTED
