"""The effect of each event of a payment on it: these fields, and no other one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.domain.making import CUP, DOSA, IDLY, MENU, A, B, Hand, folded, uid
from tests.domain.order.test_refusals import Made, refused
from till.domain.errors import LineError, OrderClosedError, PaymentError
from till.domain.events.envelope import SERVER
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import by_items, charging, deciding, paying, suspension
from till.domain.order.events import OrderNoted
from till.domain.order.evolve import ORDERS, is_answer
from till.domain.order.line import TakenOff
from till.domain.order.paying import CASH, Tendered
from till.domain.order.state import Payment, Return, Status, Tab
from till.domain.order.terms import ChargeRule, Terms
from till.domain.payment.cards import Card
from till.domain.payment.events import (
    CheckoutStarted,
    PaymentApproved,
    PaymentAuthorised,
    PaymentConfirmed,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentStarted,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

P, R, Q = uid("p"), uid("r"), uid("q")
_NAMED: Final[dict[str, Any]] = {"payment_id": P, "tender": "CARD", "amount": "90.00"}
VISA: Final = Card(brand="Visa", last_four="4821")
STARTED: Final = PaymentStarted(**_NAMED, key=P, tip="10.00", place="V1", asker="t", number="7", pieces={A: 2})
APPROVED: Final = PaymentApproved(
    **_NAMED | {"amount": "95.00"}, tendered="100.00", change="5.00", tip="12.00", transaction="T", card=VISA
)
BY_HAND: Final = replace(APPROVED, approved_by=9)
BALANCE: Final = replace(APPROVED, balance="7.50")
UNKNOWN, AUTHORISED = PaymentUnknown(**_NAMED), PaymentAuthorised(**_NAMED, transaction="A")
CONFIRMED: Final = PaymentConfirmed(**_NAMED, transaction="N")
DECLINED: Final = PaymentDeclined(**_NAMED, reason="no", approved_by=9)
RETURN: Final = PaymentReturnStarted(
    **_NAMED, return_id=R, place="V1", asker="t", number="8", transaction="T", approved_by=9
)
NOT_BACK: Final = PaymentReturnDeclined(**_NAMED, return_id=R, reason="closed", approved_by=9)
LOST: Final = PaymentReturnUnknown(**_NAMED, return_id=R)
BACK: Final = PaymentVoided(**_NAMED, return_id=R, reason="left", change="5.00", approved_by=8)
GONE: Final = PaymentVoided(**_NAMED, reason="left")


class Paying:
    """A payment by till 1 as these events made it, and the next event."""

    def __init__(self, *before: EventData, later: EventData, till: int = 2) -> None:
        one, two = Hand(), Hand(till, user=6, seed=9)
        events = [one.opened(), one.added("a", 3)]
        events += [one.make(data) for data in before]
        two.knows(*events)
        two.now = events[-1].at
        self.events: list[Event] = [*events, two.make(later)]
        self.event, self.first = self.events[-1], self.events[2]
        order, after = folded(*events), folded(*self.events)
        self.before, self.after = order.payments.get(P), after.payments[P]
        assert after == replace(order, payments=after.payments, last_id=self.event.id, updated_at=self.event.at)

    def new(self, state: PaymentState, **more: Any) -> Payment:
        """The payment that this event makes alone."""
        facts: dict[str, Any] = {"amount": Minor(9_000), "tendered": Minor(9_000)} | more
        return Payment(id=P, tender="CARD", state=state, at=self.event.at, till=self.event.by_till, user=6, **facts)

    def changed(self, **changes: Any) -> Payment:
        """The payment with these changes, which till 2 made now."""
        assert self.before is not None
        return replace(self.before, **changes)

    @property
    def here(self) -> dict[str, Any]:
        """Fields of a state that this till recorded."""
        return {"at": self.event.at, "till": 2, "user": 6}


S: Final = PaymentState
_TAKEN: Final[dict[str, Any]] = {
    "is_answered": True,
    "amount": Minor(9_500), "tendered": Minor(10_000), "change": Minor(500), "tip": Minor(1_200), "transaction": "T",
    "card": VISA,
}  # fmt: skip


def _return(play: Paying, **more: Any) -> Return:
    started = play.events[4] if len(play.events) > 5 else play.event
    facts: dict[str, Any] = {
        "at": started.at, "started_at": started.at, "till": started.by_till, "user": started.user,
        "amount": Minor(9_500), "transaction": "T",
    }  # fmt: skip
    return Return(id=R, payment_id=P, tender="CARD", reference=("V1", "t", "8"), **{"state": S.STARTED} | facts | more)


@pytest.mark.parametrize(
    ("before", "later", "till", "after"),
    [
        # the first event makes the payment
        (
            (),
            STARTED,
            2,
            lambda play: play.new(
                S.STARTED, asked=Minor(8_000), tip_asked=Minor(1_000), tip=Minor(1_000), reference=("V1", "t", "7"),
                started_at=play.event.at, pieces={A: 2},
            ),
        ),
        ((), APPROVED, 2, lambda play: play.new(S.APPROVED, **_TAKEN)),
        ((), DECLINED, 2, lambda play: play.new(S.DECLINED, reason="no", settled_by=9)),
        ((), UNKNOWN, 2, lambda play: play.new(S.UNKNOWN)),
        ((), AUTHORISED, 2, lambda play: play.new(S.AUTHORISED, transaction="A")),
        (
            (),
            RETURN,
            2,
            lambda play: play.new(S.APPROVED, returns=(_return(play, amount=Minor(9_000)),)),
        ),
        ((), NOT_BACK, 2, lambda play: play.new(S.APPROVED)),
        ((), LOST, 2, lambda play: play.new(S.APPROVED)),
        ((), BACK, 2, lambda play: play.new(S.VOIDED, change=Minor(500), reason="left", back_by=R)),
        # an answer
        (
            (STARTED,),
            APPROVED,
            2,
            lambda play: play.changed(state=S.APPROVED, over=Minor(300), **_TAKEN, **play.here),
        ),
        (
            (STARTED,),
            BY_HAND,
            2,
            lambda play: play.changed(
                state=S.APPROVED, over=Minor(300), settled_by=9, **_TAKEN | {"is_answered": False}, **play.here
            ),
        ),
        (
            (STARTED,),
            replace(APPROVED, amount="90.00", transaction="", card=None),
            2,
            lambda play: play.changed(
                state=S.APPROVED, **_TAKEN | {"amount": Minor(9_000), "transaction": "", "card": None}, **play.here
            ),
        ),
        (
            (STARTED, AUTHORISED),
            replace(APPROVED, transaction=""),
            2,
            lambda play: play.changed(
                state=S.APPROVED, over=Minor(300), **_TAKEN | {"transaction": "A"}, **play.here
            ),
        ),
        # an approval by the server: the person who started the payment took the money
        (
            (STARTED,),
            BALANCE,
            SERVER,
            lambda play: play.changed(
                state=S.APPROVED, over=Minor(300), balance=Minor(750), is_revocable=True, **_TAKEN, at=play.event.at
            ),
        ),
        ((STARTED, APPROVED), BALANCE, SERVER, lambda play: play.changed(balance=Minor(750))),
        ((STARTED,), DECLINED, 2, lambda play: play.changed(state=S.DECLINED, reason="no", settled_by=9, **play.here)),
        ((STARTED,), UNKNOWN, 2, lambda play: play.changed(state=S.UNKNOWN, at=play.event.at)),
        (
            (STARTED,),
            AUTHORISED,
            2,
            lambda play: play.changed(state=S.AUTHORISED, transaction="A", at=play.event.at),
        ),
        (
            (STARTED, AUTHORISED),
            PaymentAuthorised(**_NAMED),
            2,
            lambda play: play.changed(),
        ),
        # second answers
        ((STARTED, APPROVED), replace(APPROVED, transaction="X"), 2, lambda play: play.changed()),
        (
            (STARTED, APPROVED),
            replace(APPROVED, amount="96.00"),
            2,
            lambda play: play.changed(is_contradicted=True),
        ),
        ((STARTED, APPROVED), replace(DECLINED, approved_by=None), 2, lambda play: play.changed(is_contradicted=True)),
        ((STARTED, APPROVED), UNKNOWN, 2, lambda play: play.changed()),
        ((STARTED, APPROVED), AUTHORISED, 2, lambda play: play.changed()),
        (
            (STARTED, replace(DECLINED, approved_by=None)),
            APPROVED,
            2,
            lambda play: play.changed(
                state=S.APPROVED, over=Minor(300), is_late=True, reason="", **_TAKEN, **play.here
            ),
        ),
        ((STARTED, UNKNOWN), UNKNOWN, 2, lambda play: play.changed()),
        # a start that comes after its answer
        (
            (APPROVED,),
            STARTED,
            2,
            lambda play: play.changed(
                asked=Minor(8_000), tip_asked=Minor(1_000), reference=("V1", "t", "7"), started_at=play.event.at,
                pieces={A: 2}, over=Minor(300),
            ),
        ),
        ((STARTED,), replace(STARTED, amount="1.00"), 2, lambda play: play.changed()),
        # the way back
        ((STARTED, APPROVED), RETURN, 2, lambda play: play.changed(returns=(_return(play),))),
        ((STARTED, APPROVED, RETURN), replace(RETURN, number="9"), 2, lambda play: play.changed()),
        (
            (STARTED, APPROVED, RETURN),
            NOT_BACK,
            2,
            lambda play: play.changed(
                returns=(_return(play, state=S.DECLINED, reason="closed", settled_by=9, at=play.event.at),)
            ),
        ),
        (
            (STARTED, APPROVED, RETURN),
            LOST,
            2,
            lambda play: play.changed(returns=(_return(play, state=S.UNKNOWN, at=play.event.at),)),
        ),
        ((STARTED, APPROVED, RETURN), replace(LOST, return_id=Q), 2, lambda play: play.changed()),
        (
            (STARTED, APPROVED, RETURN),
            BACK,
            2,
            lambda play: play.changed(
                state=S.VOIDED, amount=Minor(9_000), change=Minor(500), reason="left", back_by=R, over=Minor(0),
                returns=(_return(play, state=S.APPROVED, settled_by=8, at=play.event.at),), **play.here,
            ),
        ),
        (
            (STARTED, APPROVED),
            GONE,
            2,
            lambda play: play.changed(
                state=S.VOIDED, amount=Minor(9_000), change=Minor(0), reason="left", over=Minor(0), **play.here
            ),
        ),
        # nothing of a payment that went back is over
        (
            (STARTED, replace(APPROVED, amount="120.00")),
            replace(GONE, amount="120.00"),
            2,
            lambda play: play.changed(state=S.VOIDED, change=Minor(0), reason="left", over=Minor(0), **play.here),
        ),
        # the provider's answer after a manager's: the card that the slip showed stays
        (
            (STARTED, BY_HAND),
            replace(APPROVED, card=None),
            2,
            lambda play: play.changed(settled_by=None, is_answered=True, **play.here),
        ),
        # the same by the provider's agreement, of which nothing else comes: it takes no money by itself
        (
            (STARTED, BY_HAND),
            CONFIRMED,
            2,
            lambda play: play.changed(
                settled_by=None, is_answered=True, transaction="N", at=play.event.at
            ),
        ),
        ((STARTED, DECLINED), CONFIRMED, 2, lambda play: play.changed(is_answered=True, transaction="N")),
        (
            (STARTED, BY_HAND, GONE), CONFIRMED, 2, lambda play: play.changed(is_answered=True, transaction="N")
        ),
        ((STARTED,), CONFIRMED, 2, lambda play: play.changed()),
        ((STARTED, UNKNOWN), CONFIRMED, 2, lambda play: play.changed()),
        ((STARTED, APPROVED), CONFIRMED, 2, lambda play: play.changed()),
        ((STARTED, APPROVED, RETURN), replace(CONFIRMED, return_id=R), 2, lambda play: play.changed()),
        (
            (STARTED, APPROVED, RETURN, NOT_BACK),
            replace(CONFIRMED, return_id=R),
            2,
            lambda play: play.changed(returns=tuple(replace(one, is_answered=True) for one in play.before.returns)),
        ),
        (
            (STARTED, APPROVED, GONE),
            replace(BACK, reason="again"),
            2,
            lambda play: play.changed(
                change=Minor(500), reason="again", is_back_twice=True, amount=Minor(9_000), **play.here
            ),
        ),
        ((STARTED, APPROVED, GONE), GONE, 2, lambda play: play.changed(**play.here)),
        (
            (STARTED, APPROVED, BACK),
            replace(BACK, return_id=Q),
            2,
            lambda play: play.changed(is_back_twice=True, **play.here),
        ),
        ((STARTED, APPROVED, GONE), APPROVED, 2, lambda play: play.changed()),
        (
            (STARTED,),
            GONE,
            SERVER,
            lambda play: play.changed(
                state=S.VOIDED, amount=Minor(9_000), reason="left", at=play.event.at, till=SERVER, user=6
            ),
        ),
    ],
)  # fmt: skip
def test_event_changes_the_payment_in_these_fields_alone(
    before: tuple[EventData, ...], later: EventData, till: int, after: Callable[[Paying], Payment]
) -> None:
    play = Paying(*before, later=later, till=till)
    assert play.after == after(play)


@pytest.mark.parametrize(
    ("asked", "amount", "tip", "over"),
    [
        ("80.00", "80.00", "0", 0), ("80.00", "80.01", "0", 1), ("80.00", "79.99", "0", 0),
        ("80.00", "85.00", "5.00", 0), ("80.00", "85.00", "4.99", 1),
        ("-80.00", "-80.00", "0", 0), ("-80.00", "-80.01", "0", -1), ("-80.00", "-79.99", "0", 0),
        ("0.00", "0.01", "0", 1),
    ],
)  # fmt: skip
def test_money_beyond_the_amount_asked_for_is_over(asked: str, amount: str, tip: str, over: int) -> None:
    money = {"payment_id": P, "tender": "CARD"}
    started = PaymentStarted(**money, amount=asked, key=P)  # type: ignore[arg-type]
    taken = PaymentApproved(**money, amount=amount, tendered=amount, change="0", tip=tip)  # type: ignore[arg-type]
    payment = Paying(started, later=taken).after
    minor = Currency("INR").minor
    assert (payment.over, payment.settles) == (over, minor(amount) - minor(tip) - over)


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (APPROVED, True), (DECLINED, True), (UNKNOWN, True), (AUTHORISED, True), (NOT_BACK, True), (LOST, True),
        (BACK, True), (GONE, False), (STARTED, False), (RETURN, False), (CheckoutStarted(), False),
    ],
)  # fmt: skip
def test_answer_is_recorded_by_the_till_that_asked(data: EventData, *, is_one: bool) -> None:
    assert is_answer(data) == is_one
    assert ORDERS.is_free(None, 2, data) == is_one


def test_slip_is_recorded_by_any_till_and_a_note_by_the_holder() -> None:
    assert ORDERS.is_free(None, 2, SlipKept(payment_id=P, text="TOTAL"))
    assert not ORDERS.is_free(None, 2, OrderNoted(note="rush"))


def test_payment_in_more_decimals_than_the_currency_cannot_be_read() -> None:
    hand = Hand()
    events = [hand.opened(), hand.make(replace(STARTED, amount="1.005"))]
    order = folded(*events)
    assert (order.payments, [*order.unread]) == ({}, [events[1].id])


# Questions about payments

SWISS: Final = Terms(Currency("CHF"), included=True, rounding=PaidRounding(Minor(5)))
BILL: Final = Terms(Currency("INR"), included=True, rounding=PaidRounding(Minor(100), bill=True))


@pytest.mark.parametrize(
    ("terms", "price4", "parts", "shares"),
    [
        (SWISS, 100_100, 3, [334, 334, 333]),
        (BILL, 1_001_000, 3, [3_400, 3_300, 3_300]),
        (BILL, 1_049_900, 2, [5_300, 5_200]),
        (Terms(Currency("INR"), included=True), 1_001_000, 2, [5_005, 5_005]),
        (Terms(Currency("INR"), included=True), 1_000_000, 1, [10_000]),
    ],
)
def test_even_parts_are_the_amount_due_in_steps_of_the_bill(
    terms: Terms, price4: int, parts: int, shares: list[int]
) -> None:
    order = Made(terms=terms).key("a", CUP, price4=Price4(price4)).order
    assert paying.even_parts_of(order, parts) == shares
    assert sum(shares) == paying.due_in(order)


@pytest.mark.parametrize(
    ("paid", "shares"),
    [
        (3_333, [3_334, 3_333]),  # 66.67 is left of 100.00
        (5_000, [2_500, 2_500]),
        (100, [5_000, 4_900]),
        (9_999, [1, 0]),
    ],
)
def test_even_parts_of_a_rest_that_is_no_multiple_of_the_step_add_up_to_it(paid: int, shares: list[int]) -> None:
    desk = Made(terms=BILL).key("a", CUP, price4=Price4(1_001_000)).paid(paid, "CARD")
    assert paying.due_in(desk.order) == 10_000 - paid
    assert paying.even_parts_of(desk.order, 2) == shares


def test_parts_and_pieces_are_rounded_as_their_tender_is() -> None:
    order = Made(terms=SWISS).key("a", CUP, 2, price4=Price4(100_300)).key("b", DOSA, price4=Price4(100_000)).order
    assert [paying.part_in(order, tender, Minor(1_003)) for tender in (CASH, "CARD", paying.ANY)] == [
        1_005,
        1_003,
        1_003,
    ]
    assert paying.part_in(Made("a").order, CASH, Minor(1_003)) == 1_003
    one = {uid("a"): 1}
    assert [paying.items_in(order, tender, one) for tender in (CASH, "CARD")] == [1_005, 1_003]
    assert paying.items_in(order, CASH, {}) == paying.due_in(order, CASH) == 3_005
    assert paying.items_in(order, CASH, {uid("a"): 2, uid("b"): 1}) == 3_005
    assert paying.check_items(order, Tendered(CASH, Minor(1_005), pieces=one), str) == 1_005
    assert paying.check_items(order, Tendered(CASH, Minor(1)), str) is None


EXEMPT: Final = replace(BILL, rounding=PaidRounding(Minor(5), bill=True, never=frozenset({"voucher"})))


@pytest.mark.parametrize(
    ("terms", "price", "paid", "is_settled"),
    [
        (SWISS, 1_003, [("CARD", 1_003)], True),
        (SWISS, 1_003, [("CARD", 1_002)], False),
        (SWISS, 1_003, [(CASH, 1_005)], True),
        (SWISS, 1_003, [(CASH, 1_003)], True),
        (SWISS, 1_003, [(CASH, 500), ("CARD", 503)], True),
        (SWISS, 1_003, [(CASH, 500), ("CARD", 505)], False),
        (SWISS, 1_003, [("CARD", 503), (CASH, 500)], True),
        (SWISS, 1_002, [(CASH, 500), ("CARD", 500)], False),
        # a bill that rounds: the rest is exact only in a tender that never rounds
        (EXEMPT, 1_003, [("CARD", 1_005)], True),
        (EXEMPT, 1_003, [("CARD", 1_003)], False),
        (EXEMPT, 1_003, [("VOUCHER", 1_003)], True),
        (EXEMPT, 1_003, [("CARD", 502), ("VOUCHER", 501)], True),
        (EXEMPT, 1_003, [("VOUCHER", 501), ("CARD", 502)], False),
        (EXEMPT, 1_003, [("VOUCHER", 501), ("CARD", 500)], True),
        (EXEMPT, 1_003, [("CARD", 500), ("VOUCHER", 501)], True),
        (EXEMPT, 1_003, [("CARD", 500), ("VOUCHER", 503)], True),
    ],
)
def test_order_is_settled_as_its_last_tender_rounds(
    terms: Terms, price: int, paid: list[tuple[str, int]], *, is_settled: bool
) -> None:
    order = Made(terms=terms).key("a", CUP, price4=Price4(price * 100)).order
    payments = {
        uid(f"p{place}"): Payment(
            id=uid(f"p{place}"), tender=tender, amount=Minor(amount), state=S.APPROVED, at=order.created_at, till=1
        )
        for place, (tender, amount) in enumerate(paid)
    }
    order = replace(order, payments=payments)
    assert paying.is_settled(order) == is_settled
    waits = replace(payments[uid("p0")], id=uid("w"), amount=Minor(0), state=S.UNKNOWN)
    assert not paying.is_settled(replace(order, payments={**payments, uid("w"): waits}))


@pytest.mark.parametrize(
    ("paid", "asked", "may"),
    [
        # own money of this tender, at this till, without a terminal
        ([(CASH, 3_000, 1, 1)], (CASH, 3_000, 1, 1), True),
        ([(CASH, 3_000, 1, 1)], (CASH, 3_001, 1, 1), False),
        ([(CASH, 3_000, 1, 1)], (CASH, 3_000, 2, 1), False),
        ([(CASH, 3_000, 1, 1)], (CASH, 3_000, 1, 2), False),
        ([(CASH, 3_000, 1, 1)], (CASH, 3_000, None, 1), False),
        ([(CASH, 3_000, 1, 1)], ("CARD", 1, 1, 1), False),
        ([(CASH, 3_000, 1, 1), (CASH, 1_000, 2, 1)], (CASH, 3_001, 1, 1), False),
        ([(CASH, 3_000, 1, 1), (CASH, 1_000, 1, 1)], (CASH, 4_000, 1, 1), True),
        # less what anybody gave back in it
        ([(CASH, 3_000, 1, 1), (CASH, -1_000, 2, 2)], (CASH, 2_000, 1, 1), True),
        ([(CASH, 3_000, 1, 1), (CASH, -1_000, 2, 2)], (CASH, 2_001, 1, 1), False),
        ([(CASH, 3_000, 1, 1), ("CARD", -1_000, 2, 2)], (CASH, 3_000, 1, 1), True),
        # a terminal answers for its own
        ([("CARD", 3_000, 1, 1)], ("CARD", 3_000, 1, 1), True),
        ([("TERMINAL", 3_000, 1, 1)], ("TERMINAL", 1, 1, 1), False),
        # nothing was paid: all that is due back, up to the largest note
        ([], (CASH, 50_000, 1, 1), True),
        ([], (CASH, 49_999, 1, 1), False),
        ([], ("CARD", 50_000, 2, 9), True),
        ([(CASH, -100, 2, 2)], (CASH, 49_900, 1, 1), True),
        ([(CASH, 1, 2, 2)], (CASH, 50_001, 1, 1), False),
        ([(CASH, 0, 2, 2)], (CASH, 50_000, 1, 1), True),  # less than a coin was let go
    ],
)
def test_money_is_given_back_without_a_manager_by_who_took_it(
    paid: list[tuple[str, int, int, int]], asked: tuple[str, int, int | None, int], *, may: bool
) -> None:
    order = Made().key("a", CUP, -500).order
    payments = {
        uid(f"p{place}"): Payment(
            id=uid(f"p{place}"), tender=tender, amount=Minor(amount), state=S.APPROVED, at=order.created_at, till=till,
            user=user, reference=("V1", "", "") if tender == "TERMINAL" else ("", "", ""),
        )
        for place, (tender, amount, user, till) in enumerate(paid)
    }  # fmt: skip
    order = replace(order, payments=payments)
    tender, amount, user, till = asked
    assert paying.may_return(order, tender, Minor(amount), user, till) == may


def test_tips_and_tenders_that_never_round_leave_the_rest_to_round() -> None:
    """A voucher paid 5.01 of 10.03, with a tip of 0.49: 5.02 are left, which a card pays with 5.00."""
    order = Made(terms=EXEMPT).key("a", CUP, price4=Price4(100_300)).order
    paid = Payment(
        id=P, tender="VOUCHER", amount=Minor(550), tip=Minor(49), state=S.APPROVED, at=order.created_at, till=1
    )
    order = replace(order, payments={P: paid})
    assert [paying.due_in(order, tender) for tender in ("CARD", "VOUCHER")] == [500, 502]


def test_deposits_go_back_whole_in_coins_without_a_manager() -> None:
    order = Made(terms=SWISS).key("a", CUP, -1, price4=Price4(100_200)).order
    assert paying.due_in(order, CASH) == -1_000
    asked = [(CASH, 1_000), (CASH, 999), ("CARD", 1_002), ("CARD", 1_000)]
    assert [paying.may_return(order, tender, Minor(amount), 1, 1) for tender, amount in asked] == [
        True, False, True, False]  # fmt: skip
    nobodys = Payment(id=P, tender=CASH, amount=Minor(1), state=S.APPROVED, at=order.created_at, till=1)
    assert not paying.is_own(nobodys, None, 1)


def test_more_than_the_largest_note_goes_back_by_a_manager() -> None:
    order = Made().key("a", CUP, -501).order
    assert not paying.may_return(order, CASH, Minor(50_100), 1, 1)


@pytest.mark.parametrize(
    ("change", "till", "is_left"),
    [
        ({}, 1, True),
        ({}, 3, True),
        ({}, 2, False),
        ({"status": "active"}, 1, False),
        ({"state": S.DECLINED}, 1, False),
        ({"state": S.VOIDED}, 1, False),
        ({"listed": True}, 1, False),
    ],
)
def test_money_of_no_sale_is_left_to_the_till_that_took_it_or_holds_the_order(
    change: dict[str, Any], till: int, *, is_left: bool
) -> None:
    desk = Made("a")
    payment = desk.pay(CASH, 4_000)
    if "listed" in change:
        desk.place()
    elif "status" not in change:
        desk.order = replace(desk.order, status=Status.DISCARDED)
    order = replace(desk.order, holder=3)
    state = change.get("state", S.APPROVED)
    order = replace(order, payments={payment: replace(order.payments[payment], state=state)})
    assert paying.is_left(order, payment, till) == is_left
    assert not paying.is_left(order, uid("x"), till)


def test_money_of_an_ended_order_goes_back_once() -> None:
    taken = Made("a")
    asked = Tendered("CARD", Minor(1_000))
    taken.then(lambda order: charging.start_charge(order, P, asked, ("V1", "", "")))
    taken.then(lambda order: paying.approve_payment(order, P, asked))
    taken.order = replace(taken.order, status=Status.DISCARDED)
    assert paying.check_taken(taken.order, P, 1) == taken.order.payments[P]
    taken.then(lambda order: charging.start_return(order, P, R, ("V1", "", ""), 1))
    with pytest.raises(PaymentError, match=r"^A payment is under way\. Wait for its answer, then go on\.$"):
        paying.check_taken(taken.order, P, 1)
    with pytest.raises(OrderClosedError):
        paying.check_taken(taken.order, P, 2)
    taken.order = replace(taken.order, payments={P: replace(taken.order.payments[P], state=S.VOIDED)})
    with pytest.raises(PaymentError, match=r"^That payment is already refunded\.$"):
        paying.check_taken(taken.order, P, 2)


def test_order_ends_active_or_with_the_money_of_a_provider() -> None:
    open_, taken = Made("a"), Made("a", "b")
    asked = Tendered("CARD", Minor(1_000))
    taken.then(lambda order: charging.start_charge(order, P, asked, ("V1", "", "")))
    taken.then(lambda order: paying.approve_payment(order, P, asked))
    for desk, may in ((open_, False), (taken, True)):
        assert paying.may_end(desk.order)
        desk.then(lambda order: suspension.put_on_tab(order, Tab(uid("t"), "x")))
        assert paying.may_end(desk.order) == may
        assert not paying.may_end(replace(desk.order, status=Status.DISCARDED))


@pytest.mark.parametrize(
    ("paid", "pieces", "share"),
    [
        ({}, {"a": 1}, 333),
        ({}, {"a": 2}, 667),
        ({"a": 1}, {"a": 1}, 334),
        ({"a": 2}, {"a": 1}, 333),
        ({}, {"a": 3}, 1_000),
        ({}, {"a": 1, "b": 1}, 4_333),
        ({"b": 1}, {"a": 3}, 1_000),
        ({}, {}, 0),
        ({"a": 3, "b": 1}, {}, 0),
    ],
)
def test_share_of_pieces_is_the_next_of_their_row(paid: dict[str, int], pieces: dict[str, int], share: int) -> None:
    """Three of a row at 10.00 in all, and one of 40.00."""
    desk = Made().key("a", CUP, 3, price4=Price4(33_333)).key("b", IDLY)
    if paid:
        named = {uid(line): count for line, count in paid.items()}
        desk.pay("CARD", by_items.share_of(desk.order, named), pieces=named)
    assert by_items.share_of(desk.order, {uid(line): count for line, count in pieces.items()}) == share


@pytest.mark.parametrize(("paid", "other"), [("a", "b"), ("b", "a")])
def test_share_of_a_row_does_not_count_paid_pieces_that_another_till_took_off(paid: str, other: str) -> None:
    """Pieces at 3.33 on two equal lines: both of one line are paid for, and one of these is gone."""
    desk = Made().key("a", CUP, 2, price4=Price4(33_333)).key("b", CUP, 2, price4=Price4(33_333)).key("c", DOSA)
    desk.pay("CARD", 667, pieces={uid(paid): 2})
    lines = desk.order.lines
    order = replace(desk.order, lines={**lines, uid(paid): replace(lines[uid(paid)], keyed=1)})
    assert [by_items.share_of(order, {uid(other): count}) for count in (1, 2)] == [334, 667]
    assert by_items.share_of(order, {uid(other): 2, uid("c"): 9}) == order.due
    gone = replace(lines[uid(paid)], keyed=1)
    for keyed in (gone, replace(gone, keyed=2, taken=(TakenOff("t", 1),))):
        short = replace(order, lines={**lines, uid(paid): keyed})
        refused(
            lambda short=short: by_items.check_removable(short, {uid(paid): 1}),  # type: ignore[misc]
            PaymentError,
            "1 Cup deposit is paid for: refund that payment first.",
        )
        refused(lambda short=short: by_items.check_unpaid(short, {uid(paid): 2}), LineError, LineError.default)  # type: ignore[misc]
    away = replace(order, lines={**lines, uid(paid): replace(gone, moved=True)})
    by_items.check_removable(away, {uid(paid): 1})  # its pieces are paid for where they are now


def test_service_is_shared_in_proportion_to_the_rows_with_their_taxes() -> None:
    """Two items of 40.00, and 20 % VAT is added to one: 8.00 of service are 4.36 and 3.64."""
    menu = replace(MENU, taxes={"A": (Tax("VAT", Millionths(200_000)),)})
    terms = Terms(Currency("INR"), included=False, charge=ChargeRule(Millionths(100_000)))
    desk = Made("a", menu=menu, terms=terms).key("b", replace(IDLY, id="plain", tax=""))
    assert by_items.amounts_of(desk.order) == [4_800 + 436, 4_000 + 364]
    assert by_items.share_of(desk.order, {A: 1}) == 5_236


def test_pieces_of_one_name_are_counted_where_they_are_paid_for() -> None:
    desk = Made("a 2").key("b", DOSA, 3).key("c", IDLY, 2)
    desk.pay("CARD", 24_000, pieces={A: 1, B: 2, uid("c"): 1})
    for leaving, sentence in (
        ({A: 2, B: 3}, "1 Idly is paid for: refund that payment first."),
        ({B: 3, A: 2}, "2 Masala Dosa are paid for: refund that payment first."),
        ({A: 2, B: 1, uid("c"): 2}, "2 Idly are paid for: refund that payment first."),
        ({A: 1, B: 2}, "2 Masala Dosa are paid for: refund that payment first."),
    ):
        refused(lambda leaving=leaving: by_items.check_removable(desk.order, leaving), PaymentError, sentence)  # type: ignore[misc]
    by_items.check_removable(desk.order, {A: 1, B: 1, uid("c"): 1})


def test_unpaid_pieces_are_those_without_a_payment_that_stands() -> None:
    desk = Made("a 3").key("b", CUP, -2)
    desk.pay("CARD", 8_000, pieces={A: 2})
    lines = desk.order.lines
    assert (by_items.unpaid(desk.order, lines[A]), by_items.unpaid(desk.order, lines[uid("b")])) == (1, 2)
    assert by_items.unpaid_pieces(desk.order) == {A: 1, uid("b"): 2}
    over = replace(desk.order, lines={A: replace(lines[A], keyed=1)})
    assert (by_items.unpaid(over, over.lines[A]), by_items.unpaid_pieces(over)) == (0, {})
    by_items.check_removable(desk.order, {A: 1, uid("x"): 9})
    assert deciding.pieces_of(desk.order.priced.rows[1]) == {uid("b"): 2}
