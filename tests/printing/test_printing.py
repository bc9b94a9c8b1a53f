"""Some random histories of printers in every run of the tests; `make papers COUNT=500` plays any number."""

from __future__ import annotations

import pytest

from tests.printing.planted import PLANTS, planted
from tests.printing.runs import play

#: The most histories in which a planted fault is found.
_MOST = 40


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_a_history_of_printers_breaks_no_rule(first: int) -> None:
    for seed in range(first, first + 10):
        assert play(seed) == ""


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_histories_find_a_planted_fault(plant: str) -> None:
    with planted(plant):
        assert any(play(seed) for seed in range(_MOST))
