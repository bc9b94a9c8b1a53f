"""The process that forwards a gateway's webhooks to the database, which notifies the tills."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from db.errors import DatabaseError
from till.domain.errors import TillError
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.failures import Failure, FailureKind
from till.tenders.gateway.webhook_server import WebhookServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from till.config import GatewayConfig
    from till.tenders.gateway.webhook import WebhookMessage

_FORWARD: Final = "SELECT till.payment_told_v1(%s::text)"
_PATIENCE_S: Final = 5.0
_log: Final = logging.getLogger(__name__)


class _Answer(Struct, frozen=True):
    """The database's answer to a webhook."""

    ok: bool
    new: bool = False
    unknown: bool = False
    code: str = ""


class WebhookForwarder:
    """A sender of webhooks to the database, one at a time, on one connection with automatic reconnect.

    Args:
        find: returns the connection string. It is called in a thread for each new connection, and may start a server.
    """

    def __init__(self, find: Callable[[], str]) -> None:
        self._find = find
        self._connection = Connection(lambda _payload: None)
        self._turn = asyncio.Lock()

    async def forward(self, message: WebhookMessage) -> bool:
        """Send a webhook. Return True if the database has it; otherwise the gateway repeats it later."""
        text = msgspec.json.encode(message).decode()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._turn.acquire()
        except TimeoutError:
            return False
        try:
            answer = await self._answer(text)
        finally:
            self._turn.release()
        named = {"kind": message.kind, "payment": message.payment}
        if answer is None or not answer.ok:
            _log.warning("webhook_not_kept", extra={**named, "code": answer.code if answer else "away"})
            return False
        _log.info("webhook_kept", extra={**named, "new": answer.new})
        if answer.unknown and message.charge is not None:  # another shop's on the same account, or a lost order's
            _log.warning("charge_of_no_order", extra={"charge": message.charge.id, "order": message.charge.order})
        return True

    async def _answer(self, text: str) -> _Answer | None:
        """Return the database's answer; None if the database is offline."""
        was_open = self._connection.is_open
        try:
            return await self._call(text)
        except ConnectionFailedError:  # the connection may have broken since the last webhook
            if not was_open or self._connection.is_open:
                return None
        try:
            return await self._call(text)
        except ConnectionFailedError:
            return None

    async def _call(self, text: str) -> _Answer:
        if not self._connection.is_open:
            await self._connect()
        return msgspec.json.decode(await self._connection.call(_FORWARD, text, _PATIENCE_S), type=_Answer)

    async def _connect(self) -> None:
        try:
            conninfo = await asyncio.to_thread(self._find)
        except (TillError, DatabaseError) as problem:
            _log.warning("gateway_without_database", extra={"error": type(problem).__name__})
            raise ConnectionFailedError(Failure(FailureKind.UNREACHABLE, "no way in", connecting=True)) from problem
        await self._connection.open(conninfo, "till gateway", _PATIENCE_S)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


async def hear_gateway(
    config: GatewayConfig,
    secret: str,
    find: Callable[[], str],
    *,
    context: ssl.SSLContext | None,
    listening: Callable[[int], None],
) -> None:
    """Receive webhooks until the process is terminated (SIGTERM, SIGINT).

    Args:
        config: the address and port to listen on.
        secret: the secret shared with the gateway.
        find: see `WebhookForwarder`.
        context: the certificate of this server; None for a connection without TLS.
        listening: called with the port once the server listens.

    Raises:
        OSError: another program uses the port.
    """
    ends, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ends.set)
    forwarder = WebhookForwarder(find)
    webhooks = WebhookServer(config.path, secret.encode(), forwarder.forward)
    server = await webhooks.listen(config.address, config.port, context)
    try:
        listening(server.sockets[0].getsockname()[1])
        await ends.wait()
    finally:
        await webhooks.finish()
        await forwarder.close()
