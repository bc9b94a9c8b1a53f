"""Scans of items where none can be keyed: refused with a message, and with what their digits did undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Menu
    from till.tui.shell.keymap import KeyPress

#: The digits of the shortest code that may follow other digits: EAN-8 (GS1 General Specifications).
_SHORTEST: Final = 8
#: The most digits of a code (`menu_cells`).
_LONGEST: Final = 48


@runtime_checkable
class RefusesScans(Protocol):
    """A scene where digits mean something, and no item can be keyed."""

    def before_scan(self, state: Any) -> None:
        """Go back to the state before the scan; None for a scene without one."""
        ...


class _Digits(NamedTuple):
    typed: str
    scene: object
    state: Any


class ScanGate:
    """A gate against scans: the digits of an item's code, then Enter, which some scanners send twice.

    Args:
        menu: returns the present menu.
    """

    def __init__(self, menu: Callable[[], Menu]) -> None:
        self._menu = menu
        self._typed: list[_Digits] = []
        self._said = ""

    def why_not(self, press: KeyPress, scene: object) -> str:
        """Return why a key press is refused, as a sentence; empty if it is not."""
        typed, self._typed, before, self._said = self._typed, [], self._said, ""
        digits = press.paste or press.char
        if digits.isascii() and digits.isdigit():
            same = [one for one in typed if one.scene is scene][-_LONGEST + 1 :]
            self._typed = [*same, _Digits(digits, scene, getattr(scene, "state", None))]
        elif press.is_enter and isinstance(scene, RefusesScans):
            self._said = "" if before else self._refuse([one for one in typed if one.scene is scene], scene)
            return before or self._said
        return ""

    def _refuse(self, typed: list[_Digits], scene: RefusesScans) -> str:
        for place, first in enumerate(typed):
            code = "".join(one.typed for one in typed[place:])
            if (not place or len(code) >= _SHORTEST) and (item := self._menu().by_barcode.get(code)):
                scene.before_scan(first.state)
                return _("{item} was scanned. Esc goes back to key it.").format(item=clean(item.name))
        return ""
