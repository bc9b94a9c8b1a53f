"""The recovery of orders: at start, at login on any till, and from a shell."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from typing_extensions import override

from till.domain.errors import LineError, RightsError
from till.domain.events.envelope import NO_HASH, SERVER
from till.domain.events.registry import OrderEvent
from till.domain.i18n import N_, _
from till.domain.money.measures import NOTHING
from till.domain.order import paying, suspension
from till.domain.order.events import (
    LinesMoved,
    MenuViewed,
    OrderDiscarded,
    OrderOpened,
    OrderPlaced,
    TabAssigned,
)
from till.domain.order.sent import sent_asked
from till.domain.order.state import Order, Status
from till.domain.staff.rights import ApprovalNeededError, Permission, PermissionRequest
from till.ports import Head, requested_orders
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.staff.person import Person
    from till.domain.staff.rights import Approval
    from till.ports import RemoteSession, Store
    from till.register.approvals import Approvals
    from till.register.grants import Grants
    from till.register.hearing import Grown
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.staff import Access


#: The name in the journal's cache of the orders cleared on this till, each with the head of the chain at that time.
_CLEARED: Final = "own.discarded"
#: The most cleared orders to keep.
_MOST_CLEARED: Final = 50
#: The time for which a manager can find a cleared order.
_FOUND_FOR: Final = timedelta(days=1)
#: Events of an order with nothing keyed.
_NOT_KEYED: Final = OrderOpened | MenuViewed | OrderDiscarded
#: Sentences for acts that took an order off the screen and have no undo.
_LEFT: Final[dict[type[OrderEvent], str]] = {
    OrderPlaced: N_("A sale was last. F10 refunds it."),
    TabAssigned: N_("The order was saved last. F8 recalls it."),
    LinesMoved: N_("Lines were moved last. F8 moves them back."),
}


class LoginOrders(Struct, frozen=True):
    """The waiting orders of a user who logs in.

    Attributes:
        open: the order that opens automatically; None for an empty screen.
        elsewhere: an order that another till holds; the till asks before it opens. It waits if another order opens.
        waiting: further orders of the user, newest first, for the recall list; other tills may hold some.
    """

    open: str | None
    elsewhere: RemoteSession | None
    waiting: tuple[str, ...]


class OpenOrderSummary(Struct, frozen=True):
    """An order on the login screen; amounts in minor units, `till` is another till that has it open."""

    lines: int
    total: Minor
    till: int | None
    paid: Minor = NOTHING


class _Resume(Enum):
    """The fate of an order at its user's login."""

    OPENS = auto()
    WAITS = auto()
    ELSEWHERE = auto()
    OVER = auto()


