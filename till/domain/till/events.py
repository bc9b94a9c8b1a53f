"""The events of a till itself. Those of administration are in the stream of the server, which is till 0."""

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


#: An aggregate without state.
TILLS: Final[Aggregate[Any]] = Aggregate(TillEvent, {})


class PreviousJournal(Record, frozen=True):
    """The journal that a new one replaces, and its head."""

    journal_id: Uuid
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    hash: Hash


class JournalOpened(TillEvent, frozen=True):
    """A journal was opened on the machine `host`."""

    called: ClassVar[str] = _("Journal opened")

    host: Word
    previous: PreviousJournal | None = None


class LoginRefused(TillEvent, frozen=True):
    """A wrong PIN was typed; `locked` is true for the fifth."""

    called: ClassVar[str] = _("Wrong PIN")

    user: StaffNumber
    locked: bool


class ApprovalGiven(TillEvent, frozen=True):
    """A manager approved an act at the counter.

    It follows the approved `events` of the named stream, in the same transaction, so that it serves once. `amount` is
    the money that they move or take off.
    """

    act: Name
    stream_kind: Name
    stream_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(min_length=1, max_length=10_000)]
    approved_by: StaffNumber
    amount: Amount | None = None
    currency: CurrencyCode | None = None


class QuarantineResolved(TillEvent, frozen=True):
    """A manager settled a quarantined record."""

    by_server: ClassVar[bool] = True

    quarantine: Place
    how: Private = ""
    event: Uuid | None = None
    session: Uuid | None = None


class RecordsSettled(TillEvent, frozen=True):
    """A manager settled all quarantined records of a till: their number, up to the record `upto`."""

    by_server: ClassVar[bool] = True

    till: TillNumber
    records: AtLeastOne
    upto: Place


class AdminEvent(TillEvent, frozen=True):
    """An act of administration."""

    by_server: ClassVar[bool] = True


class SettingsChanged(AdminEvent, frozen=True):
    """Settings of the venue were changed: their names, the new values and the previous ones, without empty ones."""

    keys: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=100)]
    changes: dict[str, Any]
    was: dict[str, Any]


class TillEnrolled(AdminEvent, frozen=True):
    """A till was enrolled: it has a new secret."""

    till: TillNumber


class EnrolmentMade(AdminEvent, frozen=True):
    """A code was made that enrols a machine as this till; the code itself is not kept."""

    till: TillNumber
    kind: Word


class TillRenamed(AdminEvent, frozen=True):
    """A till was renamed; the name is kept with the tills alone."""

    till: TillNumber


class TillRevoked(AdminEvent, frozen=True):
    """A till was revoked."""

    till: TillNumber


class TillAdopted(AdminEvent, frozen=True):
    """Another journal may replace that of a till; None means the next one that it brings."""

    till: TillNumber
    journal_id: Uuid | None = None


class BacklogTaken(AdminEvent, frozen=True):
    """The records of a journal are accepted, although it never was that of its till."""

    till: TillNumber
    journal_id: Uuid


class ProgramAdded(AdminEvent, frozen=True):
    """A program may place orders here, with a password of its own; added again, it has a new one."""

    program: Word


class ProgramRevoked(AdminEvent, frozen=True):
    """A program was revoked."""

    program: Word


class UserAdded(AdminEvent, frozen=True):
    """A person was added to the staff."""

    user: StaffNumber
    role: Word


class UserDisabled(AdminEvent, frozen=True):
    """The login of a person was disabled."""

    user: StaffNumber


class UserEnabled(AdminEvent, frozen=True):
    """The login of a person was enabled again."""

    user: StaffNumber


class UserRenamed(AdminEvent, frozen=True):
    """A person was renamed; the name is kept with the staff alone."""

    user: StaffNumber


class RoleSet(AdminEvent, frozen=True):
    """The role of a person was changed."""

    user: StaffNumber
    role: Word


class UserUnlocked(AdminEvent, frozen=True):
    """A staff number locked by wrong PINs was unlocked."""

    user: StaffNumber


