"""Tills behind PgBouncer in transaction mode: a statement goes by whichever connection of the server is free."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from psycopg.pq import PGconn

from bench.pooler import PROGRAM, pooled
from db import migrate
from db.engine import connect
from db.preparing import prepare
from tests.faults.test_frozen import SLACK
from tests.plugins.folders import run_dir
from tests.plugins.servers import FIFTEEN, own_server
from tests.sync.real import QUICK, Real, is_offline, is_saved, make_store, secret, until
from tests.sync.rig import STORE
from till.ports import LightState
from till.sync.connection import Connection
from till.sync.failures import FailureKind, of_sqlstate
from till.sync.messages import encode_read
from till.sync.settings import ConnectionFacts, Identity, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.pq.abc import PGconn as LibpqConnection

    from db.address import Address
    from tests.sync.rig import Keys

RUNBOOK = Path(__file__).parents[2] / "docs/runbook/server.md"
needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed here (Debian: pgbouncer)")


@pytest.fixture
def pooler(real: Real, pytestconfig: pytest.Config) -> Iterator[Address]:
    with TemporaryDirectory(dir=run_dir(pytestconfig)) as folder, pooled(real.app, Path(folder)) as address:
        yield address


@needs_pgbouncer
async def test_two_tills_share_one_connection_and_all_that_they_key_is_saved(
    real: Real, make_keys: Callable[..., Keys], pooler: Address
) -> None:
    one, two = make_keys(1), make_keys(2)
    async with (
        real.service(one, facts=real.facts(1, pooler)) as first,
        real.service(two, facts=real.facts(2, pooler)) as second,
    ):
        for _round in range(5):
            for keys, service in ((one, first), (two, second)):
                keys.add(keys.open())
                assert await service.flush(5)
                assert service.trouble is None
        assert {first.light.state, second.light.state} == {LightState.SAVED}
    assert real.logged(one) == real.logged(two) == [*range(1, 11)]


@needs_pgbouncer
async def test_a_list_follows_the_polls_where_no_notification_comes(
    real: Real, make_keys: Callable[..., Keys], pooler: Address
) -> None:
    keys, answered = make_keys(), asyncio.Event()
    keys.ears.server_answered = answered.set  # type: ignore[method-assign] # the test listens in
    async with real.service(keys, Settings(poll_s=0.2), facts=real.facts(1, pooler)) as service:
        await service.heard()
        for _poll in range(2):
            answered.clear()
            async with asyncio.timeout(5):
                await answered.wait()


@needs_pgbouncer
async def test_why_the_pooler_lets_nobody_through_is_reported_beside_the_light(
    real: Real, make_keys: Callable[..., Keys], pooler: Address
) -> None:
    refused = replace(pooler, extra=(("options", "-cgeqo=off"),))  # as somebody may write it into database.url
    keys = make_keys()
    async with real.service(keys, facts=lambda: ConnectionFacts(refused.conninfo, "")):
        keys.open()
        light = await until(keys, is_offline)
        assert light.detail.startswith(f"The database at 127.0.0.1:{pooler.port} cannot be reached: unsupported ")


@needs_pgbouncer
@pytest.mark.parametrize("after", ["", "; SELECT pg_sleep(60)"], ids=["idle", "asleep"])
async def test_a_transaction_that_is_kept_open_leaves_the_pool(
    real: Real, make_keys: Callable[..., Keys], pytestconfig: pytest.Config, after: str
) -> None:
    """The settings of the runbook, in a thirtieth of their time: a client that has all connections lifts none."""
    text = RUNBOOK.read_text(encoding="utf-8")
    settings = re.findall(r"`((?:idle_transaction|query)_timeout) = (\d+)`", text)
    limits = "".join(f"{name} = {int(seconds) / 30}\n" for name, seconds in settings)
    keys, holds = make_keys(), []
    with (
        TemporaryDirectory(dir=run_dir(pytestconfig)) as folder,
        pooled(real.app, Path(folder), pool=2, limits=limits) as address,
        ExitStack() as stack,
    ):
        order = keys.open()
        async with real.service(keys, facts=real.facts(1, address)) as service:
            assert await service.flush(5)
            for _connection in range(2):
                session = PGconn.connect(address.conninfo.encode())
                stack.callback(session.finish)
                words = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
                session.send_query(f"{words}{after}".encode())
                session.flush()
                holds.append(session)
            keys.add(order)
            assert not after or not await service.flush(0.5)  # an idle one is ended in less
            assert await service.flush(20)


def opened(address: Address, stack: ExitStack) -> LibpqConnection:
    session = PGconn.connect(address.conninfo.encode())
    stack.callback(session.finish)
    return session


def answer(session: LibpqConnection, words: str) -> str:
    result = session.exec_(words.encode())
    assert not result.error_message, result.error_message
    value = result.get_value(0, 0) if result.ntuples else b""
    return (value or b"").decode()


def has_compiler(backend: str) -> bool:
    """Return True if a process of the server has compiled a query: it loads the compiler for the first."""
    return "llvmjit" in Path(f"/proc/{backend}/maps").read_text(encoding="utf-8")


@needs_pgbouncer
@pytest.mark.skipif(not FIFTEEN.is_dir(), reason="no PostgreSQL with a compiler (jit) is installed here")
def test_connections_from_before_an_upgrade_compile_nothing_and_reconnect_sets_their_timeout(
    pytestconfig: pytest.Config,
) -> None:
    """The database from before has functions without `jit = off`, and a role without a time for its statements."""
    (command,) = re.findall(r"-d pgbouncer -c (RECONNECT)`", RUNBOOK.read_text(encoding="utf-8"))
    asked = encode_read(Identity(STORE, 1), secret(1))
    run = run_dir(pytestconfig)
    with own_server(run) as server, TemporaryDirectory(dir=run) as folder, ExitStack() as stack:
        prepare(server.on("venue"), app_password="app", owner_password="owner")
        tills = replace(server.on("venue"), user="till_app", password="app")
        owner = replace(tills, user="till_owner", password="owner")
        migrate.upgrade(owner)
        administrator = stack.enter_context(connect(server.on("venue")))
        make_store(administrator)
        administrator.execute("ALTER DATABASE venue RESET jit")
        off = "SELECT oid::regprocedure::text FROM pg_proc WHERE 'jit=off' = ANY (proconfig)"
        for (routine,) in administrator.execute(off).fetchall():
            administrator.execute(f"ALTER ROUTINE {routine} RESET jit".encode())
        administrator.execute("ALTER ROLE till_app RESET statement_timeout")
        administrator.execute("ALTER ROLE till_app SET jit_above_cost = 1")  # of an order by itself; else of thousands
        pooler = stack.enter_context(
            pooled(tills, Path(folder), pool=4, limits="admin_users = till_app\n", plans=False)
        )

        sessions = [opened(pooler, stack) for _till in range(4)]
        backends = [answer(session, "BEGIN; SELECT pg_backend_pid()") for session in sessions]
        assert len(set(backends)) == 4
        assert '"conflicts"' in answer(sessions[0], f"SELECT till.conflicts_v1('{asked}')")
        assert has_compiler(backends[0])
        for session in sessions:
            session.exec_(b"COMMIT")
        # On version 15 the owner may not change how a role's sessions begin.
        prepare(server.on("venue"), app_password="app", owner_password="owner")
        migrate.upgrade(owner)

        held = {answer(session, "BEGIN; SELECT pg_backend_pid()") for session in sessions}
        assert held == set(backends)
        for session in sessions:
            assert '"conflicts"' in answer(session, f"SELECT till.conflicts_v1('{asked}')")
            assert answer(session, "SHOW statement_timeout") == "0"
            session.exec_(b"COMMIT")
        assert [has_compiler(backend) for backend in backends[1:]] == [False] * 3

        console = opened(pooler.on("pgbouncer"), stack)
        for words in (command, "WAIT_CLOSE"):
            console.exec_(words.encode())
        new = {answer(session, "BEGIN; SELECT pg_backend_pid()") for session in sessions}
        assert new.isdisjoint(backends)
        assert {answer(session, "SHOW statement_timeout") for session in sessions} == {"40s"}
        assert {answer(session, "SHOW jit") for session in sessions} == {"off"}


@pytest.mark.parametrize("sqlstate", ["42P05", "26000"])
def test_a_statement_forgotten_by_a_pooler_needs_no_person(sqlstate: str) -> None:
    failure = of_sqlstate(sqlstate, "prepared statement")
    assert (failure.kind, failure.unprepared) == (FailureKind.BUSY, True)


@pytest.mark.parametrize("forget", ["DEALLOCATE ALL", "DISCARD ALL"])
async def test_a_statement_that_was_forgotten_is_repeated_and_nothing_is_prepared_any_more(
    real: Real, forget: str
) -> None:
    link = Connection(lambda _payload: None)
    await link.open(real.app.conninfo, "till 1", QUICK.deadline_s + SLACK)
    for _time in range(3):
        assert await link.call("SELECT %s::text", "here", 1, is_repeated=True) == "here"
    connection = link._connection
    assert connection is not None
    # As the pooler's next till would. Not in a thread: the loop reads from this socket too, and would take the answer.
    connection.pgconn.exec_(forget.encode())
    for _time in range(3):
        assert await link.call("SELECT %s::text", "still here", 1, is_repeated=True) == "still here"
        assert connection.pgconn.exec_(b"SELECT FROM pg_prepared_statements").ntuples == 0
    await link.close()


async def test_a_database_that_was_reached_again_says_nothing_more(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    ways = iter([ConnectionFacts("host=127.0.0.1 port=1 dbname=x", "")])
    async with real.service(keys, facts=lambda: next(ways, real.facts(1)())):
        keys.open()
        assert "cannot be reached: Connection refused." in (await until(keys, is_offline)).detail
        assert (await until(keys, is_saved)).detail == ""
