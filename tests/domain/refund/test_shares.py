"""Refunded shares of a sale: those of pieces and of amounts add up to what was paid, and never to more."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, SESSION, Desk, Hand, fold_refunds, folded, uid
from till.domain.catalogue.menu import Item, Menu
from till.domain.errors import PaymentError, RefundError
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import voiding
from till.domain.order.events import PlacedPayment, PlacedTax
from till.domain.order.paying import due_in
from till.domain.order.terms import ChargeRule, Terms
from till.domain.payment.events import TenderCorrected
from till.domain.payment.movement import PaymentState, Result
from till.domain.refund import correcting, giving
from till.domain.refund.correcting import Hand as ByHand
from till.domain.refund.giving import Beginning
from till.domain.refund.parts import Part, TaxName
from till.domain.refund.shares import Sale, Share, SoldRow, first_part, sale_of
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.order.events import OrderPlaced

DAY = date(2026, 3, 3)
COINS = Terms(Currency("CHF"), included=True, rounding=PaidRounding(Minor(5)))
BILL = replace(INR, rounding=PaidRounding(Minor(100), bill=True))
BOTTLE = Item("cola", "Cola", "drinks", Price4(17_500), "B", plu=8)
FREE = Item("book", "Book", "books", Price4(33_300), "", plu=9)
THIRD = Item("third", "Third", "books", Price4(33_333), "", plu=10)
HALVES = Item("halves", "Halves", "books", Price4(16_500), "", plu=11)
SMALL = Item("small", "Small", "books", Price4(6_000), "", plu=12)
TAXES: dict[str, tuple[Tax, ...]] = {
    "A": (Tax("GST", Millionths(50_000)),),
    "B": (
        Tax("VAT", Millionths(190_000), included=True),
        Tax("City", Millionths(33_300), included=False),
        Tax("Deposit", Millionths(0), per_piece=Fraction(25), included=False),
    ),
}
SHOP = Menu(1, TAXES, items=(IDLY, DOSA, CUP, BOTTLE, FREE, THIRD, HALVES, SMALL))
ADDED = Terms(Currency("USD"), included=False, by_order=True)
CHARGED = replace(INR, charge=ChargeRule(Millionths(100_000), TAXES["A"], except_deposits=True))


class Counter:
    """A sale, and the refunds that are given of it one after another."""

    def __init__(self, placed: OrderPlaced, rounding: PaidRounding | None = None) -> None:
        self.placed = placed
        self.rounding = rounding
        self.hand = Hand(seed=7)
        self.events: list[Event] = []

    @property
    def sale(self) -> Sale:
        return sale_of(self.placed, fold_refunds(self.events).values(), None, self.rounding)

    def asked(self, **more: Any) -> Beginning:
        facts: dict[str, Any] = {"business_date": DAY, "manager": 9, "till": 1, "reason": "cold"} | more
        return Beginning(self.hand.new_id(), f"1-R{len(self.events) + 1:06d}", **facts)

    def give(self, share: Share, way: int = 0, **more: Any) -> str:
        """Give it back; the id of the refund, which awaits its answer."""
        asked = self.asked(**more)
        for draft in giving.start(self.sale, SESSION, share, giving.ways_of(self.sale)[way], asked):
            self.events.append(self.hand.seal(draft))
        return asked.refund_id

    def answer(self, refund_id: str, state: PaymentState, by: int | None = None) -> None:
        refund = fold_refunds(self.events)[refund_id]
        self.events += [self.hand.seal(draft) for draft in giving.answer(refund, Result(state, by))]

    def back(self, **pieces: int) -> Share:
        return giving.pieces_back(self.sale, {int(row[1:]): count for row, count in pieces.items()})


def _sold(
    *keyed: tuple[Any, int], terms: Terms = INR, tenders: tuple[tuple[str, int], ...] = (("CASH", 0),)
) -> Counter:
    desk = Desk(terms, menu=SHOP)
    for item, quantity in keyed:
        desk.add(item, quantity)
    for tender, amount in tenders:
        due = desk.order.due if tender != "CASH" else due_in(desk.order, "CASH")
        desk.pay(tender, amount or due)
    return Counter(desk.place(), terms.rounding)


def test_a_piece_takes_its_share_of_price_and_tax() -> None:
    counter = _sold((DOSA, 2), (IDLY, 1))
    share = counter.back(r1=1)
    assert (share.part.amount, share.part.net, share.part.tax) == (8_000, 7_619, 381)
    counter.give(share)
    (refund,) = counter.sale.refunds
    started = refund.started
    assert (started.amount, started.net, started.tax, started.rounding) == ("-80.00", "-76.19", "-3.81", "0.00")
    (line,) = started.lines
    assert (line.row, line.quantity, line.amount) == (1, -1, "-80.00")
    assert (started.drawer, started.sold, started.approved_by) == (1, "1-000001", 9)
    assert counter.sale.left.amount == 12_000


def test_no_more_goes_back_than_was_sold() -> None:
    counter = _sold((DOSA, 2))
    refund = counter.give(counter.back(r1=2))
    with pytest.raises(RefundError, match="has no answer"):
        counter.back(r1=1)
    counter.answer(refund, PaymentState.APPROVED)
    with pytest.raises(RefundError, match="All of this sale is already refunded"):
        counter.back(r1=1)
    counter = _sold((DOSA, 2), (IDLY, 1))
    with pytest.raises(RefundError, match=r"Only 2 × Masala Dosa can be refunded"):
        counter.back(r1=3)
    with pytest.raises(RefundError, match="no line 3"):
        counter.back(r3=1)
    with pytest.raises(RefundError, match=r"Only ₹200\.00 of this sale"):
        giving.amount_back(counter.sale, Minor(20_001))
    with pytest.raises(RefundError, match="above zero"):
        giving.amount_back(counter.sale, Minor(0))


def test_lines_voided_before_the_payment_are_not_refunded_by_name() -> None:
    desk = Desk()
    desk.add(DOSA, 1)
    line = desk.add(IDLY, 2)
    desk.do(voiding.void_line(desk.order, line, "dropped"))
    desk.pay("CASH", desk.order.due)
    counter = Counter(desk.place())
    assert [row.name for row in counter.sale.rows] == ["Masala Dosa"]
    with pytest.raises(RefundError, match="no line 2"):
        counter.back(r2=1)
    assert counter.back(r1=1).part.amount == counter.sale.left.amount == 8_000


def test_a_declined_refund_comes_back_and_an_unknown_one_does_not() -> None:
    counter = _sold((DOSA, 1))
    first = counter.give(counter.back(r1=1))
    counter.answer(first, PaymentState.UNKNOWN)
    assert counter.sale.left.amount == 0
    counter.answer(first, PaymentState.DECLINED)
    assert counter.sale.left.amount == 8_000
    with pytest.raises(PaymentError, match="already has its answer"):
        fold_refunds(counter.events)[first].check_open()
    second = counter.give(counter.back(r1=1))
    counter.answer(second, PaymentState.APPROVED)
    assert [refund.state for refund in counter.sale.refunds] == [PaymentState.DECLINED, PaymentState.APPROVED]


def test_money_that_moved_wins_over_what_another_till_heard() -> None:
    counter = _sold((DOSA, 1))
    refund_id = counter.give(counter.back(r1=1))
    refund = fold_refunds(counter.events)[refund_id]
    answers = (Result(PaymentState.APPROVED), Result(PaymentState.DECLINED))
    both = [counter.hand.seal(draft) for one in answers for draft in giving.answer(refund, one)]
    for known in ([*counter.events, *both], [*reversed(both), *counter.events]):
        assert fold_refunds(known)[refund_id].state is PaymentState.APPROVED


def test_a_piece_that_went_back_twice_is_not_given_back_a_third_time_and_the_rest_is() -> None:
    """The first refund was given up and repeated; later the terminal reported that the first one succeeded too."""
    counter = _sold((IDLY, 1), (DOSA, 1))
    first = counter.give(counter.back(r1=1))
    counter.answer(first, PaymentState.DECLINED)
    counter.answer(counter.give(counter.back(r1=1)), PaymentState.APPROVED)
    counter.answer(first, PaymentState.APPROVED)
    assert counter.sale.left.amount == 4_000
    with pytest.raises(RefundError, match="All of Idly is already refunded"):
        counter.back(r1=1)
    rest = giving.pieces_back(counter.sale, giving.all_pieces(counter.sale))
    assert (rest.part.amount, [(row.name, count) for row, count, _part in rest.rows]) == (4_000, [("Masala Dosa", 1)])
    assert fold_refunds(counter.events)[first].is_late


def test_refund_goes_to_its_payment_or_in_cash() -> None:
    counter = _sold((DOSA, 1), (IDLY, 1), tenders=(("CARD", 10_000), ("CASH", 0)))
    ways = giving.ways_of(counter.sale)
    assert [(way.tender, way.at_most, way.is_instead) for way in ways] == [
        ("CARD", 10_000, False), ("CASH", 2_000, False), ("CASH", 10_000, True),
    ]  # fmt: skip
    with pytest.raises(RefundError, match=r"At most ₹20\.00 can be refunded there"):
        counter.give(counter.back(r2=1), way=1)
    counter.give(giving.amount_back(counter.sale, Minor(2_000)), way=1)
    counter.give(giving.amount_back(counter.sale, Minor(10_000)))
    assert counter.sale.left == (0, 0, {TaxName("GST", "5"): (0, 0)})
    assert giving.ways_of(counter.sale) == []


def test_away_from_the_server_it_is_cash() -> None:
    counter = _sold((DOSA, 1), tenders=(("CARD", 0),))
    assert [way.tender for way in giving.ways_of(counter.sale, away=True)] == ["CASH"]
    with pytest.raises(RefundError, match="in cash only"):
        counter.give(counter.back(r1=1), away=True)
    counter.give(counter.back(r1=1), way=1, away=True)
    assert counter.sale.refunds[0].started.away


def test_a_way_that_nobody_keeps_by_hand_is_refused() -> None:
    counter = _sold((DOSA, 1), tenders=(("VOUCHER", 0),))
    with pytest.raises(RefundError, match="Tab: cash"):
        counter.give(counter.back(r1=1))


def test_nothing_is_given_back_of_a_sale_that_paid_nothing() -> None:
    counter = _sold((CUP, -1), tenders=(("CASH", 0),))
    with pytest.raises(RefundError, match="Nothing was paid"):
        counter.back(r1=-1)
    counter = _sold((DOSA, 1), (CUP, -1))
    with pytest.raises(RefundError, match="was a return on that sale"):
        counter.back(r2=1)
    with pytest.raises(RefundError, match="nothing to refund"):
        counter.back(r2=-1)
    counter.give(counter.back(r1=1, r2=-1))
    assert counter.sale.left.amount == 0


@given(
    st.lists(st.tuples(st.sampled_from([IDLY, DOSA, CUP, BOTTLE, FREE]), st.integers(1, 7)), min_size=1, max_size=4),
    st.sampled_from([INR, COINS, ADDED, CHARGED]),
    st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 9_000)), max_size=12),
)
def test_refunds_sum_to_what_was_paid(keyed: Any, terms: Terms, steps: list[tuple[bool, int, int]]) -> None:
    """By lines and by amount, in any order: net, each tax and the lines sum, and nothing is given that was not paid."""
    counter = _sold(*keyed, terms=terms)
    whole = counter.sale
    for by_piece, place, size in [*steps, (True, -1, 0)]:
        sale = counter.sale
        if not sale.left.amount:
            break
        if place < 0:
            left = giving.all_pieces(sale)
            share = giving.pieces_back(sale, left) if left else giving.amount_back(sale, sale.left.amount)
        elif not by_piece:
            share = giving.amount_back(sale, Minor(min(size, sale.left.amount)))
        elif (row := sale.rows[place % len(sale.rows)]).left:
            share = giving.pieces_back(sale, {row.row: 1 + size % row.left})
        else:
            continue
        assert 0 < share.part.amount <= sale.left.amount
        assert_sums(share, off=4 * len(sale.refunds) if terms is COINS else 0)
        try:
            given = giving.in_coins(sale, share, giving.ways_of(sale)[0])
        except RefundError:
            assert terms is COINS
            assert share.part.amount < 5
            continue
        assert 0 < given.part.amount <= sale.left.amount
        if terms is COINS:
            assert given.part.amount % 5 == 0
            assert abs(given.part.amount - share.part.amount) < 5
            if given.part.amount != sale.left.amount:
                assert (given.part.net, given.part.taxes) == (share.part.net, share.part.taxes)
            assert sum(part.amount for _row, _pieces, part in given.rows) in {0, given.part.amount}
        else:
            assert given is share
        counter.give(share)
        assert_within(counter.sale, whole, off=4 * len(counter.sale.refunds) if terms is COINS else 0)
    assert counter.sale.left == (0, 0, {name: (net, 0) for name, (net, _tax) in counter.sale.left.taxes.items()})
    assert all(one.left == 0 for one in counter.sale.payments)


def test_a_deposit_is_refunded_without_service_charge_and_a_dish_with_its_net_and_tax() -> None:
    counter = _sold((DOSA, 2), (CUP, 10), terms=CHARGED)
    assert (counter.back(r2=1).part.amount, counter.back(r2=10).part.tax) == (100, 0)
    share = counter.back(r1=1)
    assert (share.part.amount, share.part.net, share.part.tax, share.part.rounding) == (8_800, 8_381, 419, 0)
    counter.give(share)
    assert (counter.back(r1=1).part.amount, counter.back(r2=10).part.amount) == (8_800, 1_000)


def test_in_cash_a_share_goes_back_in_coins_and_the_last_takes_the_remainder() -> None:
    """Three of 10.00: 3.33 each, which no coin pays."""
    counter = _sold((THIRD, 3), terms=COINS)
    given = []
    for _piece in range(3):
        counter.give(counter.back(r1=1))
        given.append(counter.sale.refunds[-1].started)
    assert [(one.amount, one.rounding) for one in given] == [("-3.35", "-0.02"), ("-3.35", "-0.01"), ("-3.30", "0.03")]
    assert counter.sale.left == (0, 0, {})


def test_a_card_payment_is_refunded_exactly_to_the_card_and_in_coins_to_no_more() -> None:
    counter = _sold((FREE, 1), (THIRD, 1), terms=COINS, tenders=(("CARD", 0),))
    card, cash = giving.ways_of(counter.sale)
    whole = giving.pieces_back(counter.sale, giving.all_pieces(counter.sale))
    assert (whole.part.amount, giving.in_coins(counter.sale, whole, card)) == (666, whole)
    assert giving.in_coins(counter.sale, whole, cash).part.amount == 665
    assert giving.in_coins(counter.sale, giving.amount_back(counter.sale, Minor(664)), cash).part.amount == 665
    counter.give(giving.amount_back(counter.sale, Minor(2)))
    most = giving.amount_back(counter.sale, Minor(664))
    assert giving.in_coins(counter.sale, most, giving.ways_of(counter.sale)[1]).part.amount == 660
    with pytest.raises(RefundError, match=r"Less than the smallest coin"):
        counter.give(giving.amount_back(counter.sale, Minor(2)), way=1)


def test_a_share_that_becomes_all_that_is_left_takes_the_rest_of_net_and_taxes() -> None:
    counter = _sold((FREE, 3), terms=COINS, tenders=(("CARD", 0),))
    counter.give(giving.amount_back(counter.sale, Minor(994)))
    assert counter.sale.left.amount == 5
    counter.give(giving.amount_back(counter.sale, Minor(3)), way=1)
    assert counter.sale.left == (0, 0, {})


def test_cash_that_guests_paid_in_parts_is_refunded_in_one_act() -> None:
    counter = _sold((FREE, 1), (THIRD, 1), terms=COINS, tenders=(("CASH", 123), ("CARD", 42), ("CASH", 0)))
    assert [(one.tender, one.amount) for one in counter.sale.payments] == [("CASH", 625), ("CARD", 42)]
    counter.give(giving.amount_back(counter.sale, Minor(300)))
    assert [one.left for one in counter.sale.payments] == [325, 42]
    counter.give(giving.amount_back(counter.sale, Minor(325)))
    counter.give(giving.amount_back(counter.sale, Minor(42)))
    assert counter.sale.left == (0, 0, {})


@pytest.mark.parametrize(("tender", "given"), [("CASH", 300), ("CARD", 300), ("MEAL", 333)])
def test_a_refund_is_rounded_as_the_bill_of_its_sale_was(tender: str, given: int) -> None:
    """One of 30 at 3.33, of a bill of 99.90 that came to 100."""
    terms = replace(INR, rounding=PaidRounding(Minor(100), bill=True, never=frozenset({"meal"})))
    counter = _sold((FREE, 30), terms=terms, tenders=((tender, 9_990 if tender == "MEAL" else 10_000),))
    way = giving.ways_of(counter.sale)[0]
    assert giving.in_coins(counter.sale, counter.back(r1=1), way).part.amount == given
    whole = giving.pieces_back(counter.sale, giving.all_pieces(counter.sale))
    assert giving.in_coins(counter.sale, whole, way) == whole


@pytest.mark.parametrize(
    ("keyed", "terms", "given"),
    [
        (((THIRD, 3), (FREE, 1)), COINS, ["-3.35", "-3.35", "-3.30", "-3.35"]),
        (((THIRD, 8), (FREE, 1)), BILL, ["-3.00"] * 7 + ["-6.00", "-3.00"]),
        (((HALVES, 3), (FREE, 2)), BILL, ["-2.00", "-2.00", "-1.00", "-3.00", "-4.00"]),
    ],
)
def test_the_last_piece_of_a_row_takes_what_is_left_of_the_row(keyed: Any, terms: Terms, given: list[str]) -> None:
    """The refunds of a row add up to it, rounded as the law requires; those of the sale add up to what was paid."""
    counter = _sold(*keyed, terms=terms)
    for row, (_item, pieces) in enumerate(keyed, 1):
        for _piece in range(pieces):
            counter.give(counter.back(**{f"r{row}": 1}))
    assert [refund.started.amount for refund in counter.sale.refunds] == given
    assert counter.sale.left == (0, 0, {})


def test_a_row_of_which_nothing_is_left_refunds_nothing_for_its_last_piece() -> None:
    counter = _sold((SMALL, 3), (FREE, 1), terms=BILL)
    counter.give(counter.back(r1=1))
    counter.give(counter.back(r1=1))
    with pytest.raises(RefundError, match=r"comes to ₹0\.00: there is nothing to refund"):
        counter.back(r1=1)
    assert counter.back(r1=1, r2=1).part == counter.sale.left
    assert counter.sale.left.amount == 300


def test_the_whole_rest_of_a_part_of_a_rounded_bill_is_refunded_in_cash_too() -> None:
    """Parts of a bill are paid exactly, so 10.43 by card and 9.57 in cash are refunded in cash as they were paid."""
    terms = replace(INR, rounding=PaidRounding(Minor(100), bill=True))
    counter = _sold((FREE, 6), terms=terms, tenders=(("CARD", 1_043), ("CASH", 0)))
    for at_most in (957, 1_043):
        way = next(one for one in giving.ways_of(counter.sale) if one.tender == "CASH" and one.at_most == at_most)
        share = giving.amount_back(counter.sale, way.at_most)
        assert giving.in_coins(counter.sale, share, way) == share
        counter.give(share, way=giving.ways_of(counter.sale).index(way))
    assert counter.sale.left == (0, 0, {})


def assert_sums(share: Share, *, off: int) -> None:
    """A refund is the sum of its net, taxes and rounding, and of its lines, which exceed their rows by `off`."""
    part, lines = share.part, [one for _row, _pieces, one in share.rows]
    assert part.amount == part.net + part.tax + part.rounding
    if lines:
        assert sum(one.amount for one in lines) == part.amount
        assert sum(one.net for one in lines) == part.net
        assert sum(one.tax for one in lines) == part.tax
        assert all(0 <= one.amount <= row.part.amount + off for row, _pieces, one in share.rows)


def assert_within(sale: Sale, whole: Sale, *, off: int) -> None:
    """Check that the rest of each amount is between zero and the whole; that of the rounding may be `off` outside."""
    left, all_of = sale.left, whole.left
    assert min(0, all_of.rounding) - off <= left.rounding <= max(0, all_of.rounding) + off
    pairs = [(left.net, all_of.net)]
    pairs += [(left.taxes[name][1], tax) for name, (_net, tax) in all_of.taxes.items()]
    assert left.taxes.keys() == all_of.taxes.keys()
    for rest, of in pairs:
        assert min(0, of) <= rest <= max(0, of)


def test_lines_after_an_amount_sum_to_what_is_given_back() -> None:
    counter = _sold((DOSA, 2), (IDLY, 1))
    counter.give(giving.amount_back(counter.sale, Minor(5_000)))
    share = counter.back(r1=2)  # 160.00 of the 150.00 that are left
    assert (share.part.amount, [part.amount for _row, _pieces, part in share.rows]) == (15_000, [15_000])
    share = counter.back(r1=2, r2=1)
    assert [part.amount for _row, _pieces, part in share.rows] == [12_000, 3_000]


def test_a_tax_that_is_an_amount_a_piece_goes_back_as_one() -> None:
    counter = _sold((BOTTLE, 2))
    counter.give(counter.back(r1=1))
    counter.give(giving.amount_back(counter.sale, Minor(50)))
    for refund in counter.sale.refunds:
        found = {one.name: (one.rate, one.per_piece, one.added) for one in refund.started.taxes}
        assert found["Deposit"] == (None, "0.25", True)
        assert found["VAT"] == ("19", None, False)
    (first, _second) = counter.sale.refunds
    assert next(one.tax for one in first.started.taxes if one.name == "Deposit") == "-0.25"


@given(st.integers(1, 4), st.integers(0, 2), st.integers(1, 60_000))
def test_a_divided_share_adds_up_in_amount_net_and_each_tax(bottles: int, dosas: int, amount: int) -> None:
    counter = _sold((BOTTLE, bottles), (DOSA, dosas + 1))
    share = counter.back(r1=bottles, r2=dosas) if dosas else counter.back(r1=bottles)
    first, rest = first_part(share, Minor(min(amount, share.part.amount)))
    assert first.part.amount + rest.amount == share.part.amount
    assert first.part.net + rest.net == share.part.net
    for name, (_net, tax) in share.part.taxes.items():
        parts = [one.taxes.get(name, (0, 0))[1] for one in (first.part, rest)]
        assert sum(parts) == tax
        assert min(parts) >= 0
    assert [(row, pieces) for row, pieces, _part in first.rows] == [(row, pieces) for row, pieces, _part in share.rows]
    assert sum(part.amount for _row, _pieces, part in first.rows) == first.part.amount
    counter.give(first)
    if rest.amount:
        counter.give(giving.rest_back(counter.sale, rest))
    assert counter.sale.back == share.part.amount


def test_part_of_a_share_takes_no_more_tax_than_its_amount() -> None:
    """Half of each of four taxes of 0.01 is rounded up to 0.01."""
    taxes = {TaxName(name): (Minor(0), Minor(1)) for name in ("a", "b", "c", "d")}
    first, rest = first_part(Share(Part(Minor(4), Minor(0), taxes)), Minor(2))
    for part in (first.part, rest):
        assert (part.amount, part.net, part.tax, part.rounding) == (2, 0, 2, 0)


def test_the_last_piece_after_a_divided_refund_takes_what_the_rest_left_of_the_row() -> None:
    """The rest of a divided refund has no lines; also while it is not yet given, it belongs to its pieces."""
    counter = _sold((DOSA, 3), (IDLY, 5), tenders=(("CASH", 3_000), ("CARD", 0)))
    first, rest = first_part(counter.back(r1=2), Minor(3_000))
    counter.give(first)
    assert counter.back(r1=1).part.amount == 8_000
    counter.give(giving.rest_back(counter.sale, rest))
    assert counter.sale.back == 16_000
    assert counter.back(r1=1).part.amount == 8_000


def test_last_pieces_take_the_rest_that_a_divided_refund_still_owes() -> None:
    counter = _sold((DOSA, 1), (IDLY, 1), tenders=(("CASH", 3_000), ("CARD", 0)))
    first, _rest = first_part(counter.back(r1=1), Minor(3_000))
    counter.give(first)
    assert counter.back(r2=1).part.amount == counter.sale.left.amount == 9_000


def test_rest_that_is_owed_stays_with_its_pieces_after_a_refund_of_others() -> None:
    counter = _sold((DOSA, 3), (IDLY, 5), tenders=(("CASH", 3_000), ("CARD", 0)))
    first, _rest = first_part(counter.back(r1=2), Minor(3_000))
    counter.give(first)
    counter.give(counter.back(r2=1))
    assert [row.refunded for row in counter.sale.rows] == [16_000, 4_000]
    assert counter.back(r1=1).part.amount == 8_000


def test_rest_that_is_owed_after_one_that_was_given_is_no_rounding() -> None:
    """The first piece went back by card and then in cash, which may round; of the second one 0.07 are still owed."""
    counter = _sold((DOSA, 1), (IDLY, 2), terms=COINS, tenders=(("CARD", 7_000), ("CASH", 0)))
    first, rest = first_part(counter.back(r1=1), Minor(3_000))
    counter.give(first)
    counter.give(giving.rest_back(counter.sale, rest), way=1)
    first, _rest = first_part(counter.back(r2=1), Minor(3_993))
    counter.give(first)
    assert [row.refunded for row in counter.sale.rows] == [8_000, 4_000]


def test_rest_of_a_divided_refund_keeps_its_own_taxes() -> None:
    counter = _sold((DOSA, 1), (FREE, 30))
    rest = Part(Minor(7_000), Minor(6_619), {TaxName("GST", "5"): (Minor(7_619), Minor(381))})
    assert giving.rest_back(counter.sale, rest).part == rest


def test_an_amount_has_its_part_of_the_rounding() -> None:
    counter = _sold((FREE, 30), terms=BILL)
    share = giving.amount_back(counter.sale, Minor(5_000))
    assert (counter.sale.left.rounding, share.part.rounding, share.part.net) == (10, 5, 4_995)


def test_a_small_amount_is_no_rest_of_pieces_that_went_back_whole() -> None:
    counter = _sold((THIRD, 3), terms=COINS, tenders=(("CARD", 0),))
    counter.give(counter.back(r1=1))
    counter.give(giving.amount_back(counter.sale, Minor(3)))
    assert [row.refunded for row in counter.sale.rows] == [333]
    counter = _sold((THIRD, 3), terms=COINS, tenders=(("CARD", 0),))
    counter.give(giving.amount_back(counter.sale, Minor(3)))
    assert [row.refunded for row in counter.sale.rows] == [0]


def test_a_refund_of_a_row_that_the_sale_lacks_leaves_the_others_as_they_are() -> None:
    counter = _sold((DOSA, 2), (IDLY, 1))
    counter.give(counter.back(r1=1))
    (refund,) = counter.sale.refunds
    lines = (*refund.started.lines, replace(refund.started.lines[0], row=9))
    sale = sale_of(counter.placed, [replace(refund, started=replace(refund.started, lines=lines))])
    assert sale.rows == counter.sale.rows


def test_pieces_and_the_rest_of_a_divided_refund_take_no_more_tax_than_an_amount_left() -> None:
    """Both have 5% GST on a dosa, of which refunds by amount took a part; their net makes up for it."""
    gst = TaxName("GST", "5")
    counter = _sold((DOSA, 2), (FREE, 1))
    counter.give(giving.amount_back(counter.sale, Minor(300)))
    share = counter.back(r1=2)
    assert (share.part.amount, share.part.net, share.part.taxes[gst][1]) == (16_000, 15_252, 748)
    counter = _sold((DOSA, 1), (FREE, 30))
    counter.give(giving.amount_back(counter.sale, Minor(9_990)))
    left = counter.sale.left.tax
    share = giving.rest_back(counter.sale, Part(Minor(7_999), Minor(7_618), {gst: (Minor(7_619), Minor(381))}))
    assert left < 381
    assert (share.part.amount, share.part.net, share.part.tax) == (7_999, 7_999 - left, left)


@pytest.mark.parametrize(
    ("named", "rest"), [((), "3.81"), (("2.00",), "1.81"), (("3.81",), None), (("2.00", "1.00"), "0.81")]
)
def test_tax_of_a_row_that_has_no_name_is_kept_as_one(named: tuple[str, ...], rest: str | None) -> None:
    placed = _sold((DOSA, 1)).placed
    (line,) = placed.lines
    taxes = tuple(PlacedTax(name=f"tax {place}", rate="5", tax=tax) for place, tax in enumerate(named))
    (row,) = sale_of(replace(placed, lines=(replace(line, taxes=taxes),)), ()).rows
    known = {name.name: (net, INR.currency.text(tax)) for name, (net, tax) in row.part.taxes.items()}
    expected = {f"tax {place}": (7_619, tax) for place, tax in enumerate(named)}
    assert known == (expected if rest is None else {**expected, "": (7_619, rest)})


def test_pieces_on_their_way_stay_so_while_others_are_refunded() -> None:
    counter = _sold((DOSA, 4))
    seen = []
    for state in (PaymentState.UNKNOWN, PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.UNKNOWN):
        counter.answer(counter.give(counter.back(r1=1)), state)
        seen += [(row.back, row.waits) for row in counter.sale.rows]
    assert seen == [(1, 1), (2, 1), (2, 1), (3, 2)]


@pytest.mark.parametrize(
    ("keyed", "terms", "rows"),
    [
        # a bill of 30.30 that came to 30: a row of returns bears its part of the rounding, with its sign
        (((FREE, 10), (CUP, -3)), BILL, [3_297, -297]),
        (((THIRD, 4), (FREE, 1)), COINS, [1_332, 333]),
        # a service charge of 10% of dishes, not of deposits
        (((DOSA, 2), (IDLY, 1), (CUP, 2)), CHARGED, [17_600, 4_400, 200]),
        (((BOTTLE, 2), (DOSA, 1), (FREE, 3)), CHARGED, None),
        (((BOTTLE, 3), (IDLY, 2)), ADDED, None),
        (((BOTTLE, 1), (THIRD, 5), (CUP, -1)), COINS, None),
    ],
)
def test_rows_add_up_to_the_sale(keyed: Any, terms: Terms, rows: list[int] | None) -> None:
    sale = _sold(*keyed, terms=terms).sale
    parts = [row.part for row in sale.rows]
    if rows is not None:
        assert [part.amount for part in parts] == rows
    assert sum(part.amount for part in parts) == sale.paid == sale.left.amount
    assert sum(part.net for part in parts) == sale.left.net
    assert sum(part.rounding for part in parts) == sale.left.rounding == terms.currency.minor(sale.placed.rounding)
    for name, (_net, tax) in sale.left.taxes.items():
        assert sum(part.taxes[name][1] for part in parts if name in part.taxes) == tax


@pytest.mark.parametrize(("short", "last"), [(0, 8_000), (1, 8_000), (5_000, 8_000), (-1, 8_000)])
def test_rest_that_is_short_of_what_was_owed_is_not_given_for_other_pieces(short: int, last: int) -> None:
    counter = _sold((DOSA, 3), (IDLY, 5), tenders=(("CASH", 3_000), ("CARD", 0)))
    first, rest = first_part(counter.back(r1=2), Minor(3_000))
    counter.give(first)
    counter.give(giving.amount_back(counter.sale, Minor(rest.amount - short)))
    assert counter.sale.back == 16_000 - short
    assert (counter.sale.rows[0].refunded, counter.back(r1=1).part.amount) == (16_000, last)


def test_the_last_piece_makes_up_for_the_rounding_of_the_rest_of_a_divided_refund() -> None:
    """A piece of 3 for 10.00 goes back as 2.51 by card and 0.80 in cash, so the others come to 6.69."""
    counter = _sold((THIRD, 3), (FREE, 1), terms=COINS, tenders=(("CARD", 251), ("CASH", 0)))
    first, rest = first_part(counter.back(r1=1), Minor(251))
    counter.give(first)
    counter.give(giving.rest_back(counter.sale, rest))
    assert counter.sale.back == 331
    assert counter.back(r1=2).part.amount == counter.sale.rows[0].part.amount - 331


def test_the_last_piece_makes_up_for_parts_that_were_rounded_down() -> None:
    """A piece of 80.00, of which 0.14 were paid by card, goes back as 0.10 in cash, 0.04 by card and 79.80 in cash."""
    counter = _sold((DOSA, 2), (IDLY, 2), terms=COINS, tenders=(("CARD", 14), ("CASH", 0)))
    share = counter.back(r1=1)
    assert _given_in_parts(counter, share, 2) == 7_994
    assert counter.back(r1=1).part.amount == counter.sale.rows[0].part.amount - 7_994


@given(
    st.tuples(st.sampled_from([DOSA, THIRD, HALVES, FREE, BOTTLE]), st.integers(1, 6)),
    st.sampled_from([INR, COINS, BILL, ADDED, CHARGED]),
    st.lists(st.integers(1, 2_000), max_size=3),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=6, max_size=6),
)
def test_pieces_in_any_tenders_sum_to_their_row(
    keyed: Any, terms: Terms, cards: list[int], steps: list[tuple[int, int]]
) -> None:
    """No share exceeds what is left of its row, and the last one is its rest. Each refund is rounded to a coin."""
    counter = _sold(keyed, (IDLY, 2), terms=terms, tenders=(*(("CARD", card) for card in cards), ("CASH", 0)))
    (row, _other), given = counter.sale.rows, 0
    coin = terms.rounding.step if terms.rounding is not None else 1
    for pieces, chosen in steps:
        left = counter.sale.rows[0].left
        if not left:
            break
        before = len(counter.sale.refunds)
        try:
            share = giving.pieces_back(counter.sale, {1: min(pieces, left)})
            assert share.part.amount <= row.part.amount - given
            given += _given_in_parts(counter, share, chosen)
        except RefundError:
            if coin == 1:
                raise
            return  # less than a coin is left
        number = len(counter.sale.refunds) - before
        one, off = counter.sale.together[-1], (coin - 1) * number
        assert (len(one.parts), sum(one.pieces.values()), one.owed) == (number, share.part.amount, 0)
        assert abs(sum(amount for _refund, amount in one.parts) - share.part.amount) <= off
        assert given <= row.part.amount + off
        assert counter.sale.rows[0].left or given >= row.part.amount - off


def _given_in_parts(counter: Counter, share: Share, chosen: int) -> int:
    """Give a share the chosen way and what does not fit it as it was paid; the amount given."""
    before, rest = counter.sale.back, None
    while True:
        ways = giving.ways_of(counter.sale)
        way = ways[chosen % len(ways)]
        parts = giving.parts_of(share, way, ways)
        if len(parts) > 1:
            share, rest = first_part(share, parts[0][1])
        counter.give(share, ways.index(way))
        if len(parts) <= 1:
            return counter.sale.back - before
        assert rest is not None
        share, chosen = giving.rest_back(counter.sale, rest), 0


#: A payment as placed: its name, tender, amount with the tip, tip, and the provider's id.
PaidAs = tuple[str, str, str, str, str]


def _paid(paid: list[PaidAs], refunds: dict[str, int], corrected: dict[str, str], elsewhere: set[str]) -> list[Any]:
    """The payments of a sale after refunds, by name: tender, amount, what is left, and the provider's id."""
    counter = _sold((DOSA, 1))
    payments = tuple(
        PlacedPayment(
            payment_id=uid(name), tender=tender, amount=amount, change="0.00", tip=tip, transaction=transaction
        )
        for name, tender, amount, tip, transaction in paid
    )
    counter.give(counter.back(r1=1))
    (refund,) = counter.sale.refunds
    given = [
        replace(
            refund, started=replace(refund.started, payment_id=uid(name), amount=Currency("INR").text(Minor(-amount)))
        )
        for name, amount in refunds.items()
    ]
    by_id = {uid(name): tender for name, tender in corrected.items()}
    sale = sale_of(replace(counter.placed, payments=payments), given, by_id, None, set(map(uid, elsewhere)))
    names = {uid(name): name for name, *_facts in paid}
    return [(names[one.payment_id], one.tender, one.amount, one.left, one.transaction) for one in sale.payments]


