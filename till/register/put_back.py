"""Pieces that were sent and came off an order: a person says which of them are on the shelf again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from typing_extensions import override

from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.order.events import LineVoided, OrderDiscarded, QuantityChanged
from till.domain.order.evolve import ORDERS
from till.domain.refund.events import RefundApproved
from till.domain.refund.state import REFUNDS
from till.domain.stock.events import StockReturned
from till.domain.till.events import stream_of_till
from till.register.kept import kept_items
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.events import Removed
    from till.domain.stock.kept import KeptItem
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference

#: The newest events in which a program without a memory looks for what came off.
_NEWEST: Final = 3


class SentPieces(Struct, frozen=True):
    """Pieces of a kept item that an event took off an order or gave back, after they had left the shelf.

    Attributes:
        of: the event.
        item: the item.
        pieces: the pieces.
        measure: the base units of a piece; more than one for what is weighed.
    """

    of: str
    item: KeptItem
    pieces: int
    measure: int = 1


class PutBack(CommandHook):
    """Asks after each command which pieces are back on the shelf. No sale waits for the answer, and none is needed.

    Args:
        ledger: the write path.
        reference: the stations, which make what is not put back.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        #: The pieces that the last command took off; empty once the question is answered.
        self.asked: tuple[SentPieces, ...] = ()
        self._answered: set[str] = set()
        #: Shows the question.
        self.ask: Callable[[], None] = lambda: None

    @override
    def follow(self, command: Command) -> None:
        """Ask about what the events of a command took off."""
        kinds = (LineVoided, QuantityChanged, OrderDiscarded, RefundApproved)
        if not any(isinstance(event.data, kinds) for event in command.events):
            return
        found = tuple(one for event in command.events for one in self._taken_off(event))
        if found:
            self.asked = found
            self.ask()

    @property
    def question(self) -> str:
        """The question for an answer without a screen."""
        return _("Back on the shelf? “put back” says so.")

    def newest(self) -> tuple[SentPieces, ...]:
        """Return the pieces that the last command asks about; later, those that this person took off last.

        One act may take pieces off that were sent and others that were not, each with an event of its own.
        """
        if self.asked:
            return self.asked
        own = [one for one in self._ledger.journal.newest(LineVoided.listed, _NEWEST) if one.user == self._ledger.user]
        for event in own:
            if found := tuple(self._taken_off(event)):
                return found if event.id not in self._answered else ()
        return ()

    def answer(self, back: Sequence[tuple[SentPieces, int]]) -> None:
        """Record which pieces are on the shelf again; none of them if nothing is named."""
        self.asked = ()
        for one, pieces in back:
            self._answered.add(one.of)
            returned = StockReturned(one.of, one.item.id, pieces * one.measure)
            self._ledger.commit([Draft(returned, stream_of_till(self._ledger.store_id, self._ledger.till))])

    def _taken_off(self, event: Event) -> Iterator[SentPieces]:
        """Yield the kept pieces that an event took off after they were sent. What a station makes is not put back."""
        kept = {one.id: one for one in kept_items(self._ledger.journal)}
        made_by = self._reference.kitchen.station_of
        sums: dict[tuple[str, int], int] = {}
        for item, pieces, measure in self._pieces(event) if kept else ():
            if item in kept and pieces > 0 and not made_by(item):
                sums[item, measure] = sums.get((item, measure), 0) + pieces
        for (item, measure), pieces in sums.items():
            yield SentPieces(event.id, kept[item], pieces, measure)

    def _pieces(self, event: Event) -> Iterator[tuple[str, int, int]]:
        """Yield item, pieces and base units of a piece that an event took off."""
        data = event.data
        if isinstance(data, RefundApproved):
            refund = self._ledger.state(REFUNDS, event.stream_id)
            for row in refund.started.lines if refund is not None else ():
                yield row.item_id, -row.quantity, 1
            return
        removed: Sequence[tuple[str, Removed | None]] = ()
        if isinstance(data, LineVoided | QuantityChanged) and data.follows is None:
            removed = ((data.line_id, data.removed),)
        elif isinstance(data, OrderDiscarded):
            removed = tuple(zip(data.line_ids, data.removed, strict=False))
        order = self._ledger.state(ORDERS, event.stream_id) if removed else None
        for line_id, one in removed:
            line = order.lines.get(line_id) if order is not None else None
            if line is not None and one is not None and one.sent:
                yield line.item_id, one.pieces, line.measure or 1
