"""The words of allergens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.text import clean
from till.register.allergies import dishes_with, none_with, unknown_to
from till.register.words.word import Needs, word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


@word(needs=Needs.NOTHING)
def contains(register: Register, before: Order | None, user: int, wish: str = "") -> str:
    """List the dishes that contain something. It never says that one is free of it."""
    del before, user
    found = dishes_with(register.menu, wish)
    sentence = none_with(wish)
    if found.dishes:
        dishes = ", ".join(name for name, _what in found.dishes)
        sentence = _("Contains {words}: {dishes}.").format(words=clean(wish), dishes=dishes)
    parts = unknown_to(register.menu, wish), sentence, found.silent_in_words
    return " ".join(filter(None, parts))
