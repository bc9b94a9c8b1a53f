"""The connection to PostgreSQL: a single connection, one statement at a time, each with an enforced deadline.

`LISTEN` uses the same connection: a till needs only one backend, and the socket that receives notifications between
two pushes also reports a lost server at once. Behind a pooler there is no LISTEN, since the pooler gives the server's
connection to another client a moment later; polling replaces it. Startup parameters that a pooler may refuse are not
sent.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from till.domain.advice import advice_of
from till.domain.structs import replace
from till.sync.failures import REFUSED_REMEDY, Failure, FailureKind, of_sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import psycopg


#: The channel on which the database reports changes.
CHANNEL: Final = "till_store"
# A pooler reports its own process id. It reserves no connection for a till, so a LISTEN would reach another client.
_PREPARE: Final = (
    f"SET statement_timeout = '40s'; DO $$ BEGIN IF pg_backend_pid() = {{pid}} THEN LISTEN {CHANNEL}; END IF; END $$"
)
# A statement must not keep its locks after its till disconnects: the server checks its client every second.
# Servers on Windows do not support this.
_LOOK: Final = "SET client_connection_check_interval = '1s'"
# A network that no longer carries anything is found by the system, while a slow server still confirms what it receives.
# Not every system knows all of them. A server that does not answer otherwise is given up by the caller.
_DEAD_AFTER_S: Final = 5
_ALIVE: Final = {
    "keepalives": "1",
    "keepalives_idle": "1",
    "keepalives_interval": "1",
    "keepalives_count": str(_DEAD_AFTER_S),
    "tcp_user_timeout": str(1000 * _DEAD_AFTER_S),
}
# Preparing costs a round trip, which pays off for repeated pushes, but not for the first statement on a slow link or
# the two pushes of `till say`.
_PREPARE_AFTER: Final = 2
#: libpq's words for a server that closed the connection, and for a system that gave up connecting.
_CLOSED: Final = "server closed the connection"
_NOT_IN_TIME: Final = Failure(FailureKind.DEADLINE, "no connection in time", connecting=True)
_log: Final = logging.getLogger(__name__)


class ConnectionFailedError(Exception):
    """A failed connection to the database."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


async def load_driver() -> ModuleType:
    """Load psycopg in a thread: loading takes 100 ms, and is needed only after the first paint."""
    return await asyncio.to_thread(importlib.import_module, "psycopg")


