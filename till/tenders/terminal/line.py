"""The connection to a terminal: one POST for each message, and the check of its certificate.

Each message uses a new connection, as in local mode. A payment waits on one connection while it is aborted on another.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from till.tenders.http import HttpAddress, HttpNoAnswerError, NotSentError, ask

if TYPE_CHECKING:
    from pathlib import Path

_Subject: TypeAlias = "tuple[tuple[tuple[str, str], ...], ...]"

_OK: Final = range(200, 300)
#: The start of the common name in the certificate of a terminal without a name yet.
_NAMELESS: Final = "legacy-terminal-certificate"


class TerminalConnection(Protocol):
    """A connection for messages to a terminal."""

    async def post(self, body: bytes, within: float) -> bytes:
        """Send a message and wait for the answer, at most `within` seconds.

        Raises:
            NotSentError: nothing was sent.
        """
        ...


class Trust:
    """The trust in a terminal: its certificate must be the given one, or be signed by it.

    Args:
        certificate: a PEM file: the terminal's own certificate, or the root certificate of its maker.
        poi_id: the terminal's name, which a certificate signed by the root must contain.

    Raises:
        OSError: the file cannot be read.
        ssl.SSLError: the file contains no certificate.
    """

    def __init__(self, certificate: Path, poi_id: str) -> None:
        self._pinned = _certificates(certificate.read_text("ascii", "replace"))
        self._poi_id = poi_id
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A terminal has no DNS name. Its name is its POIID, which `check` verifies.
        self.context.check_hostname = False
        self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        self.context.load_verify_locations(cafile=str(certificate))

    def check(self, connection: ssl.SSLObject) -> None:
        """Refuse a terminal other than the expected one."""
        if connection.getpeercert(binary_form=True) in self._pinned:
            return
        subject = cast("_Subject", (connection.getpeercert() or {}).get("subject", ()))
        names = (value for part in subject for key, value in part if key == "commonName")
        if not any(name.split(".")[0] in {self._poi_id, _NAMELESS} for name in names):
            raise NotSentError("another terminal answers at this address")


def _certificates(text: str) -> frozenset[bytes]:
    """Return the certificates of a PEM file, in DER form."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    found = (part.partition(end)[0] for part in text.split(begin)[1:])
    with suppress(ValueError):
        return frozenset(ssl.PEM_cert_to_DER_cert(f"{begin}{one}{end}\n") for one in found)
    raise ssl.SSLError("no certificate")


class HttpLine:
    """A `TerminalConnection` over HTTP/1.1, with a new connection for each message.

    Args:
        address: the terminal's address.
        trust: the trust in the terminal; None for a connection without TLS.
        patience: the timeout to connect in seconds.
    """

    def __init__(self, address: HttpAddress, trust: Trust | None, patience: float) -> None:
        self._address = address
        self._trust = trust
        self._patience = patience

    async def post(self, body: bytes, within: float) -> bytes:
        """See `TerminalConnection.post`."""
        head = (
            f"POST {self._address.path} HTTP/1.1\r\nHost: {self._address.authority}\r\n"
            "Content-Type: application/json\r\nAccept: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        answer = await ask(
            self._address,
            head.encode("ascii") + body,
            context=self._trust.context if self._trust else None,
            check=self._trust.check if self._trust else None,
            connect_within=self._patience,
            within=within,
        )
        if answer.status not in _OK:
            raise HttpNoAnswerError("not the answer of a message that was taken")
        return answer.body
