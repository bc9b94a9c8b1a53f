"""Payment by items: the share of pieces in the total, and the lock on paid pieces.

The order is priced as a whole, and the pieces of a row share the row's part of the total. The payment for the last
pieces is for the whole amount due, so the shares add up to the total in any sequence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, PaymentError
from till.domain.i18n import ngettext
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.money.rounding import divide_and_round
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.line import Line
    from till.domain.order.state import Order


def unpaid(order: Order, line: Line) -> int:
    """Return the number of unpaid pieces of a line."""
    return max(0, abs(line.quantity) - order.paid_for.get(line.id, 0))


def unpaid_pieces(order: Order) -> dict[str, int]:
    """Return the number of unpaid pieces of each line that has any."""
    lines = (line for row in order.priced.rows for line in row.lines)
    return {line.id: pieces for line in lines if (pieces := unpaid(order, line))}


def check_unpaid(order: Order, pieces: Mapping[str, int]) -> None:
    """Refuse payment for pieces that are not on the order or are already paid."""
    lines = order.lines
    if any(line_id not in lines or not 1 <= count <= abs(lines[line_id].quantity) for line_id, count in pieces.items()):
        raise LineError
    check_removable(order, pieces)


def check_removable(order: Order, leaving: Mapping[str, int]) -> None:
    """Refuse to remove paid pieces from their lines.

    Args:
        order: the order.
        leaving: the number of pieces of each line to void, take off, cut or move.
    """
    paid_lines = [
        line
        for line_id, count in leaving.items()
        if (line := order.lines.get(line_id)) is not None and line.quantity and count > unpaid(order, line)
    ]
    if not paid_lines:
        return
    name = paid_lines[0].name
    count = sum(min(order.paid_for[line.id], abs(line.quantity)) for line in paid_lines if line.name == name)
    sentence = ngettext(
        "{count} {name} is paid for: refund that payment first.",
        "{count} {name} are paid for: refund that payment first.",
        count,
    )
    raise PaymentError(sentence.format(count=count, name=clean(name)))


def share_of(order: Order, pieces: Mapping[str, int]) -> Minor:
    """Return the share of pieces in the total, with taxes, discounts and the service charge; at most the amount due.

    The share of the last unpaid pieces is the whole amount due.
    """
    if all(pieces.get(line_id, 0) >= left for line_id, left in unpaid_pieces(order).items()):
        return order.due
    share = 0
    for row, amount in zip(order.priced.rows, amounts_of(order), strict=True):
        before = sum(min(order.paid_for.get(line.id, 0), abs(line.quantity)) for line in row.lines)
        after, whole = before + sum(pieces.get(line.id, 0) for line in row.lines), abs(row.quantity)
        share += divide_and_round(amount * after, whole) - divide_and_round(amount * before, whole)
    return Minor(min(share, order.due))


def amounts_of(order: Order) -> list[Minor]:
    """Return the part of each row in the total, with its share of the service charge if it bears it."""
    priced = order.priced
    gross = [row.taxed.gross for row in priced.rows]
    weights = [abs(row.taxed.gross) if priced.is_charged(row) else 0 for row in priced.rows]
    extra = spread(Minor(order.total - sum(gross)), weights)
    return [Minor(own + more) for own, more in zip(gross, extra, strict=True)]
