"""The status bar and the key bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import replace
from typing_extensions import override

from till.tui.drawing.cut import cell_len
from till.tui.drawing.layout import margin
from till.tui.drawing.palette import Backdrop, Mark, Tone
from till.tui.drawing.viewmodels import KeysView, KeyView, StatusView, StyledText
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.tiles import Tile, TileRow, Unfolded, draw_tiles, tile_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from till.tui.drawing.themed import ThemedApp
    from till.tui.drawing.widgets.line import TextLine

GAP: Final = 3
LIGHT_GAP: Final = 4
CLOSE: Final = 2
"""The gap between entries of a bar without room for a wider one."""
Placed = tuple[KeyView, int, int]
"""A key with its first column and the column after it."""


class StatusBar(Drawn[StatusView]):
    """Venue, till, staff; daypart, time and the light, flush right. What does not fit is left out whole.

    The user is shown on any screen of 80 columns: for that the daypart is dropped, the gaps are closed, and the light
    is shortened. The light, the word TRAINING and the venue are dropped last. On a phone the till stands in the venue's
    place if not all fit: who picks it up sees whose it is. On a second row, if there is one, it draws the hairline
    below a surface without a tint.
    """

    @override
    def draw(self, y: int) -> TextLine:
        """Draw the bar, or the row between it and the screen."""
        if y > 0:
            line = self.line()
            if self.paint.rules:
                line.rule(0, line.width)
            return line
        line = self.line(Backdrop.SURFACE)
        edge = margin(line.width)
        light, gap, light_gap = self._fitting(line, line.width - 2 * edge)
        start = self._draw_right(line, edge, light, gap, light_gap)
        self._draw_left(line, edge, start, gap)
        return line

    @property
    def _named(self) -> StatusView:
        """The view with the names that fit."""
        view, light = self.view, self.view.brief or self.view.light
        if not self.paint.touch:
            return view
        texts = [view.venue, view.till, view.staff, view.training, *([light.text] if light is not None else [])]
        used = sum(cell_len(self.paint.say(text)) + CLOSE for text in texts if text) + 2 * CLOSE
        return view if used <= self.size.width else replace(view, venue=view.till, till="")

    def _fitting(self, line: TextLine, room: int) -> tuple[StyledText | None, int, int]:
        """Return the light, the gap and the gap before the light with which all necessary parts fit."""
        view = self._named
        left = [view.venue, f" {view.training} " if view.training else "", view.till, view.staff]
        widths = [cell_len(self.paint.say(text)) for text in (*left, view.time) if text]
        if view.notices is not None:
            widths.append(cell_len(self.paint.say(line.spoken(view.notices)[0])))
        ways = ((view.light, GAP, LIGHT_GAP), (view.light, CLOSE, CLOSE), (view.brief or view.light, CLOSE, CLOSE))
        for light, gap, light_gap in ways:
            lit = light_gap + cell_len(self.paint.say(line.spoken(light)[0])) if light is not None else 0
            if sum(widths) + gap * (len(widths) - 1) + lit <= room:
                return light, gap, light_gap
        return ways[-1]

    def _draw_right(self, line: TextLine, edge: int, light: StyledText | None, gap: int, light_gap: int) -> int:
        view = self._named
        end = line.width - edge
        if light is not None:
            alarm = light.mark is Mark.ATTENTION
            text, role, bold = line.spoken(light)
            text = self.paint.say(text)
            start = max(edge, end - cell_len(text))
            line.put(start, text, role, bold=bold, until=end, ground=Backdrop.ALARM if alarm else None)
            end = start - light_gap
        needed = edge + cell_len(self.paint.say(view.venue)) + gap
        if view.training:
            needed += cell_len(view.training) + gap + 2
        if view.notices is not None:
            needed += line.cells(view.notices) + gap
        for name in (view.staff, view.till if self.paint.touch else ""):
            needed += cell_len(self.paint.say(name)) + gap if name else 0
        if view.time and end - cell_len(view.time) >= needed:
            end = line.put_right(end, view.time, bold=True) - 1
            till = cell_len(self.paint.say(view.till)) + gap
            if view.daypart and end - cell_len(self.paint.say(view.daypart)) >= needed + till:
                end = line.put_right(end, view.daypart, Tone.MUTED) - 1
        if view.notices is not None:
            end = line.say_right(end - 2, view.notices) - 1
        return end + 1 - gap

    def _draw_left(self, line: TextLine, edge: int, end: int, gap: int) -> None:
        view = self._named
        at = edge
        if at + 3 < end:
            at = line.put(at, view.venue, bold=True, until=end)
        if view.training:
            at = line.put(at + gap, f" {view.training} ", bold=True, ground=Backdrop.ALARM)
        for texts in ((view.till, view.staff), (view.staff,), (view.till,)):
            shown = [text for text in texts if text]
            if at + sum(gap + cell_len(self.paint.say(text)) for text in shown) <= end:
                for text in shown:
                    at = line.put(at + gap, text, Tone.MUTED)
                return


class KeyBar(Drawn[KeysView]):
    """Keys in accent with their words, the primary one at the far right on accent.

    If they do not fit, words are shortened, gaps closed, then spare keys are dropped, then the last ones, Esc after all
    others: whole entries, never half a word. The primary key is shortened if that leaves room for more keys.

    For fingers it has rows of tiles instead, and a tile that shows the keys without one.

    Args:
        view: The first picture.
        on_fold: Called when its rows of tiles become more or fewer.
    """

    def __init__(self, view: KeysView, on_fold: Callable[[], None] = lambda: None) -> None:
        super().__init__(view)
        self._on_fold = on_fold
        self.unfolded = Unfolded.USUAL

    @property
    def foot(self) -> int:
        """The rows that it needs besides one."""
        if not self.paint.touch:
            return 0
        last = self._tiles(self.app.size.width)[-1]
        return last.top + last.height - 1

    def fold(self, unfolded: Unfolded) -> None:
        """Show this part of the keys above the lowest row."""
        foot = self.foot
        self.unfolded = unfolded
        self.refresh()
        if foot != self.foot:
            self._on_fold()

    @override
    def show(self, view: KeysView) -> None:
        """Draw `view`; for fingers, perhaps in other rows."""
        foot = self.foot if self.is_attached else 0
        super().show(view)
        if self.is_attached and foot != self.foot:
            self.refresh()
            self._on_fold()

    def _tiles(self, width: int, view: KeysView | None = None) -> tuple[TileRow, ...]:
        app = cast("ThemedApp[object]", self.app)
        return tile_rows(view or self.view, width, self.app.size.height, self.unfolded, app.is_key)

    def _tile_at(self, view: KeysView, x: int, y: int) -> Tile | None:
        rows = (row for row in self._tiles(self.size.width, view) if row.top <= y < row.top + row.height)
        return next((tile for row in rows for tile in row.tiles if tile.start <= x < tile.stop), None)

    @override
    def differs_at(self, x: int, y: int, before: object) -> bool:
        was, now = (self._tile_at(view, x, y) for view in (before, self.view) if isinstance(view, KeysView))
        return (was and was.key) != (now and now.key)

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        if self.paint.touch:
            row = next((row for row in self._tiles(self.size.width) if y < row.top + row.height), None)
            return draw_tiles(line, row, y - row.top, self.paint) if row is not None else line
        last = self.size.height - 1
        if y < last - 1:
            return line
        keys, short, primary = self._placed(line.width) if y == last else self._placed_above(line.width)
        for key, at, _stop in keys:
            after = line.put(at, key.key, Tone.ACCENT, bold=True)
            line.put(after + 1, _word(key, short=short))
        if y < last:
            if len(keys) < len(self.view.above):
                line.put(keys[-1][2] + 1 if keys else margin(line.width), "…", Tone.MUTED)
            return line
        if self.view.note is not None:
            line.say_right(line.width - margin(line.width), self.view.note)
        if primary is not None:
            shown, start, end = primary
            at = line.put(start, f" {shown.key} ", Tone.ON_ACCENT, bold=True, ground=Backdrop.ACCENT)
            line.put(at, f"{shown.word} ", Tone.ON_ACCENT, ground=Backdrop.ACCENT, until=end)
        return line

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the key whose name or word is at this cell."""
        if self.paint.touch:
            tile = self._tile_at(self.view, x, y)
            return tile.key.key if tile is not None else None
        last = self.size.height - 1
        keys, _short, primary = self._placed(self.size.width) if y == last else self._placed_above(self.size.width)
        placed = [*keys, primary] if primary is not None else keys
        return next((key.key for key, start, stop in placed if start <= x < stop), None)

    def _placed(self, width: int) -> tuple[list[Placed], bool, Placed | None]:
        """Return the keys that fit, whether their words are short, and the primary key, each with its columns."""
        edge = margin(width)
        end, primary = width - edge, self.view.primary
        far: Placed | None = None
        if primary is not None:
            if primary.short:
                brief, room = replace(primary, word=primary.short), end - edge
                if 2 * cell_len(primary.word) > width or self._beside(primary, room) < self._beside(brief, room):
                    primary = brief
            far = primary, max(0, end - self._primary_width(primary)), end
            end = far[1] - 1
        if self.view.note is not None:
            end -= self.line().cells(self.view.note) + 1
        return *self._side_by_side(self._keys, edge, end), far

    def _beside(self, primary: KeyView, room: int) -> int:
        """Return the number of keys that fit beside the primary one."""
        return len(self._side_by_side(self._keys, 0, room - self._primary_width(primary) - 1)[0])

    @property
    def _keys(self) -> tuple[KeyView, ...]:
        """The keys of the last row; with a single row those above too, before the last key."""
        view = self.view
        return view.keys if self.size.height > 1 else (*view.keys[:-1], *view.above, *view.keys[-1:])

    def _placed_above(self, width: int) -> tuple[list[Placed], bool, Placed | None]:
        """Return the keys that fit on the row above, which has no primary key."""
        edge = margin(width)
        return *self._side_by_side(self.view.above, edge, width - edge - 2), None

    def _side_by_side(self, keys: Sequence[KeyView], edge: int, end: int) -> tuple[list[Placed], bool]:
        say = self.paint.say
        whole = {key: cell_len(say(f"{key.key} {key.word}")) for key in keys}
        brief = {key: cell_len(say(f"{key.key} {key.short}")) if key.short else whole[key] for key in keys}
        fitting, gap, short = _fitting(keys, whole, brief, end - edge)
        placed: list[Placed] = []
        at = edge
        for key in fitting:
            stop = at + (brief if short else whole)[key]
            placed.append((key, at, stop))
            at = stop + gap
        return placed, short

    def _primary_width(self, key: KeyView) -> int:
        return cell_len(self.paint.say(f" {key.key} {key.word} "))


def _fitting(
    named: Sequence[KeyView], whole: Mapping[KeyView, int], brief: Mapping[KeyView, int], room: int
) -> tuple[list[KeyView], int, bool]:
    """Return the keys that fit, by their cells with whole and with short words, their gap, and True for short words."""
    keys = list(named)
    going = sorted(keys, key=lambda key: (key.spare, key.key != "Esc"))
    while True:
        for gap, short in ((GAP, False), (GAP - 1, True), (1, True)):
            cells = map((brief if short else whole).__getitem__, keys)
            if not keys or sum(cells) + gap * (len(keys) - 1) <= room:
                return keys, gap, short
        keys.remove(going.pop())


def _word(key: KeyView, *, short: bool) -> str:
    return key.short if short and key.short else key.word
