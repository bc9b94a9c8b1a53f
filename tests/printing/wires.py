"""Connections between tills and printers in one loop, in which waiting takes no time.

Bytes that a till handed to its connection arrive even if it is killed, as the kernel sends them. A till that is killed
sends none after that.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from unittest import mock

from typing_extensions import override

from tests.printer.server import Board, Served
from till.devices import printer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.printer.device import Device


class Network:
    """The printers of a venue, and the connections of its tills: a till's address of a printer is `tcp://name-till`."""

    def __init__(self, devices: dict[str, Device]) -> None:
        self.boards = {name: Board(device) for name, device in devices.items()}
        self.wires: dict[int, list[Wire]] = {}

    def kill(self, till: int) -> None:
        """End every connection of a till, as the kernel does when its process is killed."""
        for wire in self.wires.pop(till, []):
            wire.close()

    @contextmanager
    def plugged(self) -> Iterator[None]:
        """Let printers of the product be on this network."""
        with mock.patch.object(printer, "TcpWire", lambda received, lost: Wire(self, received, lost)):
            yield


class Wire:
    """The till's end of a connection; see `till.devices.tcp.TcpWire`."""

    can_read: Final = True

    def __init__(self, network: Network, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._network = network
        self.received = received
        self._lost = lost
        self._end: BoardEnd | None = None
        self._is_closed = False

    async def open(self, host: str, _port: int) -> None:
        """Connect.

        Raises:
            OSError: the printer is off.
        """
        name, _, till = host.partition("-")
        board = self._network.boards[name]
        self._network.wires.setdefault(int(till), []).append(self)
        await asyncio.sleep(0.001)
        if board.device.is_off or self._is_closed:
            raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
        self._end = BoardEnd(self)
        self._end.begin(Served(board))

    def write(self, data: bytes) -> None:
        """Send, unless the till is killed."""
        if self._end is not None and not self._is_closed:
            self._end.arrive(data)

    async def written(self) -> None:
        """Return at once: the kernel has all."""

    def close(self) -> None:
        """Close the connection."""
        if not self._is_closed:
            self._is_closed = True
            if self._end is not None:
                self._end.arrive(None)
            asyncio.get_running_loop().call_soon(self._lost)

    def lose(self) -> None:
        """Hear that the printer closed it."""
        if not self._is_closed:
            self._is_closed = True
            self._lost()


class BoardEnd(asyncio.Transport):
    """The printer's end of a connection."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._served: Served | None = None
        #: Bytes that are on the way; None is the end.
        self._coming: deque[bytes | None] = deque()
        self._is_paused = self._is_over = False

    def begin(self, served: Served) -> None:
        """Begin the connection at the board."""
        self._served = served
        served.connection_made(self)

    def arrive(self, data: bytes | None) -> None:
        """Take bytes of the till, or its end."""
        self._coming.append(data)
        asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        while self._coming and not self._is_paused and not self._is_over:
            if (data := self._coming.popleft()) is None:
                self._finish()
            elif self._served is not None:
                self._served.data_received(data)

    def _finish(self) -> None:
        self._is_over = True
        if self._served is not None:
            self._served.connection_lost(None)

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._is_over:
            asyncio.get_running_loop().call_soon(self._hear, bytes(data))

    def _hear(self, data: bytes) -> None:
        if not self._wire._is_closed:
            self._wire.received(data)

    @override
    def abort(self) -> None:
        if not self._is_over:
            asyncio.get_running_loop().call_soon(self._wire.lose)
            asyncio.get_running_loop().call_soon(self._finish)

    @override
    def pause_reading(self) -> None:
        self._is_paused = True

    @override
    def resume_reading(self) -> None:
        self._is_paused = False
        asyncio.get_running_loop().call_soon(self._pump)
