"""Sums of the rows of a recorded sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.amount import PRICE_SCALE
from till.domain.money.measures import Minor, Price4, sum_of
from tools.replay.trading import CURRENCY

if TYPE_CHECKING:
    from tools.replay.trading import RecordedSale, Trading


def ref_of(sale: RecordedSale) -> str:
    """Return the reference of a sale in the till: day and number."""
    return f"{sale.day}/{sale.id}"


def total4_of(sale: RecordedSale) -> Price4:
    """Return the exact sum of the lines, in ten-thousandths."""
    return Price4(sum(line.quantity * line.price4 for line in sale.lines))


def paid_of(sale: RecordedSale) -> Minor:
    """Return the sum of the payments."""
    return sum_of(payment.amount for payment in sale.payments)


def has_activity(sale: RecordedSale) -> bool:
    """True if anything was sold or any money moved, not only failed attempts to pay."""
    return any(line.quantity for line in sale.lines) or any(payment.amount for payment in sale.payments)


def balances(sale: RecordedSale) -> bool:
    """True if the sums of lines and payments are equal."""
    return total4_of(sale) * CURRENCY.scale == paid_of(sale) * PRICE_SCALE


def users_of(trading: Trading) -> list[int]:
    """Return the staff numbers in the rows."""
    rows = (row for sale in trading.sales for row in sale.rows)
    return sorted({row.user for row in rows if row.user is not None})
