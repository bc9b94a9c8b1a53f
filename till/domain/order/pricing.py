"""From lines to rows and sums: equal lines become one row, discounts are spread, every level adds up exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from till.domain.money.discount import take_off
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.money.tax import Tax, Taxed, tax_order
from till.domain.order.line import Row, make_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.domain.order.line import Discount, Line, Terms


@dataclass(frozen=True, slots=True)
class TaxSum:
    """One tax over the whole order, in minor units."""

    tax: Tax
    net: Minor
    amount: Minor


@dataclass(frozen=True, slots=True)
class VoidRow:
    """Equal lines that were taken off together: one row to the eye, as they were one before."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """The line that was keyed first."""
        return self.lines[0]

    @property
    def line_ids(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)

    @property
    def quantity(self) -> int:
        return sum(line.shown_quantity for line in self.lines)

    @property
    def amount(self) -> Minor:
        """What they would have come to, in minor units."""
        return sum_of(line.amount_of(line.shown_quantity) for line in self.lines)


@dataclass(frozen=True)
class Priced:
    """An order's rows in the order they were keyed, and what they come to, in minor units.

    Attributes:
        rows: what counts; each row's `taxed.gross` is what it sells for.
        voids: lines that were taken off, each by itself, for the eye alone.
        off: what discounts on the whole order took off.
    """

    rows: tuple[Row, ...]
    voids: tuple[Line, ...]
    off: Minor

    @cached_property
    def void_rows(self) -> tuple[VoidRow, ...]:
        """The voids as rows: equal lines of one reason in one minute are one."""
        alike: dict[object, list[Line]] = {}
        for line in self.voids:
            when = line.void and (line.void.reason, line.void.at.replace(second=0, microsecond=0))
            alike.setdefault((line.key, when), []).append(line)
        return tuple(VoidRow(tuple(lines)) for lines in alike.values())

    @cached_property
    def total(self) -> Minor:
        """What is to be paid, taxes included."""
        return sum_of(row.taxed.gross for row in self.rows)

    @cached_property
    def net(self) -> Minor:
        """The total without its taxes."""
        return sum_of(row.taxed.net for row in self.rows)

    @property
    def tax(self) -> Minor:
        return Minor(self.total - self.net)

    @cached_property
    def pieces(self) -> int:
        """How many pieces there are, those given back not counted off."""
        return sum(abs(row.quantity) for row in self.rows)

    @cached_property
    def taxes(self) -> tuple[TaxSum, ...]:
        """Each tax with the net that it was charged on."""
        alike: dict[tuple[Tax, ...], list[Taxed]] = {}  # most rows of an order bear the same taxes
        for row in self.rows:
            alike.setdefault(row.first.taxes, []).append(row.taxed)
        sums: dict[Tax, list[int]] = {}
        for taxes, taxed in alike.items():
            net = sum(one.net for one in taxed)
            for tax, amounts in zip(taxes, zip(*(one.taxes for one in taxed), strict=True), strict=True):
                own = sums.setdefault(tax, [0, 0])
                own[0] += net
                own[1] += sum(amounts)
        return tuple(TaxSum(tax, Minor(net), Minor(amount)) for tax, (net, amount) in sums.items())

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where the row of each kind of line stands."""
        return {row.first.key: place for place, row in enumerate(self.rows)}

    def with_line(self, line: Line) -> Priced:
        """The same with one line behind all others: what `price_order` makes of all of them, for the work of one.

        The line counts, and the order has neither a discount of its own nor taxes by the order.
        """
        place = self.places.get(line.key, len(self.rows))
        gone = self.rows[place : place + 1]
        row = make_row((*gone[0].lines, line)) if gone else line.row
        priced = Priced((*self.rows[:place], row, *self.rows[place + 1 :]), self.voids, self.off)
        priced.__dict__.update(
            total=self.total + row.taxed.gross - sum(one.taxed.gross for one in gone),
            net=self.net + row.taxed.net - sum(one.taxed.net for one in gone),
            pieces=self.pieces + abs(row.quantity) - sum(abs(one.quantity) for one in gone),
            taxes=_changed_taxes(self.taxes, row, gone),
            places=self.places if gone else {**self.places, line.key: place},
        )
        return priced


def _changed_taxes(taxes: Iterable[TaxSum], came: Row, gone: Iterable[Row]) -> tuple[TaxSum, ...]:
    """Sums of taxes with one row more, and those that it stands for less."""
    sums = {one.tax: one for one in taxes}
    for sign, row in ((1, came), *((-1, row) for row in gone)):
        for tax, amount in zip(row.first.taxes, row.taxed.taxes, strict=True):
            own = sums.get(tax) or TaxSum(tax, NOTHING, NOTHING)
            net = Minor(own.net + sign * row.taxed.net)
            sums[tax] = TaxSum(tax, net, Minor(own.amount + sign * amount))
    return tuple(sums.values())


def price_order(lines: Iterable[Line], discounts: Sequence[Discount], terms: Terms) -> Priced:
    """Price the lines of an order under its terms."""
    groups: dict[str, list[Line]] = {}
    voids: list[Line] = []
    for line in lines:
        if line.quantity:
            groups.setdefault(line.key, []).append(line)
        elif line.void and line.keyed and not line.moved:
            voids.append(line)
    rows = [group[0].row if len(group) == 1 else make_row(group) for group in groups.values()]
    off = NOTHING
    if discounts or terms.by_order:
        rows, off = _price_together(rows, discounts, terms)
    return Priced(tuple(rows), tuple(voids), off)


def _price_together(rows: list[Row], discounts: Sequence[Discount], terms: Terms) -> tuple[list[Row], Minor]:
    """Spread the order's own discounts over its rows by largest remainder, then tax what is left."""
    amounts, off = take_off([row.amount for row in rows], [discount.off for discount in discounts])
    taxes, pieces = [row.first.taxes for row in rows], [row.quantity for row in rows]
    taxed = tax_order(amounts, taxes, included=terms.included, by_order=terms.by_order, pieces=pieces)
    return [
        replace(row, discount=Minor(row.listed - amount), taxed=own)
        for row, amount, own in zip(rows, amounts, taxed, strict=True)
    ], off
