"""Choices of a line on their sheet (F2), asked at once where one is needed; guest, price, age and 86 at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, Till, a_reference, a_till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.sell.test_order_note import seen
from till.domain.order.events import AgeChecked, PriceOverridden
from till.domain.till.events import ItemMarked

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]
#: Mysore Masala Dosa: one of Spice, up to 3 of Extra, any of Without. Masala Dosa asks nothing.
ASKS = "14{enter}"
MANAGER = "9{enter}9999{enter}"


def rows(till: Till) -> list[tuple[int, str, list[str], str]]:
    return [
        (row.quantity, row.first.name, [one.name for one in row.first.modifiers], row.first.note)
        for row in till.order.priced.rows
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_a_required_choice_is_asked_at_once_and_two_digits_take_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}" + ASKS) as till:
        assert seen(till, "Note on 1 × Mysore Masala Dosa")
        assert seen(till, "▲ one of these")
        assert seen(till, "up to 3")
        await till.type("{enter}")
        assert till.answer() == "Spice is not chosen: 11 mild, 12 medium, 13 hot."
        await till.type("132122")
        assert seen(till, "13 ✓ hot")
        assert seen(till, "Note it +50.00")
        await till.type("well done{enter}")
        assert till.answer() == "1 × Mysore Masala Dosa: hot, extra ghee, cheese, well done. ₹145.00. Total ₹225.00."
        assert rows(till)[1] == (1, "Mysore Masala Dosa", ["hot", "extra ghee", "cheese"], "well done")
        assert seen(till, "+30.00")
        await till.type("{f9}{enter}")
        assert seen(till, "Paid ₹225.00, exact.")


async def test_cheaper_choice_of_a_sent_line_asks_for_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "masala dosa{enter}{f2}1{enter}tab 5{enter}tab 5{enter}{f2}1")
        await till.type("no onion{enter}")
        assert "A cheaper choice for Masala Dosa, after it was sent" in till.text()
        assert len(rows(till)[0][2]) == 1
        await till.type("{escape}")
        assert len(rows(till)[0][2]) == 1
        await till.type("{f2}1{enter}9{enter}9999{enter}")
        assert rows(till)[0][2] == []
        assert "Total ₹80.00." in till.answer()


async def test_digits_arrows_and_backspace_take_and_take_off(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "masala dosa{enter}{f2}12") as till:
        await till.type("{down} ")  # the third
        await till.type("4")
        assert "Up to 3. Take one off first." in till.text()
        await till.type("{backspace}5{enter}")
        assert rows(till) == [(1, "Masala Dosa", ["extra ghee", "cheese", "no onion"], "")]
        await till.type("{f2}15{escape}")
        assert rows(till)[0][2] == ["extra ghee", "cheese", "no onion"]
        await till.type("{f2}1{enter}{ctrl+z}")
        assert rows(till)[0][2] == ["extra ghee", "cheese", "no onion"]
        await till.type("{f2}{tab}window seat{enter}")
        assert till.order.note == "window seat"


async def test_backspace_takes_off_what_was_added_last_and_names_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "masala dosa{enter}{f2}12{enter}{f2}less oil{enter}{f2}{backspace}")
        assert till.answer() == "Less oil is off."
        await till.type("5{backspace}")
        assert till.answer() == "No onion is off."
        await till.type("{backspace}{enter}")
        assert rows(till) == [(1, "Masala Dosa", ["extra ghee"], "")]


async def test_an_item_on_a_sheet_that_opened_by_itself_is_asked_about(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + ASKS + "1321rava{enter}") as till:
        assert till.answer() == "Rava Dosa is an item. Enter: a note; Tab: the next item."
        assert rows(till) == [(1, "Mysore Masala Dosa", [], "")]
        await till.type("{tab}")
        assert rows(till) == [
            (1, "Mysore Masala Dosa", ["hot", "extra ghee"], ""), (1, "Rava Dosa", [], ""),
        ]  # fmt: skip
        await till.type(ASKS + "122 idly{enter}{enter}")
        assert rows(till)[2] == (1, "Mysore Masala Dosa", ["medium"], "2 idly")
        await till.type("masala dosa{enter}{f2}rava{enter}")
        assert rows(till)[3] == (1, "Masala Dosa", [], "rava")


async def test_wishes_stand_beside_the_choices_and_are_taken_off_like_them(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "masala dosa{enter}{f2}1well done{enter}") as till:
        assert rows(till) == [(1, "Masala Dosa", ["extra ghee"], "well done")]
        await till.type("{f2}8{enter}")
        assert rows(till) == [(1, "Masala Dosa", ["extra ghee"], "")]
        await till.type("{f2}99{enter}")
        assert "There is no 99 here." in till.text()


async def test_a_choice_that_is_typed_as_a_note_is_the_choice(tmp_path: Path) -> None:
    """The choice has its price: a free note would give it away."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + "masala dosa{enter}{f2}cheese{enter}{f2}cheese{enter}") as till:
        assert rows(till) == [(1, "Masala Dosa", ["cheese"], "")]
        for wish in ("with cheese", "extra cheese"):
            await till.type(f"{wish}{{enter}}")
            assert till.answer() == "“cheese” is a priced choice: F2. Enter again notes it."
            await till.type("{escape}")
        assert rows(till) == [(1, "Masala Dosa", ["cheese"], "")]
        await till.type("idly with cheese{enter}")
        assert "then the note “with cheese”" in till.answer()
        await till.type("{escape}masala dosa with cheese{enter}")
        assert till.answer() == "Type “masala dosa cheese”: it is a choice."


