"""Passwords for acts at the server: stretched on this machine, so that no connection carries one.

Stretching takes about 80 ms and lets other threads run.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import Final

from till.domain.errors import LoginError
from till.domain.i18n import _

#: The bounds of a password's length. Nobody guesses eight characters at five tries in five minutes.
SHORTEST, LONGEST = 8, 200
#: The cost of a guess for a thief of the database: the same as for PINs.
_TIME, _MEMORY_KIB, _LANES, _BYTES = 3, 65536, 4, 32
_SALT_BYTES: Final = 16


def new_salt() -> str:
    """Return a salt for a new password, in hexadecimal."""
    return secrets.token_hex(_SALT_BYTES)


def check_new_password(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        LoginError: it has fewer than 8 characters, or more than anybody types.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise LoginError(_("A password has 8 characters or more."))


def stretch(password: str, salt: str) -> str:
    """Stretch a password with a salt. The database is asked about the result."""
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 - saves 18 ms before the first paint

    typed = unicodedata.normalize("NFC", password).encode()
    return hash_secret_raw(
        typed, bytes.fromhex(salt), _TIME, _MEMORY_KIB, _LANES, _BYTES, Type.ID
    ).hex()  # fmt: skip


def hash_to_keep(stretched: str) -> str:
    """Return the hash of a stretched password that the database keeps."""
    return hashlib.sha256(stretched.encode()).hexdigest()
