from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import INR, Desk, uid
from tests.domain.order.laden import CUP, DOSA, MENU, laden
from tests.domain.order.strategies import groups_, terms_
from till.domain.events.envelope import Draft
from till.domain.money.amount import Currency
from till.domain.money.basket import price_basket
from till.domain.money.combos import Slot
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.promotion import Offer
from till.domain.money.tax import Tax
from till.domain.order import discounting, noting, selling, voiding
from till.domain.order.discounting import Given
from till.domain.order.events import OrderTypeSet
from till.domain.order.evolve import ORDERS
from till.domain.order.line import Cost, Discount, Fixed, Line, LineNote, Modifier, Void, make_row
from till.domain.order.pricing import price_order
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Order
from till.domain.order.terms import ChargeRule, Terms
from till.domain.payment.events import CheckoutStarted
from till.domain.structs import replace

VAT = (Tax("VAT", Millionths(200_000)),)
GST = (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))
GBP = Terms(Currency("GBP"), included=True)
US = Terms(Currency("USD"), included=False)
GONE = (Void("e", "dropped", datetime(2026, 3, 3, tzinfo=UTC)),)


def _line(name: str = "a", quantity: int = 1, price4: int = 20_000, terms: Terms = GBP, **more: Any) -> Line:
    facts: dict[str, Any] = {"item_id": "beer", "name": "Beer", "taxes": VAT} | more
    return Line(name, terms, keyed=quantity, price4=Price4(price4), **facts)


def _off(name: str, *, percent: int | None = None, amount: int | None = None, line: str | None = None) -> Discount:
    rate = None if percent is None else Millionths(percent * 10_000)
    return Discount(name, line, rate, None if amount is None else Minor(amount), "friend")


def test_equal_lines_are_one_row_rounded_once() -> None:
    # three pieces at 0.0333 are 0.0999, so 0.10; each by itself would be 0.03
    priced = price_order([_line(name, price4=333) for name in "abc"], (), GBP)
    assert [row.listed for row in priced.rows] == [10]
    assert priced.rows[0].line_ids == ("a", "b", "c")
    assert priced.rows[0].quantity == priced.pieces == 3


def test_lines_of_another_price_modifier_or_tax_stand_apart() -> None:
    onion = (Modifier("no onion", Price4(0)),)
    lines = [_line("a"), _line("b", price4=21_000), _line("c", modifiers=onion), _line("d", taxes=GST), _line("e")]
    rows = price_order(lines, (), GBP).rows
    assert [row.line_ids for row in rows] == [("a", "e"), ("b",), ("c",), ("d",)]


def test_a_return_never_joins_a_sale() -> None:
    priced = price_order([_line("a", 3), _line("b", -2), _line("c", -1)], (), GBP)
    assert [(row.quantity, row.listed) for row in priced.rows] == [(3, 600), (-3, -600)]
    assert priced.total == 0
    assert priced.tax == 0
    assert priced.pieces == 6


def test_a_modifier_adds_to_the_price_of_a_piece() -> None:
    row = price_order(
        [_line(quantity=2, modifiers=(Modifier("large", Price4(5_000)), Modifier("oat", Price4(2_500))))], (), GBP
    ).rows[0]
    assert row.listed == 2 * (200 + 50 + 25)


def test_a_weighed_good_rounds_once_by_line() -> None:
    # 0.335 kg at 12.99: 4.35165
    cheese = _line("a", price4=129_900, measure=335)
    priced = price_order([cheese, replace(cheese, id="b")], (), GBP)
    assert [row.listed for row in priced.rows] == [435, 435]
    assert price_order([_line("a", -1, price4=129_900, measure=335)], (), GBP).total == -435


def test_a_discount_comes_off_its_line_before_tax() -> None:
    row = price_order([_line(price4=99_900, discounts=(_off("d", percent=15, line="a"),))], (), GBP).rows[0]
    assert (row.listed, row.discount, row.amount) == (999, 150, 849)  # 149.85, up
    assert (row.taxed.net, row.taxed.tax, row.taxed.gross) == (707, 142, 849)  # 141.5, up


def test_a_discount_is_never_more_than_the_line() -> None:
    assert price_order([_line(discounts=(_off("d", amount=500, line="a"),))], (), GBP).total == 0
    assert price_order([_line(quantity=-1, discounts=(_off("d", amount=500, line="a"),))], (), GBP).total == 0


