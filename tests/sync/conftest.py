"""Tills of these tests: journals in files of their own, closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sync.real import Real, make_store
from tests.sync.rig import Keys, Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.plugins.database import Database, Shelf


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
    """A till with an engine after its first push: nothing is unsent, and the poll is five seconds away."""
    found = Rig(tmp_path / "rig.journal")
    found.quiet()
    yield found
    found.journal.close()


@pytest.fixture
def shared(rig: Rig) -> str:
    """An order that is saved, and the poll after it due."""
    session = rig.open()
    rig.quiet()
    rig.pass_by(5)
    return session


@pytest.fixture(scope="session")
def store_template(shelf: Shelf, template: str) -> str:
    """The name of the database that `real` copies."""

    def fill(database: Database) -> None:
        with database.connect() as owner:
            make_store(owner)

    return shelf.template("till_store", fill, template)


@pytest.fixture
def real(shelf: Shelf, store_template: str) -> Iterator[Real]:
    """A venue in a real database, with tills 1 and 2 enrolled."""
    with shelf.lent(store_template) as (_kept, database), database.connect() as owner:
        yield Real(database, owner)
