"""A line of an order, and the row of equal lines that is priced, shown and sold as one."""

from __future__ import annotations

from functools import cached_property, lru_cache, reduce
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import ref

from msgspec import Struct

from till.domain.money.amount import PRICE_SCALE, spread
from till.domain.money.basket import BasketItem, firm_of, price_item
from till.domain.money.discount import Off, part_of
from till.domain.money.measures import FREE, NOTHING, Millionths, Minor, Price4, Thousandths, sum_of
from till.domain.money.promotion import Offer, Saved, Ware, save_alone
from till.domain.money.promotion import ware_of as bare_ware
from till.domain.money.rounding import divide_and_round
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from till.domain.money.tax import Tax, Taxed, TypeRate
    from till.domain.order.events import DiscountKind, LineChange
    from till.domain.order.terms import Terms


class Modifier(Struct, frozen=True):
    """A modifier of a line: its name, the price that it adds to a piece (in ten-thousandths), and its menu group."""

    name: str
    price4: Price4
    group: str = ""


class TakenOff(Struct, frozen=True):
    """Pieces taken off a line, and the event that did it. The pieces of a `cut` belong to another line."""

    event: str
    pieces: int
    cut: bool = False


class Void(Struct, frozen=True):
    """The void of a line: its event, reason and time."""

    event: str
    reason: str
    at: datetime


class LineNote(NamedTuple):
    """A note on a line, and its event. Empty words clear the note."""

    event: str
    words: str


class Send(NamedTuple):
    """Pieces of a line on a kitchen ticket, with the dish as the ticket has it. A cut moves them to the new line.

    Attributes:
        event: the event of the ticket, or the cut.
        station: the station that makes them.
        ticket: the number of the ticket.
        pieces: the pieces to make; negative if they are not to be made, 0 if their number stays.
        choices: the names of the modifiers.
        note: the event of the note; None without a note.
        place: the tab of the order; None without one.
        head: the words of the ticket's head; empty if it had none, or came from a till that writes none.
    """

    event: str
    station: str
    ticket: str
    pieces: int
    item_id: str
    choices: tuple[str, ...] = ()
    note: str | None = None
    place: str | None = None
    head: str = ""


class Discount(Struct, frozen=True):
    """A discount on a line, or on the order if `line_id` is None. `id` is the id of its event.

    It has either a `rate` in millionths or an `amount` in minor units. `kind`, `name` and `share_of` as in
    `discount_applied`.

    Attributes:
        pieces: the number of pieces of the line that an amount applies to; None for all.
        price: the price of those pieces, or of the order, when the discount was given; None if the amount comes off any
            price.
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
    share_of: str | None = None

    @property
    def key(self) -> str:
        """The key of the discount. Lines with equal keys may share a row; a discount by amount has a key of its own."""
        return (
            f"{self.id} {self.line_id}" if self.rate is None else f"{self.rate} {self.kind} {self.name} {self.reason}"
        )

    @property
    def is_limited(self) -> bool:
        """True if a person's discount limit applies. A named discount of the venue needs no right."""
        return self.kind == "discount" and not self.name

    @property
    def off(self) -> Off:
        """The reduction of the whole order."""
        return Off(self.rate, self.amount, self.price)

    def off_pieces(self, line: Line, pieces: int) -> Off:
        """Return the reduction of some pieces of the line: in proportion, if they are fewer or cheaper."""
        if self.amount is None or self.pieces is None:
            return Off(self.rate, self.amount)
        if self.price is None:
            return Off(None, part_of(self.amount, abs(pieces), self.pieces))
        covered = min(abs(pieces), self.pieces) * min(alone(line, self.pieces), self.price)
        return Off(None, part_of(self.amount, covered, self.pieces * self.price))


class LineRevision(NamedTuple):
    """A change of a line after it was keyed: the event, the new values of attributes, and the record."""

    event: str
    values: Mapping[str, Any]
    data: LineChange


class Cost(Struct, frozen=True):
    """The cost of some pieces of a line. All amounts have the sign of `price`.

    Attributes:
        price: the price before reductions.
        saved: the savings by promotions.
        off: the discounts on the rest.
    """

    pieces: int
    price: Minor
    saved: tuple[Saved, ...]
    off: Minor

    def share(self, amount: Minor, quantity: int) -> Minor:
        """Return the share of `quantity` pieces in an amount, rounded half up."""
        return Minor(divide_and_round(amount * abs(quantity), self.pieces))


