"""One line of an order, and the row of equal lines that is priced, shown and sold as one."""

from __future__ import annotations

from functools import cached_property, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import ref

from msgspec import Struct

from till.domain.money.amount import PRICE_SCALE
from till.domain.money.basket import Item, firm_of, price_item
from till.domain.money.discount import Off, part_of
from till.domain.money.measures import FREE, NOTHING, Millionths, Minor, Price4, Thousandths, sum_of
from till.domain.money.promotion import Offer, Saved, Ware, save_alone
from till.domain.money.promotion import ware_of as bare_ware
from till.domain.money.rounding import rounded
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from till.domain.money.tax import Tax, Taxed
    from till.domain.order.events import DiscountKind, LineChange
    from till.domain.order.terms import Terms


class Modifier(Struct, frozen=True):
    """A choice on a line: its name, its price in ten-thousandths added to the unit price, and its group of the menu."""

    name: str
    price4: Price4
    group: str = ""


class TakenOff(Struct, frozen=True):
    """Pieces taken off a line, by their event. The pieces of a `cut` belong to another line for good."""

    event: str
    pieces: int
    cut: bool = False


class Void(Struct, frozen=True):
    """The void of a line, by its event: reason and time."""

    event: str
    reason: str
    at: datetime


class LineNote(NamedTuple):
    """A note on a line, by its event; empty words clear it."""

    event: str
    words: str


class Discount(Struct, frozen=True):
    """A discount on a line, or on the order if `line_id` is None; `id` is the event that gave it.

    One of `rate` (millionths) and `amount` (minor units). `kind` and `name` as in `discount_applied`.

    Attributes:
        pieces: the pieces of its line that an amount is for; None for all of them.
        price: the price of those pieces, or of the order, then; None for whatever it is.
    """

    id: str
    line_id: str | None
    rate: Millionths | None
    amount: Minor | None
    reason: str = ""
    kind: DiscountKind = "discount"
    name: str = ""
    pieces: int | None = None
    price: Minor | None = None

    @property
    def key(self) -> str:
        """Equal for discounts that let lines share a row. A discount by amount is for its line alone."""
        return (
            f"{self.id} {self.line_id}" if self.rate is None else f"{self.rate} {self.kind} {self.name} {self.reason}"
        )

    @property
    def off(self) -> Off:
        """The reduction that it makes on an order."""
        return Off(self.rate, self.amount, self.price)

    def off_pieces(self, line: Line, pieces: int) -> Off:
        """Return its reduction on some pieces of its line: a proportional part if they are fewer or cheaper."""
        if self.amount is None or self.pieces is None:
            return Off(self.rate, self.amount)
        if self.price is None:
            return Off(None, part_of(self.amount, abs(pieces), self.pieces))
        there = min(abs(pieces), self.pieces) * min(alone(line, self.pieces), self.price)
        return Off(None, part_of(self.amount, there, self.pieces * self.price))


class Changed(NamedTuple):
    """A change to a line after it was keyed: its event, the new values of the line's attributes, and its record."""

    event: str
    values: Mapping[str, Any]
    data: LineChange


class Cost(Struct, frozen=True):
    """The cost of some pieces of a line, with the sign of `price`. Fewer pieces have a proportional share.

    Attributes:
        price: their price before any reduction.
        saved: the savings by promotions on that.
        off: the discounts on the rest.
    """

    pieces: int
    price: Minor
    saved: tuple[Saved, ...]
    off: Minor

    def share(self, amount: Minor, quantity: int) -> Minor:
        """Return the share of some pieces in an amount, rounded half up."""
        return Minor(rounded(amount * abs(quantity), self.pieces))


class Fixed(NamedTuple):
    """The fixed cost of a line, by the event that fixed it: it is not worked out anew.

    Attributes:
        price4: the price of a piece then; a later price or choice changes the cost by the difference.
        given: the discount in `cost.off`; a newer one replaces it.
    """

    event: str
    cost: Cost
    price4: Price4
    given: str = ""


_ID: Final = attrgetter("id")
_EVENT: Final = attrgetter("event")


