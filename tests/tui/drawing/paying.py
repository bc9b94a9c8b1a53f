"""Pay and the end of a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.geometry import Region

from tests.tui.drawing.stock import STATUS, muted, styled
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.viewmodels import (
    BarsView,
    BarView,
    CellView,
    ChoicesView,
    ChoiceView,
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    NoteKeyView,
    NotesView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
)
from till.tui.drawing.widgets.bars import KeyBar, StatusBar
from till.tui.drawing.widgets.choices import TENDER_COLUMNS, ChoiceList
from till.tui.drawing.widgets.entry import EntryBand
from till.tui.drawing.widgets.head import Divider, Heading
from till.tui.drawing.widgets.notes import NotesGrid
from till.tui.drawing.widgets.report import Bars, ReportRows
from till.tui.drawing.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas


def row(*cells: tuple[int, StyledText] | tuple[int, StyledText, bool]) -> RowView:
    return RowView(tuple(CellView(*cell) for cell in cells))


RULE = RowView(rule=True)
BLANK = RowView()


def tender(number: str, name: str, state: StyledText, amount: StyledText) -> RowView:
    return row((1, muted(number)), (4, styled(name)), (15, state), (-2, amount, True))


class PayPicture(ScreenBase[None]):
    """A pay screen: the amount due, the amount tendered, the change, notes and other tenders."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(replace(STATUS, daypart="Lunch", time="14:12"))
        self.head = Heading(HeadView("Pay", "table 7, 14 items"), inset=1)
        self.divider = Divider()
        self.tenders = ReportRows(
            RowsView(
                (
                    row((1, styled("Total", bold=True)), (-2, styled("640.00", bold=True), True)),
                    BLANK,
                    tender("1", "Card", StyledText("approved 14:11", mark=Mark.APPROVED), styled("200.00")),
                    BLANK,
                    tender(
                        "2",
                        "Voucher",
                        StyledText("declined, used up", mark=Mark.REFUSED),
                        StyledText("100.00", Tone.FAINT, strike=True),
                    ),
                    BLANK,
                    tender("3", "Cash", StyledText("not taken yet", mark=Mark.WAITING), styled("440.00")),
                    BLANK,
                    RULE,
                )
            )
        )
        self.due = FigurePane(FigureView("440.00", styled("Due ₹"), sentence="Due 440.00 rupees."), inset=1)
        self.tendered = ReportRows(RowsView((row((1, muted("Tendered  1 × 500")), (-2, styled("500.00"), True)),)))
        self.change = TotalPane(
            TotalView(
                FigureView("60.00", styled("Change ₹"), sentence="Change 60.00 rupees."),
                muted("Give back"),
                (styled("1 × 50"), styled(" 1 × 10")),
            ),
            inset=1,
        )
        self.notes_head = Heading(HeadView("Notes", "each press adds one"))
        self.notes = NotesGrid(
            NotesView(
                (
                    NoteKeyView("Q", "500", 1),
                    NoteKeyView("W", "200"),
                    NoteKeyView("E", "100"),
                    NoteKeyView("R", "50"),
                    NoteKeyView("T", "20"),
                    NoteKeyView("Y", "10"),
                )
            )
        )
        self.ways_head = Heading(HeadView("Other ways"))
        self.ways = ChoiceList(
            ChoicesView(
                (
                    ChoiceView("C", "Card", muted("terminal ready")),
                    ChoiceView("V", "Voucher"),
                    ChoiceView("H", "House account"),
                    ChoiceView("S", "Split", muted("by amount, by line, by guest")),
                )
            ),
            TENDER_COLUMNS,
        )
        self.band = EntryBand(
            EntryView(
                "500",
                3,
                styled("Enter takes ₹500.00 in cash. Change ₹60.00."),
                hint="Nothing typed and Enter takes the exact amount.",
            )
        )
        self.keys = KeyBar(
            KeysView(
                (
                    KeyView("F1", "Help"),
                    KeyView("Bksp", "Take a note off", "Note off"),
                    KeyView("F11", "Drawer"),
                    KeyView("Esc", "Back to the order", "Back"),
                ),
                KeyView("Enter", "Take cash 500.00"),
            )
        )
        yield from (self.status, self.head, self.divider, self.tenders, self.due, self.tendered, self.change)
        yield from (self.notes_head, self.notes, self.ways_head, self.ways, self.band, self.keys)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places: dict[Widget, Region | None] = {
            self.status: found.status,
            self.head: found.head,
            self.divider: found.divider,
            self.change: found.total,
            self.band: found.band,
            self.keys: found.keys,
            self.notes_head: found.right_head,
            self.notes: None,
            self.ways_head: None,
            self.ways: None,
        }
        body = found.body
        roomy = body.height > 17
        places[self.tenders] = Region(body.x, body.y + 1, body.width, 9) if roomy else body
        places[self.due] = Region(body.x, body.y + 11, body.width, 3) if roomy else None
        places[self.tendered] = Region(body.x, body.y + 16, body.width, 1) if roomy else None
        right = found.right
        if right is not None:
            notes = self.notes.rows_needed(right.width, right.height)
            places[self.notes] = Region(right.x, right.y + 1, right.width, notes)
            places[self.ways_head] = Region(right.x, right.y + notes + 3, right.width, 2)
            ways = right.y + notes + 6
            places[self.ways] = Region(right.x - 1, ways, right.width + 2, max(0, right.bottom - ways))
        return places


