"""The direct way of a key: straight into the app, and the rows that it changed straight out (ADR 0074).

Every private name of Textual that this needs is used here and nowhere else.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from textual import events
from textual.screen import Screen
from typing_extensions import override

from till.tui.drawing.row_compositor import RowCompositor
from till.tui.drawing.themed import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.geometry import Region
    from textual.message import Message

T = TypeVar("T")
#: The acts of a person at a terminal: keys, pastes, and the mouse.
INPUT: Final = (events.Key, events.Paste, events.MouseEvent)


class DirectScreen(Screen[T], Generic[T]):
    """A screen that can paint rows at once, without Textual's messages and its timer."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = RowCompositor()
        #: The regions that the input being taken changed; None if no input is.
        self._held: list[Region] | None = None

    def repaint(self, regions: Sequence[Region]) -> None:
        """Repaint regions: those that an input changes once it is taken, all others with Textual's next paint."""
        if self._held is None:
            self.refresh(*regions)
        else:
            self._held += regions

    def hold_rows(self) -> None:
        """Hold regions back until `render_held`."""
        self._held = []

    def render_held(self, *, at_once: bool) -> RenderableType | None:
        """Render the held regions; None if the screen paints them later, with what it has to do first."""
        regions, self._held = self._held, None
        if not regions:
            return None
        is_due = self._callbacks or self._layout_required or self._repaint_required or self._dirty_widgets
        if is_due or not at_once or self.message_queue_size:
            self.refresh(*regions)
            return None
        return cast("RowCompositor", self._compositor).update_of(regions)


class DirectApp(ThemedApp[None]):
    """An app that takes input as soon as it was read, if nothing waits before it."""

    #: True while the app waits for a message: it handles none, and peeked none out of its queue.
    _waits = False

    @abstractmethod
    def act_on(self, event: Message) -> None:
        """Act on a key, a paste or the mouse."""

    def take_input(self, messages: Sequence[Message]) -> None:
        """Act on what was read at once, and paint. What comes before it in the app's queue is never overtaken."""
        screens = cast("list[DirectScreen[Any]]", self.screen_stack)
        front = screens[-1] if screens else None
        with self._context():
            if front is not None:
                front.hold_rows()
            for message in messages:
                if self._waits and not self.message_queue_size and isinstance(message, INPUT):
                    self._act_on(message)
                else:
                    self.post_message(message)
            if front is not None:
                update = front.render_held(at_once=front is self.screen and not self._batch_count)
                if update is not None:
                    self._display(front, update)

    def _act_on(self, message: Message) -> None:
        try:
            self.act_on(message)
        except Exception as problem:  # noqa: BLE001 - as Textual does with an exception of a handler
            self._handle_exception(problem)

    @override
    async def _get_message(self) -> Message:
        self._waits = True
        try:
            return await super()._get_message()
        finally:
            self._waits = False
