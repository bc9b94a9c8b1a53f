"""Python's garbage in a run of the tests: what was collected of them stays, so no collection need look at it again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

#: So many things are made before Python looks for garbage: at its own 700, that is a fifth of what a screen test takes.
_YOUNG: Final = 10_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Hundreds of modules and thousands of tests are made, and none of them is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
        set_aside()


def set_aside() -> None:
    """Again, after a test that gave everything back to Python."""
    gc.collect()
    gc.freeze()
