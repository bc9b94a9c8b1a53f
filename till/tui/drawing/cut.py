"""Counting the cells of text, and shortening it to a number of cells."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import get_character_cell_size, set_cell_size


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
