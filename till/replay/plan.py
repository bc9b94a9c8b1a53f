"""The plan of a replay: the rows of all sales by time, and the order in which a sale's payments settle it."""

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

    from till.replay.trading import Paid, Sale, SoldLine, Trading


@dataclass(frozen=True, slots=True)
class Step:
    """One row to key.

    Attributes:
        at: when it was keyed, aware, moved to the date that its day counts for here.
        day: the date that it represents.
        opened: when the first row of its sale was keyed, likewise.
        is_last: True if the sale has no further row.
    """

    at: datetime
    day: date
    opened: datetime
    sale: Sale
    row: SoldLine | Paid
    is_last: bool


def in_order(trading: Trading, dates: Mapping[int, date], zone: tzinfo) -> list[Step]:
    """Return all rows by time, as at the real bar: many sales open at once, some overnight.

    Args:
        trading: the recorded trading.
        dates: the date that each of its days counts for here.
        zone: the time zone of the recorded times.
    """
    shifts = {day.number: dates[day.number] - day.date for day in trading.days}
    found: list[tuple[datetime, Step]] = []
    for sale in trading.sales:
        shift, rows = shifts.get(sale.day, timedelta(0)), sale.rows
        opened = (rows[0].at + shift).replace(tzinfo=zone)
        for place, row in enumerate(rows, 1):
            at = row.at + shift
            step = Step(at.replace(tzinfo=zone), dates[sale.day], opened, sale, row, is_last=place == len(rows))
            found.append((at, step))
    # By the wall clock, and stably: an hour that a change of clock repeats keeps the order within each sale.
    return [step for _at, step in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class Handed:
    """A payment as the register gets it.

    Attributes:
        cashback: more than is due, and the rest goes back in cash though the tender is another.
    """

    payment: Paid
    cashback: bool = False


def settlement(total: Minor, payments: Sequence[Paid]) -> list[Handed]:
    """Return the payments of a sale in an order that a register accepts, with each tender's sum kept exactly.

    Cash that went back beside a sum taken is change, or cashback if no cash payment was large enough. Money that goes
    the other way and is neither (such as a card refunded beside cash taken) comes first. Attempts are left out.

    Args:
        total: the total of the sale, in minor units; equal to the sum of the payments.
        payments: those of the sale.
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


def _with_cash_enough(payments: Sequence[Paid], change: Minor) -> list[Paid]:
    """Combine cash payments into one if only together they exceed the change."""
    cash = [payment for payment in payments if payment.tender == CASH]
    together = sum_of(payment.amount for payment in cash)
    if together <= change or any(payment.amount > change for payment in cash):
        return list(payments)
    return [*(payment for payment in payments if payment.tender != CASH), replace(cash[0], amount=together)]
