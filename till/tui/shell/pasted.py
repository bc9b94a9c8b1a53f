"""Pastes of several lines where one line is typed, which are refused with a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _

if TYPE_CHECKING:
    from till.tui.shell.keymap import KeyPress


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
