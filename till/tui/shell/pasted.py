"""A block of text that was pasted where one line is typed: none of it is taken, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _

if TYPE_CHECKING:
    from till.tui.shell.keymap import KeyPress


class PasteGate:
    """Stops such a paste, and the Enter right behind it: that was meant for what was pasted.

    Args:
        most: the characters of the longest line that is taken.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._stopped = ""

    def why_not(self, press: KeyPress) -> str:
        """Why a press is not taken, in a sentence; empty for one that is."""
        behind, self._stopped = self._stopped, _fault(press.paste, self._most)
        return self._stopped or (behind if press.is_enter else "")


def _fault(pasted: str, most: int) -> str:
    lines = sum(1 for line in pasted.splitlines() if line.strip())
    if lines > 1:
        return _("{count} lines were pasted and none was taken: paste or type one at a time.").format(count=lines)
    if (count := len(pasted.strip())) > most:
        words = _("{count} characters were pasted and none was taken: a line has {most} at most.")
        return words.format(count=count, most=most)
    return ""
