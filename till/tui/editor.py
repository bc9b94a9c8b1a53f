"""The one line that is typed into: text and cursor, and what the editing keys do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.text import clean

if TYPE_CHECKING:
    from till.tui.strokes import Stroke

#: A paste longer than this is cut: no name, reason or amount is as long.
LONGEST: Final = 1_000


class LineEditor:
    """A line of text with a cursor. What is typed or pasted is made harmless before it is kept.

    A refused text stays, to be mended with the editing keys; what is typed or scanned next takes its place, for it must
    not be hung on a number that was not found.
    """

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.cursor = 0
        #: Whether what is typed next takes the place of the text.
        self.is_offered = False
        self.insert(text)

    def set(self, text: str) -> None:
        """Replace the line, cursor at its end."""
        self.text = clean(text)[:LONGEST]
        self.cursor = len(self.text)
        self.is_offered = False

    def offer(self, text: str) -> None:
        """Put a text there to be taken, mended or typed over: one that was refused, or chosen from a list."""
        self.set(text)
        self.is_offered = bool(self.text)

    def clear(self) -> None:
        """Empty the line."""
        self.set("")

    def insert(self, text: str) -> None:
        """Type at the cursor, or over what was offered."""
        if self.is_offered:
            self.clear()
        kept = clean(text)[: LONGEST - len(self.text)]
        self.text = self.text[: self.cursor] + kept + self.text[self.cursor :]
        self.cursor += len(kept)

    def take(self, stroke: Stroke) -> bool:
        """Edit by one stroke; whether it was one that edits."""
        if stroke.paste:
            self.insert(stroke.paste)
            return True
        if len(stroke.char) == 1 and stroke.char.isprintable():
            self.insert(stroke.char)
            return True
        return self._edit(stroke.key)

    def _edit(self, key: str) -> bool:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        self.is_offered = False
        match key:
            case "backspace":
                self.text, self.cursor = before[:-1] + after, max(0, self.cursor - 1)
            case "ctrl+u":
                self.text, self.cursor = after, 0
            case "ctrl+w":
                kept = before.rstrip().rpartition(" ")[0]
                kept = kept + " " if kept else ""
                self.text, self.cursor = kept + after, len(kept)
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "home":
                self.cursor = 0
            case "end":
                self.cursor = len(self.text)
            case _:
                return False
        return True
