"""The numbers of take-away orders: a till gives one with the first ticket or payment of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.events.envelope import Draft
from till.domain.order.events import OrderPlaced
from till.domain.order.numbering import is_called, numbered
from till.domain.payment.events import PaymentApproved
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference


class OrderNumbers(CommandHook):
    """The numbers that this till gives to orders.

    Args:
        ledger: the write path.
        reference: the venue, which may want none.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        #: False before printing begins: nobody is called in a replay.
        self.is_on = False

    def give(self, command: Command, order: Order) -> None:
        """Give an order its number, if it is due one."""
        if self.is_on and self._reference.venue.settings.call_numbers and is_called(order):
            data = numbered(self._ledger.series(), self._ledger.next_count("@", command))
            command.write([Draft(data, order.id)])

    @override
    def prepare(self, command: Command) -> None:
        """Give the orders of a command that takes money their numbers."""
        paid = {one.stream_id for one in command.events if isinstance(one.data, PaymentApproved | OrderPlaced)}
        for session_id in paid:
            self.give(command, command.order(session_id))
