"""What a terminal tells while the guest is at it: it posts each step to this till, which shows it.

The till listens only while a payment is on its way. Only what is sealed with the agreed key counts, so nobody else on
the network can put words on the screen; and they are words only: what became of the money tells the answer alone.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from till.tenders.terminal.messages import Category, UnreadableError
from till.tenders.terminal.words import of_display

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from till.tenders.terminal.seal import Seal

_LONGEST: Final = 65_536
_PATIENCE_S: Final = 5.0
_THANKS: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_log: Final = logging.getLogger(__name__)


class Displays:
    """Hears the steps of one terminal.

    Args:
        host: where the till listens.
        port: the same.
        seal: what every step is sealed with.
        poi_id: whose steps count.
    """

    def __init__(self, host: str, port: int, seal: Seal, poi_id: str) -> None:
        self._host = host
        self._port = port
        self._seal = seal
        self._poi_id = poi_id
        self._listeners: list[Callable[[str], None]] = []
        self._server: asyncio.Server | None = None

    @asynccontextmanager
    async def told_to(self, progress: Callable[[str], None]) -> AsyncIterator[None]:
        """Hand each step to `progress` meanwhile. Where the till cannot listen there are none, and all else goes on."""
        self._listeners.append(progress)
        try:
            await self._listen()
            yield
        finally:
            self._listeners.remove(progress)
            if not self._listeners and self._server is not None:
                self._server.close()
                self._server = None

    async def _listen(self) -> None:
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(self._hear, self._host, self._port, limit=_LONGEST)
        except OSError:
            _log.warning("terminal_steps_unheard", extra={"port": self._port})

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                words = self._words(await _posted(reader))
                writer.write(_THANKS)
                await writer.drain()
            for progress in self._listeners if words else ():
                progress(words)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, UnreadableError) as fault:
            _log.info("terminal_step_unread", extra={"fault": type(fault).__name__})
        finally:
            writer.close()

    def _words(self, body: bytes) -> str:
        told = self._seal.open(body).request
        if told is None or told.message_header.message_category is not Category.DISPLAY:
            return ""
        if told.message_header.poi_id != self._poi_id or told.display_request is None:
            return ""
        outputs = told.display_request.display_output
        return " ".join(filter(None, (of_display(output.output_content) for output in outputs)))


async def _posted(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = {name.strip().lower(): value.strip() for name, _, value in map(_parted, head.split("\r\n")[1:])}
    length = fields.get("content-length", "")
    if not head.startswith("POST ") or not (length.isascii() and length.isdigit()) or int(length) > _LONGEST:
        raise ValueError("no message")
    return await reader.readexactly(int(length))


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")
