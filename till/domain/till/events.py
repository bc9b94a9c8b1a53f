"""The events of a till itself. Those of administration are in the stream of the database, which is till 0."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

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
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.order.events import Record


def stream_of_till(store_id: str, till: int) -> str:
    """Return the id of a till's own stream: the same on every machine that has its number."""
    return derived_id(store_id, f"till {till}")


class TillEvent(EventData, frozen=True):
    """An event of a till."""

    stream: ClassVar[str] = "till"


#: Records that fold into nothing.
TILLS: Final[Aggregate[Any]] = Aggregate(TillEvent, {})


class PreviousJournal(Record, frozen=True):
    """The journal that a new one takes the place of, and its end."""

    journal_id: Uuid
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    hash: Hash


class JournalOpened(TillEvent, frozen=True):
    """A journal begins, on a machine of this name."""

    called: ClassVar[str] = _("Journal opened")

    host: Word
    previous: PreviousJournal | None = None


class LoginRefused(TillEvent, frozen=True):
    """A wrong PIN; `locked` when it was the fifth."""

    called: ClassVar[str] = _("Wrong PIN")

    user: StaffNumber
    locked: bool


class ApprovalGiven(TillEvent, frozen=True):
    """Somebody who may said yes, at the counter, to what who is logged in asked for.

    It stands behind what it allowed, in one transaction with it: `events` are those, of the stream that is named, so it
    serves once. `amount` is the money that they move or take off.
    """

    act: Name
    stream_kind: Name
    stream_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(min_length=1, max_length=10_000)]
    approved_by: StaffNumber
    amount: Amount | None = None
    currency: CurrencyCode | None = None


class QuarantineResolved(TillEvent, frozen=True):
    """A manager settled a record that the database could not apply, at the server."""

    by_server: ClassVar[bool] = True

    quarantine: Place
    how: Private = ""
    event: Uuid | None = None
    session: Uuid | None = None


class RecordsSettled(TillEvent, frozen=True):
    """A manager settled all records of a till that could not be applied, at the server: so many, up to this number."""

    by_server: ClassVar[bool] = True

    till: TillNumber
    records: AtLeastOne
    upto: Place


class AdminEvent(TillEvent, frozen=True):
    """An act of administration."""

    by_server: ClassVar[bool] = True


class SettingsChanged(AdminEvent, frozen=True):
    """Settings of the venue, by name; and what they were before, where they were anything."""

    changes: dict[str, Any]
    was: dict[str, Any]


class TillEnrolled(AdminEvent, frozen=True):
    """A till got a secret."""

    till: TillNumber


class EnrolmentMade(AdminEvent, frozen=True):
    """A manager has a code by which a machine becomes that till; the code itself stands nowhere."""

    till: TillNumber
    kind: Word


class TillRenamed(AdminEvent, frozen=True):
    """A till is called otherwise; the name itself stands with the tills alone."""

    till: TillNumber


class TillRevoked(AdminEvent, frozen=True):
    """A till was revoked."""

    till: TillNumber


class TillAdopted(AdminEvent, frozen=True):
    """Another journal takes the place of a till's; none named: the next that it brings."""

    till: TillNumber
    journal_id: Uuid | None = None


class BacklogTaken(AdminEvent, frozen=True):
    """The records of a journal are taken, though it never was its till's."""

    till: TillNumber
    journal_id: Uuid


class ProgramAdded(AdminEvent, frozen=True):
    """A program that is no till may keep orders here, under a password of its own; said again, it has a new one."""

    program: Word


class ProgramRevoked(AdminEvent, frozen=True):
    """A program was revoked."""

    program: Word


class UserAdded(AdminEvent, frozen=True):
    """Somebody works here from now on."""

    user: StaffNumber
    role: Word


class UserDisabled(AdminEvent, frozen=True):
    """Somebody may not log in any more."""

    user: StaffNumber


class UserEnabled(AdminEvent, frozen=True):
    """Somebody may log in again."""

    user: StaffNumber


class UserRenamed(AdminEvent, frozen=True):
    """Somebody is called otherwise; the name itself stands with the staff alone."""

    user: StaffNumber


class RoleSet(AdminEvent, frozen=True):
    """Somebody has another role."""

    user: StaffNumber
    role: Word


class UserUnlocked(AdminEvent, frozen=True):
    """A number that wrong PINs had locked is open again."""

    user: StaffNumber


class PinSet(AdminEvent, frozen=True):
    """Somebody has a new PIN."""

    user: StaffNumber


