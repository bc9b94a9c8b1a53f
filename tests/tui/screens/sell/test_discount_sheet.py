"""Discounts on a line or the order, at the counter: by name, by a figure, by words; beyond a limit by a PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, Till, a_till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.till.events import ApprovalGiven

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]
SENIOR = {"name": "Senior", "percent": "15", "by_hand": True}
LATE = {"name": "Late", "percent": "20", "by_hand": True, "hours": [{"from": "22:00", "to": "23:00"}]}


def offer(till: Till) -> None:
    """Name two discounts of the venue, of which one applies late in the evening."""
    version, body = till.journal.cached("settings") or (0, {})
    till.journal.cache("settings", version + 1, {**body, "promotions": [LATE, SENIOR]})
    till.register.reference_changed(["settings"])


def off(till: Till) -> list[tuple[str, str, str]]:
    """Return the kind, name and reason of each discount that counts."""
    return [(one.kind, one.name, one.reason) for one in till.order.counted_discounts]


@pytest.mark.parametrize("typed", ["senior", "SENIOR", "senior discount", "2 senior", "senior off order"])
async def test_name_of_a_discount_that_is_typed_at_the_order_names_its_key(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        offer(till)
        await till.type(LOG_IN + f"2 idly{{enter}}{typed}{{enter}}")
        assert till.answer() == "“Senior” is a discount: F3 gives it."
        assert (till.typed(), off(till)) == (typed, [])
        await till.type("{ctrl+u}seniors{enter}")
        assert till.answer() == "“seniors” is not on the menu. Type “menu” for the list."


@pytest.mark.parametrize("size", SIZES)
async def test_a_figure_and_a_reason_take_a_tenth_off_the_line(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}{f3}p10") as till:
        shown = " ".join(till.text().split())
        assert "Percent 10 % −8.00" in shown
        if size[0] < 100:  # the title has the amount
            assert "Discount 2 × Idly Whole order 80.00 −8.00 72.00" in shown
        else:
            assert "Discount This line Whole order Tab Why" in shown
            assert "Now 2 × Idly 80.00" in shown
            assert "GST 5 % included" in till.rows()[21]
            assert "3.43" in till.rows()[22], "of the 72.00 that are left"
        await till.type("{enter}2")
        assert "Enter takes ₹8.00 off Idly: waited long." in till.text()
        await till.type("{enter}")
        assert till.answer() == "₹8.00 off Idly. Ctrl+Z undoes it. Total ₹72.00."
        assert "waited long −8.00" in " ".join(till.text().split())
        assert (till.order.total, off(till)) == (7_200, [("discount", "", "waited long")])
        await till.type("{ctrl+z}")
        assert till.answer() == "The discount is off. Total ₹80.00."
        assert off(till) == []


@pytest.mark.parametrize("figure", ["10%", "%10", "90%", "7.5%", "1%"])
async def test_a_figure_before_its_percent_sign_is_a_percent(tmp_path: Path, figure: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "10 idly{enter}{f3}" + figure + "{enter}2{enter}") as till:
        taken = 40_000 * float(figure.strip("%")) / 100
        if figure == "90%":
            assert "A manager's number, then Enter." in till.text()
            await till.type("9{enter}9999{enter}")
        assert (till.order.total, off(till)) == (40_000 - taken, [("discount", "", "waited long")])


async def test_a_digit_without_a_row_is_refused_at_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f3}9") as till:
        assert "No row has that number." in till.text()


async def test_the_tax_under_the_figure_is_what_the_order_then_bears(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        await till.type(LOG_IN + "2 idly{enter}filter coffee{enter}{f3}{tab}p10")
        rows = [row[60:85].strip() for row in till.rows()[20:23]]
        assert rows[:2] == ["Then ₹", "GST 5 % included"]
        await till.type("{enter}1{enter}")
        assert rows[2].split()[0] == till.register.formats.amount(till.order.priced.tax)


async def test_tab_turns_to_the_whole_order_and_its_discount_is_the_last_line(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}filter coffee{enter}{f3}{tab}a5{enter}{f2}for Asha{enter}")
        assert till.answer().startswith("₹5.00 off the whole order.")
        rows = [" ".join(row.split()) for row in till.rows()]
        names = ("2 × Idly", "1 × Filter Coffee", "for Asha −5.00")
        places = [next(at for at, row in enumerate(rows) if name in row) for name in names]
        assert places == sorted(places)
        await till.type("{f9}{enter}{ctrl+n}")
        assert "Discount −5.00" in " ".join(till.text().split())


async def test_a_new_price_and_a_price_over_the_old_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f3}n41{enter}") as till:
        assert till.answer() == "A discount is more than 0. Type how much to take off."
        await till.type("{ctrl+u}37{enter}{f2}own words{enter}")
        assert (till.order.total, off(till)) == (3_700, [("discount", "", "own words")])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("a41", "₹41.00 is more than the price. Take off ₹40.00 at most."),
        ("p101", "Type 100 % or less."),
        ("a0", "A discount is more than 0. Type how much to take off."),
        ("aten", "“ten” is not an amount. Type it like 12.50."),
    ],
)
async def test_an_invalid_discount_is_refused_and_can_be_corrected(tmp_path: Path, keys: str, message: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f3}" + keys + "{enter}") as till:
        assert till.answer() == message
        assert off(till) == []
        await till.type("{backspace}" * 4 + "{escape}")
        assert till.order.total == 4_000


async def test_discount_for_some_items_is_not_given_on_the_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        version, body = till.journal.cached("settings") or (0, {})
        sweets = {"name": "Sweets", "percent": "50", "by_hand": True, "categories": ["Sweets"]}
        till.journal.cache("settings", version + 1, {**body, "promotions": [sweets]})
        till.register.reference_changed(["settings"])
        await till.type(LOG_IN + "2 idly{enter}{f3}{tab}1{enter}")
        assert till.answer() == "Sweets is for some items: Tab, then give it by line."
        assert off(till) == []


async def test_named_discount_is_given_once(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        offer(till)
        await till.type(LOG_IN + "2 idly{enter}{f3}2{enter}{f3}")
        assert "2 Senior ○ given" in " ".join(till.text().split())
        await till.type("2{enter}")
        assert till.answer() == "Senior is on this line already."
        await till.type("{tab}2{enter}")
        assert till.answer() == "Senior is on this order already."
        assert off(till) == [("discount", "Senior", "")]


async def test_more_than_the_role_may_asks_for_a_manager_in_place(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "idly{enter}{f3}1{enter}") as till:
        assert "▲ By a manager's PIN" in till.text()
        await till.type("{f2}food was awful{enter}")
        text = " ".join(till.text().split())
        assert "Act On the house, food was awful On 1 × Idly, 40.00 Asked by Asha" in text
        assert "A manager's PIN, for this one act −40.00" in text
        await till.type("2{enter}")
        assert till.answer() == "That needs a manager."
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "₹40.00 off Idly. Ctrl+Z undoes it. Total ₹0.00."
        assert off(till) == [("comp", "", "food was awful")]
        (given,) = [one.data for one in till.journal.unsent(100) if isinstance(one.data, ApprovalGiven)]
        assert (given.act, given.approved_by, given.amount) == ("comp", 9, "40.00")
        assert till.register.access.person is not None
        assert till.register.access.person.number == 1


async def test_more_of_what_is_on_the_house_asks_the_manager_again(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "idly{enter}{f3}1{enter}{f2}food was awful{enter}9{enter}9999{enter}{f6}3{enter}")
        assert "2 more × Idly, not at its price" in till.text()
        assert till.order.priced.pieces == 1
        await till.type("9{enter}9999{enter}")
        await till.settle()
        assert (till.order.priced.pieces, till.order.total) == (3, 0)
        await till.type("one more{enter}")
        assert till.order.total == 4_000


async def test_esc_at_the_manager_leaves_the_full_price(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f3}2{enter}{escape}") as till:
        assert (till.order.total, off(till), till.app.controller.sheets) == (4_000, [], [])


async def test_a_discount_of_the_venue_is_given_by_its_number_in_its_hours(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        offer(till)
        await till.type(LOG_IN + "idly{enter}{f3}1{enter}")
        assert till.answer() == "Late is not available now."
        await till.type("2{enter}")
        assert till.answer() == "₹6.00 off Idly. Ctrl+Z undoes it. Total ₹34.00."
        assert off(till) == [("discount", "Senior", "")]
        assert "Senior −6.00" in " ".join(till.text().split())


@pytest.mark.parametrize(
    ("words", "total"),
    [("10% off", 3_600), ("discount 5%", 3_800), ("4 off", 3_600), ("discount 4", 3_600), ("10 percent off.", 3_600)],
)
async def test_words_say_how_much_and_ask_why(tmp_path: Path, words: str, total: int) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}" + words + "{enter}") as till:
        assert till.order.total == 4_000
        await till.type("1{enter}")
        assert (till.order.total, off(till)) == (total, [("discount", "", "food was cold")])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("typed", ["10%", "10% off", "{f3}p10", "{f3}{tab}a5", "comp"])
async def test_an_enter_held_down_gives_no_discount(tmp_path: Path, typed: str, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}" + typed + "{enter}" * 9) as till:
        assert (till.order.total, off(till)) == (8_000, [])
        assert till.answer() == "A digit picks a reason."
        assert "Enter" not in till.rows()[-1]
        await till.type("{down}{down}")
        assert ": waited long." in till.text()
        assert "Enter Take off" in till.rows()[-1]


@pytest.mark.parametrize("keys", ["comp{enter}", "{f3}1{enter}", "{f3}2{enter}", "staff meal{enter}"])
async def test_deposit_is_not_on_the_house_and_no_reason_is_asked(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "deposit{enter}" + keys) as till:
        assert "Nothing to take off: a deposit or levy is never discounted." in " ".join(till.text().split())
        await till.type("1")
        assert "A digit picks a reason." not in till.text()
        assert off(till) == []


async def test_comp_and_staff_meal_are_words_too(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f12}9{enter}9999{enter}idly{enter}comp{enter}3{enter}") as till:
        await till.type("filter coffee{enter}staff meal{enter}{enter}")
        assert off(till) == [("comp", "", "not as ordered"), ("staff_meal", "", "")]
        assert "Staff meal" in till.text()
        assert not [one for one in till.journal.unsent(100) if isinstance(one.data, ApprovalGiven)]


@pytest.mark.parametrize("typed", ["10", "20", "125"])
async def test_a_figure_before_its_letter_picks_nothing_by_one_of_its_digits(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        offer(till)
        await till.type(LOG_IN + f"2 idly{{enter}}{{f3}}{typed}{{enter}}{{enter}}")
        assert till.answer() == "No row has that number. P begins a percent, A an amount off."
        assert off(till) == []
        await till.type("2{enter}")
        assert off(till) == [("discount", "Senior", "")], "one digit picks, as before"


@pytest.mark.parametrize(("pieces", "shown"), [(90, "On the house 100 % −3,600.00"), (900, "On the house −36,000.00")])
async def test_a_name_stands_whole_beside_a_large_amount(tmp_path: Path, pieces: int, shown: str) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=LOG_IN + f"{pieces} idly{{enter}}{{enter}}{{f3}}") as till:
        assert shown in " ".join(till.text().split())


async def test_without_a_line_there_is_nothing_to_take_off(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f3}") as till:
        assert till.answer() == "There are no lines yet. Type an item, then Enter."


async def test_a_promotion_that_is_met_is_shown_and_one_that_is_not_says_from_when(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        version, body = till.journal.cached("settings") or (0, {})
        early = {"name": "Early bird", "percent": "25"}
        till.journal.cache("settings", version + 1, {**body, "promotions": [early, LATE]})
        till.register.reference_changed(["settings"])
        await till.type(LOG_IN + "2 idly{enter}{f3}")
        shown = " ".join(till.text().split())
        assert "Now 2 × Idly 60.00" in shown
        assert "after Early bird −20.00" in shown
        assert "1 Late ○ from 22:00" in shown


async def test_backspace_at_the_pin_asks_for_another_number(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + "idly{enter}{f3}p50{enter}1{enter}9{enter}12{backspace}{backspace}{backspace}")
        assert "A manager's number, then Enter." in till.text()
        await till.type("9{enter}")
        assert "Number   9  Meena" in till.text()
        assert "Asha, who may give 10 %" in till.text()
        await till.type("9999{enter}")
        assert till.order.total == 2_000


async def test_narrow_discount_sheet_shows_the_side_that_is_asked(tmp_path: Path) -> None:
    async with a_till(tmp_path, (50, 16), typed=LOG_IN + "idly{enter}{f3}p5") as till:
        assert "Percent" in till.text()
        assert "waited long" not in till.text()
        await till.type("{enter}2")
        assert "waited long" in till.text()
        assert "Amount off" not in till.text()
        await till.resize(80, 24)
        assert "Amount off" in till.text()
        assert "Why" in till.text()
        await till.resize(50, 16)
        await till.type("{backspace}{backspace}")
        assert "Amount off" in till.text()


async def test_pieces_that_do_not_bear_what_a_line_does_are_reported_by_themselves(tmp_path: Path) -> None:
    """An amount off applies to the pieces that it was given on: one more piece is a row of its own, which is marked."""
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "2 idly{enter}{f3}a8{enter}1{enter}+{enter}") as till:
        assert till.answer() == "Added 1 × Idly. Total ₹112.00."
        await till.type("+{enter}")
        assert till.answer() == "Now 2 × Idly. Total ₹152.00."


@pytest.mark.parametrize(
    "typed", ["10%", "10% off order", "10% off the whole bill", "discount 10% on the order.", "12 off bill"]
)
async def test_a_discount_typed_for_the_order_is_for_the_order(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + f"2 idly{{enter}}2 tea{{enter}}{typed}{{enter}}1{{enter}}")
        assert till.answer().startswith("₹12.00 off the whole order.")
        assert "Whole order: food was cold −12.00" in " ".join(till.text().split())
        assert till.order.total == 10_800
