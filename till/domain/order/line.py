"""One line of an order, and the row of equal lines that is priced, shown and sold as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from till.domain.errors import EventError
from till.domain.fields import perhaps_whole, perhaps_words, whole, words
from till.domain.i18n import _
from till.domain.money.amount import MEASURE_SCALE, PRICE_SCALE, Currency, round_half_up
from till.domain.money.tax import Tax, Taxed, tax_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class Terms(NamedTuple):
    """What an order is priced by, frozen when it is opened: a venue may change its mind, an open order does not."""

    currency: Currency
    included: bool
    by_order: bool
    cash_step: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Terms:
        """Read them from `order_opened`.

        Raises:
            KeyError, EventError: one is missing, or makes no sense.
        """
        rounding = words(data, "tax_rounding")
        if rounding not in {"line", "order"}:
            raise EventError(_("tax_rounding is neither line nor order"))
        return cls(
            Currency(words(data, "currency")),
            bool(data["prices_include_tax"]),
            rounding == "order",
            whole(data, "cash_rounding"),
        )

    def to_data(self) -> dict[str, Any]:
        """Write them for `order_opened`."""
        return {
            "currency": self.currency.code,
            "prices_include_tax": self.included,
            "tax_rounding": "order" if self.by_order else "line",
            "cash_rounding": self.cash_step,
        }


class Modifier(NamedTuple):
    """A choice on a line: its words and what it adds to the unit price, in ten-thousandths."""

    name: str
    price4: int


@dataclass(frozen=True, slots=True)
class Void:
    """That a line was taken off: why and when."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount on a line, or on the order when `line_id` is None. One of `rate` (millionths) and `amount` (minor)."""

    id: str
    line_id: str | None
    rate: int | None
    amount: int | None
    reason: str

    def of(self, listed: int) -> int:
        """What it takes off an amount, with the amount's sign and never more than all of it."""
        if self.rate is not None:
            return round_half_up(listed * self.rate, 1_000_000)
        sign = -1 if listed < 0 else 1
        return sign * min(self.amount or 0, abs(listed))


