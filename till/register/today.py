"""The question for the date at login, if the database sent no time and the clock may be wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.patterns import late

if TYPE_CHECKING:
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

#: The allowed lag behind the last event: clocks are corrected by minutes, also around midnight.
_NEAR: Final = timedelta(minutes=10)
#: The longest pause between two uses of a till.
_FURTHEST: Final = timedelta(days=366)
_TYPED: Final = late(r"(\d{4}-\d{2}-\d{2})(?:\s+(\d{1,2}):(\d{2}))?\Z", re.ASCII)


class TodayError(TillError):
    """A date that cannot be read or cannot be today."""

    code = "day"
    default = N_("That is not a date. Type 2026-11-19, or 2026-11-19 18:00.")


class Doubt(Struct, frozen=True):
    """A clock that is before the last use of the till, or days after it; both times are on the venue's clock."""

    clock: datetime
    last: datetime

    @property
    def others(self) -> tuple[date, ...]:
        """The most likely dates if the clock's date is wrong."""
        days = self.last.date(), self.last.date() + timedelta(days=1)
        return tuple(day for day in days if day != self.clock.date())

    def read(self, typed: str) -> datetime:
        """Return the moment of a typed date with an optional time; without one, with the clock's time of day.

        Raises:
            TodayError: the text is not a date, or the date is too far away.
        """
        found = _TYPED.match(typed.strip())
        if found is None:
            raise TodayError
        day, hour, minute = found.groups()
        try:
            meant = self.on(date.fromisoformat(day))
            meant = meant.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0) if hour else meant
        except ValueError:
            raise TodayError(_("{text} is not in the calendar.").format(text=typed.strip())) from None
        first = min(self.clock.date(), self.last.date())
        last = max(self.clock.date(), self.last.date() + _FURTHEST)
        if not first <= meant.date() <= last:
            raise TodayError(
                _("It cannot be that day. Type one from {first} to {last}.").format(first=first, last=last)
            )
        return meant

    def on(self, day: date) -> datetime:
        """Return the clock's time of day on another day."""
        return datetime.combine(day, self.clock.time(), tzinfo=self.clock.tzinfo)


def doubt(clock: datetime, last: datetime | None) -> Doubt | None:
    """Return the doubt about a clock, given the last use of the till; None if there is none.

    The rest of the day and the next one raise no doubt. A longer pause does, though the venue may have been closed: one
    key confirms the clock. So does a clock before the last use, on the same day too: one that is a day slow books
    today's sales on yesterday. Both times are on the venue's clock.
    """
    if last is None:
        return None
    days = (clock.date() - last.date()).days
    lag = last.astimezone(UTC) - clock.astimezone(UTC)  # an hour may come twice
    return Doubt(clock, last) if days > 1 or lag > _NEAR else None


class Today:
    """The question for the date, asked once after the start, unless the database sent its time.

    Args:
        ledger: uses the answer as its time.
        reference: the time zone of the venue.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        self._last = ledger.journal.head.seq
        self._is_settled = False

    def question(self) -> Doubt | None:
        """Return the doubt to ask about at this login. If there is none, do not ask until the next start."""
        found = None
        if not self._is_settled and not self.is_known:
            venue, last = self._reference.venue, self._ledger.journal.written_at(self._last)
            found = doubt(venue.local(self._ledger.now()), venue.local(last) if last else None)
        self._is_settled = found is None
        return found

    @property
    def is_known(self) -> bool:
        """True if the database sent the time, so that no question is needed."""
        return self._ledger.is_heard

    def confirm(self) -> None:
        """Confirm that the clock is right."""
        self._is_settled = True

    def tell(self, moment: datetime) -> date:
        """Set the present time, until the database sends its time, and return the business date."""
        self._ledger.set_time(moment.astimezone(UTC))
        self._is_settled = True
        return self._reference.today
