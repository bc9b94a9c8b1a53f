"""What became of orders on other tills, as the screen is told it: each kind of news is one look and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.domain.order import Status
from till.domain.words import _
from till.register.joining import cancelled, goes_on_elsewhere, joined, paid_after_all, parted, taken_off

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from till.domain.order import Order
    from till.domain.venue import Venue
    from till.ports import Light
    from till.register.access import Access
    from till.register.answers import Answers
    from till.register.clearing import Clearing
    from till.register.lateness import Late
    from till.register.ledger import Ledger


class Watcher(Protocol):
    """Who wants to know what came from outside: the screen."""

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
        access: who is at the till.
        clearing: keeps what is to be said to a user who is not.
        venue: the settings of the venue, as they are now.
        who: a till and a person, by name.
        answers: the sentences of this till.
    """

    def __init__(
        self,
        ledger: Ledger,
        access: Access,
        clearing: Clearing,
        venue: Callable[[], Venue],
        who: Callable[[int | None, int], str],
        answers: Callable[[], Answers],
    ) -> None:
        self._ledger = ledger
        self._access = access
        self._clearing = clearing
        self._venue = venue
        self._who = who
        self._answers = answers

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
        for carried in late:
            watcher.lines_late(carried.order, self._answers().late(self._ended(carried.ended), carried.order))

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
                if self._access.person is None or self._access.person.number != after.user:
                    self._clearing.note_paid(after, sentence)
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

    def _ended(self, order: Order) -> str:
        """How an order came to its end, and where: `That order was paid on Till 2.`"""
        if order.placed is not None:
            return _("That order was paid on {till}.").format(till=self._venue().till_name(order.placed.till))
        if order.status is Status.DISCARDED:
            return _("That order was cleared on {till}.").format(till=self._venue().till_name(order.discarded_by))
        return _("Another till put that order away.")
