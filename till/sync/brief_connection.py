"""The connection of a till that is open for one sentence."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import Failure, FailureKind, of_sqlstate
from till.sync.local_socket import LocalServer, LocalSocket, LocalSocketError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable

_log: Final = logging.getLogger(__name__)


class BriefConnection(Connection):
    """A connection for a few round trips. To a database on a socket of this machine it goes without psycopg.

    Loading psycopg takes a third of all the time of a sentence. What else there is to connect to is psycopg's, and so
    is a socket that does not let this till in: psycopg finds out why. Nobody listens here for what other tills do.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        super().__init__(heard)
        self._socket: LocalSocket | None = None

    @property
    @override
    def is_open(self) -> bool:
        return self._socket is not None or super().is_open

    @override
    async def open(self, conninfo: str, application_name: str, seconds: float) -> None:
        server = LocalServer.of(conninfo)
        if server is None or not await self._open_socket(server, application_name, seconds):
            await super().open(conninfo, application_name, seconds)

    async def _open_socket(self, server: LocalServer, application_name: str, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                self._socket = await LocalSocket.connect(server)
                await self._socket.log_in(server, application_name)
        except (OSError, EOFError, LocalSocketError) as problem:  # a TimeoutError is an OSError
            _log.info("socket_refused", extra={"error": type(problem).__name__})
            self._drop()
            return False
        return True

    @override
    async def call(self, statement: str, argument: str, seconds: float) -> str:
        if self._socket is None:
            return await super().call(statement, argument, seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._socket.ask(statement, argument)
        except StatementError as problem:
            _log.info("no_answer", extra={"sqlstate": problem.sqlstate})
            raise ConnectionFailedError(of_sqlstate(problem.sqlstate, str(problem), inside=problem.inside)) from problem
        except TimeoutError as problem:
            self._drop()
            raise ConnectionFailedError(Failure(FailureKind.DEADLINE, "no answer in time")) from problem
        except (OSError, EOFError) as problem:
            self._drop()
            raise ConnectionFailedError(Failure(FailureKind.UNREACHABLE, str(problem))) from problem

    @override
    def abort(self) -> None:
        if self._socket is None:
            super().abort()
        else:
            self._socket.abort()

    @override
    async def close(self) -> None:
        self._drop()
        await super().close()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
