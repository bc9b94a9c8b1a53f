"""Payment by items: the share of some pieces in the order, and the lock on pieces that are paid for.

The order is priced as a whole. A row's part of the total is shared by its pieces. The payment of the last pieces takes
all that is still due, so the parts sum to the total in any sequence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, PaymentError
from till.domain.i18n import ngettext
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.money.rounding import rounded
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.line import Line
    from till.domain.order.state import Order


def unpaid(order: Order, line: Line) -> int:
    """Return the number of pieces of a line that no payment is for."""
    return max(0, abs(line.quantity) - order.paid_for.get(line.id, 0))


def unpaid_pieces(order: Order) -> dict[str, int]:
    """Return the number of pieces of each line that no payment is for, for lines that have some."""
    lines = (line for row in order.priced.rows for line in row.lines)
    return {line.id: pieces for line in lines if (pieces := unpaid(order, line))}


def check_unpaid(order: Order, pieces: Mapping[str, int]) -> None:
    """Refuse payment for pieces that are not there or are paid for already.

    Raises:
        LineError: they are not on the order.
        PaymentError: it names what is paid for.
    """
    lines = order.lines
    if any(line_id not in lines or not 1 <= count <= abs(lines[line_id].quantity) for line_id, count in pieces.items()):
        raise LineError
    check_stays(order, pieces)


def check_stays(order: Order, leaving: Mapping[str, int]) -> None:
    """Refuse to remove pieces from their lines while a payment is for them.

    Args:
        order: the order.
        leaving: the pieces of each line that are to be voided, taken off, cut or moved.

    Raises:
        PaymentError: it names what is paid for.
    """
    held = [
        line
        for line_id, count in leaving.items()
        if (line := order.lines.get(line_id)) is not None and line.quantity and count > unpaid(order, line)
    ]
    if not held:
        return
    name = held[0].name
    count = sum(min(order.paid_for[line.id], abs(line.quantity)) for line in held if line.name == name)
    sentence = ngettext(
        "{count} {name} is paid for: refund that payment first.",
        "{count} {name} are paid for: refund that payment first.",
        count,
    )
    raise PaymentError(sentence.format(count=count, name=clean(name)))


def share_of(order: Order, pieces: Mapping[str, int]) -> Minor:
    """Return the share of pieces in the total, with taxes, discounts and the charge; never more than is due.

    The share of the last pieces is all that is due.
    """
    if all(pieces.get(line_id, 0) >= left for line_id, left in unpaid_pieces(order).items()):
        return order.due
    rows = order.priced.rows
    gross = [row.taxed.gross for row in rows]
    beside = spread(Minor(order.total - sum(gross)), [abs(one) for one in gross])
    share = 0
    for row, own, more in zip(rows, gross, beside, strict=True):
        before = sum(min(order.paid_for.get(line.id, 0), abs(line.quantity)) for line in row.lines)
        after, whole = before + sum(pieces.get(line.id, 0) for line in row.lines), abs(row.quantity)
        share += rounded((own + more) * after, whole) - rounded((own + more) * before, whole)
    return Minor(min(share, order.due))
