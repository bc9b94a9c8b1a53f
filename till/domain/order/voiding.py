"""Decisions that take lines off an order, and bring them back: voids, and undoing a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import (
    LineError,
)
from till.domain.i18n import _
from till.domain.order import by_items
from till.domain.order.deciding import (
    check_open,
    check_reason,
    event_of,
    pieces_of,
    row_of,
)
from till.domain.order.events import (
    ChangeUndone,
    LineVoided,
)
from till.domain.order.facets import changed_by
from till.domain.order.sent import removal_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.events.envelope import Draft
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def void_row(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Void all lines of a row."""
    check_open(order)
    reason = check_reason(reason)
    row = row_of(order, line_id)
    by_items.check_removable(order, pieces_of(row))
    return [_voided(order, line, reason) for line in row.lines]


def void_line(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Void one line, but not the other lines of its row."""
    check_open(order)
    reason = check_reason(reason)
    row_of(order, line_id)
    by_items.check_removable(order, {line_id: abs(order.lines[line_id].quantity)})
    return [_voided(order, order.lines[line_id], reason)]


def _voided(order: Order, line: Line, reason: str) -> Draft:
    return event_of(
        order, LineVoided(line_id=line.id, reason=reason, removed=removal_record(line, line.shown_quantity))
    )


def restore_voids(order: Order, line_ids: Sequence[str]) -> list[Draft]:
    """Restore voided lines in their places, with all their changes, by undoing every void."""
    check_open(order)
    drafts: list[Draft] = []
    for line_id in line_ids:
        line = order.lines.get(line_id)
        if line is None or line.moved:
            raise LineError
        if not line.voids:
            raise LineError(_("{name} is already back.").format(name=line.name))
        if line.shown_quantity:
            drafts += [event_of(order, ChangeUndone(event=void.event)) for void in line.voids]
    if not drafts:
        raise LineError(_("There is nothing left of it to undo."))
    return drafts


def undo_changes(order: Order, events: Sequence[str]) -> list[Draft]:
    """Undo events."""
    check_open(order)
    if any(line.moved and not changed_by(line).isdisjoint(events) for line in order.lines.values()):
        raise LineError(_("That line is now on another order: change it there."))
    drafts = [event_of(order, ChangeUndone(event=event)) for event in events if event not in order.undone]
    if not drafts:
        raise LineError(_("There is nothing left of it to undo."))
    return drafts
