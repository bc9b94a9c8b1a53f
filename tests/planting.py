"""Modules of the product with a fault that is planted on purpose: plays that do not find it prove nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from unittest import mock


def with_fault(module: ModuleType, passage: str, instead: str) -> ModuleType:
    """Return a copy of a module with other words for a passage.

    Raises:
        AssertionError: the passage is not in the module, or more than once.
    """
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert source.count(passage) == 1, f"{module.__name__} has this {source.count(passage)} times: {passage}"
    changed = ModuleType(module.__name__)
    changed.__file__ = module.__file__
    with mock.patch.dict(sys.modules, {changed.__name__: changed}):
        exec(compile(source.replace(passage, instead), str(changed.__file__), "exec"), changed.__dict__)  # noqa: S102 - the product's own words
    return changed
