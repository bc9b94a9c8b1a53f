"""A phone's camera: QR codes read back from pages and from the dots of a printer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import zxingcpp

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALE: Final = 4
_QUIET: Final = 4


def scan(dark: Sequence[Sequence[bool]]) -> str:
    """Return the text of the only code in a picture of dark and light points."""
    width = len(dark[0]) + 2 * _QUIET
    light = bytes([255]) * width
    rows = [bytes([255]) * _QUIET + bytes(0 if one else 255 for one in row) + bytes([255]) * _QUIET for row in dark]
    points = b"".join(
        bytes(point for point in row for _ in range(_SCALE)) * _SCALE
        for row in (*[light] * _QUIET, *rows, *[light] * _QUIET)
    )
    shape = [(len(rows) + 2 * _QUIET) * _SCALE, width * _SCALE]
    (found,) = zxingcpp.read_barcodes(memoryview(points).cast("B", shape))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


def scan_page(page: str) -> tuple[str, float]:
    """Return the text of the code in a page, and the side of its modules together in millimetres."""
    (svg,) = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    dark = [[False] * side for _ in range(side)]
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg)]
    for x, y, length in runs:
        dark[y][x : x + length] = [True] * length
    columns = {column for x, _y, length in runs for column in (x, x + length)}
    width = float(re.findall(r'width="([\d.]+)mm"', svg)[0])
    return scan(dark), width * (max(columns) - min(columns)) / side
