"""A small HTTP server for webhooks: one POST for each connection, and nothing large, slow or unsigned."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, cast

from till.tenders.gateway.entities import GatewayReplyError
from till.tenders.gateway.webhook import ForgedError, read_webhook

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    from till.tenders.gateway.webhook import WebhookMessage

#: The largest body in bytes. A webhook has a few kilobytes.
LARGEST: Final = 262_144
_LONGEST_HEAD: Final = 16_384
#: The longest time in seconds for a webhook to arrive.
PATIENCE_S: Final = 10.0
#: The most connections at once that wait for their client, and the most webhooks that wait for the database. A further
#: connection closes the oldest that waits for its client: one whose webhook is arriving, or that has its answer.
MOST: Final = 64
#: The header fields that the server reads.
_COUNTS: Final = frozenset({"content-length", "transfer-encoding", "x-razorpay-signature", "x-razorpay-event-id"})
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_log: Final = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A request to the webhook server that is refused."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


class WebhookServer:
    """A server for webhooks.

    Args:
        path: the path for the webhooks.
        secret: the secret shared with the gateway.
        handle: handles a webhook, and returns True if it was stored. The gateway repeats others for a day.
        patience: the longest time in seconds for a webhook to arrive.
        most: the most connections at once that wait for their client, and the most webhooks that are handled at once.
    """

    def __init__(
        self,
        path: str,
        secret: bytes,
        handle: Callable[[WebhookMessage], Awaitable[bool]],
        *,
        patience: float = PATIENCE_S,
        most: int = MOST,
    ) -> None:
        self._path = path
        self._secret = secret
        self._handle = handle
        self._patience = patience
        self._most = most
        self._idle: dict[asyncio.StreamWriter, None] = {}
        self._context: ssl.SSLContext | None = None
        self._handled = 0
        self._open = 0
        self._done = asyncio.Event()
        self._done.set()

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None) -> asyncio.Server:
        """Start to listen."""
        self._context = context
        return await asyncio.start_server(self._serve, host, port, limit=_LONGEST_HEAD)

    async def finish(self) -> None:
        """Stop listening. Webhooks that have arrived are answered."""
        for writer in list(self._idle):
            writer.transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._done.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self._done.clear()
        try:
            status = await self._answered(reader, writer)
            _log.info("webhook_answered", extra={"status": status})
            async with self._idling(writer):
                writer.write(b"HTTP/1.1 %d %s\r\n" % (status, _REASONS[status].encode()))
                writer.write(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, TimeoutError) as fault:
            _log.info("webhook_cut", extra={"fault": type(fault).__name__})
        finally:
            self._open -= 1
            if not self._open:
                self._done.set()
            writer.transport.abort()

    @asynccontextmanager
    async def _idling(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        """Wait for a client within the deadline, if no others make it leave."""
        while len(self._idle) >= self._most:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            oldest.transport.abort()
        self._idle[writer] = None
        try:
            async with asyncio.timeout(self._patience):
                yield
        finally:
            self._idle.pop(writer, None)

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        try:
            async with self._idling(writer):
                if self._context is not None:  # here, so that silent connections are limited before TLS too
                    await _begin_tls(writer, self._context)
                message = await self._arrived(reader)
        except TimeoutError:
            return 408
        except _RefusedError as refused:
            return refused.status
        except ForgedError:
            _log.warning("webhook_forged")
            return 401
        except GatewayReplyError:
            return 400
        if self._handled >= self._most:  # the database is slow
            return 503
        self._handled += 1
        try:
            return 200 if await self._handle(message) else 503
        finally:
            self._handled -= 1

    async def _arrived(self, reader: asyncio.StreamReader) -> WebhookMessage:
        """Return a complete, signed webhook."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise _RefusedError(431) from None
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        fields = _fields(lines)
        length = self._checked(first, fields)
        body = await reader.readexactly(length)
        return read_webhook(
            body,
            signature=fields.get("x-razorpay-signature", ""),
            event_id=fields.get("x-razorpay-event-id", ""),
            secret=self._secret,
        )

    def _checked(self, first: str, fields: dict[str, str]) -> int:
        """Check the header of a request and return the length of its body."""
        words = first.split(" ")
        if len(words) != len(("POST", "/", "HTTP/1.1")) or not words[2].startswith("HTTP/1."):
            raise _RefusedError(400)
        if words[1].partition("?")[0] != self._path:
            raise _RefusedError(404)
        if words[0] != "POST":
            raise _RefusedError(405)
        length = fields.get("content-length", "")
        if "transfer-encoding" in fields or not length:
            raise _RefusedError(411)
        if not (length.isascii() and length.isdigit()):
            raise _RefusedError(400)
        if len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            raise _RefusedError(413)
        return int(length)


async def _begin_tls(writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
    """Begin TLS.

    Raises:
        ConnectionError: the connection was closed meanwhile.
    """
    plain = writer.transport
    try:
        await writer.start_tls(context)
    except AttributeError:  # Python 3.11 has forgotten the transport of such a connection
        if cast("asyncio.Transport | None", writer.transport) is not None:
            raise
        writer._transport = plain  # type: ignore[attr-defined] # noqa: SLF001 - its end asks for one
        raise ConnectionAbortedError from None


def _fields(lines: list[str]) -> dict[str, str]:
    """Return the known header fields. A repeated field is ambiguous, so it is refused."""
    fields: dict[str, str] = {}
    for line in lines:
        written, colon, value = line.partition(":")
        name = written.strip().lower()
        if name not in _COUNTS:
            continue
        if not colon or name != written.lower() or name in fields:
            raise _RefusedError(400)
        fields[name] = value.strip()
    return fields
