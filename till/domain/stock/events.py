"""The acts of people on the shelf. None moves money, and no till waits for one.

Amounts are in the base unit of an item: pieces, g or ml, or a thousandth of the unit of what is sold by weight.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from till.domain.events.fields import (
    AtLeastOne,
    Count,
    EventId,
    StaffNumber,
    Time,
    Uuid,
    Word,
)
from till.domain.i18n import N_
from till.domain.till.events import AdminEvent, TillEvent

MovementKind = Literal["delivered", "wasted", "used"]


class StockEvent(TillEvent, frozen=True):
    """An act on the shelf. The database keeps it by its minute."""

    harmless: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True


class StockCounted(StockEvent, frozen=True):
    """An item was counted: `amount` were there when somebody looked, at `seen_at`; at the time of the event without it.

    `sheet` is the stocktake in which it was counted. `approved_by` is the approving manager.
    """

    called: ClassVar[str] = N_("Shelf counted: {amount}")
    audited: ClassVar[str] = N_("counted the shelf: {amount}")
    listed: ClassVar[str] = "stocktakes"

    item_id: Word
    amount: Count
    seen_at: Time | None = None
    sheet: Uuid | None = None
    approved_by: StaffNumber | None = None


class StockMoved(StockEvent, frozen=True):
    """Something came to the shelf or left it without a sale, at `happened_at`. `why` is a word of the venue's list.

    `approved_by` as in `stock_counted`.
    """

    called: ClassVar[str] = N_("Shelf: {kind} {amount}")
    audited: ClassVar[str] = N_("told the shelf: {kind} {amount}")

    item_id: Word
    amount: AtLeastOne
    kind: MovementKind
    why: Word = ""
    happened_at: Time | None = None
    approved_by: StaffNumber | None = None


class StockReturned(StockEvent, frozen=True):
    """Pieces that the event `of` of this till took off an order, or gave back, are on the shelf again."""

    called: ClassVar[str] = N_("Back on the shelf: {amount}")

    of: EventId
    item_id: Word
    amount: AtLeastOne


class StockUndone(StockEvent, frozen=True):
    """An act on the shelf was wrong, and never counted: `event`. A till undoes its own acts."""

    called: ClassVar[str] = N_("An act on the shelf undone")
    audited: ClassVar[str] = N_("undid an act on the shelf")

    event: EventId


class StockKept(AdminEvent, frozen=True):
    """The list of what the venue keeps on its shelves was set: `kept` items. `added` are new, `dropped` are gone."""

    audited: ClassVar[str] = N_("set the list of what is on the shelf: {kept} items")

    kept: Count
    added: Annotated[tuple[Word, ...], Meta(max_length=1000)] = ()
    dropped: Annotated[tuple[Word, ...], Meta(max_length=1000)] = ()
