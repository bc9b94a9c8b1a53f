"""The interface of the manager's desk: the state of the venue, and acts of administration."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from typing import Self

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.staff.person import Role
    from till.domain.venue import Venue


#: The list of the open orders of a person.
ORDERS: Final = "orders"
#: The list of what stood on a table at a minute.
TABLE: Final = "table"


class MatterKind(StrEnum):
    """The kind of something that waits for a manager."""

    CONFLICT = "conflict"
    RECORD = "record"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class NeedsAttention:
    """A conflict, a quarantined record or a locked staff number that waits for a manager.

    Attributes:
        id: the id of the conflict or the record, or the locked staff number.
        what: the kind of the conflict, the reason of the record, or the name of the person.
        at: the time of the conflict or the record, or the end of the lock.
        amount: the amount as decimal text; None if there is none.
        till: the till that found or sent it; 0 for the database.
        is_sale: True if it can be booked: a quarantined sale, or a correction of another till's payment.
    """

    kind: MatterKind
    id: str
    what: str
    at: datetime
    amount: str | None = None
    currency: str = ""
    till: int | None = None
    session: str | None = None
    receipts: tuple[str, ...] = ()
    is_sale: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem that needs attention before it stops the venue. The alert disappears once the problem is solved.

    Attributes:
        sentence: the problem.
        remedy: the advice, which names the kind of problem.
        till: the till of the problem; None for the server.
        id: the id of a notice, or of money without an answer.
    """

    sentence: str
    remedy: str
    till: int | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An open or waiting order.

    Attributes:
        total: the total as decimal text.
        version: the version that acts on the order refer to.
        name: the name of an order that a program submitted, such as `Chat 17`; empty for any other order.
    """

    id: str
    user: int
    person: str
    till: int | None
    status: Status
    tab: str
    lines: int
    total: str
    currency: str
    opened_at: datetime
    version: int
    name: str = ""

    @property
    def waits_for_money(self) -> bool:
        """True if a program submitted the order, and no till has it open."""
        return bool(self.name) and self.status is Status.PENDING_LOGOUT


class ConnectionQuality(StrEnum):
    """The quality of a login's connection."""

    GOOD = "good"
    SLOW = "slow"
    VERY_SLOW = "very_slow"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Login:
    """A login that has neither ended nor expired.

    Attributes:
        user: a staff number, or the name that a program uses for its user.
        till: the till; None for a login without a till.
        is_heard: True if it was heard from recently.
        connection: the quality of the connection; None if not measured.
    """

    user: str
    person: str
    till: int | None
    is_heard: bool
    connection: ConnectionQuality | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TillStatus:
    """The status of a till. If it is neither `here` nor `away`, it is closed.

    Attributes:
        login: the login at the till; None if there is none.
        here: True if it was heard from recently.
        away: True if it was not heard from recently, although a user is logged in.
        seen_at: the time of its last sign of life.
        newest_at: the time of the last new event that it sent.
    """

    number: int
    name: str
    login: Login | None
    here: bool
    away: bool
    revoked: bool
    seen_at: datetime | None
    newest_at: datetime | None
    orders: int
    sold: Minor

    @property
    def person(self) -> str:
        """The person logged in at the till; empty if nobody is."""
        return (self.login.person or self.login.user) if self.login is not None else ""


@dataclass(frozen=True, slots=True)
class HourSold:
    """The sales in an hour of the venue's clock, such as `19`."""

    hour: str
    amount: Minor


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A line of an order. `amount` is decimal text."""

    item: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class House:
    """The state of the server.

    Attributes:
        answered_ms: the time that all queries took, in milliseconds.
        in_memory: the percentage of blocks that PostgreSQL found in its cache; None if unknown.
        remembered: the percentage of the desk's queries for orders that its own cache answered; None if unknown.
        size: the size of the database in bytes.
    """

    answered_ms: int
    in_memory: float | None
    remembered: float | None
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The state of the venue at a time, by the database's clock.

    Attributes:
        matters: everything that waits for a manager, newest first.
        alerts: the alerts; empty if there are none.
        orders: the open and waiting orders, oldest first.
        logins: the logins at tills and of programs, newest first.
        staff: the names of the staff with their numbers.
        total: the total of the day's sales, less its refunds. By the venue's setting, it includes `tax` or `tax` is
            added to it.
    """

    now: datetime
    venue: Venue
    matters: tuple[NeedsAttention, ...]
    alerts: tuple[Alert, ...]
    orders: tuple[OpenOrder, ...]
    tills: tuple[TillStatus, ...]
    logins: tuple[Login, ...]
    staff: tuple[tuple[int, str], ...]
    sales: int
    total: Minor
    tax: Minor
    hours: tuple[HourSold, ...]
    house: House


