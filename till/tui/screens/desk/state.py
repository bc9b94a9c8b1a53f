"""What the desk knows of itself, and what it is told of the venue: all of it frozen."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.order.state import Status
from till.ports.desk import (
    Alert,
    Book,
    Enrolment,
    ListRow,
    Matter,
    MatterKind,
    OpenOrder,
    Picture,
    Prepared,
    ShownLine,
    TillStanding,
)
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from datetime import datetime

    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


class Listed(StrEnum):
    """The lists of the desk, in the order in which Tab goes through them."""

    NEEDS = "needs"
    ORDERS = "orders"
    TILLS = "tills"


class Step(StrEnum):
    """How far an act has come."""

    LOOKING = "looking"
    CHOOSING = "choosing"
    SAYING = "saying"
    PROVING = "proving"
    HELPING = "helping"
    READING = "reading"
    AGREEING = "agreeing"
    KEYING = "keying"
    REPEATING = "repeating"
    SHOWING = "showing"


class ActKind(StrEnum):
    """What can be done from here."""

    SETTLE = "settle"
    UNLOCK = "unlock"
    PUT_ASIDE = "put_aside"
    GIVE = "give"
    DISCARD = "discard"
    DAY = "day"
    REVOKE = "revoke"
    WORDS = "words"


#: What is said in words before it is done.
SAID = frozenset({ActKind.SETTLE, ActKind.GIVE, ActKind.DISCARD, ActKind.DAY, ActKind.REVOKE})

#: What an act is about.
Subject = Matter | Alert | OpenOrder | TillStanding


#: Steps in which something is typed, and in which nobody else is to see what.
SECRET: Final = frozenset({Step.PROVING, Step.KEYING, Step.REPEATING})
#: Steps in which words are typed: what is asked for.
WORDED: Final = frozenset({Step.LOOKING, Step.READING})


class Shown(Struct, frozen=True):
    """A list that was asked for in words; `of` is the staff number whose orders they are."""

    book: Book
    of: str
    rows: tuple[ListRow, ...]


class DeskState(Struct, frozen=True):
    """The desk at one moment.

    Attributes:
        listed: the list that the keys are for.
        marked: the name of the marked entry; empty for the first.
        place: where it stood: what takes its place is marked when it goes.
        subject: what is acted on, as it was when it was chosen: nothing slips under a hand;
            an enrolment while it is shown.
        choice: the marked act.
        act: the act that is under way.
        said: what was said for it.
        lines: the lines of the order that is acted on, once they came.
        missed: a number was keyed that nothing has: Enter does nothing until something is marked.
        shown: the list that was asked for in words.
        keyed: a new PIN or password, before it was typed again and after.
    """

    listed: Listed = Listed.NEEDS
    marked: str = ""
    place: int = 0
    step: Step = Step.LOOKING
    subject: Subject | Prepared | Enrolment | None = None
    choice: int = 0
    act: ActKind | None = None
    entry: EntryLine = EMPTY
    said: str = ""
    lines: tuple[ShownLine, ...] = ()
    missed: bool = False
    shown: Shown | None = None
    keyed: str = ""
    message: StyledText | None = None


class DeskFacts(Struct, frozen=True):
    """What is known at one moment.

    Attributes:
        picture: the venue when it was looked at last; None before that.
        trouble: why the database is away; empty while it is not.
        since: when it was heard last.
        now: the time, carried on from the database's own.
        person: who sits here; empty for the owner of the database.
    """

    keymap: Keymap
    picture: Picture | None = None
    trouble: str = ""
    since: datetime | None = None
    now: datetime | None = None
    person: str = ""
    asks_password: bool = False
    is_held: bool = False


def entries(picture: Picture | None, listed: Listed) -> tuple[Subject, ...]:
    """What stands in a list."""
    if picture is None:
        return ()
    by_list: dict[Listed, tuple[Subject, ...]] = {
        Listed.NEEDS: (*picture.matters, *picture.alerts),
        Listed.ORDERS: picture.orders,
        Listed.TILLS: picture.tills,
    }
    return by_list[listed]


def name_of(subject: Subject) -> str:
    """What an entry is known by, whatever comes before it in its list."""
    match subject:
        case Matter():
            return f"{subject.kind} {subject.id}"
        case Alert():
            return f"{subject.kind} {subject.till or ''}"
        case OpenOrder():
            return subject.id
        case TillStanding():
            return str(subject.number)


def place_of(state: DeskState, picture: Picture | None) -> int | None:
    """Where the marked entry stands now; None in an empty list."""
    shown = entries(picture, state.listed)
    if not shown:
        return None
    names = [name_of(one) for one in shown]
    return names.index(state.marked) if state.marked in names else min(state.place, len(names) - 1)


def acts_on(subject: Subject | Prepared | Enrolment) -> tuple[ActKind, ...]:
    """What can be done with an entry."""
    match subject:
        case Matter(kind=MatterKind.LOCKED):
            return (ActKind.UNLOCK,)
        case Matter():
            return (ActKind.SETTLE,)
        case OpenOrder(status=Status.ACTIVE):
            return (ActKind.PUT_ASIDE, ActKind.GIVE, ActKind.DISCARD)
        case OpenOrder(status=Status.PENDING_LOGOUT):
            return (ActKind.GIVE, ActKind.DISCARD)
        case TillStanding():
            return (ActKind.DAY,) if subject.revoked else (ActKind.DAY, ActKind.REVOKE)
        case _:
            return ()
