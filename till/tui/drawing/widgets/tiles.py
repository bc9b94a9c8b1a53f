"""Tiles for fingers: the key bar as rows of tiles, and the keys of a pad of digits."""

from __future__ import annotations

from enum import Enum
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.drawing.cut import cell_len
from till.tui.drawing.layout import SMALLEST
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import KeysView, KeyView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.tui.drawing.palette import Paint
    from till.tui.drawing.widgets.line import TextLine

#: The least width of a tile, with the gap to the next.
TILE: Final = 8
#: The rows of a tile.
TALL: Final = 3
#: The rows of a tile of the pad on a low screen.
LOW: Final = 2
#: From this height on, a tile of the pad is as tall as the others.
_HIGH: Final = 30
#: The most rows of tiles above the lowest.
_ABOVE: Final = 2
_PAD: Final = (("1", "2", "3", "Bksp"), ("4", "5", "6", "."), ("7", "8", "9", "0"))


class Unfolded(Enum):
    """The part of a key bar that is shown above its lowest row, by the label of the tile that shows it."""

    USUAL = "Less"
    MORE = "More"
    DIGITS = "123"


_TOGGLES: Final = {Unfolded.USUAL.value, Unfolded.MORE.value}


class Tile(Struct, frozen=True):
    """A tile: the key that a tap presses, and its columns."""

    key: KeyView
    start: int
    stop: int
    is_primary: bool = False


class TileRow(Struct, frozen=True):
    """A row of tiles: its first row of the screen within the bar, its height, and the tiles."""

    top: int
    height: int
    tiles: tuple[Tile, ...]


