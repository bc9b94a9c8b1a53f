"""The events of a till. Events of administration are in the stream of the server, which is till 0."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta

from till.domain.events.aggregate import Aggregate
from till.domain.events.fields import (
    Amount,
    AtLeastOne,
    Count,
    CurrencyCode,
    Day,
    EventId,
    Hash,
    Name,
    Place,
    Private,
    StaffNumber,
    TillNumber,
    Time,
    Unsigned,
    Uuid,
    Word,
)
from till.domain.events.registry import EventData
from till.domain.i18n import N_
from till.domain.ids import derived_id
from till.domain.order.events import Record


def stream_of_till(store_id: str, till: int) -> str:
    """Return the stream id of a till, which depends only on the store and the till number."""
    return derived_id(store_id, f"till {till}")


class TillEvent(EventData, frozen=True):
    """An event of a till."""

    stream: ClassVar[str] = "till"


#: The aggregate of tills, which has no state.
TILLS: Final[Aggregate[Any]] = Aggregate(TillEvent, {})


# The journal, the program and the drawer


class PreviousJournal(Record, frozen=True):
    """The journal that a new one replaces, with its last event."""

    journal_id: Uuid
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    hash: Hash


class JournalOpened(TillEvent, frozen=True):
    """A journal was opened on the machine `host`. `shift` is the open shift that it continues."""

    called: ClassVar[str] = N_("Journal opened")

    host: Word
    previous: PreviousJournal | None = None
    shift: Uuid | None = None


class TillStarted(TillEvent, frozen=True):
    """The screen of the till was opened. `build` is the version of its program."""

    build: Word


class TillStopped(TillEvent, frozen=True):
    """The screen of the till was closed in order."""


class MoneyHeard(TillEvent, frozen=True):
    """The till heard whether it takes money, from here on: `change` is the server's number, odd for none."""

    called: ClassVar[str] = N_("Money: heard from the server")
    at_once: ClassVar[bool] = True
    listed: ClassVar[str] = "money"

    change: Count


class DrawerOpened(TillEvent, frozen=True):
    """The drawer was opened and no money moved: without a sale, or to change a note."""

    by_counter: ClassVar[bool] = True

    why: Literal["no_sale", "change"]
    reason: Private = ""
    approved_by: StaffNumber | None = None


class ReceiptIssued(TillEvent, frozen=True):
    """A receipt or a provisional bill of an order was issued again, or for the first time.

    `copy` counts the copies of a receipt; 0 is the original. `amount` is its total.
    """

    session_id: Uuid
    amount: Amount
    currency: CurrencyCode
    receipt: Word = ""
    copy: Count = 0
    is_bill: bool = False


# Records that are lost, PINs and approvals


class LostRange(Record, frozen=True):
    """Numbers of a chain, from the first to the last."""

    first: AtLeastOne
    last: AtLeastOne


class RecordsLost(TillEvent, frozen=True):
    """Records of a journal of this till are not readable on its disk. Without `ranges` nobody knows their numbers.

    The server compares the numbers with the chain that it has, and flags those that it lacks for a manager.
    """

    called: ClassVar[str] = N_("Records lost")
    at_once: ClassVar[bool] = True
    listed: ClassVar[str] = "lost"
    applied_beside: ClassVar[bool] = True

    journal_id: Uuid
    ranges: Annotated[tuple[LostRange, ...], Meta(max_length=100)] = ()

    @property
    def count(self) -> int:
        """The number of records; 0 if nobody knows it."""
        return sum(one.last - one.first + 1 for one in self.ranges)


class LoginRefused(TillEvent, frozen=True):
    """A wrong PIN was typed. `locked` is true for the fifth one, which locks the staff number."""

    called: ClassVar[str] = N_("Wrong PIN")
    audited: ClassVar[str] = N_("wrong PIN for {user}")
    applied_beside: ClassVar[bool] = True

    user: StaffNumber
    locked: bool


class ApprovalGiven(TillEvent, frozen=True):
    """A manager approved an act at the counter.

    It is written after the approved `events` of the named stream, in the same transaction, so that it counts once.
    `amount` is the money that these events move or take off.
    """

    audited: ClassVar[str] = N_("was allowed: {act}")
    listed: ClassVar[str] = "approved"

    act: Name
    stream_kind: Name
    stream_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(min_length=1, max_length=10_000)]
    approved_by: StaffNumber
    amount: Amount | None = None
    currency: CurrencyCode | None = None


