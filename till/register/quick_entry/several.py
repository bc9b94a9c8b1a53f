"""Entries with several items: all of them are keyed, or none."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, AskedBackError, NotOnMenuError, QuantityError, TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.register.quick_entry.counts import is_count, is_number, whole_count
from till.register.quick_entry.intents import AddAll, AddItem, Choose
from till.register.quick_entry.items import nearest_one, read_item, split_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.slots import Amounts
    from till.register.quick_entry.vocabulary import Vocabulary

#: The most words of a list of items.
_WORDS: Final = 24
#: The most readings of a list to consider.
_READINGS: Final = 4
#: The most items named in a question.
_NAMED: Final = 3
#: The separators between the items of an entry. A comma between digits groups thousands.
_MARKS: Final = re.compile(r"\s*(?:(?<!\d),|,(?!\d)|;)\s*")


@cache
def _conjunctions(known: Vocabulary) -> re.Pattern[str]:
    """Return the pattern of the words that join items, such as “and”."""
    return re.compile(rf"\s+(?:{'|'.join(map(re.escape, known.of('and')))})\s+", re.IGNORECASE)


def read_several(text: str, lookup: Lookup, money: Amounts, *, near: bool = False) -> AddAll | None:
    """Read several items in one entry: `2 tea, 1 coffee`, `2 tea and 1 coffee`, `2 tea 1 coffee`, `2 43, 21`.

    Return None if the text names no items. If it names one, every part must be an item, or similar to one. With `near`
    it is enough if they are similar.
    """
    parted = ([part for part in form.split(text) if part] for form in (_MARKS, _conjunctions(lookup.words)))
    chunks = next((found for found in parted if len(found) > 1), None)
    is_parted = chunks is not None
    if chunks is None:
        words = text.split(" ")
        if readings := _readings(words, lookup, money):
            return AddAll(_sure(readings))
        chunks = _at_counts(words, lookup.words)
    if len(chunks) < 2 or not (near or any(_reads(chunk, lookup, money) for chunk in chunks)):  # noqa: PLR2004 - one is no list
        return None
    by_number = is_parted and all(split_quantity(chunk, lookup)[1].isdigit() for chunk in chunks)
    parts = [_items(chunk, lookup, money, by_number=by_number) for chunk in chunks]
    return AddAll(
        tuple(item for part in parts for item in part.items), tuple(item for part in parts for item in part.near)
    )


def _reads(text: str, lookup: Lookup, money: Amounts) -> bool:
    try:
        return read_item(text, lookup, money) is not None
    except TillError:
        return False


def _items(text: str, lookup: Lookup, money: Amounts, *, by_number: bool = False) -> AddAll:
    """Return the items of a part of an entry; a number alone is an item only if all parts are `by_number`."""
    text = lookup.words.without("lead", text)
    if is_number(text) and not by_number:
        raise NotOnMenuError(_("“{number}” is an item's number: key it by itself.").format(number=text[:20]))
    one = read_item(text, lookup, money)
    if one is not None:
        return AddAll(_sure([(one,)]))
    several = read_several(text, lookup, money)
    if several is not None:
        return several
    near = _sure([(nearest_one(text, lookup, money),)])
    return AddAll(near, near)


def _at_counts(words: Sequence[str], known: Vocabulary) -> list[str]:
    """Split words before each count that is followed by more words."""
    starts = [
        0,
        *(at for at, word in enumerate(words) if 0 < at < len(words) - 1 and is_count(word, known)),
        len(words),
    ]
    return [" ".join(words[start:end]) for start, end in pairwise(starts) if start < end]


Reading = tuple["AddItem | Choose", ...]


def _readings(words: Sequence[str], lookup: Lookup, money: Amounts) -> list[Reading]:
    """Return the readings of the words as several items, shortest first. A count must separate two items."""
    if len(words) > _WORDS:
        return []
    ends: dict[int, list[Reading]] = {0: [()]}
    for end in range(1, len(words) + 1):
        if end < len(words) and not (is_count(words[end], lookup.words) or is_count(words[end - 1], lookup.words)):
            continue
        found: list[Reading] = []
        for start, before in ends.items():
            part = _part(words[start:end], lookup, money) if before else None
            if part is not None:
                found += [reading for one in before if (reading := (*one, part)) not in found]
        ends[end] = sorted(found, key=len)[:_READINGS]
    return [reading for reading in ends[len(words)] if len(reading) > 1]


def _part(words: Sequence[str], lookup: Lookup, money: Amounts) -> AddItem | Choose | None:
    if all(whole_count(word, lookup.words) is not None for word in words):
        return None
    try:
        return read_item(" ".join(words), lookup, money)
    except (QuantityError, AmountError):
        return None


def _sure(readings: Sequence[Reading]) -> tuple[AddItem, ...]:
    """Return the items of the shortest reading."""
    first, *others = readings
    if others and len(others[0]) == len(first):
        sentence = _("Is that {one}, or {other}? Put a comma between the items.")
        raise AskedBackError(sentence.format(one=_describe(first), other=_describe(others[0])))
    items = []
    for part in first:
        if isinstance(part, Choose):
            named = ", ".join(clean(item.name) for item in part.items[:_NAMED])
            more = "…" if len(part.items) > _NAMED else ""
            sentence = _("Which {name}: {items}{more}? Nothing was keyed.")
            raise AskedBackError(sentence.format(name=clean(part.query), items=named, more=more))
        items.append(part)
    return tuple(items)


def _describe(reading: Reading) -> str:
    return ", ".join(
        f"{part.quantity} {clean(part.query if isinstance(part, Choose) else part.item.name)}" for part in reading
    )