CARD_A, CARD_B = ("a", "CARD", "30.00", "5.00", "T1"), ("b", "CARD", "20.00", "0", "T2")
CASH_C, CASH_D = ("c", "CASH", "10.00", "2.00", ""), ("d", "CASH", "40.00", "0", "")


@pytest.mark.parametrize(
    ("paid", "refunds", "corrected", "elsewhere", "payments"),
    [
        # each card is a payment of its own, all cash is one; tips do not go back
        (
            [CARD_A, CASH_C, CARD_B, CASH_D],
            {},
            {},
            set(),
            [("a", "CARD", 2_500, 2_500, "T1"), ("c", "CASH", 4_800, 4_800, ""), ("b", "CARD", 2_000, 2_000, "T2")],
        ),
        # a refund leaves less of its own payment; one of any cash leaves less of all cash
        (
            [CARD_A, CASH_C, CARD_B, CASH_D],
            {"b": 500, "c": 1_500, "d": 1_000},
            {},
            set(),
            [("a", "CARD", 2_500, 2_500, "T1"), ("c", "CASH", 4_800, 2_300, ""), ("b", "CARD", 2_000, 1_500, "T2")],
        ),
        # a corrected tender counts as corrected
        (
            [CARD_A, CASH_C, CASH_D],
            {},
            {"a": "CASH", "c": "CARD"},
            set(),
            [("a", "CASH", 6_500, 6_500, "T1"), ("c", "CARD", 800, 800, "")],
        ),
        ([CASH_C, CASH_D], {}, {"d": "UPI"}, set(), [("c", "CASH", 800, 800, ""), ("d", "UPI", 4_000, 4_000, "")]),
        # money that an earlier sale lists goes back under that one; the rest of the cash is named by its own payment
        (
            [CASH_C, CARD_A, CASH_D],
            {"d": 100},
            {},
            {"c", "a"},
            [("d", "CASH", 4_800, 3_900, ""), ("a", "CARD", 2_500, 0, "T1")],
        ),
    ],
)
def test_payments_of_a_sale_are_known_with_what_is_left_of_each(
    paid: list[PaidAs], refunds: dict[str, int], corrected: dict[str, str], elsewhere: set[str], payments: list[Any]
) -> None:
    assert _paid(paid, refunds, corrected, elsewhere) == payments


