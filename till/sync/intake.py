"""The intake of other tills' events into the journal, a few at a time, so that no key waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import EventError
from till.domain.order.events import LinesMoved
from till.domain.refund.events import RefundStarted
from till.domain.streams import unseal
from till.ports import Received
from till.sync.messages import decode_arrived

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import msgspec

    from till.ports import Journal
    from till.sync.messages import Arrived

#: Events written without a break for keys: about a millisecond of work.
CHUNK: Final = 32
#: Events read without a break: reading an event costs a tenth of writing it.
_CHUNK_READ: Final = 128


class Intake:
    """An intake of events into the journal.

    Args:
        journal: the journal. It drops repeated events, including its own.

    Attributes:
        grown: the sessions that got events, in order of arrival.
        came: the events that arrived, by session, including repeated ones.
        went_to: the orders that received lines by an act between orders, with the till that requested it.
        unsound: the sessions with an event that does not match its seal. The event is dropped, and the known version of
            its session is not raised, so that it is requested again.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.grown: dict[str, None] = {}
        self.came: dict[str, set[str]] = {}
        self.went_to: dict[str, int] = {}
        self.unsound: set[str] = set()

    @staticmethod
    def read(raw: Sequence[msgspec.Raw]) -> Generator[None, None, list[Arrived]]:
        """Read all events of a reply, yielding between two parts. Nothing is written.

        Raises:
            DamagedReplyError: an event does not fit the contract.
        """
        arrived: list[Arrived] = []
        for start in range(0, len(raw), _CHUNK_READ):
            if start:
                yield
            arrived += map(decode_arrived, raw[start : start + _CHUNK_READ])
        return arrived

    def keep(self, arrived: Sequence[Arrived]) -> Generator[None, None, None]:
        """Write events to the journal, yielding between two transactions."""
        for start in range(0, len(arrived), CHUNK):
            if start:
                yield
            received = [found for one in arrived[start : start + CHUNK] if (found := self._open(one))]
            if received:
                self.grown |= dict.fromkeys(self._journal.receive(received))

    def keep_refunds(self, raw: Sequence[msgspec.Raw]) -> list[str]:
        """Write the starts of unanswered refunds from earlier journals of this till to the journal.

        Returns:
            The ids of the refunds.
        """
        received: list[Received] = []
        for arrived in map(decode_arrived, raw):
            try:
                event = unseal(arrived.b, arrived.h, arrived.t)
            except EventError:
                event = None
            if event is not None and isinstance(event.data, RefundStarted) and event.stream_id == arrived.session:
                received.append(Received(0, event))
            else:
                self.unsound.add(arrived.session)
        if received:
            self._journal.receive(received)
        return [one.event.stream_id for one in received]

    def _open(self, arrived: Arrived) -> Received | None:
        try:
            event = unseal(arrived.b, arrived.h, arrived.t)
        except EventError:  # no till seals such an event
            self.unsound.add(arrived.session)
            return None
        if event.session_id != arrived.session:
            self.unsound.add(arrived.session)
            return None
        self.came.setdefault(arrived.session, set()).add(event.id)
        if isinstance(event.data, LinesMoved) and event.data.to_session is not None and event.for_till is not None:
            self.went_to[event.data.to_session] = event.for_till
        return Received(arrived.version, event, arrived.m or "")
