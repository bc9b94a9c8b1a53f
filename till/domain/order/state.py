"""The state of an order: the fold of its events, sorted by id. Equal sets of events give equal orders everywhere."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.envelope import SERVER
from till.domain.i18n import N_, _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.pricing import Priced, price_order
from till.domain.order.wishes import with_wishes
from till.domain.payment.movement import AWAITED, MoneyTransfer, PaymentState
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.money.measures import Millionths
    from till.domain.order.events import OrderPlaced, RungAgain, ShownItem
    from till.domain.order.line import Discount, Line
    from till.domain.order.terms import Terms
    from till.domain.payment.cards import Card


class Status(StrEnum):
    """The status of an order session."""

    ACTIVE = "active"
    PENDING_LOGOUT = "pending_logout"
    ASSIGNED_TO_TAB = "assigned_to_tab"
    COMPLETED = "completed"
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"
    """Only in lists: the sale waits for a manager."""

    @property
    def in_words(self) -> str:
        """The display name of the status."""
        return _(_STATUS[self])


_STATUS: Final = {
    Status.ACTIVE: N_("open"),
    Status.PENDING_LOGOUT: N_("suspended"),
    Status.ASSIGNED_TO_TAB: N_("saved"),
    Status.COMPLETED: N_("paid"),
    Status.DISCARDED: N_("cleared"),
    Status.QUARANTINED: N_("waits for a manager"),
}


class Return(MoneyTransfer, frozen=True, kw_only=True):
    """The return of a payment on an open order, requested from its provider with its own idempotency key.

    Attributes:
        payment_id: the payment, which is returned as a whole.
    """

    payment_id: str


class Payment(MoneyTransfer, frozen=True, kw_only=True):
    """A payment of an order: the guest handed over `tendered`, got `change` back, and paid `amount`.

    Attributes:
        till: the till that took the payment, or refunded it; `SERVER` if the server released it.
        user: the person who took or refunded the payment.
        tip: the part of the amount for the staff; it does not count towards the amount due.
        over: the part of the amount beyond `asked`; it does not count towards the amount due.
        asked: the amount asked for, without the tip; None if unknown.
        tip_asked: the tip asked for.
        pieces: the number of pieces paid for, by line; empty if the payment is not by items.
        card: the card; None if no terminal reported one.
        balance: the balance left on the voucher or the account; None if unknown, or if neither paid.
        returns: the requests to return the payment, oldest first.
        back_by: the request by which the payment was returned; empty if a person returned it.
        is_back_twice: True if the payment was returned twice.
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
        """The newest return without an answer; None if there is none. The money may or may not have moved."""
        return next((one for one in reversed(self.returns) if one.is_open), None)

    @property
    def asked_for(self) -> Payment | Return:
        """The movement to ask the provider about: a pending return, or else the payment itself."""
        return self.going_back or self

    @property
    def is_awaited(self) -> bool:
        """True if the payment or its return has no answer yet."""
        return self.asked_for.is_open

    @property
    def is_paid_out(self) -> bool:
        """True if the guest got the money."""
        return self.amount < 0 and self.state is PaymentState.APPROVED

    @property
    def is_given_up(self) -> bool:
        """True if the server released the payment: no money moved."""
        return self.state is PaymentState.VOIDED and self.till == SERVER

    @property
    def settles(self) -> Minor:
        """The part of the amount that counts towards the amount due."""
        return Minor(self.amount - self.tip - self.over)

    @property
    def tip_left(self) -> Minor:
        """The part of the tip asked for that is still open, after a decline or a payment of less than was asked for."""
        is_short = self.state is PaymentState.APPROVED and self.asked is not None and self.settles < self.asked
        if is_short:
            return Minor(max(0, self.tip_asked - self.tip))
        return self.tip_asked if self.state is PaymentState.DECLINED else NOTHING


class TipChange(Struct, frozen=True):
    """A correction of a payment's tip after the sale. `change` is what the tip, and the money in `tender`, grew by."""

    event: str
    payment_id: str
    tender: str
    change: Minor
    at: datetime


class Conflict(Struct, frozen=True):
    """A conflict about money, found by the server. Only a person can settle it."""

    kind: str
    subject: str


