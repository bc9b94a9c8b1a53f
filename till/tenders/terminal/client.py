"""Requests to a terminal, each matched with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.tenders.http import HttpNoAnswerError
from till.tenders.terminal.messages import (
    PROTOCOL,
    Envelope,
    MessageClass,
    MessageHeader,
    MessageType,
    TerminalCategory,
    TerminalMessageError,
    TerminalReply,
    TerminalRequest,
    message_bytes,
    read,
)

if TYPE_CHECKING:
    from till.tenders.terminal.line import TerminalConnection
    from till.tenders.terminal.seal import Seal


class RejectedError(Exception):
    """A message that the terminal rejected without effect. The text is its reason."""


class Client:
    """A nexo client for one terminal.

    Args:
        line: sends the messages.
        seal: seals and opens the messages; None without a shared key.
        poi_id: the terminal's name.
        sale_id: this till's name.
    """

    def __init__(self, line: TerminalConnection, seal: Seal | None, *, poi_id: str, sale_id: str) -> None:
        self._line = line
        self._seal = seal
        self.poi_id = poi_id
        self.sale_id = sale_id

    def header(self, category: TerminalCategory, service_id: str, sale_id: str = "") -> MessageHeader:
        """Return the header of a request; with `sale_id`, in the name of another till."""
        is_device = category is TerminalCategory.PRINT  # addressed to the printer, not to the payment service
        return MessageHeader(
            protocol_version=PROTOCOL,
            message_class=MessageClass.DEVICE if is_device else MessageClass.SERVICE,
            message_category=category,
            message_type=MessageType.REQUEST,
            service_id=service_id,
            device_id=service_id if is_device else None,
            sale_id=sale_id or self.sale_id,
            poi_id=self.poi_id,
        )

    async def ask(self, request: TerminalRequest, within: float) -> TerminalReply:
        """Send a request and return its answer.

        Raises:
            NotSentError: nothing was sent.
            HttpNoAnswerError: no valid answer to this request arrived.
            RejectedError: the terminal refused the message.
        """
        raw = await self._line.post(self._closed(request), within)
        try:
            envelope = self._opened(raw)
        except TerminalMessageError as fault:
            raise HttpNoAnswerError(str(fault)) from None
        if (request_back := envelope.request) is not None:
            raise _refused(request_back)
        reply = envelope.reply
        if reply is None or not _answers(reply.message_header, request.message_header):
            raise HttpNoAnswerError("an answer to something else")
        return reply

    async def tell(self, request: TerminalRequest, within: float) -> None:
        """Send a message without an answer.

        Raises:
            NotSentError: nothing was sent.
            HttpNoAnswerError: its arrival was not confirmed.
        """
        await self._line.post(self._closed(request), within)

    def _closed(self, request: TerminalRequest) -> bytes:
        envelope = Envelope(request=request)
        return self._seal.close(envelope) if self._seal else message_bytes(envelope)

    def _opened(self, raw: bytes) -> Envelope:
        return self._seal.open(raw) if self._seal else read(raw)


def _refused(request: TerminalRequest) -> Exception:
    event = request.event_notification
    if event is not None and event.event_to_notify == "Reject":
        return RejectedError(event.event_details)
    return HttpNoAnswerError("a question in place of an answer")


def _answers(answer: MessageHeader, question: MessageHeader) -> bool:
    return answer.message_type is MessageType.RESPONSE and (
        answer.message_class,
        answer.message_category,
        answer.service_id,
        answer.sale_id,
        answer.poi_id,
    ) == (
        question.message_class,
        question.message_category,
        question.service_id,
        question.sale_id,
        question.poi_id,
    )
