"""Tills as processes of their own, and an ordinary user to run them as."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from db.embedded import EmbeddedServer, binaries, places, postmaster
from db.embedded.places import Home
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOT: Final = Path(__file__).parents[2]
#: One that uses the server: says each thing that takes long, then "up", and leaves when told.
_TILL = """
import sys
from pathlib import Path
from db.embedded import EmbeddedServer, programs
from tests.plugins.initdb import CopyingRun
programs.run = CopyingRun(Path(sys.argv[3]))
lease = EmbeddedServer(Path(sys.argv[1])).acquire(sys.argv[2], lambda sentence: print(sentence, flush=True))
print("up", flush=True)
sys.stdin.readline()
lease.release()
"""

#: Modules of the scenario are loaded before root's rights are given up, because the interpreter may be in
#: a folder that this user cannot enter.
_AS_USER = """
import encodings.ascii, encodings.idna, gettext, importlib.metadata, locale, os, sys, traceback
from pathlib import Path
import psycopg
from db import engine
from db.embedded import EmbeddedServer, binaries, errors, places, postmaster
from db.embedded import programs as running
from tests.plugins.initdb import CopyingRun
running.run = CopyingRun(Path(sys.argv[5]))
user, group, programs, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
scenario = compile(sys.stdin.read(), "scenario", "exec")
if os.geteuid() == 0:
    binaries.carried = lambda major=18: binaries.Binaries(programs, major)
    os.setgroups([]); os.setgid(group); os.setuid(user)
exec(scenario)
"""


@dataclass(frozen=True, slots=True)
class Till:
    """A till in a process of its own."""

    process: subprocess.Popen[str]

    def hears(self, words: str) -> None:
        """Waits until it says these words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if words in line:
                return
        pytest.fail(f"it ended ({self.process.wait()}) and never said {words!r}")

    def leave(self) -> None:
        self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class StartTill(Protocol):
    def __call__(self, name: str) -> Till: ...


@pytest.fixture
def start_till(data_dir: Path, pytestconfig: pytest.Config) -> Iterator[StartTill]:
    """Starts tills on the test's data folder, and kills what is left of them."""
    started: list[Till] = []

    def start(name: str) -> Till:
        command = [sys.executable, "-c", _TILL, str(data_dir), name, str(run_dir(pytestconfig))]
        process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)
        started.append(Till(process))
        return started[-1]

    yield start
    for till in started:
        till.kill()
        for pipe in (till.process.stdin, till.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def server(data_dir: Path) -> EmbeddedServer:
    """The embedded server of the test's data folder, not made yet."""
    return EmbeddedServer(data_dir)


@pytest.fixture
def home_of() -> Callable[[Path], Home]:
    """The folder of the server of a data folder."""

    def find(data_dir: Path) -> Home:
        home = places.find(data_dir, places.default_system_dir())
        assert home is not None
        return home

    return find


@pytest.fixture
def crash(data_dir: Path, home_of: Callable[[Path], Home]) -> Callable[[], None]:
    """Kills the server with a signal that it cannot answer; its children find out by themselves."""

    def kill() -> None:
        home = home_of(data_dir)
        found = postmaster.running(home)
        assert found is not None
        os.kill(found.pid, 9)

    return kill


@dataclass(frozen=True, slots=True)
class User:
    """An ordinary user, with a folder of his own."""

    name: str
    folder: Path
    programs: Path
    clusters: Path

    def runs(self, scenario: str, folder: Path | None = None) -> str:
        """Runs Python as this user; `folder` and `EmbeddedServer` are known to it. Gives what it printed."""
        entry = pwd.getpwnam(self.name)
        where = [self.programs, folder or self.folder / "data", self.clusters]
        command = [sys.executable, "-c", _AS_USER, str(entry.pw_uid), str(entry.pw_gid), *map(str, where)]
        done = subprocess.run(
            command, input=scenario, capture_output=True, text=True, check=False, timeout=120, cwd=_ROOT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def user(pytestconfig: pytest.Config) -> Iterator[User]:
    """The user who runs the tests; `nobody` instead of root."""
    folder, clusters = Path(tempfile.mkdtemp(dir=run_dir(pytestconfig))), run_dir(pytestconfig)
    name = pwd.getpwuid(os.geteuid()).pw_name
    programs = binaries.bundled_binaries().folder
    if os.geteuid() == 0:
        name = "nobody"
        entry = pwd.getpwnam(name)
        clusters = run_dir(pytestconfig) / f"clusters-of-{name}"
        clusters.mkdir(exist_ok=True)
        for own in (folder, clusters):
            os.chown(own, entry.pw_uid, entry.pw_gid)
        here = places.current_account()
        root = Home(folder, here, places.Account(name, entry.pw_uid, entry.pw_gid), places.default_system_dir())
        programs = binaries.for_home(root).folder
    yield User(name, folder, programs, clusters)
    shutil.rmtree(folder)