@pytest.mark.parametrize(
    ("pieces", "back", "left"),
    [(3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 4, 0), (-3, 0, -3), (-3, -2, -1), (-3, -3, 0), (-3, -4, 0)],
)
def test_no_piece_is_left_of_a_row_of_which_too_many_went_back(pieces: int, back: int, left: int) -> None:
    none = Part(Minor(0), Minor(0), {})
    assert SoldRow(1, "idly", "Idly", pieces, none, back).left == left


@pytest.mark.parametrize(
    ("pieces", "amount", "back", "refunded", "asked", "share"),
    [
        # the pieces in between have their rounded share, the last ones all that is left of the row
        (3, 1_000, 0, 0, 1, 333),
        (3, 1_000, 1, 335, 1, 334),
        (3, 1_000, 1, 335, 2, 665),
        (3, 1_000, 2, 670, 1, 330),
        (3, 1_000, 0, 0, 3, 1_000),
        (3, 1_000, 2, 1_000, 1, 0),
        (3, 1_000, 2, 1_001, 1, 0),
        (3, 1_000, 2, -5, 1, 1_000),
        # a row of returns is negative
        (-3, -1_000, 0, 0, -1, -333),
        (-3, -1_000, -1, -335, -2, -665),
        (-3, -1_000, -2, -1_001, -1, 0),
        (-3, -1_000, -2, 5, -1, -1_000),
    ],
)
def test_last_pieces_of_a_row_take_what_is_left_of_it(
    pieces: int, amount: int, back: int, refunded: int, asked: int, share: int
) -> None:
    part = Part(Minor(amount), Minor(amount), {})
    row = SoldRow(1, "idly", "Idly", pieces, part, back, refunded=Minor(refunded))
    assert row.share(asked).amount == share


