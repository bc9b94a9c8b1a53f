"""The testbed of the bench, on the server of the tests: its venue is made once."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from bench.testbed import Bench
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.embedded import EmbeddedServer


class Shared(Bench):
    """The testbed of the bench on the server of the tests."""

    shared: EmbeddedServer

    @property
    def server(self) -> EmbeddedServer:
        return self.shared


@pytest.fixture(scope="session")
def testbed(postgres: EmbeddedServer, pytestconfig: pytest.Config) -> Iterator[Bench]:
    with TemporaryDirectory(dir=run_dir(pytestconfig)) as folder:
        made = Shared(Path(folder), full=False)
        made.folder.chmod(0o711)  # as the bench's own: a pooler runs as another user
        made.shared = postgres
        yield made
        made.clear()
