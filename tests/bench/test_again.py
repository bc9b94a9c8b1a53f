from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bench.__main__ import measure_again
from bench.table import Figure, table, under, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench


def test_a_missed_row_is_measured_three_more_times_and_its_middle_counts(
    monkeypatch: pytest.MonkeyPatch, testbed: Bench
) -> None:
    values = iter([(9.0, 4.0), (1.0, 30.0), (2.0, 20.0)])
    measured = []

    def run(given: Bench) -> Iterator[Figure]:
        assert given is testbed
        value, slow = next(values)
        yield Figure("quick", 100.0, "ms", goal=under(5, "ms"))
        yield Figure("busy once", value, "ms", goal=under(5, "ms"))
        yield Figure("slow", slow, "ms", value, goal=within(1.5))
        measured.append(value)
        yield Figure("not asked for", 0.0, "ms")

    monkeypatch.setitem(sys.modules, "bench.theme", SimpleNamespace(run=run))
    rows = [
        Figure("quick", 4.0, "ms", goal=under(5, "ms")),
        Figure("busy once", 6.0, "ms", goal=under(5, "ms")),
        Figure("slow", 16.0, "ms", 10.0, goal=within(1.5)),
        Figure("not asked for", 7.0, "ms"),
    ]
    measure_again(testbed, "theme", rows)
    assert [row.value for row in rows] == [4.0, 2.0, 20.0, 7.0], "by the ratio: 0.4, 10 and 30 times its limit"
    assert [row.met for row in rows] == [True, True, False, None]
    assert [row.again for row in rows] == [0, 3, 3, 0]
    assert not measured, "nothing after the last missed row is measured again"
    assert "NO, 3 more" in table(rows)


def test_a_met_theme_is_not_measured_again(monkeypatch: pytest.MonkeyPatch, testbed: Bench) -> None:
    monkeypatch.setitem(sys.modules, "bench.theme", SimpleNamespace(run=lambda _testbed: pytest.fail("again")))
    measure_again(testbed, "theme", [Figure("met", 1.0, "ms", goal=under(2, "ms")), Figure("no goal", 9.0, "ms")])
