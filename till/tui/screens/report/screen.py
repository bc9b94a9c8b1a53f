"""The widgets of the reports at the desk with their layout, and what they show."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.domain.i18n import _, ngettext
from till.domain.money.measures import Minor
from till.domain.text import clean
from till.reports.days import read_span
from till.reports.orders import MOST_ORDERS
from till.reports.report import Column, ColumnKind, change
from till.reports.words import formats_of, on_screen, span_words
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    CategoryBarView,
    CellView,
    EntryView,
    FigureView,
    HeadView,
    RowBar,
    RowsView,
    RowView,
    StatusView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import CategoryBar, Heading
from till.tui.drawing.widgets.lines import more
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.report.state import Level, entries, label_of, marked_index, matching, preview, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.widget import Widget

    from till.reports.report import ReportResult, ReportTable, Section, Span
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views
    from till.tui.drawing.widgets.window import Window
    from till.tui.screens.report.state import ReportFacts, ReportState
    from till.tui.screens.report.words import ReportRequest


class Widths(Struct, frozen=True):
    """The columns of the left pane, and of the right one; None with a single pane."""

    left: int
    right: int | None


class TablePage(NamedTuple):
    """The rows of the table that are drawn: the headings, and the number of rows before and after them."""

    heads: tuple[CellView, ...] = ()
    before: int = 0
    after: int = 0


class ReportScreen(TillScreen):
    """A table over its sum, and the details of the marked row at its right; a single pane shows one of the two."""

    #: The list that keys act on, and True if the facts replace the table of a single pane.
    shape = (Level.ROWS, False)

    def __init__(self) -> None:
        super().__init__()
        self._page = TablePage()
        self.tabs = CategoryBar(CategoryBarView(()))
        self._heads = ReportRows(RowsView())
        self.rows = Cards(CardsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.side_head = Heading(HeadView())
        self.side = Cards(CardsView())
        self.facts = ReportRows(RowsView())
        self.side_head.follow(self.side)
        self.rows.watchers.append(self._show_heads)

    @property
    def widths(self) -> Widths:
        """The columns of both panes."""
        found = self.grid
        if found is None:
            return Widths(0, None)
        return Widths(found.body.width, found.right.width if found.right is not None else None)

    def show_page(self, page: TablePage) -> None:
        """Show the headings of the rows that are drawn."""
        self._page = page
        self._show_heads(self.rows.window)

    def _show_heads(self, window: Window) -> None:
        """Show the headings of the table, the first one with how many rows are out of sight."""
        heads, before, after = self._page
        if heads and (hidden := more(window, before, after)):
            first = heads[0].message
            heading = replace(first, text="  ".join(filter(None, (first.text, hidden))))
            heads = replace(heads[0], message=heading), *heads[1:]
        self._heads.show(RowsView((RowView(heads),) if heads else ()))

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the table left and the details right; a single pane shows the one that keys act on."""
        places: dict[Widget, Region | None] = dict(super().lay(found))
        on_rows, right, body = self.shape[0] is Level.ROWS, found.right, found.body
        if right is not None:
            beside = Region(right.x - 1, right.y, right.width + 2, right.height)
            places |= {
                self.side_head: found.right_head,
                self.side: None if on_rows else beside,
                self.facts: right if on_rows else None,
            }
        else:
            places |= {self.side_head: None if on_rows else found.head, self.side: None if on_rows else body}
            places[self.facts] = body if on_rows and self.shape[1] else None
        shows = right is not None or (on_rows and not self.shape[1])
        return places | {
            self.head: None,
            self.tabs: found.head if on_rows or right is not None else None,
            self._heads: Region(body.x, body.y, body.width, 1) if shows else None,
            self.rows: Region(body.x, body.y + 1, body.width, body.height - 1) if shows else None,
            self.total: found.total,
        }


#: The columns left of a row's label.
_INSET: Final = 2
_GAP: Final = 2
#: The columns of a change: `+124 %`.
_CHANGE: Final = 7
#: The most rows that are drawn at once; a key needs no more than a page of them.
_PAGE: Final = 200
#: The least columns of a bar, and the least of a label before another figure is shown.
_BAR: Final = 8
_LABEL: Final = 16


