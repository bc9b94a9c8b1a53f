"""The encryption and authentication of messages (Adyen's `SecurityTrailer`, crypto version 1).

Three keys are derived from the passphrase, by PBKDF2 with HMAC-SHA1, 4,000 rounds and the salt `AdyenNexoV1Salt`: 32
bytes for HMAC-SHA256, 32 for AES-256-CBC, and 16 that are XORed with each message's nonce to make its IV. The HMAC
covers the plain message with its header; the header outside is a copy and must be equal.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from till.tenders.terminal.messages import (
    Envelope,
    SealedEnvelope,
    SealedMessage,
    SecurityTrailer,
    TerminalMessageError,
    message_bytes,
    read,
    read_sealed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SALT: Final = b"AdyenNexoV1Salt"
_ROUNDS: Final = 4000
_KEY: Final = 32
_VECTOR: Final = 16
_CRYPTO: Final = 1


class Seal:
    """A seal with a shared key. It seals messages, and opens those of the other side.

    Args:
        passphrase: the source of the keys.
        identifier: the terminal's name of the passphrase.
        version: the version of the passphrase.
        chance: returns a number of random bytes.
    """

    def __init__(
        self,
        passphrase: str,
        identifier: str,
        version: int,
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        material = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), _SALT, _ROUNDS, 2 * _KEY + _VECTOR)
        self._proof, self._cipher, self._vector = material[:_KEY], material[_KEY : 2 * _KEY], material[2 * _KEY :]
        self._identifier = identifier
        self._version = version
        self._chance = chance

    def __repr__(self) -> str:
        """Return the name of the key, without the key."""
        return f"Seal({self._identifier!r}, {self._version})"

    def close(self, envelope: Envelope) -> bytes:
        """Return the bytes of a sealed message."""
        plain = message_bytes(envelope)
        nonce = self._chance(_VECTOR)
        padder = PKCS7(8 * _VECTOR).padder()
        encryptor = self._with(nonce).encryptor()
        blob = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
        trailer = SecurityTrailer(
            adyen_crypto_version=_CRYPTO,
            key_identifier=self._identifier,
            key_version=self._version,
            nonce=nonce,
            hmac=self._proof_of(plain),
        )
        if (request := envelope.request) is not None:
            message = SealedMessage(message_header=request.message_header, nexo_blob=blob, security_trailer=trailer)
            return message_bytes(SealedEnvelope(request=message))
        if (reply := envelope.reply) is not None:
            message = SealedMessage(message_header=reply.message_header, nexo_blob=blob, security_trailer=trailer)
            return message_bytes(SealedEnvelope(reply=message))
        raise ValueError("there is no message to seal")

    def open(self, raw: bytes) -> Envelope:
        """Return the message under a seal.

        Raises:
            TerminalMessageError: the message is not sealed with this key, or was altered.
        """
        sealed = read_sealed(raw)
        message = sealed.request or sealed.reply
        if message is None:  # `read_sealed` returns exactly one side
            raise TerminalMessageError("not sealed")
        plain = self._plain(message)
        envelope = read(plain)
        inside = envelope.request if sealed.request is not None else envelope.reply
        if inside is None or inside.message_header != message.message_header:
            raise TerminalMessageError("the header outside the seal is another than inside")
        return envelope

    def _plain(self, message: SealedMessage) -> bytes:
        trailer = message.security_trailer
        known = (_CRYPTO, self._identifier, self._version)
        if (trailer.adyen_crypto_version, trailer.key_identifier, trailer.key_version) != known:
            raise TerminalMessageError("sealed with a key that is not ours")
        if len(trailer.nonce) != _VECTOR:
            raise TerminalMessageError("the seal does not open")
        decryptor = self._with(trailer.nonce).decryptor()
        unpadder = PKCS7(8 * _VECTOR).unpadder()
        try:
            padded = decryptor.update(message.nexo_blob) + decryptor.finalize()
            plain = unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            plain = b""
        # One message for every fault: details would only help an attacker.
        if not hmac.compare_digest(self._proof_of(plain), trailer.hmac):
            raise TerminalMessageError("the seal does not open")
        return plain

    def _with(self, nonce: bytes) -> Cipher[CBC]:
        vector = bytes(ours ^ theirs for ours, theirs in zip(self._vector, nonce, strict=True))
        return Cipher(AES256(self._cipher), CBC(vector))

    def _proof_of(self, plain: bytes) -> bytes:
        return hmac.new(self._proof, plain, hashlib.sha256).digest()
