"""The events of a shift of a till, and of its drawer (ADR 0062)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta
from typing_extensions import override

from till.domain.events.fields import (
    Amount,
    Count,
    CurrencyCode,
    Day,
    EventId,
    Name,
    Pieces,
    Private,
    StaffNumber,
    Unsigned,
    Uuid,
    Word,
)
from till.domain.events.registry import EventData
from till.domain.order.events import Record

#: The kinds of movements of cash.
MovementKind = Literal[
    "float",
    "paid_in",
    "paid_out",
    "safe_drop",
    "bank_deposit",
    "wages",
    "tips_paid_out",
    "private_in",
    "private_out",
    "account",
    "voucher",
]
#: The kinds that a person keys; a float is a count, and the others belong to an account or a voucher.
BY_HAND: Final[tuple[MovementKind, ...]] = (
    "paid_out",
    "paid_in",
    "safe_drop",
    "bank_deposit",
    "wages",
    "tips_paid_out",
    "private_in",
    "private_out",
)
Tenders = Annotated[tuple[Word, ...], Meta(max_length=100)]


class ShiftEvent(EventData, frozen=True):
    """An event of a shift. The id of the stream is the id of the shift."""

    stream: ClassVar[str] = "shift"
    applied_beside: ClassVar[bool] = True


class ShiftOpened(ShiftEvent, frozen=True):
    """A shift of a till began. `kept` are the tenders that are kept in its drawer; none for a till without one.

    `secret` proves that the shift is this till's: the shift's id ends with its digest (`proven_id`).
    """

    opens: ClassVar[bool] = True
    listed: ClassVar[str] = "shifts"

    business_date: Day
    currency: CurrencyCode
    kept: Tenders = ()
    secret: Uuid | None = None


class CashMoved(ShiftEvent, frozen=True):
    """Cash was put into the drawer, or taken out of it if `amount` is negative, and no sale moved it.

    `of` is the customer of a house account that was paid off (`account`), or the voucher that was paid (`voucher`). The
    server books these two from this event.
    """

    opens_shift: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    kind: MovementKind
    amount: Amount
    currency: CurrencyCode
    of: Uuid | None = None
    reason: Private = ""
    approved_by: StaffNumber | None = None


class MovementUndone(ShiftEvent, frozen=True):
    """A movement of the open shift was wrong: it moved nothing. Both stay in the record.

    The server books back what it had booked from the movement.
    """

    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    event: EventId
    approved_by: StaffNumber | None = None


class TenderCount(Record, frozen=True):
    """The count of one tender in a drawer: what should be in it, what was counted, and what was taken out then."""

    tender: Word
    expected: Amount
    counted: Unsigned
    taken: Unsigned = "0"


class CountedPieces(Record, frozen=True):
    """The number of counted notes or coins of one value in major units."""

    value: Unsigned
    number: Count


class DrawerCounted(ShiftEvent, frozen=True):
    """The drawer was counted. `counted` less `taken` stays in it, and its balance goes on from there.

    `to` is where the taken money went, `pieces` the number of each note and coin.
    """

    listed: ClassVar[str] = "shifts"
    at_once: ClassVar[bool] = True

    currency: CurrencyCode
    counts: Annotated[tuple[TenderCount, ...], Meta(min_length=1, max_length=100)]
    to: Word = ""
    note: Private = ""
    pieces: Annotated[tuple[CountedPieces, ...], Meta(max_length=100)] = ()
    approved_by: StaffNumber | None = None


class DrawerCorrected(ShiftEvent, frozen=True):
    """A tender of a payment of this till was corrected by the event `correction`: no cash moved.

    If the payment is newer than the last count, the balance of `was` has `amount` less and the one of `tender` that
    much more; what was tendered, if both are kept in the drawer. Otherwise it explains a difference of that count.
    """

    listed: ClassVar[str] = "drawer_corrections"

    correction: EventId
    payment_id: Uuid
    was: Word
    tender: Word
    amount: Amount
    currency: CurrencyCode
    receipt: Word = ""


class SalesSum(Record, frozen=True):
    """Sales: their number and their amounts."""

    number: Count = 0
    net: Amount = "0"
    tax: Amount = "0"
    gross: Amount = "0"


class NumberedSum(Record, frozen=True):
    """The number of some documents or acts, and their amount."""

    number: Count = 0
    amount: Amount = "0"


class TaxSum(Record, frozen=True):
    """A tax of the sales: on `net`, with its `rate` in percent, empty if it is by the piece."""

    name: Word
    rate: Word
    net: Amount
    tax: Amount


class CategorySum(Record, frozen=True):
    """The sales of one category."""

    category: Word
    quantity: Pieces
    gross: Amount


class DateSum(Record, frozen=True):
    """The sales of one business date."""

    business_date: Day
    number: Count
    gross: Amount


class TenderSum(Record, frozen=True):
    """The money that moved in one tender, net of what was given back and refunded. `tips` are a part of the amount.

    `taken_ahead` moved in this shift and no sale of it lists it; `used` is listed by its sales and moved elsewhere.
    """

    tender: Word
    number: Count
    amount: Amount
    tips: Amount = "0"
    taken_ahead: Amount = "0"
    used: Amount = "0"


class MovedSum(Record, frozen=True):
    """The change of a balance by one kind of movement."""

    kind: Name
    amount: Amount


class DrawerSum(Record, frozen=True):
    """The balance of one tender in the drawer over the shift: `opening` + the sums of `moved` by kind = `closing`."""

    tender: Word
    opening: Amount
    closing: Amount
    moved: Annotated[tuple[MovedSum, ...], Meta(max_length=100)] = ()


class Ends(Record, frozen=True):
    """The first and the last number of a series of documents."""

    first: Word
    last: Word


class GrandTotals(Record, frozen=True):
    """All sales and refunds of a series since its first Z, which are never set to zero; `net` is their difference."""

    sales: Amount = "0"
    refunds: Amount = "0"
    net: Amount = "0"


class ShiftSums(Record, frozen=True):
    """The sums of a shift, in its currency. Amounts of refunds, discounts, comps and voids are positive."""

    sales: SalesSum = SalesSum()
    refunds: NumberedSum = NumberedSum()
    taxes: Annotated[tuple[TaxSum, ...], Meta(max_length=1_000)] = ()
    categories: Annotated[tuple[CategorySum, ...], Meta(max_length=1_000)] = ()
    dates: Annotated[tuple[DateSum, ...], Meta(max_length=1_000)] = ()
    tenders: Annotated[tuple[TenderSum, ...], Meta(max_length=100)] = ()
    rounding: Amount = "0"
    tips: Amount = "0"
    taken_ahead: Amount = "0"
    used: Amount = "0"
    service_charge: Amount = "0"
    discounts: NumberedSum = NumberedSum()
    comps: NumberedSum = NumberedSum()
    voids: NumberedSum = NumberedSum()
    voids_after_sending: NumberedSum = NumberedSum()
    drawer: Annotated[tuple[DrawerSum, ...], Meta(max_length=100)] = ()
    no_sales: Count = 0
    copies: NumberedSum = NumberedSum()
    bills: NumberedSum = NumberedSum()
    receipts: Ends | None = None
    refund_receipts: Ends | None = None


class ShiftClosed(ShiftEvent, frozen=True):
    """A shift ended with its Z: the number, and the sums, which never change. The balance of the drawer goes on.

    `totals` are the grand totals of the series up to this Z. `open_orders` are the open orders that the till held.
    `unanswered` are its payments, returns and refunds without an answer; their amounts are added up without a sign.
    """

    listed: ClassVar[str] = "shifts"
    at_once: ClassVar[bool] = True

    number: Word
    currency: CurrencyCode
    sums: ShiftSums
    open_orders: NumberedSum = NumberedSum()
    unanswered: NumberedSum = NumberedSum()
    totals: GrandTotals = GrandTotals()
    approved_by: StaffNumber | None = None

    @property
    @override
    def document(self) -> str:
        return self.number
