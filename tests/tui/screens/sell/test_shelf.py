"""The shelf on the sell screen: words with the right of a manager, the figure of the server, and a till without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, MORNING, FakeStore, Till, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.order.events import LineVoided
from till.domain.stock.events import StockCounted, StockEvent, StockMoved, StockReturned
from till.domain.structs import replace
from till.ports import LightState, RemoteShelf
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.stock.put_back import PutBackSheet

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
    async with a_drawn_till(tmp_path, (120, 36), reference=a_shelf(), typed=LOG_IN + "delivered 24 tea{enter}") as till:
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
    async with a_quiet_till(tmp_path, reference=a_shelf(cashiers=True), typed=LOG_IN + "2 tea{enter}") as till:
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
        assert till.answer() == "Tea: 31 on the shelf, counted at 10:31."
        store.away = True
        await till.type("stock tea{enter}")
        assert "31" not in till.answer()
        assert of_shelf(till) == []


async def test_the_words_are_found_in_the_list_of_commands(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=LOG_IN + "{ctrl+p}delivery{enter}") as till:
        assert till.typed() == "delivered "


#: Two tea, saved on table 5 and opened again: they are on the table. Tea is made by nobody.
ON_TABLE = LOG_IN + "2 tea{enter}idly{enter}tab 5{enter}tab 5{enter}"
#: Both are voided, with the second reason and a manager.
VOIDED = ON_TABLE + "no tea{enter}2{enter}9{enter}9999{enter}"


def put_back(till: Till) -> list[int]:
    return [event.amount for event in of_shelf(till) if isinstance(event, StockReturned)]


def asks(till: Till) -> bool:
    return isinstance(till.app.controller.top, PutBackSheet)


@pytest.mark.parametrize(
    ("keys", "amounts", "answer"),
    [
        ("y{enter}", [2], "Back on the shelf: 2 × Tea."),
        ("{down}{down}{enter}", [1], "Back on the shelf: 1 × Tea."),
        ("{enter}", [], "Void: 2 × Tea."),
        ("n{enter}", [], "Void: 2 × Tea."),
        ("{escape}", [], "Void: 2 × Tea."),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (40, 24)])
async def test_a_void_of_what_was_sent_asks_once(
    tmp_path: Path, size: tuple[int, int], keys: str, amounts: list[int], answer: str
) -> None:
    async with a_drawn_till(tmp_path, size, reference=a_shelf(), typed=VOIDED) as till:
        assert "Back on the shelf?" in till.text()
        assert "Yes: 2 × Tea" in till.text()
        await till.type(keys)
        assert not asks(till)
        assert put_back(till) == amounts
        assert till.answer().startswith(answer)
        assert till.lines() == {"Idly": 1}
        [void] = [event for event in till.journal.unsent(200) if isinstance(event.data, LineVoided)]
        assert all(event.of == void.id for event in of_shelf(till) if isinstance(event, StockReturned))


@pytest.mark.parametrize(
    ("keys", "lines"),
    [
        ("{enter}{enter}", {"Idly": 1}),
        ("2 idly{enter}", {"Idly": 3}),
        ("21{enter}", {"Idly": 1, "Filter Coffee": 1}),
        ("yog{escape}", {"Idly": 1}),
        ("{ctrl+z}", {"Idly": 1, "Tea": 2}),
        ("8901234500019{enter}", {"Idly": 1, "Water 1 l": 1}),
    ],
)
async def test_a_hurried_hand_is_not_trapped_and_says_nothing(tmp_path: Path, keys: str, lines: dict[str, int]) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=VOIDED) as till:
        assert asks(till)
        await till.type(keys)
        assert not asks(till)
        assert put_back(till) == []
        assert till.lines() == lines


async def test_keys_typed_ahead_reach_the_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=ON_TABLE) as till:
        till.burst("no tea{enter}2{enter}9{enter}9999{enter}3 idly{enter}{f9}")
        await till.settle()
        assert isinstance(till.scene, PayScene)
        assert put_back(till) == []


async def test_pay_is_one_key_away(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=VOIDED + "{f9}") as till:
        assert isinstance(till.scene, PayScene)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (LOG_IN + "2 tea{enter}idly{enter}no tea{enter}2{enter}", True),  # not sent
        (VOIDED, False),  # not kept
    ],
)
async def test_nothing_is_asked_of_what_did_not_leave_the_shelf(tmp_path: Path, typed: str, *, kept: bool) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf() if kept else a_reference(), typed=typed) as till:
        assert till.lines() == {"Idly": 1}
        assert not asks(till)


async def test_nothing_is_asked_of_what_a_station_makes(tmp_path: Path) -> None:
    reference = a_shelf()
    tea = next(one["id"] for one in reference["stock"]["items"] if one["name"] == "Tea")
    reference["settings"]["stations"] = [{"name": "Bar", "items": [tea]}]
    async with a_quiet_till(tmp_path, reference=reference) as till:
        till.register.kitchen.begin()
        await till.type(VOIDED)
        assert till.lines() == {"Idly": 1}
        assert not asks(till)


async def test_a_minus_and_a_clearing_ask_for_each_item(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=a_shelf()) as till:
        await till.type(ON_TABLE + "remove one tea{enter}2{enter}9{enter}9999{enter}")
        assert "Yes: 1 × Tea" in till.text()
        await till.type("y{enter}")
        assert put_back(till) == [1]
        await till.type("clear{enter}1{enter}{enter}9{enter}9999{enter}")
        assert "Only 1 × Tea" in till.text()
        assert "Only 1 × Idly" in till.text()
        await till.type("y{enter}")
        assert put_back(till) == [1, 1, 1]
        assert till.lines() == {}


async def test_a_refund_by_pieces_asks_and_one_by_amount_does_not(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=a_shelf()) as till:
        await till.type(LOG_IN + "2 tea{enter}{f9}{enter}{f10}{enter}{f7}{enter}" + MANAGER)
        assert asks(till)
        await till.type("y{enter}")
        assert put_back(till) == [1]
        assert till.answer() == "Back on the shelf: 1 × Tea."
        await till.type("amount 5{enter}{enter}1{enter}" + MANAGER)
        assert not asks(till)
        assert till.answer().startswith("Refunded ₹5.00")


async def test_a_word_says_it_later(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=LOG_IN + "put back{enter}") as till:
        assert till.answer() == "Nothing that was sent came off just now."
        await till.type("{escape}2 tea{enter}idly{enter}tab 5{enter}tab 5{enter}no tea{enter}2{enter}" + MANAGER)
        await till.type("{enter}put back 3{enter}")
        assert till.answer() == "How many of 2 × Tea?"
        await till.type("{escape}put back 1{enter}")
        assert till.answer() == "Back on the shelf: 1 × Tea."
        assert put_back(till) == [1]
        await till.type("put back{enter}")
        assert till.answer() == "Nothing that was sent came off just now."
        assert put_back(till) == [1], "once for each void"


async def test_a_word_says_it_later_of_a_minus_that_took_an_unsent_piece_too(tmp_path: Path) -> None:
    typed = LOG_IN + "tea{enter}idly{enter}tab 5{enter}tab 5{enter}tea{enter}-2 tea{enter}2{enter}" + MANAGER
    async with a_quiet_till(tmp_path, reference=a_shelf(), typed=typed) as till:
        assert asks(till)
        await till.type("n{enter}put back 1{enter}")
        assert till.answer() == "Back on the shelf: 1 × Tea."
        assert put_back(till) == [1]