# Records that wait for a manager


class QuarantineResolved(TillEvent, frozen=True):
    """A manager settled a quarantined record."""

    audited: ClassVar[str] = N_("settled record {quarantine}")
    by_server: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    quarantine: Place
    how: Private = ""
    event: Uuid | None = None
    session: Uuid | None = None


class RecordsSettled(TillEvent, frozen=True):
    """A manager settled all quarantined records of a till up to the record `upto`. `records` is their number."""

    audited: ClassVar[str] = N_("settled {records} records of till {till}")
    by_server: ClassVar[bool] = True

    till: TillNumber
    records: AtLeastOne
    upto: Place


# Administration of settings and tills


class AdminEvent(TillEvent, frozen=True):
    """An act of administration."""

    by_server: ClassVar[bool] = True


class SettingsChanged(AdminEvent, frozen=True):
    """Settings of the venue were changed: the names, the new values and the previous values, without empty ones."""

    audited: ClassVar[str] = N_("changed settings: {changes}")

    keys: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=100)]
    changes: dict[str, Any]
    was: dict[str, Any]


class TillEnrolled(AdminEvent, frozen=True):
    """A till was enrolled and has a new secret."""

    audited: ClassVar[str] = N_("enrolled till {till}")

    till: TillNumber


class EnrolmentMade(AdminEvent, frozen=True):
    """An enrolment code for a machine was created. The code itself is not recorded."""

    audited: ClassVar[str] = N_("made an enrolment code for till {till}: {kind}")

    till: TillNumber
    kind: Word


# Administration of invoice records


class FiscalMendAsked(AdminEvent, frozen=True):
    """The sender was asked to correct the record of an invoice."""

    audited: ClassVar[str] = N_("asked to correct the record of {number}")

    number: Word


class FiscalSendAsked(AdminEvent, frozen=True):
    """A record of an invoice was put back into the sender's backlog, or let go. `was` is its answer, or `waits`."""

    audited: ClassVar[str] = N_("had the record of {number} sent (it was {was})")

    number: Word
    was: Word


class InvoiceAnnulled(AdminEvent, frozen=True):
    """An invoice of a revoked till for a ticket was dropped. It was in no request, and its ticket can have another."""

    audited: ClassVar[str] = N_("annulled the invoice {number}, which was in no request")

    number: Word


class FiscalReported(AdminEvent, frozen=True):
    """The sender of fiscal records began a request of `records`, or reported the answers to them.

    `first` and `last` are their numbers, `refused` counts those that the authority refused, and `receipt` is its mark.
    """

    sender: TillNumber
    records: Count
    first: Word
    last: Word
    begins: bool = False
    refused: Count = 0
    receipt: Word = ""


# Exports


class ExportFile(Record, frozen=True):
    """A file of an export, with its digest."""

    name: Word
    sha256: Hash
    records: Count


class ExportHead(Record, frozen=True):
    """The newest record of a journal that an export could have."""

    journal_id: Uuid
    seq: Place


class ExportMade(AdminEvent, frozen=True):
    """Files for an authority or an accountant were made of the records of some days.

    `accepted` names what was missing and accepted, `left_out` the records that the files do not have, and `heads` the
    newest record of each journal that was there.
    """

    audited: ClassVar[str] = N_("exported {export} from {first} to {last}")

    export: Word
    first: Day
    last: Day
    begins: Time
    ends: Time
    heads: Annotated[tuple[ExportHead, ...], Meta(max_length=10_000)]
    files: Annotated[tuple[ExportFile, ...], Meta(max_length=1_000)] = ()
    accepted: Annotated[tuple[Word, ...], Meta(max_length=1_000)] = ()
    left_out: Annotated[tuple[Word, ...], Meta(max_length=1_000)] = ()


class CodesSet(AdminEvent, frozen=True):
    """Codes of a scheme were set: {kind: {id: code}}, with an empty code for none."""

    audited: ClassVar[str] = N_("set codes of {scheme}")

    scheme: Word
    changes: dict[str, Any]


