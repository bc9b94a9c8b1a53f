"""The pricing of an order: equal lines form a row, discounts are spread over rows, and all sums are exact."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.basket import price_basket, price_charge
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.money.promotion import save_on, share_combo
from till.domain.money.tax import Taxed
from till.domain.order.line import Row, make_row
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.domain.money.basket import Rules, ServiceCharge
    from till.domain.money.combos import Combo
    from till.domain.money.measures import Millionths
    from till.domain.money.promotion import Saved
    from till.domain.money.tax import Tax
    from till.domain.order.line import Discount, Line
    from till.domain.order.terms import Terms

    #: The key of a tax sum: the kind of the tax, and True if it is added to the price.
    _Kind = tuple[tuple[str, Millionths, Fraction | None], bool]


class OrderTax(Struct, frozen=True):
    """The sum of one tax over the whole order, in minor units; `added` if the price does not include it."""

    tax: Tax
    net: Minor
    amount: Minor
    added: bool = False


class ChargeRow(Struct, frozen=True):
    """The row of the service charge. It cannot be keyed or voided."""

    service: ServiceCharge
    taxed: Taxed

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The taxes on the charge."""
        return self.service.taxes


class VoidRow(Struct, frozen=True):
    """Equal lines that were voided together, shown as one row."""

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
        """The price of the voided lines, in minor units."""
        return sum_of(line.amount_of(line.shown_quantity) for line in self.lines)


