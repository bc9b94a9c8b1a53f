from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, MENU, Desk, uid
from tests.domain.order.strategies import groups_, terms_
from till.domain.errors import AmountError, OrderClosedError, PaymentError
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.rounding import Direction
from till.domain.money.settling import PaidRounding, PaymentAmount, settle
from till.domain.money.tax import Tax
from till.domain.order import charging, discounting, moving, paying, quantities, retyping, suspension, voiding
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.events import ChangeUndone, DiscountApplied, OrderDiscarded, PlacedPayment, PlacedTax, PlacedVoid
from till.domain.order.paying import CASH, Tendered
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Status
from till.domain.order.terms import Terms
from till.domain.payment.movement import PaymentState, Result
from till.domain.structs import replace

SWISS = Terms(Currency("CHF"), included=True, rounding=PaidRounding(Minor(5)))


def _desk(*keyed: Any, terms: Terms = INR) -> Desk:
    desk = Desk(terms)
    for item in keyed:
        desk.add(item)
    return desk


def _payments(desk: Desk) -> list[tuple[str, int, int, int]]:
    return [(p.tender, p.amount, p.tendered, p.change) for p in desk.order.payments.values()]


def test_exact_cash_settles() -> None:
    desk = _desk(IDLY, DOSA)
    desk.pay(CASH, 12_000)
    assert _payments(desk) == [(CASH, 12_000, 12_000, 0)]
    assert paying.is_settled(desk.order)


def test_more_cash_gives_change() -> None:
    desk = _desk(IDLY, DOSA)
    desk.pay(CASH, 50_000)
    assert _payments(desk) == [(CASH, 12_000, 50_000, 38_000)]
    assert paying.is_settled(desk.order)


def test_a_part_leaves_the_rest_due() -> None:
    desk = _desk(IDLY, DOSA)
    desk.pay("CARD", 5_000)
    assert (desk.order.due, paying.is_settled(desk.order)) == (7_000, False)
    with pytest.raises(PaymentError, match=r"^₹70\.00 is still due"):
        desk.place()
    desk.pay(CASH, 10_000)
    assert _payments(desk) == [("CARD", 5_000, 5_000, 0), (CASH, 7_000, 10_000, 3_000)]
    assert desk.place().payment_method == "card+cash"


def test_a_card_takes_no_more_than_is_due() -> None:
    desk = _desk(IDLY)
    with pytest.raises(PaymentError, match=r"That is more than the ₹40\.00 due"):
        desk.pay("CARD", 4_001)


def test_a_card_gives_change_where_the_venue_allows_it() -> None:
    desk = _desk(IDLY)
    desk.pay("CARD", 5_000, cashback=True)
    assert _payments(desk) == [("CARD", 4_000, 5_000, 1_000)]


@pytest.mark.parametrize("amount", [0, -100])
def test_money_that_goes_nowhere_is_refused(amount: int) -> None:
    desk = _desk(IDLY)
    with pytest.raises(PaymentError, match=r"does not count towards the ₹40\.00 due"):
        desk.pay(CASH, amount)


def test_nothing_is_paid_twice() -> None:
    desk = _desk(IDLY)
    desk.pay(CASH, 4_000)
    with pytest.raises(PaymentError, match=r"does not count towards the ₹0\.00 due"):
        desk.pay(CASH, 4_000)


def test_a_barcode_in_the_cash_field_is_no_money() -> None:
    desk = _desk(IDLY)
    with pytest.raises(AmountError, match="too much"):
        desk.pay(CASH, Currency("INR").minor("4006381333931"))


def test_a_large_order_may_be_paid_at_once() -> None:
    desk = Desk()
    for _place in range(20):
        desk.add(DOSA, quantities.MOST)
    desk.pay(CASH, desk.order.total)
    assert desk.place().total == "15998400.00"
    assert desk.order.unread == {}


def test_money_goes_back_for_a_return() -> None:
    desk = Desk()
    desk.add(CUP, -3)
    with pytest.raises(PaymentError):
        desk.pay(CASH, 300)
    with pytest.raises(PaymentError, match=r"more than the ₹3\.00 to refund"):
        desk.pay(CASH, -400)
    desk.pay(CASH, -300)
    frozen = desk.place()
    assert (frozen.total, frozen.payments[0].amount) == ("-3.00", "-3.00")


