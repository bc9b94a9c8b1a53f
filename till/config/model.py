"""The keys of the configuration with their defaults. `config.example.toml` lists the same; a test keeps them equal.

The description of a field says in a refusal what was expected: `sync.debounce_ms must be <description>, not "soon"`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, field

from till.domain.i18n import _
from till.domain.settings import VenueSettings

#: The value of `database.url` for the till's own embedded database.
EMBEDDED: Final = "embedded"
#: The kind of a way to pay by hand.
HAND: Final = "hand"
#: The kind of a way to pay that the venue's server answers for.
SERVER: Final = "server"

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


class TillConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[till]`: the number and name of this till. An empty name becomes “Till” with the number."""

    id: _Number = 1
    name: Annotated[str, Meta(max_length=40, description=_("a name of at most 40 characters"))] = ""


class DatabaseConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[database]`: the venue's database.

    Attributes:
        url: `EMBEDDED`, or how a till connects (as `till_app`).
        owner_url: the owner's connection, for upgrades and administration; empty for `url`.
        password_file: the password of the user in `url`, readable by its owner only; empty if `url` has it.
        owner_password_file: the password of the user in `owner_url`.
        tls: the least that a server on another machine must offer. "unverified" encrypts without verifying the server;
            "off" sends plain text.
        keep_running: leave the embedded database running when the last till closes.
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
        debounce_ms: the quiet after an unsent event.
        max_wait_ms: the longest that an event waits for others.
        poll_s: seconds between questions to the database when there is nothing to send.
        deadline_s: the time without an answer after which the connection is given up.
    """

    debounce_ms: _Millis = 150
    max_wait_ms: _Millis = 1000
    poll_s: _Seconds = 5.0
    deadline_s: _Seconds = 2.0


class SessionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[session]`: minutes until an idle screen locks, and until an order without activity counts as stale.

    Attributes:
        idle_minutes: may be fractional: a counter within reach of strangers needs half a minute.
    """

    idle_minutes: _Idle = 5.0
    stale_minutes: _Minutes = 30


class RetentionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[retention]`: how long finished data is kept at hand. Events are never deleted: they move.

    Attributes:
        journal_days: in the till's own journal.
        hot_hours: until the database's hot rows of an untouched order are deleted.
        warm_days: from an event's arrival until it moves from the log to the audit, and an ended order to the archive.
    """

    journal_days: _Days = 7
    hot_hours: _Hours = 24
    warm_days: _Days = 30


class UiConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[ui]`: the look of the screen, the mouse, and the words of the entry line.

    Attributes:
        plain: no lines and no big digits, for screen readers.
        mouse: a click marks, picks and presses; otherwise the terminal uses the mouse to select and copy text.
        vocabulary: the language of the entry line that is part of the till, or the file of another vocabulary.
    """

    theme: Literal["dark", "light", "contrast"] = "dark"
    plain: bool = False
    mouse: bool = True
    vocabulary: Annotated[str, Meta(min_length=2, description=_("a language such as en, or the path of a file"))] = "en"


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[log]`: how much is logged, and where; an empty file means `logs/till.log` in the data folder.

    Attributes:
        file_mb: the size at which the file is renamed to `till.log.1`.
        keep: the number of renamed files to keep.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""
    file_mb: Annotated[int, Meta(ge=1, le=1000, description=_("whole megabytes from 1 to 1000"))] = 10
    keep: Annotated[int, Meta(ge=0, le=99, description=_("a whole number from 0 to 99"))] = 4


class MetricsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[metrics]`: a till's measurements for Prometheus; off if neither is named.

    Attributes:
        file: written completely each time; `{till}` in its name is the till's number.
        port: on this machine only (127.0.0.1), at `/metrics`; 0 for none.
    """

    file: str = ""
    port: Annotated[int, Meta(ge=0, le=65535, description=_("a port from 1 to 65535, or 0"))] = 0
    every_s: _Seconds = 10.0


class GatewayConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[gateway]`: where `till gateway` receives webhooks, and its role at the database; off if no port is named.

    Attributes:
        port: the port to listen on; 0 for none.
        address: the address to listen on; one that other machines reach needs a certificate.
        path: the path that the gateway posts to.
        secret_file: the secret agreed with the gateway for its webhooks, readable by its owner only.
        certificate: a PEM file; empty behind a proxy that has one.
        certificate_key: its key; empty if the certificate's file holds it.
        user: the role of the database that reports payments, and does nothing else.
        password_file: its password, readable by its owner only.
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
    """`[tenders.NAME]`: a way to pay beside cash. NAME is its name in records: CARD, UPI, MEAL.

    Attributes:
        kind: "hand" if a person records it; "server" for VOUCHER and ACCOUNT, which the venue's server answers for;
            otherwise the name of a plug-in.
        label: its name for people; empty for NAME.
        key: its letter on the pay screen; empty for none.
        slip: the number of its slip may be typed, or must be.
        change: more than what is due may be handed over, and the rest is given back in cash.
        drawer: it goes into the drawer; so does a tender that gives change, which comes out of it.
        settings: the settings of the plug-in.
    """

    kind: _Kind = HAND
    label: _Label = ""
    key: _Letter = ""
    slip: Literal["optional", "needed"] = "optional"
    change: bool = False
    drawer: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration. `keys` maps commands of the screen to other keys for them.

    `tenders` are the ways to pay by name: without any, card and UPI by hand.
    """

    venue: VenueSettings = field(default_factory=VenueSettings)
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