class Fixed(NamedTuple):
    """The fixed cost of a line, which is not recalculated, and the event that fixed it.

    Attributes:
        price4: the price of a piece at that time. A later price or modifier changes the cost by the difference.
        given: the ids of the discounts in `cost.off`. A newer discount replaces them.
    """

    event: str
    cost: Cost
    price4: Price4
    given: tuple[str, ...] = ()


_ID: Final = attrgetter("id")
_EVENT: Final = attrgetter("event")


class Line(Struct, frozen=True, dict=True):
    """A line of an order, folded from its events. Its pieces only decrease; undoing an event restores them.

    Attributes:
        keyed: the quantity keyed at first; negative for a return.
        price4: the price of a piece before modifiers, in ten-thousandths.
        measure: the measure of a piece of a weighed item, in thousandths of `unit`; None for any other item.
        taken: the pieces taken off since the line was keyed.
        voids: the voids of the line; the first one counts.
        discounts: the discounts on the line; `given` are those that count.
        notes: the notes on the line; the newest counts.
        asks: the groups that need a choice before payment.
        seat: the number of the guest.
        course: the number of the course.
        fired_at: the time at which the course was fired; None if it was not.
        changes: the changes since the line was keyed; for each attribute the newest counts.
        as_keyed: the original values of changed attributes.
        keyed_by: the till that keyed the line.
        keyed_at: the time at which the line was keyed on this order or moved to it, by the clock of that till.
        moved: True if the line has moved to another order.
        offers: the promotions that applied when the line was keyed.
        fixed: the fixed costs of the line; the newest counts.
        cut_by: the event that cut the line from another one.
        sent: True if the line was saved on a tab. Taking it off needs a right.
        sends: the kitchen tickets with pieces of the line, oldest first.
        deposit: True for a deposit, which is returned in full and never discounted.
        combos: the combos that it may be part of; while it is keyed, those of `offers` with slots are too.
        by_type: its taxes and prices by order type; `taxes` and `price4` are those in force.
        own_type: its order type, if somebody set one; empty if it is that of the order.
        order_type: the type of its order, by which it was rated last.
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
    fired_at: datetime | None = None
    changes: tuple[LineRevision, ...] = ()
    as_keyed: Mapping[str, Any] = {}
    keyed_by: int | None = None
    keyed_at: datetime | None = None
    moved: bool = False
    offers: tuple[Offer, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    cut_by: str | None = None
    sent: bool = False
    deposit: bool = False
    sends: tuple[Send, ...] = ()
    combos: tuple[Offer, ...] = ()
    by_type: tuple[TypeRate, ...] = ()
    own_type: str = ""
    order_type: str = ""

    @property
    def void(self) -> Void | None:
        """The void of the whole line; None if it is not void."""
        return self.voids[0] if self.voids else None

    @property
    def discount(self) -> Discount | None:
        """The newest discount."""
        return max(self.discounts, key=_ID) if self.discounts else None

    @property
    def given(self) -> tuple[Discount, ...]:
        """The discounts that count, oldest first: the newest, and each one that it counts beside."""
        counted: list[Discount] = []
        for one in sorted(self.discounts, key=_ID, reverse=True):
            counted.append(one)
            if one.share_of is None:
                break
        return tuple(reversed(counted))

    @property
    def given_ids(self) -> tuple[str, ...]:
        """The ids of the discounts that count."""
        return tuple(one.id for one in self.given)

    @property
    def noted(self) -> LineNote | None:
        """The newest note and its event; None if there is none or it was cleared."""
        newest = max(self.notes) if self.notes else None
        return newest if newest is not None and newest.words else None

    @property
    def note(self) -> str:
        """The text of the note; empty if there is none."""
        return self.noted.words if self.noted is not None else ""

    @cached_property
    def pieces_sent(self) -> int:
        """The number of pieces that the station of the line has to make by its tickets.

        It never falls below zero: two tills may have sent the same void.
        """
        return reduce(lambda sent, one: max(0, sent + one.pieces), self.sends, 0)

    @property
    def is_sent(self) -> bool:
        """True if the line was saved on a tab, or the kitchen has it. Taking it off needs a right (`as_ticketed`)."""
        return self.sent or bool(self.pieces_sent)

    @property
    def is_overdrawn(self) -> bool:
        """True if more pieces were taken off than were keyed: two tills took the same pieces off."""
        return sum(one.pieces for one in self.taken) > abs(self.keyed)

    @property
    def shown_quantity(self) -> int:
        """The quantity to show, even if the line is void."""
        if not self.taken:
            return self.keyed
        left = max(0, abs(self.keyed) - sum(one.pieces for one in self.taken))
        return left if self.keyed > 0 else -left

    @property
    def pieces(self) -> int:
        """The quantity that was neither taken off nor voided, even if the line has moved to another order."""
        return 0 if self.voids else self.shown_quantity

    @cached_property
    def quantity(self) -> int:
        """The quantity that counts on this order: 0 if the line is void or has moved."""
        return 0 if self.moved else self.pieces

    @cached_property
    def unit_price4(self) -> Price4:
        """The price of one piece with modifiers, in ten-thousandths; of one unit of measure for a weighed item.

        Never negative: two offline tills may set a price and a modifier that do not fit together.
        """
        if not self.modifiers:
            return max(FREE, self.price4)
        return Price4(max(0, self.price4 + sum(modifier.price4 for modifier in self.modifiers)))

    def with_changes(self, changes: tuple[LineRevision, ...]) -> Line:
        """Return the line with these changes, which may be in any order."""
        if not changes and not self.as_keyed:
            return self
        names = {name for change in changes for name in change.values}
        if "by_type" in names:
            names |= {"taxes", "price4"}
        keyed = {name: getattr(self, name) for name in names} | {**self.as_keyed}
        now = dict(keyed)
        for change in sorted(changes, key=_EVENT):
            now |= change.values
        after = replace(self, **now, changes=changes, as_keyed=keyed)
        return after.rated() if after.by_type else after

    def rated(self, **types: Any) -> Line:
        """Return the line with another `own_type` or `order_type`, and the taxes and price by them.

        A price by hand stays.
        """
        line = replace(self, **types) if types else self
        rate, price4 = line.rate, line.price4 if line.is_priced_by_hand else line.usual_price4
        return replace(line, taxes=line.first_taxes if rate is None else rate.taxes, price4=price4)

    @property
    def rate(self) -> TypeRate | None:
        """The taxes and price of its order type; None if they are as keyed."""
        return next((one for one in self.by_type if one.order_type == (self.own_type or self.order_type)), None)

    @property
    def usual_price4(self) -> Price4:
        """The price of a piece before modifiers, unless a person changed it: by order type, or as it was keyed.

        A fixed cost keeps the price that it was fixed at.
        """
        fixed, is_priced = self.cost_fixed, any(one.price4 is not None for one in self.by_type)
        if fixed is None or not is_priced:
            price4 = self.rate.price4 if self.rate is not None else None
            return self.first_price4 if price4 is None else price4
        modifiers = self.as_keyed.get("modifiers", self.modifiers)
        for change in sorted(self.changes, key=_EVENT):
            if change.event < fixed.event:
                modifiers = change.values.get("modifiers", modifiers)
        return Price4(fixed.price4 - sum(one.price4 for one in modifiers))

    @property
    def first_price4(self) -> Price4:
        """The price of a piece when it was keyed, before modifiers: the item's own, whatever the order type."""
        return Price4(self.as_keyed.get("price4", self.price4))

    @property
    def first_taxes(self) -> tuple[Tax, ...]:
        """The taxes that it was keyed with."""
        taxes: tuple[Tax, ...] = self.as_keyed.get("taxes", self.taxes)
        return taxes

    @property
    def is_priced_by_hand(self) -> bool:
        """True if a person changed its price after it was keyed."""
        return any("price4" in one.values for one in self.changes)

    def amount_of(self, quantity: int) -> Minor:
        """Return the price of `quantity` pieces in minor units, rounded once."""
        return self.terms.currency.amount_of(self.unit_price4, quantity, self.measure)

    def listed_of(self, quantity: int) -> Minor:
        """Return the price of `quantity` pieces before reductions: their share, if the cost is fixed."""
        now = self.amount_of(quantity)
        if (fixed := self.cost_fixed) is None:
            return now
        then = self.terms.currency.amount_of(fixed.price4, quantity, self.measure)
        return Minor(fixed.cost.share(fixed.cost.price, quantity) + now - then)

    @property
    def cost_fixed(self) -> Fixed | None:
        """The newest fixed cost; None if the cost follows from the price."""
        return max(self.fixed) if self.fixed else None

    @property
    def all_offers(self) -> tuple[Offer, ...]:
        """The promotions that applied when it was keyed, combos too."""
        return (*self.offers, *self.combos) if self.combos else self.offers

    @property
    def is_plain(self) -> bool:
        """True if the pieces always cost exactly their price, whatever order they are on."""
        whole = (self.unit_price4 * self.terms.currency.scale) % PRICE_SCALE == 0 and self.measure is None
        is_rated = any(one.price4 is not None for one in self.by_type)
        return whole and not (self.all_offers or self.discounts or self.fixed or is_rated)

    def off_of(self, quantity: int) -> Off | None:
        """Return the reduction of `quantity` pieces by the line's discounts; None if it has none."""
        given, fixed = self.given, self.cost_fixed
        if not given:
            return None
        if fixed is None or fixed.given != self.given_ids:
            offs = [one.off_pieces(self, quantity) for one in given]
            return reduce(lambda then, off: replace(off, then=then), reversed(offs))
        cost, share = fixed.cost, fixed.cost.share
        saved = sum(share(one.amount, quantity) for one in cost.saved)
        price = Minor(abs(bearing_of(self, quantity, share(cost.price, quantity)) - saved))
        # the amount of a named discount comes off any price
        grows = any(one.rate is not None or one.price is not None for one in given)
        return Off(None, Minor(abs(share(cost.off, quantity))), (price or None) if grows else None)

    @cached_property
    def key(self) -> str:
        """The key of the row. Lines with equal item, price, modifiers, note and sign are shown and sold as one."""
        own = self.id if self.fixed or self.measure is not None else ""
        if self.deposit:
            own = f"{own}deposit"
        if self.discount:
            own = f"{own}{self.discount.key}"
        if offers := self.all_offers:
            own = f"{own}{offers}"
        price4, taxes = self.price4, self.taxes
        if self.own_type:
            own = f"{own}{self.own_type}"
        if self.by_type:  # as they were said: another type of the order joins and tears no row
            by_hand, taxes = self.is_priced_by_hand, self.first_taxes
            price4 = price4 if by_hand else self.first_price4
            own = f"{own}{by_hand}{_key_of(self.by_type)}"
        sign = "-" if self.keyed < 0 else "+"
        options = f"{self.modifiers}|{self.asks}|{self.seat}|{self.course}|{self.fired_at is not None}"
        return f"{self.item_id}|{self.name}|{price4}|{sign}|{options}|{_key_of(taxes)}|{own}|{self.note}"

    @property
    def row(self) -> Row:
        """The row of this line alone. It is cached, because at each key all lines but one are unchanged.

        The reference is weak: a cycle would stay in memory until the garbage collector runs.
        """
        known: ref[Row] | None = self.__dict__.get("row")
        row = known() if known is not None else None
        if row is None:
            row = make_row((self,))
            self.__dict__["row"] = ref(row)
        return row

    def row_saved(self, saved: tuple[Saved, ...]) -> Row:
        """Return the row of this line alone with savings by promotions on several lines; cached like `row`.

        It keeps that row alive, which the next fold begins with.
        """
        known: ref[Row] | None = self.__dict__.get("saved_row")
        row = known() if known is not None else None
        if row is None or row.saved != saved:
            row = make_row((self,), saved)
            row.__dict__["base"] = self.row
            self.__dict__["saved_row"] = ref(row)
        return row


