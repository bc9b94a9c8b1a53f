"""Requests to the web service of a card reader, and what the status of an answer means."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from till.domain.i18n import _
from till.domain.payment.slips import mask_cards
from till.domain.text import clean
from till.tenders.http import HttpAnswer, HttpError, HttpNoAnswerError, UntrustedError, ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.tenders.http import HttpAddress, NotSentError

_OK: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
#: The statuses that leave open what was done: the request is to be asked after.
_LATER: Final = frozenset({408, 409, 425, 429})
_LONGEST: Final = 200
_Kind = TypeVar("_Kind")


class ReaderRefusedError(Exception):
    """A request that the service refused without effect: its answer."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class ReaderUnsettledError(HttpNoAnswerError):
    """An answer by whose status the outcome is open: its answer."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(f"status {answer.status}")
        self.answer = answer


#: Every fault of a request. `NotSentError` is one in which nothing left the till.
FAULTS: Final = (HttpError, ReaderRefusedError)


class ReaderApi:
    """The web service of a provider.

    Args:
        address: its address, with the path that each request begins with.
        secret: the account's key.
        within: the timeout in seconds, for connecting and for the answer.
        head: more header fields of each request.
    """

    def __init__(self, address: HttpAddress, secret: str, within: float, head: Mapping[str, str] | None = None) -> None:
        self._address = address
        self._context = ssl.create_default_context() if address.tls else None
        self._head = {"Authorization": f"Bearer {secret}", **(head or {})}
        self._within = within

    def __repr__(self) -> str:
        """Return a text without the key."""
        return "ReaderApi()"

    async def ask(
        self,
        method: str,
        path: str,
        kind: type[_Kind],
        content: tuple[str, bytes] = ("", b""),
        head: Mapping[str, str] | None = None,
        leaves: Callable[[], None] | None = None,
    ) -> _Kind:
        """Send a request and return its answer, read strictly. A field of `Decimal` is read as text, never as a float.

        Args:
            method: the method.
            path: the path, with the query.
            kind: the shape of the answer.
            content: the media type of the body, and the body.
            head: more header fields.
            leaves: called right before the request is sent. It raises `NotSentError` if it is too late for that.

        Raises:
            NotSentError: nothing was sent.
            ReaderUnsettledError: the status leaves open what was done (408, 409, 425, 429, 5xx and other unusual ones).
            HttpNoAnswerError: no answer arrived that can be read. `ReaderUnsettledError` is one.
            ReaderRefusedError: the service refused (another 4xx).
        """
        fields = {"Host": self._address.authority, **self._head, "Accept": "application/json", **(head or {})}
        if content[0]:
            fields["Content-Type"] = content[0]
        fields |= {"Content-Length": str(len(content[1])), "Connection": "close"}
        lines = [f"{method} {self._address.path}{path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
        answer = await ask(
            self._address,
            "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + content[1],
            context=self._context,
            check=None if leaves is None else lambda _peer: leaves(),
            connect_within=self._within,
            within=self._within,
        )
        if answer.status in _REFUSED and answer.status not in _LATER:
            raise ReaderRefusedError(answer)
        if answer.status not in _OK:
            raise ReaderUnsettledError(answer)
        return read(answer, kind)


def read(answer: HttpAnswer, kind: type[_Kind]) -> _Kind:
    """Return the object in an answer.

    Raises:
        HttpNoAnswerError: it cannot be read.
    """
    try:
        return msgspec.json.decode(answer.body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise HttpNoAnswerError(type(fault).__name__) from None


def safe(text: str) -> str:
    """Return the service's words as a short line that is safe to show, with card numbers masked."""
    return mask_cards(clean(text[: 4 * _LONGEST]).strip())[:_LONGEST]


def untrusted(fault: NotSentError, service: str) -> str:
    """Return the sentence for a certificate that does not prove the service; empty if nobody answered."""
    if not isinstance(fault, UntrustedError):
        return ""
    if fault.is_of_time:
        sentence = _(
            "By this machine's clock {service}'s certificate is not valid: is the clock right? Nothing was sent."
        )
    else:
        sentence = _("What answers does not prove that it is {service}, so nothing was sent. Pay another way.")
    return sentence.format(service=service)
