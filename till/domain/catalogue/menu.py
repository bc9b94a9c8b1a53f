"""The menu: the items for sale with their numbers, names, prices and hours."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from till.domain.catalogue.hours import Hours, next_start, read_hours
from till.domain.catalogue.modifiers import ModifierGroup, read_groups
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.money.measures import Millionths, Price4
from till.domain.money.tax import Tax, levy, millionths
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import time

    from till.domain.money.amount import Currency


class Daypart(Struct, frozen=True):
    """A part of the day or the week with its own menu. Moments are by the venue's clock."""

    name: str
    hours: tuple[Hours, ...]

    def holds(self, moment: datetime) -> bool:
        """True if a moment is within it."""
        return any(hours.holds(moment) for hours in self.hours)

    def until(self, moment: datetime) -> time | None:
        """Return when the hours in effect at a moment end, the latest if several are; None if none are."""
        now = moment.time()
        held = [hours.ends for hours in self.hours if hours.holds(moment)]
        return max(held, key=lambda ends: (ends <= now, ends), default=None)

    def opens(self, moment: datetime) -> time | None:
        """Return when it begins later on the same day; None if it does not."""
        return next_start(self.hours, moment)

    def ended(self, moment: datetime) -> time | None:
        """Return when it ended earlier on the same day; None if it did not."""
        return max((one.ends for one in self.hours if one.ended(moment)), default=None)

    def when_sold(self, moment: datetime) -> str:
        """Return `from 12:00` before it, `ended 11:30` after it, `not today` on a day without it."""
        if (starts := self.opens(moment)) is not None:
            return _("from {time}").format(time=f"{starts:%H:%M}")
        if (ended := self.ended(moment)) is not None:
            return _("ended {time}").format(time=f"{ended:%H:%M}")
        return _("not today")


class Category(Struct, frozen=True):
    """A group of the menu. `daypart` is when its items are sold; None for always."""

    id: str
    name: str
    position: int
    daypart: str | None = None


class PlannedPrice(Struct, frozen=True):
    """The price of an item from a moment on, in UTC. `price4` is None for an open price."""

    starts: datetime
    price4: Price4 | None


class Item(Struct, frozen=True):
    """An item for sale. `price4` is in ten-thousandths of the major unit; None for an open price.

    Attributes:
        plu: the number that a cashier types.
        tax: the band, whose taxes the menu names.
        returnable: may be keyed with a negative quantity, as when a deposit is given back.
        unit: the unit of its weight or volume (`UNITS`), in thousandths; empty for an item sold by the piece.
        modifiers: its groups of choices by id, in the order in which they are asked.
        age: the least age of the guest in years; None for no limit.
        planned: its future prices by time. They are sent ahead, so that a till without a network changes on time.
    """

    id: str
    name: str
    category: str
    price4: Price4 | None
    tax: str
    plu: int | None = None
    aliases: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()
    sold_out: bool = False
    returnable: bool = False
    unit: str = ""
    position: int = 0
    daypart: str | None = None
    planned: tuple[PlannedPrice, ...] = ()
    modifiers: tuple[str, ...] = ()
    age: int | None = None

    def at(self, moment: datetime) -> Item:
        """Return the item at the price of a moment. `planned` keeps the prices that are still ahead."""
        begun = bisect_right(self.planned, moment, key=lambda price: price.starts)
        if not begun:
            return self
        return replace(self, price4=self.planned[begun - 1].price4, planned=self.planned[begun:])


