"""A venue whose tills are upgraded one after the other."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from db import migrate
from db.embedded.configuration import SUPERUSER
from tests.plugins.database import let_owner_unwatch
from tests.upgrade.newer import NEWER
from tests.upgrade.rolling import RollingVenue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.plugins.database import Database, Shelf


@pytest.fixture
async def venue(database: Database, tmp_path: Path) -> AsyncIterator[RollingVenue]:
    """The venue on a database of today's program."""
    async with _venue_on(database, tmp_path) as found:
        yield found


@pytest.fixture
async def upgraded(shelf: Shelf, newer: str, tmp_path: Path) -> AsyncIterator[RollingVenue]:
    """The venue on a database that was upgraded to the newer program."""
    with shelf.lent(newer) as (_kept, database):
        async with _venue_on(database, tmp_path) as found:
            yield found


@pytest.fixture(scope="session")
def newer(shelf: Shelf, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the database that `upgraded` copies."""

    def fill(today: Database) -> None:
        migrate.upgrade(today.owner, NEWER.schema(tmp_path_factory.mktemp("newer")))
        let_owner_unwatch(replace(today.owner, user=SUPERUSER))

    return shelf.template("till_newer", fill, template)


@asynccontextmanager
async def _venue_on(database: Database, folder: Path) -> AsyncIterator[RollingVenue]:
    with database.connect() as owner:
        found = RollingVenue(database, owner, folder)
        yield found
        await found.close()
