"""The interface of the venue's database for a till: requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from till.domain.errors import StoreAwayError, StoreError
from till.domain.events.envelope import SERVER
from till.domain.i18n import N_, ngettext
from till.domain.money.measures import NOTHING
from till.domain.numbers import REFUNDS_OF_TICKETS, SERIES, series_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.order.copying import TabItem
    from till.domain.refund.past import PastSale


class HeldElsewhereError(StoreError):
    """An order that is open on another till."""

    code = "held_elsewhere"
    default = N_("Another till has that order open. F5 or F8 takes it over.")


class NoAnswerError(StoreAwayError):
    """A request whose answer did not arrive."""

    code = "no_answer"
    default = N_("No answer. Look again when the light says saved.")


class ActOutdatedError(StoreError):
    """A request based on a state that has changed since."""

    code = "act_outdated"
    default = N_("Something has changed since. Look, then do it again.")


class BacklogError(StoreError):
    """A request that must wait until unsent records are sent."""

    code = "backlog"

    def __init__(self, records: int) -> None:
        sentence = ngettext(
            "Still sending {records} record: try again in a moment.",
            "Still sending {records} records: try again in a moment.",
            records,
        )
        super().__init__(sentence.format(records=f"{records:,}"))


def is_uncharged(holder: int | None, *, refold: bool) -> bool:
    """Return True if the server calculated the total of an order, without service charge: no till held it yet."""
    return holder == SERVER and not refold


class RemoteSession(Struct, frozen=True):
    """An order session in the database, for lists and for warning of another till. Amounts are in minor units.

    Attributes:
        idle_s: seconds between its last key and the request, by the database's clock; None if not requested.
        seen_s: seconds between the last sign of life of its holder and the request; None if there was none.
        is_slow: True if the connection of its till was slow at the last heartbeat of the user who has it open.
        paying: True if a payment has no answer yet.
        covers: the number of guests at its tab; None if unknown, or if it is on no tab.
        bill_out: True if the guests of its tab want to pay, or have paid a part.
        ready: the till that sent the last kitchen ticket of its tab, once each is ready on a screen; otherwise None.
        program: the name of the program that opened the order of its tab; empty for an order of a till.
        items: the lines of its tab, from the last snapshot of its holder.
        words: the preferences of its guests by name, and its `note`.
        holder: the till that holds it; the server (0) if it was not granted to a till yet.
        late_for: for an order of late lines, the tab of the order that they were keyed on, or empty if it was on none;
            None for any other order.
        submitted: True if a program submitted it, and it is not paid.
        paid: the paid part of its total.
        table_number: the table of its tab; empty if unknown, or if it is on no tab.
        refold: True if the database waits for a new snapshot, so that lines and amounts follow from the events.
    """

    session_id: str
    user: int
    till: int | None
    till_name: str
    status: str
    hold: str
    version: int
    lines: int
    total: Minor
    order_type: str
    tab_id: str | None
    tab_name: str
    created_at: datetime
    updated_at: datetime
    idle_s: int | None = None
    seen_s: int | None = None
    is_slow: bool = False
    paying: bool = False
    covers: int | None = None
    bill_out: bool = False
    items: tuple[TabItem, ...] = ()
    holder: int | None = None
    late_for: str | None = None
    submitted: bool = False
    paid: Minor = NOTHING
    table_number: str = ""
    refold: bool = False
    ready: int | None = None
    program: str = ""
    words: tuple[tuple[str, str], ...] = ()

    @property
    def is_uncharged(self) -> bool:
        """True if its total has no service charge."""
        return is_uncharged(self.holder, refold=self.refold)


class RemoteConflict(Struct, frozen=True):
    """A conflict about money that waits for a manager. `amount` is in minor units.

    Attributes:
        kind: a kind for `kind_in_words`; it may be unknown here.
        subject: the id of the order, line, payment or refund of the conflict.
        till: the till that found it; 0 for the database.
        receipts: the receipt numbers, first sale first; the last may be the number of a refund.
        also: the order ids of other sales or refunds with the same number.
    """

    conflict_id: str
    session_id: str | None
    kind: str
    subject: str
    amount: Minor
    till: int
    found_at: datetime
    receipts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def is_of_refund(self) -> bool:
        """True if the conflict is about a refund. Its number is the last of `receipts`."""
        return series_of("".join(self.receipts[-1:])) in SERIES[REFUNDS_OF_TICKETS]


class RemoteRecord(Struct, frozen=True):
    """A quarantined record: the database could not apply it, and it waits for a manager.

    Attributes:
        record: the number of the record.
        reason: a sentence with the reason.
        amount: the amount of the record in minor units; None if there is none.
        till: the till that sent it; 0 for the database.
    """

    record: int
    session_id: str | None
    reason: str
    amount: Minor | None
    till: int
    found_at: datetime


class RemoteClearing(Struct, frozen=True):
    """An order of a user that another person cleared. `total` is in minor units.

    Attributes:
        by_name: the name of the person who cleared it; empty for the owner of the database.
        reason: the reason; empty if it was erased.
    """

    session_id: str
    lines: int
    total: Minor
    by_name: str
    reason: str


class RemotePurchase(Struct, frozen=True):
    """A paid order of a customer. `total` is in minor units of `currency`; `items` are names with quantities."""

    receipt: str
    at: datetime
    total: Minor
    currency: str
    items: tuple[tuple[str, int], ...]


class RemoteCustomer(Struct, frozen=True):
    """A customer.

    Attributes:
        orders: the number of paid orders.
        preferences: the preferences by name.
        history: the last paid orders, newest first.
        tax_number: their tax number, for invoices; empty for none.
        address: their address, for invoices.
    """

    customer_id: str
    name: str
    phone: str
    orders: int
    preferences: dict[str, str]
    history: tuple[RemotePurchase, ...]
    tax_number: str = ""
    address: str = ""


class RemoteBooking(Struct, frozen=True):
    """A booking.

    Attributes:
        status: `booked`, `seated` or `no_show`.
        table: the table number; None if no table was booked.
        customer_id: the id of the customer; None if unknown.
    """

    booking_id: str
    at: datetime
    name: str
    phone: str
    covers: int
    table: int | None
    status: str
    customer_id: str | None = None


class SaleSearch(Struct, frozen=True):
    """A search for past sales. Without criteria, it finds the newest sales.

    Attributes:
        receipt: the receipt number of the sale or of one of its refunds.
        amount: the total in major units.
        items: the ids of items; a sale must have one of them.
        since: the earliest time.
        until: the end of the time range, exclusive.
        after: the order of the last sale on the previous page.
    """

    receipt: str | None = None
    amount: str | None = None
    items: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None


class RemoteVoucher(Struct, frozen=True):
    """A voucher that can be used for payment.

    Attributes:
        ask: the reference for a payment request.
        hint: the end of its code.
        left: the balance in minor units.
    """

    ask: str
    hint: str
    left: Minor
    currency: str


class UnpaidVoucher(Struct, frozen=True):
    """A voucher that was issued unpaid, and can be spent once a till took its price.

    Attributes:
        hint: the end of its code.
        price: the price in minor units.
    """

    voucher_id: str
    hint: str
    price: Minor
    currency: str


class RemoteAccount(Struct, frozen=True):
    """The house account of a customer. Amounts are in minor units.

    Attributes:
        limit: the most that the customer may owe.
        owed: the amount owed.
        left: the amount that can still be spent.
    """

    customer_id: str
    limit: Minor
    owed: Minor
    left: Minor
    currency: str


class RemoteShelf(Struct, frozen=True):
    """A kept item on the shelf, in its base unit; `amount` is None until it is counted."""

    item_id: str
    amount: int | None
    counted_at: datetime | None


class SheetCount(Struct, frozen=True):
    """The newest count of an item on a sheet, with the name of the person and the number of the till."""

    item_id: str
    amount: int
    at: datetime
    by: str
    till: int


class RemoteStocktake(Struct, frozen=True):
    """A sheet at the server.

    Attributes:
        counts: the newest count of each item.
        differences: the difference of each item that had a count before, in its base unit, and at cost in major units;
            the cost is empty if none is known.
        unheard: the names of the tills that were not heard since the first count.
    """

    counts: tuple[SheetCount, ...]
    differences: Mapping[str, tuple[int, str]] = {}
    unheard: tuple[str, ...] = ()


class Transfer(Struct, frozen=True):
    """A request to the server to write events of several orders: all of them or none.

    Attributes:
        events: the events that a command decided. The server keeps their ids, times, data and texts, and puts them
            into its own chain.
        versions: the known version of each affected order; 0 for a new order.
        seq: the number of the last event in this till's chain at the time of the decision.
        snapshots: the snapshots of these orders after the act.
    """

    events: tuple[Event, ...]
    versions: Mapping[str, int]
    seq: int
    snapshots: Mapping[str, Mapping[str, Any]]


class Questions(Protocol):
    """The questions to the venue's database. Each is one round trip with its own deadline.

    All raise a `StoreError` if the database refuses, and a `StoreAwayError` if it cannot be reached in time.
    """

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """Return the open order sessions of a user on all tills, newest first."""
        ...

    async def open_orders(self) -> list[RemoteSession]:
        """Return the most recently changed open order of each person, on any till."""
        ...

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        """Return a user's orders that others cleared since the login before `login`."""
        ...

    async def open_tabs(self) -> list[RemoteSession]:
        """Return the orders on tabs, newest first."""
        ...

    async def customers(self, query: str, *, with_account: bool = False) -> list[RemoteCustomer]:
        """Return a few customers with a matching name or phone number, best match first.

        With `with_account`, only customers with an open house account.
        """
        ...

    async def bookings(self) -> list[RemoteBooking]:
        """Return today's bookings that were not cancelled, by time."""
        ...

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord], dict[int, int]]:
        """Return conflicts (newest first) and quarantined records that wait for a manager, and the count for each till.

        The count includes conflicts and records that are not in the lists. Till 0 is the server.
        """
        ...

    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        """Settle a conflict at the server, with the manager's password."""
        ...

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        """Settle a quarantined record at the server, with the manager's password."""
        ...

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        """Return the found sales, newest first, and True if there are more."""
        ...

    async def claim_invoice(self, order_id: str) -> None:
        """Claim the full invoice for a ticket for this till, so that no other till makes one.

        Raises:
            StoreError: there is one, or a refund; the sentence says so.
        """
        ...

    async def refund_state(self, refund_id: str) -> str | None:
        """Return the state of a refund at the server: `reserved`, `refused` or its outcome; None if it is unknown."""
        ...

    async def voucher(self, digest: str) -> RemoteVoucher:
        """Return a voucher by the digest of its code.

        Raises:
            StoreError: the voucher cannot be used; the sentence says why.
        """
        ...

    async def unpaid_voucher(self, digest: str) -> UnpaidVoucher:
        """Return a voucher that waits to be paid, by the digest of its code.

        Raises:
            StoreError: there is none to sell; the sentence says why.
        """
        ...

    async def account(self, customer_id: str) -> RemoteAccount | None:
        """Return the house account of a customer; None if there is none."""
        ...

    async def shelf(self, items: Sequence[str]) -> list[RemoteShelf]:
        """Return the shelf of kept items, by their ids."""
        ...

    async def stocktake(self, sheet: str, *, ends: bool = False) -> RemoteStocktake:
        """Return a sheet; its differences once it ends."""
        ...

    async def payment_answer(self, payment_id: str) -> str | None:
        """Return the server's answer to a payment by voucher or account; None if the payment is unknown there.

        The answer is `reserved`, `spent`, `released` or `declined`.
        """
        ...

    async def fetch(self, session_id: str) -> None:
        """Fetch all events of a session into the journal."""
        ...

    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        """Ask for an order, and fetch all its events into the journal, including the grant.

        The server grants nothing if this till already holds the order, if it is paid, or if it is cleared, unless
        `cleared` is true.

        Args:
            session_id: the order.
            user: the person who continues it.
            warned: True if the user confirmed a warning that another till has the order open.
            cleared: True to reopen a cleared order.

        Raises:
            HeldElsewhereError: another till has the order open, and the user was not warned.
        """
        ...


class Store(Questions, Protocol):
    """The venue's database: its questions, and the writing of this till's acts."""

    async def act(self, act: Transfer) -> None:
        """Ask the server to write an act on several orders. On return, its events are in the journal.

        The act is sent once, after the unsent events. After an error, none of its events are here. If the server
        wrote the act nevertheless, its next reply contains them.

        Raises:
            BacklogError: the unsent events do not fit into one push. Nothing was sent.
            ActOutdatedError: one of the orders has changed, or another till holds it.
            NoAnswerError: the server did not answer in time. It may have written the act.
            StoreAwayError: the server cannot be reached.
            StoreError: the server refused the act.
        """
        ...

    async def flush(self, seconds: float) -> bool:
        """Push unsent events now. Return True if all of them are acknowledged within `seconds`."""
        ...
