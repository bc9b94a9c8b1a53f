"""The plan of a replay: the rows of all sales by time, and the order of the payments of a sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from till.domain.money.measures import Minor, sum_of
from till.domain.order.paying import CASH
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from tools.replay.trading import RecordedPayment, RecordedSale, SoldLine, Trading


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row to key.

    Attributes:
        at: the aware time of the row, moved to the business date of its day.
        day: the business date.
        opened: the aware time of the first row of the sale, moved likewise.
        sale: the sale.
        row: the row.
        is_last: True for the last row of the sale.
    """

    at: datetime
    day: date
    opened: datetime
    sale: RecordedSale
    row: SoldLine | RecordedPayment
    is_last: bool


def in_order(trading: Trading, dates: Mapping[int, date], zone: tzinfo) -> list[PlannedRow]:
    """Return all rows by time, as they were keyed: many sales are open at once, some overnight.

    Args:
        trading: the recorded trading.
        dates: the business date of each day.
        zone: the time zone of the recorded times.
    """
    shifts = {day.number: dates[day.number] - day.date for day in trading.days}
    found: list[tuple[datetime, PlannedRow]] = []
    for sale in trading.sales:
        shift, rows = shifts.get(sale.day, timedelta(0)), sale.rows
        opened = (rows[0].at + shift).replace(tzinfo=zone)
        for place, row in enumerate(rows, 1):
            at = row.at + shift
            step = PlannedRow(at.replace(tzinfo=zone), dates[sale.day], opened, sale, row, is_last=place == len(rows))
            found.append((at, step))
    # A stable sort by wall clock: when the clock repeats an hour, each sale keeps its order.
    return [step for _at, step in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class Handed:
    """A payment for the register.

    Attributes:
        payment: the payment.
        cashback: True if the amount exceeds the amount due and the rest is paid out in cash, though the tender is not
            cash.
    """

    payment: RecordedPayment
    cashback: bool = False


def settlement(total: Minor, payments: Sequence[RecordedPayment]) -> list[Handed]:
    """Return the payments of a sale in an order that a register accepts. The sum of each tender is unchanged.

    Cash paid out in a sale is change, or cashback if no cash payment is large enough. Other opposite payments (such as
    a card refund in a cash sale) come first. Attempts are omitted.

    Args:
        total: the total of the sale, in minor units; equal to the sum of the payments.
        payments: the payments of the sale.
    """
    moved = [payment for payment in payments if payment.amount]
    back = [payment for payment in moved if (payment.amount < 0) == (total >= 0)]
    good = [payment for payment in moved if (payment.amount < 0) != (total >= 0)]
    change = Minor(-sum(payment.amount for payment in back))
    if total > 0 and back and all(payment.tender == CASH for payment in back):
        good = _with_cash_enough(good, change)
        last = max((p for p in good if p.amount > change), key=lambda p: (p.tender == CASH, p.amount), default=None)
        if last is not None:
            before = [Handed(payment) for payment in good if payment is not last]
            return [*before, Handed(last, cashback=last.tender != CASH)]
    return [Handed(payment) for payment in (*back, *good)]


def _with_cash_enough(payments: Sequence[RecordedPayment], change: Minor) -> list[RecordedPayment]:
    """Combine the cash payments if they exceed the change only together."""
    cash = [payment for payment in payments if payment.tender == CASH]
    together = sum_of(payment.amount for payment in cash)
    if together <= change or any(payment.amount > change for payment in cash):
        return list(payments)
    return [*(payment for payment in payments if payment.tender != CASH), replace(cash[0], amount=together)]
