"""State of the replayed day."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.order.events import OrderPlaced
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.ports.desk import DayEvent, TillDay
    from till.tui.drawing.viewmodels import (
        CardsView,
        ChoicesView,
        EntryView,
        HeadView,
        KeysView,
        OrderView,
        StatusView,
        StyledText,
        TotalView,
    )
    from till.tui.shell.keymap import Keymap


class DayState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        place: the index of the event shown.
        entry: the entry line, which takes a receipt number to find.
        helps: True while the help is shown.
    """

    place: int = 0
    entry: EntryLine = EMPTY
    message: StyledText | None = None
    helps: bool = False


class DayFacts(Struct, frozen=True, dict=True):
    """The day and the keymap."""

    keymap: Keymap
    day: TillDay

    @property
    def events(self) -> tuple[DayEvent, ...]:
        """The events, in order."""
        return self.day.events

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """The indexes at which the till changes to another order, or to none.

        An event of no order between two of one order, such as the opening of a shift at its payment, changes nothing.
        """
        orders = [(place, one.session) for place, one in enumerate(self.day.events)]
        named = [place for place, session in orders if session is not None]
        within = {
            place
            for before, after in pairwise(named)
            if orders[before][1] == orders[after][1]
            for place in range(before + 1, after)
        }
        left = [(place, session) for place, session in orders if place not in within]
        changes = (now for before, now in pairwise(left) if before[1] != now[1])
        return tuple(place for place, _session in (*left[:1], *changes))

    @cached_property
    def receipts(self) -> tuple[tuple[str, int], ...]:
        """The receipt numbers of the day, each with the index of its event."""
        return tuple(
            (one.event.data.receipt, place)
            for place, one in enumerate(self.day.events)
            if one.event is not None and isinstance(one.event.data, OrderPlaced)
        )


class DayViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    order: OrderView
    total: TotalView
    events_head: HeadView
    events: CardsView
    entry: EntryView
    keys: KeysView
    help: ChoicesView | None
