"""Clusters for the tests of the embedded server: `initdb` runs once, and its cluster is copied from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.embedded import programs
from tests.plugins.folders import run_dir
from tests.plugins.initdb import CopyingRun

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="session")
def initdb_once(pytestconfig: pytest.Config) -> Iterator[None]:
    """Give servers made in this process a copy of one cluster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "run", CopyingRun(run_dir(pytestconfig)))
        yield
