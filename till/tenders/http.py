"""HTTP/1.1 requests with one answer of bounded size. Errors distinguish if anything was sent.

Each request uses a new connection. There are no redirects, kept connections or retries: requests are about money, so
the caller decides.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

#: The largest answer in bytes unless a caller says more; longer ones are refused.
LARGEST: Final = 1_000_000
_LONGEST_HEAD: Final = 16_384
#: OpenSSL's findings about a certificate that is not yet valid, or no longer (X509_V_ERR_CERT_…).
_NOT_NOW: Final = frozenset({9, 10})


class HttpError(Exception):
    """A request without a readable reply."""


class NotSentError(HttpError):
    """A request that was not sent."""


class UntrustedError(NotSentError):
    """A server whose certificate does not prove who it is.

    Attributes:
        is_of_time: True if the certificate is not valid yet, or no longer: this machine's clock may be wrong.
    """

    def __init__(self, words: str, *, is_of_time: bool) -> None:
        super().__init__(words)
        self.is_of_time = is_of_time


class HttpNoAnswerError(HttpError):
    """A request that was sent, with unknown outcome."""


class HttpAddress(Struct, frozen=True):
    """The address of a server, with the path."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """The host and port for a request."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class HttpAnswer(Struct, frozen=True):
    """A complete answer."""

    status: int
    body: bytes


async def ask(
    address: HttpAddress,
    question: bytes,
    *,
    context: ssl.SSLContext | None,
    check: Callable[[ssl.SSLObject], None] | None = None,
    connect_within: float,
    within: float,
    largest: int = LARGEST,
) -> HttpAnswer:
    """Send a request, header and body, and return the answer.

    Args:
        address: the server; the request contains its path.
        question: the bytes of the request, with `Connection: close`.
        context: the trusted certificates; None for a connection without TLS.
        check: checks the peer before anything is sent, and raises `NotSentError` to refuse it.
        connect_within: the timeout to connect in seconds.
        within: the timeout for the whole answer in seconds, after connecting.
        largest: the most bytes of an answer.

    Raises:
        NotSentError: nothing was sent.
        HttpNoAnswerError: the request was sent, but no complete answer arrived.
    """
    reader, writer = await _connected(address, context, connect_within)
    try:
        if check is not None:
            check(writer.get_extra_info("ssl_object"))
        async with asyncio.timeout(within):
            writer.write(question)
            await writer.drain()
            return await _answer(reader, largest)
    except TimeoutError:
        raise HttpNoAnswerError("no answer in time") from None
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as fault:
        raise HttpNoAnswerError(_refusal(fault) or type(fault).__name__) from None
    finally:
        writer.transport.abort()  # the answer is complete or refused, so nothing is left to wait for


async def _connected(
    address: HttpAddress, context: ssl.SSLContext | None, within: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(within):
            return await asyncio.open_connection(address.host, address.port, ssl=context, limit=_LONGEST_HEAD)
    except ssl.SSLError as fault:
        if words := _refusal(fault):
            raise NotSentError(words) from None
        is_of_time = getattr(fault, "verify_code", 0) in _NOT_NOW
        raise UntrustedError("what answers there does not prove who it is", is_of_time=is_of_time) from None
    except (OSError, ValueError):
        raise NotSentError("nobody answers there") from None


def _refusal(fault: Exception) -> str:
    """Return that the server refuses the certificate of this side, and why; empty for any other fault.

    By TLS 1.3 it says so only after the request was sent.
    """
    _before, is_alert, why = (getattr(fault, "reason", None) or "").partition("ALERT_")
    if not is_alert or not ("CERTIFICATE" in why or why == "UNKNOWN_CA"):
        return ""
    return f"it refuses the certificate of this machine: {why.replace('_', ' ').lower()}"


async def _answer(reader: asyncio.StreamReader, largest: int) -> HttpAnswer:
    """Read the answer.

    Raises:
        ValueError: the answer is invalid or too long.
        EOFError: the answer is incomplete.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    version, _, rest = first.partition(" ")
    status = rest[:3]
    if not version.startswith("HTTP/1.") or not (status.isascii() and status.isdigit()):
        raise ValueError("no answer")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return HttpAnswer(int(status), await _body(reader, fields, largest))


async def _body(reader: asyncio.StreamReader, fields: dict[str, str], largest: int) -> bytes:
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return await _chunks(reader, largest)
    if (length := fields.get("content-length")) is not None:
        if not (length.isascii() and length.isdigit()) or int(length) > largest:
            raise ValueError("an answer of such a length")
        return await reader.readexactly(int(length))
    return await _to_the_end(reader, largest)


async def _chunks(reader: asyncio.StreamReader, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        length = int((await reader.readuntil(b"\r\n")).split(b";")[0].strip(), 16)
        if not length:
            return b"".join(parts)
        size += length
        if length < 0 or size > largest:
            raise ValueError("an answer without end")
        parts.append(await reader.readexactly(length))
        await reader.readexactly(2)


async def _to_the_end(reader: asyncio.StreamReader, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := await reader.read(65_536):
        size += len(part)
        if size > largest:
            raise ValueError("an answer without end")
        parts.append(part)
    return b"".join(parts)
