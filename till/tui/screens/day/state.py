"""Where one is in a till's day."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.order.events import OrderPlaced
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.ports.desk import DayEvent, TillDay
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


class DayState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        place: of the event that is shown.
        entry: what is typed: a receipt that is looked for.
        helps: whether the help is up.
    """

    place: int = 0
    entry: EntryLine = EMPTY
    message: StyledText | None = None
    helps: bool = False


class DayFacts(Struct, frozen=True, dict=True):
    """The day, and which key is which command."""

    keymap: Keymap
    day: TillDay

    @property
    def events(self) -> tuple[DayEvent, ...]:
        """Its events, one after another."""
        return self.day.events

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Where the till turns to another order, or to none."""
        events = self.day.events
        return tuple(place for place, one in enumerate(events) if not place or one.session != events[place - 1].session)

    @cached_property
    def receipts(self) -> tuple[tuple[str, int], ...]:
        """The receipts of the day, and where each was made."""
        return tuple(
            (one.event.data.receipt, place)
            for place, one in enumerate(self.day.events)
            if one.event is not None and isinstance(one.event.data, OrderPlaced)
        )
