"""State of the sell screen and the facts it is given about the till, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from till.domain.offered import price_at
from till.register.counter import Added, OrderChanged
from till.register.other_tills.news import OrderTaken
from till.register.payments.tenders import Tenders
from till.tui.drawing.layout import PAGE
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Price4
    from till.domain.order.state import Order
    from till.domain.order.terms import Terms
    from till.domain.staff.rights import PermissionRequest
    from till.domain.venue import Venue
    from till.ports.printer import DocumentRef
    from till.ports.training import DrillShown
    from till.register.answers import Answers
    from till.register.quick_entry.intents import AddItem, Choose
    from till.register.quick_entry.lookup import Lookup
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.sell.menu_finder import MenuFinder
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.keymap import Keymap


# Modes of the keys.


class Typing(Struct, frozen=True):
    """The mode in which keys are typed into the next entry."""


class PriceOf(Struct, frozen=True):
    """A question for the open price of an item."""

    entry: AddItem


class WeightOf(Struct, frozen=True):
    """A question for the weight of an item."""

    entry: AddItem


class QuantityOf(Struct, frozen=True):
    """A question for the new quantity of a line, or for its weight if it is weighed."""

    line: ShownLine


About = PriceOf | WeightOf | QuantityOf


class Asking(Struct, frozen=True):
    """The mode in which keys answer a question.

    Attributes:
        question: its words.
        word: the label of Enter in the key bar.
        about: the subject of the question.
        aside: the entry line before, which is restored afterwards.
    """

    question: str
    word: str
    about: About
    aside: EntryLine = EMPTY


class Choosing(Struct, frozen=True):
    """The mode in which a digit and Enter choose one of several items; `typed` is the text that matched them."""

    asked: Choose
    typed: str


class WalkingMenu(Struct, frozen=True):
    """The mode in which keys browse the menu: the category shown, None for all, and the index of the current item."""

    category: str | None = None
    place: int = 0


class Locked(Struct, frozen=True):
    """The mode while another till holds the order; what is typed is for the next one."""

    sentence: str


Mode = Typing | Asking | Choosing | WalkingMenu | Locked


# Contents of the left pane.


class ShowingOrder(Struct, frozen=True):
    """The current order."""


class ShowingReceipt(Struct, frozen=True):
    """The receipt of a sale, until the next line. `looked_up` is true if it was asked for, false after its payment."""

    sold: Order
    looked_up: bool = False


Pane = ShowingOrder | ShowingReceipt


class Attempt(Struct, frozen=True):
    """The text typed for a request to the register, and its mode, restored if it is refused."""

    typed: str
    mode: Mode


class Suggesting(Struct, frozen=True):
    """The place of Tab among the suggestions for a text, and the item it took."""

    typed: str
    place: int
    result: str
    item_id: str


class Marked(Struct, frozen=True):
    """The item marked with ↑ or ↓ among the matches of a text."""

    typed: str
    item_id: str


class SellState(Struct, frozen=True):
    """The sell screen at one moment.

    Attributes:
        session_id: the order on it, if any.
        entry: the entry line.
        mode: the meaning of keys.
        pane: the order, or a receipt in its place.
        message: the message shown.
        selected: the chosen line of the order.
        by_hand: True if a line was chosen, False if the newest is marked by default.
        is_stepping: True if the last key stepped its quantity.
        unconfirmed: the entry that the last question was about; repeating it at once confirms it.
        over: the question which item is meant, while other words are typed over it.
        left_out: an entry that was asked about and not repeated: other words replaced it.
        attempt: the request made with this key.
        completion: the last completion by Tab.
        marked: the item marked on the board.
        covered: the message at the last change of the entry line; the matches may be announced in its place.
    """

    session_id: str | None = None
    entry: EntryLine = EMPTY
    mode: Mode = Typing()
    pane: Pane = ShowingOrder()
    message: StyledText | None = None
    selected: str | None = None
    by_hand: bool = False
    is_stepping: bool = False
    unconfirmed: object = None
    over: Choosing | None = None
    left_out: str = ""
    attempt: Attempt | None = None
    completion: Suggesting | None = None
    marked: Marked | None = None
    covered: StyledText | None = None


class SellFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        user: the staff number of the user.
        manages: True if the user may settle what needs a manager.
        order: the order on the screen.
        lock: why it cannot be changed here: another till holds it.
        lines: its lines as shown.
        waiting: the number of the user's other waiting orders.
        last_sale: the last order paid.
        menu: the menu.
        lookup: the index of the menu.
        venue: the venue's settings.
        next_course: returns the course of an order that is fired next; None if none waits.
        formats: the formats of amounts.
        answers: the till's sentences.
        keymap: the keys of each command.
        now: the venue's local time.
        advice: a sentence on anything that needs attention.
        was_read: True if the message was painted already.
        page: the number of lines that a page key passes.
        receipt_rows: the height of a receipt.
        answer_cells: the width of the answer line in cells.
        board_note: the page of the menu board shown.
        finder: finds the matches of a text for the board; None without a board.
        tenders: the ways to pay.
        drill: the drill that runs, in a training.
        takes_money: False at a till that takes no money.
        asks_count: True if the drawer is to be counted: no shift is open.
        prints: True if a printer prints for this till.
        papers: the papers of the sale whose receipt is shown, with their states.
        done: the event of the user's last act that has a paper, and that paper.
        paper_advice: a sentence on papers that wait for a printer, or to be wanted still; empty if none wait.
    """

    user: int
    menu: Menu
    lookup: Lookup
    venue: Venue
    formats: Formats
    answers: Answers
    keymap: Keymap
    now: datetime
    manages: bool = False
    order: Order | None = None
    lock: str | None = None
    lines: tuple[ShownLine, ...] = ()
    waiting: int = 0
    last_sale: Order | None = None
    advice: StyledText | None = None
    was_read: bool = False
    page: int = PAGE
    receipt_rows: int = 1
    answer_cells: int = 80
    board_note: str = ""
    finder: MenuFinder | None = None
    tenders: Tenders = Tenders()
    drill: DrillShown | None = None
    takes_money: bool = True
    asks_count: bool = False
    prints: bool = False
    papers: tuple[tuple[str, str], ...] = ()
    done: tuple[str, DocumentRef] | None = None
    paper_advice: str = ""
    next_course: Callable[[Order], int | None] = lambda _order: None

    @property
    def terms(self) -> Terms:
        """The terms of an order that is opened now."""
        return self.venue.terms_with(self.menu)

    def price_of(self, item: Item) -> Price4 | None:
        """Return the unit price of an item with the promotions of the moment; None for an open price."""
        return price_at(item.in_type(self.order_type), self.menu, self.venue, self.now)

    @property
    def order_type(self) -> str:
        """The type of the order; before one is open, that of the next."""
        return self.venue.type_of(self.order)

    def allows(self, asked: PermissionRequest) -> bool:
        """Return True if the user may do an act without approval."""
        return self.manages or self.venue.rights.cashier.allow(asked)

    @property
    def next_order_type(self) -> str:
        """The order type after the current one."""
        types = self.venue.order_types
        now = self.order_type
        return types[(types.index(now) + 1 if now in types else 0) % len(types)]


