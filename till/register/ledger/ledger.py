"""The one write path: seals drafts into the chain, writes them to disk, folds them and passes them to the sync."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError, TillError
from till.domain.events.envelope import NO_HOLD, STEP, Origin, seal
from till.domain.events.registry import SHIFT
from till.domain.i18n import N_, _
from till.domain.ids import IdClock
from till.domain.order.evolve import ORDERS
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Status
from till.domain.streams import AGGREGATES
from till.domain.structs import replace
from till.domain.till.events import FiscalStamped, MoneyHeard
from till.domain.till.money import moves_money, refuse_money
from till.ports import Attendance, Head, Transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from till.domain.events.aggregate import Aggregate, S
    from till.domain.events.envelope import Draft, Event
    from till.domain.order.state import Order
    from till.ports import Clock, Journal, Outbox, RemoteSession
    from till.ports.printer import Job

_LOG: Final = logging.getLogger(__name__)
#: Finished streams kept in memory: their last snapshots are still to be sent, and people open the newest receipts.
_KEPT: Final = 16
#: The longest delay of a reply. If the database's clock is further behind, it was set back.
_SLOW: Final = timedelta(seconds=30)


class OrderLockedError(TillError):
    """An order that was taken over on another till."""

    code = "order_locked"
    default = N_("Taken over on another till. The lines keyed here are kept.")


class OrderFaultError(TillError):
    """An error of the program in an order."""

    code = "order_fault"
    default = N_("This till made a mistake with this order: call for help.")


class CommandHook:
    """A companion of each command, such as its print jobs and the kick of the drawer.

    Money comes first: a fault of one is logged, and stops neither the command nor the other ones.
    """

    def prepare(self, command: Command) -> None:
        """Add to a command before it is written."""

    def follow(self, command: Command) -> None:
        """Carry out what was written."""


class TriedError(Exception):
    """The end of a command that was only tried, before its first write."""


class Command:
    """The writes of one command. Each decision sees the earlier ones, though nothing is on disk yet.

    Args:
        ledger: seals and folds the events.
        tried: True if nothing is written here; the command may then contain events that only the server writes.
        user: the person who acts; None for the logged-in user.
        granted: an order that another till may have, and that is granted to this one first.
    """

    def __init__(
        self, ledger: Ledger, *, tried: bool = True, user: int | None = None, granted: str | None = None
    ) -> None:
        self._ledger = ledger
        self._tried = tried
        self._user = user
        self._granted = granted
        #: The open shift, which labels the events; None for what the server writes, and while no shift is open.
        self.shift = None if tried else ledger.shift
        self._head = ledger.journal.head
        self._now = ledger.now()
        self.events: list[Event] = []
        self.states: dict[tuple[str, str], Any] = {}
        #: The print jobs that go with the events, and the number of the event that opens the drawer; 0 for none.
        self.jobs: list[Job] = []
        self.kick = 0

    def state(self, aggregate: Aggregate[S], stream_id: str) -> S | None:
        """Return the state of a stream, including the writes of this command."""
        known: S | None = self.states.get((aggregate.kind, stream_id))
        return known or self._ledger.state(aggregate, stream_id)

    def find(self, session_id: str | None) -> Order | None:
        """Return an order, including the writes of this command; None if it is not on this till."""
        return self.state(ORDERS, session_id) if session_id is not None else None

    def order(self, session_id: str) -> Order:
        """Return an order, including the writes of this command; it must exist."""
        return self.find(session_id) or self._ledger.order(session_id)

    def write(self, drafts: Iterable[Draft]) -> None:
        """Seal and fold drafts.

        Raises:
            OrderLockedError: another till took the order over.
            NoMoneyError: it moves money, and this till takes none.
            EventError: a draft contains invalid data.
            OrderFaultError: this till cannot fold the order.
        """
        for draft in drafts:
            stamps = self._ledger.is_sender and isinstance(draft.data, FiscalStamped)
            if not (self._ledger.takes_money or self._tried or stamps) and moves_money(draft.data):
                raise refuse_money(self._ledger.till, is_order=draft.data.stream == ORDERS.kind)
            self._label(draft)
            kind, stream_id = key = draft.data.stream, draft.stream_id
            aggregate = AGGREGATES[kind]
            known = self.state(aggregate, stream_id)
            lock = self._ledger.lock_of(stream_id) if stream_id != self._granted else None
            if lock and not aggregate.is_free(known, self._ledger.till, draft.data):
                raise OrderLockedError(lock)
            now = self._now + len(self.events) * STEP
            event = self._ledger.seal(
                draft, now, self._head, known, tried=self._tried, user=self._user, shift=self.shift
            )
            self._head = Head(event.seq, event.hash)
            self.events.append(event)
            if draft.data.labels == "ends":
                self.shift = None
            if (after := self._folded(aggregate, known, event)) is not None:
                self.states[key] = after

    def _label(self, draft: Draft) -> None:
        """Open a shift before an event that needs one (ADR 0062)."""
        if draft.data.labels == "begins":
            self.shift = draft.stream_id
        elif (
            draft.data.needs_shift
            and self.shift is None
            and not self._tried
            and self._ledger.takes_money
            and self._ledger.opening is not None
        ):
            self.write([self._ledger.opening()])

    def print(self, job: Job) -> Job:
        """Write a print job with the events of this command, under the next number. Return it."""
        job = replace(job, number=self._ledger.journal.last_job() + len(self.jobs) + 1, at=self._now)
        self.jobs.append(job)
        return job

    def act(self) -> Transfer:
        """Return the events so far as an act for the server to write (`Store.act`)."""
        sessions = dict.fromkeys(event.stream_id for event in self.events)
        marks = self._ledger.journal.marks_of(sessions)
        return Transfer(
            events=tuple(self.events),
            versions={one: marks[one].version if one in marks else 0 for one in sessions},
            seq=self._ledger.journal.head.seq,
            snapshots={one: snapshot(self.order(one), 0) for one in sessions},
        )

    def _folded(self, aggregate: Aggregate[S], known: S | None, event: Event) -> S | None:
        """Return the state with one more event. Fold again if the event is not the newest or cancels an earlier one."""
        with _program_faults(event.stream_id):
            if aggregate.is_next(known, event):
                return aggregate.apply(known, event)
            own = [one for one in self.events if one.stream_id == event.stream_id]
            return aggregate.fold([*self._ledger.journal.events_of(event.stream_id, aggregate.kind), *own])


@contextmanager
def _program_faults(stream_id: str) -> Iterator[None]:
    """Treat an exception in a step as a program fault: log it, and stop only this stream."""
    try:
        yield
    except TillError:
        raise
    except Exception as problem:
        _LOG.exception("order_not_folded", extra={"session": stream_id})
        raise OrderFaultError from problem


def _accompany(command: Command, steps: Iterable[Callable[[Command], None]]) -> None:
    for step in steps:
        try:
            step(command)
        except Exception:  # noqa: BLE001 - money comes first
            _LOG.exception("companion_failed", extra={"step": step.__qualname__})


def _log_written(events: list[Event]) -> None:
    """Log the order, record numbers and types of written events, so that an order can be traced."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    by_order: dict[str | None, list[Event]] = {}
    for event in events:
        by_order.setdefault(event.session_id, []).append(event)
    for session, own in by_order.items():
        facts = {"session": session, "seq": own[0].seq, "types": [event.type for event in own], "user": own[0].user}
        _LOG.info("written", extra=facts)


