"""Cells of a table for spreadsheets, made harmless on the way out and the same again on the way in.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, in quotes or not. An apostrophe before it
makes it text; where there were apostrophes before such a sign already, one more is put in front, so that taking
one off always gives back what was there.
"""

from __future__ import annotations

import re
from typing import Final

# Tabs and line ends too, for what follows them may start a cell of its own; and the wide signs of East Asian locales.
_RUNS: Final = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def delimiter_beside(point: str) -> str:
    """What stands between cells where `point` stands before decimals: what spreadsheets there expect."""
    return ";" if point == "," else ","


def guard(cell: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
