"""The rows of the bench, their goals, and the printed table."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """The measurements of a row, in its unit."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float], scale: float = 1.0) -> Sample:
        """Return measurements multiplied by a scale: 1000 converts seconds to milliseconds."""
        return cls(tuple(value * scale for value in values))

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return self._below(0.95)

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return self._below(0.99)

    @property
    def worst(self) -> float:
        """The largest value."""
        return max(self.values)

    def _below(self, share: float) -> float:
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def paired(one: Sample, other: Sample) -> float:
    """Return the median of the differences `one` − `other`, measured in pairs."""
    return statistics.median(a - b for a, b in zip(one.values, other.values, strict=True))


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal of a row.

    Attributes:
        words: the goal as the table shows it.
        holds: returns True if a value meets it, beside a limit.
        relative: True if it is about the ratio of both.
    """

    words: str
    holds: Callable[[float, float | None], bool]
    relative: bool = False


def under(most: float, unit: str) -> Goal:
    """Return the goal that the value is below `most`."""
    return Goal(f"< {most:g} {unit}", lambda value, _limit: value < most)


def within(times: float, more: float = 0) -> Goal:
    """Return the goal that the value is at most `times` times its limit, and `more` beside it."""
    words = f"≤ {times:g} × limit" + (f" + {more:g}" if more else "")
    return Goal(words, lambda value, limit: limit is not None and value <= times * limit + more, True)


def at_least(share: float) -> Goal:
    """Return the goal that the value is at least `share` of its limit."""
    return Goal(f"≥ {share:.0%} of limit", lambda value, limit: limit is not None and value >= share * limit, True)


def exactly(wanted: float) -> Goal:
    """Return the goal that the value equals `wanted`."""
    return Goal(f"= {wanted:g}", lambda value, _limit: value == wanted)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        name: the measured quantity, and the statistic of the sample.
        limit: the value of the comparison; None if there is nothing comparable.
        against: a description of the comparison.
        goal: the goal; None if it has none.
        sample: the sample that the value is from.
        ratios: the ratio to the limit in each pair, if both were measured in pairs; pairs remain comparable when the
            machine's speed changes. The ratio is then their median, and the goal uses it.
        again: the times that the row was measured again because it missed its goal; it is the middle one of these.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    against: str = ""
    goal: Goal | None = None
    sample: Sample | None = None
    ratios: Sample | None = None
    again: int = 0

    @property
    def ratio(self) -> float | None:
        """The value divided by the limit."""
        if self.ratios is not None:
            return self.ratios.median
        return self.value / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """True if the goal is met; None if there is no goal."""
        if self.goal is None:
            return None
        value = self.value if self.ratios is None or self.limit is None else self.ratios.median * self.limit
        return self.goal.holds(value, self.limit)

    def to_data(self) -> dict[str, Any]:
        """Return the line as an object of `build/bench.json`."""
        sample = self.sample
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "limit": _rounded(self.limit),
            "ratio": _rounded(self.ratio),
            "goal": self.goal.words if self.goal else None,
            "met": self.met,
            "again": self.again,
            "against": self.against or None,
            "sample": None
            if sample is None
            else {
                "n": len(sample.values),
                "median": _rounded(sample.median),
                "p95": _rounded(sample.p95),
                "p99": _rounded(sample.p99),
            },
        }


def middle(rows: Sequence[Figure]) -> Figure:
    """Return the middle one of several measurements of a missed row: by what its goal is about."""

    def judged(row: Figure) -> float:
        return row.ratio or 0 if row.goal is not None and row.goal.relative else row.value

    return replace(sorted(rows, key=judged)[len(rows) // 2], again=len(rows))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


_HEADS = ("what", "value", "limit", "ratio", "goal", "met", "median / p95 / p99 of n", "limit is")


def table(rows: Sequence[Figure]) -> str:
    """Return the rows as a table, with columns as wide as necessary."""
    cells = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS))]
    lines = ["  ".join(_set(cell, width, column) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
             for row in cells]  # fmt: skip
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _cells(row: Figure) -> tuple[str, ...]:
    sample = row.sample
    spread = (
        f"{_shown(sample.median)} / {_shown(sample.p95)} / {_shown(sample.p99)} of {len(sample.values):,}"
        if sample
        else ""
    )
    return (
        row.name,
        f"{_shown(row.value)} {row.unit}",
        "" if row.limit is None else f"{_shown(row.limit)} {row.unit}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.goal.words if row.goal else "",
        {True: "yes", False: "NO", None: ""}[row.met] + (f", {row.again} more" if row.again else ""),
        spread,
        row.against,
    )


def _shown(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _set(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column in {1, 2, 3} else cell.ljust(width)


def write_json(rows: Sequence[Figure], path: Path) -> None:
    """Write all rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([row.to_data() for row in rows], ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
