"""Roads that are slow, frozen or closed: nobody waits for long. Those that are cut at a byte: `tests/faults`.

How long is held against what a wait for the server would take, for the machine may be busy.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, Final

import psycopg
import pytest

from db.engine import connect
from tests.sync.proxy import Proxy, Way
from tests.sync.real import QUICK, Real, is_offline, is_saved, secret, until
from tests.sync.rig import STORE
from till.domain.errors import StoreAwayError
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import FailureKind
from till.sync.messages import encode_read
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.rig import Keys

#: Seconds that a busy machine may add.
SLACK: Final = 3.0


async def test_a_frozen_server_is_offline_within_its_deadline_and_back_by_itself(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    settings = Settings(debounce_ms=5, deadline_s=0.5)
    async with (
        Proxy.before(real.app) as proxy,
        real.service(keys, settings, facts=real.facts(1, proxy.address)) as service,
    ):
        session = keys.open()
        assert await service.flush(5)
        proxy.freeze()
        began = time.monotonic()
        keys.add(session)
        light = await until(keys, is_offline)
        assert time.monotonic() - began < settings.deadline_s + SLACK
        assert light.unsent == 1
        keys.add(session)
        proxy.thaw()
        await until(keys, is_saved)
    assert real.logged(keys) == [1, 2, 3]


async def test_a_slow_answer_shows_on_the_light_and_is_waited_for(real: Real, make_keys: Callable[..., Keys]) -> None:
    """Nothing is sent twice, and a question that nobody waits for any more is not sent at all."""
    keys, sizes = make_keys(), list[int]()
    settings = Settings(debounce_ms=5, deadline_s=0.5)
    async with (
        Proxy.before(real.app) as proxy,
        real.service(keys, settings, facts=real.facts(1, proxy.address)) as service,
    ):
        session = keys.open()
        assert await service.flush(5)
        backend, heard = real.backend(), proxy.listen()
        service._on_answer = lambda _seconds, events: sizes.append(events)
        with real.owner.transaction():
            real.owner.execute("LOCK TABLE warm.session_events IN EXCLUSIVE MODE")
            keys.add(session)
            await until(keys, is_offline)
            with pytest.raises(StoreAwayError):
                await service.open_tabs()
            await asyncio.gather(*service._questions, return_exceptions=True)
        await until(keys, is_saved)
        assert sizes == [1]
        assert real.backend() == backend
        assert b"open_tabs" not in heard[Way.UP]
        await service.open_tabs()
        assert b"open_tabs" in heard[Way.UP]
    assert real.logged(keys) == [1, 2]


async def test_a_question_that_nobody_waits_for_any_more_is_not_sent_after_a_slow_connection(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    """A grant that the server made then would take the order from another till, and nobody here would know."""
    keys = make_keys()
    async with Proxy.before(real.app) as proxy:
        settings, identity = Settings(deadline_s=0.3), Identity(STORE, 1, host="bar")
        service = SyncService(
            keys.journal,
            keys.ears,
            keys.ledger.snapshot,
            settings,
            real.facts(1, proxy.address),
            identity=identity,
            clock=keys.clock,
        )
        heard, proxy.delay = proxy.listen(), 0.2
        with pytest.raises(StoreAwayError):
            await service.open_tabs()
        await asyncio.gather(*service._questions, return_exceptions=True)
        assert b"hello_v1" in heard[Way.UP]
        assert b"open_tabs" not in heard[Way.UP]
        proxy.delay = 0
        await service.open_tabs()
        assert b"open_tabs" in heard[Way.UP]
        await service.stop()


async def test_keeping_a_lock_ends_with_the_greeting_of_a_till_that_waited_for_it(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys, other = make_keys(), make_keys(2)
    async with real.service(keys, Settings(debounce_ms=5)) as service, real.service(other) as theirs:
        session = keys.open()
        other.open()
        assert await service.flush(5)
        assert await theirs.flush(5)
        facts = {"session": session, "user": 1, "warned": True, "journal": other.journal.journal_id}
        grant = encode_read(Identity(STORE, 2), secret(2), **facts)
        with connect(real.app) as thief:
            thief.execute("BEGIN")
            thief.execute("SELECT till.grant_order_v1(%s)", [grant])
            keys.add(session)
            await until(keys, lambda light: light.unsent == 0)
            with pytest.raises(psycopg.OperationalError):
                thief.execute("SELECT 1")
    assert real.logged(keys) == [1, 2]


async def test_a_network_that_carries_nothing_is_found_by_the_system(real: Real) -> None:
    link = Connection(lambda _payload: None)
    async with Proxy.before(real.app) as proxy:
        await link.open(proxy.address.conninfo, "till 1", 2)
        assert link._connection is not None
        with socket.socket(fileno=os.dup(link._connection.pgconn.socket)) as own:
            assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            assert [own.getsockopt(socket.IPPROTO_TCP, one) for one in options] == [1, 1, 5, 5000]
        await link.close()
        await link.open(f"{proxy.address.conninfo} keepalives=0", "till 1", 2)
        with socket.socket(fileno=os.dup(link._connection.pgconn.socket)) as own:
            assert not own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), "the address may say otherwise"
        await link.close()


async def test_a_stopped_backend_does_not_hold_the_till(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys, Settings(debounce_ms=5, deadline_s=0.5)) as service:
        session = keys.open()
        assert await service.flush(5)
        await service.open_tabs()  # after the call that sends hints: stopped in that one, the till connects anew
        backend = real.backend()
        os.kill(backend, signal.SIGSTOP)
        try:
            began = time.monotonic()
            keys.add(session)
            await until(keys, is_offline)
            assert time.monotonic() - began < 0.5 + SLACK
        finally:
            os.kill(backend, signal.SIGCONT)
        await until(keys, is_saved)
    assert real.logged(keys) == [1, 2]


async def test_a_server_that_nobody_answers_for_does_not_hold_a_question(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    settings = Settings(debounce_ms=5, deadline_s=0.3)
    async with Proxy.before(real.app) as proxy:
        proxy.freeze()
        async with real.service(keys, settings, facts=real.facts(1, proxy.address)) as service:
            began = time.monotonic()
            for _ in range(2):
                with pytest.raises(StoreAwayError):
                    await service.open_tabs()
            assert time.monotonic() - began < 2 * settings.deadline_s + SLACK
            await until(keys, is_offline)
            proxy.thaw()
            await until(keys, is_saved)


async def test_a_server_that_goes_between_two_pushes_is_noticed_at_once(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    async with Proxy.before(real.app) as proxy, real.service(keys, facts=real.facts(1, proxy.address)) as service:
        keys.open()
        assert await service.flush(5)
        began = time.monotonic()
        proxy.shut()
        await until(keys, is_offline)
        assert time.monotonic() - began < QUICK.poll_s / 3
        proxy.reopen()
        await until(keys, is_saved)


async def test_a_slow_link_is_learned_and_everything_arrives(
    real: Real, make_keys: Callable[..., Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("SHORTEST", "LONGEST"):
        monkeypatch.setattr(f"till.sync.pace.{pause}", 0.05)
    keys = make_keys()
    session = keys.open()
    for _ in range(4):
        keys.add(session)
    async with Proxy.before(real.app) as proxy:
        proxy.delay = 0.015
        settings = Settings(debounce_ms=5, deadline_s=0.025)
        async with real.service(keys, settings, facts=real.facts(1, proxy.address)) as service:
            assert await service.flush(15)
    assert real.logged(keys) == [1, 2, 3, 4, 5]


async def test_stopping_does_not_wait_for_a_frozen_server(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    patient = Settings(debounce_ms=5, deadline_s=30)
    async with (
        Proxy.before(real.app) as proxy,
        real.service(keys, patient, facts=real.facts(1, proxy.address)) as service,
    ):
        keys.open()
        assert await service.flush(5)
        proxy.freeze()
        keys.open()
        await until(keys, lambda light: light.state == "saving")
        began = time.monotonic()
        assert not await service.stop()
        assert time.monotonic() - began < patient.deadline_s / 3


async def test_a_deadline_closes_the_socket_and_the_next_call_says_so(real: Real) -> None:
    link = Connection(lambda _payload: None)
    await link.open(real.app.conninfo, "till 1", 2)
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as caught:
        await link.call("SELECT pg_sleep(30)::text || %s", "", 0.2)
    assert time.monotonic() - began < 0.2 + SLACK
    assert caught.value.failure.kind is FailureKind.DEADLINE
    assert not link.is_open
    with pytest.raises(ConnectionFailedError) as caught:
        await link.call("SELECT %s::text", "x", 1)
    assert caught.value.failure.kind is FailureKind.UNREACHABLE


async def test_a_statement_that_fails_leaves_the_link_open(real: Real) -> None:
    link = Connection(lambda _payload: None)
    await link.open(real.app.conninfo, "till 1", 2)
    with pytest.raises(ConnectionFailedError) as caught:
        await link.call("SELECT nowhere.nothing_v1(%s)", "", 1)
    assert caught.value.failure.kind is FailureKind.FATAL
    assert await link.call("SELECT %s::text", "still here", 1) == "still here"
    await link.close()


async def test_a_question_takes_one_round_trip_however_often_it_is_asked(real: Real) -> None:
    link = Connection(lambda _payload: None)
    await link.open(real.app.conninfo, "till 1", 2)
    counted = "SELECT count(*)::text FROM pg_prepared_statements WHERE %s <> ''"
    for _time in range(4):
        assert await link.call(counted, "x", 1) == "0", "to prepare it is a round trip of its own"
    for _time in range(4):
        await link.call("SELECT %s::text", "x", 1, is_repeated=True)
    assert await link.call(counted, "x", 1) == "1"
    await link.close()


async def test_a_hint_of_another_session_is_heard_and_one_of_its_own_is_not(real: Real) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    link = Connection(heard.put_nowait)
    await link.open(real.app.conninfo, "till 1", 2)
    await link.call("SELECT pg_notify('till_store', %s)::text", "mine", 1)
    real.owner.execute("SELECT pg_notify('till_store', 'theirs')")
    async with asyncio.timeout(2):
        assert await heard.get() == "theirs"
    await link.close()
    assert heard.empty()


@pytest.mark.parametrize("conninfo", ["host=127.0.0.1 port=1 dbname=x", "host=/nowhere dbname=x", "nonsense"])
async def test_a_place_where_no_database_is_counts_as_away(
    conninfo: str, make_keys: Callable[..., Keys], real: Real
) -> None:
    keys = make_keys()
    async with real.service(keys, facts=lambda: ConnectionFacts(conninfo, "")) as service:
        keys.open()
        await until(keys, is_offline)
        assert not await service.flush(0.1)


async def test_a_statement_whose_till_has_gone_gives_its_locks_back(real: Real) -> None:
    link = Connection(lambda _payload: None)
    await link.open(real.app.conninfo, "till 1", 2)
    with pytest.raises(ConnectionFailedError):
        await link.call("SELECT pg_sleep(30)::text || %s || (SELECT count(*) FROM pg_proc)::text", "", 0.1)
    locks = "SELECT 1 FROM pg_locks WHERE relation = 'pg_proc'::regclass AND pid <> pg_backend_pid()"
    assert real.owner.execute(locks).fetchone()
    deadline = time.monotonic() + 4
    while real.owner.execute(locks).fetchone():  # the server looks every second whether anybody still listens
        assert time.monotonic() < deadline
