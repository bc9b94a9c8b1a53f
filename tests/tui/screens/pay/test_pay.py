"""Payment: cash with change, notes, a card, a part of each; the receipt stays until the next line."""

import re
from pathlib import Path

import pytest

from tests.tui.playing import LOG_IN, a_till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.sell.test_sell import MANY
from tests.tui.screens.split.test_split import rounds
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.payment.events import PaymentVoided
from till.domain.till.events import ApprovalGiven
from till.ports import TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.screen import SellScreen

ORDER = LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}"


async def test_cash_with_change(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), typed=ORDER + "{f9}") as till:
        rows = till.rows()
        assert rows[2].startswith("   Pay  4 items")
        assert rows[5][:57].rstrip() == "   Total                                         240.00"
        assert rows[7][:57].rstrip() == "   1  Cash       ○ not taken yet                 240.00"
        assert rows[35].endswith("Enter Take cash 240.00")
        await till.type("500")
        assert "Enter takes ₹500.00 in cash. Change ₹260.00." in till.text()
        assert "1 × 200   1 × 50   1 × 10" in till.text()
        await till.type("{enter}")
        assert "Paid ₹240.00. Change ₹260.00." in till.text()
        assert "   Cash                                          500.00" in till.text()
        assert "   Change                                       −260.00" in till.text()
        assert "1 × 200   1 × 50   1 × 10" in till.text()


@pytest.mark.parametrize("way", ["", "c"])
async def test_a_bill_of_the_demo_is_rounded_to_the_rupee(tmp_path: Path, way: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "upma{enter}10%{enter}1{enter}{f9}" + way) as till:
        assert till.order.total == 4_050
        assert "41.00" in till.text()
        await till.type("{enter}")
        assert till.answer().startswith("Paid ₹41.00")
        placed = till.journal.numbered(1)[0].data
        assert (placed.total, placed.rounding) == ("40.50", "0.50")
        assert {"Rounding", "0.50", "TOTAL  ₹", "41.00"} <= {*till.text().split("\n")}


@pytest.mark.parametrize(
    ("typed", "sums"),
    [
        ("10{enter}{enter}", [("To pay", "41.00"), ("Paid", "10.00")]),
        ("10c{enter}c", [("To pay", "41.00"), ("Paid", "10.00")]),
        ("p5{enter}", [("To pay with the tip", "46.00"), ("Paid", "0.00")]),
    ],
)
async def test_the_sum_to_pay_is_the_rounded_bill(tmp_path: Path, typed: str, sums: list[tuple[str, str]]) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "upma{enter}10%{enter}1{enter}{f9}" + typed) as till:
        shown = [" ".join(row[:57].split()) for row in till.rows()]
        assert [one for one in shown if one.startswith(("To pay", "Paid"))] == [f"{word} {sum_}" for word, sum_ in sums]


#: The cells of the facts of the order, left of its large figure, by the size of the screen.
FACTS_IN = {(80, 24): 38, (100, 30): 31, (120, 36): 57}


@pytest.mark.parametrize("size", FACTS_IN)
@pytest.mark.parametrize(
    ("given", "coins"), [("675.50", "2×200 20 10 5 0.50"), ("1128.50", "500 200 100 50 20 10 5 2 1 0.50")]
)
async def test_the_coins_of_long_change_are_not_cut(
    tmp_path: Path, size: tuple[int, int], given: str, coins: str
) -> None:
    async with a_drawn_till(tmp_path, size, typed=ORDER + "{f9}" + given) as till:
        foot = [row[: FACTS_IN[size]] for row in till.rows()[-18:]]
        shown = " ".join(re.findall(r"[0-9.×]+", " ".join(foot).replace("2 × 200", "2×200").replace("1 × ", "")))
        assert coins in shown


