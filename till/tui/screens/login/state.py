"""What the login screen knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.staff.person import Person
    from till.tui.drawing.viewmodels import NoticeView, StyledText
    from till.tui.shell.keymap import Keymap


class LoginState(Struct, frozen=True):
    """The login screen at one moment.

    Attributes:
        number: the staff number that is typed.
        pin: the PIN that is typed.
        asks_pin: whether the PIN is typed, and not the number.
        message: the answer in sight.
        unknown: a number that nobody had: it may be somebody's soon, on a new machine.
        locked: the person whose screen is locked: only their PIN opens it, Esc logs them out.
    """

    number: EntryLine = EMPTY
    pin: EntryLine = EMPTY
    asks_pin: bool = False
    message: StyledText | None = None
    unknown: int = 0
    locked: Person | None = None


class LoginFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        staff: who can log in.
        keymap: which key is which command.
    """

    staff: tuple[Person, ...]
    keymap: Keymap


class LoginContext(Struct, frozen=True):
    """What else is shown at one moment.

    Attributes:
        now: the time on the venue's wall.
        locked_until: the numbers that wrong PINs locked, and until when.
        open_orders: what each number has open.
        is_alone: whether the other tills cannot be asked.
        is_demo: whether this is the venue of the demo.
        is_held: whether a PIN is being checked.
        attention: what needs attention.
        notice: what is to be said of the till.
    """

    now: datetime
    locked_until: Mapping[int, str]
    open_orders: Mapping[int, StyledText]
    is_alone: bool = False
    is_demo: bool = False
    is_held: bool = False
    attention: StyledText | None = None
    notice: NoticeView | None = None


def chosen(state: LoginState, staff: tuple[Person, ...]) -> Person | None:
    """Whose number is typed."""
    if not state.number.text:
        return None
    return next((person for person in staff if str(person.number) == state.number.text.lstrip("0")), None)
