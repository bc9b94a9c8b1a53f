"""A row of the screen, composed of pieces at columns."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from rich.segment import Segment

from till.tui.drawing.cut import cell_len, cut, cut_words
from till.tui.drawing.lean_strip import LeanStrip
from till.tui.drawing.palette import Backdrop, Paint, Tone

if TYPE_CHECKING:
    from rich.style import Style

    from till.tui.drawing.viewmodels import StyledText


class TextLine:
    """A row under construction. Pieces are cleaned, measured in cells and cut at the edges; gaps show the backdrop.

    Args:
        paint: Styles.
        width: Of the row, in cells.
        ground: The backdrop of every piece that names no other.
    """

    __slots__ = ("_ground", "_paint", "_pieces", "width")

    def __init__(self, paint: Paint, width: int, ground: Backdrop = Backdrop.BG) -> None:
        self.width = width
        self._paint = paint
        self._ground = ground
        #: Its first column, the column after it, its text and its style.
        self._pieces: list[tuple[int, int, str, Style]] = []

    def put(
        self,
        at: int,
        text: str,
        role: Tone = Tone.TEXT,
        *,
        bold: bool = False,
        strike: bool = False,
        underline: bool = False,
        ground: Backdrop | None = None,
        until: int | None = None,
    ) -> int:
        """Put `text` at column `at`, cut before column `until`; return the column after it."""
        end = self.width if until is None else min(until, self.width)
        shown = self._paint.say(text)
        after = at + cell_len(shown)
        if after > end:
            shown = cut(shown, end - at, "..." if self._paint.plain else "…")
            after = at + cell_len(shown)
        if not shown:
            return at
        style = self._paint.style(role, ground or self._ground, bold=bold, strike=strike, underline=underline)
        self._pieces.append((at, after, shown, style))
        return after

    def put_right(
        self,
        end: int,
        text: str,
        role: Tone = Tone.TEXT,
        *,
        bold: bool = False,
        strike: bool = False,
        start: int = 0,
    ) -> int:
        """Put `text` so that it ends before column `end`, not left of `start`; return the column where it begins."""
        at = max(start, end - cell_len(self._paint.say(text)))
        self.put(at, text, role, bold=bold, strike=strike, until=end)
        return at

    def say(self, at: int, styled: StyledText, *, bold: bool = False, until: int | None = None) -> int:
        """Put styled text, its symbol in front; return the column after it."""
        text, role, heavy = self.spoken(styled)
        return self.put(at, text, role, bold=bold or heavy, strike=styled.strike, until=until)

    def tell(self, at: int, styled: StyledText, *, until: int) -> int:
        """Put a sentence, cut between words if it does not fit; return the column after it."""
        text, role, heavy = self.spoken(styled)
        shown = cut_words(self._paint.say(text), until - at, "..." if self._paint.plain else "…")
        return self.put(at, shown, role, bold=heavy, strike=styled.strike, until=until)

    def say_right(self, end: int, styled: StyledText, *, bold: bool = False, start: int = 0) -> int:
        """Put styled text so that it ends before column `end`; return the column where it begins."""
        text, role, heavy = self.spoken(styled)
        return self.put_right(end, text, role, bold=bold or heavy, strike=styled.strike, start=start)

    def put_typed(self, at: int, text: str, cursor: int, until: int, *, offered: bool = False) -> int:
        """Put `text` in bold with the cursor before its character `cursor`; return the cursor's column.

        The cursor does not blink. If the text is too long, its start is hidden, never the cursor. Column `until` stays
        free. Text that is `offered` lies on the select band, as typing replaces it.
        """
        cursor = max(0, min(cursor, len(text)))
        before, under, after = map(self._paint.say, (text[:cursor], text[cursor : cursor + 1], text[cursor + 1 :]))
        while before and cell_len(before) > until - at - 1:
            before = before[1:]
        ground = Backdrop.SELECT if offered else None
        column = self.put(at, before, bold=True, until=until, ground=ground)
        at = self.put(column, under or " ", Tone.ON_ACCENT, bold=True, ground=Backdrop.ACCENT, until=until + 1)
        self.put(at, after, bold=True, until=until, ground=ground)
        return column

    def dots(self, text: str, cursor: int) -> tuple[str, int]:
        """Return a dot for each character of a secret, and the cursor among the dots.

        Places still to be typed are never shown, as they would tell the length. Dots without a gap look like a bar.
        """
        dot = f"{self._paint.glyphs.dot}  "
        return dot * len(text), len(dot) * cursor

    def shown(self, text: str) -> str:
        """Return `text` as it will be shown, for measuring."""
        return self._paint.say(text)

    def cells(self, styled: StyledText) -> int:
        """Return the number of cells of styled text."""
        return cell_len(self._paint.say(self.spoken(styled)[0]))

    def spoken(self, styled: StyledText) -> tuple[str, Tone, bool]:
        """Return the text, role and weight of styled text."""
        if styled.mark is None:
            return styled.text, styled.role, styled.bold
        symbol = self._paint.symbol(styled.mark)
        return f"{symbol} {styled.text}".rstrip(), styled.mark.role, styled.bold or styled.mark.bold

    def rule(self, start: int, end: int, *, heavy: bool = False) -> None:
        """Draw a hairline from `start` to before `end`, heavy in accent; nothing without drawing characters."""
        glyphs = self._paint.glyphs
        glyph = glyphs.heavy if heavy else glyphs.hairline
        if glyph and end > start:
            style = self._paint.style(Tone.ACCENT if heavy else Tone.LINE, self._ground)
            self._pieces.append((start, end, glyph * (end - start), style))

    def bar(self, at: int, width: int, share: float, was: float | None, role: Tone) -> None:
        """Draw a bar of a share of the width, with a mark where it ended before; nothing without drawing characters."""
        glyphs = self._paint.glyphs
        if not glyphs.bar:
            return
        length = max(1 if share > 0 else 0, round(share * width))
        if was is None:
            self.put(at, glyphs.bar * length, role)
            return
        mark = min(width - 1, round(was * width))
        self.put(at, glyphs.bar * min(length, mark), role)
        self.put(at + mark, glyphs.thumb, Tone.TEXT)
        self.put(at + mark + 1, glyphs.bar * (length - mark - 1), role)

    def passing(self, end: int, filled: float) -> None:
        """Draw a hairline that fills as time passes, from the left edge. It is muted so that it does not distract."""
        glyphs = self._paint.glyphs
        done = max(0, min(end, round(end * filled)))
        if glyphs.heavy and done:
            self._pieces.append((0, done, glyphs.heavy * done, self._paint.style(Tone.MUTED, self._ground)))
        self.rule(done, end)

    def strip(self) -> LeanStrip:
        """Return the row for Textual, exactly `width` cells wide."""
        blank = self._paint.style(Tone.TEXT, self._ground)
        segments: list[Segment] = []
        x = 0
        for at, after, piece, style in sorted(self._pieces, key=itemgetter(0)):
            if at < x:  # a piece that overlaps an earlier one is dropped
                continue
            if at > x:
                segments.append(Segment(" " * (at - x), blank))
            segments.append(Segment(piece, style))
            x = after
        if x < self.width:
            segments.append(Segment(" " * (self.width - x), blank))
        return LeanStrip(segments, max(x, self.width))
