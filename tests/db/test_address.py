"""One address, in each form that a client takes."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from db.address import SEARCH_PATH, Address
from db.engine import connect, make_engine
from db.errors import NoTlsError, WeakTlsError
from tests.hostile.old_server import old_server
from till.sync.connection import Connection, ConnectionFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database

_AWKWARD = Address(
    "/a folder/it's %20",
    5433,
    "the till",
    "o'wner@home",
    "p@ss:w/ör+\\d '",
    (("options", "-csearch_path=till -cgeqo=off"), ("sslmode", "require")),
)


def test_a_url_reads_back_as_itself() -> None:
    assert Address.from_url(_AWKWARD.url) == _AWKWARD
    assert Address.from_url(_AWKWARD.conninfo) == _AWKWARD


def test_sqlalchemy_gets_the_same() -> None:
    url = _AWKWARD.sqlalchemy_url
    assert (url.username, url.password, url.database) == (_AWKWARD.user, _AWKWARD.password, _AWKWARD.dbname)
    parameters = {"host": _AWKWARD.host, "hostaddr": "", "port": "5433", **dict(_AWKWARD.extra)}
    assert dict(url.query) == parameters


def test_a_url_of_sqlalchemy_is_understood() -> None:
    found = Address.from_url("postgresql+psycopg://me:secret@db.example:6432/bar?sslmode=verify-full")
    assert found == Address("db.example", 6432, "bar", "me", "secret", (("sslmode", "verify-full"),))


def test_an_invalid_url_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        Address.from_url("not a url")
    for wrong in ("postgresql://a,b/bar?port=1,2,3", "postgresql://a,b:x/bar"):
        with pytest.raises(ValueError, match=r"port|expected"):
            Address.from_url(wrong)


def test_a_url_has_several_hosts() -> None:
    found = Address.from_url("postgresql://me@db1.example,[::1]:6432/bar")
    assert str(found) == "me@db1.example:5432,::1:6432/bar"
    assert not found.is_local
    assert [(one.host, one.port) for one in found.each] == [("db1.example", 5432), ("::1", 6432)]
    assert [one.is_local for one in found.each] == [False, True]
    secure = found.with_tls("require")
    assert Address.from_url(secure.url) == Address.from_url(secure.conninfo) == secure
    assert "target_session_attrs='read-write'" in secure.conninfo
    assert Address.from_url("postgresql://a,b/bar?target_session_attrs=any").extra[-1] == (
        "target_session_attrs",
        "any",
    )


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_silent_host_hides_no_other(database: Database, silent: int) -> None:
    several = of_two(database.app, silent)
    with connect(several, connect_timeout=2) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    engine = make_engine(several)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


async def test_each_attempt_of_a_till_takes_the_next_host(database: Database, silent: int) -> None:
    link = Connection(lambda _payload: None)
    several = of_two(database.app, silent).conninfo
    with pytest.raises(ConnectionFailedError, match="no connection in time"):
        await link.open(several, "till 1", 0.2)
    await link.open(several, "till 1", 5)
    assert link.is_open
    await link.close()


def of_two(address: Address, silent: int) -> Address:
    """Return the address with a silent server before its own."""
    first = {
        "host": f"127.0.0.1,{address.host}",
        "port": f"{silent},{address.port}",
        "password": address.password or "",
    }
    return Address.from_url(psycopg.conninfo.make_conninfo(address.conninfo, **first))


def test_a_password_is_not_shown() -> None:
    assert "ör" not in repr(_AWKWARD) + str(_AWKWARD)


def test_the_search_path_is_added_to_other_options() -> None:
    found = Address("h", 1, "d", "u", None, (("options", "-cgeqo=off"),)).with_search_path()
    assert found.extra == (("options", f"-cgeqo=off -csearch_path={SEARCH_PATH}"),)


def test_the_search_path_arrives_by_every_way(database: Database) -> None:
    owner = database.owner
    for way in (owner.url, owner.conninfo):
        with psycopg.connect(way) as session:
            assert session.execute("SHOW search_path").fetchone() == (SEARCH_PATH,)
    for engine in (create_engine(owner.url), make_engine(owner)):
        with engine.connect() as connection:
            assert connection.execute(text("SHOW search_path")).scalar() == SEARCH_PATH
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://till_app@db.example/venue", "require"),
        ("postgresql://till_app@10.0.0.7/venue", "require"),
        ("postgresql://till_app@/venue?host=localhost&hostaddr=10.0.0.7", "require"),
        ("postgresql://till_app@db.example/venue?sslmode=verify-full", "verify-full"),
        ("postgresql://till_app@0.0.0.0/venue", "require"),
        ("postgresql://till_app@localhost/venue", None),
        ("postgresql://till_app@127.0.0.1/venue", None),
        ("postgresql://till_app@127.0.1.1/venue", None),
        ("postgresql://till_app@[::1]/venue", None),
        ("postgresql://till_app@/venue?host=/run/postgresql", None),
        ("postgresql:///venue", None),
    ],
)
def test_tls_is_asked_for_of_a_server_on_another_machine(url: str, mode: str | None) -> None:
    assert dict(Address.from_url(url).with_tls("require").extra).get("sslmode") == mode


@pytest.mark.parametrize("asked", ["disable", "allow", "prefer", "require", "nonsense"])
def test_an_address_that_asks_for_less_is_refused(asked: str) -> None:
    weak = Address.from_url(f"postgresql://till_app:hidden@db.example/venue?sslmode={asked}")
    with pytest.raises(WeakTlsError, match=rf"db\.example:5432 has sslmode={asked}") as refused:
        weak.with_tls("verify-ca")
    assert "hidden" not in str(refused.value)
    assert f'database.tls = "{"unverified" if asked == "require" else "off"}"' in str(refused.value)


def test_nothing_is_sent_in_clear_to_another_machine_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every connection is covered; 127.1 counts as another machine, because it is not listed as local."""
    monkeypatch.setenv("PGSSLMODE", "disable")
    with old_server() as port:
        there = Address("127.1", port, "venue", "till_app", "hidden")
        with pytest.raises(NoTlsError, match="TLS"):
            connect(there)
        for way in (there.conninfo, there.url):
            with pytest.raises(psycopg.OperationalError, match=r"root certificate|does not support SSL"):
                psycopg.connect(way)
        engine = make_engine(there)
        with pytest.raises(DBAPIError, match=r"root certificate|does not support SSL"):
            engine.connect()
        engine.dispose()


def test_the_environment_leads_to_no_other_machine(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setenv("PGHOSTADDR", "10.255.255.1")
    with connect(database.owner) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    engine = make_engine(database.owner)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    with pytest.raises(ValueError, match="not name a service"):
        Address.from_url("postgresql:///venue?service=elsewhere")


def test_a_server_without_tls_is_reported_and_not_taken_for_one_that_is_away() -> None:
    with old_server() as port, pytest.raises(NoTlsError, match=r"database\.tls"):
        connect(Address("127.0.0.1", port, "venue", "till_app", extra=(("sslmode", "require"),)))
