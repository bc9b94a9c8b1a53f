"""Key handling for the replayed day, and its act. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.screens.day.screen import DayScreen
from till.tui.screens.day.state import DayFacts, DayState
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ARROWS, ENTER, ERASE, Key, KeyTable, calls, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from till.tui.shell.calls import Call


class DayActs(SideScene[DayState, Never, DayScreen]):
    """The acts of the scene, which its reducer calls."""

    def leave(self) -> None:
        """Go back to the desk."""
        self._host.close_over()


DayStep = tuple[DayState, tuple["Call[DayActs, None]", ...]]

_ALONG: Final = {"left": KeyPress("up"), "right": KeyPress("down")}
#: The most characters of the typed text that a message repeats.
_REPEATED: Final = 20


def reduce(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    """Return the next state and the calls to make."""
    if (step := keys_of(state).step(state, press, facts)) is not None:
        return step
    if state.helps:
        return state, ()
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken, message=None), ()
    message = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    return replace(state, message=message or state.message), ()


def keys_of(state: DayState) -> KeyTable[DayState, DayFacts, DayActs]:
    """Return the keys of the day, or of its help."""
    return _HELP_KEYS if state.helps else KEYS


_EVENTS: Final = MarkedList[DayState, DayFacts](
    count=lambda _state, facts: len(facts.events),
    at=lambda state, _facts: ListMark(state.place),
    put=lambda state, _facts, mark: replace(state, place=mark.place, message=None),
    widget="events",
    enters=False,
)


def _step(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    return _EVENTS.move(state, _ALONG[press.key], facts)


def _turn(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    """Go to where the till changes to another order, or to an end of the day."""
    before = max((place for place in facts.turns if place < state.place), default=0)
    after = next((place for place in facts.turns if place > state.place), len(facts.events))
    return _EVENTS.point(state, KeyPress("", place=before if press.key == "pageup" else after), facts)


def _find(state: DayState, _press: KeyPress, facts: DayFacts) -> DayStep:
    """Go to the next sale whose receipt number contains the typed text, wrapping around at the end."""
    typed = state.entry.text.strip().casefold()
    if not typed:
        return replace(state, message=refusal(_("Type a receipt number, or a part of it: Enter finds its sale."))), ()
    places = [place for receipt, place in facts.receipts if typed in receipt.casefold()]
    if not places:
        sentence = _("No sale of this day has “{typed}” on its receipt.").format(
            typed=clean(state.entry.text)[:_REPEATED]
        )
        return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
    after = next((place for place in places if place > state.place), places[0])
    return replace(state, place=after, message=None, entry=EntryLine.offer(state.entry.text)), ()


def _clear(state: DayState, _press: KeyPress, _facts: DayFacts) -> DayStep:
    return replace(state, entry=EMPTY, message=None), ()


def _show_help(state: DayState, _press: KeyPress, _facts: DayFacts) -> DayStep:
    return replace(state, helps=True, message=None), ()


def _close_help(state: DayState, _press: KeyPress, _facts: DayFacts) -> DayStep:
    return replace(state, helps=False), ()


KEYS: Final[KeyTable[DayState, DayFacts, DayActs]] = KeyTable(
    Key(calls(DayActs.leave), command=CLOSE, helped=(_("Back"), "")),
    Key(_show_help, command=HELP, bar=word(_("Help")), helped=(_("This help"), "")),
    *_EVENTS.keys(moves=ARROWS),
    Key(_step, tuple(_ALONG), "← →", bar=word(_("Event")), helped=(_("Previous or next event"), _("↑ ↓ too"))),
    Key(_turn, ("pageup", "pagedown"), "PgUp PgDn", bar=word(_("Order")), helped=(_("Previous or next order"), "")),
    Key(
        _EVENTS.move,
        ("home", "end"),
        "Home End",
        bar=word(_("First, last"), spare=True),
        helped=(_("The first event, the last"), ""),
    ),
    Key(_find, ENTER, "Enter", bar=word(_("Find a receipt"), _("Find")), helped=(_("Find a receipt"), _("once typed"))),
    Key(_clear, ("escape",), "Esc", lambda state, _facts: state.entry.text, bar=ERASE),
    Key(calls(DayActs.leave), ("escape",), "Esc", bar=word(_("Back")), helped=(_("Back to the desk"), "")),
)
_HELP_KEYS: Final[KeyTable[DayState, DayFacts, DayActs]] = KeyTable(
    Key(calls(DayActs.leave), command=CLOSE),
    Key(_close_help, ENTER, "Enter", bar=word(_("Back"))),
    Key(_close_help, ("escape",), "Esc", bar=word(_("Back"))),
    Key(_close_help, command=HELP),
)
