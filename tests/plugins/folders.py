"""Folders of the run and of each test, and an environment that holds nothing of the developer's own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.embedded import EmbeddedServer, places
from tests.plugins.ground import disk, ground

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIVE = "alive"
_RUN, _DISK = pytest.StashKey[Path](), pytest.StashKey[Path]()
_NAME = f"till-tests-{os.geteuid()}"
#: Settings of the developer's: of till, of PostgreSQL, and of the colours of the shell.
_OWN = ("TILL_", "PG", "NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_FILTERS")


def run_dir(config: pytest.Config) -> Path:
    """Return the folder that all workers of this run share; any user may enter it: root's servers run as another."""
    return config.stash[_RUN]


def disk_dir(config: pytest.Config) -> Path:
    """Return a folder on the disk, for the few tests that need one."""
    return config.stash[_DISK]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the folders of the run, in the controller, and clear those of killed runs.

    pytest's own folders (`tmp_path`) are in the first one too, unless `--basetemp` names another place.
    """
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_RUN], config.stash[_DISK] = Path(worker["till_run_dir"]), Path(worker["till_disk_dir"])
        return
    chosen = ground()
    run = config.stash[_RUN] = _make_run(config, chosen)
    config.stash[_DISK] = run if chosen == disk() else _make_run(config, disk())
    if not config.option.basetemp:
        config.option.basetemp = str(run / "tests")


def _make_run(config: pytest.Config, place: Path) -> Path:
    root = place / _NAME
    root.mkdir(mode=0o711, exist_ok=True)
    root.chmod(0o711)
    for old in root.iterdir():
        _clear_if_dead(old)
    run = Path(tempfile.mkdtemp(dir=root))
    run.chmod(0o711)
    alive = (run / _ALIVE).open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    config.add_cleanup(alive.close)
    config.add_cleanup(lambda: _clear(run))  # first, under the lock: another run must not clear it at the same time
    return run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Tell a worker of xdist the run's folders."""
    workerinput: dict[str, str] = node.workerinput  # type: ignore[attr-defined] # xdist's WorkerController
    workerinput["till_run_dir"], workerinput["till_disk_dir"] = str(run_dir(node.config)), str(disk_dir(node.config))


@pytest.fixture
def on_disk(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder of this test on the disk."""
    with tempfile.TemporaryDirectory(dir=disk_dir(pytestconfig)) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def data_dir(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The data folder of this test (TILL_DATA_DIR), not made yet. An embedded server left running in it is stopped.

    It is in memory, unless the test is marked `disk`. It asks for no other fixture: each costs every test its time.
    """
    if request.node.get_closest_marker("disk") is not None:
        run = place = disk_dir(request.config)
    else:
        temporary: pytest.TempPathFactory = request.config._tmp_path_factory  # type: ignore[attr-defined] # pytest's
        run, place = run_dir(request.config), temporary.getbasetemp()
    with new_data_dir(run, place) as path:
        yield path


@contextmanager
def new_data_dir(run: Path, place: Path) -> Iterator[Path]:
    """Make a data folder in a place and set an environment that names it; both end with the block, as does its server.

    Args:
        run: the folder of the run, whose servers stand beside one another.
        place: the parent of the folder.
    """
    path = place / f"data-{os.getpid()}-{time.monotonic_ns():x}"
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(_OWN):
                patch.delenv(name)
        patch.setenv("TILL_DATA_DIR", str(path))
        patch.setenv("TILL_SYSTEM_DIR", str(run / "system"))
        yield path
        if path.exists():
            EmbeddedServer(path).stop(even_if_used=True)
            home = places.find(path, places.default_system_dir())
            if home is not None and home.foreign:
                shutil.rmtree(home.folder)
            shutil.rmtree(path)


def _clear_if_dead(run: Path) -> None:
    """Clear a run's folder if nobody holds its lock; one without a lock is being made."""
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
