"""Counts in figures and words: `2`, `two`, `a dozen`, `half a dozen`, `2 dozen`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.patterns import late
from till.register.quick_entry.vocabulary import all_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.register.quick_entry.vocabulary import Numbers, Vocabulary

_DIGITS: Final = late(r"\d{1,12}\Z", re.ASCII)
#: A number, alone or attached to a name: `2`, `-2`, `2x`, `2xtea`, `2tea`.
_COUNT: Final = late(r"[-−]?\d{1,12}(?:[x×*]\S*|[^\W\d_]{2}\S*)?\Z", re.ASCII)


class TypedCount(Struct, frozen=True):
    """A count, and the number of words for it."""

    pieces: int
    words: int


def count_at(words: Sequence[str], known: Vocabulary | Numbers) -> TypedCount | None:
    """Return the count at the beginning of the words; None if there is none."""
    first = [word.casefold() for word in words[: known.longest_number + 1]]
    counted = TypedCount(int(first[0]), 1) if first and _DIGITS.match(first[0]) else None
    for length in range(len(first), 0, -1):
        if counted is None and (pieces := known.numbers.get(" ".join(first[:length]))) is not None:
            counted = TypedCount(pieces, length)
    if counted is None or counted.words >= len(first) or first[counted.words] not in known.groups:
        return counted
    return TypedCount(counted.pieces * known.groups[first[counted.words]], counted.words + 1)


def spelt_at(words: Sequence[str], known: Vocabulary) -> TypedCount | None:
    """Return the count in words at the beginning of the words, in any language that ships with the till.

    None if there is none, or if it is only one piece, as an article says it too.
    """
    for numbers in (known, all_numbers()):
        counted = count_at(words, numbers)
        if counted is not None and counted.pieces > 1 and not is_number(words[0]):
            return counted
    return None


def whole_count(text: str, known: Vocabulary) -> int | None:
    """Return the count if it is the whole text; otherwise None."""
    words = text.split()
    counted = count_at(words, known) if words else None
    return counted.pieces if counted is not None and counted.words == len(words) else None


def is_number(word: str) -> bool:
    """True if a word is only a number."""
    return _DIGITS.match(word) is not None


def is_count(word: str, known: Vocabulary) -> bool:
    """True if a word can be the count before a name."""
    return _COUNT.match(word) is not None or word.casefold() in known.number_starts
