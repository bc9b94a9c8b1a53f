"""Barcodes on paper: Code 128, which every scanner reads and which holds any code of a menu."""

from __future__ import annotations

from typing import Final

#: The widths of the bars and spaces of each value, then of the stop.
_TABLE: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS: Final = tuple(_TABLE.split())
#: The value that begins code set B, which has the letters and digits, and the first character of that set.
_START: Final = 104
_FIRST: Final = 32
_STOP: Final = 106
_CHECKED_BY: Final = 103
#: The width of a module on a page, and the light modules on both sides of a barcode.
BAR_MM, QUIET_BARS = 0.25, 10


def bars_of(text: str) -> str:
    """Return the modules of a barcode of printable ASCII: 1 for a dark one, 0 for a light one. Others have none."""
    if not (text.isascii() and text.isprintable()):
        return ""
    values = [_START, *(ord(char) - _FIRST for char in text)]
    check = sum(max(place, 1) * value for place, value in enumerate(values)) % _CHECKED_BY
    widths = "".join(_WIDTHS[value] for value in (*values, check, _STOP))
    return "".join(("1", "0")[place % 2] * int(width) for place, width in enumerate(widths))
