"""The mark before which the sums of all days are stored: the maintenance looks at the days from it on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, Cart, new_id

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

_STORE_ALL = """
    INSERT INTO cold.report_days (store_id, view, business_date, rows)
    SELECT c.store_id, v.view, c.business_date, '[]' FROM cold.rolled_views() AS v CROSS JOIN cold.calendar AS c
    WHERE c.store_id = %s AND c.business_date < till.business_date(c.store_id, now()) - v.after
"""
_DELETE = "DELETE FROM cold.report_days WHERE store_id = %s AND business_date = %s"


@pytest.fixture
def today(venue: Venue) -> date:
    """Sell an order forty days ago, and store the sums of all days since."""
    at = datetime.now(UTC) - timedelta(days=40)
    order = Cart(lines={new_id(): (IDLY, 1)}).frozen(business_date=at.date().isoformat())
    venue.owner.execute(
        "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
        [venue.store, new_id(), new_id(), at, at, Jsonb(order)],
    )
    venue.owner.execute(_STORE_ALL, [venue.store])
    found: date = venue.value("SELECT till.business_date(%s, now())", venue.store)
    return found


def maintain(venue: Venue) -> None:
    venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30)", venue.store)


def mark(venue: Venue) -> date:
    found: date = venue.value("SELECT day FROM cold.stored_before WHERE store_id = %s", venue.store)
    return found


def due(venue: Venue) -> set[date]:
    return {day for (day,) in venue.rows("SELECT business_date FROM cold.days_to_roll(%s, 1000)", venue.store)}


def test_the_maintenance_looks_at_days_before_the_mark_once_a_day(venue: Venue, today: date) -> None:
    maintain(venue)
    assert mark(venue) == today - timedelta(days=7), "the last week is not wholly due"
    venue.owner.execute("ALTER TABLE cold.report_days DISABLE TRIGGER sets_mark_back")
    lost = today - timedelta(days=20)
    venue.owner.execute(_DELETE, [venue.store, lost])
    assert due(venue) == set()
    maintain(venue)
    assert due(venue) == set()
    venue.owner.execute("UPDATE cold.stored_before SET looked_at = now() - interval '25 hours'")
    maintain(venue)
    assert due(venue) == {lost}
    maintain(venue)
    maintain(venue)
    assert mark(venue) == today - timedelta(days=7)


def test_deleted_sums_set_the_mark_back_until_they_are_stored_again(venue: Venue, today: date) -> None:
    maintain(venue)
    changed = today - timedelta(days=30)
    venue.owner.execute("SELECT cold.unroll(%s, %s)", [venue.store, changed])
    assert mark(venue) == changed
    assert due(venue) == {changed}
    maintain(venue)
    maintain(venue)
    assert due(venue) == set()
    assert mark(venue) == today - timedelta(days=7)


def test_the_mark_waits_for_a_deletion_under_way(venue: Venue, today: date, database: Database) -> None:
    maintain(venue)
    venue.owner.execute("UPDATE cold.stored_before SET day = %s", [today - timedelta(days=12)])
    changed = today - timedelta(days=10)
    with database.connect() as late, late.transaction():
        late.execute(_DELETE, [venue.store, changed])
        venue.owner.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            venue.owner.execute("SELECT cold.move_mark(%s)", [venue.store])
    venue.owner.execute("SELECT cold.move_mark(%s)", [venue.store])
    assert mark(venue) == changed
