"""A till whose clock is days off: its events have the time of the database, once that is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.register.conftest import VENUE, Till
from till.domain.errors import TillError

if TYPE_CHECKING:
    from till.domain.order.state import Order

#: 10:31 on Tuesday 3 March in Udupi, which every till here thinks it is.
HERE = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
DAYS = pytest.mark.parametrize("days", [3, -3])


def paid(till: Till, order: Order) -> tuple[str, str]:
    """Pay an order; return its business date, and the day on its receipt."""
    placed = till.register.checkout.pay_exact(order.id).placed
    assert placed is not None
    return placed.data.business_date, till.register.venue.local(placed.at).date().isoformat()


@DAYS
def test_a_sale_is_of_the_day_of_the_database(till: Till, days: int) -> None:
    till.register.time_received(HERE + timedelta(days=days))
    day = f"2026-03-{3 + days:02}" if days > 0 else "2026-02-28"
    assert paid(till, till.order(1)) == (day, day)


@DAYS
def test_an_order_begun_before_the_database_was_heard_is_of_its_day_when_it_is_paid_after(
    till: Till, days: int
) -> None:
    order, server_time = till.order(1), HERE + timedelta(days=days)
    till.register.time_received(server_time)
    order = till.add(order.id, 2)
    day = till.register.venue.business_date(server_time).isoformat()
    assert paid(till, order) == (day, day)
    assert [line.name for line in order.lines.values()] == ["Idly", "Masala Dosa"]
    ids = [event.id for event in till.journal.own]
    assert ids == sorted(ids)


@DAYS
def test_the_last_order_before_is_of_the_clocks_day_and_the_next_of_the_databases(till: Till, days: int) -> None:
    assert paid(till, till.order(1)) == ("2026-03-03", "2026-03-03")
    server_time = HERE + timedelta(days=days)
    till.register.time_received(server_time)
    day = till.register.venue.business_date(server_time).isoformat()
    assert paid(till, till.order(1)) == (day, day)


@pytest.mark.parametrize(("behind", "is_followed"), [(0.001, False), (29.9, False), (30, True), (-0.001, True)])
def test_a_slow_reply_does_not_turn_time_back(till: Till, *, behind: float, is_followed: bool) -> None:
    till.register.time_received(HERE)
    till.clock.move(seconds=60)
    known = till.register.ledger.now()
    server_time = known - timedelta(seconds=behind)
    till.register.time_received(server_time)
    assert till.register.ledger.now() == (server_time if is_followed else known)


def test_the_day_ends_at_the_hour_of_the_venue_by_the_given_time(till: Till) -> None:
    till.journal.cache("settings", 2, VENUE | {"business_day_ends": "04:00"})
    till.register.reference_changed(["settings"])
    server_time = datetime(2026, 3, 6, 22, 29, 30, tzinfo=UTC)  # 03:59:30 on the seventh, by the wall
    till.register.time_received(server_time)
    assert paid(till, till.order(1))[0] == "2026-03-06"
    till.clock.move(seconds=30)
    assert paid(till, till.order(1))[0] == "2026-03-07"


def test_an_item_sold_by_the_hour_goes_by_the_given_time(till: Till) -> None:
    with pytest.raises(TillError, match="sold 16:00 to 20:00"):
        till.order(5)
    till.register.time_received(HERE + timedelta(days=3, hours=7))  # 17:31
    assert till.order(5).total == 4_500


def test_a_start_knows_the_clock_alone_until_the_database_is_heard_again(till: Till) -> None:
    """A clock may have been corrected while the till was closed: the old offset would make it wrong again."""
    till.register.time_received(HERE + timedelta(days=3))
    assert paid(till, till.order(1))[0] == "2026-03-06"
    till.clock.move(hours=1)
    till.clock.jump(days=3)
    till.start()
    assert paid(till, till.order(1))[0] == "2026-03-06"
