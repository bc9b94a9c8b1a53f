"""The reducer of the screen between drills. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.screens.train.acts import TrainActs
from till.tui.screens.train.state import TrainFacts, TrainState
from till.tui.shell.calls import call
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import HELP, LOG_OUT
from till.tui.shell.marked_list import MarkedList
from till.tui.shell.messages import says_why

if TYPE_CHECKING:
    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import KeyPress

TrainStep = tuple[TrainState, tuple["Call[TrainActs, None]", ...]]

DRILLS: Final = MarkedList[TrainState, TrainFacts](
    count=lambda _state, facts: len(facts.offered), missing=_("There is no drill {n}."), widget="next"
)


def reduce(state: TrainState, press: KeyPress, facts: TrainFacts) -> TrainStep:
    """Return the next state and the calls to make."""
    state = replace(state, message=None)
    if (step := KEYS.step(state, press, facts)) is not None:
        return step
    return replace(state, message=says_why(facts.keymap, press, _("Begin a drill first, then {key}."))), ()


def _show_help(state: TrainState, _press: KeyPress, facts: TrainFacts) -> TrainStep:
    return state, (call(TrainActs.show_help, KEYS.helped(facts.keymap)),)


def _begin(state: TrainState, _press: KeyPress, facts: TrainFacts) -> TrainStep:
    return state, (call(TrainActs.begin, facts.offered[DRILLS.place(state, facts)]),)


def _begin_word(state: TrainState, facts: TrainFacts) -> BarKey:
    return BarKey(_("Start {drill}").format(drill=facts.offered[DRILLS.place(state, facts)].name), _("Start"))


KEYS: Final[KeyTable[TrainState, TrainFacts, TrainActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(_("Help"))),
    *DRILLS.keys("1-9 ↑↓", bar=word(_("Choose")), helped=(_("Choose a drill"), "")),
    Key(_begin, ENTER, "Enter", bar=_begin_word, helped=(_("Start it"), _("guests come at once"))),
    Key(
        calls(TrainActs.leave),
        command=LOG_OUT,
        bar=word(_("End training")),
        helped=(_("End training"), _("in a drill: end the drill")),
    ),
)
