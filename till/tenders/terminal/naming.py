"""Names of messages: ServiceIDs of ten characters that no two tills, payments or starts share.

That of a payment is derived from its id alone, so it is always the same.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

# Without I, L, O and U: it is unmistakable when read out, and a terminal may ignore case.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10


def service_id(key: str) -> str:
    """Return the ServiceID of a payment or a refund: fifty bits of its id's digest.

    Among a hundred thousand in a terminal's memory, the chance of two equal ones is about one in two hundred thousand.
    """
    return _spelt(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]))


def fresh_service_id() -> str:
    """Return a random ServiceID for a message that nobody asks after."""
    return _spelt(secrets.randbits(64))


def _spelt(number: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
