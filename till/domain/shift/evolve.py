"""The fold of a shift: its movements, and whether it is closed. Its sums are `books`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.aggregate import Aggregate
from till.domain.shift import events as happened
from till.domain.structs import replace

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.events.envelope import Event


class Movement(Struct, frozen=True):
    """A movement of cash of the shift.

    Attributes:
        id: its event.
        data: the data of its event.
        is_undone: True if it was wrong and moved nothing.
    """

    id: str
    at: datetime
    user: int | None
    data: happened.CashMoved
    is_undone: bool = False


class Count(Struct, frozen=True):
    """A count of the drawer, in the shift or after its close."""

    shift: str
    id: str
    at: datetime
    user: int | None
    data: happened.DrawerCounted


class Shift(Struct, frozen=True):
    """A shift of a till.

    Attributes:
        till: the till.
        opened: the event's data; the business date and the kept tenders.
        journal_id: the journal of its opening.
        seq: the place of its opening in that chain.
        prev_hash: the hash of the event before that.
        closed: the Z; None while the shift is open.
        closed_by: the user who closed it; None while it is open.
        records: the first and the last event of the shift in the chain of the journal that closed it.
        closed_hash: the hash of that last event, the close.
    """

    id: str
    till: int
    opened: happened.ShiftOpened
    at: datetime
    user: int | None
    journal_id: str
    seq: int
    prev_hash: str
    last_id: str
    movements: tuple[Movement, ...] = ()
    counts: tuple[Count, ...] = ()
    closed: happened.ShiftClosed | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    records: tuple[int, int] | None = None
    closed_hash: str = ""

    @property
    def is_over(self) -> bool:
        return self.closed is not None


def _opened(shift: Shift | None, event: Event, data: happened.ShiftOpened) -> Shift:
    origin = event.journal_id, event.seq, event.prev_hash
    return shift or Shift(event.stream_id, event.till, data, event.at, event.user, *origin, event.id)


def _moved(shift: Shift, event: Event, data: happened.CashMoved) -> Shift:
    return replace(shift, movements=(*shift.movements, Movement(event.id, event.at, event.user, data)))


def _undone(shift: Shift, _event: Event, data: happened.MovementUndone) -> Shift:
    marked = (replace(one, is_undone=one.is_undone or one.id == data.event) for one in shift.movements)
    return replace(shift, movements=tuple(marked))


def _counted(shift: Shift, event: Event, data: happened.DrawerCounted) -> Shift:
    return replace(shift, counts=(*shift.counts, Count(event.stream_id, event.id, event.at, event.user, data)))


def _corrected(shift: Shift, _event: Event, _data: happened.DrawerCorrected) -> Shift:
    return shift


def _closed(shift: Shift, event: Event, data: happened.ShiftClosed) -> Shift:
    # a close by the server, of a till that was revoked or lost its journal, leaves the shift open here
    if shift.is_over or event.for_till is not None:
        return shift
    first = shift.seq if event.journal_id == shift.journal_id else 1  # a journal in another's place goes on with it
    return replace(
        shift,
        closed=data,
        closed_at=event.at,
        closed_by=event.user,
        records=(first, event.seq),
        closed_hash=event.hash,
    )


#: The aggregate of shifts. A test fails if an event type of shifts has no step.
SHIFTS: Final[Aggregate[Shift]] = Aggregate(
    happened.ShiftEvent,
    {
        happened.ShiftOpened: _opened,
        happened.CashMoved: _moved,
        happened.MovementUndone: _undone,
        happened.DrawerCounted: _counted,
        happened.DrawerCorrected: _corrected,
        happened.ShiftClosed: _closed,
    },
)