class Connection:
    """The connection to PostgreSQL: at most one at a time.

    Args:
        heard: called with the payload of each notification from another session, and with an empty payload if the
            connection is lost between two calls.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._driver: ModuleType | None = None
        self._prepare_after: int | None = _PREPARE_AFTER
        self._expired = False
        self._watched: int | None = None
        self._attempts = 0

    @property
    def is_open(self) -> bool:
        """True if there is a connection, as far as this till knows."""
        return self._connection is not None

    async def open(self, conninfo: str, application_name: str, seconds: float) -> None:
        """Connect within `seconds`. Of several servers each attempt begins with the next: a silent one hides none.

        A server that refuses at once, as one that died or a standby does, costs no pause before the next one is asked.

        Raises:
            ConnectionFailedError: the connection failed, or timed out.
        """
        driver = self._driver = self._driver or await load_driver()
        servers = of_next_servers(conninfo, self._attempts)
        self._attempts += 1
        try:
            async with asyncio.timeout(seconds):
                self._connection, conninfo = await self._reach(driver, servers, application_name)
        except TimeoutError as problem:
            raise ConnectionFailedError(_NOT_IN_TIME) from problem
        if old := too_old(self._connection, conninfo):
            await self.close()
            raise ConnectionFailedError(old)
        prepare = _PREPARE.format(pid=self._connection.info.backend_pid)
        self._connection.add_notify_handler(lambda notify: self._notified(notify.payload, notify.pid))
        try:
            await self._run(f"{_LOOK}; {prepare}", None, seconds)
        except ConnectionFailedError as problem:
            if problem.failure.kind is not FailureKind.REJECTED:
                raise
            await self._run(prepare, None, seconds)

    async def _reach(
        self, driver: ModuleType, servers: list[str], application_name: str
    ) -> tuple[psycopg.AsyncConnection[tuple[Any, ...]], str]:
        """Connect to the first server that lets this till in, and return its connection string too."""
        first, *others = servers
        began = time.monotonic()
        try:
            words = _ALIVE | driver.conninfo.conninfo_to_dict(first) | {"application_name": application_name}
            made = await driver.AsyncConnection.connect(**words, autocommit=True, prepare_threshold=self._prepare_after)
        except driver.Error as problem:
            failure = of_connecting(problem, first)
            if time.monotonic() - began >= _DEAD_AFTER_S and _CLOSED in str(problem):
                failure = _NOT_IN_TIME
            if not others or failure.kind is FailureKind.FATAL:
                raise ConnectionFailedError(failure) from problem
            return await self._reach(driver, others, application_name)
        return made, first

    async def call(self, statement: str, argument: str, seconds: float, *, is_repeated: bool = False) -> str:
        """Run a statement with one text argument and one text result, in one round trip.

        With `is_repeated` it is prepared with its third call, which costs another round trip once. If a pooler lost the
        prepared statement, send it again, and stop preparing statements.

        Raises:
            ConnectionFailedError: there is no connection, it broke, the answer timed out, or the statement failed.
        """
        try:
            row = await self._run(statement, (argument,), seconds, is_repeated=is_repeated)
        except ConnectionFailedError as problem:
            if not problem.failure.unprepared or self._connection is None or self._prepare_after is None:
                raise
            self._prepare_after = self._connection.prepare_threshold = None
            row = await self._run(statement, (argument,), seconds)
        return str(row[0]) if row else ""

    def abort(self) -> None:
        """Break the connection: a waiting call raises `ConnectionFailedError` at once.

        Closing the file descriptor would not wake the loop, and cancelling a call of psycopg first asks the server to
        cancel its statement, which a frozen server never does. A shut-down socket is readable at once.
        """
        if self._connection is None or self._connection.closed:
            return
        with socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as ours:
            try:
                ours.shutdown(socket.SHUT_RDWR)
            except OSError as problem:  # the other side closed it first
                _log.debug("connection_gone", extra={"error": problem.strerror})

    async def close(self) -> None:
        """Close the connection, if there is one."""
        self._unwatch()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _run(
        self, statement: str, arguments: tuple[str, ...] | None, seconds: float, *, is_repeated: bool = False
    ) -> tuple[Any, ...] | None:
        connection, driver = self._connection, self._driver
        if connection is None or driver is None:
            raise ConnectionFailedError(Failure(FailureKind.UNREACHABLE, "no connection"))
        self._expired = False
        self._unwatch()
        timer = asyncio.get_running_loop().call_later(seconds, self._expire)
        try:
            cursor = await connection.execute(statement, arguments, prepare=None if is_repeated else False)
            row = await cursor.fetchone() if arguments is not None else None
        except driver.Error as problem:
            if connection.broken or self._expired:
                await self.close()
            if self._expired:
                raise ConnectionFailedError(Failure(FailureKind.DEADLINE, "no answer in time")) from problem
            # not the whole message: a server may quote the statement, including the till's secret
            _log.info("no_answer", extra={"sqlstate": problem.sqlstate, "error": type(problem).__name__})
            inside = problem.diag.context is not None
            raise ConnectionFailedError(of_sqlstate(problem.sqlstate, str(problem), inside=inside)) from problem
        finally:
            timer.cancel()
        self._watch(connection)
        return row

    def _expire(self) -> None:
        self._expired = True
        self.abort()

    def _watch(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        self._watched = connection.pgconn.socket
        asyncio.get_running_loop().add_reader(self._watched, self._on_readable)

    def _unwatch(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            self._watched = None

    def _on_readable(self) -> None:
        """Handle input between two calls: notifications, or the end of the connection."""
        connection, driver = self._connection, self._driver
        if connection is None or driver is None:
            return
        try:
            connection.pgconn.consume_input()
            while notify := connection.pgconn.notifies():
                self._notified(notify.extra.decode(errors="replace"), notify.be_pid)
        except driver.Error as problem:
            _log.info("connection_lost", extra={"error": type(problem).__name__})
            self._unwatch()
            connection.pgconn.finish()
            self._connection = None
            self._heard("")

    def _notified(self, payload: str, pid: int) -> None:
        if self._connection is not None and pid != self._connection.info.backend_pid:
            self._heard(payload)


# Failures to connect: temporary ones, and those that a person must fix, with the sentences of `db.errors`.


def of_next_servers(conninfo: str, attempts: int) -> list[str]:
    """Return the connection strings of the servers of one, from the one whose turn it is after some attempts."""
    if "," not in conninfo:
        return [conninfo]
    from db.address import Address  # noqa: PLC0415 - with the driver, after the first paint

    servers = [server.conninfo for server in Address.from_url(conninfo).each]
    first = attempts % len(servers)
    return [*servers[first:], *servers[:first]]


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
            brief = trouble.brief_here if where.host.startswith("/") else trouble.brief
            return replace(of_sqlstate(problem.sqlstate, str(problem)), why=advice_of(brief, **trouble.facts))
        if isinstance(trouble, BarredRoleError):
            return Failure(FailureKind.FATAL, advice_of(trouble.brief, REFUSED_REMEDY, **trouble.facts))
        if isinstance(trouble, DatabaseError):
            # a restore removes the database for a moment and replaces it
            sentence = advice_of(trouble.default, trouble.remedy, **trouble.facts)
            return Failure(FailureKind.FATAL, sentence, soon=isinstance(trouble, NoDatabaseError))
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
    trouble = OldServerError(place=f"{where.host}:{where.port}", found=found, needed=OLDEST_MAJOR)
    return Failure(FailureKind.FATAL, advice_of(trouble.default, trouble.remedy, **trouble.facts))
