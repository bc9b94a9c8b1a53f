"""State of the pay screen and the facts it is given about the till, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import due_in, part_in
from till.tui.drawing.codes import CodePlace
from till.tui.screens.pay.typed import TypedPayment, read
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
        entry: the entry line, including the keys of notes and ways to pay (`till.tui.screens.pay.typed`).
        message: the message shown.
        unconfirmed: the amount that was questioned; entering it again confirms it.
        dropped: such an amount in whose place something is typed.
        giving_back: the payment that the next Enter gives back.
        again: the payment that is given back to be asked for again.
        tip: the tip agreed on and not taken yet.
        stopped: True if the terminal was asked to stop; if it still approves, a message reports it.
        settling: the manager's choice for a payment without an answer: charged, not charged, or None before one.
        refused: True if a refusal is shown in place of what Enter does, which asks then.
        due: the amount due when the screen opened, or after the last payment; another till may change it. None before.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    unconfirmed: Minor | None = None
    dropped: Minor | None = None
    giving_back: Payment | None = None
    again: Payment | None = None
    tip: Minor = NOTHING
    stopped: bool = False
    settling: bool | None = None
    refused: bool = False
    due: Minor | None = None


#: The processor of a payment.
By = Literal["terminal", "code", "server"]


class Awaited(Struct, frozen=True):
    """The payment whose outcome is awaited or unknown, and its progress.

    Attributes:
        label: the name of the way to pay.
        elsewhere: the name of the till that asked for it; empty for this one.
        is_return: True if it is being given back, not charged.
        is_unknown: True if the outcome is not known yet; otherwise `by` is processing it: a terminal, the bank of
            a code, or the server.
        steps: the steps of the terminal, each with its time.
        code: the text of the code that the guest scans; empty for none, or while it is being closed.
        may_ask: True if the outcome can be asked for at once.
        waited_s: seconds since it was asked for.
        gives_up_s: seconds until the wait ends.
        stopping_s: seconds since it was asked to stop; None if it was not.
        asks: the number of requests for the outcome; `asked_at` is the last one, `next_s` the seconds to the next.
        message: the provider's sentence about the unknown outcome; empty for none.
        settles_from: when a manager may first settle it; `may_settle` is true from then on.
    """

    payment: Payment
    label: str
    is_unknown: bool
    elsewhere: str = ""
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
    message: str = ""
    settles_from: datetime | None = None
    may_settle: bool = False

    @property
    def asker(self) -> str:
        """The till that must ask for the outcome, once it has the order again; empty if this one can."""
        return "" if self.may_ask else self.elsewhere


class PayFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        order: the order.
        notes: the values of the notes of its currency.
        formats: the formats of amounts.
        venue: the venue's settings.
        lookup: the index of the menu.
        keymap: the keys of each command.
        tenders: the ways to pay.
        awaited: the payment whose outcome is awaited or unknown.
        room: returns the place for a code, by its number of modules a side.
        is_roomy: True if the amount due has a large figure of its own.
        tender_rows: the number of rows for payments.
        way_rows: the number of rows for other ways to pay, with two panes.
        names_notes: True if the key bar names the keys of the notes.
        is_wide: True if there are two panes.
        stays: the amount that stays due after the part; None if all of it is to be paid.
        can_split: True if guests may pay separately from here.
        whose: the guest or part that pays; empty for all together.
        is_whole: True if the part is for items and must be paid in one payment.
        is_hasty: True if the key is an Enter within a moment of another.
    """

    order: Order
    notes: tuple[Minor, ...]
    formats: Formats
    venue: Venue
    lookup: Lookup
    keymap: Keymap
    tenders: Tenders
    awaited: Awaited | None = None
    room: Callable[[int], CodePlace] = lambda _modules: CodePlace.NONE
    is_roomy: bool = False
    tender_rows: int = 0
    way_rows: int = 0
    names_notes: bool = False
    is_wide: bool = False
    stays: Minor | None = None
    can_split: bool = False
    whose: str = ""
    is_whole: bool = False
    is_hasty: bool = False

    @property
    def part(self) -> Minor | None:
        """The part that a guest pays; None for all that is due."""
        return None if self.stays is None else Minor(self.order.due - self.stays)

    @property
    def keys(self) -> dict[str, str]:
        """The ways to pay by their letters."""
        return {traits.key: traits.name for traits in self.tenders.offered if traits.key}

    @property
    def coded(self) -> set[str]:
        """The letters of the ways to pay that a code follows."""
        return {traits.key for traits in self.tenders.offered if traits.key and traits.named_by == "code"}


def typed_in(state: PayState, facts: PayFacts) -> TypedPayment:
    """Return the entry line, parsed."""
    text = state.entry.text
    if text[:1].lower() in facts.coded and any(char.isalpha() for char in text[1:]):
        return TypedPayment(words=text)  # after V every letter belongs to the code, also one that is a key
    return read(text, facts.notes, facts.keys)


def due_by(facts: PayFacts, tender: str, tip: Minor) -> Minor:
    """Return the amount to pay in a way, with the tip; cash is rounded."""
    due = due_in(facts.order, tender)
    if facts.part is not None:
        due = min(due, part_in(facts.order, tender, facts.part))
    return Minor(due + tip) if due > 0 else due


def is_returned(payment: Payment, facts: PayFacts) -> bool:
    """Return True if a payment's terminal or gateway can be asked to give it back."""
    return payment.is_asked_elsewhere and facts.tenders.returned_by(payment.tender) is not None


def next_back(state: PayState, facts: PayFacts) -> Payment | None:
    """Return the payment that the next Enter gives back: one being asked about, or the newest if no line is left."""
    if state.entry.text:
        return None
    return state.giving_back or (facts.order.last_taken if facts.order.is_empty else None)


def took_more(state: PayState, facts: PayFacts) -> Payment | None:
    """Return the last payment if its reader took more than was asked for, and can be asked again."""
    payment = facts.order.last_taken
    if payment is None or payment.over <= 0 or facts.tenders.asked_of(payment.tender) is None:
        return None
    is_whole = facts.part is None and not facts.order.is_empty
    return payment if is_whole and not state.entry.text else None


class MoneyTaken(Struct, frozen=True):
    """Money was taken, `tip` of it for the staff."""

    order: Order
    tip: Minor = NOTHING


class NotTaken(Struct, frozen=True):
    """The payment was refused and nothing changed."""

    sentence: str


class Offered(Struct, frozen=True):
    """The amount and the way to pay were given on the sell screen."""

    tender: str
    amount: Minor | None
    slip: str = ""


class TipSaid(Struct, frozen=True):
    """A tip was given on the sell screen."""

    amount: Minor


class MoneyAsked(Struct, frozen=True):
    """A terminal, gateway or server was asked to take money or give it back."""

    tip: Minor = NOTHING


class ChargeHeard(Struct, frozen=True):
    """The awaited payment was answered, or has no answer for now."""

    payment: Payment
    order: Order


class GivenBack(Struct, frozen=True):
    """A payment was given back; `sentence` describes how."""

    order: Order
    sentence: str


PayOutcome = MoneyTaken | NotTaken | Offered | TipSaid | MoneyAsked | ChargeHeard | GivenBack
