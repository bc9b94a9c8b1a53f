"""A till whose clock is days away, with a real database: reports show its sales on the day that it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import sum_up
from tests.sync.real import VENUE
from tests.sync.rig import STORE
from till.domain.order.events import ItemAdded, LineVoided, Removed
from till.domain.venue import Venue, read_venue
from till.reports.declared import SALES, VOIDS

if TYPE_CHECKING:
    from tests.sync.real import Real
    from tests.sync.rig import Rig
    from till.reports.report import Report, ReportResult


def report(real: Real, venue: Venue, days: int = 0, of: Report = SALES) -> ReportResult:
    return sum_up(real.owner, STORE, of, venue.business_date(datetime.now(UTC)) + timedelta(days=days))


def sell(rig: Rig, *, void: bool = False) -> None:
    session = rig.open()
    rig.add(session)
    line = rig.add(session).data
    if void and isinstance(line, ItemAdded):
        off = Removed(item_name=line.item_name, pieces=1, amount="40.00")
        rig.write(LineVoided(line_id=line.line_id, reason="dropped", removed=off), session)
    rig.checkout().pay_exact(session)


@pytest.mark.parametrize("days", [3, -3])
async def test_sales_and_voids_are_of_the_day_and_the_hour_of_the_database(real: Real, rig: Rig, days: int) -> None:
    venue = read_venue(VENUE)
    rig.clock.at = datetime.now(UTC) + timedelta(days=days, hours=5)
    rig.ears.time_received = rig.ledger.hear_time  # type: ignore[method-assign] # as the register does
    begun = rig.open()  # by the clock
    rig.add(begun)
    async with real.steps(rig) as steps:
        await steps.settle()
        hours = {f"{venue.local(datetime.now(UTC)):%H}:00"}
        sell(rig, void=True)
        rig.checkout().pay_exact(begun)
        hours.add(f"{venue.local(datetime.now(UTC)):%H}:00")
        await steps.settle()
    found = report(real, venue)
    assert (found.figure("sales"), found.figure("total")) == (2, 8_000)
    assert {f"{hour:02d}:00" for hour, _sales, _amount in found.rows("hours")} <= hours
    assert report(real, venue, days).figure("sales") == 0
    (voids,) = report(real, venue, of=VOIDS).rows("people")
    assert voids[2:5] == ("void", False, 1)
    off = "ahead" if days > 0 else "behind"
    assert rig.light.notice == f"This till's clock is 3 days {off}. Set it; keep selling."
