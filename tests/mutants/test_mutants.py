"""The draw, the list, and a fault that is planted and found."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.mutants.finds import Finds
from tests.mutants.generating import ROOT, of_file
from tests.mutants.listed import Listed, read
from tests.mutants.mutant import Mutant, Outcome, draw
from tests.mutants.planting import plant
from tests.mutants.rooms import PYTHON
from tests.mutants.table import Table
from till.domain.money import rounding
from till.domain.money.rounding import Direction, divide_and_round

if TYPE_CHECKING:
    import pytest

ROOM = "domain/money"


def mutant(number: int, room: str = ROOM) -> Mutant:
    return Mutant(room, "till/domain/money/tax.py", "tax_order", f"a < {number}", f"a <= {number}", 7)


def test_a_seed_draws_the_same_mutants_whatever_was_edited_around_them() -> None:
    whole = [mutant(number) for number in range(1000)] + [mutant(number, "journal") for number in range(500)]
    drawn = draw(whole, 30, 1)
    assert [one.room for one in drawn] == [ROOM] * 20 + ["journal"] * 10
    assert drawn == draw(whole, 30, 1)
    assert drawn != draw(whole, 30, 2)
    moved = [replace(one, line=one.line + 5) for one in whole]
    assert {one.name for one in draw(moved, 30, 1)} == {one.name for one in drawn}
    fewer = draw([one for one in whole if one != drawn[0]], 30, 1)
    assert len({*drawn} - {*fewer}) <= 2


def test_a_listed_mutant_is_no_miss_and_another_one_is() -> None:
    words = """
        [[listed]]
        function = "till/domain/money/tax.py:tax_order"
        was = "a < 1"
        now = "a <= 1"
        reason = "equivalent: a is never 1"
    """
    outcomes = [
        Outcome(mutant(1), None),
        Outcome(mutant(2), None),
        Outcome(mutant(3), "test"),
        Outcome(mutant(4), "types"),
    ]
    table = Table({ROOM: 50}, outcomes, Listed(words))
    assert table.rows()[1:] == [(name, "50", "4", "1", "1", "1", "1", "75%") for name in (ROOM, "together")]
    assert [one.mutant for one in table.missed] == [mutant(2)]
    assert not table.is_enough


def test_a_page_keeps_the_rows_of_other_rooms() -> None:
    rooms = (ROOM, "journal")
    first = Table({ROOM: 1050}, [Outcome(mutant(1), "test"), Outcome(mutant(2), None)], Listed("")).markdown("", rooms)
    both = Table({"journal": 9}, [Outcome(mutant(1, "journal"), "test")], Listed("")).markdown(first, rooms)
    assert both.splitlines()[2:] == [
        f"| {ROOM} | 1,050 | 2 | 1 | 0 | 0 | 1 | 50% |",
        "| journal | 9 | 1 | 1 | 0 | 0 | 0 | 100% |",
        "| together | 1,059 | 3 | 2 | 0 | 0 | 1 | 67% |",
    ]


def test_a_test_is_needless_if_the_rest_finds_all_that_it_finds() -> None:
    finders = [("a", "b"), ("b[1]", "b[2]"), ("c", "d"), ("c",), ("d", "e"), ()]
    outcomes = [Outcome(mutant(one), None, finders=of, reached_by=(*of, "f")) for one, of in enumerate(finders)]
    finds = Finds(outcomes)
    assert finds.rows() == [("f", 0, 0), ("a", 1, 0), ("e", 1, 0), ("d", 2, 0), ("b", 2, 1), ("c", 2, 1)]
    assert finds.needless() == ["a", "e", "f"], "without e too nothing but d would find the fifth"


def test_each_listed_mutant_has_a_reason_and_its_line_exists() -> None:
    for (function, was, _now), reason in read().reasons.items():
        source = " ".join(map(str.strip, (ROOT / function.partition(":")[0]).read_text().splitlines()))
        assert reason
        assert was in source, f"{function} has this line no more: {was}"


def test_a_planted_mutant_changes_its_function_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    of_rounding = list(of_file(ROOM, "till/domain/money/rounding.py"))
    assert all(fault.mutant.function in vars(rounding) for fault in of_rounding)
    monkeypatch.setattr(divide_and_round, "__code__", divide_and_round.__code__)
    assert inspect.isfunction(divide_and_round)
    before = [divide_and_round(amount, 2, direction) for amount in range(5) for direction in Direction]
    seen = 0
    for fault in of_rounding:
        plant(fault)
        try:
            seen += before != [divide_and_round(amount, 2, direction) for amount in range(5) for direction in Direction]
        except Exception:  # noqa: BLE001 - a mutant fails in any way
            seen += 1
    assert seen > len(of_rounding) / 2


def test_each_room_and_its_tests_exist(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    for room, tests in PYTHON.items():
        for place in (f"till/{room}", *tests):
            path, _mark, function = place.partition("::")
            assert (root / path).exists(), room
            assert not function or f"def {function}(" in (root / path).read_text(encoding="utf-8"), room
