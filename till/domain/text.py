"""Text from outside made harmless: names, notes, reasons and terminal answers may hold anything.

A control character could move the cursor or recolour the screen, a bidi mark could reverse an amount, and a
zero-width character could make two names look alike. Any of them makes the width of a column unknown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Replacements for characters that a device lacks: currency signs and typographic signs.
_SPELT: Final[Mapping[str, str]] = {
    "₹": "Rs",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₩": "KRW",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "…": "...",
    "·": "-",
}

MAX_MARKS: Final = 4
"""Combining marks kept on one letter: every living script needs fewer, a stack of forty climbs over other rows."""

REPLACEMENT: Final = "�"
"""Replaces characters without an agreed glyph or width: lone surrogates, private use, unassigned."""

#: Characters that are safe in any sequence: Latin letters, arrows, box and block drawing.
_PLAIN: Final = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x180), *range(0x2190, 0x2200), *range(0x2500, 0x2600)))
) | frozenset("₹€£¥₩฿₫₱×·–—‘’“”…−✓")
_BREAKS: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_NO_PICTURE: Final = frozenset({"Cs", "Co", "Cn"})
_MARKS: Final = frozenset({"Mn", "Me"})
_CODE: Final = re.compile(r"[0-9]{8,14}\Z")
# Letters and marks that Unicode lists as default-ignorable: they are invisible, and terminals differ on their width.
_IGNORABLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


class Repertoire(Struct, frozen=True):
    """The characters that a device has. A screen has all of them; a printer has those of its code page.

    Attributes:
        code_page: a codec of Python by its name: `cp437`, `cp858`.
        spelt: replacements for some characters that the device lacks.
    """

    code_page: str
    spelt: Mapping[str, str] = field(default_factory=lambda: _SPELT)

    def spell(self, text: str) -> str:
        """Return `text` in characters that the device has.

        A missing one becomes its replacement, a letter without its mark, or `?`.
        """
        return "".join(map(self._spelt, clean(text)))

    def _spelt(self, char: str) -> str:
        if self._has(char):
            return char
        if (word := self.spelt.get(char)) is not None:
            return word
        return "".join(filter(self._has, unicodedata.normalize("NFKD", char))) or "?"

    def _has(self, char: str) -> bool:
        try:
            char.encode(self.code_page)
        except UnicodeEncodeError:
            return False
        return True


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Return `text` safe to show: one row, NFC, printable, each character with a known width.

    Line breaks, tabs and every unusual space become a space. Other controls, bidi marks, zero-width characters (joiners
    too: a wrong width costs more than a ligature) and variation selectors are removed. Characters without a picture
    become `�`. Of more than `MAX_MARKS` combining marks in a row the rest are dropped, and so are marks without a
    letter before them. Cleaning twice is the same as cleaning once.
    """
    if _PLAIN.issuperset(text):
        return text
    kept: list[str] = []
    marks = MAX_MARKS  # a mark at the very start has no letter
    for char in unicodedata.normalize("NFC", text):
        shown = _shown(char)
        if not shown:
            continue
        if unicodedata.category(shown) in _MARKS:
            marks += 1
            if marks > MAX_MARKS:
                continue
        else:
            marks = MAX_MARKS if shown == " " else 0
        kept.append(shown)
    return unicodedata.normalize("NFC", "".join(kept))


def _shown(char: str) -> str:
    """Return one character as it may be shown, or nothing."""
    if " " <= char <= "~":
        return char
    if char in _BREAKS:
        return " "
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category in _NO_PICTURE:
        return REPLACEMENT
    return "" if category in {"Cc", "Cf"} or char in _IGNORABLE else char


def is_code(text: str) -> bool:
    """True if it has only digits, as many as a barcode or a phone number: no table, and no word of a person."""
    return _CODE.match(text.strip()) is not None


def begun(sentence: str) -> str:
    """Capitalise the beginning of a sentence: `Table 5`. Names stay as people wrote them."""
    return sentence[:1].upper() + sentence[1:]


def clock_of(seconds: float) -> str:
    """Return a time span as minutes and seconds: `1:48`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
