"""The state of an order: the fold of its events, sorted by id. Equal sets of events give equal orders everywhere."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.envelope import SERVER
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.pricing import Priced, price_order
from till.domain.payment.movement import AWAITED, Movement, PaymentState
from till.domain.text import begun, clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.order.events import OrderPlaced, RungAgain, ShownItem
    from till.domain.order.line import Discount, Line
    from till.domain.order.terms import Terms
    from till.domain.payment.cards import Card


class Status(StrEnum):
    """The status of an order session (design §3)."""

    ACTIVE = "active"
    PENDING_LOGOUT = "pending_logout"
    ASSIGNED_TO_TAB = "assigned_to_tab"
    COMPLETED = "completed"
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"
    """For lists only: its sale waits for a manager."""

    @property
    def in_words(self) -> str:
        """Its name for people."""
        return _STATUS[self]


_STATUS: Final = {
    Status.ACTIVE: _("open"),
    Status.PENDING_LOGOUT: _("suspended"),
    Status.ASSIGNED_TO_TAB: _("saved"),
    Status.COMPLETED: _("paid"),
    Status.DISCARDED: _("cleared"),
    Status.QUARANTINED: _("waits for a manager"),
}


class Return(Movement, frozen=True, kw_only=True):
    """A refund of a payment on an open order, requested from its provider under a key of its own.

    Attributes:
        payment_id: the payment, which is refunded as a whole.
    """

    payment_id: str


class Payment(Movement, frozen=True, kw_only=True):
    """Money for an order: `tendered` was handed over, `change` given back, and `amount` taken.

    Attributes:
        till: the till that took it; of a refunded payment, the till that refunded it; `SERVER` if it was given up.
        user: the person who took or refunded it.
        tip: the part of the amount for the staff; it settles nothing.
        over: the part that was never asked for; it settles nothing either.
        asked: the amount asked for without the tip; None if unknown.
        tip_asked: the tip asked for with it.
        pieces: the pieces that it pays for, by line; empty if it pays for the order.
        card: the card that paid; None if no terminal reported it.
        balance: the rest on the voucher that paid; None if it is unknown, or no voucher paid.
        returns: the requests for its refund, oldest first.
        back_by: the request that refunded it; empty if a person did.
        is_back_twice: True if it was refunded by a request, and a second time.
    """

    tendered: Minor = NOTHING
    change: Minor = NOTHING
    tip: Minor = NOTHING
    over: Minor = NOTHING
    asked: Minor | None = None
    tip_asked: Minor = NOTHING
    card: Card | None = None
    balance: Minor | None = None
    returns: tuple[Return, ...] = ()
    back_by: str = ""
    is_back_twice: bool = False
    pieces: Mapping[str, int] = {}

    @property
    def going_back(self) -> Return | None:
        """The request for its refund without an answer: it may be refunded already, or twice."""
        return next((one for one in reversed(self.returns) if one.is_open), None)

    @property
    def asked_for(self) -> Payment | Return:
        """The movement to ask about: its refund while that is pending, else the payment."""
        return self.going_back or self

    @property
    def is_awaited(self) -> bool:
        """True if an answer from the provider is still awaited."""
        return self.asked_for.is_open

    @property
    def is_given_up(self) -> bool:
        """True if the server released it: no money moved."""
        return self.state is PaymentState.VOIDED and self.till == SERVER

    @property
    def settles(self) -> Minor:
        """The part of it that goes towards what is due."""
        return Minor(self.amount - self.tip - self.over)

    @property
    def tip_left(self) -> Minor:
        """The tip agreed on that it did not bring: it was declined, or is less than the amount asked for."""
        is_short = self.state is PaymentState.APPROVED and self.asked is not None and self.settles < self.asked
        if is_short:
            return Minor(max(0, self.tip_asked - self.tip))
        return self.tip_asked if self.state is PaymentState.DECLINED else NOTHING


class Conflict(Struct, frozen=True):
    """A conflict about money that the server found, and that only a person can settle."""

    kind: str
    subject: str


class Tab(Struct, frozen=True):
    """The place where an order was saved: a table or a name."""

    id: str
    name: str
    table_number: int | None = None
    covers: int | None = None


def submitted_name(program: str, number: int) -> str:
    """Return the name at the counter of an order that a program submitted, as `Chat 4417`."""
    return _("{program} {number}").format(program=begun(clean(program)) or _("Order"), number=number)


class Submitted(Struct, frozen=True):
    """The submission of an order by a program, for the counter.

    Attributes:
        order_id: the id of its sale, which its guest knows; None once a till took it over from another: both may sell.
        number: its number among the orders of the program.
        program: the program; empty for the owner of the database.
    """

    order_id: str | None
    number: int
    program: str
    payment_method: str
    at: datetime

    @property
    def name(self) -> str:
        """Its name at the counter, as `Chat 4417`."""
        return submitted_name(self.program, self.number)


class Customer(Struct, frozen=True):
    """The customer of an order: `id` of a known one; None if only a name was typed.

    `name` is empty if it was erased.
    """

    id: str | None
    name: str


class Feedback(Struct, frozen=True):
    """The feedback of a guest on a paid order: a score from 1 (bad) to 5 (very good), and words."""

    score: int
    words: str


class Move(Struct, frozen=True):
    """A move of a line to another order."""

    event: str
    to_session: str
    till: int


class UnreadRecord(Struct, frozen=True):
    """A record of an order that cannot be read here: its type, its till, its time, and the fault."""

    event: str
    type: str
    till: int
    at: datetime
    why: str


class Placed(Struct, frozen=True):
    """The end of an order: the frozen `order_placed`."""

    event: str
    at: datetime
    data: OrderPlaced
    till: int
    user: int

    @property
    def covered(self) -> frozenset[str]:
        """The lines that were paid for."""
        return frozenset(line_id for row in self.data.lines for line_id in row.line_ids)

    @property
    def payment_ids(self) -> frozenset[str]:
        """The payments that it lists."""
        return frozenset(payment.payment_id for payment in self.data.payments)


class Order(Struct, frozen=True, dict=True):
    """One order session at one moment. Values only: each event makes a new one.

    Attributes:
        user: the staff number it belongs to.
        till: the till that has it open now; None if none has.
        hold: the event that made its newest hold.
        holder: the till that holds it and may continue it, open or not, without asking.
        lines: by line id, in the order of the events that made them.
        came_from: for lines that were carried here, the order that they came from.
        moved: for lines that other orders carry, the move.
        given: the discounts on the order as a whole, by event.
        undone: the events that count as if they had never been.
        refused: the events that the server refused: they do not count.
        checkout_at: when the guest asked to pay; None before, or once something was keyed after it.
        payments: by payment id, oldest first.
        unread: records that cannot be read here, by event, and those that a manager skipped.
        set_aside: the records that a manager skipped.
        discarded: the lines that were known when it was cleared; None while it is not cleared.
        discarded_by: the till that cleared it; `cleared_by` is the person.
        is_type_chosen: True if a person chose the order type; else it is the venue's default.
        placed: its end, once it was paid; `placed_again` are payments of tills that were apart.
        second: the sales, by order id, that reached the database after another one.
        conflicts: the conflicts about its money, by conflict id.
        settled_conflicts: those that a manager settled.
        corrected: the corrected tenders of payments, by payment id.
        notes: the notes on the whole order, by event, oldest first.
        of_age: the age in years that a person checked the guest to have; 0 if unchecked.
        booking: the id of its booking.
        submitted: its submission by a program; None for the order of a till.
        last_id: its newest event.
    """

    id: str
    store_id: str
    user: int
    terms: Terms
    order_type: str
    status: Status
    till: int | None
    hold: str
    holder: int
    created_at: datetime
    updated_at: datetime
    last_id: str
    lines: Mapping[str, Line] = {}
    came_from: Mapping[str, str] = {}
    moved: Mapping[str, Move] = {}
    given: tuple[Discount, ...] = ()
    undone: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    checkout_at: datetime | None = None
    payments: Mapping[str, Payment] = {}
    placed: Placed | None = None
    placed_again: tuple[Placed, ...] = ()
    second: frozenset[str] = frozenset()
    tab: Tab | None = None
    customer: Customer | None = None
    feedback: Feedback | None = None
    booking: str | None = None
    submitted: Submitted | None = None
    of_age: int = 0
    from_session: str | None = None
    ref: str | None = None
    again: RungAgain | None = None
    logout_time: datetime | None = None
    discard_reason: str = ""
    discarded: frozenset[str] | None = None
    discarded_by: int | None = None
    cleared_by: int | None = None
    is_type_chosen: bool = False
    last_item: tuple[str, str] | None = None
    last_menu: tuple[ShownItem, ...] = ()
    preferences: Mapping[str, str] = {}
    corrected: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}
    unread: Mapping[str, UnreadRecord] = {}
    set_aside: frozenset[str] = frozenset()
    conflicts: Mapping[str, Conflict] = {}
    settled_conflicts: frozenset[str] = frozenset()

    @cached_property
    def priced(self) -> Priced:
        return price_order(self.lines.values(), self.given, self.terms, self.order_type)

    def price_after(self, before: Order | None) -> None:
        """Price it from the order before, if no line changed since or one came at the end, as at a key."""
        if before is None or "priced" not in before.__dict__:
            return
        if self.terms is not before.terms or self.order_type != before.order_type or self.given != before.given:
            return
        lines, came = [*self.lines.values()], len(self.lines) - len(before.lines)
        if came not in {0, 1} or not all(map(is_, lines, before.lines.values())):
            return
        if not came:
            self.__dict__["priced"] = before.priced
        elif self._is_priced_apart(lines[-1]):
            self.__dict__["priced"] = before.priced.with_line(lines[-1])

    def _is_priced_apart(self, line: Line) -> bool:
        """True if a line costs what it would by itself, and does not affect what the others cost."""
        if not line.quantity or self.given or self.terms.by_order:
            return False
        return not any(offer.is_of_several for offer in line.offers)

    @property
    def counted_discounts(self) -> tuple[Discount, ...]:
        """The discounts in its price: the last of each line that counts, and those on the order."""
        own = (line.discount for line in self.lines.values() if line.quantity and line.discount)
        return (*own, *self.given)

    @property
    def note(self) -> str:
        """The newest note on the whole order that was not undone; empty for none."""
        return next((text for event, text in reversed(tuple(self.notes.items())) if event not in self.undone), "")

    @property
    def placings(self) -> tuple[Placed, ...]:
        """All completions of it, oldest first."""
        return (self.placed, *self.placed_again) if self.placed is not None else ()

    def placing_with(self, payment_id: str) -> Placed | None:
        """Return the sale that a payment belongs to.

        Of two sales that list it, the first: it was taken once, before the tills parted.
        """
        return next((placed for placed in self.placings if payment_id in placed.payment_ids), None)

    @property
    def paid_on_both(self) -> Minor:
        """The sum of payments that both a second sale and the one before it list: they were taken once."""
        first, minor = self.placed.payment_ids if self.placed else frozenset[str](), self.terms.currency.minor
        again = (one for placed in self.placed_again for one in placed.data.payments)
        return sum_of(minor(one.amount) for one in again if one.payment_id in first)

    @property
    def covered(self) -> frozenset[str]:
        """The lines that were paid for."""
        return frozenset[str]().union(*(placed.covered for placed in self.placings))

    @property
    def listed(self) -> frozenset[str]:
        """The payments that its completions list."""
        return frozenset[str]().union(*(placed.payment_ids for placed in self.placings))

    @property
    def settled(self) -> frozenset[str] | None:
        """The lines that its end dealt with: paid for, discarded, or carried on; None while it is open."""
        if not self.is_over:
            return None
        return self.covered | (self.discarded or frozenset()) | self.moved.keys()

    @property
    def is_over(self) -> bool:
        """True if nothing more can be keyed on it: it was paid or discarded."""
        return self.status in {Status.COMPLETED, Status.DISCARDED}

    @property
    def ended_by(self) -> int | None:
        """The till that ended it; None while it is open."""
        if self.placed is not None:
            return self.placed.till
        return self.discarded_by if self.status is Status.DISCARDED else None

    @property
    def waits_for_manager(self) -> tuple[UnreadRecord, ...]:
        """The records that cannot be read here and that no manager skipped: they keep it from being paid."""
        return tuple(record for event, record in self.unread.items() if event not in self.set_aside)

    @property
    def total(self) -> Minor:
        """The total with taxes, in minor units."""
        return self.priced.total

    @property
    def paid(self) -> Minor:
        """The amount that approved payments settled, in minor units, without tips."""
        return sum_of(p.settles for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def due(self) -> Minor:
        """The amount still to be paid; negative if money is to be given back."""
        return Minor(self.total - self.paid)

    @property
    def pending_payment(self) -> Payment | None:
        """The payment whose answer is awaited, or that is on its way back."""
        return next((p for p in self.payments.values() if p.is_awaited), None)

    def is_followed_by(self, till: int, movement: Movement) -> bool:
        """True if a till asks about a movement: it holds the order, or it asked and no till has the order open now."""
        return self.holder == till or (self.till is None and movement.till == till)

    @cached_property
    def paid_for(self) -> Mapping[str, int]:
        """The pieces of each line that guests pay for by payments that were taken or are awaited."""
        found: dict[str, int] = {}
        for payment in self.payments.values():
            if payment.state is PaymentState.APPROVED or payment.state in AWAITED:
                for line_id, pieces in payment.pieces.items():
                    found[line_id] = found.get(line_id, 0) + pieces
        return found

    @property
    def tips(self) -> Minor:
        """The tips in its approved payments, in minor units."""
        return sum_of(p.tip for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def is_answered(self) -> bool:
        """True if a provider took money for it, which completes an order in any status."""
        taken = (p for p in self.payments.values() if p.state is PaymentState.APPROVED)
        return any(payment.is_asked_elsewhere for payment in taken)

    @property
    def last_taken(self) -> Payment | None:
        """The newest payment that was taken and not given back."""
        taken = (p for p in reversed(tuple(self.payments.values())) if p.state is PaymentState.APPROVED)
        return next((payment for payment in taken if payment.amount), None)

    @property
    def has_money(self) -> bool:
        """True if money was taken on it, or is awaited."""
        return self.last_taken is not None or self.pending_payment is not None

    @property
    def is_blank(self) -> bool:
        """True if it has nothing to lose: no lines, no money, no seated guests, and no unreadable records."""
        return not self.is_in_use and not self.has_money and not self.unread

    @property
    def is_spent(self) -> bool:
        """True if it has only void lines: the next line belongs to the next guest."""
        return bool(self.lines) and self.is_blank and self.tab is None and self.customer is None and not self.note

    @property
    def is_open(self) -> bool:
        """True if lines may be keyed on it, now or after it is resumed."""
        return self.status in {Status.ACTIVE, Status.PENDING_LOGOUT}

    @property
    def is_empty(self) -> bool:
        """True if no line on it counts."""
        return not self.priced.rows

    @property
    def is_in_use(self) -> bool:
        """True if a line counts on it, or guests of a booking sit there without an order yet."""
        return not self.is_empty or self.booking is not None

    @property
    def step(self) -> str:
        """`current_step` of the documents."""
        if self.status is Status.COMPLETED:
            return "order_placed"
        if self.payments or self.checkout_at:
            return "checkout"
        return "ordering" if self.lines else "browsing"

    @property
    def last_line(self) -> Line | None:
        """The newest line that counts."""
        return next((line for line in reversed(tuple(self.lines.values())) if line.quantity), None)
