"""Key and event handling for the form. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.screens.init.effects import Check, Checked, Finish, Refused, Take, Taken
from till.tui.screens.init.state import InitState, Step, rows_of
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import CLOSE, KeyPress
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.tui.screens.init.effects import InitEffect, InitHappening
    from till.tui.screens.init.state import Asked, InitFacts

InitStep = tuple[InitState, tuple["InitEffect", ...]]

#: Rows that each key scrolls a menu preview by.
_SCROLLS: Final = {"pageup": -8, "pagedown": 8}


def start(facts: InitFacts) -> InitState:
    """Return the form at the first question that no flag answered."""
    return _go_on(InitState(), facts)


def reduce(state: InitState, event: KeyPress | InitHappening, facts: InitFacts) -> InitStep:
    """Return the next state and the effects to carry out."""
    match event:
        case KeyPress():
            return _pressed(state, event, facts)
        case Checked():
            return replace(state, step=Step.REPEATING, keyed=state.entry.text, entry=EMPTY, message=None), ()
        case Taken():
            return _taken(state, facts), ()
        case Refused():
            return _refused(state, event, facts), ()


def go_to(state: InitState, place: int, facts: InitFacts) -> InitState:
    """Ask the question at `place`, offering its answer to be accepted or typed over."""
    del state
    place = max(0, min(place, len(facts.asked)))
    if place == len(facts.asked):
        return InitState(place=place, step=Step.AGREEING)
    return InitState(place=place, entry=EntryLine.offer(facts.asked[place].offered))


def _pressed(state: InitState, press: KeyPress, facts: InitFacts) -> InitStep:
    if facts.keymap.command(press) == CLOSE or press.key == "ctrl+c":
        return state, (Finish(make=False),)
    if press.is_enter:
        return _enter(state, facts)
    if press.key in {"up", "escape", "shift+tab"}:
        return _back(state, press, facts), ()
    if press.key in {"down", "tab"}:
        return _forward(state, facts), ()
    if press.key in _SCROLLS:
        most = max(0, rows_of(state, facts) - 1)
        return replace(state, first=max(0, min(state.first + _SCROLLS[press.key], most))), ()
    return _type(state, press, facts), ()


def _type(state: InitState, press: KeyPress, facts: InitFacts) -> InitState:
    if state.step is Step.AGREEING:
        said = refusal(_("Enter makes it. ↑ goes back to any answer."))
        return replace(state, message=said) if press.char or press.paste else state
    typed = state.entry.take(press)
    if typed is not None:
        step = Step.ASKING if state.step is Step.SHOWING else state.step
        return replace(state, entry=typed, step=step, message=None, wrong="")
    if not facts.keymap.named(press):
        return state
    said = refusal(_("Enter takes the answer, ↑ goes back, {key} leaves, and nothing was made."))
    return replace(state, message=replace(said, text=said.text.format(key=facts.keymap.label(CLOSE))))


def _enter(state: InitState, facts: InitFacts) -> InitStep:
    if state.step is Step.AGREEING:
        return state, (Finish(make=True),)
    asked = facts.asked[state.place]
    if state.step is Step.SHOWING:
        return _go_on(state, facts), ()
    if asked.question.secret:
        return _enter_secret(state, asked, facts)
    return replace(state, message=None, faults=()), (Take(asked.question.name, state.entry.text.strip()),)


def _enter_secret(state: InitState, asked: Asked, facts: InitFacts) -> InitStep:
    typed = state.entry.text
    if state.step is Step.REPEATING:
        if typed == state.keyed:
            return replace(state, message=None), (Take(asked.question.name, typed),)
        said = refusal(_("They do not match. Type it again."))
        return replace(go_to(state, state.place, facts), message=said), ()
    if not typed and asked.shown is not None:
        return _go_on(state, facts), ()
    return replace(state, message=None), (Check(asked.question.name, typed),)


def _back(state: InitState, press: KeyPress, facts: InitFacts) -> InitState:
    """Go to the previous answer; Esc first clears what is typed here."""
    here = state if state.step is Step.AGREEING else go_to(state, state.place, facts)
    is_begun = state.step is Step.REPEATING or (state.step is Step.ASKING and state.entry.text != here.entry.text)
    if press.key == "escape" and is_begun:
        return here
    if state.place == 0:
        said = _("This is the first question. {key} leaves, and nothing was made.")
        return replace(here, message=refusal(said.format(key=facts.keymap.label(CLOSE))))
    return go_to(state, state.place - 1, facts)


def _forward(state: InitState, facts: InitFacts) -> InitState:
    """Go to the next question if this one is answered."""
    if state.step is Step.AGREEING:
        return state
    if facts.asked[state.place].shown is None:
        return replace(state, message=refusal(_("Enter takes the answer, and goes on.")))
    if state.place + 1 == len(facts.asked) and not facts.is_whole:
        return _go_on(state, facts)
    return go_to(state, state.place + 1, facts)


def _go_on(state: InitState, facts: InitFacts) -> InitState:
    """Go to the first question without an answer, or to the end."""
    places = (place for place, one in enumerate(facts.asked) if one.shown is None)
    return go_to(state, next(places, len(facts.asked)), facts)


def _taken(state: InitState, facts: InitFacts) -> InitState:
    """Preview a menu before it counts; go on after any other answer."""
    if facts.asked[state.place].question.name == "menu" and facts.menu is not None:
        return replace(state, step=Step.SHOWING, first=0, faults=(), wrong="", message=None)
    return _go_on(state, facts)


def _refused(state: InitState, event: Refused, facts: InitFacts) -> InitState:
    """Offer a refused answer for correction, beside its errors. A secret is cleared."""
    asked = facts.asked[state.place].question
    typed = "" if asked.secret else state.entry.text
    return replace(
        state,
        step=Step.ASKING,
        entry=EntryLine.offer(typed),
        keyed="",
        wrong=typed,
        message=refusal(event.sentence),
        faults=event.faults,
        first=0,
    )
