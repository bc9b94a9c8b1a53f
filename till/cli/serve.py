"""`till serve`: the tills of phones, in the browsers that a link let in."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from till.cli.certificates import server_context
from till.cli.environment import Surroundings
from till.cli.output import note, say
from till.cli.running import make_app
from till.cli.serving import LOOPBACK, find_url, tell_own
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.structs import replace

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from till.config import ServeConfig
    from till.serve.certificates import Authority

app = make_app()

#: The value of `serve.certificate` behind a proxy that has one.
_NONE: Final = "none"


@app.command(
    epilog=N_(
        "Example: till serve --listen 0.0.0.0. Phones reach it by serve.url in the config. It runs until stopped "
        "(Ctrl+C, SIGTERM); each till then ends as by a closed window, and its order waits."
    )
)
def serve(
    listen: Annotated[
        str, typer.Option(metavar="HOST", help=N_("The address to listen on; serve.listen without it."))
    ] = "",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help=N_("The port; serve.port without it."))] = 0,
) -> None:
    """Run the tills of phones, each in the browser that opened its link."""
    from till.config.phones import Phones
    from till.serve import Limits, Runs, Served, serve_tills, till_environment

    here = Surroundings.find()
    own = replace(here.config.serve, listen=listen or here.config.serve.listen, port=port or here.config.serve.port)
    if not own.url and own.listen in LOOPBACK:
        raise ConfigError(
            _("No phone reaches {address}: till serve --listen 0.0.0.0, or set serve.listen.").format(
                address=own.listen
            )
        )
    own = replace(own, url=find_url(here, own))
    tell_own(here, own.url)
    here.check_keys()
    here.folders.make()
    context, authority = _tls(own, here.folders.root / "serve")
    phones = Phones(here.folders)
    runs = Runs(phones, _command, till_environment(os.environ, own.minutes), Limits(own.tills, own.minutes))
    has_proxy = own.certificate == _NONE
    served = Served(own.url, phones, runs, authority.file if authority else None, has_proxy=has_proxy)
    logging.getLogger().setLevel(here.config.log.level.upper())
    try:
        asyncio.run(
            serve_tills(
                served,
                context=context,
                renew=_renewal(authority),
                address=(own.listen, own.port),
                listening=lambda: say(_("Serving tills at {url}. Ctrl+C stops.").format(url=own.url)),
            )
        )
    except OSError as problem:
        sentence = _("Cannot listen on {address} port {port} ({reason}). Set another in serve.listen and serve.port.")
        raise ConfigError(
            sentence.format(address=own.listen, port=own.port, reason=problem.strerror or type(problem).__name__)
        ) from problem
    note(_("Stopped."))


def _command(till: int) -> list[str]:
    """Return the command that runs a till, by the program that this process runs."""
    return [sys.executable, "-c", "from till.cli.main import run; run()", "--till", str(till)]


def _tls(own: ServeConfig, folder: Path) -> tuple[ssl.SSLContext | None, Authority | None]:
    """Return the TLS context of the server, and the authority of this machine if the config names no certificate."""
    from till.serve.certificates import Authority

    if own.certificate == _NONE:
        if own.listen not in LOOPBACK:
            raise ConfigError(
                _(
                    "serve.listen {address} is open to other machines, and PINs would arrive in clear. Listen on "
                    "127.0.0.1 behind a proxy that has a certificate, or leave serve.certificate empty."
                ).format(address=own.listen)
            )
        return None, None
    if own.certificate:
        return server_context("serve.certificate", own.certificate, own.certificate_key), None
    authority = Authority(folder, _names(own))
    return server_context("serve.certificate", str(authority.renew())), authority


def _names(own: ServeConfig) -> tuple[str, ...]:
    """Return the names for the certificate: that of the address, and where the server listens if it is one address."""
    host = urlsplit(own.url).hostname or ""
    try:
        is_one = not ip_address(own.listen).is_unspecified
    except ValueError:
        is_one = True
    return tuple(dict.fromkeys((host, own.listen) if is_one and own.listen not in LOOPBACK else (host,)))


def _renewal(authority: Authority | None) -> Callable[[ssl.SSLContext], None]:
    """Return a function that loads the certificate again if it is due."""

    def renew(context: ssl.SSLContext) -> None:
        if authority is not None:
            context.load_cert_chain(authority.renew())

    return renew
