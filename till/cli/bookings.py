"""Tables, and bookings: add, list, cancel, no-show, erase."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from till.cli.administration import administration
from till.cli.output import note, print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

app = make_app(_("Bookings: add, list, cancel."))
tables_app = make_app(_("The tables that can be booked."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=_("A booking's id, from `till admin bookings list`."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
Table = Annotated[int, typer.Argument(metavar="TABLE", min=0, max=9999, help=_("The number of a table."))]


@app.command("list", epilog=_("Example: till admin bookings list --day 2026-03-03 --json"))
def list_bookings(
    *,
    day: Annotated[
        str | None, typer.Option(metavar="D", help=_("A date, today or yesterday; by default all upcoming."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List bookings by time: of one business day, or all upcoming."""
    from db.engine import selecting
    from till.reports.bookings import read_bookings
    from till.reports.days import DayError, read_day

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        venue = admin.venue()
        try:
            business_day = None if day is None else read_day(day, venue.business_date(admin.now()))
        except DayError as problem:
            raise typer.BadParameter(problem.sentence, param_hint="--day") from problem
        rows = read_bookings(selects, admin.store_id, business_day)
    if as_json:
        print_json({"bookings": rows})
        return
    names = {"booked": "", "seated": _("seated"), "no_show": _("no-show"), "cancelled": _("cancelled")}
    print_table(
        [_("At"), _("Name"), _("Phone"), _("Guests"), _("Table"), "", _("Id")],
        (
            [
                f"{venue.local(read_time(row['at'])):%Y-%m-%d %H:%M}",
                row["name"],
                row["phone"],
                str(row["covers"]),
                "" if row["table"] is None else str(row["table"]),
                names.get(row["status"], row["status"]),
                row["booking"],
            ]
            for row in rows
        ),
        right=(3, 4),
    )
    expected = sum(row["covers"] for row in rows if row["status"] == "booked")
    note(ngettext("{n} guest expected.", "{n} guests expected.", expected).format(n=expected))


@tables_app.command("list", epilog=_("Example: till admin tables list --json"))
def list_tables(*, as_json: AsJson = False) -> None:
    """List the tables by number."""
    from db.engine import selecting
    from till.reports.bookings import read_tables

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        rows = read_tables(selects, admin.store_id)
    if as_json:
        print_json({"tables": rows})
        return
    print_table(
        [_("Table"), _("Seats"), _("Area")],
        ([str(row["table"]), str(row["seats"]), row["area"]] for row in rows),
        right=(0, 1),
    )
