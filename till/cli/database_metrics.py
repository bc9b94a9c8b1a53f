"""The metrics of the database and of this machine's services for Prometheus, written by `till admin stats`.

A till exports its own metrics only while it is open; a timer writes these. A machine without the rights of the
database's owner, such as that of `till serve`, writes those of its services alone.
"""

from __future__ import annotations

import socket
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from till.administration.calls import AtServer, OwnerOnlyError
from till.administration.waiting import Look
from till.administration.waits import all_waits
from till.cli.certificates import end_of_file, end_of_server, serve_certificate
from till.cli.connections import owner_connection
from till.cli.health.folder import free_space
from till.cli.health.server import clock_offset
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.wiring.metrics import gauge_lines, replace_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any

    import psycopg

    from till.cli.environment import Surroundings

_SIZE = "SELECT pg_database_size(current_database())"
#: Each till, if it is live, and how long ago a screen of the kitchen was heard.
_TILLS = """
    SELECT id, revoked_at IS NULL, CASE WHEN stations IS NOT NULL AND revoked_at IS NULL
        THEN extract(epoch FROM now() - seen_at)::integer END
    FROM till.tills WHERE store_id = %s ORDER BY id
"""
#: A till that is off has a person logged in as long as nobody logs in elsewhere.
_LOGGED_IN = """
    SELECT count(*) FROM till.tills
    WHERE store_id = %s AND logged_in IS NOT NULL AND revoked_at IS NULL AND seen_at > now() - interval '10 minutes'
"""
_PATIENCE_S = 2.0


def write_database_metrics(here: Surroundings, file: Path) -> None:
    """Write the metrics to a file that everybody may read. No person logs in."""
    try:
        with owner_connection(here) as (_owner, connection):
            lines, ends = [*_lines(here, connection)], dict(_ends(here, connection))
    except OwnerOnlyError:
        lines, ends = [], dict(_ends(here))
    if ends:
        lines += gauge_lines("till_certificate_end_timestamp_seconds", "When a certificate ends.", ends)
    if services := dict(_services(here)):
        lines += gauge_lines("till_service_up", "1 if a service of this machine answers at its port.", services)
        asked = dict.fromkeys(services, f"{time.time():.3f}")
        lines += gauge_lines("till_service_asked_timestamp_seconds", "When a service of this machine was asked.", asked)
    try:
        replace_metrics(file, "\n".join([*lines, ""]))
    except OSError as problem:
        sentence = _("{file} cannot be written ({reason}).")
        raise ConfigError(sentence.format(file=file, reason=problem.strerror)) from problem


def _lines(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[str]:
    def one(query: str, values: Any = None) -> Any:
        return connection.execute(query.encode(), values).fetchone()

    store = here.venue.store_id
    gauges = [
        ("measured_timestamp_seconds", "When these metrics were taken.", f"{time.time():.3f}"),
        ("bytes", "Size of the database.", one(_SIZE)[0]),
        (
            "clock_skew_seconds",
            "How far this machine's clock is from the database's.",
            f"{clock_offset(connection).total_seconds():.3f}",
        ),
        ("logged_in", "Tills at which somebody is logged in now.", one(_LOGGED_IN, [store])[0]),
    ]
    look = Look(AtServer(connection=connection, store_id=store))
    for wait in all_waits():
        gauges += wait.metrics(look) if wait.metrics is not None else ()
    if disk := str(here.folders.root) if here.is_embedded else here.config.database.disk:
        gauges.append(("disk_free_bytes", "Free space beside the database.", free_space(disk)))
    for name, meaning, value in gauges:
        yield from gauge_lines(f"till_database_{name}", meaning, {f'store="{store}"': value})
    tills = connection.execute(_TILLS, [store]).fetchall()
    live = {f'store="{store}",till="{till}"': int(is_live) for till, is_live, _unseen in tills}
    yield from gauge_lines("till_database_till_live", "1 for a till of the venue, 0 for one that is revoked.", live)
    if unseen := {f'store="{store}",till="{till}"': seconds for till, _live, seconds in tills if seconds is not None}:
        meaning = "Seconds since a screen of the kitchen was heard."
        yield from gauge_lines("till_database_kitchen_unseen_seconds", meaning, unseen)


def _ends(here: Surroundings, connection: psycopg.Connection[Any] | None = None) -> Iterator[tuple[str, int]]:
    """Yield the end of each certificate, by its label: of the database too, over a connection to it."""
    own = here.config.gateway.certificate
    found: dict[str, Callable[[], datetime | None]] = {}
    if connection is not None and connection.pgconn.ssl_in_use:
        found["database"] = partial(end_of_server, connection.info.host, connection.info.port)
    files = {"gateway": own, "fiscal": here.config.fiscal.certificate, "serve": serve_certificate(here)}
    for name, file in files.items():
        if file:
            found[name] = partial(end_of_file, Path(file).expanduser())
    for name, read in found.items():
        try:
            end = read()
        except (OSError, ValueError) as problem:
            sentence = _("The certificate of the {name} cannot be read ({reason}).")
            reason = getattr(problem, "strerror", None) or type(problem).__name__
            raise ConfigError(sentence.format(name=name, reason=reason)) from problem
        if end is not None:
            yield f'certificate="{name}"', round(end.timestamp())


def _services(here: Surroundings) -> Iterator[tuple[str, int]]:
    """Yield for each service that the config sets up whether it answers at its port."""
    serve, gateway = here.config.serve, here.config.gateway
    places = {"serve": (serve.listen, serve.port if serve.url else 0), "gateway": (gateway.address, gateway.port)}
    for name, (host, port) in places.items():
        if port:
            local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing listens here
            try:
                socket.create_connection((local, port), _PATIENCE_S).close()
            except OSError:
                yield f'service="{name}"', 0
            else:
                yield f'service="{name}"', 1
