"""Fixtures of every test: folders of its own, and on request a real PostgreSQL."""

import os
import sys

import pytest
from hypothesis import settings

from tools.packing import stale_tables

# The same few examples each time: who breaks a property is who changed something. HYPOTHESIS_PROFILE=other tries
# hundreds of others.
settings.register_profile("same", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("other", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# As a till sets it before it loads Textual: at Textual's own 60 each awaited paint takes its time.
os.environ.setdefault("TEXTUAL_FPS", "240")

# Where Python may not keep what it compiled, each worker, and each till that a test starts, compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A till that a test starts writes into a pipe as it would on a machine where nobody set this.
os.environ.pop("PYTHONUNBUFFERED", None)

pytest_plugins = [
    "tests.plugins.folders",
    "tests.plugins.garbage",
    "tests.plugins.parts",
    "tests.plugins.sharing",
    "tests.plugins.clusters",
    "tests.plugins.database",
    "tests.plugins.terminals",
    "tests.plugins.made_up",
]


def pytest_configure(config: pytest.Config) -> None:
    """Write the tables of languages if a checkout has none or older ones; who runs `make` has them."""
    if not hasattr(config, "workerinput") and stale_tables():
        from tools.catalogues import write_tables  # noqa: PLC0415 - Babel

        write_tables()
