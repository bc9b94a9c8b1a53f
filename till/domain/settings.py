"""The settings of a venue and their bounds.

The configuration, the administration and the till all check values against these bounds, and so does the database:
`db/sql/05_types/rules.sql` is generated from here. Error messages contain the description of the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from till.domain.catalogue.labels import LABELS_PATTERN
from till.domain.events.fields import Clock, CurrencyCode, Day, Label, Line, Name, Share, ShortLabel, Word
from till.domain.events.registry import Shape
from till.domain.fiscal import FiscalLaw, FiscalProof
from till.domain.i18n import ENGLISH, N_
from till.domain.kitchen.stations import Station
from till.domain.money.tax import millionths
from till.domain.order.events import RoundingTerms
from till.domain.staff.rights import ACTS_PATTERN, COUNTER, Permission, Rights, RoleLimits, read_acts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.money.amount import Currency


#: When the order of a program goes to the kitchen: once it is submitted, once a till opens it, or once it is paid.
Cooked = Literal["submitted", "opened", "paid"]


class ChargeSetting(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A service charge.

    Attributes:
        percent: the percentage of the lines.
        tax: the tax group of the menu that has its taxes.
        order_types: the order types to charge; empty for all.
    """

    percent: Share
    tax: Word = ""
    order_types: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()


