"""The address by which phones reach this machine: the one in the config, otherwise its own on its network."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from till.cli.output import note
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from till.cli.environment import Surroundings
    from till.config import ServeConfig

#: The addresses of this machine alone.
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
#: An address for examples (RFC 5737): it stands for any machine out there.
_ELSEWHERE: Final = ("192.0.2.1", 9)
_HTTPS: Final = 443


def find_url(here: Surroundings, own: ServeConfig) -> str:
    """Return the address of the page: `serve.url`, otherwise that of this machine on its network.

    Raises:
        ConfigError: it cannot be known.
    """
    if own.url:
        return own.url
    if own.certificate:
        sentence = _(
            "serve.url is not set. Write into {config} by which address phones reach this machine, under [serve]: "
            'url = "https://till.example:8443".'
        )
        raise ConfigError(sentence.format(config=here.config_file or here.folders.config))
    from till.serve.certificates import name_held

    name = name_held(here.folders.root / "serve") or find_own_name(own.listen)
    host = f"[{name}]" if ":" in name else name
    return f"https://{host.lower()}" + (f":{own.port}" if own.port != _HTTPS else "")


def tell_own(here: Surroundings, url: str) -> None:
    """Say which address was taken if the config names none."""
    if not here.config.serve.url:
        note(_("serve.url is not set: {url} is this machine's own name on its network.").format(url=url))


def find_own_name(listen: str) -> str:
    """Return the name of this machine on its network; its address there if that gives it none that a phone finds."""
    try:
        address = ip_address(listen)
        if not address.is_unspecified and listen not in LOOPBACK:
            return listen
    except ValueError:
        if listen not in LOOPBACK:
            return listen
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_ELSEWHERE)  # sends nothing: it chooses the way out
        except OSError:  # no network
            return socket.gethostname()
        own = str(way.getsockname()[0])
    try:
        name = socket.gethostbyaddr(own)[0]
    except OSError:
        return own
    return name if "." in name and not name.startswith("localhost") else own
