"""Planting of faults: in the code for the length of a block, in the database until the fault is removed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from till.domain.order.evolve import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.simulation.world import World
    from till.domain.events.registry import EventData

    Plant = Callable[[], AbstractContextManager[Callable[[World], None]]]


def nothing(_world: World) -> None:
    """Change nothing in a world."""


def reword(world: World, function: str, pattern: str, words: str) -> None:
    """Change a function or a view of the database, once for all attempts with the fault."""
    world.server.base.plant(function, pattern, words)


def reworded(*changes: tuple[str, str, str]) -> Plant:
    """Plant changes in functions or views of the database: for each its name, a pattern in it, and the new words."""

    @contextmanager
    def plant() -> Iterator[Callable[[World], None]]:
        def change(world: World) -> None:
            for function, pattern, words in changes:
                reword(world, function, pattern, words)

        yield change

    return plant


def patched(target: Any, name: str, make: Callable[[Any], Any]) -> Plant:
    """Plant a function of the till, which `make` derives from the original."""

    @contextmanager
    def plant() -> Iterator[Callable[[World], None]]:
        with mock.patch.object(target, name, make(getattr(target, name))):
            yield nothing

    return plant


def stepped(kind: type[EventData], make: Callable[[Any], Any]) -> Plant:
    """Plant a step of the fold, which `make` derives from the original."""

    @contextmanager
    def plant() -> Iterator[Callable[[World], None]]:
        with mock.patch.dict(STEPS, {kind: make(STEPS[kind])}):
            yield nothing

    return plant
