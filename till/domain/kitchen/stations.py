"""The stations of a kitchen, and the station that makes an item."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from till.domain.events.fields import ShortLabel, Word
from till.domain.events.registry import Shape
from till.domain.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.catalogue.menu import Menu


class Station(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A station of the kitchen: it makes the items of its categories.

    Attributes:
        categories: the ids of its categories.
        items: the ids of items that it makes, whatever their category is.
        printer: the name of the printer of its tickets; empty for none.
        later: True if the first ticket of an order names what is held for later.
        screen: True if `till kitchen` shows its tickets.
    """

    name: Annotated[ShortLabel, Meta(description=N_("a name of 1 to 20 characters"))]
    categories: Annotated[tuple[Word, ...], Meta(max_length=200)] = ()
    items: Annotated[tuple[Word, ...], Meta(max_length=1_000)] = ()
    printer: Word = ""
    later: bool = False
    screen: bool = False

    @property
    def is_pass(self) -> bool:
        """True if it makes nothing itself: it shows the whole order of every other station, and done there is ready."""
        return not self.categories and not self.items


class Kitchen(Struct, frozen=True, dict=True):
    """The stations of a venue, with its menu.

    Attributes:
        holds: True if the courses of a table from the second on are held, unless its order says otherwise.
        preferences: the names of the preferences of a program that the kitchen sees.
    """

    stations: tuple[Station, ...]
    menu: Menu
    holds: bool = False
    preferences: tuple[str, ...] = ()

    @cached_property
    def _by_item(self) -> Mapping[str, str]:
        return {item: station.name for station in reversed(self.stations) for item in station.items}

    @cached_property
    def _by_category(self) -> Mapping[str, str]:
        return {category: station.name for station in reversed(self.stations) for category in station.categories}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the stations."""
        return frozenset(station.name for station in self.stations)

    @cached_property
    def with_later(self) -> frozenset[str]:
        """The names of the stations whose first ticket of an order names what is held for later."""
        return frozenset(station.name for station in self.stations if station.later)

    def station_of(self, item_id: str) -> str:
        """Return the name of the station that makes an item; empty if none does."""
        if (named := self._by_item.get(item_id)) is not None:
            return named
        item = self.menu.by_id.get(item_id)
        return self._by_category.get(item.category, "") if item is not None else ""