async def test_luncheon_vouchers_with_change(tmp_path: Path) -> None:
    """A tender by hand with change: the screen shows its change like that of cash, and so does the receipt."""
    lunch = TenderTraits(
        name="LUNCH", label="Luncheon voucher", key="l", by_hand=True, gives_change=True, opens_drawer=True
    )
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        till.register.asker.begin(Tenders([*BY_HAND, lunch]))
        await till.type(ORDER + "{f9}l500")
        assert "Enter takes ₹500.00 by luncheon voucher. Change ₹260.00." in till.text()
        assert "1 × 200   1 × 50   1 × 10" in till.text()
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹260.00."
        assert "   Luncheon voucher                              500.00" in till.text()
        assert "   Change                                       −260.00" in till.text()
        assert "1 × 200   1 × 50   1 × 10" in till.text()
        assert till.app.controller.screens.of(SellScreen).total.view.figure.sentence == "Change ₹260.00."
        await till.type("2 idly{enter}1 masala dosa{enter}one more{enter}{f9}l{enter}")
        assert till.answer() == "Paid ₹240.00."
        till.register.asker.end()


@pytest.mark.parametrize("at", ["", "{f9}"])
@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("meal 50{enter}", "₹190.00 is still due."),
        ("pay by Meal 240{enter}", "Paid ₹240.00."),
        ("meal 50 #4711{enter}", "₹190.00 is still due."),
        ("meal 240.5{enter}", "That is more than the ₹240.00 due."),
    ],
)
async def test_a_tender_by_hand_is_typed_by_its_name(tmp_path: Path, at: str, typed: str, answer: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.asker.begin(Tenders([*BY_HAND, TenderTraits(name="MEAL", label="Meal", key="m", by_hand=True)]))
        await till.type(ORDER + at + typed)
        assert till.answer() == answer
        till.register.asker.end()


async def test_the_name_of_a_tender_alone_pays_all_on_pay_and_is_an_item_at_the_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.asker.begin(Tenders([*BY_HAND, TenderTraits(name="MEAL", label="Meal", key="", by_hand=True)]))
        await till.type(ORDER + "meal{enter}")
        assert "Meals" in till.answer()
        await till.type("{escape}{f9}meal")
        assert "Enter takes ₹240.00 by meal." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00."
        till.register.asker.end()


async def test_the_answer_names_the_amount_paid_with_its_tip(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}tip 10{enter}{enter}{enter}") as till:
        assert till.answer() == "Paid ₹250.00, exact, including a tip of ₹10.00."


@pytest.mark.parametrize("typed", ["c10{enter}c45{enter}", "c10{enter}card 45{enter}", "10{enter}{enter}c45{enter}"])
async def test_more_than_is_due_with_the_tip_is_refused_with_that_amount(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 tea{enter}{f9}p10{enter}" + typed) as till:
        assert till.answer() == "That is more than the ₹40.00 due."


@pytest.mark.parametrize("typed", ["{f9}99999{enter}", "cash 99999{enter}", "checkout{enter}cash 99999{enter}"])
async def test_change_beyond_the_largest_note_is_asked_back_once(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + typed) as till:
        assert till.answer() == "₹99,999.00 for ₹240.00? Enter again takes it. Change ₹99,759.00."
        assert not till.order.payments
        await till.type("1000{enter}")
        assert till.answer() == "₹1,000.00 for ₹240.00? Enter again takes it. Change ₹760.00."
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹760.00."


async def test_a_scan_is_no_amount(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}8901234500019{enter}{enter}") as till:
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        assert "89,01,23,45,00,019" not in till.text(), "no key promises to take it"
        await till.type("{escape}{escape}8901234500019{enter}")
        assert till.lines()["Water 1 l"] == 1


async def test_an_amount_with_a_minus_is_promised_by_no_key(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=ORDER + "{f9}-80") as till:
        for _again in range(2):
            assert "▲ −₹80.00 does not count towards the ₹240.00 due." in till.text()
            assert "Still due" not in till.text()
            assert "Enter" not in till.rows()[35]
            await till.type("{enter}")
        assert not till.order.payments


async def test_an_amount_typed_at_the_order_is_taken_at_the_second_enter(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "cash 5000{enter}{enter}") as till:
        assert till.answer() == "Paid ₹240.00. Change ₹4,760.00."


@pytest.mark.parametrize("typed", ["{f9}", "checkout please{enter}", "cash 99999{enter}"])
async def test_the_checkout_begins_when_the_screen_comes_up(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + typed) as till:
        began = till.order.checkout_at
        assert (began is not None, till.order.step) == (True, "checkout")
        await till.type("{escape}{f9}")
        assert till.order.checkout_at == began
        await till.type("{escape}1 idly{enter}")
        assert (till.order.checkout_at, till.order.step) == (None, "ordering")


@pytest.mark.parametrize(("typed", "seconds", "asks"), [("", 0.2, True), ("", 1, False), ("p{backspace}", 0.2, False)])
async def test_only_a_second_enter_within_a_moment_is_asked_back(
    tmp_path: Path, typed: str, seconds: float, *, asks: bool
) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "checkout{enter}") as till:
        assert "Enter takes ₹240.00 in cash." in till.text()
        till.clock.pass_by(seconds=seconds)
        await till.type(typed + "{enter}")
        assert till.answer() == ("₹240.00 in cash? Enter again takes it." if asks else "Paid ₹240.00, exact.")


async def test_nothing_typed_and_enter_is_exact_cash(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}{enter}") as till:
        assert till.answer() == "Paid ₹240.00, exact."


async def test_notes_add_up_and_come_off_again(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER + "{f9}wwe") as till:
        assert "    W    200   × 2" in till.text().replace("▌", " ")
        assert "Enter takes ₹500.00 in cash. Change ₹260.00." in till.text()
        assert "Bksp" in till.rows()[23]
        await till.type("{backspace}{backspace}")
        assert "Enter takes ₹200.00 in cash." in till.text()
        await till.type("e{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹60.00."


async def test_the_keys_of_paying_are_there_on_a_small_window(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (40, 10), typed=ORDER + "{f9}w") as till:
        assert till.rows()[9].split() == ["C", "Card", "Esc", "Empty", "Enter", "Cash", "200.00"]


async def test_the_last_receipt_is_looked_up_over_an_order(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "{ctrl+n}") as till:
        assert till.answer() == "No sale since this till was opened. F10 shows earlier ones."
        await till.type("idly{enter}tab 7{enter}{f8}{enter}{f9}{enter}")
        assert "↑↓ Receipt" in till.rows()[22]
        assert "F7" not in "".join(till.rows()[22:])
        assert "Table 7" in "".join(till.rows()[3:12])
        await till.type("{f12}" + LOG_IN + "tea{enter}{ctrl+p}last rec{enter}")
        assert till.rows()[2].startswith("   Receipt")
        assert "Idly" in till.text()
        await till.type("{up}{down}{escape}")
        assert till.rows()[2].startswith("   Order")
        assert till.lines() == {"Tea": 1}
        await till.type("{ctrl+n}2 tea{enter}")
        assert till.lines() == {"Tea": 3}


async def test_the_first_line_after_a_payment_needs_no_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_till(tmp_path, typed=ORDER + "cash{enter}") as till:
        laid: list[None] = []
        lay = SellScreen._refresh_layout
        monkeypatch.setattr(
            SellScreen, "_refresh_layout", lambda screen, *size, **how: laid.append(lay(screen, *size, **how))
        )
        assert till.rows()[2].startswith("   Receipt")
        await till.type("tea{enter}")
        assert till.rows()[2].startswith("   Order")
        assert "Masala Dosa" not in till.text()
        await till.type("cash{enter}")
        assert till.rows()[2].startswith("   Receipt")
        assert not laid


async def test_a_card_takes_all(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER + "{f9}c") as till:
        assert not till.order.payments
        assert "Enter takes ₹240.00 by card." in till.text()
        assert till.rows()[23].rstrip().endswith("Enter Take card 240.00")
        assert "   1  Card       ○ not taken yet" in till.text()
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00."
        assert "   Card " in till.text()
        assert "Paid ₹" in till.text()
        assert "Change" not in till.text()


async def test_a_part_by_card_and_the_rest_in_cash(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER + "{f9}100c{enter}") as till:
        assert till.answer() == "₹140.00 is still due."
        assert "   1  Card       ✓ taken 10:31                                         100.00" in till.text()
        await till.type("{escape}")
        assert till.answer() == "Back to the order. ₹100.00 is paid, ₹140.00 is due."
        assert "4 items, ₹100.00 paid" in till.text()
        await till.type("{f9}200{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹60.00."


@pytest.mark.parametrize("typed", ["card", "c", "card{backspace}d", "cash"])
async def test_a_way_in_place_of_an_amount_that_was_asked_about_takes_nothing_before_that_is_read(
    tmp_path: Path, typed: str
) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}cash 100{enter}") as till:
        assert till.answer() == "₹100.00 of ₹240.00? Enter again takes it, ₹140.00 stays due."
        await till.type(typed + "{enter}")
        assert till.answer() == "₹100.00 was not taken. Enter again takes ₹240.00."
        assert not till.order.payments
        await till.type("{enter}")
        assert till.answer().startswith("Paid ₹240.00")


@pytest.mark.parametrize("typed", ["u50", "50c", "w"])
async def test_a_part_in_place_of_an_amount_that_was_asked_about_says_that_it_was_not_taken(
    tmp_path: Path, typed: str
) -> None:
    """Cash, then a part in another way, typed ahead: the guest may have handed over both."""
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}60{enter}" + typed + "{enter}") as till:
        part = {"u50": 50, "50c": 50, "w": 200}[typed]
        assert till.answer() == f"₹60.00 was not taken. Enter again takes ₹{part}.00."
        assert not till.order.payments
        await till.type("{enter}")
        assert till.answer() == f"₹{240 - part}.00 is still due."


async def test_another_small_part_is_asked_about_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}60{enter}50{enter}") as till:
        assert till.answer() == "₹50.00 of ₹240.00? Enter again takes it, ₹190.00 stays due."
        await till.type("{enter}")
        assert till.answer() == "₹190.00 is still due."


