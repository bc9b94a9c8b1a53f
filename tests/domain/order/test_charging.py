"""Charges: decided, reported by one till or by several, and folded into one payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, Desk, Hand, folded, uid
from till.domain.errors import OrderClosedError, PaymentError
from till.domain.money.measures import NOTHING, Minor
from till.domain.money.settling import PaidRounding
from till.domain.order import charging, deciding, paying, suspension
from till.domain.order.evolve import apply
from till.domain.order.paying import CASH, Tendered
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Status, Tab
from till.domain.payment.cards import Card
from till.domain.payment.events import (
    PaymentApproved,
    PaymentAuthorised,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnUnknown,
    PaymentStarted,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState, Result
from till.domain.payment.slips import END
from till.domain.structs import replace

if TYPE_CHECKING:
    import random

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import EventData

PAY = uid("payment")
HALF = 0.5
SENT = ("V400m-1", "till-1", "0413")


def charged(amount: int = 12_000, tip: int = 0) -> Desk:
    """An order of 120.00 for which a card is asked."""
    desk = Desk()
    desk.add(IDLY)
    desk.add(DOSA)
    desk.do(charging.start_charge(desk.order, PAY, Tendered("CARD", Minor(amount), Minor(tip)), SENT))
    return desk


def approve(desk: Desk, amount: int = 12_000, tip: int = 0) -> None:
    payment = desk.order.payments[PAY]
    answer = Result(PaymentState.APPROVED, amount=Minor(amount), tip=Minor(tip), transaction="T-1")
    desk.do(charging.answer(desk.order, payment, answer))


def hear(desk: Desk, state: PaymentState, **more: Any) -> list[Draft]:
    """Return the events that an answer about the payment writes."""
    return charging.answer(desk.order, desk.order.payments[PAY], Result(state, **more))


def test_a_started_payment_names_the_charge_for_any_till() -> None:
    payment = charged().order.payments[PAY]
    assert (payment.state, payment.amount, payment.reference) == (PaymentState.STARTED, 12_000, SENT)
    assert payment.is_asked_elsewhere


@pytest.mark.parametrize(
    ("amount", "tip", "sentence"),
    [
        (12_001, 0, "That is more than the ₹120.00 due."),
        (13_001, 1_000, "That is more than the ₹130.00 due."),
        (0, 0, "₹0.00 does not count towards the ₹120.00 due."),
        (-100, 0, "−₹1.00 does not count towards the ₹120.00 due."),
        (500, 500, "₹5.00 does not count towards the ₹120.00 due."),
        (500, -1, "₹5.00 does not count towards the ₹120.00 due."),
    ],
)
def test_no_charge_that_settles_nothing_or_too_much(amount: int, tip: int, sentence: str) -> None:
    with pytest.raises(PaymentError) as refused:
        charged(amount, tip)
    assert refused.value.sentence == sentence


def test_bill_that_rounds_is_charged_in_whole_rupees() -> None:
    desk = Desk(replace(INR, rounding=PaidRounding(Minor(100), bill=True)))
    desk.add(CUP, price4=1_004_900)
    with pytest.raises(PaymentError, match=r"more than the ₹100\.00 due"):
        charging.start_charge(desk.order, PAY, Tendered("CARD", Minor(10_049)), SENT)
    desk.do(charging.start_charge(desk.order, PAY, Tendered("CARD", Minor(10_000)), SENT))
    approve(desk, 10_000)
    assert desk.place().rounding == "-0.49"


def test_one_payment_is_pending_for_an_order() -> None:
    desk = charged(5_000)
    with pytest.raises(PaymentError, match="A payment is under way"):
        charging.start_charge(desk.order, uid("second"), Tendered("CARD", Minor(100)), SENT)
    with pytest.raises(PaymentError, match="F9 shows it"):
        deciding.check_open(desk.order)


@pytest.mark.parametrize(
    ("asked", "answered", "counts"),
    [
        # asked (amount, its tip), answered (amount, tip) → tip, over, still due
        ((12_000, 0), (12_000, 0), (0, 0, 0)),
        ((5_000, 0), (5_000, 0), (0, 0, 7_000)),
        ((12_000, 0), (10_000, 0), (0, 0, 2_000)),
        ((12_000, 0), (13_000, 1_000), (1_000, 0, 0)),
        ((12_000, 0), (13_000, 0), (0, 1_000, 0)),
        ((12_000, 0), (13_000, 400), (400, 600, 0)),
        ((13_000, 1_000), (13_000, 0), (1_000, 0, 0)),
        ((13_000, 1_000), (13_000, 1_000), (1_000, 0, 0)),
        ((13_000, 1_000), (13_500, 500), (1_500, 0, 0)),
        ((13_000, 1_000), (13_500, 1_500), (1_500, 0, 0)),
        ((13_000, 1_000), (12_000, 0), (0, 0, 0)),
        ((13_000, 1_000), (13_001, 0), (1_000, 1, 0)),
        # a terminal that took less still says what of it is the tip
        ((13_000, 1_000), (12_500, 0), (500, 0, 0)),
        ((13_000, 1_000), (12_500, 1_000), (1_000, 0, 500)),
        ((12_000, 0), (11_000, 1_000), (1_000, 0, 2_000)),
        ((12_000, 0), (500, 1_000), (500, 0, 12_000)),
        ((13_000, 1_000), (11_000, 500), (500, 0, 1_500)),
        ((5_000, 0), (6_000, 500), (500, 500, 7_000)),
    ],
)
def test_a_tip_settles_nothing_and_what_nobody_asked_for_neither(
    asked: tuple[int, int], answered: tuple[int, int], counts: tuple[int, int, int]
) -> None:
    desk = charged(*asked)
    approve(desk, *answered)
    payment = desk.order.payments[PAY]
    assert (payment.tip, payment.over, desk.order.due) == counts
    assert payment.amount == answered[0]
    if desk.order.due:
        return
    placed = desk.place()
    [frozen] = placed.payments
    minor = desk.order.terms.currency.minor
    assert minor(frozen.amount) - minor(frozen.tip) == minor(placed.total) + minor(placed.rounding)
    assert frozen.transaction == "T-1"


_ASKED: dict[str, Any] = {"payment_id": PAY, "tender": "CARD", "amount": "60.00"}
_TAKEN: dict[str, Any] = {**_ASKED, "tendered": "60.00", "change": "0.00", "tip": "10.00"}


@pytest.mark.parametrize(
    ("result", "record"),
    [
        (Result(PaymentState.DECLINED, reason="no cover"), PaymentDeclined(**_ASKED, reason="no cover")),
        (
            Result(PaymentState.DECLINED, 9, reason="no slip"),
            PaymentDeclined(**_ASKED, reason="no slip", approved_by=9),
        ),
        (Result(PaymentState.UNKNOWN), PaymentUnknown(**_ASKED)),
        (Result(PaymentState.AUTHORISED, transaction="T-1"), PaymentAuthorised(**_ASKED, transaction="T-1")),
        # a manager names no amount: it is the one asked for, with its tip
        (
            Result(PaymentState.APPROVED, 9, transaction="S-7"),
            PaymentApproved(**_TAKEN, transaction="S-7", drawer=2, approved_by=9),
        ),
        (
            Result(PaymentState.APPROVED, amount=Minor(5_700), transaction="T-1", card=("visa", "*4821")),
            PaymentApproved(
                **{**_TAKEN, "amount": "57.00", "tendered": "57.00", "tip": "7.00"},
                transaction="T-1",
                drawer=2,
                card=Card(brand="Visa", last_four="4821"),
            ),
        ),
    ],
)
def test_the_record_of_an_answer_has_all_of_it(result: Result, record: EventData) -> None:
    """A charge of 50.00 and a tip of 10.00."""
    desk = charged(6_000, 1_000)
    assert [one.data for one in charging.answer(desk.order, desk.order.payments[PAY], result, 2)] == [record]


_BACK: dict[str, Any] = {"payment_id": PAY, "return_id": uid("back"), "tender": "CARD", "amount": "57.00"}


@pytest.mark.parametrize(
    ("result", "record"),
    [
        (Result(PaymentState.APPROVED, transaction="R-1"), PaymentVoided(**_BACK, transaction="R-1")),
        (Result(PaymentState.APPROVED, 9), PaymentVoided(**_BACK, approved_by=9)),
        (Result(PaymentState.DECLINED, reason="closed"), PaymentReturnDeclined(**_BACK, reason="closed")),
        (Result(PaymentState.DECLINED, 9, reason="no"), PaymentReturnDeclined(**_BACK, reason="no", approved_by=9)),
        (Result(PaymentState.UNKNOWN), PaymentReturnUnknown(**_BACK)),
    ],
)
def test_the_record_of_the_answer_to_a_return_has_all_of_it(result: Result, record: EventData) -> None:
    """The whole amount that was taken goes back, with the tip; money of a provider is in no drawer."""
    desk = charged(6_000, 1_000)
    approve(desk, 5_700)
    desk.do(charging.start_return(desk.order, PAY, uid("back"), SENT, 1))
    [back] = desk.order.payments[PAY].returns
    assert [one.data for one in charging.answer(desk.order, back, result, 2)] == [record]


@pytest.mark.parametrize(
    ("amount", "tip", "refusal"),
    [
        (4_000, 0, ""),
        (4_500, 500, ""),
        (3_999, 0, "These pieces come to ₹40.00. Take that, or mark fewer."),
        (4_400, 500, "These pieces come to ₹40.00. Take that, or mark fewer."),
        (4_001, 0, "That is more than the ₹40.00 due."),
        (4_501, 500, "That is more than the ₹45.00 due."),
        (12_000, 0, "That is more than the ₹40.00 due."),
    ],
)
def test_a_charge_by_items_is_for_the_share_of_its_pieces(amount: int, tip: int, refusal: str) -> None:
    desk = Desk()
    pieces = {desk.add(IDLY): 1}
    desk.add(DOSA)
    asked = Tendered("CARD", Minor(amount), Minor(tip), pieces=pieces)
    if not refusal:
        [started] = charging.start_charge(desk.order, PAY, asked, SENT)
        assert isinstance(started.data, PaymentStarted)
        assert started.data.pieces == pieces
        return
    with pytest.raises(PaymentError) as refused:
        charging.start_charge(desk.order, PAY, asked, SENT)
    assert refused.value.sentence == refusal


@pytest.mark.parametrize("refund", [None, uid("refund")])
def test_the_first_slips_that_have_text_are_kept_with_their_purpose(refund: str | None) -> None:
    desk = charged()
    slips = [((" ", ""), True, False), (("", "A"), True, False), (("B",), False, True), (("C",), True, False)]
    records = [one.data for one in charging.keep_slips(desk.order, PAY, slips, refund)]
    assert records == [
        SlipKept(payment_id=PAY, refund_id=refund, for_guest=True, text=f" {END}A"),
        SlipKept(payment_id=PAY, refund_id=refund, to_be_signed=True, text="B"),
    ]


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        (("Visa", "4821"), Card(brand="Visa", last_four="4821")),
        (("4111 1111 1111 1111", "4111111111111111"), Card(last_four="1111")),
        (("4111", "x"), None),
    ],
)
def test_card_record_keeps_only_allowed_fields(answers: tuple[str, str], kept: Card | None) -> None:
    desk = charged()
    desk.do(hear(desk, PaymentState.APPROVED, amount=Minor(12_000), card=answers))
    assert desk.order.payments[PAY].card == kept


def test_a_tip_in_cash_is_in_the_drawer_and_settles_nothing() -> None:
    desk = Desk()
    desk.add(IDLY)
    tendered = Tendered(CASH, Minor(5_000), Minor(500), drawer=1)
    drafts = paying.approve_payment(desk.order, PAY, tendered)
    desk.do([*paying.start_payment(desk.order, PAY, tendered), *drafts])
    payment = desk.order.payments[PAY]
    assert (payment.amount, payment.change, payment.tip, desk.order.paid) == (4_500, 500, 500, 4_000)
    assert [draft.data.drawer for draft in drafts if isinstance(draft.data, PaymentApproved)] == [1]
    assert desk.place().payments[0].tip == "5.00"
    assert desk.order.tips == 500


def test_no_tip_goes_with_money_that_is_given_back() -> None:
    desk = Desk()
    desk.add(IDLY)
    with pytest.raises(PaymentError, match="A tip goes with a payment"):
        paying.approve_payment(desk.order, PAY, Tendered(CASH, Minor(-5_000), Minor(500)))


def test_promised_money_settles_nothing_until_it_is_taken() -> None:
    desk = charged()
    desk.do(hear(desk, PaymentState.AUTHORISED, transaction="T-1"))
    assert (desk.order.payments[PAY].state, desk.order.due) == (PaymentState.AUTHORISED, 12_000)
    assert desk.order.pending_payment is not None
    assert not paying.is_settled(desk.order)
    approve(desk)
    assert paying.is_settled(desk.order)


def test_an_answer_heard_twice_is_written_once() -> None:
    desk = charged()
    desk.do(hear(desk, PaymentState.UNKNOWN))
    assert hear(desk, PaymentState.UNKNOWN) == []
    approve(desk)
    count = desk.hand.seq
    approve(desk)
    assert hear(desk, PaymentState.UNKNOWN) == hear(desk, PaymentState.AUTHORISED) == []
    assert desk.hand.seq == count


@pytest.mark.parametrize("charged_by_hand", [True, False])
def test_a_manager_settles_what_has_no_answer(*, charged_by_hand: bool) -> None:
    desk = charged()
    desk.do(hear(desk, PaymentState.UNKNOWN))
    state = PaymentState.APPROVED if charged_by_hand else PaymentState.DECLINED
    desk.do(hear(desk, state, by=9, transaction="S-7"))
    settled = desk.order.payments[PAY]
    assert settled.settled_by == 9
    assert desk.order.due == (0 if charged_by_hand else 12_000)
    assert settled.transaction == ("S-7" if charged_by_hand else "")
    with pytest.raises(PaymentError, match="has its answer"):
        settled.check_open()


def test_an_answer_completes_an_order_that_was_put_on_a_tab_meanwhile() -> None:
    desk = charged()
    desk.do(hear(desk, PaymentState.UNKNOWN))
    desk.do(charging.save_unanswered(desk.order, Tab(uid("tab"), "window")))
    approve(desk)
    assert (desk.order.tab, desk.order.placed) == (Tab(uid("tab"), "window", awaits=True), None)
    [payment] = desk.place().payments
    assert (desk.order.status, payment.till) == (Status.COMPLETED, None)  # the till that holds the order took it


def test_no_other_order_on_a_tab_is_completed_or_kept_so() -> None:
    desk = Desk()
    desk.add(IDLY)
    with pytest.raises(PaymentError, match="No payment is waiting"):
        charging.save_unanswered(desk.order, Tab(uid("tab"), "window"))
    suspended = charged()
    suspended.do(charging.save_unanswered(suspended.order, Tab(uid("tab"), "window")))
    with pytest.raises(PaymentError, match="No payment is waiting"):  # it is on its tab
        charging.save_unanswered(suspended.order, Tab(uid("tab"), "window"))
    desk.pay("CARD", 1_000)
    desk.do([suspension.on_tab(desk.order, Tab(uid("tab"), "window"))])
    with pytest.raises(OrderClosedError):
        paying.place_order(desk.order, paying.Completion(uid("o"), "1-000001", desk.hand.now.date()))


# Records of several tills on one payment.

ANSWERS: dict[str, EventData] = {
    "approved": PaymentApproved(
        payment_id=PAY, tender="CARD", amount="120.00", tendered="120.00", change="0.00", transaction="T-1"
    ),
    "declined": PaymentDeclined(payment_id=PAY, tender="CARD", amount="120.00"),
    "unknown": PaymentUnknown(payment_id=PAY, tender="CARD", amount="120.00"),
    "authorised": PaymentAuthorised(payment_id=PAY, tender="CARD", amount="120.00"),
    "by hand": PaymentApproved(
        payment_id=PAY, tender="CARD", amount="120.00", tendered="120.00", change="0.00", approved_by=9
    ),
    "not by hand": PaymentDeclined(payment_id=PAY, tender="CARD", amount="120.00", approved_by=9),
    "voided": PaymentVoided(payment_id=PAY, tender="CARD", amount="120.00"),
}
A, D, U, V = PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.UNKNOWN, PaymentState.VOIDED


@pytest.mark.parametrize(
    ("answers", "state", "by_hand", "late", "contradicted"),
    [
        (["approved"], A, False, False, False),
        (["approved", "approved"], A, False, False, False),
        (["unknown", "approved"], A, False, False, False),
        (["approved", "unknown"], A, False, False, False),
        (["approved", "declined"], A, False, False, True),
        (["declined", "approved"], A, False, True, False),
        (["unknown", "declined"], D, False, False, False),
        (["declined", "unknown", "authorised"], D, False, False, False),
        (["authorised", "unknown"], PaymentState.AUTHORISED, False, False, False),
        (["by hand", "approved"], A, False, False, False),
        (["approved", "by hand"], A, False, False, False),
        (["by hand", "declined"], A, True, False, True),
        (["declined", "by hand"], A, True, False, True),
        (["not by hand", "approved"], A, False, False, True),
        (["approved", "not by hand"], A, False, False, True),
        (["not by hand", "declined"], D, True, False, False),
        (["declined", "not by hand"], D, False, False, False),
        (["by hand", "not by hand"], A, True, False, True),
        (["approved", "voided", "approved"], V, False, False, False),
        (["approved", "voided", "declined", "unknown"], V, False, False, False),
    ],
)
def test_the_answers_to_a_payment_make_one_payment(
    answers: list[str], state: PaymentState, *, by_hand: bool, late: bool, contradicted: bool
) -> None:
    desk = charged()
    for answer in answers:
        desk.do_one(ANSWERS[answer])
    [payment] = desk.order.payments.values()
    assert payment.state is state
    assert (payment.settled_by is not None, payment.is_late, payment.is_contradicted) == (by_hand, late, contradicted)


@given(st.lists(st.sampled_from(list(ANSWERS)), max_size=6))
def test_money_that_was_taken_is_never_declined_away(answers: list[str]) -> None:
    desk = charged()
    for answer in answers:
        desk.do_one(ANSWERS[answer])
    [payment] = desk.order.payments.values()
    if "voided" in answers:
        assert payment.state is V
    elif {"approved", "by hand"} & set(answers):
        assert payment.state is A
        assert (payment.settled_by is None) == ("approved" in answers)
        assert payment.is_late or payment.is_contradicted or not {"declined", "not by hand"} & set(answers)
    else:
        assert payment.state is not A


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(list(ANSWERS))), max_size=6), st.randoms())
def test_two_tills_that_heard_of_one_payment_fold_to_one(
    answers: list[tuple[bool, str]], chance: random.Random
) -> None:
    """The records arrive in any order, all at once or one after another."""
    one, two = Hand(till=1), Hand(till=2, user=2)
    started = PaymentStarted(payment_id=PAY, tender="CARD", amount="120.00", key=PAY, number="0413")
    events = [one.opened(), one.added("a", 3), one.make(started)]
    two.knows(*events)
    events.append(two.took())
    for first, answer in answers:
        hand = one if first else two
        if chance.random() < HALF:
            hand.after = events[-1].id  # it has heard of what was told before
        events.append(hand.make(ANSWERS[answer]))
    straight = folded(*events)
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert folded(*shuffled, *shuffled[:2]) == straight
    stepped = None
    for event in sorted(events, key=lambda event: event.id):
        stepped = apply(stepped, event)
    assert stepped == straight
    assert len(straight.payments) == 1


def test_a_start_that_comes_after_its_answer_bounds_it() -> None:
    desk = Desk()
    desk.add(IDLY)
    desk.do_one(ANSWERS["approved"])
    desk.do_one(PaymentStarted(payment_id=PAY, tender="CARD", amount="40.00", key=PAY))
    payment = desk.order.payments[PAY]
    assert (payment.settles, payment.over, desk.order.due) == (4_000, 8_000, NOTHING)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([], "processing"),
        (["unknown"], "processing"),
        (["authorised"], "processing"),
        (["approved"], "completed"),
        (["declined"], "failed"),
        (["declined", "approved"], "completed"),
    ],
)
def test_the_intent_of_the_papers_says_how_far_it_is(answers: list[str], status: str) -> None:
    desk = charged()
    for answer in answers:
        desk.do_one(ANSWERS[answer])
    intent = snapshot(desk.order, 0)["intent"]
    assert (intent["status"], intent["gateway"], intent["external_id"]) == (status, "CARD", PAY)
