"""A stocktake on the screen: blind, at once, left and gone on with, by two people, with its differences at the end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, MORNING, FakeStore, Till, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.stock.events import StockCounted
from till.domain.structs import replace
from till.ports import LightState, RemoteStocktake, SheetCount

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = "9{enter}9999{enter}"


def a_shelf(items: int = 3) -> dict[str, Any]:
    """Return a reference with items of the menu and milk in two places; the bar is the first of tea."""
    reference = a_reference()
    menu = [one for one in reference["menu"]["items"] if not one["unit"]][:items]
    kept = [{"id": one["id"], "name": one["name"], "places": ["Bar", "Cellar"], "unit": ""} for one in menu]
    reference["stock"] = {"items": [*kept, {"id": "milk", "name": "Milk", "places": ["Cellar"], "unit": "ml"}]}
    reference["settings"]["cashier_may"] = "stock"
    return reference


def counted(till: Till) -> list[tuple[str, int]]:
    names = {one["id"]: one["name"] for one in a_shelf(60)["stock"]["items"]}
    events = [event.data for event in till.journal.unsent(200) if isinstance(event.data, StockCounted)]
    return [(names[one.item_id], one.amount) for one in events]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 24)])
async def test_each_enter_counts_the_marked_item_and_marks_the_next(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=a_shelf(), typed=LOG_IN + "stocktake bar{enter}") as till:
        assert "Stocktake Bar" in till.text()
        await till.type("48{enter}")
        assert counted(till) == [("Idly", 48)]
        await till.type("20+12{enter}")
        assert counted(till) == [("Idly", 48), ("Masala Dosa", 32)]
        assert till.answer() == "Counted: 32 × Masala Dosa."
        assert "48  10:31 Asha" in till.text()
        await till.type("{enter}{enter}{escape}")
        assert len(counted(till)) == 2, "Enter alone counts nothing"


async def test_the_sheet_is_left_and_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf()) as till:
        await till.type(LOG_IN + "stocktake bar{enter}48{enter}{escape}2 idly{enter}")
        assert till.lines() == {"Idly": 2}, "the counter sells meanwhile"
    async with a_drawn_till(tmp_path, (80, 24), reference=a_shelf()) as till:
        await till.type(LOG_IN + "{escape}{escape}stocktake bar{enter}")
        assert "48  10:31 Asha" in till.text()
        await till.type("7{enter}")
        assert counted(till)[-1] == ("Masala Dosa", 7), "the first that is not counted is marked"


async def test_a_row_that_was_counted_says_so_and_replaces_or_adds(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf()) as till:
        await till.type(LOG_IN + "stocktake bar{enter}48{enter}idly{enter}50{enter}")
        assert till.answer() == "Counted 48 at 10:31. Enter replaces it; + adds."
        assert counted(till) == [("Idly", 48)]
        await till.type("{enter}")
        assert counted(till) == [("Idly", 48)], "an Enter too many replaces nothing"
        till.clock.pass_by(seconds=2)
        await till.type("{enter}")
        assert counted(till) == [("Idly", 48), ("Idly", 50)]
        await till.type("idly{enter}+12{enter}")
        assert counted(till)[-1] == ("Idly", 62)
        await till.type("idly{enter}9{enter}{up}{enter}")
        assert len(counted(till)) == 3, "an arrow forgets the doubt"


async def test_an_addition_in_the_cellar_keeps_the_look_of_the_bar(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=a_shelf()) as till:
        await till.type(LOG_IN + "stocktake cellar{enter}48{enter}")
        till.clock.pass_by(minutes=20)
        await till.type("idly{enter}+12{enter}")
        first, second = (e.data for e in till.journal.unsent(99) if isinstance(e.data, StockCounted))
        assert (first.seen_at, second.amount, first.sheet) == (None, 60, second.sheet)
        assert second.seen_at == "2026-03-03T05:01:00.000000Z", "the bar sells: its look counts"
        await till.type("{escape}stocktake bar{enter}48{enter}")
        till.clock.pass_by(minutes=20)
        await till.type("idly{enter}+12{enter}")
        last = [e.data for e in till.journal.unsent(99) if isinstance(e.data, StockCounted)][-1]
        assert (last.amount, last.seen_at) == (60, None), "the bar was looked at last"


async def test_names_units_and_what_is_not_there(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf()) as till:
        await till.type(LOG_IN + "stocktake cellar{enter}milk 2.5 l{enter}")
        assert till.answer() == "Counted: 2.500 l Milk."
        await till.type("{escape}stocktake bar{enter}milk{enter}")
        assert till.answer() == "Milk is not on this sheet."
        await till.type("{escape}{escape}stocktake roof{enter}")
        assert till.answer() == "Places: Bar, Cellar."
        await till.type("{escape}stocktake{enter}2{enter}")
        assert "Stocktake Cellar" in str(till.app.controller.top.head)  # type: ignore[union-attr]


async def test_two_people_count_on_one_sheet_and_the_later_look_counts(tmp_path: Path) -> None:
    reference = a_shelf()
    idly, dosa = (one["id"] for one in reference["stock"]["items"][:2])
    store = FakeStore()
    async with a_drawn_till(tmp_path, (80, 24), store=store, reference=reference) as till:
        await till.type(LOG_IN + "stocktake bar{enter}48{enter}")
        early, late = MORNING - timedelta(minutes=5), MORNING + timedelta(minutes=1)
        store.sheet = RemoteStocktake((SheetCount(idly, 3, early, "Ravi", 2), SheetCount(dosa, 20, late, "Ravi", 2)))
        till.register.server_answered()
        await till.settle()
        till.app.controller.paint()
        assert "48  10:31 Asha" in till.text(), "the look of five minutes before counts no more"
        assert "20  10:32 Ravi" in till.text()
        await till.type("{up}{up}dosa{enter}5{enter}")
        assert till.answer() == "Counted 20 at 10:32. Enter replaces it; + adds."


async def test_the_end_shows_the_differences_in_pieces_and_at_cost(tmp_path: Path) -> None:
    reference = a_shelf()
    idly, dosa, vada = (one["id"] for one in reference["stock"]["items"][:3])
    store = FakeStore()
    async with a_drawn_till(tmp_path, (80, 24), store=store, reference=reference) as till:
        await till.type(LOG_IN + "stocktake bar{enter}48{enter}20{enter}")
        store.sheet = RemoteStocktake((), {idly: (-3, "-37.5000"), vada: (0, "0")}, ("Till 2",))
        await till.type("{tab}")
        assert store.asked_sheets[-1][1] is True
        assert till.answer() == "1 difference: −₹37.50; not heard since: Till 2."
        rows = till.text()
        assert "−3" in rows
        assert "−₹37.50" in rows
        assert "the first count" in rows, dosa
        assert "not counted" in rows
        await till.type("{escape}5{enter}")
        assert len(counted(till)) == 3, "Esc goes on with the counts"


async def test_without_the_server_counts_are_kept_and_there_is_no_difference(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(away=True), reference=a_shelf()) as till:
        till.register.light_changed(replace(till.register.light, state=LightState.OFFLINE))
        await till.type(LOG_IN + "stocktake bar{enter}48{enter}{tab}")
        assert till.answer() == "Differences need the server. The counts are kept."
        assert counted(till) == [("Idly", 48)]


async def test_a_cashier_without_the_right_does_not_open_it(tmp_path: Path) -> None:
    reference = a_shelf()
    reference["settings"]["cashier_may"] = ""
    async with a_quiet_till(tmp_path, reference=reference, typed=LOG_IN + "stocktake bar{enter}") as till:
        assert till.answer() == "That needs a manager."
        await till.type("{escape}{f12}9{enter}9999{enter}stocktake bar{enter}48{enter}")
        assert counted(till) == [("Idly", 48)]


async def test_forty_items_fit_a_phone(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (40, 20), reference=a_shelf(40), typed=LOG_IN + "stocktake bar{enter}") as till:
        for place in range(40):
            await till.type(f"{place + 1}{{enter}}")
        assert [amount for _name, amount in counted(till)] == list(range(1, 41))
        assert "Tab End" in till.text()
        assert "↓ 31 below" in till.text()
        await till.type("{enter}")
        assert till.answer() == "Differences need the server. The counts are kept.", "Enter ends a full sheet"
        assert len(counted(till)) == 40
