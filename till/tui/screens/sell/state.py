"""What the sell screen knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from till.domain.order.state import Status
from till.register.payments.tenders import Tenders
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Thousandths
    from till.domain.order.line import Modifier
    from till.domain.order.state import Order
    from till.domain.venue import Venue
    from till.register.answers import Answers
    from till.register.quick_entry.intents import Choose
    from till.register.quick_entry.lookup import Lookup
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.sell.menu_finder import MenuFinder
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.keymap import Keymap


# What the keys are for.


class Typing(Struct, frozen=True):
    """Keys are the next entry."""


class PriceOf(Struct, frozen=True):
    """The price of an item that has an open one is asked for."""

    item: Item
    quantity: int
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None


class QuantityOf(Struct, frozen=True):
    """How many of a line there are to be is asked for."""

    line_id: str
    name: str


class Asking(Struct, frozen=True):
    """Keys answer one question.

    Attributes:
        question: its words.
        word: what Enter does, for the key bar.
        about: what is asked for.
        aside: what was in the entry before; it comes back afterwards.
    """

    question: str
    word: str
    about: PriceOf | QuantityOf
    aside: str = ""


class Choosing(Struct, frozen=True):
    """A digit and Enter say which of several was meant; `typed` is what was typed for them."""

    asked: Choose
    typed: str


class WalkingMenu(Struct, frozen=True):
    """Keys walk through the menu: the part that is shown, None for all of it, and the item walked to."""

    category: str | None = None
    place: int = 0


class Locked(Struct, frozen=True):
    """Another till has the order: what is typed is for the next one."""

    sentence: str


Mode = Typing | Asking | Choosing | WalkingMenu | Locked


# What stands in the pane.


class ShowingOrder(Struct, frozen=True):
    """The order as it grows."""


class ShowingReceipt(Struct, frozen=True):
    """The receipt of a sale, until the next line."""

    sold: Order


Pane = ShowingOrder | ShowingReceipt


class Attempt(Struct, frozen=True):
    """What comes back when what was asked of the register is refused: what was typed, and for what."""

    typed: str
    mode: Mode


class Suggesting(Struct, frozen=True):
    """Where Tab stands among the suggestions for what was typed, and the item that it took."""

    typed: str
    place: int
    result: str
    item_id: str


class Marked(Struct, frozen=True):
    """The item that ↑ or ↓ marked among those that fit what is typed."""

    typed: str
    item_id: str


class SellState(Struct, frozen=True):
    """The sell screen at one moment.

    Attributes:
        session_id: the order on it; None for none yet.
        entry: what is typed.
        mode: what keys are for.
        pane: the order, or a receipt in its place.
        message: the answer in sight.
        selected: a line of the order that was chosen.
        by_hand: whether the marked line was chosen, and is not merely the newest.
        is_stepping: whether the last key stepped its quantity.
        unconfirmed: what was asked back; the same again, with nothing else between, is meant.
        attempt: what this key asked of the register.
        completion: where Tab stands.
        marked: what was marked on the board.
        covered: the answer in sight when the entry last changed: what fits what is typed may be said in its place.
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
    attempt: Attempt | None = None
    completion: Suggesting | None = None
    marked: Marked | None = None
    covered: StyledText | None = None


class SellFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        user: the staff number at the till.
        manages: whether that person settles what waits for a manager.
        order: the order on the screen.
        lock: why it may not be changed here: another till has it.
        lines: the order as it stands on the screen.
        waiting: how many other orders of the user wait.
        last_sale: what was paid last.
        menu: what is sold.
        lookup: the index over the menu.
        venue: the venue's settings.
        formats: how amounts are written.
        answers: the till's sentences.
        keymap: which key is which command.
        now: the time on the venue's wall.
        advice: what needs attention.
        was_read: whether the message stood on the screen already.
        lines_in_sight: how many lines of the order are in sight.
        receipt_rows: the height of a receipt.
        answer_cells: how many cells an answer has.
        board_note: which page of the menu board is in sight.
        finder: what of the menu fits what is typed; None where no board shows it.
        tenders: what the ways to pay are called.
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
    lines_in_sight: int = 1
    receipt_rows: int = 1
    answer_cells: int = 80
    board_note: str = ""
    finder: MenuFinder | None = None
    tenders: Tenders = Tenders()

    @property
    def next_order_type(self) -> str:
        """The order type that comes after the present one."""
        types = self.venue.order_types
        now = self.order.order_type if self.order else types[0]
        return types[(types.index(now) + 1 if now in types else 0) % len(types)]


def mode_of(state: SellState, facts: SellFacts) -> Mode:
    """What keys are for: a question goes on until it is answered, else an order that another till has is locked."""
    if facts.lock is None or isinstance(state.mode, Asking | Choosing):
        return state.mode
    return Locked(facts.lock)


def chosen(state: SellState, facts: SellFacts) -> ShownLine | None:
    """The line that a command is about, which is marked: the selected one, or the last that counts."""
    lines, selected = facts.lines, state.selected
    found = next((line for line in reversed(lines) if line.line_id == selected), None) if selected else None
    return found or next((line for line in reversed(lines) if not line.is_void), None)


def line_of(line_id: str | None, facts: SellFacts) -> str | None:
    """The shown line that a line of the order is part of."""
    return next((line.line_id for line in reversed(facts.lines) if line_id in line.shown.line_ids), None)


def session_to_key_on(order: Order | None) -> str | None:
    """The order to key on; None opens one: what is finished takes no more lines."""
    return order.id if order is not None and order.status is Status.ACTIVE else None


def without_receipt(state: SellState) -> SellState:
    """Make room for the order where a receipt stands."""
    return state if isinstance(state.pane, ShowingOrder) else replace(state, pane=ShowingOrder())
