"""`till report`: the sales of a day, and the feedback of guests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import typer

from till.cli.administration import administration
from till.cli.asked_days import Day, asked_day
from till.cli.output import Figure, csv_text, formats_of, print_json, print_table, say, write_file
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.i18n import _, ngettext
from till.domain.order.off_words import off_in_words
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from till.domain.money.formats import Formats
    from till.domain.venue import Venue
    from till.reports.discounts import DiscountReport
    from till.reports.feedback import FeedbackReport
    from till.reports.sales import SalesReport
    from till.reports.taken_off import TakenOffReport

app = make_app(_("Reports over completed orders."))


@app.callback()
def reports() -> None:
    """Reports over completed orders."""


AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help=_("A file for spreadsheets; - is standard output."))
]


class Report(Protocol):
    """A report of a day."""

    def to_data(self) -> dict[str, Any]:
        """Return the report as JSON has it."""


ReportT = TypeVar("ReportT", bound=Report)
#: A heading, and rows.
Table = tuple["Sequence[str]", "Sequence[Sequence[str]]"]


@app.command(epilog=_("Example: till report sales --day yesterday --csv sales.csv"))
def sales(*, day: Day = "today", as_json: AsJson = False, csv: CsvFile = None) -> None:
    """Show the sales of a business day: per tender, per item, per hour."""
    from till.reports.sales import read_sales

    _tell(read_sales, day, _sales_table, _print_sales, csv=csv, as_json=as_json)


@app.command(epilog=_("Example: till report voids --day yesterday"))
def voids(*, day: Day = "today", as_json: AsJson = False, csv: CsvFile = None) -> None:
    """Show each person's voids and cleared orders of a business day; those after sending separately."""
    from till.reports.taken_off import read_taken_off

    _tell(read_taken_off, day, _voids_table, _print_voids, csv=csv, as_json=as_json)


@app.command(epilog=_("Example: till report discounts --day yesterday"))
def discounts(*, day: Day = "today", as_json: AsJson = False, csv: CsvFile = None) -> None:
    """Show the discounts of a business day: by promotion, and by person with the reason."""
    from till.reports.discounts import read_discounts

    _tell(read_discounts, day, _discounts_table, _print_discounts, csv=csv, as_json=as_json)


@app.command(epilog=_("Example: till report feedback --day yesterday --csv feedback.csv"))
def feedback(*, day: Day = "today", as_json: AsJson = False, csv: CsvFile = None) -> None:
    """Show the guests' feedback of a business day: a score from 1 to 5, and words."""
    from till.reports.feedback import read_feedback

    _tell(
        lambda connection, store_id, of_day, _venue: read_feedback(connection, store_id, of_day),
        day,
        _feedback_table,
        _print_feedback,
        csv=csv,
        as_json=as_json,
    )


def _tell(
    read: Callable[[Any, str, date, Venue], ReportT],
    day: str,
    to_table: Callable[[ReportT, Venue], Table],
    show: Callable[[ReportT, Venue], None],
    *,
    csv: str | None,
    as_json: bool,
) -> None:
    """Read a report of a business day, and print it as JSON, for a spreadsheet or for a person."""
    from db.engine import reading

    with administration(Surroundings.find()) as admin:
        venue = admin.venue()
        asked = asked_day(admin, venue, day)
        with reading(admin.owner) as connection:
            report = read(connection, admin.store_id, asked, venue)
    if csv is not None:
        heading, rows = to_table(report, venue)
        write_file(csv, csv_text(heading, rows, formats_of(venue).point))
    if as_json:
        print_json(report.to_data())
    elif csv is None:
        show(report, venue)


def _sales_table(report: SalesReport, _venue: Venue) -> Table:
    text = report.currency.text
    totals = {
        "total": report.total,
        "contested": report.contested,
        "net": report.net,
        "tax": report.tax,
        "rounding": report.rounding,
        "tips": report.tips,
    }
    return ("kind", "name", "quantity", report.currency.code), [
        ("sales", report.day.isoformat(), Figure(report.sales), Figure(text(report.total))),
        *(("sum", name, Figure(""), Figure(text(amount))) for name, amount in totals.items()),
        *(("tender", tender, Figure(""), Figure(text(amount))) for tender, amount in report.tenders.items()),
        *(("refund", tender, Figure(""), Figure(text(amount))) for tender, amount in report.refunds.items()),
        *(("drawer", str(till), Figure(""), Figure(text(amount))) for till, amount in report.drawers.items()),
        *(("item", item.item, Figure(item.quantity), Figure(text(item.amount))) for item in report.items),
        *(("hour", hour.hour, Figure(hour.sales), Figure(text(hour.amount))) for hour in report.hours),
    ]


def _voids_table(report: TakenOffReport, _venue: Venue) -> Table:
    return ("person", "kind", "sent", "times", "pieces", report.currency.code), [
        (
            one.name, one.kind, "sent" if one.sent else "", Figure(one.times), Figure(one.pieces),
            Figure(report.currency.text(one.amount)),
        )
        for one in report.people
    ]  # fmt: skip