def test_cups_that_were_returned_are_taken_back_with_a_dish() -> None:
    counter = _sold((DOSA, 2), (CUP, -2))
    share = counter.back(r1=1, r2=-2)
    assert (share.part.amount, [part.amount for _row, _pieces, part in share.rows]) == (7_800, [8_000, -200])


def test_a_sale_waits_for_a_refund_until_it_has_its_answer() -> None:
    counter = _sold((DOSA, 2))
    seen = [counter.sale.waits]
    for state in (PaymentState.APPROVED, PaymentState.DECLINED):
        refund = counter.give(counter.back(r1=1))
        seen.append(counter.sale.waits)
        counter.answer(refund, state)
        seen.append(counter.sale.waits)
    assert seen == [False, True, False, True, False]


HANDS: Final = {
    "CASH": ByHand("Cash", opens_drawer=True),
    "CARD": ByHand("Card"),
    "MEAL": ByHand("Meal voucher", opens_drawer=True),
}


def test_a_tender_that_is_put_right_leaves_its_drawer_and_comes_into_one() -> None:
    desk = Desk()
    desk.add(DOSA)
    payment = desk.pay("CASH", 10_000)
    desk.place()
    for tender, drawer, was_drawer in (("MEAL", 1, 1), ("CARD", None, 1), ("CASH", 1, None)):
        (right,) = correcting.correct_tender(desk.order, payment, tender, HANDS, 9)
        assert isinstance(right.data, TenderCorrected)
        assert (right.data.drawer, right.data.was_drawer, right.data.amount) == (drawer, was_drawer, "80.00")
        desk.do([right])


