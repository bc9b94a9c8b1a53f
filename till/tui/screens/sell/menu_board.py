"""The menu board, shared by the sell screen and the menu sheet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import OnScreen, _
from till.domain.offered import price_at
from till.tui.drawing.viewmodels import Board, BoardView, CategoryView, ItemView
from till.tui.screens.sell.menu_finder import MenuFinder

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Category, Daypart, Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.venue import Venue
    from till.register.quick_entry.lookup import Lookup

    _Hours = tuple[object, ...]


TURNS: Final = "PgDn"
"""The key that turns the pages while the menu is browsed."""


class MenuParts(Struct, frozen=True):
    """The categories with items sold at this hour, and those without, each in the menu's order."""

    now: tuple[Category, ...]
    later: tuple[Category, ...]

    @property
    def all(self) -> tuple[Category, ...]:
        """All categories, those sold now first."""
        return self.now + self.later


class MenuBoards:
    """A cache of boards while the menu, the category, the parts of the day and the selection are unchanged.

    The cache outlives a sale: a board of 10,000 items takes about 50 ms to make.
    """

    def __init__(self) -> None:
        self._made: dict[bool, tuple[object, Board]] = {}
        self._parts: tuple[object, MenuParts] | None = None
        self._finder: tuple[object, MenuFinder] | None = None
        self._hours_at: tuple[Menu, datetime, _Hours] | None = None
        self._venue: Venue | None = None

    def sell_for(self, venue: Venue) -> None:
        """Show the prices of a venue with its promotions, while they hold."""
        if venue is not self._venue:
            self._venue, self._hours_at = venue, None

    def of(
        self,
        menu: Menu,
        formats: Formats,
        now: datetime,
        category: str | None,
        selected: int | None,
        *,
        turns: str = "",
        order_type: str = "",
    ) -> Board:
        """Return the board of one category, or of all, with the prices of an order type.

        `now` is the local time, `turns` the key that turns pages.
        """
        made_for, made = self._kept(menu, formats, now, category, order_type)
        if (made.view.selected, made.view.turns) != (selected, turns):
            made = Board(replace(made.view, selected=selected, turns=turns), made.item_ids)
            self._made[category is None] = made_for, made
        return made

    def _kept(
        self, menu: Menu, formats: Formats, now: datetime, category: str | None, order_type: str
    ) -> tuple[object, Board]:
        kind = order_type if order_type in menu.types_with_prices else ""
        made_for = (menu, formats, category, kind, self._hours(menu, now))
        kept = self._made.get(category is None)
        if kept is None or kept[0] != made_for:
            board = menu_board(menu, formats, now, category, None, self._venue, order_type=kind)
            kept = self._made[category is None] = made_for, board
        return kept

    def parts(self, menu: Menu, now: datetime) -> MenuParts:
        """Return the categories as they are sold at a local time."""
        made_for = (menu, self._hours(menu, now))
        if self._parts is None or self._parts[0] != made_for:
            self._parts = made_for, menu_parts(menu, now)
        return self._parts[1]

    def finder(
        self, menu: Menu, formats: Formats, now: datetime, lookup: Lookup, room: int, *, order_type: str = ""
    ) -> MenuFinder:
        """Return the finder of items by text, for a board of `room` items with the prices of an order type."""
        kind = order_type if order_type in menu.types_with_prices else ""
        made_for = (menu, formats, kind, self._hours(menu, now), lookup, room)
        if self._finder is None or self._finder[0] != made_for:
            whole = partial(self._kept, menu, formats, now, None, kind)
            self._finder = made_for, MenuFinder(lambda: whole()[1], lookup, formats, room)
        return self._finder[1]

    def _hours(self, menu: Menu, now: datetime) -> _Hours:
        """Return the state of the menu's hours and of the promotions, and the language that a board names them in.

        They change on the minute only, or at a login, while every key asks for them.
        """
        minute, kept, language = now.replace(second=0, microsecond=0), self._hours_at, OnScreen.spoken.language
        if kept is None or kept[0] is not menu or kept[1] != minute or kept[2][0] != language:
            hours = tuple((part.until(now), part.opens(now), part.ended(now)) for part in menu.dayparts)
            promotions = self._venue.promotions if self._venue is not None else ()
            held = tuple(one for one in promotions if one.holds(now))
            kept = self._hours_at = menu, minute, (language, *hours, held)
        return kept[2]


