"""A printer on the network: bytes over one TCP connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.devices.escpos import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable


class TcpWire(asyncio.BufferedProtocol):
    """A TCP connection to a printer.

    Attributes:
        can_read: True; a network printer may always answer.

    Args:
        received: called with the bytes that arrive.
        lost: called once when the connection ends.
    """

    can_read: Final = True

    def __init__(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._received = received
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(AT_ONCE)
        self._empty = asyncio.Event()
        self._empty.set()

    async def open(self, host: str, port: int) -> None:
        """Connect.

        Raises:
            OSError: nobody answers there.
        """
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        transport.set_write_buffer_limits(0)
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send after all that was written before."""
        if self._transport is not None:
            self._transport.write(data)

    async def written(self) -> None:
        """Wait until everything is handed to the network."""
        await self._empty.wait()

    def close(self) -> None:
        """Close the connection; what was not handed to the network is dropped."""
        if self._transport is None:
            return
        if self._empty.is_set():
            self._transport.close()
        else:
            self._transport.abort()

    @override
    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        self._received(bytes(self._buffer[:nbytes]))

    @override
    def pause_writing(self) -> None:
        self._empty.clear()

    @override
    def resume_writing(self) -> None:
        self._empty.set()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._empty.set()
        self._lost()
