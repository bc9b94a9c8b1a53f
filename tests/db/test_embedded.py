"""One machine, one server, several tills: who starts it, who stops it, and what a kill leaves (ADR 0004)."""

from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.embedded import BusyError, EmbeddedServer, InUseError, NotRunningError, cluster, locks
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.embedded.places import Home
    from tests.db.conftest import StartTill


def test_server_runs_while_a_lease_is_held_and_knows_the_owner_by_name_and_tills_by_password(
    server: EmbeddedServer, data_dir: Path, home_of: Callable[[Path], Home]
) -> None:
    assert server.status().state == "not made"
    with server.acquire("Till 1"):
        assert server.is_running()
        assert [holder.name for holder in server.status().holders] == ["Till 1"]
        with connect(server.owner()) as session:
            row = session.execute("SELECT current_user, current_setting('fsync'), current_setting('listen_addresses')")
            assert row.fetchone() == ("till_owner", "on", "")
        home = home_of(data_dir)
        assert stat.S_IMODE(home.password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE((home.folder / "run").stat().st_mode) == 0o700
        with connect(server.app()) as session:
            assert session.execute("SELECT current_user").fetchone() == ("till_app",)
        without = server.owner_url().replace("till_owner", "till_app")
        with pytest.raises(psycopg.OperationalError, match="no password"):
            psycopg.connect(without)
        lease = server.acquire("Till 2")
        for _again in range(2):  # it is given back once
            lease.release()
            assert [holder.name for holder in server.status().holders] == ["Till 1"]
    assert server.status().state == "stopped"
    with pytest.raises(NotRunningError, match="not running"):
        server.owner_url()


def test_the_random_password_of_the_tills_is_hashed_once() -> None:
    first, second = cluster.password_hash("tills"), cluster.password_hash("tills")
    assert first.startswith("SCRAM-SHA-256$1:")
    assert first != second  # salted


def test_two_tills_that_start_at_once_share_one_server(start_till: StartTill, server: EmbeddedServer) -> None:
    tills = [start_till("Till 1"), start_till("Till 2")]
    for till in tills:
        till.hears("up")
    assert sorted(holder.name for holder in server.status().holders) == ["Till 1", "Till 2"]
    with server.acquire("Test"), connect(server.owner()) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    for till in tills:
        assert server.is_running()
        till.leave()
    assert not server.is_running()


def test_the_first_till_leaves_while_the_second_sells(start_till: StartTill, server: EmbeddedServer) -> None:
    first = start_till("Till 1")
    first.hears("up")
    with server.acquire("Till 2"), connect(server.owner()) as session:
        session.execute("CREATE TABLE sale (line text)")
        first.leave()
        session.execute("INSERT INTO sale VALUES ('idly')")
        assert session.execute("SELECT line FROM sale").fetchall() == [("idly",)]


def test_the_server_outlives_a_killed_till_that_started_it(start_till: StartTill, server: EmbeddedServer) -> None:
    first = start_till("Till 1")
    first.hears("up")
    with server.acquire("Till 2"), connect(server.owner()) as session:
        first.kill()
        assert [holder.name for holder in server.status().holders] == ["Till 2"]
        assert session.execute("SELECT 1").fetchone() == (1,)
    assert not server.is_running(), "the last living till stops it"


def test_a_server_that_a_killed_till_left_is_stopped_by_the_next(start_till: StartTill, server: EmbeddedServer) -> None:
    only = start_till("Till 1")
    only.hears("up")
    only.kill()
    assert server.is_running()
    assert server.status().holders == ()
    server.acquire("Till 1").release()
    assert not server.is_running()


@pytest.mark.disk
def test_a_killed_server_comes_back_with_all_that_was_committed(
    server: EmbeddedServer, crash: Callable[[], None]
) -> None:
    with server.acquire("Till 1"):
        with connect(server.owner()) as session:
            session.execute("CREATE TABLE sale AS SELECT 'idly' AS line")
            crash()
            server.ensure_running()
            with pytest.raises(psycopg.OperationalError):
                session.execute("SELECT 1")  # no orphan of the old server lives beside the new one
        with connect(server.owner()) as session:
            assert session.execute("SELECT line FROM sale").fetchall() == [("idly",)]
    assert not server.is_running()


@pytest.mark.disk
def test_a_database_half_made_by_a_killed_till_is_made_anew(
    start_till: StartTill, server: EmbeddedServer, data_dir: Path, home_of: Callable[[Path], Home]
) -> None:
    first = start_till("Till 1")
    first.hears("Making the database")
    first.kill()
    assert not home_of(data_dir).cluster.exists()
    with server.acquire("Till 2"):
        home = home_of(data_dir)
        assert not list(home.folder.glob(".cluster-*"))
        with connect(server.owner()) as session:
            assert session.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'till%'").fetchone() == (6,)


def test_a_kept_server_stays_until_it_is_stopped(server: EmbeddedServer) -> None:
    with server.acquire("till db url"):
        server.keep()
    assert server.is_running()
    with server.acquire("Till 1"), pytest.raises(InUseError, match="Till 1"):
        server.stop()
    assert server.is_running()
    assert server.stop()
    assert not server.is_running()
    assert not server.stop()


def test_a_till_set_to_keep_it_running_leaves_it_up(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir, keep_running=True)
    server.acquire("Till 1").release()
    assert server.is_running()
    server.stop()


def test_asking_makes_nothing(server: EmbeddedServer, data_dir: Path) -> None:
    assert not server.is_running()
    assert not server.stop()
    assert server.status().holders == ()
    assert not data_dir.exists()


def test_a_till_waits_for_one_that_is_starting(
    server: EmbeddedServer, data_dir: Path, home_of: Callable[[Path], Home]
) -> None:
    with server.acquire("Till 1"):
        pass
    entered, done = threading.Event(), threading.Event()
    home = home_of(data_dir)

    def hold() -> None:
        with locks.exclusively(home.control_lock, 10):
            entered.set()
            done.wait(10)

    other = threading.Thread(target=hold)
    other.start()
    entered.wait(10)
    with pytest.raises(BusyError, match="Another till"):
        EmbeddedServer(data_dir, patience_s=0.05).acquire("Till 2")
    done.set()
    with server.acquire("Till 2"):
        assert server.is_running()
    other.join()
