"""Taxes on lines: included or added, rates or amounts per piece, also on other taxes. Net + tax = gross always.

Calculations are exact; each tax is rounded once, either for each line or for the whole order (docs/adr/0025).
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.money.amount import PRICE_SCALE, apportion, apportion_over, sum_over
from till.domain.money.measures import NOTHING, Millionths, Minor, Price4, sum_of
from till.domain.money.rounding import HALF_UP, Direction, divide_and_round
from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from till.domain.money.amount import Currency

#: The whole in millionths, the unit of rates: 20 % is 200,000 and 8.875 % is 88,750.
WHOLE: Final = 1_000_000
_RATE: Final = late(r"\d{1,3}(\.\d{1,4})?\Z", re.ASCII)
_ZERO: Final = Fraction(0)


class Tax(Struct, frozen=True):
    """A tax: its printed name, its rate in millionths, and its relation to the price and to other taxes of its group.

    Attributes:
        per_piece: the exact amount per piece in minor units, for a deposit or a levy (`rate` is 0); None for a rate.
        included: True if the price includes the tax; None if the venue's setting decides.
        affects_later: True if the tax is in the base of later taxes of its group.
        affected_by_earlier: True if earlier taxes that affect later ones are in the base of this tax.
    """

    name: str
    rate: Millionths
    per_piece: Fraction | None = None
    included: bool | None = None
    affects_later: bool = False
    affected_by_earlier: bool = True

    @property
    def percent(self) -> str:
        """The rate in percent, such as `20` or `8.875`."""
        return percent_of(self.rate)

    @property
    def kind(self) -> tuple[str, Millionths, Fraction | None]:
        """The key of the sum that the tax is added to."""
        return (self.name, self.rate, self.per_piece)

    def is_included(self, *, by_default: bool) -> bool:
        """True if the price includes the tax; `by_default` is the venue's setting."""
        return by_default if self.included is None else self.included

    @classmethod
    def of(cls, name: str, percent: str) -> Tax:
        """Return a tax by its rate in percent.

        Raises:
            ConfigError: the rate is not a number from 0 to 999.9999.
        """
        return cls(name, millionths(percent))


class TypeRate(Struct, frozen=True):
    """The taxes of an item or a line in orders of a type, and its price there; None for its own price."""

    order_type: str
    taxes: tuple[Tax, ...]
    price4: Price4 | None = None


def percent_of(rate: Millionths) -> str:
    """Return a rate in percent, such as `20` or `8.875`."""
    return _percent(rate)


@lru_cache(maxsize=1024)
def _percent(rate: int) -> str:
    major, minor = divmod(rate, 10_000)
    return f"{major}.{minor:04d}".rstrip("0").rstrip(".")


def tax_words(name: str, percent: str | None) -> str:
    """Return the display name of a tax: `GST 5 %`, or only the name if it has no rate."""
    return name if percent is None else f"{name} {percent} %"


@lru_cache(maxsize=1024)
def millionths(percent: str) -> Millionths:
    """Read a rate in percent."""
    if not _RATE.match(percent):
        raise ConfigError(_("{rate} is not a tax rate. Write percent, such as 20 or 8.875.").format(rate=percent[:20]))
    major, _point, minor = percent.partition(".")
    return Millionths(int(major) * 10_000 + int(minor.ljust(4, "0") or 0))


def levy(price4: Price4, currency: Currency) -> Fraction:
    """Return an amount per piece in exact minor units."""
    return Fraction(price4 * currency.scale, PRICE_SCALE)


def levy_price4(per_piece: Fraction, currency: Currency) -> Price4:
    """Return an amount per piece as a unit price, the form of records."""
    return Price4(int(per_piece * PRICE_SCALE / currency.scale))


class Taxed(Struct, frozen=True):
    """An amount with its taxes, in minor units: `net + sum(taxes) == gross`. `taxes` are in the order of the line's."""

    net: Minor
    taxes: tuple[Minor, ...]
    gross: Minor

    @property
    def tax(self) -> Minor:
        return sum_of(self.taxes)


