"""The fixtures of histories that tests here share."""

from __future__ import annotations

from tests.simulation.test_histories import arena, story, taken

__all__ = ["arena", "story", "taken"]
