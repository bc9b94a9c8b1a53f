"""A road to PostgreSQL that can be made bad: slow, frozen, closed, or cut at a byte, in each direction."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from db.address import Address


class Way(StrEnum):
    """Which way bytes go."""

    UP = "till to server"
    DOWN = "server to till"


class Proxy:
    """Stands between a till and a server that listens on a socket file.

    Attributes:
        delay: seconds that each piece of traffic takes, either way.
        carried: bytes that went through, by way.
        cuts: how often it has cut a connection at its byte.
        broken: how often a connection was gone when there was something to carry.
    """

    def __init__(self, server: Address) -> None:
        self._server = server
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refuses = False
        self._room: dict[Way, int] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.delay = 0.0
        self.carried = dict.fromkeys(Way, 0)
        self.cuts = 0
        self.broken = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, server: Address) -> AsyncIterator[Proxy]:
        """A proxy before a server, gone at the end."""
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
        """The way in through the proxy."""
        assert self._listener is not None
        host, port = self._listener.sockets[0].getsockname()
        return replace(self._server, host=host, port=port)

    def freeze(self) -> None:
        """Carry nothing any more, and close nothing: what a stopped server or a pulled cable looks like."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Carry again, what had piled up first."""
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

    def cut_after(self, way: Way, count: int) -> None:
        """Carry so many more bytes this way, then reset the connection; once."""
        self._room[way] = count

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        path = f"{self._server.host}/.s.PGSQL.{self._server.port}"
        server_reader, server_writer = await asyncio.open_unix_connection(path)
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
            while piece := await source.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                room = self._room.get(way)
                target.write(piece if room is None else piece[:room])
                self.carried[way] += len(piece)
                await target.drain()
                if room is not None and not self._go_on(way, room - len(piece)):
                    break
        except ConnectionError:
            self.broken += 1  # the end of a connection is what a proxy is for
        finally:
            close()

    def _go_on(self, way: Way, left: int) -> bool:
        if left > 0:
            self._room[way] = left
            return True
        del self._room[way]
        self.cuts += 1
        return False
