"""The nine pictures of the look, drawn from fixed views. `python -m tests.tui.gallery NAME` shows one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.geometry import Region

from till.tui.laid import LaidScreen
from till.tui.layout import Areas, sheet
from till.tui.painted import PaintedApp
from till.tui.palette import Depth, Ground, Mark, Paint, Role
from till.tui.view import (
    BarsView,
    BarView,
    BoardView,
    CategoryView,
    CellView,
    ChoicesView,
    ChoiceView,
    EntryView,
    FactsView,
    FactView,
    FieldsView,
    FieldView,
    FigureView,
    HeadView,
    ItemView,
    KeysView,
    KeyView,
    LineView,
    ModifierView,
    NoteKeyView,
    NotesView,
    NoticeView,
    OrderView,
    RowsView,
    RowView,
    Said,
    StatusView,
    SuggestionView,
    TabsView,
    TotalView,
)
from till.tui.widgets.bars import KeyBar, StatusBar
from till.tui.widgets.choices import ANSWERS, STAFF, WAYS, ChoiceList, FactList
from till.tui.widgets.entry import EntryBand
from till.tui.widgets.fields import Fields
from till.tui.widgets.head import Divider, Head, Tabs
from till.tui.widgets.lines import more
from till.tui.widgets.menu import MenuBoard
from till.tui.widgets.notes import NotesGrid
from till.tui.widgets.order import OrderList
from till.tui.widgets.report import Bars, Rows
from till.tui.widgets.sheet import Sheet, dim_behind
from till.tui.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult
    from textual.pilot import Pilot
    from textual.widget import Widget

    from till.tui.widgets.window import Window

SAVED = Said("saved", mark=Mark.SAVED)
STATUS = StatusView("Udupi Corner", "Till 1", "cashier 1", "Breakfast", "10:31", SAVED)


def said(text: str, *, bold: bool = False) -> Said:
    return Said(text, bold=bold)


def muted(text: str) -> Said:
    return Said(text, Role.MUTED)


def items(rows: str) -> tuple[ItemView, ...]:
    """`1 Idly 40.00/3 Medu Vada 50.00 86` as items."""
    found = []
    for row in rows.split("/"):
        text, gone = row.removesuffix(" 86"), row.endswith(" 86")
        number, rest = text.split(" ", 1)
        name, price = rest.rsplit(" ", 1)
        found.append(ItemView(number, name, price, sold_out=gone))
    return tuple(found)


BREAKFAST = items(
    "1 Idly 40.00/2 Masala Dosa 80.00/3 Medu Vada 50.00 86/4 Plain Dosa 60.00/5 Rava Dosa 90.00/6 Set Dosa 70.00"
    "/7 Upma 45.00/8 Pongal 60.00/9 Poori Sagu 75.00/10 Kesari Bath 40.00"
)
LUNCH = items("41 Meals 120.00/42 Curd Rice 70.00/43 Lemon Rice 65.00/44 Bisi Bele Bath 80.00")
REST = (
    CategoryView(
        "Drinks",
        items(
            "21 Filter Coffee 30.00/22 Tea 20.00/23 Badam Milk 50.00/24 Buttermilk 25.00/25 Lime Soda 40.00"
            "/26 Water 1 l 20.00"
        ),
    ),
    CategoryView("Sweets", items("31 Mysore Pak 35.00/32 Jalebi 40.00 86/33 Payasam 50.00/34 Badam Halwa 60.00")),
    CategoryView("Extras", items("51 Sambar 15.00/52 Chutney 10.00/53 Parcel box 5.00")),
)
MORNING = BoardView(
    (
        CategoryView("Breakfast", BREAKFAST, "until 11:30"),
        CategoryView("Lunch", LUNCH, "○ from 12:00", open=False),
        *REST,
    )
)
NOON = BoardView(
    (
        CategoryView("Breakfast", BREAKFAST, "○ ended 11:30", open=False),
        CategoryView("Lunch", LUNCH, "until 15:30"),
        *REST,
    )
)
TABS = TabsView(("All", "Breakfast", "Lunch", "Drinks", "Sweets", "Extras"))
KEYS = KeysView(
    (
        KeyView("F1", "Help"),
        KeyView("F2", "Note"),
        KeyView("F3", "Discount", spare=True),
        KeyView("F4", "Menu"),
        KeyView("F5", "Recall", spare=True),
        KeyView("F6", "Quantity", "Qty"),
        KeyView("F7", "Void"),
        KeyView("F8", "Tabs"),
        KeyView("F12", "Log out"),
    ),
    KeyView("F9", "Pay"),
)
GHEE = (ModifierView("no onion"), ModifierView("extra ghee", "+20.00"))
SUGGESTIONS = tuple(
    SuggestionView(name, price)
    for name, price in (
        ("Masala Dosa", "80.00"),
        ("Plain Dosa", "60.00"),
        ("Rava Dosa", "90.00"),
        ("Set Dosa", "70.00"),
    )
)
SMALL_ORDER = OrderView(
    (
        LineView("Idly", "80.00", "2", "@ 40.00"),
        LineView("Masala Dosa", "100.00", "1", modifiers=GHEE),
        LineView("Filter Coffee", "60.00", "2", "@ 30.00", (ModifierView("less sugar"),)),
    ),
    selected=1,
)
ORDER = replace(
    SMALL_ORDER,
    lines=(
        *SMALL_ORDER.lines,
        LineView("Rava Dosa", "90.00", "1"),
        LineView("Kesari Bath", "120.00", "3", "@ 40.00"),
        LineView("Water 1 l", "20.00", "1"),
    ),
)
LONG_ORDER = OrderView(
    (
        LineView("Meals", "120.00", "1"),
        LineView("Curd Rice", "70.00", "1", modifiers=(ModifierView("no salt"),)),
        LineView("Buttermilk", "50.00", "2", "@ 25.00"),
        LineView("Lemon Rice", "65.00", "1"),
        LineView(
            "Bisi Bele Bath", "95.00", "1", modifiers=(ModifierView("no onion"), ModifierView("extra ghee", "+15.00"))
        ),
        LineView("Payasam", "50.00", "1"),
        LineView("Badam Milk", "100.00", "2", "@ 50.00", void="keyed twice, 14:04"),
        LineView("Badam Milk", "50.00", "1"),
        LineView("Mysore Pak", "105.00", "3", "@ 35.00"),
        LineView("Filter Coffee", "60.00", "2", "@ 30.00", (ModifierView("less sugar"),)),
        LineView("Tea", "40.00", "2", "@ 20.00"),
        LineView("Lime Soda", "40.00", "1", modifiers=(ModifierView("no ice"),)),
        LineView("Water 1 l", "80.00", "4", "@ 20.00"),
        LineView("Parcel box", "10.00", "2", "@ 5.00"),
        LineView("Discount 10 %, regular guest", "−95.50"),
    ),
    selected=11,
)


def total(figure: str, left: str, tax: str, sentence: str, label: str = "Total ₹") -> TotalView:
    return TotalView(
        FigureView(figure, said(label, bold=True), sentence=sentence),
        muted(left),
        (muted("GST 5 % included"), muted(tax)),
    )


class SellScreen(LaidScreen[None]):
    """Order, menu, total, entry: the screen that a till shows all day."""

    def __init__(self, order: OrderView, foot: TotalView, entry: EntryView, **other: object) -> None:
        super().__init__()
        self.status = StatusBar(other.get("status", STATUS))
        self.head_view = other.get("head", HeadView("Order", "take away"))
        self.head = Head(self.head_view, inset=1)
        self.divider = Divider()
        self.order = OrderList(order, on_window=self.follow)
        self.foot = TotalPane(foot, inset=1)
        self.tabs = Tabs(TABS)
        self.board = MenuBoard(other.get("board", MORNING), on_page=self.paged)
        self.entry = EntryBand(entry)
        self.keys = KeyBar(KEYS)

    def follow(self, window: Window) -> None:
        self.head.show(replace(self.head_view, note=more(window)))
        thumb = window.thumb()
        self.divider.show(range(thumb.start + 2, thumb.stop + 2) if thumb else range(0))

    def paged(self, board: MenuBoard) -> None:
        self.tabs.show(replace(self.tabs.view, note=board.note()))

    def widgets(self) -> ComposeResult:
        yield from (self.status, self.head, self.divider, self.order, self.foot)
        yield from (self.tabs, self.board, self.entry, self.keys)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        board = None
        if found.right is not None:
            board = Region(found.right.x, found.right.y + 1, found.right.width, found.right.height - 1)
        return {
            self.status: found.status,
            self.head: found.head,
            self.divider: found.divider,
            self.order: found.body,
            self.foot: found.total,
            self.tabs: found.right_head,
            self.board: board,
            self.entry: found.band,
            self.keys: found.keys,
        }


TAKEOVER = ChoicesView(
    (
        ChoiceView("T", "Take it over here", muted("the order locks on Till 2")),
        ChoiceView("V", "View it", muted("nothing changes anywhere")),
        ChoiceView("N", "Start a new one", muted("that one stays on Till 2")),
        ChoiceView("Esc", "Back to login"),
    ),
    selected=0,
)
TAKEOVER_FACTS = FactsView(
    (
        FactView("Till", said("Till 2")),
        FactView("Order", said("14 lines, ₹1,240.00", bold=True)),
        FactView("Last key", said("20 s ago")),
        FactView("Connection", Said("good", mark=Mark.GOOD)),
    )
)


class TakeoverScreen(SellScreen):
    """The sell screen with a sheet over it."""

    def widgets(self) -> ComposeResult:
        yield from super().widgets()
        self.sheet = Sheet(
            HeadView("Your order is open on another till"),
            ChoiceList(TAKEOVER, ANSWERS, ground=Ground.SURFACE),
            FactList(TAKEOVER_FACTS, ground=Ground.SURFACE),
        )
        yield self.sheet

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        self.sheet.lay(sheet(found, choices=4, facts=4))
        dim_behind(self, True)
        return super().lay(found)


class MenuSheetScreen(SellScreen):
    """The menu as a sheet, where there is one pane."""

    def widgets(self) -> ComposeResult:
        yield from super().widgets()
        self.sheet = Sheet(HeadView("Menu"), MenuBoard(MORNING, columns=1, picks=True, ground=Ground.SURFACE))
        yield self.sheet

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        self.sheet.lay(sheet(found, choices=99))
        dim_behind(self, True)
        return super().lay(found)


class LoginScreen(LaidScreen[None]):
    """Staff on the left, clock and PIN on the right."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(StatusView("Udupi Corner", "Till 1", light=SAVED))
        self.head = Head(HeadView("Staff", "type a number, or choose"), inset=1)
        self.staff = ChoiceList(
            ChoicesView(
                (
                    ChoiceView("1", "cashier 1", muted("cashier"), said("3 lines, ₹240.00 open")),
                    ChoiceView("2", "cashier 2", muted("cashier"), muted("on Till 2")),
                    ChoiceView("3", "cashier 3", muted("cashier")),
                    ChoiceView("4", "cashier 4", muted("cashier"), Said("locked until 14:08", mark=Mark.REFUSED)),
                    ChoiceView("8", "manager 1", muted("manager")),
                    ChoiceView("9", "admin 1", muted("admin")),
                ),
                selected=0,
            ),
            STAFF,
        )
        self.divider = Divider()
        self.date = Head(HeadView("", "Tuesday 3 March"))
        self.clock = FigurePane(FigureView("14:03", role=Role.MUTED), left=True)
        self.rule = Rows(RowsView((RowView(rule=True),)))
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


