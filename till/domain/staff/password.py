"""Passwords for what is done at the server: stretched before they leave this machine, so that no road carries one.

Stretching takes about 80 ms and lets other threads run.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import Final

from till.domain.errors import LoginError
from till.domain.i18n import _

#: A password has this many characters; nobody guesses one of eight at five tries in five minutes.
SHORTEST, LONGEST = 8, 200
#: The cost of a guess for who stole the database: as of PINs.
_TIME, _MEMORY_KIB, _LANES, _BYTES = 3, 65536, 4, 32
_SALT_BYTES: Final = 16


def new_salt() -> str:
    """A salt for a new password, in hexadecimal."""
    return secrets.token_hex(_SALT_BYTES)


def check_new_password(password: str) -> None:
    """Refuse what is too short to be a password.

    Raises:
        LoginError: it has fewer than 8 characters, or more than anybody types.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise LoginError(_("A password has 8 characters or more."))


def stretch(password: str, salt: str) -> str:
    """What a password becomes under a salt: this is what the database is asked about."""
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 - 18 ms that the first paint does without

    typed = unicodedata.normalize("NFC", password).encode()
    return hash_secret_raw(
        typed, bytes.fromhex(salt), _TIME, _MEMORY_KIB, _LANES, _BYTES, Type.ID
    ).hex()  # fmt: skip


def hash_to_keep(stretched: str) -> str:
    """What the database keeps of a stretched password."""
    return hashlib.sha256(stretched.encode()).hexdigest()