@pytest.mark.parametrize("typed", ["{escape}c", "{ctrl+u}card", "card 240", "240"])
async def test_an_amount_that_was_asked_about_is_cleared_or_corrected_at_once(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}cash 100{enter}" + typed + "{enter}") as till:
        assert till.answer().startswith("Paid ₹240.00")


async def test_less_than_is_due_is_taken_and_the_rest_stands(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER + "{f9}40") as till:
        assert "   Still due ₹" in till.text()
        await till.type("{enter}")
        assert till.answer() == "₹40.00 of ₹240.00? Enter again takes it, ₹200.00 stays due."
        assert not till.order.payments
        await till.type("{enter}")
        assert till.answer() == "₹200.00 is still due."


@pytest.mark.parametrize("typed", ["5.5.5", "0.001", "0"])
async def test_an_invalid_amount_takes_nothing(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}" + typed + "{enter}") as till:
        assert till.order.status is Status.ACTIVE
        assert not till.order.payments
        await till.type("300{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹60.00."


async def test_esc_takes_back_first_the_amount_then_the_screen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}50{escape}") as till:
        assert till.typed() == ""
        await till.type("{escape}")
        assert till.answer() == "Back to the order. Nothing was taken."
        assert till.lines() == {"Idly": 2, "Masala Dosa": 2}


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_esc_is_labelled_erase_while_something_is_typed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=ORDER + "{f9}") as till:
        for typed in ("500", "q", "c", "c50", "p5", "ca"):
            await till.type(typed)
            assert re.search("Esc (Take it off|Empty)", till.text()), typed
            await till.type("{escape}")
            assert isinstance(till.scene, PayScene), typed
            assert "Esc Back" in till.text(), typed


