"""The venue's database: the requests of a till, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from till.domain.money.measures import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.order.copying import TabItem
    from till.domain.refund.past import PastSale


class RemoteSession(Struct, frozen=True):
    """An order session as the database knows it, for lists and for the warning of design §7. Amounts in minor units.

    Attributes:
        idle_s: seconds since its last key at the time of the request, by the database's clock; None if not asked for.
        seen_s: seconds since its holder was heard, likewise; None if it never was.
        is_slow: True if the connection of its till was slow at the last heartbeat of the user who has it open.
        paying: True if a payment was started there that has no answer yet.
        covers: the number of guests at its tab; None if unknown, or if it is on none.
        bill_out: True if the guests of its tab want to pay, or have paid a part.
        items: the lines of its tab, as its holder last showed them.
        holder: the till that holds it, open or not; the server for one that no till was granted yet.
        late_for: the tab of the order for which its lines came too late, empty for none; None if they did not. Such an
            order has no total yet.
        submitted: True if a program submitted it, and nobody paid for it.
        paid: the part of its total that is paid already.
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


class RemoteConflict(Struct, frozen=True):
    """A conflict about money that waits for a manager, as the database lists it. `amount` in minor units.

    Attributes:
        kind: one of those that `kind_in_words` knows, or one of a newer till.
        subject: the id of the order, line, payment or refund that it is about.
        till: the till that found it; 0 for the database itself.
        receipts: the numbers of its receipts, the first sale first; the last is that of a refund.
        also: the orders of the other sales with the same number, or whose refunds have it.
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
        """True if it is about a refund, whose number is the last of `receipts`."""
        return "-R" in "".join(self.receipts[-1:])


class RemoteRecord(Struct, frozen=True):
    """A record that the database keeps and could not apply; it waits for a manager.

    Attributes:
        record: its number.
        reason: why, as a sentence.
        amount: the money that it is about in minor units, if any.
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
        by_name: the person who cleared it; empty for the owner of the database.
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
        orders: the number of paid orders.
        preferences: the wishes, by name.
        history: the newest paid orders, newest first.
    """

    customer_id: str
    name: str
    phone: str
    orders: int
    preferences: dict[str, str]
    history: tuple[RemotePurchase, ...]


class RemoteBooking(Struct, frozen=True):
    """A booking of guests.

    Attributes:
        status: `booked`, `seated` or `no_show`.
        table: the number of their table; None if none was booked.
        customer_id: the customer, if the venue knows them.
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
    """A search for past sales, by one of these; by none for the newest.

    Attributes:
        receipt: its number, or that of a refund of it.
        amount: its total, in major units.
        items: the ids of items that may be on it.
        since: the earliest time.
        until: the time before which it was.
        after: the order of the last sale of the page before.
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
        ask: the name of it for a payment.
        hint: the end of its code.
        left: the amount left on it.
    """

    ask: str
    hint: str
    left: Minor
    currency: str


class RemoteAccount(Struct, frozen=True):
    """A guest's house account. Amounts in minor units: `owed` of at most `limit`, with `left` to be spent."""

    customer_id: str
    limit: Minor
    owed: Minor
    left: Minor
    currency: str


class Act(Struct, frozen=True):
    """Events between orders that this till decided and asks the server to write: all of them or none.

    Attributes:
        events: as a command folded them without writing them. The server keeps their ids, times, data and texts, and
            gives them a place in its own chain.
        versions: the known version of each order that they touch; 0 for one that they open.
        seq: the end of this till's chain at the decision.
        snapshots: each of these orders after the act.
    """

    events: tuple[Event, ...]
    versions: Mapping[str, int]
    seq: int
    snapshots: Mapping[str, Mapping[str, Any]]


class Store(Protocol):
    """The venue's database, seen from a till. Each call is one round trip with its own deadline.

    Raises from any call:
        StoreError: it refused; a `StoreAwayError` if it could not be reached in time.
    """

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """Return the open order sessions of a user on all tills, newest first."""
        ...

    async def open_orders(self) -> list[RemoteSession]:
        """Return the open order of each person that was touched last, on any till."""
        ...

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        """Return a user's orders that somebody else cleared since the login before `login`."""
        ...

    async def open_tabs(self) -> list[RemoteSession]:
        """Return the orders on tabs, newest first."""
        ...

    async def customers(self, query: str, *, with_account: bool = False) -> list[RemoteCustomer]:
        """Return customers with such a name or phone number; a few at most, the nearest first.

        With `with_account` only those who have an open house account.
        """
        ...

    async def bookings(self) -> list[RemoteBooking]:
        """Return today's bookings that were not cancelled, by time."""
        ...

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord], dict[int, int]]:
        """Return some of what waits for a manager: conflicts, newest first, and records that could not be applied.

        The third part is how many matters of each till wait in all; 0 is the server.
        """
        ...

    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        """Settle a conflict at the server, with the manager's password."""
        ...

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        """Settle a record that could not be applied, with the manager's password."""
        ...

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        """Return sales of the venue, newest first, and True if there are more."""
        ...

    async def refund_state(self, refund_id: str) -> str | None:
        """Return the server's state of a refund: `reserved`, `refused` or its outcome; None if it has none."""
        ...

    async def voucher(self, digest: str) -> RemoteVoucher:
        """Return the voucher of a code, by its digest; one that cannot pay is a `StoreError` that says why."""
        ...

    async def account(self, customer_id: str) -> RemoteAccount | None:
        """Return the house account of a customer; None if there is none."""
        ...

    async def payment_answer(self, payment_id: str) -> str | None:
        """Return the server's answer to a payment by voucher or account; None if it has not heard of it.

        It is `reserved`, `spent`, `released` or `declined`.
        """
        ...

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal."""
        ...

    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        """Ask for an order, and bring all its events into the journal, with the grant if there is one.

        It is granted only to a till that does not hold it. A paid order is not granted, and the events show that. Nor
        is a cleared one, unless `cleared` asks for it.

        Args:
            session_id: the order.
            user: the person who continues it.
            warned: True if the user was warned that another till has it open, and confirmed.
            cleared: True if it is to be active again after it was cleared.

        Raises:
            HeldElsewhereError: another till has it open, and the user was not warned.
        """
        ...

    async def act(self, act: Act) -> None:
        """Have the server write an act between orders; when this returns, its events are in the journal.

        It is sent once, after the unsent events. After a failure nothing of it is here: if the server took it all the
        same, the
        next reply brings its events.

        Raises:
            BacklogError: there is more unsent than one push takes. Nothing was sent.
            ActOutdatedError: one of the orders has something new, or another till holds it.
            NoAnswerError: the server did not answer in time; it may have taken the act.
            StoreAwayError: the server cannot be reached.
            StoreError: the server refused.
        """
        ...

    async def flush(self, seconds: float) -> bool:
        """Push what is unsent now. Return True if all of it was acknowledged within that many seconds."""
        ...
