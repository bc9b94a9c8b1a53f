"""State of the desk and the facts it is given about the venue, all frozen."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.administration.acts.orders import Discard, GiveTo, Suspend
from till.administration.acts.people import Unlock
from till.administration.acts.tills import Revoke
from till.administration.acts.waiting import BookSale, SettleConflict, SettleRecord
from till.domain.i18n import N_
from till.domain.order.state import Status
from till.ports.desk import (
    Alert,
    DeskLine,
    Enrolment,
    ListRow,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    Picture,
    Prepared,
    TillStatus,
)
from till.tui.drawing.layout import PAGE
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.ports.desk import DeskAct, DeskLine, Enrolment, ListRow, PhoneLink, Prepared
    from till.tui.drawing.viewmodels import ChoicesView, FactsView, HeadView, StyledText
    from till.tui.screens.desk.written import Written
    from till.tui.shell.keymap import Keymap


#: The most digits a number may have.
LONGEST: Final = 9


class DeskList(StrEnum):
    """The lists of the desk, in the order of Tab."""

    NEEDS = "needs"
    ORDERS = "orders"
    TILLS = "tills"


class DeskStage(StrEnum):
    """The step that the desk or an act is at."""

    LOOKING = "looking"
    CHOOSING = "choosing"
    SAYING = "saying"
    PROVING = "proving"
    HELPING = "helping"
    READING = "reading"
    FILLING = "filling"
    AGREEING = "agreeing"
    KEYING = "keying"
    REPEATING = "repeating"
    SHOWING = "showing"


def _settle(matter: NeedsAttention, how: str) -> DeskAct:
    is_conflict = matter.kind is MatterKind.CONFLICT
    return SettleConflict(matter.id, how) if is_conflict else SettleRecord(int(matter.id), how)


class ActKind(Enum):
    """An act that the desk offers on an entry.

    Attributes:
        label: its name.
        asks: the question that it asks first, with `{n}` for the number of a till; empty if it asks nothing.
        make: makes the act at the server from the entry and the answer; None if it does nothing there.
    """

    SETTLE = N_("Settle it"), N_("How was it settled? Your words are kept with it."), _settle
    BOOK = N_("Book it"), "", lambda matter, _given: BookSale(int(matter.id))
    UNLOCK = N_("Unlock it"), "", lambda matter, _given: Unlock(int(matter.id))
    SUSPEND = N_("Suspend it"), "", lambda order, _given: Suspend(order.id, order.version)
    GIVE = (
        N_("Hand it over"),
        N_("Who gets it? A staff number, then Enter."),
        lambda order, given: GiveTo(order.id, order.version, int(given[:LONGEST])),
    )
    DISCARD = (
        N_("Discard it"),
        N_("Why? The reason is kept with the order."),
        lambda order, given: Discard(order.id, order.version, given),
    )
    DAY = N_("Go through its day"), N_("Which day? A date, today or yesterday.")
    REVOKE = (
        N_("Revoke it"),
        N_("It keeps selling on its own disk and sends nothing. Type {n} to revoke it."),
        lambda till, _given: Revoke(till.number),
    )
    WORDS = (N_("Do it"),)

    def __init__(self, label: str, asks: str = "", make: Callable[[Any, str], DeskAct] | None = None) -> None:
        self.label = label
        self.asks = asks
        self.make = make


#: The subject of an act.
Subject = NeedsAttention | Alert | OpenOrder | TillStatus


#: Steps whose input is masked.
SECRET: Final = frozenset({DeskStage.PROVING, DeskStage.KEYING, DeskStage.REPEATING})
#: The fields of a new item, each with its question, in the order of `AddItem`.
FIELDS: Final = (
    (N_("Number"), N_("The number that cashiers type. Empty for none.")),
    (N_("Name"), N_("The name, on the menu and on receipts.")),
    (N_("Category"), N_("A category of the menu.")),
    (N_("Price"), N_("The price; “open” if it is typed at the till.")),
    (N_("Tax"), N_("The tax. Empty: as the others of that category.")),
)
#: Steps that take a typed sentence.
WORDED: Final = frozenset({DeskStage.LOOKING, DeskStage.READING})


class Shown(Struct, frozen=True):
    """A list that was asked for in words; `of` is the staff number whose orders it lists."""

    book: str
    of: str
    rows: tuple[ListRow, ...]


class DeskState(Struct, frozen=True):
    """The desk at one moment.

    Attributes:
        listed: the list that keys act on.
        marked: the name of the marked entry; empty for the first.
        place: its index; if the entry disappears, the one that then has this index is marked.
        subject: the subject of the act as it was when chosen, so that a refresh cannot swap it; an enrolment or
            a link while it is shown.
        choice: the index of the marked act.
        act: the act under way.
        given: the text given for it.
        lines: the lines of the order acted on, once they arrive.
        missed: True after a number that no entry has was typed, or any word where an act is to be confirmed. Enter does
            nothing until something is marked.
        shown: the list that was asked for in words.
        keyed: a new PIN or password as it was first typed.
        filled: the fields of a new item so far.
    """

    listed: DeskList = DeskList.NEEDS
    marked: str = ""
    place: int = 0
    step: DeskStage = DeskStage.LOOKING
    subject: Subject | Prepared | Enrolment | PhoneLink | None = None
    choice: int = 0
    act: ActKind | None = None
    entry: EntryLine = EMPTY
    given: str = ""
    lines: tuple[DeskLine, ...] = ()
    missed: bool = False
    shown: Shown | None = None
    keyed: str = ""
    filled: tuple[str, ...] = ()
    message: StyledText | None = None

    @property
    def asks(self) -> bool:
        """True if the act under way asks for words first."""
        return self.act is not None and bool(self.act.asks)


class DeskFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        written: the formatter of amounts.
        picture: the venue at the last look; None before the first.
        trouble: why the database is away; empty while it answers.
        since: when it last answered.
        now: the database's time, carried on here.
        person: the manager at the desk; empty for the owner of the database.
        page: the number of entries that a page key passes.
    """

    keymap: Keymap
    written: Written
    picture: Picture | None = None
    trouble: str = ""
    since: datetime | None = None
    now: datetime | None = None
    person: str = ""
    asks_password: bool = False
    is_held: bool = False
    page: int = PAGE