@dataclass(frozen=True)
class Line:
    """A line as its events made it. `keyed` is the quantity at first, `changed` the sum of all differences since.

    `keyed_by` is the till that keyed it, `raised_by` the one that last added to its quantity. `away` is how much of it
    another order carries on while this one goes on too.
    """

    id: str
    terms: Terms
    item_id: str = ""
    name: str = ""
    keyed: int = 0
    changed: int = 0
    price4: int = 0
    measure: int | None = None
    taxes: tuple[Tax, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    discount: Discount | None = None
    void: Void | None = None
    restores: str | None = None
    keyed_by: int | None = None
    raised_by: int | None = None
    away: int = 0

    @property
    def is_overdrawn(self) -> bool:
        """Whether differences drove it past zero: two tills took the same pieces off."""
        return (self.keyed + self.changed) * self.keyed < 0

    @property
    def shown_quantity(self) -> int:
        """Pieces to show, of a void line too; none when it is overdrawn, or all of it is carried on elsewhere."""
        pieces = self.keyed + self.changed if self.keyed and not self.is_overdrawn else 0
        return pieces - self.away if (pieces - self.away) * pieces > 0 else 0

    @cached_property
    def quantity(self) -> int:
        """Pieces that count: none when void."""
        return 0 if self.void else self.shown_quantity

    @cached_property
    def unit_price4(self) -> int:
        """The price of one piece (of one measure, for a weighed good) with its modifiers, in ten-thousandths."""
        return self.price4 + sum(modifier.price4 for modifier in self.modifiers)

    def amount_of(self, quantity: int) -> int:
        """What so many pieces come to, in minor units, rounded once."""
        if self.measure is None:
            return self.terms.currency.amount_of(self.unit_price4, quantity)
        exact = self.unit_price4 * self.measure * quantity * self.terms.currency.scale
        return round_half_up(exact, PRICE_SCALE * MEASURE_SCALE)

    @cached_property
    def key(self) -> str:
        """Equal for lines that are shown and sold as one: item, price, modifiers, and the same direction."""
        own = self.id if self.discount or self.measure is not None else ""
        sign = "-" if self.keyed < 0 else "+"
        return f"{self.item_id}|{self.name}|{self.price4}|{sign}|{self.modifiers}|{self.taxes}|{own}"

    @cached_property
    def row(self) -> Row:
        """The row of this line alone; kept, for at each key all lines but one are as before."""
        return make_row((self,))


@dataclass(frozen=True)
class Row:
    """Equal lines as one, rounded once.

    Attributes:
        listed: what they cost before discounts, in minor units.
        discount: what discounts took off, with the sign of `listed`.
        taxed: net, taxes and gross of what is left.
    """

    lines: tuple[Line, ...]
    quantity: int
    listed: int
    discount: int
    taxed: Taxed

    @property
    def first(self) -> Line:
        """The line that stands for all: they are equal in item, price and modifiers."""
        return self.lines[0]

    @property
    def amount(self) -> int:
        """What stands on the right of the screen: after all discounts, its own and its share of the order's."""
        return self.listed - self.discount

    @property
    def line_ids(self) -> tuple[str, ...]:
        """The lines beneath."""
        return tuple(line.id for line in self.lines)

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """The row in a snapshot; kept, for each push shows all rows and most are as before."""
        return shown_row(self.first, self.line_ids, self.quantity, self.amount)


def shown_row(
    line: Line, line_ids: Sequence[str], quantity: int, amount: int, *, voided: bool = False
) -> dict[str, Any]:
    """An entry of a snapshot's `items`: lines like `line`, how many pieces, and what they come to in minor units."""
    currency = line.terms.currency
    return {
        "line_ids": list(line_ids),
        "item_id": line.item_id,
        "item": line.name,
        "quantity": quantity,
        "unit_price": currency.price_text(line.unit_price4),
        "amount": currency.text(amount),
        "modifiers": [m.name for m in line.modifiers],
        "voided": voided,
    }


def make_row(lines: Sequence[Line]) -> Row:
    """Price equal lines as one row: rounded once, their own discount off, taxed by itself."""
    first = lines[0]
    quantity = sum(line.quantity for line in lines)
    listed = first.amount_of(quantity)
    discount = first.discount.of(listed) if first.discount else 0
    return Row(
        tuple(lines),
        quantity,
        listed,
        discount,
        tax_line(listed - discount, first.taxes, included=first.terms.included),
    )


def line_from_data(data: Mapping[str, Any], terms: Terms) -> Line:
    """Read a line from the data of `item_added`.

    Raises:
        KeyError, TypeError, AttributeError, TillError: the data is not that of a line.
    """
    currency = terms.currency
    return Line(
        id=words(data, "line_id"),
        terms=terms,
        item_id=words(data, "item_id"),
        name=words(data, "item_name"),
        keyed=whole(data, "quantity"),
        price4=currency.price4(perhaps_words(data, "unit_price") or words(data, "price")),
        measure=perhaps_whole(data, "measure"),
        taxes=tuple(Tax.from_data(raw) for raw in data["taxes"]),
        modifiers=tuple(Modifier(words(raw, "name"), currency.price4(raw["price"])) for raw in data["modifiers"]),
        restores=perhaps_words(data, "restores"),
    )


def line_to_data(line: Line, quantity: int) -> dict[str, Any]:
    """Write a line as the data of `item_added`, with the quantity that counts."""
    currency = line.terms.currency
    data: dict[str, Any] = {
        "line_id": line.id,
        "item_id": line.item_id,
        "item_name": line.name,
        "quantity": quantity,
        "price": currency.price_text(line.price4) if line.measure is None else currency.text(line.amount_of(1)),
        "taxes": [tax.to_data() for tax in line.taxes],
        "modifiers": [{"name": m.name, "price": currency.price_text(m.price4)} for m in line.modifiers],
    }
    if line.measure is not None:
        data |= {"measure": line.measure, "unit_price": currency.price_text(line.price4)}
    if line.restores:
        data["restores"] = line.restores
    return data
