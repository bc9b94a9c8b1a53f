"""A venue whose tills are upgraded one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.upgrade.rolling import RollingVenue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.plugins.database import Database


@pytest.fixture
async def venue(database: Database, tmp_path: Path) -> AsyncIterator[RollingVenue]:
    with database.connect() as owner:
        found = RollingVenue(database, owner, tmp_path)
        yield found
        await found.close()
