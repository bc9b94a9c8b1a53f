"""Suggestions while typing, on a menu of 10,000 items, without a screen."""

from __future__ import annotations

import contextlib
import random
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz import fuzz, process

from bench import venue
from bench.table import Figure, Sample, under
from till.domain.catalogue.menu import read_menu
from till.domain.errors import TillError
from till.domain.money.amount import Currency
from till.register.quick_entry.language import suggestions, understand
from till.register.quick_entry.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.testbed import Bench

_ITEMS: Final = 10_000


def typed(count: int) -> list[str]:
    """Return texts that cashiers may type for items: the beginnings of their words, one in five with a typing error."""
    chance = random.Random(5)  # noqa: S311 - the same in each run
    made: list[str] = []
    while len(made) < count:
        words = venue.item_name(chance.randint(1, _ITEMS)).lower().split()
        cut = [word[: chance.randint(2, len(word))] for word in words[: chance.randint(1, 3)]]
        if len(made) % 5 == 0:
            cut[0] = cut[0][:1] + "q" + cut[0][2:]
        made.append(" ".join(cut))
    return made


class Measured(NamedTuple):
    """The processor milliseconds of each text: suggestions, parsing, a fuzzy pass, a scan for substrings."""

    suggested: Sample
    understood: Sample
    fuzzy: Sample
    scanned: Sample


def measure(count: int) -> Measured:
    """Measure all four for each text, in turn. The scan finds the names that contain all words of the text."""
    money = Currency("INR")
    menu = read_menu(venue.menu_body(_ITEMS), money)
    lookup, names = Lookup(menu), [item.name.lower() for item in menu.items]

    def understood(text: str) -> None:
        with contextlib.suppress(TillError):
            understand(text, lookup, money)

    def scanned(text: str) -> list[str]:
        words = text.split()
        return [name for name in names if all(word in name for word in words)]

    works: tuple[Callable[[str], object], ...] = (
        lambda text: suggestions(text, lookup),
        understood,
        lambda text: process.extract(text, names, scorer=fuzz.ratio, limit=6),
        scanned,
    )
    taken: list[list[float]] = [[] for _work in works]
    for number, text in enumerate(["warm", *typed(count)]):
        for work, times in zip(works, taken, strict=True):
            begun = time.process_time()
            work(text)
            if number:
                times.append(time.process_time() - begun)
    return Measured(*(Sample.of(times, 1000) for times in taken))


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the cost of the suggestions for a typed text, and of parsing it."""
    found = measure(1000 if testbed.full else 400)
    own, limit, scan = found.suggested, found.fuzzy, "a scan of all names for the typed words"
    against = "one pass of rapidfuzz over all names"
    yield Figure("suggestions, 10,000 items, p95", own.p95, "ms", limit.p95, against, under(5, "ms"), own)
    yield Figure("suggestions, 10,000 items, median", own.median, "ms", limit.median, against)
    own, limit = found.understood, found.scanned
    yield Figure("a sentence understood, 10,000 items, p95", own.p95, "ms", limit.p95, scan, under(1, "ms"), own)
    yield Figure("a sentence understood, 10,000 items, median", own.median, "ms", limit.median, scan)
