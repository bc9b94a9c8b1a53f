"""One line of an order, and the row of equal lines that is priced, shown and sold as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.money.discount import Off
from till.domain.money.measures import FREE, NOTHING, Millionths, Minor, Price4, Thousandths
from till.domain.money.tax import Tax, Taxed, tax_line
from till.domain.order.events import ItemAdded, LineModifier, MovedLine, TaxRate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from till.domain.money.amount import Currency


class Terms(NamedTuple):
    """What an order is priced by, frozen when it is opened: a venue may change its mind, an open order does not."""

    currency: Currency
    included: bool
    by_order: bool
    cash_step: Minor


class Modifier(NamedTuple):
    """A choice on a line: its words and what it adds to the unit price, in ten-thousandths."""

    name: str
    price4: Price4


class TakenOff(NamedTuple):
    """That pieces were taken off a line, by the event that did it."""

    event: str
    pieces: int


class Void(NamedTuple):
    """That a line was taken off, by the event that did it: why and when."""

    event: str
    reason: str
    at: datetime


class LineNote(NamedTuple):
    """What was wished of a line, by the event that noted it; empty words take a wish off."""

    event: str
    words: str


class Discount(NamedTuple):
    """A discount on a line, or on the order when `line_id` is None; `id` is the event that gave it.

    One of `rate` (millionths) and `amount` (minor units).
    """

    id: str
    line_id: str | None
    rate: Millionths | None
    amount: Minor | None
    reason: str = ""

    def of(self, listed: Minor) -> Minor:
        """What it takes off an amount, with the amount's sign and never more than all of it."""
        return self.off.of(listed)

    @property
    def off(self) -> Off:
        """What it takes off, whatever it is given on."""
        return Off(self.rate, self.amount)


_ID: Final = attrgetter("id")


