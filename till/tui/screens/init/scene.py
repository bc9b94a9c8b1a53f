"""The running form: keeps its state, submits answers and paints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from till.domain.catalogue.csv_table import MenuFileError
from till.domain.errors import TillError
from till.tui.screens.init.effects import Check, Checked, Finish, Refused, Take, Taken
from till.tui.screens.init.presenter import views_of
from till.tui.screens.init.reduce import go_to, reduce, start
from till.tui.screens.init.state import Asked, InitFacts
from till.tui.shell.keymap import CLOSE, KeyPress
from till.tui.shell.messages import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from till.ports.founding import Founding
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.init.effects import InitEffect, InitHappening
    from till.tui.screens.init.screen import InitScreen
    from till.tui.shell.keymap import Keymap


class Hall(Protocol):
    """The app around the form, as the scene needs it."""

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the keys."""

    def leave(self) -> None:
        """Close the form."""


class InitScene:
    """The scene of the form.

    Args:
        hall: the app.
        screen: its widgets.
        founding: takes the answers.
        keymap: the keys of each command.
        refused: why the last attempt failed; empty on the first.

    Attributes:
        agreed: True if the venue is to be set up.
    """

    message = Answer()

    def __init__(self, hall: Hall, screen: InitScreen, founding: Founding, keymap: Keymap, refused: str = "") -> None:
        self._hall, self.screen, self._founding, self._keymap = hall, screen, founding, keymap
        self._waiting: list[KeyPress] = []
        self._is_held = False
        self.agreed = False
        self._facts = self._ask()
        self.state = start(self._facts)
        if refused:
            self.state = replace(self.state, message=refusal(refused))

    def facts(self) -> InitFacts:
        """Return the current answers; while one is being submitted, the answers before it."""
        if self._is_held:
            return replace(self._facts, is_held=True)
        self._facts = self._ask()
        return self._facts

    def _ask(self) -> InitFacts:
        founding = self._founding
        asked = tuple(Asked(one, founding.shown(one.name), founding.offered(one.name)) for one in founding.questions)
        facts = InitFacts(self._keymap, asked, founding.menu)
        return replace(facts, told=founding.told()) if facts.is_whole else facts

    def take(self, press: KeyPress) -> None:
        """Act on a key, or queue it until the answer being submitted was taken."""
        if self._is_held and not self.closes(press):
            self._waiting.append(press)
            return
        self._go(press)

    def closes(self, press: KeyPress) -> bool:
        """True if a key closes the form."""
        return self._keymap.command(press) == CLOSE or press.key == "ctrl+c"

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Go to the clicked question if it is answered or due."""
        facts = self.facts()
        if self._is_held or widget is not self.screen.form:
            return
        if place >= len(facts.asked):
            is_open = facts.is_whole
        else:
            is_open = place <= start(facts).place or facts.asked[place].shown is not None
        if is_open and place != self.state.place:
            self.state = go_to(self.state, place, facts)
            self.paint()

    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        screen.show(views_of(self.state, self.facts(), width=screen.about_width, wide=screen.is_wide))

    def _go(self, event: KeyPress | InitHappening) -> None:
        self.state, effects = reduce(self.state, event, self.facts())
        for effect in effects:
            self._carry_out(effect)
        self.paint()

    def _carry_out(self, effect: InitEffect) -> None:
        if isinstance(effect, Finish):
            self.agreed = effect.make
            self._hall.leave()
            return
        self._is_held = True
        self._hall.start(self._answer(effect))

    async def _answer(self, effect: Check | Take) -> None:
        """Submit an answer in a thread: it may read a file or hash a secret."""
        work = self._founding.check if isinstance(effect, Check) else self._founding.take
        try:
            await asyncio.to_thread(work, effect.name, effect.text)
        except MenuFileError as problem:
            happened: InitHappening = Refused(problem.sentence, problem.faults)
        except TillError as problem:
            happened = Refused(problem.sentence)
        else:
            happened = Checked() if isinstance(effect, Check) else Taken()
        self._is_held = False
        if isinstance(happened, Refused):
            self._waiting.clear()  # it was typed for the questions after this one
        self._go(happened)
        while self._waiting and not self._is_held:
            self._go(self._waiting.pop(0))
