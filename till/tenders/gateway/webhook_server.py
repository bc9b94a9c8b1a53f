"""A small HTTP server for webhooks: one POST for each connection, and nothing large, slow or unsigned."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerConnectionDelegate, ResponseStartLine

from till.http_server import LimitedServer
from till.tenders.gateway.entities import GatewayReplyError
from till.tenders.gateway.webhook import ForgedError, read_webhook

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from tornado.http1connection import HTTP1Connection
    from tornado.httputil import HTTPConnection, RequestStartLine

    from till.tenders.gateway.webhook import WebhookMessage

#: The largest body in bytes. A webhook has a few kilobytes.
LARGEST: Final = 262_144
_LONGEST_HEAD: Final = 16_384
#: The longest time in seconds for a webhook to arrive.
PATIENCE_S: Final = 10.0
#: The most connections at once that wait for their client, and the most webhooks that wait for the database. A further
#: connection closes the oldest that waits for its client: one whose webhook is arriving.
MOST: Final = 64
#: The header fields that count. A repeated one is ambiguous, so it is refused.
_COUNTS: Final = ("Content-Length", "Transfer-Encoding", "X-Razorpay-Signature", "X-Razorpay-Event-Id")
_log: Final = logging.getLogger(__name__)


class WebhookServer(HTTPServerConnectionDelegate):
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
        self.path = path
        self.secret = secret
        self._handle = handle
        self._patience = patience
        self._most = most
        self._handled: set[asyncio.Task[object]] = set()

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None) -> LimitedServer:
        """Start to listen."""
        limits = {"patience": self._patience, "most": self._most, "max_body_size": LARGEST}
        self._server = LimitedServer(self, context=context, **limits).open(host, port)
        return self._server

    async def finish(self) -> None:
        """Stop listening. Webhooks that have arrived are answered."""
        self._server.stop()
        if self._handled:
            await asyncio.wait(self._handled, timeout=self._patience)

    def start_request(self, _server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Receive a request."""
        return _Request(self, cast("HTTP1Connection", request_conn))

    async def handle(self, message: WebhookMessage, connection: HTTP1Connection) -> int:
        """Handle a webhook and return the status of its answer."""
        task = asyncio.current_task()
        if len(self._handled) >= self._most or task is None:  # the database is slow
            return 503
        self._server.release(connection.stream)
        self._handled.add(task)
        try:
            return 200 if await self._handle(message) else 503
        finally:
            self._handled.discard(task)


class _Request(HTTPMessageDelegate):
    """A request to the webhook server."""

    def __init__(self, server: WebhookServer, connection: HTTP1Connection) -> None:
        self._server = server
        self._connection = connection
        self._headers = HTTPHeaders()
        self._body = b""

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        """Refuse what is no webhook before its body arrives."""
        self._headers = headers
        if status := self._refusal(cast("RequestStartLine", start_line), headers):
            _answer(self._connection, status)

    def _refusal(self, line: RequestStartLine, headers: HTTPHeaders) -> int:
        """Return the status that refuses a request by its head; 0 if its body may come."""
        length = headers.get("Content-Length", "")
        digits = length.isascii() and length.isdigit()
        refusals = (
            (sum(len(name) + len(value) for name, value in headers.get_all()) > _LONGEST_HEAD, 431),
            (any(len(headers.get_list(name)) > 1 for name in _COUNTS), 400),
            (line.path.partition("?")[0] != self._server.path, 404),
            (line.method != "POST", 405),
            ("Transfer-Encoding" in headers or not length, 411),
            (not digits, 400),
            (digits and int(length[:9]) > LARGEST, 413),  # tornado refuses longer numbers
        )
        return next((status for is_refused, status in refusals if is_refused), 0)

    async def data_received(self, chunk: bytes) -> None:
        """Receive a part of the body, and handle the whole. Its client may have closed its side."""
        self._body += chunk
        if len(self._body) < int(self._headers["Content-Length"]):
            return
        signature, event = (self._headers.get(name, "") for name in _COUNTS[2:])
        try:
            message = read_webhook(self._body, signature=signature, event_id=event, secret=self._server.secret)
        except ForgedError:
            _log.warning("webhook_forged")
            status = 401
        except GatewayReplyError:
            status = 400
        else:
            status = await self._server.handle(message, self._connection)
        _answer(self._connection, status)

    def finish(self) -> None:
        """Refuse a request without a body."""
        _answer(self._connection, 400)


def _answer(connection: HTTP1Connection, status: int) -> None:
    """Answer a request with a status alone."""
    _log.info("webhook_answered", extra={"status": status})
    reason = "Content Too Large" if status == 413 else HTTPStatus(status).phrase  # noqa: PLR2004 - older Pythons' differs
    connection.write_headers(ResponseStartLine("HTTP/1.1", status, reason), HTTPHeaders({"Content-Length": "0"}))
    connection.finish()