class Ledger:
    """The writer of events. It keeps the open streams of this till folded: orders, and any other kind.

    Args:
        journal: this till's disk.
        clock: the time of day.
        chance: returns a number of random bits; a seeded function makes a run repeatable.
        outbox: notified of new events.
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
        #: The open shift of this till, and the decision that opens one; a till without shifts has neither.
        self.shift: str | None = next(reversed(journal.streams(SHIFT, is_open=True)), None)
        self.opening: Callable[[], Draft] | None = None
        #: The server's last word on whether this till takes money, as this journal answered it; an odd number means no.
        self.money_heard = next(
            (one.data.change for one in journal.newest(MoneyHeard.listed, 1) if isinstance(one.data, MoneyHeard)), 0
        )
        #: True for the sender of invoice records, which stamps though it takes no money.
        self.is_sender = False
        #: The companions of each command, in their order (`Register`).
        self.hooks: list[CommandHook] = []
        self._outbox = outbox
        self._chance = chance
        self._ids = IdClock(chance, journal.last_id)
        #: True while an act is tried: no command begins.
        self.is_trying = False
        #: True if the database has sent its time since the start.
        self.is_heard = False
        self._known: tuple[datetime, float] | None = None
        self._states: dict[tuple[str, str], Any] = {}
        self._observers: dict[str, list[Callable[[Any], None]]] = {}
        self._taken: dict[str, str] = {}
        self._listed_holds: dict[str, str] = {}
        self._finished: list[tuple[str, str]] = []
        #: Streams that this till cannot read, with the reason. Lists skip them.
        self.unreadable: dict[str, str] = {}

    def observe(self, aggregate: Aggregate[S], callback: Callable[[S], None]) -> None:
        """Call `callback` with each stream of a kind after a command wrote to it on disk."""
        self._observers.setdefault(aggregate.kind, []).append(callback)

    def attendance(self) -> Attendance | None:
        """Return the user who is logged in at this till, with the login session."""
        return Attendance(self.login, self.user) if self.login is not None and self.user is not None else None

    @property
    def takes_money(self) -> bool:
        """True if this till takes money, as most do."""
        return self.money_heard % 2 == 0

    def new_id(self) -> str:
        """Return an id for an order, a line or a payment; it sorts after every id here."""
        return self._ids.next(self.now())

    def next_number(self, of: str = "") -> str:
        """Return the next document number: this till, its journal's letters, and a count that only grows.

        Args:
            of: the kind of document; each kind has its own count. Empty for receipts.
        """
        return f"{self.series()}-{of}{self.journal.last_number(of) + 1:06d}"

    def next_count(self, of: str, command: Command) -> int:
        """Return the next count of a kind of document, after those of the command."""
        before = sum(one.data.document.startswith(f"{self.series()}-{of}") for one in command.events)
        return self.journal.last_number(of) + before + 1

    def series(self) -> str:
        """Return this till with its journal's letters, which are of its id until it has met the server."""
        if self.journal.series is None:
            self.journal.set_series("X" + self.journal.journal_id[-4:].upper())
        return f"{self.till}{self.journal.series}"

    def now(self) -> datetime:
        """Return the best known time: the database's, else one that a person set, else the clock's.

        Events, ids, business dates and sale hours use this time, so a clock that is wrong or jumps does not shift them.
        """
        if self._known is None:
            return self.clock.now()
        moment, then = self._known
        return moment + timedelta(seconds=self.clock.monotonic() - then)

    def hear_time(self, moment: datetime) -> None:
        """Keep the time of the database.

        Replies arrive late, never early: a time shortly before the known time comes from a slow reply.
        """
        if not (self.is_heard and timedelta() < self.now() - moment < _SLOW):
            self._known = (moment, self.clock.monotonic())
        self.is_heard = True

    def set_time(self, moment: datetime) -> None:
        """Set the time by hand. It is used until the database sends its time."""
        if not self.is_heard:
            self._known = (moment, self.clock.monotonic())

    @contextmanager
    def command(self, user: int | None = None) -> Iterator[Command]:
        """Run one command of the cashier: all its writes reach the disk in one transaction, or none.

        `user` is the person who acts, for later acts of the till itself; None for the logged-in user.

        Raises:
            JournalError: the disk write failed; nothing changed.
            OrderLockedError: another till took the order over.
            TriedError: the act is only tried.
        """
        if self.is_trying:
            raise TriedError
        command = Command(self, tried=False, user=user)
        yield command
        if command.events:
            _accompany(command, [hook.prepare for hook in self.hooks])
        if command.events or command.jobs:
            self._write(command)

    def commit(self, drafts: Iterable[Draft], user: int | None = None) -> list[Event]:
        """Write the drafts of one decision; `user` as in `command`."""
        with self.command(user) as command:
            command.write(drafts)
        return command.events

    def _write(self, command: Command) -> None:
        closed = [key for key, state in command.states.items() if state.is_over]
        ids = [stream_id for _kind, stream_id in closed]
        self.journal.append(command.events, closed=ids, jobs=command.jobs, kick=command.kick)
        self._states |= command.states
        self.shift = command.shift
        self._forget_finished(closed)
        _accompany(command, [hook.follow for hook in self.hooks])
        _log_written(command.events)
        self._outbox.nudge(at_once=any(event.data.at_once for event in command.events))
        for (kind, _stream_id), state in command.states.items():
            for callback in self._observers.get(kind, ()):
                callback(state)

    def _forget_finished(self, closed: Iterable[tuple[str, str]]) -> None:
        """Keep only the last few finished streams in memory: a day has a thousand orders, and all are on disk."""
        self._finished = [*(known for known in self._finished if known not in set(closed)), *closed]
        for key in self._finished[:-_KEPT]:
            self._states.pop(key, None)
        self._finished = self._finished[-_KEPT:]

    def seal(
        self,
        draft: Draft,
        now: datetime,
        head: Head,
        known: Any,
        *,
        tried: bool = False,
        user: int | None = None,
        shift: str | None = None,
    ) -> Event:
        """Seal a draft as the event after `head`, with an id after the newest of its stream and the stream's hold.

        The event is by `user`, or by the logged-in user, and in the shift.
        """
        by = self.user if user is None else user
        login = self.login if by == self.user else None
        return seal(
            draft,
            Origin(self.journal.journal_id, self.till, self.store_id, by, login, shift, now),
            event_id=self._ids.next(self.now(), known.last_id if known else None),
            seq=head.seq + 1,
            prev_hash=head.hash,
            salt=lambda: f"{self._chance(128):032x}",
            hold=AGGREGATES[draft.data.stream].hold_of(known) if known else NO_HOLD,
            tried=tried,
        )

    def state(self, aggregate: Aggregate[S], stream_id: str) -> S | None:
        """Return a stream, folded; None if its opening event is not on this till.

        Raises:
            EventError: this till cannot read the event that opens the stream.
            OrderFaultError: this till cannot fold the stream.
        """
        key = aggregate.kind, stream_id
        state: S | None = self._states.get(key)
        if state is None and aggregate.steps and (events := self.journal.events_of(stream_id, aggregate.kind)):
            with _program_faults(stream_id):
                state = aggregate.fold(events)
            if state is not None:
                self._states[key] = state
                if state.is_over:
                    self._forget_finished([key])
        return state

    def find(self, session_id: str) -> Order | None:
        """Return the folded order; see `state`."""
        return self.state(ORDERS, session_id)

    def order(self, session_id: str) -> Order:
        """Return the folded order.

        Raises:
            EventError: this till has no events of the order.
        """
        order = self.find(session_id)
        if order is None:
            raise EventError(_("That order is not on this till."))
        return order

    def states(self, aggregate: Aggregate[S], *, is_open: bool = False) -> dict[str, S]:
        """Return the readable streams of a kind on this till, by id; with `is_open`, only the unfinished ones."""
        found: dict[str, S] = {}
        kind = aggregate.kind
        for one in self.journal.streams(kind, is_open=is_open):
            state: S | None = self._states.get((kind, one)) or self._readable(aggregate, one)
            if state is not None and not (is_open and state.is_over):
                found[one] = state
        return found

    def open_orders(self) -> list[Order]:
        """Return all unfinished orders that this till knows, oldest first."""
        return [*self.states(ORDERS, is_open=True).values()]

    def readable(self, session_id: str) -> Order | None:
        """Return the folded order; None also if it is unreadable, with the reason in `unreadable` and the log."""
        return self._readable(ORDERS, session_id)

    def _readable(self, aggregate: Aggregate[S], stream_id: str) -> S | None:
        if stream_id in self.unreadable:  # lists look it up at every key press
            return None
        try:
            return self.state(aggregate, stream_id)
        except (EventError, OrderFaultError) as problem:
            _LOG.warning("order_not_read", extra={"session": stream_id, "error": problem.code})
            self.unreadable[stream_id] = problem.sentence
            return None

    def refold(self, session_ids: Iterable[str]) -> list[Order]:
        """Drop the folds of orders that got events from other tills; the next read folds them again.

        Returns:
            The earlier states of the orders that were folded here.
        """
        known: list[Order] = []
        for session_id in session_ids:
            self.unreadable.pop(session_id, None)
            order = self._states.pop((ORDERS.kind, session_id), None)
            if order is None:
                continue
            known.append(order)
            if fresh := self.readable(session_id):
                self._ids.follow(fresh.last_id, self.now())
        return known

    def lock(self, session_id: str, sentence: str) -> None:
        """Refuse writes to an order that another till took over; `sentence` names the user, the till and the time."""
        self._taken[session_id] = sentence

    def unlock(self, session_id: str) -> None:
        """Unlock an order that is back here."""
        self._taken.pop(session_id, None)

    def lock_of(self, session_id: str) -> str | None:
        """Return why an order may not be changed here; None if it may."""
        return self._taken.get(session_id)

    def hear_holds(self, rows: Iterable[RemoteSession]) -> None:
        """Keep the holds of orders that the database lists: events of a newer hold may not be here yet."""
        self._listed_holds |= {row.session_id: row.hold for row in rows}

    def open_at(self, order: Order) -> int | None:
        """Return the till that has an order open, from the database unless this till's events are newer."""
        mark = self.journal.mark_of(order.id)
        if mark is not None and mark.version and mark.hold > order.hold:
            return mark.till
        if order.status is Status.PENDING_LOGOUT and mark is not None and mark.hold == order.hold:
            return mark.till if order.till is not None else None
        return order.till

    def holder_of(self, order: Order) -> int | None:
        """Return the till that holds an order, from the database unless this till's events are newer."""
        mark = self.journal.mark_of(order.id)
        return mark.holder if mark is not None and mark.version and mark.hold > order.hold else order.holder

    def holds(self, order: Order) -> bool:
        """True if this till holds an order and may change it without asking the server."""
        mark = self.journal.mark_of(order.id)
        newer = mark is not None and mark.version and mark.hold > order.hold
        newer = newer or self._listed_holds.get(order.id, NO_HOLD) > order.hold
        return order.holder == self.till and not newer and self.lock_of(order.id) is None

    def snapshot(self, session_id: str) -> dict[str, Any] | None:
        """Return the snapshot of an order for the database; None if another till holds it or it is unreadable."""
        order = self.readable(session_id)
        if order is None or session_id in self._taken:
            return None
        mark = self.journal.mark_of(session_id)
        return snapshot(order, mark.version if mark else 0)
