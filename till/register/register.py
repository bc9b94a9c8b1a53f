"""The register: one till's commands over its journal, and what it tells the screen when something came from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import Draft
from till.domain.order.state import Status
from till.domain.staff.rights import Act, Asked
from till.domain.till.events import ItemMarked, stream_of_till
from till.ports import Light, LightState
from till.register.agreed import Agreed
from till.register.approvals import Approvals
from till.register.ledger.ledger import Ledger
from till.register.other_tills.clearing import Clearing
from till.register.other_tills.keeper import Keeper
from till.register.other_tills.late_lines import LateLines
from till.register.other_tills.news import (
    Announcer,
    ChargeMoved,
    LightChanged,
    OrdersChanged,
    OrderTaken,
    ReferenceChanged,
    RefundMoved,
)
from till.register.other_tills.unread import Unread
from till.register.payments.charges import Charges
from till.register.payments.checkout import Checkout
from till.register.recovery import Recovery
from till.register.reference import Reference
from till.register.refunds import Refunds
from till.register.returns import Returns
from till.register.selling import Sales
from till.register.staff import Access
from till.register.tabs.acts import Tabs
from till.register.tabs.open_tabs import OpenTabs
from till.register.today import Today
from till.register.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import date, datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.domain.venue import Venue
    from till.ports import Clock, Journal, Outbox, PinCheck
    from till.register.answers import Answers
    from till.register.other_tills.news import Watcher
    from till.register.quick_entry.lookup import Lookup


class Register:
    """A till without a screen. Its parts are its commands; it listens to the sync as `till.ports.StoreListener`.

    Args:
        journal: this till's disk.
        clock: the time of day.
        chance: gives so many random bits.
        outbox: told of new events.
        check_pin: compares a PIN with its hash.
        till: this till's number.
        store_id: the venue.
        business_date: the day that a moment counts for, when the venue's own rule is not meant (a replay).
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        chance: Callable[[int], int],
        outbox: Outbox,
        check_pin: PinCheck,
        *,
        till: int,
        store_id: str,
        business_date: Callable[[datetime], date] | None = None,
    ) -> None:
        self.journal = journal
        self._is_recorded = business_date is not None
        self.typed = Typed(journal)
        self.till = till
        self.ledger = Ledger(journal, clock, chance, outbox, till=till, store_id=store_id)
        self.agreed = Agreed(self.ledger)
        self.ledger.ended = self.agreed.forget
        self.reference = Reference(journal, self.ledger.now)
        self.approvals = Approvals(self.ledger, self.reference)
        self.sales = Sales(self.ledger, self.reference, self.approvals)
        self.checkout = Checkout(self.ledger, self.reference, business_date, approvals=self.approvals)
        self.refunds = Refunds(self.ledger, self.reference, self.approvals, business_date)
        self.open_tabs = OpenTabs(self.ledger)
        self.tabs = Tabs(self.ledger, self.reference, self.open_tabs)
        self.access = Access(self.ledger, self.reference, check_pin)
        self.recovery = Recovery(self.ledger, self.reference, self.access, approvals=self.approvals)
        self.today = Today(self.ledger, self.reference)
        self.late_lines = LateLines(self.ledger)
        self.charges = Charges(
            self.ledger,
            self.reference,
            self.checkout,
            self.late_lines.settle,
            self._charge_moved,
            self.approvals,
        )
        self.returns = Returns(self.ledger, self.refunds, self.charges, self._refund_moved)
        self.clearing = Clearing(self.ledger, self.reference)
        self.unread = Unread(self.ledger)
        self.announcer = Announcer(self.ledger, self.reference, self.open_tabs.name_of)
        self.light = Light(LightState.SAVED)
        #: The screen, once there is one.
        self.watcher: Watcher = Keeper(self.unread)

    @property
    def venue(self) -> Venue:
        return self.reference.venue

    @property
    def menu(self) -> Menu:
        return self.reference.menu

    @property
    def lookup(self) -> Lookup:
        return self.reference.lookup

    @property
    def formats(self) -> Formats:
        return self.reference.formats

    @property
    def answers(self) -> Answers:
        return self.reference.answers

    def mark_item(self, item: Item, *, sold_out: bool, approval: Approval | None = None) -> None:
        """Say that an item is sold out (86), or there again: here at once, and at every till by the database.

        Raises:
            RightsError: it needs a manager.
        """
        self.approvals.need(Asked(Act.SOLD_OUT), approval)
        stream = stream_of_till(self.ledger.store_id, self.till)
        by = approval.by.number if approval is not None else None
        with self.ledger.command() as command:
            command.write([Draft(ItemMarked(item_id=item.id, sold_out=sold_out, approved_by=by), stream)])
            self.approvals.record(command, approval)
        self.reference.mark(item.id, sold_out=sold_out)
        self.watcher.on_news(ReferenceChanged())

    # What the sync tells (till.ports.StoreListener).

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Fold anew what other tills added to. What a sweep put aside under its user's hands is brought back."""
        self.refunds.forget()
        known = self.ledger.refold(session_ids)
        for session_id in session_ids:
            if self.recovery.is_swept_here(session_id, self.access.person):
                self.recovery.resume(session_id)
        late = self.late_lines.settle(session_ids)
        lessened = self.late_lines.merge(session_ids)
        seen = {order.id for order in known if order.status is Status.DISCARDED or self._is_present(order)}
        self.clearing.note([session_id for session_id in session_ids if session_id not in seen])
        self.watcher.on_news(OrdersChanged((*session_ids, *(order.id for order in lessened))))
        self.announcer.tell(self.watcher, session_ids, known, lessened, late)
        for session_id in session_ids:
            if (order := self.ledger.readable(session_id)) is not None:
                self.agreed.forget([session_id] if order.is_over else ())
                self.charges.follow(order)

    def _charge_moved(self, session_id: str, payment_id: str, *, answered: bool = False) -> None:
        self.watcher.on_news(ChargeMoved(session_id, payment_id, answered))

    def _refund_moved(self, refund: Refund, words: str) -> None:
        way = self.charges.tenders.traits_of(refund.started.tender)
        self.watcher.on_news(RefundMoved(refund, self.answers.returned(refund, way, words)))

    def lines_left(self, session_id: str, till: int) -> None:
        """Carry on what a till that is gone keyed too late: it opens at its user's next login, here or elsewhere."""
        late = self.late_lines.settle_gone(session_id, till)
        if late:
            self.watcher.on_news(OrdersChanged(tuple(one.order.id for one in late)))

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Ask after refunds that a disk before this one left without an answer, or say that a person is to."""
        self.returns.follow(refund_ids)
        for refund in map(self.refunds.find, refund_ids):
            if refund.is_open and not refund.is_asked_elsewhere:
                self.watcher.on_news(RefundMoved(refund, self.answers.left_open(refund)))

    def _is_present(self, order: Order) -> bool:
        """Whether an order is on the screen of its user: there it is said at once what becomes of it."""
        person = self.access.person
        return person is not None and person.number == order.user and order.status is Status.ACTIVE

    def settling(self) -> Generator[None, None, None]:
        """Look once, at the start, at what was left or ended meanwhile; it pauses for keys after each order."""
        yield from self.late_lines.settle_followed()

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Lock an order that another till took over: who, where and when."""
        if self.ledger.lock_of(session_id):
            return
        sentence = self.answers.taken(till_name, user_name, self.venue.local(at))
        self.ledger.lock(session_id, sentence)
        self.agreed.forget([session_id])
        self.watcher.on_news(OrderTaken(session_id, sentence))

    def reference_changed(self, names: Sequence[str]) -> None:
        """Read reference data anew. An open line keeps the price that it was keyed at."""
        self.reference.forget(names)
        self.watcher.on_news(ReferenceChanged())

    def payment_told(self, key: str) -> None:
        """Ask after a payment or a refund now, where this till does."""
        self.charges.payment_told(key)
        self.returns.payment_told(key)

    def light_changed(self, light: Light) -> None:
        """Keep and show the light."""
        self.light = light
        self.watcher.on_news(LightChanged(light))

    def time_told(self, moment: datetime) -> None:
        """The database told its time: what is written follows it, whatever the clock of this till says.

        A replay goes by the time of what is recorded.
        """
        if not self._is_recorded:
            self.ledger.hear_time(moment)
