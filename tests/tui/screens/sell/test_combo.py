"""The sheet of a combo: slot by slot, by number and by name, back and away; nothing is keyed before the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_drawn_till
from tests.tui.screens.sell.test_order_note import seen

if TYPE_CHECKING:
    from pathlib import Path


def with_lunch() -> dict[str, dict[str, Any]]:
    """Return the demo's reference with a combo of three pieces."""
    reference = a_reference()
    ids = {item["name"]: item["id"] for item in reference["menu"]["items"]}
    mains = [{"item": ids[name]} for name in ("Pongal", "Set Dosa", "Poori Sagu")]
    drinks = [{"item": ids["Filter Coffee"]}, {"item": ids["Rose Milk"], "extra": "5.00"}]
    slots = [{"name": "Main", "of": mains, "pieces": 2}, {"name": "Drink", "of": drinks}]
    reference["settings"]["combos"] = [{"name": "Lunch", "price": "120.00", "number": 770, "slots": slots}]
    return reference


async def test_a_combo_is_chosen_slot_by_slot_and_keyed_at_the_last(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=with_lunch(), typed=LOG_IN + "lunch{enter}") as till:
        assert seen(till, "Lunch: Main, 1 of 3")
        await till.type("1{enter}poori{enter}")
        assert seen(till, "Lunch: Drink, 3 of 3")
        assert seen(till, "Set Dosa, Poori Sagu")
        assert seen(till, "Rose Milk")
        assert till.lines() == {}
        await till.type("{backspace}1{enter}rose{enter}")
        assert till.lines() == {"Set Dosa": 2, "Rose Milk": 1}
        assert till.answer() == "Added 2 × Set Dosa, 1 × Rose Milk. Total ₹125.00."


async def test_esc_keys_nothing_and_a_wrong_name_is_refused(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=with_lunch()) as till:
        await till.type(LOG_IN + "770{enter}4{enter}1{enter}coffeee{enter}")
        assert seen(till, "Nothing here begins with “coffeee”.")
        await till.type("4{enter}")
        assert seen(till, "Nothing here begins with “4”.")
        assert seen(till, "Lunch: Main, 2 of 3")
        await till.type("{escape}")
        assert till.lines() == {}


async def test_a_count_before_a_combo_says_to_take_one_at_a_time(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=with_lunch(), typed=LOG_IN) as till:
        for typed in ("2 lunch", "2 770", "two lunch"):
            await till.type(typed + "{enter}")
            assert till.answer().endswith("One Lunch at a time: type “Lunch”.")
            assert till.lines() == {}
            await till.type("{backspace}" * len(typed))


LUNCH = LOG_IN + "lunch{enter}1{enter}1{enter}rose{enter}"


async def test_a_surcharge_is_named_and_tearing_a_combo_says_what_the_others_cost(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=with_lunch(), typed=LUNCH) as till:
        assert seen(till, "Lunch, +5.00")
        await till.type("{f7}")
        assert seen(till, "Lunch is torn: the others cost 45.41 more.")
        await till.type("{escape}price 40{enter}")
        assert seen(till, "Lunch is torn: the others cost 45.41 more.")
        await till.type("{escape}comp{enter}")
        assert seen(till, "Lunch is torn: the others cost 45.41 more.")
        await till.type("{escape}{up}-{enter}")
        assert seen(till, "Take 1 × Set Dosa off")
        assert till.lines() == {"Set Dosa": 2, "Rose Milk": 1}
        await till.type("1{enter}")
        assert till.lines() == {"Set Dosa": 1, "Rose Milk": 1}


async def test_marking_a_piece_to_pay_marks_its_combo(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=with_lunch(), typed=LUNCH + "rose{enter}{f9}si") as till:
        await till.type("1")
        assert seen(till, "2 × Set Dosa, 1 × Rose Milk: ₹125.00.")
        await till.type("{down}-")
        assert seen(till, "Nothing is marked yet.")
        await till.type("+")
        assert seen(till, "1 × Rose Milk: ₹45.00.")
        await till.type("1{enter}")


async def test_sold_out_item_keeps_its_row_and_a_count_is_shown_before_the_choice(tmp_path: Path) -> None:
    reference = with_lunch()
    menu = reference["menu"]["items"]
    next(item for item in menu if item["name"] == "Pongal")["sold_out"] = True
    async with a_drawn_till(tmp_path, (80, 24), reference=reference) as till:
        await till.type(LOG_IN + "86 set dosa 1{enter}9{enter}9999{enter}lunch{enter}")
        assert seen(till, "1 left")
        await till.type("2{enter}")
        assert seen(till, "Pongal is sold out (86).")
        assert seen(till, "Lunch: Main, 1 of 3")
        await till.type("{backspace}1{enter}3{enter}1{enter}lunch{enter}")
        assert till.lines() == {"Set Dosa": 1, "Poori Sagu": 1, "Filter Coffee": 1}
        assert seen(till, "none left")
