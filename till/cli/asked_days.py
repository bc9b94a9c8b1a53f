"""The business day that an option means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from till.domain.i18n import _

if TYPE_CHECKING:
    from datetime import date, datetime

    from till.cli.administration import Administration
    from till.domain.venue import Venue

Day = Annotated[str, typer.Option(metavar="D", help=_("A date, today, yesterday, or the number of a trading day."))]


def asked_day(admin: Administration, venue: Venue, day: str) -> date:
    """Read the business date of an option.

    Raises:
        typer.BadParameter: the text means none.
    """
    from till.reports.days import DayError, read_day

    try:
        return read_day(day, venue.business_date(admin.now()), admin.ask("venue").get("trading_days"))
    except DayError as problem:
        raise typer.BadParameter(problem.sentence, param_hint="--day") from problem


def asked_times(admin: Administration, venue: Venue, day: str | None) -> tuple[datetime | None, datetime | None]:
    """Return the beginning and the end of an option's business date; two Nones without an option.

    Raises:
        typer.BadParameter: the text means none.
    """
    if day is None:
        return None, None
    try:
        return venue.times_of(asked_day(admin, venue, day))
    except OverflowError as problem:
        raise typer.BadParameter(_("That day is not in the calendar."), param_hint="--day") from problem
