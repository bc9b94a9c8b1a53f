"""ServiceIDs of messages: ten characters that are unique across tills, payments and restarts.

The ServiceID of a payment is derived from its id alone, so it never changes.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

# Without I, L, O and U, which are easily confused; a terminal may ignore case.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10


def service_id(key: str) -> str:
    """Return the ServiceID of a payment or a refund: fifty bits of the digest of its id.

    Among a hundred thousand ids in a terminal's memory, the probability of a collision is about one in 200,000.
    """
    return _encoded(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]))


def fresh_service_id() -> str:
    """Return a random ServiceID for a message that is never queried."""
    return _encoded(secrets.randbits(64))


def _encoded(number: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
