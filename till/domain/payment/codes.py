"""Voucher codes: sixteen characters that cannot be guessed or easily misread, with a check character against typos.

The code is only on the voucher. Messages and storage contain its digest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

#: Letters and digits without 0, O, 1 and I, which look alike on paper.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH: Final = 16
_GROUP: Final = 4
_BASE: Final = len(ALPHABET)


class CodeError(PaymentError):
    """A voucher code that cannot be read."""

    default = N_("That is not a voucher code.")


def make_code(randbelow: Callable[[int], int]) -> str:
    """Return a new code; `randbelow(n)` returns a secure random number from 0 to n - 1."""
    body = "".join(ALPHABET[randbelow(_BASE)] for _each in range(_LENGTH - 1))
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    """Return the Luhn check character in base 32. It detects a wrong character and most swaps of neighbours."""
    total = 0
    for place, char in enumerate(reversed(body)):
        value = ALPHABET.index(char) * (2 if place % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return ALPHABET[-total % _BASE]


def read_code(text: str) -> str:
    """Read a typed or scanned code. Lower case, spaces and dashes are accepted.

    Raises:
        CodeError: the text is not a code, or has a typo.
    """
    code = "".join(char for char in text.upper() if char not in " -–—\t")
    if len(code) != _LENGTH:
        raise CodeError(_("A voucher's code has {n} letters and digits.").format(n=_LENGTH))
    if any(char not in ALPHABET for char in code):
        raise CodeError(_("A voucher's code has no 0, O, 1 or I in it: look again."))
    if _check_digit(code[:-1]) != code[-1]:
        raise CodeError(_("That code does not match. Check it."))
    return code


def shown_code(code: str) -> str:
    """Return a code in groups of four, for people to read."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def digest_of(code: str) -> str:
    """Return the digest of a code. The database stores it, and tills look vouchers up by it."""
    return sha256(code.encode()).hexdigest()


def hint_of(code: str) -> str:
    """Return the last characters of a code, which identify the voucher for people."""
    return code[-_GROUP:]
