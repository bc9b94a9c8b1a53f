"""Options for business days, and their dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from datetime import date, datetime

    from till.administration.calls import AtServer
    from till.domain.venue import Venue
    from till.reports.report import Span

Day = Annotated[
    str | None, typer.Option(metavar="D", help=N_("A date, today, yesterday, or the number of a trading day."))
]
First = Annotated[str | None, typer.Option("--from", metavar="D", help=N_("The first day of a range."))]
Last = Annotated[str | None, typer.Option("--to", metavar="D", help=N_("The last day of the range; by default today."))]


def asked_day(admin: AtServer, venue: Venue, day: str, option: str = "--day") -> date:
    """Read the business date of an option."""
    from till.reports.days import DateError, read_day

    try:
        return read_day(day, venue.business_date(admin.now()), admin.ask("venue").get("trading_days"))
    except DateError as problem:
        raise typer.BadParameter(problem.sentence, param_hint=option) from problem


def asked_span(admin: AtServer, venue: Venue, day: str | None, first: str | None, last: str | None) -> Span:
    """Read the business dates of `--day`, or of `--from` and `--to`; today without any."""
    from till.reports.days import DateError, span_of
    from till.reports.report import Span

    if first is None:
        if last is not None:
            raise typer.BadParameter(_("Give the first day too, with --from."), param_hint="--to")
        one = asked_day(admin, venue, day or "today")
        return Span(one, one)
    if day is not None:
        raise typer.BadParameter(_("Give either --day, or --from and --to."), param_hint="--day")
    try:
        return span_of(asked_day(admin, venue, first, "--from"), asked_day(admin, venue, last or "today", "--to"))
    except DateError as problem:
        raise typer.BadParameter(problem.sentence, param_hint="--to") from problem


def asked_times(
    admin: AtServer, venue: Venue, day: str | None, first: str | None = None, last: str | None = None
) -> tuple[datetime | None, datetime | None]:
    """Return when the business days of the options begin and end; None and None without any."""
    if day is first is last is None:
        return None, None
    span = asked_span(admin, venue, day, first, last)
    try:
        return venue.times_of(span.first)[0], venue.times_of(span.last)[1]
    except OverflowError as problem:
        raise typer.BadParameter(_("That day is not in the calendar."), param_hint="--day") from problem
