"""Clusters for the tests of the embedded server: `initdb` runs once, and its cluster is copied from then on."""

from __future__ import annotations

import pytest

from db.embedded import programs
from tests.plugins.folders import run_dir
from tests.plugins.initdb import CopyingRun


def pytest_configure(config: pytest.Config) -> None:
    """Give servers made in this process a copy of one cluster."""
    patch = pytest.MonkeyPatch()
    patch.setattr(programs, "run", CopyingRun(run_dir(config)))
    config.add_cleanup(patch.undo)
