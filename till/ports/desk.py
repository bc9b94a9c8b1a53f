"""The venue as a manager's desk sees it, and what can be done from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.order.state import Status
    from till.domain.staff.person import Role
    from till.domain.venue import Venue


class MatterKind(StrEnum):
    """What waits for a manager."""

    CONFLICT = "conflict"
    RECORD = "record"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits for a manager.

    Attributes:
        id: of the conflict, of the record, or the staff number that is locked.
        what: the kind of the conflict, the reason of the record, or the name of the person.
        amount: plain, as the database has it; None where it is about no money.
        at: when it was found or came; until when the number is locked.
        till: the till that found or sent it; 0 for the database itself.
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


class AlertKind(StrEnum):
    """What a manager should know before it stops the venue."""

    DISK = "disk"
    FILLS_UP = "fills_up"
    NO_BACKUP = "no_backup"
    SILENT = "silent"
    GONE = "gone"
    LAGS = "lags"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that goes wrong, and goes away by itself once it is well again.

    Attributes:
        till: the till that it is about; None where it is about the server.
        at: since when.
        days: for how many, or until when, as the kind has it.
        free: bytes of the server's disk.
    """

    kind: AlertKind
    till: int | None = None
    at: datetime | None = None
    days: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is open or waits. `total` is plain, as the database has it; `version` is what an act is about."""

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


class Connection(StrEnum):
    """How good the connection of a login is."""

    GOOD = "good"
    SLOW = "slow"
    VERY_SLOW = "very_slow"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Login:
    """A login that stands: it was neither ended nor did it expire.

    Attributes:
        user: a staff number, or what a program calls its person.
        till: None for a login at no till.
        is_heard: whether it gives signs of life.
        connection: None where nobody measured.
    """

    user: str
    person: str
    till: int | None
    is_heard: bool
    connection: Connection | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TillStanding:
    """How a till stands. `seen_at` is when it was heard of last, `newest_at` when it sent something new.

    Attributes:
        login: who is logged in there; None for nobody.
        here: whether it was heard of just now.
        away: whether it was not, though somebody is logged in there: else it is closed.
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
        """Who is logged in there; empty for nobody."""
        return (self.login.person or self.login.user) if self.login is not None else ""


@dataclass(frozen=True, slots=True)
class HourSold:
    """What was sold in an hour of the venue's clock: `19`."""

    hour: str
    amount: Minor


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of an order: what, how many, and what for, plain."""

    item: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class House:
    """How the server fares.

    Attributes:
        answered_ms: how long it took to ask for all of this.
        in_memory: what share of the blocks PostgreSQL found in its memory, in percent.
        remembered: what share of the desk's own questions about orders cost none of the server, in percent.
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
        matters: what waits for a manager, the oldest last.
        alerts: what goes wrong; nothing when all is well.
        orders: what is open or waits, open for longest first.
        logins: who is logged in, at tills and by programs, the newest first.
        staff: who works here, names by number.
        total: of the day's sales, `tax` included in it or on top as the venue has it.
    """

    now: datetime
    venue: Venue
    matters: tuple[Matter, ...]
    alerts: tuple[Alert, ...]
    orders: tuple[OpenOrder, ...]
    tills: tuple[TillStanding, ...]
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
        id: of the event; of a record that the log did not take, one that says when it came.
        session: the order that it is about; None for what is about none.
        event: None where the record does not read at all.
        why: what is wrong with it, or why it could not be applied; empty for nothing.
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
    """What a till did on a business date.

    Attributes:
        events: its own, one after another.
        orders: all events of the orders that they are about, whoever's, by session.
        names: of the staff, by number.
    """

    till: int
    day: date
    venue: Venue
    events: tuple[DayEvent, ...]
    orders: Mapping[str, tuple[Event, ...]]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class SettleConflict:
    """Settle a conflict about money: it says what a person did."""

    conflict: str
    how: str


@dataclass(frozen=True, slots=True)
class SettleRecord:
    """Settle a record that could not be applied."""

    record: int
    how: str


@dataclass(frozen=True, slots=True)
class PutAside:
    """Let an order wait for its user."""

    session: str
    version: int


@dataclass(frozen=True, slots=True)
class GiveTo:
    """Let an order wait for somebody else."""

    session: str
    version: int
    user: int


@dataclass(frozen=True, slots=True)
class Discard:
    """Discard an order, with a reason, if nothing was keyed on it since it was looked at."""

    session: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unlock:
    """Open a number that wrong PINs or passwords locked."""

    number: int


@dataclass(frozen=True, slots=True)
class Revoke:
    """Shut a till out."""

    till: int


@dataclass(frozen=True, slots=True)
class SellOut:
    """Say that an item is sold out (86), or that it is there again. `item` is what a person calls it, or its id."""

    item: str
    sold_out: bool


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Let an item cost something else, as it was written: now, or from a time on.

    `version` is the menu that was looked at, 0 before that.
    """

    item: str
    price: str
    starts: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class RenameItem:
    """Call an item otherwise. `version` as for a price."""

    item: str
    name: str
    version: int = 0