def test_a_payment_that_is_given_back_counts_no_more() -> None:
    desk = _desk(IDLY, DOSA)
    first = desk.pay("CARD", 5_000)
    second = desk.pay(CASH, 2_000)
    assert (desk.order.last_taken is desk.order.payments[second], desk.order.has_money) == (True, True)
    desk.do(paying.give_back(desk.order, second, 1))
    assert (desk.order.paid, desk.order.due, desk.order.payments[second].state) == (5_000, 7_000, PaymentState.VOIDED)
    assert desk.order.last_taken is desk.order.payments[first]
    with pytest.raises(PaymentError, match="already refunded"):
        paying.give_back(desk.order, second, 1)
    desk.pay(CASH, 7_000)
    assert [payment.amount for payment in desk.place().payments] == ["50.00", "70.00"]
    with pytest.raises(OrderClosedError):
        paying.give_back(desk.order, first, 1)


def test_the_checkout_of_the_database_is_that_of_a_payment_that_stands() -> None:
    desk = _desk(IDLY, DOSA)
    first = desk.pay(CASH, 2_000)
    desk.do(paying.give_back(desk.order, first, 1))
    shown = snapshot(desk.order, 0)
    assert (shown["checkout"], shown["intent"]["status"]) == (None, "failed")
    desk.pay("CARD", 5_000)
    shown = snapshot(desk.order, 0)
    assert (shown["checkout"]["payment_method"], shown["intent"]["status"]) == ("card", "completed")


def test_an_order_whose_money_was_given_back_is_blank_without_its_lines() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    payment = desk.pay(CASH, 1_000)
    desk.do(voiding.void_row(desk.order, line, "left"))
    assert (desk.order.is_blank, desk.order.has_money) == (False, True)
    desk.do(paying.give_back(desk.order, payment, 1, manager=9))
    assert (desk.order.is_blank, desk.order.has_money) == (True, False)
    assert isinstance(suspension.suspend_or_clear(desk.order)[0].data, OrderDiscarded)


def test_a_payment_is_own_to_who_took_it_where_it_was_taken() -> None:
    desk = _desk(IDLY)
    paid = desk.pay(CASH, 1_000)
    payment = desk.order.payments[paid]
    assert [paying.is_own(payment, user, till) for user, till in ((1, 1), (2, 1), (1, 2), (None, 1))] == [
        True, False, False, False]  # fmt: skip


def test_an_order_paid_in_part_and_then_voided_is_refunded() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.pay("CARD", 5_000)
    desk.do(voiding.void_row(desk.order, line, "left"))
    assert desk.order.due == -5_000
    desk.pay(CASH, -5_000)
    frozen = desk.place()
    assert (frozen.total, frozen.lines) == ("0.00", ())
    assert [(p.tender, p.amount) for p in frozen.payments] == [("CARD", "50.00"), ("CASH", "-50.00")]


# Coins


@pytest.mark.parametrize(("price", "due"), [(1002, 1000), (1003, 1005), (1007, 1005), (1008, 1010), (-1003, -1005)])
def test_only_cash_is_rounded(price: int, due: int) -> None:
    desk = Desk(SWISS)
    desk.add(CUP, 1 if price > 0 else -1, abs(price) * 100)
    assert paying.due_in(desk.order, CASH) == due
    assert desk.order.due == price
    desk.pay(CASH, due)
    frozen = desk.place()
    assert frozen.rounding == Currency("CHF").text(Minor(due - price))


def test_a_card_pays_to_the_cent() -> None:
    desk = Desk(SWISS)
    desk.add(CUP, 1, 100_300)
    desk.pay("CARD", 1003)
    assert desk.place().rounding == "0.00"


def test_the_rest_in_cash_is_rounded() -> None:
    desk = Desk(SWISS)
    desk.add(CUP, 1, 100_300)
    desk.pay("CARD", 501)
    desk.pay(CASH, 1000)
    assert _payments(desk)[1] == (CASH, 500, 1000, 500)
    assert desk.place().rounding == "-0.02"


def test_a_card_for_the_last_cent_is_not_left_to_rounding() -> None:
    desk = Desk(SWISS)
    desk.add(CUP, 1, 100_200)
    desk.pay("CARD", 1000)
    assert not paying.is_settled(desk.order)
    desk.pay("CARD", 2)
    assert paying.is_settled(desk.order)


