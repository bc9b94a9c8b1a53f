"""The reads of a till: the name of each, its answer, and its rows as values of the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.fiscal import PaperStamp  # noqa: TC001 - a row is read by it
from till.domain.money.amount import Currency
from till.domain.order.copying import TabItem  # noqa: TC001 - a row is read by it
from till.ports import (
    Quality,
    RemoteBooking,
    RemoteClearing,
    RemoteConflict,
    RemoteCustomer,
    RemotePurchase,
    RemoteRecord,
    RemoteSession,
    RemoteShelf,
    RemoteStocktake,
    SheetCount,
)
from till.ports.training import DrillScore  # noqa: TC001 - a row is read by it
from till.sync.messages import (
    Answer,
    CurrencyCode,
    DamagedReplyError,
    SessionState,
    TillNumber,
    Uuid,
    Whole,
)
from till.sync.server import ListRead, StoreRead

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
#: The longest name of an unreadable row in a sentence.
_LONGEST_NAME: Final = 40


class SessionRow(SessionState, frozen=True, kw_only=True):
    """A session row of docs/protocol.md."""

    lines: Whole
    total: str
    paid: str = "0"
    currency: CurrencyCode
    order_type: str | None
    created_at: str
    updated_at: str
    till_name: str | None = None
    tab_id: Uuid | None = None
    tab_name: str | None = None
    table_number: str | None = None
    late_for: str | None = None
    idle_s: Whole | None = None
    seen_s: Whole | None = None
    quality: str | None = None
    paying: bool = False
    covers: Whole | None = None
    bill_out: bool = False
    ready: TillNumber | None = None
    program: str | None = None
    items: tuple[TabItem, ...] = ()
    words: dict[str, str] | None = None
    submitted: bool = False


class ConflictRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict of docs/protocol.md."""

    conflict: Uuid
    kind: str
    subject: str
    amount: str
    currency: CurrencyCode
    till: int
    found_at: str
    session: Uuid | None = None
    receipts: tuple[str, ...] = ()
    also: tuple[Uuid, ...] = ()


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record that the database stored but could not apply (docs/protocol.md)."""

    id: Whole
    reason: str
    received_at: str
    currency: CurrencyCode
    session: Uuid | None = None
    type: str | None = None
    till: int | None = None
    amount: str | None = None


class WaitingRow(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a till's conflicts and records that need a manager."""

    till: TillNumber
    conflicts: Whole
    records: Whole


class ConflictsAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `conflicts_v1`: a page of conflicts and records, and the totals by till."""

    conflicts: tuple[msgspec.Raw, ...] = ()
    quarantine: tuple[msgspec.Raw, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()


class PurchaseItem(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of an item."""

    item: str
    quantity: int


class PurchaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order of a customer (docs/protocol.md)."""

    at: str
    total: str
    currency: CurrencyCode
    receipt: str | None = None
    items: tuple[PurchaseItem, ...] = ()


class CustomerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of docs/protocol.md."""

    customer: Uuid
    name: str
    phone: str
    orders: Whole
    preferences: dict[str, str] = {}
    history: tuple[PurchaseRow, ...] = ()
    tax_number: str = ""
    address: str = ""


class CustomersAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `customers_v1`."""

    customers: tuple[msgspec.Raw, ...] = ()


class BookingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of docs/protocol.md."""

    booking: Uuid
    at: str
    name: str
    phone: str
    covers: Whole
    status: str
    table: Whole | None = None
    customer: Uuid | None = None


class BookingsAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `bookings_v1`."""

    bookings: tuple[msgspec.Raw, ...] = ()


class ClearedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order that another person cleared (docs/protocol.md)."""

    session: Uuid
    lines: Whole
    total: str
    currency: CurrencyCode
    by_name: str | None = None
    reason: str | None = None


class ClearedAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `cleared_orders_v1`."""

    cleared: tuple[msgspec.Raw, ...] = ()


class MaintenanceAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `maintenance_v1`: the number of suspended orders, and `more` if there is more to do."""

    swept: Whole = 0
    more: bool = False


class SessionsAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `user_sessions_v1` and to `open_orders_v1`."""

    sessions: tuple[msgspec.Raw, ...] = ()


class SaltAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `password_salt_v1`."""

    salt: str = ""


class TokenAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `password_login_v1`."""

    token: str = ""


class TabsAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `open_tabs_v1`."""

    tabs: tuple[msgspec.Raw, ...] = ()


class EventsAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `session_events_v1`; `session` is None if the database lacks the session.

    With `more`, there are further events after the last one. `sessions` are those that have all of their events in it,
    if several were asked for. `stamps` are those of the sales and refunds of one.
    """

    session: SessionState | None = None
    events: tuple[msgspec.Raw, ...] = ()
    more: bool = False
    sessions: tuple[Uuid, ...] = ()
    stamps: tuple[PaperStamp, ...] = ()


class GrantAnswer(EventsAnswer, frozen=True, kw_only=True):
    """The answer to `grant_order_v1`: the events, including the grant.

    Without a grant, the order was paid or cleared, or another till has it open (`open_at`).
    """

    granted: Uuid | None = None
    server_time: str = ""
    open_at: TillNumber | None = None


def row_reader(shape: type[R], read: Callable[[R], T]) -> Callable[[msgspec.Raw], T]:
    """Return a reader for the rows of a list: it decodes the JSON, then the amounts and times."""

    def reading(raw: msgspec.Raw) -> T:
        try:
            return read(msgspec.json.decode(raw, type=shape))
        except (msgspec.MsgspecError, UnicodeError, RecursionError, TillError, OverflowError) as problem:
            raise DamagedReplyError(str(problem)) from problem

    return reading


def name_of(raw: msgspec.Raw) -> str:
    """Return the id in an unreadable row, if the id is readable."""
    try:
        named = msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "?"
    return str(
        named.get("session")
        or named.get("conflict")
        or named.get("booking")
        or named.get("customer")
        or named.get("id")
        or "?"
    )[:_LONGEST_NAME]


def like(kind: type[S], row: msgspec.Struct, **others: object) -> S:
    """Return a value of the ports: its fields that a row has too, and others."""
    shared = {name: getattr(row, name) for name in kind.__struct_fields__ if name not in others and hasattr(row, name)}
    return kind(**shared, **others)


def _remote_session(row: SessionRow) -> RemoteSession:
    """Return the session of a row."""
    texts = ("till_name", "order_type", "tab_name", "table_number", "program")
    return like(
        RemoteSession,
        row,
        **{name: getattr(row, name) or "" for name in texts},
        session_id=row.session,
        words=tuple((row.words or {}).items()),
        total=Currency(row.currency).minor(row.total),
        paid=Currency(row.currency).minor(row.paid),
        created_at=read_time(row.created_at),
        updated_at=read_time(row.updated_at),
        is_slow=row.quality in {Quality.DEGRADED, Quality.POOR},
    )


def _remote_clearing(row: ClearedRow) -> RemoteClearing:
    """Return the cleared order of a row."""
    total = Currency(row.currency).minor(row.total)
    return RemoteClearing(row.session, row.lines, total, row.by_name or "", row.reason or "")


def _remote_conflict(row: ConflictRow) -> RemoteConflict:
    """Return the conflict of a row."""
    return like(
        RemoteConflict,
        row,
        conflict_id=row.conflict,
        session_id=row.session,
        amount=Currency(row.currency).minor(row.amount),
        found_at=read_time(row.found_at),
    )


def _remote_record(row: RecordRow) -> RemoteRecord:
    """Return the record of a row."""
    return RemoteRecord(
        record=row.id,
        session_id=row.session,
        reason=row.reason,
        amount=None if row.amount is None else Currency(row.currency).minor(row.amount),
        till=row.till or 0,
        found_at=read_time(row.received_at),
    )


def _remote_customer(row: CustomerRow) -> RemoteCustomer:
    """Return the customer of a row."""
    history = (
        RemotePurchase(
            receipt=bought.receipt or "",
            at=read_time(bought.at),
            total=Currency(bought.currency).minor(bought.total),
            currency=bought.currency,
            items=tuple((one.item, one.quantity) for one in bought.items),
        )
        for bought in row.history
    )
    return like(RemoteCustomer, row, customer_id=row.customer, history=tuple(history))


def _remote_booking(row: BookingRow) -> RemoteBooking:
    """Return the booking of a row."""
    return like(RemoteBooking, row, booking_id=row.booking, at=read_time(row.at), customer_id=row.customer)


class ClaimAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `claim_invoice_v1`: `why` it is not claimed, with the till that has it, and its number."""

    why: str | None = None
    till: int | None = None
    number: str | None = None


class StateAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `refund_state_v1`, and to `payment_answer_v1`."""

    state: str | None = None


class VoucherAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `voucher_v1`: `why` it cannot be used, or its name for payments and its balance.

    An unpaid one has its id and its price instead.
    """

    why: str | None = None
    ask: str | None = None
    hint: str | None = None
    currency: str | None = None
    left: str | None = None
    expires: str | None = None
    voucher: str | None = None
    price: str | None = None


class AccountAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `account_v1`, all None if there is no account."""

    customer: str | None = None
    currency: str | None = None
    limit: str | None = None
    owed: str | None = None
    left: str | None = None


class ShelfRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `shelf_v1`."""

    item: str
    amount: int | None = None
    counted_at: str | None = None


class ShelfAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `shelf_v1`."""

    items: tuple[msgspec.Raw, ...] = ()


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A count of `stocktake_v1`."""

    item: str
    amount: int
    at: str
    by: str
    till: int


class DifferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A difference of `stocktake_v1`."""

    item: str
    amount: int
    cost: str | None = None


class StocktakeAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `stocktake_v1`."""

    counts: tuple[SheetRow, ...] = ()
    differences: tuple[DifferenceRow, ...] = ()
    unheard: tuple[str, ...] = ()


def remote_stocktake(answer: StocktakeAnswer) -> RemoteStocktake:
    """Return the sheet of an answer."""
    return RemoteStocktake(
        tuple(SheetCount(one.item, one.amount, read_time(one.at), one.by, one.till) for one in answer.counts),
        {one.item: (one.amount, one.cost or "") for one in answer.differences},
        answer.unheard,
    )


def _remote_shelf(row: ShelfRow) -> RemoteShelf:
    """Return the kept item of a row."""
    return RemoteShelf(row.item, row.amount, read_time(row.counted_at) if row.counted_at else None)


#: Readers of list rows. An unreadable row raises `DamagedReplyError`.
remote_session = row_reader(SessionRow, _remote_session)
remote_clearing = row_reader(ClearedRow, _remote_clearing)
remote_conflict = row_reader(ConflictRow, _remote_conflict)
remote_booking = row_reader(BookingRow, _remote_booking)
remote_customer = row_reader(CustomerRow, _remote_customer)
remote_record = row_reader(RecordRow, _remote_record)
remote_shelf = row_reader(ShelfRow, _remote_shelf)


class ScoresAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `training_scores_v1`."""

    scores: tuple[DrillScore, ...] = ()


#: The reads (docs/protocol.md, "Reads"). An unreadable row raises `DamagedReplyError`.
USER_SESSIONS: Final = ListRead("till.user_sessions_v1", SessionsAnswer, lambda found: found.sessions, remote_session)
OPEN_ORDERS: Final = ListRead("till.open_orders_v1", SessionsAnswer, lambda found: found.sessions, remote_session)
OPEN_TABS: Final = ListRead("till.open_tabs_v1", TabsAnswer, lambda found: found.tabs, remote_session)
CLEARED_ORDERS: Final = ListRead("till.cleared_orders_v1", ClearedAnswer, lambda found: found.cleared, remote_clearing)
BOOKINGS: Final = ListRead("till.bookings_v1", BookingsAnswer, lambda found: found.bookings, remote_booking)
CUSTOMERS: Final = ListRead("till.customers_v1", CustomersAnswer, lambda found: found.customers, remote_customer)
CONFLICTS: Final = ListRead("till.conflicts_v1", ConflictsAnswer, lambda found: found.conflicts, remote_conflict)
RECORDS: Final = ListRead("till.conflicts_v1", ConflictsAnswer, lambda found: found.quarantine, remote_record)
CLAIM_INVOICE: Final = StoreRead("till.claim_invoice_v1", ClaimAnswer)
REFUND_STATE: Final = StoreRead("warm.refund_state_v1", StateAnswer)
VOUCHER: Final = StoreRead("till.voucher_v1", VoucherAnswer)
ACCOUNT: Final = StoreRead("till.account_v1", AccountAnswer)
STOCKTAKE: Final = StoreRead("till.stocktake_v1", StocktakeAnswer)
SHELF: Final = ListRead("till.shelf_v1", ShelfAnswer, lambda found: found.items, remote_shelf)
PAYMENT_ANSWER: Final = StoreRead("warm.payment_answer_v1", StateAnswer)
PASSWORD_SALT: Final = StoreRead("till.password_salt_v1", SaltAnswer)
PASSWORD_LOGIN: Final = StoreRead("till.password_login_v1", TokenAnswer)
MANAGE: Final = StoreRead("till.manage_v1", Answer)
MAINTENANCE: Final = StoreRead("till.maintenance_v1", MaintenanceAnswer)
SESSION_EVENTS: Final = StoreRead("till.session_events_v1", EventsAnswer)
GRANT: Final = StoreRead("till.grant_order_v1", GrantAnswer)
TRAINING: Final = StoreRead("till.training_v1", Answer)
TRAINING_SCORES: Final = StoreRead("till.training_scores_v1", ScoresAnswer)
TELL: Final = StoreRead("till.tell_v1", Answer)