def _discounts_table(report: DiscountReport, _venue: Venue) -> Table:
    return ("person", "kind", "name", "times", report.currency.code), [
        (one.name, one.kind, one.title, Figure(one.times), Figure(report.currency.text(one.amount)))
        for one in report.rows
    ]


def _feedback_table(report: FeedbackReport, venue: Venue) -> Table:
    return ("score", "words", "at", "receipt", "till", "staff", "total", "currency"), [
        (
            Figure(one.score), one.words, venue.local(one.at).isoformat(timespec="seconds"), one.receipt,
            Figure(one.till), Figure(one.user or ""), Figure(one.total), one.currency,
        )
        for one in report.said
    ]  # fmt: skip


def _print_feedback(report: FeedbackReport, venue: Venue) -> None:
    say(f"{venue.name} · {report.day:%A} {report.day.isoformat()}")
    if not report.said:
        say(_("No feedback on that day."))
        return
    counted = ngettext("{n} guest, {average} of 5", "{n} guests, {average} of 5", len(report.said))
    say(counted.format(n=len(report.said), average=report.average))
    say("")
    print_table([_("Score"), _("Times")], [[str(score), str(n)] for score, n in report.scores.items()], right=(0, 1))
    say("")
    print_table(
        [_("At"), _("Score"), _("Receipt"), _("Words")],
        ([f"{venue.local(one.at):%H:%M}", str(one.score), one.receipt, one.words] for one in report.said),
        right=(1,),
    )


def _print_discounts(report: DiscountReport, venue: Venue) -> None:
    amount = formats_of(venue).amount
    say(f"{venue.name} · {report.day:%A} {report.day.isoformat()}")
    if not report.rows:
        say(_("No discounts on that day."))
        return
    print_table(
        [_("Person"), _("What"), _("Times"), _("Amount")],
        (
            [clean(one.name), off_in_words(one.kind, one.title), str(one.times), amount(one.amount)]
            for one in report.rows
        ),
        right=(2, 3),
    )


def _print_voids(report: TakenOffReport, venue: Venue) -> None:
    formats = formats_of(venue)
    say(f"{venue.name} · {report.day:%A} {report.day.isoformat()}")
    if not report.people:
        say(_("Nothing was voided or cleared on that day."))
        return
    kinds = {
        ("void", False): _("voids"),
        ("void", True): _("voids after sending"),
        ("clear", False): _("cleared orders"),
        ("clear", True): _("cleared after sending"),
    }
    print_table(
        [_("Person"), "", _("Times"), _("Pieces"), _("Amount")],
        (
            [who, kinds[one.kind, one.sent], str(one.times), str(one.pieces), formats.amount(one.amount)]
            for one in report.people
            for who in (one.name or _("the database owner"),)
        ),
        right=(2, 3, 4),
    )


def _print_refunds(report: SalesReport, formats: Formats) -> None:
    if report.refunds:
        say("")
        rows = [[name, formats.amount(value)] for name, value in report.refunds.items()]
        print_table([_("Refunded"), ""], rows, right=(1,))


def _print_sales(report: SalesReport, venue: Venue) -> None:
    formats = formats_of(venue)
    say(f"{venue.name} · {report.day:%A} {report.day.isoformat()}")
    if not report.sales:
        say(_("Nothing was sold on that day."))
        _print_refunds(report, formats)
        return
    count = ngettext("{n} sale", "{n} sales", report.sales).format(n=report.sales)
    lines = ngettext("{n} line", "{n} lines", report.lines).format(n=report.lines)
    say(f"{count}, {lines}, {formats.money(report.total)}")
    if report.contested:
        say(_("of it contested: {amount}").format(amount=formats.money(report.contested)))
    figures = [
        (_("Net"), report.net), (_("Tax"), report.tax), (_("Rounding"), report.rounding), (_("Tips"), report.tips),
    ]  # fmt: skip
    amount = formats.amount
    say("")
    print_table([_("Sums"), ""], [[name, amount(value)] for name, value in figures if value], right=(1,))
    say("")
    print_table([_("Tender"), ""], [[name, amount(value)] for name, value in report.tenders.items()], right=(1,))
    _print_refunds(report, formats)
    if report.drawers:
        say("")
        drawers = [[venue.till_name(till), amount(value)] for till, value in report.drawers.items()]
        print_table([_("Cash in the drawer"), ""], drawers, right=(1,))
    say("")
    print_table(
        [_("Item"), _("Quantity"), _("Amount")],
        ([item.item, str(item.quantity), amount(item.amount)] for item in report.items),
        right=(1, 2),
    )
    say("")
    print_table(
        [_("Hour"), _("Sales"), _("Amount")],
        ([hour.hour, str(hour.sales), amount(hour.amount)] for hour in report.hours),
        right=(1, 2),
    )
