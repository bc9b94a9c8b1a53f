"""PgBouncer in front of a database: a till has a connection of the server for one statement."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.address import Address

#: Debian puts it where only root looks.
PROGRAM = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))

_CONFIG = """\
[databases]
{dbname} = host='{host}' port={port} {plans}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 2000
server_round_robin = 1
server_idle_timeout = 0
server_lifetime = 86400
log_connections = 0
log_disconnections = 0
log_stats = 0
server_login_retry = 1
"""


@contextmanager
def pooled(server: Address, folder: Path, *, pool: int = 1, limits: str = "", plans: bool = True) -> Iterator[Address]:
    """Yield an address through a pooler, which stops after the block.

    Args:
        server: the address without it, as a user with a password.
        folder: the folder of its files; the user who runs the server must be able to enter it.
        pool: the number of its own connections.
        limits: more lines of its configuration.
        plans: have each connection of the server make the plans of a push as it opens.
    """
    if PROGRAM is None:
        raise RuntimeError("PgBouncer is not installed here (Debian: pgbouncer).")
    owner = Path(server.host).stat()  # the user who may enter the server's socket
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        own = door.getsockname()[1]
    config, users = folder / "pgbouncer.ini", folder / "users.txt"
    query = "connect_query='SELECT warm.plan_pushes_v1()'" if plans else ""
    found = {"dbname": server.dbname, "host": server.host, "port": server.port, "plans": query}
    config.write_text(_CONFIG.format(**found, own=own, folder=folder, pool=pool) + limits)
    users.write_text(f'"{server.user}" "{server.password}"\n')
    for path in (folder, config, users):
        os.chown(path, owner.st_uid, owner.st_gid)
    is_root = os.geteuid() == 0  # and a pooler is never run as root
    process = subprocess.Popen(
        [PROGRAM, config],
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        user=owner.st_uid if is_root else None,
        group=owner.st_gid if is_root else None,
        extra_groups=[] if is_root else None,
    )
    assert process.stderr is not None  # noqa: S101 - requested above
    drain = Thread(target=deque, args=(process.stderr, 0))  # a full pipe stops the pooler, which logs whoever leaves
    try:
        output = ""
        for line in process.stderr:
            output += line
            if "process up" in line:
                break
        else:
            raise RuntimeError(output)
        drain.start()
        yield replace(server, host="127.0.0.1", port=own)
    finally:
        process.kill()
        process.wait()
        if drain.is_alive():
            drain.join()
        process.stderr.close()
