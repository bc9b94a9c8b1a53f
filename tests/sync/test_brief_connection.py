"""The connection of one sentence: to a socket of this machine without psycopg, to any other place with it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from db.address import Address
from tests.sync.proxy import Proxy
from till.sync.brief_connection import BriefConnection
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import FailureKind
from till.sync.local_socket import LocalServer, LocalSocket, LocalSocketError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.real import Real

WHOSE = "SELECT application_name || ' ' || current_setting('statement_timeout') || %s FROM pg_stat_activity"
MINE = f"{WHOSE} WHERE pid = pg_backend_pid()"


def quiet(_payload: str) -> None:
    """Nothing is listened to."""


@pytest.fixture
def no_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_all: object) -> None:
        raise AssertionError("psycopg connects")

    monkeypatch.setattr(Connection, "open", refuse)


@pytest.mark.usefixtures("no_psycopg")
async def test_a_socket_of_this_machine_needs_no_psycopg(real: Real) -> None:
    link = BriefConnection(quiet)
    await link.open(real.app.conninfo, "till 1", 2)
    assert link.is_open
    assert await link.call(MINE, "!", 2) == "till 1 40s!"
    assert await link.call("SELECT %s::text", "“2 × dosa” " * 50_000, 5) == "“2 × dosa” " * 50_000
    assert await link.call("SELECT NULLIF(%s, 'none')", "none", 2) == ""
    await link.close()
    assert not link.is_open


async def test_another_place_is_reached_by_psycopg(real: Real) -> None:
    async with Proxy.before(real.app) as proxy:
        link = BriefConnection(quiet)
        await link.open(proxy.address.conninfo, "till 1", 2)
        assert await link.call(MINE, "!", 2) == "till 1 40s!"
        await link.close()
        assert not link.is_open


@pytest.mark.parametrize(
    ("changed", "kind"),
    [({"password": "guessed"}, FailureKind.FATAL), ({"host": "/nowhere"}, FailureKind.UNREACHABLE)],
)
async def test_a_socket_that_lets_nobody_in_is_explained(
    changed: dict[str, Any], kind: FailureKind, real: Real
) -> None:
    wrong = replace(real.app, **changed)
    failures = []
    for link in (BriefConnection(quiet), Connection(quiet)):
        with pytest.raises(ConnectionFailedError) as caught:
            await link.open(wrong.conninfo, "till 1", 2)
        failures.append(caught.value.failure)
        assert not link.is_open
    assert failures[0] == failures[1]
    assert failures[0].kind is kind


async def test_a_function_that_is_missing_is_told_from_one_that_fails_inside(real: Real) -> None:
    real.owner.execute(
        "CREATE FUNCTION till.failing_v1(said text) RETURNS text LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN nowhere.nothing_v1(said); END $$; GRANT EXECUTE ON FUNCTION till.failing_v1 TO till_app"
    )
    link = BriefConnection(quiet)
    await link.open(real.app.conninfo, "till 1", 2)
    for name, kind in (("nowhere.nothing_v1", FailureKind.FATAL), ("till.failing_v1", FailureKind.REJECTED)):
        with pytest.raises(ConnectionFailedError) as caught:
            await link.call(f"SELECT {name}(%s::text)", "", 2)
        assert caught.value.failure.kind is kind
    await link.close()


async def test_a_killed_backend_and_an_abort_end_the_call(real: Real) -> None:
    for end in ("kill", "abort"):
        link = BriefConnection(quiet)
        await link.open(real.app.conninfo, "till 1", 2)
        call = asyncio.create_task(link.call("SELECT pg_sleep(30)::text || %s", "", 20))
        await asyncio.sleep(0)
        if end == "kill":
            real.owner.execute("SELECT pg_terminate_backend(%s)", [real.backend()])
        else:
            link.abort()
        with pytest.raises(ConnectionFailedError) as caught:
            await call
        assert caught.value.failure.kind is FailureKind.UNREACHABLE
        assert not link.is_open


@pytest.mark.parametrize(
    "conninfo",
    [
        "host='127.0.0.1' port='5432' dbname='till' user='till_app' password='secret'",
        "host='/run' port='5432' dbname='till' user='till_app'",
        "host='/run' port='5432' dbname='till' user='till_app' password='secret' sslmode='require'",
        "host='/run' port='5432' dbname='till' user='till_app' password='geheim–'",
        "host=/run port=5432 dbname=till user=till_app password=secret",
        "postgresql://till_app:secret@/till?host=/run",
    ],
)
def test_what_more_is_asked_of_a_connection_is_psycopgs(conninfo: str) -> None:
    assert LocalServer.of(conninfo) is None


def test_an_address_is_read_as_it_was_written() -> None:
    written = Address("/var/lib/o'clock \\till", 5433, "till", "till_app", "pass word='x'")
    expected = LocalServer(written.host, written.port, written.dbname, written.user, "pass word='x'")
    assert LocalServer.of(written.conninfo) == expected


@pytest.mark.parametrize("wrong", ["nonce", "proof", "method"])
async def test_a_server_that_does_not_know_the_password_is_not_believed(wrong: str, tmp_path: Path) -> None:
    def message(kind: bytes, asked: int, body: bytes) -> bytes:
        return kind + (len(body) + 8).to_bytes(4) + asked.to_bytes(4) + body

    received: list[bytes] = []
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # the client goes as soon as it knows
            await answer(reader, writer)
        writer.close()
        served.set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
        writer.write(message(b"R", 10, b"OTHER\0\0" if wrong == "method" else b"SCRAM-SHA-256\0\0"))
        first = await reader.read(200)
        nonce = b"other" if wrong == "nonce" else first.rpartition(b"r=")[2]
        salt = b64encode(hashlib.sha256(b"").digest())
        writer.write(message(b"R", 11, b"r=" + nonce + b"x,s=" + salt + b",i=4096"))
        received.append(await reader.read(200))
        writer.write(message(b"R", 12, b"v=" + salt) + message(b"R", 0, b"") + message(b"Z", 0, b""))

    server = LocalServer(str(tmp_path), 5432, "till", "till_app", "secret")
    async with await asyncio.start_unix_server(serve, tmp_path / ".s.PGSQL.5432"):
        link = await LocalSocket.connect(server)
        with pytest.raises(LocalSocketError):
            await link.log_in(server, "till 1")
        link.close()
        await served.wait()
    assert any(b",p=" in one for one in received) is (wrong == "proof")
