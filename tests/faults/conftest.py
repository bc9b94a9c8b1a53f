"""The tills and the venue of `tests/sync`, for faults between them and the database."""

from __future__ import annotations

from tests.sync.conftest import make_keys, real, rig, store_template

__all__ = ["make_keys", "real", "rig", "store_template"]