def test_a_rest_that_a_card_leaves_beside_cash_is_not_waived() -> None:
    desk = Desk(SWEDEN)
    desk.add(CUP, price4=1_004_900)
    desk.pay(CASH, 5_000)
    desk.pay("CARD", 5_000)
    assert (paying.is_settled(desk.order), desk.order.due) == (False, 49)
    desk.pay(CASH, 0)
    assert desk.place().rounding == "-0.49"


def test_less_than_the_smallest_coin_is_let_go_in_cash() -> None:
    desk = Desk(SWISS)
    desk.add(CUP, 1, 200)
    assert (desk.order.due, paying.due_in(desk.order, CASH)) == (2, 0)
    desk.pay(CASH, 0)
    frozen = desk.place()
    assert (frozen.total, frozen.rounding, frozen.payment_method) == ("0.02", "-0.02", "cash")


# Around a payment


def test_one_payment_at_a_time() -> None:
    desk = _desk(IDLY)
    desk.do(paying.start_payment(desk.order, uid("p"), Tendered("CARD", Minor(4_000))))
    with pytest.raises(PaymentError, match="A payment is under way"):
        paying.start_payment(desk.order, uid("q"), Tendered(CASH, Minor(4_000)))
    assert not paying.is_settled(desk.order)


def test_a_payment_id_is_used_once() -> None:
    desk = _desk(IDLY, DOSA)
    payment = desk.pay(CASH, 4_000)
    with pytest.raises(PaymentError, match="That payment is already recorded"):
        paying.start_payment(desk.order, payment, Tendered(CASH, Minor(4_000)))


def test_a_payment_that_failed_leaves_all_due() -> None:
    desk = _desk(IDLY)
    desk.do(paying.start_payment(desk.order, uid("p"), Tendered("CARD", Minor(4_000))))
    answer = Result(PaymentState.DECLINED, reason="no answer")
    desk.do(charging.answer(desk.order, desk.order.payments[uid("p")], answer))
    assert desk.order.payments[uid("p")].state is PaymentState.DECLINED
    assert (desk.order.due, desk.order.payments[uid("p")].reason) == (4_000, "no answer")


def test_money_that_was_taken_is_not_declined_away() -> None:
    desk = _desk(IDLY)
    payment = desk.pay(CASH, 4_000)
    desk.do(charging.answer(desk.order, desk.order.payments[payment], Result(PaymentState.DECLINED, reason="oops")))
    assert (desk.order.paid, desk.order.payments[payment].is_contradicted) == (4_000, True)


@pytest.mark.parametrize("put_away", [suspension.suspend, lambda order: suspension.discard(order, "left")])
def test_money_is_taken_on_an_open_order_alone(put_away: Any) -> None:
    desk = _desk(IDLY)
    desk.do(put_away(desk.order))
    with pytest.raises(OrderClosedError):
        paying.start_payment(desk.order, uid("p"), Tendered(CASH, Minor(4_000)))
    with pytest.raises(OrderClosedError):
        desk.place()


def test_an_order_on_which_nothing_was_ever_keyed_is_not_placed() -> None:
    with pytest.raises(EmptyOrderError):
        Desk().place()


def test_money_that_came_and_went_on_an_order_without_lines_is_placed() -> None:
    desk = Desk()
    for place, amount in enumerate((1_000, -1_000)):
        payment, tendered = uid(str(place)), Tendered(CASH, Minor(amount))
        drafts = paying.approve_payment(desk.order, payment, tendered, recorded=True)
        desk.do([*paying.start_payment(desk.order, payment, tendered), *drafts])
    placed = desk.place()
    assert (placed.total, [one.amount for one in placed.payments]) == ("0.00", ["10.00", "-10.00"])


def test_sale_names_the_discount_that_shares_are_of_and_the_records_that_were_skipped_here() -> None:
    desk = _desk(IDLY, DOSA)
    whole = desk.do_one(DiscountApplied(percent="10", reason="friend"))
    desk.do(moving.fix_amounts(desk.order))
    unread: Any = {uid("u"): None}
    order = replace(desk.order, unread=unread, set_aside=frozenset({uid("u"), uid("read elsewhere")}))
    frozen = paying.frozen_order(order, paying.Completion(uid("o"), "1-000001", desk.hand.now.date()))
    assert [[(one.event, one.amount) for one in row.off] for row in frozen.lines] == [
        [(whole.id, "4.00")], [(whole.id, "8.00")]]  # fmt: skip
    assert frozen.set_aside == (uid("u"),)


