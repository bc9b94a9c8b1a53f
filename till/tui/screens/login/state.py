"""State of the login screen and the facts it is given about the till, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.drawing.layout import PAGE
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.advice import Advice
    from till.domain.staff.person import Person
    from till.tui.drawing.viewmodels import (
        NoticeView,
        StyledText,
    )
    from till.tui.shell.keymap import Keymap


class LoginState(Struct, frozen=True):
    """The login screen at one moment.

    Attributes:
        number: the staff number typed.
        pin: the PIN typed.
        asks_pin: True while the PIN is typed, not the number.
        message: the message shown.
        unknown: the number that was refused as unknown. On a new machine it may become known soon.
        locked: the user whose screen is locked: only their PIN opens it, Esc logs them out.
    """

    number: EntryLine = EMPTY
    pin: EntryLine = EMPTY
    asks_pin: bool = False
    message: StyledText | None = None
    unknown: int = 0
    locked: Person | None = None


class LoginFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        staff: the users who can log in.
        keymap: the keys of each command.
        page: the number of users that a page key passes.
    """

    staff: tuple[Person, ...]
    keymap: Keymap
    page: int = PAGE


class LoginContext(Struct, frozen=True):
    """Further facts, for painting alone.

    Attributes:
        now: the venue's local time.
        locked_until: the numbers locked after wrong PINs, and until when.
        open_orders: the open order of each number.
        is_alone: True if the other tills cannot be asked.
        is_demo: True for the demo venue.
        is_held: True while a PIN is being checked.
        attention: a sentence on anything that needs attention.
        notice: a notice about the till.
    """

    now: datetime
    locked_until: Mapping[int, str]
    open_orders: Mapping[int, StyledText]
    is_alone: bool = False
    is_demo: bool = False
    is_held: bool = False
    attention: Advice | None = None
    notice: NoticeView | None = None


def typed_person(state: LoginState, staff: tuple[Person, ...]) -> Person | None:
    """Return the user whose number is typed."""
    if not state.number.text:
        return None
    return next((person for person in staff if str(person.number) == state.number.text.lstrip("0")), None)


class PersonFound(Struct, frozen=True):
    """The number belongs to a user."""


class PersonRefused(Struct, frozen=True):
    """The number belongs to nobody, or to a user who may not log in."""

    sentence: str


class PinRefused(Struct, frozen=True):
    """The PIN was wrong; `locks` is true if the number is locked now."""

    sentence: str
    locks: bool


class StaffChanged(Struct, frozen=True):
    """The list of staff changed."""


LoginOutcome = PersonFound | PersonRefused | PinRefused | StaffChanged
