"""The paper of a printer of the tests as a picture, a dot for each of its dots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageDraw, ImageFont

from tests.printer.device import Printed
from till.domain.paper.document import bytes_of_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.printer.device import Sheet

#: The rows of a line of the printer's own letters, its foot, and the margin of the paper.
_LINE, _FOOT, _MARGIN = 30, 22, 24
_FONT: Final = ImageFont.truetype(Path(__file__).parents[1] / "fonts/DejaVuSansMono.ttf", 20)


def picture_of(sheet: Sheet, columns: int = 42) -> Image.Image:
    """Return a sheet in black and white. Rows of dots that are narrower than the paper are centred."""
    width = bytes_of_row(columns) * 8
    parts = [_letters(one, width) if isinstance(one, Printed) else _dots(one, width) for one in sheet.paper]
    picture = Image.new("1", (width + 2 * _MARGIN, sum(part.height for part in parts) + 2 * _MARGIN), 1)
    y = _MARGIN
    for part in parts:
        picture.paste(0, (_MARGIN, y), part)
        y += part.height
    return picture


def side_by_side(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return pictures beside each other, with a frame around each."""
    size = sum(one.width + _MARGIN for one in pictures) + _MARGIN, max(one.height for one in pictures) + 2 * _MARGIN
    beside = Image.new("1", size, 1)
    x = _MARGIN
    for one in pictures:
        beside.paste(one, (x, _MARGIN))
        ImageDraw.Draw(beside).rectangle((x, _MARGIN, x + one.width, _MARGIN + one.height), outline=0)
        x += one.width + _MARGIN
    return beside


def _letters(line: Printed, width: int) -> Image.Image:
    part = Image.new("1", (width, _LINE))
    for moved in range(1 + line.bold):
        for place, char in enumerate(line.text):
            ImageDraw.Draw(part).text((place * 12 + moved, _FOOT), char, 1, _FONT, anchor="ls")
    part = part.resize((width, _LINE * (1 + line.tall)), Image.Resampling.NEAREST)
    return ImageChops.invert(part) if line.reversed else part


def _dots(row: bytes, width: int) -> Image.Image:
    part = Image.new("1", (width, 1))
    part.paste(Image.frombytes("1", (len(row) * 8, 1), row), ((width - len(row) * 8) // 2, 0))
    return part
