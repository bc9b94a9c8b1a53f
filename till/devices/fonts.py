"""The letters of font files, read from their tables without a library."""

from __future__ import annotations

import string
import struct
from bisect import bisect_right
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: The bytes before each message of the process that draws with them, which are its length.
LENGTH: Final = 4
#: The letters that fonts need to draw any line.
LATIN: Final = string.digits + string.ascii_letters + string.punctuation + " "
#: Debian's packages of the fonts that the config names by default.
PACKAGES: Final = "fonts-dejavu-core fonts-noto-core fonts-noto-cjk"
#: The tables that map letters of Unicode to glyphs, of several in a file the later one first.
_FORMATS: Final = (12, 4)


class FontFile:
    """A font file and the letters that it has.

    Args:
        path: its path.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no font.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            ranges = sorted(_ranges(Path(path)))
        except (struct.error, RuntimeError) as problem:
            raise ValueError(path) from problem
        self._firsts = [first for first, _last in ranges]
        self._lasts = [last for _first, last in ranges]

    def has(self, char: str) -> bool:
        """True if it has a letter."""
        place = bisect_right(self._firsts, ord(char)) - 1
        return place >= 0 and ord(char) <= self._lasts[place]


def find_fonts(patterns: Iterable[str]) -> list[FontFile]:
    """Return the fonts that the patterns of paths name, in their order. A file that is no font is left out."""
    fonts = []
    for path in dict.fromkeys(path for pattern in patterns for path in sorted(glob(pattern))):  # noqa: PTH207 - absolute
        try:
            fonts.append(FontFile(path))
        except (OSError, ValueError):
            continue
    return fonts


def _ranges(path: Path) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of letters in a row."""
    with path.open("rb") as file:

        def read(at: int, form: str) -> tuple[Any, ...]:
            file.seek(at)
            return struct.unpack(f">{form}", file.read(struct.calcsize(f">{form}")))

        start = int(read(12, "I")[0]) if read(0, "4s")[0] == b"ttcf" else 0
        tables = (read(start + 12 + 16 * one, "4s4xI") for one in range(*read(start + 4, "H")))
        table = next(int(at) for name, at in tables if name == b"cmap")
        maps = {}
        for one in range(*read(table + 2, "H")):
            at = table + read(table + 4 + 8 * one + 4, "I")[0]
            maps[read(at, "H")[0]] = at
        found = next(one for one in _FORMATS if one in maps)
        at = maps[found]
        if found == _FORMATS[0]:
            for group in range(*read(at + 12, "I")):
                first, last = read(at + 16 + 12 * group, "II")
                yield first, last
            return
        double = read(at + 6, "H")[0]
        lasts = read(at + 14, f"{double // 2}H")
        firsts = read(at + 16 + double, f"{double // 2}H")
        yield from zip(firsts, lasts, strict=True)
