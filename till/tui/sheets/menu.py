"""The menu to choose from: a sheet over the screen; digits pick a row, arrows walk, left and right change the part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.words import _
from till.register.language import AddItem
from till.tui.counter import esc_back, refusal
from till.tui.palette import Ground
from till.tui.sights import menu_board
from till.tui.view import BoardView, EntryView, HeadView, KeysView, KeyView, Said
from till.tui.widgets.menu import MenuBoard
from till.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from till.domain.catalogue import Item
    from till.tui.counter import Counter
    from till.tui.desks import SellDesk
    from till.tui.scenes.sell import SellScene
    from till.tui.sights import Board
    from till.tui.strokes import Stroke

#: As many rows as the screen has room for.
_TALL = 99


class MenuSheet:
    """The menu over the sell screen. It stays open while items are keyed, until Esc."""

    def __init__(self, counter: Counter, scene: SellScene) -> None:
        self.counter = counter
        self.desk: SellDesk = scene.desk
        self._scene = scene
        self._selected: int | None = None
        self.said: Said | None = None
        self._board_widget = MenuBoard(BoardView(), picks=True, ground=Ground.SURFACE, on_page=lambda _b: None)
        self._sheet = Sheet(HeadView(_("Menu")), self._board_widget)
        self._categories = [None, *(category.id for category in counter.register.menu.categories)]

    def mount(self) -> None:
        """Put the sheet over the desk."""
        self.desk.raise_sheet(self._sheet, choices=_TALL)

    def unmount(self) -> None:
        """Take it off."""
        self.desk.drop_sheet(self._sheet)

    def _board(self) -> Board:
        register = self.counter.register
        moment = self.counter.now().time()
        return menu_board(register.menu, register.formats, moment, self._scene.category, self._selected)

    def stroke(self, stroke: Stroke) -> None:
        """Pick, walk, change the part, or close."""
        self.said = None
        if stroke.key == "escape":
            self._scene.category = None
            self.counter.close()
        elif stroke.is_enter:
            if self._selected is not None:
                self._key(self._selected)
        elif stroke.key in {"left", "right"}:
            self._part(1 if stroke.key == "right" else -1)
        elif stroke.key in {"up", "down"}:
            self._walk(1 if stroke.key == "down" else -1)
        elif stroke.key in {"pageup", "pagedown"}:
            self._board_widget.turn(1 if stroke.key == "pagedown" else -1)
            in_sight = self._board_widget.in_sight()
            self._selected = in_sight[0] if in_sight else None
        elif stroke.digit:
            place = self._board_widget.picked(stroke.char)
            if place is not None:
                self._key(place)
        elif stroke.char:
            self._type_on(stroke)

    def _part(self, step: int) -> None:
        categories = self._categories
        place = categories.index(self._scene.category) if self._scene.category in categories else 0
        self._scene.category = categories[(place + step) % len(categories)]
        self._selected = None

    def _walk(self, step: int) -> None:
        count = len(self._board().item_ids)
        if count:
            self._selected = 0 if self._selected is None else max(0, min(self._selected + step, count - 1))

    def _item(self, place: int) -> Item | None:
        ids = self._board().item_ids
        return self.counter.register.menu.by_id.get(ids[place]) if place < len(ids) else None

    def _key(self, place: int) -> None:
        item = self._item(place)
        if item is None:
            return
        try:
            self._scene.add(AddItem(item))
        except TillError as problem:
            self.said = refusal(problem.sentence)
            return
        if self._scene.question is not None:
            self.counter.close()
        else:
            self.said = self._scene.said

    def _type_on(self, stroke: Stroke) -> None:
        """A letter is the beginning of a name: the entry takes it."""
        self._scene.category = None
        self.counter.close()
        self._scene.stroke(stroke)

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._board_widget.show(self._board().view)
        said = self.said or Said(_("A digit or Enter keys an item. ← and → change the part."))
        self.desk.band.show(EntryView("", 0, said, hint=self._part_name()))
        keys = (KeyView("1-9", _("Key it")), KeyView("↑↓", _("Choose")), KeyView("←→", _("Part")), esc_back())
        self.desk.keys.show(KeysView(keys, KeyView("Enter", _("Key it"))))

    def _part_name(self) -> str:
        category = self.counter.register.menu.category_by_id.get(self._scene.category or "")
        return category.name if category else _("All")
