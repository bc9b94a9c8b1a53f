"""The form at work: it keeps where one is, has answers taken, and paints."""

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
    """What the scene needs of the app around it."""

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the keys."""

    def leave(self) -> None:
        """Close the form."""


class InitScene:
    """Keeps the state of the form.

    Args:
        hall: the app.
        screen: its widgets.
        founding: hears the answers.
        keymap: which key is which command.
        refused: why it could not be made before; empty for the first time.

    Attributes:
        agreed: whether it shall be made.
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
        """The answers as they stand; as they stood, while one is taken."""
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
        """Act on a key, in its turn: what is typed ahead waits until an answer was taken."""
        if self._is_held and not self.closes(press):
            self._waiting.append(press)
            return
        self._go(press)

    def closes(self, press: KeyPress) -> bool:
        """Whether a key closes the form."""
        return self._keymap.command(press) == CLOSE or press.key == "ctrl+c"

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Go to an answer that was clicked: one that there is, or the question that is due."""
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
        """Hand views to the widgets."""
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
        """Have it taken beside the screen: a file is read, a secret made into what is kept of it."""
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
            self._waiting.clear()  # it was typed for what comes after
        self._go(happened)
        while self._waiting and not self._is_held:
            self._go(self._waiting.pop(0))
