"""Every key of the configuration with its default. `config.example.toml` says the same; a test holds them equal.

The description of a field is what a refusal says was expected: `sync.debounce_ms must be <description>, not "soon"`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, field

from till.domain.charging import ChargeSetting
from till.domain.i18n import _
from till.domain.order.events import RoundingTerms

#: The value of `database.url` that asks for the database that the till brings along.
EMBEDDED: Final = "embedded"
#: The kind of a way to pay for which nobody is asked.
HAND: Final = "hand"
#: The kind of one that the venue's server answers for.
SERVER: Final = "server"

_Name = Annotated[str, Meta(min_length=1, max_length=80, description=_("a name of 1 to 80 characters"))]
_Code = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description=_("the three letters of a currency, such as INR"))]
_Clock = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description=_("a time of day from 00:00 to 23:59"))
]
_Rounding = Annotated[
    RoundingTerms | None, Meta(description=_('a table such as {step = "0.05"} or {step = "1", of = "bill"}'))
]
_Charge = Annotated[
    ChargeSetting | None,
    Meta(description=_('a table such as {percent = "12.5", tax = "A", order_types = ["dine_in"]}')),
]
_Locale = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?$", description=_("a locale such as en_IN"))
]
_Acts = Annotated[
    str,
    Meta(
        pattern=r"^([a-z_]+([ ,]+[a-z_]+)*)?$",
        max_length=200,
        description=_("names of acts, such as “comp price”; “all”; or empty"),
    ),
]
_Percent = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)$",
        description=_("a percentage in quotes from 0 to 100, such as 10"),
    ),
]
_Limit = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$", description=_("an amount in quotes, such as 5.00, or 0"))
]
_TabMinutes = Annotated[int, Meta(ge=0, le=1440, description=_("a whole number of minutes from 0 to 1440"))]
_Number = Annotated[int, Meta(ge=1, le=999, description=_("a whole number from 1 to 999"))]
_Millis = Annotated[int, Meta(ge=0, le=60_000, description=_("whole milliseconds from 0 to 60000"))]
_Seconds = Annotated[float, Meta(ge=0.1, le=600, description=_("seconds from 0.1 to 600"))]
_Minutes = Annotated[int, Meta(ge=1, le=1440, description=_("whole minutes from 1 to 1440"))]
_Idle = Annotated[float, Meta(ge=0.01, le=1440, description=_("minutes from 0.01 to 1440"))]
_Hours = Annotated[int, Meta(ge=1, le=8760, description=_("whole hours from 1 to 8760"))]
_Days = Annotated[int, Meta(ge=1, le=3650, description=_("whole days from 1 to 3650"))]
_Url = Annotated[
    str,
    Meta(pattern=r"^(embedded|postgres(ql)?://.+)$", description=_("“embedded” or a URL that starts postgresql://")),
]
_OwnerUrl = Annotated[
    str, Meta(pattern=r"^(postgres(ql)?://.+)?$", description=_("a URL that starts postgresql://, or empty"))
]

_Kind = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$", description=_("“hand”, or the name of a plug-in such as terminal"))
]
_Label = Annotated[str, Meta(max_length=20, description=_("a word of at most 20 characters"))]
_Letter = Annotated[str, Meta(pattern=r"^[a-z]?$", description=_("one small letter, or empty"))]


class VenueConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[venue]`: what the venue is when its store is made. Afterwards its settings in the database count.

    Attributes:
        business_day_ends: the time of day until which a sale belongs to the day before.
        tax_rounding: whether each line rounds its taxes by itself, or the order does once.
        tax_rounding_direction: half up, up (away from nothing) or down.
        tax_rounding_of: whether each tax is rounded, or the sum of the rates of what is rounded at once.
        rounding: how what is paid is rounded; None where every amount can be paid.
        service_charge: what is charged for service; None for nothing.
        cashier_may: what a cashier may do without a manager: some of void_sent, discount, comp, staff_meal, price,
            sold_out, refund, give_back, tender, settle, take_over, set_aside; or all.
        cashier_discount_percent: so much of a price a cashier may take off.
        cashier_discount_amount: so much whatever the price is; the greater of the two counts, but for a percentage of a
            whole order.
        manager_may: the same of a manager; an admin may do everything.
        staff_meal_percent: what a staff meal takes off.
        tab_minutes: after so many minutes a tab is said to be open too long; 0 for never.
    """

    name: _Name = "My venue"
    currency: _Code = "EUR"
    locale: _Locale = "en"
    timezone: str = "UTC"
    business_day_ends: _Clock = "04:00"
    prices_include_tax: bool = True
    tax_rounding: Literal["line", "order"] = "line"
    tax_rounding_direction: Literal["half_up", "up", "down"] = "half_up"
    tax_rounding_of: Literal["each", "sum_of_rates"] = "each"
    rounding: _Rounding = None
    service_charge: _Charge = None
    tax_number: str = ""
    cashier_may: _Acts = ""
    cashier_discount_percent: _Percent = "10"
    cashier_discount_amount: _Limit = "0"
    manager_may: _Acts = "all"
    manager_discount_percent: _Percent = "100"
    manager_discount_amount: _Limit = "0"
    staff_meal_percent: _Percent = "50"
    tab_minutes: _TabMinutes = 105


class TillConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[till]`: which till of the venue this is. An empty name is written “Till” with the number."""

    id: _Number = 1
    name: Annotated[str, Meta(max_length=40, description=_("a name of at most 40 characters"))] = ""


class DatabaseConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[database]`: where the venue's database is.

    Attributes:
        url: `EMBEDDED`, or how a till connects (as `till_app`).
        owner_url: how the owner connects, for upgrades and administration; empty means by `url`.
        password_file: holds the password of who `url` names, for its owner alone to read; empty when `url` has it.
        owner_password_file: the same of who `owner_url` names.
        tls: the least that a server on another machine must give. "unverified" hides what is sent, and does not know
            to whom; "off" sends in clear.
        keep_running: leave the embedded database up when the last till leaves.
    """

    url: _Url = EMBEDDED
    owner_url: _OwnerUrl = ""
    password_file: str = ""
    owner_password_file: str = ""
    tls: Literal["verify-full", "verify-ca", "unverified", "off"] = "verify-full"
    keep_running: bool = False


class SyncConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[sync]`: when a till sends (design §6).

    Attributes:
        debounce_ms: how long after the first unsent event.
        max_wait_ms: the longest that an event waits for others.
        poll_s: how often the database is asked when nothing was to be sent.
        deadline_s: after how long without an answer the connection is given up.
    """

    debounce_ms: _Millis = 150
    max_wait_ms: _Millis = 1000
    poll_s: _Seconds = 5.0
    deadline_s: _Seconds = 2.0


class SessionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[session]`: minutes until an idle screen locks, and until an open order without any sign counts as stale.

    Attributes:
        idle_minutes: may be a part of one: a counter that strangers reach wants half a minute.
    """

    idle_minutes: _Idle = 5.0
    stale_minutes: _Minutes = 30


class RetentionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[retention]`: how long what is done with is kept close at hand. Events are never deleted: they move.

    Attributes:
        journal_days: of the till's own journal.
        hot_hours: until the database's hot rows of an order go that nobody touched.
        warm_days: from an event's arrival until it moves from the log to the audit, and an ended order to the archive.
    """

    journal_days: _Days = 7
    hot_hours: _Hours = 24
    warm_days: _Days = 30


class UiConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[ui]`: how the screen looks, and what the mouse does.

    Attributes:
        plain: draws no lines and no big digits, for screen readers.
        mouse: a click marks, picks and presses; else the mouse is the terminal's, to select and copy text with.
    """

    theme: Literal["dark", "light", "contrast"] = "dark"
    plain: bool = False
    mouse: bool = True


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[log]`: how much is written, and where; an empty file means `logs/till.log` in the data folder.

    Attributes:
        file_mb: so large a file is set aside as `till.log.1`.
        keep: how many are kept aside.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""
    file_mb: Annotated[int, Meta(ge=1, le=1000, description=_("whole megabytes from 1 to 1000"))] = 10
    keep: Annotated[int, Meta(ge=0, le=99, description=_("a whole number from 0 to 99"))] = 4


class MetricsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[metrics]`: what a till measures of itself, as Prometheus reads it; off where neither is named.

    Attributes:
        file: written whole each time; `{till}` in its name is the till's number.
        port: of this machine alone (127.0.0.1), at `/metrics`; 0 for none.
    """

    file: str = ""
    port: Annotated[int, Meta(ge=0, le=65535, description=_("a port from 1 to 65535, or 0"))] = 0
    every_s: _Seconds = 10.0


class GatewayConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[gateway]`: where `till gateway` hears webhooks, and who it is at the database; off where no port is named.

    Attributes:
        port: where it listens; 0 for nowhere.
        address: on which address; one that other machines reach takes a certificate.
        path: where the gateway posts to.
        secret_file: holds what was agreed with the gateway for its webhooks, for its owner alone to read.
        certificate: a PEM file; empty behind a proxy that has one.
        certificate_key: its key; empty where the certificate's file holds it.
        user: the role of the database that tells of payments, and does nothing else.
        password_file: holds its password, likewise.
    """

    port: Annotated[int, Meta(ge=0, le=65535, description=_("a port from 1 to 65535, or 0"))] = 0
    address: Annotated[str, Meta(min_length=1, max_length=253, description=_("an address such as 127.0.0.1"))] = (
        "127.0.0.1"
    )
    path: Annotated[str, Meta(pattern=r"^/[!->@-~]{0,200}$", description=_("a path such as /razorpay"))] = "/razorpay"
    secret_file: str = ""
    certificate: str = ""
    certificate_key: str = ""
    user: Annotated[str, Meta(max_length=63, description=_("the name of a role of the database"))] = ""
    password_file: str = ""


class TenderConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenders.NAME]`: a way to pay beside cash. NAME is how records call it: CARD, UPI, MEAL.

    Attributes:
        kind: "hand", where a person says that it was paid; "server", of VOUCHER and ACCOUNT, which the venue's server
            answers for; else the name of a plug-in that is asked.
        label: what people call it; empty for its name.
        key: the letter that marks it on the pay screen; empty for none.
        slip: whether the number of its slip may be typed, or must be.
        change: more than what is due may be handed over, and the rest is given back in cash.
        drawer: it goes into the drawer; so does what gives change, for that comes out of it.
        settings: what the plug-in wants to know.
    """

    kind: _Kind = HAND
    label: _Label = ""
    key: _Letter = ""
    slip: Literal["optional", "needed"] = "optional"
    change: bool = False
    drawer: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration. `keys` maps commands of the screen to the keys that shall do them instead.

    `tenders` are the ways to pay by their names: without any, card and UPI by hand.
    """

    venue: VenueConfig = field(default_factory=VenueConfig)
    till: TillConfig = field(default_factory=TillConfig)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    ui: UiConfig = field(default_factory=UiConfig)
    log: LogConfig = field(default_factory=LogConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    gateway: GatewayConfig = field(default_factory=GatewayConfig)
    keys: dict[str, str] = field(default_factory=dict)
    tenders: dict[str, TenderConfig] = field(default_factory=dict)
