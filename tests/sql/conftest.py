"""A venue with two tills and four people in a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.sql.ringing import Venue, make_venue, the_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database, Shelf
    from tests.plugins.kept import Kept


@pytest.fixture(scope="session")
def template(shelf: Shelf, template: str) -> str:
    """The name of the database that `database` copies in this room: it contains a venue."""

    def fill(database: Database) -> None:
        with connect(database.owner) as owner, connect(database.app) as app:
            make_venue(owner, app)

    return shelf.template("till_venue", fill, template)


@pytest.fixture
def venue(kept: Kept, database: Database) -> Iterator[Venue]:
    with kept.session(database.owner) as owner, kept.session(database.app) as app:
        yield the_venue(owner, app)
