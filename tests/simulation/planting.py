"""How a fault is planted: in the code for as long as it lasts, in the database until it is weeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World


def nothing(_world: World) -> None:
    """Nothing is to be changed in a world."""


def reword(world: World, function: str, pattern: str, words: str) -> None:
    """Change a function of the database, once for all attempts with the fault."""
    world.server.base.plant(function, pattern, words)
