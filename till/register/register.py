"""The register: one till's commands over its journal, and what it tells the screen when something came from outside."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from till.domain.catalogue.menu import Menu, read_menu
from till.domain.errors import JournalError
from till.domain.money.formats import Formats, Marks, marks_of
from till.domain.order.state import Status
from till.domain.venue import NOWHERE, Venue, read_venue
from till.ports import Light, LightState
from till.register.answers import Answers
from till.register.ledger.ledger import Ledger
from till.register.other_tills.clearing import Clearing
from till.register.other_tills.keeper import Keeper
from till.register.other_tills.late_lines import Lateness
from till.register.other_tills.news import Telling
from till.register.other_tills.unread import Unread
from till.register.payments.checkout import Checkout
from till.register.quick_entry.lookup import Lookup
from till.register.recovery import Recovery
from till.register.selling import Sales
from till.register.staff import Access
from till.register.tabs import Tabs
from till.register.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import date, datetime

    from till.domain.order.state import Order
    from till.ports import Clock, Journal, Outbox, PinCheck
    from till.register.other_tills.news import Watcher


#: The shape in which marks are kept: another one is not read.
_MARKS: Final = 1


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
        self.typed = Typed(journal)
        self.till = till
        self.ledger = Ledger(journal, clock, chance, outbox, till=till, store_id=store_id)
        self.sales = Sales(self.ledger, lambda: self.venue, lambda: self.menu)
        self.checkout = Checkout(self.ledger, lambda: self.venue, business_date)
        self.tabs = Tabs(self.ledger, self.who)
        self.access = Access(self.ledger, lambda: self.venue, check_pin)
        self.recovery = Recovery(self.ledger, lambda: self.access.person)
        self.lateness = Lateness(self.ledger)
        self.clearing = Clearing(self.ledger, self.name_of, lambda: self.answers)
        self.unread = Unread(self.ledger)
        self.telling = Telling(self.ledger, lambda: self.venue, self.who, lambda: self.answers)
        self.light = Light(LightState.SAVED)
        #: The screen, once there is one.
        self.watcher: Watcher = Keeper(self.unread)

    @cached_property
    def venue(self) -> Venue:
        """The settings of the venue, from the journal's cache."""
        cached = self.journal.cached("settings")
        return read_venue(cached[1]) if cached else NOWHERE

    @cached_property
    def menu(self) -> Menu:
        """The menu, from the journal's cache."""
        cached = self.journal.cached("menu")
        return read_menu(cached[1], self.venue.terms.currency) if cached else Menu()

    @cached_property
    def lookup(self) -> Lookup:
        """The index over the menu."""
        return Lookup(self.menu)

    @cached_property
    def formats(self) -> Formats:
        """How amounts are written here."""
        return Formats(self.venue.terms.currency, self._marks())

    def _marks(self) -> Marks:
        """The marks of the venue's locale, from the journal's cache once they were looked up."""
        locale = self.venue.locale
        version, kept = self.journal.cached("marks") or (0, {})
        if version == _MARKS and kept.get("locale") == locale:
            return Marks(**kept)
        marks = marks_of(locale)
        with suppress(JournalError):  # a disk that refuses says so at the next key; marks are looked up again
            self.journal.cache("marks", _MARKS, asdict(marks))
        return marks

    @cached_property
    def answers(self) -> Answers:
        """The sentences of this till."""
        return Answers(self.formats)

    def who(self, till: int | None, user: int) -> str:
        """`Till 2, cashier 1`: a till and a person, by name."""
        return ", ".join(part for part in (self.venue.till_name(till), self.name_of(user)) if part)

    def name_of(self, user: int) -> str:
        """What a staff number is called; empty for one that is not known."""
        return next((person.name for person in self.access.staff if person.number == user), "")

    # What the sync tells (till.ports.StoreListener).

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Fold anew what other tills added to. What a sweep put aside under its user's hands is brought back."""
        known = self.ledger.refold(session_ids)
        for session_id in session_ids:
            if self.recovery.is_swept_here(session_id, self.access.person):
                self.recovery.resume(session_id)
        late = self.lateness.settle(session_ids)
        lessened = self.lateness.take_back(session_ids)
        self.lateness.keep_apart([*session_ids, *(order.id for order in lessened)])
        seen = {order.id for order in known if order.status is Status.DISCARDED or self._is_present(order)}
        self.clearing.note([session_id for session_id in session_ids if session_id not in seen])
        self.watcher.orders_changed([*session_ids, *(order.id for order in lessened)])
        self.telling.tell(self.watcher, session_ids, known, lessened, late)

    def lines_left(self, session_id: str, till: int) -> None:
        """Carry on what a till that is gone keyed too late: it opens at its user's next login, here or elsewhere."""
        late = self.lateness.settle_gone(session_id, till)
        if late:
            self.watcher.orders_changed([one.order.id for one in late])

    def _is_present(self, order: Order) -> bool:
        """Whether an order is on the screen of its user: there it is said at once what becomes of it."""
        person = self.access.person
        return person is not None and person.number == order.user and order.status is Status.ACTIVE

    def settling(self) -> Generator[None, None, None]:
        """Look once, at the start, at what was left or ended meanwhile; it pauses for keys after each order."""
        yield from self.lateness.settle_followed()

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Lock an order that another till took over: who, where and when."""
        if self.ledger.lock_of(session_id):
            return
        sentence = self.answers.taken(till_name, user_name, self.venue.local(at))
        self.ledger.lock(session_id, sentence)
        self.watcher.order_taken(session_id, sentence)

    def reference_changed(self, names: Sequence[str]) -> None:
        """Read reference data anew. An open line keeps the price that it was keyed at."""
        stale = {"settings": ("venue", "menu", "lookup", "formats", "answers"), "menu": ("menu", "lookup")}
        for name in names:
            for part in stale.get(name, ()):
                self.__dict__.pop(part, None)
        self.watcher.reference_changed()

    def light_changed(self, light: Light) -> None:
        """Keep and show the light."""
        self.light = light
        self.watcher.light_changed(light)
