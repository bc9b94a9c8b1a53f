"""Counts as people say them: `2`, `two`, `a dozen`, `half a dozen`, `2 dozen`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONES: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTS: Final = {word: count for count, word in enumerate(_ONES, 1)} | {"a": 1, "an": 1, "dozen": 12, "twenty": 20}
#: Words that a count multiplies: `2 dozen`, `a couple`.
_GROUPS: Final = {"dozen": 12, "dozens": 12, "couple": 2}
_DIGITS: Final = re.compile(r"\d{1,12}\Z", re.ASCII)
#: A number, alone or attached to a name: `2`, `-2`, `2x`, `2xtea`, `2tea`.
_COUNT: Final = re.compile(r"[-−]?\d{1,12}(?:[x×*]\S*|[^\W\d_]{2}\S*)?\Z", re.ASCII)


class Counted(NamedTuple):
    """A count, and the number of words for it."""

    pieces: int
    words: int


def count_at(words: Sequence[str]) -> Counted | None:
    """Return the count at the beginning of words."""
    first, second, third = (*(word.casefold() for word in words[:3]), "", "", "")[:3]
    if first == "half":
        if second == "dozen":
            return Counted(6, 2)
        return Counted(6, 3) if (second, third) == ("a", "dozen") else None
    count = int(first) if _DIGITS.match(first) else _COUNTS.get(first)
    if count is None:
        return None
    return Counted(count * _GROUPS[second], 2) if second in _GROUPS else Counted(count, 1)


def whole_count(text: str) -> int | None:
    """Return the count that is the whole text; None if there is anything else."""
    words = text.split()
    counted = count_at(words) if words else None
    return counted.pieces if counted is not None and counted.words == len(words) else None


def is_number(word: str) -> bool:
    """True if a word is only a number."""
    return _DIGITS.match(word) is not None


def is_count(word: str) -> bool:
    """True if a word can be the count of a name."""
    return _COUNT.match(word) is not None or word.casefold() in _COUNTS.keys() | {"half"}
