"""The words of the buyer of an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.order.state import Buyer
from till.domain.text import clean
from till.register.counter import OrderChanged, session_to_key_on
from till.register.words.word import word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


@word()
def invoice(register: Register, before: Order | None, user: int, of: str = "") -> OrderChanged:
    """Name the buyer of an invoice as `read_buyer` reads it, opening an order if there is none; empty for nobody."""
    buyer = read_buyer(of)
    register.fiscal.check_buyer(buyer)
    order = register.sales.name_buyer(session_to_key_on(before), user, buyer)
    return OrderChanged(order, buyer_named(order))


@word()
def no_invoice(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Name nobody as the buyer."""
    return invoice(register, before, user)


def buyer_named(order: Order) -> str:
    """Return `Invoice to Rao & Sons, 29ABCDE1234F1Z5.`"""
    if order.buyer is None:
        return _("The invoice names nobody.")
    known = ", ".join(filter(None, (clean(order.buyer.name), clean(order.buyer.tax_number))))
    return _("Invoice to {known}.").format(known=known)


def read_buyer(words: str) -> Buyer | None:
    """Read a buyer as it is typed: a name, a tax number and an address, with commas between; None for nobody.

    The number is the first part after the name that has a digit or nothing in it: “Rao, S.L., B12345674”.
    """
    first, *rest = (part.strip() for part in words.split(","))
    at = next((place for place, part in enumerate(rest) if not part or any(map(str.isdecimal, part))), len(rest))
    if not first:
        return None
    return Buyer(", ".join((first, *rest[:at])), "".join(rest[at : at + 1]), ", ".join(rest[at + 1 :]))
