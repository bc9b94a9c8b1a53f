"""The rows of a document, such as a receipt, shown in place of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.paper.document import ORIGINAL, RowRole
from till.domain.paper.receipt import Sold, make_receipt
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import RowsView, RowView, cell, in_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.fiscal import FiscalWords
    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order
    from till.domain.paper.document import Document, DocumentRow, Stamp
    from till.domain.venue import Venue

#: The column of the state of a paper.
_STATE: Final = 20
#: The width of a column of numbers.
_STEP: Final = 11
_BOLD: Final = frozenset({RowRole.MARK, RowRole.HEADING, RowRole.TOTAL, RowRole.ALERT})
#: The rows that only paper has room for.
_LEFT_OUT: Final = frozenset({RowRole.NAME, RowRole.CENTRE, RowRole.EMPTY, RowRole.DOUBLE, RowRole.CODE})


def receipt_view(
    order: Order,
    placed: OrderPlaced,
    venue: Venue,
    formats: Formats,
    at: datetime,
    name_of: Callable[[str], str],
    stamp: Stamp = ORIGINAL,
    words: FiscalWords | None = None,
) -> RowsView:
    """Return the receipt; `at` is the venue's local time, and `name_of` returns the label of a tender."""
    return rows_view(make_receipt(Sold(order, placed, at, words=words), venue, formats, name_of, stamp))


def rows_view(document: Document) -> RowsView:
    """Return the rows of a document, without the venue, empty rows and the rules around its total."""
    return RowsView(tuple(_row(row) for row in document.rows if row.role not in _LEFT_OUT))


def _row(row: DocumentRow) -> RowView:
    if row.role is RowRole.RULE:
        return RowView(rule=True)
    tone, bold = Tone.MUTED if row.role is RowRole.MUTED else Tone.TEXT, row.role in _BOLD
    numbers = [
        cell(-2 - _STEP * place, number, tone, bold=bold, right=True)
        for place, number in enumerate((row.right, *reversed(row.middle)))
        if number
    ]
    return in_row(cell(1, row.left, tone, bold=bold), *reversed(numbers))


def with_papers(rows: RowsView, papers: Sequence[tuple[str, str]]) -> RowsView:
    """Put the papers of a sale with their states below its receipt."""
    if not papers:
        return rows
    states = (in_row(cell(1, name), cell(_STATE, state, bold=True, whole=True)) for name, state in papers)
    return RowsView((*rows.rows, RowView(rule=True), *states))
