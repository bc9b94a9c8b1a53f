"""Browsing the menu: on a narrow screen a sheet where a digit picks a row, on a wide one the board itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.catalogue.allergens import contains_in_words
from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.register import counter
from till.register.quick_entry.intents import AddItem
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import BoardView, EntryView, HeadView, KeysView, KeyView, StyledText
from till.tui.drawing.widgets.menu import MenuBoard
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.screens.sell.menu_board import TURNS
from till.tui.screens.sell.state import WalkingMenu
from till.tui.screens.sheets.choice_sheet import asks_help
from till.tui.shell.keymap import MENU, PAY
from till.tui.shell.messages import esc_back, refusal, says_why

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.tui.drawing.viewmodels import Board
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.screen import SellScreen
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard

#: More rows than any screen has.
_TALL = 99


def view_menu(controller: Controller, scene: SellHost, category: str | None) -> None:
    """Record that the menu or a category was viewed. The event lists what is sold at that time."""
    scene.show_order(counter.view_menu(controller.register, scene.order, scene.user, category))


class MenuSheet:
    """The menu to browse over the sell screen. It stays open while items are added; Esc or typed text ends it.

    On a wide screen the board is visible already and is browsed in place, with the order beside it; digits go to the
    entry line, as the items' numbers are visible. Without drawing characters, the sheet is used at any width.

    On the sheet, a digit picks a row and Enter adds its item. If more is typed, the digit was the beginning of a number
    or barcode and all of it goes to the entry line, so that two digits never add two items.
    """

    def __init__(self, controller: Controller, scene: SellHost) -> None:
        self.controller = controller
        self.screen: SellScreen = scene.screen
        self._scene = scene
        self.message: StyledText | None = None
        self._picks = MenuBoard(BoardView(), picks=True, ground=Backdrop.SURFACE, on_page=self._turned)
        self._sheet = Sheet(HeadView(_("Menu")), self._picks)
        self._is_raised = False
        self._digit: KeyPress | None = None

    def mount(self) -> None:
        """Open the sheet, or start browsing the board."""
        self._walk_to(self._home(None), None)
        self._fit()

    def unmount(self) -> None:
        """Close the sheet, or stop browsing."""
        self._scene.walk(None)
        if self._is_raised:
            self._is_raised = False
            self.screen.drop_sheet(self._sheet)

    def _fit(self) -> None:
        """Show the sheet if the screen needs it at its current size; otherwise remove it."""
        wanted = not self.screen.has_board
        if wanted == self._is_raised:
            return
        self._is_raised = wanted
        if wanted:
            self._sheet = Sheet(self._sheet.band.view, self._picks)
            self.screen.raise_sheet(self._sheet, choices=_TALL)
        else:
            self.screen.drop_sheet(self._sheet)

    @property
    def _board_widget(self) -> MenuBoard:
        return self._picks if self._is_raised else self.screen.board

    def _board(self) -> Board:
        register, walking = self.controller.register, self._scene.walking or WalkingMenu()
        now = self.controller.now()
        place = walking.category, walking.place
        kind = register.venue.type_of(self._scene.order)
        return self.screen.boards.of(register.menu, register.formats, now, *place, turns=TURNS, order_type=kind)

    def _home(self, category: str | None) -> int:
        """Return the position at which browsing a category starts."""
        self._walk_to(0, category)
        return self._board().view.home

    def _walk_to(self, place: int, category: str | None) -> None:
        self._scene.walk(WalkingMenu(category, place))

    @property
    def _place(self) -> int:
        return self._scene.walking.place if self._scene.walking is not None else 0

    @property
    def _category(self) -> str | None:
        return self._scene.walking.category if self._scene.walking is not None else None

    def _turned(self, board: MenuBoard) -> None:
        self._sheet.band.show(HeadView(_("Menu"), self._part_name(), board.note()))
        self.screen.keys.show(self._keys())

    # Keys.

    def press(self, press: KeyPress) -> None:
        """Pick, move, change the category, or close."""
        self.message = None
        try:
            self._press(press)
        except TillError as problem:
            self.message = refusal(problem.sentence)

    def hear(self, _news: Heard) -> bool:
        """Ignore news: the sell screen below hears it."""
        return False

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Add the item that was clicked, or show that category."""
        self._digit = None
        if widget is self.screen.categories:
            self._show_part(self._parts()[place])
        elif widget is self._board_widget:
            try:
                self._key(place)
            except TillError as problem:
                self.message = refusal(problem.sentence)

    def _press(self, press: KeyPress) -> None:
        steps = {"left": -1, "right": 1, "up": -1, "down": 1, "pageup": -1, "pagedown": 1}
        digit, self._digit = self._digit, None
        if press.key == "escape":
            self.controller.close()
        elif asks_help(self.controller, press, types=bool(self._scene.entry.text)):
            self.controller.help(self.screen, self._helped())
        elif press.is_enter:
            self._key(self._place)
        elif press.key in {"left", "right"}:
            self._part(steps[press.key])
        elif press.key in {"up", "down"}:
            self._walk(steps[press.key])
        elif press.key in {"pageup", "pagedown"}:
            self._page(steps[press.key])
        elif digit is None and (place := self._picked(press)) is not None:
            self._digit = press
            self._walk_to(place, self._category)
        elif self.controller.keymap.command(press) == MENU:
            self.controller.close()
        else:
            self._go_on(press, digit)

    def _picked(self, press: KeyPress) -> int | None:
        """Return the item that a digit picks on the sheet."""
        return self._picks.picked(press.char) if press.digit and self._is_raised else None

    def _part(self, step: int) -> None:
        categories = self._parts()
        place = categories.index(self._category) if self._category in categories else 0
        self._show_part(categories[(place + step) % len(categories)])

    def _parts(self) -> list[str | None]:
        """Return None for the whole menu, then its categories in the order of the tabs."""
        parts = self.screen.boards.parts(self.controller.register.menu, self.controller.now())
        return [None, *(category.id for category in parts.all)]

    def _show_part(self, wanted: str | None) -> None:
        view_menu(self.controller, self._scene, wanted)
        self._walk_to(self._home(wanted), wanted)

    def _walk(self, step: int) -> None:
        count = len(self._board().item_ids)
        self._walk_to(max(0, min(self._place + step, count - 1)), self._category)

    def _page(self, step: int) -> None:
        widget = self._board_widget
        widget.turn(step)
        in_sight = widget.in_sight()
        self._walk_to(in_sight[0] if in_sight else 0, self._category)

    def _item(self, place: int) -> Item | None:
        ids = self._board().item_ids
        return self.controller.register.menu.by_id.get(ids[place]) if place < len(ids) else None

    def _key(self, place: int) -> None:
        item = self._item(place)
        if item is None:
            return
        self._walk_to(place, self._category)
        self._scene.add(AddItem(item))
        if self._scene.is_asking:
            self.controller.close()
        else:
            self.message = self._scene.message

    def _go_on(self, press: KeyPress, digit: KeyPress | None) -> None:
        """End browsing: typed or scanned text goes to the entry line, a command to the order.

        A `digit` that picked a row just before is the beginning of the text.
        """
        command = self.controller.keymap.command(press)
        if press.char or press.paste or command:
            self.controller.close()
            if digit is not None and command is None:
                self._scene.press(digit)
            self._scene.press(press)
        else:
            self.message = says_why(self.controller.keymap, press, "")

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
        """Update the widgets from the state."""
        self._fit()
        entry = self._scene.entry
        if self._is_raised:
            self._picks.show(self._board().view)
            self._sheet.band.show(HeadView(_("Menu"), self._part_name(), self._picks.note()))
        message = self.message or StyledText(self._advice())
        hint = _("Type on at any time: the entry takes it.")
        self.screen.band.show(EntryView(entry.text, entry.cursor, message, hint=hint))
        self.screen.keys.show(self._keys())

    def _advice(self) -> str:
        if self._picks.paint.touch:
            return _("A tap keys an item. A swipe turns the page.")
        if not self._is_raised:
            return _("Enter keys an item. ← and → change the part.")
        item = self._item(self._place) if self._digit is not None else None
        if item is not None:
            if why := self.controller.register.menu.not_now(item, self.controller.now()):
                return _("{name}: {why}. Choose another, or Esc.").format(name=clean(item.name), why=why)
            sentence = _("Enter keys 1 × {name}. Contains: {what}.") if item.contains else _("Enter keys 1 × {name}.")
            return sentence.format(name=clean(item.name), what=contains_in_words(item.contains))
        return _("A digit picks, Enter keys an item. ← and → change the part.")

    def _keys(self) -> KeysView:
        choose = "1-9 ↑↓" if self._is_raised else "↑↓"
        keys = [KeyView(choose, _("Choose")), KeyView("←→", _("Part")), esc_back()]
        if self._board_widget.pages > 1:
            keys.insert(-1, KeyView(TURNS, _("Page"), spare=True))
        enter = KeyView("Enter", _("Key it"))
        if self._is_raised:
            return KeysView(tuple(keys), enter)
        # A click on a part of the menu begins browsing: the key in the corner stays the one that it was.
        return KeysView((enter, *keys), KeyView(self.controller.keymap.label(PAY), _("Pay")))

    def _part_name(self) -> str:
        category = self.controller.register.menu.category_by_id.get(self._category or "")
        return category.name if category else _("All")
