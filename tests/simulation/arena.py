"""Runs seeds against one database, and says what a failing one broke, by which steps."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.plugins.ground import ground
from tests.simulation.plan import Plan, plan_of
from tests.simulation.planted import planted
from tests.simulation.road import under_virtual_time
from tests.simulation.server import Base
from tests.simulation.shrink import shrink
from tests.simulation.violation import ViolationError
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg


def make_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for the journals of a run, gone with it."""
    return tempfile.TemporaryDirectory(dir=ground(), prefix="till-simulation-")


@dataclass(frozen=True, slots=True)
class Found:
    """A seed that broke a rule, made short."""

    seed: int
    rule: str
    what: str
    plan: Plan

    def __str__(self) -> str:
        steps = "\n".join(f"    {step}" for step in self.plan.steps)
        shortest = f"{self.plan.tills} tills, {len(self.plan.steps)} steps"
        return f"seed {self.seed} breaks “{self.rule}”: {self.what}\n  shortest, {shortest}:\n{steps}"


class Arena:
    """A database, and one attempt after the other in it.

    Args:
        owner: a connection with the owner's rights.
        app: one with those of a till.
        first: the number of the first attempt; runs that share a database begin far apart.
        folder: where the journals stand; each attempt takes its own away.
        plant: a fault that is planted into each attempt.
    """

    def __init__(
        self,
        owner: psycopg.Connection[Any],
        app: psycopg.Connection[Any],
        folder: Path,
        *,
        first: int = 1,
        plant: str | None = None,
    ) -> None:
        self._base = Base(owner, app)
        self._attempts = itertools.count(first)
        self._plant = plant
        self._folder = folder

    @contextmanager
    def planted_with(self, plant: str) -> Iterator[None]:
        """A fault is planted into each attempt in the block."""
        self._plant = plant
        try:
            yield
        finally:
            self._plant = None
            self._base.weed()

    def attempt(self, plan: Plan) -> ViolationError | None:
        """Play a plan; what it broke."""
        number = next(self._attempts)
        with (
            tempfile.TemporaryDirectory(dir=self._folder) as folder,
            under_virtual_time(),
            planted(self._plant) as change,
        ):
            world = World(self._base, plan, Path(folder), number)
            change(world)
            try:
                world.run()
            except ViolationError as problem:
                return problem
        return None

    def play(self, seed: int, places: Sequence[int] | None = None, *, short: bool = True) -> Found | None:
        """Play a seed, or its steps in some places alone; None when every rule held."""
        plan = plan_of(seed)
        if places is not None:
            plan = replace(plan, steps=tuple(plan.steps[place] for place in places))
        broken = self.attempt(plan)
        if broken is None:
            return None
        if short:
            rule = broken.rule
            plan = shrink(plan, lambda shorter: self._breaks(shorter, rule))
            broken = self.attempt(plan) or broken
        return Found(seed, broken.rule, str(broken).partition(": ")[2], plan)

    def _breaks(self, plan: Plan, rule: str) -> bool:
        problem = self.attempt(plan)
        return problem is not None and problem.rule == rule
