"""The way to the venue's database: where it is, a connection when one is needed, and the first words on it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.structs import replace
from till.sync.failures import Failure, FailureKind, schema_sentence
from till.sync.link import Link, LinkError
from till.sync.messages import Hello, decode_as, encode_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.sync.settings import ConnectionFacts, Identity

#: The statements of a till; all of them are named in docs/protocol.md.
PUSH: Final = "SELECT warm.sync_push_v1(%s::text)"
HELLO: Final = "SELECT till.hello_v1(%s::text)"
USER_SESSIONS: Final = "SELECT till.user_sessions_v1(%s::text)"
OPEN_ORDERS: Final = "SELECT till.open_orders_v1(%s::text)"
CLEARED_ORDERS: Final = "SELECT till.cleared_orders_v1(%s::text)"
BOOKINGS: Final = "SELECT till.bookings_v1(%s::text)"
CUSTOMERS: Final = "SELECT till.customers_v1(%s::text)"
PAST_SALES: Final = "SELECT warm.past_sales_v1(%s::text)"
REFUND_STANDING: Final = "SELECT warm.refund_standing_v1(%s::text)"
VOUCHER: Final = "SELECT till.voucher_v1(%s::text)"
ACCOUNT: Final = "SELECT till.account_v1(%s::text)"
PAYMENT_ANSWER: Final = "SELECT warm.payment_answer_v1(%s::text)"
CONFLICTS: Final = "SELECT till.conflicts_v1(%s::text)"
PASSWORD_SALT: Final = "SELECT till.password_salt_v1(%s::text)"  # noqa: S105 - a statement
PASSWORD_LOGIN: Final = "SELECT till.password_login_v1(%s::text)"  # noqa: S105 - a statement
CONFLICT_SETTLE: Final = "SELECT till.conflict_settle_v1(%s::text)"
QUARANTINE_SETTLE: Final = "SELECT till.quarantine_settle_v1(%s::text)"
MAINTENANCE: Final = "SELECT till.maintenance_v1(%s::text)"
LATE_LINES: Final = "SELECT till.late_lines_v1(%s::text)"
OPEN_TABS: Final = "SELECT till.open_tabs_v1(%s::text)"
SESSION_EVENTS: Final = "SELECT till.session_events_v1(%s::text)"
#: Seconds. Who renews a secret tells the database first, and puts it into the till's folder a moment later.
_RENEWING: Final = 0.5
#: What every role may ask of every database of ours, however new.
REVISION: Final = "SELECT coalesce(max(value), '') FROM till.schema_v1() WHERE key = 'revision' AND %s::text <> ''"


class Road:
    """Opens the link when it is needed, and lets one statement through at a time.

    Args:
        find: says where the database is; slow (it may start a server), so it runs in a thread, and is asked anew
            after each failure to connect. A `ConfigError` waits for a person, whatever else it raises passes.
        identity: who travels.
        journal_id: of whose chain the first words speak.
        heard: called with the payload of each notification, with nothing when the connection was lost.

    Attributes:
        took: seconds of the last round trip that was asked for, without the wait for those before it.
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
        self._link = Link(heard)
        self._lock = asyncio.Lock()
        self._finding: asyncio.Task[ConnectionFacts] | None = None
        self._hello: Hello | None = None
        self.secret = ""
        self.took = 0.0

    async def open(self, seconds: float) -> Hello:
        """Be connected, and give the first answer of this connection. Finding the database has no deadline.

        Raises:
            LinkError: there is no way now.
            DamagedReplyError: the first answer does not read as one.
        """
        facts = await self._facts()
        async with self._lock:
            if self._hello is not None and self._link.is_open:
                return self._hello
            self._hello = None
            hello = decode_as(await self._connect(facts, seconds), Hello)
            if hello.ok:  # a refusal may be lifted: it is asked for again
                self._hello = hello
            return hello

    async def ask(self, statement: str, text: str, seconds: float) -> str:
        """One round trip.

        Raises:
            LinkError: no answer came.
        """
        async with self._lock:
            began = time.monotonic()
            answer = await self._call(statement, text, seconds)
            self.took = time.monotonic() - began
            return answer

    async def has_new_secret(self) -> bool:
        """Whether the till has another secret by now than the one that was refused: the next words bear it.

        Looks again after a moment, for it may just be on its way.

        Raises:
            LinkError: the database is not found any more.
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
        """Break off what is on the way."""
        self._link.abort()

    async def close(self) -> None:
        """Close the connection; the next `open` makes another."""
        self._hello = None
        await self._link.close()

    async def _facts(self) -> ConnectionFacts:
        if self._finding is None:
            self._finding = asyncio.create_task(asyncio.to_thread(self._find))
        finding = self._finding
        if not finding.done():
            await asyncio.wait({finding})
        try:
            facts = finding.result()
        except ConfigError as problem:  # no waiting mends it
            self._forget(finding)
            raise LinkError(Failure(FailureKind.FATAL, problem.sentence, connecting=True)) from problem
        except Exception as problem:
            self._forget(finding)
            why = getattr(problem, "sentence", "")  # of a database that the till itself starts
            raise LinkError(Failure(FailureKind.UNREACHABLE, str(problem), connecting=True, why=why)) from problem
        self.secret = facts.secret
        return facts

    async def _connect(self, facts: ConnectionFacts, seconds: float) -> str:
        """Connect and greet; gives the answer."""
        await self._link.close()
        words = encode_read(self._identity, facts.secret, journal=self._journal_id)
        try:
            await self._link.open(facts.conninfo, f"till {self._identity.till}", seconds)
            return await self._call(HELLO, words, seconds)
        except LinkError as problem:
            self._forget(self._finding)
            raise LinkError(replace(problem.failure, connecting=True)) from problem

    async def _call(self, statement: str, text: str, seconds: float) -> str:
        """One statement. A database that has not what is called is asked which of the two is older."""
        try:
            return await self._link.call(statement, text, seconds)
        except LinkError as problem:
            if not problem.failure.missing:
                raise
            sentence = schema_sentence(await self._revision(seconds), self._identity.schema)
            raise LinkError(replace(problem.failure, detail=sentence)) from problem

    async def _revision(self, seconds: float) -> str | None:
        """The revision of the database; None for one that cannot say, which is older than any of ours."""
        try:
            return await self._link.call(REVISION, self._identity.schema, seconds) or None
        except LinkError:
            return None

    def _forget(self, finding: asyncio.Task[ConnectionFacts] | None) -> None:
        """The database may be elsewhere next time (another socket, another password)."""
        if self._finding is finding:
            self._finding = None
