"""The server of the phones' page: HTTPS, one page, and one socket for each till."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import signal
import socket
from contextlib import suppress
from datetime import timedelta
from html import escape
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import DecodeError
from tornado.ioloop import PeriodicCallback
from tornado.web import Application, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler
from typing_extensions import override

from till import __version__
from till.config.phones import mark_of
from till.domain.i18n import _, speaking
from till.http_server import LimitedServer
from till.serve.messages import LARGEST, ServerMessage, decode, encode
from till.serve.runs import ELSEWHERE, MISUSED, NO_WAY_IN
from till.serve.till_process import Size
from till.serve.words import OLD_LINK, words_of_page, words_of_way_in

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from tornado.http1connection import HTTP1Connection
    from tornado.httputil import HTTPServerRequest

    from till.config.phones import Phones
    from till.serve.runs import PhoneRun, Runs

_HERE: Final = Path(__file__).parent
#: The name of the cookie. With this beginning, browsers take it only from this host, and only by TLS.
COOKIE: Final = "__Host-till"
#: The longest that a browser keeps a cookie, in days; each load of the page begins it again.
_COOKIE_DAYS: Final = 400
#: The most requests at once, the seconds for a request and its answer, and the most sockets of a till.
_MOST: Final = 128
_PATIENCE_S: Final = 10.0
_SOCKETS: Final = 3
#: Seconds between two signs of life to a page, which takes silence for a cut.
_BEAT_S: Final = 5.0
#: The status of an answer after which a connection is a websocket.
_WEBSOCKET: Final = 101
#: Seconds between two looks at the ways in.
_SWEEP_S: Final = 1.0
#: Seconds by which each wrong link or cookie delays the answers to its address, and the most that one waits.
_SLOWED_S: Final = 0.5
_SLOWED_MOST_S: Final = 8.0
#: The bytes of output that the kernel keeps for a phone. More of it would be old paints.
_SENT_AHEAD: Final = 65_536
_log: Final = logging.getLogger(__name__)


class Attempts:
    """A delay for whoever tries links or cookies, by address."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._due: dict[str, float] = {}

    def delay(self, address: str) -> float:
        """Return the seconds that the answer to a wrong attempt waits; each waits for the one before it."""
        now = self._now()
        self._due = {one: due for one, due in self._due.items() if due > now}
        due = min(self._due.pop(address, now) + _SLOWED_S, now + _SLOWED_MOST_S)
        self._due[address] = due
        return due - now


class Served:
    """The parts that the handlers of all requests share.

    Args:
        url: the address of the page, as browsers have it.
        phones: the ways in.
        runs: the tills that run.
        authority: the certificate for phones to install; None if theirs is known to every browser.
        has_proxy: True behind a proxy on this machine.
    """

    def __init__(
        self, url: str, phones: Phones, runs: Runs, authority: Path | None, *, has_proxy: bool = False
    ) -> None:
        self.url = url
        self.phones = phones
        self.runs = runs
        self.authority = authority
        self.has_proxy = has_proxy
        self.attempts = Attempts()
        self.sockets: dict[TillSocket, int] = {}

    async def slow_down(self, request: HTTPServerRequest) -> None:
        """Wait, as a browser tried a link or a cookie that opens nothing.

        A proxy appends the address of its client to X-Forwarded-For. X-Real-Ip may come from the client itself.
        """
        forwarded = request.headers.get("X-Forwarded-For", "") if self.has_proxy else ""
        await asyncio.sleep(self.attempts.delay(forwarded.rpartition(",")[2].strip() or str(request.remote_ip)))

    async def sweep(self) -> None:
        """End the sockets and the runs whose cookie opens no more, and the runs that were left too long ago."""
        for one, till in list(self.sockets.items()):
            if one.mark != self.phones.mark(till):
                one.end(NO_WAY_IN)
        await self.runs.sweep()

    def beat(self) -> None:
        """Give each page a sign of life."""
        for one in list(self.sockets):
            one.tell(ServerMessage())


class _Closing(RequestHandler):
    """A handler that closes its connection once its answer is sent. tornado would wait for further requests."""

    @override
    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        stream = cast("HTTP1Connection", self.request.connection).stream
        sent = super().finish(chunk)
        if self.get_status() != _WEBSOCKET:
            sent.add_done_callback(lambda _sent: stream.close())
        return sent


