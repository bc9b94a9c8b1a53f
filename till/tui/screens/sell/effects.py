"""What the sell screen asks for, and what comes of it: small frozen values. `carry_out` does them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.line import Modifier
    from till.domain.order.state import Order
    from till.register.quick_entry.intents import Choose
    from till.tui.screens.sell.order_lines import ShownLine

# Of the register.


class Add(Struct, frozen=True):
    """Key an item, on a new order when there is none.

    Attributes:
        price4: of an open price.
        modifiers: what was chosen.
        measure: of what is weighed, in thousandths.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None


class AddSeveral(Struct, frozen=True):
    """Key several items together: all of them, or none."""

    parts: tuple[Add, ...]


class ChangeQuantity(Struct, frozen=True):
    """Bring a line to a quantity."""

    line_id: str
    quantity: int


class NoteLine(Struct, frozen=True):
    """Note what is wished of a line, all of it."""

    line_id: str
    note: str


class SeatLine(Struct, frozen=True):
    """Say whose a line is, or with which course it comes; 0 takes that off, None leaves it."""

    line_id: str
    seat: int | None
    course: int | None


class OpenPrice(Struct, frozen=True):
    """Ask why a line is to have another price, and a manager where one must say yes."""

    line: ShownLine
    price4: Price4


class OpenSoldOut(Struct, frozen=True):
    """Mark an item as sold out (86), or as there again; a manager says yes."""

    item: Item
    sold_out: bool


class Undo(Struct, frozen=True):
    """Undo the last void, or noting."""


class UndoClearing(Struct, frozen=True):
    """Bring the order back that was cleared last."""


class SetOrderType(Struct, frozen=True):
    """Make the order one to eat here, or to take away."""

    order_type: str


class SaveToTab(Struct, frozen=True):
    """Save the order to a tab."""

    name: str


class TakeCash(Struct, frozen=True):
    """Take an amount in cash, or exactly what is due."""

    amount: Minor | None


class TakeCard(Struct, frozen=True):
    """Take an amount, or what is due, in another way than cash, with the number of its slip."""

    tender: str
    amount: Minor | None = None
    slip: str = ""


class TakeTip(Struct, frozen=True):
    """Go and take the money, and a tip with it."""

    amount: Minor


class KeepTyped(Struct, frozen=True):
    """Write down what stands in the entry, as every change of it is; and whether it was refused."""

    text: str
    refused: bool = False


class MarkSending(Struct, frozen=True):
    """Write down that this line is acted on now, so that it is never keyed twice."""

    text: str


class MarkRead(Struct, frozen=True):
    """What this message says was read."""

    text: str


# Of the screen.


class OpenMenu(Struct, frozen=True):
    """Show the menu to choose from, and write down that it was asked for."""


class OpenVoid(Struct, frozen=True):
    """Ask why a line is voided."""

    line: ShownLine


class OpenClear(Struct, frozen=True):
    """Ask why the order is cleared."""

    order: Order


class OpenUnread(Struct, frozen=True):
    """Show a record that does not read, for a manager to set aside."""

    order: Order


class OpenNote(Struct, frozen=True):
    """Ask what is to be noted on a line; without one, on the whole order.

    `asked` says that a line which was keyed just now asks by itself.
    """

    line: ShownLine | None
    asked: bool = False


class OpenDiscount(Struct, frozen=True):
    """Ask what comes off a line; without one, off the whole order. `way` and `figure` where they were said."""

    line: ShownLine | None
    way: str = ""
    figure: str = ""


class OpenTabs(Struct, frozen=True):
    """Save to a tab, or recall one; with a name, that one."""

    name: str = ""


class OpenCustomer(Struct, frozen=True):
    """Ask whose order it is; with a name or a number, look for that at once."""

    who: str = ""


class OpenSales(Struct, frozen=True):
    """Show past sales, and look for a receipt that was said; `was` is the tender that paid for it in truth."""

    typed: str = ""
    was: str = ""


class OpenSplit(Struct, frozen=True):
    """Let guests pay apart, so many of them; 0 where it is not said."""

    guests: int = 0


class OpenFeedback(Struct, frozen=True):
    """Ask what the guest of a paid order thinks of it."""

    sold: Order


class OpenWhichItem(Struct, frozen=True):
    """Ask on a sheet which of several was meant; `typed` is what was typed for them."""

    asked: Choose
    title: str
    typed: str


class OpenHelp(Struct, frozen=True):
    """Show the help: of the sell screen, or with these rows."""

    rows: tuple[tuple[str, str, str], ...] = ()


class Open(Struct, frozen=True):
    """Open a sheet that needs nothing told, by its name in `carry_out.SHEETS`."""

    sheet: str


class ShowPay(Struct, frozen=True):
    """Go and take the money."""


class LogOut(Struct, frozen=True):
    """Log out; the order is kept."""


class ScrollReceipt(Struct, frozen=True):
    """Move the receipt by so many rows."""

    rows: int


Effect = (
    Add
    | AddSeveral
    | ChangeQuantity
    | NoteLine
    | SeatLine
    | OpenPrice
    | OpenSoldOut
    | Undo
    | UndoClearing
    | SetOrderType
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


# What came of it, and what else happens to the screen.


class Added(Struct, frozen=True):
    """An item was keyed: its line is marked."""

    order: Order
    line_id: str | None
    sentence: str


class Changed(Struct, frozen=True):
    """The order is another now; a line of it is marked, if one is named."""

    order: Order
    sentence: str
    selected: str | None = None


class Gone(Struct, frozen=True):
    """The order is not on the screen any more."""

    sentence: str


class Refused(Struct, frozen=True):
    """The register refused; `restores` says that what was typed for it comes back."""

    sentence: str
    restores: bool = True


class Picked(Struct, frozen=True):
    """One of several was picked on a sheet; `typed` is what was typed for them."""

    asked: Choose
    place: int
    typed: str


class Commanded(Struct, frozen=True):
    """A command was asked for by its name."""

    name: str


class LinePointedAt(Struct, frozen=True):
    """A line of the order was clicked: its place among those that are shown."""

    place: int


class ItemPointedAt(Struct, frozen=True):
    """An item on the board was clicked."""

    item_id: str


class TakenOver(Struct, frozen=True):
    """Another till has the order now: whatever was being asked about it here is off."""

    sentence: str


Outcome = Added | Changed | Gone
Happening = Outcome | Refused | Picked | Commanded | LinePointedAt | ItemPointedAt | TakenOver