def test_a_discount_of_a_return_is_the_mirror_of_that_of_the_sale() -> None:
    sold, back = (
        price_order([_line(quantity=sign, price4=99_900, discounts=(_off("d", percent=15, line="a"),))], (), GBP)
        for sign in (1, -1)
    )
    assert (back.total, back.net, back.rows[0].discount) == (-sold.total, -sold.net, -sold.rows[0].discount)


def test_a_discount_on_the_order_is_spread_to_the_penny() -> None:
    lines = [_line(name, price4=price4) for name, price4 in zip("abc", (33_300, 33_400, 33_500), strict=True)]
    priced = price_order(lines, (_off("d", amount=100),), GBP)
    assert sum(priced.offs) == 100
    assert sum(row.discount for row in priced.rows) == 100
    assert priced.total == 902
    assert [row.discount for row in priced.rows] == [33, 33, 34]


def test_two_discounts_on_the_order_come_off_one_after_the_other() -> None:
    priced = price_order([_line(price4=100_000)], (_off("d", percent=10), _off("e", percent=10)), GBP)
    assert (sum(priced.offs), priced.total) == (190, 810)


def test_an_exclusive_tax_comes_on_top_of_what_the_discount_left() -> None:
    sales = (Tax("NY", Millionths(88_750)),)
    priced = price_order([_line(price4=199_900, terms=US, taxes=sales)], (_off("d", amount=500),), US)
    assert (priced.net, priced.tax, priced.total) == (1499, 133, 1632)  # 133.04


def test_each_tax_is_summed_with_its_own_net() -> None:
    lines = [_line("a", price4=120_000), _line("b", price4=105_000, item_id="x", taxes=GST)]
    sums = {total.tax.name: (total.net, total.amount) for total in price_order(lines, (), GBP).taxes}
    assert sums == {"VAT": (1000, 200), "CGST": (1000, 25), "SGST": (1000, 25)}


def test_a_void_line_costs_nothing_and_is_still_seen() -> None:
    priced = price_order([_line("a"), _line("b", 2, voids=GONE)], (), GBP)
    assert priced.total == 200
    assert [line.id for line in priced.voids] == ["b"]


def test_nothing_costs_nothing() -> None:
    priced = price_order([], (_off("d", amount=100), _off("e", percent=50)), GBP)
    assert (priced.total, priced.net, priced.tax, sum(priced.offs), priced.rows) == (0, 0, 0, 0, ())


