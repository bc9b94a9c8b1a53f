"""The base of the apps without a register, such as the manager's desk: a queue of keys and the scene in front."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from typing_extensions import override

from till.tui.shell.app_base import AppBase
from till.tui.shell.entry_line import LONGEST
from till.tui.shell.gates import PasteGate
from till.tui.shell.keymap import CLOSE, HELP, Keymap
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from till.domain.errors import TillError
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.scene import SideScene


#: A scene in front.
Front: TypeAlias = "SideScene[Any, Any, Any]"
_KEYS: Final = {HELP: ("f1", "question_mark", "ctrl+g"), CLOSE: ("ctrl+q",)}


def make_side_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """Return the keymap of an app without a register, with the commands it shares with a till remapped as there."""
    return Keymap(_KEYS, {name: key for name, key in (remapped or {}).items() if name in _KEYS})


class SideApp(AppBase):
    """An app that passes keys and clicks to its scene, or to one that is open over it, and paints that.

    A new app, such as a kitchen's board, gives its first screen and a `SideScene` as `scene`; the reducer, the acts and
    the presenter are the scene's. In `on_mount` it starts what it follows in the background.

    Args:
        paint: the colours.
        first: the screen that it starts with.
    """

    def __init__(self, paint: Paint, first: TillScreen) -> None:
        super().__init__(paint, first)
        self.scene: Front
        self._over: Front | None = None
        self._pastes = PasteGate(LONGEST)
        self._waiting: deque[KeyPress] = deque()
        self._held = 0

    def on_mount(self) -> None:
        """Paint the first screen."""
        self.scene.paint()

    async def on_unmount(self) -> None:
        """Cancel the background work when the app closes."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    # Scenes.

    @property
    def front(self) -> Front:
        """The scene that takes the next key."""
        return self._over or self.scene

    def open(self, scene: Front) -> None:
        """Open a scene over the first."""
        self._over = scene
        self.push_screen(scene.screen)
        self.call_after_refresh(scene.paint)

    def close_over(self) -> None:
        """Go back to the first scene."""
        self._over = None
        self.pop_screen()
        self.call_after_refresh(self.scene.paint)

    def leave(self) -> None:
        """Close the app."""
        self.exit()

    @override
    def paint_front(self) -> None:
        if self.front.screen.is_mounted and not self._exit:  # a scene just opened is painted once it is mounted
            self.front.paint()

    # Keys.

    @override
    def _take(self, press: KeyPress) -> None:
        """Take a key in its turn. In a window too small to show anything, only one that closes is taken."""
        if self.front.screen.grid is None and not self.front.closes(press):
            return
        if why := self._pastes.why_not(press):
            self.front.message = refusal(why)
        else:
            self._waiting.append(press)
        self._drain()

    def _drain(self) -> None:
        while self._waiting and not self._held:
            self.front.press(self._waiting.popleft())
        self.paint_front()

    @override
    def _click(self, widget: Drawn[Any], place: int) -> None:
        if not self._held:
            self.front.point(widget, place)
            self.paint_front()

    @override
    def _complain(self, problem: TillError) -> None:
        self.front.message = refusal(problem.sentence)
        self.paint_front()

    # Work in the background.

    def hold(self, work: Coroutine[Any, Any, None]) -> None:
        """Make keys wait until this work is done."""
        self._held += 1
        self.start(work, self._release)

    def _release(self) -> None:
        self._held -= 1
        self._drain()

    def meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the background, and paint when it is done."""
        self.start(work, self.paint_front)

    @property
    def is_held(self) -> bool:
        """True while keys wait for something."""
        return self._held > 0

    def drop_keys(self) -> None:
        """Drop the keys that wait, as they were typed for something else."""
        self._waiting.clear()

    async def at_rest(self) -> None:
        """Wait until all background work is done."""
        while self._works:
            await asyncio.gather(*self._works)
