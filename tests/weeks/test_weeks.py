"""Some random weeks in every run of the tests; `make weeks COUNT=1000` plays any number."""

from __future__ import annotations

import pytest

from tests.weeks.planted import PLANTS, planted
from tests.weeks.runs import play

#: The most weeks in which a planted fault is found again, from the one that found it first.
_MOST = 8


@pytest.mark.parametrize("first", range(5_000, 5_024, 6))
def test_a_week_breaks_no_rule(first: int) -> None:
    for seed in range(first, first + 6):
        assert play(seed) == ""


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_weeks_find_a_planted_fault(plant: str) -> None:
    with planted(plant):
        assert any(play(seed) for seed in range(PLANTS[plant].week, PLANTS[plant].week + _MOST))
