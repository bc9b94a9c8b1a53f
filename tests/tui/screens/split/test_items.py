"""Payment by items on the screen: marked items are a part of the order, and the next guest sees the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.payments.scripted import Terminal
from tests.tui.playing import LOG_IN, Till, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import beside, heard
from tests.tui.screens.pay.test_kept import CODE, a_store, at_server
from tests.tui.screens.split.test_reduce import an_order, began, press
from tests.tui.screens.split.test_split import ORDER, rounds, scene, totals
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced
from till.domain.order.line import TakenOff
from till.domain.order.state import Payment
from till.domain.payment.movement import PaymentState
from till.domain.settings import VenueSettings
from till.domain.structs import replace
from till.domain.venue import Venue
from till.tui.screens.sell.order_lines import OrderLines
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.split.acts import SplitActs
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.split.state import Manner, items_of, refresh_split
from till.tui.shell.calls import call

if TYPE_CHECKING:
    from pathlib import Path

BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 36)])
ITEMS = ORDER + "pay items{enter}"


def payments(till: Till) -> list[tuple[str, str]]:
    placed = till.journal.numbered(1)[0].data
    assert isinstance(placed, OrderPlaced)
    return [(one.tender, one.amount) for one in placed.payments]


@BOTH
async def test_each_guest_pays_what_is_marked_and_sees_what_is_left(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=ORDER + "{f9}si") as till:
        assert "Nothing is marked yet. A digit marks a line." in till.text()
        await till.type("13-")
        assert "2 × Idly, 2 × Filter Coffee: ₹140.00." in till.text()
        assert "2 of 3" in till.text()
        await till.type("{enter}")
        assert till.rows()[2].lstrip().startswith("Pay  guest 1, 4 pieces")
        await till.type("200{enter}")
        assert till.answer() == "Change ₹60.00. Paid. ₹110.00 is still due."
        paid = "✓ paid cash: 2 × Idly, 2 × Filter Coffee" if size == (80, 24) else "2 × Idly, 2 × Filter Coffee\n"
        assert ("Guest 1     ✓ paid cash" in till.text(), paid in till.text()) == (True, True)
        assert "✓ 2 of 3 paid" in till.text()
        await till.type("1")
        assert till.answer() == "Idly is paid for. Another digit marks another line."
        await till.type("23")
        assert "1 of 1 left" in till.text()
        await till.type("{enter}u{enter}")
        assert isinstance(till.scene, SellScene)
        assert (totals(till), payments(till)) == (["250.00"], [("CASH", "140.00"), ("UPI", "110.00")])
        sold = till.register.ledger.order(till.journal.numbered(1)[0].stream_id)
        assert sorted(sold.paid_for.values()) == [1, 2, 3]


@BOTH
async def test_the_order_shows_what_is_paid_for(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=ITEMS + "13--{enter}c{enter}{escape}") as till:
        assert isinstance(till.scene, SellScene)
        shown = till.text()
        assert ("        paid" in shown, "1 of 3 paid" in shown) == (True, True)
        await till.type("{f9}{f7}{enter}{escape}")
        assert "of 3 paid" not in till.text()


async def test_paid_pieces_are_not_voided_until_their_payment_is_refunded(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ITEMS + "1-{enter}c{enter}{escape}{up}{up}{f7}1{enter}") as till:
        assert till.answer() == "1 Idly is paid for: refund that payment first."
        await till.type("{escape}{escape}{f9}{f7}{enter}{escape}{up}{up}{f7}1{enter}")
        assert till.order.total == 17_000


async def test_a_paid_piece_stays_where_a_guest_would_take_it_to_a_bill_of_its_own(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ITEMS + "1-{enter}c{enter}{left}{left}") as till:
        assert till.answer() == "A part is paid: the rest is paid in parts too."
        assert scene(till).state.manner is Manner.EVEN
        await till.type("i")
        assert scene(till).state.manner is Manner.ITEMS


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("19", "These pieces come to ₹40.00. Take that, or mark fewer."),
        ("39", "These pieces come to ₹40.00. Take that, or mark fewer."),
        ("c39", "These pieces come to ₹40.00. Take that, or mark fewer."),
        ("c41", "This part is ₹40.00. Type that."),
        ("61", "Change ₹21.00. Paid. ₹210.00 is still due."),
    ],
)
async def test_pieces_are_paid_by_one_payment(tmp_path: Path, typed: str, message: str) -> None:
    async with a_quiet_till(tmp_path, typed=ITEMS + f"1-{{enter}}{typed}{{enter}}") as till:
        assert till.answer() == message
        assert till.register.ledger.open_orders()[0].paid == (4_000 if typed == "61" else 0)


@pytest.mark.parametrize(("left", "paid"), [(3_900, 0), (4_100, 4_000)])
async def test_a_voucher_pays_for_pieces_if_there_is_enough_on_it(tmp_path: Path, left: int, paid: int) -> None:
    store = a_store(left)
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ITEMS + f"1-{{enter}}v{{enter}}{CODE}{{enter}}{{enter}}")
        order = till.register.ledger.open_orders()[0]
        payments = list(order.payments.values())
        assert sum(one.amount for one in payments) == paid
        assert sum(order.paid_for.values()) == bool(paid)
        assert paid or till.answer() == "These pieces come to ₹40.00. Take that, or mark fewer."


async def test_each_guest_tips_with_the_items(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ITEMS + "1{enter}p5{enter}c{enter}") as till:
        assert till.answer() == "Tip ₹5.00. ₹170.00 is still due."
        await till.type("23{enter}p10{enter}c{enter}")
        assert payments(till) == [("CARD", "85.00"), ("CARD", "180.00")]
        assert [one.tip for one in till.journal.numbered(1)[-1].data.payments] == ["5.00", "10.00"]


async def test_marks_and_payments_by_items_outlive_a_till_that_is_killed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ITEMS + "1{enter}c{enter}2") as till:
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, typed=LOG_IN + "split{enter}") as till:
        assert "1 × Masala Dosa: ₹80.00." in till.text()
        await till.type("{enter}c{enter}3{enter}c{enter}")
        assert payments(till) == [("CARD", "80.00"), ("CARD", "80.00"), ("CARD", "90.00")]


async def test_another_till_shows_what_guests_have_paid_for(tmp_path: Path) -> None:
    """The other till has no record of the marks made here: the order's payments show them."""
    async with a_quiet_till(tmp_path, typed=ITEMS + "1{enter}c{enter}") as till:
        session = scene(till).session_id
        till.register.draft_split.keep(session, "split", None)
        SplitScene(till.app.controller, session).show()
        assert scene(till).state.manner is Manner.ITEMS
        assert "2 × Idly" in till.text()
        await till.type("{right}{right}")
        assert till.answer() == "A part is paid: the rest is paid in parts too."


