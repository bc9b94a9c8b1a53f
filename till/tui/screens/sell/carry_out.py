"""The one place where the sell screen's effects are carried out, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never

from till.domain.i18n import _
from till.domain.order.selling import Keyed, row_of
from till.domain.text import clean
from till.tui.screens.admin.conflicts import ConflictSheet
from till.tui.screens.guests.bookings import BookingSheet
from till.tui.screens.guests.customer import CustomerSheet
from till.tui.screens.guests.feedback import FeedbackSheet
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
    NoteLine,
    Open,
    OpenClear,
    OpenCustomer,
    OpenFeedback,
    OpenHelp,
    OpenMenu,
    OpenNote,
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
    Undo,
    UndoClearing,
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
    from till.register.register import Register
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
        case SaveToTab(name=name) if controller.register.tabs.is_open_besides(_id(scene.order), name):
            TabsSheet(controller, scene).offer(name)
        case Add() | AddSeveral() | ChangeQuantity() | NoteLine() | SetOrderType() | SaveToTab():
            return _change(effect, scene, controller)
        case Undo() | UndoClearing():
            return _undo(effect, controller.register, scene.order)
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
    effect: Add | AddSeveral | ChangeQuantity | NoteLine | SetOrderType | SaveToTab,
    scene: SellHost,
    controller: Controller,
) -> Outcome:
    register, present = controller.register, scene.order
    answers = register.answers
    match effect:
        case Add() | AddSeveral():
            return _add(effect, register, present, scene.user)
        case ChangeQuantity(line_id=line_id, quantity=quantity):
            order = register.sales.change_quantity(_id(present), line_id, quantity)
            row = row_of(order, line_id)
            return Changed(order, answers.changed(order, row), row.first.id)
        case NoteLine(line_id=line_id, note=note):
            order = register.sales.note_line(_id(present), line_id, note)
            row = row_of(order, line_id)
            return Changed(order, answers.noted(row), row.first.id)
        case SetOrderType(order_type=order_type):
            order = register.sales.set_order_type(session_to_key_on(present), scene.user, order_type)
            said = _("This order is {kind}.").format(kind=order_type_name(order.order_type))
            return Changed(order, said if order.is_empty else f"{said} {answers.total(order)}")
        case SaveToTab(name=name):
            tab = register.tabs.save(_id(present), name)
            return Gone(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))
    assert_never(effect)


def _add(effect: Add | AddSeveral, register: Register, present: Order | None, user: int) -> Added:
    """Key one item, or several in one entry."""
    session = session_to_key_on(present)
    if isinstance(effect, Add):
        order = register.sales.add(session, user, Keyed(effect.item, effect.quantity, effect.price4))
        said = register.answers.added(order, clean(effect.item.name), effect.quantity)
    else:
        keyed = [Keyed(part.item, part.quantity, part.price4) for part in effect.parts]
        order = register.sales.add_all(session, user, keyed)
        pieces = [(clean(part.item.name), part.quantity) for part in effect.parts]
        said = register.answers.added_all(order, pieces)
    line = order.last_line
    return Added(order, line.id if line else None, said)


def _undo(effect: Undo | UndoClearing, register: Register, before: Order | None) -> Changed:
    """Undo the last void, noting or clearing, and say what is so again."""
    answers = register.answers
    if before is None or isinstance(effect, UndoClearing):
        order = register.recovery.undo_clearing()
        if before is not None:
            register.recovery.put_aside(before)
        return Changed(order, answers.here(order))
    order = register.sales.undo(before.id)
    if (line := _came_back(before, order)) is not None:
        return Changed(order, answers.restored(order, clean(line.name)), row_of(order, line.id).first.id)
    noted = next((one for one in order.lines.values() if one.quantity and one.note != before.lines[one.id].note), None)
    if noted is not None:
        row = row_of(order, noted.id)
        return Changed(order, answers.noted(row), row.first.id)
    return Changed(order, answers.order_noted(order))


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
    effect: OpenMenu
    | OpenVoid
    | OpenClear
    | OpenNote
    | OpenTabs
    | OpenCustomer
    | OpenFeedback
    | OpenUnread
    | OpenWhichItem
    | OpenHelp
    | Open,
    scene: SellHost,
    controller: Controller,
) -> None:
    match effect:
        case OpenMenu():
            view_menu(controller, scene, None)
            controller.open(MenuSheet(controller, scene))
        case OpenVoid() | OpenClear() | OpenNote() | OpenUnread() | OpenWhichItem():
            controller.open(_sheet(effect, scene, controller))
        case OpenTabs(name=name):
            TabsSheet(controller, scene).show(name)
        case OpenCustomer(who=who):
            CustomerSheet(controller, scene).show(who)
        case OpenFeedback(sold=sold):
            controller.open(FeedbackSheet(controller, scene, sold))
        case OpenHelp(rows=rows):
            controller.help(scene.screen, rows or help_rows(controller.keymap))
        case Open(sheet=sheet):
            _open_listed(sheet, scene, controller)


def _open_listed(
    sheet: Literal["waiting orders", "conflicts", "commands", "bookings"], scene: SellHost, controller: Controller
) -> None:
    """Open a sheet that needs nothing told."""
    match sheet:
        case "waiting orders":
            WaitingOrdersSheet(controller, scene).show()
        case "conflicts":
            controller.open(ConflictSheet(controller, scene.screen))
        case "bookings":
            controller.open(BookingSheet(controller, scene))
        case "commands":
            controller.open(CommandSheet(controller, scene.screen, scene.do))


def _sheet(
    effect: OpenVoid | OpenClear | OpenNote | OpenUnread | OpenWhichItem, scene: SellHost, controller: Controller
) -> ChoiceSheet:
    """The sheet that asks one thing about the order."""
    match effect:
        case OpenVoid(line=line):
            return VoidSheet(controller, scene, line)
        case OpenClear(order=order):
            return ClearSheet(controller, scene, order)
        case OpenNote(line=line):
            return NoteSheet(controller, scene, line)
        case OpenUnread(order=order):
            return SetAsideSheet(controller, scene, order)
        case OpenWhichItem(asked=asked, title=title, typed=typed):
            return WhichItemSheet(controller, scene, asked, title, typed)
    assert_never(effect)
