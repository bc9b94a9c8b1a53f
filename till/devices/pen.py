"""Lines of paper as rows of dots, in the process that has Pillow: `python -m till.devices.pen PATTERN …`.

It reads documents from its standard input and writes their lines to its standard output, each behind its length.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache, lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

import msgspec
from PIL import Image, ImageDraw, ImageFont, features
from typing_extensions import override

from till.devices.fonts import LATIN, LENGTH, FontFile, find_fonts
from till.domain.paper.document import COLUMN, Document, bytes_of_row
from till.domain.paper.lines import lines_of
from till.domain.text import Repertoire, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from till.domain.paper.document import PlacedText

#: The dots of the height of letters, and the rows above and below their foot in any line.
_HEIGHT, _ABOVE, _BELOW = 20, 22, 8
#: The rows that a letter may reach further up and down.
_FURTHER: Final = 20
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


class Pen(Repertoire, frozen=True):
    """The characters of a printer's code page, and the letters that fonts have.

    Attributes:
        fonts: the fonts; the first that has a letter draws it.
    """

    fonts: tuple[FontFile, ...] = ()

    @override
    def spell(self, text: str) -> str:
        text, fonts = clean(text), self.fonts
        if ordered := [char for char in text if unicodedata.bidirectional(char) in _RIGHT_TO_LEFT]:
            # One font draws all of it, as it orders the letters. What it lacks is spelt.
            needed = {*ordered, *filter(self._has, text)}
            able = [font for font in fonts if all(map(font.has, needed))]
            fonts = (max(able, key=lambda font: sum(map(font.has, text))),) if able else ()
        return self.spelling(
            text,
            lambda char: self._has(char) or (char not in self.spelt and bool(_able(fonts, char))),
        )

    def dots(self, text: str) -> float:
        """Return the dots that a spelt text takes."""
        return sum(_length(*run) for run in self._runs(text))

    @override
    def width(self, text: str) -> int:
        drawn = text.lstrip()
        columns = len(text) - len(drawn) + ceil(self.dots(drawn) / COLUMN)
        return columns if self.lacks(text) else max(columns, len(text))  # it may be printed, if the line is divided

    def draw(self, line: Sequence[PlacedText], columns: int, bold: bool, tall: bool) -> bytes:
        """Return the dots of a line."""
        image = Image.new("1", (bytes_of_row(columns) * 8, _FURTHER + _ABOVE + _BELOW + _FURTHER))
        pen = ImageDraw.Draw(image)
        for one in line:
            runs = list(self._runs(one.text))
            at = one.at * COLUMN - one.share * sum(_length(*run) for run in runs)
            for path, run in runs:
                for moved in range(1 + bold):
                    foot = round(at) + moved, _FURTHER + _ABOVE
                    pen.text(foot, run, 1, _opened(path), anchor="ls", direction="ltr")
                at += _length(path, run)
        _left, top, _right, bottom = image.getbbox() or (0, _FURTHER, 0, 0)
        top, bottom = min(top, _FURTHER), max(bottom, image.height - _FURTHER)
        image = image.crop((0, top, image.width, bottom))
        return image.resize((image.width, image.height * (1 + tall)), Image.Resampling.NEAREST).tobytes()

    def _runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield a text in runs with the path of their font, the first of those that have the most letters of it."""
        while text:
            font, end = None, 1
            for one in _able(self.fonts, text[0]):
                has = next((place for place, char in enumerate(text) if not one.has(char)), len(text))
                font, end = (one, has) if font is None or has > end else (font, end)
            if font is not None:
                yield font.path, text[:end]
            text = text[end:]


@cache
def _able(fonts: tuple[FontFile, ...], char: str) -> list[FontFile]:
    """Return the fonts that have a letter."""
    return [font for font in fonts if font.has(char)]


@cache
def _opened(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, _HEIGHT, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(maxsize=2048)
def _length(path: str, run: str) -> float:
    """Return the dots that a run of letters takes. A paper asks for the same ones several times."""
    return _opened(path).getlength(run, direction="ltr")


def main(patterns: Sequence[str]) -> None:
    """Answer each document with its lines, until the till closes."""
    if not features.check("raqm"):  # letters without their shapes are no text
        return
    fonts, given, taken = tuple(find_fonts(patterns)), sys.stdin.buffer, sys.stdout.buffer
    if not all(_able(fonts, char) for char in LATIN):
        return
    while size := given.read(LENGTH):
        asked = given.read(int.from_bytes(size, "big"))
        document, columns, code_page = msgspec.msgpack.decode(asked, type=tuple[Document, int, str])
        pen = Pen(code_page, fonts=fonts)
        answer = msgspec.msgpack.encode(lines_of(document, columns, pen, pen.draw))
        taken.write(len(answer).to_bytes(LENGTH, "big") + answer)
        taken.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
