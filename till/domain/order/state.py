"""An order as the fold of its events: sort by id, apply. The same set of events is the same order everywhere."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.pricing import Priced, price_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.events.envelope import Hold
    from till.domain.order.events import OrderPlaced, ShownItem
    from till.domain.order.line import Discount, Line
    from till.domain.order.terms import Terms
    from till.domain.payment.cards import Card


class Status(StrEnum):
    """Where an order session stands (design §3)."""

    ACTIVE = "active"
    PENDING_LOGOUT = "pending_logout"
    ASSIGNED_TO_TAB = "assigned_to_tab"
    COMPLETED = "completed"
    DISCARDED = "discarded"

    @property
    def in_words(self) -> str:
        """What people call it."""
        return _STATUS[self]


_STATUS: Final = {
    Status.ACTIVE: _("open"),
    Status.PENDING_LOGOUT: _("put aside"),
    Status.ASSIGNED_TO_TAB: _("on a tab"),
    Status.COMPLETED: _("paid"),
    Status.DISCARDED: _("cleared"),
}


class PaymentState(StrEnum):
    """Where a payment stands. Only an approved one counts."""

    STARTED = "started"
    AUTHORISED = "authorised"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    #: It was taken, and counts on the order that its lines went to.
    MOVED = "moved"


#: Payments that still have no answer that would last.
AWAITED: Final = frozenset({PaymentState.STARTED, PaymentState.UNKNOWN, PaymentState.AUTHORISED})


class GivingBack(NamedTuple):
    """That who took a payment is asked to give it back; `state` is that of the asking, approved once it went back.

    Attributes:
        reference: the place, the asker and the number that name it there.
        transaction: what names the money that goes back; empty where its card is shown again.
        at: when it came to its state, `started_at` when it began.
        till: where it began, and `user` who did it.
    """

    id: str
    state: PaymentState
    at: datetime
    started_at: datetime
    till: int
    user: int | None = None
    reference: tuple[str, str, str] = ("", "", "")
    transaction: str = ""
    reason: str = ""


class Payment(Struct, frozen=True):
    """Money for an order, in minor units: `tendered` was handed over, `change` given back, and `amount` taken.

    Attributes:
        till: where it was taken; of one that was given back, where that was.
        user: who took it, or gave it back.
        tip: how much of the amount is for the staff, and settles nothing.
        over: how much of it nobody had asked for: that settles nothing either.
        asked: what was asked for without the tip; None where that is not known.
        reference: the place, the asker and the number that name the charge; empty ones where nobody else is asked.
        transaction: names the money where it was taken.
        card: what is known of the card that paid; None where no terminal told it.
        settled_by: the manager who settled by hand what had no answer.
        is_late: it was approved after it had been declined.
        is_contradicted: it was said of it that it was taken, and that it was not.
        started_at: when it began; None where that is not known.
        returns: the times that who took it was asked to give it back, the first first.
        back_by: of one that was given back, the asking that did it; empty where a person gave it.
        is_back_twice: it went back by one asking, and once more otherwise.
    """

    id: str
    tender: str
    amount: Minor
    state: PaymentState
    at: datetime
    till: int
    user: int | None = None
    tendered: Minor = NOTHING
    change: Minor = NOTHING
    reason: str = ""
    tip: Minor = NOTHING
    over: Minor = NOTHING
    asked: Minor | None = None
    reference: tuple[str, str, str] = ("", "", "")
    transaction: str = ""
    card: Card | None = None
    settled_by: int | None = None
    is_late: bool = False
    is_contradicted: bool = False
    started_at: datetime | None = None
    returns: tuple[GivingBack, ...] = ()
    back_by: str = ""
    is_back_twice: bool = False

    @property
    def going_back(self) -> GivingBack | None:
        """The asking to give it back that has no answer yet: until then it may be gone, or gone twice."""
        return next((one for one in reversed(self.returns) if one.state in AWAITED), None)

    @property
    def asked_key(self) -> str:
        """The key of what is asked after: of giving it back while that is under way, else its own."""
        return self.going_back.id if self.going_back is not None else self.id

    @property
    def is_awaited(self) -> bool:
        """Whether somebody else still tells what became of it."""
        return self.state in AWAITED or self.going_back is not None

    @property
    def settles(self) -> Minor:
        """How much of it goes towards what is due."""
        return Minor(self.amount - self.tip - self.over)

    @property
    def is_asked_elsewhere(self) -> bool:
        """Whether somebody else answers for it, who can be asked after it."""
        return any(self.reference)


class Tab(Struct, frozen=True):
    """Where an order was put aside: a table or a name."""

    id: str
    name: str
    table_number: int | None = None
    covers: int | None = None


class Customer(NamedTuple):
    """Whose order it is: `id` of one whom the venue knows, None where only a name was typed.

    `name` is empty where it was erased.
    """

    id: str | None
    name: str


class Feedback(NamedTuple):
    """What its guest thinks of a paid order: from 1, bad, to 5, very good."""

    score: int
    words: str


class Move(NamedTuple):
    """That another order carries a line: the first move decides, unless another led to where it was paid for."""

    event: str
    to_session: str
    till: int
    late: bool
    paid: bool


class HeldBefore(NamedTuple):
    """Whose an order was, and on which tab, before its newest hold was taken."""

    user: int
    tab: Tab | None


class UnreadRecord(NamedTuple):
    """A record of an order that does not read here: of which type, by which till, when, and what is wrong.

    Attributes:
        newer: whether newer tills read it; else none does.
    """

    event: str
    type: str
    till: int
    at: datetime
    why: str
    newer: bool


class Placed(Struct, frozen=True):
    """The end of an order: the frozen `order_placed`."""

    event: str
    at: datetime
    data: OrderPlaced
    till: int

    @property
    def quantities(self) -> dict[str, int]:
        """How many pieces of each line were paid for."""
        return {
            line_id: pieces
            for row in self.data.lines
            for line_id, pieces in zip(row.line_ids, row.line_quantities, strict=True)
        }

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
        till: the till that holds it now; None when nobody does.
        hold: the newest hold that was taken of it, whether it was released since or not.
        holder: the till that took that hold.
        takers: the tills that ever took it: what another does to it does not count.
        before_hold: how it stood before its newest hold was taken.
        lines: by line id, in the order of the events that made them.
        came_from: of lines that were carried here, the order that they came from.
        brought: of these, the till that moved them here: what it does to them counts, though it never took the order.
        moved: of lines that other orders carry, the move that decides.
        carriers: the orders that lines were ever moved to, whether that move decides or not.
        given: the discounts on the order as a whole, by their events.
        undone: the events that count as if they had never been.
        checkout_at: when the guest wanted to pay; None while nobody does, or once something was keyed after it.
        payments: by payment id, the first first.
        money_from: of payments that came here with lines, the order that they came from.
        money_away: of payments that count on another order, that one: the first move decides.
        unread: records that do not read here, by their events; those that were set aside too, whether they read or not.
        set_aside: the records that a manager set aside.
        discarded: the lines that were known to who cleared it; None while it is not cleared.
        discarded_by: the till that cleared it; `cleared_by` the person.
        type_said: whether somebody said how it is eaten, or it is merely as the venue begins its orders.
        left_by: tills that cleared it, or had it before it was put on a tab: they do not follow it on.
        placed: its end, once it was paid; `placed_again` are payments of tills that were apart.
        second: the sales, by their order ids, of which the database said that another had come to it before.
        conflicts: what is wrong about its money, by conflict id: each amount that was written down, the newest last.
        settled_conflicts: those that a manager settled.
        corrected: of payments whose tender was put right after it was paid, what it is; by payment id.
        notes: what was noted about the whole order, by event, the first first.
        of_age: how old the guest is at least, in years, as somebody looked; 0 while nobody did.
        booking: of whose booking it is, by its id.
        last_id: its newest event.
    """

    id: str
    store_id: str
    user: int
    terms: Terms
    order_type: str
    status: Status
    till: int | None
    hold: Hold
    holder: int
    takers: frozenset[int]
    before_hold: HeldBefore
    created_at: datetime
    updated_at: datetime
    last_id: str
    lines: Mapping[str, Line] = {}
    came_from: Mapping[str, str] = {}
    brought: Mapping[str, int] = {}
    moved: Mapping[str, Move] = {}
    carriers: frozenset[str] = frozenset()
    given: tuple[Discount, ...] = ()
    undone: frozenset[str] = frozenset()
    checkout_at: datetime | None = None
    payments: Mapping[str, Payment] = {}
    money_from: Mapping[str, str] = {}
    money_away: Mapping[str, str] = {}
    placed: Placed | None = None
    placed_again: tuple[Placed, ...] = ()
    second: frozenset[str] = frozenset()
    tab: Tab | None = None
    customer: Customer | None = None
    feedback: Feedback | None = None
    booking: str | None = None
    of_age: int = 0
    from_session: str | None = None
    ref: str | None = None
    logout_time: datetime | None = None
    discard_reason: str = ""
    discarded: frozenset[str] | None = None
    discarded_by: int | None = None
    cleared_by: int | None = None
    left_by: frozenset[int] = frozenset()
    type_said: bool = False
    last_item: tuple[str, str] | None = None
    last_menu: tuple[ShownItem, ...] = ()
    preferences: Mapping[str, str] = {}
    corrected: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}
    unread: Mapping[str, UnreadRecord] = {}
    set_aside: frozenset[str] = frozenset()
    conflicts: Mapping[str, tuple[str, ...]] = {}
    settled_conflicts: frozenset[str] = frozenset()

    @cached_property
    def priced(self) -> Priced:
        return price_order(self.lines.values(), self.given, self.terms, self.order_type)

    def price_after(self, before: Order | None) -> None:
        """Price it by the order before, where no line changed since, or one came behind the others, as at a key."""
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
        """Whether a line that counts costs what it would by itself, and changes nothing of what the others cost."""
        if not line.quantity or self.given or self.terms.by_order:
            return False
        return not any(offer.is_of_several for offer in line.offers)

    @property
    def counted_discounts(self) -> tuple[Discount, ...]:
        """The discounts that make its price: of each line that counts the last, and those on the order."""
        own = (line.discount for line in self.lines.values() if line.quantity and line.discount)
        return (*own, *self.given)

    @property
    def note(self) -> str:
        """What is to be known of the whole order: the newest note that was not undone; empty for nothing."""
        return next((said for event, said in reversed(tuple(self.notes.items())) if event not in self.undone), "")

    @property
    def hold_epoch(self) -> int:
        """The number of its newest hold."""
        return self.hold.epoch

    @property
    def placings(self) -> tuple[Placed, ...]:
        """All that was paid for it, the first first."""
        return (self.placed, *self.placed_again) if self.placed is not None else ()

    def placing_with(self, payment_id: str) -> Placed | None:
        """The sale that a payment is of; of two that list it the first, for it was taken once, before they parted."""
        return next((placed for placed in self.placings if payment_id in placed.payment_ids), None)

    def miscounted_by(self, line: Line) -> Placed | None:
        """The sale that was paid for other pieces of a line than are left of it, the first one; None where none was."""
        counted = ((placed, placed.quantities.get(line.id, line.pieces)) for placed in self.placings)
        return next((placed for placed, pieces in counted if pieces != line.pieces), None)

    @property
    def covered(self) -> frozenset[str]:
        """The lines that were paid for."""
        return frozenset[str]().union(*(placed.covered for placed in self.placings))

    @property
    def listed(self) -> frozenset[str]:
        """The payments that what was paid for it lists."""
        return frozenset[str]().union(*(placed.payment_ids for placed in self.placings))

    @property
    def settled(self) -> frozenset[str] | None:
        """The lines that were dealt with at its end: paid for, discarded, or carried on; None while it goes on."""
        if not self.is_over:
            return None
        return self.covered | (self.discarded or frozenset()) | self.moved.keys()

    @property
    def is_over(self) -> bool:
        """Whether nothing can be keyed on it any more: it was paid, or discarded."""
        return self.status in {Status.COMPLETED, Status.DISCARDED}

    @property
    def ended_by(self) -> int | None:
        """The till that ended it; None while it goes on."""
        if self.placed is not None:
            return self.placed.till
        return self.discarded_by if self.status is Status.DISCARDED else None

    @property
    def waits_for_manager(self) -> tuple[UnreadRecord, ...]:
        """The records that do not read here and that nobody set aside: until then it cannot be paid."""
        return tuple(record for event, record in self.unread.items() if event not in self.set_aside)

    @property
    def is_for_newer_tills(self) -> bool:
        """Whether newer tills know of something on it that this one does not: what came of it is theirs to judge."""
        return any(record.newer for record in self.waits_for_manager)

    @property
    def total(self) -> Minor:
        """What it costs, taxes included, in minor units."""
        return self.priced.total

    @property
    def paid(self) -> Minor:
        """What approved payments settled, in minor units; tips are none of it."""
        return sum_of(p.settles for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def due(self) -> Minor:
        """What is still to be paid; negative when money is to be given back."""
        return Minor(self.total - self.paid)

    @property
    def pending_payment(self) -> Payment | None:
        """The payment whose answer is awaited, or that is on its way back."""
        return next((p for p in self.payments.values() if p.is_awaited), None)

    @property
    def tips(self) -> Minor:
        """What its approved payments brought for the staff, in minor units."""
        return sum_of(p.tip for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def is_answered(self) -> bool:
        """Whether money was taken by who was asked for it: that completes an order wherever it was put meanwhile."""
        taken = (p for p in self.payments.values() if p.state is PaymentState.APPROVED)
        return any(payment.is_asked_elsewhere for payment in taken)

    @property
    def last_taken(self) -> Payment | None:
        """The newest payment that was taken and not given back."""
        taken = (p for p in reversed(tuple(self.payments.values())) if p.state is PaymentState.APPROVED)
        return next((payment for payment in taken if payment.amount), None)

    @property
    def has_money(self) -> bool:
        """Whether money stands on it, or is awaited."""
        return self.last_taken is not None or self.pending_payment is not None

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost with it: no line or money, nobody sits there, and every record reads."""
        return not self.is_in_use and not self.has_money and not self.unread

    @property
    def is_open(self) -> bool:
        """Whether lines may be keyed on it, here or after it is brought back."""
        return self.status in {Status.ACTIVE, Status.PENDING_LOGOUT}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it that counts."""
        return not self.priced.rows

    @property
    def is_in_use(self) -> bool:
        """Whether something counts on it, or the guests of a booking sit there and have ordered nothing yet."""
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
