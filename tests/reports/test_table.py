"""A table at a minute: what stood on it then, what was done since, and what came late or was refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.plugins.database import unwatched
from tests.sql import ringing
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, ask
from tests.sql.test_archive import archive
from till.domain.events.envelope import SERVER
from till.domain.ids import IdClock
from till.domain.venue import read_venue
from till.reports.days import DateError
from till.reports.table import TableAt, end_of_minute, read_table

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

#: 20:00 in India.
EVENING = datetime.now(UTC).replace(hour=14, minute=30, second=0, microsecond=0) - timedelta(days=60)
SAVED = "0197a000-0000-7000-8000-00000000007"


class Night:
    """An evening whose clock is that of its events and of their arrival."""

    def __init__(self, venue: Venue, patch: pytest.MonkeyPatch) -> None:
        self.venue, self.now = venue, EVENING
        clock = IdClock(lambda bits: id(object()) % 2**bits)
        patch.setattr(ringing, "new_id", lambda: clock.next(self.now))
        self.tills = [venue.till(1), venue.till(2)]

    def at(self, minute: int) -> None:
        """Go to a minute after 20:00."""
        self.now = EVENING + timedelta(minutes=minute)
        for till in self.tills:
            till.now = self.now

    def push(self, *tills: Till) -> None:
        """Push what tills have; it arrives now."""
        for till in tills or self.tills:
            assert till.push()["ok"]
        with unwatched(self.venue.owner):
            query = "UPDATE warm.session_events SET received_at = %s WHERE received_at > now() - interval '1 day'"
            self.venue.owner.execute(query, [self.now])
        query = "UPDATE till.order_sessions SET arrived_at = %s WHERE arrived_at > now() - interval '1 day'"
        self.venue.owner.execute(query, [self.now])

    def table(self, minute: int, name: str = "7") -> TableAt:
        """Return a table at the end of a minute after 20:00."""
        ends = EVENING + timedelta(minutes=minute + 1)
        known = read_venue(ask(self.venue.owner, self.venue.store, "venue"))
        return read_table(partial(ask, self.venue.owner, self.venue.store), known, name, ends)


@pytest.fixture
def night(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(venue, monkeypatch)


def stood(found: TableAt) -> list[tuple[str, int | None, str]]:
    """Return the lines of all orders of a table."""
    return [(row.words, row.quantity, row.why) for one in found.orders for row in one.stood]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_table_is_what_stood_on_it_at_the_end_of_that_minute(night: Night, is_old: bool) -> None:
    till = night.tills[0]
    cart = Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 2)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.push(till)
    night.at(10)
    till.resume(cart)
    till.add(cart, DOSA)
    night.push(till)
    night.at(11)
    till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1})
    till.save(cart, SAVED + "2", "table 9", table_number=9)
    night.push(till)
    night.at(20)
    till.place(cart, receipt="1-000042")
    night.push(till)
    if is_old:
        assert archive(night.venue) == 1
    assert stood(night.table(-1)) == []
    assert stood(night.table(9)) == [("Idly", 2, "")]
    assert stood(night.table(10)) == [("Idly", 2, ""), ("Masala Dosa", 1, "")]
    assert (stood(night.table(11)), stood(night.table(11, "9"))) == ([], [("Idly", 1, ""), ("Masala Dosa", 1, "")])
    assert stood(night.table(19, "table 9")) == stood(night.table(11, "9"))
    assert stood(night.table(20, "9")) == []
    (one,) = night.table(10).orders
    assert (one.order.till, one.order.user, one.order.total) == (1, 1, 16_000)
    assert [row.words for row in one.acts] == ["1 × Idly taken off", "Saved: table 9", "Paid 160.00, receipt 1-000042"]
    assert [(row.till, row.user) for row in one.acts] == [(1, 1)] * 3


def test_a_record_that_came_late_or_was_refused_says_so(night: Night) -> None:
    """A line that a till keyed while it was cut off, and a removal that the server refused."""
    till, other = night.tills
    cart = Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 2)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.push(till)
    other.take(cart)
    night.at(5)
    other.add(cart, DOSA)
    night.at(6)
    refused = other.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1})
    night.at(30)
    night.push(other)
    night.venue.owner.execute(
        "SELECT warm.server_event_v1(%s, 1, 'refused', %s, %s)",
        [night.venue.store, cart.session, Jsonb({"events": [refused.id]})],
    )
    came = f"came {EVENING:%Y-%m-%d} 20:30"
    assert stood(night.table(5)) == [("Idly", 2, ""), ("Masala Dosa", 1, came)]
    assert stood(night.table(6)) == [("Idly", 1, "refused, does not count"), ("Masala Dosa", 1, came)]
    (one,) = night.table(6).orders
    assert [(row.words, row.why) for row in one.acts if row.till == 2] == [
        ("1 × Masala Dosa", came),
        ("1 × Idly taken off", "refused, does not count"),
    ]
    assert [row.words for row in one.acts if row.till == SERVER] == [
        "Taken over from till 1",
        "A change that did not count",
    ]


def test_a_table_that_was_two_says_so_and_names_where_its_lines_went(night: Night) -> None:
    till = night.tills[0]
    kept, second, third = Cart(), Cart(), Cart()
    for number, (cart, name) in enumerate(((kept, "table 7"), (second, "table 7-2"), (third, "table 9")), 1):
        till.open(cart)
        till.add(cart, IDLY, number)
        till.save(cart, f"{SAVED}{number}", name, table_number=9 if number == 3 else 7)
    night.push(till)
    night.at(10)
    till.move(third, kept, *third.lines)
    night.push(till)
    found = night.table(9)
    assert found.sentence == "Table 7 was 2 then, each with its own order."
    assert [one.order.place_name for one in found.orders] == ["table 7", "table 7-2"]
    assert [row.words for row in found.orders[0].acts] == ["1 line moved from table 9: Idly"]
    assert stood(night.table(10)) == [("Idly", 1, ""), ("Idly", 3, ""), ("Idly", 2, "")]
    assert [row.words for row in night.table(9, "9").orders[0].acts] == ["1 line moved to table 7: Idly"]
    assert [one.order.place_name for one in night.table(9, "7-2").orders] == ["table 7-2"]
    assert night.table(9, "8").sentence == "Nothing stood on table 8 then."


@pytest.mark.parametrize(
    ("typed", "day", "expected"),
    [
        ("21:15", None, "2026-03-03T15:46:00+00:00"),
        ("9.05", None, "2026-03-04T03:36:00+00:00"),
        ("21:15", date(2026, 3, 1), "2026-03-01T15:46:00+00:00"),
        ("21:15", date(2026, 3, 4), "21:15 of that day is still to come."),
        ("25:15", None, "“25:15” is not a time. Write one such as 21:15."),
    ],
)
def test_a_minute_is_the_last_one_or_that_of_a_day(venue: Venue, typed: str, day: date | None, expected: str) -> None:
    known = read_venue(ask(venue.owner, venue.store, "venue"))
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    try:
        found = end_of_minute(known, typed, now, day).isoformat()
    except DateError as problem:
        found = problem.sentence
    assert found == expected


def test_a_minute_after_midnight_is_of_the_day_before(venue: Venue) -> None:
    known = read_venue(ask(venue.owner, venue.store, "venue") | {"business_day_ends": "04:00"})
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert end_of_minute(known, "00:30", now, date(2026, 3, 3)).isoformat() == "2026-03-03T19:01:00+00:00"
    assert end_of_minute(known, "04:00", now, date(2026, 3, 3)).isoformat() == "2026-03-02T22:31:00+00:00"
