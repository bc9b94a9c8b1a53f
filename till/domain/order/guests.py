"""Decisions on the guests of an order: who they are, and what they prefer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import (
    TillError,
)
from till.domain.events.fields import LONGEST
from till.domain.i18n import N_
from till.domain.order.deciding import (
    check_open,
    event_of,
)
from till.domain.order.events import (
    ChangeUndone,
    CustomerAttached,
    PreferenceSet,
)
from till.domain.order.preferences import known_name
from till.domain.order.state import Customer
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order


class TooLongError(TillError):
    """Words of a guest that are too long. None are cut: a guest may be allergic to what is left out."""

    code = "too_long"
    default = N_("Those words are too long together: shorten them first.")


def set_preference(order: Order, name: str, value: str) -> list[Draft]:
    """Set a preference of the guest for the whole order; an empty value clears it, or does nothing if there is none.

    It takes the place of what this till had heard. Words that the server repeated since are named, since the fold keeps
    what its till may not have seen.
    """
    check_open(order)
    name, kept = clean(name), clean(value).strip()
    if len(kept) > LONGEST:
        raise TooLongError
    if not kept and known_name(name) not in order.preferences:
        return []
    stays = {at: one for at, one in order.preferences_set.items() if not order.has_heard(at)}
    repeated = [at for at, one in stays.items() if one.name == known_name(name)]
    undone = [event_of(order, ChangeUndone(event=at)) for at in repeated if at not in order.undone]
    return [event_of(order, PreferenceSet(name=name, value=kept)), *undone]


def attach_customer(order: Order, customer_id: str | None, who: str) -> list[Draft]:
    """Set the customer of an order: a known customer by id, or only a name. With neither, clear the customer.

    A name alone is also the name of the guest whom a program knows by an id: the sale keeps it.
    """
    check_open(order)
    kept = clean(who).strip()[:LONGEST]
    if kept and customer_id is None and order.customer is not None and order.is_for_programs_guest:
        customer_id = order.customer.id
    customer = Customer(customer_id, kept) if customer_id or kept else None
    if customer == order.customer:
        return []
    return [event_of(order, CustomerAttached(customer_id=customer_id, who=kept))]
