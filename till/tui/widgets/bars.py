"""The first row and the last: where and who, and what the keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from till.tui.layout import margin
from till.tui.palette import Ground, Mark, Paint, Role
from till.tui.view import KeysView, KeyView, StatusView
from till.tui.widgets.drawn import Drawn

if TYPE_CHECKING:
    from till.tui.widgets.line import Line

GAP: Final = 3
LIGHT_GAP: Final = 4


class StatusBar(Drawn[StatusView]):
    """Venue, till, staff; daypart, time and the light, flush right. What does not fit is left out whole.

    The light, the word TRAINING and the venue are the last to go. On a second row, if it has one, it draws the hairline
    that a surface without a tint of its own needs.
    """

    def draw(self, y: int) -> Line:
        """The bar, or what parts it from the screen."""
        if y > 0:
            line = self.line()
            if self.paint.rules:
                line.rule(0, line.width)
            return line
        line = self.line(Ground.SURFACE)
        edge = margin(line.width)
        start = self._draw_right(line, edge)
        self._draw_left(line, edge, start)
        return line

    def _draw_right(self, line: Line, edge: int) -> int:
        view = self.view
        end = line.width - edge
        if view.light is not None:
            alarm = view.light.mark is Mark.ATTENTION
            text, role, bold = line.spoken(view.light)
            text = self.paint.say(text)
            start = max(edge, end - cell_len(text))
            line.put(start, text, role, bold=bold, until=end, ground=Ground.ALARM if alarm else None)
            end = start - LIGHT_GAP
        needed = edge + cell_len(self.paint.say(view.venue)) + GAP + (cell_len(view.training) + GAP + 2)
        if view.time and end - cell_len(view.time) >= needed:
            end = line.put_right(end, view.time, bold=True) - 1
            who = cell_len(self.paint.say(view.till + view.staff)) + 2 * GAP
            if view.daypart and end - cell_len(self.paint.say(view.daypart)) >= needed + who:
                end = line.put_right(end, view.daypart, Role.MUTED) - 1
        return end + 1 - GAP

    def _draw_left(self, line: Line, edge: int, end: int) -> None:
        view = self.view
        at = edge
        if at + 3 < end:
            at = line.put(at, view.venue, bold=True, until=end)
        if view.training:
            at = line.put(at + GAP, f" {view.training} ", bold=True, ground=Ground.ALARM)
        for text in (view.till, view.staff):
            if text and at + GAP + cell_len(self.paint.say(text)) <= end:
                at = line.put(at + GAP, text, Role.MUTED)


class KeyBar(Drawn[KeysView]):
    """Keys in accent with their words, the primary one at the far right on accent.

    When they do not fit, words get short, then the spare ones go, then the last: whole entries, never half a word.
    """

    def draw(self, y: int) -> Line:
        """The bar."""
        line = self.line()
        if y > 0:
            return line
        edge = margin(line.width)
        end = line.width - edge
        if self.view.primary is not None:
            end = self._draw_primary(line, self.view.primary, end) - 1
        at = edge
        keys, gap, short = self._fitting(end - edge)
        for key in keys:
            at = line.put(at, key.key, Role.ACCENT, bold=True)
            at = line.put(at + 1, _word(key, short=short)) + gap
        return line

    def _draw_primary(self, line: Line, key: KeyView, end: int) -> int:
        word = key.word
        if 2 * cell_len(word) > line.width and key.short:
            word = key.short
        width = cell_len(self.paint.say(f" {key.key} {word} "))
        start = max(0, end - width)
        at = line.put(start, f" {key.key} ", Role.ON_ACCENT, bold=True, ground=Ground.ACCENT)
        line.put(at, f"{word} ", Role.ON_ACCENT, ground=Ground.ACCENT, until=end)
        return start

    def _fitting(self, room: int) -> tuple[list[KeyView], int, bool]:
        keys = list(self.view.keys)
        if _width(keys, GAP, self.paint, short=False) <= room:
            return keys, GAP, False
        for spare in (True, False):
            for key in reversed(self.view.keys):
                if _width(keys, GAP - 1, self.paint, short=True) <= room:
                    return keys, GAP - 1, True
                if key.spare is spare:
                    keys.remove(key)
        return keys, GAP - 1, True


def _word(key: KeyView, *, short: bool) -> str:
    return key.short if short and key.short else key.word


def _width(keys: list[KeyView], gap: int, paint: Paint, *, short: bool) -> int:
    words = (cell_len(paint.say(f"{key.key} {_word(key, short=short)}")) for key in keys)
    return sum(words) + gap * (len(keys) - 1)