async def test_money_is_taken_by_word_in_the_entry(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "cash 500{enter}") as till:
        assert till.answer() == "Paid ₹240.00. Change ₹260.00."
        await till.type("tea{enter}pay by card{enter}")
        assert till.answer() == "Paid ₹20.00."


async def test_words_take_the_marks_off_in_sight_and_pay_at_enter(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=ORDER + "checkout please{enter}") as till:
        assert "C  Card" in till.text()
        assert "   In words" in till.text()
        await till.type("w")
        assert "W    200   × 1" in till.text().replace("▌", " ")
        await till.type("e'll")
        assert till.typed() == "we'll"
        assert "×" not in till.text().partition("Notes")[2].partition("Other ways")[0]
        assert "In words: cash, card or UPI, as in cash 500. Then Enter." in till.text()
        await till.type("{escape}cash 50")
        assert till.typed() == "cash 50"
        assert not till.order.payments
        assert "Enter takes ₹50.00 in cash." in till.text()
        assert till.rows()[-1].endswith("Enter Take cash 50.00")
        await till.type("0{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹260.00."


async def test_words_for_a_tender_by_hand_pay_by_it_on_both_screens(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}we'll pay by card{enter}") as till:
        assert till.answer() == "Paid ₹20.00."
        await till.type("tea{enter}{f9}I'll pay by card")
        assert "Enter takes ₹20.00 by card." in till.text()
        await till.type("{escape}I'll pay cash{enter}")
        assert till.answer() == "Paid ₹20.00, exact."


async def test_a_size_that_changes_while_paying_loses_nothing(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), typed=ORDER + "{f9}500") as till:
        for width, height in ((80, 24), (40, 10), (39, 9), (160, 50), (120, 36)):
            await till.resize(width, height)
            assert till.typed() == "500"
            if width >= 40:
                assert "260.00" in till.text() or "Change" in till.text()
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00. Change ₹260.00."


