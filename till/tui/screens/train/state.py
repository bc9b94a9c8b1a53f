"""State of the screen between drills and the facts it is given, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.shell.marked_list import ListMark

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.ports.training import DrillEnded, DrillOffered
    from till.tui.drawing.viewmodels import (
        ChoicesView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        StyledText,
        TotalView,
    )
    from till.tui.shell.keymap import Keymap


class TrainState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        ended: the drill that was just ended; None before the first.
        mark: the marked drill of the list.
    """

    ended: DrillEnded | None = None
    mark: ListMark = ListMark()
    message: StyledText | None = None


class TrainFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        offered: the drills to choose from.
        who: the name of the trainee.
        rows: the height of the chart; 0 with one pane.
        width: the width of the chart in cells.
    """

    offered: tuple[DrillOffered, ...]
    who: str
    formats: Formats
    keymap: Keymap
    wide: bool
    rows: int
    width: int


class TrainViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    score: RowsView
    total: TotalView
    days_head: HeadView
    days: RowsView
    next_head: HeadView
    next: ChoicesView
    entry: EntryView
    keys: KeysView
