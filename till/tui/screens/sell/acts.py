"""The acts of the sell screen, called on its scene: those that change the order return the outcome."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, ngettext
from till.domain.order.choosing import check_price
from till.domain.order.deciding import pieces_of, row_of
from till.domain.order.line import Row
from till.domain.order.naming import order_type_name, tab_name
from till.domain.order.quantities import pieces_off
from till.domain.text import capitalize_first, clean
from till.domain.till.events import ItemCounted
from till.register import counter
from till.register.selling import AgeCheckError
from till.register.tabs.names import is_unknown_table, key_of, number_in
from till.register.words import order_types
from till.tui.drawing.viewmodels import FactView, StyledText, fact
from till.tui.screens.admin.conflicts import ConflictSheet
from till.tui.screens.guests.customer import CustomerSheet
from till.tui.screens.guests.feedback import FeedbackSheet
from till.tui.screens.notices import NoticesScene
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sales.scene import SalesScene
from till.tui.screens.sell.age_check import AgeSheet
from till.tui.screens.sell.combo import ComboSheet
from till.tui.screens.sell.command_list import CommandSheet
from till.tui.screens.sell.discount_sheet import DiscountSheet
from till.tui.screens.sell.line_choices import ChoicesSheet, has_choices
from till.tui.screens.sell.menu_sheet import MenuSheet, view_menu
from till.tui.screens.sell.order_note import NoteSheet
from till.tui.screens.sell.pay_elsewhere import PayElsewhereSheet
from till.tui.screens.sell.saying import if_allowed
from till.tui.screens.sell.state import Gone
from till.tui.screens.sell.which_item import WhichItemSheet, not_keyed
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.managers import skipping
from till.tui.screens.sheets.reason import CLEAR, FEWER, PRICE, VOID, ReasonSheet, reason_fact
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.split.state import Manner
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.sheet import WaitingOrdersSheet
from till.tui.shell.calls import call
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.selling import ItemEntry
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.counter import Added, OrderChanged
    from till.register.quick_entry.intents import Choose
    from till.register.quick_entry.meaning import Mark
    from till.tui.screens.sell.command_list import ListedCommand
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import SheetScene

#: Up to this many lines are quickly added again; an order of more is confirmed before it is cleared.
_FEW: Final = 3

# Lines.


def add(scene: SellHost, *entries: ItemEntry) -> Added | None:
    """Add items, opening an order if there is none: all of them, or none. A minimum age is asked about first."""
    try:
        return counter.add(scene.controller.register, scene.order, scene.user, entries)
    except AgeCheckError as asked:
        scene.controller.open(AgeSheet(scene.controller, scene, call(add, *entries), asked.years))
        return None


def change_quantity(scene: SellHost, line_id: str, quantity: int) -> OrderChanged | None:
    """Set the quantity of a row. Fewer of what was sent ask why, and as more at an overridden price for a manager."""
    register, session = scene.controller.register, id_of(scene.order)
    order = register.ledger.order(session)
    row = row_of(order, line_id)
    more = abs(quantity) - abs(row.quantity)
    title = (
        _("{pieces} more × {name}, not at its price")
        if more > 0
        else _("Take {pieces} × {name} off, after it was sent")
    )
    title = title.format(pieces=abs(more), name=clean(row.first.name))
    change = partial(counter.change_quantity, register, session, line_id, quantity)
    torn = register.answers.torn(order, pieces_off(order, row, -more)) if more < 0 else ""
    if more >= 0 or not (torn or register.sales.takes_sent(session, line_id, quantity)):
        return if_allowed(scene, title, change)

    def act(reason: str) -> None:
        if (done := if_allowed(scene, title, partial(change, reason=reason), reason_fact(reason))) is not None:
            scene.message = plain(done.sentence)

    asked = _("Take {pieces} × {name} off").format(pieces=abs(more), name=clean(row.first.name))
    scene.controller.open(ReasonSheet(scene.controller, scene.screen, asked, FEWER, act, warning=torn))
    return None


def weigh(scene: SellHost, line_id: str, measure: Thousandths) -> OrderChanged | None:
    """Correct the weight of a line. One that was sent needs a manager."""
    register, session = scene.controller.register, id_of(scene.order)
    name = clean(row_of(register.ledger.order(session), line_id).first.name)
    title = _("Weigh {name} again, after it was sent").format(name=name)
    return if_allowed(scene, title, partial(counter.weigh, register, session, line_id, measure))


def note_line(scene: SellHost, line_id: str, note: str) -> OrderChanged:
    """Set the note of a line."""
    return counter.note_line(scene.controller.register, id_of(scene.order), line_id, note)


def id_of(order: Order | None) -> str:
    """Return the id of the order that a command is about. The command has checked that there is one."""
    return order.id if order is not None else ""


# The order.


def set_order_type(scene: SellHost, order_type: str) -> OrderChanged | None:
    """Set the order type, to eat in or take away, opening an order if there is none.

    To take the service charge or a price off sent lines needs a manager.
    """
    title = _("Less for what was sent: {kind}").format(kind=order_type_name(order_type))
    change = partial(order_types.set_order_type, scene.controller.register, scene.order, scene.user, order_type)
    return if_allowed(scene, title, change)


def save_to_tab(scene: SellHost, name: str) -> Gone | None:
    """Save the order to a tab. The screen of tables asks first if that is open, unknown, or a new name for a tab."""
    controller = scene.controller
    register, session = controller.register, id_of(scene.order)
    if register.open_tabs.is_open_besides(session, name):
        TablesScene(controller, scene).offer(name)
        return None
    tab = scene.order.tab if scene.order is not None else None
    is_renamed = tab is not None and name and not number_in(name) and key_of(name) != key_of(tab.name)
    if is_renamed or is_unknown_table(name, register.venue):
        TablesScene(controller, scene).save(name)
        return None
    return Gone(counter.save_to_tab(register, session, name))


# The entry line and messages, as a crash must not lose them.


def keep_typed(scene: SellHost, text: str, *, refused: bool = False) -> None:
    """Save the entry line after each change of it, and whether it was refused."""
    scene.controller.register.typed.keep(scene.user, text, refused=refused, order=scene.session_id)


def mark_sending(scene: SellHost, text: str) -> None:
    """Save that this entry is being carried out, so that it never runs twice."""
    scene.controller.register.typed.sending(scene.user, text)


def tell_left_out(scene: SellHost, words: str) -> None:
    """Add to the message that an entry was asked about, and that other words replaced it."""
    sentence = _("Left out: “{words}”.").format(words=clean(words))
    scene.message = refusal(f"{scene.message.text} {sentence}" if scene.message is not None else sentence)


def leave_unread(scene: SellHost, words: str) -> None:
    """Leave the words of an entry that could not be read on the entry line, and say so."""
    scene.offer(words)
    keep_typed(scene, words, refused=True)
    tell_left_out(scene, words)


def mark_read(scene: SellHost, text: str) -> None:
    """Mark the content of a message as read."""
    scene.controller.register.unread.read(scene.user, text)


# Money.


def _save_back(scene: SellHost) -> None:
    """Save the order to the tab that it came from."""
    TablesScene(scene.controller, scene).save_order("")


def open_pay(scene: SellHost) -> None:
    """Open the pay screen; at a till that takes no money, the sheet that says where to pay."""
    if not scene.controller.register.ledger.takes_money:
        has_tab = scene.order is not None and scene.order.tab is not None
        acts = (_save_back if has_tab else open_tables, print_bill)
        scene.controller.open(PayElsewhereSheet(scene.controller, scene, acts))
        return
    PayScene(scene.controller, id_of(scene.order)).show()


def take_cash(scene: SellHost, amount: Minor | None = None) -> None:
    """Take an amount in cash, or exactly the amount due."""
    PayScene(scene.controller, id_of(scene.order)).take_cash(amount)


def take_other(scene: SellHost, tender: str = "CARD", amount: Minor | None = None, slip: str = "") -> None:
    """Take an amount, or the amount due, in another way than cash; `slip` is the number of its slip."""
    PayScene(scene.controller, id_of(scene.order)).take_other(tender, amount, slip)


def take_tip(scene: SellHost, amount: Minor) -> None:
    """Open the pay screen with a tip."""
    pay = PayScene(scene.controller, id_of(scene.order))
    pay.show()
    pay.agree_tip(amount)


# Other screens, and sheets over this one.


def log_out(scene: SellHost) -> None:
    """Log out without a question; the order is kept."""
    scene.controller.log_out()


def scroll_receipt(scene: SellHost, rows: int) -> None:
    """Scroll the receipt."""
    scene.screen.order.move(rows)


def open_menu(scene: SellHost) -> None:
    """Show the menu to choose from. Viewing it is recorded as an event."""
    view_menu(scene.controller, scene, None)
    scene.controller.open(MenuSheet(scene.controller, scene))


def open_tables(scene: SellHost, name: str = "") -> None:
    """Open the tables to save or recall a tab, or this tab if it is named."""
    TablesScene(scene.controller, scene).show(name)


def offer_act(scene: SellHost, typed: str) -> None:
    """Open the tables with an act typed for the tab of the order."""
    TablesScene(scene.controller, scene).offer_act(typed)


def open_sales(scene: SellHost, number: str = "", was: str = "") -> None:
    """Show past sales, and look up a receipt if given; `was` is the tender to correct it to."""
    SalesScene(scene.controller, scene.session_id, number, was).show()


def print_receipt(scene: SellHost, sold: Order) -> None:
    """Print the receipt of a sale."""
    scene.say_paper(scene.controller.register.printing.receipt(sold.id))


def print_bill(scene: SellHost) -> None:
    """Print the provisional bill of the order."""
    scene.say_paper(scene.controller.register.printing.bill(id_of(scene.order)))


def open_split(scene: SellHost, guests: int = 0, *, items: bool = False) -> None:
    """Open the split in a number of even parts; 0 for by piece, or by items with `items`."""
    manner = Manner.ITEMS if items else Manner.EVEN if guests else Manner.PIECE
    SplitScene(scene.controller, id_of(scene.order), guests, manner=manner).show()


def open_notices(scene: SellHost) -> None:
    """Show what others did to the user's orders."""
    NoticesScene(scene.controller, scene).show()


