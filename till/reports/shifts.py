"""The report of shifts: the Z of each closed shift, and the figures of drawers in the report of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from till.domain.errors import TillError
from till.domain.events.fields import Amount, Count, Day, Pieces
from till.domain.i18n import N_, _
from till.domain.payment.names import TENDER_NAMES
from till.domain.shift.events import CategorySum, DateSum, TaxSum, TenderSum
from till.domain.shift.figure import figures_of
from till.domain.shift.names import FIGURES, MOVED
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.shell import FieldError, ShellField
from till.reports.reader import ReportReading, VenueServer, reads
from till.reports.report import Column, ColumnKind, Report, Section, Span, read_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msgspec import Struct

    from till.reports.report import ReportResult

_TILL: Final = Column("till", ColumnKind.TILL, N_("Till"))
_NUMBER: Final = Column("number", ColumnKind.TEXT, "Z", words={None: N_("open")})
_SHIFT: Final = Column("shift", ColumnKind.ID)
#: Columns for the shift of a row.
_OF_SHIFT: Final = (_TILL, _NUMBER, _SHIFT)
_TENDER: Final = Column("tender", ColumnKind.TEXT, N_("Tender"), words=TENDER_NAMES)
_TIMES: Final = Column("times", ColumnKind.COUNT, N_("Times"), words={0: ""})
#: The words for values of columns that a part of the sums declares.
_WORDS: Final[dict[str, dict[Any, str]]] = {
    "tender": TENDER_NAMES,
    "category": {"": N_("not on the menu")},
    "times": {0: ""},
}
_AMOUNT: Final = Column("amount", ColumnKind.MONEY, N_("Amount"))
_PERSON: Final = Column("name", ColumnKind.TEXT, N_("Person"))
#: The name of nobody, who closed a shift that its till left open.
BY_SERVER: Final = {None: N_("the server")}
#: The other Z of a shift that its till and the server closed.
OTHER: Final = Column("other", ColumnKind.TEXT, N_("Other Z"))
_PLACE: Final = Column("place", ColumnKind.ID)
_OPENED: Final = (
    Column("opened_at", ColumnKind.TIME, N_("Opened")),
    Column("opened_by", ColumnKind.TEXT, N_("Opened by")),
)
_DIFFERENCE: Final = Column("difference", ColumnKind.MONEY, N_("Over or short"))
_TAKEN: Final = Column("taken", ColumnKind.MONEY, N_("Taken out"))


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
    N_("Shifts"),
    N_("Show the Z of each shift, with its tenders, drawer and counts."),
    N_("No shift was closed."),
    (
        _section(
            "shifts",
            "zs_by_shift",
            N_("Shifts"),
            *_OPENED,
            Column("closed_at", ColumnKind.TIME, N_("Closed")),
            Column("closed_by", ColumnKind.TEXT, N_("Closed by"), words=BY_SERVER),
            OTHER,
            Column("sales", ColumnKind.COUNT, N_("Sales")),
            Column("gross", ColumnKind.MONEY, N_("Total")),
            order=("opened_at", "till"),
        ),
        _section(
            "sums",
            "z_figures_by_shift",
            N_("Figures"),
            _PLACE,
            Column("figure", ColumnKind.TEXT, N_("Figure"), words=FIGURES),
            _TIMES,
            _AMOUNT,
        ),
        _section(
            "tenders",
            "z_tenders_by_shift",
            N_("Tenders"),
            *_columns(TenderSum),
        ),
        _section(
            "drawer",
            "z_drawer_by_shift",
            N_("Drawer"),
            _TENDER,
            _PLACE,
            Column(
                "kind", ColumnKind.TEXT, N_("Kind"), words=MOVED | {"opening": N_("Opening"), "closing": N_("Closing")}
            ),
            Column("at", ColumnKind.TIME, N_("At")),
            _AMOUNT,
            Column("reason", ColumnKind.TEXT, N_("Reason")),
            _PERSON,
        ),
        _section(
            "counts",
            "z_counts_by_shift",
            N_("Counts"),
            Column("at", ColumnKind.TIME, N_("Counted at")),
            _TENDER,
            Column("expected", ColumnKind.MONEY, N_("Expected")),
            Column("counted", ColumnKind.MONEY, N_("Counted")),
            _DIFFERENCE,
            Column("explained", ColumnKind.MONEY, N_("Explained")),
            _TAKEN,
            Column("to", ColumnKind.TEXT, N_("Taken to"), of="taken_to"),
            _PERSON,
        ),
        _section(
            "corrections",
            "z_corrections_by_shift",
            N_("Corrected tenders"),
            Column("receipt", ColumnKind.TEXT, N_("Receipt")),
            Column("was", ColumnKind.TEXT, N_("Was"), words=TENDER_NAMES),
            _TENDER,
            _AMOUNT,
        ),
        _section(
            "taxes",
            "z_taxes_by_shift",
            N_("Taxes"),
            *_columns(TaxSum),
        ),
        _section(
            "categories",
            "z_categories_by_shift",
            N_("Categories"),
            *_columns(CategorySum),
        ),
        _section(
            "dates",
            "z_dates_by_shift",
            N_("Sales by date"),
            *_columns(DateSum),
        ),
    ),
)

_OfTill = Annotated[int | None, ShellField("N", N_("Only of this till."), "--till")]

#: The sums of the open shifts so far, in the parts of a Z.
X: Final = replace(
    Z,
    name="x",
    title=N_("Open shifts"),
    about=N_("Show the sums of the open shifts so far, with tenders, drawer and counts."),
    empty=N_("No shift is open."),
    is_open=True,
)

#: Parts about shifts and drawers in the report of a day.
OF_DAY: Final = (
    Section(
        "figures", "no_shift_by_day", (Column("in_no_shift", ColumnKind.MONEY, N_("Sales in no shift"), of="amount"),)
    ),
    _section(
        "balances",
        "drawers_by_shift",
        N_("Drawers at the close"),
        _TENDER,
        Column("opening", ColumnKind.MONEY, N_("Opening")),
        Column("closing", ColumnKind.MONEY, N_("Closing")),
    ),
    Section(
        "open_shifts",
        "open_shifts",
        (_TILL, _SHIFT, *_OPENED),
        ("opened_at", "till"),
        orders="shift",
        title=N_("Shifts that are open"),
    ),
    _section("over_short", "z_counts_by_shift", N_("Over and short"), _TENDER, _DIFFERENCE, _TAKEN),
)


def read_zs(ask: Callable[[str, Any], Any], span: Span | None, number: str | None = None) -> list[dict[str, Any]]:
    """Read Zs in the form of `till report z --json`: of the shifts that were opened on some days, or one by its number.

    Without both, read the Xs of the open shifts.
    """
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()} if span is not None else {"open": True}
    zs: list[dict[str, Any]] = ask("zs_v1", {"number": number} if number is not None else days)
    return zs


@reads(Z, "1-Z000042")
def z(
    at: VenueServer,
    number: Annotated[str | None, ShellField("NUMBER", N_("The number of one Z, as on its paper."))] = None,
    *,
    till: _OfTill = None,
    span: Span | None = None,
) -> ReportReading:
    """Read the Zs of some days, or one."""
    if number is None:
        span = span or _today(at)
        return _read(at, Z, read_zs(at.ask, span), span, till)
    if span is not None:
        raise FieldError(_("A number is enough: leave out the days."), "NUMBER")
    zs = read_zs(at.ask, None, number)
    if not zs:
        raise TillError(_("There is no Z {number}.").format(number=clean(number)))
    return _read(at, Z, zs, _days_of(zs) or _today(at), till, number)


@reads(X, "--till 1")
def x(at: VenueServer, *, till: _OfTill = None) -> ReportReading:
    """Read the Xs of the open shifts."""
    zs = read_zs(at.ask, None)
    return _read(at, X, zs, _days_of(zs) or _today(at), till)


def _read(
    at: VenueServer,
    report: Report,
    zs: list[dict[str, Any]],
    span: Span,
    till: int | None,
    number: str | None = None,
) -> ReportReading:
    """Read the tables of some Zs or Xs, perhaps of one till; for programs they are the Zs themselves."""
    found = read_report(at.ask, report, span, at.venue())
    shown = only(found, lambda of, name: till in {None, of} and number in {None, name})
    return ReportReading(shown, body={"zs": [one for one in zs if till in {None, one["till"]}]})


def _today(at: VenueServer) -> Span:
    today = at.venue().business_date(at.now())
    return Span(today, today)


def _days_of(zs: list[dict[str, Any]]) -> Span | None:
    """Return the business days on which shifts were opened; None without any."""
    days = [date.fromisoformat(one["business_dates"][0]) for one in zs]
    return Span(min(days), max(days)) if days else None


def only(found: ReportResult, wanted: Callable[[int, str | None], bool]) -> ReportResult:
    """Return the report with the rows of some shifts, by till and number."""

    def rows(section: Section, every: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        till, number = section.place("till"), section.place("number")
        return tuple(row for row in every if wanted(row[till], row[number]))

    return replace(found, tables=tuple(replace(one, rows=rows(one.section, one.rows)) for one in found.tables))
