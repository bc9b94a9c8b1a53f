"""Faults that nobody made for the simulation: mutants of the functions that it runs, drawn by a seed."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tests.mutants.generating import ROOT, faults
from tests.mutants.mutant import draw
from tests.mutants.planting import _function, plant
from tests.mutants.rooms import PYTHON
from tests.simulation.planting import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    from tests.mutants.generating import Fault
    from tests.simulation.planting import Plant
    from tests.simulation.world import World

#: Characters of a line in the table.
_LONGEST: Final = 70
_CODE: Final = ("__code__", "__defaults__", "__kwdefaults__")


class Watch:
    """Names the functions that are called in a block, each with its file."""

    def __init__(self) -> None:
        self._seen: set[CodeType] = set()

    @property
    def functions(self) -> set[tuple[str, str]]:
        """The functions of the till that were called."""
        paths = [(Path(code.co_filename), code.co_qualname) for code in self._seen]
        return {(path.relative_to(ROOT).as_posix(), name) for path, name in paths if path.is_relative_to(ROOT)}

    def __enter__(self) -> Self:
        sys.setprofile(self._see)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _see(self, frame: Any, event: str, _: object) -> None:
        if event == "call":
            self._seen.add(frame.f_code)


def draw_of(functions: set[tuple[str, str]], count: int, seed: int) -> list[Fault]:
    """Draw mutants of some functions."""
    every = (fault for room in PYTHON for fault in faults(room))
    inside = {fault.mutant: fault for fault in every if (fault.mutant.path, fault.mutant.function) in functions}
    return [inside[mutant] for mutant in draw(inside, count, seed)]


def plant_of(fault: Fault) -> Plant:
    """Return the plant of a mutant."""
    return partial(_planted, fault)


def words_of(fault: Fault) -> str:
    """Return a mutant in words: its function, and the line before and after the change."""
    mutant = fault.mutant
    became = f"→ `{mutant.now[:_LONGEST]}`" if mutant.now.strip() not in {"", "pass"} else "dropped"
    words = f"{mutant.path.removeprefix('till/')} {mutant.function}: `{mutant.was[:_LONGEST]}` {became}"
    return words.replace("|", "/")


@cache
def _changed(fault: Fault) -> tuple[Any, ...]:
    function = _function(fault.module, fault.mutant.function)
    kept = [getattr(function, name) for name in _CODE]
    plant(fault)
    changed = tuple(getattr(function, name) for name in _CODE)
    _set(function, kept)
    return changed


def _set(function: Any, facts: Any) -> None:
    for name, fact in zip(_CODE, facts, strict=True):
        setattr(function, name, fact)
    for forget in _caches():
        forget()


@cache
def _caches() -> list[Callable[[], None]]:
    """Return the functions that clear the caches of the till: an earlier result may hide a fault."""
    found = (getattr(one, "cache_clear", None) for one in gc.get_objects() if hasattr(type(one), "cache_clear"))
    return [one for one in found if callable(one) and str(one.__self__.__module__).startswith("till.")]


@contextmanager
def _planted(fault: Fault) -> Iterator[Callable[[World], None]]:
    function, changed = _function(fault.module, fault.mutant.function), _changed(fault)
    kept = [getattr(function, name) for name in _CODE]
    _set(function, changed)
    try:
        yield nothing
    finally:
        _set(function, kept)
