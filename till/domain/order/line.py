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
from till.domain.order.events import DiscountKind, ItemAdded, KeptSaving, LineModifier, MovedLine, PromotionTerms
from till.domain.order.terms import taxes_from, taxes_in
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.money.amount import Currency
    from till.domain.money.tax import Tax, Taxed
    from till.domain.order.terms import Terms


class Modifier(NamedTuple):
    """A choice on a line: its words, what it adds to the unit price in ten-thousandths, and the menu's group of it."""

    name: str
    price4: Price4
    group: str = ""


class TakenOff(NamedTuple):
    """That pieces were taken off a line, by the event that did it; of a `cut` another line has them, for good."""

    event: str
    pieces: int
    cut: bool = False


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

    One of `rate` (millionths) and `amount` (minor units). `kind` and `name` as in `discount_applied`.

    Attributes:
        pieces: how many of its line an amount is for; None for however many there are.
        price: what those pieces, or the order, came to then; None for whatever they come to.
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
        """Equal for discounts of which several lines may be one row; one by amount is for its line alone."""
        return (
            f"{self.id} {self.line_id}" if self.rate is None else f"{self.rate} {self.kind} {self.name} {self.reason}"
        )

    @property
    def off(self) -> Off:
        """What it takes off an order."""
        return Off(self.rate, self.amount, self.price)

    def off_pieces(self, line: Line, pieces: int) -> Off:
        """What it takes off so many pieces of its line: of an amount for more, or for dearer ones, their part."""
        if self.amount is None or self.pieces is None:
            return Off(self.rate, self.amount)
        if self.price is None:
            return Off(None, part_of(self.amount, abs(pieces), self.pieces))
        there = min(abs(pieces), self.pieces) * min(alone(line, self.pieces), self.price)
        return Off(None, part_of(self.amount, there, self.pieces * self.price))


class Changed(NamedTuple):
    """What was made of a line after it was keyed, by the event that did it; None of what it says nothing.

    Attributes:
        price4: what a piece costs instead, before choices.
        seat, course: 0 for none any more.
        reason: why; `approved_by` is who said yes, where somebody was asked.
    """

    event: str
    modifiers: tuple[Modifier, ...] | None = None
    asks: tuple[str, ...] | None = None
    price4: Price4 | None = None
    seat: int | None = None
    course: int | None = None
    reason: str = ""
    approved_by: int | None = None


class AsKeyed(NamedTuple):
    """What of a line may be changed, as it was when it was keyed."""

    price4: Price4
    modifiers: tuple[Modifier, ...]
    asks: tuple[str, ...]
    seat: int | None
    course: int | None


class Kept(NamedTuple):
    """What promotions saved on so many pieces of a line when its lot was torn apart, by the event that tore it.

    Attributes:
        after: how many pieces of its row came before it then: the lines cost together what the row cost.
    """

    event: str
    pieces: int
    saved: tuple[Saved, ...]
    after: int = 0


_ID: Final = attrgetter("id")
_EVENT: Final = attrgetter("event")


