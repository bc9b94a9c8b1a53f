"""The search for items by number, barcode, name, prefix of a word, or similarity."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from till.domain.catalogue.labels import read_code
from till.domain.patterns import late
from till.domain.text import comparable_text
from till.register.quick_entry.vocabulary import shipped_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.catalogue.labels import Scanned
    from till.domain.catalogue.menu import Item, Menu
    from till.domain.catalogue.promotions import Promotion
    from till.register.quick_entry.vocabulary import Vocabulary

#: The least similarity (0 to 100) of a suggestion for a mistyped word.
_NEAR: Final = 72
#: Below this similarity only a single typing error is accepted: “idyl” is Idly, but “blah” is not Bath.
_ALIKE: Final = 80
#: The shortest word with suggestions by similarity.
_GUESSED: Final = 3
#: The number of cached searches: the readings of one sentence mostly look for the same words.
_KEPT: Final = 256
#: A length above that of any name.
_LONGER: Final = 10**6
_WORD: Final = late(r"\S+")
_NUMBERS: Final = late(r"\d+")


def prefix_spans(name: str, typed: str) -> tuple[tuple[int, int], ...]:
    """Return the typed parts of a name, each a prefix of a word, as (start, end)."""
    tokens = comparable_text(typed).split()
    found: list[tuple[int, int]] = []
    for word in _WORD.finditer(name):
        token = max((one for one in tokens if comparable_text(word[0]).startswith(one)), key=len, default="")
        if token:
            length = next(n for n in range(1, len(word[0]) + 1) if comparable_text(word[0][:n]).startswith(token))
            found.append((word.start(), word.start() + length))
    return tuple(found)


class _Words:
    """An index of items by the prefixes of their words."""

    def __init__(self, words: set[tuple[str, int]]) -> None:
        self.pairs = sorted(words)
        self._keys = [word for word, _place in self.pairs]
        self._items = [place for _word, place in self.pairs]

    def starting(self, token: str) -> frozenset[int]:
        """Return the places of the items with a word that starts with the token."""
        first = bisect_left(self._keys, token)
        last = bisect_left(self._keys, token + "\U0010ffff")
        return frozenset(self._items[first:last])


class Lookup:
    """An index of one version of a menu, used at every key press. `words` is the vocabulary of the entry line.

    Args:
        menu: the menu.
        vocabulary: the words of the entry line, or the name of those that ship with the till.
        labels: the pictures of the venue's labels.
        combos: the combos of the venue, by number or name.
    """

    def __init__(
        self,
        menu: Menu,
        vocabulary: Vocabulary | str = "en",
        labels: str = "",
        combos: Iterable[Promotion] = (),
    ) -> None:
        self.menu = menu
        self._combos = {comparable_text(key): one for one in combos for key in (one.name, one.number) if key}
        self.labels = labels
        self.words = shipped_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary
        self._exact: dict[str, list[Item]] = {}
        words: set[tuple[str, int]] = set()
        within: set[tuple[str, int]] = set()
        self._names: list[str] = []
        for place, item in enumerate(menu.items):
            names = [comparable_text(name) for name in (item.name, *item.aliases)]
            self._names.append(names[0])
            for name in dict.fromkeys(names):
                self._exact.setdefault(name, []).append(item)
                first, *others = name.split() or [""]
                words.add((first, place))
                (words if name == names[0] else within).update((word, place) for word in others)
        #: Words of names, and the first word of each alias. Other words of aliases are searched only if these fail.
        self._words = _Words(words)
        self._within = _Words(words | within)
        self._places: dict[str, list[int]] = {}
        for word, place in self._within.pairs:
            self._places.setdefault(word, []).append(place)
        self._numbered = tuple(name.replace(" ", "") for name in self._exact if name[:1].isdigit())
        self._vocabulary = list(self._places)
        self._sold_out = frozenset(place for place, item in enumerate(menu.items) if item.sold_out)
        self.places = lru_cache(_KEPT)(self._find_places)
        self._search = lru_cache(_KEPT)(self._find)

    def exact(self, text: str) -> Item | None:
        """Return the only item with exactly this name, alias or barcode; None if there is none or several."""
        if found := self.menu.by_barcode.get(text.strip()):
            return found
        named = self._exact.get(comparable_text(text), [])
        return named[0] if len(named) == 1 else None

    def number(self, digits: str) -> Item | None:
        """Return the item of a barcode or a PLU; None if there is none."""
        if found := self.menu.by_barcode.get(digits):
            return found
        return self.menu.by_plu.get(int(digits)) if len(digits) <= 9 else None  # noqa: PLR2004 - more is no PLU

    def scanned(self, code: str) -> Scanned | None:
        """Return the meaning of a scanned code, with the weight or price of a label; None if it has none.

        Raises:
            LabelError: a label was misread.
        """
        return read_code(code, self.menu, self.labels)

    def combo(self, text: str) -> Promotion | None:
        """Return the combo with this name or number; None if there is none, or an item has the number."""
        found = self._combos.get(comparable_text(text)) if self._combos else None
        return None if found is not None and text.isdigit() and self.number(text) is not None else found

    def begins_with_number(self, text: str) -> bool:
        """True if the text is a prefix of a name that begins with a number, such as “7up”, ignoring spaces."""
        typed = comparable_text(text).replace(" ", "") if self._numbered else ""
        return any(name.startswith(typed) for name in self._numbered)

    def search(self, text: str, limit: int = 9, *, near: bool = True) -> list[Item]:
        """Return items whose words start with the typed words, best first; with `near`, else similar items."""
        return list(self._search(comparable_text(text), limit, near))

    def _find(self, typed: str, limit: int, near: bool) -> list[Item]:
        tokens = typed.split()
        if not tokens:
            return []
        places = self.places(typed)
        if not places:
            return self._near(tokens, typed, limit) if near else []
        return [self.menu.items[place] for *_rank, place in sorted(map(self._ranks(typed), places))[:limit]]

    def _find_places(self, text: str) -> frozenset[int]:
        """Return the places on the menu of all items whose words start with the typed words."""
        tokens = comparable_text(text).split()
        if not tokens:
            return frozenset()
        found = frozenset.intersection(*map(self._words.starting, tokens))
        return found or frozenset.intersection(*map(self._within.starting, tokens))

    @staticmethod
    def begins(text: str, item: Item) -> bool:
        """True if every typed word is a prefix of a word of the item."""
        words = [word for name in (item.name, *item.aliases) for word in comparable_text(name).split()]
        return all(any(word.startswith(typed) for word in words) for typed in comparable_text(text).split())

    def beginning(self, text: str, limit: int = 9) -> list[Item]:
        """Return items whose words start with the typed words; each typed number must match a number in the name."""
        return _with_numbers(text, self.search(text, limit, near=False))

    def like(self, text: str, limit: int = 9) -> list[Item]:
        """Return items with a similar name, best first. Typed numbers must match exactly."""
        return _with_numbers(text, self.search(text, limit))

    @staticmethod
    def unread(text: str, item: Item) -> str:
        """Return the typed words that are like no part of an item's names."""
        from rapidfuzz import fuzz  # noqa: PLC0415 - not needed for the first paint

        names = [comparable_text(name) for name in (item.name, *item.aliases)]
        known, joined = [word for name in names for word in name.split()], [name.replace(" ", "") for name in names]

        def is_like(word: str) -> bool:
            near = any(fuzz.partial_ratio(word, name) >= _NEAR for name in joined) if len(word) >= _GUESSED else False
            return near or any(one.startswith(word) or fuzz.ratio(word, one) >= _NEAR for one in known)

        return " ".join(word for word in text.split() if not is_like(comparable_text(word)))

    def _ranks(self, typed: str) -> Callable[[int], tuple[bool, int, int]]:
        """Return the sort key of a place: items not sold out first, then the shortest name with the typed prefix."""
        names, sold_out = self._names, self._sold_out

        def rank(place: int) -> tuple[bool, int, int]:
            name = names[place]
            return place in sold_out, len(name) if name.startswith(typed) else _LONGER, place

        return rank

    def _near(self, tokens: list[str], typed: str, limit: int) -> list[Item]:
        """Return items with a word similar to each typed word; else items with a similar whole name."""
        from rapidfuzz import distance, fuzz, process  # noqa: PLC0415 - not needed for the first paint

        if len(typed) < _GUESSED:
            return []
        scores: dict[int, float] | None = None
        for token in tokens:
            alike: dict[int, float] = dict.fromkeys(self._within.starting(token), 100.0)
            if len(token) >= _GUESSED:
                words = process.extract(token, self._vocabulary, scorer=fuzz.ratio, limit=limit, score_cutoff=_NEAR)
                for word, score, _index in words:
                    if score < _ALIKE and distance.OSA.distance(token, word) > 1:
                        continue
                    for place in self._places[word]:
                        alike[place] = max(score, alike.get(place, 0))
            shared = alike.keys() if scores is None else alike.keys() & scores.keys()
            scores = {place: alike[place] + (scores or {}).get(place, 0) for place in shared}
        if not scores:
            names = process.extract(typed, self._names, scorer=fuzz.ratio, limit=limit, score_cutoff=_NEAR)
            typed_words = set(tokens)
            scores = {
                place: score
                for name, score, place in names
                if score >= _ALIKE or not typed_words.isdisjoint(name.split())
            }
        found, rank = scores, self._ranks(typed)
        best = nsmallest(limit, found, key=lambda place: (-found[place], rank(place)))
        return [self.menu.items[place] for place in best]


def _with_numbers(text: str, items: list[Item]) -> list[Item]:
    typed = _NUMBERS.findall(comparable_text(text))
    return [item for item in items if _has_numbers(item, typed)] if typed else items


def _has_numbers(item: Item, typed: list[str]) -> bool:
    """True if each typed number is a prefix of a different number in the item's names."""
    names = " ".join(comparable_text(name) for name in (item.name, *item.aliases))
    own = sorted(_NUMBERS.findall(names), key=len)
    for number in sorted(typed, key=len, reverse=True):
        found = next((one for one in own if one.startswith(number)), None)
        if found is None:
            return False
        own.remove(found)
    return True
