"""Names of messages: ServiceIDs of ten characters that no two tills, payments or starts give twice.

A payment's is made of its own id alone, so it is the same whoever computes it, and as often as it is asked.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

# Without I, L, O and U: nobody who reads one out mistakes it, and a terminal that takes i for I does no harm.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10


def service_id(key: str) -> str:
    """The ServiceID of a payment or a refund: fifty bits of its id's digest.

    Of a hundred thousand in a terminal's memory two are the same once in two hundred thousand such memories.
    """
    return _spelt(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]))


def fresh_service_id() -> str:
    """The ServiceID of a message that nobody asks after."""
    return _spelt(secrets.randbits(64))


def _spelt(number: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
