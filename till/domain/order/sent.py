"""What was saved on a tab is sent: what is taken off it then needs a right, and is told apart (design §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.measures import Minor
from till.domain.order.events import LineVoided, OrderDiscarded, QuantityChanged
from till.domain.staff.rights import Act, Asked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Draft
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def sent_asked(order: Order, drafts: Iterable[Draft]) -> Asked | None:
    """What a right is needed for to do this: by how much of what was sent goes; None where nothing of it does.

    Args:
        order: as it stands.
        drafts: what is to be done to it.
    """
    amounts = [amount for draft in drafts for amount in _taken_off(order, draft)]
    return Asked(Act.VOID_SENT, Minor(sum(amounts))) if amounts else None


def _taken_off(order: Order, draft: Draft) -> Iterable[Minor]:
    """What of lines that were sent goes, at the prices that were keyed."""
    match draft.data:
        case LineVoided(sent=True, line_id=line_id):
            yield _worth(order.lines[line_id])
        case QuantityChanged(sent=True, line_id=line_id, taken_off=pieces):
            line = order.lines[line_id]
            yield line.amount_of(-pieces if line.keyed < 0 else pieces)
        case OrderDiscarded(sent=True, line_ids=line_ids):
            yield from (_worth(line) for one in line_ids if (line := order.lines[one]).sent)
        case _:
            pass


def _worth(line: Line) -> Minor:
    return line.amount_of(line.shown_quantity)