def entries(picture: Picture | None, listed: DeskList) -> tuple[Subject, ...]:
    """Return the entries of a list."""
    if picture is None:
        return ()
    by_list: dict[DeskList, tuple[Subject, ...]] = {
        DeskList.NEEDS: (*picture.matters, *picture.alerts),
        DeskList.ORDERS: picture.orders,
        DeskList.TILLS: picture.tills,
    }
    return by_list[listed]


def name_of(subject: Subject) -> str:
    """Return the identity of an entry, which does not depend on its place in the list."""
    match subject:
        case NeedsAttention():
            return f"{subject.kind} {subject.id}"
        case Alert():
            return f"{subject.remedy} {subject.id or subject.till or ''}"
        case OpenOrder():
            return subject.id
        case TillStatus():
            return str(subject.number)


def place_of(state: DeskState, picture: Picture | None) -> int | None:
    """Return the index of the marked entry; None in an empty list."""
    shown = entries(picture, state.listed)
    if not shown:
        return None
    names = [name_of(one) for one in shown]
    return names.index(state.marked) if state.marked in names else min(state.place, len(names) - 1)


def acts_on(subject: Subject | Prepared | Enrolment | PhoneLink | None) -> tuple[ActKind, ...]:
    """Return the acts possible on an entry."""
    match subject:
        case NeedsAttention(kind=MatterKind.LOCKED):
            return (ActKind.UNLOCK,)
        case NeedsAttention():
            return (ActKind.SETTLE, ActKind.BOOK) if subject.is_sale else (ActKind.SETTLE,)
        case OpenOrder(status=Status.ACTIVE):
            return (ActKind.SUSPEND, ActKind.GIVE, ActKind.DISCARD)
        case OpenOrder(status=Status.PENDING_LOGOUT):
            return (ActKind.GIVE, ActKind.DISCARD)
        case TillStatus():
            return (ActKind.DAY,) if subject.revoked else (ActKind.DAY, ActKind.REVOKE)
        case _:
            return ()


class SheetView(Struct, frozen=True):
    """A sheet: its heading, choices and facts; `full` choices take the whole width.

    If there is room, the QR code of `code` takes the place of the choices.
    """

    head: HeadView
    choices: ChoicesView
    facts: FactsView
    full: bool = False
    is_list: bool = False
    code: str = ""


class LinesRead(Struct, frozen=True):
    """The lines of an order arrived."""

    session: str
    lines: tuple[DeskLine, ...]


class DeskActDone(Struct, frozen=True):
    """An act is done, as the sentence describes."""

    sentence: str


class Enrolled(Struct, frozen=True):
    """An enrolment or a link was made. It is shown now and never again."""

    enrolment: Enrolment | PhoneLink


class RowsRead(Struct, frozen=True):
    """The rows of a list arrived."""

    book: str
    of: str
    rows: tuple[ListRow, ...]


class DeskActReady(Struct, frozen=True):
    """The act asked for in words was looked up and can be done."""

    prepared: Prepared


class DayOpened(Struct, frozen=True):
    """The day that was asked for is on the screen."""


class DeskActRefused(Struct, frozen=True):
    """An act was refused, and nothing changed; `secret` is true if the password was the reason."""

    sentence: str
    secret: bool = False


DeskOutcome = LinesRead | RowsRead | DeskActReady | DeskActDone | Enrolled | DayOpened | DeskActRefused
