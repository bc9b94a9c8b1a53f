"""Order in which parts give way where there is no room: money stays, and no amount is ever cut into another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from till.tui.drawing.palette import Depth, Paint
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    FactsView,
    FactView,
    FigureView,
    HeadView,
    LineView,
    ModifierView,
    OrderView,
    PlanRow,
    PlanView,
    StyledText,
    TableView,
    TotalView,
)
from till.tui.drawing.widgets.choices import ANSWER_COLUMNS, ChoiceList, FactList
from till.tui.drawing.widgets.line import TextLine
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.sheet import SheetBand
from till.tui.drawing.widgets.tables import TablePlan
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from textual.strip import Strip

    from till.tui.drawing.widgets.drawn import Drawn

WIDTHS = st.integers(36, 130)
PAINTS = st.booleans().map(lambda plain: Paint("dark", Depth.TRUE, plain=plain))
AMOUNTS = st.sampled_from(["5.00", "240.00", "1,240.00", "12,40,240.00", "2,10,12,40,240.00"])
NAMES = st.sampled_from(["Idly", "Masala Dosa", "Rava Onion Masala Dosa with everything on it and more"])


def rows(widget: Drawn[Any], paint: Paint, width: int, height: int) -> list[str]:
    """Draw a widget without an app, and return its rows."""

    here = type("Here", (type(widget),), {"size": Size(width, height), "paint": paint})
    widget.__class__ = here
    found: list[TextLine | Strip] = [widget.draw(y) for y in range(height)]
    return [(line.strip() if isinstance(line, TextLine) else line).text for line in found]


def amounts(text: str) -> set[str]:
    """Return every amount in a text, with its symbol."""
    return {found.rstrip(".,") for found in re.findall(r"₹[\d,.]+", text)}


class Drawing(OrderList):
    """The rows of the first line of an order, one after another."""

    def draw(self, y: int) -> TextLine:
        return self.draw_entry(self.entries()[0], y, False)


@given(
    WIDTHS,
    st.sampled_from([1, 4, 8]),
    PAINTS,
    AMOUNTS,
    AMOUNTS,
    st.integers(1, 9999),
    st.integers(0, 12),
    st.booleans(),
)
def test_the_amount_paid_is_the_last_fact_dropped_under_an_order(
    width: int, height: int, paint: Paint, total: str, paid: str, items: int, voids: int, taxed: bool
) -> None:
    facts = [f"₹{paid} paid", f"{items} items", f"{voids} lines void" if voids else ""]
    sentence = f"Total ₹{total}, {', '.join(fact for fact in facts if fact)}."
    view = TotalView(
        FigureView(total, StyledText("Total ₹"), sentence=sentence),
        StyledText(facts[1]),
        (StyledText("GST 5 % included"), StyledText("11.43")) if taxed else (),
        StyledText(facts[2]) if voids else None,
        StyledText(facts[0]),
    )
    drawn = rows(TotalPane(view, inset=1), paint, width, height)
    text = "\n".join(drawn)
    both = f"Total ₹{total}, ₹{paid}..." if paint.plain else f"{total}    {facts[0]}"  # a cut sentence ends in dots
    if len(both) > width - 2:
        return  # not even both amounts have room on one row
    assert (f"₹{paid}" if paint.plain else facts[0]) in text, drawn  # a sentence goes word by word
    assert facts[1] in text or not voids or facts[2] not in text
    assert amounts(text) <= {f"₹{total}", f"₹{paid}"}


@given(WIDTHS, st.sampled_from([1, 4, 8]), AMOUNTS, AMOUNTS, st.integers(1, 9999), st.booleans(), st.booleans())
def test_service_charge_is_dropped_after_all_but_the_amount_paid(
    width: int, height: int, total: str, amount: str, items: int, voids: bool, taxed: bool
) -> None:
    charged, counted, void = f"service {amount}, to pay {total}", f"{items} items", "1 line void"
    view = TotalView(
        FigureView(total, StyledText("Total ₹")),
        StyledText(counted),
        (StyledText("GST 5 % included"), StyledText("11.43")) if taxed else (),
        StyledText(void) if voids else None,
        charged=StyledText(charged),
    )
    drawn = rows(TotalPane(view, inset=1), Paint("dark", Depth.TRUE), width, height)
    text = "\n".join(drawn)
    if len(f"{total}    {charged}") > width - 2:
        return  # not even both amounts have room on one row
    assert charged in text, drawn
    assert counted in text or void not in text


@given(WIDTHS, PAINTS, AMOUNTS, AMOUNTS)
def test_the_amount_paid_stays_though_the_change_in_pieces_has_no_room(
    width: int, paint: Paint, change: str, paid: str
) -> None:
    pieces = tuple(StyledText(f" {count} × {value}") for count, value in ((2, 500), (1, 200), (1, 50), (3, 10)))
    view = TotalView(FigureView(change, StyledText("Change ₹")), right=pieces, paid=StyledText(f"Paid ₹{paid}"))
    text = "\n".join(rows(TotalPane(view, inset=1), paint, width, 8))
    assert f"Paid ₹{paid}" in text
    handed = [piece.text.strip() in text for piece in pieces]
    assert all(handed) or not any(handed)


@given(WIDTHS, PAINTS, AMOUNTS, AMOUNTS, NAMES)
def test_a_row_of_choices_keeps_its_amount(width: int, paint: Paint, right: str, paid: str, name: str) -> None:
    detail = StyledText(f"₹{paid} paid, cashier 1, Masala Dosa, Idly")
    view = ChoicesView((ChoiceView("1", name, detail, StyledText(f"₹{right}")),))
    (row,) = rows(ChoiceList(view, ANSWER_COLUMNS), paint, width, 1)
    assert row.rstrip().endswith(f"₹{right}")
    assert amounts(row) <= {f"₹{right}", f"₹{paid}"}


@given(st.integers(24, 70), PAINTS, AMOUNTS, NAMES, st.booleans())
def test_a_table_shows_its_total_and_nothing_stands_on_it(
    width: int, paint: Paint, total: str, name: str, late: bool
) -> None:
    age = StyledText("14 min")
    table = TableView(name, "4", StyledText("cashier 1"), age, age if late else None, f"₹{total}")
    heads, row = rows(TablePlan(PlanView(((PlanRow("Hall", labels=True), PlanRow(table=table)),))), paint, width, 2)
    amount = f"₹{total}"
    assert row.rstrip().endswith(amount)
    assert row.removesuffix(" ").removesuffix(amount).endswith((" ", "…", "...")), "a gap, or a name that was cut"
    assert ("guests" in heads) == (" 4 " in row)


@given(WIDTHS, PAINTS, AMOUNTS)
def test_a_fact_shows_whole_amounts_or_none(width: int, paint: Paint, amount: str) -> None:
    view = FactsView((FactView("Sale", StyledText(f"₹{amount}, Till 2, 20:24, 2-000002, ₹{amount}")),))
    (row,) = rows(FactList(view), paint, width, 1)
    assert f"₹{amount}" in row
    assert amounts(row) == {f"₹{amount}"}


@given(WIDTHS, PAINTS, AMOUNTS, NAMES)
def test_the_head_of_a_sheet_shows_whole_amounts_or_none(width: int, paint: Paint, amount: str, name: str) -> None:
    band = SheetBand(HeadView(f"Give ₹{amount} back: {name}", f"2 lines, ₹{amount}"))
    text = "\n".join(rows(band, paint, width, 8))
    assert amounts(text) <= {f"₹{amount}"}


@given(WIDTHS, PAINTS, AMOUNTS, AMOUNTS, NAMES, st.sampled_from(["1", "12", "9999", "−3"]))
def test_a_line_keeps_its_amount_then_its_name_then_its_price(
    width: int, paint: Paint, amount: str, unit: str, name: str, quantity: str
) -> None:
    view = OrderView((LineView(name, amount, quantity, f"@ {unit}", (ModifierView(name, f"+{unit}"),)),))
    line, modifier = rows(Drawing(view), paint, width, 2)
    assert line.rstrip().endswith(amount)
    assert f"@ {unit}" in line or "@" not in line
    assert f"+{unit}" in modifier
    assert name[:4] in line
