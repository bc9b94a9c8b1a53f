"""`till report`: a command for each declared report, as a table with bars, JSON, CSV, a workbook or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from till.cli.administration import management
from till.cli.asked_days import Day, First, Last, asked_span
from till.cli.environment import Surroundings
from till.cli.leaves import add_commands
from till.cli.options import AsJson, CsvFile, HtmlFile, XlsxFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import (
    PrintedFigure,
    check_one_stream,
    csv_text,
    note,
    print_json,
    print_table,
    say,
    write_file,
)
from till.cli.reader_commands import add_reader
from till.cli.report_output import write_report
from till.cli.running import make_app
from till.domain.i18n import N_, _, ngettext
from till.domain.structs import replace
from till.domain.text import clean
from till.reports import ledger
from till.reports.days import weeks_before
from till.reports.declared import REPORTS
from till.reports.every import READERS
from till.reports.orders import MOST_ORDERS, orders_behind
from till.reports.report import read_report
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.reports.orders import OrderBehind
    from till.reports.report import Report, ReportResult

app = make_app(N_("Reports on paid orders."))


@app.callback()
def reports() -> None:
    """Reports on paid orders."""


By = Annotated[str | None, typer.Option("--by", metavar="PART", help=N_("Only this part, such as items or months."))]
Orders = Annotated[
    str | None,
    typer.Option("--orders", metavar="ROW", help=N_("The orders of a row: --by hours --orders 19.")),
]
Beside = Annotated[bool, typer.Option("--beside", help=N_("Compare with the same weekdays, one week or more before."))]


def _add(report: Report) -> None:
    """Add the command of a report."""

    def show(
        *, day: Day = None, first: First = None, last: Last = None, by: By = None, orders: Orders = None,
        beside: Beside = False, as_json: AsJson = False, csv: CsvFile = None, xlsx: XlsxFile = None,
        html: HtmlFile = None,
    ) -> None:  # fmt: skip
        parts = [section.name for section in report.sections if section.keys]
        if by is not None and by not in parts:
            raise typer.BadParameter(_("There are: {parts}.").format(parts=", ".join(parts)), param_hint="--by")
        if orders is not None and by is None:
            raise typer.BadParameter(_("Name the part too, with --by."), param_hint="--orders")
        if beside and orders is not None:
            raise typer.BadParameter(_("Orders are not compared."), param_hint="--beside")
        check_one_stream(csv, xlsx, html, as_json=as_json)
        not_compared = [one for one in report.sections if not one.compares and by in {None, one.name}]
        if beside and by is not None and not_compared:
            sentence = _("{part} of other days cannot be compared.").format(part=by)
            raise typer.BadParameter(sentence, param_hint="--beside")
        with management(Surroundings.find()) as admin:
            venue = admin.venue()
            span, only = asked_span(admin, venue, day, first, last), [by] if by else ()
            found = read_report(admin.ask, report, span, venue, only)
            if orders is not None:
                _print_orders(found, orders_behind(admin.ask, found, orders), as_json=as_json)
                return
            if beside and (then := weeks_before(span)) is not None:
                found = replace(found, before=read_report(admin.ask, report.whole, then, venue, only), at=admin.now())
            elif beside:
                raise typer.BadParameter(_("There are no days before these."), param_hint="--beside")
        if beside and not_compared:
            note(_("Not compared: {parts}.").format(parts=", ".join(one.title for one in not_compared)))
        write_report(found, as_json=as_json, csv=csv, xlsx=xlsx, html=html)

    example = _("Example: till report {line}").format(line=f"{report.name} --from 2026-03-01 --to 2026-03-31")
    app.command(report.name, help=report.about, epilog=example)(show)


for _report in REPORTS:
    if _report not in (*(one.report for one in READERS), ledger.JOURNAL):
        _add(_report)
for _one in READERS:
    add_reader(app, _one)


As = Annotated[
    Literal["csv", "beancount"] | None,
    typer.Option(
        "--as", metavar="FORMAT", help=N_("csv with commas and decimal points, or beancount: to standard output.")
    ),
]


@app.command(
    ledger.JOURNAL.name,
    help=ledger.JOURNAL.about,
    epilog=N_("Example: till report journal --from 2026-03-01 --to 2026-03-31 --as beancount"),
)
def show_journal(
    *, day: Day = None, first: First = None, last: Last = None, as_format: As = None, as_json: AsJson = False,
    csv: CsvFile = None, xlsx: XlsxFile = None, html: HtmlFile = None,
) -> None:  # fmt: skip
    """Show the accountant's journal of some days. It fails if a Z of these days is not in it."""
    check_one_stream(csv, xlsx, html, "-" if as_format else None, as_json=as_json)
    with management(Surroundings.find()) as admin:
        venue = admin.venue()
        span = asked_span(admin, venue, day, first, last)
        found = read_report(admin.ask, ledger.JOURNAL, span, venue)
        missing = admin.ask("ledger_missing_v1", *span)
    defaults = ledger.by_default(found)
    if as_format == "beancount":
        write_file("-", ledger.beancount(found))
    if csv or as_format == "csv":
        # a file for a spreadsheet is in the venue's form, one for a program always in the same
        point = "." if as_format else formats_of(venue).point
        write_file(csv or "-", csv_text(ledger.CSV, _csv_entries(found), point))
    if not as_format and not (csv and not (xlsx or html or as_json)):
        fields = {"defaults": defaults, "missing": missing}
        write_report(found, as_json=as_json, xlsx=xlsx, html=html, fields=fields)
    if defaults and not as_json:
        sentence = _("By default, without an account of their own: {kinds}. `till admin ledger-accounts set` sets one.")
        note(sentence.format(kinds=", ".join(defaults)))
    for one in missing:
        sentence = _("Not booked: Z {number} of till {till}. {why}")
        words = sentence.format(number=one["number"], till=one["till"], why=clean(one["why"]))
        booked = _("`till admin quarantine book {record}` books what reads of it.").format(record=one["record"])
        note(f"{words} {booked}" if one["record"] else words)
    if missing:
        raise typer.Exit(1)


def _csv_entries(found: ReportResult) -> Iterator[list[str]]:
    currency = found.venue.terms.currency
    for row in ledger.entries(found):
        amounts = {side: PrintedFigure(currency.text(row[side])) for side in ("debit", "credit")}
        cells = {**row, **amounts, "day": row["day"].isoformat(), "currency": currency.code}
        yield [cells[name] for name in ledger.CSV]


def _print_orders(found: ReportResult, orders: list[OrderBehind], *, as_json: bool) -> None:
    """Print the orders behind a row, the newest last."""
    if as_json:
        currency = found.venue.terms.currency
        rows = [{**one.to_json(), "total": currency.text(one.total)} for one in orders]
        print_json({"orders": rows, "currency": currency.code})
        return
    local, money = found.venue.local, formats_of(found.venue).amount
    print_table(
        [_("At"), _("Receipt"), _("Till"), _("Person"), _("Total"), _("Order")],
        (
            [
                f"{local(one.at):%Y-%m-%d %H:%M}",
                one.receipt,
                found.venue.till_name(one.till),
                one.person,
                money(one.total),
                one.session,
            ]
            for one in orders
        ),
        right=(4,),
    )
    count = ngettext("{n} order.", "{n} orders.", len(orders)).format(n=len(orders))
    say(_("The first {n} orders.").format(n=MOST_ORDERS) if len(orders) == MOST_ORDERS else count)


add_commands(app, "report")
