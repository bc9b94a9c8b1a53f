"""Input refused with a message: pastes of several lines where one is typed, and scans where no item is keyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.register.quick_entry.lookup import Lookup
    from till.tui.shell.keymap import KeyPress

#: The characters of a code that a scanner types at once (`menu_cells`).
_CODE: Final = late(r"[0-9A-Za-z.\-]+\Z", re.ASCII)
#: The characters of the shortest code that may follow other text: EAN-8 (GS1 General Specifications).
_SHORTEST: Final = 8
#: The most characters of a code.
_LONGEST: Final = 48


class PasteGate:
    """A gate against pastes of several lines, and against an Enter right after one, which belongs to the pasted text.

    Args:
        most: the most characters of a line.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._stopped = ""

    def why_not(self, press: KeyPress) -> str:
        """Return why a key press is refused, as a sentence; empty if it is not."""
        behind, self._stopped = self._stopped, _fault(press.paste, self._most)
        return self._stopped or (behind if press.is_enter else "")


def _fault(pasted: str, most: int) -> str:
    lines = sum(1 for line in pasted.splitlines() if line.strip())
    if lines > 1:
        return _("{count} lines pasted, none keyed: paste or type one at a time.").format(count=lines)
    if (count := len(pasted.strip())) > most:
        words = _("{count} characters pasted, none keyed: a line has {most} at most.")
        return words.format(count=count, most=most)
    return ""


class _Typed(NamedTuple):
    text: str
    before: Any


class ScanGate:
    """A gate against scans: the characters of an item's code or label, then Enter, which some scanners send twice.

    It guards scenes that have `undo_scan(state)`, which restores an earlier `state`. While `refuses_scans` is true, a
    scan is undone and refused, but for a label where the scene `takes_labels`; otherwise it is undone and passed to
    `scanned(code)`, if the scene has that. A `masked`
    scene is not guarded, as secrets are neither compared nor kept. Changes that did not come from the scan, such as an
    answer meanwhile, are not undone.

    Args:
        lookup: returns the current lookup of items.
    """

    def __init__(self, lookup: Callable[[], Lookup]) -> None:
        self._lookup = lookup
        self._typed: list[_Typed] = []
        #: The scene and its state after the last key.
        self._after: tuple[Any, Any] = (None, None)
        self._refusal = ""

    def why_not(self, press: KeyPress, scene: Any) -> str:
        """Return why a key press is refused, as a sentence; empty if it is not."""
        typed, self._typed, before, self._refusal = self._typed, [], self._refusal, ""
        if not _is_guarded(scene):
            return ""
        state, (known, after) = scene.state, self._after
        if known is not scene or state != after:
            typed = [one._replace(before=state) for one in typed]
        if press.is_enter:
            self._refusal = "" if before else self._scanned(typed, scene)
            return before or self._refusal
        text = press.paste or press.char
        if _CODE.match(text):
            self._typed = [*typed[-_LONGEST + 1 :], _Typed(text, state)]
        return ""

    def acted(self, scene: Any) -> None:
        """Remember the state of a scene after a key."""
        self._after = (scene, scene.state) if _is_guarded(scene) else (None, None)

    def _scanned(self, typed: list[_Typed], scene: Any) -> str:
        """Undo a scan, and refuse it or hand it over."""
        for place, first in enumerate(typed):
            code, is_label = "".join(one.text for one in typed[place:]), False
            if place and len(code) < _SHORTEST:
                break
            try:
                if (found := self._lookup().scanned(code)) is None:
                    continue
                is_label = found.is_label
                sentence = _("{item} was scanned. Esc goes back to key it.").format(item=clean(found.item.name))
            except TillError as problem:
                sentence = problem.sentence
            if scene.refuses_scans and not (is_label and getattr(scene, "takes_labels", False)):
                scene.undo_scan(first.before)
                return sentence
            if hasattr(scene, "scanned"):
                scene.undo_scan(first.before)
                scene.scanned(code)
            return ""
        return ""


def _is_guarded(scene: Any) -> bool:
    return hasattr(scene, "undo_scan") and not getattr(scene, "masked", False)
