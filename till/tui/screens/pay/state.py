"""What the pay screen knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Payment
    from till.domain.venue import Venue
    from till.register.quick_entry.lookup import Lookup
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


class PayState(Struct, frozen=True):
    """The pay screen at one moment.

    Attributes:
        entry: what is typed, the keys of notes and card with it (`till.tui.screens.pay.typed`).
        message: the answer in sight.
        unconfirmed: the amount that was asked back; the same again is meant.
        giving_back: the payment that was asked about: the next Enter gives it back.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    unconfirmed: Minor | None = None
    giving_back: Payment | None = None


class PayFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        order: the order that is paid.
        notes: what the notes of this money are worth.
        formats: how amounts are written.
        venue: the venue's settings.
        lookup: the index over the menu.
        keymap: which key is which command.
        is_roomy: whether what is due has a large figure of its own.
        tender_rows: the rows that there are for the tenders.
        names_notes: whether the key bar names the keys of the notes.
    """

    order: Order
    notes: tuple[Minor, ...]
    formats: Formats
    venue: Venue
    lookup: Lookup
    keymap: Keymap
    is_roomy: bool = False
    tender_rows: int = 0
    names_notes: bool = False


def next_back(state: PayState, facts: PayFacts) -> Payment | None:
    """The payment that the next Enter gives back: one that was asked about, or where no line is left the newest."""
    if state.entry.text:
        return None
    return state.giving_back or (facts.order.last_taken if facts.order.is_empty else None)
