"""The app around the form for a new venue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.tui.screens.init.scene import InitScene, InitScreen
from till.tui.shell.keymap import CLOSE, Keymap, KeyPress
from till.tui.shell.side_app import SideApp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.ports.founding import Founding
    from till.tui.drawing.palette import Paint

_KEYS: Final = {CLOSE: ("ctrl+q",)}


def make_init_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """Return the keymap of the form, with the commands it shares with a till remapped as there."""
    return Keymap(_KEYS, {name: key for name, key in (remapped or {}).items() if name in _KEYS})


class InitApp(SideApp):
    """The form on one screen.

    Args:
        founding: takes the answers.
        paint: the colours.
        keymap: the keys of each command.
        refused: why the last attempt failed; empty on the first.
    """

    def __init__(self, founding: Founding, paint: Paint, keymap: Keymap, refused: str = "") -> None:
        screen = InitScreen()
        super().__init__(paint, screen)
        self.scene: InitScene = InitScene(self, screen, keymap, founding, refused)

    @override
    def _take(self, press: KeyPress) -> None:
        """Close the form at once, even while an answer is being taken."""
        if self.is_held and self.scene.closes(press):
            self.scene.press(press)
        else:
            super()._take(press)
