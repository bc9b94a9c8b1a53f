"""Past sales: a row of their list, and receipt numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor, sum_of
from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund

#: A word before a number, or the sign of a barcode, which some keyboards type as another one.
_LEAD: Final = r"(?:(?:refund|receipt|sale) +|[#£§])?"
_RECEIPT: Final = late(_LEAD + r"(\d{1,9})(X[0-9A-F]{4}|[A-Z]*)-(F?R?)(\d{1,9})\Z", re.ASCII | re.IGNORECASE)
_OF_PROGRAM: Final = late(_LEAD + r"([a-z][a-z0-9_]{0,23})-(\d{1,9})\Z", re.ASCII | re.IGNORECASE)


class PastSale(Struct, frozen=True):
    """A past sale, or a payment that belongs to no sale.

    Attributes:
        receipt: the receipt number; empty for a payment that belongs to no sale.
        total: the amount paid, in minor units of the currency.
        tenders: the corrected tenders of the payments, without duplicates.
        items: the names of the first items, with their pieces.
        refunds: the refunds, with or without an answer.
        taken: the amounts paid with tips, in all and by each payment with one; empty if there was no tip.
        left: the id of a payment that belongs to no sale; empty for a sale.
        asks: True if the return of that payment has no answer yet.
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
    taken: tuple[Minor, ...] = ()
    left: str = ""
    asks: bool = False

    @property
    def back(self) -> Minor:
        """The refunded amount, including refunds without an answer."""
        minor = Currency(self.currency).minor
        return Minor(-sum_of(minor(one.started.amount) for one in self.refunds if one.counts))

    @property
    def is_all_back(self) -> bool:
        """True if all of it is refunded."""
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
    """Return the row of a sale."""
    currency = Currency(placed.currency)
    corrected = corrected or {}
    tenders = (corrected.get(one.payment_id, one.tender) for one in placed.payments)
    total = Minor(currency.minor(placed.total) + currency.minor(placed.rounding))
    tipped = [one for one in placed.payments if currency.minor(one.tip)]
    with_tips = Minor(total + sum(currency.minor(one.tip) for one in tipped))
    return PastSale(
        session_id,
        placed.order_id,
        placed.receipt,
        at,
        total,
        placed.currency,
        till,
        user,
        tuple(dict.fromkeys(tenders)),
        tuple((line.item_name, line.quantity) for line in placed.lines),
        tuple(refunds),
        (with_tips, *(currency.minor(one.amount) for one in tipped)) if tipped else (),
    )


def left_money(order: Order, payment_id: str) -> PastSale:
    """Return the row of a payment of an ended order that is in no sale."""
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
    """Return the full receipt number of `1-531`, `refund 1-531` or `chat-2`; None if the text is not a number.

    They are `1-000531` and `chat-000002`, a number of a program.
    """
    if (of_program := _OF_PROGRAM.match(typed.strip())) is not None:
        return f"{of_program[1].lower()}-{int(of_program[2]):06d}"
    found = _RECEIPT.match(typed.strip())
    if found is None:
        return None
    till, journal, series, number = found.groups()
    return f"{till}{journal.upper()}-{series.upper()}{int(number):06d}"
