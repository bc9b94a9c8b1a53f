"""The menu board, as the sell screen and the menu sheet share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.drawing.viewmodels import Board, BoardView, CategoryView, ItemView
from till.tui.screens.sell.item_hours import opens

if TYPE_CHECKING:
    from datetime import time

    from till.domain.catalogue.menu import Daypart, Item, Menu
    from till.domain.money.formats import Formats


class MenuBoards:
    """Keeps the board while menu, category, the parts of the day and the selection are the same.

    It outlives a sale: of 10,000 items a board takes some 50 ms to make.
    """

    def __init__(self) -> None:
        self._made: tuple[object, Board] | None = None

    def of(self, menu: Menu, formats: Formats, now: time, category: str | None, selected: int | None) -> Board:
        """Give the board of one category, or of all; `now` is the venue's wall clock."""
        parts = tuple((part.holds(now), now < part.starts) for part in menu.dayparts)
        made_for = (menu, formats, category, parts)
        if self._made is None or self._made[0] != made_for:
            self._made = made_for, menu_board(menu, formats, now, category, selected)
        made = self._made[1]
        if made.view.selected != selected:
            made = Board(replace(made.view, selected=selected), made.item_ids)
            self._made = made_for, made
        return made


def menu_board(menu: Menu, formats: Formats, moment: time, category: str | None, selected: int | None) -> Board:
    """The board of one category, or of all; `moment` is the venue's wall clock."""
    by_category: dict[str, list[tuple[str, ItemView]]] = {}
    for item in menu.items:
        by_category.setdefault(item.category, []).append((item.id, _item_view(menu, item, formats, moment)))
    categories: list[CategoryView] = []
    ids: list[str] = []
    homes: list[tuple[int, int]] = []
    for group in menu.categories:
        items = by_category.get(group.id, [])
        if not items or category not in {None, group.id}:
            continue
        part = menu.daypart_by_name.get(group.daypart) if group.daypart else None
        is_open = part is None or part.holds(moment)
        if is_open:
            homes.append((int(part is None), len(ids)))
        ids.extend(item_id for item_id, _view in items)
        views = tuple(view for _id, view in items)
        categories.append(CategoryView(group.name, views, _daypart_note(part, moment), open=is_open))
    empty = (_("The menu is empty."), _("“till admin menu import FILE” brings one in."))
    home = min(homes)[1] if homes else 0  # what is sold at this hour goes before what is sold at any
    return Board(BoardView(tuple(categories), selected, empty, home), tuple(ids))


def _item_view(menu: Menu, item: Item, formats: Formats, moment: time) -> ItemView:
    price = _("open price") if item.price4 is None else formats.price(item.price4)
    part = menu.daypart_of(item) if item.daypart else None
    own = None if item.daypart is None else part is None or part.holds(moment)
    if part is not None and not own:
        price = f"○ {opens(part, moment)}"
    number = str(item.plu) if item.plu is not None else ""
    return ItemView(number, item.name, price, sold_out=item.sold_out, open=own)


def _daypart_note(part: Daypart | None, moment: time) -> str:
    if part is None:
        return ""
    if part.holds(moment):
        return _("until {time}").format(time=part.ends.strftime("%H:%M"))
    return f"○ {opens(part, moment)}"
