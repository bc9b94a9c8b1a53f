"""The testbed of the bench, on the server of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.testbed import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.embedded import EmbeddedServer


class Shared(Bench):
    """The testbed of the bench on the server of the tests."""

    shared: EmbeddedServer

    @property
    def server(self) -> EmbeddedServer:
        return self.shared


@pytest.fixture(scope="module")
def testbed(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Shared(tmp_path_factory.mktemp("bench"), full=False)
    made.shared = postgres
    yield made
    made.clear()
