"""Tickets of the kitchen on paper while printers are away, removed or replaced, and the papers of the pass."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.devices.printing import until
from tests.printer.server import listening
from tests.register.conftest import VENUE
from tests.wiring.test_kitchen import add, tickets, words
from tests.wiring.test_shift_carried import Disk
from till.domain.errors import NoTabError
from till.domain.money.measures import Minor
from till.ports.printer import PrintError
from till.register.printing.interrupted import left_words
from till.register.printing.tickets import batches_of, print_batch
from till.register.printing.words import advice_on_printer, late_question, state_of_printer
from till.register.words import kitchen as kitchen_words
from till.wiring.printing import begin_printing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.printer.server import TcpPrinter
    from till.ports.printer import Job

HOSTILE = {"esc": "Dosa\x1b@\x1bp0now", "long": "Dosa " * 40, "arabic": "فلافل دوسا"}


@pytest.fixture
def till(tmp_path: Path) -> Disk:
    till = Disk(tmp_path / "till-1.sqlite")
    till.journal.set_series("")
    return till


class Kitchen:
    """A till with a printer at the counter, one at the grill and one at the bar."""

    def __init__(self, till: Disk, counter: TcpPrinter, grill: TcpPrinter, bar: TcpPrinter) -> None:
        self.till, self.counter, self.grill, self.bar = till, counter, grill, bar
        self.printing = till.register.printing

    def equip(self, *, without: tuple[str, ...] = (), **more: Any) -> None:
        """Let the settings of the venue name the printers, and what the stations make: Idly, and Masala Dosa."""
        printers = {"Counter": self.counter, "Grill": self.grill, "Bar": self.bar}
        named: list[dict[str, Any]] = [
            {"name": name, "address": one.address, "receipts": [1] if one is self.counter else []}
            for name, one in printers.items()
            if name not in without
        ]
        idly, dosa = (self.till.register.menu.by_plu[plu].id for plu in (1, 2))
        stations = [
            {"name": "Grill", "items": [idly], "printer": "Grill"},
            {"name": "Bar", "items": [dosa], "printer": "Bar"},
        ]
        version, _body = self.till.journal.cached("settings") or (0, {})
        body = VENUE | {"printers": named, "stations": stations, "receipts": "always"} | more
        self.till.journal.cache("settings", version + 1, body)
        self.till.register.reference_changed(["settings"])

    def save(self, plu: int, table: str, pieces: int = 1) -> str:
        session = add(self.till, None, plu, pieces)
        self.till.register.tabs.save(session, table)
        return session

    async def printed(self, printer: TcpPrinter, sheets: int) -> list[list[str]]:
        """Return the sheets of a printer, once this number of them is out and no further one follows."""
        await until(lambda: sum(sheet.is_cut for sheet in printer.device.sheets) >= sheets)
        found = [words(sheet.text) for sheet in printer.device.sheets if sheet.is_cut]
        assert len(found) == sheets
        return found

    def jobs(self) -> list[tuple[str, str]]:
        return [(job.printer, job.state.value) for job in self.printing.waiting()]


def play(till: Disk, acts: Callable[[Kitchen], Awaitable[None]]) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            printers = [await stack.enter_async_context(listening()) for _one in range(3)]
            runner = begin_printing(till.register, lambda _: None)
            kitchen = Kitchen(till, *printers)
            kitchen.equip()
            await acts(kitchen)
            await runner.end()

    asyncio.run(run())
    till.journal.close()


def test_a_dead_printer_holds_up_neither_another_station_nor_receipts(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("off")
        kitchen.save(1, "4")
        kitchen.save(2, "5")
        assert (await kitchen.printed(kitchen.bar, 1))[0][0] == "NEW Bar 1-1"
        till.sell()
        await until(lambda: "TOTAL" in kitchen.counter.device.text)

    play(till, acts)


def test_tickets_of_a_printer_that_is_away_print_here_once_and_say_so(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        for table in ("4", "5", "6"):
            kitchen.save(1, table)
        await until(kitchen.printing.troubled)
        assert state_of_printer(kitchen.printing) == "Grill: no paper"
        assert advice_on_printer(kitchen.printing, "Ctrl+R") == "Put in a new roll. Ctrl+R prints its tickets here."
        assert kitchen.printing.drop() == [], "“no receipt” is not about what the kitchen cooks by"
        (batch,) = batches_of(kitchen.printing)
        print_batch(kitchen.printing, batch)
        print_batch(kitchen.printing, batch)
        sheets = await kitchen.printed(kitchen.counter, 3)
        assert [sheet[:3] for sheet in sheets] == [
            ["*** FOR KITCHEN ***", f"NEW Grill 1-{n}", f"TABLE {n + 3}"] for n in (1, 2, 3)
        ]
        kitchen.grill.device.tell("paper")
        kitchen.save(1, "7")
        assert (await kitchen.printed(kitchen.grill, 1))[0][:2] == ["NEW Grill 1-4", "TABLE 7"]
        await until(lambda: not kitchen.jobs())

    play(till, acts)


def test_a_ticket_in_doubt_says_again_wherever_it_prints(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        session = kitchen.save(1, "4")
        await until(kitchen.printing.troubled)
        (job,) = kitchen.printing.jobs_of(session)
        kitchen.printing.take_up(job)  # its bytes were sent, and a kill followed

    play(till, acts)
    till.start()

    async def after(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        (job,) = till.journal.live_jobs()
        assert kitchen.printing.waiting() == []
        assert left_words(till.register.ledger, till.register.venue) == (
            "Ticket Grill 1-1, table 4, 10:32: is it on paper?"
        )
        assert advice_on_printer(kitchen.printing, "Ctrl+R") == (
            "Ticket Grill 1-1, table 4: on paper? Ctrl+R prints it, “no receipt” drops it."
        )
        kitchen.printing.again(job)
        await until(kitchen.printing.troubled)
        print_batch(kitchen.printing, batches_of(kitchen.printing)[0])
        (sheet,) = await kitchen.printed(kitchen.counter, 1)
        assert sheet[:3] == ["*** FOR KITCHEN ***", "*** AGAIN ***", "NEW Grill 1-1"]
        assert kitchen.printing.tickets_in_doubt() == []

    play(till, after)


def test_a_ticket_in_doubt_is_asked_about_until_somebody_saw_it_on_paper(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        session = kitchen.save(1, "4")
        await until(kitchen.printing.troubled)
        (job,) = kitchen.printing.jobs_of(session)
        kitchen.printing.take_up(job)

    play(till, acts)
    till.start()

    async def after(kitchen: Kitchen) -> None:
        assert "on paper?" in advice_on_printer(kitchen.printing, "Ctrl+R")
        assert len(kitchen.printing.drop()) == 1
        assert advice_on_printer(kitchen.printing, "Ctrl+R") == ""

    play(till, after)


def test_late_tickets_are_asked_for_once_and_print_together(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        sessions = [kitchen.save(1, table) for table in ("4", "5", "6")]
        await until(kitchen.printing.troubled)
        for session in sessions[:2]:
            till.register.tabs.recall(session, 1)
            till.register.checkout.pay(session, "CASH", Minor(50_000))
        kitchen.grill.device.tell("paper")
        (sheet,) = await kitchen.printed(kitchen.grill, 1)
        assert sheet[1] == "TABLE 6", "what is to be cooked does not wait for the question"
        await until(lambda: len(kitchen.printing.late()) == 2)
        question = "2 tickets waited. Ctrl+R prints, “no receipt” drops them."
        assert late_question(kitchen.printing, "Ctrl+R") == question
        (batch,) = batches_of(kitchen.printing)
        assert batch.is_late
        print_batch(kitchen.printing, batch)
        sheets = await kitchen.printed(kitchen.grill, 3)
        assert [sheet[0] for sheet in sheets[1:]] == ["*** LATE ***"] * 2
        assert kitchen.printing.late() == []

    play(till, acts)


def test_an_hour_later_tickets_print_by_themselves_and_yesterdays_ask(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        kitchen.save(1, "4")
        await until(kitchen.printing.troubled)
        till.clock.move(hours=1)
        kitchen.grill.device.tell("paper")
        await kitchen.printed(kitchen.grill, 1)
        kitchen.grill.device.tell("no paper")
        kitchen.save(1, "5")
        await until(kitchen.printing.troubled)
        till.clock.move(days=1)
        kitchen.grill.device.tell("paper")
        await until(kitchen.printing.late)
        assert len(kitchen.printing.drop()) == 1

    play(till, acts)


@pytest.mark.parametrize("how", ["removed", "station removed", "replaced by the counter's"])
def test_a_ticket_without_its_printer_never_comes_out_unasked_at_the_counter(till: Disk, how: str) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        kitchen.save(1, "4")
        await until(kitchen.printing.troubled)
        without: dict[str, tuple[str, ...]] = {"removed": ("Grill",), "station removed": ()}
        if how in without:
            kitchen.equip(without=without[how], stations=[])
        else:
            printer = {"name": "Grill", "address": kitchen.counter.address, "receipts": [1]}
            kitchen.equip(printers=[printer], stations=[])
        kitchen.grill.device.tell("paper")
        till.sell()
        await until(lambda: "TOTAL" in kitchen.counter.device.text)
        assert "TABLE 4" not in kitchen.counter.device.text + kitchen.grill.device.text
        await until(lambda: [job.paper for job in kitchen.printing.waiting()] == ["ticket"])
        assert len(kitchen.printing.drop()) == 1

    play(till, acts)


def test_two_hundred_tickets_wait_and_print_in_their_order(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        for table in range(200):
            kitchen.save(1, str(table + 1))
        await until(kitchen.printing.troubled)
        kitchen.grill.device.tell("paper")
        for sheets_out in (50, 100, 150):
            await until(lambda n=sheets_out: len(kitchen.grill.device.sheets) > n)  # type: ignore[misc]
        sheets = await kitchen.printed(kitchen.grill, 200)
        assert [sheet[1] for sheet in sheets] == [f"TABLE {n + 1}" for n in range(200)]

    play(till, acts)


def test_a_shared_printer_prints_the_ticket_first_and_neither_waits_for_a_question(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        idly = till.register.menu.by_plu[1].id
        kitchen.equip(stations=[{"name": "Grill", "items": [idly], "printer": "Counter"}])
        kitchen.counter.device.tell("no paper")
        till.sell()
        await until(kitchen.printing.troubled)
        till.clock.move(minutes=6)  # now the receipt asks
        kitchen.save(1, "4")
        kitchen.counter.device.tell("paper")
        sheets = await kitchen.printed(kitchen.counter, 2)
        assert [sheet[0] for sheet in sheets] == ["NEW Grill 1-1", "NEW Grill 1-2"]
        await until(kitchen.printing.late)
        assert [job.paper for job in kitchen.printing.late()] == ["receipt"]
        kitchen.save(1, "5")
        assert (await kitchen.printed(kitchen.counter, 3))[-1][:2] == ["NEW Grill 1-3", "TABLE 5"]
        assert len(kitchen.printing.late()) == 1

    play(till, acts)


def test_the_pass_gets_what_every_other_station_gets_under_the_same_numbers(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        idly, dosa = (till.register.menu.by_plu[plu].id for plu in (1, 2))
        stations = [
            {"name": "Grill", "items": [idly], "printer": "Grill"},
            {"name": "Cold", "items": [dosa]},
            {"name": "Pass", "printer": "Bar"},
        ]
        kitchen.equip(stations=stations)
        session = add(till, None, 1, 2)
        add(till, session, 2, 1)
        till.register.tabs.save(session, "4")
        sheets = await kitchen.printed(kitchen.bar, 2)
        assert [sheet[:3] for sheet in sheets] == [
            ["*** PASS ***", "NEW Grill 1-1", "TABLE 4"], ["*** PASS ***", "NEW Cold 1-1", "TABLE 4"]
        ]  # fmt: skip
        assert [row for sheet in sheets for row in sheet if "IDLY" in row or "DOSA" in row] == [
            "2 IDLY", "1 MASALA DOSA"
        ]  # fmt: skip
        assert (await kitchen.printed(kitchen.grill, 1))[0][0] == "NEW Grill 1-1"
        assert tickets(till, session) == [("new", "1-1"), ("new", "1-1")]
        kitchen.equip(stations=[stations[0], {"name": "Pass", "printer": "Grill"}])
        kitchen.save(1, "5")
        await kitchen.printed(kitchen.grill, 2)
        assert kitchen.jobs() == []

    play(till, acts)


def test_a_tables_tickets_print_again_whole_and_one_that_waits_only_once(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        session = add(till, None, 1, 2)
        add(till, session, 2, 1)
        till.register.tabs.save(session, "4")
        await kitchen.printed(kitchen.grill, 1)
        await kitchen.printed(kitchen.bar, 1)
        kitchen.grill.device.tell("no paper")
        till.register.tabs.recall(session, 1)
        add(till, session, 1, 3)
        till.register.tabs.save(session, "4")
        await until(kitchen.printing.troubled)
        assert kitchen_words.tickets(till.register, None, 1, "4") == "3 tickets print again."
        kitchen.grill.device.tell("paper")
        sheets = await kitchen.printed(kitchen.grill, 3)
        assert [sheet[0] for sheet in sheets] == ["NEW Grill 1-1", "+ MORE Grill 1-2", "*** AGAIN ***"]
        assert sheets[2][1:3] == ["NEW Grill 1-1", "TABLE 4"]
        assert [sheet[0] for sheet in await kitchen.printed(kitchen.bar, 2)] == ["NEW Bar 1-1", "*** AGAIN ***"]
        with pytest.raises(NoTabError):
            kitchen_words.tickets(till.register, None, 1, "5")
        with pytest.raises(PrintError):
            kitchen_words.tickets(till.register, None, 1)

    play(till, acts)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_ticket_bears_any_name(till: Disk, name: str) -> None:
    async def acts(kitchen: Kitchen) -> None:
        menu = till.journal.cached("menu")
        assert menu is not None
        items = [item | {"name": HOSTILE[name]} if item["plu"] == 1 else item for item in menu[1]["items"]]
        till.journal.cache("menu", menu[0] + 1, {**menu[1], "items": items})
        till.register.reference_changed(["menu"])
        kitchen.save(1, "4")
        (sheet,) = await kitchen.printed(kitchen.grill, 1)
        assert sheet[0] == "NEW Grill 1-1"
        assert sheet[-1] == "1 kind, 1 piece."
        assert kitchen.grill.device.kicks == 0
        raw = kitchen.grill.device.sheets[0].text
        assert all(len(row) <= 42 for row in raw.splitlines())
        assert "?" not in raw
        assert ("U+0641 U+0644" in raw) is (name == "arabic")

    play(till, acts)


def test_a_kill_between_the_event_and_the_paper_loses_no_ticket(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        kitchen.grill.device.tell("no paper")
        kitchen.save(1, "4")

    play(till, acts)
    till.start()
    found: list[Job] = till.journal.live_jobs()
    assert [(job.paper, job.printer) for job in found] == [("ticket", "Grill")]

    async def after(kitchen: Kitchen) -> None:
        assert (await kitchen.printed(kitchen.grill, 1))[0][:2] == ["NEW Grill 1-1", "TABLE 4"]

    play(till, after)
