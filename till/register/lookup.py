"""Finding an item by what was typed: number, barcode, name, the start of its words, or nearly so."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.catalogue import Item, Menu

#: How alike a mistyped word must be (0 to 100) before it is offered.
_NEAR: Final = 72
#: Shorter words are typed on, not guessed at.
_GUESSED: Final = 3


def folded(text: str) -> str:
    """A name as it is compared: no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


class Lookup:
    """An index over one menu: made once for each version, asked at every key."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self._exact: dict[str, list[Item]] = {}
        words: set[tuple[str, int]] = set()
        self._names: list[str] = []
        for place, item in enumerate(menu.items):
            names = [folded(name) for name in (item.name, *item.aliases)]
            self._names.append(names[0])
            for name in dict.fromkeys(names):
                self._exact.setdefault(name, []).append(item)
                words.update((word, place) for word in name.split())
        self._words = sorted(words)
        self._keys = [word for word, _place in self._words]

    def exact(self, text: str) -> Item | None:
        """The one item of exactly this name, alias or barcode."""
        if found := self.menu.by_barcode.get(text.strip()):
            return found
        named = self._exact.get(folded(text), [])
        return named[0] if len(named) == 1 else None

    def number(self, digits: str) -> Item | None:
        """The item of a barcode, or of a PLU."""
        if found := self.menu.by_barcode.get(digits):
            return found
        return self.menu.by_plu.get(int(digits)) if len(digits) <= 9 else None  # noqa: PLR2004 - more is no PLU

    def search(self, text: str, limit: int = 9) -> list[Item]:
        """Items whose words begin with the words typed, best first; else the nearest names."""
        tokens = folded(text).split()
        if not tokens:
            return []
        places = self._starting(tokens[0])
        for token in tokens[1:]:
            places &= self._starting(token)
            if not places:
                break
        if not places:
            return self._near(" ".join(tokens), limit)
        typed = " ".join(tokens)
        best = sorted(places, key=lambda place: self._rank(typed, place))
        return [self.menu.items[place] for place in best[:limit]]

    @staticmethod
    def begins(text: str, item: Item) -> bool:
        """Whether every word typed begins a word of the item: it is meant, and not merely like it."""
        words = [word for name in (item.name, *item.aliases) for word in folded(name).split()]
        return all(any(word.startswith(typed) for word in words) for typed in folded(text).split())

    def _starting(self, token: str) -> set[int]:
        first = bisect_left(self._keys, token)
        last = bisect_left(self._keys, token + "\U0010ffff")
        return {place for _word, place in self._words[first:last]}

    def _rank(self, typed: str, place: int) -> tuple[bool, bool, int, int]:
        name = self._names[place]
        item = self.menu.items[place]
        return (item.sold_out, not name.startswith(typed), len(name) if name.startswith(typed) else 0, place)

    def _near(self, typed: str, limit: int) -> list[Item]:
        if len(typed) < _GUESSED:
            return []
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - first paint does without it

        scorer = fuzz.ratio if " " in typed else fuzz.partial_ratio
        found: Iterable[tuple[str, float, int]] = process.extract(
            typed, self._names, scorer=scorer, limit=limit, score_cutoff=_NEAR
        )
        return [self.menu.items[place] for _name, _score, place in found]
