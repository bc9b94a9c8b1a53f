"""The customer of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.order.preferences import ALLERGY, known_name
from till.domain.order.wishes import with_wishes
from till.domain.text import clean
from till.register.counter import OrderChanged
from till.register.words.preferences import preferences_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.state import Order
    from till.register.register import Register


def attach_customer(
    register: Register, session: str | None, user: int, customer_id: str | None, who: str, known: Mapping[str, str]
) -> OrderChanged:
    """Set the customer of an order. The allergies on their record are put on the order too.

    Args:
        register: the till.
        session: the order; None to open one.
        user: the user.
        customer_id: the id of a known customer; None for a name, or nobody.
        who: the name.
        known: the preferences on the record, by name.
    """
    order, warning = register.sales.attach_customer(session, user, customer_id, who), ""
    for words in (words for name, words in known.items() if known_name(name) == ALLERGY and words):
        noted = with_wishes(order.preferences.get(ALLERGY, ""), words)
        order = register.sales.set_preference(order.id, user, ALLERGY, noted)
        warning = preferences_sentence(order)
    return OrderChanged(order, _attached(order), warning=warning)


def _attached(order: Order) -> str:
    """Return `This order is for Mrs Rao.`"""
    if order.customer is None:
        return _("The customer is off this order.")
    if not order.customer.name:
        return _("This order has its customer.")
    return _("This order is for {name}.").format(name=clean(order.customer.name))