def mode_of(state: SellState, facts: SellFacts) -> Mode:
    """Return the mode of the keys: an open question stays, otherwise an order that another till holds is locked."""
    if facts.lock is None or isinstance(state.mode, Asking | Choosing):
        return state.mode
    return Locked(facts.lock)


def marked_line(state: SellState, facts: SellFacts) -> ShownLine | None:
    """Return the marked line, which commands act on: the selected one, or the last one that is not void."""
    lines, selected = facts.lines, state.selected
    found = next((line for line in reversed(lines) if line.line_id == selected), None) if selected else None
    return found or next((line for line in reversed(lines) if not line.is_void), None)


def line_of(line_id: str | None, facts: SellFacts) -> str | None:
    """Return the shown line that a line of the order is part of."""
    return next((line.line_id for line in reversed(facts.lines) if line_id in line.line_ids), None)


def without_receipt(state: SellState) -> SellState:
    """Show the order in place of a receipt."""
    return state if isinstance(state.pane, ShowingOrder) else replace(state, pane=ShowingOrder())


class Gone(Struct, frozen=True):
    """The order left the screen."""

    sentence: str


class RegisterRefused(Struct, frozen=True):
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


Outcome = Added | OrderChanged | Gone
SellEvent = Outcome | RegisterRefused | Picked | Commanded | LinePointedAt | ItemPointedAt | OrderTaken