async def test_a_long_receipt_shows_its_end_and_scrolls(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + MANY + "{f9}5000{enter}{enter}") as till:
        assert till.rows()[2].endswith(" above")
        assert till.rows()[14].startswith("   Change ")
        assert "   TOTAL  ₹ " in till.text()
        await till.type("{pageup}" * 9)
        assert till.rows()[4].startswith("   1X0001-000001 ")
        await till.type("{pagedown}{down}")
        assert not till.rows()[4].startswith("   1X0001-000001 ")
        await till.type("tea{enter}{f9}{enter}")
        assert till.rows()[4].startswith("   1X0001-000002 ")


async def test_the_change_stays_until_the_next_line(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "tea{enter}{f9}500{enter}te") as till:
        assert till.rows()[2].endswith("stays until the next line")
        await till.type("a{enter}")
        assert till.rows()[2] == "   Order  take away"
        assert till.lines() == {"Tea": 1}


async def test_seven_digits_are_still_a_figure(tmp_path: Path) -> None:
    for size in ((80, 24), (120, 36)):
        async with a_drawn_till(tmp_path, size, typed=LOG_IN + "9999 masala dosa{enter}{enter}") as till:
            assert till.answer() == "Added 9999 × Masala Dosa. Total ₹7,99,920.00."
            assert sum("█" in row or "▀" in row for row in till.rows()) >= 3
            await till.type("{f9}{enter}")


async def test_a_declined_payment_is_not_on_the_receipt(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER) as till:
        till.register.checkout.attempt(till.order.id, "CARD", Minor(24000), "no answer")
        await till.type("{f9}")
        assert "   1  Card       ✖ no answer                                           240.00" in till.text()
        await till.type("300{enter}")
        assert "Card" not in till.text()


async def test_a_comma_marks_the_thousands_as_the_till_prints_them_or_is_refused(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "20 idly{enter}{f9}1,000") as till:
        assert "Enter takes ₹1,000.00 in cash. Change ₹200.00." in till.text()
        await till.type("{escape}1,50{enter}")
        assert till.answer() == "“1,50” is not an amount. Type it like 12.50."
        assert till.order.paid == 0
        await till.type("{escape}{escape}cash 1,000{enter}")
        assert till.answer() == "Paid ₹800.00. Change ₹200.00."


