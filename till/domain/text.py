"""Sanitising of external text: names, notes, reasons and terminal answers may contain anything.

A control character could move the cursor or change colours, a bidi mark could reverse an amount, and a zero-width
character could make two names look alike. All of them make the width of a column unknown.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Replacements for currency and typographic signs that a device lacks.
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
    "•": ".",
    "○": "",
    "।": ".",
    "⁄": "/",
}
#: The Unicode names of letters and signs of the scripts of India, which hold their sounds; a sign is one of these.
_SOUNDED: Final = late(
    r"(?:DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL|TELUGU|KANNADA|MALAYALAM) "
    r"(LETTER|VOWEL SIGN|SIGN) (?:[A-Z]+ )*([A-Z]+)\Z"
)
#: The names of letters such as Ł, which Unicode does not decompose.
_WITH_STROKE: Final = late(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z]{1,2})(?: WITH .+)?\Z")
_SIGNS: Final = {"ANUSVARA": "m", "CANDRABINDU": "n", "VISARGA": "h"}

MAX_MARKS: Final = 4
"""The most combining marks on a letter: more than any living script needs. A stack of forty would cover other rows."""

REPLACEMENT: Final = "�"
"""The replacement for characters without a defined glyph or width: lone surrogates, private use, unassigned."""

#: Characters that are safe in any sequence: Latin letters, arrows, box and block drawing.
_PLAIN: Final = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x180), *range(0x2190, 0x2200), *range(0x2500, 0x2600)))
) | frozenset("₹€£¥₩฿₫₱×·–—‘’“”…−✓")
_BREAKS: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_NO_PICTURE: Final = frozenset({"Cs", "Co", "Cn"})
_MARKS: Final = frozenset({"Mn", "Me"})
#: Marks and modifiers, without which a letter can be read.
_LESS: Final = frozenset({"Mn", "Mc", "Me", "Lm", "Sk"})
_CODE: Final = late(r"[0-9]{8,14}\Z")
# Letters and marks that Unicode lists as default-ignorable: invisible, and of different width in different terminals.
_IGNORABLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


class Repertoire(Struct, frozen=True):
    """The characters of a device, such as a printer with a code page.

    Attributes:
        code_page: the name of a Python codec, such as `cp437` or `cp858`.
        spelt: replacements for some missing characters.
    """

    code_page: str
    spelt: Mapping[str, str] = field(default_factory=lambda: _SPELT)

    def spell(self, text: str) -> str:
        """Return `text` in characters of the device.

        A missing character becomes its replacement, the letter without its mark, its sound, or its code point.
        """
        return self.spelling(clean(text), self._has)

    def lacks(self, text: str) -> bool:
        """True if the text has a character that the device lacks, and that has no replacement."""
        return any(map(self.misses, clean(text)))

    def misses(self, char: str) -> bool:
        """True if the device lacks a character of a clean text, and it has no replacement."""
        return not self._has(char) and char not in self.spelt

    def width(self, text: str) -> int:
        """Return the columns that a spelt text takes."""
        return len(text)

    def spelling(self, text: str, has: Callable[[str], bool]) -> str:
        """Return a clean text in the characters that a device has."""
        spelt = ""
        for char in text:
            if has(char):
                spelt += char
            elif (word := self.spelt.get(char)) is not None:
                spelt += word
            elif plain := self._plain(char, has):
                spelt += plain
            elif found := _WITH_STROKE.match(unicodedata.name(char, "")):
                spelt += found[2] if found[1] == "CAPITAL" else found[2].lower()
            elif found := _SOUNDED.match(unicodedata.name(char, "")):
                spelt = _sounded(spelt, found[1], found[2])
            else:
                spelt += str(unicodedata.digit(char, f"U+{ord(char):04X} "))
        return spelt if text.endswith(" ") else spelt.rstrip()

    def _plain(self, char: str, has: Callable[[str], bool]) -> str:
        """Return the plain characters that make up one; none if more than a mark were lost, as of a third or a word."""
        parts = [one for one in unicodedata.normalize("NFKD", char) if unicodedata.category(one) not in _LESS]
        spelt = [one if has(one) else self.spelt.get(one, "") for one in parts]
        return "".join(spelt) if all(spelt) else ""

    def _has(self, char: str) -> bool:
        try:
            char.encode(self.code_page)
        except UnicodeEncodeError:
            return False
        return True


def _sounded(before: str, kind: str, name: str) -> str:
    """Return a text with a further letter of India. A vowel sign and a virama replace the letter's own `a`."""
    if kind == "LETTER":
        return before + name.lower()
    if kind == "VOWEL SIGN":
        return before.removesuffix("a") + name.lower()
    return before.removesuffix("a") if name == "VIRAMA" else before + _SIGNS.get(name, "")


@lru_cache(maxsize=1024)
def clean(text: str) -> str:
    """Return `text` safe for display: one line, NFC, printable, each character with a known width.

    Line breaks, tabs and unusual spaces become a space. Other control characters, bidi marks, variation selectors and
    zero-width characters are removed, even joiners: a wrong width is worse than a missing ligature. Characters without
    a glyph become `�`. Combining marks beyond `MAX_MARKS` in a row, and marks without a letter before them, are
    dropped. The function is idempotent.
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


def comparable_text(text: str) -> str:
    """Return a text for comparison: no case, no accents, single spaces."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(text.casefold().split())


def _shown(char: str) -> str:
    """Return the safe form of a character; empty if it is removed."""
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
    """True if the text is 8 to 14 digits, a barcode or a phone number rather than a table number."""
    return _CODE.match(text.strip()) is not None


def capitalize_first(sentence: str) -> str:
    """Capitalise the first character of a sentence: `Table 5`. The rest is unchanged."""
    return sentence[:1].upper() + sentence[1:]


def clock_of(seconds: float) -> str:
    """Return a duration in minutes and seconds: `1:48`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
