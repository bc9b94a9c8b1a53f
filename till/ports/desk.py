"""The venue as a manager's desk sees it, and the acts from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.staff.person import Role
    from till.domain.venue import Venue


class MatterKind(StrEnum):
    """The kind of a matter that waits for a manager."""

    CONFLICT = "conflict"
    RECORD = "record"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class NeedsAttention:
    """A matter that waits for a manager.

    Attributes:
        id: the id of the conflict or of the record, or the locked staff number.
        what: the kind of the conflict, the reason of the record, or the name of the person.
        amount: plain, as the database has it; None if it is about no money.
        at: when it was found or came; until when the number is locked.
        till: the till that found or sent it; 0 for the database itself.
        is_sale: a sale that waits as a record: it can be booked.
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


class AlertKind(StrEnum):
    """The kind of a problem that a manager should know about before it stops the venue."""

    DISK = "disk"
    FILLS_UP = "fills_up"
    NO_BACKUP = "no_backup"
    SILENT = "silent"
    GONE = "gone"
    LAGS = "lags"
    MORE = "more"
    NOTICE = "notice"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem that disappears by itself once it is solved.

    Attributes:
        till: the till that it is about; None for the server.
        at: since when.
        days: a number of days, by the kind; or how many more matters of a till wait than are listed.
        free: free bytes of the server's disk.
        sentence: for people: a notice that nobody at that till has seen, or money without an answer; `id` is its own.
    """

    kind: AlertKind
    till: int | None = None
    at: datetime | None = None
    days: int = 0
    free: int = 0
    sentence: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An open or waiting order. `total` is plain text from the database; acts refer to `version`.

    `name` is that of an order that a program submitted, as `Chat 17`; such an order waits for its money.
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
        """True if a program submitted it, and no till has it open to take the money."""
        return bool(self.name) and self.status is Status.PENDING_LOGOUT


class Connection(StrEnum):
    """The quality of a login's connection."""

    GOOD = "good"
    SLOW = "slow"
    VERY_SLOW = "very_slow"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Login:
    """A login that has neither ended nor expired.

    Attributes:
        user: a staff number, or a program's name of its person.
        till: None for a login at no till.
        is_heard: True if it gives signs of life.
        connection: None if not measured.
    """

    user: str
    person: str
    till: int | None
    is_heard: bool
    connection: Connection | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TillStatus:
    """The status of a till. `seen_at` is its last sign of life, `newest_at` when it last sent something new.

    Attributes:
        login: the login there; None for none.
        here: True if it was heard just now.
        away: True if it was not, though somebody is logged in there; otherwise it is closed.
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
        """The person logged in there; empty for nobody."""
        return (self.login.person or self.login.user) if self.login is not None else ""


@dataclass(frozen=True, slots=True)
class HourSold:
    """The sales in an hour of the venue's clock: `19`."""

    hour: str
    amount: Minor


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of an order: item, quantity and amount, plain."""

    item: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class House:
    """The state of the server.

    Attributes:
        answered_ms: the time that all these queries took.
        in_memory: the share of blocks that PostgreSQL found in its memory, in percent.
        remembered: the share of the desk's own queries about orders that were answered without the server, in percent.
        size: bytes of the database.
    """

    answered_ms: int
    in_memory: float | None
    remembered: float | None
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The venue at one moment of the database's clock.

    Attributes:
        matters: all that waits for a manager, oldest last.
        alerts: the problems; empty if all is well.
        orders: open or waiting orders, oldest first.
        logins: logins at tills and by programs, newest first.
        staff: names by number.
        total: of the day's sales, `tax` included in it or on top, by the venue's rule.
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
    """One event of a till's day.

    Attributes:
        id: the id of the event; for a record that the log did not take, one with its time of arrival.
        session: the order that it is about; None for none.
        event: None if the record does not read at all.
        why: its fault, or why it could not be applied; empty for none.
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
    """The acts of a till on a business date.

    Attributes:
        events: its own, in order.
        orders: all events of the orders that they are about, of any till, by session.
        names: names of the staff, by number.
    """

    till: int
    day: date
    venue: Venue
    events: tuple[DayEvent, ...]
    orders: Mapping[str, tuple[Event, ...]]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment that a manager takes to a till's machine, shown only once.

    Attributes:
        text: the text to type there.
        ends: when it expires.
    """

    till: int
    text: str = field(repr=False)
    ends: datetime


class DeskAct(Protocol):
    """An act at the server. The acts are classes of `till.administration.acts`."""

    @property
    def needs(self) -> Role:
        """The role that may do it."""
        ...

    def do(self, at: Any) -> str | Enrolment:
        """Do it at the server, and return what was done."""
        ...


class SaidAct(DeskAct, Protocol):
    """An act that can be described in words."""

    def look_up(self, at: Any, selects: Any) -> Prepared:
        """Look up what it is about, without changing anything."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act described in words, ready to be done: the act, its title, and its facts as labels and texts."""

    act: SaidAct
    title: str
    facts: tuple[tuple[str, str], ...]


class Book(StrEnum):
    """The lists that can be asked for in words."""

    USERS = "users"
    TILLS = "tills"
    MENU = "menu"
    SETTINGS = "settings"
    ORDERS = "orders"
    MENU_HISTORY = "menu_history"
    SETTINGS_HISTORY = "settings_history"


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list: its key in words, its name, its details, and the text flush right."""

    key: str
    name: str
    detail: str = ""
    right: str = ""


class Desk(Protocol):
    """The database, seen from the desk.

    Attributes:
        person: the name of the person who sits there; empty for the owner of the database.
        asks_password: True if each act takes that person's password.
    """

    person: str
    asks_password: bool

    async def look(self) -> Picture:
        """Return the venue as it is now.

        Raises:
            StoreAwayError: the database cannot be reached; its sentence says why.
        """
        ...

    async def lines(self, session: str) -> tuple[ShownLine, ...]:
        """Return the lines of an order; empty if it does not exist.

        Raises:
            StoreAwayError: the database cannot be reached.
        """
        ...

    async def day(self, till: int, day: str) -> TillDay:
        """Return the acts of a till on a day: a date, `today`, `yesterday`, or the number of a trading day.

        Raises:
            TillError: it is not a day; a `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def rows(self, book: Book, of: str) -> tuple[ListRow, ...]:
        """Return the rows of a list; `of` is the staff number whose orders are meant, else empty.

        Raises:
            TillError: there is no such list; a `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def prepare(self, act: SaidAct) -> Prepared:
        """Look up what an act in words is about, without changing anything.

        Raises:
            TillError: nothing has that name, or it cannot be done; a `StoreAwayError` if the database cannot be
                reached.
        """
        ...

    async def act(self, act: DeskAct, password: str) -> str | Enrolment:
        """Do an act at the server, and return what was done.

        The password is for this one act, and is not kept.

        Raises:
            TillError: it was refused, and nothing was changed; a `LoginError` if the password is wrong, a
                `StoreAwayError` if the database cannot be reached.
        """
        ...

    async def follow(self, heard: Callable[[], None]) -> None:
        """Call back whenever the database reports a change, until this is cancelled."""
        ...
