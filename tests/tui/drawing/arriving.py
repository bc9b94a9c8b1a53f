"""The login screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from tests.tui.drawing.stock import SAVED, muted, styled
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    FieldsView,
    FieldView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    NoticeView,
    RowsView,
    RowView,
    StatusView,
    StyledText,
)
from till.tui.drawing.widgets.bars import KeyBar, StatusBar
from till.tui.drawing.widgets.choices import STAFF_COLUMNS, ChoiceList
from till.tui.drawing.widgets.entry import EntryBand
from till.tui.drawing.widgets.fields import Fields
from till.tui.drawing.widgets.head import Divider, Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import FigurePane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas


class LoginPicture(ScreenBase[None]):
    """Staff on the left, clock and PIN on the right."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(StatusView("Udupi Corner", "Till 1", light=SAVED))
        self.head = Heading(HeadView("Staff", "type a number, or choose"), inset=1)
        self.staff = ChoiceList(
            ChoicesView(
                (
                    ChoiceView("1", "cashier 1", muted("cashier"), styled("3 lines, ₹240.00 open")),
                    ChoiceView("2", "cashier 2", muted("cashier"), muted("on Till 2")),
                    ChoiceView("3", "cashier 3", muted("cashier")),
                    ChoiceView("4", "cashier 4", muted("cashier"), StyledText("locked until 14:08", mark=Mark.REFUSED)),
                    ChoiceView("8", "manager 1", muted("manager")),
                    ChoiceView("9", "admin 1", muted("admin")),
                ),
                selected=0,
            ),
            STAFF_COLUMNS,
        )
        self.divider = Divider()
        self.date = Heading(HeadView("", "Tuesday 3 March"))
        self.clock = FigurePane(FigureView("14:03", role=Tone.MUTED), left=True)
        self.rule = ReportRows(RowsView((RowView(rule=True),)))
        self.fields = Fields(
            FieldsView(
                (
                    FieldView("Number", "1", "cashier 1"),
                    FieldView("PIN", "111", cursor=3, masked=True, active=True),
                ),
                muted("Demo: the PIN of every number is 1111."),
            )
        )
        self.band = EntryBand(
            NoticeView(
                "This till closed unexpectedly at 14:02.",
                "1 order was open: 3 lines, ₹240.00. It is here.",
                "It opens by itself when cashier 1 logs in.",
            )
        )
        self.keys = KeyBar(
            KeysView(
                (
                    KeyView("F1", "Help"),
                    KeyView("↑↓", "Choose"),
                    KeyView("Esc", "Other number"),
                    KeyView("Ctrl+P", "Commands"),
                ),
                KeyView("Enter", "Log in"),
            )
        )
        yield from (self.status, self.head, self.staff, self.divider, self.date, self.clock, self.rule)
        yield from (self.fields, self.band, self.keys)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places: dict[Widget, Region | None] = {
            self.status: found.status,
            self.head: found.head,
            self.band: found.band,
            self.keys: found.keys,
            self.divider: None if found.divider is None else found.divider.shrink((0, 0, 1, 0)),
            self.date: found.right_head,
        }
        if found.right is not None and found.right.height > 15:
            right = found.right
            places |= {
                self.staff: Region(found.left.x, found.left.y + 1, found.left.width, found.left.height - 1),
                self.clock: Region(right.x, right.y + 1, right.width, 3),
                self.rule: Region(right.x, right.y + 6, right.width, 1),
                self.fields: Region(right.x, right.y + 9, right.width, 7),
            }
        else:
            left = found.left
            fields = 3 if left.height < 14 else 7
            places |= {
                self.staff: Region(left.x, left.y, left.width, left.height - fields - 1),
                self.clock: None,
                self.rule: None,
                self.fields: Region(left.x + 1, left.bottom - fields, left.width - 1, fields),
            }
        return places