def open_customer(scene: SellHost, who: str = "") -> None:
    """Ask for the customer of the order; with a name or number, look it up at once."""
    CustomerSheet(scene.controller, scene).show(who)


def open_waiting(scene: SellHost) -> None:
    """Show the user's orders that wait."""
    WaitingOrdersSheet(scene.controller, scene).show()


def open_sheet(scene: SellHost, sheet: Callable[..., SheetScene], **slots: str) -> None:
    """Show a sheet over the screen, of what was typed in the slots of a word."""
    scene.controller.open(sheet(scene.controller, scene, **slots))


def open_conflicts(scene: SellHost) -> None:
    """Show what waits for a manager."""
    scene.controller.open(ConflictSheet(scene.controller, scene.screen))


def ask_void(scene: SellHost, line: ShownLine, *, picked: bool) -> None:
    """Ask for the reason to void a line; with `picked` the first is marked."""
    controller, register, view = scene.controller, scene.controller.register, line.view
    name = clean(view.name)
    title = _("Void {quantity} × {name}").format(quantity=view.quantity, name=name)

    def act(reason: str) -> None:
        if (order := scene.order) is None:
            return

        def void(approval: Approval | None) -> None:
            row = register.sales.void(order.id, line.line_id, reason, approval)
            scene.mark_beside(line.line_id)
            scene.message = plain(register.answers.voided(register.ledger.order(order.id), row))

        sent = _("{title}, after it was sent").format(title=title)
        with_right(controller, scene.screen, sent, void, facts=(reason_fact(reason),))

    size = (fact(_("Order"), register.answers.size(scene.order)),) if scene.order is not None else ()
    facts = (
        fact(_("Line"), f"{view.quantity} × {name} {view.unit}".rstrip()),
        fact(_("Amount"), view.amount, bold=True),
        *size,
    )
    controller.open(
        ReasonSheet(controller, scene.screen, title, VOID, act, facts=facts, picked=picked, warning=_torn(scene, line))
    )


