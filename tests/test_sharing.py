"""The workers of a run share all tests evenly, and begin with the long ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.plugins.parts import HEAVY, PLAYED, is_quick, places
from tests.plugins.sharing import shared

#: The files of a run in the order of collection, with their numbers of tests.
FILES = {"cli/test_a.py": 5, "e2e/test_b.py": 3, "e2e/test_c.py": 1, "tui/test_d.py": 8, "wheel/test_e.py": 2}


def _items(files: dict[str, int]) -> list[Any]:
    return [
        SimpleNamespace(nodeid=f"tests/{file}::test_{number}", path=Path("tests", file))
        for file, count in files.items()
        for number in range(count)
    ]


@pytest.mark.parametrize("workers", [2, 3])
def test_each_worker_begins_with_long_tests_and_has_as_many_as_the_others(workers: int) -> None:
    items = _items(FILES)
    found = shared(items, workers)
    assert sorted(item.nodeid for item in found) == sorted(item.nodeid for item in items)
    # as xdist shares them: each remaining worker gets an equal part of the rest
    begins = [found[sum(_sizes(len(items), workers)[:worker])].nodeid for worker in range(workers)]
    assert [name.split("/")[1] for name in begins] == ["e2e", "e2e", "wheel"][:workers]
    assert found[-1].nodeid.split("/")[1] == "tui"


def _sizes(count: int, workers: int) -> list[int]:
    sizes: list[int] = []
    for worker in range(workers):
        sizes.append((count - sum(sizes)) // (workers - worker))
    return sizes


def test_long_tests_alone_are_all_there_in_their_order() -> None:
    items = _items({"e2e/test_a.py": 1, "e2e/test_b.py": 9, "cli/test_c.py": 1})
    found = shared(items, 2)
    assert sorted(item.nodeid for item in found) == sorted(item.nodeid for item in items)
    assert [item.nodeid for item in found if "test_b" in item.nodeid] == [
        f"tests/e2e/test_b.py::test_{number}" for number in range(9)
    ]


def test_a_test_without_a_room_is_quick() -> None:
    alone: Any = SimpleNamespace(nodeid="tests/test_docs.py::test_it", path=Path("tests/test_docs.py"))
    assert shared([alone], 2) == [alone]


def test_every_test_is_in_one_of_the_two_parts() -> None:
    tests = Path(__file__).parent
    quick, rest = ({*places(tests, part)} for part in ("quick", "rest"))
    rooms = {place for place in places(tests, "") if place.is_file() or any(place.glob("**/test_*.py"))}
    assert rooms <= quick | rest
    assert {place for place in quick & rest if place.is_dir()} == set()


@pytest.mark.parametrize("name", sorted(PLAYED | HEAVY))
def test_each_name_in_a_list_of_parts_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    if not (Path(__file__).parent / file.split("/")[1]).exists():  # a leaf that was deleted
        return
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    assert not test or f"def {test.partition('[')[0]}(" in text
    assert is_quick(name) is (name in PLAYED)