class ItemPart(StrEnum):
    """What else of an item can be another."""

    CATEGORY = "category"
    TAX = "tax"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class EditItem:
    """Let a part of an item be another, as it was written. `version` as for a price."""

    item: str
    part: ItemPart
    value: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class BringBackMenu:
    """Sell from an earlier menu again; `known` is the menu that was looked at, 0 before that."""

    version: int
    known: int = 0


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Let somebody work here; the PIN is asked for."""

    number: int
    name: str
    role: Role
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LetIn:
    """Let a person log in no more, or again."""

    number: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class RenamePerson:
    """Call a person otherwise."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class SetRole:
    """Give a person another role."""

    number: int
    role: Role


@dataclass(frozen=True, slots=True)
class SetPin:
    """Give a person another PIN, which is asked for."""

    number: int
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Give a person another password, which is asked for."""

    number: int
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RenameTill:
    """Call a till otherwise."""

    till: int
    name: str


class Enrolling(StrEnum):
    """What an enrolment is for: a new number, another machine for one, or another secret for its machine."""

    ADD = "add"
    REPLACE = "replace"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class EnrolTill:
    """Make an enrolment, by which a machine becomes a till. An empty name leaves what it is called."""

    till: int
    kind: Enrolling
    name: str = ""


@dataclass(frozen=True, slots=True)
class AdoptTill:
    """Let the next journal that a till brings take the place of the one it had."""

    till: int


@dataclass(frozen=True, slots=True)
class SetSetting:
    """Set a setting of the venue, as it was written. `was` is what it was when it was looked at."""

    key: str
    value: str
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a manager carries to a till's machine, shown once: nobody can ask for it again.

    Attributes:
        text: what is typed there.
        ends: until when it serves.
    """

    till: int
    text: str = field(repr=False)
    ends: datetime


#: What is said in words.
SaidAct = (
    SellOut
    | SetPrice
    | RenameItem
    | EditItem
    | BringBackMenu
    | AddPerson
    | LetIn
    | RenamePerson
    | SetRole
    | SetPin
    | SetPassword
    | RenameTill
    | EnrolTill
    | AdoptTill
    | SetSetting
    | Revoke
    | Unlock
)
DeskAct = SettleConflict | SettleRecord | PutAside | GiveTo | Discard | SaidAct


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that was said in words, as it will be done: what it is, and what it is about, as labels and texts."""

    act: SaidAct
    title: str
    facts: tuple[tuple[str, str], ...]


class Book(StrEnum):
    """The lists that are asked for in words."""

    USERS = "users"
    TILLS = "tills"
    MENU = "menu"
    SETTINGS = "settings"
    ORDERS = "orders"
    MENU_HISTORY = "menu_history"
    SETTINGS_HISTORY = "settings_history"


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list: by what it is named in words, its name, what is told of it, and what stands flush right."""

    key: str
    name: str
    told: str = ""
    right: str = ""


class Desk(Protocol):
    """The database, seen from the desk.

    Attributes:
        person: the name of who sits there; empty for the owner of the database.
        asks_password: whether each act takes that person's password.
    """

    person: str
    asks_password: bool

    async def look(self) -> Picture:
        """The venue as it is now.

        Raises:
            StoreAwayError: the database cannot be reached; why stands in its sentence.
        """
        ...

    async def lines(self, session: str) -> tuple[ShownLine, ...]:
        """The lines of an order; none of one that is not there.

        Raises:
            StoreAwayError: the database cannot be reached.
        """
        ...

    async def day(self, till: int, day: str) -> TillDay:
        """What a till did on a day: a date, `today`, `yesterday`, or the number of a trading day.

        Raises:
            TillError: that is no day; a `StoreAwayError` where the database cannot be reached.
        """
        ...

    async def rows(self, book: Book, of: str) -> tuple[ListRow, ...]:
        """The rows of a list; `of` is the staff number whose orders are meant, else empty.

        Raises:
            TillError: there is no such list; a `StoreAwayError` where the database cannot be reached.
        """
        ...

    async def prepare(self, act: SaidAct) -> Prepared:
        """Look at what an act that was said is about, and change nothing.

        Raises:
            TillError: there is nothing of that name, or it cannot be; a `StoreAwayError` where the database cannot be
                reached.
        """
        ...

    async def act(self, act: DeskAct, password: str) -> str | Enrolment:
        """Do something at the server, and say what was done; nothing where the desk has words of its own for it.

        The password is for this one act, and kept nowhere.

        Raises:
            TillError: it was refused, and nothing was changed; a `LoginError` where the password is wrong, a
                `StoreAwayError` where the database cannot be reached.
        """
        ...

    async def follow(self, heard: Callable[[], None]) -> None:
        """Call back whenever the database tells that something changed, until this is cancelled."""
        ...
