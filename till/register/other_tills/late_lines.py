"""What was keyed, or paid, too late for an order that ended elsewhere: carried on in an order of its own, and told.

Each till looks after what it keyed itself, for as long as it follows the order. Once that stood on a tab, or was
discarded, nobody may follow it any more: then the till that ended it does it for them all. One that is gone does
nothing any more: then `till recover`, or another till with the maintenance of the database, does it
(`LateLines.settle_gone`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.merge import settlement
from till.domain.order import suspension
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger


class Late(Struct, frozen=True):
    """An order that carries on what came too late, and the one that it comes from."""

    order: Order
    ended: Order


class LateLines:
    """Looks at orders that ended. Asking twice changes nothing: all ids are derived."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def settle(self, session_ids: Iterable[str]) -> list[Late]:
        """Carry on what came too late, and write down conflicts about money.

        Args:
            session_ids: orders that may have ended.
        """
        made = []
        for session_id in session_ids:
            order = self._ledger.readable(session_id)
            if order is not None:
                made += self._settle(session_id, self._wards(order))
        return made

    def merge(self, session_ids: Iterable[str]) -> list[Order]:
        """Set right what two orders have of the same lines, as far as this till holds the one that carries them.

        It gives up what turns out to be elsewhere, and what was done to a line where it came from is done to it here.

        Args:
            session_ids: orders that lines left, or that carry them.

        Returns:
            The orders that have less on them now.
        """
        lessened = []
        for order_id, carrier_id in self._pairs(session_ids):
            order, carried = self._ledger.readable(order_id), self._ledger.readable(carrier_id)
            if order is None or carried is None:
                continue
            is_ours = self._looks_after(carried)
            # Who has it may not know where its lines come from: who brought them sees to them too.
            lines = [line for line, till in carried.brought.items() if is_ours or till == self._ledger.till]
            past = self._past_of(carried)
            gone = settlement.give_up(carried, past, lines)
            back = settlement.give_up_money(carried, past) if is_ours else []
            self._ledger.commit([*gone, *back, *settlement.claim(order, carried, lines)])
            self._ledger.commit(settlement.follow(order, self._ledger.order(carried.id), lines))
            if not is_ours:
                continue
            self._settle(carried.id, [])  # what follows a line that was paid for meanwhile is for the manager
            if gone:
                lessened.append(self._ledger.order(carried.id))
        return lessened

    def _pairs(self, session_ids: Iterable[str]) -> dict[tuple[str, str], None]:
        """Each order that lines left with each that carries them, and so on from there: what is done follows them."""
        known = [order for order in map(self._ledger.readable, session_ids) if order is not None]
        pairs = {(came_from, order.id): None for order in known for came_from in order.came_from.values()}
        left = known
        while left:
            new = {(order.id, carrier): None for order in left for carrier in sorted(order.carriers)}
            new = {pair: None for pair in new if pair not in pairs}
            pairs |= new
            left = [order for _left, one in new if (order := self._ledger.readable(one)) is not None]
        return pairs

    def _past_of(self, carried: Order) -> dict[str, Order]:
        """The orders that its lines came through, as far as they are here."""
        past: dict[str, Order] = {}
        wanted = [*carried.came_from.values()]
        while wanted:
            order = self._ledger.readable(wanted.pop())
            if order is not None and order.id not in past:
                past[order.id] = order
                wanted += order.came_from.values()
        return past

    def _looks_after(self, carried: Order) -> bool:
        """Whether this till holds an order, was the last that did before it was put aside, or ended it."""
        here = self._ledger.till
        if carried.is_over:
            return carried.ended_by == here
        holder = self._ledger.holder_of(carried)
        return here == (carried.holder if holder is None else holder) and self._ledger.lock_of(carried.id) is None

    def settle_gone(self, session_id: str, till: int) -> list[Late]:
        """The same for lines of a till that is gone: what carries them on is put aside for its user, on any till.

        All events of the order, and of those that carry on what was found before, must be in the journal. Two tills
        may do it at the same time, and the till may come back: the ids are the same, so it is there once.
        """
        return self._settle(session_id, [till], aside=True) if self._ledger.readable(session_id) else []

    def _settle(self, session_id: str, tills: Iterable[int], *, aside: bool = False) -> list[Late]:
        carried = [self._carry_on(self._ledger.order(session_id), till, aside=aside) for till in tills]
        order = self._ledger.order(session_id)
        self._ledger.commit(settlement.write_down(order, settlement.conflicts(order)))
        return [late for late in carried if late is not None]

    def _wards(self, order: Order) -> list[int]:
        """The tills whose lines this till looks after."""
        here = self._ledger.till
        left = set(order.left_by) - {here}  # what ended here is followed by the others still
        if order.ended_by != here:  # of what was brought back here who keyed it, and cleared it, hears no more
            return [here, *sorted(left)] if order.ended_by in left else [here]
        if left:  # on a tab, or discarded, nobody followed it
            left |= {line.keyed_by for line in order.lines.values() if line.keyed_by is not None}
        return [here, *sorted(left - {here})]

    def _carry_on(self, order: Order, till: int, *, aside: bool) -> Late | None:
        left = settlement.leftovers(order, till)
        session_id = order.id
        while left:
            session_id = settlement.late_id(session_id, till)
            known = self._ledger.readable(session_id)
            if known is None:
                break
            left = [line_id for line_id in left if line_id not in known.lines]
        if not left:
            return None
        with self._ledger.command() as command:
            command.write(settlement.carry_on(order, left, session_id))
            if aside:
                command.write(suspension.park(command.order(session_id)))
        return Late(self._ledger.order(session_id), order)

    def settle_followed(self) -> Generator[None, None, None]:
        """Look at each order that this till still follows, pausing after it: a thousand may have ended."""
        open_ = {Status.ACTIVE, Status.PENDING_LOGOUT}
        for mark in self._ledger.journal.followed_sessions():
            order = self._ledger.readable(mark.session_id)
            if order is not None and order.status not in open_:
                self.settle([order.id])
            self.merge([mark.session_id])
            yield
