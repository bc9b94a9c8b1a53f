"""Split bills on the screen: lines on bills of their own, parts of one bill, and marks that are kept."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.register.payments.scripted import Terminal
from tests.tui.playing import LOG_IN, FakeStore, Till, a_reference, without_rounding
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import beside, heard
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.ports import TenderTraits
from till.register.draft_split import DraftSplit
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sell.screen import SellScreen
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.split.state import Manner

#: 2 × 40, 1 × 80, 3 × 30: 250.00.
ORDER = LOG_IN + "2 idly{enter}masala dosa{enter}3 filter coffee{enter}"


def totals(till: Till) -> list[str]:
    return [event.data.total for event in till.journal.numbered(9) if isinstance(event.data, OrderPlaced)]


def scene(till: Till) -> SplitScene:
    assert isinstance(till.scene, SplitScene)
    return till.scene


@pytest.mark.parametrize(
    ("keys", "typed", "gifts"),
    [("sell voucher", "sell voucher", 0), ("3stop", "3stop", 0), ("s1e", "", 1), ("si1x", "", 0), ("eee", "eee", 0)],
)
async def test_letters_after_s_are_words_of_pay(tmp_path: Path, keys: str, typed: str, gifts: int) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}" + keys) as till:
        assert isinstance(till.scene, PayScene if typed else SplitScene)
        if typed:
            assert till.scene.state.entry.text == typed
        else:
            assert len(scene(till).state.gifts) == gifts


@pytest.mark.parametrize(("typed", "manner"), [("split", Manner.PIECE), ("split 3", Manner.EVEN)])
async def test_the_word_split_opens_it_from_pay(tmp_path: Path, typed: str, manner: Manner) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}" + typed + "{enter}") as till:
        assert scene(till).state.manner is manner


async def test_pieces_after_a_part_payment_cost_at_most_what_is_due(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=without_rounding(), typed=ORDER + "{f9}c130{enter}s") as till:
        assert "Open ₹120.00; ₹130.00 is paid already." in till.text()
        session = scene(till).session_id
        await till.type("112222")
        assert "3 × Filter Coffee to guest 2. Guest 2 owes ₹120.00." in till.text()
        assert scene(till)._facts().owed == (8_000, 12_000)
        assert scene(till)._facts().open_amount == 0
        await till.type("{backspace}{backspace}1{enter}c{enter}")
        assert scene(till)._facts().owed == (11_000, 1_000)
        await till.type("+{enter}c{enter}")
        order = till.register.ledger.order(session)
        assert [one.amount for one in order.payments.values()] == [13_000, 11_000, 1_000]
        assert order.status is Status.COMPLETED


async def test_pay_says_that_held_dishes_go_to_the_kitchen(tmp_path: Path) -> None:
    reference = a_reference()
    made = [category["id"] for category in reference["menu"]["categories"]]
    reference["settings"] |= {"stations": [{"name": "Kitchen", "categories": made}], "hold_courses": True}
    async with a_quiet_till(tmp_path, reference=reference, typed=ORDER + "{f9}") as till:
        assert "Paying sends" not in till.answer()
        await till.type("{escape}course 2{enter}tab 5{enter}tab 5{enter}{f9}")
        assert till.answer() == "Paying sends 3 held dishes now."


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_two_guests_pay_their_own_lines(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore(), typed=ORDER + "{f9}s") as till:
        whole = scene(till).order.total
        await till.type("122")
        text = till.text()
        assert "guest 1, 2" in text
        assert "whose?" in text
        assert ("Enter Pay guest 2" if size[0] == 120 else "Enter Pay 2: 120.00") in text
        await till.type("{enter}")
        assert "Enter Take cash 120.00" in till.text() or "Enter Cash 120.00" in till.text()
        assert till.rows()[2].lstrip().startswith("Pay  guest 2 of 2")
        await till.type("{enter}")
        assert till.answer() == "₹120.00 in cash? Enter again takes it."
        await till.type("{enter}")
        assert "✓ paid cash" in till.text()
        await till.type("+")
        assert till.answer() == "To whom? A digit gives a piece to that guest first."
        await till.type("3{enter}u{enter}")
        assert "✓ paid UPI" in till.text()
        await till.type("1+{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        paid = [Minor(round(float(one) * 100)) for one in totals(till)]
        assert (len(paid), sum(paid)) == (3, whole)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_long_split_names_the_marked_line_and_the_hidden_ones(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        wishes = [f"qq{one}{two}" for one in "abcde" for two in "klmno"]
        await till.type(LOG_IN + "".join(f"idly{{enter}}less {wish}{{enter}}" for wish in wishes) + "tea{enter}{f9}s")
        assert "1 × Idly, less qqak" in " ".join(till.text().split())
        hidden = 26 - till.text().count(" × ")
        assert f"↓ {hidden} below" in till.rows()[2]
        await till.type("1" * 25)
        assert f"↑ {hidden} above" in till.rows()[2]
        assert "Tea, " not in till.text(), "no other has its name"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_tip_is_named_where_it_is_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=ORDER + "split{enter}{right}{right}2{enter}") as till:
        assert ("UPI" in till.text(), "Tip" in till.text()) == (True, True)


@pytest.mark.parametrize("manner", ["", "{right}", "{right}{right}", "{left}", "m"])
async def test_a_scan_gives_nothing_and_pays_nothing(tmp_path: Path, manner: str) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=ORDER + f"split{{enter}}12{manner}") as till:
        before = scene(till).state
        await till.type("8901234500019{enter}")
        assert replace(scene(till).state, message=before.message) == before
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."


async def test_a_guest_who_goes_back_from_paying_has_the_lines_on_the_order_again(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=ORDER + "split{enter}12") as till:
        order = scene(till).order
        await till.type("{enter}")
        assert "Back to the guests" in till.text()
        await till.type("{escape}")
        assert till.answer() == "Back to the guests. Nothing was taken."
        after = scene(till).order
        assert (after.total, after.priced.pieces) == (order.total, order.priced.pieces)
        assert len(scene(till).state.gifts) == 2
        await till.type("{enter}{enter}{enter}")
        assert scene(till).state.paid[0].guest == 2
        assert scene(till).order.priced.pieces == order.priced.pieces - 1
        await till.type("{escape}split{enter}")
        assert scene(till).state.paid[0].guest == 2  # the mark is kept


async def test_marks_stay_where_a_guest_goes_back_with_the_saving_of_a_promotion(tmp_path: Path) -> None:
    """Lines that come back keep their price of then: they are rows of their own in the order, but not here."""
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        version, body = till.journal.cached("settings") or (0, {})
        till.journal.cache("settings", version + 1, {**body, "promotions": [{"name": "Happy hour", "percent": "20"}]})
        till.register.reference_changed(["settings"])
        await till.type(ORDER + "split 3{enter}{left}{left}12112")
        await till.type("3{enter}u{enter}")  # guest 3 has paid one of the coffees
        await till.type("12")
        before = scene(till)
        gifts, owed = before.state.gifts, before._facts().owed
        for _again in range(2):
            await till.type("{enter}{escape}")
            assert (scene(till).state.gifts, scene(till)._facts().owed) == (gifts, owed)
        await till.type("{enter}u{enter}1{enter}u{enter}")
        assert isinstance(till.scene, SellScene)
        assert sum(Minor(round(float(one) * 100)) for one in totals(till)) == 20_000


@pytest.mark.parametrize("marks", ["{right}{right}3", "{right}{right}2", "120"])
async def test_a_part_stays_what_it_is_where_the_one_before_it_goes_back(tmp_path: Path, marks: str) -> None:
    """The guest who paid it pays it again; the next guest is never asked for it."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + "3 masala dosa{enter}split{enter}" + marks) as till:
        await till.type("{enter}u{enter}{enter}")
        pay = till.scene
        assert isinstance(pay, PayScene)
        own = pay._facts().part or pay.order.due
        await till.type("{f7}{enter}")
        assert (pay._facts().part, pay.order.paid) == (own, 0)
        await till.type("c{enter}")
        after = scene(till)
        assert [one.amount for one in after.state.paid] == [own]
        assert after.order.due == 24_000 - own
        assert not after.state.by_line or sum(after._facts().owed) == 24_000
        while till.scene is after:
            await till.type("{enter}u{enter}")
        assert totals(till) == ["240.00"]


