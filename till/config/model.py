"""Every key of the configuration with its default. `config.example.toml` says the same; a test holds them equal.

The description of a field is what a refusal says was expected: `sync.debounce_ms must be <description>, not "soon"`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from till.domain.i18n import _

#: The value of `database.url` that asks for the database that the till brings along.
EMBEDDED: Final = "embedded"

_Name = Annotated[str, Meta(min_length=1, max_length=80, description=_("a name of 1 to 80 characters"))]
_Code = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description=_("the three letters of a currency, such as INR"))]
_Clock = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description=_("a time of day from 00:00 to 23:59"))
]
_Step = Annotated[
    str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?$", description=_("an amount in quotes, such as 0.05, or 0"))
]
_Locale = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?$", description=_("a locale such as en_IN"))
]
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


class VenueConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[venue]`: what the venue is when its store is made. Afterwards its settings in the database count.

    Attributes:
        business_day_ends: the time of day until which a sale belongs to the day before.
        cash_rounding: the smallest coin, as an amount of the currency; "0" when every amount can be paid.
        tax_rounding: whether each line rounds its taxes by itself, or the order does once.
    """

    name: _Name = "My venue"
    currency: _Code = "EUR"
    locale: _Locale = "en"
    timezone: str = "UTC"
    business_day_ends: _Clock = "04:00"
    prices_include_tax: bool = True
    tax_rounding: Literal["line", "order"] = "line"
    cash_rounding: _Step = "0"
    tax_number: str = ""


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


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration. `keys` maps commands of the screen to the keys that shall do them instead."""

    venue: VenueConfig = field(default_factory=VenueConfig)
    till: TillConfig = field(default_factory=TillConfig)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    ui: UiConfig = field(default_factory=UiConfig)
    log: LogConfig = field(default_factory=LogConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    keys: dict[str, str] = field(default_factory=dict)