def test_an_order_that_comes_to_nothing_is_placed() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(4_000), reason="friend"))
    assert desk.place().payment_method == "none"
    assert desk.order.status is Status.COMPLETED


# The frozen order


def test_the_frozen_order_of_the_documents() -> None:
    desk = Desk()
    first, second, third = desk.add(IDLY, 2), desk.add(DOSA), desk.add(DOSA)
    void = desk.add(IDLY, 1, 500_000)
    desk.do(voiding.void_row(desk.order, void, "dropped"))
    payment = desk.pay(CASH, 50_000)
    frozen = desk.place()
    assert {
        key: getattr(frozen, key) for key in ("net", "tax", "total", "rounding", "payment_method", "business_date")
    } == {
        "net": "228.57",
        "tax": "11.43",
        "total": "240.00",
        "rounding": "0.00",
        "payment_method": "cash",
        "business_date": "2026-03-03",
    }
    assert [(row.line_ids, row.quantity, row.unit_price, row.subtotal) for row in frozen.lines] == [
        ((first,), 2, "40.00", "80.00"),
        ((second, third), 2, "80.00", "160.00"),
    ]
    assert [row.line_quantities for row in frozen.lines] == [(2,), (1, 1)]
    assert frozen.voids == (PlacedVoid(line_id=void, item_name="Idly", quantity=1, amount="50.00"),)
    assert frozen.taxes == (PlacedTax(name="GST", rate="5", net="228.57", tax="11.43"),)
    assert frozen.payments == (PlacedPayment(payment_id=payment, tender=CASH, amount="240.00", change="260.00"),)
    assert (frozen.discounts, frozen.set_aside) == ((), ())


def test_the_frozen_order_lists_the_discounts_that_counted() -> None:
    desk = Desk()
    line, void = desk.add(IDLY, 2), desk.add(DOSA)
    desk.do_one(DiscountApplied(line_id=line, amount="1.00", reason="late"))
    last = desk.do_one(DiscountApplied(line_id=line, amount="5.00", reason="late"))
    desk.do_one(DiscountApplied(line_id=void, amount="2.00", reason="late"))
    whole = desk.do_one(DiscountApplied(percent="10", reason="friend"))
    undone = desk.do_one(DiscountApplied(percent="50", reason="friend"))
    desk.do_one(ChangeUndone(event=undone.id))
    desk.do(voiding.void_row(desk.order, void, "dropped"))
    desk.pay(CASH, desk.order.total)
    frozen = desk.place()
    assert (frozen.total, frozen.discounts) == ("67.50", (last.id, whole.id))


def _law(currency: str, *rule: Any) -> Terms:
    return Terms(Currency(currency), included=True, rounding=PaidRounding(*rule))


INDIA = _law("INR", Minor(100), Direction.HALF_UP, Minor(0), True)
SWEDEN = _law("SEK", Minor(100))
BELGIUM = _law("EUR", Minor(5), Direction.HALF_UP, Minor(5), True, frozenset({"voucher"}))
NEW_ZEALAND = _law("NZD", Minor(10), Direction.HALF_DOWN)
SOUTH_AFRICA = _law("ZAR", Minor(10), Direction.DOWN)


