"""A till whose clock is days away, with a real database: reports show its sales on the day that it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from db.engine import reading
from tests.sync.real import VENUE
from tests.sync.rig import STORE
from till.domain.money.amount import Currency
from till.domain.order.events import ItemAdded, LineVoided, Removed
from till.domain.venue import Venue, read_venue
from till.register.payments.checkout import Checkout
from till.register.reference import Reference
from till.reports.sales import SalesReport, read_sales
from till.reports.taken_off import read_taken_off

if TYPE_CHECKING:
    from tests.sync.real import Real
    from tests.sync.rig import Rig


def report(real: Real, venue: Venue, days: int = 0) -> SalesReport:
    day = venue.business_date(datetime.now(UTC)) + timedelta(days=days)
    with reading(real.database.owner) as connection:
        return read_sales(connection, STORE, day, venue)


def sell(rig: Rig, *, void: bool = False) -> None:
    session = rig.open()
    rig.add(session)
    line = rig.add(session).data
    if void and isinstance(line, ItemAdded):
        off = Removed(item_name=line.item_name, pieces=1, amount="40.00")
        rig.write(LineVoided(line_id=line.line_id, reason="dropped", removed=off), session)
    Checkout(rig.ledger, Reference(rig.journal, rig.ledger.now)).pay_exact(session)


@pytest.mark.parametrize("days", [3, -3])
async def test_sales_and_voids_are_of_the_day_and_the_hour_of_the_database(real: Real, rig: Rig, days: int) -> None:
    venue = read_venue(VENUE)
    rig.clock.at = datetime.now(UTC) + timedelta(days=days, hours=5)
    rig.ears.time_told = rig.ledger.hear_time  # type: ignore[method-assign] # as the register does
    begun = rig.open()  # by the clock
    rig.add(begun)
    async with real.steps(rig) as steps:
        await steps.settle()
        hours = {f"{venue.local(datetime.now(UTC)):%H}:00"}
        sell(rig, void=True)
        Checkout(rig.ledger, Reference(rig.journal, rig.ledger.now)).pay_exact(begun)
        hours.add(f"{venue.local(datetime.now(UTC)):%H}:00")
        await steps.settle()
    found = report(real, venue)
    assert (found.currency, found.sales, found.total) == (Currency("INR"), 2, 8_000)
    assert {hour.hour for hour in found.hours} <= hours
    assert report(real, venue, days).sales == 0
    today = venue.business_date(datetime.now(UTC))
    with reading(real.database.owner) as connection:
        voids = read_taken_off(connection, STORE, today, venue)
    assert [(one.kind, one.times) for one in voids.people] == [("void", 1)]
    off = "ahead" if days > 0 else "behind"
    assert rig.light.notice == f"This till's clock is 3 days {off}: correct it. Keep selling."