async def test_money_back_to_the_guest_is_called_a_refund(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "-2 deposit{enter}{f9}") as till:
        assert till.rows()[23].rstrip().endswith("Enter Refund 20.00")
        await till.type("{enter}")
        assert till.answer() == "Refunded ₹20.00."
        assert "Refunded ₹" in till.text()
        assert "Paid −" not in till.text()


PART = "2 idly{enter}{f9}22{enter}{enter}"


async def test_a_part_is_given_back_by_who_took_it(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + PART) as till:
        assert "F7 Refund 22.00" in till.rows()[23]
        await till.type("{f7}")
        assert till.answer() == "Refund ₹22.00? Enter does, any other key keeps it."
        assert till.rows()[23].rstrip().endswith("Enter Refund 22.00")
        await till.type("{enter}")
        assert till.answer() == "Refunded ₹22.00. ₹80.00 is due."
        assert "1 Cash ✖ refunded 10:31 22.00" in " ".join(till.text().split())
        assert "F7" not in till.rows()[23]
        await till.type("{enter}{enter}")
        assert till.answer() == "Paid ₹80.00, exact."
        assert "given back" not in till.text()


async def test_refund_of_a_card_part_names_the_terminal(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}c22{enter}{f7}") as till:
        assert till.answer() == "Refund ₹22.00 by card? Enter does, any other key keeps it."
        await till.type("{enter}")
        assert till.answer() == "₹22.00 is off this order: refund it by card too. ₹80.00 is due."


async def test_money_taken_by_another_person_is_refunded_by_a_manager_in_place(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + PART + "{escape}{f12}9{enter}9999{enter}{f5}{enter}{f9}{f7}{enter}")
        assert till.order.paid == 2200
        text = " ".join(till.text().split())
        assert "Act Refund ₹22.00" in text
        assert "Taken Till 1, Asha, 10:31" in text
        await till.type("2{enter}")
        assert till.answer() == "That needs a manager."
        await till.type("9{enter}1111{enter}")
        assert till.answer().startswith("Wrong PIN for number 9.")
        assert till.order.paid == 2200
        await till.type("9999{enter}")
        assert till.answer() == "Refunded ₹22.00. ₹80.00 is due."
        assert not till.app.controller.sheets
        (voided,) = (e for e in till.journal.events_of(till.order.id) if isinstance(e.data, PaymentVoided))
        assert (voided.user, voided.data.approved_by, voided.data.amount) == (9, 9, "22.00")


async def test_money_paid_by_card_goes_back_in_cash_by_a_manager_alone(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "3 masala dosa{enter}{f9}c200{enter}{escape}{f6}1{enter}{f9}")
        assert "Refund ₹120.00: Enter in cash." in till.text()
        await till.type("{enter}{enter}")
        text = " ".join(till.text().split())
        assert "Refund ₹120.00" in text
        assert "₹120.00, cash" in text
        assert "₹200.00 card" in text
        await till.type("2{enter}")
        assert till.answer() == "That needs a manager."
        assert till.order.status is Status.ACTIVE
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "Paid ₹80.00. Refunded ₹120.00."
        [given] = (e.data for e in till.journal.unsent(100) if isinstance(e.data, ApprovalGiven))
        assert (given.act, given.approved_by, given.amount) == ("give_back", 9, "-120.00")


async def test_refund_of_a_bill_of_returns_names_the_money_that_goes_back_with_the_part_paid_before(
    tmp_path: Path,
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f9}20{enter}{escape}-6 deposit{enter}{f9}") as till:
        assert "Refund ₹40.00" in " ".join(till.text().split())
        await till.type("{enter}9{enter}9999{enter}")
        assert till.answer() == "Refunded ₹40.00."


async def test_money_that_goes_back_by_a_card_keyed_by_hand_asks_for_the_refund_there(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "3 masala dosa{enter}{f9}c200{enter}{escape}{f6}1{enter}{f9}c{enter}")
        assert till.answer() == "Paid ₹80.00. Refunded ₹120.00: refund it by card too."


