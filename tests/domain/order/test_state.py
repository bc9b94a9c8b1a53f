"""Questions that the rest of the till asks an order and its payments."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.domain.making import CUP, DOSA, SESSION, START, TAB, A, B, uid
from tests.domain.order.test_refusals import Made
from till.domain.events.envelope import SERVER
from till.domain.money.measures import Millionths, Minor
from till.domain.order import discounting, voiding
from till.domain.order.discounting import Given
from till.domain.order.events import PlacedPayment
from till.domain.order.state import (
    Customer,
    Move,
    Order,
    Payment,
    Placed,
    Return,
    Status,
    Submitted,
    Tab,
    TipChange,
    UnreadRecord,
    submitted_name,
)
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace

S: Final = PaymentState
ASKED: Final = ("V1", "", "")


def pay(name: str = "p", amount: int = 1_000, state: PaymentState = S.APPROVED, **more: Any) -> Payment:
    facts: dict[str, Any] = {"tender": "CASH", "at": START, "till": 1} | more
    return Payment(id=uid(name), amount=Minor(amount), state=state, **facts)


def back(name: str, state: PaymentState) -> Return:
    return Return(id=uid(name), payment_id=uid("p"), tender="CARD", amount=Minor(1), state=state, at=START, till=1)


def with_(*payments: Payment, order: Order | None = None) -> Order:
    return replace(order or Made("a").order, payments={one.id: one for one in payments})


# Payments


def test_newest_return_without_an_answer_is_asked_for() -> None:
    first, second, third = back("r1", S.STARTED), back("r2", S.UNKNOWN), back("r3", S.DECLINED)
    waits, over = pay(returns=(first, second, third)), pay(returns=(third,))
    assert (waits.going_back, waits.asked_for, waits.is_awaited) == (second, second, True)
    assert (over.going_back, over.asked_for, over.is_awaited) == (None, over, False)
    for state in S:
        assert pay(state=state).is_awaited == (state in {S.STARTED, S.UNKNOWN, S.AUTHORISED})


def test_payment_settles_without_its_tip_and_what_is_over() -> None:
    assert pay(amount=1_000, tip=Minor(100), over=Minor(30)).settles == 870


@pytest.mark.parametrize(
    ("payment", "is_paid_out", "is_given_up", "tip_left"),
    [
        (pay(), False, False, 0),
        (pay(amount=-1), True, False, 0),
        (pay(amount=0), False, False, 0),
        (pay(amount=-1, state=S.VOIDED), False, False, 0),
        (pay(state=S.VOIDED, till=SERVER), False, True, 0),
        (pay(till=SERVER), False, False, 0),
        # the tip that was asked for
        (pay(state=S.DECLINED, tip_asked=Minor(50)), False, False, 50),
        (pay(amount=900, state=S.DECLINED, asked=Minor(1_000), tip_asked=Minor(50), tip=Minor(50)), False, False, 50),
        (pay(amount=900, state=S.STARTED, asked=Minor(1_000), tip_asked=Minor(50), tip=Minor(20)), False, False, 0),
        (pay(state=S.STARTED, tip_asked=Minor(50)), False, False, 0),
        (pay(asked=Minor(1_000), tip_asked=Minor(50)), False, False, 0),
        (pay(asked=Minor(1_001), tip_asked=Minor(50)), False, False, 50),
        (pay(amount=900, asked=Minor(1_000), tip_asked=Minor(50), tip=Minor(20)), False, False, 30),
        (pay(amount=900, asked=Minor(1_000), tip_asked=Minor(50), tip=Minor(60)), False, False, 0),
        (pay(amount=900, tip_asked=Minor(50)), False, False, 0),
    ],
)
def test_payment_that_went_out_or_came_short(
    payment: Payment, tip_left: int, *, is_paid_out: bool, is_given_up: bool
) -> None:
    assert (payment.is_paid_out, payment.is_given_up, payment.tip_left) == (is_paid_out, is_given_up, tip_left)


def test_money_of_an_order_is_that_of_its_approved_payments() -> None:
    payments = [
        pay("p1", 1_000, tip=Minor(100), over=Minor(50), pieces={A: 1}),
        pay("p2", 500, S.STARTED, pieces={A: 1, B: 2}),
        pay("p3", 700, S.DECLINED, tip=Minor(9), pieces={A: 5}),
        pay("p4", 900, S.VOIDED, tip=Minor(9), pieces={A: 5}),
        pay("p5", -200, tip=Minor(0), pieces={B: 1}),
        pay("p6", 0),
    ]
    order = with_(*payments)
    assert (order.paid, order.due, order.tips) == (650, 3_350, 100)
    assert order.paid_for == {A: 2, B: 3}
    assert (order.pending_payment, order.last_taken) == (payments[1], payments[4])
    assert order.has_money
    assert [with_(one).has_money for one in payments] == [True, True, False, False, True, False]
    assert [with_(one).last_taken is one for one in payments] == [True, False, False, False, True, False]
    assert with_(pay(reference=ASKED), payments[0]).is_answered
    assert not with_(pay(state=S.STARTED, reference=ASKED), payments[0]).is_answered


@pytest.mark.parametrize(
    ("holder", "till", "by", "asks"),
    [(1, 1, 2, True), (2, 1, 1, False), (2, None, 1, True), (2, None, 2, False), (1, None, 2, True)],
)
def test_holder_asks_for_an_outcome_or_who_asked_while_nobody_has_it_open(
    holder: int, till: int | None, by: int, *, asks: bool
) -> None:
    order = replace(Made().order, holder=holder, till=till)
    assert order.is_followed_by(1, pay(till=by)) == asks


# Status

TABLE: Final = Tab(TAB, "table 7")


@pytest.mark.parametrize(
    ("status", "is_open", "is_over", "words"),
    [
        (Status.ACTIVE, True, False, "open"),
        (Status.PENDING_LOGOUT, True, False, "suspended"),
        (Status.ASSIGNED_TO_TAB, False, False, "saved"),
        (Status.COMPLETED, False, True, "paid"),
        (Status.DISCARDED, False, True, "cleared"),
        (Status.QUARANTINED, False, False, "waits for a manager"),
    ],
)
def test_status_of_an_order(status: Status, words: str, *, is_open: bool, is_over: bool) -> None:
    order = replace(Made().order, status=status)
    assert (order.is_open, order.is_over, status.in_words) == (is_open, is_over, words)
    assert (order.settled is None) == (not is_over)


_UNREAD: Final = {"u": UnreadRecord("u", "x", 1, START, "")}


@pytest.mark.parametrize(
    ("order", "is_empty", "is_in_use", "is_blank", "is_spent", "step"),
    [
        (Made().order, True, False, True, False, "browsing"),
        (Made("a").order, False, True, False, False, "ordering"),
        (Made("a").then(lambda o: voiding.void_row(o, A, "x")).order, True, False, True, True, "ordering"),
        (replace(Made().order, booking="k"), True, True, False, False, "browsing"),
        (replace(Made().order, unread=_UNREAD), True, False, False, False, "browsing"),
        (replace(Made().order, checkout_at=START), True, False, True, False, "checkout"),
        (with_(pay(), order=Made().order), True, False, False, False, "checkout"),
        (with_(pay(state=S.DECLINED), order=Made().order), True, False, True, False, "checkout"),
        (replace(Made("a").order, status=Status.COMPLETED), False, True, False, False, "order_placed"),
    ],
)
def test_order_is_empty_blank_or_spent(
    order: Order, step: str, *, is_empty: bool, is_in_use: bool, is_blank: bool, is_spent: bool
) -> None:
    assert (order.is_empty, order.is_in_use, order.is_blank, order.is_spent, order.step) == (
        is_empty, is_in_use, is_blank, is_spent, step)  # fmt: skip
    assert order.has_lines_or_money == (not is_empty or order.has_money)


@pytest.mark.parametrize(
    "more", [{"tab": TABLE}, {"customer": Customer(None, "Asha")}, {"notes": {"n": "rush"}}, {"booking": "k"}]
)
def test_order_of_void_lines_is_not_spent_while_somebody_is_named(more: dict[str, Any]) -> None:
    order = Made("a").then(lambda o: voiding.void_row(o, A, "x")).order
    assert order.is_spent
    assert not replace(order, **more).is_spent


def test_last_line_is_the_newest_that_counts() -> None:
    order = Made("a", "b").then(lambda o: voiding.void_line(o, B, "x")).order
    assert (order.last_line, Made().order.last_line) == (order.lines[A], None)


def test_discounts_that_count_are_those_of_lines_with_pieces_and_of_the_order() -> None:
    tenth = Given(rate=Millionths(100_000), reason="x")
    desk = Made("a").key("b", CUP).key("c", DOSA)
    for line in (A, uid("c"), None):
        desk.then(lambda o, line=line: discounting.give(o, line, tenth))  # type: ignore[misc]
    desk.then(lambda o: voiding.void_line(o, uid("c"), "x"))
    order = desk.order
    assert order.counted_discounts == (*order.lines[A].discounts, *order.given)
    assert len(order.counted_discounts) == 2


@pytest.mark.parametrize(
    ("more", "to"),
    [
        ({}, "y"),
        ({"status": Status.ACTIVE}, ""),
        ({"discarded": frozenset({A})}, ""),
        ({"discard_reason": ""}, ""),
        ({"moved": {}}, ""),
        ({"moved": {A: Move("m", "x", SERVER)}}, ""),
    ],
)
def test_order_whose_lines_were_added_elsewhere_names_the_order(more: dict[str, Any], to: str) -> None:
    moved = {A: Move("1", "x", 1), B: Move("2", "y", 2), "c": Move("3", "z", SERVER)}
    facts: dict[str, Any] = {
        "status": Status.DISCARDED, "discarded": frozenset(), "discard_reason": "added", "moved": moved,
    }  # fmt: skip
    assert replace(Made().order, **facts | more).added_to == to


@pytest.mark.parametrize(("program", "name"), [("chat", "Chat 17"), ("", "Order 17"), ("ch\x1bat bot", "Chat bot 17")])
def test_programs_order_has_a_name_at_the_counter(program: str, name: str) -> None:
    submitted = Submitted("o", 17, program, "cash", START, uid("c"))
    order = replace(Made().order, submitted=submitted)
    assert submitted_name(program, 17) == submitted.name == order.place_name == name
    assert replace(order, tab=TABLE).place_name == "table 7"
    assert Made().order.place_name == ""
    guests = [None, Customer(uid("c"), "Asha"), Customer(uid("d"), ""), Customer(None, "Asha")]
    assert [replace(order, customer=one).is_for_programs_guest for one in guests] == [False, True, False, False]
    nobody = replace(order, submitted=replace(submitted, customer_id=None), customer=Customer(None, "Asha"))
    assert not nobody.is_for_programs_guest


# Sales


def _placed(event: str, till: int, *paid: tuple[str, str, str]) -> Placed:
    desk = Made("a")
    desk.pay("CASH", 4_000)
    data = desk.place()
    payments = tuple(PlacedPayment(payment_id=uid(one), tender="CASH", amount=amount, change="0", tip=tip)
                     for one, amount, tip in paid)  # fmt: skip
    return Placed(event, START, replace(data, payments=payments), till, 1)


def test_sales_of_an_order_count_each_payment_once() -> None:
    first = _placed("1", 1, ("p", "40.00", "5.00"), ("q", "-10.00", "0"))
    second = _placed("2", 2, ("p", "40.00", "5.00"), ("r", "30.00", "0"))
    changes = tuple(TipChange(str(place), uid(one), "CASH", Minor(by), START)
                    for place, (one, by) in enumerate((("p", -200), ("p", 50), ("r", 10))))  # fmt: skip
    order = replace(
        Made("a").order, status=Status.COMPLETED, placed=first, placed_again=(second,), tip_changes=changes,
        discarded=frozenset({"d"}), moved={"m": Move("m", "x", 1)},
    )  # fmt: skip
    assert order.placings == (first, second)
    assert [order.placing_with(uid(one)) for one in "pqrx"] == [first, first, second, None]
    assert [order.tip_of(uid(one)) for one in "pqrx"] == [350, 0, 10, 0]
    assert (order.paid_on_both, order.taken_in_all) == (4_000, 6_000)
    assert order.listed == {uid(one) for one in "pqr"}
    assert (order.covered, order.settled) == (frozenset({A}), frozenset({A, "d", "m"}))
    assert (order.ended_by, replace(order, placed=None).placings) == (1, ())
    none = replace(Made().order, discarded_by=3)
    assert (none.ended_by, replace(none, status=Status.DISCARDED).ended_by) == (None, 3)
    assert (none.paid_on_both, none.taken_in_all, none.id) == (0, 0, SESSION)


def test_newest_note_that_was_not_undone_counts() -> None:
    order = replace(Made().order, notes={"1": "rush", "2": "thin", "3": "hot"}, undone=frozenset({"3"}))
    assert (order.note, order.noted_by) == ("thin", "2")
    gone = replace(order, undone=frozenset({"1", "2", "3"}))
    assert (gone.note, gone.noted_by) == ("", "")


def test_records_that_no_manager_skipped_are_waited_for() -> None:
    unread = {one: UnreadRecord(one, "x", 1, START, "") for one in "uvw"}
    order = replace(Made().order, unread=unread, set_aside=frozenset({"v"}))
    assert order.waits_for_manager == (unread["u"], unread["w"])
