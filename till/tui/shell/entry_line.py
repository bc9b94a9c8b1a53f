"""The one line that is typed into: text and cursor, and what the editing keys make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct
from msgspec.structs import replace

from till.domain.text import clean

if TYPE_CHECKING:
    from till.tui.shell.keymap import KeyPress

#: What is longer is cut: no name, reason or amount is as long.
LONGEST: Final = 1_000


class EntryLine(Struct, frozen=True):
    """A line of text with a cursor. What is typed or pasted is made harmless before it is kept.

    A refused text stays, to be mended with the editing keys; what is typed or scanned next takes its place, for it must
    not be hung on a number that was not found.

    Attributes:
        text: what stands there.
        cursor: where the cursor stands in it, in characters.
        is_offered: whether what is typed next takes the place of the text.
    """

    text: str = ""
    cursor: int = 0
    is_offered: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Put a text there, with the cursor at its end."""
        kept = clean(text)[:LONGEST]
        return cls(kept, len(kept))

    @classmethod
    def offer(cls, text: str) -> Self:
        """Put a text there to be taken, mended or typed over: one that was refused, or chosen from a list."""
        line = cls.of(text)
        return replace(line, is_offered=bool(line.text))

    def insert(self, text: str) -> EntryLine:
        """Type at the cursor, or over what was offered."""
        line = EMPTY if self.is_offered else self
        kept = clean(text)[: LONGEST - len(line.text)]
        return EntryLine(line.text[: line.cursor] + kept + line.text[line.cursor :], line.cursor + len(kept))

    def take(self, press: KeyPress) -> EntryLine | None:
        """Edit by one key; None for a key that edits nothing."""
        if press.paste:
            return self.insert(press.paste)
        if len(press.char) == 1 and press.char.isprintable():
            return self.insert(press.char)
        return self._edit(press.key)

    def _edit(self, key: str) -> EntryLine | None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case "backspace":
                return EntryLine(before[:-1] + after, max(0, self.cursor - 1))
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
"""Nothing typed."""
