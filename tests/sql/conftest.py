"""A venue with two tills and three people in a fresh database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from db.engine import connect
from tests.sql.ringing import MENU, SETTINGS, Till, sha

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.plugins.database import Database


@dataclass
class Venue:
    """A store, with the owner's connection and the tills' own."""

    store: str
    owner: psycopg.Connection[Any]
    app: psycopg.Connection[Any]

    def till(self, number: int = 1) -> Till:
        """Another machine with the number and the secret of a till, and a journal of its own."""
        return Till(self.app, self.store, number, f"secret {number}")

    def value(self, query: str, *parameters: Any) -> Any:
        row = self.owner.execute(query, parameters).fetchone()
        return row[0] if row else None

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        return self.owner.execute(query, parameters).fetchall()


def make_venue(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> Venue:
    store = str(uuid.uuid4())
    owner.execute("SELECT till.store_create_v1(%s, %s)", [store, Jsonb(SETTINGS)])
    for number in (1, 2):
        owner.execute(
            "SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", [store, number, sha(f"secret {number}")]
        )
    for number, name, role in ((1, "Asha", "cashier"), (2, "Ravi", "cashier"), (9, "Meena", "manager"), (7, "Om", "admin")):
        owner.execute("SELECT till.user_add_v1(%s, NULL, %s, %s, %s, 'hash')", [store, number, name, role])
    owner.execute("SELECT till.menu_import_v1(%s, 9, %s)", [store, Jsonb(MENU)])
    return Venue(store, owner, app)


@pytest.fixture
def venue(database: Database) -> Iterator[Venue]:
    with connect(database.owner) as owner, connect(database.app) as app:
        yield make_venue(owner, app)
