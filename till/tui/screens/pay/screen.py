"""The widgets of the pay screen and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.codes import CodePlace, place_of, room_for
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, CodeView, FigureView, HeadView, NotesView, RowsView, TotalView
from till.tui.drawing.widgets.choices import TENDER_COLUMNS, ChoiceList
from till.tui.drawing.widgets.code import CodePane
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.notes import NotesGrid
from till.tui.drawing.widgets.report import Receipt, ReportRows
from till.tui.drawing.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views

_NO_FIGURE: Final = FigureView("")
# Below this height the amount due is a row of the list instead of a large figure.
_DUE_ROWS: Final = 17
# From this height on, a single pane shows the keys of the notes under the payments.
_NOTE_ROWS: Final = 9
# Rows besides the notes' keys above the other ways to pay: their heading and blank rows.
_WAYS_HEAD: Final = 6
# Rows under the payments for a payment in progress, with a single pane.
_STORY_ROWS: Final = 5
# Rows for the time waited, the progress bar and what Esc does.
_WAIT_ROWS: Final = 10
# Beside a full-height code the figure is as large as on a tall screen.
_FULL_TOTAL_ROWS: Final = 8
_FULL_FIGURE_ROWS: Final = 5


class PayScreen(TillScreen):
    """The amount due and the payments on the left; notes and other ways to pay on the right."""

    #: Which of these are placed: the figure of the amount due, the notes, the figure of the wait; and the size of the
    #: code shown, in modules.
    shape = (True, True, False, 0)

    def __init__(self) -> None:
        super().__init__()
        self.tenders = Receipt(RowsView())
        self.due = FigurePane(_NO_FIGURE, inset=1)
        self.tendered = ReportRows(RowsView())
        self.change = TotalPane(TotalView(_NO_FIGURE), inset=1)
        self.notes_head = Heading(HeadView())
        self.notes = NotesGrid(NotesView())
        self.other_tenders_head = Heading(HeadView())
        self.other_tenders = ChoiceList(ChoicesView(), TENDER_COLUMNS)
        self.story = ReportRows(RowsView())
        self.waiting = FigurePane(_NO_FIGURE)
        self.foot = ReportRows(RowsView())
        self.code = CodePane(CodeView())

    def show(self, views: Views) -> None:
        """Update the widgets, and lay them out if other ones are shown than before."""
        shows = (bool(views["due"].figure), not views["story"].rows, bool(views["waiting"].figure))
        self.show_all(**views)
        self.reshape((*shows, len(views["code"].modules)))

    @property
    def is_roomy(self) -> bool:
        """True if the amount due has a large figure of its own, above the change."""
        found = self.grid
        return found is not None and found.body.height > _DUE_ROWS

    def room_for(self, modules: int) -> CodePlace:
        """Return the place with room for a code of `modules` modules a side."""
        found = self.grid
        return room_for(found, modules) if found is not None else CodePlace.NONE

    @property
    def tender_rows(self) -> int:
        """The number of rows for payments."""
        found = self.grid
        return self._tenders(found).height if found is not None else 0

    @property
    def way_rows(self) -> int:
        """The number of rows for other ways to pay, with two panes."""
        found = self.grid
        right = found.right if found is not None else None
        rows = max(0, right.height - self._notes(right) - _WAYS_HEAD) if right is not None else 0
        return rows // 2 if self.notes.paint.touch else rows

    def _notes(self, right: Region) -> int:
        """Return the height of the notes, leaving room for at least one way to pay under them."""
        room = max(1, right.height - _WAYS_HEAD - 1)
        return min(self.notes.rows_needed(right.width, room), room)

    @property
    def names_notes(self) -> bool:
        """True if the notes have no heading, so that the key bar names their keys."""
        found = self.grid
        return found is not None and self._has_notes_under(found)

    def _has_notes_under(self, found: Areas) -> bool:
        """Return True if the notes are shown under the payments."""
        has_room = not found.wide and found.body.height >= _NOTE_ROWS
        return self.shape[1] and has_room and not self.notes.paint.touch  # there the key bar has tiles for them

    def _tenders(self, found: Areas) -> Region:
        body = found.body
        has_due, has_notes, *_others = self.shape
        if body.height > _DUE_ROWS:
            return Region(body.x, body.y + 1, body.width, 9 if has_due else 13 if has_notes else body.height - 1)
        if not has_notes and not found.wide and body.height >= _NOTE_ROWS:
            return Region(body.x, body.y, body.width, body.height - _STORY_ROWS)
        under = 2 if self._has_notes_under(found) else 0
        return Region(body.x, body.y, body.width, body.height - under)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the amount due in three rows and the change in five; on a low screen the amount due is in the list."""
        body, right = found.body, found.right
        roomy = body.height > _DUE_ROWS
        has_due, has_notes, waits, modules = self.shape
        places: dict[Widget, Region | None] = dict(super().lay(found)) | {
            self.change: found.total,
            self.notes_head: found.right_head,
            self.tenders: self._tenders(found),
            self.due: Region(body.x, body.y + 11, body.width, 3) if roomy and has_due else None,
            self.tendered: (
                Region(body.x, body.y + 16, body.width, 1)
                if roomy and has_due
                else Region(body.x, body.y + 15, body.width, 2)
                if roomy and has_notes
                else None
            ),
        }
        if found.two_rows_of_keys is not None:  # the upper one lists the ways to pay
            places[self.keys] = found.two_rows_of_keys
        if modules:
            return places | self._scanned(found, modules)
        if not has_notes:
            return places | self._awaited(found, waits=waits)
        if self._has_notes_under(found):
            places[self.notes] = Region(body.x + 1, body.bottom - 2, body.width - 2, 2)
        elif right is not None:
            notes = self._notes(right)
            other_tenders = right.y + notes + _WAYS_HEAD
            places[self.notes] = Region(right.x, right.y + 1, right.width, notes)
            places[self.other_tenders_head] = Region(right.x, right.y + notes + 3, right.width, 2)
            places[self.other_tenders] = Region(
                right.x - 1, other_tenders, right.width + 2, max(0, right.bottom - other_tenders)
            )
        return places

    def _scanned(self, found: Areas, modules: int) -> dict[Widget, Region | None]:
        """Return the regions of a code and its facts."""
        body, right = found.body, found.right
        room = room_for(found, modules)
        code = place_of(found, room, modules)
        if code is None:  # the window shrank; the next paint shows that
            return {}
        if room is CodePlace.BESIDE and right is not None:
            beside, under = code.right + 3, code.bottom + 3
            return {
                self.code: code,
                self.story: Region(beside, code.y, right.right - beside, code.height),
                self.foot: Region(right.x, under, right.width, max(0, right.bottom - under)),
            }
        if room is CodePlace.RIGHT:
            taken = Region(body.x, body.y + 1, body.width, 4)
            waits = Region(body.x + 1, taken.bottom + 5, body.width - 2, 3)
            return {
                self.code: code,
                self.tenders: taken,
                self.tendered: None,
                self.story: Region(body.x + 1, taken.bottom + 1, body.width - 2, 3),
                self.waiting: waits,
                self.foot: Region(body.x, waits.bottom + 1, body.width, max(0, body.bottom - waits.bottom - 1)),
            }
        left = code.x - 2 - body.x
        places: dict[Widget, Region | None] = {
            self.code: code,
            self.head: Region(body.x, found.head.y, left, found.head.height),
            self.notes_head: None,
            self.change: None,
            self.tendered: Region(body.x + 1, found.total.y - 1, left - 2, 1),
            self.waiting: Region(body.x, found.total.y + 1, left, 3),
            self.tenders: Region(body.x, body.y, left, 3),
            self.story: Region(body.x + 1, body.y + 4, left - 2, max(0, body.height - 5)),
        }
        if room is CodePlace.FULL:
            beside, figure = code.x, found.keys.y - _FULL_TOTAL_ROWS - 1
            keys = max(2, found.keys.height)
            places |= {
                self.status: Region(0, 0, beside, found.status.height),
                self.tenders: None,
                self.tendered: Region(body.x + 1, figure - 2, left - 1, 1),
                self.waiting: Region(body.x, figure, left, _FULL_FIGURE_ROWS),
                self.story: Region(body.x + 1, body.y, left - 1, max(0, figure - 3 - body.y)),
                self.foot: Region(body.x + 1, found.keys.y - 4, left - 1, 3),
                self.band: None,
                self.keys: Region(0, found.keys.bottom - keys, beside, keys),
            }
        return places

    def _awaited(self, found: Areas, *, waits: bool) -> dict[Widget, Region | None]:
        """Return the regions for a payment in progress."""
        body, right = found.body, found.right
        if right is None:
            under = Region(body.x, body.bottom - _STORY_ROWS, body.width, _STORY_ROWS)
            return {self.notes_head: None, self.story: under if body.height >= _NOTE_ROWS else None}
        if not waits:
            return {self.story: right}
        steps = min(9, max(0, right.height - _WAIT_ROWS))
        return {
            self.story: Region(right.x, right.y, right.width, steps),
            self.waiting: Region(right.x, right.y + steps, right.width, 3),
            self.foot: Region(right.x, right.y + steps + 3, right.width, max(0, right.height - steps - 3)),
        }
