"""A believable week: sales at their hours, tables that are paid, and the same again from the same seed."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.register.conftest import MENU, STAFF, STORE, VENUE
from tests.register.fakes import SetClock
from till.domain.order.evolve import ORDERS
from till.domain.order.state import Order, Status
from till.training.profile import BUILT_IN
from till.training.week import Week
from till.wiring.parts import make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from pathlib import Path


class WeekClock(SetClock):
    """The clock of a till that is set to each guest."""

    def set(self, moment: datetime, day: date) -> None:
        assert abs((moment.date() - day).days) <= 1
        self.passed += max(0.0, (moment - self.time).total_seconds())
        self.time = moment


class Silent:
    """An outbox without a receiver."""

    def nudge(self, *, at_once: bool) -> None:
        del at_once


def ring(folder: Path, seed: int, hours: int) -> dict[str, Order]:
    """Ring the guests of some hours from 07:00 on, on a journal of their own, and return the orders."""
    clock = WeekClock(datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
    journal = open_journal(folder / f"{uuid.uuid4()}.sqlite", till=1, store_id=STORE)
    seed_cache(journal, {"settings": VENUE, "staff": STAFF, "menu": MENU})
    try:
        register = make_register(journal, clock, Silent(), till=1, store_id=STORE)
        written: dict[str, Order] = {}
        register.ledger.observe(ORDERS, lambda order: written.update({order.id: order}))
        week = Week(register, clock, BUILT_IN, Random(seed), [1, 2])  # noqa: S311 - a test repeats itself
        until = clock.time + timedelta(hours=hours)
        times = [*week.ring(clock.time.date(), until)]
        assert times
        assert times[-1] <= until
        return written
    finally:
        journal.close()


def test_a_week_is_rung_at_its_hours_and_every_table_is_paid(tmp_path: Path) -> None:
    written = ring(tmp_path, 1, 15)
    orders = [*written.values()]
    paid = [order for order in orders if order.status is Status.COMPLETED]
    assert len(paid) > 60
    waiting = [order for order in orders if order.status is Status.ASSIGNED_TO_TAB]
    assert len(waiting) + len(paid) == len(orders), "whoever still sits at a table pays later"
    hours = Counter((order.placed.at.hour + 5) % 24 for order in paid if order.placed is not None)
    assert hours[8] + hours[9] > hours[15] + hours[16], "the morning is busier than the afternoon"
    assert {order.user for order in paid} == {1, 2}
    assert any(line.void for order in orders for line in order.lines.values())
    assert any(line.discounts for order in orders for line in order.lines.values())


def test_equal_seeds_ring_equal_weeks(tmp_path: Path) -> None:
    totals = [[order.total for order in ring(tmp_path, seed, 3).values()] for seed in (3, 3, 4)]
    assert totals[0] == totals[1] != totals[2]
