"""Decisions on refunds: the whole record, the ways, and every refusal in its sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import CUP, DOSA, IDLY, INR, SESSION, Desk, fold_refunds, uid
from tests.domain.refund.test_shares import BOTTLE, COINS, DAY, FREE, SHOP, THIRD, Counter
from till.domain.errors import RefundError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor, Price4
from till.domain.order import discounting
from till.domain.order.events import PlacedTax
from till.domain.order.paying import due_in
from till.domain.payment.movement import PaymentState, Result
from till.domain.refund import giving
from till.domain.refund.events import RefundApproved, RefundDeclined, RefundedLine, RefundStarted, RefundUnknown
from till.domain.refund.giving import Beginning, Way
from till.domain.refund.parts import Part
from till.domain.refund.shares import SalePayment, Share
from till.domain.refund.state import Refund
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.terms import Terms

REFUND = uid("refund")


def sold(*keyed: tuple[Any, int], terms: Terms = INR, tenders: tuple[tuple[str, int], ...] = (("CASH", 0),)) -> Counter:
    """A sale, with the payments p0, p1 … of which 0 takes the rest."""
    desk = Desk(terms, menu=SHOP)
    for item, quantity in keyed:
        desk.add(item, quantity)
    for tender, amount in tenders:
        desk.pay(tender, amount or due_in(desk.order, tender))
    return Counter(desk.place(), terms.rounding)


def _money(amount: Minor) -> str:
    return f"<{amount}>"


def _begins(**more: Any) -> Beginning:
    facts: dict[str, Any] = {"business_date": DAY, "manager": 9, "till": 3, "reason": "cold"} | more
    return Beginning(REFUND, "1-R000007", **facts)


def _start(counter: Counter, amount: int, way: int = 0, **more: Any) -> RefundStarted:
    share = giving.amount_back(counter.sale, Minor(amount))
    [draft] = giving.start(counter.sale, SESSION, share, giving.ways_of(counter.sale)[way], _begins(**more))
    assert isinstance(draft.data, RefundStarted)
    return draft.data


def test_started_refund_records_all_of_its_share() -> None:
    """Two of three bottles at 1.75 and 0.25 deposit, VAT 19 % in the price and 3.33 % on it; paid at a terminal."""
    counter = sold((BOTTLE, 3), (DOSA, 1), tenders=(("CARD", 0),))
    (paid,) = counter.placed.payments
    counter.placed = replace(counter.placed, payments=(replace(paid, transaction="T-17"),))
    (way, cash) = giving.ways_of(counter.sale)
    share = counter.back(r1=2)
    began = _begins(names=("V1", "till-3", "0414"), away=False)
    [draft] = giving.start(counter.sale, SESSION, share, way, began)
    facts: dict[str, Any] = {
        "session_id": SESSION,
        "receipt": "1-R000007",
        "tender": "CARD",
        "amount": "-4.10",
        "order_id": counter.placed.order_id,
        "sold": "1-000001",
        "business_date": "2026-03-03",
        "payment_id": paid.payment_id,
        "currency": "INR",
        "net": "-2.94",
        "tax": "-1.16",
        "rounding": "0.00",
        "approved_by": 9,
        "taxes": (
            PlacedTax(name="VAT", rate="19", net="-2.94", tax="-0.56"),
            PlacedTax(name="City", rate="3.33", net="-2.94", tax="-0.10", added=True),
            PlacedTax(name="Deposit", per_piece="0.25", net="-2.94", tax="-0.50", added=True),
        ),
        "lines": (
            RefundedLine(
                row=1, item_id="cola", item_name="Cola", quantity=-2, amount="-4.10", net="-2.94", tax="-1.16"
            ),
        ),
        "reason": "cold",
    }
    asked: dict[str, Any] = {"place": "V1", "asker": "till-3", "number": "0414", "transaction": "T-17"}
    assert draft == Draft(RefundStarted(**facts, **asked), REFUND)
    slip = replace(began, transaction="")
    [draft] = giving.start(counter.sale, SESSION, share, way, slip)
    assert draft.data == RefundStarted(**facts, **asked | {"transaction": ""})
    [draft] = giving.start(counter.sale, SESSION, share, cash, _begins(away=True))
    assert draft.data == RefundStarted(**facts | {"tender": "CASH", "drawer": 3, "away": True})


def test_started_refund_names_a_tax_or_a_net_that_comes_to_nothing() -> None:
    """GST of 0.05 is 0.00, and a book has none. An empty bottle is a deposit alone."""
    small = replace(DOSA, id="mint", price4=Price4(500))
    counter = sold((small, 1), (FREE, 1))
    assert _start(counter, 338).taxes == (PlacedTax(name="GST", rate="5", net="-0.05", tax="0.00"),)
    empty = sold((replace(BOTTLE, id="empty", price4=Price4(10)), 1))
    assert _start(empty, 25).taxes[-1] == PlacedTax(
        name="Deposit", per_piece="0.25", net="0.00", tax="-0.25", added=True
    )


def test_outcome_of_a_refund_repeats_its_money() -> None:
    counter = sold((DOSA, 1))
    refund_id = counter.give(counter.back(r1=1), till=3)
    (refund,) = counter.sale.refunds
    started = counter.events[0]
    (paid,) = counter.placed.payments
    assert refund == Refund(
        id=refund_id, tender="CASH", amount=Minor(8_000), state=PaymentState.STARTED, at=started.at,
        started_at=started.at, till=1, user=1, started=refund.started, last_id=started.id,
    )  # fmt: skip
    assert paid.payment_id == refund.started.payment_id
    facts: dict[str, Any] = {
        "session_id": SESSION,
        "receipt": "1-R000001",
        "tender": "CASH",
        "amount": "-80.00",
        "drawer": 3,
    }
    answers = [
        (Result(PaymentState.UNKNOWN), RefundUnknown(**facts)),
        (Result(PaymentState.AUTHORISED), RefundUnknown(**facts)),
        (Result(PaymentState.APPROVED, 9, transaction="T"), RefundApproved(**facts, transaction="T", approved_by=9)),
        (Result(PaymentState.DECLINED, 9, reason="no"), RefundDeclined(**facts, reason="no", approved_by=9)),
    ]
    for result, data in answers:
        assert giving.answer(refund, result) == [Draft(data, refund_id)]
    counter.answer(refund_id, PaymentState.UNKNOWN)
    (unknown,) = counter.sale.refunds
    assert giving.answer(unknown, Result(PaymentState.UNKNOWN)) == []  # it was recorded
    counter.events.pop()
    counter.answer(refund_id, PaymentState.APPROVED)
    (given,) = counter.sale.refunds
    last = counter.events[1]
    assert given == replace(refund, state=PaymentState.APPROVED, is_answered=True, at=last.at, last_id=last.id)
    assert (giving.answer(given, Result(PaymentState.UNKNOWN)), refund.is_over, given.is_over) == ([], False, True)


def test_refund_has_its_own_business_date() -> None:
    assert _start(sold((DOSA, 1)), 8_000, business_date=DAY + timedelta(days=2)).business_date == "2026-03-05"


def test_start_of_a_refund_that_comes_again_changes_nothing() -> None:
    counter = sold((DOSA, 1))
    refund_id = counter.give(counter.back(r1=1))
    counter.answer(refund_id, PaymentState.APPROVED)
    (before,) = counter.sale.refunds
    again = counter.hand.seal(Draft(counter.events[0].data, refund_id))
    assert fold_refunds([*counter.events, again])[refund_id] == replace(before, last_id=again.id)


def test_refund_knows_its_reference_at_the_provider() -> None:
    counter = sold((DOSA, 1), tenders=(("CARD", 0),))
    counter.give(counter.back(r1=1), names=("V1", "till-3", "0414"))
    (refund,) = counter.sale.refunds
    assert (refund.reference, refund.tender, refund.is_asked_elsewhere) == (("V1", "till-3", "0414"), "CARD", True)


@pytest.mark.parametrize(
    ("tender", "more", "drawer"),
    [
        ("CASH", {}, 3),
        ("CARD", {}, None),
        ("UPI", {}, None),
        ("MEAL", {"by_hand": True}, None),
        ("MEAL", {"by_hand": True, "opens_drawer": True}, 3),
        ("VOUCHER", {"names": ("server", "till-3", "7")}, None),
    ],
)
def test_a_refund_leaves_the_drawer_of_its_tender(tender: str, more: dict[str, Any], drawer: int | None) -> None:
    assert _start(sold((DOSA, 1), tenders=((tender, 0),)), 8_000, **more).drawer == drawer


def test_ways_are_each_payment_as_it_was_paid_and_then_all_others_in_cash() -> None:
    counter = sold((DOSA, 2), tenders=(("CARD", 3_000), ("CASH", 4_000), ("UPI", 0)))
    card, cash, upi = counter.sale.payments
    ways = [Way(card, "CARD", Minor(3_000)), Way(cash, "CASH", Minor(4_000)), Way(upi, "UPI", Minor(9_000))]
    instead = [Way(card, "CASH", Minor(3_000)), Way(upi, "CASH", Minor(9_000))]
    assert giving.ways_of(counter.sale) == [*ways, *instead]
    assert giving.ways_of(counter.sale, away=True) == [ways[1], *instead]
    assert [way.is_instead for way in (*ways, *instead)] == [False, False, False, True, True]
    counter.give(giving.amount_back(counter.sale, Minor(3_000)))
    counter.give(giving.amount_back(counter.sale, Minor(3_999)))
    assert [(way.tender, way.at_most) for way in giving.ways_of(counter.sale)] == [
        ("CASH", 1), ("UPI", 9_000), ("CASH", 9_000)]  # fmt: skip


def test_ways_allow_what_is_left_of_a_payment_and_none_if_nothing_is() -> None:
    """A payment that two offline tills refunded has less than nothing left."""
    sale = sold((DOSA, 2)).sale
    lefts = {"CARD": 3_000, "CASH": 0, "UPI": -100, "MEAL": 1}
    paid = [SalePayment(uid(tender), tender, Minor(4_000), Minor(left)) for tender, left in lefts.items()]
    ways = giving.ways_of(replace(sale, payments=tuple(paid)))
    assert [(way.payment.tender, way.tender, way.at_most) for way in ways] == [
        ("CARD", "CARD", 3_000), ("MEAL", "MEAL", 1), ("CARD", "CASH", 3_000), ("MEAL", "CASH", 1)]  # fmt: skip


def _way(payment: str, tender: str, at_most: int) -> Way:
    return Way(SalePayment(payment, tender, Minor(at_most), Minor(at_most)), tender, Minor(at_most))


CARD, CASH, UPI = _way("a", "CARD", 30), _way("b", "CASH", 50), _way("c", "UPI", 20)
CARD_IN_CASH = replace(CARD, tender="CASH")


@pytest.mark.parametrize(
    ("amount", "chosen", "parts"),
    [
        (29, CARD, ((CARD, 29),)),
        (30, CARD, ((CARD, 30),)),
        (31, CARD, ((CARD, 30), (CASH, 1))),
        (80, CARD, ((CARD, 30), (CASH, 50))),
        (99, CARD, ((CARD, 30), (CASH, 50), (UPI, 19))),
        (100, CARD, ((CARD, 30), (CASH, 50), (UPI, 20))),
        (101, CARD, ()),
        (60, CASH, ((CASH, 50), (CARD, 10))),
        (40, CARD_IN_CASH, ((CARD_IN_CASH, 30), (CASH, 10))),
        (0, CARD, ()),
    ],
)
def test_rest_of_a_share_goes_back_as_it_was_paid(amount: int, chosen: Way, parts: tuple[tuple[Way, int], ...]) -> None:
    share = Share(Part(Minor(amount), Minor(amount), {}))
    assert giving.parts_of(share, chosen, [CARD, CASH, UPI, CARD_IN_CASH]) == parts


CASH_WAY, CARD_IN_COINS, CARD_WAY = ("CASH", "CASH"), ("CARD", "CASH"), ("CARD", "CARD")


def _in_coins(left: int, at_most: int, amount: int, tenders: tuple[str, str]) -> tuple[Share, Share]:
    """A share of a sale with that much left, as wanted and in coins. The way allows `at_most`."""
    paid_in, tender = tenders
    sale = sold((FREE, 1), (THIRD, 4), terms=COINS, tenders=((paid_in, 0),)).sale
    sale = replace(sale, left=sale.left._replace(amount=Minor(left)))
    chosen = Way(replace(sale.payments[0], left=Minor(at_most)), tender, Minor(at_most))
    share = Share(Part(Minor(amount), Minor(amount), {}))
    return share, giving.in_coins(sale, share, chosen)


@pytest.mark.parametrize(
    ("left", "at_most", "amount", "tenders", "given"),
    [
        (1_000, 1_000, 500, CASH_WAY, 500),
        (1_000, 1_000, 502, CASH_WAY, 500),
        (1_000, 1_000, 503, CASH_WAY, 505),
        # the whole rest of cash is exact; of a card in cash it is in coins, and never more than is left
        (333, 333, 333, CASH_WAY, 333),
        (332, 332, 332, CASH_WAY, 332),
        (333, 333, 333, CARD_IN_COINS, 330),
        (332, 332, 332, CARD_IN_COINS, 330),
        (336, 336, 333, CARD_IN_COINS, 335),
        (335, 335, 333, CARD_IN_COINS, 335),
        (334, 334, 333, CARD_IN_COINS, 330),
        (333, 333, 332, CARD_IN_COINS, 330),
        # a card takes every amount
        (333, 333, 332, CARD_WAY, 332),
        # the payment allows more than is left of the sale, or less
        (334, 500, 333, CASH_WAY, 330),
        (334, 500, 334, CASH_WAY, 330),
        (334, 500, 333, CARD_IN_COINS, 330),
        (500, 334, 333, CASH_WAY, 330),
        (500, 334, 334, CASH_WAY, 334),
        (500, 334, 334, CARD_IN_COINS, 330),
        # more than is allowed is not cut down to it: the way is refused
        (1_000, 500, 503, CASH_WAY, 505),
        (1_000, 500, 504, CARD_IN_COINS, 505),
    ],
)
def test_cash_goes_back_in_coins(left: int, at_most: int, amount: int, tenders: tuple[str, str], given: int) -> None:
    """The tenders: of the payment, and of the refund."""
    share, after = _in_coins(left, at_most, amount, tenders)
    assert after.part.amount == given
    assert (after is share) == (given == amount)


def _answered(state: PaymentState | None) -> Counter:
    counter = sold((DOSA, 1))
    refund = counter.give(counter.back(r1=1))
    if state:
        counter.answer(refund, state)
    return counter


def _pieces(counter: Counter, **pieces: int) -> Share:
    return giving.pieces_back(counter.sale, {int(row[1:]): count for row, count in pieces.items()}, _money)


def _amount(counter: Counter, amount: int) -> Share:
    return giving.amount_back(counter.sale, Minor(amount), _money)


def _rest(counter: Counter, amount: int) -> Share:
    return giving.rest_back(counter.sale, Part(Minor(amount), Minor(amount), {}), _money)


def _free_of_charge() -> Counter:
    """A dosa on the house: nothing was paid."""
    desk = Desk(INR, menu=SHOP)
    line = desk.add(DOSA)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(8_000), reason="friend"))
    return Counter(desk.place())


def _given_twice() -> Counter:
    """A refund declined and repeated, then reported as given too: more went back than was paid."""
    counter = _answered(PaymentState.DECLINED)
    (first,) = counter.sale.refunds
    for state in (PaymentState.APPROVED, None):
        counter.answer(counter.give(counter.back(r1=1)) if state else first.id, PaymentState.APPROVED)
    return counter


def _refunded(*amounts: int, answered: int = 0, tenders: tuple[tuple[str, int], ...] = (("CARD", 0),)) -> Counter:
    """A dosa of which amounts went back, the first `answered` of them with an approval."""
    counter = sold((DOSA, 1), tenders=tenders)
    for place, amount in enumerate(amounts):
        refund = counter.give(giving.amount_back(counter.sale, Minor(amount)))
        if place < answered:
            counter.answer(refund, PaymentState.APPROVED)
    return counter


def _mixed() -> Counter:
    """A sale of which one dosa and the returned cup are refunded, another dosa waits, and an idly is left."""
    counter = sold((DOSA, 2), (IDLY, 1), (CUP, -1))
    counter.answer(counter.give(counter.back(r1=1, r3=-1)), PaymentState.APPROVED)
    counter.give(counter.back(r1=1))
    return counter


def _gone() -> Counter:
    """Both dosas went back, and both idly are on their way; a book is left."""
    counter = sold((DOSA, 2), (IDLY, 2), (FREE, 1))
    counter.answer(counter.give(counter.back(r1=2)), PaymentState.APPROVED)
    counter.give(counter.back(r2=2))
    return counter


@pytest.mark.parametrize(
    ("decide", "sentence"),
    [
        # of pieces
        (lambda: _pieces(sold((CUP, -1)), r1=-1), "Nothing was paid for this sale: there is nothing to refund."),
        (lambda: _pieces(_answered(PaymentState.APPROVED), r1=1), "All of this sale is already refunded."),
        (lambda: _pieces(_answered(None), r1=1), "Refund 1-R000001 has no answer: till 1 settles it (F10)."),
        (
            lambda: _pieces(_answered(PaymentState.UNKNOWN), r1=1),
            "Refund 1-R000001 has no answer: till 1 settles it (F10).",
        ),
        (lambda: _pieces(sold((DOSA, 1)), r2=1), "There is no line 2 on this sale."),
        (lambda: _pieces(sold((DOSA, 1)), r0=1), "There is no line 0 on this sale."),
        (lambda: _pieces(sold((DOSA, 2)), r1=3), "Only 2 × Masala Dosa can be refunded."),
        (lambda: _pieces(sold((DOSA, 2), (CUP, -2)), r2=-3), "Only 2 × Cup deposit can be refunded."),
        (lambda: _pieces(sold((DOSA, 2), (CUP, -2)), r2=1), "Cup deposit was a return on that sale."),
        (lambda: _pieces(sold((DOSA, 2)), r1=-1), "Masala Dosa was a return on that sale."),
        (lambda: _pieces(sold((DOSA, 2)), r1=0), "That comes to <0>: there is nothing to refund."),
        (lambda: _pieces(sold((DOSA, 2), (CUP, -2)), r2=-1), "That comes to <-100>: there is nothing to refund."),
        (lambda: _pieces(_gone(), r1=1), "All of Masala Dosa is already refunded."),
        (lambda: _pieces(_gone(), r2=1), "Idly is being refunded."),
        (lambda: _pieces(_mixed(), r1=1), "Masala Dosa is being refunded."),
        (lambda: _pieces(_mixed(), r3=-1), "All of Cup deposit is already refunded."),
        (lambda: _pieces(_mixed(), r3=1), "Cup deposit was a return on that sale."),
        # of a sale of which nothing is left
        (lambda: _pieces(_free_of_charge(), r1=1), "Nothing was paid for this sale: there is nothing to refund."),
        (lambda: _amount(_given_twice(), 1), "All of this sale is already refunded."),
        (lambda: _amount(_refunded(8_000), 1), "Refund 1-R000001 has no answer: till 1 settles it (F10)."),
        (lambda: _amount(_refunded(5_000, 3_000), 1), "Refund 1-R000001 has no answer: till 1 settles it (F10)."),
        (
            lambda: _amount(_refunded(5_000, 3_000, answered=1), 1),
            "Refund 1-R000003 has no answer: till 1 settles it (F10).",
        ),
        # of an amount
        (lambda: _amount(sold((DOSA, 1)), 0), "Type an amount above zero."),
        (lambda: _amount(sold((DOSA, 1)), -1), "Type an amount above zero."),
        (lambda: _amount(sold((DOSA, 1)), 8_001), "Only <8000> of this sale can be refunded."),
        (lambda: _amount(_answered(PaymentState.APPROVED), 1), "All of this sale is already refunded."),
        (lambda: _amount(_refunded(3_000), 5_001), "Only <5000> of this sale can be refunded."),
        (lambda: _rest(_refunded(3_000), 5_001), "Only <5000> of this sale can be refunded."),
        (lambda: _rest(sold((DOSA, 1)), 8_001), "Only <8000> of this sale can be refunded."),
        (lambda: _rest(sold((DOSA, 1)), 0), "Type an amount above zero."),
        (lambda: _rest(_answered(PaymentState.APPROVED), 1), "All of this sale is already refunded."),
        # of the way
        (
            lambda: _start(sold((DOSA, 1), tenders=(("MEAL", 0),)), 1),
            "That cannot be refunded by MEAL here. Tab: cash.",
        ),
        (
            lambda: _start(sold((DOSA, 1), tenders=(("VOUCHER", 0),)), 1),
            "That cannot be refunded by voucher here. Tab: cash.",
        ),
        (
            lambda: _start(sold((DOSA, 1), tenders=(("CARD", 3_000), ("CASH", 0))), 3_001),
            "At most ₹30.00 can be refunded there. Tab: another way.",
        ),
        (
            lambda: _start(_refunded(2_000, tenders=(("CARD", 3_000), ("CASH", 0))), 1_001),
            "At most ₹10.00 can be refunded there. Tab: another way.",
        ),
        (
            lambda: _start(sold((FREE, 1), terms=COINS, tenders=(("CASH", 300), ("CARD", 0))), 303),
            "At most CHF 3.00 can be refunded there. Tab: another way.",
        ),
        (
            lambda: _start(sold((DOSA, 1), tenders=(("CARD", 0),)), 1, away=True),
            "Offline, refunds are in cash only. Tab: cash.",
        ),
        (
            lambda: _start(sold((FREE, 1), terms=COINS, tenders=(("CARD", 0),)), 2, way=1),
            "Less than the smallest coin. Tab: another way. Or mark more.",
        ),
    ],
)
def test_a_refund_that_is_refused_says_why(decide: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(RefundError) as refused:
        decide()
    assert refused.value.sentence == sentence


def test_refunds_at_their_bounds_are_given() -> None:
    assert _pieces(sold((DOSA, 2), (CUP, -2)), r1=2, r2=-2).part.amount == 15_800
    assert _pieces(sold((DOSA, 2), (IDLY, 1)), r1=0, r2=1).part.amount == 4_000
    assert _amount(sold((DOSA, 1)), 1).part.amount == 1
    assert _pieces(sold((replace(FREE, id="tiny", price4=Price4(100)), 1)), r1=1).part.amount == 1
    assert _pieces(_mixed(), r2=1, r3=0).part.amount == 4_000
    assert _amount(sold((DOSA, 1)), 8_000).part.amount == 8_000
    assert _amount(_refunded(3_000), 5_000).part.amount == 5_000
    assert _rest(sold((DOSA, 1)), 8_000).part.amount == 8_000
    assert _start(sold((DOSA, 1), tenders=(("CARD", 3_000), ("CASH", 0))), 3_000).amount == "-30.00"
    assert _start(sold((DOSA, 1), tenders=(("CARD", 0),)), 1, way=1, away=True).amount == "-0.01"
    assert _start(_refunded(2_000, tenders=(("CARD", 3_000), ("CASH", 0))), 1_000).amount == "-10.00"
    assert giving.all_pieces(_gone().sale) == {3: 1}
    assert giving.all_pieces(sold((DOSA, 2), (CUP, -2)).sale) == {1: 2, 2: -2}
