"""The clock of a replay, which shows the time of the present row."""

from __future__ import annotations

from datetime import UTC, date, datetime


class TradingClock:
    """A `till.ports.Clock` that the replay sets. It also returns the business date from the files."""

    def __init__(self) -> None:
        self._now = datetime.fromtimestamp(0, UTC)
        self._day = self._now.date()

    def now(self) -> datetime:
        """Return the time of the present row."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds of the recorded time."""
        return self._now.timestamp()

    def business_date(self, _moment: datetime) -> date:
        """Return the business date of the present row."""
        return self._day

    def set(self, moment: datetime, day: date) -> None:
        """Set the time and the business date of a row. `moment` must be aware."""
        self._now, self._day = moment.astimezone(UTC), day
