"""The till's app: passes keys to the controller, shows the scene's screen, and paints news and the time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from typing_extensions import override

from till.domain.errors import TillError
from till.ports import LightState
from till.tui.drawing.widgets.entry import answer_room
from till.tui.shell.app_base import AppBase
from till.tui.shell.controller import Controller, Screens
from till.tui.shell.idle import Garbage, IdleClock
from till.tui.shell.keymap import CLOSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType
    from textual.screen import Screen

    from till.ports import Light, Store
    from till.ports.training import Training
    from till.register.register import Register
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.controller import MainScene, Routes
    from till.tui.shell.keymap import Keymap, KeyPress


_log = logging.getLogger(__name__)

#: States of the light that are painted as soon as they begin, as they report trouble; and as soon as they end, because
#: “saved” must not be shown for an unsaved line. How much is still to send may wait until no key is pressed.
_AT_ONCE: Final = frozenset({LightState.OFFLINE, LightState.ATTENTION})
_LEFT_AT_ONCE: Final = _AT_ONCE | {LightState.SAVED}
#: Seconds that the light waits for a pause between keys, at most.
_LIGHT_S: Final = 0.15
#: Seconds after a key before checking that no other came.
_REST_S: Final = 0.05


class Watching(Protocol):
    """The watcher of other tills, as the app needs it."""

    def catch_up(self, scene: MainScene) -> None:
        """Show the unread messages of the user of a new scene."""

    def look_again(self, idle: float, now: float) -> None:
        """Show unread messages again."""

    def count_waiting(self) -> None:
        """Recount the orders that wait."""


class Further(Struct, frozen=True):
    """The parts behind the first screen.

    Attributes:
        screens: the screens.
        routes: opens scenes and sheets from below them.
        watch: makes the watcher of other tills, which calls back with each new light.
    """

    screens: tuple[TillScreen, ...]
    routes: Routes
    watch: Callable[[Controller, Callable[[Light], None]], Watching]


class Parts(Struct, frozen=True):
    """The screens that the app shows.

    Attributes:
        screen: the first screen.
        scene: makes the first scene.
        further: loads and makes the rest. It is slow, so it is called once the first screen is painted.
    """

    screen: TillScreen
    scene: Callable[[Controller], MainScene]
    further: Callable[[], Further]


class TillApp(AppBase):
    """One till on one screen.

    Args:
        register: the till behind the screen.
        paint: the colours.
        keymap: the keys of each command.
        parts: the screens.
        store: answers of the database about other tills.
        idle_minutes: minutes without a key until the screen locks.
        after_paint: called once when the first screen is painted, to start the network and other slow work.
        idle: records each key, for work that waits for a pause.
        on_key: called with the seconds from a key to its painting.
        training: the trainer, in a training.
    """

    def __init__(
        self,
        register: Register,
        paint: Paint,
        keymap: Keymap,
        parts: Parts,
        *,
        store: Store | None = None,
        idle_minutes: float = 5,
        after_paint: Callable[[], None] | None = None,
        idle: IdleClock | None = None,
        on_key: Callable[[float], None] | None = None,
        training: Training | None = None,
    ) -> None:
        super().__init__(paint, parts.screen, register.ledger.clock.monotonic)
        self._tell_painted = on_key
        self.register = register
        self._idle_seconds = idle_minutes * 60
        self._after_paint = after_paint
        self._idle = idle or IdleClock()
        self._garbage = Garbage()
        self._resting = False
        self._light_due = False
        self._screens = Screens(parts.screen)
        self._trouble = ""
        self._refused = False
        self.controller = Controller(
            register, keymap, store, self._screens, self.start, self.exit, self._idle, training
        )
        self.controller.on_scene = self._show_screen
        self.controller.scene = parts.scene(self.controller)
        self._further: Callable[[], Further] | None = parts.further
        self.news: Watching

    # The screen.

    def on_mount(self) -> None:
        """Paint the first screen, then start the slow work."""
        self._idle.press()
        self.controller.paint()
        self.call_after_refresh(self._painted)

    def load_further(self) -> None:
        """Load the parts behind the first screen once: after it is painted, or for a key that came before."""
        if self._further is None:
            return
        further, self._further = self._further(), None
        self.controller.routes = further.routes
        self._screens.add(further.screens)
        for screen in further.screens:
            self.install_screen(screen, type(screen).__name__)
        self.news = further.watch(self.controller, self._light_changed)

    def _painted(self) -> None:
        self.load_further()
        self.set_interval(1.0, self._tick)
        self._garbage.begin()
        if self._after_paint is not None:
            self._after_paint()

    def on_unmount(self) -> None:
        """Restore Python's garbage collection when the till closes."""
        self._garbage.end()

    def _show_screen(self, scene: MainScene) -> None:
        self.changed()
        if self.screen is not scene.screen:
            if scene.screen is self._screens.first:
                self.picture.forget()  # repaint all at each logout, over anything another program wrote
                while len(self.screen_stack) > 1:
                    self.pop_screen()
            elif len(self.screen_stack) > 1:
                self.switch_screen(scene.screen)
            else:
                self.push_screen(scene.screen)
        self.news.catch_up(scene)
        scene.paint()

    @override
    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Report the time since the last key when something is painted."""
        super()._display(screen, renderable)
        if self._keyed_at and renderable is not None and not self._batch_count:
            if self._tell_painted is not None:
                self._tell_painted(time.monotonic() - self._keyed_at)
            self._keyed_at = 0.0

    # Keys.

    def _pays_blind(self) -> bool:
        """Return True if a key could take money while the window is too small to show the amount."""
        scene = self.controller.scene
        return scene is not None and scene.takes_money and scene.screen.grid is None

    @override
    def _take(self, press: KeyPress) -> None:
        if self._pays_blind() and self.controller.keymap.command(press) != CLOSE:
            return
        self._idle.press()
        self.load_further()
        self.controller.take(press)
        if not self._resting:
            self._resting = True
            asyncio.get_running_loop().call_later(_REST_S, self._rest)

    @override
    def _click(self, widget: Drawn[Any], place: int) -> None:
        self._idle.press()
        self.load_further()
        self.controller.point(widget, place)

    def _rest(self) -> None:
        """Collect garbage if no other key came since."""
        left = _REST_S - self._idle.seconds
        self._resting = left > 0
        if self._resting:
            asyncio.get_running_loop().call_later(left, self._rest)
        else:
            self._keyed_at = 0.0  # a key without a change is not painted
            self._garbage.sweep(self._idle.seconds)

    @override
    def paint_front(self) -> None:
        self.controller.paint()

    @override
    def _complain(self, problem: TillError) -> None:
        self.controller.complain(problem)
        self.controller.paint()

    # Time and other tills.

    def _tick(self) -> None:
        idle = self._idle.seconds
        if idle >= self._idle_seconds:
            self.controller.lock()
        if self.controller.scene is not None:
            self.controller.scene.tick()
        self._look_again(idle)
        self._show_light()
        if idle >= _REST_S:
            self._garbage.sweep(idle)

    def _look_again(self, idle: float) -> None:
        """Show unread messages again. A disk that refuses to save them is reported once, and tried each time."""
        try:
            self.news.look_again(idle, time.monotonic())
        except TillError as problem:
            if not self._refused:
                self.controller.complain(problem)
            self._refused = True
        else:
            self._refused = False

    def _light_changed(self, light: Light) -> None:
        """Apply a new light. If the login could not ask the database about waiting orders, ask it now."""
        if light.state is LightState.SAVED and self.controller.remote is None and self.is_running:
            self.start(self.controller.ask_waiting(), self.news.count_waiting)
        self._say_trouble()
        if light.state in _AT_ONCE or self.controller.light.state in _LEFT_AT_ONCE:
            self._show_light()
        elif not self._light_due:
            self._light_due = True
            self.start(self._idle.wait(_LIGHT_S), self._show_light)

    def _show_light(self) -> None:
        """Paint the current light. It changes with every key, and must not delay one."""
        self._light_due = False
        self.controller.light = self.register.light
        if self.is_running:
            self.controller.paint()

    def _say_trouble(self) -> None:
        """Show what needs attention in place of the current message, until it is settled."""
        scene, before = self.controller.scene, self._trouble
        attention = self.controller.attention(answer_room(*self.size))
        self._trouble = attention.text if attention else ""
        if attention is None or attention.text == before:
            if attention is None and scene is not None and scene.message and scene.message.text == before:
                scene.message = None
            return
        _log.warning("needs_attention", extra={"said": attention.text})
        if scene is not None and scene.says_trouble:
            scene.message = attention
