from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from till.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def left_behind(staffed: Shell, database: Database) -> str:
    """An order whose last event came 40 days ago."""
    store = Surroundings.find().venue.store_id
    items = [{"item_id": "i1", "item": "Idly", "quantity": 2, "unit_price": "40.00"}]
    del staffed
    with database.connect() as connection:
        query = "SELECT till.order_session_save_v1(%s, 1, NULL, %s, 'take_away')->>'session'"
        row = connection.execute(query, [store, Jsonb(items)]).fetchone()
        connection.execute("ALTER TABLE warm.session_events DISABLE TRIGGER USER")
        connection.execute("UPDATE warm.session_events SET received_at = now() - interval '40 days'")
        connection.execute("ALTER TABLE warm.session_events ENABLE ALWAYS TRIGGER never_changes")
    assert row is not None
    return str(row[0])


def test_what_was_left_behind_is_put_aside_and_what_is_old_moves(
    staffed: Shell, left_behind: str, database: Database
) -> None:
    staffed.become(9, "9999")
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
