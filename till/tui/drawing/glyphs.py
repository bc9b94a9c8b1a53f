"""Drawn characters and symbols of states, and their replacements without drawing characters."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.tui.drawing.themes import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping


class Glyphs(Struct, frozen=True):
    """The drawn characters. An empty one is not drawn."""

    select: str
    hairline: str
    heavy: str
    divider: str
    thumb: str
    bar: str
    dot: str
    big_digits: bool


DRAWN: Final = Glyphs(select="▌", hairline="─", heavy="━", divider="│", thumb="┃", bar="▆", dot="●", big_digits=True)
REVERSED: Final = Glyphs(select="▸", hairline="─", heavy="━", divider="│", thumb="┃", bar="▆", dot="●", big_digits=True)
PLAIN: Final = Glyphs(select=">", hairline="", heavy="", divider="", thumb="", bar="", dot="*", big_digits=False)


class Mark(StrEnum):
    """A state shown by a symbol with its word."""

    SAVED = "saved"
    SAVING = "saving"
    HERE = "saved here"
    OFFLINE = "offline"
    ATTENTION = "needs attention"
    GOOD = "good"
    APPROVED = "approved"
    WAITING = "not taken yet"
    REFUSED = "declined, locked, void"
    NOTICE = "notice"
    OVER = "over"
    SHORT = "short"
    AGREES = "agrees"

    @property
    def role(self) -> Tone:
        """The role of symbol and word."""
        return _SYMBOLS[self][2]

    @property
    def bold(self) -> bool:
        """True if symbol and word are bold."""
        return _SYMBOLS[self][3]


# The symbol, its replacement without drawing characters, the role, bold.
_SYMBOLS: Final[Mapping[Mark, tuple[str, str, Tone, bool]]] = {
    Mark.SAVED: ("●", "*", Tone.GOOD, False),
    Mark.SAVING: ("◐", "~", Tone.TEXT, False),
    Mark.HERE: ("○", "o", Tone.TEXT, False),
    Mark.OFFLINE: ("▲", "!", Tone.WARN, True),
    Mark.ATTENTION: ("✖", "X", Tone.BAD, True),
    Mark.GOOD: ("●", "*", Tone.GOOD, False),
    Mark.APPROVED: ("✓", "=", Tone.GOOD, False),
    Mark.WAITING: ("○", "o", Tone.TEXT, False),
    Mark.REFUSED: ("✖", "X", Tone.BAD, False),
    Mark.NOTICE: ("▲", "!", Tone.WARN, True),
    Mark.OVER: ("▲", "+", Tone.WARN, False),
    Mark.SHORT: ("▼", "-", Tone.BAD, False),
    Mark.AGREES: ("✓", "=", Tone.GOOD, False),
}

# Characters within sentences that a screen reader would spell out or skip.
_SPELT: Final = {
    "← and →": "Left and Right",
    "↑ and ↓": "Up and Down",
    "↑ or ↓": "Up or Down",
    "↑ ↓": "Up Down",
    "↑↓": "Up/Down",
    "←→": "Left/Right",
    "↑ ": "",
    "↓ ": "",
    "○ ": "",
}
_SPOKEN: Final = str.maketrans(
    {
        "×": "x",
        "−": "-",
        "–": "-",
        "…": "...",
        "✖": "X",
        "✓": "=",
        "▲": "!",
        "▼": "-",
        "●": "*",
        "•": "*",
        "○": "o",
        "◐": "~",
        "↑": "^",
        "↓": "v",
        "→": ">",
        "←": "<",
        "·": "-",
        "▸": ">",
    }
)


def symbol(mark: Mark, *, plain: bool) -> str:
    """Return the symbol of a state."""
    return _SYMBOLS[mark][1] if plain else _SYMBOLS[mark][0]


def spell(text: str) -> str:
    """Return `text` without drawing characters."""
    for drawn, spoken in _SPELT.items():
        text = text.replace(drawn, spoken)
    return text.translate(_SPOKEN)
