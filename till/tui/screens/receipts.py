"""The receipt of a sale, shown in place of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.order.selling import wishes
from till.domain.payment.names import ACCOUNT
from till.domain.receipt import ReceiptRow, Sold, make_receipt
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import CellView, RowsView, RowView, StyledText

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order
    from till.domain.venue import Venue


def wishes_of(order: Order) -> dict[str, tuple[str, ...]]:
    """Return the wishes in each note on a line, by event. An erased note has no words left."""
    notes = (note for line in order.lines.values() for note in line.notes)
    return {note.event: wishes(note.words) for note in notes}


def receipt_view(
    order: Order, placed: OrderPlaced, venue: Venue, formats: Formats, at: datetime, name_of: Callable[[str], str]
) -> RowsView:
    """Return the receipt; `at` is the venue's local time, and `name_of` returns the label of a tender."""
    wished = wishes_of(order)
    balances = {payment.id: payment.balance for payment in order.payments.values() if payment.balance is not None}
    customer = order.customer
    paid_by = [payment for payment in order.payments.values() if payment.tender == ACCOUNT]
    guests = {one.id: customer.name for one in paid_by if customer is not None and customer.id == one.reference[0]}
    sold = Sold(placed, order.terms, at, order.place_name, wished, balances, guests, order.lines)
    rows: list[RowView] = []
    for part in make_receipt(sold, venue, formats, name_of).parts:
        rows += [RowView(rule=True)] if rows else []
        rows += [_row(row) for row in part]
    return RowsView(tuple(rows))


def _row(row: ReceiptRow) -> RowView:
    tone = Tone.MUTED if row.muted else Tone.TEXT
    left = StyledText(row.left, tone, bold=row.bold or row.heading)
    return RowView((CellView(1, left), CellView(-2, StyledText(row.right, tone, bold=row.bold), right=True)))
