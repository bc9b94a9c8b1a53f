"""Leaves: folders of the program that may be deleted, each with all of its subject."""

from __future__ import annotations

from importlib.util import find_spec


def is_here(module: str) -> bool:
    """Return True if the folder of a module is here. It is not imported."""
    found = find_spec(module.rpartition(".")[0])
    return found is not None and found.origin is not None
