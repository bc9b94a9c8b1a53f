"""The counts of recorded days: at the end of each its shift is closed, and all that was counted is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import CASH
from till.domain.payment.names import tender_name
from till.ports import TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders
from tools.replay.trading import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from till.domain.shift.events import DrawerCounted
    from till.register.register import Register
    from till.training.clock import TradingClock
    from tools.replay.trading import Day, Trading

#: The place of the counted money.
_SAFE: Final = "safe"


class DayCounts:
    """The counts of the recorded days at the replay's till. Each day is counted once, also by an interrupted replay.

    All tenders that the files count are kept in the drawer.

    Args:
        register: the replay's register.
        clock: its clock.
        trading: the recorded days.
        dates: the business date of each day.
        zone: the time zone of the recorded times.
    """

    def __init__(
        self, register: Register, clock: TradingClock, trading: Trading, dates: Mapping[int, date], zone: tzinfo
    ) -> None:
        self._register, self._clock, self._dates, self._zone = register, clock, dates, zone
        names = dict.fromkeys(name for day in trading.days for name in day.counted)
        kept = (
            TenderTraits(name=name, label=tender_name(name), key="", by_hand=True, opens_drawer=True)
            for name in names
            if name != CASH
        )
        register.asker.tenders = Tenders([*BY_HAND, *kept])
        if not register.drawer.is_known():
            self._set(trading.days[0], trading.days[0].starts)
            register.drawer.count(dict.fromkeys(names, NOTHING))
        counted = self.over()
        self._left = [day for day in trading.days if day.number not in counted]

    def _moment(self, day: Day, at: datetime) -> datetime:
        return (at + (self._dates[day.number] - day.date)).replace(tzinfo=self._zone)

    def _set(self, day: Day, at: datetime) -> None:
        """Set the clock, with nobody logged in: the files name no person who counted."""
        self._clock.set(self._moment(day, at), self._dates[day.number])
        self._register.ledger.user = None

    def until(self, moment: datetime | None) -> None:
        """Close and count the days that end before a moment; all days without one."""
        while self._left and (moment is None or self._moment(self._left[0], self._left[0].ends) <= moment):
            self._count(self._left.pop(0))

    def _count(self, day: Day) -> None:
        drawer = self._register.drawer
        self._set(day, day.ends)
        if drawer.shift() is not None:
            drawer.close()
        drawer.count(day.counted, day.counted, to=_SAFE)

    def over(self) -> dict[int, dict[str, Minor]]:
        """Return the over and short of each counted day, by tender."""
        days = {when.isoformat(): number for number, when in self._dates.items()}
        found: dict[int, dict[str, Minor]] = {}
        for shift in self._register.drawer.closed():
            for count in shift.counts:
                if count.data.to == _SAFE and shift.opened.business_date in days:
                    found[days[shift.opened.business_date]] = _over(count.data)
        return found


def _over(data: DrawerCounted) -> dict[str, Minor]:
    minor = CURRENCY.minor
    return {one.tender: Minor(minor(one.counted) - minor(one.expected)) for one in data.counts}
