"""Groups of taxes: one on another, in the price and added, an amount a piece. Figures are checked by hand."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.measures import Millionths, Minor
from till.domain.money.rounding import Direction, divide_and_round
from till.domain.money.tax import WHOLE, Tax, tax_line, tax_order, undiscounted_part


def _rate(
    percent: int, *, included: bool | None = None, later: bool = False, earlier: bool = True, name: str = ""
) -> Tax:
    return Tax(name or f"T{percent}", Millionths(percent * 10_000), None, included, later, earlier)


def _piece(minor: int, *, included: bool | None = None, later: bool = False) -> Tax:
    return Tax(f"P{minor}", Millionths(0), Fraction(minor), included, later)


GST28_CESS12 = (_rate(28, later=True), _rate(12))
DEPOSIT_IN, DEPOSIT_ON = (_rate(19), _piece(25)), (_rate(19), _piece(25, included=False))


@pytest.mark.parametrize(
    ("amount", "pieces", "taxes", "included", "net", "parts", "gross"),
    [
        # one tax on another: 10.00, 2.80, and 12 % of 12.80 is 1.536
        (1000, 1, GST28_CESS12, False, 1000, (280, 154), 1434),
        # the same in the price, the later one first: 12/112 of 14.34 is 1.536; 28/128 of the 12.80 left is 2.80
        (1434, 1, GST28_CESS12, True, 1000, (280, 154), 1434),
        # each from the rest: 12/112 of 1.00 is 0.107, so 0.11; 28/128 of 0.89 is 0.1947 (of 0.893: 0.1953)
        (100, 1, GST28_CESS12, True, 70, (19, 11), 100),
        # a later tax stands on the rounded one: 5 % of 0.30 is 0.015, so 0.02; 50 % of 0.32 is 0.16 (of 0.315: 0.1575)
        (30, 1, (_rate(5, later=True), _rate(50)), False, 30, (2, 16), 48),
        # and not where it says that it stands on none
        (1000, 1, (_rate(28, later=True), _rate(12, earlier=False)), False, 1000, (280, 120), 1400),
        # in the price and added at once: 20 % out of 12.00, then 10 % of the net of 10.00
        (1200, 1, (_rate(20, included=True), _rate(10, included=False)), False, 1000, (200, 100), 1300),
        # the added one stands on the rounded net: 9.99 has 1.665, so 1.67; 10 % of 8.32 is 0.83
        (999, 1, (_rate(20, included=True), _rate(10, included=False)), True, 832, (167, 83), 1082),
        # an added one below an included one: n + 21 % of (n + 1.00) is 120.00, so n is 99.00
        (
            12_000,
            1,
            (_piece(100, included=False, later=True), _rate(21, included=True)),
            False,
            9900,
            (100, 2100),
            12_100,
        ),
        # a deposit of 0.25 a piece, in the price and on top: 19/119 of (2.69 − 0.50) is 0.35
        (269, 2, DEPOSIT_IN, True, 184, (35, 50), 269),
        (219, 2, DEPOSIT_ON, True, 184, (35, 50), 269),
        # excise in the base: 19 % of 2.34
        (184, 2, (_piece(25, later=True), _rate(19)), False, 184, (50, 44), 278),
        # pieces that come back
        (-219, -2, DEPOSIT_ON, True, -184, (-35, -50), -269),
        (0, 0, DEPOSIT_IN, True, 0, (0, 0), 0),
        # a price of nothing still owes its deposit
        (0, 1, DEPOSIT_ON, True, 0, (0, 25), 25),
    ],
)
def test_a_line_of_a_group(
    amount: Minor, pieces: int, taxes: tuple[Tax, ...], *, included: bool, net: int, parts: tuple[int, ...], gross: int
) -> None:
    taxed = tax_line(amount, taxes, included=included, pieces=pieces)
    assert (taxed.net, taxed.taxes, taxed.gross) == (net, parts, gross)


@pytest.mark.parametrize(
    ("direction", "each", "as_one"),
    [
        # 4 % and 4.5 % of 1.15: 0.046 and 0.05175, together 0.09775
        (Direction.HALF_UP, (5, 5), (5, 5)),
        (Direction.UP, (5, 6), (5, 5)),
        (Direction.DOWN, (4, 5), (4, 5)),
    ],
)
def test_each_rate_or_their_sum(direction: Direction, each: tuple[int, int], as_one: tuple[int, int]) -> None:
    taxes = (Tax("STATE", Millionths(40_000)), Tax("CITY", Millionths(45_000)))
    assert tax_line(Minor(115), taxes, included=False, direction=direction).taxes == each
    assert tax_line(Minor(115), taxes, included=False, direction=direction, of_sum=True).taxes == as_one


def test_a_sum_of_rates_over_an_order_is_rounded_once() -> None:
    # 4 % and 4.5 % of three times 0.15: 0.018 and 0.02025, together 0.03825
    taxes = [(Tax("STATE", Millionths(40_000)), Tax("CITY", Millionths(45_000)))] * 3
    amounts = [Minor(15)] * 3
    each = tax_order(amounts, taxes, included=False, by_order=True)
    as_one = tax_order(amounts, taxes, included=False, by_order=True, of_sum=True)
    by_line = tax_order(amounts, taxes, included=False, by_order=False, of_sum=True)
    assert [sum(one.tax for one in taxed) for taxed in (each, as_one, by_line)] == [4, 4, 3]
    up = tax_order(amounts, taxes, included=False, by_order=True, direction=Direction.UP)
    assert sum(one.tax for one in up) == 2 + 3


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_of_rates_over_an_order_leaves_each_tax_its_own_part(sign: int) -> None:
    # 4 % and 4.875 % of a hundred times 1.15: 4.60 and 5.60625, together 10.20625; what a line comes to decides nothing
    taxes = [(Tax("STATE", Millionths(40_000)), Tax("CITY", Millionths(48_750)))] * 100
    taxed = tax_order([Minor(115 * sign)] * 100, taxes, included=False, by_order=True, of_sum=True)
    assert [sum(one.taxes[place] for one in taxed) for place in (0, 1)] == [460 * sign, 561 * sign]


def test_an_amount_a_piece_is_no_part_of_a_sum_of_rates() -> None:
    taxes = (_rate(5), _piece(10), _rate(5, name="other"))
    taxed = tax_line(Minor(9), taxes, included=False, pieces=3, of_sum=True)  # 0.9 of a cent as one sum
    assert taxed.taxes == (1, 30, 0)


@pytest.mark.parametrize(
    ("direction", "levies"),
    [
        # 0.0025 a piece: 1.25, 1.50 and 1.75 of five, six and seven pieces
        (Direction.HALF_UP, (1, 2, 2)),
        (Direction.HALF_DOWN, (1, 1, 2)),
        (Direction.UP, (2, 2, 2)),
        (Direction.DOWN, (1, 1, 1)),
    ],
)
@pytest.mark.parametrize("taxes", [(), (_rate(5),), (_rate(5, included=True, later=True), _rate(7))])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_amount_a_piece_is_rounded_by_the_rule_of_the_rates(
    direction: Direction, levies: tuple[int, ...], taxes: tuple[Tax, ...], sign: int
) -> None:
    """Each line by itself, or a tax by the order, and the rates apart or as one sum."""
    levy = Tax("Levy", Millionths(0), Fraction(1, 4), included=False)
    for pieces, part in zip((5, 6, 7), levies, strict=True):
        for group in ((levy, *taxes), (*taxes, levy)):
            place = group.index(levy)
            for by_order, of_sum in product((False, True), repeat=2):
                (taxed,) = tax_order(
                    [Minor(100 * sign)], [group], included=False, by_order=by_order, pieces=[pieces * sign],
                    direction=direction, of_sum=of_sum,
                )  # fmt: skip
                assert taxed.taxes[place] == part * sign, (by_order, of_sum)


def test_tax_by_order_may_be_included_or_added() -> None:
    inside, added = _rate(20, included=True, name="VAT"), _rate(20, included=False, name="VAT")
    taxed = tax_order([Minor(5), Minor(3)], [(inside,), (added,)], included=True, by_order=True)
    assert sum(one.tax for one in taxed) == 1  # 0.833 + 0.6 = 1.433


def test_compound_tax_by_order_uses_exact_parts() -> None:
    taxes = (_rate(5, later=True), _rate(50))
    taxed = tax_order([Minor(30)] * 10, [taxes] * 10, included=False, by_order=True)
    assert [sum(one.taxes[place] for one in taxed) for place in (0, 1)] == [15, 158]  # 157.5, up


@pytest.mark.parametrize(
    ("taxes", "included", "kept"),
    [
        (DEPOSIT_IN, True, 50),
        (DEPOSIT_ON, True, 0),
        ((_piece(100, later=True), _rate(21)), True, 242),  # with the tax that stands on it
        ((_rate(19),), True, 0),
    ],
)
def test_the_part_of_a_price_that_bears_no_discount(taxes: tuple[Tax, ...], *, included: bool, kept: int) -> None:
    assert undiscounted_part(taxes, 2, included=included) == kept
    assert undiscounted_part(taxes, -2, included=included) == -kept


@pytest.mark.parametrize(("pieces", "kept"), [(1, 0), (2, 1), (3, 1), (5, 1), (6, 2), (-2, -1), (-6, -2)])
def test_a_levy_finer_than_a_cent_is_rounded_once_for_all_pieces(pieces: int, kept: int) -> None:
    fine = (Tax("Levy", Millionths(0), Fraction(1, 4)),)
    assert undiscounted_part(fine, pieces, included=True) == kept


def test_no_levy_is_on_lines_whose_pieces_are_not_given() -> None:
    (taxed,) = tax_order([Minor(100)], [DEPOSIT_ON], included=True, by_order=False)
    assert taxed.taxes == (16, 0)


often = st.sampled_from([True, True, True, False])
rates = st.builds(
    Tax,
    st.sampled_from("ABCD"),
    st.integers(0, 300_000).map(Millionths),
    st.none(),
    st.sampled_from([None, True, False]),
    often,
    often,
)
levies = st.builds(
    Tax,
    st.sampled_from("XY"),
    st.just(Millionths(0)),
    st.fractions(0, 50, max_denominator=4),
    st.sampled_from([None, True, False]),
    often,
)
groups = st.lists(rates | rates | levies, min_size=1, max_size=5, unique_by=lambda tax: tax.kind).map(tuple)
directions = st.sampled_from(Direction)


def _exact(
    amount: int, pieces: int, taxes: tuple[Tax, ...], fixed: dict[int, int], *, included: bool
) -> list[Fraction]:
    """Each tax of a price without rounding; those that are `fixed` by their place stand."""

    def of(net: Fraction) -> list[Fraction]:
        parts: list[Fraction] = []
        for place, tax in enumerate(taxes):
            below = sum((part for part, other in zip(parts, taxes, strict=False) if other.affects_later), Fraction(0))
            own = Fraction(tax.rate, WHOLE) * (net + below if tax.affected_by_earlier else net)
            parts.append(Fraction(fixed[place]) if place in fixed else tax.per_piece * pieces if tax.per_piece else own)
        return parts

    def price(net: Fraction) -> Fraction:
        own = zip(of(net), taxes, strict=True)
        return net + sum(part for part, tax in own if tax.is_included(by_default=included))

    at_nothing = price(Fraction(0))
    return of((amount - at_nothing) / (price(Fraction(1)) - at_nothing))


@given(st.integers(-(10**9), 10**9), st.integers(-9, 9), groups, st.booleans(), directions)
def test_a_tax_of_an_order_is_its_exact_share_rounded_once(
    amount: Minor, pieces: int, taxes: tuple[Tax, ...], included: bool, direction: Direction
) -> None:
    (taxed,) = tax_order([amount], [taxes], included=included, by_order=True, pieces=[pieces], direction=direction)
    exact = _exact(amount, pieces, taxes, {}, included=included)
    assert taxed.taxes == tuple(divide_and_round(own.numerator, own.denominator, direction) for own in exact)


@given(st.integers(-(10**9), 10**9), st.integers(-9, 9), groups, st.booleans(), directions)
def test_rates_of_a_line_are_their_exact_sum_rounded_once(
    amount: Minor, pieces: int, taxes: tuple[Tax, ...], included: bool, direction: Direction
) -> None:
    """Amounts a piece are rounded by themselves; of one line an order has the same taxes."""
    taxed = tax_line(amount, taxes, included=included, pieces=pieces, direction=direction, of_sum=True)
    exact = _exact(amount, pieces, taxes, {}, included=included)
    rated = [own for own, tax in zip(exact, taxes, strict=True) if tax.per_piece is None]
    whole = sum(rated, Fraction(0))
    parts = [part for part, tax in zip(taxed.taxes, taxes, strict=True) if tax.per_piece is None]
    assert sum(parts) == divide_and_round(whole.numerator, whole.denominator, direction)
    assert all(abs(part - own) < 1 for part, own in zip(parts, rated, strict=True))
    for part, own, tax in zip(taxed.taxes, exact, taxes, strict=True):
        assert tax.per_piece is None or part == divide_and_round(own.numerator, own.denominator, direction)
    order = tax_order(
        [amount], [taxes], included=included, by_order=True, pieces=[pieces], direction=direction, of_sum=True
    )
    assert order == [taxed]


@given(st.integers(-(10**9), 10**9), st.integers(-9, 9), groups, st.booleans(), directions)
def test_a_tax_of_a_line_stands_on_those_that_are_rounded_before_it(
    amount: Minor, pieces: int, taxes: tuple[Tax, ...], included: bool, direction: Direction
) -> None:
    """Amounts a piece come first, then the rates in the price from the last on, then the added ones from the first."""
    taxed = tax_line(amount, taxes, included=included, pieces=pieces, direction=direction).taxes
    inside = [tax.is_included(by_default=included) for tax in taxes]
    bases = [
        {place for place in range(own) if taxes[place].affects_later and tax.affected_by_earlier and not tax.per_piece}
        for own, tax in enumerate(taxes)
    ]
    known: dict[int, int] = {}
    for place, tax in enumerate(taxes):
        if tax.per_piece is not None:
            known[place] = divide_and_round(tax.per_piece.numerator * pieces, tax.per_piece.denominator, direction)

    def stands_on(one: int, other: int) -> bool:
        return other in bases[one] or any(stands_on(between, other) for between in bases[one])

    for place in reversed(range(len(taxes))):
        if inside[place] and place not in known:
            fixed = {one: part for one, part in known.items() if taxes[one].per_piece or stands_on(one, place)}
            own = _exact(amount, pieces, taxes, fixed, included=included)[place]
            known[place] = divide_and_round(own.numerator, own.denominator, direction)
    net = amount - sum(part for place, part in known.items() if inside[place])
    for place, tax in enumerate(taxes):
        if place not in known:
            base = net + sum(known[other] for other in bases[place])
            known[place] = divide_and_round(base * tax.rate, WHOLE, direction)
    assert taxed == tuple(known[place] for place in range(len(taxes)))
