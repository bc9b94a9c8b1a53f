"""The base of all scenes: it takes keys, clicks and outcomes, and makes the calls that follow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from till.domain.errors import TillError
from till.tui.shell.keymap import CLOSE, KeyPress
from till.tui.shell.messages import MessageField

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from till.domain.order.state import Order
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import Keymap
    from till.tui.shell.messages import Heard

S = TypeVar("S")
E = TypeVar("E")
W = TypeVar("W", bound="TillScreen")


class ReducedScene(ABC, Generic[S, E, W]):
    """A scene with a frozen state, which its reducer changes; `E` are the outcomes of its acts, `W` its screen.

    An act returns its outcome, which is reduced like a key, or None. Keys wait for an act that is a coroutine.
    """

    takes_money = False
    says_trouble = False
    counts_as_read = False
    logs_out = False
    message = MessageField()
    state: S
    screen: W

    @abstractmethod
    def reduce(self, event: KeyPress | E) -> tuple[S, Iterable[Call[Any, Any]]]:
        """Return the next state and the calls to make."""

    @abstractmethod
    def paint(self) -> None:
        """Update the widgets from the state."""

    @abstractmethod
    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Make keys wait until this work is done."""

    def happens(self, event: KeyPress | E) -> None:
        """Reduce a key, a click or the outcome of an act, and make the calls that follow."""
        self.state, calls = self.reduce(event)
        self.kept(event)
        self.make(*calls)

    def kept(self, event: KeyPress | E) -> None:
        """Save data that must outlive the screen, before the calls are made. By default there is none."""

    def make(self, *calls: Call[Any, Any]) -> None:
        """Make calls in order, up to one that is refused."""
        for asked in calls:
            try:
                outcome = asked.on(self)
            except TillError as problem:
                self.refused(problem, asked)
                return
            if isinstance(outcome, CoroutineType):
                self.hold(self._await(outcome, asked))
            elif outcome is not None:
                self.happens(outcome)

    async def _await(self, work: Coroutine[Any, Any, E | None], asked: Call[Any, Any]) -> None:
        try:
            outcome = await work
        except TillError as problem:
            self.refused(problem, asked)
        else:
            if outcome is not None:
                self.happens(outcome)

    def refused(self, problem: TillError, _asked: Call[Any, Any]) -> None:
        """Act on the refusal of a call. By default the scene in front shows it."""
        raise problem

    def press(self, press: KeyPress) -> None:
        """Act on a key."""
        self.happens(press)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click on an entry of a widget, as a key by the widget's name."""
        name = next((name for name, one in vars(self.screen).items() if one is widget), "")
        self.press(KeyPress(f"click {name}", place=place))

    def hear(self, _news: Heard) -> bool:
        """Act on news from outside; return False if its sentence is still to be kept for the user, as by default."""
        return False

    def tick(self) -> None:
        """Do what is due every second. By default nothing, for a screen that does not depend on the time."""


class TillScene(ReducedScene[S, E, W], Generic[S, E, W]):
    """A scene of the till, which has its controller.

    Args:
        controller: the till.
        kind: the class of its screen.
    """

    def __init__(self, controller: Controller, kind: type[W]) -> None:
        self.controller = controller
        self.screen = controller.screens.of(kind)

    @property
    def is_in_front(self) -> bool:
        """False once another scene is shown."""
        return self.controller.scene is self

    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Make keys wait until this work is done."""
        self.controller.hold(work)

    def show(self) -> None:
        """Show the screen."""
        self.controller.go(self)

    @property
    def guest_order(self) -> Order | None:
        """The order that a guest sees meanwhile on the display of the till; None for no order, as by default."""
        return None

    def show_help(self, rows: tuple[Helped, ...]) -> None:
        """Show the help."""
        self.controller.help(self.screen, rows)


class SideHost(Protocol):
    """The app around a scene without a register."""

    @property
    def is_held(self) -> bool: ...

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the background."""

    def meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the background, and paint when it is done."""

    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Make keys wait until this work is done."""

    def drop_keys(self) -> None:
        """Drop the keys that wait."""

    def close_over(self) -> None:
        """Go back to the first scene."""

    def leave(self) -> None:
        """Close the app."""


class SideScene(ReducedScene[S, E, W], Generic[S, E, W]):
    """A scene of an app without a register. The app paints it after each key, click and act.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
    """

    #: A key that closes it, besides those of the command.
    closing_key = ""

    def __init__(self, host: SideHost, screen: W, keymap: Keymap) -> None:
        self._host, self.screen, self._keymap = host, screen, keymap

    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Make keys wait until this work is done."""
        self._host.hold(work)

    def closes(self, press: KeyPress) -> bool:
        """Return True if a key closes it."""
        return self._keymap.command(press) == CLOSE or press.key == self.closing_key
