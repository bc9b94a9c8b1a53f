"""The base of the scenes with a reducer: it takes keys, clicks and outcomes, and makes the calls that follow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller, Helped, MainScene
    from till.tui.shell.messages import Heard

S = TypeVar("S")
E = TypeVar("E")


class _OnScreen(Protocol):
    @property
    def screen(self) -> TillScreen: ...


class ReducedScene(ABC, Generic[S, E]):
    """A scene with a frozen state, which its reducer changes; `E` are the outcomes of its acts."""

    takes_money = False
    says_trouble = False
    counts_as_read = False
    logs_out = False
    message = Answer()
    state: S

    @abstractmethod
    def reduce(self, event: KeyPress | E) -> tuple[S, Iterable[Call[Any, Any]]]:
        """Return the next state and the calls to make."""

    @abstractmethod
    def paint(self) -> None:
        """Update the widgets from the state."""

    def happens(self, event: KeyPress | E) -> None:
        """Reduce a key, a click or the outcome of an act, and make the calls that follow."""
        self.state, calls = self.reduce(event)
        self.kept()
        for asked in calls:
            asked.on(self)

    def kept(self) -> None:
        """Save data that must outlive the screen, before the calls are made. By default there is none."""

    def press(self, press: KeyPress) -> None:
        """Act on a key."""
        self.happens(press)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click on an entry of a widget, as a key by the widget's name."""
        widgets = vars(cast("_OnScreen", self).screen)
        name = next((name for name, one in widgets.items() if one is widget), "")
        self.press(KeyPress(f"click {name}", place=place))

    def hear(self, news: Heard) -> bool:
        """Act on news from outside; return False if its sentence is still to be kept for the user, as by default."""
        del news
        return False

    def tick(self) -> None:
        """Do what is due every second. By default nothing, for a screen that does not depend on the time."""


class TillScene(ReducedScene[S, E], Generic[S, E]):
    """A scene of the till, which has its controller."""

    controller: Controller

    def show(self) -> None:
        """Show the screen."""
        self.controller.go(cast("MainScene", self))

    def show_help(self, rows: tuple[Helped, ...]) -> None:
        """Show the help."""
        self.controller.help(cast("_OnScreen", self).screen, rows)
