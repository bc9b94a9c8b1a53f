"""The printer of the tests on a TCP port, or behind a pseudo-terminal as a device file."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import socket
import tty
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from tests.printer.device import BUFFER, Device

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: The connections that an interface board accepts; it serves the first of them.
_ACCEPTED = 3
#: A piece of what is sent without end.
_ENDLESS = b"\x12" * 262_144


class Board:
    """The interface board of a printer: connections wait until the one before them is closed."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.connections: deque[Served] = deque()
        self.count = 0
        device.drop = self._drop
        device.drained = self._drained
        device.send_on = self.send_on

    def _drop(self) -> None:
        for one in tuple(self.connections):
            one.transport.abort()

    def _drained(self) -> None:
        if self.connections:
            self.connections[0].transport.resume_reading()

    def send_on(self) -> None:
        """Send what has no end, a piece whenever the connection has sent the one before."""
        if self.device.is_endless and self.connections:
            transport = self.connections[0].transport
            transport.set_write_buffer_limits(0)
            transport.write(_ENDLESS)
            if not transport.get_write_buffer_size():
                asyncio.get_running_loop().call_soon(self.send_on)

    def serve_next(self) -> None:
        """Serve the first connection that is left."""
        if self.connections:
            self.device.send = self.connections[0].transport.write
            if not self.device.is_full:
                self.connections[0].transport.resume_reading()
            self.send_on()
        else:
            self.device.send = lambda _data: None


class Served(asyncio.Protocol):
    """A connection to the board."""

    transport: asyncio.Transport

    def __init__(self, board: Board) -> None:
        self._board = board

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        board = self._board
        board.count += 1
        if board.device.is_off or len(board.connections) >= _ACCEPTED:
            transport.abort()
            return
        board.connections.append(self)
        if len(board.connections) == 1:
            board.serve_next()
        else:
            transport.pause_reading()

    @override
    def data_received(self, data: bytes) -> None:
        self._board.device.receive(data)
        if self._board.device.is_full:
            self.transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        self._board.send_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._board.connections:
            was_served = self._board.connections[0] is self
            self._board.connections.remove(self)
            if was_served:
                self._board.serve_next()


class TcpPrinter:
    """A printer that listens.

    Attributes:
        device: the printer.
        address: the address for a profile.
    """

    def __init__(self, device: Device, server: asyncio.Server, board: Board) -> None:
        self.device = device
        self.port: int = server.sockets[0].getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._board = board

    @property
    def connections(self) -> int:
        """The number of connections so far."""
        return self._board.count

    @property
    def is_served(self) -> bool:
        """True if there is a connection."""
        return bool(self._board.connections)


@asynccontextmanager
async def listening(device: Device | None = None, port: int = 0) -> AsyncIterator[TcpPrinter]:
    """Run a printer on a port of this machine until the end of the block."""
    device = device or Device()
    board = Board(device)
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    server = await asyncio.get_running_loop().create_server(lambda: Served(board), sock=listener)
    try:
        yield TcpPrinter(device, server, board)
    finally:
        server.close()
        for one in tuple(board.connections):
            one.transport.abort()
        await asyncio.sleep(0)  # they close in the loop's next turn


@asynccontextmanager
async def device_file(device: Device) -> AsyncIterator[str]:
    """Run a printer behind a device file until the end of the block; yield its path."""
    loop = asyncio.get_running_loop()
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)

    def read() -> None:
        try:
            data = os.read(ours, 4096)
        except OSError as fault:
            if fault.errno == errno.EIO:
                loop.remove_reader(ours)
            return
        device.receive(data)
        if device.is_full:
            loop.remove_reader(ours)

    def write(data: bytes) -> None:
        with suppress(OSError):
            os.write(ours, data)

    device.send = write
    device.drained = lambda: loop.add_reader(ours, read)
    loop.add_reader(ours, read)
    try:
        yield os.ttyname(theirs)
    finally:
        loop.remove_reader(ours)
        os.close(ours)
        os.close(theirs)
