"""The entry line: its text and cursor, and the effect of editing keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct
from msgspec.structs import replace

from till.domain.text import clean

if TYPE_CHECKING:
    from till.tui.shell.keymap import KeyPress

#: The most characters kept; no name, reason or amount is as long.
LONGEST: Final = 1_000


class EntryLine(Struct, frozen=True):
    """A line of text with a cursor. Control characters are removed from what is typed or pasted.

    A refused text stays and can be corrected with the editing keys. Typed or scanned text replaces it, so that it is
    not appended to a number that was not found.

    Attributes:
        text: the text.
        cursor: the position of the cursor, in characters.
        is_offered: True if typed text replaces it.
    """

    text: str = ""
    cursor: int = 0
    is_offered: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a line with this text, the cursor at its end."""
        kept = clean(text)[:LONGEST]
        return cls(kept, len(kept))

    @classmethod
    def offer(cls, text: str) -> Self:
        """Return a line with text to accept, correct or replace, such as a refused one or a choice from a list."""
        line = cls.of(text)
        return replace(line, is_offered=bool(line.text))

    def insert(self, text: str) -> EntryLine:
        """Insert text at the cursor, or in place of offered text."""
        line = EMPTY if self.is_offered else self
        kept = clean(text)[: LONGEST - len(line.text)]
        return EntryLine(line.text[: line.cursor] + kept + line.text[line.cursor :], line.cursor + len(kept))

    def take(self, press: KeyPress) -> EntryLine | None:
        """Edit by a key; None for a key that edits nothing, as most do nothing to a line without text."""
        if press.paste:
            return self.insert(press.paste)
        if len(press.char) == 1 and press.char.isprintable():
            return self.insert(press.char)
        return self._edit(press.key) if self.text or press.key == "backspace" else None

    def _edit(self, key: str) -> EntryLine | None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case "backspace":
                return EntryLine(before[:-1] + after, max(0, self.cursor - 1))
            case "delete":
                return EntryLine(before + after[1:], len(before))
            case "ctrl+u":
                return EntryLine(after, 0)
            case "ctrl+w":
                kept = before.rstrip().rpartition(" ")[0]
                kept = kept + " " if kept else ""
                return EntryLine(kept + after, len(kept))
            case "left":
                return EntryLine(self.text, max(0, self.cursor - 1))
            case "right":
                return EntryLine(self.text, min(len(self.text), self.cursor + 1))
            case "home":
                return EntryLine(self.text, 0)
            case "end":
                return EntryLine(self.text, len(self.text))
            case _:
                return None


EMPTY: Final = EntryLine()
"""An entry line without text."""