class _Step(Struct, frozen=True):
    """An included rate: (`of_price` × price + sum of `of_rounded` parts × taxes already rounded) / `whole`, exactly."""

    place: int
    whole: int
    of_price: int
    of_rounded: tuple[tuple[int, int], ...]


class _Plan(Struct, frozen=True):
    """A solved group of taxes: for any price, tax i is (`of_price[i]` × price + `of_piece[i]` × pieces) / `whole`.

    Attributes:
        included: for each tax, True if the price includes it.
        bases: for each tax, the indexes of the earlier taxes in its base.
        floor: the price of a piece at which the net is zero: its levies and the taxes on them.
        steps: the included rates in the order of rounding; empty if `apart`.
        apart: True if all taxes are rates without other taxes in their base, and all are included or all are added.
    """

    whole: int
    of_price: tuple[int, ...]
    of_piece: tuple[int, ...]
    included: tuple[bool, ...]
    bases: tuple[tuple[int, ...], ...]
    floor: Fraction
    steps: tuple[_Step, ...]
    apart: bool

    def exact(self, amount: int, pieces: int) -> list[int]:
        """Return each tax of a price as a numerator over `whole`."""
        if self.apart:
            return [amount * part for part in self.of_price]
        return [amount * part + pieces * own for part, own in zip(self.of_price, self.of_piece, strict=True)]

    def taxed(self, amount: Minor, parts: tuple[Minor, ...]) -> Taxed:
        """Return a price with its rounded taxes. The net is the price less the included taxes."""
        inside = sum(part for part, own in zip(parts, self.included, strict=True) if own)
        return Taxed(Minor(amount - inside), parts, Minor(amount - inside + sum(parts)))


@lru_cache(maxsize=1024)
def _plan(taxes: tuple[Tax, ...], *, included: bool) -> _Plan:
    inside = tuple(tax.is_included(by_default=included) for tax in taxes)
    bases = tuple(
        tuple(
            place
            for place in range(own)
            if tax.per_piece is None and tax.affected_by_earlier and taxes[place].affects_later
        )
        for own, tax in enumerate(taxes)
    )
    levies = {place: tax.per_piece for place, tax in enumerate(taxes) if tax.per_piece is not None}
    shares = [
        (of_net, sum((part * levies[place] for place, part in of_known.items()), _ZERO))
        for of_net, of_known in _of_net(taxes, bases, levies.keys())
    ]
    of_all = 1 + sum((of_net for (of_net, _own), is_inside in zip(shares, inside, strict=True) if is_inside), _ZERO)
    floor = sum((own for (_of, own), is_inside in zip(shares, inside, strict=True) if is_inside), _ZERO)
    whole, of_price, of_piece = _over_one(
        [of_net / of_all for of_net, _own in shares], [own - of_net * floor / of_all for of_net, own in shares]
    )
    apart = not any(bases) and not any(of_piece) and len(set(inside)) <= 1
    steps = () if apart else _steps(taxes, inside, bases, levies.keys())
    return _Plan(whole, of_price, of_piece, inside, bases, floor, steps, apart=apart)


