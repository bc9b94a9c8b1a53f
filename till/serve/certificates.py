"""The certificate of this machine, by a certification authority of its own that each phone installs once.

The authority may only sign for the names that it was made for, as whoever has its key could otherwise pose to those
phones as anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from till.config.folders import write_once
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

_AUTHORITY_DAYS: Final = 3650
#: Apple's devices accept a certificate for a server of at most 398 days.
_DAYS: Final = 397
_RENEWED_BEFORE: Final = timedelta(days=60)
#: Clocks of phones may be behind.
_SLACK: Final = timedelta(days=1)


class _Signed(Struct, frozen=True):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """A certification authority in a folder of this machine, and the certificate that it signed.

    Args:
        folder: the folder; it is made, readable by its owner only.
        names: the names and addresses by which browsers reach this machine.
    """

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._names = names

    @property
    def file(self) -> Path:
        """The certificate of the authority, as PEM, for phones to install."""
        return self._folder / "ca.pem"

    def renew(self, now: datetime | None = None) -> Path:
        """Return the file with the certificate of the server and its key. It is written again before it ends.

        Raises:
            ConfigError: the authority was made for other names.
        """
        now = now or datetime.now(UTC)
        place = self._folder / "server.pem"
        if place.exists():
            held = _read(place).certificate
            if _names_in(held) == self._names and now < held.not_valid_after_utc - _RENEWED_BEFORE:
                return place
        authority = self._authority(now)
        permitted = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        if permitted.permitted_subtrees != [_subtree(name) for name in self._names]:
            raise ConfigError(
                _(
                    "The authority in {folder} may not sign for {names}. Remove the folder, start again, and install "
                    "the new /ca.crt on each phone."
                ).format(folder=self._folder, names=", ".join(self._names))
            )
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _begun(_called(self._names[0]), authority.certificate.subject, key, now, _DAYS)
            .add_extension(x509.SubjectAlternativeName([_name(one) for one in self._names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
            )
            .sign(authority.key, SHA256())
        )
        draft = place.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        write_once(draft, _pem(certificate, key))
        return draft.replace(place)

    def _authority(self, now: datetime) -> _Signed:
        """Return the authority. It is made if there is none."""
        secret = self._folder / "ca.key.pem"
        if not secret.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            called = _called(f"till {self._names[0]}")
            usage = dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                False,
            )
            certificate = (
                _begun(called, called, key, now, _AUTHORITY_DAYS)
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(x509.NameConstraints([_subtree(one) for one in self._names], None), critical=True)
                .add_extension(
                    x509.KeyUsage(key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False, **usage),
                    critical=True,
                )
                .sign(key, SHA256())
            )
            write_once(secret, _pem(certificate, key))
        authority = _read(secret)
        self.file.unlink(missing_ok=True)
        write_once(self.file, authority.certificate.public_bytes(Encoding.PEM).decode())
        return authority


def name_held(folder: Path) -> str:
    """Return the first name of the certificate in a folder; empty if there is none."""
    place = folder / "server.pem"
    return _names_in(_read(place).certificate)[0] if place.exists() else ""


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now - _SLACK + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _subtree(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_network(name))
    except ValueError:
        return x509.DNSName(name)


def _names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(one.value) for one in names)


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> str:
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (plain + certificate.public_bytes(Encoding.PEM)).decode()


def _read(file: Path) -> _Signed:
    data = file.read_bytes()
    key: Any = load_pem_private_key(data, None)
    return _Signed(x509.load_pem_x509_certificate(data), key)