# Administration of tills and programs


class TillRenamed(AdminEvent, frozen=True):
    """A till was renamed. The name itself is only in the list of tills."""

    audited: ClassVar[str] = N_("renamed till {till}")

    till: TillNumber


class TillRevoked(AdminEvent, frozen=True):
    """A till was revoked."""

    audited: ClassVar[str] = N_("revoked till {till}")

    till: TillNumber


class TillMoneySet(AdminEvent, frozen=True):
    """A till was set to take no money, or money again."""

    audited: ClassVar[str] = N_("set whether till {till} takes money: {with_money}")

    till: TillNumber
    with_money: bool


class TillAdopted(AdminEvent, frozen=True):
    """Another journal may replace the journal of a till. Without `journal_id`, the next one that the till sends."""

    audited: ClassVar[str] = N_("adopted a journal for till {till}")

    till: TillNumber
    journal_id: Uuid | None = None


class BacklogTaken(AdminEvent, frozen=True):
    """The records of a journal are accepted, although it was never the journal of its till."""

    audited: ClassVar[str] = N_("accepted the backlog of till {till}")

    till: TillNumber
    journal_id: Uuid


class ProgramAdded(AdminEvent, frozen=True):
    """A program may place orders, with its own password. Adding it again gives it a new password."""

    program: Word


class ProgramRevoked(AdminEvent, frozen=True):
    """A program was revoked."""

    program: Word


# Administration of staff


class UserAdded(AdminEvent, frozen=True):
    """A person was added to the staff."""

    audited: ClassVar[str] = N_("added {user} as {role}")

    user: StaffNumber
    role: Word


class UserDisabled(AdminEvent, frozen=True):
    """The login of a person was disabled."""

    audited: ClassVar[str] = N_("disabled {user}")

    user: StaffNumber


class UserEnabled(AdminEvent, frozen=True):
    """The login of a person was enabled again."""

    audited: ClassVar[str] = N_("enabled {user}")

    user: StaffNumber


class UserRenamed(AdminEvent, frozen=True):
    """A person was renamed. The name itself is only in the list of staff."""

    audited: ClassVar[str] = N_("renamed {user}")

    user: StaffNumber


class RoleSet(AdminEvent, frozen=True):
    """The role of a person was changed."""

    audited: ClassVar[str] = N_("made {user} {role}")

    user: StaffNumber
    role: Word


class LanguageSet(AdminEvent, frozen=True):
    """The language of a person's screens was changed."""

    audited: ClassVar[str] = N_("set the language of {user}")

    user: StaffNumber


class UserUnlocked(AdminEvent, frozen=True):
    """A staff number locked by wrong PINs was unlocked."""

    audited: ClassVar[str] = N_("unlocked {user}")

    user: StaffNumber


class PinSet(AdminEvent, frozen=True):
    """The PIN of a person was changed."""

    audited: ClassVar[str] = N_("set the PIN of {user}")

    user: StaffNumber


class PasswordSet(AdminEvent, frozen=True):
    """The password of a person, for acts at the server, was changed."""

    audited: ClassVar[str] = N_("set the password of {user}")

    user: StaffNumber


# Administration of customers, vouchers and house accounts


class CustomerAdded(AdminEvent, frozen=True):
    """A customer was added. Name and phone are stored beside the event."""

    audited: ClassVar[str] = N_("added customer {customer_id}")

    customer_id: Uuid
    name: Private = ""
    phone: Private = ""


class VoucherIssued(AdminEvent, frozen=True):
    """A voucher was sold or given away. `amount` can be spent until the end of the day `expires`, if there is one.

    Only a digest of its code is stored. Issuing a voucher is not a sale. One that is `unpaid` cannot be spent until a
    till records its payment.
    """

    audited: ClassVar[str] = N_("issued voucher {voucher_id}")

    voucher_id: Uuid
    amount: Unsigned
    currency: CurrencyCode
    expires: Day | None = None
    unpaid: bool = False


class VoucherVoided(AdminEvent, frozen=True):
    """A voucher was voided. `left` was its balance."""

    audited: ClassVar[str] = N_("voided voucher {voucher_id}")

    voucher_id: Uuid
    left: Unsigned
    currency: CurrencyCode


