"""What the keys of the sell screen do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import (
    EmptyOrderError,
    LineError,
    NotOnMenuError,
    OrderLockedError,
    RightsError,
    TillError,
)
from till.domain.i18n import _
from till.domain.order.suspension import check_clearable
from till.domain.payment.paying import check_payable
from till.domain.text import clean
from till.tui.counter import plain
from till.tui.scenes.pay import PayScene
from till.tui.scenes.receipts import show_last_receipt
from till.tui.sheets.commands import CommandSheet
from till.tui.sheets.conflicts import ConflictSheet
from till.tui.sheets.help import HelpSheet
from till.tui.sheets.menu import MenuSheet, view_menu
from till.tui.sheets.reasons import ClearSheet, VoidSheet
from till.tui.sheets.recall import RecallSheet
from till.tui.sheets.tabs import TabsSheet
from till.tui.sights import order_type_name
from till.tui.strokes import Command

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.scenes.sell import SellScene

#: What is about the order on the screen, and so not for one that another till has.
_CHANGES: Final = frozenset(
    {
        Command.MENU,
        Command.QUANTITY,
        Command.VOID,
        Command.TABS,
        Command.PAY,
        Command.UNDO,
        Command.CLEAR,
        Command.ORDER_TYPE,
    }
)


class SellCommands:
    """The commands of one sell scene, as its keys and the list of commands ask for them."""

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene
        self._counter = scene.counter
        self._register = scene.counter.register

    def do(self, command: Command) -> None:
        """Do a command; a refusal is said in the answer line."""
        actions = {
            Command.HELP: self._help,
            Command.MENU: self.show_menu,
            Command.RECALL: self._recall,
            Command.QUANTITY: self._scene.steps.ask,
            Command.VOID: self.void,
            Command.TABS: self.tabs,
            Command.PAY: self.pay,
            Command.LOG_OUT: self._counter.log_out,
            Command.UNDO: self._undo,
            Command.CLEAR: self._clear,
            Command.CONFLICTS: self._conflicts,
            Command.ORDER_TYPE: lambda: self.set_type(self.next_type()),
            Command.RECEIPT: lambda: show_last_receipt(self._scene),
            Command.COMMANDS: self._commands,
            Command.CLOSE: self._close,
        }
        try:
            if self._scene.lock and command in _CHANGES:
                raise OrderLockedError(self._scene.lock)
            actions[command]()
        except TillError as problem:
            self._scene.refuse(problem)

    def order(self) -> Order:
        """The order on the screen.

        Raises:
            LineError: there is none yet.
        """
        order = self._scene.order
        if order is None:
            raise LineError(_("There are no lines yet. Type an item, then Enter."))
        return order

    def void(self) -> None:
        """Ask why the marked line is taken off, and void it.

        Raises:
            LineError: there is none, or it is void already.
        """
        entry = self._scene.chosen()
        if entry is None:
            raise LineError(_("There is no line to void."))
        if entry.is_void:
            raise LineError(_("That line is void already. Ctrl+Z brings the last void back."))
        self._counter.open(VoidSheet(self._counter, self._scene, entry))

    def _clear(self) -> None:
        order = self.order()
        check_clearable(order)
        if order.is_empty:
            raise EmptyOrderError(_("There is nothing to clear."))
        self._counter.open(ClearSheet(self._counter, self._scene, order))

    def _conflicts(self) -> None:
        person = self._register.access.person
        if person is None or not person.manages:
            raise RightsError(_("Conflicts and records are for a manager: log in as one."))
        self._counter.open(ConflictSheet(self._counter, self._scene.desk))

    def _undo(self) -> None:
        order = self._register.sales.undo_void(self.order().id)
        line = order.last_line
        self._scene.show_order(order)
        self._scene.selected = line.id if line else None
        self._scene.said = plain(self._register.answers.restored(order, clean(line.name) if line else ""))

    def next_type(self) -> str:
        """The order type that comes after the present one."""
        types = self._register.venue.order_types
        order = self._scene.order
        now = order.order_type if order else types[0]
        return types[(types.index(now) + 1 if now in types else 0) % len(types)]

    def set_type(self, order_type: str) -> None:
        """Make the order one to eat here, or to take away."""
        order = self._register.sales.set_order_type(self._scene.open_session(), self._scene.user, order_type)
        self._scene.show_order(order)
        said = _("This order is {kind}.").format(kind=order_type_name(order.order_type))
        self._scene.said = plain(said if order.is_empty else f"{said} {self._register.answers.total(order)}")

    def show_menu(self) -> None:
        """The menu, as was asked: an event, and the board or the sheet to choose from."""
        if not self._register.menu.items:
            raise NotOnMenuError(_("The menu is empty: a manager imports one with “till admin menu import”."))
        view_menu(self._counter, self._scene, None)
        self._counter.open(MenuSheet(self._counter, self._scene))

    def pay(self, *, worded: bool = False) -> None:
        """Go and take the money; `worded` when it was said, not pressed: then how to pay is said too."""
        order = self.order()
        check_payable(order)
        self._counter.go(PayScene(self._counter, order.id, worded=worded))

    def tabs(self, recalled: str = "") -> None:
        """Save the order to a tab, or recall one; with a name, that one."""
        TabsSheet(self._counter, self._scene).show(recalled)

    def _recall(self) -> None:
        RecallSheet(self._counter, self._scene).show()

    def _help(self) -> None:
        self._counter.open(HelpSheet(self._counter, self._scene.desk, HelpSheet.sell(self._counter.keymap)))

    def _commands(self) -> None:
        self._counter.open(CommandSheet(self._counter, self._scene.desk, self.do))

    def _close(self) -> None:
        key = self._counter.keymap.label(Command.LOG_OUT)
        self._scene.said = plain(_("Log out first ({key}); the login screen closes the till.").format(key=key))
