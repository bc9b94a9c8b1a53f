"""What the keys and phrases of the sell screen do."""

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
from till.domain.keeping import check_clearable
from till.domain.paying import check_payable
from till.domain.selling import check_not_empty
from till.domain.text import clean
from till.domain.words import _
from till.register.language import (
    AddItem,
    Choose,
    GoToPay,
    OneMore,
    PayCard,
    PayCash,
    SetType,
    ShowCart,
    ShowMenu,
    TakeOff,
    ToTab,
)
from till.tui.counter import plain
from till.tui.scenes.receipts import show_last_receipt
from till.tui.sights import order_type_name
from till.tui.strokes import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order import Order
    from till.register.language import Intent
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
    """The commands of one sell scene."""

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene
        self._counter = scene.counter
        self._register = scene.counter.register
        self._simple: dict[type[Intent], Callable[[], None]] = {
            ShowMenu: self.show_menu,
            ShowCart: self._say_cart,
            GoToPay: lambda: self.pay(worded=True),
            PayCard: self._pay_card,
        }

    def do(self, command: Command) -> None:
        """Do a command; a refusal is said in the answer line."""
        actions = {
            Command.HELP: self._help,
            Command.MENU: self.show_menu,
            Command.RECALL: self._recall,
            Command.QUANTITY: self._scene.steps.ask,
            Command.VOID: self.void,
            Command.TABS: self._tabs,
            Command.PAY: self.pay,
            Command.LOG_OUT: self._log_out,
            Command.UNDO: self._undo,
            Command.CLEAR: self._clear,
            Command.CONFLICTS: self._conflicts,
            Command.ORDER_TYPE: lambda: self._set_type(self.next_type()),
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

    def act(self, intent: Intent) -> None:
        """Do what was typed.

        Raises:
            TillError: it is refused; nothing changed.
        """
        match intent:
            case AddItem():
                self._scene.add(intent)
            case Choose():
                self._choose(intent)
            case OneMore():
                self._one_more(intent)
            case TakeOff():
                self._take_off(intent)
            case SetType():
                self._set_type(intent.order_type)
            case ToTab():
                self._to_tab(intent.name)
            case PayCash():
                self._pay_cash(intent.amount)
            case _:
                self._simple[type(intent)]()

    def _order(self) -> Order:
        order = self._scene.order
        if order is None:
            raise LineError(_("There are no lines yet. Type an item, then Enter."))
        return order

    def _choose(self, intent: Choose) -> None:
        from till.tui.sheets.choosing import ask_which  # noqa: PLC0415 - made when it is asked for

        ask_which(self._counter, self._scene, intent)

    def _one_more(self, intent: OneMore) -> None:
        order = self._order()
        item = self._register.menu.by_id.get(order.last_item[0]) if order.last_item else None
        if item is None:
            raise LineError(_("One more of what? Type its name."))
        line = order.last_line
        same = line is not None and line.item_id == item.id
        self._scene.add(AddItem(item, intent.quantity, line.price4 if line and same else None))

    def _take_off(self, intent: TakeOff) -> None:
        """Fewer of the line that was named; all of it is a void, and asks for its reason."""
        rows = [row for row in self._order().priced.rows if row.first.item_id in intent.item_ids]
        if not rows:
            raise LineError(_("No line of this order is called {name}.").format(name=intent.name))
        if len(rows) > 1:
            raise LineError(
                _("{name} is on several lines: ↑ or ↓ chooses one, F7 voids it.").format(name=intent.name.capitalize())
            )
        row = rows[0]
        self._scene.selected = row.first.id
        if intent.quantity is not None and intent.quantity < row.quantity:
            self._scene.steps.set(row.first.id, row.quantity - intent.quantity)
        else:
            self.void()

    def _say_cart(self) -> None:
        order = self._order()
        check_not_empty(order)
        formats = self._register.formats
        rows = ", ".join(
            f"{row.quantity} × {clean(row.first.name)} {formats.amount(row.amount)}" for row in order.priced.rows[:4]
        )
        more = "…" if len(order.priced.rows) > 4 else ""  # noqa: PLR2004 - what fits the answer line
        self._scene.said = plain(f"{rows}{more}. {self._register.answers.total(order)}")

    # Lines.

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
        from till.tui.sheets.reasons import VoidSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(VoidSheet(self._counter, self._scene, entry))

    def _clear(self) -> None:
        order = self._order()
        check_clearable(order)
        if order.is_empty:
            raise EmptyOrderError(_("There is nothing to clear."))
        from till.tui.sheets.reasons import ClearSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(ClearSheet(self._counter, self._scene, order))

    def _conflicts(self) -> None:
        person = self._register.access.person
        if person is None or not person.manages:
            raise RightsError(_("Conflicts and records are for a manager: log in as one."))
        from till.tui.sheets.conflicts import ConflictSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(ConflictSheet(self._counter, self._scene))

    def _undo(self) -> None:
        order = self._register.sales.undo_void(self._order().id)
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

    def _set_type(self, order_type: str) -> None:
        order = self._register.sales.set_order_type(self._scene.open_session(), self._scene.user, order_type)
        self._scene.show_order(order)
        said = _("This order is {kind}.").format(kind=order_type_name(order.order_type))
        self._scene.said = plain(said if order.is_empty else f"{said} {self._register.answers.total(order)}")

    # Elsewhere.

    def show_menu(self) -> None:
        """The menu, as was asked: an event, and the board or the sheet to choose from."""
        if not self._register.menu.items:
            raise NotOnMenuError(_("The menu is empty: a manager imports one with “till admin menu import”."))
        self.view_menu(None)
        from till.tui.sheets.menu import MenuSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(MenuSheet(self._counter, self._scene))

    def view_menu(self, category: str | None) -> None:
        """Write down that the menu, or a category of it, was asked for: what is sold now stands in the event."""
        register, scene = self._register, self._scene
        moment = register.venue.local(register.ledger.now()).time()
        items = [item for item in register.menu.sold_at(moment) if category in {None, item.category}]
        named = register.menu.category_by_id.get(category or "")
        query = named.name if named else ""
        scene.show_order(register.sales.view_menu(scene.open_session(), scene.user, query, items))

    def pay(self, *, worded: bool = False) -> None:
        """Go and take the money; `worded` when it was said, not pressed: then how to pay is said too."""
        order = self._order()
        check_payable(order)
        from till.tui.scenes.pay import PayScene  # noqa: PLC0415 - the scenes know each other

        self._counter.go(PayScene(self._counter, order.id, worded=worded))

    def _pay_cash(self, amount: int | None) -> None:
        """Take cash from the entry line: an amount with change, or exactly what is due."""
        order = self._order()
        check_payable(order)
        from till.tui.scenes.pay import PayScene  # noqa: PLC0415 - the scenes know each other

        scene = PayScene(self._counter, order.id)
        scene.take_cash(amount)

    def _pay_card(self) -> None:
        order = self._order()
        check_payable(order)
        from till.tui.scenes.pay import PayScene  # noqa: PLC0415 - the scenes know each other

        PayScene(self._counter, order.id).take_card(None)

    def _to_tab(self, name: str | None) -> None:
        """`tab 7`: save the order there; without lines, recall what stands there."""
        order = self._scene.order
        if name is None or order is None or order.is_empty:
            self._tabs(name or "")
            return
        tab = self._register.tabs.save(order.id, name)
        self._scene.show_order(None)
        self._scene.said = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))

    def _tabs(self, recalled: str = "") -> None:
        from till.tui.sheets.tabs import TabsSheet  # noqa: PLC0415 - made when it is asked for

        TabsSheet(self._counter, self._scene).show(recalled)

    def _recall(self) -> None:
        from till.tui.sheets.recall import RecallSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(RecallSheet(self._counter, self._scene))

    def _help(self) -> None:
        from till.tui.sheets.help import HelpSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(HelpSheet(self._counter, self._scene.desk, HelpSheet.sell(self._counter.keymap)))

    def _commands(self) -> None:
        from till.tui.sheets.commands import CommandSheet  # noqa: PLC0415 - made when it is asked for

        self._counter.open(CommandSheet(self._counter, self._scene))

    def _log_out(self) -> None:
        from till.tui.scenes.leaving import log_out  # noqa: PLC0415 - the scenes know each other

        log_out(self._counter)

    def _close(self) -> None:
        key = self._counter.keymap.label(Command.LOG_OUT)
        self._scene.said = plain(_("Log out first ({key}); the login screen closes the till.").format(key=key))