class AccountSet(AdminEvent, frozen=True):
    """The house account of a customer was opened with a limit, or closed if `closed` is true."""

    audited: ClassVar[str] = N_("set the house account of {customer_id} to {limit}")

    customer_id: Uuid
    limit: Unsigned
    currency: CurrencyCode
    closed: bool = False


class AccountPaidOff(AdminEvent, frozen=True):
    """A customer paid off all or a part of a house account in `tender`. If negative, a credit was paid out."""

    audited: ClassVar[str] = N_("took money for the house account of {customer_id}: {tender}")

    customer_id: Uuid
    paying: Uuid
    amount: Amount
    currency: CurrencyCode
    tender: Word


class AccountCorrected(AdminEvent, frozen=True):
    """A pay-off of a house account was reversed: `amount` is owed again. No cash moved."""

    audited: ClassVar[str] = N_("reversed a pay-off of the house account of {customer_id}")

    customer_id: Uuid
    pay_off: Uuid
    correction: Uuid
    amount: Amount
    currency: CurrencyCode


class CustomerBilled(AdminEvent, frozen=True):
    """The tax number and address of a customer were set. They are only in the list of customers."""

    audited: ClassVar[str] = N_("set the tax number of customer {customer_id}")

    customer_id: Uuid


class CustomerErased(AdminEvent, frozen=True):
    """A customer was erased: the free text of these events was deleted permanently."""

    audited: ClassVar[str] = N_("erased customer {customer_id}")

    customer_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


# Administration of promotions and tables


class PromotionSet(AdminEvent, frozen=True):
    """A promotion was added or changed."""

    audited: ClassVar[str] = N_("set the promotion {name}")

    name: Word
    terms: dict[str, Any]


class PromotionRemoved(AdminEvent, frozen=True):
    """A promotion was removed."""

    audited: ClassVar[str] = N_("removed the promotion {name}")

    name: Word


class TableSet(AdminEvent, frozen=True):
    """A table was set up or changed: its seats and its area; without seats it is removed."""

    audited: ClassVar[str] = N_("set table {table_number} to {seats} seats")

    table_number: Count
    seats: Count
    area: Word = ""


# Bookings


class BookingMade(AdminEvent, frozen=True):
    """A booking was made. Name and phone are stored beside the event."""

    audited: ClassVar[str] = N_("booked for {covers}: {booking_id}")

    booking_id: Uuid
    at: Time
    minutes: AtLeastOne
    covers: AtLeastOne
    table_number: Count | None = None
    customer_id: Uuid | None = None
    name: Private = ""
    phone: Private = ""


class BookingCancelled(AdminEvent, frozen=True):
    """A booking was cancelled by its guests."""

    audited: ClassVar[str] = N_("cancelled booking {booking_id}")

    booking_id: Uuid


class BookingMissed(TillEvent, frozen=True):
    """A booking was missed: its guests did not come."""

    audited: ClassVar[str] = N_("no-show: booking {booking_id}")
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    booking_id: Uuid


class BookingErased(AdminEvent, frozen=True):
    """A booking was erased: the free text of these events was deleted permanently."""

    audited: ClassVar[str] = N_("erased booking {booking_id}")

    booking_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


# Items that are sold out or counted


class ItemMarked(TillEvent, frozen=True):
    """An item was marked at the counter as sold out (86) or back on sale. `approved_by` is the approving manager."""

    called: ClassVar[str] = N_("An item sold out, or back on sale")
    at_once: ClassVar[bool] = True

    item_id: Word
    sold_out: bool
    approved_by: StaffNumber | None = None


class ItemCounted(TillEvent, frozen=True):
    """An item was counted: the pieces `left` to sell. The newest count or mark of an item counts.

    It ends with the business day, unless it is to `keep`. `approved_by` as in `item_marked`.
    """

    called: ClassVar[str] = N_("{left} left of an item")
    audited: ClassVar[str] = N_("counted an item: {left} left")
    at_once: ClassVar[bool] = True
    listed: ClassVar[str] = "counts"

    item_id: Word
    left: Count
    keep: bool = False
    approved_by: StaffNumber | None = None


