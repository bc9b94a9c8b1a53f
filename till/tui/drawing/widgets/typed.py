"""Drawing of typed text with the cursor, which does not blink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from till.tui.drawing.palette import Backdrop, Tone

if TYPE_CHECKING:
    from till.tui.drawing.widgets.line import TextLine

DOT_GAP: Final = "  "
"""The gap between the dots of a PIN: dots without a gap look like a bar."""


def put_typed(line: TextLine, at: int, text: str, cursor: int, until: int, *, offered: bool = False) -> int:
    """Put `text` in bold with the cursor before its character `cursor`; return the cursor's column.

    If it is too long, its start is hidden, never the cursor. Column `until` stays free. Text that is `offered` lies on
    the select band, as typing replaces it.
    """
    before, under, after = _around_cursor(line, text, cursor)
    room = until - at - 1
    while before and cell_len(before) > room:
        before = before[1:]
    ground = Backdrop.SELECT if offered else None
    at = line.put(at, before, bold=True, until=until, ground=ground)
    column = at
    at = line.put(at, under or " ", Tone.ON_ACCENT, bold=True, ground=Backdrop.ACCENT, until=until + 1)
    line.put(at, after, bold=True, until=until, ground=ground)
    return column


def _around_cursor(line: TextLine, text: str, cursor: int) -> tuple[str, str, str]:
    cursor = max(0, min(cursor, len(text)))
    return line.shown(text[:cursor]), line.shown(text[cursor : cursor + 1]), line.shown(text[cursor + 1 :])


def masked(text: str, dot: str) -> str:
    """Return a dot for each character. Places still to be typed are never shown, as they would tell the length."""
    return "".join(dot + DOT_GAP for _ in text)
