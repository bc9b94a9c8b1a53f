"""What is typed on the sell screen, once it is understood: what each phrase does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError
from till.domain.i18n import _
from till.domain.order.selling import check_not_empty
from till.domain.payment.paying import check_payable
from till.domain.text import clean
from till.register.quick_entry.language import (
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
from till.tui.scenes.pay import PayScene
from till.tui.sheets.choosing import ask_which

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.register.quick_entry.language import Intent
    from till.tui.scenes.sell import SellScene


class SellPhrases:
    """The phrases of one sell scene. What a key does as well, they leave to its commands."""

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene
        self._commands = scene.commands
        self._counter = scene.counter
        self._register = scene.counter.register
        self._simple: dict[type[Intent], Callable[[], None]] = {
            ShowMenu: self._commands.show_menu,
            ShowCart: self._say_cart,
            GoToPay: lambda: self._commands.pay(worded=True),
            PayCard: self._pay_card,
        }

    def act(self, intent: Intent) -> None:
        """Do what was typed.

        Raises:
            TillError: it is refused; nothing changed.
        """
        match intent:
            case AddItem():
                self._scene.add(intent)
            case Choose():
                ask_which(self._counter, self._scene, intent)
            case OneMore():
                self._one_more(intent)
            case TakeOff():
                self._take_off(intent)
            case SetType():
                self._commands.set_type(intent.order_type)
            case ToTab():
                self._to_tab(intent.name)
            case PayCash():
                self._pay_cash(intent.amount)
            case _:
                self._simple[type(intent)]()

    def _one_more(self, intent: OneMore) -> None:
        order = self._commands.order()
        item = self._register.menu.by_id.get(order.last_item[0]) if order.last_item else None
        if item is None:
            raise LineError(_("One more of what? Type its name."))
        line = order.last_line
        same = line is not None and line.item_id == item.id
        self._scene.add(AddItem(item, intent.quantity, line.price4 if line and same else None))

    def _take_off(self, intent: TakeOff) -> None:
        """Fewer of the line that was named; all of it is a void, and asks for its reason."""
        rows = [row for row in self._commands.order().priced.rows if row.first.item_id in intent.item_ids]
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
            self._commands.void()

    def _say_cart(self) -> None:
        order = self._commands.order()
        check_not_empty(order)
        formats = self._register.formats
        rows = ", ".join(
            f"{row.quantity} × {clean(row.first.name)} {formats.amount(row.amount)}" for row in order.priced.rows[:4]
        )
        more = "…" if len(order.priced.rows) > 4 else ""  # noqa: PLR2004 - what fits the answer line
        self._scene.said = plain(f"{rows}{more}. {self._register.answers.total(order)}")

    def _pay_cash(self, amount: int | None) -> None:
        """Take cash from the entry line: an amount with change, or exactly what is due."""
        order = self._commands.order()
        check_payable(order)
        PayScene(self._counter, order.id).take_cash(amount)

    def _pay_card(self) -> None:
        order = self._commands.order()
        check_payable(order)
        PayScene(self._counter, order.id).take_card(None)

    def _to_tab(self, name: str | None) -> None:
        """`tab 7`: save the order there; without lines, recall what stands there."""
        order = self._scene.order
        if name is None or order is None or order.is_empty:
            self._commands.tabs(name or "")
            return
        tab = self._register.tabs.save(order.id, name)
        self._scene.show_order(None)
        self._scene.said = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))
