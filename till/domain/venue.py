"""The venue: its settings, business dates, tables and promotions."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct, field

from till.domain.catalogue.promotions import Promotion, read_promotions
from till.domain.errors import ConfigError
from till.domain.events.envelope import SERVER, read_time
from till.domain.i18n import N_, _, speaking
from till.domain.money.amount import Currency
from till.domain.money.rounding import Direction
from till.domain.money.tax import millionths
from till.domain.order.naming import name_there, tab_name
from till.domain.order.preferences import LANGUAGE
from till.domain.order.terms import ChargeRule, Terms, rounding_from
from till.domain.settings import VenueSettings, read_settings, rights_of
from till.domain.staff.rights import Rights
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.catalogue.menu import Menu
    from till.domain.money.promotion import Offer
    from till.domain.order.state import Order

#: The days without a backup after which people are reminded.
BACKUP_DAYS: Final = 7


class TabWords(Struct, frozen=True):
    """A venue's words for open saved orders, singular and plural, as they are typed and written into an order's name.

    Attributes:
        seats: True if an order under a name is eaten in, as under a number: the name is a table too.
    """

    one: str
    many: str
    seats: bool

    @property
    def word(self) -> str:
        """The singular in a sentence."""
        return _(self.one)

    @property
    def plural(self) -> str:
        """The plural in a sentence."""
        return _(self.many)

    @property
    def title(self) -> str:
        """The plural as a heading and as the label of a key."""
        return self.plural.capitalize()

    def saved(self, was: Order, order: Order, held: int = 0) -> str:
        """Return the sentence after saving an order to a tab; `was` is the order before that.

        `held` are the pieces that wait for their course.
        """
        before, name = (tab_name(one.tab.name) if one.tab is not None else "" for one in (was, order))
        sentence = _("Saved to {name}.")
        if before not in {"", name}:
            sentence = _("{before} moved to {name}.")
        rest = _("{n} held: recall it, then “fire”.").format(n=held) if held else self.listed
        return f"{capitalize_first(sentence.format(before=before, name=name_there(was, order)))} {rest}"

    @property
    def listed(self) -> str:
        """The sentence with the key that lists the tabs."""
        return _("F8 lists the {tabs}.").format(tabs=self.plural)


#: The words by the setting `tab_word`.
TAB_WORDS: Final = {
    "table": TabWords(N_("table"), N_("tables"), seats=True),
    "tab": TabWords(N_("tab"), N_("tabs"), seats=False),
}


class VenueTable(NamedTuple):
    """A table of the venue. `area` is empty if unknown."""

    number: int
    seats: int
    area: str = ""


class Venue(Struct, frozen=True, dict=True):
    """A venue: its settings, which all its tills share, and what the database says beside them.

    Attributes:
        terms: the terms of new orders, without the service charge (`terms_with`).
        tills: the names of the tills by number.
        demo: True if PINs may be shown on the login screen.
        training: True in a training, where nothing is real.
        backed_up_at: the time of the database's last backup or, if it has none, of its creation; None if unknown.
        restored_at: the time of the last restore of the database; None for none.
        unheard: the tills not heard since then, by number: what they did after the backup is not known.
        rights: the acts that each role may do without a manager.
        promotions: the promotions.
        tables: the known tables by number. Guests may also sit at other tables.
    """

    settings: VenueSettings
    terms: Terms
    tills: Mapping[int, str] = field(default_factory=dict)
    order_types: tuple[str, ...] = ("take_away", "dine_in")
    demo: bool = False
    training: bool = False
    backed_up_at: datetime | None = None
    restored_at: datetime | None = None
    unheard: tuple[int, ...] = ()
    rights: Rights = field(default_factory=Rights)
    promotions: tuple[Promotion, ...] = ()
    tables: tuple[VenueTable, ...] = ()

    @property
    def tabs(self) -> TabWords:
        """The words for a tab."""
        return TAB_WORDS[self.settings.tab_word]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The codes of its languages, each once."""
        return tuple(dict.fromkeys(self.settings.languages))

    @property
    def language(self) -> str:
        """The code of the language of its papers, of its records and of the login screen."""
        return self.settings.languages[0]

    def written(self, sentence: str) -> str:
        """Translate a text that an event keeps: it is in the venue's language, whoever reads the screen."""
        with speaking(self.language):
            return _(sentence)

    def language_of(self, order: Order | None) -> str:
        """Return the language of the papers of an order: the guest's, if it is one of the venue's."""
        wanted = order.preferences.get(LANGUAGE, "") if order is not None else ""
        return wanted if wanted in self.settings.languages else self.language

    def type_of(self, order: Order | None) -> str:
        """Return the type of an order; of the next one if none is open."""
        return order.order_type if order is not None else self.order_types[0]

    def bears_charge(self, order_type: str) -> bool:
        """Return True if orders of a type bear a service charge, which only a till calculates."""
        charge = self.settings.service_charge
        return charge is not None and (not charge.order_types or order_type in charge.order_types)

    def terms_with(self, menu: Menu) -> Terms:
        """Return the terms of new orders. The taxes of the service charge come from its tax group on the menu."""
        charge = self.settings.service_charge
        if charge is None:
            return self.terms
        tax = charge.tax if menu.charged is None else menu.charged
        if tax and tax not in menu.taxes:
            sentence = _("Service charge: no {tax} on the menu. Tell a manager.")
            raise ConfigError(sentence.format(tax=clean(tax)))
        rate, taxes = millionths(charge.percent), menu.taxes.get(tax, ())
        return replace(self.terms, charge=ChargeRule(rate, taxes, charge.order_types, except_deposits=True))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the venue."""
        return ZoneInfo(self.settings.timezone)

    @cached_property
    def day_ends(self) -> time:
        """The local time at which a business date ends; 00:00 for midnight."""
        return time.fromisoformat(self.settings.business_day_ends)

    def local(self, moment: datetime) -> datetime:
        """Return a time in the venue's time zone."""
        return moment.astimezone(self.zone)

    def business_date(self, moment: datetime) -> date:
        """Return the business date of a sale: before `day_ends`, it is the previous day.

        If the clock is set back over `day_ends`, the day ends at the first of the two times. The server applies the
        same rule to dates that it assigns (`till.day_of`).
        """
        shown = self.local(moment).replace(tzinfo=None)
        day = (shown - timedelta(hours=self.day_ends.hour, minutes=self.day_ends.minute)).date()
        after = day + timedelta(days=1)
        begins = datetime.combine(after, self.day_ends, tzinfo=self.zone)
        return after if begins.astimezone(UTC) <= moment.astimezone(UTC) else day

    def times_of(self, day: date) -> tuple[datetime, datetime]:
        """Return the begin and the end of a business date in UTC.

        `business_date` returns the date for every time in between.

        Raises:
            OverflowError: the date is at the end of the calendar.
        """
        return self._begin(day), self._begin(day + timedelta(days=1))

    def _begin(self, day: date) -> datetime:
        at = datetime.combine(day, self.day_ends, tzinfo=self.zone)
        first, other = at.astimezone(UTC), at.replace(fold=1).astimezone(UTC)
        if first <= other:
            return first
        # the local time is skipped by a clock change: the day begins at the change
        seconds = range(int((first - other).total_seconds()))
        return other + timedelta(
            seconds=bisect_left(seconds, day, key=lambda second: self.business_date(other + timedelta(seconds=second)))
        )

    def days_without_backup(self, now: datetime) -> int:
        """Return the days without a backup, or 0 if they are fewer than `BACKUP_DAYS` or the venue is a demo."""
        if self.backed_up_at is None or self.demo:
            return 0
        days = (now - self.backed_up_at).days
        return days if days >= BACKUP_DAYS else 0

    def unheard_of(self, moment: datetime, till: int) -> str:
        """Return the names of the tills, besides `till`, that may know more of an order or a sale from `moment`.

        They have not been heard since the database was restored, and `moment` is before that. Empty if there is none.
        """
        if self.restored_at is None or moment >= self.restored_at:
            return ""
        return ", ".join(self.till_name(one) for one in self.unheard if one != till)

    @property
    def named_discounts(self) -> tuple[Promotion, ...]:
        """The discounts that are given by hand."""
        return tuple(one for one in self.promotions if one.by_hand and not one.off)

    def discount_named(self, typed: str) -> str:
        """Return the name of the discount given by hand that words contain; empty if they contain none."""
        words = f" {clean(typed).casefold()} "
        named = (clean(one.name) for one in self.named_discounts)
        return next((one for one in named if f" {one.casefold()} " in words), "")

    def offers_on(self, item: str, category: str, moment: datetime) -> tuple[Offer, ...]:
        """Return the promotions that apply to an item at a time, without those given by hand."""
        local = self.local(moment)
        return tuple(
            one.offer_on(item, category)
            for one in self.promotions
            if not one.by_hand and one.is_on(item, category) and one.holds(local)
        )

    def till_name(self, number: int | None) -> str:
        """Return the display name of a till."""
        if number is None:
            return ""
        if number == SERVER:
            return _("the server")
        return self.tills.get(number) or _("Till {number}").format(number=number)


