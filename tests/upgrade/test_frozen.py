"""Shapes that are frozen: a change of one is found, and an addition is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tests.upgrade.newer import NEWER, ItemAdded, Program
from till.domain.order import events as happened
from till.domain.order import evolve_lines
from tools.generating import frozen

if TYPE_CHECKING:
    from pathlib import Path

TODAY = frozenset(frozen.shapes())
#: A line of each kind, and one of another shape in its place.
CHANGES = {
    "file migrations/ddl/0001_tables.sql": r"\w{16}$",
    "journal 4": r"\w{16}$",
    "event item_added 1 order": r"\w{16}$",
    "function warm.sync_push_v1": "p_request text",
    "request till.hello_v1": "journal$",
    "reply till.hello_v1": "head$",
    "answer Reply.head": "optional$",
}


class SameItemAdded(happened.ItemAdded, frozen=True, kw_only=True):
    """A line was keyed, with a field more than its version has."""

    course_name: int = 0


SameItemAdded.__name__ = "ItemAdded"


class LostItemAdded(happened.ItemAdded, frozen=True, kw_only=True):
    """A line was keyed, in a version that nobody converts to."""

    v: ClassVar[int] = 2
    upcasters: ClassVar[dict[int, Any]] = {}

    asked: int


LostItemAdded.__name__ = "ItemAdded"


def test_nothing_frozen_has_changed() -> None:
    assert frozen.faults(frozen.frozen()) == []


@pytest.mark.parametrize("line", CHANGES)
def test_a_change_of_each_kind_of_shape_is_found(line: str) -> None:
    (today,) = (one for one in TODAY if one.startswith(line) and re.search(CHANGES[line], one))
    before = re.sub(CHANGES[line], "other", today)
    assert frozen.faults({*TODAY - {today}, before}) == [
        f"frozen, and now different or gone (docs/adr/0060-frozen.md): {before}"
    ]


def test_an_event_changes_by_a_version_with_its_upcaster() -> None:
    with NEWER.runs():
        assert frozen.faults(set(TODAY)) == []
        assert {line.split()[2] for line in frozen.shapes() if line.startswith("event item_added ")} == {"2"}


@pytest.mark.parametrize("kind", [SameItemAdded, LostItemAdded])
def test_an_event_that_changes_without_one_is_found(kind: type[ItemAdded]) -> None:
    with Program({kind: evolve_lines.item_added}).runs():
        (found,) = frozen.faults(set(TODAY))
    assert "event item_added 1 order" in found


def test_an_answer_asks_for_nothing_that_older_functions_do_not_give() -> None:
    (line,) = (one for one in TODAY if one.startswith("answer HeadState.hash "))
    assert frozen.faults(set(TODAY - {line})) == [f"older functions do not answer this, make it optional: {line}"]


def test_freezing_adds_and_takes_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "RECORD", tmp_path / "frozen.txt")
    assert frozen.frozen() == set()
    frozen.RECORD.write_text("event gone 1 order 0123456789abcdef\n")
    frozen.freeze()
    assert frozen.frozen() == TODAY | {"event gone 1 order 0123456789abcdef"}
    assert len(frozen.faults(frozen.frozen())) == 1