def leave(_scene: SellHost, order: Order) -> Gone:
    """Take an order with nothing on it off the screen, which frees its table."""
    if order.tab is None:
        return Gone(_("The order is cleared: nothing was left on it."))
    return Gone(_("{name} is free again.").format(name=capitalize_first(tab_name(order.tab.name))))


def ask_clear(scene: SellHost, order: Order, *, picked: bool) -> None:
    """Ask for the reason to clear the order, whose events stay in the log; with `picked` the first is marked."""
    controller, register = scene.controller, scene.controller.register
    size = register.answers.size(order)

    def act(reason: str) -> None:
        def clear(approval: Approval | None) -> None:
            register.recovery.discard(order.id, reason, approval)
            scene.show_order(None)
            scene.deselect()
            scene.message = plain(_("The order is cleared: {reason}. Ctrl+Z undoes it.").format(reason=clean(reason)))

        sent = _("Clear {size}, after it was sent").format(size=size)
        with_right(controller, scene.screen, sent, clear, facts=(reason_fact(reason),))

    title = _("Clear the order: {size}").format(size=size)
    confirm = ""
    if len(order.priced.rows) > _FEW:
        confirm = _("Clear {size}: {reason}? Enter does it.").format(size=size, reason="{reason}")
    controller.open(ReasonSheet(controller, scene.screen, title, CLEAR, act, picked=picked, confirm=confirm))


