"""The app of the display of guests. It can do nothing but close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.display.screen import GuestScreen
from till.tui.shell.app_base import AppBase
from till.tui.shell.keymap import CLOSE, Keymap, KeyPress

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from till.display.screen import GuestPicture
    from till.domain.errors import TillError
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.widgets.drawn import Drawn

_KEYS: Final = {CLOSE: ("ctrl+q",)}


def make_guest_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """Return the keymap of the display, with the key that closes it remapped as at a till."""
    return Keymap(_KEYS, {name: key for name, key in (remapped or {}).items() if name in _KEYS})


class GuestApp(AppBase):
    """The display of guests on one screen.

    Args:
        paint: the colours.
        keymap: the key that closes it.
        follow: follows the till, and shows what it hears.
    """

    def __init__(self, paint: Paint, keymap: Keymap, follow: Callable[[GuestApp], Coroutine[None, None, None]]) -> None:
        self._guests = GuestScreen()
        super().__init__(paint, self._guests)
        self._own_keys = keymap
        self._follow = follow

    def on_mount(self) -> None:
        """Begin to follow the till."""
        self.start(self._follow(self))

    async def on_unmount(self) -> None:
        """Stop following when the app closes."""
        for work in self._works:
            work.cancel()

    def present(self, view: GuestPicture | str) -> None:
        """Show a picture of the till, or a sentence."""
        if isinstance(view, str):
            self._guests.say(view)
        else:
            self._guests.show(view)

    @override
    def paint_front(self) -> None:
        """Do nothing: its widgets keep their views."""

    @override
    def _take(self, press: KeyPress) -> None:
        if self._own_keys.command(press) == CLOSE:
            self.exit()

    @override
    def _click(self, widget: Drawn[Any], place: int) -> None:
        """Do nothing."""

    @override
    def _complain(self, problem: TillError) -> None:
        self._guests.say(problem.sentence)
