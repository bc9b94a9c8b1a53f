"""What became of orders on other tills, as the screen is told it: each kind of news is one look and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.domain.events.envelope import EventType
from till.domain.i18n import _
from till.domain.merge import settlement
from till.domain.order.state import Status
from till.register.other_tills.diff import cancelled, goes_on_elsewhere, joined, paid_after_all, parted, taken_off

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from till.domain.merge.settlement import Conflict
    from till.domain.order.state import Order
    from till.domain.venue import Venue
    from till.ports import Light
    from till.register.answers import Answers
    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.late_lines import Late


class Watcher(Protocol):
    """Who wants to know what came from outside: the screen, or who keeps it while there is none."""

    def orders_changed(self, session_ids: Sequence[str]) -> None:
        """Events of other tills changed these orders."""
        ...

    def order_taken(self, session_id: str, sentence: str) -> None:
        """Another till took over an order that was open here."""
        ...

    def lines_joined(self, order: Order, sentence: str) -> None:
        """What another till had keyed joined an order that goes on here."""
        ...

    def lines_parted(self, order: Order, sentence: str) -> None:
        """Another till, apart, took this order over, or put it on a tab: it goes on in two, each with own lines."""
        ...

    def carried_twice(self, order: Order, sentence: str) -> None:
        """Another till, apart, recalled the tab of an order that is open here, or was paid for its lines."""
        ...

    def carried_once(self, order: Order, sentence: str) -> None:
        """What another order had of the lines of one that is open here is settled."""
        ...

    def lines_late(self, order: Order, sentence: str) -> None:
        """What was keyed or cleared here came too late: the order had ended elsewhere. Lines are a new one."""
        ...

    def money_waits(self, order: Order, sentence: str) -> None:
        """Money for an order that ended is wrong, here or on another till: it waits for a manager."""
        ...

    def reference_changed(self) -> None:
        """The menu, the staff, the tabs or the settings are new."""
        ...

    def light_changed(self, light: Light) -> None:
        """The light is another."""
        ...


class Telling:
    """Compares orders before and after events of other tills came, and tells the watcher what a person must know.

    Args:
        ledger: the orders.
        venue: the settings of the venue, as they are now.
        who: a till and a person, by name.
        answers: the sentences of this till.
    """

    def __init__(
        self,
        ledger: Ledger,
        venue: Callable[[], Venue],
        who: Callable[[int | None, int], str],
        answers: Callable[[], Answers],
    ) -> None:
        self._ledger = ledger
        self._venue = venue
        self._who = who
        self._answers = answers
        self._told: set[str] = set()

    def tell(
        self,
        watcher: Watcher,
        session_ids: Iterable[str],
        known: Sequence[Order],
        lessened: Iterable[Order],
        late: Iterable[Late],
    ) -> None:
        """Tell it all, what matters most last.

        Args:
            watcher: who is told.
            session_ids: the orders that events came for.
            known: those of them that somebody had looked at, as they stood before.
            lessened: the orders that lost what another till has dealt with.
            late: what came too late, in orders of its own.
        """
        self._tell_joined(known, watcher)
        self._tell_parted(known, watcher)
        self._tell_carried_twice(known, watcher)
        for order in lessened:
            watcher.carried_twice(order, self._answers().taken_back(order))
        self._tell_paid_after_all(session_ids, known, watcher)
        money = {order.id: (order, said) for order, said in self._money(session_ids, known)}
        for carried in late:
            _order, wrong = money.pop(carried.ended.id, (None, ""))
            ended = " ".join(said for said in (self.ended(carried.ended), wrong) if said)
            watcher.lines_late(carried.order, self._answers().late(ended, carried.order))
        for order, wrong in money.values():
            lead = "" if order.ended_by == self._ledger.till else self.ended(order)
            watcher.money_waits(order, " ".join(said for said in (lead, wrong) if said))

    def carried_twice(self, order: Order) -> str:
        """Who else has the lines of an open order, as a sentence; empty when they are here alone, as they should be."""
        other = order.elsewhere
        if other is None or not order.is_open:
            return ""
        return self._answers().carried_twice(order, other, self._who(other.till, other.user))

    def _tell_joined(self, known: Sequence[Order], watcher: Watcher) -> None:
        for before in known:
            after = self._ledger.readable(before.id)
            pieces, in_vain = joined(before, after, self._ledger.till), cancelled(before, after, self._ledger.till)
            off = taken_off(before, after, self._ledger.till)
            if after is not None and (pieces or in_vain or off):
                named = self._by_name(pieces), self._by_name(in_vain)
                watcher.lines_joined(after, self._answers().joined(after, *named, off))

    def _by_name(self, pieces: Mapping[int, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
        return {self._venue().till_name(till): own for till, own in pieces.items()}

    def _tell_parted(self, known: Sequence[Order], watcher: Watcher) -> None:
        """Both tills hear of it: who had taken the order over, and who carries on what stood on its tab."""
        for before in known:
            after = self._ledger.readable(before.id)
            pieces = parted(before, after, self._ledger.till)
            if after is not None and pieces:
                watcher.lines_parted(after, self._answers().parted(after, self._by_name(pieces)))
            if after is not None and goes_on_elsewhere(before, after):
                sentence = self._answers().second_order(self._who(self._ledger.holder_of(after), after.user), after)
                for order in self._ledger.open_orders():
                    if order.from_session == after.id and order.is_open:
                        watcher.lines_parted(order, sentence)

    def _tell_paid_after_all(self, session_ids: Iterable[str], known: Sequence[Order], watcher: Watcher) -> None:
        """What was cleared here and paid on another till, apart: the money wins, and who cleared it hears of it."""
        looked_at = {order.id: order for order in known}
        for session_id in session_ids:
            before, after = looked_at.get(session_id), self._ledger.readable(session_id)
            if after is None or after.placed is None or not (before or self._follows(session_id)):
                continue
            if paid_after_all(before, after, self._ledger.journal.events_of(session_id), self._ledger.till):
                sentence = self._answers().paid_after_all(self._venue().till_name(after.placed.till), after)
                watcher.lines_late(after, sentence)

    def _follows(self, session_id: str) -> bool:
        mark = self._ledger.journal.mark_of(session_id)
        return mark is not None and mark.open

    def _tell_carried_twice(self, known: Sequence[Order], watcher: Watcher) -> None:
        for before in known:
            after = self._ledger.readable(before.id)
            if after is None or after.elsewhere == before.elsewhere or not after.is_open:
                continue
            if said := self.carried_twice(after):
                watcher.carried_twice(after, said)
            else:
                watcher.carried_once(after, self._answers().carried_once(after))

    def _money(self, session_ids: Iterable[str], known: Iterable[Order]) -> Iterator[tuple[Order, str]]:
        """What is wrong about money since, where it was taken or a line was taken off here: each order once.

        Money that was taken twice is not told so: the database refuses it, and every light says that.
        """
        before = {order.id: order.conflicts for order in known}
        for session_id in session_ids:
            order = self._ledger.readable(session_id)
            if order is None or not order.conflicts - self._told - before.get(session_id, frozenset()):
                continue
            heard = self._told | before.get(session_id, frozenset()) | self._settled(order)
            new = [one for one in settlement.matters(order) if one.id in order.conflicts - heard]
            self._told |= order.conflicts
            told = [*self._unlisted(order, new), *self._overpaid(order, new)]
            if told:
                yield order, " ".join(told)

    def _settled(self, order: Order) -> set[str]:
        """The conflicts of an order that a manager has settled."""
        events = self._ledger.journal.events_of(order.id)
        return {str(event.data.get("conflict_id")) for event in events if event.type == EventType.CONFLICT_RESOLVED}

    def _unlisted(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Money that no sale lists: told where it was taken, and where the order ended."""
        taken: dict[int, int] = {}
        for conflict in found:
            if conflict.kind == "payment_without_order":
                till = order.payments[conflict.subject].till
                taken[till] = taken.get(till, 0) + conflict.amount
        for till, amount in taken.items():
            if till == self._ledger.till:
                yield self._answers().unlisted(amount)
            elif order.ended_by == self._ledger.till:
                yield self._answers().unlisted_there(self._venue().till_name(till), amount, order)

    def _overpaid(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Lines that were paid for and taken off: told where they were paid for, and where they were taken off."""
        more = [one for one in found if one.kind == "paid_for_more"]
        if order.placed is None or not more:
            return
        pieces: dict[str, int] = {}
        for line in (order.lines[one.subject] for one in more):
            pieces[line.name] = pieces.get(line.name, 0) + order.placed.quantities[line.id] - line.quantity
        amount = sum(one.amount for one in more)
        if order.placed.till == self._ledger.till:
            yield self._answers().overpaid(pieces, amount)
        elif self._took_off(order, {one.subject for one in more}):
            yield self._answers().overpaid_there(pieces, amount)

    def _took_off(self, order: Order, lines: Container[str]) -> bool:
        """Whether pieces of any of these lines were taken off at this till."""
        return any(
            event.till == self._ledger.till
            and event.data.get("line_id") in lines
            and (event.type == EventType.LINE_VOIDED or int(event.data.get("by", 0)) < 0)
            for event in self._ledger.journal.events_of(order.id)
        )

    def ended(self, order: Order) -> str:
        """How an order came to its end, and where: `That order was paid on Till 2.`"""
        if order.placed is not None:
            return _("That order was paid on {till}.").format(till=self._venue().till_name(order.placed.till))
        if order.status is Status.DISCARDED:
            return _("That order was cleared on {till}.").format(till=self._venue().till_name(order.discarded_by))
        return _("Another till put that order away.")
