"""The register: one till's commands over its journal, and what it tells the screen when something came from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.order.state import Status
from till.ports import Light, LightState
from till.register.ledger.ledger import Ledger
from till.register.other_tills.clearing import Clearing
from till.register.other_tills.keeper import Keeper
from till.register.other_tills.late_lines import LateLines
from till.register.other_tills.news import (
    Announcer,
    LightChanged,
    OrdersChanged,
    OrderTaken,
    ReferenceChanged,
)
from till.register.other_tills.unread import Unread
from till.register.payments.checkout import Checkout
from till.register.recovery import Recovery
from till.register.reference import Reference
from till.register.selling import Sales
from till.register.staff import Access
from till.register.tabs import Tabs
from till.register.today import Today
from till.register.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import date, datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
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
        self.reference = Reference(journal, self.ledger.now)
        self.sales = Sales(self.ledger, self.reference)
        self.checkout = Checkout(self.ledger, self.reference, business_date)
        self.tabs = Tabs(self.ledger, self.reference)
        self.access = Access(self.ledger, self.reference, check_pin)
        self.recovery = Recovery(self.ledger, self.reference, self.access)
        self.today = Today(self.ledger, self.reference)
        self.late_lines = LateLines(self.ledger)
        self.clearing = Clearing(self.ledger, self.reference)
        self.unread = Unread(self.ledger)
        self.announcer = Announcer(self.ledger, self.reference)
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

    # What the sync tells (till.ports.StoreListener).

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Fold anew what other tills added to. What a sweep put aside under its user's hands is brought back."""
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

    def lines_left(self, session_id: str, till: int) -> None:
        """Carry on what a till that is gone keyed too late: it opens at its user's next login, here or elsewhere."""
        late = self.late_lines.settle_gone(session_id, till)
        if late:
            self.watcher.on_news(OrdersChanged(tuple(one.order.id for one in late)))

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
        self.watcher.on_news(OrderTaken(session_id, sentence))

    def reference_changed(self, names: Sequence[str]) -> None:
        """Read reference data anew. An open line keeps the price that it was keyed at."""
        self.reference.forget(names)
        self.watcher.on_news(ReferenceChanged())

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