def _over_one(*parts: Sequence[Fraction]) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Return the common denominator of two lists of fractions, and the numerators of each list."""
    whole = math.lcm(*(part.denominator for some in parts for part in some))
    first, second = (tuple(int(part * whole) for part in some) for some in parts)
    return whole, first, second


def _of_net(
    taxes: Sequence[Tax], bases: Sequence[Sequence[int]], known: Collection[int]
) -> list[tuple[Fraction, dict[int, Fraction]]]:
    """Return each tax as a share of the net plus a share of each known tax."""
    shares: list[tuple[Fraction, dict[int, Fraction]]] = []
    for place, tax in enumerate(taxes):
        if place in known:
            shares.append((_ZERO, {place: Fraction(1)}))
            continue
        rate, of_known = Fraction(tax.rate, WHOLE), dict[int, Fraction]()
        for other in bases[place]:
            for one, part in shares[other][1].items():
                of_known[one] = of_known.get(one, _ZERO) + rate * part
        shares.append((rate * (1 + sum((shares[other][0] for other in bases[place]), _ZERO)), of_known))
    return shares


def _steps(
    taxes: Sequence[Tax], inside: Sequence[bool], bases: Sequence[Sequence[int]], levies: Collection[int]
) -> tuple[_Step, ...]:
    """Return the steps for the included rates, the last tax first."""
    dependents: list[set[int]] = [set() for _tax in taxes]
    steps: list[_Step] = []
    for place in reversed(range(len(taxes))):
        for other in range(place + 1, len(taxes)):
            if place in bases[other]:
                dependents[place] |= {other} | dependents[other]
        if not inside[place] or place in levies:
            continue
        known = {*levies, *(step.place for step in steps if step.place in dependents[place])}
        worth = _of_net(taxes, bases, known)
        is_inside = [own for own, is_inside in zip(worth, inside, strict=True) if is_inside]
        share = worth[place][0] / (1 + sum((of_net for of_net, _of_known in is_inside), _ZERO))
        of_known = [
            worth[place][1].get(one, _ZERO) - share * sum((own.get(one, _ZERO) for _of, own in is_inside), _ZERO)
            for one in sorted(known)
        ]
        whole, (of_price,), of_rounded = _over_one([share], of_known)
        steps.append(_Step(place, whole, of_price, tuple(zip(sorted(known), of_rounded, strict=True))))
    return tuple(steps)


def undiscounted_part(taxes: tuple[Tax, ...], pieces: int, *, included: bool) -> Minor:
    """Return the part of a line's price that is never discounted: levies and the taxes on them, in minor units."""
    floor = _plan(taxes, included=included).floor
    return Minor(divide_and_round(floor.numerator * pieces, floor.denominator)) if floor else NOTHING


def tax_line(
    amount: Minor,
    taxes: tuple[Tax, ...],
    *,
    included: bool,
    pieces: int = 0,
    direction: Direction = HALF_UP,
    of_sum: bool = False,
) -> Taxed:
    """Tax one line. Each tax is rounded once.

    Args:
        amount: the amount after discounts, in minor units, including included taxes.
        taxes: the taxes of the line, in order.
        included: True if taxes are in the price by default.
        pieces: the number of pieces, for taxes per piece.
        direction: the direction of rounding.
        of_sum: True to round the sum of the rates once and divide it among them.
    """
    return _tax_line(amount, taxes, pieces, direction, included=included, of_sum=of_sum)


@lru_cache(maxsize=8192)  # separate from `tax_line`: a cached function accepts arguments of any type
def _tax_line(
    amount: Minor, taxes: tuple[Tax, ...], pieces: int, direction: Direction, *, included: bool, of_sum: bool
) -> Taxed:
    plan = _plan(taxes, included=included)
    exact = plan.exact(amount, pieces)
    parts: Iterable[int]
    if of_sum:
        rates = iter(apportion(_only(exact, taxes, rate=True), plan.whole, direction))
        parts = [
            next(rates) if tax.per_piece is None else divide_and_round(own, plan.whole, direction)
            for tax, own in zip(taxes, exact, strict=True)
        ]
    elif plan.apart:
        parts = (divide_and_round(own, plan.whole, direction) for own in exact)
    else:
        parts = _one_on_another(amount, pieces, taxes, plan, direction)
    return plan.taxed(amount, tuple(map(Minor, parts)))


def _only(exact: Sequence[int], taxes: Sequence[Tax], *, rate: bool) -> list[int]:
    return [own for tax, own in zip(taxes, exact, strict=True) if (tax.per_piece is None) is rate]


