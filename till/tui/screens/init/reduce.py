"""Key and event handling for the form. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.screens.init.acts import InitActs
from till.tui.screens.init.state import Checked, InitFacts, InitState, Refused, Step, Taken, rows_of
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, word
from till.tui.shell.keymap import CLOSE, KeyPress
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.screens.init.state import InitOutcome
    from till.tui.shell.calls import Call, Result

InitStep = tuple[InitState, tuple["Call[InitActs, Result[InitOutcome]]", ...]]


def start(facts: InitFacts) -> InitState:
    """Return the form at the first question that no flag answered."""
    return _go_on(InitState(), facts)


def reduce(state: InitState, event: KeyPress | InitOutcome, facts: InitFacts) -> InitStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return KEYS.step(state, event, facts) or (_type(state, event, facts), ())
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


def _type(state: InitState, press: KeyPress, facts: InitFacts) -> InitState:
    if state.step is Step.AGREEING:
        return replace(state, message=refusal(_("Enter creates it. ↑ goes back to any answer.")))
    typed = state.entry.take(press)
    if typed is not None:
        step = Step.ASKING if state.step is Step.SHOWING else state.step
        return replace(state, entry=typed, step=step, message=None, wrong="")
    if not facts.keymap.named(press):
        return state
    message = refusal(_("Enter: next. ↑: back. {key} leaves, nothing is created."))
    return replace(state, message=replace(message, text=message.text.format(key=facts.keymap.label(CLOSE))))


def _submit(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    """Submit the answer, or have a secret checked before it is repeated."""
    asked, typed = facts.asked[state.place], state.entry.text
    if not asked.question.secret:
        return replace(state, message=None, faults=()), (call(InitActs.submit, asked.question.name, typed.strip()),)
    if not typed and asked.shown is not None:
        return _go_on(state, facts), ()
    return replace(state, message=None), (call(InitActs.check, asked.question.name, typed),)


def _repeat(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    """Submit a secret if it was typed the same twice."""
    if state.entry.text == state.keyed:
        name = facts.asked[state.place].question.name
        return replace(state, message=None), (call(InitActs.submit, name, state.keyed),)
    message = refusal(_("They do not match. Type it again."))
    return replace(go_to(state, state.place, facts), message=message), ()


def _take_menu(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    return _go_on(state, facts), ()


def _back(state: InitState, press: KeyPress, facts: InitFacts) -> InitStep:
    """Go to the previous answer; Esc first clears what is typed here."""
    here = state if state.step is Step.AGREEING else go_to(state, state.place, facts)
    is_begun = state.step is Step.REPEATING or (state.step is Step.ASKING and state.entry.text != here.entry.text)
    if press.key == "escape" and is_begun:
        return here, ()
    if state.place == 0:
        sentence = _("This is the first question. {key} leaves, nothing is created.")
        return replace(here, message=refusal(sentence.format(key=facts.keymap.label(CLOSE)))), ()
    return go_to(state, state.place - 1, facts), ()


def _forward(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    """Go to the next question if this one is answered."""
    if facts.asked[state.place].shown is None:
        return replace(state, message=refusal(_("Enter accepts the answer."))), ()
    if state.place + 1 == len(facts.asked) and not facts.is_whole:
        return _go_on(state, facts), ()
    return go_to(state, state.place + 1, facts), ()


def _next_word(state: InitState, facts: InitFacts) -> BarKey | None:
    return BarKey(_("Next")) if facts.asked[state.place].shown is not None else None


def _go_on(state: InitState, facts: InitFacts) -> InitState:
    """Go to the first question without an answer, or to the end."""
    places = (place for place, one in enumerate(facts.asked) if one.shown is None)
    return go_to(state, next(places, len(facts.asked)), facts)


def _taken(state: InitState, facts: InitFacts) -> InitState:
    """Preview a menu before it is used; after any other answer, continue with the next question."""
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


# The keys.


def _finish(*, make: bool) -> Callable[[InitState, KeyPress, InitFacts], InitStep]:
    return lambda state, _press, _facts: (state, (call(InitActs.finish, make=make),))


def _at(step: Step) -> Callable[[InitState, InitFacts], bool]:
    return lambda state, _facts: state.step is step


#: The preview of a menu, or the faults of one.
_PREVIEW: Final = MarkedList[InitState, InitFacts](
    count=rows_of,
    at=lambda state, _facts: ListMark(state.first),
    put=lambda state, _facts, mark: replace(state, first=mark.place),
    widget="about",
)

KEYS: Final[KeyTable[InitState, InitFacts, InitActs]] = KeyTable(
    Key(_finish(make=False), ("ctrl+c",)),
    Key(_finish(make=False), command=CLOSE),  # above the keys that scroll: the venue may have mapped it to one
    Key(_back, ("up", "escape", "shift+tab"), "↑", bar=word(_("Back to an answer"), _("Back"))),
    Key(_forward, ("down", "tab"), "↓", lambda state, _facts: state.step is not Step.AGREEING, bar=_next_word),
    *_PREVIEW.keys(
        "PgUp PgDn",
        when=lambda state, facts: rows_of(state, facts) and (state.faults or state.step is Step.SHOWING),
        bar=word(_("Scroll")),
        moves=("pageup", "pagedown"),
    ),
    Key(_finish(make=False), command=CLOSE, bar=word(_("Leave, create nothing"), _("Leave"))),
    Key(_finish(make=True), ENTER, "Enter", _at(Step.AGREEING), bar=word(_("Create it"))),
    Key(_take_menu, ENTER, "Enter", _at(Step.SHOWING), bar=word(_("Take this menu"))),
    Key(_repeat, ENTER, "Enter", _at(Step.REPEATING), bar=word(_("Next"))),
    Key(_submit, ENTER, "Enter", bar=word(_("Next"))),
)
