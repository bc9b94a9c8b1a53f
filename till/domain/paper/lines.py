"""The lines of a document for a width, in the characters of a device."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from till.domain.paper.document import PaperLine, PlacedText, RowRole
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from till.domain.paper.document import Document, DocumentRow
    from till.domain.text import Repertoire

    _Line = tuple[PlacedText, ...]
    _Width = Callable[[str], int]

#: The least number of columns for the price of a piece beside the amount of its line.
_WIDE: Final = 40
#: The width of a column of numbers on wide and on narrow paper.
_STEP: Final = {True: 11, False: 8}
#: The least room for a text beside its numbers. A text with less stands above them.
_ROOM: Final = 10
#: The further indent of a price that is a line of its own, and the largest indent.
_INDENT: Final = 4
_DEEPEST: Final = 8
_BOLD: Final = frozenset({RowRole.NAME, RowRole.MARK, RowRole.HEADING, RowRole.TOTAL, RowRole.ALERT})
_TALL: Final = frozenset({RowRole.TOTAL, RowRole.ALERT})
_RULES: Final = {RowRole.RULE: "-", RowRole.DOUBLE: "="}
_CENTRED: Final = frozenset({RowRole.NAME, RowRole.CENTRE, RowRole.MARK})
#: The class of combining signs that join a letter to the next one.
_VIRAMA: Final = 9


def lines_of(
    document: Document,
    columns: int,
    device: Repertoire,
    draw: Callable[[Sequence[PlacedText], int, bool, bool], bytes] = lambda *_: b"",
) -> tuple[PaperLine, ...]:
    """Return the lines of a document. None is wider than `columns`, and all characters are the device's.

    Args:
        document: the document.
        columns: the characters of a line.
        device: says how a text is spelt and how wide it is.
        draw: returns the dots of a line, for these columns, bold and tall, that has letters which no code page has.
    """
    lines: list[PaperLine] = []
    for row in document.rows:
        if row.role is RowRole.CODE:
            lines += PaperLine(""), PaperLine("", code=row.left), PaperLine("")  # phones need light around it
            continue
        if row.role is RowRole.BARS and row.left.isascii():
            parts = _wrapped(device.spell(row.left), columns, len)
            lines += [PaperLine(text, bars=len(parts) == 1) for text in parts]
            continue
        bold, tall, is_reversed = row.role in _BOLD, row.role in _TALL, row.role is RowRole.ALERT
        spelt = _spelt(row, device)
        width = device.width if any(map(device.lacks, (spelt.left, *spelt.middle, spelt.right))) else len
        for line in _laid(spelt, columns, width):
            drawn = width is not len and any(device.lacks(one.text) for one in line)
            dots = draw(line, columns, bold, tall) if drawn else b""
            text = _text(line, columns).ljust(columns if is_reversed else 0)
            lines.append(PaperLine(text, bold, tall, dots=dots, reversed=is_reversed))
    return tuple(lines)


def text_of(document: Document, columns: int, device: Repertoire) -> str:
    """Return a document as text, with a line end after each line. A code is its own text."""
    return "".join(
        f"{text}\n"
        for line in lines_of(document, columns, device)
        for text in (_wrapped(line.code, columns, len) if line.code else [line.text])
    )


def _spelt(row: DocumentRow, device: Repertoire) -> DocumentRow:
    middle = tuple(map(device.spell, row.middle))
    return replace(row, left=device.spell(row.left), right=device.spell(row.right).lstrip(), middle=middle)


def _text(line: _Line, columns: int) -> str:
    text = ""
    for one in line:
        if one.share == 1:
            text += one.text.rjust(int(one.at) - len(text))
        else:
            text = one.text.center(columns) if one.share else text.ljust(int(one.at)) + one.text
    return text.rstrip()


def _laid(row: DocumentRow, columns: int, width: _Width) -> Iterator[_Line]:
    if row.role in _RULES:
        yield (PlacedText(_RULES[row.role] * columns),)
    elif row.role in _CENTRED:
        text = f"*** {row.left} ***" if row.role is RowRole.MARK else row.left
        yield from ((PlacedText(line, columns / 2, 0.5),) for line in _balanced(text, columns, width))
        if row.role is RowRole.MARK:
            yield ()
    elif columns < _WIDE and len(row.middle) == 1:
        yield from _beside(row.left, (row.right or row.middle[0],), columns, width)
        if row.right:
            yield from _lefts(f"{_indent(row.left)}{' ' * _INDENT}{row.middle[0]}", columns, width)
    else:
        yield from _beside(row.left, (*row.middle, row.right), columns, width)


def _balanced(text: str, columns: int, width: _Width) -> list[str]:
    """Wrap a text into the fewest lines, of about the same length."""
    fewest = len(_wrapped(text, columns, width))
    least = max(width(text) // fewest - 1, 1)
    room = next((one for one in range(least, columns) if len(_wrapped(text, one, width)) == fewest), columns)
    return _wrapped(text, room, width)


def _lefts(text: str, room: int, width: _Width) -> Iterator[_Line]:
    """Yield the lines of a text at the left."""
    return ((PlacedText(line.lstrip(), len(line) - len(line.lstrip())),) for line in _wrapped(text, room, width))


def _wrapped(text: str, room: int, width: _Width) -> list[str]:
    """Wrap a text. Its leading blanks indent each line. A word that no line can hold is broken between its letters."""
    indent = _indent(text)[: room // 2]

    def fits(line: str) -> bool:
        return width(indent + line) <= room

    lines = [""]
    for word in re.findall(" *[^ ]+", text.strip()):
        whole = word.lstrip()
        for part in (word,) if fits(whole) else _letters(word, fits):
            if not lines[-1]:
                lines[-1] = part.lstrip()
            elif fits(lines[-1] + part):
                lines[-1] += part
            else:
                lines.append(part.lstrip())
    return [f"{indent}{line.rstrip()}" if line else "" for line in lines]


def _letters(word: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Yield the letters of a word, each with its marks and what a virama joins to it, as far as a line holds it."""
    letter = ""
    for char in word:
        is_joined = unicodedata.category(char)[0] == "M" or (letter and unicodedata.combining(letter[-1]) == _VIRAMA)
        if letter and not (is_joined and fits(letter + char)):
            yield letter
            letter = ""
        letter += char
    yield letter


def _indent(text: str) -> str:
    return text[: min(len(text) - len(text.lstrip()), _DEEPEST)]


def _beside(left: str, numbers: Sequence[str], columns: int, width: _Width) -> Iterator[_Line]:
    """Yield a text with its numbers at the end of its last line."""
    *above, beside = _columned(numbers, columns, width)
    room = min((int(one.at) - width(one.text) - 1 for one in beside), default=columns)
    if above or (room < _ROOM and left.strip()):
        yield from (*(_lefts(left, columns, width) if left.strip() else ()), *above, beside)
        return
    *first, last = _lefts(left, max(room, 1), width)
    yield from (*first, (*last, *beside))


def _columned(numbers: Sequence[str], columns: int, width: _Width) -> list[_Line]:
    """Return numbers as a line that ends at the edge, in columns; below each other if they do not fit."""
    step, line, used = _STEP[columns >= _WIDE], list[PlacedText](), 0
    for place, number in enumerate(reversed(numbers)):
        right = max(step * place, used + 1) if place else 0
        line += [PlacedText(number, columns - right, 1)] if number else []
        used = right + width(number)
    if min((one.at - width(one.text) for one in line), default=0) >= 0:
        return [tuple(reversed(line))]
    parts = (part for number in numbers if number for part in _wrapped(number, columns, width))
    return [(PlacedText(part, columns, 1),) for part in parts]
