"""Tills in pseudo-terminals, each test with a data folder of its own; no process outlives its test."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from db.embedded import EmbeddedServer, locks, places
from db.engine import connect
from tests.e2e.loaded import LoadedTill
from tests.e2e.terminal import PATIENCE, TILL, Terminal
from tests.plugins.commands import cheap_hash
from tests.plugins.folders import run_dir
from till.administration.calls import call
from till.cli.demo_venue import DEMO, DEMO_PINS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import psycopg

#: A server that a loaded machine makes slow to answer is not taken for one that is away.
_PATIENT: Final = {"TILL_SYNC__DEADLINE_S": "5"}


class Venue:
    """The demo venue of one test: its tills, its commands, its database.

    Attributes:
        folder: the data folder that all of them share.

    Args:
        as_user: a command line that runs the rest of the line as another user.
        loaded: the process that its tills and commands are forked from if the environment fits; None starts new ones.
    """

    def __init__(self, folder: Path, as_user: Sequence[str] = (), loaded: LoadedTill | None = None) -> None:
        self.folder = folder
        self._as_user = tuple(as_user)
        self._loaded = loaded
        self._terminals: list[Terminal] = []

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process; `more` adds to it."""
        kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
        own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "TILL_DATA_DIR": str(self.folder)}
        return {**kept, **own, **_PATIENT, **(more or {})}

    def spawn(
        self, command: Sequence[str], *, size: tuple[int, int] = (80, 24), more: Mapping[str, str] | None = None
    ) -> Terminal:
        """Start a program in a terminal: a till, Python with words of a test, or any other."""
        environment = self.environment(more)
        is_ours = command[0] == TILL or list(command[:2]) == [sys.executable, "-c"]
        loaded = self._loaded_for(environment) if is_ours else None
        self._terminals.append(Terminal([*self._as_user, *command], environment, size=size, loaded=loaded))
        return self._terminals[-1]

    def _loaded_for(self, environment: Mapping[str, str]) -> LoadedTill | None:
        loaded = None if self._as_user else self._loaded
        return loaded if loaded and loaded.fits(environment) else None

    def open(
        self, till: int = 1, *, size: tuple[int, int] = (80, 24), more: Mapping[str, str] | None = None
    ) -> Terminal:
        """Open a till of the demo; it may still paint when this returns."""
        return self.spawn([TILL, "demo", "--till", str(till)], size=size, more=more)

    def open_connected(
        self, till: int = 1, *, size: tuple[int, int] = (80, 24), more: Mapping[str, str] | None = None
    ) -> Terminal:
        """Open a till, and wait on its login screen until its database has answered it."""
        return self.connected(self.open(till, size=size, more=more))

    def open_at(
        self, staff: int, till: int = 1, *, size: tuple[int, int] = (80, 24), more: Mapping[str, str] | None = None
    ) -> Terminal:
        """Open a till and log somebody in."""
        return self.log_in(self.open(till, size=size, more=more), staff)

    def connected(self, terminal: Terminal) -> Terminal:
        """Wait at a till that begins until its database has answered it: “saved” is there from its first paint on."""
        terminal = self.log_in(terminal, 9).wait_for("● saved")
        return terminal.press("f12").wait_for("type a number").wait_for("● saved")

    @staticmethod
    def log_in(terminal: Terminal, staff: int = 1) -> Terminal:
        """Log somebody in at a till that shows its login screen, or is about to."""
        terminal.wait_for("type a number").type(f"{staff}\r{DEMO_PINS[staff]}\r")
        return terminal.wait_for(lambda t: "type a number" not in t.text)

    def run(self, *arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the till without a terminal."""
        environment = self.environment(more)
        if loaded := self._loaded_for(environment):
            return loaded.run(arguments, environment, PATIENCE)
        return subprocess.run(
            [*self._as_user, TILL, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def ask(self, *arguments: str) -> Any:
        """Run a command that prints one object."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def server(self) -> EmbeddedServer:
        """The embedded server of the folder."""
        return EmbeddedServer(self.folder)

    def url(self) -> str:
        """Return the address from `till db url`; the server is up after it, and stays."""
        done = self.run("db", "url")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connect(self) -> psycopg.Connection[Any]:
        """A connection with the owner's rights to the running server, in autocommit."""
        return connect(self.server.owner())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query on the running database and return its rows."""
        with self.connect() as session:
            return session.execute(query).fetchall()

    def close(self) -> None:
        """End every program."""
        for terminal in self._terminals:
            terminal.close()


@pytest.fixture(scope="session")
def loaded_till() -> Iterator[LoadedTill]:
    """Yield the process from which this test process forks its tills and commands."""
    loaded = LoadedTill()
    yield loaded
    loaded.close()


@pytest.fixture
def bare_venue(data_dir: Path, loaded_till: LoadedTill) -> Iterator[Venue]:
    """An empty data folder; its tills and its server end with the test."""
    made = Venue(data_dir, loaded=loaded_till)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def venue(bare_venue: Venue, prepared: Path, pytestconfig: pytest.Config) -> Venue:
    """A data folder whose demo venue has its database already, as on the second day."""
    copy_folder(prepared, bare_venue.folder, run_dir(pytestconfig) / "system")
    return bare_venue


@pytest.fixture(scope="session")
def prepared(pytestconfig: pytest.Config, loaded_till: LoadedTill) -> Path:
    """The data folder that `venue` copies; the first worker makes it with the till itself."""
    run = run_dir(pytestconfig)
    folder, draft = run / "demo", run / "demo.draft"
    with locks.exclusively(run / "demo.lock", 120), pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.SYSTEM_DIR_VARIABLE, str(run / "system"))
        if not folder.exists():
            made = Venue(draft, loaded=loaded_till)
            try:
                till = made.open_connected(1)
                make_pins_cheap(made)
                till.press("ctrl+q").wait_for_end()
                for number in (1, 2):  # and now both know them
                    made.open_connected(number).press("ctrl+q").wait_for_end()
                shutil.rmtree(draft / "logs")  # a log that a test reads is its own
            finally:
                made.close()
            draft.rename(folder)
            places.find(folder, run / "system")  # the database notes that its data folder was moved
    return folder


def make_pins_cheap(venue: Venue) -> None:
    """Give everybody a hash of the same PIN that is quick to check."""
    with venue.connect() as session:
        for number, pin in DEMO_PINS.items():
            call(session, "user_set_pin_v1", DEMO.store_id, None, number, cheap_hash(pin))


def copy_folder(source: Path, target: Path, system_dir: Path) -> None:
    """Copy a data folder with its database, wherever that is; its server must be stopped."""
    home = places.find(source, system_dir)
    assert home is not None
    _copy_tree(source, target)
    if home.foreign:
        name, own = secrets.token_hex(6), places.default_system_dir()
        for folder in (own, own / "clusters"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711)
        _copy_tree(home.folder, own / "clusters" / name)
        (target / "postgres" / "where").write_text(name, encoding="ascii")
        places.find(target, own)


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with owners and modes, which `shutil.copytree` leaves out."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
