from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def left_behind(staffed: Shell, save_order: Callable[[], str], database: Database) -> str:
    """An order whose last event came 40 days ago."""
    del staffed
    order = save_order()
    with database.connect() as connection:
        connection.execute("ALTER TABLE warm.session_events DISABLE TRIGGER USER")
        connection.execute("UPDATE warm.session_events SET received_at = now() - interval '40 days'")
        connection.execute("ALTER TABLE warm.session_events ENABLE ALWAYS TRIGGER never_changes")
    return order


def test_what_was_left_behind_is_put_aside_and_what_is_old_moves(
    staffed: Shell, left_behind: str, database: Database
) -> None:
    staffed.become(9)
    dry = staffed("admin", "cleanup", "--dry-run", "--json").json
    with database.connect() as connection:
        events = connection.execute("SELECT count(*) FROM warm.session_events").fetchone()
    assert events is not None
    assert dry == {"dry_run": True, "ran": False, "swept": 1, "cooled": 0, "moved": events[0]}
    assert "1 stale order would be put aside." in staffed.ok("admin", "cleanup", "--dry-run")
    done = staffed("admin", "cleanup", "--json").json
    assert done == dry | {"dry_run": False, "ran": True}
    shown = staffed("admin", "show-session", left_behind, "--json").json
    assert shown["session"]["status"] == "pending_logout"
    assert [event["type"] for event in shown["events"]] == ["order_opened", "item_added", "session_swept"]
    assert shown["events"][-1]["user"] == 9
    assert staffed.ok("admin", "cleanup").startswith("0 stale orders were put aside.")


def test_nothing_is_done_while_a_till_is_at_it(staffed: Shell, left_behind: str, database: Database) -> None:
    store = Surroundings.find().venue.store_id
    with database.connect() as busy, busy.transaction():
        busy.execute("SELECT till.maintain_v1(%s, NULL, 30, 24, 30)", [store])
        said = staffed("admin", "cleanup")
    assert said.code == 0
    assert "A till is doing the same" in said.err
    assert staffed("admin", "show-session", left_behind, "--json").json["session"]["status"] == "pending_logout"
