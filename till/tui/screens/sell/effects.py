"""Effects that the sell screen asks for, and the events that report their outcome: small frozen values.

An effect that needs only the register carries itself out (`OnOrder`); `carry_out` handles the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from till.domain.i18n import _, ngettext
from till.domain.order.selling import row_of
from till.tui.screens.names import order_type_name
from till.tui.screens.sell.state import session_to_key_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.line import Modifier, Row
    from till.domain.order.state import Order
    from till.register.quick_entry.intents import Choose
    from till.register.register import Register
    from till.tui.screens.sell.order_lines import ShownLine

# Effects on the register.


@runtime_checkable
class OnOrder(Protocol):
    """An effect on the current order that needs only the register."""

    def act(self, register: Register, user: int, order: Order | None) -> Changed:
        """Carry it out.

        Raises:
            TillError: it is refused; nothing changed.
        """
        ...


class Add(Struct, frozen=True):
    """Add an item, opening an order if there is none.

    Attributes:
        price4: the price of an item with an open price.
        modifiers: the chosen modifiers.
        measure: the weight of a weighed item, in thousandths.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None


class AddSeveral(Struct, frozen=True):
    """Add several items: all of them, or none."""

    parts: tuple[Add, ...]


class ChangeQuantity(Struct, frozen=True):
    """Set the quantity of a line."""

    line_id: str
    quantity: int


class NoteLine(Struct, frozen=True):
    """Set the note of a line."""

    line_id: str
    note: str

    def act(self, register: Register, user: int, order: Order | None) -> Changed:
        """Set the note."""
        del user
        after = register.sales.note_line(id_of(order), self.line_id, self.note)
        return _of_line(after, self.line_id, register.answers.noted)


class SeatLine(Struct, frozen=True):
    """Set the seat or course of a line; 0 clears it, None leaves it."""

    line_id: str
    seat: int | None
    course: int | None

    def act(self, register: Register, user: int, order: Order | None) -> Changed:
        """Set them."""
        del user
        after = register.sales.seat(id_of(order), self.line_id, seat=self.seat, course=self.course)
        return _of_line(after, self.line_id, register.answers.seated)


class FireCourse(Struct, frozen=True):
    """Fire a course; None for the next one that waits."""

    course: int | None

    def act(self, register: Register, user: int, order: Order | None) -> Changed:
        """Fire it, which records the time on its lines."""
        del user
        after = register.sales.fire(id_of(order), self.course)
        known = order.lines if order is not None else after.lines
        lines = [line for line in after.lines.values() if line.called_at != known[line.id].called_at]
        pieces = sum(abs(line.quantity) for line in lines)
        said = ngettext("Course {n} is called: {pieces} piece.", "Course {n} is called: {pieces} pieces.", pieces)
        return Changed(after, said.format(n=lines[0].course, pieces=pieces))


class OpenPrice(Struct, frozen=True):
    """Override the price of a line, asking for a reason, and for a manager if the user needs one."""

    line: ShownLine
    price4: Price4


class OpenSoldOut(Struct, frozen=True):
    """Mark an item as sold out (86), or as available again, with a manager's approval."""

    item: Item
    sold_out: bool


class Undo(Struct, frozen=True):
    """Undo the last void or note."""


class UndoClearing(Struct, frozen=True):
    """Restore the order that was cleared last."""


class SetOrderType(Struct, frozen=True):
    """Set the order type: to eat in or take away."""

    order_type: str

    def act(self, register: Register, user: int, order: Order | None) -> Changed:
        """Set it, opening an order if there is none."""
        after = register.sales.set_order_type(session_to_key_on(order), user, self.order_type)
        said = _("This order is {kind}.").format(kind=order_type_name(after.order_type))
        return Changed(after, said if after.is_empty else f"{said} {register.answers.total(after)}")


class SaveToTab(Struct, frozen=True):
    """Save the order to a tab."""

    name: str


class TakeCash(Struct, frozen=True):
    """Take an amount in cash, or exactly the amount due if None."""

    amount: Minor | None


class TakeCard(Struct, frozen=True):
    """Take an amount, or the amount due if None, in another way than cash; `slip` is the number of its slip."""

    tender: str
    amount: Minor | None = None
    slip: str = ""


class TakeTip(Struct, frozen=True):
    """Open the pay screen with a tip."""

    amount: Minor


class KeepTyped(Struct, frozen=True):
    """Save the entry line after each change of it, and whether it was refused."""

    text: str
    refused: bool = False


class MarkSending(Struct, frozen=True):
    """Save that this entry is being carried out, so that it never runs twice."""

    text: str


class MarkRead(Struct, frozen=True):
    """Mark the content of a message as read."""

    text: str


# Effects on the screen.


