"""The form that sets up a venue: its widgets, keys and acts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Never

from msgspec.structs import replace
from typing_extensions import override

from till.domain.catalogue.csv_table import MenuFileError
from till.domain.i18n import N_, _
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, HeadView, RowsView
from till.tui.drawing.widgets.choices import ChoiceList, Columns
from till.tui.drawing.widgets.entry import answer_room
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.screens.init.form import FormQuestion, InitFacts, InitState, QuestionStep, rows_of, views_of
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, word
from till.tui.shell.keymap import CLOSE
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import refusal
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.geometry import Region
    from textual.widget import Widget

    from till.domain.catalogue.csv_table import CsvFault
    from till.domain.errors import TillError
    from till.ports.founding import Founding
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.scene import SideHost

InitStep = tuple[InitState, tuple["Call[InitScene, Result[Never]]", ...]]

_COLUMNS: Final = Columns(key=1, name=1, detail=18)


class InitScreen(TillScreen):
    """The questions with their answers on the left, help on the current question on the right.

    With a single pane, the preview of a menu or a long message takes the place of the questions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.form = ChoiceList(ChoicesView(), _COLUMNS)
        self.about_head = Heading(HeadView())
        self.about = ReportRows(RowsView())

    @property
    def about_width(self) -> int:
        """The width in cells for sentences about a question."""
        found = self.grid
        if found is None:
            return 1
        return found.right.width if found.right is not None else found.body.width

    @property
    def message_room(self) -> int:
        """The width in cells for a message at the foot."""
        return answer_room(*self.app.size)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the form left and the question right; on a narrow screen one of them."""
        about_head, about = found.right_head, found.right
        head: Region | None = found.head
        form: Region | None = found.left
        if found.right is None and self.shape:
            about_head, about, head, form = found.head, found.left, None, None
        return {**super().lay(found), self.head: head, self.form: form, self.about_head: about_head, self.about: about}


class InitScene(SideScene[InitState, Never, InitScreen]):
    """The scene of the form.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
        founding: takes the answers.
        refused: why the last attempt failed; empty on the first.

    Attributes:
        agreed: True if the venue is to be set up.
    """

    closing_key = "ctrl+c"

    def __init__(
        self, host: SideHost, screen: InitScreen, keymap: Keymap, founding: Founding, refused: str = ""
    ) -> None:
        super().__init__(host, screen, keymap)
        self._founding = founding
        #: True while a thread takes an answer.
        self._is_taking = False
        self.agreed = False
        self._facts = self._ask()
        self.state = start(self._facts)
        if refused:
            self.state = replace(self.state, message=refusal(refused))

    @override
    def reduce(self, event: KeyPress) -> InitStep:
        return reduce(self.state, event, self.facts())

    def facts(self) -> InitFacts:
        """Return the current answers; while one is being submitted, the answers before it."""
        if self._is_taking:
            return replace(self._facts, is_held=True)
        self._facts = self._ask()
        return self._facts

    def _ask(self) -> InitFacts:
        founding = self._founding
        asked = tuple(
            FormQuestion(one, founding.shown(one.name), founding.offered(one.name)) for one in founding.questions
        )
        facts = InitFacts(self._keymap, asked, founding.menu)
        return replace(facts, summary=founding.summary()) if facts.is_whole else facts

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Go to the clicked question if it is answered or due."""
        facts = self.facts()
        if widget is not self.screen.form:
            return
        if place >= len(facts.asked):
            is_open = facts.is_whole
        else:
            is_open = place <= start(facts).place or facts.asked[place].shown is not None
        if is_open and place != self.state.place:
            self.state = go_to(self.state, place, facts)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen = self.state, self.facts(), self.screen
        width, room, keys = screen.about_width, screen.message_room, KEYS.bar(state, facts)
        views, is_about = views_of(state, facts, keys, width=width, wide=screen.is_wide, room=room)
        screen.show_all(**views)
        screen.reshape(is_about)

    def finish(self, *, make: bool) -> None:
        """Leave the form, and set up the venue if `make`."""
        self.agreed = make
        self._host.leave()

    async def check(self, name: str, text: str) -> None:
        """Check whether a secret is acceptable, and have it repeated."""
        await self._in_thread(lambda: self._founding.check(name, text))
        self.state = repeat_secret(self.state)

    async def submit(self, name: str, text: str) -> None:
        """Submit an answer, and go on."""
        await self._in_thread(lambda: self._founding.take(name, text))
        self.state = follow_answer(self.state, self.facts())

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        self._host.drop_keys()  # they were typed for the questions after this one
        faults = problem.faults if isinstance(problem, MenuFileError) else ()
        self.state = offer_again(self.state, problem.sentence, self.facts(), faults)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        """Work in a thread: it may read a file or hash a secret."""
        self._is_taking = True
        try:
            await asyncio.to_thread(work)
        finally:
            self._is_taking = False


def start(facts: InitFacts) -> InitState:
    """Return the form at the first question that no flag answered."""
    return _go_on(InitState(), facts)


def reduce(state: InitState, press: KeyPress, facts: InitFacts) -> InitStep:
    """Return the next state and the calls to make."""
    return KEYS.step(state, press, facts) or (_type(state, press, facts), ())


