"""The lines of a document for a width, in the characters of a device."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from till.domain.paper.document import PaperLine, RowRole
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from till.domain.paper.document import Document, DocumentRow
    from till.domain.text import Repertoire

#: The least number of columns for the price of a piece beside the amount of its line.
_WIDE: Final = 40
#: The width of a column of numbers on wide and on narrow paper.
_STEP: Final = {True: 11, False: 8}
#: The least room for a text beside its numbers. A text with less stands above them.
_ROOM: Final = 10
#: The further indent of a price that is a line of its own, and the largest indent.
_INDENT: Final = 4
_DEEPEST: Final = 8
_BOLD: Final = frozenset({RowRole.NAME, RowRole.MARK, RowRole.HEADING, RowRole.TOTAL})
_RULES: Final = {RowRole.RULE: "-", RowRole.DOUBLE: "="}
_CENTRED: Final = frozenset({RowRole.NAME, RowRole.CENTRE, RowRole.MARK})


def lines_of(document: Document, columns: int, device: Repertoire) -> tuple[PaperLine, ...]:
    """Return the lines of a document. None is wider than `columns`, and all characters are the device's."""
    lines: list[PaperLine] = []
    for row in document.rows:
        if row.role is RowRole.CODE:
            lines += PaperLine(""), PaperLine("", code=row.left), PaperLine("")  # phones need light around it
            continue
        if row.role is RowRole.BARS:
            parts = _wrapped(device.spell(row.left), columns)
            lines += [PaperLine(text, bars=len(parts) == 1) for text in parts]
            continue
        bold, tall = row.role in _BOLD, row.role is RowRole.TOTAL
        lines += [PaperLine(text.rstrip(), bold, tall) for text in _texts(_spelt(row, device), columns)]
    return tuple(lines)


def text_of(document: Document, columns: int, device: Repertoire) -> str:
    """Return a document as text, with a line end after each line. A code is its own text."""
    return "".join(
        f"{text}\n"
        for line in lines_of(document, columns, device)
        for text in (textwrap.wrap(line.code, columns) if line.code else [line.text])
    )


def _spelt(row: DocumentRow, device: Repertoire) -> DocumentRow:
    middle = tuple(map(device.spell, row.middle))
    return replace(row, left=device.spell(row.left), right=device.spell(row.right).lstrip(), middle=middle)


def _texts(row: DocumentRow, columns: int) -> Iterator[str]:
    if row.role in _RULES:
        yield _RULES[row.role] * columns
    elif row.role in _CENTRED:
        text = f"*** {row.left} ***" if row.role is RowRole.MARK else row.left
        yield from (line.center(columns) for line in _balanced(text, columns))
        if row.role is RowRole.MARK:
            yield ""
    elif columns < _WIDE and len(row.middle) == 1:
        yield from _beside(row.left, (row.right or row.middle[0],), columns)
        if row.right:
            yield from _wrapped(f"{_indent(row.left)}{' ' * _INDENT}{row.middle[0]}", columns)
    else:
        yield from _beside(row.left, (*row.middle, row.right), columns)


def _balanced(text: str, columns: int) -> list[str]:
    """Wrap a text into the fewest lines, of about the same length."""
    fewest = len(_wrapped(text, columns))
    width = next((one for one in range(1, columns) if len(_wrapped(text, one)) == fewest), columns)
    return _wrapped(text, width)


def _wrapped(text: str, width: int) -> list[str]:
    """Wrap a text. Its leading blanks indent each line."""
    indent = _indent(text)[: width // 2]
    return textwrap.wrap(
        text.strip(), width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ) or [""]


def _indent(text: str) -> str:
    return text[: min(len(text) - len(text.lstrip()), _DEEPEST)]


def _beside(left: str, numbers: Sequence[str], columns: int) -> Iterator[str]:
    """Yield a text with its numbers at the end of its last line."""
    (*above, beside) = _columned(numbers, columns) if any(numbers) else [""]
    room = columns - len(beside) - 1 if beside else columns
    if above or (room < _ROOM and left.strip()):
        yield from (*(_wrapped(left, columns) if left.strip() else ()), *above, beside.rjust(columns))
        return
    (*first, last) = _wrapped(left, max(room, 1))
    yield from (*first, f"{last:<{columns - len(beside)}}{beside}")


def _columned(numbers: Sequence[str], columns: int) -> list[str]:
    """Return numbers as a line that ends at the edge, in columns; below each other if they do not fit."""
    step, line = _STEP[columns >= _WIDE], ""
    for place, number in enumerate(reversed(numbers)):
        line = number + line.rjust(max(step * place, len(line) + 1)) if place else number
    if len(line) <= columns:
        return [line.lstrip()]
    return [part.rjust(columns) for number in numbers if number for part in _wrapped(number, columns)]
