"""The configuration of the embedded server: its settings, who may connect, and as whom.

All three files belong to the tills' user and are outside of PostgreSQL's own folder. They are written at each start, so
that a newer till applies its own settings. The settings that `initdb` found for the machine are included first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from db.embedded.places import PORT

if TYPE_CHECKING:
    from pathlib import Path

    from db.embedded.places import Home

OWNER = "till_owner"
SUPERUSER = "postgres"

#: The database is small, shares its machine with the till, and is durable, because it records money. The log has no
#: parameters, because a till's secret is one. No query with the tills' password can fill the disk.
_SETTINGS = f"""\
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0700
ssl = off
max_connections = 100
shared_buffers = 32MB
max_wal_size = 256MB
min_wal_size = 32MB
wal_level = replica
max_wal_senders = 4
max_worker_processes = 4
temp_file_limit = 1GB
max_logical_replication_workers = 0
max_parallel_workers_per_gather = 0
jit = off
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
session_preload_libraries = ''
shared_preload_libraries = ''
lc_messages = 'C'
"""
_SINCE_18 = "io_method = sync\n"
#: For databases that may be lost with the machine, in tests. They do not live long enough for a vacuum or a checkpoint.
_FLEETING = """\
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 1d
checkpoint_timeout = 1d
max_wal_size = 1GB
bgwriter_lru_maxpages = 0
"""

#: The owner is authenticated by the operating system; all others by password.
_ACCESS = f"""\
local all {OWNER},{SUPERUSER} peer map=till
local all all scram-sha-256
"""


def write(home: Home, sockets: Path, *, major: int, durable: bool) -> None:
    """Write the three files beside the data of a home."""
    paths = {name: home.cluster / f"{name}.conf" for name in ("postgresql", "pg_hba", "pg_ident")}
    settings = "include 'data/postgresql.conf'\n" + _SETTINGS + (_SINCE_18 if major >= 18 else "")  # noqa: PLR2004 - the version that introduced it
    settings += "" if durable else _FLEETING
    settings += f"unix_socket_directories = {_quote(str(sockets))}\n"
    settings += f"hba_file = {_quote(str(paths['pg_hba']))}\nident_file = {_quote(str(paths['pg_ident']))}\n"
    _replace(paths["postgresql"], settings)
    _replace(paths["pg_hba"], _ACCESS)
    _replace(paths["pg_ident"], _identities(home))


def options(home: Home) -> list[str]:
    """Return the arguments of the server's command line."""
    return ["-D", str(home.data), f"--config-file={home.cluster / 'postgresql.conf'}"]


def _identities(home: Home) -> str:
    """Return the users who connect as owner: the user who runs the tills, and root, who could become that user."""
    names = dict.fromkeys((home.client.name, "root"))
    return "".join(f'till "{name}" {role}\n' for name in names for role in (OWNER, SUPERUSER))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("'", "''")
    return f"'{escaped}'"


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(os.fsencode(text))
    draft.chmod(0o644)
    draft.replace(path)
