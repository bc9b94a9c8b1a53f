"""Tax numbers in a record: the Spanish NIF by its check letter or digit, and the numbers of other countries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.fiscal import document_in
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
#: The authority's codes of these two.
_CODES: Final = {"EL": "GR", "XI": "XN"}
#: Other countries that a guest's number may name.
_ABROAD_TEXT: Final = """
AD AE AL AM AR AU AZ BA BO BR BY CA CH CL CN CO CR CU DO DZ EC EG GB GE GI GT HK HN ID IL IN IS JP KR KZ LI MA
MC MD ME MK MX MY NI NO NZ PA PE PH PY QA RS RU SA SG SM SN SV TH TN TR TW UA US UY VE VN ZA
"""
_ABROAD: Final = frozenset(_ABROAD_TEXT.split())
#: The further countries of the authority's schema, which only a passport or another document may name.
_FURTHER_TEXT: Final = """
AF AG AI AO AQ AS AW BB BD BF BH BI BJ BM BN BQ BS BT BV BW BZ CC CD CF CG CI CK CM CV CW CX DJ DM ER ES ET FJ FK
FM FO GA GD GG GH GL GM GN GQ GR GS GU GW GY HM HT IM IO IQ IR JE JM JO KE KG KH KI KM KN KP KW KY LA LB LC LK LR
LS LY MG MH ML MM MN MO MP MR MS MU MV MW MZ NA NC NE NF NG NP NR NU OM PF PG PK PM PN PR PS PW QU RW SB SC SD SH
SL SO SR SS ST SX SY SZ TC TD TF TG TJ TK TL TM TO TT TV TZ UG UM UZ VA VC VG VI VU WF WS XB XG XN XU YE YT ZM ZW
"""
_COUNTRIES: Final = _UNION | _ABROAD | frozenset(_FURTHER_TEXT.split())
#: Kinds of numbers that are no NIF: a VAT number of the Union that is registered, a passport, a number of another
#: country, and the NIF of a person whom the census lacks.
_VAT, _PASSPORT, _ABROAD_DOCUMENT, _NOT_IN_CENSUS = "02", "03", "04", "07"
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
    if (document := document_in(number)) is not None:
        if document[2] not in _COUNTRIES or len(compact(document[3])) > _LONGEST:
            raise ConfigError(_("Type a document with its country: passport DE C01X00T47."))
        return
    plain = compact(number)
    known = (match := _FOREIGN.match(plain)) and match[1] in _UNION | _ABROAD
    if not is_nif(plain) and not known:
        raise ConfigError(_("That is no NIF. Type one like B12345674, or a number with its country: DE123456789."))


def identity(number: str) -> Mapping[str, str]:
    """Return the fields that name a buyer by this number.

    A number that is none of those that a till takes is named as a NIF that the census lacks. The authority refuses that
    record, and a person hears of it: the invoice was issued.
    """
    if (document := document_in(number)) is not None:
        kind = _ABROAD_DOCUMENT if document[1] == "ID" else _PASSPORT
        return _other(kind, compact(document[3]), document[2])
    plain = compact(number)
    if is_nif(plain):
        return {"NIF": plain}
    if match := _FOREIGN.match(plain):
        if match[1] in _UNION:
            return _other(_VAT, plain)  # the number has its country
        if match[1] in _ABROAD:
            # a Swiss number begins with CHE, which is its own
            return _other(_ABROAD_DOCUMENT, plain if plain.startswith("CHE") else match[2], match[1])
    return _other(_NOT_IN_CENSUS, plain, "ES")


def unregistered_identity(known: Mapping[str, str]) -> Mapping[str, str]:
    """Return the fields that name a buyer by the same number, which the census or the register of VAT numbers lacks."""
    if "NIF" in known:
        return _other(_NOT_IN_CENSUS, known["NIF"], "ES")
    if known.get("IDOtro.IDType") == _VAT:
        number = known["IDOtro.ID"]
        return _other(_ABROAD_DOCUMENT, number[2:], number[:2])
    return {name: text for name, text in known.items() if name.startswith("IDOtro.")}


def _other(kind: str, number: str, country: str = "") -> dict[str, str]:
    named = {"IDOtro.CodigoPais": _CODES.get(country, country)} if country else {}
    return {**named, "IDOtro.IDType": kind, "IDOtro.ID": number[:_LONGEST]}
