"""The base of every app: keys, pastes, clicks and sizes, work in the background, and a fault that ends it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual import events
from typing_extensions import override

from till.domain.errors import TillError
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.shell.keymap import KeyPress, key_of
from till.tui.shell.terminal import till_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.geometry import Size

    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen

#: Seconds after a resize before the window's size counts as settled.
_SETTLED_S: Final = 0.1


class AppBase(ThemedApp[None]):
    """An app with keys of its own, which takes them before Textual looks for bindings.

    Args:
        paint: the colours.
        first: the screen that it starts with.
    """

    def __init__(self, paint: Paint, first: TillScreen) -> None:
        super().__init__(paint, driver=till_driver())
        self._first_screen = first
        self._works: set[asyncio.Task[None]] = set()
        self._window: list[Size] = []  # its last two sizes: Textual reports the first one twice at the start
        #: When the last key came, in monotonic seconds.
        self._keyed_at = 0.0

    @override
    def get_default_screen(self) -> TillScreen:
        return self._first_screen

    @abstractmethod
    def paint_front(self) -> None:
        """Update the widgets of the scene in front from its state."""

    # Keys and clicks.

    @abstractmethod
    def _take(self, press: KeyPress) -> None:
        """Act on a key or a paste."""

    @abstractmethod
    def _click(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click on an entry of a widget."""

    @override
    async def on_event(self, event: events.Event) -> None:
        """Take keys, pastes and clicks before Textual; paint again in a new size, as views depend on it."""
        if isinstance(event, events.Key):
            self._keyed_at = event.time
            self._take(KeyPress(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self._take(KeyPress("paste", paste=event.text))
        elif isinstance(event, events.MouseEvent):
            self._point(event)
        else:
            if isinstance(event, events.Resize):
                self.picture.forget()
            await super().on_event(event)
            if isinstance(event, events.Resize):
                self.call_after_refresh(self.paint_front)
                if self._window and (event.size != self._window[-1] or len(self._window) > 1):
                    self.set_timer(_SETTLED_S, self._fit)
                self._window = [*self._window[-1:], event.size]

    def _fit(self) -> None:
        """Lay out and paint all again once the size has settled, as a terminal that shrank briefly loses cells."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, ScreenBase) and screen.is_mounted:
            screen.lay_now()
            self.picture.forget()
            screen.refresh(layout=True)

    def _point(self, event: events.MouseEvent) -> None:
        """Act on a click; the wheel acts as ↑ and ↓. Other mouse events do nothing."""
        if isinstance(event, events.MouseScrollUp | events.MouseScrollDown):
            self._take(KeyPress("up" if isinstance(event, events.MouseScrollUp) else "down"))
        if not isinstance(event, events.MouseDown) or event.button != 1:
            return
        widget, region = self.get_widget_at(event.x, event.y)
        if not isinstance(widget, Drawn) or widget.is_dim:
            return
        found = widget.pointed(event.x - region.x, event.y - region.y)
        if isinstance(found, str):
            if (press := key_of(found)) is not None:
                self._take(press)
        elif found is not None:
            self._click(widget, found)

    # Work in the background.

    @abstractmethod
    def _complain(self, problem: TillError) -> None:
        """Show a refusal of work in the background."""

    def start(self, work: Coroutine[Any, Any, None], done: Callable[[], None] | None = None) -> None:
        """Run work in the background, then call `done`. A refusal is shown; any other exception ends the app.

        An app that closes starts none: its loop may end before the first step.
        """
        if self._exit or self._exception is not None:
            work.close()
            return
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(partial(self._ended, done))

    def _ended(self, done: Callable[[], None] | None, task: asyncio.Task[None]) -> None:
        self._works.discard(task)
        if task.cancelled():  # the app closes
            return
        problem = task.exception()
        try:
            if done is not None:
                done()
        except Exception as fault:  # noqa: BLE001 - asyncio would log it and continue, and the keys would be lost
            problem = fault
        if isinstance(problem, TillError):
            self._complain(problem)
        elif isinstance(problem, Exception):
            self._handle_exception(problem)

    @property
    def trouble(self) -> Exception | None:
        """The exception that ended the app, if one did. The caller reports and logs it."""
        return self._exception

    def _fatal_error(self) -> None:
        """Exit without Textual's traceback, which shows local values: a PIN or a password may be among them."""
        self._close_messages_no_wait()
