"""Cells of tables for spreadsheets: escaped when written, restored when read.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, quoted or not. A leading apostrophe makes
it text. If the sign already follows apostrophes, one more is added, so that removing one always restores the cell.
"""

from __future__ import annotations

import re
from typing import Final

from till.domain.text import clean

# Includes the full-width signs of East Asian locales, and signs after spaces, which some programs ignore.
_RUNS: Final = re.compile(r"'* *[=+\-@\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile(r"'+ *[=+\-@\uff1d\uff0b\uff0d\uff20]")


def delimiter_beside(point: str) -> str:
    """Return the cell delimiter that spreadsheets expect with `point` as the decimal separator."""
    return ";" if point == "," else ","


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs: one line, without control and direction characters."""
    cell = clean(text)
    return f"'{cell}" if _RUNS.match(cell) else cell


def unguard(cell: str) -> str:
    """Return the cleaned text that `guard` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
