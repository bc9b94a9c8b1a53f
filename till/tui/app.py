"""The app: it takes strokes to the counter, shows the desk of the scene, and lets time and other tills be seen."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from textual import events

from till.domain.errors import TillError
from till.ports import LightState
from till.tui.calm import Calm, Garbage
from till.tui.counter import Counter, Desks
from till.tui.desks import LoginDesk, PayDesk, SellDesk
from till.tui.layout import areas
from till.tui.painted import PaintedApp
from till.tui.scenes.arrival import join_in
from till.tui.scenes.found import found
from till.tui.scenes.leaving import lock
from till.tui.scenes.login import LoginScene, notice_of
from till.tui.scenes.news import News
from till.tui.scenes.pay import PayScene
from till.tui.scenes.sell import SellScene
from till.tui.scenes.ways import WAYS
from till.tui.strokes import Command, Stroke
from till.tui.terminal import till_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.ports import Light, Store
    from till.register.register import Register
    from till.tui.counter import Scene
    from till.tui.palette import Paint
    from till.tui.strokes import Keymap


_log = logging.getLogger(__name__)

#: What of the light is painted as soon as it comes, and what as soon as it goes: trouble; and “saved” may not be said
#: of a line that is not. How much is still to send, and that all is, may wait for a moment without keys.
_AT_ONCE: Final = frozenset({LightState.OFFLINE, LightState.ATTENTION})
_LEFT_AT_ONCE: Final = _AT_ONCE | {LightState.SAVED}
#: How long the light waits for such a moment.
_LIGHT_S: Final = 0.15
#: After a key, when it is looked whether another came.
_REST_S: Final = 0.05


class TillApp(PaintedApp[None]):
    """One till on one screen.

    Args:
        register: the till behind the screen.
        paint: the colours.
        keymap: which key is which command.
        store: the database's answers about other tills.
        idle_minutes: after how long without a key the screen locks.
        after_paint: called once, when the first screen stands: the network and all that is slow begin here.
        notice: what is to be said of the journal, when it was damaged.
        calm: is told of each key, for whoever waits for a moment without.
    """

    def __init__(
        self,
        register: Register,
        paint: Paint,
        keymap: Keymap,
        *,
        store: Store | None = None,
        idle_minutes: float = 5,
        after_paint: Callable[[], None] | None = None,
        notice: str = "",
        calm: Calm | None = None,
    ) -> None:
        super().__init__(paint, driver=till_driver())
        self.register = register
        self._idle_seconds = idle_minutes * 60
        self._after_paint = after_paint
        self._calm = calm or Calm()
        self._garbage = Garbage()
        self._resting = False
        self._light_due = False
        self._desks = Desks(LoginDesk(), SellDesk(), PayDesk())
        self._told = ""
        self._refused = False
        self._works: set[asyncio.Task[None]] = set()
        self.counter = Counter(register, keymap, store, self._desks, self._start_work, self.exit, WAYS)
        self.news = News(self.counter, self._light_changed)
        self.counter.on_scene = self._show_desk
        first = notice_of(notice) if notice else None
        left = found(register) if first is None else None
        self.counter.scene = LoginScene(self.counter, self._desks.login, notice=first, left=left)
        register.watcher = self.news

    # The screen.

    def get_default_screen(self) -> LoginDesk:
        """The first screen."""
        return self._desks.login

    def on_mount(self) -> None:
        """The first screen stands: paint it, then begin what is slow."""
        self.install_screen(self._desks.sell, "sell")
        self.install_screen(self._desks.pay, "pay")
        self._calm.stroke()
        self.set_interval(1.0, self._tick)
        self.counter.paint()
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self._garbage.begin()
        if self._after_paint is not None:
            self._after_paint()

    def on_unmount(self) -> None:
        """The till closes."""
        self._garbage.end()

    def _show_desk(self, scene: Scene) -> None:
        if self.screen is not scene.desk:
            if scene.desk is self._desks.login:
                while len(self.screen_stack) > 1:
                    self.pop_screen()
            elif len(self.screen_stack) > 1:
                self.switch_screen(scene.desk)
            else:
                self.push_screen(scene.desk)
        self.news.catch_up(scene)
        scene.paint()

    # Strokes.

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes to the counter before Textual looks for bindings: the till's keys are its own."""
        if isinstance(event, events.Key):
            self._take(Stroke(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self._take(Stroke("paste", paste=event.text))
        else:
            await super().on_event(event)
            if isinstance(event, events.Resize):  # what a scene shows goes by the room that there is
                self.call_after_refresh(self.counter.paint)

    def _pays_blind(self) -> bool:
        """Whether a key would take money while no sum is in sight. What is keyed into an order can be seen later."""
        return isinstance(self.counter.scene, PayScene) and areas(*self.size) is None

    def _take(self, stroke: Stroke) -> None:
        if self._pays_blind() and self.counter.keymap.command(stroke) is not Command.CLOSE:
            return
        self._calm.stroke()
        self.counter.take(stroke)
        if not self._resting:
            self._resting = True
            asyncio.get_running_loop().call_later(_REST_S, self._rest)

    def _rest(self) -> None:
        """Collect garbage when no other key came since."""
        left = _REST_S - self._calm.seconds
        self._resting = left > 0
        if self._resting:
            asyncio.get_running_loop().call_later(left, self._rest)
        else:
            self._garbage.sweep(self._calm.seconds)

    def _start_work(self, work: Coroutine[None, None, None], done: Callable[[], None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._works.discard(task)
            problem = None if task.cancelled() else task.exception()
            try:
                done()
            except Exception as fault:  # noqa: BLE001 - asyncio would log it and go on, with the strokes that it cost
                problem = fault
            if isinstance(problem, TillError):
                self.counter.complain(problem)
                self.counter.paint()
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
        calm = self._calm.seconds
        if calm >= self._idle_seconds:
            lock(self.counter)
        if isinstance(self.counter.scene, LoginScene):
            self.counter.scene.around.look(time.monotonic())
        self._look_again(calm)
        self._show_light()
        if calm >= _REST_S:
            self._garbage.sweep(calm)

    def _look_again(self, calm: float) -> None:
        """Say again what nobody could read. A disk that refuses is said once, and asked at each look."""
        try:
            self.news.look_again(calm, time.monotonic())
        except TillError as problem:
            if not self._refused:
                self.counter.complain(problem)
            self._refused = True
        else:
            self._refused = False

    def _light_changed(self, light: Light) -> None:
        """A login that could not ask the database asks it now."""
        if light.state is LightState.SAVED and self.counter.remote is None and self.is_running:
            self._start_work(join_in(self.counter), self.news.count_waiting)
        self._say_trouble()
        if light.state in _AT_ONCE or self.counter.light.state in _LEFT_AT_ONCE:
            self._show_light()
        elif not self._light_due:
            self._light_due = True
            self._start_work(self._calm.wait(_LIGHT_S), self._show_light)

    def _show_light(self) -> None:
        """Show the light as it stands: with every key it changes, and no key shall wait for it to be painted."""
        self._light_due = False
        self.counter.light = self.register.light
        if self.is_running:
            self.counter.paint()

    def _say_trouble(self) -> None:
        """What needs attention is said on the scene in sight, over the answer that stood there, until it is settled."""
        attention, scene, told = self.counter.attention(), self.counter.scene, self._told
        self._told = attention.text if attention else ""
        if attention is None or attention.text == told:
            if attention is None and scene is not None and scene.said and scene.said.text == told:
                scene.said = None
            return
        _log.warning("needs attention: %s", attention.text)
        if isinstance(scene, SellScene):
            scene.said = attention