class _Laid:
    """A table laid out in a number of columns: its heading, and each of its rows once it was asked for."""

    def __init__(self, found: ReportResult, table: ReportTable, labels: tuple[str, ...], width: int) -> None:
        section = table.section
        self.table, self.width = table, width
        self._found, self._labels = found, labels
        self._places = [
            place
            for place, column in enumerate(section.columns)
            if not column.is_key and column.kind is not ColumnKind.ID
        ]
        self._main = main_place(section)
        self._bars = found.bars(table) if section.chart else []
        self._compares = found.before is not None and bool(section.chart)
        self._wide = {place: self._widest(place) for place in self._places}
        longest = max((cell_len(label) for label in labels), default=0)
        bar = _BAR + _GAP if section.chart else 0
        room = width - _INSET - (_CHANGE + _GAP if self._compares else 0) - bar
        self._shown = self._fitting(room - min(longest, _LABEL))
        free = room - sum(self._wide[place] + _GAP for place in self._shown)
        self._label = min(longest, max(free, 0))
        self._bar_at = _INSET + self._label + _GAP
        self._bar = _BAR + free - self._label if section.chart else 0
        self._rows: dict[tuple[int, bool], CardView] = {}

    def _widest(self, place: int) -> int:
        column = self.table.section.columns[place]
        values = [row[place] for row in self.table.rows if row[place] is not None]
        ends = (min(values), max(values)) if values else ()  # no figure between them is written longer
        return max((cell_len(column.heading), *(cell_len(on_screen(self._found, column, value)) for value in ends)))

    def _fitting(self, room: int) -> list[int]:
        """Return the figures that fit, and always the main one."""
        chosen = [self._main] if self._main is not None else []
        room -= sum(self._wide[place] + _GAP for place in chosen)
        for place in reversed(self._places):
            if place not in chosen and (room := room - self._wide[place] - _GAP) >= 0:
                chosen.append(place)
        return [place for place in self._places if place in chosen]

    def heads(self) -> tuple[CellView, ...]:
        """Return the headings."""
        columns = self.table.section.columns
        names = [column.heading for column in columns if column.is_key and column.kind is not ColumnKind.ID]
        figures = [columns[place].heading for place in self._shown]
        return tuple(self._cells(", ".join(filter(None, names)), figures, _("change"), Tone.MUTED, bold=False))

    def row(self, place: int, *, is_marked: bool) -> CardView:
        """Return a row, with its change."""
        known = self._rows.get((place, is_marked))
        if known is None:
            row, columns = self.table.rows[place], self.table.section.columns
            figures = [on_screen(self._found, columns[one], row[one]) for one in self._shown]
            change_text = change_words(self._found, self.table, row)
            cells = self._cells(self._labels[place], figures, change_text, Tone.TEXT, bold=is_marked)
            bar = None
            if self._bars and self._bar >= _BAR:
                share, was = self._bars[place]
                bar = RowBar(self._bar_at, self._bar, share, was, Tone.TEXT if is_marked else Tone.FAINT)
            known = self._rows[place, is_marked] = CardView((RowView(tuple(cells), bar=bar),))
        return known

    def _cells(self, label: str, figures: Sequence[str], change_text: str, role: Tone, *, bold: bool) -> list[CellView]:
        end, cells = self.width - 2, list[CellView]()
        if self._compares:
            cells.append(cell(end, change_text, Tone.MUTED, right=True))
            end -= _CHANGE + _GAP
        for place, text in zip(reversed(self._shown), reversed(figures), strict=True):
            cells.append(cell(end, text, role, bold=bold and place == self._main, right=True))
            end -= self._wide[place] + _GAP
        cells.append(cell(_INSET, label, role, bold=bold))
        return cells[::-1]


class ReportPresenter:
    """The presenter of the reports, which keeps the layout of the table that it showed last."""

    def __init__(self) -> None:
        self._laid: _Laid | None = None

    def views(self, state: ReportState, facts: ReportFacts, widths: Widths) -> tuple[Views, TablePage]:
        """Return the views of a state but the keys, and the page of the table."""
        found, table = state.found, state.table
        heads, rows, first = tuple[CellView, ...](), CardsView(empty=self._empty(state)), 0
        listed = entries(state, facts) if state.level is Level.ROWS else tuple(range(len(table.rows) if table else 0))
        if found is not None and table is not None and table.rows:
            heads, rows, first = self._rows(state, facts, found, table, listed, widths.left)
        views = {
            "status": _status(state, facts),
            "tabs": _tabs(state),
            "rows": rows,
            "total": _total(state, facts),
            "side_head": _side_head(state, facts),
            "side": _side(state, facts),
            "facts": RowsView(tuple(_facts(state, facts, widths.right or widths.left))),
            "entry": _entry(state, facts),
        }
        return views, TablePage(heads, first, len(listed) - first - len(rows.cards))

    def _rows(
        self,
        state: ReportState,
        facts: ReportFacts,
        found: ReportResult,
        table: ReportTable,
        listed: Sequence[int],
        width: int,
    ) -> tuple[tuple[CellView, ...], CardsView, int]:
        """Return the headings, the rows of the page with the marked one, and how many rows are before it."""
        laid = self._laid
        if laid is None or laid.table is not table or laid.width != width:
            laid = self._laid = _Laid(found, table, facts.labels.of(found, table), width)
        on_rows = state.level is Level.ROWS
        mark = marked_index(state, facts) if on_rows else state.marks[Level.ROWS]
        at = listed.index(mark) if mark is not None else 0
        first = at - at % _PAGE
        cards = tuple(laid.row(place, is_marked=place == mark) for place in listed[first : first + _PAGE])
        return laid.heads(), CardsView(cards, at - first if on_rows else None), first

    def _empty(self, state: ReportState) -> tuple[str, ...]:
        if state.found is None:
            return (_("One moment."),) if state.awaited is not None else (_("Nothing was read."), _("F5 tries again."))
        return (state.found.nothing(state.table),)


