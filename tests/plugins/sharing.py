"""Sharing of tests among workers: each begins with long ones and ends with quick ones, so that none is waited for.

They share compiling, too: in a fresh copy of the project it takes ten seconds of CPU, and each worker loads all.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest

from tests.plugins.parts import rooms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Rooms of tests that start programs and servers, or play for seconds.
_LONG: Final = (
    "bench",
    "db",
    "e2e",
    "faults",
    "hostile",
    "journal",
    "replay",
    "simulation",
    "sync",
    "upgrade",
    "wheel",
)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let each worker begin with other rooms: another worker has compiled its later rooms by then."""
    worker = getattr(config, "workerinput", None)
    if worker is not None and (rooms := rooms_of(config)):
        first = int(worker["workerid"].removeprefix("gw")) * len(rooms) // int(worker["workercount"])
        config.args = rooms[first:] + rooms[:first]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests alike in each worker: xdist gives each the same number in order; an idle worker helps others."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    if workers > 1:
        items.sort(key=lambda item: (_room(item), str(item.path)))  # a worker may begin between two files of a room
        items[:] = shared(items, workers)


def shared(items: Iterable[pytest.Item], workers: int) -> list[pytest.Item]:
    """Deal the tests to the workers file by file: first the long ones, then quick ones to even out the shares."""
    files = [list(group) for _path, group in itertools.groupby(items, key=lambda item: item.path)]
    long = [file for file in files if _is_long(file[0])]
    quick = [item for file in files if not _is_long(file[0]) for item in file]
    left = sum(map(len, files))
    found: list[pytest.Item] = []
    for worker in range(workers):
        share = [item for file in long[worker::workers] for item in file]
        room = max(0, left // (workers - worker) - len(share))
        share += quick[:room]
        del quick[:room]
        left -= len(share)
        found += share
    return found + quick


def _is_long(item: pytest.Item) -> bool:
    return _room(item) in _LONG


def _room(item: pytest.Item) -> str:
    """Return the folder or file under `tests`; rooms are collected in this order."""
    return item.nodeid.split("/")[1].partition("::")[0]