class _Handler(_Closing):
    """A handler of requests, with what every answer says to a browser."""

    served: Served

    @override
    def initialize(self, served: Served) -> None:
        self.served = served

    @override
    def set_default_headers(self) -> None:
        _set_headers(self, "")

    @override
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{self._reason}\n")

    def till(self) -> int | None:
        """Return the till that this browser's cookie opens; None for none."""
        return self.served.phones.till_of(self.get_cookie(COOKIE, "") or "")

    def is_ours(self) -> bool:
        """Return True if a page of this server sent the request."""
        return self.request.headers.get("Origin") == self.served.url

    def give_cookie(self, cookie: str) -> None:
        """Set the cookie of a till."""
        self.set_cookie(
            COOKIE, cookie, expires_days=_COOKIE_DAYS, path="/", secure=True, httponly=True, samesite="Strict"
        )


class _Page(_Handler):
    """The page: a terminal for a browser with a way in, and how to get one for any other."""

    async def get(self) -> None:
        cookie = self.get_cookie(COOKIE, "")
        till = self.till()
        if cookie and till is None:
            await self.served.slow_down(self.request)
        elif cookie:
            self.give_cookie(cookie)
        nonce = secrets.token_urlsafe()
        _set_headers(self, nonce)
        self.set_header("Cache-Control", "no-store")
        page = (_HERE / "page" / ("way_in.html" if till is None else "till.html")).read_text(encoding="utf-8")
        phones, language = self.served.phones, self.served.phones.language(till)
        words = json.dumps(words_of_page(language))
        filled = {"NONCE": nonce, "VERSION": __version__, "LANGUAGE": language, "WORDS": words}
        if till is None:
            filled |= words_of_way_in(language)
        else:
            with speaking(language):
                filled["TILL"] = _("Till {number}").format(number=till)
            filled["VENUE"] = phones.venue(till)
        for name, value in filled.items():
            page = page.replace(f"[{name}]", escape(value))
        self.finish(page)


class _WayIn(_Handler):
    """Asks whether a browser has a way in, and takes the token of a link."""

    async def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        if self.till() is None:
            await self.served.slow_down(self.request)
            self.set_status(403)
        else:
            self.set_status(204)
        self.finish()

    async def post(self) -> None:
        cookie = self.served.phones.redeem(self.request.body.decode("ascii", "replace")) if self.is_ours() else None
        if cookie is None:
            await self.served.slow_down(self.request)
            self.set_status(403)
            with speaking(self.served.phones.language(None)):
                self.finish(_(OLD_LINK))
            return
        _log.info("phone_came_in", extra={"till": self.served.phones.till_of(cookie)})
        self.give_cookie(cookie)
        self.set_status(204)
        self.finish()


class _Authority(_Handler):
    """The certificate that a phone installs."""

    def get(self) -> None:
        if self.served.authority is None:
            self.send_error(404)
            return
        self.set_header("Content-Type", "application/x-x509-ca-cert")
        self.finish(self.served.authority.read_bytes())


class _File(_Closing, StaticFileHandler):
    """A file of the page. Browsers ask each time if they have today's."""

    @override
    def set_extra_headers(self, path: str) -> None:
        _set_headers(self, "")
        self.set_header("Cache-Control", "no-cache")
        if path.endswith(".webmanifest"):
            self.set_header("Content-Type", "application/manifest+json")


class TillSocket(_Closing, WebSocketHandler):
    """The connection of a page with its till.

    Attributes:
        mark: the mark of the cookie that opened it.
        waiting: the bytes that its phone has not read yet.
    """

    served: Served

    @override
    def initialize(self, served: Served) -> None:
        self.served = served
        self._till = 0
        self._run: PhoneRun | None = None
        self._load = ""
        self._size = Size(40, 22)
        self.mark = ""
        self.waiting = 0

    @override
    async def prepare(self) -> None:
        if self.request.headers.get("Origin") != self.served.url:
            self.set_status(403)
            self.finish()
            return
        cookie = self.get_cookie(COOKIE, "") or ""
        self._till, self.mark = self.served.phones.till_of(cookie) or 0, mark_of(cookie)
        if not self._till:
            await self.served.slow_down(self.request)
            self.set_status(403)
            self.finish()

    @override
    def check_origin(self, origin: str) -> bool:
        return origin == self.served.url

    @override
    def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            with suppress(OSError):
                self.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AHEAD)
        others = [one for one, till in self.served.sockets.items() if till == self._till]
        if len(others) >= _SOCKETS:
            others[0].abort(ELSEWHERE)
        self.served.sockets[self] = self._till

    @override
    async def on_message(self, message: str | bytes) -> None:
        if self not in self.served.sockets:
            return
        try:
            read = decode(message)
        except (DecodeError, UnicodeDecodeError):
            self.end(MISUSED)
            return
        if read.columns and read.rows:
            self._size = Size(read.columns, read.rows)
            if self._run is not None:
                self._run.resize(self._size)
        if read.load or read.start:
            self._load = read.load or self._load
            self._run = await self.served.runs.attach(self._till, self, read, self._size)
            if self._run is not None and self not in self.served.sockets:
                self.served.runs.leave(self._run, self)
        elif read.number is not None and (self._run is None or not await self._run.take(self, self._load, read)):
            self.end(MISUSED)

    @override
    def on_close(self) -> None:
        self.served.sockets.pop(self, None)
        if self._run is not None:
            self.served.runs.leave(self._run, self)

    def paint(self, output: bytes) -> None:
        """Send output of the till."""
        self.waiting += len(output)
        self._send(output, binary=True, size=len(output))

    def tell(self, message: ServerMessage) -> None:
        """Send a message."""
        self._send(encode(message).decode(), binary=False, size=0)

    def end(self, code: int) -> None:
        """Close the connection, and tell the page why. Nothing that it still sends is heard."""
        self.served.sockets.pop(self, None)
        self.close(code)

    def abort(self, code: int) -> None:
        """Close the connection without waiting for the page's answer."""
        stream = self.ws_connection.stream if self.ws_connection is not None else None
        self.end(code)
        if stream is not None:
            stream.close()

    def _send(self, message: str | bytes, *, binary: bool, size: int) -> None:
        try:
            sent = self.write_message(message, binary=binary)
        except WebSocketClosedError:
            return

        def read(done: asyncio.Future[None]) -> None:
            if done.cancelled() or done.exception() is not None:
                return
            self.waiting -= size
            if size and self._run is not None and self._run.socket is self:
                self._run.drained()

        sent.add_done_callback(read)