def ask_unread(scene: SellHost, order: Order) -> None:
    """Show an unreadable record, for a manager to skip, so that the order can be paid without it."""
    register, record = scene.controller.register, order.waits_for_manager[0]

    def skip(approval: Approval | None) -> None:
        if scene.session_id != order.id:
            return  # the order left the screen while the PIN was checked, and its message gives the reason
        after = register.recovery.set_aside(order.id, record.event, approval)
        scene.show_order(after)
        left = len(after.waits_for_manager)
        sentence = _("Skipped. Now it can be paid; a manager will check it.")
        if left:
            sentence = ngettext(
                "Skipped. {count} more record cannot be read.", "Skipped. {count} more records cannot be read.", left
            ).format(count=left)
        scene.message = plain(sentence)

    title, facts = skipping(register, record)
    with_right(scene.controller, scene.screen, title, skip, facts=facts)


def ask_note(scene: SellHost, line: ShownLine | None, *, asked: bool = False) -> None:
    """Ask for a note on a line, or on the whole order if None; for the choices of a line if it has any.

    `asked` is true if the sheet opens by itself for a line that was just added.
    """
    controller = scene.controller
    if line is not None and isinstance(line.shown, Row) and has_choices(controller, line.shown):
        controller.open(ChoicesSheet(controller, scene, line.line_id, asked=asked))
    else:
        controller.open(NoteSheet(controller, scene, line))


