from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugins.database import unwatched
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def let_pass(database: Database, days: int = 70) -> None:
    """Move the arrival of every row back by an interval."""
    with database.connect() as connection:
        with unwatched(connection):
            connection.execute("UPDATE warm.session_events SET received_at = now() - make_interval(days => %s)", [days])
        connection.execute(
            "UPDATE till.order_sessions SET arrived_at = now() - make_interval(days => %s),"
            " created_at = created_at - make_interval(days => %s)",
            [days, days],
        )


def everything(database: Database) -> dict[str, Any]:
    """Every row of every table."""
    with database.connect() as connection:
        names = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c"
            " WHERE c.relkind = 'r' AND c.relnamespace = ANY ('{till,hot,warm,cold}'::regnamespace[])"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT to_jsonb(t)::text FROM {name} AS t ORDER BY 1").fetchall()  # noqa: S608 - of the catalogue
            for (name,) in names
        }


@pytest.fixture
def left_behind(staffed: Shell, save_order: Callable[[], str], database: Database) -> str:
    """An order whose last event came 70 days ago, in a month that the audit does not have."""
    del staffed
    order = save_order()
    let_pass(database)
    return order


def test_abandoned_orders_are_suspended_and_old_ones_move(staffed: Shell, left_behind: str, database: Database) -> None:
    staffed.become(9)
    dry = staffed("admin", "cleanup", "--dry-run", "--json").json
    with database.connect() as connection:
        events = connection.execute("SELECT count(*) FROM warm.session_events").fetchone()
    assert events is not None
    assert dry == {
        "dry_run": True, "ran": False, "swept": 1, "cooled": 0, "moved": events[0], "archived": 0, "expired": 0,
        "in_no_month": 0,
    }  # fmt: skip
    assert "1 stale order would be suspended." in staffed.ok("admin", "cleanup", "--dry-run")
    done = staffed("admin", "cleanup", "--json").json
    assert done == dry | {"dry_run": False, "ran": True}
    shown = staffed("admin", "sessions", "show", left_behind, "--json").json
    assert shown["session"]["status"] == "pending_logout"
    types = [event["type"] for event in shown["events"]]
    assert types == ["order_opened", "item_added", "order_type_set", "session_swept"]
    assert shown["events"][-1]["user"] == 9
    assert staffed.ok("admin", "cleanup").startswith("0 stale orders were suspended.")


def test_nothing_is_done_while_a_till_is_at_it(staffed: Shell, left_behind: str, database: Database) -> None:
    store = Surroundings.find().venue.store_id
    with database.connect() as busy, busy.transaction():
        busy.execute("SELECT till.maintain_v1(%s, NULL, 30, 24, 30)", [store])
        result = staffed("admin", "cleanup")
    assert result.code == 0
    assert "A till is already cleaning up" in result.err
    assert staffed("admin", "sessions", "show", left_behind, "--json").json["session"]["status"] == "pending_logout"


def test_orders_that_ended_long_ago_go_to_the_archive_and_are_found_there(
    staffed: Shell, save_order: Callable[[], str], database: Database
) -> None:
    cleared, other, still = save_order(), save_order(), save_order()
    for order in (cleared, other):
        staffed.ok("admin", "sessions", "close", order, "--reason", "guest left")
    let_pass(database)
    before = everything(database)
    dry = staffed("admin", "cleanup", "--dry-run", "--json").json
    assert dry["archived"] == 2
    assert "2 ended orders would move to the archive." in staffed.ok("admin", "cleanup", "--dry-run")
    assert everything(database) == before
    acts = staffed("admin", "audit", "show", "--what", "cleared", "--json").json["acts"]
    assert [act["amount"] for act in acts] == ["80.00", "80.00"]

    done = staffed.ok("admin", "cleanup")
    assert "2 ended orders moved to the archive." in done
    assert "no month" not in done
    assert "0 ended orders moved to the archive." in staffed.ok("admin", "cleanup")
    shown = staffed("admin", "sessions", "show", cleared, "--json").json
    assert shown["session"]["status"] == "discarded"
    assert shown["events"][0]["type"] == "order_opened"
    assert "guest left" in staffed.ok("admin", "sessions", "show", cleared)
    listed = staffed("admin", "sessions", "list", "--json").json["sessions"]
    assert [row["id"] for row in listed] == [still]
    asked = ("admin", "sessions", "list", "--archived", "--status", "cleared", "--limit", "1", "--json")
    page = staffed(*asked).json
    assert [row["id"] for row in page["sessions"]] == [other]
    rest = staffed(*asked, "--after", page["next"]).json
    assert [row["id"] for row in rest["sessions"]] == [cleared]
    assert staffed("recover", "--list", "--session", cleared, "--json").json["sessions"] == []
    assert staffed("admin", "audit", "verify").code == 0
    assert staffed("admin", "audit", "show", "--what", "cleared", "--json").json["acts"] == acts
    assert "is discarded and can no longer change" in staffed.refused(
        "admin", "sessions", "close", cleared, "--reason", "again"
    )
    wrong = staffed("admin", "sessions", "list", "--archived", "--till", "1")
    assert (wrong.code, "no archived order is open" in wrong.err) == (2, True)


def test_events_that_came_to_no_month_are_reported(staffed: Shell, left_behind: str, database: Database) -> None:
    first = "warm.session_events WHERE session_id = %s AND version = 1"
    with database.connect() as connection:
        connection.execute(f"INSERT INTO cold.order_audit_other SELECT * FROM {first}", [left_behind])  # noqa: S608 - ours
        connection.execute(f"DELETE FROM {first}", [left_behind])  # noqa: S608 - ours
    result = staffed("admin", "cleanup", "--dry-run")
    assert (result.code, "1 event of the audit is in none of its months." in result.err) == (0, True)
    assert staffed("admin", "cleanup", "--json").json["in_no_month"] >= 1
    shown = staffed("admin", "sessions", "show", left_behind, "--json").json
    types = [event["type"] for event in shown["events"]]
    assert types == ["order_opened", "item_added", "order_type_set", "session_swept"]
