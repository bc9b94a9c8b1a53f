"""The running form: takes clicks, and paints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from typing_extensions import override

from till.tui.screens.init.acts import InitActs
from till.tui.screens.init.presenter import views_of
from till.tui.screens.init.reduce import go_to, reduce, start
from till.tui.screens.init.state import Asked, InitFacts
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.ports.founding import Founding
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.init.reduce import InitStep
    from till.tui.screens.init.screen import InitScreen
    from till.tui.screens.init.state import InitOutcome
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.scene import SideHost


class InitScene(InitActs):
    """The scene of the form.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
        founding: takes the answers.
        refused: why the last attempt failed; empty on the first.
    """

    closing_key = "ctrl+c"

    def __init__(
        self, host: SideHost, screen: InitScreen, keymap: Keymap, founding: Founding, refused: str = ""
    ) -> None:
        super().__init__(host, screen, keymap, founding)
        self._facts = self._ask()
        self.state = start(self._facts)
        if refused:
            self.state = replace(self.state, message=refusal(refused))

    def facts(self) -> InitFacts:
        """Return the current answers; while one is being submitted, the answers before it."""
        if self._is_taking:
            return replace(self._facts, is_held=True)
        self._facts = self._ask()
        return self._facts

    def _ask(self) -> InitFacts:
        founding = self._founding
        asked = tuple(Asked(one, founding.shown(one.name), founding.offered(one.name)) for one in founding.questions)
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
        screen = self.screen
        width, room = screen.about_width, screen.message_room
        screen.show(views_of(self.state, self.facts(), width=width, wide=screen.is_wide, room=room))

    @override
    def reduce(self, event: KeyPress | InitOutcome) -> InitStep:
        return reduce(self.state, event, self.facts())
