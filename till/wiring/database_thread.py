"""A connection to a venue's database in its own thread: one request at a time, each with a timeout."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from till.domain.errors import StoreAwayError, TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from db.address import Address
    from till.administration.calls import AtServer, ThisMachine

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """An open connection, with SQLAlchemy's selects and the administration calls."""

    connection: psycopg.Connection[Any]
    selects: Any
    at: AtServer


class DatabaseThread:
    """A connection that opens with the first request, and again after it is lost.

    Args:
        place: returns the address with the owner's rights, after starting an embedded database. It blocks.
        store_id: the venue.
        name: the application_name of the connection.
        actor: the staff number of the person; None for the owner of the database.
        is_embedded: True for the embedded database.
        machine: this machine; None if it may enrol no till.
    """

    def __init__(
        self,
        place: Callable[[], Address],
        store_id: str,
        name: str,
        *,
        actor: int | None,
        is_embedded: bool = False,
        machine: ThisMachine | None = None,
    ) -> None:
        self.conninfo = ""
        self._place = place
        self._store_id = store_id
        self._name = name
        self._actor = actor
        self._is_embedded = is_embedded
        self._machine = machine
        self._database: OpenDatabase | None = None
        self._stack = ExitStack()
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, name)

    async def ask(self, work: Callable[[OpenDatabase], T], seconds: float) -> T:
        """Run a function on the connection, one at a time and with a timeout.

        Raises:
            StoreAwayError: the database cannot be reached, or did not answer in time.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            timer = loop.call_later(seconds, self.abort)
            try:
                return await loop.run_in_executor(self._thread, self._do, work)
            finally:
                timer.cancel()

    def abort(self) -> None:
        """Break the connection of a running request, so that the request ends. This wakes the waiting thread."""
        import psycopg  # noqa: PLC0415 - after the first paint

        database = self._database
        if database is None or not self._turn.locked():
            return
        try:
            with socket.socket(fileno=os.dup(database.connection.pgconn.socket)) as ours:
                ours.shutdown(socket.SHUT_RDWR)
        except (OSError, psycopg.Error) as problem:  # the other side, or the thread, closed it first
            _log.debug("the connection was gone already: %s", problem)

    async def close(self) -> None:
        """Close the connection."""
        self.abort()  # the running request ends, and the thread is free
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop_connection)
        self._thread.shutdown(wait=False)

    # In the thread

    def opened(self, database: OpenDatabase) -> None:
        """Handle a connection that was just opened."""

    def lost(self) -> None:
        """Handle the loss of the connection."""

    def _do(self, work: Callable[[OpenDatabase], T]) -> T:
        import psycopg  # noqa: PLC0415 - after the first paint

        from db.engine import reason  # noqa: PLC0415 - after the first paint
        from db.errors import DatabaseError  # noqa: PLC0415 - after the first paint

        try:
            return work(self._open())
        except TillError:  # refused by the server, or before the request: the connection is intact
            raise
        except DatabaseError as problem:
            self._drop_connection()
            raise StoreAwayError(problem.sentence) from problem
        except Exception as problem:
            found = next((one for one in (problem, problem.__cause__) if isinstance(one, psycopg.Error)), None)
            if found is None:
                raise
            self._drop_connection()
            sentence = _("The database does not answer: {why}.")
            raise StoreAwayError(sentence.format(why=reason(found).rstrip("."))) from problem

    def _open(self) -> OpenDatabase:
        """Return the connection, reopened if it was lost."""
        if self._database is not None:
            return self._database
        from db.engine import connect, read_state, selecting  # noqa: PLC0415 - after the first paint
        from till.administration.calls import AtServer  # noqa: PLC0415 - after the first paint

        address = self._place()
        with ExitStack() as stack:
            connection = stack.enter_context(connect(address, application_name=self._name))
            connection.execute("SET statement_timeout = '10s'")
            state = read_state(connection)
            if state.verdict != "current":
                raise StoreAwayError(state.sentence)
            selects = stack.enter_context(selecting(connection))
            self._stack = stack.pop_all()
        at = AtServer(
            connection=connection,
            store_id=self._store_id,
            author=lambda: self._actor,
            is_embedded=self._is_embedded,
            machine=self._machine,
        )
        self.conninfo = address.conninfo
        self._database = OpenDatabase(connection, selects, at)
        self.opened(self._database)
        return self._database

    def _drop_connection(self) -> None:
        """Close the connection in any state."""
        stack, self._stack = self._stack, ExitStack()
        database, self._database = self._database, None
        self.lost()
        if database is not None:
            database.connection.pgconn.finish()  # a clean close would wait for a lost server
        try:
            stack.close()
        except Exception as problem:  # noqa: BLE001 - the connection is closed in any case
            _log.debug("the connection was gone already: %s", problem)