def read_venue(body: Mapping[str, Any]) -> Venue:
    """Read a venue in the format of the database (docs/protocol.md).

    Raises:
        ConfigError: a setting is missing or invalid.
    """
    try:
        settings = read_settings(body)
        currency = Currency(settings.currency)
        ZoneInfo(settings.timezone)
        return Venue(
            settings,
            _terms(settings, currency),
            tills={int(raw["number"]): str(raw["name"]) for raw in body.get("tills", ())},
            demo=bool(body.get("demo")),
            training=bool(body.get("training")),
            backed_up_at=read_time(body["backed_up_at"]) if body.get("backed_up_at") else None,
            restored_at=read_time(body["restored_at"]) if body.get("restored_at") else None,
            unheard=tuple(map(int, body.get("unheard", ()))),
            rights=rights_of(settings, currency),
            promotions=read_promotions((*body.get("promotions", ()), *body.get("combos", ())), currency),
            tables=_tables(body.get("tables", ())),
        )
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as problem:
        raise ConfigError(_("The venue's settings cannot be read: {what}.").format(what=str(problem)[:80])) from problem
    except OSError as problem:  # the name is a folder of time zones, or too long
        raise ConfigError(
            _("The venue's settings cannot be read: {what}.").format(what=_("no such timezone"))
        ) from problem


def _tables(rows: Iterable[Mapping[str, Any]]) -> tuple[VenueTable, ...]:
    return tuple(sorted(VenueTable(int(one["table"]), int(one["seats"]), str(one["area"])) for one in rows))


def _terms(settings: VenueSettings, currency: Currency) -> Terms:
    """Return the terms of new orders without the service charge, whose taxes come from the menu."""
    return Terms(
        currency,
        included=settings.prices_include_tax,
        by_order=settings.tax_rounding == "order",
        direction=Direction(settings.tax_rounding_direction),
        of_sum=settings.tax_rounding_of == "sum_of_rates",
        rounding=None if settings.rounding is None else rounding_from(settings.rounding, currency),
    )


#: A placeholder venue until settings arrive. It sells nothing, but screens can show it.
NOWHERE = Venue(VenueSettings(name="", business_day_ends="00:00"), Terms(Currency("XXX"), included=True))
