"""Warnings of allergies: dishes that contain what guests may not have, and words that the menu does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.catalogue.allergens import contains_in_words, named_by, unknown_words
from till.domain.i18n import _, ngettext
from till.domain.order.preferences import ALLERGY
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.catalogue.menu import Menu
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def allergies_of(order: Order) -> str:
    """Return the allergies of an order in the words of its guests; empty for none."""
    return order.preferences.get(ALLERGY, "")


def warning(menu: Menu, order: Order, lines: Iterable[Line]) -> str:
    """Return the warning of lines that contain what the allergies of their order name, or that do not state it.

    Empty if there is nothing to say, which says of no dish that it is free of something.
    """
    if not (allergy := allergies_of(order)):
        return ""
    named, silent = dict[str, str](), dict[str, None]()
    for line in lines:
        contains = menu.contains_of(line.item_id, [one.name for one in line.modifiers])
        if found := named_by(allergy, contains):
            named[_("{item} contains {what}").format(item=clean(line.name), what=contains_in_words(found))] = ""
        elif not menu.contains_of(line.item_id):
            silent[clean(line.name)] = None
    sentences = []
    if named:
        sentence = _("{dishes}, and this order has an allergy: {allergy}.")
        sentences.append(sentence.format(dishes="; ".join(named), allergy=clean(allergy)))
    if silent:
        one, many = _("What {dishes} contains is not stated."), _("What {dishes} contain is not stated.")
        sentences.append((one if len(silent) == 1 else many).format(dishes=", ".join(silent)))
    return " ".join(sentences)


def unknown_to(menu: Menu, words: str) -> str:
    """Return a warning of words that name nothing that a dish of the menu could contain; empty without one."""
    sentence = _("The menu does not know “{words}”: ask the kitchen.")
    return " ".join(sentence.format(words=one) for one in unknown_words(words, menu.contents))


class Contents(Struct, frozen=True):
    """The dishes of a menu that contain something, each with what that is; `silent` counts those that do not say."""

    dishes: tuple[tuple[str, str], ...]
    silent: int

    @property
    def silent_in_words(self) -> str:
        """The number of dishes that state nothing, in words; empty for none."""
        if not self.silent:
            return ""
        return ngettext("{n} dish: not stated.", "{n} dishes: not stated.", self.silent).format(n=self.silent)


def dishes_with(menu: Menu, words: str) -> Contents:
    """Return the dishes that contain what words name, also in a choice of theirs, in the menu's order."""
    found: list[tuple[str, str]] = []
    for item in menu.items:
        if named := named_by(words, item.contains):
            found.append((clean(item.name), contains_in_words(named)))
        for option in (one for group in menu.groups_of(item) for one in group.options):
            if named := named_by(words, option.contains):
                name = _("{name} with {choice}").format(name=clean(item.name), choice=clean(option.name))
                found.append((name, contains_in_words(named)))
    return Contents(tuple(found), sum(not item.contains for item in menu.items))


def none_with(words: str) -> str:
    """Return the sentence for a menu that names no dish with something: it says of none that it is free of it."""
    return _("The menu names no dish with “{words}”.").format(words=clean(words))
