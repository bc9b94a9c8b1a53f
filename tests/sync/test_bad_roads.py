"""Roads that are slow, frozen or closed: nobody waits for long. Those that are cut at a byte: `tests/faults`.

How long is held against what a wait for the server would take, for the machine may be busy.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import pytest

from tests.sync.proxy import Proxy
from tests.sync.real import QUICK, Real, is_offline, is_saved, until
from till.domain.errors import StoreAwayError
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import FailureKind
from till.sync.settings import ConnectionFacts, Settings

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


async def test_a_push_waits_where_the_greeting_waited(real: Real, make_keys: Callable[..., Keys]) -> None:
    """Tills that come back together wait for each other, whatever they send: less at once would be no quicker."""
    keys, took = make_keys(), list[float]()
    settings = Settings(debounce_ms=5, deadline_s=0.5)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy.before(real.app))
        proxy.delay = 0.1
        with real.owner.transaction():
            real.owner.execute("LOCK TABLE warm.session_events IN EXCLUSIVE MODE")
            service = await stack.enter_async_context(real.service(keys, settings, facts=real.facts(1, proxy.address)))
            keys.open()
            service._on_answer = lambda seconds, _events: took.append(seconds)
            async with service._answered:
                await service._answered.wait_for(lambda: service._greeted is not None)
            await asyncio.sleep(3 * settings.deadline_s)
        assert await service.flush(30)
    assert took[0] > settings.deadline_s


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
