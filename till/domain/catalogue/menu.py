"""The menu: what is sold, under which number and name, at what price, and when."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.money.tax import Tax

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Price4


@dataclass(frozen=True, slots=True)
class Daypart:
    """A part of the day with its own menu, by the venue's clock, over midnight too; equal times mean the whole day."""

    name: str
    starts: time
    ends: time

    def holds(self, moment: time) -> bool:
        """Whether a wall-clock time lies in it."""
        if self.starts < self.ends:
            return self.starts <= moment < self.ends
        return moment >= self.starts or moment < self.ends


@dataclass(frozen=True, slots=True)
class Category:
    """A group of the menu; `daypart` names when all of it is sold, None for always."""

    id: str
    name: str
    position: int
    daypart: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedPrice:
    """What an item costs from a moment on, in UTC; `price4` is None for an open price."""

    starts: datetime
    price4: Price4 | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is sold. `price4` is in ten-thousandths of the major unit, None for an open price.

    Attributes:
        plu: the number that a cashier types.
        tax: the band, whose taxes the menu names.
        returnable: may be keyed with a negative quantity (a deposit given back).
        weighed: sold by measure, in thousandths.
        planned: what it will cost, by time: it travels ahead, so that a till without a network changes with the others.
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
    weighed: bool = False
    position: int = 0
    daypart: str | None = None
    planned: tuple[PlannedPrice, ...] = ()

    def at(self, moment: datetime) -> Item:
        """The item as it is sold at a moment: at the last price that has begun, with those still ahead of it."""
        begun = bisect_right(self.planned, moment, key=lambda price: price.starts)
        if not begun:
            return self
        return replace(self, price4=self.planned[begun - 1].price4, planned=self.planned[begun:])


@dataclass(frozen=True)
class Menu:
    """Everything that is sold, as one value with a version. Two items never share a PLU, a barcode or an id."""

    version: int = 0
    taxes: Mapping[str, tuple[Tax, ...]] = field(default_factory=dict)
    dayparts: tuple[Daypart, ...] = ()
    categories: tuple[Category, ...] = ()
    items: tuple[Item, ...] = ()

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
    def price_changes(self) -> tuple[datetime, ...]:
        """The moments at which a price that was planned begins, in their order."""
        return tuple(sorted({price.starts for item in self.items for price in item.planned}))

    def at(self, moment: datetime) -> Menu:
        """The menu with the prices of a moment; itself where none has changed until then."""
        if not self.price_changes or moment < self.price_changes[0]:
            return self
        return replace(self, items=tuple(item.at(moment) for item in self.items))

    def taxes_of(self, item: Item) -> tuple[Tax, ...]:
        """The taxes of an item's band; none for a band that the menu does not name."""
        return self.taxes.get(item.tax, ())

    def daypart_of(self, item: Item) -> Daypart | None:
        """When an item is sold: by itself, or else by its category; None for always."""
        category = self.category_by_id.get(item.category)
        name = item.daypart or (category.daypart if category else None)
        return self.daypart_by_name.get(name) if name else None

    def daypart_at(self, moment: time) -> Daypart | None:
        """The part of the day that a wall-clock time lies in."""
        return next((part for part in self.dayparts if part.holds(moment)), None)

    def is_sold_at(self, item: Item, moment: time) -> bool:
        """Whether an item may be keyed at a wall-clock time."""
        part = self.daypart_of(item)
        return not item.sold_out and (part is None or part.holds(moment))

    def sold_at(self, moment: time) -> Iterable[Item]:
        """What may be keyed at a wall-clock time, in the menu's order."""
        return (item for item in self.items if self.is_sold_at(item, moment))


def read_menu(body: Mapping[str, Any], currency: Currency) -> Menu:
    """Read the menu that the database hands out (docs/protocol.md).

    Raises:
        MenuError: the body has not the shape of a menu.
    """
    try:
        return Menu(
            version=int(body["version"]),
            taxes={band: tuple(Tax.of(raw["name"], raw["rate"]) for raw in own) for band, own in body["taxes"].items()},
            dayparts=tuple(
                Daypart(raw["name"], time.fromisoformat(raw["from"]), time.fromisoformat(raw["to"]))
                for raw in body["dayparts"]
            ),
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
        raise MenuError(_("The menu that came is damaged: {what}.").format(what=problem)) from problem


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
        weighed=raw["weighed"],
        position=raw["position"],
        daypart=raw.get("daypart"),
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
