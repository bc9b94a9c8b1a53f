"""Decisions on invoices: whom one names, and one for a ticket that is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.fields import LONGEST
from till.domain.i18n import _
from till.domain.order.deciding import (
    EmptyOrderError,
    check_open,
    event_of,
)
from till.domain.order.events import (
    BuyerNamed,
    InvoiceIssued,
)
from till.domain.order.state import Buyer
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order


def name_buyer(order: Order, buyer: Buyer | None) -> list[Draft]:
    """Set whom the invoice of an order names; None for nobody."""
    check_open(order)
    if buyer is None:
        return [event_of(order, BuyerNamed())] if order.buyer is not None else []
    kept = _kept_buyer(buyer)
    if kept == order.buyer:
        return []
    return [event_of(order, BuyerNamed(name=kept.name, tax_number=kept.tax_number, address=kept.address))]


def issue_invoice(order: Order, sold: OrderPlaced, number: str, buyer: Buyer) -> list[Draft]:
    """Issue a full invoice for a ticket that is paid."""
    kept = _kept_buyer(buyer)
    data = InvoiceIssued(
        order_id=sold.order_id,
        sold=sold.receipt,
        number=number,
        name=kept.name,
        tax_number=kept.tax_number,
        address=kept.address,
    )
    return [event_of(order, data)]


def _kept_buyer(buyer: Buyer) -> Buyer:
    """Return a buyer as events hold it."""
    kept = Buyer(*(clean(text).strip()[:LONGEST] for text in (buyer.name, buyer.tax_number, buyer.address)))
    if not kept.name:
        raise EmptyOrderError(_("Type the name for the invoice too."))
    return kept
