"""State and facts of the reports at the desk, all frozen."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.domain.text import clean
from till.reports.report import ColumnKind
from till.reports.words import on_screen
from till.tui.drawing.layout import PAGE
from till.tui.screens.report.words import ReportRequest, understand
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.reports.orders import OrderBehind, OrderParts
    from till.reports.report import ReportResult, ReportTable
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap, KeyPress


class Level(IntEnum):
    """The list that keys act on. Each list details an entry of the previous one."""

    ROWS = 0
    ORDERS = 1
    PARTS = 2


class ReportState(Struct, frozen=True):
    """The state of the screen.

    Attributes:
        wanted: the last request.
        shown: the request of the report that is shown.
        found: the report that is shown; None before the first.
        part: the index of the table that is shown.
        marks: the index of the marked entry in each list.
        orders: the orders of the marked row, once read.
        parts: the contents of the marked order; None until read.
        ticket: the number of the last request; answers to earlier ones are ignored.
        awaited: the list that is being read; None once it is shown.
        ahead: keys typed for that list.
        helps: the marked row of the help; None while it is not shown.
        about: True while the facts replace the table on a screen with one pane.
    """

    wanted: ReportRequest = ReportRequest()
    shown: ReportRequest = ReportRequest()
    found: ReportResult | None = None
    part: int = 0
    level: Level = Level.ROWS
    marks: tuple[int, int, int] = (0, 0, 0)
    orders: tuple[OrderBehind, ...] = ()
    parts: OrderParts | None = None
    ticket: int = 0
    awaited: Level | None = None
    ahead: tuple[KeyPress, ...] = ()
    entry: EntryLine = EMPTY
    message: StyledText | None = None
    helps: int | None = None
    about: bool = False

    @property
    def table(self) -> ReportTable | None:
        """The table that is shown, if the report has been read."""
        return self.found.tables[self.part] if self.found is not None else None


class Labels:
    """The labels of a table's rows, and a search in them. The last results are cached, as each key needs them."""

    def __init__(self) -> None:
        self._table: ReportTable | None = None
        self._labels: tuple[str, ...] = ()
        self._asked: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._found: tuple[int, ...] = ()

    def of(self, found: ReportResult, table: ReportTable) -> tuple[str, ...]:
        """Return the label of each row."""
        if table is not self._table:
            self._table = table
            self._labels = tuple(label_of(found, table, row) for row in table.rows)
        return self._labels

    def matching(self, texts: tuple[str, ...], words: tuple[str, ...]) -> tuple[int, ...]:
        """Return the indexes of the texts that contain all words."""
        if self._asked[0] is not texts or self._asked[1] != words:
            self._asked = texts, words
            self._found = tuple(
                place for place, text in enumerate(texts) if not words or _has_all(text.casefold(), words)
            )
        return self._found


def _has_all(text: str, words: tuple[str, ...]) -> bool:
    return all(word in text for word in words)


class ReportFacts(Struct, frozen=True):
    """The facts that the screen shows.

    Attributes:
        person: the manager at the desk; empty for the owner of the database.
        wide: True if the facts of the report are shown beside the table.
        page: the number of entries that a page key moves by.
    """

    keymap: Keymap
    labels: Labels
    person: str = ""
    wide: bool = True
    page: int = PAGE


def label_of(found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> str:
    """Return the label of a row: its keys as people read them."""
    keys = (
        on_screen(found, column, value)
        for column, value in zip(table.section.columns, row, strict=True)
        if column.is_key and column.kind is not ColumnKind.ID
    )
    return clean(", ".join(filter(None, keys)))


def matching(state: ReportState, facts: ReportFacts) -> tuple[int, ...]:
    """Return the indexes of the entries that match the typed text; all if nothing is typed."""
    return facts.labels.matching(_texts(state, facts), tuple(state.entry.text.casefold().split()))


def entries(state: ReportState, facts: ReportFacts) -> tuple[int, ...]:
    """Return the indexes of the entries that are listed: the entries that match the typed text, or all if none does."""
    return matching(state, facts) or tuple(range(len(_texts(state, facts))))


def marked_index(state: ReportState, facts: ReportFacts) -> int | None:
    """Return the index of the marked entry; None in an empty list."""
    listed = entries(state, facts)
    return listed[min(state.marks[state.level], len(listed) - 1)] if listed else None


def row_of(state: ReportState, facts: ReportFacts) -> tuple[Any, ...] | None:
    """Return the marked row of the table; None if it has no rows."""
    table = state.table
    if table is None or not table.rows:
        return None
    place = marked_index(state, facts) if state.level is Level.ROWS else state.marks[Level.ROWS]
    return table.rows[place or 0]


def _texts(state: ReportState, facts: ReportFacts) -> tuple[str, ...]:
    """Return the text of each entry of the list that keys act on."""
    match state.level:
        case Level.ROWS:
            table = state.table
            return facts.labels.of(state.found, table) if state.found is not None and table is not None else ()
        case Level.ORDERS:
            return tuple(f"{one.receipt} {one.person}" for one in state.orders)
        case Level.PARTS:
            parts = state.parts
            return tuple(one.name for one in (*parts.sold, *parts.paid)) if parts is not None else ()


def preview(state: ReportState) -> ReportRequest | None:
    """Return the report that the typed text asks for, if any."""
    found = state.found
    if found is None or found.at is None:
        return None
    return understand(state.entry.text, state.wanted, found.venue.business_date(found.at))


class Read(Struct, frozen=True):
    """The report arrived."""

    ticket: int
    found: ReportResult


class OrdersRead(Struct, frozen=True):
    """The orders behind the marked row arrived."""

    ticket: int
    orders: tuple[OrderBehind, ...]


class PartsRead(Struct, frozen=True):
    """The lines and payments of the marked order arrived."""

    ticket: int
    parts: OrderParts


class ReportSaved(Struct, frozen=True):
    """The report was written to a file, or refused."""

    message: StyledText


class NotRead(Struct, frozen=True):
    """A request was refused, or nobody answered."""

    ticket: int
    sentence: str


ReportOutcome = Read | OrdersRead | PartsRead | ReportSaved | NotRead