def row(*cells: tuple[int, Said] | tuple[int, Said, bool]) -> RowView:
    return RowView(tuple(CellView(*cell) for cell in cells))


RULE = RowView(rule=True)
BLANK = RowView()


def tender(number: str, name: str, state: Said, amount: Said) -> RowView:
    return row((1, muted(number)), (4, said(name)), (15, state), (-2, amount, True))


class PayScreen(LaidScreen[None]):
    """What is due, what was tendered, the change; notes and other ways."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(replace(STATUS, daypart="Lunch", time="14:12"))
        self.head = Head(HeadView("Pay", "table 7, 14 items"), inset=1)
        self.divider = Divider()
        self.tenders = Rows(
            RowsView(
                (
                    row((1, said("Total", bold=True)), (-2, said("640.00", bold=True), True)),
                    BLANK,
                    tender("1", "Card", Said("approved 14:11", mark=Mark.APPROVED), said("200.00")),
                    BLANK,
                    tender(
                        "2",
                        "Voucher",
                        Said("declined, used up", mark=Mark.REFUSED),
                        Said("100.00", Role.FAINT, strike=True),
                    ),
                    BLANK,
                    tender("3", "Cash", Said("not taken yet", mark=Mark.WAITING), said("440.00")),
                    BLANK,
                    RULE,
                )
            )
        )
        self.due = FigurePane(FigureView("440.00", said("Due ₹"), sentence="Due 440.00 rupees."), inset=1)
        self.tendered = Rows(RowsView((row((1, muted("Tendered  1 × 500")), (-2, said("500.00"), True)),)))
        self.change = TotalPane(
            TotalView(
                FigureView("60.00", said("Change ₹"), sentence="Change 60.00 rupees."),
                muted("Give back"),
                (said("1 × 50"), said(" 1 × 10")),
            ),
            inset=1,
        )
        self.notes_head = Head(HeadView("Notes", "each press adds one"))
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
        self.ways_head = Head(HeadView("Other ways"))
        self.ways = ChoiceList(
            ChoicesView(
                (
                    ChoiceView("C", "Card", muted("terminal ready")),
                    ChoiceView("V", "Voucher"),
                    ChoiceView("H", "House account"),
                    ChoiceView("S", "Split", muted("by amount, by line, by guest")),
                )
            ),
            WAYS,
        )
        self.band = EntryBand(
            EntryView(
                "500",
                3,
                said("Enter takes ₹500.00 in cash. Change ₹60.00."),
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
            notes = self.notes.rows_needed(right.width)
            places[self.notes] = Region(right.x, right.y + 1, right.width, notes)
            places[self.ways_head] = Region(right.x, right.y + notes + 3, right.width, 2)
            ways = right.y + notes + 6
            places[self.ways] = Region(right.x, ways, right.width, max(0, right.bottom - ways))
        return places


def counted(note: str, times: str, amount: str) -> RowView:
    return row((5, said(note), True), (7, muted("×")), (11, said(times), True), (-2, said(amount), True))


def fact(name: str, detail: str, amount: str) -> RowView:
    return row((1, said(name)), (20, muted(detail)), (-2, said(amount), True))


def held(name: str, text: str) -> RowView:
    return row((1, muted(name)), (20, said(text)))


def result(name: str, expected: str, counts: str, state: Said, apart: str) -> RowView:
    return row(
        (0, said(name)),
        (25, said(expected), True),
        (38, said(counts), True),
        (42, state),
        (-1, said(apart), True),
    )


class ZScreen(LaidScreen[None]):
    """The end of a shift: the count, the result, the shift, the hours."""

    def widgets(self) -> ComposeResult:
        self.status = StatusBar(replace(STATUS, staff="manager 1", daypart="Tuesday 3 March", time="14:32"))
        self.head = Head(HeadView("Count", "blind, locked at 14:31"), inset=1)
        self.divider = Divider()
        self.left = Rows(
            RowsView(
                (
                    counted("500", "14", "7,000.00"),
                    counted("200", "6", "1,200.00"),
                    counted("100", "7", "700.00"),
                    counted("50", "4", "200.00"),
                    counted("20", "5", "100.00"),
                    counted("10", "2", "20.00"),
                    row((1, said("coins")), (-2, said("10.00"), True)),
                    RULE,
                    row((1, said("Cash in the drawer", bold=True)), (-2, said("9,230.00", bold=True), True)),
                    row((1, said("Card terminal, batch total")), (-2, said("3,480.00"), True)),
                    row((1, said("Vouchers")), (-2, said("190.00"), True)),
                    BLANK,
                    BLANK,
                    row((1, said("Shift", bold=True)), (8, muted("Z 41, 07:02 to 14:31"))),
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
        self.result = Rows(
            RowsView(
                (
                    row(
                        (0, said("Result", bold=True)),
                        (25, muted("expected"), True),
                        (38, muted("counted"), True),
                        (-1, muted("difference"), True),
                    ),
                    RULE,
                    result("Cash", "9,270.00", "9,230.00", Said("short", mark=Mark.SHORT), "−40.00"),
                    result("Card", "3,480.00", "3,480.00", Said("agrees", mark=Mark.AGREES), "0.00"),
                    result("Voucher", "170.00", "190.00", Said("over", mark=Mark.OVER), "20.00"),
                    BLANK,
                    RULE,
                )
            )
        )
        self.figure = FigurePane(
            FigureView("−20.00", Said("short ₹", mark=Mark.SHORT), sentence="Short by 20.00 rupees.")
        )
        self.hours_head = Head(HeadView("Sales by hour"))
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
                answer=said("Enter closes the shift. After that it never changes."),
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


def sell(text: str = "2 dosa") -> SellScreen:
    return SellScreen(
        ORDER,
        total("470.00", "10 items", "22.38", "Total 470.00 rupees, 10 items."),
        EntryView(text, len(text), said("Added 1 × Masala Dosa. Total ₹470.00."), SUGGESTIONS),
    )


def sell_small() -> SellScreen:
    return SellScreen(
        SMALL_ORDER,
        total("240.00", "5 items", "11.43", "Total 240.00 rupees, 5 items."),
        EntryView("2 dosa", 6, said("Added 1 × Masala Dosa. Total ₹240.00."), SUGGESTIONS[:2]),
    )


def offline() -> SellScreen:
    light = Said("offline since 14:01, keep selling", mark=Mark.OFFLINE)
    return SellScreen(
        LONG_ORDER,
        total("859.50", "23 items, 1 line void", "40.93", "Total 859.50 rupees, 23 items."),
        EntryView(answer=said("Discount of 10 % on the order. Total ₹859.50.")),
        status=replace(STATUS, daypart="Lunch", time="14:09", light=light),
        head=HeadView("Order", "table 7"),
        board=NOON,
    )


def empty(screen: type[SellScreen]) -> SellScreen:
    nothing = OrderView(empty=("No lines yet.", "Type 2 idly, a number, or scan."))
    return screen(nothing, total("0.00", "0 items", "0.00", "Total 0.00 rupees, no items."), EntryView())


@dataclass(frozen=True)
class Scene:
    screen: Callable[[], LaidScreen[None]]
    size: tuple[int, int] = (120, 36)
    theme: str = "dark"
    depth: Depth = Depth.TRUE
    plain: bool = False


SCENES = {
    "sell-120x36": Scene(sell),
    "sell-80x24": Scene(sell_small, (80, 24)),
    "sell-offline": Scene(offline),
    "sell-light": Scene(sell, theme="light"),
    "sell-contrast": Scene(sell, theme="contrast"),
    "login": Scene(LoginScreen),
    "pay": Scene(PayScreen),
    "takeover": Scene(lambda: empty(TakeoverScreen)),
    "z-report": Scene(ZScreen),
    # Beyond the nine: the same on other sizes and terminals.
    "offline-80x24": Scene(offline, (80, 24)),
    "login-80x24": Scene(LoginScreen, (80, 24)),
    "pay-80x24": Scene(PayScreen, (80, 24)),
    "takeover-80x24": Scene(lambda: empty(TakeoverScreen), (80, 24)),
    "menu-80x24": Scene(lambda: empty(MenuSheetScreen), (80, 24)),
    "z-report-80x24": Scene(ZScreen, (80, 24)),
    "offline-160x50": Scene(offline, (160, 50)),
    "sell-120x24": Scene(sell, (120, 24)),
    "sell-60x16": Scene(sell, (60, 16)),
    "sell-40x10": Scene(sell, (40, 10)),
    "sell-39x9": Scene(sell, (39, 9)),
    "sell-16-colours": Scene(sell, depth=Depth.SIXTEEN),
    "offline-16-colours-light": Scene(offline, theme="light", depth=Depth.SIXTEEN),
    "sell-no-colour": Scene(sell, depth=Depth.NONE),
    "pay-contrast": Scene(PayScreen, theme="contrast"),
    "offline-plain": Scene(offline, plain=True),
    "takeover-plain-80x24": Scene(lambda: empty(TakeoverScreen), (80, 24), plain=True),
}


class Gallery(PaintedApp[None]):
    """Shows one scene."""

    pilot: Pilot[None]

    def __init__(self, scene: Scene) -> None:
        super().__init__(Paint(scene.theme, scene.depth, plain=scene.plain))
        self.scene = scene

    def get_default_screen(self) -> LaidScreen[None]:
        return self.scene.screen()


if __name__ == "__main__":
    Gallery(SCENES[sys.argv[1]]).run()
