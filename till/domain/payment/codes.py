"""The codes of vouchers: sixteen characters that cannot be guessed, misread or mistyped unnoticed.

Only the voucher itself has the code. Messages and storage have its digest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

#: Without 0 and O, 1 and I, which look alike on paper.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH: Final = 16
_GROUP: Final = 4
_BASE: Final = len(ALPHABET)


class CodeError(PaymentError):
    """A voucher code that cannot be read."""

    default = _("That is not a voucher code.")


def make_code(below: Callable[[int], int]) -> str:
    """Return a new code; `below` returns a secure random number below another."""
    body = "".join(ALPHABET[below(_BASE)] for _each in range(_LENGTH - 1))
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    """Return Luhn's check character over 32 characters. It detects any wrong one and any swap of neighbours."""
    total = 0
    for place, char in enumerate(reversed(body)):
        value = ALPHABET.index(char) * (2 if place % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return ALPHABET[-total % _BASE]


def read_code(text: str) -> str:
    """Read a code that was typed or scanned, also in lower case or with spaces and dashes.

    Raises:
        CodeError: it is none, or mistyped.
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
    """Return a code in groups, as people read it out."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def digest_of(code: str) -> str:
    """Return the digest of a code that the database keeps, and by which tills ask."""
    return sha256(code.encode()).hexdigest()


def hint_of(code: str) -> str:
    """Return the end of a code, by which people tell vouchers apart."""
    return code[-_GROUP:]
