"""The app: it takes keys to the controller, shows the screen of the scene, and lets time and other tills be seen."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from textual import events
from typing_extensions import override

from till.domain.errors import TillError
from till.ports import LightState
from till.tui.drawing.layout import areas
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.shell.controller import Controller, Screens
from till.tui.shell.idle import Garbage, IdleClock
from till.tui.shell.keymap import CLOSE, KeyPress, key_of
from till.tui.shell.terminal import till_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from rich.console import RenderableType
    from textual.geometry import Size
    from textual.screen import Screen

    from till.ports import Light, Store
    from till.register.register import Register
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import MainScene, Routes
    from till.tui.shell.keymap import Keymap


_log = logging.getLogger(__name__)

#: What of the light is painted as soon as it comes, and what as soon as it goes: trouble; and “saved” may not be said
#: of a line that is not. How much is still to send, and that all is, may wait for a moment without keys.
_AT_ONCE: Final = frozenset({LightState.OFFLINE, LightState.ATTENTION})
_LEFT_AT_ONCE: Final = _AT_ONCE | {LightState.SAVED}
#: How long the light waits for such a moment.
_LIGHT_S: Final = 0.15
#: After a key, when it is looked whether another came.
_REST_S: Final = 0.05
#: After a window got another size, when it has settled.
_SETTLED_S: Final = 0.1


class Watching(Protocol):
    """What follows the other tills, as the app needs it."""

    def catch_up(self, scene: MainScene) -> None:
        """A scene comes in front: say what its user has not read."""

    def look_again(self, idle: float, now: float) -> None:
        """Say again what nobody could read."""

    def count_waiting(self) -> None:
        """How many orders wait may be another number now."""


class Further(Struct, frozen=True):
    """What lies behind the first screen.

    Attributes:
        screens: the screens.
        routes: to the scenes and sheets that are opened from below them.
        watch: follows the other tills; it is given what is told of each new light.
    """

    screens: tuple[TillScreen, ...]
    routes: Routes
    watch: Callable[[Controller, Callable[[Light], None]], Watching]


class Parts(Struct, frozen=True):
    """The screens around which the app stands.

    Attributes:
        screen: the first screen.
        scene: makes the first scene.
        further: loads and makes the rest: slow, so it is called when the first screen stands.
    """

    screen: TillScreen
    scene: Callable[[Controller], MainScene]
    further: Callable[[], Further]


class TillApp(ThemedApp[None]):
    """One till on one screen.

    Args:
        register: the till behind the screen.
        paint: the colours.
        keymap: which key is which command.
        parts: the screens.
        store: the database's answers about other tills.
        idle_minutes: after how long without a key the screen locks.
        after_paint: called once, when the first screen stands: the network and all that is slow begin here.
        idle: is told of each key, for whoever waits for a moment without.
        on_key: told in how many seconds a key was painted.
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
    ) -> None:
        super().__init__(paint, driver=till_driver())
        self._tell_painted = on_key
        self._keyed_at = 0.0
        self._window: list[Size] = []  # its last two sizes: as the till starts, Textual tells the first one twice
        self.register = register
        self._idle_seconds = idle_minutes * 60
        self._after_paint = after_paint
        self._idle = idle or IdleClock()
        self._garbage = Garbage()
        self._resting = False
        self._light_due = False
        self._screens = Screens(parts.screen)
        self._told = ""
        self._refused = False
        self._works: set[asyncio.Task[None]] = set()
        self.controller = Controller(register, keymap, store, self._screens, self._start_work, self.exit, self._idle)
        self.controller.on_scene = self._show_screen
        self.controller.scene = parts.scene(self.controller)
        self._further: Callable[[], Further] | None = parts.further
        self.news: Watching

    # The screen.

    @override
    def get_default_screen(self) -> TillScreen:
        return self._screens.first

    def on_mount(self) -> None:
        """The first screen stands: paint it, then begin what is slow."""
        self._idle.press()
        self.controller.paint()
        self.call_after_refresh(self._painted)

    def load_further(self) -> None:
        """Load what lies behind the first screen, unless it is: once that is painted, or for a key that came before."""
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
        """The till closes."""
        self._garbage.end()

    def _show_screen(self, scene: MainScene) -> None:
        if self.screen is not scene.screen:
            if scene.screen is self._screens.first:
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
        """Something is painted: the line of the key that came last, if one did since."""
        super()._display(screen, renderable)
        if self._keyed_at and renderable is not None and not self._batch_count:
            if self._tell_painted is not None:
                self._tell_painted(time.monotonic() - self._keyed_at)
            self._keyed_at = 0.0

    # Keys.

    @override
    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes to the controller before Textual looks for bindings: the till's keys are its own."""
        if isinstance(event, events.Key):
            self._keyed_at = event.time
            self._take(KeyPress(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self._take(KeyPress("paste", paste=event.text))
        elif isinstance(event, events.MouseEvent):
            self._point(event)
        else:
            await super().on_event(event)
            if isinstance(event, events.Resize):  # what a scene shows goes by the room that there is
                self.call_after_refresh(self.controller.paint)
                if self._window and (event.size != self._window[-1] or len(self._window) > 1):
                    self.set_timer(_SETTLED_S, self._fit)
                self._window = [*self._window[-1:], event.size]

    def _fit(self) -> None:
        """Lay out and paint all once more when a window has settled: a terminal that shrank for a moment lost cells."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, ScreenBase) and screen.is_mounted:
            screen.lay_now()
            screen.refresh(layout=True)

    def _pays_blind(self) -> bool:
        """Whether a key would take money while no sum is in sight. What is keyed into an order can be seen later."""
        scene = self.controller.scene
        return scene is not None and scene.takes_money and areas(*self.size) is None

    def _take(self, press: KeyPress) -> None:
        if self._pays_blind() and self.controller.keymap.command(press) != CLOSE:
            return
        self._idle.press()
        self.load_further()
        self.controller.take(press)
        if not self._resting:
            self._resting = True
            asyncio.get_running_loop().call_later(_REST_S, self._rest)

    def _point(self, event: events.MouseEvent) -> None:
        """A click presses or picks what it is on, and the wheel is ↑ and ↓; what else a mouse does is nothing here."""
        if isinstance(event, events.MouseScrollUp | events.MouseScrollDown):
            self._take(KeyPress("up" if isinstance(event, events.MouseScrollUp) else "down"))
        if not isinstance(event, events.MouseDown) or event.button != 1:
            return
        widget, region = self.get_widget_at(event.x, event.y)
        if not isinstance(widget, Drawn) or widget.is_dim:
            return
        found = widget.pointed(event.x - region.x, event.y - region.y)
        if isinstance(found, str):
            press = key_of(found)
            if press is not None:
                self._take(press)
        elif found is not None:
            self._idle.press()
            self.load_further()
            self.controller.point(widget, found)

    def _rest(self) -> None:
        """Collect garbage when no other key came since."""
        left = _REST_S - self._idle.seconds
        self._resting = left > 0
        if self._resting:
            asyncio.get_running_loop().call_later(left, self._rest)
        else:
            self._keyed_at = 0.0  # a key that changed nothing painted nothing
            self._garbage.sweep(self._idle.seconds)

    def _start_work(self, work: Coroutine[None, None, None], done: Callable[[], None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._works.discard(task)
            problem = None if task.cancelled() else task.exception()
            try:
                done()
            except Exception as fault:  # noqa: BLE001 - asyncio would log it and go on, with the keys that it cost
                problem = fault
            if isinstance(problem, TillError):
                self.controller.complain(problem)
                self.controller.paint()
            elif isinstance(problem, Exception):
                self._handle_exception(problem)

        task.add_done_callback(ended)

    @property
    def trouble(self) -> Exception | None:
        """What ended the app, if it did not end by itself. Whoever ran it says so and writes it to the log."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's own traceback: it shows local values, and a PIN may be among them."""
        self._close_messages_no_wait()

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
        """Say again what nobody could read. A disk that refuses is said once, and asked at each look."""
        try:
            self.news.look_again(idle, time.monotonic())
        except TillError as problem:
            if not self._refused:
                self.controller.complain(problem)
            self._refused = True
        else:
            self._refused = False

    def _light_changed(self, light: Light) -> None:
        """A login that could not ask the database asks it now."""
        if light.state is LightState.SAVED and self.controller.remote is None and self.is_running:
            self._start_work(self.controller.ask_waiting(), self.news.count_waiting)
        self._say_trouble()
        if light.state in _AT_ONCE or self.controller.light.state in _LEFT_AT_ONCE:
            self._show_light()
        elif not self._light_due:
            self._light_due = True
            self._start_work(self._idle.wait(_LIGHT_S), self._show_light)

    def _show_light(self) -> None:
        """Show the light as it stands: with every key it changes, and no key shall wait for it to be painted."""
        self._light_due = False
        self.controller.light = self.register.light
        if self.is_running:
            self.controller.paint()

    def _say_trouble(self) -> None:
        """What needs attention is said on the scene in sight, over the answer that stood there, until it is settled."""
        attention, scene, told = self.controller.attention(), self.controller.scene, self._told
        self._told = attention.text if attention else ""
        if attention is None or attention.text == told:
            if attention is None and scene is not None and scene.message and scene.message.text == told:
                scene.message = None
            return
        _log.warning("needs_attention", extra={"said": attention.text})
        if scene is not None and scene.says_trouble:
            scene.message = attention
