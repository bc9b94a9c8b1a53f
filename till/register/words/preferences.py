"""The words of what a guest may not have, or prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.order.guest_words import preferences_of
from till.domain.order.preferences import ALLERGY
from till.domain.order.wishes import with_wish
from till.register import allergies
from till.register.answers import as_sentence
from till.register.counter import OrderChanged, session_to_key_on
from till.register.words.word import word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


@word()
def allergy(register: Register, before: Order | None, user: int, wish: str = "") -> OrderChanged:
    """Note an allergy beside those of the order; without words clear them."""
    changed = _note(register, before, user, ALLERGY, wish)
    if not wish:
        return changed
    lines = [row.first for row in changed.order.priced.rows if row.quantity > 0] if register.menu.contents else []
    warned = allergies.unknown_to(register.menu, wish), allergies.warning(register.menu, changed.order, lines)
    return OrderChanged(changed.order, changed.sentence, warning=" ".join(filter(None, warned)))


@word()
def no_allergy(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Clear the allergies of the order."""
    return allergy(register, before, user)


@word()
def prefers(register: Register, before: Order | None, user: int, wish: str = "") -> OrderChanged:
    """Note a preference beside those of the order; without words clear them."""
    return _note(register, before, user, "prefers", wish)


@word()
def no_preference(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Clear the preferences of the order."""
    return prefers(register, before, user)


#: The names of these words.
PREFERENCES: Final = frozenset(one.name for one in (allergy, no_allergy, prefers, no_preference))


def _note(register: Register, before: Order | None, user: int, kind: str, wish: str) -> OrderChanged:
    """Note words of a kind beside those of the order, opening one if there is none; without words clear the kind."""
    session = session_to_key_on(before)
    known = before.preferences.get(kind, "") if before is not None and session is not None else ""
    order = register.sales.set_preference(session, user, kind, with_wish(known, wish) if wish else "")
    return OrderChanged(order, preferences_sentence(order))


def preferences_sentence(order: Order) -> str:
    """Return `For this order: Allergy: nuts; Prefers: oat milk.`"""
    words = "; ".join(preferences_of(order)) or _("no preference")
    return as_sentence(_("For this order: {words}").format(words=words))