class OpenMenu(Struct, frozen=True):
    """Show the menu to choose from, and record that it was viewed."""


class OpenVoid(Struct, frozen=True):
    """Ask for the reason to void a line."""

    line: ShownLine


class OpenClear(Struct, frozen=True):
    """Ask for the reason to clear the order."""

    order: Order


class OpenUnread(Struct, frozen=True):
    """Show an unreadable record, for a manager to skip."""

    order: Order


class OpenNote(Struct, frozen=True):
    """Ask for a note on a line, or on the whole order if None.

    `asked` is true if the sheet opens by itself for a line that was just added.
    """

    line: ShownLine | None
    asked: bool = False


class OpenDiscount(Struct, frozen=True):
    """Ask for a discount on a line, or on the whole order if None; `way` and `figure` if they were typed."""

    line: ShownLine | None
    way: str = ""
    figure: str = ""


class OpenTabs(Struct, frozen=True):
    """Open the tables to save or recall a tab, or this tab if it is named."""

    name: str = ""


class OpenCustomer(Struct, frozen=True):
    """Ask for the customer of the order; with a name or number, look it up at once."""

    who: str = ""


class OpenSales(Struct, frozen=True):
    """Show past sales, and look up a receipt if given; `was` is the tender to correct it to."""

    typed: str = ""
    was: str = ""


class OpenSplit(Struct, frozen=True):
    """Open the split among a number of guests, 0 if not given; with `items`, by items."""

    guests: int = 0
    items: bool = False


class OpenFeedback(Struct, frozen=True):
    """Ask for the feedback of the guest of a paid order."""

    sold: Order


class OpenWhichItem(Struct, frozen=True):
    """Ask on a sheet which of several items was meant; `typed` is the text that matched them."""

    asked: Choose
    title: str
    typed: str


class OpenHelp(Struct, frozen=True):
    """Show the help of the sell screen, or these rows."""

    rows: tuple[tuple[str, str, str], ...] = ()


class Open(Struct, frozen=True):
    """Open a sheet without arguments, by its name in `carry_out.SHEETS`."""

    sheet: str


class ShowPay(Struct, frozen=True):
    """Open the pay screen."""


class LogOut(Struct, frozen=True):
    """Log out; the order is kept."""


class ScrollReceipt(Struct, frozen=True):
    """Scroll the receipt by a number of rows."""

    rows: int


Effect = (
    Add
    | AddSeveral
    | ChangeQuantity
    | OnOrder
    | OpenPrice
    | OpenSoldOut
    | Undo
    | UndoClearing
    | SaveToTab
    | TakeCash
    | TakeCard
    | TakeTip
    | KeepTyped
    | MarkSending
    | MarkRead
    | OpenMenu
    | OpenVoid
    | OpenClear
    | OpenNote
    | OpenDiscount
    | OpenTabs
    | OpenCustomer
    | OpenFeedback
    | OpenSales
    | OpenSplit
    | OpenUnread
    | OpenWhichItem
    | OpenHelp
    | Open
    | ShowPay
    | LogOut
    | ScrollReceipt
)


# Outcomes of effects, and other events of the screen.


class Added(Struct, frozen=True):
    """An item was added, and its line is marked."""

    order: Order
    line_id: str | None
    sentence: str


class Changed(Struct, frozen=True):
    """The order changed; `selected` is the line to mark, if any."""

    order: Order
    sentence: str
    selected: str | None = None


def id_of(order: Order | None) -> str:
    """Return the id of the order that a command is about. The command has checked that there is one."""
    return order.id if order is not None else ""


def _of_line(order: Order, line_id: str, answer: Callable[[Row], str]) -> Changed:
    """Return the change of a line, whose row is marked."""
    row = row_of(order, line_id)
    return Changed(order, answer(row), row.first.id)


class Gone(Struct, frozen=True):
    """The order left the screen."""

    sentence: str


class Refused(Struct, frozen=True):
    """The register refused; `restores` is true if the text typed for it is restored."""

    sentence: str
    restores: bool = True


class Picked(Struct, frozen=True):
    """An item was picked on a sheet; `typed` is the text that matched the choices."""

    asked: Choose
    place: int
    typed: str


class Commanded(Struct, frozen=True):
    """A command was run by its name."""

    name: str


class LinePointedAt(Struct, frozen=True):
    """A line of the order was clicked; `place` is its index among the visible lines."""

    place: int


class ItemPointedAt(Struct, frozen=True):
    """An item on the board was clicked."""

    item_id: str


class TakenOver(Struct, frozen=True):
    """Another till took the order over; open questions about it are dropped."""

    sentence: str


Outcome = Added | Changed | Gone
SellEvent = Outcome | Refused | Picked | Commanded | LinePointedAt | ItemPointedAt | TakenOver