class Tab(Struct, frozen=True):
    """The tab of a saved order: a table or a name.

    Attributes:
        awaits: True if a till made up the name, to keep an order while the answer to its payment is awaited.
    """

    id: str
    name: str
    table_number: int | None = None
    covers: int | None = None
    awaits: bool = False


def submitted_name(program: str, number: int) -> str:
    """Return the name that the counter uses for an order from a program, such as `Chat 4417`."""
    return _("{program} {number}").format(program=capitalize_first(clean(program)) or _("Order"), number=number)


class Submitted(Struct, frozen=True):
    """The submission of an order by a program, for the counter.

    Attributes:
        order_id: the id of the future sale, known to the guest; None after a takeover from another till, because then
            both tills may sell the order.
        number: the number of the order among the program's orders.
        program: the name of the program; empty for the owner of the database.
        customer_id: the guest, as the program knows them; None for no guest.
    """

    order_id: str | None
    number: int
    program: str
    payment_method: str
    at: datetime
    customer_id: str | None = None

    @property
    def name(self) -> str:
        """The name of the order at the counter, such as `Chat 4417`."""
        return submitted_name(self.program, self.number)


class HandedTo(Struct, frozen=True):
    """A till that is to send an order to the kitchen though it does not hold it.

    Attributes:
        event: the event by which the server handed it the order.
        again: True if another till was handed the order before.
        is_answered: True once it has sent a ticket.
    """

    event: str
    till: int
    again: bool
    is_answered: bool = False


class Buyer(Struct, frozen=True):
    """The firm or person that an invoice names. `tax_number` is a NIF, GSTIN or VAT number, by the venue's law."""

    name: str
    tax_number: str
    address: str = ""


class Invoice(Struct, frozen=True):
    """A full invoice for a ticket that was paid before: its event, its number, and whom it names."""

    event: str
    number: str
    at: datetime
    user: int | None
    buyer: Buyer


class Customer(Struct, frozen=True):
    """The customer of an order.

    Attributes:
        id: the id of a known customer; None if only a name was typed.
        name: the name; empty for a known customer, or if it was erased.
    """

    id: str | None
    name: str


class Preference(Struct, frozen=True):
    """A preference of the guest: its kind, its words, and the till that keyed it (`SERVER` for the server)."""

    name: str
    words: str
    till: int


class Feedback(Struct, frozen=True):
    """A guest's feedback on a paid order: a score from 1 (bad) to 5 (very good), and a comment."""

    score: int
    words: str


class Move(Struct, frozen=True):
    """A move of a line to another order."""

    event: str
    to_session: str
    till: int


class UnreadRecord(Struct, frozen=True):
    """A record that cannot be read here: its event id, type, till and time, and the reason."""

    event: str
    type: str
    till: int
    at: datetime
    why: str


class Placed(Struct, frozen=True):
    """A completion of an order: its `order_placed` event."""

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
        """The ids of the payments in the sale."""
        return frozenset(payment.payment_id for payment in self.data.payments)