def tile_rows(
    view: KeysView, width: int, height: int, unfolded: Unfolded, is_key: Callable[[str], bool]
) -> tuple[TileRow, ...]:
    """Return the rows of tiles of a key bar, from the top, on a screen of this size.

    In the lowest row are Esc, the keys that are dropped last, `More`, and the primary key. `More` shows the others
    above it, and a tile that shows the pad. `is_key` returns false for a label that names no single key.
    """
    slots = width // TILE
    keys = [one for key in view.keys for one in _single(key, is_key)]
    primary, is_padded = view.primary, view.digits or unfolded is Unfolded.DIGITS
    back = [key for key in keys if key.key == "Esc"]
    others = [key for key in keys if key.key != "Esc"]
    enter = [] if primary is None or primary.key == "Enter" or not is_padded else [KeyView("Enter", _("Enter"))]
    large = 0 if primary is None else 2 if cell_len(primary.word) >= width // slots else 1
    room = max(0, slots - len(back) - len(enter) - large - 1)
    lowest = _kept(others, room)
    above = _kept(view.above, slots)
    rest = [key for key in (*view.above, *others) if key not in (*above, *lowest)]
    more = unfolded is Unfolded.USUAL
    toggles = KeyView((Unfolded.MORE if more else Unfolded.USUAL).value, _("More keys") if more else _("Less keys"))
    bottom = in_row([*back, *lowest, *enter, toggles], width, primary, large)
    if unfolded is Unfolded.MORE:
        rest.append(KeyView(Unfolded.DIGITS.value, _("Digits")))
        across = max(slots, -(-len(rest) // _ABOVE))
        upper = [in_row(rest[at : at + across], width) for at in range(0, len(rest), across)]
    elif is_padded:
        upper = [in_row([KeyView(key, "") for key in digits], width) for digits in _PAD]
    else:
        numbers = [KeyView(one, "") for key in view.keys for one in _in_range(key.key)]
        upper = [in_row(some, width) for some in (numbers, view.quick, above) if some]
    low = LOW if is_padded and unfolded is not Unfolded.MORE and height < _HIGH else TALL
    if height - low * len(upper) - TALL + 1 < SMALLEST[1]:  # a soft keyboard took the rows, and types itself
        upper = []
    found = [TileRow(at * low, low, tiles) for at, tiles in enumerate(upper)]
    return (*found, TileRow(len(upper) * low, TALL, bottom))


def draw_tiles(line: TextLine, row: TileRow, y: int, paint: Paint) -> TextLine:
    """Draw row `y` of a row of tiles: the key, its word, and half a row between it and the next."""
    for tile in row.tiles:
        ground = Backdrop.ACCENT if tile.is_primary else Backdrop.SURFACE
        tone = Tone.ON_ACCENT if tile.is_primary else Tone.TEXT
        width = tile.stop - tile.start
        words = _words(tile.key, width, paint)
        toggles = tile.key.key in _TOGGLES
        if toggles:
            lines = paint.say(tile.key.word).split(" ", 1)
        elif words and "+" in tile.key.key[1:]:  # the page of a phone has no such key to be found by its name
            lines = ["", *words] if len(words) == 1 else words
        else:
            lines = [tile.key.key, *words] if words else [""] * (row.height // TALL) + [tile.key.key]
        shown = lines[y] if y < len(lines) else ""
        if y == row.height - 1 and not shown and paint.glyphs.bar:
            if paint.rules:
                line.rule(tile.start, tile.stop)
            else:
                line.put(tile.start, _LOWER_HALF * width, Tone.BG, ground=ground)
            continue
        left = max(0, (width - cell_len(paint.say(shown))) // 2)
        is_key = shown is tile.key.key or (toggles and y == 0)
        accent = Tone.ACCENT if is_key and not tile.is_primary else tone
        line.put(tile.start, " " * left, ground=ground)
        at = line.put(tile.start + left, shown, accent, bold=True, ground=ground, until=tile.stop)
        line.put(at, " " * (tile.stop - at), ground=ground)
    return line


_LOWER_HALF: Final = "▄"


def _in_range(label: str) -> Iterable[str]:
    """Return the digits that a label such as `1-9` names."""
    first, dash, last = label.partition("-")
    return map(str, range(int(first), int(last) + 1)) if dash and f"{first}{last}".isdigit() else ()


def _single(key: KeyView, is_key: Callable[[str], bool]) -> list[KeyView]:
    """Return a view for each key that a label names; none for digits with arrows, which taps and swipes replace."""
    labels = ("←", "→") if key.key == "←→" else tuple(key.key.split())
    return [replace(key, key=label) for label in labels if is_key(label)]


def _kept(keys: Iterable[KeyView], room: int) -> list[KeyView]:
    """Return the keys that there is room for, in their order; those that are spare go first."""
    ordered = list(keys)
    kept = sorted(range(len(ordered)), key=lambda at: (ordered[at].spare, ordered[at].word == _("Help"), at))[:room]
    return [ordered[at] for at in sorted(kept)]


def in_row(keys: Iterable[KeyView], width: int, primary: KeyView | None = None, large: int = 0) -> tuple[Tile, ...]:
    """Place keys side by side, as wide as there is room, with the primary one at the far right."""
    placed = [(key, 1, False) for key in keys]
    if primary is not None:
        placed.append((primary, large, True))
    used = sum(size for _key, size, _is in placed) or 1
    tiles, at = [], 0
    for key, size, is_primary in placed:
        start, at = at, at + size
        tiles.append(Tile(key, width * start // used, width * at // used - (at < used), is_primary))
    return tuple(tiles)


def _words(key: KeyView, width: int, paint: Paint) -> list[str]:
    """Return the words of a key in at most two rows; the short ones, or a word in two halves, if they do not fit."""
    for words in filter(None, (key.word, key.short)):
        lines = wrap(paint.say(words), width, break_long_words=False)
        if len(lines) < TALL and max(map(cell_len, lines)) <= width:
            return lines
    word = paint.say(key.short or key.word)
    if " " in word and len(lines := wrap(word, width)) < TALL:
        return lines
    half = (len(word) + 1) // 2
    return (
        [f"{word[:half]}-", word[half:]]
        if cell_len(word) > width > half and " " not in word
        else [word]
        if word
        else []
    )
