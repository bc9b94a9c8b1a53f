"""Promotions of a venue: their terms, items and hours. Some are given by hand, as a discount."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from till.domain.catalogue.hours import Hours, HoursBody, next_start, read_hours
from till.domain.events.fields import LONGEST, Date, Label, Share, Step
from till.domain.money.combos import Slot
from till.domain.money.measures import Millionths, Price4
from till.domain.money.promotion import Offer
from till.domain.structs import RequestBody, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, time

    from till.domain.money.amount import Currency


_Pieces = Annotated[int, Meta(ge=1, le=999)]
_Id = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
_Ids = Annotated[tuple[_Id, ...], Meta(min_length=1, max_length=500)]


class SlotPieceBody(RequestBody, frozen=True):
    """An item or a category that fits a slot of a combo, with its surcharge."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("item",), ("category",))
    one_of_refusal: ClassVar[str] = "it names one: an item or a category"

    item: _Id | UnsetType = UNSET
    category: _Id | UnsetType = UNSET
    extra: Step | UnsetType = UNSET


class SlotBody(RequestBody, frozen=True):
    """A slot of a combo: its name, what fits it, and its number of pieces, which is 1 by default."""

    name: Label
    of: Annotated[tuple[SlotPieceBody, ...], Meta(min_length=1, max_length=100)]
    pieces: Annotated[int, Meta(ge=1, le=9)] | UnsetType = UNSET


class PromotionBody(RequestBody, frozen=True):
    """A promotion in the venue's settings, in the format of `read_promotion`.

    It is one of: a percentage, an amount or a price for a piece; buy and get, with free or reduced pieces; a number of
    pieces, a set of items, or a combo of slots for one price. A promotion given by hand is a percentage or an amount.
    """

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("percent",),
        ("amount",),
        ("price",),
        ("buy", "get"),
        ("buy", "get", "percent"),
        ("pieces", "price"),
        ("set", "price"),
        ("slots", "price"),
        ("by_hand", "percent"),
        ("by_hand", "amount"),
    )
    one_of_refusal: ClassVar[str] = (
        "it has one kind: percent, amount, price, buy with get, or pieces, a set or slots with a price;"
        " by hand a percent or an amount"
    )

    name: Label
    items: _Ids | UnsetType = UNSET
    categories: _Ids | UnsetType = UNSET
    percent: Share | UnsetType = UNSET
    amount: Step | UnsetType = UNSET
    price: Step | UnsetType = UNSET
    buy: _Pieces | UnsetType = UNSET
    get: _Pieces | UnsetType = UNSET
    pieces: _Pieces | UnsetType = UNSET
    set: Annotated[tuple[_Id, ...], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    slots: Annotated[tuple[SlotBody, ...], Meta(min_length=1, max_length=9)] | UnsetType = UNSET
    number: Annotated[int, Meta(ge=1, le=999_999)] | UnsetType = UNSET
    hours: Annotated[tuple[HoursBody, ...], Meta(min_length=1, max_length=500)] | UnsetType = UNSET
    starts: Date | UnsetType = UNSET
    ends: Date | UnsetType = UNSET
    by_hand: bool | UnsetType = UNSET
    off: bool | UnsetType = UNSET


class PromotionSlot(Struct, frozen=True):
    """A slot of a combo, and the surcharge of each item and category that fits it; an item's own counts first."""

    name: str
    pieces: int
    items: Mapping[str, Price4]
    categories: Mapping[str, Price4]

    def of(self, item: str, category: str) -> Slot:
        """Return the slot as an item of a category has it."""
        return Slot(self.name, self.pieces, self.items.get(item, self.categories.get(category)))


class Promotion(Struct, frozen=True):
    """A promotion of the venue. Times are by the venue's clock.

    Attributes:
        items: the ids of its items, in addition to those in `categories`; all items if both are empty.
        categories: the ids of its categories.
        hours: the hours in which it is offered; empty for always.
        starts: the first day; None for no limit.
        ends: the last day; None for no limit.
        by_hand: True if it is given by hand, as a discount; False if it applies to lines automatically.
        off: True if it is switched off.
        slots: the slots of a combo.
        number: the number of a combo to type; empty for none.
    """

    offer: Offer
    items: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    hours: tuple[Hours, ...] = ()
    starts: date | None = None
    ends: date | None = None
    by_hand: bool = False
    off: bool = False
    slots: tuple[PromotionSlot, ...] = ()
    number: str = ""

    @property
    def name(self) -> str:
        """The name of the promotion."""
        return self.offer.name

    def is_on(self, item: str, category: str) -> bool:
        """True if the promotion applies to an item of a category."""
        if self.slots:
            return any(slot.of(item, category).extra is not None for slot in self.slots)
        if not self.items and not self.categories:
            return True
        return item in self.items or category in self.categories

    def offer_on(self, item: str, category: str) -> Offer:
        """Return the offer as an item of a category has it, to which it applies."""
        if not self.slots:
            return self.offer
        return replace(self.offer, slots=tuple(slot.of(item, category) for slot in self.slots))

    def holds(self, moment: datetime) -> bool:
        """True if the promotion is offered at a time. Hours past midnight belong to the day on which they begin."""
        days = [hours.began(moment) for hours in self.hours] if self.hours else [moment.date()]
        return not self.off and any(day is not None and self._is_in(day) for day in days)

    def opens(self, moment: datetime) -> time | None:
        """Return the next start of the promotion on the same day; None if there is none."""
        return next_start(self.hours, moment) if not self.off and self._is_in(moment.date()) else None

    def _is_in(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


def read_promotions(body: Iterable[Mapping[str, Any]], currency: Currency) -> tuple[Promotion, ...]:
    """Read the promotions in the format of the database (docs/protocol.md).

    Raises:
        AmountError, KeyError, TypeError, ValueError, AttributeError: one of them is not in the format of a promotion.
    """
    return tuple(read_promotion(raw, currency) for raw in body)


def read_promotion(raw: Mapping[str, Any], currency: Currency) -> Promotion:
    """Read one promotion. Raises the errors of `read_promotions`."""
    percent, amount, price, set_items = (raw.get(name) for name in ("percent", "amount", "price", "set"))
    offer = Offer(
        str(raw["name"]),
        None if percent is None else Millionths(currency.price4(str(percent))),
        None if amount is None else currency.minor(str(amount)),
        None if price is None else currency.price4(str(price)),
        int(raw.get("buy", 0)),
        int(raw.get("get", 0)),
        int(raw.get("pieces", 0)),
        tuple(str(item) for item in set_items or ()),
    )
    return Promotion(
        offer,
        frozenset(str(item) for item in (*raw.get("items", ()), *offer.items)),
        frozenset(str(category) for category in raw.get("categories", ())),
        tuple(read_hours(row) for row in raw.get("hours", ())),
        date.fromisoformat(raw["starts"]) if raw.get("starts") else None,
        date.fromisoformat(raw["ends"]) if raw.get("ends") else None,
        bool(raw.get("by_hand")),
        bool(raw.get("off")),
        tuple(_slot(slot, currency) for slot in raw.get("slots", ())),
        str(raw.get("number", "")),
    )


def _slot(raw: Mapping[str, Any], currency: Currency) -> PromotionSlot:
    items, categories = (
        {str(one[kind]): currency.price4(str(one.get("extra", "0"))) for one in raw["of"] if kind in one}
        for kind in ("item", "category")
    )
    return PromotionSlot(str(raw["name"]), int(raw.get("pieces", 1)), items, categories)
