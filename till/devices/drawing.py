"""The lines of documents for printers. Letters that a code page lacks are drawn by a process of its own (ADR 0078)."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import msgspec

from till.devices.fonts import LENGTH
from till.domain.paper.document import PaperLine
from till.domain.paper.lines import lines_of
from till.domain.text import Repertoire

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from till.domain.paper.document import Document
    from till.ports.printer import PrinterProfile

_LOG: Final = logging.getLogger(__name__)
#: Seconds to wait for a drawn document, also of a process that has just started on a slow machine.
_PATIENCE_S: Final = 5.0


class Drawing:
    """Lays documents out for printers.

    Without fonts or Pillow, and after a fault of its process, letters that a code page lacks are spelt plainly.

    Args:
        fonts: the patterns of the paths of fonts.
        patience: the seconds to wait for a document.
    """

    def __init__(self, fonts: Sequence[str], patience: float = _PATIENCE_S) -> None:
        self._fonts = fonts
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    def start(self) -> None:
        """Start the process, unless it runs.

        Raises:
            OSError: it cannot be started.
        """
        if self._process is None:
            self._socket, given = socket.socketpair()
            with given:
                self._process = subprocess.Popen(  # noqa: S603 - this program
                    [sys.executable, "-Pm", "till.devices.pen", *self._fonts],
                    stdin=given.fileno(),
                    stdout=given.fileno(),
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl+C in the till's terminal is the till's
                )

    def is_wanted(self, profile: PrinterProfile, texts: Iterable[str]) -> bool:
        """True if a text has letters to draw for a printer."""
        device = Repertoire(profile.code_page)
        is_able = profile.draws and bool(self._fonts) and find_spec("PIL") is not None
        return is_able and any(map(device.lacks, texts))

    async def lines(self, document: Document, profile: PrinterProfile) -> Sequence[PaperLine]:
        """Return the lines of a document for a printer."""
        if self.is_wanted(profile, document.texts):
            try:
                async with self._turn, asyncio.timeout(self._patience):
                    return await self._drawn(document, profile)
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as problem:
                _LOG.warning("paper_not_drawn", extra={"error": type(problem).__name__})
        return lines_of(document, profile.columns, Repertoire(profile.code_page))

    async def _drawn(self, document: Document, profile: PrinterProfile) -> Sequence[PaperLine]:
        try:
            self.start()
            if self._streams is None:
                self._streams = await asyncio.open_connection(sock=self._socket)
            reader, writer = self._streams
            asked = msgspec.msgpack.encode((document, profile.columns, profile.code_page))
            writer.write(len(asked).to_bytes(LENGTH, "big") + asked)
            size = int.from_bytes(await reader.readexactly(LENGTH), "big")
            return msgspec.msgpack.decode(await reader.readexactly(size), type=list[PaperLine])
        except BaseException:  # the next answer would be that of this document
            self.close()
            raise

    def close(self) -> None:
        """End the process; the next document to draw starts another."""
        if self._streams is not None:
            self._streams[1].transport.abort()
        elif self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._socket = self._streams = None
