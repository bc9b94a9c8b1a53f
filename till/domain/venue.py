"""The venue: how it is called, by which money, clock and law it trades."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct, field

from till.domain.catalogue.promotions import Promotion, read_promotions
from till.domain.charging import ChargeSetting
from till.domain.errors import ConfigError
from till.domain.events.envelope import SERVER, read_time
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.rounding import Direction
from till.domain.money.tax import millionths
from till.domain.order.events import RoundingTerms
from till.domain.order.terms import Charge, Terms, rounding_from
from till.domain.staff.rights import Rights, read_rights
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.catalogue.menu import Menu
    from till.domain.events.registry import Shape
    from till.domain.money.promotion import Offer

_Setting = TypeVar("_Setting", bound="Shape")

#: After so many days without a backup people are reminded.
BACKUP_DAYS: Final = 7
#: So many minutes a tab stands open before that is said, where the settings say nothing; and the most they may say.
TAB_MINUTES: Final = 105
_MOST_TAB_MINUTES: Final = 1440


class VenueTable(NamedTuple):
    """A table of the venue: how many sit at it, and where it stands; `area` is empty where nobody said."""

    number: int
    seats: int
    area: str = ""


class Venue(Struct, frozen=True, dict=True):
    """The settings of a venue that every till shares.

    Attributes:
        timezone: an IANA name; times are UTC inside and of this zone on screen.
        day_ends: the wall-clock time at which a business date ends; 00:00 for midnight.
        terms: how new orders are priced, but for the charge for service (`terms_with`).
        tills: the names of the tills by number.
        demo: whether PINs may be shown on the login screen.
        rights: what each role may do without a manager.
        promotions: what it offers.
        tables: those that it told of, by number; guests may sit at others.
        tab_minutes: after so many minutes a tab is open too long; 0 where none is.
        backed_up_at: the moment of the database's last backup, or since when it has none; None where nobody said.
    """

    name: str
    locale: str
    timezone: str
    day_ends: time
    terms: Terms
    service_charge: ChargeSetting | None = None
    tax_number: str = ""
    tills: Mapping[int, str] = field(default_factory=dict)
    order_types: tuple[str, ...] = ("take_away", "dine_in")
    demo: bool = False
    backed_up_at: datetime | None = None
    rights: Rights = field(default_factory=Rights)
    promotions: tuple[Promotion, ...] = ()
    tables: tuple[VenueTable, ...] = ()
    tab_minutes: int = TAB_MINUTES

    def terms_with(self, menu: Menu) -> Terms:
        """How new orders are priced: the charge for service bears the taxes of its group on this menu.

        Raises:
            ConfigError: the menu has no such group. A charge without its taxes would be wrong on every receipt.
        """
        charge = self.service_charge
        if charge is None:
            return self.terms
        if charge.tax and charge.tax not in menu.taxes:
            sentence = _("The charge for service bears the tax {tax}, which the menu does not have. Tell a manager.")
            raise ConfigError(sentence.format(tax=clean(charge.tax)))
        taxes = menu.taxes.get(charge.tax, ())
        return self.terms._replace(charge=Charge(millionths(charge.percent), taxes, charge.order_types))

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

    def offers_on(self, item: str, category: str, moment: datetime) -> tuple[Offer, ...]:
        """The promotions that an item meets at a moment, but for those that are picked by hand."""
        local = self.local(moment)
        return tuple(
            one.offer for one in self.promotions if not one.by_hand and one.is_on(item, category) and one.holds(local)
        )

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
            terms=_terms(body),
            service_charge=_optional(body, "service_charge", ChargeSetting),
            tax_number=str(body.get("tax_number") or ""),
            tills={int(raw["number"]): str(raw["name"]) for raw in body.get("tills", ())},
            demo=bool(body.get("demo")),
            backed_up_at=read_time(body["backed_up_at"]) if body.get("backed_up_at") else None,
            rights=read_rights(body, Currency(str(body["currency"]))),
            promotions=read_promotions(body.get("promotions", ()), Currency(str(body["currency"]))),
            tables=_tables(body.get("tables", ())),
            tab_minutes=_tab_minutes(body.get("tab_minutes", TAB_MINUTES)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as problem:
        raise ConfigError(_("The venue's settings do not read: {what}.").format(what=str(problem)[:80])) from problem
    except OSError as problem:  # a folder of zones, or a name too long for one
        raise ConfigError(
            _("The venue's settings do not read: {what}.").format(what=_("no such timezone"))
        ) from problem
    for key, amount in (
        ("cashier_discount_amount", venue.rights.cashier.amount),
        ("manager_discount_amount", venue.rights.manager.amount),
    ):
        if amount < 0:
            raise ConfigError(_("The venue's settings do not read: {what}.").format(what=key))
    return venue


def _tables(told: Iterable[Mapping[str, Any]]) -> tuple[VenueTable, ...]:
    return tuple(sorted(VenueTable(int(one["table"]), int(one["seats"]), str(one["area"])) for one in told))


def _tab_minutes(told: Any) -> int:
    """After how long a tab is open too long.

    Raises:
        ValueError: it is no whole number of minutes of a day.
    """
    if type(told) is not int or not 0 <= told <= _MOST_TAB_MINUTES:
        raise ValueError("tab_minutes")
    return told


def _terms(body: Mapping[str, Any]) -> Terms:
    """The terms of new orders, but for the charge for service: its taxes are the menu's."""
    currency = Currency(str(body["currency"]))
    rounding = _optional(body, "rounding", RoundingTerms)
    direction = Direction(body.get("tax_rounding_direction", "half_up"))
    if direction is Direction.HALF_DOWN:  # no law rounds a tax so
        raise ValueError("tax_rounding_direction")
    return Terms(
        currency,
        included=bool(body["prices_include_tax"]),
        by_order=body.get("tax_rounding", "line") == "order",
        direction=direction,
        of_sum=body.get("tax_rounding_of", "each") == "sum_of_rates",
        rounding=None if rounding is None else rounding_from(rounding, currency),
    )


def _optional(body: Mapping[str, Any], key: str, kind: type[_Setting]) -> _Setting | None:
    """A setting that is a table; None where there is none.

    Raises:
        ValueError: it is another table.
    """
    try:
        return msgspec.convert(body.get(key), kind | None)
    except msgspec.ValidationError as problem:
        raise ValueError(key) from problem


#: The venue before any settings came: it sells nothing, but it can be painted.
NOWHERE = Venue("", "en", "UTC", time(0), Terms(Currency("XXX"), included=True))
