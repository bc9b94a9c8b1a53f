"""Connections that are not made: whether they pass, and their sentence."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.address import Address
from db.engine import explain
from db.errors import FullServerError
from till.sync.connection import Connection, ConnectionFailedError, of_connecting
from till.sync.failures import FailureKind, away_sentence

if TYPE_CHECKING:
    from tests.sync.real import Real


@pytest.mark.parametrize(
    "expected",
    [
        'FATAL:  too many connections for role "till_app"',
        'FATAL:  too many connections for database "venue"',
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
        "FATAL:  no more connections allowed (max_client_conn)",
    ],
)
def test_each_word_for_a_full_server_is_known(expected: str) -> None:
    where = Address.from_url("postgresql://till_app@db.example/venue")
    failed = psycopg.OperationalError(f"connection to server at db.example failed: {expected}")
    assert isinstance(explain(failed, where), FullServerError)
    failure = of_connecting(failed, where.url)
    assert (failure.kind, failure.why.partition(":")[0]) == (
        FailureKind.UNREACHABLE,
        "All connections of the database are in use",
    )


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("db.example", "The database at db.example:5432 cannot be reached: Connection refused."),
        ("/run/till", "The database on this machine cannot be reached: Connection refused."),
    ],
)
def test_server_on_this_machine_is_named_without_a_path(host: str, sentence: str) -> None:
    where = replace(Address.from_url("postgresql://till_app@db.example:5432/venue"), host=host)
    failed = psycopg.OperationalError("connection to server failed: Connection refused")
    assert of_connecting(failed, where.url).why == sentence


async def test_a_server_that_refuses_at_once_costs_no_pause_before_the_next_one(real: Real) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]  # where nobody listens any more
    several = replace(real.app, host="127.0.0.1", port=port, others=((real.app.host, real.app.port),))
    link = Connection(lambda _payload: None)
    for _attempt in range(2):  # each begins with another one
        await link.open(several.conninfo, "till 1", 10)
        assert await link.call("SELECT %s::text", "here", 5) == "here"
        await link.close()


async def test_a_network_that_carries_nothing_is_no_server_that_closed_the_connection(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full queue of connections drops what comes, as a dead network does."""
    monkeypatch.setattr("till.sync.connection._DEAD_AFTER_S", 0.3)
    link = Connection(lambda _payload: None)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door, ExitStack() as waiting:
        for _one in range(3):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(door.getsockname())
        silent = replace(real.app, host="127.0.0.1", port=door.getsockname()[1])
        with pytest.raises(ConnectionFailedError) as failed:
            await link.open(f"{silent.conninfo} tcp_user_timeout=300", "till 1", 20)
    assert away_sentence(failed.value.failure) == "The server did not accept a connection in time."