def _set_headers(handler: RequestHandler, nonce: str) -> None:
    """Set the headers of an answer. Nothing is loaded from elsewhere, and no other page shows this one."""
    style = f"style-src 'self' 'nonce-{nonce}'" if nonce else "style-src 'self'"
    handler.set_header(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; {style}; connect-src 'self'; img-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    handler.set_header("X-Frame-Options", "DENY")
    handler.set_header("X-Content-Type-Options", "nosniff")
    handler.set_header("Referrer-Policy", "no-referrer")
    handler.set_header("Cross-Origin-Opener-Policy", "same-origin")
    handler.set_header("Cross-Origin-Resource-Policy", "same-origin")
    handler.set_header("Connection", "close")
    handler.clear_header("Server")


def make_server(served: Served, context: ssl.SSLContext | None) -> LimitedServer:
    """Return the server, which does not listen yet.

    Args:
        served: the parts that the handlers share.
        context: the certificate; None behind a proxy on this machine.
    """
    own = {"served": served}
    handlers: list[Any] = [
        ("/", _Page, own),
        ("/way-in", _WayIn, own),
        ("/till", TillSocket, own),
        ("/ca.crt", _Authority, own),
        (r"/page/([a-z_]+\.(?:js|css|png|webmanifest))", _File, {"path": str(_HERE / "page")}),
        (r"/terminal/([a-z]+\.(?:js|css))", _File, {"path": str(_HERE / "terminal")}),
    ]
    application = Application(
        handlers,
        default_handler_class=_Missing,
        log_function=lambda _handler: None,
        websocket_max_message_size=LARGEST,
        websocket_ping_interval=15,
        trusted_origins=[served.url],
    )
    limits: dict[str, Any] = {"max_header_size": 16_384, "max_body_size": LARGEST, "max_buffer_size": 131_072}
    return LimitedServer(application, patience=_PATIENCE_S, most=_MOST, context=context, no_keep_alive=False, **limits)


class _Missing(_Closing):
    """The answer to a path that is not there."""

    @override
    def prepare(self) -> None:
        _set_headers(self, "")
        self.set_status(404)
        self.finish()


async def serve_tills(
    served: Served,
    *,
    context: ssl.SSLContext | None,
    renew: Callable[[ssl.SSLContext], None],
    address: tuple[str, int],
    listening: Callable[[], None],
) -> None:
    """Serve the tills of phones until the process is terminated (SIGTERM, SIGINT). Tills end as by a closed window.

    Args:
        served: the parts that the handlers share.
        context: the certificate; None behind a proxy on this machine.
        renew: loads the certificate again if it is due; called each day.
        address: the address and the port to listen on.
        listening: called once the server listens.

    Raises:
        OSError: another program uses the port.
    """
    ends, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ends.set)
    server = make_server(served, context).open(*address)
    periodic = [
        PeriodicCallback(served.sweep, _SWEEP_S * 1000),
        PeriodicCallback(served.beat, _BEAT_S * 1000),
        PeriodicCallback(lambda: renew(context) if context is not None else None, timedelta(days=1)),
    ]
    for each in periodic:
        each.start()
    try:
        listening()
        await ends.wait()
    finally:
        server.stop()
        for each in periodic:
            each.stop()
        await served.runs.close()
        await server.close_all_connections()
