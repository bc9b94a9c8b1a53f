"""The words of the guests of an order, its allergies first, and the head that they make of its tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _
from till.domain.kitchen.head import TicketHead
from till.domain.order.preferences import ALLERGY, LANGUAGE
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from till.domain.order.state import Order

#: The kinds of preferences that are typed at a till; a program may name others.
_TYPED: Final = {ALLERGY: N_("Allergy"), "prefers": N_("Prefers")}
_NOTE: Final = "note"


def preferences_of(order: Order) -> tuple[str, ...]:
    """Return the guest's preferences in words, `Allergy: nuts`; the language of the papers is none of them."""
    return tuple(preference_words(*one) for one in order.preferences.items() if one[0] != LANGUAGE)


def guest_words(words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the preferences of an order, allergies first, and its note, as a cashier reads them before taking money.

    Args:
        words: the preferences of an order by name, and its note under the name `note`.
    """
    named = sorted((one for one in words.items() if one[0] not in {LANGUAGE, _NOTE}), key=lambda one: one[0] != ALLERGY)
    note = words.get(_NOTE, "")
    noted = [_("Note: {words}").format(words=clean(note))] if note else []
    return (*(f"▲ {preference_words(*one)}" for one in named), *noted)


def words_on(order: Order) -> tuple[str, ...]:
    """Return the preferences and the note of an order, as `guest_words`."""
    return guest_words({**order.preferences, _NOTE: order.note})


def preference_words(name: str, value: str) -> str:
    """Return a preference in words, `Allergy: nuts`."""
    called = _(_TYPED[name]) if name in _TYPED else capitalize_first(clean(name))
    return f"{called}: {clean(value)}"


def head_of(order: Order) -> TicketHead:
    """Return the head of the tickets of an order, with all its preferences."""
    allergy = order.preferences.get(ALLERGY, "")
    others = tuple(one for one in order.preferences.items() if one[0] not in {ALLERGY, LANGUAGE})
    return TicketHead((allergy,) if allergy else (), others, (order.note,) if order.note else ())


def seen_in_kitchen(head: TicketHead, listed: Collection[str]) -> TicketHead:
    """Return a head with the preferences that the kitchen sees: those typed at a till, and some of a program.

    Args:
        head: the head.
        listed: the names of those of a program, in any case.
    """
    seen = {*_TYPED, *(name.casefold() for name in listed)}
    return replace(head, preferences=tuple(one for one in head.preferences if one[0].casefold() in seen))


def head_words(head: TicketHead) -> tuple[list[str], list[str]]:
    """Return the allergies of a head, and what else it says, as the kitchen reads them."""
    allergies = [preference_words(ALLERGY, one).upper() for one in head.allergies]
    return allergies, [*(preference_words(*one) for one in head.preferences), *map(clean, head.notes)]
