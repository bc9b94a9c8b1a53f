"""Views for the scenes: the breakfast, the orders and the words of the pictures."""

from __future__ import annotations

from msgspec.structs import replace

from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    BoardView,
    CategoryBarView,
    CategoryView,
    FigureView,
    ItemView,
    KeysView,
    KeyView,
    LineView,
    ModifierView,
    OrderView,
    StatusView,
    StyledText,
    SuggestionView,
    TotalView,
)

SAVED = StyledText("saved", mark=Mark.SAVED)
STATUS = StatusView("Udupi Corner", "Till 1", "cashier 1", "Breakfast", "10:31", SAVED)


def styled(text: str, *, bold: bool = False) -> StyledText:
    return StyledText(text, bold=bold)


def muted(text: str) -> StyledText:
    return StyledText(text, Tone.MUTED)


def items(rows: str) -> tuple[ItemView, ...]:
    """Read items from text such as `1 Idly 40.00/3 Medu Vada 50.00 86`."""
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
TABS = CategoryBarView(("All", "Breakfast", "Lunch", "Drinks", "Sweets", "Extras"))
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
        FigureView(figure, styled(label, bold=True), sentence=sentence),
        muted(left),
        (muted("GST 5 % included"), muted(tax)),
    )