@pytest.mark.parametrize(
    ("terms", "price", "paid", "rounding"),
    [
        (INDIA, 996_000, [("UPI", 10_000)], "0.40"),
        (INDIA, 1_004_900, [("CARD", 5_000), (CASH, 5_000)], "-0.49"),
        (INDIA, 1_005_000, [(CASH, 5_000), ("CARD", 5_100)], "0.50"),
        (INDIA, 4_000, [(CASH, 0)], "-0.40"),
        (SWEDEN, 1_004_000, [("CARD", 10_040)], "0.00"),
        (SWEDEN, 1_004_000, [("CARD", 5_020), (CASH, 5_000)], "-0.20"),
        (SWEDEN, 1_005_000, [(CASH, 10_100)], "0.50"),
        (BELGIUM, 100_300, [("CARD", 1_005)], "0.02"),
        (BELGIUM, 100_300, [("VOUCHER", 500), (CASH, 505)], "0.02"),
        (BELGIUM, 100_300, [("VOUCHER", 1_003)], "0.00"),
        (BELGIUM, 400, [("CARD", 4)], "0.00"),
        (NEW_ZEALAND, 100_500, [(CASH, 1_000)], "-0.05"),
        (NEW_ZEALAND, 100_600, [(CASH, 1_010)], "0.04"),
        (SOUTH_AFRICA, 100_900, [(CASH, 1_000)], "-0.09"),
        (SOUTH_AFRICA, 100_900, [("CARD", 1_009)], "0.00"),
    ],
)
def test_the_amount_paid_is_rounded_as_the_law_of_the_place_wants(
    terms: Terms, price: int, paid: list[tuple[str, int]], rounding: str
) -> None:
    desk = Desk(terms)
    desk.add(CUP, price4=price)
    for tender, amount in paid:
        assert not paying.is_settled(desk.order)
        desk.pay(tender, amount)
    frozen = desk.place()
    assert frozen.rounding == rounding
    settled = settle(
        desk.order.total, terms.rounding, [PaymentAmount(tender, Minor(amount)) for tender, amount in paid]
    )
    assert terms.currency.text(settled.rounding) == rounding
    assert (frozen.total, settled.change) == (terms.currency.text(desk.order.total), 0)


def test_a_bill_that_rounds_asks_every_tender_for_the_same() -> None:
    desk = Desk(INDIA)
    desk.add(CUP, price4=996_000)
    assert {paying.due_in(desk.order, tender) for tender in (CASH, "UPI", "VOUCHER")} == {10_000}
    with pytest.raises(PaymentError, match=r"more than the ₹100\.00"):
        desk.pay("CARD", 10_001)
    desk.pay("CARD", 9_960)
    assert not paying.is_settled(desk.order)
    assert paying.due_in(desk.order, CASH) == 40


keyed_ = st.lists(
    st.tuples(st.sampled_from([IDLY, DOSA, CUP]), st.integers(1, 5), st.integers(0, 500_000)), min_size=1, max_size=6
)


paid_ = st.lists(st.tuples(st.sampled_from([CASH, "CARD", "VOUCHER"]), st.integers(1, 99)), max_size=4)


@given(terms_, groups_, keyed_, paid_)
def test_frozen_order_adds_up(
    terms: Terms, group: tuple[Tax, ...], keyed: list[tuple[Any, int, int]], parts: list[tuple[str, int]]
) -> None:
    desk = Desk(terms, menu=replace(MENU, taxes={"A": group}))
    desk.do(retyping.set_order_type(desk.order, "dine_in"))
    for item, quantity, price4 in keyed:
        desk.add(item, -quantity if item is CUP else quantity, price4)
    for tender, percent in parts:
        if amount := paying.due_in(desk.order, tender) * percent // 100:
            desk.pay(tender, amount)
    if not paying.is_settled(desk.order):
        desk.pay(CASH, paying.due_in(desk.order, CASH))
    assume(paying.is_settled(desk.order))
    frozen, minor = desk.place(), terms.currency.minor
    lines, payments = frozen.lines, frozen.payments
    assert minor(frozen.total) == minor(frozen.net) + minor(frozen.tax) == desk.order.total
    charge = frozen.service_charge
    assert minor(frozen.total) == sum(minor(row.subtotal) for row in lines) + (minor(charge.subtotal) if charge else 0)
    assert charge is None or minor(charge.subtotal) == minor(charge.net) + sum(minor(tax.tax) for tax in charge.taxes)
    assert minor(frozen.total) + minor(frozen.rounding) == sum(minor(p.amount) for p in payments)
    assert minor(frozen.tax) == sum(minor(tax.tax) for tax in frozen.taxes)
    assert abs(minor(frozen.rounding)) < (terms.rounding.step if terms.rounding else 1)
    for row in lines:
        assert minor(row.subtotal) == minor(row.net) + minor(row.tax)
        assert minor(row.tax) == sum(minor(tax.tax) for tax in row.taxes)
    covered = Counter(line_id for row in lines for line_id in row.line_ids)
    assert covered == Counter(line.id for line in desk.order.lines.values() if line.quantity)
    assert not _fractions(msgspec.to_builtins(frozen))
    assert not _fractions(snapshot(desk.order, 0))


def _fractions(value: Any) -> list[float]:
    """JSONB would not give them back as they were."""
    if isinstance(value, float):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [found for one in inner for found in _fractions(one)]
