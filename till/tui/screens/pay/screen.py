"""The pay screen's widgets and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, FigureView, HeadView, NotesView, RowsView, TotalView
from till.tui.drawing.widgets.choices import TENDER_COLUMNS, ChoiceList
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.notes import NotesGrid
from till.tui.drawing.widgets.report import Receipt, Rows
from till.tui.drawing.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.screens.pay.presenter import PayViews

_NO_FIGURE: Final = FigureView("")
# Under this height the large figure of what is due gives way to the list above it.
_DUE_ROWS: Final = 17
# From this height on the keys of the notes stand under the tenders where there is one pane.
_NOTE_ROWS: Final = 9


class PayScreen(TillScreen):
    """What is due and what came in on the left; notes and other ways on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.tenders = Receipt(RowsView())
        self.due = FigurePane(_NO_FIGURE, inset=1)
        self.tendered = Rows(RowsView())
        self.change = TotalPane(TotalView(_NO_FIGURE), inset=1)
        self.notes_head = Heading(HeadView())
        self.notes = NotesGrid(NotesView())
        self.other_tenders_head = Heading(HeadView())
        self.other_tenders = ChoiceList(ChoicesView(), TENDER_COLUMNS)

    @override
    def widgets(self) -> ComposeResult:
        """The common parts, and tenders, due, tendered, change; notes and ways."""
        yield from super().widgets()
        yield from (self.tenders, self.due, self.tendered, self.change)
        yield from (self.notes_head, self.notes, self.other_tenders_head, self.other_tenders)

    def show(self, views: PayViews) -> None:
        """Hand views to the widgets."""
        self.status.show(views.status)
        self.head.show(views.head)
        self.tenders.show(views.tenders)
        self.due.show(views.due)
        self.tendered.show(views.tendered)
        self.change.show(views.change)
        self.notes_head.show(views.notes_head)
        self.notes.show(views.notes)
        self.other_tenders_head.show(views.other_tenders_head)
        self.other_tenders.show(views.other_tenders)
        self.band.show(views.entry)
        self.keys.show(views.keys)

    @property
    def is_roomy(self) -> bool:
        """Whether what is due has a large figure of its own, above the change."""
        found = areas(*self.app.size)
        return found is not None and found.body.height > _DUE_ROWS

    @property
    def tender_rows(self) -> int:
        """The rows that there are for the tenders."""
        found = areas(*self.app.size)
        return self._tenders(found).height if found is not None else 0

    @property
    def names_notes(self) -> bool:
        """Whether the keys of the notes have no room for a head of their own."""
        found = areas(*self.app.size)
        return found is not None and self._has_notes_under(found)

    def _has_notes_under(self, found: Areas) -> bool:
        """Whether the keys of the notes stand under the tenders."""
        return not found.wide and found.body.height >= _NOTE_ROWS

    def _tenders(self, found: Areas) -> Region:
        body = found.body
        if body.height > _DUE_ROWS:
            return Region(body.x, body.y + 1, body.width, 9)
        under = 3 if self._has_notes_under(found) else 0
        return Region(body.x, body.y, body.width, body.height - under)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Due in three rows, change in five; on a low screen the due is a row of the list."""
        body, right = found.body, found.right
        roomy = body.height > _DUE_ROWS
        places = dict(super().lay(found)) | {
            self.change: found.total,
            self.notes_head: found.right_head,
            self.notes: None,
            self.other_tenders_head: None,
            self.other_tenders: None,
            self.tenders: self._tenders(found),
            self.due: Region(body.x, body.y + 11, body.width, 3) if roomy else None,
            self.tendered: Region(body.x, body.y + 16, body.width, 1) if roomy else None,
        }
        if self._has_notes_under(found):
            places[self.notes] = Region(body.x + 1, body.bottom - 2, body.width - 2, 2)
        elif right is not None:
            notes = min(self.notes.rows_needed(right.width), max(1, right.height - 7))
            other_tenders = right.y + notes + 6
            places[self.notes] = Region(right.x, right.y + 1, right.width, notes)
            places[self.other_tenders_head] = Region(right.x, right.y + notes + 3, right.width, 2)
            places[self.other_tenders] = Region(
                right.x, other_tenders, right.width, max(0, right.bottom - other_tenders)
            )
        return places
