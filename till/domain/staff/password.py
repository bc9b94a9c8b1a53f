"""Passwords for acts at the server. They are stretched on this machine and never sent over a connection.

Stretching takes about 80 ms and does not block other threads.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import Final

from till.domain.errors import LoginError
from till.domain.i18n import _

#: The least and the most characters of a password. Eight are enough against five tries in five minutes.
SHORTEST, LONGEST = 8, 200
#: The parameters of argon2id, which set the cost of a guess for someone with a copy of the database; as for PINs.
_TIME, _MEMORY_KIB, _LANES, _BYTES = 3, 65536, 4, 32
_SALT_BYTES: Final = 16


def new_salt() -> str:
    """Return a salt for a new password, in hexadecimal."""
    return secrets.token_hex(_SALT_BYTES)


def check_new_password(password: str) -> None:
    """Refuse a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise LoginError(_("A password has 8 characters or more."))


def stretch(password: str, salt: str) -> str:
    """Stretch a password with a salt. The result is sent to the database in place of the password."""
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 - saves 18 ms before the first paint

    typed = unicodedata.normalize("NFC", password).encode()
    return hash_secret_raw(
        typed, bytes.fromhex(salt), _TIME, _MEMORY_KIB, _LANES, _BYTES, Type.ID
    ).hex()  # fmt: skip


def hash_to_keep(stretched: str) -> str:
    """Return the hash of a stretched password. The database stores it."""
    return hashlib.sha256(stretched.encode()).hexdigest()
