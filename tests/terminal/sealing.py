"""The terminal's side of the seal, on bytes: written from Adyen's description, apart from the till's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


@dataclass(frozen=True)
class Sealing:
    phrase: str
    name: str = "till-test"
    version: int = 1
    keys: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keys = hashlib.pbkdf2_hmac("sha1", self.phrase.encode(), b"AdyenNexoV1Salt", 4000, 80)
        object.__setattr__(self, "keys", keys)

    def close(self, message: dict[str, Any]) -> dict[str, Any]:
        plain = json.dumps(message).encode()
        nonce = os.urandom(16)
        short = 16 - len(plain) % 16
        encryptor = self._cipher(nonce).encryptor()
        blob = encryptor.update(plain + bytes([short]) * short) + encryptor.finalize()
        (side,) = message
        trailer = {
            "AdyenCryptoVersion": 1,
            "KeyIdentifier": self.name,
            "KeyVersion": self.version,
            "Nonce": base64.b64encode(nonce).decode(),
            "Hmac": base64.b64encode(hmac.digest(self.keys[:32], plain, "sha256")).decode(),
        }
        return {
            side: {
                "MessageHeader": message[side]["MessageHeader"],
                "NexoBlob": base64.b64encode(blob).decode(),
                "SecurityTrailer": trailer,
            }
        }

    def open(self, sealed: dict[str, Any]) -> dict[str, Any]:
        (inner,) = sealed.values()
        trailer = inner["SecurityTrailer"]
        decryptor = self._cipher(base64.b64decode(trailer["Nonce"])).decryptor()
        padded = decryptor.update(base64.b64decode(inner["NexoBlob"])) + decryptor.finalize()
        plain = padded[: -padded[-1]]
        assert hmac.compare_digest(hmac.digest(self.keys[:32], plain, "sha256"), base64.b64decode(trailer["Hmac"]))
        message: dict[str, Any] = json.loads(plain)
        assert next(iter(message.values()))["MessageHeader"] == inner["MessageHeader"]
        return message

    def _cipher(self, nonce: bytes) -> Cipher[modes.CBC]:
        vector = bytes(a ^ b for a, b in zip(self.keys[64:], nonce, strict=True))
        return Cipher(algorithms.AES(self.keys[32:64]), modes.CBC(vector))
