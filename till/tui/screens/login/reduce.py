"""Key and event handling for the login screen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.screens.login.effects import (
    CheckPin,
    CloseTill,
    FindPerson,
    LogOutLocked,
    OpenLoginHelp,
    PersonFound,
    PersonRefused,
    PinRefused,
    StaffChanged,
)
from till.tui.screens.login.state import chosen
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.tui.screens.login.effects import LoginEffect, LoginHappening
    from till.tui.screens.login.state import LoginFacts, LoginState

#: The most digits that a number or PIN field takes.
_LONGEST: Final = 32
#: The most digits a staff number may have.
_NUMBER: Final = 9

LoginStep = tuple["LoginState", tuple["LoginEffect", ...]]


def reduce(state: LoginState, event: KeyPress | LoginHappening, facts: LoginFacts) -> LoginStep:
    """Return the next state and the effects to carry out."""
    match event:
        case KeyPress():
            return _pressed(state, event, facts)
        case PersonFound():
            return replace(state, asks_pin=True), ()
        case PersonRefused():
            unknown = 0 if chosen(state, facts.staff) else int(state.number.text[:_NUMBER])
            return replace(state, message=refusal(event.sentence), unknown=unknown, number=EMPTY), ()
        case PinRefused():
            state = replace(state, message=refusal(event.sentence))
            return replace(state, asks_pin=False, number=EMPTY) if event.locks and not state.locked else state, ()
        case StaffChanged():
            if state.unknown in {person.number for person in facts.staff}:
                state = replace(state, unknown=0, message=None)
            return state, ()


def _pressed(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginStep:
    command = facts.keymap.command(press)
    if press.is_enter:
        return _enter(state)
    if press.key == "escape":
        return _back(replace(state, message=None))
    if press.key in {"up", "down"} and not state.asks_pin:
        return _choose(state, facts, -1 if press.key == "up" else 1), ()
    if command == CLOSE and not state.locked:
        return state, (CloseTill(),)
    if command == HELP:
        return state, (OpenLoginHelp(),)
    return _type(state, press, facts), ()


def _type(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginState:
    field = state.pin if state.asks_pin else state.number
    typed = press.char or clean(press.paste).strip()
    if not typed:
        edited = field.take(press)
    elif not (typed.isascii() and typed.isdigit()) or len(field.text) + len(typed) > _LONGEST:
        return replace(state, message=refusal(_("Numbers and PINs are digits.")))
    else:
        edited = field.insert(typed)
    if edited is None:
        return replace(
            state, message=says_why(facts.keymap, press, _("Log in first, then press {key}.")) or state.message
        )
    return replace(state, message=None, **{"pin" if state.asks_pin else "number": edited})


def _back(state: LoginState) -> LoginStep:
    if state.pin.text:  # stay at the PIN: the next digits are most likely the PIN again, and must be masked
        return replace(state, pin=EMPTY), ()
    if state.locked:
        return state, (LogOutLocked(),)
    return replace(state, asks_pin=False, number=EMPTY), ()


def _choose(state: LoginState, facts: LoginFacts, step: int) -> LoginState:
    if not facts.staff:
        return state
    numbers = [person.number for person in facts.staff]
    person = chosen(state, facts.staff)
    place = (numbers.index(person.number) + step) % len(numbers) if person else (0 if step > 0 else -1)
    return replace(state, number=EntryLine.offer(str(numbers[place])))


def _enter(state: LoginState) -> LoginStep:
    if not state.asks_pin:
        if not state.number.text:
            return replace(state, message=refusal(_("Type your number first, then Enter."))), ()
        return state, (FindPerson(int(state.number.text[:_NUMBER])),)
    if not state.pin.text:
        return replace(state, message=refusal(_("Type your PIN, then Enter."))), ()
    return replace(state, pin=EMPTY), (CheckPin(int(state.number.text[:_NUMBER]), state.pin.text),)