class PinSet(AdminEvent, frozen=True):
    """The PIN of a person was changed."""

    user: StaffNumber


class PasswordSet(AdminEvent, frozen=True):
    """The password of a person, for acts at the server, was changed."""

    user: StaffNumber


class CustomerAdded(AdminEvent, frozen=True):
    """A customer was added; name and phone are kept beside the event alone."""

    customer_id: Uuid
    name: Private = ""
    phone: Private = ""


class VoucherIssued(AdminEvent, frozen=True):
    """A voucher was sold or given away: `amount` can be spent with it, until the end of the day `expires`, if any.

    Its code is not kept, only a digest of it. Issuing is no turnover.
    """

    voucher_id: Uuid
    amount: Unsigned
    currency: CurrencyCode
    expires: Day | None = None


class VoucherVoided(AdminEvent, frozen=True):
    """A voucher was voided; `left` is the amount that was on it."""

    voucher_id: Uuid
    left: Unsigned
    currency: CurrencyCode


class AccountSet(AdminEvent, frozen=True):
    """The house account of a customer was opened with a limit; or closed, with `closed`."""

    customer_id: Uuid
    limit: Unsigned
    currency: CurrencyCode
    closed: bool = False


class AccountPaidOff(AdminEvent, frozen=True):
    """A customer paid off a house account, or a part of it, by `tender`; with a minus, a credit was given back."""

    customer_id: Uuid
    paying: Uuid
    amount: Amount
    currency: CurrencyCode
    tender: Word


class CustomerErased(AdminEvent, frozen=True):
    """A customer was erased: the free text of these events is gone for good."""

    customer_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


class PromotionSet(AdminEvent, frozen=True):
    """A promotion was added or changed."""

    name: Word
    terms: dict[str, Any]


class PromotionRemoved(AdminEvent, frozen=True):
    """A promotion was removed."""

    name: Word


class TableSet(AdminEvent, frozen=True):
    """A table was set up or changed: its seats and its area; without seats it is removed."""

    table_number: Count
    seats: Count
    area: Word = ""


class BookingMade(AdminEvent, frozen=True):
    """A booking was made; name and phone are kept beside the event alone."""

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

    booking_id: Uuid


class BookingMissed(TillEvent, frozen=True):
    """A booking was missed: its guests did not come."""

    at_once: ClassVar[bool] = True

    booking_id: Uuid


class ItemMarked(TillEvent, frozen=True):
    """An item was marked at the counter as sold out (86), or back; `approved_by` is the manager who approved it."""

    called: ClassVar[str] = _("An item sold out, or back on sale")
    at_once: ClassVar[bool] = True

    item_id: Word
    sold_out: bool
    approved_by: StaffNumber | None = None


class NoticeSeen(TillEvent, frozen=True):
    """A notice was seen: it is no longer listed."""

    at_once: ClassVar[bool] = True

    notice: Uuid


class BookingErased(AdminEvent, frozen=True):
    """A booking was erased: the free text of these events is gone for good."""

    booking_id: Uuid
    events: Annotated[tuple[EventId, ...], Meta(max_length=100)]


class MenuImported(AdminEvent, frozen=True):
    """A menu was imported; `version` is the one that tills ask for."""

    version: Count
    items: Count


class MenuEdited(AdminEvent, frozen=True):
    """An item of the menu was changed: its new fields, as in the body of the menu; `open` for an open price."""

    version: Count
    item_id: Word
    changes: dict[str, Any]


class SaleHours(Record, frozen=True):
    """The hours of sale by the venue's clock, on these weekdays; 1 is Monday, and none means all."""

    starts: Word
    ends: Word
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()


class MenuScheduled(AdminEvent, frozen=True):
    """The hours of a daypart, or the daypart of an item or category, were changed; no daypart means always on sale."""

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
    """An item was marked as sold out (86), or back."""

    called: ClassVar[str] = _("An item sold out, or back on sale")

    item_id: Word
    sold_out: bool
    version: Count
