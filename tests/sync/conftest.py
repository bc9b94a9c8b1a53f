"""Tills of these tests: journals in files of their own, closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sync.real import Real
from tests.sync.rig import Keys, Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.plugins.database import Database


@pytest.fixture
def make_keys(tmp_path: Path) -> Iterator[Callable[..., Keys]]:
    """Makes tills with a journal and a ledger."""
    made: list[Keys] = []

    def make(till: int = 1, seed: int = 1) -> Keys:
        made.append(Keys(tmp_path / f"till-{till}-{len(made)}.journal", till, seed))
        return made[-1]

    yield make
    for keys in made:
        keys.journal.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A till with an engine that has said its first words: nothing is unsent, and the poll is five seconds away."""
    found = Rig(tmp_path / "rig.journal")
    found.quiet()
    yield found
    found.journal.close()


@pytest.fixture
def real(database: Database) -> Iterator[Real]:
    """A venue in a real database, with tills 1 and 2 enrolled."""
    found = Real(database)
    yield found
    found.owner.close()
