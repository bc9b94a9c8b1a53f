"""Failures to connect: temporary failures, and failures that a person must fix, with the sentences of `db.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.structs import replace
from till.sync.failures import Failure, FailureKind, of_sqlstate

if TYPE_CHECKING:
    import psycopg


def of_next_server(conninfo: str, attempts: int) -> str:
    """Return the connection string for the server whose turn it is after some attempts, of those that one names."""
    if "," not in conninfo:
        return conninfo
    from db.address import Address  # noqa: PLC0415 - with the driver, after the first paint

    servers = Address.from_url(conninfo).each
    return servers[attempts % len(servers)].conninfo


def of_connecting(problem: psycopg.Error, conninfo: str) -> Failure:
    """Return the failure for an error while connecting.

    A refused login or a missing database needs a person, and the cashier reads the reason. All other failures (the
    server is offline or starting) are temporary.
    """
    import psycopg  # noqa: PLC0415 - already loaded here

    from db.address import Address  # noqa: PLC0415 - with the driver, after the first paint
    from db.engine import explain  # noqa: PLC0415 - with the driver, after the first paint
    from db.errors import BarredRoleError, DatabaseError, NoDatabaseError, UnreachableError  # noqa: PLC0415 - with the driver, after the first paint

    if isinstance(problem, psycopg.OperationalError):
        where = Address.from_url(conninfo)
        trouble = explain(problem, where)
        if isinstance(trouble, UnreachableError):
            why = (trouble.brief_here if where.host.startswith("/") else trouble.brief).format(**trouble.facts)
            return replace(of_sqlstate(problem.sqlstate, str(problem)), why=why)
        if isinstance(trouble, BarredRoleError):
            return Failure(FailureKind.FATAL, trouble.brief.format(**trouble.facts))
        if isinstance(trouble, DatabaseError):
            # a restore removes the database for a moment and replaces it
            return Failure(FailureKind.FATAL, trouble.sentence, soon=isinstance(trouble, NoDatabaseError))
    return of_sqlstate(problem.sqlstate, str(problem))


def too_old(connection: psycopg.AsyncConnection[Any], conninfo: str) -> Failure | None:
    """Return the failure for a server that is too old for a till; None for a newer one."""
    from db.address import Address  # noqa: PLC0415 - with the driver, after the first paint
    from db.engine import OLDEST_MAJOR  # noqa: PLC0415 - with the driver, after the first paint
    from db.errors import OldServerError  # noqa: PLC0415 - with the driver, after the first paint

    number = connection.info.server_version
    if number >= OLDEST_MAJOR * 10_000:
        return None
    where = Address.from_url(conninfo)
    found = f"{number // 10_000}.{number % 10_000}"
    return Failure(
        FailureKind.FATAL, OldServerError(place=f"{where.host}:{where.port}", found=found, needed=OLDEST_MAJOR).sentence
    )
