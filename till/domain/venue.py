"""The venue: how it is called, by which money, clock and law it trades."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from till.domain.errors import ConfigError
from till.domain.events.envelope import SERVER, read_time
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING
from till.domain.order.line import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

#: After so many days without a backup people are reminded.
BACKUP_DAYS: Final = 7


@dataclass(frozen=True)
class Venue:
    """The settings of a venue that every till shares.

    Attributes:
        timezone: an IANA name; times are UTC inside and of this zone on screen.
        day_ends: the wall-clock time at which a business date ends; 00:00 for midnight.
        terms: how new orders are priced.
        tills: the names of the tills by number.
        demo: whether PINs may be shown on the login screen.
        backed_up_at: the moment of the database's last backup, or since when it has none; None where nobody said.
    """

    name: str
    locale: str
    timezone: str
    day_ends: time
    terms: Terms
    tax_number: str = ""
    tills: Mapping[int, str] = field(default_factory=dict)
    order_types: tuple[str, ...] = ("take_away", "dine_in")
    demo: bool = False
    backed_up_at: datetime | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the clock on the wall."""
        return ZoneInfo(self.timezone)

    def local(self, moment: datetime) -> datetime:
        """A moment on the clock of the venue."""
        return moment.astimezone(self.zone)

    def business_date(self, moment: datetime) -> date:
        """The day that a sale counts for: after midnight and before `day_ends` it is still the day before.

        Where the clock goes back over `day_ends`, the day ends at the first of the two; no later sale counts for it.
        """
        local = self.local(moment)
        end = datetime.combine(local.date(), self.day_ends, tzinfo=self.zone)
        still = local.time() < self.day_ends and moment.astimezone(UTC) < end.astimezone(UTC)
        return local.date() - timedelta(days=1) if still else local.date()

    def times_of(self, day: date) -> tuple[datetime, datetime]:
        """When a business date begins and when it ends, in UTC: what `business_date` says of a moment in between.

        Raises:
            OverflowError: the calendar ends there.
        """
        return self._begin(day), self._begin(day + timedelta(days=1))

    def _begin(self, day: date) -> datetime:
        at = datetime.combine(day, self.day_ends, tzinfo=self.zone)
        first, other = at.astimezone(UTC), at.replace(fold=1).astimezone(UTC)
        if first <= other:
            return first
        # the clock goes forward over that time: the day begins as it does
        seconds = range(int((first - other).total_seconds()))
        return other + timedelta(
            seconds=bisect_left(seconds, day, key=lambda second: self.business_date(other + timedelta(seconds=second)))
        )

    def days_without_backup(self, now: datetime) -> int:
        """For how many days there was no backup, once they are too many; else 0. The demo's venue needs none."""
        if self.backed_up_at is None or self.demo:
            return 0
        days = (now - self.backed_up_at).days
        return days if days >= BACKUP_DAYS else 0

    def till_name(self, number: int | None) -> str:
        """How a till is called on screen."""
        if number is None:
            return ""
        if number == SERVER:
            return _("the server")
        return self.tills.get(number) or _("Till {number}").format(number=number)


def read_venue(body: Mapping[str, Any]) -> Venue:
    """Read the settings that the database hands out (docs/protocol.md).

    Raises:
        ConfigError: a setting is missing or makes no sense.
    """
    try:
        ZoneInfo(body["timezone"])
        venue = Venue(
            name=str(body["name"]),
            locale=str(body["locale"]),
            timezone=str(body["timezone"]),
            day_ends=time.fromisoformat(body["business_day_ends"]),
            terms=Terms(
                Currency(str(body["currency"])),
                bool(body["prices_include_tax"]),
                body.get("tax_rounding", "line") == "order",
                Currency(str(body["currency"])).minor(str(body.get("cash_rounding") or "0")),
            ),
            tax_number=str(body.get("tax_number") or ""),
            tills={int(raw["number"]): str(raw["name"]) for raw in body.get("tills", ())},
            demo=bool(body.get("demo")),
            backed_up_at=read_time(body["backed_up_at"]) if body.get("backed_up_at") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as problem:
        raise ConfigError(_("The venue's settings do not read: {what}.").format(what=str(problem)[:80])) from problem
    except OSError as problem:  # a folder of zones, or a name too long for one
        raise ConfigError(
            _("The venue's settings do not read: {what}.").format(what=_("no such timezone"))
        ) from problem
    if venue.terms.cash_step < 0:
        raise ConfigError(_("The venue's settings do not read: {what}.").format(what="cash_rounding"))
    return venue


#: The venue before any settings came: it sells nothing, but it can be painted.
NOWHERE = Venue("", "en", "UTC", time(0), Terms(Currency("XXX"), included=True, by_order=False, cash_step=NOTHING))
