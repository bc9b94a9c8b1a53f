"""Output of commands: tables for people, one JSON object for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from till.config.files import whole_file
from till.domain.cells import delimiter_beside, guard
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

#: The file name that means standard input or output.
STREAM: Final = "-"
#: The size of the largest file that is read whole, in bytes.
_LARGEST: Final = 64 * 1024 * 1024
#: The width of a table without a terminal, in cells.
_WIDE: Final = 200
#: The cells between two columns.
_GAP: Final = 2
#: Control characters, direction marks and other invisible characters that JSON does not escape.
_UNSEEN: Final = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


class FileRefusedError(TillError):
    """A file that cannot be read or written."""

    code = "file"
    default = N_("That file cannot be used.")


def say(sentence: str) -> None:
    """Print a sentence on standard output, at once: a service that goes on writes it into a pipe."""
    print(clean(sentence), flush=True)


def note(sentence: str) -> None:
    """Print a sentence for the person at the terminal, on standard error."""
    print(clean(sentence), file=sys.stderr)


def print_json(value: dict[str, Any]) -> None:
    """Print an object as JSON; its amounts and times must be text. A terminal gets only ASCII, whatever names hold."""
    print(json_text(value, indent=2))


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON with control and direction characters escaped; on a terminal, everything but ASCII."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=sys.stdout.isatty(), indent=indent, separators=separators)
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def is_too_wide(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return True if a table with its rows on one line each is too wide for the terminal."""
    from rich.cells import cell_len

    widths = (max(map(cell_len, column)) + _GAP for column in zip(heading, *rows, strict=True))
    return sys.stdout.isatty() and sum(widths) > shutil.get_terminal_size().columns


def print_table(
    heading: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    whole: Iterable[int] = (),
    one_line: bool = False,
) -> None:
    """Print a table without rules and with a dimmed header; as plain text without a terminal.

    Args:
        heading: the names of the columns; if all are empty, there is no header.
        rows: the cells. One that is too long for its column continues on the next line.
        right: the indexes of the columns to align right, for figures.
        whole: the indexes of the columns that stay on one line on any terminal: ids are copied.
        one_line: True to cut the other cells, so that each row is one line, with a narrow gap.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    figures, ids, cells = set(right), set(whole), [[clean(cell) for cell in row] for row in rows]
    gap = 1 if one_line else _GAP
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim", show_header=any(heading))
    for number, name in enumerate(heading):
        table.add_column(
            name,
            justify="right" if number in figures else "left",
            no_wrap=number in figures or number in ids,
            min_width=max((len(row[number]) for row in cells), default=0) if number in ids else None,
            overflow="ellipsis" if one_line else "fold",
        )
    for row in cells:
        table.add_row(*(Text(cell, no_wrap=one_line or None) for cell in row))
    if sys.stdout.isatty():
        Console(highlight=False).print(table)
        return
    console = Console(file=io.StringIO(), width=_WIDE, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def csv_text(heading: Sequence[str], rows: Iterable[Sequence[str | None]], point: str = ".") -> str:
    """Return a table as CSV. `guard` keeps spreadsheets from running text as a formula; a figure is a `PrintedFigure`.

    Args:
        heading: the names of the columns.
        rows: the cells.
        point: the decimal mark of the reader's locale.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter_beside(point))
    writer.writerow(heading)
    for row in rows:
        writer.writerow(
            cell.replace(".", point) if isinstance(cell, PrintedFigure) else guard(cell or "") for cell in row
        )
    return table.getvalue()


class PrintedFigure(str):
    """An amount or a count in text, which may begin with a minus."""

    __slots__ = ()


def check_one_stream(*names: str | None, as_json: bool) -> None:
    """Refuse to write two formats to standard output.

    Args:
        names: the files to write; `-` is standard output.
        as_json: True if JSON goes to standard output.
    """
    import typer

    if names.count(STREAM) + as_json > 1:
        raise typer.BadParameter(_("Only one format goes to standard output: name a file for the other."))


def write_file(name: str, text: str, encoding: str = "utf-8-sig") -> None:
    """Write a new text file, by default with the byte order mark that spreadsheets need; `-` is standard output.

    Raises:
        FileRefusedError: it exists already, or cannot be written.
    """
    if name == STREAM:
        sys.stdout.write(text)
        return
    write_bytes(name, text.encode(encoding))


def write_bytes(name: str, content: bytes) -> None:
    """Write a new file of bytes, and say so on a terminal; `-` is standard output.

    Raises:
        FileRefusedError: it exists already, or cannot be written.
    """
    if name == STREAM:
        sys.stdout.buffer.write(content)
        return
    with open_for_writing(name) as out:
        out.write(content)
    if sys.stderr.isatty():
        note(_("Wrote {file}.").format(file=name))


@contextmanager
def open_for_writing(name: str, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a new file for its owner alone; it appears under its name only when it is complete (`whole_file`).

    With `force`, it may replace an older file.

    Raises:
        FileRefusedError: it exists already, or cannot be written.
    """
    if Path(name).is_file() and not force:
        raise FileRefusedError(_("{file} already exists. Name another file, or remove it first.").format(file=name))
    try:
        with whole_file(Path(name)) as out:
            yield out
    except OSError as problem:
        raise FileRefusedError(
            _("{file} cannot be written: {why}. Name another file.").format(file=name, why=problem.strerror)
        ) from problem


def read_file(name: str, most: int = 0) -> bytes:
    """Read a file; `-` is standard input.

    Args:
        name: the file.
        most: the maximum number of bytes to read, for a caller that refuses longer files itself.
    """
    if name == STREAM:
        if sys.stdin is None:
            raise FileRefusedError(_("Nothing can be read from standard input: it is closed. Name a file."))
        content = sys.stdin.buffer.read(most or _LARGEST + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                content = file.read(most or _LARGEST + 1)
        except OSError as problem:
            raise FileRefusedError(
                _("{file} cannot be read: {why}. Name another file.").format(file=name, why=problem.strerror)
            ) from problem
    if len(content) > _LARGEST:
        raise FileRefusedError(_("{file} is larger than 64 MB. Name another file.").format(file=name))
    return content
