"""Lines and payments of a completed order, for the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from db.tables.cold import order_item, order_payment, orders
from till.domain.i18n import _
from till.domain.payment.names import tender_name
from till.reports.orders import OrderEntry, OrderParts

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Connection

    from till.domain.money.measures import Minor
    from till.domain.venue import Venue


def read_parts(connection: Connection, store_id: str, order_id: str, venue: Venue) -> OrderParts:
    """Read the lines and charges of an order, and its payments with their change."""
    own = (orders.c.store_id == store_id, orders.c.order_id == order_id)
    item, paid = order_item.c, order_payment.c
    lines = select(item.quantity, item.item_name, item.modifiers, item.subtotal, item.measure)
    lines = lines.join(orders, orders.c.order_id == item.order_id)
    rows = connection.execute(lines.where(*own).order_by(item.position)).all()
    sold = [
        OrderEntry(name, _minor(amount, venue), quantity, ", ".join((*filter(None, [measure]), *map(str, modifiers))))
        for quantity, name, modifiers, amount, measure in rows
    ]
    charges = select(orders.c.service_charge, orders.c.rounding).where(*own)
    for charge, rounding in connection.execute(charges):
        amounts = ((_("Service charge"), charge), (_("Rounding"), rounding))
        sold += [OrderEntry(name, _minor(amount, venue)) for name, amount in amounts if amount]
    tenders = select(paid.tender, paid.amount, paid.is_change).join(orders, orders.c.order_id == paid.order_id)
    payments = connection.execute(tenders.where(*own).order_by(paid.position, paid.is_change))
    return OrderParts(
        tuple(sold),
        tuple(
            OrderEntry(_("Change") if is_change else tender_name(tender), _minor(amount, venue))
            for tender, amount, is_change in payments
        ),
    )


def _minor(amount: Decimal, venue: Venue) -> Minor:
    return venue.terms.currency.nearest(amount)