def ask_price(scene: SellHost, line: ShownLine, price4: Price4) -> None:
    """Override the price of a line, asking for a reason, and for a manager if the user needs one."""
    check_price(price4)
    controller, register = scene.controller, scene.controller.register
    was, now = register.formats.price(line.shown.first.price4), register.formats.price(price4)
    name = clean(line.view.name)
    pieces = fact(_("Line"), f"{line.view.quantity} × {name}")

    def act(reason: str) -> None:
        if (order := scene.order) is None:
            return

        def override(approval: Approval | None) -> None:
            after = register.sales.override_price(order.id, line.line_id, price4, reason, approval)
            scene.show_order(after)
            scene.message = plain(register.answers.priced(after, row_of(after, line.line_id)))

        price = StyledText(_("{now}, not {was}").format(now=now, was=was), bold=True)
        title = _("Another price, {reason}").format(reason=clean(reason))
        with_right(controller, scene.screen, title, override, facts=(pieces, FactView(_("Price"), price)))

    title = _("{name} at {price}, not {was}: why?").format(name=name, price=now, was=was)
    facts = (pieces, fact(_("Now"), was), fact(_("Then"), now))
    warning = _torn(scene, line)
    controller.open(ReasonSheet(controller, scene.screen, title, PRICE, act, facts=facts, warning=warning))


def _torn(scene: SellHost, line: ShownLine) -> str:
    """Return the combos that a line tears if it is voided or gets another price; empty for none."""
    if scene.order is None or not isinstance(line.shown, Row):
        return ""
    return scene.controller.register.answers.torn(scene.order, pieces_of(line.shown))


def ask_discount(
    scene: SellHost, line: ShownLine | None, way: str = "", figure: str = "", *, whole: bool = False
) -> None:
    """Ask for a discount on a line, or on the whole order; `way` and `figure` if they were typed."""
    scene.controller.open(DiscountSheet(scene.controller, scene, line, way, figure, whole=whole))


def ask_feedback(scene: SellHost, sold: Order) -> None:
    """Ask for the feedback of the guest of a paid order."""
    scene.controller.open(FeedbackSheet(scene.controller, scene, sold))


def give_feedback(scene: SellHost, sold: Order, score: int, words: str) -> None:
    """Record the feedback of the guest of a paid order."""
    scene.message = plain(counter.give_feedback(scene.controller.register, sold, score, words))


def ask_which(scene: SellHost, asked: Choose, title: str, typed: str, *, again: bool = False) -> None:
    """Ask on a sheet which of several items was meant; `typed` is the text that matched them.

    With `again`, the sheet says that something else came before the answer, and marks no item for its Enter.
    """
    sheet = WhichItemSheet(scene.controller, scene, asked, title, typed)
    if again:
        sheet.message, sheet.selected = not_keyed(asked), -1
    scene.controller.open(sheet)


def open_combo(scene: SellHost, combo: Promotion) -> None:
    """Open the sheet of a combo, slot by slot."""
    counter.check_combo(scene.controller.register, combo)
    scene.controller.open(ComboSheet(scene.controller, scene, combo))


def mark_sold_out(scene: SellHost, name: str, data: Mark) -> None:
    """Mark an item or a choice as sold out (86) or as available, or count it.

    That is so here at once, on other tills once the server knows. A user who may not do it alone needs a manager's
    approval.
    """

    def done(approval: Approval | None) -> None:
        scene.message = plain(counter.mark(scene.controller.register, name, data, approval))

    is_out = isinstance(data, ItemCounted) or data.sold_out
    title = _("Sold out (86) at every till") if is_out else _("Sold again at every till")
    facts = (fact(_("Item"), name), *([fact(_("Left"), str(data.left))] if isinstance(data, ItemCounted) else []))
    with_right(scene.controller, scene.screen, title, done, facts=facts)


def list_commands(scene: SellHost, find: Callable[[str], Sequence[ListedCommand]]) -> None:
    """Show all commands by name; `find` returns those that a text finds."""
    scene.controller.open(CommandSheet(scene.controller, scene.screen, find, scene.do))


def show_help(scene: SellHost, rows: tuple[tuple[str, str, str], ...]) -> None:
    """Show the help."""
    scene.controller.help(scene.screen, rows)
