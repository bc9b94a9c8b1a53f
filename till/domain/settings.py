"""The settings of a venue: each with its bounds, defined here only.

The configuration, the administration and the reader of a till's settings hold values to these bounds. So does the
database: `db/sql/05_types/rules.sql` is generated from here. A refusal shows the description of the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from till.domain.charging import ChargeSetting
from till.domain.events.fields import Clock, CurrencyCode, Day, Label, Line, Share
from till.domain.i18n import _
from till.domain.money.tax import millionths
from till.domain.order.events import RoundingTerms
from till.domain.staff.rights import ACTS_PATTERN, Act, Limits, Rights, read_acts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.money.amount import Currency

_Rounding = Annotated[
    RoundingTerms | None, Meta(description=_('a table such as {step = "0.05"} or {step = "1", of = "bill"}'))
]
_Charge = Annotated[
    ChargeSetting | None,
    Meta(description=_('a table such as {percent = "12.5", tax = "A", order_types = ["dine_in"]}')),
]
_Locale = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?\Z", max_length=12, description=_("a locale such as en_IN")
    ),
]
_Acts = Annotated[
    str,
    Meta(
        pattern=ACTS_PATTERN,
        max_length=250,
        description=_("some of {acts}; or all; or empty").format(acts=", ".join(Act)),
    ),
]
_Percent = Annotated[Share, Meta(description=_("a percentage in quotes from 0 to 100, such as 10"))]
_Limit = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?\Z",
        max_length=14,
        description=_("an amount in quotes, such as 5.00, or 0"),
    ),
]
_TabMinutes = Annotated[int, Meta(ge=0, le=1440, description=_("a whole number of minutes from 0 to 1440"))]
_Numbered = dict[Label, Day]


class VenueSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[venue]`: the settings with which a store is made. Afterwards its settings in the database count.

    Attributes:
        business_day_ends: the time of day until which a sale belongs to the day before.
        tax_rounding: each line rounds its taxes by itself, or the order does once.
        tax_rounding_direction: half up, up (away from zero) or down.
        tax_rounding_of: each tax is rounded, or the sum of the rates that are rounded at once.
        rounding: the rounding of payments; None if every amount can be paid.
        service_charge: the service charge; None for nothing.
        cashier_may: the acts that a cashier may do without a manager, by their names in `Act`; or all.
        cashier_discount_percent: the part of a price that a cashier may take off.
        cashier_discount_amount: the amount that a cashier may take off any price; the greater of the two counts, except
            for a percentage of a whole order.
        manager_may: as `cashier_may`, for a manager; so are the limits. An admin may do everything.
        staff_meal_percent: the percentage that a staff meal takes off.
        tab_minutes: the minutes after which a tab is reported as open too long; 0 for never.
        tab_word: the venue's word for a saved order that is open: a restaurant has tables, a bar tabs.
    """

    name: Annotated[Label, Meta(description=_("a name of 1 to 80 characters"))] = "My venue"
    currency: Annotated[CurrencyCode, Meta(description=_("the three letters of a currency, such as INR"))] = "EUR"
    locale: _Locale = "en"
    timezone: Line = "UTC"
    business_day_ends: Annotated[Clock, Meta(description=_("a time of day from 00:00 to 23:59"))] = "04:00"
    prices_include_tax: bool = True
    tax_rounding: Literal["line", "order"] = "line"
    tax_rounding_direction: Literal["half_up", "up", "down"] = "half_up"
    tax_rounding_of: Literal["each", "sum_of_rates"] = "each"
    rounding: _Rounding = None
    service_charge: _Charge = None
    tax_number: Line = ""
    cashier_may: _Acts = ""
    cashier_discount_percent: _Percent = "10"
    cashier_discount_amount: _Limit = "0"
    manager_may: _Acts = "all"
    manager_discount_percent: _Percent = "100"
    manager_discount_amount: _Limit = "0"
    staff_meal_percent: _Percent = "50"
    tab_minutes: _TabMinutes = 105
    tab_word: Literal["table", "tab"] = "table"


class KeptSettings(VenueSettings, frozen=True, forbid_unknown_fields=True):
    """The settings that a database keeps of a venue.

    Attributes:
        trading_days: for a replay, the date that each traded day counts for, by its number.
        recorded_days: the date of each day in its files.
    """

    trading_days: _Numbered = {}
    recorded_days: _Numbered = {}


#: The settings that selling needs.
_NEEDED: Final = ("name", "currency", "locale", "timezone", "business_day_ends", "prices_include_tax")


def read_settings(body: Mapping[str, Any]) -> VenueSettings:
    """Return the settings from what the database hands out, which holds more.

    Raises:
        KeyError: one that selling needs is missing.
        msgspec.ValidationError: one of them is invalid.
    """
    own = {key: body[key] for key in VenueSettings.__struct_fields__ if key in body or key in _NEEDED}
    return msgspec.convert(own, VenueSettings)


def rights_of(settings: VenueSettings, currency: Currency) -> Rights:
    """Return the rights of each role.

    Raises:
        AmountError: an amount has more decimals than the currency.
    """
    return Rights(
        cashier=Limits(
            read_acts(settings.cashier_may),
            millionths(settings.cashier_discount_percent),
            currency.minor(settings.cashier_discount_amount),
        ),
        manager=Limits(
            read_acts(settings.manager_may),
            millionths(settings.manager_discount_percent),
            currency.minor(settings.manager_discount_amount),
        ),
        meal=millionths(settings.staff_meal_percent),
    )
