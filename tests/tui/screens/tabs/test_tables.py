"""Tables: what is keyed is added to one that is open, two of one name become one, and thirty stand on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore, a_till, row_of
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.tabs.test_recall import has_it_open, on_till_2, saves
from tests.tui.screens.waiting_orders.test_waiting_orders import bring
from till.domain.order.state import Status

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]


@pytest.mark.parametrize("size", SIZES)
async def test_one_more_tea_for_table_5(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_till(tmp_path, size) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}3 tea{enter}less sugar{enter}{f8}5")
        assert "Table 5 is open. Enter adds 1 line, ₹60.00: total ₹140.00." in till.text()
        assert till.rows()[-1].rstrip().endswith("Enter Add to table 5 60.00")
        await till.type("{enter}")
        assert till.answer() == "Added to table 5: 1 line, ₹60.00. F8 lists the tabs."
        assert till.shown is None
        await till.type("tea{enter}tab 5{enter}")
        assert "Enter adds 1 line, ₹20.00: total ₹160.00." in till.text()
        await till.type("{escape}")
        assert till.lines() == {"Tea": 1}
        await till.type("tab 5{enter}{enter}{f8}5{enter}")
        assert till.answer() == "table 5 is here: 3 lines, ₹160.00."
        assert [(row.quantity, row.first.name, row.first.note) for row in till.order.priced.rows] == [
            (2, "Idly", ""),
            (3, "Tea", "less sugar"),
            (1, "Tea", ""),
        ]
        assert "table 5, eat in" in till.text()


async def test_a_table_that_till_2_has_open_is_added_to_without_taking_it(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tabs."
        kept = till.register.ledger.order(order.id)
        assert {row.first.name: row.quantity for row in kept.priced.rows} == {"Idly": 2, "Tea": 1}
        assert (kept.till, kept.hold) == (2, order.hold)


async def test_a_table_that_was_paid_meanwhile_keeps_the_lines_on_the_screen(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        on_till_2(tmp_path, lambda register: register.checkout.pay_exact(order.id).id, hours=3, minutes=34)
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}")
        assert till.answer() == "table 7 was paid on Till 2 at 14:05."
        assert till.lines() == {"Tea": 1}


async def test_two_tabs_of_one_name_are_listed_and_joined(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}tab 7{enter}")
        store.tabs = [row_of(order, till=None, till_name="")]
        await till.type("{f8}7")
        assert "2 tabs are table 7. Enter recalls this one, Tab joins them." in till.text()
        await till.type("{tab}")
        assert till.answer() == "Table 7 is one now: 2 lines, ₹100.00."
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert till.order.status is Status.ACTIVE
        left = {"Idly", "Tea"} - {row.first.name for row in till.register.ledger.order(order.id).priced.rows}
        assert till.order.id == order.id or left == {"Idly", "Tea"}


async def test_one_of_two_that_another_till_has_open_is_not_joined(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}tab 7{enter}")
        store.tabs = [row_of(order)]
        await till.type("{f8}7{tab}")
        assert till.answer() == "Table 7 is open on Till 2, cashier 2: save it there, then they are joined."
        assert till.register.ledger.find(order.id) is None
        assert till.shown is None


@pytest.mark.parametrize("size", SIZES)
async def test_thirty_tables_stand_on_one_screen_with_age_and_total(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_till(tmp_path, size) as till:
        await till.type(LOG_IN)
        for number in range(29, 0, -1):
            await till.type(f"{number} idly{{enter}}tab {number}{{enter}}")
            till.clock.pass_by(minutes=1)
        await till.type("2 idly{enter}tab Asha{enter}{f8}")
        text = till.text()
        for number in range(1, 30):
            assert f"{number * 40:,}.00" in text
        assert "Asha" in text
        assert "29 min" in text
        assert "table 1: cashier 1, 1 min, 1 line, ₹40.00" in text
        assert ("cashier 1" in "\n".join(till.rows()[5:20])) is (size[0] == 120)
        await till.type("{right}")
        moved = {80: "table 11: ", 120: "table 16: "}[size[0]]
        assert moved in till.text()
        await till.type("{f8}")
        assert "table 29: cashier 1, 29 min" in till.text()
        await till.type("{f8}3{enter}")
        assert till.answer() == "table 3 is here: 1 line, ₹120.00."