class Menu(Struct, frozen=True, dict=True):
    """All items for sale, as one value with a version. No two items share a PLU, a barcode or an id."""

    version: int = 0
    taxes: Mapping[str, tuple[Tax, ...]] = field(default_factory=dict)
    dayparts: tuple[Daypart, ...] = ()
    categories: tuple[Category, ...] = ()
    items: tuple[Item, ...] = ()
    groups: Mapping[str, ModifierGroup] = field(default_factory=dict)

    @cached_property
    def by_plu(self) -> Mapping[int, Item]:
        """Items by the number that a cashier types."""
        return {item.plu: item for item in self.items if item.plu is not None}

    @cached_property
    def by_barcode(self) -> Mapping[str, Item]:
        return {code: item for item in self.items for code in item.barcodes}

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def category_by_id(self) -> Mapping[str, Category]:
        return {category.id: category for category in self.categories}

    @cached_property
    def daypart_by_name(self) -> Mapping[str, Daypart]:
        return {part.name: part for part in self.dayparts}

    @cached_property
    def dearest4(self) -> Price4:
        """The highest price of a piece, or of a measure; 0 if every price is open."""
        return max((item.price4 for item in self.items if item.price4 is not None), default=Price4(0))

    @cached_property
    def price_changes(self) -> tuple[datetime, ...]:
        """The moments at which planned prices begin, in order."""
        return tuple(sorted({price.starts for item in self.items for price in item.planned}))

    def at(self, moment: datetime) -> Menu:
        """Return the menu with the prices of a moment; itself if none has changed."""
        if not self.price_changes or moment < self.price_changes[0]:
            return self
        return replace(self, items=tuple(item.at(moment) for item in self.items))

    def taxes_of(self, item: Item) -> tuple[Tax, ...]:
        """Return the taxes of an item's band; empty for a band that the menu does not name."""
        return self.taxes.get(item.tax, ())

    def groups_of(self, item: Item) -> tuple[ModifierGroup, ...]:
        """Return the groups of choices of an item, in the order in which they are asked."""
        return tuple(group for one in item.modifiers if (group := self.groups.get(one)) is not None)

    def daypart_of(self, item: Item) -> Daypart | None:
        """Return the daypart of an item, or else of its category; None for always."""
        category = self.category_by_id.get(item.category)
        name = item.daypart or (category.daypart if category else None)
        return self.daypart_by_name.get(name) if name else None

    def not_now(self, item: Item, moment: datetime) -> str:
        """Return why an item is not sold at a moment: `sold out`, `from 12:00`; empty if it is."""
        if item.sold_out:
            return _("sold out")
        part = self.daypart_of(item)
        return "" if part is None or part.holds(moment) else part.when_sold(moment)

    def daypart_at(self, moment: datetime) -> Daypart | None:
        """Return the daypart that a moment of the venue's clock is in."""
        return next((part for part in self.dayparts if part.holds(moment)), None)

    def is_sold_at(self, item: Item, moment: datetime) -> bool:
        """True if an item may be keyed at a moment of the venue's clock."""
        part = self.daypart_of(item)
        return not item.sold_out and (part is None or part.holds(moment))

    def sold_at(self, moment: datetime) -> Iterable[Item]:
        """Return the items that may be keyed at a moment of the venue's clock, in menu order."""
        return (item for item in self.items if self.is_sold_at(item, moment))


def hours_by_daypart(body: Mapping[str, Any]) -> dict[str, tuple[Hours, ...]]:
    """Return the hours of each daypart of a menu's body, in its order. The body has one row for each span of hours.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the body does not have the shape of a menu.
    """
    found: dict[str, tuple[Hours, ...]] = {}
    for row in body["dayparts"]:
        found[row["name"]] = (*found.get(row["name"], ()), read_hours(row))
    return found


def read_menu(body: Mapping[str, Any], currency: Currency) -> Menu:
    """Read the menu that the database hands out (docs/protocol.md).

    Raises:
        MenuError: the body does not have the shape of a menu.
    """
    try:
        return Menu(
            version=int(body["version"]),
            taxes={band: tuple(_read_tax(raw, currency) for raw in own) for band, own in body["taxes"].items()},
            groups=read_groups(body, currency),
            dayparts=tuple(Daypart(name, hours) for name, hours in hours_by_daypart(body).items()),
            categories=tuple(
                sorted(
                    (
                        Category(raw["id"], raw["name"], raw["position"], raw.get("daypart"))
                        for raw in body["categories"]
                    ),
                    key=lambda category: category.position,
                )
            ),
            items=tuple(
                sorted(
                    (_read_item(raw, currency) for raw in body["items"]),
                    key=lambda item: (item.position, item.plu or 0, item.name),
                )
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MenuError(_("The menu received is damaged: {what}.").format(what=problem)) from problem


def _read_tax(raw: Mapping[str, Any], currency: Currency) -> Tax:
    """Return a tax of a group: a rate or an amount a piece, and how it relates to the price and to other taxes."""
    if ("rate" in raw) is ("per_piece" in raw):
        raise ValueError(raw["name"])
    return Tax(
        raw["name"],
        millionths(raw["rate"]) if "rate" in raw else Millionths(0),
        levy(currency.price4(raw["per_piece"]), currency) if "per_piece" in raw else None,
        raw.get("included"),
        raw.get("affects_later", False),
        raw.get("affected_by_earlier", True),
    )


def _read_item(raw: Mapping[str, Any], currency: Currency) -> Item:
    return Item(
        id=raw["id"],
        name=raw["name"],
        category=raw["category"],
        price4=None if raw["price"] is None else currency.price4(raw["price"]),
        tax=raw["tax"],
        plu=raw["plu"],
        aliases=tuple(raw["aliases"]),
        barcodes=tuple(raw["barcodes"]),
        sold_out=raw["sold_out"],
        returnable=raw["returnable"],
        unit=raw["unit"],
        position=raw["position"],
        daypart=raw.get("daypart"),
        modifiers=tuple(raw.get("modifiers", ())),
        age=raw.get("age"),
        planned=tuple(
            sorted(
                (
                    PlannedPrice(
                        datetime.fromisoformat(planned["from"]).astimezone(UTC),
                        None if planned["price"] is None else currency.price4(planned["price"]),
                    )
                    for planned in raw.get("prices", ())
                ),
                key=lambda price: price.starts,
            )
        ),
    )