async def test_pieces_that_a_terminal_is_asked_for_are_reported_as_such(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then("unknown")):
        await till.type(ITEMS + "1-{enter}c{enter}")
        await heard(till)
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, typed=LOG_IN) as till:
        assert "1 of 2 being paid" in till.text()


async def test_cash_for_items_rounds_and_the_last_guest_pays_what_is_left(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await rounds(till)
        await till.type(LOG_IN + "3 idly{enter}price 33.33{enter}{f2}moved{enter}9{enter}9999{enter}pay items{enter}")
        for _guest in range(3):
            await till.type("+{enter}{enter}{enter}")
        assert isinstance(till.scene, SellScene)
        assert payments(till) == [("CASH", "33.00"), ("CASH", "33.00"), ("CASH", "34.00")]


def test_marks_go_where_their_pieces_are_paid_or_voided_meanwhile() -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "i", "1", "2")
    first, second = order.lines
    fewer = replace(order.lines[first], taken=(TakenOff("x", 1),))
    assert refresh_split(state, replace(order, lines={first: fewer})).items == {first: 1}
    assert refresh_split(state, order).items == {first: 2, second: 1}


def test_the_order_shows_at_once_what_came_to_be_paid_for() -> None:
    order = an_order(2)
    lines = OrderLines(Formats(order.terms.currency, marks_of("en")), Venue(VenueSettings(), order.terms))
    assert lines.of(order)[0].view.modifiers == ()
    (line,) = order.lines
    moment = order.created_at
    asked = Payment("p", "CARD", Minor(4_000), PaymentState.UNKNOWN, moment, 1, pieces={line: 1})
    seen = []
    for state in (PaymentState.UNKNOWN, PaymentState.APPROVED, PaymentState.VOIDED):
        shown = lines.of(replace(order, payments={"p": replace(asked, state=state)}))[0].view
        seen.append([one.text for one in shown.modifiers])
    assert seen == [["1 of 2 being paid"], ["1 of 2 paid"], []]


def test_a_digit_marks_all_that_is_left_of_a_line_and_again_none() -> None:
    order = an_order(2, 3)
    state, _asked = press(began(order), order, "i", "2")
    assert (state.line, items_of(state, 1), items_of(state, 0)) == (1, 3, 0)
    assert press(state, order, "2")[0].items == {}
    assert press(state, order, "backspace")[0].items == {}


def test_plus_and_minus_mark_one_piece_more_or_less() -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "i", "plus", "plus", "plus")
    assert items_of(state, 0) == 2
    state, _asked = press(state, order, "minus", "down", "plus")
    assert (items_of(state, 0), items_of(state, 1)) == (1, 1)
    state, _asked = press(state, order, "minus", "minus", "up", "minus")
    assert state.items == {}


@pytest.mark.parametrize("key", ["0", "9", "x", "m", "i"])
def test_a_key_that_marks_no_line_says_what_does(key: str) -> None:
    order = an_order(2)
    state, asked = press(began(order), order, "i", key)
    assert (state.items, asked) == ({}, [])
    assert state.message is not None


def test_payment_by_items_needs_a_mark() -> None:
    order = an_order(2)
    state, asked = press(began(order), order, "i", "enter")
    assert asked == []
    assert state.message is not None
    assert press(state, order, "1", "enter")[1] == [call(SplitActs.pay_items)]


async def test_free_piece_ends_no_sale(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["promotions"] = [{"name": "3 for 2", "buy": 2, "get": 1}]
    async with a_quiet_till(tmp_path, reference=reference) as till:
        await till.type(LOG_IN + "tea{enter}less sugar{enter}2 tea{enter}pay items{enter}1{enter}")
        assert "This part costs nothing. Enter: the next guest." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Paid. ₹40.00 is still due."


async def test_pieces_of_a_rounded_bill_cost_what_pay_asks_for_them(tmp_path: Path) -> None:
    """A guest takes 17.60 of 105.60, which Pay rounds to 106.00: 18.00, not 17.00."""
    reference = a_reference()
    reference["settings"]["service_charge"] = {"percent": "10", "order_types": ["dine_in"]}
    async with a_quiet_till(tmp_path, reference=reference) as till:
        await till.type(LOG_IN + "2 idly{enter}tea{enter}price 16{enter}{f2}moved{enter}9{enter}9999{enter}")
        await till.type("tab 5{enter}tab 5{enter}pay items{enter}2{enter}")
        assert till.order.total == 10_560
        assert "Enter takes ₹18.00 in cash." in till.text()
        await till.type("{enter}{enter}")
        assert till.order.paid == 1_800
        await till.type("1{enter}{enter}{enter}")
        assert payments(till) == [("CASH", "18.00"), ("CASH", "88.00")]