class Line(Struct, frozen=True, dict=True):
    """A line as its events made it. It is whole: its pieces only become fewer, and come back by an undoing.

    Attributes:
        keyed: the quantity at first.
        taken: what was taken off it since.
        voids: that it was taken off as a whole; the first counts.
        discounts: what was given on it; the newest counts.
        notes: what was wished of it; the newest stands.
        price4: what a piece costs, before `modifiers`, which are what was chosen.
        asks: the groups of which a choice is still needed before it is paid for.
        seat: the guest whose it is; `course` with which it comes.
        changes: what made those other than they were keyed; of each the newest stands, over `as_keyed`.
        keyed_by: the till that keyed it.
        keyed_at: when it came on this order, by the clock of the till that keyed it, or carried it here.
        moved: whether another order carries it.
        offers: the promotions that it met when it was keyed.
        kept: what they save on it since its lot was torn apart; the newest counts.
        cut_by: the event that cut it from another line.
        after: how many pieces come before its own in the row that it was priced with: that row was rounded once.
        sent: whether it was saved on a tab: what is taken off it then needs a right.
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
    asks: tuple[str, ...] = ()
    seat: int | None = None
    course: int | None = None
    changes: tuple[Changed, ...] = ()
    as_keyed: AsKeyed | None = None
    keyed_by: int | None = None
    keyed_at: datetime | None = None
    moved: bool = False
    offers: tuple[Offer, ...] = ()
    kept: tuple[Kept, ...] = ()
    cut_by: str | None = None
    after: int = 0
    sent: bool = False

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
    def changed_by(self) -> frozenset[str]:
        """The events of all that was done to it since it was keyed, cuts too."""
        changes = {one.event for one in self.taken} | {one.event for one in self.voids}
        changes |= {one.id for one in self.discounts} | {one.event for one in self.notes}
        return frozenset(changes | {one.event for one in self.changes})

    @property
    def is_overdrawn(self) -> bool:
        """Whether more was taken off than there was: two tills took the same pieces off."""
        return sum(one.pieces for one in self.taken) > abs(self.keyed)

    @property
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
        """The price of one piece (of one measure, for a weighed good) with its modifiers, in ten-thousandths.

        Never below nothing: a price and a choice that two tills made apart may not fit.
        """
        if not self.modifiers:
            return max(FREE, self.price4)
        return Price4(max(0, self.price4 + sum(modifier.price4 for modifier in self.modifiers)))

    def with_changes(self, changes: tuple[Changed, ...]) -> Line:
        """The line as these changes make it, in whatever order they came."""
        if not changes and self.as_keyed is None:
            return self
        keyed = self.as_keyed or AsKeyed(self.price4, self.modifiers, self.asks, self.seat, self.course)
        now = keyed._asdict()
        for change in sorted(changes, key=_EVENT):
            now |= {part: said for part in AsKeyed._fields if (said := getattr(change, part)) is not None}
        now |= {"seat": now["seat"] or None, "course": now["course"] or None}
        return replace(self, **now, changes=changes, as_keyed=keyed)

    @property
    def first_price4(self) -> Price4:
        """What a piece cost when it was keyed, before choices."""
        return self.price4 if self.as_keyed is None else self.as_keyed.price4

    def amount_of(self, quantity: int) -> Minor:
        """What so many pieces come to, in minor units, rounded once."""
        return self.terms.currency.amount_of(self.unit_price4, quantity, self.measure)

    def listed_of(self, quantity: int, place: int = 0) -> Minor:
        """What so many of its pieces cost, behind others of its row: their part of what was rounded once."""
        if not (pieces := self.behind + place):
            return self.amount_of(quantity)
        before = -pieces if self.keyed < 0 else pieces
        return Minor(self.amount_of(before + quantity) - self.amount_of(before))

    @property
    def behind(self) -> int:
        """How many pieces come before its own in the rows that it was priced with."""
        return self.after + self.torn_after

    @property
    def torn_after(self) -> int:
        """How many of these were of the row of which it was torn off."""
        return max(self.kept).after if self.kept else 0

    @property
    def _place(self) -> int:
        """Where its pieces stand in the row that they were priced with, where that makes a difference."""
        whole = (self.unit_price4 * self.terms.currency.scale) % PRICE_SCALE == 0
        return 0 if whole and self.measure is None else self.behind

    @cached_property
    def key(self) -> str:
        """Equal for lines that are shown and sold as one: item, price, modifiers, note, and the same direction."""
        own = self.id if self.kept or self.measure is not None else ""
        if self.discount:
            own = f"{own}{self.discount.key}"
        if self.offers:
            own = f"{own}{self.offers}"
        sign = "-" if self.keyed < 0 else "+"
        own = f"{own}|{self._place}"
        made = f"{self.modifiers}|{self.asks}|{self.seat}|{self.course}"
        return f"{self.item_id}|{self.name}|{self.price4}|{sign}|{made}|{_key_of(self.taxes)}|{own}|{self.note}"

    @property
    def row(self) -> Row:
        """The row of this line alone; the same while anybody has it, for at each key all lines but one are as before.

        The line has no hold of it: a ring of the two would stay in memory until Python looks for rings.
        """
        known: ref[Row] | None = self.__dict__.get("row")
        row = known() if known is not None else None
        if row is None:
            row = make_row((self,))
            self.__dict__["row"] = ref(row)
        return row


@lru_cache(maxsize=1024)
def _key_of(taxes: tuple[Tax, ...]) -> str:
    """What of the key of a line is its taxes: a menu has few groups of them, and to write one takes a while."""
    return str(taxes)


class Row(Struct, frozen=True, dict=True, weakref=True):
    """Equal lines as one, rounded once.

    Attributes:
        listed: what they cost before discounts, in minor units.
        discount: what came off it altogether, with the sign of `listed`.
        taxed: net, taxes and gross of what is left.
        saved: what promotions took off of that.
        own: what its own discount took off of that.
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
        """What it costs after promotions, before anything that somebody gave."""
        return Minor(self.listed - sum(one.amount for one in self.saved))

    @property
    def firm(self) -> Minor:
        """What of its price bears no discount: the levies that are in it."""
        return Minor(self.listed - bearing_of(self.first, self.quantity, self.listed))

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The taxes that it bears."""
        return self.lines[0].taxes

    @property
    def item(self) -> Item:
        """What is sold in it, as a sale is priced."""
        return _item(self.lines[0], self.quantity, self.listed, Minor(self.listed - self.undiscounted))

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


def make_row(lines: Sequence[Line], saved: tuple[Saved, ...] | None = None) -> Row:
    """Price equal lines as one row: rounded once, promotions and then their own discount off, taxed by itself.

    `saved` is what promotions save on it, where that was worked out with other rows.
    """
    first = lines[0]
    quantity = first.quantity if len(lines) == 1 else sum(line.quantity for line in lines)
    listed = first.listed_of(quantity)
    if saved is None:
        saved = _saved_alone(first, quantity, listed) if first.offers or first.kept else ()
    cut = sum_of(one.amount for one in saved) if saved else NOTHING
    own, taxed = price_item(_item(first, quantity, listed, cut), first.terms.rules)
    return Row(tuple(lines), quantity, listed, Minor(cut + own), taxed, saved, own)


def _item(line: Line, quantity: int, listed: Minor, saved: Minor) -> Item:
    """A row of lines like this one, as a sale is priced."""
    off = line.discount.off_pieces(line, quantity) if line.discount else None
    return Item(listed, quantity, line.taxes, off, saved=saved)


def _saved_alone(line: Line, quantity: int, listed: Minor) -> tuple[Saved, ...]:
    """What promotions save on a row like a line, without a look at others."""
    if not line.kept:
        return save_alone(ware_of(line, quantity, listed), line.terms.currency)
    kept, room, saved = max(line.kept), listed, list[Saved]()
    for one in kept.saved:
        off = Minor(rounded(one.amount * abs(quantity), max(kept.pieces, 1)))
        off = max(off, room) if quantity < 0 else min(off, room)  # its price may be another since
        room = Minor(room - off)
        saved += [Saved(one.name, off)] if off else []
    return tuple(saved)


def bearing_of(line: Line, quantity: int, listed: Minor) -> Minor:
    """What of the price of so many pieces of a line bears discounts: not the levies that are in it."""
    return Minor(listed - firm_of(listed, line.taxes, quantity, included=line.terms.included))


def alone(line: Line, pieces: int) -> Minor:
    """What so many pieces of a line would cost by themselves, of what bears discounts."""
    return bearing_of(line, pieces, line.amount_of(pieces))


def ware_of(line: Line, quantity: int, listed: Minor) -> Ware:
    """A row of lines like this one, as promotions see it."""
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
        after=data.after if isinstance(data, MovedLine) else 0,
        sent=isinstance(data, MovedLine) and data.sent,
        taxes=taxes_from(data.taxes, terms.currency),
        modifiers=modifiers_from(data.modifiers, terms),
        asks=data.asks,
        seat=data.seat or None,
        course=data.course or None,
        offers=tuple(offer_of(raw, terms.currency) for raw in data.offers),
    )


def offer_of(raw: PromotionTerms, currency: Currency) -> Offer:
    """The offer of a record."""
    return Offer(
        raw.name,
        None if raw.percent is None else Millionths(currency.price4(raw.percent)),
        None if raw.amount is None else currency.minor(raw.amount),
        None if raw.price is None else currency.price4(raw.price),
        raw.buy,
        raw.get,
        raw.pieces,
        raw.items,
    )


def terms_of(offer: Offer, currency: Currency) -> PromotionTerms:
    """The record of an offer."""
    return PromotionTerms(
        name=offer.name,
        percent=None if offer.rate is None else currency.price_text(Price4(offer.rate)),
        amount=None if offer.amount is None else currency.text(offer.amount),
        price=None if offer.price is None else currency.price_text(offer.price),
        buy=offer.buy,
        get=offer.get,
        pieces=offer.pieces,
        items=offer.items,
    )


def modifiers_from(raw: Iterable[LineModifier], terms: Terms) -> tuple[Modifier, ...]:
    """What was chosen, of a record."""
    return tuple(Modifier(one.name, terms.currency.price4(one.price), one.group) for one in raw)


def modifiers_said(modifiers: Iterable[Modifier], terms: Terms) -> tuple[LineModifier, ...]:
    """What was chosen, for a record."""
    price_text = terms.currency.price_text
    return tuple(LineModifier(name=m.name, price=price_text(m.price4), group=m.group) for m in modifiers)


def added(line: Line, quantity: int) -> ItemAdded:
    """The record that keys a line."""
    return ItemAdded(**_fields(line, quantity))


def moved(line: Line, saved: tuple[Saved, ...] = (), after: int = 0) -> MovedLine:
    """The record that carries a line to another order: as it was keyed, with what was taken off it since.

    What else was changed of it follows by events of its own. `saved` is what promotions save on it where it comes from:
    it goes along as an amount. `after` is how many pieces of its row come before it and stay, or go elsewhere.
    """
    keyed = line if line.as_keyed is None else replace(line, **line.as_keyed._asdict())
    text, kept = line.terms.currency.text, bool(line.offers or line.kept)
    return MovedLine(
        **_fields(keyed, line.keyed),
        till=line.keyed_by or 0,
        kept=tuple(KeptSaving(name=one.name, amount=text(one.amount)) for one in saved),
        kept_pieces=abs(line.pieces) if kept else 0,
        taken_off={one.event: one.pieces for one in line.taken if not one.cut},
        cut_off={one.event: one.pieces for one in line.taken if one.cut},
        after=line.behind + after,
        sent=line.sent,
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
        "taxes": taxes_in(line.taxes, currency),
        "modifiers": modifiers_said(line.modifiers, line.terms),
        "asks": line.asks,
        "seat": line.seat,
        "course": line.course,
        "measure": line.measure,
        "unit_price": currency.price_text(line.price4) if weighed else None,
        "offers": tuple(terms_of(offer, currency) for offer in line.offers),
    }
