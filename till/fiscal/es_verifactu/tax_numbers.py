"""Tax numbers in a record: the Spanish NIF by its check letter or digit, and the numbers of other countries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSON: Final = re.compile(r"([0-9]|[XYZKLM])[0-9]{7}[A-Z]\Z", re.ASCII)
_BODY: Final = re.compile(r"[ABCDEFGHJNPQRSUVW][0-9]{7}[0-9A-J]\Z", re.ASCII)
_PERSON_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_BODY_LETTERS: Final = "JABCDEFGHI"
#: Bodies whose NIF ends in a letter only, and in a digit only; the others may have either.
_LETTER_ONLY: Final = frozenset("NPQRSW")
_DIGIT_ONLY: Final = frozenset("ABEH")
_FIRST: Final = str.maketrans("XYZKLM", "012000")
_SEPARATORS: Final = str.maketrans("", "", " .-/")
_FOREIGN: Final = re.compile(r"([A-Z]{2})([0-9A-Z+*]{2,18})\Z", re.ASCII)
#: The prefixes of VAT numbers of the Union; Greece's is not its country code, Northern Ireland's is no country.
_UNION_TEXT: Final = "AT BE BG CY CZ DE DK EE EL FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
_UNION: Final = frozenset(_UNION_TEXT.split())
_COUNTRY_OF: Final = {"EL": "GR", "XI": "GB"}
#: Other countries that a guest's number may name.
_ABROAD_TEXT: Final = """
AD AE AL AM AR AU AZ BA BO BR BY CA CH CL CN CO CR CU DO DZ EC EG GB GE GI GT HK HN ID IL IN IS JP KR KZ LI MA
MC MD ME MK MX MY NI NO NZ PA PE PH PY QA RS RU SA SG SM SN SV TH TN TR TW UA US UY VE VN ZA
"""
_ABROAD: Final = frozenset(_ABROAD_TEXT.split())
#: Kinds of foreign numbers: a VAT number of the Union, a document of another country, a NIF that the census lacks.
_VAT, _ABROAD_DOCUMENT, _NOT_IN_CENSUS = "02", "04", "07"
_LONGEST: Final = 20


def compact(number: str) -> str:
    """Return a tax number in upper case, without separators and without Spain's own prefix."""
    plain = number.upper().translate(_SEPARATORS)
    return plain[2:] if plain.startswith("ES") and is_nif(plain[2:]) else plain


def is_nif(number: str) -> bool:
    """True if the number is a NIF, NIE or CIF whose check letter or digit is right."""
    if _PERSON.match(number):
        return number[8] == _PERSON_LETTERS[int(number[:8].translate(_FIRST)) % 23]
    if not _BODY.match(number):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[1:8:2])
    check = -(sum(doubled) + sum(map(int, number[2:8:2]))) % 10
    allowed = {str(check)} if number[0] not in _LETTER_ONLY else set()
    return number[8] in (allowed if number[0] in _DIGIT_ONLY else allowed | {_BODY_LETTERS[check]})


def check_buyer_number(number: str) -> None:
    """Refuse a buyer's number that no record can name.

    Raises:
        ConfigError: the number is neither a NIF nor a number with a country before it.
    """
    plain = compact(number)
    known = (match := _FOREIGN.match(plain)) and match[1] in _UNION | _ABROAD
    if not is_nif(plain) and not known:
        raise ConfigError(_("That is no NIF. Type one like B12345674, or a number with its country: DE123456789."))


def identity(number: str) -> Mapping[str, str]:
    """Return the fields that name a buyer by this number.

    A number that is neither a NIF nor of a known country is named as a NIF that the census lacks, which the authority
    takes with an error: the invoice was issued, so its record exists.
    """
    plain = compact(number)
    if is_nif(plain):
        return {"NIF": plain}
    country, kind = "ES", _NOT_IN_CENSUS
    if match := _FOREIGN.match(plain):
        if match[1] in _UNION:
            country, kind = _COUNTRY_OF.get(match[1], match[1]), _VAT
        elif match[1] in _ABROAD:
            country, kind = match[1], _ABROAD_DOCUMENT
    return {"IDOtro.CodigoPais": country, "IDOtro.IDType": kind, "IDOtro.ID": plain[:_LONGEST]}
