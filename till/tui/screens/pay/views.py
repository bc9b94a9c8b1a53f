"""Views of the pay screen's widgets."""

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
    """The view of each widget; a figure that is None leaves its place empty.

    Attributes:
        story: the facts of a payment in progress, in place of the notes.
        waiting: the time waited; beside a code without room for it, the amount.
        foot: the rows below that.
        code: the code that the guest scans, at its place `room`.
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
