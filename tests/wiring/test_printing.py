"""The printing of a till by the settings of its venue, on a printer of the tests."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from tests.devices.printing import until
from tests.printer.server import listening
from tests.register.conftest import VENUE
from tests.shaping import SHAPES
from tests.wiring.test_shift_carried import Disk
from till.domain.order.selling import ItemEntry
from till.register.no_money import MONEY
from till.wiring.printing import begin_printing

FONTS: Final = [f"{Path(__file__).parents[1]}/fonts/{name}" for name in ("DejaVuSans.ttf", "NotoSans*.ttf")]


def _named(till: Disk, address: str, **more: Any) -> None:
    """Let the settings of the venue name a printer."""
    printer = {"name": "Counter", "address": address, "receipts": [1], "drawer": 1}
    version, _body = till.journal.cached("settings") or (0, {})
    till.journal.cache("settings", version + 1, VENUE | {"printers": [printer], "receipts": "always"} | more)
    till.register.reference_changed(["settings"])


@pytest.fixture
def till(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "till-1.sqlite")


def test_a_sale_prints_its_receipt_and_opens_the_drawer_once_the_venue_names_a_printer(till: Disk) -> None:
    async def run() -> tuple[str, int]:
        async with listening() as printer:
            runner = begin_printing(till.register, spoken.append)
            till.sell()
            assert till.journal.last_job() == 0
            _named(till, printer.address)
            order = till.sell()
            await until(lambda: [job.state for job in till.register.printing.jobs_of(order)] == ["printed"])
            await runner.end()
            return printer.device.text, printer.device.kicks

    spoken: list[str] = []
    text, kicks = asyncio.run(run())
    (sold, _before) = till.journal.numbered(2)
    assert sold.data.document in text
    assert ("Udupi Corner" in text, "Idly" in text, kicks) == (True, True, 1)
    assert [one for one in spoken if one] == []
    till.journal.close()


@pytest.mark.parametrize(("others", "prints"), [((), True), (("/dev/usb/lp0",), True), (("tcp://127.0.0.1:9",), False)])
def test_the_bill_of_a_till_without_money_goes_to_the_only_printer_that_it_reaches(
    till: Disk, others: tuple[str, ...], *, prints: bool
) -> None:
    async def run() -> str:
        async with listening() as printer:
            runner = begin_printing(till.register, lambda _: None)
            named = [{"name": "Counter", "address": printer.address, "receipts": [7]}]
            named += [{"name": f"Other {n}", "address": address} for n, address in enumerate(others)]
            _named(till, printer.address, printers=named)
            assert not till.register.printing.printers().papers
            till.journal.cache(MONEY, 1, {"change": 1})
            till.register.reference_changed([MONEY])
            till.register.server_answered()
            if prints:
                order = till.register.sales.add(None, 1, ItemEntry(till.register.menu.by_plu[1], 1))
                till.register.printing.bill(order.id)
                await until(lambda: "Idly" in printer.device.text)
            else:
                assert not till.register.printing.printers().papers
            await runner.end()
            return printer.device.text

    assert ("Udupi Corner" in asyncio.run(run())) is prints
    till.journal.close()


def test_a_training_prints_nothing_and_opens_no_drawer(till: Disk) -> None:
    async def run() -> None:
        async with listening() as printer:
            runner = begin_printing(till.register, lambda _: None)
            _named(till, printer.address, training=True)
            till.sell()
            await runner.end(0.1)
            assert printer.connections == 0

    asyncio.run(run())
    assert (till.journal.last_job(), till.journal.kicks_left()) == (0, [])
    till.journal.close()


def test_a_till_closes_while_its_printer_is_gone_and_the_next_start_prints_what_waits(till: Disk) -> None:
    async def run() -> str:
        async with listening() as printer:
            printer.device.tell("no paper")
            runner = begin_printing(till.register, lambda _: None)
            _named(till, printer.address)
            order = till.sell()
            await until(till.register.printing.waiting)
            await runner.end()
            till.journal.close()
            till.start()
            printer.device.tell("paper")
            runner = begin_printing(till.register, lambda _: None)
            await until(lambda: [job.state for job in till.register.printing.jobs_of(order)] == ["printed"])
            await runner.end()
            return printer.device.text

    text = asyncio.run(run())
    assert text.count("Udupi Corner") == 1
    till.journal.close()


@SHAPES
def test_a_till_draws_the_names_of_its_menu_and_leaves_no_process_behind(till: Disk) -> None:
    async def run() -> list[bytes]:
        async with listening() as printer:
            _named(till, printer.address, drawing=["Counter"])
            before = children()
            runner = begin_printing(till.register, lambda _: None, fonts=FONTS)
            assert len(children() - before) == 1, "the process starts with the till, as the menu needs it"
            order = till.sell()
            await until(lambda: [job.state for job in till.register.printing.jobs_of(order)] == ["printed"])
            await runner.end()
            assert children() == before
            return printer.device.sheets[0].dots

    version, body = till.journal.cached("menu") or (0, {})
    items = [{**item, "name": "தோசை"} for item in body["items"]]
    till.journal.cache("menu", version + 1, {**body, "items": items})
    till.register.reference_changed(["menu"])
    dots = asyncio.run(run())
    assert (len(dots), {len(row) for row in dots}) == (30, {63})
    till.journal.close()


def children() -> set[str]:
    """Return the processes that this one started."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if f"PPid:\t{os.getpid()}\n" in (process / "status").read_text():
                found.add(process.name)
    return found
