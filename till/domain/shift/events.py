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
from till.domain.events.registry import SHIFT, EventData, Labels
from till.domain.i18n import N_
from till.domain.order.events import Record
from till.domain.shift.figure import Figure

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

    stream: ClassVar[str] = SHIFT
    by_counter: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True


class ShiftOpened(ShiftEvent, frozen=True):
    """A shift of a till began. `kept` are the tenders that are kept in its drawer; none for a till without one.

    `secret` proves that the shift is this till's: the shift's id ends with its digest (`proven_id`).
    """

    opens: ClassVar[bool] = True
    labels: ClassVar[Labels] = "begins"
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
    gross: Annotated[Amount, Figure(N_("Sales"), times="number")] = "0"
    net: Annotated[Amount, Figure(N_("Net"))] = "0"
    tax: Annotated[Amount, Figure(N_("Tax"))] = "0"


class NumberedSum(Record, frozen=True):
    """The number of some documents or acts, and their amount."""

    number: Count = 0
    amount: Amount = "0"


class TaxSum(Record, frozen=True):
    """A tax of the sales: on `net`, with its `rate` in percent, empty if it is by the piece."""

    name: Annotated[Word, Figure(N_("Tax"))]
    rate: Annotated[Word, Figure("%")]
    net: Annotated[Amount, Figure(N_("Net"))]
    tax: Annotated[Amount, Figure(N_("Tax"))]


class CategorySum(Record, frozen=True):
    """The sales of one category."""

    category: Annotated[Word, Figure(N_("Category"))]
    quantity: Annotated[Pieces, Figure(N_("Quantity"))]
    gross: Annotated[Amount, Figure(N_("Total"))]


class DateSum(Record, frozen=True):
    """The sales of one business date."""

    business_date: Annotated[Day, Figure(N_("Date"), name="sold_on")]
    number: Annotated[Count, Figure(N_("Times"), name="times")]
    gross: Annotated[Amount, Figure(N_("Total"))]


class TenderSum(Record, frozen=True):
    """The money that moved in one tender, net of what was given back and refunded. `tips` are a part of the amount.

    `taken_ahead` moved in this shift and no sale of it lists it; `used` is listed by its sales and moved elsewhere.
    """

    tender: Annotated[Word, Figure(N_("Tender"))]
    number: Annotated[Count, Figure(N_("Times"), name="times")]
    amount: Annotated[Amount, Figure(N_("Amount"))]
    tips: Annotated[Amount, Figure(N_("Of it tips"))] = "0"
    taken_ahead: Annotated[Amount, Figure(N_("Taken ahead"))] = "0"
    used: Annotated[Amount, Figure(N_("Taken elsewhere"))] = "0"


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
    """The first and the last number of a kind of documents; with several series those of each, with commas between."""

    first: Word
    last: Word


class GrandTotals(Record, frozen=True):
    """All sales and refunds of a series since its first Z, which are never set to zero; `net` is their difference."""

    sales: Annotated[Amount, Figure(N_("All sales so far"), name="total_sales")] = "0"
    refunds: Annotated[Amount, Figure(N_("All refunds so far"), name="total_refunds")] = "0"
    net: Annotated[Amount, Figure(N_("All sales less refunds"), name="total_net")] = "0"


class ShiftSums(Record, frozen=True):
    """The sums of a shift, in its currency. Amounts of refunds, discounts, comps and voids are positive.

    Each figure is declared here, with its name, in the order of the reports and of the paper. One that may be None was
    added later: a Z that was closed before does not state it. `refund_tax` is of refunds that this shift began,
    `new_prices` are lines whose price was changed, and `cleared_after_sending` are lines of a tab that was cleared: the
    guests left without paying, for example.
    """

    sales: SalesSum = SalesSum()
    service_charge: Annotated[Amount, Figure(N_("Of it service charge"))] = "0"
    rounding: Annotated[Amount, Figure(N_("Rounding"))] = "0"
    tips: Annotated[Amount, Figure(N_("Tips"), waits=True)] = "0"
    refunds: Annotated[NumberedSum, Figure(N_("Refunds"))] = NumberedSum()
    refund_tax: Annotated[Amount | None, Figure(N_("Tax of refunds"))] = None
    taken_ahead: Annotated[Amount, Figure(N_("Taken ahead of a sale"), waits=True)] = "0"
    used: Annotated[Amount, Figure(N_("Taken before or elsewhere"), waits=True)] = "0"
    discounts: Annotated[NumberedSum, Figure(N_("Discounts"))] = NumberedSum()
    comps: Annotated[NumberedSum, Figure(N_("Comps"))] = NumberedSum()
    new_prices: Annotated[Count | None, Figure(N_("New price"))] = None
    voids: Annotated[NumberedSum, Figure(N_("Voids"))] = NumberedSum()
    voids_after_sending: Annotated[NumberedSum, Figure(N_("Voids after sending"))] = NumberedSum()
    cleared_after_sending: Annotated[NumberedSum | None, Figure(N_("Cleared after sending"))] = None
    no_sales: Annotated[Count, Figure(N_("Opened without a sale"))] = 0
    copies: Annotated[NumberedSum, Figure(N_("Copies"))] = NumberedSum()
    bills: Annotated[NumberedSum, Figure(N_("Provisional bills"))] = NumberedSum()
    taxes: Annotated[tuple[TaxSum, ...], Meta(max_length=1_000)] = ()
    categories: Annotated[tuple[CategorySum, ...], Meta(max_length=1_000)] = ()
    dates: Annotated[tuple[DateSum, ...], Meta(max_length=1_000)] = ()
    tenders: Annotated[tuple[TenderSum, ...], Meta(max_length=100)] = ()
    drawer: Annotated[tuple[DrawerSum, ...], Meta(max_length=100)] = ()
    receipts: Ends | None = None
    refund_receipts: Ends | None = None


class ShiftClosed(ShiftEvent, frozen=True):
    """A shift ended with its Z: the number, and the sums, which never change. The balance of the drawer goes on.

    `totals` are the grand totals of the series up to this Z. `open_orders` are the open orders that the till held.
    `unanswered` are its payments, returns and refunds without an answer; their amounts are added up without a sign.
    """

    labels: ClassVar[Labels] = "ends"
    listed: ClassVar[str] = "shifts"
    at_once: ClassVar[bool] = True

    number: Word
    currency: CurrencyCode
    sums: ShiftSums
    open_orders: Annotated[NumberedSum, Figure(N_("Open orders"))] = NumberedSum()
    unanswered: Annotated[NumberedSum, Figure(N_("Without an answer"))] = NumberedSum()
    totals: GrandTotals = GrandTotals()
    approved_by: StaffNumber | None = None

    @property
    @override
    def document(self) -> str:
        return self.number
