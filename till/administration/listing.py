"""Declaration of lists of administration. The commands, JSON, CSV and the lists of the desk are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.text import clean
from till.ports.desk import ListRow
from till.reports.report import Column, ColumnKind
from till.reports.words import amount_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.administration.calls import AtServer
    from till.domain.venue import Venue

Row = Mapping[str, Any]
#: The characters of a time that are its day.
_OF_DAY = len("YYYY-MM-DD")
#: The most cells of a note at the desk.
_NOTE = 64


class ListRows(Struct, frozen=True):
    """A list as it was read.

    Attributes:
        body: the object for programs, which holds the rows.
        beside: facts that the texts of a row need besides the row, such as the menu.
    """

    body: Row
    beside: Row = {}


class DeskRow(Struct, frozen=True):
    """A row at the desk: columns and texts by name, or sentences such as `table {table}`, left out without a value.

    With `has_count` the sentence below the table comes before the rows.
    """

    key: str = ""
    name: str = ""
    detail: tuple[str, ...] = ()
    right: str = ""
    has_count: bool = False


class AdminList(Struct, frozen=True):
    """A list of administration.

    Attributes:
        name: a noun of `till admin`, followed by the verb unless it is `list`. It also opens the list at the desk.
        title: the heading at the desk.
        about: the help of the command.
        read: reads the list with the options of its command. It gets the server, and the connection for the selects of
            `till.reports`, which is None unless the list is read `by_owner`.
        columns: the columns of the table and of the CSV file. Those of kind ID are only in the file.
        rows: the field of the body that holds the rows; the name if empty.
        texts: returns more fields of a row of the list: texts for people.
        count: returns the sentence below the table.
        desk: the columns and texts at the desk; None if the desk does not have the list.
        also: other words that open it at the desk.
        hint: examples of sentences to type at the desk while the list is shown.
        one_line: True if each row stays on one line of a terminal, whatever its width.
        by_owner: True if it is read with the rights of the database's owner, not with a manager's token.
    """

    name: str
    title: str
    about: str
    read: Callable[..., ListRows]
    columns: tuple[Column, ...]
    rows: str = ""
    texts: Callable[[ListResult, Row], Row] | None = None
    count: Callable[[ListResult], str] | None = None
    desk: DeskRow | None = None
    also: tuple[str, ...] = ()
    hint: str = ""
    one_line: bool = False
    by_owner: bool = False

    @property
    def command(self) -> tuple[str, str]:
        """The noun and the verb of its command."""
        noun, _space, verb = self.name.partition(" ")
        return noun, verb or "list"

    def find(self, at: AtServer, selects: Any = None, **options: Any) -> ListResult:
        """Read the list."""
        rows = self.read(at, selects, **options)
        return ListResult(self, at.venue(), rows.body, rows.beside)


class ListResult(Struct, frozen=True):
    """A list with its rows; `body` and `beside` are those of `ListRows`."""

    declared: AdminList
    venue: Venue
    body: Row
    beside: Row

    @property
    def plain(self) -> Sequence[Row]:
        """The rows as programs read them."""
        rows: Sequence[Row] = self.body[self.declared.rows or self.declared.name]
        return rows

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.plain)

    def rows(self) -> Sequence[Row]:
        """Return the rows with their texts."""
        texts = self.declared.texts
        return self.plain if texts is None else [{**row, **texts(self, row)} for row in self.plain]

    def shown(self, column: Column, row: Row) -> str:
        """Return a value of a row for people."""
        value = row[column.of or column.name]
        if isinstance(value, list):
            return ", ".join(value)
        if column.kind is ColumnKind.FLAG:
            return column.words.get(bool(value), "")
        if value is None or value in column.words:
            return column.words.get(value, "")
        text = str(value)
        if column.kind in {ColumnKind.MONEY, ColumnKind.MONEY_AND_CODE}:
            text = amount_text(self.venue, value, row.get("currency"))
        elif column.kind in {ColumnKind.TIME, ColumnKind.DAY}:
            text = time_words(self.venue, value)
        if column.kind is ColumnKind.MONEY_AND_CODE:
            return f"{text} {row['currency']}"
        return text[:_OF_DAY] if column.kind is ColumnKind.DAY else text

    def desk_rows(self) -> tuple[ListRow, ...]:
        """Return the rows for the desk."""
        desk, columns = self.declared.desk or DeskRow(), {column.name: column for column in self.declared.columns}

        def shown(words: str, row: Row) -> str:
            before, _brace, rest = words.partition("{")
            name, _brace, after = rest.partition("}") if rest else (before, "", "")
            text = self.shown(columns.get(name) or Column(name, ColumnKind.TEXT), row) if name else ""
            return clean(f"{before}{text}{after}" if text and rest else text)

        rows = (
            ListRow(
                shown(desk.key, row),
                shown(desk.name, row),
                ", ".join(filter(None, (shown(name, row) for name in desk.detail))),
                shown(desk.right, row),
            )
            for row in self.rows()
        )
        counted = self.declared.count(self) if desk.has_count and self.declared.count is not None else ""
        return (*(ListRow("", clean(line), is_note=True) for line in wrap(counted, _NOTE)), *rows)


def columns(kind: ColumnKind, **headings: str) -> tuple[Column, ...]:
    """Return columns of one kind by their names, each with its heading."""
    return tuple(Column(name, kind, heading) for name, heading in headings.items())


def time_words(venue: Venue, moment: str) -> str:
    """Return a time on the venue's clock, as `YYYY-MM-DD HH:MM`."""
    return f"{venue.local(read_time(moment)):%Y-%m-%d %H:%M}"


def author_words(user: int | None) -> str:
    """Return the author of an act, in words."""
    return _("the owner") if user is None else _("number {n}").format(n=user)
