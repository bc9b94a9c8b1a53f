"""PINs as argon2id hashes. Hashing and checking take about 80 ms each and do not block other threads."""

from __future__ import annotations

from till.domain.errors import LoginError
from till.domain.i18n import _

#: The least and the most digits of a PIN.
SHORTEST, LONGEST = 4, 12


def can_be_pin(text: str) -> bool:
    """Return True for 4 to 12 digits."""
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit()


def check_new_pin(pin: str) -> None:
    """Refuse an invalid PIN."""
    if not can_be_pin(pin):
        raise LoginError(_("A PIN is 4 to 12 digits."))


def hash_pin(pin: str) -> str:
    """Return the hash of a PIN."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - saves 18 ms before the first paint

    check_new_pin(pin)
    return PasswordHasher().hash(pin)


def check_pin(pin_hash: str, pin: str) -> bool:
    """True if a PIN matches the hash. No PIN matches an unreadable hash."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - saves 18 ms before the first paint
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - saves 18 ms before the first paint

    try:
        return PasswordHasher().verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False