async def test_cash_is_refunded_by_who_took_it_without_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "3 masala dosa{enter}{f9}200{enter}{escape}{f6}1{enter}{f9}{enter}")
        assert till.answer() == "Paid ₹80.00. Refunded ₹120.00."
        assert "Refunded ₹" in till.text()
        assert "Change" not in till.text()


async def test_esc_leaves_what_a_manager_was_asked_about(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + PART + "{escape}{f12}9{enter}9999{enter}{f5}{enter}{f9}{f7}{enter}")
        await till.type("9{enter}{escape}")
        assert till.order.paid == 2200
        assert isinstance(till.scene, PayScene)


@pytest.mark.parametrize("keys", ["{ctrl+x}", "card{enter}"])
async def test_money_whose_lines_are_void_says_what_was_taken_and_is_given_back(tmp_path: Path, keys: str) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + PART + "{escape}{f7}1{enter}" + keys) as till:
        assert till.answer() == "₹22.00 was taken and no line is left. Pay (F9) refunds it."
        await till.type("{escape}tea{enter}{ctrl+x}")
        assert till.answer() == "₹22.00 is paid. Pay (F9) takes the rest, or refunds it."
        await till.type("{f7}1{enter}{f9}")
        assert "No line is left. Enter refunds ₹22.00." in till.text()
        assert till.rows()[23].rstrip().endswith("Enter Refund 22.00")
        assert "not taken yet" not in till.text()
        await till.type("{enter}")
        assert till.answer() == "Refunded ₹22.00."
        assert till.rows()[2].startswith("   Order")
        await till.type("tea{enter}cash{enter}")
        assert till.answer() == "Paid ₹20.00, exact."


async def test_an_order_that_all_was_given_back_of_waits_for_nobody(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + PART + "{escape}{f7}1{enter}{f9}{enter}{f12}" + LOG_IN) as till:
        assert till.shown is None
        assert till.register.ledger.open_orders() == []


async def test_money_that_was_left_is_found_by_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + PART + "{escape}{f7}1{enter}{f12}9{enter}9999{enter}{f5}") as till:
        assert "₹22.00 paid, Asha" in till.text()
        await till.type("1{enter}")
        assert till.order.paid == 2200
        await till.type("{f12}2{enter}2222{enter}{f5}")
        assert "₹22.00" not in till.text()


async def test_a_pin_typed_for_a_managers_number_is_not_to_be_read(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await till.type(LOG_IN + PART + "{escape}{f12}9{enter}9999{enter}{f5}{enter}{f9}{f7}{enter}")
        await till.type("7341")
        assert "73" not in till.text()
        await till.type("{enter}")
        assert "Nobody here has that number." in till.text()
        assert "73" not in till.text()
        await till.type("9")
        assert "Number   9" in till.text()


async def test_enter_ends_a_sale_with_nothing_due(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}40{enter}{escape}-{enter}{f9}")
        assert "Nothing is due. Enter ends the sale." in till.text()
        assert "exact amount" not in till.text()
        assert till.rows()[-1].endswith("Enter End the sale")
        await till.type("{enter}")
        assert till.answer().startswith("Paid ₹40.00, exact.")


async def test_the_amount_still_due_is_named_as_cash_takes_it(tmp_path: Path) -> None:
    """Cash is marked again after each payment and tip, and it alone rounds at this venue."""
    async with a_drawn_till(tmp_path) as till:
        await rounds(till)
        await till.type(LOG_IN + "13 tea{enter}{f9}20.45c{enter}")
        assert till.answer() == "₹240.00 is still due."
        assert "Enter Take cash 240.00" in till.text()
        await till.type("p5{enter}")
        assert till.answer() == "A tip of ₹5.00: ₹245.00 with it."
        await till.type("10c{enter}{tab}")
        assert till.answer() == "₹235.00 is still due, with the tip."