@dataclass(frozen=True, slots=True)
class DayEvent:
    """An event of a till's day.

    Attributes:
        id: the id of the event; for a quarantined record, an id with its time of arrival.
        session: the id of its order; None if it is not about an order.
        event: the event; None if the record is unreadable.
        why: the reason why it is unreadable or could not be applied; empty if there is none.
    """

    id: str
    at: datetime
    type: str
    user: int | None
    session: str | None
    event: Event | None
    why: str


@dataclass(frozen=True, slots=True)
class TillDay:
    """The events of a till on a business date.

    Attributes:
        events: the events of the till, in order.
        orders: all events of the affected orders, of any till, by session.
        names: the names of the staff by number.
    """

    till: int
    day: date
    venue: Venue
    events: tuple[DayEvent, ...]
    orders: Mapping[str, tuple[Event, ...]]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment code to type at the machine of a till. It is shown only once.

    Attributes:
        text: the code.
        ends: the time at which it expires.
    """

    till: int
    text: str = field(repr=False)
    ends: datetime


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """A link that opens a till in the browser of a phone, valid for an hour. It is shown only once."""

    till: int
    url: str = field(repr=False)


class DeskAct(Protocol):
    """An act at the server. The implementations are in `till.administration.acts`."""

    @property
    def needs(self) -> Role:
        """The role that may do the act."""
        ...

    def do(self, at: Any) -> str | Enrolment | PhoneLink:
        """Do the act at the server. Return a sentence on the result, an enrolment or a link."""
        ...


class DescribedAct(DeskAct, Protocol):
    """An act whose subject can be looked up, for a description to confirm.

    Attributes:
        masked: the field for a new PIN or password, `pin` or `password`; empty for none.
    """

    masked: ClassVar[str]

    def keyed(self, secret: str) -> Self:
        """Return the act with a new PIN or password, if it has one."""
        ...

    def look_up(self, at: Any) -> Prepared:
        """Look up the subject of the act, and change nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act to confirm: the act, its title, and its details as labels and texts."""

    act: DescribedAct
    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list: its key, its name, its details, and the right-aligned text. A note is on the whole list."""

    key: str
    name: str
    detail: str = ""
    right: str = ""
    is_note: bool = False


class Desk(Protocol):
    """The venue's database, for the desk.

    Attributes:
        person: the name of the person at the desk; empty for the owner of the database.
        asks_password: True if each act needs that person's password.
    """

    person: str
    asks_password: bool

    async def look(self) -> Picture:
        """Return the current state of the venue.

        Raises:
            StoreAwayError: the database cannot be reached; the sentence says why.
        """
        ...

    async def lines(self, session: str) -> tuple[DeskLine, ...]:
        """Return the lines of an order; empty if it does not exist.

        Raises:
            StoreAwayError: the database cannot be reached.
        """
        ...

    async def day(self, till: int, day: str) -> TillDay:
        """Return the events of a till on a day: a date, `today`, `yesterday`, or the number of a trading day.

        Raises:
            TillError: the text is not a day; a `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def rows(self, book: str, of: str) -> tuple[ListRow, ...]:
        """Return the rows of a declared list, by its name.

        For a person's `ORDERS`, `of` is the staff number; for a `TABLE` at a minute, such as `7 at 21:15 yesterday`.

        Raises:
            TillError: there is no such list; a `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def prepare(self, act: DescribedAct) -> Prepared:
        """Look up the subject of a typed act, and change nothing.

        Raises:
            TillError: the subject does not exist, or the act is not possible; a `StoreAwayError` if the database cannot
                be reached.
        """
        ...

    async def act(self, act: DeskAct, password: str) -> str | Enrolment | PhoneLink:
        """Do an act at the server. Return a sentence on the result, an enrolment or a link.

        The password is used for this act and not stored.

        Raises:
            TillError: the act was refused and nothing changed; a `LoginError` if the password is wrong, a
                `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def follow(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever the database reports a change, until cancelled."""
        ...
