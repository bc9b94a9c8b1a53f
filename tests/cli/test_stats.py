"""`till admin stats`: the monitoring of docs/adaptations.md, and what a manager asks beside it."""

from __future__ import annotations

import itertools
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, Cart, Till, new_id
from till.cli.environment import Surroundings
from till.domain.events.envelope import sha256
from till.wiring.desk import DeskService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def owner(staffed: Shell, database: Database) -> Iterator[psycopg.Connection[object]]:
    del staffed
    with database.connect() as connection:
        yield connection


def store() -> str:
    return Surroundings.find().venue.store_id


def test_a_venue_where_nothing_happened_yet(staffed: Shell) -> None:
    stats = staffed("admin", "stats", "--json").json
    assert list(stats) == [
        *("read_at", "sessions", "hot_tables", "orders", "creation", "closure", "cache_hits", "statements"),
        *("conflicts", "quarantine", "tills", "remembered"),
    ]
    assert set(stats["sessions"].values()) == {0}
    assert stats["orders"] | {"hours": 0} == dict.fromkeys(stats["orders"], 0) | {
        "conversion_rate": None,
        "time_to_order_s": None,
    }
    assert stats["creation"] == {"events": 0, "median_s": None, "p95_s": None, "worst_s": None}
    assert [one["table"] for one in stats["hot_tables"]] == [
        *("hot_epoch", "session_cart", "session_preferences", "session_state", "session_told"),
    ]
    assert (stats["conflicts"], stats["quarantine"], stats["tills"], stats["remembered"]) == (0, 0, [], [])
    assert stats["statements"]["push_calls"] is None
    assert "pg_stat_statements is not installed" in stats["statements"]["why"]


def test_opened_and_paid_orders_are_counted_as_in_the_papers(
    staffed: Shell, save_order: Callable[[], str], owner: psycopg.Connection[object]
) -> None:
    first, _second = save_order(), save_order()
    owner.execute("SELECT till.order_session_complete_v1(%s, 1, %s)", [store(), first])
    stats = staffed("admin", "stats", "--json").json
    assert (stats["sessions"]["active"], stats["sessions"]["active_5_minutes"]) == (1, 2)
    day = stats["orders"]
    assert (day["viewed_menu"], day["added_items"], day["placed_orders"]) == (0, 2, 1)
    assert (day["sessions_with_items"], day["orders_placed"], day["conversion_rate"]) == (2, 1, 50.0)
    assert (stats["creation"]["events"], stats["closure"]["events"]) == (2, 1)
    assert 0 <= stats["creation"]["median_s"] <= stats["creation"]["worst_s"] < 60
    assert stats["cache_hits"]["database"] is None or 0 <= stats["cache_hits"]["database"] <= 100


def test_sales_rung_for_days_past_tell_nothing_of_now(staffed: Shell, owner: psycopg.Connection[object]) -> None:
    owner.execute("SELECT till.till_enrol_v1(%s, NULL, 7, NULL, %s)", [store(), sha256("secret 7")])
    till, cart = Till(owner, store(), 7, "secret 7"), Cart()
    till.now = datetime.now(UTC) - timedelta(hours=3)
    till.open(cart)
    till.add(cart, IDLY)
    till.shown(cart)
    till.place(cart)
    till.shown(cart)
    stats = staffed("admin", "stats", "--json").json
    assert stats["orders"]["placed_orders"] == 1
    assert stats["sessions"]["active_5_minutes"] == 0
    assert (stats["creation"]["events"], stats["closure"]["events"]) == (0, 0)
    till.now, fresh = datetime.now(UTC), Cart()
    till.open(fresh)
    till.add(fresh, IDLY)
    till.shown(fresh)
    assert staffed("admin", "stats", "--json").json["creation"]["events"] == 1


def test_an_order_that_two_tills_sold_is_one_order_that_was_paid(
    staffed: Shell, save_order: Callable[[], str], owner: psycopg.Connection[object]
) -> None:
    owner.execute("SELECT till.order_session_complete_v1(%s, 1, %s)", [store(), save_order()])
    owner.execute(
        "INSERT INTO cold.orders SELECT (jsonb_populate_record(o, jsonb_build_object("
        "'order_id', gen_random_uuid(), 'event_id', gen_random_uuid(), 'receipt', '2-000001'))).* FROM cold.orders AS o"
    )
    day = staffed("admin", "stats", "--json").json["orders"]
    assert (day["sessions_with_items"], day["orders_placed"], day["conversion_rate"]) == (1, 1, 100.0)


def test_the_papers_own_query_counts_as_many(
    staffed: Shell, save_order: Callable[[], str], owner: psycopg.Connection[object]
) -> None:
    save_order()
    query = "SELECT COUNT(*) FROM session_state WHERE last_activity_at > NOW() - INTERVAL '5 minutes'"
    assert owner.execute(query).fetchone() == (
        staffed("admin", "stats", "--json").json["sessions"]["active_5_minutes"],
    )


def test_another_venue_in_the_same_database_is_not_counted(staffed: Shell, owner: psycopg.Connection[object]) -> None:
    other = str(uuid.uuid4())
    owner.execute("SELECT till.store_create_v1(%s, %s)", [other, Jsonb({"name": "Other", "currency": "EUR"})])
    moment = datetime.now(UTC) - timedelta(minutes=1)
    order = Cart(lines={new_id(): (IDLY, 1)}).frozen(currency="EUR")
    query = "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')"
    owner.execute(query, [other, new_id(), new_id(), moment, moment, Jsonb(order)])
    owner.execute("SELECT till.till_enrol_v1(%s, NULL, 1, NULL, repeat('a', 64))", [other])
    stats = staffed("admin", "stats", "--json").json
    assert (stats["orders"]["orders_placed"], stats["tills"]) == (0, [])


