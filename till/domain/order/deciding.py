"""The beginnings of every decision on an order: its checks, and the draft of an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from till.domain.errors import (
    LineError,
    OrderClosedError,
    PaymentError,
    ReasonNeededError,
    TillError,
)
from till.domain.events.envelope import Draft
from till.domain.i18n import N_, _
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.registry import EventData
    from till.domain.money.measures import Minor
    from till.domain.order.line import Row
    from till.domain.order.state import Order


class EmptyOrderError(TillError):
    """An order without lines to pay."""

    code = "empty_order"
    default = N_("There are no lines to pay. Key an item first.")


def event_of(order: Order, data: EventData) -> Draft:
    """Return the draft of an event of an order."""
    return Draft(data, order.id)


def check_active(order: Order) -> None:
    """Refuse to change an order that is not active."""
    if order.status is Status.PENDING_LOGOUT:
        raise OrderClosedError(_("This order is suspended. F5 resumes it."))
    if order.status is Status.ASSIGNED_TO_TAB:
        name = tab_name(order.tab.name) if order.tab else ""
        raise OrderClosedError(_("This order is on {name}. Recall it with F8.").format(name=name))
    if order.status is Status.DISCARDED:
        raise OrderClosedError(_("This order was cleared. The next line starts a new one."))
    if order.status is not Status.ACTIVE:
        raise OrderClosedError


def check_open(order: Order) -> None:
    """Refuse to change an order that is not active, or whose payment has no answer yet."""
    check_active(order)
    check_paying(order)


def check_paying(order: Order) -> None:
    """Refuse to change an order whose payment has no answer yet."""
    if order.pending_payment:
        raise PaymentError(_("A payment is under way. F9 shows it, and settles it."))


def paid_sentence(order: Order, money: Callable[[Minor], str] | None = None) -> str:
    """Return a sentence with the amount paid on an order and the screen that settles it.

    Args:
        order: the order.
        money: formats an amount; None for the format without a locale.
    """
    paid = (money or order.terms.currency.money)(order.paid)
    if order.is_empty:
        sentence = _("{paid} was taken and no line is left. Pay (F9) refunds it.")
    else:
        sentence = _("{paid} is paid. Pay (F9) takes the rest, or refunds it.")
    return sentence.format(paid=paid)


def is_worded(reason: str) -> bool:
    """Return True if a reason is not empty and not just digits, which may be a PIN."""
    return re.fullmatch(r"[\d\s]*", reason) is None


def check_reason(reason: str) -> str:
    """Return the cleaned reason."""
    kept = clean(reason).strip()
    if not is_worded(kept):
        raise ReasonNeededError
    return kept


def row_of(order: Order, line_id: str) -> Row:
    """Return the row of a line."""
    for row in order.priced.rows:
        if line_id in row.line_ids:
            return row
    raise LineError


def pieces_of(row: Row) -> dict[str, int]:
    """Return the number of pieces of each line of a row."""
    return {line.id: abs(line.quantity) for line in row.lines}


def check_not_empty(order: Order) -> None:
    """Refuse an order without lines."""
    if order.is_empty:
        raise EmptyOrderError
