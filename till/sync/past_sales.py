"""The reads of past sales: a page of them, each with its refunds."""

from __future__ import annotations

from typing import Final

import msgspec

from till.domain.events.envelope import read_time
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.refund.events import RefundStarted  # noqa: TC001 - a row is read by it
from till.domain.refund.past import PastSale
from till.domain.refund.state import new_refund
from till.domain.structs import replace
from till.sync.messages import Answer, CurrencyCode, TillNumber, Uuid, Whole
from till.sync.reads import row_reader
from till.sync.server import ListRead


class SoldItemRow(msgspec.Struct, frozen=True):
    """An item of a past sale."""

    item: str
    quantity: int


class RefundRow(msgspec.Struct, frozen=True, kw_only=True):
    """A refund of a past sale (docs/protocol.md); `data` is from the event that started it."""

    refund: Uuid
    state: str
    at: str
    till: TillNumber
    user: Whole
    data: RefundStarted


class SaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A past sale of docs/protocol.md."""

    order: Uuid
    session: str
    receipt: str
    at: str
    total: str
    rounding: str
    currency: CurrencyCode
    till: TillNumber
    user: Whole
    tenders: tuple[str, ...]
    items: tuple[SoldItemRow, ...]
    refunds: tuple[RefundRow, ...]


class SalesAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `past_sales_v1`."""

    sales: tuple[msgspec.Raw, ...] = ()
    more: bool = False


#: The state of a refund, by the server's name for it.
_REFUND_STATES: Final = {"approved": PaymentState.APPROVED, "unknown": PaymentState.UNKNOWN}


def _check_refund(begun: RefundStarted, currency: Currency) -> None:
    """Refuse amounts that do not fit the sale's currency, before any sum."""
    of_lines = (text for one in begun.lines for text in (one.amount, one.net, one.tax))
    of_taxes = (text for one in begun.taxes for text in (one.net, one.tax) if text is not None)
    for text in (begun.amount, begun.net, begun.tax, begun.rounding, *of_lines, *of_taxes):
        currency.minor(text)


def _past_sale(row: SaleRow) -> PastSale:
    """Return the sale of a row."""
    currency = Currency(row.currency)
    for one in row.refunds:
        _check_refund(one.data, currency)
    refunds = (
        replace(
            new_refund(one.refund, one.data, read_time(one.at), one.till, one.user or None),
            state=_REFUND_STATES.get(one.state, PaymentState.STARTED),
        )
        for one in row.refunds
    )
    return PastSale(
        row.session,
        row.order,
        row.receipt,
        read_time(row.at),
        Minor(currency.minor(row.total) + currency.minor(row.rounding)),
        row.currency,
        row.till,
        row.user,
        tuple(dict.fromkeys(row.tenders)),
        tuple((one.item, one.quantity) for one in row.items),
        tuple(refunds),
    )


#: The reader of a sale. An unreadable one raises `DamagedReplyError`.
past_sale = row_reader(SaleRow, _past_sale)
PAST_SALES: Final = ListRead("warm.past_sales_v1", SalesAnswer, lambda found: found.sales, past_sale)
