"""The certificates of servers: their TLS context, and the ends of certificates, of a file and of a database server."""

from __future__ import annotations

import re
import socket
import ssl
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.environment import Surroundings

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
#: PostgreSQL's request for TLS, and the byte that accepts it.
_TLS_REQUEST: Final = struct.pack("!ii", 8, 80877103)
_ACCEPTED: Final = b"S"
_PATIENCE_S: Final = 5.0
#: The tags of DER for the version of a certificate, and for a time with two digits of the year.
_VERSION: Final = 0xA0
_SHORT_TIME: Final = 0x17
_LONG_FORM: Final = 0x80


def server_context(setting: str, certificate: str, key: str = "") -> ssl.SSLContext:
    """Return the TLS context of a server, with a certificate and its key; `setting` names the certificate.

    Raises:
        ConfigError: the files cannot be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    files = Path(certificate).expanduser(), Path(key).expanduser() if key else None
    try:
        context.load_cert_chain(*files, password=lambda: "")  # refuse a key with a passphrase: nobody can type it
    except (OSError, ValueError) as problem:
        sentence = _("{setting} cannot be used: {reason}. It needs a certificate and its key, as PEM.")
        reason = getattr(problem, "strerror", None) or type(problem).__name__
        raise ConfigError(sentence.format(setting=setting, reason=reason)) from problem
    return context


def end_of_file(file: Path) -> datetime | None:
    """Return the end of the first certificate of a PEM file; None if it has none."""
    found = _PEM.search(file.read_text(encoding="ascii", errors="replace"))
    return end_of(ssl.PEM_cert_to_DER_cert(found[0])) if found else None


def serve_certificate(here: Surroundings) -> str:
    """Return the file of the certificate of `till serve`, also one that it made; empty if it has none."""
    own, made = here.config.serve, here.folders.root / "serve" / "server.pem"
    if not own.url or own.certificate == "none":
        return ""
    return own.certificate or (str(made) if made.exists() else "")


def end_of_server(host: str, port: int) -> datetime | None:
    """Return the end of a PostgreSQL server's certificate, also of one that nobody signed; None without TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is only read
    with socket.create_connection((host, port), _PATIENCE_S) as plain:
        plain.sendall(_TLS_REQUEST)
        if plain.recv(1) != _ACCEPTED:
            return None
        with context.wrap_socket(plain, server_hostname=host) as secured:
            certificate = secured.getpeercert(binary_form=True)
    return end_of(certificate) if certificate else None


def end_of(certificate: bytes) -> datetime:
    """Return the end of a certificate in DER.

    Raises:
        ValueError: it is none.
    """
    ((_tag, whole),) = _parts(certificate)
    (_tag, body), *_signature = _parts(whole)
    fields = list(_parts(body))
    if fields and fields[0][0] == _VERSION:
        del fields[0]
    _number, _algorithm, _issuer, (_sequence, validity), *_rest = fields
    _begin, (tag, end) = _parts(validity)
    text = end.decode("ascii")
    if tag == _SHORT_TIME:
        text = f"{'20' if text < '50' else '19'}{text}"
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and the value of each part of a sequence in DER."""
    at = 0
    while at + 1 < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & _LONG_FORM:
            size = length & ~_LONG_FORM
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        yield tag, data[at : at + length]
        at += length
