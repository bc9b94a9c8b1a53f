"""The reducer of the pay screen: the state after a key, and the calls that it asks for."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.tui.playing import LOG_IN, char_of
from tests.tui.quiet import a_quiet_till
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import NOTHING, Minor
from till.domain.money.settling import PaidRounding
from till.domain.order.paying import CASH
from till.domain.order.state import Payment
from till.domain.payment.movement import PaymentState
from till.ports import TenderTraits
from till.register.payments.tenders import AT_SERVER, BY_HAND, CARD, Tenders
from till.tui.drawing.viewmodels import StatusView
from till.tui.screens.pay.acts import PayActs, TenderAmount
from till.tui.screens.pay.presenter import give_back, pay_views
from till.tui.screens.pay.reduce import keys_of, reduce
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.pay.state import Awaited, By, MoneyTaken, Offered, PayFacts, PayState, due_by
from till.tui.shell.calls import Call, call
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from pathlib import Path

PayCall = Call[PayActs, Any]

LUNCH = TenderTraits(
    name="LUNCH", label="Luncheon voucher", key="l", by_hand=True, gives_change=True, opens_drawer=True
)


async def facts_later(folder: Path, keyed: str) -> PayFacts:
    async with a_quiet_till(folder, typed=f"{LOG_IN}{keyed}{{f9}}") as till:
        assert isinstance(till.scene, PayScene)
        return till.scene._facts()


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> PayFacts:
    """An order of ₹240.00."""
    return asyncio.run(facts_later(tmp_path_factory.mktemp("till"), "2 idly{enter}2 masala dosa{enter}"))


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> PayFacts:
    """An order of ₹20.00."""
    return asyncio.run(facts_later(tmp_path_factory.mktemp("till"), "tea{enter}"))


@pytest.fixture(scope="module")
def owed(tmp_path_factory: pytest.TempPathFactory) -> PayFacts:
    """An order with ₹40.00 to give back."""
    return asyncio.run(facts_later(tmp_path_factory.mktemp("till"), "-4 deposit{enter}"))


def take(tender: str, amount: Minor | None, *, slip: str = "", part: Minor | None = None) -> PayCall:
    return call(PayActs.take, TenderAmount(tender, amount, slip=slip, part=part))


def press(facts: PayFacts, state: PayState, *names: str) -> tuple[PayState, list[PayCall]]:
    asked: list[PayCall] = []
    for name in names:
        state, calls = reduce(state, KeyPress(name, char_of(name)), facts)
        asked += calls
    return state, asked


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (("enter",), take("CASH", None)),
        ((*"500", "enter"), take("CASH", Minor(50000))),
        (("c", "enter"), take("CARD", None)),
        (("C", "C", "enter"), take("CARD", None)),
        ((*"100c", "enter"), take("CARD", Minor(10000))),
        ((*"c100", "enter"), take("CARD", Minor(10000))),
        ((*"ww", "c", *"100", "enter"), take("CARD", Minor(10000))),
        (("c", "w", "enter"), take("CASH", Minor(20000))),  # a note is cash
        (("w", "c", "enter"), take("CARD", None)),
        (("w", "c", "backspace", "enter"), take("CASH", Minor(20000))),
        (("c", "backspace", "enter"), take("CASH", None)),
        (("e", "e", "enter"), take("CASH", Minor(20000))),
        (("w", "left", "e", "home", "enter"), take("CASH", Minor(30000))),
        (("w", "w", "e", "enter"), take("CASH", Minor(50000))),
        (("w", "w", "backspace", "enter"), take("CASH", Minor(20000))),
        (("w", *"150", "enter"), take("CASH", Minor(15000))),  # typed over the notes
        (("escape",), call(PayActs.go_back, "Back to the order. Nothing was taken.")),
    ],
)
def test_a_key_asks_for_money_or_the_way_back(facts: PayFacts, keys: tuple[str, ...], asked: PayCall) -> None:
    assert press(facts, PayState(), *keys)[1] == [asked]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        *product(["", "w", "c"], ["home", "end", "left", "right", "up", "pagedown", "tab", "ctrl+left"]),
        ("w", "delete"),
        ("c", "delete"),
    ],
)
def test_a_key_without_an_effect_says_so(facts: PayFacts, typed: str, key: str) -> None:
    state, asked = press(facts, PayState(), *typed, key)
    assert (asked, state.entry.text) == ([], typed)
    assert state.message is not None
    assert state.message.text.endswith((" does nothing here. F1 lists the keys.", "Press Esc first, then Delete."))


@pytest.mark.parametrize("typed", ["5.5.5", "5..5", "0.001", "5O0", "1,50", "5-", "1e3", "1²", "٥٠", "9" * 14])
def test_an_invalid_amount_asks_for_nothing_and_may_be_typed_over(facts: PayFacts, typed: str) -> None:
    state, asked = press(facts, PayState(), *typed, "enter")
    assert (asked, state.entry) == ([], EntryLine.offer(typed))
    assert state.message is not None


def test_change_beyond_the_largest_note_is_asked_back_once(facts: PayFacts) -> None:
    state, asked = press(facts, PayState(), *"99999", "enter")
    assert asked == []
    assert press(facts, state, "enter")[1] == [take("CASH", Minor(9999900))]
    other, _asked = press(facts, state, *"1000")
    assert press(facts, other, "enter")[1] == []  # another amount is asked back too


@pytest.mark.parametrize(("typed", "asks"), [("119", True), ("0.5", True), ("120", False), ("240", False)])
def test_less_than_half_of_what_is_due_is_asked_back_once_where_it_was_typed(
    facts: PayFacts, typed: str, *, asks: bool
) -> None:
    state, asked = press(facts, PayState(), *typed, "enter")
    assert (asked == []) is asks
    if asks:
        assert state.message is not None
        assert "of ₹240.00? Enter again takes it, ₹" in state.message.text
        assert len(press(facts, state, "enter")[1]) == 1


@pytest.mark.parametrize(
    ("due", "typed", "asks"),
    [
        (2000, "41", True),  # Meals
        (2000, "58", True),  # Sundry, without a price
        (8000, "57", True),  # Curd, as a part
        (2000, "61", False),  # no item
        (4100, "41", False),  # the amount due
        (2000, "30", False),  # Jeera Soda, but three notes
        (2000, "41.00", False),
        (2000, "cash 41", False),
        (8000, "c41", False),
    ],
)
def test_an_items_number_that_notes_do_not_make_is_asked_back_once(
    tea: PayFacts, due: int, typed: str, *, asks: bool
) -> None:
    order = replace(tea.order, payments=with_money(tea, amount=2000 - due)[0].order.payments)
    facts = replace(tea, order=order)
    state, asked = press(facts, PayState(), *typed, "enter")
    assert (asked == []) is asks
    if asks:
        assert state.message is not None
        assert state.message.text == f"₹{typed}.00 in cash? {typed} is an item. Enter again takes it."
        assert press(facts, state, "enter")[1] == [take("CASH", Minor(int(typed) * 100))]


def test_much_change_is_asked_back_of_any_way_that_gives_it(facts: PayFacts) -> None:
    """The change comes out of the drawer, like that of cash. Some vouchers pay less than half."""
    facts = replace(facts, tenders=Tenders([*BY_HAND, LUNCH]))
    state, asked = press(facts, PayState(), *"l5000", "enter")
    assert (asked, state.message and state.message.text) == (
        [], "₹5,000.00 for ₹240.00? Enter again takes it. Change ₹4,760.00.",
    )  # fmt: skip
    assert press(facts, state, "enter")[1] == [take("LUNCH", Minor(500000))]
    assert press(facts, PayState(), *"l50", "enter")[1] == [take("LUNCH", Minor(5000))]


def test_an_enter_too_many_takes_no_cash(facts: PayFacts) -> None:
    """Within a moment of the Enter that brought the screen up, or took a part, or asked the terminal."""
    assert press(facts, PayState(), "enter")[1] == [take("CASH", None)]
    hasty = replace(facts, is_hasty=True)
    state, asked = press(hasty, PayState(), "enter")
    assert (asked, state.message and state.message.text) == ([], "₹240.00 in cash? Enter again takes it.")
    assert press(hasty, state, "enter")[1] == [take("CASH", None)]
    assert press(facts, state, "c", "backspace", "enter")[1] == [take("CASH", None)]
    state, _asked = press(facts, PayState(), *"120", "enter")
    state, _calls = reduce(state, MoneyTaken(facts.order), facts)
    assert press(hasty, state, "enter")[1] == []


@pytest.mark.parametrize(
    ("keys", "taken"),
    [("", take("CASH", None)), ("c", take("CARD", None)), ("300", take("CASH", Minor(30000)))],
)
def test_an_enter_for_a_bill_that_another_till_changed_asks_once(facts: PayFacts, keys: str, taken: PayCall) -> None:
    """The cashier read the amount from before, and holds that."""
    state, asked = press(facts, PayState(due=Minor(18000)), *keys, "enter")
    assert (asked, state.message and state.message.text) == (
        [],
        "The bill changed: ₹240.00 is due. Enter again does it.",
    )
    assert press(facts, state, "enter")[1] == [taken]
    state, _calls = reduce(PayState(due=Minor(18000)), MoneyTaken(facts.order), facts)
    assert press(facts, state, *keys, "enter")[1] == [taken]


@pytest.mark.parametrize("key", ["f8", "f12", "f7", "backspace"])
def test_enter_after_a_refused_key_takes_no_cash(facts: PayFacts, key: str) -> None:
    state, asked = press(facts, PayState(), key, "enter")
    assert (asked, state.message and state.message.text) == ([], "₹240.00 in cash? Enter again takes it.")
    assert press(facts, state, "enter")[1] == [take("CASH", None)]


@pytest.mark.parametrize("key", ["f8", "f12", "f7"])
def test_enter_after_a_refused_key_takes_no_card(facts: PayFacts, key: str) -> None:
    state, asked = press(facts, PayState(), "c", key, "enter")
    assert (asked, state.message and state.message.text) == ([], "₹240.00 by card? Enter again takes it.")
    assert press(facts, state, "enter")[1] == [take("CARD", None)]


def test_an_enter_too_many_gives_no_money_back(facts: PayFacts) -> None:
    facts, paid = with_money(facts)
    facts = replace(facts, order=replace(facts.order, lines={}), is_hasty=True)
    state, asked = press(facts, PayState(), "enter")
    assert (asked, state.giving_back) == ([], paid)
    assert press(facts, state, "enter")[1] == [call(PayActs.give_back, paid)]


def with_money(facts: PayFacts, tender: str = "CASH", amount: int = 2200) -> tuple[PayFacts, Payment]:
    paid = Payment("p", tender, Minor(amount), PaymentState.APPROVED, facts.order.created_at, 1, 1)
    return replace(facts, order=replace(facts.order, payments={"p": paid})), paid


def test_a_part_that_rounds_up_is_no_more_than_is_due_in_cash(facts: PayFacts) -> None:
    terms = replace(facts.order.terms, rounding=PaidRounding(Minor(100), bill=True))
    facts, _paid = with_money(replace(facts, order=replace(facts.order, terms=terms), stays=Minor(1)), "CARD", 23_840)
    assert (facts.part, due_by(facts, CASH, NOTHING)) == (159, 160)


@pytest.mark.parametrize("key", ["f7", "delete"])
def test_f7_asks_to_give_the_last_payment_back_and_enter_does(facts: PayFacts, key: str) -> None:
    facts, paid = with_money(facts)
    state, asked = press(facts, PayState(), key, key)
    assert asked == []
    assert state.message is not None
    assert state.message.text == "Refund ₹22.00? Enter does, any other key keeps it."
    assert press(facts, state, "enter")[1] == [call(PayActs.give_back, paid)]


@pytest.mark.parametrize("key", ["escape", "f5", "5", "c"])
def test_any_other_key_keeps_it_and_takes_the_question_off(facts: PayFacts, key: str) -> None:
    facts, _paid = with_money(facts)
    state, _asked = press(facts, PayState(), "f7", key)
    message = state.message.text if state.message else ""
    assert (state.giving_back, message) == (None, "Press Esc first, then F5." if key == "f5" else "")
    assert all(asked.act is not PayActs.give_back for asked in press(facts, state, "enter")[1])


def test_backspace_edits_and_never_asks_for_a_refund(facts: PayFacts) -> None:
    facts, paid = with_money(facts)
    state, _asked = press(facts, PayState(), "5", "backspace")
    assert (state.entry.text, state.message) == ("", None)
    state, _asked = press(facts, state, "backspace")
    assert state.message is not None
    assert (state.giving_back, state.message.text) == (None, "Nothing is typed. F7 refunds the last payment.")
    assert press(facts, state, "enter")[1] == [], "an Enter after it takes no money either"
    assert press(facts, state, "f7")[0].giving_back is paid


def test_f7_refunds_nothing_while_something_is_typed_or_nothing_is_paid(facts: PayFacts) -> None:
    state, _asked = press(facts, PayState(), "f7")
    assert state.message is not None
    assert state.message.text == "Nothing is paid yet, so there is nothing to refund."
    state, _asked = press(with_money(facts)[0], PayState(), "5", "f7")
    assert state.message is not None
    assert (state.giving_back, state.message.text) == (None, "Press Esc first, then F7.")


GOES_BACK = "₹40.00 goes back: Esc, then Enter in cash. C: by card."


@pytest.mark.parametrize(
    ("keys", "hands", "sentence"),
    [
        ("h", BY_HAND, GOES_BACK),
        ("v", BY_HAND, GOES_BACK),
        ("vabc", BY_HAND, GOES_BACK),
        ("h40", BY_HAND, GOES_BACK),
        ("h", (), "₹40.00 goes back in cash: Esc, then Enter."),
    ],
)
def test_a_refund_by_the_server_names_the_keys_that_give_it(
    owed: PayFacts, keys: str, hands: tuple[TenderTraits, ...], sentence: str
) -> None:
    here = replace(owed, tenders=Tenders((*AT_SERVER, *hands)))
    state, _asked = press(here, PayState(), *keys)
    view = pay_views(state, here, StatusView("", ""))
    assert view["entry"].answer is not None
    assert (view["entry"].answer.text, view["keys"].primary) == (sentence, None)
    state, asked = press(here, state, "enter")
    assert (asked, state.message and state.message.text) == ([], sentence)
    state, asked = press(here, state, "escape", "enter")
    assert asked == [take("CASH", None)]


def test_a_refund_by_the_server_that_was_asked_for_at_the_order_is_refused_here(owed: PayFacts) -> None:
    here = replace(owed, tenders=Tenders((*AT_SERVER, *BY_HAND)))
    state, calls = reduce(PayState(), Offered("VOUCHER", None), here)
    assert (calls, state.message and state.message.text, state.entry.text) == ((), GOES_BACK, "v")
    assert press(here, state, "escape", "c", "enter")[1] == [take("CARD", None)]


@pytest.mark.parametrize("keys", ["s", "2s"])
def test_a_bill_with_money_to_give_back_is_not_split(owed: PayFacts, keys: str) -> None:
    state, asked = press(owed, PayState(), *keys)
    assert (asked, state.message and state.message.text) == ([], "₹40.00 goes back: there is nothing to split.")
    assert "Split" not in [row.name for row in pay_views(PayState(), owed, StatusView("", ""))["other_tenders"].rows]
    assert press(owed, state, "enter", "enter")[1] == [take("CASH", None)]  # it asks once


def test_a_refund_names_no_key_that_does_not_give_it(owed: PayFacts) -> None:
    here = replace(owed, tenders=Tenders((*AT_SERVER, *BY_HAND)))
    answer = pay_views(PayState(), here, StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text == "Refund ₹40.00: Enter in cash. C marks card."


def test_money_whose_lines_are_void_is_given_back_and_takes_no_more(facts: PayFacts) -> None:
    facts, paid = with_money(facts, "CARD")
    facts = replace(facts, order=replace(facts.order, lines={}))
    assert press(facts, PayState(), "enter")[1] == [call(PayActs.give_back, paid)]
    for typed in ("22", "c", "w", "cash", "card"):
        assert press(facts, PayState(), *typed, "enter")[1] == []


@pytest.mark.parametrize("typed", ["c", "cash 50", "card", "rent", "credit", "we'll", "qq", "100c", "tree"])
def test_no_letter_takes_money(facts: PayFacts, typed: str) -> None:
    state, asked = press(facts, PayState(), *typed)
    assert (state.entry.text, asked) == (typed, [])


@pytest.mark.parametrize("typed", ["gold", "ca", "rent", "we'", "100card"])
def test_words_that_do_not_say_how_pay_nothing(facts: PayFacts, typed: str) -> None:
    state, asked = press(facts, PayState(), *typed, "enter")
    assert (asked, state.entry) == ([], EntryLine.offer(typed))
    assert state.message is not None
    assert state.message.text == "Type cash, card or UPI, with an amount or without; or a tip."


@pytest.mark.parametrize(
    ("offered", "ways", "helped"),
    [
        ((BY_HAND[0], LUNCH, *AT_SERVER), "cash or card", "“card 50”, “tip 5”"),
        ((BY_HAND[1],), "cash or UPI", "“UPI 50”, “tip 5”"),
        ((LUNCH,), "cash", "“tip 5”"),
    ],
)
def test_only_ways_that_the_venue_has_are_named(
    facts: PayFacts, offered: tuple[TenderTraits, ...], ways: str, helped: str
) -> None:
    here = replace(facts, tenders=Tenders(offered))
    state, _asked = press(here, PayState(), *"gold")
    views = pay_views(state, here, StatusView("", ""))
    assert views["entry"].answer is not None
    assert views["entry"].answer.text == f"In words: {ways}, as in cash 500. Then Enter."
    state, _asked = press(here, state, "enter")
    assert state.message is not None
    assert state.message.text == f"Type {ways}, with an amount or without; or a tip."
    assert ("cash 500 Enter", "In words too", helped) in keys_of(offered).helped(here.keymap)


@pytest.mark.parametrize(("key", "name"), [("f4", "F4"), ("f8", "F8"), ("f12", "F12"), ("ctrl+z", "Ctrl+Z")])
def test_a_command_of_the_order_says_that_it_waits(facts: PayFacts, key: str, name: str) -> None:
    state, asked = press(facts, PayState(), *"50", key)
    assert (asked, state.entry.text) == ([], "50")
    assert state.message is not None
    assert state.message.text == f"Press Esc first, then {name}."


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("", TenderAmount(CASH, Minor(9_000), Minor(1_000), part=Minor(8_000))),
        ("c", TenderAmount(CARD, Minor(9_000), Minor(1_000), part=Minor(8_000))),
        ("c90", TenderAmount(CARD, Minor(9_000), Minor(1_000), part=Minor(8_000))),
        ("c85", TenderAmount(CARD, Minor(8_500), Minor(1_000), part=Minor(8_000))),
        ("100", TenderAmount(CASH, Minor(10_000), Minor(1_000), part=Minor(8_000))),
    ],
)
def test_each_guest_can_tip_with_a_part(facts: PayFacts, typed: str, taken: TenderAmount) -> None:
    first = replace(facts, stays=Minor(16_000))
    state, asked = press(first, PayState(), "p", *"10", "enter")
    assert (state.tip, asked) == (1_000, [])
    assert state.message is not None
    assert state.message.text == "A tip of ₹10.00: ₹90.00 with it."
    state, asked = press(first, state, *typed, "enter")
    assert asked == [call(PayActs.take, taken)]


def test_a_part_asks_before_it_has_the_agreed_tip_in_it(facts: PayFacts) -> None:
    state, asked = press(facts, PayState(tip=Minor(1_000)), *"c150", "enter")
    assert asked == []
    assert state.message is not None
    assert state.message.text == "₹150.00, of it ₹10.00 tip? Enter again: yes. Tab: later."
    for key, tip in (("enter", Minor(1_000)), ("tab", NOTHING)):
        assert press(facts, state, key)[1] == [call(PayActs.take, TenderAmount(CARD, Minor(15_000), tip))]
    state, asked = press(facts, PayState(), *"c150", "enter")
    assert asked == [call(PayActs.take, TenderAmount(CARD, Minor(15_000), NOTHING))]


def test_more_than_a_part_with_its_tip_is_refused(facts: PayFacts) -> None:
    state, asked = press(replace(facts, stays=Minor(16_000)), PayState(tip=Minor(1_000)), *"c91", "enter")
    assert asked == []
    assert state.message is not None
    assert state.message.text == "This part is ₹90.00. Type that or less."


def test_the_amount_still_due_is_reported_with_the_agreed_tip(facts: PayFacts) -> None:
    state, _calls = reduce(PayState(tip=Minor(6_000)), MoneyTaken(facts.order), facts)
    assert state.message is not None
    assert state.message.text == "₹300.00 is still due, with the tip."


@pytest.mark.parametrize(
    ("gives_change", "keys", "figures", "message"),
    [
        (True, "l500", ("Change ₹260.00.", "Due ₹240.00."), "Enter takes ₹500.00 by luncheon voucher. Change ₹260.00."),
        (True, "l240", ("Luncheon voucher ₹240.00.", None), "Enter takes ₹240.00 by luncheon voucher."),
        (True, "l100", ("Luncheon voucher ₹100.00.", None), "Enter takes ₹100.00 by luncheon voucher."),
        (False, "l500", ("Luncheon voucher ₹500.00.", None), "That is more than the ₹240.00 due."),
    ],
)
def test_change_is_the_large_figure(
    facts: PayFacts, keys: str, figures: tuple[str, str | None], message: str, *, gives_change: bool
) -> None:
    facts = replace(facts, tenders=Tenders([replace(LUNCH, gives_change=gives_change)]))
    views = pay_views(press(facts, PayState(), *keys)[0], facts, StatusView("", ""))
    assert (views["change"].figure.sentence, views["due"].sentence or None) == figures
    assert (views["entry"].answer.text if views["entry"].answer else "") == message


@pytest.mark.parametrize(
    ("typed", "figure", "pieces"),
    [
        ("", "Refund ₹40.00.", [" 2 × 20"]),
        ("-40", "Refund ₹40.00.", [" 2 × 20"]),
        ("-5", "Refund ₹5.00.", [" 1 × 5"]),
        ("cash", "Refund ₹40.00.", [" 2 × 20"]),
        ("c", "Due −₹40.00.", []),
        ("card", "Due −₹40.00.", []),
        ("cx", "Refund ₹40.00.", []),
        ("card x", "Refund ₹40.00.", []),
        ("c-", "Refund ₹40.00.", []),
        ("5..5", "Refund ₹40.00.", []),
        ("q", "Refund ₹40.00.", []),
        ("-50", "Refund ₹40.00.", []),
    ],
)
def test_notes_and_coins_are_shown_for_a_refund_that_enter_gives_in_cash(
    owed: PayFacts, typed: str, figure: str, pieces: list[str]
) -> None:
    view = pay_views(PayState(entry=EntryLine.of(typed)), owed, StatusView("", ""))
    assert (view["change"].figure.sentence, [one.text for one in view["change"].right]) == (figure, pieces)


@pytest.mark.parametrize(
    ("typed", "announced", "key", "takes"),
    [
        ("-5", "Enter refunds ₹5.00 in cash.", "Refund 5.00", take("CASH", Minor(-500))),
        ("-40", "Enter refunds ₹40.00 in cash.", "Refund 40.00", take("CASH", Minor(-4000))),
        ("-5u", "Enter refunds ₹5.00 by UPI.", "Refund 5.00", take("UPI", Minor(-500))),
        ("-50", "That is more than the ₹40.00 to refund.", "", take("CASH", Minor(-5000))),
    ],
)
def test_a_part_of_a_refund_is_announced_as_typed(
    owed: PayFacts, typed: str, announced: str, key: str, takes: PayCall
) -> None:
    state = PayState(entry=EntryLine.of(typed))
    view = pay_views(state, owed, StatusView("", ""))
    row = next(row.cells for row in view["tenders"].rows if len(row.cells) > 2)
    assert row[-1].message.text == ("−5.00" if "5.00" in key else "−40.00")
    assert view["entry"].answer is not None
    assert (view["entry"].answer.text, view["keys"].primary.word if view["keys"].primary else "") == (announced, key)
    assert press(owed, state, "enter")[1] == [takes]


@pytest.mark.parametrize(
    ("code", "change", "pieces"),
    [
        ("INR", 18_650, "1 × 100  1 × 50  1 × 20  1 × 10  1 × 5  1 × 1  1 × 0.50"),
        ("SEK", 34_400, "1 × 200  1 × 100  2 × 20  2 × 2"),
        ("KWD", 5_285, "1 × 5  1 × 0.250  1 × 0.020  1 × 0.010  1 × 0.005"),
        ("PLN", 2_560, "1 × 20  1 × 5  …"),  # of this money no coins are known
    ],
)
def test_pieces_of_change_that_are_not_all_of_it_say_so(code: str, change: int, pieces: str) -> None:
    shown = give_back(Minor(change), Formats(Currency(code), marks_of("en_IN")))
    assert " ".join(one.text for one in shown).strip() == pieces


@pytest.mark.parametrize(("keys", "tender"), [("100", "CASH"), ("l100", "LUNCH")])
def test_change_is_given_of_what_is_beyond_a_part(facts: PayFacts, keys: str, tender: str) -> None:
    facts = replace(facts, tenders=Tenders([LUNCH]), stays=Minor(16_000))
    state, _asked = press(facts, PayState(), *keys)
    assert pay_views(state, facts, StatusView("", ""))["change"].figure.sentence == "Change ₹20.00."
    assert press(facts, state, "enter")[1] == [take(tender, Minor(10_000), part=Minor(8_000))]
    asked, calls = press(facts, PayState(), *keys, "0", "0", "enter")
    assert (calls, asked.message and asked.message.text) == (
        [],
        "₹10,000.00 for ₹80.00? Enter again takes it. Change ₹9,920.00.",
    )


def test_a_tender_without_change_takes_at_most_a_part_and_no_key_promises_more(facts: PayFacts) -> None:
    facts = replace(facts, tenders=Tenders([replace(LUNCH, gives_change=False)]), stays=Minor(16_000))
    state, _asked = press(facts, PayState(), *"l100")
    views = pay_views(state, facts, StatusView("", ""))
    assert views["entry"].answer is not None
    assert (views["entry"].answer.text, views["keys"].primary) == ("That is more than the ₹80.00 due.", None)
    refused, asked = press(facts, state, "enter")
    assert (asked, refused.message and refused.message.text) == ([], "This part is ₹80.00. Type that or less.")


@pytest.mark.parametrize(
    ("by", "stopping", "message"),
    [
        ("terminal", None, "The terminal has ₹240.00. Typing is ignored; Esc stops the card."),
        ("code", 3, "The code for ₹240.00 is being closed. Typing is ignored for now."),
        ("code", None, "Creating the code for ₹240.00. Typing is ignored; Esc closes the code."),
        ("server", None, "The server has ₹240.00. Typing is ignored; Esc stops it."),
    ],
)
def test_the_holder_of_the_payment_is_named(facts: PayFacts, by: By, stopping: int | None, message: str) -> None:
    payment = Payment("p", "UPI", Minor(24_000), PaymentState.STARTED, facts.order.created_at, 1)
    awaited = Awaited(payment, "UPI", is_unknown=False, by=by, stopping_s=stopping)
    state, asked = press(replace(facts, awaited=awaited), PayState(), "5")
    assert (asked, state.entry.text) == ([], "")
    assert state.message is not None
    assert state.message.text == message
    shown = pay_views(state, replace(facts, awaited=awaited), StatusView("", ""))
    assert shown["keys"].note is not None
    assert ("terminal" in shown["keys"].note.text) == (by == "terminal")


def test_a_long_name_of_a_way_to_pay_stands_whole_and_it_asks_first(facts: PayFacts) -> None:
    facts = replace(facts, tenders=Tenders([*BY_HAND, *AT_SERVER]))
    for key, name, enter in (("h", "House account", "Look at the account"), ("v", "Voucher", "Ask for its code")):
        views = pay_views(press(facts, PayState(), key)[0], facts, StatusView("", ""))
        cells = next(row.cells for row in views["tenders"].rows if len(row.cells) > 2)
        assert cells[1].message.text == name
        assert cells[2].at >= cells[1].at + len(name) + 2
        assert views["keys"].primary is not None
        assert views["keys"].primary.word == enter


def test_enter_refuses_a_removed_tender(facts: PayFacts) -> None:
    payment = Payment("p", "UPI", Minor(24_000), PaymentState.UNKNOWN, facts.order.created_at, 1)
    unknown = replace(facts, awaited=Awaited(payment, "UPI", is_unknown=True))
    state, asked = press(unknown, PayState(), "enter")
    assert asked == []
    assert state.message is not None
    assert state.message.text.startswith("UPI is not set up on this till.")
    assert pay_views(state, unknown, StatusView("", ""))["keys"].primary is None


@pytest.mark.parametrize("wide", [False, True])
def test_an_outcome_that_only_another_till_can_ask_for_names_it_and_the_key(facts: PayFacts, *, wide: bool) -> None:
    payment = Payment("p", "CARD", Minor(24_000), PaymentState.UNKNOWN, facts.order.created_at, 3)
    awaited = Awaited(payment, "Card", is_unknown=True, elsewhere="Till 3")
    state, _asked = press(replace(facts, awaited=awaited, is_wide=wide), PayState(), "enter")
    assert state.message is not None
    assert state.message.text == "Card is not set up here. K: Till 3 asks. M: a manager."
    views = pay_views(state, replace(facts, awaited=awaited, is_wide=wide), StatusView("", ""))
    assert views["entry"].hint == "K lets Till 3 ask for the outcome."
    shown = [cell.message.text for row in (*views["tenders"].rows, *views["story"].rows) for cell in row.cells]
    assert ("on Till 3, after K" in shown, "Till 3 asks then. The answer finds it." in shown) == (wide, wide)
    assert "Ask now" not in shown
