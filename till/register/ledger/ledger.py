"""The one write path: drafts are sealed into the chain, put on disk at once, folded, and told to the sync."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import EventError, OrderFaultError, OrderLockedError, TillError
from till.domain.events.envelope import NO_HOLD, STEP, Origin, seal
from till.domain.events.registry import Stream
from till.domain.i18n import _
from till.domain.ids import IdClock
from till.domain.order.evolve import apply, fold, is_answer, is_brought, is_next, needs_hold
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Status
from till.ports import Attendance, Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from till.domain.events.envelope import Draft, Event
    from till.domain.order.state import Order
    from till.ports import Clock, Journal, Outbox

_LOG: Final = logging.getLogger(__name__)
#: Finished orders that stay folded: their last snapshot is sent soon, and the receipt of the newest may be looked at.
_KEPT: Final = 16
#: Orders in one of these need not be folded at start any more.
_CLOSED: Final = frozenset({Status.COMPLETED, Status.DISCARDED})


class Command:
    """What one command writes: each decision sees what the ones before it did, though nothing is on disk yet."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._head = ledger.journal.head
        self._now = ledger.now()
        self.events: list[Event] = []
        self.orders: dict[str, Order] = {}

    def find(self, session_id: str | None) -> Order | None:
        """An order as it stands inside this command."""
        if session_id is None:
            return None
        return self.orders.get(session_id) or self._ledger.find(session_id)

    def order(self, session_id: str) -> Order:
        """The same, of an order that must be there."""
        return self.orders.get(session_id) or self._ledger.order(session_id)

    def write(self, drafts: Iterable[Draft]) -> None:
        """Seal and fold what a decision asked for.

        Raises:
            OrderLockedError: the order was taken over on another till.
            EventError: it holds what no record may.
            OrderFaultError: this till cannot work out what the order comes to.
        """
        for draft in drafts:
            lock = self._ledger.lock_of(draft.stream_id)
            known = self.find(draft.stream_id) if draft.data.stream == Stream.ORDER else None
            brought = known is not None and is_brought(known, self._ledger.till, draft.data)
            if lock and needs_hold(draft.data) and not brought and not is_answer(draft.data):
                raise OrderLockedError(lock)
            event = self._ledger.seal(draft, self._now + len(self.events) * STEP, self._head, known)
            self._head = Head(event.seq, event.hash)
            self.events.append(event)
            if event.session_id and (folded := self._folded(known, event)):
                folded.price_after(known)
                self.orders[event.session_id] = folded

    def _folded(self, known: Order | None, event: Event) -> Order | None:
        """The order with one more event; all of it anew where that does not stand last or sets one before it aside."""
        with _faults_of_ours(event.stream_id):
            if is_next(known, event):
                return apply(known, event)
            own = [one for one in self.events if one.stream_id == event.stream_id]
            return fold([*self._ledger.journal.events_of(event.stream_id), *own])


@contextmanager
def _faults_of_ours(session_id: str) -> Iterator[None]:
    """What a step of the fold raises is a mistake in it: it stops this order alone, and is written to the log."""
    try:
        yield
    except TillError:
        raise
    except Exception as problem:
        _LOG.exception("order_not_folded", extra={"session": session_id})
        raise OrderFaultError from problem


