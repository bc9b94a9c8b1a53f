"""The tickets of the kitchen: each command writes those that its orders need, and so does what other tills wrote."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.events.envelope import SERVER, Draft
from till.domain.i18n import N_, _
from till.domain.kitchen.events import KitchenTold
from till.domain.kitchen.head import TicketHead
from till.domain.order.courses import first_course
from till.domain.order.events import OrderDiscarded, OrderPlaced, TabAssigned
from till.domain.order.evolve import ORDERS
from till.domain.order.guest_words import head_of, seen_in_kitchen
from till.domain.order.state import Status
from till.domain.order.tickets import as_ticketed, head_text, held_pieces, tickets_due
from till.domain.structs import replace
from till.register.hearing import Hearer
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.kitchen.events import LinesSent
    from till.domain.kitchen.stations import Kitchen
    from till.domain.order.line import Line
    from till.domain.order.state import HandedTo, Order
    from till.ports.printer import Job
    from till.register.ledger.ledger import Command, Ledger
    from till.register.numbers import OrderNumbers
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)


class KitchenError(TillError):
    """A ticket that cannot be written."""

    code = "kitchen"
    default = N_("The kitchen has it all: nothing to send.")


def pieces_sent(order: Order) -> int:
    """Return the number of pieces of an order that the stations have on tickets."""
    return sum(line.pieces_sent for line in order.lines.values())


def _is_on(line: Line, ticket: LinesSent) -> bool:
    """True if pieces of a line are on a ticket: it names the line, or one from which it was cut since."""
    return any((one.station, one.ticket) == (ticket.station, ticket.ticket) for one in line.sends)


class KitchenTickets(CommandHook, Hearer):
    """The tickets that a till writes for the stations of the venue.

    Args:
        ledger: the write path.
        reference: the venue and its menu.
        numbers: gives an order its number with its first ticket.
    """

    def __init__(self, ledger: Ledger, reference: Reference, numbers: OrderNumbers) -> None:
        self._ledger = ledger
        self._reference = reference
        self._numbers = numbers
        #: False before printing begins: a replay and a program write no tickets, as nobody prints them.
        self.is_on = False
        self._settled: list[str] = []

    @property
    def kitchen(self) -> Kitchen:
        """The stations, with the menu."""
        return self._reference.kitchen

    def begin(self) -> None:
        """Write tickets from now on, also those that a kill prevented after another till's or the server's events."""
        self.is_on = True
        for order in self._ledger.open_orders() if self._writes else ():
            self.catch_up(order.id)

    def send(self, session_id: str) -> int:
        """Send the lines of an order that are not sent yet, without saving it. Return the number of pieces.

        Raises:
            KitchenError: nothing is to be sent, or the venue has no stations.
        """
        if not self._writes:
            raise KitchenError(_("No kitchen here: `till admin stations add` adds one."))
        with self._ledger.command() as command:
            before = pieces_sent(command.order(session_id))
            if not self._write(command, command.order(session_id), saves=True):
                held = self.held(command.order(session_id))
                raise KitchenError(_("The rest is held: “fire” sends its next course.") if held else None)
            return pieces_sent(command.order(session_id)) - before

    def settled(self) -> Sequence[str] | None:
        """Return the events by which this till was handed orders of which it has nothing to send, each once.

        None if it sends nothing at all. If the answer is lost, the server hands the order again.
        """
        if not self.is_on:
            return None
        settled, self._settled = self._settled, []
        return settled

    def as_ticketed(self, order: Order) -> Order:
        """Return an order as it is judged for the right to void: what no ticket of a station names is not sent."""
        return as_ticketed(order, self.kitchen)

    def held(self, order: Order) -> int:
        """Return the number of pieces of an order that wait for their course."""
        return sum(held_pieces(order, self.kitchen).values())

    @override
    def order_grew(self, order: Order) -> None:
        self.catch_up(order.id)

    def catch_up(self, session_id: str) -> None:
        """Write the tickets that an order needs after what another till or the server wrote.

        Of an order that this till was handed, nobody else tells the kitchen: what a program ordered is sent whole.
        """
        order = self._ledger.readable(session_id)
        if order is None or not self._writes:
            return
        hand = self._hand(order)
        if order.is_over and hand is None:
            return
        is_ordered = order.placed is not None or (order.submitted is not None and order.holder == SERVER)
        try:
            with self._ledger.command() as command:
                saves = hand is not None and is_ordered
                has_sent = not self._is_twice(order) and self._write(command, order, saves=saves)
            if hand is not None and not has_sent:
                self._settled.append(hand.event)
        except TillError as problem:  # a full disk, say: the next command on the order writes them
            _LOG.warning("tickets_not_written", extra={"session": session_id, "error": problem.code})

    def head_of(self, session_id: str, ticket: LinesSent) -> TicketHead:
        """Return the head of a ticket, by the orders that have its pieces now, as far as this till knows them."""
        known: dict[str, Order] = {}
        going, gone = [session_id], set[str]()
        while going:
            order = self._ledger.readable(one := going.pop())
            if order is None or one in gone:
                continue
            gone.add(one)
            lines = [line for line in order.lines.values() if _is_on(line, ticket)]
            moves = {move.to_session for line in lines if (move := order.moved.get(line.id)) is not None}
            if any(not line.moved for line in lines) or not any(map(self._ledger.readable, moves)):
                known[one] = order
            going += moves
        return seen_in_kitchen(TicketHead.of_all(map(head_of, known.values())), self.kitchen.preferences)

    def is_late(self, job: Job) -> bool:
        """True if a ticket is of an order that ended after it, or of an earlier business day: nobody cooks it unasked.

        The end that a payment wrote comes before the ticket of what it paid for.
        """
        later = (one for one in self._ledger.journal.events_of(job.of) if one.id > job.part)
        date_of = self._reference.business_date
        is_over = any(isinstance(one.data, OrderPlaced | OrderDiscarded) for one in later)
        return is_over or date_of(job.at) != date_of(self._ledger.now())

    @override
    def prepare(self, command: Command) -> None:
        """Write the tickets of the orders of a command. What is paid was ordered, so it is sent too."""
        if not self._writes:
            return
        paid = {event.stream_id for event in command.events if isinstance(event.data, OrderPlaced)}
        saved = {event.stream_id for event in command.events if isinstance(event.data, TabAssigned)}
        cleared = {event.stream_id for event in command.events if isinstance(event.data, OrderDiscarded)}
        orders = [state for (kind, _one), state in command.states.items() if kind == ORDERS.kind]
        for order in orders:
            if not order.is_over or order.id in paid or (order.id in cleared and not self._is_twice(order)):
                if order.id in saved and not order.is_over:  # the first course that a table has goes at once
                    command.write(first_course(order, self.kitchen))
                self._write(command, command.order(order.id), saves=order.id in paid)

    @property
    def _writes(self) -> bool:
        return self.is_on and bool(self._reference.venue.settings.stations)

    def _is_twice(self, order: Order) -> bool:
        """True if a cleared order was rung again or is the copy, and the other stands: its lines are still made."""
        if order.status is not Status.DISCARDED:
            return False
        if order.again is not None:
            original = self._ledger.readable(order.again.session)
            return original is None or not original.is_over
        return any(one.again is not None and one.again.session == order.id for one in self._ledger.open_orders())

    def _hand(self, order: Order) -> HandedTo | None:
        """Return the hand of an order that this till sends though it does not hold it."""
        handed = order.handed
        return handed if handed is not None and handed.till == self._ledger.till and not handed.is_answered else None

    def _waits_for_money(self, order: Order) -> bool:
        """True if an order of a program is cooked once it is paid."""
        program = order.submitted.program if order.submitted is not None else None
        return self._reference.venue.settings.cooked.get(program or "") == "paid" and not pieces_sent(order)

    def _write(self, command: Command, order: Order, *, saves: bool) -> bool:
        """Write the tickets of an order that this till holds or was handed; False if there are none."""
        hand = self._hand(order)
        if hand is None and (order.holder != self._ledger.till or self._ledger.lock_of(order.id)):
            return False
        if not saves and self._waits_for_money(order):
            return False
        due = tickets_due(order, self.kitchen, saves=saves)
        if due:
            self._numbers.give(command, order)
        for ticket in due:
            count = self._ledger.next_count(f"{ticket.station}#", command)
            data = replace(ticket, ticket=f"{self._ledger.series()}-{count}", again=hand is not None and hand.again)
            command.write([Draft(data, order.id)])
            if words := head_text(order, self.kitchen):
                command.write([Draft(KitchenTold(ticket=command.events[-1].id, words=words), order.id)])
        return bool(due)