class PrinterSetting(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A receipt printer of the venue.

    Attributes:
        address: `tcp://host:9100`, or the path of a device file of one till.
        columns: the characters of a line.
        code_page: the name of a Python codec.
        cutter: True if it cuts the paper.
        asks_status: True if it answers a question for its status.
        answers_ids: True if it says the id of a job back when the paper is printed.
        receipts: the tills whose receipts and other papers it prints.
        drawer: the till whose drawer is wired to it; 0 for none.
        dpi: its dots per inch.
        codes: `own` if it draws QR codes itself, `drawn` if it gets them dot by dot.
    """

    name: Annotated[ShortLabel, Meta(description=N_("a name of 1 to 20 characters"))]
    address: Annotated[
        str,
        Meta(
            pattern=r"^(tcp://([A-Za-z0-9._-]{1,120}|\[[0-9A-Fa-f:.]{2,45}\])(:[1-9][0-9]{0,4})?|/[!-~]{1,120})\Z",
            max_length=140,
            description=N_("an address such as tcp://192.168.1.50, or a device file such as /dev/usb/lp0"),
        ),
    ]
    columns: Annotated[int, Meta(ge=32, le=64, description=N_("a whole number of columns from 32 to 64"))] = 42
    code_page: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{2,19}\Z", max_length=20)] = "cp858"
    cutter: bool = True
    asks_status: bool = True
    answers_ids: bool = True
    receipts: Annotated[tuple[Annotated[int, Meta(ge=1, le=999)], ...], Meta(max_length=100)] = ()
    drawer: Annotated[int, Meta(ge=0, le=999)] = 0
    dpi: Annotated[int, Meta(ge=100, le=360, description=N_("dots per inch from 100 to 360, such as 203"))] = 203
    codes: Annotated[Literal["own", "drawn"], Meta(description=N_("own or drawn"))] = "own"

    @property
    def is_local(self) -> bool:
        """True for a device file, which one till reaches."""
        return self.address.startswith("/")


_LawKey = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z", max_length=40)]


class FiscalSetting(Shape, frozen=True, kw_only=True):
    """The country's law by which tills stamp invoices.

    Attributes:
        scheme: its name.
        since: the day of the calendar from which it applies; `from` in the database.
        settings: the settings of the law, such as the issuer's tax number. A `prefix` stands before the numbers.
        proof: the fields that the server compares.
    """

    scheme: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}\Z", max_length=40)]
    since: Day = field(name="from")
    settings: Annotated[dict[_LawKey, Line], Meta(max_length=50)]
    proof: FiscalProof


_Rounding = Annotated[
    RoundingTerms | None, Meta(description=N_('a table such as {step = "0.05"} or {step = "1", of = "bill"}'))
]
_Charge = Annotated[
    ChargeSetting | None,
    Meta(description=N_('a table such as {percent = "12.5", tax = "A", order_types = ["dine_in"]}')),
]
_Locale = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?\Z",
        max_length=12,
        description=N_("a locale such as en_IN"),
    ),
]
_Country = Annotated[
    str, Meta(pattern=r"^([A-Z]{2})?\Z", max_length=2, description=N_("two letters such as NO, or empty"))
]
_Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}\Z", max_length=3, description=N_("the code of a language, such as es"))
]
_Languages = Annotated[
    tuple[_Language, ...],
    Meta(min_length=1, max_length=10, description=N_('a list of codes such as ["en", "es"], the venue\'s first')),
]
_TicketLanguages = Annotated[
    dict[ShortLabel, _Language],
    Meta(max_length=50, description=N_('codes by station, such as {Grill = "hi", Bar = "es"}')),
]
_Acts = Annotated[
    str,
    Meta(
        pattern=ACTS_PATTERN,
        max_length=250,
        description=N_("some of {acts}; or all; or empty").format(acts=", ".join(Permission)),
    ),
]
_Percent = Annotated[Share, Meta(description=N_("a percentage in quotes from 0 to 100, such as 10"))]
_Limit = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?\Z",
        max_length=14,
        description=N_("an amount in quotes, such as 5.00, or 0"),
    ),
]
_MostCash = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,9}(\.[0-9]{1,4})?)?\Z",
        max_length=14,
        description=N_("an amount in quotes, such as 100.00, or empty for no limit"),
    ),
]
_MostStock = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,9})?\Z",
        max_length=9,
        description=N_("a whole number in quotes, such as 100, or empty for no limit"),
    ),
]
_Printers = Annotated[
    tuple[PrinterSetting, ...],
    Meta(
        max_length=50,
        description=N_('a list such as [{name = "Bar", address = "tcp://192.168.1.50", receipts = [1]}]'),
    ),
]
_Drawing = Annotated[
    tuple[ShortLabel, ...], Meta(max_length=50, description=N_('the names of printers, such as ["Bar"]'))
]
_Stations = Annotated[
    tuple[Station, ...],
    Meta(
        max_length=50,
        description=N_('a list such as [{name = "Bar", categories = ["drinks"], printer = "Bar"}]'),
    ),
]
_CookedBy = Annotated[
    dict[Name, Cooked], Meta(max_length=50, description=N_('words such as {chat = "submitted", kiosk = "paid"}'))
]
_Preferences = Annotated[
    tuple[Label, ...], Meta(max_length=50, description=N_('the names of preferences, such as ["spice"]'))
]
_Fiscal = Annotated[
    FiscalSetting | None,
    Meta(description=N_('a law with its settings, such as es-verifactu nif=B12345674 name="Bar Sol"')),
]
_LedgerAccounts = Annotated[
    dict[Label, Label],
    Meta(max_length=1_000, description=N_('accounts such as {"sales.food" = "8400", tips = "1700"}')),
]
_Labels = Annotated[
    str,
    Meta(
        pattern=LABELS_PATTERN,
        max_length=250,
        description=N_(
            "a list of pictures of 13 places like 21IIIIIWW.WWWC: I item, V any, W weight, P price, C check"
        ),
    ),
]
_TabMinutes = Annotated[int, Meta(ge=0, le=1440, description=N_("a whole number of minutes from 0 to 1440"))]
_Sender = Annotated[int, Meta(ge=0, le=999, description=N_("the number of a till, or 0"))]
_Numbered = dict[Label, Day]


class VenueSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[venue]`: the initial settings of a new store. Afterwards only the settings in the database count.

    Attributes:
        name: the name on screens and documents.
        currency: the currency of its amounts.
        locale: the forms of numbers and dates.
        languages: the languages of the venue by their codes. The first is that of its papers and, unless a person has
            another, its screens; the others are for guests who ask for one on Pay.
        timezone: an IANA name. Times are in UTC internally and in this zone on screen.
        business_day_ends: the time of day before which a sale belongs to the previous day.
        prices_include_tax: True if the prices of the menu have their taxes in them.
        tax_rounding: `line` to round taxes for each line, `order` to round them once for the order.
        tax_rounding_direction: half up, up (away from zero) or down.
        tax_rounding_of: the rounded values: each tax, or the sum of the rates.
        rounding: the rounding of payments; None if payments are exact to the minor unit.
        service_charge: the service charge; None if there is none.
        tax_number: the tax number on receipts and other documents.
        address: the address on receipts and other documents.
        legal_name: the name of the company behind the venue, for exports.
        organisation_number: the number of the company in the country's register, for exports.
        street: the street of the venue, for exports.
        street_number: the number in the street, for exports.
        postal_code: the postal code, for exports.
        city: the city, for exports.
        country: the two letters of the country, for exports; empty for none.
        receipt_heading: the name that the law gives to receipts, such as Tax invoice; empty for none.
        receipt_footer: the words at the end of a receipt.
        hsn: the HSN or SAC code of the venue's goods, for receipts in India.
        cashier_may: the acts that a cashier may do without a manager, by their names in `Permission`; or `all`.
        cashier_discount_percent: the largest percentage of a price that a cashier may take off.
        cashier_discount_amount: the largest amount that a cashier may take off any price. The greater of the two limits
            counts, except for a percentage off the whole order.
        cashier_cash: the largest amount that a cashier may move in or out of the drawer at once; empty for no limit.
        cashier_stock: the largest amount that a cashier may count or move on the shelf at once, in pieces, kilograms or
            litres; empty for no limit.
        manager_may: as `cashier_may`, for a manager. An admin may do everything.
        manager_discount_percent: as `cashier_discount_percent`, for a manager.
        manager_discount_amount: as `cashier_discount_amount`, for a manager.
        shelf_losses: the amount at cost above which the report of losses lists what a count of the shelf lacked.
        staff_meal_percent: the percentage that a staff meal takes off.
        tab_minutes: the minutes after which a tab is reported as open too long; 0 for never.
        tab_word: the venue's word for an open saved order: table or tab. A named table is eaten in, a tab is not.
        labels: the pictures of the labels that carry a weight or a price; the first that fits wins.
        receipts: the time at which a receipt is printed: with each sale, on its key, or never.
        printers: the receipt printers.
        drawing: the names of the printers that print rows of dots, so that letters of every script are drawn.
        stations: the stations of the kitchen.
        ticket_languages: the languages of the tickets, by station; without one, the venue's.
        hold_courses: True if the kitchen gets the courses of a table from the second on when they are fired.
        kitchen_minutes: the minutes after which a ticket on a kitchen screen is late; 0 for never.
        call_numbers: True if each take-away order gets a number by which its guest is called.
        cooked: when the orders of a program go to the kitchen, by its name; without it, when a till opens them.
        kitchen_preferences: the names of a program's preferences that the kitchen sees. It sees each allergy.
        fiscal: the country's law by which tills stamp invoices; None for none.
        ledger_accounts: the accounts of the accountant's journal, by the kind of a row or its beginning.
        fiscal_sender: the number under which `till fiscal send` runs; 0 for none.
        invoice_years: the years for which the law keeps the buyer of an invoice, also of an erased customer.
    """

    name: Annotated[Label, Meta(description=N_("a name of 1 to 80 characters"))] = "My venue"
    currency: Annotated[CurrencyCode, Meta(description=N_("the three letters of a currency, such as INR"))] = "EUR"
    locale: _Locale = "en"
    languages: _Languages = (ENGLISH,)
    timezone: Line = "UTC"
    business_day_ends: Annotated[Clock, Meta(description=N_("a time of day from 00:00 to 23:59"))] = "04:00"
    prices_include_tax: bool = True
    tax_rounding: Literal["line", "order"] = "line"
    tax_rounding_direction: Literal["half_up", "up", "down"] = "half_up"
    tax_rounding_of: Literal["each", "sum_of_rates"] = "each"
    rounding: _Rounding = None
    service_charge: _Charge = None
    tax_number: Line = ""
    address: Line = ""
    legal_name: Line = ""
    organisation_number: Line = ""
    street: Line = ""
    street_number: Line = ""
    postal_code: Line = ""
    city: Line = ""
    country: _Country = ""
    receipt_heading: Line = ""
    receipt_footer: Line = ""
    hsn: Line = ""
    cashier_may: _Acts = " ".join(sorted(COUNTER))
    cashier_discount_percent: _Percent = "10"
    cashier_discount_amount: _Limit = "0"
    cashier_cash: _MostCash = ""
    cashier_stock: _MostStock = ""
    manager_may: _Acts = "all"
    manager_discount_percent: _Percent = "100"
    manager_discount_amount: _Limit = "0"
    shelf_losses: _Limit = "0"
    staff_meal_percent: _Percent = "50"
    tab_minutes: _TabMinutes = 105
    tab_word: Literal["table", "tab"] = "table"
    labels: _Labels = ""
    receipts: Literal["key", "always", "never"] = "key"
    printers: _Printers = ()
    drawing: _Drawing = ()
    stations: _Stations = ()
    ticket_languages: _TicketLanguages = {}
    hold_courses: bool = False
    kitchen_minutes: _TabMinutes = 15
    call_numbers: bool = True
    cooked: _CookedBy = {}
    kitchen_preferences: _Preferences = ()
    fiscal: _Fiscal = None
    ledger_accounts: _LedgerAccounts = {}
    fiscal_sender: _Sender = 0
    invoice_years: Annotated[int, Meta(ge=1, le=30, description=N_("a whole number of years from 1 to 30"))] = 10


class KeptSettings(VenueSettings, frozen=True, forbid_unknown_fields=True):
    """The settings of a venue in the database.

    Attributes:
        trading_days: for a replay, the business date of each trading day, by number.
        recorded_days: for a replay, the date of each trading day in its files.
        fiscal_law: the form of the law's records. It is kept beside the settings, and tills do not get it.
    """

    trading_days: _Numbered = {}
    recorded_days: _Numbered = {}
    fiscal_law: FiscalLaw | None = None


#: The settings that selling needs.
_NEEDED: Final = ("name", "currency", "locale", "timezone", "business_day_ends", "prices_include_tax")


def read_settings(body: Mapping[str, Any]) -> VenueSettings:
    """Read the settings in the reply of the database, and ignore its other fields.

    Raises:
        KeyError: a setting that selling needs is missing.
        msgspec.ValidationError: a setting is invalid.
    """
    own = {key: body[key] for key in VenueSettings.__struct_fields__ if key in body or key in _NEEDED}
    return msgspec.convert(own, VenueSettings)


def rights_of(settings: VenueSettings, currency: Currency) -> Rights:
    """Return the rights of each role."""
    return Rights(
        cashier=RoleLimits(
            read_acts(settings.cashier_may),
            millionths(settings.cashier_discount_percent),
            currency.minor(settings.cashier_discount_amount),
            currency.minor(settings.cashier_cash) if settings.cashier_cash else None,
            int(settings.cashier_stock) if settings.cashier_stock else None,
        ),
        manager=RoleLimits(
            read_acts(settings.manager_may),
            millionths(settings.manager_discount_percent),
            currency.minor(settings.manager_discount_amount),
        ),
        meal=millionths(settings.staff_meal_percent),
    )
