"""A server for phones in this process, with a small program in place of the till, and pages that speak to it."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from till.config import Folders
from till.config.phones import Phones
from till.serve import Limits, Runs, Served, till_environment
from till.serve.server import COOKIE, make_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tornado.iostream import IOStream

    from till.serve.runs import PhoneRun

PROGRAM = Path(__file__).with_name("program.py")
PATIENCE = 20.0


class Connections(list[tuple[WebSocketClientConnection, "IOStream"]]):
    """Connections, which end with their test."""

    async def connect(self, url: str, headers: dict[str, str]) -> WebSocketClientConnection:
        """Connect to a socket."""
        line = await websocket_connect(HTTPRequest(url, headers=headers))
        stream = line.protocol.stream if line.protocol is not None else None
        assert stream is not None
        self.append((line, stream))
        return line

    def close(self) -> None:
        """Cut all."""
        for line, stream in self:
            line.close()
            stream.close()


class Page:
    """A load of the page: it counts the acknowledged keys, and keeps the output."""

    def __init__(self, socket: WebSocketClientConnection, load: str) -> None:
        self.socket = socket
        self.load = load
        self.run = ""
        self.taken = -1
        self.painted = b""
        self.ended: str | None = None
        self.code: int | None = None

    async def hear(self) -> bool:
        """Take one message; False once the connection is closed."""
        message = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
        if message is None:
            self.code = self.socket.close_code
            return False
        if isinstance(message, bytes):
            self.painted += message
            return True
        reply = msgspec.json.decode(message)
        self.run = reply.get("run", self.run)
        self.taken = reply.get("taken", self.taken)
        if reply.get("ended"):
            self.ended = reply.get("words", "")
        return True

    async def until(self, is_so: Callable[[Page], object]) -> Page:
        """Hear until something is so."""
        while not is_so(self):
            assert await self.hear(), f"closed with {self.code}"
        return self

    async def sees(self, text: str) -> Page:
        """Hear until a text is painted."""
        return await self.until(lambda now: text.encode() in now.painted)

    async def closed(self) -> int | None:
        """Hear until the server closes the connection; return its reason."""
        while await self.hear():
            pass
        return self.code

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.write_message(msgspec.json.encode(message))

    async def type(self, number: int, keys: str) -> None:
        """Send keys."""
        await self.say(number=number, keys=keys)


class Venue:
    """A server with the phones of tills 5 and 6.

    Attributes:
        now: the time on the clock of the runs.
        refusal: the words with which the next till refuses to start.
        folder: the folder for the traces of the programs.
    """

    def __init__(self, folder: Path, port: int, limits: Limits) -> None:
        self.folder = folder
        self.now = 1000.0
        self.lines = Connections()
        self.refusal: list[str] = []
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        folders = Folders(folder)
        folders.make()
        for till in (5, 6):
            folders.keep_secret(till, "s3cret")
        self.phones = Phones(folders)
        environment = till_environment({"PATH": "/usr/bin:/bin"}, 15)
        self.runs = Runs(self.phones, self._command, environment, limits, lambda: self.now)
        self.served = Served(self.url, self.phones, self.runs, None)

    def _command(self, _till: int) -> list[str]:
        return [sys.executable, "-IS", str(PROGRAM), str(self.folder), *self.refusal]

    def cookie(self, till: int = 5) -> str:
        """Return the cookie of a browser that opened a new link."""
        cookie = self.phones.redeem(self.phones.new_link(till))
        assert cookie is not None
        return cookie

    async def connect(self, cookie: str, origin: str = "") -> WebSocketClientConnection:
        """Connect a page's socket."""
        headers = {"Origin": origin or self.url, "Cookie": f"{COOKIE}={cookie}"}
        return await self.lines.connect(f"ws://127.0.0.1:{self.port}/till", headers)

    async def raw(self, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect a socket whose other end is no browser: it answers nothing by itself."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = (
            f"GET /till HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\nOrigin: {self.url}\r\n"
            f"Cookie: {COOKIE}={cookie}\r\n\r\n"
        )
        writer.write(head.encode())
        assert b"101 Switching" in await reader.readuntil(b"\r\n\r\n")
        return reader, writer

    async def open(self, cookie: str, load: str = "load-1", run: str = "", **more: Any) -> Page:
        """Open a page, or let it come back, and wait until it shows a run."""
        page = Page(await self.connect(cookie), load)
        await page.say(**{"load": load, "run": run, "columns": 40, "rows": 22, **more})
        return await page.until(lambda now: now.run or now.ended is not None)

    def run_of(self, till: int) -> PhoneRun | None:
        """Return the run of a till."""
        return self.runs._runs.get(till)

    async def left(self, till: int) -> None:
        """Wait until no page shows a till."""
        async with asyncio.timeout(PATIENCE):
            while (run := self.run_of(till)) and run.socket is not None:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)

    def hung_up(self) -> list[str]:
        """Return the keys of each program that saw a hang-up."""
        return sorted(one.read_text(encoding="utf-8") for one in self.folder.glob("hung-up-*"))


@asynccontextmanager
async def serving(folder: Path, limits: Limits) -> AsyncIterator[Venue]:
    """Yield a venue whose server listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    venue = Venue(folder, port, limits)
    server = make_server(venue.served, None).open("127.0.0.1", port)
    try:
        yield venue
    finally:
        venue.lines.close()
        while venue.served.sockets:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0)
        server.stop()
        await venue.runs.close()
        await server.close_all_connections()


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with serving(tmp_path, Limits(tills=2, minutes=15)) as made:
        yield made