class PasswordSet(AdminEvent, frozen=True):
    """Somebody has a new password for acts at the server."""

    user: StaffNumber


class CustomerAdded(AdminEvent, frozen=True):
    """The venue knows one more guest; who it is stands beside the event alone."""

    customer_id: Uuid
    name: Private = ""
    phone: Private = ""


class VoucherIssued(AdminEvent, frozen=True):
    """A voucher was sold or given: so much may be spent with it, until the end of a day if one is named.

    Its code stands nowhere: the database keeps a digest of it. Issuing is no turnover.
    """

    voucher_id: Uuid
    amount: Unsigned
    currency: CurrencyCode
    expires: Day | None = None


class VoucherVoided(AdminEvent, frozen=True):
    """A voucher is worth nothing any more; `left` is what was on it."""

    voucher_id: Uuid
    left: Unsigned
    currency: CurrencyCode


class AccountSet(AdminEvent, frozen=True):
    """A guest may pay later, up to a limit; or, with `closed`, no more."""

    customer_id: Uuid
    limit: Unsigned
    currency: CurrencyCode
    closed: bool = False


class AccountPaidOff(AdminEvent, frozen=True):
    """A guest paid what was on the house account, or a part of it; `tender` says how."""

    customer_id: Uuid
    paying: Uuid
    amount: Unsigned
    currency: CurrencyCode
    tender: Word


class CustomerErased(AdminEvent, frozen=True):
    """A guest is forgotten: the free text beside these events is gone for good."""

    customer_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


class PromotionSet(AdminEvent, frozen=True):
    """The venue offers something from now on, or something else under that name."""

    name: Word
    terms: dict[str, Any]


class PromotionRemoved(AdminEvent, frozen=True):
    """The venue offers something no more."""

    name: Word


class TableSet(AdminEvent, frozen=True):
    """A table was set up or changed: its seats and its area; without seats it is removed."""

    table_number: Count
    seats: Count
    area: Word = ""


class BookingMade(AdminEvent, frozen=True):
    """Guests booked; who they are stands beside the event alone."""

    booking_id: Uuid
    at: Time
    minutes: AtLeastOne
    covers: AtLeastOne
    table_number: Count | None = None
    customer_id: Uuid | None = None
    name: Private = ""
    phone: Private = ""


class BookingCancelled(AdminEvent, frozen=True):
    """The guests of a booking called it off."""

    booking_id: Uuid


class BookingMissed(TillEvent, frozen=True):
    """The guests of a booking did not come."""

    at_once: ClassVar[bool] = True

    booking_id: Uuid


class ItemMarked(TillEvent, frozen=True):
    """An item is sold out (86), or there again, the counter says; `approved_by` said yes for who keyed it."""

    called: ClassVar[str] = _("An item sold out, or back on sale")
    at_once: ClassVar[bool] = True

    item_id: Word
    sold_out: bool
    approved_by: StaffNumber | None = None


class NoticeSeen(TillEvent, frozen=True):
    """Somebody has seen a notice: it is listed no more."""

    at_once: ClassVar[bool] = True

    notice: Uuid


class BookingErased(AdminEvent, frozen=True):
    """The guests of a booking are forgotten: the free text beside these events is gone for good."""

    booking_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


class MenuImported(AdminEvent, frozen=True):
    """The menu is another; `version` is the one that tills ask for."""

    version: Count
    items: Count


class MenuEdited(AdminEvent, frozen=True):
    """An item of the menu is another: what of it, as the menu's body says it; `open` for a price that is typed."""

    version: Count
    item_id: Word
    changes: dict[str, Any]


class SaleHours(Record, frozen=True):
    """From and to which time of the venue's clock something is sold, on which weekdays; 1 is Monday, none means all."""

    starts: Word
    ends: Word
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()


class MenuScheduled(AdminEvent, frozen=True):
    """A daypart has other hours, or an item or a category another daypart; none named means that it is always sold."""

    version: Count
    daypart: Word | None = None
    hours: Annotated[tuple[SaleHours, ...], Meta(max_length=50)] = ()
    item_id: Word | None = None
    category_id: Word | None = None


class MenuBroughtBack(AdminEvent, frozen=True):
    """The menu is again what it was at version `of`."""

    version: Count
    of: Count
    items: Count


class ItemSoldOut(AdminEvent, frozen=True):
    """An item is sold out (86), or there again."""

    called: ClassVar[str] = _("An item sold out, or back on sale")

    item_id: Word
    sold_out: bool
    version: Count
