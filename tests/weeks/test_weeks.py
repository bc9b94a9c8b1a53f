"""Some random weeks in every run of the tests; `make weeks COUNT=1000` plays any number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.evenings.served import Stage
from tests.simulation.arena import make_folder
from tests.weeks.planted import PLANTS, planted
from tests.weeks.runs import play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Shelf

#: The most weeks in which a planted fault is found again, from the one that found it first.
_MOST = 8
#: Served weeks. In two a journal was replaced whose shift the server added up wrongly once: one that sent the opening,
#: and one that sent the rest of a closed shift.
_SERVED = (5_002, 5_003, 5_006, 5_018)


@pytest.mark.parametrize("first", [5_000, 5_006])  # each planted fault shows in one of them
def test_a_week_breaks_no_rule(first: int) -> None:
    for seed in range(first, first + 6):
        assert play(seed) == ""


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_weeks_find_a_planted_fault(plant: str) -> None:
    with planted(plant):
        assert any(play(seed) for seed in range(PLANTS[plant].week, PLANTS[plant].week + _MOST))


@pytest.fixture(scope="module")
def stage(shelf: Shelf, template: str) -> Iterator[Stage]:
    """A database for served weeks."""
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        make_folder() as folder,
    ):
        yield Stage(owner, app, Path(folder))


@pytest.mark.parametrize("seed", _SERVED)
def test_a_served_week_breaks_no_rule(stage: Stage, seed: int) -> None:
    assert play(seed, stage) == ""
