"""The shelf on the sell screen: words with the right of a manager, the figure of the server, and a till without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, MORNING, FakeStore, Till, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.stock.events import StockCounted, StockEvent, StockMoved
from till.domain.structs import replace
from till.ports import LightState, RemoteShelf

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = "9{enter}9999{enter}"


def a_shelf(*, cashiers: bool = False) -> dict[str, Any]:
    """Return the demo's reference with some of its menu on the shelf, and a part that nobody sells."""
    reference = a_reference()
    items = {one["name"]: one["id"] for one in reference["menu"]["items"]}
    kept = [{"id": items[name], "name": name, "places": ["Bar"], "unit": ""} for name in ("Idly", "Tea")]
    reference["stock"] = {"items": [*kept, {"id": "milk", "name": "Milk", "places": ["Cellar"], "unit": "ml"}]}
    if cashiers:
        reference["settings"]["cashier_may"] = "stock"
    return reference


def of_shelf(till: Till) -> list[StockEvent]:
    return [event.data for event in till.journal.unsent(200) if isinstance(event.data, StockEvent)]


async def test_a_delivery_of_a_cashier_waits_for_a_manager_and_is_answered(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), reference=a_shelf()) as till:
        await till.type(LOG_IN + "delivered 24 tea{enter}")
        assert "Put on the shelf" in till.text()
        assert "24 tea" in till.text()
        assert of_shelf(till) == []
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "Delivered: 24 × Tea."
        [event] = of_shelf(till)
        assert isinstance(event, StockMoved)
        assert (event.amount, event.approved_by) == (24, 9)
        await till.type("wasted 2 idly burnt{enter}{escape}")
        assert len(of_shelf(till)) == 1, "Esc on the question tells nothing"


async def test_a_count_works_offline_and_the_figure_says_why_it_cannot(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(cashiers=True)) as till:
        await till.type(LOG_IN + "2 tea{enter}")
        till.register.light_changed(replace(till.register.light, state=LightState.OFFLINE))
        await till.type("stock tea 31{enter}")
        assert till.answer() == "Counted: 31 × Tea."
        await till.type("stock tea{enter}")
        assert till.answer() == "The server knows it, and is away. Counts are kept."
        [event] = of_shelf(till)
        assert isinstance(event, StockCounted)
        assert till.lines() == {"Tea": 2}, "the order stays on the screen"


@pytest.mark.parametrize("size", [(80, 24), (40, 24)])
async def test_the_figure_of_the_server_is_said(tmp_path: Path, size: tuple[int, int]) -> None:
    reference = a_shelf(cashiers=True)
    tea = next(one["id"] for one in reference["stock"]["items"] if one["name"] == "Tea")
    store = FakeStore(on_shelf=[RemoteShelf(tea, 31, MORNING)])
    async with a_quiet_till(tmp_path, size, store=store, reference=reference) as till:
        await till.type(LOG_IN + "stock tea{enter}")
        assert till.answer() == "Tea: 31 on the shelf, counted 03/03/2026 10:31."
        store.away = True
        await till.type("stock tea{enter}")
        assert "31" not in till.answer()
        assert of_shelf(till) == []


async def test_the_words_are_found_in_the_list_of_commands(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf()) as till:
        await till.type(LOG_IN + "{ctrl+p}delivery{enter}")
        assert till.typed() == "delivered "
