"""The messages of a terminal during a payment: the terminal posts its steps and the slips to print to this till.

The till listens only during a charge. Only messages sealed with the shared key are accepted, so nobody else on the
network can put words on the screen. They are for display only: the outcome is in the answer alone.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.structs import replace
from till.tenders.terminal.messages import (
    DisplayResponse,
    Envelope,
    MessageType,
    OutputResult,
    PrintResponse,
    Response,
    TerminalCategory,
    TerminalMessageError,
    TerminalReply,
    TerminalResult,
)
from till.tenders.terminal.slips import whole_slip
from till.tenders.terminal.words import of_display

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from till.ports.tender import ChargeReference, Slip
    from till.tenders.terminal.messages import MessageHeader, PrintOutput, TerminalRequest
    from till.tenders.terminal.seal import Seal

#: The largest message in bytes. It leaves room for a page of XHTML to print, which gets a refusal as its answer.
_LONGEST: Final = 524_288
_HEAD: Final = 65_536
_PATIENCE_S: Final = 5.0
#: The cashier's display, the only one of a till.
_CASHIERS: Final = "CashierDisplay"
_log: Final = logging.getLogger(__name__)


class _Listener(NamedTuple):
    """The receiver of steps and slips of the charge with these names."""

    names: tuple[str, str, str]
    progress: Callable[[str], None]
    keep: Callable[[Slip], bool]


class Displays:
    """A server for the steps and slips of one terminal.

    Args:
        host: the address to listen on.
        port: the port to listen on.
        seal: the seal of the messages.
        poi_id: the name of the terminal; messages of others are ignored.
    """

    def __init__(self, host: str, port: int, seal: Seal, poi_id: str) -> None:
        self._host = host
        self._port = port
        self._seal = seal
        self._poi_id = poi_id
        self._listeners: list[_Listener] = []
        self._server: asyncio.Server | None = None

    @asynccontextmanager
    async def forwarding(
        self, reference: ChargeReference, progress: Callable[[str], None], keep: Callable[[Slip], bool]
    ) -> AsyncIterator[None]:
        """Inside the block, pass each step to `progress` and each slip of this charge to `keep`.

        `keep` returns True if the slip was kept. If the till cannot listen, there are no steps or slips, but everything
        else works.
        """
        listener = _Listener((reference.place, reference.asker, reference.number), progress, keep)
        self._listeners.append(listener)
        try:
            await self._listen()
            yield
        finally:
            self._listeners.remove(listener)
            if not self._listeners and self._server is not None:
                self._server.close()
                self._server = None

    async def _listen(self) -> None:
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=_HEAD)
        except OSError:
            _log.warning("terminal_steps_unheard", extra={"port": self._port})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                request = self._seal.open(await _posted(reader)).request
                writer.write(_answered(b"" if request is None else self._printed(request) or self._displayed(request)))
                await writer.drain()
            words = "" if request is None else self._words(request)
            for listener in self._listeners if words else ():
                listener.progress(words)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, TerminalMessageError) as fault:
            _log.info("terminal_step_unread", extra={"fault": type(fault).__name__})
        finally:
            writer.close()

    def _words(self, request: TerminalRequest) -> str:
        if request.message_header.message_category is not TerminalCategory.DISPLAY or request.display_request is None:
            return ""
        if request.message_header.poi_id != self._poi_id:
            return ""
        outputs = request.display_request.display_output
        return " ".join(filter(None, (of_display(output.output_content) for output in outputs)))

    def _displayed(self, request: TerminalRequest) -> bytes:
        """Return the answer to a display request if the terminal requires one. A till has no guest display."""
        header, asked = request.message_header, request.display_request
        if header.message_category is not TerminalCategory.DISPLAY or asked is None or header.poi_id != self._poi_id:
            return b""
        wanted = [output for output in asked.display_output if output.response_required_flag]
        if not wanted:
            return b""
        results = tuple(
            OutputResult(
                device=output.device,
                info_qualify=output.info_qualify,
                response=Response(result=TerminalResult.SUCCESS)
                if output.device == _CASHIERS
                else Response(result=TerminalResult.FAILURE, error_condition="UnavailableDevice"),
            )
            for output in wanted
        )
        return self._answer(
            TerminalReply(message_header=header, display_response=DisplayResponse(output_result=results))
        )

    def _answer(self, reply: TerminalReply) -> bytes:
        """Return a sealed answer; `reply` has the header of the request."""
        header = replace(reply.message_header, message_type=MessageType.RESPONSE)
        return self._seal.close(Envelope(reply=replace(reply, message_header=header)))

    def _printed(self, request: TerminalRequest) -> bytes:
        """Keep the slip of a print request, and return the sealed answer; empty for another message."""
        header, printed = request.message_header, request.print_request
        if header.message_category is not TerminalCategory.PRINT or printed is None:
            return b""
        output = printed.print_output
        condition = self._fault(header, output)
        _log.info("terminal_print", extra={"number": header.service_id, "fault": condition})
        result = TerminalResult.FAILURE if condition else TerminalResult.SUCCESS
        response = Response(result=result, error_condition=condition)
        answer = PrintResponse(document_qualifier=output.document_qualifier, response=response)
        return self._answer(TerminalReply(message_header=header, print_response=answer))

    def _fault(self, header: MessageHeader, output: PrintOutput) -> str:
        """Return the nexo error condition of a slip that is not kept; empty if it is on disk.

        A slip belongs to the charge with all three of its names, and to no other charge.
        """
        named = (header.poi_id, header.sale_id, header.service_id)
        listener = next((one for one in self._listeners if one.names == named), None)
        if listener is None:
            return "NotFound"
        if output.output_content.output_format != "Text":
            return "UnavailableService"
        slip = whole_slip(output)
        if slip is None:
            return "MessageFormat"
        return "" if listener.keep(slip) else "DeviceOut"


def _answered(body: bytes) -> bytes:
    kind = b"Content-Type: application/json\r\n" if body else b""
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, len(body)) + body


async def _posted(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = {name.strip().lower(): value.strip() for name, _, value in map(_field, head.split("\r\n")[1:])}
    length = fields.get("content-length", "")
    if not head.startswith("POST ") or not (length.isascii() and length.isdigit()) or int(length) > _LONGEST:
        raise ValueError("no message")
    return await reader.readexactly(int(length))


def _field(line: str) -> tuple[str, str, str]:
    return line.partition(":")
