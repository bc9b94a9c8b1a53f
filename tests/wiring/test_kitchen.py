"""The tickets of a kitchen by the settings of its venue, on printers of the tests."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.devices.printing import until
from tests.printer.server import listening
from tests.register.approving import approved
from tests.register.conftest import VENUE
from tests.register.exchange import by_server
from tests.wiring.test_shift_carried import Disk
from till.domain.errors import LineError, RightsError
from till.domain.kitchen.events import LinesSent, OrderHanded
from till.domain.money.measures import Minor
from till.domain.order import courses
from till.domain.order.events import CourseFired, LineVoided
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.register import counter
from till.register.kitchen import KitchenError
from till.register.printing.words import state_of_printer
from till.register.words import kitchen as kitchen_words
from till.wiring.printing import begin_printing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.printer.server import TcpPrinter
    from till.register.printing.runner import Runner


@pytest.fixture
def till(tmp_path: Path) -> Disk:
    till = Disk(tmp_path / "till-1.sqlite")
    till.journal.set_series("")
    return till


def equip(till: Disk, *, counter_printer: str, kitchen_printer: str, **more: Any) -> None:
    """Let the settings of the venue name two printers, and a station that makes everything."""
    printers = [{"name": "Counter", "address": counter_printer, "receipts": [1], "drawer": 1}]
    printers += [{"name": "Pass", "address": kitchen_printer}] if kitchen_printer else []
    stations = [{"name": "Grill", "categories": ["all"], "printer": "Pass"}]
    version, _body = till.journal.cached("settings") or (0, {})
    body = VENUE | {"printers": printers, "stations": stations, "receipts": "always"} | more
    till.journal.cache("settings", version + 1, body)
    till.register.reference_changed(["settings"])


def add(till: Disk, session: str | None, plu: int, pieces: int) -> str:
    till.clock.move(seconds=60)
    return till.register.sales.add(session, 1, ItemEntry(till.register.menu.by_plu[plu], pieces)).id


def tickets(till: Disk, session: str) -> list[tuple[str, str]]:
    """Return the kinds and numbers of the tickets of an order."""
    events = till.journal.events_of(session)
    return [(one.data.kind, one.data.ticket) for one in events if isinstance(one.data, LinesSent)]


def called(till: Disk, session: str) -> str:
    return till.register.ledger.order(session).called


def pay(till: Disk, session: str) -> str:
    if till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB:
        till.register.tabs.recall(session, 1)
    till.register.checkout.pay(session, "CASH", Minor(50_000))
    return session


async def printed(printer: TcpPrinter, sheets: int) -> str:
    """Return the newest sheet, once this number of sheets is out."""
    await until(lambda: sum(sheet.is_cut for sheet in printer.device.sheets) >= sheets)
    return [sheet.text for sheet in printer.device.sheets if sheet.is_cut][-1]


def trade(till: Disk, play: Callable[[Runner, TcpPrinter, TcpPrinter], Awaitable[None]], **more: Any) -> None:
    """Play with a printer at the counter and one at the grill."""

    async def run() -> None:
        async with listening() as at_counter, listening() as grill:
            runner = begin_printing(till.register, lambda _: None)
            equip(till, counter_printer=at_counter.address, kitchen_printer=grill.address, **more)
            await play(runner, at_counter, grill)
            await runner.end()

    asyncio.run(run())
    till.journal.close()


def words(sheet: str) -> list[str]:
    return [" ".join(line.split()) for line in sheet.splitlines() if line.strip() and not line.startswith("=")]


def test_a_table_is_cooked_once_and_its_receipt_comes_out_at_the_counter(till: Disk) -> None:
    async def play(_runner: Runner, at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        session = add(till, None, 1, 2)
        assert tickets(till, session) == []
        till.register.tabs.save(session, "4")
        new = ["NEW Grill 1-1", "TABLE 4", "Vamsi 10:32", "2 IDLY", "1 kind, 2 pieces."]
        assert words(await printed(grill, 1)) == new
        till.register.tabs.recall(session, 1)
        add(till, session, 2, 1)
        counter.note_line(till.register, session, next(iter(till.register.ledger.order(session).lines)), "no onion")
        assert words(await printed(grill, 2)) == [
            "! CHANGED Grill 1-2", "TABLE 4", "Vamsi 10:33", "2 IDLY", "no onion",
            "Of 1-1, sent 10:32, 1 min ago.", "Previous ticket: 1-1",
        ]  # fmt: skip
        till.register.tabs.save(session, "5")
        assert words(await printed(grill, 4)) == [
            "+ MORE Grill 1-4", "TABLE 5", "Vamsi 10:33", "1 MASALA DOSA", "1 kind, 1 piece.",
            "Adds to 1-1, sent 10:32, 1 min ago.", "Previous ticket: 1-3",
        ]  # fmt: skip
        assert tickets(till, session) == [("new", "1-1"), ("changed", "1-2"), ("moved", "1-3"), ("more", "1-4")]
        till.register.tabs.recall(session, 1)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        await printed(at_counter, 1)
        assert len(tickets(till, session)) == 4
        assert "Udupi Corner" in at_counter.device.text
        assert "Udupi Corner" not in grill.device.text

    trade(till, play)


def test_a_sale_without_a_table_is_cooked_when_it_is_paid(till: Disk) -> None:
    async def play(_runner: Runner, at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        session = till.sell()
        assert words(await printed(grill, 1))[:2] == ["NEW Grill 1-1", "TAKE AWAY 1-01"]
        assert "Order 1-01" in words(await printed(at_counter, 1))
        assert tickets(till, session) == [("new", "1-1")]

    trade(till, play)


def test_take_away_orders_are_called_by_a_number_that_begins_again_after_99(till: Disk) -> None:
    """An order keeps the number of its first ticket, a table has none, and each number follows the last one."""

    async def play(_runner: Runner, _at_counter: TcpPrinter, _grill: TcpPrinter) -> None:
        sent = add(till, None, 1, 2)
        till.register.kitchen.send(sent)
        assert called(till, sent) == "1-01"
        table = add(till, None, 1, 1)
        till.register.tabs.save(table, "4")
        paid = pay(till, add(till, None, 2, 1))
        assert [called(till, one) for one in (pay(till, sent), pay(till, table), paid)] == ["1-01", "", "1-02"]
        assert till.register.answers.change(till.register.ledger.order(paid), traits).startswith("Order 1-02. Paid ")
        sold = [called(till, till.sell()) for _order in range(98)]
        assert sold[-3:] == ["1-98", "1-99", "1-01"]

    traits = till.register.checkout.tenders.traits_of
    trade(till, play)


def test_a_venue_may_want_no_numbers(till: Disk) -> None:
    async def play(_runner: Runner, _at_counter: TcpPrinter, _grill: TcpPrinter) -> None:
        assert called(till, till.sell()) == ""

    trade(till, play, call_numbers=False)


def test_an_order_is_sent_by_hand_and_cleared_with_a_void(till: Disk) -> None:
    async def play(_runner: Runner, _at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        session = add(till, None, 1, 2)
        till.register.kitchen.send(session)
        await printed(grill, 1)
        with pytest.raises(KitchenError):
            till.register.kitchen.send(session)
        approved(till.register, partial(till.register.recovery.discard, session, "left"))
        void = words(await printed(grill, 2))
        assert (void[0], void[3:]) == (
            "*** VOID *** Grill 1-2",
            ["-2 IDLY", "VOID: do not make", "Of 1-1, sent 10:32, 0 min ago.", "Previous ticket: 1-1"],
        )

    trade(till, play)


def test_a_ticket_whose_order_was_paid_meanwhile_waits_for_a_person_and_says_late(till: Disk) -> None:
    async def play(_runner: Runner, _at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        grill.device.tell("no paper")
        session = add(till, None, 1, 2)
        till.register.tabs.save(session, "4")
        await until(till.register.printing.troubled)
        assert state_of_printer(till.register.printing) == "Pass: no paper"
        till.register.tabs.recall(session, 1)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        grill.device.tell("paper")
        await until(till.register.printing.late)
        assert not grill.device.text.strip()
        (late,) = till.register.printing.late()
        till.register.printing.wanted(late)
        assert "LATE" in await printed(grill, 1)

    trade(till, play)


def test_a_ticket_never_comes_out_at_the_counter(till: Disk) -> None:
    async def play(_runner: Runner, at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        grill.device.tell("no paper")
        session = add(till, None, 1, 2)
        till.register.tabs.save(session, "4")
        await until(till.register.printing.troubled)
        equip(till, counter_printer=at_counter.address, kitchen_printer="", stations=[])
        till.sell()
        await printed(at_counter, 1)
        assert "TABLE 4" not in at_counter.device.text
        assert [job.paper for job in till.register.printing.waiting()] == ["ticket"]

    trade(till, play)


def test_a_program_and_a_replay_write_no_tickets(till: Disk) -> None:
    equip(till, counter_printer="tcp://127.0.0.1", kitchen_printer="tcp://127.0.0.1")
    session = till.sell()
    assert tickets(till, session) == []
    till.journal.close()


def test_courses_are_held_at_a_table_and_fired_one_by_one(till: Disk) -> None:
    async def play(_runner: Runner, _at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        later = {"name": "Grill", "categories": ["all"], "printer": "Pass", "later": True}
        equip(till, counter_printer="tcp://h", kitchen_printer=grill.address, stations=[later], hold_courses=True)
        register, kitchen = till.register, till.register.reference.kitchen
        idly, dosa, third = (register.menu.by_plu[plu] for plu in (1, 2, 3))
        entries = (ItemEntry(idly, 2, course=1), ItemEntry(dosa, 1, course=2), ItemEntry(third, 1, course=3))
        session = register.sales.add(None, 1, *entries).id
        register.tabs.save(session, "4")
        assert words(await printed(grill, 1)) == [
            "NEW Grill 1-1", "TABLE 4, COURSE 1", "Vamsi 10:31", "2 IDLY", "1 kind, 2 pieces.",
            "Later: 1 Masala Dosa, 1 Plain Dosa",
        ]  # fmt: skip
        order = register.tabs.recall(session, 1)
        lines = list(order.lines)
        register.sales.void(session, lines[2], "held: no manager")
        voids = [one.data for one in till.journal.events_of(session) if isinstance(one.data, LineVoided)]
        assert [one.removed.sent for one in voids if one.removed is not None] == [False]
        with pytest.raises(KitchenError, match="“fire” sends"):
            register.kitchen.send(session)
        assert courses.next_course(order, kitchen) == 2
        fired = kitchen_words.fire(register, register.ledger.order(session), 1)
        assert fired.sentence == "Course 2 is fired: 1 piece."
        more = words(await printed(grill, 2))
        assert more[:4] == ["+ MORE Grill 1-2", "TABLE 4, COURSE 2", "Vamsi 10:31", "1 MASALA DOSA"]
        for refused in (partial(register.sales.undo, session), partial(register.courses.fire, session, None)):
            with pytest.raises(LineError):
                refused()
        with pytest.raises(RightsError):
            register.sales.void(session, lines[1], "the kitchen has it")
        kitchen_words.hold_off(register, register.ledger.order(session), 1)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        assert tickets(till, session) == [("new", "1-1"), ("more", "1-2")]

    trade(till, play)


def test_a_hand_is_given_back_once_and_only_without_a_ticket(till: Disk) -> None:
    equip(till, counter_printer="tcp://h", kitchen_printer="tcp://g")
    kitchen, session = till.register.kitchen, add(till, None, 1, 2)
    till.register.tabs.save(session, "4")
    by_server(till.register, session, OrderHanded(till=1))
    assert kitchen.settled() is None
    kitchen.begin()
    assert tickets(till, session) == [("new", "1-1")]
    assert kitchen.settled() == []
    by_server(till.register, session, OrderHanded(till=1))
    assert tickets(till, session) == [("new", "1-1")]
    assert kitchen.settled() == [till.register.ledger.order(session).last_id]
    assert kitchen.settled() == []


def test_the_first_course_that_a_table_has_goes_at_once(till: Disk) -> None:
    equip(till, counter_printer="tcp://h", kitchen_printer="tcp://g", hold_courses=True)
    till.register.kitchen.begin()
    register = till.register
    idly, dosa, third = (register.menu.by_plu[plu] for plu in (1, 2, 3))

    def save(table: str, session: str | None, *entries: ItemEntry) -> tuple[str, list[str]]:
        """Key items for a table and save it. Return the order, and the courses that this sent."""
        before = [] if session is None else tickets(till, session)
        order = register.sales.add(session, 1, *entries)
        register.tabs.save(order.id, table)
        sent = [one.data for one in till.journal.events_of(order.id) if isinstance(one.data, LinesSent)][len(before) :]
        return order.id, [str(line.course) for ticket in sent for line in ticket.lines]

    mains, sent = save("4", None, ItemEntry(dosa, 1, course=2), ItemEntry(third, 1, course=3))
    assert sent == ["2"], "of mains alone nothing was cooked"
    fired = [one for one in till.journal.events_of(mains) if isinstance(one.data, CourseFired)]
    assert len(fired) == 1
    register.tabs.recall(mains, 1)
    assert save("4", mains, ItemEntry(idly, 1, course=3))[1] == []

    drinks, sent = save("5", None, ItemEntry(idly, 2))
    assert sent == ["None"]
    register.tabs.recall(drinks, 1)
    assert save("5", drinks, ItemEntry(dosa, 1, course=2))[1] == ["2"], "what was drunk before is no course"

    soup, sent = save("6", None, ItemEntry(idly, 1, course=1), ItemEntry(dosa, 1, course=2))
    assert sent == ["1"]
    register.tabs.recall(soup, 1)
    [first, _second] = register.ledger.order(soup).lines
    approved(register, partial(register.sales.void, soup, first, "spilt"))
    register.tabs.save(soup, "6")
    assert [kind for kind, _number in tickets(till, soup)] == ["new", "void"], "a void of the soup fires no steak"

    held = register.sales.add(None, 1, ItemEntry(dosa, 1, course=2)).id
    kitchen_words.hold(register, register.ledger.order(held), 1)
    register.tabs.save(held, "7")
    assert tickets(till, held) == [], "somebody typed “hold”"


def test_a_held_course_is_cooked_once_its_table_pays_and_is_not_fired_without_a_station(till: Disk) -> None:
    async def play(_runner: Runner, _at_counter: TcpPrinter, grill: TcpPrinter) -> None:
        session = add(till, None, 1, 2)
        order = kitchen_words.hold(till.register, till.register.ledger.order(session), 1).order
        till.register.sales.seat(session, *order.lines, course=2)
        assert counter.save_to_tab(till.register, session, "4") == "Saved to table 4. 2 held: recall it, then “fire”."
        assert tickets(till, session) == []
        till.register.tabs.recall(session, 1)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        assert words(await printed(grill, 1))[:2] == ["NEW Grill 1-1", "TABLE 4, COURSE 2"]
        equip(till, counter_printer="tcp://h", kitchen_printer="tcp://g", stations=[{"name": "Bar", "items": ["x"]}])
        other = till.register.sales.add(None, 1, ItemEntry(till.register.menu.by_plu[1], 1, course=2))
        with pytest.raises(LineError, match="No station makes course 2"):
            till.register.courses.fire(other.id, 2)

    trade(till, play)
