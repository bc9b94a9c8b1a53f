"""Suggestions while typing, on a menu of 10,000 items: in the process, without a screen."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process

from bench import venue
from bench.table import Figure, Sample, under
from till.domain.catalogue.menu import read_menu
from till.domain.money.amount import Currency
from till.register.quick_entry.language import suggestions
from till.register.quick_entry.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.ground import Bench

_ITEMS: Final = 10_000


def typed(count: int) -> list[str]:
    """Return texts that cashiers may type for items: beginnings of their words, one in five mistyped."""
    chance = random.Random(5)  # noqa: S311 - the same at each run
    made: list[str] = []
    while len(made) < count:
        words = venue.item_name(chance.randint(1, _ITEMS)).lower().split()
        cut = [word[: chance.randint(2, len(word))] for word in words[: chance.randint(1, 3)]]
        if len(made) % 5 == 0:
            cut[0] = cut[0][:1] + "q" + cut[0][2:]
        made.append(" ".join(cut))
    return made


def measure(count: int) -> tuple[Sample, Sample]:
    """Measure milliseconds of each suggestion, and of one pass of the fuzzy matcher over all names, in turn."""
    menu = read_menu(venue.menu_body(_ITEMS), Currency("INR"))
    lookup, names = Lookup(menu), [item.name.lower() for item in menu.items]
    suggestions("warm", lookup)
    own, limit = [], []
    for text in typed(count):
        begun = time.perf_counter()
        suggestions(text, lookup)
        middle = time.perf_counter()
        process.extract(text, names, scorer=fuzz.ratio, limit=6)
        own.append(middle - begun)
        limit.append(time.perf_counter() - middle)
    return Sample.of(own, 1000), Sample.of(limit, 1000)


def run(ground: Bench) -> Iterator[Figure]:
    """Yield the cost of a letter before it is painted."""
    own, limit = measure(1000 if ground.full else 400)
    against = "one pass of rapidfuzz over all names"
    yield Figure("suggestions, 10,000 items, p95", own.p95, "ms", limit.p95, against, under(8, "ms"), own)
    yield Figure("suggestions, 10,000 items, median", own.median, "ms", limit.median, against)
