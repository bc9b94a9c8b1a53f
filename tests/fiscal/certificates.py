"""Certificates for tests: a signer, what it signs, and a service that demands the certificate of its client."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fiscal.server import Authority

DAY = timedelta(days=1)


class Signer:
    """A signer in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.pem"
        own = self._begun(self._name, self._key, DAY).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.file.write_bytes(own.sign(self._key, SHA256()).public_bytes(Encoding.PEM))

    def _begun(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 400 * DAY)
            .not_valid_after(now + lasts)
        )

    def sign(self, name: str, lasts: timedelta = 300 * DAY) -> Path:
        """Return the file of a certificate with its key, which ends after `lasts`."""
        key = ec.generate_private_key(ec.SECP256R1())
        begun = self._begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, lasts)
        addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = begun.add_extension(addresses, critical=False).sign(self._key, SHA256())
        file = self._folder / f"{name}-key.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(secret + made.public_bytes(Encoding.PEM))
        file.chmod(0o600)
        return file

    def context(self) -> ssl.SSLContext:
        """Return the context of a server that demands a certificate of this signer."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.file))
        context.load_cert_chain(self.sign("server"))
        context.verify_mode = ssl.CERT_REQUIRED
        return context


@contextmanager
def demanding(authority: Authority, context: ssl.SSLContext) -> Iterator[str]:
    """Serve an authority over TLS, as servers do that tell a client why its certificate is refused (asyncio's do not).

    Yield its address.
    """

    def serve() -> None:
        while True:
            try:
                connection, _from = listening.accept()
            except OSError:  # it was closed
                return
            with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secured:
                answer(secured)

    def answer(secured: ssl.SSLSocket) -> None:
        try:
            secured.do_handshake()
        except ssl.SSLError:
            while socket.socket.recv(secured, 65_536):  # or the alert is lost with the connection
                pass
            return
        got = b""
        while b"</soapenv:Envelope>" not in got:
            got += secured.recv(65_536)
        status, body = authority.answer(got.partition(b"\r\n\r\n")[2], "well")
        secured.sendall(f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/"
        listening.shutdown(socket.SHUT_RDWR)
