"""Past sales: a row of their list, and the number by which one is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor, sum_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund

_RECEIPT: Final = re.compile(r"(\d{1,9})(X[0-9A-F]{4}|[A-Z]*)-(R?)(\d{1,9})\Z", re.ASCII | re.IGNORECASE)


class PastSale(Struct, frozen=True):
    """A past sale, or money that belongs to none. `total` is what was paid, in minor units of its currency.

    Attributes:
        tenders: the tenders that paid, as corrected; each once.
        items: names with pieces, the first ones.
        refunds: its refunds, given or on their way.
        left: a payment that an ended order left over, and `asks` is True if its taker is asked to give it back; else
            empty. It has no receipt.
    """

    session_id: str
    order_id: str
    receipt: str
    at: datetime
    total: Minor
    currency: str
    till: int
    user: int
    tenders: tuple[str, ...]
    items: tuple[tuple[str, int], ...]
    refunds: tuple[Refund, ...] = ()
    left: str = ""
    asks: bool = False

    @property
    def back(self) -> Minor:
        """The amount that went back."""
        minor = Currency(self.currency).minor
        return Minor(-sum_of(minor(one.started.amount) for one in self.refunds if one.counts))

    @property
    def is_all_back(self) -> bool:
        """True if nothing of it can go back any more."""
        return 0 < self.total <= self.back


def past_sale(
    session_id: str,
    placed: OrderPlaced,
    at: datetime,
    till: int,
    user: int,
    refunds: Iterable[Refund] = (),
    corrected: Mapping[str, str] | None = None,
) -> PastSale:
    """Return the row of a frozen order."""
    currency = Currency(placed.currency)
    corrected = corrected or {}
    tenders = (corrected.get(one.payment_id, one.tender) for one in placed.payments)
    return PastSale(
        session_id,
        placed.order_id,
        placed.receipt,
        at,
        Minor(currency.minor(placed.total) + currency.minor(placed.rounding)),
        placed.currency,
        till,
        user,
        tuple(dict.fromkeys(tenders)),
        tuple((line.item_name, line.quantity) for line in placed.lines),
        tuple(refunds),
    )


def left_money(order: Order, payment_id: str) -> PastSale:
    """Return the row of a payment that an ended order left over."""
    paid, currency = order.payments[payment_id], order.terms.currency.code
    items = tuple((row.first.name, row.quantity) for row in order.priced.rows)
    return PastSale(
        session_id=order.id,
        order_id="",
        receipt="",
        at=paid.at,
        total=paid.amount,
        currency=currency,
        till=paid.till,
        user=paid.user or 0,
        tenders=(paid.tender,),
        items=items,
        left=paid.id,
        asks=paid.going_back is not None,
    )


def receipt_number(typed: str) -> str | None:
    """Return the full number of a receipt that was typed short, `1-531` for `1-000531`; None if it is none."""
    found = _RECEIPT.match(typed.strip())
    if found is None:
        return None
    till, series, refund, number = found.groups()
    return f"{till}{series.upper()}-{refund.upper()}{int(number):06d}"
