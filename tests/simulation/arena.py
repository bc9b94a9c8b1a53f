"""Seeds run against one database; a failing one is reported with the broken rule and its steps."""

from __future__ import annotations

import itertools
import logging
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.plugins.ground import ground
from tests.simulation.connection import under_virtual_time
from tests.simulation.plan import Plan, plan_of
from tests.simulation.planted import planted
from tests.simulation.server import HOUSE, KITCHEN_HOUSE, Base
from tests.simulation.shrink import shrink
from tests.simulation.violation import ViolationError
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.simulation.planting import Plant
    from tests.simulation.server import House


def make_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder for the journals of a run, removed with it."""
    return tempfile.TemporaryDirectory(dir=ground(), prefix="till-simulation-")


class _Faults(logging.Handler):
    """Keeps the exceptions that the till logs: it goes on with its other orders, and the play would not notice."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


@contextmanager
def _logged() -> Iterator[list[str]]:
    faults, logger = _Faults(), logging.getLogger("till")
    logger.addHandler(faults)
    try:
        yield faults.found
    finally:
        logger.removeHandler(faults)


@dataclass(frozen=True, slots=True)
class Found:
    """A seed that broke a rule, shortened."""

    seed: int
    rule: str
    what: str
    plan: Plan

    def __str__(self) -> str:
        steps = "\n".join(f"    {step}" for step in self.plan.steps)
        shortest = f"{self.plan.tills} tills, {len(self.plan.steps)} steps"
        return f"seed {self.seed} breaks “{self.rule}”: {self.what}\n  shortest, {shortest}:\n{steps}"


class Arena:
    """A database, and successive attempts in it.

    Args:
        owner: a connection with the owner's rights.
        app: a connection with the rights of a till.
        first: the number of the first attempt; runs that share a database begin far apart.
        folder: the folder of the journals; each attempt removes its own.
        plant: a fault to plant into each attempt.
    """

    def __init__(
        self,
        owner: psycopg.Connection[Any],
        app: psycopg.Connection[Any],
        folder: Path,
        *,
        first: int = 1,
        plant: str | Plant | None = None,
    ) -> None:
        self._base = Base(owner, app)
        self._attempts = itertools.count(first)
        self._plant = plant
        self._folder = folder

    @contextmanager
    def planted_with(self, plant: str | Plant) -> Iterator[None]:
        """Plant a fault into each attempt in the block."""
        self._plant = plant
        try:
            yield
        finally:
            self._plant = None
            self._base.weed()

    @contextmanager
    def world(self, plan: Plan, house: House = HOUSE) -> Iterator[World]:
        """Make the tills of a plan and their server, at rest."""
        with (
            tempfile.TemporaryDirectory(dir=self._folder) as folder,
            under_virtual_time(),
            planted(self._plant) as change,
        ):
            world = World(self._base, plan, Path(folder), next(self._attempts), house)
            change(world)
            try:
                yield world
            finally:
                for machine in world.machines:
                    machine.close()

    def attempt(self, plan: Plan) -> ViolationError | None:
        """Play a plan; return the violation, or None."""
        with self.world(plan, KITCHEN_HOUSE if plan.has_stations else HOUSE) as world, _logged() as faults:
            try:
                world.run()
            except ViolationError as problem:
                return problem
        return ViolationError("no command breaks", faults[0]) if faults else None

    def play(self, seed: int, *, short: bool = True) -> Found | None:
        """Play a seed; return None if every rule held."""
        plan = plan_of(seed)
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
