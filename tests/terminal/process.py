"""The reference terminal, started and killed by a test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.terminal.book import Book

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POIID = "V400m-347069146"
PHRASE = "a phrase that both know"


class TerminalProcess:
    """One terminal with its file; its port stays when it is started again.

    Args:
        folder: its own.
        sealed: True if every message is under the seal.
        tls: True if it speaks HTTPS.
    """

    def __init__(self, folder: Path, *, sealed: bool = True, tls: bool = True) -> None:
        self.folder = folder
        self.sealed = sealed
        self.tls = tls
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        self.certificate = folder / "terminal.pem"
        self.phrase_file = folder / "phrase"
        self.phrase_file.write_text(f"{PHRASE}\n", "utf-8")
        self.phrase_file.chmod(0o600)
        if tls:
            make_certificate(self.certificate, f"{POIID}.test.terminal.example")
        self.book = Book(folder / "terminal.sqlite")

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/nexo"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        files = ["--certificate", str(self.certificate), "--key", f"{self.certificate}.key"] if self.tls else []
        files += ["--phrase-file", str(self.phrase_file)] if self.sealed else []
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.terminal.terminal", "--file", str(self.folder / "terminal.sqlite")),
                *("--poiid", POIID, "--port", str(self.port), *files),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.port = int(self._line())

    async def waits(self) -> None:
        """Wait until the terminal has begun a payment that is planned to be slow."""
        assert await asyncio.to_thread(self._line) == "waits\n"

    def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def wait_dead(self) -> None:
        """Wait until it killed itself."""
        assert self._process is not None
        self._process.wait(10)

    def kill(self) -> None:
        """Kill it with SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def restart(self) -> None:
        """Kill it, if it still runs, and start it on its old port and file."""
        self.kill()
        self.start()


@contextmanager
def running(folder: Path, *, sealed: bool = True, tls: bool = True) -> Iterator[TerminalProcess]:
    """Run a terminal until the end of the block."""
    terminal = TerminalProcess(folder, sealed=sealed, tls=tls)
    terminal.start()
    try:
        yield terminal
    finally:
        terminal.kill()
        with terminal.book:
            pass


def make_certificate(file: Path, name: str, signer: tuple[Path, str] | None = None) -> None:
    """Make a certificate and its key (`file` and `file.key`), self-signed or signed by another one made here."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing = subject, key
    if signer is not None:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer[1])])
        loaded = serialization.load_pem_private_key(signer[0].with_name(f"{signer[0].name}.key").read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        signing = loaded
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .sign(signing, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    file.with_name(f"{file.name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
