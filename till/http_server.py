"""An HTTP server that no client can keep others out of: the deadline and the number of those that wait are limited."""

from __future__ import annotations

import asyncio
import logging
import socket
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, cast

from tornado.httpserver import HTTPServer

if TYPE_CHECKING:
    import ssl

    from tornado.http1connection import HTTP1ServerConnection
    from tornado.httputil import HTTPServerConnectionDelegate
    from tornado.iostream import IOStream

#: Seconds without accepting once no file is left for a connection, and those between two lines of the log.
_REST_S: Final = 0.5
_LOGGED_S: Final = 60.0
_log: Final = logging.getLogger(__name__)
_TOO_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class LimitedServer(HTTPServer):
    """A server of one request for each connection, with limits for connections that wait for their client.

    Those are all, also before TLS began, except those of `release` and open websockets.

    Args:
        application: answers the requests.
        patience: seconds for a client to send its request and to take the answer.
        most: the most connections at once that wait for their client; a further one closes the oldest.
        context: the certificate of this server; None for connections without TLS.
        options: tornado's own, for example `max_body_size`. A server with websockets needs `no_keep_alive=False`, as
            tornado would end them with their request; the handlers of its other answers then close the connection.
    """

    def initialize(  # type: ignore[override]
        self,
        application: HTTPServerConnectionDelegate,
        *,
        patience: float,
        most: int,
        context: ssl.SSLContext | None = None,
        **options: Any,
    ) -> None:
        """Make a server: tornado's constructor."""
        super().initialize(application, ssl_options=context, **{"no_keep_alive": True, **options})
        self._patience, self._most = patience, most
        self._waiting: dict[IOStream, asyncio.TimerHandle] = {}
        self._logged_at = -inf

    def open(self, host: str, port: int) -> Self:
        """Start to listen.

        Raises:
            OSError: another program uses the port.
        """
        family, *_kind, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self.sockets = [socket.create_server(address[:2], family=family)]
        self.sockets[0].setblocking(False)
        self._listen()
        return self

    def _listen(self) -> None:
        if self.sockets[0].fileno() >= 0:
            asyncio.get_running_loop().add_reader(self.sockets[0], self._accept)

    def _accept(self) -> None:
        """Accept a connection; rest for a moment if no file is left for one, which tornado would try without end."""
        try:
            connection, address = self.sockets[0].accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as problem:
            asyncio.get_running_loop().remove_reader(self.sockets[0])
            asyncio.get_running_loop().call_later(_REST_S, self._listen)
            if monotonic() - self._logged_at >= _LOGGED_S:
                self._logged_at = monotonic()
                _log.error("connection_refused", extra={"reason": problem.strerror})
            return
        self._handle_connection(connection, address)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_problem: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening, and close the connections that wait for their client."""
        if self.sockets[0].fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.sockets[0])
        self.sockets[0].close()
        super().stop()
        for stream in list(self._waiting):
            self._close(stream)

    def handle_stream(self, stream: IOStream, address: tuple[object, ...]) -> None:
        """Serve a connection, whose TLS has not begun yet."""
        if len(self._waiting) >= self._most:
            self._close(next(iter(self._waiting)))
        self._waiting[stream] = asyncio.get_running_loop().call_later(self._patience, self._close, stream, _TOO_LATE)
        super().handle_stream(stream, address)

    def release(self, stream: IOStream) -> None:
        """Count a connection no more: its client waits for this server."""
        if (timer := self._waiting.pop(stream, None)) is not None:
            timer.cancel()

    def on_close(self, server_conn: object) -> None:
        """Forget a connection that was closed, or became a websocket."""
        self.release(cast("HTTP1ServerConnection", server_conn).stream)
        super().on_close(server_conn)

    def _close(self, stream: IOStream, answer: bytes = b"") -> None:
        self.release(stream)
        if answer and not stream.writing():
            stream.write(answer)
        stream.close()
