"""The keys of the configuration and their defaults. A test compares them with `config.example.toml`.

Error messages contain the description of a field: `sync.debounce_ms is <description>, not “soon”`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, field

from till.domain.i18n import N_
from till.domain.settings import VenueSettings

#: The value of `database.url` for the embedded database.
EMBEDDED: Final = "embedded"
#: The kind of a tender recorded by hand.
HAND: Final = "hand"
#: The kind of a tender that the venue's server approves.
SERVER: Final = "server"

_Number = Annotated[int, Meta(ge=1, le=999, description=N_("a whole number from 1 to 999"))]
_NumberOrNone = Annotated[int, Meta(ge=0, le=999, description=N_("a whole number from 1 to 999, or 0"))]
_Millis = Annotated[int, Meta(ge=0, le=60_000, description=N_("whole milliseconds from 0 to 60000"))]
_Seconds = Annotated[float, Meta(ge=0.1, le=600, description=N_("seconds from 0.1 to 600"))]
_Minutes = Annotated[int, Meta(ge=1, le=1440, description=N_("whole minutes from 1 to 1440"))]
_Idle = Annotated[float, Meta(ge=0.01, le=1440, description=N_("minutes from 0.01 to 1440"))]
_Hours = Annotated[int, Meta(ge=1, le=8760, description=N_("whole hours from 1 to 8760"))]
_Days = Annotated[int, Meta(ge=1, le=3650, description=N_("whole days from 1 to 3650"))]
_Url = Annotated[
    str,
    Meta(pattern=r"^(embedded|postgres(ql)?://.+)$", description=N_("“embedded” or a URL that starts postgresql://")),
]
_OwnerUrl = Annotated[
    str, Meta(pattern=r"^(postgres(ql)?://.+)?$", description=N_("a URL that starts postgresql://, or empty"))
]

_Kind = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$", description=N_("“hand”, or the name of a plug-in such as terminal"))
]
_Label = Annotated[str, Meta(max_length=20, description=N_("a word of at most 20 characters"))]
_Letter = Annotated[str, Meta(pattern=r"^[a-z]?$", description=N_("one small letter, or empty"))]


class TillConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[till]`: the number and name of this till. An empty name becomes “Till” with the number.

    Attributes:
        cash_at: the till that takes the cash, if this one has no drawer; 0 if it has one.
        other_tenders: True to offer the usual ways to pay too that `[tenders]` does not name.
    """

    id: _Number = 1
    name: Annotated[str, Meta(max_length=40, description=N_("a name of at most 40 characters"))] = ""
    cash_at: _NumberOrNone = 0
    other_tenders: bool = False


class DatabaseConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[database]`: the venue's database.

    Attributes:
        url: `EMBEDDED`, or the URL of the till's connection (as `till_app`).
        owner_url: the URL of the owner's connection, for upgrades and administration; empty for `url`.
        password_file: the file with the password of the user in `url`, readable by its owner only; empty if `url`
            contains the password.
        owner_password_file: the file with the password of the user in `owner_url`.
        tls: the minimum for a server on another machine. "unverified" encrypts without verifying the server; "off"
            sends plain text.
        keep_running: True to leave the embedded database running when the last till closes.
        disk: a folder on the disk of a server of this machine, whose free space the metrics have; empty for none.
    """

    url: _Url = EMBEDDED
    owner_url: _OwnerUrl = ""
    password_file: str = ""
    owner_password_file: str = ""
    tls: Literal["verify-full", "verify-ca", "unverified", "off"] = "verify-full"
    keep_running: bool = False
    disk: str = ""


class SyncConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[sync]`: the timing of the sync.

    Attributes:
        debounce_ms: milliseconds without a new event before unsent events are pushed.
        max_wait_ms: the most milliseconds that an event waits for others.
        poll_s: seconds between polls of the database when there is nothing to send.
        deadline_s: seconds without an answer after which a question fails, and the till shows that it is offline.
    """

    debounce_ms: _Millis = 150
    max_wait_ms: _Millis = 1000
    poll_s: _Seconds = 5.0
    deadline_s: _Seconds = 2.0


class SessionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[session]`: the limits for idle screens and orders.

    Attributes:
        idle_minutes: minutes until an idle screen locks. May be fractional: a counter within reach of strangers needs
            half a minute.
        stale_minutes: minutes without activity until an order counts as stale.
    """

    idle_minutes: _Idle = 5.0
    stale_minutes: _Minutes = 30


class RetentionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[retention]`: the time that finished data stays in fast storage. Events are moved, never deleted.

    Attributes:
        journal_days: days in the journal of the till.
        hot_hours: hours until the hot rows of an untouched order are deleted from the database.
        warm_days: days after its arrival until an event moves from the log to the audit, and an ended order to the
            archive.
    """

    journal_days: _Days = 7
    hot_hours: _Hours = 24
    warm_days: _Days = 30


class UiConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[ui]`: the look of the screen, the mouse, and the words of the entry line.

    Attributes:
        plain: True for a screen without lines and big digits, for screen readers.
        mouse: True if the till uses the mouse. If false, the terminal uses it to select and copy text.
        touch: True for fingers: keys, items and amounts are tiles.
        vocabulary: a built-in language of the entry line, several (`en+hi`), or the path of another vocabulary.
    """

    theme: Literal["dark", "light", "contrast"] = "dark"
    plain: bool = False
    mouse: bool = True
    touch: bool = False
    vocabulary: Annotated[str, Meta(min_length=2, description=N_("a language such as en, or the path of a file"))] = (
        "en"
    )


class PaperConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[paper]`: the fonts for letters that a printer's code page lacks.

    Attributes:
        fonts: the paths of font files, with * for any name. The first that has the letters draws them. Empty for none.
    """

    fonts: Annotated[tuple[str, ...], Meta(max_length=100, description=N_("a list of paths of fonts"))] = (
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/truetype/noto/NotoSans*-Regular.ttf",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    )


class LogConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[log]`: the level and the file of the log.

    Attributes:
        file: the path of the log; empty for `logs/till.log` in the data folder.
        file_mb: the size in megabytes at which the file is renamed to `till.log.1`.
        keep: the number of renamed files to keep.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""
    file_mb: Annotated[int, Meta(ge=1, le=1000, description=N_("whole megabytes from 1 to 1000"))] = 10
    keep: Annotated[int, Meta(ge=0, le=99, description=N_("a whole number from 0 to 99"))] = 4


class MetricsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[metrics]`: the metrics of a till for Prometheus; off without a file and a port.

    Attributes:
        file: the file to write, atomically; `{till}` in its name is replaced by the till number.
        port: the port of `/metrics`, on this machine only (127.0.0.1); 0 for none.
        every_s: seconds between two writes.
    """

    file: str = ""
    port: Annotated[int, Meta(ge=0, le=65535, description=N_("a port from 1 to 65535, or 0"))] = 0
    every_s: _Seconds = 10.0


class GatewayConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[gateway]`: the webhooks of `till gateway`, and its role in the database; off without a port.

    Attributes:
        port: the port to listen on; 0 for none.
        address: the address to listen on. An address that other machines reach needs a certificate.
        path: the path that the gateway posts to.
        secret_file: the file with the webhook secret of the gateway, readable by its owner only.
        certificate: the PEM file of the certificate; empty behind a proxy that has one.
        certificate_key: the file of the key; empty if the certificate file contains it.
        user: the database role that reports payments, and may do nothing else.
        password_file: the file with the password of the role, readable by its owner only.
    """

    port: Annotated[int, Meta(ge=0, le=65535, description=N_("a port from 1 to 65535, or 0"))] = 0
    address: Annotated[str, Meta(min_length=1, max_length=253, description=N_("an address such as 127.0.0.1"))] = (
        "127.0.0.1"
    )
    path: Annotated[str, Meta(pattern=r"^/[!->@-~]{0,200}$", description=N_("a path such as /razorpay"))] = "/razorpay"
    secret_file: str = ""
    certificate: str = ""
    certificate_key: str = ""
    user: Annotated[str, Meta(max_length=63, description=N_("the name of a role of the database"))] = ""
    password_file: str = ""


class ServeConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[serve]`: the tills of phones, which `till serve` runs on this machine.

    Attributes:
        url: the address by which browsers reach this machine. A socket from another address is refused.
        listen: the address to listen on.
        port: the port to listen on.
        certificate: the PEM file of the certificate; empty for one by a certification authority of this machine's own;
            "none" for no TLS, on 127.0.0.1 behind a proxy that has it.
        certificate_key: the file of the key; empty if the certificate file contains it.
        tills: the most tills at once.
        minutes: minutes that a till runs on without its phone, and until its idle screen locks.
    """

    url: Annotated[
        str,
        Meta(
            pattern=r"^(https://[!-.0-~]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?)?$",
            description=N_("an address such as https://till.example:8443"),
        ),
    ] = ""
    listen: Annotated[str, Meta(min_length=1, max_length=253, description=N_("an address such as 0.0.0.0"))] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=1, le=65535, description=N_("a port from 1 to 65535"))] = 8443
    certificate: str = ""
    certificate_key: str = ""
    tills: _Number = 20
    minutes: _Minutes = 15


class FiscalConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[fiscal]`: the sender of fiscal records, `till fiscal send`; off without a till.

    Attributes:
        till: the number under which this machine stamps what no till stamps; 0 for none. It is no till that sells.
        certificate: the PEM file of the certificate that the authority knows the venue by.
        certificate_key: the file of its key, readable by its owner only; empty if the certificate file contains it.
        seal: True if the certificate is a seal of a body, which has a service of its own.
        service: another address for the records; empty for the authority's.
        answer_s: seconds to wait for an answer.
    """

    till: Annotated[int, Meta(ge=0, le=999, description=N_("the number of a till from 1 to 999, or 0"))] = 0
    certificate: str = ""
    certificate_key: str = ""
    seal: bool = False
    service: Annotated[
        str, Meta(pattern=r"^(https?://[!-~]{1,240})?$", description=N_("an address that begins with https://"))
    ] = ""
    answer_s: _Seconds = 60.0


class TenderConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenders.NAME]`: a tender other than cash. NAME is its name in records, such as CARD, UPI or MEAL.

    Attributes:
        kind: "hand" if a person records it, "server" for VOUCHER and ACCOUNT, which the venue's server approves, or the
            name of a plug-in.
        label: the display name; empty for NAME.
        key: the letter on the pay screen; empty for none.
        slip: "optional" if the slip number may be typed, "needed" if it must be.
        change: True if it gives change, in cash.
        drawer: True if it is kept in the drawer. A tender that gives change always is.
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
    """The whole configuration.

    Attributes:
        keys: for each command of the screen, a key that replaces the default one.
        tenders: the tenders by name; empty for card by hand, and UPI where the currency is INR.
    """

    venue: VenueSettings = field(default_factory=VenueSettings)
    till: TillConfig = field(default_factory=TillConfig)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    ui: UiConfig = field(default_factory=UiConfig)
    paper: PaperConfig = field(default_factory=PaperConfig)
    log: LogConfig = field(default_factory=LogConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    gateway: GatewayConfig = field(default_factory=GatewayConfig)
    fiscal: FiscalConfig = field(default_factory=FiscalConfig)
    serve: ServeConfig = field(default_factory=ServeConfig)
    keys: dict[str, str] = field(default_factory=dict)
    tenders: dict[str, TenderConfig] = field(default_factory=dict)