class Order(Struct, frozen=True, dict=True):
    """The state of an order session. Immutable: each event makes a new state.

    Attributes:
        user: the staff number of the order's user.
        till: the till that has the order open now; None if no till has.
        hold: the event that created the current hold.
        holder: the till that holds the order and may continue it without asking the server.
        lines: the lines by id, in the order of the events that added them.
        came_from: for each line moved here, the order that it came from.
        moved: for each line moved to another order, the move.
        given: the discounts on the whole order, oldest first.
        undone: the ids of undone events.
        refused: the ids of events that the server refused; they do not count.
        checkout_at: the time at which the guest asked to pay; None before, and after another line is keyed.
        payments: the payments by id, oldest first.
        unread: by event id, the records that cannot be read here, and those that a manager skipped.
        set_aside: the ids of the records that a manager skipped.
        discarded: the lines known when the order was cleared; None if it is not cleared.
        discarded_by: the till that cleared the order.
        cleared_by: the person who cleared the order.
        holds: True if the order's courses are held, False if they are not; None if the setting of the venue decides.
        is_type_chosen: True if a person chose the order type; False if it is the venue's default.
        placed: the completion of the order; None if it is not paid.
        placed_again: further completions, by tills that were offline.
        second: the order ids of sales that reached the database after another sale of this order.
        conflicts: the conflicts about its money, by conflict id.
        settled_conflicts: the ids of the conflicts that a manager settled.
        corrected: the corrected tenders of payments, by payment id.
        tip_changes: the corrections of tips, oldest first. All of them count, because each moved money.
        preferences_set: the preferences that count, by event id, oldest first. Of a kind there is more than one while a
            till keyed its own before it saw the other.
        notes: the notes on the whole order, by event id, oldest first.
        customer_event: the id of the event that set the customer; None if none did.
        buyer: whom the invoice names; None for nobody.
        of_age: the guest's checked minimum age in years; 0 if unchecked.
        booking: the id of the booking; None if there is none.
        submitted: the submission by a program; None if a till opened the order.
        called: the number by which its guest is called; empty for none.
        handed: the till that was last to send the order to the kitchen though it does not hold it; None for none.
        last_id: the id of the newest event.
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
    customer_event: str | None = None
    buyer: Buyer | None = None
    invoices: Mapping[str, Invoice] = {}
    feedback: Feedback | None = None
    booking: str | None = None
    submitted: Submitted | None = None
    handed: HandedTo | None = None
    of_age: int = 0
    from_session: str | None = None
    ref: str | None = None
    again: RungAgain | None = None
    logout_time: datetime | None = None
    discard_reason: str = ""
    discarded: frozenset[str] | None = None
    discarded_by: int | None = None
    cleared_by: int | None = None
    holds: bool | None = None
    is_type_chosen: bool = False
    last_item: tuple[str, str] | None = None
    last_menu: tuple[ShownItem, ...] = ()
    preferences_set: Mapping[str, Preference] = {}
    called: str = ""
    corrected: Mapping[str, str] = {}
    tip_changes: tuple[TipChange, ...] = ()
    notes: Mapping[str, str] = {}
    unread: Mapping[str, UnreadRecord] = {}
    set_aside: frozenset[str] = frozenset()
    conflicts: Mapping[str, Conflict] = {}
    settled_conflicts: frozenset[str] = frozenset()

    @cached_property
    def priced(self) -> Priced:
        near = self.__dict__.pop("priced_near", None)
        return price_order(self.lines.values(), self.given, self.terms, self.order_type, near)

    def price_after(self, before: Order | None) -> None:
        """Reuse the pricing of the order before this event: whole if at most its last line was added or changed.

        Else, and beside promotions on several pieces, the rows that are the same are used again.
        """
        if before is None or "priced" not in before.__dict__:
            return
        if self.terms is not before.terms or self.order_type != before.order_type or self.given != before.given:
            return
        base, near = None, before.priced
        lines, known = [*self.lines.values()], [*before.lines.values()]
        added = len(lines) - len(known)
        if added in {0, 1} and all(map(is_, lines[:-1], known)):
            base = near if added else before.__dict__.get("priced_below")  # that of all lines but the last
            if not added and (not lines or lines[-1] is known[-1]):
                self.__dict__.update(priced=near, priced_below=base)
                return
            if base is not None and self._is_priced_apart(lines[-1]):
                self.__dict__.update(priced=base.with_line(lines[-1]), priced_below=base)
                return
        self.__dict__["priced_near"] = near if base is None else base

    def _is_priced_apart(self, line: Line) -> bool:
        """True if the price of a line neither depends on other lines nor affects them."""
        if not line.quantity or self.given or self.terms.by_order:
            return False
        return not any(offer.is_of_several for offer in line.all_offers)

    def of_type(self, order_type: str) -> Order:
        """Return the order with another type, and the taxes and prices that its lines have there."""
        lines = {line.id: line.rated(order_type=order_type) if line.by_type else line for line in self.lines.values()}
        return replace(self, order_type=order_type, lines=lines)

    @property
    def charge_rate(self) -> Millionths | None:
        """The rate of the service charge on orders of its type; None for none."""
        charge = self.terms.charge_on(self.order_type)
        return charge.rate if charge is not None else None

    @property
    def counted_discounts(self) -> tuple[Discount, ...]:
        """The discounts that count: those of each line with pieces, and those on the whole order."""
        own = (one for line in self.lines.values() if line.quantity for one in line.given)
        return (*own, *self.given)

    @cached_property
    def preferences(self) -> Mapping[str, str]:
        """The preferences of the guest by name, such as an allergy: all words, none of them twice."""
        found: dict[str, str] = {}
        for event, one in self.preferences_set.items():
            if event not in self.undone:
                found[one.name] = with_wishes(found.get(one.name, ""), one.words)
        return found

    def has_heard(self, event: str) -> bool:
        """True if a preference of this order was heard by its holder: it keyed it, or got it with the order.

        What the server repeats later is named when it is cleared (`till.domain.order.guests.set_preference`).
        """
        return self.preferences_set[event].till == self.holder or event < self.hold

    @property
    def note(self) -> str:
        """The newest note on the whole order that was not undone; empty if there is none."""
        return self.notes.get(self.noted_by, "")

    @property
    def noted_by(self) -> str:
        """The event of that note; empty if there is none."""
        return next((event for event in reversed(tuple(self.notes)) if event not in self.undone), "")

    @property
    def is_for_programs_guest(self) -> bool:
        """True if its customer is the guest whom its program named by an id."""
        guest = self.submitted.customer_id if self.submitted is not None else None
        return guest is not None and self.customer is not None and self.customer.id == guest

    @property
    def place_name(self) -> str:
        """The name of its tab, or else the one under which a program's guest asks for it; empty for none."""
        named = self.tab or self.submitted
        return named.name if named is not None else ""

    @property
    def tab_sold_on(self) -> Tab | None:
        """The tab that its sale names; None for one that a till named while it awaited the answer to a payment."""
        return None if self.tab is None or self.tab.awaits else self.tab

    @property
    def added_to(self) -> str:
        """The order to which its lines were added when it ended, which its reason names; empty for any other end."""
        if self.status is not Status.DISCARDED or self.discarded or not self.discard_reason:
            return ""
        return next((move.to_session for move in reversed(tuple(self.moved.values())) if move.till != SERVER), "")

    @property
    def placings(self) -> tuple[Placed, ...]:
        """All completions, oldest first."""
        return (self.placed, *self.placed_again) if self.placed is not None else ()

    def placing_with(self, payment_id: str) -> Placed | None:
        """Return the sale that contains a payment; None if no sale does.

        If two sales contain it, return the first: the payment was taken once, before a till went offline.
        """
        return next((placed for placed in self.placings if payment_id in placed.payment_ids), None)

    def tip_of(self, payment_id: str) -> Minor:
        """Return the tip of a payment of a sale, as corrected; zero if no sale contains the payment."""
        sale, minor = self.placing_with(payment_id), self.terms.currency.minor
        paid = sale.data.payments if sale is not None else ()
        changes = (one.change for one in self.tip_changes if one.payment_id == payment_id)
        return sum_of([*(minor(one.tip) for one in paid if one.payment_id == payment_id), *changes])

    def tips_of(self, sale: OrderPlaced) -> Minor:
        """Return the tips of the payments of a sale, as corrected."""
        return sum_of(self.tip_of(one.payment_id) for one in sale.payments)

    @property
    def paid_on_both(self) -> Minor:
        """The sum of payments that the first sale and a second one both contain. They were taken only once."""
        first, minor = self.placed.payment_ids if self.placed else frozenset[str](), self.terms.currency.minor
        again = (one for placed in self.placed_again for one in placed.data.payments)
        return sum_of(minor(one.amount) for one in again if one.payment_id in first)

    @property
    def taken_in_all(self) -> Minor:
        """The sum of the payments of all sales, each once; money that was given back is negative."""
        once = {one.payment_id: one.amount for placed in self.placings for one in placed.data.payments}
        return sum_of(map(self.terms.currency.minor, once.values()))

    @property
    def covered(self) -> frozenset[str]:
        """The lines that were paid for."""
        return frozenset[str]().union(*(placed.covered for placed in self.placings))

    @property
    def listed(self) -> frozenset[str]:
        """The ids of the payments in all completions."""
        return frozenset[str]().union(*(placed.payment_ids for placed in self.placings))

    @property
    def settled(self) -> frozenset[str] | None:
        """The lines that were paid, cleared or moved when the order ended; None while it is open."""
        if not self.is_over:
            return None
        return self.covered | (self.discarded or frozenset()) | self.moved.keys()

    @cached_property
    def is_over(self) -> bool:
        """True if the order was paid or cleared."""
        return self.status in {Status.COMPLETED, Status.DISCARDED}

    @property
    def ended_by(self) -> int | None:
        """The till that completed or cleared the order; None while it is open."""
        if self.placed is not None:
            return self.placed.till
        return self.discarded_by if self.status is Status.DISCARDED else None

    @property
    def waits_for_manager(self) -> tuple[UnreadRecord, ...]:
        """The unreadable records that no manager has skipped. The order cannot be paid until then."""
        return tuple(record for event, record in self.unread.items() if event not in self.set_aside)

    @property
    def total(self) -> Minor:
        """The total with taxes, in minor units."""
        return self.priced.total

    @property
    def paid(self) -> Minor:
        """The sum of approved payments in minor units, without tips."""
        return sum_of(p.settles for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def due(self) -> Minor:
        """The amount due in minor units; negative if the venue owes the guest."""
        return Minor(self.total - self.paid)

    @property
    def pending_payment(self) -> Payment | None:
        """The first payment that has no answer, or whose return has none; None if there is none."""
        return next((p for p in self.payments.values() if p.is_awaited), None)

    def is_followed_by(self, till: int, movement: MoneyTransfer) -> bool:
        """True if a till asks for the outcome: it holds the order, or it made the request and no till has it open."""
        return self.holder == till or (self.till is None and movement.till == till)

    @cached_property
    def paid_for(self) -> Mapping[str, int]:
        """The number of pieces of each line that approved and pending payments are for."""
        found: dict[str, int] = {}
        for paid in self.paid_pieces:
            for line_id, pieces in paid.items():
                found[line_id] = found.get(line_id, 0) + pieces
        return found

    @property
    def paid_pieces(self) -> list[Mapping[str, int]]:
        """The pieces of each line that each approved or pending payment is for, oldest first."""
        payments = self.payments.values()
        return [one.pieces for one in payments if one.state is PaymentState.APPROVED or one.state in AWAITED]

    @property
    def tips(self) -> Minor:
        """The sum of tips in approved payments, in minor units."""
        return sum_of(p.tip for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def is_answered(self) -> bool:
        """True if a provider took money for the order. Such an order may be completed in any status."""
        taken = (p for p in self.payments.values() if p.state is PaymentState.APPROVED)
        return any(payment.is_asked_elsewhere for payment in taken)

    @property
    def last_taken(self) -> Payment | None:
        """The newest approved payment of an amount other than zero."""
        taken = (p for p in reversed(tuple(self.payments.values())) if p.state is PaymentState.APPROVED)
        return next((payment for payment in taken if payment.amount), None)

    @property
    def has_money(self) -> bool:
        """True if the order has an approved or a pending payment."""
        return self.last_taken is not None or self.pending_payment is not None

    @property
    def has_lines_or_money(self) -> bool:
        """True if a guest has a line on it, or money: the lines may all be void while money is to go back."""
        return not self.is_empty or self.has_money

    @property
    def is_blank(self) -> bool:
        """True if nothing would be lost: no lines that count, no money, no booking, and no unreadable records."""
        return not self.is_in_use and not self.has_money and not self.unread

    @property
    def is_spent(self) -> bool:
        """True if the order has only void lines. The next line belongs to the next guest."""
        return bool(self.lines) and self.is_blank and self.tab is None and self.customer is None and not self.note

    @property
    def is_open(self) -> bool:
        """True if the order is active or suspended."""
        return self.status in {Status.ACTIVE, Status.PENDING_LOGOUT}

    @property
    def is_empty(self) -> bool:
        """True if no line counts."""
        return not self.priced.rows

    @property
    def is_in_use(self) -> bool:
        """True if a line counts, or the guests of a booking are seated."""
        return not self.is_empty or self.booking is not None

    @property
    def step(self) -> str:
        """The `current_step` of its session in the hot tables."""
        if self.status is Status.COMPLETED:
            return "order_placed"
        if self.payments or self.checkout_at:
            return "checkout"
        return "ordering" if self.lines else "browsing"

    @property
    def last_line(self) -> Line | None:
        """The newest line that counts."""
        return next((line for line in reversed(tuple(self.lines.values())) if line.quantity), None)
