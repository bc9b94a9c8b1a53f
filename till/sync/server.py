"""The venue's database: its address, a connection on demand, and the first statement on the connection."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

from db.errors import DatabaseError
from till.domain.advice import Advice, advice_of
from till.domain.errors import ConfigError
from till.domain.structs import replace
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import Failure, FailureKind, schema_sentence
from till.sync.messages import Hello, decode_as, encode_read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from msgspec import Raw

    from till.sync.messages import Answer
    from till.sync.settings import ConnectionFacts, Identity

A = TypeVar("A", bound="Answer")
T = TypeVar("T")
#: The statements of a till that are no `StoreRead`.
PUSH: Final = "SELECT warm.sync_push_v1(%s::text)"
HELLO: Final = "SELECT till.hello_v1(%s::text)"
#: Seconds between the checks for a new secret: a renewal changes the database first, and the till's folder a moment
#: later.
_RENEWING: Final = 0.5
#: The query for the revision, which every role may run on every database of a till.
REVISION: Final = "SELECT coalesce(max(value), '') FROM till.schema_v1() WHERE key = 'revision' AND %s::text <> ''"


class StoreRead(Struct, Generic[A], frozen=True):
    """A read of docs/protocol.md: its function, and its answer."""

    name: str
    answer: type[A]

    @property
    def statement(self) -> str:
        return f"SELECT {self.name}(%s::text)"


class ListRead(StoreRead[A], Generic[A, T], frozen=True):
    """A read that answers with a list, with the reader of one row: an unreadable row hides no other."""

    rows: Callable[[A], Sequence[Raw]]
    read: Callable[[Raw], T]


class Server:
    """The venue's database, with a connection on demand and one statement at a time.

    Args:
        find: returns the address of the database. It is slow (it may start a server), so it runs in a thread, and is
            called again after each failure to connect. A `ConfigError` needs a person; other errors are temporary.
        identity: the sender.
        journal_id: the journal in the first statement.
        heard: called with the payload of each notification, and with an empty payload if the connection is lost.

    Attributes:
        secret: the secret of the till at the last lookup.
        took: seconds of the last round trip, without the wait for earlier statements.
        is_local: True if the database is on this machine.
        by_superuser: True if the config of this machine names a superuser.
    """

    def __init__(
        self,
        find: Callable[[], ConnectionFacts],
        identity: Identity,
        journal_id: str,
        heard: Callable[[str], None],
    ) -> None:
        self._find = find
        self._identity = identity
        self._journal_id = journal_id
        self._connection = Connection(heard)
        self._lock = asyncio.Lock()
        self._finding: asyncio.Task[ConnectionFacts] | None = None
        self._hello: Hello | None = None
        self.secret = ""
        self.took = 0.0
        self.is_local = False
        self.by_superuser = False

    @property
    def is_greeted(self) -> bool:
        """True if there is a connection that had its first answer, as far as this till knows."""
        return self._hello is not None and self._connection.is_open

    async def find(self) -> None:
        """Find the database, which has no deadline: it may start a server.

        Raises:
            ConnectionFailedError: the database cannot be found.
        """
        await self._facts()

    async def open(self, seconds: float, turn: float | None = None) -> Hello:
        """Connect if needed, within `seconds`. Return the first answer of the connection.

        Args:
            seconds: the longest wait for each answer.
            turn: the longest wait for statements before this one; None for `seconds`.

        Raises:
            ConnectionFailedError: the database cannot be reached now.
            DamagedReplyError: the first answer is unreadable.
        """
        facts = await self._facts()
        async with self._turn(seconds if turn is None else turn):
            if self._hello is not None and self._connection.is_open:
                return self._hello
            self._hello = None
            hello = decode_as(await self._connect(facts, seconds), Hello)
            if hello.ok:  # a refusal may be lifted, so it is not kept
                self._hello = hello
            return hello

    async def ask(self, statement: str, text: str, seconds: float, turn: float | None = None) -> str:
        """Make one round trip. The arguments are those of `open`.

        Raises:
            ConnectionFailedError: there was no answer.
        """
        async with self._turn(seconds if turn is None else turn):
            began = time.monotonic()
            try:
                answer = await self._call(statement, text, seconds)
            except ConnectionFailedError as problem:
                if problem.failure.kind is FailureKind.BUSY:
                    self._hello = None  # whoever blocks this till is ended by the next greeting
                raise
            self.took = time.monotonic() - began
            return answer

    @asynccontextmanager
    async def _turn(self, seconds: float) -> AsyncIterator[None]:
        """Wait for the end of earlier statements. What nobody waits for any more is not sent after them."""
        try:
            async with asyncio.timeout(seconds):
                await self._lock.acquire()
        except TimeoutError as problem:
            failure = Failure(FailureKind.DEADLINE, "an earlier statement has no answer", connecting=True)
            raise ConnectionFailedError(failure) from problem
        try:
            yield
        finally:
            self._lock.release()

    async def has_new_secret(self) -> bool:
        """Look up the secret again. Return True if it differs from the refused one; the next request uses it.

        The second lookup, a moment later, catches a renewal in progress.

        Raises:
            ConnectionFailedError: the database cannot be found.
        """
        refused = self.secret
        for pause in (0, _RENEWING):
            await asyncio.sleep(pause)
            self._finding = None
            await self._facts()
            if self.secret != refused:
                return True
        return False

    def abort(self) -> None:
        """Abort the request in flight."""
        self._connection.abort()

    async def close(self) -> None:
        """Close the connection; the next `open` makes a new one."""
        self._hello = None
        await self._connection.close()

    async def _facts(self) -> ConnectionFacts:
        if self._finding is None:
            self._finding = asyncio.create_task(asyncio.to_thread(self._find))
        finding = self._finding
        if not finding.done():
            await asyncio.wait({finding})
        try:
            facts = finding.result()
        except ConfigError as problem:  # retrying does not help
            self._forget(finding)
            raise ConnectionFailedError(Failure(FailureKind.FATAL, problem.sentence, connecting=True)) from problem
        except Exception as problem:
            self._forget(finding)
            why = Advice()
            if isinstance(problem, DatabaseError):  # from a database that the till itself starts
                why = advice_of(problem.default, problem.remedy, **problem.facts)
            raise ConnectionFailedError(
                Failure(FailureKind.UNREACHABLE, str(problem), connecting=True, why=why)
            ) from problem
        self.secret, self.is_local, self.by_superuser = facts.secret, facts.is_local, facts.by_superuser
        return facts

    async def _connect(self, facts: ConnectionFacts, seconds: float) -> str:
        """Connect, send the first statement, and return its answer."""
        await self._connection.close()
        words = encode_read(self._identity, facts.secret, journal=self._journal_id)
        try:
            await self._connection.open(facts.conninfo, f"till {self._identity.till}", seconds)
            answer = await self._call(HELLO, words, seconds)
        except ConnectionFailedError as problem:
            self._forget(self._finding)
            raise ConnectionFailedError(replace(problem.failure, connecting=True)) from problem
        return answer

    async def _call(self, statement: str, text: str, seconds: float) -> str:
        """Run a statement. If the database lacks the function, report which side is older."""
        try:
            return await self._connection.call(statement, text, seconds, is_repeated=statement == PUSH)
        except ConnectionFailedError as problem:
            if not problem.failure.missing:
                raise
            sentence = schema_sentence(await self._revision(seconds), self._identity.schema)
            raise ConnectionFailedError(replace(problem.failure, detail=sentence)) from problem

    async def _revision(self, seconds: float) -> str | None:
        """Return the revision of the database; None if it is older than the query for it."""
        try:
            return await self._connection.call(REVISION, self._identity.schema, seconds) or None
        except ConnectionFailedError:
            return None

    def _forget(self, finding: asyncio.Task[ConnectionFacts] | None) -> None:
        """Forget the address: it may differ next time (another socket, another password)."""
        if self._finding is finding:
            self._finding = None
