"""Cells of a table for spreadsheets: made harmless when written, restored when read.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, quoted or not. An apostrophe in front
makes it text. If apostrophes stand before such a sign already, one more is added, so taking one off always restores the
cell.
"""

from __future__ import annotations

import re
from typing import Final

# Tabs and line ends too, because text after them may start a cell; and the wide signs of East Asian locales.
_RUNS: Final = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def delimiter_beside(point: str) -> str:
    """Return the cell delimiter that spreadsheets expect where `point` is the decimal separator."""
    return ";" if point == "," else ","


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def unguard(cell: str) -> str:
    """Return the cell that `guard` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
