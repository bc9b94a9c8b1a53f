"""Help for the screen that one is on: every key with its second key, and what can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.words import _
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.strokes import Command, Keymap
from till.tui.view import ChoiceView, KeyView, Said
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from till.tui.counter import Counter
    from till.tui.desks import Desk

Helped = tuple[str, str, str]


class HelpSheet(ChoiceSheet):
    """Rows of key, what it does, and how."""

    columns = Columns(key=1, name=20, detail=46)

    def __init__(self, counter: Counter, desk: Desk, helped: tuple[Helped, ...]) -> None:
        super().__init__(counter, desk, _("Help"))
        self._helped = helped

    def rows(self) -> tuple[ChoiceView, ...]:
        """The keys."""
        return tuple(ChoiceView(key, word, Said(how, Role.MUTED) if how else None) for key, word, how in self._helped)

    def choose(self, place: int) -> None:
        """Nothing is chosen here: back."""
        del place
        self.cancel()

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Back"))

    @staticmethod
    def login(keymap: Keymap) -> tuple[Helped, ...]:
        """The keys of the login screen."""
        return (
            (_("digits, Enter"), _("Your number"), _("or choose it with ↑ and ↓")),
            (_("digits, Enter"), _("Your PIN"), _("five wrong ones lock the number for five minutes")),
            ("Esc", _("Another number"), ""),
            (keymap.labels(Command.CLOSE), _("Close the till"), _("open orders are kept")),
        )

    @staticmethod
    def sell(keymap: Keymap) -> tuple[Helped, ...]:
        """The keys and phrases of the sell screen."""
        return (
            ("2 idly, Enter", _("Key an item"), _("also its number, a barcode, “2x idly”, “one more”")),
            ("Tab", _("Take the suggestion"), _("Enter then keys it")),
            ("↑ ↓", _("Choose a line"), _("+ and − change its quantity")),
            (keymap.labels(Command.QUANTITY), _("Quantity of the line"), ""),
            (keymap.labels(Command.VOID), _("Void the line"), _("with a reason")),
            (keymap.labels(Command.UNDO), _("Bring the last void back"), ""),
            (keymap.labels(Command.MENU), _("Menu"), _("or type “menu”")),
            (keymap.labels(Command.TABS), _("Tabs"), _("save the order, or recall one; or type “tab 7”")),
            (keymap.labels(Command.RECALL), _("Orders that wait"), ""),
            (keymap.labels(Command.ORDER_TYPE), _("Take away or eat in"), _("or type it")),
            (keymap.labels(Command.PAY), _("Pay"), _("or type “cash 500”, “card”")),
            (keymap.labels(Command.LOG_OUT), _("Log out"), _("the order is kept for you, on every till")),
            (keymap.labels(Command.COMMANDS), _("All commands by name"), ""),
            ("Esc", _("Back"), _("never loses a line")),
        )

    @staticmethod
    def pay(keymap: Keymap) -> tuple[Helped, ...]:
        """The keys of the pay screen."""
        del keymap
        return (
            ("Enter", _("Exact cash"), _("when nothing is typed")),
            ("500 Enter", _("Cash with change"), _("what was handed over")),
            ("Q W E R T Y", _("A note"), _("each press adds one, Backspace takes it off")),
            ("C", _("Card"), _("all of it, or the amount that is typed")),
            ("Esc", _("Back to the order"), _("nothing is taken")),
        )
