"""Tab: the suggestions for what was typed, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.text import clean
from till.register.quick_entry.language import complete, suggestions

if TYPE_CHECKING:
    from till.register.quick_entry.lookup import Lookup
    from till.tui.editor import LineEditor


class Completion:
    """Where Tab stands among the suggestions."""

    def __init__(self) -> None:
        self._typed = ""
        self._done = ""
        self._place = -1

    def advance(self, editor: LineEditor, lookup: Lookup) -> bool:
        """Take the first suggestion, or the next one when the last one still stands there; whether there is any."""
        if not self._done or self._done != editor.text:
            self._typed, self._place = editor.text, -1
        found = suggestions(self._typed, lookup)
        if not found:
            return False
        self._place = (self._place + 1) % len(found)
        editor.set(complete(self._typed, clean(found[self._place].name), lookup))
        self._done = editor.text
        return True
