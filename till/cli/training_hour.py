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
    from till.cli.environment import Surroundings
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
        date = asked_day(admin, venue, day)
        try:
            begins, ends = (end_of_minute(venue, one, admin.now(), date) - _MINUTE for one in (first, last))
        except DateError as problem:
            raise typer.BadParameter(problem.sentence, param_hint="--from, --to") from problem
        if begins >= ends:
            raise typer.BadParameter(_("The end must be later than the beginning."), param_hint="--to")
        hour = read_hour(admin.ask, venue, till, begins, ends)
    if not hour.rounds:
        sentence = _("Till {till} keyed nothing then. Name another with --till, or another hour.")
        raise TillError(sentence.format(till=till))
    return hour
