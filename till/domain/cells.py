"""Cells of a table for spreadsheets: made harmless when written, restored when read.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, quoted or not. An apostrophe in front
makes it text. If apostrophes stand before such a sign already, one more is added, so taking one off always restores the
cell.
"""

from __future__ import annotations

import re
from typing import Final

from till.domain.text import clean

# The wide signs of East Asian locales too, and a sign behind spaces, which some programs skip.
_RUNS: Final = re.compile(r"'* *[=+\-@\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile(r"'+ *[=+\-@\uff1d\uff0b\uff0d\uff20]")


def delimiter_beside(point: str) -> str:
    """Return the cell delimiter that spreadsheets expect where `point` is the decimal separator."""
    return ";" if point == "," else ","


def guard(text: str) -> str:
    """Return the cell of a text, which no spreadsheet runs: one row without control and direction characters."""
    cell = clean(text)
    return f"'{cell}" if _RUNS.match(cell) else cell


def unguard(cell: str) -> str:
    """Return the text that `guard` was given, as far as it was clean."""
    return cell[1:] if _GUARDED.match(cell) else cell