async def test_a_number_before_a_space_begins_a_wish(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "masala dosa{enter}{f2}12 spoons of sugar{enter}") as till:
        assert rows(till) == [(1, "Masala Dosa", ["extra ghee"], "2 spoons of sugar")]


async def test_a_hurried_hand_that_types_the_next_item_loses_neither_line(tmp_path: Path) -> None:
    """Typing on means the next item: both lines are on the order, and the first keeps its question until answered."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + ASKS + "2 idly{enter}tea{enter}") as till:
        assert [(row[0], row[1]) for row in rows(till)] == [(1, "Mysore Masala Dosa"), (2, "Idly"), (1, "Tea")]
        assert "▲ Spice: F2 asks" in till.text()
        await till.type("{f9}")
        assert "Spice of Mysore Masala Dosa is not chosen. Mark it, then F2." in till.text()
        await till.type("cash{enter}")
        assert "Spice of Mysore Masala Dosa is not chosen. Mark it, then F2." in till.text()
        await till.type("{escape}{f2}11{enter}{f9}{enter}")  # F2 goes to the line that asks
        assert "Paid" in till.text()


async def test_a_choice_typed_as_the_answer_keys_no_item_whose_name_it_begins(tmp_path: Path) -> None:
    reference = a_reference()
    lemon = {**reference["menu"]["items"][0], "id": "0197d6a0-0000-7000-8000-0000000000e9", "number": 9999}
    reference["menu"]["items"].append({**lemon, "name": "Hot Lemon", "barcodes": []})
    async with a_quiet_till(tmp_path, reference=reference, typed=LOG_IN + ASKS + "hot{enter}") as till:
        assert rows(till) == [(1, "Mysore Masala Dosa", ["hot"], "")]
        await till.type(ASKS + "hot lemon{enter}{escape}")
        assert [row[1] for row in rows(till)] == ["Mysore Masala Dosa", "Mysore Masala Dosa", "Hot Lemon"]


@pytest.mark.parametrize("answer", ["{f8}", "{down}", "11", "{enter}", " ", "{f9}"])
async def test_a_number_after_a_key_for_the_sheet_is_no_next_item(tmp_path: Path, answer: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + ASKS + answer + "4{enter}") as till:
        assert "There is no 4 here." in till.text()
        assert [row[1] for row in rows(till)] == ["Mysore Masala Dosa"]


async def test_a_scan_is_the_next_item_even_after_an_answer(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        code = next(iter(till.register.menu.by_barcode))
        await till.type(LOG_IN + ASKS + "{f8}" + code + "{enter}")
        assert len(rows(till)) == 2


async def test_text_that_is_corrected_is_still_the_next_item(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + ASKS + "3{backspace}4{enter}") as till:
        assert len(rows(till)) == 2


async def test_esc_leaves_the_line_and_says_so_and_several_are_asked_one_by_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + ASKS + "{escape}") as till:
        assert "Spice of Mysore Masala Dosa is not chosen. Mark it, then F2." in till.text()
        await till.type("{f7}1{enter}")
        await till.type("idly, mysore masala dosa, 2 mysore masala dosa{enter}12{enter}")
        assert [row[2] for row in rows(till)] == [[], ["medium"]]
        assert rows(till)[1][0] == 3


async def test_options_typed_with_the_item_are_not_asked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 mysore masala dosa hot cheese seat 2{enter}") as till:
        assert rows(till) == [(2, "Mysore Masala Dosa", ["hot", "cheese"], "")]
        assert "Added 2 × Mysore Masala Dosa. Total ₹250.00." in till.text()
        assert till.order.priced.rows[0].first.seat == 2
        await till.type("course 1{enter}")
        assert "2 × Mysore Masala Dosa, already keyed: guest 2, course 1." in till.text()
        await till.type("seat 0{enter}{ctrl+z}")
        assert "2 × Mysore Masala Dosa, already keyed: guest 2, course 1." in till.text()
        assert "guest 2 · course 1" in till.text()


async def test_a_course_is_fired_and_its_lines_say_when(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly course 1{enter}1 tea course 2{enter}1 filter coffee{enter}")
        assert "Fire 1" in till.text()
        await till.type("{ctrl+v}")
        assert "Course 1 is fired: 2 pieces." in till.text()
        lines = till.order.lines.values()
        at = {line.course: line.fired_at for line in lines}
        local = till.register.venue.local
        assert at[1] is not None
        assert f"course 1 · fired {local(at[1]):%H:%M}" in till.text()
        assert (at[2], at[None]) == (None, None)
        await till.type("fire course 1{enter}")
        assert "Course 1 is already fired." in till.text()
        await till.type("{escape}fire{enter}")
        assert "Course 2 is fired: 1 piece." in till.text()
        assert "Fire " not in till.text()
        await till.type("{ctrl+z}")
        assert "1 × Tea, already keyed: course 2." in till.text()
        assert "Fire 2" in till.text()


async def test_another_price_takes_a_reason_and_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}price 35{enter}") as till:
        assert "Idly at 35.00, not 40.00: why?" in till.text()
        await till.type("1{enter}")
        assert "Another price, promised price" in till.text()
        await till.type("1{enter}")
        assert "That needs a manager." in till.text()
        await till.type(MANAGER)
        assert "2 × Idly at 35.00 each, was 40.00. Total ₹70.00." in till.text()
        [event] = [e.data for e in till.journal.events_of(till.order.id) if isinstance(e.data, PriceOverridden)]
        assert (event.was, event.price, event.approved_by) == ("40.00", "35.00", 9)
        await till.type("{ctrl+z}")
        assert till.order.total == 8_000
        await till.type("price -5{enter}")
        assert till.order.total == 8_000


async def test_an_item_is_sold_out_and_back_with_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "86 idly{enter}") as till:
        assert "Sold out (86) at every till" in till.text()
        await till.type(MANAGER)
        assert "Idly is sold out. “back" in till.text()
        await till.type("idly{enter}")
        assert "Idly is sold out (86)." in till.text()
        await till.type("{escape}86 idly{enter}")
        assert "Idly is already sold out." in till.text()
        await till.type("{escape}back idly{enter}" + MANAGER + "idly{enter}")
        assert rows(till)[0][:2] == (1, "Idly")
        marks = [event.data for event in till.journal.unsent(100) if isinstance(event.data, ItemMarked)]
        assert [(one.sold_out, one.approved_by) for one in marks] == [(True, 9), (False, 9)]


async def test_an_age_is_asked_once_and_a_no_keeps_it_off(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        version, body = till.journal.cached("menu") or (0, {"items": []})
        items = [item | ({"age": 18} if item["name"] in {"Tea", "Idly"} else {}) for item in body["items"]]
        till.journal.cache("menu", version, {**body, "items": items})
        till.register.reference.forget(["menu"])
        await till.type(LOG_IN + "2 tea{enter}")
        assert "Is the guest 18 or older?" in till.text()
        assert "03/03/2008" in till.text()
        await till.type("2{enter}")
        assert "Not sold: the guest is not 18." in till.text()
        assert rows(till) == []
        await till.type("2 tea{enter}1{enter}idly{enter}")
        assert [(row[0], row[1]) for row in rows(till)] == [(2, "Tea"), (1, "Idly")]
        checks = [e.data for e in till.journal.events_of(till.order.id) if isinstance(e.data, AgeChecked)]
        assert [(one.years, one.passed) for one in checks] == [(18, False), (18, True)]


async def test_groups_that_do_not_fit_say_how_much_is_out_of_sight(tmp_path: Path) -> None:
    async with a_till(tmp_path, (80, 24), typed=LOG_IN + ASKS) as till:
        assert " below" not in till.text()
        await till.resize(80, 18)
        assert "↓ 3 below" in till.rows()[2]
        await till.type("{down}" * 9)
        assert "↑ 3 above" in till.rows()[2]
        assert seen(till, "33   no coconut")
        await till.type("{up}" * 9)
        assert "↓ 3 below" in till.rows()[2]
        assert seen(till, "▲ one of these")


async def test_a_pin_typed_after_its_sheet_closed_is_not_left_to_be_read(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}price 45{enter}1{enter}" + MANAGER) as till:
        assert not till.app.controller.sheets
        await till.type("9999{enter}")
        assert till.answer() == "No item has that number. Type “menu” for the list."
        assert (till.typed(), "9999" in till.text()) == ("", False)
        assert till.app.controller.register.typed.of(till.selling().user) == ""
