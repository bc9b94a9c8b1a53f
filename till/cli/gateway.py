"""`till gateway`: a process that receives webhooks of a payment gateway, so that tills check a payment sooner."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.cli.certificates import server_context
from till.cli.environment import Surroundings
from till.cli.output import note, say
from till.cli.running import make_app
from till.cli.secret_files import read_secret_file
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.structs import replace

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from db.address import Address
    from till.config import GatewayConfig

app = make_app()

#: The variable that holds the webhook's secret instead of a file.
SECRET: Final = "TILL_GATEWAY_SECRET"  # noqa: S105 - the name of a variable
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@app.command(
    epilog=N_(
        "Example: TILL_GATEWAY__PORT=8087 till gateway. It runs until stopped (Ctrl+C, SIGTERM). It "
        "checks each webhook's signature over the raw body; a webhook only makes tills ask sooner about a "
        "payment."
    )
)
def gateway() -> None:
    """Receive webhooks from the gateway, as set in [gateway] of the config. A port must be set there."""
    from till.wiring.gateway import hear_gateway

    here = Surroundings.find()
    own = here.config.gateway
    if not own.port:
        raise ConfigError(_("gateway.port is not set, so no webhook can arrive. Set it in the config, such as 8087."))
    secret, context, login = _secret(own), _certificate(own), _login(own)
    logging.getLogger().setLevel(here.config.log.level.upper())
    with _connection(here, login) as connection:
        try:
            asyncio.run(
                hear_gateway(own, secret, connection, context=context, listening=lambda port: _print_address(own, port))
            )
        except OSError as problem:
            sentence = _("Cannot listen on {address} port {port} ({reason}). Set another in gateway.port.")
            raise ConfigError(
                sentence.format(address=own.address, port=own.port, reason=problem.strerror or type(problem).__name__)
            ) from problem
    note(_("Stopped."))


def _print_address(own: GatewayConfig, port: int) -> None:
    scheme = "https" if own.certificate else "http"
    host = f"[{own.address}]" if ":" in own.address else own.address
    say(_("Listening at {url}. Ctrl+C stops.").format(url=f"{scheme}://{host}:{port}{own.path}"))


def _secret(own: GatewayConfig) -> str:
    """Return the secret agreed with the gateway."""
    if secret := os.environ.get(SECRET, ""):
        return secret
    if not own.secret_file:
        raise ConfigError(
            _("The webhook's secret is missing. Name a file that holds it in gateway.secret_file, chmod 600.")
        )
    return read_secret_file(Path(own.secret_file).expanduser())


def _certificate(own: GatewayConfig) -> ssl.SSLContext | None:
    """Return the TLS context of the server; None if it listens only on this machine, behind a proxy with TLS."""
    if not own.certificate:
        if own.address not in _LOOPBACK:
            raise ConfigError(
                _(
                    "gateway.address {address} is open to other machines, and webhooks would arrive in "
                    "clear. Set gateway.certificate, or keep 127.0.0.1 behind a proxy that has one."
                ).format(address=own.address)
            )
        return None
    return server_context("gateway.certificate", own.certificate, own.certificate_key)


def _login(own: GatewayConfig) -> tuple[str, str]:
    """Return the role of the database that reports payments, and its password."""
    if not own.user or not own.password_file:
        raise ConfigError(
            _(
                "gateway.user or gateway.password_file is not set. `till admin programs add razorpay "
                "--webhook` makes the role and prints both."
            )
        )
    return own.user, read_secret_file(Path(own.password_file).expanduser())


@contextmanager
def _connection(here: Surroundings, login: tuple[str, str]) -> Iterator[Callable[[], str]]:
    """Yield a function that returns the connection string. It restarts an embedded database that was killed."""

    def conninfo(address: Address) -> str:
        user, password = login
        return replace(address, user=user, password=password).conninfo

    if not here.is_embedded:
        yield lambda: conninfo(here.app)
        return
    with here.server.acquire(_("the gateway"), note) as lease:

        def up() -> str:
            lease.server.ensure_running(logging.getLogger("till").info)
            return conninfo(lease.server.app())

        yield up