class Recovery(Hearer):
    """A finder of orders. It resumes them through the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        grants: Grants,
        access: Access,
        approvals: Approvals,
        judged: Callable[[Order], Order],
    ) -> None:
        self._grants = grants
        self._ledger = ledger
        self._reference = reference
        self._access = access
        self._approvals = approvals
        self._judged = judged
        #: Returns True if cash was moved by hand after an event of this journal, and that was not undone.
        self.is_cash_moved_after: Callable[[Event], bool] = lambda _event: False
        self._sent_when_asked: frozenset[str] | None = None

    def asks(self) -> frozenset[str]:
        """Return the open orders that the database has before a request: its answer must list them.

        An order that reaches the database later may be missing in the answer without being finished. Pass the result
        to `answered` after the answer.
        """
        marks = ((order.id, self._ledger.journal.mark_of(order.id)) for order in self._ledger.open_orders())
        return frozenset(order_id for order_id, mark in marks if mark is not None and mark.version)

    def answered(self, sent: frozenset[str]) -> None:
        """Note the answer of the database; `sent` is the result of `asks` before the request."""
        self._sent_when_asked = sent

    async def listed(self, store: Store, user: int) -> list[RemoteSession]:
        """Return the user's orders on all tills from the database, including cleared ones.

        Raises:
            StoreError: the database is offline, does not answer, or refuses.
        """
        sent = self.asks()
        rows = await store.user_sessions(user)
        self.answered(sent)
        self._grants.behind = frozenset(row.session_id for row in rows if self._is_behind(row))
        self._ledger.hear_holds(rows)
        return rows

    def check_reach(self, user: int) -> None:
        """Refuse an order that the logged-in user may not open: cashiers open own orders, managers all.

        Without a logged-in user, a program acts, and it may open all.

        Raises:
            RightsError: the order belongs to another `user`.
        """
        if not self.may_reach(user):
            raise RightsError(_("That is an order of number {user}: a manager can take it.").format(user=user))

    def may_reach(self, user: int) -> bool:
        """True if the logged-in user may open orders of `user`: own orders, or with the right to take over."""
        person = self._access.person
        return person is None or person.number == user or self._approvals.allow(PermissionRequest(Permission.TAKE_OVER))

    def crashed_at(self) -> datetime | None:
        """Return the time of the last write before an unexpected end; None after a clean close."""
        return self._ledger.journal.closed_cleanly()

    def open_here(self) -> list[Order]:
        """Return the orders with lines or money that were open on this till's screens, oldest first."""
        unused = requested_orders(self._ledger.journal)
        return [
            o
            for o in self._ledger.open_orders()
            if o.status is Status.ACTIVE
            and o.has_lines_or_money
            and o.id not in unused
            and self._ledger.open_at(o) == self._ledger.till
        ]

    def last_sale(self) -> Order | None:
        """Return this till's newest sale if it was paid today; None otherwise."""
        for event in self._ledger.journal.numbered(1):
            order, today = self._ledger.readable(event.stream_id), self._reference.today
            if order is not None and self._reference.business_date(event.at) == today:
                return order
        return None

    def of_user(self, user: int) -> list[Order]:
        """Return the unfinished orders of a user that this till knows, newest first, without those to be put back.

        Orders from programs belong to the venue: `WaitingOrders` lists them.
        """
        orders = reversed(self._ledger.open_orders())
        found = [o for o in orders if o.user == user and o.is_open and o.submitted is None]
        unused = requested_orders(self._ledger.journal) if found else {}
        return [o for o in found if o.id not in unused]

    def with_money(self) -> list[Order]:
        """Return the orders of all users with money on them that were suspended, or that a crash left; newest first."""
        left, orders = {o.id for o in self.open_here()}, reversed(self._ledger.open_orders())
        return [o for o in orders if o.paid and (o.status is Status.PENDING_LOGOUT or o.id in left)]

    def arrival(self, user: int, remote: Sequence[RemoteSession] | None) -> LoginOrders:
        """Return the waiting orders of a user; `remote` is None if the database could not be asked."""
        rows = {row.session_id: row for row in remote or ()}
        finds = self._finds(user, remote)
        opens = next((session_id for session_id, judged in finds.items() if judged is _Resume.OPENS), None)
        asks = next((session_id for session_id, judged in finds.items() if judged is _Resume.ELSEWHERE), None)
        waiting = tuple(session_id for session_id in finds if session_id != (opens or asks))
        return LoginOrders(opens, rows[asks] if asks else None, waiting)

    def waiting(self, user: int, remote: Sequence[RemoteSession] | None) -> tuple[list[Order], list[RemoteSession]]:
        """Return a user's waiting orders, newest first: those on this till, and those elsewhere or newer elsewhere.

        For `remote` see `arrival`.
        """
        rows = {row.session_id: row for row in remote or ()}
        here: list[Order] = []
        there: list[RemoteSession] = []
        for session_id, judged in self._finds(user, remote).items():
            row, order = rows.get(session_id), self._ledger.readable(session_id)
            if row is not None and (order is None or judged is _Resume.ELSEWHERE or self._is_behind(row)):
                there.append(row)
            elif order is not None:
                here.append(order)
        return here, there

    def glimpse(self, user: int, row: RemoteSession | None) -> OpenOrderSummary | None:
        """Return the order that a user would continue here, else one on another till; None if there is none.

        Args:
            user: a staff number.
            row: the user's newest order in the last list of the database, if any.
        """
        find = self._judge_row(row) if row is not None else _Resume.OVER
        newer = row.session_id if row and (find is _Resume.ELSEWHERE or self._is_behind(row)) else None
        known = [(o, self._ledger.open_at(o)) for o in self.of_user(user) if o.has_lines_or_money and o.id != newer]
        known.sort(key=lambda one: one[1] not in {None, self._ledger.till})  # orders that open here first
        order, holder = known[0] if known else (None, None)
        away = holder not in {None, self._ledger.till}
        if row is not None and find not in {_Resume.OVER, _Resume.WAITS} and (order is None or away):
            there = self._holder(self._ledger.readable(row.session_id), row) if find is _Resume.ELSEWHERE else None
            return OpenOrderSummary(row.lines, row.total, there, row.paid)
        if order is None:
            return None
        return OpenOrderSummary(len(order.priced.rows), order.total, holder if away else None, order.paid)

    def _finds(self, user: int, remote: Sequence[RemoteSession] | None) -> dict[str, _Resume]:
        """Return the fate of each unfinished order of a user, newest first."""
        rows = {row.session_id: row for row in remote or ()}
        finds = [
            (self._judge_order(order, asked=remote is not None), order.updated_at, order.id)
            for order in self.of_user(user)
            if order.id not in rows
        ]
        finds += [(self._judge_row(row), self._changed_at(row), row.session_id) for row in rows.values()]
        finds.sort(key=lambda find: find[1:], reverse=True)
        return {session_id: judged for judged, _moment, session_id in finds if judged is not _Resume.OVER}

    def _judge_order(self, order: Order, *, asked: bool) -> _Resume:
        """Return the fate of an order that the database did not list; `asked` is true if the database answered.

        If the database once had the order, it was finished elsewhere. It never opens automatically, since it may be
        paid; it is listed if some of its events were never sent.
        """
        if order.is_blank:
            return _Resume.OVER
        mark = self._ledger.journal.mark_of(order.id)
        came_later = self._sent_when_asked is not None and order.id not in self._sent_when_asked
        if asked and mark is not None and mark.version and not came_later:
            return _Resume.WAITS if self._ledger.journal.is_unsent(order.id) else _Resume.OVER
        return _Resume.OPENS if self._ledger.holds(order) else _Resume.WAITS

    def _judge_row(self, row: RemoteSession) -> _Resume:
        """Return the fate of an order that the database lists. Later acts of this till override the list."""
        known = self._ledger.readable(row.session_id)
        is_mine = known is not None and self._ledger.holds(known)
        if known is not None and (
            not known.is_open or (is_mine and known.id in requested_orders(self._ledger.journal))
        ):
            return _Resume.OVER  # finished, or put back with the next answer
        if row.status == Status.QUARANTINED:
            return _Resume.WAITS
        if self._holder(known, row) not in {None, self._ledger.till}:
            return _Resume.ELSEWHERE if row.lines or row.paid else _Resume.OVER
        if row.holder == SERVER:
            return _Resume.WAITS  # late lines and orders from programs never open automatically
        keyed = row.lines or row.paid or (known is not None and not known.is_blank)
        return _Resume.OPENS if keyed else _Resume.OVER

    def _holder(self, known: Order | None, row: RemoteSession) -> int | None:
        """Return the till that holds a listed order, from the list unless this till has newer events."""
        if known is None:
            return row.till
        holder = self._ledger.open_at(known)
        mine = holder == self._ledger.till and row.hold == known.hold
        return holder if mine or row.hold < known.hold else row.till

    def _is_behind(self, row: RemoteSession) -> bool:
        """True if the database has more events of an order than this till."""
        mark = self._ledger.journal.mark_of(row.session_id)
        return mark is None or mark.version < row.version

    def _changed_at(self, row: RemoteSession) -> datetime:
        known = self._ledger.readable(row.session_id)
        return max(row.updated_at, known.updated_at) if known else row.updated_at

    def resume(self, session_id: str, approval: Approval | None = None) -> Order:
        """Resume a waiting order. This till must hold it (call `Store.grant` first if `Grants.must_ask`).

        Args:
            session_id: the order.
            approval: a manager's approval, if the user may not open it.

        Raises:
            OrderClosedError: the order is finished, or another till holds it.
            RightsError: the order belongs to another person.
        """
        order = self._ledger.order(session_id)
        if approval is None and order.is_open:
            self.check_reach(order.user)
        asked = PermissionRequest(Permission.TAKE_OVER) if approval is not None else None
        with self._approvals.command(asked, approval) as command:
            command.write(suspension.resume(order, here=self._ledger.till))
        return self._ledger.order(session_id)

    def take_up(self, session_id: str, user: int) -> Order:
        """Resume an order that a program submitted. This till must hold it.

        Raises:
            OrderClosedError: the order is finished, or another till holds it.
        """
        self._ledger.commit(
            suspension.resume_submitted(self._ledger.order(session_id), here=self._ledger.till, user=user)
        )
        return self._ledger.order(session_id)

    @override
    def sessions_grew(self, grown: Grown) -> None:
        """Resume an order that was swept while its user had it open."""
        for session_id in grown.session_ids:
            if self.is_swept_here(session_id, self._access.person):
                self.resume(session_id)

    def is_swept_here(self, session_id: str, person: Person | None) -> bool:
        """True if the server suspended an order that this till still holds for the logged-in person."""
        order = self._ledger.readable(session_id)
        if order is None or person is None or self._ledger.lock_of(session_id):
            return False
        held = order.status is Status.PENDING_LOGOUT and order.till == self._ledger.till
        return held and order.user == person.number and self._ledger.holds(order)

    def suspend(self, session_id: str) -> None:
        """Suspend an order for its user."""
        self._ledger.commit(suspension.suspend(self._ledger.order(session_id)))

    def suspend_or_clear(self, order: Order) -> None:
        """Take an order off the screen: suspend it if it has lines, clear it if it is blank."""
        reason = self._reference.venue.written(suspension.NOTHING_KEYED)
        self._ledger.commit(suspension.suspend_or_clear(order, reason))

    def leave(self, session_id: str) -> None:
        """Clear a blank order that leaves the screen, to free its table."""
        order = self._ledger.readable(session_id)
        if order is None or order.status is not Status.ACTIVE or not order.is_blank or self._ledger.lock_of(session_id):
            return
        if self._ledger.open_at(order) == self._ledger.till:
            self.suspend_or_clear(order)

    def discard(self, session_id: str, reason: str, approval: Approval | None = None) -> None:
        """Clear an order with a reason.

        Raises:
            RightsError: a manager is needed, since the order belongs to another person or has sent lines.
        """
        order = self._judged(self._ledger.order(session_id))
        self.check_reach(order.user)
        drafts = suspension.discard(order, reason, self._reference.formats.money)
        with self._approvals.command(sent_asked(order, drafts), approval) as command:
            command.write(drafts)
        if order.is_in_use:
            head = self._ledger.journal.head
            cleared = {"session": order.id, "seq": head.seq, "hash": head.hash}
            kept = [one for one in self._cleared_here() if one["session"] != order.id]
            self._ledger.journal.cache(_CLEARED, 0, {"cleared": [*kept, cleared][-_MOST_CLEARED:]})

    def clear_waiting(self, session_id: str, user: int, reason: str, approval: Approval | None) -> None:
        """Clear a suspended order or one that a program submitted. This till must hold it.

        Raises:
            OrderClosedError: the order is finished, or another till holds it.
            PaymentError: the order has payments.
            RightsError: see `discard`.
        """
        order = self._ledger.order(session_id)
        suspension.check_clearable(order, self._reference.formats.money)  # checked first, so a refusal changes nothing
        if order.submitted is not None:
            self.take_up(session_id, user)
        else:
            self.resume(session_id)
        self.discard(session_id, reason, approval)

    def _cleared_here(self) -> list[dict[str, Any]]:
        """Return the orders cleared on this till, oldest first."""
        cached = self._ledger.journal.cached(_CLEARED)
        return list(cached[1]["cleared"]) if cached else []

    def cleared(self) -> list[Order]:
        """Return the orders with lines or guests that were cleared on this till within a day, newest first."""
        found = (self._ledger.readable(one["session"]) for one in reversed(self._cleared_here()))
        since = self._ledger.now() - _FOUND_FOR
        return [o for o in found if o and o.status is Status.DISCARDED and o.is_in_use and o.updated_at > since]

    def undo_clearing(self) -> Order:
        """Restore the last cleared order, for the user who cleared it, if nothing else was keyed since.

        Raises:
            LineError: nothing was cleared, or something was keyed since.
        """
        last = next(iter(self._cleared_here()[-1:]), None)
        known = self._ledger.readable(last["session"]) if last is not None else None
        keyed = self._keyed_since(last["seq"] if last is not None else 0)
        newest = self._moved_since(keyed[-1].id if keyed else known.last_id if known is not None else "") or keyed
        if newest and (why := self._why_not(newest[-1])):
            is_cash = newest is keyed and self.is_cash_moved_after(keyed[-1])
            raise LineError(_("Cash was moved last. F11, then U undoes it.") if is_cash else why)
        if known is None or known.status is not Status.DISCARDED:
            raise LineError(_("There is nothing to undo. Type an item, then Enter."))
        if keyed:
            raise LineError(_("Something was keyed since: a manager finds it with F5."))
        return self.bring_cleared_back(known.id)

    def _why_not(self, event: Event) -> str:
        """Return a sentence on the act that took an order off the screen, with the key that reverses it; else empty."""
        if isinstance(event.data, TabAssigned):
            saves = [one.data for one in self._ledger.journal.events_of(event.stream_id) if one.id < event.id]
            before = next((one.name for one in reversed(saves) if isinstance(one, TabAssigned)), event.data.name)
            if before != event.data.name:
                return _("The order was moved last. F8 moves it back.")
        return next((_(reason) for kind, reason in _LEFT.items() if isinstance(event.data, kind)), "")

    def _keyed_since(self, seq: int) -> list[Event]:
        """Return the newest order events after a place in this journal, without those that key nothing."""
        journal = self._ledger.journal
        begin = max(seq, journal.head.seq - _MOST_CLEARED)
        since = journal.unsent(_MOST_CLEARED, after=Head(begin, journal.hash_at(begin) or NO_HASH))
        return [one for one in since if one.data.stream == OrderEvent.stream and not isinstance(one.data, _NOT_KEYED)]

    def _moved_since(self, event_id: str) -> list[Event]:
        """Return this till's moves of lines to open orders after an event. The server wrote them."""
        return [
            event
            for order in self._ledger.open_orders()
            if order.last_id > event_id
            for event in self._ledger.journal.events_of(order.id)
            if event.id > event_id and event.by_till == self._ledger.till and isinstance(event.data, LinesMoved)
        ]

    def bring_cleared_back(self, session_id: str) -> Order:
        """Reactivate a cleared order here for the logged-in user. This till must hold it (`Store.grant`).

        Raises:
            OrderClosedError: the order was paid, or another order has its lines.
            RightsError: another person cleared it, and the user is not a manager.
        """
        person = self._access.person
        if person is None:
            raise RightsError
        order = self._ledger.order(session_id)
        if order.status is not Status.DISCARDED:  # the grant made it active
            return self.resume(session_id)
        self._ledger.commit(suspension.reopen(order, here=self._ledger.till, by=person.number, manages=person.manages))
        return self._ledger.order(session_id)

    def set_aside(self, session_id: str, event: str, approval: Approval | None) -> Order:
        """Ignore an unreadable record, so that the order can be paid. A manager has checked it."""
        if approval is None:
            raise ApprovalNeededError(PermissionRequest(Permission.SET_ASIDE))
        with self._approvals.command(PermissionRequest(Permission.SET_ASIDE), approval) as command:
            order = command.order(session_id)
            command.write(paying.set_aside(order, event, approval.by.number))
        return self._ledger.order(session_id)
