"""Sums of an order other than its lines, named as on its receipt: reductions and the service charge."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.discounting import off_in_words
from till.domain.order.paying import Completion, frozen_order

if TYPE_CHECKING:
    from till.domain.money.amount import Currency
    from till.domain.order.events import OrderPlaced, PlacedCharge, PlacedLine
    from till.domain.order.state import Order

#: The completion of an order that is still open: a placeholder.
_NOT_YET: Final = Completion("", "", date.min)


def record_of(order: Order) -> OrderPlaced:
    """Return the record of a paid order, or the one that an open order would have now."""
    return order.placed.data if order.placed is not None else frozen_order(order, _NOT_YET)


def keyed_of(part: PlacedLine | PlacedCharge, currency: Currency) -> Minor:
    """Return the subtotal of a line or a charge, with included taxes but without added ones."""
    return Minor(currency.minor(part.subtotal) - sum(currency.minor(tax.tax) for tax in part.taxes if tax.added))


def service_words(charge: PlacedCharge) -> str:
    """Return the name of the service charge: `Service 10 %`."""
    return _("Service {percent} %").format(percent=charge.percent)


def sums_of(order: Order) -> list[dict[str, Any]]:
    """Return the reductions of the lines and of the order, and the service charge. Amounts are signed text.

    `item` is the reduced item; None for the whole order.
    """
    placed, currency = record_of(order), order.terms.currency

    def off(item: str | None, kind: str, name: str, amount: str) -> dict[str, Any]:
        text = currency.text(Minor(-currency.minor(amount)))
        return {"kind": kind, "item": item, "name": off_in_words(kind, name), "amount": text}

    found = [off(line.item_name, one.kind, one.name, one.amount) for line in placed.lines for one in line.off]
    found += [off(None, one.kind, one.name, one.amount) for one in placed.off]
    if charge := placed.service_charge:
        amount = currency.text(keyed_of(charge, currency))
        found.append({"kind": "service_charge", "item": None, "name": service_words(charge), "amount": amount})
    return found
