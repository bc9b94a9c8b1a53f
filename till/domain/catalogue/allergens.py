"""The contents of dishes: the allergens of Annex II of Regulation (EU) 1169/2011, and the venue's own words.

Words match as a guest speaks, in any language of a till: by whole words, in the singular or the plural. A match
warns. No match says nothing: no dish is ever called free of something.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from till.domain.i18n import LANGUAGES, N_, _, translations
from till.domain.text import clean, comparable_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from till.domain.catalogue.menu import Menu

#: The allergens, each with its usual other words. A word may name several: `nuts` warns of peanuts too.
ALLERGENS: Final = {
    N_("gluten"): N_("wheat, rye, barley, oat, spelt, kamut, semolina, coeliac, celiac"),
    N_("crustaceans"): N_("shellfish, seafood, shrimp, prawn, crab, lobster, crayfish, langoustine"),
    N_("eggs"): N_("mayonnaise, albumen"),
    N_("fish"): N_("seafood, anchovy, anchovies, tuna, salmon, cod"),
    N_("peanuts"): N_("nut, groundnut, monkey nut"),
    N_("soybeans"): N_("soy, soya, soybean, tofu, edamame"),
    N_("milk"): N_("dairy, lactose, casein, whey, butter, cream, cheese, yoghurt, yogurt, curd, ghee, paneer"),
    N_("nuts"): N_("almond, hazelnut, walnut, cashew, pecan, pistachio, macadamia"),
    N_("celery"): N_("celeriac"),
    N_("mustard"): N_("dijon"),
    N_("sesame"): N_("tahini, sesame seed"),
    N_("sulphites"): N_("sulfite, sulphur dioxide, sulfur dioxide"),
    N_("lupin"): N_("lupine, lupini"),
    N_("molluscs"): N_("mollusk, shellfish, seafood, mussel, oyster, clam, scallop, squid, octopus, snail"),
}
#: Words beside the name of an allergen. Any other word that no dish has is told to the person who typed it.
_FILLERS: Final = N_("a, all, allergic, allergy, and, any, are, guest, intolerant, is, of, or, severe, the, to, very")
_BETWEEN: Final = ","
_PARTS: Final = ",;/&+"

_Words = tuple[str, ...]


def contains_in_words(contains: Iterable[str]) -> str:
    """Return the contents of a dish, `milk, nuts`, in the language of whoever reads it; `Not stated` for nothing."""
    return ", ".join(_(one) if one in ALLERGENS else clean(one) for one in contains) or _("Not stated")


def canonical_name(words: str) -> str:
    """Return the name under which a menu keeps a word of the venue: that of the allergen that it names exactly."""
    typed = _words_of(words)
    named = (one for one in ALLERGENS for name in _names_of(one) if len(name) == len(typed) and _is_at(name, typed, 0))
    return next(named, words)


def named_by(allergy: str, contains: Iterable[str]) -> _Words:
    """Return those contents of a dish that the words of an allergy name."""
    named, words = _allergens_of(allergy), _words_of(allergy)
    return tuple(
        one
        for one in contains
        if named & (frozenset({one}) if one in ALLERGENS else _allergens_of(one)) or _meet(_words_of(one), words)
    )


def kitchen_words(menu: Menu, allergies: Sequence[str], item_id: str, choices: Sequence[str]) -> str:
    """Return the words under a dish for the kitchen, `CONTAINS NUTS`, or that a menu with contents does not state them.

    Empty if there is no allergy, or if the dish contains nothing that it names.
    """
    if not allergies or not menu.contents:
        return ""
    if found := named_by(", ".join(allergies), menu.contains_of(item_id, choices)):
        return _("CONTAINS {what}").format(what=contains_in_words(found).upper())
    return "" if menu.contains_of(item_id) else _("Contents not stated")


def unknown_words(allergy: str, contents: Iterable[str]) -> _Words:
    """Return the words of an allergy that name neither an allergen nor any of the contents of a menu."""
    own = [_words_of(one) for one in contents]
    phrases = [*own, *_phrases(_FILLERS), *(phrase for one in ALLERGENS for phrase in _phrases_of(one))]
    found = []
    for part in allergy.translate(dict.fromkeys(map(ord, _PARTS), "\n")).split("\n"):
        words = _words_of(part)
        known = {at + n for phrase in phrases for at in _places(phrase, words) for n in range(len(phrase))}
        if not any(words and _places(words, phrase) for phrase in own):
            found.append(" ".join(word for n, word in enumerate(_split(clean(part))) if n not in known))
    return tuple(filter(None, found))


@lru_cache(maxsize=256)
def _allergens_of(text: str) -> frozenset[str]:
    """Return the allergens that the words of a text name."""
    words = _words_of(text)
    return frozenset(one for one in ALLERGENS if any(_places(phrase, words) for phrase in _phrases_of(one)))


def _phrases_of(allergen: str) -> Iterator[_Words]:
    """Yield the names of an allergen and its other words in each language."""
    yield from _names_of(allergen)
    yield from _phrases(ALLERGENS[allergen])


def _names_of(name: str) -> list[_Words]:
    """Return the name of an allergen in each language."""
    return [_words_of(translations(one).sentences.get(name, name)) for one in LANGUAGES]


def _phrases(listed: str) -> Iterator[_Words]:
    """Yield listed words in each language."""
    for language in LANGUAGES:
        for phrase in translations(language).sentences.get(listed, listed).split(_BETWEEN):
            yield _words_of(phrase)


@lru_cache(maxsize=1024)
def _words_of(text: str) -> _Words:
    return tuple(map(comparable_text, _split(clean(text))))


def _split(text: str) -> list[str]:
    """Return the words of a text: letters with their marks, and digits."""
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text).split()


def _meet(one: _Words, other: _Words) -> bool:
    """True if either holds the other as whole words."""
    return bool(one and other and (_places(one, other) or _places(other, one)))


def _places(phrase: _Words, words: _Words) -> list[int]:
    """Return the places at which words hold a phrase."""
    return [at for at in range(len(words) - len(phrase) + 1) if phrase and _is_at(phrase, words, at)]


def _is_at(phrase: _Words, words: _Words, at: int) -> bool:
    return len(words) - at >= len(phrase) and all(map(_alike, phrase, words[at:]))


def _alike(one: str, other: str) -> bool:
    """True if two words are the same, or one is the plural of the other."""
    short, long = sorted((one, other), key=len)
    return long in {short, short + "s", short + "es"}
