"""Python's garbage in a run of the tests: what was collected of them stays, so no collection need look at it again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Hundreds of modules and thousands of tests are made, and none of them is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        set_aside()


def set_aside() -> None:
    """Again, after a test that gave everything back to Python."""
    gc.collect()
    gc.freeze()
