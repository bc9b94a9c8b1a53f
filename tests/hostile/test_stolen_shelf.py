"""The shelf beside a stolen till's secret: what it says is under its own name, and takes nothing back of another's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, new_id, off
from tests.sql.test_stock import count, shelf, till
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "till", "venue"]

MOST = 10**9


def stolen(venue: Venue) -> Till:
    thief = venue.till(2)
    thief.now = datetime.now(UTC)
    return thief


def ago(**by: float) -> str:
    return time_text(datetime.now(UTC) - timedelta(**by))


def test_a_till_undoes_no_act_of_another_and_no_undoing(venue: Venue, till: Till) -> None:
    thief = stolen(venue)
    count(till, 20)
    came = till.make("stock_moved", None, {"item_id": IDLY, "amount": 4, "kind": "delivered"})
    till.push()
    thief.make("stock_undone", None, {"event": came.id})
    thief.make("stock_undone", None, {"event": new_id()})
    assert thief.push()["ok"]
    assert shelf(venue) == 24
    assert {one["undone"] for one in venue.ask("stock_log_v1")} == {False}
    undone = till.make("stock_undone", None, {"event": came.id})
    till.make("stock_undone", None, {"event": undone.id})
    till.push()
    assert shelf(venue) == 20
    venue.owner.execute(
        "SELECT till.stock_do_v1(%s, 9, 'stock_moved', %s)",
        [venue.store, Jsonb({"acts": [{"item_id": IDLY, "amount": 5, "kind": "delivered"}]})],
    )
    [desk] = [one["event"] for one in venue.ask("stock_log_v1") if one["till"] == 0]
    thief.make("stock_undone", None, {"event": desk})
    thief.push()
    assert shelf(venue) == 25


def test_a_till_alone_says_what_came_back_of_its_own_void(venue: Venue, till: Till) -> None:
    thief = stolen(venue)
    count(till, 20)
    cart = till.keyed()
    line = till.add(cart, IDLY, 3)
    till.save(cart, new_id())
    void = till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 3)})
    till.shown(cart)
    for of in (void.id, new_id(), line):
        thief.make("stock_returned", None, {"of": of, "item_id": IDLY, "amount": MOST})
    assert thief.push()["ok"]
    assert shelf(venue) == 17
    till.make("stock_returned", None, {"of": void.id, "item_id": IDLY, "amount": 3})
    till.push()
    assert shelf(venue) == 20


def test_minutes_amounts_and_items_out_of_bounds_fail_no_push_and_one_count_mends_all(venue: Venue, till: Till) -> None:
    thief = stolen(venue)
    count(till, 20, minutes=5)
    till.push()
    for name in ("seen_at", "happened_at"):
        kind, more = ("stock_counted", {}) if name == "seen_at" else ("stock_moved", {"kind": "wasted"})
        for text in (
            *("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "2026-02-30T25:61:00.000000Z"),
            *("infinity", "", "now", "-infinity", "2026-03-03T10:00:00.000000+99:99"),
        ):
            thief.make_badly(kind, None, {"item_id": IDLY, "amount": 1, name: text, **more}, user=None)
    for amount in (-1, 0, MOST, MOST + 1, 10**30, "NaN", None, 1.5):
        thief.make_badly("stock_counted", None, {"item_id": IDLY, "amount": amount}, user=None)
        thief.make_badly("stock_moved", None, {"item_id": IDLY, "amount": amount, "kind": "delivered"}, user=10**9)
        thief.make_badly("stock_moved", None, {"item_id": IDLY, "amount": amount, "kind": "stolen"}, user=None)
    for item in ("", "x" * 250, "\x1b[2J", "NaN", new_id()):
        thief.make_badly("stock_counted", None, {"item_id": item, "amount": 3}, user=None)
        thief.make_badly("stock_returned", None, {"of": item, "item_id": item, "amount": 3}, user=None)
        thief.make_badly("stock_undone", None, {"event": item}, user=None)
    assert thief.push()["ok"]
    rows = venue.rows("SELECT at, came_at, amount FROM till.stock_acts WHERE till_id = 2")
    assert rows
    assert all(came - timedelta(days=8) < at <= came and 0 <= amount <= MOST for at, came, amount in rows)
    assert len(venue.ask("stock_v1", None)) == 2
    assert venue.ask("stock_differences_v1", datetime.now(UTC) - timedelta(days=9), datetime.now(UTC))["counts"]
    till.now = datetime.now(UTC)
    till.make("stock_counted", None, {"item_id": IDLY, "amount": 18})
    till.push()
    assert shelf(venue) == 18


def test_a_hundred_thousand_acts_leave_the_reports_of_the_others(venue: Venue, till: Till) -> None:
    """Their rows are inserted by SQL, as a push of each thousand would; a push of them is played beside."""
    thief = stolen(venue)
    count(till, 20, minutes=3)
    count(till, 19, minutes=2)
    till.push()
    for _event in range(1_000):
        thief.make("stock_counted", None, {"item_id": IDLY, "amount": 7, "seen_at": ago(minutes=1)})
    began = time.monotonic()
    assert thief.push()["ok"]
    assert time.monotonic() - began < 60
    venue.owner.execute(
        """INSERT INTO till.stock_acts (store_id, event_id, item_id, kind, amount, at, till_id, user_id)
        SELECT a.store_id, gen_random_uuid(), a.item_id, (ARRAY['counted', 'delivered', 'wasted'])[1 + n %% 3], 1,
            a.at - n * interval '1 microsecond', 2, 0
        FROM till.stock_acts AS a, generate_series(1, 100000) AS n WHERE a.store_id = %s AND a.till_id = 2
        LIMIT 100000""",
        [venue.store],
    )
    venue.owner.execute("ANALYZE till.stock_acts")
    began = time.monotonic()
    log = venue.ask("stock_log_v1")
    assert len(log) == 1_000
    assert [one["till"] for one in log].count(1) == 2
    found = venue.ask("stock_differences_v1", datetime.now(UTC) - timedelta(days=1), datetime.now(UTC))
    assert [one["difference"] for one in found["counts"] if one["till"] == 1 and one["before"] == 20] == [-1]
    assert 4_000 < len(found["counts"]) <= 5_000
    assert shelf(venue) is not None
    assert time.monotonic() - began < 60
    till.now = datetime.now(UTC)
    till.make("stock_counted", None, {"item_id": IDLY, "amount": 18})
    till.push()
    assert shelf(venue) == 18
