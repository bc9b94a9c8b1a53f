"""The base of apps beside the till's own, such as the manager's desk: keys, clicks and background work, no register."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.shell.entry_line import LONGEST
from till.tui.shell.gates import PasteGate
from till.tui.shell.keymap import KeyPress, key_of
from till.tui.shell.messages import refusal
from till.tui.shell.terminal import till_driver

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from till.tui.drawing.palette import Paint
    from till.tui.drawing.viewmodels import StyledText


class Front(Protocol):
    """The scene in front."""

    #: The message shown.
    message: StyledText | None

    def closes(self, press: KeyPress) -> bool:
        """Return True if a key closes it."""

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click on an entry of a widget."""

    def paint(self) -> None:
        """Update the widgets from the state."""


class SideApp(ThemedApp[None]):
    """An app that passes keys to its front scene.

    Args:
        paint: the colours.
    """

    def __init__(self, paint: Paint) -> None:
        super().__init__(paint, driver=till_driver())
        self._works: set[asyncio.Task[None]] = set()
        self._pastes = PasteGate(LONGEST)

    @property
    @abstractmethod
    def front(self) -> Front:
        """The scene in front."""

    @abstractmethod
    def hear(self, press: KeyPress) -> None:
        """Take a key in its turn."""

    async def on_unmount(self) -> None:
        """Cancel the background work when the app closes."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run work in the background. An exception in it ends the app and is reported."""
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._works.discard(task)
        problem = None if task.cancelled() else task.exception()
        if isinstance(problem, Exception):
            self._handle_exception(problem)

    async def at_rest(self) -> None:
        """Wait until all background work is done."""
        while self._works:
            await asyncio.gather(*self._works)

    def leave(self) -> None:
        """Close the app."""
        self.exit()

    @property
    def trouble(self) -> Exception | None:
        """The exception that ended the app, if one did."""
        return self._exception

    def _fatal_error(self) -> None:
        """Exit without Textual's traceback, which shows local values: a password may be among them."""
        self._close_messages_no_wait()

    @override
    async def on_event(self, event: events.Event) -> None:
        """Take keys and pastes to the scene before Textual looks for bindings."""
        if isinstance(event, events.Key | events.Paste) and self._is_blind(event):
            return
        if isinstance(event, events.Key):
            self._take(KeyPress(event.key, event.character if event.is_printable and event.character else ""))
        elif isinstance(event, events.Paste):
            self._take(KeyPress("paste", paste=event.text))
        elif isinstance(event, events.MouseEvent):
            self._point(event)
        else:
            await super().on_event(event)
            if isinstance(event, events.Resize):
                self.call_after_refresh(self.front.paint)

    def _take(self, press: KeyPress) -> None:
        if why := self._pastes.why_not(press):
            self.front.message = refusal(why)
            self.front.paint()
        else:
            self.hear(press)

    def _is_blind(self, event: events.Key | events.Paste) -> bool:
        """Return True if the window is too small to show anything, where only closing is allowed."""
        closes = isinstance(event, events.Key) and self.front.closes(KeyPress(event.key))
        return areas(*self.size) is None and not closes

    def _point(self, event: events.MouseEvent) -> None:
        """Act on a click; the wheel acts as ↑ and ↓."""
        if isinstance(event, events.MouseScrollUp | events.MouseScrollDown):
            self.hear(KeyPress("up" if isinstance(event, events.MouseScrollUp) else "down"))
        if not isinstance(event, events.MouseDown) or event.button != 1:
            return
        widget, region = self.get_widget_at(event.x, event.y)
        if not isinstance(widget, Drawn) or widget.is_dim:
            return
        found: Any = widget.pointed(event.x - region.x, event.y - region.y)
        press = key_of(found) if isinstance(found, str) else None
        if press is not None:
            self.hear(press)
        elif isinstance(found, int):
            self.front.point(widget, found)
