from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.table import Figure, Sample, at_least, paired, table, under, within, write_json

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = Sample.of((n / 1000 for n in range(1, 101)), 1000)


def test_a_sample_quotes_median_p95_and_p99() -> None:
    assert (SAMPLE.median, SAMPLE.p95, SAMPLE.p99, SAMPLE.worst) == (50.5, 96.0, 100.0, 100.0)


def test_pairs_are_compared_one_by_one() -> None:
    assert paired(Sample((1.0, 9.0, 5.0)), Sample((0.5, 8.5, 1.0))) == 0.5


def test_a_goal_is_held_against_the_value_or_its_limit() -> None:
    assert Figure("a", 7.9, "ms", goal=under(8, "ms")).met is True
    assert Figure("a", 8.0, "ms", goal=under(8, "ms")).met is False
    assert Figure("a", 3.0, "ms", 2.0, goal=within(1.5)).met is True
    assert Figure("a", 3.1, "ms", 2.0, goal=within(1.5)).met is False
    assert Figure("a", 3.1, "ms", None, goal=within(1.5)).met is False, "a limit that was not measured meets nothing"
    assert Figure("a", 80.0, "1/s", 100.0, goal=at_least(0.8)).met is True
    assert Figure("a", 79.0, "1/s", 100.0, goal=at_least(0.8)).met is False
    assert Figure("a", 1.0, "ms").met is None


def test_figures_measured_in_pairs_are_judged_by_their_pairs() -> None:
    row = Figure("a", 80.0, "1/s", 110.0, goal=at_least(0.8), ratios=Sample((0.5, 0.81, 0.9)))
    assert (row.ratio, row.met) == (0.81, True)
    assert Figure("a", 80.0, "1/s", 90.0, goal=at_least(0.8), ratios=Sample((0.79, 0.7))).met is False


def test_the_rows_stand_in_a_table_and_in_json(tmp_path: Path) -> None:
    rows = [Figure("key", SAMPLE.p95, "ms", 48.0, "the bare app", under(8, "ms"), SAMPLE), Figure("memory", 77.4, "MB")]
    shown = table(rows)
    assert "96.0 ms" in shown
    assert "NO" in shown
    write_json(rows, tmp_path / "made" / "bench.json")
    first, second = json.loads((tmp_path / "made" / "bench.json").read_text())
    wanted = {"name": "key", "value": 96.0, "unit": "ms", "limit": 48.0, "ratio": 2.0, "goal": "< 8 ms", "met": False}
    assert wanted.items() <= first.items()
    assert (second["limit"], second["ratio"], second["goal"], second["met"]) == (None, None, None, None)
