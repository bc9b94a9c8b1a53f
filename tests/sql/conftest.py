"""A venue with two tills and four people in a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.sql.ringing import Venue, make_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database


@pytest.fixture
def venue(database: Database) -> Iterator[Venue]:
    with connect(database.owner) as owner, connect(database.app) as app:
        yield make_venue(owner, app)
