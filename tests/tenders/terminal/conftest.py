"""A terminal for each module: a process of its own, as new for each test."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.tenders.terminal.counter import Till
from tests.tenders.terminal.tills import Counter
from tests.terminal.process import TerminalProcess, running
from tests.terminal.schema import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TerminalProcess]:
    """A terminal over HTTPS, everything sealed."""
    with running(tmp_path_factory.mktemp("terminal")) as terminal:
        yield terminal


@pytest.fixture
def terminal(process: TerminalProcess) -> Iterator[TerminalProcess]:
    """A reset terminal. Each message of both sides is checked against the schema."""
    process.book.forget()
    yield process
    assert process.book.faults() == []
    assert [fault for message in process.book.sent() for fault in check(message)] == []


@pytest.fixture
def till(terminal: TerminalProcess) -> Till:
    """A till in front of it."""
    return Till(terminal)


@pytest.fixture
def free_port() -> int:
    """A free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def counter(tmp_path: Path, terminal: TerminalProcess) -> Iterator[Counter]:
    """The counter of a venue: its tills are connected to that terminal."""
    made = Counter(tmp_path, terminal)
    yield made
    made.close_all()
