"""The settings of a tender: their faults in sentences, its address, and the file of its secret."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.text import clean
from till.tenders.http import HttpAddress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from urllib.parse import SplitResult

_SHOWN: Final = 40
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def setting_error(settings: Mapping[str, Any], shape: type[msgspec.Struct], kind: str) -> ConfigError:
    """Return an error that names the wrong setting and the expected value.

    Args:
        settings: the settings in the configuration.
        shape: the expected struct.
        kind: the kind of tender, in a word: `terminal`.
    """
    kinds = get_type_hints(shape, include_extras=True)
    for key, value in settings.items():
        if key not in kinds:
            sentence = _("A {what} has no setting “{key}”. There are: {all}.")
            return ConfigError(sentence.format(what=kind, key=clean(str(key))[:_SHOWN], all=", ".join(kinds)))
        try:
            msgspec.convert(value, kinds[key])
        except msgspec.ValidationError:
            expected = next((meta.description for meta in get_args(kinds[key]) if isinstance(meta, Meta)), None)
            return ConfigError(
                _("{key} of a {what} must be {expected}, not {value}.").format(
                    key=key,
                    what=kind,
                    expected=_(expected) if expected else _("a text"),
                    value=clean(repr(value))[:_SHOWN],
                )
            )
    missing = [one.name for one in msgspec.structs.fields(shape) if one.required and one.name not in settings]
    return ConfigError(_("A {what} needs its {missing}.").format(what=kind, missing=", ".join(missing)))


def address_in(text: str, *, kind: str, like: str, port: int) -> HttpAddress:
    """Return the address in a setting.

    Args:
        text: the setting.
        kind: the kind of tender, in a word.
        like: an example of an address.
        port: the default port.
    """
    try:
        parts: SplitResult = urlsplit(text)
        host, named = parts.hostname or "", parts.port
    except ValueError:
        host, named, parts = "", None, urlsplit("")
    plain = host.isascii() and parts.path.isascii() and parts.path.isprintable() and " " not in parts.path
    if not host or not plain or any((parts.username, parts.password, parts.query, parts.fragment)):
        raise ConfigError(_("address of a {what} must be an address such as {like}.").format(what=kind, like=like))
    if parts.scheme == "http" and host not in _HERE:
        raise ConfigError(
            _("A {what} needs https://; http:// is only for a program on this machine.").format(what=kind)
        )
    return HttpAddress(
        host=host, port=port if named is None else named, path=parts.path.rstrip("/"), tls=parts.scheme == "https"
    )


def read_secret(file: Path) -> str:
    """Return the first line of a file, with all spaces."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
            raise ConfigError(
                _("Others can read {file}, and it holds a key. Close it: chmod 600 {file}.").format(file=file)
            )
        secret = file.read_text("utf-8").partition("\n")[0].removesuffix("\r")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(
            _("{file} cannot be read: {reason}.").format(
                file=file, reason=getattr(fault, "strerror", None) or _("no text")
            )
        ) from None
    if not secret:
        raise ConfigError(_("{file} holds no key. Its first line is the key.").format(file=file))
    return secret