def go_to(_state: InitState, place: int, facts: InitFacts) -> InitState:
    """Ask the question at `place`, offering its answer to be accepted or typed over."""
    place = max(0, min(place, len(facts.asked)))
    if place == len(facts.asked):
        return InitState(place=place, step=QuestionStep.AGREEING)
    return InitState(place=place, entry=EntryLine.offer(facts.asked[place].offered))


def _type(state: InitState, press: KeyPress, facts: InitFacts) -> InitState:
    if state.step is QuestionStep.AGREEING:
        return replace(state, message=refusal(_("Enter creates it. ↑ goes back to any answer.")))
    typed = state.entry.take(press)
    if typed is not None:
        step = QuestionStep.ASKING if state.step is QuestionStep.SHOWING else state.step
        return replace(state, entry=typed, step=step, message=None, wrong="")
    if not facts.keymap.named(press):
        return state
    message = refusal(_("Enter: next. ↑: back. {key} leaves, nothing is created."))
    return replace(state, message=replace(message, text=message.text.format(key=facts.keymap.label(CLOSE))))


def _submit(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    """Submit the answer, or have a secret checked before it is repeated."""
    asked, typed = facts.asked[state.place], state.entry.text
    if not asked.question.secret:
        return replace(state, message=None, faults=()), (call(InitScene.submit, asked.question.name, typed.strip()),)
    if not typed and asked.shown is not None:
        return _go_on(state, facts), ()
    return replace(state, message=None), (call(InitScene.check, asked.question.name, typed),)


def _repeat(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    """Submit a secret if it was typed the same twice."""
    if state.entry.text == state.keyed:
        name = facts.asked[state.place].question.name
        return replace(state, message=None), (call(InitScene.submit, name, state.keyed),)
    message = refusal(_("They do not match. Type it again."))
    return replace(go_to(state, state.place, facts), message=message), ()


def _take_menu(state: InitState, _press: KeyPress, facts: InitFacts) -> InitStep:
    return _go_on(state, facts), ()


def _back(state: InitState, press: KeyPress, facts: InitFacts) -> InitStep:
    """Go to the previous answer; Esc first clears what is typed here."""
    here = state if state.step is QuestionStep.AGREEING else go_to(state, state.place, facts)
    is_begun = state.step is QuestionStep.REPEATING or (
        state.step is QuestionStep.ASKING and state.entry.text != here.entry.text
    )
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


def repeat_secret(state: InitState) -> InitState:
    """Ask once more for a secret that is acceptable."""
    return replace(state, step=QuestionStep.REPEATING, keyed=state.entry.text, entry=EMPTY, message=None)


def follow_answer(state: InitState, facts: InitFacts) -> InitState:
    """Preview a menu before it is used; after any other answer, continue with the next question."""
    if facts.asked[state.place].question.name == "menu" and facts.menu is not None:
        return replace(state, step=QuestionStep.SHOWING, first=0, faults=(), wrong="", message=None)
    return _go_on(state, facts)


def offer_again(state: InitState, why: str, facts: InitFacts, faults: tuple[CsvFault, ...] = ()) -> InitState:
    """Offer a refused answer for correction, beside the faults of a menu. A secret is cleared."""
    typed = "" if facts.asked[state.place].question.secret else state.entry.text
    entry, message = EntryLine.offer(typed), refusal(why)
    return replace(
        state, step=QuestionStep.ASKING, entry=entry, keyed="", wrong=typed, message=message, faults=faults, first=0
    )


# The keys.


def _finish(*, make: bool) -> Callable[[InitState, KeyPress, InitFacts], InitStep]:
    return lambda state, _press, _facts: (state, (call(InitScene.finish, make=make),))


def _at(step: QuestionStep) -> Callable[[InitState, InitFacts], bool]:
    return lambda state, _facts: state.step is step


#: The preview of a menu, or the faults of one.
_PREVIEW: Final = MarkedList[InitState, InitFacts](
    count=rows_of,
    at=lambda state, _facts: ListMark(state.first),
    put=lambda state, _facts, mark: replace(state, first=mark.place),
    widget="about",
)

KEYS: Final[KeyTable[InitState, InitFacts, InitScene]] = KeyTable(
    Key(_finish(make=False), ("ctrl+c",)),
    Key(_finish(make=False), command=CLOSE),  # above the keys that scroll: the venue may have mapped it to one
    Key(_back, ("up", "escape", "shift+tab"), "↑", bar=word(N_("Back to an answer"), N_("Back"))),
    Key(_forward, ("down", "tab"), "↓", lambda state, _facts: state.step is not QuestionStep.AGREEING, bar=_next_word),
    *_PREVIEW.keys(
        "PgUp PgDn",
        when=lambda state, facts: rows_of(state, facts) and (state.faults or state.step is QuestionStep.SHOWING),
        bar=word(N_("Scroll")),
        moves=("pageup", "pagedown"),
    ),
    Key(_finish(make=False), command=CLOSE, bar=word(N_("Leave, create nothing"), N_("Leave"))),
    Key(_finish(make=True), ENTER, "Enter", _at(QuestionStep.AGREEING), bar=word(N_("Create it"))),
    Key(_take_menu, ENTER, "Enter", _at(QuestionStep.SHOWING), bar=word(N_("Take this menu"))),
    Key(_repeat, ENTER, "Enter", _at(QuestionStep.REPEATING), bar=word(N_("Next"))),
    Key(_submit, ENTER, "Enter", bar=word(N_("Next"))),
)
