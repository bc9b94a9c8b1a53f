"""Decisions on the notes of an order and of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.fields import LONGEST
from till.domain.order.deciding import (
    check_open,
    event_of,
    row_of,
)
from till.domain.order.events import (
    LineNoted,
    OrderNoted,
)
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order


def note_order(order: Order, note: str) -> list[Draft]:
    """Set the note of the whole order; an empty one clears it."""
    check_open(order)
    kept = clean(note).strip()[:LONGEST]
    return [] if kept == order.note else [event_of(order, OrderNoted(note=kept))]


def note_row(order: Order, line_id: str, note: str) -> list[Draft]:
    """Set the note of a row; an empty one clears it."""
    check_open(order)
    kept = clean(note).strip()[:LONGEST]
    row = row_of(order, line_id)
    return [event_of(order, LineNoted(line_id=line.id, note=kept)) for line in row.lines if line.note != kept]