async def test_even_parts_are_paid_on_one_order_and_sum_exactly(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "split{enter}{right}{right}3") as till:
        order = scene(till).order
        await till.type("{enter}")
        assert "part 1 of 3" in till.text()
        await till.type("500{enter}")
        assert till.answer().startswith("Change ₹4")
        await till.type("{enter}c{enter}{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        placed = till.journal.numbered(1)[0].data
        assert isinstance(placed, OrderPlaced)
        amounts = [Minor(round(float(one.amount) * 100)) for one in placed.payments]
        assert (len(amounts), sum(amounts)) == (3, order.total)
        assert max(amounts) - min(amounts) == 100, "each part is rounded as the venue's bill is"
        assert [one.tender for one in placed.payments] == ["CASH", "CARD", "CASH"]


async def test_each_guest_has_the_change_of_its_own_part(tmp_path: Path) -> None:
    """The change is recorded with the part, as the whole note is in the drawer; at the end it is not shown again."""
    lunch = TenderTraits(
        name="LUNCH", label="Luncheon voucher", key="l", by_hand=True, gives_change=True, opens_drawer=True
    )
    async with a_drawn_till(tmp_path, (120, 36), reference=without_rounding()) as till:
        till.register.asker.begin(Tenders([*BY_HAND, lunch]))
        await till.type(ORDER + "split{enter}{right}{right}3{enter}l100")
        assert "Enter takes ₹100.00 by luncheon voucher. Change ₹16.66." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Change ₹16.66. Paid. ₹166.66 is still due."
        await till.type("{enter}90{enter}")
        assert till.answer() == "Change ₹6.67. Paid. ₹83.33 is still due."
        await till.type("{enter}100{enter}")
        assert till.answer() == "Paid ₹250.00. Change ₹16.67."
        assert till.app.controller.screens.of(SellScreen).total.view.figure.sentence == "Change ₹16.67."
        placed = till.journal.numbered(1)[0].data
        assert isinstance(placed, OrderPlaced)
        assert [(one.tender, one.amount, one.change) for one in placed.payments] == [
            ("LUNCH", "83.34", "16.66"),
            ("CASH", "83.33", "6.67"),
            ("CASH", "83.33", "16.67"),
        ]
        till.register.asker.end()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_change_of_a_guest_stays_large_until_the_next_money_is_taken(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size) as till:

        def large() -> str:
            pane = till.app.controller.screens.of(SplitScreen).total
            return pane.view.figure.sentence if pane.display else ""

        await till.type(ORDER + "split{enter}{right}{right}{right}{right}100{enter}p10{enter}200{enter}")
        assert (till.answer(), large()) == ("Change ₹90.00. Tip ₹10.00. ₹150.00 is still due.", "Change ₹90.00.")
        await till.type("50{enter}")
        assert ", change 90.00" in till.text(), "the next guest has not paid yet"
        await till.type("{escape}")
        assert large() == "Change ₹90.00."
        await till.type("50{enter}c{enter}")
        assert large() != "Change ₹90.00."
        assert "✓ change 90.00" in till.text()


async def test_esc_dismisses_the_change_of_a_guest(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(ORDER + "split{enter}{right}{right}{right}{right}100{enter}200{enter}")
        assert scene(till).state.change == 10_000
        await till.type("{escape}")
        assert scene(till).state.change == 0
        await till.type("{escape}")
        assert isinstance(till.scene, SellScene)


async def rounds(till: Till, of: str = "cash") -> None:
    """Round cash to whole rupees at this venue, or whole bills."""
    version, body = till.journal.cached("settings") or (0, {})
    till.journal.cache(
        "settings", version + 1, {**body, "rounding": {"step": "1", "of": of, "never": ["UPI"] if of == "bill" else []}}
    )
    till.register.reference_changed(["settings"])


@pytest.mark.parametrize(
    ("of", "ways", "paid"),
    [
        ("cash", ["{enter}{enter}", "{enter}{enter}", "{enter}{enter}"], ["83.00", "84.00", "83.00"]),
        ("cash", ["100{enter}", "c{enter}", "p5{enter}{enter}{enter}"], ["83.00", "83.50", "89.00"]),
        (
            "cash",
            ["c20{enter}{enter}{enter}", "{enter}{enter}", "{enter}{enter}"],
            ["20.00", "63.00", "84.00", "83.00"],
        ),
        ("bill", ["c{enter}", "{enter}{enter}", "c{enter}"], ["84.00", "83.00", "83.00"]),
        ("bill", ["u{enter}", "c{enter}", "{enter}{enter}"], ["84.00", "83.00", "83.00"]),
    ],
)
async def test_parts_round_as_payments_and_the_last_pays_the_rest(
    tmp_path: Path, of: str, ways: list[str], paid: list[str]
) -> None:
    async with a_quiet_till(tmp_path) as till:
        await rounds(till, of)
        await till.type(ORDER + "split{enter}{right}{right}3")
        for keys in ways:
            await till.type("{enter}" + keys)
        assert isinstance(till.scene, SellScene)
        placed = till.journal.numbered(1)[0].data
        assert isinstance(placed, OrderPlaced)
        assert [one.amount for one in placed.payments] == paid


@pytest.mark.parametrize("typed", ["split 3{enter}", "split evenly 3{enter}", "split the bill in 3{enter}", "{f9}3s"])
async def test_a_number_splits_in_even_parts_and_none_by_piece(tmp_path: Path, typed: str) -> None:
    async with a_drawn_till(tmp_path, typed=ORDER + typed) as till:
        assert (scene(till).state.manner, scene(till).state.parts) == (Manner.EVEN, 3)
        await till.type("{escape}{escape}split{enter}")
        assert scene(till).state.manner is Manner.PIECE
        await till.type("{escape}" + "split 3{enter}{enter}c{enter}{escape}split{enter}")
        assert (scene(till).state.manner, scene(till).state.parts) == (Manner.EVEN, 2)


async def test_even_parts_of_a_rounded_bill_are_taken_as_they_are_shown(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "upma{enter}3 tea{enter}{f9}2s") as till:
        assert till.order.total == 10_500
        assert [figure for figure in ("53.00", "52.50", "52.00") if figure in till.text()] == ["53.00", "52.00"]
        await till.type("{enter}c{enter}")
        assert till.answer() == "Paid. ₹52.00 is still due."
        await till.type("{enter}c{enter}")
        placed = till.journal.numbered(1)[0].data
        assert [one.amount for one in placed.payments] == ["53.00", "52.00"]


@pytest.mark.parametrize(
    ("of", "answer"),
    [("cash", "2 parts of ₹52.50. Cash is rounded."), ("bill", "1 × ₹53.00 and 1 × ₹52.00: ₹105.00 in all.")],
)
async def test_even_parts_name_that_cash_alone_is_rounded(tmp_path: Path, of: str, answer: str) -> None:
    async with a_drawn_till(tmp_path) as till:
        await rounds(till, of)
        await till.type(LOG_IN + "upma{enter}3 tea{enter}{f9}2s")
        assert answer in " ".join(till.text().split())


async def test_a_part_that_is_less_than_the_smallest_coin_is_let_go_in_cash(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await rounds(till)
        await till.type(ORDER + "split{enter}{left}0.4{enter}{enter}{enter}")
        assert [one.amount for one in scene(till).state.paid] == [0]
        await till.type("{enter}{enter}{enter}")
        assert totals(till) == ["250.00"]


async def test_a_part_that_was_paid_in_coins_is_known_to_be_paid_after_a_kill(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await rounds(till)
        await till.type(ORDER + "split{enter}{right}{right}3{enter}")
        pay = till.scene
        assert isinstance(pay, PayScene)
        till.register.checkout.pay(pay.session_id, "CASH", Minor(8_300), part=Minor(8_300))
        assert [one.amount for one in SplitScene(till.app.controller, pay.session_id).state.paid] == [8_300]


@pytest.mark.parametrize("typed", ["split{enter}", "split 2{enter}", "pay items{enter}"])
@pytest.mark.parametrize(
    ("keyed", "sentence"),
    [
        ("idly{enter}-8 deposit{enter}", "₹40.00 goes back: there is nothing to split."),
        ("idly{enter}-4 deposit{enter}", "Nothing is due: there is nothing to split."),
    ],
)
async def test_a_bill_with_nothing_to_pay_is_not_split(tmp_path: Path, keyed: str, sentence: str, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + keyed + typed) as till:
        assert till.answer() == sentence
        assert not isinstance(till.scene, SplitScene)


@pytest.mark.parametrize(
    ("typed", "manner"), [("split 2{enter}", Manner.EVEN), ("pay items{enter}", Manner.ITEMS), ("3s", Manner.EVEN)]
)
async def test_words_on_pay_open_the_split_and_a_letter_then_is_no_entry_there(
    tmp_path: Path, typed: str, manner: Manner
) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}" + typed) as till:
        assert scene(till).state.manner is manner
        await till.type("c")
        assert isinstance(till.scene, SplitScene) is (typed != "3s"), "what follows the key may be a word"


async def test_a_split_that_is_not_even_is_shared_by_amount(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "split{enter}120") as till:
        state = scene(till)._facts()
        assert sum(state.owed) + state.open_amount == state.order.total
        assert (state.owed, state.open_amount) == ((Minor(8_000), Minor(8_000)), Minor(9_000))
        await till.type("0")
        state = scene(till)._facts()
        assert sum(state.owed) == state.order.total
        await till.type("{enter}{enter}{enter}")
        assert scene(till).state.paid[0].amount == state.owes(scene(till).state.paid[0].guest)
        await till.type("{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        assert len(totals(till)) == 1


async def test_an_amount_is_paid_and_the_rest_stays(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, (80, 24), typed=ORDER + "split{enter}{left}") as till:
        assert "₹250.00 is open: type a part, or just Enter for all." in till.text()
        await till.type("100{enter}{enter}{enter}")
        assert scene(till).order.paid == 10_000
        await till.type("{escape}")
        assert isinstance(till.scene, SellScene)


async def test_no_guest_takes_away_what_an_amount_that_was_paid_is_for(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "{f9}c100{enter}{escape}split{enter}222{enter}")
        assert isinstance(till.scene, PayScene)
        assert "Enter takes ₹150.00 in cash." in till.text()
        await till.type("{escape}")
        assert (scene(till).order.total, scene(till).state.own) == (Minor(25_000), ())


async def test_a_guest_who_paid_a_part_of_its_own_bill_pays_the_rest_of_that_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "tab 7{enter}{f8}{enter}split{enter}2{enter}c30{enter}{escape}")
        assert [guest for guest, _order in scene(till).state.own] == [2]
        assert scene(till)._facts().owes(2) == 1_000
        await till.type("2")
        assert till.answer().startswith("Guest 2 has paid.")
        await till.type("{enter}{enter}{enter}")
        assert (scene(till).state.own, scene(till).state.paid[0].amount) == ((), Minor(4_000))
        await till.type("1+1++{enter}")
        await till.type("{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        assert sorted(totals(till)) == ["210.00", "40.00"]
        assert not till.register.open_tabs.local()


async def test_the_order_is_paid_while_a_guest_owes_the_rest_of_its_own_bill(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "split{enter}2{enter}c30{enter}{escape}1++{enter}{enter}{enter}")
        assert scene(till).order.is_over
        assert scene(till).state.open_pieces == 0
        assert "Pay guest 2 10.00" in till.text()
        await till.type("{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        assert len(totals(till)) == 2


async def test_a_promotion_and_a_discount_stay_what_they_were_for_guests_apart(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f3}{tab}p10{enter}1{enter}") as till:
        before = till.order.total
        await till.type("split{enter}12" if before else "")
        state = scene(till)._facts()
        assert sum(state.owed) + state.open_amount - state.difference == before


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_pieces_of_a_guest_go_to_another_tab(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "tea{enter}tab 6{enter}" + ORDER.removeprefix(LOG_IN) + "tab 7{enter}{f8}7{enter}")
        await till.type("split{enter}")
        assert "M Move" in till.rows()[-1]
        await till.type("m")
        assert till.answer() == "Whose pieces? A digit gives that guest a piece of the line."
        await till.type("122m")
        assert "2 pieces of guest 2: to which bill?" in till.text()
        await till.type("99")
        assert "Enter moves 2 pieces of guest 2 to table 99." in till.text()
        await till.type("{enter}")
        assert till.answer() == "There is no table 99 here. Type another."
        await till.type("{escape}")
        assert (scene(till).state.entry.text, len(scene(till).state.gifts)) == ("", 3)
        await till.type("m6{enter}")
        assert till.answer() == "Table 6 has them now: 3 lines, ₹140.00."
        state = scene(till).state
        assert [(row.name, row.pieces, row.amount) for row in state.rows] == [
            ("Idly", 1, 4000),
            ("Filter Coffee", 3, 9000),
        ]
        assert [(one.row, one.guest) for one in state.gifts] == [(0, 1)]
        await till.type("{enter}{enter}{enter}")
        assert totals(till) == ["40.00"]
        await till.type("2+m6{enter}")
        assert isinstance(till.scene, SellScene)
        assert till.answer() == "Table 6 has them now: 4 lines, ₹230.00."
        assert [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == [("table 6", 23_000)]


async def test_after_a_guest_paid_apart_esc_says_what_is_due_and_not_that_nothing_was_taken(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=ORDER + "{f9}s12{enter}40{enter}") as till:
        await till.type("{escape}{escape}")
        assert till.answer() == "Back to the order. ₹210.00 is due."


async def test_pieces_of_a_guest_go_to_no_other_guests_who_sit_down_there_meanwhile(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "tea{enter}tab 6{enter}" + ORDER.removeprefix(LOG_IN) + "tab 7{enter}{f8}7{enter}")
        await till.type("split{enter}122m6")
        register, (six,) = till.register, [tab for tab in till.register.open_tabs.local() if tab.name == "table 6"]
        register.tabs.recall(six.session_id, 2)
        register.checkout.pay_exact(six.session_id)
        item = register.lookup.exact("tea")
        assert item is not None
        register.tabs.save(register.sales.add(None, 2, ItemEntry(item, 1)).id, "6")
        await till.type("{enter}")
        assert till.answer() == "Table 6 has changed since. Enter again moves them there."
        assert [tab.total for tab in register.open_tabs.local() if tab.name == "table 6"] == [2_000]
        await till.type("{enter}")
        assert till.answer() == "Table 6 has them now: 3 lines, ₹140.00."


async def test_pieces_of_a_guest_go_to_the_tab_of_that_name_though_it_was_opened_meanwhile(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(
            LOG_IN + "tea{enter}tab Asha Rao{enter}" + ORDER.removeprefix(LOG_IN) + "tab 7{enter}{f8}7{enter}"
        )
        await till.type("split{enter}122masha")
        item = till.register.lookup.exact("tea")
        assert item is not None
        till.register.tabs.save(till.register.sales.add(None, 2, ItemEntry(item, 1)).id, "Asha")
        await till.type("{enter}")
        assert till.answer() == "Asha has them now: 3 lines, ₹140.00."


async def test_at_80_columns_the_key_bar_has_room_for_every_key(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), store=FakeStore()) as till:
        await till.type(LOG_IN + "40 idly{enter}{enter}3 filter coffee{enter}{f9}s1+")
        keys = "1-9 Give + All 0 Share M Move ←→ By I Items Esc Back Enter Pay 1: 1,600.00"
        assert " ".join(till.rows()[-1].split()) == keys


async def test_pieces_go_to_a_tab_that_is_opened_for_them(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tea{enter}tab 7{enter}{f8}7{enter}split{enter}12m8{enter}")
        assert till.answer() == "Table 8 has them now: 1 line, ₹40.00."
        assert [(row.name, row.pieces) for row in scene(till).state.rows] == [("Idly", 1), ("Tea", 1)]
        (tab,) = (tab for tab in till.register.open_tabs.local() if tab.name == "table 8")
        assert (tab.total, tab.till) == (4_000, None)
        assert till.register.ledger.order(tab.session_id).order_type == "dine_in"
        await till.type("m8{enter}")
        assert till.answer() == "Table 8 has them now: 1 line, ₹80.00.", "it is open now"
        await till.type("1mRao{enter}")
        assert till.answer() == "Rao has them now: 1 line, ₹20.00.", "all that was left is the order itself"
        assert isinstance(till.scene, SellScene)
        assert {tab.name: tab.total for tab in till.register.open_tabs.local()} == {"table 8": 8_000, "Rao": 2_000}


async def test_a_tab_is_named_as_people_wrote_it_where_a_sentence_begins(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "tea{enter}tab Mrs Rao{enter}2 idly{enter}split{enter}12m")
        await till.type("Mrs Rao{enter}")
        assert till.answer() == "Mrs Rao has them now: 2 lines, ₹60.00."
        await till.type("{escape}{escape}{escape}tab 7{enter}{f8}7{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹40.00."


async def test_guest_moves_own_pieces_of_a_shared_bill(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=without_rounding()) as till:
        await till.type(
            LOG_IN + "tea{enter}tab 6{enter}" + ORDER.removeprefix(LOG_IN) + "split 3{enter}{left}{left}120"
        )
        await till.type("231{enter}{enter}{enter}")  # guest 1 pays an idly, a coffee and a third of the dosa
        assert [(one.guest, one.apart) for one in scene(till).state.paid] == [(1, False)]
        owed = scene(till)._facts().owed
        await till.type("2m")
        assert "2 pieces of guest 2: to which bill? Shares stay." in till.text()
        await till.type("6{enter}")
        assert till.answer() == "Table 6 has them now: 3 lines, ₹90.00."
        facts = scene(till)._facts()
        assert (facts.owed[0], facts.owed[2]) == (owed[0], owed[2])
        assert (facts.owes(2), facts.open_amount) == (owed[1] - 7_000, 0)  # its third of the dosa is paid here
        await till.type("m")
        assert till.answer() == "Guest 2 has only a share, paid here. A digit gives a piece."
        await till.type("{enter}{enter}{enter}{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        assert totals(till) == ["180.00"]


async def test_marks_and_payments_of_a_split_outlive_a_till_that_is_killed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "split 3{enter}{left}{left}2{enter}{enter}{enter}12")
        left = as_a_crash_leaves_it(tmp_path)
        state = scene(till).state
    async with a_quiet_till(left, store=FakeStore(), typed=LOG_IN + "split{enter}") as till:
        assert scene(till).state == replace(state, message=None)
        assert [(one.guest, one.amount) for one in scene(till).state.paid] == [(2, 4_000)]
        session = scene(till).session_id
        await till.type("{escape}{ctrl+x}{f2}left{enter}")
        assert till.register.draft_split.of(session, "split") is None


async def test_the_change_of_a_guest_whose_payment_a_kill_left_unrecorded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "split 3{enter}{left}{left}12{enter}500{enter}{escape}")
        assert scene(till).state.is_handed
        await till.type("{enter}500")
        with monkeypatch.context() as patch:
            patch.setattr(DraftSplit, "keep", lambda *_note: None)
            await till.type("{enter}")
            change = scene(till).state.change
            assert change
            left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, store=FakeStore(), typed=LOG_IN + "split{enter}") as till:
        assert len(scene(till).state.paid) == 2
        assert scene(till).state.change == change


async def test_a_guest_about_to_pay_as_the_till_was_killed_has_gone_back(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "split 3{enter}{left}{left}312{enter}") as till:
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, typed=LOG_IN + "split{enter}") as till:
        assert scene(till).order.total == 25_000
        assert (scene(till)._facts().owed, scene(till).state.open_pieces) == ((4_000, 8_000, 4_000), 3)


@pytest.mark.parametrize("marks", ["12", "1201", "{right}{right}"])
async def test_a_guest_whose_card_was_asked_as_the_till_was_killed_has_paid_by_its_answer(
    tmp_path: Path, marks: str
) -> None:
    """This holds on a bill of its own, and for a part of one bill, by lines and in even parts."""
    async with a_quiet_till(tmp_path, store=FakeStore()) as till, beside(till, Terminal().then("unknown")):
        await till.type(ORDER + "split{enter}" + marks + "{enter}")
        pay = till.scene
        assert isinstance(pay, PayScene)
        asked = pay._facts().part or pay.order.due
        await till.type("c{enter}")
        await heard(till)
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, store=FakeStore()) as till, beside(till, Terminal().then()):
        await heard(till)
        await till.type(LOG_IN + "split{enter}")
        (part,) = scene(till).state.paid
        assert (part.amount, part.tender) == (asked, "CARD")


@pytest.mark.parametrize(
    ("marks", "whose", "to"),
    [("12", "guest 2 of 2", "{f5}1{enter}"), ("1201", "guest 1 of 2", ""), ("{right}{right}", "part 1 of 2", "")],
)
async def test_a_guest_whose_card_was_asked_as_the_till_was_killed_is_named_while_it_waits(
    tmp_path: Path, marks: str, whose: str, to: str
) -> None:
    async with a_drawn_till(tmp_path, (80, 24), store=FakeStore()) as till, beside(till, Terminal().then("unknown")):
        await till.type(ORDER + "split{enter}" + marks + "{enter}")
        assert till.rows()[2].lstrip().startswith(f"Pay  {whose}")
        await till.type("c{enter}")
        await heard(till)
        left = as_a_crash_leaves_it(tmp_path)
    terminal = Terminal().then("unknown")
    async with a_drawn_till(left, (80, 24), store=FakeStore()) as till, beside(till, terminal):
        await heard(till)
        await till.type(LOG_IN + to + "{f9}")
        assert till.rows()[2].lstrip().startswith(f"Pay  {whose}")
        pay = till.scene
        assert isinstance(pay, PayScene)
        is_part = pay.order.due > terminal.asked[0].amount
        terminal.then("declined")
        till.register.asker.ask_now(terminal.asked[0].key)
        await heard(till)
        assert till.rows()[2].lstrip().startswith("Pay  6 items" if is_part else f"Pay  {whose}")


async def test_a_guest_asked_for_more_than_their_rounded_part_is_named_too(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then("unknown")):
        await rounds(till, "bill")
        await till.type(ORDER + "split{enter}{left}80.5{enter}c{enter}")
        await heard(till)
        assert till.order.pending_payment is not None
        assert till.order.pending_payment.amount == 8_100
        assert till.app.controller.who_pays(till.order) == "guest 1"


@pytest.mark.parametrize("marks", ["12", "1201", "{right}{right}"])
@pytest.mark.parametrize("says", ["approved", "declined"])
async def test_an_answer_that_comes_among_the_guests_is_reported_and_counts_there(
    tmp_path: Path, marks: str, says: str
) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path, store=FakeStore()) as till, beside(till, terminal):
        await till.type(ORDER + "split{enter}" + marks + "{enter}c{enter}")
        await heard(till)
        await till.type("{escape}")
        assert scene(till).state.paid == ()
        terminal.then(says)
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        assert till.answer().startswith(("Answer received: ", "Card: ", "Not paid: "))
        paid = [one.amount for one in scene(till).state.paid]
        assert paid == ([terminal.charged[0].amount] if says == "approved" else [])
        assert scene(till).state.turn is None


async def test_a_guest_who_paid_the_rest_of_their_bill_elsewhere_has_paid(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(ORDER + "tab 7{enter}{f8}{enter}split{enter}2{enter}c30{enter}{escape}")
        ((guest, own),) = scene(till).state.own
        await till.type("{escape}")
        till.register.checkout.pay_exact(own)
        await till.type("split{enter}")
        assert (scene(till).state.own, scene(till).state.paid[0].guest, guest) == ((), 2, 2)
        assert scene(till).state.paid[0].amount == 4_000


async def test_no_guest_is_out_of_sight_on_a_small_screen(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (60, 20), typed=LOG_IN + "3 idly{enter}{f9}S123") as till:
        assert all(f"Guest {number} " in till.text() for number in (1, 2, 3))


async def test_a_click_turns_to_the_way_that_was_clicked_and_keeps_the_marks(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "guest 3{enter}split{enter}12") as till:
        shown, gifts = scene(till), scene(till).state.gifts
        for manner in (Manner.AMOUNT, Manner.AMOUNT, Manner.EVEN, Manner.PIECE, Manner.PIECE):
            shown.point(shown.screen.manners, manner)
            assert shown.state.manner is manner
            assert shown.state.gifts == gifts


async def test_a_click_while_a_tab_is_typed_adds_nothing_to_its_name(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "split 3{enter}{left}{left}12m9") as till:
        before = scene(till).state
        for widget in (scene(till).screen.guests, scene(till).screen.lines, scene(till).screen.manners):
            scene(till).point(widget, 1)
        assert scene(till).state == before
