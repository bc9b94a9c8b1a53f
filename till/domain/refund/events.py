"""The events of a refund. It is a document with a minus: its amounts and its pieces are less than nothing."""

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
from till.domain.i18n import _
from till.domain.order.events import PlacedTax, Record


class RefundEvent(EventData, frozen=True, kw_only=True):
    """An event of a refund; the id of its stream is the refund's own.

    `receipt` is the refund's number, in a series of its own. `amount` is signed: negative, since the money goes out.
    `drawer` is the till whose drawer it goes out of; none where no drawer is touched.
    """

    stream: ClassVar[str] = "refund"
    at_once: ClassVar[bool] = True

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
    """The part of a row of the frozen order that goes back; `row` is its place there, from 1."""

    row: Place
    item_id: Word
    item_name: Word
    quantity: Pieces
    amount: Amount
    net: Amount
    tax: Amount


class RefundStarted(RefundEvent, frozen=True):
    """Money is to go back, to the payment that it names: on disk, and kept for it at the server, before it moves.

    `sold` is the receipt of the sale. Without `lines` it is by amount. `net` + `tax` + `rounding` = `amount`. `away`:
    the server was not asked. `approved_by` is the manager who said yes, where one was asked.

    `place`, `asker` and `number` name it to who is asked to give it back (at a terminal POIID, SaleID and ServiceID),
    and `transaction` the money that it reverses there; empty where a person gives it.
    """

    opens: ClassVar[bool] = True

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
    """The money went back; `transaction` names that where somebody else than a person gave it.

    `approved_by` is the manager who settled by hand what had no answer.
    """

    called: ClassVar[str] = _("A refund given")

    transaction: Word = ""
    approved_by: StaffNumber | None = None


class RefundDeclined(RefundEvent, frozen=True):
    """The money did not go back: what was kept for it is free again; `approved_by` as in `refund_approved`."""

    reason: Private = ""
    approved_by: StaffNumber | None = None


class RefundUnknown(RefundEvent, frozen=True):
    """The outcome of a refund is not known yet; it is asked again."""

    called: ClassVar[str] = _("A refund without an answer")
