"""The events of a refund. Its amounts and pieces are negative."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta
from typing_extensions import override

from till.domain.events.fields import (
    Amount,
    CurrencyCode,
    Day,
    Pieces,
    Place,
    Private,
    StaffNumber,
    TillNumber,
    Uuid,
    Word,
)
from till.domain.events.registry import EventData
from till.domain.i18n import N_
from till.domain.order.events import PlacedTax, Record


class RefundEvent(EventData, frozen=True, kw_only=True):
    """An event of a refund. The id of the stream is the id of the refund.

    `receipt` is the number of the refund, in its own series. `amount` is negative, because the money goes out. `drawer`
    is the till whose drawer the money comes from; absent if it comes from no drawer.
    """

    stream: ClassVar[str] = "refund"
    by_counter: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    session_id: Uuid
    receipt: Word
    tender: Word
    amount: Amount
    drawer: TillNumber | None = None

    @property
    @override
    def document(self) -> str:
        return self.receipt


class RefundedLine(Record, frozen=True):
    """The refunded part of a row of the placed order; `row` is its index there, from 1."""

    row: Place
    item_id: Word
    item_name: Word
    quantity: Pieces
    amount: Amount
    net: Amount
    tax: Amount


class RefundStarted(RefundEvent, frozen=True):
    """A refund of a payment was started. It is on disk, and reserved at the server, before any money moves.

    `sold` is the receipt of the sale. Without `lines` the refund is by amount. `net` + `tax` + `rounding` = `amount`.
    `away` is true if the server was not asked. `approved_by` is the manager who approved the refund, if needed.

    `place`, `asker` and `number` identify the refund to the terminal or gateway (POIID, SaleID and ServiceID of a
    terminal), and `transaction` identifies the payment to reverse; they are empty if a person refunds it.
    """

    audited: ClassVar[str] = N_("refunded {sold} in {tender}, {receipt}")
    opens: ClassVar[bool] = True
    opens_shift: ClassVar[bool] = True

    order_id: Uuid
    sold: Word
    business_date: Day
    payment_id: Uuid
    currency: CurrencyCode
    net: Amount
    tax: Amount
    rounding: Amount
    approved_by: StaffNumber | None = None
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=100)] = ()
    lines: Annotated[tuple[RefundedLine, ...], Meta(max_length=10_000)] = ()
    away: bool = False
    reason: Private = ""
    place: Word = ""
    asker: Word = ""
    number: Word = ""
    transaction: Word = ""


class RefundApproved(RefundEvent, frozen=True):
    """The money was refunded. `transaction` identifies it at the provider; empty if a person gave it.

    `approved_by` is the manager who settled a refund without an answer by hand.
    """

    called: ClassVar[str] = N_("A refund given")
    opens_shift: ClassVar[bool] = True

    transaction: Word = ""
    approved_by: StaffNumber | None = None


class RefundDeclined(RefundEvent, frozen=True):
    """The refund was declined: no money moved, and it is no longer reserved. `approved_by` as in `refund_approved`."""

    audited: ClassVar[str] = N_("gave up refund {receipt}")

    reason: Private = ""
    approved_by: StaffNumber | None = None


class RefundConfirmed(RefundEvent, frozen=True):
    """The provider agreed with what a manager had settled by hand. No money moves by it."""

    called: ClassVar[str] = N_("A refund confirmed")
    harmless: ClassVar[bool] = True


class RefundUnknown(RefundEvent, frozen=True):
    """The outcome of a refund is unknown. The till asks again."""

    called: ClassVar[str] = N_("A refund without an answer")
