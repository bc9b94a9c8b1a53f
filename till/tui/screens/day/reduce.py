"""Key handling for the replayed day. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import CLOSE, HELP
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.tui.screens.day.state import DayFacts, DayState
    from till.tui.shell.keymap import KeyPress

_STEPS: Final = {"left": -1, "up": -1, "right": 1, "down": 1}
#: The most characters of the typed text that a message repeats.
_TOLD: Final = 20


def reduce(state: DayState, press: KeyPress, facts: DayFacts) -> DayState | None:
    """Return the state after a key; None to leave the screen."""
    command = facts.keymap.command(press)
    if command == CLOSE:
        return None
    if state.helps:
        closes = press.is_enter or press.key == "escape" or command == HELP
        return replace(state, helps=False) if closes else state
    if press.key == "escape":
        return replace(state, entry=EMPTY, message=None) if state.entry.text else None
    if command == HELP:
        return replace(state, helps=True, message=None)
    if press.is_enter:
        return _find(state, facts)
    place = _place_after(state.place, press.key, facts)
    if place is not None:
        return go_to(state, place, facts)
    taken = state.entry.take(press)
    if taken is not None:
        return replace(state, entry=taken, message=None)
    said = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    return replace(state, message=said or state.message)


def go_to(state: DayState, place: int, facts: DayFacts) -> DayState:
    """Show the event at `place`, limited to the day's first and last."""
    return replace(state, place=max(0, min(place, len(facts.events) - 1)), message=None)


def _place_after(place: int, key: str, facts: DayFacts) -> int | None:
    """Return the index of the event that a key leads to; None if it is no navigation key."""
    turns = facts.turns
    match key:
        case "left" | "up" | "right" | "down":
            return place + _STEPS[key]
        case "pageup":
            before = bisect_left(turns, place) - 1
            return turns[before] if before >= 0 else 0
        case "pagedown":
            after = bisect_right(turns, place)
            return turns[after] if after < len(turns) else len(facts.events) - 1
        case "home":
            return 0
        case "end":
            return len(facts.events) - 1
        case _:
            return None


def _find(state: DayState, facts: DayFacts) -> DayState:
    """Go to the next sale whose receipt number contains the typed text, wrapping around at the end."""
    typed = state.entry.text.strip().casefold()
    if not typed:
        return replace(state, message=refusal(_("Type a receipt number, or a part of it: Enter finds its sale.")))
    places = [place for receipt, place in facts.receipts if typed in receipt.casefold()]
    if not places:
        told = _("No sale of this day has “{typed}” on its receipt.").format(typed=clean(state.entry.text)[:_TOLD])
        return replace(state, message=refusal(told), entry=EntryLine.offer(state.entry.text))
    after = next((place for place in places if place > state.place), places[0])
    return replace(go_to(state, after, facts), entry=EntryLine.offer(state.entry.text))
