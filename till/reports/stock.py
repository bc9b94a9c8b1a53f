"""The shelf at a minute, and the differences that counts found."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor, sum_of
from till.domain.text import clean
from till.domain.wall_clock import WallTimeError, read_wall_time
from till.ports.shell import FieldError, ShellField
from till.reports.reader import ReportReading, VenueServer, reads
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span
from till.reports.words import time_since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.venue import Venue

_KINDS: Final = {
    "delivered": N_("came"),
    "wasted": N_("wasted"),
    "used": N_("used"),
    "returned": N_("back"),
}
_ITEM: Final = Column("item", ColumnKind.TEXT, N_("Item"))
_UNIT: Final = Column("unit", ColumnKind.TEXT, N_("Unit"))
_WORTH: Final = Column("worth", ColumnKind.MONEY, N_("At cost"))
_BY: Final = Column("by", ColumnKind.TEXT, N_("Person"), words={"": N_("the database owner")})
_TILL: Final = Column("till", ColumnKind.TILL, N_("Till"), words={0: N_("desk")})
#: The movements since a count, as both reports have them.
_MOVED: Final = (
    Column("delivered", ColumnKind.NUMBER, N_("Came")),
    Column("sent", ColumnKind.NUMBER, N_("Sent")),
    Column("wasted", ColumnKind.NUMBER, N_("Wasted")),
    Column("used", ColumnKind.NUMBER, N_("Used")),
    Column("returned", ColumnKind.NUMBER, N_("Back")),
)
STOCK: Final = Report(
    "stock",
    N_("On the shelf"),
    N_("Show what is on the shelf now or at a minute, what it is worth, and what open orders hold beyond it."),
    N_("Nothing is kept on the shelf. `till admin stock items` sets the list."),
    (
        Section("figures", "", (_WORTH,)),
        Section(
            "items",
            "",
            (
                _ITEM,
                Column("places", ColumnKind.TEXT, N_("Place")),
                _UNIT,
                Column("counted_at", ColumnKind.TIME, N_("Counted"), words={None: N_("never")}),
                Column("counted", ColumnKind.NUMBER, N_("Then")),
                *_MOVED,
                Column("amount", ColumnKind.NUMBER, N_("On the shelf")),
                Column("promised", ColumnKind.NUMBER, N_("Promised")),
                _WORTH,
                Column("item_id", ColumnKind.ID),
            ),
            title=N_("On the shelf"),
        ),
    ),
    N_("An item that was never counted has no figure. Promised is what open orders hold that was not sent yet."),
)
STOCK_DIFFERENCES: Final = Report(
    "stock-differences",
    N_("Differences of the shelf"),
    N_("Show by item what each count of some days found beside what should have been there, and the waste by reason."),
    N_("Nothing was counted for the second time on these days."),
    (
        Section(
            "figures",
            "",
            (
                Column("missing", ColumnKind.MONEY, N_("Missing, at cost")),
                Column("beyond", ColumnKind.MONEY, N_("Too many, at cost")),
                Column("waste", ColumnKind.MONEY, N_("Wasted, at cost")),
            ),
        ),
        Section(
            "counts",
            "",
            (
                _ITEM,
                _UNIT,
                Column("since", ColumnKind.TIME, N_("Counted before")),
                Column("before", ColumnKind.NUMBER, N_("Then")),
                *_MOVED,
                Column("at", ColumnKind.TIME, N_("Counted")),
                Column("expected", ColumnKind.NUMBER, N_("Expected")),
                Column("counted", ColumnKind.NUMBER, N_("There")),
                Column("difference", ColumnKind.NUMBER, N_("Difference")),
                _WORTH,
                _BY,
                _TILL,
            ),
            title=N_("Counts beside what should have been there"),
        ),
        Section(
            "wasted",
            "",
            (
                _ITEM,
                _UNIT,
                Column("why", ColumnKind.TEXT, N_("Reason"), words={"": N_("no reason")}),
                Column("amount", ColumnKind.NUMBER, N_("Wasted")),
                _WORTH,
            ),
            title=N_("Waste by reason"),
        ),
        Section(
            "late",
            "",
            (
                _ITEM,
                Column("kind", ColumnKind.TEXT, N_("Act"), words=_KINDS),
                Column("undone", ColumnKind.FLAG, words={True: N_("undone"), False: ""}),
                Column("amount", ColumnKind.NUMBER, N_("Amount")),
                Column("at", ColumnKind.TIME, N_("For")),
                Column("came_at", ColumnKind.TIME, N_("Typed")),
                _BY,
                _TILL,
                Column("was", ColumnKind.NUMBER, N_("Difference before")),
                Column("difference", ColumnKind.NUMBER, N_("Now")),
            ),
            title=N_("Typed or undone behind a count"),
        ),
    ),
    N_("Below zero is missing. A till that was away may still send what it sold, which changes a difference."),
    longest=200,
)


@reads(STOCK, "--at 18:00")
def stock(
    at: VenueServer,
    *,
    minute: Annotated[
        str | None, ShellField("TIME", N_("A time such as 18:00 or 2026-12-01 18:00; by default now."), "--at")
    ] = None,
) -> ReportReading:
    """Read what is on the shelf now, with what open orders hold, or at a minute."""
    venue, now = at.venue(), at.now()
    try:
        moment = read_wall_time(minute, venue.zone, now) if minute else now
    except WallTimeError as problem:
        raise FieldError(problem.sentence, "--at") from problem
    rows: list[Any] = at.ask("stock_v1", moment if minute else None)
    worth = [venue.terms.currency.nearest(Decimal(one["cost"] or 0) * (one["amount"] or 0)) for one in rows]
    cells = [
        {**one, "item": one["name"], "places": ", ".join(one["places"]), "worth": each}
        for one, each in zip(rows, worth, strict=True)
    ]
    day = venue.business_date(moment)
    found = _result(STOCK, venue, Span(day, day), (sum_of(worth),), {"items": cells})
    counted = [one["counted_at"] for one in rows if one["counted_at"] is not None]
    silent = at.ask("stock_unheard_v1", max(counted)) if counted else []
    names = (f"{venue.till_name(one['till'])} ({time_since(venue, read_time(one['seen_at']), now)})" for one in silent)
    sentence = _("Not heard since the newest count: {tills}. What they sold is not off yet.")
    return ReportReading(found, [sentence.format(tills=", ".join(names))] if silent else [])


@reads(STOCK_DIFFERENCES, "--from 2026-03-01 --to 2026-03-31")
def stock_differences(at: VenueServer, *, span: Span) -> ReportReading:
    """Read the differences that the counts of some business days found."""
    venue = at.venue()
    read = at.ask("stock_differences_v1", venue.times_of(span.first)[0], venue.times_of(span.last)[1])
    for one in (*read["counts"], *read["wasted"]):
        one["worth"] = venue.terms.currency.nearest(Decimal(one["cost"] or 0))
    found = [one["worth"] for one in read["counts"]]
    figures = (
        sum_of(Minor(-one) for one in found if one < 0),
        sum_of(one for one in found if one > 0),
        sum_of(one["worth"] for one in read["wasted"]),
    )
    return ReportReading(_result(STOCK_DIFFERENCES, venue, span, figures, read))


def _result(
    report: Report, venue: Venue, span: Span, figures: Sequence[Minor], parts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> ReportResult:
    first, *others = report.sections
    tables = (
        ReportTable(one, tuple(tuple(_cell(column, row) for column in one.columns) for row in parts[one.name]))
        for one in others
    )
    return ReportResult(report, venue, span, tuple(zip(first.columns, figures, strict=True)), tuple(tables))


def _cell(column: Column, row: Mapping[str, Any]) -> Any:
    value = row[column.name]
    if value is None:
        return None
    if column.kind is ColumnKind.TIME:
        return read_time(value)
    return clean(value) if column.kind is ColumnKind.TEXT else value
