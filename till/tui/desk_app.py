"""The app around the manager's desk: it takes keys to the scene, and keeps looking at the venue."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from textual import events
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.screens.day.scene import DayScene
from till.tui.screens.desk.scene import DeskScene
from till.tui.screens.desk.screen import DeskScreen
from till.tui.shell.keymap import CLOSE, HELP, Keymap, KeyPress, key_of
from till.tui.shell.terminal import till_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from till.domain.money.formats import Marks
    from till.ports.desk import Desk, TillDay
    from till.tui.drawing.palette import Paint

_KEYS: Final = {HELP: ("f1", "question_mark", "ctrl+g"), CLOSE: ("ctrl+q",)}


def make_desk_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """The keys of the desk, those that a till has too remapped as for it.

    Raises:
        KeysError: a key cannot be used so.
    """
    return Keymap(_KEYS, {name: key for name, key in (remapped or {}).items() if name in _KEYS})


class DeskApp(ThemedApp[None]):
    """The desk on one screen.

    Args:
        desk: the database.
        paint: the colours.
        keymap: which key is which command.
        marks: how amounts are written for the people of the venue.
        currency: the venue's, by its code.
        monotonic: seconds that go on evenly.
    """

    def __init__(
        self,
        desk: Desk,
        paint: Paint,
        keymap: Keymap,
        marks: Marks,
        currency: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(paint, driver=till_driver())
        self._desk_screen = DeskScreen()
        self.scene = DeskScene(self, self._desk_screen, desk, keymap, marks, currency, monotonic)
        self._commands, self._marks, self._currency = keymap, marks, currency
        self._day: DayScene | None = None
        self._works: set[asyncio.Task[None]] = set()

    @override
    def get_default_screen(self) -> DeskScreen:
        return self._desk_screen

    def on_mount(self) -> None:
        """The screen stands: look at the venue from now on."""
        self.scene.paint()
        self.set_interval(1.0, self.scene.paint)
        self.start(self.scene.watch())
        self.start(self.scene.follow())

    async def on_unmount(self) -> None:
        """The desk closes: what it was at ends."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the keys; a fault in it ends the desk, and is passed on."""
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._works.discard(task)
        problem = None if task.cancelled() else task.exception()
        if isinstance(problem, Exception):
            self._handle_exception(problem)

    def press(self, press: KeyPress) -> None:
        """Give a key to what is in front: one that waited may be meant for a day that came to stand there."""
        if self._day is not None:
            self._day.press(press)
        else:
            self.scene.take(press)

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Put a till's day over the desk."""
        marks, currency = self._marks, self._currency
        self._day = DayScene(day, till_name, self._commands, marks, currency, self._close_day)
        self.push_screen(self._day.screen)
        self.call_after_refresh(self._day.paint)

    def _close_day(self) -> None:
        self._day = None
        self.pop_screen()
        self.call_after_refresh(self.scene.paint)

    def leave(self) -> None:
        """Close the desk."""
        self.exit()

    @property
    def trouble(self) -> Exception | None:
        """What ended the app, if it did not end by itself."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's own traceback: it shows local values, and a password may be among them."""
        self._close_messages_no_wait()

    @override
    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes to the scene before Textual looks for bindings."""
        if isinstance(event, events.Key | events.Paste) and self._is_blind(event):
            return
        if isinstance(event, events.Key):
            self.scene.press(KeyPress(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self.scene.press(KeyPress("paste", paste=event.text))
        elif isinstance(event, events.MouseEvent):
            self._point(event)
        else:
            await super().on_event(event)
            if isinstance(event, events.Resize):
                self.call_after_refresh((self._day or self.scene).paint)

    def _is_blind(self, event: events.Key | events.Paste) -> bool:
        """Whether nothing is in sight, for the window is too small: then nothing is done but closing."""
        closes = isinstance(event, events.Key) and (self._day or self.scene).closes(KeyPress(event.key))
        return areas(*self.size) is None and not closes

    def _point(self, event: events.MouseEvent) -> None:
        """A click presses or picks what it is on, and the wheel is ↑ and ↓."""
        if isinstance(event, events.MouseScrollUp | events.MouseScrollDown):
            self.scene.press(KeyPress("up" if isinstance(event, events.MouseScrollUp) else "down"))
        if not isinstance(event, events.MouseDown) or event.button != 1:
            return
        widget, region = self.get_widget_at(event.x, event.y)
        if not isinstance(widget, Drawn) or widget.is_dim:
            return
        found: Any = widget.pointed(event.x - region.x, event.y - region.y)
        press = key_of(found) if isinstance(found, str) else None
        if press is not None:
            self.scene.press(press)
        elif isinstance(found, int):
            (self._day or self.scene).point(widget, found)
