"""The settings of card readers in the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.payment.names import TENDER
from till.domain.text import clean
from till.ports.tender import TenderTraits
from till.tenders.settings import read_secret, setting_error

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Seconds of a payment beyond the guest's time: to ask the reader, and to cancel and read the outcome.
_MORE_S: Final = 45.0

_File = Annotated[str, Meta(min_length=1, max_length=4_096, description=N_("the path of a file"))]
_Id = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_.-]{0,80}\Z", description=N_("an id of letters and digits, as the provider shows it")),
]
_Url = Annotated[str, Meta(pattern=r"^https?://.+$", description=N_("an address that begins with https://"))]
_Seconds = Annotated[float, Meta(ge=30, le=300, description=N_("seconds from 30 to 300"))]
_YesNo = Annotated[bool, Meta(description=N_("true or false"))]
_Name = Annotated[str, Meta(pattern=TENDER, description=N_("capital letters and digits, such as CARD"))]
_Label = Annotated[str, Meta(max_length=80, description=N_("a text of at most 80 characters"))]
_Key = Annotated[str, Meta(pattern=r"^[a-z]?$", description=N_("one small letter, or empty"))]


class ReaderSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that every reader has.

    Attributes:
        key_file: a file with the account's key in its first line, readable by its owner only.
        reader: the reader's id; `till admin tenders readers` lists them.
        tips: True if the guest may add a tip on the reader.
        timeout_s: the seconds that a guest has at the reader.
        name: the name of this tender in events.
        label: the display name; empty for `name`.
        key: the letter on the pay screen; empty for none.
    """

    key_file: _File
    reader: _Id = ""
    tips: _YesNo = False
    timeout_s: _Seconds = 90.0
    name: _Name = "CARD"
    label: _Label = ""
    key: _Key = ""

    def traits(self, *, looks_late: bool = False, is_test: bool = False) -> TenderTraits:
        """Return the traits of the tender."""
        return TenderTraits(
            name=self.name,
            label=clean(self.label) or self.name,
            key=self.key,
            gives_up_s=self.timeout_s + _MORE_S,
            guest_s=self.timeout_s,
            looks_late=looks_late,
            is_test=is_test,
        )


class StripeSettings(ReaderSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a reader at Stripe."""

    address: _Url = "https://api.stripe.com/v1"


class SumUpSettings(ReaderSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a reader at SumUp.

    Attributes:
        affiliate_file: a file with the affiliate key in its first line, readable by its owner only.
        app_id: the name of the app that the affiliate key was made for.
        merchant: the merchant's code.
    """

    affiliate_file: _File
    app_id: _Id
    merchant: _Id
    timeout_s: _Seconds = 60.0
    address: _Url = "https://api.sumup.com"


_Settings = TypeVar("_Settings", bound=ReaderSettings)


def read_settings(settings: Mapping[str, Any], shape: type[_Settings]) -> _Settings:
    """Return the settings of a reader.

    Raises:
        ConfigError: a setting is wrong or missing.
    """
    try:
        return msgspec.convert(dict(settings), shape)
    except msgspec.ValidationError:
        raise setting_error(settings, shape, _("reader")) from None


def secret_in(file: str) -> str:
    """Return the key in a file. It goes into a header field, so it is plain: an editor may add a byte order mark."""
    secret = read_secret(Path(file).expanduser()).strip().removeprefix("\ufeff")
    if not (secret.isascii() and secret.isprintable()):
        raise ConfigError(_("{file} holds no key. Its first line is the key.").format(file=file))
    return secret