class Line(Struct, frozen=True, dict=True):
    """A line as its events made it. Its pieces only become fewer, and come back by undoing.

    Attributes:
        keyed: the quantity at first.
        taken: the pieces taken off it since.
        voids: its voids; the first counts.
        discounts: the discounts on it; the newest counts.
        notes: its notes; the newest counts.
        price4: the price of a piece, before `modifiers`, its choices.
        asks: the groups that still need a choice before it is paid.
        seat: the number of its guest; `course` that of its course.
        called_at: when its course was fired; None while it waits.
        changes: the changes since it was keyed; of each attribute the newest counts, over `as_keyed`.
        as_keyed: the attributes that changes replaced.
        keyed_by: the till that keyed it.
        keyed_at: when it came on this order, by the clock of the till that keyed it, or carried it here.
        moved: True if another order carries it.
        offers: the promotions that it met when it was keyed.
        fixed: its fixed costs; the newest counts.
        cut_by: the event that cut it from another line.
        sent: True if it was saved on a tab: taking it off then needs a right.
        deposit: True if it bears no discount, as it goes back whole.
    """

    id: str
    terms: Terms
    item_id: str = ""
    name: str = ""
    keyed: int = 0
    price4: Price4 = FREE
    measure: Thousandths | None = None
    unit: str = ""
    taxes: tuple[Tax, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    taken: tuple[TakenOff, ...] = ()
    voids: tuple[Void, ...] = ()
    discounts: tuple[Discount, ...] = ()
    notes: tuple[LineNote, ...] = ()
    asks: tuple[str, ...] = ()
    seat: int | None = None
    course: int | None = None
    called_at: datetime | None = None
    changes: tuple[Changed, ...] = ()
    as_keyed: Mapping[str, Any] = {}
    keyed_by: int | None = None
    keyed_at: datetime | None = None
    moved: bool = False
    offers: tuple[Offer, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    cut_by: str | None = None
    sent: bool = False
    deposit: bool = False

    @property
    def void(self) -> Void | None:
        """The void of the whole line; None if it is not void."""
        return self.voids[0] if self.voids else None

    @property
    def discount(self) -> Discount | None:
        """The discount that counts."""
        return max(self.discounts, key=_ID) if self.discounts else None

    @property
    def noted(self) -> LineNote | None:
        """The note that counts, with its event; None if there is none, or the last one was cleared."""
        newest = max(self.notes) if self.notes else None
        return newest if newest is not None and newest.words else None

    @property
    def note(self) -> str:
        """The text of its note; empty for none."""
        return self.noted.words if self.noted is not None else ""

    @property
    def changed_by(self) -> frozenset[str]:
        """The events of all changes since it was keyed, cuts included."""
        changes = {one.event for one in self.taken} | {one.event for one in self.voids}
        changes |= {one.id for one in self.discounts} | {one.event for one in self.notes}
        return frozenset(changes | {one.event for one in self.changes})

    @property
    def is_overdrawn(self) -> bool:
        """True if more pieces were taken off than there were: two tills took the same ones."""
        return sum(one.pieces for one in self.taken) > abs(self.keyed)

    @property
    def shown_quantity(self) -> int:
        """The pieces to show, also of a void line."""
        if not self.taken:
            return self.keyed
        left = max(0, abs(self.keyed) - sum(one.pieces for one in self.taken))
        return left if self.keyed > 0 else -left

    @property
    def pieces(self) -> int:
        """The pieces that were neither taken off nor voided, whichever order carries the line."""
        return 0 if self.voids else self.shown_quantity

    @cached_property
    def quantity(self) -> int:
        """The pieces that count in this order: none if it is void or another order carries it."""
        return 0 if self.moved else self.pieces

    @cached_property
    def unit_price4(self) -> Price4:
        """The price of one piece (of one measure, for a weighed item) with its modifiers, in ten-thousandths.

        Never below zero: a price and a choice that two tills made apart may not fit.
        """
        if not self.modifiers:
            return max(FREE, self.price4)
        return Price4(max(0, self.price4 + sum(modifier.price4 for modifier in self.modifiers)))

    def with_changes(self, changes: tuple[Changed, ...]) -> Line:
        """Return the line with these changes, in whatever order they came."""
        if not changes and not self.as_keyed:
            return self
        keyed = {name: getattr(self, name) for change in changes for name in change.values} | {**self.as_keyed}
        now = dict(keyed)
        for change in sorted(changes, key=_EVENT):
            now |= change.values
        return replace(self, **now, changes=changes, as_keyed=keyed)

    @property
    def first_price4(self) -> Price4:
        """The price of a piece when it was keyed, before choices."""
        return Price4(self.as_keyed.get("price4", self.price4))

    def amount_of(self, quantity: int) -> Minor:
        """Return the price of some pieces, in minor units, rounded once."""
        return self.terms.currency.amount_of(self.unit_price4, quantity, self.measure)

    def listed_of(self, quantity: int) -> Minor:
        """Return the price of some of its pieces before reductions; their share if the cost is fixed."""
        now = self.amount_of(quantity)
        if (fixed := self.cost_fixed) is None:
            return now
        then = self.terms.currency.amount_of(fixed.price4, quantity, self.measure)
        return Minor(fixed.cost.share(fixed.cost.price, quantity) + now - then)

    @property
    def cost_fixed(self) -> Fixed | None:
        """Its fixed cost; None while it follows from its price."""
        return max(self.fixed) if self.fixed else None

    @property
    def is_plain(self) -> bool:
        """True if its pieces cost exactly their price, whatever they are priced together with."""
        whole = (self.unit_price4 * self.terms.currency.scale) % PRICE_SCALE == 0 and self.measure is None
        return whole and not (self.offers or self.discounts or self.fixed)

    def off_of(self, quantity: int) -> Off | None:
        """Return the reduction of its discount on some pieces."""
        given, fixed = self.discount, self.cost_fixed
        if given is None or fixed is None or fixed.given != given.id:
            return None if given is None else given.off_pieces(self, quantity)
        cost, share = fixed.cost, fixed.cost.share
        saved = sum(share(one.amount, quantity) for one in cost.saved)
        price = Minor(abs(bearing_of(self, quantity, share(cost.price, quantity)) - saved))
        grows = given.rate is not None or given.price is not None  # a named amount of the venue comes off any price
        return Off(None, Minor(abs(share(cost.off, quantity))), (price or None) if grows else None)

    @cached_property
    def key(self) -> str:
        """Equal for lines that are shown and sold as one: item, price, modifiers, note, and the same direction."""
        own = self.id if self.fixed or self.measure is not None else ""
        if self.deposit:
            own = f"{own}deposit"
        if self.discount:
            own = f"{own}{self.discount.key}"
        if self.offers:
            own = f"{own}{self.offers}"
        sign = "-" if self.keyed < 0 else "+"
        made = f"{self.modifiers}|{self.asks}|{self.seat}|{self.course}|{self.called_at is not None}"
        return f"{self.item_id}|{self.name}|{self.price4}|{sign}|{made}|{_key_of(self.taxes)}|{own}|{self.note}"

    @property
    def row(self) -> Row:
        """The row of this line alone, reused while anything refers to it: at each key all lines but one are unchanged.

        The line holds it by a weak reference: a cycle would stay in memory until the garbage collector runs.
        """
        known: ref[Row] | None = self.__dict__.get("row")
        row = known() if known is not None else None
        if row is None:
            row = make_row((self,))
            self.__dict__["row"] = ref(row)
        return row


@lru_cache(maxsize=1024)
def _key_of(taxes: tuple[Tax, ...]) -> str:
    """Return the key of a line's taxes. It is cached: formatting is slow, and a menu has few groups."""
    return str(taxes)


class Row(Struct, frozen=True, dict=True, weakref=True):
    """Equal lines as one, rounded once.

    Attributes:
        listed: their price before discounts, in minor units.
        discount: all reductions together, with the sign of `listed`.
        taxed: net, taxes and gross of the rest.
        saved: the savings by promotions within `discount`.
        own: the part of its own discount within `discount`.
    """

    lines: tuple[Line, ...]
    quantity: int
    listed: Minor
    discount: Minor
    taxed: Taxed
    saved: tuple[Saved, ...] = ()
    own: Minor = NOTHING

    @property
    def undiscounted(self) -> Minor:
        """Its price after promotions, before any discount."""
        return Minor(self.listed - sum(one.amount for one in self.saved))

    @property
    def firm(self) -> Minor:
        """The part of its price that bears no discount: its levies, and all of a deposit."""
        return Minor(self.listed - bearing_of(self.first, self.quantity, self.listed))

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The taxes that it bears."""
        return self.lines[0].taxes

    @property
    def item(self) -> Item:
        """Its item as a sale is priced."""
        return _item(self.lines[0], self.quantity, self.listed, Minor(self.listed - self.undiscounted))

    @property
    def first(self) -> Line:
        """The line that represents all: they are equal in item, price, modifiers and note."""
        return self.lines[0]

    @property
    def amount(self) -> Minor:
        """The amount on the right of the screen: after its own discount and its share of the order's."""
        return Minor(self.listed - self.discount)

    @property
    def line_ids(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """The row in a snapshot. It is kept: each push shows all rows, and most are unchanged."""
        return shown_row(self.first, self.line_ids, self.quantity, self.amount)


def shown_row(
    line: Line, line_ids: Sequence[str], quantity: int, amount: Minor, *, voided: bool = False
) -> dict[str, Any]:
    """Return an entry of a snapshot's `items`: lines like `line`, how many pieces, and their amount in minor units."""
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
    if line.measure is not None:
        shown |= {"measure": line.measure, "unit": line.unit}
    return shown | {"note": line.note} if line.note else shown


def make_row(lines: Sequence[Line], saved: tuple[Saved, ...] | None = None) -> Row:
    """Price equal lines as one row: rounded once, promotions and then their own discount off, taxed by itself.

    `saved` are the savings by promotions, if they were worked out with other rows.
    """
    first = lines[0]
    quantity = first.quantity if len(lines) == 1 else sum(line.quantity for line in lines)
    listed = first.listed_of(quantity)
    if saved is None:
        saved = _saved_alone(first, quantity, listed) if first.offers or first.fixed else ()
    cut = sum_of(one.amount for one in saved) if saved else NOTHING
    own, taxed = price_item(_item(first, quantity, listed, cut), first.terms.rules)
    return Row(tuple(lines), quantity, listed, Minor(cut + own), taxed, saved, own)


def _item(line: Line, quantity: int, listed: Minor, saved: Minor) -> Item:
    """Return a row of lines like this one, as a sale is priced."""
    return Item(listed, quantity, line.taxes, line.off_of(quantity), saved=saved, deposit=line.deposit)


def _saved_alone(line: Line, quantity: int, listed: Minor) -> tuple[Saved, ...]:
    """Return the savings by promotions on a row like a line, without regard to others."""
    if (fixed := line.cost_fixed) is None:
        return save_alone(ware_of(line, quantity, listed), line.terms.currency)
    room, saved = listed, list[Saved]()
    for one in fixed.cost.saved:
        off = fixed.cost.share(one.amount, quantity)
        off = max(off, room) if quantity < 0 else min(off, room)  # its price may have changed since
        room = Minor(room - off)
        saved += [Saved(one.name, off)] if off else []
    return tuple(saved)


def bearing_of(line: Line, quantity: int, listed: Minor) -> Minor:
    """Return the part of the price of some pieces that bears discounts: all but their levies, and none of a deposit."""
    if line.deposit:
        return NOTHING
    return Minor(listed - firm_of(listed, line.taxes, quantity, included=line.terms.included))


def alone(line: Line, pieces: int) -> Minor:
    """Return the price of some pieces by themselves, without their levies."""
    return bearing_of(line, pieces, line.amount_of(pieces))


def ware_of(line: Line, quantity: int, listed: Minor) -> Ware:
    """Return a row of lines like this one, as promotions see it."""
    return bare_ware(
        line.item_id,
        line.unit_price4,
        quantity,
        bearing_of(line, quantity, listed),
        listed,
        line.offers,
        line.terms.currency,
        weighed=line.measure is not None,
    )
