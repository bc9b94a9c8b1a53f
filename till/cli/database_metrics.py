"""The metrics of the database and of this machine's certificates for Prometheus, written by `till admin stats`.

A till exports its own metrics only while it is open; a timer writes these.
"""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from till.cli.certificates import end_of_file, end_of_server
from till.cli.connections import owner_connection
from till.cli.health.server import JOBS, WAITING, clock_offset
from till.domain.errors import ConfigError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.wiring.metrics import gauge_lines, replace_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any

    import psycopg

    from till.cli.environment import Surroundings

_SIZE = "SELECT pg_database_size(current_database())"
_FOUNDED = "SELECT extract(epoch FROM min(created_at))::float8 FROM till.stores"


def write_database_metrics(here: Surroundings, file: Path) -> None:
    """Write the metrics to a file that everybody may read, as the owner of the database. No person logs in."""
    with owner_connection(here) as (_owner, connection):
        lines = [*_lines(here, connection)]
    try:
        replace_metrics(file, "\n".join([*lines, ""]))
    except OSError as problem:
        sentence = _("{file} cannot be written ({reason}).")
        raise ConfigError(sentence.format(file=file, reason=problem.strerror)) from problem


def _lines(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[str]:
    from db.backups import last_backup

    def one(query: str, values: Any = None) -> Any:
        return connection.execute(query.encode(), values).fetchone()

    store = here.venue.store_id
    backup = last_backup(connection)
    records, conflicts = one(WAITING, {"store": store})
    gauges = [
        ("measured_timestamp_seconds", "When these metrics were taken.", f"{time.time():.3f}"),
        ("bytes", "Size of the database.", one(_SIZE)[0]),
        (
            "backup_timestamp_seconds",
            "When the last backup was taken; before the first one, when the venue was made.",
            f"{backup.timestamp() if backup else one(_FOUNDED)[0]:.3f}",
        ),
        (
            "clock_skew_seconds",
            "How far this machine's clock is from the database's.",
            f"{clock_offset(connection).total_seconds():.3f}",
        ),
        ("conflicts", "Conflicts about money that wait for a manager.", conflicts),
        ("records_aside", "Records of the venue that need attention.", records),
        ("upkeep_jobs_aside", "Jobs of the upkeep that were put aside.", one(JOBS, {"store": store})[0]),
    ]
    sending = one("SELECT till.fiscal_status_v1(%(store)s)", {"store": store})[0]
    if sending["scheme"]:
        since, heard = (sending[key] and round(read_time(sending[key]).timestamp()) for key in ("since", "heard_at"))
        gauges += [
            ("fiscal_waiting", "Fiscal records that wait for the tax authority.", sending["waiting"]),
            ("fiscal_waiting_since_seconds", "When the oldest of them was made; 0 for none.", since or 0),
            ("fiscal_troubles", "Fiscal records that were refused or have errors.", len(sending["troubles"])),
            ("fiscal_sender_seen_seconds", "When their sender was last heard; 0 for never.", heard or 0),
        ]
    if here.is_embedded:
        gauges.append(("disk_free_bytes", "Free space beside the database.", shutil.disk_usage(here.folders.root).free))
    for name, meaning, value in gauges:
        yield from gauge_lines(f"till_database_{name}", meaning, {f'store="{store}"': value})
    if ends := dict(_ends(here, connection)):
        yield from gauge_lines("till_certificate_end_timestamp_seconds", "When a certificate ends.", ends)


def _ends(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[tuple[str, int]]:
    """Yield the end of each certificate, by its label."""
    info, own = connection.info, here.config.gateway.certificate
    found: dict[str, Callable[[], datetime | None]] = {}
    if connection.pgconn.ssl_in_use:
        found["database"] = lambda: end_of_server(info.host, info.port)
    for name, file in (("gateway", own), ("fiscal", here.config.fiscal.certificate)):
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
