"""Some random weeks in every run of the tests; `make weeks COUNT=1000` plays any number."""

from __future__ import annotations

import pytest

from tests.weeks.runs import play


@pytest.mark.parametrize("first", range(5_000, 5_024, 6))
def test_a_week_breaks_no_rule(first: int) -> None:
    for seed in range(first, first + 6):
        assert play(seed) == ""
