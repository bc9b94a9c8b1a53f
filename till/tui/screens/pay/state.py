"""What the pay screen knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import due_in, part_in
from till.tui.screens.pay.codes import Room
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.state import Order, Payment
    from till.domain.venue import Venue
    from till.register.payments.tenders import Tenders
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
        tip: what was agreed on for the staff, and is not taken yet.
        stopped: whether the terminal was asked to leave off: what is approved then comes as a surprise.
        settling: what a manager is to say of the payment that has no answer: charged, not charged, or nothing yet.
        after_enter: whether the key before was Enter: one more with nothing typed may be one too many.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    unconfirmed: Minor | None = None
    giving_back: Payment | None = None
    tip: Minor = NOTHING
    stopped: bool = False
    settling: bool | None = None
    after_enter: bool = False


#: Who has a payment.
By = Literal["terminal", "code", "server"]


class Awaited(Struct, frozen=True):
    """The payment whose outcome somebody else tells, and how far that is.

    Attributes:
        label: what the way to pay is called.
        is_return: whether it is on its way back; else it is charged.
        is_unknown: nobody could tell yet; else somebody has it, `by`: a terminal, the bank of a code, or the server.
        steps: what the terminal did, each with its time.
        code: the text of a code that the guest scans; empty for none, or for one that is being closed.
        may_ask: whether somebody can be asked at once what became of it.
        waited_s: since it was asked.
        gives_up_s: so many seconds the guest has.
        stopping_s: since it was asked to leave off; None while nobody did.
        asks: how often it was asked after, `asked_at` when last, `next_s` in how many seconds again.
        settles_from: from when on a manager may settle it; `may_settle` whether that is now.
    """

    payment: Payment
    label: str
    is_unknown: bool
    is_return: bool = False
    by: By = "terminal"
    steps: tuple[tuple[datetime, str], ...] = ()
    code: str = ""
    may_ask: bool = False
    waited_s: int = 0
    gives_up_s: int = 90
    stopping_s: int | None = None
    asks: int = 0
    asked_at: datetime | None = None
    next_s: int | None = None
    settles_from: datetime | None = None
    may_settle: bool = False


class PayFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        order: the order that is paid.
        notes: what the notes of this money are worth.
        formats: how amounts are written.
        venue: the venue's settings.
        lookup: the index over the menu.
        keymap: which key is which command.
        tenders: the ways to pay.
        awaited: the payment whose outcome somebody else tells.
        room: where there is room for a code of so many modules.
        is_roomy: whether what is due has a large figure of its own.
        tender_rows: the rows that there are for the tenders.
        way_rows: the rows that there are for other ways, where there are two panes.
        names_notes: whether the key bar names the keys of the notes.
        is_wide: whether there are two panes.
        stays: what stays due when the part that is asked for is paid; None where all of it is.
        can_split: whether guests may pay apart from here.
        whose: which of the guests pays, or which part; empty for all of them together.
    """

    order: Order
    notes: tuple[Minor, ...]
    formats: Formats
    venue: Venue
    lookup: Lookup
    keymap: Keymap
    tenders: Tenders
    awaited: Awaited | None = None
    room: Callable[[int], Room] = lambda _modules: Room.NONE
    is_roomy: bool = False
    tender_rows: int = 0
    way_rows: int = 0
    names_notes: bool = False
    is_wide: bool = False
    stays: Minor | None = None
    can_split: bool = False
    whose: str = ""

    @property
    def part(self) -> Minor | None:
        """The part that a guest pays; None for all that is due."""
        return None if self.stays is None else Minor(self.order.due - self.stays)

    @property
    def keys(self) -> dict[str, str]:
        """The ways to pay by their letters."""
        return {traits.key: traits.name for traits in self.tenders.offered if traits.key}


def due_by(facts: PayFacts, tender: str, tip: Minor) -> Minor:
    """What is asked for in a way to pay, with the tip: cash is rounded."""
    due = due_in(facts.order, tender) if facts.part is None else part_in(facts.order, tender, facts.part)
    return Minor(due + tip) if due > 0 else due


def is_returned(payment: Payment, facts: PayFacts) -> bool:
    """Whether who took a payment can be asked to give it back."""
    return payment.is_asked_elsewhere and facts.tenders.returned_by(payment.tender) is not None


def next_back(state: PayState, facts: PayFacts) -> Payment | None:
    """The payment that the next Enter gives back: one that was asked about, or where no line is left the newest."""
    if state.entry.text:
        return None
    return state.giving_back or (facts.order.last_taken if facts.order.is_empty else None)