def test_a_tender_is_put_right_and_both_stay() -> None:
    desk = Desk()
    desk.add(DOSA)
    payment = desk.pay("CASH", 10_000)
    with pytest.raises(RefundError, match="was not paid"):
        correcting.correct_tender(desk.order, payment, "CARD", HANDS, 9)
    desk.place()
    for tender, why in (
        ("CASH", "already paid by cash"),
        ("VOUCHER", "taken by hand"),
    ):
        with pytest.raises(RefundError, match=why):
            correcting.correct_tender(desk.order, payment, tender, HANDS, 9)
    with pytest.raises(RefundError, match="not part of this sale"):
        correcting.correct_tender(desk.order, SESSION, "CARD", HANDS, 9)
    before = desk.order.placed
    desk.do(correcting.correct_tender(desk.order, payment, "CARD", HANDS, 9))
    assert (desk.order.corrected, desk.order.placed) == ({payment: "CARD"}, before)
    assert desk.order.payments[payment].tender == "CASH"
    assert before is not None
    (paid,) = sale_of(before.data, (), desk.order.corrected).payments
    assert (paid.tender, paid.amount) == ("CARD", 8_000)
    desk.do(correcting.correct_tender(desk.order, payment, "CASH", HANDS, 9))
    assert desk.order.corrected == {payment: "CASH"}


def test_a_payment_whose_records_do_not_read_here_is_put_right_on_a_newer_till() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a"), hand.placed("a"))
    assert order.placed is not None
    (payment,) = order.placed.data.payments
    with pytest.raises(RefundError, match="This till cannot read"):
        correcting.correct_tender(order, payment.payment_id, "CARD", HANDS, 9)


def test_a_tip_does_not_go_back_and_a_terminal_answers_for_its_own_money() -> None:
    counter = _sold((DOSA, 1), tenders=(("CARD", 0),))
    (payment,) = counter.placed.payments
    tipped = msgspec.structs.replace(payment, amount="90.00", tip="10.00", transaction="T-17")
    counter.placed = msgspec.structs.replace(counter.placed, payments=(tipped,))
    (paid,) = counter.sale.payments
    assert (paid.amount, paid.left) == (8_000, 8_000)
    with pytest.raises(RefundError, match="Tab: cash"):
        counter.give(counter.back(r1=1))
    counter.give(counter.back(r1=1), way=1)
    assert counter.sale.left.amount == 0