def _one_on_another(amount: int, pieces: int, taxes: tuple[Tax, ...], plan: _Plan, direction: Direction) -> list[int]:
    """Round each tax of a line once, so that it is its rate times the rounded base on the receipt.

    Amounts per piece come first. Then the included rates, from the last to the first, each from the rest of the price.
    This gives the net. Added taxes are calculated from the net and the rounded taxes in their base.
    """
    known = {
        place: divide_and_round(tax.per_piece.numerator * pieces, tax.per_piece.denominator, direction)
        for place, tax in enumerate(taxes)
        if tax.per_piece is not None
    }
    for step in plan.steps:
        exact = step.of_price * amount + sum(part * known[other] for other, part in step.of_rounded)
        known[step.place] = divide_and_round(exact, step.whole, direction)
    net_left = amount - sum(part for place, part in known.items() if plan.included[place])
    for place, tax in enumerate(taxes):
        if place not in known:
            base = net_left + sum(known[other] for other in plan.bases[place])
            known[place] = divide_and_round(base * tax.rate, WHOLE, direction)
    return [known[place] for place in range(len(taxes))]


def tax_order(
    amounts: Sequence[Minor],
    taxes: Sequence[tuple[Tax, ...]],
    *,
    included: bool,
    by_order: bool,
    pieces: Sequence[int] | None = None,
    direction: Direction = HALF_UP,
    of_sum: bool = False,
) -> list[Taxed]:
    """Tax the lines of an order.

    The database has its own implementation for orders from programs (`cold.tax_lines`), because guests may order and
    pay while no till is running, and the database cannot run Python. It supports only plain rates that are all included
    or all added, and refuses others (`cold.refuse_unreckoned`). `tests/sql/test_documents.py` compares the two.

    Args:
        amounts: the amount of each line after discounts, in minor units, including included taxes.
        taxes: the taxes of each line.
        included: True if taxes are in the price by default.
        by_order: True to round each tax once for the whole order and divide it among the lines by largest remainder;
            False to round it for each line.
        pieces: the number of pieces of each line, for taxes per piece; None for 0.
        direction: the direction of rounding.
        of_sum: True to round the sum of all rates once, for the line or the order. For an order, the sum is divided
            among the taxes first, and then each tax among its lines.
    """
    counts = pieces if pieces is not None else [0] * len(amounts)
    if not by_order:
        return [
            tax_line(amount, own, included=included, pieces=count, direction=direction, of_sum=of_sum)
            for amount, own, count in zip(amounts, taxes, counts, strict=True)
        ]
    plans = [_plan(own, included=included) for own in taxes]
    exact = [plan.exact(amount, count) for plan, amount, count in zip(plans, amounts, counts, strict=True)]
    parts: list[list[Minor]] = [[NOTHING] * len(own) for own in taxes]
    for kinds in _rounded_together(taxes, of_sum=of_sum):
        shares = [[exact[line][place] for line, place in places] for places in kinds]
        wholes = [[plans[line].whole for line, _place in places] for places in kinds]
        sums = [sum_over(own, of) for own, of in zip(shares, wholes, strict=True)]
        totals = apportion_over([own.numerator for own in sums], [own.denominator for own in sums], direction)
        for places, own, of, total in zip(kinds, shares, wholes, totals, strict=True):
            for (line, place), part in zip(places, apportion_over(own, of, total=total), strict=True):
                parts[line][place] = Minor(part)
    return [plan.taxed(amount, tuple(own)) for plan, amount, own in zip(plans, amounts, parts, strict=True)]


def _rounded_together(taxes: Sequence[tuple[Tax, ...]], *, of_sum: bool) -> Iterable[list[list[tuple[int, int]]]]:
    """Group the taxes of an order that are rounded together. A tax is given as (line, index in the line's taxes)."""
    kinds: dict[object, list[tuple[int, int]]] = {}
    groups: dict[object, list[list[tuple[int, int]]]] = {}
    for line, own in enumerate(taxes):
        for place, tax in enumerate(own):
            if tax.kind not in kinds:
                kinds[tax.kind] = []
                groups.setdefault(None if of_sum and tax.per_piece is None else tax.kind, []).append(kinds[tax.kind])
            kinds[tax.kind].append((line, place))
    return groups.values()
