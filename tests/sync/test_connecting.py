"""Connections that are not made: whether they pass, and their sentence."""

from __future__ import annotations

import psycopg
import pytest

from db.address import Address
from db.engine import explain
from db.errors import FullServerError
from till.sync.connecting import of_connecting
from till.sync.failures import FailureKind


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
