"""The opening of a card terminal in the configuration."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.payment.names import TENDER
from till.domain.text import clean
from till.ports.tender import TenderTraits
from till.tenders.settings import address_in, read_secret, setting_error
from till.tenders.terminal.client import Client
from till.tenders.terminal.displays import Displays
from till.tenders.terminal.line import HttpLine, Trust
from till.tenders.terminal.seal import Seal
from till.tenders.terminal.tender import TerminalTender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.ports import Clock
    from till.tenders.http import HttpAddress

_PORT: Final = 8443
_LAST_PORT: Final = 65535
_PATH: Final = "/nexo"
_CONNECT_S: Final = 4.0
#: Seconds of a payment beyond the guest's time: to connect, and to poll the outcome.
_MORE_S: Final = 30.0
_LIKE: Final = "https://192.168.1.20:8443/nexo"

_Label = Annotated[str, Meta(max_length=80, description=N_("a text of at most 80 characters"))]
_Name = Annotated[str, Meta(pattern=TENDER, description=N_("capital letters and digits, such as CARD"))]
_Key = Annotated[str, Meta(pattern=r"^[a-z]?$", description=N_("one small letter, or empty"))]
_Url = Annotated[
    str, Meta(pattern=r"^https?://.+$", description=N_("an address such as https://192.168.1.20:8443/nexo"))
]
_PoiId = Annotated[
    str, Meta(pattern=r"^[!-~]{1,80}$", description=N_("the terminal's own name, such as V400m-347069146"))
]
_Seconds = Annotated[float, Meta(ge=30, le=600, description=N_("seconds from 30 to 600"))]
_Hours = Annotated[float, Meta(ge=1, le=8760, description=N_("hours from 1 to 8760"))]
_Version = Annotated[int, Meta(ge=0, le=1_000_000, description=N_("a whole number from 0"))]
_Place = Annotated[
    str, Meta(pattern=r"^(.+:[0-9]{1,5})?$", description=N_("an address and a port such as 0.0.0.0:8900, or empty"))
]


class TerminalSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a terminal in the configuration.

    Attributes:
        address: the address of the terminal. `http://` is only for a program on this machine.
        poiid: the terminal's name.
        certificate: a PEM file: the terminal's certificate, or the root certificate of its maker.
        key_file: a file with the passphrase of the seal, readable by its owner only; empty without a passphrase.
        key_identifier: the terminal's name of the passphrase.
        key_version: the version of the passphrase.
        timeout_s: the seconds that the terminal gives a guest, plus a margin.
        memory_hours: the hours for which the terminal remembers requests.
        displays: the address at which this till receives the terminal's steps and slips; the terminal must be set up to
            post them there, sealed.
        name: the name of this tender in events.
        label: the display name; empty for `name`.
        key: the letter on the pay screen; empty for none.
    """

    address: _Url
    poiid: _PoiId
    certificate: str = ""
    key_file: str = ""
    key_identifier: str = ""
    key_version: _Version = 1
    timeout_s: _Seconds = 130.0
    memory_hours: _Hours = 48.0
    displays: _Place = ""
    name: _Name = "CARD"
    label: _Label = ""
    key: _Key = ""


def open_terminal(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> TerminalTender:
    """Return the card terminal of the configuration, without sending anything.

    Args:
        settings: the terminal's table in the configuration (`TerminalSettings`).
        sale_id: this till's name at the terminal, unique in the venue.
        clock: the clock of the ids, for the age of a payment.
    """
    try:
        read = msgspec.convert(dict(settings), TerminalSettings)
    except msgspec.ValidationError:
        raise setting_error(settings, TerminalSettings, _("terminal")) from None
    address = address_in(read.address, kind=_("terminal"), like=_LIKE, port=_PORT)
    address = address if address.path else replace(address, path=_PATH)
    trust = _trust(read, address)
    seal = _seal(read)
    client = Client(HttpLine(address, trust, _CONNECT_S), seal, poi_id=read.poiid, sale_id=sale_id)
    return TerminalTender(
        TenderTraits(
            name=read.name,
            label=clean(read.label) or read.name,
            key=read.key,
            gives_up_s=read.timeout_s + _MORE_S,
            guest_s=read.timeout_s,
            remembers_s=3_600 * read.memory_hours,
        ),
        client,
        clock,
        within=read.timeout_s,
        memory=timedelta(hours=read.memory_hours),
        displays=_displays(read, seal),
    )


def _trust(read: TerminalSettings, address: HttpAddress) -> Trust | None:
    if not address.tls:
        return None
    if not read.certificate:
        raise ConfigError(_("A terminal needs its certificate: the PEM file that proves it is the terminal."))
    file = Path(read.certificate).expanduser()
    try:
        return Trust(file, read.poiid)
    except ssl.SSLError:
        raise ConfigError(_("{file} holds no certificate. It must be a PEM file.").format(file=file)) from None
    except OSError as fault:
        raise ConfigError(_("{file} cannot be read: {reason}.").format(file=file, reason=fault.strerror)) from None


def _seal(read: TerminalSettings) -> Seal | None:
    if not read.key_file:
        return None
    if not read.key_identifier:
        raise ConfigError(_("key_file of a terminal needs key_identifier: the terminal's name for that key."))
    return Seal(read_secret(Path(read.key_file).expanduser()), read.key_identifier, read.key_version)


def _displays(read: TerminalSettings, seal: Seal | None) -> Displays | None:
    if not read.displays:
        return None
    if seal is None:
        raise ConfigError(_("displays of a terminal needs key_file: only sealed messages are shown."))
    host, _colon, port = read.displays.rpartition(":")
    if not 1 <= int(port) <= _LAST_PORT:
        raise ConfigError(_("displays of a terminal must be an address and a port such as 0.0.0.0:8900, or empty."))
    return Displays(host.strip("[]"), int(port), seal, read.poiid)
