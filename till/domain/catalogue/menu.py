"""The menu: the items for sale with their numbers, names, prices and hours."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from typing_extensions import override

from till.domain.catalogue.hours import Hours, next_start, read_hours
from till.domain.catalogue.modifiers import CHOICE, ModifierGroup, read_groups
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.money.measures import Millionths, Price4
from till.domain.money.tax import Tax, TypeRate, levy, millionths
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import time

    from till.domain.money.amount import Currency


class Daypart(Struct, frozen=True):
    """A part of the day or the week with its own items. Times are by the venue's clock."""

    name: str
    hours: tuple[Hours, ...]

    def holds(self, moment: datetime) -> bool:
        """True if a time is within the daypart."""
        return any(hours.holds(moment) for hours in self.hours)

    def until(self, moment: datetime) -> time | None:
        """Return the end of the hours at a time, the latest one if there are several; None if there are none."""
        now = moment.time()
        candidates = [hours.ends for hours in self.hours if hours.holds(moment)]
        return max(candidates, key=lambda ends: (ends <= now, ends), default=None)

    def opens(self, moment: datetime) -> time | None:
        """Return the next start of the daypart on the same day; None if there is none."""
        return next_start(self.hours, moment)

    def ended(self, moment: datetime) -> time | None:
        """Return the last end of the daypart earlier on the same day; None if there is none."""
        return max((one.ends for one in self.hours if one.ended(moment)), default=None)

    def when_sold(self, moment: datetime) -> str:
        """Return `from 12:00` before the daypart, `ended 11:30` after it, `not today` on a day without it."""
        if (starts := self.opens(moment)) is not None:
            return _("from {time}").format(time=f"{starts:%H:%M}")
        if (ended := self.ended(moment)) is not None:
            return _("ended {time}").format(time=f"{ended:%H:%M}")
        return _("not today")


class Category(Struct, frozen=True):
    """A category of the menu. Its items are on sale in its `daypart`; None for always.

    `course` is the course of a line of it, unless a person keys another; None for none.
    """

    id: str
    name: str
    position: int
    daypart: str | None = None
    course: int | None = None


class PlannedPrice(Struct, frozen=True):
    """The price of an item from a time on, in UTC. `price4` is None for an open price."""

    starts: datetime
    price4: Price4 | None


class PlannedRate(Struct, frozen=True):
    """The tax group that begins at a time, in UTC: of an item, of an item in one order type, or of the charge."""

    starts: datetime
    tax: str
    order_type: str = ""


class ByType(Struct, frozen=True):
    """The differences of an item in one order type; None for no difference.

    Attributes:
        tax: the name of its tax group on the menu.
        price4: its unit price. Planned prices are of the item's own price.
    """

    tax: str | None = None
    price4: Price4 | None = None


