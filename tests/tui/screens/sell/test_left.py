"""The pieces left of a counted item, on the sell screen: counted, keyed, warned of, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tui.playing import LOG_IN, MORNING, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.sell.test_order_note import seen
from till.domain.structs import replace
from till.domain.till.events import ItemCounted
from till.ports import LightState

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

#: A manager counts three Idly.
COUNT = LOG_IN + "86 idly 3{enter}9{enter}9999{enter}"


def left(till: Till) -> dict[str, str]:
    menu = till.register.menu
    return {menu.by_id[item].name: words for item, words in menu.left.items()}


async def test_a_count_is_shown_on_the_menu_and_each_key_counts(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "86 idly 3{enter}") as till:
        assert "Sold out (86) at every till" in till.text()
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "3 × Idly can be sold. “back Idly” ends it."
        [event] = [event.data for event in till.journal.unsent(100) if isinstance(event.data, ItemCounted)]
        assert (event.left, event.keep, event.approved_by) == (3, False, 9)
        assert seen(till, "3 left")
        await till.type("2 idly{enter}")
        assert seen(till, "1 left")
        await till.type("{ctrl+z}")
        assert left(till) == {"Idly": "3 left"}
        await till.type("back idly{enter}9{enter}9999{enter}")
        assert left(till) == {}


async def test_a_person_is_warned_and_may_sell_more_than_was_counted(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=COUNT + "3 idly{enter}") as till:
        assert till.answer() == "Added 3 × Idly. Total ₹120.00. The last Idly."
        await till.type("one more{enter}")
        assert till.answer() == "Added 1 × Idly. Total ₹160.00. Idly −1: count again."
        await till.type("+2{enter}")
        assert till.answer().endswith("Idly −3: count again.")
        assert left(till) == {"Idly": "−3: count again"}
        await till.type("86 idly 5{enter}9{enter}9999{enter}")
        assert left(till) == {"Idly": "5 left"}


async def test_pieces_taken_off_are_back_unless_it_left_the_kitchen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=COUNT + "2 idly{enter}remove one idly{enter}") as till:
        assert left(till) == {"Idly": "2 left"}
        await till.type("{ctrl+z}")
        assert left(till) == {"Idly": "1 left"}
        await till.type("{f7}1{enter}")
        assert left(till) == {"Idly": "3 left"}
        await till.type("tea{enter}2 idly{enter}tab 5{enter}tab 5{enter}no idly{enter}1{enter}9{enter}9999{enter}")
        assert left(till) == {"Idly": "1 left"}


async def test_a_choice_is_sold_out_in_every_group_and_back(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=LOG_IN + "86 chees{enter}") as till:
        assert "No item" in till.answer() or "menu" in till.answer()
        await till.type("{escape}86 cheese{enter}9{enter}9999{enter}")
        assert till.answer() == "cheese is sold out. “back cheese” sells it again."
        await till.type("masala dosa cheese{enter}")
        assert till.answer() == "cheese is sold out (86). Choose another."
        await till.type("{escape}masala dosa{enter}{f2}")
        assert seen(till, "86 sold out")
        await till.type("12")
        assert seen(till, "cheese is sold out (86). Choose another.")
        await till.type("{escape}{escape}back cheese{enter}9{enter}9999{enter}masala dosa cheese{enter}")
        assert till.answer().startswith("Added 1 × Masala Dosa")


async def test_a_till_that_is_cut_off_says_about(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=COUNT + "idly{enter}") as till:
        light = till.register.light
        till.register.light_changed(replace(light, state=LightState.OFFLINE))
        assert left(till) == {"Idly": "about 2"}
        till.register.light_changed(light)
        assert left(till) == {"Idly": "2 left"}


async def test_a_count_that_cannot_be_read_is_skipped_alone_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_quiet_till(tmp_path) as till:
        idly, tea = (till.register.lookup.beginning(word, 1)[0].id for word in ("idly", "tea"))
        good = {"item": idly, "left": 3, "since": MORNING.isoformat(), "by": "e1"}
        bad: tuple[Any, ...] = (
            {**good, "item": tea, "left": "many"}, {**good, "item": 5}, {**good, "item": "old", "since": "never"},
            {**good, "item": "early", "since": "0001-01-01T00:00:00+23:59"}, {"item": "bare"}, None, 7,
        )  # fmt: skip
        for version in (1, 2):
            till.register.journal.cache("left", version, {"items": [*bad, good]})
            till.register.reference.forget(["left"])
            assert left(till) == {"Idly": "3 left"}
        named = [record.item for record in caplog.records if record.message == "count_not_read"]  # type: ignore[attr-defined]
        assert named == [tea, "5", "old", "early", "bare", "None", "7"]
        for body in ({}, {"items": 3}, {"items": "many"}):
            till.register.journal.cache("left", 3, body)
            till.register.reference.forget(["left"])
            assert left(till) == {}


async def test_person_is_told_when_another_till_took_the_last(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=COUNT + "2 idly{enter}tea{enter}") as till:
        item = next(one for one in till.register.menu.items if one.name == "Idly")
        row = {"item": item.id, "left": 1, "keep": False, "since": "2026-03-03T05:00:00Z", "by": "0"}
        for left, words in ((0, ""), (-1, "Idly −1: count again."), (-2, "")):
            await till.type("tea{enter}")
            till.register.journal.cache("left", 5 - left, {"items": [row | {"left": left}]})
            till.register.reference_changed(["left"])
            await till.settle()
            assert ("count again." in till.answer()) is bool(words), (left, till.answer())
