"""What was keyed, or paid, too late for an order that ended elsewhere: carried on in an order of its own, and told.

Each till looks after what it keyed itself, for as long as it follows the order. Once that stood on a tab, or was
discarded, nobody may follow it any more: then the till that ended it does it for them all. One that is gone does
nothing any more: then `till recover`, or another till with the maintenance of the database, does it
(`Lateness.settle_gone`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from till.domain.errors import RightsError
from till.domain.merge import settlement
from till.domain.order import suspension
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.register.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Late:
    """An order that carries on what came too late, and the one that it comes from."""

    order: Order
    ended: Order


class Lateness:
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

    def take_back(self, session_ids: Iterable[str]) -> list[Order]:
        """Take off what was carried on and dealt with by a till apart too (`settlement.dealt_with_apart`).

        Args:
            session_ids: orders that may have ended, or that carry on what came too late for one.

        Returns:
            The orders that have less on them now.
        """
        orders = [order for order in map(self._ledger.readable, session_ids) if order is not None]
        pairs = {(order.id, target): None for order in orders for target in order.moves}
        pairs |= {(order.from_session, order.id): None for order in orders if order.from_session is not None}
        lessened = []
        for ended, carried in ((self._ledger.readable(one), self._ledger.readable(other)) for one, other in pairs):
            if ended is not None and carried is not None and (back := settlement.dealt_with_apart(ended, carried)):
                self._ledger.commit(settlement.take_back(ended, carried, back))
                lessened.append(self._ledger.order(carried.id))
        return lessened

    def keep_apart(self, session_ids: Iterable[str]) -> None:
        """Give ids of their own to pieces of open orders whose lines went on elsewhere (`settlement.keep_apart`).

        Who holds such an order does; of one that nobody holds, on a tab perhaps, each till that wrote on it: the last
        of them to be heard knows of both. They are the same lines whoever makes them, and however many do.
        """
        for order in map(self._ledger.readable, session_ids):
            apart = settlement.keep_apart(order) if order is not None and not order.is_over else []
            if order is None or not apart:
                continue
            here, holder = self._ledger.till, self._ledger.holder_of(order)
            mine = holder == here and self._ledger.lock_of(order.id) is None
            if mine or (holder is None and here in {e.till for e in self._ledger.journal.events_of(order.id)}):
                self._ledger.commit(apart)

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
        if order.ended_by != here:
            return [here]
        left = set(order.left_by) - {here}  # what ended here is followed by the others still
        if left or order.recalled_by == here:  # on a tab, or discarded, nobody followed it
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
            names = settlement.late_names(order, left, session_id)
            left = {line_id: rest for line_id, rest in left.items() if names[line_id] not in known.lines}
        if not left:
            return None
        with self._ledger.command() as command:
            command.write(settlement.carry_on(order, left, session_id))
            if aside:
                command.write(suspension.park(command.order(session_id)))
        return Late(self._ledger.order(session_id), order)

    def resolve(self, conflict_id: str, session_id: str | None, how: str, person: Person | None) -> None:
        """Settle what was wrong about money; only who manages may.

        Raises:
            RightsError: the person at the till is no manager.
            ReasonNeededError: how it was settled is not said.
        """
        if person is None or not person.manages:
            raise RightsError
        self._ledger.commit(settlement.resolve(conflict_id, session_id, how))

    def settle_record(self, record: int, how: str, person: Person | None) -> None:
        """Settle a record that the database could not apply; only who manages may.

        Raises:
            RightsError: the person at the till is no manager.
            ReasonNeededError: how it was settled is not said.
        """
        if person is None or not person.manages:
            raise RightsError
        self._ledger.commit(settlement.settle_record(record, how))

    def settle_followed(self) -> Generator[None, None, None]:
        """Look at each order that this till still follows, pausing after it: a thousand may have ended."""
        open_ = {Status.ACTIVE, Status.PENDING_LOGOUT}
        for mark in self._ledger.journal.followed_sessions():
            order = self._ledger.readable(mark.session_id)
            if order is not None and order.status not in open_:
                self.settle([order.id])
                self.take_back([order.id])
            self.keep_apart([mark.session_id])
            yield
