"""The opening of the gateway in the configuration."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.payment.names import TENDER
from till.domain.text import clean
from till.ports.tender import TenderTraits
from till.tenders.gateway.api import Api, Keys
from till.tenders.gateway.tender import GatewayTender
from till.tenders.settings import address_in, read_secret, setting_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.ports import Clock

_HTTPS: Final = 443
_QUESTION_S: Final = 6.0
#: Seconds of a payment beyond the guest's time: to create and close a code, and to poll the outcome.
_MORE_S: Final = 60.0
_LIKE: Final = "https://api.razorpay.com/v1"

_File = Annotated[str, Meta(min_length=1, max_length=4_096, description=N_("the path of a file"))]
_Text = Annotated[str, Meta(min_length=1, max_length=80, description=N_("a text of 1 to 80 characters"))]
_Name = Annotated[str, Meta(pattern=TENDER, description=N_("capital letters and digits, such as UPI"))]
_Label = Annotated[str, Meta(max_length=80, description=N_("a text of at most 80 characters"))]
_Key = Annotated[str, Meta(pattern=r"^[a-z]?$", description=N_("one small letter, or empty"))]
_Url = Annotated[str, Meta(pattern=r"^https?://.+$", description=N_("an address such as https://api.razorpay.com/v1"))]
_Seconds = Annotated[float, Meta(ge=120, le=3600, description=N_("seconds from 120 to 3600"))]
_Often = Annotated[float, Meta(ge=1, le=60, description=N_("seconds from 1 to 60"))]


class GatewaySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a gateway in the configuration.

    Attributes:
        key_file: a file with the account's keys in one line, `key_id:secret`, readable by its owner only.
        venue: the name of the payee on the guest's phone.
        address: the address of the gateway.
        timeout_s: the seconds that a guest has to pay; the gateway keeps a code open for at least two minutes.
        poll_s: the seconds between two polls.
        name: the name of this tender in events.
        label: the display name; empty for `name`.
        key: the letter on the pay screen; empty for none.
    """

    key_file: _File
    venue: _Text
    address: _Url = "https://api.razorpay.com/v1"
    timeout_s: _Seconds = 180.0
    poll_s: _Often = 2.0
    name: _Name = "UPI"
    label: _Label = ""
    key: _Key = ""


def open_gateway(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> GatewayTender:
    """Return the gateway of the configuration, without sending anything.

    Args:
        settings: the gateway's table in the configuration (`GatewaySettings`).
        sale_id: this till's name.
        clock: the clock of the ids, for the age of a payment.
    """
    try:
        read = msgspec.convert(dict(settings), GatewaySettings)
    except msgspec.ValidationError:
        raise setting_error(settings, GatewaySettings, _("gateway")) from None
    address = address_in(read.address, kind=_("gateway"), like=_LIKE, port=_HTTPS)
    return GatewayTender(
        TenderTraits(
            name=read.name,
            label=clean(read.label) or read.name,
            key=read.key,
            shows_code=True,
            gives_up_s=read.timeout_s + _MORE_S,
            guest_s=read.timeout_s,
        ),
        Api(address, ssl.create_default_context() if address.tls else None, _keys(read), _QUESTION_S),
        clock,
        sale_id=sale_id,
        name=clean(read.venue),
        within=read.timeout_s,
        every=read.poll_s,
    )


def _keys(read: GatewaySettings) -> Keys:
    file = Path(read.key_file).expanduser()
    key_id, between, secret = read_secret(file).partition(":")
    if not (key_id and between and secret):
        raise ConfigError(_("{file} must hold the keys in one line: key_id:secret.").format(file=file))
    return Keys(key_id, secret)