class ChoiceMarked(TillEvent, frozen=True):
    """A choice was marked as sold out, or back on sale, in every group that has it.

    `approved_by` as in `item_marked`.
    """

    called: ClassVar[str] = N_("A choice sold out, or back on sale")
    audited: ClassVar[str] = N_("marked a choice sold out or on sale: {choice}")
    at_once: ClassVar[bool] = True
    listed: ClassVar[str] = "counts"

    choice: Word
    sold_out: bool
    approved_by: StaffNumber | None = None


# The kitchen's tickets


class TicketEvent(TillEvent, frozen=True):
    """A screen of the kitchen changed a ticket on the board of `station`. `ticket` is its `lines_sent`."""

    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True
    listed: ClassVar[str] = "tickets"

    ticket: EventId
    station: Word


class TicketDone(TicketEvent, frozen=True):
    """A ticket is done at a station: what it asks for is made, or was seen."""

    called: ClassVar[str] = N_("Ticket done at {station}")


class TicketRecalled(TicketEvent, frozen=True):
    """A ticket that was done by mistake is back on the board of a station."""

    called: ClassVar[str] = N_("Ticket recalled at {station}")


# Stamps of invoices, and notices


class FiscalStamped(TillEvent, frozen=True):
    """A sale or a refund was stamped by the country's law: a record of the chain of the journal `chain`.

    `scheme` is the law, and `kind` its word for the invoice. `of` is the id of the sale or of the refund, `number` the
    number in the record, `fields` its other fields by path, and `names` those that name a person, as canonical JSON.
    `previous` is the `hash` of the record before; empty for the first. A journal that carries events of a lost one over
    has its own chain. `unsure` is true if the till did not know the server's time.
    """

    called: ClassVar[str] = N_("Invoice {number} stamped")
    harmless: ClassVar[bool] = True
    listed: ClassVar[str] = "stamps"
    applied_beside: ClassVar[bool] = True
    by_counter: ClassVar[bool] = True

    chain: Uuid
    scheme: Word
    kind: Word
    of: Uuid
    number: Word
    fields: Annotated[dict[Annotated[str, Meta(max_length=63)], Word], Meta(max_length=200)]
    hash: Word
    previous: Word = ""
    unsure: bool = False
    names: Private = ""


class NoticeSeen(TillEvent, frozen=True):
    """A notice was seen and is no longer listed."""

    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    notice: Uuid


# Administration of the menu


class MenuImported(AdminEvent, frozen=True):
    """A menu was imported. `version` is its version, which tills ask for."""

    audited: ClassVar[str] = N_("imported menu {version}")

    version: Count
    items: Count


class MenuEdited(AdminEvent, frozen=True):
    """An item of the menu was changed: its new fields, in the format of the menu; `open` for an open price."""

    version: Count
    item_id: Word
    changes: dict[str, Any]


class RatePlan(Record, frozen=True):
    """A tax group that begins at a time: for items, in one order type or in any, and for the service charge."""

    starts: Time
    tax: Word
    items: Count
    order_type: Word = ""
    charge: bool = False


class MenuRated(AdminEvent, frozen=True):
    """Tax groups of the menu were planned, moved or cancelled: all that are planned now; or those that have `begun`."""

    version: Count
    rates: Annotated[tuple[RatePlan, ...], Meta(max_length=100)]
    begun: bool = False


class SaleHours(Record, frozen=True):
    """The hours of sale by the venue's clock, on the weekdays `days` (1 is Monday); without days, on all of them."""

    starts: Word
    ends: Word
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()


class MenuScheduled(AdminEvent, frozen=True):
    """The hours of a daypart were changed, or the daypart of an item or category. Without a daypart, always on sale."""

    version: Count
    daypart: Word | None = None
    hours: Annotated[tuple[SaleHours, ...], Meta(max_length=50)] = ()
    item_id: Word | None = None
    category_id: Word | None = None


class MenuBroughtBack(AdminEvent, frozen=True):
    """The menu of version `of` was restored."""

    version: Count
    of: Count
    items: Count


class ItemSoldOut(AdminEvent, frozen=True):
    """An item was marked by administration as sold out (86) or back on sale."""

    called: ClassVar[str] = N_("An item sold out, or back on sale")
    audited: ClassVar[str] = N_("marked an item sold out or on sale")

    item_id: Word
    sold_out: bool
    version: Count
