"""Whole sales. What must hold of every one of them, and figures checked by hand."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.amount import Currency
from till.domain.money.basket import (
    BasketItem,
    PricedBasket,
    Rules,
    ServiceCharge,
    price_basket,
    price_charge,
    price_item,
)
from till.domain.money.discount import Off, take_off
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths, sum_of
from till.domain.money.promotion import Offer
from till.domain.money.rounding import Direction, divide_and_round
from till.domain.money.tax import WHOLE, Tax
from till.domain.structs import replace

VAT = (Tax("VAT", Millionths(200_000)),)
BOTTLE = (*VAT, Tax("DEPOSIT", Millionths(0), Fraction(25)))
INCLUDED, ADDED = Rules(included=True), Rules(included=False)


def _percent(percent: int) -> Off:
    return Off(Millionths(percent * 10_000), None)


def _amount(minor: int) -> Off:
    return Off(None, Minor(minor))


def _gross(priced: PricedBasket) -> list[int]:
    return [line.gross for line in priced.lines]


def test_half_off_an_odd_price_rounds_the_discount_and_not_the_rest() -> None:
    priced = price_basket([BasketItem(Minor(8333), 1, VAT, _percent(50))], [], INCLUDED)
    assert (priced.off, priced.total) == (4167, 4166)


def test_equal_shares_go_to_the_first() -> None:
    priced = price_basket([BasketItem(Minor(100), 1)] * 3, [_amount(100)], INCLUDED)
    assert _gross(priced) == [66, 67, 67]


def test_an_amount_off_is_for_the_whole_line_and_never_more_than_it() -> None:
    items = [BasketItem(Minor(600), 3, VAT, _amount(100)), BasketItem(Minor(50), 1, VAT, _amount(100))]
    assert _gross(price_basket(items, [], INCLUDED)) == [500, 0]


def test_a_discount_on_a_discount_is_on_the_rest() -> None:
    tenth = replace(_percent(10), then=replace(_amount(100), then=_percent(50)))
    assert [tenth.of(Minor(price)) for price in (1000, -1000, 105)] == [100 + 100 + 400, -600, 11 + 94]


def test_an_amount_off_is_in_proportion_on_a_price_that_fell() -> None:
    off = Off(None, Minor(100), price=Minor(1000))
    assert [off.of(Minor(price)) for price in (1000, 500, 505, -500, 2000, 0)] == [100, 50, 51, -50, 100, 0]


def test_a_deposit_bears_no_discount() -> None:
    bottle = BasketItem(Minor(250), 2, BOTTLE, _percent(10))
    assert _gross(price_basket([bottle], [], INCLUDED)) == [230]  # a tenth of 2.00
    assert _gross(price_basket([replace(bottle, discount=_percent(100))], [], INCLUDED)) == [50]
    assert _gross(price_basket([replace(bottle, discount=_amount(999))], [], INCLUDED)) == [50]
    both = price_basket([replace(bottle, discount=None), BasketItem(Minor(200), 1, VAT)], [_percent(50)], INCLUDED)
    assert _gross(both) == [150, 100]
    cheap = price_basket([BasketItem(Minor(10), 1, BOTTLE, _percent(50))], [], INCLUDED)
    assert _gross(cheap) == [10]  # it costs less than its deposit


def test_a_charge_is_reckoned_on_what_the_discounts_left_and_taxed_by_itself() -> None:
    items = [BasketItem(Minor(1000), 1, VAT, _percent(10)), BasketItem(Minor(333), 1)]
    priced = price_basket(items, [_amount(100)], ADDED, ServiceCharge(Millionths(125_000), VAT))
    # 9.00 and 3.33 less 1.00: 11.33; 12.5 % is 1.41625
    assert (priced.lines[-1].net, priced.lines[-1].tax) == (142, 28)
    assert priced.net == 1133 + 142
    free = price_basket(items, [_amount(100)], ADDED, ServiceCharge(Millionths(125_000)))
    assert (free.lines[-1].net, free.lines[-1].tax) == (142, 0)


def test_a_tax_has_one_sum_whatever_group_brings_it() -> None:
    priced = price_basket([BasketItem(Minor(1200), 1, VAT), BasketItem(Minor(1250), 1, BOTTLE)], [], INCLUDED)
    assert [(one.name, one.net, one.amount) for one in priced.sums] == [("VAT", 2021, 404), ("DEPOSIT", 1021, 25)]


def test_a_tax_that_a_line_has_twice_counts_its_net_once() -> None:
    priced = price_basket([BasketItem(Minor(1000), 1, (*VAT, *VAT)), BasketItem(Minor(500), 1, VAT)], [], ADDED)
    assert [(one.name, one.net, one.amount) for one in priced.sums] == [("VAT", 1500, 500)]


def test_promotions_come_off_before_the_discounts_and_never_off_a_deposit() -> None:
    half, tenth = Offer("Happy hour", rate=Millionths(500_000)), Offer("Cheese", rate=Millionths(100_000))
    less = Offer("Less", amount=Minor(300))
    sold = [
        # two bottles at 2.25, of which 0.25 is a deposit: half of 4.00, then a tenth of the rest
        BasketItem(Minor(450), 2, BOTTLE, _percent(10), "beer", Price4(22_500), offers=(half,)),
        BasketItem(Minor(435), 1, VAT, None, "gouda", Price4(129_900), weighed=True, offers=(tenth, less)),
        BasketItem(Minor(100), 1, (), None, "cup", Price4(10_000), offers=(half,), deposit=True),
        BasketItem(Minor(120), 1, VAT, None, "tea", Price4(12_000)),
    ]
    priced = price_basket(sold, [], INCLUDED, currency=Currency("EUR"))
    assert (_gross(priced), priced.off) == ([230, 391, 100, 120], 200 + 20 + 44)
    fifth = price_basket(sold, [_percent(20)], INCLUDED, currency=Currency("EUR"))
    # 20 % of 1.80, 3.91 and 1.20
    assert (_gross(fifth), fifth.offs) == ([194, 313, 100, 96], (138,))
    assert fifth.off == 138 + priced.off


def test_savings_that_are_known_come_off_before_the_discounts() -> None:
    sold = [
        BasketItem(Minor(450), 2, BOTTLE, _percent(10), saved=Minor(200)),
        BasketItem(Minor(100), 1, saved=Minor(30)),
    ]
    priced = price_basket(sold, [_percent(50)], INCLUDED)
    # 1.80 and 0.70 bear the half
    assert (_gross(priced), priced.off, priced.offs) == ([140, 35], 200 + 20 + 30 + 125, (125,))


def test_a_deposit_bears_the_charge_only_where_the_terms_say_so() -> None:
    sold = [BasketItem(Minor(1000), 1), BasketItem(Minor(200), 2, deposit=True)]
    charges = [price_basket(sold, [], ADDED, ServiceCharge(Millionths(100_000), (), apart)) for apart in (False, True)]
    assert [one.lines[-1].gross for one in charges] == [120, 100]


def test_a_charge_has_no_pieces_that_a_levy_is_on() -> None:
    levied = ServiceCharge(Millionths(100_000), (*VAT, Tax("Levy", Millionths(0), Fraction(25))))
    priced = price_basket([BasketItem(Minor(1000), 3)], [], ADDED, levied)
    assert priced.lines[-1].taxes == price_charge(Minor(1000), levied, ADDED)[1].taxes == (20, 0)


def test_a_weighed_good_of_four_decimals_rounds_once() -> None:
    assert Currency("EUR").amount_of(Price4(129_999), 3, Thousandths(335)) == 1306  # 13.0648995
    assert Currency("JPY").amount_of(Price4(9_995_000), 1, Thousandths(500)) == 500  # 499.75
    assert Currency("BHD").amount_of(Price4(12_345), 1, Thousandths(100)) == 123  # 0.12345


def test_discounts_spread_over_lines_both_ways_sum() -> None:
    left, off = take_off([Minor(1000), Minor(-400), Minor(1)], [_percent(33), _amount(7)])
    assert off == 198 + 7  # 33 % of 601 is 198.33
    assert sum(left) == 601 - 205
    # a tenth off 10.00 and 5.00, then a half of the 9.00 and 4.50 that are left
    assert take_off([Minor(1000), Minor(500)], [_percent(10), _percent(50)]) == ([450, 225], 825)
    # a cent off the first of two, then the half of the cent that is left: nothing comes off what costs nothing
    assert take_off([Minor(1), Minor(1)], [_amount(1), _percent(50)]) == ([0, 0], 2)
    # 3.00 off 10.00 and 2.00 is 2.50 and 0.50; 7.00 off the rest of 7.50 and 1.50 is 5.83 and 1.17
    assert take_off([Minor(1000), Minor(200)], [_amount(300), _amount(700)]) == ([167, 33], 1000)


rates = st.builds(
    lambda name, rate, included, later, earlier: Tax(name, Millionths(rate), None, included, later, earlier),
    st.sampled_from("ABC"),
    st.integers(0, 300_000),
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.booleans(),
)
levies = st.builds(
    lambda name, minor, included, later: Tax(name, Millionths(0), Fraction(minor, 100), included, later),
    st.sampled_from("XY"),
    st.integers(0, 5_000),
    st.sampled_from([None, True, False]),
    st.booleans(),
)
groups = st.lists(st.one_of(rates, rates, levies), max_size=4).map(tuple)
offs = st.one_of(
    st.builds(lambda rate: Off(Millionths(rate), None), st.integers(0, WHOLE)),
    st.builds(lambda amount: Off(None, Minor(amount)), st.integers(0, 10**5)),
)
items = st.builds(
    lambda price, pieces, taxes, off: BasketItem(Minor(price * pieces), pieces, taxes, off),
    st.integers(0, 10**5),
    st.integers(-4, 9),
    groups,
    st.none() | offs,
)
rules = st.builds(
    Rules,
    st.booleans(),
    st.booleans(),
    st.sampled_from([Direction.HALF_UP, Direction.UP, Direction.DOWN]),
    st.booleans(),
)
charges = st.none() | st.builds(
    lambda rate, taxes, apart: ServiceCharge(Millionths(rate), taxes, apart),
    st.integers(0, 300_000),
    groups,
    st.booleans(),
)
baskets = st.tuples(st.lists(items, max_size=6), st.lists(offs, max_size=2), rules, charges)
Basket = tuple[list[BasketItem], list[Off], Rules, ServiceCharge | None]


@given(baskets)
def test_every_level_adds_up(basket: Basket) -> None:
    priced = price_basket(*basket)
    for line, group in zip(priced.lines, priced.taxes, strict=True):
        assert line.net + sum(line.taxes) == line.gross
        assert len(line.taxes) == len(group)
    assert priced.net + priced.tax == priced.total == sum(line.gross for line in priced.lines)
    assert priced.tax == sum(one.amount for one in priced.sums)


@given(baskets, st.booleans())
def test_lines_alone_are_priced_as_in_a_sale_without_discounts_on_all(basket: Basket, has_deposit: bool) -> None:
    sold, _offs, law, charge = basket
    law = replace(law, by_order=False)
    sold = [replace(item, deposit=has_deposit and not place) for place, item in enumerate(sold)]
    priced = price_basket(sold, [], law, charge)
    own = [price_item(item, law) for item in sold]
    assert [taxed for _off, taxed in own] == [*priced.lines[: len(sold)]]
    assert sum(off for off, _taxed in own) == priced.off
    if charge is not None:
        bearing = sum_of(
            Minor(item.listed - off)
            for item, (off, _taxed) in zip(sold, own, strict=True)
            if charge.is_on(deposit=item.deposit)
        )
        assert price_charge(bearing, charge, law) == (priced.amounts[-1], priced.lines[-1])


@given(baskets)
def test_the_remaining_prices_are_those_keyed_less_the_discounts(basket: Basket) -> None:
    sold, _offs, law, charge = basket
    priced = price_basket(*basket)
    left = [
        line.net + sum(part for tax, part in zip(group, line.taxes, strict=True) if _inside(tax, law))
        for line, group in zip(priced.lines, priced.taxes, strict=True)
    ]
    prices = left[: len(sold)]
    assert sum(prices) == sum(item.listed for item in sold) - priced.off
    if charge is not None:
        assert left[-1] == divide_and_round(sum(prices) * charge.rate, WHOLE)


def _inside(tax: Tax, law: Rules) -> bool:
    return law.included if tax.included is None else tax.included


@given(baskets)
def test_a_refund_is_the_mirror_of_the_sale(basket: Basket) -> None:
    sold, given_off, law, charge = basket
    priced = price_basket(*basket)
    turned = [replace(item, listed=Minor(-item.listed), pieces=-item.pieces) for item in sold]
    back = price_basket(turned, given_off, law, charge)
    assert [(-one.net, tuple(-part for part in one.taxes)) for one in back.lines] == [
        (one.net, one.taxes) for one in priced.lines
    ]


@given(st.lists(items.filter(lambda item: item.pieces >= 0), max_size=6), st.lists(offs, max_size=3), rules)
def test_a_discount_never_turns_a_line_round(sold: list[BasketItem], given_off: list[Off], law: Rules) -> None:
    plain = [replace(item, taxes=()) for item in sold]
    for item, line in zip(plain, price_basket(plain, given_off, law).lines, strict=True):
        assert 0 <= line.gross <= item.listed


@given(st.lists(items, max_size=6), rules)
def test_all_off_leaves_nothing_but_what_bears_no_discount(sold: list[BasketItem], law: Rules) -> None:
    rated = [replace(item, taxes=tuple(tax for tax in item.taxes if tax.per_piece is None)) for item in sold]
    priced = price_basket([replace(item, discount=_percent(100)) for item in rated], [], law)
    assert (priced.net, priced.tax, priced.total) == (0, 0, 0)


@given(st.lists(items, max_size=6), rules)
def test_tax_by_order_is_the_exact_sum_rounded_once(sold: list[BasketItem], law: Rules) -> None:
    added, exact = _added(sold)
    sums = {one.tax.kind: one.amount for one in price_basket(added, [], replace(law, by_order=True, of_sum=False)).sums}
    assert sums == {
        kind: divide_and_round(own.numerator, own.denominator, law.direction) for kind, own in exact.items()
    }


@given(st.lists(items, max_size=6), rules)
def test_summed_rates_by_order_leave_each_tax_within_a_unit(sold: list[BasketItem], law: Rules) -> None:
    added, exact = _added(sold)
    sums = price_basket(added, [], replace(law, by_order=True, of_sum=True)).sums
    assert all(abs(one.amount - exact[one.tax.kind]) <= 1 for one in sums)
    rates = sum((own for kind, own in exact.items() if kind[2] is None), Fraction(0))
    as_one = divide_and_round(rates.numerator, rates.denominator, law.direction)
    assert sum(one.amount for one in sums if one.tax.per_piece is None) == as_one


def _added(sold: list[BasketItem]) -> tuple[list[BasketItem], dict[tuple[str, Millionths, Fraction | None], Fraction]]:
    """The lines with their taxes added, none on another, and the exact sum of each."""
    added = [
        replace(
            item, taxes=tuple(replace(tax, included=False, affects_later=False) for tax in item.taxes), discount=None
        )
        for item in sold
    ]
    exact: dict[tuple[str, Millionths, Fraction | None], Fraction] = {}
    for item in added:
        for tax in item.taxes:
            own = tax.per_piece * item.pieces if tax.per_piece is not None else Fraction(item.listed * tax.rate, WHOLE)
            exact[tax.kind] = exact.get(tax.kind, Fraction(0)) + own
    return added, exact


@given(baskets)
def test_up_and_down_are_at_most_a_unit_apart(basket: Basket) -> None:
    sold, given_off, law, charge = basket
    half, up, down = (
        price_basket(sold, given_off, replace(law, by_order=True, of_sum=False, direction=direction), charge)
        for direction in (Direction.HALF_UP, Direction.UP, Direction.DOWN)
    )
    for one, more, less in zip(half.sums, up.sums, down.sums, strict=True):
        assert abs(less.amount) <= abs(one.amount) <= abs(more.amount) <= abs(less.amount) + 1