@dataclass(frozen=True)
class Line:
    """A line as its events made it. It is whole: its pieces only become fewer, and come back by an undoing.

    Attributes:
        keyed: the quantity at first.
        taken: what was taken off it since.
        voids: that it was taken off as a whole; the first counts.
        discounts: what was given on it; the newest counts.
        notes: what was wished of it; the newest stands.
        keyed_by: the till that keyed it.
        keyed_at: when it came on this order, by the clock of the till that keyed it, or carried it here.
        moved: whether another order carries it.
    """

    id: str
    terms: Terms
    item_id: str = ""
    name: str = ""
    keyed: int = 0
    price4: Price4 = FREE
    measure: Thousandths | None = None
    taxes: tuple[Tax, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    taken: tuple[TakenOff, ...] = ()
    voids: tuple[Void, ...] = ()
    discounts: tuple[Discount, ...] = ()
    notes: tuple[LineNote, ...] = ()
    keyed_by: int | None = None
    keyed_at: datetime | None = None
    moved: bool = False

    @property
    def void(self) -> Void | None:
        """That it was taken off as a whole; None while it was not."""
        return self.voids[0] if self.voids else None

    @property
    def discount(self) -> Discount | None:
        """The discount that counts."""
        return max(self.discounts, key=_ID) if self.discounts else None

    @property
    def noted(self) -> LineNote | None:
        """The wish that stands, with its event; None where none was noted, or the last was taken off."""
        newest = max(self.notes) if self.notes else None
        return newest if newest is not None and newest.words else None

    @property
    def note(self) -> str:
        """What is wished of it; empty for nothing."""
        return self.noted.words if self.noted is not None else ""

    @property
    def is_overdrawn(self) -> bool:
        """Whether more was taken off than there was: two tills took the same pieces off."""
        return sum(one.pieces for one in self.taken) > abs(self.keyed)

    @cached_property
    def shown_quantity(self) -> int:
        """Pieces to show, of a void line too."""
        if not self.taken:
            return self.keyed
        left = max(0, abs(self.keyed) - sum(one.pieces for one in self.taken))
        return left if self.keyed > 0 else -left

    @property
    def pieces(self) -> int:
        """Pieces that were neither taken off nor voided, wherever the line is now."""
        return 0 if self.voids else self.shown_quantity

    @cached_property
    def quantity(self) -> int:
        """Pieces that count in this order: none when it is void, or another order carries it."""
        return 0 if self.moved else self.pieces

    @cached_property
    def unit_price4(self) -> Price4:
        """The price of one piece (of one measure, for a weighed good) with its modifiers, in ten-thousandths."""
        return Price4(self.price4 + sum(modifier.price4 for modifier in self.modifiers))

    def amount_of(self, quantity: int) -> Minor:
        """What so many pieces come to, in minor units, rounded once."""
        return self.terms.currency.amount_of(self.unit_price4, quantity, self.measure)

    @cached_property
    def key(self) -> str:
        """Equal for lines that are shown and sold as one: item, price, modifiers, note, and the same direction."""
        own = self.id if self.discount or self.measure is not None else ""
        sign = "-" if self.keyed < 0 else "+"
        return f"{self.item_id}|{self.name}|{self.price4}|{sign}|{self.modifiers}|{self.taxes}|{own}|{self.note}"

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
    listed: Minor
    discount: Minor
    taxed: Taxed

    @property
    def first(self) -> Line:
        """The line that stands for all: they are equal in item, price, modifiers and note."""
        return self.lines[0]

    @property
    def amount(self) -> Minor:
        """What stands on the right of the screen: after all discounts, its own and its share of the order's."""
        return Minor(self.listed - self.discount)

    @property
    def line_ids(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """The row in a snapshot; kept, for each push shows all rows and most are as before."""
        return shown_row(self.first, self.line_ids, self.quantity, self.amount)


def shown_row(
    line: Line, line_ids: Sequence[str], quantity: int, amount: Minor, *, voided: bool = False
) -> dict[str, Any]:
    """An entry of a snapshot's `items`: lines like `line`, how many pieces, and what they come to in minor units."""
    currency = line.terms.currency
    shown: dict[str, Any] = {
        "line_ids": list(line_ids),
        "item_id": line.item_id,
        "item": line.name,
        "quantity": quantity,
        "unit_price": currency.price_text(line.unit_price4),
        "amount": currency.text(amount),
        "modifiers": [m.name for m in line.modifiers],
        "voided": voided,
    }
    return shown | {"note": line.note} if line.note else shown


def make_row(lines: Sequence[Line]) -> Row:
    """Price equal lines as one row: rounded once, their own discount off, taxed by itself."""
    first = lines[0]
    quantity = sum(line.quantity for line in lines)
    listed = first.amount_of(quantity)
    discount = first.discount.of(listed) if first.discount else NOTHING
    return Row(
        tuple(lines),
        quantity,
        listed,
        discount,
        tax_line(Minor(listed - discount), first.taxes, included=first.terms.included, pieces=quantity),
    )


def line_from(data: ItemAdded | MovedLine, terms: Terms) -> Line:
    """The line of a record."""
    price4 = terms.currency.price4
    return Line(
        id=data.line_id,
        terms=terms,
        item_id=data.item_id,
        name=data.item_name,
        keyed=data.quantity,
        price4=price4(data.unit_price or data.price),
        measure=data.measure,
        taxes=tuple(Tax.of(raw.name, raw.rate) for raw in data.taxes),
        modifiers=tuple(Modifier(raw.name, price4(raw.price)) for raw in data.modifiers),
    )


def added(line: Line, quantity: int) -> ItemAdded:
    """The record that keys a line."""
    return ItemAdded(**_fields(line, quantity))


def moved(line: Line) -> MovedLine:
    """The record that carries a line to another order: as it was keyed, with what was taken off it since."""
    return MovedLine(
        **_fields(line, line.keyed), till=line.keyed_by or 0, taken_off={one.event: one.pieces for one in line.taken}
    )


def _fields(line: Line, quantity: int) -> dict[str, Any]:
    currency = line.terms.currency
    weighed = line.measure is not None
    return {
        "line_id": line.id,
        "item_id": line.item_id,
        "item_name": line.name,
        "quantity": quantity,
        "price": currency.text(line.amount_of(1)) if weighed else currency.price_text(line.price4),
        "taxes": tuple(TaxRate(name=tax.name, rate=tax.percent) for tax in line.taxes),
        "modifiers": tuple(LineModifier(name=m.name, price=currency.price_text(m.price4)) for m in line.modifiers),
        "measure": line.measure,
        "unit_price": currency.price_text(line.price4) if weighed else None,
    }
