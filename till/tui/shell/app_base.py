"""The base of every app: keys, pastes, clicks and sizes, work in the background, and a fault that ends it."""

from __future__ import annotations

import asyncio
import sys
import time
from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual import constants, events
from textual._context import active_message_pump
from textual.widget import Widget
from typing_extensions import override

from till.domain.errors import TillError
from till.tui.drawing.direct import INPUT, DirectApp
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.widgets.bars import KeyBar
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.tiles import Unfolded
from till.tui.shell.fingers import TapGuard
from till.tui.shell.keymap import KeyPress, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.driver import Driver
    from textual.geometry import Region, Size
    from textual.message import Message

    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen

#: Seconds after a resize before the window's size counts as settled.
_SETTLED_S: Final = 0.1


def till_driver() -> type[Driver] | None:
    """Return the till's driver; None on Windows and for a driver set in Textual's environment."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from till.tui.shell.terminal_driver import TillDriver  # noqa: PLC0415 - not to be imported on Windows

    return TillDriver


class AppBase(DirectApp):
    """An app with keys of its own, which takes them before Textual looks for bindings.

    Args:
        paint: the colours.
        first: the screen that it starts with.
        monotonic: the clock for taps, in seconds.
    """

    def __init__(self, paint: Paint, first: TillScreen, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(paint, driver=till_driver())
        self._first_screen = first
        self._guard = TapGuard(monotonic) if paint.touch else None
        self._works: set[asyncio.Task[None]] = set()
        self._window: list[Size] = []  # its last two sizes: Textual reports the first one twice at the start
        #: When the last key came, in monotonic seconds.
        self._keyed_at = 0.0

    @override
    def get_default_screen(self) -> TillScreen:
        return self._first_screen

    @abstractmethod
    @override
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
    def act_on(self, event: Message) -> None:
        if isinstance(event, events.Key):
            self._keyed_at = event.time
            self._act(KeyPress(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self._act(KeyPress("paste", paste=event.text))
        elif isinstance(event, events.MouseEvent):
            self._point(event)

    @override
    async def on_event(self, event: events.Event) -> None:
        """Take input that waited before Textual does; paint again in a new size, as views depend on it."""
        if isinstance(event, INPUT):
            self.act_on(event)
        else:
            if isinstance(event, events.Resize):
                self.picture.forget()
                if [event.size] != self._window[-1:]:  # else the terminal only asked for another paint
                    self.changed()
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
            self.call_after_refresh(self.paint_front)  # keys may go by what fits, such as the pages of the menu

    def _act(self, press: KeyPress) -> None:
        """Act on a key or a paste, and note that what follows is the user's own."""
        if self._guard is None:
            self._take(press)
        else:
            self._guard.run(partial(self._take, press))

    def _point(self, event: events.MouseEvent) -> None:
        """Act on a click; the wheel acts as ↑ and ↓, a swipe scrolls. Other mouse events do nothing, as outside."""
        if not self.screen.region.contains(event.x, event.y):
            return
        if isinstance(event, events.MouseScrollUp | events.MouseScrollDown):
            is_up = isinstance(event, events.MouseScrollUp)
            swiped = self._drawn_at(event)[0] if self._guard is not None else None
            if swiped is None or not swiped.swiped(-1 if is_up else 1):
                self._act(KeyPress("up" if is_up else "down"))
        if not isinstance(event, events.MouseDown) or event.button != 1:
            return
        widget, region = self._drawn_at(event)
        if widget is None or (self._guard is not None and not self._guard.allows(event.x, event.y)):
            return
        found = widget.pointed(event.x - region.x, event.y - region.y)
        if isinstance(found, str):
            self._press_tile(widget, found)
        elif found is not None and self._guard is not None:
            self._guard.run(partial(self._click, widget, found))
        elif found is not None:
            self._click(widget, found)

    def _drawn_at(self, event: events.MouseEvent) -> tuple[Drawn[Any] | None, Region]:
        """Return the widget under the pointer, None behind a sheet, and its region."""
        widget, region = self.get_widget_at(event.x, event.y)
        return widget if isinstance(widget, Drawn) and not widget.is_dim else None, region

    def _press_tile(self, widget: Drawn[Any], label: str) -> None:
        """Press the key with a label, or show the other keys of the key bar."""
        bar = widget if isinstance(widget, KeyBar) and self._guard is not None else None
        press = key_of(label)
        parts = {part.value: part for part in Unfolded} if bar is not None else {}
        if bar is not None and label in parts:
            bar.fold(parts[label])
        elif press is not None:
            self._act(press)
            if bar is not None and (bar.unfolded is Unfolded.MORE or press.is_enter):
                bar.fold(Unfolded.USUAL)

    @override
    def is_key(self, label: str) -> bool:
        return key_of(label) is not None

    @override
    def changed(self, widget: Widget | None = None, before: object = None) -> None:
        if self._guard is not None:
            is_laid_out = isinstance(active_message_pump.get(None), Widget)  # after a change that was noted itself
            self._guard.note(widget if isinstance(widget, Drawn) else None, before, follows=is_laid_out)

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
