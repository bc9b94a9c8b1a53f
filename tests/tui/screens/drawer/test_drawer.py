"""The drawer at the screen: the opening, movements, the count, X and the close."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.register.payments.scripted import UNKNOWN, Terminal
from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import beside, heard
from tests.tui.screens.sell.test_printing import begun
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.shift.events import CashMoved, DrawerCounted, MovementUndone, NumberedSum, ShiftClosed, ShiftOpened
from till.domain.structs import replace
from till.domain.till.events import DrawerOpened
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.screens.drawer.sheet import DrawerSheet

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.tui.playing import Till

FLOAT = LOG_IN + "{f11}{tab}100{enter}{enter}{enter}"
SALE = "2 idly{enter}{f9}100{enter}"
MANAGER = "9{enter}9999{enter}"
#: Through the ten notes and coins of the rupee: two of 50.00, one of 20.00, three of 10.00.
PIECES = "{enter}{enter}{enter}2{enter}1{enter}3{enter}{enter}{enter}{enter}{enter}"


def wrote(till: Till, kind: type[Any]) -> list[Any]:
    return [event.data for event in till.register.journal.unsent(5_000) if isinstance(event.data, kind)]


def cash(till: Till) -> int:
    return till.register.drawer.balance()[CASH]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_day_from_float_to_z_from_the_hints_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "{f11}") as till:
        assert "Count first." in till.text()
        await till.type("{tab}100{enter}{enter}")
        assert "the float" in till.text()
        assert "expected" not in till.text(), "nothing was expected of the first float"
        await till.type("{enter}" + SALE + "{f11}1{enter}20 milk{enter}")
        assert (till.answer(), cash(till)) == ("Paid out ₹20.00: milk.", 16_000)
        await till.type("{f11}")
        for text in ("Drawer", "Paid out", "−20.00", "Float", "100.00"):
            assert text in till.text(), text
        await till.type("n{enter}")
        assert till.answer() == "Open the drawer with its key. It is in the record."
        await till.type("{f11}x{enter}")
        assert "X: the shift so far" in till.text()
        assert "○ after the count" in till.text(), "a cashier does not read the cash"
        await till.type("{enter}2 tea{enter}{f11}z{enter}")
        assert "1 order is open here" in till.text()
        assert not wrote(till, ShiftClosed)
        await till.type("{enter}")
        assert "Z 1X0001-Z000001" in till.text()
        assert "○ after the count" in till.text()
        await till.type("{enter}")
        assert "Count first." in till.text()
        await till.type("{tab}159.50{enter}100{enter}2{enter}")
        assert "▼ 0.50 short" in till.text()
        assert "bank" in till.text()
        assert cash(till) == 10_000


@pytest.mark.parametrize("word", ["2 pint", "lemon", "n w"])
async def test_words_typed_on_the_drawer_open_nothing(tmp_path: Path, word: str) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "{f11}" + word + "{enter}") as till:
        assert wrote(till, DrawerOpened) == []
        await till.type("n{enter}")
        assert len(wrote(till, DrawerOpened)) == 1


async def test_the_close_asks_and_its_z_names_what_has_no_answer(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till, beside(till, Terminal().then(UNKNOWN)):
        await till.type(FLOAT + "1 idly{enter}")
        (order,) = till.register.ledger.open_orders()
        till.register.charges.ask(order.id, "CARD", Minor(2_200))
        await heard(till)
        await till.type("{escape}close{enter}")
        assert re.search(r"Without an answer \(1\) +22\.00", till.text())
        await till.type("{enter}")
        (z,) = wrote(till, ShiftClosed)
        assert z.unanswered == NumberedSum(number=1, amount="22.00")
        await till.type("{end}")
        assert re.search(r"Without an answer \(1\) +22\.00", till.text())


async def test_a_count_by_notes_and_coins(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f11}" + PIECES + "50{enter}the safe, bag 118{enter}") as till:
        (count,) = wrote(till, DrawerCounted)
        (row,) = count.counts
        assert (row.counted, row.taken, count.to, cash(till)) == ("150.00", "100.00", "the safe, bag 118", 5_000)
        assert {one.value: one.number for one in count.pieces} == {"50.00": 2, "20.00": 1, "10.00": 3}


async def test_a_low_screen_shows_all_of_a_count(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await till.type(LOG_IN + "{f11}{tab}12345{enter}12000{enter}the safe, bag 118{enter}")
        for text in ("12,345.00", "the float", "Goes to", "the safe, bag 118"):
            assert text in till.text(), text


async def test_a_count_of_no_piece_asks_for_a_second_enter_that_is_not_held_down(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f11}" + "{enter}" * 13) as till:
        assert till.answer() == "No note, no coin: is the drawer empty? Enter says yes."
        assert not wrote(till, DrawerCounted)
        till.clock.pass_by(seconds=3)
        await till.type("{enter}")
        assert [one.counts[0].counted for one in wrote(till, DrawerCounted)] == ["0.00"]


async def test_a_cashier_reads_the_cash_of_the_last_z_once_it_is_counted(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=FLOAT + SALE + "close{enter}{enter}{escape}x{enter}") as till:
        assert "Z 1X0001-Z000001" in till.text()
        assert "○ after the count" in till.text()
        await till.type("{enter}count 175{enter}{f11}{f11}")
        for text in ("Z 1X0001-Z000001", "Counted", "175.00", "The last Z"):
            assert text in till.text(), text
        await till.type("x{enter}")
        assert "○ after the count" not in till.text()
        assert "Cash in the drawer" in till.text()
        await till.type("{enter}" + SALE + "x{enter}")
        assert "X: the shift so far" in till.text()
        assert "○ after the count" in till.text()


async def test_a_count_is_blind_until_its_last_enter(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(FLOAT + "3 idly{enter}{f9}{enter}{f11}z{enter}{enter}{enter}{tab}213.25{enter}")
        assert not [one for one in ("220.00", "6.75") if one in till.text()]
        await till.type("{enter}")
        for text in ("213.25, expected 220.00", "▼ 6.75 short"):
            assert text in till.text(), text


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_count_after_a_sale_of_the_next_shift_is_the_evenings_and_says_so(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, typed=FLOAT + SALE) as till:
        assert "opened" not in till.answer()
        await till.type("close{enter}{enter}{escape}" + SALE)
        assert till.answer() == "Paid ₹80.00. Change ₹20.00. It opened the next shift."
        await till.type(SALE)
        assert till.answer() == "Paid ₹80.00. Change ₹20.00."
        await till.type("{f11}c{enter}")
        (closed,) = wrote(till, ShiftClosed)
        assert till.answer() == f"For Z {closed.number}. Since its close ₹160.00 came in."
        await till.type("{tab}330{enter}{enter}")
        for text in ("330.00, expected 340.00", "▼ 10.00 short", f"It belongs to Z {closed.number}."):
            assert text in till.text(), text
        evening, next_shift = (event.stream_id for event in till.register.journal.listed(ShiftOpened.listed)
                               if isinstance(event.data, ShiftOpened))  # fmt: skip
        assert [one.shift for one in till.register.drawer.status().counts] == [evening]
        assert till.register.ledger.shift == next_shift
        await till.type("{enter}{f11}")
        assert "Counted" in till.text()
        await till.type("{escape}z 1{enter}")
        assert f"Z {closed.number}" in till.text()
        assert "Cash in the drawer" in till.text(), "the drawer was counted since"
        await till.type("{escape}z 2{enter}")
        assert till.answer() == "No Z 2 on this till. See “till report z”."


async def test_another_kept_tender_is_counted_after_the_cash(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        hands = till.register.asker.tenders.hands.values()
        till.register.asker.tenders = Tenders([replace(one, opens_drawer=one.name in {CASH, "UPI"}) for one in hands])
        await till.type(LOG_IN + "{f11}{tab}100{enter}30{enter}{enter}")
        (count,) = wrote(till, DrawerCounted)
        assert {one.tender: (one.expected, one.counted) for one in count.counts} == {
            CASH: ("100.00", "100.00"),
            "UPI": ("0.00", "30.00"),
        }
        assert "▲ 30.00 over" in till.text()


async def test_a_count_by_word_ends_the_one_that_was_begun(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f11}{tab}70{enter}{escape}count 100{enter}") as till:
        assert len(wrote(till, DrawerCounted)) == 1
        assert till.app.controller.count_begun is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("abc{enter}", "How many? A whole number. Tab counts by one sum."),
        ("-2{enter}", "How many? A whole number. Tab counts by one sum."),
        ("1.5{enter}", "How many? A whole number. Tab counts by one sum."),
        ("{down}{down}{down}{down}{down}{down}{down}{down}{down}{down}{enter}", "This is not counted yet. Enter alone"),
        ("{tab}{enter}", "Type the cash that is in the drawer, then Enter."),
        ("{tab}abc{enter}", "abc"),
        ("{tab}100.005{enter}", "100.005"),
        ("{tab}-100{enter}", "A count is zero or more."),
        ("{tab}100{enter}100.01{enter}", "More would stay than was counted."),
        ("{tab}100{enter}40{enter}{up}{up}30{enter}{enter}", "More would stay than was counted."),
    ],
)
async def test_bad_figures_of_a_count_are_named_and_nothing_is_recorded(tmp_path: Path, typed: str, why: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f11}" + typed) as till:
        assert why in till.answer()
        assert not wrote(till, DrawerCounted)


@pytest.mark.parametrize("typed", ["count -5", "count 1.005", "float -1", "count 10 take 20"])
async def test_bad_figures_of_a_typed_count_are_refused(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + typed + "{enter}") as till:
        assert till.answer()
        assert not wrote(till, DrawerCounted)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("count abc", "Type the sum, as in “count 1342.50”. Or F11 counts it."),
        ("float ten", "Type the sum, as in “count 1342.50”. Or F11 counts it."),
        ("paid out milk", "Type the amount first: “paid out 20 milk”, “drop 500”."),
        ("drop", "Type the amount first: “paid out 20 milk”, “drop 500”."),
    ],
)
async def test_words_of_the_drawer_without_their_amount_show_the_form(tmp_path: Path, typed: str, why: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + typed + "{enter}") as till:
        assert till.answer() == why
        assert not wrote(till, ShiftOpened)


async def test_a_count_that_was_left_goes_on_and_names_what_moved_since(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(FLOAT + "{f11}c{enter}{tab}100{enter}{escape}" + SALE + "{f11}c{enter}")
        assert "100.00" in till.text()
        await till.type("{down}{enter}")
        assert till.answer() == "₹80.00 came in since you began. Counted with it? Enter."
        await till.type("{up}180{enter}{enter}" + MANAGER)
        assert "as it should be" in till.text()


async def test_a_movement_by_a_digit(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "{f11}2{enter}50 a debt{enter}") as till:
        assert [one.kind for one in wrote(till, CashMoved)] == ["float", "paid_in"]


@pytest.mark.parametrize("script", ["{f11}1{enter}500 taxi{enter}", "paid out 500 taxi{enter}"])
async def test_a_movement_beyond_the_balance_asks_for_a_second_enter(tmp_path: Path, script: str) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + script) as till:
        assert till.answer() == "More than should be in the drawer. Enter again does it."
        assert cash(till) == 10_000
        await till.type("{enter}")
        assert cash(till) == -40_000


@pytest.mark.parametrize(
    ("typed", "why"),
    [("milk", "milk"), ("-20 milk", "without a sign"), ("20", "Add what it was for"), ("0 milk", "Type an amount")],
)
async def test_a_movement_without_its_parts_keeps_the_text(tmp_path: Path, typed: str, why: str) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "{f11}1{enter}" + typed + "{enter}") as till:
        assert why in till.answer()
        top = till.app.controller.top
        assert isinstance(top, DrawerSheet)
        assert top.entry.text == typed
        assert len(wrote(till, CashMoved)) == 1


async def test_a_wrong_movement_is_undone_from_the_list(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "paid out 20 milk{enter}{f11}u{enter}1{enter}") as till:
        assert till.answer() == "Undone: Paid out ₹20.00. Both stay in the record."
        assert len(wrote(till, MovementUndone)) == 1
        assert cash(till) == 10_000


async def test_ctrl_z_after_a_movement_names_the_key_that_undoes_it_and_no_sale(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + SALE + "paid out 20 milk{enter}{ctrl+z}") as till:
        assert till.answer() == "Cash was moved last. F11, then U undoes it."
        await till.type("{f11}u{enter}1{enter}{ctrl+z}")
        assert till.answer() == "A sale was last. F10 refunds it."


@pytest.mark.parametrize(
    ("key", "kinds", "balance"), [("{enter}", ["float"], 9_000), ("b{enter}", ["float", "float"], 9_000)]
)
async def test_an_opening_that_differs_is_a_difference_or_was_taken_out(
    tmp_path: Path, key: str, kinds: list[str], balance: int
) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "close{enter}{enter}{enter}{tab}100{enter}{enter}{enter}") as till:
        till.clock.pass_by(hours=20)
        await till.type("{f12}" + LOG_IN + "{f11}{tab}90{enter}{enter}")
        assert "▼ ₹10.00 short" in till.text()
        assert len(wrote(till, DrawerCounted)) == 2
        await till.type(key)
        assert [one.kind for one in wrote(till, CashMoved)] == kinds
        assert cash(till) == balance
        expected = "90.00" if len(kinds) > 1 else "100.00"
        assert wrote(till, DrawerCounted)[-1].counts[0].expected == expected


async def test_a_till_without_a_kept_tender_has_no_drawer(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.asker.tenders = _none_kept(till)
        await till.type(LOG_IN + "{f11}")
        assert till.answer() == "This till has no drawer. Till 2 takes cash."


def _none_kept(till: Till) -> Tenders:
    return Tenders(till.register.asker.tenders.hands.values(), cash_at=2)


ASKED = "In the drawer now? F11 counts it."


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_sell_screen_asks_for_the_drawer_while_no_shift_is_open(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN) as till:
        assert ASKED in till.text()
        await till.type("2 idly")
        assert ASKED not in till.text(), "what is typed sells"
        await till.type("{enter}{f9}{enter}")
        assert wrote(till, ShiftOpened)
        await till.type("tea{enter}{escape}")
        assert ASKED not in till.text()
        await till.type("close{enter}{enter}{enter}{f11}{tab}80{enter}{enter}{enter}{escape}")
        assert ASKED not in till.text(), "this person counted it"
        till.clock.pass_by(hours=20)
        await till.type("{f12}" + LOG_IN + "{escape}")
        assert ASKED in till.text(), "the next morning"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_pay_without_a_drawer_waits_for_no_cash_and_names_the_other_keys(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        till.register.asker.tenders = Tenders((*BY_HAND, *till.register.asker.tenders.hands.values()), cash_at=2)
        await till.type(LOG_IN + "2 idly{enter}{f9}")
        assert "This till has no drawer. Till 2 takes cash." in till.text()
        for text in ("not taken yet", "Just Enter"):
            assert text not in till.text(), text
        await till.type("c")
        assert "not taken yet" in till.text()


async def test_a_till_without_a_kept_tender_does_not_ask(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        till.register.asker.tenders = _none_kept(till)
        await till.type(LOG_IN)
        assert ASKED not in till.text()


async def test_a_shift_left_open_past_its_day_is_named_at_login(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=FLOAT + "{f12}" + LOG_IN) as till:
        assert till.answer() == ""
        till.clock.pass_by(hours=24)
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == "The shift of 03/03/2026 10:31 is still open: F11, then Z."


@pytest.mark.parametrize(
    ("opened", "printer"),
    [("x{enter}", True), ("{f11}{tab}150{enter}{enter}", True), ("close{enter}{enter}", True), ("x{enter}", False)],
    ids=["X", "counted", "Z", "X without a printer"],
)
async def test_a_line_typed_on_a_sheet_that_only_tells_is_keyed_on_the_order(
    tmp_path: Path, opened: str, printer: bool
) -> None:
    async with a_quiet_till(tmp_path) as till:
        if printer:
            begun(till)
        await till.type(LOG_IN + "float 100{enter}" + SALE)
        if opened.startswith("{f11}"):
            await till.type("close{enter}{enter}{escape}")
        await till.type(opened + "2 idly{enter}")
        assert not till.app.controller.sheets
        assert [row.quantity for row in till.order.priced.rows] == [2]
        assert till.register.printing.queued() == {}


async def test_enter_after_the_close_opens_the_count(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "float 100{enter}" + SALE + "close{enter}{enter}") as till:
        assert "Count the drawer" in till.text()
        await till.type("{enter}{tab}170{enter}{enter}")
        assert "▼ 10.00 short" in till.text()
        assert [one.counts[0].counted for one in wrote(till, DrawerCounted)] == ["100.00", "170.00"]
