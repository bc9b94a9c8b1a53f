"""Scans of items where none can be keyed: refused with a message, and what their characters did is undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Menu
    from till.tui.shell.keymap import KeyPress

#: What a code consists of, as far as a scanner types it at once (`menu_cells`).
_CODE: Final = re.compile(r"[0-9A-Za-z.\-]+\Z", re.ASCII)
#: The characters of the shortest code that may follow other text: EAN-8 (GS1 General Specifications).
_SHORTEST: Final = 8
#: The most characters of a code.
_LONGEST: Final = 48


class _Typed(NamedTuple):
    text: str
    before: Any


class ScanGate:
    """A gate against scans: the characters of an item's code, then Enter, which some scanners send twice.

    It guards scenes whose `refuses_scans` is true, which is false while a secret is typed: that is neither compared nor
    kept. Such a scene has a `state` that each key replaces, and `undo_scan(state)`, which goes back to one.

    Args:
        menu: returns the present menu.
    """

    def __init__(self, menu: Callable[[], Menu]) -> None:
        self._menu = menu
        self._typed: list[_Typed] = []
        #: The scene and its state after the last key. Where they changed since, going back would lose that.
        self._after: tuple[Any, Any] = (None, None)
        self._said = ""

    def why_not(self, press: KeyPress, scene: Any) -> str:
        """Return why a key press is refused, as a sentence; empty if it is not."""
        typed, self._typed, before, self._said = self._typed, [], self._said, ""
        if not getattr(scene, "refuses_scans", False):
            return ""
        known, state = self._after
        if known is not scene or state is not scene.state:
            typed = []
        text = press.paste or press.char
        if press.is_enter:
            self._said = "" if before else self._refuse(typed, scene)
            return before or self._said
        if _CODE.match(text):
            self._typed = [*typed[-_LONGEST + 1 :], _Typed(text, scene.state)]
        return ""

    def acted(self, scene: object) -> None:
        """Remember the state of a scene after a key."""
        self._after = (scene, getattr(scene, "state", None))

    def _refuse(self, typed: list[_Typed], scene: Any) -> str:
        for place, first in enumerate(typed):
            code = "".join(one.text for one in typed[place:])
            if (not place or len(code) >= _SHORTEST) and (item := self._menu().by_barcode.get(code)):
                scene.undo_scan(first.before)
                return _("{item} was scanned. Esc goes back to key it.").format(item=clean(item.name))
        return ""
