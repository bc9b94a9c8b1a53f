"""Power cuts, numbers used twice, recoveries that take long, and data that will not start (ADR 0004)."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from db.embedded import DidNotStartError, EmbeddedServer, StillStartingError, StillStoppingError, locks, postmaster
from db.embedded.errors import WrongMajorError
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from db.embedded.places import Home
    from tests.db.conftest import User


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's own user that has nothing to do with it."""
    who = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    process = subprocess.Popen(["/bin/sleep", "600"], user=who)
    yield process
    process.kill()
    process.wait()


def _give_number(home: Home, pid: int) -> None:
    """Replace the killed server's process number with that of another process, as after reuse."""
    for path in (home.data / "postmaster.pid", home.folder / "run" / ".s.PGSQL.5432.lock"):
        _first, _line, rest = path.read_text().partition("\n")
        path.write_text(f"{pid}\n{rest}")


def test_a_stale_postmaster_pid_whose_number_is_used_again_stands_in_nobodys_way(
    data_dir: Path,
    home_of: Callable[[Path], Home],
    crash: Callable[[], None],
    bystander: subprocess.Popen[bytes],
) -> None:
    server = EmbeddedServer(data_dir)
    with server.acquire("Till 1"):
        crash()
        home = home_of(data_dir)
        server.ensure_running()
        crash()
    _give_number(home, bystander.pid)
    assert not server.is_running()
    with server.acquire("Till 1"):
        assert server.is_running()
        assert server.status().pid != bystander.pid
    assert bystander.poll() is None, "no other process was stopped in the server's place"


@pytest.mark.disk
def test_after_a_restart_of_the_machine_it_starts_with_what_was_committed(
    data_dir: Path, home_of: Callable[[Path], Home], crash: Callable[[], None]
) -> None:
    server = EmbeddedServer(data_dir)
    with server.acquire("Till 1"):
        with connect(server.owner()) as session:
            session.execute("CREATE TABLE sale AS SELECT 'idly' AS line")
        crash()
    home = home_of(data_dir)
    _give_number(home, 1)
    for left in (home.folder / "run").iterdir():
        left.unlink()
    (home.folder / "run").rmdir()
    with server.acquire("Till 1"), connect(server.owner()) as session:
        assert session.execute("SELECT line FROM sale").fetchall() == [("idly",)]


def test_a_recovery_may_take_as_long_as_it_takes(
    data_dir: Path, home_of: Callable[[Path], Home], crash: Callable[[], None], user: User
) -> None:
    server = EmbeddedServer(data_dir)
    gate = user.folder / "gate"
    os.mkfifo(gate)
    gate.chmod(0o666)
    with server.acquire("Till 1"):
        home = home_of(data_dir)
        with connect(server.owner().url.replace("till_owner", "postgres")) as session:
            session.execute(f"ALTER SYSTEM SET restore_command = 'cat {gate}; false'")
        crash()
    (home.data / "recovery.signal").touch()  # recovery now waits at the gate for each file that it asks for

    with pytest.raises(StillStartingError, match="still starting"):
        EmbeddedServer(data_dir, patience_s=0.2).acquire("Till 1")
    assert server.status().state == "starting"
    assert server.status().holders == ()

    is_waiting, leases = threading.Event(), []
    waiting = threading.Thread(target=lambda: leases.append(server.acquire("Till 2", lambda _: is_waiting.set())))
    waiting.start()
    assert is_waiting.wait(30), "the waiting till is notified"
    assert not leases
    opener = subprocess.Popen([sys.executable, "-c", f"while True: open({str(gate)!r}, 'w').close()"])
    waiting.join(60)
    opener.kill()
    opener.wait()
    assert server.is_running()
    leases.pop().release()
    assert not server.is_running()


def test_a_server_that_will_not_start_says_why_and_data_of_another_version_is_not_touched(
    data_dir: Path, home_of: Callable[[Path], Home]
) -> None:
    server = EmbeddedServer(data_dir)
    server.acquire("Till 1").release()
    with (home_of(data_dir).data / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    with pytest.raises(DidNotStartError, match=r"configuration file .* contains errors.*server\.log"):
        server.acquire("Till 1")
    assert server.status().holders == ()
    (home_of(data_dir).data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongMajorError, match="made by PostgreSQL 17"):
        server.acquire("Till 1")


def test_a_stopped_server_is_stopped_for_good_even_when_it_is_frozen(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedServer(data_dir)
    lease = server.acquire("Till 1")
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, 19)
    monkeypatch.setattr(postmaster, "_STOPS", ((2, 0.1), (3, 0.1), (9, 10.0)))
    assert server.stop(even_if_used=True)
    assert server.status().state == "stopped"
    lease.release()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("db.embedded", {"psycopg", "sqlalchemy", "alembic"}), ("db.engine", {"sqlalchemy", "alembic"})],
)
def test_importing_stays_cheap(module: str, heavy: set[str]) -> None:
    words = f"import sys, {module}; print(*set(sys.modules) & {heavy})"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_closing_the_last_till_does_not_wait_for_a_frozen_server_which_stops_once_it_thaws(
    data_dir: Path, home_of: Callable[[Path], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "_LEAVING_S", 0.2)
    server = EmbeddedServer(data_dir)
    lease = server.acquire("Till 1")
    with connect(server.owner("postgres")) as session:
        session.execute("CREATE DATABASE kept")
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StillStoppingError, match="Nothing is lost"):
            lease.release()
        assert server.status().holders == ()
        assert locks.is_held(home_of(data_dir).server_lock)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert locks.wait_until_free(home_of(data_dir).server_lock, 60)
    with server.acquire("Till 1"), connect(server.owner("postgres")) as session:
        assert session.execute("SELECT 1 FROM pg_database WHERE datname = 'kept'").fetchall()