def _tell_log(events: list[Event]) -> None:
    """By which a person finds what was keyed on an order: its id, the numbers of the records and their types."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    by_order: dict[str | None, list[Event]] = {}
    for event in events:
        by_order.setdefault(event.session_id, []).append(event)
    for session, own in by_order.items():
        facts = {"session": session, "seq": own[0].seq, "types": [event.type for event in own], "user": own[0].user}
        _LOG.info("written", extra=facts)


class Ledger:
    """Writes events and keeps the orders that are open here, folded.

    Args:
        journal: this till's disk.
        clock: the time of day.
        chance: gives so many random bits; a seeded one makes a run repeatable.
        outbox: told of what is new.
        till: this till's number.
        store_id: the venue.
    """

    def __init__(
        self, journal: Journal, clock: Clock, chance: Callable[[int], int], outbox: Outbox, *, till: int, store_id: str
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.till = till
        self.store_id = store_id
        self.user: int | None = None
        #: The login session of `user`.
        self.login: str | None = None
        #: Told of each order that was written to and waits for a payment's answer.
        self.follow: Callable[[Order], None] = lambda _order: None
        #: Told of orders that ended by what was written.
        self.ended: Callable[[Iterable[str]], None] = lambda _session_ids: None
        self._outbox = outbox
        self._chance = chance
        self._ids = IdClock(chance, journal.last_id)
        #: Whether the database told its time since the start.
        self.is_heard = False
        self._known: tuple[datetime, float] | None = None
        self._orders: dict[str, Order] = {}
        self._taken: dict[str, str] = {}
        self._finished: list[str] = []
        #: Orders that do not read as far as they are here, with the sentence that says why: no list shows them, and
        #: none fails for them.
        self.unreadable: dict[str, str] = {}

    def attendance(self) -> Attendance | None:
        """Who is logged in at this till."""
        return Attendance(self.login, self.user) if self.login is not None and self.user is not None else None

    def new_id(self) -> str:
        """An id for an order, a line or a payment, after every id here."""
        return self._ids.next(self.now())

    def now(self) -> datetime:
        """The time as far as it is known: the database's, where it was heard since the start; else what a person said.

        Where nobody said anything it is that of the clock.

        Events, ids, business dates and what is sold at an hour go by it: a clock that is wrong, or jumps, does not
        move them.
        """
        if self._known is None:
            return self.clock.now()
        moment, then = self._known
        return moment + timedelta(seconds=self.clock.monotonic() - then)

    def hear_time(self, moment: datetime) -> None:
        """Keep the time that the database told."""
        self.is_heard = True
        self._known = (moment, self.clock.monotonic())

    def be_told(self, moment: datetime) -> None:
        """A person said what time it is: that counts until the database is heard."""
        if not self.is_heard:
            self._known = (moment, self.clock.monotonic())

    @contextmanager
    def command(self) -> Iterator[Command]:
        """One command of the cashier: whatever it writes reaches the disk in one transaction, or not at all.

        Raises:
            JournalError: the disk refused; nothing changed.
            OrderLockedError: the order was taken over on another till.
        """
        command = Command(self)
        yield command
        if command.events:
            self._write(command)

    def commit(self, drafts: Iterable[Draft]) -> list[Event]:
        """Write what one decision asked for."""
        with self.command() as command:
            command.write(drafts)
        return command.events

    def _write(self, command: Command) -> None:
        closed = {order.id for order in command.orders.values() if order.status in _CLOSED}
        self.journal.append(command.events, closed=closed)
        self._orders |= command.orders
        self._let_go(closed)
        self.ended(closed)
        _tell_log(command.events)
        self._outbox.nudge(at_once=any(event.data.at_once for event in command.events))
        for order in command.orders.values():
            if order.pending_payment is not None:
                self.follow(order)

    def _let_go(self, closed: Iterable[str]) -> None:
        """Keep the last few finished orders alone: a day has a thousand, and all of them are on disk."""
        self._finished = [*(known for known in self._finished if known not in set(closed)), *closed]
        for session_id in self._finished[:-_KEPT]:
            self._orders.pop(session_id, None)
        self._finished = self._finished[-_KEPT:]

    def seal(self, draft: Draft, now: datetime, head: Head, order: Order | None) -> Event:
        """Give a draft the place after `head`, with an id after the newest of its order, under the hold of that.

        Raises:
            EventError: it holds what no record may.
        """
        return seal(
            draft,
            Origin(self.journal.journal_id, self.till, self.store_id, self.user, self.login, None, now),
            event_id=self._ids.next(self.now(), order.last_id if order else None),
            seq=head.seq + 1,
            prev_hash=head.hash,
            salt=lambda: f"{self._chance(128):032x}",
            hold=order.hold if order else NO_HOLD,
        )

    def find(self, session_id: str) -> Order | None:
        """The order, folded; None when this till has no events of it.

        Raises:
            EventError: the event that opens it does not read here.
            OrderFaultError: this till cannot work out what it comes to.
        """
        order = self._orders.get(session_id)
        if order is None and (events := self.journal.events_of(session_id)):
            with _faults_of_ours(session_id):
                order = fold(events)
            if order is not None:
                self._orders[session_id] = order
                if order.status in _CLOSED:
                    self._let_go([session_id])
        return order

    def order(self, session_id: str) -> Order:
        """The order, folded.

        Raises:
            EventError: this till has no events of it.
        """
        order = self.find(session_id)
        if order is None:
            raise EventError(_("That order is not on this till."))
        return order

    def open_orders(self) -> list[Order]:
        """All orders that are not finished, as far as this till knows, oldest first."""
        found = (self.readable(mark.session_id) for mark in self.journal.open_sessions())
        return [order for order in found if order is not None and order.status not in _CLOSED]

    def readable(self, session_id: str) -> Order | None:
        """The order, folded; None too when it does not read, which `unreadable` then says, and the log once."""
        if session_id in self.unreadable:  # each list asks for it, at every key
            return None
        try:
            return self.find(session_id)
        except (EventError, OrderFaultError) as problem:
            _LOG.warning("order_not_read", extra={"session": session_id, "error": problem.code})
            self.unreadable[session_id] = problem.sentence
            return None

    def refold(self, session_ids: Iterable[str]) -> list[Order]:
        """Events of other tills came: fold those orders anew when next asked for.

        Returns:
            Those that had been folded here, as they were before.
        """
        known: list[Order] = []
        for session_id in session_ids:
            self.unreadable.pop(session_id, None)
            order = self._orders.pop(session_id, None)
            if order is None:
                continue
            known.append(order)
            if fresh := self.readable(session_id):
                self._ids.follow(fresh.last_id, self.now())
        return known

    def lock(self, session_id: str, sentence: str) -> None:
        """Refuse to write to an order that another till took over; `sentence` says who, where and when."""
        self._taken[session_id] = sentence

    def unlock(self, session_id: str) -> None:
        """The order is brought back here."""
        self._taken.pop(session_id, None)

    def lock_of(self, session_id: str) -> str | None:
        """Why an order may not be changed here."""
        return self._taken.get(session_id)

    def holder_of(self, order: Order) -> int | None:
        """The till that holds an order: what the database said, unless this till's own events are newer."""
        mark = self.journal.mark_of(order.id)
        if mark is not None and mark.version and mark.hold > order.hold:
            return mark.holder
        if order.status is Status.PENDING_LOGOUT and mark is not None and mark.hold == order.hold:
            return mark.holder if order.till is not None else None
        return order.till

    def snapshot(self, session_id: str) -> dict[str, Any] | None:
        """What the database is shown of an order; None when another till holds it, or when it does not read."""
        order = self.readable(session_id)
        if order is None or session_id in self._taken:
            return None
        mark = self.journal.mark_of(session_id)
        return snapshot(order, mark.version if mark else 0)
