from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def notify(database: Database, till: int) -> None:
    data = {"act": "line_voided", "item": "Idly", "pieces": 1, "amount": "40.00"}
    with database.connect() as connection:
        connection.execute(
            "SELECT till.notify(%s, %s, 1, 'refused', NULL, %s, %s, 2)",
            [Surroundings.find().venue.store_id, till, uuid.uuid4(), Jsonb(data)],
        )


def test_notices_are_listed_until_somebody_has_seen_them(staffed: Shell, database: Database) -> None:
    notify(database, 1)
    notify(database, 2)
    first, second = staffed("admin", "notices", "--json").json["notices"]
    assert (first["till"], first["user"], first["kind"], second["till"]) == (1, 1, "refused", 2)
    assert first["said"].startswith("The void of 1 × Idly came too late")
    shown = staffed("admin", "notices")
    assert "The void of 1 × Idly" in shown.out
    assert shown.err == "2 unseen notices.\n"
    (only,) = staffed("admin", "notices", "--till", "2", "--json").json["notices"]
    assert only["id"] == second["id"]
    with database.connect() as connection:
        connection.execute("UPDATE till.notices SET seen_at = now()")
    assert staffed("admin", "notices", "--json").json == {"notices": []}