def test_a_till_that_was_not_heard_of_is_away(staffed: Shell, owner: psycopg.Connection[object]) -> None:
    for number in (1, 2, 3):
        owner.execute("SELECT till.till_enrol_v1(%s, 7, %s, NULL, repeat('a', 64))", [store(), number])
    owner.execute("UPDATE till.tills SET seen_at = now() - interval '90 seconds' WHERE id = 1")
    owner.execute("UPDATE till.tills SET seen_at = now() WHERE id = 2")
    owner.execute("UPDATE till.tills SET revoked_at = now() WHERE id = 3")
    first, second, third = staffed("admin", "stats", "--json").json["tills"]
    assert (first["away"], first["seen_s"] >= 90, first["newest_at"]) == (True, True, None)
    assert (second["away"], second["revoked"], third["away"], third["revoked"]) == (False, False, False, True)
    shown = staffed("admin", "stats")
    assert shown.code == 0
    assert "Till 1  " in shown.out
    assert "away" in shown.out
    assert "revoked" in shown.out


def test_waiting_conflicts_and_records_are_counted_with_the_place_to_go(
    staffed: Shell, owner: psycopg.Connection[object]
) -> None:
    found = {"conflict_id": str(uuid.uuid4()), "kind": "sold_twice", "subject": new_id()}
    data = {**found, "amount": "1.00", "currency": "EUR"}
    owner.execute("SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)", [store(), new_id(), Jsonb(data)])
    owner.execute("INSERT INTO warm.quarantine (store_id, reason) VALUES (%s, 'unreadable')", [store()])
    stats = staffed("admin", "stats", "--json").json
    assert (stats["conflicts"], stats["quarantine"]) == (1, 1)
    shown = staffed("admin", "stats")
    assert "`till admin conflicts`" in shown.err
    assert "`till admin quarantine`" in shown.err


@pytest.fixture
def watched(owner: psycopg.Connection[object]) -> Iterator[str]:
    """The schema of an extension that the server of the tests does not have."""
    ((made,),) = owner.cursor(row_factory=tuple_row).execute(
        "SELECT pg_get_functiondef('till.statements_place()'::regprocedure)"
    )
    words = (
        "CREATE OR REPLACE FUNCTION till.statements_place() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'watched' $$"
    )
    owner.execute(words)
    yield "watched"
    owner.execute(made.encode())


def test_statements_that_are_kept_but_cannot_be_read_are_explained_in_words(staffed: Shell, watched: str) -> None:
    reply = staffed("admin", "stats", "--json").json["statements"]
    assert (reply["push_calls"], reply["slowest"]) == (None, [])
    assert reply["why"] == f'pg_stat_statements cannot be read: relation "{watched}.pg_stat_statements" does not exist.'


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(("hides", "pushes"), [(False, 3), (True, None)])
def test_the_pushes_and_what_is_slow_are_reported_where_the_server_keeps_them(
    staffed: Shell, owner: psycopg.Connection[object], hides: bool, pushes: int | None
) -> None:
    push = "<insufficient privilege>" if hides else "SELECT warm.sync_push_v1($1)"
    owner.execute("CREATE SCHEMA watched")
    owner.execute(
        "CREATE TABLE watched.pg_stat_statements AS SELECT d.oid AS dbid, x.query, x.calls, x.total_exec_time,"
        " x.total_exec_time / x.calls AS mean_exec_time, x.max_exec_time FROM pg_database AS d, (VALUES"
        " (%s, 3::bigint, 6.0::float8, 4.5::float8), (E'SELECT \\x1b[31m 1 -- why\\n FROM cold.orders', 1, 90.0, 90.0)"
        ") AS x (query, calls, total_exec_time, max_exec_time) WHERE d.datname = current_database()",
        [push],
    )
    reply = staffed("admin", "stats", "--json").json["statements"]
    assert reply["push_calls"] == pushes
    assert (reply["push_mean_ms"], reply["push_max_ms"]) == ((None, None) if hides else (2.0, 4.5))
    assert [one["mean_ms"] for one in reply["slowest"]] == ([90.0] if hides else [90.0, 2.0])
    assert ("pg_read_all_stats" in reply["why"]) == hides
    shown = staffed("admin", "stats")
    assert "\x1b" not in shown.out
    assert ("3 pushes took 2.0 ms each, the longest 4.5 ms." in shown.out) != hides


async def test_cache_hits_of_an_open_desk_are_reported_while_it_is_open(
    staffed: Shell, save_order: Callable[[], str], database: Database
) -> None:
    session, clock = save_order(), itertools.count(0, 2)
    desk = DeskService(lambda: database.owner, store(), actor=None, person="", monotonic=lambda: float(next(clock)))
    try:
        for _time in range(3):
            await desk.look()
        await desk.lines(session)
        await desk.rows("orders", "1")
        await desk.rows("orders", "1")
        for _time in range(3):
            await desk.look()
        (reply,) = staffed("admin", "stats", "--json").json["remembered"]
        assert reply["program"] == "desk"
        assert reply["session"] == {"hits": 1, "asked": 1}
        assert reply["of_user"] == {"hits": 1, "asked": 2}
        assert reply["all_open"]["asked"] - reply["all_open"]["hits"] == 1
        assert re.search(r"The desk +100.0 % of 1 +50.0 % of 2 ", staffed.ok("admin", "stats"))
    finally:
        await desk.close()
    assert staffed("admin", "stats", "--json").json["remembered"] == []
