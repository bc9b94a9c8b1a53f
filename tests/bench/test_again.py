from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.__main__ import THEMES, measure_again, parts_of
from bench.table import Figure, table, under, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench


def test_a_missed_row_is_measured_three_more_times_and_its_middle_counts(testbed: Bench) -> None:
    values = iter([(9.0, 4.0), (1.0, 30.0), (2.0, 20.0)])

    def run(given: Bench) -> Iterator[Figure]:
        assert given is testbed
        value, slow = next(values)
        yield Figure("quick", 100.0, "ms", goal=under(5, "ms"))
        yield Figure("busy once", value, "ms", goal=under(5, "ms"))
        yield Figure("slow", slow, "ms", value, goal=within(1.5))
        yield Figure("not asked for", 0.0, "ms")

    rows = [
        Figure("quick", 4.0, "ms", goal=under(5, "ms")),
        Figure("busy once", 6.0, "ms", goal=under(5, "ms")),
        Figure("slow", 16.0, "ms", 10.0, goal=within(1.5)),
        Figure("not asked for", 7.0, "ms"),
    ]
    measure_again(testbed, run, rows)
    assert [row.value for row in rows] == [4.0, 2.0, 20.0, 7.0], "by the ratio: 0.4, 10 and 30 times its limit"
    assert [row.met for row in rows] == [True, True, False, None]
    assert [row.again for row in rows] == [0, 3, 3, 0]
    assert "NO, 3 more" in table(rows)


def test_a_met_part_is_not_measured_again(testbed: Bench) -> None:
    rows = [Figure("met", 1.0, "ms", goal=under(2, "ms")), Figure("no goal", 9.0, "ms")]
    measure_again(testbed, lambda _testbed: pytest.fail("again"), rows)


def test_each_theme_has_parts() -> None:
    assert all(callable(part) for theme in THEMES for part in parts_of(theme))