def menu_parts(menu: Menu, moment: datetime) -> MenuParts:
    """Return the categories as they are sold at a local time."""
    held = {part.name for part in menu.dayparts if part.holds(moment)}
    of_items = {item.category for item in menu.items if item.daypart in held}
    unknown = {item.category for item in menu.items if item.daypart and item.daypart not in menu.daypart_by_name}

    def is_now(category: Category) -> bool:
        hours = category.daypart if category.daypart in menu.daypart_by_name else None
        return hours is None or hours in held or category.id in of_items or category.id in unknown

    now = tuple(category for category in menu.categories if is_now(category))
    return MenuParts(now, tuple(category for category in menu.categories if not is_now(category)))


def menu_board(
    menu: Menu,
    formats: Formats,
    moment: datetime,
    category: str | None,
    selected: int | None,
    venue: Venue | None = None,
    *,
    order_type: str = "",
) -> Board:
    """Return the board of one category, or of all; `moment` is the local time. A `venue` has its promotions.

    The prices are those of an order of `order_type`.

    On the board of all, what is sold now comes first. A category that is closed, except for some items with hours of
    their own, appears twice: with those items, and at the end with the others.
    """
    by_category: dict[str, list[tuple[str, ItemView]]] = {}
    for item in menu.items:
        shown = _item_view(menu, item.in_type(order_type), formats, moment, venue)
        by_category.setdefault(item.category, []).append((item.id, shown))
    now: list[tuple[CategoryView, list[str]]] = []
    later: list[tuple[CategoryView, list[str]]] = []
    homes: list[tuple[int, int]] = []
    for group in menu.categories:
        items = by_category.get(group.id, [])
        if not items or category not in {None, group.id}:
            continue
        part = menu.daypart_by_name.get(group.daypart) if group.daypart else None
        is_open = part is None or part.holds(moment)
        if is_open:
            homes.append((int(part is None), sum(len(ids) for _view, ids in now)))
        sold = [one for one in items if is_open or category is not None or one[1].open]
        others = [one for one in items if not (is_open or category is not None or one[1].open)]
        for place, some in ((now, sold), (later, others)):
            if some:
                views = tuple(view for _id, view in some)
                named = CategoryView(group.name, views, _daypart_note(part, moment), open=is_open)
                place.append((named, [item_id for item_id, _view in some]))
    empty = (_("The menu is empty."), _("“till admin menu import FILE” imports one."))
    home = min(homes)[1] if homes else 0  # a category with hours, now open, goes before one without
    groups = [*now, *later]
    view = BoardView(tuple(view for view, _ids in groups), selected, empty, home, len(later))
    return Board(view, tuple(item_id for _view, ids in groups for item_id in ids))


def _item_view(menu: Menu, item: Item, formats: Formats, moment: datetime, venue: Venue | None) -> ItemView:
    price4 = item.price4 if venue is None else price_at(item, menu, venue, moment)
    price = _("open price") if price4 is None else formats.price(price4, item.unit)
    part = menu.daypart_of(item) if item.daypart else None
    own = None if item.daypart is None else part is None or part.holds(moment)
    if part is not None and not own:
        price = f"○ {part.when_sold(moment)}"
    number = str(item.plu) if item.plu is not None else ""
    return ItemView(number, item.name, price, sold_out=item.sold_out, left=menu.left.get(item.id, ""), open=own)


def _daypart_note(part: Daypart | None, moment: datetime) -> str:
    if part is None:
        return ""
    if (ends := part.until(moment)) is not None:
        return _("until {time}").format(time=f"{ends:%H:%M}")
    return f"○ {part.when_sold(moment)}"
