"""The hour of `till train --day`, read at the server as a report is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import typer

from till.cli.administration import management
from till.cli.asked_days import asked_day
from till.domain.errors import TillError
from till.domain.i18n import _
from till.reports.days import DateError
from till.reports.table import end_of_minute
from till.training.recorded import read_hour

if TYPE_CHECKING:
    from datetime import date, datetime

    from till.cli.environment import Surroundings
    from till.domain.venue import Venue
    from till.training.recorded import RecordedHour

_MINUTE: Final = timedelta(minutes=1)


def read_asked_hour(day: str | None, first: str, last: str, here: Surroundings, till: int) -> RecordedHour:
    """Read the rounds of a till in the hour that the options name.

    Args:
        day: the business date, as typed.
        first: the first minute, as typed.
        last: the minute after the hour, as typed.
        here: config and folders.
        till: the number of the till.

    Raises:
        TillError: the till keyed nothing in it.
    """
    if day is None or not (first and last):
        raise typer.BadParameter(_("Give the hour too: --day yesterday --from 20:00 --to 21:00."), param_hint="--day")
    with management(here) as admin:
        venue = admin.venue()
        begins, ends = hour_of(venue, admin.now(), asked_day(admin, venue, day), first, last)
        hour = read_hour(admin.ask, venue, till, begins, ends)
    if not hour.rounds:
        sentence = _("Till {till} keyed nothing then. Name another with --till, or another hour.")
        raise TillError(sentence.format(till=till))
    return hour


def hour_of(venue: Venue, now: datetime, day: date, first: str, last: str) -> tuple[datetime, datetime]:
    """Return the beginning and the end of an hour of a business date. The time at which the day ends is its end."""
    try:
        begins, ends = (end_of_minute(venue, one, now, day) - _MINUTE for one in (first, last))
    except DateError as problem:
        raise typer.BadParameter(problem.sentence, param_hint="--from, --to") from problem
    day_begins, day_ends = venue.times_of(day)
    ends = day_ends if ends == day_begins else ends
    if begins >= ends:
        raise typer.BadParameter(_("The end must be later than the beginning."), param_hint="--to")
    return begins, ends
