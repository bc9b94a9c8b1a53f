"""The list of bookings."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.lists.bookings import BOOKINGS
from till.cli.lists import print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app(N_("Bookings: add, list, cancel."))


@app.command("list", help=BOOKINGS.about, epilog=N_("Example: till admin bookings list --day 2026-03-03 --json"))
def list_bookings(
    *,
    day: Annotated[
        str | None, typer.Option(metavar="D", help=N_("A date, today or yesterday; by default all upcoming."))
    ] = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List bookings by time."""
    from till.reports.days import DateError

    try:
        print_list(BOOKINGS, as_json=as_json, csv=csv, day=day)
    except DateError as problem:
        raise typer.BadParameter(problem.sentence, param_hint="--day") from problem
