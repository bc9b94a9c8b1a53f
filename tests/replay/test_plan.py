"""Payments that balance are always accepted, and each tender keeps its sum."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.making import CUP, Desk, uid
from tests.replay.bar import Bar
from till.domain.money.measures import Minor, sum_of
from till.domain.order import paying
from till.domain.order.paying import Tendered
from tools.replay.files import read_trading
from tools.replay.pace import Pace
from tools.replay.plan import in_order, settlement
from tools.replay.trading import RecordedPayment

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2025, 7, 1, 12, 0)  # noqa: DTZ001 - the files' own clock
AMOUNTS = st.integers(-3_000, 3_000)
PAYMENTS = st.lists(st.tuples(st.sampled_from(["CASH", "SQUARE", "VOUCHER"]), AMOUNTS), max_size=6)


def rows(payments: list[tuple[str, Minor]]) -> list[RecordedPayment]:
    return [
        RecordedPayment(uid(f"payment {n}"), NOON, 4, tender, amount, n) for n, (tender, amount) in enumerate(payments)
    ]


def ring(total: Minor, payments: list[RecordedPayment]) -> dict[str, int]:
    """Pay an order by its settlement; what each tender took in the end."""
    desk = Desk()
    if total:
        desk.add(CUP, 1 if total > 0 else -1, abs(total) * 100)
    handed = settlement(total, payments)
    for number, one in enumerate(handed, 1):
        tendered = Tendered(one.payment.tender, one.payment.amount)
        drafts = paying.approve_payment(desk.order, one.payment.id, tendered, cashback=one.cashback, recorded=True)
        desk.do([*paying.start_payment(desk.order, one.payment.id, tendered), *drafts])
        assert paying.is_settled(desk.order) == (number == len(handed))
    sums: dict[str, int] = {}
    for payment in desk.place().payments:
        change = round(float(payment.change) * 100)
        taken = round(float(payment.amount) * 100) + change
        sums[payment.tender] = sums.get(payment.tender, 0) + taken
        sums["CASH"] = sums.get("CASH", 0) - change
    return {tender: amount for tender, amount in sums.items() if amount}


@given(PAYMENTS)
def test_any_payments_that_balance_settle_their_order_and_only_with_the_last(payments: list[tuple[str, Minor]]) -> None:
    assume(any(amount for _tender, amount in payments))
    wanted: dict[str, int] = {}
    for tender, amount in payments:
        wanted[tender] = wanted.get(tender, 0) + amount
    total = sum_of(amount for _tender, amount in payments)
    assert ring(total, rows(payments)) == {tender: amount for tender, amount in wanted.items() if amount}


@pytest.mark.parametrize(
    ("total", "payments", "handed"),
    [
        (480, [("CASH", 1000), ("CASH", -520)], [("CASH", 1000, False)]),
        (480, [("SQUARE", 0), ("SQUARE", 480)], [("SQUARE", 480, False)]),
        (480, [("SQUARE", 1480), ("CASH", -1000)], [("SQUARE", 1480, True)]),
        (
            480,
            [("CASH", 100), ("SQUARE", 1380), ("CASH", -1000)],
            [("CASH", 100, False), ("SQUARE", 1380, True)],
        ),
        (480, [("CASH", 500), ("CASH", 500), ("CASH", -520)], [("CASH", 1000, False)]),
        (-480, [("SQUARE", -480)], [("SQUARE", -480, False)]),
        (0, [("SQUARE", 500), ("CASH", -500)], [("CASH", -500, False), ("SQUARE", 500, False)]),
    ],
)
def test_payments_are_handed_over_as_at_the_bar(
    total: Minor, payments: list[tuple[str, Minor]], handed: list[tuple[str, int, bool]]
) -> None:
    found = settlement(total, rows(payments))
    assert [(one.payment.tender, one.payment.amount, one.cashback) for one in found] == handed


def test_rows_of_many_sales_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    bar = Bar()
    bar.sell("a", "Crisps", 1, "1.20", at="12:00")
    bar.sell("b", "Crisps", 1, "1.20", at="12:01")
    bar.sell("a", "Crisps", 1, "1.20", at="12:02")
    bar.pay("b", "CASH", "1.20", at="12:03")
    bar.pay("a", "CASH", "2.40", at="12:02")
    trading = read_trading(bar.write(tmp_path))
    dates = {day.number: day.date + timedelta(days=10) for day in trading.days}
    steps = in_order(trading, dates, UTC)
    assert [(step.sale.id, f"{step.at:%d %H:%M}", step.is_last) for step in steps] == [
        ("a", "11 12:00", False),
        ("b", "11 12:01", False),
        ("a", "11 12:02", False),
        ("a", "11 12:02", True),
        ("b", "11 12:03", True),
    ]
    assert {step.day.isoformat() for step in steps} == {"2025-07-11"}


async def test_a_pace_holds_recorded_time_to_real_time() -> None:
    waited: list[float] = []
    real = [100.0]

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        real[0] += seconds

    pace = Pace(60, monotonic=lambda: real[0], wait=wait)
    start = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
    for seconds in (0, 60, 90, 30, 600):
        await pace.until(start + timedelta(seconds=seconds))
        real[0] += 0.25
    assert waited == [0.75, 0.25, 8.0]
    plain = Pace(None, monotonic=lambda: real[0], wait=wait)
    await plain.until(start)
    await plain.until(start + timedelta(days=1))
    assert len(waited) == 3