class Priced(Struct, frozen=True, dict=True):
    """The rows of an order in keyed sequence, and their sums, in minor units.

    Attributes:
        rows: the rows that count; a row's `taxed.gross` is its selling price.
        voids: the voided lines, one by one, for display only.
        offs: the amount of each discount on the whole order.
        rules: the tax rules.
        service: the service charge that applies; None if none does.
        charge: the row of the service charge; None if it is zero.
    """

    rows: tuple[Row, ...]
    voids: tuple[Line, ...]
    offs: tuple[Minor, ...]
    rules: Rules
    service: ServiceCharge | None = None
    charge: ChargeRow | None = None

    @cached_property
    def void_rows(self) -> tuple[VoidRow, ...]:
        """The voids as rows: equal lines voided for one reason within the same minute form one row."""
        groups: dict[object, list[Line]] = {}
        for line in self.voids:
            when = line.void and (line.void.reason, line.void.at.replace(second=0, microsecond=0))
            groups.setdefault((line.key, when), []).append(line)
        return tuple(VoidRow(tuple(lines)) for lines in groups.values())

    @property
    def _parts(self) -> Iterable[Row | ChargeRow]:
        return self.rows if self.charge is None else (*self.rows, self.charge)

    @cached_property
    def amount(self) -> Minor:
        """The sum of the rows after discounts, before added taxes."""
        return sum_of(row.amount for row in self.rows)

    @cached_property
    def bearing(self) -> Minor:
        """The part of `amount` that bears the service charge."""
        if self.service is None:
            return NOTHING
        return sum_of(row.amount for row in self.rows if self.is_charged(row))

    def is_charged(self, row: Row) -> bool:
        """True if a row bears the service charge."""
        return self.service is not None and self.service.is_on(deposit=row.first.deposit)

    @property
    def returned(self) -> Minor:
        """The amount that goes back for returns, with their taxes and their service charge."""
        back = [row for row in self.rows if row.quantity < 0]
        amount = sum_of(row.amount for row in back if self.is_charged(row))
        charge = _charged(amount, self.service, self.rules)
        charged = NOTHING if charge is None else charge.taxed.gross
        return Minor(-charged - sum(row.taxed.gross for row in back))

    @cached_property
    def total(self) -> Minor:
        """The total with taxes and the service charge, before cash rounding."""
        return sum_of(part.taxed.gross for part in self._parts)

    @property
    def service_charge(self) -> Minor:
        """The service charge without taxes that are added to it, as on a receipt."""
        if self.charge is None:
            return NOTHING
        taxed = zip(self.charge.taxes, self.charge.taxed.taxes, strict=True)
        added = (amount for tax, amount in taxed if not tax.is_included(by_default=self.rules.included))
        return Minor(self.charge.taxed.gross - sum(added))

    @cached_property
    def net(self) -> Minor:
        """The total without taxes."""
        return sum_of(part.taxed.net for part in self._parts)

    @property
    def tax(self) -> Minor:
        return Minor(self.total - self.net)

    @cached_property
    def pieces(self) -> int:
        """The number of pieces, including returned ones."""
        return sum(abs(row.quantity) for row in self.rows)

    @cached_property
    def taxes(self) -> tuple[OrderTax, ...]:
        """The sum of each tax, with the net amount that it is charged on."""
        if self.charge is None:
            return self._taxes_of_rows
        sums = _by_kind(self._taxes_of_rows)
        _added_up(sums, self.charge.service.taxes, self.charge.taxed, self.rules)
        return tuple(sums.values())

    @cached_property
    def _taxes_of_rows(self) -> tuple[OrderTax, ...]:
        by_taxes: dict[tuple[Tax, ...], list[Taxed]] = {}  # most rows of an order have the same taxes
        for row in self.rows:
            by_taxes.setdefault(row.first.taxes, []).append(row.taxed)
        sums: dict[_Kind, OrderTax] = {}
        for taxes, taxed in by_taxes.items():
            of_each = zip(*(one.taxes for one in taxed), strict=True)
            net, gross = sum_of(one.net for one in taxed), sum_of(one.gross for one in taxed)
            _added_up(sums, taxes, Taxed(net, tuple(map(sum_of, of_each)), gross), self.rules)
        return tuple(sums.values())

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of the row for each line key."""
        return {row.first.key: place for place, row in enumerate(self.rows)}

    def with_line(self, line: Line) -> Priced:
        """Return the pricing with one more line at the end. Equals `price_order` of all lines, but prices only one.

        The line must count and have no promotion on several pieces. The order must have no discount on the whole order
        and no tax rounded by order.
        """
        place = self.places.get(line.key, len(self.rows))
        replaced = self.rows[place : place + 1]
        row = make_row((*replaced[0].lines, line)) if replaced else line.row
        priced = self._changed((*self.rows[:place], row, *self.rows[place + 1 :]), self.voids, (row,), replaced)
        priced.__dict__["places"] = self.places if replaced else {**self.places, line.key: place}
        return priced

    def with_rows(self, rows: tuple[Row, ...], voids: tuple[Line, ...]) -> Priced | None:
        """Return the pricing with these rows, most of them its own; None if one is gone or is another now."""
        count = len(self.rows)
        pairs = [(row, known) for row, known in zip(rows, self.rows, strict=False) if row is not known]
        was = tuple([known for _row, known in pairs])
        is_alike = all(row.first.key == known.first.key and row.taxes == known.taxes for row, known in pairs)
        if len(rows) < count or not is_alike:
            return None
        priced = self._changed(rows, voids, (*[row for row, _known in pairs], *rows[count:]), was)
        places = {row.first.key: place for place, row in enumerate(rows[count:], count)}
        priced.__dict__["places"] = {**self.places, **places}
        return priced

    def _changed(
        self, rows: tuple[Row, ...], voids: tuple[Line, ...], added: tuple[Row, ...], removed: tuple[Row, ...]
    ) -> Priced:
        """Return the pricing with rows of which some were added or removed: these alone change its sums."""
        bearing = NOTHING
        if self.service is not None:
            bears, bore = (sum([row.amount for row in each if self.is_charged(row)]) for each in (added, removed))
            bearing = Minor(self.bearing + bears - bore)
        charge = _charged(bearing, self.service, self.rules)
        now = [row.taxed for row in added] + ([charge.taxed] if charge is not None else [])
        was = [row.taxed for row in removed] + ([self.charge.taxed] if self.charge is not None else [])
        priced = Priced(rows, voids, self.offs, self.rules, self.service, charge)
        priced.__dict__.update(
            amount=self.amount + sum([row.amount for row in added]) - sum([row.amount for row in removed]),
            bearing=bearing,
            total=self.total + sum([one.gross for one in now]) - sum([one.gross for one in was]),
            net=self.net + sum([one.net for one in now]) - sum([one.net for one in was]),
            pieces=self.pieces
            + sum([abs(one.quantity) for one in added])
            - sum([abs(one.quantity) for one in removed]),
            _taxes_of_rows=_changed_taxes(self._taxes_of_rows, added, removed, self.rules),
        )
        return priced


def _by_kind(taxes: Iterable[OrderTax]) -> dict[_Kind, OrderTax]:
    return {(one.tax.kind, one.added): one for one in taxes}


def _changed_taxes(
    taxes: Iterable[OrderTax], added: Iterable[Row], removed: Iterable[Row], rules: Rules
) -> tuple[OrderTax, ...]:
    """Return the tax sums with rows added and removed."""
    sums = _by_kind(taxes)
    for sign, row in (*((1, row) for row in added), *((-1, row) for row in removed)):
        _added_up(sums, row.first.taxes, row.taxed, rules, sign)
    return tuple(sums.values())


def _added_up(sums: dict[_Kind, OrderTax], taxes: tuple[Tax, ...], taxed: Taxed, rules: Rules, sign: int = 1) -> None:
    """Add the taxes of a row to the sums. If a row has a tax twice, its net amount counts once."""
    counted = set()
    for tax, amount in zip(taxes, taxed.taxes, strict=True):
        added = not tax.is_included(by_default=rules.included)
        kind = (tax.kind, added)
        own = sums.get(kind) or OrderTax(tax, NOTHING, NOTHING, added=added)
        net = own.net if kind in counted else Minor(own.net + sign * taxed.net)
        sums[kind] = OrderTax(own.tax, net, Minor(own.amount + sign * amount), added=added)
        counted.add(kind)


def price_order(
    lines: Iterable[Line],
    discounts: Sequence[Discount],
    terms: Terms,
    order_type: str = "",
    near: Priced | None = None,
) -> Priced:
    """Price the lines of an order under its terms. The order type decides if the service charge applies.

    `near` is the pricing of the same order before a change of lines; its rows are used again where they are the same.
    """
    rules, service = terms.rules, terms.charge_on(order_type)
    is_apart = not (discounts or rules.by_order)
    known: Iterable[Row | None] = near.rows if near is not None and is_apart else ()
    groups: dict[str, list[Line]] = {}
    voids: list[Line] = []
    for line in lines:
        if line.quantity:
            groups.setdefault(line.key, []).append(line)
        elif line.void and line.keyed and not line.moved:
            voids.append(line)
    rows = [
        row if row is not None and row.lines == tuple(group) else group[0].row if len(group) == 1 else make_row(group)
        for group, row in zip(groups.values(), chain(known, repeat(None)))  # noqa: B905 - rows may follow
    ]
    if any(offer.is_of_several for row in rows for offer in row.lines[0].all_offers):
        rows = _saved_together(rows, terms)
    if not is_apart:
        return _priced_together(rows, tuple(voids), discounts, rules, service)
    if near is not None and (changed := near.with_rows(tuple(rows), tuple(voids))) is not None:
        return changed
    priced = Priced(tuple(rows), tuple(voids), (), rules, service)
    return replace(priced, charge=_charged(priced.bearing, service, rules))


def _charged(amount: Minor, service: ServiceCharge | None, rules: Rules) -> ChargeRow | None:
    """Return the service charge on an amount, where no tax is rounded by order; None if it is zero."""
    if service is None:
        return None
    charge, taxed = price_charge(amount, service, rules)
    return ChargeRow(service, taxed) if charge else None


def _saved_together(rows: list[Row], terms: Terms) -> list[Row]:
    """Apply promotions on several pieces to the rows together. A row with a fixed cost keeps its own."""
    return [
        row if row.lines[0].fixed or saved == row.saved else _with_saved(row, saved)
        for row, saved in zip(rows, save_on([row.ware for row in rows], terms.currency), strict=True)
    ]


def _with_saved(row: Row, saved: tuple[Saved, ...]) -> Row:
    after = row.first.row_saved(saved) if len(row.lines) == 1 else make_row(row.lines, saved)
    after.__dict__["ware"] = row.ware  # no promotion changes it
    return after


class MadeCombo(Struct, frozen=True):
    """Equal combos of an order: for the index of each row its pieces in one of them, and the cost of one such piece."""

    name: str
    times: int
    pieces: Mapping[int, int]
    costs: Mapping[int, Fraction]


def combos_of(priced: Priced) -> list[MadeCombo]:
    """Return the combos of an order, in the order in which they are made. Costs are before discounts."""
    if not any(row.first.combos for row in priced.rows):
        return []
    made: list[Combo] = []
    wares, currency = [row.ware for row in priced.rows], priced.rows[0].first.terms.currency
    save_on(wares, currency, made)
    return [
        MadeCombo(
            combo.name,
            combo.times,
            dict(combo.taken),
            {
                at: Fraction(
                    currency.amount_of(priced.rows[at].first.unit_price4, combo.times * pieces) - saved.amount,
                    combo.times * pieces,
                )
                for (at, pieces), (_at, saved) in zip(combo.taken, share_combo(combo, wares, currency), strict=True)
            },
        )
        for combo in made
    ]


def _priced_together(
    rows: list[Row],
    voids: tuple[Line, ...],
    discounts: Sequence[Discount],
    rules: Rules,
    service: ServiceCharge | None,
) -> Priced:
    """Price the rows with effects of the whole order: its discounts, and taxes rounded once for all rows."""
    basket = price_basket([row.item for row in rows], [discount.off for discount in discounts], rules, service)
    priced = zip(rows, basket.amounts[: len(rows)], basket.lines[: len(rows)], strict=True)
    charged = service is not None and basket.amounts[-1] != NOTHING
    return Priced(
        tuple(replace(row, discount=Minor(row.listed - amount), taxed=own) for row, amount, own in priced),
        voids,
        basket.offs,
        rules,
        service,
        ChargeRow(service, basket.lines[-1]) if service is not None and charged else None,
    )
