"""Folders of the run and of each test, and an environment that holds nothing of the developer's own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.embedded import EmbeddedServer, places

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIVE = "alive"
_RUN = pytest.StashKey[Path]()


def run_dir(config: pytest.Config) -> Path:
    """A folder that all workers of this run share; everyone may enter it, for root's servers run as another user."""
    return config.stash[_RUN]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The controller makes the folder of the run, and clears those of runs that were killed."""
    root = Path(tempfile.gettempdir()) / f"till-tests-{os.geteuid()}"
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_RUN] = Path(worker["till_run_dir"])
        return
    root.mkdir(mode=0o711, exist_ok=True)
    root.chmod(0o711)
    for old in root.iterdir():
        _clear_if_dead(old)
    run = Path(tempfile.mkdtemp(dir=root))
    run.chmod(0o711)
    alive = (run / _ALIVE).open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    config.stash[_RUN] = run
    config.add_cleanup(alive.close)
    config.add_cleanup(lambda: _clear(run))  # first, under the lock: another run must not clear it at the same time


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Tells a worker of xdist where the run's folder is."""
    node.workerinput["till_run_dir"] = str(run_dir(node.config))  # type: ignore[attr-defined] # xdist's WorkerController


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Path]:
    """The data folder of this test (TILL_DATA_DIR), not made yet. An embedded server left running in it is stopped."""
    path = tmp_path_factory.getbasetemp() / f"data-{time.monotonic_ns():x}"
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("TILL_", "PG")):
                patch.delenv(name)
        patch.setenv("TILL_DATA_DIR", str(path))
        patch.setenv("TILL_SYSTEM_DIR", str(run_dir(pytestconfig) / "system"))
        yield path
        if path.exists():
            EmbeddedServer(path).stop(even_if_used=True)
            home = places.find(path, places.default_system_dir())
            if home is not None and home.foreign:
                shutil.rmtree(home.folder)
            shutil.rmtree(path)


def _clear_if_dead(run: Path) -> None:
    """Clears a run's folder when nobody holds its lock; one that has none yet is being made."""
    if not (run / _ALIVE).exists():
        return
    with (run / _ALIVE).open("r+") as alive:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _clear(run)


def _clear(run: Path) -> None:
    EmbeddedServer(run / "data", system_dir=run / "system").stop(even_if_used=True)
    shutil.rmtree(run)
