"""The menu to choose from: on a narrow screen a sheet, where a digit picks a row; on a wide one the board itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.register.quick_entry.language import AddItem
from till.tui.boards import board
from till.tui.counter import esc_back, refusal
from till.tui.hours import not_now
from till.tui.layout import is_wide
from till.tui.palette import Ground
from till.tui.sheets.base import asks_help
from till.tui.strokes import Command
from till.tui.view import BoardView, EntryView, HeadView, KeysView, KeyView, Said
from till.tui.widgets.menu import MenuBoard
from till.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.tui.counter import Counter, Helped
    from till.tui.desks import SellDesk
    from till.tui.sheets.selling import Selling
    from till.tui.sights import Board
    from till.tui.strokes import Stroke

#: As many rows as the screen has room for.
_TALL = 99


def view_menu(counter: Counter, scene: Selling, category: str | None) -> None:
    """Write down that the menu, or a category of it, was asked for: what is sold now stands in the event."""
    register = counter.register
    moment = register.venue.local(register.ledger.now()).time()
    items = [item for item in register.menu.sold_at(moment) if category in {None, item.category}]
    named = register.menu.category_by_id.get(category or "")
    query = named.name if named else ""
    scene.show_order(register.sales.view_menu(scene.open_session(), scene.user, query, items))


class MenuSheet:
    """Walks the menu over the sell screen. It stays while items are keyed; Esc, or anything typed, ends it.

    On a wide screen the board is in sight already, so it is walked where it stands and the order stays in sight too;
    its numbers are in sight as well, so digits are typed on. Without drawing characters the sheet is used at any width.
    On the sheet a digit picks a row and Enter keys it; with anything typed behind it, it was the beginning of a number
    or a barcode, and all of it is for the entry: two digits never key two items.
    """

    def __init__(self, counter: Counter, scene: Selling) -> None:
        self.counter = counter
        self.desk: SellDesk = scene.desk
        self._scene = scene
        self.said: Said | None = None
        self._picks = MenuBoard(BoardView(), picks=True, ground=Ground.SURFACE, on_page=self._turned)
        self._sheet = Sheet(HeadView(_("Menu")), self._picks)
        self._is_raised = False
        self._digit: Stroke | None = None
        self._categories = [None, *(category.id for category in counter.register.menu.categories)]

    def mount(self) -> None:
        """Put the sheet over the desk, or begin to walk the board."""
        self._scene.walked = self._board().view.home
        self._stand()

    def unmount(self) -> None:
        """Take it off."""
        self._scene.walked = None
        self._scene.category = None
        if self._is_raised:
            self._is_raised = False
            self.desk.drop_sheet(self._sheet)

    def _stand(self) -> None:
        """A screen that was resized may need the sheet, or need it no more."""
        wanted = not is_wide(self.desk.app.size.width) or self.desk.board.paint.plain
        if wanted == self._is_raised:
            return
        self._is_raised = wanted
        if wanted:
            self._sheet = Sheet(self._sheet.band.view, self._picks)
            self.desk.raise_sheet(self._sheet, choices=_TALL)
        else:
            self.desk.drop_sheet(self._sheet)

    @property
    def _board_widget(self) -> MenuBoard:
        return self._picks if self._is_raised else self.desk.board

    def _board(self) -> Board:
        return board(self.counter, self._scene.category, self._scene.walked)

    def _turned(self, board: MenuBoard) -> None:
        self._sheet.band.show(HeadView(_("Menu"), self._part_name(), board.note()))
        self.desk.keys.show(self._keys())

    # Strokes.

    def stroke(self, stroke: Stroke) -> None:
        """Pick, walk, change the part, or close."""
        self.said = None
        try:
            self._stroke(stroke)
        except TillError as problem:
            self.said = refusal(problem.sentence)

    def _stroke(self, stroke: Stroke) -> None:
        steps = {"left": -1, "right": 1, "up": -1, "down": 1, "pageup": -1, "pagedown": 1}
        digit, self._digit = self._digit, None
        if stroke.key == "escape":
            self.counter.close()
        elif asks_help(self.counter, stroke, types=bool(self._scene.editor.text)):
            self.counter.help(self.desk, self._helped())
        elif stroke.is_enter:
            self._key(self._scene.walked or 0)
        elif stroke.key in {"left", "right"}:
            self._part(steps[stroke.key])
        elif stroke.key in {"up", "down"}:
            self._walk(steps[stroke.key])
        elif stroke.key in {"pageup", "pagedown"}:
            self._page(steps[stroke.key])
        elif digit is None and (place := self._picked(stroke)) is not None:
            self._digit = stroke
            self._scene.walked = place
        elif self.counter.keymap.command(stroke) is Command.MENU:
            self.counter.close()
        else:
            self._go_on(stroke, digit)

    def _picked(self, stroke: Stroke) -> int | None:
        """The item that a digit picks on the sheet."""
        return self._picks.picked(stroke.char) if stroke.digit and self._is_raised else None

    def _part(self, step: int) -> None:
        categories = self._categories
        place = categories.index(self._scene.category) if self._scene.category in categories else 0
        wanted = categories[(place + step) % len(categories)]
        view_menu(self.counter, self._scene, wanted)
        self._scene.category = wanted
        self._scene.walked = self._board().view.home

    def _walk(self, step: int) -> None:
        count = len(self._board().item_ids)
        self._scene.walked = max(0, min((self._scene.walked or 0) + step, count - 1))

    def _page(self, step: int) -> None:
        widget = self._board_widget
        widget.turn(step)
        in_sight = widget.in_sight()
        self._scene.walked = in_sight[0] if in_sight else 0

    def _item(self, place: int) -> Item | None:
        ids = self._board().item_ids
        return self.counter.register.menu.by_id.get(ids[place]) if place < len(ids) else None

    def _key(self, place: int) -> None:
        item = self._item(place)
        if item is None:
            return
        self._scene.walked = place
        self._scene.add(AddItem(item))
        if self._scene.is_asking:
            self.counter.close()
        else:
            self.said = self._scene.said

    def _go_on(self, stroke: Stroke, digit: Stroke | None) -> None:
        """What is typed or scanned is for the entry, and a command is for the order: both end the choosing.

        A `digit` that picked a row before was the first of what is typed.
        """
        command = self.counter.keymap.command(stroke)
        if stroke.char or stroke.paste or command:
            self.counter.close()
            if digit is not None and command is None:
                self._scene.stroke(digit)
            self._scene.stroke(stroke)

    def _helped(self) -> tuple[Helped, ...]:
        digits = (("1-9, Enter", _("Key the item of that row"), _("the menu stays")),) if self._is_raised else ()
        return (
            *digits,
            ("↑ ↓, Enter", _("Key the item that is marked"), _("the menu stays")),
            ("← →", _("Another part of the menu"), ""),
            ("PgUp PgDn", _("Another page"), ""),
            (_("letters"), _("Type on"), _("the entry takes it")),
            ("Esc", _("Back to the order"), ""),
        )

    # Views.

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._stand()
        editor = self._scene.editor
        if self._is_raised:
            self._picks.show(self._board().view)
            self._sheet.band.show(HeadView(_("Menu"), self._part_name(), self._picks.note()))
        said = self.said or Said(self._advice())
        hint = _("Type on at any time: the entry takes it.")
        self.desk.band.show(EntryView(editor.text, editor.cursor, said, hint=hint))
        self.desk.keys.show(self._keys())

    def _advice(self) -> str:
        if not self._is_raised:
            return _("Enter keys an item. ← and → change the part.")
        item = self._item(self._scene.walked or 0) if self._digit is not None else None
        if item is not None:
            if why := not_now(self.counter.register.menu, item, self.counter.now().time()):
                return _("{name}: {why}. Choose another, or Esc.").format(name=clean(item.name), why=why)
            return _("Enter keys 1 × {name}.").format(name=clean(item.name))
        return _("A digit picks, Enter keys an item. ← and → change the part.")

    def _keys(self) -> KeysView:
        choose = "1-9 ↑↓" if self._is_raised else "↑↓"
        keys = [KeyView(choose, _("Choose")), KeyView("←→", _("Part")), esc_back()]
        if self._board_widget.pages > 1:
            keys.insert(-1, KeyView("PgDn", _("Page"), spare=True))
        return KeysView(tuple(keys), KeyView("Enter", _("Key it")))

    def _part_name(self) -> str:
        category = self.counter.register.menu.category_by_id.get(self._scene.category or "")
        return category.name if category else _("All")
