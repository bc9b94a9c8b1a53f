"""Search of the menu by the typed text, shown on the board."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from heapq import nsmallest
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.text import clean
from till.register.quick_entry.intents import Choose
from till.register.quick_entry.language import quantity_and_name, suggestions, understand
from till.register.quick_entry.lookup import prefix_spans
from till.tui.drawing.viewmodels import Board, BoardView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.catalogue.menu import Item
    from till.domain.money.formats import Formats
    from till.register.quick_entry.lookup import Lookup


class Fitting(Struct, frozen=True):
    """The matches of a text.

    Attributes:
        words: the part of the text that names an item.
        count: the number of matching items; 0 if some are merely similar.
        sold: the number of them sold now.
        asks: True if Enter asks which one is meant.
        board: a page of them, in the board's order.
    """

    words: str
    count: int
    sold: int
    asks: bool
    board: Board


class MenuFinder:
    """A search for items by text, with an index over one board that is built on first use.

    It counts all matches, and builds as many as a page holds.

    Args:
        whole: returns the board of all items.
        lookup: the index of the same menu.
        formats: the formats of amounts.
        room: the number of items on a page.
    """

    def __init__(self, whole: Callable[[], Board], lookup: Lookup, formats: Formats, room: int) -> None:
        self._make = whole
        self._lookup = lookup
        self._formats = formats
        self._room = room
        self._last: tuple[str, Fitting | None] = ("", None)
        self._offered: tuple[str, list[Item]] = ("", [])

    def fitting(self, typed: str) -> Fitting | None:
        """Return the matches of a text; None if there are none."""
        if self._last[0] != typed:
            self._last = typed, self._find(typed)
        return self._last[1]

    def offered(self, typed: str) -> list[Item]:
        """Return the items that Tab goes through."""
        if self._offered[0] != typed:
            self._offered = typed, suggestions(typed, self._lookup)
        return self._offered[1]

    def _find(self, typed: str) -> Fitting | None:
        words = quantity_and_name(typed, self._lookup)[1]
        fit = self._on_board(self._lookup.places(words))
        first = self._on_board(self._place_by_id[item.id] for item in self.offered(typed))
        if not fit and not first:
            return None
        shown = set(nsmallest(self._room, fit))
        shown = {*nsmallest(self._room - len(first - shown), shown), *first}
        return Fitting(
            words, len(fit), len(fit & self._sold), self._asks(typed), self._board(sorted(shown), words, len(fit))
        )

    def _asks(self, typed: str) -> bool:
        try:
            return isinstance(understand(typed, self._lookup, self._formats), Choose)
        except TillError:
            return False

    def _board(self, shown: list[int], words: str, count: int) -> Board:
        categories = self._whole.view.categories
        found = []
        for group, places in groupby(shown, lambda place: bisect_right(self._starts, place) - 1):
            items = (categories[group].items[place - self._starts[group]] for place in places)
            marked = tuple(replace(item, marks=prefix_spans(clean(item.name), words)) for item in items)
            found.append(replace(categories[group], items=marked))
        ids = self._whole.item_ids
        view = BoardView(tuple(found), found=(count or len(shown), len(ids)))
        return Board(view, tuple(ids[place] for place in shown))

    # The index.

    @cached_property
    def _whole(self) -> Board:
        return self._make()

    @cached_property
    def _starts(self) -> list[int]:
        """The position of each category's first item on the board."""
        return [0, *accumulate(len(category.items) for category in self._whole.view.categories)]

    @cached_property
    def _sold(self) -> set[int]:
        """The positions on the board of items sold now."""
        items = ((category, item) for category in self._whole.view.categories for item in category.items)
        return {at for at, (category, item) in enumerate(items) if category.holds(item) and not item.sold_out}

    @cached_property
    def _place_by_id(self) -> dict[str, int]:
        """The position of each item in the menu."""
        return {item.id: place for place, item in enumerate(self._lookup.menu.items)}

    @cached_property
    def _order(self) -> list[int]:
        """The position on the board of each item of the menu; -1 for an item without a category."""
        place_by_id = {item_id: at for at, item_id in enumerate(self._whole.item_ids)}
        return [place_by_id.get(item.id, -1) for item in self._lookup.menu.items]

    def _on_board(self, places: Iterable[int]) -> set[int]:
        order = self._order
        return {order[place] for place in places} - {-1}