class Item(Struct, frozen=True):
    """An item for sale. `price4` is in ten-thousandths of the major unit; None for an open price.

    Attributes:
        tax: the name of its tax group on the menu.
        plu: the number that a cashier types.
        returnable: True if it may be keyed with a negative quantity, such as a returned deposit.
        unit: the unit of its weight or volume (`UNITS`); empty for an item sold by the piece.
        planned: the future prices by time. They are sent ahead, so that an offline till changes its prices on time.
        rates: the future tax groups by time, sent ahead as well.
        modifiers: the ids of its modifier groups, in the order of the questions.
        age: the minimum age of the guest in years; None for no limit.
        by_type: the differences by order type.
        contains: its contents that guests may be allergic to (`allergens`); none if nobody stated it.
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
    rates: tuple[PlannedRate, ...] = ()
    modifiers: tuple[str, ...] = ()
    age: int | None = None
    by_type: Mapping[str, ByType] = field(default_factory=dict)
    contains: tuple[str, ...] = ()

    @override
    def __hash__(self) -> int:
        return hash(self.id)  # a mapping has none

    def in_type(self, order_type: str) -> Item:
        """Return the item at its price in an order type."""
        own = self.by_type.get(order_type)
        return self if own is None or own.price4 is None else replace(self, price4=own.price4)

    def at(self, moment: datetime) -> Item:
        """Return the item with its price and its taxes at a time. `planned` and `rates` keep only later ones."""
        begun, rated = _begun(self.planned, moment), _begun(self.rates, moment)
        if not begun and not rated:
            return self
        price4 = self.planned[begun - 1].price4 if begun else self.price4
        priced = replace(self, price4=price4, planned=self.planned[begun:], rates=self.rates[rated:])
        tax, by_type = self.tax, {**self.by_type}
        for rate in self.rates[:rated]:
            if rate.order_type:
                by_type[rate.order_type] = replace(by_type.get(rate.order_type, ByType()), tax=rate.tax)
            else:
                tax = rate.tax
        return replace(priced, tax=tax, by_type=by_type) if rated else priced


class Menu(Struct, frozen=True, dict=True):
    """A version of the menu. No two items have the same PLU, barcode or id.

    `left` has what is left of each counted item, in words, empty if it is much; and the choices that are sold out, each
    behind `CHOICE`. `charge_rates` are the tax groups that the service charge will have by time, and `charged` is the
    newest that has begun; None while it has that of the settings.
    """

    version: int = 0
    taxes: Mapping[str, tuple[Tax, ...]] = field(default_factory=dict)
    dayparts: tuple[Daypart, ...] = ()
    categories: tuple[Category, ...] = ()
    items: tuple[Item, ...] = ()
    groups: Mapping[str, ModifierGroup] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    charge_rates: tuple[PlannedRate, ...] = ()
    charged: str | None = None

    def with_left(self, left: Mapping[str, str]) -> Menu:
        """Return the menu with what is left now, and the indexes that it has."""
        menu = replace(self, left=left)
        menu.__dict__.update(self.__dict__)
        return menu

    @cached_property
    def by_plu(self) -> Mapping[int, Item]:
        """The items by the number that a cashier types."""
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

    def category_of(self, item_id: str) -> str:
        """Return the name of an item's category; empty if the menu does not have it."""
        item = self.by_id.get(item_id)
        category = self.category_by_id.get(item.category) if item is not None else None
        return category.name if category is not None else ""

    def course_of(self, item_id: str) -> int | None:
        """Return the course of an item by its category; None for none."""
        item = self.by_id.get(item_id)
        category = self.category_by_id.get(item.category) if item is not None else None
        return category.course if category is not None else None

    def course_name(self, course: int) -> str:
        """Return the name of a course: that of its category if it has one alone, or else `course 2`."""
        names = [category.name for category in self.categories if category.course == course]
        return clean(names[0]) if len(names) == 1 else _("course {n}").format(n=course)

    @cached_property
    def daypart_by_name(self) -> Mapping[str, Daypart]:
        return {part.name: part for part in self.dayparts}

    @cached_property
    def dearest4(self) -> Price4:
        """The highest unit price; 0 if every price is open."""
        return max((item.price4 for item in self.items if item.price4 is not None), default=Price4(0))

    @cached_property
    def types_with_prices(self) -> frozenset[str]:
        """The order types in which an item has a price of its own."""
        return frozenset(name for item in self.items for name, own in item.by_type.items() if own.price4 is not None)

    @cached_property
    def changes(self) -> tuple[datetime, ...]:
        """The times at which planned prices and taxes start, in order."""
        prices = {one.starts for item in self.items for one in item.planned}
        rates = {one.starts for item in self.items for one in item.rates}
        return tuple(sorted(prices | rates | {one.starts for one in self.charge_rates}))

    def at(self, moment: datetime) -> Menu:
        """Return the menu with its prices and taxes at a time; the same object if none has changed."""
        if not self.changes or moment < self.changes[0]:
            return self
        rated = _begun(self.charge_rates, moment)
        charged = self.charge_rates[rated - 1].tax if rated else self.charged
        items = tuple(item.at(moment) for item in self.items)
        return replace(self, items=items, charge_rates=self.charge_rates[rated:], charged=charged)

    def taxes_of(self, item: Item, order_type: str = "") -> tuple[Tax, ...]:
        """Return the taxes of an item in an order type; empty if the menu does not have its tax group."""
        own = item.by_type.get(order_type)
        return self.taxes.get(item.tax if own is None or own.tax is None else own.tax, ())

    def rates_of(self, item: Item, *, is_priced: bool = False) -> tuple[TypeRate, ...]:
        """Return the rates of a line of an item by order type; a price that a person typed holds in each."""
        return tuple(
            TypeRate(name, self.taxes_of(item, name), None if is_priced else own.price4)
            for name, own in sorted(item.by_type.items())
        )

    def groups_of(self, item: Item) -> tuple[ModifierGroup, ...]:
        """Return the modifier groups of an item, in the order of the questions."""
        groups = (group for one in item.modifiers if (group := self.groups.get(one)) is not None)
        return tuple(map(self._as_left, groups)) if self.left else tuple(groups)

    def _as_left(self, group: ModifierGroup) -> ModifierGroup:
        """Return a group with its options that are sold out."""
        options = (replace(one, sold_out=CHOICE + one.name in self.left) for one in group.options)
        return replace(group, options=tuple(options))

    def contains_of(self, item_id: str, choices: Collection[str] = ()) -> tuple[str, ...]:
        """Return the contents of an item with its choices, by their names; empty if nobody stated them."""
        if (item := self.by_id.get(item_id)) is None:
            return ()
        options = (one for group in self.groups_of(item) for one in group.options if one.name in choices)
        return tuple(dict.fromkeys((*item.contains, *(own for one in options for own in one.contains))))

    @cached_property
    def contents(self) -> tuple[str, ...]:
        """The contents of all items and choices, each once."""
        options = (own for group in self.groups.values() for one in group.options for own in one.contains)
        return tuple(dict.fromkeys((*(own for one in self.items for own in one.contains), *options)))

    def daypart_of(self, item: Item) -> Daypart | None:
        """Return the daypart of an item or, if it has none, of its category; None for always on sale."""
        category = self.category_by_id.get(item.category)
        name = item.daypart or (category.daypart if category else None)
        return self.daypart_by_name.get(name) if name else None

    def not_now(self, item: Item, moment: datetime) -> str:
        """Return the reason why an item is not on sale at a time: `sold out`, `from 12:00`; empty if it is on sale."""
        if item.sold_out:
            return _("sold out")
        part = self.daypart_of(item)
        return "" if part is None or part.holds(moment) else part.when_sold(moment)

    def daypart_at(self, moment: datetime) -> Daypart | None:
        """Return the first daypart at a local time; None if there is none."""
        return next((part for part in self.dayparts if part.holds(moment)), None)

    def is_sold_at(self, item: Item, moment: datetime) -> bool:
        """True if an item is on sale at a local time."""
        part = self.daypart_of(item)
        return not item.sold_out and (part is None or part.holds(moment))

    def sold_at(self, moment: datetime) -> list[Item]:
        """Return the items on sale at a local time, in menu order. Of a long menu, each daypart is looked at once."""
        shut = {name for name, part in self.daypart_by_name.items() if not part.holds(moment)}
        usual = {category.id: category.daypart for category in self.categories}
        return [
            item for item in self.items if not item.sold_out and (item.daypart or usual.get(item.category)) not in shut
        ]


