"""The menu on the wide screen: items on sale now come first, and typing narrows it to those that match."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.tui.drawing.seeing import ground, ink, look
from tests.tui.playing import LOG_IN, a_reference, a_till
from tests.tui.quiet import a_drawn_till
from tests.tui.screens.sell.test_reduce import FACTS, SHOP, message_of, press, typed
from till.domain.catalogue.menu import read_menu
from till.domain.money.amount import Currency
from till.domain.order.selling import ItemEntry
from till.register.quick_entry.lookup import Lookup, prefix_spans
from till.tui.drawing.palette import Paint
from till.tui.screens.sell import acts
from till.tui.screens.sell.menu_board import MenuBoards, menu_board, menu_parts
from till.tui.screens.sell.state import Typing
from till.tui.shell.calls import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till
    from till.domain.catalogue.menu import Item
    from till.tui.drawing.viewmodels import Board
    from till.tui.screens.sell.menu_finder import MenuFinder
    from till.tui.screens.sell.state import SellFacts

WIDE = (120, 36)
MENU, FORMATS = FACTS.menu, FACTS.formats


def on_tuesday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=UTC)


def column(till: Till, at: int) -> list[str]:
    return [row[at : at + 29].strip() for row in till.rows()[5:31]]


def heads(board: Board) -> list[tuple[str, bool, int]]:
    return [(category.name, category.open, len(category.items)) for category in board.view.categories]


# Items on sale now.


def test_a_weighed_item_is_shown_with_its_unit() -> None:
    mixture = replace(SHOP.menu.by_plu[91], category=MENU.categories[0].id)
    board = menu_board(replace(MENU, items=(mixture,)), FORMATS, on_tuesday(12), None, None)
    assert [(item.name, item.price) for item in board.view.categories[0].items] == [("Mixture", "400.00/kg")]


def test_items_on_sale_come_first_and_the_rest_last() -> None:
    board = menu_board(MENU, FORMATS, on_tuesday(10, 31), None, None)
    assert [name for name, _open, _count in heads(board)] == [
        *("Breakfast", "Drinks", "Sweets", "Extras"),
        *("Lunch", "Evening"),
    ]
    assert board.view.later == 2
    assert len(board.item_ids) == len(set(board.item_ids)) == len(MENU.items)


def test_items_with_hours_of_their_own_stand_with_what_is_sold_now() -> None:
    board = menu_board(MENU, FORMATS, on_tuesday(13), None, None)
    assert heads(board) == [
        *(("Breakfast", False, 2), ("Lunch", True, 8), ("Drinks", True, 10), ("Sweets", True, 7), ("Extras", True, 9)),
        *(("Breakfast", False, 14), ("Evening", False, 12)),
    ]
    assert len(set(board.item_ids)) == len(MENU.items)
    assert MENU.by_id[board.item_ids[board.view.home]].name == "Meals"
    (alone,) = menu_board(MENU, FORMATS, on_tuesday(13), MENU.categories[0].id, None).view.categories
    assert len(alone.items) == 16


def test_the_parts_of_the_menu_stand_in_the_same_order() -> None:
    parts = menu_parts(MENU, on_tuesday(13))
    assert [part.name for part in parts.now] == ["Breakfast", "Lunch", "Drinks", "Sweets", "Extras"]
    assert [part.name for part in parts.later] == ["Evening"]
    boards = MenuBoards()
    assert boards.parts(MENU, on_tuesday(13)) is boards.parts(MENU, on_tuesday(13, 1))


def test_items_sold_on_other_days_say_so() -> None:
    body = a_reference()["menu"]
    (evening,) = (category for category in body["categories"] if category["name"] == "Evening")
    for part in body["dayparts"]:
        if part["name"] == evening["daypart"]:
            part["days"] = [6, 7]
    menu = read_menu({**body, "version": 1}, Currency("INR"))
    board = menu_board(menu, FORMATS, on_tuesday(16), None, None)
    assert [category.note for category in board.view.categories if category.name == "Evening"] == ["○ not today"]
    boards = MenuBoards()
    saturday = on_tuesday(16) + timedelta(days=4)
    assert boards.parts(menu, on_tuesday(16)) is not boards.parts(menu, saturday)
    assert [part.name for part in boards.parts(menu, saturday).later] != [
        part.name for part in menu_parts(menu, on_tuesday(16)).later
    ]


async def test_a_planned_price_and_an_hour_that_comes_are_shown_without_a_key(tmp_path: Path) -> None:
    reference = a_reference()
    first = reference["menu"]["items"][0]
    first["prices"] = [{"from": "2026-03-03T05:03:00Z", "price": "43.50"}]
    async with a_drawn_till(tmp_path, WIDE, reference=reference, typed=LOG_IN) as till:
        assert column(till, 59)[1].endswith("40.00")
        till.clock.pass_by(minutes=2)
        till.app._tick()
        await till.settle()
        assert column(till, 59)[1].endswith("43.50")
        await till.type(f"{first['plu']}{{enter}}")
        assert "43.50" in "\n".join(till.rows())
        till.clock.pass_by(hours=1)
        till.app._tick()
        await till.settle()
        assert column(till, 59)[0] == "Breakfast     ○ ended 11:30"


async def test_board_shows_the_prices_of_the_orders_type(tmp_path: Path) -> None:
    reference = a_reference()
    first = reference["menu"]["items"][0]
    first["by_type"] = {"dine_in": {"price": "45.00"}}
    async with a_drawn_till(tmp_path, WIDE, reference=reference, typed=LOG_IN) as till:
        assert column(till, 59)[1].endswith("40.00")
        await till.type("eat in{enter}")
        assert column(till, 59)[1].endswith("45.00")
        await till.type("idl")
        assert column(till, 59)[1].endswith("45.00")
        await till.type("{escape}take away{enter}{f4}")
        assert column(till, 59)[1].endswith("40.00")
    async with a_drawn_till(tmp_path / "narrow", (80, 24), reference=reference) as till:
        await till.type(LOG_IN + "eat in{enter}{f4}")
        assert "45.00" in "\n".join(till.rows())


async def test_the_price_of_a_happy_hour_is_shown_while_it_lasts(tmp_path: Path) -> None:
    reference = a_reference()
    first = reference["menu"]["items"][0]
    hours = [{"from": "10:33", "to": "11:00"}]
    happy = {"name": "Happy hour", "items": [first["id"]], "percent": "20", "hours": hours}
    several = {"name": "Three for two", "items": [first["id"]], "buy": 2, "get": 1}
    reference["settings"]["promotions"] = [happy, several]
    async with a_drawn_till(tmp_path, WIDE, reference=reference, typed=LOG_IN) as till:
        assert column(till, 59)[1].endswith("40.00")
        till.clock.pass_by(minutes=2)
        till.app._tick()
        await till.settle()
        assert column(till, 59)[1].endswith("32.00")
        await till.type("idly")
        assert "Tab  Idly 32.00" in till.text()
        await till.type("{enter}")
        assert till.answer().endswith("Total ₹32.00.")
        till.clock.pass_by(minutes=30)
        till.app._tick()
        await till.settle()
        assert column(till, 59)[1].endswith("40.00")


async def test_the_first_page_is_what_is_sold_now_and_counts_the_rest(tmp_path: Path) -> None:
    async with a_till(tmp_path, WIDE, typed=LOG_IN) as till:
        left, right = column(till, 59), column(till, 90)
        assert (left[0], left[18]) == ("Breakfast       until 11:30", "Sweets")
        assert (right[0], right[12]) == ("Drinks", "Extras")
        assert right[22:] == [
            "",
            "Lunch          ○ from 12:00",
            "Evening        ○ from 15:30",
            "F4          20 not sold now",
        ]
        cells = look(till.app)
        assert ink(cells[28][91][1]) == ink(cells[2][110][1]) == "#7d8694"
        await till.type("{f4}")
        assert column(till, 90)[25] == "PgDn        20 not sold now"
        await till.type("{pagedown}")
        assert column(till, 59)[0] == "Lunch          ○ from 12:00"
        await till.type("{right}{right}{right}{right}{right}")
        assert column(till, 59)[1].startswith("▌41 Meals")
        assert "0 not sold now" not in till.text()  # a part of the menu has no rest


async def test_the_band_of_the_menu_begins_a_column_before_its_text(tmp_path: Path) -> None:
    async with a_till(tmp_path, WIDE, typed=LOG_IN + "{f4}") as till:
        cells = look(till.app)
        assert till.rows()[6][59:].startswith("▌ 1 Idly")
        assert ground(cells[6][59][1]) == ground(cells[6][87][1]) == "#15323b"
        assert ground(cells[6][88][1]) != "#15323b"


@pytest.mark.parametrize("typed_for", ["bajji", "vada"])
async def test_items_not_on_sale_are_reported_without_alarm(tmp_path: Path, typed_for: str) -> None:
    async with a_till(tmp_path, typed=LOG_IN + f"{typed_for}{{enter}}") as till:
        rows = [row for row in look(till.app) if any(char == "○" for char, _style in row)]
        assert not any(style.bold for row in rows for char, style in row if char in "○:")


# Matches of the typed text.


def finder(room: int = 50, facts: SellFacts = FACTS) -> MenuFinder:
    return MenuBoards().finder(facts.menu, facts.formats, facts.now, facts.lookup, room)


def test_fitting_items_stand_in_the_order_of_the_board_and_all_are_counted() -> None:
    found = finder().fitting("2 dos")
    assert found is not None
    assert (found.words, found.count, found.sold, found.asks) == ("dos", 8, 7, True)
    assert heads(found.board) == [("Breakfast", True, 7), ("Evening", False, 1)]
    assert found.board.view.found == (8, 62)
    assert found.board.view.categories[0].items[0].marks == ((7, 10),)
    assert [MENU.by_id[item_id].name for item_id in found.board.item_ids][-1] == "Neer Dosa"


@pytest.mark.parametrize("text", ["12", "2 12", "xyzzy", "tab 7", "cash 500", "no dosa"])
def test_numbers_phrases_and_what_is_on_no_menu_leave_the_board_whole(text: str) -> None:
    assert finder().fitting(text) is None


@pytest.mark.parametrize("text", ["idly", "tea", "2 masala dosa"])
def test_an_item_named_exactly_is_not_asked_about(text: str) -> None:
    found = finder().fitting(text)
    assert found is not None
    assert not found.asks


def test_menu_board_builds_one_page_of_ten_thousand_items() -> None:
    body = a_reference()["menu"]
    item = next(one for one in body["items"] if one["name"] == "Tea")
    body["items"] = [
        {**item, "id": f"i{n}", "plu": n, "name": f"Dish {n}", "aliases": [], "barcodes": []} for n in range(1, 10_001)
    ]
    menu = read_menu(body, Currency("INR"))
    facts = replace(FACTS, menu=menu, lookup=Lookup(menu))
    found = finder(50, facts).fitting("dish")
    assert found is not None
    assert (found.count, len(found.board.item_ids)) == (10_000, 50)
    assert sum(len(category.items) for category in found.board.view.categories) == 50
    found = finder(50, facts).fitting("dish 9999")
    assert found is not None
    assert (found.count, found.board.item_ids) == (1, ("i9999",))


def test_the_beginnings_of_words_are_what_was_typed() -> None:
    assert prefix_spans("Mysore Masala Dosa", "ma do") == ((7, 9), (14, 16))
    assert prefix_spans("Crème Brûlée", "creme bru") == ((0, 5), (6, 9))
    assert prefix_spans("Buttermilk", "majjige") == ()


# ↑ ↓, Tab and Enter.

FOUND = replace(FACTS, finder=finder())


def named(name: str) -> Item:
    return next(item for item in MENU.items if item.name == name)


def test_enter_alone_asks_and_takes_what_was_marked() -> None:
    state, asked = press(typed("2 dos"), "enter", facts=FOUND)
    assert not any(one.act is acts.add for one in asked)
    _state, asked = press(typed("2 dos"), "down", "down", "up", "enter", facts=FOUND)
    assert asked == [call(acts.mark_sending, "2 dos"), call(acts.add, ItemEntry(named("Plain Dosa"), 2))]
    state, asked = press(typed("dos"), "up", "enter", facts=FOUND)
    assert asked == [call(acts.mark_sending, "dos"), call(acts.add, ItemEntry(named("Masala Dosa"), 1))]
    assert (state.marked, state.entry.text) == (None, "")


def test_the_mark_stops_at_the_last_of_what_fits() -> None:
    state, _asked = press(typed("dos"), *["down"] * 20, facts=FOUND)
    assert state.marked is not None
    assert MENU.by_id[state.marked.item_id].name == "Neer Dosa"


def test_a_mark_is_for_what_was_typed_and_no_more() -> None:
    state, _asked = press(typed("dos"), "down", "a", "backspace", facts=FOUND)
    assert state.marked is None
    state, _asked = press(typed("dos"), "down", "escape", facts=FOUND)
    assert (state.marked, state.entry.text, state.mode) == (None, "", Typing())


def test_tab_takes_what_is_marked_and_then_goes_on() -> None:
    state, _asked = press(typed("2 dos"), "down", "down", "tab", facts=FOUND)
    assert state.entry.text == "2 Rava Dosa"
    state, _asked = press(state, "tab", facts=FOUND)
    assert state.entry.text == "2 Set Dosa"
    state, asked = press(state, "enter", facts=FOUND)
    assert asked == [call(acts.mark_sending, "2 Set Dosa"), call(acts.add, ItemEntry(named("Set Dosa"), 2))]


def test_many_pieces_of_what_is_marked_are_asked_back() -> None:
    state, asked = press(typed("300 dos"), "down", "enter", facts=FOUND)
    assert (asked, message_of(state)) == ([], "300 × Plain Dosa, ₹18,000.00? Enter again keys it.")
    _state, asked = press(state, "enter", facts=FOUND)
    assert asked == [call(acts.mark_sending, "300 dos"), call(acts.add, ItemEntry(named("Plain Dosa"), 300))]


def test_without_a_board_the_arrows_choose_a_line() -> None:
    state, _asked = press(typed("dos"), "down", facts=FACTS)
    assert state.marked is None


async def test_typing_leaves_what_fits_and_marks_what_was_typed(tmp_path: Path) -> None:
    async with a_till(tmp_path, WIDE, typed=LOG_IN + "rava dosa{enter}2 dos") as till:
        left, right, rows = column(till, 59), column(till, 90), till.rows()
        assert left[:2] == ["Breakfast       until 11:30", "▌ 2 Masala Dosa        80.00"]
        assert left[9:11] == ["Evening        ○ from 15:30", "78 Neer Dosa          65.00"]
        assert right[:2] == ["8 of 62 items", "Esc All of them"]
        assert rows[32][60:] == "8 items match “dos”, 7 on sale now. Enter to choose."
        assert rows[33] == "    Tab  2 × Masala Dosa 160.00" + 29 * " " + "↑↓ moves the mark, and Enter takes it then."
        cells = look(till.app)
        assert [char for char, style in cells[7][60:87] if style.underline] == list("Dos")
        assert ground(cells[6][59][1]) == ground(cells[6][87][1]) == "#15323b"
        assert ink(cells[15][65][1]) == "#7d8694"
        await till.type("{down}{down}")
        assert column(till, 59)[3] == "▌ 5 Rava Dosa          90.00"
        assert till.rows()[32][60:] == "Enter keys 2 × Rava Dosa."
        await till.type("{enter}")
        assert till.lines() == {"Rava Dosa": 3}
        assert column(till, 59)[1] == "1 Idly               40.00"
        assert till.rows()[32][60:].startswith("Added 2 × Rava Dosa.")


async def test_esc_shows_all_of_them_and_a_number_filters_nothing(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, WIDE, typed=LOG_IN + "2 do{escape}") as till:
        assert column(till, 59)[1] == "1 Idly               40.00"
        await till.type("12")
        assert column(till, 59)[1] == "1 Idly               40.00"
        await till.type("{escape}")
        assert "Tab " not in till.text()


async def test_tab_moves_the_band_from_one_to_the_next(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, WIDE, typed=LOG_IN + "2 do{tab}") as till:
        assert till.typed() == "2 Masala Dosa"
        assert column(till, 59)[1] == "▌ 2 Masala Dosa        80.00"
        await till.type("{tab}")
        assert column(till, 59)[2] == "▌ 4 Plain Dosa         60.00"
        await till.type("{enter}")
        assert till.lines() == {"Plain Dosa": 2}


async def test_quick_typing_never_waits_for_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_till(tmp_path, WIDE, typed=LOG_IN) as till:
        calm = asyncio.Event()
        monkeypatch.setattr(till.app._idle, "calm", calm.wait)
        board = till.selling().screen.board.view
        till.burst("2 dos{down}{enter}2 idly{enter}tea")
        await till._turn()
        assert till.selling().screen.board.view is board
        assert till.lines() == {"Plain Dosa": 2, "Idly": 2}
        calm.set()
        await till.settle()
        assert column(till, 59)[0] == "Drinks"
        assert column(till, 59)[1] == "▌22 Tea                20.00"


async def test_a_notice_to_be_read_stands_while_an_item_is_typed(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, WIDE, typed=LOG_IN + "meals{enter}dos") as till:
        assert "Meals is sold 12:00 to 15:30." in till.rows()[32]
        assert column(till, 90)[0] == "8 of 62 items"


async def test_a_menu_that_is_walked_is_whole_whatever_is_typed(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, WIDE, typed=LOG_IN + "dos{f4}") as till:
        assert column(till, 59)[1] == "▌ 1 Idly               40.00"
        await till.type("{escape}")
        assert column(till, 59)[1] == "▌ 2 Masala Dosa        80.00"


async def test_read_aloud_the_board_stays_as_it_is(tmp_path: Path) -> None:
    async with a_till(tmp_path, WIDE, paint=Paint(plain=True), typed=LOG_IN + "dos") as till:
        assert "Idly" in till.rows()[6]
        assert "Tab  Masala Dosa 80.00   Plain Dosa 60.00" in till.text() or "Plain Dosa 60.00" in till.rows()[33]


async def test_a_till_that_closes_before_the_board_is_made_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_till(tmp_path, WIDE, typed=LOG_IN) as till:
        monkeypatch.setattr(till.app._idle, "calm", asyncio.Event().wait)
        till.burst("dos")
        await till._turn()
        assert till.app.controller.is_due
        for work in list(till.app._works):
            work.cancel()
    assert till.app.trouble is None
