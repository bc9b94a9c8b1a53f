"""A part of the simulation in every run of the tests; `make simulate` plays as many seeds as one likes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.simulation.arena import Arena, make_folder
from tests.simulation.plan import Plan, Step, plan_of
from tests.simulation.planted import PLANTS, SHOWS, WITHIN, seeds_for
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Shelf

#: These are played whole too, so that no rule breaks in them without a planted fault.
#: In the last, a payment of another order arrives while a voucher is declined.
_ORDINARY = sorted([*SHOWS, 7_000_164])
_PART = 8


@contextmanager
def _arena(shelf: Shelf, template: str) -> Iterator[Arena]:
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        make_folder() as folder,
    ):
        yield Arena(owner, app, Path(folder))


@pytest.fixture(scope="module")
def play(shelf: Shelf, template: str) -> Iterator[Arena]:
    """An arena into which nothing is planted."""
    with _arena(shelf, template) as arena:
        yield arena


@pytest.fixture(scope="module")
def field(shelf: Shelf, template: str) -> Iterator[Arena]:
    """An arena into which one fault after the other is planted."""
    with _arena(shelf, template) as arena:
        yield arena


@pytest.mark.parametrize("first", range(0, len(_ORDINARY), _PART))
def test_no_seed_breaks_a_rule(play: Arena, first: int) -> None:
    for seed in _ORDINARY[first : first + _PART]:
        broken = play.play(seed)
        assert broken is None, str(broken)


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_a_planted_fault_is_found(play: Arena, field: Arena, plant: str) -> None:
    """A seed counts that breaks a rule with the fault and none without it: the ordinary ones do not, by their test."""
    with field.planted_with(plant):
        broken = (seed for seed in seeds_for(plant) if field.play(seed, short=False))
        found = any(seed in _ORDINARY or play.play(seed, short=False) is None for seed in broken)
    assert found, f"{plant} was not found in {WITHIN} seeds"


def test_a_seed_is_the_same_plan_every_time() -> None:
    assert plan_of(7) == plan_of(7)
    assert plan_of(7) != plan_of(8)


def test_a_till_whose_journal_was_replaced_resumes_no_order(play: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortened plans can contain this step; it is skipped, as refused steps are."""

    def heal(world: World) -> None:
        query = "UPDATE warm.journal_head SET retired_at = now() WHERE store_id = %s"
        world.server.base.owner.execute(query, [world.server.store])
        world.come_back()

    monkeypatch.setattr(World, "heal", heal)
    kinds = ("login", "keep_copy", "key", "sync", "restore_copy")
    assert play.attempt(Plan(0, 1, tuple(Step(kind, 0, 2, 1.0) for kind in kinds))) is None