def counted(note: str, times: str, amount: str) -> RowView:
    return row((5, styled(note), True), (7, muted("×")), (11, styled(times), True), (-2, styled(amount), True))


def fact(name: str, detail: str, amount: str) -> RowView:
    return row((1, styled(name)), (20, muted(detail)), (-2, styled(amount), True))


def held(name: str, text: str) -> RowView:
    return row((1, muted(name)), (20, styled(text)))


def result(name: str, expected: str, counts: str, state: StyledText, apart: str) -> RowView:
    return row(
        (0, styled(name)),
        (25, styled(expected), True),
        (38, styled(counts), True),
        (42, state),
        (-1, styled(apart), True),
    )


class ZPicture(ScreenBase[None]):
    """The end of a shift: the count, the result, the shift, the hours."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(replace(STATUS, staff="manager 1", daypart="Tuesday 3 March", time="14:32"))
        self.head = Heading(HeadView("Count", "blind, locked at 14:31"), inset=1)
        self.divider = Divider()
        self.left = ReportRows(
            RowsView(
                (
                    counted("500", "14", "7,000.00"),
                    counted("200", "6", "1,200.00"),
                    counted("100", "7", "700.00"),
                    counted("50", "4", "200.00"),
                    counted("20", "5", "100.00"),
                    counted("10", "2", "20.00"),
                    row((1, styled("coins")), (-2, styled("10.00"), True)),
                    RULE,
                    row((1, styled("Cash in the drawer", bold=True)), (-2, styled("9,230.00", bold=True), True)),
                    row((1, styled("Card terminal, batch total")), (-2, styled("3,480.00"), True)),
                    row((1, styled("Vouchers")), (-2, styled("190.00"), True)),
                    BLANK,
                    BLANK,
                    row((1, styled("Shift", bold=True)), (8, muted("Z 41, 07:02 to 14:31"))),
                    RULE,
                    fact("Sales", "127 receipts", "12,870.00"),
                    fact("GST 5 % included", "", "612.86"),
                    fact("Discounts", "4", "−310.00"),
                    fact("Voids", "3 lines", "−185.00"),
                    fact("Refunds", "1, manager 1", "−40.00"),
                    fact("Float", "07:02", "2,000.00"),
                    fact("Paid out", "milk, 08:15", "−410.00"),
                    fact("Drop", "to the safe, 11:30", "−1,500.00"),
                    BLANK,
                    held("Receipts", "1-000412 to 1-000538"),
                    held("Head of the chain", "seq 8,214  9f3ac07b…41d2"),
                    held("Carried over", "1 open order, table 7"),
                )
            )
        )
        self.result = ReportRows(
            RowsView(
                (
                    row(
                        (0, styled("Result", bold=True)),
                        (25, muted("expected"), True),
                        (38, muted("counted"), True),
                        (-1, muted("difference"), True),
                    ),
                    RULE,
                    result("Cash", "9,270.00", "9,230.00", StyledText("short", mark=Mark.SHORT), "−40.00"),
                    result("Card", "3,480.00", "3,480.00", StyledText("agrees", mark=Mark.AGREES), "0.00"),
                    result("Voucher", "170.00", "190.00", StyledText("over", mark=Mark.OVER), "20.00"),
                    BLANK,
                    RULE,
                )
            )
        )
        self.figure = FigurePane(
            FigureView("−20.00", StyledText("short ₹", mark=Mark.SHORT), sentence="Short by 20.00 rupees.")
        )
        self.hours_head = Heading(HeadView("Sales by hour"))
        amounts = (620, 2340, 2910, 2180, 1150, 1480, 1610, 580)
        self.hours = Bars(
            BarsView(
                tuple(
                    BarView(f"{hour:02}", f"{amount:,}.00", amount / 2910, "busiest" if amount == 2910 else "")
                    for hour, amount in enumerate(amounts, 7)
                )
            )
        )
        self.band = EntryBand(
            EntryView(
                answer=styled("Enter closes the shift. After that it never changes."),
                hint="A note for the difference, if you know the cause.",
            )
        )
        self.keys = KeyBar(
            KeysView(
                (KeyView("F1", "Help"), KeyView("F2", "Note"), KeyView("Esc", "Back, the shift stays open", "Back")),
                KeyView("Enter", "Close shift"),
            )
        )
        yield from (self.status, self.head, self.divider, self.left, self.result, self.figure)
        yield from (self.hours_head, self.hours, self.band, self.keys)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places: dict[Widget, Region | None] = {
            self.status: found.status,
            self.head: found.head,
            self.divider: found.divider,
            self.left: found.left,
            self.band: found.band,
            self.keys: found.keys,
        }
        right, head = found.right, found.right_head
        if right is None or head is None:
            return places | dict.fromkeys((self.result, self.figure, self.hours_head, self.hours))
        tall = right.height > 25
        return places | {
            self.result: Region(right.x, head.y, right.width, 7),
            self.figure: Region(right.x, right.y + 6, right.width, 5),
            self.hours_head: Region(right.x, right.y + 13, right.width, 2) if tall else None,
            self.hours: Region(right.x, right.y + 16, right.width, 10) if tall else None,
        }
