"""Big digits, drawn with `█ ▀ ▄` alone in three heights, wide and narrow, so that 3 and 8 differ at two metres.

Textual's own `Digits` uses three thin characters, which fade. A pixel of the tall cut
is two columns by one row, with corners cut by half a row; one of the low cut is a column by half a row. The towering
cut is the tall one with the strokes between its bars twice as long.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.tui.drawing.cut import cell_len

if TYPE_CHECKING:
    from collections.abc import Mapping

TOWERING: Final = 7
TALL: Final = 5
LOW: Final = 3

_3X5: Final = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
}
_6X6: Final = {
    "0": ".####. ##..## ##..## ##..## ##..## .####.",
    "1": "..##.. ####.. ..##.. ..##.. ..##.. ######",
    "2": ".####. ##..## ....## ..###. .##... ######",
    "3": ".####. ##..## ...##. ....## ##..## .####.",
    "4": "##..## ##..## ##..## ###### ....## ....##",
    "5": "###### ##.... #####. ....## ##..## .####.",
    "6": ".####. ##.... #####. ##..## ##..## .####.",
    "7": "###### ....## ...##. ..##.. ..##.. ..##..",
    "8": ".####. ##..## .####. ##..## ##..## .####.",
    "9": ".####. ##..## ##..## .##### ....## .####.",
}
# Rows of the tall cut that lose a corner, as drawn. The flag of the 1 is made the same way.
_CUT: Final[Mapping[str, Mapping[int, str]]] = {
    "0": {0: "▄████▄", 4: "▀████▀"},
    "1": {0: " ▄██  ", 1: "▀▀██  "},
    "2": {0: "▄████▄", 2: "▄████▀"},
    "3": {0: "▄████▄", 4: "▀████▀"},
    "5": {2: "█████▄", 4: "▀████▀"},
    "6": {0: "▄████▄", 2: "█████▄", 4: "▀████▀"},
    "8": {0: "▄████▄", 4: "▀████▀"},
    "9": {0: "▄████▄", 2: "▀█████", 4: "▀████▀"},
}
_SIGNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "tall": {
        **dict.fromkeys("._", ("  ", "  ", "  ", "  ", "██")),
        **dict.fromkeys(",;", ("  ", "  ", "  ", "▄▄", "▄▀")),
        "'": (" ", " ", " ", " ", " "),
        ":": ("  ", "██", "  ", "██", "  "),
        "-": ("    ", "    ", "████", "    ", "    "),
    },
    "low": {
        **dict.fromkeys("._", ("  ", "  ", "▄▄")),
        **dict.fromkeys(",;", ("  ", "▄▄", "▄▀")),
        "'": (" ", " ", " "),
        ":": ("▄▄", "  ", "▀▀"),
        "-": ("    ", "▀▀▀▀", "    "),
    },
    "narrow": {
        ".": (" ", " ", " ", " ", "█"),
        ",": (" ", " ", " ", "▄", "▀"),
        "'": ("", "", "", "", ""),
        ":": (" ", "█", " ", "█", " "),
        "-": ("  ", "  ", "██", "  ", "  "),
    },
    "slim": {
        ".": (" ", " ", "▀"),
        ",": (" ", " ", "█"),
        "'": ("", "", ""),
        ":": ("▄", "▄", " "),
        "-": ("  ", "▀▀", "  "),
    },
}
_THOUSAND: Final = 3
_ALIKE: Final = str.maketrans({"−": "-", "–": "-", "\u2019": "'", " ": "'", "\u00a0": "'", "\u202f": "'"})
_AS_GROUP: Final = {",": ";", ".": "_"}
_GROUPS_APART: Final = str.maketrans({";": "'", "_": "'"})
_CLOSE: Final = frozenset("._,;:'")
_GAPS: Final = {
    **dict.fromkeys(("towering", "tall", "low"), (2, 1)),
    **dict.fromkeys(("lank", "narrow", "slim"), (1, 1)),
}
#: The wide and the narrow cut of each height, the tallest first.
_CUTS: Final[Mapping[int, tuple[str, str]]] = {
    TOWERING: ("towering", "lank"),
    TALL: ("tall", "narrow"),
    LOW: ("low", "slim"),
}
#: The row of five for each row of seven. The flag of a 1 stays short, and signs stay at the foot.
_STRETCHED: Final = (0, 1, 1, 2, 3, 3, 4)
_STRETCHED_OTHERWISE: Final[Mapping[str, tuple[int, ...]]] = {
    "1": (0, 1, 2, 2, 3, 3, 4),
    **dict.fromkeys(".,_;", (0, 0, 0, 1, 2, 3, 4)),
}
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class BigDigits(Struct, frozen=True):
    """A figure ready to draw. `large` is false for plain text in one row, to be drawn bold."""

    rows: tuple[str, ...]
    width: int
    large: bool = True


@lru_cache(maxsize=512)
def big_digits(text: str, width: int, height: int = TALL) -> BigDigits:
    """Return `text` in the widest cut that fits `width` columns and `height` rows; otherwise as plain text in one row.

    Knows digits, a decimal point or comma, grouping (comma, point, apostrophe, space), a minus, and the clock's colon.
    """
    text = text.strip()
    drawn = _parted(text)
    separated = drawn.translate(_GROUPS_APART)
    wide, narrow = next((cuts for min_height, cuts in _CUTS.items() if height >= min_height), ("", ""))
    for cut, figure in ((wide, drawn), (wide, separated), (narrow, separated)) if wide else ():
        rows = _draw(figure, cut)
        if rows is not None and len(rows[0]) <= width:
            return BigDigits(rows, len(rows[0]))
    return BigDigits((text,), cell_len(text), large=False)


def _parted(text: str) -> str:
    """Return `text` with group separators unlike the decimal sign: `;` for a comma, `_` a point, `'` a blank."""
    text = text.translate(_ALIKE)
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0 and text[last] == ",":
        # "1,240" groups thousands; "1.240,00" and "12,50" have decimals.
        grouping = len(text) - last - 1 == _THOUSAND and not {".", "'"} & set(text)
    else:
        grouping = text.count(".") > 1
    decimal = -1 if grouping else last
    return "".join(char if at == decimal else _AS_GROUP.get(char, char) for at, char in enumerate(text))


@lru_cache(maxsize=64)
def _draw(text: str, cut: str) -> tuple[str, ...] | None:
    """Return the rows of `text` in one cut; None if it has a character that no cut has."""
    wide, close = _GAPS[cut]
    columns: list[tuple[str, ...]] = []
    for before, char in pairwise(f" {text}"):
        glyph = _glyph(char, cut)
        if glyph is None:
            return None
        if columns:
            columns.append((" " * (close if {before, char} & _CLOSE else wide),) * len(glyph))
        columns.append(glyph)
    return tuple(map("".join, zip(*columns, strict=True))) or None


@lru_cache(maxsize=256)
def _glyph(char: str, cut: str) -> tuple[str, ...] | None:
    if cut in {"towering", "lank"}:
        five = _glyph(char, "tall" if cut == "towering" else "narrow")
        return five and tuple(five[row] for row in _STRETCHED_OTHERWISE.get(char, _STRETCHED))
    if (sign := _SIGNS[cut].get(char)) is not None:
        return sign
    if char not in _3X5:
        return None
    if cut in {"low", "slim"}:
        drawn = _6X6[char].split() if cut == "low" else [*_3X5[char].split(), "..."]
        pixels = [[pixel == "#" for pixel in row] for row in drawn]
        pairs = zip(pixels[::2], pixels[1::2], strict=True)
        return tuple("".join(_HALVES[half] for half in zip(*pair, strict=True)) for pair in pairs)
    columns = 2 if cut == "tall" else 1
    rows = ["".join(("█" if pixel == "#" else " ") * columns for pixel in row) for row in _3X5[char].split()]
    if cut == "tall":
        for y, row in _CUT.get(char, {}).items():
            rows[y] = row
    return tuple(rows)