@lru_cache(maxsize=1024)
def _key_of(taxes: tuple[Tax | TypeRate, ...]) -> str:
    """Return the key of a line's taxes. Cached, because formatting is slow and a menu has few tax groups."""
    return str(taxes)


class Row(Struct, frozen=True, dict=True, weakref=True):
    """Equal lines as one row, rounded once.

    Attributes:
        listed: the price before reductions, in minor units.
        discount: the sum of all reductions, with the sign of `listed`.
        taxed: net, taxes and gross after reductions.
        saved: the savings by promotions, which `discount` includes.
        own: the discount on the lines themselves, which `discount` includes.
    """

    lines: tuple[Line, ...]
    quantity: int
    listed: Minor
    discount: Minor
    taxed: Taxed
    saved: tuple[Saved, ...] = ()
    own: Minor = NOTHING

    @property
    def offs(self) -> tuple[tuple[Discount, Minor], ...]:
        """The discounts on the lines themselves, oldest first, each with its part of `own`."""
        given = self.first.given
        if len(given) == 1:
            return ((given[0], self.own),)
        price = Minor(self.undiscounted - self.firm)
        parts = [abs(one.off_pieces(self.first, self.quantity).of(price)) for one in given]
        if given and given[0].share_of is None:  # the shares are amounts, and this one the rest
            parts[0] = max(0, abs(self.own) - sum(parts[1:]))
        return tuple(zip(given, spread(self.own, parts), strict=True))

    @property
    def undiscounted(self) -> Minor:
        """The price after promotions, before discounts."""
        return Minor(self.listed - sum(one.amount for one in self.saved))

    @property
    def firm(self) -> Minor:
        """The part of the price that is never discounted: levies and deposits."""
        return Minor(self.listed - bearing_of(self.first, self.quantity, self.listed))

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The taxes on the row."""
        return self.lines[0].taxes

    @property
    def item(self) -> BasketItem:
        """The row as an item for pricing."""
        return _item(self.lines[0], self.quantity, self.listed, Minor(self.listed - self.undiscounted))

    @property
    def first(self) -> Line:
        """The first line, which stands for all: they have equal item, price, modifiers and note."""
        return self.lines[0]

    @property
    def amount(self) -> Minor:
        """The amount shown on screen: after all reductions, including the share of discounts on the order."""
        return Minor(self.listed - self.discount)

    @property
    def line_ids(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)

    @cached_property
    def ware(self) -> Ware:
        """The row in the form that promotions use; nothing of a row with a fixed cost."""
        if self.first.fixed:
            return ware_of(self.first, 0, NOTHING)
        return ware_of(self.first, self.quantity, self.listed)

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """The row in a snapshot. Cached, because each push contains all rows and most are unchanged."""
        sent = sum(line.pieces_sent for line in self.lines)
        return shown_row(self.first, self.line_ids, self.quantity, self.amount, sent=sent)


def shown_row(
    line: Line, line_ids: Sequence[str], quantity: int, amount: Minor, *, voided: bool = False, sent: int = 0
) -> dict[str, Any]:
    """Return an entry of a snapshot's `items`: lines equal to `line`, with their quantity and amount in minor units.

    `sent` is the number of its pieces on tickets of the kitchen.
    """
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
    if sent:
        shown["sent"] = sent
    if line.course:
        shown["course"] = line.course
    if line.own_type:
        shown["order_type"] = line.own_type
    return shown | {"note": line.note} if line.note else shown


def make_row(lines: Sequence[Line], saved: tuple[Saved, ...] | None = None) -> Row:
    """Price equal lines as one row: promotions first, then the lines' discount, then tax; rounded once.

    `saved` are the savings by promotions; None to apply the promotions to this row alone.
    """
    first = lines[0]
    quantity = first.quantity if len(lines) == 1 else sum(line.quantity for line in lines)
    listed = first.listed_of(quantity)
    if saved is None:
        saved = _saved_alone(first, quantity, listed) if first.offers or first.fixed else ()
    cut = sum_of(one.amount for one in saved) if saved else NOTHING
    own, taxed = price_item(_item(first, quantity, listed, cut), first.terms.rules)
    return Row(tuple(lines), quantity, listed, Minor(cut + own), taxed, saved, own)


def _item(line: Line, quantity: int, listed: Minor, saved: Minor) -> BasketItem:
    """Return a row of equal lines as an item for pricing."""
    return BasketItem(listed, quantity, line.taxes, line.off_of(quantity), saved=saved, deposit=line.deposit)


def _saved_alone(line: Line, quantity: int, listed: Minor) -> tuple[Saved, ...]:
    """Return the savings by promotions on a row priced alone."""
    if (fixed := line.cost_fixed) is None:
        return save_alone(ware_of(line, quantity, listed), line.terms.currency)
    room, saved = listed, list[Saved]()
    for one in fixed.cost.saved:
        off = fixed.cost.share(one.amount, quantity)
        off = max(off, room) if quantity < 0 else min(off, room)  # the price may have changed since
        room = Minor(room - off)
        saved += [Saved(one.name, off)] if off else []
    return tuple(saved)


def bearing_of(line: Line, quantity: int, listed: Minor) -> Minor:
    """Return the part of the price of some pieces that may be discounted: not levies, and nothing of a deposit."""
    if line.deposit:
        return NOTHING
    return Minor(listed - firm_of(listed, line.taxes, quantity, included=line.terms.included))


def alone(line: Line, pieces: int) -> Minor:
    """Return the price of some pieces priced alone, without levies."""
    return bearing_of(line, pieces, line.amount_of(pieces))


def ware_of(line: Line, quantity: int, listed: Minor) -> Ware:
    """Return a row of equal lines in the form that promotions use."""
    return bare_ware(
        line.item_id,
        line.unit_price4,
        quantity,
        bearing_of(line, quantity, listed),
        listed,
        line.offers if line.discounts or line.is_priced_by_hand else line.all_offers,
        line.terms.currency,
        weighed=line.measure is not None,
        choices4=Price4(line.unit_price4 - max(FREE, line.price4)),
        key=line.key,
    )
