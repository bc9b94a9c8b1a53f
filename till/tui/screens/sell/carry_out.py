"""The single place where effects of the sell screen are carried out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, assert_never

from till.domain.errors import AgeCheckError
from till.domain.i18n import _
from till.domain.order.line import Row
from till.domain.order.selling import ItemEntry, row_of
from till.domain.text import clean
from till.tui.screens.admin.conflicts import ConflictSheet
from till.tui.screens.guests.bookings import BookingSheet
from till.tui.screens.guests.customer import CustomerSheet
from till.tui.screens.guests.feedback import FeedbackSheet
from till.tui.screens.notices.scene import NoticesScene
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sales.scene import SalesScene
from till.tui.screens.sell.age_check import AgeSheet
from till.tui.screens.sell.command_list import CommandSheet
from till.tui.screens.sell.commands import help_rows
from till.tui.screens.sell.discount_sheet import DiscountSheet
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
    OnOrder,
    Open,
    OpenClear,
    OpenCustomer,
    OpenDiscount,
    OpenFeedback,
    OpenHelp,
    OpenMenu,
    OpenNote,
    OpenPrice,
    OpenSales,
    OpenSoldOut,
    OpenSplit,
    OpenTabs,
    OpenUnread,
    OpenVoid,
    OpenWhichItem,
    SaveToTab,
    ScrollReceipt,
    ShowPay,
    TakeCard,
    TakeCash,
    TakeTip,
    Undo,
    UndoClearing,
    id_of,
)
from till.tui.screens.sell.line_choices import ChoicesSheet, has_choices
from till.tui.screens.sell.line_price import PriceSheet
from till.tui.screens.sell.menu_sheet import MenuSheet, view_menu
from till.tui.screens.sell.order_note import NoteSheet
from till.tui.screens.sell.reasons import ClearSheet, VoidSheet
from till.tui.screens.sell.sold_out import mark_item
from till.tui.screens.sell.state import session_to_key_on
from till.tui.screens.sell.unread_records import SetAsideSheet
from till.tui.screens.sell.which_item import WhichItemSheet
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.tabs.state import is_unknown_table
from till.tui.screens.waiting_orders.sheet import WaitingOrdersSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.order.line import Line
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.register import Register
    from till.tui.screens.sell.effects import Effect, Outcome
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sheets.choice_sheet import ChoiceSheet
    from till.tui.shell.controller import Controller

#: The sheets without arguments, by the name that `actions.Opens` gives.
SHEETS: Final[Mapping[str, Callable[[Controller, SellHost], None]]] = {
    "waiting orders": lambda controller, scene: WaitingOrdersSheet(controller, scene).show(),
    "conflicts": lambda controller, scene: controller.open(ConflictSheet(controller, scene.screen)),
    "notices": lambda controller, scene: NoticesScene(controller, scene).show(),
    "bookings": lambda controller, scene: controller.open(BookingSheet(controller, scene)),
    "commands": lambda controller, scene: controller.open(CommandSheet(controller, scene.screen, scene.do)),
}


def carry_out(effect: Effect, scene: SellHost, controller: Controller) -> Outcome | None:
    """Carry out an effect of the sell screen.

    Returns:
        The change of the order; None if there is none, or if it is shown elsewhere.

    Raises:
        TillError: it is refused; nothing changed.
    """
    match effect:
        case OnOrder():
            return effect.act(controller.register, scene.user, scene.order)
        case Add() | AddSeveral() | ChangeQuantity() | SaveToTab():
            return _change(effect, scene, controller)
        case Undo() | UndoClearing():
            return _undo(effect, controller.register, scene.order)
        case KeepTyped(text=text, refused=refused):
            controller.register.typed.keep(scene.user, text, refused=refused)
        case MarkSending(text=text):
            controller.register.typed.sending(scene.user, text)
        case MarkRead(text=text):
            controller.register.unread.read(scene.user, text)
        case ScrollReceipt(rows=rows):
            scene.screen.order.move(rows)
        case ShowPay() | TakeCash() | TakeCard() | TakeTip():
            _pay(effect, scene, controller)
        case LogOut():
            controller.log_out()
        case _:
            _open(effect, scene, controller)
    return None


def _change(
    effect: Add | AddSeveral | ChangeQuantity | SaveToTab, scene: SellHost, controller: Controller
) -> Outcome | None:
    match effect:
        case Add() | AddSeveral():
            return _added(effect, scene, controller)
        case ChangeQuantity(line_id=line_id, quantity=quantity):
            return _change_quantity(id_of(scene.order), line_id, quantity, scene, controller)
        case SaveToTab(name=name):
            return _save_to_tab(name, scene, controller)
    assert_never(effect)


def _save_to_tab(name: str, scene: SellHost, controller: Controller) -> Gone | None:
    """Save the order to a tab. If the tab is open or the table unknown, the screen of tables asks first."""
    register, session = controller.register, id_of(scene.order)
    if register.open_tabs.is_open_besides(session, name):
        TablesScene(controller, scene).offer(name)
        return None
    if is_unknown_table(name, register.venue):
        TablesScene(controller, scene).save(name)
        return None
    tab = register.tabs.save(session, name)
    return Gone(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))


def _change_quantity(
    session: str, line_id: str, quantity: int, scene: SellHost, controller: Controller
) -> Changed | None:
    """Change the quantity of a row. Fewer of what was sent, or more at an overridden price, need a manager."""
    register = controller.register

    def change(approval: Approval | None) -> Changed:
        order = register.sales.change_quantity(session, line_id, quantity, approval)
        row = row_of(order, line_id)
        if (more := quantity - row.quantity) and order.last_line is not None:  # the added ones are a row of their own
            return Changed(order, register.answers.added(order, clean(row.first.name), more), order.last_line.id)
        return Changed(order, register.answers.changed(order, row), row.first.id)

    asked = register.sales.change_asked(session, line_id, quantity)
    if asked is None or register.approvals.allow(asked):
        return change(None)

    def allowed(approval: Approval | None) -> None:
        scene.message = plain(change(approval).sentence)

    row = row_of(register.ledger.order(session), line_id)
    more = abs(quantity) - abs(row.quantity)
    title = (
        _("{pieces} more × {name}, not at its price")
        if more > 0
        else _("Take {pieces} × {name} off, after it was sent")
    )
    title = title.format(pieces=abs(more), name=clean(row.first.name))
    with_right(controller, scene.screen, title, asked, allowed)
    return None


def _added(effect: Add | AddSeveral, scene: SellHost, controller: Controller) -> Added | None:
    """Add items; those with a minimum age are asked about first."""
    try:
        return _add(effect, controller.register, scene.order, scene.user)
    except AgeCheckError as asked:
        controller.open(AgeSheet(controller, scene, effect, asked.years))
        return None


def _add(effect: Add | AddSeveral, register: Register, present: Order | None, user: int) -> Added:
    """Add one item, or several in one entry."""
    session = session_to_key_on(present)
    if isinstance(effect, Add):
        order = register.sales.add(session, user, _keyed(effect))
        said = register.answers.added(order, clean(effect.item.name), effect.quantity, effect.measure)
    else:
        order = register.sales.add_all(session, user, [_keyed(part) for part in effect.parts])
        pieces = [(clean(part.item.name), part.quantity) for part in effect.parts]
        said = register.answers.added_all(order, pieces)
    line = _newest(present, order)
    return Added(order, line.id if line else None, said)


def _keyed(effect: Add) -> ItemEntry:
    return ItemEntry(
        effect.item, effect.quantity, effect.price4, effect.modifiers, effect.seat, effect.course, effect.measure
    )


def _newest(before: Order | None, after: Order) -> Line | None:
    """Return the line added last; of several, the first with a required choice."""
    known = before.lines if before is not None else {}
    behind = islice(after.lines.values(), len(known), None)  # new lines come after all others
    came = (one for one in behind if one.id not in known and one.quantity and one.asks)
    return next(came, after.last_line)


def _undo(effect: Undo | UndoClearing, register: Register, before: Order | None) -> Changed:
    """Undo the last void, note or clearing, and say what was restored."""
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
    changed = next(
        (one for one in order.lines.values() if one.quantity and one.changes != before.lines[one.id].changes), None
    )
    if changed is not None:
        row, known = row_of(order, changed.id), before.lines[changed.id]
        same = (known.price4, known.modifiers) == (changed.price4, changed.modifiers)
        return Changed(order, answers.seated(row) if same else answers.chosen(order, row), row.first.id)
    if order.counted_discounts != before.counted_discounts:
        return Changed(order, answers.full_price(order))
    return Changed(order, answers.order_noted(order))


def _came_back(before: Order | None, after: Order) -> Line | None:
    """Return the newest line that was restored. It keeps its place among the others."""
    counted = {line.id for line in before.lines.values() if line.quantity} if before is not None else set()
    return next((one for one in reversed(tuple(after.lines.values())) if one.quantity and one.id not in counted), None)


def _pay(effect: ShowPay | TakeCash | TakeCard | TakeTip, scene: SellHost, controller: Controller) -> None:
    pay = PayScene(controller, id_of(scene.order))
    match effect:
        case ShowPay():
            pay.show()
        case TakeCash(amount=amount):
            pay.take_cash(amount)
        case TakeCard(tender=tender, amount=amount, slip=slip):
            pay.take_other(tender, amount, slip)
        case TakeTip(amount=amount):
            pay.show()
            pay.agree_tip(amount)


def _open(
    effect: OpenMenu
    | OpenVoid
    | OpenClear
    | OpenNote
    | OpenPrice
    | OpenSoldOut
    | OpenDiscount
    | OpenTabs
    | OpenCustomer
    | OpenFeedback
    | OpenSales
    | OpenSplit
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
        case OpenSoldOut(item=item, sold_out=sold_out):
            mark_item(controller, scene, item, sold_out=sold_out)
        case OpenVoid() | OpenClear() | OpenNote() | OpenPrice() | OpenDiscount() | OpenUnread() | OpenWhichItem():
            controller.open(_sheet(effect, scene, controller))
        case OpenTabs(name=name):
            TablesScene(controller, scene).show(name)
        case OpenCustomer(who=who):
            CustomerSheet(controller, scene).show(who)
        case OpenSales() | OpenSplit():
            _leave_for(effect, scene.order, controller)
        case OpenFeedback(sold=sold):
            controller.open(FeedbackSheet(controller, scene, sold))
        case OpenHelp(rows=rows):
            controller.help(scene.screen, rows or help_rows(controller.keymap))
        case Open(sheet=sheet):
            SHEETS[sheet](controller, scene)


def _leave_for(effect: OpenSales | OpenSplit, order: Order | None, controller: Controller) -> None:
    """Go to another screen that returns to this order."""
    if isinstance(effect, OpenSplit):
        SplitScene(controller, id_of(order), effect.guests, items=effect.items).show()
    else:
        SalesScene(controller, order.id if order is not None else None, effect.typed, effect.was).show()


def _note_sheet(effect: OpenNote, scene: SellHost, controller: Controller) -> ChoiceSheet:
    """Return the sheet of a line's choices if it has any; otherwise that of its note."""
    line = effect.line
    if line is not None and isinstance(line.shown, Row) and has_choices(controller, line.shown):
        return ChoicesSheet(controller, scene, line.line_id, asked=effect.asked)
    return NoteSheet(controller, scene, line)


def _sheet(
    effect: OpenVoid | OpenClear | OpenNote | OpenPrice | OpenDiscount | OpenUnread | OpenWhichItem,
    scene: SellHost,
    controller: Controller,
) -> ChoiceSheet:
    """Return the sheet that asks one thing about the order or one of its lines."""
    match effect:
        case OpenClear(order=order):
            return ClearSheet(controller, scene, order)
        case OpenUnread(order=order):
            return SetAsideSheet(controller, scene, order)
        case OpenWhichItem(asked=asked, title=title, typed=typed):
            return WhichItemSheet(controller, scene, asked, title, typed)
        case _:
            return _line_sheet(effect, scene, controller)


def _line_sheet(
    effect: OpenVoid | OpenNote | OpenPrice | OpenDiscount, scene: SellHost, controller: Controller
) -> ChoiceSheet:
    match effect:
        case OpenVoid(line=line):
            return VoidSheet(controller, scene, line)
        case OpenNote():
            return _note_sheet(effect, scene, controller)
        case OpenPrice(line=line, price4=price4):
            return PriceSheet(controller, scene, line, price4)
        case OpenDiscount(line=line, way=way, figure=figure):
            return DiscountSheet(controller, scene, line, way, figure)
    assert_never(effect)
