"""What an order comes to beside its lines, by name: what came off, and the charge for service, as on its receipt."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.off_words import off_in_words
from till.domain.order.paying import Completion, frozen_order

if TYPE_CHECKING:
    from till.domain.money.amount import Currency
    from till.domain.order.events import OrderPlaced, PlacedCharge, PlacedLine
    from till.domain.order.state import Order

#: In the place of what an order is given at its end: it has none yet.
_NOT_YET: Final = Completion("", "", date.min)


def keyed_of(part: PlacedLine | PlacedCharge, currency: Currency) -> Minor:
    """What a line or the charge comes to with the taxes that are in its price, and without those that are added."""
    return Minor(currency.minor(part.subtotal) - sum(currency.minor(tax.tax) for tax in part.taxes if tax.added))


def service_words(charge: PlacedCharge) -> str:
    """`Service 10 %`."""
    return _("Service {percent} %").format(percent=charge.percent)


def sums_of(order: Order) -> list[dict[str, Any]]:
    """What came off the lines and the order, each with its name, and the charge for service: amounts as text, signed.

    `item` is the line that it came off; null for the whole order.
    """
    placed: OrderPlaced = order.placed.data if order.placed is not None else frozen_order(order, _NOT_YET)
    currency = order.terms.currency

    def off(item: str | None, kind: str, name: str, amount: str) -> dict[str, Any]:
        text = currency.text(Minor(-currency.minor(amount)))
        return {"kind": kind, "item": item, "name": off_in_words(kind, name), "amount": text}

    found = [off(line.item_name, one.kind, one.name, one.amount) for line in placed.lines for one in line.off]
    found += [off(None, one.kind, one.name, one.amount) for one in placed.off]
    if charge := placed.service_charge:
        amount = currency.text(keyed_of(charge, currency))
        found.append({"kind": "service_charge", "item": None, "name": service_words(charge), "amount": amount})
    return found