def _begun(planned: Sequence[PlannedPrice] | Sequence[PlannedRate], moment: datetime) -> int:
    """Return the number of planned prices or rates that have begun."""
    starts: list[datetime] = [one.starts for one in planned]
    return bisect_right(starts, moment)


def hours_by_daypart(body: Mapping[str, Any]) -> dict[str, tuple[Hours, ...]]:
    """Return the hours of each daypart in the body of a menu, which has a row for each span of hours.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the body is not in the format of a menu.
    """
    found: dict[str, tuple[Hours, ...]] = {}
    for row in body["dayparts"]:
        found[row["name"]] = (*found.get(row["name"], ()), read_hours(row))
    return found


def read_menu(body: Mapping[str, Any], currency: Currency) -> Menu:
    """Read a menu in the format of the database (docs/protocol.md)."""
    try:
        return Menu(
            version=int(body["version"]),
            taxes=read_taxes(body, currency),
            groups=read_groups(body, currency),
            dayparts=tuple(Daypart(name, hours) for name, hours in hours_by_daypart(body).items()),
            categories=tuple(
                sorted(
                    (
                        Category(raw["id"], raw["name"], raw["position"], raw.get("daypart"), raw.get("course"))
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
            charge_rates=_read_rates(body.get("charge_rates", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MenuError(_("The menu received is damaged: {what}.").format(what=problem)) from problem


def read_taxes(body: Mapping[str, Any], currency: Currency) -> dict[str, tuple[Tax, ...]]:
    """Return the taxes of each tax group in the body of a menu.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the body is not in the format of a menu.
    """
    return {band: tuple(_read_tax(raw, currency) for raw in own) for band, own in body["taxes"].items()}


def _read_tax(raw: Mapping[str, Any], currency: Currency) -> Tax:
    """Read a tax of a group."""
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


def _read_rates(raw: Iterable[Mapping[str, Any]]) -> tuple[PlannedRate, ...]:
    rates = (
        PlannedRate(datetime.fromisoformat(one["from"]).astimezone(UTC), str(one["tax"]), one.get("order_type", ""))
        for one in raw
    )
    return tuple(sorted(rates, key=lambda rate: rate.starts))


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
        contains=tuple(raw.get("contains", ())),
        by_type={
            order_type: ByType(own.get("tax"), currency.price4(own["price"]) if "price" in own else None)
            for order_type, own in raw.get("by_type", {}).items()
        },
        rates=_read_rates(raw.get("rates", ())),
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
