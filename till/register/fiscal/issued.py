"""The requests to a law: what a sale, a refund or a late one says of its invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.fiscal import IssuedInvoice, Rectified
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal

    from till.domain.events.envelope import Event
    from till.domain.fiscal import FiscalStamp
    from till.domain.fiscal_sending import StampWork
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order
    from till.domain.refund.events import RefundStarted
    from till.domain.refund.state import Refund
    from till.domain.settings import FiscalSetting
    from till.ports.fiscal import FiscalScheme
    from till.register.reference import Reference

    Law = tuple[FiscalSetting, FiscalScheme]
    What = Literal["sale", "refund"]


def issued_sale(reference: Reference, at: datetime, placed: OrderPlaced, order: Order) -> IssuedInvoice:
    """Return the request of a sale."""
    local = reference.venue.local(at)
    return _request("sale", placed.order_id, placed.receipt, local, placed, total=placed.total, buyer=order.buyer)


def issued_refund(
    reference: Reference, event: Event, refund: Refund, order: Order, law: Law, stamp: FiscalStamp | None
) -> IssuedInvoice:
    """Return the request of a refund; `stamp` is that of the sale, if it is here."""
    started, local = refund.started, reference.venue.local
    currency = Currency(started.currency)
    sold = next(one for one in order.placings if one.data.order_id == started.order_id)
    number = started.sold  # as its paper has it: without the prefix before the law's first day
    if stamp is not None:
        number = stamp.number
    elif local(sold.at).date().isoformat() >= law[0].since:
        number = law[1].number_of(number, law[0].settings)
    kind, untaxed = stamp.kind if stamp is not None else "", _has_untaxed(sold.data, currency)
    rectified = Rectified(number, local(sold.at).date(), kind, untaxed=untaxed)
    total = currency.text(Minor(currency.minor(started.net) + currency.minor(started.tax)))
    at, receipt, buyer = local(event.at), started.receipt, order.buyer
    return _request("refund", refund.id, receipt, at, started, total=total, buyer=buyer, rectifies=rectified)


def issued_late(work: StampWork, at: datetime) -> IssuedInvoice:
    """Return the request of a sale or refund that the sender stamps: it is issued now."""
    what: What = "refund" if work.what == "refund" else "sale"
    rectified = None
    if (sold := work.sold) is not None:
        rectified = Rectified(sold.number, sold.at.astimezone(at.tzinfo).date(), sold.kind, untaxed=sold.untaxed)
    return _request(what, work.of, work.number, at, work, total=work.total, buyer=work.buyer, rectifies=rectified)


def _request(
    what: What, of: str, number: str, at: datetime, about: OrderPlaced | RefundStarted | StampWork, **more: Any
) -> IssuedInvoice:
    """Return a request with the amounts of what it is about."""
    amounts = {name: getattr(about, name) for name in ("currency", "net", "tax", "taxes")}
    return IssuedInvoice(what=what, of=of, number=number, at=at, **amounts, **more)


def _has_untaxed(placed: OrderPlaced, currency: Currency) -> bool:
    """Return True if no rate was charged on a part of a sale, as `cold.has_untaxed` in SQL."""
    rated = (one for one in placed.taxes if one.rate is not None)
    return sum(currency.minor(one.net or "0") + currency.minor(one.tax) for one in rated) != currency.minor(
        placed.total
    )