discounts = st.builds(
    lambda rate, amount, by_rate: Discount("d", None, rate if by_rate else None, None if by_rate else amount, ""),
    st.integers(0, 1_000_000),
    st.integers(0, 10**6),
    st.booleans(),
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[Terms, list[Line], list[Discount]]:
    terms = draw(terms_)
    bands = st.sampled_from([VAT, GST, ()]) | groups_
    lines = [
        _line(
            f"l{place}",
            draw(st.integers(-5, 5).filter(bool)),
            draw(st.integers(0, 10**6)),
            terms,
            taxes=draw(bands),
            measure=draw(st.none() | st.integers(1, 5_000)),
            discounts=tuple(draw(st.lists(discounts, max_size=1))),
            voids=draw(st.sampled_from([(), GONE])),
            deposit=draw(st.booleans()),
        )
        for place in range(draw(st.integers(0, 8)))
    ]
    return terms, lines, draw(st.lists(discounts, max_size=3))


@given(orders(), st.sampled_from(["dine_in", "take_away"]))
def test_every_level_adds_up(order: tuple[Terms, list[Line], list[Discount]], order_type: str) -> None:
    terms, lines, off = order
    priced = price_order(lines, off, terms, order_type)
    for row in priced.rows:
        assert row.taxed.net + row.taxed.tax == row.taxed.gross
        inside = sum(
            amount
            for tax, amount in zip(row.taxes, row.taxed.taxes, strict=True)
            if tax.is_included(by_default=terms.included)
        )
        assert row.amount == row.listed - row.discount == row.taxed.net + inside
    parts = [row.taxed for row in priced.rows] + ([priced.charge.taxed] if priced.charge else [])
    assert priced.net + priced.tax == priced.total == sum(part.gross for part in parts)
    assert sum(total.amount for total in priced.taxes) == priced.tax
    added = sum(total.amount for total in priced.taxes if total.added)
    assert priced.amount + priced.service_charge + added == priced.total, "as the screen shows them"
    charge = terms.charge
    charged = charge is not None and (not charge.order_types or order_type in charge.order_types)
    assert priced.charge is None or (charged and priced.bearing)
    own = sum(make_row(row.lines).discount for row in priced.rows)
    assert sum(row.discount for row in priced.rows) == own + sum(priced.offs)
    assert sorted(i for row in priced.rows for i in row.line_ids) == sorted(line.id for line in lines if line.quantity)


@given(orders(), st.sampled_from(["dine_in", "take_away"]))
def test_an_order_is_priced_as_the_same_basket_is(
    order: tuple[Terms, list[Line], list[Discount]], order_type: str
) -> None:
    terms, lines, off = order
    priced = price_order(lines, off, terms, order_type)
    basket = price_basket(
        [row.item for row in priced.rows], [one.off for one in off], terms.rules, terms.charge_on(order_type)
    )
    assert tuple(row.taxed for row in priced.rows) == basket.lines[: len(priced.rows)]
    assert (priced.net, priced.tax, priced.total) == (basket.net, basket.tax, basket.total)
    sums: Counter[object] = Counter()
    for one in priced.taxes:
        sums[one.tax.kind] += one.amount
    assert +sums == +Counter({one.tax.kind: one.amount for one in basket.sums})
    assert -sums == -Counter({one.tax.kind: one.amount for one in basket.sums})


def test_a_deposit_bears_no_discount_and_stands_in_the_taxes_by_itself() -> None:
    deposit = (*VAT, Tax("Deposit", Millionths(0), Fraction(25), included=True))
    half = _off("d", percent=50, line="a")
    priced = price_order([_line("a", 2, taxes=deposit, discounts=(half,))], (), GBP)
    assert (priced.rows[0].listed, priced.rows[0].discount, priced.total) == (400, 175, 225)
    assert [(one.tax.name, one.amount) for one in priced.taxes] == [("VAT", 29), ("Deposit", 50)]
    whole = price_order([_line("a", 2, taxes=deposit)], (_off("d", percent=50),), GBP)
    assert (whole.total, whole.offs) == (225, (175,))


def test_added_taxes_and_those_in_the_price_stand_on_one_order_and_apart() -> None:
    city = (Tax("VAT", Millionths(200_000), None, included=False),)
    priced = price_order([_line("a"), _line("b", taxes=city)], (), GBP)
    assert priced.total == 200 + 240
    assert [(one.tax.name, one.added, one.net, one.amount) for one in priced.taxes] == [
        ("VAT", False, 167, 33),
        ("VAT", True, 200, 40),
    ]


def test_service_is_charged_behind_the_lines_on_the_types_that_it_is_for() -> None:
    terms = replace(GBP, charge=ChargeRule(Millionths(125_000), VAT, ("dine_in",)))
    lines = [_line("a", 3, terms=terms), _line("b", 1, terms=terms, discounts=(_off("d", amount=100, line="b"),))]
    eaten = price_order(lines, (), terms, "dine_in")
    assert eaten.charge is not None
    assert (eaten.charge.taxed.gross, eaten.charge.taxed.net) == (88, 73)  # 12.5 % of 7.00 is 0.875
    assert (eaten.total, eaten.net, eaten.pieces) == (788, 656, 4)
    taken = price_order(lines, (), terms, "take_away")
    assert (taken.total, taken.charge) == (700, None)
    assert price_order([], (), terms, "dine_in").charge is None


@pytest.mark.parametrize(("except_deposits", "total", "returned"), [(True, 420, 200), (False, 440, 220)])
def test_a_deposit_bears_no_service_charge_unless_the_terms_of_its_order_are_older(
    total: int, returned: int, *, except_deposits: bool
) -> None:
    """A beer costs 2.00, and of 4.00 for deposits 2.00 goes back."""
    terms = replace(GBP, charge=ChargeRule(Millionths(100_000), except_deposits=except_deposits))
    lines = [
        _line("a", terms=terms),
        _line("b", 2, terms=terms, taxes=(), deposit=True),
        _line("c", -1, terms=terms, taxes=(), deposit=True),
    ]
    priced = price_order(lines, (), terms, "dine_in")
    assert (priced.total, priced.returned) == (total, returned)
    assert price_order(lines[:2], (), terms, "dine_in").with_line(lines[2]) == priced
    assert price_order(lines, (_off("d", percent=0),), terms, "dine_in").total == total


@pytest.mark.parametrize(("included", "shown", "total"), [(True, 20, 220), (False, 20, 224)])
def test_service_charge_is_shown_with_the_taxes_in_it_and_without_those_on_top(
    shown: int, total: int, *, included: bool
) -> None:
    terms = replace(GBP, included=included, charge=ChargeRule(Millionths(100_000), VAT))
    priced = price_order([_line("a", terms=terms, taxes=())], (), terms, "dine_in")
    assert (priced.service_charge, priced.total) == (shown, total)


def test_a_return_that_is_no_deposit_takes_its_service_charge_back() -> None:
    terms = replace(GBP, charge=ChargeRule(Millionths(100_000), except_deposits=True))
    priced = price_order([_line("a", -1, terms=terms)], (), terms, "dine_in")
    assert (priced.total, priced.returned) == (-220, 220)


@given(orders())
def test_discounts_never_turn_a_row_round(order: tuple[Terms, list[Line], list[Discount]]) -> None:
    terms, lines, off = order
    sold = [line for line in lines if line.keyed > 0]
    for row in price_order(sold, off, terms).rows:
        assert 0 <= row.amount <= row.listed


@given(orders())
def test_an_order_given_back_is_the_mirror_of_the_one_sold(order: tuple[Terms, list[Line], list[Discount]]) -> None:
    terms, lines, off = order
    priced = price_order(lines, off, terms)
    back = price_order([replace(line, keyed=-line.keyed) for line in lines], off, terms)
    assert (back.total, back.net, sum(back.offs)) == (-priced.total, -priced.net, -sum(priced.offs))


@given(orders(), st.data())
def test_a_line_behind_all_others_comes_to_what_all_of_them_do(
    order: tuple[Terms, list[Line], list[Discount]], data: st.DataObject
) -> None:
    terms, lines, _off = order
    terms = replace(terms, by_order=False)
    known = [replace(line, terms=terms) for line in lines]
    pieces, price4 = st.integers(-3, 3).filter(bool), st.integers(0, 10**6)
    fresh = data.draw(st.builds(_line, st.just("new"), pieces, price4, st.just(terms), deposit=st.booleans()))
    order_type = data.draw(st.sampled_from(["dine_in", "take_away"]))
    priced = price_order(known, (), terms, order_type)
    again = [replace(row.first, id="new") for row in priced.rows[:2]]  # lines that join a row
    for newest in (fresh, *again):
        grown = priced.with_line(newest)
        whole = price_order([*known, newest], (), terms, order_type)
        assert grown == whole
        assert (grown.total, grown.net, grown.pieces) == (whole.total, whole.net, whole.pieces)
        assert (grown.amount, grown.bearing) == (whole.amount, whole.bearing)
        assert (grown.taxes, grown.places) == (whole.taxes, whole.places)


def test_a_promotion_adds_nothing_to_what_costs_less_than_the_levies_in_it() -> None:
    deposit = (Tax("Deposit", Millionths(0), Fraction(25)),)
    happy = (Offer("Happy hour", rate=Millionths(100_000)),)
    for price4, cost in ((0, 0), (1_000, 10), (2_500, 25), (12_500, 115)):
        row = price_order([_line(price4=price4, taxes=deposit, offers=happy)], (), GBP).rows[0]
        assert row.amount == cost


def test_a_promotion_on_several_leaves_pieces_with_a_fixed_cost_alone() -> None:
    free = (Offer("1 and 1 free", buy=1, get=1),)
    cost = Fixed("f", Cost(1, Minor(150), (), Minor(0)), Price4(20_000), ())
    lines = [_line("a", offers=free, fixed=(cost,)), _line("b", offers=free)]
    assert [row.amount for row in price_order(lines, (), GBP).rows] == [150, 200]
    assert [row.amount for row in price_order([*lines, _line("c", offers=free)], (), GBP).rows] == [150, 200]


@pytest.mark.parametrize(
    "act",
    [
        lambda order: [Draft(OrderTypeSet(order_type="take_away"), order.id)],
        lambda order: selling.add_item(order, MENU, ItemEntry(CUP), uid("l9")),
        lambda order: selling.add_item(order, MENU, ItemEntry(DOSA, 2), uid("l9")),
        lambda order: voiding.void_row(order, uid("l1"), "dropped"),
        lambda order: discounting.give(order, None, Given(amount=Minor(500), reason="late")),
        lambda order: discounting.give(order, uid("l4"), Given(rate=Millionths(100_000), reason="cold")),
        lambda order: noting.note_order(order, "no rush"),
        lambda order: [Draft(CheckoutStarted(), order.id)],
    ],
)
def test_pricing_kept_over_an_event_is_that_of_the_order_after_it(act: Callable[[Order], list[Draft]]) -> None:
    desk = laden()
    order: Order | None = desk.order
    assert order is not None
    assert order.priced.total == 21_522
    desk.hand.after = order.last_id
    for draft in act(order):
        order = ORDERS.apply(order, desk.hand.seal(draft, desk.order.hold))
    assert order is not None
    assert order.priced == replace(order).priced
    is_same = order.lines == desk.order.lines and order.order_type == desk.order.order_type
    if is_same and order.given == desk.order.given:  # it is not priced again
        assert order.priced is desk.order.priced


@pytest.mark.parametrize(
    ("keyed", "terms", "is_kept"),
    [
        ({}, INR, True),
        ({"offers": (Offer("Late", rate=Millionths(500_000)),)}, INR, True),
        ({"offers": (Offer("3 for 2", buy=2, get=1),)}, INR, False),
        ({}, replace(INR, by_order=True), False),
    ],
)
def test_added_line_is_priced_by_itself_unless_others_decide_its_price(
    keyed: dict[str, Any], terms: Terms, *, is_kept: bool
) -> None:
    desk = Desk(terms)
    desk.add(DOSA)
    for is_discounted in (False, True):
        if is_discounted:
            desk.do(discounting.give(desk.order, None, Given(amount=Minor(500), reason="late")))
        before = desk.order
        assert before.priced.rows
        desk.hand.after = before.last_id
        [draft] = selling.add_item(before, MENU, ItemEntry(CUP, **keyed), desk.hand.new_id())
        after = ORDERS.apply(before, desk.hand.seal(draft, before.hold))
        assert after is not None
        assert ("priced" in after.__dict__) == (is_kept and not is_discounted)
        assert after.priced == replace(after).priced


def _in_lunch(item: str) -> tuple[Offer, ...]:
    slots = tuple(
        Slot(name, extra=Price4(0) if item in fits else None) for name, fits in (("Main", "ab"), ("Drink", "bc"))
    )
    return (Offer("Lunch", price=Price4(25_000), slots=slots),) if item in "abc" else ()


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 2), st.sampled_from((VAT, GST))), max_size=9),
    st.lists(
        st.tuples(
            st.sampled_from(("key", "void", "note", "more", "return")), st.integers(0, 8), st.sampled_from("abcde")
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from((GBP, replace(GBP, charge=ChargeRule(Millionths(125_000), VAT)))),
)
def test_pricing_near_another_is_the_same_as_from_nothing(
    first: list[tuple[str, int, tuple[Tax, ...]]], changes: list[tuple[str, int, str]], terms: Terms
) -> None:

    def line(name: str, item: str, quantity: int, taxes: tuple[Tax, ...]) -> Line:
        prices = {"a": 20_000, "b": 19_990, "c": 15_000, "d": 7_500, "e": 333}
        offers = _in_lunch(item) if quantity > 0 else ()
        return _line(name, quantity, prices[item], terms, item_id=item, taxes=taxes, combos=offers)

    lines = [line(f"l{at}", *one) for at, one in enumerate(first)]
    near = price_order(lines, (), terms, "dine_in")
    for step, (act, at, item) in enumerate(changes):
        if act in {"key", "return"} or at >= len(lines):
            lines.append(line(f"n{step}", item, -1 if act == "return" else 1, VAT))
        elif act == "void":
            lines[at] = replace(lines[at], voids=GONE)
        elif act == "note":
            lines[at] = replace(lines[at], notes=(LineNote(f"e{step}", "warm"),))
        else:
            lines.append(replace(lines[at], id=f"n{step}", voids=()))
        near, whole = price_order(lines, (), terms, "dine_in", near), price_order(lines, (), terms, "dine_in")
        assert near == whole
        for name in ("amount", "bearing", "total", "net", "pieces", "taxes", "places"):
            assert getattr(near, name) == getattr(whole, name), name
