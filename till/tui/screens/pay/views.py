"""What each widget of the pay screen shows at one moment."""

from __future__ import annotations

from msgspec import Struct

from till.tui.drawing.viewmodels import (
    ChoicesView,
    CodeView,
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    NotesView,
    RowsView,
    StatusView,
    TotalView,
)
from till.tui.screens.pay.codes import Room


class PayViews(Struct, frozen=True):
    """What each widget shows; without a figure its place is free.

    Attributes:
        story: what is known of a payment that somebody else has: then there are no notes.
        waiting: how long it is waited for; beside a code that leaves no room for that its amount.
        foot: what stands under that.
        code: what a guest scans, and its `room` on this screen.
    """

    status: StatusView
    head: HeadView
    tenders: RowsView
    due: FigureView | None
    tendered: RowsView
    change: TotalView
    notes_head: HeadView
    notes: NotesView
    other_tenders_head: HeadView
    other_tenders: ChoicesView
    entry: EntryView
    keys: KeysView
    story: RowsView = RowsView()
    waiting: FigureView | None = None
    foot: RowsView = RowsView()
    code: CodeView | None = None
    room: Room = Room.NONE
