"""Help for the screen that one is on: every key with its second key, and what can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.tui.counter import esc_back
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.strokes import Command, Keymap
from till.tui.view import ChoiceView, KeyView, Said
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk
    from till.tui.strokes import Stroke


class HelpSheet(ChoiceSheet):
    """Rows of key, what it does, and how. A key that is read here and pressed does what it says."""

    columns = Columns(key=1, name=22, detail=46)
    full = True

    def __init__(self, counter: Counter, desk: Desk, helped: tuple[Helped, ...]) -> None:
        super().__init__(counter, desk, _("Help"))
        self._helped = helped

    def rows(self) -> tuple[ChoiceView, ...]:
        """The keys."""
        return tuple(ChoiceView(key, word, Said(how, Role.MUTED) if how else None) for key, word, how in self._helped)

    def marked(self) -> int | None:
        """Nothing is chosen here."""
        return None

    def _stroke(self, stroke: Stroke) -> None:
        command = self.counter.keymap.command(stroke)
        if self.scroll(stroke):
            return
        if stroke.is_enter or stroke.key == "escape" or command is Command.HELP:
            self.cancel()
        elif command is not None and (below := self._below()) is not None:
            self.cancel()
            below(stroke)

    def keys(self) -> tuple[KeyView, ...]:
        """What the keys do here."""
        return (*self.scrolls(), esc_back())

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Back"))

    @staticmethod
    def login(keymap: Keymap) -> tuple[Helped, ...]:
        """The keys of the login screen."""
        return (
            (_("digits, Enter"), _("Your number"), _("or choose it with ↑ and ↓")),
            (_("digits, Enter"), _("Your PIN"), _("five wrong ones lock it")),
            ("Esc", _("Another number"), ""),
            (keymap.labels(Command.CLOSE), _("Close the till"), _("open orders are kept")),
        )

    @staticmethod
    def sell(keymap: Keymap) -> tuple[Helped, ...]:
        """The keys and phrases of the sell screen."""
        return (
            ("2 idly, Enter", _("Key an item"), _("a number, barcode, “one more”")),
            ("-1 bottle, Enter", _("Take one back"), _("what can be returned")),
            ("Tab", _("Take the suggestion"), _("Enter then keys it")),
            ("↑ ↓", _("Choose a line"), _("+ and − change its quantity")),
            (keymap.labels(Command.QUANTITY), _("Quantity of the line"), ""),
            (keymap.labels(Command.VOID), _("Void the line"), _("with a reason")),
            (keymap.labels(Command.UNDO), _("Undo the last void"), ""),
            (keymap.labels(Command.CLEAR), _("Clear the whole order"), _("with a reason")),
            (keymap.labels(Command.CONFLICTS), _("Conflicts and records"), _("for a manager")),
            (keymap.labels(Command.MENU), _("Menu"), _("or type “menu”")),
            (keymap.labels(Command.TABS), _("Tabs: save or recall"), _("or type “tab 7”")),
            (keymap.labels(Command.RECALL), _("Orders that wait"), ""),
            (keymap.labels(Command.ORDER_TYPE), _("Take away or eat in"), _("or type it")),
            (keymap.labels(Command.PAY), _("Pay"), _("or type “cash 500”, “card”")),
            (keymap.labels(Command.RECEIPT), _("Last receipt"), _("↑ and ↓ scroll it")),
            (keymap.labels(Command.LOG_OUT), _("Log out"), _("the order is kept for you")),
            (keymap.labels(Command.COMMANDS), _("All commands by name"), ""),
            ("Esc", _("Back"), _("never loses a line")),
        )

    @staticmethod
    def pay() -> tuple[Helped, ...]:
        """The keys of the pay screen."""
        return (
            ("Enter", _("Exact cash"), _("when nothing is typed")),
            ("500 Enter", _("Cash with change"), _("what was handed over")),
            ("Q W E R T Y", _("A note"), _("each press adds one")),
            ("Backspace", _("Take a note off"), ""),
            ("C", _("Card"), _("all, or the amount typed")),
            ("Esc", _("Back to the order"), _("what was taken stays taken")),
        )
