"""Counting the cells of text, and shortening it to a number of cells."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Final

from rich import cells
from rich._unicode_data import load
from rich.cells import CellTable, get_character_cell_size, set_cell_size

#: Unicode has no spacing mark beyond those of music.
_LAST_SPACING: Final = 0x1D1FF


@cache
def _with_spacing_marks(version: str = "auto") -> CellTable:
    """Return Rich's table of cells, but a spacing mark, such as a vowel sign of Hindi, is a cell, as in terminals."""
    table = load(version)
    widths: list[tuple[int, int, int]] = []
    for first, last, width in table.widths:
        before = first
        for mark in range(first, last + 1) if width == 0 and last <= _LAST_SPACING else ():
            if unicodedata.category(chr(mark)) == "Mc":
                widths.append((before, mark - 1, 0))
                before = mark + 1
        widths.append((before, last, width))
    return table._replace(widths=[found for found in widths if found[0] <= found[1]])


# All of Rich and Textual look up their cells there: a right column stands right behind any name.
vars(cells)["load_cell_table"] = _with_spacing_marks


@lru_cache(maxsize=1024)
def cell_len(text: str) -> int:
    """Return the cells of a text that was cleaned, so that each character has a width of its own.

    Rich would keep the last 4,096 texts: for a till those of a thousand sales, most of which were shown once.
    """
    return sum(map(get_character_cell_size, text))


def cut(text: str, width: int, tail: str = "…") -> str:
    """Return `text` in at most `width` cells, with a tail if it was cut."""
    if cell_len(text) <= width:
        return text
    room = width - len(tail)
    return set_cell_size(text, room).rstrip() + tail if room > 0 else set_cell_size(text, max(0, width))


def cut_words(text: str, width: int, tail: str = "…") -> str:
    """Return `text` in at most `width` cells, cut at a word: half an amount would be another amount."""
    if cell_len(text) <= width:
        return text
    room = width - len(tail)
    shortened = set_cell_size(text, max(0, room) + 1).rpartition(" ")[0].rstrip()
    return shortened + tail if shortened else ""


def split_words(text: str, width: int) -> tuple[str, str]:
    """Split `text` into the words that fit `width` cells, and the rest."""
    if cell_len(text) <= width:
        return text, ""
    first = set_cell_size(text, max(0, width) + 1).rpartition(" ")[0].rstrip()
    return first, text[len(first) :].lstrip()
