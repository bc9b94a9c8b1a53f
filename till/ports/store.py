"""The venue's database, as a till asks it, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.events.envelope import Hold
    from till.domain.money.measures import Minor
    from till.domain.refund.past import PastSale


class RemoteSession(Struct, frozen=True):
    """An order session as the database knows it, for lists and for the warning of design §7. Amounts in minor units.

    Attributes:
        idle_s: seconds since its last key when it was asked for, by the database's clock; None where nobody asked.
        seen_s: seconds since its holder was heard of, likewise; None when it never was.
        is_slow: whether the connection of that till was slow at the last heartbeat of who has it open there.
        paying: whether a payment was started there that has no answer yet.
        covers: how many guests sit at its tab; None where nobody said, or it stands on none.
        bill_out: whether the guests of its tab want to pay, or have paid a part.
    """

    session_id: str
    user: int
    till: int | None
    till_name: str
    status: str
    hold: Hold
    version: int
    lines: int
    total: Minor
    currency: str
    order_type: str
    tab_id: str | None
    tab_name: str
    created_at: datetime
    updated_at: datetime
    logout_time: datetime | None
    till_seen_at: datetime | None
    idle_s: int | None = None
    seen_s: int | None = None
    is_slow: bool = False
    paying: bool = False
    covers: int | None = None
    bill_out: bool = False


class RemoteConflict(Struct, frozen=True):
    """Something about money that waits for a manager, as the database lists it. `amount` in minor units.

    Attributes:
        kind: `paid_twice`, `paid_for_more`, `payment_without_order`, `receipt_twice`, `refund_twice`, or one of a
            newer till.
        subject: the id of the order, line, payment or refund that it is about.
        till: the till that found it; 0 for the database itself.
        receipts: the numbers of the receipts that were given for it, the first sale first; last that of a refund.
        also: the orders of the other sales that bear the same number, or whose refunds do.
    """

    conflict_id: str
    session_id: str | None
    kind: str
    subject: str
    amount: Minor
    currency: str
    till: int
    found_at: datetime
    receipts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class RemoteRecord(Struct, frozen=True):
    """A record that the database keeps and could not apply; it waits for a manager.

    Attributes:
        record: its number.
        reason: why, as a sentence.
        amount: the money that it is about in minor units, if it is about any.
        till: the till that sent it; 0 for the database itself.
    """

    record: int
    session_id: str | None
    reason: str
    amount: Minor | None
    till: int
    found_at: datetime


class RemoteClearing(Struct, frozen=True):
    """An order of a user that somebody else cleared. `total` in minor units.

    Attributes:
        by_name: who cleared it; empty for the owner of the database.
        reason: why; empty when the words were erased.
    """

    session_id: str
    lines: int
    total: Minor
    by_name: str
    reason: str


class RemotePurchase(Struct, frozen=True):
    """A paid order of a customer. `total` in minor units of its currency; `items` with how many of each."""

    receipt: str
    at: datetime
    total: Minor
    currency: str
    items: tuple[tuple[str, int], ...]


class RemoteCustomer(Struct, frozen=True):
    """A guest whom the venue knows.

    Attributes:
        orders: how many were paid.
        preferences: what was wished for, by name.
        history: the newest of the paid orders, the newest first.
    """

    customer_id: str
    name: str
    phone: str
    orders: int
    preferences: dict[str, str]
    history: tuple[RemotePurchase, ...]


class RemoteBooking(Struct, frozen=True):
    """Guests who are to come, or came.

    Attributes:
        status: `booked`, `seated` or `no_show`.
        table: the number of their table, None where none was booked.
        customer_id: of a guest whom the venue knows.
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
    """What is known of a past sale: one of these, or nothing for the newest.

    Attributes:
        receipt: its number, or that of a refund of it.
        amount: what it came to, in major units.
        items: the ids of what may be on it.
        since: from when on.
        until: before when.
        after: the order of the last one of the page before.
    """

    receipt: str | None = None
    amount: str | None = None
    items: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None


class RemoteVoucher(Struct, frozen=True):
    """A voucher that may pay, as the server answered for its code. `left` in minor units.

    Attributes:
        ask: what a payment by it names.
        hint: the end of its code.
        left: what is on it.
    """

    ask: str
    hint: str
    left: Minor
    currency: str


class RemoteAccount(Struct, frozen=True):
    """A guest's house account. Amounts in minor units: `owed` of at most `limit`, `left` of it to be spent."""

    customer_id: str
    limit: Minor
    owed: Minor
    left: Minor
    currency: str


class Store(Protocol):
    """The venue's database, seen from a till. Each call is one round trip with its own deadline.

    Raises from any call:
        StoreError: it refused; a `StoreAwayError` where it could not be reached in time.
    """

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """The open order sessions of a user on all tills, newest first."""
        ...

    async def open_orders(self) -> list[RemoteSession]:
        """Of each person the order that was touched last and is open, on whichever till."""
        ...

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        """What somebody else cleared of a user's orders since their last login but `login`, the event of this one."""
        ...

    async def open_tabs(self) -> list[RemoteSession]:
        """The orders that stand on tabs, newest first."""
        ...

    async def customers(self, query: str) -> list[RemoteCustomer]:
        """The customers who are called so, or have such a phone number; a few at most, the nearest first."""
        ...

    async def bookings(self) -> list[RemoteBooking]:
        """Today's bookings that were not cancelled, by their time."""
        ...

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord]]:
        """What waits for a manager: conflicts about money, newest first, and records that could not be applied."""
        ...

    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        """Settle a conflict at the server, by the password of who manages."""
        ...

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        """Settle a record that could not be applied, likewise."""
        ...

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        """Sales of the venue, the newest first, and whether there are more behind them."""
        ...

    async def refund_standing(self, refund_id: str) -> str | None:
        """What the server keeps for a refund: `reserved`, `refused` or what came of it; None where it has none."""
        ...

    async def voucher(self, digest: str) -> RemoteVoucher:
        """The voucher of a code, by its digest; one that pays nothing is a `StoreError` that says why."""
        ...

    async def account(self, customer_id: str) -> RemoteAccount | None:
        """The house account of a customer; None where there is none."""
        ...

    async def payment_answer(self, payment_id: str) -> str | None:
        """What the server says of a payment by voucher or account; None where it has not heard of it.

        `reserved`, `spent`, `released` or `declined`.
        """
        ...

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal."""
        ...

    async def flush(self, seconds: float) -> bool:
        """Push what is unsent now; whether all of it was acknowledged within so many seconds."""
        ...
