"""The report of shifts: the Z of each closed shift, and the figures of drawers in the report of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from till.domain.events.fields import Amount, Count, Day, Pieces
from till.domain.i18n import _
from till.domain.payment.names import TENDER_NAMES
from till.domain.shift.events import CategorySum, DateSum, TaxSum, TenderSum
from till.domain.shift.figure import figures_of
from till.domain.shift.names import FIGURES, MOVED
from till.domain.structs import replace
from till.reports.report import Column, ColumnKind, Report, Section, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msgspec import Struct

    from till.reports.report import ReportResult

_TILL: Final = Column("till", ColumnKind.TILL, _("Till"))
_NUMBER: Final = Column("number", ColumnKind.TEXT, "Z", words={None: _("open")})
_SHIFT: Final = Column("shift", ColumnKind.ID)
#: Columns for the shift of a row.
_OF_SHIFT: Final = (_TILL, _NUMBER, _SHIFT)
_TENDER: Final = Column("tender", ColumnKind.TEXT, _("Tender"), words=TENDER_NAMES)
_TIMES: Final = Column("times", ColumnKind.COUNT, _("Times"), words={0: ""})
#: The words for values of columns that a part of the sums declares.
_WORDS: Final[dict[str, dict[Any, str]]] = {
    "tender": TENDER_NAMES,
    "category": {"": _("not on the menu")},
    "times": {0: ""},
}
_AMOUNT: Final = Column("amount", ColumnKind.MONEY, _("Amount"))
_PERSON: Final = Column("name", ColumnKind.TEXT, _("Person"))
#: The name of nobody, who closed a shift that its till left open.
BY_SERVER: Final = {None: _("the server")}
#: The other Z of a shift that its till and the server closed.
OTHER: Final = Column("other", ColumnKind.TEXT, _("Other Z"))
_PLACE: Final = Column("place", ColumnKind.ID)
_OPENED: Final = (
    Column("opened_at", ColumnKind.TIME, _("Opened")),
    Column("opened_by", ColumnKind.TEXT, _("Opened by")),
)
_DIFFERENCE: Final = Column("difference", ColumnKind.MONEY, _("Over or short"))
_TAKEN: Final = Column("taken", ColumnKind.MONEY, _("Taken out"))


def _section(name: str, view: str, title: str, *columns: Column, order: tuple[str, ...] = ()) -> Section:
    """Return a part with rows for each shift. Every row leads to the sales of its shift."""
    return Section(name, view, (*_OF_SHIFT, *columns), order, orders="shift", title=title)


def _columns(struct: type[Struct]) -> Iterator[Column]:
    """Yield the columns that a part of the sums declares."""
    kinds = {Amount: ColumnKind.MONEY, Count: ColumnKind.COUNT, Pieces: ColumnKind.COUNT, Day: ColumnKind.DAY}
    for one in figures_of(struct):
        yield Column(one.name, kinds.get(one.kind, ColumnKind.TEXT), one.figure.words, words=_WORDS.get(one.name, {}))


#: Tenders are sales + rounding + tips − refunds + taken ahead − used, in each shift. The rows of a drawer add up from
#: its opening to its closing. Counts after the close stand beside their Z, and change nothing in it.
Z: Final = Report(
    "z",
    _("Shifts"),
    _("Show the Z of each shift, with its tenders, drawer and counts."),
    _("No shift was closed."),
    (
        _section(
            "shifts",
            "zs_by_shift",
            _("Shifts"),
            *_OPENED,
            Column("closed_at", ColumnKind.TIME, _("Closed")),
            Column("closed_by", ColumnKind.TEXT, _("Closed by"), words=BY_SERVER),
            OTHER,
            Column("sales", ColumnKind.COUNT, _("Sales")),
            Column("gross", ColumnKind.MONEY, _("Total")),
            order=("opened_at", "till"),
        ),
        _section(
            "sums",
            "z_figures_by_shift",
            _("Figures"),
            _PLACE,
            Column("figure", ColumnKind.TEXT, _("Figure"), words=FIGURES),
            _TIMES,
            _AMOUNT,
        ),
        _section(
            "tenders",
            "z_tenders_by_shift",
            _("Tenders"),
            *_columns(TenderSum),
        ),
        _section(
            "drawer",
            "z_drawer_by_shift",
            _("Drawer"),
            _TENDER,
            _PLACE,
            Column(
                "kind", ColumnKind.TEXT, _("Kind"), words=MOVED | {"opening": _("Opening"), "closing": _("Closing")}
            ),
            Column("at", ColumnKind.TIME, _("At")),
            _AMOUNT,
            Column("reason", ColumnKind.TEXT, _("Reason")),
            _PERSON,
        ),
        _section(
            "counts",
            "z_counts_by_shift",
            _("Counts"),
            Column("at", ColumnKind.TIME, _("Counted at")),
            _TENDER,
            Column("expected", ColumnKind.MONEY, _("Expected")),
            Column("counted", ColumnKind.MONEY, _("Counted")),
            _DIFFERENCE,
            Column("explained", ColumnKind.MONEY, _("Explained")),
            _TAKEN,
            Column("to", ColumnKind.TEXT, _("Taken to"), of="taken_to"),
            _PERSON,
        ),
        _section(
            "corrections",
            "z_corrections_by_shift",
            _("Corrected tenders"),
            Column("receipt", ColumnKind.TEXT, _("Receipt")),
            Column("was", ColumnKind.TEXT, _("Was"), words=TENDER_NAMES),
            _TENDER,
            _AMOUNT,
        ),
        _section(
            "taxes",
            "z_taxes_by_shift",
            _("Taxes"),
            *_columns(TaxSum),
        ),
        _section(
            "categories",
            "z_categories_by_shift",
            _("Categories"),
            *_columns(CategorySum),
        ),
        _section(
            "dates",
            "z_dates_by_shift",
            _("Sales by date"),
            *_columns(DateSum),
        ),
    ),
)

#: The sums of the open shifts so far, in the parts of a Z.
X: Final = replace(
    Z,
    name="x",
    title=_("Open shifts"),
    about=_("Show the sums of the open shifts so far, with tenders, drawer and counts."),
    empty=_("No shift is open."),
    is_open=True,
)

#: Parts about shifts and drawers in the report of a day.
OF_DAY: Final = (
    Section(
        "figures", "no_shift_by_day", (Column("in_no_shift", ColumnKind.MONEY, _("Sales in no shift"), of="amount"),)
    ),
    _section(
        "balances",
        "drawers_by_shift",
        _("Drawers at the close"),
        _TENDER,
        Column("opening", ColumnKind.MONEY, _("Opening")),
        Column("closing", ColumnKind.MONEY, _("Closing")),
    ),
    Section(
        "open_shifts",
        "open_shifts",
        (_TILL, _SHIFT, *_OPENED),
        ("opened_at", "till"),
        orders="shift",
        title=_("Shifts that are open"),
    ),
    _section("over_short", "z_counts_by_shift", _("Over and short"), _TENDER, _DIFFERENCE, _TAKEN),
)


def read_zs(ask: Callable[[str, Any], Any], span: Span | None, number: str | None = None) -> list[dict[str, Any]]:
    """Read Zs in the form of `till report z --json`: of the shifts that were opened on some days, or one by its number.

    Without both, read the Xs of the open shifts.
    """
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()} if span is not None else {"open": True}
    zs: list[dict[str, Any]] = ask("zs_v1", {"number": number} if number is not None else days)
    return zs


def days_of(zs: list[dict[str, Any]]) -> Span | None:
    """Return the business days on which shifts were opened; None without any."""
    days = [date.fromisoformat(one["business_dates"][0]) for one in zs]
    return Span(min(days), max(days)) if days else None


def only(found: ReportResult, wanted: Callable[[int, str | None], bool]) -> ReportResult:
    """Return the report with the rows of some shifts, by till and number."""

    def rows(section: Section, every: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        till, number = section.place("till"), section.place("number")
        return tuple(row for row in every if wanted(row[till], row[number]))

    return replace(found, tables=tuple(replace(one, rows=rows(one.section, one.rows)) for one in found.tables))
