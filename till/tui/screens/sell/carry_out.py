"""The one place where the sell screen's effects are carried out, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from till.domain.i18n import _
from till.domain.order.selling import Keyed, row_of
from till.domain.text import clean
from till.tui.screens.admin.conflicts import ConflictSheet
from till.tui.screens.names import order_type_name
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.command_list import CommandSheet
from till.tui.screens.sell.commands import help_rows
from till.tui.screens.sell.effects import (
    Add,
    Added,
    AddSeveral,
    Changed,
    ChangeQuantity,
    Gone,
    KeepTyped,
    LogOut,
    MarkRead,
    MarkSending,
    Open,
    OpenClear,
    OpenHelp,
    OpenMenu,
    OpenTabs,
    OpenUnread,
    OpenVoid,
    OpenWhichItem,
    SaveToTab,
    ScrollReceipt,
    SetOrderType,
    ShowPay,
    TakeCard,
    TakeCash,
    UndoVoid,
)
from till.tui.screens.sell.menu_sheet import MenuSheet, view_menu
from till.tui.screens.sell.order_note import NoteSheet
from till.tui.screens.sell.reasons import ClearSheet, VoidSheet
from till.tui.screens.sell.state import session_to_key_on
from till.tui.screens.sell.unread_records import SetAsideSheet
from till.tui.screens.sell.which_item import WhichItemSheet
from till.tui.screens.tabs.sheet import TabsSheet
from till.tui.screens.waiting_orders.sheet import WaitingOrdersSheet

if TYPE_CHECKING:
    from till.domain.order.line import Line
    from till.domain.order.state import Order
    from till.tui.screens.sell.effects import Effect, Outcome
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sheets.choice_sheet import ChoiceSheet
    from till.tui.shell.controller import Controller


def carry_out(effect: Effect, scene: SellHost, controller: Controller) -> Outcome | None:
    """Do what the sell screen asks for.

    Returns:
        What became of the order; None where that is said by somebody else.

    Raises:
        TillError: it is refused; nothing changed.
    """
    match effect:
        case Add() | AddSeveral() | ChangeQuantity() | UndoVoid() | SetOrderType() | SaveToTab():
            return _change(effect, scene, controller)
        case KeepTyped(text=text):
            controller.register.typed.keep(scene.user, text)
        case MarkSending(text=text):
            controller.register.typed.sending(scene.user, text)
        case MarkRead(text=text):
            controller.register.unread.read(scene.user, text)
        case ScrollReceipt(rows=rows):
            scene.screen.order.move(rows)
        case ShowPay() | TakeCash() | TakeCard():
            _pay(effect, scene, controller)
        case LogOut():
            controller.log_out()
        case _:
            _open(effect, scene, controller)
    return None


def _change(
    effect: Add | AddSeveral | ChangeQuantity | UndoVoid | SetOrderType | SaveToTab,
    scene: SellHost,
    controller: Controller,
) -> Outcome:
    register, present = controller.register, scene.order
    answers = register.answers
    match effect:
        case Add(item=item, quantity=quantity, price4=price4):
            order = register.sales.add(session_to_key_on(present), scene.user, Keyed(item, quantity, price4))
            line = order.last_line
            return Added(order, line.id if line else None, answers.added(order, clean(item.name), quantity))
        case AddSeveral(parts=parts):
            keyed = [Keyed(part.item, part.quantity, part.price4) for part in parts]
            order = register.sales.add_all(session_to_key_on(present), scene.user, keyed)
            line = order.last_line
            said = answers.added_all(order, [(clean(part.item.name), part.quantity) for part in parts])
            return Added(order, line.id if line else None, said)
        case ChangeQuantity(line_id=line_id, quantity=quantity):
            order = register.sales.change_quantity(_id(present), line_id, quantity)
            row = row_of(order, line_id)
            return Changed(order, answers.changed(order, row), row.first.id)
        case UndoVoid():
            order = register.sales.undo_void(_id(present))
            line = _came_back(present, order)
            said = answers.restored(order, clean(line.name) if line else "")
            return Changed(order, said, row_of(order, line.id).first.id if line else None)
        case SetOrderType(order_type=order_type):
            order = register.sales.set_order_type(session_to_key_on(present), scene.user, order_type)
            said = _("This order is {kind}.").format(kind=order_type_name(order.order_type))
            return Changed(order, said if order.is_empty else f"{said} {answers.total(order)}")
        case SaveToTab(name=name):
            tab = register.tabs.save(_id(present), name)
            return Gone(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))
    assert_never(effect)


def _came_back(before: Order | None, after: Order) -> Line | None:
    """The newest line that counts again: it stands where it stood, not behind the others."""
    counted = {line.id for line in before.lines.values() if line.quantity} if before is not None else set()
    return next((one for one in reversed(tuple(after.lines.values())) if one.quantity and one.id not in counted), None)


def _id(order: Order | None) -> str:
    """The order that a command is about, which is there: the commands ask for it first."""
    return order.id if order is not None else ""


def _pay(effect: ShowPay | TakeCash | TakeCard, scene: SellHost, controller: Controller) -> None:
    pay = PayScene(controller, _id(scene.order))
    match effect:
        case ShowPay():
            pay.show()
        case TakeCash(amount=amount):
            pay.take_cash(amount)
        case TakeCard():
            pay.take_card(None)


def _open(
    effect: OpenMenu | OpenVoid | OpenClear | OpenTabs | OpenUnread | OpenWhichItem | OpenHelp | Open,
    scene: SellHost,
    controller: Controller,
) -> None:
    match effect:
        case OpenMenu():
            view_menu(controller, scene, None)
            controller.open(MenuSheet(controller, scene))
        case OpenVoid() | OpenClear() | OpenUnread() | OpenWhichItem():
            controller.open(_sheet(effect, scene, controller))
        case OpenTabs(name=name):
            TabsSheet(controller, scene).show(name)
        case OpenHelp(rows=rows):
            controller.help(scene.screen, rows or help_rows(controller.keymap))
        case Open(sheet="waiting orders"):
            WaitingOrdersSheet(controller, scene).show()
        case Open(sheet="conflicts"):
            controller.open(ConflictSheet(controller, scene.screen))
        case Open(sheet="note"):
            controller.open(NoteSheet(controller, scene))
        case Open(sheet="commands"):
            controller.open(CommandSheet(controller, scene.screen, scene.do))


def _sheet(
    effect: OpenVoid | OpenClear | OpenUnread | OpenWhichItem, scene: SellHost, controller: Controller
) -> ChoiceSheet:
    """The sheet that asks one thing about the order."""
    match effect:
        case OpenVoid(line=line):
            return VoidSheet(controller, scene, line)
        case OpenClear(order=order):
            return ClearSheet(controller, scene, order)
        case OpenUnread(order=order):
            return SetAsideSheet(controller, scene, order)
        case OpenWhichItem(asked=asked, title=title, typed=typed):
            return WhichItemSheet(controller, scene, asked, title, typed)
    assert_never(effect)