def main_place(section: Section) -> int | None:
    """Return the column that a section is about: the charted one, or the last amount, or the last figure."""
    if section.chart:
        return section.place(section.chart)
    figures = [place for place, column in enumerate(section.columns) if not column.is_key]
    amounts = [place for place in figures if section.columns[place].kind is ColumnKind.MONEY]
    return next(reversed(amounts or figures), None)


def change_words(found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> str:
    """Return the change of a row in words; empty where a part of a day would be compared with a whole one."""
    percent = found.change(table, row) if table.section.chart else None
    return "" if percent is None else _percent(percent)


def _percent(percent: Any) -> str:
    return f"{percent:+} %".replace("-", "−") if percent else "0 %"


# The table and its foot.


def _status(state: ReportState, facts: ReportFacts) -> StatusView:
    found = state.found
    if found is None:
        return StatusView(_("Reports"), state.wanted.report.title, facts.person)
    read_at = f"{found.venue.local(found.at):%H:%M}" if found.at is not None else ""
    light = StyledText(_("read at {time}").format(time=read_at), mark=Mark.SAVED)
    if state.awaited is not None:
        light = StyledText(_("reading"), mark=Mark.SAVING)
    return StatusView(found.report.title, found.venue.settings.name, _span(found, found.span), light=light)


def _tabs(state: ReportState) -> CategoryBarView:
    report = state.found.report if state.found is not None else state.wanted.report
    return CategoryBarView(tuple(section.title for section in report.sections if section.keys), state.part)


def _total(state: ReportState, facts: ReportFacts) -> TotalView:
    found, table, row = state.found, state.table, row_of(state, facts)
    place = main_place(table.section) if table is not None else None
    if found is None or table is None or row is None or place is None:
        return TotalView(FigureView(""))
    column = table.section.columns[place]
    is_money, is_sum = column.kind is ColumnKind.MONEY, column.kind is ColumnKind.MONEY and state.level is Level.ROWS
    rows = [table.rows[one] for one in entries(state, facts)] if is_sum else [row]
    figure = Minor(sum(one[place] for one in rows)) if is_sum else row[place]
    label = f"{column.heading} {found.venue.terms.currency.symbol.strip()}" if is_money else column.heading
    amount = on_screen(found, column, figure)
    left = ngettext("{n} row", "{n} rows", len(rows)).format(n=len(rows)) if is_sum else label_of(found, table, row)
    right: tuple[StyledText, ...] = ()
    if (was := _was(found, table, rows)) is not None:
        percent = change(figure, was)
        if percent is not None and found.is_over(table, rows[0] if len(rows) == 1 else ()):
            left = f"{left}, {_percent(percent)}"
        right = (StyledText(_then(found, table), Tone.MUTED), StyledText(on_screen(found, column, was)))
    sentence = f"{label}: {amount}"
    return TotalView(FigureView(amount, StyledText(label), sentence=sentence), StyledText(left, Tone.MUTED), right)


def _was(found: ReportResult, table: ReportTable, rows: Sequence[tuple[Any, ...]]) -> Any:
    """Return the charted figure of these rows for the earlier days; None if there is nothing to compare."""
    if found.before is None or not table.section.chart:
        return None
    if len(rows) == len(table.rows) > 1:
        place = table.section.place(table.section.chart)
        return Minor(sum(row[place] for row in found.before.rows(table.section.name)))
    before = [was for row in rows if (was := found.was(table, row)) is not None]
    return sum(before) if before else None


def _then(found: ReportResult, table: ReportTable, row: tuple[Any, ...] = ()) -> str:
    """Return the words for the earlier days, which are whole days if the time of the row is not over."""
    if found.before is None:
        return ""
    words = _span(found, found.before.span)
    return words if found.is_over(table, row) else _("{days}, whole").format(days=words)


# The orders behind a row.


def _side_head(state: ReportState, facts: ReportFacts) -> HeadView:
    found, table, row = state.found, state.table, row_of(state, facts)
    if found is None or table is None or row is None:
        return HeadView()
    label = label_of(found, table, row)
    if state.level is Level.ROWS:
        return HeadView(label, note=table.section.title)
    if state.level is Level.PARTS:
        one = state.orders[state.marks[Level.ORDERS]]
        return HeadView(
            one.receipt or _("Order"), one.person, formats_of(found.venue).moment(found.venue.local(one.at))
        )
    count = len(state.orders)
    note = ngettext("{n} order", "{n} orders", count).format(n=count)
    return HeadView(label, note=_("the first {n} orders").format(n=count) if count == MOST_ORDERS else note)


def _side(state: ReportState, facts: ReportFacts) -> CardsView:
    found = state.found
    if found is None or state.level is Level.ROWS:
        return CardsView()
    listed, mark = entries(state, facts), marked_index(state, facts)
    selected = listed.index(mark) if mark is not None else None
    empty = (_("No orders."),) if state.level is Level.ORDERS else (_("No lines."),)
    rows = list(_orders(state, found) if state.level is Level.ORDERS else _parts(state, found))
    return CardsView(tuple(CardView((RowView(rows[place]),)) for place in listed), selected, empty)


def _orders(state: ReportState, found: ReportResult) -> Iterator[tuple[CellView, ...]]:
    is_day = found.span.first == found.span.last
    for one in state.orders:
        at = found.venue.local(one.at)
        yield (
            cell(_INSET, f"{at:%H:%M}" if is_day else f"{at:%m-%d %H:%M}", Tone.MUTED),
            cell(15, clean(one.receipt)),
            cell(27, clean(one.person), Tone.MUTED),
            cell(-2, formats_of(found.venue).amount(one.total)),
        )


def _parts(state: ReportState, found: ReportResult) -> Iterator[tuple[CellView, ...]]:
    if state.parts is None:
        return
    amount = formats_of(found.venue).amount
    for number, part in enumerate((*state.parts.sold, *state.parts.paid)):
        paid = number >= len(state.parts.sold)
        quantity = f"{part.quantity} ×" if part.quantity is not None else ""
        words = f"{part.name}, {part.details}" if part.details else part.name
        yield (
            cell(5, quantity, Tone.MUTED, right=True),
            cell(7, clean(words), Tone.MUTED if paid else Tone.TEXT),
            cell(-2, amount(part.amount), Tone.MUTED if paid else Tone.TEXT),
        )


def _facts(state: ReportState, facts: ReportFacts, width: int) -> Iterator[RowView]:
    """Return the figures of the marked row, those of the whole report, and what it leaves out."""
    found, table, row = state.found, state.table, row_of(state, facts)
    if found is None or table is None:
        return
    if row is not None:
        columns = zip(table.section.columns, row, strict=True)
        yield from _pairs(found, [pair for pair in columns if pair[0].kind is not ColumnKind.ID])
        if (was := found.was(table, row)) is not None:
            column = table.section.columns[table.section.place(table.section.chart)]
            yield _pair(_then(found, table, row), on_screen(found, column, was), Tone.MUTED)
        yield RowView()
    if figures := [pair for pair in found.figures if pair[1]]:
        yield in_row(cell(0, _("In all"), bold=True))
        yield RowView(rule=True)
        yield from _pairs(found, figures)
        yield RowView()
    for sentence in (table.section.omitted, found.report.omitted):
        for words in wrap(sentence, max(width, 1)):
            yield in_row(cell(0, words, Tone.MUTED))


def _pairs(found: ReportResult, pairs: Sequence[tuple[Column, Any]]) -> Iterator[RowView]:
    for column, value in pairs:
        if text := on_screen(found, column, value):
            yield _pair(column.heading or column.name.capitalize(), clean(text), Tone.TEXT)


def _pair(label: str, text: str, role: Tone) -> RowView:
    return in_row(cell(0, label, Tone.MUTED), cell(-1, text, role))


# The entry line.


def _entry(state: ReportState, facts: ReportFacts) -> EntryView:
    text, cursor = state.entry.text, state.entry.cursor
    hint = _("Days, a report or a part of it: last week, funnel, items. Or find a row.")
    return EntryView(text, cursor, _answer(state, facts), hint=hint, offered=state.entry.is_offered)


def _answer(state: ReportState, facts: ReportFacts) -> StyledText | None:
    if state.message is not None:
        return state.message
    if state.awaited is not None:
        return StyledText(_("One moment. Esc leaves it."), mark=Mark.SAVING)
    typed = state.entry.text.strip()
    if typed and not state.entry.is_offered:
        if (wanted := preview(state)) is not None:
            return StyledText(f"{wanted.report.title}, {_days_of(wanted, state.found)}")
        count = len(matching(state, facts))
        return StyledText(ngettext("{n} row matches.", "{n} rows match.", count).format(n=count))
    return None


def _days_of(wanted: ReportRequest, found: ReportResult | None) -> str:
    if found is None or found.at is None:
        return wanted.days
    return _span(found, read_span(wanted.days, found.venue.business_date(found.at)))


def _span(found: ReportResult, span: Span) -> str:
    return span_words(span, formats_of(found.venue).day)
