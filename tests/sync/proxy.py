"""A connection to PostgreSQL that tests can spoil: slow, narrow, frozen, closed, or cut at a byte, either way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from db.address import Address


class Way(StrEnum):
    """The direction of bytes."""

    UP = "till to server"
    DOWN = "server to till"


@dataclass(slots=True)
class _Mark:
    """A fault of the connection after some more bytes: it is cut, or it freezes."""

    left: int
    freezes: bool


class Proxy:
    """A proxy between a till and a server, on a socket file or a port.

    Attributes:
        delay: seconds that each piece of traffic takes, either way.
        rate: bytes a second that each connection carries either way; 0 for no limit.
        carried: bytes that went through, by way.
        heard: bytes that went through since a test last emptied it, by way.
        cuts: the number of connections cut at a byte.
        freezes: the number of freezes at a byte.
        broken: the number of times that a connection was gone when it had something to carry.
    """

    def __init__(self, server: Address) -> None:
        self._server = server
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refuses = False
        self._marks: dict[Way, _Mark] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.delay = 0.0
        self.rate = 0
        self.carried = dict.fromkeys(Way, 0)
        self.heard: dict[Way, bytearray] = {}
        self.cuts = 0
        self.freezes = 0
        self.broken = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, server: Address) -> AsyncIterator[Proxy]:
        """Run a proxy before a server until the end of the block."""
        proxy = cls(server)
        proxy._listener = await asyncio.start_server(proxy._meet, "127.0.0.1", 0)
        try:
            yield proxy
        finally:
            proxy._listener.close()
            proxy.drop()
            proxy.thaw()
            await asyncio.gather(*proxy._pumps)
            await proxy._listener.wait_closed()

    @property
    def address(self) -> Address:
        """The address through the proxy."""
        assert self._listener is not None
        host, port = self._listener.sockets[0].getsockname()
        return replace(self._server, host=host, port=port)

    def freeze(self) -> None:
        """Carry nothing more, and close nothing, like a stopped server or a pulled cable."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Carry again, beginning with the traffic held back."""
        self._flowing.set()

    def drop(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            writer.transport.abort()

    def shut(self) -> None:
        """Reset all connections, and every new one."""
        self._refuses = True
        self.drop()

    def reopen(self) -> None:
        """Take connections again."""
        self._refuses = False

    def listen(self) -> dict[Way, bytearray]:
        """Record the bytes that go through from now on."""
        self.heard = {way: bytearray() for way in Way}
        return self.heard

    def cut_after(self, way: Way, count: int) -> None:
        """Carry a number of bytes this way, then reset the connection; once."""
        self._marks[way] = _Mark(count, freezes=False)

    def freeze_after(self, way: Way, count: int) -> None:
        """Carry a number of bytes this way, then freeze; once. Traffic held back is carried after the thaw."""
        self._marks[way] = _Mark(count, freezes=True)

    def forgive(self) -> None:
        """Cancel the planned faults."""
        self._marks.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        host, port = self._server.host, self._server.port
        if host.startswith("/"):
            server_reader, server_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            server_reader, server_writer = await asyncio.open_connection(host, port)
        ends = (writer, server_writer)
        self._writers.update(ends)

        def close() -> None:
            for end in ends:
                end.transport.abort()

        for way, source, target in ((Way.UP, reader, server_writer), (Way.DOWN, server_reader, writer)):
            pump = asyncio.create_task(self._pump(way, source, target, close))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self, way: Way, source: asyncio.StreamReader, target: asyncio.StreamWriter, close: Callable[[], None]
    ) -> None:
        try:
            while piece := await source.read(max(1, self.rate // 20) if self.rate else 65536):
                if not await self._carry(way, piece, target):
                    break
        except ConnectionError:
            self.broken += 1  # the end of a connection is what a proxy is for
        finally:
            close()

    async def _carry(self, way: Way, piece: bytes, target: asyncio.StreamWriter) -> bool:
        """Carry a piece in the connection's present state; true if the connection stays open."""
        if pause := self.delay + (len(piece) / self.rate if self.rate else 0):
            await asyncio.sleep(pause)
        await self._flowing.wait()
        mark = self._marks.get(way)
        if mark is None or len(piece) < mark.left:
            await self._write(way, piece, target)
            if mark is not None:
                mark.left -= len(piece)
            return True
        del self._marks[way]
        await self._write(way, piece[: mark.left], target)
        if not mark.freezes:
            self.cuts += 1
            return False
        self.freezes += 1
        self.freeze()
        await self._flowing.wait()
        await self._write(way, piece[mark.left :], target)
        return True

    async def _write(self, way: Way, piece: bytes, target: asyncio.StreamWriter) -> None:
        self.carried[way] += len(piece)
        if self.heard:
            self.heard[way] += piece
        target.write(piece)
        await target.drain()
