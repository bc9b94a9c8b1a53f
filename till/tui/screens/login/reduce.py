"""Key and event handling for the login screen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.screens.login.acts import LoginActs
from till.tui.screens.login.state import (
    LoginFacts,
    LoginState,
    PersonFound,
    PersonRefused,
    PinRefused,
    StaffChanged,
    typed_person,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import MOVES, ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.tui.screens.login.state import LoginOutcome
    from till.tui.shell.calls import Call, Result

#: The most digits that a number or PIN field takes.
_LONGEST: Final = 32
#: The most digits a staff number may have.
_NUMBER: Final = 9
_DIGITS: Final = ("0", *DIGITS)

LoginStep = tuple[LoginState, tuple["Call[LoginActs, Result[LoginOutcome]]", ...]]


def reduce(state: LoginState, event: KeyPress | LoginOutcome, facts: LoginFacts) -> LoginStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return KEYS.step(state, event, facts) or _typed(state, event, facts)
        case PersonFound():
            return replace(state, asks_pin=True), ()
        case PersonRefused():
            unknown = 0 if typed_person(state, facts.staff) else int(state.number.text[:_NUMBER])
            return replace(state, message=refusal(event.sentence), unknown=unknown, number=EMPTY), ()
        case PinRefused():
            state = replace(state, message=refusal(event.sentence))
            return replace(state, asks_pin=False, number=EMPTY) if event.locks and not state.locked else state, ()
        case StaffChanged():
            if state.unknown in {person.number for person in facts.staff}:
                state = replace(state, unknown=0, message=None)
            return state, ()


def _typed(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginStep:
    field = state.pin if state.asks_pin else state.number
    typed = press.char or clean(press.paste).strip()
    if not typed:
        edited = field.take(press)
    elif not (typed.isascii() and typed.isdigit()) or len(field.text) + len(typed) > _LONGEST:
        return replace(state, message=refusal(_("Numbers and PINs are digits."))), ()
    else:
        edited = field.insert(typed)
    if edited is None:
        why = says_why(facts.keymap, press, _("Log in first, then press {key}."))
        return replace(state, message=why or state.message), ()
    return replace(state, message=None, **{"pin" if state.asks_pin else "number": edited}), ()


def _show_help(state: LoginState, _press: KeyPress, facts: LoginFacts) -> LoginStep:
    return state, (call(LoginActs.show_help, KEYS.helped(facts.keymap)),)


def _chosen(state: LoginState, facts: LoginFacts) -> ListMark:
    person = typed_person(state, facts.staff)
    return ListMark(facts.staff.index(person) if person is not None else -1)


def _choose(state: LoginState, facts: LoginFacts, mark: ListMark) -> LoginState:
    """Choose a person, and clear the PIN field."""
    return replace(state, number=EntryLine.offer(str(facts.staff[mark.place].number)), pin=EMPTY)


def _click(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginStep:
    """Choose the person who was clicked, and ask for the PIN."""
    state, _calls = _STAFF.point(state, press, facts)
    return _find_person(state, press, facts)


def _find_person(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    if not state.number.text:
        return replace(state, message=refusal(_("Type your number first, then Enter."))), ()
    return state, (call(LoginActs.find_person, int(state.number.text[:_NUMBER])),)


def _log_in(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    if not state.pin.text:
        return replace(state, message=refusal(_("Type your PIN, then Enter."))), ()
    return replace(state, pin=EMPTY), (call(LoginActs.log_in, int(state.number.text[:_NUMBER]), state.pin.text),)


def _escaped(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    state = replace(state, message=None)
    if state.pin.text:  # stay at the PIN: the next digits are most likely the PIN again, and must be masked
        return replace(state, pin=EMPTY), ()
    if state.locked:
        return state, (call(LoginActs.log_out),)
    return replace(state, asks_pin=False, number=EMPTY), ()


def _escape_word(state: LoginState, _facts: LoginFacts) -> BarKey:
    return BarKey(_("Clear the PIN") if state.pin.text else _("Log out") if state.locked else _("Other number"))


def _at_number(state: LoginState, _facts: LoginFacts) -> bool:
    return not state.asks_pin


def _is_open(state: LoginState, _facts: LoginFacts) -> bool:
    return state.locked is None


def _chooses(state: LoginState, facts: LoginFacts) -> bool:
    return state.locked is None and bool(facts.staff)


_STAFF: Final = MarkedList[LoginState, LoginFacts](
    count=lambda _state, facts: len(facts.staff), at=_chosen, put=_choose, page=lambda facts: facts.page, widget="staff"
)

KEYS: Final[KeyTable[LoginState, LoginFacts, LoginActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(_("Help"))),
    Key(_typed, _DIGITS, _("digits, Enter"), _at_number, helped=(_("Your number"), _("or choose it with ↑ and ↓"))),
    Key(_typed, _DIGITS, _("digits, Enter"), helped=(_("Your PIN"), _("five wrong ones lock it"))),
    Key(_click, ("click staff",), when=_at_number),
    *_STAFF.keys(when=_chooses, bar=word(_("Choose")), moves=MOVES),
    Key(_find_person, ENTER, "Enter", _at_number, bar=word(_("Next"))),
    Key(_log_in, ENTER, "Enter", bar=word(_("Log in"))),
    Key(_escaped, ("escape",), "Esc", bar=_escape_word, helped=(_("Another number"), "")),
    Key(
        calls(LoginActs.close_till),
        command=CLOSE,
        when=_is_open,
        bar=word(_("Close the till"), _("Close")),
        helped=(_("Close the till"), _("open orders are kept")),
    ),
)
