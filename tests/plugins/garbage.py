"""Python's garbage collection in a run of the tests: it skips the collected tests, which stay for the whole run."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

#: Allocations between two runs of the garbage collector. Python's own 700 costs a fifth of a screen test's time.
_YOUNG: Final = 60_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Turn collection off while pytest makes hundreds of modules and thousands of tests: none of them is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
        gc.freeze()


def set_aside() -> None:
    """Freeze all live objects, also again after a test that unfroze them."""
    gc.collect()
    gc.freeze()
